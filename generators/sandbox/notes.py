"""Notes on rows: what was done that no field tells of, such as saved, triggered or checked.

So such a write leaves its trace in the state, though in no result.
"""

from generators.sandbox.compiled_tools import CompiledTool
from generators.sandbox.row_values import Row, copied
from generators.world.model import Entity
from schemas.record import JsonObject

_MARK = "~"
"""Begins the names of notes, which no field's name does."""


def noted(plan: CompiledTool, entity: Entity, row: Row, element: JsonObject) -> JsonObject:
    """The row with a note of the call: the same call again changes nothing more."""
    told = {name: value for name, value in element.items() if name not in entity.identity}
    return {**row, f"{_MARK}{plan.model.name}": told}


def bare(row: Row) -> JsonObject:
    """A copy of the row without notes."""
    return {name: copied(value) for name, value in row.items() if not name.startswith(_MARK)}
