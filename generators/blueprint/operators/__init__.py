"""Difficulty operators: what makes a conversation more than a list of requests.

Each is a function from plan to plan, in a module of its own.
"""

from generators.blueprint.operators.clarify import clarify
from generators.blueprint.operators.compare import compare
from generators.blueprint.operators.delayed import delayed
from generators.blueprint.operators.ellipsis import ellipsis
from generators.blueprint.operators.fault import fault
from generators.blueprint.operators.forbid import forbid
from generators.blueprint.operators.formatted import formatted
from generators.blueprint.operators.fuzzy import fuzzy
from generators.blueprint.operators.hurry import hurry
from generators.blueprint.operators.inject import inject
from generators.blueprint.operators.permit import permit
from generators.blueprint.operators.recall import recall
from generators.blueprint.operators.revise import revise
from generators.blueprint.operators.stale import stale
from generators.blueprint.operators.transfer import transfer
from generators.blueprint.operators.unanswerable import unanswerable
from generators.blueprint.operators.unknown import unknown
from generators.blueprint.plan import Operator

OPERATORS: tuple[Operator, ...] = (
    compare,
    fuzzy,
    ellipsis,
    stale,
    recall,
    clarify,
    unknown,
    revise,
    fault,
    forbid,
    unanswerable,
    permit,
    transfer,
    hurry,
    inject,
    formatted,
    delayed,
)
"""In the order in which they are tried."""
