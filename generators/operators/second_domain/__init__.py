"""What came of one service goes into another: an appointment that was made, into the calendar.

The write of the other domain takes its day from a result that the user has seen, and its title from
what the thing is called. Both services stand in the system message with their policies. It is made
only where every parameter that it must have is covered so, and what it hangs on is looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

from generators.dialogue.turn_draft import TurnDraft
from generators.identity_cache import Same
from generators.language.phrase import Phrase
from generators.language.references import spoken_of
from generators.language.scene import Hidden, say_own
from generators.lexicon.date_field_names import is_expiry, lies_ahead
from generators.lexicon.names import capital, join, label, split_words
from generators.operators.operator import Operator, load_list, marked
from generators.operators.recall import is_clear
from generators.sandbox.own_rows import find_ties, find_user
from generators.sandbox.schema_validity import fits
from generators.tasks.careful_writes import CarefulWrites
from generators.tasks.clock import move_on
from generators.tasks.feeding import Executed, Given, Picks
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls, insert_turn
from generators.world.model import Entity, Field, ParameterModel, ToolModel, World
from schemas.leaves import leaves
from schemas.task import Origin
from schemas.twists import LeansOn, Noted, find_twists, has_twist

_DAYS, _TIMES = frozenset({"date", "datetime"}), frozenset({"time", "datetime"})
_COVERED = frozenset({"title", "date", "datetime", "time", "duration", "enum"})
"""Meanings of what can be taken from a row, or said of it in a word."""
_NAMES = frozenset({"title", "person_name", "city"})
_HOURS = ("09:00", "12:00", "16:00", "17:30")
_MINUTES = (30, 60)
_AGREED = 30
"""Seconds in which the user says yes."""


class SecondDomain(Operator):
    """The user has what was settled with one service entered with another."""

    name = "second_domain"
    share = 0.05
    what = (
        "what has come of one service is entered with another, such as an appointment in the "
        "calendar: its day is that of the result; the system message names both"
    )
    needs = "a thing of the user's own with a day, and another domain whose things have a time"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A call that shows a thing of the user's that another domain can take in."""
        target = find_target(Same(world), model.tool.domain)
        return target is not None and any(_list_days(world, model))

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """One turn more, right after the last thing that can be entered."""
        target = find_target(Same(plan.setting.world), plan.done[0].model.tool.domain)
        for number in reversed(range(len(plan.turns) if target else 0)):
            turn, following = plan.turns[number], plan.turns[number + 1 : number + 2]
            if turn.outcome != "complete" or any(has_twist(one, LeansOn) for one in following):
                continue
            for call in reversed(turn.calls):
                troubled = call in plan.barred or any(call == one for one, _ in plan.faults)
                clear = not troubled and is_clear(plan, call, number + 1)
                # Nor does a later call change the row that this one shows.
                entity = plan.setting.world.entities.get(plan.done[call].model.entity or "")
                key = entity.identity[-1] if entity is not None and entity.identity else ""
                result = plan.done[call].result
                value = result.get(key) if isinstance(result, dict) else None
                clear = clear and not any(
                    one.model.writes and value in dict(leaves(one.arguments)).values()
                    for one in plan.done[call + 1 :])  # fmt: skip
                given = _Thing(plan, call).cover(target, rng) if clear and target else None
                if given and target and (longer := self._enter(plan, call, target, given)):
                    return longer
        return plan

    def _enter(self, plan: Plan, call: int, target: ToolModel, given: Given) -> Plan | None:
        """The plan with the write in a turn of its own, and what it hangs on looked at before."""
        number = plan.turn_of(call) + 1
        first = 1 + max(plan.turns[number - 1].calls)
        environment, picks = plan.environment(before=first), Picks(done=[*plan.done[:first]])
        careful = CarefulWrites(plan.setting, environment, picks)
        arguments = {path: value for path, (value, _) in given.items()}
        looked = careful.look_first(target, given, (-1, -1), arguments, plan.time_after())
        if not looked or careful.find_broken_rule(target, arguments):
            return None
        outcome = environment.call(target.name, arguments)
        if outcome.is_error or not fits(outcome.content, target.returns):
            return None
        origins = tuple(origin for _, origin in given.values())
        made = Executed(target, arguments, origins, outcome.content, -1)
        # A note of the values that are those of the thing, in words.
        said, sources = [], [call]
        for one in origins:
            if one.call is None or one.result_path is None:
                continue
            entity = plan.setting.world.entities[plan.done[one.call].model.entity or ""]
            field = entity.fields[one.result_path.rpartition(".")[2]]
            said.append(field.label or label(field.name))
            sources.append(one.call)
        of = f"the {plan.done[call].model.noun} of wish {plan.turn_of(call) + 1}"
        what = join(said)
        note = Noted(
            operator=self.name,
            calls=tuple(dict.fromkeys(sources)),
            details={"what": what},
            brief=f"It is for the {what} of {of}.",
        )
        longer = insert_turn(plan, number, TurnPlan((), confirm=True, twists=(note,)))
        longer = insert_calls(longer, number, first, [*picks.done[first:], made])
        last = longer.turns[number].calls[-1]
        agreed = replace(longer.done[last], at=move_on(longer.done[last].at, _AGREED))
        done = (*longer.done[:last], agreed, *longer.done[last + 1 :])
        longer = marked(longer, self.name, done=done)
        return longer if longer.runs() else None

    def add_to_request(self, turn: TurnDraft) -> Phrase | None:
        """Of what the day and the time are."""
        noted = [one for one in find_twists(turn.turn, Noted) if one.operator == self.name]
        if not noted:
            return None
        thing = say_own(turn.scene, spoken_of(turn.scene, noted[0].calls[0]), Hidden())
        what = str(noted[0].details["what"])
        return turn.user_words("second_domain", what=what, thing=thing).as_sentence()


@lru_cache(maxsize=256)
def find_target(world: Same[World], domain: str) -> ToolModel | None:
    """A tool of another service that enters a thing with a title and a time, for whoever writes.

    Nobody has to be found there first, and both services say in their own words what they are.
    """
    services = world.it.domains
    for _, model in sorted(world.it.models.items()):
        other, needed = model.tool.domain, [one for one in model.parameters if one.required]
        meant = [str(one.semantic) for one in needed]
        told = [services[one] for one in (domain, other) if one in services]
        named = len(told) > 1 and all(one.policy and not one.policy_stands for one in told)
        if model.operation != "create" or other == domain or not named or find_user(world, other):
            continue
        timed = meant.count("title") == 1 and not _TIMES.isdisjoint(meant)
        timed = timed and sum(one in _DAYS for one in meant) == 1 and {*meant} <= _COVERED
        if timed and all(one.use == "field" and one.path == one.name for one in needed):
            return model
    return None


def _list_days(world: World, model: ToolModel) -> Iterator[Field]:
    """The days to come of the user's own row that a call shows."""
    entity = world.entities.get(model.entity or "")
    if entity is None or model.operation not in ("create", "update", "get"):
        return
    user = find_user(Same(world), entity.domain)
    if entity.is_users or (user is not None and entity.key in find_ties(Same(world), user.key)):
        yield from (one for one in entity.fields.values() if one.semantic in _DAYS
                    and lies_ahead(one.name, entity.noun) and not is_expiry(one.name))  # fmt: skip


@dataclass(frozen=True)
class _Thing:
    """A row that a call has shown, and that may go into another service."""

    plan: Plan
    call: int

    @property
    def entity(self) -> Entity | None:
        """What it is."""
        return self.plan.setting.world.entities.get(self.plan.done[self.call].model.entity or "")

    @property
    def row(self) -> dict[str, Any]:
        """Its fields as they were shown."""
        result = self.plan.done[self.call].result
        return result if isinstance(result, dict) else {}

    def cover(self, target: ToolModel, rng: Random) -> Given | None:
        """Every parameter that the target must have; None where one is not covered."""
        world, entity = self.plan.setting.world, self.entity
        days = [*_list_days(world, self.plan.done[self.call].model)]
        days = [one for one in days if one.name in self.row]
        somebody = entity and (entity.is_users or self.plan.setting.person)  # not someone new
        if not (entity and somebody and len(days) == 1):
            return None
        # Whether it lies ahead, and is not called off or over.
        state = self.row.get(entity.state_field or "")
        open_still = state is None or state == entity.start or bool(entity.follows.get(state))
        today = self.plan.clock.date().isoformat()
        if not open_still or str(self.row[days[0].name]) <= today:
            return None
        given: Given = {}
        for one in (parameter for parameter in target.parameters if parameter.required):
            found = self._take(entity, one, days[0].name, rng)
            if found is None:
                return None
            given[one.path] = found
        return given

    def _take(
        self, entity: Entity, parameter: ParameterModel, day: str, rng: Random
    ) -> tuple[Any, Origin] | None:
        """A value that the row has, or one that it refers to; else one that the user says.

        None where it stands in a row that nobody has seen.
        """
        said = Origin(path=parameter.path, kind="user")
        if parameter.semantic == "title":
            return (title, said) if (title := self._call_it(entity, day)) else None
        if parameter.semantic == "enum":
            kinds: Sequence[Any] = parameter.schema.get("enum", ())
            own = [one for one in load_list(__name__, "own_matters.yaml") if one in kinds]
            return (own[0], said) if own else None
        if parameter.semantic == "duration" and "minutes" not in split_words(parameter.name):
            return None
        alike = _find_alike(entity, parameter)
        name = day if entity.fields[day].semantic == parameter.semantic else alike
        if name is None and parameter.semantic in _DAYS:
            return None
        if name is None:
            usual = _HOURS if parameter.semantic == "time" else _MINUTES
            elsewhere = any(_find_alike(one, parameter) for one in self._links.values())
            return None if elsewhere else (rng.choice(usual), said)
        origin = Origin(path=parameter.path, kind="result", call=self.call, result_path=name)
        return (self.row[name], origin) if name in self.row else None

    @property
    def _links(self) -> dict[str, Entity]:
        """Field → what it refers to: the flight of a booking."""
        world, own = self.plan.setting.world, self.entity
        fields = own.fields.values() if own is not None else ()
        return {one.name: world.entities[one.entity] for one in fields
                if one.entity and own is not None and one.entity != own.key}  # fmt: skip

    def _call_it(self, entity: Entity, day: str) -> str:
        """``Appointment with Dr Cervantes``, ``Loan due: The Trial``; empty where it has no name.

        The words between are the role of whatever the row is made with.
        """
        world = self.plan.setting.world
        for name in entity.named_by:
            value, field = self.row.get(name), entity.fields.get(name)
            if field is None or field.semantic not in _NAMES or not isinstance(value, str):
                continue
            made = (one for model in world.models.values() for one in model.parameters
                    if model.entity == entity.key and model.operation == "create" and one.role
                    and split_words(one.name)[:-1] == split_words(name)[:-1])  # fmt: skip
            due = " due: " if "due" in split_words(day) else ": "
            role = next((f" {one.role} " for one in made), due)
            lasting = (
                one.noun
                for one in self._links.values()
                if any(held.semantic == "duration" for held in one.fields.values())
            )
            noun = next(lasting, entity.noun)
            return f"{capital(noun)}{role}{value}"
        return ""


def _find_alike(entity: Entity, parameter: ParameterModel) -> str | None:
    """The one field that means what the parameter does: a length by its name, for its unit."""
    names = [one.name for one in entity.fields.values() if one.semantic == parameter.semantic
             and (one.semantic != "duration" or one.name == parameter.name)]  # fmt: skip
    return names[0] if len(names) == 1 else None
