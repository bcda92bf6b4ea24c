"""Arguments for a call that will succeed and, for a read, find something.

All values come from one target row and the rows that it names, or are invented together, so that
they agree with each other and with the state. The call is tried before it is proposed.
"""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from generators.sandbox.compiled_tools import CompiledTool
from generators.sandbox.draft import Draft
from generators.sandbox.proposal import Proposal
from generators.sandbox.sandbox import Sandbox
from schemas.record import JsonObject

_TRIES = 8
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def propose(
    sandbox: Sandbox,
    name: str,
    rng: Random,
    given: Mapping[str, Any] = _NOTHING,
    optional: int = 1,
) -> JsonObject | None:
    """Arguments for a call of the tool, or None where none was found that succeeds; see `tried`."""
    found = tried(sandbox, name, rng, given, optional)
    return None if found is None else found.arguments


def tried(
    sandbox: Sandbox,
    name: str,
    rng: Random,
    given: Mapping[str, Any] = _NOTHING,
    optional: int = 1,
) -> Proposal | None:
    """A call of the tool with what came of it, or None where none was found that succeeds.

    ``given`` maps concrete leaf paths (``item_ids[0]``) to values that must be used as they are; at
    most ``optional`` parameters that need not be given are added, unless the call makes no sense
    without one. The state is left as it was.
    """
    plan, refusals = sandbox.plan(name), []
    for _ in range(_TRIES):
        arguments = Draft(sandbox, plan, rng, given, optional).arguments()
        if arguments is None:
            return None  # no row suits what is given, and none will
        before = sandbox.snapshot()
        outcome = sandbox.call(name, arguments)
        after = sandbox.snapshot() if plan.model.writes else before
        if plan.model.writes:
            sandbox.restore(before)
        if not outcome.is_error and _is_useful(plan, outcome.content, changed=after != before):
            return Proposal(arguments, outcome, after)
        if outcome.is_error and given and outcome.content in refusals:
            return None  # what is refused twice is what is given
        refusals.append(outcome.content)
    return None


def _is_useful(plan: CompiledTool, result: Any, *, changed: bool) -> bool:
    """Whether a list finds something, and a write changes something."""
    if plan.model.operation == "list":
        return _finds(plan, result)
    return changed or not plan.model.writes or not _has_effect(plan)


def _has_effect(plan: CompiledTool) -> bool:
    """Whether the call could change anything: a tool that only triggers something cannot.

    References of an update without an identity say which row is meant, and change none.
    """
    placed = plan.model.operation == "update" and not any(plan.of("identity"))
    written = plan.of("field") if placed else plan.of("field", "reference")
    return any(written) or plan.model.transition is not None


def _finds(plan: CompiledTool, content: Any) -> bool:
    shown = content
    for name in plan.rows_at.split("."):
        shown = shown.get(name, shown) if isinstance(shown, dict) else shown
    return bool(shown)
