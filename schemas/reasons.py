"""Every code that code gives for what is not kept: the tables that the docs are made from.

In the order in which a candidate meets them: an attempt at a task is given up (`ATTEMPTS`) or not
proven (`FLAWS`), a role cannot go on (`ROLE_FAILURES`), the endpoint does not serve a request
(`NOT_SERVED`), a check or a label objects (`REASONS`), or our own code fails at any of this
(`CANDIDATE_FAILURES`). A judge's codes stand with its questions
(`validators.judge`). The codes are stable names: data sets, reports and filters refer to them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from schemas.verdict import Label, Level, Reason

ATTEMPTS: dict[str, str] = {
    "nothing_runs": "no call of the chain runs, or one that is wanted does not",
    "operator_lacking": "an operator that is asked for finds no place in it",
    "focus_not_called": "the tool or edge that the task is drawn for is not called in the end",
    "nobody_proven": "the policy wants the person found before anything else, and no call does so",
    "gap_does_not_fit": "what the chain holds back or asks for in vain finds no place",
    "too_short": "fewer calls are left than the chain allows",
    "missing_tool_is_needed": "what is asked for in vain can be done by a tool that is needed",
}
"""Why an attempt at a task is given up before it is proven: code → meaning."""
FLAWS: dict[str, str] = {
    "gold_call_fails": "a gold call fails when it is run again",
    "gold_result_differs": "a gold call returns something else when it is run again",
    "final_state_differs": "the gold calls do not lead to the final state on record",
    "unnecessary_write": "the final state is the same without this write",
    "unnecessary_read": "the result brings nothing that is not known without it",
    "ambiguous_reference": "what the user describes fits no row of the state, or several",
    "wrong_comparison": "what is compared does not single out the row that is chosen",
    "unsayable_value": "the user has to say what no person says, or too much at once",
    "not_told": "the user is not told what an argument of a write hangs on",
    "write_unseen": "no earlier read shows what a write hangs on, though one could",
    "unsaid_value": "what must be said does not stand in the result",
    "policy_forbids_gold": "a rule forbids a gold call in the state that it meets",
    "policy_allows_barred": "no rule forbids the call that is to be declined",
    "forbidden_call_made": "what must not be called is a read, is not offered, or is a gold call",
    "plant_unseen": "a text that was put into a row is in no result",
    "fault_blocks_goal": "a later call needs the result of a call that never succeeds",
    "unsayable_tool": "a tool is asked for whose work no person would put into words",
    "unnameable_row": "a row is asked for, or to be confirmed, that nobody has words for",
    "nothing_told": "of what is asked for, nothing can be told that tells one from the other",
    "ambiguous_tool": "the same words would ask for another tool on offer, with the same values",
    "ambiguous_role": "a request fits the same call with two of its values exchanged",
    "misplaced_row": "a call looks for a row elsewhere than where it was found",
    "outdated_value": "a call takes a value from a row that a write has changed since",
    "outcome_does_not_fit": "a turn ends otherwise than its calls make it end",
    "format_broken": "a gold argument is not written as its parameter's description asks",
    "fault_changes_result": "under its fault, a call does not fail as planned or not recover",
}
"""Why an attempt at a task makes none, as its proof finds: code → meaning."""
STIFF = frozenset(
    {"unnameable_row", "unsayable_tool", "unsayable_value", "nothing_told", "ambiguous_tool"}
)
"""Flaws of words alone: right, but no person would put it so."""
ROLE_FAILURES: dict[str, str] = {
    "empty_reply": "the model said nothing",
    "stop_in_first_turn": "the user ended the conversation before it began",
    "stop_too_early": "the user ended the conversation before every wish was brought up",
    "unreadable_reply": "the user's model did not answer with wish, act and words",
    "act_differs": "the user's model says that it agrees, in words that decline",
    "user_stuck": "nothing that the user was given lets them answer: the task is at fault",
    "user_calls_tool": "the model that plays the user tried to call a tool",
    "unknown_tool": "the assistant called a tool that it was not offered",
    "unparsable_arguments": "the assistant wrote arguments that are no JSON object",
    "too_many_steps": "the assistant called on and on without answering the user",
    "too_many_messages": "the conversation did not come to an end",
    "repeated_message": "somebody said the same for the third time, and nothing was done between",
    "repeated_call": "the same call was answered the same for the third time",
    "goal_out_of_reach": "a write was made that nobody wanted: the wanted state cannot be reached",
    "user_invents": "in each of its samples the user's model says what it was not given",
    "task_not_written": "no round gave words for the task by which a reviewer came to its end",
}
"""Why a role cannot go on, so that the candidate is rejected: code → meaning."""
NOT_SERVED: dict[str, str] = {
    "context_exceeded": "a request was longer than the model's context",
    "provider_refused": "the endpoint would not serve a request: a filter, an error that stays",
    "candidate_limit": "it took more requests or tokens than a candidate may",
    "cut_off": "a reply was cut off at its limit, and again with twice the room",
}
"""Why a candidate ends that says nothing of its quality: code → meaning."""
REWRITING: dict[str, str] = {
    "no_words": "the reply is no JSON object that has words for the message",
    "value_dropped": "a value that the message told is not told any more",
    "value_added": "a value, name or quotation is told that the message did not tell",
    "wrong_role": 'what was "from" is "to", or a value stands for what another one stood for',
    "rows_mixed": "the rows of a list are not told one a line, each with its own values",
    "act_turned": "the message does something else: it asks in place of telling, or tells as done"
    " what is to come",
    "value_unreadable": "what a call was told is said so that it cannot be read back",
    "thought_unfounded": "the reasoning holds what nobody knows by then; the words may stay",
    "not_served": "the endpoint did not serve the request",
}
"""Why other words for a scripted message are not accepted; so may any code of a check."""
WRITING: dict[str, str] = {
    "no_words": "the reply is no JSON object with words for the situation and each wish",
    "value_dropped": "a value that the wish told is told nowhere any more",
    "value_added": "a value or name is told that the user cannot know, or does not say at first",
    "reason_dropped": "a wish for which the policy asks for a reason has none",
    "tool_named": "a tool or a parameter is called by its own name",
    "review_ended": "who had nothing but the wishes could not go on, or did what nobody wanted",
    "state_missed": "who had nothing but the wishes came to another final state",
    "result_missed": "who had nothing but the wishes did not find or tell what they ask for",
    "not_served": "the endpoint did not serve the request",
}
"""Why a model's words for a task are not accepted (`schemas.writing`)."""
CANDIDATE_FAILURES: dict[str, str] = {
    "candidate_failed": "making or checking it raised an error",
    "no_task": "no attempt at a task was right, or such as a person would ask for",
}
"""Why a candidate is rejected without having been judged: code → meaning."""


Earned = Literal["state", "told", "calls", "policy", "format"]
"""The parts of what a conversation earns, as far as checks decide them (`validators.reward`)."""
_EARNED: dict[Level | None, Earned] = {
    "structure": "format", "schema": "format", "text": "format", "order": "policy",
    "policy": "policy", "writes": "state", "goal": "calls", "replay": "state",
}  # fmt: skip
"""Level → the part that its codes cost, but for those that say another one."""


@dataclass(frozen=True)
class ReasonCode:
    """One way in which a trajectory can fall short."""

    code: str
    level: Level | None
    """The level of the check that gives it; None where any may."""
    meaning: str
    label: Label = "bad"
    """What a verdict with this reason becomes."""
    earned: Earned | None = None
    """The part of what is earned that it costs, where that isn't its level's."""

    @property
    def costs(self) -> Earned | None:
        """The one part of what is earned that it costs; None where nothing is known, or earned."""
        return None if self.label == "unknown" else self.earned or _EARNED.get(self.level)


REASONS: tuple[ReasonCode, ...] = (
    ReasonCode("check_failed", None, "the check itself raised an error", "unknown"),
    ReasonCode("bad_start", "structure", "does not open with the system, then the user"),
    ReasonCode("bad_end", "structure", "does not end with words of the assistant"),
    ReasonCode("bad_index", "structure", "a message's index is not its position"),
    ReasonCode(
        "bad_turn",
        "structure",
        "a message belongs to no turn of the task, or to one before its user's",
    ),
    ReasonCode("bad_timestamp", "structure", "a timestamp is not ISO 8601 with offset"),
    ReasonCode("time_runs_backwards", "structure", "a message is older than the one before"),
    ReasonCode("empty_message", "structure", "a message without words and without calls"),
    ReasonCode("repeated_speaker", "structure", "the same speaker twice in a row"),
    ReasonCode("misplaced_system", "structure", "a system message after the first message"),
    ReasonCode("early_farewell", "structure", "the user's first words are a farewell"),
    ReasonCode("duplicate_tool", "structure", "two offered tools share a name"),
    ReasonCode("duplicate_call_id", "structure", "two calls share an id"),
    ReasonCode("unanswered_call", "structure", "a call has no result directly after it"),
    ReasonCode("unpaired_result", "structure", "a result answers no pending call"),
    ReasonCode("results_out_of_order", "structure", "results are not in the order of their calls"),
    ReasonCode("wrong_result_name", "structure", "a result names another tool than its call"),
    ReasonCode("interrupted_call", "structure", "the assistant never reacts to a result"),
    ReasonCode("unknown_tool", "schema", "a call names a tool that was not offered"),
    ReasonCode("invalid_arguments", "schema", "arguments do not satisfy the tool's parameters"),
    ReasonCode(
        "format_ignored", "schema", "an argument is not written as its parameter's description asks"
    ),
    ReasonCode(
        "demand_ignored",
        "schema",
        "a call does not do what its tool's description demands",
        earned="policy",
    ),
    ReasonCode("null_argument", "schema", "an optional argument is null instead of absent"),
    ReasonCode("unreadable_result", "schema", "a result is not JSON"),
    ReasonCode("invalid_result", "schema", "a result does not satisfy the tool's result schema"),
    ReasonCode("ungrounded_argument", "provenance", "an argument has no source"),
    ReasonCode("source_duplicate", "provenance", "an argument has two sources"),
    ReasonCode("source_without_argument", "provenance", "a source for an argument that is absent"),
    ReasonCode("source_from_future", "provenance", "the source comes after the call"),
    ReasonCode("source_wrong_role", "provenance", "the source is not a message of its kind"),
    ReasonCode("source_missing_span", "provenance", "the words are not in the message"),
    ReasonCode("source_misread", "provenance", "the words do not say the value"),
    ReasonCode("source_from_error", "provenance", "the source is a failed call"),
    ReasonCode("source_missing_path", "provenance", "the result has nothing at the path"),
    ReasonCode("source_value_differs", "provenance", "the result has another value at the path"),
    ReasonCode("source_no_default", "provenance", "the schema does not give this value"),
    ReasonCode("dependency_race", "order", "a value is used before the result that brings it"),
    ReasonCode("unconfirmed_write", "order", "a write without the confirmation that it needs"),
    ReasonCode("policy_read_missing", "order", "a write before the read that it hangs on"),
    ReasonCode(
        "consent_incomplete", "order", "the user agreed without hearing a day, an amount or of what"
    ),
    ReasonCode("unsaid", "schema", "nobody hears what is to be said with a call", earned="policy"),
    ReasonCode("blind_repeat", "order", "a write is sent again that may have been made already"),
    ReasonCode("repeated_write", "order", "the same write succeeds twice", earned="state"),
    ReasonCode("declined_write", "order", "a write that the user has said no to", earned="state"),
    ReasonCode("write_not_applied", "writes", "a result or row holds another value than was told"),
    ReasonCode("write_to_gone", "writes", "a write is done to what an earlier one has taken away"),
    ReasonCode("empty_write", "writes", "a write carries nothing, or changes nothing"),
    ReasonCode("placeholder", "text", "a placeholder instead of a value"),
    ReasonCode("null_word", "text", "a programmer's word for nothing"),
    ReasonCode("control_token", "text", "a template mark or control token"),
    ReasonCode("raw_parameter_name", "text", "a parameter or field name as programs spell it"),
    ReasonCode("raw_tool_name", "text", "a tool's name as programs spell it"),
    ReasonCode("data_fragment", "text", "a piece of JSON or a key=value pair"),
    ReasonCode("doubled_word", "text", "the same word twice in a row"),
    ReasonCode("bad_spacing", "text", "doubled spaces, or a space before punctuation"),
    ReasonCode("doubled_punctuation", "text", "punctuation that cannot stand together"),
    ReasonCode("unbalanced_quotes", "text", "a quotation that does not begin or end"),
    ReasonCode("repetition", "text", "the same words over and over"),
    ReasonCode("user_speaks_as_assistant", "text", "the user says what only an assistant says"),
    ReasonCode("unfaithful_number", "text", "a number that nobody and nothing gave before"),
    ReasonCode("unfaithful_quote", "text", "a quotation that nobody and nothing gave before"),
    ReasonCode("unfaithful_name", "text", "a name that nobody and nothing gave before"),
    ReasonCode(
        "premature_termination", "goal", "the conversation ends before every task was begun"
    ),
    ReasonCode(
        "missed_required_action", "goal", "something that was wanted was not done", earned="state"
    ),
    ReasonCode(
        "wrong_arguments", "goal", "the wanted write was made with other arguments", earned="state"
    ),
    ReasonCode(
        "unexpected_write",
        "goal",
        "something was changed that nobody wanted changed",
        earned="state",
    ),
    ReasonCode(
        "wrong_final_state", "goal", "the state at the end is not the wanted one", earned="state"
    ),
    ReasonCode(
        "should_have_refused",
        "goal",
        "no tool serves the request or a rule forbids it, and it was not declined",
    ),
    ReasonCode("false_refusal", "goal", "a request that tools do serve was declined"),
    ReasonCode(
        "should_have_transferred",
        "goal",
        "the request was to be handed over to a person, and was not",
    ),
    ReasonCode(
        "should_have_asked", "goal", "something that nobody knows was needed, and not asked for"
    ),
    ReasonCode("undisclosed_failure", "goal", "a failure that lasts was not admitted"),
    ReasonCode(
        "value_not_told", "goal", "the user was not told a value that must be said", earned="told"
    ),
    ReasonCode(
        "result_not_told",
        "goal",
        "the user is told nothing of what was found or done",
        earned="told",
    ),
    ReasonCode("forbidden_call", "goal", "a call was made that the task forbids"),
    ReasonCode("unrecovered_fault", "goal", "a failure was neither tried again nor admitted"),
    ReasonCode("policy_violation", "policy", "a call was made that a rule of the policy forbids"),
    ReasonCode(
        "policy_unavailable",
        "policy",
        "there are rules, and no tools at hand to check them",
        "unknown",
    ),
    ReasonCode("replay_unavailable", "replay", "the tools are not at hand", "unknown"),
    ReasonCode("replay_initial_state_differs", "replay", "the environment begins otherwise"),
    ReasonCode("replay_differs", "replay", "a call returns something else when run again"),
    ReasonCode("replay_state_differs", "replay", "the state after all calls is another"),
    ReasonCode("assertion_failed", "replay", "a row is not in the end as it must be"),
    ReasonCode("failed_attempt", "turn", "a wrong call that was put right later", "recoverable"),
    ReasonCode("transient_fault", "turn", "a right call that the service failed", "recoverable"),
    ReasonCode(
        "lasting_fault", "turn", "a right call that the service never answers", "recoverable"
    ),
    ReasonCode("known_mistake", "turn", "code has put a mistake in, with its truth", "recoverable"),
    ReasonCode(
        "duplicate_first_message",
        "dataset",
        "another begins with these words and calls the same tools",
    ),
    ReasonCode("duplicate_task", "dataset", "another trajectory makes the same calls"),
)
Blame = Literal["user", "task", "assistant", "tools", "judge", "run"]
"""Whose fault something is; the run's: the endpoint's, or our own."""
_BLAMED: dict[Blame, tuple[str, ...]] = {
    "user": (
        "stop_in_first_turn", "stop_too_early", "unreadable_reply", "act_differs",
        "user_calls_tool", "user_invents", "early_farewell", "user_speaks_as_assistant",
        "premature_termination",
        "judge_user_invents", "judge_user_contradicts", "judge_user_act", "judge_user_tells_early",
        "judge_user_acts_as_assistant", "judge_user_unnatural", "judge_user_ends_early",
    ),
    "task": ("user_stuck", "no_task", "task_not_written", "judge_task_senseless"),
    "tools": (
        "unreadable_result", "invalid_result", "write_not_applied", "replay_initial_state_differs",
        "replay_differs", "judge_results_senseless",
    ),
    "judge": ("judge_unreadable", "judge_unclear"),
    "run": (
        *NOT_SERVED, "candidate_failed", "check_failed", "policy_unavailable",
        "replay_unavailable",
    ),
}  # fmt: skip
_BLAMES = {code: blame for blame, codes in _BLAMED.items() for code in codes}


def find_blame(code: str) -> Blame:
    """Whose fault a reason is: the assistant's, unless it says otherwise."""
    return _BLAMES.get(code, "assistant")


CONSEQUENCES = frozenset({"bad_end", "interrupted_call", "assertion_failed", "wrong_final_state"})
"""What follows from something else, wherever there is something else."""


def find_causes(codes: Iterable[str]) -> tuple[str, ...]:
    """Of the codes of one trajectory, those that the others follow from, in their order.

    Behind a role that could not go on, and a request that was not served, everything follows.
    """
    known = tuple(dict.fromkeys(codes))
    ended = tuple(code for code in known if code in ROLE_FAILURES and code not in BY_CODE)
    ended += tuple(code for code in known if code in NOT_SERVED or code in CANDIDATE_FAILURES)
    return ended or tuple(code for code in known if code not in CONSEQUENCES) or known


BY_CODE: dict[str, ReasonCode] = {reason.code: reason for reason in REASONS}


def reason(
    code: str,
    message: int | None = None,
    path: str = "",
    explanation: str = "",
    *,
    suspect: bool = False,
) -> Reason:
    """Make a reason with a declared code. Raises KeyError for any other."""
    told = explanation or BY_CODE[code].meaning
    return Reason(code=code, message=message, path=path, explanation=told, suspect=suspect)
