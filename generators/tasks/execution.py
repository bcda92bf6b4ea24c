"""A chain of tools becomes calls that really ran: the truth, before any words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, NamedTuple

from generators.backends.backend import Policed
from generators.identity_cache import remembered
from generators.sandbox.propose import Proposal, make_proposed
from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed, Given, Picks, feed
from generators.world.expression import parse_expression
from generators.world.model import ParameterModel, ToolModel, World
from schemas.canonical import canonical_json
from schemas.environment import Environment
from schemas.graph import ChainStep, ToolChain
from schemas.leaves import leaves, objects_in, value_at
from schemas.record import JsonObject
from schemas.task import Origin
from schemas.world_model import PolicyRuleMeaning

_CHOICES = 3
"""Elements of an earlier result that a step is tried with."""
_PROPOSALS = 3
"""Calls that are proposed with the same of them, where one breaks a rule of the service."""


class ChainPlace(NamedTuple):
    """Where in the chain a call belongs."""

    turn: int
    step: int


@dataclass
class _Run:
    setting: Setting
    environment: Environment
    rng: Random
    forbids: float = 0
    """Probability that a write which breaks a rule of the service is kept, to be declined."""
    picks: Picks = field(default_factory=Picks)

    @property
    def world(self) -> World:
        """What is known of the tools."""
        return self.setting.world

    def propose(self, name: str, given: Mapping[str, Any], optional: int) -> Proposal | None:
        """A call that succeeds now."""
        backend = self.setting.backend
        return backend.propose(self.environment, name, self.rng, given, optional)

    @property
    def done(self) -> list[Executed]:
        """The calls so far."""
        return self.picks.done


def execute(
    setting: Setting,
    chain: ToolChain,
    rng: Random,
    twins: float,
    demanded: frozenset[str] = frozenset(),
    forbids: float = 0,
) -> list[Executed]:
    """Run the steps of ``chain`` in a fresh environment; those that cannot run are left out.

    ``twins`` is the probability that a read is made a second time, about something else. Nothing
    is done where one of the ``demanded`` tools cannot be called. A call that breaks a rule of the
    service is left out, or kept with probability ``forbids``: asked for, and not made.
    """
    run = _Run(setting, setting.open(), rng, forbids)
    turns = {step: turn for turn, steps in enumerate(chain.turns) for step in steps}
    implied = _implied(chain, turns) | set(chain.implicit)
    for number, step in enumerate(chain.steps):
        if _is_lost(run, chain, number, demanded):
            return []
        if any(item.step not in run.picks.place for item in step.feeds):
            continue
        model = run.world.models[step.tool]
        if number in implied and any(p.name == "method" for p in model.parameters):
            continue  # what it is to do is for the user to say
        optional = 0 if number in implied else rng.choice((0, 1, 1, 2))
        place = ChainPlace(turns[number], number)
        if not _perform_fed(run, step, place, optional):
            continue
        if run.done[-1].forbidden:
            continue
        if (known := _made_before(run)) is not None:
            run.picks.place[number] = known
            continue
        run.picks.place[number] = len(run.done) - 1
        if number not in implied and rng.random() < twins:
            _perform_twin(run, step, place)
    return run.done


def _is_lost(run: _Run, chain: ToolChain, number: int, demanded: frozenset[str]) -> bool:
    """Whether a demanded tool was tried before this step, not called, and will not come again."""
    if not demanded:
        return False
    called = {executed.model.name for executed in run.done}
    return not demanded.issubset(called.union(step.tool for step in chain.steps[number:]))


def _implied(chain: ToolChain, turns: dict[int, int]) -> set[int]:
    """Steps that only serve a later one of their turn: nobody asks for them in so many words."""
    return {
        item.step
        for number, step in enumerate(chain.steps)
        for item in step.feeds
        if turns[item.step] == turns[number]
    }


def _perform_fed(run: _Run, step: ChainStep, place: ChainPlace, optional: int) -> bool:
    """Perform a step with what earlier results give; if in vain, with other elements of them."""
    model = run.world.models[step.tool]
    for _ in range(_CHOICES):
        before = run.picks.chosen
        given = feed(run.picks, model, step.feeds, run.rng)
        if given is None:
            return False
        if _perform(run, model, given, place, optional):
            return True
        if run.picks.chosen == before:
            return False  # which elements are meant was settled by earlier steps
        run.picks.chosen = before
    return False


def _perform(run: _Run, model: ToolModel, given: Given, place: ChainPlace, optional: int) -> bool:
    """Find the other arguments, run the call, note it. False where it cannot be done.

    At most ``optional`` arguments are given that the tool does not demand.
    """
    fixed = {path: value for path, (value, _) in given.items()}
    carried = _carried(run, model, given)
    attempts = (carried | fixed, fixed) if carried else (fixed,)
    for attempt in attempts:
        for _ in range(_PROPOSALS):
            proposed = run.propose(model.name, attempt, optional)
            if proposed is None:
                break
            # Optional arguments that no person would say are left out.
            arguments = proposed.arguments
            unsayable = _unsayable(model)
            if unsayable.isdisjoint(arguments):
                without_unsayable = arguments
            else:
                tops = {_top(path) for path in given}
                without_unsayable = {
                    key: value
                    for key, value in arguments.items()
                    if key in tops or key not in unsayable
                }
            said = _only_fed(without_unsayable, given)
            if said != proposed.arguments:
                proposed = Proposal(said)
            rule = _find_broken_rule(run, model, said)
            if rule is None or _is_kept(run, model, said, rule):
                return _note(run, model, proposed, given, place, rule)
    return False


def _note(
    run: _Run,
    model: ToolModel,
    proposed: Proposal,
    given: Given,
    place: ChainPlace,
    rule: PolicyRuleMeaning | None = None,
    *,
    twin: bool = False,
) -> bool:
    """Make the call in earnest, if every leaf has an origin and it finds something.

    ``rule``: one of the service that it breaks; then it is noted, and leaves no trace.
    """
    arguments = proposed.arguments
    origins = _origins(model, arguments, given)
    if origins is None:
        return False
    before = run.environment.snapshot()
    outcome = make_proposed(run.environment, model.name, proposed)
    if outcome.is_error or (model.operation == "list" and _finds_nothing(outcome.content)):
        run.environment.restore(before)
        return False
    if rule is not None:
        run.environment.restore(before)
    made = Executed(model, arguments, origins, outcome.content, *place, twin)
    run.done.append(replace(made, forbidden=rule.text) if rule is not None else made)
    return True


def _find_broken_rule(
    run: _Run, model: ToolModel, arguments: JsonObject
) -> PolicyRuleMeaning | None:
    """The first rule of the service that a call breaks in the present state."""
    backend, service = run.setting.backend, run.world.domains.get(model.tool.domain)
    if service is None or not service.rules or not isinstance(backend, Policed):
        return None
    broken = backend.violations(run.environment, model.name, arguments)
    return next((rule for rule in service.rules if rule.text in broken), None)


def _is_kept(run: _Run, model: ToolModel, arguments: JsonObject, rule: PolicyRuleMeaning) -> bool:
    """Whether the call is asked for and declined, once a conversation.

    All that the rule looks at must have been said, or shown by an earlier result, so that an
    assistant can tell.
    """
    expression = parse_expression(rule.require or "")
    if not model.writes or rule.outcome != "refuse" or expression.queries:
        return False
    if any(one.forbidden for one in run.done) or run.rng.random() >= run.forbids:
        return False
    given = {canonical_json(value) for _, value in leaves(arguments)}
    for name in expression.names:
        root, _, rest = name.partition(".")
        if root in ("now", "today") or root.partition("[")[0] in arguments:
            continue
        field = rest.partition(".")[0].partition("[")[0]
        rows = (row for one in run.done for row in objects_in(one.result) if field and field in row)
        if not any(given & {canonical_json(v) for _, v in leaves(row)} for row in rows):
            return False
    return True


def _made_before(run: _Run) -> int | None:
    """The number of an earlier call that told the same: the last one is taken back."""
    last = run.done[-1]
    for number, earlier in enumerate(run.done[:-1]):
        if earlier.model is last.model and earlier.arguments == last.arguments:
            if last.model.writes or earlier.result != last.result:
                return None
            run.done.pop()
            return number
    return None


def _perform_twin(run: _Run, step: ChainStep, place: ChainPlace) -> None:
    """The same once more about another row, or with one other value; all else stays."""
    first, model = run.done[-1], run.world.models[step.tool]
    if model.writes or not model.tool.required:
        return
    fed = feed(run.picks, model, step.feeds, run.rng, fresh=True)
    lists = any("[]" in item.result_path for item in step.feeds)
    if fed is None or (step.feeds and not lists):
        return
    told = {
        origin.path: (value_at(first.arguments, origin.path), origin)
        for origin in first.origins
        if origin.kind == "user"
    }
    variable = [] if fed else [path for path in told if _may_vary(model, path)]
    run.rng.shuffle(variable)
    for path in [None] if fed else variable:
        kept = {key: known for key, known in told.items() if key != path}
        given = kept | fed
        fixed = {key: value for key, (value, _) in given.items()}
        proposed = run.propose(model.name, fixed, 0)
        if proposed is None or proposed.arguments == first.arguments:
            continue
        if set(dict(leaves(proposed.arguments))) == set(dict(leaves(first.arguments))):
            _note(run, model, proposed, given, place, twin=True)
            return


def _may_vary(model: ToolModel, path: str) -> bool:
    parameter = model.parameter(path)
    return parameter.semantic not in ("boolean", "enum") and parameter.name != "method"


def _carried(run: _Run, model: ToolModel, given: Given) -> dict[str, Any]:
    """Identities that were in play just before are meant again: the same repository."""
    carried: dict[str, Any] = {}
    recent = run.done[:-4:-1]
    for parameter in _carriable(model) if recent else ():
        if parameter.path in given:
            continue
        for earlier in recent:
            value = next(
                (
                    earlier.arguments[path]
                    for path in _paths_by_field(earlier.model).get(
                        (parameter.field, parameter.entity), ()
                    )
                    if path in earlier.arguments
                ),
                None,
            )
            if value is not None:
                carried[parameter.path] = value
                break
    return carried


@remembered
def _carriable(model: ToolModel) -> tuple[ParameterModel, ...]:
    """Required parameters that name one row in words that a person would use."""
    return tuple(
        parameter
        for parameter in model.parameters
        if parameter.use in ("identity", "reference") and not parameter.opaque
        if "[]" not in parameter.path and parameter.required
    )


@remembered
def _paths_by_field(model: ToolModel) -> dict[tuple[str | None, str | None], list[str]]:
    """(row's field, entity) → paths of the parameters that are about it."""
    found: dict[tuple[str | None, str | None], list[str]] = {}
    for parameter in model.parameters:
        found.setdefault((parameter.field, parameter.entity), []).append(parameter.path)
    return found


@remembered
def _unsayable(model: ToolModel) -> frozenset[str]:
    """Arguments that need not be given, and hold what no person would say."""
    return frozenset(
        _top(parameter.path)
        for parameter in model.parameters
        if not parameter.required
        if parameter.opaque or parameter.semantic == "object" or parameter.use == "option"
    ).difference(model.tool.required)


def _top(path: str) -> str:
    """The argument that a path lies in."""
    return path.partition(".")[0].partition("[")[0]


def _only_fed(arguments: JsonObject, given: Given) -> JsonObject:
    """Lists whose elements come from results hold no others: nobody could name them."""
    cut = {
        path.partition("[")[0]
        for path, (_, origin) in given.items()
        if origin.kind == "result" and path.count("[") == 1 and "." not in path.partition("[")[0]
    }
    if not cut:
        return arguments
    return {
        key: value[:1] if key in cut and isinstance(value, list) else value
        for key, value in arguments.items()
    }


def _origins(model: ToolModel, arguments: JsonObject, given: Given) -> tuple[Origin, ...] | None:
    """One origin a leaf; None where a leaf can have none (an empty object, a null)."""
    origins = []
    for path, value in leaves(arguments):
        if path in given:
            origins.append(given[path][1])
        elif not path:
            continue  # a call without arguments
        elif value is None or isinstance(value, dict | list):
            return None
        elif _is_default(model, path, value):
            origins.append(Origin(path=path, kind="default"))
        else:
            origins.append(Origin(path=path, kind="user"))
    return tuple(origins)


def _is_default(model: ToolModel, path: str, value: Any) -> bool:
    schema = model.parameter(path).schema
    if "default" not in schema and "const" not in schema:
        return False
    given = (schema.get("default"), schema.get("const"))
    return any(type(known) is type(value) and known == value for known in given)


def _finds_nothing(result: Any) -> bool:
    lists = (
        [value for value in result.values() if isinstance(value, list)]
        if isinstance(result, dict)
        else []
    )
    return bool(lists) and not any(lists)
