"""Formats that a parameter's description may ask for, each of which code can apply and check.

After IFEval-FC (arXiv 2509.18420): the description of a parameter says how its value is to be
written, and the schema cannot enforce it. Only formats are here that leave a text saying the same.
The sentences are our own.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.task import FormatInstruction
from schemas.tool import ToolSpec

_LINE = re.compile(r"[A-Za-z0-9][ -~]*[A-Za-z0-9.!?)]")
"""One line of plain text."""
_CLOSED = re.compile(r"[A-Za-z0-9][ -~]*[A-Za-z0-9]")
"""One that ends with a letter or a digit."""
_UNBROKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,.!?']*[A-Za-z0-9.!?]")
"""One without marks within its words."""
_WORDS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+){1,7}")
"""A few words without marks: how these are joined leaves nothing open."""


@dataclass(frozen=True)
class Format:
    """A way in which a text is to be written.

    ``apply`` and ``holds`` take any text with a letter or a digit in it. What is applied holds, and
    applying it again changes nothing: tested laws.
    """

    name: str
    """Also the name of the reading rule that applies it to what was said."""
    sentence: str
    """What the description says of it."""
    write: Callable[[str], str]
    holds: Callable[[str], bool]
    """Whether a text is written so."""
    domain: re.Pattern[str] = _LINE
    """Texts that everyone would write alike, told to."""
    before: str = ""
    after: str = ""
    """What is put around the text."""

    def apply(self, text: str) -> str:
        """The text, written so."""
        return text if self.holds(text) else self.write(text)

    def suits(self, text: str) -> bool:
        """Whether it changes the text, and in one way only."""
        return self.domain.fullmatch(text) is not None and not self.holds(text)


def _around(name: str, sentence: str, before: str, after: str = "") -> Format:
    def write(text: str) -> str:
        return f"{before}{text}{after}"

    def holds(text: str) -> bool:
        long = len(text) > len(before) + len(after)
        return long and text.startswith(before) and text.endswith(after)

    return Format(name, sentence, write, holds, before=before, after=after)


def _changed(
    name: str, sentence: str, write: Callable[[str], str], domain: re.Pattern[str] = _LINE
) -> Format:
    """A format of letters: a text has it where writing it so leaves it alone."""
    return Format(name, sentence, write, lambda text: write(text) == text, domain)


FORMATS: tuple[Format, ...] = (
    _changed("upper_case", "Write it in capital letters throughout.", str.upper),
    _changed("lower_case", "Write it in small letters throughout.", str.lower),
    _changed(
        "title_case",
        "Begin every word with a capital letter, and leave the other letters as they are.",
        lambda text: re.sub(r"(?<!\S)\S", lambda first: first.group().upper(), text),
        _UNBROKEN,
    ),
    Format(
        "no_commas",
        "It must not contain commas: leave them out, and change nothing else.",
        lambda text: text.replace(",", ""),
        lambda text: "," not in text,
    ),
    Format(
        "full_stop",
        "It must end with a full stop.",
        lambda text: f"{text}.",
        lambda text: text.endswith("."),
        _CLOSED,
        after=".",
    ),
    Format(
        "no_full_stop",
        "It must not end with a full stop.",
        lambda text: text.rstrip("."),
        lambda text: not text.endswith("."),
    ),
    Format(
        "snake_case",
        "Write it in small letters, with an underscore between the words: like_this.",
        lambda text: "_".join(re.findall(r"[^\W_]+", text.lower())),
        lambda text: text == text.lower() and bool(re.fullmatch(r"[^\W_]+(?:_[^\W_]+)*", text)),
        _WORDS,
    ),
    Format(
        "hyphens",
        "Join the words with hyphens instead of spaces, and change nothing else.",
        lambda text: "-".join(text.split()),
        lambda text: re.search(r"\s", text) is None,
        _WORDS,
    ),
    _around("square_brackets", "Put it in square brackets: [like this].", "[", "]"),
    _around("parentheses", "Put it in parentheses: (like this).", "(", ")"),
    _around("asterisks", "Put two asterisks on either side of it: **like this**.", "**", "**"),
    _around("note_prefix", 'It must begin with "NOTE: ".', "NOTE: "),
    _around("via_prefix", 'It must begin with "Via assistant: ".', "Via assistant: "),
    _around("end_mark", 'It must end with " (end)".', "", " (end)"),
)
"""In no particular order; one is drawn among those that suit a text."""


FORMAT_OF: dict[str, Format] = {one.name: one for one in FORMATS}


def instructed(tool: ToolSpec, formats: Sequence[FormatInstruction]) -> ToolSpec:
    """The tool with the sentences of its formats at the end of its parameters' descriptions.

    Raises KeyError for a parameter that the tool does not have at the top.
    """
    own = [one for one in formats if one.tool == tool.wire_name]
    if not own:
        return tool
    properties: dict[str, Any] = dict(tool.properties)
    for one in own:
        schema = properties[one.parameter]
        described = str(schema.get("description") or "").strip()
        if described and described[-1] not in ".!?":
            described += "."
        described = f"{described} {FORMAT_OF[one.rule].sentence}".strip()
        properties[one.parameter] = {**schema, "description": described}
    return tool.model_copy(update={"parameters": {**tool.parameters, "properties": properties}})


def asked_of(tool: ToolSpec, parameter: str) -> tuple[Format, ...]:
    """The formats that an offered tool's description of a parameter asks for."""
    schema = tool.properties.get(parameter)
    described = str(schema.get("description") or "") if isinstance(schema, dict) else ""
    return tuple(form for form in FORMATS if form.sentence in described)
