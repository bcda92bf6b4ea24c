"""The tools that an assistant is offered: those that are needed, near ones, and random ones.

Hybrid-20 of UniToolCall (arXiv 2604.11557): the needed tools and their nearest neighbours up to 15,
then random ones up to 20. Its lists put the needed tools first; here their place tells nothing.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from random import Random

import numpy as np
from numpy.typing import NDArray

from generators.embedding import Embedder, Vectors, embed_texts
from generators.lexicon.names import split_words
from generators.world.model import ToolModel, World

NEAR, SIZE = 15, 20
_WIDE = 12
"""So many times the list's length are drawn at random, lest too few be left that are allowed."""


class Shelf:
    """All tools, ready to be offered. Their vectors are made once, when they are first needed."""

    def __init__(
        self,
        world: World,
        names: Sequence[str],
        embedder: Embedder,
        near: int = NEAR,
        size: int = SIZE,
    ) -> None:
        """``names``: wire names in the catalogue's order. ``near``, ``size``: see `offer`."""
        self.world, self.names = world, tuple(names)
        self.near, self.size = near, size
        self._embedder = embedder

    def offer(
        self, needed: Sequence[str], rng: Random, barred: Callable[[str], bool] = lambda _: False
    ) -> tuple[str, ...]:
        """Needed tools, their neighbours up to ``near`` and others up to ``size``, shuffled.

        What is ``barred`` is not offered. Shorter only where the catalogue has no more.
        """
        chosen = dict.fromkeys(needed)
        some = rng.sample(self.names, min(len(self.names), _WIDE * self.size))
        for most, candidates in ((self.near, self._nearest(tuple(chosen))), (self.size, some)):
            for name in candidates:
                if len(chosen) >= most:
                    break
                if name not in chosen and not barred(name):
                    chosen[name] = None
        offered = list(chosen)
        rng.shuffle(offered)
        return tuple(offered)

    def likeness(self, one: str, two: str) -> float:
        """Cosine of the texts of two tools."""
        vectors = self._vectors
        return float(vectors[self._places[one]] @ vectors[self._places[two]])

    def _nearest(self, needed: Sequence[str]) -> list[str]:
        """All tools by their cosine to the nearest needed one, best first."""
        rows = self._vectors[[self._places[name] for name in needed]]
        best: NDArray[np.float32] = (self._vectors @ rows.T).max(axis=1, initial=-1)
        # rounded, so that another processor's last digit makes no other order
        order = np.argsort(-np.round(best, 4), kind="stable")
        return [self.names[place] for place in order[: len(needed) + _WIDE * self.size]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def _vectors(self) -> Vectors:
        """One row a tool, in the order of ``names``."""
        return embed_texts(self._embedder, [_text(self.world.models[n]) for n in self.names])


def _text(model: ToolModel) -> str:
    return f"{' '.join(split_words(model.tool.name))}: {model.tool.description}"
