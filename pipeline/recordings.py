"""What was answered once is never asked again: calls of live servers, and of tools models play.

A line an answer, appended and on the disk before it is used. A call of a server is found by its
session, by the writes before it, by tool and arguments; what is not on the cassette has no answer.
"""

import json
from collections import Counter, UserDict
from pathlib import Path

from pipeline.files import keep_line, read_kept
from schemas.canonical import content_hash
from schemas.environment import CallOutcome
from schemas.record import JsonObject, Record

PLAYED = "played.jsonl"
"""What a model played as tools."""
COMPLETED = "completed.world.yaml"
"""The world model that a model wrote."""
CASSETTE = Path("cassettes", "calls.jsonl")


class KeptAnswers(UserDict[str, JsonObject]):
    """Key → the answer; nothing that was written is changed or taken back."""

    def __init__(self, file: Path, kind: str = "answer") -> None:
        """Read ``file``, which is made with the first answer. Raises OutputError."""
        super().__init__()
        self._file, self._kind = file, kind
        self.data = dict(
            read_kept(file, "file of answers", lambda row: (row["key"], dict(row[kind])))
        )

    def __setitem__(self, key: str, answer: JsonObject) -> None:
        """Keep an answer for good. Raises OutputError, and ValueError for another second one."""
        if key in self.data:
            raise ValueError(f"there is an answer for {key} already")
        keep_line(self._file, json.dumps({"key": key, self._kind: answer}, ensure_ascii=False))
        self.data[key] = answer

    def __delitem__(self, key: str) -> None:
        """Nothing is taken back."""
        raise TypeError("answers are kept for good")


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


class Cassette:
    """An append-only file of calls; `find` never asks anybody."""

    def __init__(self, file: Path) -> None:
        """Read ``file``, which is made with the first call. Raises OutputError."""
        self.file = file
        self._known: dict[str, CallOutcome] = {}
        self._numbers: Counter[str] = Counter()
        for line in read_kept(file, "cassette", Recorded.model_validate):
            self._note(line)

    def _note(self, line: Recorded) -> None:
        key = content_hash([line.session, line.state, line.tool, line.arguments], 32)
        self._known[key] = line.outcome
        self._numbers[line.session] += 1

    def find(
        self, session: str, state: str, tool: str, arguments: JsonObject
    ) -> CallOutcome | None:
        """What this call was answered at this point of its session; None where it was not made."""
        return self._known.get(content_hash([session, state, tool, arguments], 32))

    def append(
        self, session: str, state: str, tool: str, arguments: JsonObject, outcome: CallOutcome
    ) -> None:
        """Note an answer. Raises OutputError."""
        line = Recorded(
            session=session, state=state, number=self._numbers[session], tool=tool,
            arguments=arguments, outcome=outcome,
        )  # fmt: skip
        keep_line(self.file, line.model_dump_json())
        self._note(line)
