"""Where the tools stand in the picture of a whole graph: each domain a disc, discs side by side.

Inside a disc, tools that feed each other attract, all others repel; hubs come to lie in the middle,
tools without edges at the rim. Forces from afar are those of cells of a grid, so that time grows
with the number of tools and not with its square. Places are rounded after every step, which keeps
the last bits of a processor's arithmetic out of the result.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape ``(count, 2)``."""
Indexes = NDArray[np.int64]

SPACING = 44.0
"""Pixels between neighbours at zoom 1."""
STEPS, DECAY = 120, 0.6
"""Steps until many tools stand still, and the share of its speed that a tool keeps in each."""
EXACT, CELLS = 400, 20
"""Up to so many tools each repels each; of more, ``CELLS`` × ``CELLS`` cells do."""
CHARGE, GRAVITY, SPRING, NEAREST = 0.4, 0.25, 1.5, 1.1
"""Strength of repulsion, pull to the middle, length of a spring, least distance, in spacings."""
RIM, BETWEEN = 1.1, 0.9
"""Room around the tools of a domain, and between two domains, in spacings."""
AROUND, RECENT = 24, 40
"""Places tried around each of the discs that were placed last."""
_GOLDEN = np.pi * (3 - np.sqrt(5.0))
_NEIGHBOURS = ((0, 0), (1, 0), (0, 1), (1, 1), (-1, 1))
"""Half of a cell's neighbours, so that each pair is met once."""


class Disc(NamedTuple):
    """The room of a domain, in pixels."""

    x: int
    y: int
    radius: int


class Layout(NamedTuple):
    """Places of tools in the order of the input, and the disc of each domain."""

    points: list[tuple[int, int]]
    discs: list[Disc]


def lay_out(domains: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Layout:
    """Place tools. ``domains`` has the number of each tool's domain, ``pairs`` who feeds whom."""
    owner = np.array(domains, dtype=np.int64)
    joined = np.unique(np.sort(np.array(pairs, dtype=np.int64).reshape(-1, 2), axis=1), axis=0)
    joined = joined[joined[:, 0] != joined[:, 1]]
    points = np.zeros((len(owner), 2))
    radii = []
    for domain in range(max(domains, default=-1) + 1):
        members = np.flatnonzero(owner == domain)
        # Pairs between members, as positions among them.
        both = np.isin(joined, members).all(1)
        inside: Indexes = np.searchsorted(members, joined[both])
        points[members] = _spread(len(members), inside)
        radii.append(float(np.sqrt((points[members] ** 2).sum(1)).max(initial=0)) + RIM)
    centres = _pack(np.array(radii))
    placed = np.round((points + centres[owner]) * SPACING).astype(int)
    discs = np.round(np.column_stack([centres, radii]) * SPACING).astype(int)
    return Layout([(int(x), int(y)) for x, y in placed], [Disc(*map(int, disc)) for disc in discs])


def _spread(count: int, pairs: Indexes) -> Points:
    """Places around the origin; neighbours are about one apart. ``pairs``: shape ``(n, 2)``."""
    degrees = np.bincount(pairs.ravel(), minlength=count).astype(float)
    # Where to begin: evenly on a disc, the tools with most edges in the middle.
    rank = np.empty(len(degrees), dtype=np.int64)
    rank[np.argsort(-degrees, kind="stable")] = np.arange(len(degrees))
    radius, angle = (np.sqrt(rank + 0.5) * 0.7, rank * _GOLDEN)
    points, speed = (
        np.round(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), 4),
        np.zeros((count, 2)),
    )
    steps = min(STEPS, 4 * count)
    for step in range(steps):
        heat = (1 - step / steps) ** 2 + 0.01
        # Sum of what all others exert, falling with the distance.
        sources, weights = _masses(points)
        x = points[:, 0, None] - sources[:, 0]
        y = points[:, 1, None] - sources[:, 1]
        share = CHARGE * weights / (x * x + y * y + 0.05)
        speed += heat * (
            np.column_stack([(x * share).sum(1), (y * share).sum(1)])
            + _attraction(points, pairs, degrees)
        )
        speed -= heat * GRAVITY * points
        speed = np.clip(speed * DECAY, -2, 2)
        points = np.round(_apart(points + speed), 4)
    middle: Points = (points.min(0, initial=0) + points.max(0, initial=0)) / 2
    centred: Points = points - middle
    return centred


def _masses(points: Points) -> tuple[Points, Points]:
    """Where repulsion comes from and how strong: each tool, or the middle of each cell's tools."""
    if len(points) <= EXACT:
        return points, np.ones(len(points))
    low, size = points.min(0), np.ptp(points, axis=0).max() / CELLS + 1e-9
    cell = np.minimum(((points - low) / size).astype(np.int64), CELLS - 1)
    _, which = np.unique(cell[:, 0] * CELLS + cell[:, 1], return_inverse=True)
    weights = np.bincount(which).astype(float)
    middles = [np.bincount(which, points[:, axis]) / weights for axis in (0, 1)]
    return np.column_stack(middles), weights


def _attraction(points: Points, pairs: Indexes, degrees: Points) -> Points:
    """Springs along the pairs; those of hubs are weak, and move the other end."""
    left, right = pairs[:, 0], pairs[:, 1]
    way = points[right] - points[left]
    length = np.sqrt((way * way).sum(1)) + 1e-6
    strength = (1 - SPRING / length) / np.minimum(degrees[left], degrees[right])
    share = degrees[right] / (degrees[left] + degrees[right])
    pull = np.zeros_like(points)
    for axis in (0, 1):
        force = way[:, axis] * strength
        pull[:, axis] = np.bincount(left, force * share, len(points))
        pull[:, axis] -= np.bincount(right, force * (1 - share), len(points))
    return pull


def _apart(points: Points) -> Points:
    """Push apart whoever stands nearer than ``NEAREST``, half the way each."""
    left, right = _near(points)
    way = points[right] - points[left]
    length = np.sqrt((way * way).sum(1)) + 1e-6
    push = way * (np.maximum(NEAREST - length, 0) / length / 2)[:, None]
    moved = points.copy()
    for axis in (0, 1):
        moved[:, axis] += np.bincount(right, push[:, axis], len(points))
        moved[:, axis] -= np.bincount(left, push[:, axis], len(points))
    return moved


def _near(points: Points) -> tuple[Indexes, Indexes]:
    """All pairs in the same or in neighbouring cells of width ``NEAREST``."""
    cell = np.floor(points / NEAREST).astype(np.int64)
    cell -= cell.min(0, initial=0) - 1
    width = int(cell[:, 1].max(initial=0)) + 2
    key = cell[:, 0] * width + cell[:, 1]
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    found = []
    for dx, dy in _NEIGHBOURS:
        wanted = ranked + dx * width + dy
        start, stop = np.searchsorted(ranked, wanted), np.searchsorted(ranked, wanted, "right")
        left = np.repeat(np.arange(len(order)), stop - start)
        before = np.concatenate([[0], np.cumsum(stop - start)[:-1]])
        right = np.arange(len(left)) - np.repeat(before - start, stop - start)
        once = left < right if (dx, dy) == (0, 0) else left != right
        found.append((order[left[once]], order[right[once]]))
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _pack(radii: Points) -> Points:
    """Centres of discs that do not overlap: the largest in the middle, the others around it."""
    order = np.argsort(-radii, kind="stable")
    centres = np.zeros((len(radii), 2))
    angles = np.arange(AROUND) * (2 * np.pi / AROUND)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    for number, disc in enumerate(order[1:], 1):
        placed = order[:number]
        around = placed[-RECENT:]
        reach = radii[around] + radii[disc] + BETWEEN
        tried = (centres[around][:, None] + reach[:, None, None] * ring).reshape(-1, 2)
        # How far from the middle; a picture is wider than it is high.
        far: Points = np.round((tried * tried * (0.7, 1.3)).sum(1), 2)
        tried = np.round(tried, 4)[np.argsort(far, kind="stable")]
        centres[disc] = _first_free(tried, centres[placed], radii[placed] + radii[disc] + BETWEEN)
    return centres


def _first_free(tried: Points, centres: Points, reaches: Points) -> Points:
    """The first of the tried places that is far enough from all centres, or one beside them all."""
    for start in range(0, len(tried), AROUND):
        some = tried[start : start + AROUND]
        gaps = ((some[:, None] - centres) ** 2).sum(2)
        free = np.flatnonzero((gaps >= (reaches - 1e-3) ** 2).all(1))
        if len(free):
            first: Points = some[free[0]]
            return first
    outside: Points = np.array([(centres[:, 0] + reaches).max(), 0.0])
    return outside
