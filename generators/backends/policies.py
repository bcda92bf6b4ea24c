"""The policies of a hand-written environment: their texts, and which of them a call breaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from generators.backends.authoring import ToolError, rule_of
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
