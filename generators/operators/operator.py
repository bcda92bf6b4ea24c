"""What a difficulty operator is: a change of the plan, the words for it, and what is told of it.

Each operator has a folder of its own: its code, its ``phrases.yaml``, and here in the class
all that the mix, the documentation and the benchmark must know of it.
"""

from collections.abc import Callable
from importlib.resources import files
from random import Random
from typing import ClassVar, NamedTuple

from generators.dialogue.turn_draft import TurnHooks
from generators.tasks.plan import Mix, Plan
from generators.world.model import World
from schemas.task import GoldCall, Task, TaskTurn
from schemas.twists import count_messages

Measure = Callable[[Task, World], float | None]
"""A number of one task; None where the task has nothing to measure."""


class Mark(NamedTuple):
    """A name that the operator notes on a task, and what it stands for."""

    name: str
    share: float
    """How often it is tried by the usual mix; its name is the key of the mix."""
    what: str
    """What happens in the conversation."""
    when: str = ""
    """Of what the share is, in words that go on after its figure."""


class Effect(NamedTuple):
    """What an operator is to change, as a number that is higher with its mark than without."""

    mark: str
    name: str
    measure: Measure


class Operator(TurnHooks):
    """Makes a plan harder, and tells in a script what it has made of a turn."""

    name: ClassVar[str]
    marks: ClassVar[tuple[Mark, ...]]
    """One of them has the operator's own name."""
    effects: ClassVar[tuple[Effect, ...]]

    def change_plan(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """A harder plan that works, or the plan as it is where it offers no place."""
        if rng.random() >= mix[self.name]:
            return plan
        return self.make_harder(plan, rng, mix)

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """The same, where the operator is to be tried."""
        raise NotImplementedError

    @property
    def phrases(self) -> str:
        """The YAML text of its phrases; empty where it has none."""
        file = files(type(self).__module__) / "phrases.yaml"
        return file.read_text(encoding="utf-8") if file.is_file() else ""


def count_turns(holds: Callable[[TaskTurn], object]) -> Measure:
    """How many turns of a task have something."""
    return lambda task, _: float(sum(bool(holds(turn)) for turn in task.turns))


def count_calls(holds: Callable[[GoldCall], object]) -> Measure:
    """How many gold calls of a task have something."""
    return lambda task, _: float(sum(bool(holds(call)) for call in task.calls))


def count_user_messages(task: Task, world: World) -> float:
    """How many times the user speaks, at least."""
    del world
    return float(sum(count_messages(turn, confirm=turn.confirm) for turn in task.turns))


def calls_in_earnest(task: Task, world: World) -> float:
    """How many gold calls a task has."""
    del world
    return float(len(task.calls))
