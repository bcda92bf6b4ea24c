"""Lists the operations of a document, follows references to its parts, chooses media types.

Knows where OpenAPI keeps things, not what a tool makes of them. References lead to other places of
the same document only; what stands in files beside it was taken in before.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from generators.importers.documents import json_kind, short_repr
from generators.importers.found_tools import Skipped
from generators.importers.openapi.discriminators import list_children
from generators.importers.openapi.mending import METHODS, mend_part
from generators.importers.subschemas import by_pointer, without
from generators.importers.wire_names import name_apart
from generators.lexicon.names import is_version, split_words
from generators.lexicon.verbs import find_verb
from schemas.errors import InputError
from schemas.record import JsonObject

_SUPPORTED = {"openapi": r"3\.[012](\..*)?", "swagger": r"2(\.0)*"}
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


@dataclass(frozen=True, eq=False)
class Document:
    """A document, with what is found out about it once."""

    root: JsonObject
    mended: dict[int, Any] = field(default_factory=dict)
    """Schemas that were mended, by their identity."""

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        """Reference to a schema → references to those that extend it."""
        return list_children(self.root)

    @cached_property
    def keys(self) -> frozenset[tuple[str, str]]:
        """Place and name, in lower case, of the keys that security schemes ask for."""
        components = self.root.get("components")
        schemes = (components if isinstance(components, dict) else {}).get(
            "securitySchemes", self.root.get("securityDefinitions")
        )
        return frozenset(
            (str(one.get("in")), str(one.get("name")).lower())
            for one in (schemes.values() if isinstance(schemes, dict) else ())
            if isinstance(one, dict) and one.get("type") == "apiKey"
        )


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
    faults: tuple[str, ...] = ()
    """What was mended to read it."""

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
    def slots(self) -> list[str]:
        """Names in the braces of the path, without the marks of templates: ``{+parent}``."""
        return [one for one in re.findall(r"\{([^{}]+)\}", self.path) if one.strip()]


def read_version(document: JsonObject) -> str:
    """What was mended of the version. Raises InputError for one that is not read.

    YAML without quotes makes a number of it.
    """
    for keyword, pattern in _SUPPORTED.items():
        version = document.get(keyword)
        number = isinstance(version, int | float) and not isinstance(version, bool)
        if (isinstance(version, str) or number) and re.fullmatch(pattern, str(version).strip()):
            return f"{keyword} {version} is a number, read as text" if number else ""
    keyword = next(key for key in ("openapi", "swagger", "swaggerVersion") if key in document)
    value = document[keyword]
    given = short_repr(value) if isinstance(value, str | int | float | bool) else "something else"
    wanted = "OpenAPI '3.0.x', '3.1.x' or '3.2.x', or Swagger '2.0'"
    raise InputError(f"version {given} is not read, only {wanted}", place=keyword)


def find_operations(root: JsonObject) -> Iterator[Operation | Skipped]:
    """The operations in order; what cannot be read is skipped with its reason."""
    paths, number = root.get("paths"), 0
    if not isinstance(paths, dict) and paths not in (None, []):
        raise InputError(f"must be an object, not {json_kind(paths)}", place="paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if path.startswith("x-"):
            continue
        faults: list[str] = []
        try:
            item = mend_part(follow(root, item), "path", "", faults)
        except InputError as error:
            yield Skipped(error.problem, place=path)
            continue
        if not isinstance(item, dict):
            yield Skipped(f"must be an object, not {json_kind(item)}", place=path)
            continue
        given, further = item.get("parameters"), item.get("additionalOperations")
        further = further if isinstance(further, dict) else {}
        shared = tuple(given) if isinstance(given, list) else ()
        full = path if path.startswith("/") else f"/{path}"
        faults += [] if full == path else [f"the path {path!r} begins with no slash"]
        for method, entry in {**item, **further}.items():
            if method not in METHODS and method not in further:
                continue
            number += 1
            if not isinstance(entry, dict):
                problem = f"an operation must be an object, not {json_kind(entry)}"
                yield Skipped(problem, place=f"{method.upper()} {full}")
                continue
            own: list[str] = []
            entry = mend_part(entry, "operation", "", own)
            told = (*faults, *own)
            yield Operation(number, method.upper(), full, entry, shared, told)


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
        beside = without(node, "$ref")
        referred = target_of(root, reference, place)
        node = {**referred, **beside} if isinstance(referred, dict) else referred
    return node


def target_of(root: JsonObject, reference: str, place: str = "") -> Any:
    """What stands where a reference leads. Raises InputError likewise."""
    if not reference.startswith("#"):
        far = "//" in reference
        why = "nothing is fetched" if far else "there is none beside this one that can be read"
        problem = f"{reference!r} leads into another document, and {why}"
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
    return str(name), media if isinstance(media, dict) else {}


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


_METHODS = {"post": "create", "put": "replace", "patch": "update", "query": "search"}
"""What a method does, where the path does not say it; others are their own word."""
_SLOT = re.compile(r"\{[^{}]*\}")


def name_operations(operations: Sequence[Operation]) -> dict[Operation, str]:
    """A name for each, in order; of those that share one the second and later are numbered."""
    short = {one: one.given_name or spell_path(one.method, one.path) for one in operations}
    shared = Counter(short.values())
    wanted = []
    for one in operations:
        name = short[one]
        if not one.given_name and shared[name] > 1:
            tail = "_and_".join("_".join(split_words(slot)) for slot in one.slots)
            name = f"{name}_by_{tail}" if tail else name
        wanted.append(name)
    return dict(zip(operations, name_apart(wanted), strict=True))


def spell_path(method: str, path: str) -> str:
    """``get_orchard_images`` for GET /v1/orchard/{orchard_id}/images; a verb at its end leads."""
    segments = [one for one in re.split(r"[/:]", _SLOT.sub("", path)) if one.strip("_-. ")]
    telling = [one for one in segments if not is_version(one)] or segments
    told = telling[1:] if len(telling) > 1 and telling[0].lower() in ("api", "rest") else telling
    words = [word for one in told for word in split_words(one)]
    last = find_verb(told[-1].lower()) if told and method in ("POST", "PUT", "PATCH") else None
    if last is not None and not last.noun and len(told) > 1:
        words = [words[-1], *words[:-1]]
    else:
        words = [_METHODS.get(method.lower(), method.lower()), *words]
    return "_".join(words)
