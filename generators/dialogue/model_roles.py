"""User and assistant played by models, each of which sees no more than it would in service.

The user's model knows its brief, and of the conversation what a person in a chat sees. The
assistant's is not given the task: nothing of the blueprint can reach its prompt.

Behind an endpoint that does not read calls a model writes them into its text. Only what leaves no
doubt is read: calls and nothing after them, each an object with a name and arguments and nothing
else. Anything else stays words, and the checks turn it down.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from data.prompts import SHIPPED, Prompts
from generators.dialogue.acts import (
    LEAVES,
    OPENS,
    SPOKEN,
    STOPS,
    STUCK,
    call_act,
    opening_act,
    read_reply,
    reply_shape,
    write_reply,
)
from generators.dialogue.roles import Move, PlannedCall, RoleFailure, Utterance, attempt
from schemas.brief import Manner
from schemas.canonical import derive_seed, read_json, written_json
from schemas.chat import (
    ChatCall,
    ChatModel,
    ChatReply,
    ChatRequest,
    ask_twice,
    object_shape,
    read_json_reply,
)
from schemas.message import AssistantMessage, Call, Message, ToolMessage, UserMessage
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.twists import find_group

OPENING = "Hello! What can I do for you?"
"""Stands before the conversation, since some endpoints want a message to answer."""
HINT = "\n\n[A note for you alone; "
"""What stands between a message and the hint behind it: as ``hint.j2`` begins."""
Look = Callable[[Task, Sequence[Message], str], Sequence[str]]
_MAY_OPEN = ("answer", "question")
"""Acts by which somebody may bring up a wish without saying so."""


@dataclass(frozen=True)
class ModelUser:
    """Implements `UserRole`: one request for each message, two more where a reply is unusable.

    With more samples, others are asked for while one says a value that the user was not given.
    Where all of them do, the model is asked which one invents nothing.
    """

    task: Task
    model: ChatModel
    seed: int
    prompts: Prompts = SHIPPED
    manner: Manner | None = None
    """How they are hard to serve."""
    best_of: int = 1
    look: Look = lambda *_: ()
    """Finds values in words that the user was not given; asked only where there may be others."""

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """Say the next thing, or None at the end. Raises RoleFailure and ProviderError."""
        spoken = [message for message in messages if isinstance(message, UserMessage)]
        if spoken and spoken[-1].act in (SPOKEN[STOPS], SPOKEN[LEAVES]):
            return None  # that was said last, and has been answered
        request = ChatRequest(
            role="user",
            messages=user_messages(self.task, messages, self.prompts, self.manner),
            seed=derive_seed(self.seed, "user", len(messages)),
            json_object=True,
            shape=reply_shape(len(self.task.turns), self.manner, self._find_talkers(spoken)),
        )
        samples: list[Utterance] = []
        for number in range(self.best_of):
            seed = derive_seed(request.seed, "sample", number) if number else request.seed
            asked = request.model_copy(update={"seed": seed})
            said = await attempt(self.model, asked, partial(self._read, spoken), tries=3)
            if said is None or self.best_of == 1:
                return said
            words = "\n".join([*(text for _, text in said.before), said.text])
            if not self.look(self.task, messages, words):
                return said
            samples.append(said)
        told = ["\n".join([*map(": ".join, one.before), one.text]) for one in samples]
        return samples[await self._choose(messages, told)]

    async def _choose(self, messages: tuple[Message, ...], samples: Sequence[str]) -> int:
        """Which sample invents nothing. Raises RoleFailure where each of them does."""
        number: JsonObject = {"type": "integer", "minimum": 0}  # 0: none of them
        request = ChatRequest(
            role="user",
            messages=choice_messages(self.task, messages, samples, self.prompts),
            seed=derive_seed(self.seed, "choice", len(messages)),
            temperature=0.0,
            json_object=True,
            shape=object_shape({"message": number | {"maximum": len(samples)}}),
        )
        chosen, problem = await ask_twice(
            self.model, request, lambda text: read_choice(text, len(samples))
        )
        if not chosen:
            told = problem or f"each of {len(samples)} samples, such as {samples[0]!r}"
            raise RoleFailure("user_invents", told, final=True)
        return chosen - 1

    def _read(self, spoken: Sequence[UserMessage], reply: ChatReply) -> Utterance | None:
        if reply.calls:
            raise RoleFailure("user_calls_tool")
        if not reply.text.strip():
            raise RoleFailure("empty_reply", "the user's model said nothing")
        told = read_reply(reply.text, len(self.task.turns), self.manner)
        text, turn = told.say.strip(), told.wish - 1
        if told.act == STUCK:
            raise RoleFailure("user_stuck", text, final=True)
        if told.act in (STOPS, LEAVES) and not spoken:
            raise RoleFailure("stop_in_first_turn")
        if told.act == STOPS:
            if {one.turn for one in spoken} < {*range(len(self.task.turns))}:
                raise RoleFailure("stop_too_early")
            if not text:
                return None
        if not text:
            raise RoleFailure("empty_reply", "the user's model said nothing")
        fresh = turn not in {one.turn for one in spoken}
        opens = told.act == OPENS or (fresh and told.act in _MAY_OPEN)
        act = opening_act(self.task.turns[turn]) if opens else SPOKEN[told.act]
        before = tuple((one.who, one.say.strip()) for one in told.before)
        names = self._find_talkers(spoken) if turn == find_group(self.task).turn else ()
        if bool(before) != bool(names) or {who for who, _ in before} - {*names}:
            raise RoleFailure("unreadable_reply", "not those talk before it who are in the chat")
        return Utterance(text=text, act=act, turn=turn, before=before)

    def _find_talkers(self, spoken: Sequence[UserMessage]) -> tuple[str, ...]:
        """Who may still talk before the assistant is addressed."""
        turn, others = find_group(self.task)
        done = not others or turn in {one.turn for one in spoken}
        return () if done else (self.task.persona.name.split()[0], *others)


def draw_manner(shares: Mapping[Manner, float], seed: int, index: int) -> Manner | None:
    """The manner of candidate ``index``: each one in its share of all, none in what is left."""
    drawn, upto = Random(derive_seed("manner", seed, index)).random(), 0.0
    for manner in sorted(shares):
        upto += shares[manner]
        if drawn < upto:
            return manner
    return None


def user_messages(
    task: Task,
    messages: tuple[Message, ...],
    prompts: Prompts = SHIPPED,
    manner: Manner | None = None,
) -> tuple[JsonObject, ...]:
    """What a user's model is sent: its part, and the conversation as it hears it."""
    return ({"role": "system", "content": user_prompt(task, prompts, manner)}, *heard(messages))


def choice_messages(
    task: Task, messages: Sequence[Message], samples: Sequence[str], prompts: Prompts = SHIPPED
) -> tuple[JsonObject, ...]:
    """What is asked about samples in which code finds a value that the user was not given."""
    said = [f"{one.role}: {one.text}" for one in messages
            if isinstance(one, UserMessage | AssistantMessage) and one.text]  # fmt: skip
    asked = prompts.render("user_invents.j2", brief=task.brief, said=said, samples=samples)
    return ({"role": "user", "content": asked},)


def read_choice(text: str, samples: int) -> int:
    """The number that is chosen; 0 is none. Raises ValueError for what is no such answer."""
    match read_json_reply(text):
        case {"message": int(number), **more} if not more and 0 <= number <= samples:
            return number
    raise ValueError(f"names none of {samples} messages")


def user_prompt(task: Task, prompts: Prompts = SHIPPED, manner: Manner | None = None) -> str:
    """Write the system text for whoever plays this task's user."""
    style = task.persona.style
    return prompts.render(
        "user.j2", style=style, clock=task.clock, brief=task.brief, manner=manner,
        group=find_group(task),
    )  # fmt: skip


def heard(messages: tuple[Message, ...]) -> tuple[JsonObject, ...]:
    """Write the conversation with the parts swapped: own words are the model's, calls are unseen.

    What the assistant says in several messages on end becomes one, since roles must alternate.
    """
    history: list[JsonObject] = [{"role": "user", "content": OPENING}]
    talk: list[UserMessage] = []
    for message in messages:
        if isinstance(message, UserMessage) and message.act == "talk":
            talk.append(message)
        elif isinstance(message, UserMessage):
            history.append({"role": "assistant", "content": write_reply(message, talk)})
            talk = []
        elif isinstance(message, AssistantMessage) and message.text:
            text = message.text
            if history[-1]["role"] == "user":
                text = f"{history.pop()['content']}\n\n{text}"
            history.append({"role": "user", "content": text})
    return tuple(history)


@dataclass(frozen=True)
class ModelAssistant:
    """Implements `AssistantRole`: one request for each move, a second where a reply is unusable."""

    tools: tuple[ToolSpec, ...]
    model: ChatModel
    seed: int

    async def move(self, messages: tuple[Message, ...], hint: str = "", again: int = 0) -> Move:
        """Answer the last message. Raises RoleFailure and ProviderError.

        ``hint`` says what was wrong with the ``again`` answers before. It stands behind what that
        message says: every endpoint takes it there, and all before it is as it was.
        """
        *before, last = assistant_history(messages)
        request = ChatRequest(
            role="assistant",
            messages=(*before, {**last, "content": f"{last['content']}{hint}"}),
            tools=assistant_tools(self.tools),
            seed=derive_seed(self.seed, "assistant", len(messages), *([again] if again else ())),
            attempt=again,
        )
        return await attempt(self.model, request, partial(self._read, messages), tries=2)

    def _read(self, messages: tuple[Message, ...], reply: ChatReply) -> Move:
        text, written, names = (
            reply.text.strip(),
            reply.calls,
            {one.wire_name for one in self.tools},
        )
        if not text and not written:
            raise RoleFailure("empty_reply", "the assistant's model said nothing")
        if not written:
            text, written = read_written_calls(text, names)
        calls = []
        for call in written:
            if call.name not in names:
                raise RoleFailure("unknown_tool", f"the assistant called {call.name[:80]!r}")
            arguments = read_arguments(call.name, call.arguments)
            calls.append(PlannedCall(call.name, arguments, raw=call.arguments or "{}"))
        made = [(call.name, call.arguments) for call in calls]
        act = call_act(made, messages) if calls else "say"
        return Move(text=text, act=act, calls=tuple(calls), reasoning=reply.reasoning)


def assistant_tools(tools: Sequence[ToolSpec]) -> tuple[JsonObject, ...]:
    """The definitions of the tools on offer, as the interface has them."""
    told = (
        {"name": one.wire_name, "description": one.description, "parameters": one.parameters}
        for one in tools
    )
    return tuple({"type": "function", "function": one} for one in told)


def assistant_history(messages: tuple[Message, ...]) -> tuple[JsonObject, ...]:
    """Write the conversation in the shapes of the chat completions interface.

    One for one; but what several people say on end is one message with their names, since roles
    must alternate and few templates know a name.
    """
    history: list[JsonObject] = []
    for before, message in zip((None, *messages), messages, strict=False):
        if isinstance(message, UserMessage) and message.speaker:
            words = f"{message.speaker}: {message.text}"
            if isinstance(before, UserMessage):
                words = f"{history.pop()['content']}\n{words}"
            history.append({"role": "user", "content": words})
        elif isinstance(message, ToolMessage):
            answer = {"tool_call_id": message.call_id, "content": message.content}
            history.append({"role": "tool", **answer})
        elif isinstance(message, AssistantMessage) and message.calls:
            calls = [wire_call(call) for call in message.calls]
            said = {"role": "assistant", "content": message.text or None, "tool_calls": calls}
            history.append(said)
        else:
            history.append({"role": message.role, "content": message.text})
    return tuple(history)


def wire_call(call: Call) -> JsonObject:
    """Write a call with its arguments as text: as the model wrote them, where one did."""
    written = json.dumps(call.arguments, ensure_ascii=False) if call.raw is None else call.raw
    function = {"name": call.name, "arguments": written}
    return {"id": call.id, "type": "function", "function": function}


_TAGGED = re.compile(r"<tool_call>(.*?)</tool_call>\s*", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.DOTALL)


def read_arguments(name: str, written: str) -> JsonObject:
    """The arguments of a call. Raises RoleFailure for a text that is no JSON object.

    Nor is one with what could not be sent again: a number beyond all bounds, half a character. No
    text at all is how some endpoints say that there are no arguments.
    """
    try:
        read = read_json(written or "{}")
        written_json(read).encode()
    except (ValueError, RecursionError) as error:
        raise RoleFailure("unparsable_arguments", f"{name}: {error}") from error
    if not isinstance(read, dict):
        raise RoleFailure("unparsable_arguments", f"{name}: the arguments are no object")
    return read


def read_written_calls(text: str, names: Collection[str]) -> tuple[str, tuple[ChatCall, ...]]:
    """The words before the calls, and the calls; the whole text and none where there is doubt.

    ``names``: the offered tools. Calls of others are read where they are tagged as calls: to be
    told from a mere answer, a fenced object must name one of them and stand alone.
    """
    words, tag, rest = text.partition("<tool_call>")
    if tag:
        written = _TAGGED.findall(tag + rest)
        if _TAGGED.sub("", tag + rest):
            return text, ()
    elif fenced := _FENCED.fullmatch(text.strip()):
        words, written = "", [fenced[1]]
    else:
        return text, ()
    calls = [_read(one, number) for number, one in enumerate(written)]
    found = tuple(call for call in calls if call is not None)
    if len(found) < len(calls) or not (tag or found[0].name in names):
        return text, ()
    return words.strip(), found


def _read(written: str, number: int) -> ChatCall | None:
    try:
        value = read_json_reply(written)
    except ValueError:
        return None
    if not isinstance(value, dict) or value.keys() != {"name", "arguments"}:
        return None
    name, arguments = value["name"], value["arguments"]
    if isinstance(arguments, dict):
        arguments = json.dumps(arguments, ensure_ascii=False)
    if not isinstance(name, str) or not isinstance(arguments, str):
        return None
    return ChatCall(id=f"written_{number}", name=name, arguments=arguments)
