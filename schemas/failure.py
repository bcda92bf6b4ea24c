"""A candidate that raised: a bug costs the candidate, its origin is kept, and the run goes on.

What a user can mend (`schemas.errors.ToolweaveError`) is no such bug, and ends a run. A request
that the model's endpoint does not serve costs the candidate too, and is no bug either.
"""

import re
import traceback
from pathlib import Path

from schemas.errors import NoTaskError, RefusedRequestError
from schemas.graph import ToolChain
from schemas.message import AssistantMessage
from schemas.reasons import CANDIDATE_FAILURES, NOT_SERVED
from schemas.task import Persona, SamplerNote, Task
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Reason, TurnLabel, Verdict

FAILED, NO_TASK = "candidate_failed", "no_task"
_HOME = Path(__file__).resolve().parents[1]
_PACKAGES = frozenset({"schemas", "data", "generators", "validators", "pipeline"})
_ADDRESS = re.compile(r"\b0x[0-9a-f]{4,}\b")
"""Of an object in memory: it is another one in each run."""
_LONGEST = 300
"""Characters of an error's own words that are kept."""


def tell_origin(error: BaseException) -> str:
    """Type and words of an error, and the innermost place of the project's code: in one line."""
    words = " ".join(str(error).encode("utf-8", "backslashreplace").decode().split())
    words = _ADDRESS.sub("0x…", words)
    told = type(error).__name__ + (f": {words[:_LONGEST]}" if words else "")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_HOME) and path.relative_to(_HOME).parts[0] in _PACKAGES:
            place = path.relative_to(_HOME).as_posix()
            return f"{told} at {place}:{frame.lineno} in {frame.name}"
    return told


def judge_failure(error: BaseException, message: int | None = None) -> Verdict:
    """The verdict on a candidate that raised, at a message or before there was any."""
    if isinstance(error, RefusedRequestError):
        code, told = error.code, str(error)
    else:
        code = NO_TASK if isinstance(error, NoTaskError) else FAILED
        origin = str(error) if code == NO_TASK else tell_origin(error)
        told = f"{CANDIDATE_FAILURES[code]}: {origin}"
    reason = Reason(code=code, message=message, explanation=told)
    return Verdict(
        check="candidate", version=1, level="structure", label="unknown", reasons=(reason,)
    )


def is_failure(verdict: Verdict) -> bool:
    """Whether a verdict says that the candidate raised, or that there was no task for it."""
    return any(reason.code in (FAILED, NO_TASK) for reason in verdict.reasons)


def ends_candidate(verdict: Verdict) -> bool:
    """Whether nothing was reached behind a verdict: a failure, or a request nobody served."""
    return is_failure(verdict) or any(reason.code in NOT_SERVED for reason in verdict.reasons)


def sketch_task(**known: object) -> Task:
    """A task of which nothing was made but what is ``known``: it has no turns."""
    bare = Task(
        domain="",
        tools=(),
        persona=Persona(name="", style="terse"),
        policy="",
        clock="",
        environment_seed=0,
        turns=(),
        chain=ToolChain(steps=(), turns=(), seed=0),
        sampler=SamplerNote(policy="", seed=0),
        initial_state="",
        final_state="",
    )
    return bare.model_copy(update=known)


def sketch_trajectory(index: int, seed: int, roles: Roles, task: Task) -> Trajectory:
    """A candidate of which no message was made."""
    return Trajectory(
        index=index, seed=seed, roles=roles, task=task, tools=(), messages=(), final_state=""
    )


def abandon(trajectory: Trajectory, failure: Verdict) -> Trajectory:
    """What there is of a candidate, turned down for its failure alone: nothing else was reached."""
    codes = tuple(reason.code for reason in failure.reasons)
    labels = tuple(
        TurnLabel(message=position, label="unknown", train=False, reasons=codes)
        for position, message in enumerate(trajectory.messages)
        if isinstance(message, AssistantMessage)
    )
    return trajectory.model_copy(update={"verdicts": (failure,), "labels": labels})
