"""The scalars of a JSON value by what they are: what two values share is seen at once."""

from collections.abc import Mapping
from typing import Any

from schemas.canonical import canonical_json
from schemas.leaves import leaves

Scalar = str | tuple[str]
"""Equal for equal scalars only: a text is itself, all else its JSON text in a tuple."""
Scalars = Mapping[Scalar, tuple[str, ...]]
"""Scalar → the paths at which it stands, in order."""


def scalar(leaf: Any) -> Scalar:
    """What a leaf is compared by."""
    return leaf if type(leaf) is str else (canonical_json(leaf),)


def scalars(value: Any) -> Scalars:
    """All scalars of a value."""
    found: dict[Scalar, tuple[str, ...]] = {}
    for path, leaf in leaves(value):
        key = leaf if type(leaf) is str else scalar(leaf)
        found[key] = (*found[key], path) if key in found else (path,)
    return found
