"""What a model says of tools in doubt: asked narrowly, read strictly, kept as corrections."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.world.by_model import complete_world, read_answer
from generators.world.infer import infer_world
from generators.world.model import World
from pipeline.chat.loopback import Loopback
from pipeline.config import Settings, load_settings
from pipeline.opening import open_meaning
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import InputError, ProviderError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec
from schemas.world_model import ToolMeaning, WorldModel, WorldSource
from tests.dialogues import over_http
from tests.test_inference import TEXT, row, rows, tool

SHOP = (
    tool("get_order", {"order_id": TEXT}),
    tool("list_orders", returns=rows("orders", order_id=TEXT, status=TEXT)),
    tool("zorp", {"order_id": TEXT, "xq": {}}, description="Zorps it.", effect="write"),
)


class Opinion:
    """A model that answers as it is told; keeps what it was asked."""

    name = "opinion"

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        return ChatReply(text=self.answer(str(request.messages[0]["content"])))


class Broken(Opinion):
    """An endpoint that fails."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        raise ProviderError("the endpoint is absent")


def answer(operation: Any = "get", entity: Any = "order", **more: Any) -> str:
    return json.dumps(
        {"operation": operation, "entity": entity, "state": None, "semantics": {}} | more
    )


def completed(text: str, *specs: ToolSpec) -> tuple[Catalog, Opinion]:
    opinion = Opinion(lambda _: text)
    return asyncio.run(complete_world(Catalog(tools=specs or SHOP), opinion, 5)), opinion


def world_of(catalog: Catalog) -> World:
    return infer_world(catalog.tools, catalog.worlds)


def test_only_tools_in_doubt_are_asked_for_and_the_answer_is_marked() -> None:
    world = infer_world(SHOP)
    assert [name for name, model in world.models.items() if model.doubts] == ["zorp"]
    catalog, opinion = completed(answer("delete", semantics={"xq": "city"}))
    (request,) = opinion.requests
    assert request.json_object
    assert request.temperature == 0
    prompt = str(request.messages[0]["content"])
    assert "Name: zorp\nDescription: Zorps it." in prompt
    assert "\n- order\n" in prompt
    assert '"xq"' in prompt
    model = world_of(catalog).models["zorp"]
    assert (model.act, model.entity) == ("delete", "shop/order")
    assert model.parameter("xq").semantic == "city"
    assert model.why == "said by opinion"
    assert model.doubts == ()
    (said,) = catalog.worlds
    assert (said.file, said.author) == ("opinion", "model")
    assert catalog.notes == (
        "1 tools in doubt were asked of the model opinion: 1 completed, 0 ignored",
    )


def test_a_transition_is_spelled_as_the_rows_hold_it() -> None:
    catalog, _ = completed(answer("transition", state="zorped"))
    assert world_of(catalog).models["zorp"].transition == ("status", "zorped")


WRONG = {
    "no JSON": "I think it deletes.",
    "a list": "[]",
    "a key too many": answer(why="so"),
    "a key too few": '{"operation": "get"}',
    "no operation": answer("destroy"),
    "an operation of another type": answer(["get"]),
    "no entity": answer("get", "parcel"),
    "a state of a get": answer("get", state="zorped"),
    "a transition without a state": answer("transition"),
    "a semantic type that there is not": answer(semantics={"xq": "colour"}),
    "a semantic type of another type": answer(semantics={"xq": ["city"]}),
    "a parameter that was not asked for": answer(semantics={"order_id": "city"}),
    "semantics of another type": answer(semantics=["city"]),
    "an entity of another type": answer("get", ["order"]),
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_an_answer_in_doubt_changes_nothing_and_is_counted(text: str) -> None:
    catalog, opinion = completed(text)
    assert len(opinion.requests) == 2, "asked once more"
    assert catalog.worlds == ()
    assert world_of(catalog) == infer_world(SHOP)
    told, counted = catalog.notes
    assert told.startswith("zorp: not completed by the model opinion: ")
    assert "\n" not in told
    assert counted.endswith("opinion: 0 completed, 1 ignored")


@settings(max_examples=60, deadline=None)
@given(st.text() | st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
           st.sampled_from(["operation", "entity", "state", "semantics", "xq"]), inner)
       ).map(json.dumps))  # fmt: skip
def test_whatever_is_answered_is_a_correction_or_a_value_error(text: str) -> None:
    entities = infer_world(SHOP).entities
    try:
        found = read_answer(text, {one.noun: one for one in entities.values()}, ("xq",))
    except ValueError as error:
        problem = str(error)
        assert "\n" not in problem
    else:
        assert isinstance(found, ToolMeaning)


def test_an_answer_that_cannot_be_applied_is_ignored_and_the_others_stand() -> None:
    status = {"type": "string", "enum": ["open", "shut"]}
    given = row(order_id=TEXT, status=status)
    specs = (
        tool("get_order", {"order_id": TEXT}, returns=given),
        tool("zorp", {"order_id": TEXT}, description="Zorps it.", effect="write"),
        tool("blib", {"order_id": TEXT}, description="Blibs it.", effect="write"),
    )
    told = {
        "zorp": answer("transition", state="packed"),
        "blib": answer("transition", state="shut"),
    }
    opinion = Opinion(lambda prompt: told["zorp" if "Name: zorp" in prompt else "blib"])
    catalog = asyncio.run(complete_world(Catalog(tools=specs), opinion, 5))
    assert world_of(catalog).models["blib"].transition == ("status", "shut")
    assert world_of(catalog).models["zorp"].transition is None
    assert catalog.notes == (
        "zorp: not completed by the model opinion: 'packed' is no value of status; "
        "there is open, shut",
        "2 tools in doubt were asked of the model opinion: 1 completed, 1 ignored",
    )


def test_what_a_person_says_is_not_asked_and_is_the_stronger() -> None:
    told = WorldModel(tools={"zorp": ToolMeaning(operation="create")})
    said = WorldSource(file="x.yaml", domains=("shop",), world=told)
    opinion = Opinion(lambda _: answer("delete"))
    before = Catalog(tools=SHOP, worlds=(said,))
    assert asyncio.run(complete_world(before, opinion, 5)) == before
    assert opinion.requests == []


def test_a_providers_failure_is_no_answer() -> None:
    with pytest.raises(ProviderError, match="absent"):
        asyncio.run(complete_world(Catalog(tools=SHOP), Broken(lambda _: ""), 5))


def test_what_is_asked_does_not_depend_on_the_order_of_the_tools() -> None:
    _, opinion = completed(answer(), *SHOP)
    _, again = completed(answer(), *reversed(SHOP))
    assert opinion.requests == again.requests


def test_it_is_asked_over_an_endpoint() -> None:
    asked: list[JsonObject] = []

    def reply(request: JsonObject) -> JsonObject:
        asked.append(request)
        return {"choices": [{"message": {"content": answer("delete")}}]}

    catalog = over_http(reply, lambda chat: complete_world(Catalog(tools=SHOP), chat, 5))
    assert world_of(catalog).models["zorp"].act == "delete"
    (request,) = asked
    assert request["response_format"] == {"type": "json_object"}


def test_settings_ask_for_it_and_answers_are_kept_in_the_output_folder(tmp_path: Path) -> None:
    entry = {"name": "zorp", "description": "Zorps it.", "inputSchema": {
        "type": "object", "properties": {"order_id": TEXT}, "required": ["order_id"]}}  # fmt: skip
    order = entry | {"name": "get_order", "description": "Show an order."}
    path = tmp_path / "shop.json"
    path.write_text(json.dumps({"tools": [order, entry]}), encoding="utf-8")
    asked: list[JsonObject] = []

    def reply(request: JsonObject) -> JsonObject:
        asked.append(request)
        return {"choices": [{"message": {"content": answer("delete")}}]}

    with Loopback(reply) as endpoint:
        known = Settings(
            tools=(path,), model="tiny", base_url=endpoint.base_url, complete_world=True,
            out=tmp_path / "out",
        )  # fmt: skip
        catalog, _, world = open_meaning(known)
        assert world.models["zorp"].act == "delete"
        assert [one.author for one in catalog.worlds] == ["model"]
        assert (tmp_path / "out" / "answers.jsonl").exists()
        assert open_meaning(known)[0] == catalog
        assert len(asked) == 1, "what was asked once is not asked again"
        (tmp_path / "shop.sandbox.yaml").write_text("tools: {zorp: {operation: create}}\n")
        catalog, _, world = open_meaning(known)
        assert world.models["zorp"].act == "create"
        assert (catalog.notes, len(asked)) == ((), 1)


def test_it_needs_a_model() -> None:
    with pytest.raises(InputError, match="complete_world needs a model: give --model"):
        load_settings(None, {"complete_world": True})
