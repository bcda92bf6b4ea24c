"""Graphs for the tests of what looks at them, and a way of opening their pictures in a browser."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest

from schemas.graph import Edge
from schemas.tool import Catalog, ToolSource, ToolSpec

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium: apt-get install --no-install-recommends chromium"
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --virtual-time-budget=2000 "
    "--window-size=1200,800"
).split()


def tool(name: str, domain: str = "shop", **facts: object) -> ToolSpec:
    plain = {"type": "object", "properties": {}, "required": []}
    source = ToolSource(format="mcp", path=f"{domain}.json")
    given = {"name": name, "wire_name": name, "domain": domain, "source": source}
    return ToolSpec.model_validate({"parameters": plain} | given | facts)


def edge(giver: str, taker: str, score: float = 0.5, **facts: object) -> Edge:
    given = {"producer": giver, "consumer": taker, "score": score, "result_path": "items[].id"}
    plain = {"parameter": "item_id", "method": "identity", "evidence": "the same id"}
    return Edge.model_validate(plain | given | facts)


def many(tools: int, edges: int) -> tuple[Catalog, list[Edge]]:
    """A catalogue of any size; edges go from tool to tool by fixed strides."""
    names = [f"tool_{i}" for i in range(tools)]
    specs = (tool(name, f"domain_{i % 40}") for i, name in enumerate(names))
    strides = ((i % tools, (i * 7 + i // tools + 1) % tools) for i in range(edges))
    drawn = [edge(names[a], names[b], parameter=f"p{i}") for i, (a, b) in enumerate(strides)]
    return Catalog(tools=tuple(specs)), drawn


class Dom(HTMLParser):
    """The texts of a page's elements, by their id, and all of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.by_id: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        identity = known.get("id") or ""
        self.attributes[identity or tag] = known
        self.links += [known["href"] or ""] if tag == "a" else []
        if tag not in ("meta", "input", "br"):
            self.open.append((tag, identity))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for tag, identity in self.open:
            identity = identity or tag
            self.by_id[identity] = self.by_id.get(identity, "") + data


def opened(page: Path, address: str = "") -> Dom:
    """The page after its scripts have run, as Chromium holds it."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory() as profile:
        ran = subprocess.run(
            [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "--dump-dom",
             f"{page.as_uri()}{address}"],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return Dom(ran.stdout)
