"""A file of DuckDB attached for a while to an engine that outlives it.

An engine takes longer to start than to fill the tables of a small build.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from schemas.errors import OutputError

FRUGAL, AMPLE = "32MB", "1GB"
"""DuckDB takes what memory it may have: little while a build adds rows, unless rows are huge."""
NAME = "tables"
"""What an attached file is called."""
_idle: list[duckdb.DuckDBPyConnection] = []
"""Engines of this process that have no file."""


class BusyError(OutputError):
    """Another program has the tables open."""


@contextmanager
def attached(
    path: Path, read_only: bool, memory: str = AMPLE, compression: str = "auto"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach a file to an idle engine; one in which anything failed is used no more.

    What does not fit into memory lies beside the file meanwhile, never in the folder one is in.
    """
    spilt = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        engine = _idle.pop() if _idle else _open_engine()
        try:
            kind = " (READ_ONLY)" if read_only else ""
            engine.execute(
                f"SET memory_limit = '{memory}'; SET force_compression = '{compression}'; "
                f"SET temp_directory = {quoted(spilt)}"
            )
            engine.execute(f"ATTACH {quoted(path)} AS {NAME}{kind}; USE {NAME}")
            yield engine
            engine.execute(f"USE memory; DETACH {NAME}")
        except BaseException:
            engine.close()
            shutil.rmtree(spilt, ignore_errors=True)
            raise
        if spilt.exists():  # an engine that has used a folder cannot take another one
            engine.close()
            shutil.rmtree(spilt, ignore_errors=True)
        else:
            _idle.append(engine)
    except duckdb.Error as error:
        line = str(error).splitlines()[0]
        if "lock on file" in line:
            holder = re.search(r"PID (\d+)", line)
            who = f" (process {holder.group(1)})" if holder else ""
            problem = f"{path}: is open in another program{who}; close it there"
            raise BusyError(problem) from error
        raise OutputError(f"{path}: {line}") from error


def quoted(path: Path) -> str:
    """A path as a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def _open_engine() -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect(":memory:", config={"threads": 1})
    # It would draw a bar beside ours, and when quiet; a notebook without ipywidgets, which has
    # none, does not let one say so.
    if engine.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        engine.execute("SET enable_progress_bar = false")
    return engine
