"""How a user whom a model plays may be hard to serve, beside the style of their words."""

from typing import Literal, get_args

Manner = Literal[
    "impatient", "vague", "changes_mind", "answers_two", "pushes_back", "gives_up"
]  # fmt: skip
MANNERS: tuple[Manner, ...] = get_args(Manner)
GIVES_UP: Manner = "gives_up"
"""Who is so may leave before what they came for is done: the act ``give_up`` says where."""
