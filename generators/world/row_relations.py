"""What rules conclude of how the fields of a row belong together: constraints of the world model.

A part is not above its whole, a way does not end where it begins, a count counts, a total is what
the rows referred to cost. Names and meanings of fields tell it (`generators.lexicon.relations`);
what a person or a model says of an entity's constraints takes the place of all that.

A service whose tools tell no accounts apart is used from one account: values that belong to whoever
is signed in are the same in all rows of a kind.
"""

import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, takewhile

from generators.identity_cache import remembered
from generators.lexicon.names import in_words, noun_words, snake, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.relations import counted_lists, opposite_ends, parts_of_wholes
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import opening_words
from generators.world.model import Entity, ToolModel
from generators.world.schema_leaves import plain_schema, schema_type
from schemas.world_model import Constraint, EntityMeaning, FieldMeaning

_words = partial(load_words, "relations")

Fields = Mapping[str, FieldMeaning]


def conclude_constraints(
    entity: EntityMeaning, entities: Mapping[str, Fields]
) -> tuple[Constraint, ...]:
    """What holds in every row of an entity; ``entities`` are the fields of each kind, by noun."""
    plain = {name: one for name, one in entity.fields.items() if name.isidentifier()}
    free = {name: one for name, one in plain.items() if name not in (entity.identity or ())}
    numbers = tuple(name for name, one in plain.items() if _kind(one) in ("integer", "number"))
    found = [Constraint(holds=f"{part} <= {whole}") for part, whole in parts_of_wholes(numbers)]
    for one, other in opposite_ends(tuple(plain)):
        first, second = plain[one], plain[other]
        alike = first.semantic == second.semantic and first.entity == second.entity
        if alike and (first.semantic in _words("end_meanings") or first.entity):
            found.append(Constraint(holds=f"{one} != {other}"))
    names = tuple(name for name, one in plain.items() if _kind(one) in ("integer", "array"))
    for count, listed in counted_lists(names):
        if _kind(plain[count]) == "integer" and _kind(plain[listed]) == "array":
            found.append(Constraint(field=count, equals=f"count({listed})"))
    more = (
        _flags(plain, entity.state_field or ""),
        _same_ids(plain, (entity.identity or ("",))[-1]),
        _ways(plain, entity.parts),
        _totals(plain, entities),
        _held(free, plain, entities),
    )
    return tuple(dict.fromkeys(chain(found, *more)))


@remembered
def _kind(field: FieldMeaning) -> str:
    return schema_type(plain_schema(dict(field.json_schema or {})))


def _same_ids(fields: Fields, key: str) -> Iterator[Constraint]:
    """An order that is known by its ``order_id`` has no other ``id``."""
    own, other = fields.get(key), fields.get("id")
    if own is None or other is None or key == "id" or noun_words(key)[-1:] != ("id",):
        return
    if own.semantic == other.semantic and _kind(own) == _kind(other):
        yield Constraint(field="id", equals=key)


def _flags(fields: Fields, state: str) -> Iterator[Constraint]:
    """A draft that is merged is none any more."""
    for flag, states in load_table("relations")["unset"].items():
        choices = (fields[state].choices or ()) if state in fields else ()
        ended = [one for one in choices if in_words(str(one)) in states]
        if flag in fields and _kind(fields[flag]) == "boolean" and ended:
            yield Constraint(field=flag, equals="False", when=f"{state} in {ended!r}")


def _ways(fields: Fields, parts: Container[str]) -> Iterator[Constraint]:
    """One way has one leg, there and back two, one after the other."""
    legs = [
        name
        for name, one in fields.items()
        if _kind(one) == "array"
        and noun_words(name)[-1:]
        and noun_words(name)[-1] in _words("legs")
    ]
    dated = next((name for name in legs if f"{name}[].date" in parts), "")
    if dated:
        yield Constraint(holds=f"{dated}[0].date <= {dated}[-1].date")
    for name, one in fields.items():
        for choice in one.choices or ():
            size = load_table("relations")["ways"].get(snake(str(choice)))
            if legs and size is not None:
                yield Constraint(holds=f"count({legs[0]}) == {size}", when=f"{name} == {choice!r}")


def _totals(fields: Fields, entities: Mapping[str, Fields]) -> Iterator[Constraint]:
    """A total is what the things cost that the row lists by their ids."""
    totals = [name for name in fields if snake(name) in _words("totals")]
    for name, one in fields.items():
        priced = entities.get(one.entity or "", {})
        price = next((field for field in priced if snake(field) in _words("prices")), None)
        key = next(iter(priced), "")
        if (
            _kind(one) != "array"
            or price is None
            or not key.isidentifier()
            or " " in str(one.entity)
        ):
            continue
        for total in totals:
            listed = f"rows({one.entity}, {key}={name})[].{price}"
            yield Constraint(field=total, equals=f"round(sum({listed}), 2)")


def _held(fields: Fields, whole: Fields, entities: Mapping[str, Fields]) -> Iterator[Constraint]:
    """An id that the owner of the row holds in a list is one of those."""
    owners = [one.entity for one in whole.values() if one.entity and " " not in one.entity]
    for name, one in fields.items():
        if one.entity or one.semantic != "opaque_id" or _kind(one) == "array":
            continue
        for owner in dict.fromkeys(owners):
            for listed, held in entities.get(owner or "", {}).items():
                if _kind(held) == "array" and noun_words(listed) == noun_words(name):
                    yield Constraint(holds=f"{name} in {owner}.{listed}")


_OWN = frozenset({"user", "owner"})
"""What a field calls the one who asks where a tool calls what it lists "your" own."""
_FOR_ONE = re.compile(r"\b(?:for|of|by|to) (?:an?|the|one|this)((?: \w+){1,5})")
_GOES_ON = frozenset({"and", "or", "that", "who", "whose"})


def is_one_for_all(
    name: str, entity: Entity, own: Sequence[ToolModel], listed: Collection[str | None]
) -> bool:
    """Whether all rows have the same: the account that is signed in, the owner of what is mine.

    ``listed``: the entities of which a tool shows several without being told which.
    """
    if name == "owner":
        lists = (split_words(one.tool.clear_name) for one in own if one.operation == "list")
        if any(load_words("relations", "mine") & {*words} for words in lists):
            return True
    *of, kind = split_words(name) or ("",)
    whose = (of or [kind])[0]
    told = load_words("relations", "keys") | load_words("relations", "who_one_is") | {whose}
    if kind in told and whose in find_asking(own):
        return True  # who somebody is, of those people: ``patient_date_of_birth``
    named = {f"{entity.domain}/{' '.join(of)}", entity.fields[name].entity} - {None}
    several = not named.isdisjoint(listed)
    tenant = " ".join(of) in load_words("relations", "tenants")
    return tenant and kind in load_words("relations", "keys") and not several


def find_asking(own: Sequence[ToolModel]) -> frozenset[str]:
    """What those are called of whom each list of such rows shows one's alone, without being told.

    It lists the reminders "of a user", or "your" own; what says whose is none of its parameters.
    """
    people: frozenset[str] | None = None
    served = load_words("inference", "served") | load_words("inference", "served_perhaps")
    known = served | load_words("inference", "people")
    ends = load_words("inference", "prepositions") | _GOES_ON
    for one in (one for one in own if one.operation == "list"):
        # Of whom the first sentence speaks as one whose rows it lists.
        words = opening_words(one.tool.description)
        told = ([*takewhile(lambda word: word not in ends, found.split())]
                for found in _FOR_ONE.findall(" ".join(words)))  # fmt: skip
        named = {word for p in one.parameters for word in noun_words(p.name)}
        mine = _OWN if {"your", "my"} & {*words} else frozenset[str]()
        found = mine | {singular(word) for phrase in told for word in phrase[-1:]} & known
        found = frozenset() if named & load_words("inference", "people") else found - named
        people = found if people is None else people & found
    return people or frozenset()
