"""What results of the project's own catalogues hold that no service would send, counted by code.

Beside `benchmarks.counted_defects`, for kinds that speak of fields: blind readers met each of them.
It looks at the JSON lines alone and imports nothing of the generator. Counts are of conversations
that could have a kind, and of those that do.

Run: ``python -m benchmarks.counted_rows OUT [OUT …] [-v]``. Ends with 1 where one does.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks.counted_defects import (
    Found,
    Made,
    Row,
    count_folders,
    list_calls,
    order_of_what_is_out_of_stock,
    rows_in,
)

_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_FEW = 3
_SLACK = 30
"""Minutes by which two flights of one route, both without a stop, may differ."""
_CENT = 0.011


def _lists(made: Made) -> Iterator[tuple[str, list[Row]]]:
    """The lists of objects that a result shows at its top."""
    for name, value in made.result.items() if isinstance(made.result, dict) else ():
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            yield name, value


def _shown(row: Row, key: str) -> dict[str, Row]:
    """The latest that is shown of each thing of a kind, by its identifier."""
    found: dict[str, Row] = {}
    for made in list_calls(row):
        for one in rows_in(made.result):
            names = [name for name in one if name.endswith("_id")]
            if names and names[0] == key and len(one) > 1:
                found[str(one[key])] = found.get(str(one[key]), {}) | one
    return found


def places_of_one_person(row: Row) -> Iterator[Found]:
    """The orders that are somebody's own go to several cities."""
    for made in list_calls(row):
        if made.call["name"] == "list_food_orders":
            cities = {one["address"]["city"] for _, rows in _lists(made) for one in rows}
            yield len(cities) > 1, ", ".join(sorted(cities))


def out_of_order(row: Row) -> Iterator[Found]:
    """A list that its tool tells as newest, latest or soonest first is not."""
    for made in list_calls(row):
        said = str(made.tool.get("description", ""))
        if not re.search(r"(newest|latest) first|those that are due first", said):
            continue
        for _, rows in _lists(made):
            dated = (n for n in rows[0] if re.search(r"(_date|_at|_on|^date)$", n))
            name = next(dated, "")
            held = [str(one.get(name, "")) for one in rows]
            wanted = sorted(held, reverse="due first" not in said)
            yield held != wanted, f"{made.call['name']}: {held[:4]}"


def served_from_elsewhere(row: Row) -> Iterator[Found]:
    """A restaurant brings food to a city that is not its own."""
    kitchens = _shown(row, "restaurant_id")
    for made in list_calls(row):
        for one in rows_in(made.result):
            kitchen = kitchens.get(str(one.get("restaurant_id")), {})
            if "address" in one and "city" in kitchen:
                told = one["address"]["city"], kitchen["city"]
                yield told[0] != told[1], f"{told[1]} serves {told[0]}"


def first_visit_to_a_full_doctor(row: Row) -> Iterator[Found]:
    """A first visit is booked with a doctor who is shown to take on nobody."""
    for made in list_calls(row):
        if made.works and made.call["name"] == "book_appointment":
            doctor = _shown(row, "doctor_id").get(str(made.arguments.get("doctor_id")), {})
            if "accepts_new_patients" in doctor:
                first = made.arguments.get("visit_type") == "first_visit"
                yield first and not doctor["accepts_new_patients"], str(doctor.get("full_name"))


def month_of_another_day(row: Row) -> Iterator[Found]:
    """A text names a month, and the date beside it lies in another: rent for April, in July."""
    for made in list_calls(row):
        for one in rows_in(made.result):
            said = str(one.get("reference", "")).lower().split()
            months = [number for number, name in enumerate(_MONTHS, 1) if name in said]
            if "execution_date" in one and "reference" in one:
                wrong = bool(months) and int(one["execution_date"][5:7]) not in months
                yield wrong, f"{one['reference']} on {one['execution_date']}"


def kind_against_its_name(row: Row) -> Iterator[Found]:
    """One name stands for two kinds of account, or of product, in a single set of accounts."""
    kinds = {"rainy day": "savings", "holiday fund": "savings", "everyday": "checking",
             "workshop": "business", "rent and bills": "checking"}  # fmt: skip
    for account in _shown(row, "account_id").values():
        wanted = kinds.get(str(account.get("name", "")).lower())
        if wanted and "account_type" in account:
            yield account["account_type"] != wanted, f"{account['name']}: {account['account_type']}"


def due_before_its_project(row: Row) -> Iterator[Found]:
    """A task is due before its project begins."""
    projects = _shown(row, "project_id")
    for task in _shown(row, "task_id").values():
        begun = projects.get(str(task.get("project_id")), {}).get("start_date")
        if begun and "due_date" in task:
            yield task["due_date"] < begun, f"due {task['due_date']}, begun {begun}"


def route_without_a_length(row: Row) -> Iterator[Found]:
    """Two flights of one route without a stop differ by more than half an hour."""
    times: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for flight in _shown(row, "flight_id").values():
        if flight.get("stops") == 0:
            route = tuple(sorted((flight["origin_city"], flight["destination_city"])))
            times[route].add(flight["duration_minutes"])
    for route, minutes in times.items():
        yield max(minutes) - min(minutes) > _SLACK, f"{route}: {sorted(minutes)}"


def _span(event: Row) -> tuple[datetime, datetime]:
    begin = datetime.fromisoformat(f"{event['date']}T{event['start_time']}")
    return begin, begin + timedelta(minutes=event["duration_minutes"])


def written_over_another(row: Row) -> Iterator[Found]:
    """An event is entered, or moved, to where another stands that had been shown."""
    known: dict[str, Row] = {}
    for made in list_calls(row):
        mine = made.result if isinstance(made.result, dict) else {}
        if made.works and made.call["name"] in ("create_event", "reschedule_event"):
            begin, end = _span(mine)
            others = [one for key, one in known.items() if key != mine["event_id"]]
            over = [one["title"] for one in others if one["status"] == "scheduled"
                    and _span(one)[0] < end and _span(one)[1] > begin]  # fmt: skip
            yield bool(over), f"{mine['title']} over {over}"
        for one in rows_in(made.result):
            if {"event_id", "start_time", "duration_minutes", "date"} <= one.keys():
                known[one["event_id"]] = one


def unsteady_quotes(row: Row) -> Iterator[Found]:
    """Of two parcels to one country in one way, the lighter costs more, or days differ."""
    quotes: defaultdict[tuple[str, str], list[tuple[float, float, int]]] = defaultdict(list)
    for made in list_calls(row):
        if made.works and made.call["name"] == "quote_shipping":
            told = made.result
            key = (told["country"], told["shipping_method"])
            weight = made.arguments["weight_kg"]
            quotes[key].append((weight, told["price"], told["delivery_days"]))
            ordered = sorted(quotes[key])
            prices, days = [one[1] for one in ordered], {one[2] for one in ordered}
            heavy = told["price"] / max(weight, 1) > 10
            yield prices != sorted(prices) or len(days) > 1 or heavy, f"{key}: {ordered}"


def all_in_one_end(row: Row) -> Iterator[Found]:
    """All of a list of three or more are cancelled, though nobody asked for those."""
    for made in list_calls(row):
        for name, rows in _lists(made):
            if len(rows) >= _FEW and "status" in rows[0] and "status" not in made.arguments:
                states = {one.get("status") for one in rows}
                yield states <= {"cancelled", "rejected"}, f"{name}: {states}"


def used_though_it_is_over(row: Row) -> Iterator[Found]:
    """A dormant account is debited, or an expired card is changed, that had been shown as such."""
    known: dict[str, Row] = {}
    for made in list_calls(row):
        given = made.arguments
        if made.works and made.call["name"] in ("send_transfer", "freeze_card",
                                                "change_card_limits"):  # fmt: skip
            key = "account_id" if "account_id" in given else "card_id"
            status = known.get(str(given.get(key)), {}).get("status")
            yield status in ("dormant", "closed", "expired"), f"{made.call['name']}: {status}"
        for one in rows_in(made.result):
            names = [name for name in one if name.endswith("_id")]
            if names and "status" in one:
                known[str(one[names[0]])] = one


def total_that_does_not_add_up(row: Row) -> Iterator[Found]:
    """A food order's total is not its dishes, the delivery and the tip, as far as all are shown."""
    dishes, kitchens = _shown(row, "dish_id"), _shown(row, "restaurant_id")
    for made in list_calls(row):
        for one in rows_in(made.result):
            fee = kitchens.get(str(one.get("restaurant_id")), {}).get("delivery_fee")
            lines = one.get("items", []) if "total_price" in one else []
            prices = [dishes.get(str(line.get("dish_id")), {}).get("price") for line in lines]
            if fee is not None and prices and None not in prices:
                cost = sum(
                    price * line["quantity"] for price, line in zip(prices, lines, strict=True)
                )
                whole = cost + fee + one.get("tip_amount", 0)
                yield (
                    abs(whole - one["total_price"]) > _CENT,
                    f"{whole} is not {one['total_price']}",
                )


def uneven_amounts(row: Row) -> Iterator[Found]:
    """A price, fee or limit of which nobody would think: a smallest order of 16.48."""
    names = ("minimum_order_amount", "delivery_fee", "daily_limit", "budget", "price_per_night")
    for made in list_calls(row):
        for one in rows_in(made.result):
            for name in names:
                if isinstance(one.get(name), int | float) and name not in made.arguments:
                    yield round(one[name] * 10) != one[name] * 10, f"{name} {one[name]}"


def text_of_two_things(row: Row) -> Iterator[Found]:
    """Two books, or two products, have one description."""
    for key, name in (("book_id", "summary"), ("product_id", "description")):
        texts = [one[name] for one in _shown(row, key).values() if name in one]
        if len(texts) > 1:
            yield len(set(texts)) < len(texts), str(texts[:2])


def sent_abroad_unasked(row: Row) -> Iterator[Found]:
    """An order that is shown goes to another country than the one where its customer lives."""
    customers = _shown(row, "customer_id")
    moved = any(made.call["name"] == "update_customer" for made in list_calls(row))
    for made in list_calls(row) if not moved else ():
        for one in rows_in(made.result):
            home: Any = customers.get(str(one.get("customer_id")), {}).get("address")
            if home and "delivery_address" in one and made.tool.get("effect") != "write":
                there = one["delivery_address"]["country"]
                yield there != home["country"], f"{home['country']} → {there}"


KINDS: tuple[Callable[[Row], Iterator[Found]], ...] = (
    places_of_one_person,
    out_of_order,
    served_from_elsewhere,
    order_of_what_is_out_of_stock,
    first_visit_to_a_full_doctor,
    month_of_another_day,
    kind_against_its_name,
    due_before_its_project,
    route_without_a_length,
    written_over_another,
    unsteady_quotes,
    all_in_one_end,
    used_though_it_is_over,
    total_that_does_not_add_up,
    uneven_amounts,
    text_of_two_things,
    sent_abroad_unasked,
)


def main() -> int:
    """Print the counts of each folder."""
    return count_folders(KINDS, __doc__)


if __name__ == "__main__":
    sys.exit(main())
