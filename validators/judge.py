"""The judge, played by a model: one request a conversation, for what code cannot decide.

Who is asked, and what several opinions come to, is a matter of `validators.court`.

Asked are the questions below, and whatever the checks only suspect. The instructions come first,
then the tools and the conversation, so that what many requests begin with is the same. An answer
that is missing, unreadable or contradicts itself is ``unknown``, which is never accepted. A
provider's failure is no verdict: its ProviderError passes through.

To ask one thing more, add it to one of the tuples of questions; the prompt, the verdicts and the
documentation follow.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.prompts import SHIPPED, Prompts
from schemas.canonical import derive_seed, written_json
from schemas.chat import ChatModel, ChatRequest, ask_twice, read_json_reply
from schemas.message import AssistantMessage, UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from schemas.verdict import Label, Reason, Verdict
from validators.suspicions import put_question, weigh

VERSION = 2
TURN, USER, WHOLE, SUSPECTS = "judge_turn", "judge_user", "judge_whole", "judge_suspects"
"""The verdicts' names."""
KINDS = (TURN, USER, WHOLE)


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
        "If it calls: is each tool the fitting one, used as its description says, with what it"
        " wants done, asked or known first, and in the form that it names?",
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
        "Does the user state only what the user was told, or what the assistant said? Small talk"
        " that fits them is no invention.",
    ),
    Question("judge_user_contradicts", "Is the user consistent, but for intended corrections?"),
    Question("judge_user_act", "Do the words do what stands in brackets?"),
    Question("judge_user_tells_early", "Does the user hold back what is said only when asked?"),
    Question("judge_user_acts_as_assistant", "Does the user leave the assistant's work to it?"),
    Question("judge_user_unnatural", "Does the user write as a person does, in plain words?"),
)
WHOLE_QUESTIONS: tuple[Question, ...] = (
    Question(
        "judge_goal_missed",
        "Is each wish met, or ended as the brief says, with the user told so?",
    ),
    Question("judge_user_ends_early", "Does the user bring up every wish before ending?"),
    Question("judge_task_senseless", "Would such a person want this, and can it be wanted?"),
    Question(
        "judge_results_senseless",
        "Are the results such as a sensible service gives, with all that the tools' descriptions"
        " promise of them, and do they agree with the calls and with each other?",
    ),
)
_LONGEST, _MOST = 300, 12
"""Characters of an explanation, and findings: a weak model goes on until it is cut off."""
UNREADABLE, UNCLEAR = "judge_unreadable", "judge_unclear"
QUESTIONS = (*TURN_QUESTIONS, *USER_QUESTIONS, *WHOLE_QUESTIONS)
JUDGE_REASONS: dict[str, str] = {
    **{question.code: f"no to: {question.ask}" for question in QUESTIONS},
    UNREADABLE: "the judge gave no answer that can be read",
    UNCLEAR: "the judge could not decide what the checks suspect",
}
"""Reason code → meaning."""
KIND_OF = {
    **{question.code: TURN for question in TURN_QUESTIONS},
    **{question.code: USER for question in USER_QUESTIONS},
    **{question.code: WHOLE for question in WHOLE_QUESTIONS},
}
_SPEAKS = {TURN: AssistantMessage, USER: UserMessage}


class Finding(BaseModel):
    """One question that was answered with no."""

    model_config = ConfigDict(strict=True, extra="forbid")

    message: int
    """Number of the message; 0 is the whole."""
    code: str
    label: Literal["recoverable", "bad"]
    explanation: str = ""


class Answer(BaseModel):
    """What becomes of one suspicion."""

    model_config = ConfigDict(strict=True, extra="forbid")

    number: int = Field(ge=1)
    answer: Literal["yes", "no", "unclear"]


class Judgement(BaseModel):
    """What a judge must answer."""

    model_config = ConfigDict(strict=True, extra="forbid")

    findings: list[Finding]
    suspicions: list[Answer] = Field(default_factory=list)

    @property
    def drops(self) -> bool:
        """Whether a conversation might be lost for it: then there is a second opinion."""
        denied = any(one.answer == "no" for one in self.suspicions)
        return denied or any(one.label == "bad" for one in self.findings)


def judgement_shape(suspicions: int) -> JsonObject:
    """The JSON Schema of an answer: known codes only, and each suspicion answered."""
    text, number = {"type": "string", "maxLength": _LONGEST}, {"type": "integer", "minimum": 0}
    finding = _object(
        message=number,
        code={"type": "string", "enum": sorted(KIND_OF)},
        label={"type": "string", "enum": ["recoverable", "bad"]},
        explanation=text,
    )
    answer = _object(
        number={"type": "integer", "minimum": 1, "maximum": max(suspicions, 1)},
        answer={"type": "string", "enum": ["yes", "no", "unclear"]},
    )
    several = {"minItems": suspicions, "maxItems": suspicions}
    return _object(
        findings={"type": "array", "items": finding, "maxItems": _MOST},
        suspicions={"type": "array", "items": answer, **several},
    )


def _object(**properties: JsonObject) -> JsonObject:
    return {
        "type": "object", "properties": properties, "required": [*properties],
        "additionalProperties": False,
    }  # fmt: skip


def read_judgement(text: str, trajectory: Trajectory, suspicions: int) -> Judgement:
    """Read a judge's answer, bare or in a code fence.

    Raises ValueError, in one line, for whatever leaves room for doubt: no JSON object, a key
    twice, an unknown code, a message that is not of the side asked about, a suspicion that is not
    answered, or twice.
    """
    try:
        judgement = Judgement.model_validate(read_json_reply(text))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    for finding in judgement.findings:
        if (kind := KIND_OF.get(finding.code)) is None:
            raise ValueError(f"unknown code {finding.code[:60]!r}")
        at, messages = finding.message, trajectory.messages
        if kind == WHOLE:
            continue
        if not 0 <= at < len(messages) or not isinstance(messages[at], _SPEAKS[kind]):
            raise ValueError(f"{finding.code} is not about message {at}")
    if sorted(one.number for one in judgement.suspicions) != [*range(1, suspicions + 1)]:
        raise ValueError(f"not each of {suspicions} suspicions is answered once")
    return judgement


def write_good(suspicions: int = 0) -> str:
    """The answer of a judge who finds nothing, and bears out whatever is suspected."""
    answers = [{"number": n, "answer": "yes"} for n in range(1, suspicions + 1)]
    return written_json({"findings": [], "suspicions": answers})


async def ask_judge(
    trajectory: Trajectory,
    suspected: Sequence[Reason],
    model: ChatModel,
    seed: int,
    prompts: Prompts = SHIPPED,
    *,
    again: bool = False,
) -> tuple[Judgement | None, str]:
    """One opinion; None and why where it cannot be read. Raises ProviderError."""
    request = ChatRequest(
        role="judge",
        messages=judge_messages(trajectory, suspected, prompts, again=again),
        seed=derive_seed(seed, "judge", again),
        temperature=0.0,
        json_object=True,
        shape=judgement_shape(len(suspected)),
    )
    return await ask_twice(
        model, request, lambda text: read_judgement(text, trajectory, len(suspected))
    )


def conclude_judgement(
    trajectory: Trajectory, suspected: Sequence[Reason], judgement: Judgement, name: str
) -> tuple[Verdict, ...]:
    """What a judgement comes to: a verdict on each side, the whole, and what is suspected."""
    verdicts: list[Verdict] = []
    labels: tuple[Label, ...] = ("recoverable", "bad")
    for kind in KINDS:  # good, or a verdict for each label that is given
        own = [one for one in judgement.findings if KIND_OF[one.code] == kind]
        if not own:
            verdicts.append(_verdict(kind, "good", (), name))
        for label in labels:
            reasons = tuple(
                Reason(code=one.code, explanation=one.explanation,
                       message=None if kind == WHOLE else one.message)
                for one in own if one.label == label
            )  # fmt: skip
            if reasons:
                verdicts.append(_verdict(kind, label, reasons, name))
    return (*verdicts, *_settle(trajectory, suspected, judgement.suspicions, name))


def tell_missing(name: str, problem: str) -> Verdict:
    """No opinion, and why: unknown, and never accepted."""
    unreadable = (Reason(code=UNREADABLE, explanation=problem),)
    return _verdict(TURN, "unknown", unreadable, name)


def judge_messages(
    trajectory: Trajectory,
    suspected: Sequence[Reason],
    prompts: Prompts = SHIPPED,
    *,
    again: bool = False,
) -> tuple[JsonObject, ...]:
    """What the judge is sent: instructions, then the material.

    ``again``: for a second opinion, with the questions in another order.
    """
    task = trajectory.task
    material = prompts.render(
        "judge_conversation.j2",
        tools=trajectory.tools,
        messages=trajectory.messages,
        style=task.persona.style,
        brief=task.brief,
        manner=trajectory.manner,
        suspicions=[put_question(trajectory, one) for one in suspected],
    )
    return (
        {"role": "system", "content": judge_instructions(prompts, again=again)},
        {"role": "user", "content": material},
    )


def judge_instructions(prompts: Prompts = SHIPPED, *, again: bool = False) -> str:
    """The system text of every request: the same for all conversations."""
    step = -1 if again else 1
    return prompts.render(
        "judge.j2",
        of_assistant=TURN_QUESTIONS[::step],
        of_user=USER_QUESTIONS[::step],
        of_whole=WHOLE_QUESTIONS[::step],
    )


def _settle(
    trajectory: Trajectory, suspected: Sequence[Reason], answers: Iterable[Answer], name: str
) -> Iterator[Verdict]:
    """What becomes of the checks' suspicions; those that stay unclear are left to them."""
    if not suspected:
        return
    told = {one.number: one.answer for one in answers}
    by_answer: dict[str, list[Reason]] = {"yes": [], "no": [], "unclear": []}
    for number, one in enumerate(suspected, 1):
        by_answer[told[number]].append(one)
    labels: dict[Label, list[Reason]] = {}
    for one in by_answer["no"]:
        settled = one.model_copy(update={"suspect": False})
        labels.setdefault(weigh(trajectory, one), []).append(settled)
    if by_answer["unclear"]:
        unclear = Reason(code=UNCLEAR, explanation=f"{len(by_answer['unclear'])} of them")
        labels["unknown"] = [unclear]
    borne_out = tuple(by_answer["yes"])
    for label, reasons in (labels or {"good": []}).items():
        found = _verdict(SUSPECTS, label, tuple(reasons), name)
        yield found.model_copy(update={"borne_out": borne_out})
        borne_out = ()


def _verdict(check: str, label: Label, reasons: tuple[Reason, ...], name: str) -> Verdict:
    return Verdict(
        check=check, version=VERSION, level="turn", label=label, reasons=reasons, judge=name
    )
