"""Where each argument of a call comes from: enforced by a check, not merely noted."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.record import Record


class FromUser(Record):
    """The user said it: ``span`` stands in the message, and ``rule`` reads the value out of it."""

    kind: Literal["user"] = "user"
    message: int
    span: str
    rule: str


class FromResult(Record):
    """An earlier result holds it at ``path``, such as ``flights[0].flight_id``."""

    kind: Literal["result"] = "result"
    message: int
    """Index of the tool message."""
    path: str


class FromContext(Record):
    """The system message says it."""

    kind: Literal["context"] = "context"
    span: str
    rule: str


class FromDefault(Record):
    """The parameter's schema gives it: its ``default``, or its only allowed value."""

    kind: Literal["default"] = "default"


Source = Annotated[FromUser | FromResult | FromContext | FromDefault, Field(discriminator="kind")]


class ArgumentSource(Record):
    """The source of one leaf of a call's arguments."""

    path: str
    """``passengers[0].name``; the leaves of a call are every scalar in its arguments."""
    source: Source
