"""Accepted scripted conversations, played back as a model's, with a judge who is always kind.

``python -m benchmarks.played_back`` plays forty of the own catalogues in several wordings, and
prints how many pass: all where the words are as usual as the script's, none where something is done
against a plain no.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from generators.dialogue.loop import play
from generators.dialogue.model_roles import ModelAssistant, ModelUser
from generators.studio import Studio
from pipeline.chat.completion import Completion
from pipeline.chat.loopback import Recorded
from pipeline.config import Settings
from pipeline.opening import open_workshop
from schemas.chat import ChatReply, ChatRequest
from schemas.message import AssistantMessage, Message, UserMessage
from schemas.trajectory import Roles, Trajectory
from validators.checks import examine
from validators.court import Court
from validators.suspicions import is_undecided

COUNT, SEED = 40, 11
BY_MODEL = Roles(user="tiny", assistant="tiny", judge="tiny")
NO = "Actually, don't do that."
Change = Callable[[Message], Message]


@dataclass(frozen=True)
class Memory:
    """Answers as `Recorded` does, without a wire."""

    recorded: Recorded
    name: str = "tiny"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """What was said at that place."""
        answer = self.recorded({"messages": list(request.messages)})
        return Completion.model_validate(answer).reply()


def play_back(recorded: Trajectory, studio: Studio) -> Trajectory:
    """Both sides by a model, checked and judged as a build does."""
    model, look = Memory(Recorded([recorded])), studio.environment
    task, tools, seed = recorded.task, recorded.tools, recorded.seed

    async def made() -> Trajectory:
        played = await play(
            task, tools, ModelUser(task, model, seed), ModelAssistant(tools, model, seed),
            look(task), index=recorded.index, seed=seed, roles=BY_MODEL,
        )  # fmt: skip
        checked = examine(played.trajectory, look, (played.failure,) if played.failure else ())
        if not is_undecided(checked.verdicts):
            return checked
        judged = await Court([model]).judge(played.trajectory, checked.verdicts, seed)
        return examine(played.trajectory, look, judged)

    return asyncio.run(made())


def change(trajectory: Trajectory, by: Change) -> Trajectory:
    """The conversation with each message changed."""
    return trajectory.model_copy(update={"messages": tuple(map(by, trajectory.messages))})


def leave(message: Message) -> Message:
    """The message as it is."""
    return message


def ask_formally(message: Message) -> Message:
    """What the assistant asks leave for, it asks in the words of a form."""
    if not isinstance(message, AssistantMessage) or message.act != "confirm":
        return message
    *before, _ = re.split(r"(?<=[.!?])\s+", message.text)
    text = " ".join([*before, "Please confirm (yes) to proceed."])
    return message.model_copy(update={"text": text})


def agree(text: str, act: str = "affirm") -> Change:
    """Wherever the user agrees, they say this."""

    def by(message: Message) -> Message:
        agrees = isinstance(message, UserMessage) and message.act == "affirm"
        return message.model_copy(update={"text": text, "act": act}) if agrees else message

    return by


class Case(NamedTuple):
    """A wording, and whether it may pass."""

    told: str
    by: Change
    passes: bool


CASES: tuple[Case, ...] = (
    Case("unchanged", leave, True),
    Case("“Please confirm (yes) to proceed.”", ask_formally, True),
    Case("“That works for me.”", agree("That works for me."), True),
    Case(f"“{NO}”, as who declines", agree(NO, "negate"), False),
    Case(f"“{NO}”, as who agrees", agree(NO), False),
)


def accepted(studio: Studio, count: int, seed: int = SEED) -> Iterator[Trajectory]:
    """Scripted conversations that are accepted."""
    index = 0
    while count:
        played = asyncio.run(studio.candidate(seed, index, studio.scripted, Roles()))
        index += 1
        if not played.failure and examine(played.trajectory, studio.environment).accepted:
            count -= 1
            yield played.trajectory


def try_case(case: Case, recorded: Sequence[Trajectory], studio: Studio) -> list[bool]:
    """Whether each conversation that the case changes passes."""
    pairs = ((one, change(one, case.by)) for one in recorded)
    touched = [other for one, other in pairs if case.by is leave or one != other]
    return [play_back(one, studio).accepted for one in touched]


def main() -> int:
    """Print the table; 1 where a wording fares otherwise than it should."""
    workshop = open_workshop(Settings(workers=1))
    try:
        recorded, wrong = [*accepted(workshop.studio, COUNT)], 0
        sys.stdout.write(f"{len(recorded)} conversations\nwording | changed | pass | should\n")
        for case in CASES:
            passed = try_case(case, recorded, workshop.studio)
            wrong += sum(one != case.passes for one in passed)
            should = "all" if case.passes else "none"
            sys.stdout.write(f"{case.told} | {len(passed)} | {sum(passed)} | {should}\n")
    finally:
        workshop.release()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
