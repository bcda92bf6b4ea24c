"""What is wrong with one move of an assistant, as far as that can be told before it is made.

The checks are those of whole conversations, over the conversation so far with the move at its end:
its calls are taken to succeed. What they find of that one message counts. A role that plays asks
this (`generators.dialogue.checked_moves`, by a function that the pipeline hands it); a conversation
is judged by the same checks again when it is whole.
"""

from collections.abc import Iterator

from schemas.check import Check, CheckContext, EnvironmentFactory
from schemas.leaves import leaves
from schemas.message import Message, ToolMessage
from schemas.reasons import reason
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Reason
from validators import demands, faithful, order, provenance, schema, text
from validators.code_check import code_check
from validators.goal import fits
from validators.transcript import Exchange, equal, exchanges, is_made, writers

_SUSPECTED = frozenset(
    {"ungrounded_argument", "declined_write", "unfaithful_number", "unfaithful_quote"}
)
"""What is worth asking for again though code can only suspect it."""


def inspect_move(
    task: Task,
    tools: tuple[ToolSpec, ...],
    messages: tuple[Message, ...],
    roles: Roles,
    environment: EnvironmentFactory | None,
) -> tuple[Reason, ...]:
    """What is wrong with the last message, which is the assistant's, each fault once."""
    last = messages[-1]
    made = [
        ToolMessage(
            index=len(messages) + number, turn=last.turn, timestamp=last.timestamp,
            call_id=call.id, name=call.name, content="{}",
        )
        for number, call in enumerate(getattr(last, "calls", ()))
    ]  # fmt: skip
    supposed = Trajectory(
        index=0, seed=0, roles=roles, task=task, tools=tools, messages=(*messages, *made),
        final_state="",
    )  # fmt: skip
    context = CheckContext(supposed, environment, since=len(messages) - 1)
    found = {
        (one.code, one.path): one
        for check in MOVE_CHECKS
        for one in check(context).reasons
        if one.message == last.index
        and (not one.suspect or (one.code in _SUSPECTED and not _is_wanted(supposed, one)))
    }
    return tuple(found.values())


def _is_wanted(trajectory: Trajectory, found: Reason) -> bool:
    """Whether it is wanted so, as somehow the user has said it, or is an option of a look."""
    for one in exchanges(trajectory.messages):
        before = f"{one.place}.arguments."
        if found.code != "ungrounded_argument" or one.message != found.message:
            continue
        if found.path.startswith(before):
            path = found.path.removeprefix(before)
            if one.call.name not in writers(trajectory) and _is_option(trajectory, one, path):
                return True
            said = dict(leaves(one.call.arguments)).get(path)
            return any(
                equal(dict(leaves(gold.settle(one.call.arguments))).get(path, said),
                      dict(leaves(gold.arguments)).get(path))
                for gold in trajectory.task.calls if gold.tool == one.call.name
            )  # fmt: skip
    return False


def _is_option(trajectory: Trajectory, exchange: Exchange, path: str) -> bool:
    """Whether a tool lists what may stand there: which of it is for the assistant to choose."""
    named = (tool for tool in trajectory.tools if tool.wire_name == exchange.call.name)
    if (spec := next(named, None)) is None:
        return False
    name, _, below = path.partition("[")
    schema = spec.properties.get(name, {})
    if below:
        schema = schema.get("items", {})
    return "enum" in schema or schema.get("type") == "boolean"


@code_check("wanted", level="goal")
def check_wanted(context: CheckContext) -> Iterator[Reason]:
    """Find calls that nobody wants: forbidden ones, and writes that are none of the gold calls."""
    task, names = context.trajectory.task, writers(context.trajectory)
    left = [gold for gold in task.calls if gold.tool in names]
    messages = context.trajectory.messages
    for one in exchanges(messages):
        if any(fits(pattern, one) for pattern in task.acceptance.must_not_call):
            yield reason("forbidden_call", one.message, one.place, one.call.name)
        if one.call.name not in names or not one.succeeded:
            continue
        if any(getattr(said, "act", "") == "give_up" for said in messages[: one.message]):
            yield reason("declined_write", one.message, one.place, one.call.name)
        own = [gold for gold in left if gold.tool == one.call.name]
        spec = next(tool for tool in context.trajectory.tools if tool.wire_name == one.call.name)
        made = next((gold for gold in own if is_made(context.trajectory, gold, one)), None)
        if made is not None:
            left.remove(made)
        elif own:
            # What one side leaves out may be the default that the other tells.
            here = dict(leaves(spec.fill(own[0].settle(one.call.arguments))))
            there = dict(leaves(spec.fill(own[0].arguments)))
            differing = [n for n in {**here, **there} if not equal(here.get(n), there.get(n))]
            told = f"{one.call.name}: {', '.join(differing)}"
            yield reason("wrong_arguments", one.message, f"{one.place}.arguments", told)
        else:
            yield reason("unexpected_write", one.message, one.place, one.call.name)


MOVE_CHECKS: tuple[Check, ...] = (
    schema.check,
    demands.check,
    provenance.check,
    order.check,
    order.check_consent,
    check_wanted,
    text.check,
    faithful.check,
    demands.check_policy,
)
