"""Which result leaves come into question for which parameters: found by inverted indices.

Comparing all leaves with all parameters grows with the square of the catalogue. Here each
parameter looks up, within its domain, the leaves that name the same row, that are called alike,
that are mentioned in its description or mention it, or that are of its kind; and in other domains
the few kinds that mean the same everywhere. Each look-up is bounded, the likeliest first. What the
pairs are worth is decided in `generators.graph.pair_scores`. They come some parameters at a time:
few enough to stay in the processor's cache.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from generators.graph.feedable_parameters import ABROAD, FeedableParameter
from generators.graph.result_leaves import READINESS, ResultLeaf
from generators.graph.value_kinds import (
    Tokens,
    description_of,
    is_generic,
    phrase_words,
    reckoned_kinds,
    serving_kinds,
    words_called,
    words_of,
)

_K = TypeVar("_K", bound=Hashable)
Numbers = NDArray[np.int64]
_NONE: Numbers = np.empty(0, dtype=np.int64)
Found = Iterator[tuple[int, Numbers]]
"""How leaves were found, and their numbers."""
_Part = tuple[int, int, Numbers]
"""Number of a parameter, how leaves were found for it, and their numbers."""

ROW, NAME, MENTION, KIND, VALUE, HEAD = 1, 2, 4, 8, 16, 32
_ROUTES = 2 * HEAD
"""How a pair was found: same row, like names, a mention, one kind, one kind of plain value abroad;
the description opens with the name. A pair may be found in several ways: they are added."""

LEAST_NAME = 0.5
"""Jaccard similarity of two names from which they count as alike."""
MOST_ROWS, MOST_NAMES, MOST_MENTIONS, MOST_KINDS, MOST_VALUES = 256, 96, 48, 64, 12
"""Leaves that one look-up gives at the most."""
MOST_PAIRS = 100_000
"""Pairs from which on no other parameter is added to those that are looked at together."""
COMMON_SHARE, LEAST_COMMON = 0.125, 5
"""Share and number of a domain's descriptions, above which a name in them is no mention."""


@dataclass(frozen=True)
class CandidatePairs:
    """Candidates of some parameters as columns, by parameter and leaf.

    Number of the parameter, number of the leaf, how it was found.
    """

    parameters: Numbers
    leaves: Numbers
    routes: NDArray[np.uint8]


def find_pairs(
    parameters: Sequence[FeedableParameter], leaves: Sequence[ResultLeaf], most: int = MOST_PAIRS
) -> Iterator[CandidatePairs]:
    """Look up all candidates, some parameters after the others; a pair occurs once."""
    likely = sorted(range(len(leaves)), key=lambda i: (-READINESS[leaves[i].model.operation], i))
    domains: dict[str, list[int]] = {}
    for i in likely:
        domains.setdefault(leaves[i].model.tool.domain, []).append(i)
    indices = {domain: _DomainIndex(numbers, leaves) for domain, numbers in domains.items()}
    abroad = _ForeignIndex(likely, leaves, indices)
    parts: list[_Part] = []
    count = 0
    for number, parameter in enumerate(parameters):
        index = indices.get(parameter.model.tool.domain)
        found = [*(index.look_up(parameter) if index else ()), *abroad.look_up(parameter)]
        parts += [(number, route, numbers) for route, numbers in found if len(numbers)]
        count += sum(len(numbers) for _, numbers in found)
        if count >= most:
            yield _unite(parts, len(leaves))
            parts, count = [], 0
    if parts:
        yield _unite(parts, len(leaves))


def _unite(parts: Sequence[_Part], count: int) -> CandidatePairs:
    """What was found as columns, each pair once; ``count``: of all leaves."""
    lengths = [len(numbers) for _, _, numbers in parts]
    wanted = np.repeat(np.array([number for number, _, _ in parts], dtype=np.int64), lengths)
    routes = np.repeat(np.array([route for _, route, _ in parts], dtype=np.uint8), lengths)
    pairs = wanted * count + np.concatenate([numbers for _, _, numbers in parts])
    found = np.sort(pairs * _ROUTES + routes)
    pairs, routes = found // _ROUTES, (found % _ROUTES).astype(np.uint8)
    first = starts_of(pairs)
    together = np.bitwise_or.reduceat(routes, first)  # all ways in which the same pair was found
    wanted, given = np.divmod(pairs[first], count)
    return CandidatePairs(wanted, given, together)


def starts_of(rising: Numbers) -> Numbers:
    """Where each value of a rising column stands first."""
    return np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]])[: len(rising)])


class _DomainIndex:
    """The leaves of one domain, by all that they can be looked up by."""

    def __init__(self, numbers: Sequence[int], leaves: Sequence[ResultLeaf]) -> None:
        """``numbers``: the domain's leaves, the likeliest sources first."""
        self._rows = _group((key, i) for i in numbers for key in leaves[i].keys)
        self.by_kind = _group((leaves[i].kind, i) for i in numbers if leaves[i].kind)
        self._by_name = _group((leaves[i].tokens, i) for i in numbers)
        self._names = sorted(self._by_name)
        self._name_words = WordIndex([frozenset(name) for name in self._names])
        told = ((description_of(leaves[i].schema), i) for i in numbers)
        self._by_text = _group((text, i) for text, i in told if text)
        self._texts = sorted(self._by_text)
        self._text_words = WordIndex([words_of(text) for text in self._texts])
        self._telling: dict[Tokens, list[str]] = {}
        self._found: dict[tuple[object, ...], Numbers] = {}

    def look_up(self, parameter: FeedableParameter) -> Found:
        """Yield what is found, and how."""
        said, name = parameter.description, parameter.tokens
        for key in parameter.keys:
            if key in self._rows:
                yield ROW, self._rows[key][:MOST_ROWS]
        yield NAME, self._once((NAME, name), lambda: self._find_alike(name))
        if not parameter.open:
            return
        mentions = (self._by_text[text] for text in self._list_telling(name))
        yield MENTION, self._once((MENTION, name), lambda: _gather(mentions, MOST_MENTIONS))
        yield HEAD, self._once((HEAD, said), lambda: self._find_heads(said))
        serving = serving_kinds().get(parameter.kind or "", ())
        for kind in sorted(reckoned_kinds()) if parameter.reckons else serving:
            if kind in self.by_kind:
                yield KIND, self.by_kind[kind][:MOST_KINDS]

    def _once(self, what: tuple[object, ...], find: Callable[[], Numbers]) -> Numbers:
        if what not in self._found:
            self._found[what] = find()
        return self._found[what]

    def _find_alike(self, name: Tokens) -> Numbers:
        names, alike = self._name_words.find_alike(set(name), LEAST_NAME)
        order = names[np.argsort(-alike, kind="stable")].tolist()
        return _gather((self._by_name[self._names[i]] for i in order), MOST_NAMES)

    def _list_telling(self, name: Tokens) -> list[str]:
        """List the descriptions that mention a name."""
        if name not in self._telling:
            texts = (self._texts[i] for i in self._text_words.find_holding(set(name)).tolist())
            self._telling[name] = [text for text in texts if _mentions(text, name)]
        return self._telling[name]

    def _find_heads(self, said: str) -> Numbers:
        """Leaves that a description opens with: "The zipcode of the city".

        What the domain speaks of all the time, such as a vendor's name, tells nothing apart.
        """
        common = max(COMMON_SHARE * len(self._texts), LEAST_COMMON)
        opening = " ".join(phrase_words(said)[:3])
        names = (self._names[i] for i in self._name_words.find_within(opening.split()).tolist())
        told = (n for n in names if _mentions(opening, n) and len(self._list_telling(n)) <= common)
        return _gather((self._by_name[n] for n in told), MOST_MENTIONS)


class _ForeignIndex:
    """Leaves of the kinds that mean the same everywhere, by name, and texts."""

    def __init__(
        self,
        likely: Sequence[int],
        leaves: Sequence[ResultLeaf],
        indices: Mapping[str, _DomainIndex],
    ) -> None:
        """``likely``: numbers of the leaves, the likeliest sources first."""
        self._values: dict[tuple[object, Tokens], dict[str, int]] = {}
        for i in likely:
            if leaves[i].semantic in ABROAD:
                best = self._values.setdefault((leaves[i].semantic, leaves[i].tokens), {})
                best.setdefault(leaves[i].model.tool.domain, i)
        self._holders = {what: sorted(best) for what, best in self._values.items()}
        self._indices = indices
        self._domains = sorted(indices)

    def look_up(self, parameter: FeedableParameter) -> Found:
        """Yield what is found in other domains, and how."""
        what = (parameter.parameter.semantic, parameter.tokens)
        domains = _list_others(parameter, self._holders.get(what, ()))
        if found := list(islice((self._values[what][d] for d in domains), MOST_VALUES)):
            yield VALUE, np.array(found, dtype=np.int64)
        if parameter.open and parameter.kind == "text":
            others = (
                self._indices[name].by_kind for name in _list_others(parameter, self._domains)
            )
            yield KIND, _gather((by["text"][:4] for by in others if "text" in by), MOST_KINDS)


def _list_others(parameter: FeedableParameter, domains: Sequence[str]) -> Iterator[str]:
    """Other domains, from the parameter's own place in the alphabet on: no two crowd one."""
    own = parameter.model.tool.domain
    start = bisect_left(domains, own)
    yield from (d for d in (*domains[start:], *domains[:start]) if d != own)


def _mentions(text: str, name: Tokens) -> bool:
    """Whether a text has the words of a name in a row, and not to say what is not meant."""
    common = len(name) == 1 and name[0] in words_called("common")
    if common or is_generic(name) or not any(len(word) > 2 for word in name):
        return False
    before, found, _ = f" {' '.join(phrase_words(text))} ".partition(f" {' '.join(name)} ")
    return bool(found) and words_called("denials").isdisjoint(before.split())


def _group(found: Iterable[tuple[_K, int]]) -> dict[_K, Numbers]:
    groups: dict[_K, list[int]] = {}
    for key, number in found:
        groups.setdefault(key, []).append(number)
    return {key: np.array(numbers, dtype=np.int64) for key, numbers in groups.items()}


def _gather(parts: Iterable[Numbers], most: int) -> Numbers:
    """Join the first parts, until there are enough."""
    taken, count = [], 0
    for part in parts:
        taken.append(part[: most - count])
        count += len(taken[-1])
        if count >= most:
            break
    return np.concatenate([_NONE, *taken])


class WordIndex:
    """Sets of words, found by the words that they hold; the answers are their numbers, rising."""

    def __init__(self, sets: Sequence[frozenset[str]]) -> None:
        self._sizes = np.array([len(words) for words in sets], dtype=np.int64)
        self._holders = _group((word, i) for i, words in enumerate(sets) for word in words)

    def _count_shared(self, words: Collection[str]) -> tuple[Numbers, Numbers]:
        """Sets that hold any of the words, and how many of them."""
        holders = [self._holders[word] for word in words if word in self._holders]
        if not holders:
            return _NONE, _NONE
        numbers, shared = np.unique(np.concatenate(holders), return_counts=True)
        return numbers, shared.astype(np.int64)

    def find_alike(
        self, words: Collection[str], least: float
    ) -> tuple[Numbers, NDArray[np.float64]]:
        """Sets whose Jaccard similarity is ``least`` or more, above zero; and how alike."""
        numbers, shared = self._count_shared(words)
        jaccard = shared / np.maximum(self._sizes[numbers] + len(words) - shared, 1)
        kept = jaccard >= least
        return numbers[kept], jaccard[kept]

    def find_within(self, words: Collection[str]) -> Numbers:
        """Sets all of whose words are among these."""
        numbers, shared = self._count_shared(words)
        within: Numbers = numbers[shared == self._sizes[numbers]]
        return within

    def find_holding(self, words: Collection[str]) -> Numbers:
        """Sets that hold all of these words."""
        numbers, shared = self._count_shared(words)
        holding: Numbers = numbers[shared == len(words)]
        return holding
