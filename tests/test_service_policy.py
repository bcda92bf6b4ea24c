"""The policy that a world model has for a domain: said, kept, and the reason of a no."""

import json
import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from generators.backends.backend import Policed
from generators.importers.wire_names import name_service
from generators.operators import script_of
from generators.tasks.clock import Setting, find_open_minutes, start_of
from generators.tasks.draw_task import mixes_people
from generators.tasks.feeding import Executed
from generators.tasks.outline import find_needless
from generators.tasks.plan import TurnPlan
from pipeline.config import Settings
from pipeline.opening import open_workshop
from schemas.errors import InputError
from schemas.graph import ChainStep, ToolChain
from schemas.task import Origin, Person, Task
from tests.studio import own_studio, takes


@cache
def drawn() -> tuple[Task, ...]:
    return tuple(made.trajectory.task for made in takes())


def test_the_system_message_has_the_policy_of_each_service_that_is_used() -> None:
    studio = own_studio()
    for task in drawn():
        domains = {studio.world.models[call.tool].tool.domain for call in task.calls}
        for domain in domains:
            service = studio.world.domains[domain]
            assert service.policy
            assert service.policy.strip().removeprefix("You are ") in task.policy
            assert all(
                not rule.require or rule.text in unwrap(task.policy) for rule in service.rules
            )


def unwrap(text: str) -> str:
    return " ".join(text.split())


def test_gold_calls_keep_the_rules_and_what_breaks_one_is_declined_in_its_words() -> None:
    studio = own_studio()
    assert isinstance(studio.backend, Policed)
    for task in drawn():
        environment = studio.environment(task)
        for turn in task.turns:
            for call in turn.calls:
                broken = studio.backend.violations(environment, call.tool, call.arguments)
                assert call.barred or not broken
                if not call.barred:
                    environment.call(call.tool, call.arguments)
                elif "against_policy" in task.operators and turn.reason in unwrap(task.policy):
                    said = [beat.text for beat in script_of(studio.world, task).assistant]
                    rule = turn.reason.partition(";")[0].removesuffix(".")  # less what staff do
                    assert any(rule in text for text in said) or not broken


def test_what_is_against_the_policy_is_asked_for_now_and_then() -> None:
    assert any("against_policy" in task.operators for task in drawn())


def test_the_clock_lies_in_hours_in_which_all_services_are_open() -> None:
    world = own_studio().world
    first, last = find_open_minutes(world)
    assert (first, last) == (10 * 60 + 30, 18 * 60)
    for seed in range(40):
        clock: datetime = start_of(world, seed).clock
        assert first <= clock.hour * 60 + clock.minute < last


def tasks_of(*, count: int = 8, **given: object) -> list[Task]:
    studio = open_workshop(Settings.model_validate(given)).studio
    return [studio.task(3, index) for index in range(count)]


def test_a_policy_of_ones_own_takes_the_place_of_the_drawn_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.md"
    file.write_text("# Desk\n\nNever sell <|im_start|> things.\n", encoding="utf-8")
    own = Path(__file__).parents[1] / "data" / "catalogs" / "shop.json"
    for task in tasks_of(tools=(own,), policy=file):
        assert task.policy.startswith("# Desk\n\nNever sell ‹im_start› things.")
        assert "You are" not in task.policy
        assert not any("before the user has confirmed" in line for line in task.policy.splitlines())
        written = [turn for turn in task.turns if task.acceptance.assertions and turn.confirm]
        assert written or not task.acceptance.assertions
    opened = open_workshop(Settings(tools=(own,), policy=file))
    assert opened.fingerprint != open_workshop(Settings(tools=(own,))).fingerprint
    assert any("rules of world models do not stand in it" in one for one in opened.catalog.notes)


@pytest.mark.parametrize(("content", "problem"), [(b" \n", "is empty"), (b"\xff\xfe", "UTF-8")])
def test_a_policy_that_cannot_be_used_is_told(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "mine.md"
    file.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        open_workshop(Settings(policy=file))
    with pytest.raises(InputError, match="cannot be read"):
        open_workshop(Settings(policy=tmp_path / "none.md"))


def test_the_frame_names_a_service_by_its_title_or_its_things_and_never_by_a_file(
    tmp_path: Path,
) -> None:
    text = {"type": "string"}
    crane = {"type": "object", "required": ["crane_id", "city"], "properties": {
        "crane_id": text, "city": text}}  # fmt: skip
    listed = {"type": "object", "required": ["cranes"], "properties": {
        "cranes": {"type": "array", "items": crane}}}  # fmt: skip

    def answers(schema: object) -> dict[str, object]:
        return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}

    way = {"name": "crane_id", "in": "path", "required": True, "schema": text}
    api = {"openapi": "3.0.3", "info": {"title": "Harbour Desk API", "version": "1"}, "paths": {
        "/cranes/{crane_id}": {"get": {
            "operationId": "get_crane", "description": "Show a crane.", "parameters": [way],
            "responses": answers(crane)}},
        "/cranes": {"get": {
            "operationId": "list_cranes", "description": "List all cranes.",
            "responses": answers(listed)}}}}  # fmt: skip
    # A crane's key is nothing that anybody would say: it is found in the list.
    shown = {"name": "get_crane", "description": "Show a crane.", "outputSchema": crane,
             "inputSchema": {"type": "object", "properties": {"crane_id": text},
                             "required": ["crane_id"]}}  # fmt: skip
    whole = {"name": "list_cranes", "description": "List all cranes.", "outputSchema": listed,
             "inputSchema": {"type": "object", "properties": {}}}  # fmt: skip
    entries = [shown, whole]
    for name, document, said in (("xyzzy", api, "Harbour Desk"), ("zyxxy", entries, "cranes")):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        for task in tasks_of(tools=(file,), count=3):
            assert said in task.policy
            assert name not in task.policy


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Slack Web API", "Slack"), ("Swagger Petstore - OpenAPI 3.0", "Petstore"),
        ("OpenAI API", "OpenAI"), ("Spotify Web API with fixes from others", "Spotify"),
        ("API", ""), ("mcp-git-server", "Git"), ("Twilio - Verify (v2)", "Twilio Verify"),
    ],
)  # fmt: skip
def test_a_services_title_loses_what_it_says_of_its_document(title: str, name: str) -> None:
    assert name_service({"info": {"title": title}}) == name
    assert name_service({"serverInfo": {"name": title}}) == name


def test_one_who_is_entered_anew_looks_up_nobody_and_nobody_is_entered_twice() -> None:
    studio = own_studio()
    setting = Setting(studio.backend, 1, datetime.fromisoformat("2026-03-09T10:12:00+00:00"))
    known = replace(setting, person=Person(entity="patient", key="PAT-1", name="Ann Lee"))
    models = studio.world.models
    enters = Executed(models["add_patient"], {}, (), {"patient_id": "PAT-2"}, 0)
    finds = Executed(models["find_patients"], {}, (), {"patients": [{"patient_id": "PAT-3"}]}, 1)
    in_vain = replace(finds, result={"patients": []})
    chain = ToolChain.model_construct(steps=(ChainStep(tool="add_patient"),))
    assert mixes_people(setting, chain, [enters, finds])
    assert mixes_people(known, chain, [finds, enters])
    assert not mixes_people(setting, chain, [in_vain, enters])
    assert not mixes_people(known, chain, [finds])


def test_who_is_handed_over_for_a_rule_hears_one_regret_and_the_rule() -> None:
    studio = own_studio()
    turns = [(task, turn) for task in drawn() for turn in task.turns]
    passed_on = [(task, turn) for task, turn in turns
                 if turn.outcome == "transfer" and any(c.barred for c in turn.calls)]  # fmt: skip
    told = []
    for task, turn in passed_on:
        rule = turn.reason.partition(";")[0]
        said = [beat.text for beat in script_of(studio.world, task).assistant]
        told += [text for text in said if rule in text]
    assert told
    for text in told:
        assert len(re.findall(r"\b(?:sorry|regret|afraid|unfortunately)\b", text, re.I)) <= 1


def test_nothing_is_looked_up_where_what_was_said_rules_a_wish_out() -> None:
    world = own_studio().world
    models, rules = world.models, world.domains["banking"].rules
    accounts = Executed(models["list_accounts"], {}, (), {"accounts": [{"account_id": "A1"}]}, 0)
    payee = Executed(models["find_payees"], {"full_name": "Rita Rivera"},
                     (Origin(path="full_name", kind="user"),),
                     {"payees": [{"payee_id": "P1", "added_on": "2026-01-20"}]}, 1)  # fmt: skip
    origins = (
        Origin(path="account_id", kind="result", call=0, result_path="accounts[0].account_id"),
        Origin(path="payee_id", kind="result", call=1, result_path="payees[0].payee_id"),
        Origin(path="amount", kind="user"),
    )
    given = {"account_id": "A1", "payee_id": "P1", "amount": 6008}
    turns = (TurnPlan((0,)), TurnPlan((1, 2)))
    for said, needless in (("Up to 5,000 euros", [1]), ("In the first 90 days", [])):
        text = next(rule.text for rule in rules if rule.text.startswith(said))
        send = Executed(models["send_transfer"], given, origins, {}, 1, forbidden=text)
        assert [*find_needless(world, (accounts, payee, send), turns)] == needless
