"""The mix of structures: what chains look like, and that shares follow the mix."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from generators.sampling.chain_edits import CHAIN_OPERATORS
from generators.sampling.random_walk import RandomWalkSampler
from generators.sampling.sampler import contains
from generators.sampling.shaping import ShapedSampler
from generators.sampling.structure import ChainFeatures, Structure, measure_chain
from schemas.errors import InputError
from schemas.graph import ChainStep, Feed, ToolChain
from tests.studio import own_studio
from tests.worlds import shop

WORLD, GRAPH = own_studio().world, own_studio().graph
TOLERANCE = 0.1
"""Of a share over 500 chains."""
DEFAULT = Structure()
SKEWED = Structure(
    multi_hop=0.4, parallel=0.8, anchored=0.2, writing=0.2, min_turns=1, max_turns=3,
    merge=0, insert=0, split=0.5, compose=0,
)  # fmt: skip


def shaped(structure: Structure) -> ShapedSampler:
    return ShapedSampler(RandomWalkSampler(WORLD, GRAPH), WORLD, GRAPH, structure)


def chain_of(*steps: tuple[str, Sequence[int]], turns: Sequence[Sequence[int]]) -> ToolChain:
    made = tuple(
        ChainStep(tool=tool, feeds=tuple(Feed(parameter="x", step=n, result_path="y") for n in fed))
        for tool, fed in steps
    )
    return ToolChain(steps=made, turns=tuple(tuple(turn) for turn in turns), seed=0)


def test_features_are_what_they_say() -> None:
    line = chain_of(
        ("find_customer", ()), ("list_orders", [0]), ("cancel_order", [1]), turns=[[0, 1], [2]]
    )
    assert measure_chain(line, shop()) == ChainFeatures(3, False, 2, 1, 1)
    both = chain_of(("find_customer", ()), ("search_products", ()), turns=[[0, 1]])
    assert measure_chain(both, shop()) == ChainFeatures(1, True, 1, 0, 0)
    nothing = ToolChain(steps=(), turns=(), seed=0)
    assert measure_chain(nothing, shop()) == ChainFeatures(0, False, 0, 0, 0)


@pytest.mark.parametrize("structure", [DEFAULT, SKEWED], ids=["default", "skewed"])
def test_shares_follow_the_mix(structure: Structure) -> None:
    sampler = shaped(structure)
    found = [measure_chain(sampler.sample(seed), WORLD) for seed in range(500)]

    def share(trait: Sequence[bool]) -> float:
        return sum(trait) / len(found)

    assert abs(share([f.hops > 1 for f in found]) - structure.multi_hop) < TOLERANCE
    assert abs(share([f.parallel for f in found]) - structure.parallel) < TOLERANCE
    assert abs(share([f.anchors > 0 for f in found]) - structure.anchored) < TOLERANCE
    assert abs(share([f.writes > 0 for f in found]) - structure.writing) < TOLERANCE
    within = [structure.min_turns <= f.turns <= structure.max_turns for f in found]
    assert share(within) > 0.93


def test_operators_are_applied_as_often_as_the_mix_says() -> None:
    structure = Structure(merge=0.2, insert=0.3, split=0.5, compose=0.3, missions=0)
    sampler = shaped(structure)
    chains = [sampler.sample(seed) for seed in range(400)]
    for name, _ in CHAIN_OPERATORS:
        share = sum(name in chain.operators for chain in chains) / len(chains)
        # a merge joins each pair of turns with a probability of its own, and may join none
        least = 0.15 if name == "merge" else 0.1
        assert -least < share - getattr(structure, name) < 0.1, (name, share)


def test_a_shaped_chain_still_contains_what_it_was_steered_to() -> None:
    sampler = shaped(Structure(multi_hop=1, merge=1, insert=1, split=1, compose=1, missions=1))
    plain = RandomWalkSampler(WORLD, GRAPH)
    held = 0
    for seed, focus in enumerate([*sampler.usable[::9], *sampler.links[::40]]):
        try:
            plain.sample(seed, focus)
        except InputError:
            with pytest.raises(InputError):
                sampler.sample(seed, focus)
        else:
            chain = sampler.sample(seed, focus)
            held += 1
            assert contains(chain, focus)
    assert held > 10
    assert sampler.policy == "random_walk"


def test_a_chain_of_independent_calls_leaves_an_edge_for_another_time() -> None:
    sampler = shaped(Structure(multi_hop=0, anchored=0))
    for seed in range(30):
        chain = sampler.sample(seed, sampler.links[5])
        assert measure_chain(chain, WORLD).hops == 1
        assert len({step.tool for step in chain.steps}) == len(chain.steps)


def test_a_shaped_chain_depends_on_its_seed_alone() -> None:
    first, second = shaped(DEFAULT), shaped(DEFAULT)
    first.sample(8)
    assert first.sample(9) == second.sample(9)


def test_mixes_that_cannot_be_had_are_refused() -> None:
    for wrong in ({"multi_hop": 1.2}, {"min_turns": 4, "max_turns": 2}, {"turn": 3}):
        with pytest.raises(ValidationError):
            Structure.model_validate(wrong)
    with pytest.raises(ValidationError, match="an anchor is a hop"):
        Structure(multi_hop=0.2, anchored=0.5)
