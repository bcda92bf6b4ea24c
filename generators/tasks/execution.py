"""A chain of tools becomes calls that really ran: the truth, before any words."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from generators.backends.backend import Contrary, WantedCall
from generators.language.deed_words import is_deed
from generators.sandbox.propose import Proposal, make_proposed
from generators.sandbox.schema_validity import fits
from generators.sandbox.sights import find_whole
from generators.sandbox.times import day_of, is_dated
from generators.tasks.asked_aloud import find_unsaid_in
from generators.tasks.careful_writes import NO_REASON, CarefulWrites, Reason
from generators.tasks.carried_values import NAMING, CarriedValues
from generators.tasks.clock import Setting, halfway, next_time
from generators.tasks.feeding import Executed, Given, Picks, feed, is_outdated
from generators.tasks.row_choice import RowChoice, seek_by_name
from generators.tasks.sought_rules import RuleBreaking, SoughtRule
from generators.world.known_answers import find_answer
from generators.world.model import (
    ParameterModel,
    ToolModel,
    World,
    is_described,
    strip_indices,
    usual_way,
)
from generators.world.schema_leaves import members, path_top, result_row
from schemas.demand import fixed_values, repeats
from schemas.environment import Change, Environment, between, set_clock
from schemas.graph import ChainStep, Feed, ToolChain
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.seen import rows_in
from schemas.task import Origin

_CHOICES, _FITTING = 3, 12
"""Elements of an earlier result that a step is tried with; where several must go together."""
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
    picks = Picks()
    done, place = picks.done, picks.place
    carried = CarriedValues(setting, picks, before)
    for earlier in before:
        carried.keep_place(earlier.model, earlier.arguments)
    run = _Run(setting, environment, rng, forbids, pace, picks, carried)
    turns = {step: turn for turn, steps in enumerate(chain.turns) for step in steps}
    implied = find_implied(chain, turns)
    for number, step in enumerate(chain.steps):
        ahead = {one.tool for one in chain.steps[number:]}
        if not demanded <= ahead.union(call.model.name for call in done):
            return []
        model = setting.world.models[step.tool]
        # What it takes from is not there, or what it is to do is for the user to say.
        open_deed = number in implied and any(map(is_deed, model.parameters))
        if open_deed or any(item.step not in place for item in step.feeds):
            continue
        whole = number in implied or run.is_ruled(chain.steps, number)
        optional = 0 if whole else rng.choice((0, 1, 1, 2))
        where = (turns[number], number)
        run.let_time_pass(model, turns[number])
        run.implied = number in implied
        # What the task is drawn for is called: to decline it would be in vain.
        declines = model.writes and step.tool not in demanded
        run.forbids = forbids if declines else 0
        refused = declines and rng.random() < refuses
        led = breaking if breaking and breaking.needs(number) else None
        broken = sought if led and led.model is model else None
        # Where a rule is to be broken, the call that it governs is declined for it and for nothing
        # else, and a read before it shows a row by which that can be.
        made = (broken or (refused and not led)) and run.decline(model, step, where, broken)
        if not (made or (not broken and run.take_step(model, step, where, optional, led))):
            if led:
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
        run.choice.look_ahead(chain.steps, number, led)
        if number not in implied and rng.random() < twins:
            run.make_twin(model, step, where)
    return done


def find_implied(chain: ToolChain, turns: Mapping[int, int]) -> frozenset[int]:
    """Steps that only serve a later one of their turn: nobody asks for them in so many words.

    ``turns``: step → the number of its turn.
    """
    numbered = enumerate(chain.steps)
    feeds = ((item.step, number) for number, step in numbered for item in step.feeds)
    return frozenset(one for one, other in feeds if turns[one] == turns[other]).union(
        chain.implicit
    )


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
    picks: Picks
    carried: CarriedValues
    implied: bool = False
    """Whether the next call only serves another one: the user names what it is to find."""
    now: str = ""
    """When the next call is made."""
    written: dict[int, tuple[Change, ...]] = field(default_factory=dict)
    """Number of a write → what it changed."""

    @cached_property
    def careful(self) -> CarefulWrites:
        """What is seen before a write, and what it is declined for."""
        return CarefulWrites(self.setting, self.environment, self.picks)

    @cached_property
    def choice(self) -> RowChoice:
        """Which row of a list is meant."""
        return RowChoice(self.careful, self.picks, self.rng)

    def let_time_pass(self, model: ToolModel, turn: int) -> None:
        """Until the next call is made: minutes where it opens a turn, else seconds."""
        opens = not self.picks.done or self.picks.done[-1].turn != turn
        self.now = next_time(self.time_before(), self.pace, opens=opens, writes=model.writes)
        set_clock(self.environment, self.now)

    def time_before(self) -> str:
        """When the last call was made, or the conversation began."""
        last = [*self.carried.before, *self.picks.done][-1:]
        return last[0].at if last else self.setting.clock.isoformat()

    def feed_step(self, model: ToolModel, feeds: tuple[Feed, ...]) -> Iterator[Given]:
        """What earlier results give; each time the call was in vain, other elements of them."""
        fitting = any(one.kind == "same" for one in model.demands)
        self.choice.choose_kin(model, feeds)
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

    def find_call(
        self, model: ToolModel, given: Given, optional: int
    ) -> tuple[Proposal, Reason] | None:
        """A call that succeeds, and the rule of the service that it breaks; None where there is no.

        At most ``optional`` arguments are given that the tool does not demand, and none of them
        that no person would say.
        """
        needed = {path for one in model.demands if one.kind == "needed" for path in one.parameters}
        service = self.setting.world.domains.get(model.tool.domain)
        known_service = service is not None and bool(service.service)
        unsaid = {
            path_top(parameter.path) if "[]" in parameter.path else parameter.path
            for parameter in model.parameters
            if not parameter.required
            if parameter.opaque
            or parameter.semantic == "object"
            or (
                parameter.semantic == "boolean"
                and not known_service
                and not fixed_values(parameter.schema)
            )
            or (
                parameter.use == "option"
                and not (parameter.path in needed and fixed_values(parameter.schema))
            )
            or (_is_remark(model, parameter) and not is_described(self.setting.world, model))
            if path_top(parameter.path) not in map(path_top, given)
        }.difference(model.tool.required)
        # Lists whose elements come from results hold no others: nobody could name them.
        cut = {
            path_top(path)
            for path, (_, origin) in given.items()
            if origin.kind == "result"
            and path.count("[") == 1
            and "." not in path.partition("[")[0]
        }
        fixed = {path: value for path, (value, _) in given.items()}
        fixed |= self.carried.stay_on_trip(model, given)
        scope, carried = self.carried.scope_of(model), self.carried.carry_on(model, given)
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

    def decline(
        self, model: ToolModel, step: ChainStep, where: tuple[int, int], sought: SoughtRule | None
    ) -> bool:
        """Note a write that a rule forbids or that the service would refuse; False: none is found.

        ``sought``: the rule for which it is declined; None: whichever.
        """
        backend = self.setting.backend
        if not isinstance(backend, Contrary) or not backend.pure_reads:
            return False
        conditions = self.careful.list_conditions(model)
        needs = {one.require for one in model.needs}
        today = self.setting.clock.date()
        for given in self.feed_step(model, step.feeds):
            fixed = {path: value for path, (value, _) in given.items()}
            fixed |= self.carried.stay_on_trip(model, given)
            known = self.carried.carry_on(model, given) | fixed
            wanted = WantedCall(model.name, known, scope=self.carried.scope_of(model))
            # What the policy says has its turn: what the service would not do anyway comes first.
            drawn = self.rng.sample(conditions, len(conditions))
            ordered = sorted(drawn, key=lambda one: one not in needs)
            for against in [sought.require] * _REFUSED if sought else ordered[:_REFUSED]:
                proposed = backend.propose_against(self.environment, wanted, self.rng, against)
                if proposed is None or self.goes_before(model, proposed.arguments):
                    continue
                dated = (value for _, value in leaves(proposed.arguments) if is_dated(value))
                if any(day_of(value) < today for value in dated):
                    continue  # nobody means a day that is over
                reason = self.careful.find_reason(model, proposed.arguments)
                if reason.text and (sought is None or reason.text == sought.text):
                    if self.look_and_make(model, given, where, proposed, reason):
                        return True
                    break
        return False

    def take_step(
        self,
        model: ToolModel,
        step: ChainStep,
        where: tuple[int, int],
        optional: int,
        breaking: RuleBreaking | None,
    ) -> bool:
        """Make a step's call after what it hangs on; ``breaking``: it leads to a broken rule."""
        leads = breaking if not model.writes else None
        told = self.choice.tell_breach(leads) if leads else {}
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
        given, proposed = keep_whole(self.picks.done, model, given, proposed)
        if looked and self.make(model, given, where, proposed, reason):
            return True
        del self.picks.done[begun:]
        return False

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
        self.carried.keep_place(model, proposed.arguments)
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
        first, answer = self.picks.done[-1], find_answer(model.tool)
        if model.writes or not model.tool.required or (answer is not None and answer.moves):
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
            if one.semantic not in ("boolean", "enum") and "[" not in path
        ]
        self.rng.shuffle(variable)
        for path in ([] if any("[" in one for one in fed) else [None]) if fed else variable:
            given = {key: known for key, known in told.items() if key != path} | fed
            values = {key: value for key, (value, _) in given.items()}
            wanted = WantedCall(model.name, values, 0, self.carried.scope_of(model))
            proposed = self.setting.backend.propose(self.environment, wanted, self.rng)
            if proposed is None or proposed.arguments == first.arguments:
                continue
            if set(dict(leaves(proposed.arguments))) == set(dict(leaves(first.arguments))):
                self.make(model, given, where, proposed, twin=True)
                return


def keep_whole(
    done: Sequence[Executed], model: ToolModel, given: Given, proposed: Proposal
) -> tuple[Given, Proposal]:
    """The call of an update that gives a row whole, with what nobody wants changed as it is shown.

    What need not be given is what is wanted; where there is none of it, the first single value is.
    """
    whole, arguments = find_whole(model), proposed.arguments
    key = {one.field: arguments.get(one.path) for one in model.parameters if one.use == "identity"}
    rows = ((number, path, row) for number, one in reversed([*enumerate(done)])
            for path, row in rows_in(one.result) if key and key.items() <= row.items())  # fmt: skip
    number, place, row = next(rows, (-1, "", {}))
    kept = {name: path for name, path in whole.items() if row.get(name) not in (None, [], {})}
    wanted = any(one.use == "field" and path_top(one.path) in arguments.keys() - {*whole.values()}
                 for one in model.parameters)  # fmt: skip
    if kept and not wanted and len(kept) == len(whole):
        single = (name for name in kept if not isinstance(row[name], list | dict))
        del kept[next(single, next(iter(kept)))]
    known = {path: row[name] for name, path in kept.items()}
    if not kept or not fits(arguments | known, model.tool.parameters):
        return given, proposed
    for name, path in kept.items():
        for below, value in leaves(row[name]):
            at = f".{below}" if below and below[0] != "[" else below
            shown = f"{place}.{name}{at}" if place else f"{name}{at}"
            origin = Origin(path=path + at, kind="result", call=number, result_path=shown)
            given = {**given, path + at: (value, origin)}
    return given, Proposal(arguments | known)


def _says_nothing(world: World, model: ToolModel, arguments: JsonObject) -> bool:
    """Whether a create says nothing or only where, or an update only which row."""
    if model.operation == "create":
        told = [model.parameter(path) for path, _ in leaves(arguments) if path]
        fields = [one for one in model.parameters if one.use == "field" and not one.required]
        lies = all(one.use in NAMING and one.entity != model.entity for one in told)
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
