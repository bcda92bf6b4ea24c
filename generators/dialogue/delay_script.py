"""An answer that is not ready yet, in beats: other work first, then the call is made again."""

from collections.abc import Collection

from generators.dialogue.script import Draft


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


def ask_needed(draft: Draft, number: int, batch: Collection[int]) -> None:
    """Make calls again that wait, where a batch needs what they give."""
    calls = draft.scene.calls
    _ask_again(
        draft, number, {o.call for c in batch for o in calls[c].origins if o.call is not None}
    )


def ask_late(draft: Draft, number: int, late: Collection[int], last: Collection[int]) -> None:
    """Make calls again at a turn's end: those that were late before it, and its own.

    A turn's own wait for the next one where they were made in its ``last`` batch, so that nothing
    else was done since; if no other work comes, they are made again at once.
    """
    over = not any(turn.calls for turn in draft.scene.task.turns[number + 1 :])
    due = [call for call in draft.waiting if call in late or over or call not in last]
    _ask_again(draft, number, due)


def _ask_again(draft: Draft, number: int, calls: Collection[int]) -> None:
    for call in [one for one in draft.waiting if one in calls]:
        text = draft.scene.grammar.pick("delayed_again", "any", draft.scene.rng)
        draft.assistant(number, "retry", text, (call,))
        draft.waiting.remove(call)
