"""Reads a model's answer into a part of a world model: what has the form is kept, the rest told.

An answer is plain JSON until all of it is sound: a part is dropped by the place where a fault lies,
the smallest that can go without what is around it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from generators.importers.documents import json_kind
from generators.importers.normalise import normalise_parameters
from generators.importers.schema_checks import refuse_masses
from generators.importers.texts import neutralise
from generators.lexicon.names import in_words
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.world_model import WorldModel

MOST_CHARACTERS = 200_000
"""Of an answer."""
_MOST_TEXT = 12_000
_MOST_ROUNDS = 30
_MOST_SHOWN = 60
_MOST_PARTS: Mapping[str, int] = {"examples": 60, "needs": 16, "constraints": 30, "rules": 40,
                                     "rows": 40}  # fmt: skip
"""Members of a list that are kept; of others 400."""
_WHOLE = ("needs", "demands", "constraints", "rules", "goals", "rows")
"""Lists whose members go as wholes."""
_OF_VALUES = ("fields", "parts", "parameters")
_NEVER = frozenset({"origins", "exclude", "version", "unread"})

_NOTHING = object()
Place = tuple[str | int, ...]


class LeftOut(NamedTuple):
    """A part that was left out."""

    place: Place
    reason: str

    def __str__(self) -> str:
        """``tools.cancel_order.needs.0: order has no field 'wieght'``."""
        return f"{'.'.join(map(str, self.place)) or 'answer'}: {self.reason}"


def read_told(
    text: str, keys: Sequence[str], domain: str, tools: Sequence[str]
) -> tuple[WorldModel, list[LeftOut]]:
    """What an answer says of these tools and of the domain, and what of it has not the form.

    ``keys``: those that the answer may have. Raises ValueError, in one line, where nothing can be
    read.
    """
    value = _read_object(text)
    if not set(keys) & set(value):
        raise ValueError(f"has none of the keys {', '.join(keys)}")
    dropped = [LeftOut((key,), "was not asked for") for key in value if key not in keys]
    value = {key: value[key] for key in keys if key in value}
    value = _tidy(value, (), dropped)
    _word_nouns(value)
    for name in list(_mapping(value, "tools")):
        if name not in tools:
            del value["tools"][name]
            dropped.append(LeftOut(("tools", name), "was not asked about"))
    _take_members_as_lists(value)
    _normalise_schemas(value, dropped)
    if "domain" in value:
        value["domains"] = {domain: value.pop("domain")}
    found, wrong = _keep_formed(value)
    return found, dropped + wrong


def _take_members_as_lists(value: JsonObject) -> None:
    """What is said of the members of a list of texts is the list's own meaning."""
    for entity in _mapping(value, "entities").values():
        parts = _mapping(entity, "parts")
        for name in [one for one in parts if re.fullmatch(r"[^.\[\]]+\[\]", one)]:
            part, fields = parts.pop(name), entity.setdefault("fields", {})
            if isinstance(part, dict) and isinstance(fields, dict):
                own = fields.get(name[:-2])
                own = own if isinstance(own, dict) else {}
                listed = own.get("semantic") == "list" and "semantic" in part
                means = {"semantic": part["semantic"]} if listed else {}
                fields[name[:-2]] = {**part, **own, **means}


def _normalise_schemas(value: JsonObject, dropped: list[LeftOut]) -> None:
    """Bring the schemas of new fields to the one dialect; what is wrong goes with its field."""
    for noun, entity in _mapping(value, "entities").items():
        for key in ("fields", "parts"):
            fields = _mapping(entity, key)
            for name in list(fields):
                given = fields[name].get("json_schema") if isinstance(fields[name], dict) else None
                if given is None:
                    continue
                try:
                    whole = {"type": "object", "properties": {"it": given}, "required": ["it"]}
                    mended, _ = normalise_parameters(whole)
                    refuse_masses(mended, "json_schema")
                    if "it" not in mended["properties"]:  # such as ``false``
                        raise InputError("nothing is allowed")
                    fields[name]["json_schema"] = mended["properties"]["it"]
                except (InputError, RecursionError) as error:
                    said = error.problem if isinstance(error, InputError) else "nested too deep"
                    place = ("entities", noun, key, name)
                    dropped.append(LeftOut((*place, "json_schema"), said))
                    del fields[name]


def drop_at(value: JsonObject, place: Place) -> Place:
    """Take out what lies at a place, or the member of a list around it; answers what went.

    What does not exist is stood for by what is nearest around it, but never by the whole of tools
    or entities: then nothing goes, and the answer is empty.
    """
    holder: Any = value
    gone: list[str | int] = []
    for step in place:
        known = isinstance(holder, dict) and step in holder
        listed = isinstance(holder, list) and isinstance(step, int) and step < len(holder)
        if not (known or listed):
            break
        gone.append(step)
        holder = holder[step]
        if listed and len(gone) > 1 and gone[-2] in _WHOLE:
            break
    if len(gone) < 2:
        return ()
    holder = value
    for step in gone[:-1]:
        holder = holder[step]
    del holder[gone[-1]]
    return tuple(gone)


def place_of(value: Any, path: str) -> Place:
    """The steps to a place that is written with dots; keys may have dots themselves."""
    if not path:
        return ()
    head, _, rest = path.partition(".")
    if isinstance(value, list):
        named = [one.get("id") for one in value if isinstance(one, dict) and "tools" in one]
        known = [one for one in named if isinstance(one, str) and f"{path}.".startswith(f"{one}.")]
        if known and len(named) == len(value):  # goals go by their ids
            name = max(known, key=len)
            at = named.index(name)
            return (at, *place_of(value[at], path[len(name) + 1 :]))
        step = int(head) if head.isdigit() else len(value)
        inner = value[step] if step < len(value) else None
        return (step, *place_of(inner, rest))
    if isinstance(value, dict):
        fitting = [key for key in value if path == key or path.startswith(f"{key}.")]
        if fitting:
            key = max(fitting, key=len)
            return (key, *place_of(value[key], path[len(key) + 1 :]))
    return (head, *place_of(None, rest))


def _read_object(text: str) -> JsonObject:
    """The one object in an answer, bare, in a fence, or with words around it."""
    if not text.strip():
        raise ValueError("it is empty")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it has {len(text):,} characters, more than {MOST_CHARACTERS:,}")
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise ValueError("it holds no JSON object")
    try:
        value = json.loads(text[start : end + 1], parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except json.JSONDecodeError as error:
        at = f"at line {error.lineno}, column {error.colno}"
        raise ValueError(f"it is no JSON: {error.msg[:1].lower()}{error.msg[1:]} {at}") from None
    if not isinstance(value, dict):
        raise ValueError(f"it must be an object, not {json_kind(value)}")
    return value


def _refuse_constant(word: str) -> None:
    raise ValueError(f"it holds {word}, which JSON does not have")


def _tidy(value: Any, place: Place, dropped: list[LeftOut]) -> Any:
    """A copy in which texts are neutral and bounded, nulls are gone and lists are not too long."""
    if len(place) > 40:
        raise ValueError("it is nested too deep")
    if isinstance(value, dict):
        kept = {}
        for key, one in value.items():
            if key in _NEVER and len(place) in (0, 2, 4) and place[2:3] != ("rows",):
                dropped.append(LeftOut((*place, key), "is not a model's to say"))
            elif one is None and key == "entity" and len(place) == 4 and place[2] in _OF_VALUES:
                kept[key] = ""  # it names no row: who leaves the key out says nothing
            elif one is not None:
                kept[neutralise(key)] = _tidy(one, (*place, key), dropped)
        return kept
    if isinstance(value, list):
        most = _MOST_PARTS.get(str(place[-1]) if place else "", 400)
        if len(value) > most:
            dropped.append(LeftOut(place, f"has {len(value)} members; the first {most} were kept"))
        return [_tidy(one, (*place, at), dropped) for at, one in enumerate(value[:most])]
    if isinstance(value, str):
        lines = neutralise(value)[:_MOST_TEXT].split("\n")
        return "\n".join(line.rstrip() for line in lines).strip()
    if isinstance(value, int) and abs(value) > 1e15:
        dropped.append(LeftOut(place, "is no bearable number"))
        return ""
    return value


def _mapping(value: Any, key: str) -> JsonObject:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _word_nouns(value: JsonObject) -> None:
    """Write nouns as the catalogue does, ``OrderItem`` and ``order_item`` as ``order item``."""

    def word(noun: Any) -> Any:
        known = isinstance(noun, str) and re.fullmatch(r"[\w\s-]{1,60}", noun)
        return in_words(noun) or noun if known else noun

    if entities := _mapping(value, "entities"):
        value["entities"] = {word(noun): one for noun, one in entities.items()}
    domain = _mapping(value, "domain")
    rules = domain.get("rules")
    things, tools = _mapping(value, "entities").values(), _mapping(value, "tools").values()
    parts = [_mapping(one, key) for one in things for key in ("fields", "parts")]
    parts += [_mapping(one, "parameters") for one in tools]
    holders = [*things, *tools, *(rules if isinstance(rules, list) else ())]
    for holder in (*holders, *(one for part in parts for one in part.values())):
        for key in ("entity", "owner") if isinstance(holder, dict) else ():
            if key in holder:
                holder[key] = word(holder[key])
    if isinstance(domain.get("users"), list):
        domain["users"] = [word(noun) for noun in domain["users"]]


def _keep_formed(value: JsonObject) -> tuple[WorldModel, list[LeftOut]]:
    """The record of what is formed as a world model is, and what is not."""
    dropped: list[LeftOut] = []
    for _ in range(_MOST_ROUNDS):
        try:
            return WorldModel.model_validate(value), dropped
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
        told = dict[Place, str]()
        for one in faults:
            shown = repr(one["input"])
            shown = shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"
            message = "unknown key" if one["type"] == "extra_forbidden" else str(one["msg"])
            message = message.removeprefix("Value error, ")
            place: Place = tuple(one["loc"])
            if one["type"] != "missing" and find_at(value, place, _NOTHING) is _NOTHING:
                # Of all that it might be there is a fault each: one is told, of the value itself.
                scalar = place[-1] in ("str", "int", "float", "bool")
                message = "must be a text, a number, true or false" if scalar else message
                while place and find_at(value, place, _NOTHING) is _NOTHING:
                    place = place[:-1]
            said = f"{message[:1].lower()}{message[1:]}, not {shown}".replace("\n", " ")
            told.setdefault(place, said)
        dropped += drop_all(value, [*told.items()])
    return WorldModel(), [*dropped, LeftOut((), "too much of it has not the form")]


def find_at(value: Any, place: Place, absent: Any = None) -> Any:
    """What lies at a place; ``absent`` where nothing does."""
    for step in place:
        listed = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if not listed and not (isinstance(value, dict) and step in value):
            return absent
        value = value[step]
    return value


def drop_all(value: JsonObject, faults: Sequence[tuple[Place, str]]) -> list[LeftOut]:
    """Take out what lies at these places, the last members of lists first; tells what went."""
    dropped: dict[Place, str] = {}

    def order(fault: tuple[Place, str]) -> list[tuple[int, int, str]]:
        return [(1, step, "") if isinstance(step, int) else (0, 0, step) for step in fault[0]]

    for place, reason in sorted(faults, key=order, reverse=True):
        member = next((place[:at] for at in range(2, len(place)) if place[at - 2] in _WHOLE), place)
        if member in dropped or place in dropped:
            continue  # it went with another fault
        gone = drop_at(value, place)
        if not gone and place:
            value.pop(str(place[0]), None)
            gone = place[:1]
        dropped[gone] = reason
    return [LeftOut(place, reason) for place, reason in reversed(dropped.items())]
