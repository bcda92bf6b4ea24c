"""A row of a result in words: what it is called, what is in it, and what lies beside it."""

from collections.abc import Sequence
from typing import Any

from generators.language.facts import (
    count_shown,
    facts_of,
    is_spoken_id,
    is_text,
    kind_in_id,
    row_facts,
    tell_first,
)
from generators.language.rows import (
    SpokenField,
    fields_of,
    name_of,
    short,
    speakable,
)
from generators.language.scene import Scene
from generators.lexicon.date_field_names import is_deed
from generators.lexicon.meanings import is_price
from generators.lexicon.names import bare_label, capital, in_words, join, label, split_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.compiled_tools import CompiledTool
from generators.sandbox.paging import is_part
from schemas.leaves import value_at
from schemas.record import JsonObject

FEW = 3
"""Facts that one sentence holds; more stand in lines."""
MOST_FACTS = 9
_QUANTITIES = ("quantity", "qty")
_LAST = (7, 9)
"""Ranks of what is told last, and not of what lies in a row: codes, bookkeeping."""


def row_in_words(scene: Scene, call: int, path: str, row: Any) -> str:
    """``Blue Lagoon (rated 4.5, 120 euros)``: a row by itself."""
    if not isinstance(row, dict):
        return str(row) if not isinstance(row, list) else ""
    facts = [field for field in facts_of(scene, call, path, 3) if not is_text(field)]
    return put_row(scene, call, path, row, facts)


def put_rows(scene: Scene, call: int, path: str, rows: list[Any]) -> list[str]:
    """The first rows of a list, those of which there is something to say."""
    facts = row_facts(scene, call, path, rows)
    said = [
        put_row(scene, call, f"{path}[{number}]", row, facts[number])
        for number, row in enumerate(rows[: count_shown(len(rows))])
    ]
    return [text for text in said if text]


def put_row(scene: Scene, call: int, path: str, row: Any, facts: Sequence[SpokenField]) -> str:
    """``Blue Lagoon (rated 4.5, 120 euros)``."""
    if not isinstance(row, dict):
        return str(row) if not isinstance(row, list) else ""
    name = name_row(scene, call, path)
    facts = [field for field in facts if str(field.value) != name]
    said = [short(scene, field) for field in facts if not is_text(field)]
    texts = [f"“{field.value}”" for field in facts if is_text(field)]
    rest = ", ".join([*said, *texts] if name else [*texts, *said])
    number = " " in name and name.split()[-1] in map(str, row.values())  # ``order ORD-1``, no name
    name = _quote_sentence(name)
    if (not name or number) and not texts and (parts := name_parts(scene, call, path, row)):
        head = f"{name} ({rest})" if name and rest else name or capital(rest)
        return f"{head}: {parts}" if head else parts
    if name.endswith(")") and rest and not texts:
        return f"{name[:-1]}, {rest})"  # the number stands there already
    if name and rest:
        return f"{name} ({rest})" if not texts else f"{name}: {rest}"
    return name or capital(rest)


def _put_part(scene: Scene, call: int, path: str, row: Any, facts: Sequence[SpokenField]) -> str:
    """``2 × Spinning top (67.95 euros)``, ``“Call Ana.” (not completed)``: a row within another."""
    number = find_quantity(row)
    counted = _QUANTITIES if number else ()
    fields = fields_of(scene, call, path)
    # What has been done with each is told of all, and the words of what has no name.
    done = [one for one in fields if isinstance(one.value, bool) and is_deed(one.name)]
    bare = bool(fields) and not name_row(scene, call, path)
    texts = [one for one in fields if is_text(one)][:1] if bare else []
    plain = [one for one in facts if one.name not in counted and not is_text(one)]
    plain = [*texts, *(one for one in plain if one not in done), *done]
    said = put_row(scene, call, path, row, plain)
    if number > 1 and [is_price(field.name) for field in plain] == [True] and said.endswith(")"):
        said = f"{said[:-1]} each)"
    return f"{number} × {said}" if number and said else said


def name_row(scene: Scene, call: int, path: str) -> str:
    """What a row is called: its name, with its number where people use one; or empty."""
    fields = [field for field in fields_of(scene, call, path) if speakable(field)]
    name = name_of(fields)
    row = value_at(scene.results[call], path) if path else scene.results[call]
    entity = scene.world.entities.get(scene.model(call).entity or "")
    number = row.get(entity.identity[-1]) if entity and entity.identity else None
    spoken = number is not None and entity is not None and is_spoken_id(number, entity.noun)
    given = number in scene.calls[call].arguments.values()
    if name is None:
        numbers = (f for f in fields if split_words(f.name)[-1:] == ("number",))
        own = next((f for f in numbers if path and isinstance(f.value, str)), None)
        if own is not None and number is None:
            return str(own.value)  # ``HAT181``, of a flight within a booking
        if spoken and entity and not given:
            return f"{label(entity.noun)} {number}"
        ids = (held for key, held in row.items() if path and split_words(key)[-1:] == ("id",))
        said = next(filter(None, map(kind_in_id, ids)), "")  # ``credit card``
        # What the one thing in it is called: the show of what was saved and when.
        inner = [key for key, held in row.items() if isinstance(held, dict)]
        if not said and len(inner) == 1:
            part = fields_of(scene, call, f"{path}.{inner[0]}" if path else inner[0])
            name = name_of([field for field in part if speakable(field)])
        return said or (str(name.value) if name else "")
    as_is = name.semantic in ("title", "handle")
    text = str(name.value) if as_is else scene.tell(name.value, "unknown")
    text = text.strip("“”")
    return f"{text} (number {number})" if spoken and isinstance(number, int) and not given else text


def name_parts(scene: Scene, call: int, path: str, row: dict[str, Any]) -> str:
    """What is in a row that has no name of its own: ``Desk lamp and Solar lamp``."""
    for name, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            called = [name_row(scene, call, f"{path}.{name}[{n}]") for n in range(len(value))]
            if all(called):
                called = [_quote_sentence(one) for one in called]
                counts = map(find_quantity, value)
                pairs = zip(counts, called, strict=True)
                called = [f"{n} × {one}" if n > 1 else one for n, one in pairs]
                more = f" and {len(called) - 3} more" if len(called) > 3 else ""
                if more or any("," in one for one in called):
                    between = "; " if any("," in one for one in called) else ", "
                    return between.join(called[:3]) + more
                return join(called)
    return ""


def _quote_sentence(name: str) -> str:
    """A name that is a sentence of its own, as a quotation."""
    return f"“{name}”" if " " in name and name.endswith((".", "?", "!")) else name


def quote_order(name: str) -> str:
    """A name that says what is to be done, ``Send the form``, as a quotation; others as they are.

    Within a sentence, where it would read as a part of it; ``order ORD-1`` is a noun's.
    """
    first, _, rest = name.partition(" ")
    is_order = " " in rest and first[:1].isupper() and bool(find_verb(first.lower()))
    return f"“{name}”" if is_order else _quote_sentence(name)


def find_quantity(row: Any) -> int:
    """How many of a thing a row within another stands for; 0 where it does not say."""
    names = _QUANTITIES if isinstance(row, dict) else ()
    held = next((row[name] for name in names if name in row), 0)
    return held if type(held) is int else 0


def tell_nested(scene: Scene, call: int, path: str) -> list[str]:
    """Lists and objects inside the row at ``path``: what they hold, by name and price."""
    out, before = [], f"{path}." if path else ""
    result = value_at(scene.results[call], path) if path else scene.results[call]
    given = {str(value) for value in scene.calls[call].arguments.values()}
    for name, value in result.items():
        if not value or not isinstance(value, list | dict) or str(value) in given:
            continue
        if tell_first(SpokenField(name, "some", "label")) in _LAST:
            continue
        said, head = "", label(name)
        if isinstance(value, dict):
            inner = [one for one in facts_of(scene, call, before + name, 4)
                     if isinstance(one.value, str) and not is_text(one)]  # fmt: skip
            told = [scene.tell(one.value, one.semantic, "", one.choices) for one in inner]
            called = name_row(scene, call, before + name)
            said = ", ".join(dict.fromkeys(filter(None, (called, *told))))
        elif all(isinstance(item, str | int | float) for item in value):
            of_ids = split_words(name)[-1:] in (("ids",), ("id",))
            head = plural(bare_label(name), len(value)) if of_ids else head
            if not of_ids or is_spoken_id(value[0], singular(bare_label(name))):
                shown = value[: count_shown(len(value))]
                said = join([f"“{one}”" if str(one).endswith(".") else str(one) for one in shown])
                said += f" and {len(value) - len(shown)} more" if len(value) > len(shown) else ""
        elif isinstance(value[0], dict):
            # Rows within a row: ``2 × Spinning top (67.95 euros); Kite; and 3 more``.
            where = before + name
            facts, most = row_facts(scene, call, where, value), count_shown(len(value))
            parts = [
                _put_part(scene, call, f"{where}[{number}]", row, facts[number][:3])
                for number, row in enumerate(value[:most])
            ]
            more = [f"and {len(value) - most} more"] if any(parts) and len(value) > most else []
            said = "; ".join([*filter(None, parts), *more])
        out += [f"{capital(head)}: {said}"] if said else []
    return out[:3]


def put_in_lines(lines: Sequence[str]) -> str:
    """A short list; its end begins a new line."""
    return "".join(f"- {line}\n" for line in lines)


def count_all(result: Any, here: int) -> int:
    """How many there are in all, where the result says that it is only a page of them."""
    for name, value in result.items() if isinstance(result, dict) else ():
        counts = type(value) is int and {"total", "count"} & set(split_words(name))
        if counts and value > here:
            return int(value)
    return here


def shows_all(tool: CompiledTool, arguments: JsonObject, result: Any, here: int) -> bool:
    """Whether those that are here are all that there are, as far as call and result tell."""
    whole = count_all(result, here) == here and not has_more(result)
    return whole and not is_part(tool, arguments, here)


def has_more(result: Any) -> bool:
    """Whether a page says that others follow: by a yes or no, else by what leads to the next."""
    parts = [*result.items()] if isinstance(result, dict) else []
    boxes = load_words("paging", "boxes")
    parts += [two for name, box in parts if in_words(name) in boxes and isinstance(box, dict)
              for two in box.items()]  # fmt: skip
    leads = False
    for name, value in parts:
        said = in_words(name)
        if isinstance(value, bool) and said in load_words("paging", "more"):
            return value
        if isinstance(value, bool) and said in load_words("paging", "ended"):
            return not value
        leads |= bool(value) and said in load_words("paging", "next")
    return leads
