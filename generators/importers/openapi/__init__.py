"""Tools from descriptions of HTTP interfaces: OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0.

Every operation becomes one tool. `document_check` refuses a document that is wrong, `operations`
lists what is in it, `request_inputs` gathers the parameters, `response_schemas` finds the schema of
a result; `schema_unfolding` unfolds what they refer to, `description_texts` tidies.
Nothing is ever fetched: a reference to another document costs the operation that holds it.

Deprecated operations are tools too; their description ends in ``Deprecated.``. Operations that
share an operationId are numbered from the second on. What an interface needs for the transport
alone (servers, styles of serialisation, credentials) is no part of a tool.
"""

from collections.abc import Iterator
from typing import Any

from generators.importers.found_tools import FoundTool, SchemaPlace, Skipped
from generators.importers.openapi.description_texts import clean_text, describe_operation
from generators.importers.openapi.operations import (
    Operation,
    find_operations,
    refuse_version,
)
from generators.importers.openapi.request_inputs import read_parameters
from generators.importers.openapi.response_schemas import read_response
from generators.importers.wire_names import name_apart
from schemas.errors import InputError
from schemas.record import JsonObject

_VERSIONS = ("openapi", "swagger", "swaggerVersion")
_READING = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
"""Methods that HTTP calls safe (RFC 9110, section 9.2.1; QUERY is OpenAPI 3.2's)."""


def recognises(document: Any) -> bool:
    """Whether the document says that it is OpenAPI or Swagger, of whatever version."""
    return isinstance(document, dict) and any(keyword in document for keyword in _VERSIONS)


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every operation in order; one that cannot be used is skipped with its reason.

    Raises InputError, without a file, for a document that is invalid or has no operations.
    """
    refuse_version(document)
    # Its libraries take a second to import, which only these documents are worth.
    from generators.importers.openapi.document_check import check_document

    check_document(document)
    found = list(find_operations(document))
    if not found:
        raise InputError("the catalogue has no tools")
    operations = [item for item in found if isinstance(item, Operation)]
    names = dict(zip(operations, name_apart(item.name for item in operations), strict=True))
    for item in found:
        if isinstance(item, Skipped):
            yield item
            continue
        try:
            yield _read_tool(document, item, names[item])
        except InputError as error:
            yield Skipped(error.problem, names[item], f"{item.place} {error.place}".strip())


def _read_tool(root: JsonObject, operation: Operation, name: str) -> FoundTool:
    entry = operation.entry
    parameters, repairs = read_parameters(root, operation)
    result = read_response(root, operation)
    if not operation.given_name:
        repairs = (f"named {name!r} after method and path: it has no operationId", *repairs)
    elif name != operation.name:
        repairs = (f"operationId {operation.name!r} is not unique: named {name!r}", *repairs)
    return FoundTool(
        number=operation.number,
        name=name,
        title=clean_text(entry.get("summary")),
        description=describe_operation(entry),
        parameters=SchemaPlace("parameters", parameters),
        returns=None if result.schema is None else SchemaPlace("returns", result.schema),
        returns_from=result.origin,
        read_only=None if operation.method == "POST" else operation.method in _READING,
        destructive=True if operation.method == "DELETE" else None,
        place=operation.place,
        repairs=(*repairs, *result.repairs),
    )
