"""``serve``: the tasks of an output folder or a catalogue as an environment to train in."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette

from pipeline.cli import answers
from pipeline.config import Settings
from pipeline.opening import open_workshop
from pipeline.run.manifest import NAME
from pipeline.serving.desk import HOST, make_app
from pipeline.serving.peers import Peers
from pipeline.serving.server import Processes, listen, serve
from pipeline.serving.sessions import Sessions
from pipeline.serving.tally import Tally
from pipeline.serving.tasks import DrawnTasks, FolderTasks, Tasks
from schemas.errors import InputError

DONE = 0


def serve_command(settings: Settings, port: int, most: int, idle: float) -> int:
    """Serve until a signal ends it. Raises InputError, OutputError."""
    tally = Tally(settings.processes)
    with ExitStack() as stack:
        listening = [stack.enter_context(one) for one in listen(port, tally.processes)]
        tasks, close = open_tasks(settings)
        stack.callback(close)

        def make(number: int, ports: Sequence[int]) -> Starlette:
            sessions = Sessions(most, idle, tally=tally, process=number)
            return make_app(tasks, sessions, Peers(number, tally, HOST, ports))

        answers.print_line(f"http://{HOST}:{listening[0].getsockname()[1]}")
        answers.flush()
        if tally.processes == 1:
            serve(make(0, ()), listening)
        else:
            Processes(tally, make, answers.warn).run(listening)
    if not settings.quiet:
        begun, steps, left = (int(tally.sum(one)) for one in ("begun", "steps", "open"))
        answers.warn(f"ended: {begun} sessions, {steps} steps, {left} still open")
    return DONE


def open_tasks(settings: Settings) -> tuple[Tasks, Callable[[], None]]:
    """What is served, and what gives back what it holds open. Raises InputError, OutputError."""
    if len(settings.tools) == 1 and _is_output(settings.tools[0]):
        return FolderTasks(settings.tools[0]), lambda: None
    if settings.plays_here:
        raise InputError("serve is for sandboxes: not with `mcp_calls` or `tools_by: model`")
    # Scripts play what proves a task: a model would be paid for each one that is asked for.
    workshop = replace(open_workshop(settings), models=None)
    return DrawnTasks(workshop), workshop.release


def _is_output(path: Path) -> bool:
    return (path / NAME).is_file()
