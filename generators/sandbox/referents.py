"""Which rows a proposed call refers to: all belong together, and none of them is over."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.agreement import (
    belonging,
    belongs,
    is_another,
    lacks,
    named_parts,
    part_of,
)
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.row_states import usable
from generators.sandbox.row_values import Row, as_text, equals, held_under
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.store import Store
from generators.world.model import Entity, World, strip_indices
from schemas.record import JsonObject

_REVISIONS = frozenset({"target", "base", "head", "ref", "revision"})


class Referents:
    """The rows that one draft refers to, chosen one after the other so that they agree."""

    def __init__(
        self, store: Store, plan: CompiledTool, rng: Random, given: Mapping[str, Any]
    ) -> None:
        self.store, self.plan, self.rng = store, plan, rng
        self.given = {strip_indices(path): value for path, value in given.items()}
        self.slots = plan.by_parameter
        self.named = dict(named_parts(plan, store.world, self.given))
        self.pairs = _pairs(Same(plan), Same(store.world))
        self.meant: dict[str, Row] = {}
        """Parameter's path → the row that it names."""
        self.used: set[tuple[str, str]] = {
            (str(slot.parameter.semantic), as_text(value))
            for path, value in self.given.items()
            if (slot := self.slots.get(path)) is not None
        }
        for path, value in self.given.items():
            target = self._target(self.slots.get(path))
            row = self.store.find(target, (as_text(value),)) if target else None
            if target is not None and row is not None:
                self._mean(self.slots[path], target, row)
                self.used.add((target.key, as_text(value)))

    def _target(self, slot: Slot | None) -> Entity | None:
        """The entity that a reference names by one value."""
        return None if slot is None else _target_of(slot, self.store.world)

    def _mean(self, slot: Slot, target: Entity, row: Row) -> None:
        """Note a choice, and what follows from it: the restaurant of the dish."""
        self.meant[slot.parameter.path] = row
        if not is_another(slot):
            for name, key, part in belonging(target, self.store.world):
                if row.get(name) is not None:
                    self.named.setdefault((key, part), row[name])

    @cached_property
    def anchors(self) -> dict[str, Row]:
        """A row for each composite identity that the call names, the longest first; all agree."""
        composites = self._composites()
        self._lead({target.key for target in composites})
        wanted: JsonObject = {}
        for path, value in self.given.items():
            slot = self.slots.get(path)
            if slot is not None:
                wanted |= {slot.field: value, slot.parameter.name: value}
        keys = {target.key for target in composites}
        wanted |= {part: value for (key, part), value in self.named.items() if key in keys}
        anchors: dict[str, Row] = {}
        for target in composites:
            rows = [
                row for row in self.store.rows(target)
                if all(equals(row[n], wanted[n]) for n in target.identity if n in wanted)
            ]  # fmt: skip
            rows = [row for row in rows if usable(self.plan.model, target, row)] or rows
            if rows:
                anchors[target.key] = self.rng.choice(rows)
                wanted |= {name: anchors[target.key][name] for name in target.identity}
        return anchors

    def _composites(self) -> list[Entity]:
        entities = self.store.world.entities
        named = [entities.get(slot.parameter.entity or "") for slot in self.plan.slots]
        if self.plan.model.operation != "create":
            named.append(self.plan.entity)
        found = {one.key: one for one in named if one is not None and len(one.identity) > 1}
        own = self.plan.entity.key if self.plan.entity else ""
        return sorted(found.values(), key=lambda one: (one.key == own, -len(one.identity), one.key))

    @cached_property
    def _branch(self) -> Row:
        """A branch of the domain, for a computation about it: in the repository that is given."""
        entities = self.store.world.entities.values()
        found = [
            row
            for entity in entities
            if entity.noun == "branch" and entity.domain == self.plan.model.tool.domain
            for row in self.store.rows(entity)
            if all(equals(row[name], self.given.get(name, row[name])) for name in entity.identity)
        ]
        return self.rng.choice(found) if found else {}

    def nearby(self, slot: Slot) -> Any:
        """What a computation is about, where the domain has rows of it: a repository, a branch."""
        name = "branch" if slot.parameter.name in _REVISIONS else slot.parameter.name
        branch = next((n for n in self._branch if n in ("branch", "branch_name")), "")
        return self._branch.get(branch if name == "branch" else name, MISSING)

    def _lead(self, composites: set[str]) -> None:
        """Choose the rows first that say where they belong: the comment before its repository."""
        for slot in self.slots.values():
            target = self._target(slot)
            if target is None or not slot.parameter.required or is_another(slot):
                continue
            places = {key for _, key, _ in belonging(target, self.store.world)}
            if self.plan.model.writes and slot.parameter.path not in self.meant:
                rows = self._fitting(target) if places & composites else []
                if rows:
                    self._mean(slot, target, self.rng.choice(rows))

    def _fitting(self, target: Entity) -> list[Row]:
        """Rows that belong to what is named, can be used, and are used by other parameters."""
        world, model = self.store.world, self.plan.model
        rows = [row for row in self.store.rows(target) if usable(model, target, row)]
        return [
            row for row in rows if not model.writes or belongs(row, target, world, self.named)
        ]  # fmt: skip

    def _peopled(self, target: Entity, rows: list[Row]) -> list[Row]:
        """Those rows that have what the call asks for besides: restaurants with dishes."""
        for slot in self.slots.values():
            other = self._target(slot)
            if other is None or other.key == target.key or not self.plan.model.writes:
                continue
            value = self.given.get(slot.parameter.path, MISSING)
            if value is not MISSING:
                rows = [r for r in rows if lacks(r, slot.parameter.name, value) is MISSING] or rows
            for name, key, part in belonging(other, self.store.world):
                if key == target.key and slot.parameter.required:
                    held = {as_text(row.get(name)) for row in self.store.rows(other)}
                    rows = [row for row in rows if as_text(row[part]) in held] or rows
        return rows

    def choose(self, slot: Slot, target: Entity, part: str, row: Row | None) -> Row:
        """A row of the entity referred to: one for all parts of a composite identity."""
        if len(target.identity) > 1 and not is_another(slot):
            return self.anchors.get(target.key, {})
        anchor = self.anchors.get(target.key)
        if slot.parameter.path in self.meant and slot.parameter.path not in self.given:
            led = self.meant[slot.parameter.path]
            if (target.key, as_text(led[part])) not in self.used:
                return self._use(slot, target, part, led)
        rows = self._near(target, anchor) if anchor is not None else self._fitting(target)
        known = None if target.key in self.pairs else self.named.get((target.key, part))
        alone = (target.key, as_text(known)) not in self.used
        if known is not None and alone and not is_another(slot):
            rows = [one for one in rows if equals(one[part], known)] or rows
        rows = self._peopled(target, rows)
        current = row.get(slot.field) if row is not None else None
        free = [
            one for one in rows
            if (target.key, as_text(one[part])) not in self.used and not equals(one[part], current)
        ]  # fmt: skip
        if not rows or (not free and "[]" in slot.parameter.path):
            return {}
        return self._use(slot, target, part, self.rng.choice(free or rows))

    def _near(self, target: Entity, anchor: Row) -> list[Row]:
        """Other rows in the scope of the one that is meant."""
        rows, scope = self.store.rows(target), target.identity[:-1]
        others = [r for r in rows if r is not anchor and all(r[n] == anchor[n] for n in scope)]
        return others or rows

    def _use(self, slot: Slot, target: Entity, part: str, chosen: Row) -> Row:
        self._mean(slot, target, chosen)
        if not is_another(slot) and target.key not in self.pairs:
            self.named.setdefault((target.key, part_of(slot, target)), chosen[part])
        self.used.add((target.key, as_text(chosen[part])))
        return chosen

    def held(self, slot: Slot) -> list[Any]:
        """What the rows that are already meant hold under the parameter's name."""
        for path, row in self.meant.items():
            if self.slots[path].parameter.entity != slot.parameter.entity:
                found = held_under(row, slot.parameter.name)
                if found:
                    return found
        return []


def _target_of(slot: Slot, world: World) -> Entity | None:
    if slot.parameter.use != "reference":
        return None
    target = world.entities.get(slot.parameter.entity or "")
    return target if target is not None and len(target.identity) == 1 else None


@lru_cache(maxsize=4096)
def _pairs(plan: Same[CompiledTool], world: Same[World]) -> frozenset[str]:
    """Entities that a call names two rows of: from one account to another."""
    targets = (_target_of(slot, world.it) for slot in plan.it.slots)
    named = [target.key for target in targets if target is not None]
    return frozenset(key for key in named if named.count(key) > 1)
