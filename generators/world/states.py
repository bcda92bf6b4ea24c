"""The states of rows: what an update sets by itself, and which fields only some states have.

Cancelling leaves an order cancelled; a cancelled order alone has a reason. Which states rows can
be in is concluded here where no result of the source says so.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain

from generators.lexicon.names import snake, split_words
from generators.lexicon.tables import load_table, load_words, word_set
from generators.lexicon.verbs import (
    all_states,
    all_verbs,
    find_verb,
)
from generators.world.schema_leaves import members, plain_schema, result_row, takes_null
from generators.world.semantics import semantic_type
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.world_model import EntityMeaning, FieldMeaning, Origin, ToolMeaning

_words = partial(load_words, "inference")

_CHANGED = re.compile(r"\b(?:status|state)\b[^.'\"]{0,40}\b(?:to|as|be)\s+['\"]([\w -]+)['\"]")
_NO_STATES = frozenset({"all", "any", "none", ""})


_MEANINGS = ("enum", "label", "unknown")
"""Of a column that may hold a state: the state in an address is none."""


def target_state(draft: ToolDraft) -> str | None:
    """Say which state the tool leaves its row in; None where it changes none by itself."""
    if draft.operation != "update" or (draft.facet and not find_verb(draft.reading.verb).state):
        return None
    if draft.sets is not None:
        return draft.sets or None
    told = _CHANGED.search(draft.tool.description)
    return told[1] if told else draft.reading.state or find_verb(draft.reading.verb).state or None


def status_field(columns: Mapping[str, JsonObject]) -> str | None:
    """Find the column that holds a row's state: ``status``, ``state``, ``order_status``."""
    called = [name for name in columns if snake(name).endswith(("status", "state"))]
    texts = [name for name in called if semantic_type(name, columns[name]) in _MEANINGS]
    exact = (name for wanted in ("status", "state") for name in texts if snake(name) == wanted)
    ending = (name for name in texts if snake(name).endswith(("_status", "_state")))
    return next(chain(exact, ending), None)


def spelled_state(state: str, schema: JsonObject) -> str | None:
    """Spell the state as the field's enum does; None where the enum has no such state."""
    values = plain_schema(schema).get("enum")
    if not isinstance(values, list):
        return state
    spelled = {_plain(value): value for value in reversed(values) if isinstance(value, str)}
    wanted = (_plain(word) for word in (state, *load_table("states")["spellings"].get(state, ())))
    return next((spelled[word] for word in wanted if word in spelled), None)


def _plain(word: str) -> str:
    return word.casefold().replace("_", " ").replace("-", " ")


def states_of(own: Iterable[ToolDraft], told: Iterable[str] = ()) -> list[str]:
    """Gather the states that a kind's tools speak of: those before a change, then those after."""
    before: list[str] = []
    after: list[str] = []
    for draft in own:
        state = target_state(draft)
        if state is not None:
            named = [word for word in draft.reading.qualifiers if word in all_states()]
            before += named or find_verb(draft.reading.verb).before
            after.append(state)
    if after and not set(before) - set(after):
        for state in after:  # one that a row may be in before, or nothing could lead to it
            known = [one.before[0] for one in all_verbs().values() if one.state == _plain(state)]
            unset, usual = f"un{_plain(state)}", "closed" if state == "open" else "open"
            before.append(unset if unset in _UNSET else next(iter(known), usual))
    spoken = [value for value in told if value.casefold() not in _NO_STATES]
    known_states = {_plain(value) for value in spoken}
    fresh = [one for one in (*sorted(set(before)), *sorted(set(after))) if one not in known_states]
    return [*spoken, *dict.fromkeys(fresh)]


def told_states(own: Iterable[ToolDraft]) -> frozenset[str]:
    """The states that tools name or set; where else a row may be, only their verbs suggest."""
    found: set[str] = set()
    for draft in own:
        if (state := target_state(draft)) is not None:
            found |= {state, *(w for w in draft.reading.qualifiers if w in all_states())}
    return frozenset(found)


_UNSET = frozenset({"unread", "unseen", "unresolved", "unpaid"})
_WHY = word_set("reason resolution")
_WHEN = word_set("at on date by")
_STEM = 4


def _find_dated(
    field: FieldMeaning, words: tuple[str, ...], states: Sequence[str], ended: Sequence[str]
) -> list[str]:
    """The states in which a row has the day of a deed: what is published, or was before."""
    names = [_plain(one) for one in states]
    dated = field.semantic in ("date", "datetime") or words[-1:] == ("by",)
    if not dated or not words or not {*words[1:]} <= _WHEN or len(words) > 2:
        return []
    waiting = load_words("states", "unbegun")
    if words[0] == "started":
        return [one for one in states if _plain(one) not in waiting]
    spelled = (words[0], *load_table("states")["spellings"].get(words[0], ()))
    place = next((names.index(one) for one in spelled if one in names), None)
    if place is None and words[0] in load_words("date_names", "ended"):
        over = load_words("states", "final") | load_words("states", "ended")
        return [one for one in states if _plain(one) in over]
    if place is None:
        return []
    return [states[place], *(one for one in states[place + 1 :] if one not in ended)]


def with_conditions(
    entity: EntityMeaning, own: Sequence[tuple[ToolDraft, ToolMeaning]]
) -> EntityMeaning:
    """The entity with the states in which its rows have a field, where they lack it in others."""
    if not entity.states:
        return entity
    given = [draft for draft, _ in own if draft.tool.returns is not None]
    rows = [result_row(draft.tool, draft.noun) for draft in given]
    kept = {
        name for row in rows for name in row.get("required", ())
        if not takes_null(members(row).get(name, ({}, False))[0])
    } | {*(entity.identity or ()), entity.state_field}  # fmt: skip
    ended = [state for state in entity.states if state.lower() in _words("ended")]
    fields = dict(entity.fields)
    for name, field in entity.fields.items():
        if name in kept:
            continue
        words = split_words(name)
        first, last = (words[0], words[-1]) if len(words) == 2 else ("", "")
        if words in (("state", "reason"), ("resolution",)):
            fitting = ended
        elif last == "reason":
            fitting = [one for one in ended if one.lower()[:_STEM] == first[:_STEM]]
        else:
            fitting = _find_dated(field, words, entity.states, ended)
        if not fitting and (_WHY & set(words) or name.endswith("_method")):
            # Those that the writing tools lead to, where every tool that writes it leads to one.
            writing = [
                tool
                for _, tool in own
                if any(one.field == name and one.use == "field" for one in tool.parameters.values())
            ]
            led = [state for tool in writing for state in (tool.transition or {}).values()]
            fitting = led if len(led) == len(writing) else []
        if fitting:
            origins = {**field.origins, "only_in": Origin(source="rules", sure="guess")}
            update = {"only_in": tuple(fitting), "origins": origins}
            fields[name] = field.model_copy(update=update)
    return entity.model_copy(update={"fields": fields})
