"""Catalogues that others wrote, where the folder beside the project holds them."""

from collections import Counter

import pytest

from benchmarks.catalogues import read_standing
from schemas.tool import Catalog, ToolSpec
from tests.importing import (
    REAL,
    assert_sound,
)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "domain", "count"),
    [
        ("mcp/github_mcp_server_tools_list.json", "github", 117),
        ("mcp/ref_filesystem_tools_list.json", "filesystem", 14),
        ("mcp/ref_memory_tools_list.json", "memory", 9),
        ("mcp/ref_git_tools_list.json", "git", 12),
        ("mcp/ref_time_tools_list.json", "time", 2),
        ("tau2_retail/retail.json", "retail", 16),
    ],
)
def test_real_catalogues_are_read_whole(file: str, domain: str, count: int) -> None:
    if not (REAL / file).exists():
        pytest.skip("the folder ../shared/real is not here")
    catalog = read_standing(REAL / file)
    assert len(catalog.tools) == count
    assert {tool.domain for tool in catalog.tools} == {domain}
    assert all(tool.name == tool.wire_name and tool.effect != "unknown" for tool in catalog.tools)
    assert catalog.notes == ()
    assert_sound(catalog)


BFCL = "bfcl/func_docs"
SUITES = {
    "gorilla_file_system": 18, "math_api": 17, "message_api": 10, "posting_api": 14,
    "ticket_api": 9, "trading_bot": 20, "travel_booking": 18, "vehicle_control": 22,
}  # fmt: skip
"""The eight suites of the multi-turn tasks, 128 functions."""


def real(*paths: str) -> Catalog:
    files = [REAL / path for path in paths]
    if not all(file.exists() for file in files):
        pytest.skip("the folder ../shared/real is not here")
    return read_standing(*files)


def named(catalog: Catalog, name: str) -> ToolSpec:
    return next(tool for tool in catalog.tools if tool.name == name)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "count", "form", "skipped"),
    [
        ("bfcl/BFCL_v4_simple_python.json", 400, "bfcl", 0),
        ("bfcl/BFCL_v4_multiple.json", 480, "bfcl", 0),
        ("toolbench/G1_query.json", 12, "rapidapi", 0),
        ("toolbench/G3_query.json", 11, "rapidapi", 0),
        ("xlam/masking_sft_data_example.json", 33, "xlam", 3),
        ("mcp/spec_examples/ListToolsResult__tools-list-with-cursor-and-ttl.json", 1, "mcp", 0),
        ("mcp/spec_examples/ListToolsResultResponse__list-tools-result-response.json", 1, "mcp", 0),
        ("mcp/spec_examples/Tool__with-no-parameters.json", 1, "mcp", 0),
    ],
)
def test_real_files_of_every_form_are_read(path: str, count: int, form: str, skipped: int) -> None:
    catalog = real(path)
    assert (len(catalog.tools), len(catalog.skipped)) == (count, skipped)
    assert {tool.source.format for tool in catalog.tools} == {form}
    assert_sound(catalog)


@pytest.mark.shared
def test_the_function_documents_are_read_whole() -> None:
    catalog = real(BFCL)
    assert len(catalog.tools) == 162
    # mkdir and touch return an object of which nothing is told: that is unknown
    assert sum(tool.returns is not None for tool in catalog.tools) == 159
    per_domain = Counter(tool.source.path.removesuffix(".json") for tool in catalog.tools)
    assert {suite: per_domain[suite] for suite in SUITES} == SUITES
    assert sum(SUITES.values()) == 128
    assert catalog.skipped == ()
    assert_sound(catalog)


@pytest.mark.shared
def test_a_function_document_is_read_field_by_field() -> None:
    tool = named(real(f"{BFCL}/web_search.json"), "search_engine_query")
    kinds = {name: (item["type"], item.get("default")) for name, item in tool.properties.items()}
    assert kinds == {
        "keywords": ("string", None), "max_results": ("integer", 10), "region": ("string", "wt-wt"),
    }  # fmt: skip
    assert tool.required == ("keywords",)
    numbers = named(real(f"{BFCL}/math_api.json"), "absolute_value")
    assert numbers.parameters["properties"]["number"]["type"] == "number"
    assert numbers.returns is not None
    assert (numbers.returns["type"], numbers.returns_from) == ("object", "source")
    assert numbers.returns["properties"]["result"]["type"] == "number"


@pytest.mark.shared
def test_rows_of_questions_keep_different_functions_of_one_name_apart() -> None:
    tools = [tool for tool in real("bfcl/BFCL_v4_simple_python.json").tools
             if tool.name == "math.gcd"]  # fmt: skip
    assert [tool.wire_name for tool in tools] == ["math_gcd", "math_gcd_2", "math_gcd_3"]


@pytest.mark.shared
def test_rapidapi_tools_are_servers() -> None:
    catalog = real("toolbench/G3_query.json")
    odds = named(catalog, "/v4/sports/{sport}/scores")
    assert (odds.domain, odds.wire_name) == ("live_sports_odds", "v4_sports_sport_scores")
    assert (odds.required, odds.properties["daysFrom"]["default"]) == (("sport",), 3)
    assert odds.returns_from == "example"
    assert odds.returns is not None
    assert odds.returns["properties"]["completed"] == {"type": "boolean"}
    news = named(catalog, "newsSearch")
    assert set(news.required) == {"pageSize", "autoCorrect", "q", "pageNumber"}
    assert (news.properties["pageSize"]["type"], news.properties["pageSize"]["default"]) == (
        "number", 10,
    )  # fmt: skip
    assert "default" not in news.properties["toPublishedDate"]


@pytest.mark.shared
def test_masked_names_and_flat_types_are_read() -> None:
    catalog = real("xlam/masking_sft_data_example.json")
    tool = named(catalog, "1YTQVXkwLY")
    assert list(tool.properties) == ["2bkgDA", "DQi_ReZ16", "hF_1"]
    assert (len(tool.required), tool.properties["hF_1"]["default"]) == (3, 72)
    assert tool.renamed == {"DQi_ReZ16": "DQi.ReZ16", "hF_1": "hF.1"}
    assert "default" not in tool.properties["2bkgDA"]
    assert named(catalog, "_ErVZ.BD4gF96H").wire_name == "ErVZ_BD4gF96H"
    assert {skipped.reason for skipped in catalog.skipped} == {"two tools have this name"}
