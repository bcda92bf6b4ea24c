"""Units of names and amounts: measures such as kg, and lengths of time."""

from generators.lexicon.tables import load_words


def is_measure(word: str) -> bool:
    """Whether a word is a measure: ``kg``, ``milliseconds``."""
    return word in load_words("exceptions", "measures")


def is_period(word: str) -> bool:
    """Whether a word is a length of time in the plural: ``minutes``."""
    return word in load_words("exceptions", "periods")
