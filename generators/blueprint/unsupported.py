"""Requests that none of the offered tools serves."""

from collections.abc import Sequence
from functools import cache
from random import Random

import yaml

import data
from generators.language.action import action
from generators.language.words import singular, split_name
from generators.world import ToolModel, World

_MISSING_TOOL = 0.4


@cache
def _wishes() -> tuple[tuple[str, frozenset[str]], ...]:
    loaded: dict[str, str] = yaml.safe_load(data.text("phrases/unsupported.yaml"))
    return tuple((wish, frozenset(words.split())) for wish, words in loaded.items())


def unsupported_wish(world: World, offered: Sequence[str], rng: Random) -> str | None:
    """What to ask for in vain, as a verb phrase: "order a taxi to the station".

    Either a wish from outside, none of whose key words the offered tools speak of, or the work of a
    tool of the same domain that is not offered and that no offered one could do instead.
    """
    spoken = {word for name in offered for word in _words(world.models[name])}
    if rng.random() < _MISSING_TOOL:
        missing = [m for m in _not_offered(world, offered) if not _replaceable(world, m, offered)]
        if missing:
            return _wish_of(rng.choice(missing))
    outside = [wish for wish, keys in _wishes() if not keys & spoken]
    return rng.choice(outside) if outside else None


def _words(model: ToolModel) -> set[str]:
    tool = model.tool
    text = f"{tool.name} {tool.title} {tool.description} {tool.domain}"
    return {singular(word) for word in split_name(text)}


def _not_offered(world: World, offered: Sequence[str]) -> list[ToolModel]:
    domains = {world.models[name].tool.domain for name in offered}
    return [
        model
        for name, model in world.models.items()
        if name not in offered and model.tool.domain in domains and model.writes
    ]


def _replaceable(world: World, missing: ToolModel, offered: Sequence[str]) -> bool:
    """Whether some offered tool changes the same things, or what the missing one names."""
    nouns = {singular(word) for word in missing.noun.split()}
    for name in offered:
        model = world.models[name]
        same_entity = model.entity == missing.entity and model.writes
        words = {singular(word) for word in split_name(model.tool.name)}
        if same_entity or (model.writes and nouns <= words):
            return True
    return False


def _wish_of(model: ToolModel) -> str:
    what = action(model)
    return f"{what.verb} {what.generic}"
