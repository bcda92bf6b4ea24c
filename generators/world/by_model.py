"""Asks a model what tools do whose inference is in doubt; its answers become a world model.

One narrow question a tool, and only of tools in doubt (`ToolModel.doubts`); what a
person has said is not asked again. An answer that cannot be read, or that names what the catalogue
does not have, changes nothing and is counted: the inferred conclusion stands. A provider's failure
is no answer: its ProviderError passes through.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from data.prompts import render
from generators.world.infer import infer_world
from generators.world.model import Entity, ToolModel
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatRequest, ask_all
from schemas.errors import InputError
from schemas.semantic import SEMANTIC_TYPES, Act
from schemas.tool import Catalog
from schemas.world_model import ToolMeaning, WorldModel, WorldSource

_TRIES = 2
_MOST_NOUNS = 80
_KEYS = {"operation", "entity", "state", "semantics"}
_UNKNOWN = "unknown"


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
    asked = [model for model in world.models.values() if model.doubts]
    if not asked:
        return catalog
    answers = await ask_all(
        _ask(model, entities.get(model.tool.domain, {}), chat, seed) for model in asked
    )
    found: dict[str, ToolMeaning] = {}
    ignored: dict[str, str] = {}
    for model, answer in zip(asked, answers, strict=True):
        if isinstance(answer, str):
            ignored[model.name] = answer
        else:
            found[model.name] = answer
    try:
        catalog = _apply(catalog, found, chat.name)
    except InputError:  # some answer cannot be applied: they are tried one after the other
        kept: dict[str, ToolMeaning] = {}
        for name, meaning in found.items():
            try:
                _apply(catalog, {**kept, name: meaning}, chat.name)
            except InputError as error:
                ignored[name] = error.problem
            else:
                kept[name] = meaning
        catalog = _apply(catalog, kept, chat.name)
    unused = f"not completed by the model {chat.name}"
    counts = f"{len(asked) - len(ignored)} completed, {len(ignored)} ignored"
    notes = [f"{name}: {unused}: {ignored[name]}" for name in sorted(ignored)]
    notes.append(f"{len(asked)} tools in doubt were asked of the model {chat.name}: {counts}")
    return catalog.model_copy(update={"notes": (*catalog.notes, *notes)})


def _apply(catalog: Catalog, found: Mapping[str, ToolMeaning], model: str) -> Catalog:
    """The catalogue with these answers. Raises InputError where they cannot be applied."""
    if not found:
        return catalog
    domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
    said = WorldModel(tools=dict(found))
    source = WorldSource(file=model, author="model", domains=domains, world=said)
    worlds = (source, *catalog.worlds)
    infer_world(catalog.tools, worlds)
    return catalog.model_copy(update={"worlds": worlds})


async def _ask(
    model: ToolModel, entities: Mapping[str, Entity], chat: ChatModel, seed: int
) -> ToolMeaning | str:
    """What the model says of one tool, or why its answer is of no use.

    ``entities``: by noun, those of the tool's domain, which an answer may name.
    """
    unknown = [one.path for one in model.parameters if one.semantic == _UNKNOWN]
    prompt = render(
        "complete_world.j2",
        tool=model.tool,
        operation=model.act,
        entity=model.noun if model.entity else None,
        doubts=model.doubts,
        nouns=list(entities)[:_MOST_NOUNS],
        unknown=unknown,
        semantics=[one for one in SEMANTIC_TYPES if one != _UNKNOWN],
    )
    problem = ""
    for attempt in range(_TRIES):
        request = ChatRequest(
            role="documenter",
            messages=({"role": "user", "content": prompt},),
            seed=derive_seed(seed, "complete world", model.name, attempt),
            temperature=0.0,
            json_object=True,
        )
        reply = await chat.complete(request)
        try:
            return read_answer(reply.text, entities, unknown)
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
    told = value["semantics"]
    if not isinstance(told, dict):
        raise ValueError(f"semantics is no object: {_short(told)}")
    for path, meaning in told.items():
        if path not in unknown:
            raise ValueError(f"names no parameter that was asked for: {_short(path)}")
        if meaning not in SEMANTIC_TYPES:
            raise ValueError(f"names no semantic type: {_short(meaning)}")
    about = entities[noun] if noun is not None else None
    held = about.state_field if about is not None and about.state_field else "status"
    return ToolMeaning.model_validate(
        {
            "operation": act,
            "entity": None if act == "compute" else noun,
            "transition": {held: state.strip()} if act == "transition" else None,
            "parameters": {
                path: {"semantic": meaning} for path, meaning in told.items() if meaning != _UNKNOWN
            },
        }
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
