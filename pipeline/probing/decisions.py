"""Attempts at single decisions: the prefix of a proven conversation is given, one move is asked.

Right is the proven move itself, in any order of its calls, with defaults told or left out. Just as
good is another move after which the rest of the proven conversation still earns all, and of which a
look-up shows what the proven one shows and is used later. Of words, code can say no more than that
nothing was called in their place, and that what had to be told was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.probing.target import CUT_OFF, CutOffError, Target
from pipeline.probing.whole_tasks import MALFORMED
from pipeline.serving.episode import Episode, Observation, Proven, list_proven_moves
from schemas.attempt import WrongStep
from schemas.canonical import canonical_json, read_json
from schemas.errors import InputError
from schemas.leaves import leaves, value_at
from schemas.message import AssistantMessage, Call
from schemas.record import JsonObject
from schemas.task import GoldCall
from schemas.trajectory import Trajectory
from validators.transcript import Exchange, exchanges

WRONG = {
    "said_for_call": "something was said where a call was due",
    "called_for_words": "something was called where words were due",
    "other_tool": "another tool was called",
    "other_arguments": "the right tool was called with other arguments",
    "lost_way": "it was no call too many, and yet the task could not be ended well",
}
"""Codes of decisions, beside those by which a move is none, and those that its words cost."""


@dataclass(frozen=True)
class Decision:
    """A message of the assistant in a proven conversation, and the conversation before it."""

    proven: Proven
    message: int
    """Its place among the messages."""

    @property
    def number(self) -> int:
        """Its place among the assistant's moves."""
        before = self.proven.trajectory.messages[: self.message]
        return sum(isinstance(one, AssistantMessage) for one in before)

    @property
    def gold(self) -> AssistantMessage:
        """The proven move."""
        found = self.proven.trajectory.messages[self.message]
        assert isinstance(found, AssistantMessage)
        return found

    def begin(self) -> Episode | None:
        """The conversation before it, played; None where it takes another way than on record."""
        episode = Episode(self.proven)
        for move in list_proven_moves(self.proven.trajectory)[: self.number]:
            if episode.step(move).done:
                return None
        same = len(episode.trajectory.messages) == self.message
        return episode if same else None


def list_decisions(proven: Proven) -> Iterator[Decision]:
    """Every move of the assistant."""
    for place, message in enumerate(proven.trajectory.messages):
        if isinstance(message, AssistantMessage):
            yield Decision(proven, place)


async def play_decision(
    decision: Decision, episode: Episode, target: Target
) -> tuple[int, WrongStep | None]:
    """How many calls the model's next move makes, and what is wrong with it, if anything.

    Raises RefusedRequestError, ProviderError, BudgetError.
    """
    own = decision.gold.calls[0].name if decision.gold.calls else ""
    try:
        move = await target.move(episode)
        seen = episode.step(move)
    except CutOffError:
        return 0, WrongStep(code=CUT_OFF, tool=own, message=decision.message)
    except InputError:
        return 0, WrongStep(code=MALFORMED, tool=own, message=decision.message)
    made = [one for one in exchanges(episode.trajectory.messages)
            if one.message >= decision.message]  # fmt: skip
    code = judge_move(decision, episode, seen, made)
    if not code:
        return len(made), None
    instead = made[0].call.name if made else ""
    return len(made), WrongStep(code=code, tool=own, instead=instead, message=decision.message)


def judge_move(
    decision: Decision, episode: Episode, seen: Observation, made: Sequence[Exchange]
) -> str:
    """What is wrong with a move that was made; "" where it is as good as the proven one."""
    played, gold = decision.proven.trajectory, decision.gold
    moves = list_proven_moves(played)[decision.number :]
    if seen.ended and not made:
        return seen.ended
    if gold.calls and not made:
        return "said_for_call"
    left = [*gold.calls]
    extra = [one for one in made if not _take(played, left, one.call)]
    if gold.calls and not left and not extra:
        return ""
    later = [call for one in played.messages[decision.message + 1 :]
             if isinstance(one, AssistantMessage) for call in one.calls]  # fmt: skip
    ahead = [one.call for one in extra if _take(played, [*later], one.call)]
    foreign = [one for one in extra if not _take(played, later, one.call)]
    if foreign and not gold.calls:
        return "called_for_words"
    if foreign:
        left = [one for one in left if not _is_replaced(played, one, foreign)]
    if left and foreign:
        same = {one.name for one in left} & {one.call.name for one in foreign}
        return "other_arguments" if same else "other_tool"
    if gold.calls:
        done = [one for one in gold.calls if one not in left]
        moves = [*_without(moves[:1], done, played), *moves[1:]]
    elif not made:
        moves = moves[1:]  # else the words are still to come
    return _go_on(episode, seen, [*_without(moves, ahead, played)])


def _go_on(episode: Episode, seen: Observation, moves: Sequence[JsonObject]) -> str:
    """What it costs when the proven conversation goes on behind the move; "" where nothing."""
    for move in moves:
        if seen.done:
            break
        seen = episode.step(move)
    if seen.done and seen.reward is not None and seen.reward.binary:
        return ""
    if seen.reward is None:
        return "lost_way"
    codes = (code for part in seen.reward.parts if part.score < 1 for code in part.codes)
    return next(codes, "lost_way")


def _find_gold(played: Trajectory, call: Call) -> tuple[int, GoldCall] | None:
    """The task's call that a call of the proven conversation is."""
    tools = {one.wire_name: one for one in played.tools}
    found = (
        (number, one) for number, one in enumerate(played.task.calls)
        if one.is_made_by(call.name, call.arguments, tools.get(call.name))
    )  # fmt: skip
    return next(found, None)


def _take(played: Trajectory, left: list[Call], made: Call) -> bool:
    """Take the proven call that a call is out of ``left``, if there is one."""
    tool = next((one for one in played.tools if one.wire_name == made.name), None)
    for one in left:
        gold = _find_gold(played, one)
        if gold is not None:  # in any words where they count for none
            same = gold[1].is_made_by(made.name, made.arguments, tool)
        elif tool is not None and one.name == made.name:
            proven, given = (canonical_json(tool.fill(call.arguments)) for call in (one, made))
            same = proven == given
        else:
            same = False
        if same:
            left.remove(one)
            return True
    return False


def _is_replaced(played: Trajectory, proven: Call, made: Sequence[Exchange]) -> bool:
    """Whether other look-ups show what this one shows and the conversation needs."""
    gold = _find_gold(played, proven)
    names = {one.wire_name for one in played.tools if one.effect == "read"}
    if gold is None or proven.name not in names:
        return False
    number, call = gold
    needed = {
        canonical_json(value_at(read_json(call.result), origin.result_path))
        for other in played.task.calls for origin in other.origins
        if origin.call == number and origin.result_path
    }  # fmt: skip
    needed |= {canonical_json(one.value) for one in played.task.acceptance.must_say
               if one.call == number}  # fmt: skip
    shown = {
        canonical_json(value) for one in made
        if one.succeeded and one.call.name in names for _, value in leaves(one.result)
    }  # fmt: skip
    return bool(needed) and needed <= shown


def _without(
    moves: Sequence[JsonObject], made: Sequence[Call], played: Trajectory
) -> Iterator[JsonObject]:
    """The moves without calls that were made already; a move that only made these is left out."""
    left = [*made]
    for move in moves:
        calls = move.get("tool_calls") or []
        kept = []
        for one in calls:
            named = one["function"]
            call = Call(id="", name=named["name"], arguments=read_json(named["arguments"]))
            if not _take(played, left, call):
                kept.append(one)
        if kept or not calls:
            yield {**move, "tool_calls": kept} if calls else move
