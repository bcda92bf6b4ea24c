"""What a reader would say that a tool does: one of eight acts, finer than the operation.

The operation says how a call is executed; the act how people speak of it. A search and a list are
executed alike, so are an update and a change of state; and what is looked up where no rows are
kept, such as the weather, is executed as a computation and still a get to a reader.
"""

from generators.lexicon.verbs import is_search, operation_of, state_after
from generators.world.model import ToolModel
from schemas.acts import Act


def act_of(model: ToolModel) -> Act:
    """Derive the act from operation, verb, parameters and transition."""
    if model.operation == "list":
        return "search" if _is_search(model) else "list"
    if model.operation == "update":
        return "transition" if _is_transition(model) else "update"
    if model.operation == "compute":
        return looked_up(model.verb)
    return model.operation


def _is_search(model: ToolModel) -> bool:
    """A verb that means it, or words that must be given; a scope that must be is none."""
    return is_search(model.verb) or any(
        one.use == "query" and one.required for one in model.parameters
    )


def _is_transition(model: ToolModel) -> bool:
    return model.transition is not None or bool(state_after(model.verb))


def looked_up(verb: str) -> Act:
    """The act of a computation: one whose verb only reads looks up something that has no rows."""
    if is_search(verb):
        return "search"
    usual = operation_of(verb)
    return usual if usual in ("get", "list") else "compute"
