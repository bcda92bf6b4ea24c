"""Texts as vectors: the small bundled model, and a model-free stand-in.

Cosine similarity of two texts is the dot product of their rows. What is done with it lies in
`generators.graph.recipes`.
"""

import json
import zlib
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
_NAME = "l2_supercat"
"""The files of the vectors are called so."""
_BATCH = 64
"""Texts that are put into numbers at once."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), d)``, float32, every row of length one."""
        ...


class WordEmbedder:
    """Averaged word vectors (wordllama, 256 dimensions), read from the installed package.

    Loaded at the first use; needs no network and writes no file. Only the package's files are
    used: its import, and all its vectors in single precision, take a quarter of a second.
    """

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), 256)``."""
        tokenizer, words = self._model
        found = np.empty((len(texts), words.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = list(texts[start : start + _BATCH])
            encoded = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            ids = np.array([one.ids for one in encoded], dtype=np.int32)
            mask = np.array([one.attention_mask for one in encoded], dtype=np.float32)
            counts = np.maximum(mask.sum(axis=1, keepdims=True), 1)
            total = np.zeros((len(batch), words.shape[1]), dtype=np.float32)
            for ids_there, inside in zip(ids.T, mask.T, strict=True):  # first words, second words
                total += words[ids_there].astype(np.float32) * inside[:, np.newaxis]
            found[start : start + _BATCH] = total / counts
        return _unit(found)

    @cached_property
    def _model(self) -> "tuple[Tokenizer, NDArray[np.float16]]":
        from tokenizers import Tokenizer

        place = find_spec("wordllama")
        if place is None or place.origin is None:
            raise ModuleNotFoundError("wordllama, whose word vectors are used, is not installed")
        home = Path(place.origin).parent
        tokenizer = Tokenizer.from_file(str(home / "tokenizers" / f"{_NAME}_tokenizer_config.json"))
        tokenizer.enable_padding()
        tokenizer.no_truncation()
        # Of millions of bytes, those are read that the words of a text need.
        file = home / "weights" / f"{_NAME}_256.safetensors"
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            told = json.loads(opened.read(length))["embedding.weight"]
        first = 8 + length + told["data_offsets"][0]
        words = np.memmap(file, np.float16, "r", first, tuple(told["shape"]))
        return tokenizer, words


@cache
def word_embedder() -> WordEmbedder:
    """The one of this process: its vectors are read once."""
    return WordEmbedder()


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


def _unit(rows: Vectors) -> Vectors:
    """The rows, made of length one; one of zeros, as an empty text's, becomes the first axis."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    empty = lengths[:, 0] == 0
    if rows.size:
        rows[empty, 0] = 1
    lengths[empty] = 1
    rows /= lengths
    return rows
