"""Of what kind the values of a schema are, as far as anything tells; what is untold is left out.

A value is made only where its name, its description, its schema or the world model says what it
is. A part that may be missing goes without one; where it may not, the whole has no value.
"""

import re
from collections.abc import Callable, Collection
from functools import cache, lru_cache

from generators.lexicon.meanings import find_text_kind, is_bare_kind
from generators.lexicon.names import in_words, noun_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_table, load_words, read_phrases
from generators.sandbox.phrases import (
    FREE_TEXTS,
    is_named,
    is_wrapped,
    known_labels,
)
from generators.sandbox.schema_validity import kind_of, simple
from generators.sandbox.text_values import (
    COUNTED,
    Want,
    entitled,
    find_case,
    is_being,
    lone_example,
    shown_examples,
    shown_values,
    topic,
    written_form,
)
from generators.world.semantics import sample_ids
from schemas.record import JsonObject
from schemas.semantic import SemanticType

UNTOLD = "nothing tells what its values are"
UNNAMED = "nothing tells how such a thing is named"
UNWRITTEN = "nothing tells what is written there"
UNMEASURED = "nothing tells what it measures"
UNSURE = (UNNAMED, UNWRITTEN)
"""For these, a tool that needs the value is in doubt: any would do, and say nothing."""
UNADDRESSED = "nothing tells where it leads"
KIND_ALONE = "nothing tells more of it than of what kind it is"
SECRET = "it is secret: nobody says it"
_PAGES = load_words("inference", "page_rows") | {"items"}
"""Lists that are called so hold rows of whatever the tool is about."""
LARGEST = 500
"""Elements of a list, or properties, beyond which none is made."""
LONGEST = 4_000
"""Characters, likewise."""

Meaning = Callable[[str, JsonObject], SemanticType]
"""Path and schema of a leaf → what it means, where that is known better than by its name."""


class ValueKinds:
    """Goes through one schema, and notes what is left out and why."""

    def __init__(
        self,
        noun: str,
        meaning: Meaning,
        *,
        lenient: bool,
        worded: bool = False,
        listing: bool = False,
        given: Collection[str] = (),
        own: str = "",
    ) -> None:
        """``lenient``: of an object, even what must be there is left out rather than the whole.

        ``worded``: any sentence will do, as for a tool that translates one. ``listing``: a page of
        rows is looked at, which may be called ``items`` or ``results``. ``given``: names of what
        callers give such rows. ``own``: what the rows are that are named like ``noun``.
        """
        self.given, self.own = given, own
        self.listing = listing
        self.noun, self.meaning, self.lenient, self.worded = noun, meaning, lenient, worded
        self._measuring = lenient and not worded  # a caller may say any number
        self._around: frozenset[str] = frozenset()  # what a branch says nothing of, as others do
        self.left_out: list[tuple[str, str]] = []
        """Places that have no value, with the reasons; the last one is why the whole has none."""

    def keep_told(self, schema: JsonObject, path: str, name: str, place: str) -> JsonObject | None:
        """The schema without what has no value; None where the whole has none.

        ``path`` is that of the leaf in arguments, ``place`` that in the schema, for people.
        """
        if reason := find_impossible(schema):
            return self._nothing(place, reason)
        if "const" in schema or "enum" in schema:
            return schema
        for key in ("anyOf", "oneOf"):
            branches = schema.get(key)
            if not isinstance(branches, list):
                continue
            required = all(one.keys() == {"required"} for one in branches if isinstance(one, dict))
            if not (schema.get("properties") and required):  # more than which properties are needed
                rest = {one: rule for one, rule in schema.items() if one not in ("anyOf", "oneOf")}
                return self._keep_branches({**schema}, key, rest, path, name, place)
        kind = kind_of(simple(schema))
        if kind == "object" and schema.get("allOf") and not self.lenient:
            before = len(self.left_out)  # of what could not be merged nothing is taken out
            self._keep_object(simple(schema), path, name, place)
            return schema if len(self.left_out) == before else None
        if kind == "object":
            return self._keep_object(schema, path, name, place)
        if kind == "array":
            return self._keep_list(schema, path, name, place)
        plain = simple(schema)
        # What a leaf tells of: the thing that the object around it is called by, if it is one.
        above = "".join(path.split(".")[-2:-1])
        inner = singular(in_words(above.removesuffix("[]")))
        page = self.listing and path.count("[]") == 1 and above.removesuffix("[]") in _PAGES
        own = inner and not page and (above.endswith("[]") or not is_wrapped(inner))
        other = own and inner != self.own
        want = Want(self.meaning(path, schema), plain, name, inner if other else self.noun)
        reason = find_untold(want)
        if not reason and self.lenient and name not in self.given and is_own_address(want):
            reason = UNADDRESSED
        if not reason and self.lenient and is_of_one_row(want):
            reason = UNWRITTEN
        said = not self.lenient and in_words(name) in FREE_TEXTS
        if (reason == UNWRITTEN and (self.worded or said)) or (
            reason == UNMEASURED and not self._measuring
        ):
            reason = ""
        return self._nothing(place, reason) if reason else schema

    def _nothing(self, place: str, reason: str) -> JsonObject | None:
        """Note it; None."""
        self.left_out.append((place, reason))
        return None

    def _keep_branches(
        self, schema: JsonObject, key: str, rest: JsonObject, path: str, name: str, place: str
    ) -> JsonObject | None:
        """Those branches that have values; null alone says nothing of a value."""
        described = {one: rest[one] for one in ("description", "examples") if one in rest}
        kept, before, around = [], len(self.left_out), self._around
        self._around = around | {*rest.get("properties", ())}
        for branch in schema[key]:
            part = branch if isinstance(branch, dict) else {}
            if part.get("type") == "null":
                kept.append(branch)
                continue
            typed = part if "type" in part or "type" not in rest else {"type": rest["type"], **part}
            told = {**described, **typed} if kind_of(simple(typed)) not in ("object",) else typed
            found = self.keep_told(told, path, name, place)
            if found is not None:
                kept.append(branch if found == told else found)
        self._around = around
        if all(isinstance(one, dict) and one.get("type") == "null" for one in kept):
            return self._nothing(place, self.left_out[-1][1] if self.left_out else UNTOLD)
        del self.left_out[before:]
        return schema if kept == schema[key] else {**schema, key: kept}

    def _keep_object(
        self, schema: JsonObject, path: str, name: str, place: str
    ) -> JsonObject | None:
        properties = schema.get("properties") or {}
        required, kept = set(schema.get("required", ())), {}
        for inner, rule in properties.items():
            below = f"{path}.{inner}" if path else inner
            part = rule if isinstance(rule, dict) else {} if rule else {"not": {}}
            found = self.keep_told(part, below, inner, f"{place}.{inner}")
            if found is not None:
                kept[inner] = rule if found == part else found
            elif inner in required and not self.lenient:
                return None
        extra = schema.get("additionalProperties")
        unlisted = required - properties.keys() - self._around
        unlisted = unlisted if properties and not self.lenient else set()
        for inner in sorted(unlisted) if "patternProperties" not in schema else ():
            part = extra if isinstance(extra, dict) else {}
            if self.keep_told(part, f"{path}.{inner}", inner, f"{place}.{inner}") is None:
                return None
        if properties:
            if not kept and (self.lenient or path):  # an empty object would tell nothing
                return None
            thing = path and not path.endswith("[]") and not is_wrapped(singular(in_words(name)))
            if thing and len(kept) < len(properties) and all(map(is_bare_kind, kept)):
                return self._nothing(place, KIND_ALONE)  # the type of a place, and not where it is
            once = self._find_said_once(kept, path) if self.lenient else set()
            rest = [
                one
                for one in schema.get("required", ())
                if one not in once and (one in kept or one not in properties)
            ]
            same = kept == properties and len(rest) == len(schema.get("required", ()))
            return schema if same else {**schema, "properties": kept, "required": rest}
        choices = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, ())]
        if any(isinstance(one, dict) and one.get("properties") for one in choices):
            return schema
        # An object of free keys: both what they are called and what they hold has to be told.
        patterns, extra = schema.get("patternProperties", {}), schema.get("additionalProperties")
        rules = [*patterns.values(), *([extra] if isinstance(extra, dict) and extra else [])]
        if not rules:
            return schema if not path else self._nothing(place, UNTOLD)
        keys = schema.get("propertyNames")
        named = bool(patterns) or (isinstance(keys, dict) and not keys.keys() <= _LENGTHS)
        if not named and not known_labels(self.noun, name):
            return self._nothing(place, "nothing tells what its keys are called")
        part = {"description": schema.get("description", ""), **rules[0]}
        own = singular(in_words(name)).replace(" ", "_")
        return schema if self.keep_told(part, f"{path}[]", own, f"{place}.*") is not None else None

    def _find_said_once(self, properties: JsonObject, path: str) -> set[str]:
        """The properties whose only known name or sentence one row holds, and the others lack."""
        found = set()
        for name, rule in properties.items():
            plain = simple(rule) if isinstance(rule, dict) else {}
            below = f"{path}.{name}" if path else name
            if kind_of(plain) == "string" and lone_example(
                Want(self.meaning(below, plain), plain, name, self.noun)
            ):
                found.add(name)
        return found

    def _keep_list(self, schema: JsonObject, path: str, name: str, place: str) -> JsonObject | None:
        own, items = singular(in_words(name)).replace(" ", "_"), schema.get("items")
        described = {"description": schema["description"]} if "description" in schema else {}
        for number, part in enumerate(schema.get("prefixItems", ())):
            rule = part if isinstance(part, dict) else {}
            if self.keep_told(rule, f"{path}[{number}]", own, f"{place}[{number}]") is None:
                return None
        if items is False or (items is None and "prefixItems" in schema):
            return schema
        part = items if isinstance(items, dict) else {}
        leaf = kind_of(simple(part)) not in ("object", "array")
        told = {**described, **(part or {"type": "string"})} if leaf else part
        found = self.keep_told(told, f"{path}[]", own, f"{place}[]")
        if found is None:
            return None
        return schema if found == told else {**schema, "items": found}


_LENGTHS = frozenset({"type", "minLength", "maxLength"})
"""What a rule may say of keys and yet not tell what they are called."""


def find_impossible(schema: JsonObject) -> str:
    """Why no value is made for a schema at all; "" where one may be."""
    if schema.get("not", 0) in ({}, True):
        comment = str(schema.get("$comment", ""))
        return comment.removeprefix("no value: ") or "nothing is allowed"
    if schema.get("enum") == []:
        return "enum is empty"
    for key, most in (("minItems", LARGEST), ("minProperties", LARGEST), ("minLength", LONGEST)):
        if schema.get(key, 0) > most:
            return f"{key} {schema[key]} is more than is made ({most})"
    if schema.get("maxItems") == 0:
        return "maxItems is 0: nothing may be listed"
    if schema.get("items") is False and not schema.get("prefixItems"):
        return "items is false: nothing may be listed"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and low > high:
        return f"minimum {low} is above maximum {high}"
    return ""


def is_own_address(want: Want) -> bool:
    """Whether it is where a service keeps the thing itself: a bare ``url`` of what is no page."""
    bare = load_words("unsayable", "own_addresses")
    page = load_words("unsayable", "addressed").intersection(want.noun.split())
    return want.semantic == "url" and in_words(want.name) in bare and not page


_OF_ONE = 120
"""Characters of a text beyond which it is said of one thing alone."""


def is_of_one_row(want: Want) -> bool:
    """Whether the only text that is known is a long example: what one row says, all would say."""
    shown = shown_values(want.schema)
    lone = len(shown) == 1 and len(str(shown[0])) > _OF_ONE
    return lone and want.semantic == "text" and not find_text_kind(topic(want), want.name)


_TELLING_NUMBERS = frozenset({"minimum", "maximum", "multipleOf", "default", "examples", "format"})


def is_measured(want: Want) -> bool:
    """Whether anything tells of what size a number is: its meaning, a word of its name, bounds."""
    words = set(in_words(want.name).split())
    sized = any(words & {*one["words"]} for one in read_phrases("amounts")["by_word"])
    flag = not words.isdisjoint(("is", "has"))
    told = want.description and re.search(r"\d", want.description)
    bound = not _TELLING_NUMBERS.isdisjoint(want.schema)
    return want.semantic != "number" or sized or flag or bound or bool(told)


def find_untold(want: Want) -> str:
    """Why no scalar of this kind is made up; "" where its kind is told."""
    schema, kind = want.schema, kind_of(want.schema)
    if kind == "null":
        return "nothing but null is allowed"
    if "const" in schema or "enum" in schema or kind == "boolean":
        return ""
    if kind in ("integer", "number"):
        return "" if is_measured(want) else UNMEASURED
    words, said = noun_words(want.name), want.description
    last = _ends_of(words)
    if last & load_words("unsayable", "secrets") or (
        " ".join(words) in load_words("unsayable", "secret_names") and want.semantic != "cursor"
    ):
        return SECRET
    if written_form(schema) or shown_values(schema):
        return ""
    for language, endings, spoken in _languages():
        worded = said and want.semantic in _WORDED and spoken.search(said)
        if worded or not endings.isdisjoint(last):
            return f"{language} is not made up"
    if "pattern" in schema or (isinstance(schema.get("default"), str) and schema["default"]):
        return ""
    if want.semantic == "label":
        known = known_labels(want.noun, want.name) or shown_examples(said)
        case = find_case("label", want.name, want.noun)
        return "" if known or case else UNTOLD
    if want.semantic in ("unknown", "object", "list"):
        told = (
            COUNTED.search(said)
            or shown_examples(said)
            or sample_ids(said)
            or known_labels("", want.name)
        )
        return "" if told or find_case("unknown", want.name, want.noun) else UNTOLD
    return _find_unworded(want)


@lru_cache(maxsize=4096)
def _ends_of(words: tuple[str, ...]) -> frozenset[str]:
    """The last word of a name, its last two, and so on."""
    return frozenset(" ".join(words[at:]) for at in range(len(words)))


@cache
def _languages() -> tuple[tuple[str, frozenset[str], re.Pattern[str]], ...]:
    """What only machines read: how it is called, names that end so, how descriptions tell it."""
    table = load_table("unsayable")
    return tuple(
        (language, frozenset(endings), re.compile(table["told"][language]))
        for language, endings in table["languages"].items()
    )


def _find_unworded(want: Want) -> str:
    """Why no name or sentence of this kind is made up; "" where one may be, or it is neither."""
    if want.semantic not in ("title", "text") or shown_examples(want.description):
        return ""
    if want.semantic == "title":
        noun = entitled(want)
        return "" if is_named(noun) or is_being(noun) else UNNAMED
    case = find_case("text", want.name, want.noun)
    return "" if case or find_text_kind(topic(want), want.name) else UNWRITTEN


_WORDED = frozenset({"unknown", "label", "text", "query", "title", "expression"})
"""Meanings of which a description may say that they are written for machines."""
