"""What candidate pairs are worth: all of them at once, as columns of numbers.

Pairs come from `generators.graph.candidate_pairs`; what is made of their scores is known in
`generators.graph.edges`.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder, Vectors
from generators.graph.candidate_pairs import (
    HEAD,
    KIND,
    LEAST_NAME,
    MENTION,
    ROW,
    VALUE,
    Numbers,
    Pairs,
)
from generators.graph.feedable_parameters import PLAIN, FeedableParameter
from generators.graph.names import GENERIC, Tokens, json_types, name_tokens
from generators.graph.result_leaves import BASE, Key, ResultLeaf
from generators.graph.value_kinds import RECKONED, SERVES
from schemas.record import JsonObject
from schemas.semantic import OPAQUE

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]

METHODS = ("identity", "echo", "name", "value", "mention", "kind", "text")
IDENTITY, ECHO, NAME, PLAIN_VALUE, MENTIONED, SAME_KIND, TEXT = range(len(METHODS))

LEAST_COSINE = 0.3
"""Of two descriptions, from which like names are believed."""
WEAK, NAMES, TEXTS, MENTIONS, KINDS = 0.05, 0.12, 0.15, 0.12, 0.1
"""What weak evidence adds up from: a start, like names, like texts, a mention, one kind. Together
they stay below what a shared row gives, so that a walk by score prefers rows."""
CHUNK = 100_000
"""Pairs scored at once: bounds the memory."""

_ECHO, _ELSEWHERE, _GUESSED = 0.6, 0.6, 0.7
_RESULTS = frozenset({("result",), ("value",), ("number",), ("count",), ("total",)})
_SPOKEN = frozenset({"handle", "title", "person_name", "email", "phone"})
_REPORTS = frozenset("status state message success error mode type code kind version".split())
_BOUNDS = frozenset("limit minimum maximum min max threshold".split())
"""Words of values that bound others of their kind, and are none of them."""
MOST_WORDS = 8
"""Of a name that are compared."""
_TYPES = ("string", "number", "boolean", "object", "array")


@dataclass(frozen=True)
class Scored:
    """Scores of pairs, zero for no edge, and the number of the method that each is found by."""

    scores: Scores
    methods: Codes


class Scoring:
    """Result leaves and parameters as columns, of which pairs are looked up."""

    def __init__(
        self, wanted: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf], embedder: Embedder
    ) -> None:
        self._wanted, self._leaves, count = wanted, leaves, len(leaves)
        both: list[ResultLeaf | FeedableParameter] = [*leaves, *wanted]
        texts = [text_of(leaf.tokens, leaf.schema, leaf.noun) for leaf in leaves]
        texts += [text_of(want.tokens, want.schema, want.noun) for want in wanted]
        self._texts = TextPairs(embedder, texts)
        self._names = NamePairs([x.tokens for x in leaves], [want.tokens for want in wanted])
        self._tool, self._its_tool = _columns([one.model.name for one in both], count)
        domains = [one.model.tool.domain for one in both]
        self._domain, self._its_domain = _columns(domains, count)
        kinds = [one.kind or "" for one in both]
        self._kind, self._its_kind = _columns(kinds, count)
        self._serves = _serving(sorted({"", *kinds}))
        self._text = sorted({"", *kinds, "text"}).index("text")
        meanings = [leaf.semantic or "" for leaf in leaves]
        meanings += [want.parameter.semantic for want in wanted]
        self._semantic, self._its_semantic = _columns(meanings, count)
        self._types = np.array([_type_bits(leaf.schema) for leaf in leaves], dtype=np.uint8)
        types = [_type_bits(want.parameter.schema) for want in wanted]
        self._its_types = np.array(types, dtype=np.uint8)
        self._leaf_columns(wanted, leaves)
        self._want_columns(wanted)

    def _leaf_columns(
        self, wanted: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf]
    ) -> None:
        takes = _takes(wanted)
        self._untold = _mask(leaf.semantic is None for leaf in leaves)
        self._plain = _mask(_is_plain(leaf) for leaf in leaves)
        self._generic = _mask(leaf.tokens in GENERIC for leaf in leaves)
        self._keyed = _mask(leaf.keys for leaf in leaves)
        self._home = _mask(leaf.home for leaf in leaves)
        self._echoes = _mask(_echoes(leaf, takes) for leaf in leaves)
        self._base = np.array([BASE[leaf.model.operation] for leaf in leaves], dtype=np.float32)
        guessed = np.array([_GUESSED if x.model.returns_inferred else 1 for x in leaves])
        self._trust = guessed * self._base / BASE["list"]
        self._main = _mask(leaf.main for leaf in leaves)
        self._vague = _mask(_is_vague(leaf.semantic, leaf.schema) for leaf in leaves)
        self._worth = _mask(_is_worth(leaf) for leaf in leaves)
        self._id = _mask(len(leaf.tokens) > 1 and leaf.tokens[-1] == "id" for leaf in leaves)

    def _want_columns(self, wanted: Sequence[FeedableParameter]) -> None:
        owners = [(leaf.rows or ("",))[-1] for leaf in self._leaves]
        replaced = [(want.model.entity if want.replaces else None) or "-" for want in wanted]
        own = [w.keys[0][0] if w.keys and w.parameter.use == "identity" else "-" for w in wanted]
        sought = [(w.model.entity if _searches(w) else None) or "-" for w in wanted]
        numbers = _numbered([*owners, *replaced, *own, *sought])
        self._owner, rest = numbers[: len(owners)], numbers[len(owners) :]
        self._replaced, self._own, self._sought = np.split(rest, 3)
        self._sure = _mask(want.sure for want in wanted)
        self._open = _mask(want.open for want in wanted)
        self._bound = _mask(want.keys for want in wanted)
        self._fixed = _mask(want.keys and not want.scope for want in wanted)
        self._reckons = _mask(want.reckons for want in wanted)
        self._its_vague = _mask(_is_vague(w.parameter.semantic, w.schema) for w in wanted)
        self._textual = _mask(want.kind == "text" for want in wanted)
        base = [0.3 if want.keys or want.parameter.opaque else 0.1 for want in wanted]
        self._alike_base = np.array(base, dtype=np.float32)

    def near(self, w: Numbers, i: Numbers) -> Mask:
        """Whether both belong to one domain."""
        near: Mask = self._domain[i] == self._its_domain[w]
        return near

    def gives_back(self, i: Numbers, methods: Codes) -> Mask:
        """Whether a leaf only gives back what its tool was given, and that is all it does."""
        lost: Mask = self._echoes[i] & ~((methods == ECHO) & self._home[i])
        return lost

    def tools(self, i: Numbers) -> Numbers:
        """Numbers of the leaves' tools, in the order of their names."""
        return self._tool[i]

    def score(self, pairs: Pairs) -> Scored:
        """Score all pairs."""
        cuts = [slice(a, a + CHUNK) for a in range(0, len(pairs.wants), CHUNK)]
        parts = [self._score(pairs.wants[c], pairs.leaves[c], pairs.routes[c]) for c in cuts]
        if not parts:
            return Scored(np.empty(0, dtype=np.float32), np.empty(0, dtype=np.int8))
        scores = np.concatenate([part.scores for part in parts])
        scored = Scored(scores, np.concatenate([part.methods for part in parts]))
        self._held_back(pairs, scored)
        self._belonging(pairs, scored)
        return scored

    def _score(self, w: Numbers, i: Numbers, routes: NDArray[np.uint8]) -> Scored:
        names = self._names.jaccard(i, w)
        cosines = self._texts.cosines(i, w + len(self._leaves))
        closeness = np.clip(cosines, 0, 1)
        near, fits = self.near(w, i), self._fits(w, i)
        certain = (routes & ROW > 0) & fits & near & self._sure[w]
        close = (names >= LEAST_NAME) & (cosines >= LEAST_COSINE) & ~self._generic[i] & fits & near
        alike = close & self._sure[w] & self._alike(w, i)
        abroad = (routes & VALUE > 0) & fits & ~near & (names == 1) & self._plain[i]
        free = ~self._bound[w] | ~self._keyed[i]
        told = (routes & MENTION > 0) & (free | self._id[i])
        serves = self._serves[self._its_kind[w], self._kind[i]] | self._reckons[w]
        agree = self._agree(w, i) & (serves | (routes & HEAD > 0))
        weak = self._open[w] & fits & self._worth[i] & ~self._echoes[i] & agree
        mention, same = weak & near & (told | (close & free)), weak & (routes & KIND > 0)
        kind = serves & (self._kind[i] != 0) & (self._its_kind[w] != 0)
        signs = WEAK + NAMES * names + TEXTS * closeness + MENTIONS * told + KINDS * kind
        scores = np.select(
            [certain, alike, abroad, mention | same],
            [
                self._base[i] + 0.1 * names + 0.1 * closeness,
                self._alike_base[w] + 0.2 * names + 0.2 * closeness,
                0.2 + 0.2 * closeness,
                signs * self._trust[i],
            ],
        )
        scores = np.where(self._echoes[i], _ECHO, 1) * scores
        methods = np.select(
            [certain & self._echoes[i], certain, alike, abroad, mention],
            [ECHO, IDENTITY, NAME, PLAIN_VALUE, MENTIONED],
            np.where(self._textual[w], TEXT, SAME_KIND),
        )
        return Scored(np.round(scores, 3).astype(np.float32), methods.astype(np.int8))

    def _fits(self, w: Numbers, i: Numbers) -> Mask:
        """Another tool's leaf, of a type that the parameter accepts, and not its present value."""
        ours, theirs = self._types[i], self._its_types[w]
        fits: Mask = (ours == 0) | (theirs == 0) | (ours & theirs > 0)
        fits &= self._tool[i] != self._its_tool[w]
        fits &= self._owner[i] != self._replaced[w]
        return fits

    def _alike(self, w: Numbers, i: Numbers) -> Mask:
        """Nothing that is known speaks against it: neither the entities nor the meanings."""
        meanings = self._untold[i] | (self._semantic[i] == self._its_semantic[w])
        other_row = (self._keyed[i] & self._fixed[w]) | (self._owner[i] == self._own[w])
        mask: Mask = meanings & self._plain[i] & ~other_row
        return mask

    def _agree(self, w: Numbers, i: Numbers) -> Mask:
        """Nothing speaks against weak evidence: neither meanings, nor going in circles.

        A text is passed on where the tool was called for it, not as one field of a row.
        """
        meanings = self._vague[i] | self._its_vague[w]
        meanings |= self._semantic[i] == self._its_semantic[w]
        passed = (self._its_kind[w] != self._text) | self._main[i]
        mask: Mask = meanings & passed & (self._owner[i] != self._sought[w])
        return mask

    def _held_back(self, pairs: Pairs, scored: Scored) -> None:
        """Where rows tell whence a value comes, its kind alone proves nothing."""
        known = np.zeros(len(self._wanted), dtype=np.bool_)
        known[pairs.wants[(scored.scores > 0) & (scored.methods == IDENTITY)]] = True
        weak = (scored.methods == SAME_KIND) | (scored.methods == TEXT)
        scored.scores[weak & known[pairs.wants]] = 0

    def _belonging(self, pairs: Pairs, scored: Scored) -> None:
        """Less for things from elsewhere, where a row that the tool is given has some."""
        for number, want in enumerate(self._wanted):
            beside = want.beside if want.selects else frozenset()
            if not beside:
                continue
            start, stop = np.searchsorted(pairs.wants, [number, number + 1])
            rows = (self._leaves[i].rows for i in pairs.leaves[start:stop].tolist())
            inside = _mask(not beside.isdisjoint(row) for row in rows)
            part = scored.scores[start:stop]
            inside &= (scored.methods[start:stop] <= ECHO) & (part > 0)
            if inside.any():
                part[~inside] = np.round(part[~inside] * np.float32(_ELSEWHERE), 3)


def _mask(values: Iterable[object]) -> Mask:
    return np.array([bool(value) for value in values], dtype=np.bool_)


def _numbered(values: Sequence[Hashable]) -> Numbers:
    """Equal numbers for equal values, in their order; the empty text is 0 where there is one."""
    places = {value: place for place, value in enumerate(sorted(set(values), key=str))}
    return np.array([places[value] for value in values], dtype=np.int64)


def _columns(values: Sequence[str], count: int) -> tuple[Numbers, Numbers]:
    numbers = _numbered(["", *values])[1:]
    return numbers[:count], numbers[count:]


def _type_bits(schema: JsonObject) -> int:
    types = json_types(schema)
    return sum(1 << place for place, name in enumerate(_TYPES) if name in types)


def _takes(wanted: Sequence[FeedableParameter]) -> frozenset[tuple[str, Key | Tokens]]:
    """Collect what each tool is given: keys, and names.

    By its required parameters; by all of them where a write's result is only inferred, as what is
    called like a parameter there was concluded from it.
    """
    required = [want for want in wanted if want.parameter.required or _supposed(want)]
    names = frozenset((want.model.name, want.tokens) for want in required)
    given = ((want, key) for want in required for key in want.keys)
    return names | {(want.model.name, key) for want, key in given if not _asks(want, key)}


def _supposed(want: FeedableParameter) -> bool:
    return want.model.writes and want.model.returns_inferred


def _asks(want: FeedableParameter, key: Key) -> bool:
    """Whether a tool is given a name to tell the id: ``get_user_id(user)``."""
    spoken = want.parameter.semantic in _SPOKEN and want.tokens[-1:] != ("id",)
    return spoken and name_tokens(key[1])[-1:] == ("id",)


def _echoes(leaf: ResultLeaf, takes: frozenset[tuple[str, Key | Tokens]]) -> bool:
    """Whether the tool was given the value that it returns."""
    return any((leaf.model.name, what) in takes for what in (leaf.tokens, *leaf.keys))


def _is_plain(leaf: ResultLeaf) -> bool:
    """Whether a leaf can serve for its name: a row's identity, or a value that means something."""
    plain = leaf.semantic is None or leaf.semantic in PLAIN or leaf.semantic in OPAQUE
    return bool(leaf.keys) or (plain and leaf.tokens not in GENERIC)


def _is_worth(leaf: ResultLeaf) -> bool:
    """Whether a leaf can serve on weaker evidence: it tells more than that a call went well."""
    if leaf.tokens in GENERIC and not leaf.keys:
        number = "number" in json_types(leaf.schema)
        return leaf.tokens in _RESULTS if number else "[]" in leaf.path
    if _BOUNDS & set(leaf.tokens):
        return False
    if leaf.model.operation in ("update", "delete") and leaf.kind not in RECKONED:
        return False
    named = leaf.kind in RECKONED or leaf.semantic in OPAQUE or leaf.tokens[-1:] == ("id",)
    if leaf.model.operation == "create" and not named:
        return False
    return leaf.tokens[-1:] == () or leaf.tokens[-1] not in _REPORTS


def _searches(want: FeedableParameter) -> bool:
    """Whether a row is looked for by what it tells of itself: a user by their email."""
    return not want.model.writes and want.kind in ("email", "phone", "zip")


def _is_vague(semantic: str | None, schema: JsonObject) -> bool:
    """Whether the meaning of a value excludes none; that of numbers is left to their kinds."""
    return semantic in (None, "unknown", "title", "text", "query") or "number" in json_types(schema)


def _serving(kinds: Sequence[str]) -> Mask:
    """Which kinds serve for which: rows are wanted, columns given; unknown ones exclude none."""
    rows = [[not a or not b or a == b or b in SERVES.get(a, ()) for b in kinds] for a in kinds]
    return np.array(rows, dtype=np.bool_)


class NamePairs:
    """Names of two sides, to be compared word by word."""

    def __init__(self, ours: Sequence[Tokens], theirs: Sequence[Tokens]) -> None:
        distinct = sorted({*ours, *theirs})
        places = {name: place for place, name in enumerate(distinct)}
        words = {word: n for n, word in enumerate(sorted({w for name in distinct for w in name}))}
        self._ours = np.array([places[name] for name in ours], dtype=np.int64)
        self._theirs = np.array([places[name] for name in theirs], dtype=np.int64)
        self._words = np.full((len(distinct), MOST_WORDS), -1, dtype=np.int32)
        for row, name in enumerate(distinct):
            numbers = sorted({words[word] for word in name})[:MOST_WORDS]
            self._words[row, : len(numbers)] = numbers
        self._sizes = (self._words >= 0).sum(axis=1)

    def jaccard(self, ours: Numbers, theirs: Numbers) -> Scores:
        """Jaccard similarity of the sets of words of pairs of names."""
        a, b = self._ours[ours], self._theirs[theirs]
        both = np.zeros(len(a), dtype=np.int64)
        for column in range(MOST_WORDS):
            word = self._words[a, column][:, None]
            both += ((word == self._words[b]) & (word >= 0)).any(axis=1)
        either = self._sizes[a] + self._sizes[b] - both
        alike: Scores = (both / np.maximum(either, 1)).astype(np.float32)
        return alike


class TextPairs:
    """Texts as vectors; each distinct text is embedded, and kept, once."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        distinct = sorted(set(texts))
        places = {text: place for place, text in enumerate(distinct)}
        self._which = np.array([places[text] for text in texts], dtype=np.int64)
        self._vectors: Vectors = embedder.embed(distinct)

    def cosines(self, ours: Numbers, theirs: Numbers) -> Scores:
        """Cosine similarity of pairs of texts."""
        a, b = self._vectors[self._which[ours]], self._vectors[self._which[theirs]]
        cosines: Scores = np.einsum("ij,ij->i", a, b)
        return cosines


def text_of(tokens: Tokens, schema: JsonObject, noun: str) -> str:
    """Put a value's name, its description and the thing that it belongs to into one text."""
    return f"{' '.join(tokens)}: {schema.get('description', '')}, of the {noun}"
