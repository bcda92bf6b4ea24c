"""Functions with flat parameters: as in xLAM, APIGen and Hammer, Seal-Tools, and API-Bank.

::

    {"name", "description", "parameters": {"city": {"type": "str, optional", "default"}}}
    {"api_name", "api_description", "parameters": {…}, "required": […], "responses": {…}}
    {"name", "description", "input_parameters": {…}, "output_parameters": {…}}

Types are those of Python's annotations.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from generators.importers.found_tools import FoundTool, Skipped, find_list, read_each
from generators.importers.function_entries import Spelling, is_flat, is_listed, read_function

NAME = "xlam"
FORMS = "flat parameters (xLAM, Hammer, Seal-Tools, API-Bank)"

SPELLING = Spelling(
    name=("name", "api_name", "apiCode"),
    description=("description", "api_description"),
    parameters=("parameters", "input_parameters", "arguments"),
    returns=("responses", "output_parameters", "response", "returns"),
)


def recognises(document: Any) -> bool:
    """Whether the parameters of an entry are flat, or it is called ``api_name``."""
    return any(map(_looks_right, entries(document) or ()))


def entries(document: Any) -> list[Any] | None:
    """The list of functions; None where the document has none."""
    return find_list(document, ("tools", "functions", "apis"))


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every entry in order; one that cannot be read is skipped with the reason."""
    read = partial(read_function, spelling=SPELLING, foreign=True)
    return read_each(entries(document) or (), read)


def _looks_right(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.get("type") == "function":
        return False
    given = [entry[keyword] for keyword in SPELLING.parameters if keyword in entry]
    if "api_name" in entry and "parameters" in entry:
        return True
    named = any(keyword in entry for keyword in SPELLING.name)
    return named and any(is_flat(value) or is_listed(value) for value in given)
