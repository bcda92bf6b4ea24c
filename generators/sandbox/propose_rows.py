"""The rows that a proposed call is about, and those that it refers to: all belong together."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.lexicon.tables import load_table
from generators.lexicon.verbs import find_verb
from generators.sandbox.call_rules import CallScope, find_broken_demand, find_unmet_need
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.file_values import is_media, wants_media
from generators.sandbox.row_lookup import (
    collect_named_parts,
    find_lacking,
    identity_part,
    is_another,
    keep_belonging,
    owner_fields,
)
from generators.sandbox.row_states import allowed, is_for_live_rows, is_over, usable
from generators.sandbox.row_values import Row, as_text, equals, held_under, is_filed, is_folder
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.search import find_suiting
from generators.sandbox.store import Rows
from generators.world.expression import parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import Entity, ToolModel, World, strip_indices
from schemas.record import JsonObject

_EQUALITY = re.compile(r"(?<![\w.\])'])([a-z_][\w.\[\]]*) == ([a-z_][\w.\[\]]*)(?![\w.(\['])")
"""Two paths that a need wants equal."""


def find_targets(rows: Rows, tool: CompiledTool, given: Mapping[str, Any]) -> list[Row]:
    """Rows that agree with what is given and are not yet what the call would make them.

    Those in the state that the tool's verb or name speaks of come alone where there are any.
    """
    entity = tool.entity
    if entity is None:
        return []
    known = rows.rows(entity)
    found = find_suiting(tool, rows.world, known, tool.element_of(given))
    found = allowed(tool.model, entity, found)
    if not tool.against and is_for_live_rows(
        tool.model, entity
    ):  # a service may let it be done; nobody would ask
        found = [row for row in found if not is_over(row, entity)]
    if tool.by_path and found and tool.model.operation in ("get", "update"):
        shown = wants_media(tool.model.name)
        found = [r for r in found if is_media(str(r[entity.identity[0]])) == shown] or found
    if tool.by_path and tool.model.operation in ("get", "list") and is_folder(entity):
        filed = [str(row[name]) for one in rows.world.entities.values() if is_filed(one)
                 for name in one.identity for row in rows.rows(one) if name in row]  # fmt: skip
        full = [r for r in found if any(f.startswith(f"{r[entity.identity[0]]}/") for f in filed)]
        found = full or found
    if tool.model.transition:
        name, state = tool.model.transition
        found = [row for row in found if not equals(row.get(name), state)]
        before = find_verb(tool.model.verb).before
        found = [row for row in found if row.get(name) in before] or found
        # What is still a draft is not merged; nor sent, nor published.
        flags = [flag for flag, ends in load_table("relations")["unset"].items() if state in ends]
        found = [row for row in found if not any(row.get(flag) is True for flag in flags)]
    if tool.model.needs:
        scopes = ((row, CallScope(rows, tool, {**given}, row)) for row in found)
        fitting = [row for row, scope in scopes if find_unmet_need(scope, partly=True) is None]
        found = fitting if fitting or tool.against else found
    words = set(in_words(tool.model.name).split())
    spoken = [row for row in found
              if words & {str(row.get(name)).lower() for name in ("status", "state")}]  # fmt: skip
    # What the sandbox's rules forbid, another backend may allow.
    return spoken or found or ([] if rows.ruled else list(known))


class ReferredRows:
    """The rows that one call refers to, chosen one after the other so that they agree."""

    def __init__(
        self, rows: Rows, tool: CompiledTool, rng: Random, given: Mapping[str, Any]
    ) -> None:
        self.rows, self.tool, self.rng = rows, tool, rng
        self.given = {strip_indices(path): value for path, value in given.items()}
        self.slots = tool.by_parameter
        self.made: JsonObject = {}
        """The arguments that were chosen so far."""
        self.named = dict(collect_named_parts(tool, rows.world, self.given))
        lone = (_lone_target(slot, rows.world) for slot in tool.slots)
        targets = [target.key for target in lone if target is not None]
        self.pairs = {key for key in targets if targets.count(key) > 1}
        """Entities that a call names two rows of: from one account to another."""
        self.meant: dict[str, Row] = {}
        """Parameter's path → the row that it names."""
        self.used: set[tuple[str, str]] = set()
        """Entity, path or meaning, and the value that is named already."""
        for path, value in self.given.items():
            slot = self.slots.get(path)
            if slot is None:
                continue
            self.used.add((str(slot.parameter.semantic), as_text(value)))
            target = _lone_target(slot, rows.world)
            row = rows.find(target, (as_text(value),)) if target else None
            if target is not None and row is not None:
                self._mean(slot, target, row)
                self.used.add((target.key, as_text(value)))

    def _mean(self, slot: Slot, target: Entity, row: Row) -> None:
        """Note a choice, and what follows from it: the restaurant of the dish."""
        self.meant[slot.parameter.path] = row
        if not is_another(slot):
            for name, key, part in owner_fields(Same(target), Same(self.rows.world)):
                if row.get(name) is not None:
                    self.named.setdefault((key, part), row[name])

    def copy_choices(self) -> tuple[Any, ...]:
        """What has been chosen so far, to come back to."""
        return dict(self.named), dict(self.meant), set(self.used)

    def take_choices(self, choices: tuple[Any, ...]) -> None:
        """Go back to what had been chosen when `copy_choices` was asked."""
        named, meant, used = choices
        self.named, self.meant, self.used = dict(named), dict(meant), set(used)

    @cached_property
    def anchors(self) -> dict[str, Row]:
        """A row for each composite identity that the call names, the longest first; all agree."""
        entities, own = self.rows.world.entities, self.tool.entity
        named = [entities.get(slot.parameter.entity or "") for slot in self.tool.slots]
        if self.tool.model.operation != "create":
            named.append(own)
        composites = {one.key: one for one in named if one is not None and len(one.identity) > 1}
        # The rows come first that say where they belong: the comment before its repository.
        for one in self.slots.values() if self.tool.model.writes else ():
            other = _lone_target(one, self.rows.world)
            if other is None or not one.parameter.required or is_another(one):
                continue
            places = {key for _, key, _ in owner_fields(Same(other), Same(self.rows.world))}
            leads = one.parameter.path not in self.meant and not places.isdisjoint(composites)
            fitting = self._fitting(other) if leads else []
            if fitting:
                self._mean(one, other, self.rng.choice(fitting))
        wanted: JsonObject = {}
        for path, value in self.given.items():
            slot = self.slots.get(path)
            if slot is not None:
                wanted |= {slot.field: value, slot.parameter.name: value}
        wanted |= {part: value for (key, part), value in self.named.items() if key in composites}
        anchors: dict[str, Row] = {}
        # The tool's own comes last, so that others lead it.
        for target in sorted(
            composites.values(), key=lambda one: (one is own, -len(one.identity), one.key)
        ):
            found = [
                row for row in self.rows.rows(target)
                if all(equals(row[n], wanted[n]) for n in target.identity if n in wanted)
            ]  # fmt: skip
            found = [row for row in found if usable(self.tool.model, target, row)] or found
            if found:
                anchors[target.key] = self.rng.choice(found)
                wanted |= {name: anchors[target.key][name] for name in target.identity}
        return anchors

    def _fitting(self, target: Entity) -> list[Row]:
        """Rows that can be used, and belong to what is named."""
        world, model, known = self.rows.world, self.tool.model, self.rows.rows(target)
        found = [*filter(partial(usable, model, target), known)]
        if model.writes:
            found = keep_belonging(found, target, world, self.named)
        return found or ([] if self.rows.ruled else list(known))

    def _peopled(self, target: Entity, found: list[Row]) -> list[Row]:
        """Those rows that have what a write asks for besides: restaurants with dishes."""
        world = self.rows.world
        for slot in self.slots.values() if self.tool.model.writes else ():
            other = _lone_target(slot, world)
            if other is None or other.key == target.key:
                continue
            value = self.given.get(slot.parameter.path, MISSING)
            lack = partial(find_lacking, name=slot.parameter.name, values=value)
            lacking = zip(found, [*map(lack, found)], strict=True)
            found = [row for row, one in lacking if one is MISSING] or found
            for name, key, part in owner_fields(Same(other), Same(world)):
                if key == target.key and slot.parameter.required:
                    held = {as_text(row.get(name)) for row in self.rows.rows(other)}
                    found = [row for row in found if as_text(row.get(part)) in held] or found
        return found

    def choose(self, slot: Slot, target: Entity, row: Row | None) -> Any:
        """What names a row of the entity referred to; `MISSING` where none can be meant.

        One row for all parts of a composite identity.
        """
        part, path, another = identity_part(slot, target), slot.parameter.path, is_another(slot)
        anchor = self.anchors.get(target.key)
        if len(target.identity) > 1 and not another:
            return (anchor or {}).get(part, MISSING)
        led = self.meant.get(path) if path not in self.given else None
        if led is not None and (target.key, as_text(led.get(part))) not in self.used:
            return self._use(slot, target, part, led)
        if anchor is None:
            found = self._fitting(target)
        else:  # other rows in the scope of the one that is meant
            known, scope = list(self.rows.rows(target)), target.identity[:-1]
            near = [r for r in known if r is not anchor and all(r[n] == anchor[n] for n in scope)]
            found = near or known
        told = None if target.key in self.pairs else self.named.get((target.key, part))
        if told is not None and not another and (target.key, as_text(told)) not in self.used:
            found = [one for one in found if equals(one.get(part), told)] or found
        found = self._peopled(target, found)
        if "[" not in path and "." not in path:
            tried = ((one, self.made | {path: one.get(part)}) for one in found)
            found = [
                one for one, made in tried if is_lawful(self.rows, self.tool, made, partly=True)
            ] or found
        current = row.get(slot.field) if row is not None else None
        free = [
            one for one in found
            if (target.key, as_text(one.get(part))) not in self.used
            and not equals(one.get(part), current)
        ]  # fmt: skip
        if not found or (not free and "[]" in path):
            return MISSING
        return self._use(slot, target, part, self.rng.choice(free or found))

    def _use(self, slot: Slot, target: Entity, part: str, chosen: Row) -> Any:
        self._mean(slot, target, chosen)
        value = chosen.get(part, chosen.get("id", MISSING))
        if not is_another(slot) and target.key not in self.pairs:
            self.named.setdefault((target.key, part), value)
        self.used.add((target.key, as_text(value)))
        return value

    def held(self, slot: Slot) -> list[Any]:
        """What the rows that are already meant hold under the parameter's name."""
        one = slot.parameter
        meant = [(self.slots[path].parameter.entity, row) for path, row in self.meant.items()]
        held = (held_under(row, one.name) for entity, row in meant if entity != one.entity)
        return next(filter(None, held), [])

    @cached_property
    def subject(self) -> Row:
        """A row that a computation can be about: it has the most of what the call asks for."""
        names = [slot.parameter.name for slot in self.tool.slots]
        counts = [(sum(name in one.fields for name in names), one)
                  for one in self.rows.world.entities.values()
                  if one.domain == self.tool.model.tool.domain]  # fmt: skip
        for shared, entity in sorted(counts, key=lambda one: -one[0]):
            found = [
                row for row in (self.rows.rows(entity) if shared else ())
                if all(equals(row[n], self.given.get(n, row[n])) for n in names if n in row)
            ]  # fmt: skip
            if found:
                return self.rng.choice(found)
        return {}


def is_lawful(
    rows: Rows, tool: CompiledTool, arguments: JsonObject, *, partly: bool = False
) -> bool:
    """Whether no need of the tool is known not to be met, as far as the arguments are chosen.

    Demands that look at several values are asked too; that one of some must be given is not.
    ``partly``: others are still to be chosen, and what looks at those is not asked.
    """
    model = tool.model
    if not model.needs and not model.demands:
        return True
    if find_broken_demand(model, rows, arguments, partly=True) is not None:
        return False
    return all(
        find_unmet_need(CallScope(rows, tool, element), partly=partly) is None
        for element in tool.elements(arguments)
    )


def find_required(rows: Rows, tool: CompiledTool, made: JsonObject, path: str) -> Any:
    """The value that a need asks of a parameter: ``address.city == restaurant.city``."""
    for require, other in _equal_paths(tool.model).get(path, ()):
        if tool.against and tool.against in require:
            continue  # it is to be broken
        value = parse_expression(other).evaluate(CallScope(rows, tool, made))
        if value is not UNKNOWN:
            return value
    return MISSING


@remembered
def _equal_paths(model: ToolModel) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Path → the needs that want it equal to another, each with that other."""
    found: dict[str, list[tuple[str, str]]] = {}
    for need in model.needs:
        for sides in _EQUALITY.findall(need.require):
            for side, other in (sides, sides[::-1]):
                found.setdefault(side, []).append((need.require, other))
    return found


def _lone_target(slot: Slot, world: World) -> Entity | None:
    """The entity that a reference names by one value."""
    if slot.parameter.use != "reference":
        return None
    target = world.entities.get(slot.parameter.entity or "")
    return target if target is not None and len(target.identity) == 1 else None
