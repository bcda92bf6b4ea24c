"""Exports of pairs, steps and tasks, read by those they are for, where there is one."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.exports.chat import Chat
from tests.commands import OWN, toolweave
from tests.consuming import (
    MARKS,
    QWEN,
    SHORT,
    TRAINING,
    Row,
    as_qwen,
    ask,
    build_some,
    learned,
    load,
    read_chats,
    rows_in,
    says,
    strip,
    write,
    wrong_moves,
)

pytestmark = MARKS


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pairs and steps."""
    folder = build_some(tmp_path_factory.mktemp("made") / "o")
    shares = ("--pair", 1, "--steps", 1, "--recovery", 0, "--near-miss", 0)
    ran = toolweave("errors", folder, *shares, stages=OWN)
    assert ran.code == 0
    return folder


@pytest.fixture(scope="module")
def chats(mistaken: Path) -> list[Chat]:
    return read_chats(mistaken)


def exported(folder: Path, name: str) -> Path:
    """A file as the command writes it."""
    assert toolweave("export", folder, "--to", name, "--force").code == 0
    return folder / "exports" / f"{name}.jsonl"


PLAIN = ("openai-dpo", "trl-dpo", "trl-kto", "swift-dpo", "prm", "retrieval", "tau2", "bfcl",
         "nemo-gym", "verl-rl", "hermes")  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_datasets_give_every_row_back(name: str, mistaken: Path) -> None:
    file = exported(mistaken, name)
    rows = rows_in(file)
    assert rows
    assert ask("readers", "read_datasets", file) == rows


def test_swift_gives_both_ends_of_a_pair_the_same_prompt(mistaken: Path, tmp_path: Path) -> None:
    read = load("swift-dpo").read
    assert read is not None
    pairs = [*read(mistaken)][:6]
    found = ask("trainers", "read_swift_pairs", write(tmp_path, "swift-dpo", pairs), QWEN)
    assert len(found) == len(pairs)
    for told, pair in zip(found, pairs, strict=True):
        assert told["chosen_prompt"] == told["rejected_prompt"]
        assert all(tool.wire_name in told["chosen_prompt"] for tool in pair.tools)
        for end, said in zip(("chosen", "rejected"), pair.messages[-2:], strict=True):
            assert says(told[end], said)
            assert told[end].count("<|im_end|>") == 1


def test_verl_reads_tasks(mistaken: Path) -> None:
    file = exported(mistaken, "verl-rl")
    rows = rows_in(file)
    back = ask("trainers", "read_verl_rl", file, QWEN)
    assert len(back) == len(rows)
    for row, told in zip(rows, back, strict=True):
        assert told["raw_prompt"] == row["prompt"]
        assert told["index"] == row["extra_info"]["index"]
        for key in ("data_source", "agent_name", "reward_model", "extra_info"):
            assert told[key] == row[key]


def test_a_parser_finds_the_calls_of_hermes(chats: list[Chat], tmp_path: Path) -> None:
    found = ask("trainers", "read_hermes", write(tmp_path, "hermes", chats))
    assert found == [
        [[[call.name, call.arguments] for call in said.calls] for said in learned(chat)]
        for chat in chats
    ]


def test_berkeleys_checker_takes_the_gold_calls(chats: list[Chat]) -> None:
    """Its own, over classes that only note their calls: what it evaluates is the call on record."""
    checker = import_module("bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker")
    known = import_module("bfcl_eval.constants.executable_backend_config").CLASS_FILE_PATH_MAPPING
    for chat in chats:
        (row,) = load("bfcl").rows(chat)
        module = ModuleType(f"noting_{chat.domain}")
        kind = make_noting_class(chat)
        setattr(module, chat.domain, kind)
        sys.modules[module.__name__] = module
        known[chat.domain] = module.__name__
        played: list[list[list[str]]] = []
        for said in chat.messages:
            if said.role == "user":
                played.append([])
            elif said.calls:
                played[-1].append([f"{one.name}(**{one.arguments!r})" for one in said.calls])
        truth = row["ground_truth"]
        assert len(played) == len(truth) == len(row["question"])
        verdict = checker.multi_turn_checker(played, truth, row, "multi_turn_base", "ours")
        assert verdict == {"valid": True}
        last = next((n for n in reversed(range(len(played))) if played[n]), None)
        if last is None:
            continue
        played[last] = [["nothing()"]]
        spoilt = {**row, "id": f"{row['id']}_spoilt"}
        verdict = checker.multi_turn_checker(played, truth, spoilt, "multi_turn_base", "ours")
        assert not verdict["valid"]


def make_noting_class(chat: Chat) -> type:
    """A class with a method for each tool, whose state are the calls that were made."""

    def note(name: str) -> Callable[..., Row]:
        def method(self: Any, **arguments: Any) -> Row:
            self.calls.append((name, arguments))
            return {"name": name, "arguments": arguments}

        return method

    def load_scenario(self: Any, _: Row, long_context: bool = False) -> None:
        self.calls: list[object] = []

    methods = {tool.wire_name: note(tool.wire_name) for tool in chat.tools}
    return type(chat.domain, (), {**methods, "_load_scenario": load_scenario})


@pytest.mark.parametrize(("name", "kind"), [("trl-dpo", "dpo"), ("trl-kto", "kto")])
def test_a_step_of_preference_has_both_moves(name: str, kind: str, tmp_path: Path) -> None:
    (pair,) = wrong_moves([SHORT])
    made = ask("trainers", "step_pairs", write(tmp_path, name, [pair]), QWEN, TRAINING, kind)
    ends = [as_qwen(said) for said in pair.messages[-2:]]
    if kind == "dpo":
        (told,) = made["prepared"]
        assert [strip(told[end]) for end in ("chosen", "rejected")] == ends
    else:
        assert [told["label"] for told in made["prepared"]] == [True, False]
        assert [strip(told["completion"]) for told in made["prepared"]] == ends
    assert made["loss"] > 0
    assert made["moved"]
