"""What ``toolweave build`` and ``schedule`` do: the work, the answer, the exit code.

Errors pass through to `pipeline.entry`; what is slow to import is imported after the first line.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from data import resource
from pipeline.cli.progress import Watcher, watching
from pipeline.config import Settings
from schemas.errors import InputError

DONE, SHORTFALL, INTERRUPTED = 0, 3, 130


def build_command(stages: str, settings: Settings, by_schedule: bool = False) -> int:
    """Build, with or without Prefect; by a schedule, what is asked for is new."""
    by_flow = by_schedule or settings.prefect
    if by_flow is None:
        by_flow = bool(os.environ.get("PREFECT_API_URL"))
    own = [file for file in resource("catalogs").iterdir() if file.name.endswith(".json")]
    named = len(settings.tools) + len(settings.mcp) + (settings.environment is not None)
    count = named or len(own)
    first = f"Reading {count} catalogue{'s' if count > 1 else ''} …"
    with watching(settings.quiet, first) as watcher:
        try:
            from pipeline.run.build_loop import run, until_interrupted

            if by_flow:
                with started_prefect(settings, watcher):
                    from pipeline.flows.build_flow import run_flow

                    report = until_interrupted(run_flow(stages, settings, watcher, by_schedule))
            else:
                report = until_interrupted(run(stages, settings, watcher))
        except KeyboardInterrupt:
            report = None
    if report is None:
        return _interrupted(settings)
    from pipeline.cli import answers

    if settings.as_json:
        answers.print_json(report)
    elif not settings.quiet:
        for line in answers.of_build(report):
            answers.print_line(line)
    if report.state == "complete":
        return DONE
    answers.warn(answers.of_shortfall(report))
    return SHORTFALL


@contextmanager
def started_prefect(settings: Settings, watcher: Watcher) -> Iterator[None]:
    """Start Prefect's server, beside an output folder that may be written to."""
    from pipeline.flows.prefect_server import prefect_server
    from pipeline.run.output_folder import refuse_foreign

    refuse_foreign(settings.out)
    watcher.say("Starting Prefect …")
    with prefect_server(settings.out / ".prefect"):
        yield


def _interrupted(settings: Settings) -> int:
    from pipeline.cli.answers import warn
    from pipeline.run.manifest import read_manifest

    manifest = read_manifest(settings.out)
    accepted = manifest.accepted if manifest else 0
    warn(f"interrupted: {accepted} accepted so far are saved; the same command goes on")
    return INTERRUPTED


def schedule_command(stages: str, settings: Settings) -> int:
    """Serve the build, or make one scheduled run."""
    if settings.once:
        return build_command(stages, settings, by_schedule=True)
    if not settings.cron:
        raise InputError("say when to run, such as --cron '0 2 * * *', or --once")
    with watching(settings.quiet, "") as watcher, started_prefect(settings, watcher):
        from pipeline.flows.build_flow import check_cron, serve

        check_cron(settings.cron)
        watcher.say(
            f"Each run ({settings.cron}) adds {settings.n} trajectories to {settings.out}; "
            "Ctrl-C ends the schedule"
        )
        serve(settings, stages)
    return _interrupted(settings)
