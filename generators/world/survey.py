"""What the tools of a domain say together: gathered once, asked for every kind.

Whatever would have to look through all tools for each of the domain's nouns is kept here by noun
or by name, so that a domain's time grows with its tools and not with their square.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from generators.lexicon.names import noun_words, snake
from generators.world.identities import stem
from generators.world.schema_leaves import Leaf
from generators.world.tool_drafts import Draft


@dataclass(frozen=True)
class Survey:
    """The concluded tools of one domain."""

    drafts: Sequence[Draft]

    @cached_property
    def by_noun(self) -> dict[str, list[Draft]]:
        """Noun → the tools about it, computations left out."""
        found: dict[str, list[Draft]] = {}
        for draft in self.drafts:
            if draft.operation != "compute" and draft.noun:
                found.setdefault(draft.noun, []).append(draft)
        return found

    @cached_property
    def naming(self) -> dict[str, list[Leaf]]:
        """Noun → the parameters of any tool that name it in full: ``order_id``, ``order``."""
        found: dict[str, list[Leaf]] = {}
        for draft in self.drafts:
            for leaf in draft.leaves:
                words = stem(leaf.name) or noun_words(leaf.name)
                found.setdefault(" ".join(words), []).append(leaf)
        return found

    @cached_property
    def uses(self) -> Counter[str]:
        """Name in snake case → how many parameters bear it."""
        return Counter(snake(leaf.name) for draft in self.drafts for leaf in draft.leaves)

    @cached_property
    def needs(self) -> Counter[str]:
        """Name in snake case → how many required parameters bear it."""
        return Counter(snake(leaf.name) for draft in self.drafts for leaf in draft.required)

    def shortens(self, words: tuple[str, ...]) -> bool:
        """Whether the words are a noun, its last words, or the first of a noun of two."""
        return words in self._endings or (len(words) == 1 and words[0] in self._heads)

    @cached_property
    def _endings(self) -> frozenset[tuple[str, ...]]:
        nouns = [tuple(noun.split()) for noun in self.by_noun]
        return frozenset(noun[start:] for noun in nouns for start in range(len(noun)))

    @cached_property
    def _heads(self) -> frozenset[str]:
        nouns = [noun.split() for noun in self.by_noun]
        return frozenset(noun[0] for noun in nouns if len(noun) == 2)
