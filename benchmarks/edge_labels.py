"""How many of the edges that were labelled by hand are sensible, by recipe, catalogue and method.

The labels lie in ``tests/fixtures/edge_labels.json``. A label counts only while its edge is in the
graph that the recipe makes now; so labels of a catalogue that is not here do not count.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.edge_worlds import defaults, edges_of, world_of
from benchmarks.gold_edges import ROOT

LABELS = ROOT / "tests" / "fixtures" / "edge_labels.json"
LABELLED_AT = {"embedding": 0.25}
"""Threshold at which a recipe's edges were drawn, where it is not the chosen one."""
HEAD = "| {} | labelled | sensible | precision |\n|---|---|---|---|"


@dataclass(frozen=True)
class Label:
    """One reader's verdict on an edge."""

    recipe: str
    catalogue: str
    producer: str
    path: str
    consumer: str
    parameter: str
    label: str
    reason: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What tells the edge from others of its catalogue."""
        return self.producer, self.path, self.consumer, self.parameter

    @property
    def sensible(self) -> bool:
        """Somebody could take that very value for that parameter."""
        return self.label == "sensible"


@dataclass(frozen=True)
class Judged:
    """A label, and the method by which the graph has its edge now."""

    label: Label
    method: str


def read_labels(part: str = "edges", path: Path = LABELS) -> tuple[Label, ...]:
    """Read the labels: ``edges``, or ``blind`` for those drawn before rules were mended."""
    return tuple(Label(**row) for row in json.loads(path.read_text("utf-8"))[part])


def judged(labels: Sequence[Label]) -> Iterator[Judged]:
    """Yield the labels whose edges are still there."""
    for label in labels:
        method = _methods(label.recipe, label.catalogue).get(label.place)
        if method is not None:
            yield Judged(label, method)


@cache
def _methods(recipe: str, catalogue: str) -> dict[tuple[str, str, str, str], str]:
    world = world_of(catalogue)
    least = LABELLED_AT.get(recipe, defaults()[recipe])
    edges = edges_of(world, recipe, least) if world else ()
    return {(e.producer, e.result_path, e.consumer, e.parameter): e.method for e in edges}


def precision(labels: Iterable[Label]) -> tuple[int, int]:
    """Count the sensible labels, and all of them."""
    verdicts = [label.sensible for label in labels]
    return sum(verdicts), len(verdicts)


def tables() -> Iterator[str]:
    """Yield the lines of what is printed of the labels."""
    found = list(judged(read_labels()))
    full = [one for one in found if one.label.recipe == "full"]
    yield from _table("recipe", ((one.label.recipe, one.label) for one in found))
    yield from _table("catalogue of full", ((one.label.catalogue, one.label) for one in full))
    yield from _table("method of full", ((one.method, one.label) for one in full))
    blind = (("spotify, before", label) for label in read_labels("blind"))
    yield from _table("blind test", blind)


def _table(what: str, rows: Iterable[tuple[str, Label]]) -> Iterator[str]:
    groups: dict[str, list[Label]] = {}
    for name, label in rows:
        groups.setdefault(name, []).append(label)
    yield f"\n{HEAD.format(what)}"
    for name, labels in groups.items():
        good, count = precision(labels)
        yield f"| {name} | {count} | {good} | {good / count:.2f} |"
