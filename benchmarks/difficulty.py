"""How often each difficulty operator appears in blueprints, and what it does to them.

Run as ``python -m benchmarks.difficulty [N]``: N blueprints are drawn from the project's own
catalogues, a third of them with chains shaped towards missions. For each operator the table says
how many tasks have it, and the mean of what it is to change, in the tasks with it against those
without. Ends with 1 where an operator shows no effect, has no measure here, or never appears.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generators.embedding import WordEmbedder
from generators.operators import OPERATORS
from generators.operators.operator import (
    Effect,
    count_calls,
    count_turns,
    count_user_messages,
)
from generators.sampling.structure import Structure
from generators.studio import Studio, open_studio
from generators.tasks.draw_task import draw_task
from generators.world.model import World
from pipeline.opening import read_tools
from schemas.canonical import derive_seed
from schemas.task import Task
from schemas.twists import SmallTalk, has_twist

COUNT = 1000
_SEED = 5


def unsaid_leaves(task: Task, world: World) -> float | None:
    """Share of the argument leaves that the user never says."""
    del world
    kinds = [o.kind for call in task.calls for o in call.origins if o.kind != "default"]
    return kinds.count("result") / len(kinds) if kinds else None


def hidden_calls(task: Task, world: World) -> float | None:
    """Share of the calls that only serve a later one of their turn."""
    del world
    start = hidden = 0
    for turn in task.turns:
        numbers = range(start, start + len(turn.calls))
        used = {o.call for call in turn.calls for o in call.origins}
        hidden += len(used.intersection(numbers))
        start = numbers.stop
    return hidden / start if start else None


def related_turns(task: Task, world: World) -> float:
    """Turns that take something from what an earlier turn found."""
    del world
    start = related = 0
    for turn in task.turns:
        sources = {o.call for call in turn.calls for o in call.origins if o.call is not None}
        related += any(source < start for source in sources)
        start += len(turn.calls)
    return float(related)


def widest_batch(task: Task, world: World) -> float:
    """Calls that are made at once, at the most."""
    del world
    groups = [[call.group for call in turn.calls] for turn in task.turns]
    return float(max((group.count(one) for group in groups for one in group), default=0))


EFFECTS: tuple[Effect, ...] = (
    Effect("parallel", "calls at once, at the most", widest_batch),
    Effect("implicit", "share of calls that nobody asks for", hidden_calls),
    Effect("implicit", "share of argument leaves never said", unsaid_leaves),
    Effect("missions", "turns that go on from earlier ones", related_turns),
    Effect("missions", "user messages", count_user_messages),
    *(effect for operator in OPERATORS for effect in operator.effects),
    Effect("against_policy", "calls not made", count_calls(lambda call: call.barred)),
    Effect("recombine", "gold calls", count_calls(lambda call: call.tool)),
    Effect("recombine", "user messages", count_user_messages),
    Effect("unsupported", "requests in vain", count_turns(lambda t: t.outcome == "refuse")),
    Effect("chat", "turns of small talk", count_turns(lambda t: has_twist(t, SmallTalk))),
)
"""In the order of the table: an operator says itself what it is to change."""


@dataclass(frozen=True)
class Row:
    """What was measured of one operator."""

    operator: str
    name: str
    share: float
    with_it: float
    without: float

    @property
    def shows(self) -> bool:
        """Whether the operator appears, and changes what it is to change."""
        return self.share > 0 and self.with_it > self.without

    def __str__(self) -> str:
        """A row of the table."""
        cells = (f"`{self.operator}`", f"{self.share:.1%}", self.name,
                 f"{self.with_it:.2f}", f"{self.without:.2f}")  # fmt: skip
        return f"| {' | '.join(cells)} |"


HEAD = "| operator | tasks | measured | with | without |\n|---|--:|---|--:|--:|"


def draw(studio: Studio, count: int) -> list[Task]:
    """The first tasks of a stream."""
    stream = studio.stream(_SEED)
    return [
        draw_task(studio.bench, derive_seed("difficulty", _SEED, number), stream.draw(number))
        for number in range(count)
    ]


def rows(tasks: Sequence[Task], world: World) -> list[Row]:
    """A row for each operator that has a measure."""
    return [_row(effect, tasks, world) for effect in EFFECTS]


def _row(effect: Effect, tasks: Sequence[Task], world: World) -> Row:
    having = [task for task in tasks if effect.mark in task.operators]
    others = [task for task in tasks if effect.mark not in task.operators]
    return Row(
        effect.mark,
        effect.name,
        len(having) / len(tasks),
        _mean(effect.measure(task, world) for task in having),
        _mean(effect.measure(task, world) for task in others),
    )


def _mean(found: Iterable[float | None]) -> float:
    numbers = [number for number in found if number is not None]
    return sum(numbers) / len(numbers) if numbers else 0.0


def unmeasured(tasks: Sequence[Task]) -> set[str]:
    """Operators of the tasks that have no row."""
    known = {effect.mark for effect in EFFECTS}
    return {name for task in tasks for name in task.operators} - known


def main(count: int = COUNT) -> int:
    """Print the table; 1 where an operator shows no effect."""
    catalog, embedder = read_tools(()), WordEmbedder()
    plain = open_studio(catalog, embedder)
    shaped = open_studio(catalog, embedder, structure=Structure(missions=0.3))
    tasks = draw(plain, count - count // 3) + draw(shaped, count // 3)
    measured = rows(tasks, plain.world)
    print(HEAD, *measured, sep="\n")  # noqa: T201
    silent = [row.operator for row in measured if not row.shows]
    for name in sorted({*silent, *unmeasured(tasks)}):
        print(f"no effect is shown for {name}")  # noqa: T201
    return 1 if silent or unmeasured(tasks) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
