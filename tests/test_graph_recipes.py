"""Recipes are ways of making edges that a config chooses by name."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder, WordEmbedder
from generators.graph.candidate_pairs import WordIndex
from generators.graph.recipes import (
    MOST_ABROAD,
    MOST_WEAK,
    MOST_WEAK_ABROAD,
    RECIPES,
    ByEmbedding,
    ByName,
    Recipe,
    measure_likeness,
)
from generators.graph.result_leaves import ResultReader
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.graph.value_kinds import kind_of
from generators.world.model import World
from schemas.errors import InputError
from schemas.graph import Edge, Judgement
from tests.worlds import shop, worlds

few = settings(max_examples=25, deadline=None)
SETS = st.lists(st.frozensets(st.sampled_from("abcdef"), min_size=1), max_size=12)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
@few
@given(world=worlds())
def test_every_recipe_joins_a_result_leaf_to_a_parameter_of_another_tool(
    recipe: Recipe, world: World
) -> None:
    reader = ResultReader(world)
    edges = recipe.edges(world, HashEmbedder())
    assert len({(e.producer, e.consumer, e.parameter) for e in edges}) == len(edges)
    for edge in edges:
        assert edge.producer != edge.consumer
        assert edge.result_path in {x.path for x in reader.list_leaves(world.models[edge.producer])}
        assert world.models[edge.consumer].parameter(edge.parameter)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
@few
@given(world=worlds(), random=st.randoms(use_true_random=False))
def test_no_recipe_depends_on_the_order_of_the_tools(
    recipe: Recipe, world: World, random: object
) -> None:
    names = list(world.models)
    random.shuffle(names)  # type: ignore[attr-defined]
    shuffled = World({name: world.models[name] for name in names}, world.entities)
    assert recipe.edges(shuffled, HashEmbedder()) == recipe.edges(world, HashEmbedder())


@pytest.mark.parametrize("recipe", [ByName, ByEmbedding])
def test_a_higher_bar_keeps_a_part_of_the_edges(recipe: type[ByName] | type[ByEmbedding]) -> None:
    low, high = (recipe(least).edges(shop(), WordEmbedder()) for least in (0.4, 0.8))
    places = [{(e.producer, e.consumer, e.parameter) for e in edges} for edges in (high, low)]
    assert places[0] < places[1]


@few
@given(worlds())
def test_no_parameter_has_more_sources_of_one_sort_than_the_bounds_allow(world: World) -> None:
    graph = build_graph(world, HashEmbedder())
    for place in {(edge.consumer, edge.parameter) for edge in graph.edges}:
        methods = Counter(edge.method for edge in graph.feeding(*place))
        weak = sum(methods[method] for method in ("mention", "kind", "text"))
        assert weak <= MOST_WEAK + MOST_WEAK_ABROAD
        assert methods["value"] <= MOST_ABROAD


def test_a_config_chooses_a_recipe_by_its_name() -> None:
    for recipe in RECIPES:
        graph = build_graph(shop(), HashEmbedder(), recipe.name)
        assert graph.edges == recipe.edges(shop(), HashEmbedder())


def test_an_unknown_recipe_is_refused_with_the_known_names() -> None:
    with pytest.raises(InputError, match=r"'fll'.*full, name, embedding"):
        build_graph(shop(), HashEmbedder(), "fll")


def test_names_are_alike_by_their_words_in_any_order_or_in_a_row() -> None:
    assert measure_likeness(("order", "id"), ("order", "id")) == 1
    assert measure_likeness(("order", "id"), ("id", "order")) == 1
    assert measure_likeness(("order", "id"), ("id",)) == pytest.approx(2 / 3)
    assert measure_likeness(("order",), ("city",)) == 0


@few
@given(SETS, st.frozensets(st.sampled_from("abcdefg"), min_size=1))
def test_index_find_what_comparing_with_each_would(
    sets: Sequence[frozenset[str]], words: frozenset[str]
) -> None:
    index = WordIndex(sets)
    assert index.find_within(words).tolist() == [i for i, s in enumerate(sets) if s <= words]
    assert index.find_holding(words).tolist() == [i for i, s in enumerate(sets) if words <= s]
    alike = [i for i, s in enumerate(sets) if len(s & words) / len(s | words) >= 0.5]
    assert index.find_alike(words, 0.5)[0].tolist() == alike


@pytest.mark.parametrize(
    ("tokens", "kind", "said", "expected"),
    [
        (("file", "content"), "string", "", "text"),
        (("directory", "content"), "string", "", "file"),
        (("fuel", "level"), "number", "in gallons", "volume"),
        (("destination",), "string", "", "place"),
        (("order", "id"), "string", "", None),
        (("number",), "number", "", "number"),
        (("title",), "string", "What it is called", None),
    ],
)
def test_kinds_are_read_from_names_and_descriptions(
    tokens: tuple[str, ...], kind: str, said: str, expected: str | None
) -> None:
    assert kind_of(tokens, {"type": kind, "description": said}, None, "get") == expected


def test_what_was_judged_and_tried_outlasts_a_round_trip_through_json() -> None:
    judgement = Judgement(score=7, reason="the id that is asked for", model="m")
    edge = Edge(
        producer="a", result_path="id", consumer="b", parameter="x", score=0.5, method="name",
        judgement=judgement, consumed=True,
    )  # fmt: skip
    graph = ToolGraph(["a", "b"], [edge])
    assert ToolGraph.from_json(graph.to_json()).edges == (edge,)


def test_a_graph_of_many_edges_into_one_parameter_is_made_at_once() -> None:
    count = 20_000
    edges = [
        Edge(producer=f"t{n}", result_path="id", consumer="b", parameter="x", score=0.5,
             method="name")
        for n in range(count)
    ]  # fmt: skip
    graph = ToolGraph([], edges)
    assert len(graph.feeding("b", "x")) == count
    assert len(graph.tools) == count + 1


def test_recipes_are_documented_by_name() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "graph.md").read_text("utf-8")
    for recipe in RECIPES:
        assert f"`{recipe.name}`" in text
