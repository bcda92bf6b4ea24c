"""What a model answered as a tool, kept in a file: a replay finds every answer there.

A line an answer, on the disk before it is used. Which calls are the same is for
`generators.backends.model_played` to say.
"""

import json
from collections.abc import Iterator, MutableMapping
from functools import cached_property
from pathlib import Path

from pipeline.files import append_durably, writing
from schemas.errors import OutputError
from schemas.record import JsonObject

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
