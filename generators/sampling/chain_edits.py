"""Operators on chains: each makes another chain of one, or says that it cannot.

They are applied in the order of `CHAIN_OPERATORS`. *Merge* (Magnet, arXiv 2503.07826) joins
adjacent turns, each pair with probability 0.3. *Insert* (also Magnet) adds a call that an earlier
result feeds. *Compose* (FunReason-MT, arXiv 2510.24645) makes several calls one wish: the user
names the outer inputs and the final outputs only; the calls between are implicit, and the assistant
has to see that they are needed. *Split* (Magnet) puts a turn before another in which a parameter is
missing, so that the assistant must ask, or a function, so that it must say no. *Missions*
(Multi-Mission Tool Bench, arXiv 2504.02623) are all 4^k strings, k ≤ 4: ST is one call, MT several,
CQ a question of the assistant about something that is missing, CC chat.

What makes a conversation hard without changing its calls is known in `generators.operators`.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from random import Random
from typing import Any, Literal, get_args

from generators.graph.tool_graph import ToolGraph
from generators.identity_cache import Same
from generators.language.deed_words import is_deed
from generators.sampling.chain_growth import (
    Call,
    ChainGrower,
    GrowingChain,
    make_feed,
    may_follow,
)
from generators.sampling.chain_sampler import MOST_CALLS
from generators.sampling.sampler import Link, find_focus
from generators.sampling.value_sources import ValueSources, brings_value
from generators.sampling.wishes import is_wish
from generators.world.model import World
from schemas.graph import ChainStep, Edge, Gap, ToolChain

ChainOperator = Callable[[ToolChain, World, ToolGraph, Random], ToolChain | None]
"""Pure: what comes out depends on the arguments alone. None: cannot be applied."""
MOST_JOINED = 4
"""Calls of a turn that an operator may make; the samplers stop at three."""
MERGE_PROBABILITY = 0.3
LATER = 2
"""Turns between a result and its use that make a long dependency."""
_TRIES = 40

Mission = Literal["ST", "MT", "CQ", "CC"]
Missions = tuple[Mission, ...]
MOST_LAYERS = 4
_LENGTHS: dict[Mission, tuple[int, ...]] = {
    "ST": (1,),
    "MT": tuple(range(2, MOST_CALLS + 1)),
    "CQ": tuple(range(1, MOST_CALLS + 1)),
    "CC": (0,),
}
"""How many calls a mission may have."""


def merge(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Join turns; calls and their order stay. None where none was joined."""
    del graph
    merged, place = chain, 0
    while place + 1 < len(merged.turns):
        if rng.random() < MERGE_PROBABILITY and _may_join(merged, place, place + 1, world):
            merged = merged.model_copy(update=_join_turns(merged, place, place + 1))
        else:
            place += 1
    return _note(merged, "merge") if len(merged.turns) < len(chain.turns) else None


def compose(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Make a call and those that lead to it one turn; None where no call has such a trace."""
    del graph
    turns = _number_turns(chain)
    asked = {gap.step for gap in chain.gaps}
    ends = [step for step in range(len(chain.steps)) if chain.steps[step].feeds]
    rng.shuffle(ends)
    for end in ends:
        first = min(turns[feed.step] for feed in chain.steps[end].feeds)
        if not _may_join(chain, first, turns[end], world):
            continue
        parts = _join_turns(chain, first, turns[end])
        whole = parts["turns"][first]
        used = {feed.step for step in whole for feed in chain.steps[step].feeds} - asked
        hidden = [step for step in whole if step in used and not _any_writes(chain, [step], world)]
        if hidden:
            implicit = tuple(sorted({*chain.implicit, *hidden}))
            return _note(chain, "compose", **parts, implicit=implicit)
    return None


def put_together(chain: ToolChain, link: Link, world: World) -> ToolChain:
    """The chain with both ends of a link asked for at once, where it has them and they may be."""
    end, turns = find_focus(chain, link), _number_turns(chain)
    if end is None:
        return chain
    starts = [feed.step for feed in chain.steps[end].feeds
              if chain.steps[feed.step].tool == link.producer]  # fmt: skip
    first, last = min(turns[one] for one in starts), turns[end]
    joins = first < last and _may_join(chain, first, last, world)
    return chain.model_copy(update=_join_turns(chain, first, last)) if joins else chain


def _note(chain: ToolChain, operator: str, **changes: Any) -> ToolChain:
    """The chain with changes, and the operator added to those that were applied."""
    return chain.model_copy(update={**changes, "operators": (*chain.operators, operator)})


def _number_turns(chain: ToolChain) -> dict[int, int]:
    """Step → the number of its turn."""
    return {step: turn for turn, steps in enumerate(chain.turns) for step in steps}


def _any_writes(chain: ToolChain, steps: Sequence[int], world: World) -> bool:
    """Whether any of the steps changes something."""
    return any(world.models[chain.steps[step].tool].writes for step in steps)


def _join_turns(chain: ToolChain, first: int, last: int) -> dict[str, Any]:
    """Turns and gaps of the chain with the turns ``first`` … ``last`` made one."""
    whole = tuple(step for turn in chain.turns[first : last + 1] for step in turn)
    turns = (*chain.turns[:first], whole, *chain.turns[last + 1 :])
    gaps = tuple(
        gap.model_copy(update={"turn": gap.turn - min(max(gap.turn - first, 0), last - first)})
        for gap in chain.gaps
    )
    goals = (*chain.goals[:first], *chain.goals[last:])
    return {"turns": turns, "gaps": gaps, "goals": goals}


def _may_join(chain: ToolChain, first: int, last: int, world: World) -> bool:
    """Whether turns make one: a write ends its turn, and nothing is said between them."""
    between = any(first < gap.turn <= last and gap.step is None for gap in chain.gaps)
    early = [step for turn in chain.turns[first:last] for step in turn]
    few = len(early) + len(chain.turns[last]) <= MOST_JOINED
    return few and not between and not _any_writes(chain, early, world)


def insert(
    chain: ToolChain,
    world: World,
    graph: ToolGraph,
    rng: Random,
    *,
    distance: int | None = None,
) -> ToolChain | None:
    """Add a call that an earlier result feeds, ``distance`` turns later or more; 0 is nested.

    Without a distance either is as likely. None where no call fits.
    """
    wanted = rng.choice((0, LATER)) if distance is None else distance
    turns, count = _number_turns(chain), len(chain.turns)
    called = {step.tool for step in chain.steps}
    places = [
        (source, edge, turn)
        for source, step in enumerate(chain.steps)
        for edge in graph.leaving(step.tool)
        if edge.consumer not in called and edge.method != "value"
        for turn in range(turns[source] + wanted, count + 1 if wanted else turns[source] + 1)
    ]
    rng.shuffle(places)
    for source, edge, turn in places[:_TRIES]:
        # room for a call in the turn, after which what comes later still makes sense
        beside = chain.turns[turn] if turn < count else ()
        if len(beside) >= MOST_JOINED or _any_writes(chain, beside, world):
            continue
        model = world.models[edge.consumer]
        later = [chain.steps[n].tool for steps in chain.turns[turn + 1 :] for n in steps]
        if all(may_follow([model], world.models[name]) for name in later):
            place = sum(len(steps) for steps in chain.turns[: turn + 1])
            step = _feed_call(chain, world, graph, source, edge, place)
            if step is not None:
                return _note(chain, "insert", **_put_in(chain, step, turn, place))
    return None


@lru_cache(maxsize=8)
def _open_grower(world: Same[World], graph: Same[ToolGraph]) -> ChainGrower:
    """What feeds a call from calls that are there; none is put before it."""
    return ChainGrower(world.it, graph.it, ValueSources({}, {}, {}), visit_cap=1)


def _feed_call(
    chain: ToolChain, world: World, graph: ToolGraph, source: int, edge: Edge, place: int
) -> ChainStep | None:
    """The new call with all that feeds it; None where something that it needs is not there."""
    steps = chain.steps[:place]
    before = GrowingChain(steps, (0,) * place, tuple(step.tool for step in steps))
    grower = _open_grower(Same(world), Same(graph))
    longer = grower.add(before, Call(edge.consumer, 1, source, edge), Random(0))
    if longer is None:
        return None
    step = longer.steps[-1]
    fed = {feed.parameter for feed in step.feeds}
    lacking = any(
        brings_value(edge)
        for parameter in world.models[step.tool].parameters
        if parameter.required and parameter.opaque and parameter.path not in fed
        for edge in graph.feeding(step.tool, parameter.path)
    )
    return None if lacking else step


def _put_in(chain: ToolChain, step: ChainStep, turn: int, place: int) -> dict[str, Any]:
    """Steps, turns, gaps and implicit steps with one more call at a place, the last of ``turn``.

    ``turn`` may be one more than the last. Later steps are renumbered.
    """
    moved = {n: n + (n >= place) for n in range(len(chain.steps))}
    later = [
        ChainStep(
            tool=one.tool,
            feeds=tuple(make_feed(f.parameter, moved[f.step], f.result_path) for f in one.feeds),
        )
        for one in chain.steps[place:]
    ]
    turns = [tuple(moved[n] for n in steps) for steps in chain.turns]
    turns = [*turns, ()] if turn == len(turns) else turns
    turns[turn] = (*turns[turn], place)
    gaps = (
        gap if gap.step is None else gap.model_copy(update={"step": moved[gap.step]})
        for gap in chain.gaps
    )
    return {
        "steps": (*chain.steps[:place], step, *later),
        "turns": tuple(turns),
        "gaps": tuple(gaps),
        "implicit": tuple(moved[n] for n in chain.implicit),
    }


def split(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Add one gap of either kind; None where nothing can be missing."""
    del graph
    kinds = (draw_missing_parameter, draw_missing_function)
    for draw in rng.sample(kinds, len(kinds)):
        gap = draw(chain, world, rng)
        if gap is not None:
            return _note(chain, "split", gaps=(*chain.gaps, gap))
    return None


def draw_missing_parameter(
    chain: ToolChain, world: World, rng: Random, steps: Sequence[int] | None = None
) -> Gap | None:
    """A value that the user leaves out, of one of ``steps``; of any step if None."""
    turns = _number_turns(chain)
    taken = {turns[gap.step] for gap in chain.gaps if gap.step is not None}
    options: list[Gap] = []
    for step in range(len(chain.steps)) if steps is None else steps:
        if step in chain.implicit or turns[step] in taken:
            continue
        fed = {feed.parameter for feed in chain.steps[step].feeds}
        options += [  # what the user has to say, and can leave out to be asked for
            Gap(kind="missing_parameter", turn=turns[step], step=step, parameter=one.path)
            for one in world.models[chain.steps[step].tool].parameters
            if one.required and one.path not in fed and not is_deed(one)
            if one.semantic not in ("boolean", "object")
            if one.use not in ("identity", "reference", "option")
            if {"default", "const"}.isdisjoint(one.schema) and {"[", "."}.isdisjoint(one.path)
        ]
    return rng.choice(options) if options else None


def draw_missing_function(chain: ToolChain, world: World, rng: Random) -> Gap | None:
    """A change of the same domains that no tool of the chain could make instead."""
    used = {step.tool for step in chain.steps}
    called = [world.models[name] for name in used]
    domains = {model.tool.domain for model in called}
    absent = {gap.tool for gap in chain.gaps}
    entities = {model.entity for model in called if model.writes}
    options = [
        name
        for name, model in world.models.items()
        if model.writes and model.entity not in entities and name not in used
        if model.tool.domain in domains and name not in absent and is_wish(world, model)
    ]
    if not options:
        return None
    turn = rng.randrange(len(chain.turns) + 1)
    return Gap(kind="missing_function", turn=turn, tool=rng.choice(options))


def list_mission_strings() -> Iterator[Missions]:
    """Yield every string of one to four missions once, the shortest first."""
    for layers in range(1, MOST_LAYERS + 1):
        yield from product(get_args(Mission), repeat=layers)


def arrange_missions(
    chain: ToolChain, world: World, graph: ToolGraph, rng: Random
) -> ToolChain | None:
    """Arrange a chain as one of the strings that have calls; each as likely as the others.

    None also where it is arranged like that already.
    """
    del graph
    strings = [string for string in list_mission_strings() if set(string) != {"CC"}]
    arranged = arrange(chain, rng.choice(strings), world, rng)
    if arranged is None or arranged.model_copy(update={"operators": chain.operators}) == chain:
        return None
    return arranged


def arrange(chain: ToolChain, string: Missions, world: World, rng: Random) -> ToolChain | None:
    """Cut a chain into turns, and add gaps, so that they are the missions of a string.

    Calls that are left over at the end are dropped, and so are earlier gaps. None where the chain
    has too few calls, or none where something could be missing.
    """
    cut = _cut_calls(chain, string, world, rng)
    if cut is None:
        return None
    steps = chain.steps[: sum(map(len, cut))]
    turns = tuple(tuple(calls) for calls in cut if calls)
    plain = chain.model_copy(update={"steps": steps, "turns": turns, "gaps": (), "implicit": ()})
    gaps: list[Gap] = []
    turn = 0
    for mission, calls in zip(string, cut, strict=True):
        if mission == "CC":
            gaps.append(Gap(kind="chat", turn=turn))
        elif mission == "CQ" and (gap := draw_missing_parameter(plain, world, rng, calls)):
            gaps.append(gap)
        turn += bool(calls)
    return _note(plain, "missions", gaps=tuple(gaps))


def _cut_calls(
    chain: ToolChain, string: Missions, world: World, rng: Random, start: int = 0
) -> list[range] | None:
    """The calls of each mission, if the calls from ``start`` on can be cut like that."""
    if not string:
        return []
    for length in rng.sample(_LENGTHS[string[0]], len(_LENGTHS[string[0]])):
        calls = range(start, start + length)
        if calls.stop > len(chain.steps) or _any_writes(chain, calls[:-1], world):
            continue
        if string[0] == "CQ":  # something can be missing in a turn of these calls
            whole = (tuple(range(len(chain.steps))),)
            plain = chain.model_copy(update={"turns": whole, "gaps": (), "implicit": ()})
            if draw_missing_parameter(plain, world, Random(0), calls) is None:
                continue
        rest = _cut_calls(chain, string[1:], world, rng, calls.stop)
        if rest is not None:
            return [calls, *rest]
    return None


CHAIN_OPERATORS: tuple[tuple[str, ChainOperator], ...] = (
    ("missions", arrange_missions),
    ("merge", merge),
    ("insert", insert),
    ("compose", compose),
    ("split", split),
)
