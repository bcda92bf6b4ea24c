"""One conversation of a task against its environment, move by move.

The user is scripted and follows (`generators.dialogue.following`), tools run in the task's own
environment, and what the conversation earns is decided when it is over. The same task and the same
moves give the same episode, to the byte. Another user may be put in the script's place, who is
waited for; where that one cannot go on, nothing is known of the assistant, and nothing is scored.
"""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from generators.dialogue.acts import call_act
from generators.dialogue.following import FollowingUser
from generators.dialogue.loop import MAX_MESSAGES, MAX_STEPS, Stage
from generators.dialogue.model_roles import assistant_history, assistant_tools, read_arguments
from generators.dialogue.roles import (
    LeadsNowhereError,
    Move,
    PlannedCall,
    RoleFailure,
    UserRole,
    Utterance,
)
from schemas.canonical import copied, written_json
from schemas.check import EnvironmentFactory
from schemas.environment import Environment
from schemas.errors import BudgetError, InputError, RefusedRequestError, ToolweaveError
from schemas.message import AssistantMessage, ToolMessage
from schemas.record import JsonObject, Record
from schemas.trajectory import Roles, Trajectory
from validators.reward import Measure, Reward, reward

PLAYER = "policy"
"""Who plays the assistant, on record: its acts are not known, so nothing is read into them."""
MOST_CALLS, LONGEST = 16, 20_000
"""Calls of one move, and characters of its words, of its reasoning and of each call's arguments."""
_LONGEST_ID = 200
NO_USER = {
    "budget_spent": "what may be spent on the user's model is spent",
    "user_absent": "the endpoint of the user's model is absent, dead, or refuses the key",
}
"""Why nobody plays the user any more, beside what a role and a request may fail by: then an episode
ends, and is not scored."""


class Limits(Record):
    """When an episode is ended that does not come to its end."""

    moves: int = MAX_STEPS
    """Moves of the assistant between two messages of the user."""
    messages: int = MAX_MESSAGES


USUAL_LIMITS = Limits()


class Observation(Record):
    """What a move led to."""

    messages: tuple[JsonObject, ...]
    """What is new, in the shapes of the chat completions interface: results, the user's words."""
    done: bool
    ended: str = ""
    """Where it broke off, the reason's code; empty for a conversation that came to its end."""
    why: str = ""
    reward: Reward | None = None
    """When it is done; None where it is not scored, since it was not the assistant who failed."""
    failed: bool = False
    """Whether a call that was made failed."""


@dataclass(frozen=True)
class Proven:
    """A task, a conversation that solves it, and where its calls run."""

    trajectory: Trajectory
    environment: EnvironmentFactory

    @cached_property
    def kept(self) -> Environment:
        """One in which nothing is called: while it is there, so are the rows of its world."""
        return self.environment(self.trajectory.task)

    @cached_property
    def tools(self) -> tuple[JsonObject, ...]:
        """The definitions of the tools on offer, as the chat completions interface has them."""
        return assistant_tools(self.trajectory.tools)

    @cached_property
    def written_tools(self) -> bytes:
        """These as JSON."""
        return json.dumps(self.tools, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def measure(self) -> Measure:
        """What it needs, and tells."""
        return Measure.of(self.trajectory)


class Episode:
    """A conversation that is being played. Not to be shared between threads."""

    def __init__(
        self, proven: Proven, limits: Limits = USUAL_LIMITS, user: UserRole | None = None
    ) -> None:
        """It begins with the user's first words, which are the proven conversation's.

        Then ``user`` speaks, if there is one, and the script otherwise.
        """
        self._proven, self._limits = proven, limits
        played, task = proven.trajectory, proven.trajectory.task
        self._tools = {tool.wire_name: tool for tool in played.tools}
        assert proven.kept is not None
        self._environment = proven.environment(task)
        self._stage = Stage(task, self._tools, self._environment)
        self._script, self._user = FollowingUser(played), user
        self._waits = False
        """Whether the user is being waited for."""
        self._moves = self._seen = 0
        self._ended, self._why, self._done = "", "", False
        self._ids: dict[str, str] = {}
        """Id of a call on record → the one that its caller gave it."""
        self._reward: Reward | None = None
        self._hear(self._script.say(self._stage.messages))
        self._begun = len(self._stage.messages)

    @property
    def tools(self) -> tuple[JsonObject, ...]:
        """The definitions of the tools on offer, as the chat completions interface has them."""
        return self._proven.tools

    @property
    def written_tools(self) -> bytes:
        """These as JSON."""
        return self._proven.written_tools

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return self._done

    @property
    def waits(self) -> bool:
        """Whether the user is being waited for."""
        return self._waits

    @property
    def trajectory(self) -> Trajectory:
        """The conversation so far, as a record."""
        played = self._proven.trajectory
        user = "scripted" if self._user is None else "modelled"
        roles = Roles(user=user, assistant=PLAYER, tools=played.roles.tools)
        return Trajectory(
            index=played.index, seed=played.seed, roles=roles, task=played.task,
            tools=played.tools, messages=tuple(self._stage.messages),
            final_state=self._environment.state_hash(),
        )  # fmt: skip

    @property
    def beginning(self) -> tuple[JsonObject, ...]:
        """What stood there before the first move, as `look` tells it at first."""
        return assistant_history(tuple(self._stage.messages[: self._begun]))

    def look(self) -> Observation:
        """What is new since the last look; at first, the system message and the user's words."""
        new = tuple(self._stage.messages[self._seen :])
        self._seen = len(self._stage.messages)
        said = tuple(
            one | {"tool_call_id": self._ids.get(one["tool_call_id"], one["tool_call_id"])}
            if one["role"] == "tool" else one
            for one in assistant_history(new) if one["role"] != "assistant"
        )  # fmt: skip
        return Observation(
            messages=said, done=self._done, ended=self._ended, why=self._why, reward=self._reward,
            failed=any(one.is_error for one in new if isinstance(one, ToolMessage)),
        )  # fmt: skip

    def step(self, message: JsonObject) -> Observation:
        """Make a move: a message of the chat completions interface, ``content``, ``tool_calls``.

        Raises InputError for what is none, and where the episode is over: it stays as it was. What
        the environment itself raises ends it, unrewarded.
        """
        assert self._user is None, "who is waited for: `answer`"
        if self._make_move(message):
            self._hear(self._script.say(self._stage.messages))
        return self.look()

    async def answer(self, message: JsonObject) -> Observation:
        """As `step`, where the user may have to be waited for; no other move is taken meanwhile."""
        if self._user is None:
            return self.step(message)
        if not self._make_move(message):
            return self.look()
        self._waits = True
        try:  # a user who cannot go on ends it, and it is not scored
            said = await self._user.speak(tuple(self._stage.messages))
        except RoleFailure as failure:
            self._leave(failure.code, failure.explanation)
        except RefusedRequestError as refused:
            self._leave(refused.code, str(refused))
        except BudgetError as spent:
            self._leave("budget_spent", str(spent))
        except ToolweaveError as absent:
            self._leave("user_absent", str(absent))
        except BaseException:
            self._done = True
            raise
        else:
            self._hear(said)
        finally:
            self._waits = False
        return self.look()

    def _make_move(self, message: JsonObject) -> bool:
        """Make a move; whether the user is to speak next. Raises InputError."""
        if self._done:
            raise InputError("the episode is over: reset begins another")
        if self._waits:
            raise InputError("the user has yet to answer what was said before")
        text, reasoning, calls = read_message(message)
        own = [one.get("id") or "" for one in message.get("tool_calls") or []]
        for number, one in enumerate(own):
            if not isinstance(one, str) or len(one) > _LONGEST_ID:
                told = f"is no text of {_LONGEST_ID} characters at most"
                raise InputError(told, place=f"message.tool_calls[{number}].id")
        at = len(self._stage.messages)
        try:
            self._make(text, reasoning, calls)
        except RoleFailure as failure:
            self._end(failure.code, failure.explanation)
        except Exception:
            self._done = True
            raise
        made = self._stage.messages[at] if at < len(self._stage.messages) else None
        if isinstance(made, AssistantMessage):
            named = zip(made.calls, own, strict=True)
            self._ids = {call.id: name for call, name in named if name}
        return not self._done and not calls

    def _make(self, text: str, reasoning: str | None, calls: tuple[PlannedCall, ...]) -> None:
        if not text and not calls:
            raise RoleFailure("empty_reply", "the assistant said nothing, and called nothing")
        for one in calls:
            if one.name not in self._tools:
                raise RoleFailure("unknown_tool", f"the assistant called {one.name[:80]!r}")
        read = tuple(
            one if one.raw is None
            else replace(one, arguments=read_arguments(one.name, one.raw)) for one in calls
        )  # fmt: skip
        made = [(one.name, one.arguments) for one in read]
        act = call_act(made, tuple(self._stage.messages)) if read else "say"
        self._stage.make(Move(text, act, read, reasoning))
        self._moves += 1
        if not read:
            self._moves = 0
        elif self._moves >= self._limits.moves:
            told = f"no answer to the user after {self._moves} moves"
            raise RoleFailure("too_many_steps", told)
        else:
            self._count()

    def _hear(self, said: Utterance | None) -> None:
        """What the user says; None: nothing more."""
        try:
            if said is None:
                self._end()
                return
            self._stage.hear(said)
            self._count()
        except RoleFailure as failure:
            own = self._user is not None and isinstance(failure, LeadsNowhereError)
            (self._leave if own else self._end)(failure.code, failure.explanation)
        except Exception:
            self._done = True
            raise

    def _count(self) -> None:
        """Raises RoleFailure where there are too many messages."""
        if len(self._stage.messages) >= self._limits.messages:
            told = f"not at an end after {len(self._stage.messages)} messages"
            raise RoleFailure("too_many_messages", told)

    def _leave(self, code: str, why: str) -> None:
        """It is over by no fault of the assistant's: nothing is earned, and nothing lost."""
        self._done, self._ended, self._why = True, code, why

    def _end(self, code: str = "", why: str = "") -> None:
        self._done, self._ended, self._why = True, code, why
        proven = self._proven
        self._reward = reward(self.trajectory, proven.environment, proven.measure, code)


def read_message(message: JsonObject) -> tuple[str, str | None, tuple[PlannedCall, ...]]:
    """Words, reasoning and calls of an assistant's message. Raises InputError for another shape."""
    text = message.get("content") or ""
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    calls = message.get("tool_calls") or []
    if message.get("role", "assistant") != "assistant":
        raise InputError("a move is a message of the assistant", place="message.role")
    if not isinstance(text, str) or not isinstance(reasoning, str | None):
        raise InputError("is no text", place="message.content")
    if not isinstance(calls, list) or len(calls) > MOST_CALLS:
        raise InputError(f"is no list of {MOST_CALLS} calls at most", place="message.tool_calls")
    for name, words in (("content", text), ("reasoning_content", reasoning or "")):
        if len(words) > LONGEST:
            raise InputError(f"is longer than {LONGEST} characters", place=f"message.{name}")
    read = tuple(_read_call(one, number) for number, one in enumerate(calls))
    return text.strip(), reasoning, read


def _read_call(told: Any, number: int) -> PlannedCall:
    """A call with the arguments as they were written: `read_arguments` reads them."""
    place = f"message.tool_calls[{number}]"
    match told:
        case {"function": {"name": str(name), **more}} | {"name": str(name), **more}:
            arguments = more.get("arguments", {})
        case _:
            raise InputError("is no call with a name and arguments", place=place)
    try:
        written = arguments if isinstance(arguments, str) else written_json(arguments)
    except (ValueError, TypeError, RecursionError):
        raise InputError("are no JSON", place=f"{place}.arguments") from None
    if not isinstance(arguments, dict | str) or len(written) > LONGEST:
        told = f"are no object, nor a text, of {LONGEST} characters at most"
        raise InputError(told, place=f"{place}.arguments")
    if isinstance(arguments, dict):
        return PlannedCall(name, copied(arguments))
    return PlannedCall(name, {}, raw=arguments or "{}")


def find_lack(proven: Proven) -> str:
    """What the conversation that should prove a task lacks of 1, played anew; "": nothing."""
    episode = Episode(proven)
    try:
        seen = episode.look()
        for move in list_proven_moves(proven.trajectory):
            if not seen.done:
                seen = episode.step(move)
    except Exception as error:  # the environment's own fault, or no move
        return f"{type(error).__name__}: {error}"
    if seen.reward is None:
        return "it does not come to its end"
    lacks = [f"{one.name}: {one.told}" for one in seen.reward.parts if one.score < 1]
    return "" if seen.reward.binary == 1 else "; ".join(lacks) or "something is not known of it"


def list_proven_moves(proven: Trajectory) -> list[JsonObject]:
    """The moves of the conversation that solves a task, as `Episode.step` takes them."""
    history = assistant_history(proven.messages)
    return [one for one in history if one["role"] == "assistant"]
