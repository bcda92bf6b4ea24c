"""Who writes: a row of the world whose things a chain of calls can be about."""

from dataclasses import replace
from random import Random

from generators.backends.backend import ShownRows
from generators.identity_cache import Same
from generators.sandbox.own_rows import OwnRows, Scope, find_ties, find_user, full_name
from generators.sandbox.row_values import key_of
from generators.tasks.clock import Setting
from schemas.graph import ToolChain
from schemas.task import Person

_LOOKED_AT = 8
"""Persons among whom the one is chosen who has the most of what the calls are about."""


def choose_person(setting: Setting, chain: ToolChain, rng: Random) -> Setting:
    """The setting with one who writes; without where that is no row, or somebody new."""
    world = setting.world
    models = [world.models[step.tool] for step in chain.steps]
    domain = models[0].tool.domain
    user = find_user(Same(world), domain)
    if user is None or any(m.operation == "create" and m.entity == user.key for m in models):
        return setting
    named = {one.entity for model in models for one in model.parameters if one.required}
    named |= {model.entity for model in models if model.operation != "create"}
    ties = find_ties(Same(world), user.key)
    wanted = [world.entities[key] for key in sorted(ties.keys() & named)]
    shown = ShownRows(world, setting.open(), lambda _: (), setting.clock.isoformat())
    people = list(shown.rows(user))
    best, most = setting, -1
    for row in rng.sample(people, min(len(people), _LOOKED_AT)):
        key = " ".join(key_of(user, row))
        scope = Scope(domain, user.key, key)
        own = OwnRows(shown, scope)
        count = sum(bool(own.rows(entity)) for entity in wanted)
        if count > most:
            person = Person(entity=user.noun, key=key, name=full_name(user, row))
            best, most = replace(setting, scope=scope, person=person), count
        if most == len(wanted):
            break
    return best
