"""Tells two trajectories apart: the keys by which a data set is kept free of duplicates."""

import re
import unicodedata
from collections.abc import Container
from itertools import takewhile
from typing import Any

from schemas.canonical import content_hash
from schemas.message import UserMessage
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Verdict
from validators.code_check import conclude


def first_message_key(trajectory: Trajectory) -> str:
    """Hash of the words of the first user message, without case and punctuation, and of the tools.

    Many people begin with "look up my orders": it is what comes of it that tells them apart.
    """
    said = [message for message in trajectory.messages if isinstance(message, UserMessage)]
    talk = sum(1 for _ in takewhile(lambda message: message.act == "talk", said))
    whole = " ".join(message.text for message in said[: talk + 1])
    text = unicodedata.normalize("NFKC", whole).casefold()
    tools = [call.tool for call in trajectory.task.calls]
    return content_hash([re.findall(r"\w+", text), tools])


def task_key(trajectory: Trajectory) -> str:
    """Hash of the domain and the gold calls; of the wish where a turn has no calls."""
    task = trajectory.task
    turns: list[list[Any]] = [
        [[call.tool, call.arguments] for call in turn.calls] or [turn.outcome, turn.intent]
        for turn in task.turns
    ]
    return content_hash([task.domain, turns])


def compare(
    trajectory: Trajectory, first_messages: Container[str], tasks: Container[str]
) -> Verdict:
    """Bad where one of its keys is among those of the trajectories that were kept before."""
    first = next((position for position, message in enumerate(trajectory.messages)
                  if isinstance(message, UserMessage)), None)  # fmt: skip
    reasons = []
    if first_message_key(trajectory) in first_messages:
        reasons.append(reason("duplicate_first_message", first, "text"))
    if task_key(trajectory) in tasks:
        reasons.append(reason("duplicate_task", None, "task"))
    return conclude("dataset", "dataset", tuple(reasons))
