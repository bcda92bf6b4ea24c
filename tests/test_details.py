"""A first message says what is wanted; the rest is asked for, two things at a time."""

from generators.language.request import leave_for_later
from generators.world.model import ParameterModel
from schemas.task import Origin
from schemas.twists import LeansOn, Vague, has_twist
from tests.studio import own_studio, takes

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
            if beat.act != "request" or has_twist(turn, Vague, LeansOn) or len(turn.calls) > 1:
                continue
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
