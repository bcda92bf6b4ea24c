"""An answer that is not ready yet: other work goes on meanwhile, then it is asked for again.

After AsyncTool (arXiv 2605.27995). The work meanwhile is that of the same turn, or of the next one.
"""

from collections.abc import Collection, Sequence
from random import Random
from types import MappingProxyType

from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.write_script import batches_of
from generators.identity_cache import Same
from generators.language.report import report
from generators.operators.operator import Operator, marked
from generators.sandbox.sights import list_sights
from generators.tasks.plan import Plan, batches, shuffled
from generators.world.model import ToolModel, World
from schemas.leaves import leaves
from schemas.message import Fault
from schemas.twists import Comparison, LeansOn, has_twist


class Delayed(Operator):
    """A read gives its answer only when it is asked for again."""

    name = "delayed"
    share = 0.3
    what = "an answer is not ready; other work is done meanwhile, then it is asked for again"
    when = " of conversations without another fault"
    needs = "a read, and other work meanwhile"
    brings = MappingProxyType({"twin": 0.5})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A read of rows."""
        del world
        return model.operation in ("get", "list")

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """One read is late where the turn, or the next one, goes on without it."""
        for number, turn in shuffled(plan, rng) if not plan.faults else ():
            plain = turn.outcome == "complete" and not has_twist(turn, Comparison)
            for call in turn.calls:
                if plan.done[call].model.operation not in ("get", "list"):
                    continue
                late = marked(plan, self.name, faults=((call, Fault(kind="delayed")),))
                # The turn goes on with other calls, all reads, whose next do without the answer.
                groups = batches(late)
                later = [other for other in turn.calls if groups[other] > groups[call]]
                writes = any(plan.done[other].model.writes for other in later)
                goes_on = plain and later and not writes
                goes_on = goes_on and not any(
                    call in plan.done[other].sources
                    for other in later
                    if groups[other] == groups[later[0]]
                )
                alone = not plan.has_twin(call)
                if goes_on or (alone and _has_next_meanwhile(plan, number, call)):
                    return late
        return plan

    def open_request(self, turn: TurnDraft) -> str | None:
        """The user goes on while an answer is still to come."""
        return turn.user_words("meanwhile").text if turn.draft.waiting else None

    def ask_user(self, turn: TurnDraft) -> bool:
        """Nothing is asked; what is still to come from earlier turns is noted."""
        turn.late += turn.draft.waiting
        return False

    def before_batch(self, turn: TurnDraft, batch: Sequence[int]) -> None:
        """A late call is made again before calls that need what it gives."""
        origins = (origin for call in batch for origin in turn.scene.calls[call].origins)
        _ask_again(turn, {origin.call for origin in origins if origin.call is not None})

    def lead_on(self, turn: TurnDraft, batch: Sequence[int]) -> str:
        """Words before other work of the turn, where one of its calls waits."""
        del batch
        waits = set(turn.draft.waiting) & set(turn.calls)
        return turn.assistant_words("delayed_meanwhile") if waits else ""

    def after_call(self, turn: TurnDraft, call: int) -> None:
        """The call was answered with "not yet"."""
        fault = turn.scene.calls[call].fault
        if fault is not None and fault.kind == "delayed":
            turn.draft.waiting.append(call)

    def before_report(self, turn: TurnDraft) -> None:
        """Calls are made again at the turn's end: those that were late before it, and its own.

        A turn's own wait for the next one where they were made in its last batch, so that nothing
        else was done since; if no other work comes, they are made again at once.
        """
        over = not any(later.calls for later in turn.scene.task.turns[turn.number + 1 :])
        last = batches_of(turn)[-1]
        due = [c for c in turn.draft.waiting if c in turn.late or over or c not in last]
        _ask_again(turn, due)

    def report_call(self, turn: TurnDraft, call: int, *, after: bool) -> str:
        """An answer that an earlier turn has asked for is told as such."""
        del after
        if call not in turn.late:
            return ""
        return turn.assistant_words("delayed_ready") + report(turn.scene, call)

    def close_report(self, turn: TurnDraft, text: str) -> str:
        """The user is told that an answer is still to come."""
        if not turn.draft.waiting:
            return ""
        return turn.assistant_words("delayed_wait_too" if text else "delayed_wait")


def _ask_again(turn: TurnDraft, calls: Collection[int]) -> None:
    for call in [one for one in turn.draft.waiting if one in calls]:
        turn.say_as_assistant("retry", turn.assistant_words("delayed_again"), [call])
        turn.draft.waiting.remove(call)


def _has_next_meanwhile(plan: Plan, number: int, call: int) -> bool:
    """Whether the turn wants nothing but reads, and the next one does without this answer."""
    if number + 1 >= len(plan.turns):
        return False
    turn, following = plan.turns[number], plan.turns[number + 1]
    plain = not (following.elapsed or has_twist(following, LeansOn) or has_twist(turn, Comparison))
    plain &= turn.outcome == following.outcome == "complete"
    if not plain or not following.calls or any(plan.done[one].model.writes for one in turn.calls):
        return False
    if any(call in plan.done[one].sources for one in (*turn.calls, *following.calls)):
        return False
    if not any(plan.done[one].model.writes for one in following.calls):
        return True
    sights = list_sights(Same(plan.setting.world))
    names = [plan.done[one].model.name for one in following.calls]
    reader = plan.done[call].model.name
    if any(sight.tool == reader for name in names for sight in sights.get(name, ())):
        return False  # what is done meanwhile hangs on it
    executed = plan.done[call]  # the answer must be the same after what is done meanwhile
    about = {str(value) for _, value in leaves(executed.arguments)}
    done = [plan.done[one] for one in following.calls if plan.done[one].model.writes]
    if any(about & {str(value) for _, value in leaves(one.arguments)} for one in done):
        return False  # nobody changes a thing while they wait to be told of it
    environment = plan.environment(before=following.calls[-1] + 1)
    outcome = environment.call(executed.model.name, executed.arguments)
    return not outcome.is_error and outcome.content == executed.result
