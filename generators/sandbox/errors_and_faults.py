"""How a call fails: a code and a plain sentence, always without any effect.

The sandbox's own errors, and injected faults: errors of the service, or degraded answers. Faults
are the same for every environment; when one strikes is the task's affair
(`schemas.task.GoldCall`).
"""

from typing import Any

from generators.lexicon.names import in_words
from generators.sandbox.row_values import as_text
from generators.sandbox.schema_validity import find_error, fits
from schemas.environment import CallOutcome, Environment
from schemas.message import Fault, FaultKind
from schemas.record import JsonObject

_ERRORS: dict[str, tuple[str, str]] = {
    "unknown_tool": ("unknown_tool", "There is no tool named {name}."),
    "unknown_row": ("not_found", "There is no {noun} {key}."),
    "nothing_found": ("not_found", "No {noun} was found."),
    "not_in_row": ("not_found", "There is no {noun} {key} in {holder_noun} {holder}."),
    "no_such_parts": ("not_found", "{key} has none of these {parts}."),
    "no_folder": ("invalid_arguments", "{path} is no folder."),
    "no_such_text": ("invalid_arguments", "The text '{text}' was not found."),
    "no_time_zone": ("invalid_arguments", "There is no time zone {name}."),
    "no_time": ("invalid_arguments", "{text} is not a time in the form HH:MM."),
    "no_currency": ("invalid_arguments", "{code} is not a known currency."),
    "no_expression": ("invalid_arguments", "'{text}' is not an expression."),
    "disagree": ("invalid_arguments", "The {field} is {one} in one place and {other} in another."),
    "no_such_field": ("invalid_arguments", "The {noun} has no field {field}."),
    "no_such_page": ("invalid_arguments", "The {name} {cursor} is not known."),
    "division_by_zero": ("invalid_arguments", "Division by zero."),
    "no_such_value": ("conflict", "The {field} of the {noun} cannot become so."),
    "no_such_state": ("conflict", "The {noun} {key} is {state}, and cannot become {other}."),
    "row_exists": ("conflict", "The {noun} {key} already exists."),
    "no_further_row": ("conflict", "No further {noun} can be created."),
    "already_so": ("conflict", "The {noun} {key} is already {state}."),
    "wrong_state": ("conflict", "The {noun} {key} is {state}; this cannot be done with it."),
    "no_lawful_result": ("server_error", "{name} has no answer that its result's schema allows."),
}
"""Kind of error → its code, and its sentence."""
_FAULTS: dict[FaultKind, str] = {
    "timeout": "The service did not answer in time. Please try again.",
    "rate_limited": "Too many requests: this one was not accepted. Please try again in a moment.",
    "server_error": "The service ran into an internal error. Please try again later.",
    "not_found": "The service does not find this at the moment.",
    "permission_denied": "This account is not permitted to do that.",
    "empty": "The entries are still being loaded: none can be shown yet.",
    "partial": "Only {shown} of {all} entries could be loaded.",
    "stale": "This answer comes from an earlier copy and may be out of date.",
    "delayed": "The answer is not ready yet. Please ask again in a few minutes.",
}
DEGRADED: frozenset[FaultKind] = frozenset({"empty", "partial", "stale"})
"""Kinds that show something of the true answer: for reads only."""


class CallError(Exception):
    """A call that cannot be carried out: becomes an error outcome."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    @property
    def outcome(self) -> CallOutcome:
        """The error object that a caller sees."""
        content = {"error": {"code": self.code, "message": self.message}}
        return CallOutcome(content=content, is_error=True)


def call_error(kind: str, **words: Any) -> CallError:
    """The error of a kind, its sentence filled with words; empty ones leave no gap."""
    code, sentence = _ERRORS[kind]
    return CallError(code, sentence.format(**words).replace("  ", " "))


def unknown_row(noun: str, given: JsonObject) -> CallError:
    """The error for a row that does not exist; ``given`` is its identity as the call has it."""
    key = ", ".join(str(value) for value in given.values() if value != "")
    return call_error("unknown_row" if key else "nothing_found", noun=noun, key=key)


def not_in_row(noun: str, key: Any, holder_noun: str, holder: Any) -> CallError:
    """The error for a part that a row does not hold."""
    holder = as_text(holder)
    return call_error("not_in_row", noun=noun, key=key, holder_noun=holder_noun, holder=holder)


def find_invalid(schema: JsonObject, arguments: JsonObject) -> CallError | None:
    """The error for arguments that violate their schema; None where they satisfy it."""
    fine = fits(arguments, schema)
    error = None if fine else find_error(arguments, schema)
    if error is None:
        return None
    where = ".".join(str(step) for step in error.absolute_path)
    rule, wanted = str(error.validator), error.validator_value
    of = f"Argument '{where}'" if where else "The arguments"
    if rule == "required":
        missing = next(name for name in wanted if name not in error.instance)
        said = f"Required argument '{where + '.' if where else ''}{missing}' is missing."
    elif rule == "type":
        said = f"{of} must be of type {wanted if isinstance(wanted, str) else ' or '.join(wanted)}."
    elif rule == "enum":
        said = f"{of} must be one of: {', '.join(map(str, wanted))}."
    elif rule == "additionalProperties":
        said = f"{of} may not have: {error.message.split('(')[-1].split(' ')[0]}."
    else:
        said = f"{of} does not satisfy {in_words(rule)}: {wanted}."
    return CallError("invalid_arguments", said)


def strike(
    environment: Environment, name: str, arguments: JsonObject, fault: Fault, initial: Any
) -> CallOutcome:
    """What the call returns under the fault; the state stays as it is.

    ``initial``: the snapshot that a stale answer is taken from. A call that would fail anyway
    fails as it would.
    """
    more: JsonObject = {}
    message = _FAULTS.get(fault.kind, "")
    if fault.kind in DEGRADED:
        now = environment.snapshot()
        if fault.kind == "stale":
            environment.restore(initial)
        outcome = environment.call(name, arguments)
        environment.restore(now)
        if outcome.is_error:
            return outcome
        more = {"cached": outcome.content}
        if fault.kind in ("empty", "partial"):
            rows = listed(outcome.content) or []
            shown = len(rows) // 2 if fault.kind == "partial" else 0
            message = message.format(shown=shown, all=len(rows))
            more = {"partial": first_rows(outcome.content, shown)}
    content = {"error": {"code": fault.kind, "message": message}, **more}
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
    """The result with no more than so many of its rows, and its counts put right.

    Where there are none of them, there is nothing of what it lists beside them either.
    """
    rows = listed(content)
    if rows is None or rows is content:
        return content if rows is None else rows[:count]
    counted = {key for key, value in content.items() if type(value) is int and value == len(rows)}
    return {
        key: count if key in counted
        else value[:count] if value is rows or (isinstance(value, list) and not count)
        else value
        for key, value in content.items()
    }  # fmt: skip
