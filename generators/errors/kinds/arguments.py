"""Arguments that are not what was said: others, too few or many, of a wrong type, guessed."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import ceil, floor
from random import Random
from typing import Any

from generators.dialogue.provenance import trace
from generators.errors.draft import Draft, Kind, WrongCall, retell
from generators.errors.ground import CallStep, Ground, shuffled
from generators.sandbox.schema_validity import fits, keeps_format
from schemas.demand import fixed_values
from schemas.leaves import leaves, set_value, value_at
from schemas.message import FromResult, FromUser
from schemas.record import JsonObject


def change_value(value: Any, schema: JsonObject, rng: Random) -> Any:
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


def _place_wrong_argument(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        for path, value in shuffled(rng, [*leaves(step.call.arguments)]):
            schema = step.tool.properties.get(path, {})
            other = change_value(value, schema, rng) if path else value
            if other == value or not isinstance(step.source(path), FromUser):
                continue
            changed = set_value(step.call.arguments, path, other)
            parameters = step.tool.parameters
            if fits(changed, parameters) and keeps_format(changed, parameters):
                yield retell(step, "wrong_arguments", changed, path)


WRONG_ARGUMENT = Kind(
    "wrong_argument",
    "another value than the user gave",
    "{parameter} of {tool} is not what the user said.",
    _place_wrong_argument,
)


def _place_ignored_correction(ground: Ground, rng: Random) -> Iterator[Draft]:
    task = ground.clean.task
    for step in ground.drawn(rng, writes=True):
        for twist in task.turns[step.message.turn].twists:
            if twist.kind != "revision" or task.calls[twist.call].tool != step.call.name:
                continue
            told = dict(leaves(step.call.arguments))
            if told.get(twist.path) in (None, twist.first):
                continue
            changed = set_value(step.call.arguments, twist.path, twist.first)
            yield retell(step, "wrong_arguments", changed, twist.path, succeeds=True)


IGNORED_CORRECTION = Kind(
    "ignored_correction",
    "the user says no to a value and gives another, and the first one is written",
    "The user changed their mind about {parameter} before {tool} was called.",
    _place_ignored_correction,
)


def _place_missing_argument(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        given = step.call.arguments
        for name in shuffled(rng, [one for one in step.tool.required if one in given]):
            left = {key: value for key, value in given.items() if key != name}
            yield retell(step, "invalid_arguments", left, name)


MISSING_ARGUMENT = Kind(
    "missing_argument",
    "a required argument is left out",
    "{tool} was called without {parameter}, which it requires.",
    _place_missing_argument,
)


def _place_dropped_wish(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        given = step.call.arguments
        asked = [one for one in given if one not in step.tool.required]
        for name in shuffled(rng, asked):
            left = {key: value for key, value in given.items() if key != name}
            if not left or not isinstance(step.source(name), FromUser):
                continue
            yield retell(step, "wrong_arguments", left, name, succeeds=True)


DROPPED_WISH = Kind(
    "dropped_wish",
    "something optional that the user asked for is left out",
    "The user said more than {tool} was told: {parameter} is missing.",
    _place_dropped_wish,
)


_MOST = 50


def list_values(schema: JsonObject, rng: Random) -> list[Any]:
    """Values that a model might make up."""
    if schema.get("enum"):
        return shuffled(rng, schema["enum"])
    if schema.get("type") == "boolean":
        return [rng.random() < 0.5]
    if schema.get("type") in ("integer", "number"):
        highest = schema.get("maximum")
        least = ceil(schema.get("minimum", 1 if highest is None else min(1, floor(highest))))
        most = floor(least + _MOST if highest is None else highest)
        return [rng.randint(least, most)] if least <= most else []
    return []


def _place_invented_argument(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        free = [name for name in step.tool.properties if name not in step.call.arguments]
        for name in shuffled(rng, free):
            schema = step.tool.properties[name]
            for value in list_values(schema, rng):
                told = {**step.call.arguments, name: value}
                heard = str(value).replace("_", " ").casefold() in ground.words.casefold()
                if value in fixed_values(schema) or len(schema.get("enum", ())) == 1 or heard:
                    continue
                if fits(told, step.tool.parameters):
                    yield retell(step, "ungrounded_argument", told, name)


INVENTED_ARGUMENT = Kind(
    "invented_argument",
    "an optional argument that nobody gave",
    "{parameter} of {tool} was made up: neither the user nor a result gave it.",
    _place_invented_argument,
)


def _place_unknown_argument(ground: Ground, rng: Random) -> Iterator[Draft]:
    names = sorted({name for tool in ground.tools.values() for name in tool.properties})
    for step in ground.drawn(rng):
        for name in shuffled(rng, [one for one in names if one not in step.tool.properties]):
            for value in shuffled(rng, [*step.call.arguments.values()]):
                told = {**step.call.arguments, name: value}
                if not fits(told, step.tool.parameters):
                    yield retell(step, "invalid_arguments", told, name)


UNKNOWN_ARGUMENT = Kind(
    "unknown_argument",
    "an argument that the tool does not have",
    "{tool} has no parameter {parameter}.",
    _place_unknown_argument,
)


def _place_wrong_type(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        for name, value in shuffled(rng, [*step.call.arguments.items()]):
            told = {**step.call.arguments, name: json.dumps(value, ensure_ascii=False)}
            if not isinstance(value, str) and not fits(told, step.tool.parameters):
                yield retell(step, "invalid_arguments", told, name)


WRONG_TYPE = Kind(
    "wrong_type",
    "a number, a flag or a list written as text",
    "{parameter} of {tool} is not of the type that its schema asks for.",
    _place_wrong_type,
)


def _place_null_argument(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        given, tool = step.call.arguments, step.tool
        free = [one for one in tool.properties if one not in given and one not in tool.required]
        for name in shuffled(rng, free):
            told = {**given, name: None}
            if not fits(told, tool.parameters):
                yield retell(step, "null_argument", told, name)


NULL_ARGUMENT = Kind(
    "null_argument",
    "an optional argument is null instead of absent",
    "{parameter} of {tool} is null; what is not known is left out.",
    _place_null_argument,
)


_DIGIT = re.compile(r"\d")


def find_guess(ground: Ground, rng: Random) -> tuple[CallStep, CallStep, WrongCall] | None:
    """A call, the next one, which takes a value that only its result has, and that one guessed."""
    before_all = {value for _, value in ground.values() if isinstance(value, str)}
    clock = datetime.fromisoformat(ground.clean.task.clock)
    for first, second in shuffled(rng, [*zip(ground.steps, ground.steps[1:], strict=False)]):
        sound = first.succeeded and second.succeeded and not first.writes
        if not sound or second.position != first.end:
            continue
        before = ground.clean.messages[: first.position]
        given = second.call.arguments
        known = {one.path for one in trace(second.tool, given, before, clock)}
        fed = [
            one.path for one in second.call.provenance
            if isinstance(one.source, FromResult) and one.source.message == first.answer.index
            and one.path not in known
        ]  # fmt: skip
        for path in fed:
            guess = _DIGIT.sub(lambda _: rng.choice("123456789"), str(value_at(given, path)))
            changed = set_value(given, path, guess)
            if guess not in before_all and fits(changed, second.tool.parameters):
                return first, second, WrongCall(second.call.name, changed, second.call)
    return None


def _place_early_value(ground: Ground, rng: Random) -> Iterator[Draft]:
    found = find_guess(ground, rng)
    if found is None:
        return
    first, second, wrong = found
    yield Draft(
        decision=first.position, resume=second.end, code="ungrounded_argument",
        act=second.message.act, text=first.message.text, calls=(wrong,),
        details={"tool": second.call.name},
    )  # fmt: skip


EARLY_VALUE = Kind(
    "early_value",
    "a value is used before the result that brings it",
    "{tool} was called with a value that nobody had given yet.",
    _place_early_value,
)


def _place_dependent_batch(ground: Ground, rng: Random) -> Iterator[Draft]:
    found = find_guess(ground, rng)
    if found is None:
        return
    first, second, guess = found
    right = WrongCall(first.call.name, first.call.arguments, first.call)
    yield Draft(
        decision=first.position, resume=second.end, code="ungrounded_argument",
        act=first.message.act, text=first.message.text, calls=(right, guess),
        details={"tool": second.call.name}, mend=second.position,
    )  # fmt: skip


DEPENDENT_BATCH = Kind(
    "dependent_batch",
    "two calls at once, of which one needs the other's result",
    "{tool} was called together with the call whose result it needs.",
    _place_dependent_batch,
)
