"""Tools from descriptions of HTTP interfaces: OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0.

Every operation becomes one tool, and is judged alone: what can be repaired is, with a note
(`mending`), a result that cannot be read is left out, and what is beyond repair costs the
operation. `operations` lists and names what is in a document, `request_inputs` gathers the
parameters, `response_schemas` finds the schema of a result; `schema_unfolding` unfolds what they
refer to. Files beside the document are taken in first, and references into a schema's own
definitions led there (`reference_targets`). Nothing is ever fetched: a reference to anything else
costs the operation that holds it.

Deprecated operations are tools too; their description ends in ``Deprecated.``. Operations that
share an operationId are numbered from the second on. What an interface needs for the transport
alone (servers, styles of serialisation, credentials) is no part of a tool.
"""

from collections.abc import Iterator
from typing import Any

from generators.importers.found_tools import FoundTool, Remark, SchemaPlace, Skipped
from generators.importers.openapi.operations import (
    Document,
    Operation,
    find_operations,
    name_operations,
    read_version,
)
from generators.importers.openapi.reference_targets import lead_to_definitions
from generators.importers.openapi.request_inputs import read_parameters
from generators.importers.openapi.response_schemas import read_response
from generators.importers.texts import clean_text, describe_operation
from schemas.errors import InputError

_VERSIONS = ("openapi", "swagger", "swaggerVersion")
_READING = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
"""Methods that HTTP calls safe (RFC 9110, section 9.2.1; QUERY is OpenAPI 3.2's)."""


def recognises(document: Any) -> bool:
    """Whether the document says that it is OpenAPI or Swagger, of whatever version."""
    return isinstance(document, dict) and any(keyword in document for keyword in _VERSIONS)


def tools(document: Any) -> Iterator[FoundTool | Skipped | Remark]:
    """Every operation in order, repaired where it can be; any other is skipped with its reason.

    Raises InputError, without a file, for a document of another version or without operations.
    """
    version = read_version(document)
    document = lead_to_definitions(document)
    whole = Document(document)
    found = list(find_operations(document))
    if not found:
        raise InputError("the catalogue has no tools")
    if version:
        yield Remark(version, fault=True)
    if isinstance(document.get("webhooks"), dict) and document["webhooks"]:
        yield Remark(f"webhooks are no tools and were left out: {len(document['webhooks'])}")
    names = name_operations([item for item in found if isinstance(item, Operation)])
    for item in found:
        if isinstance(item, Skipped):
            yield item
            continue
        try:
            name = names[item]
            entry = item.entry
            parameters, inputs = read_parameters(whole, item)
            result = read_response(whole, item)
            named: tuple[str, ...] = ()
            if not item.given_name:
                named = (f"named {name!r} after method and path: it has no operationId",)
            elif name != item.given_name:
                named = (f"operationId {item.given_name!r} is not unique: named {name!r}",)
            if "callbacks" in entry:
                named = (*named, "callbacks are no part of a tool and were left out")
            faults = (*item.faults, *inputs.faults, *result.faults)
            yield FoundTool(
                number=item.number,
                name=name,
                title=clean_text(entry.get("summary")),
                description=describe_operation(entry),
                foreign=True,
                parameters=SchemaPlace("parameters", parameters),
                returns=None if result.schema is None else SchemaPlace("returns", result.schema),
                returns_from=result.origin,
                read_only=None if item.method == "POST" else item.method in _READING,
                destructive=True if item.method == "DELETE" else None,
                place=item.place,
                faults=tuple(f"{item.place}: {fault}" for fault in dict.fromkeys(faults)),
                repairs=(*named, *dict.fromkeys((*inputs.notes, *result.notes))),
            )
        except InputError as error:
            yield Skipped(error.problem, names[item], f"{item.place} {error.place}".strip())
