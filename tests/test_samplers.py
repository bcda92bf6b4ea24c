"""What each sampler's paper promises, on small worlds and on the project's own catalogues."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.sampling import SAMPLERS, check_sampler, open_sampler
from generators.sampling.chain_growth import may_follow
from generators.sampling.chain_sampler import ChainSampler
from generators.sampling.path_samplers import ServerChainSampler, SimplePathSampler, SubgraphSampler
from generators.sampling.sampler import Focus, Link, Sampler, find_focus, link_of
from generators.sampling.value_sources import brings_value, find_value_sources
from generators.sampling.walk_samplers import (
    DirectedSampler,
    PolicyWalkSampler,
    UniformWalkSampler,
    UsageBalancedSampler,
    rate_difficulty,
)
from generators.world.model import World
from schemas.errors import InputError
from schemas.graph import ChainStep, Edge, ToolChain
from tests.studio import own_studio
from tests.worlds import entity, row, rows, shop, tool, wants, world_of, worlds

few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**62)
NAMES = [one.policy for one in SAMPLERS]
SHOP = shop()
GRAPH = build_graph(SHOP, HashEmbedder())
CHI_SQUARE_999 = {5: 20.52, 7: 24.32, 9: 27.88}
"""0.999 quantiles by degrees of freedom."""


@cache
def own(name: str) -> ChainSampler:
    studio = own_studio()
    return check_sampler(name)(studio.world, studio.graph)


def drawn(name: str, world: World, graph: ToolGraph, seed: int) -> ToolChain | None:
    """None where the world is too poor for the sampler."""
    try:
        return open_sampler(name, world, graph).sample(seed)
    except InputError:
        return None


def reachable(sampler: Sampler, focus: Focus) -> bool:
    try:
        return find_focus(sampler.sample(0, focus), focus) is not None
    except InputError:
        return False


def tools_of(chain: ToolChain) -> list[str]:
    return [step.tool for step in chain.steps]


def plain_world(count: int, *, domains: int = 1) -> World:
    """Tools that need nothing."""
    return world_of(
        [
            tool(f"look_{n}", "compute", None, [], row(["text"]), domain=f"d{n % domains}")
            for n in range(count)
        ],
        [],
    )


def legal(world: World, graph: ToolGraph, chain: ToolChain) -> bool:
    """Whether each call comes after a source of every value that must come from a result."""
    sources = find_value_sources(world, graph).edges
    before: set[str] = set()
    for step in chain.steps:
        for parameter in world.models[step.tool].parameters:
            edges = graph.feeding(step.tool, parameter.path)
            givers = {edge.producer for edge in edges if brings_value(edge)}
            if (step.tool, parameter.path) in sources and not before & givers:
                return False
        before.add(step.tool)
    return True


@pytest.mark.parametrize("name", NAMES)
@few
@given(world=worlds(), seed=seeds)
def test_chains_are_sound(name: str, world: World, seed: int) -> None:
    graph = build_graph(world, HashEmbedder())
    chain = drawn(name, world, graph, seed)
    if chain is None:
        return
    assert chain.policy == name
    assert [n for turn in chain.turns for n in turn] == list(range(len(chain.steps)))
    assert all(chain.turns)
    for number, step in enumerate(chain.steps):
        assert all(feed.step < number for feed in step.feeds)
        assert len({feed.parameter for feed in step.feeds}) == len(step.feeds)
    assert drawn(name, world, graph, seed) == chain


@pytest.mark.parametrize("name", NAMES)
def test_a_chain_depends_on_seed_and_focus_alone(name: str) -> None:
    first, second = own(name), open_sampler(name, own_studio().world, own_studio().graph)
    focus = next(link for link in first.links if reachable(first, link))
    ahead = [first.sample(seed) for seed in range(4)]
    assert ahead == [second.sample(seed) for seed in reversed(range(4))][::-1]
    assert len({chain.model_dump_json() for chain in ahead}) > 1
    one = [first.sample(3, focus), first.sample(3, first.usable[4])]
    assert one == [second.sample(3, focus), second.sample(3, first.usable[4])]


@pytest.mark.parametrize("name", NAMES)
def test_a_chain_contains_the_tool_or_edge_it_was_steered_to(name: str) -> None:
    sampler = own(name)
    link = next(link for link in sampler.links if reachable(sampler, link))
    tools = [focus for focus in sampler.usable[::12] if reachable(sampler, focus)]
    assert tools
    for number, focus in enumerate((link, *tools)):
        assert find_focus(sampler.sample(number, focus), focus) is not None, focus


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_focus_is_named(name: str) -> None:
    with pytest.raises(InputError, match="fly_to_moon"):
        own(name).sample(0, "fly_to_moon")
    with pytest.raises(InputError, match="fly_to_moon"):
        own(name).sample(0, Link("fly_to_moon", "id", own(name).usable[0], "x"))


def test_an_unknown_sampler_is_told_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no sampler 'walk'") as error:
        open_sampler("walk", SHOP, GRAPH)
    assert all(name in str(error.value) for name in NAMES)


@few
@given(worlds(), seeds, st.integers(1, 3))
def test_uniform_walk_keeps_the_visit_cap(world: World, seed: int, cap: int) -> None:
    graph = build_graph(world, HashEmbedder())
    chain = UniformWalkSampler(world, graph, visit_cap=cap).sample(seed)
    assert max(Counter(tools_of(chain)).values()) <= cap
    assert len(chain.steps) <= 20


def test_uniform_walk_keeps_its_lengths() -> None:
    world = plain_world(20)
    graph = ToolGraph(world.models, [])
    assert (own("uniform_walk").settings.min_calls, own("uniform_walk").settings.max_calls) == (
        5,
        20,
    )
    for length in (5, 12, 20):
        sampler = UniformWalkSampler(world, graph, min_calls=length, max_calls=length)
        assert len(sampler.sample(1).steps) == length


def test_uniform_walk_takes_every_edge_as_often_as_any_other() -> None:
    world = plain_world(9)
    # rivals of one weight in spite of their scores
    edges = [
        Edge(producer="look_0", result_path="text", consumer=f"look_{n}", parameter="", score=s,
             method="name")
        for n, s in enumerate((0.2, 0.9, 0.4, 0.6, 1.0, 0.3, 0.5, 0.7), 1)
    ]  # fmt: skip
    sampler = UniformWalkSampler(with_free_parameter(world), ToolGraph(world.models, edges))
    seconds = Counter(sampler.sample(seed, "look_0").steps[1].tool for seed in range(800))
    assert len(seconds) == 8
    assert chi_square(seconds, 800, 8) < CHI_SQUARE_999[7]


def with_free_parameter(world: World) -> World:
    """The same tools with an optional parameter that has no name."""
    from tests.worlds import wants

    free = [wants("", semantic="text", required=False)]
    return world_of(
        [tool(n, "compute", None, free, row(["text"]), domain="d") for n in world.models], []
    )


def chi_square(counts: Counter[str], total: int, kinds: int) -> float:
    expected = total / kinds
    return sum((count - expected) ** 2 / expected for count in counts.values())


def test_a_list_is_narrowed_by_the_row_that_is_meant_and_by_no_other_that_nobody_named() -> None:
    person = entity("crm", "person", ["person_id"], {"person_id": "opaque_id", "name": "title"})
    near: dict[str, str] = {"person_id": person.key, "name": "title"}
    deal = entity("crm", "deal", ["deal_id"], {"deal_id": "opaque_id", **near})
    note = entity("crm", "note", ["note_id"], {"note_id": "opaque_id", "deal_id": deal.key, **near})
    by = [wants(one.identity[0], "reference", one.key, required=False) for one in (deal, person)]
    world = world_of([tool("list_deals", "list", deal, [], rows("deals", deal.fields)),
                      tool("list_notes", "list", note, by, rows("notes", note.fields))],
                     [person, deal, note])  # fmt: skip
    graph = build_graph(world, HashEmbedder())
    sampler = open_sampler("random_walk", world, graph)
    fed = [{feed.parameter for feed in step.feeds}
           for seed in range(30) for step in sampler.sample(seed).steps]  # fmt: skip
    assert {"deal_id"} in fed
    assert all(len(one) < 2 for one in fed)


def test_usage_balanced_draws_by_one_over_expected_usage() -> None:
    world = plain_world(6)
    sampler = UsageBalancedSampler(world, ToolGraph(world.models, []))
    loads = dict(zip(sampler.usable, (1.0, 2.0, 3.0, 4.0, 6.0, 10.0), strict=True))
    sampler.sources = replace(sampler.sources, loads=loads)
    firsts = Counter(sampler.sample(seed).steps[0].tool for seed in range(1500))
    weights = {name: 1 / load for name, load in loads.items()}
    total = sum(weights.values())
    distance = sum(
        (firsts[name] - 1500 * w / total) ** 2 / (1500 * w / total) for name, w in weights.items()
    )
    assert distance < CHI_SQUARE_999[5]


@few
@given(worlds(), seeds)
def test_usage_balanced_stays_in_a_domain_with_two_to_five_calls(world: World, seed: int) -> None:
    sampler = UsageBalancedSampler(world, build_graph(world, HashEmbedder()))
    chain = sampler.sample(seed)
    assert len(chain.steps) <= 5
    assert len({world.models[name].tool.domain for name in tools_of(chain)}) == 1


def test_usage_balanced_has_the_calls_that_are_drawn_where_the_domain_has_them() -> None:
    world = plain_world(6)
    for length in (2, 5):
        sampler = UsageBalancedSampler(
            world, ToolGraph(world.models, []), min_calls=length, max_calls=length
        )
        assert len(sampler.sample(1).steps) == length


@few
@given(worlds(), seeds)
def test_directed_makes_legal_calls_only(world: World, seed: int) -> None:
    graph = build_graph(world, HashEmbedder())
    chain = drawn("directed", world, graph, seed)
    assert chain is None or legal(world, graph, chain)


def test_directed_reaches_its_target_through_what_it_needs() -> None:
    studio = own_studio()
    sampler = DirectedSampler(studio.world, studio.graph, min_calls=1, max_calls=8)
    sources = find_value_sources(studio.world, studio.graph)
    for seed, target in enumerate(sampler.usable):
        tools = tools_of(sampler.sample(seed, target))
        before = tools[: tools.index(target)]
        assert len(before) <= 2 * sources.lengths[target]
        needed = {target}
        for name in reversed(before):  # each call before the target serves it, directly or not
            places = [(n, p.path) for n in needed for p in studio.world.models[n].parameters]
            givers = {e.producer for place in places for e in sources.edges.get(place, ())}
            assert name in givers, (target, before)
            needed.add(name)


def brute_force(sampler: SubgraphSampler, graph: ToolGraph, world: World) -> set[tuple[str, ...]]:
    """Orders of all sets of two or three tools that can be called as they stand."""
    return {
        order
        for size in (2, 3)
        for members in combinations(sampler.usable, size)
        for order in permutations(members)
        if runs(order, graph, world)
    }


def runs(order: tuple[str, ...], graph: ToolGraph, world: World) -> bool:
    models = [world.models[name] for name in order]
    if not all(may_follow(models[:place], model) for place, model in enumerate(models)):
        return False
    steps = tuple(ChainStep(tool=name) for name in order)
    return legal(world, graph, ToolChain(steps=steps, turns=(), seed=0))


def test_subgraphs_that_are_drawn_hold_together_and_come_in_an_order_that_runs() -> None:
    sampler = SubgraphSampler(SHOP, GRAPH, max_calls=3)
    possible = brute_force(sampler, GRAPH, SHOP)
    joined = {frozenset((e.producer, e.consumer)) for e in GRAPH.edges}
    for seed in range(60):
        order = tuple(tools_of(sampler.sample(seed)))
        members, reached = frozenset(order), {order[0]}
        for _ in members:
            reached |= {n for pair in joined if pair & reached and pair <= members for n in pair}
        assert order in possible
        assert reached == members


def simple_paths(world: World, graph: ToolGraph, most: int) -> set[tuple[str, ...]]:
    """All simple directed paths of which every call is legal and may_follow."""
    pairs = {(e.producer, e.consumer) for e in graph.edges}
    found: set[tuple[str, ...]] = set()
    ring = [(name,) for name in world.models]
    while ring and len(ring[0]) <= most:
        found |= {path for path in ring if runs(path, graph, world)}
        ring = [(*p, b) for p in ring for a, b in pairs if a == p[-1] and b not in p]
    return found


def test_simple_paths_are_simple_directed_and_legal() -> None:
    sampler = SimplePathSampler(SHOP, GRAPH)
    wanted = simple_paths(SHOP, GRAPH, 4)
    pairs = {(e.producer, e.consumer) for e in GRAPH.edges}
    drawn_paths = {tuple(tools_of(sampler.sample(seed))) for seed in range(400)}
    for path in drawn_paths:
        assert path in wanted
        assert len(set(path)) == len(path)
        assert set(pairwise(path)) <= pairs
    for length in (1, 2, 3, 4):
        exact = SimplePathSampler(SHOP, GRAPH, min_calls=length, max_calls=length)
        assert len(exact.sample(2).steps) == length


def test_simple_paths_of_one_length_are_equally_likely() -> None:
    graph = ToolGraph(SHOP.models, [e for e in GRAPH.edges if e.method != "value"])
    sampler = SimplePathSampler(SHOP, graph, min_calls=2, max_calls=2)
    counts = Counter("/".join(tools_of(sampler.sample(seed))) for seed in range(1200))
    kinds, total = len(counts), sum(counts.values())
    spread = chi_square(counts, total, kinds)
    # the mean of a chi-square distribution is its degrees of freedom, its variance twice that
    assert spread < (kinds - 1) + 4 * (2 * (kinds - 1)) ** 0.5


def test_server_chains_are_of_one_server_and_each_call_depends_on_the_one_before() -> None:
    world, graph = own_studio().world, own_studio().graph
    for length in (2, 3, 4, 5):
        sampler = ServerChainSampler(world, graph, min_calls=length, max_calls=length)
        chain = sampler.sample(3)
        assert len(chain.steps) == length
        assert len({world.models[name].tool.domain for name in tools_of(chain)}) == 1
        fed = {number for number, step in enumerate(chain.steps) if step.feeds}
        assert fed == set(range(1, length))


def test_a_server_without_links_has_no_chain() -> None:
    world = plain_world(4, domains=2)
    sampler = ServerChainSampler(world, ToolGraph(world.models, []))
    assert sampler.usable == ()
    with pytest.raises(InputError):
        sampler.sample(1)


@few
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20), seeds)
def test_policy_walk_reaches_its_difficulty_or_has_no_neighbour_left(
    pairs: set[tuple[int, int]], seed: int
) -> None:
    world = with_free_parameter(plain_world(8))
    edges = [
        Edge(producer=f"look_{a}", result_path="text", consumer=f"look_{b}", parameter="",
             score=0.5, method="name")
        for a, b in sorted(pairs)
    ]  # fmt: skip
    sampler = PolicyWalkSampler(world, ToolGraph(world.models, edges))
    chain = sampler.sample(seed)
    tools = tools_of(chain)
    assert len(set(tools)) == len(tools)
    assert sampler.sum_difficulties(chain.steps[:-1]) < 10
    if sampler.sum_difficulties(chain.steps) < 5:
        assert sampler.neighbours.get(tools[-1], {}).keys() <= set(tools)


def test_policy_walk_ends_at_the_difficulty_that_is_drawn() -> None:
    world = with_free_parameter(plain_world(12))
    edges = [
        Edge(producer=f"look_{a}", result_path="text", consumer=f"look_{b}", parameter="",
             score=0.5, method="name")
        for a, b in combinations(range(12), 2)
    ]  # fmt: skip
    for target in (5, 10):
        sampler = PolicyWalkSampler(
            world, ToolGraph(world.models, edges), min_difficulty=target, max_difficulty=target
        )
        chain = sampler.sample(1)
        assert sampler.sum_difficulties(chain.steps[:-1]) < target
        assert sampler.sum_difficulties(chain.steps) >= target


def test_policy_walk_ends_where_nothing_is_joined() -> None:
    world = plain_world(3)
    sampler = PolicyWalkSampler(world, ToolGraph(world.models, []))
    assert [len(sampler.sample(seed).steps) for seed in range(5)] == [1] * 5


def test_difficulty_counts_what_makes_a_call_harder() -> None:
    plain = ChainStep(tool="list_accounts")
    assert rate_difficulty(SHOP.models["list_accounts"], plain) == 1
    chain = own_chain_with_write()
    scores = [rate_difficulty(SHOP.models[step.tool], step) for step in chain.steps]
    assert scores[-1] == 1 + SHOP.models[chain.steps[-1].tool].writes + bool(chain.steps[-1].feeds)
    assert all(1 <= score <= 5 for score in scores)


def own_chain_with_write() -> ToolChain:
    return DirectedSampler(SHOP, GRAPH, min_calls=1, max_calls=4).sample(1, "cancel_order")


def test_links_are_the_edges_by_name() -> None:
    edge = GRAPH.edges[0]
    assert link_of(edge) == (edge.producer, edge.result_path, edge.consumer, edge.parameter)
