"""After what a kind of thing its rows are called: accounts that hold no money like firms."""

from generators.lexicon.named_beside import means_several, named_beside
from generators.world.model import Entity, World


def called_like(world: World, entity: Entity) -> str:
    """The noun after which the rows of an entity are named, by what stands beside it.

    Empty where nobody knows how such things are named there.
    """
    if not means_several(entity.noun):
        return entity.noun
    nouns = (one.noun for one in world.entities.values() if one.domain == entity.domain)
    tools = (one.tool for one in world.models.values() if one.entity == entity.key)
    said = (text for one in tools for text in (one.name, one.description))
    return named_beside(entity.noun, (*nouns, *entity.fields, *said))
