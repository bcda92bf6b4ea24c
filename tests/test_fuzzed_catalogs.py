"""Damaged catalogues of every format are read or refused in one line: a sample of the benchmark."""

from pathlib import Path

import pytest

from tests.fuzz_builds import Found, try_case
from tests.fuzz_catalogs import FOLDERS, SUFFIXES, examine, made

SAMPLE = 15
OWN = tuple(path for path in sorted(FOLDERS[0].rglob("*")) if path.suffix in SUFFIXES)


@pytest.mark.parametrize("batch", range(10))
def test_damaged_catalogues_are_read_or_refused(tmp_path: Path, batch: int) -> None:
    cases = range(batch * SAMPLE, (batch + 1) * SAMPLE)
    outcomes = [examine(tmp_path, *made(7, case, OWN)) for case in cases]
    assert len(outcomes) == SAMPLE


def test_the_sample_holds_cases_of_every_outcome(tmp_path: Path) -> None:
    outcomes = {examine(tmp_path, *made(7, case, OWN)).partition(":")[0] for case in range(60)}
    assert outcomes == {"read", "read, some tools skipped", "refused"}


def test_a_case_is_made_again_by_its_number() -> None:
    assert made(7, 3, OWN) == made(7, 3, OWN) != made(8, 3, OWN)


def test_damaged_catalogues_are_built_or_refused() -> None:
    found = Found()
    for case in (3, 4, 6):
        try_case(case, 7, OWN, found)
    assert found.outcomes.total() == 3
    assert not found.bugs
