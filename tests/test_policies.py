"""Rules as data: what they allow, what a task makes of them, and what breaks them."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.backends.backend import InferredBackend, WantedCall
from generators.embedding import HashEmbedder
from generators.identity_cache import Same
from generators.operators import make_mix
from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import compile_tool
from generators.studio import Studio, open_studio
from generators.tasks.careful_writes import CarefulWrites
from generators.tasks.clock import Setting, start_of
from generators.tasks.draw_task import choose_person, draw_task
from generators.tasks.execution import execute
from generators.tasks.feeding import Picks
from generators.tasks.proof import flaws
from generators.world.expression import parse_expression
from schemas.check import CheckContext
from schemas.policy import PolicyRule, allows
from schemas.task import Task
from tests.studio import own_catalog, own_studio
from tests.tampering import edit_task
from tests.trajectories import GOOD, Shop
from validators import demands
from validators.checks import examine

CLOCK = datetime(2026, 3, 2, 9)
ROW = {
    "order_id": "W-1",
    "status": "sent",
    "total": 80.5,
    "placed": "2026-02-20",
    "due": "2026-03-09",
}


def rule(aspect: str, comparison: str, limit: Any, path: str) -> PolicyRule:
    about = {} if aspect == "argument" else {"table": "orders", "key": {"order_id": "id"}}
    return PolicyRule.model_validate(
        {"tool": "cancel", "aspect": aspect, "path": path, "comparison": comparison,
         "limit": limit, "sentence": "No.", **about}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given_rule", "allowed"),
    [
        (rule("argument", "at_most", 5, "count"), True),
        (rule("argument", "at_most", 4, "count"), False),
        (rule("argument", "at_least", 6, "count"), False),
        (rule("argument", "at_most", 1, "nothing"), True),
        (rule("row", "at_most", 80.5, "total"), True),
        (rule("row", "at_most", 80, "total"), False),
        (rule("days_since", "at_most", 10, "placed"), True),
        (rule("days_since", "at_most", 9, "placed"), False),
        (rule("days_until", "at_least", 7, "due"), True),
        (rule("days_until", "at_least", 8, "due"), False),
        (rule("days_since", "at_most", 1, "status"), True),
    ],
)
def test_a_rule_decides(given_rule: PolicyRule, allowed: bool) -> None:
    arguments = {"id": "W-1", "count": 5}
    assert allows(given_rule, arguments, [{"order_id": "W-2"}, ROW], CLOCK) == allowed


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_at_most_is_at_most(value: float, limit: float) -> None:
    assert allows(rule("argument", "at_most", limit, "x"), {"x": value}, [], CLOCK) == (
        value <= limit
    )


def shop_rule(limit: int) -> PolicyRule:
    return PolicyRule(
        tool="place_order", aspect="argument", path="quantity", comparison="at_most",
        limit=limit, sentence=f"Never order more than {limit}.",
    )  # fmt: skip


def test_a_call_within_the_rules_is_accepted_and_one_beyond_them_is_not() -> None:
    assert examine(edit_task(rules=(shop_rule(2),)), Shop).accepted
    assert "policy_violation" in examine(edit_task(rules=(shop_rule(1),)), Shop).reasons


def test_without_an_environment_a_rule_cannot_be_decided() -> None:
    assert demands.check_policy(CheckContext(GOOD, None)).label == "good"
    verdict = demands.check_policy(CheckContext(edit_task(rules=(shop_rule(2),)), None))
    assert verdict.label == "unknown"


@cache
def silent_studio() -> Studio:
    """The own catalogues of services without a policy."""
    world = own_studio().world
    bare = {
        name: one.model_copy(update={"policy": None, "policy_stands": False, "rules": ()})
        for name, one in world.domains.items()
    }
    mix = make_mix(forbid=1, permit=1, fault=0, against_policy=0)
    backend = InferredBackend(replace(world, domains=bare))
    return open_studio(own_catalog(), HashEmbedder(), mix, backend=backend)


@cache
def ruled() -> tuple[Task, ...]:
    bench = silent_studio().bench
    start = start_of(bench.world, 1)  # one world, seeded once
    drawn = (draw_task(bench, seed, start=start) for seed in range(30))
    return tuple(task for task in drawn if "refused" not in task.operators)


def setting_of(task: Task) -> Setting:
    clock = datetime.fromisoformat(task.clock)
    return Setting(silent_studio().backend, task.environment_seed, clock)


def test_no_rule_is_drawn_beside_a_policy() -> None:
    bench = replace(own_studio(), mix=make_mix(forbid=1, permit=1)).bench
    start = start_of(bench.world, 1)
    drawn = [draw_task(bench, seed, start=start) for seed in range(12)]
    assert not any(task.rules for task in drawn)
    for task in drawn:
        service = own_studio().world.domains[task.domain]
        reasons = {turn.reason for turn in task.turns if any(c.barred for c in turn.calls)}
        if "forbid" in task.operators:
            assert reasons & {rule.text for rule in service.rules}
    assert any({"forbid", "refused"} & {*task.operators} for task in drawn)


def test_what_a_task_is_drawn_for_is_called_and_not_declined() -> None:
    bench = own_studio().bench
    start = start_of(bench.world, 1)
    setting = Setting(bench.backend, start.seed, start.clock)
    declined: dict[bool, int] = {False: 0, True: 0}
    for seed in range(8):
        chain = bench.sampler.sample(seed, "cancel_order")
        for demanded in (False, True):
            wanted = frozenset({"cancel_order"} if demanded else ())
            chosen = choose_person(setting, chain, Random(seed))
            done = execute(chosen, chain, Random(seed), 0, wanted, refuses=1.0)
            cancelled = [one for one in done if one.model.name == "cancel_order"]
            declined[demanded] += any(one.forbidden for one in cancelled)
    assert declined[False] > 0
    assert declined[True] == 0


def test_rules_are_drawn_that_allow_and_that_forbid() -> None:
    barred = [task for task in ruled() if "forbid" in task.operators]
    allowing = [task for task in ruled() if "permit" in task.operators]
    assert barred
    assert allowing
    for task in ruled():
        assert all(one.sentence in task.policy for one in task.rules)
        assert len(task.rules) == ("forbid" in task.operators) + ("permit" in task.operators)
    for task in barred:
        (turn,) = [
            turn
            for turn in task.turns
            if any(call.barred for call in turn.calls) and turn.outcome != "clarify"
        ]
        assert (turn.outcome, turn.confirm) == ("refuse", False)
        assert turn.reason in {one.sentence for one in task.rules}
        assert turn.calls[-1].barred
        assert task.acceptance.must_not_call


def test_a_rule_that_says_otherwise_is_a_flaw() -> None:
    task = next(task for task in ruled() if "forbid" in task.operators)
    assert list(flaws(setting_of(task), task)) == []
    without = task.model_copy(update={"rules": ()})
    assert "policy_allows_barred" in {f.code for f in flaws(setting_of(task), without)}
    made = [turn.model_copy(update={
        "calls": tuple(call.model_copy(update={"barred": False}) for call in turn.calls)})
        for turn in task.turns]  # fmt: skip
    codes = {
        f.code for f in flaws(setting_of(task), task.model_copy(update={"turns": tuple(made)}))
    }
    assert {"policy_forbids_gold", "forbidden_call_made"} <= codes


@pytest.mark.parametrize(
    ("tool", "against"),
    [
        ("send_transfer", "amount <= 5000"),  # a value beyond a limit
        ("change_tip", "tip_amount is missing or tip_amount <= 20"),  # one that may be left out
        ("place_food_order", "sum(items[].quantity) <= 8"),  # so many of each
        ("cancel_food_order", "food_order.status == 'received'"),  # a row in another state
        ("create_event", "start_time >= '07:00' and start_time <= '20:00'"),
    ],
)
def test_a_call_is_found_that_breaks_a_rule(tool: str, against: str) -> None:
    studio = own_studio()
    setting = start_of(studio.world, 4)
    backend = InferredBackend(studio.world)
    environment = backend.open(setting.seed, setting.clock.isoformat())
    found = []
    for seed in range(4):
        rng = Random(seed)
        found.append(backend.propose_against(environment, WantedCall(tool), rng, against))
    broken = [one.arguments for one in found if one is not None]
    assert broken
    model = studio.world.models[tool]
    compiled = compile_tool(Same(studio.world), model.name)
    store = environment.store
    assert all(parse_expression(against).fails(CallScope(store, compiled, one)) for one in broken)


def test_a_rule_that_is_half_of_a_sentence_is_broken_by_itself() -> None:
    """ "At most 20 euros; thank the person": nothing breaks what has only to be said."""
    world = own_studio().world
    begun, backend = start_of(world, 4), InferredBackend(world)
    environment = backend.open(begun.seed, begun.clock.isoformat())
    careful = CarefulWrites(Setting(backend, begun.seed, begun.clock), environment, Picks())
    order = environment.store.rows(world.entities["food_delivery/food order"])[0]
    arguments = {"food_order_id": order["food_order_id"], "tip_amount": 30}
    reason = careful.find_reason(world.models["change_tip"], arguments)
    assert (reason.by_rule, reason.require) == (True, "tip_amount is missing or tip_amount <= 20")


def test_what_stands_beside_a_given_row_is_what_breaks_the_rule() -> None:
    world = own_studio().world
    setting, backend = start_of(world, 4), InferredBackend(world)
    environment = backend.open(setting.seed, setting.clock.isoformat())
    dish = environment.store.rows(world.entities["food_delivery/dish"])[0]
    given = {"restaurant_id": dish["restaurant_id"], "items[0].dish_id": dish["dish_id"]}
    against = "sum(items[].quantity) <= 8"
    found = [
        backend.propose_against(
            environment, WantedCall("place_food_order", given), Random(n), against
        )
        for n in range(3)
    ]
    assert any(found)


@pytest.mark.parametrize(("kind", "broken"), [("virtual", "small_cards"), ("debit", "card_limit")])
def test_the_rule_that_is_named_is_the_one_that_decides(kind: str, broken: str) -> None:
    """Nobody is handed over for a limit that no adviser may set on a card of this kind."""
    world = own_studio().world
    setting, backend = start_of(world, 4), InferredBackend(world)
    environment = backend.open(setting.seed, setting.clock.isoformat())
    card = environment.store.rows(world.entities["banking/card"])[0]
    card["card_type"] = kind
    arguments = {"card_id": card["card_id"], "daily_limit": 3500}
    texts = {one.text: one.id for one in world.domains["banking"].rules}
    found = backend.violations(environment, "change_card_limits", arguments)
    assert [texts[one] for one in found] == [broken]


def test_another_route_is_ruled_out_by_the_policy_and_no_wish() -> None:
    """It would be known before any flight is looked up: the service sees to it."""
    world = own_studio().world
    rules = {one.id: one for one in world.domains["travel"].rules}
    assert "same_route" not in rules
    assert "on the same route only" in (world.domains["travel"].policy or "")
    needs = world.models["move_booking"].needs
    assert {one.code for one in needs if "route" in (one.message or "")} == {"invalid"}
