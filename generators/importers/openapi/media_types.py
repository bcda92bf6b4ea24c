"""Chooses among the media types of a body or of a response, and finds their examples."""

import json
import re
from typing import Any

from generators.importers.openapi.operations import follow
from schemas.record import JsonObject

_ORDER = (
    r"application/json",
    r".*[/+]json",
    r"application/x-www-form-urlencoded",
    r"multipart/form-data",
    r"\*/\*",
    r".*[/+]xml",
    r"",
)
"""The first kind that is offered is taken: JSON, forms, anything, XML, the rest as listed."""


def choose_media(root: JsonObject, content: JsonObject) -> tuple[str, JsonObject]:
    """Name and content of the media type that tells most about the values. ``content`` has one."""
    name = min(content, key=_rank)
    media = follow(root, content[name], name)
    return name, media if isinstance(media, dict) else {}


def is_json(name: str) -> bool:
    """Whether the content is JSON, or may be."""
    return _rank(name) in (0, 1, 4)


def is_text(name: str) -> bool:
    """Whether the content is text of any kind but JSON and XML."""
    return _essence(name).startswith("text/") and not re.fullmatch(r".*[/+]xml", _essence(name))


def is_binary(name: str) -> bool:
    """Whether the content is bytes: files, pictures, archives."""
    kind = r"application/(octet-stream|pdf|zip|gzip)|(image|audio|video|font)/.*"
    return re.fullmatch(kind, _essence(name)) is not None


def _rank(name: str) -> int:
    essence = _essence(name)
    ranks = (rank for rank, kind in enumerate(_ORDER) if re.fullmatch(kind, essence))
    return next(ranks, len(_ORDER) - 1)


def _essence(name: Any) -> str:
    """Without parameters: ``application/json;charset=utf-8``."""
    return str(name).split(";")[0].strip().lower()


def find_examples(root: JsonObject, told: JsonObject) -> list[Any]:
    """The values under ``example`` and ``examples``; what lies elsewhere is not fetched."""
    single = told.get("example")
    named = told.get("examples")
    found = [] if single is None else [single]
    if isinstance(named, list):
        return found + named
    for name, item in named.items() if isinstance(named, dict) else ():
        example = follow(root, item, f"examples.{name}")
        if isinstance(example, dict):
            values = (example[key] for key in ("value", "dataValue") if key in example)
            found.extend(values)
    return found


def parse_example(example: Any) -> Any:
    """The value of an example: older documents write that of an object as text."""
    if not isinstance(example, str) or example.strip()[:1] not in ("{", "["):
        return example
    try:
        return json.loads(example)
    except (ValueError, RecursionError):
        return example
