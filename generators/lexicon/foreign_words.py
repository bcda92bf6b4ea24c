"""Whether words are English: what no rule can read, no rule may speak about.

A word is English that the dictionary has, or one of the lists of function words and coined words.
Names, codes, abbreviations and what is quoted as code say nothing of the language around them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from generators.lexicon.names import split_words
from generators.lexicon.nouns import is_english
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import find_verb

_CODE = re.compile(r"`[^`]*`|\b\w+://\S+")
_WORD = re.compile(r"(?<![\w./:@#-])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![\w/@:(]|\.\w)")
"""Not what is a part of a path, an address, a call, or a name in code."""
_SIGN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Of scripts that put no space between words, or write syllables: about two make a word."""
_FEWEST = 2
"""Words without which a text tells no language."""


def is_foreign(text: str, names: Iterable[str]) -> bool:
    """Whether a description is in another language than English, most of its words being none.

    Of a text of less than two words, the names beside it tell: of the tool, of what it takes and
    shows; and only where they have two foreign words more than English ones.
    """
    known, foreign = 0, 0.0  # names are neither
    for at, word in enumerate(_WORD.findall(_CODE.sub("", text))):
        if signs := len(_SIGN.findall(word)):
            foreign += max(signs / 2, 1)
        elif len(word) > 1 and word[1:].islower():
            # But for the first word, a capital letter makes a name of what the dictionary lacks.
            english = _is_known(word.lower())
            known += english
            foreign += not english and (at == 0 or word[0].islower())
    if known + foreign >= _FEWEST:
        return foreign >= _FEWEST and foreign > known
    words = {word for name in names for word in split_words(name)}
    words = {word for word in words if len(word) > 2 and word.isalpha()}
    strange = {word for word in words if not _is_known(word)}
    return len(strange) >= len(words - strange) + _FEWEST


@lru_cache(maxsize=20_000)
def _is_known(word: str) -> bool:
    """Whether a word in small letters is English; of a compound, whether a part of it is."""
    short = load_table("exceptions")["abbreviations"].keys() | load_table("exceptions")["spoken"]
    parts = re.split(r"['’-]", word)
    return (
        word in short or bool(find_verb(word)) or any(map(is_english, (word, *parts)))
        or any(word in load_words("exceptions", key) for key in _LISTS)
    )  # fmt: skip


_LISTS = ("determiners", "stops", "short_words", "coined", "openers")
"""Of words that the dictionary of nouns, verbs, adjectives and adverbs may lack."""
