"""What is wrong with a task."""

from typing import NamedTuple


class Flaw(NamedTuple):
    """Something that is wrong with a task."""

    code: str
    call: int | None = None
    explanation: str = ""
