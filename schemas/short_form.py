"""The short form of a record, as the output folder's files have it: nothing stands there twice.

Beside the parts that are `KeptOnce`: the paragraphs of a policy but the last stand for themselves
as hashes; the system message is left out where it is the policy, and the tools' names where they
are those of the tools; a gold call's result that a message holds is that message's number. Where
there are many of a kind of record, their fields that are as usual are left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from schemas.definitions import Definitions
from schemas.message import AssistantMessage, Call, SystemMessage, ToolMessage, UserMessage
from schemas.record import JsonObject, Record
from schemas.task import GoldCall, Origin, TaskTurn
from schemas.tool import ToolSpec
from schemas.verdict import TurnLabel, Verdict
from schemas.writing import Reworded

_BETWEEN = "\n\n"
"""What stands between paragraphs."""


_MANY: Mapping[str, type[Record]] = {
    "verdicts": Verdict, "labels": TurnLabel, "turns": TaskTurn, "calls": Call,
    "gold": GoldCall, "origins": Origin, "system": SystemMessage, "user": UserMessage,
    "assistant": AssistantMessage, "tool": ToolMessage, "rewriting": Reworded,
}  # fmt: skip
"""What the records are of which a row has many."""


class Passage(Record):
    """A text that many records have."""

    text: str


@lru_cache(maxsize=1024)
def _passage(text: str) -> Passage:
    """The same object for the same text: its hash is made once."""
    return Passage(text=text)


def shorten(whole: JsonObject, tools: Sequence[ToolSpec], definitions: Definitions) -> JsonObject:
    """Leave out of a whole record's JSON, in place, what `complete` puts back."""
    task, messages = whole["task"], whole["messages"]
    first = messages[0] if messages else {}
    if first.get("role") == "system" and first["text"] == task["policy"]:
        del first["text"]
    *many, last = task["policy"].split(_BETWEEN)
    if many:
        task["policy"] = [*(definitions.refer(_passage(text)) for text in many), last]
    if task["tools"] == [tool.wire_name for tool in tools]:
        del task["tools"]
    at = {one["content"]: n for n, one in enumerate(messages) if one["role"] == "tool"}
    for turn in task["turns"]:
        for call in turn["calls"]:
            call["result"] = at.get(call["result"], call["result"])
            _leave_out(call["origins"], "origins")
        _leave_out(turn["calls"], "gold")
    _leave_out(task["turns"], "turns")
    for message in messages:
        _leave_out(message.get("calls", ()), "calls")
        _leave_out([message], message["role"])
    _leave_out(whole["verdicts"], "verdicts")
    _leave_out(whole["labels"], "labels")
    _leave_out(whole["rewriting"], "rewriting")
    if not whole["rewriting"]:
        del whole["rewriting"]
    if whole["writing"] is None:
        del whole["writing"]
    for name in ("writer", "reviewer"):
        if whole["roles"][name] is None:
            del whole["roles"][name]
    return whole


def _leave_out(records: Sequence[JsonObject], kind: str) -> None:
    """Leave out of records what is as usual."""
    for name, usual in _usual(kind):
        for record in records:
            if name in record and record[name] == usual:
                del record[name]


def put_back(records: Sequence[JsonObject], kind: str) -> list[JsonObject]:
    """Records of a kind whole again: what is as usual, too, and the fields in their order.

    Raises ValueError where that is not known of one: it is of another version.
    """
    whole, needed = _whole(kind)
    made = []
    for record in records:
        one = {**whole, **record}
        if len(one) != len(whole) or not needed <= record.keys():
            raise ValueError(f"a record of {kind} has other fields than it has now")
        made.append(one)
    return made


@cache
def _whole(kind: str) -> tuple[JsonObject, frozenset[str]]:
    """All fields of a kind of record in their order, and those that are never left out."""
    fields, usual = _MANY[kind].model_fields, dict(_usual(kind))
    return {name: usual.get(name) for name in fields}, frozenset(fields.keys() - usual.keys())


@cache
def _usual(kind: str) -> tuple[tuple[str, Any], ...]:
    """The plain defaults of a kind of record, but for what tells its kind."""
    fields = _MANY[kind].model_fields.items()
    told = [(name, field.default) for name, field in fields if name != "role"]
    plain = [(name, one) for name, one in told if one is None or isinstance(one, str | int)]
    return (*plain, *((name, []) for name, one in told if one == ()))


def complete(
    short: Any, text_of: Callable[[str], str], names_of: Callable[[Sequence[str]], list[str]]
) -> Any:
    """Put back what `shorten` left out; what is no record stays as it is.

    ``text_of`` and ``names_of`` give a passage's text and tools' wire names by their hashes.
    Raises ValueError where something is told by what is not there.
    """
    told = complete_opening(short, text_of)
    return told if told is short else complete_task(told, names_of)


def complete_opening(short: Any, text_of: Callable[[str], str]) -> Any:
    """The same with policy and system message only: all that the messages need."""
    if not isinstance(short, Mapping) or not isinstance(short.get("task"), Mapping):
        return short
    task, messages = dict(short["task"]), list(short.get("messages", ()))
    with _telling():
        if isinstance(task.get("policy"), list):
            last = task["policy"][-1]
            task["policy"] = _BETWEEN.join([*map(text_of, task["policy"][:-1]), last])
        if messages and messages[0].get("role") == "system":
            messages[0] = {"text": task["policy"]} | messages[0]
    return {**short, "task": task, "messages": messages}


def complete_task(told: JsonObject, names_of: Callable[[Sequence[str]], list[str]]) -> JsonObject:
    """What `complete_opening` gave, with the names of the tools and the results of gold calls."""
    task, messages, tools = dict(told["task"]), told["messages"], told.get("tools", ())
    with _telling():
        if "tools" not in task:
            names = iter(names_of([one for one in tools if isinstance(one, str)]))
            task["tools"] = [
                next(names) if isinstance(one, str) else one["wire_name"] for one in tools
            ]
        task["turns"] = [
            turn | {"calls": [_with_result(call, messages) for call in turn["calls"]]}
            if "calls" in turn
            else turn
            for turn in task.get("turns", ())
        ]
    return {**told, "task": task}


def _with_result(call: JsonObject, messages: Sequence[JsonObject]) -> JsonObject:
    result = call.get("result")
    return call | {"result": messages[result]["content"]} if type(result) is int else call


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            f"what stands for a text, a name or a result is not there: {error}"
        ) from None
