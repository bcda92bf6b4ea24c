"""Asks a model what tools return that nothing else tells, and what their parameters leave open.

One request a tool, as in ToolMind (arXiv 2511.15718, A.1), which shows what other tools of the
domain return. What is answered is flagged as inferred; an answer that cannot be read changes
nothing and is noted. A provider's failure is no answer: its ProviderError passes through.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.prompts import render
from generators.importers.documents import json_kind
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.importers.subschemas import looks_like_schema, map_subschemas
from generators.importers.wire_names import add_returns
from schemas.canonical import canonical_json, derive_seed
from schemas.chat import ChatModel, ChatRequest
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec

MOST_DEPTH = 6
"""Schemas inside one another."""
MOST_SCHEMAS = 150
_TYPES = ("string", "integer", "number", "boolean", "object", "array")
_TYPED = frozenset({"type", "enum", "const", "properties", "items", "anyOf", "oneOf", "allOf"})
"""Keywords of which one tells a parameter's type."""
OpenParameters = Mapping[str, Sequence[str]]
"""Parameter → what it lacks: ``description``, ``type``."""

_TRIES = 2
_MOST_SIBLINGS = 40
_MOST_KNOWN = 3
_LONGEST_KNOWN = 2_000
"""Characters of a schema that is shown."""


@dataclass(frozen=True)
class ModelAnswer:
    """What was answered, checked."""

    returns: JsonObject | None
    parameters: Mapping[str, JsonObject]
    """Parameter → what is added to its schema."""


@dataclass(frozen=True)
class _Question:
    """What is asked about one tool."""

    tool: ToolSpec
    asks_returns: bool
    open_parameters: OpenParameters
    request: ChatRequest


async def complete_by_model(
    catalog: Catalog,
    chat: ChatModel,
    seed: int,
    *,
    concurrency: int = 8,
    parameters: bool = False,
) -> Catalog:
    """Let a model say what the tools without a result schema return.

    With ``parameters``, missing descriptions and types of parameters are asked for likewise, and
    only missing ones are filled in. What is asked depends on the catalogue's tools and the seed,
    not on their order or on answers. Raises ProviderError.
    """
    questions = _list_questions(catalog, seed, parameters)
    gate = asyncio.Semaphore(concurrency)
    answered: dict[str, ToolSpec] = {}
    problems: dict[str, str] = {}

    async def complete(question: _Question) -> None:
        async with gate:
            try:
                tool = await _complete_tool(question, chat)
            except ValueError as error:
                problems[question.tool.wire_name] = str(error)
            else:
                answered[tool.wire_name] = tool

    try:
        async with asyncio.TaskGroup() as group:
            for question in questions:
                group.create_task(complete(question))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    notes = [
        f"{tool.wire_name}: not completed by the model {chat.name}: {problems[tool.wire_name]}"
        for tool in catalog.tools
        if tool.wire_name in problems
    ]
    tools = tuple(answered.get(tool.wire_name, tool) for tool in catalog.tools)
    return catalog.model_copy(update={"tools": tools, "notes": (*catalog.notes, *notes)})


def _list_questions(catalog: Catalog, seed: int, parameters: bool) -> list[_Question]:
    domains: dict[str, list[ToolSpec]] = {}
    for tool in sorted(catalog.tools, key=lambda tool: tool.wire_name):
        domains.setdefault(tool.domain, []).append(tool)
    questions = []
    for tools in domains.values():
        # Choose result schemas to show: the source's own, and those of bearable length first.
        short = [
            tool
            for tool in tools
            if tool.returns is not None and len(canonical_json(tool.returns)) <= _LONGEST_KNOWN
        ]
        known = sorted(short, key=lambda tool: tool.returns_from != "source")[:_MOST_KNOWN]
        for tool in tools:
            missing = open_parameters(tool) if parameters else {}
            if tool.returns is None or missing:
                questions.append(_ask(tool, tools, known, missing, seed))
    return questions


def open_parameters(tool: ToolSpec) -> dict[str, tuple[str, ...]]:
    """Parameter → what its schema lacks, in the order of the parameters."""
    lacking = {
        name: (
            *(() if str(schema.get("description", "")).strip() else ("description",)),
            *(() if schema.keys() & _TYPED else ("type",)),
        )
        for name, schema in tool.properties.items()
    }
    return {name: missing for name, missing in lacking.items() if missing}


def _ask(
    tool: ToolSpec,
    tools: Sequence[ToolSpec],
    known: Sequence[ToolSpec],
    missing: OpenParameters,
    seed: int,
) -> _Question:
    asks_returns = tool.returns is None
    siblings = [other.name for other in tools if other is not tool][:_MOST_SIBLINGS]
    prompt = render(
        "complete_returns.j2",
        tool=tool,
        siblings=siblings,
        known=[other for other in known if other is not tool],
        asks_returns=asks_returns,
        open_parameters=missing,
        most_depth=MOST_DEPTH,
    )
    request = ChatRequest(
        role="documenter",
        messages=({"role": "user", "content": prompt},),
        seed=derive_seed(seed, "complete tool", tool.wire_name),
        temperature=0.0,
        json_object=True,
    )
    return _Question(tool, asks_returns, missing, request)


async def _complete_tool(question: _Question, chat: ChatModel) -> ToolSpec:
    """Complete one tool. Raises ValueError where no answer can be used, and ProviderError."""
    problem = ""
    for number in range(_TRIES):
        seed = question.request.seed
        seed = seed if number == 0 else derive_seed(seed, number)
        reply = await chat.complete(question.request.model_copy(update={"seed": seed}))
        try:
            answer = read_answer(reply.text, question.asks_returns, question.open_parameters)
            return _add_answer(question.tool, answer, chat.name)
        except (ValueError, InputError) as error:
            problem = str(error)
    raise ValueError(problem)


def _add_answer(tool: ToolSpec, answer: ModelAnswer, model: str) -> ToolSpec:
    """Add what was answered. Raises InputError where a default contradicts the type."""
    update: JsonObject = {}
    inferred = list(tool.inferred)
    if answer.returns is not None:
        tool = add_returns(tool, answer.returns)
        update["returns_from"] = "model"
        inferred.append(f"result schema from the model {model}")
    if answer.parameters:
        update["parameters"] = _fill_parameters(tool, answer)
        inferred += [
            f"parameters.{name}: {' and '.join(key for key in added if key != 'items')} "
            f"from the model {model}"
            for name, added in answer.parameters.items()
        ]
    return tool.model_copy(update={**update, "inferred": tuple(inferred)})


def _fill_parameters(tool: ToolSpec, answer: ModelAnswer) -> JsonObject:
    properties: JsonObject = {}
    for name, schema in tool.properties.items():
        # A description without words is none: what was answered stands for it.
        told = {
            key: value for key, value in schema.items() if key != "description" or value.strip()
        }
        properties[name] = {**answer.parameters.get(name, {}), **told}
    filled = {**tool.parameters, "properties": properties}
    checked, repairs = normalise_parameters(filled)
    if repairs or checked["properties"].keys() != properties.keys():
        raise InputError(f"contradicts the tool: {'; '.join(repairs)}", place="parameters")
    return filled


def read_answer(text: str, asks_returns: bool, open_parameters: OpenParameters) -> ModelAnswer:
    """Read an answer, bare or in a code fence. Raises ValueError, in one line, for any doubt.

    Raises InputError for a schema that is wrong.
    """
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", text, re.DOTALL)
    try:
        value = json.loads(
            fenced[1] if fenced else text,
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    wanted = {"returns"} if asks_returns else set()
    wanted |= {"parameters"} if open_parameters else set()
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, not {json_kind(value)}")
    if set(value) != wanted:
        raise ValueError(f"has the keys {sorted(value)}, not {sorted(wanted)}")
    returns = _read_returns(value["returns"]) if asks_returns else None
    parameters = _read_parameters(value["parameters"], open_parameters) if open_parameters else {}
    return ModelAnswer(returns, parameters)


def _read_returns(schema: Any) -> JsonObject:
    if not isinstance(schema, dict) or not looks_like_schema(schema):
        raise ValueError("returns: not a JSON Schema")
    if schema.get("type") not in ("object", "array"):
        raise ValueError(f"returns: neither an object nor an array but {schema.get('type')!r}")
    if _count_schemas(schema, MOST_DEPTH) > MOST_SCHEMAS:
        raise ValueError(f"returns: more than {MOST_SCHEMAS} schemas")
    if not schema.get("properties") and not schema.get("items"):
        raise ValueError("returns: says nothing of what it holds")
    return normalise_returns(schema)[0]


def _count_schemas(schema: Any, depth: int) -> int:
    """Count the schemas. Raises ValueError where they lie deeper than ``depth``."""
    if not isinstance(schema, dict):
        return 0
    if depth == 0:
        raise ValueError(f"returns: more than {MOST_DEPTH} levels deep")
    inside: list[Any] = []
    map_subschemas(schema, lambda part, _: inside.append(part))
    return 1 + sum(_count_schemas(part, depth - 1) for part in inside)


def _read_parameters(value: Any, wanted: OpenParameters) -> dict[str, JsonObject]:
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise ValueError(f"parameters: must have the keys {sorted(wanted)}")
    read: dict[str, JsonObject] = {}
    for name, missing in wanted.items():
        added = value[name]
        if not isinstance(added, dict) or set(added) != set(missing):
            raise ValueError(f"parameters.{name}: must have the keys {sorted(missing)}")
        text = added.get("description", "-")
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"parameters.{name}.description: must be text")
        if added.get("type", "string") not in _TYPES:
            raise ValueError(f"parameters.{name}.type: is no type")
        read[name] = {**added, "items": {}} if added.get("type") == "array" else dict(added)
    return read


def _no_key_twice(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"holds {word}, which JSON does not have")
