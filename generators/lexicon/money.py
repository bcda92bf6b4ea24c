"""Accounts and cards: of money where its words stand beside them, and called otherwise elsewhere.

The accounts of a social network are no savings, and the cards of a board buy nothing
(``data/lexicon/inference.yaml``).
"""

from collections.abc import Iterable

from generators.lexicon.names import noun_words
from generators.lexicon.nouns import named_as
from generators.lexicon.tables import load_table, load_words


def speaks_of_money(names: Iterable[str]) -> bool:
    """Whether one of the names has a word of money: ``list_transactions``, ``balance``."""
    words = load_words("inference", "of_money")
    return any(not words.isdisjoint(noun_words(name)) for name in names)


def is_perhaps_of_money(noun: str) -> bool:
    """Whether such a thing is one of money only beside words of money: an account."""
    return named_as(noun) == "account" and noun in load_table("inference")["without_money"]


def named_without_money(noun: str) -> str:
    """The noun after which such a thing is called where nothing speaks of money."""
    others: dict[str, str] = load_table("inference")["without_money"]
    return others[noun] if is_perhaps_of_money(noun) else noun
