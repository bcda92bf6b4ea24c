"""A write before the read on which it hangs, or sent again blindly."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, WrongCall
from generators.errors.ground import Ground, shuffled
from schemas.message import FromResult
from schemas.seen import find_unseen


def _skip(ground: Ground, rng: Random) -> Iterator[Draft]:
    pairs = [*zip(ground.steps, ground.steps[1:], strict=False)]
    for look, write in shuffled(rng, pairs):
        shown, given = ground.shown(look.position), write.call.arguments
        unseen = any([*find_unseen(demand, given, shown)]
                     for demand in ground.demands(write.call.name, "seen"))  # fmt: skip
        sources = (given.source for step in ground.steps for given in step.call.provenance)
        feeds = any(isinstance(one, FromResult) and one.message == look.answer.index
                    for one in sources)  # fmt: skip
        beside = write.writes and not look.writes and write.position == look.end
        if unseen and beside and not feeds:
            wrong = WrongCall(write.call.name, write.call.arguments, write.call)
            yield Draft(
                decision=look.position, resume=write.end, code="policy_read_missing",
                act=write.message.act, text=write.message.text, calls=(wrong,), succeeds=True,
                details={"tool": write.call.name},
            )  # fmt: skip


SKIPPED = Kind(
    "skipped_look",
    "a write without the look on which it hangs",
    "{tool} was called before what it hangs on had been looked at.",
    _skip,
)


def _blind(ground: Ground, rng: Random) -> Iterator[Draft]:
    safe = {one.tool for one in ground.clean.task.calls if one.repeatable}
    silent = [
        one for one in ground.steps
        if one.writes and one.answer.fault and one.answer.fault.kind in ("timeout", "server_error")
        and one.call.name not in safe
    ]  # fmt: skip
    for failed in shuffled(rng, silent):
        looks = [one for one in ground.steps if one.position == failed.end and not one.writes]
        if looks:
            wrong = WrongCall(failed.call.name, failed.call.arguments, failed.call)
            yield Draft(
                decision=failed.end, resume=failed.end, code="blind_repeat", act="retry",
                calls=(wrong,), details={"tool": failed.call.name},
            )  # fmt: skip


BLIND = Kind(
    "blind_repeat",
    "a write that may have been made is sent again, without a look",
    "{tool} had failed in a way that leaves open whether it was carried out.",
    _blind,
)
