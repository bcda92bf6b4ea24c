"""The errors that a user can cause, named by the boundary that was crossed.

::

    ToolweaveError
    ├── InputError       a file, a tool or an option that cannot be used   exit code 2
    │   └── NoTaskError  a candidate of which no task can be made: it is rejected, the run goes on
    ├── OutputError      an output folder that cannot be written or resumed exit code 2
    ├── ProviderError    the model's endpoint is absent, refuses the key, or is dead  exit code 2
    │   └── RefusedRequestError  one request that cannot be served: it costs its candidate
    ├── BudgetError      what may be spent is spent: a run ends, and goes on with more  exit code 3
    └── NotRecordedError a replay needs an answer that was never recorded: unknown, not bad
"""

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], most: int = 8) -> str:
    """End of an error about an unknown name: the nearest one, or all where they are few."""
    known = sorted(set(names))
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there is {', '.join(known)}" if 0 < len(known) <= most else ""


class ToolweaveError(Exception):
    """A failure that is told in one line; anything else is a bug and keeps its traceback."""


class InputError(ToolweaveError):
    """Input that cannot be used: says which file, which tool, and where in it."""

    def __init__(self, problem: str, *, file: str = "", tool: str = "", place: str = "") -> None:
        """``place`` is a path inside the file or tool, such as ``parameters.properties.city``."""
        where = [file] if file else []
        where += [f"tool {tool!r}"] if tool else []
        where += [f"at {place}"] if place else []
        super().__init__(": ".join([", ".join(where), problem] if where else [problem]))
        self.problem, self.file, self.tool, self.place = problem, file, tool, place


class NoTaskError(InputError):
    """No attempt at a task was right, or such as a person would ask for: another may be."""


class OutputError(ToolweaveError):
    """The output folder cannot be written, or holds something that this run may not extend."""


class NotRecordedError(ToolweaveError):
    """A call is replayed whose answer was not recorded at that point; it is never made up."""


class BudgetError(ToolweaveError):
    """What may be spent on models is spent; nothing is lost, and with more of it a run goes on."""


class ProviderError(ToolweaveError):
    """The model's endpoint failed: never a score, and the end of a run."""


class RefusedRequestError(ProviderError):
    """One request cannot be served, though others may be: it costs the candidate that made it."""

    def __init__(self, code: str, problem: str) -> None:
        """``code`` is one of `schemas.reasons.NOT_SERVED`."""
        super().__init__(problem)
        self.code = code

    def __reduce__(self) -> tuple[type["RefusedRequestError"], tuple[str, str]]:
        """It is told from process to process."""
        return type(self), (self.code, str(self))
