"""The recording of calls of live servers: what was answered once is never asked again.

A line a call, appended and on the disk before its outcome is used. A call is found by its session,
by the writes before it, by tool and arguments; what is not on the cassette has no answer.
"""

import json
from collections.abc import Iterator, MutableMapping
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from pipeline.files import append_durably, writing
from schemas.canonical import content_hash
from schemas.environment import CallOutcome
from schemas.errors import OutputError
from schemas.record import JsonObject, Record

PLAYED = "played.jsonl"


class KeptAnswers(MutableMapping[str, JsonObject]):
    """Key of a call → the answer; nothing that was written is changed or taken back."""

    def __init__(self, file: Path) -> None:
        """``file`` is made with the first answer."""
        self._file = file

    def __getitem__(self, key: str) -> JsonObject:
        """The answer. Raises KeyError, OutputError."""
        return self._known[key]

    def __setitem__(self, key: str, answer: JsonObject) -> None:
        """Keep an answer for good. Raises OutputError, and ValueError for another second one."""
        if key in self._known:
            raise ValueError(f"there is an answer for {key} already")
        with writing(self._file):
            self._file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"key": key, "answer": answer}, ensure_ascii=False)
        append_durably(self._file, line.encode() + b"\n")
        self._known[key] = answer

    def __delitem__(self, key: str) -> None:
        """Nothing is taken back."""
        raise TypeError("answers are kept for good")

    def __iter__(self) -> Iterator[str]:
        """The keys in the order in which they came."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    @cached_property
    def _known(self) -> dict[str, JsonObject]:
        with writing(self._file):
            content = self._file.read_bytes() if self._file.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):  # a crash cut the last line short
                with self._file.open("r+b") as file:
                    file.truncate(len(whole))
        try:
            rows = [json.loads(line) for line in whole.splitlines()]
            return {row["key"]: dict(row["answer"]) for row in rows}
        except (ValueError, LookupError, TypeError):
            raise OutputError(f"{self._file}: is no file of answers; remove it") from None


FOLDER = "cassettes"
NAME = "calls.jsonl"


class Recorded(Record):
    """One call, as a line has it."""

    session: str
    """Which environment: the same for the same seed and clock."""
    state: str
    """Hash of the writes that had succeeded in the session."""
    number: int
    """How many calls of the session were recorded before it."""
    tool: str
    """Wire name."""
    arguments: JsonObject
    outcome: CallOutcome

    @property
    def key(self) -> str:
        """What a call is found by."""
        return key_of(self.session, self.state, self.tool, self.arguments)


def key_of(session: str, state: str, tool: str, arguments: JsonObject) -> str:
    """What a call is found by."""
    return content_hash([session, state, tool, arguments], 32)


class Cassette:
    """An append-only file of calls; `find` never asks anybody."""

    def __init__(self, file: Path) -> None:
        """``file`` is made with the first call."""
        self.file = file

    def find(
        self, session: str, state: str, tool: str, arguments: JsonObject
    ) -> CallOutcome | None:
        """What this call was answered at this point of its session; None where it was not made."""
        return self._known.get(key_of(session, state, tool, arguments))

    def append(
        self, session: str, state: str, tool: str, arguments: JsonObject, outcome: CallOutcome
    ) -> None:
        """Note an answer. Raises OutputError."""
        number = self._numbers.get(session, 0)
        line = Recorded(
            session=session, state=state, number=number, tool=tool, arguments=arguments,
            outcome=outcome,
        )  # fmt: skip
        with writing(self.file):
            self.file.parent.mkdir(parents=True, exist_ok=True)
        append_durably(self.file, line.model_dump_json().encode() + b"\n")
        self._known[line.key] = outcome
        self._numbers[session] = number + 1

    @cached_property
    def _known(self) -> dict[str, CallOutcome]:
        return {line.key: line.outcome for line in self._lines}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for line in self._lines:
            counts[line.session] = counts.get(line.session, 0) + 1
        return counts

    @cached_property
    def _lines(self) -> list[Recorded]:
        with writing(self.file):
            content = self.file.read_bytes() if self.file.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):  # a crash cut the last line short
                with self.file.open("r+b") as file:
                    file.truncate(len(whole))
        try:
            return [Recorded.model_validate(json.loads(line)) for line in whole.splitlines()]
        except (ValueError, ValidationError):
            raise OutputError(f"{self.file}: is no cassette; remove it") from None
