"""Small catalogues that once went wrong, each with what is right: ``../shared/cases``."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generators.backends.trial import try_tools
from generators.importers import read_catalog
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.leaves import leaves
from schemas.message import AssistantMessage, ToolMessage, UserMessage
from schemas.tool import Catalog, ToolSpec
from schemas.trajectory import Trajectory
from tests.commands import ROOT, Ran, records_of
from tests.test_wiring import toolweave
from validators.writes import contradictions

CASES = ROOT.parent / "shared" / "cases"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is absent"),
]


@dataclass(frozen=True)
class Case:
    """One catalogue, read and built from."""

    file: Path
    out: Path
    options: tuple[object, ...] = ()
    many: int = 2

    @cached_property
    def catalog(self) -> Catalog:
        return read_catalog([self.file])

    @cached_property
    def world(self) -> World:
        return infer_world(self.catalog.tools, self.catalog.worlds)

    @cached_property
    def ran(self) -> Ran:
        wanted = ("-n", self.many, "--seed", 3, "--out", self.out, *self.options)
        return toolweave("build", "--tools", self.file, *wanted)

    @cached_property
    def accepted(self) -> list[Trajectory]:
        assert self.ran.code in (0, 3), self.ran.err
        return list(self._read("trajectories.jsonl"))

    @cached_property
    def rejected(self) -> list[Trajectory]:
        assert self.ran.code in (0, 3), self.ran.err
        return list(self._read("rejected.jsonl"))

    def _read(self, name: str) -> Iterator[Trajectory]:
        yield from records_of((self.out / name).read_bytes(), self.out)

    @property
    def built(self) -> Catalog:
        """The catalogue that was built from."""
        return Catalog.model_validate_json((self.out / "catalog.json").read_text("utf-8"))

    @property
    def kept(self) -> dict[str, ToolSpec]:
        """Its tools, by their names in the source."""
        return {tool.name: tool for tool in self.built.tools}

    @property
    def said_of_tools(self) -> str:
        """Everything that `toolweave tools --repairs` says."""
        return toolweave("tools", self.file, "--repairs").out.replace("\n", " ")

    def calls(self, tool: str) -> list[tuple[dict[str, Any], Any]]:
        """Arguments and results of the successful calls of a tool in what was accepted."""
        return [
            (call.arguments, json.loads(answer.content))
            for made in self.accepted
            for call, answer in answered(made)
            if call.name == tool and not answer.is_error
        ]

    def called_or_listed(self, tool: str, *words: str) -> None:
        """A tool is called with legal values, or it is skipped for a reason that has the words."""
        found = self.calls(tool)
        spec = self.catalog.by_name.get(tool)
        for arguments, _ in found:
            assert spec is not None
            Draft202012Validator(spec.parameters).validate(arguments)
        if not found:
            reasons = [str(one) for one in self.built.skipped if one.tool == tool]
            assert reasons, f"{tool} is neither called nor skipped"
            assert all(word in reasons[0] for word in words), reasons


def answered(made: Trajectory) -> Iterator[tuple[Any, ToolMessage]]:
    """The calls of a conversation with their answers."""
    answers = {one.call_id: one for one in made.messages if isinstance(one, ToolMessage)}
    for message in made.messages:
        if isinstance(message, AssistantMessage):
            for call in message.calls:
                if call.id in answers:
                    yield call, answers[call.id]


def contradicted(arguments: dict[str, Any], result: Any) -> list[str]:
    """Paths of a write's arguments that its result shows otherwise.

    By their objects: an owner's ``id`` is not that of the row, though their last names are alike.
    """
    return [path for path, _, _ in contradictions(arguments, result)]


def last_name(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path).rsplit(".", 1)[-1]


def assert_writes_are_applied(case: Case, *tools: str) -> None:
    for tool in tools:
        found = case.calls(tool)
        if tool in case.catalog.by_name and found:
            assert [bad for told, shown in found for bad in contradicted(told, shown)] == []
        else:
            case.called_or_listed(tool)


def user_words(case: Case) -> str:
    return "\n".join(
        message.text
        for made in case.accepted
        for message in made.messages
        if isinstance(message, UserMessage)
    )


# What is right, case by case --------------------------------------------------------------------


def allof_two_objects(case: Case) -> None:
    setting = case.catalog.by_name["fit_lid"].properties["setting"]
    assert set(setting["properties"]) == set(setting["required"]) == {"x", "y"}
    # Nothing tells what y is; where something does, both parts of the object are given.
    assert case.accepted
    assert "fit_lid" not in case.kept
    told = json.loads(case.file.read_text("utf-8"))
    text = json.dumps(told).replace('"y": {"type": "string"', '"y": {"enum": ["low", "high"]')
    other = case.out.parent / "told.json"
    other.write_text(text)
    catalog = try_tools(read_catalog([other]))
    sandbox = Sandbox(infer_world(catalog.tools), 3, CLOCK)
    given = [propose_arguments(sandbox, "fit_lid", Random(seed)) for seed in range(4)]
    assert all(one is not None and set(one["setting"]) == {"x", "y"} for one in given)


def array_without_items(case: Case) -> None:
    case.called_or_listed("tag_item", "labels")
    assert all(isinstance(one, str) for told, _ in case.calls("tag_item") for one in told["labels"])


def arrow_null_padding(case: Case) -> None:
    tools = case.catalog.by_name
    assert set(tools["get_tide"].properties) == {"harbour_id", "day"}
    assert set(tools["get_kelp"].properties) == {"kelp_id"}
    assert tools["list_harbours"].properties == {}
    assert tools["get_tide"].repairs
    assert len(case.accepted) == case.many


def base64_and_sql_values(case: Case) -> None:
    for told, _ in case.calls("set_avatar"):
        assert base64.b64decode(told["image"], validate=True)
    case.called_or_listed("set_avatar", "image")
    assert all("select" in told["sql"].lower() for told, _ in case.calls("run_sql"))
    case.called_or_listed("run_sql", "sql")


def body_is_array(case: Case) -> None:
    assert_writes_are_applied(case, "createLamp")


def c_01_unknown_key_in_operation(case: Case) -> None:
    assert "caching" in case.said_of_tools
    assert case.catalog.tools
    assert case.accepted


def c_03_exclusive_minimum_boolean(case: Case) -> None:
    assert case.accepted
    assert "exclusiveMinimum" in case.said_of_tools


def c_05_swagger2_items_list_in_response(case: Case) -> None:
    assert case.accepted
    assert "items" in case.said_of_tools


def c_06_bare_object_result(case: Case) -> None:
    assert {tool.name for tool in case.catalog.tools if tool.returns is not None} == set()
    graph = json.loads((case.out / "graph.json").read_text()) if case.accepted else {}
    assert graph["edges"]


def c_07_post_search(case: Case) -> None:
    for name in ("post-search", "query-bed", "retrieve-a-plant"):
        assert case.catalog.by_name[name].effect == "read"
        assert case.world.models[name].operation in ("get", "list", "search")
    acts = {m.act for t in case.accepted for m in t.messages if isinstance(m, AssistantMessage)}
    assert "confirm" not in acts


def c_09_field_new_value(case: Case) -> None:
    found = case.calls("edit_visit")
    assert found
    for told, shown in found:
        assert told["field"] in ("title", "guest_email", "starts_at")
        assert told["new_value"] in [value for path, value in leaves(shown)
                                     if last_name(path) == told["field"]]  # fmt: skip
        assert {"field", "new_value"}.isdisjoint(last_name(path) for path, _ in leaves(shown))
        assert told["field"] != "guest_email" or "@" in told["new_value"]


def c_10_description_tells_values(case: Case) -> None:
    for told, _ in case.calls("channel_visits_count"):
        assert told["channel"] in ("ads", "organic", "mail")
    for told, _ in case.calls("send_note"):
        assert re.fullmatch(r"\S+@\S+\.\S+", told["recipient"])
    for told, _ in case.calls("add_slot"):
        datetime.strptime(told["starts_at"], "%Y-%m-%d %H:%M:%S")
        assert told["length"].isdigit()
    for tool in ("channel_visits_count", "send_note", "add_slot"):
        case.called_or_listed(tool)


def c_13_parent_lists_children(case: Case) -> None:
    assert case.accepted
    edges = json.loads((case.out / "graph.json").read_text())["edges"]
    fed = {(edge["source"], edge["target"], edge["parameter"]) for edge in edges}
    assert ("get_tenant_details", "get_lease_details", "lease_id") in fed
    assert ("get_tenant_details", "end_lease", "lease_id") in fed


def c_16_prefix_of_service_in_noun(case: Case) -> None:
    assert case.accepted
    assert not any("crm" in entity.noun for entity in case.world.entities.values())


def c_18_empty_enum(case: Case) -> None:
    assert "get_badge" in case.catalog.by_name
    assert "decide_badge" not in case.kept if case.accepted else True
    case.called_or_listed("decide_badge", "decision")


def c_19_operation_ids_from_paths(case: Case) -> None:
    assert len(case.accepted) == case.many
    assert len(case.rejected) <= 10
    nouns = {entity.noun for entity in case.world.entities.values()}
    assert not any(re.search(r"\b(\w+) \1\b", noun) for noun in nouns)


def c_21_oneof_that_overlaps_drops_tool(case: Case) -> None:
    assert case.calls("get_room")
    assert "oneOf" in case.said_of_tools


def c_24_duplicate_of_is_an_object(case: Case) -> None:
    assert case.calls("get_chore")
    assert case.calls("rename_chore")


def discriminator_parent(case: Case) -> None:
    assert case.ran.code == 2  # nothing ties a kind, a load and seats together, and it says so
    assert "choice, count, number" in case.ran.err
    texts = json.dumps(case.catalog.by_name["registerVehicle"].parameters)
    assert all(word in texts for word in ("truck", "bus", "payload_kg", "seats"))


def enum_empty(case: Case) -> None:
    assert "paint_item" not in case.kept if case.accepted else True
    case.called_or_listed("paint_item", "colour", "enum")


def enum_of_another_type(case: Case) -> None:
    for tool in ("grade_item", "size_item"):
        assert case.calls(tool)
        case.called_or_listed(tool)
        assert case.catalog.by_name[tool].repairs


def envelope_jsonapi(case: Case) -> None:
    assert_writes_are_applied(case, "createLid")
    for told, shown in case.calls("createLid"):
        owner = told["data"]["relationships"]["owner"]["data"]["id"]
        assert owner[:3] != shown["data"]["id"][:3]


def envelope_pydantic_argument(case: Case) -> None:
    assert_writes_are_applied(case, "create_lamp", "update_lamp")


def export_unloadable(case: Case) -> None:
    assert case.accepted
    assert toolweave("export", case.out, "--to", "openai", "--tools-as", "text").code == 0
    for line in (case.out / "exports" / "openai.jsonl").read_text().splitlines():
        row = json.loads(line)
        assert isinstance(row["tools"], str)
        assert json.loads(row["tools"])


def gemini_declarations(case: Case) -> None:
    tools = case.catalog.by_name
    assert set(tools) == {"list_ferries", "book_ferry"}
    assert tools["book_ferry"].properties["seats"]["type"] == "integer"
    assert "string" in tools["list_ferries"].properties["route"]["type"]


def local_external_refs(case: Case) -> None:
    assert set(case.catalog.by_name) == {"listCrews", "getCrew", "listShips"}
    one, many = (case.catalog.by_name[name].returns for name in ("getCrew", "listCrews"))
    assert one is not None
    assert many is not None
    assert [*one["properties"]] == [*many["items"]["properties"]] == ["crewId", "name"]
    assert case.ran.code == 0


def long_names_cut_tail(case: Case) -> None:
    tails = {name.rsplit("_", 1)[-1] for name in case.catalog.by_name}
    assert tails == {"list", "get", "rename"}
    assert len(case.accepted) == case.many
    assert len(case.rejected) <= 10


def lookaround_patterns(case: Case) -> None:
    for tool in ("create_login", "get_login"):
        case.called_or_listed(tool)
    assert case.calls("get_login")


def map_additional_properties(case: Case) -> None:
    case.called_or_listed("annotate_item", "annotations")


def mcp_texts(case: Case) -> None:
    assert case.accepted
    assert toolweave("export", case.out, "--to", "openai").code == 0
    exported = (case.out / "exports" / "openai.jsonl").read_text()
    assert "<|im_" not in exported
    assert "<tool_call>" not in exported
    for tool in case.catalog.tools:
        assert len(tool.description) <= 1024


def nested_boolean_rejected(case: Case) -> None:
    assert len(case.accepted) == case.many
    assert case.calls("set_alarm")
    assert not any("source_misread" in made.reasons for made in case.rejected)


def no_operation_id(case: Case) -> None:
    assert case.accepted
    assert not re.search(r"\bv ?1\b", user_words(case))
    assert not any(re.search(r"\bv ?1\b|parent", one.noun) for one in case.world.entities.values())


def one_faulty_operation(case: Case) -> None:
    assert len(case.catalog.tools) >= 3
    assert "boats" in case.said_of_tools
    assert case.accepted


def path_and_body_same_id(case: Case) -> None:
    assert set(case.catalog.by_name["replaceDepot"].properties) == {"id", "city", "body"}
    assert "body" not in {one.noun for one in case.world.entities.values()}
    assert len(case.accepted) == case.many
    assert len(case.rejected) <= 10


def pattern_properties(case: Case) -> None:
    case.called_or_listed("translate_item", "texts")


def property_keys(case: Case) -> None:
    for tool in case.catalog.tools:
        assert all(re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", name) for name in tool.properties)
    assert case.catalog.by_name["list_files"].renamed
    assert case.accepted


def required_transport_headers(case: Case) -> None:
    left_out = {"Idempotency-Key", "X-Request-ID", "session", "If-Match", "client_secret", "appid"}
    for tool in case.catalog.tools:
        assert left_out.isdisjoint(tool.renamed.get(name, name) for name in tool.properties)
    said = case.said_of_tools
    assert all(name in said for name in left_out)
    assert case.accepted


def tools_list_pages(case: Case) -> None:
    assert set(case.catalog.by_name) == {"list_kayaks", "get_kayak"}


def unicode_tool_names(case: Case) -> None:
    assert not any(re.fullmatch(r"tool(_\d+)?", name) for name in case.catalog.by_name)
    assert case.ran.code == 2
    assert "its words are not English; what tools mean can be said" in case.ran.err
    told = case.out.parent / "shop.world.yaml"
    told.write_text("domain: {service: the orders of a shop}\n")
    described = replace(case, out=case.out.parent / "told", options=("--world", told))
    assert len(described.accepted) == case.many


def zod_not_empty(case: Case) -> None:
    assert case.calls("book_court")
    case.called_or_listed("book_court")


RIGHT: tuple[Callable[[Case], None], ...] = (
    allof_two_objects, array_without_items, arrow_null_padding, base64_and_sql_values,
    body_is_array, c_01_unknown_key_in_operation, c_03_exclusive_minimum_boolean,
    c_05_swagger2_items_list_in_response, c_06_bare_object_result, c_07_post_search,
    c_09_field_new_value, c_10_description_tells_values, c_13_parent_lists_children,
    c_16_prefix_of_service_in_noun, c_18_empty_enum, c_19_operation_ids_from_paths,
    c_21_oneof_that_overlaps_drops_tool, c_24_duplicate_of_is_an_object, discriminator_parent,
    enum_empty, enum_of_another_type, envelope_jsonapi, envelope_pydantic_argument,
    export_unloadable, gemini_declarations, local_external_refs, long_names_cut_tail,
    lookaround_patterns, map_additional_properties, mcp_texts, nested_boolean_rejected,
    no_operation_id, one_faulty_operation, path_and_body_same_id, pattern_properties,
    property_keys, required_transport_headers, tools_list_pages, unicode_tool_names,
    zod_not_empty,
)  # fmt: skip


OF_MANY_CALLS = {c_10_description_tells_values, lookaround_patterns}
"""What is right of these shows in more than two conversations."""


@pytest.mark.parametrize("right", RIGHT, ids=lambda one: one.__name__)
def test_what_went_wrong_is_right(right: Callable[[Case], None], tmp_path: Path) -> None:
    (file,) = (CASES / right.__name__).glob("input.*")
    right(Case(file, tmp_path / "out", many=4 if right in OF_MANY_CALLS else 2))


def test_a_bare_object_tells_no_more_than_no_schema(tmp_path: Path) -> None:
    edges = []
    for name in ("c_06_bare_object_result", "c_06_no_result_schema_control"):
        wanted = ("graph", "build", CASES / name / "input.json", "-q", "--out", tmp_path / name)
        assert toolweave(*wanted).code == 0
        edges.append(json.loads((tmp_path / name / "graph.json").read_text())["edges"])
    assert edges[0] == edges[1]
    assert edges[0]


@pytest.mark.parametrize("rows", ["openai_ok", "openai_bad", "sharegpt", "swift", "list"])
def test_rows_of_others_are_named_and_audited(rows: str) -> None:
    (file,) = (CASES / "check_foreign_rows").glob(f"input.{rows}.json*")
    ran = toolweave("check", file)
    assert ran.code == {"openai_ok": 0}.get(rows, 3 if rows == "openai_bad" else 2), ran
    assert "trajectory: Field required" not in ran.out + ran.err
    if rows == "openai_bad":
        assert all(word in ran.out for word in ("call_id", "arguments", "harbor"))


SCHEMAS = json.loads((CASES / "one_schema.json").read_text())["schemas"] if CASES.is_dir() else {}


@pytest.fixture(scope="session")
def schemas_built(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Conversations over all of these schemas, each in a catalogue of its own."""
    folder = tmp_path_factory.mktemp("schemas")
    for name, schema in SCHEMAS.items():
        tools = [
            {"name": "list_lids", "description": "List lids.",
             "inputSchema": {"type": "object", "properties": {}},
             "outputSchema": {"type": "object",
                              "properties": {"lids": {"type": "array", "items": LID}}}},
            {"name": "fit_lid", "description": "Fit a lid.",
             "inputSchema": {"type": "object", "required": ["lid_id", "setting"],
                             "properties": {"lid_id": {"type": "string"}, "setting": schema}},
             "outputSchema": LID},
            {"name": "get_lid", "description": "Get a lid.",
             "inputSchema": {"type": "object", "properties": {"lid_id": {"type": "string"}},
                             "required": ["lid_id"]},
             "outputSchema": LID},
        ]  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps({"tools": tools}))
    return Case(folder, folder / "out", ("--dedup", 0), many=4)  # they differ in one schema


def test_conversations_over_all_schemas_are_made(schemas_built: Case) -> None:
    assert len(schemas_built.accepted) == schemas_built.many
    specs = schemas_built.built.by_name
    for name, spec in specs.items():
        for arguments, _ in schemas_built.calls(name):
            Draft202012Validator(spec.parameters).validate(arguments)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_called_with_a_legal_value_or_listed(name: str, schemas_built: Case) -> None:
    assert schemas_built.accepted
    catalog, file = schemas_built.built, f"{name}.json"
    skipped = [one for one in catalog.skipped if one.file == file and one.tool == "fit_lid"]
    kept = [one for one in catalog.tools if one.source.path == file and one.name == "fit_lid"]
    assert len(kept) + len(skipped) == 1
    assert all("setting" in str(one) for one in skipped), skipped
    for tool in kept:
        own = [one for one in catalog.tools if one.domain == tool.domain]
        sandbox = Sandbox(infer_world(own), 3, CLOCK)
        for seed in range(4):
            arguments = propose_arguments(sandbox, tool.wire_name, Random(seed))
            assert arguments is not None
            Draft202012Validator(tool.parameters).validate(arguments)
            assert not sandbox.call(tool.wire_name, arguments).is_error


CLOCK = "2026-03-04T10:00:00+00:00"
LID = {"type": "object", "properties": {"lid_id": {"type": "string"}, "name": {"type": "string"}}}
