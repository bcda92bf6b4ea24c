"""Whether a produced value is really consumed: found out by running both tools, without a model.

After GOAT (arXiv 2510.12218), which calls both interfaces and asks whether the first result was
used. Here both run in the sandbox: the producer is called, its value is put into a call of the
consumer, and the same call is made with a spoilt value of the same type. Where that fails, answers
otherwise or leaves another state, the value was consumed. What the sandbox shows is how it reads
the specification, which is not how a live service behaves.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.model import World, strip_indices
from schemas.canonical import copied, derive_seed
from schemas.graph import Edge
from schemas.leaves import leaves, set_value
from schemas.record import JsonObject

CLOCK = "2026-03-12T09:30:00+00:00"
"""Now, in every check: the outcome is not to depend on the day."""
_TRIES = 2
_MOST_TRIES = 5
"""While an edge could not be tried: not every store has an order that can still be cancelled."""
_MOST_VALUES = 3  # not every order can still be cancelled
_MOST_OPTIONAL = 8
_ROWS = ("0123456789", ascii_lowercase, ascii_uppercase)
_NEXT = str.maketrans("".join(_ROWS), "".join(row[1:] + row[0] for row in _ROWS))
"""The next digit or letter, round the corner: the shape of the text stays."""

Effect = tuple[Any, str] | str
"""What a call answered, and the state that it left; the code of the error where it failed."""
INVALID = "invalid_arguments"
"""A value that the schema refuses proves nothing."""


def check_edges(graph: ToolGraph, world: World, seed: int) -> ToolGraph:
    """Fill in ``consumed`` for every edge; drops none.

    True: the call ran with the value, and a spoilt value made a difference. False: it did not run
    with the value, or ran just as well with a spoilt one. None: it could not be tried, as one of
    the tools could not be called or the result held no such value.
    """
    checked: list[Edge] = []
    for producer in graph.tools:
        edges, seed_of_tool = graph.leaving(producer), derive_seed(seed, "consumed", producer)
        found: list[bool | None] = [None] * len(edges)
        # One call serves all edges. What it changes, stays. What a create is not told is not in
        # its result, so every other attempt gives optional arguments too.
        for attempt in range(_MOST_TRIES if edges else 0):
            if attempt >= _TRIES and None not in found:
                break
            rng = Random(derive_seed(seed_of_tool, attempt))
            sandbox = Sandbox(world, derive_seed(seed_of_tool, "store", attempt), CLOCK)
            optional = _MOST_OPTIONAL if attempt % 2 else 0
            arguments = propose_arguments(sandbox, producer, rng, optional=optional)
            outcome = None if arguments is None else sandbox.call(producer, arguments)
            if outcome is None or outcome.is_error:
                continue
            for number, edge in enumerate(edges):
                # the first different scalars at the path, in any element
                values = (
                    value
                    for place, value in leaves(outcome.content)
                    if strip_indices(place) == edge.result_path
                    and not (value is None or isinstance(value, (dict, list)))
                )
                for value in () if found[number] else list(dict.fromkeys(values))[:_MOST_VALUES]:
                    consumed = _is_consumed(sandbox, edge, value, rng)
                    found[number] = found[number] if consumed is None else consumed
                    if consumed:
                        break
        checked += [
            edge.model_copy(update={"consumed": consumed})
            for edge, consumed in zip(edges, found, strict=True)
        ]
    return ToolGraph(graph.tools, checked)


def _is_consumed(sandbox: Sandbox, edge: Edge, value: Any, rng: Random) -> bool | None:
    place = edge.parameter.replace("[]", "[0]")
    arguments = propose_arguments(sandbox, edge.consumer, rng, {place: value}, optional=0)
    if arguments is None:
        without = propose_arguments(sandbox, edge.consumer, rng, optional=0)
        return None if without is None else False
    effect = _try_call(sandbox, edge.consumer, arguments)
    if isinstance(effect, str):
        return False
    told = False
    for spoilt in spoil(value):
        other = _try_call(sandbox, edge.consumer, set_value(arguments, place, spoilt))
        if other not in (effect, INVALID):
            return True
        told = told or other != INVALID
    return False if told else None


def _try_call(sandbox: Sandbox, tool: str, arguments: JsonObject) -> Effect:
    """Make a call and take it back."""
    before = sandbox.snapshot()
    outcome = sandbox.call(tool, copied(arguments))
    state = sandbox.state_hash()
    sandbox.restore(before)
    if outcome.is_error:
        return str(outcome.content["error"]["code"])
    return copied(outcome.content), state


def spoil(value: Any) -> Iterator[Any]:
    """Yield other values of the same type, the likeliest to pass for one first."""
    if isinstance(value, bool):
        yield not value
        return
    if isinstance(value, (int, float)):
        yield value + 1
        yield value + 7919
        return
    text = str(value)
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:  # no date, and no moment, which begins with one
        yield text.translate(_NEXT) or "x"
        yield f"{text}x"
    else:
        yield f"{(day + timedelta(days=1)).isoformat()}{text[10:]}"
