"""Simple directed paths of the tool graph, each as likely as any other of its length.

Walks are counted, which takes time linear in the edges; one is drawn uniformly, and thrown away
where it comes back to a tool or makes a call that is not legal yet. What is left is uniform over
the simple paths that can be called.
"""

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import TypeVar

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.ground import Ground
from generators.sampling.sampler import Focus, Link
from schemas.graph import Edge

_TRIES = 80
T = TypeVar("T")
Path = tuple[str, ...]


class Paths:
    """The paths that begin at a tool which needs nothing of others."""

    def __init__(self, ground: Ground, graph: ToolGraph, longest: int, *, within: bool) -> None:
        """``longest`` counts tools. With ``within``, paths never leave their domain."""
        self._ground, self._graph = ground, graph
        joined = sorted({(link.producer, link.consumer) for link in ground.links})
        pairs = [(a, b) for a, b in joined if not within or ground.domain(a) == ground.domain(b)]
        self._after: dict[str, list[str]] = _grouped(pairs)
        self._before: dict[str, list[str]] = _grouped((two, one) for one, two in pairs)
        self.roots: tuple[str, ...] = tuple(n for n in ground.usable if ground.legal((), n))
        ends = dict.fromkeys(self.roots, 1)
        starts = dict.fromkeys(ground.usable, 1)
        self._ends, self._starts = [ends], [starts]
        for _ in range(longest - 1):
            self._ends.append(_longer(self._after, self._ends[-1]))
            self._starts.append(_longer(self._before, self._starts[-1]))

    def draw(
        self, length: int, focus: Focus | None, rng: Random, roots: Sequence[str] | None = None
    ) -> Draft | None:
        """Draft a path of ``length`` tools through the focus; None where none was found."""
        for _ in range(_TRIES):
            walk = self._walk(length, focus, rng, self.roots if roots is None else roots)
            if walk is None:
                return None
            draft = self.draft(walk, focus, rng) if len(set(walk)) == length else None
            if draft is not None:
                return draft
        return None

    def draft(self, path: Path, focus: Focus | None, rng: Random) -> Draft | None:
        """The calls of a path, each fed by the one before it; None where one is not legal."""
        draft = Draft()
        for place, tool in enumerate(path):
            edge = self._edge(path[place - 1], tool, focus) if place else None
            if not self._ground.legal(path[:place], tool) or (place and edge is None):
                return None
            longer = self._ground.add(draft, tool, 0, rng, (place - 1, edge) if edge else None)
            if longer is None or len(longer.steps) != place + 1:
                return None
            draft = longer
        return draft

    def _edge(self, producer: str, consumer: str, focus: Focus | None) -> Edge | None:
        if isinstance(focus, Link) and (focus.producer, focus.consumer) == (producer, consumer):
            return self._ground.edge(focus)
        return next(iter(self._graph.between(producer, consumer)), None)

    def _walk(
        self, length: int, focus: Focus | None, rng: Random, roots: Sequence[str]
    ) -> Path | None:
        """One of all walks, uniformly."""
        if focus is None:
            root = _weighted(roots, [self._starts[length - 1].get(n, 0) for n in roots], rng)
            return None if root is None else (root, *self._on(root, length - 1, rng))
        first, last = (focus, focus) if isinstance(focus, str) else (focus.producer, focus.consumer)
        core = 1 if isinstance(focus, str) else 2
        places = range(length - core + 1)
        counts = [
            self._ends[p].get(first, 0) * self._starts[length - core - p].get(last, 0)
            for p in places
        ]
        place = _weighted(places, counts, rng)
        if place is None:
            return None
        before = self._back(first, place, rng)
        tools = (first,) if core == 1 else (first, last)
        return (*before, *tools, *self._on(last, length - core - place, rng))

    def _on(self, tool: str, steps: int, rng: Random) -> Iterator[str]:
        """Yield the rest of a walk that goes on from a tool."""
        for left in range(steps, 0, -1):
            options = self._after.get(tool, [])
            chosen = _weighted(options, [self._starts[left - 1].get(n, 0) for n in options], rng)
            if chosen is None:
                return
            tool = chosen
            yield tool

    def _back(self, tool: str, steps: int, rng: Random) -> Path:
        """The part of a walk that comes before a tool."""
        path: Path = ()
        for left in range(steps, 0, -1):
            options = self._before.get(tool, [])
            chosen = _weighted(options, [self._ends[left - 1].get(n, 0) for n in options], rng)
            if chosen is None:
                return path
            tool = chosen
            path = (tool, *path)
        return path


def _longer(joined: dict[str, list[str]], counts: dict[str, int]) -> dict[str, int]:
    """Count the walks that are one tool longer."""
    longer: dict[str, int] = {}
    for tool, count in counts.items():
        for other in joined.get(tool, ()):
            longer[other] = longer.get(other, 0) + count
    return longer


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for one, two in pairs:
        grouped.setdefault(one, []).append(two)
    return grouped


def _weighted(items: Sequence[T], counts: Sequence[int], rng: Random) -> T | None:
    """One by exact counts; None where all are zero."""
    total = sum(counts)
    point = rng.randrange(total) if total else 0
    for item, count in zip(items, counts, strict=True):
        point -= count
        if point < 0:
            return item
    return None
