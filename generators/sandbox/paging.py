"""Pages of lists: which one the parameters ask for, and what a result tells of it.

A page is asked for by its number, by where it begins, by a cursor, or by the row that it follows.
A cursor holds the identity of the row with which its page begins, so it goes on where the page
before has ended, whatever was written meanwhile. The words are data (``data/lexicon/paging.yaml``).
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_words
from generators.lexicon.told_counts import (
    ranked_by,
    tells_size,
    told_default,
    told_most,
    told_total,
)
from generators.sandbox.compiled_tools import CompiledTool, Slot, pick
from generators.sandbox.errors_and_faults import call_error
from generators.sandbox.row_values import Row, as_text, key_of
from generators.sandbox.schema_validity import MISSING, adapt, kind_of, simple
from generators.world.model import Entity
from generators.world.schema_leaves import members
from schemas.record import JsonObject

_words = partial(load_words, "paging")
_USUAL_SIZE = 30


@dataclass(frozen=True)
class Page:
    """A part of the rows that were found."""

    rows: Sequence[Row]
    total: int
    """Of those that were found; perhaps more than the rows."""
    ordered: Sequence[Row] = ()
    """All that were found, where the rows are a page of them."""
    start: int = 0
    """How many stand before the first row."""
    size: int = 0
    """The most rows of a page; 0 where there are no pages."""

    @property
    def has_more(self) -> bool:
        """Whether rows come after this page."""
        return self.start + len(self.rows) < self.total


@dataclass(frozen=True)
class Paging:
    """The parameters by which a page is asked for."""

    size: Slot | None
    number: Slot | None
    offset: Slot | None
    cursor: Slot | None
    after: Slot | None
    before: Slot | None

    @property
    def turns(self) -> bool:
        """Whether another page than the first can be had."""
        return any((self.number, self.offset, self.cursor, self.after))

    @property
    def first(self) -> int:
        """The number of the first page."""
        schema = self.number.parameter.schema if self.number else {}
        return 0 if 0 in (schema.get("default"), schema.get("minimum")) else 1


@remembered
def read_paging(tool: CompiledTool) -> Paging:
    """Find a tool's parameters for pages."""
    options = {in_words(slot.parameter.name): slot for slot in reversed(tool.of("option"))}

    def find(words: str, *kinds: str) -> Slot | None:
        fitting = (
            slot
            for name, slot in reversed(options.items())
            if name in _words(words) and kind_of(simple(slot.parameter.schema)) in kinds
        )
        return next(fitting, None)

    def find_size() -> Slot | None:
        """By its name, or else by what is said of it."""
        known = (slot.parameter for slot in options.values())
        told = (one for one in known if kind_of(simple(one.schema)) in numeric
                and tells_size(one.name, str(one.schema.get("description", ""))))  # fmt: skip
        named = find("sizes", *numeric)
        return named or next((tool.by_parameter[one.path] for one in told), None)

    numeric, textual = ("integer", "number", "string", "any"), ("string", "any")
    return Paging(
        find_size(), find("numbers", *numeric), find("offsets", *numeric),
        find("cursors", *textual), find("after", *textual), find("before", *textual),
    )  # fmt: skip


def cut_page(ordered: Sequence[Row], tool: CompiledTool, element: JsonObject) -> Page:
    """The page that is asked for. Raises CallError for a cursor that nobody gave out."""
    paging, (size, sized) = read_paging(tool), _read_size(tool, element)
    number, offset = _read_number(paging.number, element), _read_number(paging.offset, element)
    begun, followed, before = (
        _find_row(tool.entity, ordered, _read_text(slot, element), slot)
        for slot in (paging.cursor, paging.after, paging.before)
    )
    start, stop = 0, len(ordered)
    if number is not None:
        start = max(0, number - paging.first) * size
    elif offset is not None:
        start = max(0, offset)
    elif before is not None:
        start, stop = max(0, before - size), before
    elif begun is not None or followed is not None:
        start = begun if begun is not None else (followed or 0) + 1
    stop = min(stop, start + size) if sized or paging.turns else stop
    return Page(ordered[start:stop], len(ordered), ordered, start, size)


def _read_size(tool: CompiledTool, element: JsonObject) -> tuple[int, bool]:
    """The most rows of a page, 0 where there are no pages; and whether anything tells it."""
    paging, most = read_paging(tool), tool.model.tool.page_rows
    asked = _read_number(paging.size, element)
    told = told_most(tool.model.tool.description) if tool.model.operation == "list" else None
    sizes = [one for one in (asked, most, told) if one is not None and one >= 0]
    return min(sizes, default=_USUAL_SIZE if paging.turns else 0), bool(sizes)


def is_part(tool: CompiledTool, arguments: JsonObject, rows: int) -> bool:
    """Whether so many rows need not be all that there are.

    Of a page that is full, or a later one; of what comes first by some measure, the top songs; and
    where the description says that there are more.
    """
    paging = read_paging(tool)
    element = next(iter(tool.elements(arguments)), arguments)
    size, _ = _read_size(tool, element)
    number, offset = _read_number(paging.number, element), _read_number(paging.offset, element)
    later = (number or 0) > paging.first or bool(offset)
    later |= any(_read_text(one, element) for one in (paging.cursor, paging.after, paging.before))
    said = tool.model.tool.description
    ranked = bool(ranked_by(tool.model.tool.clear_name, said))
    return later or ranked or (0 < size <= rows) or rows < (told_total(said, tool.model.noun) or 0)


def _find_row(
    entity: Entity | None, ordered: Sequence[Row], token: str, slot: Slot | None
) -> int | None:
    """Where the row stands of which a cursor speaks; None without a cursor."""
    if not token or entity is None or slot is None:
        return None
    for at, row in enumerate(ordered):
        if token in _tokens_of(entity, row):
            return at
    if slot.parameter.required or not ordered:  # what must be given is given for the first page too
        return 0
    raise call_error("no_such_page", name=slot.parameter.name, cursor=token)


def _tokens_of(entity: Entity, row: Row) -> Iterator[str]:
    """The texts by which a cursor can speak of a row, the likeliest first."""
    key = key_of(entity, row)
    yield urlsafe_b64encode(f"{entity.noun}:{' '.join(key)}".encode()).decode()
    yield key[-1]


def _read_number(slot: Slot | None, element: JsonObject) -> int | None:
    """The whole number that a parameter is given, or else its default."""
    value = _read_text(slot, element)
    try:
        return int(float(value)) if value else None
    except (ValueError, OverflowError):
        return None


def _read_text(slot: Slot | None, element: JsonObject) -> str:
    """What a parameter is given, or else its default; empty where it is neither."""
    value = pick(element, slot.path) if slot else None
    if value is MISSING and slot:
        schema = simple(slot.parameter.schema)
        told = told_default(str(schema.get("description", "")))
        value = schema.get("default", told)
    return "" if value is None else as_text(value)


# -- what a result tells of its page


def can_page(tool: CompiledTool) -> bool:
    """Whether a list can be cut: by a parameter, or since its result tells that there is more."""
    if tool.model.operation != "list":
        return False
    paging, told = read_paging(tool), dict(members(tool.returns))
    boxes = [simple(part) for name, (part, _) in told.items() if is_box(in_words(name), part)]
    names = [*told, *(name for part in boxes for name in members(part))]
    whole = ("totals", "more", "next", "pages")
    return (
        paging.turns
        or paging.size is not None
        or any(in_words(name) in _words(group) for name in names for group in whole)
    )


def is_box(said: str, rule: JsonObject) -> bool:
    """Whether a part of a result tells of the page alone: ``paging``, ``response_metadata``."""
    properties = rule.get("properties")
    return bool(properties) and said in _words("boxes")


def tell_page(
    said: str, rule: JsonObject, page: Page, tool: CompiledTool, beside: Sequence[str],
    address: str, *, needed: bool,
) -> Any:  # fmt: skip
    """What a part of a list's result holds; `MISSING` where it does not tell of the page.

    ``beside``: the names, in words, of the parts in the same object. ``address``: of the list.
    Where nothing follows, a text that is
    ``needed`` is empty.
    """
    kind = kind_of(simple(rule))
    if kind == "boolean":
        if said in _words("ended"):
            return not page.has_more
        return page.has_more if said in _words("more") else MISSING
    empty = (one for one in (None, "") if adapt(one, rule) is not MISSING)
    nothing = next((one for one in empty if needed or one is None), MISSING)
    if said in _words("next") | _words("previous"):
        told = _tell_neighbour(said, rule, page, tool, address)
        return nothing if told is MISSING else told
    if said in _words("first_rows") | _words("last_rows"):
        ends = page.rows[:1] if said in _words("first_rows") else page.rows[-1:]
        if not ends or tool.entity is None:
            return nothing
        return ends[0].get("id", key_of(tool.entity, ends[0])[-1])
    return _count(said, page, tool, beside) if kind in ("integer", "number", "any") else MISSING


def _count(said: str, page: Page, tool: CompiledTool, beside: Sequence[str]) -> Any:
    """How many rows, pages, or rows of a page there are; `MISSING` where none of them is told."""
    if said in _words("totals") or said == f"total {plural(tool.model.noun)}":
        whole = _words("totals") - _words("shown")
        outdone = said in _words("shown") and not whole.isdisjoint(beside)
        return len(page.rows) if outdone else page.total
    if said in _words("own_offsets"):
        return page.start
    size = page.size or max(page.total, 1)  # without pages, all rows are one
    if said in _words("pages"):
        return -(-page.total // size) or 1
    if said in _words("own_sizes"):
        return size
    if said in _words("own_numbers"):
        return page.start // size + read_paging(tool).first
    return MISSING


def _tell_neighbour(
    said: str, rule: JsonObject, page: Page, tool: CompiledTool, address: str
) -> Any:
    """What leads to the next page, or to the one before; `MISSING` where nothing does."""
    forward, paging, entity = said in _words("next"), read_paging(tool), tool.entity
    start = page.start + len(page.rows) if forward else max(0, page.start - page.size)
    if entity is None or not page.total or not (page.has_more if forward else page.start > 0):
        return MISSING
    start = min(start, page.total - 1)  # a page may be asked for that lies beyond the last
    follows = bool(forward and page.rows and paging.after) and paging.cursor is None
    tokens = [*_tokens_of(entity, page.rows[-1] if follows else page.ordered[start])]
    slot: Slot | None = paging.after if follows else paging.cursor
    asked: Any = tokens[-1] if follows else tokens[0]
    if paging.number is not None or paging.offset is not None:
        slot = paging.number or paging.offset
        numbered = paging.number is not None and page.size and "offset" not in said
        asked = start // page.size + paging.first if numbered else start
        tokens = [] if slot is not None and paging.cursor is None else tokens
    if is_address(said, rule):
        given = {slot.parameter.name: asked} if slot else {}
        given |= {paging.size.parameter.name: page.size} if paging.size and page.size else {}
        return f"{address}?{urlencode(given)}"
    likely = (*tokens, asked) if paging.cursor is not None else (asked, *tokens)
    return next((one for one in (*likely, start) if adapt(one, rule) is not MISSING), MISSING)


def is_address(said: str, rule: JsonObject) -> bool:
    """Whether a text is an address: ``next`` of format ``uri``, ``next_link``."""
    told = simple(rule)
    words = {*said.split(), *in_words(str(rule.get("description", ""))).split()}
    return told.get("format") in ("uri", "url") or not words.isdisjoint(_words("addresses"))
