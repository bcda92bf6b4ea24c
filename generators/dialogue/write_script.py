"""The script of a dialogue: who says and does what, in order, for the roles that need no model.

A task's turns become beats: request, question, answer, calls, confirmation, report. The words come
from `generators.language`; the calls are the task's gold calls and nothing else.
"""

from random import Random

from generators.dialogue.handing_over import handed_over
from generators.dialogue.recall_script import recalled
from generators.dialogue.script import Draft, Script, UserBeat
from generators.dialogue.turn_script import ScriptedTurn
from generators.dialogue.user_style import opened, styled
from generators.language.chat import chat_lines, is_chat
from generators.language.grammar import grammar
from generators.language.phrase import Phrase
from generators.language.report import topics
from generators.language.scene import Scene
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.task import Task, TaskTurn

_THANKS = 0.3
_MAX_USER_BEATS = 8


def write_script(world: World, task: Task) -> Script:
    """The dialogue of a task, word for word; equal tasks give equal scripts."""
    rng = Random(derive_seed("words", task.id))
    draft = Draft(Scene(world, task, grammar(), rng))
    for number, turn in enumerate(task.turns):
        if turn.outcome == "refuse" and not turn.calls:
            _refused(draft, number, turn)
        elif turn.recalls and not turn.calls:
            recalled(draft, number, turn)
        elif turn.outcome == "transfer":
            handed_over(draft, number, turn)
        elif is_chat(turn):
            _chatted(draft, number, turn)
        else:
            ScriptedTurn(draft, number, turn).write()
    _farewell(draft)
    return Script(tuple(draft.beats), draft.heard)


def _farewell(draft: Draft) -> None:
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


def _refused(draft: Draft, number: int, turn: TaskTurn) -> None:
    scene = draft.scene
    key = "ask" if number == 0 else "unsupported"
    slot = {"want" if key == "ask" else "wish": turn.intent}
    body = scene.grammar.compose(key, scene.style, scene.rng, **slot)
    draft.user(number, "unsupported_request", opened(scene, number, body.as_sentence()))
    slots = {"wish": _your(turn.intent), "topics": topics(scene)}
    draft.assistant(
        number, "refuse", scene.grammar.compose("refuse", "any", scene.rng, **slots).text
    )


def _chatted(draft: Draft, number: int, turn: TaskTurn) -> None:
    said, answered = chat_lines(turn.intent, draft.scene.rng)
    draft.user(number, "chat", opened(draft.scene, number, Phrase(said).as_sentence()))
    draft.assistant(number, "say", answered)


def _your(wish: str) -> str:
    """The user's wish from the other side: "water your plants while you are away"."""
    swaps = {"my": "your", "me": "you", "I'm": "you're", "I": "you", "mine": "yours"}
    return " ".join(swaps.get(word, word) for word in wish.split())
