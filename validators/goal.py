"""Checks the outcome against the task: what was wanted was done, and nothing else was changed.

Reads beyond the wanted ones do no harm. Reads that are missing count only against a scripted
assistant: a model may find a shorter way. What a task demands beside its state (values told, calls
that must or must not be made) is data, `schemas.task.Acceptance`.

Nothing is guessed from English. What a scripted assistant does with its words is on record; whether
a model's words decline, admit or tell what they should is a suspicion, which a judge settles.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from schemas.check import CheckContext
from schemas.environment import call_at
from schemas.leaves import leaves, value_at
from schemas.message import AssistantMessage, UserMessage
from schemas.reading import stands_in, tells
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.task import DECLINED, CallPattern, GoldCall, MustSay
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import (
    Exchange,
    equal,
    exchanges,
    find_giving_up,
    is_made,
    knows_acts,
    writers,
)

_ELSEWISE = {
    "refuse": "should_have_refused",
    "transfer": "should_have_transferred",
    "clarify": "should_have_asked",
}
"""Outcome of a turn in which nothing is to be done → the reason where something is."""
_ID = re.compile(r"(?:id|number|code|reference|key)$", re.IGNORECASE)
SHORT, CHANCE = 3, 12
"""Shorter texts, and smaller numbers, stand in any words by chance."""


@code_check("goal", level="goal")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find where the trajectory departs from the task's calls, outcomes and final state."""
    trajectory = context.trajectory
    made = exchanges(trajectory.messages)
    spoken = [
        (position, message)
        for position, message in enumerate(trajectory.messages)
        if isinstance(message, AssistantMessage)
    ]
    wanted: list[tuple[int, GoldCall]] = []
    left = find_giving_up(trajectory)
    void = find_void(trajectory)
    for number, turn in enumerate(trajectory.task.turns):
        if number in void:
            continue
        own = [(at, one) for at, one in spoken if one.turn == number]
        # The last message of the turn, apart from a goodbye and what leads to it.
        candidates = [(at, one) for at, one in own if one.act != "close"]
        ends = [(at, one) for at, one in candidates if not one.calls] or candidates
        if not ends:
            yield reason("premature_termination", len(trajectory.messages) - 1, "", turn.intent)
            continue
        last = ends[-1][0]
        missed = list(_misses(trajectory, number, made, ends[-1], {one.act for _, one in own}))
        yield from missed
        ill = any(not found.suspect for found in missed)
        wanted += [(last, call) for call in turn.calls if not (ill or call.barred)]
    yield from _calls(trajectory, wanted, made, void)
    for exchange in made:
        if left and exchange.message > left.index and exchange.call.name in writers(trajectory):
            yield reason("declined_write", exchange.message, exchange.place, exchange.call.name)
        fault = exchange.answer.fault if exchange.answer else None
        if fault and exchange.turn not in void and not _recovers(trajectory, exchange, made):
            spot = _find_next_words(trajectory, exchange.message, "report_failure"), "", fault.kind
            yield reason("unrecovered_fault", *spot, suspect=not knows_acts(trajectory))
    yield from _demands(trajectory, made, void)
    if left:  # what else would be wanted, nobody wants any more
        wanted_state = _reach_by_gold_calls(context, made)
        reached = {trajectory.final_state, ""}
    else:
        wanted_state = trajectory.task.final_state
        reached = {trajectory.final_state, _reach_in_gold_words(context, made)}
    if wanted_state not in reached:
        yield reason("wrong_final_state", None, "final_state")


def find_void(trajectory: Trajectory) -> frozenset[int]:
    """The turns of which nothing is wanted any more; what was done of them by then, was wanted.

    They are the one in which a user gives up, and those that they have not come to.
    """
    left = find_giving_up(trajectory)
    if left is None:
        return frozenset()
    begun = {one.turn for one in trajectory.messages
             if isinstance(one, UserMessage) and one.index < left.index}  # fmt: skip
    return frozenset({left.turn, *range(len(trajectory.task.turns))} - (begun - {left.turn}))


def _reach_in_gold_words(context: CheckContext, made: Sequence[Exchange]) -> str:
    """The final state, had the assistant's own words been the gold call's; "" if all are those.

    What is written in other words stands there in other words; all else must be as wanted.
    """
    own = {gold.tool: gold for gold in context.trajectory.task.calls if gold.composed}
    if not any(one.call.name in own and one.succeeded for one in made):
        return ""
    told = ((one, own[one.call.name].settle(one.call.arguments) if one.call.name in own
             else one.call.arguments) for one in made)  # fmt: skip
    return _run_again(context, told)


def _reach_by_gold_calls(context: CheckContext, made: Sequence[Exchange]) -> str:
    """The state after those calls alone that are wanted, each once."""
    left, wanted = [*context.trajectory.task.calls], []
    for one in made:
        gold = next((gold for gold in left if is_made(context.trajectory, gold, one)), None)
        if gold is not None:  # one that fails may have been carried out, and is made again
            wanted.append((one, one.call.arguments))
            left = [other for other in left if other is not gold or not one.succeeded]
    return _run_again(context, wanted)


def _run_again(context: CheckContext, calls: Iterable[tuple[Exchange, JsonObject]]) -> str:
    """The state after calls with other arguments; "" without an environment: replay tells of it."""
    if context.environment is None:
        return ""
    environment = context.environment(context.trajectory.task)
    for one, arguments in calls:
        if one.answer is not None:
            call_at(environment, one.answer.at, one.call.name, arguments, one.answer.fault)
    return environment.state_hash()


def _misses(
    trajectory: Trajectory,
    number: int,
    made: Sequence[Exchange],
    end: tuple[int, AssistantMessage],
    acts: set[str],
) -> Iterator[Reason]:
    """Find how a turn ends otherwise than its outcome says: done, declined, asked, admitted."""
    turn, (last, message) = trajectory.task.turns[number], end
    known = knows_acts(trajectory)
    if turn.outcome == "complete":
        if known and message.act in DECLINED:
            yield reason("false_refusal", last, "text", turn.intent)
        if not known and turn.calls and not _tells_result(trajectory, number, made):
            yield reason("result_not_told", last, "text", turn.intent, suspect=True)
        return
    if turn.outcome == "fail":
        if not known or "report_failure" not in acts:
            yield reason("undisclosed_failure", last, "text", turn.intent, suspect=not known)
        return
    # Looking does no harm, trying to do it does. Where the catalogue has a tool for handing over,
    # the gold call says so; else it is done in words.
    code, names = _ELSEWISE[turn.outcome], writers(trajectory)
    handed = [call.tool for call in turn.calls if call.tool in names and not call.barred]
    gold = {*handed} if turn.outcome == "transfer" else set()
    # What the service itself refuses may be tried.
    vain = {call.tool for call in turn.calls if call.barred and call.is_error}
    writes = [one for one in made if one.turn == number and one.call.name in names
              if one.succeeded or one.call.name not in vain]  # fmt: skip
    for write in writes:
        if write.call.name not in gold:
            yield reason(code, write.message, write.place, write.call.name)
    declined = "clarify" in acts if turn.outcome == "clarify" else message.act == turn.outcome
    if not (writes or gold or (known and declined)):
        yield reason(code, last, "text", turn.intent, suspect=not known)


def _tells_result(trajectory: Trajectory, number: int, made: Sequence[Exchange]) -> bool:
    """Whether the assistant tells any value of what was found or done in a turn."""
    clock = datetime.fromisoformat(trajectory.task.clock)
    done = [one for one in made if one.succeeded and one.turn <= number]
    own = [one for one in done if one.turn == number] or done  # who knows it already, need not ask
    scalars = [item for one in own for whole in (one.result, one.call.arguments)
               for _, item in leaves(whole)]  # fmt: skip
    words = {one for one in scalars if isinstance(one, str) and len(one) >= SHORT}
    figures = {one for one in scalars if isinstance(one, int | float) and abs(one) > CHANCE}
    said = [one.text for one in trajectory.messages
            if isinstance(one, AssistantMessage) and one.turn == number]  # fmt: skip
    # Most tell a value as it is written: that is looked for first, since it takes the least.
    return any(stands_in(one, text) for text in said for one in words if one.strip()) or any(
        tells(text, value, clock) for text in said for value in (*words, *figures)
    )


def _calls(
    trajectory: Trajectory,
    wanted: Sequence[tuple[int, GoldCall]],
    made: Sequence[Exchange],
    void: Collection[int],
) -> Iterator[Reason]:
    """Each wanted write must have succeeded, and no other; each wanted read been answered.

    Those of turns that are ``void`` may have been made.
    """
    names = writers(trajectory)
    done = [exchange for exchange in made if exchange.call.name in names and exchange.succeeded]
    missing = []
    for last, gold in wanted:
        if gold.tool in names and not gold.is_error and not gold.lost:
            same = [one for one in done if is_made(trajectory, gold, one)]
            if same:
                done.remove(same[0])
            else:
                missing.append((last, gold))
    turns = trajectory.task.turns
    for gold in (one for number in sorted(void) for one in turns[number].calls if not one.barred):
        same = [one for one in done if is_made(trajectory, gold, one)]
        if same:
            done.remove(same[0])
    stray = _find_stray(trajectory, made) if knows_acts(trajectory) else []
    for last, gold in missing:
        instead = next((one for one in done if one.call.name == gold.tool), None)
        if instead is None:
            turn = trajectory.messages[last].turn
            blamed = next((one.message for one in stray if one.turn == turn), last)
            yield reason("missed_required_action", blamed, "", f"{gold.tool} did not succeed")
        else:
            done.remove(instead)
            place = f"{instead.place}.arguments"
            yield reason("wrong_arguments", instead.message, place, gold.tool)
    for exchange in done:
        yield reason("unexpected_write", exchange.message, exchange.place, exchange.call.name)
    if knows_acts(trajectory):
        reads = [one for one in wanted if one[1].tool not in names]
        yield from _misread(trajectory, reads, made, stray)


def _find_stray(trajectory: Trajectory, made: Sequence[Exchange]) -> list[Exchange]:
    """Calls that are no gold calls: what a script makes instead of one is to blame for it."""
    gold = trajectory.task.calls
    return [one for one in made if not any(is_made(trajectory, call, one) for call in gold)]


def _misread(
    trajectory: Trajectory,
    wanted: Sequence[tuple[int, GoldCall]],
    made: Sequence[Exchange],
    stray: Sequence[Exchange],
) -> Iterator[Reason]:
    """Reads that a script makes otherwise, or not at all."""
    used: list[Exchange] = []
    for last, gold in wanted:
        turn = trajectory.messages[last].turn
        vain = gold.is_error or gold.lost
        enough = [one for one in made if one.succeeded or (one.answer and vain)]
        same = [one for one in enough if one.call.name == gold.tool and one not in used]
        equals = [one for one in same if is_made(trajectory, gold, one)]
        if at_last := [one for one in equals if one.turn >= turn]:
            used += at_last[:1]
            continue
        others = [one for one in stray if one in same] or [one for one in stray if one.turn == turn]
        if others and others[0] in same:
            path = f"{others[0].place}.arguments"
            yield reason("wrong_arguments", others[0].message, path, gold.tool)
        else:
            place = others[0].message if others else last
            yield reason("missed_required_action", place, "", f"{gold.tool} was not called")


def _find_next_words(trajectory: Trajectory, after: int, silent: str = "") -> int:
    """The first words to the user after a call, but for those of an act that does not count."""
    for position in range(after + 1, len(trajectory.messages)):
        message = trajectory.messages[position]
        if isinstance(message, AssistantMessage) and not message.calls and message.act != silent:
            return position
    return after


def _find_teller(trajectory: Trajectory, must: MustSay, made: Sequence[Exchange]) -> int | None:
    """Whose it was to tell a value: who was asked for it once more, else the words after its call.

    Where it was shown in an earlier turn, the last words of the turn.
    """
    gold, messages = trajectory.task.calls[must.call], trajectory.messages
    shown = [one for one in made if one.succeeded and is_made(trajectory, gold, one)]
    since = shown[0].message if shown else len(messages)
    own = [position for position, one in enumerate(messages) if one.turn == must.turn]
    for before, position in pairwise(own):
        if before > max(since, own[0]) and getattr(messages[before], "act", "") == "request":
            return position
    here = [one for one in shown if one.turn == must.turn]
    if here:
        return _find_next_words(trajectory, here[-1].message, "confirm")
    return _last_words(trajectory, must.turn)


def _last_words(trajectory: Trajectory, turn: int | None) -> int | None:
    """The assistant's last message of a turn, apart from a goodbye."""
    own = (
        position
        for position, one in enumerate(trajectory.messages)
        if isinstance(one, AssistantMessage) and one.turn == turn and one.act != "close"
    )
    return max(own, default=None)


def _recovers(trajectory: Trajectory, exchange: Exchange, made: Sequence[Exchange]) -> bool:
    """Whether the same call is made again without it, or its failure is admitted in that turn."""
    again = any(
        later.message > exchange.message
        and later.answer is not None
        and later.answer.fault is None
        and later.call.name == exchange.call.name
        and equal(later.call.arguments, exchange.call.arguments)
        for later in made
    )
    turns = trajectory.task.turns
    if not knows_acts(trajectory) and exchange.turn < len(turns):
        return again or turns[exchange.turn].outcome == "fail"  # whether it is admitted, is asked
    return again or any(
        isinstance(message, AssistantMessage)
        and message.act == "report_failure"
        and message.turn == exchange.turn
        for message in trajectory.messages[exchange.message + 1 :]
    )


def _demands(
    trajectory: Trajectory, made: Sequence[Exchange], void: Collection[int]
) -> Iterator[Reason]:
    """Find which demands of the task's acceptance are not fulfilled."""
    task = trajectory.task
    clock = datetime.fromisoformat(task.clock)
    known = knows_acts(trajectory)
    for must in task.acceptance.must_say:
        if must.turn in void:
            continue
        if (known or not is_new_id(trajectory, must)) and not any(
            isinstance(message, AssistantMessage)
            and message.turn >= must.turn
            and tells(message.text, must.value, clock)
            for message in trajectory.messages
        ):
            said = f"{must.value!r} is not told"
            place = _find_teller(trajectory, must, made)
            yield reason("value_not_told", place, must.path, said, suspect=not known)
    vain = [gold for gold in task.calls if gold.lost or gold.is_error]
    for pattern in task.acceptance.must_call:
        if void and (pattern.turn is None or pattern.turn in void):
            continue
        # It succeeded, or failed as the gold call itself does.
        if not any(
            one.succeeded
            or (one.answer is not None and any(is_made(trajectory, gold, one) for gold in vain))
            for one in made
            if fits(pattern, one)
        ):
            stray = _find_stray(trajectory, made) if known else []
            instead = (one.message for one in stray if one.turn == pattern.turn)
            spot = next(instead, _last_words(trajectory, pattern.turn))
            said = f"{pattern.tool} is demanded"
            yield reason("missed_required_action", spot, "", said, suspect=not known)
    for pattern in task.acceptance.must_not_call:
        for one in made:
            if fits(pattern, one):
                yield reason("forbidden_call", one.message, one.place, one.call.name)


def is_new_id(trajectory: Trajectory, must: MustSay) -> bool:
    """Whether it is the number of what a write has made: a person may do without it."""
    if not _ID.search(must.path):
        return False
    turn = trajectory.task.turns[must.turn] if must.turn < len(trajectory.task.turns) else None
    gold = trajectory.task.calls[must.call]
    return turn is not None and gold in turn.calls and gold.tool in writers(trajectory)


def fits(pattern: CallPattern, exchange: Exchange) -> bool:
    """Whether a call is of a pattern."""
    call = exchange.call
    if call.name != pattern.tool or pattern.turn not in (None, exchange.turn):
        return False
    try:
        return all(
            equal(value_at(call.arguments, path), value)
            for path, value in pattern.arguments.items()
        )
    except KeyError:
        return False
