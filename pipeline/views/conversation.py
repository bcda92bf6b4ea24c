"""A trajectory arranged for the eye: turns, messages, calls with their results, sources, reasons.

Nothing is left out that a spoilt conversation may hold: a call without a result, a result without
a call. How it looks is the template's business.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from schemas.leaves import leaves
from schemas.message import (
    AssistantMessage,
    Call,
    FromContext,
    FromResult,
    FromUser,
    Message,
    Source,
    ToolMessage,
)
from schemas.task import TaskTurn
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, TurnLabel

_MARK = Markup('<mark title="{}">{}</mark>')
_STRUCTURE = re.compile(r".*[{\[]|[}\]],?")


class Note(NamedTuple):
    """Why a span of text is marked."""

    span: str
    told: str


class _Stretch(NamedTuple):
    """A part of a text, and the notes on it."""

    start: int
    stop: int
    told: tuple[str, ...]


def mark_text(text: str, notes: Sequence[Note]) -> Markup:
    """Escape ``text``, and mark the first place of each span that is in it."""
    html, position = Markup(), 0
    # In order of the text; those that overlap become one.
    places = _places(text, notes)
    joined: list[_Stretch] = []
    for place in sorted(places):
        if joined and place.start < joined[-1].stop:
            last = joined.pop()
            joined_told = tuple(dict.fromkeys((*last.told, *place.told)))
            place = _Stretch(last.start, max(last.stop, place.stop), joined_told)
        joined.append(place)
    for start, stop, told in joined:
        html += escape(text[position:start]) + _mark(text[start:stop], told)
        position = stop
    return html + escape(text[position:])


def _mark(text: str, told: Sequence[str]) -> Markup:
    return _MARK.format("\n".join(told), text)


def _places(text: str, notes: Sequence[Note]) -> Iterator[_Stretch]:
    for span, told in notes:
        whole = re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text)
        start = whole.start() if whole else text.find(span)
        if span and start >= 0:
            yield _Stretch(start, start + len(span), (told,))


def mark_json(text: str, notes: Mapping[str, Sequence[str]]) -> Markup:
    """Indent the JSON ``text`` and mark the scalars at the paths of ``notes``.

    What is no JSON is only escaped.
    """
    try:
        value = json.loads(text)
    except ValueError:
        return escape(text)
    lines = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    return Markup("\n").join(_marked_lines(lines, value, notes))


def _marked_lines(
    lines: list[str], value: Any, notes: Mapping[str, Sequence[str]]
) -> Iterator[Markup]:
    """Indented JSON has one line for each leaf, in the leaves' order."""
    paths = (path for path, _ in leaves(value))
    for line in lines:
        content = line.lstrip()
        told = () if _STRUCTURE.fullmatch(content) else notes.get(next(paths), ())
        indent = escape(line[: len(line) - len(content)])
        yield indent + (_mark(content, told) if told else escape(content))


@dataclass(frozen=True)
class Argument:
    """One leaf of a call's arguments; without sources it is grounded in nothing."""

    path: str
    value: str
    """JSON text."""
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Result:
    """A tool message."""

    message: ToolMessage
    content: Markup
    """Indented JSON."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Made:
    """A call, with its result where there is one."""

    call: Call
    arguments: tuple[Argument, ...]
    result: Result | None


@dataclass(frozen=True)
class Said:
    """A message other than a tool's, and the results that follow it."""

    message: Message
    text: Markup
    calls: tuple[Made, ...]
    strays: tuple[Result, ...]
    """Results that answer no call of this message."""
    label: TurnLabel | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Turn:
    """Consecutive messages about one thing that the user wants."""

    number: int
    task: TaskTurn | None
    """None where the task has no turn of that number."""
    said: tuple[Said, ...]


class _Notes:
    """By message: why its words or the leaves of its result are marked."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.words: dict[int, list[Note]] = defaultdict(list)
        self.leaves: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for message in trajectory.messages:
            for call in message.calls if isinstance(message, AssistantMessage) else ():
                values = dict(leaves(call.arguments))
                for path, source in ((given.path, given.source) for given in call.provenance):
                    told = f"{call.name}: {path} = {json_text(values.get(path))}"
                    if isinstance(source, FromResult):
                        self.leaves[source.message][source.path].append(told)
                    elif isinstance(source, FromUser | FromContext):
                        position = source.message if isinstance(source, FromUser) else 0
                        self.words[position].append(
                            Note(source.span, f"{told}, read as {source.rule}")
                        )


class Chat:
    """A trajectory's messages, ready for the template."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self._notes = _Notes(trajectory)
        self._labels = {label.message: label for label in trajectory.labels}
        self._reasons: dict[int | None, list[Reason]] = defaultdict(list)
        for verdict in trajectory.verdicts:
            for reason in verdict.reasons:
                self._reasons[reason.message].append(reason)

    @property
    def opening(self) -> tuple[Said, ...]:
        """The system message, where the conversation opens with one."""
        return tuple(self._said(self.trajectory.messages[:1])) if self._opens else ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All that follows."""
        said = self._said(self.trajectory.messages[self._opens :])
        grouped = groupby(said, key=lambda part: part.message.turn)
        return tuple(
            Turn(
                number,
                self.trajectory.task.turns[number]
                if 0 <= number < len(self.trajectory.task.turns)
                else None,
                tuple(part),
            )
            for number, part in grouped
        )

    @property
    def _opens(self) -> bool:
        return bool(self.trajectory.messages) and self.trajectory.messages[0].role == "system"

    def _said(self, messages: Sequence[Message]) -> Iterator[Said]:
        """Group each message with the results directly after it."""
        start = 0
        while start < len(messages):
            stop = start + 1
            while stop < len(messages) and isinstance(messages[stop], ToolMessage):
                stop += 1
            yield self._group(messages[start], messages[start + 1 : stop])
            start = stop

    def _group(self, head: Message, rest: Sequence[Message]) -> Said:
        following = rest if not isinstance(head, ToolMessage) else (head, *rest)
        results = [
            Result(
                part,
                mark_json(part.content, self._notes.leaves.get(part.index, {})),
                self._reasons_at(part.index),
            )
            for part in following
            if isinstance(part, ToolMessage)
        ]
        calls = head.calls if isinstance(head, AssistantMessage) else ()
        made = tuple(self._made(call, results) for call in calls)
        text = "" if isinstance(head, ToolMessage) else head.text
        return Said(
            message=head,
            text=mark_text(text, self._notes.words.get(head.index, ())),
            calls=made,
            strays=tuple(results),
            label=self._labels.get(head.index),
            reasons=() if isinstance(head, ToolMessage) else self._reasons_at(head.index),
        )

    def _made(self, call: Call, waiting: list[Result]) -> Made:
        """Put the call and its result together; the result waits no longer."""
        result = next((found for found in waiting if found.message.call_id == call.id), None)
        if result:
            waiting.remove(result)
        return Made(call, tuple(_arguments(call)), result)

    def _reasons_at(self, position: int) -> tuple[Reason, ...]:
        return tuple(self._reasons.get(position, ()))


def _arguments(call: Call) -> Iterator[Argument]:
    for path, value in leaves(call.arguments) if call.arguments else ():
        sources = tuple(given.source for given in call.provenance if given.path == path)
        yield Argument(path, json_text(value), sources)


def json_text(value: Any) -> str:
    """JSON in one line, as it is read best."""
    return json.dumps(value, ensure_ascii=False)
