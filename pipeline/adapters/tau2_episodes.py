"""τ²'s tasks as episodes: its tools run, its evaluators decide, and any adapter can play them.

The user reads out what τ² tells its simulated one, and agrees when asked. An episode is over when
the database is what the gold actions make of it and all is said, or when the user has agreed so
often in vain. What only a model could judge (``NL_ASSERTION``) costs nothing here.
"""

import json
import pickle
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

from pipeline.adapters.episodes import EpisodeError, RefusedError, Told

AGREED = "Yes, that is right. Please go ahead."
PATIENCE, MOST = 3, 200
"""How often in a row the user agrees in vain, and how many messages an episode has at most."""


class Domain(NamedTuple):
    """What τ² asks a domain for."""

    name: str
    get_environment: Callable[..., Any]
    get_tasks: Callable[[], list[Any]]


def find_domain(name: str) -> Domain:
    """A domain of τ²'s own; its database is read once. Raises EpisodeError."""
    try:
        module = import_module(f"tau2.domains.{name}.environment")
    except ModuleNotFoundError as error:
        raise EpisodeError(f"no τ² domain {name!r}: {error}") from error
    known: list[bytes] = []

    def get_environment(solo_mode: bool = False) -> Any:
        if not known:
            known.append(pickle.dumps(module.get_environment().tools.db))
        return module.get_environment(db=pickle.loads(known[0]), solo_mode=solo_mode)

    return Domain(name, get_environment, module.get_tasks)


@dataclass
class _Session:
    task: Any
    environment: Any
    goal: str
    history: list[Any] = field(default_factory=list)
    agreed: int = 0
    state: str = ""
    """Hash of the database; empty where a call was made since."""


@dataclass(frozen=True)
class Tau2Episodes:
    """Implements `pipeline.adapters.episodes.Episodes`."""

    domain: Domain
    _goals: dict[str, str] = field(default_factory=dict)
    _open: dict[str, _Session] = field(default_factory=dict)

    @cached_property
    def tasks(self) -> list[Any]:
        """τ²'s own records of its tasks."""
        return self.domain.get_tasks()

    def begin(self, which: Told) -> Told:
        """A task by its place, counted round, or its id."""
        if "seed" in which:
            task = self.tasks[which["seed"] % len(self.tasks)]
        else:
            found = [one for one in self.tasks if str(one.id) == which["task"]]
            if not found:
                raise EpisodeError(f"no task {which['task']!r} in {self.domain.name}")
            task = found[0]
        environment = self._make_environment(task)
        if task.id not in self._goals:
            # Hash of the database after the gold actions, the failing ones without effect.
            proven = self._make_environment(task)
            for one in task.evaluation_criteria.actions or []:
                proven.get_response(_as_call(one))
            self._goals[task.id] = proven.get_db_hash()
        session = secrets.token_hex(12)
        self._open[session] = _Session(task, environment, self._goals[task.id])
        tools = [one.openai_schema for one in environment.get_tools()]
        told = task.user_scenario.instructions
        if not isinstance(told, str):
            told = "\n".join(filter(None, (told.reason_for_call, told.known_info)))
        said = [_say("system", environment.get_policy()), _say("user", told)]
        begun: Told = {"session": session, "task": str(task.id), "tools": tools}
        return begun | {"messages": said, "done": False}

    def step(self, session: str, message: Told) -> Told:
        """Make the calls, or hear the user."""
        if session not in self._open:
            raise EpisodeError("no such session: it is over, or was never begun")
        found = self._open[session]
        calls, text = message.get("tool_calls") or [], message.get("content") or None
        said = self._call(found, text, calls) if calls else self._talk(found, text or "")
        done = not said or len(found.history) >= MOST
        told: Told = {"session": session, "messages": said, "done": done}
        if done:
            from tau2.evaluator.evaluator_env import EnvironmentEvaluator

            del self._open[session]
            state = EnvironmentEvaluator.calculate_reward(
                self.domain.get_environment, found.task, found.history
            )
            basis = {one.value for one in found.task.evaluation_criteria.reward_basis}
            heard = self._is_told(found) or "COMMUNICATE" not in basis
            worth = state.reward * heard
            parts = [
                {"name": name, "score": float(score), "told": "by τ²'s evaluator", "codes": []}
                for name, score in (("state", state.reward), ("told", heard))
            ]
            reward = {"binary": worth, "graded": worth, "parts": parts}
            told |= {"ended": "", "why": "", "reward": reward}
        return told

    def drop(self, session: str) -> None:
        """Forget it."""
        if self._open.pop(session, None) is None:
            raise EpisodeError("no such session: it is over, or was never begun")

    def _call(self, found: _Session, text: str | None, calls: list[Told]) -> list[Told]:
        read = [_read_call(one) for one in calls]
        from tau2.data_model.message import AssistantMessage, ToolCall

        made = []
        for number, (one, (name, arguments)) in enumerate(zip(calls, read, strict=True)):
            identity = one.get("id") or f"call_{len(found.history)}_{number}"
            made.append(ToolCall(id=identity, name=name, arguments=arguments))
        found.history.append(AssistantMessage(role="assistant", content=text, tool_calls=made))
        results = [found.environment.get_response(one) for one in made]
        found.state, found.agreed = "", 0
        found.history += results
        return [{"role": "tool", "tool_call_id": one.id, "content": one.content} for one in results]

    def _talk(self, found: _Session, text: str) -> list[Told]:
        from tau2.data_model.message import AssistantMessage, UserMessage

        found.history.append(AssistantMessage(role="assistant", content=text))
        found.state = found.state or found.environment.get_db_hash()
        reached = found.state == found.goal and self._is_told(found)
        if reached or found.agreed >= PATIENCE:
            return []
        found.agreed += 1
        found.history.append(UserMessage(role="user", content=AGREED))
        return [_say("user", AGREED)]

    def _make_environment(self, task: Any) -> Any:
        environment, start = self.domain.get_environment(), task.initial_state
        environment.set_state(
            initialization_data=start and start.initialization_data,
            initialization_actions=start and start.initialization_actions,
            message_history=(start and start.message_history) or [],
        )
        return environment

    def _is_told(self, found: _Session) -> bool:
        from tau2.evaluator.evaluator_communicate import CommunicateEvaluator

        told = CommunicateEvaluator.calculate_reward(found.task, found.history)
        return bool(told.reward == 1)


def list_gold_moves(task: Any) -> list[Told]:
    """The gold actions of a task as moves, and last of all what must be said."""
    moves: list[Told] = []
    for number, one in enumerate(task.evaluation_criteria.actions or []):
        if one.requestor == "assistant":
            call = {"name": one.name, "arguments": json.dumps(one.arguments)}
            calls = [{"id": f"gold_{number}", "type": "function", "function": call}]
            moves.append({"role": "assistant", "content": None, "tool_calls": calls})
    words = " ".join(["That is done.", *(task.evaluation_criteria.communicate_info or [])])
    return [*moves, {"role": "assistant", "content": words}]


def _read_call(told: Told) -> tuple[str, Told]:
    """Name and arguments of a call. Raises RefusedError."""
    function = told.get("function", told)
    arguments = function.get("arguments") or {}
    try:
        arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{function['name']}: {error}") from error
    if not isinstance(arguments, dict):
        raise RefusedError(f"{function['name']}: the arguments are no object")
    return function["name"], arguments


def _say(role: str, text: str) -> Told:
    return {"role": role, "content": text}


def _as_call(action: Any) -> Any:
    from tau2.data_model.message import ToolCall

    return ToolCall(
        id=action.action_id, name=action.name, arguments=action.arguments,
        requestor=action.requestor,
    )  # fmt: skip
