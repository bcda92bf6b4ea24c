"""One turn of a task in beats: request, questions, calls with a confirmation, report."""

from collections.abc import Sequence

from generators.dialogue.script import AssistantBeat
from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.turn_request import write_request
from generators.dialogue.user_style import styled
from generators.language.details import detail_list
from generators.language.phrase import concat
from generators.language.references import row_path
from generators.language.report import found_row, report, untold
from generators.language.request import clause
from generators.language.scene import Hidden
from generators.lexicon.names import ended, join
from schemas.message import AssistantAct


def write_turn(turn: TurnDraft) -> None:
    """All beats of a turn that wants something done."""
    if any(hook.write_turn(turn) for hook in turn.hooks):
        return
    write_request(turn)
    if any(hook.ask_user(turn) for hook in turn.hooks):
        return
    turn.note_known()
    _make_calls(turn)
    for hook in turn.hooks:
        hook.before_report(turn)
    if not any(hook.report_turn(turn) for hook in turn.hooks):
        _report(turn)


def _make_calls(turn: TurnDraft) -> None:
    """The calls, batch by batch, with the confirmation before the first write."""
    scene = turn.scene
    asked = not turn.turn.confirm
    for batch in batches_of(turn):
        if scene.is_barred(batch[0]):
            continue
        for hook in turn.hooks:
            hook.before_batch(turn, batch)
        writes = [call for call in batch if scene.model(call).writes]
        if writes and not asked:
            lead, asked = _confirm(turn, batch[0]), True
        else:
            lead = next((w for hook in turn.hooks if (w := hook.lead_on(turn, batch))), "")
            if not lead and batch[0] == turn.calls[0]:
                lead = scene.grammar.pick(
                    "lead_in_write" if writes else "lead_in", "any", scene.rng
                )
        turn.say_as_assistant("call", lead, batch)
        for call in batch:
            for hook in turn.hooks:
                hook.after_call(turn, call)


def batches_of(turn: TurnDraft) -> list[list[int]]:
    """The calls of a turn, those together that are made at once."""
    batches: dict[int, list[int]] = {}
    for call in turn.calls:
        batches.setdefault(turn.scene.calls[call].group, []).append(call)
    return list(batches.values())


def _confirm(turn: TurnDraft, first: int) -> str:
    """Asks before the writes from call ``first`` on, hears the answer, and leads on to the call."""
    scene, draft = turn.scene, turn.draft
    writes = [c for c in turn.calls if scene.model(c).writes and c >= first]
    before = [c for c in turn.calls if c < first]
    reported = {call for call in before if call in turn.sinks}
    hidden = Hidden(
        known=turn.told_before(first),
        seen=frozenset(draft.seen | reported),
        instead=turn.instead,
        start=turn.calls[0],
        resolved=True,
    )
    said = [clause(scene, call, hidden) for call in writes]
    want = join([concat([item.main, detail_list(item.details)]).text for item in said])
    question = turn.assistant_words("confirm", want=want.replace(" me to ", " you to "))
    extra = [hook.add_to_question(turn) for hook in turn.hooks]
    found = tell_findings(turn, before, writes)
    turn.say_as_assistant("confirm", " ".join(t for t in (found, *extra, question) if t))
    draft.seen |= reported
    for hook in turn.hooks:
        if (lead := hook.answer_question(turn)) is not None:
            return lead
    turn.say_as_user("affirm", styled(scene, turn.user_words("affirm")))
    return ""


def tell_findings(turn: TurnDraft, before: Sequence[int], writes: Sequence[int]) -> str:
    """What the reads have brought to light before the user decides about the writes."""
    scene = turn.scene
    told = [report(scene, call) for call in before if call in turn.sinks]
    told += [hook.add_to_findings(turn, writes) for hook in turn.hooks]
    told = [text for text in told if text]
    for call in writes:
        for origin in scene.calls[call].origins:
            source, path = origin.call, origin.result_path or ""
            if source is not None and source in before and path.count("[") == 1 and not told:
                told.append(found_row(scene, source, row_path(path)))
    return " ".join(text for text in told if text)


def _report(turn: TurnDraft) -> None:
    """The last words of a turn: what was found and done, what failed, what is still to come."""
    scene, draft = turn.scene, turn.draft
    open_calls = [call for call in turn.sinks if call not in draft.seen | set(draft.waiting)]
    lost = [call for call in open_calls if scene.is_lost(call)]
    told = [call for call in open_calls if call not in lost]
    texts: list[str] = []
    for call in (*told, *turn.late, *lost[:1]):
        after = bool(texts)
        words = next((w for hook in turn.hooks
                      if (w := hook.report_call(turn, call, after=after))), "")  # fmt: skip
        twin = turn.is_twin(call) and call - 1 in told
        texts.append(words or report(scene, call, twin=twin))
    text = run_on(texts)
    said = [
        beat.text
        for beat in draft.beats
        if beat.turn == turn.number and isinstance(beat, AssistantBeat)
    ]
    text = run_on([text, untold(scene, turn.number, " ".join([*said, text]))])
    text = run_on([text, *(hook.add_to_report(turn, told) for hook in turn.hooks)])
    draft.seen |= {*told, *turn.late, *lost}
    if last := next((w for hook in turn.hooks if (w := hook.close_report(turn, text))), ""):
        act: AssistantAct = "report" if text else "report_failure"
        turn.say_as_assistant(act, run_on([text, last]))
        return
    more = scene.grammar.pick("anything_else", "any", scene.rng)
    closed = text if text.endswith("\n") else ended(text)
    ending: AssistantAct = "report_failure" if lost else "report"
    turn.say_as_assistant(ending, closed + ("" if "\n" in text else more))


def run_on(texts: Sequence[str]) -> str:
    """One after the other; what ends a line is followed by a new one."""
    out = ""
    for text in filter(None, texts):
        out += text if not out or out.endswith("\n") else f" {text}"
    return out
