"""Checks that no call breaks a rule of the task, in the state in which it was made.

The calls are run again, as the row that a rule looks at may have changed on the way. An attempt
counts, whether it succeeded or not.
"""

from collections.abc import Iterator
from datetime import datetime

from schemas.check import CheckContext
from schemas.environment import call_at
from schemas.policy import allows
from schemas.reasons import reason
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import exchanges


@code_check("policy", level="policy")
def check(context: CheckContext) -> Iterator[Reason]:
    """Unknown where a rule is to be checked and no environment is at hand."""
    task = context.trajectory.task
    if not task.rules:
        return
    if context.environment is None:
        yield reason("policy_unavailable")
        return
    environment, clock = context.environment(task), datetime.fromisoformat(task.clock)
    for exchange in exchanges(context.trajectory.messages):
        call = exchange.call
        for rule in task.rules:
            if rule.tool == call.name and not allows(
                rule, call.arguments, environment.rows(rule.table) if rule.table else (), clock
            ):
                yield reason("policy_violation", exchange.message, exchange.place, rule.sentence)
        if (answer := exchange.answer) is not None:
            call_at(environment, answer.at, call.name, call.arguments, answer.fault)
