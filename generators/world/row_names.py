"""Which parameters name a row: ``order_id`` an order, ``pullNumber`` a pull request.

One parameter is judged against one noun. Which of an entity's names becomes its identity is decided
in `generators.world.entity_drafts`.
"""

from collections.abc import Container
from functools import cache, partial

from generators.lexicon.names import noun_words
from generators.lexicon.tables import load_table, load_words
from generators.world.schema_leaves import Leaf, plain_schema, schema_type

_words = partial(load_words, "inference")


EXACT, ENDING, SHORT, BARE, NONE = 4, 3, 2, 1, 0
"""How well a parameter names a noun's row."""


@cache
def stem(name: str) -> tuple[str, ...] | None:
    """``order_id`` → ``("order",)``; ``id`` → ``()``; None where it does not end in a key."""
    words = noun_words(name)
    if words[-2:] == ("node", "id"):
        return words[:-2]
    return words[:-1] if words and words[-1] in _words("keys") else None


def names_row(name: str, noun: str, known: Container[str] = ()) -> int:
    """Grade from EXACT to NONE how well a parameter of this name names a row of ``noun``.

    ``known`` are the nouns of the domain: a parameter that names another one of them is no short
    form of this one.
    """
    words, nouns = noun_words(name), tuple(noun.split())
    if not nouns or is_targeted(name):
        return NONE
    before = stem(name)
    if before:
        if before == nouns:
            return EXACT
        if " ".join(before) in known:
            return NONE
        if nouns[-len(before) :] == before:
            return ENDING
        short = len(before) == 1 and len(nouns) == 2 and before[0] == nouns[0]
        return SHORT if short else NONE
    if words == nouns:
        return EXACT
    if words == nouns[-1:]:
        return BARE
    serves = len(words) == 1 and any(  # a bare key such as ``path``, of a noun that has such
        words[0] in one["keys"] and ("of" not in one or nouns[-1] in one["of"])
        for one in load_table("inference")["bare_keys"]
    )
    return BARE if serves else NONE


def short_forms(noun: str) -> set[tuple[str, ...]]:
    """What a noun may be called: its last words, all of them, or the first of two."""
    words = tuple(noun.split())
    return {words[start:] for start in range(len(words))} | (
        {words[:1]} if len(words) == 2 else set()
    )


def is_targeted(name: str) -> bool:
    """Whether the parameter names another row than the one that the tool is about."""
    return bool(_words("targets") & set(noun_words(name)[:1]))


def is_scalar(leaf: Leaf) -> bool:
    """Whether the leaf is a string or a number at the top of the arguments."""
    return not leaf.many and "." not in leaf.path and _plain(leaf)


def is_key(leaf: Leaf) -> bool:
    """Whether the leaf could name rows at all: no flag, no free text, no choice."""
    return _plain(leaf) and "enum" not in plain_schema(leaf.schema)


def _plain(leaf: Leaf) -> bool:
    return schema_type(plain_schema(leaf.schema)) in ("string", "integer", "number")
