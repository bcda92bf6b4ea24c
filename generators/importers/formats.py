"""The formats that are understood, and which of them a document is written in."""

from collections.abc import Iterator
from typing import Any, Protocol

from generators.importers import anthropic, bfcl, mcp, openai, openapi, python, rapidapi, xlam
from generators.importers.found_tools import Found
from schemas.errors import InputError


class Format(Protocol):
    """A module that knows one way of writing tools down."""

    NAME: str
    FORMS: str
    """What a user would call it, for the message that nothing fits."""

    def recognises(self, document: Any) -> bool:
        """Whether the document is written in this format."""
        ...

    def entries(self, document: Any) -> list[Any] | None:
        """The list of tools; None where the document has none."""
        ...

    def tools(self, document: Any) -> Iterator[Found]:
        """The tools of a document that is recognised. Raises InputError without a file."""
        ...


FORMATS: tuple[Format, ...] = (
    python,
    openapi,
    mcp,
    anthropic,
    rapidapi,
    bfcl,
    xlam,
    openai,
)
"""Asked in this order: what is looser comes later."""


def format_of(document: Any) -> Format:
    """The first format that recognises a document. Raises InputError where none does."""
    if any(form.entries(document) == [] for form in FORMATS):
        raise InputError("the catalogue has no tools")
    for form in FORMATS:
        if form.recognises(document):
            return form
    understood = "; ".join(form.FORMS for form in FORMATS)
    raise InputError(f"not a catalogue in a form that is understood, which are: {understood}")
