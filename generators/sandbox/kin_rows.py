"""What must agree across rows: the newest come first, changes have branches of their own.

A booking is paid by what its user has on file, and the first of its guests is who has booked.
Called while a world's rows are made (`generators.sandbox.seeding`).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any
from zlib import crc32

from generators.lexicon.date_field_names import (
    has_happened,
    is_birth,
    tells_change,
    tells_making,
)
from generators.lexicon.meanings import is_base
from generators.lexicon.names import capital, in_words, noun_words
from generators.lexicon.nouns import named_as
from generators.lexicon.tables import load_words
from generators.sandbox.file_values import branch_for
from generators.sandbox.phrases import title
from generators.sandbox.row_sense import fit_texts
from generators.sandbox.row_states import state_of
from generators.sandbox.row_values import Key, Row, as_text, key_of, schemas_of
from generators.sandbox.schema_validity import simple
from generators.sandbox.text_values import Want, lone_example
from generators.sandbox.times import DAY, day_of, is_dated, shifted
from generators.world.model import Entity, Field, ParameterModel, ToolModel
from schemas.record import JsonObject

_COUNTING = re.compile(r"v?\d+(?:\.\d+)*", re.IGNORECASE)
_LIFE = 20_000
"""Days among which a birthday is, that is one in all rows of its owner."""
_AREAS = ("city", "state", "country")
_PLACES = (*_AREAS, "street", "zip", "address")
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
            early = [n for n, held in row.items() if is_dated(held) and held[:DAY] < moment[:DAY]]
            for name in [one for one in early if not (has_happened(one) or is_birth(one))]:
                # What was due is behind its beginning, and still over.
                left = (date.fromisoformat(today) - day_of(moment)).days
                after = (day_of(moment) - day_of(row[name])).days + max(left, 0) // 2
                row[name] = shifted(row[name], after)


def say_once(entity: Entity, noun: str, rows: Sequence[JsonObject], told: Collection[str]) -> None:
    """Let the first of the rows alone hold the one name or sentence that is known for a field.

    ``noun``: after which they are named. ``told``: fields that hold what somebody said of them.
    """
    for name, field in entity.fields.items():
        if field.examples or field.common or field.shared or name in (*entity.identity, *told):
            continue
        known = lone_example(Want(field.semantic, simple(field.schema), name, noun))
        saying = [row for row in rows if known and row.get(name) == known]
        for row in saying[1:]:
            del row[name]


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
            free = [one for one in _titles_by_branch(entity.noun) if (*scope, one) not in taken]
            if (*scope, row[field]) in taken and free:  # two titles, and one branch for both
                row[field] = rng.choice(free)
                row[titled] = rng.choice(_titles_by_branch(entity.noun)[row[field]])
                fit_texts(entity.noun, row, schemas_of(entity), (titled,), rng)
        taken.add((*scope, row[field]))


def name_after_branch(
    noun: str, parameters: Sequence[ParameterModel], made: JsonObject, known: Row, rng: Random
) -> None:
    """Let a change that a call names be called as the branch on which it is made.

    ``known``: the change as it is, where the call gives it another title.
    """
    titled = next((p.path for p in parameters if p.semantic == "title" and p.path in made), "")
    if named_as(noun) != "change" or not titled:
        return
    held = {**known, **made}
    branches = (n for n in held if not is_base(n) and isinstance(held[n], str))
    fitting = next(filter(None, map(_titles_by_branch(noun).get, (held[n] for n in branches))), ())
    if fitting:
        others = [one for one in fitting if one != known.get(titled)]
        made[titled] = rng.choice(others or fitting)


def name_after_file(
    model: ToolModel, parameters: Sequence[ParameterModel], made: JsonObject
) -> None:
    """Let the message of a commit say what is done to the one file: ``Delete roadmap.md``."""
    paths = [p.path for p in model.parameters if p.semantic == "path"]
    said = [p.path for p in parameters if in_words(p.name) in ("message", "commit message")]
    path = made.get(paths[0]) if len(paths) == len(said) == 1 else None
    file = path.rpartition("/")[2] if isinstance(path, str) else ""
    if "." in file and said[0] in made and " " not in model.verb:  # no folder
        made[said[0]] = f"{capital(model.verb)} {file}"


@cache
def _titles_by_branch(noun: str) -> Mapping[str, Sequence[str]]:
    """Branch → titles of the changes that are made on it."""
    rng, found = Random(noun), dict[str, list[str]]()
    for one in (title(rng, noun) for _ in range(_TITLES)):
        found.setdefault(branch_for(one), []).append(one)
    return found


# -- what a row holds of those to whom it belongs: their means of payment, their own names


def take_from_owners(
    row: JsonObject, identity: Sequence[str], owners: Iterable[Row], begin: Callable[[], Random]
) -> None:
    """Let what the row refers to be of the lists that its owners hold, and name them first.

    Its own ``identity`` stays. ``begin`` gives the stream to draw from, where there are such lists.
    """
    own = [noun_words(name) for name in identity]
    rng: Random | None = None
    for owner in owners:
        lists = {
            noun_words(name): held
            for name, held in owner.items()
            if isinstance(held, list)
            and held
            and all(isinstance(one, str) for one in held)
            and noun_words(name) not in own
        }
        if lists:
            rng = rng or begin()
            _choose(row, lists, rng)
        for name, held in row.items():
            if isinstance(held, list):
                last = noun_words(name)[-1:]
                if load_words("meanings", "people").intersection(last):
                    _name_first(held, owner)


def take_address(row: JsonObject, fields: Mapping[str, Field], owners: Iterable[Row]) -> None:
    """Let what is sent go to where its owner lives, where both say an address alike."""
    parts = [name for name in row if name in fields and fields[name].semantic in _PLACES]
    if all(fields[name].semantic in _AREAS for name in parts):
        return
    for owner in owners:
        if all(isinstance(owner.get(name), str) for name in parts):
            row.update({name: owner[name] for name in parts})


def _choose(value: Any, lists: Mapping[tuple[str, ...], Sequence[str]], rng: Random) -> None:
    """Put one of the lists' values where a field is so called, however deep it lies."""
    inner = value.items() if isinstance(value, dict) else ()
    for name, held in list(inner):
        known = lists.get(noun_words(name))
        if known and isinstance(held, str):
            value[name] = held if held in known else rng.choice(known)
        _choose(held, lists, rng)
    if not isinstance(value, list):
        return
    for one in value:
        _choose(one, lists, rng)
    # Each element is about another of them: no booking is paid twice with one card.
    told = {name for one in value if isinstance(one, dict) for name in one}
    for name in sorted(told):
        if noun_words(name) in lists:
            first = {str(one[name]): one for one in reversed(value) if name in one}
            value[:] = [one for one in value if first.get(str(one.get(name)), one) is one]


def _name_first(people: list[Any], owner: Row) -> None:
    """Let the first of a list of people be the owner, where both say their names."""
    first, _, last = str(owner.get("name", "")).partition(" ")
    told = {"first_name": owner.get("first_name", first), "last_name": owner.get("last_name", last)}
    named = all(isinstance(one, str) and one for one in told.values())
    if not (named and people and isinstance(people[0], dict) and told.keys() <= people[0].keys()):
        return
    people[0].update(told)
    born = date(1950, 1, 1) + timedelta(crc32(" ".join(told.values()).encode()) % _LIFE)
    for name in [name for name in people[0] if is_birth(name) and is_dated(people[0][name])]:
        people[0][name] = born.isoformat() + people[0][name][DAY:]
