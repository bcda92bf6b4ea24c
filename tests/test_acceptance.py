"""The acceptance run counts and judges rightly; that it measures is shown by running it."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.bad_input import CASES, Case, contents, shortcomings
from benchmarks.conversations import Conversation, count, judge, marks, normalise, repeated
from benchmarks.lines import Line, all_hold, at_least, none_of, share
from benchmarks.program import Ran, records, rows

Json = dict[str, Any]
TOOLS = [
    {"parameters": {"properties": {"order_id": {}, "city": {}, "dueDate": {"type": "string"}}}}
]


def user(text: str = "Hello", turn: int = 0) -> Json:
    return {"role": "user", "text": text, "turn": turn, "act": "request"}


def said(text: str = "Done.", act: str = "report") -> Json:
    return {"role": "assistant", "text": text, "act": act, "calls": []}


def calling(*ids: str, **arguments: Any) -> Json:
    calls = [{"id": known, "name": "find", "arguments": arguments} for known in ids]
    return {"role": "assistant", "text": "", "act": "call", "calls": calls}


def result(known: str, content: str = "{}", fault: bool = False, is_error: bool = False) -> Json:
    found = {"kind": "timeout"} if fault else None
    return {"role": "tool", "call_id": known, "content": content, "fault": found,
            "is_error": fault or is_error}  # fmt: skip


def counted(*messages: Json) -> Conversation:
    return count({"messages": list(messages), "tools": TOOLS})


def some(**changes: Any) -> Conversation:
    plain: Json = {
        "user_turns": 3, "tasks": 2, "calls": 4, "clarified": True, "parallel": True,
        "recovered": True, "refused": True, "opening": "hello", "marks": (),
    }  # fmt: skip
    return Conversation(**plain | changes)


def test_turns_tasks_and_calls_are_counted() -> None:
    found = counted(user(), calling("a", "b"), result("a"), result("b"), said(), user(turn=1),
                    said(), user("Thanks", turn=1), said())  # fmt: skip
    assert (found.user_turns, found.tasks, found.calls, found.parallel) == (3, 2, 2, True)


def test_two_calls_one_after_the_other_are_not_parallel() -> None:
    found = counted(user(), calling("a"), result("a"), calling("b"), result("b"), said())
    assert not found.parallel


def test_a_clarification_needs_an_answer_of_the_user() -> None:
    assert counted(user(), said("Which?", act="clarify"), user("That one"), said()).clarified
    assert not counted(user(), said("Which?", act="clarify")).clarified
    assert not counted(user(), said("Which?"), user("That one"), said()).clarified


def test_a_recovery_is_the_same_call_that_succeeds_after_a_fault() -> None:
    failed = (user(), calling("a", city="Rome"), result("a", fault=True))
    assert counted(*failed, calling("b", city="Rome"), result("b"), said()).recovered
    assert not counted(*failed, said()).recovered
    assert not counted(*failed, calling("b", city="Oslo"), result("b"), said()).recovered
    again = (calling("b", city="Rome"), result("b", is_error=True))
    assert not counted(*failed, *again, said()).recovered


def test_an_error_that_was_not_injected_is_no_fault() -> None:
    first = (user(), calling("a"), result("a", is_error=True))
    assert not counted(*first, calling("b"), result("b"), said()).recovered


def test_a_refusal_is_an_act_of_the_assistant() -> None:
    assert counted(user(), said("I cannot.", act="refuse")).refused
    assert not counted(user(), said("I cannot.")).refused


@pytest.mark.parametrize(
    "text",
    [
        "Your {city}", "{{ name }}", "{% if %}", "Hello <name>", "It is None.", "null",
        "It is undefined", "TODO", "Dear [first name],", "%s items", "${x}", "order_id is W1",
        "the order_id=W1", "My dueDate", "{'a': 1}",
    ],
)  # fmt: skip
def test_what_no_person_says_is_found(text: str) -> None:
    assert list(marks([user(text)], TOOLS))
    assert list(marks([said(text)], TOOLS))


@pytest.mark.parametrize(
    "text",
    ["None of them", "The city is Rome.", "a < b", "5 > 3 and 2 < 4", "nullify", "the order id"],
)
def test_what_people_do_say_is_let_through(text: str) -> None:
    assert not list(marks([user(text), said(text)], TOOLS))


def test_a_value_that_is_quoted_may_hold_a_mark_or_a_raw_name() -> None:
    titled = [calling("a"), result("a", '{"titles": ["TODO: rename order_id"]}')]
    assert not list(marks([*titled, said("I found “TODO: rename order_id”.")], TOOLS))
    assert list(marks([*titled, said("The order_id is there.")], TOOLS))


def test_a_system_message_and_a_result_are_not_said() -> None:
    system = {"role": "system", "text": "order_id {x}"}
    assert not list(marks([system, calling("a"), result("a", '{"x": "{y}"}')], TOOLS))


def test_openings_are_alike_whatever_their_case_and_signs() -> None:
    same = [normalise(text) for text in ("Hi, book it!", "hi  book IT", "Hi; look it up")]
    assert repeated(some(opening=opening) for opening in same) == ["hi book it"]


def test_all_lines_of_good_conversations_hold() -> None:
    assert all_hold(judge([some(opening="a"), some(opening="b")]))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"user_turns": 9}, "user turns, each"),
        ({"user_turns": 1}, "user turns, each"),
        ({"user_turns": 2}, "user turns, mean"),
        ({"calls": 3}, "calls, mean"),
        ({"clarified": False}, "with a clarification"),
        ({"parallel": False}, "with parallel calls"),
        ({"recovered": False}, "with a fault and the recovery"),
        ({"refused": False}, "with an unsupported request"),
        ({"marks": ("'{x}'",)}, "placeholders, raw names"),
    ],
)
def test_each_shortcoming_fails_its_line(changes: Json, name: str) -> None:
    assert name in {line.name for line in judge([some(**changes)]) if line.holds is False}


def test_a_bound_is_kept_when_it_is_met_exactly() -> None:
    assert share("s", 190, 200, 0.95).holds
    assert share("s", 189, 200, 0.95).holds is False
    assert at_least("m", 3.0, 3).holds
    assert at_least("m", 2.999, 3).holds is False


def test_a_share_of_nothing_does_not_hold() -> None:
    assert share("s", 0, 0, 0.95).holds is False


def test_what_could_not_run_does_not_count_as_held() -> None:
    held = Line("a", "", "", True)
    assert all_hold([held])
    assert not all_hold([held, Line("b", "", "no such file", None)])
    assert not all_hold([])
    assert none_of("n", [], "x").holds
    assert none_of("n", ["y"], "x").holds is False


def test_shortcomings_of_a_bad_input_are_told() -> None:
    case = Case("c", CASES[0].arrange, ("tools.json",))
    good = Ran(2, "", "toolweave: tools.json: is empty\n", 0, 0, 0)
    assert not list(shortcomings(case, good, untouched=True))
    assert list(shortcomings(case, good, untouched=False)) == ["the folder was changed"]
    worse = Ran(1, "", "Traceback\nKeyError\n", 0, 0, 0)
    told = list(shortcomings(case, worse, untouched=True))
    assert told == ["exit 1", "2 lines", "does not name 'tools.json'"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_of_bad_input_arranges_what_it_names(case: Case, tmp_path: Path) -> None:
    given = case.arrange(tmp_path)
    assert given
    named = [part for part in given if isinstance(part, Path)]
    assert all(part.is_relative_to(tmp_path) for part in named)
    assert named or not contents(tmp_path)


def test_rows_and_records_of_a_file_that_is_not_there_are_none(tmp_path: Path) -> None:
    assert (rows(tmp_path / "x"), list(records(tmp_path / "x"))) == (0, [])
    (tmp_path / "x").write_text('{"a": 1}\n{"a": 2}\n')
    assert (rows(tmp_path / "x"), list(records(tmp_path / "x"))) == (2, [{"a": 1}, {"a": 2}])
