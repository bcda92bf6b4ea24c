"""Small documents of OpenAPI and Swagger for tests, and what is read from them."""

from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generators.importers import openapi
from generators.importers.found_tools import FoundTool, Remark, Skipped
from generators.importers.normalise import normalise_parameters, normalise_returns
from schemas.errors import InputError

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
DONE: dict[str, Any] = {"200": {"description": "done"}}


def document(paths: Mapping[str, Any], version: str = "3.0.3", **more: Any) -> dict[str, Any]:
    keyword = "swagger" if version == "2.0" else "openapi"
    return {keyword: version, "info": {"title": "Shop", "version": "1"}, "paths": paths, **more}


def operation(**more: Any) -> dict[str, Any]:
    return {"operationId": "act", "responses": DONE, **more}


def json_content(schema: Any, **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    return {"200": {"description": "done", **json_content(schema, **more)}}


def read_all(given: Any) -> list[FoundTool | Skipped | Remark]:
    found = list(openapi.tools(given))
    for tool in found:
        if isinstance(tool, FoundTool):
            check(tool)
    return found


def read_one(given: Any) -> FoundTool:
    (tool,) = read_all(given)
    assert isinstance(tool, FoundTool), tool
    return tool


def read_post(version: str = "3.0.3", path: str = "/acts", /, **more: Any) -> FoundTool:
    """One POST operation; ``components`` and the like go to the document."""
    whole = ("components", "definitions", "securityDefinitions", "security")
    outside = {key: more.pop(key) for key in whole if key in more}
    return read_one(document({path: {"post": operation(**more)}}, version, **outside))


def properties(tool: FoundTool) -> dict[str, Any]:
    shown: dict[str, Any] = tool.parameters.value["properties"]
    return shown


def required(tool: FoundTool) -> list[str]:
    names: list[str] = tool.parameters.value["required"]
    return names


def returns(tool: FoundTool) -> Any:
    """The schema of its result, without the examples."""
    if not isinstance(found := tool.returns and tool.returns.value, dict):
        return found
    return {key: part for key, part in found.items() if key != "examples"}


def refusal(given: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        list(openapi.tools(given))
    assert "\n" not in str(caught.value)
    return caught.value


def check(tool: FoundTool) -> None:
    """What is found must pass the importers' own rules, and the official metaschema."""
    parameters, _ = normalise_parameters(tool.parameters.value)
    Draft202012Validator.check_schema(parameters)
    assert "$ref" not in str(parameters)
    if tool.returns is not None:
        result, _ = normalise_returns(tool.returns.value)
        Draft202012Validator.check_schema(result)
        assert "$ref" not in str(result)
