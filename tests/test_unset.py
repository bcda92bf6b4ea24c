"""What a new row holds of what its create was not told: never an invention."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from generators.backends.backend import WantedCall
from generators.sandbox.sandbox import Sandbox
from generators.studio import Studio
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.tool import ToolSource, ToolSpec
from tests.studio import REAL, own_studio, studio_of

CLOCK = "2026-03-12T09:00:00+01:00"
GITHUB = REAL / "mcp" / "github_mcp_server_tools_list.json"
TEXT = {"type": "string"}
PARTS: dict[str, dict[str, Any]] = {
    "title": TEXT,
    "priority": {"type": "string", "enum": ["low", "normal", "high"], "default": "normal"},
    "labels": {"type": "array", "items": {"type": "string"}},
    "due_date": {"type": "string", "format": "date"},
    "is_private": {"type": "boolean"},
    "assignee_email": {"type": "string", "format": "email"},
}


def tool(name: str, given: list[str], required: list[str], returns: Any) -> ToolSpec:
    parameters = {
        "type": "object",
        "properties": {one: PARTS.get(one, TEXT) for one in given},
        "required": required,
    }
    source = ToolSource(format="mcp", path="tests.json")
    return ToolSpec(name=name, wire_name=name, description=name.replace("_", " "), domain="desk",
                    parameters=parameters, returns=returns, source=source)  # fmt: skip


def desk(*demanded: str, results: bool = True) -> World:
    """A create that need be told a title alone; what else its results must show."""
    row = {
        "type": "object",
        "properties": {"ticket_id": TEXT, **PARTS},
        "required": ["ticket_id", "title", *demanded],
    }
    told = ["title", "priority", "labels", "due_date", "is_private"]
    return infer_world([
        tool("create_ticket", told, ["title"], row if results else None),
        tool("get_ticket", ["ticket_id"], ["ticket_id"], row if results else None),
        tool("assign_ticket", ["ticket_id", "assignee_email"], ["ticket_id", "assignee_email"],
             row if results else None),
    ])  # fmt: skip


def made(world: World, **arguments: Any) -> Mapping[str, Any]:
    outcome = Sandbox(world, 5, CLOCK).call("create_ticket", {"title": "Broken lamp", **arguments})
    assert not outcome.is_error, outcome.content
    content: Mapping[str, Any] = outcome.content
    return content


@pytest.mark.parametrize("results", [True, False])
def test_a_new_row_has_the_default_an_empty_list_and_no_more(results: bool) -> None:
    row = dict(made(desk(results=results)))
    assert row.pop("ticket_id")
    row.pop("created_at", None)  # an inferred result says so itself
    assert row == {"title": "Broken lamp", "priority": "normal", "labels": []}


def test_what_is_told_is_kept() -> None:
    row = made(desk(), priority="high", labels=["shop"], is_private=True, due_date="2026-04-01")
    told = (row["priority"], row["labels"], row["is_private"], row["due_date"])
    assert told == ("high", ["shop"], True, "2026-04-01")


def test_what_each_result_must_show_is_chosen_by_the_system() -> None:
    row = made(desk("is_private", "due_date", "assignee_email"))
    assert row["is_private"] is False
    assert row["due_date"]
    assert "@" in row["assignee_email"]


def test_an_assignee_is_there_once_somebody_is_assigned() -> None:
    sandbox = Sandbox(desk(), 5, CLOCK)
    ticket = sandbox.call("create_ticket", {"title": "Broken lamp"}).content["ticket_id"]
    told = {"ticket_id": ticket, "assignee_email": "ada@example.org"}
    assert not sandbox.call("assign_ticket", told).is_error
    shown = sandbox.call("get_ticket", {"ticket_id": ticket}).content
    assert shown["assignee_email"] == "ada@example.org"
    assert "due_date" not in shown


def test_a_row_is_made_without_the_list_that_need_not_be_given() -> None:
    parts = {"type": "object", "properties": {"label_name": TEXT, "colour": TEXT}}
    parameters = {
        "type": "object",
        "properties": {"title": TEXT, "tickets": {"type": "array", "items": parts}},
        "required": ["title"],
    }
    create = tool("create_ticket", [], [], None).model_copy(update={"parameters": parameters})
    sandbox = Sandbox(infer_world([create]), 5, CLOCK)
    (key,) = sandbox.world.entities
    before = sandbox.rows(key)
    assert sandbox.call("create_ticket", {"title": "Broken lamp"}).content["title"] == "Broken lamp"
    assert [row["title"] for row in sandbox.rows(key)[len(before) :]] == ["Broken lamp"]


def inventions(studio: Studio, seeds: int) -> list[tuple[str, str]]:
    """What results of creates say that an argument could have said otherwise."""
    found = []
    for seed in range(seeds):
        environment = studio.backend.open(seed, CLOCK)
        for name, model in studio.world.models.items():
            if model.operation != "create":
                continue
            made = studio.backend.propose(environment, WantedCall(name, optional=0), Random(seed))
            assert made is not None, name
            assert made.outcome is not None, name
            shown = made.outcome.content if isinstance(made.outcome.content, dict) else {}
            required = model.returns.get("required", ())
            found += [
                (name, one)
                for one, rule in model.tool.parameters.get("properties", {}).items()
                if one in shown and one not in made.arguments and one not in required
                and shown[one] not in ([], rule.get("default"))
            ]  # fmt: skip
    return found


def test_no_create_of_the_own_catalogues_invents_what_the_user_could_have_said() -> None:
    assert inventions(own_studio(), 3) == []


@pytest.mark.skipif(not GITHUB.exists(), reason=f"{GITHUB} is not here")
def test_no_create_of_github_invents_what_the_user_could_have_said() -> None:
    assert inventions(studio_of(GITHUB), 3) == []
