"""The default: chains of goals, each something that a person comes for, all of one occasion.

A goal is a change, or something to find out, with the calls that lead to it: planned backwards over
the graph to what a person knows. What a world model says people come for is taken first; else each
tool serves a goal of its own. Goals of a chain lie in one domain and hang together: the same rows,
what lies in them, what else is the same person's.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from generators.graph.tool_graph import ToolGraph
from generators.identity_cache import Same
from generators.sampling.answers import is_never_said, lists_bare_ids, tells_by_date
from generators.sampling.chain_growth import Call, GrowingChain
from generators.sampling.chain_sampler import MOST_CALLS, ChainSampler, SamplerSettings
from generators.sampling.errands import Errand
from generators.sampling.goal_sense import RELATED, GoalSense, ends_row, makes_sense
from generators.sampling.sampler import Focus
from generators.sampling.weighted_draw import ToolPool, draw_by_weight
from generators.sampling.wishes import (
    ONLY_CHOICES,
    SAYS_NOTHING,
    find_objection,
    is_plain,
    is_senseless,
)
from generators.sandbox.own_rows import find_user
from generators.world.model import World, is_described
from schemas.errors import InputError
from schemas.graph import ToolChain
from schemas.world_model import GoalMeaning

_COUNTS, _SHARES = (1, 2, 3, 4), (1, 5, 5, 2)
"""Goals of a chain, if as many hang together, and how often it is to have so many."""
_TRIES = 10
"""Goals that are tried before a chain ends as it is."""
_TOLD = 3.0
"""How much more readily a goal follows that people come for, than one made up of a tool."""
_SELDOM = 0.25
"""Probability that what is less than related follows all the same."""


_LISTED = 8
"""Tools that are named with what keeps people from asking for them, where that is all tools."""


class Goal(NamedTuple):
    """What somebody comes for."""

    id: str
    tools: tuple[str, ...]
    """In the order of use; the last one is what is wanted."""
    weight: float = 1.0


TELL_MORE = "what tools mean can be said in a world model (--world), or by a model (--model)"
"""What helps where rules alone can make nothing of a catalogue."""


class GoalSampler(ChainSampler):
    """Goals that belong together, and the calls that serve them."""

    policy = "goal"
    settings = SamplerSettings(min_calls=1, max_calls=8)

    def __init__(self, world: World, graph: ToolGraph, **changes: Any) -> None:
        """``changes``: of the settings."""
        sensible = (
            edge
            for edge in graph.edges
            if makes_sense(edge, world) and not is_senseless(world, world.models[edge.producer])
            if not lists_bare_ids(world, world.models[edge.producer])
        )
        super().__init__(world, ToolGraph(graph.tools, sensible), **changes)
        objections: dict[str, str] = {}
        for name in self.usable:
            why = find_objection(world, self.world.models[name])
            if not why and self._must_match(name):
                why = "its rows must go together"
            objections[name] = why or ("it undoes what was just done" if self._undoes(name) else "")
        # No goal is a tool that needs a number which nobody says, and which only such tools tell.
        asked = (
            (name, parameter)
            for name, objection in objections.items()
            for parameter in self.world.models[name].parameters
            if not objection and self.world.models[name].writes and parameter.required
        )
        lacking: dict[str, list[str]] = {}
        for name, parameter in asked:
            if is_never_said(self.world, parameter):
                lacking.setdefault(name, []).append(parameter.path)
        before = 0
        while len(lacking) != before:
            before = len(lacking)
            lacking = {
                name: paths
                for name, paths in lacking.items()
                if any(
                    lacking.keys() >= {one.producer for one in self.graph.feeding(name, path)}
                    for path in paths
                )
            }
        objections |= dict.fromkeys(lacking, "nobody says its number")
        self.objections = objections
        """Tool → why it is no goal by itself; "" where it is one."""
        sayable = tuple(name for name in self.usable if not objections[name])
        plain = (name for name in self.usable if is_plain(world, world.models[name]))
        self.usable = sayable or tuple(plain)  # the others may be offered
        if not self.usable:
            told = "; ".join(f"{name}: {why}" for name, why in list(objections.items())[:_LISTED])
            none = f"nobody would come for any of these {len(objections)} tools: {told}"
            described = any(is_described(world, one) for one in world.models.values())
            raise InputError(none if described else f"{none}; {TELL_MORE}")
        self._everything = ToolPool(self.usable, dict.fromkeys(self.usable, 1.0))
        self._sense = GoalSense(world)
        self.links = tuple(
            one
            for one in self.links
            if {one.producer, one.consumer} <= {*self.usable}
            if self._sense.goes_on(one.producer, one.consumer)
            if not self._lists_named(one.producer)
        )
        self._told: dict[str, tuple[GoalMeaning, ...]] = {
            domain: tuple(goal for goal in service.goals if self.known.issuperset(goal.tools))
            for domain, service in world.domains.items()
        }

    def _must_match(self, name: str) -> bool:
        """Whether rows of several results must go together, and nobody says how they are found.

        The new item of an exchange is of the same product as the old one: some read has to show
        the items of one product.
        """
        model = self.world.models[name]
        told = (goal for service in self.world.domains.values() for goal in service.goals)
        if any(name in goal.tools for goal in told):
            return False
        same = next((one for one in model.demands if one.kind == "same"), None)
        named = {one.path for one in model.parameters if one.use == "reference"}
        paths = [one for one in named if same and one.removesuffix("[]") in same.parameters]
        return len(paths) > 1 and not all(
            any(makes_sense(edge, self.world) for edge in self.graph.feeding(name, path))
            for path in paths
        )

    def _lists_named(self, name: str) -> bool:
        """Whether a list shows what it is told by name: nobody looks a row up by it to name it."""
        model = self.world.models[name]
        named = (one for one in model.parameters if one.required and "[]" in one.path)
        return model.operation == "list" and any(
            one.use == "identity" and one.entity == model.entity and not one.opaque for one in named
        )

    def _undoes(self, name: str) -> bool:
        """Whether a tool can only end what a call of the same conversation has just made."""
        model = self.world.models[name]
        sources = [edges for (tool, _), edges in self.sources.edges.items() if tool == name]
        made = any(
            all(self.world.models[edge.producer].operation == "create" for edge in edges)
            and self.world.models[edges[0].producer].entity == model.entity
            for edges in sources
        )
        return made and ends_row(model)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Begin with a goal that reaches the focus, and add others that go with it."""
        first = self._everything.draw(rng) if focus is None else focus
        told = [one for goals in self._told.values() for one in goals if first in one.tools]
        begun = (
            self._serve(GrowingChain(), goal.tools, 0, rng) for goal in rng.sample(told, len(told))
        )
        drawn = next((one for one in begun if one is not None), None)
        if drawn is None:  # of what nobody asked for, another will do where it is out of reach
            waiting = [first] if isinstance(first, str) else []
            drawn = self.begin(
                focus, lambda: waiting.pop() if waiting else self._everything.draw(rng), rng
            )
        for mission in range(1, rng.choices(_COUNTS, _SHARES)[0]):
            longer = self._add_goal(drawn, mission, rng)
            if longer is None:
                break
            drawn = longer
        return drawn

    def cut(self, drawn: GrowingChain, rng: Random, seed: int) -> ToolChain:
        """Cut a chain into turns, and say which goal each of them serves."""
        chain = super().cut(drawn, rng, seed)
        goals = self._name_goals(drawn)
        served = tuple(goals[drawn.missions[turn[0]]] for turn in chain.turns)
        return chain.model_copy(update={"goals": served})

    def may_ask(self, tool: str) -> bool:
        """Not for what nobody comes for, as a look-up of the person who writes.

        But for bare rows, of which one is then pointed at: not by the date at which it was made,
        nor where they show nothing but their ids.
        """
        found = self.world.models[tool]
        bare = self.objections.get(tool) in (SAYS_NOTHING, ONLY_CHOICES)
        bare = bare and found.operation == "list" and not lists_bare_ids(self.world, found)
        bare = bare and not tells_by_date(Errand(self.world, found))
        bare = bare and any(one.entity == found.entity and model is not found
                            for model in self.world.models.values()
                            for one in model.parameters)  # fmt: skip
        if tool not in self.usable and not bare:
            return False
        user = find_user(Same(self.world), found.tool.domain)
        return user is None or found.entity != user.key or found.writes

    def _serve(
        self, drawn: GrowingChain, tools: Sequence[str], mission: int, rng: Random
    ) -> GrowingChain | None:
        """The chain with the calls that serve a goal, those that are made already left out."""
        longer: GrowingChain | None = drawn
        for tool in tools:
            if longer is None:
                return None
            if tool not in longer.tools:
                # About a row that an earlier call has shown, if there is one.
                before = longer
                ways = [n for n, name in enumerate(before.tools) if self.graph.between(name, tool)]
                for via in (*reversed(ways), None):
                    longer = self.add(before, Call(tool, mission, via), rng)
                    if longer is not None:
                        break
        return longer if longer is not None and tools[-1] not in drawn.tools else None

    def _add_goal(self, drawn: GrowingChain, mission: int, rng: Random) -> GrowingChain | None:
        """Another goal that hangs together with those before; None where there is none."""
        # Those that make sense after those before: told ones or, where there are none, tools. A
        # told goal goes with those that it names, or that name it; one that names none, with others
        # that name none and are near.
        options: list[Goal] = []
        domain, called = self.domain(drawn.tools[0]), drawn.tools
        asked = tuple(dict(zip(drawn.missions, called, strict=True)).values())
        told = self._told.get(domain, ())
        served = set(self._name_goals(drawn))
        before = [one for one in told if one.id in served]
        for other in told:
            last = other.tools[-1]
            if other.id in served or last in called:
                continue
            near = self._sense.measure_nearness(asked, last)
            if any(other.id in one.goes_with or one.id in other.goes_with for one in before):
                options.append(Goal(other.id, other.tools, _TOLD * max(near, RELATED)))
            elif other.goes_with or all(one.goes_with for one in before) or not near:
                continue
            elif self._sense.may_follow(called, (last,)):
                options.append(Goal(other.id, other.tools, near))
        for tool in () if told else self.domains.get(domain, ()):
            near = self._sense.measure_nearness(asked, tool)
            if near and tool not in called and self._sense.may_follow(called, (tool,)):
                options.append(Goal(tool, (tool,), near))
        weights = [goal.weight for goal in options]
        ordered = draw_by_weight(options, weights, rng)
        for goal, _ in zip(ordered, range(_TRIES), strict=False):
            if goal.weight < RELATED and rng.random() >= _SELDOM:
                return None
            longer = self._serve(drawn, goal.tools, mission, rng)
            if longer is not None and self._hangs_together(drawn, longer):
                return longer
        return None

    def _hangs_together(self, before: GrowingChain, after: GrowingChain) -> bool:
        """Whether what was added goes on from what was known, and looks for nothing known.

        By a row that was shown, by the place or the row that both are told, or as one more sum.
        """
        count = len(before.steps)
        new = after.steps[count:]
        fed = any(feed.step < count for step in new for feed in step.feeds)
        placed = any(self._sense.topic(name).place for name in before.tools)
        placed = placed and self._sense.topic(new[-1].tool).place
        alike = len(new) == 1 and self._sense.is_told_alike(before.tools, new[0].tool)
        if len(new) > MOST_CALLS or not (fed or placed or alike):
            return False
        return self._sense.may_follow(before.tools, (step.tool for step in new[:-1]))

    def _name_goals(self, drawn: GrowingChain) -> list[str]:
        """Mission → the goal that it serves: a told one, or else the last tool."""
        names: list[str] = []
        for mission in sorted(set(drawn.missions)):
            tools = [t for t, m in zip(drawn.tools, drawn.missions, strict=True) if m == mission]
            told = (goal.id for goal in self._told.get(self.domain(tools[0]), ())
                    if goal.tools[-1] == tools[-1] and {*goal.tools} <= {*drawn.tools})  # fmt: skip
            names.append(next(told, tools[-1]))
        return names
