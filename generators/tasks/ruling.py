"""Whether the rules of a task, and those of its backend, say of each gold call what they should."""

from collections.abc import Iterator, Sequence

from generators.backends.policed import Policed
from generators.tasks.flaw import Flaw
from generators.tasks.setting import Setting
from schemas.environment import Environment
from schemas.leaves import value_at
from schemas.policy import PolicyRule, allows
from schemas.task import GoldCall, Outcome, Task


def ruled(
    setting: Setting,
    rules: Sequence[PolicyRule],
    number: int,
    call: GoldCall,
    outcome: Outcome,
    environment: Environment,
) -> Iterator[Flaw]:
    """Before a call: the rules allow what is made, and one forbids what is not to be made."""
    broken = [*_broken(setting, rules, call, environment), *_violated(setting, call, environment)]
    if broken and not call.barred:
        yield Flaw("policy_forbids_gold", number, broken[0])
    if call.barred and not broken and outcome == "refuse":
        yield Flaw("policy_allows_barred", number, call.tool)


def _broken(
    setting: Setting, rules: Sequence[PolicyRule], call: GoldCall, environment: Environment
) -> Iterator[str]:
    for rule in rules:
        rows = environment.rows(rule.table) if rule.table and rule.tool == call.tool else ()
        if rule.tool == call.tool and not allows(rule, call.arguments, rows, setting.clock):
            yield rule.sentence


def _violated(setting: Setting, call: GoldCall, environment: Environment) -> Iterator[str]:
    if isinstance(setting.backend, Policed):
        yield from setting.backend.violations(environment, call.tool, call.arguments)


def forbidden(setting: Setting, task: Task) -> Iterator[Flaw]:
    """What must not be called is an offered write, and no gold call that is made."""
    for pattern in task.acceptance.must_not_call:
        model = setting.world.models.get(pattern.tool)
        if model is None or not model.writes or pattern.tool not in task.tools:
            yield Flaw("forbidden_call_made", None, f"{pattern.tool} is no write that is offered")
        for number, call in enumerate(task.calls):
            if call.tool == pattern.tool and not call.barred and _fits(pattern.arguments, call):
                yield Flaw("forbidden_call_made", number, call.tool)


def _fits(arguments: dict[str, object], call: GoldCall) -> bool:
    try:
        return all(value_at(call.arguments, path) == value for path, value in arguments.items())
    except KeyError:
        return False
