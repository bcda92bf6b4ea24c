"""The models of a run, one for each role: paced together, journalled together, closed together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from data.prompts import read_prompts
from pipeline.chat.activity import Activity
from pipeline.chat.client import OpenAIChat
from pipeline.chat.kept_chat import Allowance, KeptChat
from pipeline.chat.pace import Pace
from pipeline.chat.profile import Profile
from pipeline.chat.request_journal import RequestJournal
from pipeline.chat.spending import Spending
from pipeline.config import Settings
from pipeline.run.manifest import read_manifest
from schemas.chat import ChatModel, ChatReply, ChatRequest, Role
from schemas.trajectory import Roles

Tell = Callable[[str], None]
Ask = Callable[[int, str, ChatRequest], Awaitable[ChatReply]]
"""Has a request of a candidate to one of its cast answered in another process."""
Cast = Mapping[str, ChatModel]
"""Who plays a candidate, puts it into words, and judges it: by their seats in the settings."""


@dataclass(frozen=True)
class FarChat:
    """Implements `schemas.chat.ChatModel` by a process that has the connections."""

    name: str
    task: int
    seat: str
    ask: Ask

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Have it asked there. Raises what is raised there."""
        return await self.ask(self.task, self.seat, request)


class Models:
    """Who plays, writes and judges, in one event loop."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        """Raises InputError where a key, a header or an address cannot be used."""
        manifest = read_manifest(settings.out)
        before = manifest.left_out if manifest else {}
        self.journal, self.spending = RequestJournal(settings.out), Spending(settings)
        paces: dict[tuple[str, str], Pace] = {}
        self._settings = settings
        self._clients: dict[str, OpenAIChat] = {}
        self._playing: set[int] = set()
        self._elsewhere: Ask | None = None
        for seat, (_, profile) in settings.seats.items():
            client = _open(settings, profile, tell)
            client.pace = paces.setdefault((client.place, client.name), client.pace)
            client.left_out |= {*before.get(client.name, ())}
            # Looked at when a request has its place: others may have waited with it.
            client.allow = self.spending.check
            self._clients[seat] = client

    def roles(self, tools: str, prompts: str) -> Roles:
        """As records name them; of several judges, each once."""
        names: dict[str, dict[str, None]] = {}
        for seat, (role, _) in self._settings.seats.items():
            names.setdefault(role, {})[self._clients[seat].name] = None
        told = {role: ", ".join(found) for role, found in names.items()}
        return Roles(**told, tools=tools, prompts=prompts)

    def cast(self, index: int) -> Cast:
        """Those who play candidate ``index``: they share what it may take."""
        if (ask := self._elsewhere) is not None:
            return {
                seat: FarChat(one.name, index, seat, ask) for seat, one in self._clients.items()
            }
        self._playing.add(index)
        allowance = Allowance(self._settings.most_requests, self._settings.most_tokens)
        return {
            seat: KeptChat(client, self.journal, self.spending, index, allowance)
            for seat, client in self._clients.items()
        }

    def ask_elsewhere(self, ask: Ask) -> None:
        """Have all that is asked in this process answered in another one."""
        self._elsewhere = ask

    def release(self, index: int) -> None:
        """Candidate ``index`` is at its end."""
        self._playing.discard(index)
        self.journal.forget(index)

    def activity(self) -> Activity:
        """What they are doing now, and have done in this run."""
        paces = {one.pace for one in self._clients.values()}
        return count_activity(len(self._playing), paces, self.spending)

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Model → options that its endpoint does not take."""
        return self._by_model(lambda one: one.left_out)

    @property
    def shown(self) -> Mapping[str, tuple[str, ...]]:
        """Model → what its endpoint has been seen to do."""
        return self._by_model(lambda one: one.shown)

    def _by_model(
        self, tell: Callable[[OpenAIChat], frozenset[str]]
    ) -> Mapping[str, tuple[str, ...]]:
        """What is told of the clients of each model, together."""
        found: dict[str, set[str]] = {}
        for client in self._clients.values():
            found.setdefault(client.name, set()).update(tell(client))
        return {name: tuple(sorted(told)) for name, told in found.items() if told}

    async def close(self) -> None:
        """Let what is under way come in, and close the connections."""
        await self.journal.settle()
        for client in self._clients.values():
            await client.close()


def count_activity(dialogues: int, paces: Collection[Pace], spent: Spending) -> Activity:
    """What is done in so many dialogues now, and has been done in this run."""
    return Activity(
        dialogues=dialogues, open=sum(one.open for one in paces), requests=spent.requests,
        tokens=spent.run_tokens, money=spent.run_money,
        retries=sum(one.failed for one in paces), cool_downs=sum(one.cooled for one in paces),
    )  # fmt: skip


def open_client(settings: Settings, role: Role, tell: Tell) -> OpenAIChat:
    """The client of a role. Raises InputError."""
    return _open(settings, settings.profile(role), tell)


def _open(settings: Settings, profile: Profile, tell: Tell) -> OpenAIChat:
    assert profile.model is not None, "the settings see to it"
    client = OpenAIChat(
        profile.model, profile.base_url, profile, concurrency=settings.concurrency, tell=tell
    )
    client.prompts = read_prompts(settings.prompts)
    return client


def open_tool_player(
    settings: Settings, tell: Tell, spending: Spending | None = None
) -> tuple[KeptChat, Callable[[], Coroutine[Any, Any, None]]]:
    """Who plays the tools, for a loop of its own, and what closes it there. Raises InputError.

    ``spending``: that of the models with whom it shares the budgets.
    """
    client, journal = open_client(settings, "tool", tell), RequestJournal(settings.out)
    spending = spending or Spending(settings)

    async def close() -> None:
        await journal.settle()
        await client.close()

    return KeptChat(client, journal, spending), close


@asynccontextmanager
async def asking(settings: Settings, role: Role, tell: Tell) -> AsyncIterator[KeptChat]:
    """A model for questions about the catalogue, whose replies are kept. Raises InputError."""
    async with open_client(settings, role, tell) as client:
        journal = RequestJournal(settings.out)
        try:
            yield KeptChat(client, journal, Spending(settings))
        finally:
            await journal.settle()
