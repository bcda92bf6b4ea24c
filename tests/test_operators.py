"""Operators on chains: what each changes, and what it leaves alone."""

from collections import Counter
from functools import cache
from itertools import product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.operators.revise import Revise, is_so
from generators.operators.unanswerable import Unanswerable
from generators.sampling.chain_edits import (
    CHAIN_OPERATORS,
    LATER,
    MERGE_PROBABILITY,
    arrange,
    compose,
    draw_missing_function,
    draw_missing_parameter,
    insert,
    list_mission_strings,
    merge,
    split,
)
from generators.sampling.walk_samplers import RandomWalkSampler
from generators.tasks.feeding import Executed
from generators.world.model import World
from schemas.errors import InputError
from schemas.graph import ChainStep, Gap, ToolChain
from schemas.semantic import SemanticType
from tests.studio import own_studio
from tests.worlds import entity, row, rows, shop, tool, wants, world_of, worlds

few = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**62)
WORLD, GRAPH = own_studio().world, own_studio().graph
SAMPLER = RandomWalkSampler(WORLD, GRAPH)
SHOP = shop()
SHOP_GRAPH = build_graph(SHOP, HashEmbedder())


def chain_of(seed: int) -> ToolChain:
    return SAMPLER.sample(seed)


def sound(chain: ToolChain) -> bool:
    """Whether turns part the steps in order, and all numbers point to something before."""
    steps = range(len(chain.steps))
    return (
        [n for turn in chain.turns for n in turn] == list(steps)
        and all(feed.step < n for n in steps for feed in chain.steps[n].feeds)
        and all(0 <= gap.turn <= len(chain.turns) for gap in chain.gaps)
        and all(gap.step is None or gap.step in steps for gap in chain.gaps)
        and set(chain.implicit) <= set(steps)
    )


def turn_of(chain: ToolChain, step: int) -> int:
    return next(number for number, turn in enumerate(chain.turns) if step in turn)


@pytest.mark.parametrize("name", [name for name, _ in CHAIN_OPERATORS])
@few
@given(seed=seeds)
@example(seed=2_128_257_754)  # whose chain is three missions as it is
def test_an_operator_is_pure_and_says_that_it_was_applied(name: str, seed: int) -> None:
    operator, chain = dict(CHAIN_OPERATORS)[name], chain_of(seed)
    before = chain.model_dump_json()
    changed = operator(chain, WORLD, GRAPH, Random(seed))
    assert chain.model_dump_json() == before
    assert operator(chain, WORLD, GRAPH, Random(seed)) == changed
    if changed is not None:
        assert changed.operators == (name,)
        assert (changed.policy, changed.seed) == (chain.policy, chain.seed)
        assert changed.model_copy(update={"operators": ()}) != chain
        assert sound(changed)


@few
@given(worlds(), seeds)
def test_all_operators_one_after_the_other_leave_a_sound_chain(world: World, seed: int) -> None:
    graph = build_graph(world, HashEmbedder())
    try:
        chain = RandomWalkSampler(world, graph).sample(seed)
    except InputError:
        return
    rng = Random(seed)
    for _, operator in CHAIN_OPERATORS:
        chain = operator(chain, world, graph, rng) or chain
        assert sound(chain)
    assert len(set(chain.operators)) == len(chain.operators)


@few
@given(seeds)
def test_merge_keeps_calls_and_their_order(seed: int) -> None:
    chain = chain_of(seed)
    merged = merge(chain, WORLD, GRAPH, Random(seed))
    if merged is not None:
        assert merged.steps == chain.steps
        assert len(merged.turns) < len(chain.turns)
        assert {turn[0] for turn in merged.turns} < {turn[0] for turn in chain.turns}
        for turn in merged.turns:  # a write still ends its turn
            assert not any(WORLD.models[chain.steps[n].tool].writes for n in turn[:-1])


class Fixed(Random):
    """Draws the same share for ever."""

    def __init__(self, share: float) -> None:
        super().__init__(0)
        self.share = share

    def random(self) -> float:
        return self.share


def reads(*turns: tuple[int, ...]) -> ToolChain:
    """Reads of the shop that need nothing of each other."""
    tools = ("find_customer", "list_accounts", "search_products")
    steps = tuple(ChainStep(tool=tool) for tool in tools[: sum(map(len, turns))])
    return ToolChain(steps=steps, turns=turns, seed=0)


def test_merge_joins_a_pair_with_its_probability() -> None:
    chain = reads((0,), (1, 2))
    joined = merge(chain, SHOP, SHOP_GRAPH, Fixed(MERGE_PROBABILITY - 0.01))
    assert joined is not None
    assert joined.turns == ((0, 1, 2),)
    assert merge(chain, SHOP, SHOP_GRAPH, Fixed(MERGE_PROBABILITY + 0.01)) is None


def test_merge_leaves_a_write_the_last_of_its_turn() -> None:
    steps = (ChainStep(tool="cancel_order"), ChainStep(tool="list_accounts"))
    chain = ToolChain(steps=steps, turns=((0,), (1,)), seed=0)
    assert merge(chain, SHOP, SHOP_GRAPH, Fixed(0)) is None


@few
@given(seeds, st.sampled_from((LATER, 3)))
def test_a_call_that_is_inserted_late_depends_on_a_turn_long_before(seed: int, far: int) -> None:
    chain = chain_of(seed)
    longer = insert(chain, WORLD, GRAPH, Random(seed), distance=far)
    if longer is not None:
        new = inserted(chain, longer)
        sources = [turn_of(longer, feed.step) for feed in longer.steps[new].feeds]
        assert max(turn_of(longer, new) - source for source in sources) >= far


@few
@given(seeds)
def test_a_nested_call_is_fed_in_its_own_turn(seed: int) -> None:
    chain = chain_of(seed)
    longer = insert(chain, WORLD, GRAPH, Random(seed), distance=0)
    if longer is not None:
        new = inserted(chain, longer)
        assert len(longer.turns) == len(chain.turns)
        sources = [turn_of(longer, feed.step) for feed in longer.steps[new].feeds]
        assert turn_of(longer, new) in sources


def inserted(before: ToolChain, after: ToolChain) -> int:
    """The number of the new step; all others are what they were."""
    assert len(after.steps) == len(before.steps) + 1
    new = next(
        n
        for n, step in enumerate(after.steps)
        if n == len(before.steps) or step.tool != before.steps[n].tool
    )
    moved = [n + (n >= new) for n in range(len(before.steps))]
    for old, place in enumerate(moved):
        step = before.steps[old]
        feeds = [(f.parameter, moved[f.step], f.result_path) for f in step.feeds]
        found = after.steps[place]
        assert found.tool == step.tool
        assert [(f.parameter, f.step, f.result_path) for f in found.feeds] == feeds
    return new


def test_a_call_is_inserted_where_an_edge_leads_and_a_turn_is_far_enough() -> None:
    short, long = reads((0,)), reads((0,), (1,), (2,))
    nested = insert(short, SHOP, SHOP_GRAPH, Random(1), distance=0)
    assert nested is not None
    assert nested.turns == ((0, 1),)
    assert insert(short, SHOP, SHOP_GRAPH, Random(1), distance=LATER) is None
    assert insert(long, SHOP, SHOP_GRAPH, Random(1), distance=LATER) is not None
    assert insert(short, SHOP, ToolGraph(SHOP.models, []), Random(1), distance=0) is None


@few
@given(seeds)
def test_a_gap_comes_before_the_step_that_waits_for_it(seed: int) -> None:
    chain = chain_of(seed)
    gapped = split(chain, WORLD, GRAPH, Random(seed))
    if gapped is None:
        return
    assert (gapped.steps, gapped.turns) == (chain.steps, chain.turns)
    (gap,) = gapped.gaps
    if gap.kind == "missing_parameter":
        assert gap.step is not None
        assert gap.turn <= turn_of(chain, gap.step)
        step = chain.steps[gap.step]
        assert gap.parameter not in {feed.parameter for feed in step.feeds}
        assert WORLD.models[step.tool].parameter(gap.parameter or "").required
    else:
        assert gap.kind == "missing_function"
        assert gap.tool not in {step.tool for step in chain.steps}
        model = WORLD.models[gap.tool or ""]
        assert model.writes
        changed = {WORLD.models[s.tool].entity for s in chain.steps if WORLD.models[s.tool].writes}
        assert model.entity not in changed


def test_a_parameter_or_a_function_is_missing_where_there_is_one() -> None:
    asked = reads((0,))  # an email, which the user has to say
    gap = draw_missing_parameter(asked, SHOP, Random(1))
    assert gap == Gap(kind="missing_parameter", turn=0, step=0, parameter="email")
    silent = ToolChain(steps=(ChainStep(tool="list_accounts"),), turns=((0,),), seed=0)
    assert draw_missing_parameter(silent, SHOP, Random(1)) is None
    found = draw_missing_function(asked, SHOP, Random(1))
    assert found is not None
    assert SHOP.models[found.tool or ""].writes
    weather = ToolChain(steps=(ChainStep(tool="get_forecast"),), turns=((0,),), seed=0)
    assert draw_missing_function(weather, SHOP, Random(1)) is None


def test_a_turn_is_asked_about_only_once() -> None:
    chain = chain_of(1)
    for seed in range(20):
        rng = Random(seed)
        gaps: list[Gap] = []
        while gap := draw_missing_parameter(
            chain.model_copy(update={"gaps": tuple(gaps)}), WORLD, rng
        ):
            gaps.append(gap)
        assert len({gap.turn for gap in gaps}) == len(gaps)
    assert draw_missing_function(chain, WORLD, Random(1)) is not None


@few
@given(seeds)
def test_compose_hides_only_reads_that_feed_calls_of_their_turn(seed: int) -> None:
    chain = chain_of(seed)
    composed = compose(chain, WORLD, GRAPH, Random(seed))
    if composed is None:
        return
    assert composed.steps == chain.steps
    assert composed.implicit
    visible = set(range(len(chain.steps))) - set(composed.implicit)
    for hidden in composed.implicit:
        assert not WORLD.models[chain.steps[hidden].tool].writes
        turn = composed.turns[turn_of(composed, hidden)]
        served = {n for n in turn if hidden in {feed.step for feed in chain.steps[n].feeds}}
        assert served
        ends = served
        while not ends & visible:  # by one or more calls it serves one that is spoken of
            ends = {n for n in turn if {f.step for f in chain.steps[n].feeds} & ends}
            assert ends


def test_all_mission_strings_are_enumerated_exactly_once() -> None:
    strings = list(list_mission_strings())
    assert Counter(map(len, strings)) == {1: 4, 2: 16, 3: 64, 4: 256}
    assert len(set(strings)) == len(strings) == 340
    types = ("ST", "MT", "CQ", "CC")
    assert set(strings) == {s for k in range(1, 5) for s in product(types, repeat=k)}


@cache
def arranged() -> dict[tuple[str, ...], ToolChain]:
    """A chain for each mission string, from long chains of the own catalogues."""
    sampler = RandomWalkSampler(WORLD, GRAPH, min_calls=14, max_calls=16)
    chains = [sampler.sample(seed) for seed in range(160)]
    found: dict[tuple[str, ...], ToolChain] = {}
    for string in list_mission_strings():
        for number, chain in enumerate(chains):
            made = arrange(chain, string, WORLD, Random(number))
            if made is not None:
                found[string] = made
                break
    return found


def test_every_mission_string_can_be_made_of_some_chain() -> None:
    assert arranged().keys() == set(list_mission_strings())


def mission_string(chain: ToolChain) -> tuple[str, ...]:
    """Read a string back from turns and gaps."""
    found: list[str] = []
    asked = {gap.turn for gap in chain.gaps if gap.kind == "missing_parameter"}
    for turn in range(len(chain.turns) + 1):
        found += ["CC" for gap in chain.gaps if gap.kind == "chat" and gap.turn == turn]
        if turn < len(chain.turns):
            several = "MT" if len(chain.turns[turn]) > 1 else "ST"
            found.append("CQ" if turn in asked else several)
    return tuple(found)


def test_a_chain_that_is_arranged_reads_back_as_its_string() -> None:
    for string, chain in arranged().items():
        assert sound(chain)
        assert mission_string(chain) == string
        assert len(chain.turns) == sum(mission != "CC" for mission in string)


def test_a_chain_that_is_too_short_is_not_arranged() -> None:
    short = RandomWalkSampler(WORLD, GRAPH, min_calls=1, max_calls=3).sample(2)
    assert arrange(short, ("MT", "MT", "MT", "MT"), WORLD, Random(1)) is None


def test_what_was_noted_survives_a_later_merge() -> None:
    for seed in range(200):
        chain = chain_of(seed)
        gap = draw_missing_parameter(chain, WORLD, Random(seed))
        gapped = chain.model_copy(update={"gaps": (gap,) if gap else ()})
        merged = merge(gapped, WORLD, GRAPH, Random(seed))
        if gap and merged:
            (moved,) = merged.gaps
            assert moved.step is not None
            assert moved.turn == turn_of(merged, moved.step)


def test_no_part_of_an_address_is_changed_alone() -> None:
    revise = Revise()
    parts = [wants(name, "field", None, kind) for name, kind in
             (("city", "city"), ("zip", "zip"), ("address1", "street"))]  # fmt: skip
    home = entity("shop", "home", ["home_id"], {"home_id": "opaque_id", "city": "city"})
    named = wants("home_id", "identity", home.key)
    moves = tool("update_home", "update", home, [named, *parts], row(home.fields))
    goes = tool("update_trip", "update", home, [named, parts[0]], row(home.fields))
    world = world_of([moves, goes], [home])
    assert not revise.allows(world, moves)
    assert revise.allows(world, goes)


@pytest.mark.parametrize(
    ("name", "kind", "known"),
    [
        ("first_name", "first_name", True),
        ("full_name", "person_name", True),
        ("date_of_birth", "date", True),
        ("joins_on", "date", False),
        ("plan_count", "count", False),
    ],
)
def test_nobody_is_wrong_about_who_they_are_nor_does_not_know_it(
    name: str, kind: SemanticType, known: bool
) -> None:
    member = entity("club", "member", ["member_id"], {"member_id": "opaque_id", name: kind})
    loan = entity("club", "loan", ["loan_id"], {"loan_id": "opaque_id", "member_id": member.key})
    loose = entity("club", "loan", ["loan_id"], {"loan_id": "opaque_id"})
    told = wants(name, "field", None, kind)
    joins = tool("add_member", "create", member, [told], row(member.fields))
    of_member = wants(f"member_{name}", "field", None, kind)
    lends = tool("add_loan", "create", loan, [of_member], row(loan.fields))
    world = world_of([joins, lends], [member, loan])
    others = world_of([joins, lends], [member, loose])  # nothing is theirs: they are staff's
    for model in (joins, lends):
        assert Revise().allows(world, model) != known
        assert Revise().allows(others, model)
        if kind in ("person_name", "date"):
            assert Unanswerable().allows(world, model) != known
            assert Unanswerable().allows(others, model)


def test_nobody_first_says_what_a_result_has_shown_to_be_so() -> None:
    change = entity("code", "change", ["number"], {"number": "number_id", "state": "enum"})
    named = wants("number", "identity", change.key, "number_id")
    state = wants("state", "field", None, "enum")
    update = tool("update_change", "update", change, [named, state], row(change.fields))
    find = tool("list_changes", "list", change, [], rows("changes", change.fields))
    listed = {"changes": [{"number": 7, "state": "open"}, {"number": 8, "state": "closed"}]}
    done = (Executed(find, {}, (), listed, 0),
            Executed(update, {"number": 7, "state": "closed"}, (), {}, 1))  # fmt: skip
    assert is_so(done, 1, state, "open")
    assert not is_so(done, 1, state, "closed")
