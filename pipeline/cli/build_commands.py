"""What a command does once its options are read: the work, the answer, the exit code.

Errors pass through to `pipeline.entry`; what is slow to import is imported after the first line.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from data import resource
from pipeline.cli.progress import Watcher, reading, watching
from pipeline.config import Settings
from pipeline.run.workshop import stages_of
from schemas.errors import InputError

if TYPE_CHECKING:
    from pipeline.run.build_loop import Report

DONE, SHORTFALL, INTERRUPTED = 0, 3, 130


def build_command(stages: str, settings: Settings) -> int:
    """Build, with or without Prefect."""
    by_flow = settings.prefect
    if by_flow is None:
        by_flow = bool(os.environ.get("PREFECT_API_URL"))
    with watching(settings.quiet) as watcher:
        watcher.say(_first_line(settings))
        try:
            make = _report_of_flow if by_flow else _report
            report = make(stages, settings, watcher)
        except KeyboardInterrupt:
            report = None
    return _interrupted(settings) if report is None else _answer(report, settings)


def _first_line(settings: Settings) -> str:
    own = [file for file in resource("catalogs").iterdir() if file.name.endswith(".json")]
    named = len(settings.tools) + len(settings.mcp) + (settings.environment is not None)
    count = named or len(own)
    return f"Reading {count} catalogue{'s' if count > 1 else ''} …"


def _report(stages: str, settings: Settings, watcher: Watcher) -> "Report":
    from pipeline.run.one_run import run, until_interrupted

    return until_interrupted(run(stages, settings, watcher))


def _report_of_flow(
    stages: str, settings: Settings, watcher: Watcher, add: bool = False
) -> "Report":
    from pipeline.flows.prefect_server import prefect_server
    from pipeline.run.one_run import until_interrupted
    from pipeline.run.output_folder import refuse_foreign

    refuse_foreign(settings.out)
    watcher.say("Starting Prefect …")
    with prefect_server(settings.out / ".prefect"):
        from pipeline.flows.build_flow import run_flow

        return until_interrupted(run_flow(stages, settings, watcher, add))


def _interrupted(settings: Settings) -> int:
    from pipeline.cli.answers import warn
    from pipeline.run.manifest import read_manifest

    manifest = read_manifest(settings.out)
    accepted = manifest.accepted if manifest else 0
    warn(f"interrupted: {accepted} accepted so far are saved; the same command goes on")
    return INTERRUPTED


def _answer(report: "Report", settings: Settings) -> int:
    from pipeline.cli import answers

    if settings.as_json:
        answers.print_json(report)
    elif not settings.quiet:
        answers.print_line(answers.of_build(report))
    if report.state == "complete":
        return DONE
    answers.warn(answers.of_shortfall(report))
    return SHORTFALL


def schedule_command(stages: str, settings: Settings) -> int:
    """Serve the build, or make one scheduled run."""
    if not settings.once and not settings.cron:
        raise InputError("say when to run, such as --cron '0 2 * * *', or --once")
    if settings.once:
        with watching(settings.quiet) as run_watcher:
            run_watcher.say(_first_line(settings))
            try:
                report = _report_of_flow(stages, settings, run_watcher, add=True)
            except KeyboardInterrupt:
                report = None
        return _interrupted(settings) if report is None else _answer(report, settings)
    from pipeline.flows.prefect_server import prefect_server
    from pipeline.run.output_folder import refuse_foreign

    refuse_foreign(settings.out)
    with watching(settings.quiet) as watcher:
        watcher.say("Starting Prefect …")
        with prefect_server(settings.out / ".prefect"):
            from pipeline.flows.schedule import check_cron, serve

            check_cron(settings.cron or "")
            watcher.say(
                f"Each run ({settings.cron}) adds {settings.n} trajectories to {settings.out}; "
                "Ctrl-C ends the schedule"
            )
            serve(settings, stages)
    return _interrupted(settings)


def check_command(stages: str, path: Path, quiet: bool, as_json: bool) -> int:
    """Check a data set again."""
    from pipeline.cli import answers
    from pipeline.run.check_again import check_file, data_file, environments_beside

    file = data_file(path)
    environment = environments_beside(file, stages_of(stages))
    if environment is None:
        answers.warn(f"no catalog.json beside {file}: nothing can be replayed, replay is unknown")
    total, short, findings = 0, 0, []
    with reading(file, quiet) as seen:
        for _, found in check_file(file, environment, seen):
            total, short = total + 1, short + bool(found)
            findings += found if as_json else []
            for finding in () if as_json or quiet else found:
                answers.print_line(str(finding))
    if as_json:
        plain = [finding.model_dump(mode="json") for finding in findings]
        counts = {"file": str(file), "trajectories": total, "good": total - short}
        answers.print_json(counts | {"findings": plain})
    elif not quiet:
        answers.print_line(f"{file}: {total - short} of {total} trajectories are good")
    return SHORTFALL if short else DONE


def show_command(
    folder: Path,
    prefix: str | None,
    shuffled: bool,
    limit: int | None,
    rejected: bool,
    as_json: bool,
) -> int:
    """Show a table of samples, or whole conversations."""
    from pipeline.cli import answers, show_command

    if prefix is None and not shuffled:
        rows = show_command.samples(folder, rejected, limit or 20, shuffled=False)
        answers.print_json(rows) if as_json else show_command.print_samples(rows, rejected)
        return DONE
    ids = [prefix] if prefix is not None else [
        str(row["id"]) for row in show_command.samples(folder, rejected, limit or 1, shuffled=True)
    ]  # fmt: skip
    samples = [show_command.sample(folder, known) for known in ids]
    if as_json:
        found = [{"id": one.id} | one.model_dump(mode="json") for one in samples]
        answers.print_json(found if shuffled else found[0])
        return DONE
    for trajectory in samples:
        show_command.print_trajectory(trajectory)
    return DONE


def export_command(
    folder: Path, to: str, out: Path | None, force: bool, quiet: bool, as_json: bool
) -> int:
    """Write a trainer's file."""
    from pipeline.cli import answers
    from pipeline.exports import EXPORTS
    from pipeline.exports.write import export
    from pipeline.run.output_folder import ACCEPTED
    from pipeline.run.trajectory_lines import manifest_of

    formats = {known.name: known for known in EXPORTS}
    if to not in formats:
        raise InputError(f"unknown format {to!r}; there is {', '.join(formats)}", place="--to")
    manifest_of(folder)
    file = out or folder / "exports" / f"{to}.jsonl"
    with reading(folder / ACCEPTED, quiet) as seen:
        exported = export(folder, formats[to], file, force, seen)
    if as_json:
        answers.print_json(exported)
    elif not quiet:
        answers.print_line(answers.of_export(exported))
    if exported.left_out:
        answers.warn(answers.of_left_out(exported))
    return SHORTFALL if exported.left_out else DONE
