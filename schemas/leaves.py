"""The scalars of a JSON value and their paths: how arguments and results are addressed."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MARK = r"[.\[\]\x00-\x1f\x7f-\x9f]"
_OUTER = re.compile(rf"^{_MARK}+|{_MARK}+(?=\s|$)")
_INNER = re.compile(rf"{_MARK}+")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``(path, scalar)`` in order: ``("items[0].sku", "A7")``.

    Empty objects and lists are leaves of their own, so that nothing in the arguments goes unseen.
    """
    if not value or not isinstance(value, (dict, list)):
        return iter(((path, value),))
    found: list[tuple[str, Any]] = []
    _collect(value, path, found)
    return iter(found)


def _collect(holder: Any, path: str, found: list[tuple[str, Any]]) -> None:
    """Add the leaves of an object or a list that is not empty."""
    if isinstance(holder, dict):
        before = f"{path}." if path else ""
        parts = [(f"{before}{key}", item) for key, item in holder.items()]
    else:
        parts = [(f"{path}[{number}]", item) for number, item in enumerate(holder)]
    for part in parts:
        item = part[1]
        if item and isinstance(item, (dict, list)):
            _collect(item, part[0], found)
        else:
            found.append(part)


def value_at(value: Any, path: str) -> Any:
    """The part at a concrete path. Raises KeyError where the path leads nowhere."""
    try:
        for step, kind in _steps(path):
            if not isinstance(value, kind):
                raise KeyError(path)
            value = value[step]
    except (IndexError, KeyError) as error:
        raise KeyError(path) from error
    return value


def set_value(holder: Any, path: str, value: Any) -> Any:
    """A copy of a JSON value with another value at a concrete path."""
    head, _, rest = path.replace("[", ".[").strip(".").partition(".")
    key: Any = int(head[1:-1]) if head.startswith("[") else head
    copy = dict(holder) if isinstance(holder, dict) else list(holder)
    copy[key] = set_value(copy[key], rest, value) if rest else value
    return copy


@lru_cache(maxsize=16_384)
def _steps(path: str) -> tuple[tuple[Any, type[Any]], ...]:
    """``items[0].sku`` → items of an object, 0 of a list, sku of an object."""
    return tuple(
        (name, dict) if name else (int(number), list) for name, number in _STEP.findall(path)
    )


def is_addressable(name: str) -> bool:
    """Whether a path can hold a name: it says something, without marks of paths or control."""
    return bool(name.strip()) and _INNER.search(name) is None


def plain_name(name: str) -> str:
    """The nearest name that a path can hold: ``Totp_Skew`` for ``Totp.Skew``."""
    plain = _INNER.sub("_", _OUTER.sub("", name))
    return plain if is_addressable(plain) else "unnamed"


def map_keys(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of a JSON value in which ``change(key)`` stands for each key, at any depth."""
    if isinstance(value, dict):
        return {change(key): map_keys(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [map_keys(item, change) for item in value]
    return value


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """All objects within a JSON value, the outer ones first."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from objects_in(item)
