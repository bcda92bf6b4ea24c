"""A row described by what a person knows of it: "the order from the 3rd of May with the kite"."""

from collections.abc import Sequence

from generators.language.rows import SpokenField, is_naming
from generators.language.scene import Scene
from generators.lexicon.date_field_names import START, is_deed, stage_of
from generators.lexicon.meanings import is_price
from generators.lexicon.names import join, label, split_words
from generators.lexicon.spoken_values import date_with_on, is_relative
from generators.lexicon.tables import load_table
from schemas.semantic import SemanticType

PLACES: dict[SemanticType, int] = {
    "title": 0, "person_name": 0, "city": 1, "company": 1, "date": 1, "time": 1, "enum": 2,
    "label": 2, "list": 2, "color": 2, "country": 2, "rating": 3, "count": 3, "money": 3,
    "duration": 4, "email": 5,
}  # fmt: skip
"""Meanings of values by which people describe things: the most natural have the lowest number."""
OWN_MOMENTS = frozenset("expires starts begins ends arrives departs leaves opens closes".split())
"""What a thing does at a time of its own."""
_STEM = 4
"""Letters by which a deed and what comes of it are alike: booked, booking."""
_NAME, _WAY, _WITH, _THAT = range(4)
"""Where a condition's words stand: the name, what follows it, "with" something, "that" is so."""
_WAYS = {
    "from": frozenset({"origin", "from", "departure", "source"}),
    "to": frozenset({"destination", "to", "arrival", "target"}),
}
"""Preposition before a place → names of fields that hold such a place."""
_PLAIN = {
    ("enum", "status"): (_THAT, "is {}"),
    ("enum", "state"): (_THAT, "is {}"),
    ("rating", "rating"): (_WAY, "rated {}"),
    ("time", "time"): (_WAY, "at {}"),
    **{("time", moment): (_THAT, f"{moment} at {{}}") for moment in OWN_MOMENTS},
}
"""Meaning and name of a field → where its words stand, and the words."""


def described(scene: Scene, fields: Sequence[SpokenField], noun: str) -> str:
    """Words for the one row that has these values; nothing else is said of it."""
    parts: dict[int, list[str]] = {_NAME: [], _WAY: [], _WITH: [], _THAT: []}
    for field in fields:
        place, words = _describe(scene, field, noun)
        parts[place].append(words)
    names = parts[_NAME]
    head = " ".join([f"the {noun}", *names])
    if names and names[0][0] != "“":
        head = names[0]
    withs = ["with " + join(parts[_WITH])] if parts[_WITH] else []
    thats = ["that " + join(parts[_THAT])] if parts[_THAT] else []
    return " ".join([head, *parts[_WAY], *withs, *thats])


def _describe(scene: Scene, field: SpokenField, noun: str) -> tuple[int, str]:
    """One value in words, and where they stand."""
    value, name, semantic = field.value, field.name, field.semantic
    said = scene.tell(value, semantic, field.about)
    naming = is_naming(name) or is_naming(field.label)
    if semantic in ("title", "person_name") and naming:
        quoted = semantic == "person_name" or said.startswith("“")
        return _NAME, said if quoted else f"“{said}”"
    if semantic == "person_name":
        people: dict[str, list[str]] = load_table("telling")["ways_of_people"]
        marked = {*split_words(name)}
        way = next((way for way, marks in people.items() if not marked.isdisjoint(marks)), "with")
        return (_WITH, said) if way == "with" else (_WAY, f"{way} {said}")
    if semantic == "list":
        return _WITH, f"“{value}” in it"
    if semantic in ("time", "datetime") and stage_of(name) == START:
        return _WAY, f"{'at' if semantic == 'time' else 'on'} {said}"
    if semantic in ("date", "datetime"):
        return _put_in_time(name, said, noun)
    if semantic in ("city", "country", "company"):
        ways = (way for way, ends in _WAYS.items() if not ends.isdisjoint(split_words(name)))
        return _WAY, f"{next(ways, 'from' if semantic == 'company' else 'in')} {said}"
    if (semantic, name) in _PLAIN:
        place, words = _PLAIN[semantic, name]
        return place, words.format(said)
    if semantic == "money" and is_price(name):
        return _WAY, f"for {said}"
    own = name if semantic == "time" else name.removeprefix(f"{noun.replace(' ', '_')}_")
    if label(name).endswith((" to", " by")):
        return _WAY, f"{label(name)} {said}"
    return _WITH, f"the {label(own or name)} {said}"


def _put_in_time(name: str, said: str, noun: str) -> tuple[int, str]:
    """``borrowed on …``, ``that expires on …``, ``from the 3rd of May``."""
    words = split_words(name)
    if words in (("date",), (noun.split()[-1], "date")):
        return _WAY, f"{'for' if is_relative(said) else 'from'} {said}"
    if stage_of(name) == START:
        return _WAY, f"{'for' if is_relative(said) else 'from'} {said}"
    if is_deed(words[0]) and words[0][:_STEM] == noun.split()[-1][:_STEM]:
        return _WAY, f"made {date_with_on(said)}"  # a booking, booked on: "from" is when it begins
    if is_deed(words[0]) or words[0] == "due":
        return _WAY, f"{words[0]} {date_with_on(said)}".removeprefix(f"{noun} ")
    if len(words) == 2 and words[1] in ("by", "until"):
        return _WAY, f"{words[0]} {words[1]} {said}"
    if len(words) == 2 and words[1] == "on" and words[0] in OWN_MOMENTS:
        return _THAT, f"{words[0]} {date_with_on(said)}"
    return _WITH, f"the {label(name)} of {said}"
