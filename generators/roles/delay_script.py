"""An answer that is not ready yet, in beats: other work first, then the call is made again."""

from collections.abc import Collection

from generators.roles.beats import Draft


def waits(draft: Draft, call: int) -> bool:
    """Note that a call was answered with "not yet"; False where it was not."""
    fault = draft.scene.calls[call].fault
    late = fault is not None and fault.kind == "delayed"
    if late:
        draft.waiting.append(call)
    return late


def lead_on(draft: Draft, calls: Collection[int]) -> str:
    """Words before other work of the turn, where one of its calls waits; empty otherwise."""
    if not set(draft.waiting) & set(calls):
        return ""
    return draft.scene.grammar.pick("delayed_meanwhile", "any", draft.scene.rng)


def ask_again(draft: Draft, number: int, calls: Collection[int]) -> None:
    """Make calls again that wait, the first time since they were said not to be ready."""
    for call in [one for one in draft.waiting if one in calls]:
        text = draft.scene.grammar.pick("delayed_again", "any", draft.scene.rng)
        draft.assistant(number, "retry", text, (call,))
        draft.waiting.remove(call)


def has_later_work(draft: Draft, number: int) -> bool:
    """Whether a later turn has calls, after which the answer can be asked for again."""
    return any(turn.calls for turn in draft.scene.task.turns[number + 1 :])
