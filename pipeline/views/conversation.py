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
from itertools import groupby
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
from schemas.trajectory import Trajectory
from schemas.verdict import Reason

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


class Made(NamedTuple):
    """A call, with its result where there is one."""

    call: Call
    arguments: list[tuple[str, str, list[Source]]]
    """Path, value as JSON, and sources of each leaf; without sources it is grounded in nothing."""
    result: ToolMessage | None


class Said(NamedTuple):
    """A message other than a tool's, and the results that follow it."""

    message: Message
    calls: list[Made]
    strays: list[ToolMessage]
    """Results that answer no call of this message."""


def group_messages(messages: Sequence[Message]) -> list[Said]:
    """Put each call and its result together; what is left of the results answers none.

    A result that has no message before it, or only the opening system message, stands for itself.
    """
    opens = int(bool(messages) and messages[0].role == "system")
    groups: list[list[Message]] = []
    for place, message in enumerate(messages):
        if place in (0, opens) or not isinstance(message, ToolMessage):
            groups.append([])
        groups[-1].append(message)
    said: list[Said] = []
    for head, *_ in groups:
        results = [one for one in groups[len(said)] if isinstance(one, ToolMessage)]
        made = []
        for call in head.calls if isinstance(head, AssistantMessage) else ():
            result = next((one for one in results if one.call_id == call.id), None)
            if result:
                results.remove(result)
            sources: dict[str, list[Source]] = defaultdict(list)
            for given in call.provenance:
                sources[given.path].append(given.source)
            arguments = leaves(call.arguments) if call.arguments else ()
            told = [(path, json_text(value), sources[path]) for path, value in arguments]
            made.append(Made(call, told, result))
        said.append(Said(head, made, results))
    return said


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
        one = self.trajectory
        reasons: dict[int | None, list[Reason]] = defaultdict(list)
        for reason in (reason for verdict in one.verdicts for reason in verdict.reasons):
            reasons[reason.message].append(reason)
        # By message: why its words, or the leaves of its result, are marked.
        words: dict[int, list[Note]] = defaultdict(list)
        results: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for message in one.messages:
            for call in message.calls if isinstance(message, AssistantMessage) else ():
                values = dict(leaves(call.arguments))
                for path, source in ((given.path, given.source) for given in call.provenance):
                    told = f"{call.name}: {path} = {json_text(values.get(path))}"
                    if isinstance(source, FromResult):
                        results[source.message][source.path].append(told)
                    elif isinstance(source, FromUser | FromContext):
                        position = source.message if isinstance(source, FromUser) else 0
                        words[position].append(Note(source.span, f"{told}, read as {source.rule}"))
        said = group_messages(one.messages)
        opens = int(bool(said) and said[0].message.role == "system")
        turns = groupby(said[opens:], key=lambda one: one.message.turn)
        wanted = dict(enumerate(one.task.turns))
        return _template().render(
            trajectory=one,
            opening=said[:opens],
            turns=[(number, wanted.get(number), [*part]) for number, part in turns],
            labels={label.message: label for label in one.labels},
            reasons=reasons,
            mark_words=lambda message: mark_text(message.text, words[message.index]),
            mark_result=lambda message: mark_json(message.content, results[message.index]),
            style=_text("sample.css"),
        )


@cache
def _template() -> Template:
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("sample.html.j2"))


def _text(name: str) -> str:
    return files("pipeline.views").joinpath(name).read_text(encoding="utf-8")
