"""What operators on chains have in common: other turns, one more call, and the note of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from generators.world.model import ParameterModel, World
from schemas.graph import ChainStep, ToolChain

MOST_CALLS = 4
"""Calls of a turn that an operator may make; the samplers stop at three."""


def noted(chain: ToolChain, operator: str, **changes: Any) -> ToolChain:
    """The chain with changes, and the operator added to those that were applied."""
    return chain.model_copy(update={**changes, "operators": (*chain.operators, operator)})


def turn_numbers(chain: ToolChain) -> dict[int, int]:
    """Step → the number of its turn."""
    return {step: turn for turn, steps in enumerate(chain.turns) for step in steps}


def writes(chain: ToolChain, steps: Sequence[int], world: World) -> bool:
    """Whether any of the steps changes something."""
    return any(world.models[chain.steps[step].tool].writes for step in steps)


def joined_turns(chain: ToolChain, first: int, last: int) -> dict[str, Any]:
    """Turns and gaps of the chain with the turns ``first`` … ``last`` made one."""
    whole = tuple(step for turn in chain.turns[first : last + 1] for step in turn)
    turns = (*chain.turns[:first], whole, *chain.turns[last + 1 :])
    gone = last - first
    gaps = tuple(
        gap.model_copy(update={"turn": gap.turn - min(max(gap.turn - first, 0), gone)})
        for gap in chain.gaps
    )
    return {"turns": turns, "gaps": gaps}


def may_join(chain: ToolChain, first: int, last: int, world: World) -> bool:
    """Whether turns make one: a write ends its turn, and nothing is said between them."""
    steps = [step for turn in chain.turns[first : last + 1] for step in turn]
    between = any(first < gap.turn <= last and gap.step is None for gap in chain.gaps)
    early = [step for turn in chain.turns[first:last] for step in turn]
    return len(steps) <= MOST_CALLS and not between and not writes(chain, early, world)


def with_step(chain: ToolChain, step: ChainStep, turn: int) -> dict[str, Any]:
    """Steps, turns, gaps and implicit steps with one more call, the last of ``turn``.

    ``turn`` may be one more than the last. Later steps are renumbered. ``step`` may be fed by
    steps before its place only.
    """
    place = sum(len(steps) for steps in chain.turns[: turn + 1])
    moved: Mapping[int, int] = {n: n + (n >= place) for n in range(len(chain.steps))}
    later = tuple(_refed(one, moved) for one in chain.steps[place:])
    turns = [tuple(moved[n] for n in steps) for steps in chain.turns]
    turns = [*turns, ()] if turn == len(turns) else turns
    turns[turn] = (*turns[turn], place)
    return {
        "steps": (*chain.steps[:place], step, *later),
        "turns": tuple(turns),
        "gaps": tuple(
            gap if gap.step is None else gap.model_copy(update={"step": moved[gap.step]})
            for gap in chain.gaps
        ),
        "implicit": tuple(moved[n] for n in chain.implicit),
    }


def _refed(step: ChainStep, moved: Mapping[int, int]) -> ChainStep:
    feeds = tuple(feed.model_copy(update={"step": moved[feed.step]}) for feed in step.feeds)
    return step.model_copy(update={"feeds": feeds})


def askable(chain: ToolChain, step: int, world: World) -> list[str]:
    """Parameters of a step that the user has to say, and can leave out to be asked for."""
    fed = {feed.parameter for feed in chain.steps[step].feeds}
    model = world.models[chain.steps[step].tool]
    return [p.path for p in model.parameters if p.path not in fed and _askable(p)]


def _askable(parameter: ParameterModel) -> bool:
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
