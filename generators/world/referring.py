"""Which kind's row a name refers to: ``customer_id`` to a customer, ``new_item_ids`` to an item.

The kinds of a domain are looked up by the words of their nouns, so that a name is compared with
the few that could be meant and not with all.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from generators.lexicon.names import noun_words, snake
from generators.world.identities import BARE, NONE, names_row, stem
from generators.world.kinds import GENERIC_KEYS, Kind
from schemas.record import JsonObject

_NAME_OF = re.compile(r"\b[Nn]ames? of (?:the|an?) (\w+)\b")


class Kinds(Mapping[str, Kind]):
    """The kinds of a domain by noun, in the nouns' order."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = dict(kinds)

    def __getitem__(self, noun: str) -> Kind:
        """The kind of a noun. Raises KeyError."""
        return self._kinds[noun]

    def __iter__(self) -> Iterator[str]:
        """The nouns."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)

    def like(self, words: tuple[str, ...]) -> list[str]:
        """The nouns that end in these words, or begin with the one word and have two."""
        begun = self._by_head.get(words[0], []) if len(words) == 1 else []
        return [*self._by_ending.get(words, []), *begun]

    def holding(self, name: str) -> Kind | None:
        """The kind of fewest parts whose identity has one of this name in snake case."""
        return self._by_part.get(name)

    @cached_property
    def _by_ending(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for noun in self._kinds:
            words = tuple(noun.split())
            for start in range(len(words)):
                found.setdefault(words[start:], []).append(noun)
        return found

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for noun in self._kinds:
            words = noun.split()
            if len(words) == 2:
                found.setdefault(words[0], []).append(noun)
        return found

    @cached_property
    def _by_part(self) -> dict[str, Kind]:
        found: dict[str, Kind] = {}
        for kind in sorted(self._kinds.values(), key=lambda kind: (len(kind.identity), kind.noun)):
            for part in map(snake, kind.identity):
                found.setdefault(part, kind)
        return found


def refers_to(name: str, kinds: Kinds, context: str = "") -> str | None:
    """Find the kind whose row a name names: ``new_item_ids`` → item.

    Among several, the one that shares most words with the context: an issue comment's reaction
    refers by ``comment_id`` to an issue comment.
    """
    before = stem(name)
    if before == ():
        return None
    if before is None:
        # Find the kind whose key is its own name, ``repo``; or in whose scope it is, ``owner``.
        own = kinds.get(" ".join(noun_words(name)))
        if own is not None and snake(own.key) == snake(name):
            return own.noun
        if snake(name) in GENERIC_KEYS:
            return None
        smallest = kinds.holding(snake(name))
        return smallest.noun if smallest and len(smallest.identity) > 1 else None
    around = set(noun_words(context))
    graded = [
        (names_row(name, noun, kinds), len(around & set(noun.split())), -len(noun), noun)
        for noun in kinds.like(before)
        if _same_sort(name, kinds[noun].key)
    ]
    best = max(graded, default=(NONE, 0, 0, ""))
    if best[0] > BARE:
        return best[-1]
    ends = [" ".join(before[start:]) for start in range(len(before))]
    fitting = [noun for noun in ends if noun in kinds and _same_sort(name, kinds[noun].key)]
    return max(fitting, key=lambda noun: (len(noun), noun), default=None)


def _same_sort(name: str, key: str) -> bool:
    """Whether the name is of the key's sort: an account number is no account id."""
    last = noun_words(name)[-1]
    return last in ("id", "uuid", "guid") or last == noun_words(key)[-1]


def told_reference(schema: JsonObject, kinds: Mapping[str, Kind]) -> str | None:
    """Find the kind whose rows are known by name, where a description says so of a value."""
    told = _NAME_OF.search(str(schema.get("description", "")))
    kind = kinds.get(" ".join(noun_words(told[1]))) if told else None
    return kind.noun if kind is not None and kind.identity == ("name",) else None
