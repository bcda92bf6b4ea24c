"""A task that was drawn before, with operators more: its chain, in its world, proven again.

Where the draw is found by which the task was made, it is about the same person and mostly the same
rows; what operators change of a draw may change values.
"""

from collections.abc import Sequence
from datetime import datetime

from generators.tasks.clock import Setting
from generators.tasks.draw_task import Dropped, Workbench, draw_seeds, try_task
from generators.tasks.plan import SHARES, Mix
from schemas.canonical import derive_seed
from schemas.task import Task

_OTHERS = 3
"""Draws that are tried beside the one by which the task was made."""
_ALWAYS = ("twin", "confirm_all", "against_policy")
"""Shares of what is no operator, and makes the same of the same draw."""


def harden_task(
    bench: Workbench, task: Task, seed: int, operators: Sequence[str], brought: Sequence[str] = ()
) -> Task | None:
    """The task with exactly these operators of the mix, at least; None where they find no place.

    ``seed``: the candidate's. ``brought``: further names of the mix without which they have none.
    """
    shares = dict.fromkeys(bench.mix, 0.0) | {name: SHARES[name] for name in _ALWAYS}
    shares |= dict.fromkeys([*operators, *brought], 1.0)
    harder = Workbench(bench.backend, bench.sampler, bench.operators, Mix(shares), bench.shelf)
    setting = Setting(bench.backend, task.environment_seed, datetime.fromisoformat(task.clock))
    # The seed of the draw by which the task was made, then others.
    drawn = [*draw_seeds(seed)]
    same = [own for own in drawn if derive_seed("chain", own) == task.chain.seed]
    others = (derive_seed("harder", seed, number) for number in range(_OTHERS))
    for own_seed in (*(same or drawn[:1]), *others):
        made = try_task(harder, setting, task.chain, own_seed, frozenset(), 1, True)
        if not isinstance(made, Dropped) and {*operators} <= {*made.operators}:
            return made
    return None
