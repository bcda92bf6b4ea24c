"""The files of a tool graph: JSON in node-link form, GraphML, tables, and the picture.

A folder of a graph and the output folder of a build both hold ``catalog.json`` and ``graph.json``;
everything else is made from these two.
"""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

from generators.graph.tool_graph import ToolGraph
from pipeline.chat.request_journal import REQUESTS
from pipeline.files import replace_file, writing
from pipeline.recordings import COMPLETED
from pipeline.run.checksums import CHECKSUMS, note_sums
from pipeline.run.database import write_graph_tables
from pipeline.run.output_folder import CATALOG, GRAPH, read_catalog
from pipeline.views.graph_page import graph_page
from schemas.canonical import canonical_json
from schemas.errors import InputError, OutputError
from schemas.graph import Edge
from schemas.tool import Catalog, ToolSpec

GRAPHML, PAGE, TABLES = "graph.graphml", "graph.html", "graph.duckdb"
FILES = (CATALOG, GRAPH, GRAPHML, PAGE, TABLES)
"""In the order in which they are written."""
_FACTS = {
    "node": ("name", "domain", "effect", "description"),
    "edge": ("result_path", "parameter", "score", "method", "evidence"),
}
_TYPES = {"score": "double"}


class Known(NamedTuple):
    """A graph and the tools that it is about."""

    catalog: Catalog
    graph: ToolGraph


def refuse_foreign_graph(folder: Path) -> None:
    """Raise OutputError where ``folder`` holds more than a graph's files, such as a build."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file, not a folder")
    own = {*(f"{name}{end}" for end in ("", ".tmp") for name in (*FILES, COMPLETED))}
    own |= {f"{TABLES}.wal", REQUESTS}
    with writing(folder):
        found = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    foreign = [name for name in found if name not in own]
    if foreign:
        raise OutputError(
            f"{folder}: holds {foreign[0]!r}, so it is no folder of a graph; "
            "name a new or empty folder with --out"
        )


def write_graph(folder: Path, known: Known) -> dict[str, Path]:
    """Write all files of a graph; answers name → path. Raises OutputError."""
    refuse_foreign_graph(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / CATALOG, known.catalog.model_dump_json() + "\n")
    replace_file(folder / GRAPH, canonical_json(known.graph.to_json()) + "\n")
    replace_file(folder / GRAPHML, graphml(known.catalog, known.graph.edges))
    write_page(folder, known)
    write_graph_tables(folder / TABLES, known.catalog, known.graph.edges)
    return {name: folder / name for name in FILES}


def write_page(folder: Path, known: Known) -> Path:
    """Write the picture. Raises OutputError."""
    title = f"Tool graph of {folder.resolve().name}"
    replace_file(folder / PAGE, graph_page(title, known.catalog, known.graph.edges))
    if (folder / CHECKSUMS).exists():
        note_sums(folder, [PAGE])
    return folder / PAGE


def is_graph(folder: Path) -> bool:
    """Whether a folder holds a graph: its own, or that of a build."""
    return (folder / GRAPH).is_file()


def read_graph(folder: Path) -> Known:
    """Read back what `write_graph` or a build wrote. Raises InputError, OutputError."""
    path = folder / GRAPH
    try:
        graph = ToolGraph.from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise InputError("is no graph of toolweave", file=str(path)) from None
    return Known(read_catalog(folder), graph)


def graphml(catalog: Catalog, edges: tuple[Edge, ...]) -> str:
    """The graph in GraphML, as Gephi, yEd and networkx read it."""
    root = ET.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for owner, names in _FACTS.items():
        for name in names:
            kind = {"attr.name": name, "attr.type": _TYPES.get(name, "string")}
            ET.SubElement(root, "key", {"id": f"{owner}_{name}", "for": owner, **kind})
    drawn = ET.SubElement(root, "graph", id="tools", edgedefault="directed")
    parts: list[tuple[str, dict[str, str], ToolSpec | Edge]] = [
        ("node", {"id": tool.wire_name}, tool) for tool in catalog.tools
    ]
    for number, edge in enumerate(edges):
        ends = {"source": edge.producer, "target": edge.consumer}
        parts.append(("edge", {"id": f"e{number}", **ends}, edge))
    for owner, attributes, record in parts:
        element = ET.SubElement(drawn, owner, attributes)
        for name in _FACTS[owner]:
            fact = ET.SubElement(element, "data", key=f"{owner}_{name}")
            # XML 1.0 has no way of writing most control characters.
            fact.text = "".join(
                mark
                for mark in str(getattr(record, name))
                if mark in "\t\n" or (mark >= " " and mark not in "\ufffe\uffff")
            )
    ET.indent(root, " ")
    return "<?xml version='1.0' encoding='UTF-8'?>\n" + ET.tostring(root, "unicode") + "\n"
