"""Attempts at whole tasks: played from their start, rewarded, and read for the first wrong step."""

from pipeline.probing.target import CUT_OFF, CutOffError, Target
from pipeline.serving.episode import Episode, Observation, Proven
from schemas.attempt import WrongStep
from schemas.check import CheckContext
from schemas.errors import InputError
from schemas.message import AssistantMessage
from schemas.task import GoldCall
from schemas.trajectory import Trajectory
from validators.reward import COUNTED
from validators.transcript import exchanges, is_made

MALFORMED = "unreadable_reply"
"""A move that is none, as `Episode.step` reads them."""
_TALK = frozenset({"repeated_message", "too_many_messages"})
"""Ends by words: what was not done before them is what went wrong."""


async def play_task(episode: Episode, target: Target) -> tuple[Observation | None, str]:
    """Play it to its end; where the model made no move at some point, why.

    Raises RefusedRequestError, ProviderError, BudgetError.
    """
    seen = episode.look()
    while not seen.done:
        try:
            seen = episode.step(await target.move(episode))
        except CutOffError:
            return None, CUT_OFF
        except InputError:
            return None, MALFORMED
    return seen, seen.ended


def find_wrong_step(
    proven: Proven, played: Trajectory, seen: Observation | None, ended: str
) -> WrongStep:
    """Where an attempt that failed did first what cost it something.

    First by what a check holds against a message, then by how it broke off, then by what was not
    done, and last by what was not said.
    """
    codes = [] if seen is None or seen.reward is None else [
        code for part in seen.reward.parts if part.score < 1 for code in part.codes
    ]  # fmt: skip
    context = CheckContext(played, proven.environment)
    located = [
        (one.message, one.code) for check in COUNTED for one in check(context).reasons
        if one.code in codes and one.code != "missed_required_action" and not one.suspect
        if one.message is not None and 0 <= one.message < len(played.messages)
        if played.messages[one.message].role != "user"
    ]  # fmt: skip
    if located:
        at, code = min(located, key=lambda one: one[0])
        return WrongStep(code=code, tool=_tool_at(played, at), message=at)
    last = WrongStep(code=ended, tool=_tool_at(played, -1), message=len(played.messages) - 1)
    if ended and ended not in _TALK:
        return last
    missed = _find_missed(played)
    if missed is not None:
        return WrongStep(code="missed_required_action", tool=missed.tool)
    if ended:
        return last
    return WrongStep(code=codes[0] if codes else "value_not_told")


def _tool_at(played: Trajectory, at: int) -> str:
    """The tool that is called, or answers, at a message; "" for words."""
    message = played.messages[at]
    if isinstance(message, AssistantMessage):
        return message.calls[0].name if message.calls else ""
    return message.name if message.role == "tool" else ""


def _find_missed(played: Trajectory) -> GoldCall | None:
    """The first call that leaves something behind, or is demanded, and was not made."""
    made = [one for one in exchanges(played.messages) if one.succeeded]
    for gold in played.task.calls:
        if gold.skipped or gold.is_error:
            continue
        same = [one for one in made if is_made(played, gold, one)]
        if not same:
            return gold
        made.remove(same[0])
    return None
