"""Text that remembers which values it says, and the grammar of templates that it is made with.

The words and the provenance are made together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import data
from generators.lexicon.names import capital, ended
from schemas.formats import FORMAT_OF

_AS_WRITTEN = frozenset({"literal", *FORMAT_OF})
"""Rules that read a value from words whose spelling counts."""
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Mention:
    """A span of a text that says the value of one argument leaf."""

    call: int
    """Number of the gold call in the task."""
    path: str
    span: str
    rule: str


@dataclass(frozen=True)
class Phrase:
    """Words with what they mention. Immutable; added together like text."""

    text: str
    mentions: tuple[Mention, ...] = ()

    def __add__(self, other: Phrase | str) -> Phrase:
        """The words one after the other."""
        if isinstance(other, str):
            return Phrase(self.text + other, self.mentions)
        return Phrase(self.text + other.text, self.mentions + other.mentions)

    def __radd__(self, other: str) -> Phrase:
        """Plain words before."""
        return Phrase(other + self.text, self.mentions)

    def __bool__(self) -> bool:
        """Whether there are any words."""
        return bool(self.text)

    def without(self, start: str) -> Phrase:
        """The words without those that they may begin with, and so what mentions them."""
        text = self.text.removeprefix(start)
        mentions = (one if one.span in text else replace(one, span=one.span.removeprefix(start))
                    for one in self.mentions)  # fmt: skip
        return Phrase(text, tuple(mentions))

    def without_end(self) -> Phrase:
        """The words without the mark that ends them."""
        return replace(self, text=self.text.rstrip(".?!"))

    def as_sentence(self) -> Phrase:
        """With a capital letter, unless it begins with a value as it is written, and an end."""
        text = ended(self.text.strip())
        if any(m.rule in _AS_WRITTEN and text.startswith(m.span) for m in self.mentions):
            return Phrase(text, self.mentions)
        text = capital(text)
        # A mention with its span as it now stands, if only its first letter has changed.
        mentions = (
            one if one.span in text else replace(one, span=capital(one.span))
            for one in self.mentions
        )
        return Phrase(text, tuple(mentions))


NOTHING = Phrase("")
"""No words."""


def concat(phrases: Sequence[Phrase], separator: str = " ") -> Phrase:
    """The phrases that are not empty, joined."""
    kept = [phrase for phrase in phrases if phrase]
    text = separator.join(phrase.text for phrase in kept)
    return Phrase(text, tuple(mention for phrase in kept for mention in phrase.mentions))


def enumerate_phrases(phrases: Sequence[Phrase]) -> Phrase:
    """``a, b and c``."""
    if len(phrases) < 2:
        return concat(phrases)
    return concat(phrases[:-1], ", ") + " and " + phrases[-1]


@dataclass(frozen=True)
class Grammar:
    """Alternatives by key: a list for everybody, or a list a style with ``any`` for the others."""

    alternatives: Mapping[str, Mapping[str, tuple[str, ...]]]

    def with_phrases(self, texts: Iterable[str]) -> Grammar:
        """The grammar with those of more YAML documents. Raises ValueError for a key twice."""
        known = dict(self.alternatives)
        for text in texts:
            for key, entry in data.read_yaml(text).items():
                if key in known:
                    raise ValueError(f"the phrases of {key} are given twice")
                styles = {"any": entry} if isinstance(entry, list) else entry
                known[key] = {style: tuple(lines) for style, lines in styles.items()}
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
    out, position = NOTHING, 0
    for slot in _SLOT.finditer(template):
        out = out + template[position : slot.start()] + slots[slot[1]]
        position = slot.end()
    return out + template[position:]


@cache
def grammar() -> Grammar:
    """The grammar that every conversation is told with."""
    texts = (data.text("phrases/user.yaml"), data.text("phrases/assistant.yaml"))
    return Grammar({}).with_phrases(texts)


def chat_intents() -> tuple[str, ...]:
    """What there is to chat about, each in words for a model that plays the user."""
    return tuple(data.table("phrases/chat.yaml"))


def chat_lines(intent: str, rng: Random) -> tuple[str, str]:
    """What user and assistant say. Raises KeyError for an intent of no small talk."""
    talk = data.table("phrases/chat.yaml")[intent]
    return rng.choice(talk["user"]), rng.choice(talk["assistant"])
