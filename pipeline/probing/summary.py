"""What the attempts of a model come to: pass rates by operator, difficulty, tool and outcome.

And where those that failed went wrong first: failures that have the code and the tool in common are
a cluster.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.attempt import Attempt, Rate, count_passed
from schemas.record import Record
from schemas.trajectory import Trajectory
from validators.transcript import writers

NO_OPERATOR = "none"
KINDS = ("operator", "calls", "tool", "outcome", "structure")
"""By what tasks are told apart."""
_FEW, _SOME = 2, 4
_EXAMPLES = 3


class Cluster(Record):
    """Failures that went wrong first in the same way."""

    code: str
    tool: str = ""
    instead: str = ""
    decision: bool = False
    """Whether they are of single decisions."""
    count: int
    operators: dict[str, int]
    outcomes: dict[str, int]
    """How many of them have an operator, or an outcome, in their tasks: the most frequent first."""
    examples: tuple[str, ...]
    """Ids of some of their conversations."""


class Summary(Record):
    """What a model can do of a folder."""

    model: str
    attempts: Rate
    """Whole tasks: how many attempts solved theirs."""
    always: int
    sometimes: int
    never: int
    """How many tasks were solved by each attempt, by some, by none."""
    decisions: Rate
    not_served: int
    """Attempts of both sorts that say nothing of the model."""
    rates: dict[str, dict[str, Rate]]
    """One of `KINDS` → name → how many of the attempts at such tasks solved them."""
    decisions_by_tool: dict[str, Rate]
    """Tool of the proven move → moves that were as good; "" is words."""
    clusters: tuple[Cluster, ...]
    """The largest first."""


class Traits(NamedTuple):
    """What a task is counted under."""

    operator: tuple[str, ...]
    calls: tuple[str, ...]
    tool: tuple[str, ...]
    outcome: tuple[str, ...]
    structure: tuple[str, ...]


def find_traits(played: Trajectory) -> Traits:
    """What a task is counted under."""
    task = played.task
    number = len(task.calls)
    bounds = f"{_FEW + 1}–{_SOME}"
    size = f"1–{_FEW}" if number <= _FEW else bounds if number <= _SOME else f"{_SOME + 1} and more"
    tools = dict.fromkeys(call.tool for call in task.calls)
    turns = [number for number, turn in enumerate(task.turns) for _ in turn.calls]
    fed = [(turns[number], turns[origin.call]) for number, call in enumerate(task.calls)
           for origin in call.origins
           if origin.kind == "result" and origin.call is not None]  # fmt: skip
    groups = Counter((turn, call.group) for turn, call in zip(turns, task.calls, strict=True))
    # The shares of `generators.sampling.structure.Structure` that it counts for.
    structure = {
        "multi_hop": bool(fed),
        "parallel": any(count > 1 for count in groups.values()),
        "anchored": any(own > source for own, source in fed),
        "writing": not writers(played).isdisjoint(tools),
    }
    return Traits(
        tuple(dict.fromkeys(task.operators)) or (NO_OPERATOR,), (size,), tuple(tools),
        tuple(dict.fromkeys(turn.outcome for turn in task.turns)),
        tuple(name for name, holds in structure.items() if holds),
    )  # fmt: skip


def summarise(
    model: str, attempts: Sequence[Attempt], trajectories: Iterable[Trajectory]
) -> Summary:
    """What the attempts of a model at these trajectories come to."""
    by_task: dict[int, list[Attempt]] = {}
    for one in attempts:
        if one.decision is None:
            by_task.setdefault(one.index, []).append(one)
    wholes = {index: count_passed(found) for index, found in by_task.items()}
    wholes = {index: rate for index, rate in wholes.items() if rate.of}
    rates: dict[str, dict[str, Rate]] = {kind: {} for kind in KINDS}
    golds: dict[tuple[int, int], str] = {}
    indexes = {one.index for one in attempts}
    known: dict[int, Traits] = {}
    for played in trajectories:
        if played.index not in indexes:
            continue
        known[played.index] = find_traits(played)
        golds |= {
            (played.index, at): message.calls[0].name if message.calls else ""
            for at, message in enumerate(played.messages) if message.role == "assistant"
        }  # fmt: skip
        if (rate := wholes.get(played.index)) is not None:
            for kind, names in zip(KINDS, known[played.index], strict=True):
                for name in names:
                    _add(rates[kind], name, rate)
    moves: dict[str, Rate] = {}
    single = [one for one in attempts if one.decision is not None]
    for one in single:
        if one.passed is not None and one.decision is not None:
            tool = golds.get((one.index, one.decision), "")
            _add(moves, tool, Rate(hits=int(one.passed), of=1))
    return Summary(
        model=model,
        attempts=Rate(hits=sum(r.hits for r in wholes.values()),
                      of=sum(r.of for r in wholes.values())),
        always=sum(rate.hits == rate.of for rate in wholes.values()),
        sometimes=sum(0 < rate.hits < rate.of for rate in wholes.values()),
        never=sum(rate.hits == 0 for rate in wholes.values()),
        decisions=count_passed(single),
        not_served=sum(one.passed is None for one in attempts),
        rates={kind: _in_order(found) for kind, found in rates.items()},
        decisions_by_tool=_in_order(moves),
        clusters=tuple(_cluster(attempts, known)),
    )  # fmt: skip


def _add(rates: dict[str, Rate], name: str, more: Rate) -> None:
    had = rates.get(name, Rate())
    rates[name] = Rate(hits=had.hits + more.hits, of=had.of + more.of)


def _in_order(rates: Mapping[str, Rate]) -> dict[str, Rate]:
    """Hardest first."""
    return dict(sorted(rates.items(), key=lambda one: (one[1].share, -one[1].of, one[0])))


def _cluster(attempts: Sequence[Attempt], known: Mapping[int, Traits]) -> Iterator[Cluster]:
    found: dict[tuple[bool, str, str, str], list[Attempt]] = {}
    for one in attempts:
        if one.wrong is not None:
            key = one.decision is not None, one.wrong.code, one.wrong.tool, one.wrong.instead
            found.setdefault(key, []).append(one)
    for (decision, code, tool, instead), own in sorted(
        found.items(), key=lambda one: (-len(one[1]), one[0])
    ):
        traits = [known[one.index] for one in own if one.index in known]
        operators = Counter(name for one in traits for name in one.operator)
        outcomes = Counter(name for one in traits for name in one.outcome)
        examples = tuple(dict.fromkeys(one.trajectory for one in own))[:_EXAMPLES]
        yield Cluster(
            code=code, tool=tool, instead=instead, decision=decision, count=len(own),
            operators=dict(operators.most_common()), outcomes=dict(outcomes.most_common()),
            examples=examples,
        )  # fmt: skip
