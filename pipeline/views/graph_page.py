"""The picture of a whole tool graph: one HTML file that needs nothing else and asks nobody.

Data goes in as JSON in which no markup can end or begin, and the page's policy lets no script run
but its own. What the page does lies in ``data/views/``.

Each domain is a disc, discs lie side by side. Inside a disc, tools that feed each other attract,
all others repel; hubs come to lie in the middle, tools without edges at the rim. Forces from afar
are those of cells of a grid, so that time grows with the number of tools and not with its square.
Places are rounded after every step, which keeps the last bits of a processor's arithmetic out of
the result. A place is a complex number.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from data import text
from schemas.graph import Edge
from schemas.record import JsonObject
from schemas.tool import Catalog

SCRIPTS = ("graph_model.js", "graph_scene.js", "graph_page.js")
"""In the order in which they stand in the page."""
EFFECTS = ("read", "write", "unknown")
MOST_WORDS = 1200
"""Characters of a description that the page keeps."""


def graph_page(title: str, catalog: Catalog, edges: Sequence[Edge]) -> str:
    """Make the page. The same graph makes the same page, whatever the order of its edges."""
    style = Markup("\n" + text("views/graph.css"))
    script = Markup("\n" + "".join(text(f"views/{name}") for name in SCRIPTS))
    known = catalog.by_name
    ordered = sorted(
        (edge for edge in edges if edge.producer in known and edge.consumer in known),
        key=lambda edge: (edge.consumer, edge.parameter, -edge.score, edge.producer),
    )
    # Nothing but this style and this script: no network, no markup that acts.
    hashes = [
        base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        for part in (style, script)
    ]
    allowed = "style-src 'sha256-{}'; script-src 'sha256-{}'".format(*hashes)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    # JSON that may stand in a script element: no ``<`` can end it.
    value = page_data(catalog, ordered)
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        plain = plain.replace(mark, f"\\u{ord(mark):04x}")
    # For readers without JavaScript: each tool and whom it feeds.
    feeds: dict[str, dict[str, None]] = {}
    for listed_edge in ordered:
        feeds.setdefault(listed_edge.producer, {})[listed_edge.consumer] = None
    return environment.from_string(text("views/graph.html")).render(
        title=title,
        policy=f"default-src 'none'; {allowed}; base-uri 'none'",
        style=style,
        script=script,
        summary=f"{len(known)} tools and {len(ordered)} edges",
        tools=[
            {
                "name": tool.wire_name,
                "domain": tool.domain,
                "feeds": list(feeds.get(tool.wire_name, ())),
            }
            for tool in catalog.tools
        ],
        data=Markup(plain),
    )


def page_data(catalog: Catalog, edges: Sequence[Edge]) -> JsonObject:
    """What the page knows: lists in place of objects, and numbers in place of repeated names."""
    domains = sorted({tool.domain for tool in catalog.tools})
    methods = sorted({edge.method for edge in edges})
    number = {tool.wire_name: i for i, tool in enumerate(catalog.tools)}
    pairs = [(number[edge.producer], number[edge.consumer]) for edge in edges]
    layout = lay_out([domains.index(tool.domain) for tool in catalog.tools], pairs)
    tools: list[list[object]] = []
    for tool, place in zip(catalog.tools, layout.points, strict=True):
        parameters = [
            [name, kind_of(schema), int(name in tool.required), schema.get("description", "")]
            for name, schema in tool.properties.items()
        ]
        head = (tool.wire_name, domains.index(tool.domain), EFFECTS.index(tool.effect))
        returns = tool.returns_from or ("source" if tool.returns else "")
        tools.append([*head, *place, tool.description[:MOST_WORDS], parameters, returns])
    drawn: list[list[object]] = []
    for edge, pair in zip(edges, pairs, strict=True):
        judged = edge.judgement
        model = [judged.score, judged.reason, judged.model] if judged else None
        found = (edge.score, methods.index(edge.method), edge.evidence)
        drawn.append([*pair, edge.result_path, edge.parameter, *found, model, edge.consumed])
    named: JsonObject = {"domains": domains, "methods": methods, "discs": layout.discs}
    return named | {"tools": tools, "edges": drawn}


def kind_of(schema: JsonObject) -> str:
    """A schema in a word or two: ``string``, ``array of integer``, ``one of 3``."""
    if "enum" in schema:
        return f"one of {len(schema['enum'])}"
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(map(str, kind))
    items = schema.get("items")
    if kind == "array" and isinstance(items, dict):
        return f"array of {kind_of(items)}"
    return f"{kind}, {schema['format']}" if "format" in schema else str(kind)


Points = NDArray[np.complex128]
Numbers = NDArray[np.float64]
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
    points, radii = np.zeros(len(owner), complex), []
    for domain in range(max(domains, default=-1) + 1):
        members = np.flatnonzero(owner == domain)
        # Pairs between members, as positions among them.
        inside = np.searchsorted(members, joined[np.isin(joined, members).all(1)])
        points[members] = _spread(len(members), inside)
        radii.append(float(np.abs(points[members]).max(initial=0)) + RIM)
    centres = _pack(np.array(radii))
    pixels = [(round(p.real), round(p.imag)) for p in (points + centres[owner]) * SPACING]
    discs = zip(centres * SPACING, radii, strict=True)
    return Layout(
        pixels, [Disc(round(c.real), round(c.imag), round(r * SPACING)) for c, r in discs]
    )


def _spread(count: int, pairs: Indexes) -> Points:
    """Places around the origin; neighbours are about one apart. ``pairs``: shape ``(n, 2)``."""
    left, right = pairs.T
    degrees = np.bincount(pairs.ravel(), minlength=count).astype(float)
    # Springs of hubs are weak, and move the other end.
    weak = np.minimum(degrees[left], degrees[right])
    lead = degrees[right] / (degrees[left] + degrees[right])
    # Where to begin: evenly on a disc, the tools with most edges in the middle.
    rank = np.argsort(np.argsort(-degrees, kind="stable"))
    points: Points = np.round(np.sqrt(rank + 0.5) * 0.7 * np.exp(1j * rank * _GOLDEN), 4)
    speed = np.zeros(count, complex)
    steps = min(STEPS, 4 * count)
    for step in range(steps):
        heat = (1 - step / steps) ** 2 + 0.01
        # Sum of what all others exert, falling with the distance.
        sources, weights = _masses(points)
        x, y = points.real[:, None] - sources.real, points.imag[:, None] - sources.imag
        share = CHARGE * weights / (x * x + y * y + 0.05)
        force = (x * share).sum(1) + 1j * (y * share).sum(1)
        way = points[right] - points[left]
        pull = way * (1 - SPRING / (np.abs(way) + 1e-6)) / weak
        np.add.at(force, left, pull * lead)
        np.subtract.at(force, right, pull * (1 - lead))
        speed += heat * (force - GRAVITY * points)
        speed *= np.minimum(DECAY, 2 / (np.abs(speed) + 1e-6))
        points = np.round(_apart(points + speed), 4)
    spans = ((part.min(initial=0) + part.max(initial=0)) / 2 for part in (points.real, points.imag))
    return points - complex(*spans)


def _masses(points: Points) -> tuple[Points, Numbers]:
    """Where repulsion comes from and how strong: each tool, or the middle of each cell's tools."""
    if len(points) <= EXACT:
        return points, np.ones(len(points))
    x, y = points.real - points.real.min(), points.imag - points.imag.min()
    size = max(x.max(), y.max()) / CELLS + 1e-9
    _, which = np.unique(x // size * CELLS + y // size, return_inverse=True)
    weights = np.bincount(which).astype(float)
    sums = np.bincount(which, points.real) + 1j * np.bincount(which, points.imag)
    return sums / weights, weights


def _apart(points: Points) -> Points:
    """Push apart whoever stands nearer than ``NEAREST``, half the way each.

    Whoever is that near lies in the same cell of that width, or in a neighbouring one.
    """
    x, y = (np.floor(part / NEAREST).astype(np.int64) for part in (points.real, points.imag))
    height = int(np.ptp(y)) + 2
    key = x * height + y
    order = np.argsort(key, kind="stable")
    ranked, number, found = key[order], np.arange(len(order)), []
    # Half of a cell's neighbours, so that each pair is met once.
    for offset in (0, height, 1, height + 1, 1 - height):
        start = np.searchsorted(ranked, ranked + offset) if offset else number + 1
        stop = np.searchsorted(ranked, ranked + offset, "right")
        left = np.repeat(number, stop - start)
        right = np.arange(len(left)) - np.repeat(np.cumsum(stop - start) - stop, stop - start)
        found.append((order[left], order[right]))
    left, right = np.concatenate(found, axis=1)
    way = points[right] - points[left]
    length = np.abs(way) + 1e-6
    push = way * np.maximum(NEAREST - length, 0) / length / 2
    np.add.at(points, right, push)
    np.subtract.at(points, left, push)
    return points


def _pack(radii: Numbers) -> Points:
    """Centres of discs that do not overlap: the largest in the middle, the others around it."""
    order = np.argsort(-radii, kind="stable")
    centres = np.zeros(len(radii), complex)
    ring = np.exp(1j * np.arange(AROUND) * (2 * np.pi / AROUND))
    for number, disc in enumerate(order[1:], 1):
        placed, reaches = order[:number], radii[order[:number]] + radii[disc] + BETWEEN
        tried = centres[placed][-RECENT:, None] + np.outer(reaches[-RECENT:], ring)
        tried = np.round(tried.ravel(), 4)
        # How far from the middle; a picture is wider than it is high.
        far = np.round(0.7 * tried.real**2 + 1.3 * tried.imag**2, 2)
        tried = tried[np.argsort(far, kind="stable")]
        # The first place that is far enough from all centres, or one beside them all.
        centres[disc] = (centres[placed].real + reaches).max()
        for start in range(0, len(tried), AROUND):
            some = tried[start : start + AROUND]
            free = (np.abs(some[:, None] - centres[placed]) >= reaches - 1e-3).all(1)
            if free.any():
                centres[disc] = some[free.argmax()]
                break
    return centres
