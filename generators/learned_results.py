"""What tools return, where their source does not say it: as observed, or as a model says.

Observed results stand in rows as users have them in their logs: ``{"tool": …, "result": …}`` (or
``name``; ``output``, ``content``), or a conversation, ``{"messages": […]}`` in the form of the chat
completions interface, whose results are paired with calls by id. What failed is left out.

A model is asked of one tool a request, as in ToolMind (arXiv 2511.15718, A.1), which shows what
other tools of the domain return. What is answered is flagged as inferred; an answer that cannot be
read changes nothing and is noted. A provider's failure is no answer: its ProviderError passes
through. What other tools tell is left to inference.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.prompts import SHIPPED, Prompts
from generators.importers.documents import check_writable, json_kind, parse_json, read_lines
from generators.importers.example_schemas import schema_of_results, shorten_examples
from generators.importers.normalise import normalise_returns
from generators.importers.schema_checks import find_fault
from generators.importers.subschemas import looks_like_schema, map_subschemas
from generators.importers.wire_names import add_returns
from schemas.awaiting import await_all
from schemas.canonical import canonical_json, derive_seed
from schemas.chat import ChatModel, ChatRequest, ask_twice, object_shape, read_json_reply
from schemas.errors import InputError, RefusedRequestError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec, plain_result

_NAMES = ("tool", "name")
_RESULTS = ("result", "output", "content")
_ERRORS = frozenset({"error", "errors"})
_OF_ERRORS = frozenset({"error", "errors", "message", "code", "status", "status_code", "detail"})


@dataclass(frozen=True)
class Observation:
    """What one call of a tool gave."""

    tool: str
    """Its wire name, or its name where only one tool has it."""
    result: Any
    """A JSON value."""


def read_observations(paths: Sequence[Path]) -> tuple[Observation, ...]:
    """Read the results that succeeded, in order. Raises InputError with file and line."""
    found: list[Observation] = []
    for path in paths:
        place = ""
        try:
            for number, row in read_lines(path):
                place = f"line {number}"
                found += _read_row(row)
                place = ""
        except InputError as error:
            where = ", ".join(filter(None, (place, error.place)))
            raise InputError(error.problem, file=str(path), place=where) from None
    return tuple(found)


def _read_row(row: Any) -> Iterator[Observation]:
    if not isinstance(row, dict):
        raise InputError(f"a row must be an object, not {json_kind(row)}")
    if "messages" in row:
        messages = row["messages"]
        if not isinstance(messages, list) or not all(isinstance(item, dict) for item in messages):
            raise InputError("messages must be a list of objects")
        called: dict[str, str] = {}
        """Id of a call → name of the tool."""
        for number, message in enumerate(messages, start=1):
            place = f"message {number}"
            try:
                for call in message.get("tool_calls") or []:
                    if "id" in call:
                        called[str(call["id"])] = str(call["function"]["name"])
            except (KeyError, TypeError):
                raise InputError("a call without a name", place=place) from None
            if message.get("role") in ("tool", "function"):
                name = called.get(str(message.get("tool_call_id")), message.get("name"))
                if not isinstance(name, str):
                    raise InputError("the result answers no call", place=place)
                yield from _observe(name, message.get("content"), message)
        return
    name = next((row[key] for key in _NAMES if key in row), None)
    keys = [key for key in _RESULTS if key in row]
    if not isinstance(name, str) or not keys:
        raise InputError("neither a tool with its result nor messages")
    yield from _observe(name, row[keys[0]], row)


def _observe(name: str, given: Any, row: JsonObject) -> Iterator[Observation]:
    """What a result holds, unless the call failed."""
    failed = row.get("is_error") or row.get("isError")
    if isinstance(given, dict) and isinstance(given.get("content"), list):  # as MCP wraps it
        failed = failed or given.get("isError")
        given = given.get("structuredContent", given["content"])
    # Texts of a message that comes in blocks become one.
    blocks = given if isinstance(given, list) else []
    if blocks and all(
        isinstance(one, dict) and "type" in one and isinstance(one.get("text"), str)
        for one in blocks
    ):
        given = "\n".join(one["text"] for one in blocks)
    # The object or list that a text spells; anything else as it is.
    if isinstance(given, str) and given.lstrip()[:1] in ("{", "["):
        with suppress(InputError):
            given = check_writable(parse_json(given))
    told = given.keys() if isinstance(given, dict) else set()
    if not failed and given is not None and not (told & _ERRORS and told <= _OF_ERRORS):
        yield Observation(name, given)


_MARK = "result schema from"
_EMPTY = frozenset({"type", "description", "additionalProperties"})


def complete_returns(catalog: Catalog, observations: Sequence[Observation] = ()) -> Catalog:
    """Give tools without a result schema one where results of theirs were observed.

    What was observed stands above whatever was inferred before. A source's own schema is never
    touched, but a result that contradicts it is noted; one that says no more than "an object" is
    no schema in this sense.
    """
    # Wire name → observed results; and what is said about results of no tool.
    wires: dict[str, set[str]] = defaultdict(set)
    for tool in catalog.tools:
        wires[tool.name].add(tool.wire_name)
    known = catalog.by_name
    observed: dict[str, list[Any]] = defaultdict(list)
    lost: dict[str, None] = {}
    for seen in observations:
        named = {seen.tool} if seen.tool in known else wires.get(seen.tool, set())
        if len(named) == 1:
            observed[min(named)].append(seen.result)
        else:
            lost.setdefault(seen.tool)
    notes = [
        f"observed results of {name!r} are not used: "
        + ("several tools have this name" if wires.get(name) else "no tool has this name")
        for name in lost
    ]
    tools = []
    for tool in catalog.tools:
        results = observed.get(tool.wire_name)
        if results:
            tool, more = _complete_tool(tool, results)
            notes += more
        tools.append(tool)
    fresh = tuple(dict.fromkeys(note for note in notes if note not in catalog.notes))
    return catalog.model_copy(update={"tools": tuple(tools), "notes": (*catalog.notes, *fresh)})


def _complete_tool(tool: ToolSpec, results: Sequence[Any]) -> tuple[ToolSpec, list[str]]:
    """The tool with the schema of its results, or as it is with what contradicts its own."""
    own = tool.returns
    # One that names neither fields nor elements, ``-> dict`` in Python, says nothing.
    says_nothing = own is None or (own.get("type") == "object" and own.keys() <= _EMPTY)
    if own is not None and not says_nothing and tool.returns_from in ("source", "observation"):
        faults = [find_fault(plain_result(tool, result), own) for result in results]
        found = [fault for fault in faults if fault]
        count = f"{len(found)} of {len(results)} observed results"
        text = f"{tool.wire_name}: {count} contradict its result schema: {(found or [''])[0]}"
        return tool, [text] if found else []
    origin = f"{len(results)} observed results" if len(results) > 1 else "an observed result"
    try:
        returns, repairs = normalise_returns(schema_of_results(results))
    except InputError as error:
        return tool, [f"{tool.wire_name}: {_MARK} {origin} is not used: {error}"]
    inferred = [line for line in tool.inferred if not line.startswith(_MARK)]
    seen = [plain_result(tool, result) for result in results[:_MOST_SEEN]]
    tool = add_returns(tool, {**returns, "examples": shorten_examples(seen)})
    update: JsonObject = {
        "returns_from": "observation",
        "inferred": (*inferred, f"{_MARK} {origin}"),
        "repairs": tuple(dict.fromkeys((*tool.repairs, *repairs))),
    }
    return tool.model_copy(update=update), []


MOST_DEPTH = 6
"""Schemas inside one another."""
MOST_SCHEMAS = 150


_MOST_SEEN = 20
"""Observed results that are kept as examples."""
_MOST_SIBLINGS = 40
_MOST_KNOWN = 3
_LONGEST_KNOWN = 2_000
"""Characters of a schema that is shown."""


async def complete_by_model(
    catalog: Catalog, chat: ChatModel, seed: int, prompts: Prompts = SHIPPED
) -> Catalog:
    """Let a model say what the tools without a result schema return.

    What is asked depends on the catalogue's tools and the seed, not on their order or on answers;
    how many requests are open is the model's business. Raises ProviderError.
    """
    domains: dict[str, list[ToolSpec]] = {}
    for tool in sorted(catalog.tools, key=lambda tool: tool.wire_name):
        domains.setdefault(tool.domain, []).append(tool)
    questions: dict[str, str] = {}
    for tools in domains.values():
        # The result schemas to show: of bearable length, the source's own first.
        short = [
            tool
            for tool in tools
            if tool.returns is not None and len(canonical_json(tool.returns)) <= _LONGEST_KNOWN
        ]
        known = sorted(short, key=lambda tool: tool.returns_from != "source")[:_MOST_KNOWN]
        for tool in tools:
            if tool.returns is None:
                siblings = [other.name for other in tools if other is not tool][:_MOST_SIBLINGS]
                questions[tool.wire_name] = prompts.render(
                    "complete_returns.j2",
                    tool=tool,
                    siblings=siblings,
                    known=known,
                    most_depth=MOST_DEPTH,
                )
    named = catalog.by_name
    answers = await await_all(
        _ask_returns(named[name], prompt, chat, seed) for name, prompt in questions.items()
    )
    answered = dict(zip(questions, answers, strict=True))
    tools, notes = [], []
    for tool in catalog.tools:
        answer = answered.get(tool.wire_name, tool)
        if isinstance(answer, str):
            notes.append(f"{tool.wire_name}: not completed by the model {chat.name}: {answer}")
        tools.append(tool if isinstance(answer, str) else answer)
    update = {"tools": tuple(tools), "notes": (*catalog.notes, *notes)}
    return catalog.model_copy(update=update)


async def _ask_returns(tool: ToolSpec, prompt: str, chat: ChatModel, seed: int) -> ToolSpec | str:
    """The tool with what was answered, or why no answer can be used. Raises ProviderError."""
    request = ChatRequest(
        role="documenter",
        messages=({"role": "user", "content": prompt},),
        seed=derive_seed(seed, "complete tool", tool.wire_name),
        temperature=0.0,
        json_object=True,
        shape=object_shape({"returns": {"type": "object"}}),
    )
    try:
        completed, problem = await ask_twice(
            chat, request, lambda text: add_returns(tool, read_answer(text))
        )
    except RefusedRequestError as error:
        return str(error)
    if completed is None:
        return problem
    told = f"result schema from the model {chat.name}"
    update = {"returns_from": "model", "inferred": (*tool.inferred, told)}
    return completed.model_copy(update=update)


def read_answer(text: str) -> JsonObject:
    """Read the schema in an answer, bare or in a code fence.

    Raises ValueError, in one line, for any doubt, InputError for a schema that is wrong.
    """
    value = read_json_reply(text)
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, not {json_kind(value)}")
    if set(value) != {"returns"}:
        raise ValueError(f"has the keys {sorted(value)}, not ['returns']")
    schema = value["returns"]
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
