"""A function as most sources write it down: a name, a description, and parameters of some kind.

Parameters may be a schema or flat; ``required`` may stand beside them. The formats say only how
they spell the keywords, and whether the types are another language's.
"""

from dataclasses import dataclass
from typing import Any

from generators.importers.flat import by_name, is_flat, is_listed, schema_of_flat
from generators.importers.found import FoundTool, Place, first_place, name_of, text_of
from generators.importers.keywords import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Spelling:
    """Keywords, in the order in which they are tried."""

    name: tuple[str, ...] = ("name",)
    description: tuple[str, ...] = ("description",)
    parameters: tuple[str, ...] = ("parameters",)
    returns: tuple[str, ...] = ("returns", "output_schema", "outputSchema", "response")


def read_function(
    function: JsonObject,
    number: int,
    spelling: Spelling,
    *,
    around: JsonObject | None = None,
    foreign: bool = False,
) -> FoundTool:
    """The tool of an entry. Raises InputError, without a file, where it cannot be read.

    ``around`` is the object that holds the function, where there is one. ``foreign`` says that
    unknown types are to be expected; flat parameters always bring them along.
    """
    name = name_of(function, number, spelling.name)
    entries = (function,) if around is None else (function, around)
    parameters, repairs, flat = _parameters(entries, spelling, name)
    return FoundTool(
        number=number,
        name=name,
        description=_text(function, spelling.description, name),
        parameters=parameters,
        returns=_returns(entries, spelling),
        strict=function.get("strict") is True,
        foreign=foreign or flat,
        repairs=repairs,
    )


def _parameters(
    entries: tuple[JsonObject, ...], spelling: Spelling, name: str
) -> tuple[Place, tuple[str, ...], bool]:
    """Where the schema stands, what was repaired, and whether its types are foreign."""
    given = first_place(entries, spelling.parameters) or Place(spelling.parameters[0], None)
    beside = next((entry["required"] for entry in entries if "required" in entry), None)
    value = given.value
    if is_flat(value) or is_listed(value):
        named, repairs = _by_name(value, name) if isinstance(value, list) else (value, ())
        told = f"{given.keyword}: flat parameters became a schema"
        return Place(given.keyword, schema_of_flat(named, beside)), (*repairs, told), True
    if isinstance(beside, list) and isinstance(value, dict) and looks_like_schema(value):
        schema, repairs = _with_required(value, beside, given.keyword)
        return Place(given.keyword, schema), repairs, _is_foreign(schema)
    return given, (), _is_foreign(value)


def _is_foreign(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "dict"


def _by_name(listed: list[JsonObject], tool: str) -> tuple[JsonObject, tuple[str, ...]]:
    try:
        return by_name(listed)
    except InputError as error:
        raise InputError(error.problem, tool=tool, place=error.place) from None


def _with_required(
    schema: JsonObject, beside: list[Any], keyword: str
) -> tuple[JsonObject, tuple[str, ...]]:
    own = schema.get("required")
    listed = own if isinstance(own, list) else []
    added = [name for name in beside if name not in listed]
    if not added or (own is not None and not isinstance(own, list)):
        return schema, ()
    told = f"{keyword}: required stood beside the parameters and was moved into them"
    return {**schema, "required": [*listed, *added]}, (told,)


def _returns(entries: tuple[JsonObject, ...], spelling: Spelling) -> Place | None:
    given = first_place(entries, spelling.returns)
    if given is not None and is_flat(given.value):
        return Place(given.keyword, {**schema_of_flat(given.value), "required": []})
    return given


def _text(function: JsonObject, keywords: tuple[str, ...], name: str) -> str:
    texts = (text_of(function, keyword, name) for keyword in keywords)
    return next((text for text in texts if text), "")
