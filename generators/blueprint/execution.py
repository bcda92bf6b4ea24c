"""A chain of tools becomes calls that really ran: the truth, before any words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from generators.sandbox.propose import propose
from generators.sandbox.sandbox import Sandbox
from generators.world import ParameterModel, ToolModel, World
from schemas.graph import ChainStep, Feed, ToolChain
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.task import Origin


@dataclass(frozen=True)
class Executed:
    """One call with its result, and where each leaf of its arguments came from."""

    model: ToolModel
    arguments: JsonObject
    origins: tuple[Origin, ...]
    result: Any
    turn: int
    """Number of the chain's turn."""
    twin: bool = False
    """Made at once with the call before it, about something else."""

    @property
    def sources(self) -> frozenset[int]:
        """Numbers of the calls whose results it needs."""
        return frozenset(origin.call for origin in self.origins if origin.call is not None)


@dataclass
class _Run:
    world: World
    sandbox: Sandbox
    rng: Random
    done: list[Executed] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    """Step of the chain → number of its call."""
    picks: dict[tuple[int, str], int] = field(default_factory=dict)
    """(call, list in its result) → the element that the user is interested in."""


def execute(
    world: World, sandbox: Sandbox, chain: ToolChain, rng: Random, twins: float
) -> list[Executed]:
    """Run the steps of ``chain`` in ``sandbox``; those that cannot run are left out.

    ``twins`` is the probability that a read is made a second time, about something else.
    """
    run = _Run(world, sandbox, rng)
    turns = {step: turn for turn, steps in enumerate(chain.turns) for step in steps}
    implied = _implied(chain, turns)
    for number, step in enumerate(chain.steps):
        if any(feed.step not in run.place for feed in step.feeds):
            continue
        given = _feed(run, step.feeds, fresh=False)
        optional = 0 if number in implied else rng.choice((0, 1, 1, 2))
        if given is None or not _perform(run, step, given, turns[number], optional):
            continue
        if (known := _made_before(run)) is not None:
            run.place[number] = known
            continue
        run.place[number] = len(run.done) - 1
        if number not in implied and rng.random() < twins:
            _perform_twin(run, step, turns[number])
    return run.done


def _implied(chain: ToolChain, turns: dict[int, int]) -> set[int]:
    """Steps that only serve a later one of their turn: nobody asks for them in so many words."""
    return {
        feed.step
        for number, step in enumerate(chain.steps)
        for feed in step.feeds
        if turns[feed.step] == turns[number]
    }


Given = dict[str, tuple[Any, Origin]]


def _feed(run: _Run, feeds: Sequence[Feed], *, fresh: bool) -> Given | None:
    """Values for the fed parameters. ``fresh`` picks another element of each list than before."""
    given: Given = {}
    picks = dict(run.picks)
    for feed in feeds:
        call = run.place[feed.step]
        path = _concrete(run, call, feed.result_path, picks, fresh=fresh)
        if path is None:
            return None
        value = value_at(run.done[call].result, path)
        if value is None or isinstance(value, dict | list):
            return None
        target = feed.parameter.replace("[]", "[0]")
        given[target] = (value, Origin(path=target, kind="result", call=call, result_path=path))
    if not fresh:
        run.picks = picks
    return given


def _concrete(
    run: _Run, call: int, path: str, picks: dict[tuple[int, str], int], *, fresh: bool
) -> str | None:
    """``flights[].id`` → ``flights[2].id``: one element is chosen for each list and kept."""
    out = ""
    for part in path.split("[]")[:-1]:
        out += part
        try:
            size = len(value_at(run.done[call].result, out))
        except (KeyError, TypeError):
            return None
        old = run.picks.get((call, out))
        choices = [n for n in range(min(size, 5)) if not (fresh and n == old)]
        if not choices:
            return None
        key = (call, out)
        if fresh and picks.get(key, old) == old:
            picks[key] = run.rng.choice(choices)
        picks.setdefault(key, run.rng.choice(choices))
        out += f"[{picks[key]}]"
    out += path.split("[]")[-1]
    try:
        value_at(run.done[call].result, out)
    except KeyError:
        return None
    return out


def _perform(
    run: _Run, step: ChainStep, given: Given, turn: int, optional: int, *, twin: bool = False
) -> bool:
    """Find the other arguments, run the call, note it. False where it cannot be done.

    At most ``optional`` arguments are given that the tool does not demand.
    """
    model = run.world.models[step.tool]
    fixed = {path: value for path, (value, _) in given.items()}
    carried = {} if twin else _carried(run, model, given)
    arguments = None
    for attempt in (carried | fixed, fixed) if carried else (fixed,):
        arguments = propose(run.sandbox, step.tool, run.rng, attempt, optional)
        if arguments is not None:
            break
    if arguments is None:
        return False
    arguments = _without_unsayable(model, arguments, given)
    origins = _origins(model, arguments, given)
    if origins is None or (twin and arguments == run.done[-1].arguments):
        return False
    before = run.sandbox.snapshot()
    outcome = run.sandbox.call(step.tool, arguments)
    if outcome.is_error or (model.operation == "list" and _finds_nothing(outcome.content)):
        run.sandbox.restore(before)
        return False
    run.done.append(Executed(model, arguments, origins, outcome.content, turn, twin))
    return True


def _made_before(run: _Run) -> int | None:
    """The number of an earlier call that told the same: the last one is taken back."""
    last = run.done[-1]
    for number, earlier in enumerate(run.done[:-1]):
        if earlier.model is last.model and earlier.arguments == last.arguments:
            if last.model.writes or earlier.result != last.result:
                return None
            run.done.pop()
            return number
    return None


def _perform_twin(run: _Run, step: ChainStep, turn: int) -> None:
    model = run.world.models[step.tool]
    if model.writes or not model.tool.required:
        return
    given = _feed(run, step.feeds, fresh=True)
    lists = any("[]" in feed.result_path for feed in step.feeds)
    if given is not None and (lists or not step.feeds):
        _perform(run, step, given, turn, 0, twin=True)


def _carried(run: _Run, model: ToolModel, given: Given) -> dict[str, Any]:
    """Identities that were in play just before are meant again: the same repository."""
    carried: dict[str, Any] = {}
    for parameter in model.parameters:
        if parameter.use not in ("identity", "reference") or parameter.opaque:
            continue
        if "[]" in parameter.path or parameter.path in given:
            continue
        for earlier in reversed(run.done[-3:]):
            value = _same_parameter(earlier, parameter)
            if value is not None:
                carried[parameter.path] = value
                break
    return carried


def _same_parameter(earlier: Executed, parameter: ParameterModel) -> Any:
    for other in earlier.model.parameters:
        if (
            other.field == parameter.field
            and other.entity == parameter.entity
            and other.path in earlier.arguments
        ):
            return earlier.arguments[other.path]
    return None


def _without_unsayable(model: ToolModel, arguments: JsonObject, given: Given) -> JsonObject:
    """Optional arguments that no person would say are left out."""
    tops = {path.partition(".")[0].partition("[")[0] for path in given}
    unsayable = {
        parameter.path.partition(".")[0].partition("[")[0]
        for parameter in model.parameters
        if not parameter.required and _unsayable(parameter)
    }
    return {
        key: value
        for key, value in arguments.items()
        if key in tops or key in model.tool.required or key not in unsayable
    }


def _unsayable(parameter: ParameterModel) -> bool:
    return parameter.opaque or parameter.semantic == "object" or parameter.use == "option"


def _origins(model: ToolModel, arguments: JsonObject, given: Given) -> tuple[Origin, ...] | None:
    """One origin a leaf; None where a leaf can have none (an empty object, a null)."""
    origins = []
    for path, value in leaves(arguments):
        if path in given:
            origins.append(given[path][1])
        elif not path:
            continue  # a call without arguments
        elif value is None or isinstance(value, dict | list):
            return None
        elif _is_default(model, path, value):
            origins.append(Origin(path=path, kind="default"))
        else:
            origins.append(Origin(path=path, kind="user"))
    return tuple(origins)


def _is_default(model: ToolModel, path: str, value: Any) -> bool:
    schema = model.parameter(path).schema
    given = (schema.get("default"), schema.get("const"))
    return any(type(known) is type(value) and known == value for known in given)


def _finds_nothing(result: Any) -> bool:
    lists = (
        [value for value in result.values() if isinstance(value, list)]
        if isinstance(result, dict)
        else []
    )
    return bool(lists) and not any(lists)
