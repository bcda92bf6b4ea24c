"""How people say what a name counts: ``nonfree_baggages`` is bags, so many of them paid for."""

from functools import lru_cache
from typing import NamedTuple

from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import is_plural
from generators.lexicon.tables import load_table


class Counted(NamedTuple):
    """What is counted, and which of it."""

    noun: str
    which: str
    """``in all``, ``paid for``."""
    is_whole: bool

    @property
    def label(self) -> str:
        """``bags in all``."""
        return f"{self.noun} {self.which}"


@lru_cache(maxsize=4096)
def find_counted(name: str) -> Counted | None:
    """What a name counts, where its first word says which: ``total_guests``; None else."""
    which, *words = split_words(name) or ("",)
    said = load_table("slots")["counted"]
    if which not in said["which"] or not words or not is_plural(words[-1]):
        return None
    noun = " ".join([*words[:-1], said["nouns"].get(words[-1], words[-1])])
    return Counted(label(noun), said["which"][which], said["which"][which] == "in all")
