"""Edits within a text: an old passage is replaced by a new one, or the call fails."""

from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.lexicon.tables import phrase_set
from generators.sandbox.compiled_tools import CompiledTool, pick
from generators.sandbox.errors import CallError
from generators.sandbox.row_values import Row
from schemas.record import JsonObject

_OLD = phrase_set("old text;old string;old str;old;search;find")
_NEW = phrase_set("new text;new string;new str;new;replace;replacement")
_REHEARSALS = phrase_set("dry run;preview;simulate")
_CONTENTS = ("content", "text", "body")


@remembered
def edit_paths(plan: CompiledTool) -> tuple[str, ...]:
    """The paths of the passages that are taken out and put in; none where the tool has no pair."""
    pair = [
        next((s.path for s in plan.of("field") if _said(s.path) in names), "")
        for names in (_OLD, _NEW)
    ]
    return (pair[0], pair[1]) if all(pair) and plan.model.operation == "update" else ()


def _said(path: str) -> str:
    return in_words(path.replace("[]", "").rsplit(".", 1)[-1])


def edited(plan: CompiledTool, row: Row, element: JsonObject) -> JsonObject:
    """The row's text after the edits. Raises CallError for a passage that is not in it."""
    paths = edit_paths(plan)
    field = next((name for name in _CONTENTS if isinstance(row.get(name), str)), "")
    if not paths or not field:
        return {}
    text = str(row[field])
    olds, news = (_as_list(pick(element, path)) for path in paths)
    for old, new in zip(olds, news, strict=True):
        if str(old) not in text:
            raise CallError("invalid_arguments", f"The text '{old}' was not found.")
        text = text.replace(str(old), str(new), 1)
    return {field: text}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_rehearsal(plan: CompiledTool, element: JsonObject) -> bool:
    """Whether the call only asks what would happen."""
    return any(
        in_words(slot.parameter.name) in _REHEARSALS and pick(element, slot.path) is True
        for slot in plan.of("option")
    )


def passage(row: Row, rng: Random) -> str:
    """A line of the row's text that can be replaced; "" where it has none."""
    text = next((str(row[name]) for name in _CONTENTS if isinstance(row.get(name), str)), "")
    lines = [line for line in text.splitlines() if len(line) > 3 and text.count(line) == 1]
    return rng.choice(lines[1:] or lines) if lines else ""


def rewritten(old: str, rng: Random) -> str:
    """The passage with a figure or an ending changed."""
    for place, mark in enumerate(old):
        if mark.isdigit():
            other = rng.choice([number for number in "23456789" if number != mark])
            return old[:place] + other + old[place + 1 :]
    tails = ("Updated in spring.", "See the notes below.", "To be confirmed.")
    return f"{old.rstrip()} {rng.choice(tails)}"
