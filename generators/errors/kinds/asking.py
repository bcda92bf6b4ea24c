"""Questions: one that was left out, asked too late, of too little, or of too much."""

from collections.abc import Iterator
from functools import partial
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall, draw_words
from generators.errors.ground import Ground, shuffled
from generators.lexicon.names import label
from generators.lexicon.relations import find_counted
from schemas.message import AssistantMessage, FromUser, UserMessage
from schemas.seen import find_told


def _place_unconfirmed(rushed: bool, ground: Ground, rng: Random) -> Iterator[Draft]:
    """``rushed``: the question comes all the same, behind the call."""
    messages, turns = ground.clean.messages, ground.clean.task.turns
    for step in ground.drawn(rng, writes=True):
        turn = step.message.turn
        own = [n for n in ground.own_turn(turn) if n < step.position]
        asks = [n for n in own if isinstance(one := messages[n], AssistantMessage)
                and one.act == "confirm"]  # fmt: skip
        if turn >= len(turns) or not turns[turn].confirm or not asks:
            continue
        # Where the user says more in their answer than yes, the call needs it.
        told = {getattr(one.source, "message", None) for one in step.call.provenance}
        if not told.isdisjoint(range(asks[0], step.position)):
            continue
        wrong = WrongCall(step.call.name, step.call.arguments, step.call)
        made = (step.position, step.position + 1) if rushed else ()
        yield Draft(
            decision=asks[0], resume=asks[0] if rushed else step.end, act="call",
            code="unconfirmed_write", text=step.message.text, calls=(wrong,),
            details={"tool": step.call.name}, dropped=frozenset(made),
        )  # fmt: skip


UNCONFIRMED = Kind(
    "missing_confirmation",
    "a write without asking for the confirmation that it needs",
    "{tool} changes something, and the user was not asked before.",
    partial(_place_unconfirmed, False),
)
PREMATURE = Kind(
    "premature_call",
    "a write first, and the question afterwards",
    "{tool} was called before the user had answered.",
    partial(_place_unconfirmed, True),
)


_FIGURES = ("date", "time", "datetime", "number")


def _place_thin_question(ground: Ground, rng: Random) -> Iterator[Draft]:
    turns = ground.clean.task.turns
    for step in ground.drawn(rng, writes=True):
        turn = step.message.turn
        asks = [n for n in ground.own_turn(turn) if n < step.position
                and isinstance(one := ground.clean.messages[n], AssistantMessage)
                and one.act == "confirm"]  # fmt: skip
        own = ground.demands(step.call.name, "named")
        named = {path for demand in own for path in demand.parameters}
        shown = ground.shown(step.position)
        rows = [row for demand in own for row in find_told(demand, step.call.arguments, shown)]
        # What has to be heard: figures that the user gave, and what a rule of the service lists.
        heard = [
            one.path for one in step.call.provenance
            if isinstance(one.source, FromUser) and asks and one.source.message < asks[0]
            and (one.path in named or one.source.rule in _FIGURES)
        ]  # fmt: skip
        if turn < len(turns) and turns[turn].confirm and len(asks) == 1 and (heard or rows):
            yield Draft(
                decision=asks[0], resume=asks[0] + 1, code="consent_incomplete", act="confirm",
                text=draw_words(rng, "thin_question", "said"), details={"tool": step.call.name},
            )  # fmt: skip


THIN_QUESTION = Kind(
    "thin_question",
    "the user agrees without hearing to what",
    "The user was asked for leave without hearing what {tool} would be told.",
    _place_thin_question,
)


def _place_over_asking(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        said = [
            (one.path, one.source.span) for one in step.call.provenance
            if isinstance(one.source, FromUser) and "." not in one.path and "[" not in one.path
        ]  # fmt: skip
        before = ground.clean.messages[step.position - 1]
        if not said or not isinstance(before, UserMessage):
            continue
        path, span = shuffled(rng, said)[0]
        reply = before.model_copy(
            update={
                "text": draw_words(rng, "over_asking", "answer").format(said=span),
                "act": "inform",
            }
        )
        yield Draft(
            decision=step.position, resume=step.position, code=None, act="clarify",
            text=draw_words(rng, "over_asking", "said").format(name=_call_parameter(path)),
            reply=reply,
            details={"tool": step.call.name, "parameter": path},
        )  # fmt: skip


def _call_parameter(parameter: str) -> str:
    """What people call it: ``number of bags paid for``."""
    counted = find_counted(parameter)
    return f"number of {counted.label}" if counted else label(parameter)


OVER_ASKING = Kind(
    "over_asking",
    "the user is asked for what they have said",
    "The user had given what {parameter} needs.",
    _place_over_asking,
)
