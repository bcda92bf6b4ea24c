"""Another call than the right one: another tool, another row, once more, before looking."""

from collections.abc import Iterator
from functools import partial
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, replace, retell
from generators.errors.ground import CallStep, Ground, shuffled
from generators.sandbox.schema_validity import fits
from schemas.leaves import leaves, set_value
from schemas.message import FromResult
from schemas.record import JsonObject
from schemas.seen import find_unseen


def _place_wrong_tool(ground: Ground, rng: Random) -> Iterator[Draft]:
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


WRONG_TOOL = Kind(
    "wrong_tool",
    "a tool that does something else with the same values",
    "{tool} does not do what was asked for: read again what it says of itself.",
    _place_wrong_tool,
)


_ENDINGS = ("_v2", "_info", "_details")


def _place_unknown_tool(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        name = step.call.name + rng.choice(_ENDINGS)
        if name not in ground.tools:
            yield replace(step, "unknown_tool", WrongCall(name, step.call.arguments, step.call))


UNKNOWN_TOOL = Kind(
    "unknown_tool",
    "a tool that is not on offer",
    "There is no tool {tool}; call one of those that are offered.",
    _place_unknown_tool,
)


def call_rivals(ground: Ground, rng: Random, step: CallStep) -> Iterator[tuple[str, JsonObject]]:
    """Arguments of the same call for rival rows, which no other call wants, and what is changed."""
    for path, value in shuffled(rng, [*leaves(step.call.arguments)]):
        source = step.source(path)
        if not isinstance(source, FromResult) or not isinstance(value, str | int):
            continue
        # Other values that results before the call have under the name of its source.
        known = ground.values(step.position)
        found = dict.fromkeys(
            v for p, v in known if _last_name(p) == _last_name(source.path) and v != value
        )
        for rival in shuffled(rng, [one for one in found if type(one) is type(value)]):
            changed = set_value(step.call.arguments, path, rival)
            wanted = (gold.is_made_by(step.call.name, changed, step.tool)
                      for gold in ground.clean.task.calls)  # fmt: skip
            if not any(wanted):
                yield path, changed


def _last_name(path: str) -> str:
    """The last name of a path; which one of a list it is, does not count."""
    return path.rpartition(".")[2].partition("[")[0]


def _place_wrong_row(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in [*ground.drawn(rng, writes=True), *ground.drawn(rng, writes=False)]:
        for path, changed in call_rivals(ground, rng, step):
            yield retell(step, "wrong_arguments", changed, path, succeeds=True)


WRONG_ROW = Kind(
    "wrong_row",
    "a rival row that was shown as well",
    "{parameter} of {tool} names something that was found too, but it is not what is meant.",
    _place_wrong_row,
)


def _after(step: CallStep, arguments: JsonObject, code: str | None, **told: object) -> Draft:
    """One more such call, after the answer to the first."""
    given: dict[str, object] = {
        "decision": step.end, "resume": step.end, "code": code, "act": "call",
        "calls": (WrongCall(step.call.name, arguments, step.call),),
        "details": {"tool": step.call.name},
    }  # fmt: skip
    return Draft(**(given | told))  # type: ignore[arg-type]


def _again(writes: bool, code: str | None, ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng, writes=writes):
        yield _after(step, step.call.arguments, code, succeeds=True)


REPEATED_WRITE = Kind(
    "repeated_write",
    "the same write once more",
    "{tool} had succeeded already: the same was done twice.",
    partial(_again, True, "repeated_write"),
)


def _other_row(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng, writes=True):
        for _, changed in call_rivals(ground, rng, step):
            yield _after(step, changed, "unexpected_write", succeeds=True)


REPEATED_FOR_ROW = Kind(
    "unwanted_write",
    "a write, done to a row of which nobody spoke",
    "Nobody asked that {tool} be called for this, too.",
    _other_row,
)


REPEATED_READ = Kind(
    "needless_call",
    "a read whose answer is known",
    "{tool} had answered this already.",
    partial(_again, False, None),
)


def _skip(ground: Ground, rng: Random) -> Iterator[Draft]:
    pairs = [*zip(ground.steps, ground.steps[1:], strict=False)]
    for look, write in shuffled(rng, pairs):
        shown, given = ground.shown(look.position), write.call.arguments
        unseen = any([*find_unseen(demand, given, shown)]
                     for demand in ground.demands(write.call.name, "seen"))  # fmt: skip
        sources = (given.source for step in ground.steps for given in step.call.provenance)
        feeds = any(isinstance(one, FromResult) and one.message == look.answer.index
                    for one in sources)  # fmt: skip
        beside = write.writes and not look.writes and write.position == look.end
        if unseen and beside and not feeds:
            wrong = WrongCall(write.call.name, write.call.arguments, write.call)
            yield Draft(
                decision=look.position, resume=write.end, code="policy_read_missing",
                act=write.message.act, text=write.message.text, calls=(wrong,), succeeds=True,
                details={"tool": write.call.name},
            )  # fmt: skip


SKIPPED_LOOK = Kind(
    "skipped_look",
    "a write without the look on which it hangs",
    "{tool} was called before what it hangs on had been looked at.",
    _skip,
)


def _blind(ground: Ground, rng: Random) -> Iterator[Draft]:
    safe = {one.tool for one in ground.clean.task.calls if one.repeatable}
    silent = [
        one for one in ground.steps
        if one.writes and one.answer.fault and one.answer.fault.kind in ("timeout", "server_error")
        and one.call.name not in safe
    ]  # fmt: skip
    for failed in shuffled(rng, silent):
        looks = [one for one in ground.steps if one.position == failed.end and not one.writes]
        if looks:
            wrong = WrongCall(failed.call.name, failed.call.arguments, failed.call)
            yield Draft(
                decision=failed.end, resume=failed.end, code="blind_repeat", act="retry",
                calls=(wrong,), details={"tool": failed.call.name},
            )  # fmt: skip


BLIND_RETRY = Kind(
    "blind_repeat",
    "a write that may have been made is sent again, without a look",
    "{tool} had failed in a way that leaves open whether it was carried out.",
    _blind,
)
