"""Difficulty operators: what makes a conversation more than a list of requests.

Each is a function from plan to plan, in a module of its own.
"""

from generators.tasks.operators.clarify import clarify
from generators.tasks.operators.compare import compare
from generators.tasks.operators.delayed import delayed
from generators.tasks.operators.ellipsis import ellipsis
from generators.tasks.operators.fault import fault
from generators.tasks.operators.forbid import forbid
from generators.tasks.operators.formatted import formatted
from generators.tasks.operators.fuzzy import fuzzy
from generators.tasks.operators.hurry import hurry
from generators.tasks.operators.inject import inject
from generators.tasks.operators.permit import permit
from generators.tasks.operators.recall import recall
from generators.tasks.operators.revise import revise
from generators.tasks.operators.stale import stale
from generators.tasks.operators.transfer import transfer
from generators.tasks.operators.unanswerable import unanswerable
from generators.tasks.operators.unknown import unknown
from generators.tasks.plan import Operator

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
