"""Difficulty operators: what makes a conversation more than a list of requests.

Each has a folder of its own, with its change of the plan, its part of the script, its phrases and
what the documentation says of it (`generators.operators.operator.Operator`). This tuple is the mix.
"""

from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import ConfigDict, Field, create_model

from generators.dialogue.script import Script
from generators.dialogue.write_script import write_script
from generators.language.phrase import Grammar, grammar
from generators.operators.aside import Aside
from generators.operators.clarify import Clarify
from generators.operators.compare import Compare
from generators.operators.delayed import Delayed
from generators.operators.ellipsis import Ellipsis
from generators.operators.fault import Failing
from generators.operators.forbid import Forbid
from generators.operators.formatted import Formatted
from generators.operators.fuzzy import Fuzzy
from generators.operators.group import Group
from generators.operators.hurry import Hurry
from generators.operators.inject import Inject
from generators.operators.operator import Operator
from generators.operators.permit import Permit
from generators.operators.recall import Recall
from generators.operators.revise import Revise
from generators.operators.second_domain import SecondDomain
from generators.operators.stale import Stale
from generators.operators.transfer import Transfer
from generators.operators.unanswerable import Unanswerable
from generators.operators.unknown import Unknown
from generators.tasks.plan import SHARES, Mix
from generators.world.model import World
from schemas.task import Task

OPERATORS: tuple[Operator, ...] = (
    Compare(),
    Fuzzy(),
    Ellipsis(),
    Stale(),
    Recall(),
    Clarify(),
    Unknown(),
    Revise(),
    Aside(),
    Failing(),
    Forbid(),
    Unanswerable(),
    Permit(),
    Transfer(),
    Hurry(),
    Inject(),
    Formatted(),
    Delayed(),
    SecondDomain(),
    Group(),
)
"""In the order in which they are tried."""
USUAL_MIX = Mix(
    MappingProxyType(
        {**SHARES, **{mark.name: mark.share for one in OPERATORS for mark in one.marks}}
    )
)
"""How often each is tried where nobody says otherwise."""
_SHARES: dict[str, Any] = {
    key: (Annotated[float, Field(ge=0, le=1)], share) for key, share in USUAL_MIX.items()
}
_MixModel = create_model("_MixModel", __config__=ConfigDict(extra="forbid"), **_SHARES)


def make_mix(**shares: Any) -> Mix:
    """The usual mix with some shares changed, which are then steered to.

    Raises pydantic's ValidationError for a key that no operator has, and a share beyond 0 to 1.
    """
    made = _MixModel.model_validate(shares)
    return Mix(MappingProxyType(made.model_dump()), frozenset(made.model_fields_set))


def script_of(world: World, task: Task) -> Script:
    """The scripted dialogue of a task."""
    return write_script(world, task, OPERATORS, full_grammar())


@cache
def full_grammar() -> Grammar:
    """The grammar with the phrases of all operators."""
    return grammar().with_phrases(filter(None, (operator.phrases for operator in OPERATORS)))
