"""What the assistant says of results: what was asked for and what matters, in words."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from generators.language.action import action
from generators.language.facts import (
    count_shown,
    fact_line,
    facts_of,
    is_spoken_id,
    is_text,
    kind_in_id,
    row_facts,
    tell_first,
)
from generators.language.phrase import concat
from generators.language.references import row_path
from generators.language.request_objects import NAMING_USES, object_of, references_of
from generators.language.rows import (
    SpokenField,
    clause,
    fields_of,
    main_list,
    name_of,
    short,
    speakable,
    unwrap,
)
from generators.language.scene import Hidden, Scene, finds_user, is_user
from generators.language.slot_phrases import differing
from generators.language.write_report import hidden_for_report, tell_write
from generators.lexicon.date_field_names import deed_in, is_birth
from generators.lexicon.meanings import is_price
from generators.lexicon.names import bare_label, capital, ended, in_words, join, label, split_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.relations import opposite_ends
from generators.lexicon.spoken_values import number_word
from generators.lexicon.tables import load_words
from generators.world.known_answers import KnownAnswer, find_answer
from generators.world.semantics import semantic_type
from schemas.demand import values_at
from schemas.leaves import value_at
from schemas.reading import tells
from schemas.record import JsonObject
from schemas.seen import Shown, find_told
from schemas.task import Origin

_TEXT_KEYS = frozenset("content text output message diff log body".split())
_LISTED = re.compile(r"\[\d+\]")
_CODE = re.compile(r"(?=\w*\d)(?=\w*[A-Za-z])\w{4,}")
"""Letters and digits that only programs tell apart."""
_BEGINNINGS = ("I found", "There ", "Here is what I found", "It is ", "These pages ")
_MOST_FACTS = 9
_STATES = frozenset({"status", "state"})
_QUANTITIES = ("quantity", "qty")
_BRIEF = 90
"""Characters of what stands in one sentence."""
_MOST_OF_ONE = 4
_MOST_ASIDE = 5
"""Facts of a row in a question for consent."""
_MOST_LINKS = 8
_FEW = 3
"""Facts that one sentence holds; more stand in lines."""
_BARE = 2
"""Facts with fewer of which a row that was found is told by the sentences in it, too."""


def report(scene: Scene, call: int, *, twin: bool = False) -> str:
    """A finished call in words; ``twin``: one like it has just been reported."""
    text = _report_alone(scene, call, twin=twin)
    which = _tell_apart(scene, call)
    if not which or scene.model(call).writes or not text.startswith(_BEGINNINGS):
        return text
    if which.startswith("called ") and which.removeprefix("called ") in text:
        return text
    return f"{capital(which)}, {text if text.startswith('I ') else text[:1].lower() + text[1:]}"


def _tell_apart(scene: Scene, call: int) -> str:
    """What a search has that its twin in the same turn has not: ``in Boston``; or empty."""
    numbers = scene.numbers(scene.turn_of(call))
    for other in (call - 1, call + 1):
        if other in numbers and scene.calls[other].tool == scene.calls[call].tool:
            words = concat([one.in_short("") for one in differing(scene, call, other)]).text
            if words and not words.startswith("that are "):
                return words
            named = references_of(scene, call, hidden_for_report(scene, call))
            said = [one.words.text for one in named if not one.words.text.startswith("that ")]
            return f"for {said[-1]}" if said and not words else ""
    return ""


def _report_alone(scene: Scene, call: int, *, twin: bool) -> str:
    model, result = scene.model(call), scene.results[call]
    answer = find_answer(model.tool) if model.operation == "compute" else None
    if answer is not None and isinstance(result, dict):
        return _tell_known(scene, answer, result)
    if (text := _report_text(result, written=model.writes)) is not None:
        return text
    if model.operation == "list" and (found := main_list(result)) is not None:
        return _report_list(scene, call, *found, twin=twin)
    if not model.writes or model.operation == "list":
        return _report_details(scene, call)
    return tell_write(scene, call)


def _report_text(result: Any, *, written: bool) -> str | None:
    """A result that is one text and nothing else; None for any other."""
    if isinstance(result, dict) and len(result) == 1:
        ((key, value),) = result.items()
        result = value if isinstance(value, str) and (key in _TEXT_KEYS or " " in value) else None
    if not isinstance(result, str):
        return None
    text = result.strip()
    lines = text.split("\n")
    if written:
        return f"Done. {text}" if len(lines) == 1 else f"Done. This is the answer:\n{text}\n"
    if not text:
        return "I looked, and there is nothing in it."
    if len(lines) > 1 and not any(" " in line for line in lines):
        return f"I found {join(lines)}."
    if len(lines) > 1 or len(text) > 120:
        return f"Here is what I found:\n{text}\n"
    return f"Here is what I found: {ended(text)}"


def _report_list(scene: Scene, call: int, path: str, rows: list[Any], *, twin: bool) -> str:
    """How many there are, and each by its name with what tells it from the others."""
    named = path.removesuffix(".items")
    plain = named in ("", "items", "results", "data", "entries")
    noun = scene.noun(call) if plain else singular(label(named))
    if not rows:
        return f"I found no {plural(noun)}."
    if len(rows) == 1 and isinstance(rows[0], dict) and _count_all(scene.results[call], 1) == 1:
        return _report_one(scene, call, f"{path}[0]", noun)
    said = _put_rows(scene, call, path, rows)
    whole, shown = _count_all(scene.results[call], len(rows)), len(said)
    count = f"{whole:,} {plural(noun, whole)}"
    if not said:
        return f"I found {count}."
    beside = _put_in_lines(_tell_links(scene.results[call], path))
    if beside:  # what each is worth is in its sentences
        seen = (", ".join(_list_sentences(row)) for row in rows)
        said = [f"{text}: {more}" if more else text for text, more in zip(said, seen, strict=False)]
    brief = len(said) < _FEW and all(len(text) < 60 for text in said) and not beside
    if brief:
        said = [re.sub(r"^The (?=\d)", "the ", text) for text in said]
    body = f"{'; '.join(said)}." if brief else _put_in_lines(said)
    key = "found_page" if whole > shown else "found_twin" if twin else "found"
    if key == "found_page" and shown == 1:
        key = "found_first"
    slots = {"count": count, "noun": plural(noun), "shown": number_word(shown)}
    head = scene.grammar.compose(key, "any", scene.rng, **slots).text
    # What the result holds and was not read out is offered.
    left = len(rows) - shown if whole > shown else 0
    rest = scene.grammar.compose("rest_of_list", "any", scene.rng, noun=plural(noun)).text
    return f"{head} {body}" if brief else f"{head}\n{body}{beside}{rest if left > 0 else ''}"


def _tell_links(result: Any, path: str) -> list[str]:
    """What a result shows beside its rows to tie them together, as a graph's relations.

    ``Relations: Orchard Foods connected to Old Mill Studio``.
    """
    lines = []
    for name, held in result.items() if isinstance(result, dict) else ():
        rows = held if name != path and isinstance(held, list) else []
        rows = [
            one for one in rows if isinstance(one, dict) and {*map(type, one.values())} == {str}
        ]
        ends = opposite_ends(tuple(rows[0])) if rows else ()
        said = [
            " ".join([row[one], *(in_words(row[way]) for way in row if way not in (one, other)),
                      row[other]])
            for one, other in ends[:1] for row in rows if {one, other} <= row.keys()
        ]  # fmt: skip
        more = f"; and {len(said) - _MOST_LINKS} more" if len(said) > _MOST_LINKS else ""
        lines += [f"{capital(label(name))}: {'; '.join(said[:_MOST_LINKS])}{more}"] if said else []
    return lines


def _put_rows(scene: Scene, call: int, path: str, rows: list[Any]) -> list[str]:
    """The first rows of a list, those of which there is something to say."""
    facts = row_facts(scene, call, path, rows)
    said = [
        _put_row(scene, call, f"{path}[{number}]", row, facts[number])
        for number, row in enumerate(rows[: count_shown(len(rows))])
    ]
    return [text for text in said if text]


def _call_by_part(scene: Scene, call: int, path: str, row: dict[str, Any]) -> str:
    """What the one thing in a row is called: the show of what was saved and when."""
    inner = [name for name, value in row.items() if isinstance(value, dict)]
    if len(inner) != 1:
        return ""
    fields = fields_of(scene, call, f"{path}.{inner[0]}" if path else inner[0])
    name = name_of([field for field in fields if speakable(field)])
    return str(name.value) if name else ""


def _name_parts(scene: Scene, call: int, path: str, row: dict[str, Any]) -> str:
    """What is in a row that has no name of its own: ``Desk lamp and Solar lamp``."""
    for name, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            called = [_called(scene, call, f"{path}.{name}[{n}]") for n in range(len(value))]
            if all(called):
                counts = map(_find_quantity, value)
                pairs = zip(counts, called, strict=True)
                called = [f"{n} × {one}" if n > 1 else one for n, one in pairs]
                more = f" and {len(called) - 3} more" if len(called) > 3 else ""
                if more or any("," in one for one in called):
                    between = "; " if any("," in one for one in called) else ", "
                    return between.join(called[:3]) + more
                return join(called)
    return ""


def _put_in_lines(lines: Sequence[str]) -> str:
    """A short list; its end begins a new line."""
    return "".join(f"- {line}\n" for line in lines)


def _count_all(result: Any, here: int) -> int:
    """How many there are in all, where the result says that it is only a page of them."""
    for name, value in result.items() if isinstance(result, dict) else ():
        counts = type(value) is int and {"total", "count"} & set(split_words(name))
        if counts and value > here:
            return int(value)
    return here


def _put_row(scene: Scene, call: int, path: str, row: Any, facts: Sequence[SpokenField]) -> str:
    """``Blue Lagoon (rated 4.5, 120 euros)``."""
    if not isinstance(row, dict):
        return str(row) if not isinstance(row, list) else ""
    name = _called(scene, call, path)
    facts = [field for field in facts if str(field.value) != name]
    said = [short(scene, field) for field in facts if not is_text(field)]
    texts = [f"“{field.value}”" for field in facts if is_text(field)]
    rest = ", ".join([*said, *texts] if name else [*texts, *said])
    number = " " in name and name.split()[-1] in map(str, row.values())  # ``order ORD-1``, no name
    if (not name or number) and not texts and (parts := _name_parts(scene, call, path, row)):
        head = f"{name} ({rest})" if name and rest else name or capital(rest)
        return f"{head}: {parts}" if head else parts
    if name.endswith(")") and rest and not texts:
        return f"{name[:-1]}, {rest})"  # the number stands there already
    if name and rest:
        return f"{name} ({rest})" if not texts else f"{name}: {rest}"
    return name or capital(rest)


def _list_sentences(row: Any) -> list[str]:
    """The sentences that a row holds in a list: what has been observed of it."""
    lists = (one for one in row.values() if isinstance(one, list)) if isinstance(row, dict) else ()
    texts = (one for held in lists for one in held if isinstance(one, str))
    return [f"“{one}”" for one in texts if one.endswith(".")]


def _called(scene: Scene, call: int, path: str) -> str:
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
        return said or _call_by_part(scene, call, path, row)
    text = scene.tell(name.value, "unknown") if name.semantic != "title" else str(name.value)
    text = text.strip("“”")
    return f"{text} (number {number})" if spoken and isinstance(number, int) and not given else text


def _report_one(scene: Scene, call: int, path: str, noun: str) -> str:
    """The only row of a list, as a thing that was found."""
    name, facts = _called(scene, call, path), facts_of(scene, call, path, _MOST_OF_ONE)
    row = value_at(scene.results[call], path)
    number = isinstance(row, dict) and " " in name and name.split()[-1] in map(str, row.values())
    parts = _name_parts(scene, call, path, row) if isinstance(row, dict) else ""
    if parts and (number or not name):
        name, noun = f"{name}, with {parts}" if name else "", f"{noun}, with {parts}"
    bare = len(facts) < _BARE and isinstance(row, dict)
    nested = [one for one in _tell_nested(scene, call, path) if bare and "“" in one]
    nested += _tell_links(scene.results[call], path.partition("[")[0])
    if not facts and not nested:
        return f"I found {name}." if name else f"There is one {noun}."
    return _put_facts(scene, f"I found {name}" if name else f"There is one {noun}", facts, nested)


def _put_facts(scene: Scene, head: str, facts: Sequence[SpokenField], nested: Sequence[str]) -> str:
    """A head with its facts: behind it where they are few, else in lines."""
    texts = [field for field in facts if is_text(field)]
    plain = [field for field in facts if field not in texts]
    said = ", ".join(short(scene, field) for field in plain)
    if len(plain) <= _FEW and len(said) < _BRIEF and not nested:
        quoted = "".join(f" {_quote(field)}" for field in texts)
        return f"{head}: {said}.{quoted}" if said else f"{head}.{quoted}"
    usual = load_words("telling", "ordinary")  # how it stands comes first where that is no news
    plain.sort(key=lambda one: one.name not in _STATES or str(one.value).lower() in usual)
    lines = [fact_line(scene, field) for field in plain] + list(nested)
    lines += [fact_line(scene, field) for field in texts]
    return f"{head}:\n{_put_in_lines(lines)}"


def _quote(field: SpokenField) -> str:
    """``The description says: “…”``."""
    return ended(f"The {field.label or label(field.name)}: “{str(field.value).strip()}”")


def row_in_words(scene: Scene, call: int, path: str, row: Any) -> str:
    """``Blue Lagoon (rated 4.5, 120 euros)``: a row by itself."""
    if not isinstance(row, dict):
        return str(row) if not isinstance(row, list) else ""
    facts = [field for field in facts_of(scene, call, path, 3) if not is_text(field)]
    return _put_row(scene, call, path, row, facts)


def _report_details(scene: Scene, call: int) -> str:
    """The one thing that was looked up or worked out."""
    result, compute = scene.results[call], scene.model(call).operation == "compute"
    if result is None:
        return "There is nothing there."
    if not isinstance(result, dict):
        return f"The answer is {scene.tell(result, 'number')}."
    if compute and (converted := _tell_conversion(scene, call)):
        return converted
    path = unwrap(scene, call)
    facts, name = facts_of(scene, call, path, _MOST_FACTS), _called(scene, call, path)
    nested = _tell_nested(scene, call, path)
    if compute and not facts and not nested:
        plain = [field for field in fields_of(scene, call, "") if not is_text(field)]
        if len(plain) == 1:  # ``{"value": 12}``
            return f"The result is {scene.tell(plain[0].value, plain[0].semantic)}."
    if compute and (facts or not nested):
        said = [clause(scene, field) for field in facts[:_FEW] if not is_text(field)]
        quoted = [_quote(field) for field in facts if is_text(field)]
        text = " ".join([f"{capital(join(said))}." if said else "", *quoted]).strip()
        return text or (f"I found {name}." if name else f"I found the {scene.noun(call)}.")
    if not facts and not nested:
        return f"I found {name}." if name else f"I found the {scene.noun(call)}."
    return _put_facts(scene, name or _head(scene, call), facts, nested)


def _tell_known(scene: Scene, answer: KnownAnswer, result: JsonObject) -> str:
    """An answer of a known kind, as the table tells it."""
    told = answer.told
    rows = result[told["rows"]] if "rows" in told else [result]
    lines = []
    for row in rows:
        kinds = {name: semantic_type(name, {}) for name in row}
        plain = (name for name, one in row.items() if isinstance(one, str))
        said = {name: row[name] for name in plain if kinds[name] not in ("date", "datetime")}
        values = {name: scene.tell(one, kinds[name]) for name, one in row.items()} | said
        lines.append(capital(told["row"].format(**values)))
    return f"{told['before']}\n{_put_in_lines(lines)}" if "rows" in told else lines[0]


def tells_apart(scene: Scene, call: int) -> bool:
    """Whether what is found can be told so that a person has something of it.

    Of one thing more than that it is there, of several no two in the same words.
    """
    result = scene.results[call]
    found = main_list(result) if scene.model(call).operation == "list" else None
    if found is None:
        text = _report_alone(scene, call, twin=False)
        return not text.startswith("I found ") or ":" in text or " (" in text
    path, rows = found
    if len(rows) == 1 and _count_all(result, 1) == 1:
        return bool(_called(scene, call, f"{path}[0]") or facts_of(scene, call, f"{path}[0]", 1))
    said = _put_rows(scene, call, path, rows)
    codes = [row for row in rows if isinstance(row, str) and _CODE.fullmatch(row)]
    return not rows or (0 < len(said) == len(set(said)) and not codes)


def _head(scene: Scene, call: int) -> str:
    """How one thing is led in: "This is the order"; of two, "The order from the 3rd of May"."""
    numbers = scene.numbers(scene.turn_of(call))
    beside, start = (n for n in (call - 1, call + 1) if n in numbers), numbers[0]
    entity = scene.world.entities.get(scene.model(call).entity or "")
    held = scene.results[call]
    number = held.get(entity.identity[-1]) if entity and entity.identity else None
    if entity and number is not None and is_spoken_id(number, entity.noun):
        return f"This is {label(entity.noun)} {number}"
    if not any(scene.calls[n].tool == scene.calls[call].tool for n in beside):
        return f"This is the {scene.noun(call)}"
    hidden = Hidden(seen=frozenset(range(call)), start=start, resolved=True)
    words = object_of(scene, call, hidden).words.text
    return capital(words) if words and words != "it" else f"This is the {scene.noun(call)}"


def _tell_conversion(scene: Scene, call: int) -> str:
    """``437.31 GBP is 509.29 EUR at the rate of the 16th of November.``; empty for all else."""
    given = {p.path: p for p in scene.model(call).parameters if "[" not in p.path}
    arguments = scene.calls[call].arguments
    codes = [str(arguments[p]) for p, one in given.items()
             if one.semantic == "currency" and p in arguments]  # fmt: skip
    amounts = [arguments[p] for p, one in given.items()
               if one.semantic in ("money", "number") and p in arguments]  # fmt: skip
    fields = fields_of(scene, call, "")
    alone = len(fields) == 1 and isinstance(fields[0].value, int | float)
    made = [f for f in fields if (f.semantic == "money" or alone) and f.value not in amounts
            and "rate" not in split_words(f.name)]  # fmt: skip
    if len(codes) != 2 or len(amounts) != 1 or len(made) != 1:
        return ""
    if {"to", "target"} & set(split_words(next(p for p in given if arguments.get(p) == codes[0]))):
        codes.reverse()
    dated = next((f for f in fields if f.semantic in ("date", "datetime")), None)
    today = dated is not None and str(dated.value)[:10] == scene.task.clock[:10]
    when = f" at the rate of {scene.tell(dated.value, dated.semantic)}" if dated else ""
    when = " at today's rate" if today else when
    told = [scene.tell(value, "money") for value in (amounts[0], made[0].value)]
    return f"{told[0]} {codes[0]} is {told[1]} {codes[1]}{when}."


def _tell_nested(scene: Scene, call: int, path: str) -> list[str]:
    """Lists and objects inside the row at ``path``: what they hold, by name and price."""
    out, before = [], f"{path}." if path else ""
    result = value_at(scene.results[call], path) if path else scene.results[call]
    given = {str(value) for value in scene.calls[call].arguments.values()}
    for name, value in result.items():
        if not value or not isinstance(value, list | dict) or str(value) in given:
            continue
        probe = SpokenField(name, "some", "label")
        if tell_first(probe) == 9 or tell_first(probe) == 7:
            continue
        if isinstance(value, dict):
            inner = [one for one in facts_of(scene, call, before + name, 4)
                     if isinstance(one.value, str) and not is_text(one)]  # fmt: skip
            called = _called(scene, call, before + name)
            told = [scene.tell(one.value, one.semantic) for one in inner]
            if said := ", ".join(dict.fromkeys(filter(None, (called, *told)))):
                out.append(f"{capital(label(name))}: {said}")
            continue
        shown = count_shown(len(value))
        if all(isinstance(item, str | int | float) for item in value):
            of_ids = split_words(name)[-1:] in (("ids",), ("id",))
            if not of_ids or is_spoken_id(value[0], singular(bare_label(name))):
                said = join([f"“{one}”" if str(one).endswith(".") else str(one)
                             for one in value[:shown]])  # fmt: skip
                more = f" and {len(value) - shown} more" if len(value) > shown else ""
                what = label(name) if not of_ids else plural(bare_label(name), len(value))
                out.append(f"{capital(what)}: {said}{more}")
            continue
        if isinstance(value[0], dict):
            facts = row_facts(scene, call, before + name, value)
            rows = [
                _put_part(scene, call, f"{before}{name}[{number}]", row, facts[number][:3])
                for number, row in enumerate(value[:shown])
            ]
            said = "; ".join(row for row in rows if row)
            if said:
                more = f"; and {len(value) - shown} more" if len(value) > shown else ""
                out.append(f"{capital(label(name))}: {said}{more}")
    return out[:3]


def _find_quantity(row: Any) -> int:
    """How many of a thing a row within another stands for; 0 where it does not say."""
    names = _QUANTITIES if isinstance(row, dict) else ()
    held = next((row[name] for name in names if name in row), 0)
    return held if type(held) is int else 0


def _put_part(scene: Scene, call: int, path: str, row: Any, facts: Sequence[SpokenField]) -> str:
    """``2 × Spinning top (67.95 euros)``: a row within another."""
    number = _find_quantity(row)
    counted = _QUANTITIES if number else ()
    plain = [field for field in facts if field.name not in counted and not is_text(field)]
    said = _put_row(scene, call, path, row, plain)
    if number > 1 and [is_price(field.name) for field in plain] == [True] and said.endswith(")"):
        said = f"{said[:-1]} each)"
    return f"{number} × {said}" if number and said else said


def deed(scene: Scene, call: int) -> str:
    """What was to be done: "cancel the order", for an assistant that could not."""
    what, noun = action(scene.model(call)), scene.noun(call)
    thing = what.pattern.replace("{object}", f"the {noun}")
    said = f"{what.verb} {thing}".replace(" me to ", " you to ").replace(" my own ", " your own ")
    return said.strip()


def found_row(scene: Scene, call: int, path: str) -> str:
    """The row that is about to be changed: ``I found the booking: confirmed, 120 euros.``."""
    row = value_at(scene.results[call], path) if path else scene.results[call]
    if not isinstance(row, dict):
        return ""
    name = name_of(fields_of(scene, call, path))
    if finds_user(scene, call):
        return ""  # nobody has to be told that they have been found
    if name and name.semantic == "person_name":
        heavy = [field for field in facts_of(scene, call, path, _FEW) if field.weighs]
        said = ", ".join(short(scene, field) for field in heavy if not is_text(field))
        return f"I found {name.value} ({said})." if said else f"I found {name.value}."
    text = row_in_words(scene, call, path, row)
    if name or not text:
        return f"I found {text}." if text else ""
    facts = [field for field in facts_of(scene, call, path, _FEW) if not is_text(field)]
    said = ", ".join(short(scene, field) for field in facts)
    return f"I found the {scene.noun(call)}: {said or text}."


def about_row(scene: Scene, call: int, *, found: bool = False) -> list[tuple[str, Any]]:
    """What is known of the row that a write is about, with each value: ``120 euros``, 120.

    Of one that it ends what matters most; of one that it changes, or makes something of, when it is
    and what it costs, what weighs, and what is replaced: this alone where the row has been told.
    """
    model = scene.model(call)
    ends = model.operation == "delete" or model.transition is not None
    for origin in (_with_source(scene, call, one) for one in scene.calls[call].origins):
        if origin.call is None or ("[" in origin.path and model.operation != "create"):
            continue
        parameter, path = model.parameter(origin.path), row_path(origin.result_path or "")
        source = scene.model(origin.call).entity
        foreign = parameter.use not in NAMING_USES or parameter.entity != source
        if foreign or is_user(scene, origin, parameter):
            continue
        if parameter.use == "identity" or model.operation == "create":
            seen, named = origin.call, value_at(scene.calls[call].arguments, origin.path)
            for later in range(seen + 1, call):  # as it was changed since, or seen in full
                result, shown = scene.results[later], scene.model(later)
                same = shown.entity == source and isinstance(result, dict)
                if same and (shown.writes or shown.operation == "get"):
                    seen, path = (later, "") if named in result.values() else (seen, path)
            facts = facts_of(scene, seen, path, _MOST_FACTS, upto=call - 1)
            against = [f for f in facts if f.weighs and f.value is False]  # not refundable
            facts = sorted((f for f in facts if not is_text(f)),
                           key=lambda f: not (f in against or _is_decisive(f)))  # fmt: skip
            if not ends:
                taken = model.operation != "create" or model.verb in load_words("telling", "taking")
                facts = [f for f in facts if (taken and _is_decisive(f))
                         or (f.weighs and (taken or f.semantic != "money"))]  # fmt: skip
            row = value_at(scene.results[seen], path) if path else scene.results[seen]
            whole = isinstance(row, dict) and model.operation != "create"
            parts = _name_parts(scene, seen, path, row) if whole else ""
            replaced = [*_tell_replaced(scene, call, fields_of(scene, seen, path))]
            said = [(words, value) for _, words, value in replaced]
            if found:  # of what a later look has shown, only what speaks against it
                anew = against if seen != origin.call else []
                return said + [(short(scene, one), one.value) for one in anew]
            names = {name for name, _, _ in replaced}
            facts = [one for one in facts if one.name not in names][:_MOST_ASIDE]
            said += [(short(scene, one), one.value) for one in facts]
            return [(parts, parts), *said] if parts else said
    return []


def _tell_replaced(
    scene: Scene, call: int, held: Sequence[SpokenField]
) -> Iterator[tuple[str, str, Any]]:
    """What the row has so far in place of what it is given: field, words, value."""
    arguments, model = scene.calls[call].arguments, scene.model(call)
    fields = {field.name: field for field in held}
    for one in model.parameters if model.operation == "update" else ():
        old, new = fields.get(one.field or one.path), arguments.get(one.path)
        if old is None or new in (None, old.value) or one.use == "identity":
            continue
        if one.opaque:
            yield old.name, f"so far with another {label(one.name.removesuffix('_id'))}", old.value
        elif not is_text(old) and not isinstance(old.value, bool):
            yield old.name, f"so far {short(scene, old)}", old.value


def _with_source(scene: Scene, call: int, origin: Origin) -> Origin:
    """Where a row is shown whose id the user or another row has told: the read of that id."""
    parameter = scene.model(call).parameter(origin.path)
    shown = origin.call is not None and scene.model(origin.call).entity == parameter.entity
    if shown or parameter.use != "identity":
        return origin
    value = value_at(scene.calls[call].arguments, origin.path)
    for number in reversed(range(call)):
        reader = scene.model(number)
        told = value in scene.calls[number].arguments.values()
        if told and reader.operation == "get" and reader.entity == parameter.entity:
            return origin.model_copy(update={"call": number, "result_path": ""})
    return origin


def _is_decisive(field: SpokenField) -> bool:
    """Whether it tells when something is, or what it costs."""
    dated = field.semantic in ("date", "datetime", "time") and not deed_in(field.name)
    dated = dated and not is_birth(field.name)
    return dated or (field.semantic == "money" and is_price(field.name))


def name_untold(
    scene: Scene, call: int, said: str, instead: Collection[tuple[int, str]] = ()
) -> list[tuple[str, Any]]:
    """What is to be named of a write and ``said`` does not tell, in words, with each value.

    ``instead``: leaves of which the user has said another value so far.
    """
    earlier = [
        Shown(one.tool, one.arguments, {} if one.skipped else scene.results[number])
        for number, one in enumerate(scene.calls[:call])
    ]
    model, arguments = scene.model(call), scene.calls[call].arguments
    found: list[SpokenField] = []
    for demand in (one.demand for one in scene.task.demands if one.tool == scene.calls[call].tool):
        for number, path, name in find_told(demand, arguments, earlier):
            row = fields_of(scene, number, path)
            own = [one for one in row if one.name == name]
            whole = name_of(row) if name in ("first_name", "last_name") else None
            found += [whole] if whole and "first_name" in [one.name for one in row] else own
        for path in demand.parameters if demand.kind == "named" else ():
            if any(leaf == call and _LISTED.sub("[]", at) == path for leaf, at in instead):
                continue
            one = model.parameter(path)
            name, called = path.rpartition(".")[2].removesuffix("[]"), one.label or ""
            found += [SpokenField(name, value, one.semantic, called)
                      for value in values_at(arguments, path)]  # fmt: skip
    plain = (one for one in found if not isinstance(one.value, bool | list | dict))
    return [(short(scene, one), one.value) for one in dict.fromkeys(plain)
            if not tells(said, one.value, scene.clock)]  # fmt: skip


def say_beside(scene: Scene, call: int, said: str, *, first: bool) -> str:
    """What is to be said with a call, before the user agrees or after it, as far as it is not."""
    demands = [one.demand for one in scene.task.demands if one.tool == scene.calls[call].tool]
    due = [one for one in demands if one.kind == "said" and one.first == first
           and all(given.holds(scene.calls[call].arguments) for given in one.when)]  # fmt: skip
    return " ".join(str(one.value) for one in due if not one.is_heard(said))


def topics(scene: Scene, most: int = 3) -> str:
    """What the assistant can help with, from the tools that it was offered."""
    said: dict[str, None] = {}
    domains = {scene.model(call).tool.domain for call in range(len(scene.calls))}
    for name in scene.task.tools:
        model = scene.world.models[name]
        if model.tool.domain in domains and model.entity:
            said.setdefault(plural(label(model.noun)))
    return join(list(said)[:most]) or capital(label(scene.task.domain))
