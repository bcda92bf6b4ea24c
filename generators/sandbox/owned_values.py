"""What a row holds of those to whom it belongs: their means of payment, their own names.

A booking is paid by what its user has on file, and the first of its guests is who has booked. Which
rows a row belongs to is known in `generators.sandbox.seeding`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from zlib import crc32

from generators.lexicon.date_field_names import is_birth
from generators.lexicon.names import noun_words
from generators.lexicon.tables import load_words
from generators.sandbox.row_values import Row
from generators.sandbox.times import DAY, is_dated
from generators.world.model import Field
from schemas.record import JsonObject

_LIFE = 20_000
"""Days among which a birthday is, that is one in all rows of its owner."""
_AREAS = ("city", "state", "country")
_PLACES = (*_AREAS, "street", "zip", "address")


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
