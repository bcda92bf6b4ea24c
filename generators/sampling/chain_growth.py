"""A chain while it grows: adding a call, and before it the calls that it needs.

A parameter is fed, in this order: by the call that the walk came from; by any earlier call that
has the value; where a person could not say it, by a source put in before. The parts of a composite
identity go together: with ``issue_number`` of a listed issue come its ``owner`` and ``repo``, from
the same element where an edge says so, else from where that call itself had them; else they stay
open, to be the same as that call's arguments.

Within a chain, paths through one list of one result mean one element of it. Only where two
parameters of one call would get one value they are given elements by number: ``accounts[0].id``
and ``accounts[1].id``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import NamedTuple

from generators.graph.result_leaves import list_element
from generators.graph.tool_graph import ToolGraph
from generators.lexicon.names import noun_words, split_words
from generators.lexicon.tables import load_words
from generators.sampling.sampler import link_of
from generators.sampling.value_sources import ValueSources
from generators.sampling.weighted_draw import draw_by_weight
from generators.world.model import ToolModel, World
from schemas.graph import ChainStep, Edge, Feed

Feeds = dict[str, Feed]
"""By parameter."""
_NAMING = ("identity", "reference")
"""Uses of the parameters that name a row."""
_ABROAD = "value"
"""Method of the edges that say only that the value is of one kind in another domain."""


class GrowingChain(NamedTuple):
    """The calls so far, the number of the mission that each belongs to, and each one's tool."""

    steps: tuple[ChainStep, ...] = ()
    missions: tuple[int, ...] = ()
    tools: tuple[str, ...] = ()

    def with_step(self, step: ChainStep, mission: int) -> "GrowingChain":
        """Return a chain that is one call longer."""
        tools = (*self.tools, step.tool)
        return GrowingChain((*self.steps, step), (*self.missions, mission), tools)


class Call(NamedTuple):
    """A call that may be added to a chain."""

    tool: str
    mission: int
    via: int | None = None
    """The step that the walk came from …"""
    edge: Edge | None = None
    """… and the edge that it is to follow; if there is none, the best."""


@dataclass(frozen=True)
class _Needs:
    """What a call of a tool needs of others."""

    model: ToolModel
    unspeakable: tuple[tuple[str, tuple[Edge, ...]], ...]
    """Parameters that must be given and that no person has in mind, with what may feed them."""
    companions: Mapping[str, tuple[str, ...]]
    """Parameter → the others that name the same thing."""
    producers: frozenset[str]
    """The tools of which one has to be called before it."""
    clashing: frozenset[str]
    """The tools after which it makes no sense."""


class ChainGrower:
    """Knows what calls need, and adds them to growing chains."""

    def __init__(
        self, world: World, graph: ToolGraph, sources: ValueSources, visit_cap: int
    ) -> None:
        """``visit_cap``: how often one tool may be called."""
        self._world, self._graph, self._sources = world, graph, sources
        self._visit_cap = visit_cap
        self._needs: dict[str, _Needs] = {}
        self._ways: dict[tuple[str, ...], dict[str, str]] = {}
        self._writers: dict[str | None, list[ToolModel]] = {}
        for model in world.models.values():
            if model.writes:
                self._writers.setdefault(model.entity, []).append(model)

    def add(self, chain: GrowingChain, call: Call, rng: Random) -> GrowingChain | None:
        """Add a call after those that it needs; None where that makes no sense."""
        tool, mission, via, edge = call
        needs = self._needs.get(tool) or self._find_needs(tool)
        if not needs.producers and not self._fits(chain, needs, ()):
            return None  # said before anything is looked for
        feeds: Feeds = {}
        if via is not None:
            way = self._find_way(chain.tools[via], tool, edge)
            feeds = {parameter: make_feed(parameter, via, path) for parameter, path in way.items()}
        for parameter, edges in needs.unspeakable:
            if parameter in feeds:
                continue
            # Feed from the chain as it is: from a call that feeds already, else from the latest.
            used = {feed.step for feed in feeds.values()}
            taken = {(feed.step, feed.result_path) for feed in feeds.values()}
            offers = [
                (place in used, place, edge.score, edge.result_path)
                for edge in edges
                if edge.producer in chain.tools
                for place, name in enumerate(chain.tools)
                if name == edge.producer
                if "[]" in edge.result_path or (place, edge.result_path) not in taken
            ]
            feed = None
            if offers:
                _, place, _, path = max(offers)
                feed = make_feed(parameter, place, path)
            sources = () if feed else self._sources.edges.get((tool, parameter), ())
            if sources:  # one is put before the call
                likely = draw_by_weight(sources, [one.score**2 for one in sources], rng)
                tried = ((self.add(chain, Call(e.producer, mission), rng), e) for e in likely)
                found = next(((longer, e) for longer, e in tried if longer is not None), None)
                if found is None:
                    return None
                chain, source = found
                feed = make_feed(parameter, len(chain.steps) - 1, source.result_path)
            if feed is not None:
                feeds[parameter] = feed
        if feeds and needs.companions:
            feeds |= self._feed_companions(chain, needs, feeds)
        step = ChainStep(tool=tool, feeds=distinguish_feeds(needs.model, feeds))
        # A tool that cannot be called without another may follow it, even if that makes its row.
        forced = needs.producers and needs.producers & {chain.tools[f.step] for f in step.feeds}
        if needs.producers and not self._fits(chain, needs, forced):
            return None
        if tool in chain.tools and _may_repeat(chain, needs.model, step, mission):
            return None
        return chain.with_step(step, mission)

    def _find_needs(self, tool: str) -> _Needs:
        model, feeding = self._world.models[tool], self._graph.feeding
        companions: dict[str, list[str]] = {}
        for one in model.parameters:
            for other in model.parameters:
                together = other.entity == one.entity and other.use in _NAMING
                if one.entity is not None and together and other.path != one.path:
                    companions.setdefault(one.path, []).append(other.path)
        needs = self._needs[tool] = _Needs(
            model,
            tuple(
                (p.path, tuple(e for e in feeding(tool, p.path) if e.method != _ABROAD))
                for p in model.parameters
                if p.required and p.found
            ),
            {path: tuple(others) for path, others in companions.items()},
            frozenset(
                edge.producer
                for one in model.parameters
                for edge in self._sources.edges.get((tool, one.path), ())
            ),
            frozenset(
                writer.name
                for entity in {model.entity, *(one.entity for one in model.parameters)}
                for writer in self._writers.get(entity, ())
                if clash(writer, model)
            ),
        )
        return needs

    def _fits(self, chain: GrowingChain, needs: _Needs, forced: Collection[str]) -> bool:
        """Whether a call is neither one too many, nor senseless after the calls before."""
        if chain.tools.count(needs.model.name) >= self._visit_cap:
            return False
        clashing = needs.clashing.difference(forced) if forced else needs.clashing
        return clashing.isdisjoint(chain.tools)

    def _find_way(self, producer: str, tool: str, edge: Edge | None) -> dict[str, str]:
        """What a call takes from the one that the walk came from: parameter → path in its result.

        By the edge, else the best one, and by all that are needed, the same row's first.
        """
        key = (producer, tool) if edge is None else link_of(edge)
        if key in self._ways:
            return self._ways[key]
        edges, way = self._graph.between(producer, tool), dict[str, str]()
        first = edge or next(iter(edges), None)
        place = list_element(first.result_path) if first else ""
        lists = self._world.models[tool].operation == "list"
        near = sorted(edges, key=lambda one: list_element(one.result_path) != place)
        for one in (first, *near) if first else ():
            parameter, path = self._world.models[tool].parameter(one.parameter), one.result_path
            needed = parameter.found or (parameter.required and parameter.use in _NAMING)
            # What is listed by one thing is narrowed by no other that nobody asked for.
            needed = needed and (parameter.required or not lists)
            # a result's only value of a kind is given once
            free = one.parameter not in way and ("[]" in path or path not in way.values())
            if free and (one is first or (needed and one.method != _ABROAD)):
                way[one.parameter] = path
        self._ways[key] = way
        return way

    def _feed_companions(self, chain: GrowingChain, needs: _Needs, feeds: Feeds) -> Feeds:
        """Feed the other parts of identities of which a part is fed."""
        more: Feeds = {}
        for path, feed in feeds.items():
            element, producer = list_element(feed.result_path), chain.tools[feed.step]
            for other in needs.companions.get(path, ()):
                if other in feeds or other in more:
                    continue
                beside = (
                    make_feed(other, feed.step, edge.result_path)
                    for edge in self._graph.feeding(needs.model.name, other)
                    if edge.producer == producer and edge.result_path != feed.result_path
                    if list_element(edge.result_path) == element
                )
                given = (  # the feeding call itself may have been given that part
                    make_feed(other, one.step, one.result_path)
                    for one in chain.steps[feed.step].feeds
                    if noun_words(one.parameter) == noun_words(other)
                )
                found = next(beside, None) or next(given, None)
                if found is not None:
                    more[other] = found
        return more


@lru_cache(maxsize=65_536)
def make_feed(parameter: str, step: int, path: str) -> Feed:
    """Make a feed; the same one is wanted again and again."""
    return Feed(parameter=parameter, step=step, result_path=path)


def distinguish_feeds(model: ToolModel, feeds: Feeds) -> tuple[Feed, ...]:
    """Put feeds in the order of the parameters, with different rows for different parameters."""
    if len(feeds) < 2:
        return tuple(feeds.values())
    ordered = [feeds[p.path] for p in model.parameters if p.path in feeds]
    sources = [(feed.step, feed.result_path) for feed in ordered]
    for place, feed in enumerate(ordered):
        if sources.count(sources[place]) > 1:
            head, _, tail = feed.result_path.rpartition("[]")
            number = sources[:place].count(sources[place])
            ordered[place] = make_feed(feed.parameter, feed.step, f"{head}[{number}]{tail}")
    return tuple(ordered)


def _may_repeat(chain: GrowingChain, model: ToolModel, step: ChainStep, mission: int) -> bool:
    """Whether a second call of a tool may be the first one again.

    It is another call where the user chooses what to search for, or where all that it is given
    was found since another mission began.
    """
    fed = {feed.parameter for feed in step.feeds}
    if any(p.required and p.path not in fed and p.use not in _NAMING for p in model.parameters):
        return False
    missions = {chain.missions[n] for n, name in enumerate(chain.tools) if name == step.tool}
    fresh = bool(fed) and all(chain.missions[feed.step] == mission for feed in step.feeds)
    return mission in missions or not fresh


def may_follow(earlier: Iterable[ToolModel], later: ToolModel) -> bool:
    """Whether somebody would make a call after others in one conversation.

    Rows are not known yet when a chain is drawn, so two calls about one kind of thing are taken
    for calls about one thing.
    """
    return not any(first.writes and clash(first, later) for first in earlier)


def clash(written: ToolModel, later: ToolModel) -> bool:
    """Whether a call makes no sense once a row was written."""
    if written.name == later.name:
        return True  # the same change twice
    if written.entity is None:
        return False
    if written.operation == "delete":  # what is gone is not asked for
        return any(p.entity == written.entity and p.use in _NAMING for p in later.parameters)
    if written.entity != later.entity or not later.writes:
        return False
    if later.operation == "delete":
        return True  # made or changed only to be thrown away
    if written.operation == "create":
        ending = split_words(later.transition[1] if later.transition is not None else "")
        ended = not load_words("inference", "ended").isdisjoint(ending)
        return later.tool.destructive or ended
    moves = written.transition is not None or later.transition is not None
    return later.operation == "update" and moves
