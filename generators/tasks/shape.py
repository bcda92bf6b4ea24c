"""What makes a plan hard by its shape alone: hidden steps, and missions that hang together.

These are not added by an operator of `generators.tasks.operators`; chains have them, by chance
or by an operator on chains (`generators.sampling.operators`).
"""

from dataclasses import replace

from generators.tasks.plan import Plan
from schemas.graph import ToolChain

_RELATED = 2
"""Turns that go on from what an earlier one found, where missions hang together."""


def shaped(plan: Plan, chain: ToolChain) -> Plan:
    """The plan with its shape noted among the operators."""
    noted = (("implicit", _has_hidden_steps(plan, chain)), ("missions", _has_missions(plan)))
    return replace(plan, operators=(*plan.operators, *(name for name, holds in noted if holds)))


def _has_hidden_steps(plan: Plan, chain: ToolChain) -> bool:
    """Whether a turn has a step between what the user says and what they want.

    Such a step takes from an earlier call of its turn and gives to a later one, or the chain's
    composition has hidden it (FunReason-MT, arXiv 2510.24645).
    """
    composed = set(chain.implicit)
    for turn in plan.turns:
        lent = {source for call in turn.calls for source in plan.done[call].sources}
        for call in lent.intersection(turn.calls):
            takes = plan.done[call].sources.intersection(turn.calls)
            if takes or plan.done[call].step in composed:
                return True
    return False


def _has_missions(plan: Plan) -> bool:
    """Whether several turns go on from what earlier ones found (arXiv 2504.02623)."""
    related = 0
    for turn in plan.turns:
        sources = {source for call in turn.calls for source in plan.done[call].sources}
        related += bool(turn.calls) and not sources.issubset(turn.calls)
    return related >= _RELATED
