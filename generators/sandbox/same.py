"""Something looked up by identity, so that what is worked out for it can be remembered."""

from typing import Generic, TypeVar

T = TypeVar("T")


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
