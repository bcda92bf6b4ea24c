"""A chain of tools becomes calls that really ran: the truth, before any words."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any

from generators.backends.backend import Contrary, WantedCall
from generators.identity_cache import Same
from generators.sandbox.errors_and_faults import listed
from generators.sandbox.own_rows import EVERYTHING, Scope, find_place
from generators.sandbox.propose import Proposal, make_proposed
from generators.sandbox.row_states import allowed, needed_states
from generators.sandbox.times import day_of, is_dated
from generators.tasks.careful_writes import NO_REASON, CarefulWrites, Reason
from generators.tasks.clock import Setting, halfway, next_time
from generators.tasks.feeding import Executed, Given, Picks, feed, is_outdated, scalars
from generators.tasks.said_values import find_unsaid_in
from generators.tasks.sought_names import seek_by_name
from generators.tasks.sought_rules import RuleBreaking, SoughtRule
from generators.world.model import (
    ParameterModel,
    ToolModel,
    World,
    is_described,
    strip_indices,
    usual_way,
)
from generators.world.schema_leaves import members, result_row
from schemas.demand import fixed_values, repeats
from schemas.environment import Change, Environment, between, set_clock
from schemas.graph import ChainStep, Feed, ToolChain
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.semantic import ADDRESS
from schemas.task import Origin

_NAMING = ("identity", "reference")
_PARTS = 2
"""Parts of an address that are one, where they are told again."""
_CHOICES, _FITTING = 3, 12
"""Elements of an earlier result that a step is tried with; where several must go together."""
_FORESIGHT, _NEAR = 0.8, 5
"""How often a row is chosen for what is to be done with it, and among how many."""
_KEPT_TURNS = 4
"""Turns that are never cut off, however often the user has to speak in them."""
_REFUSED = 4
"""Conditions that a call is looked for to break, so that it is declined."""
_LEADING = 8
"""Reads that are tried until one shows a row by which the rule that is sought can be broken."""
_PROPOSALS = 3
"""Calls that are proposed with the same of them, where one breaks a rule of the service."""


def execute(
    setting: Setting,
    chain: ToolChain,
    rng: Random,
    twins: float,
    demanded: frozenset[str] = frozenset(),
    forbids: float = 0,
    refuses: float = 0,
    before: Sequence[Executed] = (),
    hasty: bool = False,
    sought: SoughtRule | None = None,
) -> list[Executed]:
    """Run the steps of ``chain`` in a fresh environment; those that cannot run are left out.

    ``twins`` is the probability that a read is made a second time, about something else. Nothing
    is done where one of the ``demanded`` tools cannot be called. A call that breaks a rule of the
    service is left out, or kept with probability ``forbids``: asked for, and not made. With
    probability ``refuses``, one is looked for that is not to be made. ``before``:
    calls of the same conversation, which say where it is. ``hasty``: nothing more is run after a
    write with a value that no person would say. ``sought``: the rule that a call is to break;
    nothing is done where none does.
    """
    environment = setting.open()
    breaking = RuleBreaking(setting, environment, sought, chain.steps) if sought else None
    pace = rng.getrandbits(32)
    run = _Run(setting, environment, rng, forbids, pace, before=before, breaking=breaking)
    for earlier in before:
        run.keep_place(earlier.model, earlier.arguments)
    done, place = run.picks.done, run.picks.place
    turns = {step: turn for turn, steps in enumerate(chain.turns) for step in steps}
    # Steps that only serve a later one of their turn: nobody asks for them in so many words.
    implied = {
        item.step
        for number, step in enumerate(chain.steps)
        for item in step.feeds
        if turns[item.step] == turns[number]
    }.union(chain.implicit)
    for number, step in enumerate(chain.steps):
        within_reach = {call.model.name for call in done}.union(
            s.tool for s in chain.steps[number:]
        )
        if not demanded <= within_reach:
            return []
        model = setting.world.models[step.tool]
        if any(item.step not in place for item in step.feeds):
            continue
        if number in implied and any(p.name == "method" for p in model.parameters):
            continue  # what it is to do is for the user to say
        whole = number in implied or run.is_ruled(chain.steps, number)
        optional = 0 if whole else rng.choice((0, 1, 1, 2))
        where = (turns[number], number)
        run.let_time_pass(model, turns[number])
        run.implied = number in implied
        # What the task is drawn for is called: to decline it would be in vain.
        declines = model.writes and step.tool not in demanded
        run.forbids = forbids if declines else 0
        refused = declines and rng.random() < refuses
        if not run.take_step(model, step, where, optional, refused=refused):
            if run.breaking is not None and run.breaking.needs(number):
                return []
            continue
        last = done[-1]
        stays = hasty and model.writes and turns[number] < _KEPT_TURNS
        if stays and find_unsaid_in(setting.world, last):
            return done  # no task comes of it
        if last.forbidden:
            continue
        alike = (n for n, one in enumerate(done[:-1])
                 if one.model is model and one.arguments == last.arguments)  # fmt: skip
        known = next(alike, None)
        if known is not None and not model.writes and done[known].result == last.result:
            done.pop()  # an earlier call has told the same
            place[number] = known
            continue
        place[number] = len(done) - 1
        run.look_ahead(chain.steps, number)
        if number not in implied and rng.random() < twins:
            run.make_twin(model, step, where)
    return done


@dataclass
class _Run:
    """A chain on its way, in the state that its calls have led to."""

    setting: Setting
    environment: Environment
    rng: Random
    forbids: float
    """Probability that a write which breaks a rule of the service is kept, to be declined."""
    pace: int
    """What tells the times of this chain's calls from others."""
    implied: bool = False
    """Whether the next call only serves another one: the user names what it is to find."""
    now: str = ""
    """When the next call is made."""
    picks: Picks = field(default_factory=Picks)
    before: Sequence[Executed] = ()
    """Calls of the same conversation that were made before the chain's."""
    places: dict[str, JsonObject] = field(default_factory=dict)
    """Domain → where all lies that the conversation is about: the repository, by field."""
    breaking: RuleBreaking | None = None
    """The rule that a call is to break, where one is."""
    written: dict[int, tuple[Change, ...]] = field(default_factory=dict)
    """Number of a write → what it changed."""

    @cached_property
    def careful(self) -> CarefulWrites:
        """What is seen before a write, and what it is declined for."""
        return CarefulWrites(self.setting, self.environment, self.picks)

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
            if one.field and one.use in _NAMING
            if arguments.get(one.path) is not None
        }
        if place and {*place} <= said.keys() and not {*place} & known.keys():
            known = known | {name: said[name] for name in place}
        if known:
            self.places[domain] = known

    def let_time_pass(self, model: ToolModel, turn: int) -> None:
        """Until the next call is made: minutes where it opens a turn, else seconds."""
        opens = not self.picks.done or self.picks.done[-1].turn != turn
        self.now = next_time(self.time_before(), self.pace, opens=opens, writes=model.writes)
        set_clock(self.environment, self.now)

    def time_before(self) -> str:
        """When the last call was made, or the conversation began."""
        last = [*self.before, *self.picks.done][-1:]
        return last[0].at if last else self.setting.clock.isoformat()

    def feed_step(self, model: ToolModel, feeds: tuple[Feed, ...]) -> Iterator[Given]:
        """What earlier results give; each time the call was in vain, other elements of them."""
        fitting = any(one.kind == "same" for one in model.demands)
        self.choose_kin(model, feeds)
        for _ in range(_FITTING if fitting else _CHOICES):
            before = self.picks.chosen
            given = feed(self.picks, model, feeds, self.rng)
            if given is None:
                return
            yield given
            if self.picks.chosen == before:
                return  # which elements are meant was settled by earlier steps
            self.picks.chosen = before

    def is_ruled(self, steps: Sequence[ChainStep], number: int) -> bool:
        """Whether a rule says of which of the listed rows more may be looked up: all are shown."""
        models = self.setting.world.models
        fed = (models[step.tool] for step in steps if number in {one.step for one in step.feeds})
        return any(not one.writes and self.careful.list_conditions(one) for one in fed)

    def look_ahead(self, steps: Sequence[ChainStep], number: int) -> None:
        """Of the rows that a call has told, mostly one that a later call takes.

        In a state in which it can be changed, or of which a rule lets something be looked up; or
        one by which a rule can be broken, where one is to be.
        """
        if self.breaking is not None and self.breaking.needs(number):
            self.choose_breach(number, self.breaking)
            return
        models, call = self.setting.world.models, self.picks.place[number]
        for step in steps[number + 1 :] if self.rng.random() < _FORESIGHT else ():
            keys = [
                one
                for one in step.feeds
                if models[step.tool].parameter(one.parameter).use == "identity"
            ]
            asked = item = next(iter(keys), None)
            while item is not None and item.step > number:  # got by the same id
                same = (f for f in steps[item.step].feeds if f.parameter == item.parameter)
                item = next(same, None)
            at, brackets, rest = item.result_path.partition("[]") if item else ("", "", "")
            if item is None or asked is None or item.step != number or not brackets:
                continue
            if (call, at) not in self.picks.chosen:
                told = value_at(self.picks.done[call].result, at)[:_NEAR]
                told = [one.get(rest[1:]) if isinstance(one, dict) else one for one in told]
                fitting = self.find_open(models[step.tool], asked.parameter, told)
                if fitting:
                    self.picks.chosen = {**self.picks.chosen, (call, at): self.rng.choice(fitting)}

    def find_open(self, model: ToolModel, path: str, ids: Sequence[Any]) -> list[int]:
        """Which of the rows with these ids a tool takes; none where nothing tells."""
        entity = self.setting.world.entities.get(model.entity or "")
        if entity is None:
            return []
        if model.writes:
            rows = [*self.environment.rows(entity.key)]
            if needed_states(Same(model), Same(entity)) is None:
                return []
            known = {row.get(entity.identity[-1]) for row in allowed(model, entity, rows)}
            return [n for n, one in enumerate(ids) if one in known]
        broken = (self.careful.find_broken_rule(model, {path: one}) for one in ids)
        open_ones = [n for n, rule in enumerate(broken) if rule is None]
        return open_ones if len(open_ones) < len(ids) else []

    def choose_kin(self, model: ToolModel, feeds: tuple[Feed, ...]) -> None:
        """Of a list, what a row that was seen before is one of: the product of an ordered item."""
        if model.operation != "get" or not feeds:
            return
        call, (at, _, _) = self.picks.place[feeds[0].step], feeds[0].result_path.partition("[]")
        source = self.picks.done[call]
        entity = self.setting.world.entities.get(source.model.entity or "")
        if entity is None or source.model.operation != "list" or (call, at) in self.picks.chosen:
            return
        links = [name for name, one in entity.fields.items() if one.entity]
        seen = {value for one in self.picks.done[:call] for value in one.scalars}
        rows = listed(source.result) or []
        held = (
            scalars([row.get(n) for n in links]) if isinstance(row, dict) else () for row in rows
        )
        kin = [n for n, ids in enumerate(held) if len(ids) > 1 and not seen.isdisjoint(ids)]
        if kin:
            self.picks.chosen = {**self.picks.chosen, (call, at): self.rng.choice(kin)}

    def find_call(
        self, model: ToolModel, given: Given, optional: int
    ) -> tuple[Proposal, Reason] | None:
        """A call that succeeds, and the rule of the service that it breaks; None where there is no.

        At most ``optional`` arguments are given that the tool does not demand, and none of them
        that no person would say.
        """
        needed = {path for one in model.demands if one.kind == "needed" for path in one.parameters}
        unsaid = {
            _top(parameter.path) if "[]" in parameter.path else parameter.path
            for parameter in model.parameters
            if not parameter.required
            if parameter.opaque
            or parameter.semantic == "object"
            or (
                parameter.use == "option"
                and not (parameter.path in needed and fixed_values(parameter.schema))
            )
            or (_is_remark(model, parameter) and not is_described(self.setting.world, model))
            if _top(parameter.path) not in map(_top, given)
        }.difference(model.tool.required)
        # Lists whose elements come from results hold no others: nobody could name them.
        cut = {
            _top(path)
            for path, (_, origin) in given.items()
            if origin.kind == "result"
            and path.count("[") == 1
            and "." not in path.partition("[")[0]
        }
        fixed = {path: value for path, (value, _) in given.items()}
        fixed |= self.stay_on_trip(model, given)
        scope, carried = self.scope_of(model), self.carry_on(model, given)
        for known in (carried | fixed, fixed) if carried else (fixed,):
            for _ in range(_PROPOSALS):
                wanted = WantedCall(model.name, known, optional, scope)
                proposed = self.setting.backend.propose(self.environment, wanted, self.rng)
                if proposed is None:
                    break
                said = {
                    key: value[:1] if key in cut and isinstance(value, list) else value
                    for key, value in _without(proposed.arguments, unsaid).items()
                }
                if said != proposed.arguments:
                    proposed = Proposal(said)
                if self.goes_before(model, said) or _says_nothing(self.setting.world, model, said):
                    continue
                rule = self.careful.find_broken_rule(model, said)
                if rule is None:
                    if self.implied:
                        world, around = self.setting.world, self.environment
                        proposed = seek_by_name(world, around, model, proposed, self.rng)
                    return proposed, NO_REASON
                reason = self.careful.shown_reason(model, said, rule)
                if reason.text and self.rng.random() < self.forbids:
                    return proposed, reason
        return None

    def take_step(
        self,
        model: ToolModel,
        step: ChainStep,
        where: tuple[int, int],
        optional: int,
        *,
        refused: bool,
    ) -> bool:
        """Make a step's call after what it hangs on, or note one that is declined; False: neither.

        Where a rule is to be broken, the call that it governs is declined for it and for nothing
        else, and a read before it shows a row by which that can be.
        """
        breaking = self.breaking if self.breaking and self.breaking.needs(where[1]) else None
        sought = breaking.sought if breaking and breaking.sought.tool == model.name else None
        declines = sought is not None or (refused and breaking is None)
        for given in self.feed_step(model, step.feeds) if declines else ():
            found = self.find_refused(model, given, sought)
            if found is not None and self.look_and_make(model, given, where, *found):
                return True
        if sought:
            return False
        leads = breaking if not model.writes else None
        told = self.tell_breach(leads) if leads else {}
        for _ in range(_LEADING if leads else 1):
            for given in self.feed_step(model, step.feeds):
                found = self.find_call(model, given, 0 if breaking else optional)
                if found is not None and leads:
                    shown = self.environment.call(model.name, found[0].arguments).content
                    fitting = all(rows for _, rows in leads.list_open(where[1], shown, told))
                    found = found if fitting else None
                if found is not None and self.look_and_make(model, given, where, *found):
                    return True
        return False

    def choose_breach(self, number: int, breaking: RuleBreaking) -> None:
        """Of the rows that a call has told, one by which a rule can be broken."""
        call, told = self.picks.place[number], self.tell_breach(breaking)
        for at, fitting in breaking.list_open(number, self.picks.done[call].result, told):
            if fitting and (call, at) not in self.picks.chosen:
                self.picks.chosen = {**self.picks.chosen, (call, at): self.rng.choice(fitting)}

    def tell_breach(self, breaking: RuleBreaking) -> JsonObject:
        """What the call that breaks a rule is told by the rows that are meant by now."""
        made = [
            one
            for one in breaking.feeds
            if (call := self.picks.place.get(one.step)) is not None
            and (call, one.result_path.partition("[]")[0]) in self.picks.chosen
        ]
        given = feed(self.picks, breaking.model, made, self.rng) if made else None
        return {path: value for path, (value, _) in (given or {}).items()}

    def look_and_make(
        self,
        model: ToolModel,
        given: Given,
        where: tuple[int, int],
        proposed: Proposal,
        reason: Reason,
    ) -> bool:
        """Make a call after the reads that it hangs on, or none of them."""
        begun = len(self.picks.done)
        when = halfway(self.time_before(), self.now)
        careful, arguments = self.careful, proposed.arguments
        looked = careful.is_plain(model, arguments, reason)
        looked = looked or careful.look_first(model, given, where, arguments, when)
        if looked and self.make(model, given, where, proposed, reason):
            return True
        del self.picks.done[begun:]
        return False

    def find_refused(
        self, model: ToolModel, given: Given, sought: SoughtRule | None = None
    ) -> tuple[Proposal, Reason] | None:
        """A write that a rule forbids or that the service would refuse, and why."""
        backend = self.setting.backend
        if not isinstance(backend, Contrary) or not backend.pure_reads:
            return None
        fixed = {path: value for path, (value, _) in given.items()}
        fixed |= self.stay_on_trip(model, given)
        known = self.carry_on(model, given) | fixed
        wanted = WantedCall(model.name, known, scope=self.scope_of(model))
        conditions = self.careful.list_conditions(model)
        needs = {one.require for one in model.needs}
        # What the policy says has its turn: what the service would not do anyway comes first here.
        drawn = self.rng.sample(conditions, len(conditions))
        ordered = sorted(drawn, key=lambda one: one not in needs)
        for against in [sought.require] * _REFUSED if sought else ordered[:_REFUSED]:
            proposed = backend.propose_against(self.environment, wanted, self.rng, against)
            if proposed is None or self.goes_before(model, proposed.arguments):
                continue
            today = self.setting.clock.date()
            dated = (value for _, value in leaves(proposed.arguments) if is_dated(value))
            if any(day_of(value) < today for value in dated):
                continue  # nobody means a day that is over
            reason = self.careful.find_reason(model, proposed.arguments)
            if reason.text and (sought is None or reason.text == sought.text):
                return proposed, reason
        return None

    def goes_before(self, model: ToolModel, arguments: JsonObject) -> bool:
        """Whether its description wants something else first, or only one such call of a row.

        Another way to what an earlier call has found is none.
        """
        done, usual = self.picks.done, usual_way(self.setting.world, model)
        own = [one.arguments for one in done if one.model is model]
        called = {one.model.name for one in done}
        if usual is not None and (usual.name in called or not usual.tool.required):
            return True
        return any(
            repeats(one, arguments, own) if one.kind == "once" else one.tool not in called
            for one in model.demands
            if one.kind == "once" or (one.kind == "after" and usual is None)
        )

    def carry_on(self, model: ToolModel, given: Given) -> JsonObject:
        """Identities that were in play just before are meant again, and the place all along."""
        place = self.places.get(model.tool.domain, {})
        asks = (*_NAMING, "filter", *(("field",) if model.operation == "create" else ()))
        carried: JsonObject = {
            one.path: place[one.field]
            for one in model.parameters
            if one.field in place and one.use in asks and one.path not in given
        }
        carried |= self.repeat_address(model, given)
        recent = [*self.before, *self.picks.done][:-4:-1]
        for parameter in model.parameters if recent else ():
            if parameter.use not in _NAMING or parameter.opaque or parameter.path in carried:
                continue
            if "[]" in parameter.path or not parameter.required or parameter.path in given:
                continue
            about = (parameter.field, parameter.entity)
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
        if len(cities) == 2 and len(days) == 1 and not model.writes and not given:
            # The other way round: who has booked a room flies where it is, on the day of arrival.
            city = cities[-1].path
            day = days[0].path
            towns, arrivals = [], []
            for made in (*self.before, *self.picks.done):
                told = {p.semantic: made.arguments.get(p.path) for p in made.model.parameters
                        if p.required and p.semantic in ("city", "date")}  # fmt: skip
                creates = made.model.operation == "create"
                towns += [told["city"]] if [*told] == ["city"] and not creates else []
                arrivals += [told["date"]] if [*told] == ["date"] and creates else []
            return {city: towns[-1], day: arrivals[-1]} if towns and arrivals else {}
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

    def make(
        self,
        model: ToolModel,
        given: Given,
        where: tuple[int, int],
        proposed: Proposal,
        forbidden: Reason = NO_REASON,
        *,
        twin: bool = False,
    ) -> bool:
        """Make the call in earnest, if every leaf has an origin and it finds something.

        ``where``: turn and step of the chain. ``forbidden``: why the call is declined; then it is
        noted, and leaves no trace.
        """
        origins: list[Origin] = []
        for path, value in leaves(proposed.arguments):
            if path in given:
                origins.append(given[path][1])
            elif path:  # a call without arguments has one leaf, without a path
                if value is None or isinstance(value, dict | list):
                    return False  # an empty object, or a null
                fixed = fixed_values(model.parameter(path).schema)
                usual = any(type(known) is type(value) and known == value for known in fixed)
                origins.append(Origin(path=path, kind="default" if usual else "user"))
        results, number = [one.result for one in self.picks.done], len(self.picks.done)
        world = self.setting.world
        if any(is_outdated(world, one, number, results, self.written) for one in origins):
            return False
        before, changed = self.environment.snapshot(), self.environment.changes()
        outcome = make_proposed(self.environment, model.name, proposed)
        content = outcome.content
        held = content.values() if isinstance(content, dict) else ()
        lists = [value for value in held if isinstance(value, list)]
        empty = model.operation == "list" and bool(lists) and not any(lists)
        if outcome.is_error or empty or forbidden.text:
            self.environment.restore(before)
        if (outcome.is_error and not forbidden.text) or empty:
            return False
        self.keep_place(model, proposed.arguments)
        if model.writes:
            self.written[number] = between(changed, self.environment.changes())
        self.picks.done.append(
            Executed(model, proposed.arguments, tuple(origins), content, *where, twin=twin,
                     forbidden=forbidden.text, by_rule=forbidden.by_rule,
                     hands_over=forbidden.hands_over, at=self.now)
        )  # fmt: skip
        return True

    def make_twin(self, model: ToolModel, step: ChainStep, where: tuple[int, int]) -> None:
        """The same once more about another row, or with one other value; all else stays.

        What takes a list is told of both at once.
        """
        first = self.picks.done[-1]
        if model.writes or not model.tool.required:
            return
        fed = feed(self.picks, model, step.feeds, self.rng, fresh=True)
        if fed is None or (step.feeds and not any("[]" in one.result_path for one in step.feeds)):
            return
        told = {
            origin.path: (value_at(first.arguments, origin.path), origin)
            for origin in first.origins
            if origin.kind == "user"
        }
        parameters = {} if fed else {path: model.parameter(path) for path in told}
        variable: list[str | None] = [
            path
            for path, one in parameters.items()
            if one.semantic not in ("boolean", "enum") and one.name != "method" and "[" not in path
        ]
        self.rng.shuffle(variable)
        for path in ([] if any("[" in one for one in fed) else [None]) if fed else variable:
            given = {key: known for key, known in told.items() if key != path} | fed
            values = {key: value for key, (value, _) in given.items()}
            wanted = WantedCall(model.name, values, 0, self.scope_of(model))
            proposed = self.setting.backend.propose(self.environment, wanted, self.rng)
            if proposed is None or proposed.arguments == first.arguments:
                continue
            if set(dict(leaves(proposed.arguments))) == set(dict(leaves(first.arguments))):
                self.make(model, given, where, proposed, twin=True)
                return


def _says_nothing(world: World, model: ToolModel, arguments: JsonObject) -> bool:
    """Whether a create says nothing or only where, or an update only which row."""
    if model.operation == "create":
        told = [model.parameter(path) for path, _ in leaves(arguments) if path]
        fields = [one for one in model.parameters if one.use == "field" and not one.required]
        lies = all(one.use in _NAMING and one.entity != model.entity for one in told)
        lies = lies and len(fields) > 1 and len({one.entity for one in told}) < 2
        only_where = lies and not is_described(world, model)
        return bool(model.parameters) and (not arguments or only_where)
    if model.operation != "update" or model.transition is not None or not arguments:
        return False
    written = {one.path for one in model.parameters if one.use in ("field", "filter")}
    written |= {one.path for one in model.parameters if one.use == "reference"}
    given = {strip_indices(path) for path, _ in leaves(arguments)}
    return bool(written) and written.isdisjoint(given)


def _is_remark(model: ToolModel, parameter: ParameterModel) -> bool:
    """Whether a text goes with a change and not into the row: nobody knows what it should say."""
    if model.operation != "update" or parameter.semantic != "text" or parameter.use != "field":
        return False
    row = members(result_row(model.tool.model_copy(update={"returns": model.returns})))
    return bool(row) and parameter.field not in row


def _without(value: Any, unsaid: Set[str], path: str = "") -> Any:
    """The arguments less what no person would say, at any depth of objects."""
    if not isinstance(value, dict):
        return value
    places = {name: f"{path}.{name}" if path else name for name in value}
    return {
        name: _without(item, unsaid, places[name])
        for name, item in value.items()
        if places[name] not in unsaid
    }


def _top(path: str) -> str:
    """The argument that a path lies in."""
    return path.partition(".")[0].partition("[")[0]
