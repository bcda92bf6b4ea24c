"""Ways of making edges: a word in a config chooses one.

``full`` weighs entities, names, kinds of value and descriptions (`generators.graph.edges`).
``name`` and ``embedding`` are the published ways, for comparison and for ablations; they know
nothing of entities, and compare all leaves with all parameters, so that their time grows with the
square of the catalogue. A recipe of one's own is a class with the same two members, put into
`RECIPES`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder, Vectors
from generators.graph.edges import LEAST_SCORE, find_edges
from generators.graph.names import GENERIC, Tokens, json_types, name_tokens, qualified
from generators.graph.result_leaves import ResultLeaf, ResultReader
from generators.world.model import ParameterModel, ToolModel, World
from schemas.errors import InputError
from schemas.graph import Edge

Grid = NDArray[np.float32]
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
        return _compared(world, self.name, self.least, _name_grid)


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
        return _compared(world, self.name, self.least, _TextGrid(embedder))


RECIPES: tuple[Recipe, ...] = (Full(), ByName(), ByEmbedding())


def recipe_called(name: str) -> Recipe:
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
    description: str
    types: frozenset[str]


class _Compare(Protocol):
    """Scores of all leaves against some parameters: shape ``(leaves, parameters)``."""

    def __call__(self, leaves: Sequence[_Side], wanted: Sequence[_Side]) -> Grid: ...


def _compared(world: World, method: str, least: float, compare: _Compare) -> tuple[Edge, ...]:
    models = [world.models[name] for name in sorted(world.models)]
    reader = ResultReader(world)
    leaves = [_given(leaf) for m in models for leaf in reader.leaves(m) if _tells(leaf)]
    wanted = [_taken(model, parameter) for model in models for parameter in model.parameters]
    if not leaves:
        return ()
    found: list[Edge] = []
    for start in range(0, len(wanted), BLOCK):
        block = wanted[start : start + BLOCK]
        scores: Grid = np.round(compare(leaves, block), 3).astype(np.float32)
        for column, want in enumerate(block):
            found += _best(leaves, want, scores[:, column], least, method)
    return tuple(sorted(found, key=lambda e: (e.consumer, e.parameter, -e.score, e.producer)))


def _tells(leaf: ResultLeaf) -> bool:
    return "boolean" not in json_types(leaf.schema)


def _given(leaf: ResultLeaf) -> _Side:
    said = str(leaf.schema.get("description", ""))
    return _Side(leaf.model.name, leaf.path, leaf.tokens, said, json_types(leaf.schema))


def _taken(model: ToolModel, parameter: ParameterModel) -> _Side:
    tokens = qualified(name_tokens(parameter.name), model.noun)
    said = str(parameter.schema.get("description", ""))
    return _Side(model.name, parameter.path, tokens, said, json_types(parameter.schema))


def _best(
    leaves: Sequence[_Side], want: _Side, scores: Grid, least: float, method: str
) -> Iterator[Edge]:
    """Yield each producer's best leaf of a type that the parameter accepts."""
    taken: set[str] = set()
    likely = np.flatnonzero((scores >= np.float32(least)) & (scores > 0)).tolist()
    for i in sorted(likely, key=lambda i: (-scores[i], leaves[i].tool, leaves[i].path)):
        leaf = leaves[i]
        fits = not leaf.types or not want.types or bool(leaf.types & want.types)
        if leaf.tool == want.tool or leaf.tool in taken or not fits:
            continue
        taken.add(leaf.tool)
        yield Edge(
            producer=leaf.tool,
            result_path=leaf.path,
            consumer=want.tool,
            parameter=want.path,
            score=min(round(float(scores[i]), 3), 1.0),
            method=method,
            evidence=f"called {' '.join(leaf.tokens)!r} and {' '.join(want.tokens)!r}",
        )


def _name_grid(leaves: Sequence[_Side], wanted: Sequence[_Side]) -> Grid:
    ours = [side.tokens for side in leaves]
    distinct = {tokens: place for place, tokens in enumerate(sorted(set(ours)))}
    grid = np.zeros((len(distinct), len(wanted)), dtype=np.float32)
    for tokens, row in distinct.items():
        for column, want in enumerate(wanted):
            if tokens not in GENERIC:
                grid[row, column] = name_likeness(tokens, want.tokens)
    return grid[[distinct[tokens] for tokens in ours]]


def name_likeness(ours: Tokens, theirs: Tokens) -> float:
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


class _TextGrid:
    """Mean of the cosines of names and of descriptions; the leaves are embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._leaves: tuple[Vectors, Vectors] | None = None

    def __call__(self, leaves: Sequence[_Side], wanted: Sequence[_Side]) -> Grid:
        if self._leaves is None:
            self._leaves = self._vectors(leaves)
        names, texts = self._vectors(wanted)
        mean = (self._leaves[0] @ names.T + self._leaves[1] @ texts.T) / 2
        return np.clip(mean, 0, 1).astype(np.float32)

    def _vectors(self, sides: Sequence[_Side]) -> tuple[Vectors, Vectors]:
        names = self._embedder.embed([" ".join(side.tokens) for side in sides])
        said = [side.description or " ".join(side.tokens) for side in sides]
        return names, self._embedder.embed(said)
