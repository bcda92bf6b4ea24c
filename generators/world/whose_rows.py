"""Which values are one and the same in all rows of a kind: those of whoever is signed in.

A service whose tools tell no accounts apart is used from one account, and what it lists for
"a patient", where no call says which, is what belongs to the one who asks.
"""

import re
from collections.abc import Collection, Sequence
from itertools import takewhile

from generators.lexicon.deeds import opening_words
from generators.lexicon.names import noun_words, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words
from generators.world.model import Entity, ToolModel

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
    if _is_told_of(of or [kind], kind, find_asking(own)):
        return True
    named = {f"{entity.domain}/{' '.join(of)}", entity.fields[name].entity} - {None}
    several = not named.isdisjoint(listed)
    tenant = " ".join(of) in load_words("relations", "tenants")
    return tenant and kind in load_words("relations", "keys") and not several


def _is_told_of(of: Sequence[str], kind: str, people: Collection[str]) -> bool:
    """Whether a field says who somebody is, of one of these people: ``patient_date_of_birth``."""
    told = load_words("relations", "keys") | load_words("relations", "who_one_is") | {*of[:1]}
    return of[0] in people and kind in told


def find_asking(own: Sequence[ToolModel]) -> frozenset[str]:
    """What those are called of whom each list of such rows shows one's alone, without being told.

    It lists the reminders "of a user", or "your" own; what says whose is none of its parameters.
    """
    people: frozenset[str] | None = None
    for one in own:
        if one.operation == "list":
            named = {word for p in one.parameters for word in noun_words(p.name)}
            found = _find_people(one.tool.description) - named
            found = found if not named & load_words("inference", "people") else frozenset()
            people = found if people is None else people & found
    return people or frozenset()


def _find_people(description: str) -> frozenset[str]:
    """The people that a description's first sentence speaks of as one whose rows it lists."""
    words = opening_words(description)
    known = (
        load_words("inference", "served")
        | load_words("inference", "served_perhaps")
        | load_words("inference", "people")
    )
    mine = _OWN if {"your", "my"} & {*words} else frozenset[str]()
    ends = load_words("inference", "prepositions") | _GOES_ON
    told = ([*takewhile(lambda word: word not in ends, found.split())]
            for found in _FOR_ONE.findall(" ".join(words)))  # fmt: skip
    return mine | {singular(word) for phrase in told for word in phrase[-1:]} & known
