"""A rival row: one that results have shown, and that is not the one that is meant."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import CallStep, Ground, shuffled
from schemas.leaves import leaves, set_value
from schemas.message import FromResult
from schemas.record import JsonObject


def call_rivals(ground: Ground, rng: Random, step: CallStep) -> Iterator[tuple[str, JsonObject]]:
    """Arguments of the same call for rival rows, which no other call wants, and what is changed."""
    for path, value in shuffled(rng, [*leaves(step.call.arguments)]):
        source = step.source(path)
        if not isinstance(source, FromResult) or not isinstance(value, str | int):
            continue
        # Other values that results before the call have under the name of its source.
        known = ground.values(step.position)
        found = dict.fromkeys(v for p, v in known if _name(p) == _name(source.path) and v != value)
        for rival in shuffled(rng, [one for one in found if type(one) is type(value)]):
            changed = set_value(step.call.arguments, path, rival)
            wanted = (gold.is_made_by(step.call.name, changed, step.tool)
                      for gold in ground.clean.task.calls)  # fmt: skip
            if not any(wanted):
                yield path, changed


def _name(path: str) -> str:
    """The last name of a path; which one of a list it is, does not count."""
    return path.rpartition(".")[2].partition("[")[0]


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        for path, changed in call_rivals(ground, rng, step):
            yield retell(step, "wrong_arguments", changed, path, succeeds=True)


KIND = Kind(
    "wrong_row",
    "a rival row that was shown as well",
    "{parameter} of {tool} names something that was found too, but it is not what is meant.",
    _place,
)
