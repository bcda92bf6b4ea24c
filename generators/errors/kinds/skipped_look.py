"""A write before the read on which it hangs, or sent again blindly."""

from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground, Step, shuffled
from schemas.message import FromResult


def _feeds(ground: Ground, look: Step) -> bool:
    """Whether a later call takes a value from what a read shows."""
    return any(
        isinstance(given.source, FromResult) and given.source.message == look.answer.index
        for step in ground.steps for given in step.call.provenance
    )  # fmt: skip


def _skip(ground: Ground, rng: Random) -> Draft | None:
    pairs = [*zip(ground.steps, ground.steps[1:], strict=False)]
    seen = {one.tool for one in ground.clean.task.demands if one.demand.kind == "seen"}
    for look, write in shuffled(rng, pairs):
        needed = write.call.name in seen and write.writes and not look.writes
        if needed and write.position == look.end and not _feeds(ground, look):
            wrong = WrongCall(write.call.name, write.call.arguments, write.call)
            return Draft(
                decision=look.position, resume=write.end, code="policy_read_missing",
                act=write.message.act, text=write.message.text, calls=(wrong,), succeeds=True,
                details={"tool": write.call.name},
            )  # fmt: skip
    return None


SKIPPED = Kind(
    "skipped_look",
    "a write without the look on which it hangs",
    "{tool} was called before what it hangs on had been looked at.",
    _skip,
)


def _blind(ground: Ground, rng: Random) -> Draft | None:
    silent = [
        one for one in ground.steps
        if one.writes and one.answer.fault and one.answer.fault.kind in ("timeout", "server_error")
    ]  # fmt: skip
    for failed in shuffled(rng, silent):
        looks = [one for one in ground.steps if one.position == failed.end and not one.writes]
        again = [one for one in ground.steps if one.position > failed.position
                 and one.call.arguments == failed.call.arguments and one.writes]  # fmt: skip
        if looks and again and again[0].position == looks[0].end:
            wrong = WrongCall(again[0].call.name, again[0].call.arguments, again[0].call)
            return Draft(
                decision=looks[0].position, resume=again[0].end, code="blind_repeat", act="retry",
                text=again[0].message.text, calls=(wrong,), details={"tool": failed.call.name},
            )  # fmt: skip
    return None


BLIND = Kind(
    "blind_repeat",
    "a write that may have been made is sent again, without a look",
    "{tool} had failed in a way that leaves open whether it was carried out.",
    _blind,
)
