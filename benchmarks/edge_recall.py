"""Measures the recipes of the tool graph on gold edges, side by side.

``python benchmarks/edge_recall.py [--curves]`` prints, for each recipe, the recall of the gold
edges of ``bfcl-eval`` (each edge once, and by how often it is used) against the share kept of all
ordered pairs of a producer and a parameter of another tool; the same of tau2-bench's retail domain,
which chose nothing; the precision on the edges labelled by hand; and how large the graphs are.
Ends with 1 where the full recipe misses a floor.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.edge_labels import judged, precision, read_labels, tables
from benchmarks.edge_worlds import NAMES, defaults, edges_of, world_of
from benchmarks.gold_edges import Gold, GoldPlace, bfcl_data, bfcl_gold, retail_gold
from benchmarks.lines import CannotRun, Line, at_least, print_table
from generators.world.model import World

LEAST_DISTINCT, LEAST_USAGE, MOST_SHARE, LEAST_PRECISION = 0.75, 0.90, 0.05, 0.70
"""Floors of the full recipe."""
LEAST_LABELS = 200
"""Labelled edges that must be in its graphs."""
CURVES: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("name", (0.3, 0.4, 0.5, 0.6, 0.67, 0.83, 1.0)),
    ("embedding", (0.2, 0.22, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)),
    ("full", (0.0, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3, 0.4, 0.5)),
)
"""Thresholds at which each recipe is measured."""


@dataclass(frozen=True)
class Point:
    """What a recipe finds at one threshold."""

    recipe: str
    least: float
    edges: int
    share: float
    distinct: float
    usage: float

    def __str__(self) -> str:
        """One row of the table."""
        return (
            f"| {self.recipe} | {self.least:.2f} | {self.edges} | {self.share:.2%} "
            f"| {self.distinct:.2f} | {self.usage:.2f} |"
        )


HEAD = (
    "| recipe | threshold | pairs kept | share | distinct recall | usage-weighted recall |\n"
    "|---|---|---|---|---|---|"
)


def pairs_of(world: World) -> int:
    """All ordered pairs of a producer and a parameter of another tool."""
    parameters = sum(len(model.parameters) for model in world.models.values())
    return parameters * (len(world.models) - 1)


def measure(
    world: World, recipe: str, steps: Iterable[float], gold: Gold | Sequence[GoldPlace]
) -> Iterator[Point]:
    """Yield a point of the curve for each threshold."""
    steps = sorted(steps)
    edges = edges_of(world, recipe, steps[0])
    for least in steps:
        kept = {(e.producer, e.consumer, e.parameter) for e in edges if e.score >= least}
        found = _recall(kept, gold)
        yield Point(recipe, least, len(kept), len(kept) / pairs_of(world), *found)


def _recall(
    kept: set[tuple[str, str, str]], gold: Gold | Sequence[GoldPlace]
) -> tuple[float, float]:
    if isinstance(gold, Counter):
        counts = [(edge in kept, uses) for edge, uses in gold.items()]
    else:
        sources = {(consumer, parameter, producer) for producer, consumer, parameter in kept}
        counts = [
            (
                any((p.consumer, p.parameter, producer) in sources for producer in p.producers),
                p.uses,
            )
            for p in gold
        ]
    distinct = sum(hit for hit, _ in counts) / len(counts)
    return distinct, sum(uses for hit, uses in counts if hit) / sum(uses for _, uses in counts)


def edges_hold() -> Iterator[Line]:
    """What is promised of the full recipe. Raises CannotRun where bfcl-eval is not installed."""
    data = bfcl_data()
    if data is None:
        raise CannotRun("bfcl-eval is not installed: see requirements-bfcl.lock")
    gold = bfcl_gold(data)
    full = _point("bfcl", "full", gold)
    yield at_least("gold edges: distinct recall", full.distinct, LEAST_DISTINCT)
    yield at_least("gold edges: usage-weighted recall", full.usage, LEAST_USAGE)
    kept = f"{full.share:.2%} ({full.edges} pairs)"
    yield Line("gold edges: pairs kept", f"<= {MOST_SHARE:.0%}", kept, full.share <= MOST_SHARE)
    for recipe in ("name", "embedding"):
        plain = _point("bfcl", recipe, gold)
        told = f"{plain.distinct:.2f} and {plain.usage:.2f} at {plain.share:.2%}"
        below = plain.distinct < full.distinct and plain.usage < full.usage
        yield Line(f"gold edges: {recipe} alone", "less than the full recipe", told, below)
    good, count = precision(o.label for o in judged(read_labels()) if o.label.recipe == "full")
    told = f"{good / count if count else 0:.2f} ({good} of {count})"
    wanted = f">= {LEAST_PRECISION:.2f} of {LEAST_LABELS} or more"
    holds = count >= LEAST_LABELS and good >= LEAST_PRECISION * count
    yield Line("labelled edges in the graph: precision", wanted, told, holds)
    if world_of("retail") is None:
        yield Line("tau2 retail", "measured", "there is no shared folder", None)
        return
    point = _point("retail", "full", retail_gold())
    yield at_least("tau2 retail: distinct recall", point.distinct, LEAST_DISTINCT)
    yield at_least("tau2 retail: usage-weighted recall", point.usage, LEAST_USAGE)


def _point(name: str, recipe: str, gold: Gold | Sequence[GoldPlace]) -> Point:
    world = world_of(name)
    if world is None:
        raise CannotRun(f"the catalogue {name} is not here")
    (point,) = measure(world, recipe, [defaults()[recipe]], gold)
    return point


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, and what is promised; 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--curves", action="store_true", help="all thresholds, not only the chosen")
    curves = parser.parse_args(arguments).curves
    data, world = bfcl_data(), world_of("bfcl")
    if data is None or world is None:
        print("bfcl-eval is not installed: see requirements-bfcl.lock")  # noqa: T201
        return 1
    gold = bfcl_gold(data)
    about = f"{len(gold)} distinct edges, used {sum(gold.values())} times"
    print(f"bfcl-eval multi-turn: {len(world.models)} tools, {about}, {pairs_of(world)} pairs")  # noqa: T201
    _print_points(world, gold, curves)
    retail = world_of("retail")
    if retail is not None:
        places = retail_gold()
        uses = sum(place.uses for place in places)
        print(f"\ntau2-bench retail: {len(places)} fed parameters, {uses} uses")  # noqa: T201
        _print_points(retail, places, curves)
    print(*tables(), sep="\n")  # noqa: T201
    _print_sizes()
    return print_table(edges_hold())


def _print_points(world: World, gold: Gold | Sequence[GoldPlace], curves: bool) -> None:
    print(HEAD)  # noqa: T201
    for recipe, steps in CURVES:
        least = defaults()[recipe]
        for point in measure(world, recipe, {*steps, least} if curves else {least}, gold):
            mark = " ← chosen" if curves and point.least == least else ""
            print(f"{point}{mark}")  # noqa: T201


def _print_sizes() -> None:
    print("\n| catalogue | tools | edges | share | by method |\n|---|---|---|---|---|")  # noqa: T201
    for name in NAMES:
        world = world_of(name)
        if world is not None:
            edges = edges_of(world, "full", defaults()["full"])
            counts = Counter(edge.method for edge in edges)
            told = ", ".join(f"{method} {n}" for method, n in sorted(counts.items()))
            share = f"{len(edges) / pairs_of(world):.1%}"
            print(f"| {name} | {len(world.models)} | {len(edges)} | {share} | {told} |")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
