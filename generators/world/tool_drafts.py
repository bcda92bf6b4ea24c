"""A tool on the way to its model: what has been concluded so far, and how it names rows."""

from dataclasses import dataclass

from generators.lexicon.names import split_words
from generators.lexicon.verbs import Operation
from generators.world.identities import NONE, is_scalar, names_row, stem
from generators.world.schema_leaves import Leaf
from generators.world.semantics import semantic_type
from generators.world.tool_names import NameReading
from schemas.tool import ToolSpec

_NAMES = frozenset({"handle", "branch", "opaque_id", "number_id", "path", "sha"})
_LIMITS = frozenset({"limit", "count", "page", "cursor"})


@dataclass(frozen=True)
class Draft:
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

    @property
    def required(self) -> tuple[Leaf, ...]:
        """The leaves that a call must give."""
        return tuple(leaf for leaf in self.leaves if leaf.required)


def best_grade(draft: Draft, noun: str, known: frozenset[str] = frozenset()) -> int:
    """Grade how well the best required scalar names a row of the noun."""
    grades = [names_row(leaf.name, noun, known) for leaf in draft.required if is_scalar(leaf)]
    return max(grades, default=NONE)


def names_keyed(draft: Draft, noun: str, grade: int, known: frozenset[str]) -> bool:
    """Whether a required scalar such as ``order_id`` or ``repo``, no text, names the noun's row."""
    return any(
        names_row(leaf.name, noun, known) >= grade
        for leaf in draft.required
        if is_scalar(leaf) and (stem(leaf.name) or semantic_type(leaf.name, leaf.schema) in _NAMES)
    )


def is_paged(draft: Draft) -> bool:
    """Whether the tool takes a page or a limit."""
    names = [frozenset(split_words(leaf.name)) for leaf in draft.leaves]
    return any(words & _LIMITS and not words & {"line", "lines"} for words in names)
