"""Right against wrong: pairs of moves after the same prefix, and steps that are labelled.

Both are made of the mistakes of a folder, pairs also of moves that a model was asked again for. A
conversation of a pair ends with two messages, the right move and the wrong one; one of steps bears
a label on each step.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.exports import swift
from pipeline.exports.chat import Chat, Said, join_speakers, read_said
from pipeline.exports.format import Format
from pipeline.exports.hermes import with_tools_told, write_result, write_said
from pipeline.exports.openai import write_message
from pipeline.exports.shaping import join_running
from pipeline.exports.trl import tools_of
from pipeline.exports.wire import nested_tool, template_message, tools_text
from pipeline.run.data_lines import lines
from pipeline.run.manifest import ACCEPTED
from pipeline.run.mistakes_file import ERRORS, read_mistakes
from pipeline.run.output_folder import manifest_of
from schemas.message import Message
from schemas.mistake import Mistake, label_steps, list_played, make_pair
from schemas.record import JsonObject
from schemas.trajectory import Trajectory

_WORDS = {1: "good", 0: "unknown", -1: "bad"}


def read_pairs(folder: Path) -> Iterator[Chat]:
    """The pairs of a folder: prefix, right move, wrong move. Raises InputError.

    First those that a model has played: a move that was turned down, and the one in its place.
    """
    for trajectory, mistake in _read_all(folder):
        pair = make_pair(trajectory, mistake)
        ends = (*_plain(*pair.chosen, label="good"), *_plain(*pair.rejected, label="bad"))
        before = join_running(_chat(trajectory, mistake, tuple(_plain(*pair.prefix))))
        yield replace(before, messages=(*before.messages, *ends))


def _read_all(folder: Path) -> Iterator[tuple[Trajectory, Mistake]]:
    played = False
    for line in lines(folder / ACCEPTED, manifest_of(folder).accepted_bytes):
        if b'"turned_down"' in line.content or b'"given_up"' in line.content:
            for mistake in list_played(line.trajectory):
                played = True
                yield line.trajectory, mistake
    if not played or (folder / ERRORS).exists():
        yield from read_mistakes(folder, "pair")


def read_steps(folder: Path) -> Iterator[Chat]:
    """The conversations of a folder whose steps are labelled. Raises InputError."""
    for trajectory, mistake in read_mistakes(folder, "steps"):
        messages, labels = label_steps(trajectory, mistake)
        values = {one.message: one.value for one in labels}
        said = (
            next(_plain(message, label=_WORDS[values[n]] if n in values else ""))
            for n, message in enumerate(messages)
        )
        yield _chat(trajectory, mistake, tuple(said))


def _chat(trajectory: Trajectory, mistake: Mistake, messages: tuple[Said, ...]) -> Chat:
    return Chat(
        trajectory.index, trajectory.task.domain, trajectory.tools, tuple(join_speakers(messages)),
        lambda: trajectory, trajectory.roles.assistant, part=f"{mistake.kind}-{mistake.decision}",
    )  # fmt: skip


def _plain(*messages: Message, label: str = "") -> Iterator[Said]:
    for message in messages:
        told: dict[str, Any] = message.model_dump(mode="json")
        yield read_said(told, {told["index"]: {"train": label == "good", "label": label}})


def openai_rows(chat: Chat) -> Iterator[JsonObject]:
    """The pair as OpenAI has it: the right message and the wrong one after the same input."""
    *before, chosen, rejected = map(write_message, chat.messages)
    for message in (*before, chosen, rejected):
        message.pop("weight", None)
    tools = [*map(nested_tool, chat.tools)]
    told = {"tools": tools, "parallel_tool_calls": True} if tools else {}
    yield {
        "input": {"messages": before, **told},
        "preferred_output": [chosen],
        "non_preferred_output": [rejected],
    }


def trl_rows(chat: Chat) -> Iterator[JsonObject]:
    """The pair as TRL's DPO and reward trainers have it."""
    *before, chosen, rejected = map(template_message, chat.messages)
    yield {"prompt": before, "chosen": [chosen], "rejected": [rejected], **tools_of(chat)}


def kto_rows(chat: Chat) -> Iterator[JsonObject]:
    """Both moves of the pair, each with whether it is wanted."""
    *before, chosen, rejected = map(template_message, chat.messages)
    for completion, label in ((chosen, True), (rejected, False)):
        yield {"prompt": before, "completion": [completion], "label": label, **tools_of(chat)}


def swift_rows(chat: Chat) -> Iterator[JsonObject]:
    """The pair as ms-swift has it: the right conversation whole, and the wrong one beside it.

    Both ends need the tools: without ``rejected_tools`` the wrong one has a prompt without any.
    Learned from is the move alone; ms-swift would count all since the last user's word.
    """
    *before, chosen, rejected = chat.messages
    prefix = [said._replace(train=False) for said in before]
    right, wrong = (
        swift.write_messages((*prefix, end._replace(train=True))) for end in (chosen, rejected)
    )
    told = tools_text(chat.tools)
    tools = {"tools": told, "rejected_tools": told} if chat.tools else {}
    yield {"messages": right, "rejected_messages": wrong, **tools}


def prm_rows(chat: Chat) -> Iterator[JsonObject]:
    """Steps as TRL's stepwise supervision has them: texts, and whether each is right.

    What a tool answers belongs to the step that called. What follows from a wrong step is not
    judged, and left out.
    """
    told = with_tools_told(chat)
    first = next((n for n, said in enumerate(told) if said.role == "assistant"), len(told))
    steps: list[str] = []
    labels: list[bool] = []
    for said in told[first:]:
        if said.role == "assistant":
            if said.label == "unknown":
                break
            steps.append(write_said(said))
            labels.append(said.label == "good")
        elif said.role == "tool":
            steps[-1] += f"\n{write_result(said)}"
        else:
            steps[-1] += f"\n\n{said.role}: {said.text}"
    prompt = "\n\n".join(f"{said.role}: {said.text}" for said in told[:first])
    yield {"prompt": prompt, "completions": steps, "labels": labels, "id": chat.name}


def _judge_steps(row: JsonObject) -> list[str]:
    return [] if row["labels"] else ["no step is judged"]


_CARRIED: frozenset[Any] = frozenset({"reasoning", "masks"})
_FIXED = frozenset({"train", "batches", "beside", "masked", "irrelevant"})
"""Choices on whole conversations: both ends of a pair, and each step, are what they are."""
OPENAI = Format(
    "openai-dpo", openai_rows, carries=frozenset({"masks"}), read=read_pairs, no_place_for=_FIXED
)
TRL_DPO = Format("trl-dpo", trl_rows, carries=_CARRIED, read=read_pairs, no_place_for=_FIXED)
TRL_KTO = Format("trl-kto", kto_rows, carries=_CARRIED, read=read_pairs, no_place_for=_FIXED)
SWIFT = Format("swift-dpo", swift_rows, carries=_CARRIED, read=read_pairs, no_place_for=_FIXED)
PRM = Format(
    "prm",
    prm_rows,
    _judge_steps,
    carries=_CARRIED,
    read=read_steps,
    judged=False,
    no_place_for=_FIXED,
)
