"""Which result leaves come into question for which parameters: found by inverted indices.

Comparing all leaves with all parameters grows with the square of the catalogue. Here each
parameter looks up, within its domain, the leaves that name the same row, that are called alike,
that are mentioned in its description or mention it, or that are of its kind; and in other domains
the few kinds that mean the same everywhere. Each look-up is bounded, the likeliest first. What the
pairs are worth is decided in `generators.graph.edges`.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from generators.graph.feedable_parameters import ABROAD, FeedableParameter
from generators.graph.names import GENERIC, Tokens
from generators.graph.result_leaves import BASE, ResultLeaf
from generators.graph.value_kinds import RECKONED, SERVES, phrase_of, words_of

_K = TypeVar("_K", bound=Hashable)
Numbers = NDArray[np.int64]
_NONE: Numbers = np.empty(0, dtype=np.int64)

ROW, NAME, MENTION, KIND, VALUE, HEAD = 1, 2, 4, 8, 16, 32
"""How a pair was found: same row, like names, a mention, one kind, one kind of plain value abroad;
the description opens with the name. A pair may be found in several ways: they are added."""

LEAST_NAME = 0.5
"""Jaccard similarity of two names from which they count as alike."""
MOST_ROWS, MOST_NAMES, MOST_MENTIONS, MOST_KINDS, MOST_VALUES = 256, 96, 48, 64, 12
"""Leaves that one look-up gives at the most."""
COMMON_SHARE, LEAST_COMMON = 0.125, 5
"""Share and number of a domain's descriptions, above which a name in them is no mention."""

_COMMON: frozenset[Tokens] = frozenset({("date",), ("time",), ("user",), ("amount",), ("list",)})
"""Names that occur in descriptions of anything."""
_DENIALS = frozenset({"not", "never", "different", "unlike", "instead", "rather"})


@dataclass(frozen=True)
class Pairs:
    """Candidates as columns: number of the parameter, number of the leaf, how it was found."""

    wants: Numbers
    leaves: Numbers
    routes: NDArray[np.uint8]


def find_pairs(wanted: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf]) -> Pairs:
    """Look up all candidates; a pair occurs once."""
    shelves = _shelves(leaves)
    abroad = _Abroad(leaves, shelves)
    columns: list[list[Numbers]] = [[], [], []]
    for number, want in enumerate(wanted):
        shelf = shelves.get(want.model.tool.domain)
        found = [*(shelf.look_up(want) if shelf else ()), *abroad.look_up(want)]
        for route, numbers in found:
            columns[0].append(np.full(len(numbers), number, dtype=np.int64))
            columns[1].append(numbers)
            columns[2].append(np.full(len(numbers), route, dtype=np.int64))
    wants, found_leaves, routes = (_joined(column) for column in columns)
    return _merged(wants, found_leaves, routes, len(leaves))


def _joined(parts: list[Numbers]) -> Numbers:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _merged(wants: Numbers, leaves: Numbers, routes: Numbers, count: int) -> Pairs:
    """Join the ways in which the same pair was found."""
    places, which = np.unique(wants * max(count, 1) + leaves, return_inverse=True)
    together = np.zeros(len(places), dtype=np.uint8)
    np.bitwise_or.at(together, which, routes.astype(np.uint8))
    return Pairs(places // max(count, 1), places % max(count, 1), together)


class _Shelf:
    """The leaves of one domain, by all that they can be looked up by."""

    def __init__(self, numbers: Sequence[int], leaves: Sequence[ResultLeaf]) -> None:
        """``numbers``: the domain's leaves, the likeliest sources first."""
        self._numbers, self._leaves = numbers, leaves
        self._rows = _grouped((key, i) for i in numbers for key in leaves[i].keys)
        self._by_name = _grouped((leaves[i].tokens, i) for i in numbers)
        self._names = sorted(self._by_name)
        self._name_words = WordIndex([frozenset(name) for name in self._names])
        self.by_kind = _grouped((leaves[i].kind, i) for i in numbers if leaves[i].kind)
        self._shares: dict[Tokens, int] = {}
        self._found: dict[tuple[object, ...], Numbers] = {}

    def look_up(self, want: FeedableParameter) -> Iterator[tuple[int, Numbers]]:
        """Yield what is found, and how."""
        for key in want.keys:
            if key in self._rows:
                yield ROW, self._rows[key][:MOST_ROWS]
        yield NAME, self._once(("name", want.tokens), self._alike, want)
        if want.open:
            yield MENTION, self._once(("mention", want.said, want.tokens), self._mentions, want)
            yield HEAD, self._once(("head", want.said), self._heads, want)
            yield from ((KIND, numbers[:MOST_KINDS]) for numbers in self._of_kind(want))

    def _once(
        self,
        what: tuple[object, ...],
        look_up: Callable[[FeedableParameter], Numbers],
        want: FeedableParameter,
    ) -> Numbers:
        if what not in self._found:
            self._found[what] = look_up(want)
        return self._found[what]

    def _alike(self, want: FeedableParameter) -> Numbers:
        names, alike = self._name_words.alike(set(want.tokens), LEAST_NAME)
        order = names[np.argsort(-alike, kind="stable")].tolist()
        return _gathered((self._by_name[self._names[i]] for i in order), MOST_NAMES)

    def _mentions(self, want: FeedableParameter) -> Numbers:
        """Leaves that the parameter's description names, or whose description names it."""
        names = (self._names[i] for i in self._name_words.within(words_of(want.said)).tolist())
        told = [self._by_name[n] for n in names if _told(n, want.said) and not self._everywhere(n)]
        texts = (self._texts[i] for i in self._text_words.holding(set(want.tokens)).tolist())
        told += [self._by_text[text] for text in texts if _told(want.tokens, text)]
        return _gathered(told, MOST_MENTIONS)

    def _everywhere(self, name: Tokens) -> bool:
        """Whether the domain speaks of it all the time: a vendor's name tells nothing apart."""
        if name not in self._shares:
            found = self._text_words.holding(set(name)).tolist()
            self._shares[name] = sum(_told(name, self._texts[i]) for i in found)
        return self._shares[name] > max(COMMON_SHARE * len(self._texts), LEAST_COMMON)

    def _heads(self, want: FeedableParameter) -> Numbers:
        """Leaves that the parameter's description opens with: "The zipcode of the city"."""
        opening = " ".join(phrase_of(want.said)[:3])
        names = (self._names[i] for i in self._name_words.within(opening.split()).tolist())
        return _gathered((self._by_name[n] for n in names if _told(n, opening)), MOST_MENTIONS)

    def _of_kind(self, want: FeedableParameter) -> Iterator[Numbers]:
        serving = SERVES.get(want.kind or "", ())
        for kind in sorted(RECKONED) if want.reckons else serving:
            if kind in self.by_kind:
                yield self.by_kind[kind]

    @cached_property
    def _by_text(self) -> Mapping[str, Numbers]:
        told = ((str(self._leaves[i].schema.get("description", "")), i) for i in self._numbers)
        return _grouped((text, i) for text, i in told if text)

    @cached_property
    def _texts(self) -> list[str]:
        return sorted(self._by_text)

    @cached_property
    def _text_words(self) -> "WordIndex":
        return WordIndex([words_of(text) for text in self._texts])


class _Abroad:
    """Leaves of the kinds that mean the same everywhere, by name, and texts and numbers."""

    def __init__(self, leaves: Sequence[ResultLeaf], shelves: Mapping[str, _Shelf]) -> None:
        plain = (i for i, leaf in enumerate(leaves) if leaf.semantic in ABROAD)
        self._values: dict[tuple[object, Tokens], dict[str, int]] = {}
        for i in sorted(plain, key=lambda i: _likely(i, leaves)):
            best = self._values.setdefault((leaves[i].semantic, leaves[i].tokens), {})
            best.setdefault(leaves[i].model.tool.domain, i)
        self._holders = {what: sorted(best) for what, best in self._values.items()}
        self._shelves = shelves
        self._domains = sorted(shelves)

    def look_up(self, want: FeedableParameter) -> Iterator[tuple[int, Numbers]]:
        """Yield what is found in other domains, and how."""
        what = (want.parameter.semantic, want.tokens)
        near = (self._values[what][d] for d in self._after(want, self._holders.get(what, ())))
        if found := list(islice(near, MOST_VALUES)):
            yield VALUE, np.array(found, dtype=np.int64)
        if want.open and want.kind == "text":
            kinds = (self._shelves[d].by_kind.get("text") for d in self._after(want, self._domains))
            told = _gathered((numbers[:4] for numbers in kinds if numbers is not None), MOST_KINDS)
            yield KIND, told

    def _after(self, want: FeedableParameter, domains: Sequence[str]) -> Iterator[str]:
        """Other domains, from the parameter's own place in the alphabet on: no two crowd one."""
        own = want.model.tool.domain
        start = bisect_left(domains, own)
        yield from (d for d in (*domains[start:], *domains[:start]) if d != own)


def _told(name: Tokens, text: str) -> bool:
    """Whether a text has the words of a name in a row, and not to say what is not meant."""
    if name in GENERIC or name in _COMMON or not any(len(word) > 2 for word in name):
        return False
    before, found, _ = f" {' '.join(phrase_of(text))} ".partition(f" {' '.join(name)} ")
    return bool(found) and _DENIALS.isdisjoint(before.split())


def _shelves(leaves: Sequence[ResultLeaf]) -> dict[str, _Shelf]:
    likely = sorted(range(len(leaves)), key=lambda i: _likely(i, leaves))
    domains: dict[str, list[int]] = {}
    for i in likely:
        domains.setdefault(leaves[i].model.tool.domain, []).append(i)
    return {domain: _Shelf(numbers, leaves) for domain, numbers in domains.items()}


def _likely(i: int, leaves: Sequence[ResultLeaf]) -> tuple[float, int]:
    return -BASE[leaves[i].model.operation], i


def _grouped(found: Iterable[tuple[_K, int]]) -> dict[_K, Numbers]:
    groups: dict[_K, list[int]] = {}
    for key, number in found:
        groups.setdefault(key, []).append(number)
    return {key: np.array(numbers, dtype=np.int64) for key, numbers in groups.items()}


def _gathered(parts: Iterable[Numbers], most: int) -> Numbers:
    """Join the first parts, until there are enough."""
    taken, count = [], 0
    for part in parts:
        taken.append(part[: most - count])
        count += len(taken[-1])
        if count >= most:
            break
    return _joined(taken)


class WordIndex:
    """Sets of words, found by the words that they hold; the answers are their numbers, rising."""

    def __init__(self, sets: Sequence[frozenset[str]]) -> None:
        self._sizes = np.array([len(words) for words in sets], dtype=np.int64)
        lists: dict[str, list[int]] = {}
        for number, words in enumerate(sets):
            for word in words:
                lists.setdefault(word, []).append(number)
        self._lists = {word: np.array(found, dtype=np.int64) for word, found in lists.items()}

    def alike(self, words: Collection[str], least: float) -> tuple[Numbers, NDArray[np.float64]]:
        """Sets whose Jaccard similarity is ``least`` or more, above zero; and how alike."""
        numbers, shared = self._shared(words)
        jaccard = shared / np.maximum(self._sizes[numbers] + len(words) - shared, 1)
        kept = jaccard >= least
        return numbers[kept], jaccard[kept]

    def within(self, words: Collection[str]) -> Numbers:
        """Sets all of whose words are among these."""
        numbers, shared = self._shared(words)
        within: Numbers = numbers[shared == self._sizes[numbers]]
        return within

    def holding(self, words: Collection[str]) -> Numbers:
        """Sets that hold all of these words."""
        numbers, shared = self._shared(words)
        holding: Numbers = numbers[shared == len(words)]
        return holding

    def _shared(self, words: Collection[str]) -> tuple[Numbers, Numbers]:
        lists = [self._lists[word] for word in words if word in self._lists]
        if not lists:
            return _NONE, _NONE
        numbers, shared = np.unique(np.concatenate(lists), return_counts=True)
        return numbers, shared.astype(np.int64)
