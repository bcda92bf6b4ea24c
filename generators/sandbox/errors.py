"""How a call fails: a code and a plain sentence, always without any effect.

All sentences of the sandbox's errors stand here; those of injected faults in
`generators.sandbox.faults`.
"""

from typing import Any

from jsonschema import ValidationError

from generators.lexicon.names import in_words
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


class CallError(Exception):
    """A call that cannot be carried out: becomes an error outcome."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    @property
    def content(self) -> JsonObject:
        """The error object that a caller sees."""
        return {"error": {"code": self.code, "message": self.message}}


def call_error(kind: str, **words: Any) -> CallError:
    """The error of a kind, its sentence filled with words; empty ones leave no gap."""
    code, sentence = _ERRORS[kind]
    return CallError(code, sentence.format(**words).replace("  ", " "))


def unknown_row(noun: str, given: JsonObject) -> CallError:
    """The error for a row that does not exist; ``given`` is its identity as the call has it."""
    key = ", ".join(str(value) for value in given.values() if value != "")
    return call_error("unknown_row" if key else "nothing_found", noun=noun, key=key)


def invalid_arguments(error: ValidationError) -> CallError:
    """The error for arguments that violate their schema."""
    where = ".".join(str(step) for step in error.absolute_path)
    rule = str(error.validator)
    wanted: Any = error.validator_value
    of = f"Argument '{where}'" if where else "The arguments"
    if rule == "required":
        instance: Any = error.instance
        missing = next(name for name in wanted if name not in instance)
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
