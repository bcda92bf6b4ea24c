"""A world as a plain table, for people to look at."""

from collections.abc import Iterable
from typing import get_args

from generators.world import Entity, ParameterModel, ToolModel, Use, World

_HEAD = ("tool", "operation", "entity", "identity", "parameters by use")


def explain(world: World) -> str:
    """Tell each tool's operation, entity and parameters by use, then each entity's fields."""
    rows = [_HEAD, *(_tool_row(model, world) for model in world.models.values())]
    entities = [_entity_line(entity) for entity in world.entities.values()]
    return "\n".join([*_aligned(rows), "", *entities])


def _tool_row(model: ToolModel, world: World) -> tuple[str, ...]:
    entity = world.entities.get(model.entity or "")
    identity = ", ".join(entity.identity) if entity else "-"
    transition = ["→ {}={}".format(*model.transition)] if model.transition else []
    told = "  ".join([*_by_use(model), *transition])
    return (model.name, model.operation, model.entity or "-", identity, told)


def _by_use(model: ToolModel) -> Iterable[str]:
    for use in get_args(Use):
        found = [parameter for parameter in model.parameters if parameter.use == use]
        if found:
            yield f"{use}: " + ", ".join(
                parameter.path
                + ("*" if parameter.required else "")
                + (f"→{parameter.field}" if _renamed(parameter) else "")
                + (f"@{parameter.entity.rpartition('/')[2]}" if parameter.entity else "")
                for parameter in found
            )


def _renamed(parameter: ParameterModel) -> bool:
    plain = parameter.path.removesuffix("[]")
    return parameter.field is not None and parameter.field != plain


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    table = list(rows)
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in table
    ]


def _entity_line(entity: Entity) -> str:
    fields = ", ".join(
        f"{field.name}:{field.semantic}"
        + (f"@{field.entity.rpartition('/')[2]}" if field.entity else "")
        + ("+" if field.shared else "")
        for field in entity.fields.values()
    )
    return f"{entity.key} ({', '.join(entity.identity)}): {fields}"
