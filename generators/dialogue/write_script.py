"""The script of a dialogue: who says and does what, in order, for the roles that need no model.

A task's turns become beats: request, question, answer, calls, confirmation, report. The words come
from `generators.language`; the calls are the task's gold calls and nothing else. What difficulty
operators change is theirs to say (`generators.dialogue.turn_draft.TurnHooks`).
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from generators.dialogue.acts import opening_act
from generators.dialogue.questions import ask_for_rest
from generators.dialogue.script import Script, ScriptDraft, UserBeat
from generators.dialogue.turn_draft import TurnDraft, TurnHooks
from generators.language.action import action
from generators.language.consent import (
    about_row,
    found_row,
    name_meant,
    name_place,
    name_untold,
    put_aside,
    say_beside,
    say_once,
    say_unpriced,
)
from generators.language.facts import is_spoken_id
from generators.language.phrase import Grammar, Mention, Phrase, chat_lines, concat
from generators.language.references import row_path
from generators.language.report import offer_rest, report
from generators.language.request import Clause, clause, for_user, twin_words
from generators.language.scene import Hidden, Scene, find_helpful, topics
from generators.language.slot_phrases import Told, detail_list, detail_sentences
from generators.lexicon.names import capital, ended, join, label
from generators.lexicon.verbs import find_verb
from generators.sandbox.own_rows import makes_user
from generators.world.model import ToolModel, World, usual_way
from generators.world.policy_rules import asks_why
from schemas.canonical import derive_seed
from schemas.message import AssistantAct
from schemas.reading import stands_in, tells
from schemas.task import Task
from schemas.twists import SmallTalk, has_twist

_THANKS = 0.3
_REASONS = 0.5
"""Share of the requests with a reason in which the user gives it."""
_MAX_USER_BEATS = 8
_FEW_DETAILS = 2
"""Details of a question that stand in its sentence."""
_YOUR = {"my": "your", "me": "you", "I'm": "you're", "I": "you", "mine": "yours"}
"""The user's words from the other side: "water your plants while you are away"."""


def write_script(world: World, task: Task, hooks: Sequence[TurnHooks], grammar: Grammar) -> Script:
    """The dialogue of a task, word for word; equal tasks give equal scripts."""
    rng = Random(derive_seed("words", task.id))
    scene = Scene(world, task, grammar, rng)
    draft = ScriptDraft(scene)
    for number, turn in enumerate(task.turns):
        told = TurnDraft(draft, number, hooks)
        if turn.outcome == "refuse" and not turn.calls:
            wish = turn.intent
            body = told.user_words("ask", want=wish) if number == 0 else told.user_words(
                "unsupported", wish=wish
            )  # fmt: skip
            said = told.opened(body.as_sentence())
            told.say_as_user("unsupported_request", said)
            yours = " ".join(_YOUR.get(word, word) for word in wish.split())
            helpful = find_helpful(scene)
            key, deed = "refuse", ""
            if len(helpful) == 1 and (only := action(helpful[0])).sayable:
                # No more is promised than can be done.
                key, deed = "refuse_but_one", f"{only.verb} {only.generic}"
            no = told.assistant_words(key, wish=yours, topics=topics(scene), deed=deed)
            told.say_as_assistant("refuse", no)
        elif has_twist(turn, SmallTalk):
            chat, answer = chat_lines(turn.intent, rng)
            told.say_as_user("chat", told.opened(Phrase(chat).as_sentence()))
            told.say_as_assistant("say", answer)
        else:
            _write_turn(told)
    # Most people say thanks, and all do who were told no.
    spoken = sum(isinstance(beat, UserBeat) for beat in draft.beats)
    done = task.turns[-1].outcome in ("complete", "transfer")
    thanks = _THANKS if done else 1
    if spoken <= 1 or (spoken < _MAX_USER_BEATS and rng.random() < thanks):
        thank, close = ("thank", "close") if done else ("thank_after_no", "close_after_no")
        close = "close_after_transfer" if task.turns[-1].outcome == "transfer" else close
        told.say_as_user("thank", told.user_words(thank))
        told.say_as_assistant("close", told.assistant_words(close))
    return Script(tuple(draft.beats), draft.heard)


def _write_turn(turn: TurnDraft) -> None:
    """All beats of a turn that wants something done.

    The calls are made batch by batch, with the confirmation before the first write.
    """
    if any(hook.write_turn(turn) for hook in turn.hooks):
        return
    write_request(turn)
    if any(hook.ask_user(turn) for hook in turn.hooks):
        return
    ask_for_rest(turn)
    turn.note_known()
    scene = turn.scene
    asked = not turn.turn.confirm
    for batch in batches_of(turn):
        if scene.calls[batch[0]].barred:
            continue
        for hook in turn.hooks:
            hook.before_batch(turn, batch)
        writes = any(scene.model(call).writes for call in batch)
        if writes and not asked:
            lead, asked = _confirm(turn, batch[0]), True
        else:
            lead = next((w for hook in turn.hooks if (w := hook.lead_on(turn, batch))), "")
            if not lead and batch[0] == turn.calls[0]:
                lead = scene.grammar.pick(_lead_in(scene.model(batch[0])), "any", scene.rng)
        turn.say_as_assistant("call", lead, batch)
        for call in batch:
            for hook in turn.hooks:
                hook.after_call(turn, call)
    for hook in turn.hooks:
        hook.before_report(turn)
    if not any(hook.report_turn(turn) for hook in turn.hooks):
        _report(turn)


def _lead_in(model: ToolModel) -> str:
    """The key of what is said before a call: something is done, worked out, or looked at."""
    if model.writes:
        return "lead_in_write"
    looks = find_verb(action(model).verb).operation in ("get", "list")
    return "lead_in" if looks or model.operation != "compute" else "lead_in_work"


def batches_of(turn: TurnDraft) -> list[list[int]]:
    """The calls of a turn, those together that are made at once."""
    batches: dict[int, list[int]] = {}
    for call in turn.calls:
        batches.setdefault(turn.scene.calls[call].group, []).append(call)
    return list(batches.values())


def write_request(turn: TurnDraft) -> None:
    """The user's first words of the turn."""
    scene = turn.scene
    hidden = replace(turn.hidden(turn.withheld), instead=turn.instead)
    others = (words for hook in turn.hooks if (words := hook.word_request(turn, hidden)))
    phrase = next(others, None) or clear_request(turn, hidden)
    heard = tuple(one for one in phrase.mentions if (one.call, one.path) not in turn.instead)
    openers = (begun for hook in turn.hooks if (begun := hook.open_request(turn)) is not None)
    said = turn.opened(Phrase(phrase.text, heard), next(openers, None))
    act = opening_act(turn.turn)
    origins = (origin for call in turn.sinks for origin in scene.calls[call].origins)
    if act == "request" and any(
        one.call in turn.draft.seen and "[" in (one.result_path or "") for one in origins
    ):
        act = "choose"  # among rows that the user has been told of
    turn.say_as_user(act, said)
    turn.note_known()


def clear_request(turn: TurnDraft, hidden: Hidden) -> Phrase:
    """All that is wanted, and all that must be said for it."""
    scene = turn.scene
    wants: list[Phrase] = []
    details: list[Told] = []
    again = " again" if scene.task.asks_again(turn.number) else ""
    for call in turn.sinks:
        if turn.is_twin(call):
            what = twin_words(scene, call, call - 1, hidden)
            wants.append(scene.grammar.compose("want_both", "any", scene.rng, what=what))
            continue
        said = clause(scene, call, hidden)
        details += said.details
        main = said.main
        if wants:
            main = scene.grammar.compose("want_more", "any", scene.rng, want=said.main)
        wants.append(main + again)
    want = concat(wants, ", ")
    body = turn.user_words("ask_me" if " me to " in want.text else "ask", want=want)
    lacked = filter(None, (lacking(scene.world, scene.model(call)) for call in turn.calls))
    more = [turn.user_words("lacking", what=name) for name in lacked]
    more += [added for hook in turn.hooks if (added := hook.add_to_request(turn))]
    reason = scene.task.brief.wishes[turn.number].why if scene.task.brief.wishes else ""
    needed = (
        bool(again)
        or len(scene.task.turns) == 1
        or any(makes_user(scene.world, scene.model(call)) for call in turn.sinks)
        or any(asks_why(scene.world, scene.model(call)) for call in turn.sinks)
        # Nothing in a call that lists all tells what somebody is after.
        or all(
            scene.model(call).operation == "list" and not scene.calls[call].arguments
            for call in turn.sinks
        )
    )
    if reason and (needed or scene.rng.random() < _REASONS):
        key = "because_asked" if body.text.endswith("?") else "because"
        ask, why = body.without_end(), capital(reason)
        body = turn.user_words(key, ask=ask, why=reason, why_capital=why)
    whole = concat([body.as_sentence(), *detail_sentences(scene, distinct(details)), *more])
    # Values that the wording had no place for: nothing that a call needs may go unsaid.
    named = [
        Mention(call, origin.path, value, "literal")
        for call in turn.calls
        if call not in turn.sinks  # "my order #W2489269" tells which one is looked up first
        for origin, parameter, value in scene.told(call)
        if parameter.use == "identity" and isinstance(value, str) and stands_in(value, whole.text)
        and is_spoken_id(value, scene.noun(call))
    ]  # fmt: skip
    whole = Phrase(whole.text, (*whole.mentions, *named))
    spoken = {(mention.call, mention.path) for mention in whole.mentions}
    left: list[Told] = []
    for call in turn.calls:
        names: list[Phrase] = []
        for origin, parameter, value in scene.told(call):
            if (call, origin.path) in spoken or hidden.silent(call, origin.path):
                continue
            held = hidden.instead.get((call, origin.path), value)
            words = scene.say(call, origin.path, parameter, held)
            if parameter.name in ("first_name", "last_name"):
                names.append(words)
            else:
                left.append(Told(label=label(parameter.name), value=words))
        left += [Told(label="name", value=concat(names))] if names else []
    return concat([whole, *detail_sentences(scene, left)])


def lacking(world: World, model: ToolModel) -> str:
    """What the usual way to a row asks for, and the user cannot say, where they go another."""
    usual = usual_way(world, model)
    needed = usual.parameters if usual is not None else ()
    return join([label(one.name) for one in needed if one.required], "or")


def distinct(details: list[Told]) -> list[Told]:
    """Each value once, however many calls need it."""
    kept: dict[tuple[Mention, ...], Told] = {}
    for item in details:
        kept.setdefault(item.tail.mentions + item.value.mentions, item)
    return list(kept.values())


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
    extra = [hook.add_to_question(turn) for hook in turn.hooks]
    found = tell_findings(turn, before, writes)
    known = about_row(scene, writes[0], found=bool(found)) if len(writes) == 1 else []
    known = [one for one in known if one[0] not in found]
    name = name_meant(scene, writes[0]) if len(writes) == 1 else ""
    question = _put_question(turn, said, known, name)
    asked = turn.as_kept(found + question)
    lacking = [o for c in writes for o in name_untold(scene, c, asked, turn.instead)]
    if lacking := lacking + [o for c in writes for o in name_place(scene, c, asked)]:
        question = _put_question(turn, said, [*dict.fromkeys([*known, *lacking])], name)
    for call in writes:
        extra.append(say_beside(scene, call, run_on([found, *extra, question]), first=True))
        extra.append(say_unpriced(scene, call, run_on([found, *extra, question])))
    extra += [*dict.fromkeys(say_once(scene, call) for call in writes)]
    turn.say_as_assistant("confirm", run_on([found, *extra, question]))
    draft.seen |= reported
    for hook in turn.hooks:
        if (lead := hook.answer_question(turn)) is not None:
            return lead
    turn.say_as_user("affirm", turn.user_words("affirm"))
    return ""


def _put_question(
    turn: TurnDraft, wanted: Sequence[Clause], known: Sequence[tuple[str, Any]], name: str
) -> str:
    """What is to be done, with its details in the sentence, or in lines where they are many.

    ``known``: what is known of the row that it is done to, and ``name`` what that is called.
    """
    details = distinct([detail for item in wanted for detail in item.details])
    labelled = [item for item in details if item.label]
    if len(labelled) <= _FEW_DETAILS:
        want = join([item.whole.text for item in wanted])
        clock = turn.scene.clock
        aside = put_aside([text for text, held in known if not tells(want, held, clock)])
        # Of the thing, and so behind it: not behind the text that it is given.
        own = wanted[0].begun.rstrip() if len(wanted) == 1 else want
        before, quoted, _ = own.partition(name) if name else (own, "", "")
        own = before + quoted if quoted else own
        if aside and f"{own} (" in want:  # two pieces: all in one bracket
            want = want.replace(f"{own} (", f"{own} ({aside}, ", 1)
        elif aside:
            want = want.replace(own, f"{own} ({aside})", 1)
        said = turn.assistant_words("confirm", want=for_user(want))
        return said.replace(".”.", ".”").replace("?”.", "?”")
    rest = detail_list([item for item in details if not item.label])
    want = concat([Phrase(join([item.main.text for item in wanted])), rest]).text
    aside = ", ".join(text for text, held in known if not tells(want, held, turn.scene.clock))
    want += f" ({aside})" if aside else ""
    lines = "\n".join(
        f"- {capital(item.label)}: {item.value.without('one with ').text}" for item in labelled
    )
    return turn.assistant_words("confirm_lines", want=for_user(want), lines=lines)


def tell_findings(turn: TurnDraft, before: Sequence[int], writes: Sequence[int]) -> str:
    """What the reads have brought to light before the user decides about the writes."""
    scene = turn.scene
    reported = [report(scene, call, offers=False) for call in before if call in turn.sinks]
    added = [hook.add_to_findings(turn, writes) for hook in turn.hooks]
    told = [text for text in (*reported, *added) if text]
    for origin in (origin for call in writes for origin in scene.calls[call].origins):
        source, path = origin.call, origin.result_path or ""
        if source is not None and source in before and path.count("[") == 1 and not told:
            told.append(found_row(scene, source, row_path(path)))
    return run_on(told)


def _report(turn: TurnDraft) -> None:
    """The last words of a turn: what was found and done, what failed, what is still to come."""
    scene, draft = turn.scene, turn.draft
    open_calls = [call for call in turn.sinks if call not in draft.seen | set(draft.waiting)]
    lost = [call for call in open_calls if scene.calls[call].lost]
    told = [call for call in open_calls if call not in lost]
    texts, listed = list[str](), list[int]()
    for call in (*told, *turn.late, *lost[:1]):
        after = bool(texts)
        words = next((w for hook in turn.hooks
                      if (w := hook.report_call(turn, call, after=after))), "")  # fmt: skip
        twin = turn.is_twin(call) and call - 1 in told
        texts.append(words or report(scene, call, twin=twin, offers=False))
        listed += [] if words else [call]
    texts.append(offer_rest(scene, listed))
    text = run_on(texts)
    text = run_on([text, *(hook.add_to_report(turn, told) for hook in turn.hooks)])
    done = [
        one for one in (*turn.calls, *turn.late)
        if not (scene.calls[one].lost or scene.calls[one].barred or one in draft.waiting)
    ]  # fmt: skip
    # What was to be said before is said now where nobody had to be asked.
    for first in (False,) if turn.turn.confirm else (True, False):
        for call in done:
            text = run_on([text, say_beside(scene, call, text, first=first)])
    draft.seen |= {*told, *turn.late, *lost}
    if last := next((w for hook in turn.hooks if (w := hook.close_report(turn, text))), ""):
        act: AssistantAct = "report" if text else "report_failure"
        turn.say_as_assistant(act, run_on([text, last]))
        return
    more = scene.grammar.pick("anything_else", "any", scene.rng)
    closed = text if text.endswith("\n") else ended(text)
    ending: AssistantAct = "report_failure" if lost else "report"
    turn.say_as_assistant(ending, closed + ("" if "\n" in text else more))


def run_on(texts: Sequence[str | None]) -> str:
    """One after the other; what ends a line is followed by a new one, a list by a free one."""
    out = ""
    for text in filter(None, texts):
        between = " " if out and not out.endswith("\n") else ""
        between = "\n" if out.endswith("\n") and "\n- " in text else between
        out += between + text
    return out
