"""The judge of turns, played by a model: several narrow questions about what code cannot decide.

Each assistant message is judged by itself, and the user's side as a whole. An answer that is
missing, unreadable or contradicts itself makes the verdict ``unknown``, which is never accepted.
A provider's failure is no verdict: its ProviderError passes through.
"""

import asyncio
import json
import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.prompts import render
from schemas.briefing import script
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatRequest
from schemas.message import AssistantMessage
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict
from validators.judge_questions import TURN_QUESTIONS, UNREADABLE, USER_QUESTIONS


class Finding(BaseModel):
    """One question that was answered with no."""

    model_config = ConfigDict(strict=True)

    code: str
    explanation: str = ""


class Judgement(BaseModel):
    """What a judge must answer."""

    model_config = ConfigDict(strict=True)

    label: Literal["good", "recoverable", "bad"]
    reasons: list[Finding]
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.label == "good") != (not self.reasons):
            raise ValueError(f"the label {self.label} with {len(self.reasons)} reasons")
        return self


def read_judgement(text: str, codes: frozenset[str]) -> Judgement:
    """Read a judge's answer, bare or in a code fence.

    Raises ValueError, in one line, for whatever leaves room for doubt: no JSON object, a key
    twice, a wrong label or code, a good label with reasons or another without.
    """
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", text, re.DOTALL)
    try:
        value = json.loads(fenced[1] if fenced else text, object_pairs_hook=_no_key_twice)
        judgement = Judgement.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    for finding in judgement.reasons:
        if finding.code not in codes:
            raise ValueError(f"unknown code {finding.code[:60]!r}")
    return judgement


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


VERSION = 1
_TRIES = 2


async def judge(trajectory: Trajectory, model: ChatModel, seed: int) -> tuple[Verdict, ...]:
    """Give one verdict for each assistant message, and one for the user's side.

    All are asked for at once; how many requests are open is the model's business. Raises
    ProviderError.
    """
    turns = [
        _ask(model, _turn_request(trajectory, position, seed), "judge_turn", position)
        for position, message in enumerate(trajectory.messages)
        if isinstance(message, AssistantMessage)
    ]
    parts = script(trajectory.task)
    material = render("judge_user.j2", parts=parts, messages=trajectory.messages)
    # Run all at once; the first failure ends the others and is raised by itself.
    questions = [
        *turns,
        _ask(
            model,
            _request(user_instructions(), material, derive_seed(seed, "judge", "user")),
            "judge_user",
        ),
    ]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return tuple(task.result() for task in tasks)


def turn_instructions() -> str:
    """Write the system text of requests about one assistant message."""
    return render(
        "judge.j2", subject="You judge one message of the assistant.", questions=TURN_QUESTIONS
    )


def user_instructions() -> str:
    """Write the system text of the request about the user's side."""
    return render(
        "judge.j2",
        subject="The user was played by a script. You judge the user's messages only.",
        questions=USER_QUESTIONS,
    )


def _turn_request(trajectory: Trajectory, position: int, seed: int) -> ChatRequest:
    message = trajectory.messages[position]
    calls = message.calls if isinstance(message, AssistantMessage) else ()
    called = {call.name for call in calls}
    material = render(
        "judge_turn.j2",
        tools=trajectory.tools,
        called=[tool for tool in trajectory.tools if tool.wire_name in called],
        before=trajectory.messages[:position],
        judged=message,
    )
    return _request(turn_instructions(), material, derive_seed(seed, "judge", position))


def _request(instructions: str, material: str, seed: int) -> ChatRequest:
    return ChatRequest(
        role="judge",
        messages=(
            {"role": "system", "content": instructions},
            {"role": "user", "content": material},
        ),
        seed=seed,
        temperature=0.0,
        json_object=True,
    )


async def _ask(
    model: ChatModel, request: ChatRequest, check: str, message: int | None = None
) -> Verdict:
    questions = TURN_QUESTIONS if check == "judge_turn" else USER_QUESTIONS
    codes = frozenset(question.code for question in questions)
    problem = ""
    for number in range(_TRIES):
        seed = request.seed if number == 0 else derive_seed(request.seed, number)
        reply = await model.complete(request.model_copy(update={"seed": seed}))
        try:
            judgement = read_judgement(reply.text, codes)
        except ValueError as error:
            problem = str(error)
            continue
        return Verdict(
            check=check,
            version=VERSION,
            level="turn",
            label=judgement.label,
            reasons=tuple(
                Reason(code=finding.code, message=message, explanation=finding.explanation)
                for finding in judgement.reasons
            ),
            judge=model.name,
            confidence=judgement.confidence,
        )
    reason = Reason(code=UNREADABLE, message=message, explanation=problem)
    return Verdict(
        check=check,
        version=VERSION,
        level="turn",
        label="unknown",
        reasons=(reason,),
        judge=model.name,
    )
