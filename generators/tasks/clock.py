"""In which world a task begins. Candidates of a domain that follow each other share one.

A world is what a seed and a clock make of a catalogue: rows, and a present time. Seeding a domain's
rows costs as much as drawing many tasks in them, so that a world is made for a few candidates, and
for those of one domain: in a world of another's, all of its rows would be made for it alone. Which
one a candidate lies in follows from its number, and a task records the seed and the clock, which is
all that a replay needs.

From there the time runs: minutes pass between the turns of a conversation, seconds between the
calls of one. Each call bears its time, so that a replay sees the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from generators.backends.backend import Backend, open_planted
from generators.sampling.stream import Turn
from generators.sandbox.own_rows import EVERYTHING, Scope
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.environment import Environment
from schemas.task import Person, Plant

_FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)


_TASKS_A_TOOL = 0.34
"""Candidates that share a world, for each tool of the domain: so few that the same calls seldom
come up twice."""
MOST_SHARING = 4
"""Candidates that do, however many tools there are."""
_DOUBLED = (1, 4, 8)
"""Blocks of the stream from which on twice as many do: where there are hundreds of worlds already,
another one adds little to what rows and days there are, and costs as much as the first."""


def count_sharing(tools: int, block: int) -> int:
    """Candidates of a domain of so many tools that share a world in a block of the stream."""
    sharing = min(MOST_SHARING, max(1, int(_TASKS_A_TOOL * tools)))
    return int(sharing * 2 ** sum(block >= first for first in _DOUBLED))


@dataclass(frozen=True)
class Start:
    """What a world is seeded from."""

    seed: int
    clock: datetime
    """An hour of 2026 in which services are open."""


def start_of(world: World, *parts: object) -> Start:
    """The start that belongs to a seed, and to whatever else tells it from others.

    The clock lies in hours in which every service of the world is open.
    """
    rng = Random(derive_seed("clock", *parts))
    day = _FIRST_DAY + timedelta(days=rng.randrange(350))
    first, last = find_open_minutes(world)
    latest = last - (last - first) // 3  # a user may come back after hours
    clock = day + timedelta(minutes=rng.randrange(first, latest))
    return Start(derive_seed("store", *parts), clock)


def find_open_minutes(world: World) -> tuple[int, int]:
    """From which minute of the day to which one all services are open.

    Where nobody says, or they are never open at once: from eight to seven in the evening.
    """
    hours = [service.open for service in world.domains.values() if service.open]
    starts, ends = (
        [int(time[:2]) * 60 + int(time[3:]) for time in times]
        for times in ([one.start for one in hours], [one.end for one in hours])
    )
    first, last = max(starts, default=8 * 60), min(ends, default=19 * 60)
    return (first, last) if first < last else (8 * 60, 19 * 60)


def shared_start(world: World, seed: int, turn: Turn, back: int = 0) -> Start:
    """The start of the candidate of a seed whose turn it is, and of all that share its world.

    The more tools a domain has, the more can be done in one world before it comes up again.
    ``back``: the world that the candidates of the domain shared so many worlds before, in the same
    block; those before its first are its last.
    """
    tools = sum(model.tool.domain == turn.kind for model in world.models.values())
    together = count_sharing(tools, turn.block)
    number = turn.place // together - back
    if turn.size:
        # Dealt out evenly: a world for the few that are left over would cost as much as any.
        worlds = max(1, round(turn.size / together))
        number = (turn.place * worlds // turn.size - back) % worlds
    return start_of(world, seed, turn.kind, turn.block, number)


_OPENING, _WRITING, _READING = (80, 200), (25, 75), (2, 6)
"""Seconds before a call that opens a turn, one that changes something, which may have to be
confirmed first, and any other."""
LONGEST = timedelta(minutes=40)
"""In which a conversation without pauses is over."""


def move_on(at: str, seconds: int) -> str:
    """The moment so many seconds later, ISO 8601."""
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat()


def halfway(before: str, after: str) -> str:
    """The moment between two others, to the second; some time after the first if they lie apart."""
    free = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    return move_on(before, min(int(free.total_seconds()), _OPENING[1]) // 2)


def next_time(at: str, pace: int, *, opens: bool = True, writes: bool = False) -> str:
    """When the call after one that was made ``at`` is made; ``pace``: what tells tasks apart.

    ``opens``: it is the first of its turn.
    """
    least, most = _OPENING if opens else _WRITING if writes else _READING
    return move_on(at, Random(derive_seed("pace", pace, at)).randint(least, most))


@dataclass(frozen=True)
class Setting:
    """A backend, and the world of it that is meant."""

    backend: Backend
    seed: int
    clock: datetime
    plants: tuple[Plant, ...] = ()
    scope: Scope = EVERYTHING
    """Whose rows calls are about, where nothing else says which."""
    person: Person | None = None
    """Who writes, where that is a row."""

    @property
    def world(self) -> World:
        """What is known of the tools."""
        return self.backend.world

    def open(self) -> Environment:
        """A fresh environment in its initial state."""
        return open_planted(self.backend, self.seed, self.clock.isoformat(), self.plants)
