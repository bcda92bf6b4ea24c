"""Leaves out tools that are nearly identical to another one.

Candidates are pairs whose texts have a cosine of 0.9 or more, after UniToolCall (arXiv 2604.11557),
which compares name and description. Here the parameters belong to the text as well, as tools that
share a sentence differ in them. Of the candidates only those count that nothing tells apart
(`generators.distinction`). From the graph of the pairs, the tool with most of them is left out
until none is left: SynthTools' degree-drop, which does not depend on the order of the tools.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from generators.distinction import Portrait, is_same
from generators.embedding import Embedder, Vectors
from schemas.errors import InputError
from schemas.tool import Catalog, MergedTool, ToolSpec

THRESHOLD = 0.9
_BLOCK = 512
"""Tools that are compared with all others at a time: bounds the memory."""
_DIGITS = 6
"""Of a cosine: the last bits of a matrix product are not the same on every machine."""

Likeness = dict[int, dict[int, float]]
"""Tool → its duplicates, with the cosine of each; symmetric."""
Nearest = dict[str, tuple[str, float]]
"""Wire name of a tool that is left out → that of the one that stands for it, and the cosine."""


def merge_duplicates(catalog: Catalog, embedder: Embedder, threshold: float = THRESHOLD) -> Catalog:
    """The catalogue without near-identical tools, each of which is listed in ``merged``.

    Wire names stay. Where two tools have equally many duplicates, the one with the shorter text
    goes, then the one whose wire name comes later; nothing else depends on an order. Merging twice
    changes nothing, and above a threshold of 1 nothing is merged. Raises InputError for a threshold
    that is no positive number.
    """
    if not (math.isfinite(threshold) and threshold > 0):
        raise InputError(f"the threshold of duplicates must be above 0, not {threshold}")
    if threshold > 1:
        return catalog
    portraits = sorted(map(Portrait, catalog.tools), key=_by_length)
    copies = _copies(portraits)
    different = [portrait for portrait in portraits if portrait.wire_name not in copies]
    nearest = _nearest(different, embedder, threshold)
    for name, (original, _) in copies.items():
        nearest[name] = nearest.get(original, (original, 1.0))
    by_name = catalog.by_name
    merged = {name: _record(by_name[name], *stand_in) for name, stand_in in nearest.items()}
    return catalog.model_copy(
        update={
            "tools": tuple(tool for tool in catalog.tools if tool.wire_name not in merged),
            "merged": (*catalog.merged, *(merged[name] for name in sorted(merged))),
        }
    )


def _by_length(portrait: Portrait) -> tuple[int, str]:
    return -len(portrait.text), portrait.wire_name


def _record(tool: ToolSpec, kept: str, similarity: float) -> MergedTool:
    return MergedTool(name=tool.name, domain=tool.domain, kept=kept, similarity=similarity)


def _copies(portraits: Sequence[Portrait]) -> Nearest:
    """Tools that say word for word what an earlier one says; so no graph is needed for them."""
    first: dict[tuple[str, tuple[str, ...], str], str] = {}
    copies: Nearest = {}
    for portrait in portraits:
        said = (portrait.form, portrait.name, portrait.text)
        original = first.setdefault(said, portrait.wire_name)
        if original != portrait.wire_name:
            copies[portrait.wire_name] = (original, 1.0)
    return copies


def _nearest(portraits: Sequence[Portrait], embedder: Embedder, threshold: float) -> Nearest:
    """For each tool that is left out, the nearest of its duplicates that is kept."""
    alike = _likeness(portraits, embedder, threshold)
    gone = _drop(alike)
    kept = {place: [other for other in alike[place] if other not in gone] for place in alike}
    left = [place for place in alike if place not in gone and kept[place]]
    if left:
        raise AssertionError(f"{len(left)} tools that are kept have duplicates")
    nearest: Nearest = {}
    for place in gone:
        best = min(kept[place], key=lambda other: (-alike[place][other], other))
        nearest[portraits[place].wire_name] = (portraits[best].wire_name, alike[place][best])
    return nearest


def _likeness(portraits: Sequence[Portrait], embedder: Embedder, threshold: float) -> Likeness:
    """All pairs of duplicates; only tools of the same form are compared."""
    order = sorted(range(len(portraits)), key=lambda place: (portraits[place].form, place))
    alike: Likeness = {}
    for _, group in groupby(order, key=lambda place: portraits[place].form):
        places = list(group)
        if len(places) > 1:
            found = _pairs([portraits[place] for place in places], embedder, threshold)
            for one, other, cosine in found:
                alike.setdefault(places[one], {})[places[other]] = cosine
                alike.setdefault(places[other], {})[places[one]] = cosine
    return alike


def _pairs(
    portraits: Sequence[Portrait], embedder: Embedder, threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Pairs of places, the smaller first, that are alike and not told apart, and their cosine."""
    vectors = embedder.embed([portrait.text for portrait in portraits])
    names = _numbered([portrait.name for portrait in portraits])
    domains = _numbered([portrait.tool.domain for portrait in portraits])
    for start in range(0, len(portraits), _BLOCK):
        rows = slice(start, start + _BLOCK)
        cosines = np.round(_cosines(vectors, rows), _DIGITS)
        near = cosines >= threshold
        near &= (names[rows, None] == names) | (domains[rows, None] == domains)
        for row, column in zip(*np.nonzero(near), strict=True):
            one, other = start + int(row), int(column)
            if one < other and is_same(portraits[one], portraits[other]):
                yield one, other, float(min(1.0, round(float(cosines[row, column]), _DIGITS)))


def _cosines(vectors: Vectors, rows: slice) -> Vectors:
    """Cosines of some with all: shape ``(rows, tools)``."""
    cosines: Vectors = vectors[rows] @ vectors.T
    return cosines


def _numbered(things: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Equal things get equal numbers."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(thing, len(numbers)) for thing in things], dtype=np.int64)


def _drop(alike: Likeness) -> frozenset[int]:
    """Leave out the tool with most duplicates until no pair is left.

    Of equals the later goes. A tool whose duplicates have all gone after it is taken back.
    """
    degrees = {place: len(others) for place, others in alike.items()}
    waiting = [(-degree, -place) for place, degree in degrees.items()]
    heapq.heapify(waiting)
    gone: dict[int, None] = {}
    while waiting:
        degree, place = heapq.heappop(waiting)
        place = -place
        if place in gone or degrees[place] == 0 or degrees[place] != -degree:
            continue
        gone[place] = None
        for other in alike[place]:
            if other not in gone:
                degrees[other] -= 1
                heapq.heappush(waiting, (-degrees[other], -other))
    for place in reversed(list(gone)):
        if all(other in gone for other in alike[place]):
            del gone[place]
    return frozenset(gone)
