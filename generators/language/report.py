"""What the assistant says of results: only what they hold, in words."""

import re
from typing import Any

from generators.language.action import action
from generators.language.rows import (
    clause,
    fields_of,
    main_list,
    name_of,
    short,
    size,
    speakable,
    telling,
)
from generators.language.scene import Scene
from generators.lexicon.names import capital, ended, join, label, split_words
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.speech import number_word
from generators.lexicon.verbs import participle
from schemas.leaves import value_at
from schemas.reading import tells

_SHOWN = 4
_TEXT_KEYS = frozenset("content text output message diff log body".split())
_STATUS = frozenset({"status", "state"})
_FIRST = _STATUS | {"total", "total_price"}
_OVER = ("cancel", "return", "reject", "close", "refus", "declin")
_NEWS = frozenset({"money", "date", "datetime", "time", "enum", "count"})
_ENTRY = re.compile(r"\[(DIR|FILE)\] ")
_LONGEST_TEXT = 160


def report(scene: Scene, call: int, *, twin: bool = False) -> str:
    """A finished call in one or two sentences; ``twin``: one like it has just been reported."""
    model, result = scene.model(call), scene.results[call]
    if (text := _report_text(result, written=model.writes)) is not None:
        return text
    if model.operation == "list" and (found := main_list(result)) is not None:
        return _report_list(scene, call, *found, twin=twin)
    if not model.writes or model.operation == "list":
        return _report_details(scene, call)
    # What was done, and of its result what the user would ask for next. Of a change: what is new;
    # of something new: its id, when, how much, how it stands.
    verb, thing = _find_deed(scene, call)
    given, fields = scene.calls[call].arguments, fields_of(scene, call, "")
    said = [
        f
        for f in fields
        if speakable(f) and f.semantic != "number_id" and not f.name.endswith("_reason")
    ]
    status = [f for f in said if f.name in _STATUS][:1]
    facts = []
    if model.operation == "update":
        written = {p.field for p in model.parameters if p.use == "field"}
        changed = [f for f in said if f.name in written and f.value in given.values()]
        news = changed[:3] + (status if model.transition and not changed else [])
    else:
        new = [f for f in said if f.semantic in _NEWS and f.name not in given and f not in status]
        news = new[:2] + status
        ids = [f for f in fields if f.semantic in ("opaque_id", "number_id")][:1]
        if model.operation == "create":
            facts = [f"the {label(field.name)} is {field.value}" for field in ids]
    facts += [clause(scene, f) for f in news] if model.operation != "delete" else []
    done, tail = f"{participle(verb)} {thing}", f"; {join(facts)}" if facts else ""
    return scene.grammar.compose("done", "any", scene.rng, done=done, facts=tail).text


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
    if all(_ENTRY.match(line) for line in lines):
        # ``It holds the folders docs and src and the file README.md.``.
        parts = []
        for noun, mark in (("folder", "[DIR] "), ("file", "[FILE] ")):
            names = [line.removeprefix(mark) for line in lines if line.startswith(mark)]
            parts += [f"the {plural(noun, len(names))} {join(names)}"] if names else []
        return f"It holds {join(parts)}."
    if len(lines) > 1 and not any(" " in line for line in lines):
        return f"I found {join(lines)}."
    if len(lines) > 1 or len(text) > 120:
        return f"Here is what I found:\n{text}\n"
    return f"Here is what I found: {ended(text)}"


def _report_list(scene: Scene, call: int, path: str, rows: list[Any], *, twin: bool) -> str:
    named = path.removesuffix(".items")
    plain = named in ("", "items", "results", "data", "entries")
    noun = scene.noun(call) if plain else singular(label(named))
    if not rows:
        return f"I found no {plural(noun)}."
    asked = frozenset(scene.calls[call].arguments)  # what the call gave itself is no news
    said = [
        row_in_words(scene, call, f"{path}[{number}]", row, asked)
        for number, row in enumerate(rows[:_SHOWN])
    ]
    said = [text for text in said if text]
    if not said:
        return f"I found {size(len(rows), noun)}."
    slots = {
        "count": size(len(rows), noun),
        "rows": "; ".join(said),
        "noun": noun,
        "shown": number_word(len(said)),
    }
    key = "found_one" if len(rows) == 1 else "found" if len(rows) <= _SHOWN else "found_some"
    if twin and len(rows) <= _SHOWN:
        key = "found_twin"
    # How many there are in all, where the result says that it is only a page of them.
    result = scene.results[call]
    for name, value in result.items() if isinstance(result, dict) else ():
        counts = type(value) is int and {"total", "count"} & set(split_words(name))
        if counts and value > len(rows):
            key, slots["whole"] = "found_page", f"{value:,} {plural(noun, value)}"
            break
    text = scene.grammar.compose(key, "any", scene.rng, **slots).text
    return text[:-2] + "." if text.endswith("..") else text


def row_in_words(scene: Scene, call: int, path: str, row: Any, skip: frozenset[str]) -> str:
    """``Blue Lagoon (rated 4.5, 120 euros)``."""
    if not isinstance(row, dict):
        return str(row) if not isinstance(row, list) else ""
    fields = [field for field in fields_of(scene, call, path) if speakable(field)]
    name = name_of(fields)
    rest = telling([f for f in fields if f is not name], skip, 3)
    said = join([short(scene, field) for field in rest], ",").replace(" , ", ", ")
    if name is not None:
        text = scene.tell(name.value, "unknown") if name.semantic != "title" else str(name.value)
        text = text.strip("“”")
        return f"{text} ({said})" if said else text
    # A row that has no name is called by its id.
    entity = scene.world.entities.get(scene.model(call).entity or "")
    value = row.get(entity.identity[-1]) if entity and entity.identity else None
    if said or entity is None or value is None:
        return said
    return f"{label(entity.noun)} {value}" if isinstance(value, int) else str(value)


def _report_details(scene: Scene, call: int) -> str:
    result, compute = scene.results[call], scene.model(call).operation == "compute"
    if result is None:
        return "There is nothing there."
    if not isinstance(result, dict):
        return f"The answer is {scene.tell(result, 'number')}."
    fields = fields_of(scene, call, "")
    skip = frozenset(scene.calls[call].arguments if compute else ())
    name = name_of([field for field in fields if speakable(field)])
    over = any(str(f.value).lower().startswith(_OVER) for f in fields if f.name in _STATUS)
    shown = [
        f
        for f in fields
        if f is not name and f.name not in skip and (over or not f.name.endswith("reason"))
        if speakable(f) or (f.semantic == "text" and len(str(f.value)) <= _LONGEST_TEXT)
    ]
    # The most telling ones, in the order of the row; a status is always among them.
    kept = sorted(shown, key=lambda field: field.name not in _FIRST)[:6]
    facts = [clause(scene, field) for field in shown if field in kept]
    facts += _tell_nested(scene, call, result)
    facts = facts or [clause(scene, field) for field in fields if field is not name][:6]
    if not facts:
        return f"I looked it up: {name.value}." if name else "I looked, and there is nothing in it."
    if name is None and len(facts) == 1:
        return f"{capital(facts[0])}."
    key = "details" if name else "computed" if compute else "details_plain"
    slots = {"name": str(name.value)} if name else {}
    return scene.grammar.compose(key, "any", scene.rng, facts=join(facts), **slots).text


def _tell_nested(scene: Scene, call: int, result: dict[str, Any]) -> list[str]:
    """Lists and objects inside a result: how many, and what they are called."""
    out = []
    for name, value in result.items():
        if not value or not isinstance(value, list | dict):
            continue
        if isinstance(value, dict):
            fields = [one for one in fields_of(scene, call, name) if speakable(one)]
            inner = [clause(scene, one) for one in fields][:3]
            out += [f"as for the {label(name)}, {join(inner)}"] if inner else []
            continue
        noun, be = singular(label(name)), "is" if len(value) == 1 else "are"
        if all(isinstance(item, str | int | float) for item in value):
            said = join([str(item) for item in value[:5]])
            more = f" and {len(value) - 5} more" if len(value) > 5 else ""
            out.append(f"the {plural(noun, len(value))} {be} {said}{more}")
        else:
            rows = (f"{name}[{number}]" for number in range(min(len(value), _SHOWN)))
            names = [name_of(fields_of(scene, call, row)) for row in rows]
            said = join([str(one.value) for one in names if one])
            out.append(f"there {be} {size(len(value), noun)}" + (f": {said}" if said else ""))
    return out[:3]


def deed(scene: Scene, call: int) -> str:
    """What was to be done: "cancel the order", for an assistant that could not."""
    return " ".join(_find_deed(scene, call)).strip()


def _find_deed(scene: Scene, call: int) -> tuple[str, str]:
    """Verb and object; a tool that is told what to do does what its parameter says."""
    what, noun = action(scene.model(call)), scene.noun(call)
    method = scene.calls[call].arguments.get("method")
    if isinstance(method, str) and (words := split_words(method)):
        return words[0], with_article(" ".join(words[1:]) or noun)
    thing = what.pattern.replace("{object}", f"the {noun}")
    return what.verb, f" {thing}".replace(" me to ", " you to ").removeprefix(" ")


def found_row(scene: Scene, call: int, path: str) -> str:
    """The row that is about to be changed: ``I found Ana Ruiz (…).``."""
    row = fields_of(scene, call, path)
    text = row_in_words(scene, call, path, {f.name: f.value for f in row}, frozenset())
    if not text:
        return ""
    named = name_of([field for field in row if speakable(field)])
    return f"I found {text}." if named else f"I found the {scene.noun(call)}: {text}."


def topics(scene: Scene, most: int = 3) -> str:
    """What the assistant can help with, from the tools that it was offered."""
    said: dict[str, None] = {}
    domains = {scene.model(call).tool.domain for call in range(len(scene.calls))}
    for name in scene.task.tools:
        model = scene.world.models[name]
        if model.tool.domain in domains and model.entity:
            said.setdefault(plural(label(model.noun)))
    return join(list(said)[:most]) or capital(label(scene.task.domain))


def untold(scene: Scene, turn: int, said: str) -> str:
    """A sentence for each value that must be told in the turn and that ``said`` does not tell."""
    sentences = []
    for must in scene.task.acceptance.must_say:
        if must.turn == turn and not tells(said, must.value, scene.clock):
            assert value_at(scene.results[must.call], must.path) == must.value
            name = must.path.rpartition(".")[2].partition("[")[0]
            said_as = scene.tell(must.value, scene.semantic(must.call, name, {}))
            sentences.append(f"{capital(f'the {label(name)}')} is {said_as}.")
    return " ".join(sentences)
