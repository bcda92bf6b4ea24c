"""Ways of making edges: a word in a config chooses one.

``full`` weighs entities, names, kinds of value and descriptions (`find_edges`). ``name`` and
``embedding`` are the published ways, for comparison and for ablations; they know nothing of
entities, and compare all leaves with all parameters, so that their time grows with the square of
the catalogue. A recipe of one's own is a class with the same two members, put into `RECIPES`.

Evidence of the full one, in falling order: both name the same row of the same entity (``identity``;
``echo`` where the producer was itself given the value); both are called and described alike
(``name``); both are the same kind of plain value in different domains (``value``). Where the
entities say nothing, weaker signs do: one is named in the description of the other (``mention``),
or both are values of one kind: a distance, a place, a file (``kind``), a text (``text``). Names and
cosines alone confuse "same concept" with "same type"; here they rank what the other evidence
allows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder
from generators.graph.candidate_pairs import CandidatePairs, Numbers, find_pairs, starts_of
from generators.graph.feedable_parameters import FeedableParameter, list_feedable
from generators.graph.pair_scores import METHODS, PairScorer
from generators.graph.result_leaves import ResultLeaf, ResultReader, list_element
from generators.graph.value_kinds import (
    Tokens,
    description_of,
    is_generic,
    json_types,
    may_share_type,
    qualify,
)
from generators.lexicon.names import noun_words
from generators.world.model import World
from schemas.errors import InputError
from schemas.graph import Edge
from schemas.record import JsonObject

LEAST_SCORE = 0.14
"""Of an edge that is kept. On the gold edges of bfcl-eval, 0.14 finds 0.86 of them (0.95 by use)
among 1.3 % of all pairs; a bar of 0.16 loses 0.06 by use, and a lower one finds none that are new,
as the bounds below have held the rest back: see docs/graph.md."""

Grid = NDArray[np.float32]
"""Scores of all leaves (rows) against some parameters (columns)."""
BLOCK = 64
"""Parameters compared at once: bounds the memory at ``leaves × BLOCK``."""


class Recipe(Protocol):
    """A way of making edges."""

    @property
    def name(self) -> str:
        """As a config names it."""
        ...

    def edges(self, world: World, embedder: Embedder) -> tuple[Edge, ...]:
        """Find the edges of a world's tools, at most one for a producer and a parameter.

        Sorted by consumer, parameter and falling score; independent of the order of the tools.
        """
        ...


@dataclass(frozen=True)
class Full:
    """All evidence but that of a model."""

    least: float = LEAST_SCORE
    name: str = "full"

    def edges(self, world: World, embedder: Embedder) -> tuple[Edge, ...]:
        """See `find_edges`."""
        return find_edges(world, embedder, self.least)


@dataclass(frozen=True)
class ByName:
    """Like names alone: Jaccard similarity of the words, or the longest common subsequence.

    After ToolDial (arXiv 2503.00564), whose bar for the subsequence is 0.83 of the mean length,
    and which leaves out status, message, page and limit.
    """

    least: float = 0.83
    name: str = "name"

    def edges(self, world: World, embedder: Embedder) -> tuple[Edge, ...]:
        """The embedder is not asked."""
        del embedder
        leaves, parameters = _list_sides(world)
        distinct = sorted({leaf.tokens for leaf in leaves})
        rows = [distinct.index(leaf.tokens) for leaf in leaves]

        def compare(wanted: Sequence[_Side]) -> Grid:
            scores = [
                [0 if is_generic(one) else measure_likeness(one, other.tokens) for other in wanted]
                for one in distinct
            ]
            return np.array(scores, dtype=np.float32)[rows]

        return _compare_all(leaves, parameters, compare, self.least, self.name)


@dataclass(frozen=True)
class ByEmbedding:
    """Like texts alone: the plain mean of the cosines of names and of descriptions.

    After ToolMind (arXiv 2511.15718) and GOAT (arXiv 2510.12218), whose bars are not published
    and 0.20. Here 0.25 keeps 4 % of all pairs of the gold catalogue, and 0.45 half as many.
    """

    least: float = 0.45
    name: str = "embedding"

    def edges(self, world: World, embedder: Embedder) -> tuple[Edge, ...]:
        """Embeds every name and every description once."""
        leaves, parameters = _list_sides(world)
        if not leaves:
            return ()
        ours = embedder.embed([" ".join(leaf.tokens) for leaf in leaves])
        texts = embedder.embed([leaf.description for leaf in leaves])

        def compare(wanted: Sequence[_Side]) -> Grid:
            theirs = embedder.embed([" ".join(one.tokens) for one in wanted])
            said = embedder.embed([one.description for one in wanted])
            mean = (ours @ theirs.T + texts @ said.T) / 2
            return np.clip(mean, 0, 1).astype(np.float32)

        return _compare_all(leaves, parameters, compare, self.least, self.name)


RECIPES: tuple[Recipe, ...] = (Full(), ByName(), ByEmbedding())


def find_recipe(name: str) -> Recipe:
    """Find a recipe. Raises InputError, with the known names, where there is none."""
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    known = ", ".join(recipe.name for recipe in RECIPES)
    raise InputError(f"there is no way of making edges called {name!r}; known are {known}")


@dataclass(frozen=True)
class _Side:
    """A result leaf or a parameter, as the plain recipes see it."""

    tool: str
    path: str
    tokens: Tokens
    schema: JsonObject

    @property
    def description(self) -> str:
        """What its schema says in words, else its name."""
        return description_of(self.schema) or " ".join(self.tokens)


def _list_sides(world: World) -> tuple[list[_Side], list[_Side]]:
    """All leaves but switches, and all parameters."""
    models = [world.models[name] for name in sorted(world.models)]
    reader = ResultReader(world)
    leaves = [
        _Side(model.name, leaf.path, leaf.tokens, leaf.schema)
        for model in models
        for leaf in reader.list_leaves(model)
        if "boolean" not in json_types(leaf.schema)
    ]
    parameters = [
        _Side(model.name, one.path, qualify(noun_words(one.name), model.noun), one.schema)
        for model in models
        for one in model.parameters
    ]
    return leaves, parameters


def _compare_all(
    leaves: Sequence[_Side],
    parameters: Sequence[_Side],
    compare: Callable[[Sequence[_Side]], Grid],
    least: float,
    method: str,
) -> tuple[Edge, ...]:
    """For each parameter, each producer's best leaf of a type that it accepts."""
    found: list[Edge] = []
    for number, parameter in enumerate(parameters if leaves else ()):
        if number % BLOCK == 0:
            block = np.round(compare(parameters[number : number + BLOCK]), 3).astype(np.float32)
        scores, taken = block[:, number % BLOCK], {parameter.tool}
        likely = np.flatnonzero((scores >= np.float32(least)) & (scores > 0)).tolist()
        for i in sorted(likely, key=lambda i: (-scores[i], leaves[i].tool, leaves[i].path)):
            leaf = leaves[i]
            if leaf.tool in taken or not may_share_type(leaf.schema, parameter.schema):
                continue
            taken.add(leaf.tool)
            edge = Edge(
                producer=leaf.tool,
                result_path=leaf.path,
                consumer=parameter.tool,
                parameter=parameter.path,
                score=min(round(float(scores[i]), 3), 1.0),
                method=method,
                evidence=f"called {' '.join(leaf.tokens)!r} and {' '.join(parameter.tokens)!r}",
            )
            found.append(edge)
    return tuple(sorted(found, key=lambda e: (e.consumer, e.parameter, -e.score, e.producer)))


def measure_likeness(ours: Tokens, theirs: Tokens) -> float:
    """The greater of Jaccard similarity and longest common subsequence over mean length."""
    a, b = set(ours), set(theirs)
    jaccard = len(a & b) / len(a | b) if a | b else 0.0
    lengths = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i, word in enumerate(ours):
        for j, other in enumerate(theirs):
            same = lengths[i][j] + 1
            lengths[i + 1][j + 1] = (
                same if word == other else max(lengths[i][j + 1], lengths[i + 1][j])
            )
    mean = (len(ours) + len(theirs)) / 2
    return max(jaccard, lengths[-1][-1] / mean if mean else 0.0)


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
_BOUNDS = (MOST_SOURCES, MOST_ECHOES, MOST_ABROAD, MOST_WEAK, MOST_WEAK_ABROAD)
_SORT = {"identity": 0, "name": 0, "echo": 1, "value": 2, "mention": 3, "kind": 3, "text": 3}
_WEAK, _WEAK_ABROAD = 3, 4
_EVIDENCE = {
    "identity": "both name the same {noun}",
    "echo": "both name the same {noun}, which the producer is given too",
    "name": "called {ours} and {theirs}, described alike",
    "value": "the same kind of value, {meaning}, in another domain",
    "mention": "{ours} and {theirs} tell of each other",
    "kind": "{given}, wanted as {wanted}",
    "text": "a text that was found, where a text is written",
}


def find_edges(world: World, embedder: Embedder, least: float = LEAST_SCORE) -> tuple[Edge, ...]:
    """Find all edges that score ``least`` or more, by consumer, parameter and falling score.

    The same world gives the same edges, whatever the order of its tools.
    """
    models = [world.models[name] for name in sorted(world.models)]
    reader = ResultReader(world)
    parameters = [one for model in models for one in list_feedable(world, reader, model)]
    leaves = [
        leaf
        for model in models
        for leaf in reader.list_leaves(model)
        if "boolean" not in json_types(leaf.schema) and "enum" not in leaf.schema
        if leaf.semantic != "cursor"
        if not (model.operation == "delete" and leaf.home)  # what is gone serves nobody
    ]
    if not leaves or not parameters:
        return ()
    edges = {
        (edge.producer, edge.consumer, edge.parameter): edge
        for edge in _choose_edges(parameters, leaves, embedder)
        if edge.score >= least
    }
    completed = [*edges.values(), *_complete_identities(edges, parameters, leaves)]
    return tuple(sorted(completed, key=lambda e: (e.consumer, e.parameter, -e.score, e.producer)))


def _choose_edges(
    parameters: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf], embedder: Embedder
) -> Iterator[Edge]:
    """Yield the best leaf of each of the best producers of every parameter."""
    scorer = PairScorer(parameters, leaves, embedder)
    paths = {path: place for place, path in enumerate(sorted({leaf.path for leaf in leaves}))}
    ranks = np.array([paths[leaf.path] for leaf in leaves])
    chosen = (_choose_pairs(pairs, scorer, ranks) for pairs in find_pairs(parameters, leaves))
    for number, i, score, at in (pair for some in chosen for pair in some):
        parameter, leaf, method = parameters[number], leaves[i], METHODS[at]
        yield Edge(
            producer=leaf.model.name,
            result_path=leaf.path,
            consumer=parameter.model.name,
            parameter=parameter.parameter.path,
            score=round(score, 3),
            method=method,
            evidence=_EVIDENCE[method].format(
                noun=parameter.noun,
                ours=repr(" ".join(leaf.tokens)),
                theirs=repr(" ".join(parameter.tokens)),
                meaning=parameter.parameter.semantic,
                given=leaf.kind or parameter.kind,
                wanted=parameter.kind,
            ),
        )


def _choose_pairs(
    pairs: CandidatePairs, scorer: PairScorer, ranks: Numbers
) -> Iterator[tuple[int, int, float, int]]:
    """Yield parameter, leaf, score and method of those that are kept, by falling score.

    ``ranks``: of the leaves' paths.
    """
    scored = scorer.score(pairs)
    kept = np.flatnonzero(scored.scores > 0)
    # the best leaf of each producer
    tools = scorer.tools_of(pairs.leaves)
    producers = pairs.parameters * (1 + tools.max(initial=0)) + tools
    kept = kept[np.lexsort((ranks[pairs.leaves[kept]], -scored.scores[kept], producers[kept]))]
    kept = kept[starts_of(producers[kept])]
    kept = kept[~scorer.only_echo(pairs.leaves[kept], scored.methods[kept])]
    # by parameter, falling score and producer
    kept = kept[np.lexsort((-scored.scores[kept], pairs.parameters[kept]))]
    # not too many of a sort for one parameter: the first in order of the score
    p, i, methods = pairs.parameters[kept], pairs.leaves[kept], scored.methods[kept]
    sorts = np.array([_SORT[method] for method in METHODS])[methods]
    sorts = np.where((sorts == _WEAK) & ~scorer.are_near(p, i), _WEAK_ABROAD, sorts)
    order = np.lexsort((sorts, p))
    group = p[order] * len(_BOUNDS) + sorts[order]
    places = np.arange(len(p)) - np.searchsorted(group, group)
    chosen = np.sort(order[places < np.array(_BOUNDS)[sorts[order]]])
    columns = (p[chosen], i[chosen], scored.scores[kept[chosen]], methods[chosen])
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _complete_identities(
    edges: Mapping[tuple[str, str, str], Edge],
    parameters: Sequence[FeedableParameter],
    leaves: Sequence[ResultLeaf],
) -> Iterator[Edge]:
    """Yield the other parts of a composite identity, from the same row as the part that is fed."""
    by_tool: dict[str, dict[str, FeedableParameter]] = {}
    for one in parameters:
        by_tool.setdefault(one.model.name, {})[one.parameter.path] = one
    offers = {
        (leaf.model.name, list_element(leaf.path), key): leaf
        for leaf in reversed(leaves)
        for key in leaf.keys
    }
    for edge in edges.values():
        fed = by_tool[edge.consumer][edge.parameter]
        if not fed.keys or fed.scope:
            continue
        for path, part in by_tool[edge.consumer].items():
            known = (edge.producer, edge.consumer, path) in edges
            if known or not part.scope or part.keys[0][0] != fed.keys[0][0]:
                continue
            leaf = offers.get((edge.producer, list_element(edge.result_path), part.keys[0]))
            if leaf and may_share_type(leaf.schema, part.parameter.schema):
                changes = {
                    "result_path": leaf.path,
                    "parameter": path,
                    "score": round(edge.score * 0.9, 3),
                    "evidence": f"lies in the same row as the value of {' '.join(fed.tokens)!r}",
                }
                yield edge.model_copy(update=changes)
