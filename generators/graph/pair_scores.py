"""What candidate pairs are worth: many of them at once, as columns of numbers.

Pairs come from `generators.graph.candidate_pairs`; what is made of their scores is known in
`generators.graph.recipes`.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder
from generators.graph.candidate_pairs import (
    HEAD,
    KIND,
    LEAST_NAME,
    MENTION,
    ROW,
    VALUE,
    CandidatePairs,
    Numbers,
)
from generators.graph.feedable_parameters import PLAIN, FeedableParameter
from generators.graph.result_leaves import READINESS, ResultLeaf, RowKey
from generators.graph.value_kinds import (
    Tokens,
    description_of,
    is_generic,
    json_types,
    serving_kinds,
)
from generators.lexicon.names import noun_words
from generators.lexicon.tables import load_table, load_words
from generators.world.model import ToolModel
from schemas.record import JsonObject
from schemas.semantic import OPAQUE

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]
Given = frozenset[tuple[str, RowKey | Tokens]]
"""Tools with the keys and the names of what they are given."""

METHODS = ("identity", "echo", "name", "value", "mention", "kind", "text")
IDENTITY, ECHO, NAME, PLAIN_VALUE, MENTIONED, SAME_KIND, TEXT = range(len(METHODS))

LEAST_COSINE = 0.3
"""Of two descriptions, from which like names are believed."""
WEAK, NAMES, TEXTS, MENTIONS, KINDS = 0.05, 0.12, 0.15, 0.12, 0.1
"""What weak evidence adds up from: a start, like names, like texts, a mention, one kind. Together
they stay below what a shared row gives, so that a walk by score prefers rows."""
_TOGETHER = 1024
"""Pairs of texts whose vectors are compared at once."""
MOST_WORDS = 8
"""Of a name that are compared."""

_ECHO, _ELSEWHERE, _GUESSED = 0.6, 0.6, 0.7
_SPOKEN = frozenset({"handle", "title", "person_name", "email", "phone"})
_INDIFFERENT = frozenset({None, "unknown", "title", "text", "query"})
"""Meanings that exclude no other."""
_TYPES = ("string", "number", "boolean", "object", "array")


@dataclass(frozen=True)
class PairScores:
    """Scores of pairs, zero for no edge, and the number of the method that each is found by."""

    scores: Scores
    methods: Codes


class PairScorer:
    """Parameters (numbered ``p``) and leaves (``i``) as columns, of which pairs are looked up."""

    def __init__(
        self,
        parameters: Sequence[FeedableParameter],
        leaves: Sequence[ResultLeaf],
        embedder: Embedder,
    ) -> None:
        self._parameters, self._leaves = parameters, leaves
        both: list[ResultLeaf | FeedableParameter] = [*leaves, *parameters]
        names = {name: place for place, name in enumerate(sorted({one.tokens for one in both}))}
        numbers = {word: n for n, word in enumerate(sorted({w for name in names for w in name}))}
        words = np.full((len(names), MOST_WORDS), -1, dtype=np.int32)
        for name, row in names.items():
            own = sorted({numbers[word] for word in name})[:MOST_WORDS]
            words[row, : len(own)] = own
        self._words = words[[names[one.tokens] for one in both]]
        self._sizes = (self._words >= 0).sum(axis=1)
        # a value's name, its description and the thing that it belongs to, in one text
        texts = [
            f"{' '.join(one.tokens)}: {description_of(one.schema)}, of the {one.noun}"
            for one in both
        ]
        self._text_of, self._vectors = _number(texts), embedder.embed(sorted(set(texts)))
        ids = [" ".join(one.tokens[-2:-1]) if "id" in one.tokens[-1:] else "" for one in both]
        self._named = _number(["", *ids])[1:]  # of what it is an identifier; 0: of nothing
        self._tool = _number([one.model.name for one in both])
        self._domain = _number([one.model.tool.domain for one in both])
        self._semantic = _number(
            [leaf.semantic or "" for leaf in leaves] + [p.parameter.semantic for p in parameters]
        )
        schemas = [leaf.schema for leaf in leaves] + [p.parameter.schema for p in parameters]
        self._types = np.array([_write_types(json_types(one)) for one in schemas], dtype=np.uint8)
        kinds = sorted({"", "text", *(one.kind or "" for one in both)})
        self._kind = np.array([kinds.index(one.kind or "") for one in both], dtype=np.int64)
        self._text = kinds.index("text")
        # rows are wanted, columns given; unknown kinds exclude none
        serving = serving_kinds()
        self._serves = np.array(
            [[not a or not b or a == b or b in serving.get(a, ()) for b in kinds] for a in kinds],
            dtype=np.bool_,
        )
        # Collect what each tool is given: keys, and names.
        given: set[tuple[str, RowKey | Tokens]] = set()
        for one in parameters:
            if not one.parameter.required and not (one.model.writes and one.model.returns_inferred):
                continue
            given.add((one.model.name, one.tokens))
            spoken = one.parameter.semantic in _SPOKEN and one.tokens[-1:] != ("id",)
            for key in one.keys:  # a tool may be given a name to tell the id: ``get_user_id(user)``
                if not spoken or noun_words(key[1])[-1:] != ("id",):
                    given.add((one.model.name, key))
        self._describe_leaves(frozenset(given))
        self._describe_parameters()

    def _describe_leaves(self, given: Given) -> None:
        leaves = self._leaves
        self._untold = _mask(leaf.semantic is None for leaf in leaves)
        # A leaf can serve for its name: a row's identity, or a value that means something.
        self._generic = _mask(is_generic(leaf.tokens) for leaf in leaves)
        plain = PLAIN | OPAQUE | {None}
        self._plain = _mask(
            leaf.keys or (leaf.semantic in plain and not is_generic(leaf.tokens)) for leaf in leaves
        )
        # What a change only hands on of its row, as far as anybody knows, a look at the row gives.
        self._handed_on = _mask(
            leaf.model.operation in ("update", "delete")
            and leaf.model.returns_inferred
            and not leaf.home
            for leaf in leaves
        )
        self._keyed = _mask(leaf.keys for leaf in leaves)
        self._bare = _mask("." not in leaf.path and leaf.path.endswith("[]") for leaf in leaves)
        self._home = _mask(leaf.home for leaf in leaves)
        self._echoes = _mask(
            any((leaf.model.name, what) in given for what in (leaf.tokens, *leaf.keys))
            for leaf in leaves
        )
        ready = [READINESS[leaf.model.operation] for leaf in leaves]
        self._ready = np.array(ready, dtype=np.float32)
        guessed = np.array([_GUESSED if leaf.model.returns_inferred else 1 for leaf in leaves])
        self._trust = guessed * self._ready / READINESS["list"]
        operations = [leaf.model.operation for leaf in leaves]
        self._made = _mask(
            leaf.home and done == "create" for leaf, done in zip(leaves, operations, strict=True)
        )
        self._touched = _mask(done in ("create", "update") for done in operations)
        self._over = _mask(leaf.home and _ends(leaf.model) for leaf in leaves)
        self._nested = _mask(leaf.nested for leaf in leaves)
        self._main = _mask(leaf.main for leaf in leaves)
        self._vague = _mask(_is_vague(leaf.semantic, leaf.schema) for leaf in leaves)
        self._handle = _mask(leaf.semantic == "handle" for leaf in leaves)
        self._worth = _mask(leaf.open for leaf in leaves)
        self._id = _mask(len(leaf.tokens) > 1 and leaf.tokens[-1] == "id" for leaf in leaves)

    def _describe_parameters(self) -> None:
        parameters = self._parameters
        owner = [(leaf.rows or ("",))[-1] for leaf in self._leaves]
        replaced = [(p.model.entity if p.replaces else None) or "-" for p in parameters]
        own = [
            p.keys[0][0] if p.keys and p.parameter.use == "identity" else "-" for p in parameters
        ]
        sought = [  # a row is looked for by what it tells of itself: a user by their email
            (None if p.model.writes or p.kind not in ("email", "phone", "zip") else p.model.entity)
            or "-"
            for p in parameters
        ]
        numbers = _number([*owner, *replaced, *own, *sought])
        self._owner, rest = numbers[: len(owner)], numbers[len(owner) :]
        self._replaced, self._own, self._sought = np.split(rest, 3)
        makers = {leaf.model.entity for leaf in self._leaves if leaf.model.operation == "create"}
        self._lists = _mask(
            p.model.operation == "list" and p.model.entity not in makers for p in parameters
        )
        again = load_words("states", "after_end")
        self._going_on = _mask(p.model.writes and p.model.verb not in again for p in parameters)
        self._alters = _mask(
            p.model.operation in ("update", "delete") and p.parameter.use == "identity"
            for p in parameters
        )
        self._deletes = _mask(p.model.operation == "delete" for p in parameters)
        self._sure = _mask(p.sure for p in parameters)
        self._open = _mask(p.open for p in parameters)
        self._opaque = _mask(p.parameter.opaque for p in parameters)
        self._bound = _mask(p.keys for p in parameters)
        self._fixed = _mask(p.keys and not p.scope for p in parameters)
        self._selects = _mask(p.selects for p in parameters)
        self._reckons = _mask(p.reckons for p in parameters)
        self._its_vague = _mask(_is_vague(p.parameter.semantic, p.schema) for p in parameters)
        base = [0.3 if p.keys or p.parameter.opaque else 0.1 for p in parameters]
        self._alike_base = np.array(base, dtype=np.float32)

    def are_near(self, p: Numbers, i: Numbers) -> Mask:
        """Whether both belong to one domain."""
        near: Mask = self._domain[i] == self._domain[p + len(self._leaves)]
        return near

    def only_echo(self, i: Numbers, methods: Codes) -> Mask:
        """Whether a leaf only gives back what its tool was given, and that is all it does."""
        lost: Mask = self._echoes[i] & ~((methods == ECHO) & self._home[i])
        return lost

    def tools_of(self, i: Numbers) -> Numbers:
        """Numbers of the leaves' tools, in the order of their names."""
        return self._tool[i]

    def score(self, pairs: CandidatePairs) -> PairScores:
        """Score all pairs of some parameters."""
        scores, methods = self._score_alone(pairs.parameters, pairs.leaves, pairs.routes)
        # Where rows tell whence a value comes, weak evidence proves nothing.
        known = np.zeros(len(self._parameters), dtype=np.bool_)
        known[pairs.parameters[(scores > 0) & (methods == IDENTITY)]] = True
        weak = methods >= MENTIONED
        weak &= ~((methods == MENTIONED) & (self._bare[pairs.leaves] | (pairs.routes & HEAD > 0)))
        scores[weak & known[pairs.parameters]] = 0
        # Nor a place deep in a row, where another tool's result has it at hand.
        fields = (scores > 0) & (methods == IDENTITY) & ~self._nested[pairs.leaves]
        at_hand = np.zeros(len(self._parameters), dtype=np.bool_)
        at_hand[pairs.parameters[fields]] = True
        scores[self._nested[pairs.leaves] & at_hand[pairs.parameters]] = 0
        # Less for things from elsewhere, where a row that the tool is given has some.
        for number in np.unique(pairs.parameters[self._selects[pairs.parameters]]).tolist():
            beside = self._parameters[number].beside
            if not beside:
                continue
            start, stop = np.searchsorted(pairs.parameters, [number, number + 1])
            rows = (self._leaves[i].rows for i in pairs.leaves[start:stop].tolist())
            part = scores[start:stop]
            inside = _mask(not beside.isdisjoint(row) for row in rows)
            inside &= (methods[start:stop] <= ECHO) & (part > 0)
            if inside.any():
                part[~inside] = np.round(part[~inside] * np.float32(_ELSEWHERE), 3)
        return PairScores(scores, methods)

    def _compare_texts(self, mine: Numbers, wanted: Numbers) -> Scores:
        """The cosines of texts with others: few at a time, whose vectors fit into the cache."""
        cosines = np.empty(len(mine), dtype=np.float32)
        for start in range(0, len(mine), _TOGETHER):
            cut = slice(start, start + _TOGETHER)
            ours, theirs = self._vectors[mine[cut]], self._vectors[wanted[cut]]
            cosines[cut] = np.einsum("ij,ij->i", ours, theirs)
        return cosines

    def _score_alone(
        self, p: Numbers, i: Numbers, routes: NDArray[np.uint8]
    ) -> tuple[Scores, Codes]:
        """Score each pair as if there were no other."""
        other = p + len(self._leaves)
        shared = np.zeros(len(p), dtype=np.int64)
        sizes = self._sizes[i], self._sizes[other]
        ours = self._words[i, : sizes[0].max(initial=0)].T.copy()
        theirs = self._words[other, : sizes[1].max(initial=0)].T.copy()
        for word in ours:
            found = np.zeros(len(p), dtype=np.bool_)
            for one in theirs:
                found |= word == one
            shared += found & (word >= 0)
        either = np.maximum(sizes[0] + sizes[1] - shared, 1)
        names: Scores = (shared / either).astype(np.float32)
        count = len(self._vectors)  # the same two texts meet again and again
        texts = self._text_of[i] * count + self._text_of[other]
        two, which = np.unique(texts, return_inverse=True)
        cosines = self._compare_texts(two // count, two % count)[which]
        closeness = np.clip(cosines, 0, 1)
        near, echoes = self.are_near(p, i), self._echoes[i]
        # another tool's leaf, of a type that is accepted, and not the parameter's present value
        given, taken = self._types[i], self._types[other]
        fits = (given == 0) | (taken == 0) | (given & taken > 0)
        fits &= (self._tool[i] != self._tool[other]) & (self._owner[i] != self._replaced[p])
        fits &= ~self._handed_on[i]
        # a list is empty for what was just made; nobody deletes what they just made or changed,
        # changes what they just ended, or changes a thing because another lies in it
        fits &= ~(self._made[i] & self._lists[p]) & ~(self._over[i] & self._going_on[p])
        fits &= ~(self._touched[i] & (self._home[i] | echoes) & self._deletes[p])
        fits &= ~(self._nested[i] & self._alters[p])
        of, wanted = self._named[i], self._named[other]
        one_thing = (of == 0) | (wanted == 0) | (of == wanted)  # a message's id is no client's

        certain = (routes & ROW > 0) & fits & near & self._sure[p]
        close = (names >= LEAST_NAME) & (cosines >= LEAST_COSINE) & ~self._generic[i]
        # nothing that is known speaks against likeness: neither the entities nor the meanings
        one_meaning = self._semantic[i] == self._semantic[other]
        close &= (names > LEAST_NAME) | (one_meaning & ~self._vague[i] & ~self._handle[i])
        close &= one_thing & fits & near
        other_row = (self._keyed[i] & self._fixed[p]) | (self._owner[i] == self._own[p])
        alike = (
            close & self._sure[p] & (self._untold[i] | one_meaning) & self._plain[i] & ~other_row
        )
        abroad = (routes & VALUE > 0) & fits & ~near & (names == 1) & self._plain[i]

        # Nor against weak evidence: no other meaning, no going in circles. A text is passed on
        # where the tool was called for it, not as one field of a row.
        serves = self._serves[self._kind[other], self._kind[i]] | self._reckons[p]
        agree = serves | (routes & HEAD > 0)
        agree &= self._vague[i] | self._its_vague[p] | one_meaning
        agree &= (self._kind[other] != self._text) | self._main[i]
        agree &= self._owner[i] != self._sought[p]
        weak = self._open[p] & fits & self._worth[i] & ~echoes & agree
        free = ~self._bound[p] | ~self._keyed[i]
        kind = serves & (self._kind[i] != 0) & (self._kind[other] != 0)
        told = (routes & MENTION > 0) & (kind | self._bare[i]) & ~self._opaque[p]
        within = (shared == sizes[0]) & (shared < sizes[1])  # a team in its domain
        told = (told | ((routes & HEAD > 0) & ~within)) & (free | self._id[i])
        mention, same = weak & near & (told | (close & free)), weak & (routes & KIND > 0)
        signs = WEAK + NAMES * names + TEXTS * closeness + MENTIONS * told + KINDS * kind

        scores = np.select(
            [certain, alike, abroad, mention | same],
            [
                self._ready[i] + 0.1 * names + 0.1 * closeness,
                self._alike_base[p] + 0.2 * names + 0.2 * closeness,
                0.2 + 0.2 * closeness,
                signs * self._trust[i],
            ],
        )
        methods = np.select(
            [certain & echoes, certain, alike, abroad, mention],
            [ECHO, IDENTITY, NAME, PLAIN_VALUE, MENTIONED],
            np.where(self._kind[other] == self._text, TEXT, SAME_KIND),
        )
        scores = np.round(np.where(echoes, _ECHO, 1) * scores, 3)
        return scores.astype(np.float32), methods.astype(np.int8)


@cache
def _write_types(types: frozenset[str]) -> int:
    """JSON types as a number, one bit for each."""
    return sum(1 << place for place, name in enumerate(_TYPES) if name in types)


def _mask(values: Iterable[object]) -> Mask:
    return np.fromiter(map(bool, values), dtype=np.bool_)


def _number(values: Sequence[Hashable]) -> Numbers:
    """Equal numbers for equal values, in the order of the values."""
    places = {value: place for place, value in enumerate(sorted(set(values), key=str))}
    return np.array([places[value] for value in values], dtype=np.int64)


def _ends(model: ToolModel) -> bool:
    """Whether a change leaves its row in a state that nothing leads out of."""
    known = load_table("states")["after"].get(model.verb, {}).get("state")
    state = model.transition[1] if model.transition else known
    return model.operation == "update" and state in load_words("states", "final")


def _is_vague(semantic: str | None, schema: JsonObject) -> bool:
    """Whether the meaning of a value excludes none; that of numbers is left to their kinds."""
    return semantic in _INDIFFERENT or "number" in json_types(schema)
