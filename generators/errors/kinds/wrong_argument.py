"""A value that the user gave, given otherwise: another choice, day or number."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from generators.errors.draft import Draft, Kind, retell
from generators.errors.ground import Ground, shuffled
from generators.sandbox.schema_validity import fits, keeps_format
from schemas.leaves import leaves, set_value
from schemas.message import FromUser
from schemas.record import JsonObject


def change(value: Any, schema: JsonObject, rng: Random) -> Any:
    """Another value of the kind; the same where none is known."""
    others = [one for one in schema.get("enum", ()) if one != value]
    if others:
        return rng.choice(others)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((1, 2, 10))
    if isinstance(value, float):
        return round(value * 2, 2)
    try:
        day = date.fromisoformat(value[:10]) + timedelta(days=rng.choice((1, 7)))
    except (KeyError, TypeError, ValueError, OverflowError):  # no text, no day, or the last one
        return value
    return f"{day}{value[10:]}"


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        for path, value in shuffled(rng, [*leaves(step.call.arguments)]):
            schema = step.tool.properties.get(path, {})
            other = change(value, schema, rng) if path else value
            if other == value or not isinstance(step.source(path), FromUser):
                continue
            changed = set_value(step.call.arguments, path, other)
            parameters = step.tool.parameters
            if fits(changed, parameters) and keeps_format(changed, parameters):
                yield retell(step, "wrong_arguments", changed, path)


KIND = Kind(
    "wrong_argument",
    "another value than the user gave",
    "{parameter} of {tool} is not what the user said.",
    _place,
)
