"""The model that is probed: it plays the assistant as it would in service, without second tries."""

from dataclasses import dataclass

from generators.dialogue.model_roles import assistant_history, read_written_calls
from pipeline.serving.episode import Episode
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatRequest
from schemas.record import JsonObject

CUT_OFF = "cut_off"
"""A reply that did not come to its end: of a model that is probed, its own fault."""


class CutOffError(Exception):
    """The model's reply was cut off at its limit."""


@dataclass(frozen=True)
class Target:
    """A model, and the seed of an attempt."""

    model: ChatModel
    seed: int

    async def move(self, episode: Episode) -> JsonObject:
        """What it says or calls next, as `Episode.step` takes it.

        Raises CutOffError, RefusedRequestError, ProviderError, BudgetError.
        """
        messages = episode.trajectory.messages
        request = ChatRequest(
            role="assistant",
            messages=assistant_history(messages),
            tools=episode.tools,
            seed=derive_seed(self.seed, "assistant", len(messages)),
        )
        reply = await self.model.complete(request)
        if reply.is_cut_off:
            raise CutOffError
        text, calls = reply.text.strip(), reply.calls
        if not calls:
            names = {one["function"]["name"] for one in episode.tools}
            text, calls = read_written_calls(text, names)
        return {
            "content": text, "reasoning_content": reply.reasoning,
            "tool_calls": [
                {"id": one.id, "function": {"name": one.name, "arguments": one.arguments}}
                for one in calls
            ],
        }  # fmt: skip
