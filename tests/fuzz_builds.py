"""Damaged catalogues through ``build -n 3``: each builds, or is refused in one clear line.

``python -m tests.fuzz_builds [N] [--seed SEED] [--case NUMBER]``

The files are those of `tests.fuzz_catalogs`. A candidate that raises is rejected as
``candidate_failed``, so that a bug ends no build; here each is counted by its origin, with a case
by which it is made again. Ends with 1 where anything but one clear line comes out, where a build
takes longer than a minute of processor time, and where a candidate raised.
"""

import argparse
import asyncio
import collections
import re
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NoReturn

from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.opening import open_workshop
from pipeline.run.build_loop import build
from pipeline.run.manifest import REJECTED
from pipeline.run.output_folder import open_output
from schemas.errors import ToolweaveError
from schemas.failure import FAILED, tell_origin
from tests.commands import records_of
from tests.fuzz_catalogs import made, sources

SECONDS = 60
CODES = frozenset({FAILED, "check_failed"})


class Found:
    """What became of the cases, and the bugs behind."""

    def __init__(self) -> None:
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.bugs: dict[str, list[int]] = collections.defaultdict(list)

    def note_bug(self, origin: str, case: int) -> None:
        """Count a bug by its origin, without what differs from case to case."""
        self.bugs[re.sub(r"'[^']*'|\"[^\"]*\"|\d{5,}", "…", origin)[:200]].append(case)


def took_too_long(*_: object) -> NoReturn:
    raise TimeoutError(f"no end after {SECONDS} s")


def try_case(case: int, seed: int, files: tuple[Path, ...], found: Found) -> None:
    """Build three trajectories from a damaged file."""
    name, raw = made(seed, case, files)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, name), Path(folder, "o")
        path.write_bytes(raw)
        settings = Settings(tools=(path,), n=3, out=out, max_candidates=14)
        signal.signal(signal.SIGPROF, took_too_long)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            workshop = open_workshop(settings)
            with open_output(settings, workshop) as output:
                report = asyncio.run(build(workshop, settings, output, Watcher()))
            found.outcomes[f"built, {report.state}"] += 1
            for record in records_of((out / REJECTED).read_bytes(), out):
                for verdict in record.verdicts:
                    for reason in verdict.reasons:
                        if reason.code in CODES:
                            found.note_bug(f"{reason.code}: {reason.explanation}", case)
        except ToolweaveError as error:
            found.outcomes["refused in one line"] += 1
            if len(str(error).splitlines()) != 1:
                found.note_bug(f"is no single line: {str(error)!r}", case)
        except Exception as error:
            found.outcomes["RAISED"] += 1
            found.note_bug(f"the build raised: {tell_origin(error)}", case)
            traceback.print_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> int:
    """Try the cases and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    asked = parser.parse_args()
    cases = range(asked.count) if asked.case is None else range(asked.case, asked.case + 1)
    found, files = Found(), sources()
    for case in cases:
        try_case(case, asked.seed, files, found)
        if case % 50 == 49:
            print(f"{case + 1}: {dict(found.outcomes)}", flush=True)  # noqa: T201
    for outcome, count in found.outcomes.most_common():
        print(f"{count:6} {outcome}")  # noqa: T201
    for origin, hit in sorted(found.bugs.items(), key=lambda bug: -len(bug[1])):
        print(f"{len(hit):6} times {origin}")  # noqa: T201
        print(f"       python -m tests.fuzz_builds --seed {asked.seed} --case {hit[0]}")  # noqa: T201
    return 1 if found.bugs else 0


if __name__ == "__main__":
    sys.exit(main())
