"""The independent counts of defects: each sees its kind, and leaves what is right alone."""

import json
from typing import Any

import pytest

from benchmarks.counted_defects import count_defects, share_of_reasons


def made(
    tool: str, arguments: dict[str, Any], result: Any, *, said: str = "", asked: str = "",
    told: str = "", **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """A conversation of one call: what the user says, the assistant asks, and tells at the end."""
    time = "2026-03-09T10:00:00+00:00"
    call = {"id": "1", "name": tool, "arguments": arguments}
    texts = [("user", said), ("assistant", asked)]
    messages = [{"role": role, "text": text, "turn": 0, "calls": []} for role, text in texts]
    return {
        "index": 0,
        "tools": [{"wire_name": tool, "domain": "shop", "effect": "write", "description": "",
                   "parameters": {}} | more],
        "messages": [
            *messages,
            {"role": "assistant", "text": "", "turn": 0, "calls": [call]},
            {"role": "tool", "call_id": "1", "content": json.dumps(result), "is_error": False,
             "timestamp": time},
            {"role": "assistant", "text": told, "turn": 0, "calls": []},
        ],
    }  # fmt: skip


PAGE = {"rooms": [{"name": "Maple Room", "is": "free"}, {"name": "Birch Room"}], "total": 9}
CASES = [
    ("source_said_as_target", made("send_transfer", {}, {}, said="Send 5 to the account X."), 1),
    ("source_said_as_target", made("send_transfer", {}, {}, said="Send 5 from the account X."), 0),
    ("unasked_confirmation", made("drop", {}, {}, description="Ask for confirmation first."), 1),
    (
        "unasked_confirmation",
        made("drop", {}, {}, asked="Shall I?", description="Ask for confirmation."),
        0,
    ),
    ("nothing_written", made("create_user", {}, {}), 1),
    ("nothing_written", made("create_user", {"name": "A"}, {}), 0),
    ("dated_wrongly", made("create_a", {"a": 1}, {"created_at": "2026-01-09T10:00:00Z"}), 1),
    ("dated_wrongly", made("create_a", {"a": 1}, {"created_at": "2026-03-09T10:01:00Z"}), 0),
    ("page_taken_for_the_whole", made("find", {}, {"a": [1], "total": 9}, told="I found 1."), 1),
    ("page_taken_for_the_whole", made("find", {}, {"a": [1], "total": 9}, told="1 of 9."), 0),
    ("page_taken_for_the_whole", made("find", {}, PAGE, told="I found Maple Room. Done."), 0),
    ("page_taken_for_the_whole", made("find", {}, PAGE, told="- Maple Room\n- Birch Room"), 1),
    ("page_taken_for_the_whole", made("find", {}, PAGE, told="There are two rooms."), 1),
    ("page_taken_for_the_whole", made("find", {}, PAGE, told="Maple Room, for 2 euros."), 0),
    ("counted_after_the_clock", made("post", {}, {"ts": "1764105456.000200"}), 1),
    ("counted_after_the_clock", made("post", {}, {"ts": "1773050400.000200"}), 0),
    ("counted_after_the_clock", made("get", {}, {"created": 1790000000000}, effect="read"), 1),
    (
        "read_of_nothing",
        made("chat_info", {}, {}, effect="read", parameters={"properties": {"channel": {}}}),
        1,
    ),
    (
        "read_of_nothing",
        made(
            "chat_info",
            {"channel": "C"},
            {},
            effect="read",
            parameters={"properties": {"channel": {}}},
        ),
        0,
    ),
    ("recited_metadata", made("find", {}, {}, told="The limit is 15, the offset is 3."), 1),
    ("recited_metadata", made("find", {}, {}, told="The daily limit is 15 euros."), 0),
    ("told_password", made("loginUser", {"username": "a"}, {}), 1),
    ("told_password", made("loginUser", {"username": "a", "password": "b"}, {}), 0),
    ("example_copied", made("find", {"ids": "ids=41A"}, {}), 1),
    ("inner_id_in_words", made("find", {}, {}, said="Cancel ord_ab12cd."), 1),
]


@pytest.mark.parametrize(("kind", "row", "expected"), CASES)
def test_each_count_sees_its_kind(kind: str, row: dict[str, Any], expected: int) -> None:
    counted = {one.kind: one for one in count_defects([row])}
    assert counted[kind].does == expected


def called(*calls: tuple[str, str, dict[str, Any], Any]) -> dict[str, Any]:
    """A conversation of calls: tool, effect, arguments, result."""
    rows = [made(tool, given, result, effect=effect) for tool, effect, given, result in calls]
    messages: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        call, answer = row["messages"][2], row["messages"][3]
        call["calls"][0]["id"] = answer["call_id"] = str(number)
        messages += [call, answer]
    return {"index": 0, "tools": [row["tools"][0] for row in rows], "messages": messages}


PETS: dict[str, Any] = {
    "pets": [{"id": "P-1234", "name": "Bruno"}, {"id": "P-5678", "name": "Molly"}], "total": 5,
}  # fmt: skip


def tell_of_both(row: dict[str, Any]) -> dict[str, Any]:
    """The conversation, in which the assistant tells of two pets at the end."""
    told = {"role": "assistant", "text": "Bruno is a dog. Molly is a cat.", "turn": 0, "calls": []}
    return row | {"messages": [*row["messages"], told]}


READ = ("list_pets", "read", {"status": "open"})


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        ("answers_otherwise", called((*READ, {"pets": []}), (*READ, {"pets": [1]})), 1),
        ("answers_otherwise", called((*READ, {"pets": [1]}), (*READ, {"pets": [1]})), 0),
        (
            "answers_otherwise",
            called((*READ, {"pets": []}), ("add", "write", {}, {}), (*READ, {"pets": [1]})),
            0,
        ),
        ("page_taken_for_the_whole", tell_of_both(called((*READ, PETS))), 1),
        (  # each is looked up by its name
            "page_taken_for_the_whole",
            tell_of_both(
                called(
                    (*READ, PETS),
                    *(("get", "read", {"id": one["id"]}, one) for one in PETS["pets"]),
                )
            ),
            0,
        ),
        (
            "stays_listed",
            called(("delete_pet", "write", {"id": "P-1234"}, {}), (*READ, [{"id": "P-1234"}])),
            1,
        ),
        (
            "stays_listed",
            called(("delete_pet", "write", {"id": "P-1234"}, {}), (*READ, [{"id": "P-5678"}])),
            0,
        ),
        (  # what is gone is still what an earlier visit was of
            "stays_listed",
            called(
                ("delete_pet", "write", {"pet_id": "P-1234"}, {}),
                (*READ, [{"visit_id": "V-5678", "pet_id": "P-1234"}]),
            ),
            0,
        ),
        (
            "stays_listed",
            called(
                ("delete_pet", "write", {"pet_id": "P-1234"}, {}),
                (*READ, [{"pet_id": "P-1234", "owner_id": "O-5678"}]),
            ),
            1,
        ),
    ],
)
def test_two_answers_that_contradict_each_other_are_counted(
    kind: str, row: dict[str, Any], expected: int
) -> None:
    counted = {one.kind: one for one in count_defects([row])}
    assert counted[kind].does == expected


def test_a_text_that_is_sent_as_nobody_confirmed_it_is_counted() -> None:
    def asked(sent: str, choices: list[str], besides: str) -> dict[str, Any]:
        properties = {"title": {"enum": choices} if choices else {}}
        row = made("post", {"title": sent}, {}, parameters={"properties": properties})
        yes = {"role": "user", "text": "Yes", "turn": 0, "calls": []}
        row["messages"][1]["text"] = f"I'll post “Photos from the weekend”{besides}. Shall I?"
        row["messages"].insert(2, yes)
        return row

    choice = "photos_from_the_weekend"
    bold = "**Photos from the weekend**"
    cases: list[tuple[str, list[str], str, int]] = [
        ("Photos-from-the-weekend", [], "", 1), ("Photos from the weekend", [], "", 0),
        (choice, [], "", 1), (choice, [choice, "drawings"], "", 0),
        (bold, [], "", 1), (bold, [], f" as “{bold}”", 0),
    ]  # fmt: skip
    for sent, choices, besides, expected in cases:
        counted = {one.kind: one for one in count_defects([asked(sent, choices, besides)])}
        assert counted["confirmed_otherwise"].does == expected


def test_a_call_of_a_service_that_the_system_message_does_not_name_is_counted() -> None:
    for frame, expected in (("The desk of a library.", 1), ("A library, and a calendar.", 0)):
        row = called((*READ, {}), ("add_event", "write", {}, {}))
        row["tools"][0]["domain"], row["tools"][1]["domain"] = "library", "calendar"
        row["messages"].insert(0, {"role": "system", "text": frame, "turn": 0, "calls": []})
        counted = {one.kind: one for one in count_defects([row])}
        assert counted["outside_the_frame"].does == expected


def test_reasons_are_counted_once_a_wish() -> None:
    row = made("find", {}, {}, said="Please cancel it, because my plans have changed.")
    assert share_of_reasons([row]) == (1, 1)
