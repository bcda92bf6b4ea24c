"""One and many: plural and singular of nouns, their article.

lemminflect's dictionary knows the irregular nouns; a word that it lacks is bent regularly.
``data/lexicon/exceptions.yaml`` has what both get wrong. Of a phrase, the last word is bent.
"""

import gzip
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from generators.lexicon.tables import load_table, load_words

_REMEMBERED = 20_000
_UPPER = re.compile(r"([A-Z]{2,})s")
_REGULAR = (
    (re.compile(r"(?<=[^aeiou])ies$"), "y"),
    (re.compile(r"(?<=ss|us|ch|sh)es$|(?<=x)es$"), ""),
    (re.compile(r"(?<![sui])(?<!ic)s$"), ""),
)
"""Endings of plurals, of words that no dictionary has; the first that fits is replaced."""
_LETTERS_WITH_VOWEL = frozenset("AEFHILMNORSX")
"""Letters whose names begin with a vowel: an MRI, but a URL."""
_DETERMINERS = frozenset("a an the some any my your all each every no".split())


@cache
def dictionary() -> Any:
    """Open the dictionary, once it is needed; of its tables, only what is asked for is read."""
    import lemminflect
    from lemminflect.codecs.InflectionLUCodec import InflectionLUCodec
    from lemminflect.codecs.LemmaLUCodec import LemmaLUCodec
    from lemminflect.core.LexicalUtils import categoryToUPos

    def read_lemmas(line: str) -> dict[str, Any]:
        _, category, forms = LemmaLUCodec.fromString(line)
        return {categoryToUPos(category): forms}

    def read_forms(line: str) -> dict[str, Any]:
        forms: dict[str, Any] = InflectionLUCodec.fromString(line)[2]
        return forms

    # It would read both tables whole at the first word, which takes a quarter of a second.
    lemmas, bent = lemminflect.Lemmatizer(), lemminflect.Inflections()
    auxiliaries = InflectionLUCodec.updateForAuxMod({})
    lemmas.lemma_dict = WordLines(Path(lemmas.lemma_lu_fn), read_lemmas)
    bent.infl_dict = WordLines(Path(bent.infl_lu_fn), read_forms, auxiliaries)
    return lemminflect


@lru_cache(maxsize=_REMEMBERED)
def is_english(word: str) -> bool:
    """Whether a dictionary has the word, whatever it is."""
    return bool(dictionary().getAllLemmas(word))


def is_noun(word: str) -> bool:
    """Whether a dictionary has the word as a noun, whatever else it is."""
    return "NOUN" in dictionary().getAllLemmas(word)


@lru_cache(maxsize=_REMEMBERED)
def singular(phrase: str) -> str:
    """``line items`` → ``line item``; a word that is singular already, or no English, stays."""
    head, _, word = phrase.rpartition(" ")
    if head:
        return f"{head} {singular(word)}".strip()
    exceptions: dict[str, str] = load_table("exceptions")["singular"]
    if acronym := _UPPER.fullmatch(word):
        return acronym[1]
    plain = word.isascii() and word.isalpha() and len(word) > 2
    if word in exceptions or not plain or word in load_words("exceptions", "no_plural"):
        return exceptions.get(word, word)
    if known := dictionary().getAllLemmas(word, "NOUN").get("NOUN", ()):
        return str(known[0])
    bent = (ending.sub(other, word) for ending, other in _REGULAR if ending.search(word))
    return next(bent, word)


@lru_cache(maxsize=_REMEMBERED)
def plural(phrase: str, count: int = 2) -> str:
    """``search result`` → ``search results``; one stays one, and so does a plural."""
    head, _, word = phrase.rpartition(" ")
    if count == 1 or not word or is_plural(word) or word in load_words("exceptions", "uncounted"):
        return phrase
    if word in load_words("exceptions", "uncounted_alone"):
        return f"{head} {word}s" if head else word
    if head:
        return f"{head} {plural(word)}".strip()
    exceptions = load_table("exceptions")["singular"]
    irregular = next((many for many, one in exceptions.items() if one == word != many), "")
    if irregular or not (word.isascii() and word.isalpha()):
        return irregular or word
    if word.isupper():
        return f"{word}s"
    if dictionary().getAllLemmas(word, "NOUN").get("NOUN", ()):
        return str(dictionary().getInflection(word, "NNS")[0])
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(?:s|x|ch|sh)$", word) else f"{word}s"


@lru_cache(maxsize=_REMEMBERED)
def named_as(noun: str) -> str:
    """The manner in which people name such things, by the noun or its longest known end.

    Empty for none: a ``role assignment`` is none of those that are set for homework.
    """
    words = singular(noun).split(" ")
    for start in range(len(words)):
        end = " ".join(words[start:])
        kind = _manners().get(end, "")
        if kind and (" " in end or is_telling_head(noun)):
            return kind
    return ""


@cache
def _manners() -> dict[str, str]:
    """Noun → the first manner in which people name such things."""
    kinds = [*load_table("named").items()]
    return {noun: kind for kind, nouns in reversed(kinds) for noun in nouns}


@lru_cache(maxsize=_REMEMBERED)
def is_telling_head(noun: str) -> bool:
    """Whether the last word tells what the thing is, whatever stands before it.

    Of a ``contact property`` it does not: that is no house.
    """
    plain, kinds = singular(noun), load_table("named").values()
    *before, last = plain.split(" ")
    if last not in load_words("exceptions", "named_alone"):
        return True
    alike = any(plain in nouns and last in nouns for nouns in kinds)  # ``rental property``
    return alike or load_words("exceptions", "plain_modifiers").issuperset(before)


def has_people(noun: str) -> bool:
    """Whether members of it are people: of a team, and not of a category or a set."""
    before, _, last = noun.rpartition(" ")
    group = before.rpartition(" ")[2]
    return last != "member" or not group or group in load_words("meanings", "have_members")


@lru_cache(maxsize=_REMEMBERED)
def is_plural(phrase: str) -> bool:
    """Whether the last word is a plural: ``orders``, not ``status``."""
    last = phrase.removesuffix(" in milliseconds").rpartition(" ")[2]
    return singular(last) != last


@lru_cache(maxsize=_REMEMBERED)
def with_article(noun: str) -> str:
    """``hour`` → ``an hour``; a plural, software, and a noun that has one, stay as they are.

    The first sound counts, not the first letter.
    """
    if not noun or is_plural(noun) or noun.split()[0] in _DETERMINERS:
        return noun
    if noun.split()[-1] in load_words("exceptions", "mass"):
        return noun
    first, exceptions = re.split(r"[^\w]", noun, maxsplit=1)[0], load_table("exceptions")
    word = first.lower()
    if re.fullmatch(r"[A-Za-z]|[A-Z]{2,5}s?", first):
        vowel = first[0].upper() in _LETTERS_WITH_VOWEL
    elif word.startswith(tuple(exceptions["vowel_sounds"])):
        vowel = True
    elif word.startswith(tuple(exceptions["consonant_sounds"])):
        vowel = False
    else:
        vowel = re.match(r"[aeiou]|8|1[18](?:\D|$)", word) is not None
    return f"{'an' if vowel else 'a'} {noun}"


class WordLines:
    """Lines ``word,…`` in the order of the words' bytes; what they say of a word, as `dict.get`.

    They are read when a word is asked for: of the dictionary's eighty thousand, some hundreds are.
    """

    def __init__(
        self, file: Path, read: Callable[[str], dict[str, Any]], told: dict[str, Any] | None = None
    ) -> None:
        """``read``: a line → what it says of its word; ``told`` goes before what lines say."""
        self._lines, self._read = gzip.decompress(file.read_bytes()), read
        self._told = told or {}

    def get(self, word: str, otherwise: Any = None) -> Any:
        """All that the lines of a word say of it."""
        if word in self._told:
            return self._told[word]
        said: dict[str, Any] = {}
        wanted = word.encode(errors="surrogatepass")
        lines, low, high = self._lines, 0, len(self._lines)
        while low < high:  # the first line whose word is not less begins between them
            begin = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = lines.find(b",", begin)
            if lines[begin:end] < wanted:
                low = lines.find(b"\n", end) + 1 or len(lines)
            else:
                high = begin
        while lines.startswith(wanted + b",", low):
            end = lines.find(b"\n", low)
            said |= self._read((lines[low:end] if end >= 0 else lines[low:]).decode())
            low = end + 1 or len(lines)
        return said or otherwise
