"""From plan to record: turns with their gold calls, what is known, told and must hold."""

from collections.abc import Iterable
from random import Random
from typing import get_args

import data
from generators.backends.backend import Policed
from generators.identity_cache import Same
from generators.language.facts import is_spoken_id
from generators.lexicon.names import label, split_words
from generators.lexicon.tables import load_table
from generators.sandbox.own_rows import full_name, makes_user
from generators.sandbox.sights import list_sights, list_tellings
from generators.tasks.needed_reads import HOLDS_FOR
from generators.tasks.offered_tools import wish_of
from generators.tasks.plan import Plan, TurnPlan, batches
from generators.tasks.proof import Replay, replay
from generators.tasks.system_message import name_things, write_system_message
from generators.tasks.write_brief import write_brief
from generators.world.model import World
from schemas.canonical import written_json
from schemas.environment import Change
from schemas.formats import FORMAT_OF
from schemas.graph import ToolChain
from schemas.leaves import leaves, objects_in, value_at
from schemas.task import (
    Acceptance,
    Assertion,
    CallPattern,
    Fact,
    FormatInstruction,
    GoldCall,
    MustSay,
    Persona,
    SamplerNote,
    Style,
    Task,
    TaskTurn,
    ToolDemand,
)  # fmt: skip
from schemas.twists import LeansOn, Recall, Reference, Unknown, find_twist, find_twists, has_twist


def record_task(
    plan: Plan, chain: ToolChain, offered: tuple[str, ...], confirm_all: bool, rng: Random
) -> tuple[Task, Replay]:
    """The record, and the run of its gold calls that its states are taken from."""
    setting = plan.setting
    groups = batches(plan)
    turns = tuple(_record_turn(plan, turn, groups) for turn in plan.turns)
    known = (
        Fact(
            call=call,
            path=origin.path,
            value=plan.done[call].said(origin.path),
            semantic=parameter.semantic,
        )
        for turn in plan.turns
        for call, origin, parameter in plan.told(turn)
        if turn.outcome != "clarify"
        or all(parameter.name != one.name for one in find_twists(turn, Unknown))
    )
    formats = (
        FormatInstruction(tool=executed.model.name, parameter=origin.path, rule=origin.rule)
        for executed in plan.done
        for origin in executed.origins
        if origin.rule in FORMAT_OF
    )
    domains = dict.fromkeys(executed.model.tool.domain for executed in plan.done)
    services = {one: setting.world.domains.get(one) for one in domains}
    rules = setting.backend.rules if isinstance(setting.backend, Policed) else ()
    said = [*rules, *(rule.sentence for rule in plan.rules), *plan.sentences]
    timed = any(has_twist(turn, Recall) or turn.elapsed > HOLDS_FOR for turn in plan.turns)
    run = replay(setting, turns, plan.rules)
    people = data.table("personas.yaml")
    persona = Persona(
        name=rng.choice(people["names"]),
        style=rng.choice(get_args(Style)),
    )
    known_as = setting.person.name if setting.person is not None else ""
    if name := known_as or _name_writer(plan):
        persona = persona.model_copy(update={"name": name})
    bare = Task(
        domain=next(iter(domains)),
        person=setting.person,
        tools=offered,
        persona=persona,
        policy=write_system_message(
            services,
            name_things(setting.world, next(iter(domains))),
            plan.clock,
            confirm_all,
            rng,
            said,
            timed=timed,
        ),
        clock=plan.clock.isoformat(),
        environment_seed=setting.seed,
        rules=plan.rules,
        demands=demands_of(offered, setting.world),
        formats=tuple(dict.fromkeys(formats)),
        said=list_said(offered, setting.world),
        turns=turns,
        known=tuple(known),
        chain=chain,
        operators=tuple(dict.fromkeys(plan.operators)),
        sampler=SamplerNote(policy=chain.policy, seed=chain.seed),
        plants=setting.plants,
        initial_state=run.initial_state,
        final_state=run.final_state,
        acceptance=_accept(plan, run.environment.changes()),
    )
    of_chain = [plan.done[turn.calls[0]].turn if turn.calls else -1 for turn in plan.turns]
    goals = [chain.goals[n] if 0 <= n < len(chain.goals) else "" for n in of_chain]
    brief = write_brief(setting.world, bare, goals)
    persona = persona.model_copy(update={"about": brief.situation})
    task = bare.model_copy(update={"brief": brief, "persona": persona})
    return task, run


def demands_of(offered: tuple[str, ...], world: World) -> tuple[ToolDemand, ...]:
    """What the descriptions of the offered tools demand, and what is to be seen before a write."""
    sights, tellings = list_sights(Same(world)), list_tellings(Same(world))
    return tuple(
        ToolDemand(tool=name, demand=demand)
        for name in offered
        if name in world.models
        for demand in (*world.models[name].demands, *sights.get(name, ()), *tellings.get(name, ()))
        if demand.kind != "seen" or demand.tool in offered
    )


def _name_writer(plan: Plan) -> str:
    """What the services call whoever writes: a patient who is new, the author of a comment.

    Where all cards are made out to one person, that is who writes.
    """
    world, names = plan.setting.world, set[str]()
    makers = {*load_table("telling")["ways_of_people"]["by"]}
    for number, executed in enumerate(plan.done):
        model, row = executed.model, executed.result
        entity = world.entities.get(model.entity or "")
        made = model.operation == "create" and number not in plan.barred
        names |= {
            str(held[name])
            for name, field in (entity.fields.items() if entity else ())
            if field.common and field.semantic == "person_name"
            for held in objects_in(row) if name in held
        }  # fmt: skip
        if entity is None or not made or not isinstance(row, dict):
            continue
        if makes_user(world, model):
            return full_name(entity, row)
        names |= {
            str(row[name])
            for name, field in entity.fields.items()
            if field.semantic == "person_name" and name in row and name not in executed.arguments
            and not makers.isdisjoint(split_words(name))
        }  # fmt: skip
    return names.pop() if len(names) == 1 else ""


def list_said(offered: tuple[str, ...], world: World) -> dict[str, tuple[str, ...]]:
    """What people say instead of the choices of the offered tools' parameters."""
    said: dict[str, tuple[str, ...]] = {}
    for model in (world.models[name] for name in offered if name in world.models):
        fields = world.entities[model.entity].fields if model.entity else {}
        for parameter in model.parameters:
            field = fields.get(parameter.field or "")
            if field is not None and "enum" in parameter.schema:
                said |= field.said
    return said


def _record_turn(plan: Plan, turn: TurnPlan, groups: dict[int, int]) -> TaskTurn:
    """``groups``: call → number of its batch."""
    faults = dict(plan.faults)
    calls = tuple(
        GoldCall(
            tool=plan.done[number].model.name,
            arguments=plan.done[number].arguments,
            origins=plan.done[number].origins,
            result=written_json(plan.done[number].result),
            group=groups[number],
            fault=faults.get(number),
            barred=number in plan.barred,
            looks=plan.done[number].looks,
            composed=plan.done[number].composed,
            repeatable=plan.done[number].repeatable,
            at=plan.done[number].at,
        )
        for number in turn.calls
    )
    intent = turn.wish
    if not intent:  # ``find flights (origin: LIS), then book a flight (passenger name: Ana)``
        steps = []
        for executed in (plan.done[call] for call in turn.calls):
            told = "; ".join(
                f"{label(executed.model.parameter(origin.path).name)}: {executed.said(origin.path)}"
                for origin in executed.origins
                if origin.kind == "user"
            )
            steps.append(wish_of(executed.model) + (f" ({told})" if told else ""))
        intent, hours = ", then ".join(steps), turn.elapsed // 3600
        if (earlier := find_twist(turn, LeansOn)) is not None:
            intent = f"the same as in wish {earlier.turn + 1}, saying only what differs: {intent}"
        elif hours:
            intent = f"after {hours} hours, how it is by then: {intent}"
    return TaskTurn(
        intent=intent,
        calls=calls,
        confirm=turn.confirm,
        outcome=turn.outcome,
        reason=turn.reason,
        elapsed=turn.elapsed,
        twists=turn.twists,
    )


def _accept(plan: Plan, changes: Iterable[Change]) -> Acceptance:
    """What must hold in the end, be said, be called and not be called.

    ``changes``: what the plan's calls have changed in all. Of a row that is new all fields must
    hold, of another one those that are not as they were. What is made of composed words has an id
    that hangs on them: the check of the goal holds it against the state that other words reach.
    """
    assertions = []
    changes = tuple(changes)
    gone = tuple(f"{one.key} " for one in changes if one.after is None)
    composed = [one.scalars for one in plan.done if one.composed]
    for change in changes:
        row, before = change.after, change.before
        if row is not None and before is not None:
            row = {name: value for name, value in row.items() if before.get(name) != value}
        elif any(change.key in made for made in composed):
            continue
        elif row is None and change.key.startswith(gone):
            continue  # it went with what it lay in
        assertions.append(Assertion(table=change.table, key=change.key, row=row))
    delayed = {call for call, fault in plan.faults if fault.kind == "delayed"}
    must_say: list[MustSay] = []
    must_call: list[CallPattern] = []
    for number, turn in enumerate(plan.turns):
        described = {one.call: one.path for one in find_twists(turn, Reference)}
        fresh = turn.elapsed > HOLDS_FOR or has_twist(turn, LeansOn)
        for call in turn.calls:
            executed = plan.done[call]
            name, arguments = executed.model.name, executed.arguments
            if executed.model.writes:
                if turn.outcome == "complete":
                    must_say += _say_new_id(plan, number, call)
            # Reads without which the user would be told something else, or something stale.
            elif fresh or call in delayed:
                own = None if call in delayed else number
                given = dict(leaves(arguments)) if arguments else {}
                must_call.append(CallPattern(tool=name, turn=own, arguments=given))
            elif call in described:
                given = {described[call]: value_at(arguments, described[call])}
                must_call.append(CallPattern(tool=name, turn=number, arguments=given))
    return Acceptance(
        assertions=tuple(assertions),
        must_say=(*must_say, *plan.must_say),
        must_call=(*must_call, *plan.must_call),
        must_not_call=plan.must_not_call,
    )


def _say_new_id(plan: Plan, turn: int, call: int) -> Iterable[MustSay]:
    """The number of something new that people quote; ids of programs are nobody's."""
    executed = plan.done[call]
    entity = plan.setting.world.entities.get(executed.model.entity or "")
    if executed.model.operation != "create" or entity is None or not entity.identity:
        return
    path = entity.identity[-1]
    value = executed.result.get(path) if isinstance(executed.result, dict) else None
    new = isinstance(value, str | int) and value not in executed.arguments.values()
    if new and is_spoken_id(value, entity.noun):
        yield MustSay(turn=turn, call=call, path=path, value=value)
