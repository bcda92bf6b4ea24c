"""What holds of the sandbox's state, whatever is called: seeds, reads, failures, replays, hashes.

Each law tries a proposed and a drawn call of every tool of a world.
"""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from benchmarks.catalogues import CLOCK
from benchmarks.schema_values import draw
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.model import World
from schemas.canonical import canonical_json, content_hash, derive_seed
from schemas.environment import CallOutcome
from schemas.message import Fault, FaultKind
from schemas.record import JsonObject
from tests.laws_of_rows import OPTIONAL, Trial

Call = tuple[str, JsonObject]
_REPLAYED = 40
_FAULTS: tuple[FaultKind, ...] = (
    "timeout", "partial", "rate_limited", "stale", "server_error", "delayed",
)  # fmt: skip


def reads_change_nothing(world: World, seed: int) -> Trial:
    """A read leaves the state as it was, and says the same again, whether it succeeds or fails."""
    trial = Trial()
    sandbox = _used(world, seed)
    for name, arguments in _calls(sandbox, seed, names(world)):
        if world.models[name].writes:
            continue
        before, held = sandbox.state_hash(), sandbox.snapshot()
        first, again = (sandbox.call(name, copy.deepcopy(arguments)) for _ in range(2))
        trial.note(sandbox.state_hash() == before and sandbox.snapshot() == held, name,
              f"changes the state with {arguments!r:.150}")  # fmt: skip
        trial.note(first == again, name, f"answers otherwise the second time {arguments!r:.150}")
    return trial


def failures_leave_no_trace(world: World, seed: int) -> Trial:
    """A call that ends in an error, by its arguments or by an injected fault, changes nothing."""
    trial = Trial()
    sandbox = _used(world, seed)
    for number, (name, arguments) in enumerate(_calls(sandbox, seed, names(world), spoilt=True)):
        before, held = sandbox.state_hash(), sandbox.snapshot()
        fault = Fault(kind=_FAULTS[number % len(_FAULTS)]) if number % 4 == 0 else None
        outcome = sandbox.call(name, copy.deepcopy(arguments), fault)
        if outcome.is_error:
            same = sandbox.state_hash() == before and sandbox.snapshot() == held
            trial.note(same, name, f"fails and changes the state with {arguments!r:.150}")
        elif fault is not None and fault.kind in ("timeout", "rate_limited", "server_error"):
            trial.note(False, name, "succeeds in spite of a fault")
        else:
            trial.exempt["the spoilt call succeeds"] += 1
    return trial


def replays_agree(world: World, seed: int) -> Trial:
    """Calls give the same outputs and states again: after a restore, and in a fresh sandbox.

    What is handed in and out is scribbled on: the state must not hang on it.
    """
    trial = Trial()
    sandbox = Sandbox(world, seed, CLOCK)
    begun, first = sandbox.snapshot(), sandbox.state_hash()
    rng = Random(derive_seed("replay", seed))
    done: list[tuple[Call, str, str]] = []
    for name, arguments in _calls(sandbox, seed, rng.choices(names(world), k=_REPLAYED)):
        asked = copy.deepcopy(arguments)
        outcome = sandbox.call(name, asked)
        done.append(((name, arguments), _text(outcome), sandbox.state_hash()))
        trial.note(asked == arguments, name, "changes its arguments")
        _scribble(outcome.content)
        _scribble(asked)
        trial.note(sandbox.state_hash() == done[-1][2], name, "hands out its state")
    end = sandbox.snapshot()
    sandbox.restore(begun)
    trial.note(sandbox.state_hash() == first, "restore", "does not bring back the first state")
    _again(trial, sandbox, done, "after a restore")
    trial.note(sandbox.snapshot() == end, "replay", "ends in another state after a restore")
    _again(trial, Sandbox(copy.deepcopy(world), seed, CLOCK), done, "in a fresh sandbox")
    return trial


def _again(
    trial: Trial, sandbox: Sandbox, done: Sequence[tuple[Call, str, str]], where: str
) -> None:
    for (name, arguments), said, state in done:
        outcome = sandbox.call(name, copy.deepcopy(arguments))
        trial.note(_text(outcome) == said, name, f"answers otherwise {where}: {arguments!r:.150}")
        trial.note(sandbox.state_hash() == state, name, f"leads to another state {where}")


def equal_numbers_are_alike(world: World, seed: int) -> Trial:
    """A call with ``1.0`` in the place of ``1`` has an equal result and leads to an equal state."""
    trial = Trial()
    sandbox = _used(world, seed)
    for name, arguments in _calls(sandbox, seed, names(world)):
        other = _floats(arguments)
        if json.dumps(other) == json.dumps(arguments):
            continue
        held = sandbox.snapshot()
        pairs = []
        for asked in (arguments, other):
            outcome = sandbox.call(name, copy.deepcopy(asked))
            pairs.append((_text(outcome), sandbox.state_hash()))
            sandbox.restore(held)
        trial.note(pairs[0][0] == pairs[1][0], name,
              f"{_difference(pairs[0][0], pairs[1][0])} for {arguments!r:.150}")  # fmt: skip
        trial.note(pairs[0][1] == pairs[1][1], name, f"another state for {arguments!r:.150}")
    return trial


def seeds_decide(world: World, seed: int) -> Trial:
    """The same seed gives the same store, in whatever order its tables are first asked for."""
    trial = Trial()
    keys, rng = list(world.entities), Random(derive_seed("orders", seed))
    first = tables(world, seed, keys)
    for order in (keys[::-1], rng.sample(keys, len(keys))):
        again = tables(copy.deepcopy(world), seed, order)
        for key in keys:
            trial.note(first[key] == again[key], key, f"depends on the order {order[:3]} …")
    called = Sandbox(copy.deepcopy(world), seed, CLOCK)
    for _ in _calls(called, seed, rng.sample(names(world), min(8, len(world.models)))):
        pass
    for key in keys:
        mine = content_hash([dict(row) for row in called.store.rows(called.world.entities[key])])
        trial.note(first[key] == mine, key, "depends on the calls before")
    return trial


def tables(world: World, seed: int, order: Sequence[str]) -> dict[str, str]:
    """Entity → hash of its rows in their order, asked for in this order."""
    store = Sandbox(world, seed, CLOCK).store
    return {k: content_hash([dict(r) for r in store.rows(world.entities[k])]) for k in order}


# -- calls


def names(world: World) -> list[str]:
    """The tools in the order of their names."""
    return sorted(world.models)


def _used(world: World, seed: int) -> Sandbox:
    """A sandbox in which some writes have been made."""
    sandbox = Sandbox(world, seed, CLOCK)
    writing = [name for name in names(world) if world.models[name].writes]
    rng = Random(derive_seed("used", seed))
    for name, arguments in _calls(sandbox, seed, rng.sample(writing, min(6, len(writing)))):
        sandbox.call(name, arguments)
    return sandbox


def _calls(
    sandbox: Sandbox, seed: int, tools: Sequence[str], *, spoilt: bool = False
) -> Iterator[Call]:
    """A proposed and a drawn call for each tool, made for the state as it is then."""
    for number, name in enumerate(tools):
        rng = Random(derive_seed("calls", name, seed, number))
        schema = sandbox.world.models[name].tool.parameters
        proposed = propose_arguments(sandbox, name, rng, optional=OPTIONAL)
        if proposed is not None:
            yield name, _spoil(proposed, rng) if spoilt else proposed
        drawn = draw(schema, rng)
        if isinstance(drawn, dict):
            yield name, drawn


def _spoil(arguments: JsonObject, rng: Random) -> JsonObject:
    """The arguments with one leaf that names nothing, the last of a list where there is one."""
    made = copy.deepcopy(arguments)
    leaves = list(_leaves(made))
    for number in rng.sample(range(len(leaves)), min(1, len(leaves))):
        container, key = leaves[number]
        if isinstance(container, list):
            container.append("no such thing")
        else:
            container[key] = "no such thing"
    return made


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(pairs):
        if isinstance(item, dict | list):
            yield from _leaves(item)
        else:
            yield value, key


def _floats(value: Any) -> Any:
    """The same with whole numbers as floats, and whole floats as integers."""
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, int):
        return float(value) if int(float(min(abs(value), 2**60))) == abs(value) else value
    return int(value) if value.is_integer() else value


def _scribble(value: Any) -> None:
    """Change everything that can be changed in a value."""
    if isinstance(value, dict):
        for item in value.values():
            _scribble(item)
        for key in list(value):
            value[key] = "scribbled"
        value["scribble"] = 1
    elif isinstance(value, list):
        for item in value:
            _scribble(item)
        value.append("scribbled")


def _text(outcome: CallOutcome) -> str:
    """The outcome in canonical form. Raises ValueError for what JSON does not have."""
    return canonical_json([outcome.content, outcome.is_error])


def _difference(one: str, other: str) -> str:
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"{one[max(0, place - 40) : place + 30]} or {other[max(0, place - 40) : place + 30]}"


Law = Callable[[World, int], Trial]
