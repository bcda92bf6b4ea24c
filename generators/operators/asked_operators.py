"""Which operators a candidate is to have, where somebody asks for a share of the tasks.

A share that is asked for is steered to: so many of each block of candidates must have the operator,
and no others. Which those are follows from the seed and the candidate's number alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import NamedTuple

from generators.operators.operator import Operator
from generators.sampling.sampler import Focus, Sampler
from generators.tasks.plan import Mix
from generators.world.model import World
from schemas.canonical import derive_seed

_BLOCK = 20
"""Candidates of which so many have an operator as its share says."""
_UNSUPPORTED = "unsupported"
"""What is drawn beside the operators and steered to as they are."""


class Wanted(NamedTuple):
    """What one candidate is tried with, and must have."""

    mix: Mix
    foci: Mapping[str, tuple[Focus, ...]]
    """Operator that it must have → the tools or edges that may give it a place."""


@dataclass(frozen=True)
class AskedOperators:
    """The operators of which a share is asked for, in a world of which some tools are called."""

    mix: Mix
    operators: Sequence[Operator]
    world: World
    sampler: Sampler

    @cached_property
    def lacking(self) -> dict[str, str]:
        """Operator → what none of the tools offers that people ask for: it cannot be had."""
        models = [self.world.models[name] for name in self.sampler.usable]
        return {one.name: one.needs for one in self.operators
                if not any(one.allows(self.world, model) for model in models)}  # fmt: skip

    @property
    def wanted(self) -> frozenset[str]:
        """The names of which somebody has said a share, other than none."""
        return frozenset(name for name in self.mix.asked if self.mix[name])

    @cached_property
    def _parents(self) -> dict[str, Operator | None]:
        """What is steered to → the operator that it is, or is a kind of."""
        asked = self.wanted
        marks = {mark.name: one for one in self.operators for mark in one.marks
                 if mark.name in asked and one.name not in self.lacking}  # fmt: skip
        return marks | ({_UNSUPPORTED: None} if _UNSUPPORTED in asked else {})

    @cached_property
    def _foci(self) -> dict[str, tuple[Focus, ...]]:
        """Operator → the tools that may give it a place, each with what shows its row."""
        models, usable, found = self.world.models, self.sampler.usable, {}
        for name, parent in self._parents.items():
            tools = [one for one in usable
                     if parent is None or parent.allows(self.world, models[one])]  # fmt: skip
            shows = parent.shown_by if parent is not None else frozenset()
            links: tuple[Focus, ...] = tuple(
                link
                for link in self.sampler.links
                if link.consumer in tools and models[link.producer].operation in shows
            )
            found[name] = links or tuple(tools)
        return found

    def choose(self, seed: int, index: int) -> Wanted:
        """The mix of a candidate, and what it must have if its tools allow it.

        What is steered to is tried in the candidates that must have it, and in no others; all else
        is tried as the mix says.
        """
        block, place = divmod(index, _BLOCK)
        own = dict(self.mix) | dict.fromkeys(self.lacking, 0.0)
        chosen: dict[str, tuple[Focus, ...]] = {}
        places = self._spread(seed, block)
        own |= dict.fromkeys(places, 0.0)
        for name, parent in self._parents.items():
            if place in places[name]:
                chosen[name] = self._foci[name]
                own |= parent.brings if parent is not None else {}
                own |= dict.fromkeys([name, *([parent.name] if parent is not None else ())], 1.0)
        return Wanted(Mix(own), chosen)

    def _spread(self, seed: int, block: int) -> dict[str, list[int]]:
        """What is steered to → the candidates of a block that must have it.

        Each is placed where least is asked for so far; those that need a turn to themselves come
        first, where fewest others need one of that sort. A kind is for some of those with its own.
        """
        rng = Random(derive_seed("asked", seed, block))
        load, places = [0] * _BLOCK, dict[str, list[int]]()
        turns = {"write": [0] * _BLOCK, "read": [0] * _BLOCK}
        kinds = [name for name, one in self._parents.items() if one and one.name != name]
        claims = {name: one.claims for name, one in self._parents.items() if one and one.claims}
        plain = sorted(self._parents.keys() - kinds, key=lambda name: (name not in claims, name))
        for name in (*plain, *kinds):
            parent, share = self._parents[name], self.mix[name]
            order = rng.sample(range(_BLOCK), _BLOCK)
            if name in kinds and parent is not None:
                order = places.get(parent.name, order)
                share *= 1 if parent.name in places else self.mix[parent.name]
            else:
                alike = turns.get(claims.get(name, ""), load)
                weights = [*zip(alike, load, strict=True)]
                order.sort(key=weights.__getitem__)
            places[name] = order[: int(share * len(order) + rng.random())]
            for place in places[name] if name in plain else ():
                load[place] += 1
                if name in claims:
                    turns[claims[name]][place] += 1
        return places
