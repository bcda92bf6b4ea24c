"""Property names that no path can hold get plain ones: ``Totp.Skew`` becomes ``Totp_Skew``.

Paths take ``.``, ``[`` and ``]`` as marks of their own (`schemas.leaves`). A name is changed
alike wherever it stands in a tool, in schemas and in the defaults and examples they hold, and no
two names become one: `schemas.tool.source_arguments` maps a call back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from generators.importers.keywords import map_subschemas
from generators.importers.naming import name_apart
from generators.importers.schema_checks import mend_defaults
from schemas.leaves import is_addressable, map_keys, plain_name
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_KEYED = frozenset({"dependentSchemas", "properties"})
"""Keywords that hold an object whose keys are names."""
_DATA = frozenset({"const", "default", "enum", "example", "examples"})
"""Keywords that hold values."""
_NONE: Mapping[str, str] = MappingProxyType({})

Rename = Callable[[str], str]


@dataclass(frozen=True)
class PlainlyNamed:
    """The schemas of a tool in which every name is plain."""

    parameters: JsonObject
    returns: JsonObject | None
    renamed: Mapping[str, str]
    """Plain name → name in the source, of those that were changed."""
    repairs: tuple[str, ...]


def name_plainly(parameters: JsonObject, returns: JsonObject | None) -> PlainlyNamed:
    """Give the names in both schemas, which are normalised, plain ones where they need them."""
    ours, theirs = _names_in(parameters), _names_in(returns)
    plain = _plain_names([*ours, *theirs])
    if not plain:
        return PlainlyNamed(parameters, returns, {}, ())
    repairs = [_repair("parameter" if name in ours else "field", name, plain) for name in plain]
    return PlainlyNamed(
        _renamed(parameters, plain, "parameters", repairs),
        _renamed(returns, plain, "returns", repairs),
        {new: name for name, new in plain.items()},
        tuple(repairs),
    )


def with_returns(tool: ToolSpec, returns: JsonObject) -> ToolSpec:
    """Give a tool a schema of its result that is told in the source's names."""
    known = {name: new for new, name in tool.renamed.items()}
    names = _names_in(returns)
    clashing = {new for new, name in tool.renamed.items() if new in names and name in names}
    plain = _plain_names([*_names_in(tool.parameters), *names], known, clashing)
    fresh = [name for name in plain if name not in known]
    repairs = [_repair("field", name, plain) for name in fresh]
    return tool.model_copy(
        update={
            "returns": _renamed(returns, plain, "returns", repairs),
            "renamed": {**tool.renamed, **{plain[name]: name for name in fresh}},
            "repairs": (*tool.repairs, *repairs),
        }
    )


def wire_names(tool: ToolSpec, value: Any) -> Any:
    """A value of the source, such as a result that was observed, with the tool's plain names."""
    known = {name: new for new, name in tool.renamed.items()}
    return map_keys(value, lambda name: known.get(name, name))


def _repair(kind: str, name: str, plain: Mapping[str, str]) -> str:
    return f"{kind} {name!r} is named {plain[name]!r}"


def _names_in(schema: JsonObject | None) -> dict[str, None]:
    """All names in order; those that lie further out first."""
    names: dict[str, None] = {}

    def take(name: str) -> str:
        names.setdefault(name)
        return name

    _map_names(schema, take)
    return names


def _plain_names(
    names: Iterable[str], known: Mapping[str, str] = _NONE, clashing: Collection[str] = ()
) -> dict[str, str]:
    """Name → plain name, of those that need one: unfit, or ``clashing`` with a ``known`` one."""
    distinct = [name for name in dict.fromkeys(names) if name not in known]
    kept = [name for name in distinct if is_addressable(name) and name not in clashing]
    changed = [name for name in distinct if not is_addressable(name) or name in clashing]
    wanted = [*kept, *known.values(), *map(plain_name, changed)]
    apart = name_apart(wanted)[len(wanted) - len(changed) :]
    return {**known, **dict(zip(changed, apart, strict=True))}


def _renamed(
    schema: JsonObject | None, plain: Mapping[str, str], place: str, repairs: list[str]
) -> Any:
    """The schema with plain names; a pattern for names may refuse its default from now on."""
    named = _map_names(schema, lambda name: plain.get(name, name))
    return mend_defaults(named, place, repairs)


def _map_names(schema: Any, change: Rename) -> Any:
    """A copy with ``change(name)`` for each name of a property, here and in what lies inside."""
    if not isinstance(schema, dict):
        return schema
    named = {key: _changed(key, value, change) for key, value in schema.items()}
    return map_subschemas(named, lambda part, _: _map_names(part, change))


def _changed(key: str, value: Any, change: Rename) -> Any:
    if key in _KEYED:
        return {change(name): item for name, item in value.items()}
    if key == "required":
        return [change(name) for name in value]
    if key == "dependentRequired":
        return {change(name): [change(other) for other in more] for name, more in value.items()}
    if key == "propertyNames":
        return _allowing(value, change)
    return map_keys(value, change) if key in _DATA else value


def _allowing(schema: Any, change: Rename) -> Any:
    """A schema of names: the texts among its values are names."""
    if not isinstance(schema, dict) or not isinstance(schema.get("enum"), list):
        return schema
    options = [change(name) if isinstance(name, str) else name for name in schema["enum"]]
    return {**schema, "enum": options}
