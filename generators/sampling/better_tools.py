"""Tools whose work another tool of the catalogue does better: nobody picks them for a wish.

A tool that completes what is typed serves no look-up where there is a search, and one that takes
many serves no wish about a single row where there is one for that. Both are gates of
`generators.sampling.wishes`.
"""

from collections.abc import Iterator

from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.sampling.errands import Errand
from generators.world.model import ParameterModel, ToolModel

_NAMING = ("identity", "reference", "filter")


def only_suggests(errand: Errand) -> bool:
    """Whether it completes or suggests what is looked for, and a search finds the same things."""
    model, suggesting = errand.model, load_words("inference", "suggesting")
    if model.writes or suggesting.isdisjoint(errand.words):
        return False
    return any(
        suggesting.isdisjoint(split_words(other.tool.clear_name))
        and other.operation == "list"
        and any(one.use == "query" and one.required for one in other.parameters)
        and (other.entity == model.entity or {*other.noun.split()} <= {*model.noun.split()})
        for other in _list_others(errand)
    )


def is_for_several(errand: Errand) -> bool:
    """Whether a read takes ids in a list, and another shows the same of the one that is meant."""
    model = errand.model
    keyed = _find_key(errand.model)
    if model.writes or keyed is None or "[]" not in keyed.path:
        return False
    keys = (_find_key(one) for one in _list_others(errand) if one.entity == model.entity)
    singles = (one for one in keys if one is not None and "[]" not in one.path)
    return any((one.entity, one.field) == (keyed.entity, keyed.field) for one in singles)


def _list_others(errand: Errand) -> Iterator[ToolModel]:
    """The other reads of the same service."""
    model = errand.model
    others = errand.world.models.values()
    same = (one for one in others if one.tool.domain == model.tool.domain and not one.writes)
    return (one for one in same if one is not model)


def _find_key(model: ToolModel) -> ParameterModel | None:
    """What says of which row a read is, where nothing else has to be told."""
    needed = [one for one in model.parameters if one.required]
    return needed[0] if len(needed) == 1 and needed[0].use in _NAMING else None
