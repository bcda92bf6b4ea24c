"""The words that names are made of: splitting, singular and plural, human form.

Names of tools, parameters and fields are compared as words, so that ``pullNumber``,
``pull_number`` and ``pull-number`` are one name. What the words mean is left to
`generators.world.verbs` and `generators.world.semantics`.
"""

import re
from functools import cache

import inflect

ABBREVIATIONS = {
    "repo": "repository",
    "org": "organization",
    "organisation": "organization",
    "dir": "directory",
    "folder": "directory",
    "msg": "message",
    "acct": "account",
    "usr": "user",
    "doc": "document",
    "config": "configuration",
    "me": "user",
    "myself": "user",
    "appt": "appointment",
    "txn": "transaction",
    "qty": "quantity",
}
"""Short or other forms of a noun → the form that entities go by."""


def word_set(text: str) -> frozenset[str]:
    """Read a table of words that is written as one text."""
    return frozenset(text.split())


_SINGULAR_ENDINGS = ("ss", "us", "is", "ics", "ous")
_NOT_PLURAL = word_set(
    "news series species sms gps dns https tls aws ios alias canvas atlas bias gas lens bus always "
    "mms cors css js os address access as was this has its plus minus vs"
)
_UPPER_PLURAL = re.compile(r"([A-Z]{2,})s(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR = re.compile(r"[\W_]+")


@cache
def _engine() -> inflect.engine:
    return inflect.engine()


@cache
def split_words(name: str) -> tuple[str, ...]:
    """``commentNodeIDs`` → ``("comment", "node", "ids")``: lower case, any way of joining."""
    calm = _UPPER_PLURAL.sub(lambda match: f"{match[1].title()}s", name)
    return tuple(word.lower() for word in _SEPARATOR.split(_CAMEL.sub(" ", calm)) if word)


@cache
def singular(word: str) -> str:
    """``branches`` → ``branch``; a word that is singular already, or no English, stays."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    if word in _NOT_PLURAL or (word.endswith(_SINGULAR_ENDINGS) and word != "this"):
        return word
    return str(_engine().singular_noun(word) or word)


@cache
def plural(phrase: str) -> str:
    """``pull request`` → ``pull requests``: the last word is put in the plural."""
    head, _, last = phrase.rpartition(" ")
    if not (last.isascii() and last.isalpha()) or is_plural(last):
        return phrase
    return f"{head} {_engine().plural_noun(last)}".strip()


def is_plural(word: str) -> bool:
    """Whether the word is a plural: ``orders``, not ``status``."""
    return singular(word) != word


@cache
def noun_words(name: str) -> tuple[str, ...]:
    """Split a name into the forms in which nouns are compared: singular, written out."""
    return tuple(ABBREVIATIONS.get(singular(word), singular(word)) for word in split_words(name))


@cache
def snake(name: str) -> str:
    """``pullNumber`` → ``pull_number``; a name without any word stays as it is."""
    return "_".join(split_words(name)) or name


def humanise(name: str) -> str:
    """``repo_path`` → ``repo path``: as words in a sentence."""
    return " ".join(split_words(name))


def article(phrase: str) -> str:
    """``order`` → ``an order``."""
    return str(_engine().a(phrase)) if phrase.strip() else phrase
