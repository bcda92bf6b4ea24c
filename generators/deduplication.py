"""Leaves out tools that are nearly identical to another one.

Candidates are pairs whose texts have a cosine of 0.9 or more, after UniToolCall (arXiv 2604.11557),
which compares name and description. Here the parameters belong to the text as well, as tools that
share a sentence differ in them. Averaged word vectors put opposites side by side: archive and
unarchive, an album and albums, liters to gallons and back. So of the candidates only those count
in which nothing differs that a caller relies on: what they take, what they give, what they change,
what their names say and what their texts speak of. In doubt they are different, as a tool that is
left out is lost and one that is kept costs little.

From the graph of the pairs, the tool with most of them is left out until none is left: SynthTools'
degree-drop, which does not depend on the order of the tools.
"""

import heapq
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from generators.embedding import Embedder
from generators.identity_cache import remembered
from generators.lexicon.names import snake, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words, word_set
from generators.lexicon.verbs import base_form, find_verb
from schemas.canonical import canonical_json
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, MergedTool, ToolSpec

_SYNONYMS = {
    other: one
    for one, others in (
        ("get", "fetch retrieve return provide give obtain gets"),
        ("search", "find"),
        ("update", "edit modify"),
        ("delete", "remove"),
        ("calculate", "compute"),
    )
    for other in others.split()
}
_FILLING = word_set(
    "a an the this that these those it its is are be been being was were will would can may of to "
    "for from in on at by with as and or which who whose what when where while such some any "
    "given specified specific provided particular certain based use used using useful via please "
    "simply just only also tool function method endpoint api call allow let user you your their "
    "there here want need needed required optional parameter argument value string number integer "
    "boolean object list of if then than so do does has have had into about per"
)
"""Words that tell nothing of what a tool does."""
_SIZES = (
    "description default examples title deprecated $comment minimum maximum exclusiveMinimum "
    "exclusiveMaximum minLength maxLength minItems maxItems multipleOf additionalProperties"
).split()
"""Keywords of a schema that tell no two parameters apart."""
_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
_MOST_ADDED = 0.25
"""Share of its telling words that one of two equal tools may have beyond the other's."""
_LEAST_TOLD = 3
"""Telling words that a text needs before it can say that two names mean one thing."""
_CONTRASTS = word_set(
    "not no without except never all every each multiple several many single one two first last "
    "old new previous next active inactive open closed pending public private local global remote "
    "min max minimum maximum least most highest lowest average total historical current past "
    "future daily weekly monthly yearly real monthly premium free"
)
"""Words that alone choose another tool: ``historical`` weather."""

THRESHOLD = 0.9
_BLOCK = 512
"""Tools that are compared with all others at a time: bounds the memory."""
_DIGITS = 6
"""Of a cosine: the last bits of a matrix product are not the same on every machine."""

Likeness = dict[int, dict[int, float]]
"""Tool → its duplicates, with the cosine of each; symmetric."""
Nearest = dict[str, tuple[str, float]]
"""Wire name of a tool that is left out → that of the one that stands for it, and the cosine."""


@dataclass(frozen=True)
class Portrait:
    """What a caller knows of a tool, in a form in which wording does not count."""

    tool: ToolSpec

    @cached_property
    def text(self) -> str:
        """What is compared by its words' vectors."""
        return text_of(self.tool)

    @cached_property
    def form(self) -> str:
        """What it takes, gives and changes. Equal tools have equal forms."""
        tool = self.tool
        given = tool.returns if tool.returns_from == "source" else None
        schemas = f"{_reduced(tool.parameters)} {_reduced(given or _NOTHING)}"
        return f"{schemas} {tool.effect} {tool.destructive}"

    @cached_property
    def name(self) -> tuple[str, ...]:
        """The words of its name, verbs that mean the same made one, empty words left out."""
        words = [_SYNONYMS.get(word, word) for word in split_words(self.tool.clear_name)]
        telling = [word for word in words if word not in load_words("inference", "generic")]
        return tuple(telling or words)

    @cached_property
    def nouns(self) -> frozenset[str]:
        """The words of its name that are no verbs, in the singular."""
        return frozenset([singular(word) for word in self.name if not find_verb(word)])

    @cached_property
    def marks(self) -> frozenset[str]:
        """The words of its name that are not letters alone: two names of one tool share them."""
        return frozenset([word for word in self.nouns if not word.isalpha()])

    @cached_property
    def told(self) -> frozenset[str]:
        """The telling words of the description and those of the parameters."""
        words = map(str.lower, _WORD.findall(text_of(self.tool, named=False)))
        plain = [base_form(word) or singular(word) for word in words if word not in _FILLING]
        plain = [_SYNONYMS.get(word, word) for word in plain]
        return frozenset([word for word in plain if word not in _FILLING and word != "get"])


def text_of(tool: ToolSpec, *, named: bool = True) -> str:
    """Name, description, and each parameter with its description, nested ones included."""
    texts = [" ".join(split_words(tool.clear_name))] if named else []
    texts.append(tool.description)

    def add_texts(schema: JsonObject) -> None:
        for name, part in schema.get("properties", {}).items():
            if isinstance(part, dict):
                texts.append(f"{' '.join(split_words(name))} {part.get('description', '')}")
                add_texts(part["items"] if isinstance(part.get("items"), dict) else part)

    add_texts(tool.parameters)
    return "\n".join(texts)


_VALUES = frozenset({"required", "const", "default", "examples", "example"})
"""Keywords of a schema under which no schemas stand."""


_NOTHING: JsonObject = {}


@remembered
def _reduced(schema: JsonObject) -> str:
    return canonical_json(_reduce(schema))


def _reduce(schema: Any) -> Any:
    """Names, types, choices and what is required; integers count as numbers."""
    if isinstance(schema, list):
        return [_reduce(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    properties = schema.get("properties")
    apart = {*_SIZES, "properties"} if isinstance(properties, Mapping) else set(_SIZES)
    made: JsonObject = {}
    for key in schema.keys() - apart:
        value = schema[key]
        if key == "type":
            types = value if isinstance(value, list) else [value]
            made[key] = sorted({"number" if one == "integer" else str(one) for one in types})
        elif key == "enum" and isinstance(value, list):
            made[key] = sorted(map(canonical_json, value))
        else:
            made[key] = value if key in _VALUES else _reduce(value)
    if isinstance(properties, Mapping):
        made["properties"] = {snake(name): _reduce(part) for name, part in properties.items()}
        needed = schema.get("required")  # below a keyword that nobody knows, it may be anything
        told = needed if isinstance(needed, list) else ()
        made["required"] = sorted(snake(one) for one in told if isinstance(one, str))
    return made


def is_same(one: Portrait, other: Portrait) -> bool:
    """Whether nothing tells the two apart; symmetric, and true of a tool and itself.

    Two names of one domain may stand for the same where all else is told in the same words: they
    may differ in verbs of the same operation, but for those that change a row, among which are the
    opposites; and in nouns only where the text speaks of one's and not of the other's.
    """
    if one.form != other.form:
        return False
    if one.name == other.name:
        # Only one of them may say more, and little: words on both sides are a contrast.
        shorter, longer = sorted((one.told, other.told), key=len)
        added = longer - shorter
        if shorter - longer or any(word[0].isdigit() or word in _CONTRASTS for word in added):
            return False
        return len(added) <= _MOST_ADDED * len(longer)
    if one.tool.domain != other.tool.domain or one.told != other.told:
        return False
    own, others = set(one.name) - set(other.name), set(other.name) - set(one.name)
    verbs = [{find_verb(word).operation for word in side} - {None} for side in (own, others)]
    if len(one.told) < _LEAST_TOLD or verbs[0] != verbs[1] or "update" in verbs[0]:
        return False
    nouns = [{singular(word) for word in side if not find_verb(word)} for side in (own, others)]
    if nouns[0] & nouns[1] or any(not word.isalpha() for side in nouns for word in side):
        return False
    spoken = [bool(side & one.told) for side in nouns]
    return spoken[0] != spoken[1] or (not nouns[0] and not nouns[1] and bool(own or others))


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
    portraits = [Portrait(tool) for tool in catalog.tools]
    portraits.sort(key=lambda one: (-len(one.text), one.tool.wire_name))
    # What says word for word what an earlier one says needs no graph.
    first: dict[tuple[str, tuple[str, ...], str], Portrait] = {}
    originals = [first.setdefault((one.form, one.name, one.text), one) for one in portraits]
    different = list(first.values())
    # For each tool that is left out, the nearest of its duplicates that is kept.
    alike = find_duplicates(different, embedder, threshold)
    gone = choose_dropped(alike)
    kept = {place: [other for other in alike[place] if other not in gone] for place in alike}
    left = [place for place in alike if place not in gone and kept[place]]
    if left:
        raise AssertionError(f"{len(left)} tools that are kept have duplicates")
    nearest: Nearest = {}
    for place in gone:
        best = min(kept[place], key=lambda other: (-alike[place][other], other))
        names = different[place].tool.wire_name, different[best].tool.wire_name
        nearest[names[0]] = (names[1], alike[place][best])
    for one, original in zip(portraits, originals, strict=True):
        name = original.tool.wire_name
        if one is not original:
            nearest[one.tool.wire_name] = nearest.get(name, (name, 1.0))
    by_name = catalog.by_name
    merged = [
        MergedTool(
            name=by_name[name].name, domain=by_name[name].domain, kept=kept, similarity=similarity
        )
        for name, (kept, similarity) in sorted(nearest.items())
    ]
    tools = tuple(tool for tool in catalog.tools if tool.wire_name not in nearest)
    return catalog.model_copy(update={"tools": tools, "merged": (*catalog.merged, *merged)})


def find_duplicates(
    portraits: Sequence[Portrait], embedder: Embedder, threshold: float
) -> Likeness:
    """All pairs that are alike and not told apart; only tools of the same form are compared."""
    order = sorted(range(len(portraits)), key=lambda place: (portraits[place].form, place))
    alike: Likeness = {}
    for _, group in groupby(order, key=lambda place: portraits[place].form):
        places = list(group)
        if len(places) < 2:
            continue
        members = [portraits[place] for place in places]
        names = _number_distinct([one.name for one in members])
        others = _number_distinct([(one.tool.domain, one.told, one.marks) for one in members])
        # Most tools share neither name nor text with any other: they are compared with none.
        met = np.flatnonzero((np.bincount(names)[names] > 1) | (np.bincount(others)[others] > 1))
        if not len(met):
            continue
        places, members = [places[one] for one in met], [members[one] for one in met]
        names, others = names[met], others[met]
        vectors = embedder.embed([one.text for one in members])
        spoken = _number_distinct([one.nouns & one.told for one in members])
        nouns = _number_distinct([one.nouns for one in members])
        for start in range(0, len(places), _BLOCK):
            rows = slice(start, start + _BLOCK)
            cosines = np.round(vectors[rows] @ vectors.T, _DIGITS)
            near = cosines >= threshold
            # What `is_same` can only deny is not asked of each of a million pairs.
            apart = (spoken[rows, None] == spoken) & (nouns[rows, None] != nouns)
            near &= (names[rows, None] == names) | ((others[rows, None] == others) & ~apart)
            for row, column in zip(*np.nonzero(near), strict=True):
                one, other = start + int(row), int(column)
                if one < other and is_same(members[one], members[other]):
                    cosine = float(min(1.0, round(float(cosines[row, column]), _DIGITS)))
                    alike.setdefault(places[one], {})[places[other]] = cosine
                    alike.setdefault(places[other], {})[places[one]] = cosine
    return alike


def _number_distinct(things: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Equal things get equal numbers."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(thing, len(numbers)) for thing in things], dtype=np.int64)


def choose_dropped(alike: Likeness) -> frozenset[int]:
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
