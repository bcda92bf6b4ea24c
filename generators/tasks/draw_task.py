"""A task in full: executed calls, who knows what, what is asked when, and how it ends.

Truth first, words last (GOAT, SAP): a chain is drawn, run in an environment, made harder by
operators, and proven from the start; only what is proven becomes a task. No sentence is written
here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from generators.backends.backend import Backend, ShownRows
from generators.identity_cache import Same
from generators.language.action import action
from generators.sampling.chain_edits import put_together
from generators.sampling.goal_sense import RELATED, sense_of
from generators.sampling.sampler import Focus, Link, Sampler, tools_of
from generators.sampling.stream import Drawn
from generators.sandbox.own_rows import OwnRows, Scope, find_ties, find_user, full_name
from generators.sandbox.row_states import allowed
from generators.sandbox.row_values import key_of
from generators.tasks.asked_aloud import find_unsaid
from generators.tasks.clock import Setting, Start, start_of
from generators.tasks.execution import execute
from generators.tasks.feeding import Executed
from generators.tasks.mended_chain import drop_vain_look_ups, mend_chain
from generators.tasks.offered_tools import Shelf, may_miss, offer_tools
from generators.tasks.outline import grouped, is_done_at_once, missing_tools, outline
from generators.tasks.plan import MAX_USER_MESSAGES, Flaw, Mix, Plan, PlanOperator
from generators.tasks.plan_changes import join_chains, join_plans, may_join
from generators.tasks.proof import flaws
from generators.tasks.sought_rules import RuleBreaking, SoughtRule
from generators.tasks.task_record import record_task
from generators.world.model import Entity, ToolModel, World
from generators.world.policy_rules import has_manner
from schemas.canonical import derive_seed
from schemas.errors import InputError, NoTaskError
from schemas.graph import ToolChain
from schemas.leaves import objects_in
from schemas.reasons import STIFF
from schemas.task import Person, Task

_LOOKED_AT = 8
"""Persons among whom the one is chosen who has the most of what the calls are about."""


_ATTEMPTS = 40
_STEADFAST = 8
"""Attempts that are made for the same tool or edge …"""
_FAITHFUL = 2
"""… those of which the task must call it, with what feeds it if it is an edge …"""
_NEARLY = 4
"""… and those of which it must call the tool that is fed."""
_SAME = 2
"""Attempts that fail alike, after which nothing more is tried with that tool."""
_SEARCHED = 3
"""Attempts that are made for it where operators are asked for, which another may allow."""
_PATIENCE = 100
"""Attempts after which one operator more that is asked for may be lacking."""
_LONG = 8
"""Attempts in which a task with fewer calls than its chain allows is not taken."""
_HASTY = _ATTEMPTS // 2
"""Attempts given up for a value that nobody says before there is a task to fall back on."""
_CALLS = 3
"""Calls of a task, if the chain has as many."""
_LONGER = 4
"""Chains that are drawn for one of as many calls as that whose tool was given up."""
_SOUGHT = 3
"""How much more often a write that is declined is looked for than tasks are to have one, where no
rule tells which: most writes are lawful whatever is asked."""
_MEETINGS = 3
"""Attempts that are made in a world to have a rule met."""
_MET = 10
"""How much more it counts that a person has rows by which the rule can be broken, than others."""
_LEAST_SAID = 2
"""User messages that a task must have room for, to be joined to another."""
_MENDS = 2
"""How often the chain of an attempt is mended, before another is drawn."""


@dataclass(frozen=True)
class Workbench:
    """What tasks are drawn from; made once a run."""

    backend: Backend
    sampler: Sampler
    operators: tuple[PlanOperator, ...]
    """In the order in which they are tried."""
    mix: Mix
    shelf: Shelf

    @property
    def world(self) -> World:
        """What is known of the tools."""
        return self.backend.world


class Dropped(NamedTuple):
    """An attempt that made no task, and why."""

    reason: str
    """One of `schemas.reasons.ATTEMPTS` or `FLAWS`."""
    detail: str = ""
    stiff: Task | None = None
    """The task, where only its words are wrong."""
    mended: ToolChain | None = None
    """The chain with what stood in the way cut off, or led up to; None where it is past mending."""


def forget(_: Dropped) -> None:
    """Dropped attempts are of no interest."""


_NONE: Mapping[str, tuple[Focus, ...]] = MappingProxyType({})


def never() -> bool:
    """No."""
    return False


def draw_task(
    bench: Workbench,
    seed: int,
    drawn: Drawn | None = None,
    note: Callable[[Dropped], None] = forget,
    start: Start | None = None,
    asked: Mapping[str, tuple[Focus, ...]] = _NONE,
    joined: Sequence[Link] = (),
    last_resort: Callable[[], bool] = never,
) -> Task:
    """The task of a seed. Raises InputError where the tools allow none at all.

    ``drawn``: the chain to begin with; where no task comes of it, others of its focus follow.
    ``note`` hears of each attempt that is given up. ``start``: the world that the task begins in;
    None: one of its own. ``asked``: operators that it must have, with the tools and edges that
    allow each; where no chain allows them all, the more are let go the longer it takes.
    ``joined``: edges whose ends are asked for together.
    ``last_resort``: whether stiff words are taken where no attempt has others. Raises NoTaskError
    where this seed has none, and another may.
    """
    start = start or start_of(bench.world, seed)
    setting = Setting(bench.backend, start.seed, start.clock)
    focus = drawn.focus if drawn else None
    if isinstance(focus, str) and not action(bench.world.models[focus]).sayable:
        focus = None  # it may come on the way to something else
    tools = tools_of(focus) if focus is not None else ()
    home = _find_home(bench, drawn)
    suiting = _find_suiting(asked)
    best: Task | None = None
    stiff: Task | None = None
    given_up: list[Dropped] = []
    failures: Counter[tuple[str, str, frozenset[str]]] = Counter()
    steadfast = _SEARCHED if asked else _STEADFAST
    wanted = min(_CALLS, len(drawn.chain.steps)) if drawn else 1
    stuck, tried = False, 0
    for attempt in range(_ATTEMPTS + (_PATIENCE if asked else 0) // 2):
        if stuck and attempt < steadfast:
            continue
        own_seed = derive_seed("task", seed, attempt)
        if drawn and attempt == 0:
            chain = drawn.chain
        else:
            # In turn what allows most of the operators, and what allows one of those that lack.
            rng, had = Random(own_seed), best.operators if best is not None else ()
            lacking = [foci for name, foci in asked.items() if name not in had]
            pool = suiting if attempt % 2 else rng.choice([suiting, *lacking])
            other = rng.choice(pool or home or (None,))
            chain = _sample(bench, own_seed, focus if attempt < steadfast else other)
            if stuck and not pool and tried < _LONG:
                chain = _lengthen(bench, own_seed, chain, wanted, home)
        for link in joined:
            chain = put_together(chain, link, bench.world)
        demanded = frozenset(
            tools if attempt < _FAITHFUL else tools[-1:] if attempt < _NEARLY else ()
        )
        least = min(_CALLS, len(chain.steps)) if tried < _LONG else 1
        tried += 1
        made = try_task(bench, setting, chain, own_seed, demanded, least, attempt < _HASTY)
        if isinstance(made, Dropped):
            given_up.append(made)
            why = made.reason, made.detail.partition(":")[0], demanded
            failures[why] += 1
            stuck = stuck or (len(demanded) < 2 and failures[why] == _SAME)
            stiff = stiff or made.stiff
            note(made)
            if attempt >= _NEARLY and stiff is not None and last_resort():
                return stiff
            continue
        missed = asked.keys() - {*made.operators}
        if len(missed) <= attempt // _PATIENCE:
            return made
        if best is None or len(missed) < len(asked.keys() - {*best.operators}):
            best = made
        note(Dropped("operator_lacking", " and ".join(sorted(missed))))
    if best is not None:
        return best
    raise _tell_failure(given_up, len(bench.world.models))


def meet_rule(
    bench: Workbench,
    seed: int,
    sought: SoughtRule,
    starts: Iterable[Start],
    asked: Set[str] = frozenset(),
    note: Callable[[Dropped], None] = forget,
) -> Task | None:
    """A task in which a call breaks the rule, so that it is declined; None where none is found.

    ``starts``: where nobody's rows allow it in a world, those of the next may. ``asked``: operators
    that it must have.
    """
    links = [one for one in bench.sampler.links if one.consumer == sought.tool]
    foci: list[Focus] = [sought.tool, *links]
    attempts = (begun for begun in starts for _ in range(_MEETINGS))
    for attempt, begun in enumerate(attempts):
        own_seed = derive_seed("meeting", seed, attempt)
        setting = Setting(bench.backend, begun.seed, begun.clock)
        chain = _sample(bench, own_seed, Random(own_seed).choice(foci))
        made = try_task(bench, setting, chain, own_seed, frozenset(), 1, True, sought)
        if isinstance(made, Dropped):
            note(made)
        elif asked <= {*made.operators} and any(one.reason == sought.text for one in made.turns):
            return made
    return None


def _tell_failure(given_up: Sequence[Dropped], tools: int) -> InputError:
    """Why no attempt made a task: the tools allow none, or this seed does not."""
    reasons = Counter(one.reason for one in given_up)
    none = f"no task could be made of these {tools} tools"
    if {*reasons} <= {"nothing_runs"}:
        return InputError(f"{none}: none of their calls runs")
    details = {one.reason: one.detail for one in reversed(given_up)}
    told = (f"{reason} ({count}; {details[reason]})" for reason, count in reasons.most_common(3))
    return NoTaskError(f"{none} in {len(given_up)} attempts: {', '.join(told)}")


def _find_suiting(asked: Mapping[str, tuple[Focus, ...]]) -> tuple[Focus, ...]:
    """What allows as many of the operators as one can, what is rarest first."""
    chosen: tuple[Focus, ...] = ()
    for allowing in sorted(asked.values(), key=len):
        tools = {tool for focus in allowing for tool in tools_of(focus)}
        both = tuple(focus for focus in chosen if not tools.isdisjoint(tools_of(focus)))
        chosen = both or chosen or allowing
    return chosen


def draw_seeds(seed: int) -> Iterator[int]:
    """The seeds of the attempts at the task of a seed; and of those at a rule that is to be met."""
    for kind, count in (("task", _ATTEMPTS + _PATIENCE), ("meeting", 8 * _MEETINGS)):
        for attempt in range(count):
            yield derive_seed(kind, seed, attempt)


def _find_home(bench: Workbench, drawn: Drawn | None) -> tuple[str, ...]:
    """The tools of the domain whose world a task lies in; none where there is no other domain.

    Another tool than the drawn one is of the same domain: all rows of another's world would be made
    for one task.
    """
    if drawn is None:
        return ()
    models, usable = bench.world.models, bench.sampler.usable
    domain = models[drawn.chain.steps[0].tool].tool.domain
    home = tuple(name for name in usable if models[name].tool.domain == domain)
    return home if len(home) < len(usable) else ()


def _sample(bench: Workbench, seed: int, focus: Focus | None) -> ToolChain:
    """A chain for the focus or, where none reaches it, for any."""
    seed = derive_seed("chain", seed)
    try:
        return bench.sampler.sample(seed, focus)
    except InputError:
        return bench.sampler.sample(seed, None)


def _lengthen(
    bench: Workbench, seed: int, chain: ToolChain, steps: int, home: Sequence[str]
) -> ToolChain:
    """A chain in place of a shorter one than what it stands for, where one is soon found."""
    for number in range(_LONGER):
        if len(chain.steps) >= steps:
            break
        own_seed = derive_seed("longer", seed, number)
        chain = _sample(bench, own_seed, Random(own_seed).choice(home) if home else None)
    return chain


def try_task(
    bench: Workbench,
    setting: Setting,
    chain: ToolChain,
    seed: int,
    demanded: frozenset[str],
    least: int,
    hasty: bool,
    sought: SoughtRule | None = None,
) -> Task | Dropped:
    """One try, given up as soon as it is known to fail and the chain past mending.

    It fails where a tool that is demanded cannot be called, and with fewer than ``least`` calls.
    ``hasty``: for words alone, too, with no task to fall back on. ``sought``: where no call breaks
    the rule, too. A task whose words alone are wrong is the one with most of the chain.
    """
    made = _try_chain(bench, setting, chain, seed, demanded, least, hasty, sought)
    for _ in range(_MENDS):
        if not isinstance(made, Dropped) or made.mended is None:
            return made
        stiff = made.stiff
        made = _try_chain(bench, setting, made.mended, seed, demanded, least, hasty, sought)
        if stiff is not None and isinstance(made, Dropped):
            made = made._replace(stiff=stiff)
    return made


def _try_chain(
    bench: Workbench,
    setting: Setting,
    chain: ToolChain,
    seed: int,
    demanded: frozenset[str],
    least: int,
    hasty: bool,
    sought: SoughtRule | None,
) -> Task | Dropped:
    rng = Random(seed)
    setting = choose_person(setting, chain, rng, sought)
    vain = sought is not None and not RuleBreaking(setting, setting.open(), sought).has_rows()
    forbids, refuses = _share_declined(bench, chain) if sought is None else (0.0, 0.0)
    done = [] if vain else execute(
        setting, chain, rng, bench.mix["twin"], demanded, forbids, refuses, hasty=hasty,
        sought=sought,
    )  # fmt: skip
    if (
        not done
        or not _finds_person_first(setting.world, done[0].model)
        or mixes_people(setting, chain, done)
    ):
        why = "nobody_proven" if done else "nothing_runs"
        return Dropped(why, " and ".join(sorted(demanded)))
    confirm_all = _confirms_all(setting, done, bench.mix["confirm_all"], rng)
    aged = bench.mix["stale"] > 0
    calls = grouped(setting, done, confirm_all, rng, demanded, aged=aged)
    may_ask = bench.sampler.may_ask
    calls = drop_vain_look_ups(calls, may_ask, demanded)
    wished = (calls.done[turn.calls[-1]].model.name for turn in calls.turns if turn.calls)
    unasked = [name for name in wished if not may_ask(name)]
    if unasked or not demanded <= calls.called:  # what it leads to could not be called
        return Dropped("focus_not_called", " and ".join(sorted(demanded) or unasked))
    if hasty and (unsaid := find_unsaid(calls)):
        mended = mend_chain(chain, calls, unsaid, may_ask, demanded, least)
        return Dropped(unsaid.code, unsaid.explanation, mended=mended)
    plan = outline(calls, bench.operators, bench.mix, chain, rng)
    if plan is None:
        return Dropped("gap_does_not_fit")
    if not demanded <= plan.called:
        return Dropped("focus_not_called", " and ".join(sorted(demanded)))
    if len(plan.done) < least:
        return Dropped("too_short", f"{len(plan.done)} of {least} calls")
    missing = missing_tools(chain)
    if not all(may_miss(bench.shelf, name, plan.needed) for name in missing):
        return Dropped("missing_tool_is_needed")
    plan, offered = offer_tools(bench.shelf, bench.mix["unsupported"], plan, missing, rng)
    task, run = record_task(plan, chain, offered, confirm_all, rng)
    stiff: list[Flaw] = []
    for flaw in flaws(setting, task, run):
        if flaw.code not in STIFF:
            mended = mend_chain(chain, plan, flaw, may_ask, demanded, least)
            return Dropped(flaw.code, flaw.explanation, mended=mended)
        stiff.append(flaw)
    if stiff:
        codes = tuple(sorted({one.code for one in stiff}))
        named = task.model_copy(update={"stiff": codes})
        mended = mend_chain(chain, plan, stiff[0], may_ask, demanded, least)
        return Dropped(stiff[0].code, stiff[0].explanation, named, mended)
    if rng.random() < bench.mix["recombine"] and may_join(plan):
        return _recombine(bench, plan, chain, confirm_all, derive_seed("second", seed)) or task
    return task


def _share_declined(bench: Workbench, chain: ToolChain) -> tuple[float, float]:
    """How often a write of a chain that breaks a rule is kept, and how often one is looked for.

    Where rules are sought by their turn, both are as seldom as tasks are to have one.
    """
    service = bench.world.domains.get(bench.world.models[chain.steps[0].tool].tool.domain)
    steered = service is not None and any(rule.require for rule in service.rules)
    share, kept = bench.mix["forbid"], bench.mix["against_policy"]
    return (kept * share, share) if steered else (kept, min(1.0, _SOUGHT * share))


def _confirms_all(setting: Setting, done: Sequence[Executed], share: float, rng: Random) -> bool:
    """Whether every write is confirmed; not where the policy wants one of these done at once."""
    services = setting.world.domains.values()
    drawn = rng.random() < share or any(service.policy_stands for service in services)
    return drawn and not _does_at_once(setting, done)


def _does_at_once(setting: Setting, done: Sequence[Executed]) -> bool:
    """Whether one of the calls is made before anything is asked."""
    return any(is_done_at_once(setting.world, one.model) for one in done)


def _finds_person_first(world: World, first: ToolModel) -> bool:
    """Whether the first call finds the person who writes, where a policy wants that first."""
    service = world.domains.get(first.tool.domain)
    user = find_user(Same(world), first.tool.domain)
    if service is None or user is None or not has_manner(service.policy or "", "proof_first"):
        return True
    return first.entity == user.key and not first.writes


def mixes_people(setting: Setting, chain: ToolChain, done: Sequence[Executed]) -> bool:
    """Whether one who is somebody is entered anew, or one whom ``chain`` enters looks up others."""
    world, user = setting.world, find_user(Same(setting.world), done[0].model.tool.domain)
    if user is None:
        return False
    own, key = [one for one in done if one.model.entity == user.key], user.identity[-1]
    made = [one.result for one in own if one.model.operation == "create"]
    if setting.person is not None or not _enters(user, [world.models[s.tool] for s in chain.steps]):
        return setting.person is not None and bool(made)
    new = {str(row[key]) for result in made for row in objects_in(result) if key in row}
    shown = (row for one in own if not one.model.writes for row in objects_in(one.result))
    return any(key in row and str(row[key]) not in new for row in shown)


def _enters(user: Entity, models: Sequence[ToolModel]) -> bool:
    """Whether somebody who is no row yet becomes one."""
    return any(one.operation == "create" and one.entity == user.key for one in models)


def _recombine(
    bench: Workbench, first: Plan, chain: ToolChain, confirm_all: bool, seed: int
) -> Task | None:
    """The task with another one after it; None where that one, or the whole, is not proven."""
    rng, setting = Random(seed), first.setting
    domain, sense = first.done[0].model.tool.domain, sense_of(Same(bench.world))
    made = tuple(dict.fromkeys(executed.model.name for executed in first.done))
    others = [
        name
        for name in bench.sampler.usable
        if bench.world.models[name].tool.domain == domain
        if sense.measure_nearness(made, name) >= RELATED and sense.may_follow(made, (name,))
    ]
    room = MAX_USER_MESSAGES - first.user_messages
    if not others or room < _LEAST_SAID:
        return None
    try:
        more = bench.sampler.sample(derive_seed("chain", seed), rng.choice(others))
    except InputError:  # no chain of this sampler reaches that tool
        return None
    done = execute(setting, more, rng, bench.mix["twin"], before=first.done)
    if not done or mixes_people(setting, chain, [*first.done, *done]):
        return None
    if confirm_all and _does_at_once(setting, done):
        return None
    aged = bench.mix["stale"] > 0
    calls = grouped(setting, done, confirm_all, rng, most=room, aged=aged)
    second = outline(calls, bench.operators, bench.mix, more, rng, room)
    if second is None or second.setting != setting or not may_join(second):
        return None
    if any(flaws(setting, *record_task(second, more, second.needed, confirm_all, rng))):
        return None
    whole = join_plans(first, second)
    if whole is None:
        return None
    offered = bench.shelf.offer(whole.needed, rng)
    task, run = record_task(whole, join_chains(chain, more), offered, confirm_all, rng)
    return None if any(flaws(setting, task, run)) else task


def choose_person(
    setting: Setting, chain: ToolChain, rng: Random, sought: SoughtRule | None = None
) -> Setting:
    """The setting with one who writes, and has rows that the chain can change, or break a rule by.

    Without where that is no row, or somebody new.
    """
    world = setting.world
    models = [world.models[step.tool] for step in chain.steps]
    domain = models[0].tool.domain
    user = find_user(Same(world), domain)
    if user is None or _enters(user, models):
        return setting
    named = {one.entity for model in models for one in model.parameters if one.required}
    named |= {model.entity for model in models if model.operation != "create"}
    ties = find_ties(Same(world), user.key)
    wanted = [world.entities[key] for key in sorted(ties.keys() & named)]
    changed = [(one, world.entities[one.entity or ""]) for one in models
               if one.entity in ties and one.operation in ("update", "delete")]  # fmt: skip
    environment = setting.open()
    shown = ShownRows(world, environment, lambda _: (), setting.clock.isoformat())
    people = list(shown.rows(user))
    best, most = setting, -1
    for row in rng.sample(people, min(len(people), _LOOKED_AT)):
        key = " ".join(key_of(user, row))
        scope = Scope(domain, user.key, key)
        own = OwnRows(shown, scope)
        count = sum(bool(own.rows(entity)) for entity in wanted)
        count += sum(bool(allowed(one, held, [*own.rows(held)])) for one, held in changed)
        if sought is not None:
            own_setting = replace(setting, scope=scope)
            count += _MET * RuleBreaking(own_setting, environment, sought).has_rows()
        if count > most:
            person = Person(entity=user.noun, key=key, name=full_name(user, row))
            best, most = replace(setting, scope=scope, person=person), count
        if most == len(wanted) + len(changed) + (_MET if sought else 0):
            break
    return best
