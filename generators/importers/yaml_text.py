"""YAML as JSON would hold it: version 1.2, so that ``on``, ``no`` and dates stay text.

Only scalars of JSON's kinds are understood; tags of other kinds are refused, keys become text, and
aliases are written out as long as that stays within bounds.
"""

import math
import re
import warnings
from contextlib import suppress
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import VersionedResolver

from schemas.errors import InputError

MAX_VALUES = 1_000_000
"""Aliases of aliases double at each step: writing them out must end."""

_FLAT = 2000
"""Levels that libyaml can surely read: it crashes at a hundred thousand."""
_PREFIX = "tag:yaml.org,2002:"
_KINDS = ("str", "int", "float", "bool", "null", "map", "seq", "merge", "timestamp", "value")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_FIRST_OF_OTHERS = "~<=!&*+-.0123456789"
"""What a scalar begins with that is no text, unless it is one of the constants."""
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_yaml(text: str, max_depth: int) -> Any:
    """The value of the one document in a text. Raises InputError with line and column."""
    root: Node | None = None
    # libyaml is six times as fast, and crashes on deep lists; of versions it knows one. A level
    # takes a bracket, or a space or dash before the text of a line.
    brackets = sum(text.count(mark) for mark in "[{")
    indent = max(map(len, re.findall(r"(?m)^[ ?-]+", text)), default=0)
    if brackets + indent < _FLAT and "%YAML" not in text:
        with suppress(InputError):  # the other parser says in better words what is wrong
            root = _compose(text, max_depth, pure=False)
    if root is None:
        root = _compose(text, max_depth, pure=True)
    return None if root is None else _Writing(max_depth).value(root, 0)


def _compose(text: str, max_depth: int, *, pure: bool) -> Node | None:
    yaml = YAML(typ="safe", pure=pure)
    yaml.max_depth = max_depth
    if not pure:  # its parser is quick, so that finding the kinds would take most of the time
        yaml.Resolver = _KindFinder
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor may be used again
            root: Node | None = yaml.compose(text)
    except (MaxDepthExceededError, RecursionError):
        raise InputError(f"nested more than {max_depth} levels deep") from None
    except MarkedYAMLError as error:
        problem = " ".join(str(error.problem or error.context or "cannot be read").split())
        place = _say_place(error.problem_mark)
        raise InputError(f"not YAML: {problem}", place=place) from None
    except YAMLError as error:
        raise InputError(f"not YAML: {str(error).splitlines()[0]}") from None
    except (ValueError, AttributeError, TypeError, IndexError, AssertionError):
        # Its scanner trips over some directives and escapes without an error of its own.
        raise InputError("not YAML: a directive or an escape cannot be read") from None
    return root


class _KindFinder(VersionedResolver):
    """Finds the kind of a scalar; only of those that may be another than text, by all rules."""

    def resolve(self, kind: type[Node], value: str, implicit: Any) -> Any:
        """The tag of a node that has none."""
        if kind is ScalarNode and not (
            implicit[0] and (value[:1] in _FIRST_OF_OTHERS or value in _CONSTANTS)
        ):
            return self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


_USUAL = {
    id(VersionedResolver.DEFAULT_SCALAR_TAG): "str",
    id(VersionedResolver.DEFAULT_SEQUENCE_TAG): "seq",
    id(VersionedResolver.DEFAULT_MAPPING_TAG): "map",
}
"""Which kinds the tags stand for that most nodes have: these are never made anew."""


class _Writing:
    """Turns nodes into values and counts them."""

    def __init__(self, max_depth: int) -> None:
        self.max_depth, self.count = max_depth, 0

    def value(self, node: Node, depth: int) -> Any:
        """What a node holds. Raises InputError for what JSON does not have, and for too much."""
        self.count += 1
        if self.count > MAX_VALUES:
            raise InputError(f"its aliases unfold to more than {MAX_VALUES:,} values")
        if depth > self.max_depth:
            raise InputError(f"nested more than {self.max_depth} levels deep")
        kind = _kind_of(node)
        if kind not in _KINDS:
            raise InputError(f"the tag {kind!r} is not read", place=_say_place(node.start_mark))
        if isinstance(node, SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        if not isinstance(node, MappingNode):
            return _read_scalar(kind, node.value)
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, ScalarNode):
                raise InputError("a key must be text", place=_say_place(key.start_mark))
            if _kind_of(key) == "merge":
                value = self.value(item, depth + 1)
                parts = value if isinstance(value, list) else [value]
                if not all(isinstance(part, dict) for part in parts):
                    raise InputError("<< must name objects", place=_say_place(item.start_mark))
                for part in parts:  # what ``<<`` names; of several, the first counts
                    merged = {**part, **merged}
            elif key.value in own:
                place = _say_place(key.start_mark)
                raise InputError(f"the key {key.value!r} is given twice", place=place)
            else:
                own[key.value] = self.value(item, depth + 1)
        return {**merged, **own}


def _kind_of(node: Node) -> str:
    return _USUAL.get(id(node.ctag)) or str(node.tag).removeprefix(_PREFIX)


def _read_scalar(kind: str, text: str) -> Any:
    if kind == "null" or (kind == "bool" and text in _CONSTANTS):
        return _CONSTANTS.get(text)
    if kind not in ("int", "float"):
        return text
    if len(text) > 4000:
        raise InputError("holds a number that is too long to be read")
    if text.lower().lstrip("+-") in (".inf", ".nan"):
        raise InputError(f"holds {text}, which JSON does not have")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if not _FLOAT.fullmatch(text):  # ``1_000`` is text in YAML 1.2
        return text
    number = float(text)
    if not math.isfinite(number):
        raise InputError(f"holds the number {text[:40]}, which is too large to be read")
    return number


def _say_place(mark: Any) -> str:
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
