"""Which rows a list or search finds, in which order, and which page of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.tables import phrase_set
from generators.sandbox.compiled_tools import CompiledTool, Slot, pick
from generators.sandbox.phrases import content_words
from generators.sandbox.row_values import Row, as_text, equal_to, field_of
from generators.sandbox.schema_validity import MISSING
from generators.world.model import World
from schemas.record import JsonObject

Condition = Callable[[Row], bool]


def find_matching(tool: CompiledTool, rows: Iterable[Row], element: JsonObject) -> list[Row]:
    """The rows that satisfy all conditions of the call but the words of a query."""
    return _rows_holding(tool, tool.slots, rows, element)


def find_suiting(
    tool: CompiledTool, world: World, rows: Iterable[Row], element: JsonObject
) -> list[Row]:
    """The rows that a call with these arguments can be about, whatever it writes."""
    if tool.model.operation != "update":
        return find_matching(tool, rows, element)
    asked = tool.of("identity", "filter", "minimum", "maximum")
    placed = [slot for slot in tool.of("reference") if tool.locates(slot, world)]
    return _rows_holding(tool, (*asked, *placed), rows, element)


def _rows_holding(
    tool: CompiledTool, slots: Sequence[Slot], rows: Iterable[Row], element: JsonObject
) -> list[Row]:
    for slot in slots:
        holds = _condition(tool, slot, pick(element, slot.path))
        if holds is not None:
            rows = [row for row in rows if holds(row)]
    return list(rows)


def _condition(tool: CompiledTool, slot: Slot, value: Any) -> Condition | None:
    """What an argument asks of a row; None where it is not given, or asks nothing."""
    use, field = slot.parameter.use, slot.field
    if value is MISSING or use in ("option", "input", "query"):
        return None
    if use == "field":
        said = equal_to(value)
        return None if tool.model.writes else lambda row: field not in row or said(row[field])
    if value is None or value == "":
        return None
    compare = _comparison(tool, slot, value)
    strange = tool.entity is None or field not in tool.entity.fields

    def holds(row: Row) -> bool:
        try:
            held = field_of(row, field)
        except KeyError:
            return strange  # a condition on what rows do not have says nothing of them
        return compare(held)

    return holds


def _comparison(tool: CompiledTool, slot: Slot, value: Any) -> Callable[[Any], bool]:
    if slot.parameter.use == "minimum":
        return lambda held: (order := _compare(held, value)) is not None and order >= 0
    if slot.parameter.use == "maximum":
        return lambda held: (order := _compare(held, value)) is not None and order <= 0
    same = equal_to(value)
    named = tool.by_path and tool.entity is not None and slot.field == tool.entity.identity[0]
    if named and tool.model.operation == "list":
        return lambda held: same(held) or lies_in(str(held), str(value))
    return same


def _compare(held: Any, bound: Any) -> int | None:
    """-1, 0 or 1; None where the two cannot be compared. A day holds all its hours."""
    if isinstance(held, str) and isinstance(bound, str):
        length = min(len(held), len(bound))
        first, second = held[:length], bound[:length]
        return (first > second) - (first < second)
    if isinstance(held, int | float) and isinstance(bound, int | float):
        return (held > bound) - (held < bound)
    return None


def lies_in(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth, or is the folder itself."""
    top = folder.rstrip("/")
    return path == top or path.startswith(f"{top}/") or folder in ("", ".", "/")


def search_texts(rows: list[Row], tool: CompiledTool, element: JsonObject) -> list[Row]:
    """The rows in whose texts the words of the query stand: all of them, or else the most."""
    for slot in tool.of("query"):
        value = pick(element, slot.path)
        if tool.by_path and tool.entity is not None and isinstance(value, str):
            name = tool.entity.identity[0]
            rows = [row for row in rows if _is_match(str(row[name]), value)]
            continue
        words = query_words(value) if isinstance(value, str) else []
        if not words:
            continue
        hits = [(sum(word in text for word in words), row)
                for row in rows for text in [_text_of(row)]]  # fmt: skip
        best = max((count for count, _ in hits), default=0)
        rows = [row for count, row in hits if count == best and best * 2 >= len(words)]
    return rows


def query_words(query: str) -> list[str]:
    """What a query asks for; qualifiers such as ``is:open`` are left aside."""
    plain = " ".join(word for word in query.split() if ":" not in word)
    return [word.lower().removesuffix("s") for word in content_words(plain)]


def _text_of(row: Row) -> str:
    """Everything in a row that is written in words."""
    found: list[str] = []
    waiting: list[Any] = list(row.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return "\n".join(found).lower()


def _is_match(path: str, pattern: str) -> bool:
    """Whether a file's name satisfies a pattern, or holds it as a part."""
    name, plain = path.rpartition("/")[2].lower(), pattern.rpartition("/")[2].lower()
    return fnmatchcase(name, plain) or (not set("*?[") & set(plain) and plain in name)


_SIZES = phrase_set(
    "limit;max results;per page;page size;top k;top n;max count;max items;num results;first;"
    "result limit;max;number of results;results per page;size"
)
_SORTS = phrase_set("sort;sort by;order by;sort field;sort order by;sorting;sort key")
_WAYS = phrase_set("order;direction;sort order;sort direction;sort dir;order direction")
_DOWN = frozenset({"desc", "descending", "newest", "highest", "latest", "most"})
_UP = frozenset({"asc", "ascending", "oldest", "lowest", "cheapest", "earliest"})
_ALIASES = {"created": "created_at", "updated": "updated_at", "newest": "created_at",
            "cheapest": "price", "recent": "created_at"}  # fmt: skip
_USUAL_PAGE = 30


@dataclass(frozen=True)
class Page:
    """A part of the rows that were found."""

    rows: Sequence[Row]
    total: int

    @property
    def more(self) -> bool:
        """Whether rows were left out."""
        return len(self.rows) < self.total


@dataclass(frozen=True)
class Found:
    """The rows that a call was about, or found."""

    page: Page
    element: JsonObject
    """The arguments; those of the last element where there were several."""


def page_of(rows: list[Row], plan: CompiledTool, element: JsonObject) -> Page:
    """The rows in the order asked for, cut to the page asked for."""
    options = _options(plan, element)
    usual = rows
    for said in reversed(plan.model.sorted_by):  # sorting is stable: the first field decides last
        usual = _sort_by(usual, said.removeprefix("-"), down=said.startswith("-"))
    ordered = _sort(usual, options)
    size = next((value for name, value in options.items() if name in _SIZES), None)
    number, offset = options.get("page"), options.get("offset", options.get("skip", 0))
    if isinstance(number, int) and number > 1:
        offset = (number - 1) * (size or _USUAL_PAGE)
    start = int(offset) if isinstance(offset, int | float) else 0
    stop = start + int(size) if isinstance(size, int | float) and size >= 0 else None
    return Page(ordered[start:stop], len(rows))


def _options(plan: CompiledTool, element: JsonObject) -> dict[str, Any]:
    """Option → its value, the schema's default where the call leaves it out."""
    found = {}
    for slot in plan.of("option"):
        value = _given(slot, element)
        if value is not None:
            found[in_words(slot.parameter.name)] = value
    return found


def _given(slot: Slot, element: JsonObject) -> Any:
    value = pick(element, slot.path)
    return slot.parameter.schema.get("default") if value is MISSING else value


def _sort(rows: list[Row], options: dict[str, Any]) -> list[Row]:
    by = next((value for name, value in options.items() if name in _SORTS), None)
    if not isinstance(by, str) or not rows:
        return rows
    words = in_words(by).split()
    way = next((str(value).lower() for name, value in options.items() if name in _WAYS), "")
    down = way in _DOWN or (way not in _UP and bool(_DOWN & set(words)))
    field = _sort_field(rows[0], " ".join(word for word in words if word not in _DOWN | _UP) or by)
    if field is None:
        return rows
    return _sort_by(rows, field, down=down)


def _sort_by(rows: list[Row], field: str, *, down: bool) -> list[Row]:
    return sorted(rows, key=lambda row: _rank(row.get(field)), reverse=down)


def _sort_field(row: Row, said: str) -> str | None:
    wanted = _ALIASES.get(said, said.replace(" ", "_"))
    if wanted in row:
        return wanted
    return next((name for name in row if said in in_words(name)), None)


def _rank(value: Any) -> tuple[int, float, str]:
    """Numbers before texts; a rating of stars by their number."""
    if isinstance(value, int | float):
        return (0, float(value), "")
    return (1, 0.0, as_text(value))
