"""Another tool on offer that takes the same values."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, replace
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        wanted = {call.tool for call in ground.clean.task.calls}
        for name in shuffled(rng, sorted(ground.tools.keys() - wanted)):
            tool = ground.tools[name]
            given = {k: v for k, v in step.call.arguments.items() if k in tool.properties}
            if not given or not fits(given, tool.parameters):
                continue
            if not tool.writes and ground.failed_before(step):  # to look first is right there
                continue
            code = "unexpected_write" if tool.writes else "missed_required_action"
            wrong = WrongCall(name, given, step.call)
            yield replace(step, code, wrong, succeeds=True if tool.writes else None)


KIND = Kind(
    "wrong_tool",
    "a tool that does something else with the same values",
    "{tool} does not do what was asked for: read again what it says of itself.",
    _place,
)
