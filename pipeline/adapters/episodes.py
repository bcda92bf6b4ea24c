"""Where an adapter's episodes are: at a server's address, or in a folder that is opened here.

Both answer as ``docs/serving.md`` describes. Nothing but the standard library is imported until a
folder is opened. Calls block: a trainer that runs in an event loop makes them in a thread.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from pipeline.serving.episode import Episode, Observation
    from pipeline.serving.sessions import Sessions
    from pipeline.serving.tasks import Tasks

Told = dict[str, Any]
"""A JSON object."""
_PATIENCE = 60
"""Seconds for an answer; a catalogue's task is drawn when it is first asked for."""
_MOST, _IDLE = 4_096, 3_600.0


class EpisodeError(Exception):
    """There is no such task or session, or no server; one line that says what was answered."""


class Episodes(Protocol):
    """Begins episodes and makes moves in them. Safe for use by several threads."""

    def begin(self, which: Told) -> Told:
        """A task by ``{"seed": 7}`` or ``{"task": "fd1f"}``. Raises EpisodeError."""
        ...

    def step(self, session: str, message: Told) -> Told:
        """Make a move, a message of the assistant. Raises EpisodeError."""
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
            # The server is on this machine: no proxy has a part in it.
            with build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE) as answer:
                told: Told = json.load(answer)
        except HTTPError as error:
            with error:
                said = error.read(2_000).decode(errors="replace")
            raise EpisodeError(f"{self.address}{path}: {error.code} {said}") from None
        except (URLError, TimeoutError) as error:
            raise EpisodeError(f"{self.address}{path}: {error}") from error
        return told


@dataclass(frozen=True)
class LocalEpisodes:
    """Implements `Episodes` for tasks in this process; sessions end when they are left alone."""

    tasks: "Tasks"

    @cached_property
    def _sessions(self) -> "Sessions":
        from pipeline.serving.sessions import Sessions

        return Sessions(_MOST, _IDLE)

    def begin(self, which: Told) -> Told:
        """Begin, by seed or by name."""
        from schemas.errors import ToolweaveError

        try:
            found = asyncio.run(
                self.tasks.by_seed(which["seed"]) if "seed" in which
                else self.tasks.by_name(which["task"])
            )  # fmt: skip
            session, episode = self._sessions.begin(found)
        except ToolweaveError as error:
            raise EpisodeError(str(error)) from error
        begun = {"session": session, "task": found.trajectory.id, "tools": list(episode.tools)}
        return begun | _tell(episode.look())

    def step(self, session: str, message: Told) -> Told:
        """Make a move."""
        from schemas.errors import ToolweaveError

        try:
            seen = self._find(session).step(message)
        except ToolweaveError as error:
            raise EpisodeError(str(error)) from error
        self._sessions.note(session, seen)
        return {"session": session} | _tell(seen)

    def drop(self, session: str) -> None:
        """Forget it."""
        self._find(session)
        self._sessions.drop(session)

    def _find(self, session: str) -> "Episode":
        from schemas.errors import ToolweaveError

        try:
            return self._sessions.find(session)
        except ToolweaveError as error:
            raise EpisodeError(str(error)) from error


def open_episodes(where: str) -> Episodes:
    """Those of a server, by its address, or of an output folder, by its path."""
    if where.startswith(("http://", "https://")):
        return ServedEpisodes(where)
    from pipeline.serving.tasks import FolderTasks

    return LocalEpisodes(FolderTasks(Path(where)))


def list_tasks(episodes: Episodes, wanted: int) -> Iterator[Told]:
    """How so many tasks begin: ``which``, ``task``, ``tools``, ``messages``; each task once.

    Seeds of a folder are places in it, counted round, and one that cannot be served stands for the
    next: it is at its end where an earlier task comes again.
    """
    known: list[str] = []
    seed = 0
    while len(known) < wanted:
        begun = episodes.begin({"seed": seed})
        episodes.drop(begun["session"])
        name = begun["task"]
        if name in known[:-1] or (name in known and seed > wanted):
            return
        if name not in known:
            known.append(name)
            yield {"which": {"seed": seed}, **{one: begun[one] for one in _BEGUN}}
        seed += 1


_BEGUN = ("task", "tools", "messages")


def _tell(seen: "Observation") -> Told:
    told: Told = {"messages": list(seen.messages), "done": seen.done}
    if seen.done:
        told |= {"ended": seen.ended, "why": seen.why}
        told["reward"] = seen.reward.model_dump(mode="json") if seen.reward else None
    return told


def earned(seen: Told, kind: str = "binary") -> float:
    """What an episode was worth, by its last observation; nothing where it is not over."""
    reward = seen.get("reward") or {}
    return float(reward.get(kind, 0.0))
