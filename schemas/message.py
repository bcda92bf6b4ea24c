"""The messages of a trajectory, and where each argument of their calls comes from."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.record import JsonObject, Record


class FromUser(Record):
    """The user said it: ``span`` stands in the message, and ``rule`` reads the value out of it."""

    kind: Literal["user"] = "user"
    message: int
    span: str
    rule: str


class FromResult(Record):
    """An earlier result holds it at ``path``, such as ``flights[0].flight_id``."""

    kind: Literal["result"] = "result"
    message: int
    """Index of the tool message."""
    path: str


class FromContext(Record):
    """The system message says it."""

    kind: Literal["context"] = "context"
    span: str
    rule: str


class FromDefault(Record):
    """The parameter's schema gives it: its ``default``, or its only allowed value."""

    kind: Literal["default"] = "default"


Source = Annotated[FromUser | FromResult | FromContext | FromDefault, Field(discriminator="kind")]


class ArgumentSource(Record):
    """The source of one leaf of a call's arguments."""

    path: str
    """``passengers[0].name``; the leaves of a call are every scalar in its arguments."""
    source: Source


UserAct = Literal[
    "request",  # asks for something and says all that is needed
    "partial_request",  # leaves out something that is needed
    "vague_request",  # says what is wanted only roughly
    "inform",  # answers a question
    "unable_to_inform",  # does not know
    "correct",  # changes a value that was said before
    "affirm",
    "negate",
    "choose",  # picks one of what was found
    "unsupported_request",
    "ask",  # wants to know something before answering
    "chat",  # small talk: nothing is wanted
    "thank",
    "give_up",  # leaves it, though it is not done
    "talk",  # says something to others in the chat, before the assistant is addressed
]
AssistantAct = Literal[
    "call",
    "clarify",
    "confirm",
    "report",
    "report_failure",
    "retry",
    "refuse",
    "transfer",  # hands over to a person
    "close",
    "say",
]
FaultKind = Literal[
    "timeout",
    "rate_limited",
    "server_error",
    "not_found",  # the service does not know yet what is there
    "permission_denied",
    "empty",  # a list without its rows, and nothing that says so
    "partial",  # some of the rows, and a word that others are missing
    "stale",  # an answer from before the calls of this conversation, and a word that it is old
    "delayed",  # no answer yet: it can be asked for later
]


class Fault(Record):
    """A failure of the tool's service that was injected, not caused by the call."""

    kind: FaultKind
    transient: bool = True
    """Strikes the first attempt only; otherwise each one."""


class Call(Record):
    """One call of a tool."""

    id: str
    name: str
    """The tool's wire name."""
    arguments: JsonObject
    raw: str | None = None
    """The arguments exactly as a model wrote them, where one did."""
    provenance: tuple[ArgumentSource, ...] = ()


class _Said(Record):
    index: int
    """Position in the trajectory, from 0."""
    turn: int
    """Number of the user's task that it belongs to, from 0; the system message has 0."""
    timestamp: str
    """ISO 8601 with offset."""


class SystemMessage(_Said):
    """Opens the trajectory: the assistant's policy and the present time."""

    role: Literal["system"] = "system"
    text: str


class UserMessage(_Said):
    """Something that the user says."""

    role: Literal["user"] = "user"
    text: str
    act: UserAct
    speaker: str = ""
    """A given name, where several people are in the chat."""


class AssistantMessage(_Said):
    """Words, calls, or both."""

    role: Literal["assistant"] = "assistant"
    text: str = ""
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()
    act: AssistantAct


class ToolMessage(_Said):
    """The answer to one call."""

    role: Literal["tool"] = "tool"
    call_id: str
    name: str
    content: str
    """JSON text."""
    is_error: bool = False
    fault: Fault | None = None
    at: str = ""
    """What time it was for the service, ISO 8601 with offset; empty where its clock stands still:
    it is as late as the task says."""


Message = Annotated[
    SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]
