"""Names as words: the one way in which the graph compares them."""

from functools import lru_cache

from generators.lexicon.names import split_numbers
from generators.lexicon.nouns import singular
from schemas.record import JsonObject

Tokens = tuple[str, ...]

BARE: frozenset[Tokens] = frozenset({("id",), ("name",), ("number",), ("key",), ("code",)})
"""Names that are told apart by the thing that they belong to."""
GENERIC: frozenset[Tokens] = frozenset(
    (word,)
    for word in (
        *("status", "state", "message", "success", "error", "code", "type", "kind", "version"),
        *("page", "limit", "offset", "total", "count", "size", "cursor", "index"),
        *("id", "name", "number", "key", "value", "result", "data"),
        *("href", "next", "previous", "prev", "self"),
    )
)
"""Names that say nothing about what they name."""


@lru_cache(maxsize=20_000)
def name_tokens(name: str) -> Tokens:
    """``pullNumbers`` → ``("pull", "number")``."""
    return tuple(singular(word) for word in split_numbers(name))


def qualified(tokens: Tokens, noun: str) -> Tokens:
    """Put its thing before a bare name: ``id`` of an order → ``("order", "id")``."""
    return (*noun.split(), *tokens) if tokens in BARE else tokens


def last_name(path: str) -> str:
    """``items[].sku`` → ``sku``; empty for the root."""
    return path.replace("[]", "").rsplit(".", 1)[-1]


def json_types(schema: JsonObject) -> frozenset[str]:
    """JSON types, all numbers taken as one; empty where the schema does not say."""
    named = schema.get("type", ())
    names = [named] if isinstance(named, str) else named
    return frozenset("number" if name == "integer" else name for name in names) - {"null"}
