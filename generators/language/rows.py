"""Rows of results in words: which of their fields a person would name, and how."""

from dataclasses import dataclass
from typing import Any

from generators.language.scene import Scene
from generators.lexicon.dates import date_with_on
from generators.lexicon.money import is_price
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import is_mass, is_plural, plural, singular, with_article
from generators.lexicon.numbers import is_measure, is_period
from generators.lexicon.tenses import deed_in, is_deed
from generators.lexicon.verbs import base_form
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_NAMING: tuple[SemanticType, ...] = ("title", "query")
_NAME_KEYS = (
    "name", "title", "full_name", "subject", "summary", "label", "path", "display_name",
    "company_name", "company",
)  # fmt: skip
_SILENT: frozenset[str] = frozenset(
    {
        "opaque_id",
        "sha",
        "cursor",
        "url",
        "latitude",
        "longitude",
        "unknown",
        "object",
        "list",
        "color",
    }
)
_TELLING: tuple[SemanticType, ...] = (
    "date", "datetime", "time", "money", "enum", "rating", "count", "airport", "city", "duration",
    "number", "person_name", "label", "percent", "company", "email", "phone", "handle", "branch",
)  # fmt: skip


@dataclass(frozen=True)
class SpokenField:
    """A scalar of a row with its meaning."""

    name: str
    value: Any
    semantic: SemanticType
    label: str = ""
    """What people call it, where the world says so."""
    unit: str = ""


def schema_at(schema: JsonObject, path: str) -> JsonObject:
    """The part of a result's schema for the value at a path; empty where it is silent."""
    for part in path.replace("[", ".[").split("."):
        if not part:
            continue
        schema = (
            schema.get("items", {})
            if part.startswith("[")
            else schema.get("properties", {}).get(part, {})
        )
        if not isinstance(schema, dict):
            return {}
    return schema


def fields_of(scene: Scene, call: int, path: str) -> list[SpokenField]:
    """The scalars of the row at ``path`` (the whole result for an empty path), one level deep."""
    row = value_at(scene.results[call], path) if path else scene.results[call]
    if not isinstance(row, dict):
        return []
    properties = schema_at(scene.model(call).returns, path).get("properties", {})
    found = []
    for name, value in row.items():
        if value is None or isinstance(value, dict | list) or value == "":
            continue
        known = scene.known_field(call, name)
        semantic = scene.semantic(call, name, properties.get(name, {}))
        label, unit = (known.label or "", known.unit or "") if known else ("", "")
        found.append(SpokenField(name, value, semantic, label, unit))
    return found


def name_of(fields: list[SpokenField]) -> SpokenField | None:
    """What a person would call the row; a first and a last name together."""
    names = {field.name: field for field in fields if isinstance(field.value, str)}
    if "first_name" in names and "last_name" in names:
        whole = f"{names['first_name'].value} {names['last_name'].value}"
        return SpokenField("first_name", whole, "person_name")
    for key in _NAME_KEYS:
        if key in names and len(names[key].value) < 80:
            return names[key]
    for semantic in _NAMING:
        for field in names.values():
            if field.semantic == semantic and len(field.value) < 80:
                return field
    return names.get("first_name")


def telling(fields: list[SpokenField], skip: frozenset[str], most: int) -> list[SpokenField]:
    """The fields most worth telling, in the order of the row."""
    worth = [
        f
        for f in fields
        if f.name not in skip and f.semantic in _TELLING and not isinstance(f.value, bool)
    ]
    ranked = sorted(worth, key=lambda field: _TELLING.index(field.semantic))[:most]
    return [field for field in worth if field in ranked]


def short(scene: Scene, call: int, field: SpokenField) -> str:
    """A value in brackets behind a name: ``120 euros``, ``due the 3rd of May``."""
    text = scene.tell(field.value, field.semantic, _description(scene, call, field))
    telling = field.semantic in ("enum", "label") and split_words(field.name)[-1] in _PLAIN_KINDS
    if isinstance(field.value, str) and (telling or field.semantic in ("city", "company")):
        return text
    if field.semantic == "money" and is_price(field.name):
        return text
    if field.semantic == "rating":
        return f"{text} {label(field.name)}" if is_plural(field.name) else f"rated {text}"
    if field.name in _WHEN:
        return f"{_WHEN[field.name]} {text}".strip()
    if (measured := _measured(field, text)) is not None:
        return " ".join(measured)
    if field.semantic == "count":
        return counted(field.name, field.value, text)
    if deed := deed_in(field.name):
        return f"{deed} {text}"
    return f"{field.label or label(field.name)} {text}"


_PLAIN_KINDS = frozenset("status state category kind type class genre cuisine method".split())
"""Last words of names whose values say by themselves what they are."""
_WHEN = {
    "date": "", "due_date": "due", "start_date": "from",
    "end_date": "until", "start_time": "at", "end_time": "until", "departure_time": "leaving at",
    "departure_date": "on", "created_at": "created", "arrival_time": "arriving at",
    "placed_at": "placed", "updated_at": "updated",
}  # fmt: skip


def measured_name(name: str) -> tuple[str, str] | None:
    """``warranty_months`` → ``("warranty", "months")``; None where no unit is named."""
    words = split_words(name)
    unit = words[-1]
    if (
        len(words) < 2
        or words[-2].endswith(("ed", "ly"))
        or not (is_measure(unit) or is_period(unit))
    ):
        return None
    rest = label("_".join(words[:-1]))
    return (f"{rest} time" if is_period(unit) and rest in _TAKING_TIME else rest), unit


def _measured(field: SpokenField, text: str) -> tuple[str, str] | None:
    """Name and value with its unit, where the name ends in one: ``("duration", "48 minutes")``."""
    named = measured_name(field.name)
    if named is None or isinstance(field.value, str):
        return None
    name, unit = named
    return name, f"{text} {unit[:-1] if is_period(unit) and field.value == 1 else unit}"


_TAKING_TIME = frozenset("delivery cooking travel waiting preparation processing".split())


def counted(name: str, value: Any, text: str) -> str:
    """``three guests``, ``stock 4``, ``2 seats left``."""
    words = split_words(name)
    if is_plural(words[0]) or is_plural(words[-1]):
        return f"{text} {_of_one(name) if value == 1 else label(name)}"
    return f"{label(name)} {text}"


def _of_one(name: str) -> str:
    """``refills_left`` → ``refill left``: what one of them is called."""
    words = list(split_words(name))
    place = 0 if is_plural(words[0]) else -1
    words[place] = singular(words[place])
    return label("_".join(words))


def clause(scene: Scene, call: int, field: SpokenField) -> str:
    """``the status is delivered``."""
    if isinstance(field.value, bool):
        return _flag_clause(field.name, field.value)
    text = scene.tell(field.value, field.semantic, _description(scene, call, field))
    words = split_words(field.name)
    said = label(field.name)
    deed = deed_in(field.name) or (words[0] if is_deed(words[0]) else "")
    if field.semantic in ("date", "datetime") and deed:
        if deed == "joined":  # a member joins, and is not joined
            return f"the joining date is {text}"
        return f"it was {deed} {date_with_on(text)}"
    if words[-1] == "since":
        return f"{said} {text}"
    if words[0] == "last" and field.semantic in ("date", "datetime"):
        return f"it was {said} {date_with_on(text)}"
    if words[-1] in ("by", "on", "until", "at", "from", "to", "in", "of", "for") and len(words) > 1:
        # ``it is needed by …``, ``it expires on …``.
        past = field.semantic in ("date", "datetime") and str(field.value) < scene.task.clock
        if words == ("expires", "on"):
            return f"it {'expired' if past else 'expires'} {date_with_on(text)}"
        return f"it {'was' if past else 'is'} {label(field.name)} {text}"
    if field.semantic == "rating" and is_plural(said):
        return f"it has {text} {said}"
    if (measured := _measured(field, text)) is not None:
        return f"the {measured[0]} is {measured[1]}"
    return _counted_clause(field, words, text) or _plainly(field, field.label or said, text)


def _counted_clause(field: SpokenField, words: tuple[str, ...], text: str) -> str:
    """``there are 3 seats left``, ``it is 2 times per day``; empty for what is not counted so."""
    one = field.value == 1
    said = _of_one(field.name) if one else label(field.name)
    several = is_plural(words[0]) and len(words) > 1
    if is_period(words[0]) and several:
        of_what = words[1] == "of" and not one
        return f"the {said} are {text}" if of_what else f"it is {text} {said}"
    if several and "per" in words[1:-1]:
        return f"it is {text} {said}"
    if is_period(words[-1]) and len(words) > 1 and words[-2].endswith(("ed", "ly")):
        return f"there {'is' if one else 'are'} {text} {said}"
    if field.semantic in ("count", "number") and several:
        return f"there {'is' if one else 'are'} {text} {said}"
    if field.semantic == "count" and is_plural(label(field.name)):
        return f"the number of {label(field.name)} is {text}"
    return ""


def _plainly(field: SpokenField, said: str, text: str) -> str:
    """``the price is 12 euros``, ``12 euros is owed``."""
    if field.semantic == "money" and " " not in said and said.endswith("ed"):
        return f"{text} is {said}"
    return f"the {said} {'are' if is_plural(said) else 'is'} {text}"


def is_naming(name: str) -> bool:
    """Whether a field of that name tells what a row is called."""
    return name in _NAME_KEYS or name == "first_name"


_ASKED_FOR: frozenset[SemanticType] = frozenset(
    {"date", "datetime", "time", "money", "enum", "rating", "city", "phone", "email", "company"}
)
_NO_NOUN = frozenset("by on until at from to in of for since is has".split())


def is_asked_for(field: SpokenField) -> bool:
    """Whether a person would ask for the value by the field's name: "what was the price again?"."""
    words = split_words(field.name)
    plain = not _NO_NOUN & {words[0], words[-1]} and not is_deed(words[0])
    counted = is_plural(label(field.name)) or is_period(words[-1]) or is_measure(words[-1])
    return field.semantic in _ASKED_FOR and plain and not counted and not is_naming(field.name)


def _flag_clause(name: str, value: bool) -> str:
    words = list(split_words(name))
    rest = label("_".join(words[1:])) if len(words) > 1 else ""
    no = "" if value else "not "
    if words[0] == "is" and rest:
        return f"it is {no}{rest}"
    if words[0] == "has" and rest:
        thing = rest if is_mass(rest) else with_article(rest)
        return f"it has {thing if value else f'no {rest}'}"
    if words[0] == "in" and rest:
        return f"it is {no}in {rest}"
    if words[0] in ("with", "includes", "include") and rest:
        return f"it comes {'with' if value else 'without'} {rest}"
    base = base_form(words[0]) if words[0].endswith("s") else None
    if base and rest:
        return f"it {words[0] if value else f'does not {base}'} {rest}"
    return f"{label(name)} is {'on' if value else 'off'}"


def _description(scene: Scene, call: int, field: SpokenField) -> str:
    properties = scene.model(call).returns.get("properties", {})
    schema = properties.get(field.name)
    if schema is None:
        rows = (p.get("items", {}) for p in properties.values() if isinstance(p, dict))
        found = (r.get("properties", {}).get(field.name) for r in rows if isinstance(r, dict))
        schema = next((entry for entry in found if entry), {})
    return f"{schema.get('description', '')} {field.unit}"


def main_list(result: Any) -> tuple[str, list[Any]] | None:
    """The list in a result that holds its rows, with its path; None where there is none."""
    if isinstance(result, list):
        return "", result
    if not isinstance(result, dict):
        return None
    lists = [(name, value) for name, value in result.items() if isinstance(value, list)]
    if not lists and (paged := _paged(result)):
        return paged
    return max(lists, key=lambda item: len(item[1])) if lists else None


def _paged(result: dict[str, Any]) -> tuple[str, list[Any]] | None:
    """The rows of the one page that a result holds: ``albums.items``."""
    place = [
        (f"{name}.items", value["items"])
        for name, value in result.items()
        if isinstance(value, dict) and isinstance(value.get("items"), list)
    ]
    return place[0] if len(place) == 1 else None


def speakable(field: SpokenField) -> bool:
    """Whether the value means something to a person who hears it."""
    return field.semantic not in _SILENT and not (
        isinstance(field.value, str) and len(field.value) > 100
    )


def size(rows: list[Any], noun: str) -> str:
    """``3 flights``."""
    return f"{len(rows)} {plural(noun, len(rows))}"
