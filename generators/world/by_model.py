"""Asks a model what tools do whose inference is in doubt; its answers become a world model.

One narrow question a tool, and only of tools in doubt (`ToolModel.doubts`); what a
person has said is not asked again. An answer that cannot be read, or that names what the catalogue
does not have, changes nothing and is counted: the inferred conclusion stands. A provider's failure
is no answer: its ProviderError passes through.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from data.prompts import render
from generators.world.infer import infer_world
from generators.world.model import Entity, ToolModel
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatRequest
from schemas.errors import InputError
from schemas.semantic import SEMANTIC_TYPES, Act
from schemas.tool import Catalog
from schemas.world_model import ToolMeaning, WorldModel, WorldSource

_TRIES = 2
_MOST_NOUNS = 80
_KEYS = {"operation", "entity", "state", "semantics"}
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class _DoubtfulTool:
    """A tool in doubt, and what an answer may name."""

    model: ToolModel
    entities: Mapping[str, Entity]
    """By noun: those of the tool's domain."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """The parameters whose meaning is not known."""
        return tuple(one.path for one in self.model.parameters if one.semantic == _UNKNOWN)


async def complete_world(catalog: Catalog, chat: ChatModel, seed: int) -> Catalog:
    """The catalogue with what a model says of the tools in doubt, weaker than all others.

    All tools are asked about at once; how many requests are open is the model's business. What is
    asked depends on the tools and the seed, not on their order or on answers. Notes tell whose
    answers were of no use, and why. Raises ProviderError.
    """
    world = infer_world(catalog.tools, catalog.worlds)
    entities: dict[str, dict[str, Entity]] = {}
    for entity in world.entities.values():
        entities.setdefault(entity.domain, {})[entity.noun] = entity
    questions = [
        _DoubtfulTool(model, entities.get(model.tool.domain, {}))
        for model in world.models.values()
        if model.doubts
    ]
    if not questions:
        return catalog
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_answered(one, chat, seed)) for one in questions]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    found: dict[str, ToolMeaning] = {}
    ignored: dict[str, str] = {}
    for question, task in zip(questions, tasks, strict=True):
        answer = task.result()
        if isinstance(answer, str):
            ignored[question.model.name] = answer
        else:
            found[question.model.name] = answer
    completed, refused = _applied(catalog, found, chat.name)
    ignored |= refused
    notes = [
        f"{name}: not completed by the model {chat.name}: {ignored[name]}"
        for name in sorted(ignored)
    ]
    counts = Counter({"completed": len(found) - len(refused), "ignored": len(ignored)})
    told = ", ".join(f"{counts[key]} {key}" for key in ("completed", "ignored"))
    notes.append(f"{len(questions)} tools in doubt were asked of the model {chat.name}: {told}")
    return completed.model_copy(update={"notes": (*completed.notes, *notes)})


async def _answered(question: _DoubtfulTool, chat: ChatModel, seed: int) -> ToolMeaning | str:
    """What the model says of one tool, or why its answer is of no use."""
    model = question.model
    prompt = render(
        "complete_world.j2",
        tool=model.tool,
        operation=model.act,
        entity=model.noun if model.entity else None,
        doubts=model.doubts,
        nouns=list(question.entities)[:_MOST_NOUNS],
        unknown=question.unknown,
        semantics=[one for one in SEMANTIC_TYPES if one != _UNKNOWN],
    )
    problem = ""
    for attempt in range(_TRIES):
        reply = await chat.complete(
            ChatRequest(
                role="documenter",
                messages=({"role": "user", "content": prompt},),
                seed=derive_seed(seed, "complete world", model.name, attempt),
                temperature=0.0,
                json_object=True,
            )
        )
        try:
            return read_answer(reply.text, question.entities, question.unknown)
        except ValueError as error:
            problem = str(error)
    return problem


def read_answer(text: str, entities: Mapping[str, Entity], unknown: Sequence[str]) -> ToolMeaning:
    """Read an answer: strictly, or not at all. Raises ValueError, in one line, for any doubt."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the answer is no JSON") from None
    if not isinstance(value, dict) or set(value) != _KEYS:
        raise ValueError(f"must be an object with the keys {', '.join(sorted(_KEYS))}")
    act, noun, state = (value[key] for key in ("operation", "entity", "state"))
    if act not in get_args(Act):
        raise ValueError(f"names no operation: {_short(act)}")
    if noun is not None and not (isinstance(noun, str) and noun in entities):
        raise ValueError(f"names no entity that there is: {_short(noun)}")
    if (act == "transition") != (isinstance(state, str) and bool(state.strip())):
        raise ValueError("a transition has a state, and nothing else has")
    told = _told_semantics(value["semantics"], unknown)
    about = entities[noun] if noun is not None else None
    held = about.state_field if about is not None and about.state_field else "status"
    return ToolMeaning.model_validate(
        {
            "operation": act,
            "entity": None if act == "compute" else noun,
            "transition": {held: state.strip()} if act == "transition" else None,
            "parameters": {path: {"semantic": meaning} for path, meaning in told.items()},
        }
    )


def _told_semantics(value: Any, unknown: Sequence[str]) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f"semantics is no object: {_short(value)}")
    for path, meaning in value.items():
        if path not in unknown:
            raise ValueError(f"names no parameter that was asked for: {_short(path)}")
        if meaning not in SEMANTIC_TYPES:
            raise ValueError(f"names no semantic type: {_short(meaning)}")
    return {path: meaning for path, meaning in value.items() if meaning != _UNKNOWN}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _applied(
    catalog: Catalog, found: Mapping[str, ToolMeaning], model: str
) -> tuple[Catalog, dict[str, str]]:
    """The catalogue with what can be applied, and why the rest cannot be."""
    try:
        return _with(catalog, found, model), {}
    except InputError:
        pass  # some answer cannot be applied: they are tried one after the other
    kept: dict[str, ToolMeaning] = {}
    refused: dict[str, str] = {}
    for name, meaning in found.items():
        try:
            _with(catalog, {**kept, name: meaning}, model)
        except InputError as error:
            refused[name] = error.problem
        else:
            kept[name] = meaning
    return _with(catalog, kept, model), refused


def _with(catalog: Catalog, found: Mapping[str, ToolMeaning], model: str) -> Catalog:
    """The catalogue with these answers. Raises InputError where they cannot be applied."""
    if not found:
        return catalog
    domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
    said = WorldModel(tools=dict(found))
    source = WorldSource(file=model, author="model", domains=domains, world=said)
    worlds = (source, *catalog.worlds)
    infer_world(catalog.tools, worlds)
    return catalog.model_copy(update={"worlds": worlds})
