"""Who speaks as the user."""

from typing import Literal

from schemas.record import Record

Style = Literal["terse", "chatty", "formal", "impatient", "unsure"]


class Persona(Record):
    """A name and a way of talking."""

    name: str
    style: Style
    about: str = ""
    """One sentence for a model that plays the user."""
