"""How evenly chains use the tools and the edges that they may use."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from generators.sampling.sampler import Focus, Sampler, follow_feeds
from schemas.graph import ToolChain
from schemas.record import Record


class Spread(Record):
    """Uses of one kind of thing: of each tool, or of each edge."""

    usable: int
    used: int
    least: int
    """Uses of the one that was used least."""
    median: int
    most: int
    gini: float
    """0 where all are used alike, towards 1 where few have all the uses."""


class Coverage(Record):
    """What was used by the chains of a run."""

    chains: int
    tools: Spread
    links: Spread
    unusable_tools: tuple[str, ...] = ()
    """Nothing can be drawn for them, so that they count for nothing above."""
    unusable_links: tuple[str, ...] = ()


def measure_coverage(
    chains: Iterable[ToolChain], sampler: Sampler, unusable: Collection[Focus] = ()
) -> Coverage:
    """Count over chains. ``unusable``: what a stream found to be out of reach."""
    uses: Counter[Focus] = Counter()
    count = 0
    for chain in chains:
        count += 1
        uses.update(step.tool for step in chain.steps)
        uses.update(link for step in chain.steps for link in follow_feeds(chain, step))
    lost = set(unusable)
    return Coverage(
        chains=count,
        tools=_measure_spread([uses[name] for name in sampler.usable if name not in lost]),
        links=_measure_spread([uses[link] for link in sampler.links if link not in lost]),
        unusable_tools=tuple(sorted(name for name in lost if isinstance(name, str))),
        unusable_links=tuple(sorted(str(link) for link in lost if not isinstance(link, str))),
    )


def _measure_spread(uses: Sequence[int]) -> Spread:
    ordered = sorted(uses) or [0]
    return Spread(
        usable=len(uses),
        used=sum(number > 0 for number in ordered),
        least=ordered[0],
        median=ordered[len(ordered) // 2],
        most=ordered[-1],
        gini=round(measure_inequality(ordered), 4),
    )


def measure_inequality(ordered: Sequence[int]) -> float:
    """Gini coefficient of numbers that are sorted and not negative; 0 where all are 0."""
    total, count = sum(ordered), len(ordered)
    if not total:
        return 0.0
    weighted = sum(rank * number for rank, number in enumerate(ordered, 1))
    return 2 * weighted / (count * total) - (count + 1) / count
