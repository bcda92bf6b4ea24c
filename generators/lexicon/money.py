"""Amounts in words: ``120 euros``, ``$1,250``, ``300 Swiss francs``; names by babel (CLDR)."""

import re
from functools import cache, lru_cache

from generators.lexicon.names import words_before
from generators.lexicon.tables import load_words

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_WRITTEN_BEFORE = {"USD": "$", "GBP": "£"}
"""Currencies whose sign people write before the amount; others are named behind it."""
_COMMON = {"euro": "EUR", "dollar": "USD", "pound": "GBP", "franc": "CHF", "yen": "JPY"}
_PRICES = ("price", "total", "amount", "cost", "fee", "fare")
_CODE = re.compile(r"\b[A-Z]{3}\b")


def figure_amount(value: float) -> str:
    """The amount alone: ``1,250``, ``45.50``."""
    return f"{value:,.2f}" if not float(value).is_integer() else f"{int(value):,}"


def name_amount(value: float, currency: str) -> str:
    """The amount in a currency by its ISO code; the amount alone where that is no known one."""
    amount = figure_amount(value)
    if currency in _WRITTEN_BEFORE:
        return f"{_WRITTEN_BEFORE[currency]}{amount}"
    name = _name_currency(currency, 1 if value == 1 else 2) if currency else ""
    return f"{amount} {name}".strip()


@lru_cache(maxsize=20_000)
def find_currency(said: str) -> str:
    """The ISO code of the one currency that a description speaks of; empty for none or several."""
    codes = _known_codes() - load_words("exceptions", "no_currency")
    found = {code for code in _CODE.findall(said) if code in codes}
    if not found:
        words = set(re.findall(r"[a-z]+", said.lower()))
        found |= {code for word, code in _COMMON.items() if words & {word, f"{word}s"}}
        found |= {code for code in ("EUR", "USD", "GBP") if code.lower() in words}
        found |= {code for sign, code in _SIGNS.items() if sign in said}
    return found.pop() if len(found) == 1 else ""


@cache
def _known_codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies("en"))


@cache
def _name_currency(code: str, count: int) -> str:
    from babel.numbers import get_currency_name

    return str(get_currency_name(code, count, locale="en")) if code in _known_codes() else ""


@lru_cache(maxsize=4096)
def is_price(name: str) -> bool:
    """Whether a field of that name says what a thing costs: ``total_price``, not ``tip_amount``."""
    head = words_before(name, frozenset({"per"})).split()
    words = [word for word in head if word not in ("total", "unit")] or head
    return len(words) == 1 and words[0] in _PRICES
