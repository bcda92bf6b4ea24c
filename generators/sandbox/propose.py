"""Proposes calls that succeed and, for a read, find something: for backends of every kind.

A draft settles which parameters are given; their values are those of
`generators.sandbox.argument_values`. A call is tried before it is proposed, wherever it can be
taken back.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.argument_values import ArgumentValues
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.errors import listed
from generators.sandbox.propose_rows import find_required, is_lawful
from generators.sandbox.row_sense import put_right
from generators.sandbox.schema_validity import MISSING, kind_of, simple
from generators.sandbox.store import Rows
from generators.sandbox.text_values import match_pattern
from generators.world.model import strip_indices
from schemas.canonical import copied
from schemas.environment import CallOutcome, Environment
from schemas.record import JsonObject

NOTHING: Mapping[str, Any] = MappingProxyType({})
TRIES = 8
"""Of one call, where the rules are those of the sandbox."""
UNLAWFUL_TRIES = 5
"""Of a call with given values, before it is held for one that cannot meet its tool's needs."""
PICKY_TRIES = 40
"""Where a call has needs of its own: not every account has money, not every hour is free."""
_REDRAWS = 8
"""Of an argument that breaks a need."""
_NEVER = frozenset({"cursor", "page", "offset", "skip", "after", "before", "per page"})
"""Optional parameters that nobody speaks of."""
_WEIGHTS = {"identity": 4.0, "reference": 3.0, "filter": 4.0, "minimum": 2.0, "maximum": 3.0,
            "query": 4.0, "field": 3.0, "input": 2.0, "option": 0.3}  # fmt: skip
"""How readily an optional parameter is given, by its use."""
_ODD = frozenset({"unknown", "object", "list", "cursor", "boolean", "url"})


class Proposal(NamedTuple):
    """A call that succeeds in the state for which it was proposed."""

    arguments: JsonObject
    outcome: CallOutcome | None = None
    """What the call returned when it was tried; None where it was not."""
    after: Any = None
    """The state that the tried call led to, as a snapshot of its environment."""


def make_proposed(environment: Environment, name: str, proposed: Proposal) -> CallOutcome:
    """Make the proposed call; one that was tried is not run again, its state is gone back to.

    ``environment``: the one that it was proposed for, still in the same state.
    """
    if proposed.outcome is None:
        return environment.call(name, proposed.arguments)
    environment.restore(proposed.after)
    return proposed.outcome


def propose_call(
    environment: Environment,
    rows: Rows,
    tool: CompiledTool,
    rng: Random,
    given: Mapping[str, Any] = NOTHING,
    optional: int = 1,
    *,
    tries: int = TRIES,
    tried: bool = True,
    allowed: Callable[[JsonObject], bool] = lambda _: True,
) -> Proposal | None:
    """A call of the tool with what came of it, or None where none was found that succeeds.

    ``given`` maps concrete leaf paths (``item_ids[0]``) to values that must be used as they are; at
    most ``optional`` parameters that need not be given are added, unless the call makes no sense
    without one. With ``tried`` false nothing is called: for environments in which a call cannot be
    taken back. The state is left as it was.
    """
    name, refusals = tool.model.name, []
    if tool.model.needs:
        tries = max(tries, PICKY_TRIES)
        known = {path: value for path, value in given.items() if path in tool.by_parameter}
        if known and not is_lawful(rows, tool, known):
            return None  # whatever else is said, what is given does not meet a need
    unlawful = 0
    was = environment.state_hash() if tried and tool.model.writes else ""
    for attempt in range(tries):
        # What a call lacks may be something that need not be given: later attempts give more.
        most = optional if attempt < tries // 2 else max(optional, 1)
        draft = CallDraft(rows, tool, rng, given, most, is_retry=attempt > 0)
        arguments = draft.arguments()
        if arguments is None and rows.ruled:
            return None  # no row suits what is given, and none will
        if arguments is None or not allowed(arguments):
            continue
        if not is_lawful(rows, tool, arguments):
            unlawful += 1
            if given and unlawful == UNLAWFUL_TRIES:
                return None  # what is given leaves too little room
            continue
        if not tried:
            return Proposal(arguments)
        before = environment.snapshot()
        outcome = environment.call(name, copied(arguments))
        after = environment.snapshot()
        useful = not outcome.is_error and _is_useful(environment, tool, outcome.content, was)
        environment.restore(before)
        if useful:
            return Proposal(arguments, outcome, after)
        if rows.ruled and outcome.is_error and given and outcome.content in refusals:
            return None  # what is refused twice is what is given
        refusals.append(outcome.content)
    return None


def _is_useful(environment: Environment, tool: CompiledTool, result: Any, was: str) -> bool:
    """Whether a list finds something, and a write changes something, if it can.

    A tool that only triggers something cannot. References of an update without an identity say
    which row is meant, and change none. ``was``: the hash of the state before.
    """
    if tool.model.operation == "list":
        for name in tool.rows_at.split("."):
            result = result.get(name, result) if isinstance(result, dict) else result
        found = listed(result)
        return bool(result if found is None else found)
    if not tool.model.writes or environment.state_hash() != was:
        return True
    placed = tool.model.operation == "update" and not tool.of("identity")
    written = tool.of("field") if placed else tool.of("field", "reference")
    return not written and tool.model.transition is None


# -- a draft of the arguments


class CallDraft:
    """One attempt at the arguments of a call."""

    def __init__(
        self, rows: Rows, tool: CompiledTool, rng: Random, given: Mapping[str, Any] = NOTHING,
        optional: int = 1, *, is_retry: bool = False,
    ) -> None:  # fmt: skip
        self.rows, self.tool, self.rng, self.given = rows, tool, rng, given
        self.slots = tool.by_parameter
        self.chosen = choose_optional(tool, rng, given, optional)
        self.leading = frozenset(above for path in given for above in ancestors(path))
        """The paths of what is given, and of all that it lies in."""
        self.count = rng.choice((1, 1, 2))
        self.values = ArgumentValues(rows, tool, rng, given, is_retry=is_retry)

    def arguments(self) -> JsonObject | None:
        """The arguments, or None where no row suits what is given."""
        tool, operation = self.tool, self.tool.model.operation
        about = tool.entity if operation != "create" else None
        if about and not self.values.targets and (self.rows.ruled or self.rows.rows(about)):
            return None
        schema = simple(tool.model.tool.parameters)
        made = self.values.referred.made
        self._settle_cities(schema, "")
        for name, rule, needed in _properties(schema):
            if needed or name in self.leading or name in self.chosen:
                value = self._lawful_value(rule, name)
                if value is not MISSING:
                    made[name] = value
        if any(name not in made for name in schema.get("required", ())):
            return None
        if not tool.entity or operation in ("create", "compute"):
            put_right(made, schema.get("properties", {}))
            made |= {path: value for path, value in self.given.items() if path in made}
        return made

    def _settle_cities(self, schema: JsonObject, path: str) -> None:
        """Let the streets of an object lie in the city that a need asks for."""
        for name, _, _ in _properties(schema) if self.tool.model.needs else ():
            below = f"{path}.{name}" if path else name
            slot = self.slots.get(strip_indices(below))
            if slot is not None and slot.parameter.semantic == "city":
                made = self.values.referred.made
                city = find_required(self.rows, self.tool, made, slot.parameter.path)
                if isinstance(city, str):
                    self.values.people_at(below).settle(name, city)

    def _lawful_value(self, schema: JsonObject, path: str) -> Any:
        """An argument with which no need or demand of the tool is broken, if one is found."""
        for demand in self.tool.model.demands:
            if path in self.given or path not in demand.parameters:
                continue
            if demand.kind == "format":
                return match_pattern(str(demand.value), self.rng) or MISSING
            if demand.kind == "only_with" and path == demand.parameters[1]:
                asked = demand.parameters[0] in self.leading | self.chosen
                if asked and demand.value is not None:
                    return demand.value
        made, free = self.values.referred.made, self.values.referred.copy_choices()
        value = self._value(schema, path)
        if path in self.leading or not is_lawful(self.rows, self.tool, made):
            return value  # it is not this value that is in the way
        slot, entity = self.slots.get(path), self.tool.entity
        for _ in range(_REDRAWS):
            if value is MISSING or is_lawful(self.rows, self.tool, made | {path: value}):
                break
            self.values.referred.take_choices(free)
            if slot is not None and entity is not None and slot.field in self.values.fresh:
                another = self.rows.seeds.invent_field(entity, slot.field, self.rng)
                self.values.fresh[slot.field] = another
            value = self._value(schema, path)
        return value

    def _value(self, schema: JsonObject, path: str) -> Any:
        if path in self.given:
            return self.given[path]
        kind = kind_of(schema)
        if kind == "object" and schema.get("properties"):
            return self._object(schema, path)
        if kind == "array" and strip_indices(path) not in self.slots:
            return self._array(schema, path)
        return self.values.find_value(schema, path)

    def _object(self, schema: JsonObject, path: str) -> JsonObject:
        self._settle_cities(schema, path)
        made: JsonObject = {}
        for name, rule, needed in _properties(schema):
            below = f"{path}.{name}"
            if needed or below in self.leading or strip_indices(below) in self.chosen:
                value = self._value(rule, below)
                if value is not MISSING:
                    made[name] = value
        return made

    def _array(self, schema: JsonObject, path: str) -> list[Any]:
        numbers = [
            int(p[len(path) + 1 :].split("]")[0]) for p in self.given if p.startswith(f"{path}[")
        ]
        known = len(self.values.targets) if path == self.tool.batch else 9
        most = schema.get("maxItems", max(self.count, known))
        count = max(min(self.count, most), schema.get("minItems", 0), max(numbers, default=-1) + 1)
        rule = schema.get("items")
        items = simple(rule if isinstance(rule, dict) else {"type": "string"})
        made: list[Any] = []
        for number in range(count):
            value = self._value(items, f"{path}[{number}]")
            if value is not MISSING and (numbers or value not in made):
                made.append(value)
        return made


@remembered
def _properties(schema: JsonObject) -> tuple[tuple[str, JsonObject, bool], ...]:
    """Name, simple schema and whether it must be given, of each property."""
    required = schema.get("required", ())
    rules = schema.get("properties", {}).items()
    return tuple((name, simple(rule), name in required) for name, rule in rules)


def choose_optional(
    tool: CompiledTool, rng: Random, given: Mapping[str, Any], most: int
) -> frozenset[str]:
    """Paths of the optional parameters that the call uses, and of all that they lie in.

    At least one, where the required ones and those that are given would say nothing.
    """
    operation, told = tool.model.operation, {strip_indices(path) for path in given}
    free = [one for one in _speakable(tool) if one[0].parameter.path not in told]
    says: tuple[Slot, ...] | None = None
    if operation == "update" and tool.model.transition is None:
        says = tool.of("field", "reference", "filter")
    elif operation in ("get", "delete"):
        says = tool.slots if any(slot.parameter.use != "option" for slot in tool.slots) else None
    silent = says is not None and not any(
        slot.parameter.required or slot.parameter.path in told for slot in says
    )
    count = max(int(silent), rng.randint(0, most) if most > 0 else 0)
    if silent:
        free = [one for one in free if one[0].parameter.use != "option"] or free
    chosen: set[str] = set()
    if operation in ("update", "delete"):
        for slot, _ in free:
            if slot.parameter.use == "identity":
                chosen.update(ancestors(slot.parameter.path))
        free = [one for one in free if one[0].parameter.use != "identity"]
    for _ in range(min(count, len(free))):
        at = rng.choices(range(len(free)), [weight for _, weight in free])[0]
        chosen.update(ancestors(free.pop(at)[0].parameter.path))
    for demand in tool.model.demands:
        if demand.kind == "at_least_one" and not (told | chosen).intersection(demand.parameters):
            chosen.update(ancestors(rng.choice(demand.parameters)))
        elif demand.kind == "only_with" and demand.parameters[0] in told | chosen:
            chosen.update(ancestors(demand.parameters[1]))
    return frozenset(chosen)


@remembered
def _speakable(tool: CompiledTool) -> tuple[tuple[Slot, float], ...]:
    """Slots of the optional parameters that a person may speak of, and how readily one does."""
    found = []
    for slot in tool.slots:
        parameter = slot.parameter
        dull = parameter.semantic == "cursor" or in_words(parameter.name) in _NEVER
        if not parameter.required and not dull:
            weight = _WEIGHTS[parameter.use] * (0.3 if "default" in parameter.schema else 1)
            found.append((slot, weight * (0.1 if parameter.semantic in _ODD else 1)))
    return tuple(found)


@lru_cache(maxsize=16_384)
def ancestors(path: str) -> tuple[str, ...]:
    """The path and every object and list around it: ``a[].b`` → ``a``, ``a[]``, ``a[].b``."""
    found, at = [path], len(path)
    while (at := max(path.rfind(".", 0, at), path.rfind("[", 0, at))) > 0:
        found.append(path[:at])
    return tuple(found)
