"""What ``toolweave world`` does: shows the world model, writes it as a file, checks such a file.

How it is printed lies in `pipeline.cli.world_printing`, how it is written in
`pipeline.world_files`.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.cli import answers
from pipeline.cli.answers import DONE
from pipeline.cli.progress import watching
from pipeline.config import Settings
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.world_model import WorldFile

ROWS = 2
"""Example rows of an entity, where nothing else is asked for."""


def world_show_command(settings: Settings, tool: str | None, rows: int | None) -> int:
    """Print what is known of the tools."""
    with watching(settings.quiet):
        from pipeline.cli.world_printing import print_world, report_world
        from pipeline.opening import open_meaning

        catalog, model, world = open_meaning(settings)
        count = ROWS if rows is None else rows
        report = report_world(catalog, model, world, count, settings.seed, tool)
    if settings.as_json:
        answers.print_json(report.model_dump(mode="json", by_alias=True))
    elif not settings.quiet:
        print_world(report, world, whole=tool is not None)
    return DONE


def world_write_command(settings: Settings, file: Path) -> int:
    """Write all that is known as a file to edit. Raises OutputError where there is one."""
    with watching(settings.quiet) as watcher:
        from pipeline.opening import open_meaning
        from pipeline.world_files import write_world_file

        catalog, model, _ = open_meaning(settings)
        domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
        write_world_file(file, model, domains)
    watcher.say(f"{file}: the world model, to be edited")
    return DONE


def world_complete_command(settings: Settings, dry_run: bool) -> int:
    """Ask a model what is still open, or say what that would cost."""
    if settings.model is None:
        raise InputError("say which model: give --model")
    with watching(settings.quiet):
        from pipeline.opening import read_catalog
        from pipeline.recordings import COMPLETED

        asking = settings.model_copy(update={"complete_world": not dry_run})
        catalog = read_catalog(asking)
        if dry_run:
            from pipeline.world_files import estimate_cost

            requests, tokens = estimate_cost(catalog)
    if dry_run:
        told: JsonObject = {"requests": requests, "tokens": tokens}
        line = (
            f"{requests} requests with about {tokens:,} tokens in all, and at most as many again "
            "to put answers right"
        )
    else:
        file = settings.out / COMPLETED
        said = next((one for one in catalog.worlds if one.author == "model"), None)
        counts = (len(said.world.tools), len(said.world.entities)) if said else (0, 0)
        told = {"file": str(file) if said else None, "tools": counts[0], "entities": counts[1]}
        line = f"{file}: {settings.model} says of {counts[0]} of {len(catalog.tools)} tools"
        line = line if said else f"{settings.model} says nothing of these tools"
    lost = [] if dry_run else [one for one in catalog.notes if one.startswith("left out of ")]
    if settings.as_json:
        answers.print_json(told | {"left_out": lost})
    elif not settings.quiet:
        for one in (*lost, line):
            answers.print_line(one)
    return DONE


def world_check_command(settings: Settings, paths: Sequence[Path]) -> int:
    """Look whether files of world models fit their tools. Raises InputError where one does not."""
    with watching(settings.quiet):
        from generators.importers.world_files import is_world_file
        from pipeline.cli.world_printing import report_world
        from pipeline.opening import open_meaning

        tools = [
            one
            for path in paths
            for one in (_find_catalogues(path) if is_world_file(path) else [path])
        ]
        catalog, model, world = open_meaning(settings.model_copy(update={"tools": tuple(tools)}))
        report = report_world(catalog, model, world, 0, settings.seed)
    if settings.as_json:
        answers.print_json({"sources": report.sources, "tools": len(catalog.tools)})
    elif not settings.quiet:
        for one in report.sources:
            answers.print_line(
                f"{one['file']} fits: it says of {one['tools']} of {len(catalog.tools)} tools "
                f"and of {one['entities']} of {len(world.entities)} entities"
            )
        if not report.sources:
            answers.print_line("no file says anything; 'toolweave world write' begins one")
    return DONE


def _find_catalogues(file: Path) -> Iterator[Path]:
    """The catalogue that a world file lies beside, or the folder that it is for."""
    if not file.is_file():
        raise InputError("no such file or folder", file=str(file))
    if file.name.count(".") == 1:
        yield file.parent
        return
    stem = file.name.rpartition(".")[0].rpartition(".")[0]
    found = [path for path in sorted(file.parent.iterdir()) if path.stem == stem and path != file]
    if not found:
        raise InputError(
            f"there is no catalogue {stem!r} beside it; name it: toolweave world check CATALOGUE "
            f"--world {file.name}",
            file=str(file),
        )
    yield from found


def world_schema_command() -> int:
    """Print the JSON Schema of a file with a world model."""
    answers.print_line(world_schema())
    return DONE


def world_schema() -> str:
    """The JSON Schema of `WorldFile`, without what only merged models have."""
    schema = WorldFile.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        part.get("properties", {}).pop("origins", None)
    schema["$defs"].pop("Origin")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, ensure_ascii=False, indent=1)
