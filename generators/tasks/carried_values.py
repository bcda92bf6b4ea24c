"""What goes on from the calls before: where all lies, rows in play, an address, a trip."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generators.identity_cache import Same
from generators.sandbox.own_rows import EVERYTHING, Scope, find_place
from generators.sandbox.times import day_of, is_dated
from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed, Given, Picks, scalars
from generators.world.model import ParameterModel, ToolModel
from schemas.leaves import leaves
from schemas.record import JsonObject
from schemas.semantic import ADDRESS

NAMING = ("identity", "reference")
_PARTS = 2
"""Parts of an address that are one, where they are told again."""


@dataclass(frozen=True)
class CarriedValues:
    """A conversation on its way."""

    setting: Setting
    picks: Picks
    before: Sequence[Executed] = ()
    """Calls of the same conversation that were made before the chain's."""
    places: dict[str, JsonObject] = field(default_factory=dict)
    """Domain → where all lies that the conversation is about: the repository, by field."""

    def scope_of(self, model: ToolModel) -> Scope:
        """Whose rows a call is about, and where they lie."""
        scope, domain = self.setting.scope, model.tool.domain
        place = self.places.get(domain, {})
        if scope.domain == domain:
            return replace(scope, place=place) if place else scope
        return Scope(domain, place=place) if place else EVERYTHING

    def keep_place(self, model: ToolModel, arguments: JsonObject) -> None:
        """Note where the conversation is, as the first call that says it all does."""
        world, domain = Same(self.setting.world), model.tool.domain
        place = find_place(world, domain)
        known = self.places.get(domain, {})
        said = {
            one.field: arguments[one.path]
            for one in model.parameters
            if one.field and one.use in NAMING
            if arguments.get(one.path) is not None
        }
        if place and {*place} <= said.keys() and not {*place} & known.keys():
            known = known | {name: said[name] for name in place}
        if known:
            self.places[domain] = known

    def carry_on(self, model: ToolModel, given: Given) -> JsonObject:
        """Identities that were in play just before are meant again, and the place all along."""
        place = self.places.get(model.tool.domain, {})
        asks = (*NAMING, "filter", *(("field",) if model.operation == "create" else ()))
        carried: JsonObject = {
            one.path: place[one.field]
            for one in model.parameters
            if one.field in place and one.use in asks and one.path not in given
        }
        carried |= self.repeat_address(model, given)
        recent = [*self.before, *self.picks.done][:-4:-1]
        for parameter in model.parameters if recent else ():
            if parameter.use not in NAMING or parameter.opaque or parameter.path in carried:
                continue
            if "[]" in parameter.path or not parameter.required or parameter.path in given:
                continue
            about = (parameter.field, parameter.entity)
            if (told := self.read_told(parameter, recent[0])) is not None:
                carried[parameter.path] = told
                continue
            values = (
                earlier.arguments[other.path]
                for earlier in recent
                for other in earlier.model.parameters
                if (other.field, other.entity) == about and other.path in earlier.arguments
            )
            value = next((value for value in values if value is not None), None)
            if value is not None:
                carried[parameter.path] = value
        return carried

    def read_told(self, parameter: ParameterModel, listed: Executed) -> str | None:
        """What the first row is called that a list has just told of in words; None: none is."""
        entity = self.setting.world.entities.get(parameter.entity or "")
        of = listed.model.entity
        if entity is None or listed.model.operation != "list" or parameter.use != "identity":
            return None
        if parameter.field != entity.identity[-1] or of != entity.key:
            return None
        texts = [one for one in scalars(listed.result) if isinstance(one, str)]
        return texts[0].splitlines()[0].partition(": ")[0] if len(texts) == 1 and texts[0] else None

    def repeat_address(self, model: ToolModel, given: Given) -> JsonObject:
        """The address of an earlier change, where another one asks for one of the same parts."""
        parts = {
            one.path: one.name
            for one in model.parameters
            if model.writes and one.use == "field" and one.semantic in ADDRESS
        }
        if len(parts) < _PARTS or not parts.keys().isdisjoint(given):
            return {}
        for earlier in self.picks.done:
            said = dict(leaves(earlier.arguments)) if earlier.model.writes else {}
            known = {path.rpartition(".")[2]: value for path, value in said.items()}
            if {*parts.values()} <= known.keys():
                return {path: known[name] for path, name in parts.items()}
        return {}

    def stay_on_trip(self, model: ToolModel, given: Given) -> JsonObject:
        """The city to which something goes that was made before, and the day on which it is there.

        Who has booked a flight looks for a room where it goes to, from the day on which it goes.
        """
        entities, today = self.setting.world.entities, self.setting.clock.date()
        cities = [one for one in model.parameters if one.semantic == "city" and one.required]
        days = [one for one in model.parameters if one.semantic == "date" and one.required]
        for made in reversed([*self.before, *self.picks.done]):
            entity, row = entities.get(made.model.entity or ""), made.result
            kinds = [(name, one.semantic) for name, one in entity.fields.items()] if entity else []
            if not made.model.writes:  # who asks for the way from here to there has told of both
                kinds, row = [(p.path, p.semantic) for p in made.model.parameters], made.arguments
            if made.model.operation not in ("create", "list", "search") or not isinstance(
                row, dict
            ):
                continue
            places, dates = ([row[name] for name, held in kinds
                              if held == kind and isinstance(row.get(name), str)]
                             for kind in ("city", "date"))  # fmt: skip
            coming = [one for one in dates if is_dated(one) and day_of(one) > today]
            if made.model.entity == model.entity or len(places) != 2 or len(coming) != 1:
                continue
            if not model.writes and len(cities) == 1 and cities[0].path not in given:
                return {cities[0].path: places[-1]}
            named = [self.picks.done[origin.call].result for _, origin in given.values()
                     if origin.call is not None and model.operation == "create"]  # fmt: skip
            if len(days) == 1 and days[0].path not in given and places[-1] in scalars(named):
                return {days[0].path: coming[0]}
        return {}
