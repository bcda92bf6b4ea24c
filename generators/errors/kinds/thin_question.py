"""The user is asked whether to go ahead, without hearing with what."""

from random import Random

from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground
from schemas.message import AssistantMessage

_THIN = ("Shall I go ahead?", "May I do that now?", "Is that all right with you?")


def _place(ground: Ground, rng: Random) -> Draft | None:
    turns = ground.clean.task.turns
    for step in ground.drawn(rng, writes=True):
        turn = step.message.turn
        asks = [n for n in ground.own_turn(turn) if n < step.position
                and isinstance(one := ground.clean.messages[n], AssistantMessage)
                and one.act == "confirm"]  # fmt: skip
        heard = {one.demand.kind for one in ground.clean.task.demands if one.tool == step.call.name}
        if turn < len(turns) and turns[turn].confirm and len(asks) == 1 and "named" in heard:
            return Draft(
                decision=asks[0], resume=asks[0] + 1, code="consent_incomplete", act="confirm",
                text=rng.choice(_THIN), details={"tool": step.call.name},
            )  # fmt: skip
    return None


KIND = Kind(
    "thin_question",
    "the user agrees without hearing to what",
    "The user was asked for leave without hearing what {tool} would be told.",
    _place,
)
