"""Which parameters that need not be given a proposed call gives: what a person may speak of."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.world.model import strip_indices

_NEVER = frozenset({"cursor", "page", "offset", "skip", "after", "before", "per page"})
_WEIGHTS = {"identity": 4.0, "reference": 3.0, "filter": 4.0, "minimum": 2.0, "maximum": 3.0,
            "query": 4.0, "field": 3.0, "input": 2.0, "option": 0.3}  # fmt: skip
"""How readily an optional parameter is given, by its use."""
_ODD = frozenset({"unknown", "object", "list", "cursor", "boolean", "url"})


def choose_optional(
    tool: CompiledTool, rng: Random, given: Mapping[str, Any], most: int
) -> frozenset[str]:
    """Paths of the optional parameters that the call uses, and of all that they lie in."""
    told = {strip_indices(path) for path in given}
    fitting = [slot for slot in _usable(tool) if slot.parameter.path not in told]
    least = 1 if _needs_one(tool, told) else 0
    count = max(least, rng.randint(0, most) if most > 0 else 0)
    if count and least:
        fitting = [slot for slot in fitting if slot.parameter.use != "option"] or fitting
    chosen: set[str] = set()
    if tool.model.operation in ("update", "delete"):
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
    for demand in tool.model.demands:
        if demand.kind == "at_least_one" and not (told | chosen).intersection(demand.parameters):
            chosen.update(ancestors(rng.choice(demand.parameters)))
        elif demand.kind == "only_with" and demand.parameters[0] in told | chosen:
            chosen.update(ancestors(demand.parameters[1]))
    return frozenset(chosen)


@remembered
def _usable(tool: CompiledTool) -> tuple[Slot, ...]:
    """Slots of the optional parameters that a person may speak of."""
    return tuple(
        slot
        for slot in tool.slots
        if not slot.parameter.required and slot.parameter.semantic != "cursor"
        if in_words(slot.parameter.name) not in _NEVER
    )


def _needs_one(tool: CompiledTool, told: AbstractSet[str]) -> bool:
    """Whether the call would say nothing with its required parameters, and those told, alone."""
    if tool.model.operation == "update":
        if tool.model.transition is not None:
            return False
        says = tool.of("field", "reference", "filter")
    elif tool.model.operation in ("get", "delete"):
        if all(slot.parameter.use == "option" for slot in tool.slots):
            return False
        says = tool.slots
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
