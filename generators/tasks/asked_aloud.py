"""Whether what a task asks for can be said: each tool's work as a person would ask for it."""

from collections.abc import Iterator
from itertools import count

from generators.language.action import action
from generators.world.model import World
from schemas.task import Task
from schemas.twists import Comparison, find_twists


def asked_calls(task: Task) -> Iterator[int]:
    """Numbers of the calls that the user asks for: those that serve no other call of their turn."""
    numbers = count()
    for turn in task.turns:
        own = [next(numbers) for _ in turn.calls]
        used = {origin.call for call in turn.calls for origin in call.origins}
        used.update(call for one in find_twists(turn, Comparison) for call in one.calls)
        yield from (number for number in own if number not in used)


def unsayable_calls(world: World, task: Task) -> Iterator[tuple[int, str]]:
    """Calls that are asked for, and that nobody would ask for: number and tool."""
    for number in asked_calls(task):
        tool = task.calls[number].tool
        if not action(world.models[tool]).sayable:
            yield number, tool
