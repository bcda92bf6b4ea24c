"""What says how a call went stands around its answer, and is no part of what was asked for."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.language.report import report
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from generators.world.model import World
from generators.world.schema_leaves import call_parts
from tests.scenes import scene_of

CLOCK = "2026-01-15T09:00:00+00:00"
TEXT = {"type": "string"}
CODE = {"type": "integer", "default": 200}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


ROW = an_object(id=TEXT, title=TEXT, watts={"type": "integer", "minimum": 1, "maximum": 90})
AROUND = {
    "a status and success": ({"status": CODE}, "success"),
    "a code and a payload": ({"code": CODE, "message": TEXT}, "payload"),
    "a yes and the response": ({"success": {"type": "boolean"}, "http_status": CODE}, "response"),
    "a word and the result": ({"status": {"enum": ["failed", "ok", "success"]}}, "result"),
}


def world_of(folder: Path, beside: dict[str, Any], held: str) -> World:
    many = {"type": "array", "items": ROW}
    tools = [
        {"name": "list_lamps", "description": "List all lamps.", "inputSchema": an_object(),
         "outputSchema": an_object(**beside, **{held: many})},
        {"name": "get_lamp", "description": "Get a lamp.", "inputSchema": an_object(lamp_id=TEXT),
         "outputSchema": an_object(**beside, **{held: ROW})},
        {"name": "create_lamp", "description": "Create a lamp.", "inputSchema":
         an_object(title=TEXT, watts={"type": "integer"}),
         "outputSchema": an_object(**beside, **{held: ROW})},
    ]  # fmt: skip
    file = folder / "lamps.json"
    file.write_text(json.dumps({"tools": tools}))
    return infer_world(read_catalog([file]).tools)


@pytest.mark.parametrize("name", AROUND)
def test_a_row_in_an_envelope_is_the_row_and_its_code_that_of_a_success(
    name: str, tmp_path: Path
) -> None:
    beside, held = AROUND[name]
    world = world_of(tmp_path, beside, held)
    (entity,) = world.entities.values()
    assert {*entity.fields} == {"id", "title", "watts"}
    for seed in range(6):
        sandbox = Sandbox(world, seed, CLOCK)
        listed = sandbox.call("list_lamps", {}).content
        (key,) = {next(iter(listed[held]))["id"]}
        got = sandbox.call("get_lamp", {"lamp_id": key}).content
        made = sandbox.call("create_lamp", {"title": "Hall lamp", "watts": 40}).content
        assert got[held] == listed[held][0]
        assert made[held].items() >= {"title": "Hall lamp", "watts": 40}.items()
        codes = [shown[one] for shown in (listed, got, made) for one in beside if one in shown
                 if one != "message"]  # fmt: skip
        assert codes
        assert all(one in (200, True, "ok") for one in codes)


@pytest.mark.parametrize("name", AROUND)
def test_rows_in_an_envelope_are_told_by_their_noun_and_without_its_code(
    name: str, tmp_path: Path
) -> None:
    beside, held = AROUND[name]
    world = world_of(tmp_path, beside, held)
    sandbox = Sandbox(world, 1, CLOCK)
    listed = sandbox.call("list_lamps", {}).content
    row = listed[held][0]
    got = sandbox.call("get_lamp", {"lamp_id": row["id"]}).content
    calls = [(world.models["list_lamps"], {}, listed),
             (world.models["get_lamp"], {"lamp_id": row["id"]}, got)]  # fmt: skip
    scene = scene_of(calls, [*world.entities.values()])
    told = report(scene, 0)
    assert f"{len(listed[held])} lamps" in told
    assert held not in told.lower()
    assert row["title"] in report(scene, 1)
    assert not any(word in report(scene, 1).lower() for word in (*beside, held, "200"))


def test_a_status_beside_the_fields_of_a_row_is_that_of_the_row() -> None:
    whole = an_object(id=TEXT, status={"type": "integer"}, data=an_object(title=TEXT))
    assert call_parts(whole) == frozenset()
    assert call_parts(an_object(status={"type": "integer"}, data=ROW)) == {"status"}
    assert call_parts(an_object(status=TEXT, owner=ROW)) == frozenset()
