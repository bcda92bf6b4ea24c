"""Names of domains and tools, and what a tool does to the world."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.importers import read_catalog
from generators.importers.wire_names import name_domain, name_on_wire
from generators.lexicon.verbs import find_deed
from tests.importing import (
    flat,
    mcp,
    read_one,
    write,
)

WIRE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@pytest.mark.parametrize(
    ("stem", "domain"),
    [
        ("github_mcp_server_tools_list", "github"),
        ("ref_filesystem_tools_list", "filesystem"),
        ("retail", "retail"),
        ("food_delivery", "food_delivery"),
        ("Food-Delivery.v2", "food_delivery"),
        ("openai-tools-v1", "openai_tools_v1"),
        ("städte", "städte"),
        ("___", "___"),
    ],
)
def test_a_domain_is_what_a_file_is_about(stem: str, domain: str) -> None:
    assert name_domain(stem) == domain


def test_domains_of_one_name_are_numbered(tmp_path: Path) -> None:
    paths = []
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        paths.append(write(tmp_path / folder, [flat("look")]))
    tools = read_catalog(paths).tools
    assert [tool.domain for tool in tools] == ["shop", "shop_2", "shop_3"]
    assert [tool.wire_name for tool in tools] == ["shop_look", "shop_2_look", "shop_3_look"]


@pytest.mark.parametrize(
    ("tools", "names"),
    [
        ([("git", "status"), ("svn", "status")], ("git_status", "svn_status")),
        ([("git", "git_log"), ("svn", "git_log")], ("git_log", "svn_git_log")),
        ([("a", "find pet"), ("a", "find_pet")], ("find_pet_2", "find_pet")),
        ([("a", "Slack.send"), ("a", "größe"), ("a", "日本")], ("Slack_send", "grosse", "riben")),
        ([("a", "x" * 70), ("a", "x" * 71)], ("x" * 64, "x" * 62 + "_2")),
        ([("a", "x"), ("a", "x!"), ("a", "x_2")], ("x", "x_3", "x_2")),
    ],
)
def test_wire_names_are_made_as_promised(
    tools: list[tuple[str, str]], names: tuple[str, ...]
) -> None:
    assert name_on_wire(tools) == names


def test_long_names_keep_what_tells_them_apart() -> None:
    head = "https_api_example_com_v3_organisations_organisation_id_projects_project_id_lamps"
    names = name_on_wire([("a", f"{head}_{tail}") for tail in ("list", "get", "rename")])
    assert names == ("lamps_list", "lamps_get", "lamps_rename")
    (alone,) = name_on_wire([("a", f"{head}_get")])
    assert alone.endswith("_projects_project_id_lamps_get")
    assert len(alone) <= 64


@pytest.mark.parametrize(
    ("name", "description", "wire"),
    [
        ("查询订单", "查询订单的详细信息", "chaxundingdan"),
        ("查询订单", "Query the details of an order.", "query_details_of_order"),
        ("получить_заказ", "", "poluchit_zakaz"),
        ("", "Look up a city.", "look_up_city"),
        ("..", "", "tool"),
        ("🎉", "", "tada"),
        ("get.user", "", "get_user"),
    ],
)
def test_names_of_other_scripts_are_spelled(name: str, description: str, wire: str) -> None:
    assert name_on_wire([("a", name)], [description]) == (wire,)


def test_parameters_have_names_that_interfaces_take(tmp_path: Path) -> None:
    long = "_".join(["delivery", "window", "preferences", "excluded"] * 3)
    names = ["$top", "@graph.conflict", "file id", "名前", long, "top", "<|im_start|>"]
    tool = read_one(tmp_path, [{"name": "look", "inputSchema": {
        "type": "object", "properties": {name: {"type": "string"} for name in names},
        "required": ["$top"]}, "outputSchema": {"type": "object", "properties": {
            "$top": {}, "名前": {}, "数": {}}}}])  # fmt: skip
    assert all(WIRE_NAME.fullmatch(name) for name in tool.properties)
    assert [tool.renamed.get(name, name) for name in tool.properties] == names
    assert tool.required == ("top_2",)
    assert tool.returns is not None
    assert list(tool.returns["properties"]) == ["top_2", "mingqian", "数"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["git", "svn", "a b", "git_2"]),
            st.text("ab_. 2é", min_size=1, max_size=4) | st.text(min_size=60, max_size=80),
        ),
        unique=True,
        max_size=25,
    )
)
def test_wire_names_are_legal_and_one_to_one(tools: list[tuple[str, str]]) -> None:
    names = name_on_wire(tools)
    assert len(set(names)) == len(tools)
    assert all(WIRE_NAME.fullmatch(name) for name in names)


@given(st.lists(st.from_regex(WIRE_NAME, fullmatch=True), unique=True, max_size=25))
def test_legal_names_of_one_file_stay_as_they_are(names: list[str]) -> None:
    assert name_on_wire([("git", name) for name in names]) == tuple(names)


@pytest.mark.parametrize(
    ("name", "description", "verb"),
    [
        ("list_orders", "", "list"),
        ("actions_list", "", "list"),
        ("getUserDetails", "", "get"),
        ("git_create_branch", "", "create"),
        ("find_or_create_user", "", "create"),
        ("order_status", "Gets the status of an order.", "get"),
        ("order_pizza", "Orders a pizza.", "order"),
        ("return_items", "Return some items.", "return"),
        ("weather", "Returns the weather.", "get"),
        ("directory_tree", "Searches a folder.", "search"),
        ("weather", "Sunny or not.", ""),
    ],
)
def test_the_verb_is_heard(name: str, description: str, verb: str) -> None:
    assert find_deed(name, description).verb == verb


@pytest.mark.parametrize(
    ("said", "destructive"),
    [
        ("Archive (delete) a call record", True),
        ("Archives a call. This cannot be undone.", True),
        ("Permanently delete a call", True),
        ("Archive a call record", False),
    ],
)
def test_a_description_that_says_delete_makes_a_tool_destructive(
    tmp_path: Path, said: str, destructive: bool
) -> None:
    entry = mcp("archive_call", description=said)
    assert read_one(tmp_path, [entry]).destructive == destructive


@pytest.mark.parametrize(
    ("name", "hints", "effect", "destructive"),
    [
        ("get_it", None, "read", False),
        ("delete_it", None, "write", True),
        ("pay_bill", None, "write", True),
        ("create_it", None, "write", False),
        ("thing", None, "unknown", False),
        ("transfer_to_human_agents", None, "write", False),
        ("transfer_money", None, "write", True),
        ("delete_agent", None, "write", True),
        ("create_it", {"readOnlyHint": False, "destructiveHint": True}, "write", False),
        ("delete_it", {"readOnlyHint": False, "destructiveHint": True}, "write", True),
        ("delete_it", {"readOnlyHint": False}, "write", True),
        ("delete_it", {"destructiveHint": False}, "write", False),
        ("disconnect_channel", {}, "write", True),
        ("evict_pod", {}, "write", True),
        ("kick_member", {}, "write", True),
        ("delete_it", {"readOnlyHint": True, "destructiveHint": True}, "read", False),
        ("thing", {"readOnlyHint": True}, "read", False),
    ],
)
def test_effects_follow_the_hint_and_then_the_verb(
    tmp_path: Path, name: str, hints: Any, effect: str, destructive: bool
) -> None:
    tool = read_one(tmp_path, [mcp(name, annotations=hints)])
    assert (tool.effect, tool.destructive) == (effect, destructive)
    guessed = [note for note in tool.inferred if note.startswith("effect")]
    assert bool(guessed) == ("readOnlyHint" not in (hints or {}))
