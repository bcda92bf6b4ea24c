"""Reads the world model that a person wrote: a YAML file beside the catalogue.

Beside ``tools.json`` it is ``tools.world.yaml``; in a folder that is read as a whole,
``world.yaml`` is for all of its catalogues. ``sandbox.yaml`` in place of ``world.yaml`` is the old
name and still read. Here names of tools are looked up, and tools that are to be left out are left
out; `generators.world` merges what is said of the others with what a model says and rules infer.

A policy of the user's own is a text file that takes the place of every other policy of the
assistant. Rules of the world model that stand in it word for word stay, all others go: what the
assistant is not told it cannot keep to.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from generators.importers.documents import load_document
from generators.importers.texts import neutralise
from schemas.errors import InputError, nearest
from schemas.record import Record
from schemas.semantic import SemanticType
from schemas.tool import Catalog, SkippedTool, ToolSpec
from schemas.world_model import (
    Constraint,
    Demand,
    DomainMeaning,
    EntityMeaning,
    FieldMeaning,
    Need,
    ParameterMeaning,
    PolicyRuleMeaning,
    ToolMeaning,
    WorldFile,
    WorldModel,
    WorldSource,
)

OF_FOLDER = ("sandbox.yaml", "world.yaml")
"""The stronger last."""
ENDINGS = (".sandbox.yaml", ".world.yaml")

_RECORDS: Mapping[tuple[str, ...], type[Record]] = {
    ("domain",): DomainMeaning,
    ("domain", "rules", "*"): PolicyRuleMeaning,
    ("domains", "*"): DomainMeaning,
    ("domains", "*", "rules", "*"): PolicyRuleMeaning,
    ("tools", "*"): ToolMeaning,
    ("tools", "*", "parameters", "*"): ParameterMeaning,
    ("tools", "*", "needs", "*"): Need,
    ("tools", "*", "demands", "*"): Demand,
    ("entities", "*"): EntityMeaning,
    ("entities", "*", "fields", "*"): FieldMeaning,
    ("entities", "*", "parts", "*"): FieldMeaning,
    ("entities", "*", "constraints", "*"): Constraint,
}
"""Place in a file, ``*`` for any name or number → the record whose keys are allowed there."""
_LONGEST = 60


def is_world_file(path: Path) -> bool:
    """Whether a file holds a world model, by its name; such files are no catalogues."""
    return path.name in OF_FOLDER or path.name.endswith(ENDINGS)


def find_beside(path: Path) -> Iterator[Path]:
    """The world models of a catalogue file, or of a folder, the stronger last."""
    if path.is_dir():
        found = [path / name for name in OF_FOLDER]
    else:
        found = [path.with_name(f"{path.stem}{ending}") for ending in ENDINGS]
    return (file for file in found if file != path and file.is_file())


def read_world_file(path: Path) -> WorldFile:
    """What a file says. Raises InputError with file, tool and place."""
    try:
        given = load_document(path)
        return WorldFile.model_validate({} if given is None else given)
    except ValidationError as error:
        # The first fault as a user understands it; a misspelt key before the key that it lacks.
        file = str(path)
        faults: list[Any] = list(error.errors())
        first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
        place = tuple(str(part) for part in first["loc"])
        tool, rest = (place[1], place[2:]) if place[:1] == ("tools",) and place[1:] else ("", place)
        raise InputError(
            _problem(first, place), file=file, tool=tool, place=".".join(rest)
        ) from None
    except InputError as error:
        raise InputError(error.problem, file=str(path), place=error.place) from None


def bind_names(given: WorldFile, path: Path, tools: Sequence[ToolSpec]) -> WorldSource:
    """What a file says with wire names in place of names, and with all domains told apart.

    Raises InputError for tools and domains that there are not.
    """
    file = str(path)
    wire_names = [tool.wire_name for tool in tools]
    by_wire: dict[str, ToolMeaning] = {}
    for name, meaning in given.tools.items():
        found = [name] if name in wire_names else []
        found = found or [tool.wire_name for tool in tools if tool.name == name]
        if len(found) > 1:
            raise InputError(f"is meant for {' or '.join(found)}: name one", file=file, tool=name)
        if not found:
            hint = nearest(name, wire_names)
            raise InputError(f"there is no such tool{hint}", file=file, tool=name)
        if found[0] in by_wire:
            raise InputError("is described twice", file=file, tool=name)
        by_wire[found[0]] = meaning
    domains = tuple(dict.fromkeys(tool.domain for tool in tools))
    for name in given.domains:
        if name not in domains:
            hint = nearest(name, domains)
            raise InputError(f"there is no such domain{hint}", file=file, place=f"domains.{name}")
        if given.domain is not None:
            raise InputError("say either 'domain' or 'domains'", file=file, place="domain")
    said = given.domains or (dict.fromkeys(domains, given.domain) if given.domain else {})
    world = WorldModel(domains=said, entities=given.entities, tools=by_wire)
    if given.written_by is not None:
        return WorldSource(file=given.written_by, author="model", domains=domains, world=world)
    return WorldSource(file=path.name, domains=domains, world=world)


def with_worlds(catalog: Catalog, sources: Sequence[WorldSource]) -> Catalog:
    """The catalogue with these world models after those that it has, excluded tools left out.

    Raises InputError where no tool would be left.
    """
    excluded = {
        name: one.file
        for one in sources
        for name, meaning in one.world.tools.items()
        if meaning.exclude
    }
    tools = tuple(tool for tool in catalog.tools if tool.wire_name not in excluded)
    if not tools:
        raise InputError("excludes every tool", file=next(iter(excluded.values())))
    skipped = [
        SkippedTool(
            file=tool.source.path, tool=tool.name, reason=f"excluded by {excluded[tool.wire_name]}"
        )
        for tool in catalog.tools
        if tool.wire_name in excluded
    ]
    kept = []
    for one in sources:
        left = {name: tool for name, tool in one.world.tools.items() if name not in excluded}
        kept.append(one.model_copy(update={"world": one.world.model_copy(update={"tools": left})}))
    weaker_first = sorted((*catalog.worlds, *kept), key=lambda one: one.author == "user")
    update = {
        "tools": tools,
        "skipped": (*catalog.skipped, *skipped),
        "worlds": tuple(weaker_first),
    }
    return catalog.model_copy(update=update)


def _problem(error: Mapping[str, Any], place: tuple[str, ...]) -> str:
    if error["type"] == "extra_forbidden":
        pattern = tuple(part if at % 2 == 0 else "*" for at, part in enumerate(place[:-1]))
        if place[:1] == ("domain",):
            pattern = ("domain", *(part if at % 2 else "*" for at, part in enumerate(place[1:-1])))
        record = _RECORDS.get(pattern, WorldFile)
        keys = [key for key in record.model_fields if key != "origins"]
        return f"unknown key{nearest(place[-1], keys)}"
    given = repr(error["input"])
    given = given if len(given) <= _LONGEST else f"{given[:_LONGEST]}…"
    if place[-1:] == ("semantic",):
        return f"{given} is no semantic type{nearest(str(error['input']), get_args(SemanticType))}"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] in ("model_type", "mapping_type", "dict_type"):
        message = "must hold keys and values"
    return f"{message[:1].lower()}{message[1:]}, not {given}"


LONGEST_POLICY = 60_000
"""Characters of a policy: about 15,000 tokens of every conversation."""


def with_policy(catalog: Catalog, file: Path) -> Catalog:
    """The catalogue with this policy for all of its domains. Raises InputError."""
    name = str(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=name) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=name) from None
    lines = (line.rstrip() for line in neutralise(text).splitlines())
    text = "\n".join(lines).strip()
    if not text:
        raise InputError("holds no policy: it is empty", file=name)
    if len(text) > LONGEST_POLICY:
        problem = f"has {len(text):,} characters; a policy has at most {LONGEST_POLICY:,}"
        raise InputError(problem, file=name)
    domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
    kept, lost = [], 0
    for source in catalog.worlds:
        services = {}
        for domain, service in source.world.domains.items():
            rules = tuple(rule for rule in service.rules if squeeze(rule.text) in squeeze(text))
            lost += len(service.rules) - len(rules)
            services[domain] = service.model_copy(update={"rules": rules})
        world = source.world.model_copy(update={"domains": services})
        kept.append(source.model_copy(update={"world": world}))
    told = WorldModel(
        domains=dict.fromkeys(domains, DomainMeaning(policy=text, policy_stands=True))
    )
    policy = WorldSource(file=file.name, domains=domains, world=told)
    notes = [f"{file.name}: {lost} rules of world models do not stand in it and were left out"]
    return catalog.model_copy(
        update={"worlds": (*kept, policy), "notes": (*catalog.notes, *(notes if lost else ()))}
    )


def squeeze(text: str) -> str:
    """The words of a text, whatever its lines, marks of lists and letters' size."""
    return " ".join(text.replace("*", "").replace("`", "").lower().split()).strip(" -.")
