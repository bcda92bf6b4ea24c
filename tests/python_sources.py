"""Python source as text, for the tests of its importer."""

import textwrap

from generators.importers import python
from generators.importers.documents import PythonSource
from generators.importers.found_tools import FoundTool, Skipped
from generators.importers.normalise import normalise_parameters, normalise_returns
from schemas.record import JsonObject

TYPES = """
from __future__ import annotations

import datetime as dt
import decimal
import enum
import pathlib
import typing
import typing as t
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypedDict, Union

from pydantic import AnyUrl, BaseModel, ConfigDict, EmailStr, Field
"""


def read(code: str, *, run: bool = False, name: str = "shop.py") -> list[FoundTool | Skipped]:
    """Everything that the importer finds in a piece of code."""
    return list(python.tools(PythonSource(textwrap.dedent(code), name, run)))


def found(code: str, *, run: bool = False) -> dict[str, FoundTool]:
    """The tools by name, where nothing is skipped."""
    items = read(code, run=run)
    assert not [item for item in items if isinstance(item, Skipped)]
    return {item.name: item for item in items if isinstance(item, FoundTool)}


def only(code: str, *, run: bool = False) -> FoundTool:
    """The one tool of a piece of code."""
    (tool,) = found(code, run=run).values()
    return tool


def parameters(tool: FoundTool) -> JsonObject:
    """The properties, unfolded and without titles as the importers leave them."""
    schema, _ = normalise_parameters(tool.parameters.value)
    properties: JsonObject = schema["properties"]
    return properties


def required(tool: FoundTool) -> list[str]:
    """The parameters that must be given."""
    return list(tool.parameters.value.get("required", []))


def returns(tool: FoundTool) -> JsonObject | None:
    """The schema of the result, unfolded."""
    return None if tool.returns is None else normalise_returns(tool.returns.value)[0]


def typed(annotation: str, before: str = "", *, run: bool = False) -> JsonObject:
    """The schema of one parameter of a type."""
    code = f"{TYPES}\n{textwrap.dedent(before)}\ndef tool_of_this(value: {annotation}): ...\n"
    tool = found(f"{code}\n__all__ = ['tool_of_this']\n", run=run)["tool_of_this"]
    assert not tool.repairs
    schema: JsonObject = parameters(tool)["value"]
    return schema
