"""A policy that plays proven conversations wherever a model is asked: it sees requests only.

Which conversation it is follows from the system message and the user's first words; where it is,
from how many of its moves stand in the request.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from generators.dialogue.model_roles import assistant_history
from pipeline.chat.loopback import completion
from pipeline.serving.episode import list_proven_moves
from schemas.message import UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory

Beginning = tuple[str, str]


class Scripted:
    """Implements `pipeline.chat.loopback.Answer`."""

    def __init__(self, proven: Iterable[Trajectory]) -> None:
        self._known: dict[Beginning, list[tuple[list[str], list[JsonObject]]]] = defaultdict(list)
        for one in proven:
            said = [m.text for m in one.messages if isinstance(m, UserMessage)]
            system = assistant_history(one.messages[:1])[0]["content"]
            self._known[system, said[0]].append((said, list_proven_moves(one)))

    def __call__(self, request: JsonObject) -> JsonObject:
        """A chat completion. Raises LookupError."""
        return completion(self.find_move(request["messages"]), request)

    def find_move(self, history: list[JsonObject]) -> JsonObject:
        """The next move. Raises LookupError where no conversation begins so, or goes on so."""
        heard = [str(one["content"]) for one in history if one["role"] == "user"]
        own = [one for one in history if one["role"] == "assistant"]
        system, at = str(history[0]["content"]), len(own)
        for said, moves in self._known[system, heard[0]]:
            if said[: len(heard)] == heard and at < len(moves) and _are_same(own, moves):
                return moves[at]
        raise LookupError(f"no proven conversation goes so: {heard[-1][:300]!r}, move {at}")


def _are_same(own: list[JsonObject], moves: list[JsonObject]) -> bool:
    """Whether what was said is what the conversation says there; calls are told by their names."""
    return all(
        (one.get("content") or "") == (move.get("content") or "")
        and _names(one) == _names(move)
        for one, move in zip(own, moves, strict=False)
    )  # fmt: skip


def _names(move: JsonObject) -> list[Any]:
    return [call["function"]["name"] for call in move.get("tool_calls") or ()]
