"""What the assistant says of results: what was asked for and what matters, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from generators.language.action import action
from generators.language.consent import say_once, say_unpriced
from generators.language.references import refer
from generators.language.report import offer_rest, report, tells_apart
from generators.language.scene import Hidden, Scene, topics
from generators.language.told_rows import quote_order
from generators.tasks.feeding import Executed
from generators.world.bind import weigh_field
from generators.world.model import Entity, ToolModel
from schemas.brief import Wish
from schemas.demand import Demand
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.task import Origin
from tests.scenes import scene_of
from tests.worlds import entity, row, rows, tool, wants

FLIGHT = entity(
    "travel", "flight", ["flight_id"],
    {"flight_id": "opaque_id", "airline": "company", "departure_date": "date", "price": "money",
     "is_refundable": "boolean", "seats_left": "count", "status": "enum", "created_at": "datetime",
     "internal_ref_id": "opaque_id", "auto_renew": "boolean"},
)  # fmt: skip
ORDER = entity(
    "shop", "order", ["order_id"],
    {"order_id": "opaque_id", "status": "enum", "total_amount": "money", "payee_id": "shop/payee",
     "address1": "street", "city": "city", "zip": "zip", "due_date": "date"},
)  # fmt: skip
PAYEE = entity("shop", "payee", ["payee_id"], {"payee_id": "opaque_id", "full_name": "person_name"})
COMMENT = entity("shop", "comment", ["comment_id"],
                 {"comment_id": "opaque_id", "text": "text",
                  "author_name": "person_name"})  # fmt: skip
ENTITIES = (FLIGHT, ORDER, PAYEE, COMMENT)
GET_FLIGHT = tool("get_flight", "get", FLIGHT, [wants("flight_id", "identity", FLIGHT.key)],
                  row(FLIGHT.fields))  # fmt: skip
SEARCH = tool("search_flights", "list", FLIGHT, [wants("airline", "filter", None, "company")],
              rows("flights", FLIGHT.fields))  # fmt: skip
GET_ORDER = tool("get_order", "get", ORDER, [wants("order_id", "identity", ORDER.key)],
                 row(ORDER.fields))  # fmt: skip
PLACE = tool("place_order", "create", ORDER, [wants("total_amount", "field", None, "money")],
             row(ORDER.fields))  # fmt: skip
PAYEES = tool("list_payees", "list", PAYEE, [], rows("payees", PAYEE.fields))
READ = tool("get_comment", "get", COMMENT, [wants("comment_id", "identity", COMMENT.key)],
            row(COMMENT.fields))  # fmt: skip


def told(*calls: tuple[ToolModel, JsonObject, Any], seed: int = 0) -> str:
    """The report of the last of these calls."""
    return report(scene_of(calls, ENTITIES, seed), len(calls) - 1)


def test_of_one_thing_the_substance_is_told_and_no_id_nor_bookkeeping() -> None:
    flight = {"flight_id": "fli_8x2k1q", "airline": "Norse", "departure_date": "2027-06-15",
              "price": 120.5, "is_refundable": False, "seats_left": 4, "status": "delayed",
              "created_at": "2026-01-02T10:00:00Z", "internal_ref_id": "ref_8x2k1q",
              "auto_renew": False}  # fmt: skip
    text = told((GET_FLIGHT, {"flight_id": "fli_8x2k1q"}, flight))
    for part in ("Norse", "2027", "120.50", "Not refundable", "delayed"):
        assert part in text
    for part in ("fli_8x2k1q", "ref_8x2k1q", "created", "renew", "price is"):
        assert part not in text.lower()
    assert text.startswith("This is the flight:\n- ")


def test_what_lies_in_a_list_is_told_by_its_words_and_by_what_has_been_done_with_it() -> None:
    inner = {"text": {"type": "string"}, "completed": {"type": "boolean"}}
    shown = {"type": "array", "items": {"type": "object", "properties": inner}}
    chore = entity("home", "chore", ["chore_id"], {"chore_id": "opaque_id"})
    read = tool(
        "get_steps",
        "get",
        chore,
        [wants("chore_id", "identity", chore.key)],
        {"type": "object", "properties": {"chore_id": {"type": "string"}, "steps": shown}},
    )
    steps = [{"text": "Call the plumber.", "completed": True},
             {"text": "Clear the cellar.", "completed": False}]  # fmt: skip
    asked = {"chore_id": "c1"}
    text = report(scene_of([(read, asked, {**asked, "steps": steps})], [chore], 0), 0)
    assert "Steps: “Call the plumber.”, completed; “Clear the cellar.”, not completed" in text
    named = [{"name": one["text"].strip("."), "completed": False} for one in steps]
    text = report(scene_of([(read, asked, {**asked, "steps": named})], [chore], 0), 0)
    assert "Call the plumber (not completed); Clear the cellar (not completed)" in text
    whole = [{"name": one["text"], "completed": one["completed"]} for one in steps]
    text = report(scene_of([(read, asked, {**asked, "steps": whole})], [chore], 0), 0)
    assert "“Call the plumber.” (completed); “Clear the cellar.” (not completed)" in text


def test_when_somebody_was_born_is_read_out_to_nobody_who_did_not_ask() -> None:
    trip = entity("air", "trip", ["trip_id"], {"trip_id": "opaque_id", "cabin": "enum"})
    read = tool("get_trip", "get", trip, [wants("trip_id", "identity", trip.key)],
                row(trip.fields))  # fmt: skip
    travellers = [{"first_name": "Ana", "last_name": name, "dob": f"19{year}-05-04"}
                  for name, year in (("Ruiz", 84), ("Sol", 91))]  # fmt: skip
    trip_row = {"trip_id": "t1", "cabin": "economy", "passengers": travellers}
    text = report(scene_of([(read, {"trip_id": "t1"}, trip_row)], [trip], 0), 0)
    assert "Ana Ruiz" in text
    assert "Ana Sol" in text
    assert "19" not in text


def test_who_lies_in_a_row_that_has_no_name_is_told_by_name_or_address() -> None:
    seat = entity("club", "participant", ["id"], {"id": "opaque_id", "user": "object",
                                                  "role": "enum"})  # fmt: skip
    read = tool("list_participants", "list", seat, [], rows("participants", seat.fields))
    for told in ("name", "email"):
        shown = [{"id": f"p{n}", "user": {"id": f"u{n}", "email": f"{who}@example.org"}
                  | ({"name": who} if told == "name" else {}), "role": "guest"}
                 for n, who in enumerate(("Ana", "Ben"))]  # fmt: skip
        text = report(scene_of([(read, {}, {"participants": shown})], [seat], 0), 0)
        assert "Ana" in text
        assert "Ben" in text
        assert ("@" in text) == (told == "email")


def test_what_the_caller_has_said_is_no_news_and_rows_differ_by_what_is_told() -> None:
    flights = [
        {"flight_id": f"fli_{n}aaaa", "airline": "Norse", "departure_date": "2026-03-03",
         "price": 90 + n, "seats_left": 4, "status": "open"}
        for n in range(3)
    ]  # fmt: skip
    text = told((SEARCH, {"airline": "Norse"}, {"flights": flights, "total": 12}))
    assert "12 flights in all" in text
    assert "Norse" not in text
    assert [price for price in ("90", "91", "92") if price in text] == ["90", "91", "92"]
    assert "open" not in text  # all are


def test_an_address_is_one_thing_and_a_row_that_was_shown_is_called_by_its_name() -> None:
    order = {"order_id": "#W23", "status": "pending", "total_amount": 12, "payee_id": "pay_77aaaa",
             "address1": "12 Oak Lane", "city": "Oslo", "zip": "0150"}  # fmt: skip
    payees = {"payees": [{"payee_id": "pay_77aaaa", "full_name": "Ana Ruiz"}]}
    text = told((PAYEES, {}, payees), (GET_ORDER, {"order_id": "#W23"}, order))
    assert "Address: 12 Oak Lane, Oslo, 0150" in text
    assert "Ana Ruiz" in text
    assert "pay_77aaaa" not in text
    assert "pay_77aaaa" not in told((GET_ORDER, {"order_id": "#W23"}, order))


@pytest.mark.parametrize(
    ("order_id", "status", "there", "absent"),
    [
        ("#W2378156", "pending", "the order number is #W2378156", "pending"),
        ("ord_8x2k1q", "pending", "I've placed the order", "ord_8x2k1q"),
        ("ord_8x2k1q", "rejected", "the status is rejected", "ord_8x2k1q"),
    ],
)
def test_of_something_new_its_number_and_its_total_are_told(
    order_id: str, status: str, there: str, absent: str
) -> None:
    order = {"order_id": order_id, "status": status, "total_amount": 57.2, "payee_id": "pay_1aaaa"}
    text = told((PLACE, {}, order))
    assert there.lower() in text.lower()
    assert "57.20" in text
    assert absent not in text


def test_when_something_is_booked_is_told_again() -> None:
    book = replace(PLACE, verb="book", parameters=(wants("due_date", "field", None, "date"),))
    made = {"order_id": "ord_1aaaa", "due_date": "2026-04-05", "total_amount": 57.2}
    text = told((book, {"due_date": "2026-04-05"}, made))
    assert "April" in text
    assert "57.20" in text


@pytest.mark.parametrize(("there", "said"), [(12, 12), (13, 5)])
def test_a_short_list_is_told_whole(there: int, said: int) -> None:
    rows = [{"flight_id": f"fli_{n}aaaa", "airline": f"Air {n}x", "price": n} for n in range(there)]
    text = told((SEARCH, {}, {"flights": rows, "total": there}))
    assert sum(f"Air {n}x" in text for n in range(there)) == said


def test_the_words_of_a_comment_are_told() -> None:
    comment = {"comment_id": "com_1aaaaa", "text": "The lid is broken.", "author_name": "Ana Ruiz"}
    text = told((READ, {"comment_id": "com_1aaaaa"}, comment))
    assert "“The lid is broken.”" in text
    assert "Ana Ruiz" in text
    assert "com_1aaaaa" not in text


def test_a_conversion_is_told_in_one_sentence() -> None:
    given = [wants("amount", "input", None, "money"),
             wants("from_currency", "input", None, "currency"),
             wants("to_currency", "input", None, "currency")]  # fmt: skip
    convert = tool("convert_currency", "compute", None, given,
                   row(["converted_amount", "rate", "rate_date"]))  # fmt: skip
    dated = {"type": "string", "format": "date"}
    properties = {"converted_amount": {"type": "number"}, "rate_date": dated}
    convert = replace(convert, returns={"type": "object", "properties": properties})
    asked = {"amount": 437.31, "from_currency": "GBP", "to_currency": "EUR"}
    made = {"converted_amount": 509.29, "rate_date": "2026-03-02"}
    assert told((convert, asked, made)) == "437.31 GBP is 509.29 EUR at today's rate."


def weighing(entity_of: Entity, **marks: Any) -> Entity:
    """The entity with fields that a report may not leave out."""
    fields = {name: replace(field, weighs=marks.get(name, False))
              for name, field in entity_of.fields.items()}  # fmt: skip
    return replace(entity_of, fields=fields)


def test_what_weighs_is_told_of_each_row_even_where_all_agree_and_else_not() -> None:
    marked = weighing(FLIGHT, is_refundable=(False,), seats_left=True)
    flights = [
        {"flight_id": f"fli_{n}aaaa", "airline": "Norse", "departure_date": "2026-03-03",
         "price": 90 + n, "seats_left": 4, "is_refundable": n == 2}
        for n in range(3)
    ]  # fmt: skip
    calls = [(SEARCH, {"airline": "Norse"}, {"flights": flights, "total": 3})]
    lines = report(scene_of(calls, [marked]), 0).splitlines()[1:]
    assert all("4 seats left" in line and "9" in line for line in lines)
    assert ["not refundable" in line.lower() for line in lines] == [True, True, False]
    plain = report(scene_of(calls, [FLIGHT]), 0)
    assert "seats left" not in plain


def test_a_transfer_of_next_week_is_not_said_to_be_sent() -> None:
    transfer = entity("bank", "transfer", ["transfer_id"],
                      {"transfer_id": "opaque_id", "amount": "money", "execution_date": "date",
                       "status": "enum"})  # fmt: skip
    send = tool("send_transfer", "create", transfer,
                [wants("amount", "field", None, "money"),
                 wants("execution_date", "field", None, "date")],
                row(transfer.fields))  # fmt: skip
    given = {"amount": 20, "execution_date": "2026-03-11"}
    held = {"transfer_id": "tra_2aaaa", **given, "status": "scheduled"}
    text = report(scene_of([(send, given, held)], [transfer]), 0)
    assert "sent" not in text
    assert "scheduled for" in text
    assert "11" in text


@pytest.mark.parametrize(
    ("name", "semantic", "weight"),
    [
        ("accepts_new_patients", "boolean", (False,)),
        ("isAvailable", "boolean", (False,)),
        ("requires_deposit", "boolean", (True,)),
        ("is_public", "boolean", ()),
        ("late_fee", "money", True),
        ("price", "money", False),
        ("due_date", "date", True),
        ("created_at", "datetime", False),
        ("instructions", "text", True),
        ("summary", "text", False),
        ("stops", "count", True),
        ("pages", "count", False),
    ],
)
def test_what_weighs_follows_from_name_and_meaning(
    name: str, semantic: SemanticType, weight: object
) -> None:
    assert weigh_field(name, semantic) == weight


USER = entity("chat", "user", ["id"], {"id": "opaque_id", "name": "person_name",
                                       "email": "email", "owner": "unknown"})  # fmt: skip
GET_USER = tool("users_info", "get", USER, [wants("user", "identity", USER.key)],
                {"type": "object", "properties": {"ok": {"type": "boolean"},
                                                  "user": row(USER.fields)}})  # fmt: skip


def test_what_lies_in_an_envelope_is_told() -> None:
    held = {"id": "U8NB7K", "name": "Ana Ruiz", "email": "ana@example.com", "owner": "W4QSQ"}
    text = report(scene_of([(GET_USER, {"user": "U8NB7K"}, {"ok": True, "user": held})], [USER]), 0)
    assert "Ana Ruiz" in text
    assert "ana@example.com" in text
    assert "W4QSQ" not in text


def test_rows_that_are_told_alike_are_told_by_one_thing_more_or_not_at_all() -> None:
    def scene(days: list[str]) -> Scene:
        held = [{"flight_id": f"fli_{n}aaaa", "airline": "Norse", "status": "open",
                 "created_at": day} for n, day in enumerate(days)]  # fmt: skip
        return scene_of([(SEARCH, {}, {"flights": held, "total": 2})], [FLIGHT])

    different = scene(["2026-01-02T10:00:00Z", "2026-01-05T10:00:00Z"])
    assert tells_apart(different, 0)
    assert "created" in report(different, 0).lower()
    assert not tells_apart(scene(["2026-01-02T10:00:00Z"] * 2), 0)
    assert not tells_apart(scene_of([(GET_FLIGHT, {"flight_id": "f"}, {"flight_id": "f"})],
                                    [FLIGHT]), 0)  # fmt: skip


BOOKING = entity(
    "air", "booking", ["booking_id"],
    {"booking_id": "opaque_id", "cabin": "enum", "total_bags": "count", "paid_bags": "count",
     "insurance": "enum", "status": "enum", "payments": "list"},
)  # fmt: skip
GET_BOOKING = tool("get_booking", "get", BOOKING, [wants("booking_id", "identity", BOOKING.key)],
                   row(BOOKING.fields))  # fmt: skip


def test_how_it_stands_comes_first_where_it_is_unusual() -> None:
    held = {"booking_id": "B4K7Q2", "cabin": "economy", "total_bags": 3, "paid_bags": 2,
            "insurance": "no", "status": "cancelled",
            "payments": [{"payment_id": "gift_card_44395", "amount": 52}]}  # fmt: skip
    scene = scene_of([(GET_BOOKING, {"booking_id": "B4K7Q2"}, held)], [BOOKING])
    lines = report(scene, 0).splitlines()
    assert lines[1] == "- Status: cancelled"
    assert {"- Bags in all: 3", "- Bags paid for: 2"} <= {*lines}


def test_what_is_only_requested_is_not_said_to_be_done() -> None:
    order = entity("shop", "order", ["order_id"],
                   {"order_id": "number_id", "state": "state", "status": "enum"})  # fmt: skip
    send_back = tool("return_order", "update", order,
                     [wants("order_id", "identity", order.key, "number_id")],
                     row(order.fields), transition=("status", "return requested"))  # fmt: skip
    held = {"order_id": "#W2378156", "state": "NY", "status": "return requested"}
    text = told((send_back, {"order_id": "#W2378156"}, held))
    assert "put in the request to return" in text
    assert "returned" not in text


def test_what_was_requested_is_put_in_once() -> None:
    fields = {"return_id": "opaque_id", "order_id": "opaque_id", "status": "enum"}
    back = entity("shop", "return", ["return_id"], fields)
    ask = tool("request_return", "create", back, [wants("order_id", "field")], row(back.fields))
    held = {"return_id": "ret_8x2k1q", "order_id": "ord_8x2k1q", "status": "requested"}
    text = report(scene_of([(ask, {"order_id": "ord_8x2k1q"}, held)], [back]), 0)
    assert "I've requested a return" in text


@pytest.mark.parametrize(
    ("name", "status", "extra", "said", "unsaid"),
    [
        ("install_package", "queued", {}, "request to install a package", "installed"),
        ("deploy_package", "in_progress", {}, "It is in progress", "deployed"),
        ("install_package", "installed", {}, "installed a package", "request"),
        ("create_package", "queued", {}, "created a package", "request"),
        ("send_package", "queued", {"created_at": "2027-03-12T10:00Z"}, "It is queued.", " for "),
        ("send_package", "scheduled", {"send_on": "2027-03-12"}, "set up the package", "sent"),
    ],
)  # fmt: skip
def test_a_deed_that_is_queued_or_under_way_is_not_said_to_be_done(
    name: str, status: str, extra: JsonObject, said: str, unsaid: str
) -> None:
    fields = {"package_id": "opaque_id", "status": "enum", "created_at": "datetime",
              "send_on": "date"}  # fmt: skip
    package = entity("air", "package", ["package_id"], fields)
    make = tool(name, "create", package, [wants("name", "field", semantic="title")],
                row(package.fields))  # fmt: skip
    held = {"package_id": "pac_8x2k1q", "status": status, **extra}
    text = report(scene_of([(make, {"name": "Norse"}, held)], [package]), 0)
    assert said in text
    assert unsaid not in text


def test_seconds_since_1970_are_read_out_to_nobody() -> None:
    loan = entity("shop", "loan", ["loan_id"],
                  {"loan_id": "opaque_id", "title": "title", "due_date": "datetime"})  # fmt: skip
    get = tool("get_loan", "get", loan, [wants("loan_id", "identity", loan.key)], row(loan.fields))
    shown = {"loan_id": "loa_1", "title": "Ivy", "due_date": 1776186600}
    text = report(scene_of([(get, {"loan_id": "loa_1"}, shown)], [loan]), 0)
    assert "1776186600" not in text
    assert "April" in text
    listed = tool("list_loans", "list", loan, [], rows("loans", loan.fields))
    many = [shown, {**shown, "loan_id": "loa_2", "title": "Fern"}]
    assert "April" not in report(scene_of([(listed, {}, {"loans": many})], [loan]), 0)


def test_details_tell_when_a_thing_was_made_and_used_where_there_is_little_else() -> None:
    made = entity("shop", "key", ["key_id"], {
        "key_id": "opaque_id", "name": "title", "is_private": "boolean", "created_at": "datetime",
        "last_used_at": "datetime",
    })  # fmt: skip
    get = tool("get_key", "get", made, [wants("key_id", "identity", made.key)], row(made.fields))
    shown = {"key_id": "key_1", "name": "Ivy", "is_private": True, "created_at": 1766414600,
             "last_used_at": 1768478600}  # fmt: skip
    text = report(scene_of([(get, {"key_id": "key_1"}, {"key": shown, "ok": True})], [made]), 0)
    assert all(one in text for one in ("private", "December", "January"))


def test_a_length_of_time_is_told_in_what_its_description_counts_it() -> None:
    talk = entity("shop", "talk", ["talk_id"],
                  {"talk_id": "opaque_id", "title": "title", "duration": "duration"})  # fmt: skip
    shown = row(talk.fields)
    shown["properties"]["duration"] = {"type": "string", "description": "Duration in minutes"}
    get = tool("get_talk", "get", talk, [wants("talk_id", "identity", talk.key)], shown)
    held = {"talk_id": "tal_1", "title": "Ivy", "duration": "45"}
    assert "45 minutes" in report(scene_of([(get, {"talk_id": "tal_1"}, held)], [talk]), 0)
    lasting = wants("duration", "field", None, "duration", description="Duration in minutes")
    hold = tool("hold_talk", "create", talk, [lasting], shown)
    scene = scene_of([(hold, {"duration": "45"}, held)], [talk])
    assert scene.say(0, "duration", lasting, "45").text == "45 minutes"


def test_the_name_of_what_lies_in_a_row_is_told() -> None:
    track = entity("shop", "track", ["track_id"], {"track_id": "opaque_id", "title": "title"})
    get = tool("get_track", "get", track, [wants("track_id", "identity", track.key)], row([]))
    held = {"track_id": "tra_1", "title": "Ivy", "album": {"name": "Golden Rain"}}
    assert "Album: Golden Rain" in report(
        scene_of([(get, {"track_id": "tra_1"}, held)], [track]), 0
    )


def test_a_kind_is_called_by_the_field_that_is_called_like_it() -> None:
    kind = entity("shop", "loan type", ["loan_type"], {"loan_type": "label", "branch": "handle"})
    find = tool("list_loan_types", "list", kind, [], rows("types", kind.fields))
    held = {"types": [{"loan_type": "short", "branch": "main-hall"}]}
    assert "I found short" in report(scene_of([(find, {}, held)], [kind]), 0)


def test_where_there_is_hardly_anything_else_it_is_told_when_it_was_made() -> None:
    commit = entity("code", "commit", ["sha"],
                    {"sha": "opaque_id", "message": "text", "created_at": "datetime"})  # fmt: skip
    get = tool("get_commit", "get", commit, [wants("sha", "identity", commit.key)],
               row(commit.fields))  # fmt: skip
    shown = {"sha": "3ec33f6b2131a2f7", "message": "Rename the script",
             "created_at": "2026-01-24T10:00:00Z"}  # fmt: skip
    text = report(scene_of([(get, {"sha": shown["sha"]}, shown)], [commit]), 0)
    assert "24" in text
    assert "January" in text or "01" in text


def test_the_tag_of_the_latest_release_is_told_and_not_that_a_page_goes_on() -> None:
    release = entity("git", "release", ["owner", "tag"],
                     {"owner": "handle", "tag": "label", "name": "title",
                      "published_on": "date", "has_more": "boolean"})  # fmt: skip
    latest = tool("get_latest_release", "get", release,
                  [wants("owner", "reference", None, "handle")], row(release.fields))  # fmt: skip
    shown = {"owner": "porter", "tag": "v3.2.6", "name": "Nightly", "published_on": "2026-03-02",
             "has_more": True}  # fmt: skip
    text = report(scene_of([(latest, {"owner": "porter"}, shown)], (release,), 0), 0)
    assert "v3.2.6" in text
    assert "porter" not in text
    assert "more" not in text


@pytest.mark.parametrize(("field", "apart"), [("score", False), ("price", True)])
def test_rows_are_told_apart_by_no_score_of_a_search(field: str, apart: bool) -> None:
    measured: dict[str, SemanticType] = {"score": "rating", "price": "money"}
    part = entity("shop", "part", ["part_id"], {"part_id": "opaque_id", field: measured[field]})
    listed = tool("search_parts", "list", part, [], rows("parts", part.fields))
    found = {"parts": [{"part_id": f"p{n}", field: n + 0.5} for n in (1, 2)]}
    scene = scene_of([(listed, {}, found)], (part,), 0)
    origin = Origin(path="part_id", kind="result", call=0, result_path="parts[0].part_id")
    said = refer(scene, origin, "part", Hidden(seen=frozenset({0}), start=1)).text
    assert ("1.5" in said) == apart


CHANGE = tool("update_order", "update", ORDER, [
    wants("order_id", "identity", ORDER.key), wants("due_date", "field", None, "date"),
    wants("payment_id", "option", required=False),
], row(ORDER.fields))  # fmt: skip
ONCE = Demand(kind="once", parameters=("order_id",))


def test_what_can_be_done_only_once_is_said_to_be_so() -> None:
    given = {"order_id": "o1", "due_date": "2026-03-09"}
    plain, once = CHANGE, replace(CHANGE, demands=(ONCE,))
    assert say_once(scene_of([(plain, given, {})], ENTITIES), 0) == ""
    text = say_once(scene_of([(once, given, {})], ENTITIES), 0)
    assert "once" in text
    assert "order" in text


def test_what_is_paid_for_or_goes_only_once_is_not_sent_again_blindly() -> None:
    given = {"order_id": "o1", "due_date": "2026-03-09"}
    assert Executed(CHANGE, given, (), {}, 0).repeatable
    assert not Executed(CHANGE, given | {"payment_id": "p1"}, (), {}, 0).repeatable
    assert not Executed(replace(CHANGE, demands=(ONCE,)), given, (), {}, 0).repeatable


def test_where_nothing_tells_what_is_paid_nobody_pretends_to_know() -> None:
    given = {"order_id": "o1", "due_date": "2026-03-09"}
    paid = scene_of([(CHANGE, given | {"payment_id": "p1"}, {})], ENTITIES)
    assert say_unpriced(paid, 0, "I'd move it to March 9.")
    assert say_unpriced(paid, 0, "I'd move it for 12 euros.") == ""
    assert say_unpriced(scene_of([(CHANGE, given, {})], ENTITIES), 0, "I'd move it.") == ""


TEAM = entity("chat", "team", ["team_id"],
              {"team_id": "opaque_id", "auto_type": "enum", "type": "enum"})  # fmt: skip
TEAMS = tool("list_teams", "list", TEAM, [], rows("teams", TEAM.fields))


def test_a_report_of_what_was_made_names_it_and_all_that_was_agreed() -> None:
    repository = entity("git", "repository", ["repo_path"], {"repo_path": "path"})
    commit = entity("git", "commit", ["revision"], {"revision": "sha", "message": "text"})
    given = {"repo_path": "/projects/atlas", "message": "Fix the build"}
    make = tool("create_commit", "create", commit,
                [wants("repo_path", "reference", repository.key, "path"),
                 wants("message", "field", None, "text")], row(["revision"]))  # fmt: skip
    text = report(scene_of([(make, given, {"revision": "e04d7a6"})], [repository, commit]), 0)
    assert "/projects/atlas" in text
    assert "Fix the build" in text
    select = tool("select_tenant", "update", TEAM,
                  [wants("team_id", "identity", TEAM.key),
                   wants("subscription_id", "field")], row(["team_id"]))  # fmt: skip
    chosen = {"team_id": "TEN-1", "subscription_id": "SUB-2"}
    text = report(scene_of([(select, chosen, {"team_id": "TEN-1"})], [TEAM]), 0)
    assert "TEN-1" in text
    assert "SUB-2" in text


def test_codes_keep_their_capitals_and_what_is_not_clear_is_named() -> None:
    held = (("Red", "owner", "GB_STORAGE"), ("Blue", "admin", "US_STORAGE"))
    teams = [{"team_id": name, "name": name, "auto_type": kind, "residency": place}
             for name, kind, place in held]  # fmt: skip
    entity_of = entity("chat", "team", ["team_id"], {
        "team_id": "opaque_id", "auto_type": "enum", "residency": "enum"})  # fmt: skip
    search = tool("search_teams", "list", entity_of, [], rows("teams", entity_of.fields))
    text = report(scene_of([(search, {}, {"teams": teams})], [entity_of]), 0)
    assert "auto type: owner" in text
    assert "GB storage" in text
    assert "US storage" in text
    typed = [{"team_id": "1", "name": "Red", "type": "team"},
             {"team_id": "2", "name": "Blue", "type": "guest"}]  # fmt: skip
    assert "type: team" in report(scene_of([(TEAMS, {}, {"teams": typed})], [TEAM]), 0)
    typed[0]["type"] = "open"
    assert "Red (open)" in report(scene_of([(TEAMS, {}, {"teams": typed})], [TEAM]), 0)


def test_what_is_left_of_long_lists_is_offered_once_and_at_the_end() -> None:
    teams = [{"team_id": str(n), "name": f"Team {n}"} for n in range(20)]
    calls = [(TEAMS, {}, {"teams": teams}), (TEAMS, {}, {"teams": teams[:2]})]
    scene = scene_of(calls, [TEAM])
    assert report(scene, 0, offers=False).endswith("- Team 4\n")
    assert offer_rest(scene, [0, 1])
    assert not offer_rest(scene, [1])
    both = offer_rest(scene_of([calls[0]] * 2, [TEAM]), [0, 1])
    assert both
    assert "teams" not in both


def test_a_report_of_what_was_made_says_how_it_is_called_beside_its_number() -> None:
    issue = entity("code", "issue", ["issue_number"],
                   {"issue_number": "number_id", "title": "title"})  # fmt: skip
    make = tool("create_issue", "create", issue,
                [wants("title", "field", None, "title")], row(issue.fields))  # fmt: skip
    given = {"title": "Search hangs"}
    text = report(scene_of([(make, given, {"issue_number": 390, **given})], [issue]), 0)
    assert "the issue “Search hangs”" in text
    assert "390" in text


def test_a_summary_of_rows_is_told_as_a_summary() -> None:
    fields = ["price", "seats_left"]
    summary = tool("get_flights_summary", "get", FLIGHT, [wants("airline", "filter")],
                   row(fields))  # fmt: skip
    found = {"price": 139, "seats_left": 81}
    scene = scene_of([(summary, {"airline": "Northwind Air"}, found)], ENTITIES)
    assert report(scene, 0).startswith("This is the flight summary: ")


def test_the_id_of_another_thing_is_told_where_a_row_holds_nothing_else_beside_its_times() -> None:
    kinds: dict[str, SemanticType | str] = {
        "setup_id": "opaque_id", "sender_sid": "unknown", "date_created": "datetime",
        "note": "text",
    }  # fmt: skip
    setup = entity("talk", "setup", ["setup_id"], kinds)
    get = tool("get_setup", "get", setup, [wants("setup_id", "identity", setup.key)],
               row(setup.fields))  # fmt: skip
    bare = {"setup_id": "S-1", "sender_sid": "MG8Ce796b314", "date_created": "2026-01-12T19:00:00Z"}
    for held, told in ((bare, True), (bare | {"note": "For the night shift."}, False)):
        scene = scene_of([(get, {"setup_id": "S-1"}, held)], [setup])
        assert ("sender SID: MG8Ce796b314" in report(scene, 0)) == told


def test_a_length_in_milliseconds_is_told_as_people_say_it() -> None:
    song = entity("music", "track", ["id"],
                  {"id": "opaque_id", "name": "title", "duration_ms": "duration"})  # fmt: skip
    get = tool("get_track", "get", song, [wants("id", "identity", song.key)], row(song.fields))
    shown = {"id": "tra_1", "name": "Ivy", "duration_ms": 288765}
    text = report(scene_of([(get, {"id": "tra_1"}, shown)], [song]), 0)
    assert "4 minutes 48 seconds" in text
    assert "288765" not in text
    short = {**shown, "duration_ms": 230}
    assert "230" not in report(scene_of([(get, {"id": "tra_1"}, short)], [song]), 0)


def test_who_hears_of_one_flag_of_rows_hears_of_the_others() -> None:
    inn = entity("travel", "hotel", ["hotel_id"],
                 {"hotel_id": "opaque_id", "name": "title", "stars": "count", "rating": "rating",
                  "has_breakfast": "boolean", "has_parking": "boolean"})  # fmt: skip
    find = tool("list_hotels", "list", inn, [], rows("hotels", inn.fields))
    hotels = [
        {"hotel_id": f"hot_{n}", "name": name, "stars": n, "rating": n + 0.5,
         "has_breakfast": n == 2, "has_parking": n != 2}
        for n, name in ((2, "Miramar"), (3, "Estrella"), (4, "Park View"))
    ]  # fmt: skip
    text = report(scene_of([(find, {}, {"hotels": hotels, "total": 3})], [inn]), 0)
    assert text.count("with parking") == 2
    assert text.count("with breakfast") == 1


def test_the_details_of_one_thing_leave_out_neither_its_day_nor_where_it_goes() -> None:
    fields: dict[str, SemanticType | str] = {
        "flight_id": "opaque_id", "airline": "company", "origin_city": "city",
        "destination_city": "city", "departure_date": "date", "departure_time": "time",
        "cabin": "enum", "stops": "count", "seats_left": "count", "baggage": "enum",
        "price": "money", "is_refundable": "boolean",
    }  # fmt: skip
    flight = entity("air", "flight", ["flight_id"], fields)
    get = tool("get_flight", "get", flight, [wants("flight_id", "identity", flight.key)],
               row(flight.fields))  # fmt: skip
    shown = {"flight_id": "fli_8x2k1q", "airline": "Norse", "origin_city": "Oslo",
             "destination_city": "Dublin", "departure_date": "2027-05-27",
             "departure_time": "14:10", "cabin": "economy", "stops": 0, "seats_left": 2,
             "baggage": "cabin bag", "price": 120.5, "is_refundable": False}  # fmt: skip
    text = report(scene_of([(get, {"flight_id": "fli_8x2k1q"}, shown)], [flight]), 0)
    assert len(text.strip().splitlines()) == len(fields)
    assert "Dublin" in text
    assert "May" in text


def test_help_is_offered_with_things_that_people_have() -> None:
    kinds = [entity("nix", noun, ["id"], {"id": "opaque_id"}) for noun in ("nixos", "channel")]
    listing = [tool(f"list_{one.noun}s", "list", one, [], rows("rows", one.fields))
               for one in kinds]  # fmt: skip
    scene = scene_of([(one, {}, {"rows": [], "total": 0}) for one in listing], kinds)
    assert topics(scene) == "channels"


PLACE_FIELDS: dict[str, SemanticType] = {
    "ident": "handle", "name": "title", "elevation": "text", "tower": "text", "chart": "url",
    "site": "url", "memory_mib": "number",
}  # fmt: skip
FIELD = entity("air", "airfield", ["ident"], PLACE_FIELDS)
FIELD = replace(
    FIELD,
    fields={
        **FIELD.fields,
        "elevation": replace(FIELD.fields["elevation"], unit="ft"),
        "tower": replace(FIELD.fields["tower"], unit="MHz", label="tower frequency"),
        "chart": replace(FIELD.fields["chart"], weighs=True),
    },
)
GET_FIELD = tool("get_airfield", "get", FIELD, [wants("ident", "identity", FIELD.key)],
                 row(FIELD.fields))  # fmt: skip
ROW = {"ident": "avl", "name": "Asheville", "elevation": "2165", "tower": "121.100",
       "chart": "https://charts.example/avl.pdf", "site": "https://avl.example",
       "memory_mib": 82}  # fmt: skip


def test_a_figure_has_its_unit_and_a_link_that_weighs_is_told_and_no_other() -> None:
    said = report(scene_of([(GET_FIELD, {"ident": "avl"}, ROW)], [FIELD]), 0)
    assert "Elevation: 2165 ft" in said
    assert "Tower frequency: 121.100 MHz" in said
    assert "82 MiB" in said
    assert "https://charts.example/avl.pdf" in said
    assert "https://avl.example" not in said


def test_what_the_reason_asks_for_by_what_people_call_it_is_told() -> None:
    many = entity(
        "air", "airfield", ["ident"],
        {"name": "title", **{f"note_{n}": "label" for n in range(14)}, **PLACE_FIELDS},
    )  # fmt: skip
    called = replace(many.fields["tower"], label="CTAF frequency")
    site = replace(many.fields["site"], label="PDF")
    many = replace(many, fields={**many.fields, "tower": called, "site": site})
    get = tool("get_airfield", "get", many, [wants("ident", "identity", many.key)],
               row(many.fields))  # fmt: skip
    notes = {f"note_{n}": f"remark {n}" for n in range(14)}
    scene = scene_of([(get, {"ident": "avl"}, {"name": "Asheville", **notes, **ROW})], [many])
    assert "121.100" not in report(scene, 0)
    wish = Wish(ask="look up the airfield", why="I need a frequency and the PDF")
    brief = scene.task.brief.model_copy(update={"wishes": (wish,)})
    scene = replace(scene, task=scene.task.model_copy(update={"brief": brief}))
    assert "121.100" in report(scene, 0)
    assert "https://avl.example" in report(scene, 0)


@pytest.mark.parametrize(
    ("name", "noun", "said"),
    [
        (
            "work_out_mean",
            "mean session duration in seconds",
            "The mean session duration in seconds",
        ),
        ("count_users", "engaged users", "The number of engaged users"),
        ("sum_up", "page views", "The result"),
    ],
)
def test_a_lone_figure_is_called_what_somebody_says_the_tool_works_out(
    name: str, noun: str, said: str
) -> None:
    shown = {"type": "object", "properties": {"result": {"type": "number"}}}
    model = replace(tool(name, "compute", None, [], shown), noun=noun, spoken=True)
    assert report(scene_of([(model, {}, {"result": 12})]), 0) == f"{said} is 12."
    plain = replace(model, spoken=False)
    assert report(scene_of([(plain, {}, {"result": 12})]), 0) == "The result is 12."


@pytest.mark.parametrize("weighs", [True, False])
def test_how_a_run_came_out_is_told_where_the_world_says_that_it_weighs(weighs: bool) -> None:
    run = entity("ci", "test run", ["run_id"], {"run_id": "opaque_id", "status": "enum"})
    status = replace(run.fields["status"], weighs=weighs)
    run = replace(run, fields={**run.fields, "status": status}, start="passed")
    start = tool("start_test_run", "create", run, [], row(run.fields))
    said = report(scene_of([(start, {}, {"run_id": "r1", "status": "passed"})], [run]), 0)
    assert ("passed" in said) is weighs


def test_what_is_asked_of_one_thing_is_told_and_a_handle_stands_as_it_is() -> None:
    key = entity("cache", "key", ["key"], {"key": "handle", "type": "label"})
    get = tool("get_key_type", "get", key, [wants("key", "identity", key.key)], row(["type"]))
    assert action(get).pattern == "the type of {object}"
    said = report(scene_of([(get, {"key": "queue"}, {"type": "list"})], [key]), 0)
    assert said == "The type is list."
    index = entity("cache", "index", ["name"], {"name": "handle"})
    listed = tool("list_indexes", "list", index, [], rows("indexes", index.fields))
    held = {"indexes": [{"name": "faq_idx"}, {"name": "songs_idx"}]}
    assert "faq_idx" in report(scene_of([(listed, {}, held)], [index]), 0)


def test_of_the_same_once_more_is_told_what_the_first_was_wanted_for() -> None:
    many = entity(
        "air", "airfield", ["ident"],
        {"name": "title", **{f"note_{n}": "label" for n in range(14)}, **PLACE_FIELDS},
    )  # fmt: skip
    get = tool("get_airfield", "get", many, [wants("ident", "identity", many.key)],
               row(many.fields))  # fmt: skip
    notes = {f"note_{n}": f"remark {n}" for n in range(14)}
    held = {"name": "Asheville", **notes, **ROW}
    scene = scene_of([(get, {"ident": "avl"}, held), (get, {"ident": "clt"}, held)], [many])
    calls = scene.task.turns[0].calls
    turns = tuple(scene.task.turns[0].model_copy(update={"calls": (one,)}) for one in calls)
    wishes = (Wish(ask="look up", why="I need the tower"), Wish(ask="and that one"))
    brief = scene.task.brief.model_copy(update={"wishes": wishes})
    task = scene.task.model_copy(update={"turns": turns, "brief": brief})
    assert "121.100" in report(replace(scene, task=task), 1)


def test_a_number_that_the_reason_asks_for_is_told_where_the_user_has_not_said_it() -> None:
    paper = entity("papers", "paper", ["doi"], {"doi": "number_id", "title": "title"})
    find = tool("find_papers", "list", paper, [], rows("papers", paper.fields))
    get = tool("get_paper", "get", paper, [wants("doi", "identity", paper.key, "number_id")],
               row(paper.fields))  # fmt: skip
    held = {"doi": "10.1101/7", "title": "Sleep"}
    calls = [(find, {}, {"papers": [held]}), (get, {"doi": "10.1101/7"}, held)]
    seen = Origin(path="doi", kind="result", call=0, result_path="papers[0].doi")
    for fed, told in (([(1, seen)], True), ([], False)):
        scene = scene_of(calls, [paper], 0, fed)
        wishes = (Wish(ask="look up", why="I need the DOI for a citation"),)
        brief = scene.task.brief.model_copy(update={"wishes": wishes})
        scene = replace(scene, task=scene.task.model_copy(update={"brief": brief}))
        assert ("10.1101/7" in report(scene, 1)) is told


@pytest.mark.parametrize("weighs", [True, False])
def test_an_id_is_told_of_what_was_made_where_the_world_says_that_it_weighs(weighs: bool) -> None:
    plot = entity("web", "plot", ["plot_id"], {"plot_id": "opaque_id", "kind": "enum"})
    key = replace(plot.fields["plot_id"], weighs=weighs)
    plot = replace(plot, fields={**plot.fields, "plot_id": key})
    draw = tool("draw_plot", "create", plot, [], row(plot.fields))
    said = report(scene_of([(draw, {}, {"plot_id": "PLOT-71", "kind": "line"})], [plot]), 0)
    assert ("PLOT-71" in said) is weighs


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Send the form", "“Send the form”"),
        ("Go home?", "“Go home?”"),
        ("Old Mill", "Old Mill"),
        ("order ORD-1, with a lamp", "order ORD-1, with a lamp"),
    ],
)
def test_a_name_that_says_what_is_to_be_done_is_quoted_within_a_sentence(
    name: str, said: str
) -> None:
    assert quote_order(name) == said
