"""When the user is asked to confirm: before which writes of a turn."""

from collections.abc import Sequence

from generators.tasks.feeding import Executed
from generators.world.model import ToolModel, World, governs


def needs_confirmation(world: World, calls: Sequence[Executed], confirm_all: bool) -> bool:
    """Whether the assistant must ask before the writes of a turn.

    It asks before each write where the task's policy says so (``confirm_all``), otherwise before
    what cannot be undone, costs money, or is to be listed first by a rule of the service.
    """
    writes = [call.model for call in calls if call.model.writes]
    return any(
        confirm_all or model.tool.destructive or _pays(world, model) or _is_listed(world, model)
        for model in writes
    )


def _is_listed(world: World, model: ToolModel) -> bool:
    service = world.domains.get(model.tool.domain)
    return service is not None and any(rule.ask and governs(rule, model) for rule in service.rules)


def _pays(world: World, model: ToolModel) -> bool:
    """Whether something new costs money, by what is given or by what is known of it."""
    entity = world.entities.get(model.entity or "")
    fields = entity.fields.values() if entity else ()
    meanings = {p.semantic for p in model.parameters} | {field.semantic for field in fields}
    return model.operation == "create" and "money" in meanings
