"""The options of a list or search: order, offset, page, limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.tables import phrase_set
from generators.sandbox.compiled_tools import CompiledTool, Slot, pick
from generators.sandbox.row_values import Row, as_text
from generators.sandbox.schema_validity import MISSING
from schemas.record import JsonObject

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
    ordered = _sort(rows, options)
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
