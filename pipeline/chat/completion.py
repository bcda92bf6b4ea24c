"""A chat completion as endpoints send it, as much of it as must be there, and what it says."""

import re

from pydantic import BaseModel, Field

from schemas.chat import ChatCall, ChatReply


class _Function(BaseModel):
    name: str
    arguments: str | None = None


class _ToolCall(BaseModel):
    id: str | None = None
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completion(BaseModel):
    """As much of a chat completion as must be there."""

    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None

    def reply(self) -> ChatReply:
        """Take the first choice; what was cut off counts as nothing, since half is no answer."""
        usage, choice = self.usage or _Usage(), self.choices[0]
        counts = {"input_tokens": usage.prompt_tokens, "output_tokens": usage.completion_tokens}
        if choice.finish_reason in ("length", "content_filter"):
            return ChatReply(**counts)
        said = choice.message
        # Part ``<think>…</think>`` from the words, for servers that leave it in.
        content = said.content or ""
        match = re.match(r"\s*<think>(.*?)</think>\s*", content, re.DOTALL)
        (thought, text) = (
            (match[1].strip() or None, content[match.end() :]) if match else (None, content)
        )
        return ChatReply(
            text=text,
            reasoning=said.reasoning_content or said.reasoning or thought,
            calls=tuple(
                ChatCall(
                    id=call.id or f"call_{number}",
                    name=call.function.name,
                    arguments=call.function.arguments or "",
                )
                for number, call in enumerate(said.tool_calls or ())
            ),
            **counts,
        )
