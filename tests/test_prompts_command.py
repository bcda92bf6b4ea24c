"""`toolweave prompts show`: the very messages that a model is sent."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generators.dialogue.model_roles import user_messages
from pipeline.cli import prompts_command
from pipeline.config import Settings
from schemas.task import Task
from tests.commands import ROOT, Ran, toolweave
from validators.judge import judge_instructions

FOOD = ROOT / "data" / "catalogs" / "food_delivery.json"


@pytest.fixture(scope="module", autouse=True)
def _played_once() -> Iterator[None]:
    """What a task's scripts say is the same for each role and for each one's prompts."""
    play, known = prompts_command._play, dict[tuple[object, ...], Any]()

    def play_once(settings: Settings, wanted: str) -> Any:
        of = (settings.model_dump_json(exclude={"prompts", "as_json"}), wanted)
        if of not in known:
            known[of] = play(settings, wanted)
        return known[of]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(prompts_command, "_play", play_once)
        yield


def shown(role: str, *options: object) -> Ran:
    return toolweave("prompts", "show", role, "--tools", FOOD, "-n", 2, *options)


def test_a_task_that_is_named_is_shown_as_its_roles_are_told_it() -> None:
    drawn = json.loads(toolweave("tasks", "--tools", FOOD, "-n", 2, "--json").out)["tasks"]
    task = Task.model_validate(drawn[1])
    user = json.loads(shown("user", "--task", task.id[:8], "--json").out)
    assert user == {"messages": [*user_messages(task, ())], "tools": []}
    assistant = json.loads(shown("assistant", "--task", task.id[:8], "--json").out)
    assert [one["role"] for one in assistant["messages"]] == ["system", "user"]
    assert assistant["messages"][0]["content"] == task.policy
    assert [one["function"]["name"] for one in assistant["tools"]] == [*task.tools]


def test_prompts_of_ones_own_are_shown(tmp_path: Path) -> None:
    (tmp_path / "judge.j2").write_text("Judge {{ of_user | length }} things.")
    told = shown("judge", "--prompts", tmp_path).out
    assert "Judge 6 things." in told
    assert "# Conversation" in told
    assert judge_instructions() not in told


@pytest.mark.parametrize(
    ("role", "template", "said"),
    [
        ("user", "wish.j2", "2. pull up"),
        ("writer", "writer_task.j2", "# What is done, wish by wish"),
        ("reviewer", "reviewer.j2", "You try out whether"),
        ("rewriter", "rewrite_conversation.j2", "# The conversation"),
        ("documenter", "complete_domain.j2", '# The tools of "food_delivery"'),
        ("tool", "play_tool.j2", "# The call"),
    ],
)
def test_every_role_is_shown_in_prompts_of_ones_own(
    role: str, template: str, said: str, tmp_path: Path
) -> None:
    assert said in shown(role).out
    (tmp_path / template).write_text("My own words.")
    own = shown(role, "--prompts", tmp_path).out
    assert "My own words." in own
    assert said not in own


@pytest.mark.parametrize(
    ("role", "options", "said"),
    [
        ("author", (), "the roles are user, assistant, judge, writer"),
        ("user", ("--task", "no-such"), "none of the first 2 tasks"),
        ("user", ("--prompts", ROOT / "data"), "holds none of user.j2"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_line(
    role: str, options: tuple[object, ...], said: str
) -> None:
    ran = shown(role, *options)
    assert (ran.code, said in ran.last) == (2, True)
