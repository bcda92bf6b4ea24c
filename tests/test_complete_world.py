"""A model completes a world model: asked in few requests, read piece by piece, kept and resumed."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from data import text as resource_text
from generators.backends.trial import try_tools
from generators.completion.complete_world import Completed, complete_world, open_domains
from generators.completion.fitting import fit_told, keep_working
from generators.completion.told_parts import place_of, read_told
from generators.completion.world_questions import (
    MOST_OF_A_TOOL,
    ask_of_domain,
    ask_of_tools,
    outline_schema,
)
from generators.language.action import action
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import find_error
from generators.tasks.system_message import write_system_message
from generators.world.infer import describe_world, infer_world
from generators.world.model import World
from pipeline.chat.loopback import Loopback, Response, failure
from pipeline.config import Settings, load_settings
from pipeline.opening import open_meaning
from pipeline.run.build_loop import opened
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import InputError, ProviderError, RefusedRequestError
from schemas.record import JsonObject
from schemas.semantic import SEMANTIC_TYPES, Act, SemanticType, Use
from schemas.tool import Catalog, SkippedTool, ToolSpec
from schemas.world_model import (
    Constraint,
    Demand,
    DomainMeaning,
    EntityMeaning,
    FieldMeaning,
    Need,
    ParameterMeaning,
    PolicyRuleMeaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)
from tests.commands import toolweave
from tests.test_inference import TEXT, row, rows, tool

STATUS = {"type": "string", "enum": ["open", "shut"]}
ORDER = {"order_id": TEXT, "status": STATUS, "city": TEXT}
SHOP = (
    tool("get_order", {"order_id": TEXT}, returns=row(**ORDER)),
    tool("list_orders", {}, {"city": TEXT}, returns=rows("orders", **ORDER)),
    tool("zorp", {"order_id": TEXT}, {"xq": TEXT}, description="Zorps it.", effect="write"),
)
DOMAIN = {
    "domain": {
        "name": "Corner Shop", "service": "the desk of Corner Shop", "currency": "EUR",
        "policy": "You are the desk of Corner Shop.\n- Only an open order is zorped.",
        "rules": [{"id": "open_only", "text": "Only an open order is zorped.", "tools": ["zorp"],
                   "require": "order.status == 'open'"}],
    },
    "entities": {"order": {"identity": ["order_id"], "named_by": ["city"], "start": "open",
                           "fields": {"weight": {"semantic": "number", "min": 1, "max": 30,
                                                 "json_schema": {"type": "number"}}}}},
    "tools": {"zorp": {"operation": "transition", "entity": "order",
                       "transition": {"status": "shut"}}},
}  # fmt: skip
TOOLS = {
    "tools": {
        "zorp": {
            "verb": "shut", "needs": [{"require": "order.status == 'open'", "message": "Shut."}],
            "parameters": {"xq": {"use": "field", "field": "city", "semantic": "city"}},
        },
        "list_orders": {"sorted_by": ["city"]},
    }
}  # fmt: skip


class Opinion:
    """A model that answers as it is told; keeps what it was asked."""

    name = "opinion"

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        return ChatReply(text=self.answer(str(request.messages[-1]["content"])))


class Failing(Opinion):
    """An endpoint of which some requests, or all, fail."""

    def __init__(self, answer: Callable[[str], str], fails: str, *, passing: bool) -> None:
        super().__init__(answer)
        self.fails, self.passing = fails, passing

    async def complete(self, request: ChatRequest) -> ChatReply:
        if self.fails in str(request.messages[-1]["content"]):
            if self.passing:
                raise RefusedRequestError("provider_refused", "out of order")
            raise ProviderError("out of order")
        return await super().complete(request)


def good(prompt: str) -> str:
    return json.dumps(DOMAIN if "# The things, as programs took them" in prompt else TOOLS)


def answering(domain: Any, tools: Any) -> Callable[[str], str]:
    """Answers with these values, and gives nothing more when asked to put something right."""

    def answer(prompt: str) -> str:
        if "put right" in prompt or "could not be read" in prompt:
            return "{}"
        value = domain if "# The things, as programs took them" in prompt else tools
        return value if isinstance(value, str) else json.dumps(value)

    return answer


def completed(chat: Opinion, *worlds: WorldSource, specs: tuple[ToolSpec, ...] = SHOP) -> Completed:
    trial = partial(try_tools, include_doubtful=True)
    catalog = Catalog(tools=specs, worlds=worlds)
    return asyncio.run(complete_world(catalog, open_domains(catalog, trial), chat, trial))


def world_of(done: Completed) -> World:
    return infer_world(done.catalog.tools, done.catalog.worlds)


def test_a_good_answer_is_taken_whole_and_every_value_is_marked_as_the_models() -> None:
    chat = Opinion(good)
    done = completed(chat)
    assert (done.dropped, done.requests, len(chat.requests)) == ((), 2, 2)
    world = world_of(done)
    assert world.models["zorp"].act == "transition"
    assert world.models["zorp"].parameter("xq").field == "city"
    assert world.entities["shop/order"].fields["weight"].schema["maximum"] == 30
    assert world.domains["shop"].service == "the desk of Corner Shop"
    described = describe_world(done.catalog.tools, done.catalog.worlds)
    assert described.tools["zorp"].origins["needs"].source == "model"
    assert described.tools["zorp"].origins["needs"].why == "opinion"
    (source,) = done.catalog.worlds
    assert (source.author, source.file) == ("model", "opinion")


def test_requests_begin_alike_and_do_not_depend_on_the_order_of_the_tools() -> None:
    first, again = Opinion(good), Opinion(good)
    completed(first)
    completed(again, specs=SHOP[::-1])
    assert first.requests == again.requests
    assert len({str(one.messages[0]) for one in first.requests}) == 1
    assert all(one.json_object and one.temperature == 0 for one in first.requests)
    for request, answer in zip(first.requests, (DOMAIN, TOOLS), strict=True):
        assert request.shape is not None
        assert find_error(answer, request.shape) is None
        assert find_error({"more": answer}, request.shape) is not None
    assert '"operation": "transition"' in str(first.requests[1].messages[-1]["content"]), (
        "what was said before is shown"
    )


def test_what_is_wrong_is_dropped_with_its_place_and_the_rest_is_kept() -> None:
    wrong = json.loads(json.dumps(DOMAIN))
    wrong["domain"]["rules"].append({"id": "x", "text": "Nothing.", "require": "order.wieght > 1"})
    wrong["entities"]["parcel"] = {"identity": ["parcel_id"]}
    wrong["entities"]["order"]["fields"]["city"] = {"semantic": "town", "label": "city"}
    tools = json.loads(json.dumps(TOOLS))
    tools["tools"]["zorp"]["needs"].append({"require": "import os"})
    tools["tools"]["zorp"]["parameters"]["yq"] = {"use": "filter"}
    tools["tools"]["zork"] = {"verb": "zork"}
    done = completed(Opinion(answering(wrong, tools)))
    assert {one.partition(":")[0] for one in done.dropped} == {
        "domains.shop.rules.1", "entities.parcel", "entities.order.fields.city.semantic",
        "tools.zorp.needs.1", "tools.zorp.parameters.yq", "tools.zork",
    }  # fmt: skip
    world = world_of(done)
    assert [one.require for one in world.models["zorp"].needs] == ["order.status == 'open'"]
    assert world.entities["shop/order"].fields["city"].label == "city"
    assert [one.id for one in world.domains["shop"].rules] == ["open_only"]


def test_the_model_is_told_once_what_does_not_fit_and_may_put_it_right() -> None:
    wrong = {"tools": {"zorp": {"needs": [{"require": "order.stats == 'open'"}]}}}
    right = {"tools": {"zorp": {"needs": [{"require": "order.status == 'open'"}]}}}

    def answer(prompt: str) -> str:
        if "# The things, as programs took them" in prompt:
            return json.dumps(DOMAIN)
        return json.dumps(right if "order has no field 'stats'" in prompt else wrong)

    chat = Opinion(answer)
    done = completed(chat)
    assert (done.dropped, done.requests) == ((), 3)
    assert [one["role"] for one in chat.requests[-1].messages] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    assert world_of(done).models["zorp"].needs[0].require == "order.status == 'open'"


def test_what_breaks_an_earlier_word_goes_alone() -> None:
    field = {"xq": ParameterMeaning(use="field", field="city")}
    base = WorldModel(
        tools={"zorp": ToolMeaning(operation="update", entity="order", parameters=field)}
    )
    worked_out = ToolMeaning(operation="compute", verb="zorp")
    told = WorldModel(tools={"zorp": worked_out, "list_orders": ToolMeaning(sorted_by=("city",))})
    kept, (lost,) = fit_told(SHOP, (), base, told, "opinion")
    assert lost.place == ("tools", "zorp", "operation")
    assert kept.tools["zorp"].verb == "zorp"
    assert kept.tools["list_orders"].sorted_by == ("city",)


def test_what_is_said_beside_a_use_that_has_none_of_it_costs_no_request() -> None:
    idle = {"xq": {"use": "option", "field": "city", "entity": "order"}}
    done = completed(Opinion(answering(DOMAIN, {"tools": {"zorp": {"parameters": idle}}})))
    assert (done.dropped, done.requests) == ((), 2)
    assert world_of(done).models["zorp"].parameter("xq").use == "option"


def test_a_schema_that_the_catalogue_tells_stands_whatever_a_model_says() -> None:
    fields = {"city": {"label": "town", "json_schema": {"type": "integer"}}}
    domain = {"entities": {"order": {"fields": fields}}}
    done = completed(Opinion(answering(domain, {"tools": {}})))
    city = world_of(done).entities["shop/order"].fields["city"]
    assert (city.label, city.schema["type"]) == ("town", "string")
    assert done.requests == 2, "it is not asked to put that right"


def test_of_what_the_catalogue_tells_only_the_type_a_model_may_tell_the_form() -> None:
    specs = (tool("get_paper", {"doi": TEXT}, description="Shows a paper."), *SHOP)
    doi = {"type": "string", "pattern": "^10\\.[0-9]{4}/[a-z]{4}$"}
    paper = {"identity": ["doi"], "fields": {
        "doi": {"json_schema": doi},
        "authors": {"semantic": "list", "json_schema": {"type": "array", "items": TEXT}},
    }, "parts": {"authors[]": {"semantic": "person_name"}}}  # fmt: skip
    done = completed(Opinion(answering({"entities": {"paper": paper}}, {"tools": {}})), specs=specs)
    world = world_of(done)
    rows = Sandbox(world, 1, "2026-01-15T09:00:00+00:00").store.rows(world.entities["shop/paper"])
    assert all(find_error(row["doi"], doi) is None for row in rows)
    assert all(" " in one for row in rows for one in row["authors"])


def test_values_that_say_parts_of_an_identity_are_drawn_with_these() -> None:
    number: JsonObject = {"type": "integer"}
    specs = (
        tool("list_holidays", {"country": TEXT, "year": number}, description="Lists holidays."),
    )
    days = {"Bastille Day": {"country": "FR", "month": 7, "day": 14},
            "Canada Day": {"country": "CA", "month": 7, "day": 1},
            "New Year's Day": {"country": ["FR", "CA"], "month": 1, "day": 1}}  # fmt: skip
    whole = {"json_schema": number}
    holiday = {"identity": ["country", "year", "month", "day"], "number": [8, 12], "fields": {
        "name": {"semantic": "title", "implies": days, "json_schema": TEXT},
        "year": {"min": 2020, "max": 2026, **whole}, "month": whole, "day": whole,
    }}  # fmt: skip
    done = completed(
        Opinion(answering({"entities": {"holiday": holiday}}, {"tools": {}})), specs=specs
    )
    world = world_of(done)
    for seed in range(4):
        store = Sandbox(world, seed, "2026-01-15T09:00:00+00:00").store
        rows = store.rows(world.entities["shop/holiday"])
        assert len(rows) > 3
        for one in rows:
            held = days[one["name"]]
            assert (one["month"], one["day"]) == (held["month"], held["day"])
            assert one["country"] in held["country"]


def test_rows_that_a_model_tells_are_the_rows_and_a_wrong_one_goes_alone() -> None:
    said = [
        {"order_id": "A7", "status": "open", "city": "Rome", "version": 2},
        {"order_id": "A8", "status": "lost", "city": "Oslo", "version": 3},
        {"order_id": "3", "status": "shut", "city": "Bern", "version": 4},
        {"order_id": "A9", "status": "shut", "town": "Kiel", "version": 5},
    ]
    fields = {"version": {"semantic": "count", "json_schema": {"type": "integer"}}}
    told = {"entities": {"order": {"fields": fields, "rows": said}}}
    done = completed(Opinion(answering(told, {"tools": {}})))
    assert [one.partition(":")[0] for one in done.dropped] == [
        "entities.order.rows.1", "entities.order.rows.3",
    ]  # fmt: skip
    world = world_of(done)
    rows = Sandbox(world, 1, "2026-01-15T09:00:00+00:00").store.rows(world.entities["shop/order"])
    assert [(row["order_id"], row["city"], row["version"]) for row in rows] == [
        ("A7", "Rome", 2), ("3", "Bern", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "semantic", "use", "stands"),
    [
        ("in", "city", "field", True),
        ("to port", "city", "field", True),
        ("of", "city", "field", False),
        ("of", "city", "filter", True),
        ("and by", "city", "field", False),
        ("with, in title or text,", "city", "field", False),
        ("of the", "city", "filter", False),
        ("of the", "enum", "filter", True),
    ],
)
def test_a_role_that_reads_badly_before_its_value_is_left_out_alone(
    role: str, semantic: SemanticType, use: Use, stands: bool
) -> None:
    name, path = ("list_orders", "city") if use == "filter" else ("zorp", "xq")
    act: Act = "list" if use == "filter" else "update"
    meant = ParameterMeaning(use=use, field="city", semantic=semantic, role=role, label="town")
    tool_told = ToolMeaning(operation=act, entity="order", parameters={path: meant})
    kept, dropped = fit_told(SHOP, (), WorldModel(), WorldModel(tools={name: tool_told}), "m")
    held = kept.tools[name].parameters[path]
    assert (held.role, held.label) == (role if stands else None, "town")
    place = ("tools", name, "parameters", path, "role")
    assert [one.place for one in dropped] == ([] if stands else [place])


def test_what_a_sum_is_called_after_is_always_told() -> None:
    source = {"type": "string", "enum": ["direct", "referral"]}
    optional = {"traffic_source": source, "since": TEXT}
    specs = (*SHOP, tool("traffic_source_count", {}, optional, description="Counts visits."))
    told = {"operation": "compute", "about": "visits", "gives": "number",
            "parameters": {"since": {"use": "input", "semantic": "date"}}}  # fmt: skip
    said = {"tools": {"traffic_source_count": told}}
    model = world_of(completed(Opinion(answering(said, said)), specs=specs)).models[
        "traffic_source_count"
    ]
    needed = [one.path for one in model.parameters if one.required]
    assert (model.operation, needed) == ("compute", ["traffic_source"])


def test_a_thing_that_a_model_names_is_what_people_ask_for() -> None:
    listing = tool("get_zed_quux_orders", {}, description="Lists the orders of Zed Quux.")
    told = {"tools": {"get_zed_quux_orders": {"operation": "list", "entity": "order"}}}
    done = completed(Opinion(answering(told, {"tools": {}})), specs=(*SHOP, listing))
    asked = action(world_of(done).models["get_zed_quux_orders"])
    assert (asked.pattern, asked.sayable) == ("orders", True)


def test_a_change_that_a_model_has_put_into_words_is_not_called_by_its_name_too() -> None:
    field = {"hash": TEXT, "slot": TEXT}
    specs = (
        *SHOP,
        tool("hset", {**field, "value": TEXT}, description="Sets a field.", effect="write"),
        tool("set_slot_label", {**field, "label": TEXT}, description="Sets it.", effect="write"),
    )
    key = {"use": "identity"}
    said = {"operation": "update", "entity": "hash field",
            "parameters": {"hash": key, "slot": key}}  # fmt: skip
    tools = {"hset": {**said, "verb": "set"}, "set_slot_label": {**said, "verb": "change"}}
    thing = {"identity": ["hash", "slot"], "fields": {
        name: {"json_schema": TEXT} for name in ("hash", "slot", "value", "label")}}  # fmt: skip
    told = {"entities": {"hash field": thing}, "tools": tools}
    world = world_of(completed(Opinion(answering(told, {"tools": {}})), specs=specs))
    assert action(world.models["hset"]).pattern == "{object}"
    assert action(world.models["set_slot_label"]).pattern == "the label of {object}"


def test_a_filter_by_the_id_of_another_thing_names_that_and_words_are_sought_in_one_field() -> None:
    specs = (
        *SHOP,
        tool("list_notes", {}, {"order_id": TEXT}, description="Lists notes on orders."),
        tool("search_notes", {"query": TEXT}, description="Searches notes."),
    )
    text = {"json_schema": {"type": "string"}}
    note = {"identity": ["note_id"], "fields": {
        "note_id": text, "order_id": {"entity": "order", **text},
        "title": {"examples": ["Broken lid", "Late parcel"], **text},
        "body": {"examples": ["It came in pieces.", "Nobody rang the bell."], **text},
    }}  # fmt: skip
    sought = {"query": {"use": "query", "field": "body"}}
    tools = {
        "list_notes": {"operation": "list", "entity": "note",
                       "parameters": {"order_id": {"use": "filter", "field": "order_id"}}},
        "search_notes": {"operation": "search", "entity": "note", "parameters": sought},
    }  # fmt: skip
    said = {"entities": {"note": note}, "tools": tools}
    done = completed(Opinion(answering(said, {"tools": tools})), specs=specs)
    world = world_of(done)
    order = world.models["list_notes"].parameter("order_id")
    assert (order.use, order.entity) == ("reference", "shop/order")
    sandbox = Sandbox(world, 1, "2026-01-15T09:00:00+00:00")
    words = [propose_arguments(sandbox, "search_notes", Random(seed)) for seed in range(6)]
    held = " ".join(str(one["body"]) for one in sandbox.store.rows(world.entities["shop/note"]))
    assert all(one and str(one["query"]).split()[0] in held.lower() for one in words)


@pytest.mark.parametrize(
    "text", ["", "I cannot help with that.", "[]", "{", '{"a": NaN}', "[" * 9999]
)
def test_garbage_leaves_all_unknown_and_ends_nothing(text: str) -> None:
    chat = Opinion(lambda _: text)
    done = completed(chat)
    assert done.catalog.worlds == ()
    assert len(chat.requests) == 4, "each is asked once more"
    assert len(done.dropped) == 2
    assert all("\n" not in one for one in done.dropped)


def test_a_request_that_times_out_leaves_its_part_unknown() -> None:
    done = completed(Failing(good, "## zorp", passing=True))
    assert world_of(done).domains["shop"].name == "Corner Shop"
    assert "zorp" in done.said.tools, "what the first answer said of it stands"
    assert any("was not answered" in one for one in done.dropped)
    assert any("out of order" in one for one in done.dropped)


@pytest.mark.parametrize(("fails", "passing"), [("## zorp", False), ("", True)])
def test_an_endpoint_that_is_gone_or_never_answers_is_told(fails: str, passing: bool) -> None:
    with pytest.raises(ProviderError, match="out of order"):
        completed(Failing(good, fails, passing=passing))


def test_what_would_make_a_tool_fail_is_dropped() -> None:
    tools = {
        "tools": {"zorp": {"needs": [{"require": "1 == 2"}, {"require": "order.city != 'x'"}]}}
    }
    done = completed(Opinion(answering(DOMAIN, tools)))
    (lost,) = done.dropped
    assert lost.startswith("tools.zorp.needs.0: with it zorp could not be called")
    assert [one.require for one in world_of(done).models["zorp"].needs] == ["order.city != 'x'"]


def test_a_tool_that_no_part_of_the_answer_helps_costs_itself_alone() -> None:
    """Whatever is said of two things, one tool does not work: all else that is said stays."""
    told = WorldModel(
        entities={f"shop/{noun}": EntityMeaning(plural=f"{noun}s") for noun in ("order", "crate")},
        tools={"list_orders": ToolMeaning(verb="look for"), "get_order": ToolMeaning(verb="fetch")},
    )

    def say(said: WorldModel) -> Catalog:
        source = WorldSource(file="opinion", author="model", domains=("shop",), world=said)
        return Catalog(tools=CRATES, worlds=(source,))

    def trial(catalog: Catalog) -> Catalog:
        if not any(one.world.entities for one in catalog.worlds):
            return catalog
        out = SkippedTool(file="shop.json", tool="get_order", reason="nothing helps")
        kept = tuple(one for one in catalog.tools if one.name != "get_order")
        return catalog.model_copy(update={"tools": kept, "skipped": (out,)})

    kept, dropped = keep_working(told, say, trial)
    assert kept == told
    (lost,) = map(str, dropped)
    assert lost == (
        "tools.get_order: "
        "get_order cannot be called with what is said of other things: nothing helps"
    )


CRATES = (*SHOP, tool("get_crate", {"crate_id": TEXT}, returns=row(crate_id=TEXT, city=TEXT)))


def test_what_a_model_says_is_done_is_asked_for_where_the_description_has_no_words() -> None:
    listing = tool("query_zq", {}, {"city": TEXT}, description="查询检测方法", returns=row(zq=TEXT))
    said = {"query_zq": {"verb": "look up", "entity": "detection", "operation": "list"}}
    before = infer_world((*SHOP, listing)).models["query_zq"]
    assert not action(before).sayable
    done = completed(Opinion(answering({}, {"tools": said})), specs=(*SHOP, listing))
    wish = action(world_of(done).models["query_zq"])
    assert (wish.sayable, wish.pattern) == (True, "detections")


@pytest.mark.parametrize(
    ("verb", "noun", "is_kept"),
    [
        ("ask for", "order", True),
        ("shut the order", "order", False),
        ("change the bags of", "order", False),
        ("run", "test run", True),
        ("start a run", "test run", True),
        ("do a test run", "test run", False),
        ("click", "click", True),
    ],
)
def test_a_verb_that_names_what_is_done_to_is_dropped(verb: str, noun: str, is_kept: bool) -> None:
    told = {"verb": verb, "operation": "create", "entity": noun}
    thing = {noun: {"identity": ["order_id"], "fields": {"order_id": {"json_schema": TEXT}}}}
    domain = {**DOMAIN, "entities": {**DOMAIN["entities"], **thing}, "tools": {"zorp": told}}  # type: ignore[dict-item]
    domain = DOMAIN if noun == "order" else domain
    told = {"verb": verb} if noun == "order" else told
    done = completed(Opinion(answering(domain, {"tools": {"zorp": told}})))
    assert (world_of(done).models["zorp"].verb == verb) == is_kept
    assert ("tools.zorp.verb: say the verb alone, without what it is done to" in done.dropped) != (
        is_kept
    )


def test_a_rule_may_ask_nothing_and_look_at_the_row_that_its_tools_are_about() -> None:
    policy = "You are the desk.\n- Reads are free.\n- Thank for the tip.\n- Only open orders."
    rules: list[JsonObject] = [
        {"id": "free", "text": "- Reads are free.", "effect": "read", "at_once": True},
        {"id": "thanks", "text": "- Thank for the tip.", "tools": ["zorp"], "say": "Thanks."},
        {"id": "open", "text": "- Only open orders.", "tools": ["zorp"],
         "require": "row.status == 'open'"},
        {"id": "idle", "text": "- Only open orders."},
        {"id": "whose", "text": "- Only open orders.", "require": "row.status == 'open'"},
    ]  # fmt: skip
    domain = {**DOMAIN, "domain": {"policy": policy, "rules": rules}}
    done = completed(Opinion(answering(domain, {"tools": {}})))
    assert [one.id for one in world_of(done).domains["shop"].rules] == ["free", "thanks", "open"]
    whose, idle = done.dropped
    assert idle.endswith("says nothing to require, ask or say, nor that it is done at once")
    assert whose.endswith("there is no 'row' here: say which tools or which entity it is about")


def test_words_among_what_is_asked_are_said_and_a_models_policy_is_what_its_rules_hold() -> None:
    policy = (
        "You are the desk.\n- Say first that the order is shut for good.\n"
        "- Only open orders.\n- Name each order with its colour."
    )
    rules: list[JsonObject] = [
        {"id": "shut", "text": "- Say first that the order is shut for good.", "tools": ["zorp"],
         "ask": ["order_id", "that the order is shut for good"]},
        {"id": "open", "text": "- Only open orders.", "tools": ["zorp"],
         "require": "row.status == 'open'"},
    ]  # fmt: skip
    domain = {**DOMAIN, "domain": {"policy": policy, "rules": rules}}
    service = world_of(completed(Opinion(answering(domain, {"tools": {}})))).domains["shop"]
    first = service.rules[0]
    assert (first.ask, first.say, first.heard) == (
        ("order_id",), "The order is shut for good.", ("good",)
    )  # fmt: skip
    clock = datetime.fromisoformat("2026-01-15T09:00:00+00:00")

    def lines(of: DomainMeaning) -> list[str]:
        said = write_system_message({"shop": of}, "orders", clock, False, Random(1))
        return [line for line in said.splitlines() if line.startswith("-")]

    assert lines(service) == policy.splitlines()[1:3]
    own = service.model_copy(update={"origins": {}})  # a person's policy stands as it is
    assert lines(own) == policy.splitlines()[1:]


def test_a_value_of_the_wrong_kind_goes_alone_and_is_told_in_one_line() -> None:
    city = {"examples": ["Ulm", {"name": "Bonn"}, "Jena"], "weighs": "maybe"}
    domain = {"entities": {"order": {"named_by": ["city"], "fields": {"city": city}}}}
    done = completed(Opinion(answering(domain, {"tools": {}})))
    place = "entities.order.fields.city"
    first, second = done.dropped
    assert first.startswith(f"{place}.examples.1: must be a text, a number, true or false, not {{")
    assert second.startswith(f"{place}.weighs: ")
    said = done.said.entities["shop/order"]
    assert (said.named_by, said.fields["city"].examples) == (("city",), ("Ulm", "Jena"))


def test_what_is_said_of_the_members_of_a_list_is_the_lists_own_meaning() -> None:
    specs = (*SHOP, tool("create_parcel", {"targets": {"type": "array", "items": TEXT}}))
    told = {"entities": {"parcel": {"parts": {"targets[]": {"label": "places"}}}}}
    done = completed(Opinion(answering(told, {"tools": {}})), specs=specs)
    assert done.dropped == ()
    assert world_of(done).entities["shop/parcel"].fields["targets"].label == "places"


def test_what_holds_for_each_member_of_a_list_is_said_of_the_list() -> None:
    fields = {
        "authors": {"json_schema": {"type": "array", "items": {"type": "string"}},
                    "examples": ["Wei Ng", "Ada Roy"]},
        "weights": {"json_schema": {"type": "array", "items": {"type": "number"}},
                    "min": 1, "max": 3},
        "flags": {"json_schema": {"type": "array", "items": {"type": "string"}},
                  "choices": ["new", "odd"]},
    }  # fmt: skip
    done = completed(Opinion(answering({"entities": {"order": {"fields": fields}}}, {"tools": {}})))
    assert done.dropped == ()
    world = world_of(done)
    sandbox = Sandbox(world, 1, "2026-01-15T09:00:00+00:00")
    rows = sandbox.store.rows(world.entities["shop/order"])
    held = {name: [one for row in rows for one in row[name]] for name in fields}
    assert held["authors"]
    assert {*held["authors"]} <= {"Wei Ng", "Ada Roy"}
    assert all(1 <= one <= 3 for one in held["weights"])
    assert {*held["flags"]} == {"new", "odd"}


NOTES = (
    tool("create_note", {"body": TEXT}, {"chart": TEXT}, description="Creates a note."),
    tool("list_notes", {}, description="Lists notes."),
)


def test_what_a_model_has_described_is_a_field_though_nothing_shows_it_any_more() -> None:
    note = {"named_by": ["chart"], "fields": {
        "chart": {"label": "diagram"}, "pages": {"semantic": "count", "min": 1},
        "paid": {"semantic": "boolean"}, "made": {"semantic": "datetime"},
        "size": {"examples": [1.5, 2]}, "share": {"min": 0, "max": 1},
    }}  # fmt: skip
    tools = {"create_note": {"parameters": {"chart": {"use": "option"}}}}
    done = completed(
        Opinion(answering({"entities": {"note": note}}, {"tools": tools})), specs=NOTES
    )
    assert done.dropped == ()
    fields = world_of(done).entities["shop/note"].fields
    kinds = {name: fields[name].schema["type"] for name in note["fields"]}
    assert kinds == {"chart": "string", "pages": "integer", "paid": "boolean", "made": "string",
                     "size": "number", "share": "number"}  # fmt: skip
    assert fields["made"].schema["format"] == "date-time"
    written = done.said.entities["shop/note"].fields["pages"]
    assert written.json_schema == {"type": "integer"}, "it stands as a person's word, too"


def test_a_model_may_name_rows_by_what_no_tool_shows() -> None:
    number = {"semantic": "count", "json_schema": {"type": "integer"}, "min": 0}
    note = {"identity": ["book", "place"], "fields": {"place": number}}
    done = completed(Opinion(answering({"entities": {"note": note}}, {"tools": {}})), specs=NOTES)
    entity = world_of(done).entities["shop/note"]
    assert entity.identity == ("book", "place")
    assert (entity.fields["place"].schema["type"], entity.fields["place"].schema["minimum"]) == (
        "integer", 0,
    )  # fmt: skip


def test_rules_add_no_usual_fields_to_what_somebody_has_described() -> None:
    specs = (
        *SHOP,
        tool("create_mouse_release", {"button": TEXT}, description="Releases the mouse."),
        tool("create_toolbox_build", {"target": TEXT}, description="Builds."),
    )
    told = {"entities": {
        "mouse release": {"fields": {"button": {"label": "button"}}},
        "toolbox build": {"named_by": ["target"]},
    }}  # fmt: skip
    plain = describe_world(specs).entities
    done = completed(Opinion(answering(told, {"tools": {}})), specs=specs)
    fields = describe_world(specs, done.catalog.worlds).entities
    assert "published_at" in plain["shop/mouse release"].fields
    assert "published_at" not in fields["shop/mouse release"].fields
    assert "name" in plain["shop/toolbox build"].fields
    assert "name" not in fields["shop/toolbox build"].fields


def test_a_computation_without_a_schema_may_count_rows() -> None:
    specs = (*SHOP, tool("orders_count", {}, {"city": TEXT}, description="Counts."))
    results = {"result": "count(order, city is missing or it.city == city)"}
    counted = {"operation": "compute", "gives": "number", "results": results}
    told = {"tools": {"orders_count": counted}}
    done = completed(Opinion(answering(told, {"tools": {}})), specs=specs)
    assert done.dropped == ()
    world = world_of(done)
    sandbox = Sandbox(world, 1, "2026-01-15T09:00:00+00:00")
    rows = sandbox.store.rows(world.entities["shop/order"])
    assert sandbox.call("orders_count", {}).content == {"result": len(rows)}


MEMBERS = (
    tool("list_sets", {}, description="Lists sets."),
    tool("delete_set", {"set_id": TEXT}, description="Deletes a set."),
    tool("remove_set_member", {"set_id": TEXT, "value": TEXT}, description="Removes a member."),
    tool("create_key", {"key_name": TEXT, "value": TEXT}, {"set_id": TEXT}, description="Sets."),
    tool("list_keys", {}, {"set_id": TEXT}, description="Lists keys."),
)


def test_what_is_no_key_by_itself_names_no_row_of_those_it_is_a_part_of() -> None:
    member = {"identity": ["set_id", "value"], "fields": {"value": {"label": "member"}}}
    told = {"entities": {"set member": member}}
    done = completed(Opinion(answering(told, {"tools": {}})), specs=MEMBERS)
    world = world_of(done)
    assert world.entities["shop/set member"].identity == ("set_id", "value")
    assert world.entities["shop/key"].fields["value"].entity is None
    assert world.models["create_key"].parameter("value").use == "field"


def test_a_model_may_say_that_what_was_taken_for_an_id_is_none() -> None:
    plain = infer_world(MEMBERS)
    assert plain.entities["shop/key"].fields["set_id"].entity == "shop/set"
    assert plain.models["list_keys"].parameter("set_id").use == "reference"
    told = {"entities": {"key": {"fields": {"set_id": {"entity": None}}}}}
    by_field = completed(Opinion(answering(told, {"tools": {}})), specs=MEMBERS)
    none = {"parameters": {"set_id": {"entity": None}}}
    said = {"tools": {"list_keys": none, "create_key": none}}
    by_parameter = completed(Opinion(answering({"entities": {}}, said)), specs=MEMBERS)
    for done in (by_field, by_parameter):
        assert done.dropped == ()
        world = world_of(done)
        assert world.models["list_keys"].parameter("set_id").use == "filter"
        assert world.models["create_key"].parameter("set_id").use == "field"
        assert world.models["list_keys"].parameter("set_id").entity is None
    assert world_of(by_field).entities["shop/key"].fields["set_id"].entity is None


def test_who_said_what_does_not_fit_is_told_in_words() -> None:
    base = WorldModel(tools={"zorp": ToolMeaning(operation="update", entity="order",
        parameters={"xq": ParameterMeaning(use="field", field="city")})})  # fmt: skip
    told = WorldModel(tools={"zorp": ToolMeaning(operation="compute")})
    _, (lost,) = fit_told(SHOP, (), base, told, "opinion")
    assert lost.reason.startswith("with it, this does not fit: what you said before at tool 'zorp'")


def test_a_condition_of_what_holds_is_shown() -> None:
    held = [{"field": "city", "equals": "'Ulm'", "when": "status == 'shut'"}]
    chat = Opinion(answering({"entities": {"order": {"constraints": held}}}, {"tools": {}}))
    completed(chat)
    assert "holds city = 'Ulm' when status == 'shut'" in str(
        chat.requests[1].messages[-1]["content"]
    )


def test_a_constraint_that_no_row_meets_is_dropped() -> None:
    never = {"holds": "status == 'open' and status == 'shut'"}
    fine = {"holds": "status in ['open', 'shut']"}
    domain = {"entities": {"order": {"constraints": [never, fine]}}}
    done = completed(Opinion(answering(domain, {"tools": {}})))
    (lost,) = done.dropped
    assert lost.startswith("entities.shop/order.constraints.0: no row was found")


def test_a_persons_word_is_the_stronger_and_a_whole_file_is_not_asked_about() -> None:
    told = WorldModel(tools={"zorp": ToolMeaning(operation="delete", entity="order")})
    said = WorldSource(file="shop.world.yaml", domains=("shop",), world=told)
    done = completed(Opinion(good), said)
    assert world_of(done).models["zorp"].act == "delete"
    whole = describe_world(SHOP)
    service = DomainMeaning(service="a shop", policy="p", rules=(
        PolicyRuleMeaning(id="r", text="p", ask=("what",)),))  # fmt: skip
    entities = {key.partition("/")[2]: one for key, one in whole.entities.items()}
    everything = WorldModel(domains={"shop": service}, entities=entities, tools=whole.tools)
    chat = Opinion(good)
    source = WorldSource(file="shop.world.yaml", domains=("shop",), world=everything)
    assert completed(chat, source).requests == 0


def test_the_form_tells_every_key_of_the_records_and_every_semantic_type() -> None:
    form = resource_text("prompts/complete_form.j2")
    never = {"origins", "exclude", "policy_stands"}
    for record in (
        DomainMeaning, EntityMeaning, ToolMeaning, FieldMeaning, ParameterMeaning, Need, Demand,
        Constraint, PolicyRuleMeaning,
    ):  # fmt: skip
        missing = [key for key in record.model_fields if key not in form and key not in never]
        assert not missing, record
    asked = next(iter(ask_of_tools(open_domains(Catalog(tools=SHOP), try_tools)[0])))
    shown = str(asked.messages[0]["content"])
    assert all(one in shown for one in SEMANTIC_TYPES)


def test_the_list_of_tools_tells_types_and_what_is_said_of_parameters() -> None:
    told: JsonObject = {
        "type": "integer",
        "description": "Where the cell is to stand. " + "More. " * 20,
    }
    twice = {"type": "string", "description": "What it holds"}
    cell = tool(
        "create_cell",
        {"place": told, "content": twice},
        {"tags": {"type": "array", "items": TEXT}, "run": {"type": "boolean"}},
        description="Creates a cell. Args: content: What it holds",
    )
    chat = Opinion(answering(DOMAIN, {"tools": {}}))
    completed(chat, specs=(*SHOP, cell))
    asked = str(chat.requests[0].messages[-1]["content"])
    said = str(told["description"])[:60].rstrip()
    assert f"create_cell(place integer: {said}; content; tags? string[]; run? boolean)" in asked
    many = [tool(f"make_cell_{n}", {f"place_{m}": told for m in range(9)}) for n in range(60)]
    open_ones = open_domains(Catalog(tools=many), partial(try_tools, include_doubtful=True))
    lines = str(next(iter(ask_of_domain(open_ones[0]))).messages[-1]["content"])
    assert lines.count("place_8 integer") == 60, "of many, no texts are told"
    assert "Where the cell" not in lines


def test_what_a_model_calls_a_title_or_a_text_is_shown() -> None:
    specs = (
        tool("search_preprints", {}, {"title": TEXT, "section": TEXT}, description="Searches."),
        tool("get_preprint", {"doi": TEXT}, description="Shows a preprint."),
    )
    fields = {
        "title": {"semantic": "title"}, "abstract": {"semantic": "text"},
        "section": {"examples": ["oncology", "cardiology"]},
    }  # fmt: skip
    told = {"entities": {"preprint": {"identity": ["doi"], "fields": fields}}}
    assert "title" not in describe_world(specs).tools["search_preprints"].shows
    done = completed(Opinion(answering(told, {"tools": {}})), specs=specs)
    described = describe_world(specs, done.catalog.worlds).tools
    for name in ("search_preprints", "get_preprint"):
        assert {"doi", "title", "abstract", "section"} <= {*described[name].shows}


def test_long_schemas_are_cut_and_said_to_be() -> None:
    deep: JsonObject = {"type": "string", "description": "word " * 400}
    for _ in range(8):
        deep = {"type": "object", "properties": {f"p{n}": deep for n in range(3)}}
    text = outline_schema(deep, MOST_OF_A_TOOL)
    assert len(text) < MOST_OF_A_TOOL + 60
    assert "(cut for length" in text


def test_places_are_found_where_keys_have_dots() -> None:
    value = {"fields": {"a.b": {"choices": [1, 2]}, "a": {}}}
    assert place_of(value, "fields.a.b.choices.1") == ("fields", "a.b", "choices", 1)
    assert place_of(value, "fields.c.d") == ("fields", "c", "d")


_KEYS = st.sampled_from(
    [*DomainMeaning.model_fields, *EntityMeaning.model_fields, *ToolMeaning.model_fields,
     *ParameterMeaning.model_fields, *FieldMeaning.model_fields, "tools", "domain", "entities",
     "order", "zorp", "get_order", "xq", "order_id", "city", "status", "require", "holds", "kind",
     "Order_Item", "json_schema", "type", "a.b", ""]
)  # fmt: skip
_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
    | st.sampled_from(["order", "open", "get", "update", "filter", "identity", "city", "status",
                       "order.status == 'open'", "number", "ask_first", "model"])
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=30,
)
_PART = st.dictionaries(_KEYS, _VALUES, max_size=5)
_ANSWERS = _VALUES | st.fixed_dictionaries(
    {
        "domain": _PART,
        "entities": st.dictionaries(st.sampled_from(["order", "Order", "x"]), _PART, max_size=3),
        "tools": st.dictionaries(st.sampled_from(["zorp", "get_order", "x"]), _PART, max_size=3),
    }
)


@settings(max_examples=30, deadline=None)
@given(_ANSWERS.map(json.dumps) | st.text())
def test_whatever_is_answered_fits_in_the_end_or_is_refused_in_one_line(text: str) -> None:
    names = [one.wire_name for one in SHOP]
    try:
        told, dropped = read_told(text, ("domain", "entities", "tools"), "shop", names)
    except ValueError as error:
        problem = str(error)
        assert "\n" not in problem
        return
    fitting, lost = fit_told(SHOP, (), WorldModel(), told, "opinion")
    source = WorldSource(file="opinion", author="model", domains=("shop",), world=fitting)
    infer_world(SHOP, (source,))
    assert all("\n" not in str(one) for one in (*dropped, *lost))


def test_a_field_whose_schema_allows_nothing_is_left_out() -> None:
    fields = {"weight": {"json_schema": False}, "height": {"json_schema": {"type": "number"}}}
    answer = json.dumps({"entities": {"order": {"fields": fields}}})
    told, dropped = read_told(answer, ("entities",), "shop", [])
    assert "height" in str(told)
    assert "weight" not in str(told)
    assert [str(one) for one in dropped] == [
        "entities.order.fields.weight.json_schema: nothing is allowed"
    ]


@settings(max_examples=6, deadline=None, phases=(Phase.generate,))  # each takes a while
@given(_ANSWERS.map(json.dumps), _ANSWERS.map(json.dumps))
def test_whatever_is_answered_no_tool_is_lost(domain: str, tools: str) -> None:
    done = completed(Opinion(answering(domain, tools)))
    kept = {one.wire_name for one in try_tools(done.catalog, include_doubtful=True).tools}
    assert kept == {one.wire_name for one in SHOP}


# From the command line -------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    entries = [
        {"name": one.name, "description": one.description, "inputSchema": one.parameters,
         **({"outputSchema": one.returns} if one.returns else {})}
        for one in SHOP
    ]  # fmt: skip
    (tmp_path / "shop.json").write_text(json.dumps({"tools": entries}), encoding="utf-8")
    return tmp_path


def chatting(answer: Callable[[str], str]) -> Callable[[JsonObject], JsonObject]:
    return lambda request: {
        "choices": [{"message": {"content": answer(request["messages"][-1]["content"])}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200},
    }


def test_what_a_model_said_is_kept_as_a_file_and_asked_once(shop: Path) -> None:
    with Loopback(chatting(good)) as endpoint:
        asking = (shop / "shop.json", "--model", "tiny", "--base-url", endpoint.base_url)
        first = toolweave("world", "complete", *asking, "--out", shop / "out")
        assert first.code == 0, first.err
        assert "2 requests to tiny, 0 answered before; 2,000 tokens read, 400 written" in first.err
        assert endpoint.requests == 2
        again = toolweave("world", "complete", *asking, "--out", shop / "out")
        assert "2 requests to tiny, 2 answered before; 0 tokens read" in again.err
        assert endpoint.requests == 2
        dry = toolweave("world", "complete", *asking, "--dry-run")
        assert dry.out.startswith("2 requests with about ")
        assert endpoint.requests == 2
    (shop / "out" / "completed.world.yaml").rename(shop / "shop.world.yaml")
    shown = toolweave("world", "show", shop / "shop.json")
    assert "the model tiny says of 2 tools, 1 entity" in shown.out
    checked = toolweave("world", "check", shop / "shop.world.yaml")
    assert checked.out.startswith("tiny fits: it says of 2 of 3 tools and of 1 of 1 entities")


def test_a_file_that_a_model_wrote_says_the_same_and_is_weaker_than_a_persons(shop: Path) -> None:
    with Loopback(chatting(good)) as endpoint:
        asked = Settings(
            tools=(shop / "shop.json",), model="tiny", base_url=endpoint.base_url, out=shop / "out"
        )
        catalog, said, _ = open_meaning(asked)
    (written,) = (shop / "out").glob("*.world.yaml")
    read = Settings(tools=(shop / "shop.json",), world=(written,), out=shop / "out")
    again, reread, _ = open_meaning(read)
    assert reread == said
    assert describe_world(again.tools, again.worlds) == describe_world(
        catalog.tools, catalog.worlds
    )
    (shop / "shop.world.yaml").write_text("tools: {zorp: {operation: delete, entity: order}}\n")
    assert open_meaning(read)[2].models["zorp"].act == "delete"


def test_who_is_interrupted_waits_for_no_endpoint(shop: Path) -> None:
    """It was waited for, attempt after attempt, and nothing else was heard meanwhile."""

    async def interrupt(endpoint: Loopback) -> None:
        asked = Settings.model_validate({
            "tools": (shop / "shop.json",), "model": "tiny", "base_url": endpoint.base_url,
            "out": shop / "out", "roles": {"all": {"timeout": 3600}},
        })  # fmt: skip

        async def enter() -> None:
            async with opened("pipeline.opening", asked):
                pass

        opening = asyncio.create_task(enter())
        while not endpoint.requests:
            await asyncio.sleep(0.01)
        opening.cancel()
        await opening

    with (
        Loopback(lambda _: Response(delay=3600)) as endpoint,
        pytest.raises(asyncio.CancelledError),
    ):
        asyncio.run(interrupt(endpoint))


def test_a_kill_in_the_middle_repeats_nothing(shop: Path) -> None:
    asked: list[str] = []

    def dies(request: JsonObject) -> JsonObject | Response:
        asked.append(request["messages"][-1]["content"])
        return failure(401, "gone") if len(asked) == 2 else chatting(good)(request)

    with Loopback(dies) as endpoint:
        asking = (
            *(shop / "shop.json", "--model", "tiny", "--base-url", endpoint.base_url),
            *("--out", shop / "out"),
        )
        first = toolweave("world", "complete", *asking)
        assert first.code == 2
        assert "refuses the key" in first.err
        assert toolweave("world", "complete", *asking).code == 0
    assert len(asked) == 3
    assert len(set(asked)) == 2


def test_rules_of_a_persons_policy_are_its_own_sentences(shop: Path) -> None:
    (shop / "policy.md").write_text("# Desk\n\n* Only an **open** order is\n  zorped.\n")
    rules = [
        {"id": "a", "text": "only an open order is zorped", "require": "order.status == 'open'"},
        {"id": "b", "text": "Be kind.", "ask": ["order_id"], "tools": ["zorp"]},
    ]
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return json.dumps({"domain": {"policy": "Mine.", "rules": rules}, "tools": {}})

    with Loopback(chatting(answer)) as endpoint:
        known = Settings(
            tools=(shop / "shop.json",), model="tiny", base_url=endpoint.base_url,
            policy=shop / "policy.md", out=shop / "out",
        )  # fmt: skip
        catalog, said, _ = open_meaning(known)
    assert "written by a person: it stands as it is\n# Desk" in asked[0]
    assert said.domains["shop"].policy == "# Desk\n\n* Only an **open** order is\n  zorped."
    assert [one.id for one in said.domains["shop"].rules] == ["a"]
    assert any("its text does not stand in the policy" in one for one in catalog.notes)


def test_it_needs_a_model() -> None:
    with pytest.raises(InputError, match="complete_world needs a model: give --model"):
        load_settings(None, {"complete_world": True})
