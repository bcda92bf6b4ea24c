"""What ``toolweave world`` does: shows the world model, writes it as a file, checks such a file."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.cli.progress import watching
from pipeline.config import Settings
from schemas.errors import InputError
from schemas.world_model import WorldFile

DONE = 0
ROWS = 2
"""Example rows of an entity, where nothing else is asked for."""


def world_show_command(settings: Settings, tool: str | None, rows: int | None) -> int:
    """Print what is known of the tools."""
    with watching(settings.quiet) as watcher:
        watcher.say("Reading catalogues …")
        from pipeline.cli import answers
        from pipeline.cli.world_report import report_world
        from pipeline.opening import open_meaning

        catalog, model, world = open_meaning(settings)
        count = ROWS if rows is None else rows
        report = report_world(catalog, model, world, count, settings.seed, tool)
    if settings.as_json:
        answers.print_json(report.model_dump(mode="json", by_alias=True))
    elif not settings.quiet:
        from pipeline.cli.world_printing import print_world

        print_world(report, world, whole=tool is not None)
    return DONE


def world_write_command(settings: Settings, file: Path) -> int:
    """Write all that is known as a file to edit. Raises OutputError where there is one."""
    with watching(settings.quiet) as watcher:
        watcher.say("Reading catalogues …")
        from pipeline.cli.world_file import write_world_file
        from pipeline.opening import open_meaning

        catalog, model, _ = open_meaning(settings)
        domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
        write_world_file(file, model, domains)
    watcher.say(f"{file}: the world model, to be edited")
    return DONE


def world_check_command(settings: Settings, paths: Sequence[Path]) -> int:
    """Look whether files of world models fit their tools. Raises InputError where one does not."""
    with watching(settings.quiet) as watcher:
        watcher.say("Reading catalogues …")
        from generators.importers.world_files import is_world_file
        from pipeline.cli import answers
        from pipeline.cli.world_report import report_world
        from pipeline.opening import open_meaning

        tools = [one for path in paths for one in (_find_catalogues(path)
                 if is_world_file(path) else [path])]  # fmt: skip
        catalog, model, world = open_meaning(settings.model_copy(update={"tools": tuple(tools)}))
        report = report_world(catalog, model, world, 0, settings.seed)
    if settings.as_json:
        told = [one.model_dump(mode="json") for one in report.sources]
        answers.print_json({"sources": told, "tools": len(catalog.tools)})
    elif not settings.quiet:
        for one in report.sources:
            answers.print_line(
                f"{one.file} fits: it says of {one.tools} of {len(catalog.tools)} tools and of "
                f"{one.entities} of {len(world.entities)} entities"
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
    from pipeline.cli import answers

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
