"""The lexicon's tables: read from ``data/lexicon`` when they are first asked for."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import data


@cache
def load_table(name: str) -> Mapping[str, Any]:
    """Load a table by its name: ``exceptions``, ``verbs``, ``meanings``."""
    return MappingProxyType(data.table(f"lexicon/{name}.yaml"))


@cache
def read_phrases(name: str) -> Any:
    """The content of one file in ``data/phrases``."""
    return data.table(f"phrases/{name}.yaml")


@cache
def load_words(table: str, key: str) -> frozenset[str]:
    """Load one list of words of a table as a set."""
    return frozenset(load_table(table)[key])


def word_set(text: str) -> frozenset[str]:
    """Read a set of words that is written as one text."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Read a set of phrases that is written as one text, semicolons between them."""
    return frozenset(text.split(";"))
