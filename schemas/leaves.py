"""The scalars of a JSON value and their paths: how arguments and results are addressed."""

import re
from collections.abc import Callable, Iterator
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MARK = r"[.\[\]\x00-\x1f\x7f-\x9f]"
_OUTER = re.compile(rf"^{_MARK}+|{_MARK}+(?=\s|$)")
_INNER = re.compile(rf"{_MARK}+")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``(path, scalar)`` in order: ``("items[0].sku", "A7")``.

    Empty objects and lists are leaves of their own, so that nothing in the arguments goes unseen.
    """
    found: list[tuple[str, Any]] = []
    _collect(value, path, found)
    return iter(found)


def _collect(value: Any, path: str, found: list[tuple[str, Any]]) -> None:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            _collect(item, f"{path}.{key}" if path else str(key), found)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            _collect(item, f"{path}[{number}]", found)
    else:
        found.append((path, value))


def value_at(value: Any, path: str) -> Any:
    """The part at a concrete path. Raises KeyError where the path leads nowhere."""
    for name, number in _STEP.findall(path):
        if not isinstance(value, dict if name else list):
            raise KeyError(path)
        try:
            value = value[name] if name else value[int(number)]
        except (KeyError, IndexError, TypeError) as error:
            raise KeyError(path) from error
    return value


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
