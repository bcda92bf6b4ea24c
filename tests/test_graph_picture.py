"""The picture of a graph: where tools stand, what the page holds, and what it does in a browser."""

import itertools
import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.views.graph_page import graph_page, lay_out, page_data
from schemas.graph import Edge, Judgement
from schemas.tool import Catalog
from tests.graphs import edge, many, needs_chromium, opened, tool

EVIL = "</script><script>document.title='hacked'</script><img src=x onerror=alert(1)>"
SHOP = Catalog(
    tools=(
        tool(
            "find_items",
            effect="read",
            description=f"Find items. {EVIL}",
            returns={"type": "object"},
            returns_from="source",
        ),
        tool(
            "buy_item",
            effect="write",
            parameters={
                "type": "object",
                "required": ["item_id"],
                "properties": {
                    "item_id": {"type": "string", "description": EVIL},
                    "colours": {"type": "array", "items": {"enum": ["red", "blue"]}},
                },
            },
        ),
        tool("get_weather", "weather"),
    )
)
EDGES = (
    edge("find_items", "buy_item", 0.9, evidence=EVIL, consumed=True,
         judgement=Judgement(score=7, reason="it fits", model="m")),
    edge("get_weather", "buy_item", 0.2, method="name", parameter="colours[]"),
)  # fmt: skip


def embedded(page: str) -> dict[str, list[list[object]]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, list[list[object]]] = json.loads(found[1])
    return data


graphs = st.integers(0, 60).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(0, 5), min_size=count, max_size=count),
        st.lists(st.tuples(*[st.integers(0, max(count - 1, 0))] * 2), max_size=80 * bool(count)),
    )
)


@settings(max_examples=25, deadline=None)
@given(graphs)
def test_tools_stand_apart_inside_discs_that_do_not_overlap(
    graph: tuple[list[int], list[tuple[int, int]]],
) -> None:
    domains, pairs = graph
    layout = lay_out(domains, pairs)
    assert len(layout.points) == len(domains)
    for domain, (x, y) in zip(domains, layout.points, strict=True):
        disc = layout.discs[domain]
        assert math.hypot(x - disc.x, y - disc.y) <= disc.radius + 2
    for a, b in itertools.combinations(layout.discs, 2):
        assert math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius - 3
    for one, other in itertools.combinations(layout.points, 2):
        assert math.dist(one, other) > 12
    assert lay_out(domains, [pair[::-1] for pair in reversed(pairs)]) == layout


def test_more_tools_than_are_compared_one_by_one_stand_apart_too() -> None:
    count = 900
    layout = lay_out([0] * count, [(i, i * 7 % count) for i in range(count)])
    assert min(math.dist(*pair) for pair in itertools.combinations(layout.points, 2)) > 12


def test_the_same_graph_makes_the_same_page_whatever_its_order() -> None:
    assert graph_page("g", SHOP, EDGES) == graph_page("g", SHOP, EDGES[::-1])


def test_the_page_holds_the_graph_and_nothing_of_it_is_markup() -> None:
    page = graph_page(f"<b>{EVIL}", SHOP, EDGES)
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page
    assert "onerror=alert(1)&gt;" in page, "the title is text"
    data = embedded(page)
    assert data["domains"] == ["shop", "weather"]
    assert [row[0] for row in data["tools"]] == ["find_items", "buy_item", "get_weather"]
    assert data["tools"][0][5] == f"Find items. {EVIL}"
    assert data["tools"][1][6] == [
        ["item_id", "string", 1, EVIL],
        ["colours", "array of one of 2", 0, ""],
    ]
    assert data["edges"][1][:5] == [0, 1, "items[].id", "item_id", 0.9]
    assert data["edges"][1][6:] == [EVIL, [7, "it fits", "m"], True]


def test_the_page_asks_nobody_and_runs_its_own_script_only() -> None:
    page = graph_page("g", SHOP, EDGES)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|innerHTML|@import|url\(", page)


def test_without_scripts_every_tool_can_be_read() -> None:
    page = graph_page("g", SHOP, EDGES)
    shown = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert shown
    assert "3 tools and 2 edges" in shown[1]
    assert "<b>get_weather</b> (weather): feeds buy_item" in shown[1]


def test_an_edge_of_a_tool_that_is_not_there_is_left_out() -> None:
    stray: list[Edge] = [*EDGES, edge("gone", "buy_item")]
    assert len(embedded(graph_page("g", SHOP, stray))["edges"]) == 2
    assert page_data(Catalog(tools=()), [])["tools"] == []


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    page = tmp_path / "graph.html"
    page.write_text(graph_page("The shop", SHOP, EDGES), encoding="utf-8")
    return page


@needs_chromium
def test_a_link_to_a_tool_opens_its_panel(shop: Path) -> None:
    dom = opened(shop, "#tool=buy_item")
    assert dom.attributes["html"]["data-ready"] == "yes"
    assert dom.by_id["chosen"] == "buy_item"
    panel = dom.by_id["panel"]
    for part in (
        "item_id", "stringrequired", "colours", "array of one of 2", "Fed by · 2", "Feeds · 0",
        "identity 0.90", "items[].id → item_id", EVIL, "m gives 7 of 9: it fits",
        "a call with the value ran", "no result schema",
    ):  # fmt: skip
        assert part in panel
    assert dom.links == ["#tool=find_items", "#tool=get_weather"]
    assert "hacked" not in dom.by_id.get("title", "")


@needs_chromium
def test_filters_in_the_address_hold(shop: Path) -> None:
    dom = opened(shop, "#tool=buy_item&score=0.5")
    assert dom.by_id["counts"] == "3 tools · 1 of 2 edges"
    assert "Fed by · 1 (1 filtered out)" in dom.by_id["panel"]
    assert dom.links == ["#tool=find_items&score=0.5"]
    assert opened(shop, "#domains=weather").by_id["counts"] == "1 of 3 tools · 0 of 2 edges"
    assert opened(shop, "#methods=name").by_id["counts"] == "3 tools · 1 of 2 edges"


@needs_chromium
def test_an_address_that_means_nothing_shows_the_whole(shop: Path) -> None:
    dom = opened(shop, "#tool=nobody&score=much&%E0%A4%A=1")
    assert dom.by_id["counts"] == "3 tools · 2 edges"
    assert "hidden" in dom.attributes["panel"]
    assert "hidden" not in dom.attributes["app"]


@pytest.mark.slow
@needs_chromium
def test_the_page_works_with_two_thousand_tools_and_is_searched(tmp_path: Path) -> None:
    page = tmp_path / "large.html"
    html = graph_page("Large", *many(2000, 10000))
    page.write_text(html, encoding="utf-8")
    dom = opened(page, "#tool=tool_1234")
    assert dom.by_id["counts"] == "2,000 tools · 10,000 edges"
    assert "Fed by · 5" in dom.by_id["panel"]
    html = graph_page("Larger than what is suggested", *many(200, 400))
    typed = (
        "$('query').value = 'tool 1'; suggest();"
        "$('query').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown'}));"
    )
    searched = tmp_path / "searched.html"
    loose = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    searched.write_text(loose.replace("</body>", f"<script>{typed}</script></body>"))
    dom = opened(searched)
    assert dom.by_id["found-0"].startswith("tool_1")
    assert dom.attributes["found-0"]["aria-selected"] == "false"
    assert dom.attributes["found-1"]["aria-selected"] == "true"
    assert "found-11" in dom.by_id
    assert "found-12" not in dom.by_id
