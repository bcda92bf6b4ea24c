"""What is the user's own: they say "my order" and "me", the assistant "your order" and "you"."""

import re
from functools import lru_cache

from generators.identity_cache import Same
from generators.language.scene import Hidden, Scene
from generators.sandbox.own_rows import find_ties, find_user
from generators.world.model import ParameterModel, World
from schemas.leaves import leaves, value_at
from schemas.task import Origin

_PLACES = "first|second|third|fourth|fifth|last|cheapest"


def is_user(scene: Scene, origin: Origin, parameter: ParameterModel) -> bool:
    """Whether a leaf that is taken from a result names the person who writes."""
    person, entity = scene.task.person, scene.world.entities.get(parameter.entity or "")
    if person is None or entity is None or entity.noun != person.entity or origin.call is None:
        return False
    return str(value_at(scene.results[origin.call], origin.result_path or "")) == person.key


def finds_user(scene: Scene, call: int) -> bool:
    """Whether a call looks up the one who writes: their account, their record."""
    person, model = scene.task.person, scene.model(call)
    entity = scene.world.entities.get(model.entity or "")
    if person is None or entity is None or entity.noun != person.entity or model.writes:
        return False
    return any(str(value) == person.key for _, value in leaves(scene.results[call]))


def say_own(scene: Scene, words: str, hidden: Hidden) -> str:
    """``the order from Monday`` → ``my order from Monday``, where such things are the user's."""
    whose = "your" if hidden.resolved else "my"
    for noun in sorted(_own_nouns(scene), key=len, reverse=True):
        thing = rf"((?:(?:{_PLACES}) )?{re.escape(noun)})\b(?! of (?:that|my|your) )"
        words = re.sub(rf"\bthe {thing}", rf"{whose} \1", words)
    return words


def whose_own(scene: Scene, noun: str, hidden: Hidden) -> str:
    """``my``, ``your`` or nothing, before things of that noun."""
    if noun not in _own_nouns(scene):
        return ""
    return "your " if hidden.resolved else "my "


def _own_nouns(scene: Scene) -> frozenset[str]:
    return _find_own(Same(scene.world), scene.task.domain, scene.task.person is not None)


@lru_cache(maxsize=256)
def _find_own(world: Same[World], domain: str, known: bool) -> frozenset[str]:
    """Find the nouns of what belongs to whoever writes; ``known``: they are a row of the world."""
    entities = [one for one in world.it.entities.values() if one.domain == domain]
    user = find_user(world, domain) if known else None
    if user is not None:
        return frozenset(world.it.entities[key].noun for key in find_ties(world, user.key))
    own = {one.key for one in entities if one.is_users}
    for _ in entities:
        own |= {one.key for one in entities if one.owner in own}
    return frozenset(world.it.entities[key].noun for key in own)
