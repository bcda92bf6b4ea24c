"""What must agree across the rows of one kind: the newest come first, changes have own branches.

Called while a world's rows are made (`generators.sandbox.seeding`), before other rows name them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from generators.lexicon.date_field_names import has_happened, is_birth, tells_change, tells_making
from generators.lexicon.meanings import is_base
from generators.lexicon.nouns import named_as
from generators.lexicon.tables import load_words
from generators.sandbox.file_values import branch_for
from generators.sandbox.phrases import title
from generators.sandbox.row_states import state_of
from generators.sandbox.row_values import Key, as_text, key_of, schemas_of
from generators.sandbox.subjects import fit_texts
from generators.sandbox.times import DAY, day_of, is_dated, shifted
from generators.world.model import Entity
from schemas.record import JsonObject

_COUNTING = re.compile(r"v?\d+(?:\.\d+)*", re.IGNORECASE)
_TITLES = 2000
"""Of changes that are drawn once, so that some fit a branch that there is."""


def made_field(entity: Entity) -> str:
    """The field that says when a row was made; "" where none does."""
    return next((n for n in entity.fields if tells_making(n) and not tells_change(n)), "")


def number_down(entity: Entity, identities: Sequence[JsonObject]) -> None:
    """Let the rows of a scope that are numbered, or are versions, begin with the highest."""
    last = entity.identity[-1] if entity.identity else ""
    dated = bool(made_field(entity))
    scopes: dict[Key, list[JsonObject]] = {}
    for one in identities if last else ():
        if _COUNTING.fullmatch(as_text(one[last])) and (dated or "." in str(one[last])):
            scopes.setdefault(key_of(entity, one)[:-1], []).append(one)
    for group in scopes.values():
        numbers = sorted((one[last] for one in group), key=_count, reverse=True)
        for one, number in zip(group, numbers, strict=True):
            one[last] = number


def _count(number: Any) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", as_text(number))))


def date_down(entity: Entity, rows: Sequence[JsonObject], today: str) -> None:
    """Let what comes first in a scope of a composite identity, or has a number, be made last.

    What has begun a moment ago stays where it is.
    """
    born, fresh = made_field(entity), load_words("states", "at_once") | load_words("states", "soon")
    groups: dict[Key, list[JsonObject]] = {}
    for row in rows if born and entity.identity else ():
        numbered = _COUNTING.fullmatch(as_text(row.get(entity.identity[-1])))
        placed = is_dated(row.get(born)) and state_of(row, entity) not in fresh
        if placed and (numbered or len(entity.identity) > 1):
            groups.setdefault(key_of(entity, row)[:-1], []).append(row)
    for group in groups.values():
        moments = sorted((row[born] for row in group), reverse=True)
        for row, moment in zip(group, moments, strict=True):
            days = (day_of(moment) - day_of(row[born])).days
            past = [n for n, held in row.items() if is_dated(held) and has_happened(n)]
            for name in past:
                moved = shifted(row[name], days) if not is_birth(name) else row[name]
                row[name] = moved if moved[:DAY] < today else max(row[name], moment)
            row[born] = moment


def part_branches(entity: Entity, rows: Sequence[JsonObject], rng: Random) -> None:
    """Let each change be made on a branch of its own, that is called as the change is."""
    field = next(
        (n for n, f in entity.fields.items() if f.semantic == "branch" and not is_base(n)), ""
    )
    titled = next((n for n, f in entity.fields.items() if f.semantic == "title"), "")
    if named_as(entity.noun) != "change" or not field or not titled:
        return
    taken: set[tuple[Any, ...]] = set()
    for row in rows:
        if not isinstance(row.get(field), str) or not isinstance(row.get(titled), str):
            continue
        scope = tuple(as_text(row[name]) for name in entity.identity[:-1])
        fitting = _titles_by_branch(entity.noun).get(row[field])
        if fitting and (*scope, row[field]) not in taken:
            row[titled] = rng.choice(fitting)
            fit_texts(entity.noun, row, schemas_of(entity), (titled,), rng)
        else:
            row[field] = branch_for(row[titled])
        taken.add((*scope, row[field]))


@cache
def _titles_by_branch(noun: str) -> Mapping[str, Sequence[str]]:
    """Branch → titles of the changes that are made on it."""
    rng, found = Random(noun), dict[str, list[str]]()
    for one in (title(rng, noun) for _ in range(_TITLES)):
        found.setdefault(branch_for(one), []).append(one)
    return found
