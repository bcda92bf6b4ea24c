"""The request of a turn: what the user wants, with all that its calls need to be told."""

from dataclasses import replace

from generators.dialogue.guess_act import opening_act
from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.user_style import opened
from generators.language.details import detail_sentences
from generators.language.phrase import Mention, Phrase, concat
from generators.language.request import clause, twin_words
from generators.language.scene import Hidden
from generators.language.slot_phrases import Told
from generators.lexicon.names import label
from schemas.message import UserAct


def write_request(turn: TurnDraft) -> None:
    """The user's first words of the turn."""
    hidden = replace(turn.hidden(turn.withheld), instead=turn.instead)
    others = (words for hook in turn.hooks if (words := hook.word_request(turn, hidden)))
    phrase = next(others, None) or clear_request(turn, hidden)
    heard = tuple(one for one in phrase.mentions if (one.call, one.path) not in turn.instead)
    openers = (begun for hook in turn.hooks if (begun := hook.open_request(turn)) is not None)
    said = opened(turn.scene, turn.number, Phrase(phrase.text, heard), next(openers, None))
    turn.say_as_user(_request_act(turn), said)
    turn.note_known()


def _request_act(turn: TurnDraft) -> UserAct:
    act = opening_act(turn.turn)
    fed = [o for call in turn.sinks for o in turn.scene.calls[call].origins
           if o.call in turn.draft.seen]  # fmt: skip
    chooses = act == "request" and any(o.result_path and "[" in o.result_path for o in fed)
    return "choose" if chooses else act


def clear_request(turn: TurnDraft, hidden: Hidden) -> Phrase:
    """All that is wanted, and all that must be said for it."""
    scene = turn.scene
    wants: list[Phrase] = []
    details: list[Told] = []
    again = " again" if asks_again(turn) else ""
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
    more = [hook.add_to_request(turn) for hook in turn.hooks]
    whole = concat([body.as_sentence(), *detail_sentences(scene, distinct(details)), *more])
    return concat([whole, *detail_sentences(scene, _unsaid(turn, whole, hidden))])


def asks_again(turn: TurnDraft) -> bool:
    """Whether the turn is one read that was made before, some time ago."""
    own, earlier = turn.scene.calls[turn.calls[0]], turn.scene.calls[: turn.calls[0]]
    again = any(c.tool == own.tool and c.arguments == own.arguments for c in earlier)
    return len(turn.calls) == 1 and turn.turn.elapsed > 0 and again


def _unsaid(turn: TurnDraft, phrase: Phrase, hidden: Hidden) -> list[Told]:
    """Values that the wording had no place for: nothing that a call needs may go unsaid."""
    said = {(mention.call, mention.path) for mention in phrase.mentions}
    left = []
    for call in turn.calls:
        for origin, parameter, value in turn.scene.told(call):
            leaf = (call, origin.path)
            if leaf not in said and not hidden.silent(*leaf):
                value = hidden.instead.get(leaf, value)
                words = turn.scene.say(call, origin.path, parameter, value)
                left.append(Told(label=label(parameter.name), value=words))
    return left


def distinct(details: list[Told]) -> list[Told]:
    """Each value once, however many calls need it."""
    kept: dict[tuple[Mention, ...], Told] = {}
    for item in details:
        kept.setdefault(item.tail.mentions + item.value.mentions, item)
    return list(kept.values())
