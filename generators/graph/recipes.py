"""Ways of making edges: a word in a config chooses one.

``full`` weighs entities, names, kinds of value and descriptions (`generators.graph.edges`).
``name`` and ``embedding`` are the published ways, for comparison and for ablations; they know
nothing of entities, and compare all leaves with all parameters, so that their time grows with the
square of the catalogue. A recipe of one's own is a class with the same two members, put into
`RECIPES`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder
from generators.graph.edges import LEAST_SCORE, find_edges
from generators.graph.result_leaves import ResultReader
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
        """See `generators.graph.edges.find_edges`."""
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
