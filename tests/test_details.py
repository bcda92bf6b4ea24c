"""A first message says what is wanted; the rest is asked for, two things at a time."""

from dataclasses import replace
from random import Random

import pytest

from generators.backends.backend import InferredBackend
from generators.dialogue.questions import choose_question
from generators.language.consent import about_row, name_meant, name_untold, put_aside
from generators.language.report import report
from generators.language.request import clause, deed, leave_for_later
from generators.language.scene import Hidden
from generators.language.write_report import tell_write
from generators.operators import script_of
from generators.tasks.carried_values import CarriedValues
from generators.tasks.clock import Setting, start_of
from generators.tasks.feeding import Executed, Picks, feed
from generators.tasks.needed_reads import went_with
from generators.world.model import ParameterModel
from schemas.demand import Demand
from schemas.graph import Feed
from schemas.message import Fault
from schemas.task import Origin, ToolDemand
from schemas.twists import Hurry, LeansOn, Revision, Vague, has_twist
from tests.scenes import scene_of
from tests.studio import own_studio, takes
from tests.worlds import entity, row, rows, tool, wants

WORLD = own_studio().world


def told(tool: str, *paths: str) -> list[tuple[int, Origin, ParameterModel]]:
    model = WORLD.models[tool]
    return [(0, Origin(path=one, kind="user"), model.parameter(one)) for one in paths]


def test_two_details_are_said_the_others_asked_for_and_what_is_optional_added() -> None:
    event = told("create_event", "title", "date", "start_time", "duration_minutes", "kind", "notes")
    later = leave_for_later(event, writes=True)
    assert later.asked == (((0, "start_time"), (0, "duration_minutes")), ((0, "kind"),))
    assert later.added == ((0, "notes"),)
    assert later.rounds == 2


def test_a_search_has_room_for_three_and_is_made_at_once_where_it_lacks_nothing() -> None:
    flights = told("search_flights", "origin_city", "destination_city", "departure_date", "cabin")
    assert leave_for_later(flights, writes=False).rounds == 0
    held = leave_for_later(flights, writes=False, held=[(0, "origin_city")])
    assert held.asked == (((0, "origin_city"),),)
    assert held.added == ()


def test_an_address_is_one_thing_and_what_is_held_back_is_asked_for_first() -> None:
    parts = [f"delivery_address.{one}" for one in ("street", "postal_code", "city", "country")]
    order = told("place_order", *parts, "shipping_method", "gift_message")
    assert leave_for_later(order, writes=True).added == ((0, "gift_message"),)
    held = leave_for_later(order, writes=True, held=[(0, "shipping_method")])
    assert held.asked == (((0, "shipping_method"),),)


def test_no_request_of_a_script_is_a_form() -> None:
    longest = 0
    for take in takes(40):
        for beat in take.script.user:
            turn = take.trajectory.task.turns[beat.turn]
            if (
                beat.act != "request"
                or has_twist(turn, Vague, LeansOn, Hurry)
                or len(turn.calls) > 1
            ):
                continue
            if any(twist.kind == "hurry" for twist in turn.twists):
                continue  # who wants no questions says it all at once
            own = {
                (one.call, one.path.partition(".")[0].partition("[")[0]) for one in beat.mentions
            }
            longest = max(longest, len(own))
    assert 0 < longest <= 4  # two details, and what names a row


def test_what_finds_the_one_who_writes_is_said_when_asked() -> None:
    asked = 0
    for take in takes(40):
        proof = {(one.call, one.path) for one in take.trajectory.task.brief.proof}
        for beat in take.script.user:
            if proof & {(one.call, one.path) for one in beat.mentions}:
                asked += beat.act == "inform"
    assert asked


def test_nobody_is_asked_for_an_e_mail_address_that_they_have_given() -> None:
    for take in takes(40):
        scene, heard = take.trajectory.task, set[str]()
        calls = [call for turn in scene.turns for call in turn.calls]
        for beat in take.script.user:
            told = [one for one in beat.mentions if one.path.rpartition(".")[2].endswith("email")]
            values = {str(calls[one.call].arguments.get(one.path)) for one in told}
            assert beat.act != "inform" or values.isdisjoint(heard)
            heard |= values


FLIGHT = {"flight_id": "FLI-1", "airline": "Alpina", "origin_city": "Rome",
          "destination_city": "Madrid", "departure_date": "2026-08-04", "departure_time": "12:45",
          "duration_minutes": 215, "stops": 1, "cabin": "economy", "price": 111}  # fmt: skip


@pytest.mark.parametrize("found", [False, True])
def test_what_a_later_look_shows_against_a_fare_is_said_before_the_yes(found: bool) -> None:
    world = own_studio().world
    seen = Origin(path="flight_id", kind="result", call=0, result_path="flights[0].flight_id")
    full = FLIGHT | {"seats_left": 3, "baggage_kg": 20, "is_refundable": False}
    scene = scene_of(
        [(world.models["search_flights"], {}, {"flights": [FLIGHT]}),
         (world.models["get_flight"], {"flight_id": "FLI-1"}, full),
         (world.models["book_flight"], {"flight_id": "FLI-1"}, {})],
        [*world.entities.values()],
        fed=[(call, seen) for call in (1, 2)],
    )  # fmt: skip
    assert "not refundable" in dict(about_row(scene, 2, found=found))


def test_a_room_is_looked_for_where_the_flight_goes_from_the_day_on_which_it_goes() -> None:
    world = own_studio().world
    start = start_of(world, 4)
    setting = Setting(InferredBackend(world), start.seed, start.clock)
    booked = FLIGHT | {
        "booking_id": "BOO-1",
        "departure_date": "2090-08-04",
        "booked_on": "2026-06-22",
    }
    flown = Executed(world.models["book_flight"], {}, (), booked, 0)
    run = CarriedValues(setting, Picks([flown]))
    assert run.stay_on_trip(world.models["search_hotels"], {}) == {"city": "Madrid"}
    way = {"origin_city": "Rome", "destination_city": "Oslo", "departure_date": "2090-08-05"}
    asked = Executed(world.models["search_flights"], way, (), {"flights": []}, 0)
    later = CarriedValues(setting, Picks([flown, asked]))
    assert later.stay_on_trip(world.models["search_hotels"], {}) == {"city": "Oslo"}
    for city, day in (("Madrid", {"check_in_date": "2090-08-04"}), ("Rome", {})):
        hotels = {"hotels": [{"hotel_id": "HOT-1", "city": city}]}
        run.picks.done[1:] = [Executed(world.models["search_hotels"], {}, (), hotels, 1)]
        origin = Origin(path="hotel_id", kind="result", call=1, result_path="hotels[0].hotel_id")
        assert run.stay_on_trip(world.models["book_hotel"], {"hotel_id": ("HOT-1", origin)}) == day


@pytest.mark.parametrize("found", [False, True])
def test_of_what_a_row_is_moved_to_what_speaks_against_it_is_said(found: bool) -> None:
    world = own_studio().world
    booking = {"booking_id": "BOO-1", "flight_id": "FLI-2", "departure_date": "2026-08-04",
               "status": "confirmed"}  # fmt: skip
    move = {"booking_id": "BOO-1", "flight_id": "FLI-1"}
    scene = scene_of(
        [(world.models["find_bookings"], {}, {"bookings": [booking]}),
         (world.models["search_flights"], {}, {"flights": [FLIGHT]}),
         (world.models["get_flight"], {"flight_id": "FLI-1"}, FLIGHT | {"is_refundable": False}),
         (world.models["move_booking"], move, {})],
        [*world.entities.values()],
        fed=[(3, Origin(path="booking_id", kind="result", call=0,
                        result_path="bookings[0].booking_id")),
             (3, Origin(path="flight_id", kind="result", call=1,
                        result_path="flights[0].flight_id"))],
    )  # fmt: skip
    told = [words for words, _ in about_row(scene, 3, found=found)]
    assert "not refundable" in told
    assert not any("so far with another" in words for words in told)
    days = [one for one in name_untold(scene, 3, "") if "4th of August" in one[0]]
    assert all(words.count("4th of August") == 1 for words, _ in days)


LAMP = {"product_id": "PRO-1", "name": "Pendant lamp", "price": 79, "in_stock": True}


def test_of_two_rows_of_one_name_the_one_that_is_meant_is_told() -> None:
    key = {"cluster": "label", "namespace": "label", "name": "title"}
    pod = entity("apps", "pod", [*key], {**key, "status": "enum"})
    names = [wants(one, "identity", pod.key, semantic) for one, semantic in key.items()]
    read = tool("get_pod", "get", pod, names, row(["cluster", "namespace", "name", "status"]))
    end = tool("delete_pod", "delete", pod, names, row(["success"]))
    told = []
    for space in ("first", "second"):
        given = {"cluster": "east", "namespace": space, "name": "web"}
        other = {**given, "namespace": "second" if space == "first" else "first"}
        stands = {"first": "waiting", "second": "running"}
        calls = [(read, one, {**one, "status": stands[one["namespace"]]}) for one in (given, other)]
        told += about_row(scene_of([*calls, (end, given, {})], [pod]), 2)
    assert [value for _, value in told] == ["waiting", "running"]


def test_the_only_thing_that_a_read_shows_is_told() -> None:
    slot = entity("store", "key", ["key"], {"key": "handle", "value": "text"})
    read = tool("get", "get", slot, [wants("key", "identity", slot.key, "handle")],
                row(["key", "value"]))  # fmt: skip
    for value in ("18204", "3.2.1", "on"):
        given = {"key": "app:version"}
        scene = scene_of([(read, given, {**given, "value": value})], [slot])
        assert f"“{value}”" in report(scene, 0)


def test_several_pieces_are_told_with_what_they_cost_together() -> None:
    world = own_studio().world
    seen = Origin(path="items[0].product_id", kind="result", call=0,
                  result_path="products[0].product_id")  # fmt: skip
    for number in (1, 2):
        order = {"items": [{"product_id": "PRO-1", "quantity": number}]}
        scene = scene_of(
            [(world.models["search_products"], {}, {"products": [LAMP]}),
             (world.models["place_order"], order, {})],
            [*world.entities.values()],
            fed=[(1, seen)],
        )  # fmt: skip
        told = [words for words, _ in about_row(scene, 1)]
        assert told == ["79 euros each, 158 euros together" if number == 2 else "79 euros"]


@pytest.mark.parametrize("path", ["assignees", "assignees[]"], ids=["whole", "by element"])
def test_who_drops_out_of_a_list_is_told_before_it_is_changed(path: str) -> None:
    issue = entity("code", "issue", ["issue_id"],
                   {"issue_id": "opaque_id", "title": "title", "assignees": "list"})  # fmt: skip
    many = {"type": "array", "items": {"type": "string"}}
    get = tool("get_issue", "get", issue, [wants("issue_id", "identity", issue.key)],
               row(issue.fields))  # fmt: skip
    assignees = replace(wants(path, "field", semantic="list"), schema=many, field="assignees")
    which = wants("issue_id", "identity", issue.key)
    change = tool("update_issue", "update", issue, [which, assignees], row(issue.fields))
    held = {"issue_id": "i1", "title": "Bug", "assignees": ["ana-ruiz", "ben-sol"]}
    of = Origin(path="issue_id", kind="result", call=0, result_path="issue_id")
    for given, told in (
        (["cy-wu"], {"so far ana-ruiz and ben-sol"}),
        (["ben-sol", "cy-wu"], {"so far ana-ruiz"}),
        (["ana-ruiz", "ben-sol", "cy-wu"], set()),
    ):
        calls = [(get, {"issue_id": "i1"}, held),
                 (change, {"issue_id": "i1", "assignees": given}, held)]  # fmt: skip
        scene = scene_of(calls, [issue], fed=[(1, of)])
        assert {one for one, _ in about_row(scene, 1) if one.startswith("so far")} == told


def test_what_was_corrected_is_told_when_it_is_done() -> None:
    world = own_studio().world
    order = {"items": [{"product_id": "PRO-1", "quantity": 1}], "shipping_method": "pickup_point"}
    scene = scene_of([(world.models["place_order"], order, {"order_id": "ORD-1", **order})],
                     [*world.entities.values()])  # fmt: skip
    assert "pickup point" not in tell_write(scene, 0)
    twist = Revision(call=0, path="shipping_method", first="standard")
    turn = scene.task.turns[0].model_copy(update={"twists": (twist,)})
    corrected = replace(scene, task=scene.task.model_copy(update={"turns": (turn,)}))
    assert "the way of shipping is pickup point" in tell_write(corrected, 0)
    bucket = entity("code", "bucket", ["sid"], {"sid": "opaque_id", "max": "number"})
    most = replace(wants("Max", "field", semantic="number"), field="max")
    make = tool("create_bucket", "create", bucket, [most], row(bucket.fields))
    scene = scene_of([(make, {"Max": 1}, {"sid": "BL7", "max": 1})], [bucket])
    twist = Revision(call=0, path="Max", first=3)
    turn = scene.task.turns[0].model_copy(update={"twists": (twist,)})
    corrected = replace(scene, task=scene.task.model_copy(update={"turns": (turn,)}))
    assert "the maximum is 1" in tell_write(corrected, 0).lower()


def test_what_is_known_of_a_row_reads_as_one_line_in_brackets() -> None:
    assert put_aside(["confirmed", "120 euros"]) == "confirmed, 120 euros"
    way = ["from FCO to DEN", "Ana Ruiz, Ben Holm and Li Wei"]
    assert put_aside(["from FCO", "to DEN", way[1]]) == "; ".join(way)


def test_what_was_asked_for_and_not_done_tells_nothing_of_a_row() -> None:
    world = own_studio().world
    shown = {"task_id": "T-1", "title": "Tides", "status": "open"}
    scene = scene_of(
        [(world.models["list_tasks"], {}, {"tasks": [shown]}),
         (world.models["update_task"], {"task_id": "T-1"}, {**shown, "title": "Waves"}),
         (world.models["delete_task"], {"task_id": "T-1"}, {})],
        [*world.entities.values()],
        fed=[(n, Origin(path="task_id", kind="result", call=0, result_path="tasks[0].task_id"))
             for n in (1, 2)],
    )  # fmt: skip
    assert name_meant(scene, 2) == "“Waves”"
    listed, changed, deleted = scene.task.turns[0].calls
    barred = changed.model_copy(update={"barred": True})
    turn = scene.task.turns[0].model_copy(update={"calls": (listed, barred, deleted)})
    declined = replace(scene, task=scene.task.model_copy(update={"turns": (turn,)}))
    assert name_meant(declined, 2) == "“Tides”"


@pytest.mark.parametrize(("later", "name"), [(1, "“Slower start”"), (2, "“Slow start”")])
def test_what_lies_in_the_same_place_is_another_row(later: int, name: str) -> None:
    issue = entity("code", "issue", ["owner", "number"],
                   {"owner": "handle", "number": "number_id", "title": "title"})  # fmt: skip
    names = [wants("owner", "identity", issue.key, "handle"),
             wants("number", "identity", issue.key, "number_id")]  # fmt: skip
    get = tool("get_issue", "get", issue, names, row(issue.fields))
    close = tool("close_issue", "update", issue, names, row(issue.fields))
    first, last = {"owner": "octo", "number": 1}, {"owner": "octo", "number": later}
    fed = [(2, Origin(path=path, kind="result", call=0, result_path=path)) for path in first]
    scene = scene_of(
        [(get, first, {**first, "title": "Slow start"}),
         (get, last, {**last, "title": "Slower start"}), (close, first, {})],
        [issue], fed=fed,
    )  # fmt: skip
    assert name_meant(scene, 2) == name


def test_what_is_known_stands_behind_what_it_is_known_of() -> None:
    world = own_studio().world
    scene = scene_of(
        [(world.models["search_books"], {}, {"books": [{"book_id": "B-1", "title": "Tides"}]}),
         (world.models["place_hold"], {"book_id": "B-1", "pickup_branch": "central"}, {})],
        [*world.entities.values()],
        fed=[(1, Origin(path="book_id", kind="result", call=0, result_path="books[0].book_id"))],
    )  # fmt: skip
    assert name_meant(scene, 1) == "“Tides”"


def test_of_listed_ids_the_one_that_was_asked_for_before_is_meant() -> None:
    own, person = wants("id", "identity", "shop/order"), wants("user_id", "identity", "shop/user")
    getter = tool("get_order", "get", None, [own], row([]))
    shows = tool("get_user", "get", None, [person], row([]))
    looked = Executed(getter, {"id": "B"}, (), {}, 0)
    listed = Executed(shows, {"user_id": "u"}, (), {"ids": ["A", "B", "C"]}, 0)
    wanted = Feed(parameter="id", step=1, result_path="ids[]")
    for seed in range(8):
        fed = feed(Picks([looked, listed], {0: 0, 1: 1}), getter, [wanted], Random(seed))
        assert fed is not None
        assert fed["id"][0] == "B"


def test_what_is_said_with_an_answer_waits_for_it() -> None:
    said = Demand(kind="said", value="It is only an estimate.", values=("estimate",))
    book = entity("library", "book", ["book_id"], {"book_id": "opaque_id", "title": "title"})
    names = [wants("book_id", "identity", book.key, "opaque_id")]
    get = tool("get_book", "get", book, names, row(book.fields))
    shown = [{"book_id": f"B-{number}", "title": title} for number, title in
             enumerate(("Tides", "Waves"))]  # fmt: skip
    scene = scene_of([(get, {"book_id": one["book_id"]}, one) for one in shown], [book])
    late, other = scene.task.turns[0].calls
    turns = tuple(
        scene.task.turns[0].model_copy(update={"calls": (call,)})
        for call in (late.model_copy(update={"fault": Fault(kind="delayed")}), other)
    )
    demands = (ToolDemand(tool=late.tool, demand=said),)
    task = scene.task.model_copy(update={"turns": turns, "demands": demands})
    first, last = ([beat.text for beat in script_of(scene.world, task).assistant
                    if beat.turn == number] for number in (0, 1))  # fmt: skip
    assert "estimate" not in " ".join(first)
    assert "estimate" in " ".join(last)


def test_what_could_not_be_opened_is_named_and_not_said_to_be_absent() -> None:
    node = entity("graph", "node", ["name"], {"name": "title"})
    names = replace(wants("names[]", "identity", node.key, "title"), field="name")
    read = tool("open_nodes", "list", node, [names], row(["nodes"]))
    given = {"names": ["Lakeside Campus"]}
    scene = scene_of([(read, given, {"nodes": [{"name": "Lakeside Campus"}]})], [node])
    assert deed(scene, 0) == "open the node “Lakeside Campus”"
    end = tool("delete_nodes", "delete", node, [names], row(["success"]))
    scene = scene_of([(end, given, {"success": True})], [node])
    assert deed(scene, 0) == "delete the node “Lakeside Campus”"


def test_nothing_is_told_once_more_of_what_went_with_what_was_deleted() -> None:
    place = {"owner": "octo", "repo": "site"}
    whole = entity("code", "repository", ["owner", "repo"], dict.fromkeys(place, "handle"))
    part = entity("code", "alert", ["owner", "repo", "number"],
                  {"owner": "handle", "repo": "handle", "number": "number_id"})  # fmt: skip
    keys = [wants(name, "identity", whole.key, "handle") for name in place]
    read = tool("get_alert", "get", part, keys, row(part.fields))
    delete = tool("delete_repository", "delete", whole, keys, row(whole.fields))
    world = scene_of([(read, {}, {}), (delete, {}, {})], (whole, part)).world
    seen = Executed(read, {**place, "number": 7}, (), {"state": "open"}, 0)
    gone = Executed(delete, place, (), {"deleted": True}, 1)
    other = Executed(delete, {**place, "repo": "docs"}, (), {"deleted": True}, 1)
    assert went_with(world, seen, [other, gone])
    assert not went_with(world, seen, [other])


def test_an_id_is_that_of_its_own_kind_and_a_reference_tells_what_a_row_lies_in() -> None:
    shelf = entity("home", "shelf", ["id"], {"id": "opaque_id"})
    plant = entity("home", "plant", ["id"], {"id": "opaque_id", "shelf_id": shelf.key})
    key = [wants("id", "identity", shelf.key, "opaque_id")]
    read = tool("get_plant", "get", plant, [], row(plant.fields))
    delete = tool("delete_shelf", "delete", shelf, key, row(shelf.fields))
    world = scene_of([(read, {}, {}), (delete, {}, {})], (shelf, plant)).world
    seen = Executed(read, {}, (), {"id": "1", "shelf_id": "2"}, 0)
    assert went_with(world, seen, [Executed(delete, {"id": "2"}, (), {}, 1)])
    assert not went_with(world, seen, [Executed(delete, {"id": "1"}, (), {}, 1)])


def test_what_could_not_be_done_with_some_of_a_thing_is_said_of_this_thing() -> None:
    send = own_studio().world.models["send_transfer"]
    scene = scene_of([(send, {"payee_id": "PAY-1"}, {})], [])
    assert deed(scene, 0) == "send the money"


def test_another_thing_stands_behind_the_preposition_that_the_description_has() -> None:
    key = wants("reader_id", "field", None, "opaque_id")
    mark = replace(wants("mark", "field", None, "rating"), required=True)
    note = entity("shelf", "mark", ["mark_id"], {"mark_id": "opaque_id", "mark": "rating"})
    given = {"reader_id": "R-1", "mark": 4.5}

    def say(description: str) -> str:
        write = tool("write_mark", "create", note, [key, mark], row(["mark"]),
                     description=description)  # fmt: skip
        return clause(scene_of([(write, given, given)], [note]), 0, Hidden()).whole.text

    assert say("Write the mark for a reader.").endswith(" for the reader R-1")
    assert say("Writes a mark to a given reader").endswith(" to the reader R-1")
    assert say("Write a mark in a Shelfwise reader.").endswith(" in the reader R-1")
    assert "with the reader R-1" in say("Write a mark for a reader group.")


def test_what_a_row_lies_in_stands_behind_the_preposition_that_the_description_has() -> None:
    loan = entity("shelf", "loan", ["reader_id", "loan_id"],
                  {"reader_id": "opaque_id", "loan_id": "opaque_id"})  # fmt: skip
    keys = [wants(one, "identity", loan.key, "opaque_id") for one in loan.identity]
    given = {"reader_id": "R-1", "loan_id": "L-2"}

    def say(description: str) -> str:
        end = tool("end_loan", "update", loan, keys, row(loan.fields), description=description)
        return clause(scene_of([(end, given, given)], [loan]), 0, Hidden()).whole.text

    assert "the loan L-2 for the reader R-1" in say("End a loan for a reader")
    assert "the loan L-2 in the reader R-1" in say("End a loan")


def test_what_is_several_is_asked_for_as_several() -> None:
    steps = wants("steps", "field", None, "number")
    assert choose_question(steps, "number", "steps") == "clarify_several"
    assert choose_question(steps, "count", "steps") == "clarify_count"
    assert choose_question(steps, "number", "status") == "clarify_one"
    assert choose_question(steps, "text", "number of steps") == "clarify_one"


@pytest.mark.parametrize(
    ("name", "place", "said"),
    [
        ("sku_id", "products[0].sku_id", ""),
        ("sku_id", "products[1].sku_id", " to the sku of the product"),
        ("payment_method_id", "products[0].payment_method_id", " to the payment method on file"),
    ],
)
def test_what_a_row_has_and_keeps_is_not_said(name: str, place: str, said: str) -> None:
    product = entity("shop", "product", ["id"], {"id": "opaque_id", "name": "title",
                                                 name: "opaque_id"})  # fmt: skip
    found = [{"id": "p-1", "name": "Lamp", name: "x9k2-11"},
             {"id": "p-2", "name": "Cup", name: "x9k2-11"}]  # fmt: skip
    lists = tool("list_products", "list", product, [], rows("products", product.fields))
    update = tool(
        "update_product",
        "update",
        product,
        [wants("id", "identity", product.key), wants(name, "field", None)],
        row(product.fields),
    )
    given = {"id": "p-1", name: "x9k2-11"}
    fed = [(1, Origin(path="id", kind="result", call=0, result_path="products[0].id")),
           (1, Origin(path=name, kind="result", call=0, result_path=place))]  # fmt: skip
    calls = [(lists, {}, {"products": found}), (update, given, found[0])]
    told = clause(scene_of(calls, [product], fed=fed), 1, Hidden()).whole.text
    assert told == f"update the product “Lamp”{said}"
