"""Names as phrases, cached: `generators.world.naming_words` for whole names."""

import re
from functools import lru_cache

from generators.world import naming_words


def phrase_set(text: str) -> frozenset[str]:
    """A table of phrases that is written as one text, semicolons between them."""
    return frozenset(text.split(";"))


@lru_cache(maxsize=8192)
def in_words(name: str) -> str:
    """``issueNumber``, ``issue_number`` and ``issue-number`` → ``issue number``."""
    return naming_words.humanise(name)


@lru_cache(maxsize=8192)
def singular(phrase: str) -> str:
    """``line items`` → ``line item``."""
    head, _, last = phrase.rpartition(" ")
    return f"{head} {naming_words.singular(last)}".strip()


@lru_cache(maxsize=8192)
def plural(phrase: str) -> str:
    """``line item`` → ``line items``."""
    return naming_words.plural(phrase)


@lru_cache(maxsize=8192)
def prefix_of(name: str, words: frozenset[str]) -> str:
    """What is left of a name in front of the first of ``words``: ``origin_city`` → ``origin``."""
    kept: list[str] = []
    for word in in_words(name).split():
        if word in words:
            break
        kept.append(word)
    return " ".join(kept)


def slug(phrase: str, joint: str = "-") -> str:
    """``Harbor relaunch`` → ``harbor-relaunch``."""
    return joint.join(re.findall(r"[a-z0-9]+", phrase.lower()))


_COUNTED = naming_words.word_set(
    "comment view like reply review renewal use download vote fork star follower share retry"
)


def is_counter(name: str) -> bool:
    """Whether a field counts what has happened to its row: none, for a new one."""
    words = in_words(name).split()
    if words[:1] == ["times"] and len(words) == 2:
        return True
    return len(words) == 2 and words[1] == "count" and singular(words[0]) in _COUNTED
