"""The tools that an assistant is offered, and the requests that none of them serves.

Hybrid-20 of UniToolCall (arXiv 2604.11557): the needed tools and their nearest neighbours up to 15,
then random ones up to 20. Its lists put the needed tools first; here their place tells nothing.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from random import Random

import numpy as np
from numpy.typing import NDArray

import data
from generators.embedding import Embedder, Vectors
from generators.language.action import action
from generators.language.deed_words import spoken_noun
from generators.lexicon.names import split_words
from generators.lexicon.nouns import named_as, plural, singular
from generators.lexicon.tables import load_words
from generators.sampling.wishes import is_wish
from generators.tasks.asked_aloud import is_rival
from generators.tasks.plan import MAX_USER_MESSAGES, Plan, TurnPlan
from generators.tasks.plan_changes import insert_turn
from generators.world.model import ToolModel, World
from schemas.twists import LeansOn, has_twist

NEAR, SIZE = 15, 20
_WIDE = 12
"""So many times the list's length are drawn at random, lest too few be left that are allowed."""
_ALIKE = 0.6
"""Cosine from which the texts of two tools that do something are taken to tell of one thing."""
_MISSING_TOOL = 0.4
"""Share of the wishes in vain that are for a tool of the catalogue."""


class Shelf:
    """All tools, ready to be offered. Their vectors are made once, when they are first needed."""

    def __init__(
        self,
        world: World,
        names: Sequence[str],
        embedder: Embedder,
        near: int = NEAR,
        size: int = SIZE,
    ) -> None:
        """``names``: wire names in the catalogue's order. ``near``, ``size``: see `offer`."""
        self.world, self.names = world, tuple(names)
        self.near, self.size = near, size
        self._embedder = embedder
        self._places = {name: place for place, name in enumerate(self.names)}

    def offer(
        self, needed: Sequence[str], rng: Random, barred: Callable[[str], bool] = lambda _: False
    ) -> tuple[str, ...]:
        """Needed tools, their neighbours up to ``near`` and others up to ``size``, shuffled.

        What is ``barred`` is not offered. Shorter only where the catalogue has no more.
        """
        chosen = dict.fromkeys(needed)
        some = rng.sample(self.names, min(len(self.names), _WIDE * self.size))
        # All tools by their cosine to the nearest needed one, best first; rounded, so that another
        # processor's last digit makes no other order.
        rows = self._vectors[[self._places[name] for name in chosen]]
        best: NDArray[np.float32] = (self._vectors @ rows.T).max(axis=1, initial=-1)
        order = np.argsort(-np.round(best, 4), kind="stable")
        nearest = [self.names[place] for place in order[: len(chosen) + _WIDE * self.size]]
        for most, candidates in ((self.near, nearest), (self.size, some)):
            for name in candidates:
                if len(chosen) >= most:
                    break
                if name not in chosen and not barred(name):
                    chosen[name] = None
        offered = list(chosen)
        rng.shuffle(offered)
        return tuple(offered)

    def likeness(self, one: str, two: str) -> float:
        """Cosine of the texts of two tools."""
        vectors = self._vectors
        return float(vectors[self._places[one]] @ vectors[self._places[two]])

    @cached_property
    def _vectors(self) -> Vectors:
        """One row a tool, in the order of ``names``."""
        tools = [self.world.models[name].tool for name in self.names]
        texts = [f"{' '.join(split_words(tool.clear_name))}: {tool.description}" for tool in tools]
        distinct = sorted(set(texts))  # each is embedded once
        places = {text: place for place, text in enumerate(distinct)}
        vectors: Vectors = self._embedder.embed(distinct)[[places[text] for text in texts]]
        return vectors


def offer_tools(
    shelf: Shelf, share: float, plan: Plan, missing: Sequence[str], rng: Random
) -> tuple[Plan, tuple[str, ...]]:
    """The tools that are offered; the plan, in which one thing more may be asked for in vain.

    None is offered that the words of a call would ask for as well.
    ``missing``: tools that the plan asks for in vain. ``share``: of the plans that ask for more.
    """
    world, wish = shelf.world, None
    more = rng.random() < share and plan.user_messages < MAX_USER_MESSAGES
    absent = list(missing)
    if more and rng.random() < _MISSING_TOOL:
        # A tool that changes something in the domains at hand, and whose work no needed one does.
        domains = {world.models[name].tool.domain for name in plan.needed}
        others = [
            name
            for name, model in world.models.items()
            if model.writes and model.tool.domain in domains and is_wish(world, model)
            if may_miss(shelf, name, plan.needed)
        ]
        if others:
            absent.append(rng.choice(others))
            wish = wish_of(world.models[absent[-1]])
    offered = shelf.offer(
        plan.needed,
        rng,
        lambda name: (
            any(serves(shelf, name, other) for other in absent)
            or any(is_rival(one.model, one.arguments, world.models[name]) for one in plan.done)
        ),
    )
    if more and wish is None:  # one of which no offered tool speaks
        spoken = spoken_of(world.models[name] for name in offered)
        models = [world.models[name] for name in plan.needed]
        if outside := list_vain_wishes([spoken_noun(one) for one in models if one.entity], spoken):
            wish = rng.choice(outside)
    if wish is None or any(turn.wish == wish for turn in plan.turns):
        return plan, offered
    place = rng.randrange(len(plan.turns) + 1)
    if place < len(plan.turns) and has_twist(plan.turns[place], LeansOn):
        place += 1  # nothing comes between a short question and what it leans on
    wider = insert_turn(plan, place, TurnPlan((), wish, outcome="refuse"))
    return replace(wider, operators=(*plan.operators, "unsupported")), offered


def list_vain_wishes(nouns: Iterable[str], spoken: Collection[str]) -> list[str]:
    """What people would wish of such things, and none of the words ``spoken`` speaks of."""
    people = load_words("inference", "people")  # nobody has them drawn or translated
    things = [noun for noun in nouns if noun and noun.split()[-1] not in people]
    return [
        wish.replace("{things}", plural(noun))
        for wish, told in data.table("phrases/unsupported.yaml").items()
        for noun in dict.fromkeys(things)
        if {*told["words"].split()}.isdisjoint(spoken)
        and not (
            "of" in told and {named_as(noun), singular(noun.split()[-1])}.isdisjoint(told["of"])
        )
    ]


def spoken_of(models: Iterable[ToolModel]) -> set[str]:
    """The words of which tools speak, in the singular."""
    tools = (model.tool for model in models)
    texts = (f"{one.name} {one.title} {one.description} {one.domain}" for one in tools)
    return {singular(word) for text in texts for word in set(split_words(text))}


def may_miss(shelf: Shelf, missing: str, needed: Iterable[str]) -> bool:
    """Whether the tool can be left out, and nothing that is needed does its work."""
    return not any(serves(shelf, name, missing) for name in needed)


def serves(shelf: Shelf, name: str, missing: str) -> bool:
    """Whether a tool might be used for what another one does: then both must be left out.

    It is the same one, or changes the same things, or what the other names, or is told of in much
    the same words. Reads serve no wish for a change.
    """
    if name == missing:
        return True
    model, other = shelf.world.models[name], shelf.world.models[missing]
    if model.operation in ("get", "list"):
        return False
    if model.writes:
        nouns = {singular(word) for word in other.noun.split()}
        if model.entity == other.entity or nouns <= set(
            map(singular, split_words(model.tool.clear_name))
        ):
            return True
    return shelf.likeness(name, missing) >= _ALIKE


def wish_of(model: ToolModel) -> str:
    """What a tool does, as a wish: "cancel an order"."""
    what = action(model)
    return f"{what.verb} {what.generic}{what.aim}"
