"""A message of a conversation that is known to be wrong, because code has put it there."""

from schemas.record import Record


class Slip(Record):
    """Where a mistake stands, and whether the conversation goes on to put it right."""

    message: int
    """Index of the assistant message at fault."""
    kind: str
    """One of `generators.errors.KINDS`, by its name."""
    code: str | None
    """The reason code that a check should give; None where only a judge can decide."""
    of: str
    """Id of the clean trajectory that it was put into."""
    repaired: bool
    """The assistant notices and puts it right: what checks say of this message masks it, and no
    more. Otherwise the conversation is a violating twin, and must be rejected."""
