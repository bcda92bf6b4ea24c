"""A model that plays the users of served episodes, as it does in a build.

It says nothing before the assistant has spoken: the first words are the proven conversation's, so
that all episodes of a task begin alike. Its requests are paced, journalled and paid for together,
over all processes that serve. The same moves in the same task make the same requests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.prompts import Prompts, read_prompts
from generators.dialogue.model_roles import ModelUser
from generators.writing.task_ground import find_ungiven
from pipeline.chat.client import OpenAIChat
from pipeline.chat.kept_chat import Allowance, KeptChat
from pipeline.chat.models import Tell, open_client
from pipeline.chat.request_journal import Answered, RequestJournal
from pipeline.chat.spending import Spending
from pipeline.config import Settings
from pipeline.serving.episode import Proven
from pipeline.serving.tally import Tally
from schemas.canonical import derive_seed

SERVED = "served"
"""The folder in which requests are kept, in the one whose tasks are served."""
REMEMBERED = 20_000
"""Requests that a process has at hand, to answer equal ones: the folder has all."""


class SharedSpending(Spending):
    """What the processes of a server have spent together."""

    def __init__(self, settings: Settings, tally: Tally, is_kept: bool) -> None:
        """To be made, and looked at once, before the processes are forked.

        ``is_kept``: whether the settings' folder has what was spent before.
        """
        super().__init__(settings)
        self._tally, self.process = tally, 0
        if not is_kept:
            self._before = 0.0, 0

    @property
    def run(self) -> tuple[float, int]:
        """Money and tokens that all have spent in this run, those that have ended too."""
        return self._tally.sum("money"), int(self._tally.sum("tokens"))

    def note(self, answered: Answered) -> None:
        """Add what this process has paid for."""
        money, tokens = self.run_money, self.run_tokens
        super().note(answered)
        self._tally.add(self.process, "requests")
        self._tally.add(self.process, "money", self.run_money - money)
        self._tally.add(self.process, "tokens", self.run_tokens - tokens)


@dataclass(frozen=True)
class ModelledUsers:
    """The users of one process, in its event loop."""

    settings: Settings
    client: OpenAIChat
    journal: RequestJournal
    spending: Spending
    prompts: Prompts

    def cast(self, proven: Proven) -> ModelUser:
        """Who plays the user in one episode of a task, and what that may take."""
        task, known = proven.trajectory.task, self.settings
        self.journal.forget_oldest(REMEMBERED)
        allowance = Allowance(known.most_requests, known.most_tokens)
        chat = KeptChat(
            self.client, self.journal, self.spending, proven.trajectory.index, allowance
        )
        seed = derive_seed("serve", known.seed, proven.trajectory.id)
        return ModelUser(task, chat, seed, self.prompts, best_of=known.best_of, look=find_ungiven)

    async def close(self) -> None:
        """Let what is under way come in, and close the connections."""
        await self.journal.settle()
        await self.client.close()


def prepare_users(
    settings: Settings, folder: Path | None, tally: Tally, tell: Tell
) -> Callable[[int], ModelledUsers]:
    """What makes the users of a process, once it is forked.

    ``folder`` is where requests are kept: what stands there is not asked again. Raises InputError,
    OutputError, and BudgetError where all is spent already.
    """
    own = settings.model_copy(update={
        "out": folder or settings.out,
        # Of those that are open at once, each process has its share.
        "concurrency": max(1, settings.concurrency // tally.processes),
    })  # fmt: skip
    open_client(own, "user", tell)  # a key that is missing is told before anything is served
    prompts, spending = read_prompts(own.prompts), SharedSpending(own, tally, folder is not None)
    spending.check()
    journal = RequestJournal(folder)
    journal.known(None)  # read once, for all

    def make(process: int) -> ModelledUsers:
        spending.process = process
        client = open_client(own, "user", tell)
        client.allow = spending.check
        return ModelledUsers(own, client, journal, spending, prompts)

    return make
