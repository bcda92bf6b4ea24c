"""A look whether a write was made all the same: the list that would show the new row."""

from generators.sandbox.errors import listed
from generators.sandbox.schema_validity import fits
from generators.tasks.feeding import Executed, scalars
from generators.tasks.plan import Plan
from generators.world.model import ToolModel

_SEEN_WHOLE = 10
"""From so many rows on, a list may have more than it shows."""
_NAMES = frozenset({"title", "person_name", "company", "email", "path"})


def find_look(plan: Plan, call: int) -> Executed | None:
    """The read that would show what a create has made, and does not; None where there is none.

    It is told no more than the create is. The turn wants nothing else, so that its report is of
    this alone.
    """
    made, turn = plan.done[call], plan.turns[plan.turn_of(call)]
    serving = {source for one in turn.calls for source in plan.done[one].sources}
    others = {one for one in turn.calls if one != call and not plan.done[one].looks}
    if made.model.operation != "create" or made.model.entity is None or others - serving:
        return None
    naming = [one.path for one in made.model.parameters if one.semantic in _NAMES]
    said = (made.arguments.get(path) for path in naming)
    names = {value for value in said if isinstance(value, str)}
    for reader in plan.setting.world.models.values():
        if reader.operation != "list" or reader.entity != made.model.entity:
            continue
        given = _find_arguments(reader, made)
        if given is None:
            continue
        origins = tuple(one for one in made.origins if one.path in given)
        outcome = plan.environment(before=call).call(reader.name, given)
        rows = listed(outcome.content)
        whole = rows is not None and len(rows) < (reader.tool.page_rows or _SEEN_WHOLE)
        if outcome.is_error or not whole or not fits(outcome.content, reader.returns):
            continue
        if names and names.isdisjoint(scalars(outcome.content)):
            return Executed(reader, given, origins, outcome.content, made.turn, looks=True)
    return None


def _find_arguments(reader: ToolModel, made: Executed) -> dict[str, object] | None:
    """What of the create's own arguments the list is told; None where that is not enough.

    What would leave out rows by itself might leave out the new one.
    """
    shared = {
        parameter.path
        for parameter in reader.parameters
        for own in made.model.parameters
        if parameter.path == own.path and parameter.entity == own.entity
        if parameter.use in ("identity", "reference") or parameter.required
    }
    given = {path: value for path, value in made.arguments.items() if path in shared}
    told = {origin.path for origin in made.origins}
    narrows = any(
        isinstance(schema.get("default"), str) for schema in reader.tool.properties.values()
    )
    lacking = set(reader.tool.required) - given.keys()
    return None if narrows or lacking or given.keys() - told else given
