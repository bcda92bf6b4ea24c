"""Requests that none of the offered tools serves."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from random import Random

import yaml

import data
from generators.language.action import action
from generators.lexicon.names import split_words
from generators.lexicon.nouns import singular
from generators.tasks.offered_tools import Shelf
from generators.tasks.plan import MAX_USER_MESSAGES, Plan, TurnPlan
from generators.tasks.plan_changes import insert_turn
from generators.world.model import ToolModel, World
from schemas.twists import LeansOn, has_twist

_ALIKE = 0.6
"""Cosine from which the texts of two tools that do something are taken to tell of one thing."""


@cache
def _wishes() -> tuple[tuple[str, frozenset[str]], ...]:
    loaded: dict[str, str] = yaml.safe_load(data.text("phrases/unsupported.yaml"))
    return tuple((wish, frozenset(words.split())) for wish, words in loaded.items())


def outside_wish(world: World, offered: Sequence[str], rng: Random) -> str | None:
    """A wish of which no offered tool speaks, as a verb phrase: "order a taxi to the station"."""
    spoken = spoken_of(world.models[name] for name in offered)
    outside = [wish for wish, keys in _wishes() if not keys & spoken]
    return rng.choice(outside) if outside else None


def spoken_of(models: Iterable[ToolModel]) -> set[str]:
    """The words of which tools speak, in the singular."""
    return {
        word
        for model in models
        for word in {
            singular(word)
            for word in split_words(
                f"{model.tool.name} {model.tool.title} {model.tool.description} {model.tool.domain}"
            )
        }
    }


def missing_tool(shelf: Shelf, needed: Sequence[str], rng: Random) -> str | None:
    """Choose a tool that changes something, in the domains at hand, to be asked for in vain.

    One whose work no needed tool could do, as those are offered in any case.
    """
    world = shelf.world
    domains = {world.models[name].tool.domain for name in needed}
    missing = [
        name
        for name, model in world.models.items()
        if model.writes and model.tool.domain in domains and may_miss(shelf, name, needed)
    ]
    return rng.choice(missing) if missing else None


def may_miss(shelf: Shelf, missing: str, needed: Iterable[str]) -> bool:
    """Whether the tool can be left out, and nothing that is needed does its work."""
    return not any(serves(shelf, name, missing) for name in needed)


def serves(shelf: Shelf, name: str, missing: str) -> bool:
    """Whether a tool might be used for what another one does: then both must be left out.

    It is the same one, or changes the same things, or what the other names, or is told of in much
    the same words. Reads serve no wish for a change.
    """
    world = shelf.world
    model, other = world.models[name], world.models[missing]
    if name == missing:
        return True
    if model.operation in ("get", "list"):
        return False
    if model.writes and (model.entity == other.entity or _names_noun(model, other)):
        return True
    return shelf.likeness(name, missing) >= _ALIKE


def wish_of(model: ToolModel) -> str:
    """What a tool does, as a wish: "cancel an order"."""
    what = action(model)
    return f"{what.verb} {what.generic}"


def _names_noun(model: ToolModel, other: ToolModel) -> bool:
    """Whether a tool's name has the noun of the other."""
    nouns = {singular(word) for word in other.noun.split()}
    return nouns <= {singular(word) for word in split_words(model.tool.name)}


_MISSING_TOOL = 0.4
"""Share of the wishes in vain that are for a tool of the catalogue."""


def offered_tools(
    shelf: Shelf,
    share: float,
    plan: Plan,
    needed: Sequence[str],
    missing: Sequence[str],
    rng: Random,
) -> tuple[Plan, tuple[str, ...]]:
    """The tools that are offered; the plan, in which one thing more may be asked for in vain."""
    more = rng.random() < share and plan.user_messages < MAX_USER_MESSAGES
    extra = None
    if more and rng.random() < _MISSING_TOOL:
        extra = missing_tool(shelf, needed, rng)
    absent = (*missing, extra) if extra else missing
    offered = shelf.offer(
        needed, rng, lambda name: any(serves(shelf, name, other) for other in absent)
    )
    wish = None
    if extra:
        wish = wish_of(shelf.world.models[extra])
    elif more:
        wish = outside_wish(shelf.world, offered, rng)
    if wish is None or any(turn.wish == wish for turn in plan.turns):
        return plan, offered
    place = rng.randrange(len(plan.turns) + 1)
    if place < len(plan.turns) and has_twist(plan.turns[place], LeansOn):
        place += 1  # nothing comes between a short question and what it leans on
    wider = insert_turn(plan, place, TurnPlan((), wish, outcome="refuse"))
    return replace(wider, operators=(*plan.operators, "unsupported")), offered
