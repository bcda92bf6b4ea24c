"""Which fields a row has only in some of its states: a reason where nothing is cancelled.

Told from names, and from the tools that write a field and change the state at once. Rows of the
sandbox leave such fields out, and results that are inferred do not demand them.
"""

from collections.abc import Sequence

from generators.lexicon.names import split_words
from generators.lexicon.tables import word_set
from generators.world.result_rows import result_row
from generators.world.tool_drafts import Draft
from schemas.world_model import EntityMeaning, Origin, ToolMeaning

ENDED = word_set(
    "cancelled canceled closed rejected returned declined dismissed resolved fixed exchanged "
    "refunded expired merged archived"
)
"""States that somebody gave a reason for."""
_WHY = word_set("reason resolution")
_WHEN = word_set("at on date by")
_STEM = 4


def with_conditions(
    entity: EntityMeaning, own: Sequence[tuple[Draft, ToolMeaning]]
) -> EntityMeaning:
    """The entity with the states in which its rows have a field, where they lack it in others."""
    shown = {
        name
        for draft, _ in own
        if draft.tool.returns is not None
        for name in result_row(draft.tool, draft.noun).get("required", ())
    }
    kept = shown.union(entity.identity or (), [entity.state_field or ""])
    fields = dict(entity.fields)
    for name, field in entity.fields.items():
        if entity.states and name not in kept:
            words = split_words(name)
            ended = [one for one in entity.states if one.lower() in ENDED]
            if words in (("state", "reason"), ("resolution",)):
                fitting = ended
            elif len(words) == 2 and words[1] == "reason":
                fitting = [one for one in ended if one.lower()[:_STEM] == words[0][:_STEM]]
            elif len(words) == 2 and words[1] in _WHEN:
                fitting = [one for one in ended if one.lower() == words[0]]
            else:
                fitting = []
            fitting = fitting or _by_writers(name, [one for _, one in own])
            if fitting:
                origins = {**field.origins, "only_in": Origin(source="rules", sure="guess")}
                update = {"only_in": tuple(fitting), "origins": origins}
                fields[name] = field.model_copy(update=update)
    return entity.model_copy(update={"fields": fields})


def _by_writers(field: str, own: Sequence[ToolMeaning]) -> list[str]:
    """The states that the writing tools lead to, where every tool that writes it leads to one."""
    if not _WHY & set(split_words(field)) and not field.endswith("_method"):
        return []
    writing = [
        tool
        for tool in own
        if any(one.field == field and one.use == "field" for one in tool.parameters.values())
    ]
    led = [state for tool in writing for state in (tool.transition or {}).values()]
    return led if len(led) == len(writing) else []
