"""Whether a produced value is really consumed: found out by running both tools, without a model.

After GOAT (arXiv 2510.12218), which calls both interfaces and asks whether the first result was
used. Here both run in the sandbox: the producer is called, its value is put into a call of the
consumer, and the same call is made with a spoilt value of the same type. Where that fails, answers
otherwise or leaves another state, the value was consumed. What the sandbox shows is how it reads
the specification, which is not how a live service behaves.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sandbox.row_values import copied
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.model import World, strip_indices
from schemas.canonical import derive_seed
from schemas.graph import Edge
from schemas.leaves import leaves
from schemas.record import JsonObject

CLOCK = "2026-03-12T09:30:00+00:00"
"""Now, in every check: the outcome is not to depend on the day."""
_TRIES = 2
_MOST_VALUES = 3
_MOST_OPTIONAL = 8
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz")

Seen = tuple[Any, str] | str
"""What a call answered, and the state that it left; the code of the error where it failed."""
INVALID = "invalid_arguments"
"""A value that the schema refuses proves nothing."""


def check_edges(graph: ToolGraph, world: World, seed: int) -> ToolGraph:
    """Fill in ``consumed`` for every edge; drops none.

    True: the call ran with the value, and a spoilt value made a difference. False: it did not run
    with the value, or ran just as well with a spoilt one. None: it could not be tried, as one of
    the tools could not be called or the result held no such value.
    """
    edges: list[Edge] = []
    for producer in graph.tools:
        if leaving := graph.leaving(producer):
            edges += _checked(world, producer, leaving, derive_seed(seed, "consumed", producer))
    return ToolGraph(graph.tools, edges)


def _checked(world: World, producer: str, edges: Sequence[Edge], seed: int) -> Iterator[Edge]:
    """Yield the edges of one producer, of which one call serves all."""
    found: dict[str, bool | None] = {}
    for attempt in range(_TRIES):
        rng = Random(derive_seed(seed, attempt))
        sandbox = Sandbox(world, derive_seed(seed, "store", attempt), CLOCK)
        result = _result(sandbox, producer, rng, _MOST_OPTIONAL if attempt % 2 else 0)
        for edge in edges:
            place = f"{edge.consumer} {edge.parameter} {edge.result_path}"
            if not found.get(place):
                told = None if result is None else _any_consumed(sandbox, edge, result, rng)
                found[place] = found.get(place) if told is None else told
    for edge in edges:
        consumed = found[f"{edge.consumer} {edge.parameter} {edge.result_path}"]
        yield edge.model_copy(update={"consumed": consumed})


def _result(sandbox: Sandbox, producer: str, rng: Random, optional: int) -> Any:
    """What a call of the producer gives; None where none succeeds. What it changes, stays.

    What a create is not told is not in its result, so ``optional`` arguments count.
    """
    arguments = propose_arguments(sandbox, producer, rng, optional=optional)
    outcome = None if arguments is None else sandbox.call(producer, arguments)
    return None if outcome is None or outcome.is_error else outcome.content


def _any_consumed(sandbox: Sandbox, edge: Edge, result: Any, rng: Random) -> bool | None:
    """Whether one of the first values is consumed: not every order can still be cancelled."""
    tried = []
    for value in _values_at(result, edge.result_path):
        tried.append(_consumed(sandbox, edge, value, rng))
        if tried[-1]:
            return True
    return False if False in tried else None


def _consumed(sandbox: Sandbox, edge: Edge, value: Any, rng: Random) -> bool | None:
    place = edge.parameter.replace("[]", "[0]")
    arguments = propose_arguments(sandbox, edge.consumer, rng, {place: value}, optional=0)
    if arguments is None:
        without = propose_arguments(sandbox, edge.consumer, rng, optional=0)
        return None if without is None else False
    with_value = _seen(sandbox, edge.consumer, arguments)
    if isinstance(with_value, str):
        return False
    tried = [
        _seen(sandbox, edge.consumer, _changed(arguments, place, spoilt)) for spoilt in spoil(value)
    ]
    told = [seen for seen in tried if seen != INVALID]
    return any(seen != with_value for seen in told) if told else None


def _seen(sandbox: Sandbox, tool: str, arguments: JsonObject) -> Seen:
    """Make a call and take it back."""
    before = sandbox.snapshot()
    outcome = sandbox.call(tool, copied(arguments))
    state = sandbox.state_hash()
    sandbox.restore(before)
    if outcome.is_error:
        return str(outcome.content["error"]["code"])
    return copied(outcome.content), state


def _values_at(result: Any, path: str) -> list[Any]:
    """The first different scalars at a path whose elements are left open."""
    found = (value for place, value in leaves(result) if strip_indices(place) == path)
    scalars = [v for v in found if v is not None and not isinstance(v, (dict, list))]
    return list(dict.fromkeys(scalars))[:_MOST_VALUES]


def spoil(value: Any) -> Iterator[Any]:
    """Yield other values of the same type, the likeliest to pass for one first."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
        yield value + 7919
    elif day := _day(str(value)):
        yield f"{(day + timedelta(days=1)).isoformat()}{str(value)[10:]}"
    else:
        yield "".join(_shifted(character) for character in str(value)) or "x"
        yield f"{value}x"


def _day(text: str) -> date | None:
    """The day that a date or a moment begins with; None where there is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _shifted(character: str) -> str:
    """The next digit or letter, round the corner: the shape of the text stays."""
    for row in _ROWS:
        if character.lower() in row:
            moved = row[(row.index(character.lower()) + 1) % len(row)]
            return moved.upper() if character.isupper() else moved
    return character


def _changed(arguments: JsonObject, place: str, value: Any) -> JsonObject:
    """The arguments with another value at a concrete path."""
    changed: JsonObject = copied(arguments)
    target: Any = changed
    steps = [step for step in place.replace("[", ".[").split(".") if step]
    for step in steps[:-1]:
        target = target[int(step[1:-1])] if step.startswith("[") else target[step]
    last = steps[-1]
    target[int(last[1:-1]) if last.startswith("[") else last] = value
    return changed
