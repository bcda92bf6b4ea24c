"""A row described by what a person knows of it: "the order from the 3rd of May with the kite"."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from generators.language.rows import is_naming, measured_name
from generators.language.scene import Scene
from generators.language.superlatives import VERBS
from generators.lexicon.dates import date_with_on, is_relative
from generators.lexicon.money import is_price
from generators.lexicon.names import join, label, split_words
from generators.lexicon.nouns import is_plural
from generators.lexicon.numbers import is_period
from generators.lexicon.tenses import START, is_deed, stage_of
from generators.world.model import Field
from schemas.semantic import SemanticType
from schemas.twists import Condition

PLACES: dict[SemanticType, int] = {
    "title": 0, "person_name": 0, "city": 1, "company": 1, "date": 1, "time": 1, "enum": 2,
    "label": 2, "list": 2, "color": 2, "country": 2, "rating": 3, "count": 3, "money": 3,
    "duration": 4, "email": 5,
}  # fmt: skip
"""Meanings of values by which people describe things: the most natural have the lowest number."""


class _Part(NamedTuple):
    """Where a condition's words stand, and the words."""

    place: int
    words: str


_NAME, _WAY, _WITH, _THAT = range(4)


def described(
    scene: Scene, fields: Mapping[str, Field], conditions: Sequence[Condition], noun: str
) -> str:
    """Words for the one row that fulfils the conditions; nothing else is said of it."""
    parts = sorted((_part(scene, fields[one.field], one, noun) for one in conditions),
                   key=lambda part: part.place)  # fmt: skip
    own = [part.words for part in parts if part.place == _NAME]
    if own and own[0][0] != "“":
        head = own[0]
    else:
        head = f"the {noun} " + " ".join(own) if own else f"the {noun}"
    ways = [part.words for part in parts if part.place == _WAY]
    things = [part.words for part in parts if part.place == _WITH]
    that = [part.words for part in parts if part.place == _THAT]
    withs = ["with " + join(things)] if things else []
    thats = ["that " + join(that)] if that else []
    return " ".join([head, *ways, *withs, *thats])


def _part(scene: Scene, field: Field, condition: Condition, noun: str) -> _Part:
    value, name = condition.value, condition.field
    said = scene.tell(
        value, field.semantic, f"{field.schema.get('description', '')} {field.unit or ''}"
    )
    if field.semantic == "title" and is_naming(name):
        return _Part(_NAME, said if said.startswith("“") else f"“{said}”")
    if field.semantic == "person_name" and is_naming(name):
        return _Part(_NAME, said)
    if field.semantic == "list":
        return _Part(_WITH, f"“{value}” in it")
    if field.semantic in ("date", "datetime"):
        return _in_time(name, said, noun)
    if field.semantic == "time":
        return (
            _Part(_WAY, f"at {said}")
            if stage_of(name) == START or name == "time"
            else _with(name, said)
        )
    if field.semantic in ("city", "country", "company"):
        words = set(split_words(name))
        if words & {"origin", "from", "departure", "source"}:
            return _Part(_WAY, f"from {said}")
        if words & {"destination", "to", "arrival", "target"}:
            return _Part(_WAY, f"to {said}")
        if field.semantic == "company":
            return _Part(_WAY, f"from {said}")
        return _Part(_WAY, f"in {said}")
    return _by_kind(condition, field.semantic, said, noun)


def _with(name: str, said: str) -> _Part:
    return _Part(_WITH, f"the {label(name)} {said}")


def dated(noun: str, name: str, said: str) -> str:
    """The row by a date of its own: ``the loan borrowed on …``, ``the offer that expires on …``."""
    part = _in_time(name, said, noun)
    lead = {_WITH: "with ", _THAT: "that "}.get(part.place, "")
    return f"the {noun} {lead}{part.words}"


def _in_time(name: str, said: str, noun: str) -> _Part:
    words = split_words(name)
    if words in (("date",), (noun.split()[-1], "date")):
        return _Part(_WAY, f"{'for' if is_relative(said) else 'from'} {said}")
    if is_deed(words[0]):
        return _Part(_WAY, f"{words[0]} {date_with_on(said)}")
    if len(words) == 2 and words[1] in ("by", "until"):
        return _Part(_WAY, f"{words[0]} {words[1]} {said}")
    if len(words) == 2 and words[1] == "on" and words[0] in VERBS:
        return _Part(_THAT, f"{words[0]} {date_with_on(said)}")
    return _with(name, said)


def _by_kind(condition: Condition, semantic: SemanticType, said: str, noun: str) -> _Part:
    name, value = condition.field, condition.value
    if semantic == "enum" and name in ("status", "state"):
        return _Part(_THAT, f"is {said}")
    if semantic == "money" and is_price(name):
        return _Part(_WAY, f"for {said}")
    if semantic == "rating" and name == "rating":
        return _Part(_WAY, f"rated {said}")
    if (measure := measured_name(name)) is not None and not isinstance(value, str):
        unit = measure[1]
        one = unit[:-1] if is_period(unit) and value == 1 else unit
        return _Part(_WITH, f"the {measure[0]} {said} {one}")
    if semantic in ("count", "duration", "rating") and is_plural(label(name)) and value != 1:
        return _Part(_WITH, f"{said} {label(name)}")
    own = name.removeprefix(f"{noun.replace(' ', '_')}_")
    return _with(own or name, said)
