"""The grammar of templates: a key and a style give one of many ways to say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

import yaml

import data
from generators.language.phrase import Phrase

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Grammar:
    """Alternatives by key: a list for everybody, or a list a style with ``any`` for the others."""

    alternatives: Mapping[str, Mapping[str, tuple[str, ...]]]

    def with_phrases(self, texts: Iterable[str]) -> Grammar:
        """The grammar with those of more YAML documents. Raises ValueError for a key twice."""
        known = dict(self.alternatives)
        for text in texts:
            for key, entry in yaml.safe_load(text).items():
                if key in known:
                    raise ValueError(f"the phrases of {key} are given twice")
                known[key] = (
                    {"any": tuple(entry)}
                    if isinstance(entry, list)
                    else {style: tuple(lines) for style, lines in entry.items()}
                )
        return Grammar(known)

    def pick(self, key: str, style: str, rng: Random) -> str:
        """One template. Raises KeyError for a key that the grammar lacks."""
        styles = self.alternatives[key]
        return rng.choice(styles.get(style) or styles["any"])

    def compose(self, key: str, style: str, rng: Random, **slots: Phrase | str) -> Phrase:
        """A template with its slots filled; what the slots mention is kept."""
        return fill(self.pick(key, style, rng), slots)


def fill(template: str, slots: Mapping[str, Phrase | str]) -> Phrase:
    """``"find {what}"`` and ``what`` → a phrase."""
    out, position = Phrase(""), 0
    for slot in _SLOT.finditer(template):
        value = slots[slot.group(1)]
        out = out + template[position : slot.start()] + value
        position = slot.end()
    return out + template[position:]


@cache
def grammar() -> Grammar:
    """The grammar that every conversation is told with."""
    texts = (data.text("phrases/user.yaml"), data.text("phrases/assistant.yaml"))
    return Grammar({}).with_phrases(texts)


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
