"""The table of how descriptions demand something, read: patterns over shapes of sentences.

The table is ``data/lexicon/demands.yaml``; the shapes are those of
`generators.world.sentence_shapes`, the reading is in `generators.world.told_demands`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count

from generators.lexicon.tables import load_table

_CONDITION = "|".join(
    (
        r"<P(?P<p{0}>\d+)> (?:(?:is|are|=|equals|contains|being|set to)"
        r"(?: set to| one of| either)? )+(?P<n{0}>not )?<[VQBN](?P<v{0}>\d+)>",
        r"<V(?P<w{0}>\d+)>",
        r"<P(?P<q{0}>\d+)> <[VQB](?P<x{0}>\d+)>",
        r"all (?:\w+ )?(?:except|but|other than) (?:for )?<V(?P<e{0}>\d+)>",
        r"<P(?P<g{0}>\d+)>(?: (?:is|are) (?:also )?"
        r"(?:provided|given|specified|set|present|used|supplied|changed))?(?! (?:is|are|=|has)\b)",
    )
)
"""``P is V``, ``V``, ``P V``, ``all except V``, ``P is given``; of each, which mark it is."""
_NAMES = re.compile(r"\b[PVT]\b(?!\w|-)|\bC\b")
_FIRST = {"T": r"<T(?P<T>\d+)>", "P": r"<P(?P<P>\d+)>"}


@dataclass(frozen=True)
class DemandRule:
    """One way in which descriptions demand something."""

    kind: str
    of: tuple[str, ...]
    """Of what: ``self`` is the parameter that is described, ``P`` the ones that are named.

    ``options``: of those that the tool's own description speaks of without naming them.
    """
    pattern: re.Pattern[str]
    several: str = ""
    """The word that must stand between those named: ``or``."""
    marked: bool = False
    """No sentence without a mark fits it."""
    when: str = ""
    """``self``: where the parameter that is described is given; ``self_true``: where it is true."""


@cache
def demand_rules() -> tuple[DemandRule, ...]:
    """The rules in the order of the table."""
    return tuple(
        DemandRule(row["kind"], tuple(row["of"]), re.compile(_marked(row["is"])),
                   row.get("several", ""), needs_mark(row["is"]), row.get("when", ""))
        for row in load_table("demands")["rules"]
    )  # fmt: skip


@cache
def unmarked_rules() -> tuple[DemandRule, ...]:
    """Those that a sentence without a mark may fit."""
    return tuple(rule for rule in demand_rules() if not rule.marked)


def _marked(told: str) -> str:
    """A pattern of the table with the marks written out; only the first of a kind is told apart."""
    numbers, seen = count(), set[str]()

    def write(match: re.Match[str]) -> str:
        name = match[0]
        if name == "C":
            return f"(?:{_CONDITION.format(next(numbers))})"
        if name in seen or name == "V":
            return rf"<{name}\d+>"
        seen.add(name)
        return _FIRST[name]

    written = re.sub(r"\(\?<(?=[a-z])", "(?P<", _NAMES.sub(write, told))
    more = f"(?:,? (?:and|when|if|while) (?:{_CONDITION.format(8)}))?"
    return written + more if next(numbers) else written


def needs_mark(told: str) -> bool:
    """Whether a pattern of the table has a mark that is neither optional nor one way of several."""
    depth, needed = 0, False
    for token in re.finditer(r"\\.|\[[^\]]*\]|[()|]|\b[PVTC]\b(?!\w|-|[?*{])", told):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if token[0] == "|" and not depth:
            return False
        needed |= token[0] in "PVTC" and not depth
    return needed


def condition_marks(match: re.Match[str]) -> list[tuple[Mapping[str, int], bool]]:
    """For each condition of a match, which mark is what in it, and whether it is denied."""
    found: list[tuple[Mapping[str, int], bool]] = []
    groups = {name: value for name, value in match.groupdict().items() if value}
    for number in ("0", "8"):
        own = {name[0]: value for name, value in groups.items() if name[1:] == number}
        marks = {name: int(value) for name, value in own.items() if name != "n"}
        if marks:
            found.append((marks, "n" in own))
    return found


@cache
def demand_pattern(key: str) -> re.Pattern[str]:
    """One of the table's other patterns: ``modal``, ``harmless``, ``strict``, ``needing``."""
    told = load_table("demands")[key]
    whole = "|".join(f"(?:{one})" for one in told) if isinstance(told, list) else told
    return re.compile(whole, re.IGNORECASE)


@cache
def told_formats() -> tuple[tuple[re.Pattern[str], str], ...]:
    """How a description asks for a format, and the pattern of values that have it."""
    rows = load_table("demands")["formats"]
    return tuple((re.compile(row["said"], re.IGNORECASE), row["pattern"]) for row in rows)
