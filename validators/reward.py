"""What a conversation earns: parts that code decides, each with a sentence, and what they make.

A part is taken from the verdicts of the checks and from the task's own demands. Whatever way leads
there counts: reads are never asked for, unless the task demands them. A suspicion, which only a
judge could settle, costs nothing. So that nothing is earned by guessing, a value counts as told
only where a result has shown it before, and calls and words have a measure: the proven
conversation's, several times over.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.check import Check, CheckContext, EnvironmentFactory
from schemas.leaves import leaves
from schemas.message import AssistantMessage, UserMessage
from schemas.reading import tells
from schemas.reasons import BY_CODE, CONSEQUENCES, ROLE_FAILURES, Earned, find_blame
from schemas.record import Record
from schemas.task import GoldCall, MustSay
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators import demands, goal, order, replay, schema, structure, text, writes
from validators.goal import CHANCE, SHORT, is_new_id
from validators.transcript import exchanges, find_giving_up, is_made, writers

COUNTED: tuple[Check, ...] = (
    structure.check,
    schema.check,
    demands.check,
    order.check,
    order.check_consent,
    writes.check,
    text.check,
    goal.check,
    demands.check_policy,
    replay.check,
)
"""What of the checks counts: the others only suspect a policy of something."""
CALLS, MORE_CALLS = 2, 6
"""So many times the proven conversation's calls may be made, and so many more."""
WORDS, MORE_WORDS = 3, 80
"""… and of its words to the user."""
_UNDONE = CONSEQUENCES | {"missed_required_action"}
"""Codes of the state that say only that something is left to be done."""
_CONSENT = frozenset({"unconfirmed_write", "demand_ignored"})
"""Suspected where the user has said something else than that they agree."""
_MALFORMED = frozenset({"empty_reply", "unknown_tool", "unparsable_arguments"})
"""Moves that cannot be made."""
_WORD = re.compile(r"\w+")
_SHOWN = 3
_ENOUGH, _MOST_VALUES = 2, 24
"""Of what a look shows, one in so many must be told; so many values are looked at."""


class Part(Record):
    """One thing that is wanted of a conversation."""

    name: str
    """``state``, ``told``, ``calls``, ``policy``, ``format`` or ``steps``."""
    score: float
    """From 0 to 1."""
    told: str
    """Why, in a sentence."""
    codes: tuple[str, ...] = ()
    """The reason codes that cost something."""


class Reward(Record):
    """What a conversation earns."""

    binary: float
    """1 where each part is 1, otherwise 0."""
    graded: float
    """The share of what was wanted that was done and told, squared; 0 where something was done
    that nobody wanted or a rule forbids, or where the form is broken."""
    parts: tuple[Part, ...]


class Shown(NamedTuple):
    """What a wish that is only to look something up comes to."""

    turn: int
    values: tuple[str | int | float, ...]
    """Of the results, what the proven conversation tells and the user has not said."""


@dataclass(frozen=True)
class Measure:
    """What the proven conversation needs, and what it tells where no one value must be said."""

    calls: int
    words: int
    shown: tuple[Shown, ...]

    @classmethod
    def of(cls, proven: Trajectory) -> "Measure":
        """Count a proven conversation."""
        made = exchanges(proven.messages)
        return cls(len(made), _count_words(proven), tuple(_list_shown(proven)))


def is_earned(proven: Trajectory) -> bool:
    """Whether its task has something to do or to tell: of others, code cannot decide the end.

    Nor of one that the user gives up: what of it was wanted by then, hangs on the way there.
    """
    wanted = _list_writes(proven) or _list_values(proven) or any(_list_shown(proven))
    return bool(wanted) and find_giving_up(proven) is None


def reward(
    trajectory: Trajectory,
    environment: EnvironmentFactory | None,
    measure: Measure,
    ended: str = "",
) -> Reward:
    """What a finished conversation earns; ``ended``: the code by which it broke off, or "".

    What a check could not find out earns nothing: without an environment, that is all.
    """
    context = CheckContext(trajectory, environment)
    found = [one for check in COUNTED for one in check(context).reasons]
    own = [one for one in found if find_blame(one.code) != "user" and _is_own(trajectory, one)]
    lacking = [one for one in own if one.suspect and one.code == "missed_required_action"]
    surely = [one for one in own if not one.suspect or one in lacking
              or _is_without_consent(trajectory, one)]  # fmt: skip
    writes, values = _list_writes(trajectory), _list_values(trajectory)
    done, heard = _count_done(trajectory, writes), _Heard(trajectory)
    told = [one for one in values if heard.has(one.value, one.turn)]
    looked = [one for one in measure.shown
              if _ENOUGH * sum(heard.has(value, one.turn) for value in one.values)
              >= len(one.values)]  # fmt: skip
    parts = (
        _state(_costing(surely, "state"), len(writes), done, trajectory),
        _told(_costing(surely, "told"), values, told, measure.shown, looked),
        _part("calls", _costing(surely, "calls"), "no forbidden call was made, and no failure and"
              " no plain no passed over"),
        _part("policy", _costing(surely, "policy"), "every rule and demand was kept"),
        _format(_costing(surely, "format"), ended),
        _steps(trajectory, measure, ended),
    )  # fmt: skip
    unknown = any(BY_CODE[one.code].label == "unknown" for one in found)
    whole = all(part.score == 1 for part in parts) and not unknown
    wanted = len(writes) + len(values) + len(measure.shown)
    share = (done + len(told) + len(looked)) / max(1, wanted)
    # Something was done that nobody wanted; or all was written, and yet the state is another one.
    spoilt = {*parts[0].codes} - _UNDONE or (done == len(writes) and parts[0].score < 1)
    stands = all(part.score for part in parts[2:5]) and not (spoilt or lacking or unknown)
    graded = 1.0 if whole else round(share**2 * parts[5].score, 4) if stands else 0.0
    return Reward(binary=float(whole), graded=graded, parts=parts)


def _is_own(trajectory: Trajectory, found: Reason) -> bool:
    """Whether it is not about words of the user; that they stay without an answer is not."""
    at, messages = found.message, trajectory.messages
    spoken = at is not None and 0 <= at < len(messages) and messages[at].role == "user"
    return not spoken or found.code == "bad_end"


def _is_without_consent(trajectory: Trajectory, found: Reason) -> bool:
    """Whether nobody can have agreed: the acts of a scripted user are on record."""
    if found.code not in _CONSENT or found.message is None:
        return False
    turn, before = trajectory.messages[found.message].turn, trajectory.messages[: found.message]
    return not any(isinstance(one, UserMessage) and one.turn == turn
                   and one.act in ("affirm", "correct") for one in before)  # fmt: skip


def _costing(found: Iterable[Reason], part: Earned) -> list[Reason]:
    return [one for one in found if BY_CODE[one.code].costs == part]


def _tell(found: Sequence[Reason]) -> str:
    said = dict.fromkeys(f"{one.code}: {one.explanation}" for one in found)
    more = f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return "; ".join([*said][:_SHOWN]) + more


def _codes(found: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in found))


def _part(name: str, found: Sequence[Reason], well: str) -> Part:
    return Part(name=name, score=float(not found), told=_tell(found) or well, codes=_codes(found))


def _state(found: Sequence[Reason], wanted: int, done: int, trajectory: Trajectory) -> Part:
    """Whether the final state is the wanted one; graded by the writes that are wanted."""
    if not found and trajectory.final_state == trajectory.task.final_state:
        return Part(name="state", score=1.0, told=f"{done} of {wanted} writes, and the state is it")
    if not found and done == wanted:  # in other words than the gold call's, as the goal allows
        return Part(name="state", score=1.0, told=f"{done} of {wanted} writes, in other words")
    score = min(done / wanted, 0.99) if wanted and done < wanted else 0.0
    told = _tell(found) or "the state at the end is not the wanted one"
    return Part(name="state", score=score, told=told, codes=_codes(found))


def _told(
    found: Sequence[Reason], values: Sequence[MustSay], told: Sequence[MustSay],
    shown: Sequence[Shown], looked: Sequence[Shown],
) -> Part:  # fmt: skip
    missing = [one.path for one in values if one not in told]
    missing += [f"what wish {one.turn + 1} comes to" for one in shown if one not in looked]
    wanted = len(values) + len(shown)
    if not missing:
        well = f"all {wanted} things were told" if wanted else "nothing had to be told"
        return _part("told", found, well)
    names = ", ".join(missing[:_SHOWN])
    said = f"{len(missing)} of {wanted} things were not told from a result: {names}"
    score = 1 - len(missing) / wanted
    return Part(name="told", score=score, told=said, codes=_codes(found) or ("value_not_told",))


def _format(found: Sequence[Reason], ended: str) -> Part:
    if ended in _MALFORMED:
        told = f"it broke off: {ROLE_FAILURES[ended]}"
        return Part(name="format", score=0.0, told=told, codes=(ended,))
    # What a conversation that was cut off does not have, is the affair of its steps.
    cut = ("bad_end", "interrupted_call", "unanswered_call") if ended else ()
    left = [one for one in found if one.code not in cut]
    return _part("format", left, "words and calls are well formed")


def _steps(trajectory: Trajectory, measure: Measure, ended: str) -> Part:
    """Whether it came to its end, within the measure of the proven conversation."""
    calls, words = len(exchanges(trajectory.messages)), _count_words(trajectory)
    most, longest = CALLS * measure.calls + MORE_CALLS, WORDS * measure.words + MORE_WORDS
    told = f"{calls} calls of {most} at most, {words} words of {longest}"
    if ended:
        return Part(name="steps", score=0.0, told=f"it broke off ({ended}): {told}", codes=(ended,))
    over = max(calls / most, words / longest, 1.0)
    return Part(name="steps", score=1.0 if over == 1 else round(0.5 / over, 4), told=told)


def _count_words(trajectory: Trajectory) -> int:
    """Of the assistant, however they are joined: a row of values is no one word."""
    said = (one.text for one in trajectory.messages if isinstance(one, AssistantMessage))
    return sum(len(_WORD.findall(text)) for text in said)


def _list_writes(trajectory: Trajectory) -> list[GoldCall]:
    names = writers(trajectory)
    return [one for one in trajectory.task.calls
            if one.tool in names and not (one.skipped or one.is_error)]  # fmt: skip


def _list_values(trajectory: Trajectory) -> list[MustSay]:
    """What must be told; the number of something new need not be."""
    wanted = trajectory.task.acceptance.must_say
    return [one for one in wanted if not is_new_id(trajectory, one)]


def _count_done(trajectory: Trajectory, wanted: Sequence[GoldCall]) -> int:
    left = [*wanted]
    for made in exchanges(trajectory.messages):
        same = [one for one in left if made.succeeded and is_made(trajectory, one, made)]
        if same:
            left.remove(same[0])
    return len(wanted) - len(left)


def _list_shown(proven: Trajectory) -> Iterator[Shown]:
    """What its wishes to look something up come to, where no one value must be said."""
    task, names = proven.task, writers(proven)
    clock, heard = datetime.fromisoformat(task.clock), _Heard(proven)
    demanded = {one.turn for one in task.acceptance.must_say}
    for number, turn in enumerate(task.turns):
        looks = turn.calls and not any(one.tool in names for one in turn.calls)
        if turn.outcome != "complete" or number in demanded or not looks:
            continue
        asked = [one.text for one in proven.messages
                 if isinstance(one, UserMessage) and one.turn <= number]  # fmt: skip
        found = dict.fromkeys(
            value for one in exchanges(proven.messages)
            if one.turn == number and one.succeeded
            for _, value in leaves(one.result) if _says_something(value)
        )  # fmt: skip
        values = tuple(
            value for value in [*found][:_MOST_VALUES]
            if heard.has(value, number) and not any(tells(text, value, clock) for text in asked)
        )  # fmt: skip
        if values:
            yield Shown(number, values)


def _says_something(value: object) -> bool:
    """Whether a value does not stand in any words by chance."""
    if isinstance(value, str):
        return len(value) >= SHORT
    return isinstance(value, int | float) and abs(value) > CHANCE


def _mark(value: Any) -> tuple[bool, Any]:
    """The same for scalars that are equal as JSON: ``1`` is ``1.0`` and is not ``true``."""
    return isinstance(value, bool), value


class _Heard:
    """What the user of a conversation is told after a result has shown it."""

    def __init__(self, trajectory: Trajectory) -> None:
        self._clock = datetime.fromisoformat(trajectory.task.clock)
        self._seen = [(one.answered_at, {_mark(value) for _, value in leaves(one.result)
                                         if not isinstance(value, dict | list)})
                      for one in exchanges(trajectory.messages)
                      if one.succeeded and one.answered_at is not None]  # fmt: skip
        self._said = [(number, one) for number, one in enumerate(trajectory.messages)
                      if isinstance(one, AssistantMessage) and not one.calls]  # fmt: skip

    def has(self, value: str | int | float, turn: int) -> bool:
        """Whether a value is told in a turn, or later."""
        wanted = _mark(value)
        since = [at for at, shown in self._seen if wanted in shown]
        return bool(since) and any(
            number > since[0] and one.turn >= turn and tells(one.text, value, self._clock)
            for number, one in self._said
        )
