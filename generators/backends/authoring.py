"""What a hand-written environment is written with: import it from here into your own module.

::

    from generators.backends.authoring import ToolError, policy, read, write

    class Shop:
        def __init__(self, seed: int, clock: datetime) -> None: ...

        @read
        def get_order(self, order_id: str) -> Order: ...

        @write
        def return_order(self, order_id: str) -> Order: ...

        @policy("Orders can be returned within 30 days.", of="return_order")
        def in_time(self, tool: str, arguments: dict[str, Any]) -> bool: ...

Public methods are tools; those that are marked `policy` are rules instead. How such a class is
found and run is known in `generators.backends.loading` and `generators.backends.python_backend`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeVar

from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Policy:
    """A rule that code can check."""

    name: str
    text: str
    tools: frozenset[str]
    """Methods that it is about; empty: all."""
    allows: Callable[[Any, str, JsonObject], bool]
    """Object, method and arguments → whether the call is allowed in the present state."""


def policies_of(kind: type[Any], module: ModuleType) -> tuple[Policy, ...]:
    """The marked methods of a class, its bases' first, then the marked functions of its module."""
    known: dict[str, Policy] = {}
    for owner in (*reversed(kind.__mro__), module):
        for name, value in vars(owner).items():
            rule = rule_of(value)
            if rule is not None:
                known[name] = Policy(name, rule.text, rule.tools, value)
            elif owner is not module:
                known.pop(name, None)
    return tuple(known.values())


def broken(
    policies: Sequence[Policy], target: Any, tool: str, arguments: JsonObject, file: str
) -> tuple[str, ...]:
    """The texts of the policies that a call would break in the present state of ``target``.

    A policy that raises ToolError or LookupError has nothing to say: what the call is about does
    not exist, and the call itself will fail. Raises InputError for any other error, and for an
    answer that is neither true nor false.
    """
    found = []
    for policy in policies:
        if policy.tools and tool not in policy.tools:
            continue
        try:
            allowed = policy.allows(target, tool, arguments)
        except (ToolError, LookupError):
            continue
        except Exception as error:
            problem = f"the policy raises {type(error).__name__}: {error}"
            raise InputError(problem, file=file, place=policy.name) from error
        if not isinstance(allowed, bool):
            problem = f"the policy must answer true or false, not {allowed!r}"
            raise InputError(problem, file=file, place=policy.name)
        if not allowed:
            found.append(policy.text)
    return tuple(found)


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
    return _marked(method, EFFECT, "read")


def write(method: Method) -> Method:
    """Mark a tool that changes the state; without a mark, its name decides."""
    return _marked(method, EFFECT, "write")


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
    tools = frozenset((of,) if isinstance(of, str) else of)
    return lambda function: _marked(function, POLICY, PolicyMark(text, tools))


def effect_of(method: Any) -> Literal["read", "write"] | None:
    """The mark of a tool; None where it has none."""
    effect: Literal["read", "write"] | None = getattr(method, EFFECT, None)
    return effect


def rule_of(function: Any) -> PolicyMark | None:
    """The mark of a policy; None where it has none."""
    found = getattr(function, POLICY, None)
    return found if isinstance(found, PolicyMark) else None


def _marked(method: Method, name: str, mark: object) -> Method:
    setattr(method, name, mark)
    return method
