"""TRL's ``environment_factory``: a class for each set of tools, made when the tasks are read.

TRL's loop knows calls only, and ends with the first message that makes none. So talking to the user
is a tool as well, whose result is what the user says next; words at the very end, beside no call,
are handed to the episode when it is rewarded. Results of tools are no tokens of the policy's: TRL
masks them, and with them all that the user says.
"""

import inspect
import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Optional

from pipeline.adapters.episodes import (
    EpisodeError,
    Episodes,
    Told,
    earned,
    list_tasks,
    open_episodes,
)

TALK = "talk_to_user"
"""The tool by which the policy says something; its argument is ``message``."""
OVER = "The conversation is over."
_TALK_DOC = """Say something to the user, and hear what they answer.

Args:
    message: What you say to the user.
"""
_SECTION = re.compile(r"\b(Args|Returns|Raises):")
_PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
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
        self._seen = self._episodes.step(self._session, message)
        said = [str(one["content"]) for one in self._seen["messages"]]
        return "\n\n".join([*said, OVER] if self._seen["done"] else said)

    def _finish(self, last: Told, kind: str) -> float:
        """What the episode has earned, once its last words are said."""
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


def open_tasks(where: str, wanted: int = 100) -> Tasks:
    """So many tasks of a server or a folder. Raises EpisodeError."""
    episodes = open_episodes(where)
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
    methods: dict[str, Any] = {"_episodes": episodes, talk: _make_talk(talk)}
    for one in definitions:
        method = _make_method(one, name_method(one["name"]))
        methods[method.__name__] = method
    return type(name, (Environment,), methods)


def name_method(tool: str) -> str:
    """A tool's name, unless it would be no tool of TRL's as a method."""
    return f"tool_{tool}" if tool in _RESERVED or tool.startswith("_") else tool


def name_parameter(parameter: str) -> str:
    """A parameter's name as Python can have it: ``from`` → ``from_``, ``X-Id`` → ``X_Id``."""
    plain = re.sub(r"\W", "_", parameter)
    plain = f"_{plain}" if not plain or plain[0].isdigit() else plain
    return f"{plain}_" if keyword.iskeyword(plain) or plain == "self" else plain


def episode_reward(
    completions: list[Any], environments: list[Environment], **_: Any
) -> list[float]:
    """A ``reward_func``: 1 for an episode that lacks nothing."""
    return _reward(completions, environments, "binary")


def graded_episode_reward(
    completions: list[Any], environments: list[Environment], **_: Any
) -> list[float]:
    """A ``reward_func``: a share for what was done of it."""
    return _reward(completions, environments, "graded")


def _reward(completions: list[Any], environments: list[Environment], kind: str) -> list[float]:
    return [
        one._finish(said[-1] if said else {}, kind)
        for said, one in zip(completions, environments, strict=True)
    ]


_BOTH = inspect.Parameter.POSITIONAL_OR_KEYWORD


def _make_talk(name: str) -> Callable[..., str]:
    def talk(self: Environment, message: str) -> str:
        return self._move({"content": message})

    return _dress(talk, name, _TALK_DOC, {"message": str}, {"message"})


def _dress(
    method: Callable[..., str], name: str, doc: str, hints: dict[str, Any], required: set[str]
) -> Callable[..., str]:
    """Give a method the name, words and types from which TRL makes a tool."""
    parameters = [inspect.Parameter("self", _BOTH)]
    for one in sorted(hints, key=lambda one: one not in required):
        default = inspect.Parameter.empty if one in required else None
        parameters.append(inspect.Parameter(one, _BOTH, annotation=hints[one], default=default))
    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    method.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        parameters, return_annotation=str
    )
    method.__annotations__ = hints | {"return": str}  # of self, a schema can say nothing
    return method


def _make_method(tool: Mapping[str, Any], name: str) -> Callable[..., str]:
    schema = tool.get("parameters") or {}
    properties, required = schema.get("properties") or {}, set(schema.get("required") or ())
    names = {name_parameter(one): one for one in properties}

    def method(self: Environment, **given: Any) -> str:
        arguments = {names.get(one, one): value for one, value in given.items()}
        call = {"type": "function", "function": {"name": tool["name"], "arguments": arguments}}
        return self._move({"tool_calls": [call]})

    lines = [_line(tool.get("description") or tool["name"])]
    if names:
        told = (f"    {plain}: {_tell(one, properties[one])}" for plain, one in names.items())
        lines += ["", "Args:", *told]
    hints = {plain: _hint(properties[one]) for plain, one in names.items()}
    needed = {plain for plain, one in names.items() if one in required}
    return _dress(method, name, "\n".join([*lines, ""]), hints, needed)


def _hint(schema: Any) -> Any:
    """The type from which transformers makes a schema again, as near as types come to it."""
    if not isinstance(schema, dict):
        return Any
    values = schema.get("enum")
    if values and all(isinstance(one, str | int | None) for one in values):
        return Literal[tuple(values)]
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if one != "null"]
        inner = _hint({**schema, "type": kinds[0]}) if len(kinds) == 1 else Any
        return Optional[inner] if "null" in kind and inner is not Any else inner  # noqa: UP045
    if kind == "array":
        return list[_hint(schema.get("items"))]  # type: ignore[misc]
    return dict if kind == "object" else _PLAIN.get(str(kind), Any)


def _tell(name: str, schema: Any) -> str:
    """A parameter's description, in one line; with the schema where a type cannot say it."""
    told = _line(schema.get("description") or name) if isinstance(schema, dict) else name
    if not isinstance(schema, dict) or not {"properties", "anyOf", "oneOf"} & _keys(schema):
        return told
    return f"{told} As JSON Schema: {_line(json.dumps(schema, ensure_ascii=False))}"


def _keys(schema: Any) -> set[str]:
    """All names in a schema, also of what is inside."""
    if isinstance(schema, dict):
        return set(schema).union(*map(_keys, schema.values()))
    return set().union(*map(_keys, schema)) if isinstance(schema, list) else set()


def _line(text: str) -> str:
    """One line without what begins a section of a docstring, or a list of choices."""
    plain = _SECTION.sub(r"\1 –", " ".join(text.split()))
    return plain.replace("(choices:", "(one of:")
