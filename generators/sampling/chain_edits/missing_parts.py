"""Requests in which something is missing, and chains arranged as missions.

Split (Magnet, arXiv 2503.07826) puts a turn before another in which a parameter is missing, so that
the assistant must ask, or a function, so that it must say no. Mission types (Multi-Mission Tool
Bench, arXiv 2504.02623) are all 4^k strings, k ≤ 4: ST is one call, MT several, CQ a question of
the assistant about something that is missing, CC chat.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Literal, get_args

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_edits.turn_edits import any_writes, note_operator, number_turns
from generators.sampling.turn_grouping import MOST_CALLS
from generators.world.model import ParameterModel, World
from schemas.graph import Gap, ToolChain

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


def split(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Add one gap of either kind; None where nothing can be missing."""
    del graph
    kinds = (draw_missing_parameter, draw_missing_function)
    for draw in rng.sample(kinds, len(kinds)):
        gap = draw(chain, world, rng)
        if gap is not None:
            return note_operator(chain, "split", gaps=(*chain.gaps, gap))
    return None


def draw_missing_parameter(
    chain: ToolChain, world: World, rng: Random, steps: Sequence[int] | None = None
) -> Gap | None:
    """A value that the user leaves out, of one of ``steps``; of any step if None."""
    turns = number_turns(chain)
    taken = {turns[gap.step] for gap in chain.gaps if gap.step is not None}
    options: list[Gap] = []
    for step in range(len(chain.steps)) if steps is None else steps:
        if step in chain.implicit or turns[step] in taken:
            continue
        fed = {feed.parameter for feed in chain.steps[step].feeds}
        options += [
            Gap(kind="missing_parameter", turn=turns[step], step=step, parameter=parameter.path)
            for parameter in world.models[chain.steps[step].tool].parameters
            if parameter.path not in fed and _can_be_asked_for(parameter)
        ]
    return rng.choice(options) if options else None


def _can_be_asked_for(parameter: ParameterModel) -> bool:
    """Whether the user has to say the parameter, and can leave it out to be asked for."""
    schema = parameter.schema
    return (
        parameter.required
        and "[" not in parameter.path
        and "." not in parameter.path
        and parameter.semantic not in ("boolean", "object")
        and parameter.use not in ("identity", "reference", "option")
        and parameter.name != "method"
        and "default" not in schema
        and "const" not in schema
    )


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
        if model.tool.domain in domains and name not in absent
    ]
    if not options:
        return None
    turn = rng.randrange(len(chain.turns) + 1)
    return Gap(kind="missing_function", turn=turn, tool=rng.choice(options))


def list_mission_strings(most: int = MOST_LAYERS) -> Iterator[Missions]:
    """Yield every string of one to ``most`` missions once, the shortest first."""
    for layers in range(1, most + 1):
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
    return note_operator(plain, "missions", gaps=tuple(gaps))


def _cut_calls(
    chain: ToolChain, string: Missions, world: World, rng: Random, start: int = 0
) -> list[range] | None:
    """The calls of each mission, if the calls from ``start`` on can be cut like that."""
    if not string:
        return []
    for length in rng.sample(_LENGTHS[string[0]], len(_LENGTHS[string[0]])):
        calls = range(start, start + length)
        if calls.stop > len(chain.steps) or any_writes(chain, calls[:-1], world):
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
