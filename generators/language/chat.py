"""Small talk: a user who wants nothing, and an assistant who answers in kind."""

from functools import cache
from random import Random

import yaml

import data


@cache
def _talks() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(data.text("phrases/chat.yaml"))
    return loaded


def chat_intents() -> tuple[str, ...]:
    """What there is to chat about, each in words for a model that plays the user."""
    return tuple(_talks())


def chat_lines(intent: str, rng: Random) -> tuple[str, str]:
    """What user and assistant say. Raises KeyError for an intent of no small talk."""
    talk = _talks()[intent]
    return rng.choice(talk["user"]), rng.choice(talk["assistant"])
