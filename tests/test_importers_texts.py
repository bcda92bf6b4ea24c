"""Texts of others imitate no chat template and steer no terminal, and are of bounded length."""

import json
import re
from pathlib import Path

import pytest

from generators.importers import read_catalog
from generators.importers.texts import neutralise
from tests.importing import mcp, properties, read_one, write

MARKS = (
    "<|im_start|>", "<|im_<|x|>start|>", "<｜tool▁calls▁begin｜>", "<tool_call>",
    "</tool_response>", "<tools>", "<think>", "<function=look>",
    "[INST]", "[/INST]", "<<SYS>>", "[TOOL_CALLS]", "</s>",
    "<start_of_turn>", "<|", "|>", "\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\x00", "\u202e",
    "\u2066", "\u200b", "\U000e0041",
)  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
def test_no_mark_of_a_template_or_of_a_terminal_comes_through(tmp_path: Path, mark: str) -> None:
    text = f"Look {mark} up."
    schema = properties(city={"type": "string", "description": text, "enum": [text, "b"]},
                        day={"type": "string", "default": text, "examples": [text]})  # fmt: skip
    tool = read_one(
        tmp_path,
        [{"name": "look", "title": text, "description": text, "inputSchema": schema,
          "outputSchema": properties(x={"type": "string", "description": text})}],
    )  # fmt: skip
    told = json.dumps(
        [tool.title, tool.description, tool.parameters, tool.returns, tool.repairs],
        ensure_ascii=False,
    )
    assert mark not in told
    assert neutralise(told) == told
    assert "Look" in tool.description
    assert any("inputSchema.properties.city.enum[0]" in repair for repair in tool.repairs)


@pytest.mark.parametrize(
    "text",
    ["a < b and c > d", "clone <user>/<repo>", "Zażółć 日本 👩\u200d👩", "a\n\tb", "[x] ### y"],
)
def test_what_people_write_stays(text: str) -> None:
    assert neutralise(text) == text


def test_a_long_description_is_cut_and_that_is_told(tmp_path: Path) -> None:
    long = "word " * 5000
    entry = mcp("look", description=long)
    entry["inputSchema"] = properties(city={"type": "string", "description": long})
    path = write(tmp_path, [entry])
    (tool,) = read_catalog([path]).tools
    assert len(tool.description) <= 1024
    assert len(tool.properties["city"]["description"]) <= 1024
    assert sum("characters were cut" in repair for repair in tool.repairs) == 2
    (short,) = read_catalog([path], longest=40).tools
    assert re.fullmatch(r"(word )+word…", short.description)


GOOGLE = """Count what is left.

Args:
    depot: Name of the depot (e.g. "North yard")
    day (str): Date in format YYYY-MM-DD

Returns:
    int: Number of crates
"""
NUMPY = """Tells whether a depot is open.

    Parameters:
    -----------
    depot : str
        One of: "north", "south".

    Returns:
    --------
    bool
        True if the depot is open
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOGLE, 'Name of the depot (e.g. "North yard")'),
        (NUMPY, 'One of: "north", "south".'),
        ("Look.\n:param depot: The yard\n:return: a list", "The yard"),
    ],
)
def test_a_docstring_in_a_description_tells_of_parameters(
    tmp_path: Path, text: str, said: str
) -> None:
    schema = properties(depot={"type": "string"}, day={"type": "string", "description": "own"})
    tool = read_one(tmp_path, mcp(name="look", description=text, inputSchema=schema))
    assert tool.properties["depot"]["description"] == said
    assert tool.properties["day"]["description"] == "own"
    assert "inputSchema.depot: described by the tool's text" in tool.repairs
    assert tool.returns is None
