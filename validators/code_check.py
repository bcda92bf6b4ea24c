"""Turns a generator of reasons into a check, so that every check fails closed in the same way."""

from collections.abc import Callable, Iterable
from functools import wraps

from schemas.check import Check, CheckContext
from schemas.reasons import BY_CODE, reason
from schemas.verdict import Level, Reason, Verdict

Finder = Callable[[CheckContext], Iterable[Reason]]


def code_check(name: str, level: Level, version: int = 1) -> Callable[[Finder], Check]:
    """Decorate a function that yields what is wrong, and get the check.

    An error that it raises becomes an ``unknown`` verdict with the code ``check_failed``.
    """

    def decorate(find: Finder) -> Check:
        @wraps(find)
        def check(context: CheckContext) -> Verdict:
            try:
                reasons = tuple(find(context))
            except Exception as error:  # a check that cannot answer must not pass
                problem = f"{type(error).__name__}: {error}"
                reasons = (reason("check_failed", explanation=problem),)
            return conclude(name, level, reasons, version)

        return check

    return decorate


def conclude(name: str, level: Level, reasons: tuple[Reason, ...], version: int = 1) -> Verdict:
    """Good without reasons, else as bad as the worst of them; a suspicion is ``unknown``."""
    labels = {"unknown" if found.suspect else BY_CODE[found.code].label for found in reasons}
    return Verdict(
        check=name,
        version=version,
        level=level,
        label="good" if not labels else "bad" if "bad" in labels else "unknown",
        reasons=reasons,
    )
