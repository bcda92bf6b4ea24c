"""`toolweave graph`: the files that it writes, a tool and its neighbours, figures of the whole."""

import json
import re
from pathlib import Path

import duckdb
import networkx as nx
import pytest

from generators.graph.tool_graph import ToolGraph
from pipeline.cli.graph_commands import facts_of
from pipeline.views.graph_files import FILES, Known, graphml, read_graph, write_graph
from schemas.graph import Judgement
from schemas.tool import Catalog
from tests.commands import contents, plan, toolweave
from tests.graphs import edge, tool

ROOMS = {
    "tools": [
        {
            "name": "find_rooms",
            "description": "Find meeting rooms.\x07 </graphml>",
            "inputSchema": {"type": "object", "properties": {"seats": {"type": "integer"}}},
            "outputSchema": {
                "type": "object",
                "properties": {
                    "rooms": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"room_id": {"type": "string"}},
                        },
                    }
                },
            },
        },
        {
            "name": "book_room",
            "description": "Book a meeting room.",
            "inputSchema": {
                "type": "object",
                "required": ["room_id"],
                "properties": {"room_id": {"type": "string", "description": "Which room"}},
            },
        },
    ]
}


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rooms") / "rooms.json"
    file.write_text(json.dumps(ROOMS))
    return file


@pytest.fixture(scope="module")
def made(rooms: Path) -> Path:
    folder = rooms.parent / "graph"
    ran = toolweave("graph", "build", rooms, "--out", folder)
    assert ran.code == 0, ran
    assert re.fullmatch(
        rf"{folder}: 2 tools, \d+ edges?\nopen {folder}/graph.html in a browser\n", ran.out
    )
    return folder


def test_all_files_tell_the_same_graph(made: Path) -> None:
    assert set(contents(made)) == set(FILES)
    known = read_graph(made)
    assert known.graph.between("find_rooms", "book_room")
    form = json.loads((made / "graph.json").read_bytes())
    assert ToolGraph.from_json(form).edges == known.graph.edges
    drawn = nx.read_graphml(made / "graph.graphml", force_multigraph=True)
    assert set(drawn.nodes) == {"find_rooms", "book_room"}
    assert drawn.nodes["find_rooms"]["description"] == "Find meeting rooms. </graphml>"
    scores = sorted(score for _, _, score in drawn.edges(data="score"))
    assert scores == sorted(edge.score for edge in known.graph.edges)
    with duckdb.connect(str(made / "graph.duckdb"), read_only=True) as tables:
        assert tables.execute("SELECT wire_name FROM tools ORDER BY 1").fetchall() == [
            ("book_room",), ("find_rooms",),
        ]  # fmt: skip
        query = "SELECT count(*), any_value(producer) FROM edges WHERE consumer = 'book_room'"
        found = tables.execute(query).fetchone()
    assert found == (len([e for e in known.graph.edges if e.consumer == "book_room"]), "find_rooms")
    assert "book_room" in (made / "graph.html").read_text(encoding="utf-8")


def test_judgements_and_checks_are_kept_in_every_form(tmp_path: Path) -> None:
    judgement = Judgement(score=8, reason="fits", model="m")
    catalog = Catalog(tools=(tool("a"), tool("b")))
    graph = ToolGraph(["a", "b"], [edge("a", "b", judgement=judgement, consumed=False)])
    write_graph(tmp_path / "g", Known(catalog, graph))
    with duckdb.connect(str(tmp_path / "g" / "graph.duckdb"), read_only=True) as tables:
        (row,) = tables.execute("SELECT judgement.score, consumed FROM edges").fetchall()
    assert row == (8, False)
    assert read_graph(tmp_path / "g").graph.edges == graph.edges
    ran = toolweave("graph", "show", tmp_path / "g", "b")
    assert "m gives 8 of 9: fits" in ran.out
    assert "no call with it ran" in ran.out


def test_the_same_catalogue_makes_the_same_files_and_writes_over_them(
    made: Path, rooms: Path
) -> None:
    before = contents(made)
    assert toolweave("graph", "build", "-q", rooms, "--out", made)[:] == (0, "", "")
    after = contents(made)
    assert {name for name in before if before[name] != after[name]} <= {"graph.duckdb"}


def test_scripts_get_one_document(rooms: Path, tmp_path: Path) -> None:
    ran = toolweave("graph", "build", "--json", rooms, "--out", tmp_path / "g")
    answer = json.loads(ran.out)
    assert list(answer["files"]) == sorted(FILES, key=FILES.index)
    assert answer["stats"]["tools"] == 2


def test_a_folder_with_anything_else_is_left_as_it_is(rooms: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    ran = toolweave("graph", "build", rooms, "--out", tmp_path)
    assert ran.code == 2
    assert "holds 'thesis.doc', so it is no folder of a graph" in ran.last
    assert set(contents(tmp_path)) == {"thesis.doc"}


def test_the_place_of_the_picture_is_said(made: Path) -> None:
    assert toolweave("graph", "show", made).out == f"{made / 'graph.html'}\n"
    answer = json.loads(toolweave("graph", "show", made, "--json").out)
    assert answer == {"page": str(made / "graph.html")}


def test_a_tool_is_shown_with_its_neighbours(made: Path, rooms: Path) -> None:
    for source in (made, rooms):
        ran = toolweave("graph", "show", source, "book_room")
        assert ran.code == 0
        assert "Book a meeting room." in ran.out
        assert "room_id  string, required" in ran.out
        (line,) = re.findall(r"^  \d\.\d\d \w+ +find_rooms *$", ran.out, re.MULTILINE)
        assert line
        assert "rooms[].room_id → room_id" in ran.out
    found = json.loads(toolweave("graph", "show", made, "book_room", "--json").out)
    assert found["fed_by"][0]["producer"] == "find_rooms"
    assert found["tool"]["wire_name"] == "book_room"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("book_rom",), "no tool is called 'book_rom'; did you mean 'book_room'"),
        (("zzz",), "no tool is called 'zzz'"),
    ],
)
def test_a_tool_that_is_not_there_is_one_line(
    made: Path, words: tuple[str, ...], told: str
) -> None:
    ran = toolweave("graph", "show", made, *words)
    assert ran.code == 2
    assert told in ran.last


def test_what_is_no_graph_is_one_line(rooms: Path, tmp_path: Path) -> None:
    assert "holds no graph; make one with" in toolweave("graph", "show", rooms).last
    for torn in ("{", "[]", '{"nodes": [{}], "edges": []}', '{"nodes": 1, "edges": [1]}'):
        (tmp_path / "graph.json").write_text(torn)
        ran = toolweave("graph", "stats", tmp_path)
        assert ran.code == 2
        assert "graph.json: is no graph of toolweave" in ran.last
    (tmp_path / "graph.json").write_text('{"nodes": [], "edges": []}')
    assert "catalog.json: cannot be read" in toolweave("graph", "stats", tmp_path).last
    assert toolweave("graph", "stats", tmp_path / "nowhere.json").code == 2
    assert toolweave("graph", "show").code == 2


def test_an_output_folder_of_a_build_is_shown_too(tmp_path: Path) -> None:
    assert toolweave("build", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o").code == 0
    ran = toolweave("graph", "show", tmp_path / "o")
    assert ran.out == f"{tmp_path / 'o' / 'graph.html'}\n"
    assert (tmp_path / "o" / "graph.html").is_file()
    stats = json.loads(toolweave("graph", "stats", tmp_path / "o", "--json").out)
    assert stats["counts"]["edges"] == 1
    again = toolweave("build", "--tools", plan(tmp_path), "-n", 3, "--out", tmp_path / "o")
    assert again.code == 0, "the picture is no foreign file"
    refused = toolweave("graph", "build", "--out", tmp_path / "o")
    assert refused.code == 2
    assert "so it is no folder of a graph" in refused.last


def test_the_facts_of_a_graph_are_right() -> None:
    needy = {"type": "object", "properties": {"id": {}}, "required": ["id"]}
    names = ("hub", "a", "b", "c", "lone", "x", "y")
    catalog = Catalog(tools=tuple(tool(name, parameters=needy) for name in names))
    edges = [edge("hub", "a"), edge("hub", "a", parameter="p"), edge("hub", "b"), edge("b", "c")]
    facts = facts_of(catalog, ToolGraph(names, [*edges, edge("x", "y"), edge("lone", "lone")]))
    assert facts["feeds"] == {0: 4, 1: 2, 2: 1}
    assert facts["fed_by"] == {0: 3, 1: 4}
    assert facts["hubs"][0] == {"tool": "b", "feeds": 1, "fed_by": 1}
    assert [hub["tool"] for hub in facts["hubs"]] == ["b", "hub", "a", "c", "x", "y"]
    assert facts["components"] == [4, 2, 1]
    assert facts["unreachable"] == ["hub", "lone", "x"]


def test_the_facts_are_told_in_eighty_columns(made: Path) -> None:
    ran = toolweave("graph", "stats", made)
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    for part in ("methods", "hubs", "1 of 2 tools; 0 alone", "given something (0)\n  none"):
        assert part in ran.out


def test_graphml_of_nothing_is_a_graph() -> None:
    assert nx.parse_graphml(graphml(Catalog(tools=()), ())).number_of_nodes() == 0
