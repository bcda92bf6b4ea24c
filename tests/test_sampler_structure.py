"""The mix of structures: what chains look like, and that shares follow the mix."""

from collections.abc import Sequence
from random import Random

import pytest
from pydantic import ValidationError

from generators.sampling.chain_edits import CHAIN_OPERATORS
from generators.sampling.sampler import find_focus
from generators.sampling.structure import (
    ChainFeatures,
    ShapedSampler,
    Structure,
    draw_target,
    measure_chain,
)
from generators.sampling.walk_samplers import RandomWalkSampler
from schemas.errors import InputError
from schemas.graph import ChainStep, Feed, ToolChain
from tests.studio import own_studio
from tests.worlds import shop

WORLD, GRAPH = own_studio().world, own_studio().graph
DEFAULT = Structure()
NO_OPERATORS = {name: 0.0 for name, _ in CHAIN_OPERATORS}


class Fixed(Random):
    """Draws the same share for ever."""

    def __init__(self, share: float) -> None:
        super().__init__(0)
        self.share = share

    def random(self) -> float:
        return self.share


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


def test_a_trait_is_wanted_below_its_share_and_not_above() -> None:
    mix = Structure(multi_hop=0.8, parallel=0.3, anchored=0.4, writing=0.6)
    assert draw_target(mix, Fixed(0.29)).traits == (True, True, True, True)
    assert draw_target(mix, Fixed(0.31)).traits == (True, False, True, True)
    assert draw_target(mix, Fixed(0.49)).traits == (True, False, True, True)  # 0.4 / 0.8 of hops
    assert draw_target(mix, Fixed(0.51)).traits == (True, False, False, True)
    assert draw_target(mix, Fixed(0.81)).traits == (False, False, False, False)


@pytest.mark.parametrize(
    ("traits", "turns"),
    [((1, 0, 0, 0), 2), ((1, 0, 1, 1), 3), ((1, 1, 1, 0), 2), ((0, 0, 0, 0), 3),
     ((0, 1, 0, 0), 2), ((0, 1, 0, 1), 3)],
)  # fmt: skip
def test_a_chain_has_the_traits_that_are_wanted(traits: tuple[int, ...], turns: int) -> None:
    names = ("multi_hop", "parallel", "anchored", "writing", "min_turns", "max_turns")
    wanted = dict(zip(names, (*traits, turns, turns), strict=True))
    sampler = shaped(Structure.model_validate({**NO_OPERATORS, **wanted, "draws": 40}))
    for seed in range(3):
        found = measure_chain(sampler.sample(seed), WORLD)
        assert (found.traits, found.turns) == (tuple(map(bool, traits)), turns)


@pytest.mark.parametrize("name", [name for name, _ in CHAIN_OPERATORS])
def test_an_operator_is_applied_where_the_mix_wants_it_and_not_else(name: str) -> None:
    plain = shaped(Structure.model_validate({**NO_OPERATORS, "multi_hop": 1}))
    always = shaped(Structure.model_validate({**NO_OPERATORS, "multi_hop": 1, name: 1}))
    assert {plain.sample(seed).operators for seed in range(3)} == {()}
    assert (name,) in {always.sample(seed).operators for seed in range(8)}


def test_a_shaped_chain_still_contains_what_it_was_steered_to() -> None:
    sampler = shaped(Structure(multi_hop=1, merge=1, insert=1, split=1, compose=1, missions=1))
    plain = RandomWalkSampler(WORLD, GRAPH)
    for seed, focus in enumerate([*sampler.usable[::20], *sampler.links[::80]]):
        try:
            plain.sample(seed, focus)
        except InputError:
            with pytest.raises(InputError):
                sampler.sample(seed, focus)
        else:
            chain = sampler.sample(seed, focus)
            assert find_focus(chain, focus) is not None
    assert sampler.policy == "random_walk"


def test_a_chain_of_independent_calls_leaves_an_edge_for_another_time() -> None:
    sampler = shaped(Structure(multi_hop=0, anchored=0))
    for seed in range(5):
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
