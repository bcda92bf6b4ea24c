"""Which result leaf can serve as which parameter, and how surely.

Three kinds of evidence: both name the same row of the same entity (``identity``; ``echo`` where
the producer was itself given the value), both are called and described alike (``name``), or both
are the same kind of plain value in different domains (``value``). Names and cosines alone confuse
"same concept" with "same type"; here they rank what the entities allow, and decide only where the
entities say nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from generators.graph.embedding import Embedder
from generators.graph.returned import Key, ResultLeaf, ResultReader, Tokens, container, json_types
from generators.graph.similarity import Names, embed_texts, text_of
from generators.graph.wanted import ABROAD, PLAIN, Want, wants
from generators.world import World
from schemas.graph import Edge
from schemas.semantic import OPAQUE

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

GENERIC: frozenset[Tokens] = frozenset(
    (word,)
    for word in (
        *("status", "state", "message", "success", "error", "code", "type", "kind", "version"),
        *("page", "limit", "offset", "total", "count", "size", "cursor", "index"),
        *("id", "name", "number", "key", "value", "result", "data"),
    )
)
"""Names that say nothing about what they name."""

MOST_SOURCES = 4
"""Producers kept for a parameter …"""
MOST_ECHOES = 2
"""… beside those that only give back what they were given …"""
MOST_ABROAD = 1
"""… and those of other domains."""
BLOCK = 64
"""Parameters scored at once: bounds the memory at ``leaves × BLOCK``."""

_BASE = {"list": 0.8, "get": 0.74, "compute": 0.74, "create": 0.7, "update": 0.66, "delete": 0.5}
_LEAST_NAME, _LEAST_COSINE = 0.5, 0.3
_ECHO, _ELSEWHERE = 0.6, 0.6

Triple = tuple[str, str, str]
"""Producer, consumer, parameter."""


def find_edges(world: World, embedder: Embedder) -> tuple[Edge, ...]:
    """Find all edges worth keeping, in order of consumer, parameter and falling score.

    The same world gives the same edges, whatever the order of its tools.
    """
    models = [world.models[name] for name in sorted(world.models)]
    reader = ResultReader(world)
    wanted = [want for model in models for want in wants(world, reader, model)]
    leaves = [leaf for model in models for leaf in reader.leaves(model) if _useful(leaf)]
    if not leaves or not wanted:
        return ()
    edges = {
        (edge.producer, edge.consumer, edge.parameter): edge
        for edge in _scored(leaves, wanted, embedder)
    }
    completed = [*edges.values(), *_siblings(edges, wanted, leaves)]
    return tuple(sorted(completed, key=lambda e: (e.consumer, e.parameter, -e.score, e.producer)))


def _scored(
    leaves: Sequence[ResultLeaf], wanted: Sequence[Want], embedder: Embedder
) -> Iterator[Edge]:
    table = _Table(leaves, wanted, embedder)
    vectors = embed_texts(
        embedder, [text_of(want.tokens, want.parameter.schema, want.noun) for want in wanted]
    )
    for start in range(0, len(wanted), BLOCK):
        block = wanted[start : start + BLOCK]
        scores, certain = table.score(block, vectors[start : start + BLOCK])
        for column, want in enumerate(block):
            yield from table.best(want, scores[:, column], certain[:, column])


class _Table:
    """All result leaves as columns of numbers, to be compared with blocks of parameters."""

    def __init__(
        self, leaves: Sequence[ResultLeaf], wanted: Sequence[Want], embedder: Embedder
    ) -> None:
        takes = _takes(wanted)
        texts = [text_of(leaf.tokens, leaf.schema, leaf.noun) for leaf in leaves]
        self.leaves = leaves
        self.names = Names([leaf.tokens for leaf in leaves])
        self.vectors = embed_texts(embedder, texts)
        self.tools = np.array([leaf.model.name for leaf in leaves])
        self.domains = np.array([leaf.model.tool.domain for leaf in leaves])
        self.types = [json_types(leaf.schema) for leaf in leaves]
        self.semantics = np.array([leaf.semantic or "" for leaf in leaves])
        self.generic = np.array([leaf.tokens in GENERIC for leaf in leaves])
        self.keyed = np.array([bool(leaf.keys) for leaf in leaves])
        self.base = np.array([_BASE[leaf.model.operation] for leaf in leaves], dtype=np.float32)
        self.echoes = np.array([_echoes(leaf, takes) for leaf in leaves])
        self.owners = np.array([(leaf.rows or ("",))[-1] for leaf in leaves])
        self.home = np.array([leaf.home for leaf in leaves])
        self.by_key: dict[Key, list[int]] = {}
        for number, leaf in enumerate(leaves):
            for key in leaf.keys:
                self.by_key.setdefault(key, []).append(number)

    def score(self, block: Sequence[Want], vectors: Scores) -> tuple[Scores, Mask]:
        """Scores of shape ``(leaves, block)``, zero for no edge; and where an entity proves it."""
        names = self.names.similarity([want.tokens for want in block])
        cosines = self.vectors @ vectors.T
        closeness = np.clip(cosines, 0, 1)
        fits, near = (np.stack([f(want) for want in block], 1) for f in (self._fits, self._near))
        certain = np.stack([self._certain(want) for want in block], 1) & fits & near
        alike = np.stack([self._alike(want) for want in block], 1) & fits & near
        alike &= (names >= _LEAST_NAME) & (cosines >= _LEAST_COSINE)
        abroad = np.stack([self._same_kind(want) for want in block], 1) & fits & ~near
        alike_base = np.array(
            [0.3 if want.keys or want.parameter.opaque else 0.1 for want in block]
        )
        scores = np.select(
            [certain, alike, abroad & (names == 1)],
            [
                self.base[:, None] + 0.1 * names + 0.1 * closeness,
                alike_base + 0.2 * names + 0.2 * closeness,
                0.2 + 0.2 * closeness,
            ],
        )
        scores *= np.where(self.echoes, _ECHO, 1)[:, None]
        for column, want in enumerate(block):
            scores[:, column] *= self._belonging(want, certain[:, column])
        return np.round(scores, 3).astype(np.float32), certain

    def best(self, want: Want, scores: Scores, certain: Mask) -> Iterator[Edge]:
        """Yield the best leaf of each of the best producers of one parameter."""
        order = sorted(np.flatnonzero(scores > 0).tolist(), key=lambda i: self._rank(i, scores))
        first = {self.leaves[i].model.name: i for i in reversed(order)}
        order = [i for i in order if first[self.leaves[i].model.name] == i]
        near = self._near(want)
        kinds = (
            (MOST_SOURCES, near & ~self.echoes),
            (MOST_ECHOES, certain & self.echoes & self.home),
            (MOST_ABROAD, ~near & ~self.echoes),
        )
        for most, kind in kinds:
            for i in islice((i for i in order if kind[i]), most):
                yield self._edge(want, i, float(scores[i]), bool(certain[i]))

    def _rank(self, i: int, scores: Scores) -> tuple[float, str, str]:
        return -float(scores[i]), self.leaves[i].model.name, self.leaves[i].path

    def _near(self, want: Want) -> Mask:
        near: Mask = self.domains == want.model.tool.domain
        return near

    def _fits(self, want: Want) -> Mask:
        """Another tool's leaf, of a type that the parameter accepts, and not its present value."""
        types = json_types(want.parameter.schema)
        fits = np.array([not types or not own or bool(types & own) for own in self.types])
        fits &= self.tools != want.model.name
        if want.replaces:
            fits &= self.owners != want.model.entity
        return fits

    def _certain(self, want: Want) -> Mask:
        """Both name the same row."""
        mask = np.zeros(len(self.leaves), dtype=np.bool_)
        for key in want.keys:
            mask[self.by_key.get(key, [])] = True
        return mask

    def _belonging(self, want: Want, certain: Mask) -> Scores:
        """Less than one for things from elsewhere, where a row that the tool is given has some."""
        beside = want.beside if want.selects else frozenset()
        inside = np.array([not beside.isdisjoint(leaf.rows) for leaf in self.leaves]) & certain
        return np.where(inside | ~inside.any(), 1, _ELSEWHERE).astype(np.float32)

    def _alike(self, want: Want) -> Mask:
        """Nothing that is known speaks against it: neither the entities nor the kinds of value."""
        kinds = (self.semantics == "") | (self.semantics == want.parameter.semantic)
        other_row = self.keyed & (bool(want.keys) and not want.scope)
        if want.parameter.use == "identity" and want.keys:
            other_row |= self.owners == want.keys[0][0]
        mask: Mask = kinds & ~self.generic & ~other_row
        return mask

    def _same_kind(self, want: Want) -> Mask:
        """Both are one kind of plain value that means the same everywhere."""
        semantic = want.parameter.semantic
        mask: Mask = (self.semantics == semantic) & (semantic in ABROAD)
        return mask

    def _edge(self, want: Want, i: int, score: float, certain: bool) -> Edge:
        leaf = self.leaves[i]
        method = "echo" if certain and self.echoes[i] else "identity" if certain else "name"
        if leaf.model.tool.domain != want.model.tool.domain:
            method = "value"
        return Edge(
            producer=leaf.model.name,
            result_path=leaf.path,
            consumer=want.model.name,
            parameter=want.parameter.path,
            score=round(score, 3),
            method=method,
            evidence=_evidence(method, leaf, want),
        )


def _evidence(method: str, leaf: ResultLeaf, want: Want) -> str:
    ours, theirs = " ".join(leaf.tokens), " ".join(want.tokens)
    if method == "identity":
        return f"{ours!r} in the result names the {want.noun} that {theirs!r} asks for"
    if method == "echo":
        return f"the result gives back the {want.noun} that the tool was asked about"
    if method == "name":
        return f"{ours!r} of the {leaf.noun} and {theirs!r} are called and described alike"
    return f"{ours!r} is the same kind of value in both domains: {want.parameter.semantic}"


def _takes(wanted: Sequence[Want]) -> frozenset[tuple[str, Key | Tokens]]:
    """Collect what each tool is given by its required parameters: keys, and names."""
    required = [want for want in wanted if want.parameter.required]
    names = frozenset((want.model.name, want.tokens) for want in required)
    return names | {(want.model.name, key) for want in required for key in want.keys}


def _echoes(leaf: ResultLeaf, takes: frozenset[tuple[str, Key | Tokens]]) -> bool:
    """Whether the tool was given the value that it returns."""
    return any((leaf.model.name, what) in takes for what in (leaf.tokens, *leaf.keys))


def _useful(leaf: ResultLeaf) -> bool:
    """Whether a leaf can serve anyone at all; a deleted row's identity cannot."""
    if "boolean" in json_types(leaf.schema) or "enum" in leaf.schema or leaf.semantic == "cursor":
        return False
    if leaf.model.operation == "delete" and leaf.home:
        return False
    plain = leaf.semantic is None or leaf.semantic in PLAIN or leaf.semantic in OPAQUE
    return bool(leaf.keys) or (plain and leaf.tokens not in GENERIC)


def _siblings(
    edges: dict[Triple, Edge], wanted: Sequence[Want], leaves: Sequence[ResultLeaf]
) -> Iterator[Edge]:
    """Yield the other parts of a composite identity, from the same row as the part that is fed."""
    by_tool: dict[str, list[Want]] = {}
    for want in wanted:
        by_tool.setdefault(want.model.name, []).append(want)
    offers = {(x.model.name, x.container, key): x for x in reversed(leaves) for key in x.keys}
    for edge in edges.values():
        others = by_tool[edge.consumer]
        fed = next(want for want in others if want.parameter.path == edge.parameter)
        for want in others:
            if (edge.producer, edge.consumer, want.parameter.path) in edges:
                continue
            if want.scope and fed.keys and not fed.scope and want.keys[0][0] == fed.keys[0][0]:
                place = (edge.producer, container(edge.result_path), want.keys[0])
                leaf = offers.get(place)
                if leaf and _compatible(leaf, want):
                    yield _sibling(edge, want, leaf, fed)


def _sibling(edge: Edge, want: Want, leaf: ResultLeaf, fed: Want) -> Edge:
    evidence = f"lies in the same row as the value of {' '.join(fed.tokens)!r}"
    changes = {
        "result_path": leaf.path,
        "parameter": want.parameter.path,
        "score": round(edge.score * 0.9, 3),
        "evidence": evidence,
    }
    return edge.model_copy(update=changes)


def _compatible(leaf: ResultLeaf, want: Want) -> bool:
    ours, theirs = json_types(leaf.schema), json_types(want.parameter.schema)
    return not ours or not theirs or bool(ours & theirs)
