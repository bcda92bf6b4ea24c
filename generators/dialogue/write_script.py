"""The script of a dialogue: who says and does what, in order, for the roles that need no model.

A task's turns become beats: request, question, answer, calls, confirmation, report. The words come
from `generators.language`; the calls are the task's gold calls and nothing else. What difficulty
operators change is theirs to say (`generators.dialogue.turn_draft.TurnHooks`).
"""

from collections.abc import Sequence
from random import Random

from generators.dialogue.script import Script, ScriptDraft, UserBeat
from generators.dialogue.turn_draft import TurnDraft, TurnHooks
from generators.dialogue.turn_script import write_turn
from generators.dialogue.user_style import opened, styled
from generators.language.grammar import Grammar, chat_lines
from generators.language.phrase import Phrase
from generators.language.report import topics
from generators.language.scene import Scene
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.task import Task
from schemas.twists import SmallTalk, has_twist

_THANKS = 0.3
_MAX_USER_BEATS = 8
_YOUR = {"my": "your", "me": "you", "I'm": "you're", "I": "you", "mine": "yours"}
"""The user's words from the other side: "water your plants while you are away"."""


def write_script(world: World, task: Task, hooks: Sequence[TurnHooks], grammar: Grammar) -> Script:
    """The dialogue of a task, word for word; equal tasks give equal scripts."""
    rng = Random(derive_seed("words", task.id))
    draft = ScriptDraft(Scene(world, task, grammar, rng))
    for number, turn in enumerate(task.turns):
        told = TurnDraft(draft, number, hooks)
        if turn.outcome == "refuse" and not turn.calls:
            _write_refusal(told)
        elif has_twist(turn, SmallTalk):
            said, answered = chat_lines(turn.intent, rng)
            opening = opened(draft.scene, number, Phrase(said).as_sentence())
            told.say_as_user("chat", opening)
            told.say_as_assistant("say", answered)
        else:
            write_turn(told)
    _write_farewell(draft)
    return Script(tuple(draft.beats), draft.heard)


def _write_refusal(turn: TurnDraft) -> None:
    """A request that no tool serves, and the assistant's no."""
    wish = turn.turn.intent
    body = turn.user_words("ask", want=wish) if turn.number == 0 else turn.user_words(
        "unsupported", wish=wish
    )  # fmt: skip
    turn.say_as_user("unsupported_request", opened(turn.scene, turn.number, body.as_sentence()))
    yours = " ".join(_YOUR.get(word, word) for word in wish.split())
    said = turn.assistant_words("refuse", wish=yours, topics=topics(turn.scene))
    turn.say_as_assistant("refuse", said)


def _write_farewell(draft: ScriptDraft) -> None:
    scene = draft.scene
    spoken = sum(isinstance(beat, UserBeat) for beat in draft.beats)
    last = len(scene.task.turns) - 1
    done = scene.task.turns[last].outcome in ("complete", "transfer")
    thanks = _THANKS if done else 1
    if spoken > 1 and (spoken >= _MAX_USER_BEATS or scene.rng.random() >= thanks):
        return
    key = "thank" if done else "thank_after_no"
    draft.user(last, "thank", styled(scene, scene.grammar.compose(key, scene.style, scene.rng)))
    farewell = "close" if done else "close_after_no"
    draft.assistant(last, "close", scene.grammar.pick(farewell, "any", scene.rng))
