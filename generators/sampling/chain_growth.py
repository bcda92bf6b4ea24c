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

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from generators.graph.result_leaves import list_element
from generators.graph.tool_graph import ToolGraph
from generators.identity_cache import remembered
from generators.lexicon.names import noun_words, split_words
from generators.lexicon.tables import load_words
from generators.sampling.value_sources import ValueSources
from generators.sampling.weighted_draw import draw_by_weight
from generators.world.model import ParameterModel, ToolModel, World
from schemas.graph import ChainStep, Edge, Feed

Feeds = dict[str, Feed]
"""By parameter."""


@dataclass(frozen=True)
class GrowingChain:
    """The calls so far, and the number of the mission that each belongs to."""

    steps: tuple[ChainStep, ...] = ()
    missions: tuple[int, ...] = ()

    @cached_property
    def tools(self) -> list[str]:
        """The tool of each call."""
        return [step.tool for step in self.steps]

    def with_step(self, step: ChainStep, mission: int) -> "GrowingChain":
        """Return a chain that is one call longer."""
        return GrowingChain((*self.steps, step), (*self.missions, mission))


@dataclass(frozen=True)
class ChainGrower:
    """Knows what calls need, and adds them to growing chains."""

    world: World
    graph: ToolGraph
    sources: ValueSources
    visit_cap: int

    def add(
        self,
        chain: GrowingChain,
        tool: str,
        mission: int,
        rng: Random,
        via: int | None = None,
        edge: Edge | None = None,
    ) -> GrowingChain | None:
        """Add a call, and the calls that it needs before it.

        ``via``: the step that the walk came from, ``edge``: the edge that it is to follow; if there
        is none, the best. None where the call cannot be added sensibly.
        """
        model = self.world.models[tool]
        feeds = self._feed_from(chain, model, via, edge) if via is not None else {}
        for parameter in _list_unspeakable(model):
            if parameter.path in feeds:
                continue
            feed = self._find_feed(chain, tool, parameter, feeds)
            if feed is None and (tool, parameter.path) in self.sources.edges:
                fetched = self._add_source(chain, tool, parameter, mission, rng)
                if fetched is None:
                    return None
                chain, feed = fetched
            if feed is not None:
                feeds[parameter.path] = feed
        if feeds:
            feeds |= self._feed_companions(chain, model, feeds)
        step = ChainStep(tool=tool, feeds=tuple(distinguish_feeds(model, feeds)) if feeds else ())
        if not self._is_allowed(chain, model, step, mission):
            return None
        return chain.with_step(step, mission)

    def _is_allowed(
        self, chain: GrowingChain, model: ToolModel, step: ChainStep, mission: int
    ) -> bool:
        """Neither too often, nor senseless, nor the same call again."""
        visits = chain.tools.count(model.name)
        if visits >= self.visit_cap or (visits and _may_repeat(chain, model, step, mission)):
            return False
        models = self.world.models
        written = [name for name in chain.tools if models[name].writes]
        if not written:
            return True
        # A tool that cannot be called without another may follow it, even if that makes its row.
        needed = self._sources_by_tool.get(model.name, set())
        forced = needed & {chain.tools[feed.step] for feed in step.feeds}
        return may_follow([models[name] for name in written if name not in forced], model)

    @cached_property
    def _sources_by_tool(self) -> dict[str, set[str]]:
        """Tool → the tools of which one has to be called before it."""
        found: dict[str, set[str]] = {}
        for (tool, _), edges in self.sources.edges.items():
            found.setdefault(tool, set()).update(edge.producer for edge in edges)
        return found

    def _feed_from(
        self, chain: GrowingChain, model: ToolModel, via: int, first: Edge | None
    ) -> Feeds:
        """Feed from the step that the walk came from: by the best edge, and all needed ones."""
        feeds: Feeds = {}
        edges = self.graph.between(chain.tools[via], model.name)
        first = first or next(iter(edges), None)
        if first is None:
            return feeds
        _feed_along(feeds, first, via)
        place = list_element(first.result_path)
        for edge in sorted(edges, key=lambda edge: list_element(edge.result_path) != place):
            parameter = model.parameter(edge.parameter)
            needed = parameter.required and parameter.use in ("identity", "reference")
            if edge.method != "value" and (needed or parameter.opaque):
                _feed_along(feeds, edge, via)
        return feeds

    def _find_feed(
        self, chain: GrowingChain, tool: str, parameter: ParameterModel, feeds: Feeds
    ) -> Feed | None:
        """Feed from the chain as it is: from a call that feeds already, else from the latest."""
        if not chain.steps:
            return None
        used = {feed.step for feed in feeds.values()}
        taken = {(feed.step, feed.result_path) for feed in feeds.values()}
        places: dict[str, list[int]] = {}
        for place, name in enumerate(chain.tools):
            places.setdefault(name, []).append(place)
        offers = [
            (place in used, place, edge.score, edge.result_path)
            for edge in self.graph.feeding(tool, parameter.path)
            for place in places.get(edge.producer, ())
            if edge.method != "value"
            if "[]" in edge.result_path or (place, edge.result_path) not in taken
        ]
        if not offers:
            return None
        _, place, _, path = max(offers)
        return Feed(parameter=parameter.path, step=place, result_path=path)

    def _add_source(
        self, chain: GrowingChain, tool: str, parameter: ParameterModel, mission: int, rng: Random
    ) -> tuple[GrowingChain, Feed] | None:
        """Put a source before the call."""
        edges = self.sources.edges[tool, parameter.path]
        for edge in draw_by_weight(edges, [edge.score**2 for edge in edges], rng):
            longer = self.add(chain, edge.producer, mission, rng)
            if longer is not None:
                place, path = len(longer.steps) - 1, edge.result_path
                return longer, Feed(parameter=parameter.path, step=place, result_path=path)
        return None

    def _feed_companions(self, chain: GrowingChain, model: ToolModel, feeds: Feeds) -> Feeds:
        """Feed the other parts of identities of which a part is fed."""
        more: Feeds = {}
        for path, feed in feeds.items():
            entity = model.parameter(path).entity
            for other in model.parameters:
                named = other.entity == entity and other.use in ("identity", "reference")
                if entity is None or not named or other.path in feeds or other.path in more:
                    continue
                found = self._feed_beside(chain, model, other, feed)
                if found is None:  # the feeding call itself may have been given that part
                    words = noun_words(other.path)
                    given = chain.steps[feed.step].feeds
                    found = next((f for f in given if noun_words(f.parameter) == words), None)
                if found is not None:
                    more[other.path] = found.model_copy(update={"parameter": other.path})
        return more

    def _feed_beside(
        self, chain: GrowingChain, model: ToolModel, parameter: ParameterModel, feed: Feed
    ) -> Feed | None:
        """Feed from the same element of the same result."""
        for edge in self.graph.feeding(model.name, parameter.path):
            same_tool = edge.producer == chain.tools[feed.step]
            same_place = list_element(edge.result_path) == list_element(feed.result_path)
            if same_tool and same_place and edge.result_path != feed.result_path:
                return feed.model_copy(update={"result_path": edge.result_path})
        return None


@remembered
def _list_unspeakable(model: ToolModel) -> tuple[ParameterModel, ...]:
    """Parameters that a call must give, and no person has in mind."""
    return tuple(p for p in model.parameters if p.required and p.opaque)


def _feed_along(feeds: Feeds, edge: Edge, step: int) -> None:
    """Feed along an edge, unless a result's only value of that kind is taken already."""
    taken = any(feed.result_path == edge.result_path for feed in feeds.values())
    if edge.parameter not in feeds and ("[]" in edge.result_path or not taken):
        path = edge.result_path
        feeds[edge.parameter] = Feed(parameter=edge.parameter, step=step, result_path=path)


def distinguish_feeds(model: ToolModel, feeds: Feeds) -> Iterator[Feed]:
    """Yield the feeds in the order of the parameters, different rows for different parameters."""
    ordered = [feeds[p.path] for p in model.parameters if p.path in feeds]
    sources = [(feed.step, feed.result_path) for feed in ordered]
    for place, feed in enumerate(ordered):
        if sources.count(sources[place]) > 1:
            head, _, tail = feed.result_path.rpartition("[]")
            number = sources[:place].count(sources[place])
            yield feed.model_copy(update={"result_path": f"{head}[{number}]{tail}"})
        else:
            yield feed


def _may_repeat(chain: GrowingChain, model: ToolModel, step: ChainStep, mission: int) -> bool:
    """Whether a second call of a tool may be the first one again.

    It is another call where the user chooses what to search for, or where all that it is given
    was found since another mission began.
    """
    fed = {feed.parameter for feed in step.feeds}
    chosen = any(
        parameter.required
        and parameter.path not in fed
        and parameter.use not in ("identity", "reference")
        for parameter in model.parameters
    )
    missions = {chain.missions[n] for n, name in enumerate(chain.tools) if name == step.tool}
    fresh = bool(fed) and all(chain.missions[feed.step] == mission for feed in step.feeds)
    return not chosen and not (mission not in missions and fresh)


def may_follow(earlier: Iterable[ToolModel], later: ToolModel) -> bool:
    """Whether somebody would make a call after others in one conversation.

    Rows are not known yet when a chain is drawn, so two calls about one kind of thing are taken
    for calls about one thing.
    """
    return not any(first.writes and _clash(first, later) for first in earlier)


def _clash(written: ToolModel, later: ToolModel) -> bool:
    """Whether a call makes no sense once a row was written."""
    if written.name == later.name:
        return True  # the same change twice
    if written.entity is None:
        return False
    if written.operation == "delete":  # what is gone is not asked for
        return any(
            parameter.entity == written.entity and parameter.use in ("identity", "reference")
            for parameter in later.parameters
        )
    if written.entity != later.entity or not later.writes:
        return False
    ending = later.transition[1] if later.transition is not None else ""
    ends = later.tool.destructive or not load_words("inference", "ended").isdisjoint(
        split_words(ending)
    )
    if later.operation == "delete" or (written.operation == "create" and ends):
        return True  # made or changed only to be thrown away
    moves = written.transition is not None or later.transition is not None
    return written.operation == "update" and later.operation == "update" and moves
