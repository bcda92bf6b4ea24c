"""What tools answer of which everybody knows what it is: the weather, the time, a web page.

Nobody has to write a schema of the result of such a tool: its name tells what comes back, and its
parameters what it is about. The kinds are data: ``data/lexicon/answers.yaml``. Where a call needs
anything else, or a description narrows what may be asked for, the tool is of no known kind.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words, split_words
from generators.lexicon.tables import load_table, load_words
from generators.world.schema_leaves import leaves_of, members, schema_type
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_TYPES: Mapping[str, JsonObject] = {
    "email": {"type": "string", "format": "email"},
    "date": {"type": "string", "format": "date"},
    "url": {"type": "string", "format": "uri"},
    "money": {"type": "number"},
}


_USUAL_DAYS, MOST_DAYS = 3, 16
_DAYS = re.compile(r"\bdefaults?\W+(?:is|to|of)?\W*(\d+)\b|\b(\d+)[- ]day\b", re.IGNORECASE)


@dataclass(frozen=True)
class KnownAnswer:
    """Of which kind the answer of one tool is."""

    kind: str
    verbs: tuple[str, ...]
    object: str
    """``the current weather``: how a person asks for it."""
    returns: JsonObject
    roles: Mapping[str, str]
    """What has to be told → the parameter that tells it: ``place`` → ``city``."""
    told: Mapping[str, str]
    """How it is told: what comes ``before``, where its ``rows`` lie, and each ``row``."""
    facts: str = ""
    """The table from which the answer is taken."""
    moves: bool = False
    """It leaves what it was at before: nobody wants two pages opened in one tab at once."""
    days: int = 0
    """Of a forecast, where a call does not say it."""

    def find_role(self, path: str) -> Mapping[str, Any]:
        """How a parameter is said and called; nothing for one that need not be told."""
        roles: Mapping[str, Mapping[str, Any]] = load_table("answers")["roles"]
        return next((roles[role] for role, own in self.roles.items() if own == path), {})


@cache
def _some_country() -> re.Pattern[str]:
    """The names of all countries."""
    from babel import Locale  # takes a while, and only some catalogues ask

    names = (name for code, name in Locale("en").territories.items() if code.isalpha())
    others = ("Georgia", "Jersey", "world")
    return re.compile(rf"\b(?:{'|'.join(re.escape(one) for one in names if one not in others)})\b")


@remembered
def find_answer(tool: ToolSpec) -> KnownAnswer | None:
    """The kind of a tool's answer; None where it has a schema, writes, or nobody knows."""
    guessed = any(one.startswith("effect from the verb") for one in tool.inferred)
    if tool.effect == "write" and not guessed:
        return None
    kinds: Mapping[str, Mapping[str, Any]] = load_table("answers")["kinds"]
    words = {*split_words(tool.clear_name)}
    lines = _named_lines()
    near = {line for word in words for line in lines.get(word, ()) if line[2] <= words <= line[3]}
    ordered = dict.fromkeys(kind for _, kind, *_ in sorted(near, key=lambda line: line[0]))
    named = (kind for kind in ordered if _is_such(tool, kinds[kind]))
    found = ((kind, _assign_roles(tool, kinds[kind])) for kind in named)
    kind, roles = next(((kind, roles) for kind, roles in found if roles is not None), ("", None))
    if roles is None:
        return None
    told = kinds[kind]
    said = f"{tool.domain} {tool.clear_name} {tool.description}"
    if _some_country().search(said) or re.search(load_table("answers")["elsewhere"], said):
        return None  # which places lie there, nobody has told
    # How many days a forecast has where a call does not say it: as its schema or words tell.
    names = load_table("answers")["roles"]["days"]["names"]
    asked = next((one for one in leaves_of(tool.parameters) if in_words(one.path) in names), None)
    usual = asked.schema.get("default") if asked else None
    text = f"{asked.schema.get('description', '') if asked else ''} {tool.description}"
    figures = None if isinstance(usual, int | float) else _DAYS.search(text)
    days = int(figures[1] or figures[2]) if figures else usual or _USUAL_DAYS
    return KnownAnswer(
        kind,
        tuple(told["asked"][0].split(" / ")),
        told["asked"][1],
        _schema_of(told["gives"]),
        roles,
        told["told"],
        facts=told.get("facts", ""),
        moves=told.get("moves", False),
        days=max(1, min(int(days), MOST_DAYS)),
    )


@cache
def _named_lines() -> dict[str, list[tuple[int, str, frozenset[str], frozenset[str]]]]:
    """A word → the lines that begin with it and name a kind, by their places.

    Each has its kind, and the words that a name has and may have.
    """
    found: dict[str, list[tuple[int, str, frozenset[str], frozenset[str]]]] = {}
    for place, (kind, told) in enumerate(load_table("answers")["kinds"].items()):
        beside = load_words("answers", "beside").union(told.get("about", ()))
        for line in map(str.split, told["named"]):
            words = frozenset(line)
            found.setdefault(line[0], []).append((place, kind, words, beside | words))
    return found


def _is_such(tool: ToolSpec, told: Mapping[str, Any]) -> bool:
    """Whether nothing makes a tool that is named as a kind another thing."""
    about = told.get("about", ())
    if tool.returns is not None and members(tool.returns).keys() != told["gives"].keys():
        return False
    said = f"{tool.domain} {tool.clear_name} {tool.description}"
    if re.search(told.get("unlike", r"\b\B"), said):
        return False
    return not about or not {*about}.isdisjoint(re.split(r"[\W_]+", said.lower()))


def _assign_roles(tool: ToolSpec, told: Mapping[str, Any]) -> dict[str, str] | None:
    """Role → the parameter that has it; None where a call needs less, more or something else."""
    roles = load_table("answers")["roles"]
    wanted = [one for line in (*told["takes"], told.get("also", ())) for one in line]
    found: dict[str, str] = {}
    leaves = leaves_of(tool.parameters)
    for leaf in leaves:
        said = str(leaf.schema.get("description", ""))
        typed = schema_type(leaf.schema) if "enum" not in leaf.schema else ""
        for role in wanted:
            narrowed = re.search(roles[role].get("not", r"\b\B"), said)
            if (
                in_words(leaf.path) in roles[role]["names"]
                and typed == roles[role]["type"]
                and not narrowed
            ):
                found.setdefault(role, leaf.path)
    needed = {leaf.path for leaf in leaves if leaf.required}
    line = next((line for line in told["takes"] if found.keys() >= {*line}), None)
    if line is None:
        return None
    # What the answer is about is told, whatever the schema says; nothing else has to be.
    kept = {role: path for role, path in found.items() if role in line or path in needed}
    return kept if needed <= {*kept.values()} else None


def _schema_of(gives: Any) -> JsonObject:
    """``{city: string}`` as JSON Schema writes it."""
    if isinstance(gives, list):
        return {"type": "array", "items": _schema_of(gives[0])}
    if isinstance(gives, dict):
        parts = {name: _schema_of(part) for name, part in gives.items()}
        return {"type": "object", "properties": parts, "required": [*parts]}
    return dict(_TYPES.get(gives, {"type": gives}))
