"""Writes tables of the documentation from what the code says: reason codes, and operators."""

from collections.abc import Iterable, Iterator, Sequence

from generators.errors import KINDS
from generators.operators import OPERATORS
from schemas.reasons import (
    ATTEMPTS,
    CANDIDATE_FAILURES,
    FLAWS,
    NOT_SERVED,
    REASONS,
    REWRITING,
    ROLE_FAILURES,
    WRITING,
    ReasonCode,
    find_blame,
)
from validators.judge import (
    JUDGE_REASONS,
    QUESTIONS,
    UNCLEAR,
    UNREADABLE,
    Question,
)

LEVELS: dict[str | None, str] = {
    "structure": "Structure: who speaks when, which result answers which call",
    "schema": "Schema: arguments and results satisfy the tools' schemas",
    "provenance": "Provenance: every argument has a source that says its value",
    "order": "Order: nothing is used before it is known, nothing written without leave",
    "writes": "Writes: what a write was told stands in its result and in the state",
    "text": "Text: what is said reads like people, and is true to what is known",
    "goal": "Goal: what was wanted is done, and nothing else",
    "policy": "Policy: no call breaks a rule in the state in which it is made",
    "replay": "Replay: the calls give the same again",
    "turn": "Turn: why one assistant message is `recoverable`",
    "dataset": "Data set: no two alike",
    None: "Any check",
}
"""Level → heading, in the order of the page."""


def tables() -> str:
    """All tables as Markdown. Raises KeyError for a level that has no heading."""
    known = [LEVELS[found.level] for found in REASONS]
    parts = [
        _section(heading, ("Code", "Verdict", "Whose", "Meaning"), _rows(level))
        for level, heading in LEVELS.items()
        if heading in known
    ]
    unsure = [(f"`{code}`", find_blame(code), f"{JUDGE_REASONS[code]}: the verdict is `unknown`")
              for code in (UNREADABLE, UNCLEAR)]  # fmt: skip
    judged = [*_asked(QUESTIONS), *unsure]
    parts.append(_section("Judge's questions", ("Code", "Whose", "Asked"), judged))
    failures = [(f"`{code}`", find_blame(code), said) for code, said in ROLE_FAILURES.items()]
    parts.append(_section("Role failures", ("Code", "Whose", "Meaning"), failures))
    unserved = [(f"`{code}`", meaning) for code, meaning in NOT_SERVED.items()]
    parts.append(_section("Requests that are not served", ("Code", "Meaning"), unserved))
    refused = [(f"`{code}`", meaning) for code, meaning in REWRITING.items()]
    parts.append(_section("Words that are not accepted", ("Code", "Meaning"), refused))
    unwritten = [(f"`{code}`", meaning) for code, meaning in WRITING.items()]
    parts.append(_section("A task's words that are not accepted", ("Code", "Meaning"), unwritten))
    bugs = [(f"`{code}`", meaning) for code, meaning in CANDIDATE_FAILURES.items()]
    parts.append(_section("Failures of our own", ("Code", "Meaning"), bugs))
    return "\n".join(parts)


def flaw_table() -> str:
    """What drops an attempt at a blueprint."""
    rows = [("Code", "Meaning"), ("---", "---")]
    rows += [(f"`{code}`", meaning) for code, meaning in (ATTEMPTS | FLAWS).items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def operator_table() -> str:
    """What each difficulty operator makes of a conversation, and how often it is tried."""
    rows = [("Operator", "What happens", "Tried in"), ("---", "---", "---")]
    rows += [
        (f"`{mark.name}`", mark.what, f"{100 * mark.share:.0f} %{mark.when}")
        for operator in OPERATORS
        for mark in operator.marks
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rows(level: str | None) -> Iterator[tuple[str, ...]]:
    return (_row(found) for found in REASONS if found.level == level)


def _row(found: ReasonCode) -> tuple[str, ...]:
    return f"`{found.code}`", found.label, find_blame(found.code), found.meaning


def _asked(questions: Iterable[Question]) -> Iterator[tuple[str, ...]]:
    return ((f"`{one.code}`", find_blame(one.code), one.ask) for one in questions)


def _section(heading: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return f"### {heading}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def mistake_table() -> str:
    """The kinds of mistakes, and which of them a recovery can put right."""
    rows = [f"| `{one.name}` | {one.about} | {'yes' if one.notice else ''} |\n" for one in KINDS]
    return "| Kind | What is wrong | Recovery |\n| --- | --- | --- |\n" + "".join(rows)
