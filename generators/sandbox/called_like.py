"""After what a kind of thing its rows are called: accounts that hold no money like firms."""

from generators.lexicon.money import is_perhaps_of_money, named_without_money, speaks_of_money
from generators.world.model import Entity, World


def called_like(world: World, entity: Entity) -> str:
    """The noun after which the rows of an entity are named, by what stands beside it."""
    if not is_perhaps_of_money(entity.noun):
        return entity.noun
    nouns = (one.noun for one in world.entities.values() if one.domain == entity.domain)
    tools = (one.name for one in world.models.values() if one.entity == entity.key)
    fine = speaks_of_money((*nouns, *entity.fields, *tools))
    return entity.noun if fine else named_without_money(entity.noun)
