"""Mission types (Multi-Mission Tool Bench, arXiv 2504.02623): all 4^k strings, k ≤ 4.

ST is one call, MT several, CQ a question of the assistant about something that is missing, CC chat.
"""

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Literal, get_args

from generators.graph.tool_graph import ToolGraph
from generators.sampling.operators.edits import noted, writes
from generators.sampling.operators.split import missing_parameter
from generators.sampling.turns import MOST_CALLS
from generators.world.model import World
from schemas.graph import Gap, ToolChain

Mission = Literal["ST", "MT", "CQ", "CC"]
Missions = tuple[Mission, ...]
MOST_LAYERS = 4
_ORDER: tuple[Mission, ...] = get_args(Mission)
_LENGTHS: dict[Mission, tuple[int, ...]] = {
    "ST": (1,),
    "MT": tuple(range(2, MOST_CALLS + 1)),
    "CQ": tuple(range(1, MOST_CALLS + 1)),
    "CC": (0,),
}
"""How many calls a mission may have."""


def mission_strings(most: int = MOST_LAYERS) -> Iterator[Missions]:
    """Yield every string of one to ``most`` missions once, the shortest first."""
    for layers in range(1, most + 1):
        yield from product(_ORDER, repeat=layers)


def missions(chain: ToolChain, world: World, graph: ToolGraph, rng: Random) -> ToolChain | None:
    """Arrange a chain as one of the strings that have calls; each as likely as the others.

    None also where it is arranged like that already.
    """
    strings = [string for string in mission_strings() if set(string) != {"CC"}]
    arranged = arrange(chain, rng.choice(strings), world, graph, rng)
    if arranged is None or arranged.model_copy(update={"operators": chain.operators}) == chain:
        return None
    return arranged


def arrange(
    chain: ToolChain, string: Missions, world: World, graph: ToolGraph, rng: Random
) -> ToolChain | None:
    """Cut a chain into turns, and add gaps, so that they are the missions of a string.

    Calls that are left over at the end are dropped, and so are earlier gaps. None where the chain
    has too few calls, or none where something could be missing.
    """
    del graph
    lengths = _cut(chain, string, world, rng)
    if lengths is None:
        return None
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    cut = [tuple(range(start, start + n)) for start, n in zip(starts, lengths, strict=True)]
    turns = tuple(steps for steps in cut if steps)
    plain = chain.model_copy(
        update={"steps": chain.steps[: sum(lengths)], "turns": turns, "gaps": (), "implicit": ()}
    )
    gaps: list[Gap] = []
    turn = 0
    for mission, steps in zip(string, cut, strict=True):
        if mission == "CC":
            gaps.append(Gap(kind="chat", turn=turn))
        elif mission == "CQ" and (gap := missing_parameter(plain, world, rng, steps)):
            gaps.append(gap)
        turn += bool(steps)
    return noted(plain, "missions", gaps=tuple(gaps))


def mission_string(chain: ToolChain) -> Missions:
    """Read a string back from turns and gaps."""
    found: list[Mission] = []
    asked = {gap.turn for gap in chain.gaps if gap.kind == "missing_parameter"}
    for turn in range(len(chain.turns) + 1):
        found += ["CC" for gap in chain.gaps if gap.kind == "chat" and gap.turn == turn]
        if turn < len(chain.turns):
            several: Mission = "MT" if len(chain.turns[turn]) > 1 else "ST"
            found.append("CQ" if turn in asked else several)
    return tuple(found)


def _cut(
    chain: ToolChain, string: Missions, world: World, rng: Random, start: int = 0
) -> list[int] | None:
    """How many calls each mission has, if the calls from ``start`` on can be cut like that."""
    if not string:
        return []
    for length in rng.sample(_LENGTHS[string[0]], len(_LENGTHS[string[0]])):
        steps = range(start, start + length)
        if steps.stop > len(chain.steps) or writes(chain, steps[:-1], world):
            continue
        if string[0] == "CQ" and not _asks(chain, steps, world):
            continue
        rest = _cut(chain, string[1:], world, rng, steps.stop)
        if rest is not None:
            return [length, *rest]
    return None


def _asks(chain: ToolChain, steps: range, world: World) -> bool:
    """Whether something can be missing in a turn of these steps."""
    whole = (tuple(range(len(chain.steps))),)
    plain = chain.model_copy(update={"turns": whole, "gaps": (), "implicit": ()})
    return missing_parameter(plain, world, Random(0), steps) is not None
