"""What a chat completion must have, and what is made of it: the one place that reads replies."""

import json
import re
from typing import Any

from pydantic import BaseModel, Field, field_validator

from schemas.chat import ChatCall, ChatReply

FILTERED = "content_filter"


class _Function(BaseModel):
    name: str
    arguments: str | None = None

    @field_validator("arguments", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Some servers send the object itself."""
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


class _ToolCall(BaseModel):
    id: str | None = None
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_ToolCall] | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, value: Any) -> Any:
        """Some servers send the text in parts."""
        if isinstance(value, list) and all(isinstance(part, dict) for part in value):
            return "".join(str(part.get("text") or "") for part in value)
        return value


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class Completion(BaseModel):
    """As much of a chat completion as must be there."""

    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None

    def reply(self) -> ChatReply:
        """Take the first choice, with its words also where they were cut off."""
        usage, choice = self.usage or _Usage(), self.choices[0]
        said = choice.message
        # Some servers leave the thoughts among the words.
        text, thought = said.content or said.refusal or "", None
        if match := re.match(r"\s*<think>(.*?)</think>\s*", text, re.DOTALL):
            text, thought = text[match.end() :], match[1].strip() or None
        read, details = usage.prompt_tokens or 0, usage.prompt_tokens_details
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
            finish=choice.finish_reason or "stop",
            input_tokens=read,
            # Some servers count these apart: nobody is to be paid for asking.
            cached_tokens=min(read, (details.cached_tokens or 0) if details else 0),
            output_tokens=usage.completion_tokens or 0,
        )
