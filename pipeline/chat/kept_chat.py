"""A model whose answers are kept in a file: what was asked once is neither asked nor paid again.

For questions about a catalogue as a whole. Answers of dialogues are kept by the journal.
"""

import json
from functools import cached_property
from pathlib import Path

from pipeline.files import append_durably, writing
from schemas.canonical import content_hash
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.errors import OutputError

ANSWERS = "answers.jsonl"


class KeptChat:
    """Implements `schemas.chat.ChatModel` over another one."""

    def __init__(self, model: ChatModel, file: Path) -> None:
        """``file`` is made with the first answer."""
        self._model, self._file = model, file

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer from the file, or ask. Raises ProviderError, OutputError."""
        key = content_hash([self.name, request.model_dump(mode="json")], 32)
        if key not in self._known:
            reply = await self._model.complete(request)
            line = json.dumps({"key": key, "reply": reply.model_dump(mode="json")})
            with writing(self._file):
                self._file.parent.mkdir(parents=True, exist_ok=True)
            append_durably(self._file, line.encode() + b"\n")
            self._known[key] = reply
        return self._known[key]

    @cached_property
    def _known(self) -> dict[str, ChatReply]:
        with writing(self._file):
            content = self._file.read_bytes() if self._file.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):  # a crash cut the last line short
                with self._file.open("r+b") as file:
                    file.truncate(len(whole))
        try:
            answers = [json.loads(line) for line in whole.splitlines()]
            return {one["key"]: ChatReply.model_validate(one["reply"]) for one in answers}
        except (ValueError, LookupError, TypeError):
            raise OutputError(f"{self._file}: is no file of answers; remove it") from None
