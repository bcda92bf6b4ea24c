"""Which assistant messages are trained on: what the labels allow, narrowed by named rules.

A label is about truth and always holds: what it masks is never trained on. A rule is a wish:
``good`` (all that the labels allow), ``recovery`` (what puts a failure or a mistake right),
``first:N`` (the first N things that the user wants), ``final`` (the answer to each of them),
``calls`` (messages that call). Several rules narrow one another, in their order.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from schemas.message import AssistantMessage, ToolMessage
from schemas.trajectory import Trajectory

Rule = Callable[[Trajectory], frozenset[int]]
"""Indexes of the assistant messages that a rule keeps."""
_CHARACTERS = 4
"""Characters of a token, roughly, for English and JSON."""


def _keep_all(trajectory: Trajectory) -> frozenset[int]:
    return frozenset(position for position, _ in _spoken(trajectory))


def _keep_recovery(trajectory: Trajectory) -> frozenset[int]:
    """The move right after an answer that is an error, a planned fault, or a known mistake."""
    slips = {slip.message for slip in trajectory.slips}
    found, failed = set(), False
    for position, message in enumerate(trajectory.messages):
        if isinstance(message, ToolMessage):
            failed = failed or message.is_error or message.fault is not None
        elif isinstance(message, AssistantMessage):
            if failed and position not in slips:
                found.add(position)
                failed = False
            failed = failed or position in slips
    return frozenset(found)


def _keep_final(trajectory: Trajectory) -> frozenset[int]:
    """The last words of each turn; a goodbye is none where anything else was said."""
    ends: dict[int, tuple[bool, int]] = {}
    for position, message in _spoken(trajectory):
        if not message.calls:
            rank = message.act != "close", position
            ends[message.turn] = max(ends.get(message.turn, rank), rank)
    return frozenset(position for _, position in ends.values())


def _keep_calls(trajectory: Trajectory) -> frozenset[int]:
    return frozenset(position for position, message in _spoken(trajectory) if message.calls)


RULES: dict[str, Rule] = {
    "good": _keep_all,
    "recovery": _keep_recovery,
    "final": _keep_final,
    "calls": _keep_calls,
}
"""The rules without a number, by name."""
FORMS = (*RULES, "first:N")
"""How rules are written."""


def read_rule(written: str) -> Rule:
    """The rule that is meant. Raises ValueError."""
    name, _, number = written.partition(":")
    if name == "first" and number.isdecimal() and int(number) > 0:
        turns = int(number)
        return lambda trajectory: frozenset(
            position for position, message in _spoken(trajectory) if message.turn < turns
        )
    if written not in RULES:
        raise ValueError(f"unknown rule {written!r}; there is {', '.join(FORMS)}")
    return RULES[written]


def find_trained(trajectory: Trajectory, rules: Sequence[str] = ("good",)) -> frozenset[int]:
    """Indexes of the messages that are trained on. Raises ValueError for an unknown rule."""
    left = frozenset(label.message for label in trajectory.labels if label.train)
    for written in rules:
        left &= read_rule(written)(trajectory)
    return left


@dataclass
class Funnel:
    """What each rule leaves, over all trajectories that it was shown."""

    rules: tuple[str, ...]

    def __post_init__(self) -> None:
        """Begin with nothing; before the rules come all messages, and what labels allow."""
        steps = len(self.rules) + 2
        self.trajectories, self.messages, self.tokens = [0] * steps, [0] * steps, [0] * steps

    def add(self, trajectory: Trajectory) -> None:
        """Count one trajectory."""
        sizes = {position: count_tokens(message) for position, message in _spoken(trajectory)}
        kept = [frozenset(sizes), find_trained(trajectory, ())]
        for rule in self.rules:
            kept.append(kept[-1] & read_rule(rule)(trajectory))
        for step, found in enumerate(kept):
            self.trajectories[step] += bool(found)
            self.messages[step] += len(found)
            self.tokens[step] += sum(sizes[position] for position in found)

    def steps(self) -> Iterator[tuple[str, int, int, int]]:
        """Each step, and how many trajectories, messages and tokens it leaves."""
        names = ("assistant messages", "labels allow", *self.rules)
        yield from zip(names, self.trajectories, self.messages, self.tokens, strict=True)


def count_tokens(message: AssistantMessage) -> int:
    """Roughly how many tokens a message has: a quarter of the characters of words and calls."""
    calls = ({"name": call.name, "arguments": call.arguments} for call in message.calls)
    written = "".join(json.dumps(call, ensure_ascii=False) for call in calls)
    length = len(message.text) + len(message.reasoning or "") + len(written)
    return -(-length // _CHARACTERS)


def _spoken(trajectory: Trajectory) -> Iterator[tuple[int, AssistantMessage]]:
    for position, message in enumerate(trajectory.messages):
        if isinstance(message, AssistantMessage):
            yield position, message
