"""The tables: complete, made anew when they are lost, and never in the way of a build."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.run.attaching import attached
from pipeline.run.database import Store, find
from pipeline.run.table_rows import TABLES, edge_rows
from schemas.errors import OutputError
from schemas.trajectory import Trajectory
from tests.commands import (
    ROOT,
    data_of,
    plan,
    records_of,
    started,
    toolweave,
)
from tests.trajectories import TOOLS


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder, which nothing changes."""
    folder = tmp_path_factory.mktemp("built")
    options = plan(folder, reject_every=4, repeat_every=5)
    assert toolweave("build", "--tools", options, "-n", 60, "--out", folder / "o").code == 0
    return folder / "o"


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "o"))


def asked(folder: Path, query: str) -> list[Any]:
    with duckdb.connect(str(folder / "toolweave.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def written(folder: Path) -> list[Trajectory]:
    return [record for data in data_of(folder) for record in records_of(data, folder)]


def everything(folder: Path) -> dict[str, list[Any]]:
    return {table: asked(folder, f"FROM {table} ORDER BY ALL") for table in TABLES}


def test_the_tables_hold_what_the_files_hold(made: Path) -> None:
    records = written(made)
    messages = [message for record in records for message in record.messages]
    assert asked(made, "SELECT count(*) FROM accepted") == [(60,)]
    assert asked(made, "SELECT count(*) FROM trajectories") == [(len(records),)]
    assert asked(made, "SELECT count(*) FROM messages") == [(len(messages),)]
    assert asked(made, "SELECT count(*) FROM calls") == [(5 * len(records),)]
    assert asked(made, "SELECT count(*) FROM tools") == [(len(TOOLS),)]
    assert asked(made, "SELECT producer, consumer, parameter, score FROM edges") == [
        ("search_products", "place_order", "product_id", 0.9)
    ]
    assert asked(made, "SELECT DISTINCT arguments->>'day' FROM calls WHERE tool = 'get_hours'") == [
        ("saturday",)
    ]
    assert asked(
        made, "SELECT count(*) FROM messages WHERE role = 'assistant' AND train IS NULL"
    ) == [(0,)]
    assert asked(made, "SELECT DISTINCT idx FROM messages WHERE NOT train") == [(10,)]
    assert asked(made, "SELECT DISTINCT tool, fault FROM calls WHERE is_error") == [
        ("place_order", "rate_limited")
    ]


def test_reasons_are_counted(made: Path) -> None:
    rejected = [record for record in written(made) if not record.accepted]
    codes = [code for record in rejected for code in record.reasons]
    counted = Store(made).count().reasons
    assert counted == {code: codes.count(code) for code in set(codes)}
    assert list(counted.values()) == sorted(counted.values(), reverse=True)


def test_the_place_of_a_trajectory_leads_to_its_line(made: Path) -> None:
    for record in written(made)[::7]:
        (found,) = [place for place in find(made, record.id) if place.trajectory_id == record.id]
        with (made / found.file).open("rb") as file:
            file.seek(found.offset)
            assert records_of(file.read(found.length), made) == [record]


def test_lost_tables_are_made_anew(made: Path, tmp_path: Path) -> None:
    before = everything(made)
    (made / "toolweave.duckdb").unlink()
    options = plan(tmp_path, reject_every=4, repeat_every=5)
    assert toolweave("build", "--tools", options, "-n", 60, "--out", made).code == 0
    assert everything(made) == before


@contextlib.contextmanager
def reader(folder: Path) -> Iterator[None]:
    """Another program that has the tables open, as a notebook has."""
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print('open', flush=True); sys.stdin.read()"
    )
    with started(
        [sys.executable, "-c", program, str(folder / "toolweave.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield
        process.communicate(timeout=240)


def test_a_notebook_that_reads_the_tables_costs_no_data(made: Path, tmp_path: Path) -> None:
    options = plan(tmp_path, reject_every=4, repeat_every=5)
    arguments = ("build", "--tools", options, "--out", made, "-n")
    with reader(made):
        ran = toolweave(*arguments, 70)
        assert ran.code == 2
        assert "toolweave.duckdb: is open in another program (process " in ran.last
        assert toolweave("show", made).code == 0
    assert json.loads((made / "manifest.json").read_bytes())["accepted"] == 70
    assert toolweave(*arguments, 70).code == 0
    assert asked(made, "SELECT count(*) FROM accepted") == [(70,)]


def test_tables_that_cannot_be_read_are_one_line(made: Path) -> None:
    (made / "toolweave.duckdb").write_bytes(b"scribble" * 4000)
    ran = toolweave("show", made)
    assert ran.code == 2
    assert ran.last.startswith(f"toolweave: {made / 'toolweave.duckdb'}: ")
    assert ran.err.count("\n") == 1
    with pytest.raises(OutputError):
        Store(made).count()


def test_what_does_not_fit_into_memory_lies_beside_the_file_and_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    monkeypatch.chdir(here)
    large = "SELECT count(*) FROM (SELECT md5(range::VARCHAR) m FROM range(800000) ORDER BY m)"
    for _ in range(2):
        with attached(there / "t.duckdb", read_only=False, memory="20MB") as engine:
            assert engine.execute(f"CREATE OR REPLACE TABLE t AS {large}").fetchall()
            spilt = [one.name for one in there.iterdir() if one.suffix == ".tmp"]
            assert len(spilt) == 1
        assert [one.name for one in there.iterdir()] == ["t.duckdb"]
    assert list(here.iterdir()) == []


def test_an_engine_goes_from_file_to_file_until_something_fails_in_it(made: Path) -> None:
    first, second = made / "toolweave.duckdb", made / "it's the second.duckdb"
    with attached(second, read_only=False) as engine:
        engine.execute("CREATE TABLE trajectories (i INT)")
    with attached(first, read_only=True) as again:
        assert again is engine
        assert again.execute("SELECT count(*) FROM accepted").fetchall() == [(60,)]
        with attached(second, read_only=True) as beside:  # both at once: in two engines
            assert beside is not engine
            assert beside.execute("SELECT count(*) FROM trajectories").fetchall() == [(0,)]
    with (
        pytest.raises(OutputError, match=r"second\.duckdb: .*read-only"),
        attached(second, read_only=True) as failed,
    ):
        failed.execute("DROP TABLE trajectories")
    with attached(second, read_only=True) as other:
        assert other is not failed


def test_an_engine_draws_no_bar(made: Path) -> None:
    with attached(made / "toolweave.duckdb", read_only=True) as connection:
        drawn = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()
    assert drawn == (False,)


def test_huge_messages_find_room(tmp_path: Path) -> None:
    options = plan(tmp_path, padding=3_000_000)
    assert toolweave("build", "--tools", options, "-n", 6, "--out", tmp_path / "o").code == 0
    assert asked(tmp_path / "o", "SELECT count(*) FROM trajectories") == [(7,)]


@pytest.mark.parametrize("graph", [{}, {"edges": [{"source": "a"}]}, {"edges": None}])
def test_what_is_no_graph_is_refused(graph: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no node-link form"):
        edge_rows(graph)
