"""Twists: what makes a turn more than a plain request, as data.

A difficulty operator puts a twist on a turn. The script, the brief of a modelled user and the
proof read it there; `generators.operators` has the operators.
"""

from typing import Annotated, Any, Literal, NamedTuple, Protocol, TypeVar

from pydantic import Field

from schemas.record import CallNumber, JsonObject, Record, TurnNumber

Scalar = str | int | float | bool
_OTHERS = 2
"""People in a chat beside the one who writes."""


class _Twist(Record):
    @property
    def question(self) -> str:
        """What the user is asked because of it, so as to speak once more; one answer for equals."""
        return ""


class Withheld(_Twist):
    """The user says a value only when asked for it."""

    kind: Literal["withheld"] = "withheld"
    call: CallNumber
    path: str

    @property
    def question(self) -> str:
        """All that is withheld is asked for at once."""
        return self.kind


class Vague(_Twist):
    """The user says at first only what the request is about, and nothing of it."""

    kind: Literal["vague"] = "vague"


class Unknown(_Twist):
    """The user is asked for something and does not know it."""

    kind: Literal["unknown"] = "unknown"
    name: str
    """The parameter that is asked for: ``order_id``."""

    @property
    def question(self) -> str:
        """It is asked for."""
        return self.kind


class Revision(_Twist):
    """The user first says something else, and corrects it before anything is done."""

    kind: Literal["revision"] = "revision"
    call: CallNumber
    path: str
    first: Scalar


class Hurry(_Twist):
    """The user urges that nothing be asked first, against the policy."""

    kind: Literal["hurry"] = "hurry"


class Condition(Record):
    """One thing that is said of a row."""

    field: str
    value: Scalar


class Reference(_Twist):
    """A row that the user describes instead of naming it: nothing else in the state fits.

    After CoVe (arXiv 2603.01940), whose references are unique by a query of the database.
    """

    kind: Literal["reference"] = "reference"
    call: CallNumber
    path: str
    """The argument leaf whose row is described."""
    table: str
    """Whose rows were looked through."""
    conditions: tuple[Condition, ...]


class Comparison(_Twist):
    """Rows that must be looked up and compared before one of them is chosen.

    After WRIT (arXiv 2606.02908): the same write, but more reads before it.
    """

    kind: Literal["comparison"] = "comparison"
    calls: tuple[CallNumber, ...]
    """The gold calls whose results are compared."""
    call: CallNumber
    """The gold call that is about the row chosen."""
    path: str
    field: str
    """What is compared, by the path within each result."""
    rule: Literal["least", "most", "earliest", "latest"]


class Recall(_Twist):
    """An earlier result answers the turn: nothing has to be asked again."""

    kind: Literal["recall"] = "recall"
    call: CallNumber


class LeansOn(_Twist):
    """The user says only what differs from an earlier turn: "and in Boston?"."""

    kind: Literal["leans_on"] = "leans_on"
    turn: TurnNumber


class SmallTalk(_Twist):
    """The user chats and wants nothing."""

    kind: Literal["small_talk"] = "small_talk"


class Noted(_Twist):
    """What an operator has made of a turn that no check reads; the operator's script does."""

    kind: Literal["noted"] = "noted"
    operator: str
    calls: tuple[CallNumber, ...] = ()
    """Gold calls that it is about."""
    details: JsonObject = Field(default_factory=dict)
    brief: str = ""
    """A sentence for whoever plays the user, said to "you"."""
    speaks: bool = False
    """The user speaks once more because of it."""

    @property
    def question(self) -> str:
        """What the operator has the user say."""
        return self.operator if self.speaks else ""


Twist = Annotated[
    Withheld
    | Vague
    | Unknown
    | Revision
    | Hurry
    | Reference
    | Comparison
    | Recall
    | LeansOn
    | SmallTalk
    | Noted,
    Field(discriminator="kind"),
]
Kind = TypeVar("Kind", bound=_Twist)


class Twisted(Protocol):
    """A turn, of a task or of a plan."""

    @property
    def twists(self) -> tuple[Twist, ...]:
        """What has been made of it, in order."""
        ...


def find_twists(turn: Twisted, kind: type[Kind]) -> tuple[Kind, ...]:
    """The twists of a turn that are of a kind."""
    return tuple(twist for twist in turn.twists if isinstance(twist, kind))


def find_twist(turn: Twisted, kind: type[Kind]) -> Kind | None:
    """The first twist of a kind; None where the turn has none."""
    return next(iter(find_twists(turn, kind)), None)


class GroupTalk(NamedTuple):
    """Several people talk before the assistant is addressed."""

    turn: int
    """Before the request of this one; -1: nobody talks."""
    others: tuple[str, ...]
    """Given names, none of them that of the one who writes."""


def find_group(task: Any) -> GroupTalk:
    """Who talks with the one who writes, and before what; nobody in most tasks."""
    own = task.persona.name.split()[:1]
    for number, turn in enumerate(task.turns):
        for one in find_twists(turn, Noted):
            if one.operator == "group":
                others = (name for name in one.details["names"] if [name] != own)
                return GroupTalk(number, tuple(others)[:_OTHERS])
    return GroupTalk(-1, ())


def count_messages(turn: Twisted, *, confirm: bool) -> int:
    """How many times the user speaks in a turn."""
    return 1 + len({twist.question for twist in turn.twists} - {""}) + confirm


def has_twist(turn: Twisted, *kinds: type[_Twist]) -> bool:
    """Whether the turn has a twist of one of the kinds."""
    return any(isinstance(twist, kinds) for twist in turn.twists)
