"""A trajectory arranged for the eye: turns, messages, calls with their results, sources, reasons.

Nothing is left out that a spoilt conversation may hold: a call without a result, a result without
a call. How it looks is the template's business.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined, Template
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


def mark_text(text: str, notes: Sequence[Note]) -> Markup:
    """Escape ``text``, and mark the first place of each span that is in it.

    A whole word is marked before a part of one; spans that overlap become one.
    """
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for span, told in notes:
        whole = re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text)
        start = whole.start() if whole else text.find(span)
        if span and start >= 0:
            found.append((start, start + len(span), (told,)))
    joined: list[tuple[int, int, tuple[str, ...]]] = []
    for start, stop, why in sorted(found):
        if joined and start < joined[-1][1]:
            start, before, first = joined.pop()
            stop, why = max(before, stop), tuple(dict.fromkeys((*first, *why)))
        joined.append((start, stop, why))
    html, position = Markup(), 0
    for start, stop, why in joined:
        html += escape(text[position:start]) + _MARK.format("\n".join(why), text[start:stop])
        position = stop
    return html + escape(text[position:])


def mark_json(text: str, notes: Mapping[str, Sequence[str]]) -> Markup:
    """Indent the JSON ``text`` and mark the scalars at the paths of ``notes``.

    What is no JSON is only escaped.
    """
    try:
        value = json.loads(text)
    except ValueError:
        return escape(text)
    marked: list[Markup] = []
    # Indented JSON has one line for each leaf, in the leaves' order.
    paths = (path for path, _ in leaves(value))
    for line in json.dumps(value, ensure_ascii=False, indent=2).split("\n"):
        content = line.lstrip()
        told = () if _STRUCTURE.fullmatch(content) else notes.get(next(paths), ())
        shown = _MARK.format("\n".join(told), content) if told else escape(content)
        marked.append(escape(line[: len(line) - len(content)]) + shown)
    return Markup("\n").join(marked)


class Argument(NamedTuple):
    """One leaf of a call's arguments; without sources it is grounded in nothing."""

    path: str
    value: str
    """JSON text."""
    sources: tuple[Source, ...]


class Result(NamedTuple):
    """A tool message."""

    message: ToolMessage
    content: Markup
    """Indented JSON."""
    reasons: Sequence[Reason]


class Made(NamedTuple):
    """A call, with its result where there is one."""

    call: Call
    arguments: tuple[Argument, ...]
    result: Result | None


class Said(NamedTuple):
    """A message other than a tool's, and the results that follow it."""

    message: Message
    text: Markup
    calls: tuple[Made, ...]
    strays: tuple[Result, ...]
    """Results that answer no call of this message."""
    label: TurnLabel | None
    reasons: Sequence[Reason]


class Turn(NamedTuple):
    """Consecutive messages about one thing that the user wants."""

    number: int
    task: TaskTurn | None
    """None where the task has no turn of that number."""
    said: tuple[Said, ...]


class Chat:
    """A trajectory's messages, ready for the template."""

    def __init__(self, trajectory: Trajectory) -> None:
        self._labels = {label.message: label for label in trajectory.labels}
        self._reasons: dict[int | None, list[Reason]] = defaultdict(list)
        for verdict in trajectory.verdicts:
            for reason in verdict.reasons:
                self._reasons[reason.message].append(reason)
        self._note_sources(trajectory)
        messages = trajectory.messages
        # Each message with the results directly after it.
        opens = bool(messages) and messages[0].role == "system"
        starts = [
            i
            for i, one in enumerate(messages)
            if i in (0, int(opens)) or not isinstance(one, ToolMessage)
        ]
        said = [self._group(messages[i:j]) for i, j in pairwise((*starts, len(messages)))]
        self.opening = tuple(said[:opens])
        """The system message, where the conversation opens with one."""
        turns = trajectory.task.turns
        self.turns = tuple(
            Turn(number, turns[number] if 0 <= number < len(turns) else None, tuple(part))
            for number, part in groupby(said[opens:], key=lambda one: one.message.turn)
        )
        """All that follows."""

    def _note_sources(self, trajectory: Trajectory) -> None:
        """By message: why its words or the leaves of its result are marked."""
        self._words: dict[int, list[Note]] = defaultdict(list)
        self._leaves: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for message in trajectory.messages:
            for call in message.calls if isinstance(message, AssistantMessage) else ():
                values = dict(leaves(call.arguments))
                for path, source in ((given.path, given.source) for given in call.provenance):
                    told = f"{call.name}: {path} = {json_text(values.get(path))}"
                    if isinstance(source, FromResult):
                        self._leaves[source.message][source.path].append(told)
                    elif isinstance(source, FromUser | FromContext):
                        position = source.message if isinstance(source, FromUser) else 0
                        note = Note(source.span, f"{told}, read as {source.rule}")
                        self._words[position].append(note)

    def _group(self, messages: Sequence[Message]) -> Said:
        """Put each call and its result together; what is left of the results answers none."""
        head = messages[0]
        results = [
            Result(
                part, mark_json(part.content, self._leaves[part.index]), self._reasons[part.index]
            )
            for part in messages
            if isinstance(part, ToolMessage)
        ]
        made: list[Made] = []
        for call in head.calls if isinstance(head, AssistantMessage) else ():
            result = next((one for one in results if one.message.call_id == call.id), None)
            if result:
                results.remove(result)
            arguments = tuple(
                Argument(
                    path,
                    json_text(value),
                    tuple(given.source for given in call.provenance if given.path == path),
                )
                for path, value in (leaves(call.arguments) if call.arguments else ())
            )
            made.append(Made(call, arguments, result))
        is_result = isinstance(head, ToolMessage)
        text = "" if isinstance(head, ToolMessage) else head.text
        return Said(
            message=head,
            text=mark_text(text, self._words[head.index]),
            calls=tuple(made),
            strays=tuple(results),
            label=self._labels.get(head.index),
            reasons=() if is_result else self._reasons[head.index],
        )


def json_text(value: Any) -> str:
    """JSON in one line, as it is read best."""
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, repr=False)
class Sample:
    """A trajectory that shows itself in a notebook: in HTML, without scripts, escaped."""

    trajectory: Trajectory

    @property
    def id(self) -> str:
        """The trajectory's id."""
        return self.trajectory.id

    def __repr__(self) -> str:
        """One line, where HTML is not shown."""
        fate = "accepted" if self.trajectory.accepted else "rejected"
        reasons = f" ({', '.join(self.trajectory.reasons)})" if self.trajectory.reasons else ""
        return f"<Sample {self.id} {self.trajectory.task.domain}: {fate}{reasons}>"

    def _repr_html_(self) -> str:
        """The conversation: self-contained, and readable on light and on dark."""
        return _template().render(
            trajectory=self.trajectory, chat=Chat(self.trajectory), style=_text("sample.css")
        )


@cache
def _template() -> Template:
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("sample.html.j2"))


def _text(name: str) -> str:
    return files("pipeline.views").joinpath(name).read_text(encoding="utf-8")
