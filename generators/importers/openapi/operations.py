"""Lists the operations of a document, follows references to its parts, chooses media types.

Knows where OpenAPI keeps things, not what a tool makes of them. References lead to other places of
the same document only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from generators.importers.documents import short_repr
from generators.importers.found_tools import Skipped
from generators.importers.subschemas import by_pointer
from schemas.errors import InputError
from schemas.record import JsonObject

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_SUPPORTED = {"openapi": r"3\.[012](\..*)?", "swagger": r"2\.0"}
_MEDIA_ORDER = (
    r"application/json",
    r".*[/+]json",
    r"application/x-www-form-urlencoded",
    r"multipart/form-data",
    r"\*/\*",
    r".*[/+]xml",
    r".*",
)
"""The first kind that is offered is taken: JSON, forms, anything, XML, the rest as listed."""
_MEDIA_KINDS = {
    "json": r"application/json|.*[/+]json|\*/\*",
    "text": r"text/.*(?<![/+]xml)",
    "binary": r"application/(octet-stream|pdf|zip|gzip)|(image|audio|video|font)/.*",
}
"""What the responses and bodies of a kind are called: text that is no XML; files and pictures."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    number: int
    """Position in the document, from 1."""
    method: str
    """In capitals."""
    path: str
    entry: JsonObject = field(hash=False)
    shared: tuple[Any, ...] = field(default=(), hash=False)
    """Parameters of the whole path."""

    @property
    def place(self) -> str:
        """How messages and records name it: ``GET /albums/{id}``."""
        return f"{self.method} {self.path}"

    @property
    def given_name(self) -> str:
        """The operationId as it stands; empty where its author gave none."""
        given = self.entry.get("operationId")
        return given.strip() if isinstance(given, str) else ""

    @property
    def name(self) -> str:
        """The operationId, or method and path as words: ``get_albums_id``."""
        words = [self.method.lower(), *re.findall(r"[^\W_]+", self.path)]
        return self.given_name or "_".join(words)


def refuse_version(document: JsonObject) -> None:
    """Raises InputError for a version of OpenAPI or Swagger that is not read."""
    for keyword, pattern in _SUPPORTED.items():
        version = document.get(keyword)
        if isinstance(version, str) and re.fullmatch(pattern, version):
            return
    keyword = next(key for key in ("openapi", "swagger", "swaggerVersion") if key in document)
    value = document[keyword]
    given = short_repr(value) if isinstance(value, str | int | float | bool) else "something else"
    wanted = "OpenAPI '3.0.x', '3.1.x' or '3.2.x', or Swagger '2.0', as text"
    raise InputError(f"version {given} is not read, only {wanted}", place=keyword)


def find_operations(root: JsonObject) -> Iterator[Operation | Skipped]:
    """The operations in order; what leads out of the document is skipped with its reason."""
    paths, number = root.get("paths"), 0
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if path.startswith("x-"):
            continue
        try:
            item = follow(root, item)
        except InputError as error:
            yield Skipped(error.problem, place=path)
            continue
        if not isinstance(item, dict):
            continue
        shared, further = item.get("parameters"), item.get("additionalOperations")
        further = further if isinstance(further, dict) else {}
        given = tuple(shared) if isinstance(shared, list) else ()
        for method, entry in {**item, **further}.items():
            if (method in METHODS or method in further) and isinstance(entry, dict):
                number += 1
                yield Operation(number, method.upper(), path, entry, given)


def follow(root: JsonObject, node: Any, place: str = "") -> Any:
    """The part of the document that a reference stands for, with what stands beside it.

    Raises InputError where it leads nowhere, into another document, or back into itself.
    """
    seen: list[str] = []
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        reference = node["$ref"]
        if reference in seen:
            raise InputError(f"{reference!r} leads back into itself", place=place)
        seen.append(reference)
        beside = {key: value for key, value in node.items() if key != "$ref"}
        referred = target_of(root, reference, place)
        node = {**referred, **beside} if isinstance(referred, dict) else referred
    return node


def target_of(root: JsonObject, reference: str, place: str = "") -> Any:
    """What stands where a reference leads. Raises InputError likewise."""
    if not reference.startswith("#"):
        problem = f"{reference!r} leads into another document, and nothing is fetched"
        raise InputError(problem, place=place)
    pointer = unquote(reference[1:])
    found = by_pointer(root, pointer) if pointer[:1] in ("", "/") else None
    if not isinstance(found, dict | bool):
        raise InputError(f"{reference!r} leads nowhere", place=place)
    return found


def choose_media(root: JsonObject, content: JsonObject) -> tuple[str, JsonObject]:
    """Name and content of the media type that tells most about the values. ``content`` has one."""

    def rank(name: Any) -> int:
        matches = (re.fullmatch(kind, _essence(name)) for kind in _MEDIA_ORDER)
        return next((at for at, match in enumerate(matches) if match), len(_MEDIA_ORDER) - 1)

    name = min(content, key=rank)
    media = follow(root, content[name], name)
    return name, media if isinstance(media, dict) else {}


def is_media(name: str, kind: str) -> bool:
    """Whether content is of a kind, or may be; JSON and XML are no ``text``."""
    return re.fullmatch(_MEDIA_KINDS[kind], _essence(name)) is not None


def _essence(name: Any) -> str:
    """Without parameters: ``application/json;charset=utf-8``."""
    return str(name).split(";")[0].strip().lower()


def find_examples(root: JsonObject, told: JsonObject) -> list[Any]:
    """The values under ``example`` and ``examples``; what lies elsewhere is not fetched."""
    single, named = told.get("example"), told.get("examples")
    found = [] if single is None else [single]
    if isinstance(named, list):
        return found + named
    for name, item in named.items() if isinstance(named, dict) else ():
        example = follow(root, item, f"examples.{name}")
        if isinstance(example, dict):
            found += [example[key] for key in ("value", "dataValue") if key in example]
    return found
