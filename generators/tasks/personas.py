"""Who the user is: a name and a way of talking."""

from functools import cache
from random import Random
from typing import get_args

import yaml

import data
from schemas.persona import Persona, Style

STYLES: tuple[Style, ...] = get_args(Style)


@cache
def _personas() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(data.text("personas.yaml"))
    return loaded


def draw_persona(rng: Random) -> Persona:
    """One of the shipped names and situations, in one of the styles."""
    known = _personas()
    return Persona(
        name=rng.choice(known["names"]), style=rng.choice(STYLES), about=rng.choice(known["about"])
    )
