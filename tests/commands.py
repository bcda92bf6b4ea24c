"""Runs the command line: in this process where that will do, as one of its own where it must."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.program import finished
from pipeline.entry import main
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.journal import read_line
from schemas.trajectory import Trajectory

ROOT = Path(__file__).resolve().parents[1]
STAGES, OWN = "tests.workshop", "tests.stages"
"""Stages that make candidates by hand, and those of the program itself."""


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line on stderr, where errors are told."""
        return self.err.splitlines()[-1] if self.err else ""


def toolweave(*arguments: object, stages: str = STAGES) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    code = None
    before = signal.getsignal(signal.SIGTERM)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments], stages)
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGTERM, before)
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


def environment(home: Path) -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    return known | {"HOME": str(home), "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def command(*arguments: object) -> list[str]:
    program = f"from pipeline.entry import main; main(stages={STAGES!r})"
    return [sys.executable, "-c", program, *map(str, arguments)]


@contextlib.contextmanager
def started(words: Sequence[object], **known: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process that ends with the context at the latest, also where a test fails or gives up."""
    with subprocess.Popen([*map(str, words)], **known) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(true: Callable[[], object], seconds: float = 240) -> None:
    """Wait for what comes about; a test that would wait for ever fails.

    Who looks takes a fifth of a processor at most from those who are waited for.
    """
    deadline = time.monotonic() + seconds
    began = time.thread_time()
    while not true():
        assert time.monotonic() < deadline, "it never came that far"
        time.sleep(max(0.005, 4 * (time.thread_time() - began)))
        began = time.thread_time()


def apart(home: Path, *arguments: object, timeout: float = 240) -> Ran:
    ran = subprocess.run(
        command(*arguments), env=environment(home), cwd=home, text=True, capture_output=True,
        timeout=timeout, check=False,
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def stopped(home: Path, when: Callable[[], bool], number: int, *arguments: object) -> Ran:
    """Start a command, send it a signal as soon as ``when`` holds, and wait for its end."""
    with started(
        command(*arguments), env=environment(home), cwd=home, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        wait_until(lambda: when() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        process.send_signal(number)
        out, err = process.communicate(timeout=240)
    return Ran(process.returncode, out, err)


def children(process: int) -> list[int]:
    """The processes that one has started and that live; none where there is no /proc."""
    found = []
    with contextlib.suppress(OSError):  # it has ended
        for path in Path(f"/proc/{process}/task").glob("*/children"):
            for one in path.read_text().split():
                with contextlib.suppress(OSError):  # it ended meanwhile
                    state = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[0]
                    if state != "Z":
                        found.append(int(one))
    return found


def servers(folder: Path) -> list[int]:
    """Prefect servers that were started for an output folder."""
    home, found = f"PREFECT_HOME={folder / '.prefect'}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = home in (process / "environ").read_bytes().split(b"\0")
            started = b"pipeline.run.prefect_server" in (process / "cmdline").read_bytes()
        except OSError:  # ended meanwhile, or not ours
            continue
        if known and started:
            found.append(int(process.name))
    return found


def plan(folder: Path, **settings: object) -> Path:
    """Write the file by which `tests.workshop` makes its stream."""
    path = folder / f"plan-{len(list(folder.glob('plan-*')))}.json"
    path.write_text(json.dumps(settings))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def journalled(folder: Path) -> int:
    """Candidates of an output folder that are finished, a torn one not counted."""
    return len(finished(folder))


def data_of(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "trajectories.jsonl").read_bytes(), (folder / "rejected.jsonl").read_bytes()


def records_of(data: bytes, folder: Path) -> list[Trajectory]:
    """The records of a data file's lines, with what they share from the folder."""
    definitions = DefinitionsFile(folder)
    return [read_line(line, definitions) for line in data.splitlines()]


def manifest(folder: Path) -> dict[str, object]:
    known: dict[str, object] = json.loads((folder / "manifest.json").read_bytes())
    return known
