"""What a careful assistant has seen before it writes: concluded, looked at, and held against it."""

from datetime import UTC, datetime
from functools import cache

import pytest

from generators.identity_cache import Same
from generators.sandbox.sights import list_sights, list_tellings
from generators.tasks.careful_writes import CarefulWrites, find_broken_state
from generators.tasks.clock import Setting
from generators.tasks.feeding import Picks
from generators.world.infer import infer_world
from schemas.demand import Demand, Given, Sight
from schemas.seen import Shown, find_told, find_unseen
from schemas.task import Task
from schemas.world_model import WorldModel, WorldSource
from tests.studio import own_studio
from tests.test_kin_rows import TEXT, tool
from tests.test_proof import codes

ROW = Demand(
    kind="seen", tool="get_flight", shows=("departure",),
    given=(Sight(parameter="id", argument="booking_id", key="booking_id", field="flight_id",
                 row="flight_id"),),
)  # fmt: skip
LIST = Demand(
    kind="seen", tool="list_events", given=(Sight(parameter="day", argument="date"),),
    free=("limit",), when=(Given(parameter="kind", values=("call",)),),
)  # fmt: skip
BOOKING = Shown("find_bookings", {}, {"bookings": [{"booking_id": "b1", "flight_id": "f7"}]})


def unseen(demand: Demand, arguments: dict[str, object], *earlier: Shown) -> list[object]:
    return list(find_unseen(demand, arguments, earlier))


def test_a_row_is_seen_where_what_matters_of_it_was_shown_by_whatever_read() -> None:
    call = {"booking_id": "b1"}
    assert unseen(ROW, call, BOOKING) == [{"id": "f7"}]
    thin = Shown("find_flights", {}, [{"flight_id": "f7", "price": 12}])
    assert unseen(ROW, call, BOOKING, thin) == [{"id": "f7"}]
    full = Shown("find_flights", {}, [{"flight_id": "f7", "departure": "2026-05-01"}])
    assert unseen(ROW, call, BOOKING, full) == []
    got = Shown("get_flight", {"id": "f7"}, {})  # shows what there is
    assert unseen(ROW, call, BOOKING, got) == []
    assert unseen(ROW, call) == []  # nothing leads to the flight


def test_several_rows_are_seen_only_in_a_list_that_leaves_none_of_them_out() -> None:
    call = {"date": "2026-05-01", "kind": "call"}
    asked = {"day": "2026-05-01"}
    assert unseen(LIST, call) == [asked]
    assert unseen(LIST, call, Shown("list_events", asked, {})) == []
    assert unseen(LIST, call, Shown("list_events", {}, {})) == []
    assert unseen(LIST, call, Shown("list_events", {**asked, "limit": 50}, {})) == []
    assert unseen(LIST, call, Shown("list_events", {**asked, "room": "Oak"}, {})) == [asked]
    assert unseen(LIST, call, Shown("list_events", {"day": "2026-05-02"}, {})) == [asked]
    assert unseen(LIST, {**call, "kind": "meeting"}) == []


@pytest.mark.parametrize(
    ("tool", "reader", "shows"),
    [
        ("cancel_booking", "get_booking", {"departure_date"}),
        ("create_event", "list_events", set()),
        ("reschedule_event", "list_events", set()),
        ("add_patient", "find_patients", set()),
        ("cancel_order", "get_order", {"status"}),
        ("place_order", "get_product", {"in_stock", "price"}),
        ("change_drop_off", "get_restaurant", {"city"}),
    ],
)
def test_needs_and_rules_tell_what_is_to_be_seen(tool: str, reader: str, shows: set[str]) -> None:
    sights = list_sights(Same(own_studio().world))[tool]
    found = [one for one in sights if one.tool == reader]
    assert any(shows <= {*one.shows} for one in found)


def test_a_rule_about_some_calls_asks_nothing_of_others() -> None:
    sights = list_sights(Same(own_studio().world))["change_drop_off"]
    assert [one.when for one in sights if one.tool == "get_restaurant"] == [
        (Given(parameter="address"),)
    ]


@cache
def looking() -> Task:
    """A task in which something is looked at that nobody asks for."""
    drawn = (own_studio().task(7, index) for index in range(60))
    return next(
        task
        for task in drawn
        if any(call.looks for call in task.calls) and not any(call.barred for call in task.calls)
    )


def test_what_a_write_hangs_on_is_looked_at_before_it_and_asked_for_by_nobody() -> None:
    task = looking()
    assert not codes(task)
    number, look = next((n, one) for n, one in enumerate(task.calls) if one.looks)
    assert any(own_studio().world.models[one.tool].writes for one in task.calls[number:])
    assert all(fact.call != number for fact in task.known)
    assert look.tool in task.tools
    hidden = [
        one.model_copy(update={"demand": one.demand.model_copy(update={"tool": "no_such_read",
                                                                       "shows": ("no_field",)})})
        for one in task.demands
        if one.demand.tool == look.tool
    ]  # fmt: skip
    assert "write_unseen" in codes(task.model_copy(update={"demands": (*task.demands, *hidden)}))


ORDERS = Shown("list_orders", {}, {"orders": [
    {"order_id": "o1", "total": 12, "items": [{"name": "Lamp"}, {"name": "Rope"}]},
]})  # fmt: skip


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("total", ["orders[0].total"]),
        ("items[].name", ["orders[0].items[0].name", "orders[0].items[1].name"]),
        ("*[].name", ["orders[0].items[0].name", "orders[0].items[1].name"]),
        ("*[].date", []),
    ],
)
def test_what_is_named_of_a_row_is_found_in_what_was_shown_of_it(
    told: str, found: list[str]
) -> None:
    sight = Sight(parameter="", argument="order_id", row="order_id")
    demand = Demand(kind="named", given=(sight,), told=(told,))
    places = find_told(demand, {"order_id": "o1"}, [ORDERS])
    assert [f"{path}.{name}" for _, path, name, _ in places] == found


@pytest.mark.parametrize(
    ("tool", "named"),
    [
        ("book_flight", {"origin_city", "destination_city", "departure_date", "price"}),
        ("cancel_order", {"items[].name"}),
        ("place_food_order", {"name"}),
        ("request_return", {"name"}),
        ("change_stay", {"check_in_date", "nights", "room_type", "total_price"}),
    ],
)
def test_a_rule_tells_what_of_a_row_is_named_first(tool: str, named: set[str]) -> None:
    told = list_tellings(Same(own_studio().world))[tool]
    assert named <= {name for one in told if one.kind == "named" for name in one.told}


def test_a_rule_tells_what_is_said_with_a_call_and_with_which() -> None:
    told = list_tellings(Same(own_studio().world))["place_food_order"]
    (thanks,) = (one for one in told if one.kind == "said")
    assert thanks.when == (Given(parameter="tip_amount"),)
    assert thanks.is_heard("Thanks a lot for it!")
    assert not thanks.is_heard("I've changed the tip.")


CANCEL = tool(
    "cancel_order", {"order_id": {"type": "string"}}, said="Cancel an order. The agent needs to "
    "explain the cancellation detail and ask for explicit user confirmation. The refund will be "
    "added to the user's card within 5 days. The function returns the order.",
)  # fmt: skip


def test_what_a_description_says_will_follow_is_said_to_the_one_who_asks() -> None:
    told = list_tellings(Same(infer_world((CANCEL,), ())))["cancel_order"]
    said = [one.value for one in told if one.kind == "said"]
    assert said == ["The refund will be added to your card within 5 days."]


def test_a_state_that_was_shown_rules_a_call_out_by_itself() -> None:
    world = own_studio().world
    model = world.models["change_drop_off"]
    rule = next(one for one in world.domains[model.tool.domain].rules
                if one.id == "address_before_courier")  # fmt: skip
    told = {"food_order_id": "ORD-1", "drop_off": "in_person", "address": {"city": "Paris"}}

    def find(state: str, **given: object) -> str:
        shown = {"food_orders": [{"food_order_id": "ORD-1", "status": state}]}
        return find_broken_state(world, model, {**told, **given}, rule.text, [shown])

    assert find("delivered") == "delivered"
    assert find("received") == find("delivered", food_order_id="ORD-2") == ""
    del told["address"]
    assert find("delivered") == ""


def test_a_row_that_only_refers_to_a_thing_is_not_that_thing() -> None:
    demand = Demand(kind="named", given=(Sight(parameter="", argument="shop_id", row="shop_id"),),
                    told=("name",))  # fmt: skip
    shop = Shown("get_shop", {}, {"shop_id": "S-1", "name": "Sesame"})
    dish = Shown("list_dishes", {}, {"dishes": [{"dish_id": "D", "shop_id": "S-1", "name": "Tea"}]})
    assert [*find_told(demand, {"shop_id": "S-1"}, [shop, dish])] == [(0, "", "name", "Sesame")]


def test_what_is_named_of_a_row_is_found_under_a_name_that_no_path_can_hold() -> None:
    sight = Sight(parameter="", argument="order_id", row="order_id")
    demand = Demand(kind="named", given=(sight,), told=("total",))
    shown = Shown("list_orders", {}, {"A.7[x]": {"order_id": "o1", "total": 12}})
    assert [value for *_, value in find_told(demand, {"order_id": "o1"}, [shown])] == [12]


def test_what_a_row_of_a_list_lacks_and_another_has_was_shown() -> None:
    sight = Sight(parameter="order_id", argument="order_id", row="order_id")
    demand = Demand(kind="seen", tool="get_order", given=(sight,), shows=("tip",))
    orders = [{"order_id": "o1", "tip": 2}, {"order_id": "o2"}]
    assert not unseen(demand, {"order_id": "o2"}, Shown("list_orders", {}, {"orders": orders}))
    assert unseen(demand, {"order_id": "o2"}, Shown("list_orders", {}, {"orders": orders[1:]}))


@pytest.mark.parametrize(
    ("tool", "rule"),
    [("cancel_hold", "confirm_hold"), ("cancel_booking", "confirm_cancellation")],
)
def test_what_is_to_be_named_is_told_in_the_words_of_the_rule_that_wants_it(
    tool: str, rule: str
) -> None:
    world = own_studio().world
    rules = world.domains[world.models[tool].tool.domain].rules
    named = [one for one in list_tellings(Same(world))[tool] if one.kind == "named"]
    assert {one.text for one in named} == {one.text for one in rules if one.id == rule}


def test_a_state_that_a_rule_does_not_look_at_rules_nothing_out() -> None:
    world = own_studio().world
    rule = next(one for one in world.domains["projects"].rules if one.id == "split_large_tasks")
    shown = {"tasks": [{"task_id": "T", "status": "open"}]}
    told = {"task_id": "T", "estimated_hours": 48}
    assert not find_broken_state(world, world.models["update_task"], told, rule.text, [shown])


@pytest.mark.parametrize(
    ("given", "declined"),
    [({}, True), ({"priority": "normal"}, False), ({"due_date": "2026-05-16"}, False)],
)
def test_what_could_be_done_in_part_or_breaks_two_rules_is_not_declined_as_a_whole(
    given: dict[str, str], declined: bool
) -> None:
    setting = Setting(own_studio().backend, 3, datetime(2026, 5, 4, 12, tzinfo=UTC))
    environment, model = setting.open(), setting.world.models["update_task"]
    said = {"task_id": "TASK-1", "estimated_hours": 41} | given
    reason = CarefulWrites(setting, environment, Picks()).find_reason(model, said)
    assert bool(reason.text) is declined


PLACED = Demand(
    kind="seen", tool="get_pod", shows=("state",),
    given=(Sight(parameter="cluster", argument="cluster", row="cluster"),
           Sight(parameter="pod", argument="pod", row="pod")),
)  # fmt: skip


def test_where_a_read_was_told_to_look_is_part_of_what_it_shows() -> None:
    call = {"cluster": "eu", "pod": "kafka-1"}
    row = {"pod": "kafka-1", "state": "running"}  # the result does not say again where it lies
    assert unseen(PLACED, call, Shown("pod_status", call, row)) == []
    other = Shown("pod_status", {**call, "cluster": "us"}, row)
    assert unseen(PLACED, call, other) == [call]
    bare = Shown("pod_status", call, {"pod": "kafka-1"})
    assert unseen(PLACED, call, bare) == [call]


def test_of_the_one_row_that_a_rule_asks_for_by_all_its_keys_any_read_tells() -> None:
    named = {"cluster": TEXT, "pod": TEXT}
    shown = {"type": "object", "properties": {**named, "state": TEXT}}
    rows = {"type": "object", "properties": {"pods": {"type": "array", "items": shown}}}
    tools = [tool("get_pod", named, shown), tool("list_pods", {}, rows),
             tool("restart_pod", named, shown)]  # fmt: skip
    require = "none(pod, cluster=cluster, pod=pod, state='paused')"
    told = WorldModel.model_validate({
        "entities": {"pod": {"identity": ["cluster", "pod"]}},
        "tools": {"restart_pod": {"operation": "update", "entity": "pod"}},
        "domains": {"code": {"rules": [{
            "id": "no", "text": "Not while it is paused.", "tools": ["restart_pod"],
            "require": require}]}},
    })  # fmt: skip
    source = WorldSource(file="said", domains=("code",), world=told)
    found = list_sights(Same(infer_world(tools, [source])))["restart_pod"]
    assert [(one.tool, one.shows) for one in found] == [("get_pod", ("state",))]
