"""What ``toolweave build``, ``schedule`` and ``tasks`` do: the work, the answer, the exit code.

Errors pass through to `pipeline.entry`; what is slow to import is imported after the first line.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from data import resource
from pipeline.cli import answers
from pipeline.cli.answers import DONE, SHORTFALL, SafeConsole
from pipeline.cli.progress import Watcher, watching
from pipeline.config import Settings
from pipeline.files import writing
from schemas.canonical import written_json
from schemas.errors import InputError, NoTaskError, OutputError, ToolweaveError
from schemas.failure import FAILED, NO_TASK, tell_origin
from schemas.record import Record
from schemas.task import Task

INTERRUPTED = 130


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
            from pipeline.run.stopping import Stop

            stop = Stop(watcher.say)
            if by_flow:
                with started_prefect(settings, watcher):
                    from pipeline.run.build_flow import run_flow

                    report = until_interrupted(run_flow(stages, settings, watcher, by_schedule))
            else:
                report = until_interrupted(run(stages, settings, watcher, stop), stop)
        except KeyboardInterrupt:
            report = None
    if report is None or (report.state == "stopped" and not report.stopped):
        return _interrupted(settings)

    if settings.as_json:
        answers.print_json(report)
    elif not settings.quiet:
        for line in answers.of_build(report):
            answers.print_line(line)
        if settings.players:
            from pipeline.cli.cost_command import add_up, tell_total

            if report.reasons:
                answers.print_line(answers.tell_blame(report.reasons))
            answers.print_line(tell_total(add_up(settings.out, settings)))
    if report.state == "complete":
        if settings.errors:
            from pipeline.cli.errors_command import errors_command

            quiet = settings.quiet or settings.as_json
            errors_command(
                *(stages, settings.out, settings.errors, (), settings.seed),
                force=False, quiet=quiet, as_json=False,
            )  # fmt: skip
        return DONE
    answers.warn(answers.of_shortfall(report))
    return SHORTFALL


@contextmanager
def started_prefect(settings: Settings, watcher: Watcher) -> Iterator[None]:
    """Start Prefect's server, beside an output folder that may be written to."""
    from pipeline.run.output_folder import refuse_foreign
    from pipeline.run.prefect_server import prefect_server, retry_variables

    refuse_foreign(settings.out)
    os.environ.update(retry_variables(settings.retries))
    watcher.say("Starting Prefect …")
    with prefect_server(settings.out / ".prefect"):
        yield


def _interrupted(settings: Settings) -> int:
    from pipeline.run.manifest import read_manifest

    manifest = read_manifest(settings.out)
    accepted = manifest.accepted if manifest else 0
    answers.warn(f"interrupted: {accepted} accepted so far are saved; the same command goes on")
    return INTERRUPTED


def schedule_command(stages: str, settings: Settings) -> int:
    """Serve the build, or make one scheduled run."""
    if settings.once:
        return build_command(stages, settings, by_schedule=True)
    if not settings.cron:
        raise InputError("say when to run, such as --cron '0 2 * * *', or --once")
    if settings.pool and not os.environ.get("PREFECT_API_URL"):
        raise InputError("a work pool is a server's: say which by PREFECT_API_URL", place="pool")
    with watching(settings.quiet, "") as watcher, started_prefect(settings, watcher):
        from pipeline.run.build_schedule import check_cron, deploy, serve

        check_cron(settings.cron)
        told = f"Each run ({settings.cron}) adds {settings.n} trajectories to {settings.out}"
        if settings.pool:
            name = deploy(settings, stages)
            watcher.say(f"{told}; it is made by a worker of {settings.pool!r}, as {name}")
            return DONE
        watcher.say(f"{told}; Ctrl-C ends the schedule")
        serve(settings, stages)
    return _interrupted(settings)


SHOWN = 3


class Drawn(Record):
    """What came of drawing."""

    tasks: tuple[Task, ...]
    attempts: int
    dropped: dict[str, int]
    """Reason → attempts that made no task for it."""
    operators: dict[str, int]
    """Operator → tasks that have it."""


def tasks_command(settings: Settings, out: Path | None, force: bool, limit: int | None) -> int:
    """Draw ``settings.n`` tasks; print some of them, or write them all as JSON Lines."""
    if out is not None and out.exists() and not force:
        raise OutputError(f"{out}: exists already; --force writes over it")
    with watching(settings.quiet):
        drawn = draw(settings)
    if out is not None:
        with writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(
                "".join(f"{task.model_dump_json()}\n" for task in drawn.tasks), encoding="utf-8"
            )
    if settings.as_json:
        answers.print_json(drawn)
    elif not settings.quiet:
        # Print the first tasks and the counts of all to stdout.
        most = SHOWN if limit is None else limit
        console = SafeConsole(highlight=False)
        for task in drawn.tasks[:most]:
            for line in tell_task(task):
                console.print(line, soft_wrap=True)
            console.print()
        where = f"; written to {out}" if out else ""
        console.print(Text(f"{len(drawn.tasks)} tasks of {drawn.attempts} attempts{where}"))
        for title, counts in (("operators", drawn.operators), ("dropped", drawn.dropped)):
            told = ", ".join(f"{name} {count}" for name, count in counts.items())
            console.print(Text(f"{title}: {told or 'none'}"))
    return DONE


def draw(settings: Settings) -> Drawn:
    """The first ``settings.n`` tasks of the stream of ``settings.seed``. Raises InputError."""
    from pipeline.opening import open_workshop

    workshop = open_workshop(settings)
    dropped: Counter[str] = Counter()
    tasks: list[Task] = []
    try:
        for index in range(settings.n):
            try:
                one = workshop.studio.task(
                    settings.seed, index, lambda one: dropped.update([one.reason])
                )
                tasks.append(one)
            except NoTaskError as error:
                dropped.update([NO_TASK])
                answers.warn(f"candidate {index}: {error}")
            except ToolweaveError:
                raise
            except Exception as error:  # a bug costs the candidate, never the run
                dropped.update([FAILED])
                answers.warn(f"candidate {index} failed: {tell_origin(error)}")
    finally:
        workshop.release()
    return Drawn(
        tasks=tuple(tasks),
        attempts=len(tasks) + dropped.total(),
        dropped=dict(dropped.most_common()),
        operators=dict(Counter(name for task in tasks for name in task.operators).most_common()),
    )


def tell_task(task: Task) -> Iterator[Text]:
    """A task turn by turn: what makes each hard, and its calls."""
    operators = ", ".join(task.operators) or "none"
    yield Text(f"{task.id}  {task.domain}  {task.clock}  operators: {operators}", style="bold")
    for number, turn in enumerate(task.turns):
        yield Text(f"  {number}. {turn.intent}")
        notes = []
        if turn.outcome != "complete":
            notes.append(f"expected: {turn.outcome}{f', as {turn.reason}' if turn.reason else ''}")
        if turn.elapsed:
            notes.append(f"{turn.elapsed // 60} minutes later")
        for twist in turn.twists:
            told = twist.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
            kind = twist.kind.replace("_", " ")
            notes.append(f"{kind}: {written_json(told)}" if told else twist.kind)
        yield from (Text(f"     {line}", style="dim") for line in notes)
        for call in turn.calls:
            fault = f"  ({call.fault.kind})" if call.fault else ""
            yield Text(f"     → {call.tool} {call.arguments}{fault}")
    for must in task.acceptance.must_say:
        yield Text(f"     must say in turn {must.turn}: {must.value}", style="dim")
