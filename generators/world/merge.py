"""Lays what several sources say of a catalogue over each other, the stronger before the weaker.

A value that the stronger source has stands; what it leaves open is taken from the weaker one. The
parts of a model, its tools, parameters, entities and fields, are merged one by one; a list or a
mapping of plain values is taken as a whole. Every value keeps its origin.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from schemas.world_model import (
    EntityMeaning,
    Meaning,
    Origin,
    ToolMeaning,
    WorldModel,
    WorldSource,
)

M = TypeVar("M", bound=Meaning)


def merge_sources(sources: Iterable[WorldSource]) -> WorldModel:
    """All that people and models say, each value with the file or model that says it.

    Entities go by domain and noun. Later sources are the stronger.
    """
    merged = WorldModel()
    for source in sources:
        merged = merge_worlds(_named_source(source), merged)
    return merged


def merge_worlds(strong: WorldModel, weak: WorldModel) -> WorldModel:
    """Both models in one."""
    return WorldModel(
        domains=_merge_parts(strong.domains, weak.domains),
        entities=_merge_parts(strong.entities, weak.entities),
        tools=_merge_parts(strong.tools, weak.tools),
    )


def with_origin(meaning: M, origin: Origin, apart: Mapping[str, Origin] | None = None) -> M:
    """The part with this origin of each of its values but those that ``apart`` has."""
    told = {key: origin for key in told_keys(meaning) if key not in PARTS}
    return meaning.model_copy(update={"origins": {**told, **(apart or {}), **meaning.origins}})


def told_keys(meaning: Meaning) -> list[str]:
    """The keys of which the part says something."""
    return [
        key
        for key, field in type(meaning).model_fields.items()
        if key != "origins"
        and getattr(meaning, key) != field.get_default(call_default_factory=True)
    ]


PARTS = ("fields", "parts", "parameters")
"""Keys under which parts of their own lie."""


def _named_source(source: WorldSource) -> WorldModel:
    origin = Origin(source="file" if source.author == "user" else "model", why=source.file)
    entities: dict[str, EntityMeaning] = {}
    plain = {name: meaning for name, meaning in source.world.entities.items() if "/" not in name}
    for domain in source.domains:
        entities |= {f"{domain}/{noun}": meaning for noun, meaning in plain.items()}
    for key, meaning in source.world.entities.items():
        if "/" in key:
            entities[key] = _merge(meaning, entities[key]) if key in entities else meaning
    tools: dict[str, ToolMeaning] = {}
    for name, tool in source.world.tools.items():
        parts = {path: with_origin(one, origin) for path, one in tool.parameters.items()}
        tools[name] = with_origin(tool.model_copy(update={"parameters": parts}), origin)
    for key, entity in entities.items():
        update = {
            "fields": {name: with_origin(one, origin) for name, one in entity.fields.items()},
            "parts": {path: with_origin(one, origin) for path, one in entity.parts.items()},
        }
        entities[key] = with_origin(entity.model_copy(update=update), origin)
    domains = {name: with_origin(meaning, origin) for name, meaning in source.world.domains.items()}
    return WorldModel(domains=domains, entities=entities, tools=tools)


def _merge_parts(strong: Mapping[str, M], weak: Mapping[str, M]) -> dict[str, M]:
    merged = dict(weak)
    for name, part in strong.items():
        merged[name] = _merge(part, weak[name]) if name in weak else part
    return merged


def _merge(strong: M, weak: M) -> M:
    told = told_keys(strong)
    update = {key: getattr(strong, key) for key in told if key not in PARTS}
    update |= {
        key: _merge_parts(getattr(strong, key), getattr(weak, key)) for key in told if key in PARTS
    }
    denies = isinstance(strong, ToolMeaning) and strong.operation not in (None, "transition")
    if denies and "transition" not in told:
        update["transition"] = None  # who denies the change of state denies its value
    update["origins"] = {**weak.origins, **strong.origins}
    return weak.model_copy(update=update)
