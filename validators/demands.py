"""Checks that each call keeps to what its tool demands beyond the schema, and to the task's rules.

Every demand that code can decide is decided on the call's arguments, on the conversation before it
and on the state that it met; what cannot be decided is not judged. A call that was refused has
changed nothing: it may still be put right. A rule of the policy counts an attempt as well. Calls
are run again for it, as the row that is looked at may have changed on the way.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from schemas.check import CheckContext
from schemas.demand import Demand, Rows, is_broken, repeats
from schemas.environment import call_at
from schemas.message import AssistantMessage
from schemas.policy import allows
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import Exchange, exchanges, find_consent, knows_acts, writers


@code_check("demands", level="schema")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find calls that ignore a demand of their tool."""
    trajectory = context.trajectory
    task, made = trajectory.task, exchanges(trajectory.messages)
    called = {one.call.name for one in made if one.succeeded}
    demands = [(one.tool, one.demand) for one in task.demands if one.tool in called]
    changes = writers(trajectory)
    # Calls are run again only where a demand looks at rows.
    looked_at = any(demand.kind == "same" for _, demand in demands)
    environment = context.environment(task) if looked_at and context.environment else None
    rows: Rows = environment.rows if environment is not None else lambda _: ()
    for number, exchange in enumerate(made):
        for tool, demand in demands if exchange.succeeded else ():
            if tool != exchange.call.name:
                continue
            spot = exchange.message, exchange.place, demand.sentence
            if demand.kind == "ask_first":
                consent = find_consent(trajectory.messages[: exchange.message], exchange.turn)
                if consent != "given":
                    unclear = consent == "unclear" and not knows_acts(trajectory)
                    yield reason("demand_ignored", *spot, suspect=unclear)
            elif _is_ignored(demand, made[: number + 1], trajectory, rows):
                yield reason("demand_ignored", *spot)
            # Who only looks again need not say again what it is.
            since = exchange if tool in changes else next(
                one for one in made if one.succeeded and one.call.name == exchange.call.name
                and one.call.arguments == exchange.call.arguments
            )  # fmt: skip
            if demand.kind == "said" and not _is_said(demand, since, trajectory):
                yield reason("unsaid", *spot, suspect=True)
        if environment is not None and exchange.answer is not None:
            call, answer = exchange.call, exchange.answer
            call_at(environment, answer.at, call.name, call.arguments, answer.fault)


def _is_ignored(
    demand: Demand, made: Sequence[Exchange], trajectory: Trajectory, rows: Rows
) -> bool:
    """Whether the last of these calls ignores a demand of its tool."""
    *earlier, last = made
    if demand.kind == "once":
        done = (one for one in earlier if one.succeeded and one.call.name == last.call.name)
        return repeats(demand, last.call.arguments, (one.call.arguments for one in done))
    if demand.kind == "after":
        # Whoever knows what the first way asks for has no need of the second.
        calls = trajectory.task.calls
        known = any(calls[fact.call].tool == demand.tool for fact in trajectory.task.known)
        tried = any(one.call.name == demand.tool for one in earlier)
        return known and not tried and demand.tool in trajectory.task.tools
    return is_broken(demand, last.call.arguments, rows)


def _is_said(demand: Demand, exchange: Exchange, trajectory: Trajectory) -> bool:
    """Whether the assistant says what is to be said with a call, as far as its words tell."""
    said = (message.text for message in trajectory.messages
            if isinstance(message, AssistantMessage) and message.turn >= exchange.turn)  # fmt: skip
    due = all(given.holds(exchange.call.arguments) for given in demand.when)
    return not due or any(map(demand.is_heard, said))


@code_check("policy", level="policy")
def check_policy(context: CheckContext) -> Iterator[Reason]:
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
