"""Functions as the Berkeley Function-Calling Leaderboard documents them.

::

    {"name": "math.sqrt", "description", "parameters": {"type": "dict", …}, "response": {…}}

a function a line, or under ``function`` in the rows of questions. Schemas are JSON Schema with the
types of Python, Java and JavaScript, and flags for what is optional.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from generators.importers.foreign_types import JSON_TYPES
from generators.importers.found_tools import FoundTool, Skipped, find_list, read_each
from generators.importers.function_entries import Spelling, read_function

NAME = "bfcl"
FORMS = "BFCL function documents (also as JSON Lines or in rows of questions)"

SPELLING = Spelling(returns=("response", "returns"))


def recognises(document: Any) -> bool:
    """Whether the parameters of an entry are a ``dict``, or of another type that is no JSON."""
    return any(map(_looks_right, entries(document) or ()))


def entries(document: Any) -> list[Any] | None:
    """The list of functions; None where the document has none."""
    return find_list(document, ("tools", "functions", "function"))


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every entry in order; one that cannot be read is skipped with the reason."""
    read = partial(read_function, spelling=SPELLING, foreign=True)
    return read_each(entries(document) or (), read)


def _looks_right(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.get("type") == "function" or "name" not in entry:
        return False
    parameters = entry.get("parameters")
    if not isinstance(parameters, dict) or "properties" not in parameters:
        return False
    kind = parameters.get("type")
    return isinstance(kind, str) and kind not in JSON_TYPES
