"""A model whose every reply is kept, within what its candidate may take."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from pipeline.chat.request_journal import Answered, RequestJournal
from pipeline.chat.spending import Spending
from schemas.canonical import content_hash
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.errors import RefusedRequestError
from schemas.record import JsonObject


class Endpoint(ChatModel, Protocol):
    """A model, and where it is asked what."""

    @property
    def place(self) -> str:
        """The address, as it may be shown."""
        ...

    @property
    def left_out(self) -> frozenset[str]:
        """Options that it does not take."""
        ...

    def payload(self, request: ChatRequest) -> JsonObject:
        """All that is sent, whatever of it the endpoint does not take."""
        ...


@dataclass
class Allowance:
    """What a candidate may take, and has taken: what is known already counts, too."""

    most_requests: int | None = None
    most_tokens: int | None = None
    requests: int = 0
    tokens: int = 0

    def take(self) -> None:
        """Count one more request. Raises RefusedRequestError where it is one too many."""
        for most, had, what in (
            (self.most_requests, self.requests, "requests"),
            (self.most_tokens, self.tokens, "tokens"),
        ):
            if most is not None and had >= most:
                told = f"not at an end after {had:,} {what}; {most:,} are allowed"
                raise RefusedRequestError("candidate_limit", told)
        self.requests += 1

    def note(self, reply: ChatReply) -> None:
        """Count the tokens of a reply."""
        self.tokens += reply.input_tokens + reply.output_tokens


@dataclass
class KeptChat:
    """Implements `schemas.chat.ChatModel` over an endpoint."""

    model: Endpoint
    journal: RequestJournal
    spending: Spending
    task: int | None = None
    """The candidate whose requests these are."""
    allowance: Allowance = field(default_factory=Allowance)
    asked: int = 0
    known: int = 0
    """Requests to the model, and those that the journal answered."""
    read: int = 0
    written: int = 0
    """Tokens of the first."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer from the journal, or ask. Raises ProviderError, OutputError."""
        self.allowance.take()
        sent = self.model.payload(request)
        whose = [self.name, self.model.place, self.task, request.role, request.attempt]
        key = content_hash([*whose, sent], 32)
        self.known += key in self.journal.known(self.task)

        async def ask() -> Answered:
            self.spending.check()
            self.asked += 1
            begun = monotonic()
            reply, code, problem = None, "", ""
            try:
                reply = await self.model.complete(request)
            except RefusedRequestError as error:
                code, problem = error.code, str(error)
            answered = Answered(
                task=self.task, key=key, role=request.role, attempt=request.attempt,
                model=self.name, place=self.model.place, reply=reply, refused=code,
                problem=problem, seconds=round(monotonic() - begun, 3),
                left_out=tuple(sorted(self.model.left_out)),
            )  # fmt: skip
            if reply is not None:
                self.read += reply.input_tokens
                self.written += reply.output_tokens
            self.spending.note(answered)
            return answered

        reply = (await self.journal.once(self.task, key, ask)).use()
        self.allowance.note(reply)
        return reply
