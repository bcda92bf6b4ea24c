"""Descriptions of real interfaces: how many tools they hold, and what is in a handful of them."""

import copy
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generators.importers import openapi
from generators.importers.documents import load_document
from generators.importers.found_tools import FoundTool, Skipped
from schemas.errors import InputError
from tests.openapi_documents import properties, read_all, required, returns

REAL = Path(__file__).resolve().parents[1].parent / "shared" / "real" / "openapi"

pytestmark = pytest.mark.shared


@cache
def loaded(name: str) -> Any:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} of the shared folder is not here")
    return load_document(path)


@cache
def tools_of(name: str) -> dict[str, FoundTool]:
    found = read_all(loaded(name))
    assert not [item for item in found if isinstance(item, Skipped)]
    return {item.name: item for item in found if isinstance(item, FoundTool)}


def petstore() -> dict[str, FoundTool]:
    return tools_of("swagger_petstore3.yaml")


def spotify() -> dict[str, FoundTool]:
    return tools_of("spotify_sonallux.yml")


def twilio() -> dict[str, FoundTool]:
    return tools_of("twilio_verify_v2.json")


def test_every_operation_becomes_a_tool() -> None:
    assert [len(petstore()), len(spotify()), len(twilio())] == [19, 97, 57]


def test_results_are_read_where_there_are_any() -> None:
    counts = [sum(tool.returns is not None for tool in these().values()) for these in CATALOGUES]
    assert counts == [14, 69, 49]
    deletions = [tool for tool in twilio().values() if tool.destructive]
    assert len(deletions) == 8
    assert all(tool.returns is None for tool in deletions)


CATALOGUES = (petstore, spotify, twilio)


def test_an_invalid_description_is_mended() -> None:
    tools = tools_of("restgpt_spotify_oas.json")
    assert len(tools) == 40
    place = "GET /browse/new-releases: parameters[0]"
    assert f'{place}: required "false" became false' in tools["get-new-releases"].faults


def test_a_pet_is_stored_field_by_field() -> None:
    tool = petstore()["addPet"]
    assert (tool.place, tool.read_only, tool.title) == (
        "POST /pet",
        None,
        "Add a new pet to the store.",
    )
    assert list(properties(tool)) == ["id", "name", "category", "photoUrls", "tags", "status"]
    assert required(tool) == ["name", "photoUrls"]
    assert properties(tool)["status"]["enum"] == ["available", "pending", "sold"]
    assert properties(tool)["id"]["format"] == "int64"
    assert properties(tool)["category"]["properties"]["name"]["type"] == "string"
    assert returns(tool)["required"] == ["name", "photoUrls"]


def test_the_name_in_path_and_body_of_a_user_is_one_value() -> None:
    tool = petstore()["updateUser"]
    assert [name for name in properties(tool) if "username" in name] == ["username"]
    assert required(tool) == ["username"]
    assert "api_key" not in properties(petstore()["deletePet"])


def test_an_album_is_fetched_by_its_id() -> None:
    tool = spotify()["get-an-album"]
    assert (tool.place, tool.read_only) == ("GET /albums/{id}", True)
    assert list(properties(tool)) == ["id", "market"]
    assert required(tool) == ["id"]
    album = returns(tool)["properties"]
    assert album["album_type"]["enum"] == ["album", "single", "compilation"]
    artist = album["artists"]["items"]["properties"]
    assert artist["id"]["type"] == artist["uri"]["type"] == "string"
    track = album["tracks"]["properties"]["items"]["items"]["properties"]
    assert track["duration_ms"]["type"] == "integer"


def test_a_search_has_types_bounds_and_defaults() -> None:
    tool = spotify()["search"]
    assert required(tool) == ["q", "type"]
    assert properties(tool)["type"]["items"]["enum"][:3] == ["album", "artist", "playlist"]
    limit = properties(tool)["limit"]
    assert (limit["type"], limit["default"]) == ("integer", loaded_limit()["default"])
    assert {"tracks", "artists", "albums"} <= returns(tool)["properties"].keys()


def loaded_limit() -> Any:
    given = loaded("spotify_sonallux.yml")["paths"]["/search"]["get"]["parameters"]
    return next(one["schema"] for one in given if one.get("name") == "limit")


def test_what_is_deprecated_says_so() -> None:
    told = [tool for tool in spotify().values() if tool.description.endswith("\nDeprecated.")]
    flagged = [
        entry
        for item in loaded("spotify_sonallux.yml")["paths"].values()
        for entry in item.values()
        if isinstance(entry, dict) and entry.get("deprecated") is True
    ]
    assert len(told) == len(flagged) > 0


def test_forms_are_flattened() -> None:
    tool = twilio()["CreateVerification"]
    assert required(tool) == ["ServiceSid", "To", "Channel"]
    assert properties(tool)["ServiceSid"]["pattern"] == "^VA[0-9a-fA-F]{32}$"
    assert properties(tool)["Amount"]["type"] == "string"
    assert returns(tool)["properties"]["valid"] == {
        **returns(tool)["properties"]["valid"],
        "type": "boolean",
        "nullable": True,
    }
    created = twilio()["CreateService"]
    assert required(created) == ["FriendlyName"]
    assert properties(created)["CodeLength"]["type"] == "integer"


def test_lists_of_services_have_their_fields() -> None:
    tool = twilio()["ListService"]
    assert properties(tool)["PageSize"]["maximum"] == 1000
    service = returns(tool)["properties"]["services"]["items"]["properties"]
    assert service["sid"]["minLength"] == service["sid"]["maxLength"] == 34
    assert service["date_created"]["format"] == "date-time"


def test_results_stay_small() -> None:
    sizes = [
        len(json.dumps(returns(tool)))
        for these in CATALOGUES
        for tool in these().values()
        if tool.returns is not None
    ]
    assert max(sizes) < 50_000
    assert sorted(sizes)[len(sizes) // 2] < 4_000


def test_a_spoilt_description_is_read_all_but_what_is_spoilt() -> None:
    whole = loaded("swagger_petstore3.yaml")
    outcomes = [outcome(spoilt(whole, seed)) for seed in range(60)]
    assert outcomes.count("read") >= 58
    assert set(outcomes) <= {"read", "refused"}


def outcome(document: Any) -> str:
    try:
        list(openapi.tools(document))
    except InputError as error:
        return "told in several lines" if "\n" in str(error) else "refused"
    return "read"


def spoilt(document: Any, seed: int) -> Any:
    """The document with one value inside it replaced or removed."""
    draw = random.Random(seed)
    document = copy.deepcopy(document)
    node, parent, key = document["paths"], document, "paths"
    for _ in range(draw.randint(1, 9)):
        if not isinstance(node, dict | list) or not node:
            break
        parent, key = node, draw.choice(list(node) if isinstance(node, dict) else range(len(node)))
        node = parent[key]
    parent[key] = draw.choice([None, [], {}, "x", 0, True, {"$ref": "#/gone"}, {"$ref": "x.json"}])
    return document
