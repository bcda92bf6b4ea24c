"""A write is applied where its result and the final row hold what it was told, however wrapped."""

import json
from typing import Any

import pytest

from schemas.check import CheckContext
from schemas.task import Acceptance, Assertion
from schemas.trajectory import Trajectory
from tests.spoils import AGAIN, ANSWERED, SHELF
from tests.tampering import edit, edit_call, edit_task
from tests.trajectories import GOOD
from validators import writes

LAMP = {"title": "Hall lamp", "watts": 40}
SHOWN = {"id": "lamp_1", **LAMP}
OTHER = {"id": "lamp_1", "title": "Study plug", "watts": 60}
OWNER = {"data": {"type": "people", "id": "per_1"}}
API = {"data": {"type": "lids", "attributes": {"name": "Lid"}, "relationships": {"owner": OWNER}}}


def found(
    told: Any, shown: Any, row: Any = None, before: Any = None, **rows: dict[str, Any]
) -> set[str]:
    """The codes of a conversation whose write is told and shows these, and ends with the rows."""
    spoilt = edit(ANSWERED, edit_call(AGAIN, arguments=told), content=json.dumps(shown))
    if before is not None:
        spoilt = edit(SHELF, spoilt, content=json.dumps(before))
    wanted = (Assertion(table="lamps", key="lamp_1", row=row),) if row is not None else ()
    wanted += tuple(Assertion(table="lamps", key=key, row=one) for key, one in rows.items())
    task = edit_task(spoilt, acceptance=Acceptance(assertions=wanted)).task
    played: Trajectory = spoilt.model_copy(update={"task": task})
    return {one.code for one in writes.check(CheckContext(played, None)).reasons}


APPLIED: dict[str, tuple[Any, Any]] = {
    "flat": (LAMP, SHOWN),
    "a row within its like": ({"lamp_id": "lamp_1", "watts": 40},
                              {"id": "lamp_1", "watts": 40, "parent": {"lamp_id": "lamp_9"}}),
    "any wrapper": ({"lamp_in": LAMP}, SHOWN),
    "two wrappers": ({"input": {"lamp": LAMP}}, {"data": {"lamp": SHOWN}}),
    "a list of one": ({"body": [LAMP]}, SHOWN),
    "a list of two": ({"body": [LAMP, OTHER]}, {"lamps": [SHOWN, OTHER]}),
    "one of two is shown": ({"body": [LAMP, {"title": "B", "watts": 9}]}, SHOWN),
    "id and changes": ({"id": "lamp_1", "changes": LAMP}, SHOWN),
    "other spelling": ({"startTime": "2026-03-01"}, {"start_time": "2026-03-01T00:00:00Z"}),
    "the same moment": ({"at": "2026-03-01T10:00:00+01:00"}, {"at": "2026-03-01T09:00:00+00:00"}),
    "a number as text": ({"watts": 40}, {"watts": "40"}),
    "an owner's id": (
        API, {"data": {"type": "lids", "id": "lid_1", "attributes": {"name": "Lid"}}}),
    "a parent's bare id": ({"id": "iss_1", "body": "Hi"}, {"id": "com_1", "body": "Hi"}),
    "a part of the row": ({"name": "A", "owner": {"name": "B"}}, {"name": "A"}),
    "what is alike in the result": (
        {"customer": {"name": "Bo"}}, {"name": "Order 1", "customer": {"name": "Bo"}}),
    "nothing shown": (LAMP, {"ok": True}),
    "no object": (LAMP, "done"),
    "a field named": ({"id": "l", "field": "title", "new_value": "X"}, {"id": "l", "title": "X"}),
    "the service's own words": (
        {"path": "/a.txt", "content": "x,1"}, {"content": "The file /a.txt has been created."}),
    "words about a row that nobody named": (
        {"index": 9, "content": "x,1"}, {"content": "The cell CELL-222695 has been edited."}),
    "words about a short name": (
        {"path": "7", "content": "x"}, {"content": "The file 7 has been created."}),
    "the second of two, the first of which tells nothing": ({"body": [{}, LAMP]}, OTHER),
    "a key that is called as the result": ({"key": "status", "value": "1"}, {"status": "done"}),
    "a part that only its like shows": (
        {"user": "Bo", "moderation": {"model": "strict"}}, {"user": "Bo", "model": "large"}),
    "lines of one thing beside another's": (
        {"model": "large", "messages": [{"role": "user", "content": "Hi"}]},
        {"id": "c", "choices": [{"message": {"role": "assistant", "content": "Hello"}}]}),
    "a list emptied": ({"id": "lamp_1", "labels": [], "title": "A"}, {"id": "lamp_1"}),
}  # fmt: skip
NOT_APPLIED: dict[str, tuple[Any, Any]] = {
    "flat": (LAMP, OTHER),
    "any wrapper": ({"lamp_in": LAMP}, OTHER),
    "two wrappers": ({"input": {"lamp": LAMP}}, {"data": {"lamp": OTHER}}),
    "a list of one": ({"body": [LAMP]}, OTHER),
    "a list of two": ({"body": [LAMP, OTHER]}, {"lamps": [{**OTHER, "watts": 9}, OTHER]}),
    "none of two": ({"body": [LAMP, {"title": "B", "watts": 9}]}, OTHER),
    "id and changes": ({"id": "lamp_1", "changes": LAMP}, OTHER),
    "another row": ({"lamp_id": "lamp_1", "on": True}, {"lamp_id": "lamp_2", "on": True}),
    "another row's id at home": ({"data": {"id": "a"}}, {"data": {"id": "b"}}),
    "another text": ({"id": "l", "title": "Old lamp"}, {"title": "Some other lamp"}),
    "a part of one thing": (
        {"name": "A", "owner": {"name": "B"}},
        {"name": "A", "owner": {"name": "C"}},
    ),
    "a flag": ({"on": True}, {"on": False}),
    "json:api": (API, {"data": {"type": "lids", "id": "lid_1", "attributes": {"name": "Cap"}}}),
    "a field named": ({"id": "l", "field": "title", "new_value": "X"}, {"id": "l", "title": "Y"}),
}


@pytest.mark.parametrize("name", APPLIED)
def test_what_was_told_is_shown(name: str) -> None:
    assert found(*APPLIED[name]) == set()


@pytest.mark.parametrize("name", NOT_APPLIED)
def test_what_is_shown_contradicts_what_was_told(name: str) -> None:
    assert found(*NOT_APPLIED[name]) == {"write_not_applied"}


def test_the_row_in_the_end_holds_what_was_told() -> None:
    told = {"id": "lamp_1", "changes": LAMP}
    assert found(told, {"ok": True}, row=LAMP) == set()
    assert found(told, {"ok": True}, row={"watts": 41}) == {"write_not_applied"}
    assert found({"id": "lamp_2", "changes": LAMP}, {"ok": True}, row={"watts": 41}) == set()


def test_a_write_that_only_refers_to_a_row_is_none_of_it() -> None:
    told = {"room_id": "room_1", "state": "on"}
    shown = {"lamp_id": "lamp_2", **told}
    room, other = {"state": "off"}, {"lamp_id": "lamp_2", "state": "dim"}
    assert found(told, shown, room_1=room, lamp_2=shown) == set()
    assert found(told, shown, room_1=room, lamp_2=other) == {"write_not_applied"}
    assert found(told, shown, room_1=room) == {"write_not_applied"}


def test_an_act_on_a_row_that_is_asserted_is_not_empty() -> None:
    told = {"room": "hall", "lamp": "desk"}
    before = {"lamps": [told]}
    assert found(told, told, before=before) == {"empty_write"}
    acted: dict[str, dict[str, Any]] = {"hall desk": {"~blink": {}}}
    assert found(told, told, before=before, **acted) == set()


def test_a_list_that_is_changed_is_a_change() -> None:
    told = {"lamp_id": "lamp_1", "title": "A", "tags": ["b"]}
    same, before = {**told, "tags": ["b"]}, {**told, "tags": ["a"]}
    assert found(told, told, before={"lamps": [before]}) == set()
    assert found(told, told, before={"lamps": [same]}) == {"empty_write"}


@pytest.mark.parametrize(
    ("told", "shown", "before", "empty"),
    [
        ({"lamp": {}}, SHOWN, None, True),
        ({"lamps": []}, [], None, True),
        ({"lamp_id": "lamp_1", "title": "Hall lamp"}, {**LAMP, "lamp_id": "lamp_1"},
         {"lamps": [{**LAMP, "lamp_id": "lamp_1"}]}, True),
        ({"lamp_id": "lamp_1", "title": "Hall lamp"}, {**LAMP, "lamp_id": "lamp_1"},
         {"lamps": [{**LAMP, "lamp_id": "lamp_1", "title": "Lamp"}]}, False),
        ({"lamp_id": "lamp_1", "title": "Hall lamp"}, {**LAMP, "lamp_id": "lamp_1", "seen": 2},
         {"lamps": [{**LAMP, "lamp_id": "lamp_1", "seen": 1}]}, False),
        ({"lamp_id": "lamp_1"}, {"lamp_id": "lamp_1", "on": True}, None, False),
    ],
)  # fmt: skip
def test_a_write_that_carries_or_changes_nothing_is_found(
    told: Any, shown: Any, before: Any, empty: bool
) -> None:
    assert found(told, shown, before=before) == ({"empty_write"} if empty else set())


def test_the_correct_conversation_is_good() -> None:
    assert writes.check(CheckContext(GOOD, None)).label == "good"
