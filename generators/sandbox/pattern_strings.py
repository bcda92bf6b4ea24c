"""Strings that match a regular expression: rstr draws them, the pattern has the last word.

Look-arounds cannot be drawn. What stands around them is, until a draw satisfies them too, or none
is found.
"""

import re
import string
from functools import lru_cache
from random import Random
from typing import Any

from rstr import Rstr

_MOST = 6
"""Repeats beyond the least number: what is unbounded stays short."""
_TRIES = 60
_MARKS = string.ascii_letters + string.digits + "-_. "


class _Strings(Rstr):
    """Draws with letters that people write, in an order that does not depend on the process."""

    def __init__(self, rng: Random, looking: bool) -> None:
        """``looking``: write down what a look-ahead asks for, rather than leave it out."""
        super().__init__(
            rng,
            printable=string.ascii_lowercase,
            word=string.ascii_lowercase + string.digits,
            whitespace=" ",
            nondigits=string.ascii_letters,
            nonword="-",
            nonwhitespace=string.ascii_letters + string.digits,
        )
        self._cases = {**self._cases, "not_literal": self._draw_other}
        if not looking:
            self._cases["assert"] = lambda _: ""

    def _draw_other(self, code: int) -> str:
        return str(self._random.choice(_MARKS.replace(chr(code), "")))

    def _handle_in(self, value: Any) -> Any:
        if value[0][0].name != "NEGATE":
            return super()._handle_in(value)
        barred = {mark for part in value[1:] for mark in self._handle_state(part)}
        return self._random.choice([mark for mark in _MARKS if mark not in barred])

    def _handle_repeat(self, start_range: int, end_range: Any, value: Any) -> str:
        return super()._handle_repeat(start_range, min(int(end_range), start_range + _MOST), value)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def match(pattern: str, rng: Random, least: int = 0, most: int | None = None) -> str | None:
    """A string of this length that the pattern matches, or None where none was found."""
    compiled = _compiled(pattern)
    for number in range(_TRIES if compiled is not None else 0):
        try:
            made = _Strings(rng, looking=number % 2 == 1).xeger(pattern)
        except (KeyError, IndexError):  # a construct that rstr has no draw for, an empty class
            return None
        made += "".join(rng.choices(string.ascii_lowercase, k=max(0, least - len(made))))
        for text in (made, made[:most]):
            fits = least <= len(text) <= (len(text) if most is None else most)
            if fits and compiled is not None and compiled.search(text):
                return text
    return None
