"""The brief: all that whoever plays the user is given, scripted or a model.

It holds no name of a tool or of a parameter, and no value that only a result knows. The judge of
the user's side reads it too, and a law holds (`generators.tasks.brief_law`): what it says is
enough for every leaf of every write.
"""

from typing import Literal, get_args

from schemas.record import CallNumber, Record

Scalar = str | int | float | bool
Manner = Literal[
    "impatient", "vague", "changes_mind", "answers_two", "pushes_back", "gives_up"
]  # fmt: skip
"""How a user whom a model plays may be hard to serve, beside the style of their words."""
MANNERS: tuple[Manner, ...] = get_args(Manner)
GIVES_UP: Manner = "gives_up"
"""Who is so may leave before what they came for is done: the act ``give_up`` says where."""


class Known(Record):
    """A value that the user knows."""

    call: CallNumber
    path: str
    """The argument leaf that it fills."""
    label: str
    """What people call it: ``date of birth``."""
    value: Scalar

    @property
    def written(self) -> str:
        """The value for a reader: ``yes`` for true."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value)


class Meant(Record):
    """A row that the user means, and the words in which they speak of it."""

    call: CallNumber
    """The gold call whose result shows it."""
    row: str
    """Its place there: ``orders[2]``, or a leaf that names another row: ``orders[2].doctor_id``."""
    noun: str
    """``appointment``."""
    words: str
    """``the appointment on the 11th of August``."""


class Wish(Record):
    """One thing that the user wants."""

    ask: str
    """In a person's words, after "could you": ``cancel the appointment on Monday``."""
    why: str = ""
    """A clause that the user may say: ``I am away that day``."""
    know: tuple[Known, ...] = ()
    held_back: tuple[Known, ...] = ()
    """Said only when the assistant asks."""
    not_known: tuple[str, ...] = ()
    """What the user is asked for in vain."""
    which: tuple[Meant, ...] = ()
    prefer: str = ""
    """The rule by which one of several is chosen: ``the cheapest one of all``."""
    first: Known | None = None
    """Said first, by mistake, and corrected to the known value of the same label."""
    ends: str = ""
    """What comes of it other than that it is done, in a sentence; empty: it is done."""
    manner: tuple[str, ...] = ()
    """How else it is brought up, in sentences said to "you"."""


class Brief(Record):
    """Who writes, why now, and what for."""

    who: str = ""
    """``Sean Cortez``."""
    proof: tuple[Known, ...] = ()
    """By what the service tells that it is they."""
    situation: str = ""
    """Why now, in a sentence; empty: nobody says."""
    wishes: tuple[Wish, ...] = ()
