"""The picture of a whole tool graph: one HTML file that needs nothing else and asks nobody.

Data goes in as JSON in which no markup can end or begin, and the page's policy lets no script run
but its own. What the page does lies in ``data/views/``; where tools stand, in `graph_layout`.
"""

import base64
import hashlib
import json
from collections.abc import Sequence

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from data import text
from pipeline.views.graph_layout import lay_out
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
