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

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from generators.graph.returned import container, name_tokens
from generators.graph.tool_graph import ToolGraph
from generators.identity_cache import remembered
from generators.sampling.draw import draw_by_weight
from generators.sampling.sense import sensible
from generators.sampling.supply import Supply
from generators.world.model import ParameterModel, ToolModel, World
from schemas.graph import ChainStep, Edge, Feed

Feeds = dict[str, Feed]
"""By parameter."""
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Draft:
    """The calls so far, and the number of the mission that each belongs to."""

    steps: tuple[ChainStep, ...] = ()
    missions: tuple[int, ...] = ()

    def visits(self, tool: str) -> int:
        """How often a tool is called."""
        return [step.tool for step in self.steps].count(tool)

    def with_step(self, step: ChainStep, mission: int) -> "Draft":
        """Return a draft that is one call longer."""
        return Draft((*self.steps, step), (*self.missions, mission))


@dataclass(frozen=True)
class Drafter:
    """Knows what calls need, and adds them to drafts."""

    world: World
    graph: ToolGraph
    supply: Supply
    visit_cap: int

    def add(
        self,
        draft: Draft,
        tool: str,
        mission: int,
        rng: Random,
        via: int | None = None,
        edge: Edge | None = None,
    ) -> Draft | None:
        """Add a call, and the calls that it needs before it.

        ``via``: the step that the walk came from, ``edge``: the edge that it is to follow; if there
        is none, the best. None where the call cannot be added sensibly.
        """
        model = self.world.models[tool]
        feeds = self._walked(draft, model, via, edge) if via is not None else {}
        for parameter in _unspoken(model):
            if parameter.path in feeds:
                continue
            feed = self._found(draft, tool, parameter, feeds)
            if feed is None and (tool, parameter.path) in self.supply.sources:
                fetched = self._fetched(draft, tool, parameter, mission, rng)
                if fetched is None:
                    return None
                draft, feed = fetched
            if feed is not None:
                feeds[parameter.path] = feed
        if feeds:
            feeds |= self._companions(draft, model, feeds)
        step = ChainStep(tool=tool, feeds=tuple(told_apart(model, feeds)))
        return (
            draft.with_step(step, mission) if self._allowed(draft, model, step, mission) else None
        )

    def _allowed(self, draft: Draft, model: ToolModel, step: ChainStep, mission: int) -> bool:
        """Neither too often, nor senseless, nor the same call again."""
        visits = draft.visits(model.name)
        if visits >= self.visit_cap or (visits and _repeats(draft, model, step, mission)):
            return False
        models = self.world.models
        written = [step.tool for step in draft.steps if models[step.tool].writes]
        if not written:
            return True
        forced = self._only_sources(model) & {draft.steps[feed.step].tool for feed in step.feeds}
        return sensible([models[name] for name in written if name not in forced], model)

    def _only_sources(self, model: ToolModel) -> frozenset[str]:
        """Name the tools without which this one cannot be called, even where they make its row."""
        return self._sources_by_tool.get(model.name, _NONE)

    @cached_property
    def _sources_by_tool(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for (tool, _), edges in self.supply.sources.items():
            found.setdefault(tool, set()).update(edge.producer for edge in edges)
        return {tool: frozenset(producers) for tool, producers in found.items()}

    def _walked(self, draft: Draft, model: ToolModel, via: int, first: Edge | None) -> Feeds:
        """Feed from the step that the walk came from: by the best edge, and all needed ones."""
        feeds: Feeds = {}
        edges = self.graph.between(draft.steps[via].tool, model.name)
        first = first or next(iter(edges), None)
        if first is None:
            return feeds
        _give(feeds, first, via)
        place = container(first.result_path)
        for edge in sorted(edges, key=lambda edge: container(edge.result_path) != place):
            parameter = model.parameter(edge.parameter)
            needed = parameter.required and parameter.use in ("identity", "reference")
            if edge.method != "value" and (needed or parameter.opaque):
                _give(feeds, edge, via)
        return feeds

    def _found(
        self, draft: Draft, tool: str, parameter: ParameterModel, feeds: Feeds
    ) -> Feed | None:
        """Feed from the chain as it is: from a call that feeds already, else from the latest."""
        if not draft.steps:
            return None
        used = {feed.step for feed in feeds.values()}
        taken = {(feed.step, feed.result_path) for feed in feeds.values()}
        places: dict[str, list[int]] = {}
        for place, step in enumerate(draft.steps):
            places.setdefault(step.tool, []).append(place)
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

    def _fetched(
        self, draft: Draft, tool: str, parameter: ParameterModel, mission: int, rng: Random
    ) -> tuple[Draft, Feed] | None:
        """Put a source before the call."""
        edges = self.supply.sources[tool, parameter.path]
        for edge in draw_by_weight(edges, [edge.score**2 for edge in edges], rng):
            longer = self.add(draft, edge.producer, mission, rng)
            if longer is not None:
                place = len(longer.steps) - 1
                path = edge.result_path
                return longer, Feed(parameter=parameter.path, step=place, result_path=path)
        return None

    def _companions(self, draft: Draft, model: ToolModel, feeds: Feeds) -> Feeds:
        """Feed the other parts of identities of which a part is fed."""
        more: Feeds = {}
        for path, feed in feeds.items():
            entity = model.parameter(path).entity
            for other in model.parameters:
                if other.path in feeds or entity is None or other.entity != entity:
                    continue
                if other.use not in ("identity", "reference"):
                    continue
                found = self._beside(draft, model, other, feed) or self._as_before(
                    draft, other, feed
                )
                if found:
                    more.setdefault(other.path, found)
        return more

    def _beside(
        self, draft: Draft, model: ToolModel, parameter: ParameterModel, feed: Feed
    ) -> Feed | None:
        """Feed from the same element of the same result."""
        for edge in self.graph.feeding(model.name, parameter.path):
            same_tool = edge.producer == draft.steps[feed.step].tool
            same_place = container(edge.result_path) == container(feed.result_path)
            if same_tool and same_place and edge.result_path != feed.result_path:
                return feed.model_copy(
                    update={"parameter": parameter.path, "result_path": edge.result_path}
                )
        return None

    def _as_before(self, draft: Draft, parameter: ParameterModel, feed: Feed) -> Feed | None:
        """Repeat the feed that the feeding call itself had for a parameter of that name."""
        for known in draft.steps[feed.step].feeds:
            if name_tokens(known.parameter) == name_tokens(parameter.path):
                return known.model_copy(update={"parameter": parameter.path})
        return None


@remembered
def _unspoken(model: ToolModel) -> tuple[ParameterModel, ...]:
    """Parameters that a call must give, and no person has in mind."""
    return tuple(p for p in model.parameters if p.required and p.opaque)


def _give(feeds: Feeds, edge: Edge, step: int) -> None:
    """Feed along an edge, unless a result's only value of that kind is taken already."""
    taken = any(feed.result_path == edge.result_path for feed in feeds.values())
    if edge.parameter not in feeds and ("[]" in edge.result_path or not taken):
        path = edge.result_path
        feeds[edge.parameter] = Feed(parameter=edge.parameter, step=step, result_path=path)


def told_apart(model: ToolModel, feeds: Feeds) -> Iterator[Feed]:
    """Yield the feeds in the order of the parameters, different rows for different parameters."""
    if len(feeds) < 2:
        yield from feeds.values()
        return
    ordered = [feeds[p.path] for p in model.parameters if p.path in feeds]
    sources = [(feed.step, feed.result_path) for feed in ordered]
    for place, feed in enumerate(ordered):
        if sources.count(sources[place]) > 1:
            head, _, tail = feed.result_path.rpartition("[]")
            number = sources[:place].count(sources[place])
            yield feed.model_copy(update={"result_path": f"{head}[{number}]{tail}"})
        else:
            yield feed


def _repeats(draft: Draft, model: ToolModel, step: ChainStep, mission: int) -> bool:
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
    places = [place for place, old in enumerate(draft.steps) if old.tool == step.tool]
    elsewhere = all(draft.missions[place] != mission for place in places)
    fresh = bool(fed) and all(draft.missions[feed.step] == mission for feed in step.feeds)
    return not chosen and not (elsewhere and fresh)
