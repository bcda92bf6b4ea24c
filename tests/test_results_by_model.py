"""Result schemas from a model: what is asked, and that nothing but a sound answer is used."""

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.learned_results import complete_by_model, read_answer
from schemas.errors import InputError, ProviderError
from schemas.record import JsonObject
from schemas.tool import Catalog
from tests.descriptions import catalog, described
from tests.dialogues import over_http
from tests.endpoints import refuse_key

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"fare": {"type": "number", "description": "In euros."}},
    "required": ["fare"],
}
ANSWER = json.dumps({"returns": SCHEMA})
KNOWN = described(
    "get_seat",
    "",
    returns={"type": "object", "properties": {"seat_code": {"type": "string"}}},
    returns_from="source",
)


class Documenter:
    """Answers by a function of the prompt; keeps what it was asked."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.asked: list[JsonObject] = []

    def __call__(self, request: JsonObject) -> JsonObject:
        self.asked.append(request)
        content = self.answer(request["messages"][0]["content"])
        return {"choices": [{"message": {"content": content}}]}


def completed(
    tools: Catalog, answer: str | Callable[[str], str]
) -> tuple[Catalog, list[JsonObject]]:
    model = Documenter(answer if callable(answer) else lambda _: answer)
    found = over_http(model, lambda chat: complete_by_model(tools, chat, 5))
    return found, model.asked


def test_only_tools_without_a_schema_are_asked_for_and_the_answer_is_flagged() -> None:
    tools = catalog(KNOWN, described("get_fare", "What a trip costs.", ("trip",)))
    found, asked = completed(tools, ANSWER)
    assert found.tools[0] == KNOWN
    assert found.tools[1].returns == SCHEMA
    assert found.tools[1].returns_from == "model"
    assert found.tools[1].inferred == ("result schema from the model tiny",)
    (request,) = asked
    prompt = request["messages"][0]["content"]
    assert "Name: get_fare\nDescription: What a trip costs." in prompt
    assert '"trip": {"type": "string"}' in prompt
    assert "\n- get_seat\n" in prompt
    assert 'get_seat: {"type": "object", "properties": {"seat_code"' in prompt
    asked_for = request["response_format"]["json_schema"]
    assert asked_for["name"] == "documenter"
    assert asked_for["schema"]["properties"] == {"returns": {"type": "object"}}


def test_what_is_asked_does_not_depend_on_the_order_of_the_tools() -> None:
    tools = [KNOWN, *(described(name, "", domain=name[0]) for name in ("ax", "ay", "bx"))]
    _, asked = completed(catalog(*tools), ANSWER)
    _, again = completed(catalog(*reversed(tools)), ANSWER)
    assert len({request["seed"] for request in asked}) == 3

    def in_order(requests: list[JsonObject]) -> list[JsonObject]:
        return sorted(requests, key=lambda request: int(request["seed"]))

    assert in_order(asked) == in_order(again)


def test_answers_reach_the_tools_that_they_are_about() -> None:
    def answer(prompt: str) -> str:
        name = re.findall(r"Name: (\w+)", prompt)[0]
        schema = {"type": "object", "properties": {name: {"type": "string"}}}
        return json.dumps({"returns": schema})

    names = [f"tool_{number}" for number in range(20)]
    found, _ = completed(catalog(*(described(name, "") for name in names)), answer)
    assert [list((tool.returns or {})["properties"]) for tool in found.tools] == [
        [name] for name in names
    ]


def deep(levels: int) -> JsonObject:
    schema: JsonObject = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


WRONG = {
    "no JSON": "I think it returns a number.",
    "a list": "[]",
    "no schema": '{"returns": {}}',
    "an example": '{"returns": {"fare": 12}}',
    "more keys": json.dumps({"returns": SCHEMA, "why": "so"}),
    "the bare schema": json.dumps(SCHEMA),
    "a scalar": '{"returns": {"type": "string"}}',
    "an empty object": '{"returns": {"type": "object"}}',
    "a wrong type": '{"returns": {"type": "object", "properties": {"a": {"type": "strin"}}}}',
    "a reference": '{"returns": {"type": "object", "properties": {"a": {"$ref": "#/x"}}}}',
    "too deep": json.dumps({"returns": deep(9)}),
    "too large": json.dumps(
        {"returns": {"type": "object", "properties": {f"p{n}": {} for n in range(200)}}}
    ),
    "a key twice": '{"returns": {"type": "object", "type": "array", "items": {"type": "string"}}}',
    "NaN": '{"returns": {"type": "object", "properties": {"a": {"default": NaN}}}}',
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_an_answer_that_leaves_doubt_changes_nothing_and_is_noted(answer: str) -> None:
    tools = catalog(described("get_fare", ""))
    found, asked = completed(tools, answer)
    assert found.tools == tools.tools
    (note,) = found.notes
    assert note.startswith("get_fare: not completed by the model tiny: ")
    assert "\n" not in note
    assert len(asked) == 2
    assert asked[0]["seed"] != asked[1]["seed"]


def test_a_second_answer_is_used_where_the_first_cannot_be() -> None:
    answers = iter(["well,", f"```json\n{ANSWER}\n```"])
    found, _ = completed(catalog(described("get_fare", "")), lambda _: next(answers))
    assert found.tools[0].returns == SCHEMA
    assert not found.notes


def test_a_request_that_is_refused_leaves_its_tool_as_it_was() -> None:
    def fail(prompt: str) -> str:
        raise LookupError("out of order")

    found, _ = completed(catalog(described("a", "")), fail)
    assert found.tools[0].returns is None
    assert "out of order" in found.notes[0]


def test_a_failing_provider_ends_the_completion() -> None:
    tools = catalog(described("a", ""))
    with pytest.raises(ProviderError):
        over_http(refuse_key, lambda model: complete_by_model(tools, model, 1))


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=40)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inside: (
            st.lists(inside, max_size=3)
            | st.dictionaries(
                st.sampled_from(["returns", "type", "properties", "items", "required", "a"]), inside
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps({"returns": value}))
)
def test_any_answer_at_all_is_a_schema_or_a_reason(text: str) -> None:
    try:
        answer = read_answer(text)
    except (ValueError, InputError) as error:
        reason = str(error)
    else:
        reason = answer["type"]
        assert reason in ("object", "array")
    assert reason
