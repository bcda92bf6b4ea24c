"""How values and rows are compared: leniently in form, as of case or of ``12`` and ``"12"``."""

from collections.abc import Callable, Mapping
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.sandbox.phrases import content_words
from schemas.canonical import canonical_json
from schemas.record import JsonObject

Row = Mapping[str, Any]
"""Field → value. Rows are never changed: a write puts a new one in the place of the old."""
Key = tuple[str, ...]
"""The values of an entity's identity, as text."""
_NESTED = (dict, list)


def as_text(value: Any) -> str:
    """One text for values that are equal: ``12``, ``12.0`` and ``"12"``."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return canonical_json(value)


def equals(held: Any, wanted: Any) -> bool:
    """Whether a row's value is what is asked for: any of a list, a day of a moment."""
    if isinstance(held, str) and held == wanted:
        return True
    if isinstance(wanted, list):
        return any(equals(held, one) for one in wanted)
    if isinstance(held, list):
        return any(equals(one, wanted) for one in held)
    if isinstance(held, dict):
        return any(equals(one, wanted) for one in held.values())
    if isinstance(held, bool) or isinstance(wanted, bool) or held is None or wanted is None:
        return held is wanted
    mine, other = as_text(held).casefold(), as_text(wanted).casefold()
    return mine == other or (len(other) == 10 and _dated(other) and mine.startswith(other))


def equal_to(wanted: Any) -> Callable[[Any], bool]:
    """`equals` for many rows and one value that is asked for."""
    if not isinstance(wanted, str):
        return lambda held: equals(held, wanted)
    folded = wanted.casefold()
    day = len(folded) == 10 and _dated(folded)

    def is_equal(held: Any) -> bool:
        if not isinstance(held, str):
            return equals(held, wanted)
        mine = held.casefold()
        return mine == folded or (day and mine.startswith(folded))

    return is_equal


def _dated(text: str) -> bool:
    return text[4] == text[7] == "-" and text[:4].isdigit()


def at_least(held: Any, bound: Any) -> bool:
    """Whether a number or a moment is not less than the bound."""
    order = _compare(held, bound)
    return order is not None and order >= 0


def at_most(held: Any, bound: Any) -> bool:
    """Whether a number or a moment is not more than the bound; a day holds all its hours."""
    order = _compare(held, bound)
    return order is not None and order <= 0


def _compare(held: Any, bound: Any) -> int | None:
    """-1, 0 or 1; None where the two cannot be compared."""
    if isinstance(held, str) and isinstance(bound, str):
        length = min(len(held), len(bound))
        first, second = held[:length], bound[:length]
        return (first > second) - (first < second)
    if isinstance(held, int | float) and isinstance(bound, int | float):
        return (held > bound) - (held < bound)
    return None


def words_of(query: str) -> list[str]:
    """What a query asks for; qualifiers such as ``is:open`` are left aside."""
    plain = " ".join(word for word in query.split() if ":" not in word)
    return [word.lower().removesuffix("s") for word in content_words(plain)]


def text_of(row: Row) -> str:
    """Everything in a row that is written in words."""
    found: list[str] = []
    waiting: list[Any] = list(row.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return "\n".join(found).lower()


def field_of(row: Row, path: str) -> Any:
    """A row's field by name, or by a dotted path into it. Raises KeyError."""
    if path in row:
        return row[path]
    value: Any = row
    for name in path.replace("[]", "").split("."):
        if not isinstance(value, dict):
            raise KeyError(path)
        value = value[name]
    return value


def copied(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        copy = value.copy()
        for key, item in value.items():
            if isinstance(item, _NESTED):
                copy[key] = copied(item)
        return copy
    return [copied(item) for item in value] if isinstance(value, list) else value


def merged(old: Any, new: Any) -> Any:
    """What a field holds after a write: objects are merged, all else is replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        both: JsonObject = {**old, **new}
        return copied(both)
    return copied(new)


def held_under(row: Row, name: str, *, besides: str = "") -> list[Any]:
    """All that a row holds under a parameter's name, at any depth: the products of an order."""
    said = singular(in_words(name))
    found: list[Any] = []
    waiting = [(one, value) for one, value in row.items() if one != besides]
    while waiting:
        one, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((one, item) for item in value)
        elif singular(in_words(one)) == said:
            found.append(value)
    return found
