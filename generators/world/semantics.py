"""What a leaf's schema and description say of its values: their meaning, and the only choices.

The schema's own word comes first (format, enum), then the name; what names and descriptions mean
lies in `generators.lexicon.meanings`. A leaf keeps its schema: where its values are known better,
an ``enum`` is added or narrowed, so that whoever fills it stays within what the tool does.
"""

import re
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any

from generators.lexicon.meanings import number_meaning, text_meaning
from generators.lexicon.names import noun_words, split_words
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import Operation, base_form, find_verb
from generators.world.schema_leaves import as_schema, plain_schema, schema_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")

_FORMATS: MappingProxyType[str, SemanticType] = MappingProxyType(
    {
        "date": "date",
        "date-time": "datetime",
        "time": "time",
        "duration": "duration",
        "email": "email",
        "idn-email": "email",
        "uri": "url",
        "url": "url",
        "uri-reference": "url",
        "iri": "url",
        "iri-reference": "url",
        "uuid": "opaque_id",
    }
)
"""JSON Schema's ``format``."""


def semantic_type(name: str, schema: JsonObject, description: str = "") -> SemanticType:
    """Say what a leaf of this name and schema means; ``unknown`` where nothing tells."""
    plain = plain_schema(schema)
    said = str(description or schema.get("description") or plain.get("description") or "")
    kind = schema_type(plain)
    if kind == "array":
        return "list"
    if kind in ("boolean", "object"):
        return "boolean" if kind == "boolean" else "object"
    values = plain.get("enum", [plain["const"]] if "const" in plain else None)
    if isinstance(values, list) and any(isinstance(value, str) for value in values):
        return "enum"
    if kind != "number" and (told := _FORMATS.get(str(plain.get("format", "")))):
        return told
    if kind in ("integer", "number"):
        return number_meaning(name, said, kind == "integer")
    told = text_meaning(name, said)
    coded = told == "url" and _CODED.match(str(next(iter(schema.get("examples") or ()), "")))
    return "opaque_id" if coded else told


_CODED = re.compile(r"(?!https?:)[a-z]\w*:[^/]")
"""``spotify:track:4aawyAB9vmqN3uQ7FjRGTy``: a URI that is no address."""


def element_semantic(name: str, schema: JsonObject) -> SemanticType:
    """Say what a field means, and for a list of scalars what its elements mean."""
    plain = plain_schema(schema)
    items = as_schema(plain.get("items"))
    if schema_type(plain) != "array" or schema_type(plain_schema(items)) in ("", "array", "object"):
        return semantic_type(name, plain)
    return semantic_type(name, items, str(plain.get("description", "")))


_CHOICE = re.compile(
    r"\b(?:either|one of|options are|options:|whether to"
    r"|(?:available|allowed|possible|valid|accepted|supported) (?:values|options|choices)"
    r"|(?:un[oa]|um|uma|una?) (?:de|dos|das|tra)|eine[rs]? (?:von|der)|l'une? des"
    r"|val(?:ores|eurs|ori) (?:poss?[ií][bv]\w+|permiti\w+|v[áa]lid\w+|autoris\w+|ammess\w+)"
    r"|(?:mögliche|erlaubte|gültige) Werte)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:such as|e\.g\.|for example|like|por ejemplo|por exemplo|par exemple|z\.\s?B\.)",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"^\s*(?:[-*]|\d+\.)\s*['\"`]?([A-Za-z]\w*)['\"`]?\s+[-:\u2013]\s", re.MULTILINE
)
_BOLD = re.compile(r"^\s*\*\*([A-Za-z][\w-]*)\*\*\s", re.MULTILINE)
_SENTENCE = re.compile(r"\.\s|\n")
_LISTED = re.compile(
    r"(?:one of|options are|options|(?:values|choices)(?: are)?"
    r"|\b(?:valores|valeurs|valori|werte|eine[rs]? von|un[oa] de)\b[^:.]{0,16}):\s*([\w, /-]+)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\d (?:char|word)", re.IGNORECASE)
_MARKED = re.compile(
    r"\b(?:enum|(?:allowed|possible|valid|accepted|supported) (?:values|options|choices))\b"
    r"[\])]?(?: are| is)?\s*:?\s*\[([^\]]{3,400})\]",
    re.IGNORECASE,
)
"""A list in brackets that a word before it says is complete: ``[Enum]: ["START", "STOP"]``."""
_NAMED_ALL = re.compile(r"\(((?:['\"`][\w +-]{1,39}['\"`](?:/| \(|, or |, | or |\b)?){2,})\)")
"""Quoted values in brackets, and nothing beside them: ``("cars", "lorries")``."""
_KINDS_NAMED = re.compile(
    r"\(([a-z]\w+(?:, (?:or )?[a-z]\w+)*,? or [a-z]\w+|[a-z]\w+(?:, [a-z]\w+)+)\)"
)
"""``Type of vehicle (car, lorry or bus)``."""
_WORD = re.compile(r"[A-Za-z][\w +/-]{0,39}")
_QUOTED = re.compile(r"['\"`]([A-Za-z][\w +/-]{0,39})['\"`]")


_BARE = re.compile(
    r"\W*[a-z][\w-]*(?:(?:\s*[,|/]\s*(?:or )?| or )[\"'`]?[a-z][\w-]*[\"'`]?){2,}\.?\W*"
)
"""A description that is nothing but a list: ``low, normal, high, urgent``."""


def _listed_bare(name: str, description: str) -> list[str]:
    """The words of a description that is a list of them, of what chooses: a priority, a type."""
    chooses = not _words("choosing").isdisjoint(split_words(name)[-1:])
    listed = chooses and _BARE.fullmatch(description)
    words = re.findall(r"[a-z][\w-]*", description) if listed else []
    return [one for one in dict.fromkeys(words) if one != "or"]


def with_choices(
    name: str, schema: JsonObject, operation: Operation, noun: str = "", listed: str = ""
) -> JsonObject:
    """Add the choices that the description tells, then keep the methods that suit the tool.

    ``listed`` is what is said of the list whose elements have this schema.
    """
    plain = plain_schema(schema)
    values = plain.get("enum")
    if not isinstance(values, list):
        said = str(schema.get("description", ""))
        values = told_choices(said) or _marked(listed) or _listed_bare(name, said)
        if len(values) < 2 or schema_type(plain) != "string":
            return schema
        schema = {**schema, "enum": values}
    if name not in _words("methods"):
        return schema
    texts = [value for value in values if isinstance(value, str)]
    verbs = {value: base_form((*split_words(value), "")[0]) or "" for value in texts}
    # A method does what the tool was taken for: ``create`` of ``issue_write``.
    suiting = [one for one, verb in verbs.items() if find_verb(verb).operation == operation]
    about = [value for value in suiting if noun and noun_words(value)[1:] == tuple(noun.split())]
    plainest = [value for value in suiting if len(split_words(value)) == 1]
    chosen = about or plainest or suiting
    return {**schema, "enum": chosen} if chosen else schema


def chooses_deed(name: str, schema: JsonObject) -> bool:
    """Whether a parameter says what the tool does: ``action: create, delete``.

    A mode only where its values do different things: to cool or to heat is how a row stands.
    """
    deeds = [
        find_verb((*split_words(str(one)), "")[0]) for one in plain_schema(schema).get("enum", ())
    ]
    told = name in _words("methods") and bool(deeds) and all(deeds)
    return told and (name != "mode" or len({one.operation for one in deeds}) > 1)


def shows_values(description: str) -> bool:
    """Whether a description shows some of the values: ``(e.g., 'ACTIVE', 'PAUSED')``."""
    quoted = _EXAMPLE.search(description) is not None and _QUOTED.search(description) is not None
    return quoted or bool(some_in_capitals(description))


def shows_one(description: str) -> bool:
    """Whether a description shows one phrase of several words: ``for example 'old barn roof'``."""
    quoted = _QUOTED.findall(description) if _EXAMPLE.search(description) else []
    return len(quoted) == 1 and " " in quoted[0]


_SOME_IN_CAPITALS = re.compile(r"\(([A-Z_]{2,}(?:, [A-Z_]{2,})+),? (?:etc\.?|\.\.\.|…)\)")


def some_in_capitals(description: str) -> tuple[str, ...]:
    """The first values of a list that goes on: ``(ACTIVE, PAUSED, etc.)``."""
    found = _SOME_IN_CAPITALS.search(description)
    return tuple(found[1].split(", ")) if found else ()


def told_choices(description: str) -> list[str]:
    """Read "either 'a' or 'b'", "one of: a, b", or a list of bullets; examples are none."""
    if marked := _marked(description):
        return marked
    if (named := _NAMED_ALL.search(description)) and not _EXAMPLE.search(description):
        return list(dict.fromkeys(_QUOTED.findall(named[1])))
    bullets = _BULLET.findall(description) or _BOLD.findall(description)
    if len(bullets) > 1:
        return list(dict.fromkeys(bullets))
    choice = _CHOICE.search(description)
    if not choice or _EXAMPLE.search(description):
        return []
    sentence = _SENTENCE.split(description[choice.start() :])[0]
    quoted = _QUOTED.findall(sentence)
    listed = _LISTED.search(sentence)
    found = quoted or (re.split(r",\s*(?:or\s+|and\s+)?|\s+or\s+", listed[1]) if listed else [])
    return list(dict.fromkeys(one.strip() for one in found if _WORD.fullmatch(one)))


def _marked(description: str) -> list[str]:
    """The quoted values of a list in brackets that is said to be complete."""
    found = _MARKED.search(description)
    values = re.findall(r"\"([^\"]+)\"|'([^']+)'", found[1]) if found else []
    return list(dict.fromkeys(one or other for one, other in values))


def with_told_choices(tool: ToolSpec) -> ToolSpec:
    """The tool with the bounds, and its result with the choices, that descriptions tell."""
    update: dict[str, Any] = {}
    if tool.returns:
        update["returns"] = with_marked_choices(tool.returns)
    bounded = {
        name: _with_told_kinds(name, with_told_bounds(rule), tool.description)
        if isinstance(rule, dict)
        else rule  # ``True`` is a schema too
        for name, rule in tool.properties.items()
    }
    if bounded != tool.properties:
        update["parameters"] = {**tool.parameters, "properties": bounded}
    return tool.model_copy(update=update) if update else tool


_OF_KINDS = re.compile(r"\ban? ([a-z]\w+(?:, (?:an? )?[a-z]\w+)*,? or (?:an? )?[a-z]\w+)\b")
"""``a deployment, daemonset, or statefulset``."""


_IN_CAPITALS = re.compile(r"\(([A-Z_]{2,}(?:(?:, or |, | or |/)[A-Z_]{2,})+)\)")
"""``(ERROR, WARNING, INFO)``."""
_CODES = re.compile(r"\b(?:identifiers?|ids?|codes?|symbols?|tickers?) $", re.IGNORECASE)
"""Before a bracket with some of many: ``airport identifier (KAVL or AVL)``."""


def _with_told_kinds(name: str, schema: JsonObject, description: str) -> JsonObject:
    """The schema with choices that are named in capitals, or the kinds of a ``resource_type``."""
    said = {"enum", "const", "pattern", "format", "examples"}
    listed = _IN_CAPITALS.search(str(schema.get("description") or ""))
    if listed and said.isdisjoint(schema) and schema_type(schema) == "string":
        key = "examples" if _CODES.search(listed.string[: listed.start()]) else "enum"
        return {**schema, key: re.split(r",? or |, |/", listed[1])}
    if noun_words(name)[-1:] not in (("type",), ("kind",)) or not said.isdisjoint(schema):
        return schema
    own = str(schema.get("description") or "")
    told = _KINDS_NAMED.search(own)
    if not {"description", "default"} & schema.keys():
        told = told or _OF_KINDS.search(description)
    if told is None or schema_type(schema) != "string" or _EXAMPLE.search(own):
        return schema
    kinds = re.split(r",? or |, ", told[1])
    return {**schema, "enum": [re.sub(r"^an? ", "", one) for one in kinds]}


def with_told_bounds(schema: JsonObject) -> JsonObject:
    """A number's schema with the bounds that its description tells, where it has none itself."""
    own = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const"}
    if schema_type(schema) not in ("integer", "number") or not own.isdisjoint(schema):
        return schema
    said = str(schema.get("description") or "")
    bounds = told_bounds(said) if not _COUNTED.search(said) else (None, None)
    told = dict(zip(("minimum", "maximum"), bounds, strict=True))
    found: JsonObject = {key: value for key, value in told.items() if value is not None}
    low, high = found.get("minimum", 0), found.get("maximum", float("inf"))
    usual = schema.get("default", low)
    lawful = isinstance(usual, int | float) and low <= usual <= high and low < high
    return {**schema, **found} if found and lawful else schema


def told_bounds(description: str) -> tuple[float | None, float | None]:
    """The least and the greatest number that a description allows; None where it tells none."""
    found: dict[str, float] = {}
    for pattern in load_table("demands")["bounds"]:
        told = re.search(pattern, description, re.IGNORECASE)
        for side in ("low", "high"):
            if told and side in told.re.groupindex and side not in found:
                number = float(told[side].replace(",", ""))
                found[side] = int(number) if number.is_integer() else number
    low, high = found.get("low"), found.get("high")
    return (low, high) if low is None or high is None or low <= high else (None, None)


def with_marked_choices(schema: JsonObject) -> JsonObject:
    """A result's schema in which texts have the choices that their descriptions list."""
    made = dict(schema)
    said = str(schema.get("description") or "")
    told = _marked(said) if "[" in said else []
    items = schema.get("items")
    if isinstance(items, dict):
        made["items"] = with_marked_choices(items)
        if told and schema_type(items) == "string" and "enum" not in items:
            made["items"] = {**made["items"], "enum": told}
    elif len(told) > 1 and schema_type(plain_schema(schema)) == "string" and "enum" not in schema:
        made["enum"] = told
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {
            name: with_marked_choices(part) if isinstance(part, dict) else part
            for name, part in schema["properties"].items()
        }
    return made


_QUOTED_ID = re.compile(r"['\"`(]([^'\"`()\s]{4,60})['\"`)]")
MARKED_ID = re.compile(r"(?<![\w-])\w*?-?x{3,}(?:-x{2,})*(?![\w-])", re.IGNORECASE)
"""A form in which runs of ``x`` stand for what differs."""
_FORMED_ID = re.compile(
    r"(?:\b(?:format|form|like|such as|examples?|for instance)|\be\.g\.)(?: is| of)?[:,]?\s+"
    r"(?!(?:iso|rfc|utf|sha)[_-])([a-z][a-z\d]{0,15}[_-](?:\d{3,}|#{3,}))(?![\w-])",
    re.IGNORECASE,
)
"""One that stands without quotes behind words that announce it: ``like usr_123…``."""


@lru_cache(maxsize=2048)
def sample_ids(description: str) -> tuple[str, ...]:
    """Identifiers that a description shows: ``such as '#W0000000'`` → ``("#W0000000",)``."""
    quoted = [found for found in _QUOTED_ID.findall(description) if any(map(str.isdigit, found))]
    told = [*MARKED_ID.findall(description), *_FORMED_ID.findall(description)]
    return tuple(dict.fromkeys(quoted + told))
