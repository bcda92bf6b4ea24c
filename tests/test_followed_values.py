"""Arguments without a source that follow from what was known: other words, and sums."""

import json
from datetime import datetime

import pytest

from schemas.record import JsonObject
from tests.studio import takes
from tests.tampering import edit_task, say
from tests.trajectories import CLOCK, FOUND, GOOD
from validators.derived import Derived
from validators.provenance import follows
from validators.transcript import exchanges

ASKED, TOLD = 13, {"saturday": ("end of the week",)}
"""Where the user asks for the hours of a day; what people say instead of it."""


@pytest.mark.parametrize(
    ("said", "words", "taken"),
    [
        (TOLD, "When are you open at the end of the week?", True),
        ({}, "When are you open at the end of the week?", False),
        (TOLD, "When are you open in the middle of the week?", False),
    ],
)
def test_a_choice_may_be_said_as_the_world_model_says(
    said: dict[str, tuple[str, ...]], words: str, taken: bool
) -> None:
    spoken = say(ASKED, words, edit_task(said=said))
    (asked,) = [one for one in exchanges(spoken.messages) if one.call.name == "get_hours"]
    assert follows(spoken, asked, "day", "saturday") is taken


@pytest.mark.parametrize(
    ("value", "taken"),
    [("oak desk is:open", True), ("is:open", True), ("oak desk is:closed", False),
     ("pine desk is:open", False)],
)  # fmt: skip
def test_words_that_are_looked_for_may_be_narrowed_by_what_was_said(
    value: str, taken: bool
) -> None:
    spoken = say(ASKED, "Is an oak desk there that is open?")
    (asked,) = [one for one in exchanges(spoken.messages) if one.call.name == "get_hours"]
    assert follows(spoken, asked, "query", value) is taken


@pytest.mark.parametrize("told", ["Comma separated ids.", "An id."])
@pytest.mark.parametrize(
    ("others", "taken"), [(("{0}", "{1}"), True), (("{0}", " oak desk"), True),
                          (("{0}", "p-999"), False), (("{0}",), False)],
)  # fmt: skip
def test_known_values_may_be_joined_where_commas_are_asked_for(
    told: str, others: tuple[str, ...], taken: bool
) -> None:
    shown = [item["product_id"] for item in json.loads(FOUND)["products"]]
    parameters = {"type": "object", "properties": {"ids": {"type": "string", "description": told}}}
    tools = tuple(one.model_copy(update={"parameters": parameters}) for one in GOOD.tools)
    spoken = say(ASKED, "Is an oak desk there?", GOOD.model_copy(update={"tools": tools}))
    (asked,) = [one for one in exchanges(spoken.messages) if one.call.name == "get_hours"]
    value = ",".join(others).format(*shown)
    assert follows(spoken, asked, "ids", value) is (taken and told.startswith("Comma"))


def test_a_task_knows_what_is_said_for_the_choices_of_its_tools() -> None:
    tasks = [one.trajectory.task for one in takes()]
    found = [(one, {"search_doctors"} & {*one.tools}) for one in tasks]
    assert any(searched for _, searched in found)
    for task, searched in found:
        assert ("pediatrics" in task.said) == bool(searched)


@pytest.mark.parametrize(
    ("row", "moments", "numbers"),
    [
        ({"starts": "10:00", "durationMinutes": 45}, {"10:45": True, "10:46": False}, {}),
        ({"starts": "10:00", "hours": 2}, {"12:00": True}, {}),
        ({"due": "2026-03-10", "weeks": 2}, {"2026-03-24": True, "2026-03-12": False}, {}),
        ({"starts": "10:00", "min_amount": 30}, {"10:30": False}, {}),
        ({"starts": "10:00", "height": 30}, {"10:30": False}, {}),
        ({"price": 40, "delivery_fee": 5}, {}, {45.0: True, 35.0: True}),
        ({"price_per_night": 40, "nights": 3}, {}, {120.0: True}),
        ({"rating": 4, "floor": 6}, {}, {24.0: False}),
        ({"price": 40, "delivery_minutes": 30}, {}, {1200.0: False}),
        ({"price_per_minute": 40, "minutes": 30}, {}, {1200.0: True}),
        ({"price": 40, "delivery_fee": 5}, {}, {200.0: False}),
        # What no calendar and no float holds: a day that stands for never, a span of ages.
        ({"ends_on": "9999-12-31", "nights": 3}, {"9999-12-28": True}, {10**400: False}),
        ({"since": "0001-01-01", "nights": 3}, {"0001-01-04": True}, {4.0: False}),
        ({"since": "2026-01-01", "nights": -(10**6)}, {"2026-01-04": False}, {}),
        ({"hours": 1e308, "code": 10**400, "price": 1.5}, {}, {4.0: False}),
    ],
)
def test_what_belongs_together_is_reckoned_with(
    row: JsonObject, moments: dict[str, bool], numbers: dict[float, bool]
) -> None:
    derived = Derived(datetime.fromisoformat(CLOCK))
    derived.learn(row)
    derived.listen(f"Mine is {'9' * 400}, and 7.")
    assert {one: derived.has_moment(one) for one in moments} == moments
    assert {one: derived.has_number(one) for one in numbers} == numbers
