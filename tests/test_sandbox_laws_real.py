"""The laws of the sandbox, and random legal calls, on the catalogues of others."""

from functools import cache

import pytest

from benchmarks.catalogues import REAL, Catalogue, opened
from benchmarks.legal_calls import run
from benchmarks.sandbox_laws import LAWS, tried
from tests.laws_of_rows import Trial
from tests.laws_of_state import Law

pytestmark = pytest.mark.shared
CALLS = 30
MOST_EXEMPT = 0.1
SMALL = ("GitHub MCP", "MCP reference servers", "petstore", "tau2 retail")
"""Tried here; all are by ``python -m benchmarks.sandbox_laws``."""


def here(catalogue: Catalogue) -> Catalogue:
    if not catalogue.is_here:
        pytest.skip(f"{catalogue.name} is not in ../shared/real")
    return catalogue


@cache
def trial_of(catalogue: Catalogue, law: Law) -> Trial:
    return tried(catalogue, law, seeds=1)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("catalogue", [c for c in REAL if c.name in SMALL], ids=lambda c: c.name)
def test_the_law_holds_for_every_tool(catalogue: Catalogue, law: Law) -> None:
    assert not trial_of(here(catalogue), law).broken


@pytest.mark.parametrize("law", LAWS[:4], ids=lambda law: law.__name__)
def test_few_calls_are_exempt(law: Law) -> None:
    total = Trial()
    for catalogue in REAL:
        if catalogue.name in SMALL:
            total.add(trial_of(here(catalogue), law))
    assert total.held > 10
    assert total.exempt.total() <= MOST_EXEMPT * total.held


@pytest.mark.parametrize("catalogue", REAL, ids=lambda c: c.name)
def test_legal_calls_never_raise_and_their_results_are_valid(catalogue: Catalogue) -> None:
    tally = run(opened(here(catalogue)), CALLS, seed=2)
    assert tally.calls == CALLS
    assert not tally.faults
