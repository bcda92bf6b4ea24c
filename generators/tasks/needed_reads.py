"""Which reads a task could do without: their results bring nothing that is not known otherwise.

A read is needed where a later call takes a value from it that no other earlier result holds, where
it tells the user something new, or where so much time has passed that what was known is stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import NamedTuple

from generators.lexicon.tables import load_words
from generators.tasks.clock import LONGEST, find_open_minutes
from generators.tasks.feeding import Executed, Scalars, scalar
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import postpone, remove_call
from generators.world.model import World
from schemas.demand import values_at
from schemas.leaves import leaves, value_at
from schemas.reading import read_words
from schemas.record import JsonObject
from schemas.task import Origin, TaskTurn
from schemas.twists import Comparison, find_twists

_AGED = 0.3
"""Share of the idle reads that are made needed by time, where they could be left out as well."""
HOLDS_FOR = 1800
"""Seconds for which an answer holds: after them it must be asked for again before it is told."""
_HOURS = (2, 3, 4, 5, 6)
_LATEST = 23
"""The hour by which a conversation is over: "tomorrow" means the same day all along."""
_LEAST = 3
"""Calls that are left in any case."""


class Step(NamedTuple):
    """A call, as far as it matters whether it is needed."""

    arguments: JsonObject
    origins: tuple[Origin, ...]
    scalars: Scalars
    """The scalars of its result."""
    reads: bool
    """Changes nothing, returned no error, and is not what a write hangs on."""


def went_with(world: World, executed: Executed, later: Iterable[Executed]) -> bool:
    """Whether what a call showed has been deleted since, or what it lies in: its repository."""
    shown = dict(executed.arguments)
    shown |= executed.result if isinstance(executed.result, dict) else {}
    about = world.entities.get(executed.model.entity or "")
    for other in later:
        gone = world.entities.get(other.model.entity or "")
        if gone is None or other.model.operation != "delete":
            continue
        keys = {one.field or one.name: other.arguments.get(one.path)
                for one in other.model.parameters if one.use == "identity"}  # fmt: skip
        own = about is not None and about.key == gone.key
        # An ``id`` is that of its own kind alone; another row says what it lies in by a reference.
        refers = (
            [one.name for one in about.fields.values() if one.entity == gone.key] if about else []
        )
        bare = load_words("inference", "generic_keys")
        named = own or len(keys) > 1 or bare.isdisjoint(keys)
        if keys and named and all(shown.get(name) == value for name, value in keys.items()):
            return True
        if len(keys) == 1 and {*keys.values()} & {str(shown.get(name)) for name in refers}:
            return True
    return False


def idle_reads(
    steps: Sequence[Step], turns: Sequence[tuple[TurnPlan | TaskTurn, Sequence[int]]]
) -> tuple[int, ...]:
    """Numbers of the reads that could be left out, one at a time; ``turns`` with their calls."""
    turn_of = {call: turn for turn, calls in turns for call in calls}
    # Their results decide which row is chosen.
    compared = {
        call for turn, _ in turns for one in find_twists(turn, Comparison) for call in one.calls
    }
    idle = []
    for number, step in enumerate(steps):
        uses = [
            (later, origin)
            for later in range(number + 1, len(steps))
            for origin in steps[later].origins
            if origin.call == number
        ]
        if not step.reads or number in compared:
            continue
        if any(_find_elsewhere(steps, number, *use) is None for use in uses):
            continue
        # What only serves its turn tells the user nothing; all else may be news.
        serves = any(turn_of[later] is turn_of[number] for later, _ in uses)
        earlier = [other.scalars for other in steps[:number]]
        aged = turn_of[number].elapsed > HOLDS_FOR  # earlier answers hold no longer
        news = aged or any(all(one not in held for held in earlier) for one in step.scalars)
        if serves or not news:
            idle.append(number)
    return tuple(idle)


def _find_elsewhere(
    steps: Sequence[Step], number: int, later: int, origin: Origin
) -> tuple[int, str] | None:
    """Another call before ``later`` whose result holds the value, and where; None if there is none.

    The place must bear the same name: any 3 is not the 3 that is meant. And what the call takes
    from the same row besides must stand beside it there: an owner and a repository of that owner.
    """
    arguments = steps[later].arguments
    value = scalar(value_at(arguments, origin.path))
    row, name = _part(origin.result_path)
    beside = []
    for other in steps[later].origins:
        held_in, other_name = _part(other.result_path)
        if other is not origin and other.call == origin.call and held_in == row:
            beside.append((other_name, scalar(value_at(arguments, other.path))))
    for number_of_other, step in enumerate(steps[:later]):
        if number_of_other == number:
            continue
        for path in step.scalars.get(value, ()):
            holder, last = _part(path)
            if last == name and all(
                holder + also in step.scalars.get(one, ()) for also, one in beside
            ):
                return number_of_other, path
    return None


def _part(path: str | None) -> tuple[str, str]:
    """``orders[1].tags[0]`` → ``orders[1].`` and ``tags``: what it goes through, and its name."""
    before, dot, last = (path or "").rpartition(".")
    return before + dot, last.partition("[")[0]


def needed_only(plan: Plan, rng: Random, demanded: frozenset[str], *, aged: bool = True) -> Plan:
    """The plan without idle reads: each is left out or, if ``aged``, asked again after some hours.

    Then calls of ``demanded`` tools stay.
    """
    for _ in range(len(plan.done)):
        steps = _steps(plan)
        idle = idle_reads(steps, [(turn, turn.calls) for turn in plan.turns])
        if not idle:
            break
        call = idle[-1]
        number = plan.turn_of(call)
        kept = plan.done[call].model.name in demanded or len(plan.done) <= _LEAST
        serves = any(call in plan.done[other].sources for other in plan.turns[number].calls)
        pause = 0
        if aged and number and not serves and _reads_anew(plan, steps, number):
            pause = pause_before(plan, rng)
        if pause and (kept or rng.random() < _AGED):
            paused = postpone(plan, number, pause)
            if paused is not None:
                plan = replace(paused, operators=(*paused.operators, "stale"))
                continue
        # Take the read out; what it gave is taken from where else it stands.
        done = list(plan.done)
        for later in range(call + 1, len(done)):
            origins = []
            for origin in done[later].origins:
                found = _find_elsewhere(steps, call, later, origin) if origin.call == call else None
                if found is not None:
                    update = {"call": found[0], "result_path": found[1]}
                    origin = origin.model_copy(update=update)
                origins.append(origin)
            done[later] = replace(done[later], origins=tuple(origins))
        left = remove_call(replace(plan, done=tuple(done)), call)
        plan = replace(left, turns=tuple(turn for turn in left.turns if turn.calls))
    return plan


def _reads_anew(plan: Plan, steps: Sequence[Step], number: int) -> bool:
    """Whether each write from a turn on is about rows that are read after the turn has begun."""
    first = min(plan.turns[number].calls)
    for call in range(first, len(steps)):
        model, step = plan.done[call].model, steps[call]
        fresh = [one.scalars for one in steps[first:call]]
        rows = [value for one in model.parameters if one.use in ("identity", "reference")
                for value in values_at(step.arguments, one.path)][-1:]  # fmt: skip
        old = [value_at(step.arguments, one.path) for one in step.origins
               if one.call is not None and one.call < first]  # fmt: skip
        if model.writes and not all(any(scalar(v) in held for held in fresh) for v in rows + old):
            return False
    return True


def pause_before(plan: Plan, rng: Random) -> int:
    """Seconds of some hours that the day still has; 0 where it has none, or a meal is under way."""
    hourly = load_words("states", "at_once")
    shown = (held for one in plan.done for _, held in leaves(one.result) if isinstance(held, str))
    if any(read_words(held, plan.clock) in hourly for held in shown):
        return 0  # hours later it would be another
    spent = timedelta(seconds=sum(turn.elapsed for turn in plan.turns)) + LONGEST
    closing = find_open_minutes(plan.setting.world)[1]
    latest = timedelta(minutes=closing if plan.setting.world.domains else _LATEST * 60)
    begun = timedelta(hours=plan.clock.hour, minutes=plan.clock.minute)
    fitting = [hours for hours in _HOURS if begun + spent + timedelta(hours=hours) < latest]
    return rng.choice(fitting) * 3600 if fitting else 0


def has_idle_reads(plan: Plan) -> bool:
    """Whether some read of the plan could be left out."""
    return bool(idle_reads(_steps(plan), [(turn, turn.calls) for turn in plan.turns]))


def _steps(plan: Plan) -> list[Step]:
    return [
        Step(e.arguments, e.origins, e.scalars, not (e.model.writes or e.looks)) for e in plan.done
    ]
