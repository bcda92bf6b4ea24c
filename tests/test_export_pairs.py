"""Exports of right against wrong, made of mistakes that are written by hand."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.dataset import Dataset
from pipeline.exports import pairs
from pipeline.run.data_lines import Line
from pipeline.run.error_files import ERRORS
from schemas.message import AssistantMessage, Call, ToolMessage
from schemas.mistake import Mistake, Use
from schemas.trajectory import Trajectory
from tests.commands import plan, toolweave

Row = dict[str, Any]


def go_wrong(trajectory: Trajectory, use: Use) -> Mistake:
    """The first call with another argument, and what the tool answers to it."""
    right = next(one for one in trajectory.messages if isinstance(one, AssistantMessage))
    call = Call(id="wrong", name=right.calls[0].name, arguments={"query": "sofa", "limit": 5})
    wrong = right.model_copy(update={"calls": (call,)})
    answer = ToolMessage(
        index=wrong.index + 1, turn=wrong.turn, timestamp=wrong.timestamp, call_id="wrong",
        name=call.name, content='{"products": [], "total": 0}',
    )  # fmt: skip
    return Mistake(
        kind="wrong_argument", use=use, trajectory=trajectory.id, index=trajectory.index,
        decision=right.index, wrong=(wrong, answer), code="unsupported_value", blame=right.index,
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output folder with mistakes, which nothing changes."""
    folder = tmp_path_factory.mktemp("built")
    out = folder / "o"
    assert toolweave("build", "--tools", plan(folder), "-n", 3, "--out", out).code == 0
    mistakes = [go_wrong(one, use) for one in Dataset.open(out) for use in ("pair", "steps")]
    (out / ERRORS).write_text("".join(one.model_dump_json() + "\n" for one in mistakes))
    return out


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "o"))


def rows(made: Path, name: str, *options: str) -> list[Row]:
    ran = toolweave("export", made, "--to", name, "--force", *options)
    assert (ran.code, ran.err) == (0, "")
    text = (made / "exports" / f"{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def arguments(message: Row) -> Row:
    (call,) = message["tool_calls"]
    told = call["function"]["arguments"]
    found: Row = json.loads(told) if isinstance(told, str) else told
    return found


def test_a_pair_has_the_right_and_the_wrong_move_after_the_same_words(made: Path) -> None:
    record = next(iter(Dataset.open(made)))
    first = next(one for one in record.messages if isinstance(one, AssistantMessage))
    right, wrong = first.calls[0].arguments, {"query": "sofa", "limit": 5}
    told = rows(made, "openai-dpo")
    assert len(told) == 3
    for row in told:
        assert row.keys() == {"input", "preferred_output", "non_preferred_output"}
        assert [one["role"] for one in row["input"]["messages"]] == ["system", "user"]
        assert "weight" not in json.dumps(row)
        assert arguments(row["preferred_output"][0]) == right
        assert arguments(row["non_preferred_output"][0]) == wrong
    for row in rows(made, "trl-dpo"):
        assert [one["role"] for one in row["prompt"]] == ["system", "user"]
        assert (arguments(row["chosen"][0]), arguments(row["rejected"][0])) == (right, wrong)
    told = rows(made, "trl-kto")
    assert [row["label"] for row in told] == [True, False] * 3
    assert [arguments(row["completion"][0]) for row in told] == [right, wrong] * 3
    for row in rows(made, "swift-dpo"):
        ends = row["messages"], row["rejected_messages"]
        assert row["rejected_tools"] == row["tools"]
        calls = [json.loads(end[-1]["content"])["arguments"] for end in ends]
        assert calls == [right, wrong]
        for end in ends:
            assert [one["role"] for one in end[:2]] == ["system", "user"]
            assert all(one.get("loss", True) for one in end)


def test_both_moves_of_a_pair_call_the_tool_by_the_same_masked_name(made: Path) -> None:
    for row in rows(made, "trl-dpo", "--mask-names", "1"):
        names = {
            row[side][0]["tool_calls"][0]["function"]["name"] for side in ("chosen", "rejected")
        }
        assert len(names) == 1
        assert names < {tool["function"]["name"] for tool in row["tools"]}
        assert "search_products" not in json.dumps(row)


def test_steps_are_right_up_to_the_wrong_one_with_its_answer(made: Path) -> None:
    for row in rows(made, "prm"):
        assert row["labels"] == [False]
        (step,) = row["completions"]
        assert '"query": "sofa"' in step
        assert "<tool_response>" in step
        assert "oak desk" in row["prompt"].casefold()


def test_without_mistakes_there_are_no_pairs(made: Path) -> None:
    (made / ERRORS).unlink()
    ran = toolweave("export", made, "--to", "openai-dpo")
    assert ran.code == 2
    assert "does not exist; `toolweave errors` makes it" in ran.last


def test_rules_narrow_what_is_learned(made: Path) -> None:
    whole, calls, final = (
        rows(made, "openai", *(("--train", rule) if rule else ()))
        for rule in ("", "calls", "final")
    )
    for all_of, calling, last in zip(whole, calls, final, strict=True):
        for one, two, three in zip(
            all_of["messages"], calling["messages"], last["messages"], strict=True
        ):
            if one["role"] == "assistant":
                assert two["weight"] == (one["weight"] and "tool_calls" in one)
                assert three["weight"] <= (one["weight"] and "tool_calls" not in one)
    ran = toolweave("export", made, "--to", "openai", "--train", "some", "--force")
    known = "good, recovery, final, calls, first:N"
    assert ran.last == f"toolweave: at --train: unknown choice 'some'; there is {known}"


@pytest.mark.parametrize("name", ["openai-dpo", "trl-dpo", "trl-kto", "swift-dpo", "prm"])
def test_choices_on_whole_conversations_are_refused(name: str, made: Path) -> None:
    for option, given in (
        ("--train", "calls"), ("--batches", "split"), ("--text-beside-calls", "drop"),
        ("--masked", "cut"), ("--irrelevant", 1),
    ):  # fmt: skip
        ran = toolweave("export", made, "--to", name, option, given)
        assert (ran.code, ran.last) == (
            2, f"toolweave: at {name}: its rows cannot hold {option}"
        )  # fmt: skip


def test_pairs_and_steps_of_stiff_tasks_are_left_out_where_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "o"
    tools = plan(tmp_path, stiff_every=2)
    assert toolweave("build", "--tools", tools, "-n", 4, "--out", out).code == 0
    records = list(Dataset.open(out))
    mistakes = [go_wrong(one, use) for one in records for use in ("pair", "steps")]
    (out / ERRORS).write_text("".join(one.model_dump_json() + "\n" for one in mistakes))
    plain = [one for one in records if not one.task.stiff]
    assert 0 < len(plain) < len(records)
    for name in ("openai-dpo", "prm"):
        assert len(rows(out, name)) == len(records)
        assert len(rows(out, name, "--no-stiff")) == len(plain)


def test_what_several_people_say_before_a_pair_is_one_message(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = next(iter(Dataset.open(made)))
    first = next(n for n, one in enumerate(record.messages) if one.role == "user")
    said = record.messages[first]
    moved = [one.model_copy(update={"index": one.index + 1}) for one in record.messages[first:]]
    group = record.model_copy(update={"messages": (*record.messages[:first], said, *moved)})

    line = Line(1, 0, group.model_dump_json().encode(), made / "trajectories.jsonl")

    def read_group(_: Path, use: Use) -> list[tuple[Line, Mistake]]:
        return [(line, go_wrong(group, use))]

    monkeypatch.setattr(pairs, "read_mistaken", read_group)
    for name in ("openai-dpo", "trl-dpo"):
        rows(made, name)  # which sees that none is left out
    (row,) = rows(made, "trl-dpo")
    assert [one["role"] for one in row["prompt"]] == ["system", "user"]
