"""Whole records, each readable by itself: the tools and demands stand in every row.

A row is made of the line, without its record, whose reading and writing takes three times as long.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generators.identity_cache import remembered
from pipeline.exports.format import ALL_CHOICES, FEATURES, Format
from pipeline.exports.wire import Shared
from pipeline.run.data_lines import Line, definitions_of
from schemas.record import JsonObject
from schemas.short_form import put_back
from schemas.task import Task
from schemas.trajectory import Roles, Trajectory

_SELDOM: JsonObject = {"rewriting": [], "writing": None}
"""What the short form leaves out of the whole, and the whole form writes."""


def whole(line: Line) -> Iterator[JsonObject]:
    """The record of a line, whole. Raises InputError."""
    try:
        row = _fill(line)
    except (LookupError, TypeError, ValueError, AttributeError):
        row = line.trajectory.model_dump(mode="json")  # which says what is wrong with the line
    yield row


def _fill(line: Line) -> JsonObject:
    told = line.complete()
    find = definitions_of(line.path.parent).find_plain

    def known(told: str | JsonObject) -> JsonObject:
        return _share(find(told)) if isinstance(told, str) else told

    task: JsonObject = _in_order(Task.model_fields, told["task"])
    task["demands"] = [*map(known, task["demands"])]
    task["turns"] = put_back(task["turns"], "turns")
    for turn in task["turns"]:
        turn["calls"] = put_back(turn["calls"], "gold")
        for call in turn["calls"]:
            call["origins"] = put_back(call["origins"], "origins")
    messages = [whole for one in told["messages"] for whole in put_back((one,), one["role"])]
    for message in messages:
        if message.get("calls"):
            message["calls"] = put_back(message["calls"], "calls")
    filled = {
        "roles": Roles().model_dump() | told["roles"],
        "task": task,
        "tools": [*map(known, told["tools"])],
        "messages": messages,
        "verdicts": put_back(told["verdicts"], "verdicts"),
        "labels": put_back(told["labels"], "labels"),
        "rewriting": put_back(told.get("rewriting", ()), "rewriting"),
    }
    return _in_order(Trajectory.model_fields, _SELDOM | told | filled, seldom=True)


@remembered
def _share(part: JsonObject) -> Shared:
    return Shared(part)


def _in_order(fields: Mapping[str, Any], told: JsonObject, *, seldom: bool = False) -> JsonObject:
    """The same with the fields in their order; ``seldom``: some may be absent."""
    if told.keys() - fields.keys():
        raise ValueError("a record has other fields than it has now")
    return {name: told[name] for name in fields if not seldom or name in told}


FORMAT = Format(
    "rows",
    lambda chat: (chat.record().model_dump(mode="json"),),
    carries=frozenset(name for name, _ in FEATURES),
    of_line=whole,
    judged=False,
    no_place_for=ALL_CHOICES,
)
