"""Which words of a text somebody searches for: a noun or a name, or two words that it ends.

The dictionary says what a word can be; where it can be a verb as well, what stands before decides.
"""

import re
from functools import lru_cache
from random import Random

from generators.lexicon.nouns import dictionary
from generators.lexicon.tables import load_words
from generators.sandbox.phrases import DULL, content_words

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|[^\s\w]|\d+")
_SHORTEST = 3


def choose_words(text: str, rng: Random) -> str:
    """One of the phrases that a text may be searched by; "" where it has none."""
    found = sought_phrases(text)
    return rng.choice(found) if found else ""


@lru_cache(maxsize=4096)
def sought_phrases(text: str) -> tuple[str, ...]:
    """The nouns and names of a text, each also with the word before it that says which is meant.

    Of a text that has none by these rules, both of its two words, or those that can be one.
    """
    words = _WORD.findall(text)
    nouns: set[int] = set()
    found: list[str] = []
    for at, word in enumerate(words):
        if not _may_be_sought(word) or not _is_noun(words, at, follows=at - 1 in nouns):
            continue
        nouns.add(at)
        # In a title all words may have capitals, in a sentence only its first and names.
        named = at > 0 and (text.endswith((".", "?", "!")) or not _read(word.lower()))
        said = word if named else word.lower()
        if at and (at - 1 in nouns or _modifies(words[at - 1])):
            found.append(f"{words[at - 1].lower()} {said}")
        found.append(said)
    if found:
        return tuple(dict.fromkeys(found))
    rest = [one.lower() for one in content_words(text)]
    plain = [one for one in rest if "NOUN" in _read(one) and not _describes(one)]
    whole = [text.lower()] if len(words) == 2 == len(rest) else []
    return tuple(dict.fromkeys([*whole, *filter(_may_be_sought, plain)] or rest[:1]))


def _may_be_sought(word: str) -> bool:
    return len(word) >= _SHORTEST and word[0].isalpha() and word.lower() not in _dull()


def _is_noun(words: list[str], at: int, *, follows: bool) -> bool:
    """Whether the word there is a noun or a name: by itself, or by what stands before it.

    ``follows``: that is a noun.
    """
    word, before = words[at], words[at - 1].lower() if at else ""
    kinds = _read(word.lower())
    if not kinds:
        return word[0].isupper() or "-" in word or word in load_words("exceptions", "coined")
    name = word[0].isupper() and at > 0 and before not in ".!?:"
    if _describes(word.lower()) or not (name or "NOUN" in kinds):
        return False
    led = before in load_words("exceptions", "determiners") | load_words(
        "inference", "prepositions"
    )
    led = (led and before != "to") or follows or _modifies(before)
    return name or led or "VERB" not in kinds


def _describes(word: str) -> bool:
    return not _read(word).isdisjoint(("ADJ", "ADV"))


def _modifies(word: str) -> bool:
    """Whether a word before a noun says which is meant: an adjective that is no more than that."""
    kinds = _read(word.lower())
    return "ADJ" in kinds and "ADV" not in kinds and word.lower() not in _dull()


@lru_cache(maxsize=1)
def _dull() -> frozenset[str]:
    """Words that stand for others, say that there are some, or when."""
    lists = ("determiners", "stops", "plain_modifiers")
    return DULL.union(*(load_words("exceptions", one) for one in lists))


@lru_cache(maxsize=8192)
def _read(word: str) -> frozenset[str]:
    """What the dictionary says that a word can be; empty where it has none."""
    return frozenset(dictionary().getAllLemmas(word))
