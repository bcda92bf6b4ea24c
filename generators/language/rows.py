"""Rows of results in words: which of their fields a person would name, and how."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generators.language.scene import Scene
from generators.lexicon.date_field_names import deed_in, is_deed
from generators.lexicon.meanings import is_price
from generators.lexicon.names import label, moment_in, snake, split_words
from generators.lexicon.nouns import dictionary, is_plural, plural, singular, with_article
from generators.lexicon.relations import find_counted
from generators.lexicon.spoken_values import (
    date_with_on,
    is_measure,
    is_period,
    is_unit,
    say_milliseconds,
    told_unit,
    write_unit,
)
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import base_form
from generators.world.model import Field
from generators.world.schema_leaves import call_parts, wrapped_row
from generators.world.semantics import semantic_type
from schemas.leaves import value_at
from schemas.reading import write_counted
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_NAME_KEYS = (
    "name", "title", "full_name", "subject", "summary", "label", "path", "display_name",
    "company_name", "company", "filename", "file_name",
)  # fmt: skip
_LONGEST_NAME = 80
_LONGEST_VALUE = 100
_SILENT = frozenset("opaque_id sha cursor url latitude longitude unknown object list color".split())
"""Meanings of values that mean nothing to a person who hears them."""
_TELLING: tuple[SemanticType, ...] = (
    "date", "datetime", "time", "money", "enum", "rating", "count", "airport", "city", "duration",
    "number", "person_name", "label", "percent", "company", "email", "phone", "handle", "branch",
)  # fmt: skip
_ASKED_FOR: frozenset[SemanticType] = frozenset(
    {"date", "datetime", "time", "money", "enum", "rating", "city", "phone", "email", "company"}
)
_OPEN_ENDS = frozenset("by on until at from to in of for".split())
_NO_NOUN = _OPEN_ENDS | {"since", "is", "has"}
_WHEN = {
    "date": "", "due_date": "due", "start_date": "from",
    "end_date": "until", "start_time": "at", "end_time": "until", "departure_time": "leaving at",
    "created_at": "created", "arrival_time": "arriving at",
    "placed_at": "placed", "updated_at": "updated",
}  # fmt: skip
_CODE = re.compile(r"[A-Z][A-Z0-9]{2,}")
"""What programs call somebody: ``U4LCNA``."""
_WAYS = {"origin": "from", "from": "from", "departure": "from",
         "destination": "to", "to": "to", "arrival": "to"}  # fmt: skip
_TAKING_TIME = frozenset("delivery cooking travel waiting preparation processing".split())
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?")
_UNIX = 10**8
"""Seconds since 1970 that are no year and no hour."""


@dataclass(frozen=True)
class SpokenField:
    """A scalar of a row with its meaning."""

    name: str
    value: Any
    semantic: SemanticType
    label: str = ""
    """What people call it, where the world says so."""
    about: str = ""
    """What its schema and the world say of it: the currency of an amount is told from that."""
    unit: str = ""
    """What it is counted or measured in, where the world says so: ``hours``."""
    weighs: bool = False
    """No report may leave it out."""
    names: bool = False
    """It is called as the row's own name is: ``customer_name`` of a customer."""
    choices: tuple[Any, ...] = ()
    """The values that it may have, where they are known."""
    of: str = ""
    """The noun of its row, where it is known."""
    counted: bool = False
    """The row has it as seconds since 1970: only who asks for details is told of it."""


def unwrap(scene: Scene, call: int) -> str:
    """Where the one row of a result stands: ``user`` of ``{ok: true, user: …}``; else empty."""
    result, model = scene.results[call], scene.model(call)
    if model.operation == "list" or not isinstance(result, dict):
        return ""
    envelope, codes = load_words("inference", "envelope"), call_parts(model.returns)
    inner = [name for name, value in result.items() if isinstance(value, dict)]
    rest = [name for name in result if name not in inner]
    alone = len(inner) == 1 and len(rest) < len(result)
    plain = all(
        name in codes or not envelope.isdisjoint({name, *split_words(name)}) for name in rest
    )
    return inner[0] if alone and plain else ""


_TICKERS = (("symbol",), ("ticker",))
"""Identities by which people call a share."""


def fields_of(
    scene: Scene, call: int, path: str, *, counted: bool = False
) -> list[SpokenField]:  # fmt: skip
    """The scalars of the row at ``path`` (the whole result for an empty path), one level deep.

    ``counted``: with the times that programs count in seconds, as they are written down.
    """
    if (call, path) not in scene.spoken:
        row = value_at(scene.results[call], path) if path else scene.results[call]
        if not isinstance(row, dict):
            scene.spoken[call, path] = []
        else:
            part_schema = scene.model(call).returns
            for part in filter(None, path.replace("[", ".[").split(".")):
                properties = part_schema.get("properties", {})
                inside = part_schema.get("items") if part[0] == "[" else properties.get(part)
                part_schema = inside if isinstance(inside, dict) else {}
            properties = part_schema.get("properties", {})
            noun = snake(scene.noun(call).replace(" ", "_"))
            if wrapped := wrapped_row(part_schema, noun.replace("_", " ")):
                held = row.get(wrapped[0])  # the track, with when it was saved
                row = {**held, **row} if isinstance(held, dict) else row
                properties = {**wrapped[1].get("properties", {}), **properties}
            row = {**_who_it_is_about(row), **row}
            found, fields = [], scene.known_fields(call)
            entity = scene.world.entities.get(scene.model(call).entity or "")
            ticker = entity.identity[0] if entity and entity.identity in _TICKERS else ""
            for name, value in row.items():
                if value is None or isinstance(value, dict | list) or value == "":
                    continue
                known, schema = fields.get(name), properties.get(name, {})
                says = str(schema.get("description", ""))
                semantic = known.semantic if known else semantic_type(name, schema, says)
                if semantic in ("enum", "label") and split_words(name)[-1] == "language":
                    semantic = "language"
                seconds = semantic == "datetime" and type(value) in (int, float) and value > _UNIX
                shown = write_counted(value) if seconds else value
                if shown == "":
                    continue  # no time that anybody could tell
                said, unit = (known.label or "", known.unit or "") if known else ("", "")
                if semantic == "duration" and not unit:
                    texts = (schema, known.schema if known else {})
                    unit = told_unit(" ".join(str(one.get("description", "")) for one in texts))
                about = f"{says} {unit}"
                weighs = known is not None and known.is_of_weight(value)
                names = semantic != "text" and snake(name) in (noun, f"{noun}_name", ticker)
                told = {**(known.schema if known else {}), **schema}
                choices = tuple(one for one in told.get("enum", ()) if isinstance(one, str))
                found.append(SpokenField(
                    name, shown, semantic, said, about, unit, weighs, names, choices, noun, seconds
                ))  # fmt: skip
            scene.spoken[call, path] = found
    return [field for field in scene.spoken[call, path] if counted or not field.counted]


_OF_SOMEBODY = ("name", "full_name", "display_name", "first_name", "last_name", "email")
"""What tells who somebody is."""


def _who_it_is_about(row: JsonObject) -> JsonObject:
    """What names the one person who lies in a row that has no name itself: a participant's user."""
    own = {snake(name) for name in row}
    if not own.isdisjoint((*_NAME_KEYS, *_OF_SOMEBODY, "handle", "username", "login")):
        return {}
    people = load_words("meanings", "people") | load_words("meanings", "beings")
    within = [one for name, one in row.items() if isinstance(one, dict) and snake(name) in people]
    if len(within) != 1:
        return {}
    told = {name: value for name, value in within[0].items() if snake(name) in _OF_SOMEBODY}
    named = {name: value for name, value in told.items() if snake(name) != "email"}
    return named or told


def _tells_itself(field: SpokenField) -> bool:
    """Whether a value says by itself what it is: a status, the ``type`` of a row.

    Not of what a part of the row is, and not where it only repeats the noun.
    """
    *before, last = split_words(field.name)
    if last not in load_words("telling", "plain_kinds"):
        return False
    if not field.of or last not in load_words("telling", "kinds_of_parts"):
        return True
    of = field.of.split("_")
    repeated = any(str(one).lower() == of[-1] for one in (field.value, *field.choices))
    return not repeated and {*before} <= {*of} | load_words("telling", "any_row")


def name_of(fields: list[SpokenField]) -> SpokenField | None:
    """What a person would call the row; a first and a last name together."""
    names = {snake(field.name): field for field in fields if isinstance(field.value, str)}
    if "first_name" in names and "last_name" in names:
        whole = f"{names['first_name'].value} {names['last_name'].value}"
        return SpokenField("first_name", whole, "person_name")
    by_key = [names[key] for key in _NAME_KEYS if key in names]
    by_key += [field for field in names.values() if field.names]
    titles = [field for field in names.values() if field.semantic == "title"]
    queries = [field for field in names.values() if field.semantic == "query"]
    handles = [names[key] for key in ("handle", "username", "login") if key in names]
    found = (
        one for one in (*by_key, *titles, *queries, *handles) if len(one.value) < _LONGEST_NAME
    )
    return next(found, names.get("first_name"))


def is_naming(name: str) -> bool:
    """Whether a field of that name tells what a row is called."""
    return name in _NAME_KEYS or name == "first_name"


def is_measure_of_search(name: str) -> bool:
    """Whether a field of that name says how well a row fits: nobody has rated it so."""
    return not load_words("telling", "measures").isdisjoint(split_words(name))


def is_asked_for(field: SpokenField) -> bool:
    """Whether a person would ask for the value by the field's name: "what was the price again?"."""
    words = split_words(field.name)
    plain = not _NO_NOUN & {words[0], words[-1]} and not is_deed(words[0])
    plain = plain and field.value not in ("yes", "no")
    counted = is_plural(label(field.name)) or is_period(words[-1]) or is_measure(words[-1])
    return field.semantic in _ASKED_FOR and plain and not counted and not is_naming(field.name)


def may_be_asked(field: Field) -> bool:
    """Whether a person would ask for such a field of a row."""
    return is_asked_for(SpokenField(field.name, "", field.semantic))


def speakable(field: SpokenField) -> bool:
    """Whether the value means something to a person who hears it."""
    if field.semantic in _SILENT:
        return False
    text = field.value if isinstance(field.value, str) else ""
    if len(text) > _LONGEST_VALUE:
        return False
    named = split_words(field.name)[-1:]
    return not _CODE.fullmatch(text) or load_words("inference", "holders").isdisjoint(named)


def telling(fields: list[SpokenField], skip: frozenset[str], most: int) -> list[SpokenField]:
    """The fields most worth telling, in the order of the row."""
    worth = [
        f
        for f in fields
        if f.name not in skip and f.semantic in _TELLING and not isinstance(f.value, bool)
    ]
    ranked = sorted(worth, key=lambda field: _TELLING.index(field.semantic))[:most]
    return [field for field in worth if field in ranked]


def short(scene: Scene, field: SpokenField) -> str:
    """A value in brackets behind a name: ``120 euros``, ``due the 3rd of May``."""
    name, value, semantic = field.name, field.value, field.semantic
    if isinstance(value, bool):
        return flag_in_short(field)
    text = scene.tell(value, semantic, field.about, field.choices)
    words, said = split_words(name), label(name)
    plain = semantic in ("enum", "label") and _tells_itself(field)
    plain = plain or (semantic == "title" and (is_naming(name) or is_naming(field.label)))
    if semantic in ("city", "airport") and (
        way := next((one for one in words if one in _WAYS), "")
    ):
        return f"{_WAYS[way]} {text}"
    if isinstance(value, str) and (plain or semantic in ("city", "company", "person_name")):
        return text
    if semantic == "money" and is_price(name):
        # Where nobody has said in what currency, it says what it is.
        text = text if " " in text else f"{field.label or said} {text}"
        _, per, of_what = (field.label or said).partition(" per ")
        return f"{text}{per}{of_what}"
    if semantic == "rating" and not is_measure_of_search(name):
        return f"{text} {said}" if is_plural(name) else f"rated {text}"
    if name == "departure_date":
        return date_with_on(text)
    moment = moment_in(name) if semantic in ("date", "datetime") else ""
    if moment or name in _WHEN:
        return f"{moment or _WHEN[name]} {text}".strip()
    if name in ("in_scope", "in_full"):
        return f"in {value}" if name == "in_scope" else str(value)
    if (measured := in_unit(field, text)) is not None:
        return " ".join(measured)
    if semantic == "count":
        counted = is_plural(words[0]) or is_plural(words[-1])
        return f"{text} {_count(name, value)}" if counted else f"{said} {text}"
    deed, said = deed_in(name), field.label or said
    whom = said.endswith((" to", " by"))  # ``assigned to …``
    if semantic in ("enum", "label", "list", "unknown", "title", "handle") and not whom:
        return f"{said}: {text}"
    named = f"{said}: {text}" if " " in said and not whom else f"{said} {text}"
    return f"{deed} {text}" if deed else named


def flag_in_short(field: SpokenField) -> str:
    """``not in stock``, ``with breakfast``; ``newsletter: yes`` of what is only a noun."""
    said = affirm(field.name, field.value)
    if said.startswith("it has ") and field.value:
        return f"with {label('_'.join(split_words(field.name)[1:]))}"
    for start in ("it is ", "it has ", "it comes "):
        if said.startswith(start):
            return said.removeprefix(start)
    if said.startswith("it "):
        return said.removeprefix("it ")
    return f"{field.label or label(field.name)}: {'yes' if field.value else 'no'}"


def clause(scene: Scene, field: SpokenField) -> str:
    """``the status is delivered``."""
    name, value, semantic = field.name, field.value, field.semantic
    if isinstance(value, bool):
        return affirm(name, value)
    text = scene.tell(value, semantic, field.about, field.choices)
    words, said = split_words(name), label(name)
    dated = semantic in ("date", "datetime")
    deed = deed_in(name) or (words[0] if is_deed(words[0]) else "")
    if dated and deed:
        return f"it was {deed} {date_with_on(text)}"
    if words[-1] in _OPEN_ENDS and len(words) > 1:
        # ``it is needed by …``, ``it expires on …``, ``it is ready on …``.
        be = "was" if (dated and str(value) < scene.task.clock) else "is"
        if dated and words[-1] == "on":
            return f"it {be} {label('_'.join(words[:-1]))} {date_with_on(text)}"
        return f"it {be} {label('_'.join(words))} {text}"
    if (measured := in_unit(field, text)) is not None:
        return f"the {measured[0]} is {measured[1]}"
    said = field.label or said
    if said.rpartition(" ")[2] in load_words("inference", "prepositions"):
        return f"it is {said} {text}"  # ``it is from Rome``
    return f"the {said} {'are' if is_plural(said) else 'is'} {text}"


def affirm(name: str, value: bool) -> str:
    """``it is open``, ``it has no parking``, ``it comes with breakfast``."""
    first, *others = split_words(name)
    rest, no = label("_".join(others)), "" if value else "not "
    base = None
    if first.endswith("s"):  # ``allow`` of "allows"; none where the word may be a plural
        known = dictionary().getAllLemmas(first)
        alone = "VERB" in known and "NOUN" not in known
        base = base_form(first) or (str(known["VERB"][0]) if alone else None)
    if others and first in ("would", "can", "may", "will"):
        return f"it {first} {no}{rest}"
    if others and first == "is":
        return f"it is {no}{rest}"
    if others and first == "has":
        bare = rest.rpartition(" ")[2] in load_words("exceptions", "without_article")
        thing = rest if bare else with_article(rest)
        return f"it has {thing if value else f'no {rest}'}"
    if others and first == "in":
        return f"it is {no}in {rest}"
    if others and base:
        return f"it {first if value else f'does not {base}'} {rest}"
    if not others and is_deed(first):
        return f"it is {no}{first}"
    return f"{label(name)} is {'on' if value else 'off'}"


def is_figure(value: Any) -> bool:
    """Whether a text is a number and nothing else: ``122.950``."""
    return isinstance(value, str) and _FIGURE.fullmatch(value) is not None


def measured_name(name: str) -> tuple[str, str] | None:
    """``warranty_months`` → ``("warranty", "months")``; None where no unit is named."""
    *words, unit = split_words(name)
    if not words or words[-1].endswith(("ed", "ly")) or not (is_measure(unit) or is_period(unit)):
        return None
    rest = label("_".join(words))
    return (f"{rest} time" if is_period(unit) and rest in _TAKING_TIME else rest), unit


def length_of(field: SpokenField) -> tuple[str, str] | None:
    """Name and value of a length that programs count in milliseconds: of a song, no response."""
    *of, unit = split_words(field.name)
    counted = unit in ("ms", "millis", "milliseconds") and type(field.value) is int
    if not of or not counted or field.semantic != "duration" or field.value < _SECOND:
        return None
    return label("_".join(of)), say_milliseconds(field.value)


_SECOND = 1000
_LONG, _DAY = 120, 1440
"""Minutes from which on, and to which, people speak of hours."""


def in_unit(field: SpokenField, text: str) -> tuple[str, str] | None:
    """Name and value with its unit, where name or world has one: ``("duration", "48 minutes")``."""
    if isinstance(field.value, str):
        if not is_figure(field.value):
            return None
        text = field.value
    if (length := length_of(field)) is not None:
        return length
    named = measured_name(field.name)
    what = field.label or (named[0] if named else label(field.name))
    is_said = is_unit(field.unit)  # money and percent are not
    unit = write_unit(named[1]) if named else field.unit if is_said else ""
    if not unit or (named is None and unit in what.split()):
        return None
    if unit == "minutes" and type(field.value) is int and _LONG <= field.value < _DAY:
        hours, rest = divmod(field.value, 60)
        return what, f"{hours} hours{f' {rest} minutes' if rest else ''}"
    return what, f"{text} {unit[:-1] if is_period(unit) and str(field.value) == '1' else unit}"


def _count(name: str, value: Any) -> str:
    """``refills_left`` → ``refills left``, of one ``refill left``; ``bags in all``."""
    if (of := find_counted(name)) is not None:
        return f"{singular(of.noun) if value == 1 else of.noun} {of.which}"
    words = list(split_words(name))
    if value == 1:
        place = 0 if is_plural(words[0]) else -1
        words[place] = singular(words[place])
    return label("_".join(words))


def main_list(result: Any) -> tuple[str, list[Any]] | None:
    """The list in a result that holds its rows, with its path; None where there is none."""
    if isinstance(result, list):
        return "", result
    if not isinstance(result, dict):
        return None
    lists = [(name, value) for name, value in result.items() if isinstance(value, list)]
    if lists:  # the first that has rows; what stands behind it hangs on them: a graph's relations
        of_rows = [one for one in lists if one[1] and isinstance(one[1][0], dict)]
        return of_rows[0] if of_rows else max(lists, key=lambda item: len(item[1]))
    # The rows of the one page that a result holds: ``albums.items``.
    pages = [
        (f"{name}.items", value["items"])
        for name, value in result.items()
        if isinstance(value, dict) and isinstance(value.get("items"), list)
    ]
    return pages[0] if len(pages) == 1 else None


def rows_at(result: Any) -> Iterator[tuple[str, Any]]:
    """Each row of a result with its path: those of its list, or the result itself."""
    found = main_list(result)
    if found is None or (found[1] and not isinstance(found[1][0], dict)):
        yield "", result
        return
    for number, row in enumerate(found[1]):
        yield f"{found[0]}[{number}]", row
    yield "", result


def size(count: int, noun: str) -> str:
    """``3 flights``."""
    return f"{count} {plural(noun, count)}"
