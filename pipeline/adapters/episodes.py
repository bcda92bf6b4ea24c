"""Where an adapter's episodes are: at a server's address, or in a folder that is opened here.

Both answer as ``docs/serving.md`` describes. Nothing but the standard library is imported until a
folder is opened. Calls block: a trainer that does other things meanwhile makes them in a thread.
"""

import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.error import HTTPError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from generators.dialogue.roles import UserRole
    from pipeline.serving.episode import Proven
    from pipeline.serving.tasks import Tasks

T = TypeVar("T")
Told = dict[str, Any]
"""A JSON object."""
_PATIENCE = 600
"""Seconds for an answer: where a model plays the user, it is waited for."""
_MOST, _IDLE = 4_096, 3_600.0
_REFUSED = frozenset({400, 413})
"""What a server answers to a body that it cannot use."""


class EpisodeError(Exception):
    """There is no such task or session, or no server; one line that says what was answered."""


class RefusedError(EpisodeError):
    """What was asked for is no move, or no task: nothing has changed."""


class Episodes(Protocol):
    """Begins episodes and makes moves in them. Safe for use by several threads."""

    def begin(self, which: Told) -> Told:
        """A task by ``{"seed": 7}`` or ``{"task": "fd1f"}``. Raises RefusedError, EpisodeError."""
        ...

    def step(self, session: str, message: Told) -> Told:
        """Make a move, a message of the assistant. Raises RefusedError, EpisodeError."""
        ...

    def drop(self, session: str) -> None:
        """End a session that is not played on. Raises EpisodeError."""
        ...


@dataclass(frozen=True)
class ServedEpisodes:
    """Implements `Episodes` for a server."""

    address: str

    def begin(self, which: Told) -> Told:
        """Reset."""
        return self._ask("POST", "/reset", which)

    def step(self, session: str, message: Told) -> Told:
        """Step."""
        return self._ask("POST", "/step", {"session": session, "message": message})

    def drop(self, session: str) -> None:
        """Delete the session."""
        self._ask("DELETE", f"/session/{session}", None)

    def _ask(self, method: str, path: str, body: Told | None) -> Told:
        sent = None if body is None else json.dumps(body).encode()
        request = Request(
            self.address.rstrip("/") + path, sent, {"content-type": "application/json"},
            method=method,
        )  # fmt: skip
        try:
            with _open_line().open(request, timeout=_PATIENCE) as answer:
                told: Told = json.load(answer)
        except HTTPError as error:
            with error:
                said = error.read(2_000).decode(errors="replace")
            refused = RefusedError if error.code in _REFUSED else EpisodeError
            raise refused(f"{self.address}{path}: {error.code} {said}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise EpisodeError(f"{self.address}{path}: {error}") from error
        return told


@cache
def _open_line() -> OpenerDirector:
    """Made once: it reads the machine's certificates, which takes longer than most moves.

    The server is on this machine: no proxy has a part in it.
    """
    return build_opener(ProxyHandler({}))


class LocalEpisodes:
    """Implements `Episodes` for tasks in this process; sessions end when they are left alone."""

    def __init__(
        self, tasks: "Tasks", cast: "Callable[[Proven], UserRole | None]" = lambda _: None
    ) -> None:
        """``cast`` says who plays the user of a task; None: the script."""
        from generators.backends.patience import LoopThread
        from pipeline.serving.play import Play
        from pipeline.serving.sessions import Sessions

        self._play = Play(tasks, Sessions(_MOST, _IDLE, cast=cast))
        self._loop = LoopThread("episodes")
        """In which all of them are played, as in a server."""

    def begin(self, which: Told) -> Told:
        """Begin, by seed or by name."""
        from pipeline.serving.play import tell_begun

        return tell_begun(*self._run(self._play.begin(which)))

    def step(self, session: str, message: Told) -> Told:
        """Make a move."""
        from pipeline.serving.play import tell

        return {"session": session} | tell(self._run(self._play.move(session, message)))

    def drop(self, session: str) -> None:
        """Forget it."""

        async def forget() -> None:
            self._play.sessions.drop(session)

        self._run(forget())

    def _run(self, work: "Coroutine[Any, Any, T]") -> "T":
        from schemas.errors import InputError, ToolweaveError

        try:
            return self._loop.run(work)
        except InputError as error:
            raise RefusedError(str(error)) from error
        except ToolweaveError as error:
            raise EpisodeError(str(error)) from error


def open_episodes(where: str, user: Told | None = None) -> Episodes:
    """Those of a server, by its address, or of an output folder, by its path.

    ``user``: settings of a model that plays the user of a folder's episodes, ``user_model`` and
    what else `toolweave serve` takes; a server has its own. Raises EpisodeError.
    """
    if where.startswith(("http://", "https://")):
        if user:
            raise EpisodeError(f"{where}: the server says who plays the user")
        return ServedEpisodes(where)
    from pipeline.serving.tasks import FolderTasks

    tasks = FolderTasks(Path(where), warn)
    if not user:
        return LocalEpisodes(tasks)
    from pipeline.config import validate
    from pipeline.serving.tally import Tally
    from pipeline.serving.users import SERVED, prepare_users

    settings = validate({"out": Path(where) / SERVED, **user})
    if settings.user_model is None:
        raise EpisodeError("user: name its user_model")
    return LocalEpisodes(tasks, prepare_users(settings, settings.out, Tally(), warn)(0).cast)


def list_tasks(episodes: Episodes, wanted: int) -> Iterator[Told]:
    """How so many tasks begin: ``which``, ``task``, ``tools``, ``messages``; each task once.

    Seeds of a folder are places in it, counted round, and one that cannot be served stands for the
    next: it is at its end where an earlier task comes again.
    """
    known: set[str] = set()
    last, seed = "", 0
    while len(known) < wanted:
        begun = episodes.begin({"seed": seed})
        episodes.drop(begun["session"])
        name = begun["task"]
        if name in known and (name != last or seed > wanted):
            return
        if name not in known:
            known.add(name)
            yield {"which": {"seed": seed}, **{one: begun[one] for one in _BEGUN}}
        last, seed = name, seed + 1


_BEGUN = ("task", "tools", "messages")


def make_move(episodes: Episodes, session: str, message: Told) -> Told:
    """Make a policy's move; what is none ends its episode, unrewarded. Raises EpisodeError."""
    try:
        return episodes.step(session, message)
    except RefusedError as error:
        episodes.drop(session)
        over: Told = {"session": session, "messages": [], "done": True, "reward": None}
        return over | {"scored": True, "ended": "unreadable_reply", "why": str(error)}


def earned(seen: Told, kind: str = "binary") -> float | None:
    """What an episode was worth, by its last observation; nothing where it is not over.

    None where it is not scored: a trainer must leave it out.
    """
    reward = seen.get("reward") or {}
    if seen.get("done") and not seen.get("scored", bool(reward)):
        return None
    return float(reward.get(kind, 0.0))


def tell_unscored(seen: Told) -> str:
    """Why an episode is not scored, in a line."""
    return f"the episode is not scored ({seen.get('ended')}): {seen.get('why')}"


def warn(line: str) -> None:
    """Say something to whoever runs the trainer."""
    sys.stderr.write(f"toolweave: {line}\n")
