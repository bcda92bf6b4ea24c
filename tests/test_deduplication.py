"""Near-identical tools are merged, and nothing else is."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.deduplication import Portrait, is_same, merge_duplicates, text_of
from generators.embedding import HashEmbedder, WordEmbedder
from generators.importers import read_catalog
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSource, ToolSpec

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "data" / "catalogs"
REAL = ROOT.parent / "shared" / "real"
WORDS = WordEmbedder()
Json = dict[str, Any]


def tool(
    name: str, description: str, parameters: Json | None = None, domain: str = "shop", **more: Any
) -> ToolSpec:
    parts = parameters if parameters is not None else {"item_id": {"type": "string"}}
    schema = {"type": "object", "properties": parts, "required": sorted(parts)}
    source = ToolSource(format="openai", path=f"{domain}.json")
    facts: Json = {"effect": "read", "source": source, "domain": domain} | more
    wire_name = f"{domain}_{name}"
    return ToolSpec(
        name=name, wire_name=wire_name, description=description, parameters=schema, **facts
    )


def left(*tools: ToolSpec) -> list[str]:
    return [one.wire_name for one in merge_duplicates(Catalog(tools=tools), WORDS).tools]


TEXT = "Give the price of an item in the shop, with all taxes."

SAME = [
    (tool("get_price", TEXT), tool("get_price", TEXT, domain="market")),
    (tool("get_price", TEXT), tool("fetch_price", TEXT)),
    (
        tool("get_price", TEXT),
        tool("get_price", "Returns the price of the given item in the shop with all the taxes", {
            "itemId": {"type": "string"}}, domain="market"),
    ),
    (tool("lookup_price", TEXT), tool("describe_price", TEXT)),
    (tool("get_item_price", TEXT), tool("get_unit_price", TEXT)),
]  # fmt: skip

DIFFERENT = [
    (tool("archive_item", "Archive an item."), tool("unarchive_item", "Unarchive an item.")),
    (tool("enable_item", "Set the item's state."), tool("disable_item", "Set the item's state.")),
    (tool("get_item", "Get items of the shop."), tool("get_items", "Get items of the shop.")),
    (tool("liter_to_gallon", "Convert volumes."), tool("gallon_to_liter", "Convert volumes.")),
    (tool("get_item", TEXT), tool("get_item", TEXT, {"sku": {"type": "string"}}, domain="market")),
    (tool("get_price", TEXT), tool("get_price", TEXT, domain="market", effect="write")),
    (
        tool("search", "Search the shop by words."),
        tool("search", "Search the library by words.", domain="library"),
    ),
    (
        tool("get_weather", "Get the weather of a city in the evening."),
        tool("get_weather", "Get the historical weather of a city in the evening.", domain="b"),
    ),
    (tool("get_price", TEXT), tool("get_price_v2", TEXT)),
    (tool("get_price", TEXT), tool("lookup_price", TEXT, domain="market")),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda one: one.wire_name)
def test_copies_rewordings_and_renames_are_merged(one: ToolSpec, other: ToolSpec) -> None:
    assert len(left(one, other)) == 1
    assert left(one, other) == left(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=lambda one: one.wire_name)
def test_what_a_caller_relies_on_tells_tools_apart(one: ToolSpec, other: ToolSpec) -> None:
    assert left(one, other) == [one.wire_name, other.wire_name]


def test_results_from_the_source_tell_tools_apart_and_inferred_ones_do_not() -> None:
    plain = tool("get_price", TEXT)
    given = {"type": "object", "properties": {"price": {"type": "number"}}, "required": []}
    sourced = tool("get_price", TEXT, domain="b", returns=given, returns_from="source")
    guessed = tool("get_price", TEXT, domain="c", returns=given, returns_from="example")
    assert len(left(plain, sourced)) == 2
    assert len(left(plain, guessed)) == 1


def test_a_merged_tool_names_the_one_that_stands_for_it() -> None:
    catalog = Catalog(tools=SAME[0])
    (merged,) = merge_duplicates(catalog, WORDS).merged
    assert (merged.name, merged.domain, merged.kept) == ("get_price", "shop", "market_get_price")
    assert merged.similarity == 1.0


def test_defaults_and_examples_are_no_schemas() -> None:
    odd = {"type": "object", "default": {"required": [{"a": 1}], "properties": {"b": 1}}}
    odd["x-other"] = {"required": [{"a": 1}], "properties": {"b": 1}}
    assert len(left(tool("set_price", TEXT, {"price": odd}), tool("get_price", TEXT))) == 2


def test_own_catalogues_have_no_duplicates() -> None:
    catalog = read_catalog([OWN])
    assert merge_duplicates(catalog, WORDS) == catalog


def test_of_catalogues_given_twice_every_double_goes(tmp_path: Path) -> None:
    for file in OWN.glob("*.json"):
        (tmp_path / f"second_{file.name}").write_bytes(file.read_bytes())
    catalog = read_catalog([OWN, tmp_path])
    merged = merge_duplicates(catalog, WORDS)
    names = [one.name for one in merged.tools]
    assert len(names) == len(set(names)) == len(catalog.tools) // 2
    assert {one.wire_name for one in merged.tools} <= set(catalog.by_name)


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder ../shared/real is absent")
def test_no_tool_of_real_servers_is_merged() -> None:
    files = sorted((REAL / "mcp").glob("*_tools_list.json"))
    catalog = read_catalog([*files, REAL / "tau2_retail" / "retail.json"])
    assert merge_duplicates(catalog, WORDS).merged == ()


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.nan, math.inf])
def test_a_threshold_that_is_no_positive_number_is_refused(threshold: float) -> None:
    with pytest.raises(InputError, match="threshold"):
        merge_duplicates(Catalog(tools=SAME[0]), WORDS, threshold)


def test_above_one_nothing_is_merged() -> None:
    catalog = Catalog(tools=SAME[0])
    assert merge_duplicates(catalog, WORDS, 1.01) == catalog
    assert len(merge_duplicates(catalog, WORDS, 1.0).tools) == 1


PHRASES = ("the price", "of an item", "in the shop", "with taxes", "today", "for members", "again")
TOOLS = st.tuples(
    st.sampled_from(["get_price", "fetch_price", "lookup_price", "get_cost"]),
    st.lists(st.sampled_from(PHRASES), min_size=3, max_size=6).map(tuple),
    st.sampled_from(["shop", "market"]),
)


@given(st.lists(TOOLS, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_merging_is_final_complete_and_independent_of_order(
    drawn: list[tuple[str, tuple[str, ...], str]], rng: Any
) -> None:
    embedder, threshold = HashEmbedder(), 0.8
    tools = [
        tool(name, " ".join(words), domain=domain).model_copy(update={"wire_name": f"t{number}"})
        for number, (name, words, domain) in enumerate(drawn)
    ]
    merged = merge_duplicates(Catalog(tools=tuple(tools)), embedder, threshold)
    assert merge_duplicates(merged, embedder, threshold) == merged
    shuffled = tuple(rng.sample(tools, len(tools)))
    again = merge_duplicates(Catalog(tools=shuffled), embedder, threshold)
    assert again.merged == merged.merged
    assert set(again.by_name) == set(merged.by_name)
    assert len(merged.tools) + len(merged.merged) == len(tools)
    assert all(one.kept in merged.by_name for one in merged.merged)
    vectors = embedder.embed([text_of(one) for one in merged.tools])
    for place, one in enumerate(merged.tools):
        for after, other in enumerate(merged.tools[place + 1 :], place + 1):
            alike = float(vectors[place] @ vectors[after]) >= threshold + 1e-5
            assert not (alike and is_same(Portrait(one), Portrait(other)))
