"""Which calls nobody would make after which: rules of common sense for chains.

Rows are not known yet when a chain is drawn, so the rules take two calls about one kind of thing
for calls about one thing.
"""

from collections.abc import Sequence

from generators.lexicon.names import split_words
from generators.world.conditions import ENDED
from generators.world.model import ToolModel


def sensible(earlier: Sequence[ToolModel], later: ToolModel) -> bool:
    """Whether ``later`` may follow calls of ``earlier`` in one conversation."""
    return not any(_clash(first, later) for first in earlier)


def _clash(first: ToolModel, then: ToolModel) -> bool:
    if not first.writes:
        return False
    if first.name == then.name:
        return True  # the same change twice
    if first.entity is None:
        return False
    if first.operation == "delete":
        return first.entity in _named(then)  # what is gone is not asked for
    if first.entity != then.entity or not then.writes:
        return False
    if then.operation == "delete" or (first.operation == "create" and _ends(then)):
        return True  # made or changed only to be thrown away
    moves = first.transition is not None or then.transition is not None
    return first.operation == "update" and then.operation == "update" and moves


def _ends(model: ToolModel) -> bool:
    """Whether the tool does away with a row: destroys it, cancels it, takes it back."""
    state = model.transition[1] if model.transition is not None else ""
    return model.tool.destructive or not ENDED.isdisjoint(split_words(state))


def _named(model: ToolModel) -> frozenset[str]:
    """Entities of which the tool needs an existing row."""
    return frozenset(
        parameter.entity
        for parameter in model.parameters
        if parameter.entity and parameter.use in ("identity", "reference")
    )
