"""Whether values still belong together: rows of a list, labels of numbers, from and to.

Only what can be seen to be exchanged is refused: who says it in other words is not.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from generators.lexicon.tables import load_table
from generators.rewriting.told_values import Kind, Reading, ToldValue, Value, holds, joined, plain

_ROW = re.compile(r"^\s*(?:[-•*–]|\d+[.)]) +(.*)$", re.MULTILINE)
_LIST = re.compile(r"(?:^[-•*–] .*$\n?)+", re.MULTILINE)
_LABELLED = re.compile(r"[A-Z][\w' -]*: ")
_ASIDE = re.compile(r"\(([^()]*)\)")
_APART = re.compile(r"[,;()]|\band\b(?= \w+ \d)|: ")
_WORD = re.compile(r"[a-z][a-z'-]{2,}", re.IGNORECASE)
_PIECE = re.compile(r"[\n;()!?]|[,.:](?!\d)|\b(?:and|with|but|while)\b")
"""What stands between what is told of one thing and what is told of another."""
_NOT = re.compile(r"(?:does |do |is |are )?(?:not|no|never)\b", re.IGNORECASE)
_NO = re.compile(r"(?:\b(?:not|no|never|without)\b|n't\b|\bun)[^.,;\n]*$")
_NO_BEHIND = re.compile(r"\w*:? no\b")
_NEAR = 24
"""Characters before a word in which a no turns it."""
_STEM = 5
_LONGEST = 5
"""Words of a fact without a value, at most: what is longer is prose."""
_BEFORE_NOUN = "the|my|your|his|her|their|our|its|an?|this|that|day|date|time|item|account|pickup"
"""What may stand behind "from" or "to": no verb, as in "to change the item"."""
_POINTED: tuple[Kind, ...] = ("quote", "name", "code", "date", "time", "number")


def find_mixed(
    old: str, new: str, reading: Reading, values: Sequence[ToldValue], choices: Sequence[str]
) -> str:
    """What is told of the wrong thing, said to whoever wrote it; empty: nothing.

    ``values``: what the old text tells; ``choices``: plain words among it.
    """
    every, rows, lines = rows_of(old), list_rows(old), rows_of(new)
    if rows and every[: len(rows)] == rows and len(rows) < len(lines) < len(every):
        lines = lines[: len(rows)]  # what is told of one thing behind the list may have lines, too
    if rows and len(lines) not in (len(rows), len(every)):
        return f"it must stay a list of {len(rows)} lines that begin with “- ”, in that order"
    if rows:
        old_lines = rows if len(lines) == len(rows) else every
        if problem := _find_mixed_rows(old_lines, lines, reading):
            return problem
    if not rows and (problem := find_exchanged(old, new, reading)):
        return problem
    if problem := _find_exchanged_details(old, new, reading):
        return problem
    for word in choices:
        before, after = _side_of(word, old), _side_of(word, new)
        if before and after and before != after:
            return f"{word} is told as “{before}” what it is told as “{after}” now"
    return find_wrong_role(old, new, reading, values)


def _find_mixed_rows(rows: Sequence[str], lines: Sequence[str], reading: Reading) -> str:
    """Whether a line tells what another one told."""
    told = [_keys(reading.read(row)) for row in rows]
    common = set.intersection(*told)
    facts = [_facts_in([row], reading) for row in rows]
    for number, (row, line) in enumerate(zip(rows, lines, strict=True)):
        here = joined(line)
        lost = [one.text for one in reading.read(row)
                if _key(one) not in common and not _is_in(one, line, here, reading)]  # fmt: skip
        lost += [fact for fact in facts[number] if not _has_fact(fact, line)
                 and not all(fact in others for others in facts)]  # fmt: skip
        if lost:
            return f"line {number + 1} of the list must tell {'; '.join(lost[:4])}"
        if _keys(reading.read(line)) & set().union(*told) - told[number] - common:
            return f"line {number + 1} of the list tells what another line is about"
        if problem := find_exchanged(row, line, reading):
            return problem
    return ""


def _find_exchanged_details(old: str, new: str, reading: Reading) -> str:
    """Whether two things that are told in one line have exchanged what is told of them."""
    now = reading.read(new)
    for line in plain(old).split("\n"):
        pieces = [reading.read(piece) for piece in line.split(";")]
        things = [(told[0], _keys(told[1:])) for told in pieces if len(told) > 1]
        for number, (left, own) in enumerate(things):
            for right, theirs in things[number + 1 :]:
                moved = [_owner(key, left, right, now) for key in sorted(own - theirs, key=str)]
                back = [_owner(key, left, right, now) for key in sorted(theirs - own, key=str)]
                if right in moved and left in back:
                    return f"what is told of {left.text} and of {right.text} is exchanged"
    return ""


def _owner(
    key: "Key", left: ToldValue, right: ToldValue, now: Sequence[ToldValue]
) -> ToldValue | None:
    """Which of two things stands last before a value."""
    at = next((one.start for one in now if _key(one) == key), -1)
    before = [(one.start, thing) for one in now for thing in (left, right)
              if _key(one) == _key(thing) and one.start < at]  # fmt: skip
    return max(before, key=lambda one: one[0])[1] if before else None


def rows_of(text: str) -> list[str]:
    """The lines of a list."""
    return _ROW.findall(plain(text))


def list_rows(text: str) -> list[str]:
    """The lines of lists of things, and not those that tell one thing, label by label."""
    rows: list[str] = []
    for lines in _LIST.findall(plain(text)):
        block = _ROW.findall(lines)
        if len(block) > 1 and 2 * sum(bool(_LABELLED.match(one)) for one in block) < len(block):
            rows += block
    return rows


class _Segment(NamedTuple):
    label: str
    text: str
    numbers: tuple[ToldValue, ...]


def _segments(text: str, reading: Reading) -> Iterator[_Segment]:
    """The pieces of what is told in lines, in brackets and behind colons."""
    for row in rows_of(text) or [text]:
        told, label, start = reading.read(row), "", 0
        cuts = [m for m in _APART.finditer(row)
                if all(m.end() <= one.start or one.end <= m.start() for one in told)]  # fmt: skip
        for match in (*cuts, None):
            end = match.start() if match else len(row)
            piece = row[start:end]
            if match and match[0] == ": ":
                label = piece.strip()
            else:
                inside = [one for one in told if start <= one.start < end]
                numbers = tuple(one for one in inside if one.kind == "number")
                before = row[start : numbers[0].start].strip() if numbers else ""
                yield _Segment(before or label, "" if inside else piece.strip(" .?!"), numbers)
                label = "" if match and match[0] != "," else label
            start = match.end() if match else end


def facts_of(text: str, reading: Reading) -> list[str]:
    """What is told in a list or in brackets without a value: ``on the way``, ``active``."""
    return _facts_in(rows_of(text) or _ASIDE.findall(plain(text)), reading)


def _facts_in(parts: Sequence[str], reading: Reading) -> list[str]:
    told = (one for part in parts for one in _segments(part, reading))
    found = (f"{one.label}: {one.text}" if one.label and one.text.lower() in ("yes", "no")
             else one.text for one in told)  # fmt: skip
    return [one for one in found if one and len(one.split()) <= _LONGEST and _stem(one)]


def find_lost_facts(old: str, new: str, reading: Reading) -> list[str]:
    """Those that nothing is left of."""
    return [fact for fact in facts_of(old, reading) if not _has_fact(fact, new)]


def _stem(fact: str) -> str:
    words = _WORD.findall(fact)
    return max(words, key=len).lower()[:_STEM] if words else ""


def _has_fact(fact: str, text: str) -> bool:
    """Whether something is left of it, and with a no where it had one."""
    negated = bool(_NOT.match(fact)) or fact.lower().endswith(": no")
    lines = plain(text).lower()
    return any(
        bool(_NO.search(lines[max(0, m.start() - _NEAR) : m.end()])
             or _NO_BEHIND.match(lines, m.end())) == negated
        for m in re.finditer(re.escape(_stem(fact)), lines)
    )  # fmt: skip


def find_exchanged(old: str, new: str, reading: Reading) -> str:
    """Whether a number stands for what another one stood for: balance and limit."""
    pairs = [(_stem(one.label), one.numbers[0], one.label) for one in _segments(old, reading)
             if len(one.numbers) == 1 and _stem(one.label)]  # fmt: skip
    pieces = [(piece.lower(), {one.value for one in reading.read(piece) if one.kind == "number"})
              for piece in _PIECE.split(plain(new))]  # fmt: skip

    def linked(label: str, value: ToldValue) -> bool:
        return any(label in piece and value.value in numbers for piece, numbers in pieces)

    for number, (label, value, words) in enumerate(pairs):
        for other, rival, _ in pairs[number + 1 :]:
            if label == other or value.value == rival.value:
                continue
            right = linked(label, value) and linked(other, rival)
            if not right and linked(label, rival) and linked(other, value):
                return f"{value.text} must be told as the {words}"
    return ""


def find_wrong_role(old: str, new: str, reading: Reading, values: Sequence[ToldValue]) -> str:
    """Whether what was "from" is "to", or the other way round."""
    before, after = _directions(old, reading, values), _directions(new, reading, values)
    opposite = {"from": "to", "to": "from"}
    for side, other in opposite.items():
        for key, text in before[side].items():
            if key in after[other] and key not in before[other]:
                return f"{text} is told as “{side}” what it is told as “{other}” now"
        lost = [key for key in before[side] if key not in after[side] and key[0] == "number"]
        if lost and any(key[0] == "number" and key not in before[side] for key in after[side]):
            return f"“{side}” belongs before {before[side][lost[0]]}"
    return ""


def _side_of(word: str, text: str) -> str:
    """``from``, ``to``, or neither: what leads to a plain word where it first stands."""
    flat = plain(text)
    match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", flat, re.IGNORECASE)
    lead = re.split(r"[.?!:;,\n(]", flat[: match.start()])[-1].rstrip(" “\"'") if match else ""
    return next((side for side in ("to", "from") if _leads(side).search(lead)), "")


Key = tuple[str, Value]


def _directions(
    text: str, reading: Reading, values: Sequence[ToldValue]
) -> dict[str, dict[Key, str]]:
    """Side → the values that stand behind such a word."""
    known = {_key(one): one.text for one in values if one.kind in _POINTED}
    flat = plain(text)
    found: dict[str, dict[Key, str]] = {"from": {}, "to": {}}
    end = 0
    for one in reading.read(text):
        if one.kind not in _POINTED:
            continue
        lead, end = flat[end : one.start], one.end
        lead = re.split(r"[.?!;\n(]", lead)[-1].rstrip("“\"'#€$£: ")
        key = _key(one)
        for side in found:
            if key in known and _leads(side).search(lead):
                found[side][key] = known[key]
    return found


def _key(one: ToldValue) -> Key:
    """What is compared: names, quotations and ids are of one kind."""
    kind = "name" if one.kind in ("quote", "code", "name") else one.kind
    return kind, one.value[1:] if isinstance(one.value, tuple) else one.value  # type: ignore[return-value]


@cache
def _leads(side: str) -> re.Pattern[str]:
    words = "|".join(load_table("acts")[side])
    between = rf"(?: (?:{_BEFORE_NOUN})(?: (?!to\b|from\b|into\b)[\w'-]+){{0,2}})?"
    return re.compile(rf"\b(?:{words}){between}$", re.IGNORECASE)


def _keys(told: Sequence[ToldValue]) -> set[Key]:
    return {_key(one) for one in told if one.kind in _POINTED}


def _is_in(one: ToldValue, line: str, words: str, reading: Reading) -> bool:
    if one.kind in ("quote", "name", "code"):
        return holds(words, str(one.value))
    if one.kind == "number" and one.value in (0, 1):
        return True  # "no limit", "a bag"
    return one.kind not in _POINTED or _key(one) in _keys(reading.read(line))
