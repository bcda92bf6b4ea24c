"""Makes tasks harder that a target model solves: an operator is added until it fails, or none fits.

Each step is proven as a build proves its tasks, and played by scripts; the last one is kept, whole,
beside its lineage. What the model answers is journalled: what was interrupted is not asked again.
Where the draw is found by which a task was made, the harder one is about the same person and mostly
the same rows.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import Random

from generators.embedding import word_embedder
from generators.operators import OPERATORS
from generators.studio import Again, Studio, open_studio
from generators.tasks.clock import Setting
from generators.tasks.draw_task import Dropped, Workbench, draw_seeds, try_task
from generators.tasks.plan import SHARES, Mix
from pipeline.backends import replaying
from pipeline.chat.models import Tell, open_client
from pipeline.config import Settings
from pipeline.files import replace_file
from pipeline.probing.probe import Job, Prober, read_proven
from pipeline.probing.probes_file import HARDENED, LINEAGE, Probed, pass_rates, read_attempts
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.output_folder import locked, manifest_of, read_catalog
from pipeline.serving.episode import Proven
from schemas.attempt import Hardening, Rate, Step, count_passed
from schemas.canonical import derive_seed
from schemas.errors import BudgetError, InputError
from schemas.task import Task
from schemas.trajectory import Roles, Trajectory
from validators.checks import examine
from validators.reward import is_earned

_PARENTS = {mark.name: one.name for one in OPERATORS for mark in one.marks}
_BROUGHT = {mark.name: tuple(one.brings) for one in OPERATORS for mark in one.marks}
Note = Callable[[Hardening], None]


def open_folder_studio(folder: Path) -> Studio:
    """What the tasks of an output folder were drawn from. Raises InputError, OutputError."""
    told, catalog = manifest_of(folder).settings, read_catalog(folder)
    more = {key: told[key] for key in ("near", "size", "recipe", "sampler") if key in told}
    return open_studio(catalog, word_embedder(), backend=replaying(catalog, folder), **more)


@dataclass
class Hardener:
    """A model, and the tasks that are made harder for it."""

    studio: Studio
    prober: Prober
    attempts: int
    below: float
    """Less than such a share of attempts that pass is a failure."""

    async def harden(self, proven: Proven, passed: Rate) -> tuple[Hardening, Trajectory] | None:
        """The lineage of one task and its last conversation.

        None where no operator finds a place, or the endpoint serves no attempt.
        Raises ProviderError, BudgetError, OutputError.
        """
        origin, steps, last = proven.trajectory, list[Step](), proven.trajectory
        names = [name for name in dict.fromkeys(origin.task.operators) if name in _PARENTS]
        lacking = self.studio.asked.lacking
        left = [name for name in _PARENTS if name not in names and _PARENTS[name] not in lacking]
        seed = self.prober.settings.seed
        Random(derive_seed("harden", seed, origin.id)).shuffle(left)
        for name in left:
            harder = await self._add(origin, [*names, name])
            if harder is None:
                continue
            proven, first = Proven(harder, self.studio.environment), len(steps) * self.attempts
            made = [await self.prober.attempt(Job(proven, None, number))
                    for number in range(first, first + self.attempts)]  # fmt: skip
            rate = count_passed(made)
            if not rate.of:  # it was not served, and says nothing
                return None
            names, last = [*names, name], harder
            steps.append(Step(operator=name, trajectory=harder.id, passed=rate))
            if rate.share < self.below:
                break
        if not steps:
            return None
        failed = steps[-1].passed.share < self.below
        lineage = Hardening(
            origin=origin.id, index=origin.index, model=self.prober.client.name, seed=seed,
            passed=passed, steps=tuple(steps), ended="failed" if failed else "none_left",
        )  # fmt: skip
        return lineage, last

    async def _add(self, origin: Trajectory, names: list[str]) -> Trajectory | None:
        """The conversation that proves the task with these operators."""
        wanted = [*dict.fromkeys([*names, *(_PARENTS[name] for name in names)])]
        brought = [more for name in names for more in _BROUGHT[name]]
        bench = self.studio.bench
        task = harden_task(bench, origin.task, origin.seed, names, [*wanted, *brought])
        if task is None:
            return None
        again = Again(task, origin.seed)
        roles = Roles(tools=origin.roles.tools)
        played = await self.studio.candidate(0, origin.index, self.studio.scripted, roles, again)
        if played.failure is not None:
            return None
        examined = examine(played.trajectory, self.studio.environment)
        return examined if examined.accepted and is_earned(examined) else None


def harden(
    folder: Path, settings: Settings, attempts: int, below: float, tasks: int | None, *,
    tell: Tell, note: Note,
) -> tuple[list[Hardening], str]:  # fmt: skip
    """Harden the first ``tasks`` tasks that the model solves, or all; and why it ended before.

    Raises InputError where it was not probed, OutputError, ProviderError.
    """
    client = open_client(settings, "assistant", tell)
    rates = pass_rates(read_attempts(folder, Probed(client.name, client.place)))
    solved = {index: rate for index, rate in rates.items() if rate.share >= below}
    if not solved:
        told = f"{client.name} solves no task here; `toolweave probe` finds out which it does"
        raise InputError(told, file=str(folder))
    made: dict[int, tuple[Hardening, Trajectory]] = {}

    async def run() -> str:
        prober = Prober(folder, settings, tell)
        hardener = Hardener(open_folder_studio(folder), prober, attempts, below)
        known = (one for one in read_proven(folder) if one.trajectory.index in solved)
        left: Iterator[Proven] = islice(known, tasks)

        async def work() -> None:
            while not prober.stopped and (proven := next(left, None)) is not None:
                index = proven.trajectory.index
                try:
                    found = await hardener.harden(proven, solved[index])
                except BudgetError as spent:
                    prober.stopped = str(spent)
                    return
                if found is not None:
                    made[index] = found
                    note(found[0])

        await prober.work_at_once(work)
        return prober.stopped

    with locked(folder):
        stopped = asyncio.run(run())
        _write(folder, [made[index] for index in sorted(made)])
    return [made[index][0] for index in sorted(made)], stopped


def _write(folder: Path, made: list[tuple[Hardening, Trajectory]]) -> None:
    known = DefinitionsFile(folder)
    rows = [one.model_dump_json(context=known) for _, one in made]
    known.flush()
    replace_file(folder / HARDENED, "".join(f"{row}\n" for row in rows))
    lineage = (one.model_dump_json() for one, _ in made)
    replace_file(folder / LINEAGE, "".join(f"{row}\n" for row in lineage))


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
