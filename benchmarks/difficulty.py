"""How often each difficulty operator appears in blueprints, and what it does to them.

Run as ``python -m benchmarks.difficulty [N]``: N blueprints are drawn from the project's own
catalogues, a third of them with chains shaped towards missions. For each operator the table says
how many tasks have it, and the mean of what it is to change, in the tasks with it against those
without. Ends with 1 where an operator shows no effect, has no measure here, or never appears.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from generators.embedding import WordEmbedder
from generators.sampling.structure import Structure
from generators.studio import Studio, open_studio
from generators.tasks.draw_task import draw_task
from generators.world.model import World
from pipeline.opening import read_tools
from schemas.canonical import derive_seed
from schemas.leaves import leaves
from schemas.task import GoldCall, Task, TaskTurn

COUNT = 1000
_SEED = 5
Measure = Callable[[Task, World], float | None]
"""A number of one task; None where the task has nothing to measure."""


@dataclass(frozen=True)
class Effect:
    """What an operator is to change."""

    operator: str
    name: str
    measure: Measure


def reads_per_write(task: Task, world: World) -> float | None:
    """Reads of the turns that write, for each write."""
    turns = [turn for turn in task.turns if any(_writes(call, world) for call in turn.calls)]
    writes = sum(_writes(call, world) for turn in turns for call in turn.calls)
    reads = sum(not _writes(call, world) for turn in turns for call in turn.calls)
    return reads / writes if writes else None


def compared_reads(task: Task, world: World) -> float | None:
    """Reads in the most laborious turn that writes, for each of its writes."""
    found = []
    for turn in task.turns:
        writes = sum(_writes(call, world) for call in turn.calls)
        if writes:
            found.append((len(turn.calls) - writes) / writes)
    return max(found, default=None)


def _writes(call: GoldCall, world: World) -> bool:
    return world.models[call.tool].writes


def unsaid_leaves(task: Task, world: World) -> float | None:
    """Share of the argument leaves that the user never says."""
    del world
    kinds = [o.kind for call in task.calls for o in call.origins if o.kind != "default"]
    return kinds.count("result") / len(kinds) if kinds else None


def carried_over(task: Task, world: World) -> float:
    """Argument leaves of short questions that are as in the earlier call, and left unsaid."""
    del world
    return float(
        sum(
            one in _leaves(task.turns[turn.leans_on].calls)
            for turn in task.turns
            if turn.leans_on is not None
            for one in _leaves(turn.calls)
        )
    )


def _leaves(calls: Iterable[GoldCall]) -> list[tuple[str, str, str]]:
    return [
        (call.tool, path, str(value)) for call in calls for path, value in leaves(call.arguments)
    ]


def conditions(task: Task, world: World) -> float:
    """Things that are said to describe rows."""
    del world
    return float(sum(len(one.conditions) for turn in task.turns for one in turn.references))


def conditions_each(task: Task, world: World) -> float | None:
    """Things that are said of a row that is described."""
    described = [one for turn in task.turns for one in turn.references]
    return conditions(task, world) / len(described) if described else None


def seconds(task: Task, world: World) -> float:
    """Seconds that pass beside the usual ones."""
    del world
    return float(sum(turn.elapsed for turn in task.turns))


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


def user_messages(task: Task, world: World) -> float:
    """How many times the user speaks."""
    del world
    return float(
        sum(1 + bool(t.withheld) + bool(t.unknown) + t.confirm + t.vague for t in task.turns)
    )


def _turns(holds: Callable[[TaskTurn], object]) -> Measure:
    """How many turns have something."""
    return lambda task, _: float(sum(bool(holds(turn)) for turn in task.turns))


def _leans(turn: TaskTurn) -> bool:
    return turn.leans_on is not None


def _is_chat(turn: TaskTurn) -> bool:
    return not turn.calls and not turn.recalls and turn.outcome == "complete"


def _is_ruled_out(turn: TaskTurn) -> bool:
    return turn.outcome == "refuse" and any(call.barred for call in turn.calls)


def _is_lost(call: GoldCall) -> bool:
    return call.fault is not None and not call.fault.transient


def written(task: Task, world: World) -> float:
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


def _calls(holds: Callable[[GoldCall], object]) -> Measure:
    """How many gold calls have something."""
    return lambda task, _: float(sum(bool(holds(call)) for call in task.calls))


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
    Effect("missions", "user messages", user_messages),
    Effect("compare", "reads per write, where most", compared_reads),
    Effect("compare", "gold calls", lambda task, _: float(len(task.calls))),
    Effect("fuzzy", "conditions that describe rows", conditions),
    Effect("fuzzy", "conditions per description", conditions_each),
    Effect("ellipsis", "argument leaves carried over", carried_over),
    Effect("ellipsis", "turns that say only what differs", _turns(_leans)),
    Effect("stale", "seconds that pass", seconds),
    Effect("recall", "turns answered without a call", _turns(lambda turn: turn.recalls)),
    Effect("clarify", "user messages", user_messages),
    Effect("clarify", "turns with withheld values", _turns(lambda turn: turn.withheld)),
    Effect("vague", "turns begun vaguely", _turns(lambda turn: turn.vague)),
    Effect("unknown", "questions in vain", _turns(lambda turn: turn.unknown)),
    Effect("revise", "corrections", _turns(lambda turn: turn.revision)),
    Effect("fault", "calls that fail first", _calls(lambda call: call.fault)),
    Effect(
        "delayed",
        "answers that come later",
        _calls(lambda call: call.fault and call.fault.kind == "delayed"),
    ),
    Effect("lasting", "faults that last", _calls(_is_lost)),
    Effect("permit", "rules in the policy", lambda task, _: float(len(task.rules))),
    Effect("forbid", "calls that a rule forbids", _calls(lambda call: call.barred)),
    Effect("forbid", "turns declined by a rule", _turns(_is_ruled_out)),
    Effect("unanswerable", "questions never answered", _turns(lambda t: t.outcome == "clarify")),
    Effect("transfer", "turns handed over", _turns(lambda turn: turn.outcome == "transfer")),
    Effect("hurry", "hurried turns", _turns(lambda turn: turn.hurried)),
    Effect("inject", "planted texts", lambda task, _: float(len(task.plants))),
    Effect("formatted", "values to be written in a format", written),
    Effect("recombine", "gold calls", lambda task, _: float(len(task.calls))),
    Effect("recombine", "user messages", user_messages),
    Effect("unsupported", "requests in vain", _turns(lambda turn: turn.outcome == "refuse")),
    Effect("chat", "turns of small talk", _turns(_is_chat)),
)
"""In the order of the table. An operator that is added gets a row."""


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
    having = [task for task in tasks if effect.operator in task.operators]
    others = [task for task in tasks if effect.operator not in task.operators]
    return Row(
        effect.operator,
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
    known = {effect.operator for effect in EFFECTS}
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
