"""Reads what people say otherwise of a catalogue: a small YAML file beside it.

Beside ``tools.json`` it is ``tools.sandbox.yaml``; in a folder that is read as a whole,
``sandbox.yaml`` is for all of its catalogues. Here names of tools are looked up, and tools that are
to be left out are left out; what is said of the others is applied by
`generators.world.correcting`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from generators.importers.document import load_document
from schemas.corrections import (
    Corrections,
    CorrectionSet,
    EntityCorrection,
    FieldCorrection,
    ParameterCorrection,
    ToolCorrection,
)
from schemas.errors import InputError
from schemas.nearest import nearest
from schemas.record import Record
from schemas.semantic import SemanticType
from schemas.tool import Catalog, SkippedTool, ToolSpec

OF_FOLDER = "sandbox.yaml"
ENDING = ".sandbox.yaml"
EXCLUDED = "excluded by the corrections"

_RECORDS: Mapping[tuple[str, int], type[Record]] = {
    ("tools", 3): ToolCorrection,
    ("tools", 5): ParameterCorrection,
    ("entities", 3): EntityCorrection,
    ("entities", 5): FieldCorrection,
}
"""First key and depth of a place → the record whose keys are allowed there."""
_LONGEST = 60


def is_corrections(path: Path) -> bool:
    """Whether a file holds corrections, by its name; such files are no catalogues."""
    return path.name == OF_FOLDER or path.name.endswith(ENDING)


def beside(path: Path) -> Path | None:
    """The corrections of a catalogue file, or of a folder; None where there are none."""
    found = path / OF_FOLDER if path.is_dir() else path.with_name(f"{path.stem}{ENDING}")
    return found if found != path and found.is_file() else None


def read_corrections(path: Path) -> Corrections:
    """What a file says. Raises InputError with file, tool and place."""
    try:
        given = load_document(path)
        return Corrections.model_validate({} if given is None else given)
    except ValidationError as error:
        raise _refused(error, str(path)) from None
    except InputError as error:
        raise InputError(error.problem, file=str(path), place=error.place) from None


def resolved(given: Corrections, path: Path, tools: Sequence[ToolSpec]) -> CorrectionSet:
    """The corrections with wire names in place of names. Raises InputError for unknown tools."""
    by_wire: dict[str, ToolCorrection] = {}
    for name, correction in given.tools.items():
        wire_name = _wire_name(name, str(path), tools)
        if wire_name in by_wire:
            raise InputError("is corrected twice", file=str(path), tool=name)
        by_wire[wire_name] = correction
    domains = tuple(dict.fromkeys(tool.domain for tool in tools))
    corrections = given.model_copy(update={"tools": by_wire})
    return CorrectionSet(file=path.name, domains=domains, corrections=corrections)


def _wire_name(name: str, file: str, tools: Sequence[ToolSpec]) -> str:
    for tool in tools:
        if tool.wire_name == name:
            return name
    found = [tool.wire_name for tool in tools if tool.name == name]
    if len(found) > 1:
        raise InputError(f"is meant for {' or '.join(found)}: name one", file=file, tool=name)
    if not found:
        hint = nearest(name, (tool.wire_name for tool in tools))
        raise InputError(f"there is no such tool{hint}", file=file, tool=name)
    return found[0]


def with_corrections(catalog: Catalog, sets: Sequence[CorrectionSet]) -> Catalog:
    """The catalogue with these corrections after those that it has, excluded tools left out.

    Raises InputError where no tool would be left.
    """
    excluded = {
        name: one.file
        for one in sets
        for name, correction in one.corrections.tools.items()
        if correction.exclude
    }
    tools = tuple(tool for tool in catalog.tools if tool.wire_name not in excluded)
    if not tools:
        raise InputError("excludes every tool", file=next(iter(excluded.values())))
    skipped = tuple(
        SkippedTool(
            file=tool.source.path,
            tool=tool.name,
            reason=f"{EXCLUDED} in {excluded[tool.wire_name]}",
        )
        for tool in catalog.tools
        if tool.wire_name in excluded
    )
    kept = [_without(one, excluded) for one in sets]
    return catalog.model_copy(
        update={
            "tools": tools,
            "skipped": (*catalog.skipped, *skipped),
            "corrections": (*catalog.corrections, *kept),
        }
    )


def _without(given: CorrectionSet, excluded: Mapping[str, str]) -> CorrectionSet:
    left = {name: one for name, one in given.corrections.tools.items() if name not in excluded}
    corrections = given.corrections.model_copy(update={"tools": left})
    return given.model_copy(update={"corrections": corrections})


def _refused(error: ValidationError, file: str) -> InputError:
    """The first fault as a user understands it."""
    first: Any = error.errors()[0]
    place = tuple(str(part) for part in first["loc"])
    tool, rest = (place[1], place[2:]) if place[:1] == ("tools",) and place[1:] else ("", place)
    return InputError(_problem(first, place), file=file, tool=tool, place=".".join(rest))


def _problem(error: Mapping[str, Any], place: tuple[str, ...]) -> str:
    if error["type"] == "extra_forbidden":
        record = _RECORDS.get((place[0], len(place)), Corrections)
        return f"unknown key{nearest(place[-1], record.model_fields)}"
    given = repr(error["input"])
    given = given if len(given) <= _LONGEST else f"{given[:_LONGEST]}…"
    if place[-1:] == ("semantic",):
        return f"{given} is no semantic type{nearest(str(error['input']), get_args(SemanticType))}"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] in ("model_type", "mapping_type", "dict_type"):
        message = "must hold keys and values"
    return f"{message[:1].lower()}{message[1:]}, not {given}"
