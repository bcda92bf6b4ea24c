"""What ``toolweave sandbox`` does: tells what was inferred, and begins a file of corrections."""

from pathlib import Path

from pipeline.cli.progress import watching
from pipeline.config import Settings

DONE = 0
ROWS = 2
"""Example rows of an entity, where nothing else is asked for."""


def sandbox_explain_command(
    settings: Settings, tool: str | None, rows: int | None, corrections: Path | None
) -> int:
    """Print what was inferred; with ``corrections``, write a file to say otherwise in too."""
    with watching(settings.quiet) as watcher:
        watcher.say("Reading catalogues …")
        from pipeline.cli import answers
        from pipeline.correction_file import refuse_existing, write_correction_file
        from pipeline.opening import open_world
        from pipeline.sandbox_report import sandbox_report

        if corrections is not None:
            refuse_existing(corrections)
        catalog, world = open_world(settings)
        told = sandbox_report(catalog, world, ROWS if rows is None else rows, settings.seed, tool)
    if corrections is not None:
        write_correction_file(corrections, told)
        watcher.say(f"{corrections}: a file to correct the sandbox with")
    if settings.as_json:
        answers.print_json(told)
    elif not settings.quiet:
        from pipeline.sandbox_showing import print_sandbox

        print_sandbox(told, whole=tool is not None)
    return DONE
