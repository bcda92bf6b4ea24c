"""TRL's ``environment_factory``: a class for each set of tools, made when the tasks are read.

TRL's loop knows calls only, and ends with the first message that makes none. So talking to the user
is a tool as well, whose result is what the user says next; words at the very end, beside no call,
are handed to the episode when it is rewarded. Results of tools are no tokens of the policy's: TRL
masks them, and with them all that the user says.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from pipeline.adapters.episodes import (
    EpisodeError,
    Episodes,
    Told,
    earned,
    list_tasks,
    make_move,
    open_episodes,
)
from pipeline.adapters.methods import dress, make_method

TALK = "talk_to_user"
"""The tool by which the policy says something; its argument is ``message``."""
OVER = "The conversation is over."
_TALK_DOC = """Say something to the user, and hear what they answer.

Args:
    message: What you say to the user.
"""
_RESERVED = frozenset({"reset", "get_reward"})


class Environment:
    """One episode after the other; TRL calls `reset`, and the methods without a leading ``_``."""

    _episodes: ClassVar[Episodes]

    def __init__(self) -> None:
        """It is begun by `reset`."""
        self._session, self._seen = "", Told(done=True)

    def reset(self, seed: int, **row: Any) -> None:
        """Begin the episode of a row; what the user says first stands in its prompt."""
        del row
        if not self._seen["done"]:
            with suppress(EpisodeError):  # left alone for so long, it has ended by itself
                self._episodes.drop(self._session)
        self._seen = self._episodes.begin({"seed": seed})
        self._session = self._seen["session"]

    def _move(self, message: Told) -> str:
        """What the tools and the user answer."""
        if self._seen["done"]:
            return OVER
        self._seen = make_move(self._episodes, self._session, message)
        said = [str(one["content"]) for one in self._seen["messages"]]
        return "\n\n".join([*said, OVER] if self._seen["done"] else said)

    def _call(self, name: str, arguments: Told) -> str:
        call = {"type": "function", "function": {"name": name, "arguments": arguments}}
        return self._move({"tool_calls": [call]})

    def _finish(self, last: Told, kind: str) -> float | None:
        """What the episode has earned, once its last words are said; None: it is not scored."""
        if last.get("role") == "assistant" and last.get("content") and not last.get("tool_calls"):
            self._move({"content": last["content"]})
        return earned(self._seen, kind)


@dataclass(frozen=True)
class Tasks:
    """What GRPOTrainer takes."""

    rows: list[Told]
    """For its ``train_dataset``: ``datasets.Dataset.from_list(tasks.rows)``."""
    factories: dict[str, type[Environment]]
    """Its ``environment_factory``: the name that a row has under ``environment`` → a class."""


def open_tasks(where: str, wanted: int = 100, user: Told | None = None) -> Tasks:
    """So many tasks of a server or a folder, as `open_episodes` takes it. Raises EpisodeError."""
    episodes = open_episodes(where, user)
    return make_tasks(episodes, list_tasks(episodes, wanted))


def make_tasks(episodes: Episodes, begun: Any) -> Tasks:
    """The rows and classes of tasks that begin so."""
    rows: list[Told] = []
    names: dict[str, str] = {}
    factories: dict[str, type[Environment]] = {}
    for one in begun:
        key = json.dumps(one["tools"], sort_keys=True)
        if key not in names:
            names[key] = f"tools_{len(names)}"
            factories[names[key]] = make_environment(names[key], episodes, one["tools"])
        prompt = [{"role": said["role"], "content": said["content"]} for said in one["messages"]]
        rows.append({"prompt": prompt, "environment": names[key], **one["which"]})
    return Tasks(rows, factories)


def make_environment(name: str, episodes: Episodes, tools: Sequence[Told]) -> type[Environment]:
    """A class with these tools as its methods."""
    definitions = [one["function"] for one in tools]
    taken = {one["name"] for one in definitions}
    talk = TALK if TALK not in taken else f"{TALK}_"

    def say(self: Environment, message: str) -> str:
        return self._move({"content": message})

    methods: dict[str, Any] = {
        "_episodes": episodes,
        talk: dress(say, talk, _TALK_DOC, {"message": str}, {"message"}),
    }
    for one in definitions:
        method = make_method(one, name_method(one["name"]))
        methods[method.__name__] = method
    return type(name, (Environment,), methods)


def name_method(tool: str) -> str:
    """A tool's name, unless it would be no tool of TRL's as a method."""
    return f"tool_{tool}" if tool in _RESERVED or tool.startswith("_") else tool


def episode_reward(
    completions: list[Any], environments: list[Environment], **_: Any
) -> list[float | None]:
    """A ``reward_func``: 1 for an episode that lacks nothing; TRL leaves out what has None."""
    return _reward(completions, environments, "binary")


def graded_episode_reward(
    completions: list[Any], environments: list[Environment], **_: Any
) -> list[float | None]:
    """A ``reward_func``: a share for what was done of it."""
    return _reward(completions, environments, "graded")


def _reward(
    completions: list[Any], environments: list[Environment], kind: str
) -> list[float | None]:
    return [
        one._finish(said[-1] if said else {}, kind)
        for said, one in zip(completions, environments, strict=True)
    ]
