"""A tool on its way to its meaning, what is in doubt of it, and all tools of a domain together.

The rules write into ``why`` what they went by; those of them that guess use the phrases of
`DOUBTS`, so a tool whose ``why`` has one of them is in doubt. That measures the rules, not the
truth: a tool without a doubt can be wrong all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Literal

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import Operation
from generators.world.schema_leaves import Leaf
from generators.world.semantics import semantic_type
from generators.world.tool_names import NONE, NameReading, is_scalar, names_row, short_forms, stem
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")

NO_VERB = "no verb known"
ONLY_READS = "but it only reads"
YET_WRITES = "but it writes"
SPOKEN_NOUN = "noun from the description"
PARAMETER_NOUN = "noun from the parameter"
TOLD_NOUN = "noun told twice, in the description too"
NO_NOUN = "no noun known"
SOUGHT = "document"
"""What a search finds of which nothing says what it searches."""
NO_ROW = "and names no row"

DOUBTS: Mapping[str, str] = {
    NO_VERB: "neither name nor description has a verb that is known",
    ONLY_READS: "the verb writes, the source says that it only reads",
    YET_WRITES: "the verb reads, the source says that it writes",
    SPOKEN_NOUN: "the name has no noun; one of the description's was taken",
    PARAMETER_NOUN: "the name has no noun; a parameter's was taken",
    NO_NOUN: "neither name, description nor parameters have a noun",
    NO_ROW: "what it reads is no entity that other tools know",
}
"""Phrase of a rule that guesses → what is in doubt, for people."""


def doubts_of(why: str) -> tuple[str, ...]:
    """What is in doubt of a tool; nothing where it was concluded by its name and rows."""
    return tuple(told for phrase, told in DOUBTS.items() if phrase in why)


_NAMES = frozenset({"handle", "branch", "opaque_id", "number_id", "path", "sha"})


@dataclass(frozen=True)
class ToolDraft:
    """A tool with all that has been concluded about it so far."""

    tool: ToolSpec
    reading: NameReading
    leaves: tuple[Leaf, ...]
    operation: Operation
    noun: str
    """The entity's noun; ``""`` where there is none."""
    facet: str = ""
    """What of the row is asked for or changed: ``logs``, ``address``; as in the name."""
    why: str = ""
    sets: str | None = None
    """The state that it leaves its row in, where somebody says so; ``""`` for none."""

    @cached_property
    def required(self) -> tuple[Leaf, ...]:
        """The leaves that a call must give."""
        return tuple(leaf for leaf in self.leaves if leaf.required)


def best_grade(draft: ToolDraft, noun: str, known: frozenset[str] = frozenset()) -> int:
    """Grade how well the best required scalar names a row of the noun."""
    grades = [names_row(leaf.name, noun, known) for leaf in draft.required if is_scalar(leaf)]
    return max(grades, default=NONE)


def names_keyed(draft: ToolDraft, noun: str, grade: int, known: frozenset[str]) -> bool:
    """Whether a required scalar such as ``order_id`` or ``repo``, no text, names the noun's row."""
    return any(
        names_row(leaf.name, noun, known) >= grade
        for leaf in draft.required
        if is_scalar(leaf) and (stem(leaf.name) or semantic_type(leaf.name, leaf.schema) in _NAMES)
    )


def is_paged(draft: ToolDraft) -> bool:
    """Whether the tool takes a page or a limit."""
    names = [frozenset(split_words(leaf.name)) for leaf in draft.leaves]
    return any(words & _words("limits") and not words & {"line", "lines"} for words in names)


def looks_from_to(draft: ToolDraft) -> bool:
    """Whether all that a call must give are days or moments from when to when it looks."""
    windows = find_windows(draft.leaves)
    return bool(draft.required) and all(
        leaf.path in windows and semantic_type(leaf.name, leaf.schema) in ("date", "datetime")
        for leaf in draft.required
    )


@dataclass(frozen=True)
class DomainSurvey:
    """The concluded tools of one domain."""

    drafts: Sequence[ToolDraft]

    @cached_property
    def by_noun(self) -> dict[str, list[ToolDraft]]:
        """Noun → the tools about it, computations left out."""
        found: dict[str, list[ToolDraft]] = {}
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

    @cached_property
    def short_forms(self) -> frozenset[tuple[str, ...]]:
        """What the nouns may be called."""
        return frozenset(form for noun in self.by_noun for form in short_forms(noun))

    def order_names(self, names: Iterable[str]) -> list[str]:
        """The names that most tools use first: ``owner``, ``repo``, then ``issue_number``."""
        return sorted(names, key=lambda name: (snake(name) in ("sid", "uid"), -self.uses[name]))


Side = Literal["minimum", "maximum"]
_SIDES: tuple[tuple[Side, str], ...] = (("minimum", "least"), ("maximum", "most"))
"""Of a bound, and the words that tell it."""


@lru_cache(maxsize=4096)
def find_side(name: str) -> tuple[Side | None, tuple[str, ...]]:
    """Which bound a name tells, and the words of what is bounded: ``max_price`` the most of price.

    The last word decides: ``start_at_end`` is the end of when it starts.
    """
    words = split_words(name)
    for mark, base in ((words[-1], words[:-1]), (words[0], words[1:])) if words else ():
        for use, marks in _SIDES:
            if mark in load_words("inference", marks):
                return use, base
    return None, words


def find_windows(leaves: Iterable[Leaf]) -> frozenset[str]:
    """The paths of those that bound the same on both sides, in one object."""
    ends: dict[tuple[str, tuple[str, ...]], dict[Side, str]] = defaultdict(dict)
    for leaf in leaves:
        side, base = find_side(leaf.name)
        if side is not None:
            ends[leaf.path.rpartition(".")[0], base].setdefault(side, leaf.path)
    return frozenset(path for both in ends.values() if len(both) > 1 for path in both.values())
