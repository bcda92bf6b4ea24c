"""Texts as vectors: the small bundled model, and a model-free stand-in.

Cosine similarity of two texts is the dot product of their rows. What is done with it lies in
`generators.graph.edges`.
"""

import logging
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wordllama.inference import WordLlamaInference

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), d)``, float32, every row of length one."""
        ...


class WordEmbedder:
    """Averaged word vectors (wordllama, 256 dimensions), read from the installed package.

    Loaded at the first use; needs no network and writes no file.
    """

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), 256)``."""
        return _unit(self._model.embed(list(texts)))

    @cached_property
    def _model(self) -> "WordLlamaInference":
        # Importing wordllama sets up logging for everybody, unless a handler is there already.
        root, handler = logging.getLogger(), logging.NullHandler()
        root.addHandler(handler)
        try:
            import wordllama
        finally:
            root.removeHandler(handler)
        # The wheel keeps its tokenizer in a folder that only a cache folder is searched for.
        home = Path(wordllama.__file__).parent
        return wordllama.WordLlama.load(cache_dir=home, disable_download=True)


class HashEmbedder:
    """Counts of hashed character trigrams: similar spelling gives similar vectors."""

    def __init__(self, dimensions: int = 256) -> None:
        self._dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), dimensions)``."""
        counts = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()} "
            for start in range(len(padded) - 2):
                gram = padded[start : start + 3].encode()
                counts[row, zlib.crc32(gram) % self._dimensions] += 1
        return _unit(counts)


def embed_texts(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Vectors of many texts, in their order; each distinct text is embedded once."""
    distinct = sorted(set(texts))
    places = {text: place for place, text in enumerate(distinct)}
    vectors: Vectors = embedder.embed(distinct)[[places[text] for text in texts]]
    return vectors


def _unit(rows: Vectors) -> Vectors:
    """Rows of length one; a row of zeros, such as an empty text's, becomes the first axis."""
    rows = np.asarray(rows, dtype=np.float32).copy()
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    empty = lengths[:, 0] == 0
    if rows.size:
        rows[empty, 0] = 1
    lengths[empty] = 1
    unit: Vectors = rows / lengths
    return unit
