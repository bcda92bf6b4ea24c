"""Text that remembers which values it says: the words and the provenance are made together."""

from __future__ import annotations

from dataclasses import dataclass

from generators.lexicon.names import capital, ended
from schemas.formats import FORMAT_OF

_AS_WRITTEN = frozenset({"literal", *FORMAT_OF})
"""Rules that read a value from words whose spelling counts."""


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

    def as_sentence(self) -> Phrase:
        """With a capital letter, unless it begins with a value as it is written, and an end."""
        text = ended(self.text.strip())
        if any(m.rule in _AS_WRITTEN and text.startswith(m.span) for m in self.mentions):
            return Phrase(text, self.mentions)
        text = capital(text)
        # The mention with its span as it now stands, if only its first letter has changed.
        return Phrase(
            text,
            tuple(
                mention
                if mention.span in text
                else Mention(mention.call, mention.path, capital(mention.span), mention.rule)
                for mention in self.mentions
            ),
        )


NOTHING = Phrase("")
"""No words."""


def concat(phrases: list[Phrase], separator: str = " ") -> Phrase:
    """The phrases that are not empty, joined."""
    kept = [phrase for phrase in phrases if phrase]
    text = separator.join(phrase.text for phrase in kept)
    return Phrase(text, tuple(mention for phrase in kept for mention in phrase.mentions))


def enumerate_phrases(phrases: list[Phrase], word: str = "and") -> Phrase:
    """``a, b and c``."""
    if len(phrases) < 2:
        return concat(phrases)
    return concat(phrases[:-1], ", ") + f" {word} " + phrases[-1]


def fill_object(pattern: str, thing: Phrase) -> Phrase:
    """``the address of {object}`` with the object filled in."""
    before, after = pattern.split("{object}")
    return before + thing + after
