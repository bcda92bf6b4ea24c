"""The questions to the judge: each is answered yes or no, and a no is a reason with its code.

To ask one thing more, add it to one of the tuples; the prompt, the verdicts and the documentation
follow.
"""

from dataclasses import dataclass


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
