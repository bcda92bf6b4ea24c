"""Asks a model what tools return that nothing else tells, and what their parameters leave open.

One request a tool, as in ToolMind (arXiv 2511.15718, A.1), which shows what other tools of the
domain return. What is answered is flagged as inferred; an answer that cannot be read changes
nothing and is noted. A provider's failure is no answer: its ProviderError passes through.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from data.prompts import render
from generators.importers.normalise import normalise_parameters
from generators.importers.plain_names import with_returns
from generators.results.answer import MOST_DEPTH, Answer, OpenParameters, read_answer
from generators.world.schema_leaves import schema_type
from schemas.canonical import canonical_json, derive_seed
from schemas.chat import ChatModel, ChatRequest
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec

_TRIES = 2
_MOST_SIBLINGS = 40
_MOST_KNOWN = 3
_LONGEST_KNOWN = 2_000
"""Characters of a schema that is shown."""


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
    questions = _questions(catalog, seed, parameters)
    gate = asyncio.Semaphore(concurrency)
    answered: dict[str, ToolSpec] = {}
    problems: dict[str, str] = {}

    async def complete(question: _Question) -> None:
        async with gate:
            try:
                tool = await _answered(question, chat)
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


def _questions(catalog: Catalog, seed: int, parameters: bool) -> list[_Question]:
    domains: dict[str, list[ToolSpec]] = {}
    for tool in sorted(catalog.tools, key=lambda tool: tool.wire_name):
        domains.setdefault(tool.domain, []).append(tool)
    questions = []
    for tools in domains.values():
        known = _shown(tools)
        for tool in tools:
            missing = open_parameters(tool) if parameters else {}
            if tool.returns is None or missing:
                questions.append(_question(tool, tools, known, missing, seed))
    return questions


def open_parameters(tool: ToolSpec) -> dict[str, tuple[str, ...]]:
    """Parameter → what its schema lacks, in the order of the parameters."""
    lacking = {
        name: (
            *(() if str(schema.get("description", "")).strip() else ("description",)),
            *(() if schema_type(schema) else ("type",)),
        )
        for name, schema in tool.properties.items()
    }
    return {name: missing for name, missing in lacking.items() if missing}


def _shown(tools: Sequence[ToolSpec]) -> list[ToolSpec]:
    """Choose result schemas to show: the source's own, and those of bearable length first."""
    short = [
        tool
        for tool in tools
        if tool.returns is not None and len(canonical_json(tool.returns)) <= _LONGEST_KNOWN
    ]
    return sorted(short, key=lambda tool: tool.returns_from != "source")[:_MOST_KNOWN]


def _question(
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


async def _answered(question: _Question, chat: ChatModel) -> ToolSpec:
    """Complete one tool. Raises ValueError where no answer can be used, and ProviderError."""
    problem = ""
    for number in range(_TRIES):
        seed = question.request.seed
        seed = seed if number == 0 else derive_seed(seed, number)
        reply = await chat.complete(question.request.model_copy(update={"seed": seed}))
        try:
            answer = read_answer(reply.text, question.asks_returns, question.open_parameters)
            return _with_answer(question.tool, answer, chat.name)
        except (ValueError, InputError) as error:
            problem = str(error)
    raise ValueError(problem)


def _with_answer(tool: ToolSpec, answer: Answer, model: str) -> ToolSpec:
    """Add what was answered. Raises InputError where a default contradicts the type."""
    update: JsonObject = {}
    inferred = list(tool.inferred)
    if answer.returns is not None:
        tool = with_returns(tool, answer.returns)
        update["returns_from"] = "model"
        inferred.append(f"result schema from the model {model}")
    if answer.parameters:
        update["parameters"] = _filled(tool, answer)
        inferred += [
            f"parameters.{name}: {' and '.join(key for key in added if key != 'items')} "
            f"from the model {model}"
            for name, added in answer.parameters.items()
        ]
    return tool.model_copy(update={**update, "inferred": tuple(inferred)})


def _filled(tool: ToolSpec, answer: Answer) -> JsonObject:
    properties = {
        name: {**answer.parameters.get(name, {}), **_told(schema)}
        for name, schema in tool.properties.items()
    }
    filled = {**tool.parameters, "properties": properties}
    checked, repairs = normalise_parameters(filled)
    if repairs or checked["properties"].keys() != properties.keys():
        raise InputError(f"contradicts the tool: {'; '.join(repairs)}", place="parameters")
    return filled


def _told(schema: JsonObject) -> JsonObject:
    """Leave out a description without words, which the answer replaces."""
    return {key: value for key, value in schema.items() if key != "description" or value.strip()}
