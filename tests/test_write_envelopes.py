"""What a write is told is written, whatever its fields are wrapped in, and a read shows it."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from generators.world.model import World
from validators.writes import contradictions

CLOCK = "2026-01-15T09:00:00+00:00"
TEXT = {"type": "string"}
FIELDS = {"title": TEXT, "watts": {"type": "integer", "minimum": 1, "maximum": 90}}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


IN, ROW = an_object(**FIELDS), an_object(id=TEXT, **FIELDS)
API = an_object(data=an_object(type={"const": "lamps"}, attributes=IN))
API_ROW = an_object(data=an_object(type={"const": "lamps"}, id=TEXT, attributes=IN))
"""JSON:API: the row has its attributes in an object of their own."""


def world_of(create: Any, update: Any, row: Any = ROW) -> World:
    got = {"outputSchema": row} if row else {}
    tools = [
        {"name": "create_lamp", "description": "Create a lamp.", "inputSchema": create, **got},
        {
            "name": "get_lamp",
            "description": "Get a lamp.",
            "inputSchema": an_object(id=TEXT),
            **got,
        },
        {"name": "update_lamp", "description": "Update a lamp.", "inputSchema": update, **got},
    ]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lamps.json"
        file.write_text(json.dumps({"tools": tools}))
        return infer_world(read_catalog([file]).tools)


def wrapped(name: str, inner: Any = IN) -> tuple[Any, Any]:
    return an_object(**{name: inner}), an_object(id=TEXT, **{name: inner})


KINDS: dict[str, tuple[Any, ...]] = {
    **{name: wrapped(name) for name in (
        "body", "input", "lamp", "new_lamp", "lampIn", "request", "params", "fields", "data",
        "attributes", "payload", "update_info", "properties", "changes", "record", "spec", "bulb")},
    "two wrappers": wrapped("input", an_object(lamp=IN)),
    "a list of rows": (wrapped("body", {"type": "array", "items": IN, "maxItems": 1})[0],
                       wrapped("changes")[1]),
    "a list in a wrapper": (
        an_object(input=an_object(lamps={"type": "array", "items": IN, "maxItems": 1})),
        an_object(id=TEXT, **FIELDS)),
    "flat": (IN, an_object(id=TEXT, **FIELDS)),
    "json:api": (API, an_object(id=TEXT, **API["properties"]), API_ROW),
    "json:api with the id twice": (
        API, an_object(id=TEXT, data=API_ROW["properties"]["data"]), API_ROW),
    "no result": (*wrapped("lamp"), None),
    "no result, a body": (*wrapped("body"), None),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_write_is_applied_and_a_read_agrees(name: str) -> None:
    world = world_of(*KINDS[name])
    assert [one.operation for one in world.models.values()] == ["create", "get", "update"]
    called = 0
    for seed in range(12):
        sandbox, rng = Sandbox(world, seed, CLOCK), Random(seed)
        for tool in ("create_lamp", "update_lamp"):
            arguments = propose_arguments(sandbox, tool, rng)
            if arguments is None:
                continue
            outcome = sandbox.call(tool, arguments)
            assert not outcome.is_error
            assert list(contradictions(arguments, outcome.content)) == []
            shown = outcome.content.get("data", outcome.content)
            key = shown.get("id") or shown["lamp_id"]
            read = sandbox.call("get_lamp", {"id": key})
            assert read.content == outcome.content
            assert {"title", "watts"} <= set(str(read.content).replace("'", " ").split())
            called += 1
    assert called > 20


def test_an_object_of_the_row_stays_one() -> None:
    place = an_object(street=TEXT, city=TEXT)
    row = an_object(id=TEXT, title=TEXT, address=place)
    create = an_object(title=TEXT, address=place)
    world = world_of(create, an_object(id=TEXT, address=place), row)
    assert world.models["create_lamp"].parameter("address.city").field == "address.city"


def test_two_ids_that_disagree_are_refused() -> None:
    world = world_of(*KINDS["json:api with the id twice"])
    sandbox = Sandbox(world, 1, CLOCK)
    key = sandbox.rows(next(iter(world.entities)))[0]["id"]
    told = {"type": "lamps", "id": "another", "attributes": {"title": "A", "watts": 3}}
    refused = sandbox.call("update_lamp", {"id": key, "data": told})
    assert refused.is_error
    assert "another" in refused.content["error"]["message"]


NAMED = {
    "a list in words": {"field": {**TEXT, "description": "Available fields are: 'title', 'watts'"},
                        "new_value": TEXT},
    "choices": {"attribute": {"enum": ["title", "watts"]}, "value": TEXT},
    "any column": {"property_name": TEXT, "property_value": TEXT},
    "in a wrapper": {"change": an_object(key={"enum": ["title", "watts"]}, value=TEXT)},
    "the value first": {"new_value": TEXT, "column": {"enum": ["watts"]}},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_a_field_that_a_parameter_names_is_changed(name: str) -> None:
    world = world_of(IN, an_object(id=TEXT, **NAMED[name]))
    (entity,) = world.entities.values()
    assert set(entity.fields) == {"id", "title", "watts"}
    called = 0
    for seed in range(8):
        sandbox = Sandbox(world, seed, CLOCK)
        arguments = propose_arguments(sandbox, "update_lamp", Random(seed))
        assert arguments is not None
        was = sandbox.call("get_lamp", {"id": arguments["id"]}).content
        shown = sandbox.call("update_lamp", arguments).content
        told = arguments.get("change") or {k: v for k, v in arguments.items() if k != "id"}
        field, new = sorted(told.values(), key=lambda value: value not in ("title", "watts"))
        assert str(shown[field]) == str(new) != str(was[field])
        assert {**was, field: shown[field]} == shown
        called += 1
    assert called == 8


def test_a_field_that_no_row_has_is_refused() -> None:
    world = world_of(IN, an_object(id=TEXT, field=TEXT, new_value=TEXT))
    sandbox = Sandbox(world, 1, CLOCK)
    key = sandbox.rows(next(iter(world.entities)))[0]["id"]
    for field in ("colour", "id"):
        told = {"id": key, "field": field, "new_value": "red"}
        assert sandbox.call("update_lamp", told).is_error


def test_an_update_that_changes_nothing_leaves_no_trace_and_is_not_proposed() -> None:
    world = world_of(IN, an_object(id=TEXT, **FIELDS))
    sandbox = Sandbox(world, 1, CLOCK)
    row = sandbox.rows(next(iter(world.entities)))[0]
    before = sandbox.state_hash()
    assert not sandbox.call("update_lamp", dict(row)).is_error
    assert sandbox.state_hash() == before
    assert propose_arguments(sandbox, "update_lamp", Random(1), given=dict(row)) is None


PLACES = {
    "labels[0]": {"type": "array", "items": {"type": "integer"}},
    "notes.colour": {"type": "object", "additionalProperties": {"type": "integer"}},
    "notes.x_1": {"type": "object", "patternProperties": {"^x_": {"type": "integer"}}},
    "size[1]": {"type": "array", "prefixItems": [TEXT, {"type": "integer"}]},
    "setting.y": {"allOf": [an_object(x=TEXT), an_object(y={"type": "integer"})]},
    "either.b.c": {"anyOf": [an_object(a=TEXT), an_object(b=an_object(c={"type": "integer"}))]},
    "free.one[3].two": {"type": "object"},
}


@pytest.mark.parametrize("path", PLACES)
def test_every_path_that_a_value_can_have_leads_to_a_parameter(path: str) -> None:
    name = path.partition(".")[0].partition("[")[0]
    model = world_of(an_object(**{name: PLACES[path]}), IN).models["create_lamp"]
    found = model.parameter(path).schema
    assert found.get("type", "integer") == "integer"


def test_a_path_that_no_value_can_have_leads_nowhere() -> None:
    closed = {**IN, "additionalProperties": False}
    model = world_of(an_object(lamp=closed), IN).models["create_lamp"]
    with pytest.raises(KeyError, match="colour"):
        model.parameter("lamp.colour")


def test_a_field_that_has_the_noun_in_its_name_is_that_field_and_no_other() -> None:
    row = an_object(id=TEXT, title=TEXT, lamp_title=TEXT)
    world = world_of(an_object(LampTitle=TEXT), an_object(id=TEXT, LampTitle=TEXT), row)
    assert {one.field for one in world.models["create_lamp"].parameters} == {"lamp_title"}


def test_a_folder_is_not_moved_into_itself(tmp_path: Path) -> None:
    both = an_object(source=TEXT, destination=TEXT)
    entry = {"name": "move_file", "description": "Move a file or a folder.", "inputSchema": both}
    read = {"name": "read_file", "description": "Read a file.", "inputSchema": an_object(path=TEXT)}
    file = tmp_path / "files.json"
    file.write_text(json.dumps({"tools": [entry, read]}))
    sandbox = Sandbox(infer_world(read_catalog([file]).tools), 1, CLOCK)
    (name,) = [key for key in sandbox.world.entities if key.endswith("/file")]
    folder = sandbox.rows(name)[0]["path"].rpartition("/")[0]
    refused = sandbox.call("move_file", {"source": folder, "destination": f"{folder}/inner"})
    assert refused.content["error"]["code"] == "conflict"


def test_a_list_that_need_not_be_given_is_no_batch(tmp_path: Path) -> None:
    many = {"type": "object", "properties": {"lamp_ids": {"type": "array", "items": TEXT}}}
    delete = {"name": "delete_lamps", "description": "Delete lamps.", "inputSchema": many}
    row = an_object(lamp_id=TEXT, title=TEXT)
    one = {"name": "get_lamp", "description": "Get a lamp.", "inputSchema": an_object(lamp_id=TEXT)}
    file = tmp_path / "lamps.json"
    file.write_text(json.dumps({"tools": [delete, {**one, "outputSchema": row}]}))
    sandbox = Sandbox(infer_world(read_catalog([file]).tools), 1, CLOCK)
    (key,) = sandbox.world.entities
    before = sandbox.rows(key)
    assert sandbox.call("delete_lamps", {}).is_error
    some = [str(row["lamp_id"]) for row in before[:2]]
    assert not sandbox.call("delete_lamps", {"lamp_ids": some}).is_error
    assert sandbox.rows(key) == before[2:]


def test_a_write_on_rows_named_in_a_list_shows_these_rows_as_they_are_now(tmp_path: Path) -> None:
    """Though every result wraps its rows in ``data``, and so rows seem to hold such a list."""
    ids = an_object(lamp_ids={"type": "array", "items": TEXT})
    row = an_object(id=TEXT, title=TEXT, active={"type": "boolean"})
    shown = an_object(object=TEXT, data={"type": "array", "items": row})
    tools = [
        {"name": f"{verb}Lamps", "description": f"{verb} lamps.", "inputSchema": ids,
         "outputSchema": shown} for verb in ("activate", "deactivate")
    ]  # fmt: skip
    one = {"name": "getLamp", "description": "Get a lamp.", "inputSchema": an_object(lamp_id=TEXT)}
    file = tmp_path / "lamps.json"
    file.write_text(json.dumps({"tools": [*tools, {**one, "outputSchema": row}]}))
    sandbox = Sandbox(infer_world(read_catalog([file]).tools), 1, CLOCK)
    (key,) = (key for key in sandbox.world.entities if key.endswith("/lamp"))
    for some in (sandbox.rows(key)[:2], sandbox.rows(key)[2:3]):
        asked = [one["id"] for one in some]
        for verb, active in (("activate", True), ("deactivate", False)):
            told = sandbox.call(f"{verb}Lamps", {"lamp_ids": asked}).content["data"]
            assert [(one["id"], one["active"]) for one in told] == [(one, active) for one in asked]


def test_what_stands_around_the_row_may_be_called_by_another_noun() -> None:
    row = an_object(ok={"type": "boolean"}, appliance=ROW)
    world = world_of(IN, an_object(id=TEXT, **FIELDS), row)
    for seed in range(6):
        sandbox, told = Sandbox(world, seed, CLOCK), {"title": "Hall lamp", "watts": 40}
        shown = sandbox.call("create_lamp", told).content
        assert shown["appliance"].items() >= told.items()


def test_a_list_that_is_written_is_the_list_that_is_shown() -> None:
    note = an_object(lampName=TEXT, words={"type": "array", "items": TEXT})
    shown = an_object(lampName=TEXT, added={"type": "array", "items": TEXT})
    tools = [
        {"name": "create_lamp", "inputSchema": an_object(lampName=TEXT)},
        {"name": "add_notes", "description": "Add new notes to lamps.",
         "inputSchema": an_object(notes={"type": "array", "items": note}),
         "outputSchema": an_object(results={"type": "array", "items": shown})},
    ]  # fmt: skip
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lamps.json"
        file.write_text(json.dumps({"tools": tools}))
        sandbox = Sandbox(infer_world(read_catalog([file]).tools), 1, CLOCK)
    arguments = propose_arguments(sandbox, "add_notes", Random(1))
    assert arguments is not None
    outcome = sandbox.call("add_notes", arguments)
    assert list(contradictions(arguments, outcome.content)) == []


def a_world(*tools: tuple[str, str, Any, Any]) -> World:
    """The world of tools of these names, descriptions, parameters and results."""
    listed = [
        {"name": name, "description": said, "inputSchema": given,
         **({"outputSchema": shown} if shown else {})}
        for name, said, given, shown in tools
    ]  # fmt: skip
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lamps.json"
        file.write_text(json.dumps({"tools": listed}))
        return infer_world(read_catalog([file]).tools)


GET = ("get_lamp", "Get a lamp.", an_object(id=TEXT), ROW)


@pytest.mark.parametrize("shown", [None, an_object(id=TEXT)], ids=["inferred", "given"])
def test_of_alternatives_the_one_that_is_told_is_held(shown: Any) -> None:
    forms = [an_object(type={"const": one}, **{one: TEXT}) for one in ("shelf", "wall")]
    place = {"oneOf": forms}
    if shown is not None:
        needy = [{**one, "required": [*one["required"], "since"],
                  "properties": {**one["properties"], "since": {"type": "integer"}}}
                 for one in forms]  # fmt: skip
        shown = an_object(id=TEXT, place={"oneOf": needy})
    change = an_object(id=TEXT, place=place)
    world = a_world(GET, ("move_lamp", "Move a lamp.", change, shown))
    sandbox = Sandbox(world, 1, CLOCK)
    key = sandbox.rows(next(iter(world.entities)))[0]["id"]
    for one in ("wall", "shelf", "wall"):
        told = {"id": key, "place": {"type": one, one: "left"}}
        answer = sandbox.call("move_lamp", told).content
        assert list(contradictions(told, answer)) == []
        assert answer["place"].items() >= told["place"].items()


def test_a_row_that_a_result_shows_in_its_only_object_holds_what_was_told() -> None:
    made = an_object(ok={"const": True}, bulb=ROW)
    world = a_world(GET, ("create_lamp", "Create a lamp.", IN, made),
                    ("list_lamps", "List lamps.", an_object(),
                     an_object(lamps={"type": "array", "items": ROW})))  # fmt: skip
    told = {"title": "Hall lamp", "watts": 40}
    answer = Sandbox(world, 1, CLOCK).call("create_lamp", told).content
    assert answer["bulb"].items() >= told.items()


def test_what_is_told_in_a_form_that_its_result_cannot_show_is_refused() -> None:
    code = {"type": "string", "pattern": "^[CG][A-Z0-9]{8}$"}
    post = an_object(room=TEXT, text=TEXT)
    shown = an_object(ok={"const": True}, room=code, note=an_object(text=TEXT))
    world = a_world(("post_note", "Post a note to a room.", post, shown))
    sandbox = Sandbox(world, 1, CLOCK)
    before = sandbox.state_hash()
    assert sandbox.call("post_note", {"room": "kitchen", "text": "Hi"}).is_error
    assert sandbox.state_hash() == before
    answer = sandbox.call("post_note", {"room": "C12345678", "text": "Hi"})
    assert answer.content["room"] == "C12345678"


def test_a_delete_that_names_no_row_throws_nothing_away() -> None:
    loose = {**an_object(as_user={"type": "boolean"}, channel=TEXT), "required": []}
    world = a_world(GET, ("delete_lamp", "Delete a lamp.", loose, an_object(ok={"const": True})))
    sandbox = Sandbox(world, 1, CLOCK)
    before = sandbox.state_hash()
    assert sandbox.call("delete_lamp", {"as_user": True}).is_error
    assert sandbox.state_hash() == before


def test_what_a_create_is_given_and_another_tool_names_alone_is_the_key() -> None:
    package = an_object(packageName=TEXT)
    world = a_world(("launch_app", "Launch an app.", package, None),
                    ("terminate_app", "Terminate an app.", package, None))  # fmt: skip
    (entity,) = world.entities.values()
    assert entity.identity == ("package_name",)


def test_what_is_copied_is_no_part_of_the_copy_and_a_passage_no_field() -> None:
    both = an_object(source=TEXT, destination=TEXT)
    passage = an_object(old_text=TEXT, new_text=TEXT)
    world = a_world(("copy_lamp", "Copy a lamp.", both, None),
                    ("replace_note", "Replace a passage of a note.", passage, None))  # fmt: skip
    fields = {name for entity in world.entities.values() for name in entity.fields}
    assert "source" not in fields
    assert "old_text" not in world.models["replace_note"].returns.get("properties", {})


def world_with(*tools: tuple[str, Any, Any]) -> World:
    listed = [{"name": name, "description": name.replace("_", " "), "inputSchema": given,
               "outputSchema": shown} for name, given, shown in tools]  # fmt: skip
    with TemporaryDirectory() as folder:
        file = Path(folder) / "desk.json"
        file.write_text(json.dumps({"tools": listed}))
        return infer_world(read_catalog([file]).tools)


def test_an_object_called_like_a_row_shows_that_row() -> None:
    owner, known = an_object(id=TEXT, name=TEXT), an_object(owner_id=TEXT, name=TEXT)
    kiosk = an_object(kiosk_id=TEXT, owner=owner)
    told = an_object(kiosk_id=TEXT, owner=an_object(id=TEXT))
    world = world_with(
        ("list_kiosks", an_object(), an_object(kiosks={"type": "array", "items": kiosk})),
        ("move_kiosk", told, kiosk),
        ("list_owners", an_object(), an_object(owners={"type": "array", "items": known})),
    )
    sandbox = Sandbox(world, 3, CLOCK)
    owners = {
        one["owner_id"]: one["name"] for one in sandbox.call("list_owners", {}).content["owners"]
    }
    kiosks = sandbox.call("list_kiosks", {}).content["kiosks"]
    assert all(owners[one["owner"]["id"]] == one["owner"]["name"] for one in kiosks)
    new = next(one for one in owners if one != kiosks[0]["owner"]["id"])
    moved = {"kiosk_id": kiosks[0]["kiosk_id"], "owner": {"id": new}}
    assert sandbox.call("move_kiosk", moved).content["owner"] == {"id": new, "name": owners[new]}


def test_nothing_is_proposed_as_a_duplicate_of_itself() -> None:
    issue = an_object(issue_id=TEXT, title=TEXT)
    told = an_object(issue_id=TEXT, duplicate=an_object(issue_id=TEXT))
    world = world_with(
        ("list_issues", an_object(), an_object(issues={"type": "array", "items": issue})),
        ("close_issue", told, an_object(ok={"type": "boolean"})),
    )
    for seed in range(6):
        made = propose_arguments(Sandbox(world, seed, CLOCK), "close_issue", Random(seed))
        assert made is not None
        assert made["issue_id"] != made["duplicate"]["issue_id"]


def test_what_was_told_of_a_new_row_is_held_by_the_parts_that_alone_show_it() -> None:
    segment = an_object(id={"type": "integer"}, warmth={"type": "number"})
    shown = an_object(id=TEXT, title=TEXT, segments={"type": "array", "items": segment})
    told = {"title": "Night blinds", "warmth": 0.25}
    world = world_of(an_object(title=TEXT, warmth={"type": "number"}), an_object(id=TEXT), shown)
    for seed in range(5):
        made = Sandbox(world, seed, CLOCK).call("create_lamp", told).content
        assert {one["warmth"] for one in made["segments"]} == {0.25}
        assert not [*contradictions(told, made)]
