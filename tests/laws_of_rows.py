"""What a get shows after a create, an update or a delete, and what a search shows.

A reader is a tool that gets one row by its whole identity. A law is tried with calls that
`generators.sandbox.propose` draws: first the call, then the readers of the rows that it touched;
where no tool reads such a row, the row is looked up in the store. What a law does not ask of a call
is an exemption, and has a rule and a reason here, never the name of a tool.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.catalogues import CLOCK
from generators.lexicon.verbs import Operation
from generators.sandbox.compiled_tools import KEEPING, CompiledTool, Slot
from generators.sandbox.row_operations import ADDING, TAKING
from generators.sandbox.row_values import Key, Row, as_text
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import kind_of, simple
from generators.sandbox.tool_results import lone_text
from generators.world.model import Entity, World
from schemas.canonical import canonical_json, derive_seed
from schemas.record import JsonObject

OPTIONAL = 3
"""Optional parameters of a drawn call at most."""


@dataclass
class Trial:
    """What came of a law on one catalogue."""

    held: int = 0
    exempt: Counter[str] = field(default_factory=Counter)
    """Reason → how often the law could not be asked of a call, or does not hold for it."""
    broken: list[str] = field(default_factory=list)

    def note(self, good: bool, name: str, told: str) -> None:
        """Count that the law holds, or say what breaks it."""
        if good:
            self.held += 1
        else:
            self.broken.append(f"{name}: {told}")

    def add(self, other: "Trial") -> None:
        """Count in another trial."""
        self.held += other.held
        self.exempt += other.exempt
        self.broken += other.broken


@dataclass(frozen=True)
class Change:
    """A row before and after a call; None where there is none."""

    entity: Entity
    before: Row | None
    after: Row | None


def get_after_create(world: World, seed: int) -> Trial:
    """What a create was given and what it said is what a get shows."""
    return _seen_after(world, seed, "create")


def get_after_update(world: World, seed: int) -> Trial:
    """What an update was given, and the state that it leads to, is what a get shows."""
    return _seen_after(world, seed, "update")


def get_after_delete(world: World, seed: int) -> Trial:
    """What was deleted is not found."""
    trial = Trial()
    for sandbox, plan, arguments in _drawn(world, seed, "delete", trial):
        rows = _all_rows(sandbox)
        readers = {
            (change.entity.key, key): list(_readers(sandbox, change.entity, row, seed))
            for change, key, row in _would_remove(sandbox, plan, arguments)
        }
        sandbox.call(plan.model.name, arguments)
        removed = [c for c in _changes(sandbox, rows) if c.after is None]
        if not removed:
            trial.exempt["takes parts out of a row, and no row away"] += 1
        for change in removed:
            key = _key(change.entity, change.before or {})
            asked = readers.get((change.entity.key, key), [])
            gone = sandbox.store.find(change.entity, key) is None
            trial.note(
                gone or not change.entity.identity, plan.model.name, "the row is still there"
            )
            for reader, again in asked:
                outcome = sandbox.call(reader.model.name, again)
                code = outcome.content["error"]["code"] if outcome.is_error else "a result"
                trial.note(
                    code == "not_found", plan.model.name, f"{reader.model.name} gives {code}"
                )
    return trial


def search_agrees_with_get(world: World, seed: int) -> Trial:
    """What a list shows of a row is what a get shows of it."""
    trial = Trial()
    for sandbox, plan, arguments in _drawn(world, seed, "list", trial):
        entity = plan.entity
        outcome = sandbox.call(plan.model.name, arguments)
        if entity is None or outcome.is_error:
            continue
        for shown in shown_rows(plan, outcome.content)[:4]:
            row = _row_of(sandbox, entity, shown)
            if row is None:
                trial.exempt["the list does not show the row's identity"] += 1
                continue
            _same_as_got(sandbox, plan, entity, row, {}, shown, seed, trial)
    return trial


def _seen_after(world: World, seed: int, operation: Operation) -> Trial:
    trial = Trial()
    for sandbox, plan, arguments in _drawn(world, seed, operation, trial):
        rows = _all_rows(sandbox)
        outcome = sandbox.call(plan.model.name, arguments)
        changed = [c for c in _changes(sandbox, rows) if c.after is not None]
        if not changed:
            trial.exempt["no row is other than before"] += 1
        shown = shown_rows(plan, outcome.content)
        for number, change in enumerate(changed):
            row = change.after or {}
            given = _given(plan, arguments, number, len(changed))
            if plan.model.transition is not None:
                given = dict([plan.model.transition]) | given
            one = _about(change.entity, row, shown, alone=len(changed) == 1)
            _same_as_got(sandbox, plan, change.entity, row, given, one, seed, trial)
    return trial


def _same_as_got(
    sandbox: Sandbox, plan: CompiledTool, entity: Entity, row: Row, given: JsonObject, shown: Row,
    seed: int, trial: Trial,
) -> None:  # fmt: skip
    """Compare what was given and what was shown with what every reader of the row shows."""
    readers = list(_readers(sandbox, entity, row, seed))
    if not readers:
        _compare(trial, plan, None, "given", given, row)
        _compare(trial, plan, None, "shown", shown, row)
    for reader, asked in readers:
        outcome = sandbox.call(reader.model.name, asked)
        if outcome.is_error:
            trial.note(
                False, plan.model.name, f"{reader.model.name} fails: {outcome.content['error']}"
            )
            continue
        got = shown_rows(reader, outcome.content)
        for said, about in (("given", given), ("shown", shown)):
            for held in got[:1]:
                _compare(trial, plan, reader, said, about, held)


def _compare(
    trial: Trial, plan: CompiledTool, reader: CompiledTool | None, said: str, about: Row, held: Row
) -> None:
    """Compare all that both have; ``reader`` is None for the row itself."""
    for name in sorted(about.keys() & held.keys()):
        verdict = agree(about[name], held[name])
        if verdict is None:
            trial.exempt["the two show it in different forms"] += 1
        elif not verdict and (why := _reason(plan, reader, said, name, about[name], held[name])):
            trial.exempt[why] += 1
        else:
            by = reader.model.name if reader else "the store"
            told = f"{by} has {name} as {held[name]!r:.90}, {said} was {about[name]!r:.90}"
            trial.note(verdict, plan.model.name, told)


def _reason(
    plan: CompiledTool, reader: CompiledTool | None, said: str, name: str, about: Any, held: Any
) -> str:
    """Why what was given or shown need not be what the row holds; "" where it must be."""
    if (said == "shown" and _in_words(plan, name)) or (reader and _in_words(reader, name)):
        return "an answer in words about the row"
    if said == "shown":
        return ""
    slots = [slot for slot in plan.slots if slot.path.partition("[")[0] == name]
    if slots and all(slot.parameter.use in ("option", "input", "query") for slot in slots):
        return "an option, which is not written"
    if name in plan.edit_paths:
        return "a passage that is looked for, or put in"
    if not isinstance(held, list) or not isinstance(about, list):
        return ""
    there = [any(agree(one, other) for other in held) for one in about]
    if plan.model.verb in ADDING and all(there):
        return "a list that the verb lengthens"
    if plan.model.verb in TAKING and not any(there):
        return "a list that the verb shortens"
    meant = plan.model.verb in KEEPING and all(there)
    return "a list that says which parts are meant" if meant or _swapped(plan, slots) else ""


def _swapped(plan: CompiledTool, slots: Sequence[Slot]) -> bool:
    return any(plan.swaps(slot) for slot in slots)


def _in_words(plan: CompiledTool, name: str) -> bool:
    """Whether a tool's whole answer is one text: a sentence, or a sheet about a file."""
    return lone_text(plan.returns, plan.entity) == name


def agree(one: Any, other: Any) -> bool | None:
    """Whether two tools show the same; None where they show it in different forms.

    Objects are compared in what both have, scalars as text, as each schema spells them: ``12`` is
    ``"12"``, ``cancelled`` is ``Cancelled``.
    """
    if one is None or other is None:
        return True if one is other else None
    if isinstance(one, dict) and isinstance(other, dict):
        parts = [agree(one[name], other[name]) for name in one.keys() & other.keys()]
        return all(part is not False for part in parts)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return False
        return all(agree(a, b) is not False for a, b in zip(one, other, strict=True))
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return None
    return as_text(one).casefold() == as_text(other).casefold()


# -- calls


def _drawn(
    world: World, seed: int, operation: Operation, trial: Trial
) -> Iterator[tuple[Sandbox, CompiledTool, JsonObject]]:
    """A fresh sandbox and a call for each tool of an operation that is about rows."""
    for name, model in sorted(world.models.items()):
        if model.operation != operation or model.entity is None:
            continue
        rng = Random(derive_seed("laws", operation, name, seed))
        sandbox = Sandbox(world, seed, CLOCK)
        arguments = propose_arguments(sandbox, name, rng, optional=OPTIONAL)
        if arguments is None:
            trial.exempt["no call is proposed"] += 1
            continue
        yield sandbox, sandbox.plan(name), arguments


def _readers(
    sandbox: Sandbox, entity: Entity, row: Row, seed: int
) -> Iterator[tuple[CompiledTool, JsonObject]]:
    """The tools that get the row by its whole identity, each with a call that does."""
    for name, model in sorted(sandbox.world.models.items()):
        if model.operation != "get" or model.entity != entity.key or not entity.identity:
            continue
        plan = sandbox.plan(name)
        given = {
            slot.parameter.path.replace("[]", "[0]"): row[slot.field]
            for slot in plan.of("identity", "reference")
            if slot.field in entity.identity
        }
        if len(given) == len(entity.identity):
            asked = propose_arguments(sandbox, name, Random(seed), given)
            if asked is not None:
                yield plan, asked


# -- rows


def _all_rows(sandbox: Sandbox) -> dict[str, dict[Key, Row]]:
    entities = sandbox.world.entities.values()
    return {e.key: {_key(e, r): r for r in sandbox.store.rows(e)} for e in entities}


def _key(entity: Entity, row: Row) -> Key:
    return tuple(as_text(row.get(name)) for name in entity.identity) or (canonical_json(dict(row)),)


def _changes(sandbox: Sandbox, before: Mapping[str, Mapping[Key, Row]]) -> list[Change]:
    found = []
    for key, rows in _all_rows(sandbox).items():
        entity, old = sandbox.world.entities[key], before[key]
        for name in [*old, *(name for name in rows if name not in old)]:
            if old.get(name) != rows.get(name):
                found.append(Change(entity, old.get(name), rows.get(name)))
    return found


def _would_remove(
    sandbox: Sandbox, plan: CompiledTool, arguments: JsonObject
) -> Iterator[tuple[Change, Key, Row]]:
    """The rows that a call removes, tried out and taken back."""
    rows, before = _all_rows(sandbox), sandbox.snapshot()
    sandbox.call(plan.model.name, arguments)
    changes = _changes(sandbox, rows)
    sandbox.restore(before)
    for change in changes:
        if change.before is not None and change.after is None:
            yield change, _key(change.entity, change.before), change.before


def shown_rows(plan: CompiledTool, content: Any) -> list[JsonObject]:
    """The objects in a result that show rows of the tool's entity."""
    for name in filter(None, plan.rows_at.split(".")):
        content = content.get(name, content) if isinstance(content, dict) else content
    if isinstance(content, list):
        return [one for one in content if isinstance(one, dict)]
    if not isinstance(content, dict) or plan.entity is None:
        return []
    fields = plan.entity.fields
    inner = [one for one in content.values() if isinstance(one, dict)]
    best = max([content, *inner], key=lambda one: sum(name in fields for name in one))
    return [best]


def _given(plan: CompiledTool, arguments: JsonObject, number: int, count: int) -> JsonObject:
    """The arguments that are about the row of this number, under the names of its fields.

    Where a call gives the row another identity, the former one is left out.
    """
    elements = plan.elements(arguments)
    given = elements[number] if len(elements) == count else elements[0] if count == 1 else {}
    identity = plan.entity.identity if plan.entity else ()
    known = {slot.path: slot.field for slot in plan.of("identity")}
    renamed = {slot.path: slot.field for slot in plan.of("field") if slot.field in identity}
    old = {path for path, field in known.items() if field in renamed.values()}
    names = known | renamed
    return {names.get(name, name): value for name, value in given.items() if name not in old}


def _about(entity: Entity, row: Row, shown: list[JsonObject], *, alone: bool) -> JsonObject:
    """What a result shows of this row."""
    for one in shown:
        named = [name for name in entity.identity if name in one]
        if named and all(as_text(one[name]) == as_text(row[name]) for name in named):
            return one
    nameless = [one for one in shown if not set(entity.identity) & one.keys()]
    return nameless[0] if alone and len(shown) == 1 and nameless else {}


def _row_of(sandbox: Sandbox, entity: Entity, shown: JsonObject) -> Row | None:
    """The row that an object in a list shows, by the identity that it names."""
    if not entity.identity or any(name not in shown for name in entity.identity):
        return None
    if any(
        kind_of(simple(entity.fields[n].schema)) == "object"
        for n in entity.identity
        if n in entity.fields
    ):
        return None
    return sandbox.store.find(entity, _key(entity, shown))
