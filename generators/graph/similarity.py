"""How alike names and descriptions are, many pairs at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generators.graph.embedding import Embedder, Vectors
from generators.graph.names import Tokens
from schemas.record import JsonObject

Columns = NDArray[np.int64]
Values = NDArray[np.float32]
MOST_WORDS = 8
"""Of a name that are compared."""


class NamePairs:
    """Names of two sides, to be compared word by word."""

    def __init__(self, ours: Sequence[Tokens], theirs: Sequence[Tokens]) -> None:
        distinct = sorted({*ours, *theirs})
        places = {name: place for place, name in enumerate(distinct)}
        words = {word: n for n, word in enumerate(sorted({w for name in distinct for w in name}))}
        self._ours = np.array([places[name] for name in ours], dtype=np.int64)
        self._theirs = np.array([places[name] for name in theirs], dtype=np.int64)
        self._words = np.full((len(distinct), MOST_WORDS), -1, dtype=np.int32)
        for row, name in enumerate(distinct):
            numbers = sorted({words[word] for word in name})[:MOST_WORDS]
            self._words[row, : len(numbers)] = numbers
        self._sizes = (self._words >= 0).sum(axis=1)

    def jaccard(self, ours: Columns, theirs: Columns) -> Values:
        """Jaccard similarity of the sets of words of pairs of names."""
        a, b = self._ours[ours], self._theirs[theirs]
        both = np.zeros(len(a), dtype=np.int64)
        for column in range(MOST_WORDS):
            word = self._words[a, column][:, None]
            both += ((word == self._words[b]) & (word >= 0)).any(axis=1)
        either = self._sizes[a] + self._sizes[b] - both
        alike: Values = (both / np.maximum(either, 1)).astype(np.float32)
        return alike


class TextPairs:
    """Texts as vectors; each distinct text is embedded, and kept, once."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        distinct = sorted(set(texts))
        places = {text: place for place, text in enumerate(distinct)}
        self._which = np.array([places[text] for text in texts], dtype=np.int64)
        self._vectors: Vectors = embedder.embed(distinct)

    def cosines(self, ours: Columns, theirs: Columns) -> Values:
        """Cosine similarity of pairs of texts."""
        a, b = self._vectors[self._which[ours]], self._vectors[self._which[theirs]]
        cosines: Values = np.einsum("ij,ij->i", a, b)
        return cosines


def text_of(tokens: Tokens, schema: JsonObject, noun: str) -> str:
    """Put a value's name, its description and the thing that it belongs to into one text."""
    return f"{' '.join(tokens)}: {schema.get('description', '')}, of the {noun}"
