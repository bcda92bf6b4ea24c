"""References in a conversation that goes on: parts of things, rivals, and what has changed."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

from generators.language.references import noun_for, refer, row_path
from generators.language.request_objects import name_row
from generators.language.scene import Hidden, Scene
from generators.operators import full_grammar
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Origin
from tests.scenes import scene_of
from tests.studio import Take, own_studio, where
from tests.worlds import entity, row, rows, tool, wants

PAYEE = entity(
    "banking", "payee", ["payee_id"], {"payee_id": "opaque_id", "full_name": "person_name"}
)
VISIT = entity(
    "clinic", "visit", ["visit_id"],
    {"visit_id": "opaque_id", "date": "date", "kind": "enum", "doctor_id": "clinic/doctor"},
)  # fmt: skip
ORDER = entity(
    "shop", "order", ["order_id"],
    {"order_id": "opaque_id", "date": "date", "tip": "money", "total_price": "money",
     "items": "list"},
)  # fmt: skip
FIND = tool("find_payees", "list", PAYEE, [], rows("payees", PAYEE.fields))
ADD = tool("add_payee", "create", PAYEE, [], row(PAYEE.fields))
VISITS = tool("list_visits", "list", VISIT, [], rows("visits", VISIT.fields))
MOVE = tool("move_visit", "update", VISIT, [], row(VISIT.fields))
ORDERS = tool("list_orders", "list", ORDER, [], rows("orders", ORDER.fields))
GET = tool("get_order", "get", ORDER, [], row(ORDER.fields))
EVE, ADAM = {"payee_id": "p1", "full_name": "Eve Hall"}, {"payee_id": "p2", "full_name": "Adam Ott"}


def named(scene: Scene, call: int, path: str, noun: str, *, before: int, seen: bool = True) -> str:
    origin = Origin(path="x", kind="result", call=call, result_path=path)
    calls = len(scene.calls) if seen else 0
    hidden = Hidden(seen=frozenset(range(calls)), start=calls)
    return refer(scene, origin, noun, hidden, before).text


def order(number: int, *dishes: str, **fields: Any) -> JsonObject:
    return {"order_id": f"o{number}", **fields, "items": [{"dish_id": dish} for dish in dishes]}


def test_a_row_is_that_one_until_another_of_its_kind_is_spoken_of() -> None:
    scene = scene_of([(FIND, {}, {"payees": [EVE]}), (ADD, {}, ADAM)], [PAYEE])
    assert named(scene, 0, "payees[0].payee_id", "payee", before=1) == "that payee"
    assert named(scene, 0, "payees[0].payee_id", "payee", before=2) == "Eve Hall"
    again = scene_of([(FIND, {}, {"payees": [EVE]}), (ADD, {}, EVE)], [PAYEE])
    assert named(again, 0, "payees[0].payee_id", "payee", before=2) == "that payee"


def test_of_two_new_rows_none_is_the_new_one() -> None:
    scene = scene_of([(ADD, {}, EVE), (ADD, {}, ADAM)], [PAYEE])
    assert named(scene, 0, "payee_id", "payee", before=1) == "the new payee"
    assert named(scene, 0, "payee_id", "payee", before=2) == "Eve Hall"


def test_a_row_is_not_named_by_what_has_changed_since() -> None:
    visits = [
        {"visit_id": "v1", "date": "2026-03-05", "kind": "check_up", "doctor_id": "d1"},
        {"visit_id": "v2", "date": "2026-03-09", "kind": "vaccination", "doctor_id": "d2"},
    ]
    moved = {**visits[0], "date": "2026-03-07"}
    scene = scene_of([(VISITS, {}, {"visits": visits}), (MOVE, {}, moved)], [VISIT], 3)
    path = "visits[0].doctor_id"
    before = {named(scene, 0, path, "doctor", before=1, seen=False) for _ in range(20)}
    after = {named(scene, 0, path, "doctor", before=2, seen=False) for _ in range(20)}
    assert all("5" in text or "Thursday" in text for text in before), before
    assert after == {"the doctor of the visit with the kind check up"}, after


def test_a_part_is_named_with_the_thing_that_it_lies_in() -> None:
    listed = [order(1, "soup", date="2026-02-01"), order(2, "rice", "tea", date="2026-02-03")]
    scene = scene_of([(ORDERS, {}, {"orders": listed})], [ORDER])
    path = "orders[1].items[1].dish_id"
    text = named(scene, 0, path, "dish", before=1, seen=False)
    assert text.startswith("the second dish of the order from ")
    assert "3" in text
    lone = named(scene, 0, "orders[0].items[0].dish_id", "dish", before=1, seen=False)
    assert lone.startswith("the dish of the order from ")


def test_a_part_of_a_single_thing_is_not_taken_for_the_thing() -> None:
    held = {"order_id": "o1", "items": [{"product_id": "p1", "name": "Desk lamp"},
                                        {"product_id": "p2", "name": "Kite"}]}  # fmt: skip
    scene = scene_of([(GET, {}, held)], [ORDER])
    text = named(scene, 0, "items[1].product_id", "product", before=1)
    assert text == "the product “Kite” of that order"


def test_a_tip_tells_rows_apart_only_where_nothing_better_does() -> None:
    listed = [order(1, tip=2, total_price=30), order(2, tip=3, total_price=40)]
    scene = scene_of([(ORDERS, {}, {"orders": listed})], [ORDER])
    texts = {named(scene, 0, "orders[1].order_id", "order", before=1, seen=False) for _ in "12345"}
    assert not any("tip" in text for text in texts), texts
    alike = [order(1, tip=2, total_price=30), order(2, tip=3, total_price=30)]
    scene = scene_of([(ORDERS, {}, {"orders": alike})], [ORDER])
    text = named(scene, 0, "orders[1].order_id", "order", before=1, seen=False)
    assert text == "the order with the tip 3"


def test_no_words_for_what_a_call_takes_fit_another_value_of_its_source() -> None:
    """Every place in the same result that could have been meant is said in other words."""
    assert where(doubtful, 100) == []


def doubtful(made: Take) -> Iterator[tuple[str, list[str]]]:
    task, world = made.trajectory.task, own_studio().world
    for number, call in enumerate(task.calls):
        for origin in call.origins:
            path = origin.result_path or ""
            parameter = world.models[call.tool].parameter(origin.path)
            if origin.kind == "result" and "[" in path and parameter.use in _NAMING:
                scene = Scene(world, task, full_grammar(), Random(number))
                noun = noun_for(scene, parameter)
                meant = meanings(scene, origin.call or 0, path, noun, number)
                yield from (
                    (text, sorted(values)) for text, values in meant.items() if len(values) > 1
                )


_NAMING = ("identity", "reference")


def meanings(scene: Scene, call: int, path: str, noun: str, before: int) -> dict[str, set[str]]:
    """Words → the rows that are so called, among all at places like ``path`` in the result."""
    found: dict[str, set[str]] = defaultdict(set)
    for place in places(scene.results[call], path.split(".")):
        for seed in range(3):
            with_luck = Scene(scene.world, scene.task, scene.grammar, Random(seed))
            for seen in (False, True):
                text = named(with_luck, call, place, noun, before=before, seen=seen)
                row = value_at(scene.results[call], row_path(place))
                meant = str(value_at(scene.results[call], place)) if isinstance(row, dict) else row
                found[f"{text} ({'seen' if seen else 'unseen'})"].add(str(meant))
    return found


def places(value: Any, parts: list[str], before: str = "") -> Iterator[str]:
    """``orders[1].items[0].id`` → the paths with all other numbers that there are, of the first."""
    if not parts:
        yield before
        return
    name, bracket, _ = parts[0].partition("[")
    if not isinstance(value, dict) or name not in value:
        return
    path, inner = f"{before}.{name}".lstrip("."), value[name]
    if not bracket:
        yield from places(inner, parts[1:], path)
        return
    for number, item in enumerate(inner[:4]):
        yield from places(item, parts[1:], f"{path}[{number}]")


def test_the_owner_of_two_values_is_named_once() -> None:
    listed = [order(1, "soup", date="2026-02-01"), order(2, "rice", "tea", date="2026-02-03")]
    scene = scene_of([(ORDERS, {}, {"orders": listed}), (GET, {}, listed[1])], [ORDER])

    def said(spoken: set[tuple[int, str]]) -> str:
        origin = Origin(path="x", kind="result", call=0, result_path="orders[1].items[1].dish_id")
        return refer(scene, origin, "dish", Hidden(spoken=spoken), before=2).text

    part = (0, "orders[1].items[1]")
    assert said({part, (0, "orders[1]")}) == "the second dish of that order"
    assert said({part, (1, "")}) == "the second dish of that order"
    assert said({part}).startswith("the second dish of the order ")
    assert "that order" not in said({part, (1, ""), (0, "orders[0]")})


def test_only_what_was_named_last_is_it() -> None:
    """Whoever asks for two orders of a user, and then for a change of "it", means no user."""
    listed = [order(1, "soup", date="2026-02-01"), order(2, "rice", date="2026-02-03")]
    scene = scene_of([(FIND, {}, {"payees": [EVE]}), (ORDERS, {}, {"orders": listed})],
                     [ORDER, PAYEE])  # fmt: skip
    payee = Origin(path="payee_id", kind="result", call=0, result_path="payees[0].payee_id")
    orders = [
        Origin(path="order_id", kind="result", call=1, result_path=f"orders[{number}].order_id")
        for number in (0, 1)
    ]
    wanted = {"payee_id": wants("payee_id", "reference", "banking/payee"),
              "order_id": wants("order_id", "identity", "shop/order")}  # fmt: skip
    hidden = Hidden()

    def said(origin: Origin) -> str:
        return name_row(scene, origin, wanted[origin.path], hidden).words.text

    assert said(payee) == "the payee"
    assert said(payee) == "it"
    assert said(orders[0]).startswith("the order from ")
    assert said(payee) == "that payee"
    assert said(orders[0]) == "it"
    assert said(orders[1]).startswith("the order from ")
    assert said(orders[0]).startswith("the order from ")


def test_of_two_orders_that_were_spoken_of_none_is_told_by_its_tip() -> None:
    first = {"order_id": "o1", "tip": 2, "total_price": 30}
    scene = scene_of([(GET, {}, first), (GET, {}, {**first, "order_id": "o2", "tip": 3,
                                                   "total_price": 40})], [ORDER])  # fmt: skip
    assert named(scene, 0, "order_id", "order", before=2) == "the order for 30"
