"""The file ``definitions.jsonl``: what many records of an output folder share, each part once.

A line is ``{"HASH": PART}``, where the hash is that of the part's text: a line that something else
changed is known by itself. Any process may append; the end of a run puts the lines in order.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.files import append_durably, append_whole, replace_file, writing
from schemas.record import JsonObject, Rec, Record

DEFINITIONS = "definitions.jsonl"
_HEAD = len('{"0123456789abcdef":')
_MOST = 10_000
"""Parts whose hash is remembered by who they are; then it is made from their text again."""


class DefinitionsFile:
    """Implements `schemas.definitions.Definitions` for the records of a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / DEFINITIONS
        self.unreadable: list[str] = []
        """Places of lines that something else garbled."""
        self._known: dict[str, bytes] = {}
        self._parts: dict[tuple[type[Record], str], Record] = {}
        self._plain: dict[str, JsonObject] = {}
        self._keys: dict[int, tuple[Record, str]] = {}
        self._new: list[bytes] = []
        self._read = self._lines = 0

    def refer(self, part: Record) -> str:
        """Keep a part, which `flush` writes; answers the hash by which it is found."""
        same, key = self._keys.get(id(part), (None, ""))
        if same is part:
            return key
        content = part.model_dump_json().encode()
        key = _key(content)
        if key not in self._known:
            self._look()
        if key not in self._known:
            self._known[key] = content
            self._new.append(_line(key, content))
        if len(self._keys) >= _MOST:
            self._keys.clear()
        self._keys[id(part)] = part, key
        return key

    def find(self, kind: type[Rec], key: str) -> Rec:
        """Give the part of a hash. Raises ValueError where there is none."""
        found = self._parts.get((kind, key))
        if found is None:
            found = self._parts[kind, key] = kind.model_validate_json(self._text(key))
        assert isinstance(found, kind)
        return found

    def find_all(self, kind: type[Rec], keys: Iterable[str]) -> list[Rec]:
        """Give the parts of several hashes. Raises ValueError where one is not there."""
        known: dict[tuple[type[Record], str], Any] = self._parts
        return [known.get((kind, key)) or self.find(kind, key) for key in keys]

    def find_plain(self, key: str | JsonObject) -> JsonObject:
        """The JSON of the part of a hash, which is never changed; of a part that is told whole, it.

        Raises ValueError where there is none.
        """
        if not isinstance(key, str):
            return key
        found = self._plain.get(key)
        if found is None:
            found = self._plain[key] = json.loads(self._text(key))
        return found

    def _text(self, key: str) -> bytes:
        if key not in self._known:  # the end of a run may have put the lines in another order
            self._read = self._lines = 0
            self._look()
        if key not in self._known:
            raise ValueError(f"{self.path} has no part {key}")
        return self._known[key]

    def knows(self, key: str) -> bool:
        """Whether it has a part."""
        self._look()
        return key in self._known

    @property
    def count(self) -> int:
        """How many parts there are."""
        self._look()
        return len(self._known)

    def flush(self) -> None:
        """Write what is new: before the record that tells of it."""
        if self._new:
            with writing(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                append_whole(self.path, b"".join(self._new))
            self._new = []

    def sync(self) -> None:
        """Have on the disk what any process has written: before records are committed."""
        if self.path.exists():
            append_durably(self.path, b"")

    def settle(self) -> None:
        """Put the lines in order, each once; nobody else writes now."""
        self._look()
        lines = [_line(*one) for one in sorted(self._known.items())]
        if lines and self.path.read_bytes() != (content := b"".join(lines)):
            replace_file(self.path, content.decode())
            self._read, self._lines = len(content), len(lines)

    def _look(self) -> None:
        """Read what has been appended since."""
        if not self.path.exists() or self.path.stat().st_size == self._read:
            return
        with writing(self.path), self.path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read, self._lines = self._read + len(line), self._lines + 1
                content = line[_HEAD:-2]
                key = _key(content)
                if line == _line(key, content):
                    self._known[key] = content
                else:
                    self.unreadable.append(f"{self.path}, line {self._lines}")

    def check(self) -> list[str]:
        """Read all of it; answers the places of lines that something else garbled."""
        self._look()
        return self.unreadable


def key_of(part: Record) -> str:
    """The hash by which a part is found."""
    return _key(part.model_dump_json().encode())


def _key(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _line(key: str, content: bytes) -> bytes:
    return b'{"' + key.encode() + b'":' + content + b"}\n"
