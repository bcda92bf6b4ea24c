"""A rule of the business as data: which calls it allows, decided by code.

The same rule is a sentence in the system message, a proof of the task, and a check of the
trajectory. Rows are given to it: a rule opens no environment.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from schemas.leaves import value_at
from schemas.record import JsonObject, Record

Aspect = Literal[
    "argument",  # an argument of the call
    "row",  # a field of the row that the call is about
    "days_since",  # how many days a date in that row lies in the past
    "days_until",  # how many days a date in that row lies ahead
]
Limiting = Literal["at_most", "at_least"]
"""How what is looked at is held against the limit."""


class PolicyRule(Record):
    """What must hold for a tool to be called."""

    tool: str
    """Wire name."""
    aspect: Aspect
    path: str
    """Of the argument, or the name of the row's field."""
    comparison: Limiting
    limit: str | int | float
    table: str = ""
    """Whose row the call is about, where a row is looked at."""
    key: dict[str, str] = Field(default_factory=dict)
    """Field of that row → path of the argument that names it."""
    sentence: str
    """The rule as the system message has it."""


def allows(
    rule: PolicyRule, arguments: JsonObject, rows: Iterable[Mapping[str, Any]], clock: datetime
) -> bool:
    """Whether a call of the rule's tool may be made now.

    ``rows``: those of the rule's table before the call. What the rule speaks of and the call or
    the row does not have is allowed.
    """
    if rule.aspect == "argument":
        seen = _at(arguments, rule.path)
    else:
        wanted = {field: _at(arguments, path) for field, path in rule.key.items()}
        row = next((r for r in rows if all(r.get(f) == v for f, v in wanted.items())), None)
        seen = None if row is None else row.get(rule.path)
    if rule.aspect not in ("argument", "row"):
        days = days_ahead(seen, clock)
        seen = days if days is None or rule.aspect == "days_until" else -days
    unlike = isinstance(seen, bool | list | dict | str) or isinstance(rule.limit, str)
    if seen is None or unlike:
        return True
    return bool(seen <= rule.limit if rule.comparison == "at_most" else seen >= rule.limit)


def days_ahead(value: Any, clock: datetime) -> int | None:
    """How many days a date lies ahead of the clock, negative in the past; None for no date."""
    try:
        return (date.fromisoformat(str(value)[:10]) - clock.date()).days
    except ValueError:
        return None


def _at(arguments: JsonObject, path: str) -> Any:
    try:
        return value_at(arguments, path)
    except KeyError:
        return None
