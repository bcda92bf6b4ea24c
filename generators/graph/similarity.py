"""How alike names and descriptions are, many at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generators.graph.embedding import Embedder, Vectors
from generators.graph.returned import Tokens
from schemas.record import JsonObject

Matrix = NDArray[np.float32]


class Names:
    """Many names, to be compared word by word with others."""

    def __init__(self, names: Sequence[Tokens]) -> None:
        distinct = sorted(set(names))
        places = {name: place for place, name in enumerate(distinct)}
        words = sorted({word for name in distinct for word in name})
        self._which = [places[name] for name in names]
        self._columns = {word: column for column, word in enumerate(words)}
        self._rows = self._incidence(distinct)

    def similarity(self, others: Sequence[Tokens]) -> Matrix:
        """Jaccard similarity of the sets of words: shape ``(names, others)``."""
        theirs = self._incidence(others)
        both = self._rows @ theirs.T
        sizes = np.array([len(set(other)) for other in others], dtype=np.float32)
        either = self._rows.sum(axis=1, keepdims=True) + sizes - both
        alike: Matrix = (both / np.maximum(either, 1))[self._which]
        return alike

    def _incidence(self, names: Sequence[Tokens]) -> Matrix:
        """Ones where a name has a word: shape ``(names, words)``."""
        rows = np.zeros((len(names), len(self._columns)), dtype=np.float32)
        for row, name in enumerate(names):
            rows[row, [self._columns[word] for word in name if word in self._columns]] = 1
        return rows


def text_of(tokens: Tokens, schema: JsonObject, noun: str) -> str:
    """Put a value's name, its description and the thing that it belongs to into one text."""
    return f"{' '.join(tokens)}: {schema.get('description', '')}, of the {noun}"


def embed_texts(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Vectors of many texts, in their order; each distinct text is embedded once."""
    distinct = sorted(set(texts))
    places = {text: place for place, text in enumerate(distinct)}
    vectors: Vectors = embedder.embed(distinct)[[places[text] for text in texts]]
    return vectors
