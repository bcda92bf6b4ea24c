"""How well checks and judges tell clean conversations from damaged ones, by kind of damage.

A false accept is a damaged copy that nobody holds anything against; a false reject is a clean copy
that somebody does. Of a copy that is caught, the message that is blamed first must be the one at
fault. What only a judge can decide is not held against the checks. A judge that gives no answer, or
cannot decide, has neither accepted nor rejected: that is counted apart.
"""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from generators.errors.draft import Kind
from generators.errors.ground import Ground
from generators.errors.make import make_mistake
from schemas.attempt import Rate
from schemas.awaiting import await_all
from schemas.check import EnvironmentFactory
from schemas.record import Record
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Verdict
from validators.checks import examine

Judge = Callable[[Trajectory], Coroutine[Any, Any, Sequence[Verdict]]]
_SERVICE = frozenset({"transient_fault", "lasting_fault"})


class KindResult(Record):
    """What was found of one kind; of nobody's words: of the clean copies, where all is false."""

    kind: str
    by_code: bool
    """Whether code can decide it."""
    accepted: Rate = Rate()
    """Damaged copies that the checks accept."""
    suspected: Rate = Rate()
    """… and those that they leave to a judge."""
    blamed: Rate = Rate()
    """Of those that they caught: with the right message blamed first."""
    judge_silent: Rate = Rate()
    """Copies about which the judge gave no answer that decides; the others:"""
    judge_accepted: Rate = Rate()
    judge_blamed: Rate = Rate()


class Calibration(Record):
    """The whole table."""

    kinds: tuple[KindResult, ...]
    clean: Rate = Rate()
    """Clean copies that the checks reject …"""
    clean_suspected: Rate = Rate()
    """… and those that they leave to a judge."""
    judge_clean: Rate = Rate()
    judge_clean_silent: Rate = Rate()
    judge: str = "none"

    def total(self, name: str, *, by_code: bool = True) -> Rate:
        """A column added up, over the kinds that code can decide, or over all."""
        rates = [getattr(one, name) for one in self.kinds if one.by_code or not by_code]
        return Rate(hits=sum(one.hits for one in rates), of=sum(one.of for one in rates))


def blame_first(trajectory: Trajectory) -> int | None:
    """The first message that its labels hold against the assistant; else the first suspected."""
    sure = (one.message for one in trajectory.labels if {*one.reasons} - _SERVICE)
    reasons = (reason for verdict in trajectory.verdicts for reason in verdict.reasons)
    suspected = [one.message for one in reasons if one.suspect and one.message is not None]
    return next(sure, min(suspected, default=None))


def is_left(trajectory: Trajectory) -> bool:
    """Whether the checks find no fault, and suspect one."""
    labels = {one.label for one in trajectory.verdicts}
    return "bad" not in labels and "unknown" in labels


def find_judged(verdicts: Sequence[Verdict]) -> list[int | None]:
    """The messages that a judge holds something against; None: the whole."""
    held = [one for one in verdicts if one.label not in ("good", "unknown")]
    found = [reason.message for one in held for reason in one.reasons]
    return found or [None for _ in held]


def is_silent(verdicts: Sequence[Verdict]) -> bool:
    """Whether a judge holds nothing against a conversation, and does not call it good."""
    return not find_judged(verdicts) and any(one.label == "unknown" for one in verdicts)


async def calibrate(
    trajectories: Iterable[Trajectory],
    environments: EnvironmentFactory,
    kinds: Sequence[Kind],
    most: int,
    seed: int,
    judge: Judge | None = None,
    name: str = "none",
    *,
    as_model: bool = False,
) -> Calibration:
    """Damage copies until there are ``most`` of each kind, or no trajectory is left.

    ``as_model``: the checks are shown them as if a model had played, of which nobody says what its
    words amount to.
    """
    found: dict[str, KindResult] = {}
    clean = judge_clean = judge_clean_silent = clean_suspected = Rate()
    own = {"roles": Roles(user="a model", assistant="a model")} if as_model else {}
    for trajectory in trajectories:
        wanted = [
            one for one in kinds if one.name not in found or found[one.name].accepted.of < most
        ]
        if not wanted:
            break
        ground = Ground(trajectory, environments)
        made = [one for kind in wanted if (one := make_mistake(ground, kind, seed)) is not None]
        plain = trajectory.model_copy(update={"verdicts": (), "labels": (), **own})
        seen = examine(plain, environments)
        clean = clean.count(hit=not seen.accepted and not is_left(seen))
        clean_suspected = clean_suspected.count(hit=is_left(seen))
        # A judge is not told what code has put in.
        twins = [one.twin.model_copy(update={"slips": (), **own}) for one in made]
        told: list[Sequence[Verdict]] = []
        if judge is not None:
            verdicts = await await_all(map(judge, (plain, *twins)))
            silent = is_silent(verdicts[0])
            judge_clean_silent = judge_clean_silent.count(hit=silent)
            if not silent:
                judge_clean = judge_clean.count(hit=bool(find_judged(verdicts[0])))
            told = [*verdicts[1:]]
        for number, (one, twin) in enumerate(zip(made, twins, strict=True)):
            kind, place = one.mistake.kind, one.mistake.blame
            by_code = one.mistake.code is not None
            before = found.get(kind) or KindResult(kind=kind, by_code=by_code)
            examined = examine(twin, environments)
            update = {
                "accepted": before.accepted.count(hit=examined.accepted),
                "suspected": before.suspected.count(hit=is_left(examined)),
            }
            if not examined.accepted and not is_left(examined):
                update["blamed"] = before.blamed.count(hit=blame_first(examined) == place)
            if told:
                held, silent = find_judged(told[number]), is_silent(told[number])
                update["judge_silent"] = before.judge_silent.count(hit=silent)
                if not silent:
                    update["judge_accepted"] = before.judge_accepted.count(hit=not held)
                if held:
                    update["judge_blamed"] = before.judge_blamed.count(hit=place in held)
            found[kind] = before.model_copy(update=update)
    order = [kind.name for kind in kinds if kind.name in found]
    return Calibration(
        kinds=tuple(found[kind] for kind in order), clean=clean, judge_clean=judge_clean,
        judge_clean_silent=judge_clean_silent, clean_suspected=clean_suspected, judge=name,
    )  # fmt: skip
