"""Strings that match a simple regular expression: literals, classes, groups, counts."""

import re
import string
from functools import lru_cache
from random import Random
from typing import Any

_CLASSES = {
    "d": string.digits,
    "w": string.ascii_lowercase + string.digits,
    "s": " ",
}
_COUNT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_MOST = 6

Node = tuple[str, Any, int, int]
"""(``set`` or ``group``, its letters or alternatives, least, most)."""


def match(pattern: str, rng: Random) -> str | None:
    """A string that the pattern matches, or None where the pattern is beyond this module."""
    alternatives = _parse(pattern)
    if alternatives is None:
        return None
    made = _draw(rng.choice(alternatives), rng)
    return made if re.search(pattern, made) else None


@lru_cache(maxsize=256)
def _parse(pattern: str) -> list[list[Node]] | None:
    try:
        alternatives, end = _alternatives(pattern, 0)
        re.compile(pattern)
    except (IndexError, ValueError, re.error):
        return None
    return alternatives if end == len(pattern) else None


def _alternatives(pattern: str, at: int) -> tuple[list[list[Node]], int]:
    out: list[list[Node]] = [[]]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            out.append([])
            at += 1
        elif pattern[at] in "^$":
            at += 1
        else:
            (kind, what), at = _atom(pattern, at)
            least, most, at = _counts(pattern, at)
            out[-1].append((kind, what, least, most))
    return out, at


def _atom(pattern: str, at: int) -> tuple[tuple[str, Any], int]:
    mark = pattern[at]
    if mark == "(":
        if pattern[at + 1] == "?":
            if pattern[at + 1 : at + 3] != "?:":
                raise ValueError("look-around")
            at += 2
        inner, end = _alternatives(pattern, at + 1)
        return ("group", inner), end + 1
    if mark == "[":
        letters, end = _letters(pattern, at + 1)
        return ("set", letters), end
    if mark == "\\":
        return ("set", _escaped(pattern[at + 1])), at + 2
    return ("set", string.ascii_lowercase if mark == "." else mark), at + 1


def _escaped(mark: str) -> str:
    if mark.isalpha() and mark not in _CLASSES:
        raise ValueError(f"\\{mark}")
    return _CLASSES.get(mark, mark)


def _letters(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "^":
        raise ValueError("negated class")
    out = ""
    while pattern[at] != "]" or not out:
        if pattern[at] == "\\":
            out += _escaped(pattern[at + 1])
            at += 2
        elif pattern[at + 1] == "-" and pattern[at + 2] != "]":
            out += "".join(map(chr, range(ord(pattern[at]), ord(pattern[at + 2]) + 1)))
            at += 3
        else:
            out += pattern[at]
            at += 1
    return out, at + 1


def _counts(pattern: str, at: int) -> tuple[int, int, int]:
    mark = pattern[at : at + 1]
    if mark and mark in "?*+":
        least, most = {"?": (0, 1), "*": (0, _MOST), "+": (1, _MOST)}[mark]
        return least, most, at + 1
    found = _COUNT.match(pattern, at)
    if not found:
        return 1, 1, at
    least = int(found[1])
    most = int(found[3]) if found[3] else least + (_MOST if found[2] else 0)
    return least, min(most, least + _MOST), found.end()


def _draw(nodes: list[Node], rng: Random) -> str:
    out = []
    for kind, what, least, most in nodes:
        for _ in range(rng.randint(least, most)):
            out.append(rng.choice(what) if kind == "set" else _draw(rng.choice(what), rng))
    return "".join(out)
