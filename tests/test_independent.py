"""The second opinion agrees about the correct conversation, and sees what spoils one."""

import ast
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.message import AssistantMessage
from schemas.trajectory import Trajectory
from tests import independent
from tests.spoils import PROVENANCE, SCHEMA, STRUCTURE, TEXT
from tests.tampering import argument_leaves, drop, edit_call, say, swap
from tests.trajectories import GOOD

SCRIPT = Path(independent.__file__)
TODAY = date(2026, 3, 2)  # a Monday

BEYOND_IT = {
    "bad_turn", "early_farewell", "duplicate_tool", "wrong_result_name", "null_argument",
    "data_fragment", "doubled_word", "bad_spacing", "doubled_punctuation", "unbalanced_quotes",
    "repetition", "user_speaks_as_assistant", "placeholder", "null_word",
    "format_ignored", "demand_ignored",
}  # fmt: skip
"""Not its business, or seen by it in part only."""


def record(trajectory: Trajectory) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(trajectory.model_dump_json())
    return whole


def test_it_shares_no_code_with_the_project() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    allowed = {"json", "re", "sys", "collections.abc", "datetime", "pathlib", "typing"}
    assert modules <= allowed | {"jsonschema"}


def test_it_finds_nothing_wrong_with_the_correct_conversation() -> None:
    assert independent.problems(record(GOOD)) == []


def test_it_sees_what_the_checks_see() -> None:
    for spoil in (*STRUCTURE, *SCHEMA, *TEXT):
        if spoil.code not in BEYOND_IT:
            assert independent.problems(record(spoil.trajectory)), spoil.code


@pytest.mark.parametrize("piece", ["{{name}}", "<name>", "[name]", "TBD", "None", "null", "<|x|>"])
def test_it_sees_what_nobody_says(piece: str) -> None:
    assert independent.problems(record(say(18, f"Could you repair {piece} too?")))


def test_it_sees_a_raw_name_only_where_no_value_holds_it() -> None:
    assert independent.problems(record(say(18, "Could you mend my order_id?")))
    noted = edit_call(10, arguments={"note": "order_id"}, trajectory=say(18, "My order_id?"))
    assert not [p for p in independent.problems(record(noted)) if "raw name" in p]


_LEAVES = [leaf for leaf in argument_leaves() if leaf[3] != 5]


@pytest.mark.parametrize("leaf", _LEAVES, ids=lambda leaf: f"{leaf[0]}.{leaf[2]}")
def test_it_sees_an_invented_argument(leaf: Any) -> None:
    position, number, path, _ = leaf
    message = GOOD.messages[position]
    assert isinstance(message, AssistantMessage)
    for value in ("p-32", 7777, "2026-07-07", "10:45", "", [], "Oak desk, smal"):
        arguments = {**message.calls[number].arguments, path: value}
        found = independent.problems(record(edit_call(position, number, arguments=arguments)))
        assert any(f"nothing gives {path} = {value!r}" in problem for problem in found), value


def test_it_sees_a_value_that_is_used_before_its_result() -> None:
    early = edit_call(2, arguments={"query": "W-1001", "limit": 5})
    assert independent.problems(record(early))


def test_it_sees_an_invented_value_whatever_source_is_recorded() -> None:
    differing = [spoil for spoil in PROVENANCE if spoil.code == "source_no_default"][:1]
    assert all(independent.problems(record(spoil.trajectory)) for spoil in differing)


@pytest.mark.parametrize("position", range(len(GOOD.messages)))
def test_it_sees_a_dropped_message(position: int) -> None:
    assert independent.problems(record(drop(position)))


def test_it_sees_results_in_each_others_place() -> None:
    assert independent.problems(record(swap(15, 16)))


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("on the 12th of March", "2026-03-12", True),
        ("on March 1", "2027-03-01", True),
        ("on March 1", "2026-03-01", False),
        ("on 3 April 2027", "2027-04-03", True),
        ("tomorrow", "2026-03-03", True),
        ("next Friday", "2026-03-13", True),
        ("this Friday", "2026-03-06", True),
        ("this Friday", "2026-03-13", False),
        ("at 9:40 pm", "21:40", True),
        ("at 9:40 pm", "09:40", False),
        ("at noon", "12:00", True),
        ("twenty-five of them", 25, True),
        ("$1,250.50", 1250.5, True),
        ("order 4127", 412, False),
        ("it is in progress", "IN_PROGRESS", True),
        ("it is making progress", "IN_PROGRESS", False),
        ("in Oakland", "Oak", False),
        ("issue 412", "412", True),
    ],
)
def test_it_reads_as_people_speak(text: str, value: Any, expected: bool) -> None:
    assert independent.said(text, value, TODAY) is expected


def test_it_reads_a_day_and_a_time_as_one() -> None:
    words = ["on the 12th of March at 9:40 am"]
    assert independent.said_apart(words, "2026-03-12T09:40:00+01:00", TODAY)
    assert not independent.said_apart(words, "2026-03-12T10:40:00", TODAY)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [("a", 3, True), ("a", 4, False), ("b.c", "x", True), ("b.c", "y", False), ("d[0]", "l", True),
     ("d[0]", "m", False), ("e", [], True), ("f[1].g", 1, True), ("f[1].h", 1, False)],
)  # fmt: skip
def test_it_finds_what_a_schema_fixes(path: str, value: Any, expected: bool) -> None:
    schema = {
        "properties": {
            "a": {"default": 3},
            "b": {"properties": {"c": {"const": "x"}}},
            "d": {"default": ["l"], "items": {}},
            "e": {"default": []},
            "f": {"items": {"properties": {"g": {"enum": [1]}, "h": {"enum": [1, 2]}}}},
        }
    }
    assert independent.is_default(schema, path, value) is expected


def test_yes_and_no_need_words_that_were_said() -> None:
    call = {"provenance": [{"path": "gift", "source": {"kind": "user", "span": "as a gift"}}]}
    assert independent.flagged(call, "gift", ["wrap it as a gift"])
    assert not independent.flagged(call, "gift", ["wrap it"])
    assert not independent.flagged({"provenance": []}, "gift", ["wrap it"])


@pytest.mark.parametrize(("trajectory", "code"), [(GOOD, 0), (drop(3), 1)], ids=["good", "bad"])
def test_the_command_tells_by_its_exit_code(
    trajectory: Trajectory, code: int, tmp_path: Path
) -> None:
    file = tmp_path / "trajectories.jsonl"
    file.write_text(trajectory.model_dump_json() + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == code, done.stderr
    assert "1 trajectories" in done.stdout
    assert ("line 1: " in done.stdout) is bool(code)
