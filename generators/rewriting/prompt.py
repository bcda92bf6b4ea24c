"""What whoever rewrites a conversation is given, and what they answer.

Instructions first, then the conversation, then what was refused: each request begins with what the
one before it had.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from data.prompts import SHIPPED, Prompts
from generators.rewriting.accept_words import Acceptance, Fault
from schemas.canonical import written_json
from schemas.chat import ChatRequest, object_shape, read_json_reply
from schemas.message import AssistantMessage, Message, SystemMessage, ToolMessage, UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from schemas.twists import Hurry, has_twist

_MOST_POLICY, _MOST_RESULT, _MOST_ARGUMENTS = 6_000, 300, 400
"""Characters that are shown: of results, the words tell what matters."""
_CONSIDERED = ("call", "retry", "clarify", "confirm", "refuse", "transfer", "report_failure")
"""Acts before which an assistant thinks."""
_STAY = ("affirm", "negate", "correct", "unable_to_inform", "retry", "report_failure", "refuse",
         "transfer")  # fmt: skip
"""Acts that nothing but their words tells: whether it is a yes, why it failed. These stay."""
_ACTS: Mapping[str, str] = {
    "request": "asks for something", "partial_request": "asks, and leaves something out",
    "vague_request": "asks only roughly", "inform": "answers", "unable_to_inform": "does not know",
    "correct": "changes a value", "affirm": "agrees", "negate": "declines",
    "choose": "asks for one of what was found", "unsupported_request": "asks for something",
    "chat": "small talk", "thank": "thanks and leaves",
    "give_up": "leaves it", "talk": "says it to the others", "call": "before it calls",
    "clarify": "asks for what is missing", "confirm": "asks before it does something",
    "report": "reports", "report_failure": "reports that it failed", "retry": "tries again",
    "refuse": "declines", "transfer": "hands over to a person", "close": "says goodbye",
    "say": "small talk",
}  # fmt: skip


class Words(NamedTuple):
    """New words for a message, and what the assistant considers before it."""

    say: str | None = None
    think: str | None = None


class Refused(NamedTuple):
    """What is asked for once more."""

    number: int
    told: tuple[str, ...]
    tells: tuple[str, ...]


def wants(scripted: Trajectory, message: Message) -> tuple[str, ...]:
    """What is asked for a message: ``say``, ``think``, both or nothing."""
    if isinstance(message, SystemMessage | ToolMessage):
        return ()
    considers = isinstance(message, AssistantMessage) and message.act in _CONSIDERED
    stays = message.act in _STAY
    if isinstance(message, UserMessage):  # that nobody is to ask first
        stays = stays or has_twist(scripted.task.turns[message.turn], Hurry)
    says = bool(message.text) and not stays
    return (*(("think",) if considers else ()), *(("say",) if says else ()))


def first_request(accepts: Acceptance, seed: int, prompts: Prompts = SHIPPED) -> ChatRequest:
    """Ask for all words of a conversation."""
    scripted = accepts.scripted
    asked = {m.index: parts for m in scripted.messages if (parts := wants(scripted, m))}
    task = scripted.task
    material = prompts.render(
        "rewrite_conversation.j2",
        name=task.brief.who or task.persona.name, style=task.persona.style, brief=task.brief,
        policy=_cut(task.policy, _MOST_POLICY), lines=list(_lines(accepts)), asked=list(asked),
    )  # fmt: skip
    return ChatRequest(
        role="writer",
        messages=(
            {"role": "system", "content": prompts.render("rewrite.j2")},
            {"role": "user", "content": material},
        ),
        seed=seed,
        json_object=True,
        shape=_shape(asked),
    )


def second_request(
    first: ChatRequest, reply: str, refused: Sequence[Refused], prompts: Prompts = SHIPPED
) -> ChatRequest:
    """Ask once more for what was refused, with the reasons, after all that was said before."""
    again = prompts.render("rewrite_again.j2", refused=refused)
    told = ({"role": "assistant", "content": reply}, {"role": "user", "content": again})
    asked = {one.number: ("say",) for one in refused}
    return first.model_copy(
        update={"messages": (*first.messages, *told), "shape": _shape(asked), "attempt": 1}
    )


def read_words(text: str) -> dict[int, Words]:
    """The words by message of an answer, as far as it has any. Raises ValueError: it is no object.

    What stands under a number is an object, or the words themselves.
    """
    found = read_json_reply(text)
    if not isinstance(found, dict):
        raise ValueError("is no JSON object")
    words = {}
    for key, told in found.items():
        if key.strip("[] ").isdigit():
            parts = {"say": told} if isinstance(told, str) else told
            if isinstance(parts, dict):
                words[int(key.strip("[] "))] = Words(_text(parts, "say"), _text(parts, "think"))
    return words


def refusal(accepts: Acceptance, number: int, faults: Sequence[Fault]) -> Refused:
    """What is said to whoever wrote what was not accepted."""
    message = accepts.scripted.messages[number]
    assert isinstance(message, UserMessage | AssistantMessage)
    told = tuple(dict.fromkeys(one.told for one in faults))
    return Refused(number, told, tuple(accepts.tells(message)))


def _text(parts: Mapping[str, Any], key: str) -> str | None:
    held = parts.get(key)
    return held.strip() or None if isinstance(held, str) else None


def _lines(accepts: Acceptance) -> Iterator[JsonObject]:
    for message in accepts.scripted.messages[1:]:
        line: JsonObject = {
            "number": message.index, "marks": wants(accepts.scripted, message), "calls": [],
            "tells": [], "words": "", "who": "",
        }  # fmt: skip
        if isinstance(message, ToolMessage):
            line["who"] = f"result of {message.name}: {_cut(message.content, _MOST_RESULT)}"
        elif isinstance(message, UserMessage | AssistantMessage):
            line |= {"who": f"{message.role}, {_ACTS[message.act]}", "words": message.text,
                     "tells": accepts.tells(message) if message.text else []}  # fmt: skip
        if isinstance(message, AssistantMessage):
            told = ((call.name, _cut(written_json(call.arguments), _MOST_ARGUMENTS))
                    for call in message.calls)  # fmt: skip
            line["calls"] = [f"{name} {arguments}" for name, arguments in told]
        yield line


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _shape(asked: Mapping[int, Sequence[str]]) -> JsonObject:
    """The JSON Schema of an answer that leaves nothing out."""
    text = {"type": "string"}
    kinds = {"-".join(keys): object_shape(dict.fromkeys(keys, text)) for keys in asked.values()}
    parts = {str(number): {"$ref": f"#/$defs/{'-'.join(keys)}"} for number, keys in asked.items()}
    return object_shape(parts) | {"$defs": kinds}
