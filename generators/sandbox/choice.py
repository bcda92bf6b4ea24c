"""Which row a proposed call is about, and which optional parameters it uses."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.lexicon.verbs import states_before
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.file_values import is_media, wants_media
from generators.sandbox.row_states import allowed
from generators.sandbox.row_values import Row, equals
from generators.sandbox.seeding import is_filed
from generators.sandbox.selection import suiting
from generators.sandbox.store import Store
from generators.world.model import Entity, strip_indices
from schemas.record import JsonObject

_NEVER = frozenset({"cursor", "page", "offset", "skip", "after", "before", "per page"})
_WEIGHTS = {"identity": 4.0, "reference": 3.0, "filter": 4.0, "minimum": 2.0, "maximum": 3.0,
            "query": 4.0, "field": 3.0, "input": 2.0, "option": 0.3}  # fmt: skip
_ODD = frozenset({"unknown", "object", "list", "cursor", "boolean", "url"})


def suiting_rows(
    store: Store, plan: CompiledTool, entity: Entity, given: Mapping[str, Any]
) -> list[Row]:
    """Rows that agree with what is given and are not yet what the call would make them.

    Those in the state that the tool's verb or name speaks of come alone where there are any.
    """
    element = _element(plan, given)
    rows = suiting(plan, store.world, store.rows(entity), element)
    rows = allowed(plan.model, entity, rows)
    if is_filed(entity) and rows and plan.model.operation in ("get", "update"):
        shown = wants_media(plan.model.name)
        rows = [r for r in rows if is_media(str(r[entity.identity[0]])) == shown] or rows
    if plan.model.transition:
        name, state = plan.model.transition
        rows = [row for row in rows if not equals(row.get(name), state)]
        before = states_before(plan.model.verb)
        rows = [row for row in rows if row.get(name) in before] or rows
    words = _words(plan)
    spoken = [
        row
        for row in rows
        if ("status" in row and str(row["status"]).lower() in words)
        or ("state" in row and str(row["state"]).lower() in words)
    ]
    return spoken or rows


@remembered
def _words(plan: CompiledTool) -> frozenset[str]:
    """Words of the tool's name."""
    return frozenset(in_words(plan.model.name).split())


def _element(plan: CompiledTool, given: Mapping[str, Any]) -> JsonObject:
    """What is given as the arguments of one element."""
    found: JsonObject = {}
    for path, value in given.items():
        plain = strip_indices(path)
        if plan.batch and plain == f"{plan.batch}[]":
            plain = plan.batch
        elif plan.batch and plain.startswith(f"{plan.batch}[]."):
            plain = plain[len(plan.batch) + 3 :]
        inner = found
        *heads, last = plain.replace("[]", "").split(".")
        for head in heads:
            inner = inner.setdefault(head, {})
        inner.setdefault(last, value)
    return found


def choose_optional(
    plan: CompiledTool, rng: Random, given: Mapping[str, Any], most: int
) -> frozenset[str]:
    """Paths of the optional parameters that the call uses, and of all that they lie in."""
    told = {strip_indices(path) for path in given}
    fitting = [slot for slot in _usable(plan) if slot.parameter.path not in told]
    least = 1 if _needs_one(plan, told) else 0
    count = max(least, rng.randint(0, most) if most > 0 else 0)
    if count and least:
        fitting = [slot for slot in fitting if slot.parameter.use != "option"] or fitting
    chosen: set[str] = set()
    if plan.model.operation in ("update", "delete"):
        for slot in [slot for slot in fitting if slot.parameter.use == "identity"]:
            fitting.remove(slot)
            chosen.update(ancestors(slot.parameter.path))
    for _ in range(min(count, len(fitting))):
        weights = [_weight(slot) for slot in fitting]
        if not any(weights):
            break
        slot = rng.choices(fitting, weights)[0]
        fitting.remove(slot)
        chosen.update(ancestors(slot.parameter.path))
    return frozenset(chosen)


@remembered
def _usable(plan: CompiledTool) -> tuple[Slot, ...]:
    """Slots of the optional parameters that a person may speak of."""
    return tuple(
        slot
        for slot in plan.slots
        if not slot.parameter.required and slot.parameter.semantic != "cursor"
        if in_words(slot.parameter.name) not in _NEVER
    )


def _needs_one(plan: CompiledTool, told: AbstractSet[str]) -> bool:
    """Whether the call would say nothing with its required parameters, and those told, alone."""
    if plan.model.operation == "update":
        if plan.model.transition is not None:
            return False
        says = plan.of("field", "reference", "filter")
    elif plan.model.operation in ("get", "delete"):
        if all(slot.parameter.use == "option" for slot in plan.slots):
            return False
        says = plan.slots
    else:
        return False
    return not any(slot.parameter.required or slot.parameter.path in told for slot in says)


@remembered
def _weight(slot: Slot) -> float:
    weight = _WEIGHTS[slot.parameter.use]
    if "default" in slot.parameter.schema:
        weight *= 0.3
    return weight * (0.1 if slot.parameter.semantic in _ODD else 1.0)


@lru_cache(maxsize=16_384)
def ancestors(path: str) -> tuple[str, ...]:
    """The path and every object and list around it: ``a[].b`` → ``a``, ``a[]``, ``a[].b``."""
    found, at = [path], len(path)
    while (at := max(path.rfind(".", 0, at), path.rfind("[", 0, at))) > 0:
        found.append(path[:at])
    return tuple(found)
