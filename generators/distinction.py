"""What tells two tools apart, however alike their texts sound.

Averaged word vectors put opposites side by side: archive and unarchive, an album and albums, liters
to gallons and back. So two tools are the same only where nothing that a caller relies on differs:
what they take, what they give, what they change, what their names say and what their texts speak
of. In doubt they are different, as a tool that is left out is lost and one that is kept costs
little. How alike the texts are is left to `generators.deduplication`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generators.lexicon.names import snake, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import word_set
from generators.lexicon.verbs import base_form, operation_of
from generators.world.tool_names import GENERIC
from schemas.canonical import canonical_json
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_SYNONYMS = {
    other: one
    for one, others in (
        ("get", "fetch retrieve return provide give obtain gets"),
        ("search", "find"),
        ("update", "edit modify"),
        ("delete", "remove"),
        ("calculate", "compute"),
    )
    for other in others.split()
}
_FILLING = word_set(
    "a an the this that these those it its is are be been being was were will would can may of to "
    "for from in on at by with as and or which who whose what when where while such some any "
    "given specified specific provided particular certain based use used using useful via please "
    "simply just only also tool function method endpoint api call allow let user you your their "
    "there here want need needed required optional parameter argument value string number integer "
    "boolean object list of if then than so do does has have had into about per"
)
"""Words that tell nothing of what a tool does."""
_SIZES = (
    "description default examples title deprecated $comment minimum maximum exclusiveMinimum "
    "exclusiveMaximum minLength maxLength minItems maxItems multipleOf additionalProperties"
).split()
"""Keywords of a schema that tell no two parameters apart."""
_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
_MOST_ADDED = 0.25
"""Share of its telling words that one of two equal tools may have beyond the other's."""
_LEAST_TOLD = 3
"""Telling words that a text needs before it can say that two names mean one thing."""


@dataclass(frozen=True)
class Portrait:
    """What a caller knows of a tool, in a form in which wording does not count."""

    tool: ToolSpec

    @property
    def wire_name(self) -> str:
        """The tool's, which no other tool of the catalogue has."""
        return self.tool.wire_name

    @cached_property
    def text(self) -> str:
        """What is compared by its words' vectors."""
        return text_of(self.tool)

    @cached_property
    def form(self) -> str:
        """What it takes, gives and changes. Equal tools have equal forms."""
        tool = self.tool
        given = tool.returns if tool.returns_from == "source" else None
        facts = [_shape(tool.parameters), _shape(given or {}), tool.effect, tool.destructive]
        return canonical_json(facts)

    @cached_property
    def name(self) -> tuple[str, ...]:
        """The words of its name, verbs that mean the same made one, empty words left out."""
        words = [_SYNONYMS.get(word, word) for word in split_words(self.tool.name)]
        return tuple(word for word in words if word not in GENERIC) or tuple(words)

    @cached_property
    def told(self) -> frozenset[str]:
        """The telling words of the description and those of the parameters."""
        return frozenset(_telling(text_of(self.tool, named=False)))


def text_of(tool: ToolSpec, *, named: bool = True) -> str:
    """Name, description, and each parameter with its description, nested ones included."""
    head = [" ".join(split_words(tool.name))] if named else []
    return "\n".join([*head, tool.description, *_parameter_texts(tool.parameters)])


def _parameter_texts(schema: JsonObject) -> list[str]:
    texts: list[str] = []
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict):
            texts.append(f"{' '.join(split_words(name))} {part.get('description', '')}")
            inner = part["items"] if isinstance(part.get("items"), dict) else part
            texts += _parameter_texts(inner)
    return texts


def _telling(text: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(text)]
    plain = [base_form(word) or singular(word) for word in words if word not in _FILLING]
    plain = [_SYNONYMS.get(word, word) for word in plain]
    return [word for word in plain if word not in _FILLING and word != "get"]


def _shape(schema: Any) -> Any:
    """Names, types, choices and what is required; integers count as numbers."""
    if isinstance(schema, list):
        return [_shape(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    properties = schema.get("properties")
    apart = {*_SIZES, "properties"} if isinstance(properties, Mapping) else _SIZES
    made: JsonObject = {key: _part(key, schema[key]) for key in schema if key not in apart}
    if isinstance(properties, Mapping):
        made["properties"] = {snake(name): _shape(part) for name, part in properties.items()}
        made["required"] = sorted(map(snake, schema.get("required", ())))
    return made


def _part(key: str, value: Any) -> Any:
    if key == "type":
        types = value if isinstance(value, list) else [value]
        return sorted({"number" if one == "integer" else str(one) for one in types})
    if key == "enum" and isinstance(value, list):
        return sorted(map(canonical_json, value))
    return value if key in ("required", "const") else _shape(value)


def is_same(one: Portrait, other: Portrait) -> bool:
    """Whether nothing tells the two apart; symmetric, and true of a tool and itself."""
    if one.form != other.form:
        return False
    if one.name == other.name:
        return _speak_alike(one.told, other.told)
    return one.tool.domain == other.tool.domain and _is_renamed(one, other)


def _speak_alike(told: frozenset[str], others: frozenset[str]) -> bool:
    """Whether only one of them says more, and little: words on both sides are a contrast."""
    longer, shorter = (told, others) if len(told) >= len(others) else (others, told)
    added = longer - shorter
    if shorter - longer or any(word[0].isdigit() or word in _CONTRASTS for word in added):
        return False
    return len(added) <= _MOST_ADDED * len(longer)


_CONTRASTS = word_set(
    "not no without except never all every each multiple several many single one two first last "
    "old new previous next active inactive open closed pending public private local global remote "
    "min max minimum maximum least most highest lowest average total historical current past "
    "future daily weekly monthly yearly real monthly premium free"
)
"""Words that alone choose another tool: ``historical`` weather."""


def _is_renamed(one: Portrait, other: Portrait) -> bool:
    """Whether two names of one domain stand for the same: all else is told in the same words.

    Names may differ in verbs of the same operation, but for those that change a row, among which
    are the opposites; and in nouns only where the text speaks of one's and not of the other's.
    """
    if one.told != other.told or len(one.told) < _LEAST_TOLD:
        return False
    own, others = set(one.name) - set(other.name), set(other.name) - set(one.name)
    verbs = [{operation_of(word) for word in side} - {None} for side in (own, others)]
    if verbs[0] != verbs[1] or "update" in verbs[0]:
        return False
    nouns = [{singular(word) for word in side if not operation_of(word)} for side in (own, others)]
    if nouns[0] & nouns[1] or any(not word.isalpha() for side in nouns for word in side):
        return False
    spoken = [bool(side & one.told) for side in nouns]
    return spoken[0] != spoken[1] or (not nouns[0] and not nouns[1] and bool(own or others))
