"""The short form of records: nothing stands there twice, and nothing of the record is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.journal import read_line, write_line
from schemas.message import SystemMessage
from schemas.trajectory import Trajectory
from tests.trajectories import GOOD

HOUSE = "You are the desk of a shop.\n\nNever sell what is not there."


def with_policy(policy: str, said: str | None = None) -> Trajectory:
    first = GOOD.messages[0]
    assert isinstance(first, SystemMessage)
    opening = first.model_copy(update={"text": policy if said is None else said})
    task = GOOD.task.model_copy(update={"policy": policy})
    return GOOD.model_copy(update={"task": task, "messages": (opening, *GOOD.messages[1:])})


def short(record: Trajectory, folder: Path) -> tuple[bytes, Any]:
    definitions = DefinitionsFile(folder)
    line = write_line(record, definitions)
    definitions.flush()
    return line, json.loads(line)


@pytest.mark.parametrize(
    "record",
    [
        GOOD,
        with_policy(f"{HOUSE}\n\nIt is noon."),
        with_policy("\n\n\n\n"),
        with_policy("One thing.", said="Another thing."),
        GOOD.model_copy(update={"messages": ()}),
        GOOD.model_copy(update={"messages": GOOD.messages[1:], "tools": GOOD.tools[1:]}),
    ],
    ids=["plain", "paragraphs", "empty", "another message", "no message", "other tools"],
)
def test_the_short_form_tells_the_whole_record(record: Trajectory, tmp_path: Path) -> None:
    line, _ = short(record, tmp_path)
    assert read_line(line, DefinitionsFile(tmp_path)) == record


def test_what_stands_elsewhere_is_told_by_it(tmp_path: Path) -> None:
    line, told = short(with_policy(f"{HOUSE}\n\nIt is noon."), tmp_path)
    assert b"Never sell" not in line
    assert told["task"]["policy"][-1] == "It is noon."
    assert "tools" not in told["task"]
    assert "text" not in told["messages"][0]
    for turn, known in zip(told["task"]["turns"], GOOD.task.turns, strict=True):
        for call, gold in zip(turn.get("calls", ()), known.calls, strict=True):
            assert told["messages"][call["result"]]["content"] == gold.result
    kept = (tmp_path / "definitions.jsonl").read_text()
    assert kept.count('{"text":"Never sell what is not there."}') == 1


def test_what_is_as_usual_is_left_out_and_what_is_not_is_said(tmp_path: Path) -> None:
    _, told = short(GOOD, tmp_path)
    assert not any("fault" in call for call in told["task"]["turns"][0]["calls"])
    assert told["task"]["turns"][1]["calls"][0]["fault"] == {
        "kind": "rate_limited", "transient": True,
    }  # fmt: skip
    assert [turn.get("outcome") for turn in told["task"]["turns"]] == [None, None, None, "refuse"]
    assert all(message["role"] for message in told["messages"])


def test_a_message_of_its_own_and_other_tools_are_said(tmp_path: Path) -> None:
    _, told = short(with_policy("One thing.", said="Another thing."), tmp_path)
    assert (told["task"]["policy"], told["messages"][0]["text"]) == ("One thing.", "Another thing.")
    _, told = short(GOOD.model_copy(update={"tools": GOOD.tools[1:]}), tmp_path)
    assert told["task"]["tools"] == list(GOOD.task.tools)


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        (("task", "policy", 0), "0123456789abcdef", "has no part 0123456789abcdef"),
        (("task", "turns", 0, "calls", 0, "result"), 999, "is not there"),
        (("task", "turns", 0, "calls", 0, "result"), 1, "is not there"),
        (("task", "policy"), [], "is not there"),
        (("tools", 0), "0123456789abcdef", "has no part 0123456789abcdef"),
        (("task", "turns"), 7, "is not there"),
    ],
)
def test_what_is_told_by_what_is_not_there_is_an_error(
    place: tuple[Any, ...], value: object, named: str, tmp_path: Path
) -> None:
    _, told = short(with_policy(f"{HOUSE}\n\nIt is noon."), tmp_path)
    holder = told
    for part in place[:-1]:
        holder = holder[part]
    holder[place[-1]] = value
    with pytest.raises(ValidationError, match=named):
        read_line(json.dumps(told).encode(), DefinitionsFile(tmp_path))


def test_without_definitions_a_record_is_whole() -> None:
    whole = json.loads(GOOD.model_dump_json())
    assert whole["messages"][0]["text"] == GOOD.task.policy
    assert Trajectory.model_validate(whole) == GOOD
