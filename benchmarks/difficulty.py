"""How often each difficulty operator appears in blueprints, and what it does to them.

Run as ``python -m benchmarks.difficulty [N]``: N blueprints are drawn from the project's own
catalogues, a third of them with chains shaped towards missions. For each operator the table says
how many tasks have it, and the mean of what it is to change, in the tasks with it against those
without. Ends with 1 where an operator shows no effect, has no measure here, or never appears.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from generators.embedding import WordEmbedder
from generators.operators.operator import count_rules
from generators.sampling.structure import Structure
from generators.studio import Studio, open_studio
from generators.tasks.draw_task import draw_task
from generators.world.model import World
from pipeline.opening import read_tools
from schemas import twists
from schemas.canonical import derive_seed
from schemas.leaves import leaves
from schemas.task import GoldCall, Task, TaskTurn
from schemas.twists import Kind, count_messages, find_group, find_twist, find_twists, has_twist

COUNT = 1000
_SEED = 5
Measure = Callable[[Task, World], float | None]
"""A number of one task; None where the task has nothing to measure."""


class Effect(NamedTuple):
    """What an operator is to change, as a number that is higher with its mark than without."""

    mark: str
    name: str
    measure: Measure


def count_turns(count: Callable[[TaskTurn], int]) -> Measure:
    """How many turns of a task have something, or how much they have of it."""
    return lambda task, _: float(sum(map(count, task.turns)))


def count_twisted(kind: type[Kind]) -> Measure:
    """How many turns of a task have such a twist."""
    return count_turns(lambda turn: has_twist(turn, kind))


def count_calls(holds: Callable[[GoldCall], object]) -> Measure:
    """How many gold calls of a task have something."""
    return lambda task, _: float(sum(bool(holds(call)) for call in task.calls))


count_user_messages = count_turns(lambda turn: count_messages(turn, confirm=turn.confirm))
"""How many times the user speaks, at least."""
count_conditions = count_turns(
    lambda turn: sum(len(one.conditions) for one in find_twists(turn, twists.Reference))
)


def count_conditions_each(task: Task, world: World) -> float | None:
    """Things that are said of a row that is described."""
    rows = sum(len(find_twists(turn, twists.Reference)) for turn in task.turns)
    return (count_conditions(task, world) or 0) / rows if rows else None


def count_reads_per_write(task: Task, world: World) -> float | None:
    """Reads in the most laborious turn that writes, for each of its writes."""
    found = []
    for turn in task.turns:
        writes = sum(world.models[call.tool].writes for call in turn.calls)
        if writes:
            found.append((len(turn.calls) - writes) / writes)
    return max(found, default=None)


def count_carried(task: Task, world: World) -> float:
    """Argument leaves of short questions that are as in the earlier call, and left unsaid."""
    del world

    def leaves_of(calls: Iterable[GoldCall]) -> list[tuple[str, str, str]]:
        return [(one.tool, path, str(v)) for one in calls for path, v in leaves(one.arguments)]

    return float(
        sum(
            one in leaves_of(task.turns[leaning.turn].calls)
            for turn in task.turns
            if (leaning := find_twist(turn, twists.LeansOn)) is not None
            for one in leaves_of(turn.calls)
        )
    )


def count_written(task: Task, world: World) -> float:
    """Gold values that are not written as the user says them."""
    del world
    said = {(fact.call, fact.path): fact.value for fact in task.known}
    asked = {(one.tool, one.parameter) for one in task.formats}
    return float(
        sum(
            (call.tool, path) in asked and said.get((number, path), value) != value
            for number, call in enumerate(task.calls)
            for path, value in leaves(call.arguments)
        )
    )


def count_kept(task: Task, world: World) -> float:
    """The drawn rules, and those of the service that the task's writes keep to."""
    made = (call for call in task.calls if not call.barred)
    return float(len(task.rules) + sum(count_rules(world, world.models[c.tool]) for c in made))


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
    Effect("compare", "reads per write, where most", count_reads_per_write),
    Effect("compare", "gold calls", count_calls(lambda call: call.tool)),
    Effect("fuzzy", "conditions that describe rows", count_conditions),
    Effect("fuzzy", "conditions per description", count_conditions_each),
    Effect("ellipsis", "argument leaves carried over", count_carried),
    Effect("ellipsis", "turns that say only what differs", count_twisted(twists.LeansOn)),
    Effect("stale", "seconds that pass", count_turns(lambda turn: turn.elapsed)),
    Effect("recall", "turns answered without a call", count_twisted(twists.Recall)),
    Effect("clarify", "user messages", count_user_messages),
    Effect("clarify", "turns with withheld values", count_twisted(twists.Withheld)),
    Effect("vague", "turns begun vaguely", count_twisted(twists.Vague)),
    Effect("unknown", "questions in vain", count_twisted(twists.Unknown)),
    Effect("revise", "corrections", count_twisted(twists.Revision)),
    Effect(
        "aside",
        "side questions",
        count_turns(lambda t: any(n.operator == "aside" for n in find_twists(t, twists.Noted))),
    ),
    Effect("group", "people who talk", lambda task, _: float(len(find_group(task).others))),
    Effect("fault", "calls that fail first", count_calls(lambda call: call.fault)),
    Effect(
        "lasting",
        "faults that last",
        count_calls(lambda call: call.fault and not call.fault.transient),
    ),
    Effect("forbid", "calls that a rule forbids", count_calls(lambda call: call.barred)),
    Effect(
        "forbid",
        "turns declined by a rule",
        count_turns(lambda t: t.outcome == "refuse" and any(c.barred for c in t.calls)),
    ),
    Effect(
        "unanswerable",
        "questions never answered",
        count_turns(lambda turn: turn.outcome == "clarify"),
    ),
    Effect("permit", "rules in the policy", count_kept),
    Effect("transfer", "turns handed over", count_turns(lambda t: t.outcome == "transfer")),
    Effect("hurry", "hurried turns", count_twisted(twists.Hurry)),
    Effect("inject", "planted texts", lambda task, _: float(len(task.plants))),
    Effect("formatted", "values to be written in a format", count_written),
    Effect(
        "second_domain",
        "domains",
        lambda task, world: float(len({world.models[c.tool].tool.domain for c in task.calls})),
    ),
    Effect(
        "delayed",
        "answers that come later",
        count_calls(lambda call: call.fault and call.fault.kind == "delayed"),
    ),
    Effect("against_policy", "calls not made", count_calls(lambda call: call.barred)),
    Effect("recombine", "gold calls", count_calls(lambda call: call.tool)),
    Effect("recombine", "user messages", count_user_messages),
    Effect("unsupported", "requests in vain", count_turns(lambda t: t.outcome == "refuse")),
    Effect("chat", "turns of small talk", count_twisted(twists.SmallTalk)),
)
"""In the order of the table."""


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
