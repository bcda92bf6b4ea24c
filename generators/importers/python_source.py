"""A Python file as the importers are handed it: its text, and whether it may be executed."""

from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class PythonSource:
    """Source code that defines tools; it is only read unless ``run`` says otherwise."""

    text: str
    name: str
    """The file's path as the user gave it: what it imports from its folder is found by it."""
    run: bool = False
    """The user asked for the code to be executed."""
    owner: str = ""
    """Only the methods of this class are tools; empty: of every one."""
    loaded: ModuleType | None = None
    """The module, where it has been imported already: its types are asked, nothing is executed."""
