"""What a new row holds where a create could have been told, and was not.

A service takes the default that its schema names, an empty list, or "no"; all else is simply not
there, and so is what only other tools give. What each result of the source must show, and nobody
has told, is chosen by the system itself.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.sandbox.compiled_tools import CompiledTool, Slot
from generators.sandbox.row_states import state_field
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.world.bind import always_shown, fields_given
from generators.world.model import Entity, ToolModel, World
from schemas.record import JsonObject

_NO_RULE: JsonObject = {}


class Unset(NamedTuple):
    """What becomes of the fields that a create has not given."""

    defaults: JsonObject
    """Field → what it is where nobody says otherwise."""
    lacking: frozenset[str]
    """Fields that the new row does not have, as no result needs them."""


def left_unset(plan: CompiledTool, entity: Entity, world: World, element: JsonObject) -> Unset:
    """What the row that a create makes holds, and lacks, of what the call does not say."""
    needed, made = _needed(world).get(entity.key, frozenset()), {}
    untold = _untold(plan, entity, world, element)
    for name, rule in untold.items():
        value = _default(rule, entity.fields[name].schema, shown=name in needed)
        if value is not MISSING:
            made[name] = value
    return Unset(made, frozenset(untold.keys() - needed - made.keys()))


def _untold(
    plan: CompiledTool, entity: Entity, world: World, element: JsonObject
) -> dict[str, JsonObject]:
    """Fields that the call has not given, or could not, with the rule of an argument left out."""
    properties: Mapping[str, Any] = plan.model.tool.parameters.get("properties", {})
    given: set[str] = set()
    found: dict[str, JsonObject] = {}
    for slot in plan.of("field", "reference", "filter", "identity"):
        head, name = _places(slot, entity)
        rule = properties.get(head)
        told = head in element or slot.parameter.required or name in entity.identity
        if told or not isinstance(rule, dict):
            given.add(name)
        elif name in entity.fields:
            found[name] = rule
    later = _given_later(world).get(entity.key, frozenset())
    return dict.fromkeys(sorted(later - given), _NO_RULE) | found


def _places(slot: Slot, entity: Entity) -> tuple[str, str]:
    """The argument in which a slot lies, and the field that it is written to."""
    head = slot.path.split(".")[0].replace("[]", "")
    whole = head in entity.fields or slot.field not in entity.fields
    return head, head if whole and head != slot.path else slot.field


def _default(rule: JsonObject, schema: JsonObject, *, shown: bool) -> Any:
    """The value that stands for an argument that is not given; `MISSING` where there is none."""
    plain = simple(schema)
    if "default" in rule:
        return adapt(rule["default"], schema)
    usual: Any = MISSING
    if kind_of(plain) == "array":
        usual = []
    elif kind_of(plain) == "boolean" and shown:
        usual = False
    return usual if usual is not MISSING and fits(usual, plain) else MISSING


@remembered
def _given_later(world: World) -> Mapping[str, frozenset[str]]:
    """Entity → the fields that some tool gives to its rows: to whom a task is assigned."""
    found: dict[str, frozenset[str]] = {}
    for model in world.models.values():
        entity = world.entities.get(model.entity or "")
        if entity is not None and model.operation in ("update", "create"):
            kept = {*entity.identity, state_field(entity)}
            told = fields_given(model) & entity.fields.keys() - kept
            found[entity.key] = found.get(entity.key, frozenset()) | told
    return found


@remembered
def _needed(world: World) -> Mapping[str, frozenset[str]]:
    """Entity → the fields that a result of its source must show."""
    own: dict[str, list[ToolModel]] = {key: [] for key in world.entities}
    for model in world.models.values():
        if model.entity is not None:
            own[model.entity].append(model)
    return {key: always_shown(models) for key, models in own.items()}
