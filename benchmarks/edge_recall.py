"""Measures the recipes of the tool graph on gold edges, side by side.

``python benchmarks/edge_recall.py [--curves]`` prints, for each recipe, the recall of the gold
edges of ``bfcl-eval`` (each edge once, and by how often it is used) against the share kept of all
ordered pairs of a producer and a parameter of another tool; the same of tau2-bench's retail domain,
which chose nothing; the precision on the edges labelled by hand; and how large the graphs are.
Ends with 1 where the full recipe misses a floor.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.gold_edges import (
    RETAIL,
    ROOT,
    Gold,
    GoldPlace,
    bfcl_data,
    bfcl_gold,
    read_bfcl,
    retail_gold,
)
from generators.graph.embedding import WordEmbedder
from generators.graph.recipes import RECIPES, ByEmbedding, ByName, Full
from generators.importers import read_catalog
from generators.inference.infer import infer_world
from generators.world import World
from schemas.graph import Edge

LABELS = ROOT / "tests" / "fixtures" / "edge_labels.json"
GITHUB = RETAIL.parent / "mcp" / "github_mcp_server_tools_list.json"
OWN = ROOT / "data" / "catalogs"

LEAST_DISTINCT, LEAST_USAGE, MOST_SHARE, LEAST_PRECISION = 0.75, 0.90, 0.05, 0.70
"""Floors of the full recipe."""
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


def edges_of(world: World, recipe: str, least: float) -> tuple[Edge, ...]:
    """Find a recipe's edges at a threshold."""
    recipes = {"full": Full(least), "name": ByName(least), "embedding": ByEmbedding(least)}
    return recipes[recipe].edges(world, WordEmbedder())


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


def precision(labels: Sequence[dict[str, object]], recipe: str) -> tuple[int, int]:
    """Count the sensible among a recipe's labelled edges, and all of them."""
    own = [label for label in labels if label["recipe"] == recipe]
    return sum(label["label"] == "sensible" for label in own), len(own)


def defaults() -> dict[str, float]:
    """The threshold of each recipe, as it stands."""
    return {recipe.name: getattr(recipe, "least") for recipe in RECIPES}  # noqa: B009


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--curves", action="store_true", help="all thresholds, not only the chosen")
    curves = parser.parse_args(arguments).curves
    data = bfcl_data()
    if data is None:
        print("bfcl-eval is not installed: see requirements-bfcl.lock")  # noqa: T201
        return 1
    world, gold = infer_world(read_bfcl(data).tools), bfcl_gold(data)
    about = f"{len(gold)} distinct edges, used {sum(gold.values())} times"
    print(f"bfcl-eval multi-turn: {len(world.models)} tools, {about}, {pairs_of(world)} pairs")  # noqa: T201
    chosen = _table(world, gold, curves)
    if RETAIL.exists():
        retail = infer_world(read_catalog([RETAIL / "retail.json"]).tools)
        places = retail_gold()
        uses = sum(place.uses for place in places)
        print(f"\ntau2-bench retail: {len(places)} fed parameters, {uses} uses")  # noqa: T201
        _table(retail, places, curves)
    return 0 if all([_holds(chosen["full"]), _precise(), _sizes()]) else 1


def _table(world: World, gold: Gold | Sequence[GoldPlace], curves: bool) -> dict[str, Point]:
    print(HEAD)  # noqa: T201
    chosen = {}
    for recipe, steps in CURVES:
        least = defaults()[recipe]
        for point in measure(world, recipe, {*steps, least} if curves else {least}, gold):
            mark = " ← chosen" if curves and point.least == least else ""
            print(f"{point}{mark}")  # noqa: T201
            if point.least == least:
                chosen[recipe] = replace(point)
    return chosen


def _holds(point: Point) -> bool:
    recall = point.distinct >= LEAST_DISTINCT and point.usage >= LEAST_USAGE
    return recall and point.share <= MOST_SHARE


def _precise() -> bool:
    labels = json.loads(LABELS.read_text("utf-8"))["edges"]
    print("\n| recipe | labelled | sensible | precision |\n|---|---|---|---|")  # noqa: T201
    for recipe, _ in CURVES:
        good, count = precision(labels, recipe)
        if count:
            print(f"| {recipe} | {count} | {good} | {good / count:.2f} |")  # noqa: T201
    good, count = precision(labels, "full")
    return good >= LEAST_PRECISION * count > 0


def _sizes() -> bool:
    print("\n| catalogue | tools | edges | by method |\n|---|---|---|---|")  # noqa: T201
    for name, path in (("own", OWN), ("GitHub MCP", GITHUB), ("retail", RETAIL / "retail.json")):
        if path.exists():
            world = infer_world(read_catalog([path]).tools)
            edges = edges_of(world, "full", defaults()["full"])
            counts = Counter(edge.method for edge in edges)
            told = ", ".join(f"{method} {n}" for method, n in sorted(counts.items()))
            print(f"| {name} | {len(world.models)} | {len(edges)} | {told} |")  # noqa: T201
    return True


if __name__ == "__main__":
    sys.exit(main())
