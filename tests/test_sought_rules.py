"""Rules that candidates are to meet: each in its turn, and broken by rows that allow it."""

from collections import Counter
from random import Random

import pytest

from generators.backends.backend import InferredBackend, WantedCall
from generators.sampling.stream import Turn
from generators.sandbox.sandbox import Sandbox
from generators.tasks.careful_writes import CarefulWrites
from generators.tasks.clock import Setting, start_of
from generators.tasks.draw_task import meet_rule
from generators.tasks.feeding import Picks
from generators.tasks.sought_rules import RuleBreaking, SoughtRule, choose_rule
from tests.studio import own_studio

WORLD = own_studio().world
USABLE = own_studio().bench.sampler.usable


def turn_of(number: int, domain: str) -> Turn:
    return Turn(domain, number // 30, number % 30, 30)


@pytest.mark.parametrize("domain", sorted(WORLD.domains))
def test_each_rule_that_code_decides_has_its_turn_and_so_many_candidates_meet_one(
    domain: str,
) -> None:
    chosen = [choose_rule(WORLD, USABLE, 0.1, 5, turn_of(n, domain)) for n in range(400)]
    met = Counter((one.text, one.require) for one in chosen if one)
    assert sum(met.values()) in (39, 40, 41)
    wanted = {(one.text, one.require) for one in WORLD.domains[domain].rules
              if one.require and one.outcome != "leave"}  # fmt: skip
    assert {*met} == wanted
    assert max(met.values()) - min(met.values()) <= 2
    assert chosen[317] == choose_rule(WORLD, USABLE, 0.1, 5, turn_of(317, domain))
    assert not any(choose_rule(WORLD, USABLE, 0, 5, turn_of(n, domain)) for n in range(40))
    assert all(choose_rule(WORLD, USABLE, 1, 5, turn_of(n, domain)) for n in range(40))


def test_a_rule_that_is_sought_is_broken_and_no_other() -> None:
    studio = own_studio()
    breaches = 0
    for number in range(4):
        sought = choose_rule(WORLD, USABLE, 1, 7, turn_of(number, "travel"))
        assert sought
        starts = (start_of(WORLD, number, back) for back in range(4))
        task = meet_rule(studio.bench, number, sought, starts)
        for turn in task.turns if task else ():
            for call in turn.calls if turn.reason == sought.text else ():
                if call.barred:
                    environment = studio.environment(task) if task else None
                    assert environment
                    broken = studio.backend.violations(environment, call.tool, call.arguments)
                    assert broken == (sought.text,)
                    breaches += 1
    assert breaches >= 2


@pytest.mark.parametrize(
    ("tool", "against", "open_rows", "closed"),
    [
        # A flag that nobody has named yet has no say: the event is far away, or it is not.
        ("book_room", "with_catering is missing or not with_catering or event.date - today >= 5d",
         "2026-03-11", "2026-03-30"),
        # Of the few weeks that there are, none is long enough for a membership that goes on.
        ("create_loan", "today + weeks(weeks) <= member.valid_until", "2026-03-20", "2027-03-20"),
    ],
)  # fmt: skip
def test_a_row_lets_a_rule_be_broken_where_something_that_can_be_said_breaks_it(
    tool: str, against: str, open_rows: str, closed: str
) -> None:
    table, key, day = (
        ("calendar/event", "event_id", "date")
        if tool == "book_room"
        else ("library/member", "member_id", "valid_until")
    )
    backend = InferredBackend(WORLD)
    for told, may in ((open_rows, True), (closed, False)):
        environment = backend.open(11, "2026-03-09T10:12:00+00:00")
        rows = environment.store.rows(WORLD.entities[table])
        for row in rows:
            row |= {day: told, "kind": "meeting", "status": "scheduled", "membership": "adult"}
        calls = [WantedCall(tool, {key: row[key]}) for row in rows]
        assert any(backend.may_break(environment, one, against) for one in calls) == may


def test_two_rules_in_the_same_words_are_told_apart_by_their_tools() -> None:
    begun, backend = start_of(WORLD, 4), InferredBackend(WORLD)
    environment = backend.open(begun.seed, begun.clock.isoformat())
    setting = Setting(backend, begun.seed, begun.clock)
    event = next(one for one in environment.store.rows(WORLD.entities["calendar/event"])
                 if one["status"] == "scheduled")  # fmt: skip
    arguments = {"title": "Rehearsal", "kind": "personal", "date": event["date"],
                 "start_time": event["start_time"], "duration_minutes": 30}  # fmt: skip
    rule = CarefulWrites(setting, environment, Picks()).find_broken_rule(
        WORLD.models["create_event"], arguments
    )
    assert rule is not None
    assert rule.id == "no_overlap"


def test_whoever_has_no_row_of_the_kind_breaks_no_rule_by_it() -> None:
    begun, backend = start_of(WORLD, 4), InferredBackend(WORLD)
    environment = backend.open(begun.seed, begun.clock.isoformat())
    setting = Setting(backend, begun.seed, begun.clock)
    texts = {one.id: one for one in WORLD.domains["travel"].rules}
    rule = texts["cancel_in_time"]
    sought = SoughtRule("cancel_booking", rule.text, rule.require or "")
    bookings = environment.store.rows(WORLD.entities["travel/booking"])
    for ahead, may in ((1, True), (9, False)):
        day = (begun.clock.date()).toordinal() + ahead
        for row in bookings:
            row |= {"departure_date": begun.clock.date().fromordinal(day).isoformat(),
                    "status": "confirmed"}  # fmt: skip
        assert RuleBreaking(setting, environment, sought).has_rows() == may


def test_nobody_wants_to_cancel_what_was_delivered_long_ago() -> None:
    world, asked = own_studio().world, "cancel_food_order"
    backend = InferredBackend(world)
    rules = world.domains["food_delivery"].rules
    against = next(one.require for one in rules if asked in one.tools and one.require)
    long_over = 0
    for seed in range(8):
        sandbox = Sandbox(world, seed, "2026-05-15T12:30:00+00:00")
        proposed = backend.propose_against(sandbox, WantedCall(asked, {}), Random(1), against)
        assert proposed is not None
        orders = {one["food_order_id"]: one for one in sandbox.rows("food_delivery/food order")}
        order = orders[proposed.arguments["food_order_id"]]
        long_over += order["status"] == "delivered" and order["placed_at"] < "2026-05-13"
    assert long_over <= 2  # most of the orders are; what is not is not always hit upon
