"""What an expression sees: fields, the rows that they refer to, and rows that it goes through."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

from generators.world.expression_values import (
    DAY,
    MISSING,
    Each,
    apply_each,
    are_equal,
    contains,
)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ExpressionScope(Protocol):
    """What an expression can see. Each gives `MISSING` where there is nothing by that name."""

    @property
    def held(self) -> Mapping[str, Any]:
        """Of what `value` gives, that which is looked at first: fields, parameters."""
        return _NOTHING

    def value(self, name: str) -> Any:
        """A parameter, a field, or a name such as ``row``, ``today``, ``now``."""

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        """The row to which a row refers by that name; None: to which the arguments do."""
        del row, name
        return MISSING

    def rows(self, entity: str) -> Iterable[Mapping[str, Any]]:
        """All rows of an entity, by its noun: ``order item``."""
        del entity
        return ()


def take(scope: ExpressionScope, value: Any, name: str) -> Any:
    """A field of a row, or the row that it refers to by that name; of each, all of them."""
    if type(value) is Each:
        return Each(map(partial(take, scope, name=name), value))
    if type(value) is not dict and not isinstance(value, Mapping):  # the first is told sooner
        return MISSING
    found = value[name] if name in value else scope.refer(value, name)
    return MISSING if found is None else found


def find_named(scope: ExpressionScope, name: str) -> Any:
    """What a scope has by that name, or what its arguments refer to by it."""
    value = scope.value(name)
    if value is MISSING:
        value = scope.refer(None, name)
    return MISSING if value is None else value


def search(values: Any, whole: Any) -> Any:
    """Whether values are in a list or text."""
    if type(values) is str and type(whole) is list and values in whole:
        return True
    return apply_each(partial(contains, whole=whole), values)


def query(
    scope: ExpressionScope,
    summarise: Callable[[Iterator[Mapping[str, Any]]], Any],
    entity: str,
    filters: list[tuple[str, Any]],
    is_such: Callable[[Mapping[str, Any]], bool] | None,
) -> Any:
    """Go through the rows of an entity; a row that is not known to be such is none."""
    rows, others = scope.rows(entity), []
    for name, wanted in filters:
        if wanted is MISSING:
            return MISSING
        if type(wanted) is str and not wanted[:1].isdecimal():  # equal to its like alone
            rows = [row for row in rows if row.get(name) == wanted]
        elif type(wanted) is str and len(wanted) == DAY:  # so is a day among days
            rows = [
                row for row in rows
                if (held := row.get(name)) == wanted
                or ((type(held) is not str or len(held) != DAY)
                    and _has_all(scope, row, [(name, wanted)]))
            ]  # fmt: skip
        else:
            others.append((name, wanted))
    if others:
        rows = filter(partial(_has_all, scope, filters=others), rows)
    if is_such is not None:
        rows = filter(is_such, rows)
    listed = [(name, wanted) for name, wanted in others if isinstance(wanted, list)]
    if summarise is list and listed:  # what is named twice is there twice: two of one item
        return [row for row in rows for _ in range(_count_named(scope, row, listed))]
    return summarise(iter(rows))


def _has_all(
    scope: ExpressionScope, row: Mapping[str, Any], filters: list[tuple[str, Any]]
) -> bool:
    """Whether a row is known to have what each field is to be equal to, or one of a list."""
    for name, wanted in filters:
        found = row[name] if name in row else take(scope, row, name)
        if found is MISSING or found is None:
            return False
        if isinstance(wanted, list) and not isinstance(found, list):
            if not any(are_equal(found, one) for one in wanted if one is not MISSING):
                return False
        elif not are_equal(found, wanted):
            return False
    return True


def _count_named(
    scope: ExpressionScope, row: Mapping[str, Any], listed: list[tuple[str, list[Any]]]
) -> int:
    """How often lists of wanted values name the value that the row has."""
    found = ((row[name] if name in row else take(scope, row, name), of) for name, of in listed)
    return max(1, *(sum(are_equal(held, one) for one in of if one is not MISSING)
                    for held, of in found))  # fmt: skip


QUERIES: Mapping[str, str] = {
    "exists": "whether an entity has such a row: exists(loan, member_id=member_id)",
    "none": "whether an entity has no such row",
    "count": "how many such rows an entity has",
    "rows": "such rows of an entity: rows(transaction, account_id=account_id)[].amount",
}
"""Functions whose first argument is an entity, and what they give."""
SUMMARIES: Mapping[str, Callable[[Iterator[Any]], Any]] = {
    "exists": any,
    "count": lambda rows: len(list(rows)),
    "rows": list,
}
"""The same, on the rows that are found; ``none`` is what ``exists`` denies."""
