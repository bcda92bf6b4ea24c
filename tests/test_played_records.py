"""Conversations that a strong model played for 0.3.0: what a reader found good passes every check.

The records are of an older form. What they lack is made as a model's conversations have it now: the
user's acts as whoever plays the user would tell them, the assistant's none, what people say for a
choice as the world model has it now, sources found anew.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generators.dialogue.provenance import trace
from generators.tasks.task_record import list_said
from schemas.message import AssistantMessage, Message
from schemas.record import JsonObject
from schemas.task import TaskTurn
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict
from tests.test_own_worlds import own_world
from validators.checks import examine
from validators.labels import label
from validators.reward import Measure, reward
from validators.suspicions import list_suspicions

PLAYED = Path(__file__).resolve().parents[1].parent / "shared" / "played"
pytestmark = pytest.mark.skipif(not PLAYED.is_dir(), reason="../shared/played is not there")
GOOD = [("own", 0), ("own", 2), ("own", 5), ("own", 6), ("own", 7),
        ("github", 1), ("github", 3), ("github", 5)]  # fmt: skip
TOLD = {("github", 3, 7): "affirm", ("github", 3, 13): "affirm", ("own", 2, 15): "thank",
        ("own", 0, 13): "correct"}  # fmt: skip
"""What a user says of themselves where 0.3.0 guessed otherwise: file, index, message → act."""
RISKS = {("own", 5): {"blind_repeat"}}
"""What a judge is asked of a law that there was not then: a write is not sent again blindly."""
ENDINGS = {"undisclosed_failure", "unrecovered_fault", "should_have_refused", "result_not_told",
           "should_have_transferred", "should_have_asked"}  # fmt: skip
"""What only words can decide: a judge is asked."""


@cache
def records(file: str) -> dict[int, JsonObject]:
    lines = (PLAYED / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["index"]: record for record in map(json.loads, lines)}


def converted(file: str, index: int) -> Trajectory:
    """A record in today's form."""
    record: dict[str, Any] = json.loads(json.dumps(records(file)[index]))
    for turn in record["task"]["turns"]:
        for key in turn.keys() - TaskTurn.model_fields.keys():
            del turn[key]
    record["task"]["rules"] = []
    if file == "own":
        domains = {one["wire_name"]: one["domain"] for one in record["tools"]}
        record["task"]["said"] = {
            choice: words
            for name in record["task"]["tools"]
            for choice, words in list_said((name,), own_world(domains[name])).items()
        }
    record |= {"verdicts": [], "labels": []}
    for message in record["messages"]:
        if message["role"] == "assistant" and not message["calls"]:
            message["act"] = "say"
        told = TOLD.get((file, index, message["index"]))
        if message["role"] == "user" and told:
            message["act"] = told
    made = Trajectory.model_validate(record)
    clock, tools = datetime.fromisoformat(made.task.clock), {t.wire_name: t for t in made.tools}
    messages: list[Message] = []
    for message in made.messages:
        if isinstance(message, AssistantMessage):
            calls = tuple(
                call.model_copy(update={"provenance": trace(
                    tools[call.name], call.arguments, messages, clock)})
                for call in message.calls
            )  # fmt: skip
            message = message.model_copy(update={"calls": calls})
        messages.append(message)
    return made.model_copy(update={"messages": tuple(messages)})


def decided(trajectory: Trajectory) -> tuple[Verdict, ...]:
    """What the checks find that read the record alone: its world is not there any more."""
    found = examine(trajectory, None).verdicts
    return tuple(one for one in found if one.check not in ("replay", "policy"))


@pytest.mark.parametrize(("file", "index"), GOOD)
def test_what_a_reader_found_good_passes_every_check_of_code(file: str, index: int) -> None:
    verdicts = decided(converted(file, index))
    wrong = [r.code for one in verdicts for r in one.reasons if not r.suspect]
    assert not wrong
    left = {one.code for one in list_suspicions(verdicts)} - ENDINGS
    assert left == RISKS.get((file, index), set())


@pytest.mark.parametrize(("file", "index"), GOOD)
def test_what_a_reader_found_good_has_all_parts(file: str, index: int) -> None:
    played = converted(file, index)
    found = reward(played, None, Measure.of(played))
    assert all(part.score == 1 and not part.codes for part in found.parts)
    assert not found.binary, "its world is not there any more, so nobody knows of the replay"


def test_a_slip_of_the_assistant_is_masked_and_the_conversation_kept() -> None:
    record = records("retail")[1]
    trajectory = converted("retail", 1)
    judged = tuple(
        Verdict(check="judge_turn", version=2, level="turn", label=one["label"], judge="hand",
                reasons=tuple(map(Reason.model_validate, one["reasons"])))
        for one in record["verdicts"] if one["check"] == "judge_turn"
    )  # fmt: skip
    passed = tuple(one for one in decided(trajectory) if one.label == "good")
    assert len(passed) == len(decided(trajectory))
    verdicts = (*passed, *judged)
    kept = trajectory.model_copy(
        update={"verdicts": verdicts, "labels": label(trajectory, verdicts)}
    )
    masked = [one.message for one in kept.labels if not one.train]
    flagged = {reason.message for one in judged for reason in one.reasons}
    assert kept.accepted
    assert flagged == {*masked} != set()
