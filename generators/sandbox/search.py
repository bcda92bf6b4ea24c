"""Which rows a list or search finds, and in which order."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import compress
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.lexicon.tables import load_words, phrase_set
from generators.sandbox.compiled_tools import CompiledTool, Slot, pick
from generators.sandbox.phrases import content_words
from generators.sandbox.row_values import Row, as_text, equal_to, field_of
from generators.sandbox.schema_validity import MISSING, simple
from generators.world.model import ParameterModel, World
from generators.world.schema_leaves import plain_schema
from schemas.record import JsonObject

_SORTS = phrase_set("sort;sort by;order by;sort field;sort order by;sorting;sort key")
_WAYS = phrase_set("order;direction;sort order;sort direction;sort dir;order direction")
_DOWN = frozenset({"desc", "descending", "newest", "highest", "latest", "most"})
_UP = frozenset({"asc", "ascending", "oldest", "lowest", "cheapest", "earliest"})
_SORTED = re.compile(r"\b[Ss]ort\w*\b[^.]*? by (?:the )?[`'\"]?([a-z]\w*)")
"""What a list is sorted by, where only which way is left to choose: ``by the `created_at` …``."""
_ALIASES = {"created": "created_at", "updated": "updated_at", "newest": "created_at",
            "cheapest": "price", "recent": "created_at"}  # fmt: skip


def find_suiting(
    tool: CompiledTool, world: World, rows: Iterable[Row], element: JsonObject
) -> list[Row]:
    """The rows that a call with these arguments can be about, whatever it writes."""
    if tool.model.operation != "update":
        return find_matching(tool, rows, element)
    asked = tool.of("identity", "filter", "unlike", "minimum", "maximum")
    known = (slot for slot in tool.of("reference") if not in_words(slot.path).startswith("new "))
    placed = [slot for slot in known if tool.locates(slot, world)]
    return find_matching(tool, rows, element, (*asked, *placed))


_FOUND_BY = frozenset({"identity", "filter"})
"""Uses of parameters that say which rows are meant."""
_ELSE_TODAY = re.compile(
    r"\bdefaults?(?: value)?(?: is| to|:)?\s*['\"`]?(?:today|now|(?:the )?current (?:date|day))\b",
    re.IGNORECASE,
)


@remembered
def is_else_today(parameter: ParameterModel) -> bool:
    """Whether what is asked for is of today where no date is given: few rows are of today.

    Of a date whose default is a word, in whatever language, that word is no other.
    """
    if parameter.semantic not in ("date", "datetime") or parameter.use not in _FOUND_BY:
        return False
    usual = str(parameter.schema.get("default") or "")
    told = _ELSE_TODAY.search(str(parameter.schema.get("description", "")))
    return told is not None or (bool(usual) and not re.search(r"\d", usual))


_USUALLY = re.compile(r"\b[Dd]efaults?(?: value)?(?: to| is|:)? ['\"`]?([\w-]+)")
_NO_FILTER = frozenset({"all", "any", "both", "none", "null", ""})


@remembered
def usual_filter(parameter: ParameterModel) -> Any:
    """What a list is narrowed by where nothing is said: the default that the parameter tells."""
    if parameter.use != "filter" or parameter.required or is_else_today(parameter):
        return MISSING
    plain = simple(parameter.schema)
    choices = {str(one).lower(): one for one in plain.get("enum", ()) if isinstance(one, str)}
    told = _USUALLY.search(str(plain.get("description", "")))
    usual = plain.get("default", choices.get(told[1].lower()) if told else None)
    wide = usual is None or str(usual).lower() in _NO_FILTER or not isinstance(usual, str)
    return MISSING if wide or (choices and str(usual).lower() not in choices) else usual


def find_matching(
    tool: CompiledTool, rows: Iterable[Row], element: JsonObject,
    slots: Sequence[Slot] | None = None,
) -> list[Row]:  # fmt: skip
    """The rows that satisfy all conditions of the call but the words of a query.

    ``slots``: the parameters that are conditions; None: all.
    """
    for slot in tool.slots if slots is None else slots:
        value = pick(element, slot.path)
        if value is MISSING and tool.model.operation == "list" and slot.path.count(".") == 0:
            value = usual_filter(slot.parameter)
        holds = _read_condition(tool, slot, value)
        if holds is not None:
            rows = [row for row in rows if holds(row)]
    return list(rows)


def _read_condition(tool: CompiledTool, slot: Slot, value: Any) -> Callable[[Row], bool] | None:
    """What an argument asks of a row; None where it is not given, or asks nothing."""
    use, field, entity = slot.parameter.use, slot.field, tool.entity
    if value is MISSING or use in ("option", "input", "query"):
        return None
    same = equal_to(value)
    if use == "field":
        return None if tool.model.writes else lambda row: field not in row or same(row[field])
    if value is None or value == "":
        return None
    every = load_words("inference", "every")
    if use == "filter" and isinstance(value, str) and value.lower() in every:
        return None
    # A condition on what rows do not have says nothing of them.
    strange = entity is None or field not in entity.fields
    in_folder = tool.by_path and tool.model.operation == "list"
    in_folder = in_folder and entity is not None and field == entity.identity[0]

    def holds(row: Row) -> bool:
        try:
            held = field_of(row, field)
        except KeyError:
            return strange
        if use == "unlike":
            values = held if isinstance(held, list) else [held]
            return not any(map(same, (held, *values)))
        if use == "minimum":
            return _reaches(held, value)
        if use == "maximum":
            return _reaches(value, held)
        return same(held) or (in_folder and lies_in(str(held), str(value)))

    return holds


def _reaches(held: Any, bound: Any) -> bool:
    """Whether a value is at least as great; not where they have no order. A day holds its hours."""
    if isinstance(held, str) and isinstance(bound, str):
        length = min(len(held), len(bound))
        return held[:length] >= bound[:length]
    numbers = isinstance(held, int | float) and isinstance(bound, int | float)
    return numbers and held >= bound


def lies_in(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth, or is the folder itself."""
    top = folder.rstrip("/")
    return path == top or path.startswith(f"{top}/") or folder in ("", ".", "/")


def search_texts(rows: list[Row], tool: CompiledTool, element: JsonObject) -> list[Row]:
    """The rows in whose texts the words of the query stand: all of them, or else the most.

    Files are found whose name satisfies the pattern, or holds it as a part.
    """
    for slot in tool.of("query"):
        value = pick(element, slot.path)
        words = query_words(value) if isinstance(value, str) else []
        if tool.by_path and tool.entity is not None and isinstance(value, str):
            pattern, at = value.rpartition("/")[2].lower(), tool.entity.identity[0]
            plain = set("*?[").isdisjoint(pattern)
            names = [str(row[at]).rpartition("/")[2].lower() for row in rows]
            rows = [
                row for row, name in zip(rows, names, strict=True)
                if fnmatchcase(name, pattern) or (plain and pattern in name)
            ]  # fmt: skip
        elif takes_glob(slot.parameter) and "*" in str(value):
            at = slot.parameter.field or ""
            rows = [row for row in rows if fnmatchcase(str(row.get(at)), str(value))]
        elif words:
            at = slot.parameter.field or ""
            texts = [
                "\n".join(_texts_in([row[at]] if at in row else shown_part(row, tool))).lower()
                for row in rows
            ]
            counts = [sum(holds_word(text, word) for word in words) for text in texts]
            best = max(counts, default=0)
            # Of somebody's name, all: of the first name alone there are many.
            least = len(words) * (1 if slot.parameter.semantic == "person_name" else 0.5)
            found = [count == best and best >= least for count in counts]
            # ``team-support`` is found where that stands, not where a team gives support.
            asked = re.compile(rf"(?<!\w){re.escape(str(value).lower())}(?!\w)")
            named = [one and len(words) > 1 and asked.search(text) is not None
                     for one, text in zip(found, texts, strict=True)]  # fmt: skip
            rows = [*compress(rows, named if any(named) else found)]
    return rows


_GLOB = re.compile(r"^\*|['\"`][\w:./-]*\*|\b(?:glob|wildcard)", re.IGNORECASE)


@remembered
def takes_glob(parameter: ParameterModel) -> bool:
    """Whether what is sought by a field is a pattern such as ``user:*``."""
    schema = plain_schema(parameter.schema)
    told = f"{schema.get('default', '')} {schema.get('description', '')}"
    named = in_words(parameter.name).rpartition(" ")[2] in ("pattern", "glob")
    return named and parameter.field is not None and _GLOB.search(told) is not None


def shown_part(row: Row, tool: CompiledTool) -> Row:
    """What a list shows of a row: nobody sees why it was found by a text that is not there.

    The whole row, where its result names other fields.
    """
    shown = tool.model.shown_fields
    part = {name: value for name, value in row.items() if name in shown}
    return part if any(" " in text for text in _texts_in(part)) else row


def query_words(query: str) -> list[str]:
    """What a query asks for; qualifiers such as ``is:open`` are left aside."""
    plain = " ".join(word for word in query.split() if ":" not in word)
    return [word.lower().removesuffix("s") for word in content_words(plain)]


def holds_word(text: str, word: str) -> bool:
    """Whether a word, or one that begins so, stands in a text: no ``date`` in an update."""
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None


def _texts_in(value: Mapping[str, Any] | list[Any]) -> Iterator[str]:
    """Everything in a value that is written in words."""
    for part in value.values() if isinstance(value, Mapping) else value:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict | list):
            yield from _texts_in(part)


def put_in_order(rows: list[Row], tool: CompiledTool, element: JsonObject) -> list[Row]:
    """The rows in the order that the tool has, or an option names."""
    options: dict[str, Any] = {}
    told = ""
    for slot in tool.of("option"):
        name, rule = in_words(slot.parameter.name), slot.parameter.schema
        value = pick(element, slot.path)
        value = rule.get("default") if value is MISSING else value
        if value is not None:
            options[name] = value
            found = _SORTED.search(str(rule.get("description", ""))) if name in _WAYS else None
            told = found[1] if found else told
    ordered = rows
    for said in reversed(tool.model.sorted_by):  # sorting is stable: the first field decides last
        ordered = _sort(ordered, said.removeprefix("-"), down=said.startswith("-"))
    by = next((value for name, value in options.items() if name in _SORTS), told or None)
    if isinstance(by, str) and rows:
        words = in_words(by).split()
        way = next((str(value).lower() for name, value in options.items() if name in _WAYS), "")
        down = way in _DOWN or (way not in _UP and not _DOWN.isdisjoint(words))
        said = " ".join(word for word in words if word not in _DOWN | _UP) or by
        named = _ALIASES.get(said, said.replace(" ", "_"))
        alike = (name for name in rows[0] if said in in_words(name))
        field = named if named in rows[0] else next(alike, None)
        ordered = ordered if field is None else _sort(ordered, field, down=down)
    return ordered


def _sort(rows: list[Row], field: str, *, down: bool) -> list[Row]:
    """The rows by a field: numbers before texts."""

    def rank(row: Row) -> tuple[int, float, str]:
        value = row.get(field)
        if isinstance(value, int | float):
            return (0, float(value), "")
        return (1, 0.0, as_text(value))

    return sorted(rows, key=rank, reverse=down)
