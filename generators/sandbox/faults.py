"""What a caller sees of a fault: an error of the service, or a degraded answer.

The same for every environment; none leaves a trace in the state. When a fault strikes is the
task's affair (`schemas.task.GoldCall`).
"""

from typing import Any

from jsonschema import Draft202012Validator

from generators.world.model import ToolModel
from schemas.environment import CallOutcome, Environment
from schemas.message import Fault, FaultKind
from schemas.record import JsonObject

_MESSAGES: dict[FaultKind, str] = {
    "timeout": "The service did not answer in time. Please try again.",
    "rate_limited": "Too many requests. Please try again in a moment.",
    "server_error": "The service ran into an internal error. Please try again later.",
    "not_found": "The service does not find this at the moment.",
    "permission_denied": "This account is not permitted to do that.",
    "partial": "Only {shown} of {all} entries could be loaded.",
    "stale": "This answer comes from an earlier copy and may be out of date.",
    "delayed": "The answer is not ready yet. Please ask again in a few minutes.",
}
DEGRADED: frozenset[FaultKind] = frozenset({"empty", "partial", "stale"})
"""Kinds that show something of the true answer: for reads only."""


def strike(
    environment: Environment, name: str, arguments: JsonObject, fault: Fault, initial: Any
) -> CallOutcome:
    """What the call returns under the fault; the state stays as it is.

    ``initial``: the snapshot that a stale answer is taken from. A call that would fail anyway
    fails as it would.
    """
    if fault.kind not in DEGRADED:
        return _error(fault.kind, _MESSAGES[fault.kind])
    now = environment.snapshot()
    if fault.kind == "stale":
        environment.restore(initial)
    outcome = environment.call(name, arguments)
    environment.restore(now)
    if outcome.is_error:
        return outcome
    if fault.kind == "stale":
        return _error("stale", _MESSAGES["stale"], {"cached": outcome.content})
    if fault.kind == "empty":
        return CallOutcome(content=first_rows(outcome.content, 0))
    rows = listed(outcome.content) or []
    shown = len(rows) // 2
    message = _MESSAGES["partial"].format(shown=shown, all=len(rows))
    return _error("partial", message, {"partial": first_rows(outcome.content, shown)})


def lawful_result(model: ToolModel, content: Any) -> bool:
    """Whether a tool may return this, by its result's schema."""
    return Draft202012Validator(model.returns).is_valid(content)


def _error(kind: FaultKind, message: str, more: JsonObject | None = None) -> CallOutcome:
    content = {"error": {"code": kind, "message": message}, **(more or {})}
    return CallOutcome(content=content, is_error=True)


def listed(content: Any) -> list[Any] | None:
    """The rows that a result lists: itself, or its longest list; None where there is none."""
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        return None
    inner = [value for value in content.values() if isinstance(value, list)]
    return max(inner, key=len, default=None)


def first_rows(content: Any, count: int) -> Any:
    """The result with no more than so many of its rows, and its counts put right."""
    rows = listed(content)
    if rows is None:
        return content
    if rows is content:
        return rows[:count]
    return {key: _cut(value, rows, count) for key, value in content.items()}


def _cut(value: Any, rows: list[Any], count: int) -> Any:
    if value is rows:
        return rows[:count]
    whole = isinstance(value, int) and not isinstance(value, bool) and value == len(rows)
    return count if whole else value
