"""What a careful assistant looks at before a write, and what it declines it for.

What a write hangs on is read first. Where a rule of the service forbids a write, or the service
would refuse it, and what has been shown tells so, it is asked for and not made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from generators.backends.backend import Policed
from generators.identity_cache import Same
from generators.sandbox.row_states import StateScope, state_field
from generators.sandbox.sights import list_sights
from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed, Given, Picks
from generators.world.expression import parse_expression
from generators.world.model import ToolModel, World, governs, strip_indices
from generators.world.schema_leaves import path_top
from schemas.canonical import canonical_json
from schemas.demand import Sight, values_at
from schemas.environment import Environment
from schemas.leaves import leaves, objects_in
from schemas.record import JsonObject
from schemas.seen import Shown, find_unseen, rows_in
from schemas.task import Origin
from schemas.world_model import PolicyRuleMeaning

_LOOKS = 3
"""Reads before a write that nobody asks for."""
_REFUSALS = ("conflict",)
"""Codes of errors that tell of the state, not of a slip of the tongue."""


class Reason(NamedTuple):
    """Why a write is asked for and not made; without a text there is no reason."""

    text: str = ""
    """The rule, or what the service would say."""
    require: str = ""
    """The condition that is not met."""
    by_rule: bool = False
    """A rule forbids it: it must not even be tried."""
    hands_over: bool = False
    """People see to it instead."""


NO_REASON = Reason()


def find_broken_state(
    world: World, model: ToolModel, arguments: JsonObject, reason: str, results: Sequence[Any]
) -> str:
    """The state in which a row was shown last, where that alone rules out a call; else empty.

    ``reason``: the rule, or what the service would say.
    """
    entity, service = world.entities.get(model.entity or ""), world.domains.get(model.tool.domain)
    name = state_field(entity) if entity else None
    told = {one.text: one.require for one in (service.rules if service else ())}
    require = (told | {one.message: one.require for one in model.needs}).get(reason)
    looked_at = parse_expression(require).names if require else ()
    if entity is None or not require or name not in {one.rpartition(".")[2] for one in looked_at}:
        return ""
    paths = [one.path for one in model.parameters if one.use == "identity"]
    named = [value for path in paths for value in values_at(arguments, path)]
    states = [row[name] for result in results for _, row in rows_in(result)
              if name in row and row.get(entity.identity[-1]) in named]  # fmt: skip
    scope = StateScope(
        {"row", entity.noun.replace(" ", "_")}, {name: states[-1]} if states else {}, arguments
    )
    return str(states[-1]) if states and parse_expression(require).fails(scope) else ""


@dataclass(frozen=True)
class CarefulWrites:
    """The writes of a chain on its way."""

    setting: Setting
    environment: Environment
    picks: Picks

    def find_broken_rule(self, model: ToolModel, arguments: JsonObject) -> PolicyRuleMeaning | None:
        """The first rule of the service that a call breaks in the present state."""
        return next(iter(self._list_broken(model, arguments)), None)

    def _list_broken(self, model: ToolModel, arguments: JsonObject) -> list[PolicyRuleMeaning]:
        backend = self.setting.backend
        service = self.setting.world.domains.get(model.tool.domain)
        if service is None or not service.rules or not isinstance(backend, Policed):
            return []
        broken = backend.violations(self.environment, model.name, arguments)
        return [rule for rule in service.rules
                if rule.require and rule.text in broken and governs(rule, model)]  # fmt: skip

    def list_conditions(self, model: ToolModel) -> Sequence[str]:
        """What a call is declined for where it does not hold: rules of the service, and needs."""
        service = self.setting.world.domains.get(model.tool.domain)
        rules = service.rules if service is not None else ()
        asked = [one.require for one in rules
                 if one.require and one.outcome != "leave" and governs(one, model)]  # fmt: skip
        asked += [one.require for one in model.needs if one.message and one.code in _REFUSALS]
        return [*dict.fromkeys(asked)]

    def find_reason(self, model: ToolModel, arguments: JsonObject) -> Reason:
        """Why a write is declined, if what is shown by then tells it."""
        rule = self.find_broken_rule(model, arguments)
        if rule is not None:
            return self.shown_reason(model, arguments, rule)
        # The need for which the service refuses a call, if it is for one.
        told = [need for need in model.needs if need.message and need.code in _REFUSALS]
        need = None
        if told:
            before = self.environment.snapshot()
            outcome = self.environment.call(model.name, arguments)
            self.environment.restore(before)
            error = outcome.content.get("error", {}) if outcome.is_error else {}
            need = next((need for need in told if error.get("message") == need.message), None)
        if need is None or not self._is_shown(model, arguments, need.require):
            return NO_REASON
        return Reason(need.message, need.require)

    def shown_reason(
        self, model: ToolModel, arguments: JsonObject, rule: PolicyRuleMeaning
    ) -> Reason:
        """The broken rule as a reason, once a conversation and where an assistant can tell.

        Nothing that breaks two rules: what is possible instead of one may break the other. Nor an
        edit of several values of which one is at fault: the others could be changed.
        """
        edited = {one.path for one in model.parameters
                  if one.use == "field" and not one.required and one.path in arguments}  # fmt: skip
        partly = model.operation == "update" and len(edited) > 1
        partly = partly and bool(edited & {*parse_expression(rule.require or "").names})
        untold = partly or not model.writes or rule.outcome == "leave"
        if (
            untold
            or len(self._list_broken(model, arguments)) > 1
            or not self._is_shown(model, arguments, rule.require or "")
        ):
            return NO_REASON
        over = rule.outcome == "transfer"
        return Reason(rule.text, rule.require or "", by_rule=True, hands_over=over)

    def _is_shown(
        self, model: ToolModel, arguments: JsonObject, require: str, *, looking: bool = True
    ) -> bool:
        """Whether all that a condition looks at is said, or shown by then.

        ``looking``: or is looked at before the write.
        """
        done, expression = self.picks.done, parse_expression(require)
        world = self.setting.world
        looks = list_sights(Same(world)).get(model.name, ())
        looks = looks if looking and self.setting.backend.pure_reads else ()
        listed = {world.models[one.tool or ""].noun for one in looks if not one.shows}
        fields = {name for one in looks for name in one.shows}
        if {*expression.entities} - listed or any(one.forbidden for one in done):
            return False
        given = {canonical_json(value) for _, value in leaves(arguments)}
        for name in expression.names:
            root, _, rest = name.partition(".")
            if root in ("now", "today") or path_top(root) in arguments:
                continue
            if rest.rpartition(".")[2] in fields:
                continue
            shown = path_top(rest)
            rows = (row for one in done for row in objects_in(one.result) if shown and shown in row)
            if not any(given & {canonical_json(v) for _, v in leaves(row)} for row in rows):
                return False
        return True

    def is_plain(self, model: ToolModel, arguments: JsonObject, reason: Reason) -> bool:
        """Whether what has been shown tells why a write is declined: nothing else is read then."""
        results = [one.result for one in self.picks.done]
        told = bool(reason.text)
        return told and (
            self._is_shown(model, arguments, reason.require, looking=False)
            or bool(find_broken_state(self.setting.world, model, arguments, reason.text, results))
        )

    def look_first(
        self,
        model: ToolModel,
        given: Given,
        where: tuple[int, int],
        arguments: JsonObject,
        when: str,
    ) -> bool:
        """Make the reads that show what a write hangs on, where no earlier call has shown it.

        ``when``: the time at which they are made. False where that takes more of them than anybody
        would make, or where one fails.
        """
        made = 0
        if not self.setting.backend.pure_reads:
            return True
        for demand in list_sights(Same(self.setting.world)).get(model.name, ()):
            done = self.picks.done
            shown = [Shown(one.model.name, one.arguments, one.result) for one in done]
            for told in find_unseen(demand, arguments, shown):
                reader = self.setting.world.models[demand.tool or ""]
                found = [self._find_origin(one, told, given, arguments) for one in demand.given]
                origins = tuple(one for one in found if one is not None)
                outcome = self.environment.call(reader.name, told)
                made += 1
                if made > _LOOKS or outcome.is_error or len(origins) < len(found):
                    return False
                done.append(
                    Executed(reader, told, origins, outcome.content, *where, looks=True, at=when)
                )
        return True

    def _find_origin(
        self, sight: Sight, told: JsonObject, given: Given, arguments: JsonObject
    ) -> Origin | None:
        """Where a read that nobody asks for has an argument from: what the write has, or a row."""
        value = told[sight.parameter]
        if sight.field:
            rows = (
                (number, path)
                for number, one in reversed([*enumerate(self.picks.done)])
                for path, row in rows_in(one.result)
                if sight.key in row and row.get(sight.field) == value
                if row[sight.key] in values_at(arguments, sight.argument)
            )
            number, path = next(rows, (None, ""))
            place = f"{path}.{sight.field}" if path else sight.field
            return None if number is None else Origin(
                path=sight.parameter, kind="result", call=number, result_path=place
            )  # fmt: skip
        for path, held in leaves(arguments):
            if strip_indices(path) == sight.argument and held == value:
                if path in given:
                    return given[path][1].model_copy(update={"path": sight.parameter})
                return Origin(path=sight.parameter, kind="user")
        return None
