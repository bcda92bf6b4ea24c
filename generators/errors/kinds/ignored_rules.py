"""What a description demands, or a rule of the service forbids, and nobody minds."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, retell
from generators.errors.ground import Ground, shuffled
from schemas.demand import Demand, is_broken
from schemas.formats import FORMAT_OF
from schemas.leaves import set_value
from schemas.message import AssistantMessage
from schemas.record import JsonObject


def _breaking(demand: Demand, arguments: JsonObject) -> JsonObject | None:
    """The arguments so changed that the demand is not kept; None where that is not known."""
    top = [one for one in demand.parameters if one in arguments]
    if demand.kind in ("needed", "at_least_one", "only_with") and top:
        gone = top[:1] if demand.kind == "only_with" else top
        changed = {key: value for key, value in arguments.items() if key not in gone}
    elif demand.kind == "differ" and len(top) > 1:
        changed = {**arguments, top[1]: arguments[top[0]]}
    elif demand.kind == "format" and top and isinstance(arguments[top[0]], str):
        changed = {**arguments, top[0]: arguments[top[0]].lower().replace("-", " ")}
    elif demand.kind == "between" and top and demand.most is not None:
        if not isinstance(arguments[top[0]], int):
            return None
        changed = {**arguments, top[0]: int(demand.most) + 1}
    else:
        return None
    return changed if is_broken(demand, changed, lambda _: ()) else None


def _place_demand_ignored(ground: Ground, rng: Random) -> Iterator[Draft]:
    demands = [one for one in ground.clean.task.demands if one.demand.kind != "same"]
    for step in ground.drawn(rng):
        for told in shuffled(rng, [one for one in demands if one.tool == step.call.name]):
            changed = _breaking(told.demand, step.call.arguments)
            if changed is not None:
                yield retell(step, "demand_ignored", changed, told.demand.parameters[0])


DEMAND = Kind(
    "demand_ignored",
    "what the tool's description demands is not kept",
    "{tool} was called otherwise than its description demands: see {parameter}.",
    _place_demand_ignored,
)


def _unformatted(ground: Ground, rng: Random) -> Iterator[Draft]:
    for asked in shuffled(rng, ground.clean.task.formats):
        form = FORMAT_OF[asked.rule]
        for step in ground.drawn(rng):
            written = step.call.arguments.get(asked.parameter)
            if step.call.name != asked.tool or not isinstance(written, str):
                continue
            plain = written.removeprefix(form.before).removesuffix(form.after)
            for other in (plain, plain.lower(), plain.title(), plain.replace("-", " ")):
                if not form.holds(other):
                    changed = set_value(step.call.arguments, asked.parameter, other)
                    yield retell(step, "format_ignored", changed, asked.parameter, succeeds=True)


FORMAT = Kind(
    "format_ignored",
    "an argument is not written as its description asks",
    "{parameter} of {tool} is not written as its description asks.",
    _unformatted,
)


_CODES = {
    "refuse": "should_have_refused",
    "transfer": "should_have_transferred",
    "clarify": "should_have_asked",
}


def _place_broken_rule(ground: Ground, rng: Random) -> Iterator[Draft]:
    messages = ground.clean.messages
    for number, turn in shuffled(rng, [*enumerate(ground.clean.task.turns)]):
        barred = [call for call in turn.calls if call.barred and call.tool in ground.tools]
        if turn.outcome not in _CODES or not barred:
            continue
        ends = [
            n for n in ground.own_turn(number)
            if isinstance(one := messages[n], AssistantMessage) and not one.calls
            and one.act == turn.outcome
        ]  # fmt: skip
        call = rng.choice(barred)
        if not ends or not ground.tools[call.tool].writes:
            continue
        yield Draft(
            decision=ends[0], resume=ends[0], code=_CODES[turn.outcome], act="call",
            calls=(WrongCall(call.tool, call.arguments),), details={"tool": call.tool},
            succeeds=True,
        )  # fmt: skip


BROKEN_RULE = Kind(
    "policy_broken",
    "what a rule forbids, or nobody knows enough for, is done",
    "{tool} was called although the policy, or what was not known, stood against it.",
    _place_broken_rule,
)
