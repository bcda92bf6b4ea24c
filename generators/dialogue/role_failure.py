"""What a role does with a model's reply that cannot be used: ask again, then give the candidate up.

A reply without use is data about the model, so it costs one candidate. A provider that fails is
not: its ProviderError passes through here and ends the run.
"""

from collections.abc import Callable
from typing import TypeVar

from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.reasons import ROLE_FAILURES

Read = TypeVar("Read")


class RoleFailure(Exception):  # noqa: N818 - an outcome of a candidate, not an error of the run
    """The role cannot go on; the candidate is rejected with this reason."""

    def __init__(self, code: str, explanation: str = "") -> None:
        """``code`` is one of ROLE_FAILURES. Raises KeyError for another."""
        meaning = ROLE_FAILURES[code]
        self.code = code
        self.explanation = explanation or meaning
        super().__init__(f"{code}: {self.explanation}")


async def attempt(
    model: ChatModel, request: ChatRequest, read: Callable[[ChatReply], Read], tries: int
) -> Read:
    """Ask until ``read`` accepts the reply, each time with another seed.

    Raises the last RoleFailure of ``read`` after ``tries`` requests, and ProviderError at once.
    """
    for number in range(tries - 1):
        try:
            return read(await model.complete(_reseeded(request, number)))
        except RoleFailure:
            continue
    return read(await model.complete(_reseeded(request, tries - 1)))


def _reseeded(request: ChatRequest, number: int) -> ChatRequest:
    if number == 0:
        return request
    return request.model_copy(update={"seed": derive_seed(request.seed, number)})
