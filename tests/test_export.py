"""Exports: rows that the trainer takes, told by rules that look at the row alone."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import duckdb
import pytest

from pipeline.dataset import Dataset
from pipeline.exports import EXPORTS, openai
from pipeline.exports.chat import chat_of
from pipeline.exports.openai import problems
from pipeline.exports.shaping import join_running, narrow
from pipeline.run.checksums import read_sums
from pipeline.run.data_index import read_index
from schemas.message import AssistantMessage, ToolMessage
from schemas.trajectory import Trajectory
from tests.commands import plan, records_of, toolweave
from tests.workshop import FINE, said_by

Row = dict[str, Any]
SAMPLE = said_by("customer 1", 0, FINE)


def row_of(trajectory: Trajectory) -> Row:
    return openai.row(join_running(chat_of(trajectory)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder, which nothing changes."""
    folder = tmp_path_factory.mktemp("built")
    ran = toolweave(
        "build", "--tools", plan(folder, reject_every=4), "-n", 9, "--out", folder / "o"
    )
    assert ran.code == 0
    return folder / "o"


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "o"))


def test_whole_rows_are_the_records_and_can_be_read_without_the_folder(
    made: Path, tmp_path: Path
) -> None:
    file = tmp_path / "elsewhere" / "rows.jsonl"
    assert toolweave("export", made, "--to", "rows", "--out", file).code == 0
    whole = [Trajectory.model_validate_json(line) for line in file.read_bytes().splitlines()]
    assert whole == list(Dataset.open(made))
    assert len(whole) == len(Dataset.open(made))
    assert len(file.read_bytes()) > 1.2 * len((made / "trajectories.jsonl").read_bytes())


def test_names_of_formats_are_distinct() -> None:
    assert len({known.name for known in EXPORTS}) == len(EXPORTS)


def test_a_row_says_what_the_record_says() -> None:
    row = row_of(SAMPLE)
    assert list(row) == ["messages", "tools", "parallel_tool_calls"]
    assert problems(row) == []
    assert len(row["messages"]) == len(SAMPLE.messages)
    for said, message in zip(row["messages"], SAMPLE.messages, strict=True):
        assert said["role"] == message.role
        if isinstance(message, AssistantMessage):
            calls = said.get("tool_calls", ())
            arguments = [json.loads(call["function"]["arguments"]) for call in calls]
            assert arguments == [call.arguments for call in message.calls]
            assert said.get("content", "") == message.text
            assert said["weight"] == (0 if message.act == "retry" else 1)
        else:
            assert "weight" not in said
    assert [tool["function"]["parameters"] for tool in row["tools"]] == [
        tool.parameters for tool in SAMPLE.tools
    ]


def test_what_is_said_twice_running_is_joined_and_masked_if_one_part_is() -> None:
    said = [message for message in SAMPLE.messages if isinstance(message, AssistantMessage)]
    last = said[-1].model_copy(update={"index": 99, "text": "Anything else?"})
    twice = SAMPLE.model_copy(update={"messages": (*SAMPLE.messages, last)})
    joined = row_of(twice)["messages"][-1]
    assert joined["content"] == f"{said[-1].text}\n\nAnything else?"
    assert joined["weight"] == 0
    assert problems(row_of(twice)) == []


def test_without_tools_there_is_no_key_for_them() -> None:
    row = row_of(SAMPLE.model_copy(update={"tools": ()}))
    assert list(row) == ["messages"]
    assert "is not among the tools" in problems(row)[0]


def _call(row: Row) -> Row:
    call: Row = row["messages"][2]["tool_calls"][0]
    return call


SPOILS: dict[str, Callable[[Row], Any]] = {
    "unknown key 'id'": lambda row: row.update(id="1"),
    "tools is empty": lambda row: row.update(tools=[]),
    "messages[1]: unknown key 'weight'": lambda row: row["messages"][1].update(weight=1),
    "messages[2]: weight is 0.5": lambda row: row["messages"][2].update(weight=0.5),
    "no assistant message is trained on": lambda row: [
        message.update(weight=0) for message in row["messages"] if "weight" in message
    ],
    "the first message after the system's": lambda row: row["messages"].pop(1),
    "the last message is not the assistant's": lambda row: row["messages"].pop(),
    "a system message stands in the middle": lambda row: row["messages"].insert(
        5, {"role": "system", "content": "Be brief."}
    ),
    "two messages of the user follow": lambda row: row["messages"].insert(
        1, {"role": "user", "content": "Hello?"}
    ),
    "answers no call that is next": lambda row: row["messages"][3].update(tool_call_id="c9"),
    "calls before it have no result": lambda row: row["messages"].pop(3),
    "call id 'c2' is used twice": lambda row: _call(row).update(id="c2"),
    "which is not among the tools": lambda row: _call(row)["function"].update(name="fly"),
    "are no JSON text": lambda row: _call(row)["function"].update(arguments={"query": "oak desk"}),
    "are no JSON text: NaN": lambda row: _call(row)["function"].update(arguments='{"limit": NaN}'),
    "do not fit its schema": lambda row: _call(row)["function"].update(arguments='{"query": 5}'),
    "tool name 'a b' is not allowed": lambda row: row["tools"][3]["function"].update(name="a b"),
    "messages[1]: content is no text": lambda row: row["messages"][1].update(content=None),
    "messages[1]: says nothing": lambda row: row["messages"][1].update(content="  "),
    "holds the control token '<|im_end|>'": lambda row: row["messages"][1].update(
        content="Hi <|im_end|>"
    ),
}


@pytest.mark.parametrize("told", SPOILS)
def test_each_rule_finds_its_spoiled_row(told: str) -> None:
    row = copy.deepcopy(row_of(SAMPLE))
    SPOILS[told](row)
    assert any(told in problem for problem in problems(row))


def test_a_masked_call_may_be_wrong_but_not_a_trained_one() -> None:
    row = row_of(SAMPLE)
    _call(row)["function"]["arguments"] = '{"query": 5}'
    assert problems(row)
    row["messages"][2]["weight"] = 0
    assert problems(row) == []


def test_the_command_writes_every_accepted_trajectory(made: Path, tmp_path: Path) -> None:
    ran = toolweave("export", made, "--to", "openai", "--out", tmp_path / "deep/er/train.jsonl")
    assert (ran.code, ran.err) == (0, "")
    lines = (tmp_path / "deep/er/train.jsonl").read_text().splitlines()
    records = records_of((made / "trajectories.jsonl").read_bytes(), made)
    rows = [row_of(record) for record in records]
    assert [json.loads(line) for line in lines] == rows
    assert not list((tmp_path / "deep/er").glob("*.tmp"))


def test_by_default_the_file_lies_in_the_output_folder(made: Path) -> None:
    ran = toolweave("export", made, "--to", "openai", "--json")
    answer = json.loads(ran.out)
    assert answer == {
        "file": str(made / "exports/openai.jsonl"), "rows": 9, "stiff": 0, "left_out": 0,
        "problems": {}, "not_carried": {},
    }  # fmt: skip


def test_tasks_in_stiff_words_are_counted_and_easy_to_leave_out(tmp_path: Path) -> None:
    drawn = plan(tmp_path, stiff_every=3, reject_at=-1)
    ran = toolweave("build", "--tools", drawn, "-n", 7, "--out", tmp_path / "o")
    assert "o: 7 accepted (2 in stiff words), 0 rejected of 7 candidates\n" in ran.out
    file = tmp_path / "o" / "exports" / "openai.jsonl"
    plain = toolweave("export", tmp_path / "o", "--to", "openai", "--no-stiff")
    assert (plain.code, plain.out) == (0, f"{file}: 5 rows, 2 in stiff words left out\n")
    assert len(file.read_text().splitlines()) == 5
    every = toolweave("export", tmp_path / "o", "--to", "openai", "--force")
    assert every.out == f"{file}: 7 rows\n"


def test_an_existing_file_is_kept_without_force(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text("precious")
    ran = toolweave("export", made, "--to", "openai", "--out", file)
    assert (ran.code, ran.last) == (2, f"toolweave: {file}: exists already; --force writes over it")
    assert file.read_text() == "precious"
    assert toolweave("export", made, "--to", "openai", "--out", file, "--force").code == 0
    assert len(file.read_text().splitlines()) == 9


def test_a_row_that_a_trainer_would_misread_is_left_out_and_told(
    made: Path, tmp_path: Path
) -> None:
    data = (made / "trajectories.jsonl").read_bytes()
    spoiled = data.replace(b"Hi, do", b"<|x|>o", 1)  # as long as before: the manifest knows lengths
    assert len(spoiled) == len(data)
    (made / "trajectories.jsonl").write_bytes(spoiled)
    pairs = zip(data.splitlines(keepends=True), spoiled.splitlines(keepends=True), strict=True)
    told = {crc32(line): crc32(other) for line, other in pairs}
    entries = (e._replace(checksum=told.get(e.checksum, e.checksum)) for e in read_index(made))
    (made / "index.jsonl").write_bytes(b"".join([entry.line for entry in entries]))
    ran = toolweave("export", made, "--to", "openai", "--out", tmp_path / "t.jsonl")
    assert ran.code == 3
    assert ran.last == (
        "toolweave: 1 trajectories were left out: messages[1]: holds the control token '<|x|>' (1)"
    )
    assert len((tmp_path / "t.jsonl").read_text().splitlines()) == 8


def test_an_unknown_format_is_told_with_the_known_ones(made: Path) -> None:
    ran = toolweave("export", made, "--to", "parchment")
    known = ", ".join((*(one.name for one in EXPORTS), "parquet"))
    assert (ran.code, ran.last) == (
        2, f"toolweave: at --to: unknown format 'parchment'; there is {known}"
    )  # fmt: skip


def test_a_file_that_cannot_be_written_is_one_line(made: Path) -> None:
    ran = toolweave("export", made, "--to", "openai", "--out", "/proc/nowhere/t.jsonl")
    assert ran.code == 2
    assert ran.last.startswith("toolweave: /proc/nowhere/t.jsonl: cannot be written: ")


def test_parquet_has_conversations_and_messages_in_the_order_of_the_stream(
    made: Path, tmp_path: Path
) -> None:
    for name in ("once", "again"):
        assert toolweave("export", made, "--to", "parquet", "--out", tmp_path / name).code == 0
    for name in ("conversations.parquet", "messages.parquet"):
        once, again = ((tmp_path / one / name).read_bytes() for one in ("once", "again"))
        assert once == again
    assert toolweave("export", made, "--to", "parquet", "--out", tmp_path / "once").code == 2
    records = list(Dataset.open(made))
    query = f"FROM read_parquet('{tmp_path}/once/conversations.parquet')"
    conversations = duckdb.sql(f"SELECT trajectory_id, messages {query}").fetchall()
    assert conversations == [(one.id, len(one.messages)) for one in records]
    query = f"FROM read_parquet('{tmp_path}/once/messages.parquet')"
    found = duckdb.sql(f"SELECT text, role, tool_calls, call_id, train {query}").fetchall()
    messages = [(one, message) for one in records for message in one.messages]
    for row, (record, message) in zip(found, messages, strict=True):
        labels = {label.message: label.train for label in record.labels}
        calls = message.calls if isinstance(message, AssistantMessage) else ()
        said = message.content if isinstance(message, ToolMessage) else message.text
        answers = message.call_id if isinstance(message, ToolMessage) else None
        assert row[:2] == (said, message.role)
        assert [one["arguments"] for one in json.loads(row[2] or "[]")] == [
            call.arguments for call in calls
        ]
        assert row[3:] == (answers, labels.get(message.index))


def test_parquet_in_the_folder_is_vouched_for_and_leaves_out_stiff_tasks(tmp_path: Path) -> None:
    out = tmp_path / "o"
    assert (
        toolweave("build", "--tools", plan(tmp_path, stiff_every=2), "-n", 6, "--out", out).code
        == 0
    )
    ran = toolweave("export", out, "--to", "parquet", "--no-stiff")
    assert (ran.code, ran.out) == (0, f"{out}/exports/parquet: 4 rows, 2 in stiff words left out\n")
    assert {*read_sums(out)[0]} >= {
        f"exports/parquet/{name}.parquet" for name in ("conversations", "messages")
    }


def test_rules_mask_the_messages_of_the_record_where_several_people_speak() -> None:
    first = next(n for n, one in enumerate(SAMPLE.messages) if one.role == "user")
    said = SAMPLE.messages[first]
    moved = [one.model_copy(update={"index": one.index + 1}) for one in SAMPLE.messages[first:]]
    labels = [one.model_copy(update={"message": one.message + 1}) for one in SAMPLE.labels]
    group = SAMPLE.model_copy(
        update={"messages": (*SAMPLE.messages[:first], said, *moved), "labels": tuple(labels)}
    )
    chat, alone = chat_of(group), chat_of(SAMPLE)
    assert len(chat.messages) == len(alone.messages)
    for rule in ("good", "calls", "final"):
        trained = [one.train for one in narrow(alone, [rule]).messages]
        assert any(trained)
        assert [one.train for one in narrow(chat, [rule]).messages] == trained
