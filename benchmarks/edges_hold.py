"""What is promised of the tool graph: recall, share and precision of the full recipe, as lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.edge_labels import judged, precision, read_labels
from benchmarks.edge_recall import (
    LEAST_DISTINCT,
    LEAST_LABELS,
    LEAST_PRECISION,
    LEAST_USAGE,
    MOST_SHARE,
    Point,
    measure,
)
from benchmarks.edge_worlds import defaults, world_of
from benchmarks.gold_edges import Gold, GoldPlace, bfcl_data, bfcl_gold, retail_gold
from benchmarks.lines import CannotRun, Line, at_least


def edges_hold(folder: Path) -> Iterator[Line]:
    """Measure the full recipe. Raises CannotRun where bfcl-eval is not installed."""
    del folder
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
        yield _beside(recipe, _point("bfcl", recipe, gold), full)
    yield from _precise()
    yield from _retail()


def _point(name: str, recipe: str, gold: Gold | Sequence[GoldPlace]) -> Point:
    world = world_of(name)
    if world is None:
        raise CannotRun(f"the catalogue {name} is not here")
    (point,) = measure(world, recipe, [defaults()[recipe]], gold)
    return point


def _beside(recipe: str, plain: Point, full: Point) -> Line:
    told = f"{plain.distinct:.2f} and {plain.usage:.2f} at {plain.share:.2%}"
    below = plain.distinct < full.distinct and plain.usage < full.usage
    return Line(f"gold edges: {recipe} alone", "less than the full recipe", told, below)


def _precise() -> Iterator[Line]:
    labels = [one.label for one in judged(read_labels()) if one.label.recipe == "full"]
    good, count = precision(labels)
    told = f"{good / count if count else 0:.2f} ({good} of {count})"
    wanted = f">= {LEAST_PRECISION:.2f} of {LEAST_LABELS} or more"
    holds = count >= LEAST_LABELS and good >= LEAST_PRECISION * count
    yield Line("labelled edges in the graph: precision", wanted, told, holds)


def _retail() -> Iterator[Line]:
    if world_of("retail") is None:
        yield Line("tau2 retail", "measured", "there is no shared folder", None)
        return
    point = _point("retail", "full", retail_gold())
    yield at_least("tau2 retail: distinct recall", point.distinct, LEAST_DISTINCT)
    yield at_least("tau2 retail: usage-weighted recall", point.usage, LEAST_USAGE)
