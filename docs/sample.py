"""Writes the conversation in the README: one candidate of the demo, its results shortened."""

import asyncio
import textwrap

from pipeline.config import Settings
from pipeline.opening import open_workshop
from schemas.canonical import written_json
from schemas.message import AssistantMessage, Message, ToolMessage
from schemas.trajectory import Trajectory

SEED, CANDIDATE = 1, 107
"""The seed is that of ``make demo``; any candidate that it accepts will do."""
_WIDTH, _RESULT = 86, 150
_HANGING = " " * 11


def sample() -> str:
    """The conversation as a fenced block, and the command that shows it in full."""
    trajectory = asyncio.run(open_workshop(Settings(seed=SEED)).candidate(CANDIDATE))
    shown = f"`toolweave show out/demo {trajectory.id[:6]}` shows it in full"
    lines = "\n".join(_told(message) for message in trajectory.messages[1:])
    return f"{_opening(trajectory)}; {shown}.\n\n```text\n{lines}\n```\n"


def _opening(trajectory: Trajectory) -> str:
    task = trajectory.task
    operators = ", ".join(f"`{name}`" for name in task.operators) or "none"
    about = f"domain `{task.domain}`, style `{task.persona.style}`, operators {operators}"
    return f"A conversation from `out/demo`: {about}. Long results are cut"


def _told(message: Message) -> str:
    return "\n".join(
        _wrapped(part, message.role if number == 0 else "")
        for number, part in enumerate(_parts(message))
    )


def _parts(message: Message) -> list[str]:
    if isinstance(message, ToolMessage):
        cut = len(message.content) > _RESULT
        return [f"{message.content[:_RESULT]}…" if cut else message.content]
    calls = message.calls if isinstance(message, AssistantMessage) else ()
    made = [f"→ {call.name} {written_json(call.arguments)}" for call in calls]
    return [*([message.text] if message.text else []), *made]


def _wrapped(text: str, speaker: str) -> str:
    first = f"{speaker:11}"
    return textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=_HANGING)
