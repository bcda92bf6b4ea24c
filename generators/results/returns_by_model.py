"""Asks a model what tools return that nothing else tells.

One request a tool, as in ToolMind (arXiv 2511.15718, A.1), which shows what other tools of the
domain return. What is answered is flagged as inferred; an answer that cannot be read changes
nothing and is noted. A provider's failure is no answer: its ProviderError passes through.
"""

import json
import re
from typing import Any

from data.prompts import render
from generators.importers.documents import json_kind
from generators.importers.normalise import normalise_returns
from generators.importers.subschemas import looks_like_schema, map_subschemas
from generators.importers.wire_names import add_returns
from schemas.canonical import canonical_json, derive_seed
from schemas.chat import ChatModel, ChatRequest, ask_all
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec

MOST_DEPTH = 6
"""Schemas inside one another."""
MOST_SCHEMAS = 150

_TRIES = 2
_MOST_SIBLINGS = 40
_MOST_KNOWN = 3
_LONGEST_KNOWN = 2_000
"""Characters of a schema that is shown."""


async def complete_by_model(catalog: Catalog, chat: ChatModel, seed: int) -> Catalog:
    """Let a model say what the tools without a result schema return.

    What is asked depends on the catalogue's tools and the seed, not on their order or on answers;
    how many requests are open is the model's business. Raises ProviderError.
    """
    domains: dict[str, list[ToolSpec]] = {}
    for tool in sorted(catalog.tools, key=lambda tool: tool.wire_name):
        domains.setdefault(tool.domain, []).append(tool)
    prompts: dict[str, str] = {}
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
                prompts[tool.wire_name] = render(
                    "complete_returns.j2",
                    tool=tool,
                    siblings=siblings,
                    known=known,
                    most_depth=MOST_DEPTH,
                )
    named = catalog.by_name
    answers = await ask_all(
        _complete_tool(named[name], prompt, chat, seed) for name, prompt in prompts.items()
    )
    answered = dict(zip(prompts, answers, strict=True))
    tools, notes = [], []
    for tool in catalog.tools:
        answer = answered.get(tool.wire_name, tool)
        if isinstance(answer, str):
            notes.append(f"{tool.wire_name}: not completed by the model {chat.name}: {answer}")
        tools.append(tool if isinstance(answer, str) else answer)
    update = {"tools": tuple(tools), "notes": (*catalog.notes, *notes)}
    return catalog.model_copy(update=update)


async def _complete_tool(tool: ToolSpec, prompt: str, chat: ChatModel, seed: int) -> ToolSpec | str:
    """The tool with what was answered, or why no answer can be used. Raises ProviderError."""
    problem = ""
    first = derive_seed(seed, "complete tool", tool.wire_name)
    for number in range(_TRIES):
        request = ChatRequest(
            role="documenter",
            messages=({"role": "user", "content": prompt},),
            seed=first if number == 0 else derive_seed(first, number),
            temperature=0.0,
            json_object=True,
        )
        reply = await chat.complete(request)
        try:
            completed = add_returns(tool, read_answer(reply.text))
        except (ValueError, InputError) as error:
            problem = str(error)
        else:
            told = f"result schema from the model {chat.name}"
            update = {"returns_from": "model", "inferred": (*tool.inferred, told)}
            return completed.model_copy(update=update)
    return problem


def read_answer(text: str) -> JsonObject:
    """Read the schema in an answer, bare or in a code fence.

    Raises ValueError, in one line, for any doubt, InputError for a schema that is wrong.
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


def _no_key_twice(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"holds {word}, which JSON does not have")
