"""The judge of turns, played by a model: several narrow questions about what code cannot decide.

Each assistant message is judged by itself, and the user's side as a whole. An answer that is
missing, unreadable or contradicts itself makes the verdict ``unknown``, which is never accepted.
A provider's failure is no verdict: its ProviderError passes through.

To ask one thing more, add it to one of the tuples of questions; the prompt, the verdicts and the
documentation follow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.prompts import render
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatRequest, ask_all, ask_twice, read_json_reply
from schemas.message import AssistantMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict

VERSION = 1


@dataclass(frozen=True)
class Question:
    """One thing that is asked; ``code`` is the reason when the answer is no."""

    code: str
    ask: str


TURN_QUESTIONS: tuple[Question, ...] = (
    Question("judge_incoherent", "Does it follow from the conversation without contradicting it?"),
    Question(
        "judge_wrong_action",
        "Is this the right kind of step here: call, ask, confirm, answer or decline?",
    ),
    Question(
        "judge_wrong_call",
        "If it calls: is each tool the fitting one, used as its definition says?",
    ),
    Question(
        "judge_ungrounded",
        "If it calls: was every argument given by the user, by a result, or by the system text?",
    ),
    Question(
        "judge_unfaithful",
        "If it tells of results: is all that it says true to them, and nothing of weight left out?",
    ),
    Question("judge_guessed", "Does it ask when something needed is missing, rather than guess?"),
    Question(
        "judge_reveals",
        "Does it keep to itself its instructions, its tools' inner names, and what nobody asked for"
        " that is private?",
    ),
    Question("judge_redundant", "Is it free of calls and questions whose answer is already known?"),
)
USER_QUESTIONS: tuple[Question, ...] = (
    Question(
        "judge_user_invents",
        "Does the user state only what the user was told, or what the assistant said?",
    ),
    Question("judge_user_contradicts", "Is the user consistent, but for intended corrections?"),
    Question("judge_user_tells_early", "Does the user hold back what is said only when asked?"),
    Question("judge_user_ends_early", "Does the user bring up every wish before ending?"),
    Question("judge_user_acts_as_assistant", "Does the user leave the assistant's work to it?"),
    Question("judge_user_unnatural", "Does the user write as a person does, in plain words?"),
)
UNREADABLE = "judge_unreadable"
JUDGE_REASONS: dict[str, str] = {
    **{question.code: f"no to: {question.ask}" for question in TURN_QUESTIONS + USER_QUESTIONS},
    UNREADABLE: "the judge gave no answer that can be read",
}
"""Reason code → meaning."""


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


def judgement_shape(codes: Iterable[str]) -> JsonObject:
    """The JSON Schema of an answer that cannot contradict itself: good, or a fault with reasons."""
    text, confidence = {"type": "string"}, {"type": "number", "minimum": 0, "maximum": 1}
    finding = _object(code={"type": "string", "enum": sorted(codes)}, explanation=text)
    faults = {"type": "array", "items": finding, "minItems": 1}
    bad = {"type": "string", "enum": ["recoverable", "bad"]}
    return {
        "anyOf": [
            _object(reasons={"const": []}, label={"const": "good"}, confidence=confidence),
            _object(reasons=faults, label=bad, confidence=confidence),
        ]
    }


def _object(**properties: JsonObject) -> JsonObject:
    return {
        "type": "object", "properties": properties, "required": [*properties],
        "additionalProperties": False,
    }  # fmt: skip


def read_judgement(text: str, codes: frozenset[str]) -> Judgement:
    """Read a judge's answer, bare or in a code fence.

    Raises ValueError, in one line, for whatever leaves room for doubt: no JSON object, a key
    twice, a wrong label or code, a good label with reasons or another without.
    """
    try:
        judgement = Judgement.model_validate(read_json_reply(text))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    for finding in judgement.reasons:
        if finding.code not in codes:
            raise ValueError(f"unknown code {finding.code[:60]!r}")
    return judgement


async def judge(trajectory: Trajectory, model: ChatModel, seed: int) -> tuple[Verdict, ...]:
    """Give one verdict for each assistant message, and one for the user's side.

    All are asked for at once; how many requests are open is the model's business. Raises
    ProviderError.
    """
    questions = []
    for position, message in enumerate(trajectory.messages):
        if isinstance(message, AssistantMessage):
            called = {call.name for call in message.calls}
            material = render(
                "judge_turn.j2",
                tools=trajectory.tools,
                called=[tool for tool in trajectory.tools if tool.wire_name in called],
                before=trajectory.messages[:position],
                judged=message,
            )
            own_seed = derive_seed(seed, "judge", position)
            questions.append(_ask(model, "judge_turn", material, own_seed, position))
    material = render("judge_user.j2", brief=trajectory.task.brief, messages=trajectory.messages)
    questions.append(_ask(model, "judge_user", material, derive_seed(seed, "judge", "user")))
    return tuple(await ask_all(questions))


def turn_instructions() -> str:
    """Write the system text of requests about one assistant message."""
    return render(
        "judge.j2", subject="You judge one message of the assistant.", questions=TURN_QUESTIONS
    )


def user_instructions() -> str:
    """Write the system text of the request about the user's side."""
    return render(
        "judge.j2",
        subject="The user was played by a brief. You judge the user's messages only.",
        questions=USER_QUESTIONS,
    )


async def _ask(
    model: ChatModel, check: str, material: str, seed: int, message: int | None = None
) -> Verdict:
    """Put the questions of a check, once more where the answer cannot be read."""
    of_turn = check == "judge_turn"
    questions = TURN_QUESTIONS if of_turn else USER_QUESTIONS
    codes = frozenset(question.code for question in questions)
    request = ChatRequest(
        role="judge",
        messages=(
            {"role": "system", "content": turn_instructions() if of_turn else user_instructions()},
            {"role": "user", "content": material},
        ),
        seed=seed,
        temperature=0.0,
        json_object=True,
        shape=judgement_shape(codes),
    )
    judgement, problem = await ask_twice(model, request, lambda text: read_judgement(text, codes))
    if judgement is None:
        found = [(UNREADABLE, problem)]
    else:
        found = [(finding.code, finding.explanation) for finding in judgement.reasons]
    return Verdict(
        check=check,
        version=VERSION,
        level="turn",
        label="unknown" if judgement is None else judgement.label,
        reasons=tuple(Reason(code=code, message=message, explanation=told) for code, told in found),
        judge=model.name,
        confidence=None if judgement is None else judgement.confidence,
    )
