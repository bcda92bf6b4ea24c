"""Refuses a document that is wrong, with the places of its faults.

The library `openapi-spec-validator` judges, in two rounds: the shape of the whole document, then
operation by operation and schema by schema. It is given a registry that holds this document and
nothing else, so that no reference makes it fetch anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from jsonschema import ValidationError
from jsonschema.validators import validator_for
from jsonschema_path import SchemaPath
from jsonschema_path.accessors import SchemaAccessor
from openapi_spec_validator import (
    OpenAPIV2SpecValidator,
    OpenAPIV30SpecValidator,
    OpenAPIV31SpecValidator,
    OpenAPIV32SpecValidator,
)
from openapi_spec_validator.schemas import schema_v2, schema_v30, schema_v31, schema_v32
from openapi_spec_validator.validation.exceptions import (
    DuplicateOperationIDError,
    ExtraParametersError,
    UnresolvableParameterError,
)
from openapi_spec_validator.validation.keywords import SchemaValidator
from openapi_spec_validator.validation.validators import SpecValidator
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from generators.importers.schema_checks import describe_fault, write_place
from schemas.errors import InputError
from schemas.record import JsonObject

MENDED = (DuplicateOperationIDError, ExtraParametersError, UnresolvableParameterError)
"""Faults that importing repairs: doubled names, and names without a description."""
SHOWN = 3
"""Faults that a message tells; the others are counted."""

_JUDGES: dict[str, tuple[JsonObject, type[SpecValidator]]] = {
    "2.0": (schema_v2, OpenAPIV2SpecValidator),
    "3.0": (schema_v30, OpenAPIV30SpecValidator),
    "3.1": (schema_v31, OpenAPIV31SpecValidator),
    "3.2": (schema_v32, OpenAPIV32SpecValidator),
}
"""Version → the specification's own schema, and what looks into operations and schemas."""
_STUMBLES = (Unresolvable, RecursionError, LookupError, TypeError, AttributeError)
"""How the library ends where a reference leads nowhere, to something else, or back into itself.

No judgement about the document: whatever holds such a reference is skipped when it is read, and
every schema of a tool is checked once more when it is normalised.
"""


def check_document(root: JsonObject) -> None:
    """Raises InputError, in one line, for a document of a known version that is invalid."""
    version = str(root.get("openapi", root.get("swagger")))[:3]
    faults = list(_find_shape_faults(version, root)) or list(_find_inner_faults(version, root))
    if not faults:
        return
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    named = "Swagger" if version == "2.0" else "OpenAPI"
    told = "; ".join(faults[:SHOWN])
    raise InputError(f"not valid {named} {version}, {count}: {told}{more}")


def _find_shape_faults(version: str, root: JsonObject) -> Iterator[str]:
    """What contradicts the specification's own schema, each with its place.

    jsonschema is asked, not the judge's own ``schema_validator``: that changes to jsonschema-rs as
    soon as it is installed, whose errors lack the alternatives that failed, from which a fault's
    place is told.
    """
    schema = _JUDGES[version][0]
    for error in validator_for(schema)(schema).iter_errors(root):
        telling = _choose_telling(error)
        yield _tell_fault("", telling.absolute_path, telling)


def _find_inner_faults(version: str, root: JsonObject) -> Iterator[str]:
    """What operations and schemas contradict by themselves, each fault once."""
    # The registry of the document has no way to retrieve another one.
    resource: Resource[Mapping[str, Any]] = DRAFT202012.create_resource(root)
    registry: Registry[Mapping[str, Any]] = Registry().with_resource("", resource)
    judge = _JUDGES[version][1](SchemaPath(SchemaAccessor(root, registry.resolver(""))))
    for place, errors in _judge_parts(judge, judge.schema_path):
        try:
            for error in errors:
                if not isinstance(error, MENDED):
                    yield _tell_fault(place, error.absolute_path, _choose_telling(error))
        except _STUMBLES:
            continue
        except ValueError as problem:  # braces of a path that do not match
            yield f"{place}: {problem}"


def _judge_parts(
    judge: SpecValidator, root: SchemaPath
) -> Iterator[tuple[str, Iterable[ValidationError]]]:
    """The schemas first: a fault of theirs is then told where it stands."""
    judge_schema = cast(SchemaValidator, judge.keyword_validators_registry["schema"])
    for where in ("components.schemas", "definitions"):
        for name, schema in _list_items(root, where):
            yield f"{where}.{name}", judge_schema(schema)
    judge_path = judge.root_validator.paths_validator.path_validator
    for path, item in _list_items(root, "paths"):
        inside = dict(_list_items(item, ""))
        shared = inside.get("parameters")
        if shared is not None:
            yield f"paths.{path}.parameters", judge_path.parameters_validator(shared)
        for method, operation in inside.items():
            if method in judge_path.OPERATIONS:
                place = f"paths.{path}.{method}"
                yield place, judge_path.operation_validator(path, method, operation, shared)


def _list_items(node: SchemaPath, where: str) -> list[tuple[str, SchemaPath]]:
    for step in where.split(".") if where else ():
        if step not in node:
            return []
        node = node / step
    try:
        return [(str(name), item) for name, item in node.items()]
    except _STUMBLES:
        return []


def _choose_telling(error: ValidationError) -> ValidationError:
    """Of the alternatives that all fail, the one that came farthest says what was meant."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return error


def _tell_fault(place: str, path: Iterable[str | int], error: ValidationError) -> str:
    where = write_place(place, path).removeprefix(".") or "the document"
    return f"{where}: {describe_fault(error)}"
