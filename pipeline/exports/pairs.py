"""Right against wrong: pairs of moves after the same prefix, and steps that are labelled.

Both are made of the mistakes of a folder, pairs also of moves that a model was asked again for. A
conversation of a pair ends with two messages, the right move and the wrong one; one of steps bears
a label on each step.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.exports import openai, swift
from pipeline.exports.chat import Chat, Said, join_speakers, read_said
from pipeline.exports.format import Format
from pipeline.exports.hermes import with_tools_told, write_result, write_said
from pipeline.exports.openai import write_message
from pipeline.exports.shaping import join_running
from pipeline.exports.templates import tools_of
from pipeline.exports.wire import nested_tool, template_message, tools_text
from pipeline.run.data_lines import Line, lines
from pipeline.run.error_files import ERRORS, read_mistaken
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of
from schemas.errors import InputError
from schemas.message import Message
from schemas.mistake import Mistake, label_roles, list_played
from schemas.record import JsonObject

_WORDS = {1: "good", 0: "unknown", -1: "bad"}


def read_pairs(folder: Path) -> Iterator[Chat]:
    """The pairs of a folder: prefix, right move, wrong move. Raises InputError.

    First those that a model has played: a move that was turned down, and the one in its place.
    """
    for line, mistake in _read_all(folder):
        messages = line.plain["messages"]
        chosen, rejected = messages[mistake.decision], _dump(mistake.wrong[0])
        if not chosen["role"] == rejected["role"] == "assistant":
            told = f"a mistake is not in the place of an assistant's message: {mistake.decision}"
            raise InputError(told, file=str(line.path), place=f"line {line.number}")
        before = _chat(line, mistake, [_read(one) for one in messages[: mistake.decision]])
        ends = _read(chosen, "good"), _read(rejected, "bad")
        yield replace(before, messages=(*join_running(before).messages, *ends))


def _read_all(folder: Path) -> Iterator[tuple[Line, Mistake]]:
    played = False
    for line in lines(folder / ACCEPTED, manifest_of(folder).accepted_bytes):
        if b'"turned_down"' in line.content or b'"given_up"' in line.content:
            for mistake in list_played(line.trajectory):
                played = True
                yield line, mistake
    if not played or (folder / ERRORS).exists():
        yield from read_mistaken(folder, "pair")


def read_steps(folder: Path) -> Iterator[Chat]:
    """The conversations of a folder whose steps are labelled. Raises InputError."""
    for line, mistake in read_mistaken(folder, "steps"):
        messages = [*line.plain["messages"][: mistake.decision], *map(_dump, mistake.wrong)]
        length, labels = label_roles([one["role"] for one in messages], mistake)
        words = {one.message: _WORDS[one.value] for one in labels}
        said = [_read(one, words.get(n, "")) for n, one in enumerate(messages[:length])]
        yield _chat(line, mistake, said)


def _chat(line: Line, mistake: Mistake, messages: Iterable[Said]) -> Chat:
    told = line.plain
    return Chat(
        told["index"], told["task"]["domain"], line.find_tools(), tuple(join_speakers(messages)),
        lambda: line.trajectory, lambda: line.task, told["roles"]["assistant"],
        part=f"{mistake.kind}-{mistake.decision}",
    )  # fmt: skip


def _dump(message: Message) -> JsonObject:
    return message.model_dump(mode="json")


def _read(told: JsonObject, label: str = "") -> Said:
    return read_said(told, {told["index"]: {"train": label == "good", "label": label}})


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


def _judge_pair(row: JsonObject) -> list[str]:
    """What is wrong with the input and the right message."""
    right = {**row["preferred_output"][0], "weight": 1}
    return openai.problems({**row["input"], "messages": [*row["input"]["messages"], right]})


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
    "openai-dpo",
    openai_rows,
    _judge_pair,
    carries=frozenset({"masks"}),
    read=read_pairs,
    judged=False,
    no_place_for=_FIXED,
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
