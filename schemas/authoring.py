"""What a hand-written environment is written with: import it from here into your own module.

::

    from schemas.authoring import ToolError, policy, read, write

    class Shop:
        def __init__(self, seed: int, clock: datetime) -> None: ...

        @read
        def get_order(self, order_id: str) -> Order: ...

        @write
        def return_order(self, order_id: str) -> Order: ...

        @policy("Orders can be returned within 30 days.", of="return_order")
        def in_time(self, tool: str, arguments: dict[str, Any]) -> bool: ...

Public methods are tools; those that are marked `policy` are rules instead. How such a class is
found and run is known in `generators.backends.python_backend`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])
EFFECT, POLICY = "__toolweave_effect__", "__toolweave_policy__"
"""Attributes of functions that the marks are kept in."""


class ToolError(Exception):
    """A call that is refused: the caller sees code and message, and nothing has been changed."""

    def __init__(self, code: str, message: str) -> None:
        """``code`` is one word such as ``not_found``; ``message`` a sentence for the caller."""
        super().__init__(message)
        self.code, self.message = code, message


def read(method: Method) -> Method:
    """Mark a tool that changes nothing; without a mark, its name decides."""
    setattr(method, EFFECT, "read")
    return method


def write(method: Method) -> Method:
    """Mark a tool that changes the state; without a mark, its name decides."""
    setattr(method, EFFECT, "write")
    return method


@dataclass(frozen=True)
class PolicyMark:
    """What `policy` notes on a function."""

    text: str
    tools: frozenset[str]
    """Names of the methods it is about; empty: all."""


def policy(text: str, of: str | tuple[str, ...] = ()) -> Callable[[Method], Method]:
    """Mark a check that says whether a call is allowed in the present state.

    It is a method ``(self, tool, arguments) -> bool``, or a function of the module
    ``(environment, tool, arguments) -> bool``; it only reads. ``text`` is the rule as the assistant
    is told it, ``of`` names the tools that it is about. Whether a call that is forbidden fails is
    the tool's own affair: many do not.
    """

    def mark(function: Method) -> Method:
        setattr(function, POLICY, PolicyMark(text, tools))
        return function

    tools = frozenset((of,) if isinstance(of, str) else of)
    return mark


def effect_of(method: Any) -> Literal["read", "write"] | None:
    """The mark of a tool; None where it has none."""
    effect: Literal["read", "write"] | None = getattr(method, EFFECT, None)
    return effect
