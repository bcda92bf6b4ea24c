"""Rows of others are named by their form, and OpenAI's audited by structure and schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.exports.foreign_rows import OPENAI, Audit, name_form
from tests.test_wiring import toolweave

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": SCHEMA}}]


def call(arguments: Any, name: str = "look", known: Any = "c1") -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [
        {"id": known, "type": "function", "function": {"name": name, "arguments": arguments}}
    ]}  # fmt: skip


def row(*messages: Any, tools: Any = TOOLS) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "?"}, *messages], "tools": tools}


ANSWER = {"role": "tool", "tool_call_id": "c1", "content": "x"}
END = {"role": "assistant", "content": "Done."}
RIGHT = '{"city": "Rye"}'


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (row(call(RIGHT), ANSWER, END), ""),
        (row(call(RIGHT), ANSWER, END, tools=json.dumps(TOOLS)), ""),
        (row(END), ""),
        (row(call('{"town": "Rye"}'), ANSWER, END), "no argument 'town'"),
        (row(call('{"city": 5}'), ANSWER, END), "at $.city"),
        (row(call("{"), ANSWER, END), "no JSON"),
        (row(call({"city": "Rye"}), ANSWER, END), "not JSON text"),
        (row(call(RIGHT, "see"), ANSWER, END), "not among the tools"),
        (row(call(RIGHT, known=None), END), "has no id"),
        (row(call(RIGHT), END), "have no answer: c1"),
        (row(ANSWER, END), "answers no call"),
        (row(call(RIGHT), ANSWER), "the last is not the assistant's"),
        (row({"role": "assistant"}, END), "says nothing"),
        (row("x", {"role": 5}, {"role": "tool"}, tools={"a": 1}), "none of the roles"),
        (row(call(RIGHT), ANSWER, END, tools=[{"name": "look", "parameters": {"type": 5}}]),
         "is not valid"),
    ],
)  # fmt: skip
def test_a_fault_of_a_row_is_told_with_its_place(made: Any, told: str) -> None:
    faults = list(Audit().faults(made))
    assert bool(faults) == bool(told)
    assert any(told in fault and "messages" in fault for fault in faults) or not told


@pytest.mark.parametrize(
    ("made", "form"),
    [
        (row(END), OPENAI),
        ({"conversations": [{"from": "human", "value": "x"}]}, "ShareGPT (conversations)"),
        ({"messages": [{"role": "tool_call", "content": "{}"}]},
         "swift (messages with the role tool_call)"),
        ({"messages": [{"role": "assistant", "content": [{"type": "tool_use"}]}]},
         "Anthropic messages (tool_use blocks)"),
        ({"instruction": "x", "output": "y"}, "Alpaca (instruction and output)"),
        ({"query": "x", "answers": "[]"}, "xLAM (query and answers)"),
        ({"contents": []}, "Gemini (contents)"),
        ({"x": 1}, ""),
        ([], ""),
    ],
)  # fmt: skip
def test_a_form_is_named(made: Any, form: str) -> None:
    assert name_form(made) == form


def test_rows_are_checked_one_line_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(f"{json.dumps(row(END))}\n\n{json.dumps(row(ANSWER, END))}\nnone\n")
    ran = toolweave("check", file)
    assert ran.code == 3
    assert ran.out.startswith("row 3, messages[1]: answers no call")
    assert "row 4, is no row of OpenAI chat" in ran.out
    assert "1 of 3 rows" in ran.out
    shown = json.loads(toolweave("check", file, "--json").out)
    assert [one["row"] for one in shown["findings"]] == [3, 4]


def test_what_steers_a_terminal_is_shown_as_an_escape(tmp_path: Path) -> None:
    name = "look\x1b[2J\u202e"
    file = tmp_path / "api\x1b]0;x\x07.json"
    file.write_text(json.dumps([{"name": name, "description": name, "inputSchema": {
        "type": "object", "properties": {name: {"type": "string"}}}}]))  # fmt: skip
    for ran in (
        toolweave("tools", file, "--repairs"),
        toolweave("tools", file, "--json"),
        toolweave("graph", "show", file, "look"),
        toolweave("graph", "show", file, "look_2J"),
        toolweave("world", "show", file),
        toolweave("tools", tmp_path / "none\x1b[2J.json"),
    ):
        assert "\x1b" not in ran.out + ran.err
        assert "\u202e" not in ran.out + ran.err
