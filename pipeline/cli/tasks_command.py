"""What ``toolweave tasks`` does: draws blueprints without a dialogue, and says what came of it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from pipeline.cli import answers
from pipeline.cli.answers import SafeConsole
from pipeline.cli.progress import watching
from pipeline.config import Settings
from pipeline.files import writing
from schemas.canonical import written_json
from schemas.errors import NoTaskError, OutputError, ToolweaveError
from schemas.failure import FAILED, NO_TASK, tell_origin
from schemas.record import Record
from schemas.task import Task

DONE = 0
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
        print_drawn(drawn, SHOWN if limit is None else limit, out)
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


def print_drawn(drawn: Drawn, limit: int, out: Path | None) -> None:
    """Print the first tasks and the counts of all to stdout."""
    console = SafeConsole(highlight=False)
    for task in drawn.tasks[:limit]:
        for line in tell_task(task):
            console.print(line, soft_wrap=True)
        console.print()
    where = f"; written to {out}" if out else ""
    console.print(Text(f"{len(drawn.tasks)} tasks of {drawn.attempts} attempts{where}"))
    for title, counts in (("operators", drawn.operators), ("dropped", drawn.dropped)):
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        console.print(Text(f"{title}: {told or 'none'}"))


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
