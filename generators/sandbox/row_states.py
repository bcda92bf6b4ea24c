"""What a row's state allows: nothing is changed that is over, but for what comes after the end.

Told from verbs, from adjectives in the names of tools, and from the states themselves
(``data/lexicon/states.yaml``). The same rules decide which calls are refused, which rows a proposed
call is about, and which states the seeded rows have.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle, islice
from random import Random
from types import MappingProxyType
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import named_as, singular
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.schema_validity import simple
from generators.world.expression import ExpressionScope, parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import Entity, ToolModel, World
from generators.world.states import status_field
from schemas.record import JsonObject

_LIVE_SHARE, _NEEDED_SHARE = 0.7, 0.35


def state_of(row: Mapping[str, Any], entity: Entity) -> str:
    """The row's state in plain words; "" where it has none."""
    name = state_field(entity)
    state = row.get(name, "") if name else ""
    return in_words(state) if isinstance(state, str) else ""


@remembered
def state_field(entity: Entity) -> str:
    """The field with an enumerated state; "" where there is none."""
    name = entity.state_field or status_field({n: f.schema for n, f in entity.fields.items()})
    values = simple(entity.fields[name].schema).get("enum", ()) if name else ()
    return name if name and any(isinstance(value, str) for value in values) else ""


@remembered
def options(entity: Entity) -> Mapping[str, str]:
    """The states that rows may be in, in plain words, and as they are written."""
    name = state_field(entity)
    values = simple(entity.fields[name].schema).get("enum", ()) if name else ()
    return MappingProxyType({value: in_words(value) for value in values if isinstance(value, str)})


def leave_out(entity: Entity, row: JsonObject, kept: Collection[str]) -> JsonObject:
    """The row without what it has only in other states: no reason where nothing is over."""
    name = state_field(entity)
    state = row.get(name, "")
    limited = [one for one in entity.fields.values() if one.only_in and one.name != name]
    wrong = {field.name for field in limited if state not in field.only_in} - {*kept}
    row = {name: value for name, value in row.items() if name not in wrong} if wrong else row
    # Where a choice beside it tells that there is none: of what an issue is a duplicate.
    wrong = {
        name
        for name, other, first in _causes(entity)
        if name in row and in_words(row.get(other, "")) != first
    } - {*kept}
    return {name: value for name, value in row.items() if name not in wrong} if wrong else row


@remembered
def _causes(entity: Entity) -> tuple[tuple[str, str, str], ...]:
    """(field, a choice beside it, the choice without which the field tells nothing)."""
    words = ((name, *in_words(name).partition(" ")[::2]) for name in entity.fields)
    return tuple(
        (name, other, first)
        for name, first, rest in words
        if rest in ("of", "by", "into")
        for other, choices in _choices(entity).items()
        if first in map(in_words, choices)
    )


@remembered
def _choices(entity: Entity) -> Mapping[str, tuple[str, ...]]:
    """The fields with choices that are texts, and those."""
    found = {name: simple(one.schema).get("enum", ()) for name, one in entity.fields.items()}
    texts = {n: tuple(one for one in v if isinstance(one, str)) for n, v in found.items()}
    return {name: choices for name, choices in texts.items() if choices}


def is_untold(entity: Entity, row: Mapping[str, Any], name: str) -> bool:
    """Whether the field holds a state that nobody has told of: it is not shown."""
    field = entity.fields.get(name)
    limited = field is not None and field.only_in and name == state_field(entity)
    return bool(limited and field is not None and row.get(name) not in field.only_in)


_SELDOM = 0.75
_MARKS = ("number_id", "opaque_id", "number", "sha")


@remembered
def may_be_unset(entity: Entity) -> frozenset[str]:
    """The fields that few rows have: numbers and ids, where they are not always there."""
    fields = ((name, entity.fields.get(name)) for name in entity.sometimes)
    return frozenset(
        name
        for name, field in fields
        if field is not None and field.semantic in _MARKS and not field.entity
        if name not in entity.identity
    )


def leave_unset(entity: Entity, row: JsonObject, kept: Collection[str], rng: Random) -> JsonObject:
    """A seeded row without most of what few rows have: numbers of what it is a duplicate of.

    Texts and dates that may be left out are mostly there.
    """
    few = may_be_unset(entity)
    spare = [name for name in row if name in few and name not in kept and rng.random() < _SELDOM]
    return {name: value for name, value in row.items() if name not in spare}


@remembered
def final_states(entity: Entity) -> frozenset[str]:
    """The states that nothing leads out of; what is closed can be opened where it says so."""
    known = options(entity)
    if entity.follows:
        return frozenset(
            {*known.values()} - {in_words(s) for s, to in entity.follows.items() if to}
        )
    reopened = {"closed"} if "open" in known.values() else set()
    return load_words("states", "final") & {*known.values()} - reopened


@lru_cache(maxsize=4096)
def needed_states(model: Same[ToolModel], entity: Same[Entity]) -> frozenset[str] | None:
    """The states in which an update or delete takes a row; None where any will do."""
    tool, kind = model.it, entity.it
    name, known = state_field(kind), frozenset(options(kind).values())
    if not name or tool.operation not in ("update", "delete"):
        return None
    setting = next(
        (one for one in tool.parameters if one.field == name and one.use == "field"), None
    )
    if setting is not None:  # what is over in a way that it cannot set stays so: merged
        set_by = {in_words(str(one)) for one in simple(setting.schema).get("enum", ())}
        kept = final_states(kind) - set_by
        return known - kept if set_by and kept else None
    told = told_states(model, entity)
    if told is not None:
        return told
    to = (tool.transition or ("", ""))[1]
    # States that the tool's name puts before its noun: modify_pending_order.
    words, nouns, target = in_words(tool.name).split(), set(tool.noun.split()), in_words(to)
    named = frozenset(
        word
        for place, word in enumerate(words)
        if place and word in known and word != target
        and nouns & {singular(later) for later in words[place + 1 :]}
    )  # fmt: skip
    if named or tool.operation == "delete":
        return named or None
    after_end = tool.verb in load_words("states", "after_end")
    before = known & {*map(in_words, find_verb(tool.verb).before)}
    loose = tool.verb in load_words("states", "from_any") or (after_end and tool.verb != "renew")
    if before and not loose:
        return before
    live = known - final_states(kind)
    return live if live - {target} and not after_end else None


@dataclass(frozen=True)
class StateScope(ExpressionScope):
    """A row of which only the state is known, and arguments; nothing is known of others."""

    names: set[str]
    row: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The row, by ``row`` or its noun, or what is told."""
        return self.row if name in self.names else self.arguments.get(name, UNKNOWN)


@lru_cache(maxsize=4096)
def told_states(model: Same[ToolModel], entity: Same[Entity]) -> frozenset[str] | None:
    """The states of a row with which the tool's needs can be met; None where they ask for none."""
    name, names = state_field(entity.it), {entity.it.noun.replace(" ", "_")}
    names |= {"row"} if model.it.entity == entity.it.key else set()
    read = [parse_expression(need.require) for need in model.it.needs]
    asked = [one for one in read if not one.entities
             and any(f"{one_name}.{name}" in one.names for one_name in names)]  # fmt: skip
    if not name or not asked:
        return None
    return frozenset(
        words
        for state, words in options(entity.it).items()
        if not any(one.fails(StateScope(names, {name: state})) for one in asked)
    )


def allowed(
    model: ToolModel, entity: Entity, rows: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The rows that are in a state in which the tool may change them."""
    needed = needed_states(Same(model), Same(entity))
    if needed is None:
        return rows
    states = [(state_of(row, entity), row) for row in rows]
    return [row for state, row in states if not state or state in needed]


def is_for_live_rows(model: ToolModel, entity: Entity) -> bool:
    """Whether people ask for such a change only of what is not over: no new body of a closed case.

    Not of what sets the state, comes after the end, or needs a state of its own.
    """
    if model.operation != "update" or not state_field(entity) or model.transition is not None:
        return False
    if any(one.required and one.field == state_field(entity) for one in model.parameters):
        return False
    told = needed_states(Same(model), Same(entity))
    after_end = model.verb in load_words("states", "after_end")
    return not after_end and (told is None or not told <= _ended(entity))


def is_over(row: Mapping[str, Any], entity: Entity) -> bool:
    """Whether the row is in a state that ends it, even if it can be opened again."""
    return state_of(row, entity) in _ended(entity)


def _ended(entity: Entity) -> frozenset[str]:
    return load_words("states", "final") & {*options(entity).values()}


def usable(model: ToolModel, entity: Entity, row: Mapping[str, Any]) -> bool:
    """Whether something new may be made that refers to the row: no transfer from what is closed."""
    state = state_of(row, entity)
    if model.operation != "create" or not state:
        return True
    needed = told_states(Same(model), Same(entity))
    if needed is None:
        needed = made_after(model.noun, entity) or None
    if needed is not None:
        return state in needed
    last = model.noun.rsplit(" ", 1)[-1]
    if last in load_words("states", "made_after_end"):  # but a change is reviewed before its end
        return not (last == "review" and named_as(entity.noun) == "change" and is_over(row, entity))
    return state not in final_states(entity) and state not in load_words("states", "unusable")


def made_after(noun: str, entity: Entity) -> frozenset[str]:
    """The states that a return or a refund can be made in: delivered, paid."""
    before = find_verb(noun.rsplit(" ", 1)[-1]).before
    return frozenset(map(in_words, before)) & {*options(entity).values()}


@remembered
def _demanded(world: World) -> Mapping[str, set[str]]:
    """Entity → the states that some tool needs a row to be in."""
    found: dict[str, set[str]] = {key: set() for key in world.entities}
    for model in world.models.values():
        own = world.entities.get(model.entity or "")
        if own is not None:
            needed = needed_states(Same(model), Same(own)) or frozenset()
            found[own.key] |= needed if len(needed) <= len(final_states(own)) else frozenset()
        for one in model.parameters:
            other = world.entities.get(one.entity or "")
            if other is not None and one.use == "reference" and state_field(other):
                told = told_states(Same(model), Same(other))
                found[other.key] |= made_after(model.noun, other) if told is None else told
    return found


def deal_states(world: World, entity: Entity, count: int, rng: Random) -> list[Any]:
    """A state for each of ``count`` seeded rows: most live, some in each state a tool needs."""
    name = state_field(entity)
    told = entity.fields[name].examples if name else ()
    if told:  # as often as each is named
        start = rng.randrange(len(told))
        dealt = [*islice(cycle(told), start, start + count)]
        rng.shuffle(dealt)
        return dealt
    known, final, needed = options(entity), final_states(entity), _demanded(world)[entity.key]
    unusable = load_words("states", "unusable")
    live = [one for one, words in known.items() if words not in final | unusable] or [*known]
    wanted = [one for one, words in known.items() if words in final & needed]
    first = [one for one in live if known[one] in needed] or live[:1]
    guessed = bool(name and entity.fields[name].only_in)  # what nobody tells begins nowhere
    rest = [one for one in known if one not in [*live, *wanted] and not guessed] or live
    share = _NEEDED_SHARE if wanted else 0
    alive, after = round(count * (_LIVE_SHARE - share / 2)), round(count * share)
    dealt = [*islice(cycle([*first, *live]), alive), *islice(cycle(wanted), after)]
    start = rng.randrange(len(rest))
    dealt += islice(cycle(rest), start, start + count - len(dealt))
    rng.shuffle(dealt)
    return dealt
