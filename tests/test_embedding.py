"""Texts as vectors: those of wordllama, made from its files alone."""

import logging
from pathlib import Path

import numpy as np

from generators.embedding import WordEmbedder

TEXTS = [
    "", "a", "the order's total in euros", "getUserByID", "Größe, naïve — 東京",
    *(f"number {n} " + "of many words " * (n % 9) for n in range(150)),
]  # fmt: skip


def test_the_vectors_are_those_of_wordllama() -> None:
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)  # its import sets up logging where nobody has
    try:
        import wordllama
    finally:
        root.removeHandler(handler)
    home = Path(wordllama.__file__).parent
    theirs = np.array(wordllama.WordLlama.load(cache_dir=home, disable_download=True).embed(TEXTS))
    lengths = np.linalg.norm(theirs, axis=1, keepdims=True)
    ours = WordEmbedder().embed(TEXTS)
    filled = lengths[:, 0] > 0
    assert filled.sum() == len(TEXTS) - 1
    assert np.array_equal(ours[filled], (theirs / np.where(lengths, lengths, 1))[filled])


def test_no_text_and_an_empty_one_have_vectors_of_length_one() -> None:
    embedder = WordEmbedder()
    assert embedder.embed([]).shape == (0, 256)
    assert np.allclose(np.linalg.norm(embedder.embed(["", "a b"]), axis=1), 1)
