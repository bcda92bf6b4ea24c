"""How a turn ends: what was found and done, what failed or is declined, what is still to come."""

from collections.abc import Sequence

from generators.dialogue.declining import declined
from generators.dialogue.script import AssistantBeat, Draft
from generators.dialogue.troubles import admission
from generators.language.comparison import compared
from generators.language.demanded import odd_text, untold
from generators.language.reference import row_path
from generators.language.report import found_row, report
from generators.language.scene import Scene
from generators.lexicon.names import ended
from schemas.message import AssistantAct
from schemas.task import TaskTurn


def is_twin(scene: Scene, sinks: Sequence[int], call: int) -> bool:
    """Whether the same is asked of the call before it, about something else."""
    return call - 1 in sinks and scene.calls[call - 1].tool == scene.calls[call].tool


def findings(
    scene: Scene, turn: TaskTurn, sinks: Sequence[int], before: Sequence[int], writes: Sequence[int]
) -> str:
    """What the reads have brought to light before the user decides."""
    told = [report(scene, call) for call in before if call in sinks]
    if turn.comparison and turn.comparison.call in writes:
        told.append(compared(scene, turn.comparison))
    for call in writes:
        for origin in scene.calls[call].origins:
            source, path = origin.call, origin.result_path or ""
            if source is not None and source in before and path.count("[") == 1 and not told:
                told.append(found_row(scene, source, row_path(path)))
    return " ".join(text for text in told if text)


def close_turn(
    draft: Draft, number: int, calls: Sequence[int], sinks: Sequence[int], late: Sequence[int]
) -> None:
    """The last words of a turn; ``late``: calls whose answer an earlier turn had asked for."""
    scene = draft.scene
    if barred := [call for call in calls if scene.is_barred(call)]:
        _decline(draft, number, calls, sinks, barred)
        return
    untold_yet = [call for call in sinks if call not in draft.seen | set(draft.waiting)]
    lost = [call for call in untold_yet if scene.is_lost(call)]
    told = [call for call in untold_yet if call not in lost]
    texts = [report(scene, c, twin=is_twin(scene, sinks, c) and c - 1 in told) for c in told]
    for call in late:
        ready = scene.grammar.pick("delayed_ready", "any", scene.rng)
        texts.append(ready + report(scene, call))
    if lost:
        texts.append(admission(scene, lost[0], bool(texts)))
    text = run_on(texts)
    if more_told := untold(scene, number, " ".join([*_said(draft, number), text])):
        text = run_on([text, more_told])
    if odd := odd_text(scene, told):
        text = run_on([text, odd])
    draft.seen |= {*told, *late, *lost}
    _end(draft, number, text, failed=bool(lost))


def _decline(
    draft: Draft, number: int, calls: Sequence[int], sinks: Sequence[int], barred: Sequence[int]
) -> None:
    scene = draft.scene
    reads = [call for call in calls if call not in barred]
    found = findings(scene, scene.task.turns[number], sinks, reads, barred)
    whole = run_on([text for text in (found, declined(scene, barred[0])) if text])
    draft.assistant(number, "refuse", whole)
    draft.seen |= set(sinks) - set(barred)


def _said(draft: Draft, number: int) -> list[str]:
    """What the assistant has said in the turn so far."""
    return [
        beat.text for beat in draft.beats if beat.turn == number and isinstance(beat, AssistantBeat)
    ]


def _end(draft: Draft, number: int, text: str, *, failed: bool) -> None:
    scene = draft.scene
    if draft.waiting:
        key = "delayed_wait_too" if text else "delayed_wait"
        wait = scene.grammar.pick(key, "any", scene.rng)
        act: AssistantAct = "report" if text else "report_failure"
        draft.assistant(number, act, run_on([text, wait] if text else [wait]))
        return
    more = scene.grammar.pick("anything_else", "any", scene.rng)
    closed = text if text.endswith("\n") else ended(text)
    ending: AssistantAct = "report_failure" if failed else "report"
    draft.assistant(number, ending, closed + ("" if "\n" in text else more))


def run_on(texts: Sequence[str]) -> str:
    """One after the other; what ends a line is followed by a new one."""
    out = ""
    for text in texts:
        out += text if not out or out.endswith("\n") else f" {text}"
    return out
