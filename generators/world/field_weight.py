"""Which fields of a row no report may leave out, where nobody has said it.

What a service refuses or limits, what has to be paid or done and until when, and how a thing is to
be used: as the words of a name and the meaning tell (``data/lexicon/telling.yaml``).
"""

from generators.lexicon.names import split_words
from generators.lexicon.tables import load_table
from schemas.demand import Scalar
from schemas.semantic import SemanticType


def weigh_field(name: str, semantic: SemanticType | None) -> bool | tuple[Scalar, ...]:
    """Whether a field weighs always, never, or with the values that are given."""
    table: dict[str, list[str]] = load_table("telling")["weighs"]
    words = split_words(name)
    if semantic == "boolean":
        if words[0] in table["not_of_it"]:
            return False
        if not set(words).isdisjoint(table["granting"]):
            return (False,)
        return () if set(words).isdisjoint(table["limiting"]) else (True,)
    if semantic in ("money", "percent"):
        return not set(words).isdisjoint(table["charges"])
    if semantic in ("date", "datetime"):
        return not set(words).isdisjoint(table["deadlines"])
    if semantic in ("text", "title", "unknown"):
        return words[-1] in table["instructions"]
    if semantic in ("count", "number", "duration"):
        return not set(words).isdisjoint(table["amounts"])
    return False
