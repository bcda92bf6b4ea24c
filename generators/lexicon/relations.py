"""What the names of fields tell of how their values belong together, within one thing.

A part is not more than its whole, the two ends of a way differ, a count counts a list. The words
are data (``data/lexicon/relations.yaml``). The rules of a world model conclude constraints from it,
and what lies within values keeps to it too. How people say what a name counts stands here as well:
``nonfree_baggages`` is bags, so many of them paid for.
"""

from functools import lru_cache, partial
from itertools import product
from typing import NamedTuple

from generators.lexicon.names import label, noun_words, split_words
from generators.lexicon.nouns import is_plural
from generators.lexicon.tables import load_table, load_words

_words = partial(load_words, "relations")
_REMEMBERED = 4096

Pairs = tuple[tuple[str, str], ...]
"""Two fields by name."""


def _bare(name: str, marks: str) -> tuple[str, ...] | None:
    """The words of a name without those that mark it; None where it has none of them."""
    words = noun_words(name)
    rest = tuple(word for word in words if word not in _words(marks))
    if rest != words and rest[:1] == ("of",):
        rest = rest[1:]  # number of seasons
    return rest if rest and rest != words else None


@lru_cache(maxsize=_REMEMBERED)
def parts_of_wholes(names: tuple[str, ...]) -> Pairs:
    """(part, whole) of the same thing: ``nonfree_baggages`` and ``total_baggages``."""
    wholes = {name: _bare(name, "wholes") for name in names}
    parts = {name: _bare(name, "parts") for name in names if wholes[name] is None}
    wholes |= {name: tuple(noun_words(name)) for name in parts if parts[name] is None}
    return tuple(
        (part, whole)
        for (part, about), (whole, same) in product(parts.items(), wholes.items())
        if about is not None and about == same
    )


@lru_cache(maxsize=_REMEMBERED)
def opposite_ends(names: tuple[str, ...]) -> Pairs:
    """Fields that are the two ends of one way: ``from_account_id`` and ``to_account_id``."""
    said = {tuple(noun_words(name)): name for name in names}
    spoken = {word for words in said for word in words}
    found = []
    for one, other in load_table("relations")["ends"]:
        for words, name in said.items() if one in spoken and other in spoken else ():
            opposite = tuple(other if word == one else word for word in words)
            if one in words and opposite in said:
                found.append((name, said[opposite]))
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED)
def counted_lists(names: tuple[str, ...]) -> Pairs:
    """(count, list): ``comments_count`` and ``comments``; which holds what is for others to see."""
    said = {tuple(noun_words(name)): name for name in reversed(names)}
    counts = ((name, _bare(name, "counts")) for name in names)
    return tuple((name, said[about]) for name, about in counts if about in said)


@lru_cache(maxsize=_REMEMBERED)
def opposite_flags(names: tuple[str, ...]) -> Pairs:
    """Flags of which the second is not set where the first is: ``collaborative``, ``public``."""
    said = {" ".join(split_words(name)).removeprefix("is "): name for name in names}
    pairs = load_table("relations")["opposite"]
    return tuple((said[one], said[other]) for one, other in pairs if {one, other} <= said.keys())


@lru_cache(maxsize=_REMEMBERED)
def halves_of_wholes(names: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """(``total_converted``, ``total_unconverted``, ``total_attempts``): two make the third."""
    said = {tuple(split_words(name)): name for name in names}
    halves = [
        (said[words], said[other])
        for words in said
        if (other := (*words[:-1], f"un{words[-1]}")) in said
    ]
    marked = [name for words, name in said.items() if _words("wholes") & {*words}]
    left = [name for name in marked if halves and name not in halves[0]]
    return ((*halves[0], left[0]),) if len(halves) == len(left) == 1 else ()


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
