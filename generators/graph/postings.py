"""Inverted indices over sets of words: which of many names share words with a given one."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
_NONE: Numbers = np.empty(0, dtype=np.int64)


class Postings:
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
