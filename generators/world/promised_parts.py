"""The parts of a row that a description lists: ``a mover's profile (name, rating, reviews)``."""

import re
from collections.abc import Iterator

from generators.lexicon.names import noun_words
from generators.lexicon.tables import load_words

_ITEM = r"(?:[\w'\u2019/-]+ ){0,7}[\w'\u2019/-]+"
_SEVERAL = rf"(?:{_ITEM}, )*{_ITEM}(?:,? (?:and|or|&) |, ){_ITEM}"
_MANY = rf"{_ITEM}, (?:{_ITEM}, )+(?:and |or )?{_ITEM}"
_TELLING = "|".join(sorted(load_words("inference", "generic") - {"id"}))
_LISTS = re.compile(
    rf"\bincluding:? (?P<including>{_SEVERAL})"
    rf"|\b(?:includes?|contain(?:s|ing)|show(?:s|ing)|with) (?P<with>{_MANY})"
    rf"|\b(?:{_TELLING})s?(?: (?:of|for|about|on)(?: [\w'-]+){{1,4}})?"
    rf"(?:: (?P<behind>{_SEVERAL})| \((?P<aside>{_SEVERAL})\))"
    r"|\bthe (?:current |raw )?(?P<data>\w+) data of\b"
    r"|\breturns (?:the )?full (?P<full>\w+) (?:of|to)\b"
    r"|\b(?:current|latest|live) (?P<live>\w+) (?:of|for) (?:an?|all|each|every)\b",
    re.IGNORECASE,
)
"""What an answer holds: ``including owner and size``, ``profile: rating, reviews``, full paths,
``the pixel data of``, the current price of a token."""
_OWN_PARTS = re.compile(
    r"\b(?:with|returns?) (?:its|their)(?: (?:own|current|full|new))? ([\w/ -]+?)(?: \([^)]*\))?"
    r"(?:,? and ([\w/ -]+?))?(?= (?:for|in|of|on|by)\b|[.,;\n]|$)",
    re.IGNORECASE,
)
"""What rows are said to have: ``with their state (on/off) and last triggered time``."""
_ASIDE = re.compile(r"(?<=, )([\w' -]+) \([^()]*\)|(?<=and )([\w' -]+) \([^()]*\)")
"""What is said of one thing in a list: ``licence identifiers (USDOT, MC), the phone number``."""
_BETWEEN = re.compile(r",? (?:and|or|&) |, ")
_BEHIND = re.compile(rf" (?:{'|'.join(sorted(load_words('inference', 'prepositions')))}|when)\b")


def list_promised(text: str) -> Iterator[list[str]]:
    """The last word of each part, of each list: ``phone number from a record`` is a number."""
    for found in _LISTS.finditer(_ASIDE.sub(r"\1\2", text)):
        parts = _BETWEEN.split(next(filter(None, found.groups())))
        heads = (noun_words(_BEHIND.split(one)[0])[-1:] for one in parts)
        if words := [word for head in heads for word in head]:
            yield words


def list_owned(text: str) -> list[str]:
    """The last word of each thing that rows are said to have of their own."""
    found = _OWN_PARTS.search(text)
    return [
        word for one in (found.groups() if found else ()) for word in noun_words(one or "")[-1:]
    ]
