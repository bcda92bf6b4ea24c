"""What the tests of the importers share: small catalogues, and what must hold of what is read."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generators.importers import read_catalog
from generators.importers.normalise import normalise_parameters, normalise_returns
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSpec

REAL = Path(__file__).resolve().parents[1].parent / "shared" / "real"
EMPTY = {"type": "object", "properties": {}, "required": []}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def write(folder: Path, document: Any, name: str = "shop.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return path


def read_one(folder: Path, document: Any, name: str = "shop.json") -> ToolSpec:
    (tool,) = read_catalog([write(folder, document, name)]).tools
    return tool


def flat(name: Any, **more: Any) -> dict[str, Any]:
    return {"type": "function", "name": name, **more}


def mcp(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": CITY, **more}


def fault(*paths: Path, strict: bool = False) -> InputError:
    with pytest.raises(InputError) as caught:
        read_catalog(paths, strict=strict)
    assert "\n" not in str(caught.value)
    return caught.value


def properties(**schemas: Any) -> dict[str, Any]:
    return {"type": "object", "properties": schemas, "required": []}


def assert_sound(catalog: Catalog) -> None:
    names = [tool.wire_name for tool in catalog.tools]
    assert len(set(names)) == len(names) > 0
    for tool in catalog.tools:
        Draft202012Validator.check_schema(tool.parameters)
        assert tool.parameters["type"] == "object"
        assert set(tool.required) <= set(tool.properties)
        assert normalise_parameters(tool.parameters)[0] == tool.parameters
        if tool.returns is not None:
            Draft202012Validator.check_schema(tool.returns)
            assert normalise_returns(tool.returns)[0] == tool.returns
    assert Catalog.model_validate_json(catalog.model_dump_json()) == catalog
