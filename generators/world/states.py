"""The states of rows: what an update sets by itself, and which fields only some states have.

Cancelling leaves an order cancelled; a cancelled order alone has a reason. Which states rows can
be in is concluded here where no result of the source says so.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from generators.lexicon.names import snake, split_words
from generators.lexicon.tables import load_words, word_set
from generators.lexicon.verbs import (
    all_states,
    all_verbs,
    state_after,
    state_spellings,
    states_before,
)
from generators.world.result_rows import result_row
from generators.world.schema_leaves import plain_schema
from generators.world.semantics import semantic_type
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.world_model import EntityMeaning, Origin, ToolMeaning

_words = partial(load_words, "inference")

_CHANGED = re.compile(r"\b(?:status|state)\b[^.'\"]{0,40}\b(?:to|as|be)\s+['\"]([\w -]+)['\"]")
_NO_STATES = frozenset({"all", "any", "none", ""})


_MEANINGS = ("enum", "label", "unknown")
"""Of a column that may hold a state: the state in an address is none."""


def target_state(draft: ToolDraft) -> str | None:
    """Say which state the tool leaves its row in; None where it changes none by itself."""
    if draft.operation != "update" or (draft.facet and not state_after(draft.reading.verb)):
        return None
    if draft.sets is not None:
        return draft.sets or None
    told = _CHANGED.search(draft.tool.description)
    if told:
        return told[1]
    if draft.reading.state:
        return draft.reading.state
    return state_after(draft.reading.verb) or None


def status_field(columns: Mapping[str, JsonObject]) -> str | None:
    """Find the column that holds a row's state: ``status``, ``state``, ``order_status``."""
    texts = [name for name in columns if semantic_type(name, columns[name]) in _MEANINGS]
    found = [name for wanted in ("status", "state") for name in texts if snake(name) == wanted]
    found += [name for name in texts if snake(name).endswith(("_status", "_state"))]
    return next(iter(found), None)


def spelled_state(state: str, schema: JsonObject) -> str | None:
    """Spell the state as the field's enum does; None where the enum has no such state."""
    values = plain_schema(schema).get("enum")
    if not isinstance(values, list):
        return state
    wanted = [_plain(word) for word in (state, *state_spellings(state))]
    for word in wanted:
        for value in values:
            if isinstance(value, str) and _plain(value) == word:
                return value
    return None


def _plain(word: str) -> str:
    return word.casefold().replace("_", " ").replace("-", " ")


def states_of(own: Iterable[ToolDraft], told: Iterable[str] = ()) -> list[str]:
    """Gather the states that a kind's tools speak of: those before a change, then those after."""
    before: list[str] = []
    after: list[str] = []
    for draft in own:
        state = target_state(draft)
        if state is None:
            continue
        before += [word for word in draft.reading.qualifiers if word in all_states()]
        before += states_before(draft.reading.verb)
        after.append(state)
    if after and not set(before) - set(after):
        before += [_before(state) for state in after]
    spoken = [value for value in told if value.casefold() not in _NO_STATES]
    known = {_plain(value) for value in spoken}
    fresh = [state for state in (*sorted(set(before)), *sorted(set(after))) if state not in known]
    return [*spoken, *dict.fromkeys(fresh)] if spoken else list(dict.fromkeys(fresh))


def _before(state: str) -> str:
    """A state that a row may be in before it is in this one; else nothing could lead to it."""
    known = [v.before[0] for v in all_verbs().values() if v.state == _plain(state)]
    unset = f"un{_plain(state)}"
    return unset if unset in _UNSET else next(iter(known), "closed" if state == "open" else "open")


_UNSET = frozenset({"unread", "unseen", "unresolved", "unpaid"})


_WHY = word_set("reason resolution")
_WHEN = word_set("at on date by")
_STEM = 4


def with_conditions(
    entity: EntityMeaning, own: Sequence[tuple[ToolDraft, ToolMeaning]]
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
            ended = [one for one in entity.states if one.lower() in _words("ended")]
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
