"""How a call fails: a code and a plain sentence, always without any effect."""

from typing import Any, Literal

from jsonschema import ValidationError

from generators.lexicon.names import in_words
from schemas.record import JsonObject

Code = Literal[
    "not_found",
    "invalid_arguments",
    "conflict",
    "server_error",
    "unknown_tool",
]


class CallError(Exception):
    """A call that cannot be carried out: becomes an error outcome."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    @property
    def content(self) -> JsonObject:
        """The error object that a caller sees."""
        return {"error": {"code": self.code, "message": self.message}}


def invalid(error: ValidationError) -> CallError:
    """The error for arguments that violate their schema, said in a sentence."""
    where = ".".join(str(step) for step in error.absolute_path)
    return CallError("invalid_arguments", _sentence(error, where))


def _sentence(error: ValidationError, where: str) -> str:
    rule = str(error.validator)
    wanted: Any = error.validator_value
    of = f"Argument '{where}'" if where else "The arguments"
    if rule == "required":
        instance: Any = error.instance
        missing = [name for name in wanted if name not in instance]
        return f"Required argument '{where + '.' if where else ''}{missing[0]}' is missing."
    if rule == "type":
        kind = wanted if isinstance(wanted, str) else " or ".join(wanted)
        return f"{of} must be of type {kind}."
    if rule == "enum":
        return f"{of} must be one of: {', '.join(map(str, wanted))}."
    if rule == "additionalProperties":
        return f"{of} may not have: {error.message.split('(')[-1].split(' ')[0]}."
    return f"{of} does not satisfy {in_words(rule)}: {wanted}."
