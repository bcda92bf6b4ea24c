"""Which result leaf can serve as which parameter, and how surely: the full recipe.

Evidence in falling order: both name the same row of the same entity (``identity``; ``echo`` where
the producer was itself given the value); both are called and described alike (``name``); both are
the same kind of plain value in different domains (``value``). Where the entities say nothing,
weaker signs do: one is named in the description of the other (``mention``), or both are values of
one kind: a distance, a place, a file (``kind``), a text (``text``). Names and cosines alone confuse
"same concept" with "same type"; here they rank what the other evidence allows.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder
from generators.graph.candidate_pairs import Numbers, Pairs, find_pairs
from generators.graph.feedable_parameters import FeedableParameter, list_feedable
from generators.graph.names import json_types
from generators.graph.pair_scores import METHODS, Codes, Scored, Scoring
from generators.graph.result_leaves import ResultLeaf, ResultReader, list_element
from generators.world.model import World
from schemas.graph import Edge

Triple = tuple[str, str, str]
"""Producer, consumer, parameter."""

LEAST_SCORE = 0.14
"""Of an edge that is kept. On the gold edges of bfcl-eval, 0.14 finds 0.86 of them (0.95 by use)
among 1.3 % of all pairs; a bar of 0.16 loses 0.06 by use, and a lower one finds none that are new,
as the bounds below have held the rest back: see docs/graph.md."""
MOST_SOURCES = 4
"""Producers kept for a parameter on sure evidence …"""
MOST_ECHOES = 2
"""… beside those that only give back what they were given …"""
MOST_ABROAD = 1
"""… those of other domains …"""
MOST_WEAK = 8
"""… those on weaker evidence …"""
MOST_WEAK_ABROAD = 2
"""… and those on weaker evidence of other domains."""
_BOUNDS = np.array([MOST_SOURCES, MOST_ECHOES, MOST_ABROAD, MOST_WEAK, MOST_WEAK_ABROAD])
_SORT = {"identity": 0, "name": 0, "echo": 1, "value": 2, "mention": 3, "kind": 3, "text": 3}
_WEAK, _WEAK_ABROAD = 3, 4


def find_edges(world: World, embedder: Embedder, least: float = LEAST_SCORE) -> tuple[Edge, ...]:
    """Find all edges that score ``least`` or more, by consumer, parameter and falling score.

    The same world gives the same edges, whatever the order of its tools.
    """
    models = [world.models[name] for name in sorted(world.models)]
    reader = ResultReader(world)
    wanted = [want for model in models for want in list_feedable(world, reader, model)]
    leaves = [leaf for model in models for leaf in reader.leaves(model) if _useful(leaf)]
    if not leaves or not wanted:
        return ()
    edges = {
        (edge.producer, edge.consumer, edge.parameter): edge
        for edge in _best(wanted, leaves, embedder)
        if edge.score >= least
    }
    completed = [*edges.values(), *_siblings(edges, wanted, leaves)]
    return tuple(sorted(completed, key=lambda e: (e.consumer, e.parameter, -e.score, e.producer)))


def _best(
    wanted: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf], embedder: Embedder
) -> Iterator[Edge]:
    """Yield the best leaf of each of the best producers of every parameter."""
    scoring, pairs = Scoring(wanted, leaves, embedder), find_pairs(wanted, leaves)
    scored = scoring.score(pairs)
    kept = _ranked(pairs, scored, scoring, leaves)
    w, tools = pairs.wants[kept], scoring.tools(pairs.leaves[kept])
    _, first = np.unique(w * (1 + tools.max(initial=0)) + tools, return_index=True)
    kept = kept[np.sort(first)]
    kept = kept[~scoring.gives_back(pairs.leaves[kept], scored.methods[kept])]
    w, i, methods = pairs.wants[kept], pairs.leaves[kept], scored.methods[kept]
    for at in _within_bounds(w, methods, scoring.near(w, i)).tolist():
        score, method = float(scored.scores[kept[at]]), METHODS[methods[at]]
        yield _edge(wanted[w[at]], leaves[i[at]], round(score, 3), method)


def _ranked(
    pairs: Pairs, scored: Scored, scoring: Scoring, leaves: Sequence[ResultLeaf]
) -> Numbers:
    """Numbers of the pairs that are edges: by parameter, falling score, producer and path."""
    paths = {path: place for place, path in enumerate(sorted({leaf.path for leaf in leaves}))}
    ranks = np.array([paths[leaf.path] for leaf in leaves])
    kept = np.flatnonzero(scored.scores > 0)
    w, i = pairs.wants[kept], pairs.leaves[kept]
    order = np.lexsort((ranks[i], scoring.tools(i), -scored.scores[kept], w))
    ranked: Numbers = kept[order]
    return ranked


def _within_bounds(w: Numbers, methods: Codes, near: NDArray[np.bool_]) -> Numbers:
    """Drop the least of what a parameter has too much of. Pairs are in order of the score."""
    sorts = np.array([_SORT[method] for method in METHODS])[methods]
    sorts = np.where((sorts == _WEAK) & ~near, _WEAK_ABROAD, sorts)
    order = np.lexsort((np.arange(len(w)), sorts, w))
    group = w[order] * len(_BOUNDS) + sorts[order]
    begins = np.searchsorted(group, group)
    kept: Numbers = np.sort(order[np.arange(len(w)) - begins < _BOUNDS[sorts[order]]])
    return kept


def _edge(want: FeedableParameter, leaf: ResultLeaf, score: float, method: str) -> Edge:
    return Edge(
        producer=leaf.model.name,
        result_path=leaf.path,
        consumer=want.model.name,
        parameter=want.parameter.path,
        score=score,
        method=method,
        evidence=_evidence(method, leaf, want),
    )


def _evidence(method: str, leaf: ResultLeaf, want: FeedableParameter) -> str:
    parts = {
        "identity": f"both name the same {want.noun}",
        "echo": f"both name the same {want.noun}, which the producer is given too",
        "name": f"called {' '.join(leaf.tokens)!r} and {' '.join(want.tokens)!r}, described alike",
        "value": f"the same kind of value, {want.parameter.semantic}, in another domain",
        "mention": f"{' '.join(leaf.tokens)!r} and {' '.join(want.tokens)!r} tell of each other",
        "kind": f"{leaf.kind or want.kind}, wanted as {want.kind}",
        "text": "a text that was found, where a text is written",
    }
    return parts[method]


def _useful(leaf: ResultLeaf) -> bool:
    """Whether a leaf can serve anyone at all; a deleted row's identity cannot."""
    if "boolean" in json_types(leaf.schema) or "enum" in leaf.schema or leaf.semantic == "cursor":
        return False
    return not (leaf.model.operation == "delete" and leaf.home)


def _siblings(
    edges: dict[Triple, Edge], wanted: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf]
) -> Iterator[Edge]:
    """Yield the other parts of a composite identity, from the same row as the part that is fed."""
    by_tool: dict[str, list[FeedableParameter]] = {}
    for want in wanted:
        by_tool.setdefault(want.model.name, []).append(want)
    offers = {(x.model.name, x.element, key): x for x in reversed(leaves) for key in x.keys}
    for edge in edges.values():
        others = by_tool[edge.consumer]
        fed = next(want for want in others if want.parameter.path == edge.parameter)
        for want in others:
            if (edge.producer, edge.consumer, want.parameter.path) in edges:
                continue
            if want.scope and fed.keys and not fed.scope and want.keys[0][0] == fed.keys[0][0]:
                place = (edge.producer, list_element(edge.result_path), want.keys[0])
                leaf = offers.get(place)
                if leaf and _compatible(leaf, want):
                    yield _sibling(edge, want, leaf, fed)


def _sibling(edge: Edge, want: FeedableParameter, leaf: ResultLeaf, fed: FeedableParameter) -> Edge:
    evidence = f"lies in the same row as the value of {' '.join(fed.tokens)!r}"
    changes = {
        "result_path": leaf.path,
        "parameter": want.parameter.path,
        "score": round(edge.score * 0.9, 3),
        "evidence": evidence,
    }
    return edge.model_copy(update=changes)


def _compatible(leaf: ResultLeaf, want: FeedableParameter) -> bool:
    ours, theirs = json_types(leaf.schema), json_types(want.parameter.schema)
    return not ours or not theirs or bool(ours & theirs)
