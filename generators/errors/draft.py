"""What a kind of mistake decides: which wrong move comes in place of which right one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from generators.errors.ground import CallStep, Ground
from generators.lexicon.tables import read_phrases
from schemas.message import AssistantAct, Call, UserMessage
from schemas.record import JsonObject


@dataclass(frozen=True)
class WrongCall:
    """A call that is not on record."""

    name: str
    arguments: JsonObject
    like: Call | None = None
    """The right call that it resembles: what is unchanged of it has the same sources."""


@dataclass(frozen=True)
class Draft:
    """A wrong move at a decision, and how the conversation goes on when nobody notices."""

    decision: int
    """Index of the assistant message in the clean trajectory in whose place it comes."""
    resume: int
    """Index of the clean message that comes next."""
    code: str | None
    """The reason code that a check should give; None where only a judge can decide."""
    act: AssistantAct
    text: str = ""
    calls: tuple[WrongCall, ...] = ()
    reply: UserMessage | None = None
    """What the user answers, where the clean conversation has no words for it."""
    dropped: frozenset[int] = frozenset()
    """Clean messages after ``resume`` that are left out."""
    details: dict[str, str] = field(default_factory=dict)
    """What the diagnosis is told: ``tool``, ``parameter``."""
    succeeds: bool | None = None
    """What the tools must really answer for it to be this mistake: all succeed, some fail; None:
    whatever they do."""
    mend: int | None = None
    """Index of the clean message that puts it right, where that is not the one at the decision."""
    nudge: str = ""
    """What a user would say who sees that something is amiss: for a mistake in words."""


@dataclass(frozen=True)
class Kind:
    """One kind of mistake."""

    name: str
    about: str
    """In short, for a table."""
    diagnosis: str
    """What went wrong, with ``{tool}`` and ``{parameter}``; without the right answer."""
    drafts: Callable[[Ground, Random], Iterator[Draft]]
    """Places for it, to be tried one after the other; none where the conversation has none: it is
    never forced."""

    @property
    def notice(self) -> str:
        """How the assistant begins to put it right; empty where it cannot be put right."""
        told: str = read_phrases("mistakes").get(self.name, {}).get("notice", "")
        return told


def draw_words(rng: Random, kind: str, part: str) -> str:
    """What is said at a mistake: ``said`` in place of the right words, ``answer`` by the user.

    ``answer_look``: where something was only looked at.
    """
    ways: Sequence[str] = read_phrases("mistakes")[kind][part]
    return rng.choice(ways)


def replace(step: CallStep, code: str | None, *calls: WrongCall, **told: object) -> Draft:
    """Other calls in place of one that is on record, with the same words."""
    given: dict[str, object] = {
        "decision": step.position, "resume": step.end, "code": code, "act": step.message.act,
        "text": step.message.text, "calls": calls, "details": {"tool": calls[0].name},
    }  # fmt: skip
    return Draft(**(given | told))  # type: ignore[arg-type]


def retell(
    step: CallStep, code: str, arguments: JsonObject, parameter: str, **told: object
) -> Draft:
    """The call of a step with other arguments; ``parameter``: what is wrong of them."""
    details = {"tool": step.call.name, "parameter": parameter}
    wrong = WrongCall(step.call.name, arguments, step.call)
    return replace(step, code, wrong, details=details, **told)
