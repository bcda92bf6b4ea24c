"""Whether words tell a value: however it is said, if a rule of `schemas.reading` reads it back."""

import re
from datetime import datetime

from schemas.reading import RULES, says

Value = str | int | float | bool


def tells(text: str, value: Value, clock: datetime) -> bool:
    """Whether the text says the value: "82.99 euros", "the 12th of March", "in progress".

    A truth value is told by yes or no alone, as any other sentence would affirm it.
    """
    if isinstance(value, bool):
        return stands_in("yes" if value else "no", text.casefold())
    if isinstance(value, str):
        if not value.strip():
            return False
        if stands_in(value, text) or stands_in(_loose(value), _loose(text)):
            return True
    return any(
        says(rule.name, span, value, clock)
        for rule in RULES
        if rule.pattern is not None
        for span in rule.spans(text)
    )


def stands_in(words: str, text: str) -> bool:
    """Whether the words stand in the text as whole words: "Oak" does not stand in "Oakland"."""
    if not words or words not in text:  # most do not: no pattern is made for them
        return False
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return re.search(before + re.escape(words) + after, text) is not None


def _loose(text: str) -> str:
    """Without case, and however joined; a value of marks alone is left as it is."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[\s_\-./]+", " ", parted).strip().casefold()
