"""What each side does with a message, told by structure: nothing is guessed from English.

A user that a model plays answers with an object: which wish it is about, what is done, the words.
An assistant's words are the data that others learn from, so that no more is asked of it: what they
amount to is the checks' affair.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generators.dialogue.roles import RoleFailure
from schemas.brief import GIVES_UP, Manner
from schemas.canonical import written_json
from schemas.chat import object_shape, read_json_reply
from schemas.message import (
    AssistantAct,
    AssistantMessage,
    Message,
    ToolMessage,
    UserAct,
    UserMessage,
)
from schemas.record import JsonObject
from schemas.task import TaskTurn
from schemas.twists import SmallTalk, Unknown, Vague, Withheld, has_twist

OPENS, STOPS, STUCK, LEAVES = "wish", "stop", "stuck", "give_up"
SPOKEN: dict[str, UserAct] = {
    "answer": "inform", "unknown": "unable_to_inform", "choose": "choose", "agree": "affirm",
    "change": "correct", "decline": "negate", "question": "ask", "chat": "chat", STOPS: "thank",
    LEAVES: "give_up",
}  # fmt: skip
"""What a user's model calls what it does → the act on record; a wish's depends on the task."""
_NAMED = {act: name for name, act in SPOKEN.items()}
_NO = re.compile(
    r"\b(don't|do not|never ?mind|forget it|leave (it|everything|that)|cancel that|stop|wait"
    r"|hold on|not (now|yet|any ?more)|rather not|let's not|no longer)\b|^\W*(no|nope|nah)\b",
    re.IGNORECASE,
)
_YES = re.compile(
    r"\b(yes|yep|yeah|yup|sure|ok(ay)?|go ahead|please do|do it|of course|absolutely|fine|right"
    r"|correct|perfect|works|agree|confirm(ed)?|problem)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")


class SaidBefore(BaseModel):
    """What one of several people says to the others."""

    model_config = ConfigDict(strict=True, extra="forbid")

    who: str
    say: str = Field(min_length=1)


class Reply(BaseModel):
    """What a user's model must answer."""

    model_config = ConfigDict(strict=True, extra="forbid")

    wish: int = Field(ge=1)
    """The number of the wish that it is about."""
    act: str
    say: str
    before: list[SaidBefore] = Field(default_factory=list)
    """What several people say among themselves before it."""


def list_acts(manner: Manner | None) -> list[str]:
    """What a user's model may do: only who is to give up may."""
    return [OPENS, *(one for one in SPOKEN if one != LEAVES or manner == GIVES_UP), STUCK]


def reply_shape(wishes: int, manner: Manner | None = None, names: Sequence[str] = ()) -> JsonObject:
    """The JSON Schema of a user's answer; ``names``: those who may talk before."""
    fields: JsonObject = {
        "wish": {"type": "integer", "minimum": 1, "maximum": max(wishes, 1)},
        "act": {"type": "string", "enum": list_acts(manner)},
        "say": {"type": "string"},
    }
    if names:
        said = object_shape({"who": {"type": "string", "enum": [*names]}, "say": fields["say"]})
        return object_shape(fields, {"before": {"type": "array", "items": said}})
    return object_shape(fields)


def read_reply(text: str, wishes: int, manner: Manner | None = None) -> Reply:
    """Read a user's answer. Raises RoleFailure for whatever leaves room for doubt."""
    try:
        reply = Reply.model_validate(read_json_reply(text))
    except ValidationError as error:
        first = error.errors()[0]
        told = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise RoleFailure("unreadable_reply", told) from error
    except ValueError as error:
        raise RoleFailure("unreadable_reply", f"{error}: {text[:80]!r}") from error
    if reply.wish > wishes or reply.act not in list_acts(manner):
        raise RoleFailure("unreadable_reply", f"wish {reply.wish}, act {reply.act[:40]!r}")
    say = _QUOTED.sub("", reply.say.replace("’", "'"))
    # Whoever agrees in words that decline is not believed: a guard, and no reading of consent.
    if SPOKEN.get(reply.act) == "affirm" and _NO.search(say) and not _YES.search(say):
        raise RoleFailure("act_differs", reply.say)
    return reply


def write_reply(message: UserMessage, talk: Sequence[UserMessage] = ()) -> str:
    """A user's message as its model would answer it, with the talk before it."""
    act = _NAMED.get(message.act, OPENS)
    told: JsonObject = {"wish": message.turn + 1, "act": act, "say": message.text}
    before = [{"who": one.speaker, "say": one.text} for one in talk]
    return written_json(told | ({"before": before} if before else {}))


def write_stop(wishes: int) -> str:
    """The answer by which a user's model ends the conversation without a word."""
    return written_json({"wish": max(wishes, 1), "act": STOPS, "say": ""})


def opening_act(turn: TaskTurn) -> UserAct:
    """Tell what the first message about one thing does, from the blueprint."""
    if turn.outcome == "refuse" and not turn.calls:
        return "unsupported_request"
    if has_twist(turn, SmallTalk):
        return "chat"
    if has_twist(turn, Vague):
        return "vague_request"
    return "partial_request" if has_twist(turn, Withheld, Unknown) else "request"


def call_act(calls: Iterable[tuple[str, object]], messages: tuple[Message, ...]) -> AssistantAct:
    """Tell ``retry`` where one of the (name, arguments) has just failed, otherwise ``call``."""
    since = takewhile(lambda message: not isinstance(message, UserMessage), reversed(messages))
    failed = {one.call_id for one in since if isinstance(one, ToolMessage) and one.is_error}
    tried = [
        (call.name, call.arguments)
        for message in messages
        if isinstance(message, AssistantMessage)
        for call in message.calls
        if call.id in failed
    ]
    return "retry" if any(call in tried for call in calls) else "call"
