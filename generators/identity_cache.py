"""Caches by identity: what is worked out once for an object that never changes.

Every step of the way may use them; they know nothing of what is cached.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
_LIMIT = 32_768


class Same(Generic[T]):
    """A key for a cache: equal only for one and the same object, which it keeps alive."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        """Whether both hold one and the same object."""
        return isinstance(other, Same) and self.it is other.it

    def __hash__(self) -> int:
        """The object's own identity."""
        return id(self.it)


class Kept(Generic[P, R]):
    """Work whose last results are kept; a process that comes back to more of them keeps more."""

    def __init__(self, work: Callable[P, R], most: int) -> None:
        self._work = work
        self.keep(most)

    def keep(self, most: int) -> None:
        """Keep so many from now on; what was kept is forgotten."""
        self._known: Callable[P, R] = lru_cache(maxsize=most)(self._work)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What is kept, or what the work gives now."""
        return self._known(*args, **kwargs)


def kept(most: int) -> Callable[[Callable[P, R]], Kept[P, R]]:
    """Keep so many of the last results of a function, which are worked out once."""
    return lambda work: Kept(work, most)


def remembered(work: Callable[[T], R]) -> Callable[[T], R]:
    """``work`` on one object that is never changed, done once for each object.

    Faster than a cache by `Same`, for what is looked up many times a call. The object is kept
    alive, so that no other can have its place in memory; where there are too many, all are
    forgotten, which costs time and changes no result.
    """
    known: dict[int, tuple[T, R]] = {}

    @wraps(work)
    def look(it: T) -> R:
        try:
            return known[id(it)][1]
        except KeyError:  # seldom: what is looked up many times costs no question
            pass
        found = work(it)
        if len(known) >= _LIMIT:
            known.clear()
        known[id(it)] = (it, found)
        return found

    return look
