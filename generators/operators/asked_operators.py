"""Which operators a candidate is to have, where somebody asks for a share of the tasks.

A share that is asked for is steered to: so many of each block of candidates must have the operator,
and no others. Which those are follows from the seed and the candidate's number alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import NamedTuple

from generators.operators.operator import Operator
from generators.sampling.sampler import Focus, Link, Sampler, tools_of
from generators.tasks.plan import Mix
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.errors import InputError

_BLOCK = 20
"""Candidates of which so many have an operator as its share says."""
_ALIKE = 0.1
"""How much two stand in each other's way that need a turn of the same sort."""
_PROBES = 12
"""Chains that are drawn to find out what goes together."""
_UNSUPPORTED = "unsupported"
"""What is drawn beside the operators and steered to as they are."""


class Wanted(NamedTuple):
    """What one candidate is tried with, and must have."""

    mix: Mix
    foci: Mapping[str, tuple[Focus, ...]]
    """Operator that it must have → the tools or edges that may give it a place."""
    joined: tuple[Link, ...] = ()
    """Edges whose ends must be asked for together, for one of them to find a place."""


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
            links: tuple[Focus, ...] = tuple(
                link
                for link in self.sampler.links
                if parent is not None and link.consumer in tools
                if parent.allows_link(self.world, link)
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
        # What is steered to → the candidates of a block that must have it.
        rng = Random(derive_seed("asked", seed, block))
        load, places = [0] * _BLOCK, dict[str, list[int]]()
        kinds = [name for name, one in self._parents.items() if one and one.name != name]
        # How many tools allow it, by the power of two: a few more or less say nothing.
        rank = {name: len({tools_of(one)[-1] for one in foci}).bit_length()
                for name, foci in self._foci.items()}  # fmt: skip
        plain = sorted(self._parents.keys() - kinds, key=lambda name: (rank[name], name))
        for name in (*plain, *kinds):
            parent, share = self._parents[name], self.mix[name]
            order = rng.sample(range(_BLOCK), _BLOCK)
            if name in kinds and parent is not None:
                order = places.get(parent.name, order)
                share *= 1 if parent.name in places else self.mix[parent.name]
            else:
                there = [[one for one in plain if spot in places.get(one, ())]
                         for spot in range(_BLOCK)]  # fmt: skip
                weights = [(sum(self._apart[name, one] for one in there[spot]), load[spot])
                           for spot in range(_BLOCK)]  # fmt: skip
                order.sort(key=weights.__getitem__)
            places[name] = order[: int(share * len(order) + rng.random())]
            for spot in places[name] if name in plain else ():
                load[spot] += 1
        own |= dict.fromkeys(places, 0.0)
        for name, parent in self._parents.items():
            if place in places[name]:
                chosen[name] = self._foci[name]
                own |= parent.brings if parent is not None else {}
                own |= dict.fromkeys([name, *([parent.name] if parent is not None else ())], 1.0)
        # What allows each operator, in the domains that allow all of them if there are any.
        domains = {name: [self.world.models[tools_of(one)[-1]].tool.domain for one in foci]
                   for name, foci in chosen.items()}  # fmt: skip
        common = set.intersection(*map(set, domains.values())) if domains else set()
        chosen = {
            name: tuple(
                one
                for one, domain in zip(foci, domains[name], strict=True)
                if not common or domain in common
            )
            for name, foci in chosen.items()
        }
        at_once = {name for name, parent in self._parents.items() if parent and parent.at_once}
        joined = (one for name in chosen if name in at_once for one in chosen[name])
        return Wanted(Mix(own), chosen, tuple(one for one in joined if isinstance(one, Link)))

    @cached_property
    def _apart(self) -> dict[tuple[str, str], float]:
        """Two of what is steered to → how much they stand in each other's way.

        How seldom a chain for the rarer one has room for the other, which weighs the more the fewer
        tools allow it; and whether both need a turn of the same sort to themselves.
        """
        found: dict[tuple[str, str], float] = {}
        claims = {name: one.claims if one else "" for name, one in self._parents.items()}
        calls = {name: {tools_of(one)[-1] for one in foci} for name, foci in self._foci.items()}
        names = sorted(self._foci, key=lambda name: (len(calls[name]), name))
        for number, name in enumerate(names):
            drawn = [*self._probe(name)] if number < len(names) - 1 else []
            for other in names[number + 1 :]:
                turns = bool(claims[name] and claims[other])
                room = sum(bool((tools - about if turns else tools) & calls[other])
                           for about, tools in drawn)  # fmt: skip
                alike = _ALIKE if turns and claims[name] == claims[other] else 0
                apart = (1 - room / max(1, len(drawn))) / max(1, len(calls[name]))
                found[name, other] = found[other, name] = apart + alike
        return found

    def _probe(self, name: str) -> Iterator[tuple[set[str], set[str]]]:
        """Of chains that are drawn for an operator, the tools that it is about, and all tools."""
        foci = self._foci[name]
        for number in range(_PROBES if foci else 0):
            focus, seed = foci[number * len(foci) // _PROBES], derive_seed("probe", name, number)
            with suppress(InputError):
                chain = self.sampler.sample(seed, focus)
                yield {*tools_of(focus)}, {step.tool for step in chain.steps}
