"""``serve``: the tasks of an output folder or a catalogue as an environment to train in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.cli import answers
from pipeline.config import Settings
from pipeline.opening import open_workshop
from pipeline.run.manifest import NAME
from pipeline.serving.server import HOST, listen, make_app, serve
from pipeline.serving.sessions import Sessions
from pipeline.serving.tasks import DrawnTasks, FolderTasks, Tasks
from schemas.errors import InputError

DONE = 0


def serve_command(settings: Settings, port: int, most: int, idle: float) -> int:
    """Serve until a signal ends it. Raises InputError, OutputError."""
    listening = listen(port)
    with listening:
        tasks, close = open_tasks(settings)
        try:
            sessions = Sessions(most, idle)
            answers.print_line(f"http://{HOST}:{listening.getsockname()[1]}")
            answers.flush()
            serve(make_app(tasks, sessions), listening)
        finally:
            close()
    if not settings.quiet:
        steps, begun = sessions.counts["steps"], sessions.counts["begun"]
        answers.warn(f"ended: {begun} sessions, {steps} steps, {len(sessions)} still open")
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
