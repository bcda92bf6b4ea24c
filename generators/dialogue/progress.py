"""How far a dialogue has come with its task, told from the calls that were made."""

import json

from generators.dialogue.acts import only_thanks
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
from schemas.task import GoldCall, Task, TaskTurn


def user_turn(text: str, task: Task, messages: tuple[Message, ...]) -> tuple[int, bool]:
    """Tell the number of the task's turn, and whether this message opens it.

    Estimated by progress, and never falling: a turn is over when the tool of its last gold call
    has answered without an error since the turn began, or, where it has no calls, when the
    assistant has spoken. The next message that is more than thanks opens the next turn.
    """
    spoken = [message for message in messages if isinstance(message, UserMessage)]
    if not spoken:
        return 0, True
    turn = spoken[-1].turn
    begun = next(message.index for message in spoken if message.turn == turn)
    more = turn + 1 < len(task.turns) and not only_thanks(text)
    if more and _over(task.turns[turn], [m for m in messages if m.index > begun]):
        return turn + 1, True
    return turn, False


def _over(turn: TaskTurn, since: list[Message]) -> bool:
    if not turn.calls or turn.outcome != "complete":
        said = [m for m in since if isinstance(m, AssistantMessage) and not m.calls]
        return any(m.act not in ("clarify", "confirm") for m in said)
    last = turn.calls[-1]
    answers = [m for m in since if isinstance(m, ToolMessage) and m.name == last.tool]
    wanted = sum(call.tool == last.tool for call in turn.calls)
    return sum(not m.is_error or _fails(last) for m in answers if not m.fault) >= wanted


def _fails(call: GoldCall) -> bool:
    """Whether the recorded answer is itself an error: there is nothing better to wait for."""
    result = json.loads(call.result)
    return isinstance(result, dict) and result.keys() == {"error"}
