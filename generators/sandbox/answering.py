"""Leaves out the tools that can never answer: whose schemas ask for what cannot be made.

Most keywords of a schema are satisfied by construction; of the rare ones (``not``, ``if``,
``contains`` …) and of patterns some cannot be, and a call of such a tool always fails. It is tried
here once, when a catalogue is opened, and the tool is skipped with its reason rather than drawn and
never used.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from generators.sandbox.sandbox import Sandbox
from generators.sandbox.text_values import match_pattern
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, SkippedTool, ToolSpec

_RARE = frozenset(
    "not if then else oneOf dependentRequired dependentSchemas contains propertyNames "
    "patternProperties prefixItems unevaluatedProperties unevaluatedItems minProperties "
    "maxProperties".split()
)
_WORLDS = 4
_CLOCK = "2026-01-15T09:00:00+00:00"
REASON = "no call of it was found whose result satisfies its result's schema"


def skip_unanswering(catalog: Catalog, strict: bool = False) -> Catalog:
    """The catalogue without the tools that never answer; with ``strict``, that is an InputError."""
    doubts = {tool.wire_name: doubt for tool in catalog.tools if (doubt := _doubt(tool))}
    if not doubts:
        return catalog
    world = infer_world(catalog.tools, catalog.worlds)
    left = [t for t in catalog.tools if t.wire_name in doubts and not _answers(world, t.wire_name)]
    reasons = [doubts[tool.wire_name] for tool in left]
    if left and strict:
        raise InputError(reasons[0], file=left[0].source.path, tool=left[0].name)
    skipped = [
        SkippedTool(file=tool.source.path, tool=tool.name, reason=reason)
        for tool, reason in zip(left, reasons, strict=True)
    ]
    kept = tuple(tool for tool in catalog.tools if tool not in left)
    return catalog.model_copy(update={"tools": kept, "skipped": (*catalog.skipped, *skipped)})


def _doubt(tool: ToolSpec) -> str:
    """Why the tool might never answer; "" where nothing in its schemas speaks for that."""
    returns = tool.returns or {}
    for place, part in (*_parts("parameters", tool.parameters), *_parts("result", returns)):
        pattern = part.get("pattern")
        if pattern and match_pattern(pattern, Random(0)) is None:
            return f"no text was found that the pattern of {place} matches: {pattern}"
    return REASON if any(_RARE & part.keys() for _, part in _parts("", returns)) else ""


def _parts(place: str, schema: Any) -> Iterator[tuple[str, JsonObject]]:
    """A schema and all within it that are of values, with their places."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for key, part in schema.get("properties", {}).items():
        yield from _parts(f"{place}.{key}", part)
    yield from _parts(f"{place}[]", schema.get("items"))
    yield from _parts(f"{place}.*", schema.get("additionalProperties"))
    for key in ("anyOf", "allOf"):
        for part in schema.get(key, ()):
            yield from _parts(place, part)


def _answers(world: World, name: str) -> bool:
    """Whether some call of the tool succeeds."""
    sandboxes = (Sandbox(world, seed, _CLOCK) for seed in range(_WORLDS))
    return any(
        sandbox.propose(name, Random(seed)) is not None for seed, sandbox in enumerate(sandboxes)
    )
