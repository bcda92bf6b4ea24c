"""World models as files to edit, and those that a model completes when a catalogue is opened.

Every value stands there, and beside it who says it and how sure. What is unknown stands there as a
key behind a ``#``. A file that is left as it is changes nothing but who says the values. Tools in
doubt come first.

A model is asked once: answers lie in the folder's ``requests.jsonl``, so that a kill in the middle
repeats nothing; what came of them is written as a world model in ``completed.world.yaml``, to be
read with ``--world`` or from beside the catalogue.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from data.prompts import read_prompts
from generators.backends.patience import wait_for
from generators.completion.complete_world import Completed, complete_world, estimate, open_domains
from generators.world.model import split_entity_key
from generators.world.overrides import PARTS, merge_sources, told_keys
from pipeline.cli.progress import tell
from pipeline.config import Settings
from pipeline.files import replace_file, writing
from pipeline.recordings import COMPLETED
from schemas.errors import OutputError
from schemas.tool import Catalog
from schemas.world_model import DomainMeaning, Meaning, Origin, ParameterMeaning, WorldModel

_HEAD = """\
# The world model of these tools: what they mean, as far as it is known. Correct what is wrong,
# fill in what stands behind a '#', leave out what you have nothing to say of. Behind each line
# stands who says it: 'schema' is the catalogue itself, 'rules' conclude from names and
# descriptions. 'toolweave world check' looks whether the file fits its tools; docs/world.md tells
# what each key means.
version: 1
"""
_MODEL_HEAD = """\
# The world model of these tools as the model below said it; what did not fit the tools was left out
# when it was said. The file is written anew by each opening with that model: to correct it, copy it
# beside the catalogue, as NAME.world.yaml, or read it with --world. It is weaker than what a person
# says, until the line 'written_by' is taken out. docs/world.md tells what each key means.
version: 1
written_by: """


def write_world_file(path: Path, world: WorldModel, domains: Sequence[str]) -> None:
    """Write a new file. Raises OutputError, also where there is something already."""
    if path.exists():
        raise OutputError(f"{path}: exists already; name a new file")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, "\n".join(world_lines(world, domains)) + "\n")


def world_lines(
    world: WorldModel, domains: Sequence[str], written_by: str | None = None
) -> Iterator[str]:
    """The lines of the file. ``domains`` are those of the tools.

    ``written_by``: the model whose words alone they are; then nothing stands open.
    """
    yield _HEAD if written_by is None else f"{_MODEL_HEAD}{_text(written_by)}\n"
    _part_lines = partial(_tell_part, is_open=written_by is None)
    meant = {name: world.domains.get(name, DomainMeaning()) for name in domains}
    if len(domains) == 1:
        yield "domain:"
        yield from _part_lines(meant[domains[0]], 2)
    else:
        yield "domains:"
        for name, meaning in meant.items():
            yield f"  {_text(name)}:"
            yield from _part_lines(meaning, 4)
    yield "\nentities:" if world.entities else ""
    for key, entity in world.entities.items():
        yield f"\n  {_text(key if len(domains) > 1 else split_entity_key(key)[1])}:"
        yield from _part_lines(entity, 4)
    yield "\ntools:"
    for name, tool in sorted(world.tools.items(), key=lambda item: "doubt" not in item[1].origins):
        yield ""
        if doubt := tool.origins.get("doubt"):
            yield from (f"  # in doubt: {line}" for line in doubt.why.splitlines())
        yield f"  {_text(name)}:"
        yield from _part_lines(tool, 4)


def _tell_part(meaning: Meaning, indent: int, is_open: bool) -> Iterator[str]:
    """A line for each key; parameters and fields one line each, below theirs."""
    before = " " * indent
    told = [key for key in told_keys(meaning) if key not in (*PARTS, "exclude")]
    given = meaning.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    unknown = [
        key
        for key in type(meaning).model_fields
        if is_open and key not in (*told, "origins", "exclude", *PARTS, *_IDLE)
    ]
    for key in told:
        comment = _tell_origin(meaning.origins.get(key))
        value = given[key]
        if isinstance(value, str) and "\n" in value:
            yield f"{before}{key}: |{comment}"
            yield from (f"{before}  {line}".rstrip() for line in value.splitlines())
        elif isinstance(value, list) and isinstance(value[0], dict):
            yield f"{before}{key}:{comment}"
            yield from (f"{before}  - {_flow(one)}" for one in value)
        else:
            yield f"{before}{key}: {_flow(value)}{comment}"
    yield from (f"{before}#{key}:" for key in unknown)
    for key in PARTS:
        parts: Mapping[str, Meaning] = getattr(meaning, key, {})
        if parts:
            keys = [
                one for one in type(next(iter(parts.values()))).model_fields if one != "origins"
            ]
            yield f"{before}{key}:  # each may say: {', '.join(keys)}"
        for name, part in parts.items():
            yield f"{before}  {_text(name)}: {_flow_part(part, is_open)}"


_IDLE = ("about", "gives", "shows", "sorted_by")
"""Keys of which nothing is missed where they are not told."""


def _flow_part(part: Meaning, is_open: bool) -> str:
    """A parameter or field on one line, without what the catalogue's schemas tell anyway."""
    given = part.model_dump(mode="json", exclude_defaults=True, exclude={"origins"})
    kept: dict[str, Any] = {}
    by_origin: dict[str, list[str]] = {}
    for key, value in given.items():
        origin = part.origins.get(key)
        if origin is None or origin.source != "schema":
            kept[key] = value
        if key != "json_schema" or key in kept:
            by_origin.setdefault(_tell_origin(origin).strip(" #"), []).append(key)
    if is_open and isinstance(part, ParameterMeaning) and part.semantic is None:
        kept["semantic"] = "unknown"  # or else what is said of its field would hold for it
    whose = [f"{origin}: {', '.join(keys)}" for origin, keys in by_origin.items()]
    comment = next(iter(by_origin), "") if len(by_origin) == 1 else "; ".join(whose)
    return f"{_flow(kept)}{f'  # {comment}' if comment else ''}"


def _tell_origin(origin: Origin | None) -> str:
    if origin is None:
        return ""
    sure = f", {origin.sure}" if origin.source == "rules" else ""
    why = " ".join(origin.why.split())
    return f"  # {origin.source}{sure}{f': {why}' if why else ''}"


def _flow(value: Any) -> str:
    """A value on one line, as YAML."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(key)}: {_flow(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_HARMLESS = str.maketrans("", "", "_ /")


def _text(text: str) -> str:
    """As it stands where nothing in it could mean something else, or quoted."""
    plain = text.translate(_HARMLESS)
    safe = plain.isascii() and plain.isalnum() and not plain[0].isdigit() and text == text.strip()
    words = ("true", "false", "null", "yes", "no", "on", "off", "nan", "inf", "y", "n")
    return text if safe and text.lower() not in words else json.dumps(text)


Trial = Callable[[Catalog], Catalog]


class Cost(NamedTuple):
    """What a completion has cost."""

    asked: int
    known: int
    read: int
    written: int


def complete_catalog(settings: Settings, catalog: Catalog, trial: Trial) -> Catalog:
    """The catalogue with what the settings' model says of it. Raises ProviderError, OutputError."""
    completed, cost = ask_model(settings, catalog, trial)
    catalog = completed.catalog
    if completed.requests:
        name = settings.model
        tell(
            f"world model: {completed.requests} requests to {name}, {cost.known} answered before; "
            f"{cost.read:,} tokens read, {cost.written:,} written; "
            f"{len(completed.dropped)} parts of its answers left out"
        )
        lost = [f"left out of what {name} says: {one}" for one in completed.dropped]
        catalog = catalog.model_copy(update={"notes": (*catalog.notes, *lost)})
    if any(one.author == "model" for one in catalog.worlds):
        # Write down all that models say of the catalogue. Raises OutputError.
        path = settings.out / COMPLETED
        said = [one for one in catalog.worlds if one.author == "model"]
        domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
        lines = world_lines(merge_sources(said), domains, said[-1].file)
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, "\n".join(lines) + "\n")
    return catalog


def ask_model(settings: Settings, catalog: Catalog, trial: Trial) -> tuple[Completed, Cost]:
    """Ask what is still open; nothing is asked, and no endpoint needed, where nothing is."""
    known = open_domains(catalog, trial)
    if not known:
        return Completed(catalog), Cost(0, 0, 0, 0)

    from pipeline.chat.models import asking  # half a second, for a model only

    async def ask() -> tuple[Completed, Cost]:
        own = [replace(one, prompts=read_prompts(settings.prompts)) for one in known]
        async with asking(settings, "documenter", tell) as chat:
            completed = await complete_world(catalog, own, chat, trial, tell_progress)
            return completed, Cost(chat.asked, chat.known, chat.read, chat.written)

    tell(f"Asking {settings.model} what the tools mean …")
    return wait_for(ask())


def estimate_cost(catalog: Catalog) -> tuple[int, int]:
    """About how many requests a completion takes, and tokens in them, without those to mend."""
    requests, characters = estimate(open_domains(catalog, lambda catalog: catalog))
    return requests, characters // 4


def tell_progress(answered: int, asked: int) -> None:
    """A line for each answer."""
    tell(f"world model: {answered} of {asked} requests answered")
