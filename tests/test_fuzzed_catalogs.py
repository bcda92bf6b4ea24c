"""Damaged catalogues of every format are read or refused in one line: a sample of the benchmark."""

from pathlib import Path

from tests.fuzz_builds import Found, try_case
from tests.fuzz_catalogs import FOLDERS, SUFFIXES, examine, made

SAMPLE = 100
OWN = tuple(path for path in sorted(FOLDERS[0].rglob("*")) if path.suffix in SUFFIXES)


def test_damaged_catalogues_are_read_or_refused(tmp_path: Path) -> None:
    outcomes = [examine(tmp_path, *made(7, case, OWN)) for case in range(SAMPLE)]
    known = {outcome.partition(":")[0] for outcome in outcomes}
    assert known == {"read", "read, some tools skipped", "refused"}


def test_a_case_is_made_again_by_its_number() -> None:
    assert made(7, 3, OWN) == made(7, 3, OWN) != made(8, 3, OWN)


def test_damaged_catalogues_are_built_or_refused() -> None:
    found = Found()
    for case in (3, 4, 6):
        try_case(case, 7, OWN, found)
    assert found.outcomes.total() == 3
    assert not found.bugs
