"""Has a model attempt the tasks of an output folder, and its decisions: as many at once as may be.

What it answers is journalled in the folder's ``probes``, and each attempt is kept as it ends: the
same command goes on where it stopped, and asks nothing twice.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.chat.activity import Activity
from pipeline.chat.client import OpenAIChat
from pipeline.chat.kept_chat import Allowance, KeptChat
from pipeline.chat.models import Tell, count_activity, open_client
from pipeline.chat.request_journal import RequestJournal
from pipeline.chat.spending import Spending
from pipeline.config import Settings
from pipeline.opening import environments
from pipeline.probing.decisions import Decision, list_decisions, play_decision
from pipeline.probing.probes_file import add_attempt, read_attempts, sort_attempts
from pipeline.probing.target import Target
from pipeline.probing.whole_tasks import find_wrong_step, play_task
from pipeline.run.data_lines import lines
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import locked, manifest_of, read_catalog
from pipeline.serving.episode import Episode, Proven
from schemas.attempt import Attempt
from schemas.awaiting import await_all
from schemas.canonical import derive_seed
from schemas.errors import BudgetError, InputError, RefusedRequestError
from validators.reward import is_earned
from validators.transcript import exchanges

MOST_ATTEMPTS = 64
"""At one task or decision."""
_MESSAGES = 256
"""More than any conversation has."""
Note = Callable[[Attempt], None]


@dataclass(frozen=True)
class Job:
    """One attempt that is to be made."""

    proven: Proven
    decision: Decision | None
    number: int

    @property
    def place(self) -> int | None:
        """The message in whose place a move is asked for."""
        return self.decision.message if self.decision else None

    @property
    def request(self) -> int:
        """The number under which its requests are kept."""
        at = 0 if self.place is None else self.place + 1
        return (self.proven.trajectory.index * _MESSAGES + at) * MOST_ATTEMPTS + self.number


def read_proven(folder: Path) -> Iterator[Proven]:
    """The tasks of which code can decide whether they were solved, with their conversations.

    Raises InputError, OutputError; so where calls ran in live servers or models.
    """
    manifest = manifest_of(folder)
    if manifest.settings.get("mcp_calls") or manifest.settings.get("tools_by") == "model":
        raise InputError("its calls ran in a live server or a model", file=str(folder))
    environment = environments(read_catalog(folder), folder)
    for line in lines(folder / ACCEPTED, manifest.accepted_bytes):
        if is_earned(line.trajectory):
            yield Proven(line.trajectory, environment)


def list_jobs(tasks: Iterable[Proven], attempts: int, *, decisions: bool) -> Iterator[Job]:
    """Task by task: first the whole, then its decisions where they are wanted."""
    for proven in tasks:
        places = [None, *(list_decisions(proven) if decisions else ())]
        yield from (Job(proven, place, number) for place in places for number in range(attempts))


class Prober:
    """A model that is probed with the tasks of a folder, in one event loop."""

    def __init__(self, folder: Path, settings: Settings, tell: Tell) -> None:
        """``settings``: the model, its seed and budgets; ``out`` is where answers are kept.

        Raises InputError where a key or an address cannot be used.
        """
        self.folder, self.settings = folder, settings
        self.client: OpenAIChat = open_client(settings, "assistant", tell)
        self.journal, self.spending = RequestJournal(settings.out), Spending(settings)
        self.client.allow = self.spending.check
        self.stopped = ""
        """Why it ended before all was attempted."""
        self._playing = 0

    def activity(self) -> Activity:
        """What the model is doing now, and has done in this run."""
        return count_activity(self._playing, [self.client.pace], self.spending)

    async def attempt_all(self, jobs: Iterable[Job], note: Note) -> None:
        """Make what is missing. Raises ProviderError, OutputError."""
        known = {one.key for one in read_attempts(self.folder)}
        left = (one for one in jobs if self._sketch(one).key not in known)

        async def work() -> None:
            while not self.stopped and (job := next(left, None)) is not None:
                self._playing += 1
                try:
                    made = await self.attempt(job)
                except BudgetError as spent:
                    self.stopped = str(spent)
                    return
                finally:
                    self._playing -= 1
                add_attempt(self.folder, made)
                note(made)

        await self.work_at_once(work)

    async def work_at_once(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have so many at work as may be, then close the connections. Raises ProviderError."""
        try:
            await await_all(work() for _ in range(self.settings.concurrency))
        finally:
            await self.journal.settle()
            await self.client.close()

    async def attempt(self, job: Job) -> Attempt:
        """Make one. Raises ProviderError, BudgetError, OutputError."""
        sketch = self._sketch(job)
        allowance = Allowance(self.settings.most_requests, self.settings.most_tokens)
        chat = KeptChat(self.client, self.journal, self.spending, job.request, allowance)
        seed = derive_seed("probe", sketch.seed, sketch.trajectory, job.place, job.number)
        target = Target(chat, seed)
        try:
            if job.decision is not None:
                begun = job.decision.begin()
                if begun is None:  # the user would not say the same again
                    return sketch.model_copy(update={"ended": "other_way"})
                calls, wrong = await play_decision(job.decision, begun, target)
                told = {"passed": wrong is None, "calls": calls, "wrong": wrong}
                return sketch.model_copy(update=told)
            episode = Episode(job.proven)
            seen, ended = await play_task(episode, target)
            reward, played = seen.reward if seen else None, episode.trajectory
            passed = bool(reward and reward.binary)
            return sketch.model_copy(update={
                "passed": passed, "graded": reward.graded if reward else 0.0, "ended": ended,
                "calls": len(exchanges(played.messages)),
                "wrong": None if passed else find_wrong_step(job.proven, played, seen, ended),
            })  # fmt: skip
        except RefusedRequestError as refused:
            return sketch.model_copy(update={"ended": refused.code})
        finally:
            self.journal.forget(job.request)

    def _sketch(self, job: Job) -> Attempt:
        """The attempt as far as it is known before it is made."""
        played = job.proven.trajectory
        return Attempt(
            trajectory=played.id, index=played.index, decision=job.place, number=job.number,
            seed=self.settings.seed, model=self.client.name, place=self.client.place, passed=None,
        )  # fmt: skip


def probe(
    folder: Path, settings: Settings, attempts: int, tasks: int | None, *, decisions: bool,
    tell: Tell, note: Note, watch: Callable[[Prober], None] = lambda _: None,
) -> str:  # fmt: skip
    """Probe a folder's first ``tasks`` tasks, or all; why it ended before, or "".

    Raises InputError, OutputError, ProviderError.
    """

    async def run() -> str:
        prober = Prober(folder, settings, tell)
        watch(prober)
        known = islice(read_proven(folder), tasks)
        await prober.attempt_all(list_jobs(known, attempts, decisions=decisions), note)
        return prober.stopped

    with locked(folder):
        try:
            return asyncio.run(run())
        finally:
            sort_attempts(folder)
