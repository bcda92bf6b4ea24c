"""The name that somebody probably meant."""

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], most: int = 8) -> str:
    """End of an error about an unknown name: the nearest one, or all where they are few."""
    known = sorted(set(names))
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there is {', '.join(known)}" if 0 < len(known) <= most else ""
