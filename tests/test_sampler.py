"""The sampler: chains that can run, that make sense, and that reach every tool."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.sampling.chain_sampler import MOST_CALLS, MOST_TURNS
from generators.sampling.value_sources import find_value_sources
from generators.sampling.walk_samplers import RandomWalkSampler
from generators.world.model import World, strip_indices
from schemas.errors import InputError
from schemas.graph import Edge, ToolChain
from tests.worlds import shop, tool, wants, world_of, worlds

HERE = Path(__file__).resolve().parents[1]
REAL = HERE.parent / "shared" / "real"
few = settings(max_examples=20, deadline=None)
seeds = st.integers(0, 2**62)
SHOP = shop()
GRAPH = build_graph(SHOP, HashEmbedder())


def sampler_of(world: World) -> RandomWalkSampler | None:
    """None where every tool needs more calls than a chain has."""
    try:
        return RandomWalkSampler(world, build_graph(world, HashEmbedder()))
    except InputError:
        return None


def along_an_edge(graph: ToolGraph, chain: ToolChain, number: int) -> bool:
    """Whether every feed of a step follows an edge, or repeats what an earlier step was fed."""
    step = chain.steps[number]
    for feed in step.feeds:
        producer = chain.steps[feed.step].tool
        path = strip_indices(feed.result_path)
        edges = graph.feeding(step.tool, feed.parameter)
        direct = any((e.producer, e.result_path) == (producer, path) for e in edges)
        repeated = any(
            (other.step, other.result_path) == (feed.step, feed.result_path)
            for earlier in chain.steps[:number]
            for other in earlier.feeds
        )
        if not (direct or repeated):
            return False
    return True


@few
@given(worlds(), seeds)
def test_feeds_point_to_earlier_steps_and_follow_edges(world: World, seed: int) -> None:
    sampler = sampler_of(world)
    if sampler is None:
        return
    graph, chain = build_graph(world, HashEmbedder()), sampler.sample(seed)
    for number, step in enumerate(chain.steps):
        assert all(feed.step < number for feed in step.feeds)
        assert len({feed.parameter for feed in step.feeds}) == len(step.feeds)
        assert along_an_edge(graph, chain, number)


@few
@given(worlds(), seeds)
def test_every_opaque_value_that_a_tool_can_give_is_fed(world: World, seed: int) -> None:
    sampler = sampler_of(world)
    if sampler is None:
        return
    graph = build_graph(world, HashEmbedder())
    sources = find_value_sources(world, graph)
    before: set[str] = set()
    for step in sampler.sample(seed).steps:
        fed = {feed.parameter for feed in step.feeds}
        for parameter in world.models[step.tool].parameters:
            if parameter.required and parameter.opaque and parameter.path not in fed:
                assert (step.tool, parameter.path) not in sources.edges
                edges = graph.feeding(step.tool, parameter.path)
                assert not before & {edge.producer for edge in edges}
        before.add(step.tool)


@few
@given(worlds())
def test_only_what_no_list_can_give_is_left_to_the_user(world: World) -> None:
    graph = build_graph(world, HashEmbedder())
    sources = find_value_sources(world, graph).edges
    for model in world.models.values():
        for parameter in model.parameters:
            noun = (parameter.entity or "/").partition("/")[2]
            lists = world.models.get(f"list_{noun}")
            free = lists and not any(p.required and p.opaque for p in lists.parameters)
            if parameter.opaque and parameter.required and free and lists is not model:
                assert (model.name, parameter.path) in sources


@few
@given(worlds(), seeds)
def test_turns_partition_the_steps_in_order(world: World, seed: int) -> None:
    sampler = sampler_of(world)
    if sampler is None:
        return
    chain = sampler.sample(seed)
    assert [step for turn in chain.turns for step in turn] == list(range(len(chain.steps)))
    assert 1 <= len(chain.turns) <= MOST_TURNS
    for turn in chain.turns:
        writes = [world.models[chain.steps[step].tool].writes for step in turn]
        assert 1 <= len(turn) <= MOST_CALLS
        assert not any(writes[:-1])


@few
@given(worlds(), seeds)
def test_the_same_seed_draws_the_same_chain(world: World, seed: int) -> None:
    first, second = sampler_of(world), sampler_of(world)
    if first is None or second is None:
        return
    first.sample(seed + 1)
    assert first.sample(seed) == second.sample(seed)


@few
@given(worlds(), seeds)
def test_no_tool_is_visited_too_often_and_no_chain_is_too_long(world: World, seed: int) -> None:
    sampler = sampler_of(world)
    if sampler is None:
        return
    chain = sampler.sample(seed)
    assert 1 <= len(chain.steps) <= 8
    assert max(Counter(step.tool for step in chain.steps).values()) <= 2


@few
@given(worlds(), seeds)
def test_what_was_deleted_is_not_asked_for_again(world: World, seed: int) -> None:
    sampler = sampler_of(world)
    if sampler is None:
        return
    gone: set[str | None] = set()
    for step in sampler.sample(seed).steps:
        model = world.models[step.tool]
        named = {p.entity for p in model.parameters if p.use in ("identity", "reference")}
        assert not gone & named
        if model.operation == "delete":
            gone.add(model.entity)


@given(seeds, st.integers(1, 6), st.integers(0, 6))
@settings(max_examples=20, deadline=None)
def test_chains_of_a_rich_catalogue_have_the_length_that_was_asked(
    seed: int, least: int, more: int
) -> None:
    sampler = RandomWalkSampler(SHOP, GRAPH, min_calls=least, max_calls=least + more + 2)
    assert least <= len(sampler.sample(seed).steps) <= least + more + 2


@given(seeds, st.sampled_from(RandomWalkSampler(SHOP, GRAPH).usable))
@settings(max_examples=30, deadline=None)
def test_a_chain_contains_the_tool_it_was_steered_to(seed: int, focus: str) -> None:
    chain = RandomWalkSampler(SHOP, GRAPH).sample(seed, focus)
    assert focus in {step.tool for step in chain.steps}


def test_every_usable_tool_appears_and_none_drowns_the_others() -> None:
    sampler = RandomWalkSampler(SHOP, GRAPH)
    assert len(sampler.usable) == len(SHOP.models)
    chains = [sampler.sample(seed) for seed in range(300)]
    counts = Counter(step.tool for chain in chains for step in chain.steps)
    assert set(counts) == set(sampler.usable)
    middle = sorted(counts.values())[len(counts) // 2]
    assert max(counts.values()) <= 8 * middle
    assert all(3 <= len(chain.steps) <= 8 for chain in chains)


def test_long_conversations_hold_several_missions_and_some_writes() -> None:
    sampler = RandomWalkSampler(SHOP, GRAPH, min_calls=8, max_calls=8)
    chains = [sampler.sample(seed) for seed in range(10)]
    models = [[SHOP.models[step.tool] for step in chain.steps] for chain in chains]
    assert any(len({model.tool.domain for model in each}) > 1 for each in models)
    assert any(model.writes for each in models for model in each)
    assert all(len(chain.turns) > 2 for chain in chains)  # a turn has three calls at the most
    assert len({tuple(step.tool for step in chain.steps) for chain in chains}) == len(chains)


def test_two_parameters_of_one_kind_are_given_different_rows() -> None:
    chain = RandomWalkSampler(SHOP, GRAPH).sample(1, "transfer_money")
    feeds = next(step.feeds for step in chain.steps if step.tool == "transfer_money")
    assert len({(feed.step, feed.result_path) for feed in feeds}) == 2


def test_the_parts_of_an_identity_come_from_one_row() -> None:
    sampler = RandomWalkSampler(SHOP, GRAPH)
    link = next(x for x in sampler.links if (x.consumer, x.parameter) == ("get_issue", "number"))
    chain = sampler.sample(1, link)
    step = next(step for step in chain.steps if step.tool == "get_issue")
    feeds = {feed.parameter: feed for feed in step.feeds}
    parts = [feeds["owner"], feeds["repo"], feeds["number"]]
    assert len({(f.step, f.result_path.rpartition(".")[0]) for f in parts}) == 1


def test_an_order_is_not_cancelled_and_then_shipped() -> None:
    sampler = RandomWalkSampler(SHOP, GRAPH)
    for seed in range(60):
        tools = [step.tool for step in sampler.sample(seed).steps]
        assert not {"cancel_order", "ship_order"} <= set(tools)
        if "delete_order" in tools:
            before = tools[: tools.index("delete_order")]
            assert not {"create_order", "cancel_order", "ship_order"} & set(before)


def test_a_tool_is_called_twice_only_where_the_second_call_can_differ() -> None:
    sampler = RandomWalkSampler(SHOP, GRAPH)
    for seed in range(60):
        counts = Counter(step.tool for step in sampler.sample(seed).steps)
        assert counts["list_accounts"] <= 1
        if counts["get_order"] == 2:
            assert counts["list_orders"] + counts["create_order"] >= 2


def test_an_id_that_no_tool_gives_is_left_to_the_user() -> None:
    chain = RandomWalkSampler(SHOP, GRAPH).sample(3, "redeem_voucher")
    step = next(step for step in chain.steps if step.tool == "redeem_voucher")
    assert step.feeds == ()


def test_tools_that_need_each_other_do_not_hang_the_sampler() -> None:
    ring = [
        tool(f"use_{a}", "compute", None, [wants(f"{a}_id")],
             {"type": "object", "properties": {f"{b}_id": {"type": "string"}}})
        for a, b in pairwise(("ant", "bee", "cat", "ant"))
    ]  # fmt: skip
    world = world_of(ring, [])
    edges = [
        Edge(producer=f"use_{a}", result_path=f"{b}_id", consumer=f"use_{b}",
             parameter=f"{b}_id", score=1, method="identity")
        for a, b in pairwise(("ant", "bee", "cat", "ant"))
    ]  # fmt: skip
    sampler = RandomWalkSampler(world, ToolGraph(world.models, edges))
    chain = sampler.sample(0, "use_cat")
    assert [step.tool for step in chain.steps][:3] == ["use_ant", "use_bee", "use_cat"]


def test_a_tool_that_cannot_be_reached_is_named() -> None:
    with pytest.raises(InputError, match="fly_to_moon"):
        RandomWalkSampler(SHOP, GRAPH).sample(0, "fly_to_moon")


def test_a_catalogue_without_tools_is_refused() -> None:
    empty = World({}, {})
    with pytest.raises(InputError):
        RandomWalkSampler(empty, ToolGraph([], []))
