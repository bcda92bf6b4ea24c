"""What became of the words of a scripted conversation that a model put anew, message by message."""

from schemas.record import Record


class Reworded(Record):
    """A message that was to have other words."""

    message: int
    kept: bool = False
    """It has its scripted words: none of the others were accepted."""
    asked: int = 1
    """How often a model was asked for its words."""
    refused: tuple[str, ...] = ()
    """Why words were not accepted, by code, one for each try (`schemas.reasons.REWRITING`)."""
    scripted: str = ""
    """What the script said, where it says something else now."""
