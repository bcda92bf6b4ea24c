"""Words with several meanings, decided by what stands beside them: accounts, cards, cases.

The accounts of a social network are no savings, the cards of a game no tasks of a board, and the
cases of a ward no errors of a program (``data/lexicon/inference.yaml``).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from generators.lexicon.names import noun_words
from generators.lexicon.nouns import named_as, singular
from generators.lexicon.tables import load_table


def means_several(noun: str) -> bool:
    """Whether such a thing is named as it mostly is only beside certain words: an account."""
    return _rule_of(noun) is not None


def named_beside(noun: str, names: Iterable[str]) -> str:
    """The noun after which such a thing is named beside the names; "" where nobody knows.

    That is its own where it has one meaning alone, or where a word of the names tells it.
    """
    rule = _rule_of(noun)
    if rule is None:
        return noun
    told, own = frozenset(rule["beside"]), singular(noun).rpartition(" ")[2]
    around = (noun.rpartition(" ")[0], *names)
    known = any(told.intersection(noun_words(name)) - {own} for name in around)
    return noun if known else str(rule["else"])


@lru_cache(maxsize=4096)
def _rule_of(noun: str) -> Mapping[str, Any] | None:
    """What the table says of the noun's last word, where that is what names such a thing."""
    last = singular(noun).rpartition(" ")[2]
    rules: Mapping[str, Mapping[str, Any]] = load_table("inference")["named_beside"]
    return rules.get(last) if named_as(noun) and named_as(noun) == named_as(last) else None
