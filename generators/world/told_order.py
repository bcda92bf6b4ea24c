"""In which order a list shows its rows, as the description of its tool says.

"Sorted alphabetically by name", "newest first", "ranked by score": where a field holds that. What
may be chosen by a parameter is left to it.
"""

import re
from collections.abc import Mapping

from generators.lexicon.date_field_names import came_out, is_expiry, tells_change, tells_making
from generators.lexicon.names import in_words, snake, split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import opening_words
from schemas.tool import ToolSpec
from schemas.world_model import FieldMeaning

Fields = Mapping[str, FieldMeaning]
"""Name → what it holds, of the rows that are listed."""

_BY = re.compile(
    r"\b(?P<how>sort(?:ed|s|ing)|ordered|ranked|ordering)\b[^.;\n]{0,30}? "
    r"(?:by|on) (?:the |their |its )?[`'\"]?(?P<by>\w[\w -]*)",
    re.IGNORECASE,
)
_ALPHABETICAL = re.compile(r"\balphabetical(?:ly)?\b|\bfrom A to Z\b", re.IGNORECASE)
_NEWEST = re.compile(
    r"\b(?:newest|latest|most recent(?:ly \w+)?)(?: \w+)? first\b|\breverse[- ]chronological"
    r"|\b(?:newest|latest|most recent) to (?:the )?oldest\b",
    re.IGNORECASE,
)
_OLDEST = re.compile(
    r"\b(?:oldest|earliest)(?: \w+)? first\b|\bchronological(?:ly| order)\b"
    r"|\boldest to (?:the )?(?:newest|latest)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\bdesc(?:ending)?\b|\b(?:highest|greatest|largest|biggest|most|best|newest|latest)\b[^.]*first"
    r"|\b(?:high|highest) to low",
    re.IGNORECASE,
)
_UP = re.compile(r"\basc(?:ending)?\b", re.IGNORECASE)
_CHOSEN = re.compile(
    r"\b(?:can|may|could|how|whether|optional(?:ly)?|supports?|allows?|options?|to)\b[^.;\n]{0,20}$",
    re.IGNORECASE,
)
"""Before what is only possible: ``can be sorted by name``."""
_AROUND = 45
"""Characters of what rows are sorted by, and of the direction that is told behind that."""


def find_order(tool: ToolSpec, fields: Fields) -> tuple[str, ...]:
    """The fields by which a list's rows stand in order; ``-date``: the greatest first."""
    said = tool.description
    for found in _BY.finditer(said):
        name = _find_field(found["by"], fields)
        if name is None or _CHOSEN.search(said[: found.start()]):
            continue
        before = said[: found.start("by")].rpartition(". ")[2]
        around = before + said[found.start("by") :][:_AROUND].partition(". ")[0]
        ranked = found["how"].lower() == "ranked" and not _UP.search(around)
        return (f"-{name}" if ranked or _DOWN.search(around) else name,)
    newest, dated = _NEWEST.search(said), _find_date(fields)
    if newest and dated and not _CHOSEN.search(said[: newest.start()]):
        return (f"-{dated}",)
    oldest = _OLDEST.search(said)
    if oldest and dated and not _CHOSEN.search(said[: oldest.start()]):
        return (dated,)
    spelled = _ALPHABETICAL.search(said)
    if spelled and (name := _find_name(fields)) and not _CHOSEN.search(said[: spelled.start()]):
        return (name,)
    words = {*split_words(tool.clear_name), *opening_words(said)}
    return (f"-{dated}",) if dated and words & load_words("inference", "newest") else ()


def _find_field(said: str, fields: Fields) -> str | None:
    """The field that the first words of a phrase name: ``created_at`` of "creation date"."""
    words = in_words(said).split()
    by_words = {in_words(name): name for name, field in fields.items() if not field.entity}
    for size in range(min(4, len(words)), 0, -1):
        phrase = " ".join(words[:size])
        ends = (name for told, name in by_words.items() if told.endswith(f" {phrase}"))
        if (name := by_words.get(phrase) or next(ends, None)) is not None:
            return name
    named = {"name", "title", *load_words("inference", "new_names")}
    if named & {*words[:1]}:
        return _find_name(fields)
    return _find_date(fields) if {"date", "time", "creation", "recency"} & {*words[:2]} else None


def _find_name(fields: Fields) -> str | None:
    """The field that holds what rows are called."""
    told = [name for name in fields if snake(name) in load_words("inference", "new_names")]
    titles = [name for name, one in fields.items() if one.semantic in ("title", "person_name")]
    return next(iter(told or titles), None)


def _find_date(fields: Fields) -> str | None:
    """The field that says when rows were made or came out; else the only date that they have."""
    dates = [name for name, one in fields.items() if one.semantic in ("date", "datetime")
             and not is_expiry(name)]  # fmt: skip
    made = [name for name in dates if tells_making(name) and not tells_change(name)]
    out = [name for name in dates if came_out(name)]
    alone = dates if len(dates) == 1 else []
    return next(iter(out or made or alone), None)
