"""The user is asked whether to go ahead, without hearing with what."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, draw_words
from generators.errors.ground import Ground
from schemas.message import AssistantMessage, FromUser
from schemas.seen import find_told

_FIGURES = ("date", "time", "datetime", "number")


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
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


KIND = Kind(
    "thin_question",
    "the user agrees without hearing to what",
    "The user was asked for leave without hearing what {tool} would be told.",
    _place,
)
