"""`toolweave tasks`: proven tasks without a dialogue, for people and for scripts."""

import json
from pathlib import Path

from schemas.task import Task
from tests.commands import ROOT, Ran, toolweave

FOOD = ROOT / "data" / "catalogs" / "food_delivery.json"


def told(*options: object) -> Ran:
    return toolweave("tasks", "--tools", FOOD, *options)


def test_tasks_are_told_with_what_came_of_the_attempts() -> None:
    ran = told("-n", 3, "--seed", 2, "--limit", 1)
    assert ran.code == 0
    assert "3 tasks of" in ran.out
    assert ran.out.count("operators:") == 2
    assert "dropped:" in ran.out


def test_a_file_holds_every_task_and_is_not_written_over_unasked(tmp_path: Path) -> None:
    file = tmp_path / "new" / "tasks.jsonl"
    assert told("-n", 3, "--out", file, "-q").code == 0
    written = file.read_text()
    tasks = [Task.model_validate_json(line) for line in written.splitlines()]
    assert len({task.id for task in tasks}) == 3
    refused = told("-n", 4, "--out", file)
    assert (refused.code, file.read_text()) == (2, written)
    assert "exists already; --force writes over it" in refused.last
    assert told("-n", 2, "--out", file, "--force", "-q").code == 0
    assert file.read_text().splitlines() == written.splitlines()[:2]


def test_json_has_the_tasks_and_the_counts() -> None:
    answer = json.loads(told("-n", 2, "--json").out)
    assert answer["attempts"] == 2 + sum(answer["dropped"].values())
    assert [Task.model_validate(task).turns for task in answer["tasks"]]


def test_a_file_in_the_way_of_the_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = told("-n", 1, "--out", tmp_path / "file" / "tasks.jsonl")
    assert ran.code == 2
    assert "cannot be written" in ran.last


def test_the_mix_of_operators_is_a_setting(tmp_path: Path) -> None:
    config = tmp_path / "mix.yaml"
    config.write_text(
        "mix: {fault: 1.0, lasting: 0.0, delayed: 0.0, unsupported: 0}\nstructure: {split: 0}\n"
    )
    answer = json.loads(told("-n", 6, "--json", "--config", config).out)
    assert answer["operators"]["fault"] == 6
    assert "unsupported" not in answer["operators"]
    for text, problem in (
        ("mix: {falt: 1}", "at mix.falt: unknown key; did you mean 'fault'?"),
        ("mix: {fault: 2}", "at mix.fault: input should be less than or equal to 1, not 2"),
    ):
        config.write_text(text)
        refused = told("-n", 1, "--config", config)
        assert (refused.code, problem in refused.last) == (2, True), refused.last
