"""Calls in a text: read where there is no doubt, and nowhere else."""

import json

import pytest

from generators.dialogue.model_roles import read_written_calls

NAMES = {"get_hours", "search_products"}
TAGGED = '<tool_call>{"name": "get_hours", "arguments": {"day": "sunday"}}</tool_call>'
AS_TEXT = (
    '<tool_call>\n{"name": "get_hours", "arguments": "{\\"day\\": \\"sunday\\"}"}\n</tool_call>'
)


@pytest.mark.parametrize(
    ("text", "words", "count"),
    [
        (TAGGED, "", 1),
        (f"Let me see.\n{TAGGED}\n{AS_TEXT}\n", "Let me see.", 2),
        ('```json\n{"name": "get_hours", "arguments": {"day": "sunday"}}\n```', "", 1),
    ],
)
def test_calls_that_are_written_into_the_text_are_read_as_calls(
    text: str, words: str, count: int
) -> None:
    said, calls = read_written_calls(text, NAMES)
    assert said == words
    told = [(one.name, json.loads(one.arguments)) for one in calls]
    assert told == [("get_hours", {"day": "sunday"})] * count


@pytest.mark.parametrize(
    "text",
    [
        f"{TAGGED} It is open.",
        TAGGED.removesuffix("</tool_call>"),
        TAGGED.replace('"name"', '"name": "search_products", "name"'),
        TAGGED.replace('"arguments"', '"parameters"'),
        TAGGED.replace("}}", '}, "id": 1}'),
        f"{TAGGED}<tool_call>get_hours</tool_call>",
        '```json\n{"name": "Ana", "arguments": {}}\n```',
        'Here:\n```json\n{"name": "get_hours", "arguments": {}}\n```',
        '{"name": "get_hours", "arguments": {}}',
    ],
)
def test_what_may_be_no_call_stays_words(text: str) -> None:
    assert read_written_calls(text, NAMES) == (text, ())
