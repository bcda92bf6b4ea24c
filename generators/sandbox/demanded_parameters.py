"""Which optional parameters a call must have, and must not have, by what its tool demands.

What decides a demand, such as the method of a tool that does several things, gets its value here,
before the others: a call of each method gives what that one needs, and nothing that is for others.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from random import Random
from typing import Any

from generators.sandbox.compiled_tools import CompiledTool
from generators.world.model import strip_indices
from schemas.demand import Demand, Given

_ROUNDS = 8


class ParameterChoice:
    """The parameters of one call that is to be proposed, on their way to what is demanded."""

    def __init__(
        self, tool: CompiledTool, rng: Random, given: Mapping[str, Any], chosen: Collection[str]
    ) -> None:
        """``given``: concrete path → value that must be used; ``chosen``: optional ones besides."""
        self.tool, self.rng = tool, rng
        self.told = {above for path in given for above in ancestors(strip_indices(path))}
        self.chosen = set(chosen)
        self.settled: dict[str, Any] = {}
        """Values of what decides a demand."""
        self.lawful = True
        """Whether what is given and what the tool demands can both be."""
        self.known = {strip_indices(path): value for path, value in given.items()}
        required = (slot.parameter.path for slot in tool.slots if slot.parameter.required)
        self.required = {above for path in required for above in ancestors(path)}
        self.required.update(tool.model.tool.required)

    def meet_demands(self) -> None:
        """Add and take away until all is kept."""
        demands = self.tool.model.demands
        for _ in range(_ROUNDS if demands else 0):
            # Draw a value for each parameter in play by whose value a demand is decided.
            named = [one.parameter for demand in demands for one in demand.when if one.values]
            named += [
                one.parameters[1] for one in demands if one.kind == "only_with" and one.allowed
            ]
            for path in dict.fromkeys(named):
                if path in self.known or path in self.settled or not self._has(path):
                    continue
                slot = self.tool.by_parameter.get(path)
                schema = slot.parameter.schema if slot is not None else {}
                values = schema.get("enum") or (
                    [True, False] if schema.get("type") == "boolean" else ()
                )
                if values:
                    self.settled[path] = self.rng.choice(list(values))
            before = set(self.chosen), dict(self.settled)
            self.lawful = all(self._meet(one) for one in demands)
            # Leave out what is told to be needed for other values than those of this call.
            needed = [one for one in demands if one.kind == "needed"]
            bound = {
                path for one in needed if any(g.values for g in one.when) for path in one.parameters
            }
            asked = {
                path for one in needed if all(map(self._holds, one.when)) for path in one.parameters
            }
            for path in [one for one in self.chosen if one in bound - asked]:
                self._drop(path)
            if not self.lawful or before == (self.chosen, self.settled):
                return

    def _has(self, path: str) -> bool:
        return path in self.told or path in self.chosen or path in self.required

    def _holds(self, given: Given) -> bool:
        if not self._has(given.parameter):
            return False
        value = self.known.get(given.parameter, self.settled.get(given.parameter))
        return not given.values or value in given.values

    def _meet(self, demand: Demand) -> bool:
        """Whether a demand is kept, or could be by another choice, which is made."""
        head = demand.parameters[0].rpartition(".")[0] if demand.parameters else ""
        inside = head != "" and not self._has(head) and not self._has(head.removesuffix("[]"))
        if inside or not all(map(self._holds, demand.when)):
            return True
        present = [path for path in demand.parameters if self._has(path)]
        if demand.kind == "at_least_one":
            free = [one for one in demand.parameters if one not in self.tool.model.unread]
            if self.tool.model.operation == "create":  # a comment has words, whatever else it has
                known = self.tool.by_parameter
                texts = [p for p in free if p in known and known[p].parameter.semantic == "text"]
                present, free = [one for one in present if one in texts or not texts], texts or free
            return bool(present) or self._add(self.rng.choice(free or demand.parameters))
        if demand.kind == "needed":
            return all(self._add(path) for path in demand.parameters if path not in present)
        if demand.kind == "never":
            return all(map(self._drop, present))
        if demand.kind == "at_most_one" and len(present) > 1:
            fixed = [path for path in present if path in self.told or path in self.required]
            kept = fixed[:1] or [self.rng.choice(present)]
            return all(self._drop(path) for path in present if path not in kept)
        if demand.kind == "only_with" and demand.parameters[0] in present:
            # Give beside a parameter the one that it goes with, or leave both out.
            first, second = demand.parameters
            if self._holds(Given(parameter=second, values=demand.allowed)):
                return True
            if self._has(second):  # it says something else
                return self._drop(first)
            if demand.allowed:
                self.settled[second] = self.rng.choice(demand.allowed)
            return self._add(second)
        return True

    def _add(self, path: str) -> bool:
        """Give a parameter; of an object or a list, what it cannot be without, or one thing."""
        self.chosen.update(ancestors(path))
        if path in self.tool.by_parameter:
            return True
        below = [one for one in self.tool.by_parameter if one.startswith((f"{path}.", f"{path}["))]
        if not below:
            return False
        schemas = [self.tool.by_parameter[one].parameter for one in below]
        needed = [one.path for one in schemas if one.required]
        for one in needed or [self.rng.choice(below)]:
            self.chosen.update(ancestors(one))
        return True

    def _drop(self, path: str) -> bool:
        """Leave a parameter out with all in it; whether it may be left out."""
        if path in self.told or path in self.required:
            return False
        below = (f"{path}.", f"{path}[")
        self.chosen = {one for one in self.chosen if one != path and not one.startswith(below)}
        self.settled.pop(path, None)
        return True


@lru_cache(maxsize=16_384)
def ancestors(path: str) -> tuple[str, ...]:
    """The path and every object and list around it: ``a[].b`` → ``a``, ``a[]``, ``a[].b``."""
    found, at = [path], len(path)
    while (at := max(path.rfind(".", 0, at), path.rfind("[", 0, at))) > 0:
        found.append(path[:at])
    return tuple(found)
