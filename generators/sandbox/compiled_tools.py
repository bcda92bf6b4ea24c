"""What is worked out once for each tool: its validator, its parameters by use, its lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.meanings import is_bare_kind
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import phrase_set, read_phrases, word_set
from generators.sandbox.errors_and_faults import call_error
from generators.sandbox.row_values import is_filed
from generators.sandbox.schema_validity import MISSING, kind_of, simple
from generators.world.model import Entity, ParameterModel, ToolModel, Use, World, strip_indices
from generators.world.schema_leaves import page_place
from schemas.record import JsonObject

KEEPING = word_set("return refund exchange cancel ship rate review report check track")
"""Verbs whose lists of identifiers say which parts of the row are meant, without a change."""
CONTENTS = ("content", "text", "body")
"""Fields with a text that is edited by passages, the likeliest first."""
_OLD = phrase_set("old text;old string;old str;old;search;find")
_NEW = phrase_set("new text;new string;new str;new;replace;replacement")


@dataclass(frozen=True)
class Slot:
    """A parameter, and where it lies in one element of the call."""

    parameter: ParameterModel
    path: str
    """Relative to the element: ``name`` for ``entities[].name`` where these are made one by one."""
    field: str
    """The row's field that it is compared with, or written to."""
    named_by: str = ""
    """Where the parameter lies that names the field instead: ``field`` of ``new_value``."""


@dataclass(frozen=True)
class CompiledTool:
    """A tool, ready to be run."""

    model: ToolModel
    entity: Entity | None
    slots: tuple[Slot, ...]
    batch: str
    """The list whose elements are dealt with one by one; empty where there is none."""
    envelopes: tuple[str, ...]
    """Names of the objects wrapped around the fields of the row, the outermost first."""
    returns: JsonObject
    rows_at: str
    """Where the result lists rows: ``orders``, ``orders.items``; empty where it does not."""
    against: str = ""
    """A condition that its calls are to break, where such are looked for."""

    def of(self, *uses: Use) -> tuple[Slot, ...]:
        """The slots of these uses."""
        if uses not in self._by_uses:
            found = tuple(slot for slot in self.slots if slot.parameter.use in uses)
            self._by_uses[uses] = found
        return self._by_uses[uses]

    @cached_property
    def by_parameter(self) -> dict[str, Slot]:
        """Parameter's path → its slot."""
        return {slot.parameter.path: slot for slot in self.slots}

    @cached_property
    def _by_uses(self) -> dict[tuple[Use, ...], tuple[Slot, ...]]:
        return {}

    def elements(self, arguments: JsonObject) -> list[JsonObject]:
        """The arguments, once for each element of the batch.

        Raises CallError where the path and the body name two rows.
        """
        named: dict[str, Any] = {}
        for slot in self.of("identity") if self.envelopes else ():
            value = pick(arguments, slot.parameter.path)
            if value is not MISSING and named.setdefault(slot.field, value) != value:
                other = named[slot.field]
                raise call_error("disagree", field=in_words(slot.field), one=other, other=value)
        whole = self._unwrap(arguments)
        if not self.batch:
            return [whole]
        outer = {name: value for name, value in whole.items() if name != self.batch}
        if self.batch not in whole:
            return [outer]  # a list that need not be given
        inner = whole.get(self.batch) or []
        elements = (outer | (one if isinstance(one, dict) else {self.batch: one}) for one in inner)
        return [self._unwrap(one) for one in elements]

    def _unwrap(self, arguments: JsonObject) -> JsonObject:
        """The arguments with what lies in envelopes beside them; what stands outside wins."""
        for name in self.envelopes:
            if isinstance(arguments.get(name), dict):
                rest = {key: value for key, value in arguments.items() if key != name}
                arguments = {**arguments[name], **rest}
        return arguments

    def element_of(self, given: Mapping[str, Any]) -> JsonObject:
        """What is given at concrete paths, as the arguments of one element."""
        found: JsonObject = {}
        for path, value in given.items():
            plain = strip_indices(path)
            if self.batch and plain == f"{self.batch}[]":
                plain = self.batch
            elif self.batch:
                plain = plain.removeprefix(f"{self.batch}[].")
            inner = found
            *heads, last = plain.replace("[]", "").split(".")
            for head in heads:
                inner = inner.setdefault(head, {})
            inner.setdefault(last, value)
        return self._unwrap(found)

    def locates(self, slot: Slot, world: World) -> bool:
        """Whether a reference of an update says where the row lies, and is not written into it."""
        target = world.entities.get(slot.parameter.entity or "")
        composite = target is not None and len(target.identity) > 1
        within = self.entity is not None and slot.field in self.entity.identity
        return within or composite or self.model.transition is not None

    @cached_property
    def kinds_within(self) -> Mapping[str, tuple[str, ...]]:
        """Parameter that says of what kind an object within the row is → what it is given with.

        ``location.type`` → ``location.coordinates[]``: a point that lies nowhere is none.
        """
        written = {slot.path: slot.parameter.path for slot in self.of("field")}
        found = {}
        for slot in self.of("field"):
            head, dot, _ = slot.path.rpartition(".")
            if dot and is_bare_kind(slot.parameter.name):
                beside = (p for path, p in written.items() if path.startswith(f"{head}."))
                found[slot.parameter.path] = tuple(p for p in beside if p != slot.parameter.path)
        return {path: beside for path, beside in found.items() if beside}

    @cached_property
    def naming(self) -> frozenset[str]:
        """Where the parameters lie that name a field."""
        return frozenset(slot.named_by for slot in self.slots if slot.named_by)

    def swaps(self, slot: Slot) -> bool:
        """Whether another parameter says what comes in the place of this one's values."""
        return any(in_words(other.path) == f"new {in_words(slot.path)}" for other in self.slots)

    def keeps(self, slot: Slot) -> bool:
        """Whether a list of identifiers says which parts of the row are meant, without a change."""
        return self.swaps(slot) or self.model.verb in KEEPING

    @cached_property
    def edit_paths(self) -> tuple[str, ...]:
        """Paths of the passages that are taken out and put in; none where there is no pair."""
        said = {in_words(slot.path.replace("[]", "").rsplit(".", 1)[-1]): slot.path
                for slot in reversed(self.of("field"))}  # fmt: skip
        pair = [next((path for name, path in reversed(said.items()) if name in names), "")
                for names in (_OLD, _NEW)]  # fmt: skip
        return tuple(pair) if all(pair) and self.model.operation == "update" else ()

    @cached_property
    def by_path(self) -> bool:
        """The rows are files: a path names a row, or all rows below it."""
        return self.entity is not None and is_filed(self.entity)


def is_currency(parameter: ParameterModel) -> bool:
    """Whether a parameter takes a currency, freely or out of a list."""
    options = parameter.schema.get("enum", ())
    known: dict[str, float] = read_phrases("currencies")
    listed = bool(options) and all(isinstance(one, str) and one in known for one in options)
    return parameter.semantic == "currency" or listed


@lru_cache(maxsize=4096)
def compile_tool(world: Same[World], name: str) -> CompiledTool:
    """The plan of a tool. Raises KeyError for a name that the world does not have."""
    model = world.it.models[name]
    entity = world.it.entities.get(model.entity or "")
    batch, returns = _find_batch(model, entity), simple(model.returns)
    fields = {in_words(n): n for n in (*entity.identity, *entity.fields)} if entity else {}
    envelopes: list[str] = []
    wrapped = {one.path: _envelopes_of(one, model) for one in model.parameters}
    for outer in wrapped.values():
        envelopes += [name for name in outer if name not in envelopes and f"{batch}[]" != name]
    envelopes = [name for name in envelopes if not name.endswith("[]")]
    slots = []
    for parameter in model.parameters:
        path, said = parameter.path, in_words(parameter.name)
        while "." in path and path.partition(".")[0] in (*envelopes, f"{batch}[]"):
            path = path.partition(".")[2]
        if batch and path == f"{batch}[]":
            path = batch
        field = parameter.field if parameter.field and "[" not in parameter.field else None
        own = fields.get(said) or fields.get(singular(said)) or parameter.name
        named = (parameter.field or "").strip("[]") if (parameter.field or "")[:1] == "[" else ""
        beside = path.removesuffix("[]").rpartition(".")
        slots.append(Slot(parameter, path, field or own, named and f"{''.join(beside[:2])}{named}"))
    rows_at = _find_listed(model, entity, returns, batch)
    return CompiledTool(model, entity, tuple(slots), batch, tuple(envelopes), returns, rows_at)


def _envelopes_of(parameter: ParameterModel, model: ToolModel) -> list[str]:
    """The objects that a written leaf lies in and its field does not: ``data``, ``lamps[]``."""
    if model.operation not in ("create", "update") or "[" in (parameter.field or "[")[:1]:
        return []
    steps = parameter.path.split(".")
    return steps[: max(len(steps) - len((parameter.field or "").split(".")), 0)]


def _find_batch(model: ToolModel, entity: Entity | None) -> str:
    """The required list whose elements name rows, or are the rows that are to be made.

    Of rows that nothing else tells of, the list need not be required.
    """
    if entity is None:
        return ""
    heads = {one.path.partition(".")[0].partition("[]")[0] for one in model.parameters
             if one.use != "option"}  # fmt: skip
    needed = {*model.tool.required, *(heads if len(heads) == 1 else ())}
    for parameter in model.parameters:
        rows = [one for one in _envelopes_of(parameter, model) if one.endswith("[]")]
        if rows and parameter.path.partition(".")[0].removesuffix("[]") in needed:
            return rows[0].removesuffix("[]")
    for parameter in model.parameters:
        head, bracket, rest = parameter.path.partition("[]")
        if not bracket or "." in head or "[]" in rest:
            continue
        others = (one for one in model.parameters if one.path.partition("[]")[0] != head)
        if head not in needed and any(one.use == "identity" for one in others):
            continue
        if parameter.use == "identity" and (model.operation != "list" or not rest):
            return head
    return ""


def _find_listed(model: ToolModel, entity: Entity | None, returns: JsonObject, batch: str) -> str:
    """The property that lists rows: by its name, by its elements' fields, or as the only list.

    Of a call for each row of a batch, the list of what has the identity of such a row, though rows
    are said to hold a list of that name: where every result wraps its rows in ``data``.
    """
    if entity is None:
        return ""
    listing = model.operation == "list"
    if listing and (place := page_place(returns)):
        return place
    nouns = {model.noun, entity.noun, singular(model.noun).split(" ")[-1]}
    scores: dict[str, int] = {}
    properties: dict[str, Any] = returns.get("properties", {})
    for name, rule in properties.items():
        part = simple(rule) if isinstance(rule, dict) else {}
        field = entity.fields.get(name)
        held = simple(part.get("items", {})).get("properties", {})
        each = batch and name not in entity.identity and {*entity.identity} <= held.keys()
        other = field is None or kind_of(simple(field.schema)) != "array" or each
        if kind_of(part) == "array" and (other or listing):
            if singular(in_words(name)) in nouns:
                return name
            # A row beside a list of things that it is not said to be: a product and its items.
            if not listing and {*entity.identity} & (properties.keys() - held.keys()):
                continue
            scores[name] = sum(one in entity.fields for one in held)
    best: str = max(scores, key=lambda name: scores[name], default="")
    several = any("[]." in one.path for one in model.parameters)  # written as a list, so shown
    alone = len(scores) == 1 and (listing or (model.writes and several and scores[best]))
    return best if best and (scores[best] > 1 or alone) else ""


def pick(element: JsonObject, path: str) -> Any:
    """The value at a slot's path; below lists, the list of all values; `MISSING` where none is."""
    if path in element:
        return element[path]
    value: Any = element
    for step in path.split("."):
        name = step.replace("[]", "")
        if isinstance(value, list):
            value = [item[name] for item in value if isinstance(item, dict) and name in item]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return MISSING
    return value


def read_identity(tool: CompiledTool, entity: Entity, element: JsonObject) -> JsonObject:
    """Identity field → the value that the call gives."""
    given: JsonObject = {}
    for slot in tool.of("identity", "reference"):
        name = slot.field
        strange = name not in entity.identity and name not in entity.fields
        if strange and slot.parameter.use == "identity" and len(entity.identity) == 1:
            name = entity.identity[0]
        if name in entity.identity and name not in given:
            value = pick(element, slot.path)
            if value is not MISSING and value is not None:
                given[name] = value
    return given
