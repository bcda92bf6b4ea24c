"""What a row's state allows: nothing is changed that is over, but for what comes after the end.

Told from verbs, from adjectives in the names of tools, and from the states themselves. The same
rules decide which calls are refused, which rows a proposed call is about, and which states the
seeded rows have.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import phrase_set, word_set
from generators.lexicon.verbs import states_before
from generators.sandbox.schema_validity import simple
from generators.world.expression import parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import Entity, ToolModel, World
from generators.world.states import status_field
from schemas.record import JsonObject

_FINAL = phrase_set(
    "cancelled;canceled;completed;complete;delivered;returned;return requested;exchanged;exchange "
    "requested;refunded;rejected;declined;closed;expired;executed;archived;flown;paid;waived;"
    "used up;collected;missed;no show;merged;dismissed;auto dismissed;fixed;done;finished;ended;"
    "revoked;terminated;redeemed;withdrawn;deleted;failed;attended;checked out;landed;arrived"
)
_UNUSABLE = phrase_set("frozen;blocked;suspended;locked;dormant;inactive;disabled")
_LOOSE = word_set("complete finish resolve close end acknowledge escalate deactivate disable block")
"""Verbs that take a row out of any state that is not final."""
_BEYOND = word_set(
    "reopen unarchive restore renew unfreeze unblock unlock reactivate activate archive unresolve "
    "star unstar pin unpin follow unfollow like unlike mute unmute rerun rate review share tag "
    "label rename read"
)
"""Verbs that may be about a row that is over."""
_AFTERWARDS = word_set(
    "comment review reaction reply rating feedback complaint refund return exchange note message "
    "report dispute claim fork star appeal"
)
"""Things that are made about a row that is over."""
_LIVE_SHARE, _NEEDED_SHARE = 0.7, 0.35


def state_of(row: Mapping[str, Any], entity: Entity) -> str:
    """The row's state in plain words; "" where it has none."""
    name = state_field(entity)
    return _plain(row.get(name, "")) if name else ""


def _plain(state: Any) -> str:
    return in_words(str(state)) if isinstance(state, str) else ""


@remembered
def state_field(entity: Entity) -> str:
    """The field with an enumerated state; "" where there is none."""
    name = entity.state_field or status_field({n: f.schema for n, f in entity.fields.items()})
    return name if name and options(entity, name) else ""


def options(entity: Entity, name: str) -> tuple[str, ...]:
    """The states that a field enumerates."""
    values = simple(entity.fields[name].schema).get("enum", ())
    return tuple(value for value in values if isinstance(value, str))


@remembered
def _conditions(entity: Entity) -> Mapping[str, frozenset[str]]:
    """Field → the states in which a row has it, where it has it in some only."""
    fields = entity.fields.values()
    return {field.name: frozenset(field.only_in) for field in fields if field.only_in}


def leave_out(entity: Entity, row: JsonObject, kept: Collection[str]) -> JsonObject:
    """The row without what it has only in other states: no reason where nothing is over."""
    state = row.get(state_field(entity), "")
    found = _conditions(entity).items()
    wrong = {name for name, states in found if state not in states and name not in kept}
    if wrong.isdisjoint(row):
        return row
    return {name: value for name, value in row.items() if name not in wrong}


@remembered
def final_states(entity: Entity) -> frozenset[str]:
    """The states that nothing leads out of; what is closed can be opened where it says so."""
    name = state_field(entity)
    known = {_plain(one) for one in options(entity, name)} if name else set()
    if entity.follows:
        return frozenset(known - {_plain(one) for one, after in entity.follows.items() if after})
    return frozenset(known & _FINAL - ({"closed"} if "open" in known else set()))


@lru_cache(maxsize=4096)
def needed_states(model: Same[ToolModel], entity: Same[Entity]) -> frozenset[str] | None:
    """The states in which an update or delete takes a row; None where any will do."""
    tool, kind = model.it, entity.it
    name = state_field(kind)
    if not name or tool.operation not in ("update", "delete"):
        return None
    if any(one.field == name and one.use == "field" for one in tool.parameters):
        return None
    told = told_states(model, entity)
    if told is not None:
        return told
    if kind.follows and tool.transition and tool.transition[0] == name:
        to = tool.transition[1]
        return frozenset(_plain(state) for state, after in kind.follows.items() if to in after)
    known = frozenset(_plain(one) for one in options(kind, name))
    named = _adjectives(tool, known)
    if named or tool.operation == "delete":
        return named or None
    before = known & frozenset(map(_plain, states_before(tool.verb)))
    if before and tool.verb not in _LOOSE and tool.verb not in _BEYOND - {"renew"}:
        return before
    if tool.verb in _BEYOND:
        return None
    target = {_plain(tool.transition[1])} if tool.transition else set()
    live = known - final_states(kind)
    return live if live - target else None


class _StateScope:
    """A row of which only the state is known. Implements `generators.world.expression.Scope`."""

    def __init__(self, names: frozenset[str], row: Mapping[str, Any]) -> None:
        self._names, self._row = names, row

    def value(self, name: str) -> Any:
        """The row, by ``row`` or its noun."""
        return self._row if name in self._names else UNKNOWN

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        """Nothing is known of other rows."""
        del row, name
        return UNKNOWN

    def rows(self, entity: str) -> Iterable[Mapping[str, Any]]:
        """Not to be asked: nothing is known of other rows."""
        raise NotImplementedError(entity)


@lru_cache(maxsize=4096)
def told_states(model: Same[ToolModel], entity: Same[Entity]) -> frozenset[str] | None:
    """The states of a row with which the tool's needs can be met; None where they ask for none."""
    field, names = state_field(entity.it), {entity.it.noun.replace(" ", "_")}
    names |= {"row"} if model.it.entity == entity.it.key else set()
    read = [parse_expression(need.require) for need in model.it.needs]
    asked = [one for one in read if not one.entities
             and any(f"{name}.{field}" in one.names for name in names)]  # fmt: skip
    if not field or not asked:
        return None
    return frozenset(
        _plain(state)
        for state in options(entity.it, field)
        if not any(one.fails(_StateScope(frozenset(names), {field: state})) for one in asked)
    )


def _adjectives(tool: ToolModel, known: frozenset[str]) -> frozenset[str]:
    """States that the tool's name puts before its noun: ``modify_pending_order``."""
    words = in_words(tool.name).split()
    nouns = set(tool.noun.split())
    target = _plain(tool.transition[1]) if tool.transition else ""
    found = {
        word
        for place, word in enumerate(words)
        if place and word in known and word != target
        and nouns & {singular(later) for later in words[place + 1 :]}
    }  # fmt: skip
    return frozenset(found)


def allows(model: ToolModel, entity: Entity, row: Mapping[str, Any]) -> bool:
    """Whether the row is in a state in which the tool may change it."""
    needed = needed_states(Same(model), Same(entity))
    state = state_of(row, entity)
    return needed is None or not state or state in needed


def allowed(
    model: ToolModel, entity: Entity, rows: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The rows that are in a state in which the tool may change them."""
    needed = needed_states(Same(model), Same(entity))
    if needed is None:
        return rows
    states = [(state_of(row, entity), row) for row in rows]
    return [row for state, row in states if not state or state in needed]


def usable(model: ToolModel, entity: Entity, row: Mapping[str, Any]) -> bool:
    """Whether something new may be made that refers to the row: no transfer from what is closed."""
    state = state_of(row, entity)
    if model.operation != "create" or not state:
        return True
    told = told_states(Same(model), Same(entity))
    if told is not None:
        return state in told
    needed = made_after(model.noun, entity)
    if needed:
        return state in needed
    if model.noun.rsplit(" ", 1)[-1] in _AFTERWARDS:
        return True
    return state not in final_states(entity) and state not in _UNUSABLE


def made_after(noun: str, entity: Entity) -> frozenset[str]:
    """The states that a return or a refund can be made in: delivered, paid."""
    before = states_before(noun.rsplit(" ", 1)[-1])
    name = state_field(entity)
    known = {_plain(one) for one in options(entity, name)} if name else set()
    return frozenset(map(_plain, before)) & known


@lru_cache(maxsize=8)
def _demanded(world: Same[World]) -> Mapping[str, frozenset[str]]:
    """Entity → the states that some tool needs a row to be in."""
    found: dict[str, set[str]] = {key: set() for key in world.it.entities}
    for model in world.it.models.values():
        own = world.it.entities.get(model.entity or "")
        if own is not None:
            needed = needed_states(Same(model), Same(own)) or frozenset()
            found[own.key] |= needed if len(needed) <= len(final_states(own)) else frozenset()
        for one in model.parameters:
            other = world.it.entities.get(one.entity or "")
            if other is not None and one.use == "reference" and state_field(other):
                told = told_states(Same(model), Same(other))
                found[other.key] |= made_after(model.noun, other) if told is None else told
    return MappingProxyType({key: frozenset(states) for key, states in found.items()})


def deal_states(world: World, entity: Entity, count: int, rng: Random) -> list[Any]:
    """A state for each of ``count`` seeded rows: most live, some in each state a tool needs."""
    known = options(entity, state_field(entity))
    final, needed = final_states(entity), _demanded(Same(world))[entity.key]
    over = [one for one in known if _plain(one) in final]
    live = [one for one in known if _plain(one) not in final | _UNUSABLE] or list(known)
    wanted = [one for one in over if _plain(one) in needed]
    first = [one for one in live if _plain(one) in needed] or live[:1]
    rest = [one for one in known if one not in live and one not in wanted] or live
    share = (_LIVE_SHARE - _NEEDED_SHARE / 2, _NEEDED_SHARE) if wanted else (_LIVE_SHARE, 0)
    alive, after = round(count * share[0]), round(count * share[1])
    dealt = _cycle([*first, *live], alive) + _cycle(wanted or live, after)
    dealt += _cycle(rest, count - len(dealt), start=rng.randrange(len(rest)))
    rng.shuffle(dealt)
    return dealt


def _cycle(states: list[Any], count: int, start: int = 0) -> list[Any]:
    return [states[(start + number) % len(states)] for number in range(count)]
