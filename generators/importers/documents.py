"""Loads one document, and says in one line why a file is none.

JSON, JSON Lines, YAML and Python source, told apart by the name and then by the content. Knows
nothing of tools. Errors carry no file: the caller, who knows what the user typed, adds it.
"""

import ast
import json
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from schemas.errors import InputError

MAX_DEPTH = 100
"""Lists and objects inside one another; no real catalogue comes near it."""
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
"""Why a document, or the part of one that stands there instead, is not read."""

YAML_SUFFIXES = (".yaml", ".yml")
_LINES_SUFFIXES = (".jsonl", ".ndjson")
_EXTRA = "more text after the end of the document (a file holds one document)"
_LEFT_OUT = re.compile(
    r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.S
)
"""Texts, which stay, and what people write into JSON: comments, and commas before an end."""
_WIDE = (
    ("utf-32", (b"\xff\xfe\0\0", b"\0\0\xfe\xff")),
    ("utf-16", (b"\xff\xfe", b"\xfe\xff")),
    ("utf-16-le", (b"{\0", b"[\0", b"\n\0", b"\r\0", b" \0")),
    ("utf-16-be", (b"\0{", b"\0[", b"\0\n", b"\0\r", b"\0 ")),
)
"""Encodings that editors of Windows write, and how their files begin."""
_STARTS_AS_YAML = re.compile(r"(?:\s*(?:#.*)?\n)*(?:%YAML|---|-\s|[\w.$/-]+:(?:\s|$))")


_TOKENS = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{}]', re.S)
_DEEPEST_PART = 3
"""Levels down to what is given up where it is too deep: an operation, a schema by its name."""


@dataclass(frozen=True)
class NamedDocument:
    """A document that was not read as a file: a live server's answer, a class that is loaded."""

    name: str
    document: Any


@dataclass(frozen=True)
class PythonSource:
    """Source code that defines tools; it is only read unless ``run`` says otherwise."""

    text: str
    name: str
    """The file's path as the user gave it: what it imports from its folder is found by it."""
    run: bool = False
    """The user asked for the code to be executed."""
    owner: str = ""
    """Only the methods of this class are tools; empty: of every one."""
    loaded: ModuleType | None = None
    """The module, where it has been imported already: its types are asked, nothing is executed."""


def load_document(path: Path, *, run: bool = False, said: list[str] | None = None) -> Any:
    """The value that a file holds: what JSON can hold, or `PythonSource`.

    ``run`` says that Python may be executed later; nothing is executed here. ``said``: where it is
    noted what was left out or is not sure, such as a key that stands twice. Raises InputError
    where the file holds nothing of the kind.
    """
    text = _read_text(path)
    if not text.strip():
        raise InputError("the file is empty")
    if path.suffix.lower() == ".py":
        return PythonSource(text, str(path), run)
    notes = [] if said is None else said
    suffix = path.suffix.lower()
    try:
        return check_writable(_parse_text(text, suffix, notes))
    except InputError as error:
        if error.problem != TOO_DEEP or suffix in YAML_SUFFIXES:
            raise
        with suppress(InputError):
            # The text with `TOO_DEEP` in place of what lies too deep: it may be too deep to be
            # parsed.
            parts, depth, kept = list[str](), 0, 0
            for seen in _TOKENS.finditer(text):
                mark = seen.group()
                if mark in "[{":
                    depth += 1
                    if depth == MAX_DEPTH:
                        parts += [text[kept : seen.start()], json.dumps(TOO_DEEP)]
                elif mark in "]}":
                    if depth == MAX_DEPTH:
                        kept = seen.end()
                    depth -= 1
            found = _give_up_deep(_parse_text("".join([*parts, text[kept:]]), suffix, notes))
            if "{" in json.dumps(found):
                return check_writable(found)
        raise


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Number and value of each line of a file of JSON Lines that is not empty.

    Raises InputError with the line.
    """
    for number, row in _parse_lines(_read_text(path)):
        try:
            yield number, check_writable(row)
        except InputError as error:
            raise InputError(error.problem, place=f"line {number}") from None


def check_writable(document: Any) -> Any:
    """The document, if it can be walked and written out. Raises InputError otherwise."""
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        objects = [value.values() for value in level if isinstance(value, dict)]
        lists = [value for value in level if isinstance(value, list)]
        level = [child for children in (*objects, *lists) for child in children]
    if level:
        raise InputError(TOO_DEEP)
    # JSON can escape half of a surrogate pair; no later stage could write it out.
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise InputError(f"holds {half}, which is half of a character") from None
    return document


def unpack(text: str) -> Any:
    """The value that a text spells in JSON or as a Python literal. Raises InputError."""
    try:
        return check_writable(parse_json(text))
    except InputError as error:
        try:
            # Nothing is executed: a literal is read, and must be something that JSON can say.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = ast.literal_eval(text.strip())
            return check_writable(json.loads(json.dumps(value, allow_nan=False)))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise InputError(f"neither a Python literal nor JSON: {error.problem}") from None


def parse_json(text: str, said: list[str] | None = None) -> Any:
    """The value of one JSON text. Raises InputError with line and column.

    ``said``: where keys that stand twice are noted, the last of which counts.
    """

    def unite(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        held = dict(pairs)
        if said is not None and len(held) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            of = f" of {held['name']!r}" if isinstance(held.get("name"), str) else ""
            said.append(f"the key {twice!r}{of} stands twice in one object: the last one counts")
        return held

    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_parse_float,
            object_pairs_hook=None if said is None else unite,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        message = f"{error.msg[:1].lower()}{error.msg[1:]}"
        message = _EXTRA if error.msg == "Extra data" else message
        raise InputError(f"not JSON: {message}", place=place) from None
    except RecursionError:
        raise InputError(TOO_DEEP) from None
    except ValueError:  # Python refuses whole numbers of thousands of digits
        raise InputError("holds a whole number that is too long to be read") from None


def json_kind(value: Any) -> str:
    """What a JSON value is, in words: ``a list``."""
    kinds = {bool: "a boolean", str: "text", int: "a number", float: "a number", list: "a list"}
    return "null" if value is None else kinds.get(type(value), "an object")


def short_repr(value: Any, length: int = 60) -> str:
    """A value as one line of bounded length, for messages."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _parse_text(text: str, suffix: str, said: list[str]) -> Any:
    if suffix in _LINES_SUFFIXES:
        return [row for _, row in _parse_lines(text, said)]
    is_yaml = suffix in YAML_SUFFIXES
    try:
        return parse_json(text, said)
    except InputError as error:
        first = next(line for line in text.splitlines() if line.strip())
        row = None
        with suppress(ValueError, RecursionError):
            row = json.loads(first)
        # A first line that is a document of its own begins a file of JSON Lines.
        if error.problem.endswith(_EXTRA) and not is_yaml and isinstance(row, dict | list):
            return [row for _, row in _parse_lines(text, said)]
        with suppress(InputError):
            return parse_json(_LEFT_OUT.sub(_blank, text), said)
        if not is_yaml and not _STARTS_AS_YAML.match(text):
            raise
    from generators.importers.yaml_text import read_yaml  # its library is slow to import

    return read_yaml(text, MAX_DEPTH)


def _blank(match: re.Match[str]) -> str:
    """A text as it stands; of a comment or comma, as many spaces and its line breaks."""
    found = match.group()
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)


def _give_up_deep(document: Any) -> Any:
    """The document with `TOO_DEEP` in place of each tool, or operation, that holds such a place."""

    def holds(value: Any) -> bool:
        level = [value]
        while level:
            if any(one == TOO_DEEP for one in level if isinstance(one, str)):
                return True
            lists = [one for one in level if isinstance(one, list)]
            objects = [one.values() for one in level if isinstance(one, dict)]
            level = [child for children in (*objects, *lists) for child in children]
        return False

    def walk(value: Any, level: int) -> Any:
        if not holds(value):
            return value
        if isinstance(value, dict) and level and isinstance(value.get("name"), str):
            return {"name": value["name"], TOO_DEEP: True}
        if level == _DEEPEST_PART or not isinstance(value, dict | list):
            return TOO_DEEP
        if isinstance(value, dict):
            return {key: walk(one, level + 1) for key, one in value.items()}
        return [walk(one, level + 1) for one in value]

    return walk(document, 0)


def _parse_lines(text: str, said: list[str] | None = None) -> Iterator[tuple[int, Any]]:
    """One document a line; other signs that Unicode calls line breaks may stand in a text."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = parse_json(line, said)
        except InputError as error:
            column = error.place.partition(", ")[2]
            place = f"line {number}, {column}" if column else f"line {number}"
            raise InputError(error.problem, place=place) from None
        yield number, row


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
        wide = (name for name, starts in _WIDE if data.startswith(starts))
        return data.decode(next(wide, "utf-8-sig")).removeprefix("\ufeff")
    except FileNotFoundError:
        raise InputError("no such file or folder") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        byte = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        name = error.encoding.upper().replace("UTF8", "UTF-8")
        raise InputError(f"not {name} text: {byte}") from None
    except ValueError:  # a NUL in the path
        raise InputError("is not a possible file name") from None


def _refuse_constant(word: str) -> None:
    raise InputError(f"holds {word}, which JSON does not have")


def _parse_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InputError(f"holds the number {digits[:40]}, which is too large to be read")
    return number
