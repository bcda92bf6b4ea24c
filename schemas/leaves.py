"""The scalars of a JSON value and their paths: how arguments and results are addressed."""

import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``(path, scalar)`` in order: ``("items[0].sku", "A7")``.

    Empty objects and lists are leaves of their own, so that nothing in the arguments goes unseen.
    """
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from leaves(item, f"{path}[{number}]")
    else:
        yield path, value


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
