"""Coverage: all that can be used is used, evenly, and the stream is the same however it is read."""

import asyncio
import gc
import tracemalloc
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.catalogues import read_standing
from benchmarks.coverage import Coverage, measure_coverage, measure_inequality
from generators.embedding import HashEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.sampling import SAMPLERS, open_sampler
from generators.sampling.sampler import Focus, Link, find_focus
from generators.sampling.stream import ChainStream
from generators.sampling.structure import Structure
from generators.sampling.walk_samplers import RandomWalkSampler
from generators.studio import open_studio
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.errors import InputError
from schemas.graph import ToolChain
from schemas.trajectory import Roles
from tests.studio import REAL, SEED, own_catalog, own_studio
from tests.worlds import shop, worlds

SHOP = shop()
GRAPH = build_graph(SHOP, HashEmbedder())
SAMPLER = RandomWalkSampler(SHOP, GRAPH)


def stream(seed: int = 1, window: int = 64) -> ChainStream:
    return ChainStream(SAMPLER, seed, window)


@cache
def prepared(name: str) -> tuple[World, ToolGraph]:
    if name == "shop":
        return SHOP, GRAPH
    paths = {
        "github": REAL / "mcp" / "github_mcp_server_tools_list.json",
        "retail": REAL / "tau2_retail" / "retail.json",
    }
    path: Path = paths[name]
    if not path.exists():
        pytest.skip(f"{path.name} of the shared folder is not here")
    world = infer_world(read_standing(path).tools)
    return world, build_graph(world, HashEmbedder())


def after(name: str, policy: str, draws: int) -> tuple[Coverage, list[ToolChain]]:
    world, graph = prepared(name)
    sampler = open_sampler(policy, world, graph)
    drawn = ChainStream(sampler, 1)
    chains = [drawn.draw(index).chain for index in range(draws)]
    return measure_coverage(chains, sampler, drawn.unusable), chains


@pytest.mark.parametrize("name", ["shop", pytest.param("github", marks=pytest.mark.shared),
                                  pytest.param("retail", marks=pytest.mark.shared)])  # fmt: skip
def test_every_usable_tool_and_edge_is_used_before_any_is_used_much_more(name: str) -> None:
    world, graph = prepared(name)
    found, _ = after(name, "random_walk", 2 * len(graph.edges) + len(world.models))
    assert found.tools.used == found.tools.usable
    assert found.links.used == found.links.usable
    assert found.tools.least >= 1
    assert found.links.least >= 1
    assert found.links.gini < 0.6
    assert found.tools.most <= 40 * found.tools.least


@pytest.mark.parametrize("policy", [one.policy for one in SAMPLERS])
def test_every_sampler_covers_what_it_can_reach(policy: str) -> None:
    found, _ = after("shop", policy, len(GRAPH.edges) + len(SHOP.models))
    assert found.tools.used == found.tools.usable > 0
    assert found.links.used == found.links.usable > 0


def test_without_steering_edges_are_left_out() -> None:
    draws = len(SAMPLER.usable) + len(SAMPLER.links)
    blind = measure_coverage([SAMPLER.sample(seed) for seed in range(draws)], SAMPLER)
    steered, _ = after("shop", "random_walk", draws)
    assert steered.links.used == steered.links.usable
    assert blind.links.used < steered.links.used


def test_a_stream_that_begins_anywhere_gives_the_same_chain() -> None:
    through = stream()
    chains = [through.draw(number) for number in range(201)]
    for index in (0, 7, 63, 64, 200):
        assert stream().draw(index) == chains[index]
        assert through.draw(index) == chains[index]  # even where the window has gone on


def test_a_late_chain_is_drawn_from_as_few_samples_as_an_early_one() -> None:
    asked: list[int] = []

    class Counting(RandomWalkSampler):
        def sample(self, seed: int, focus: Focus | None = None) -> ToolChain:
            asked.append(seed)
            return super().sample(seed, focus)

    drawn = ChainStream(Counting(SHOP, GRAPH), 1)
    for index in (9, 9_999, 10**9):
        asked.clear()
        drawn.draw(index)
        assert len(asked) <= len(drawn.unusable) + 1


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8))
def test_a_stream_answers_in_any_order(indexes: list[int]) -> None:
    plain, asked = stream(), stream(window=16)
    expected = {index: plain.draw(index) for index in sorted(indexes)}
    assert [asked.draw(index) for index in indexes] == [expected[index] for index in indexes]


def test_what_a_chain_is_drawn_for_is_in_it() -> None:
    drawn = stream()
    for index in range(100):
        one = drawn.draw(index)
        assert one.focus is not None
        assert find_focus(one.chain, one.focus) is not None


def test_edges_that_no_chain_can_have_are_found_out_once() -> None:
    drawn = stream()
    for index in range(300):
        drawn.draw(index)
    lost = drawn.unusable
    assert lost
    assert len(set(lost)) == len(lost)
    for focus in lost:
        with pytest.raises(InputError):
            SAMPLER.sample(5, focus)
    for index in range(300, 420):
        drawn.draw(index)
    assert drawn.unusable[: len(lost)] == lost


@settings(max_examples=20, deadline=None)
@given(worlds())
def test_every_tool_of_any_world_is_used(world: World) -> None:
    try:
        sampler = RandomWalkSampler(world, build_graph(world, HashEmbedder()))
    except InputError:
        return
    drawn = ChainStream(sampler, 3)
    count = len(sampler.usable) + len(sampler.links)
    chains = [drawn.draw(index).chain for index in range(count)]
    found = measure_coverage(chains, sampler, drawn.unusable)
    assert (found.tools.least, found.links.least) >= (1, 0)
    assert found.links.used == found.links.usable


def test_memory_is_bounded_by_the_window() -> None:
    drawn = stream(window=32)
    drawn.draw(200)
    gc.freeze()  # what the process holds already is not searched for rings
    tracemalloc.start()
    try:
        drawn.draw(300)
        gc.collect()
        early = tracemalloc.get_traced_memory()[0]
        drawn.draw(600)
        gc.collect()
        late = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    assert late < early + 100_000


def test_coverage_counts_tools_and_edges() -> None:
    chains = [SAMPLER.sample(seed) for seed in range(5)]
    found = measure_coverage(chains, SAMPLER, [SAMPLER.links[0], SAMPLER.usable[0]])
    assert found.chains == 5
    assert found.tools.usable == len(SAMPLER.usable) - 1
    assert found.links.usable == len(SAMPLER.links) - 1
    assert found.unusable_tools == (SAMPLER.usable[0],)
    assert found.unusable_links == (str(SAMPLER.links[0]),)
    assert measure_coverage([], SAMPLER).links.gini == 0


def test_gini_is_none_for_equals_and_large_for_one() -> None:
    assert measure_inequality([3, 3, 3]) == pytest.approx(0)
    assert measure_inequality([0, 0, 0, 12]) == pytest.approx(0.75)
    assert measure_inequality([]) == measure_inequality([0, 0]) == 0


def test_a_link_is_written_as_an_arrow() -> None:
    assert str(Link("a", "x[].id", "b", "a_id")) == "a.x[].id → b.a_id"


@pytest.mark.parametrize("policy", [one.policy for one in SAMPLERS])
def test_candidates_of_every_sampler_bear_its_name(policy: str) -> None:
    structure = Structure() if policy == "directed" else None
    studio = replace(own_studio(), sampler=policy, structure=structure)
    for index in range(2):
        task = asyncio.run(studio.candidate(SEED, index, studio.scripted, Roles())).trajectory.task
        assert task.sampler.policy == task.chain.policy == policy
        assert task.sampler.seed == task.chain.seed


def test_an_unknown_sampler_is_refused_before_anything_is_read() -> None:
    with pytest.raises(InputError, match="no sampler 'grid'"):
        open_studio(own_catalog(), HashEmbedder(), sampler="grid")
