"""Tools that are written alike are read once, and each comes out as if it were read alone."""

from typing import Any

import pytest

from benchmarks.synthetic import synthesise_alike
from generators.embedding import HashEmbedder
from generators.graph.candidate_pairs import find_pairs
from generators.graph.feedable_parameters import list_feedable
from generators.graph.pair_scores import PairScorer
from generators.graph.result_leaves import ResultReader
from generators.importers import NamedDocument, read_catalog
from generators.world.demand_rules import demand_rules, needs_mark
from generators.world.infer import infer_world
from generators.world.overrides import say, with_origin
from schemas.tool import ToolSpec
from schemas.world_model import EntityMeaning, Meaning, Origin, ParameterMeaning, ToolMeaning


def read(*tools: dict[str, Any]) -> tuple[ToolSpec, ...]:
    return read_catalog([], documents=[NamedDocument("archive", {"tools": [*tools]})]).tools


def tool(name: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"name": name, "description": "Does what it does.", "inputSchema": schema}


def test_tools_that_are_alike_share_their_schemas_and_are_what_they_are_alone() -> None:
    given = synthesise_alike(6).tools
    together = read(*given)
    assert {id(one.parameters) for one in together} == {
        id(together[0].parameters), id(together[1].parameters)
    }  # fmt: skip
    assert [read(one)[0] for one in given] == list(together)


def test_what_tools_that_are_alike_mean_is_what_they_mean_alone() -> None:
    tools = read(*synthesise_alike(6).tools[::2])
    together = infer_world(tools)
    for one in tools:
        alone = infer_world((one,))
        assert alone.models[one.wire_name] == together.models[one.wire_name]
        assert alone.entities.items() <= together.entities.items()


def test_pairs_are_worth_the_same_however_many_are_looked_at_together() -> None:
    world = infer_world(read(*synthesise_alike(12).tools))
    reader, models = ResultReader(world), world.models.values()
    parameters = [one for model in models for one in list_feedable(world, reader, model)]
    leaves = [leaf for model in models for leaf in reader.list_leaves(model)]
    scorer, found = PairScorer(parameters, leaves, HashEmbedder()), []
    for most in (1, 100, 100_000):
        parts = [*find_pairs(parameters, leaves, most)]
        columns = [
            (pairs.parameters, pairs.leaves, pairs.routes, scored.scores, scored.methods)
            for pairs, scored in ((pairs, scorer.score(pairs)) for pairs in parts)
        ]
        rows = [row for part in columns for row in zip(*map(list, part), strict=True)]
        found.append((len(parts), rows))
    (single, alone), (some, few), (whole, together) = found
    assert single == len(parameters) > some > whole == 1
    assert alone == few == together == sorted(together)
    assert len(together) > 100


def test_numbers_and_flags_of_equal_value_are_written_otherwise() -> None:
    schemas = [{"type": "number", "default": value} for value in (1, 1.0, True)]
    told = [tool(f"set_{place}", size=schema) for place, schema in enumerate(schemas)]
    together = read(*told)
    assert [repr(one.parameters) for one in together] == [
        repr(read(one)[0].parameters) for one in told
    ]


def test_what_the_name_of_a_tool_spares_is_dropped_of_another_with_the_same_schema() -> None:
    key = {"type": "string", "description": "The key."}
    spared, bare = read(tool("revoke_api_key", api_key=key), tool("read_news", api_key=key))
    assert (list(spared.properties), list(bare.properties)) == (["api_key"], [])


@pytest.mark.parametrize(
    ("told", "needed"),
    [
        ("P is required", True), ("either (?:this|it) or P", True), ("^only C$", True),
        ("(?:use P )?first", False), ("P|this", False), ("use P?", False), ("^[P]", False),
        (r"not \(P\)", True), ("(?:P|it) is required", False),
    ],
)  # fmt: skip
def test_a_rule_needs_a_mark_that_stands_in_every_sentence_it_fits(told: str, needed: bool) -> None:
    assert needs_mark(told) is needed


def test_rules_that_need_a_mark_are_most_and_fit_none_of_these() -> None:
    rules = [rule for rule in demand_rules() if rule.marked]
    texts = ("", "this is required for that", "only if it is set", "use this instead of it")
    assert 2 * len(rules) > len(demand_rules())
    assert not any(rule.pattern.search(text) for rule in rules for text in texts)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (ParameterMeaning, {"use": "field", "field": "body", "semantic": None, "choices": ("a",)}),
        (ToolMeaning, {"operation": "get", "parameters": {"id": ParameterMeaning()}, "shows": ()}),
        (EntityMeaning, {"identity": ("id",), "states": (), "fields": {}, "parts": {}}),
    ],
)
def test_a_part_that_is_said_with_its_origins_is_one_to_which_they_are_given(
    kind: type[Meaning], said: dict[str, Any]
) -> None:
    rules, file = Origin(source="rules", sure="guess"), Origin(source="file")
    for apart in (None, {"doubt": file}):
        told, given = say(kind, rules, apart, **said), with_origin(kind(**said), rules, apart)
        assert told == given
        assert list(told.origins) == list(given.origins) != []
        assert told.model_dump_json() == given.model_dump_json()
