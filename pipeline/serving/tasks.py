"""The tasks that are served, each with the conversation that proves it: of a folder, or drawn.

Served is what code can decide (`validators.reward.is_earned`): where nothing is to be done or told
but a plain no, whoever says nothing would earn as much. And what can be earned: each conversation
is played before its task is served for the first time, since one that models have played may be
good in the eyes of the checks and of a judge, and yet lead nowhere where the user keeps to it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pipeline.opening import OpenWorkshop, environments
from pipeline.run.data_index import read_rows
from pipeline.run.data_lines import line_at
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of, read_catalog
from pipeline.run.samples import read_sample
from pipeline.serving.episode import Proven, find_lack
from schemas.errors import InputError
from schemas.trajectory import Trajectory
from validators.reward import is_earned

KEPT = 2_048
"""Tasks that are kept once they were asked for."""
_TRIES, _STRIDE = 24, 1_000_003
"""Candidates that are tried for a seed whose own makes no task that can be served."""


class Tasks(Protocol):
    """What an episode can be begun with."""

    async def by_seed(self, seed: int) -> Proven:
        """The task of a seed: the same one each time. Raises InputError where there is none."""
        ...

    async def by_name(self, name: str) -> Proven:
        """The task of a conversation whose id begins so. Raises InputError, OutputError."""
        ...


class FolderTasks:
    """Implements `Tasks` for the accepted conversations of an output folder."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        """``tell`` hears of each task that is left out since its conversation does not earn 1.

        Raises InputError, OutputError; so for what runs elsewhere than in this process.
        """
        manifest = manifest_of(folder)
        told = manifest.settings
        if told.get("mcp_calls") or told.get("tools_by") == "model":
            raise InputError("its calls ran in a live server or a model", file=str(folder))
        self._folder, self._tell = folder, tell
        self._lacks: dict[str, str] = {}
        """Conversation → what it lacks of 1; empty where nothing."""
        self._environment = environments(read_catalog(folder), folder)
        rows = read_rows(folder / ACCEPTED, manifest.accepted_bytes)
        self._places = [(row.number, row.start) for row in rows if row.sound]
        self._known: OrderedDict[int, Proven | None] = OrderedDict()
        if not self._places:
            raise InputError("has no accepted conversation", file=str(folder))

    async def by_seed(self, seed: int) -> Proven:
        """The conversation at that place, counted round; the next one that can be served."""
        for step in range(len(self._places)):
            place = (seed + step) % len(self._places)
            if place not in self._known:
                told = line_at(self._folder / ACCEPTED, *self._places[place]).trajectory
                proven = Proven(told, self._environment)
                served = is_earned(told) and not self._find_lack(proven)
                self._known[place] = proven if served else None
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
            if (found := self._known[place]) is not None:
                return found
        problem = "no conversation has anything to do or to tell, and earns 1 played anew"
        raise InputError(problem, file=str(self._folder))

    async def by_name(self, name: str) -> Proven:
        """Of the accepted conversations the one whose id begins so."""
        found = read_sample(self._folder, name)
        if not found.accepted or not is_earned(found):
            raise InputError(f"{name!r} is none that can be served: code cannot decide its end")
        proven = Proven(found, self._environment)
        if lack := self._find_lack(proven):
            raise InputError(f"{name!r} is none that can be served: {lack}")
        return proven

    def _find_lack(self, proven: Proven) -> str:
        """What its conversation lacks of 1, found out and told once."""
        name = proven.trajectory.id
        if name not in self._lacks:
            self._lacks[name] = find_lack(proven)
            if lack := self._lacks[name]:
                lacking = sum(map(bool, self._lacks.values()))
                told = f"{lacking} of {len(self._lacks)} tasks so far are left out, whose own"
                self._tell(f"{told} conversation does not earn 1: {name[:12]}: {lack}")
        return self._lacks[name]


class DrawnTasks:
    """Implements `Tasks` for a catalogue: seed N is candidate N of the ordinary stream."""

    def __init__(self, workshop: OpenWorkshop) -> None:
        self._workshop, self._lock = workshop, asyncio.Lock()
        self._known: OrderedDict[int, Proven] = OrderedDict()

    async def by_seed(self, seed: int) -> Proven:
        """Candidate ``seed``; where that makes no task that can be served, one far behind it."""
        async with self._lock:
            if seed in self._known:
                return self._known[seed]
            for step in range(_TRIES):
                made: Trajectory = await self._workshop.candidate(seed + step * _STRIDE)
                proven = Proven(made, self._workshop.studio.environment)
                if made.accepted and is_earned(made) and not find_lack(proven):
                    self._known[seed] = proven
                    if len(self._known) > KEPT:
                        self._known.popitem(last=False)
                    return proven
        raise InputError(f"none of {_TRIES} candidates of seed {seed} makes a task to be served")

    async def by_name(self, name: str) -> Proven:
        """Nobody has named them."""
        raise InputError(f"a catalogue's tasks have no names: ask by seed, not for {name!r}")
