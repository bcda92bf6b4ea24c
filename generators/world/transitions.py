"""What an update sets by itself: cancelling leaves an order cancelled.

Also which states a kind's rows can be in, where no result of the source says so.
"""

import re
from collections.abc import Iterable, Mapping

from generators.lexicon.names import snake
from generators.lexicon.verbs import (
    all_states,
    all_verbs,
    state_after,
    state_spellings,
    states_before,
)
from generators.world.schema_leaves import plain_schema
from generators.world.semantics import semantic_type
from generators.world.tool_drafts import Draft
from schemas.record import JsonObject

_CHANGED = re.compile(r"\b(?:status|state)\b[^.'\"]{0,40}\b(?:to|as|be)\s+['\"]([\w -]+)['\"]")
_NO_STATES = frozenset({"all", "any", "none", ""})


_MEANINGS = ("enum", "label", "unknown")
"""Of a column that may hold a state: the state in an address is none."""


def target_state(draft: Draft) -> str | None:
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


def states_of(own: Iterable[Draft], told: Iterable[str] = ()) -> list[str]:
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
