"""``serve``: the tasks of an output folder or a catalogue as an environment to train in."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from pipeline.chat.activity import tell_money
from pipeline.cli import answers
from pipeline.cli.answers import DONE
from pipeline.config import Settings
from pipeline.opening import open_workshop
from pipeline.run.manifest import NAME
from pipeline.serving.desk import HOST, make_app
from pipeline.serving.peers import Peers
from pipeline.serving.server import Processes, listen, serve
from pipeline.serving.sessions import Sessions
from pipeline.serving.tally import Count, Tally
from pipeline.serving.tasks import DrawnTasks, FolderTasks, Tasks
from schemas.errors import InputError

if TYPE_CHECKING:
    from pipeline.serving.users import ModelledUsers

_OF_USERS: tuple[Count, ...] = ("requests", "tokens", "unscored")


def serve_command(settings: Settings, port: int, most: int, idle: float) -> int:
    """Serve until a signal ends it. Raises InputError, OutputError."""
    tally = Tally(settings.processes)
    with ExitStack() as stack:
        listening = [stack.enter_context(one) for one in listen(port, tally.processes)]
        tasks, close = open_tasks(settings)
        stack.callback(close)

        users = open_users(settings, tally)

        def make(number: int, ports: Sequence[int]) -> Starlette:
            peers = Peers(number, tally, HOST, ports)
            if users is None:
                return make_app(tasks, Sessions(most, idle, tally=tally, process=number), peers)
            own = users(number)
            sessions = Sessions(
                most, idle, tally=tally, process=number, cast=own.cast, tell=answers.warn
            )
            return make_app(tasks, sessions, peers, own.close)

        answers.print_line(f"http://{HOST}:{listening[0].getsockname()[1]}")
        answers.flush()
        if tally.processes == 1:
            serve(make(0, ()), listening)
        else:
            Processes(tally, make, answers.warn).run(listening)
    if not settings.quiet:
        begun, steps, left = (int(tally.sum(one)) for one in ("begun", "steps", "open"))
        answers.warn(f"ended: {begun} sessions, {steps} steps, {left} still open")
        if users is not None:
            asked, tokens, missed = (int(tally.sum(one)) for one in _OF_USERS)
            spent = f"{asked:,} requests, {tokens:,} tokens, {tell_money(tally.sum('money'))} money"
            answers.warn(f"{settings.user_model}: {spent}; {missed} episodes not scored")
    return DONE


def open_users(settings: Settings, tally: Tally) -> Callable[[int], "ModelledUsers"] | None:
    """Who plays the users in a process; None: scripts. Raises InputError, OutputError, BudgetError.

    Requests are kept in ``served`` of the folder that is served or named.
    """
    if settings.user_model is None:
        return None
    from pipeline.serving.users import SERVED, prepare_users  # half a second, for a model only

    home = settings.tools[0] if _serves_output(settings) else None
    if "out" in settings.model_fields_set:
        home = settings.out
    return prepare_users(settings, home and home / SERVED, tally, answers.warn)


def open_tasks(settings: Settings) -> tuple[Tasks, Callable[[], None]]:
    """What is served, and what gives back what it holds open. Raises InputError, OutputError."""
    if _serves_output(settings):
        return FolderTasks(settings.tools[0], answers.warn), lambda: None
    if settings.plays_here:
        raise InputError("serve is for sandboxes: not with `mcp_calls` or `tools_by: model`")
    # Scripts play what proves a task: a model would be paid for each one that is asked for.
    own = settings.model_copy(update={"user_model": None})
    workshop = replace(open_workshop(own), models=None)
    return DrawnTasks(workshop), workshop.release


def _serves_output(settings: Settings) -> bool:
    return len(settings.tools) == 1 and (settings.tools[0] / NAME).is_file()
