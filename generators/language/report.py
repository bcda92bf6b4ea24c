"""What the assistant says of results: only what they hold, in words."""

import re
from typing import Any

from generators.language.action import action
from generators.language.phrase import Phrase, fill_object
from generators.language.rows import (
    SpokenField,
    clause,
    fields_of,
    main_list,
    name_of,
    short,
    size,
    speakable,
    telling,
)  # fmt: skip
from generators.language.scene import Scene
from generators.lexicon.names import capital, ended, join, label, split_words
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.numbers import number_word
from generators.lexicon.verbs import participle
from schemas.leaves import value_at
from schemas.reading import tells

_SHOWN = 4
_TEXT_KEYS = frozenset("content text output message diff log body".split())
_STATUS = frozenset({"status", "state"})
_OVER = ("cancel", "return", "reject", "close", "refus", "declin")
_NO_SKIP: frozenset[str] = frozenset()


def report(scene: Scene, call: int, *, twin: bool = False) -> str:
    """A finished call in one or two sentences; ``twin``: one like it has just been reported."""
    model = scene.model(call)
    if (text := lone_text(scene.results[call])) is not None:
        text = text.strip()
        if scene.model(call).writes:
            return f"Done. {text}" if "\n" not in text else f"Done. This is the answer:\n{text}\n"
        if not text:
            return "I looked, and there is nothing in it."
        lines = text.split("\n")
        if all(_ENTRY.match(line) for line in lines):
            # ``It holds the folders docs and src and the file README.md.``.
            folders = [line[6:] for line in lines if line.startswith("[DIR]")]
            files = [line[7:] for line in lines if line.startswith("[FILE]")]
            parts = []
            if folders:
                parts.append(f"the {plural('folder', len(folders))} {join(folders)}")
            if files:
                parts.append(f"the {plural('file', len(files))} {join(files)}")
            return f"It holds {join(parts)}."
        if len(lines) > 1 and not any(" " in line for line in lines):
            return f"I found {join(lines)}."
        if len(lines) > 1 or len(text) > 120:
            return f"Here is what I found:\n{text}\n"
        return f"Here is what I found: {ended(text)}"
    if model.operation == "list":
        return _list_report(scene, call, twin=twin)
    if model.writes:
        # What was done, and of its result what the user would ask for next.
        done = f"{_participle(scene, call)} {_done_thing(scene, call)}".replace(
            " me to ", " you to "
        )
        facts = _done_facts(scene, call)
        tail = f"; {join(facts)}" if facts else ""
        return scene.grammar.compose("done", "any", scene.rng, done=done, facts=tail).text
    return _details_report(scene, call)


def lone_text(result: Any) -> str | None:
    """The text of a result that holds nothing else."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict) and len(result) == 1:
        key, value = next(iter(result.items()))
        text = isinstance(value, str) and (key in _TEXT_KEYS or " " in value)
        return value if text else None
    return None


_ENTRY = re.compile(r"\[(DIR|FILE)\] ")


def _noun(scene: Scene, call: int) -> str:
    return label(scene.model(call).noun.replace(" ", "_")) or "entry"


def _list_report(scene: Scene, call: int, *, twin: bool) -> str:
    found = main_list(scene.results[call])
    if found is None:
        return _details_report(scene, call)
    path, rows = found
    named = path.removesuffix(".items")
    noun = (
        singular(label(named))
        if named and named not in ("items", "results", "data", "entries")
        else _noun(scene, call)
    )
    if not rows:
        return f"I found no {plural(noun)}."
    asked = _asked(scene, call)
    said = [
        row_in_words(scene, call, f"{path}[{number}]", row, asked)
        for number, row in enumerate(rows[:_SHOWN])
    ]
    said = [text for text in said if text]
    if not said:
        return f"I found {size(rows, noun)}."
    slots = {
        "count": size(rows, noun),
        "rows": "; ".join(said),
        "noun": noun,
        "shown": number_word(len(said)),
    }
    key = "found_one" if len(rows) == 1 else "found" if len(rows) <= _SHOWN else "found_some"
    if twin and len(rows) <= _SHOWN:
        key = "found_twin"
    if whole := _count_all(scene.results[call], len(rows)):
        key, slots["whole"] = "found_page", f"{whole:,} {plural(noun, whole)}"
    text = scene.grammar.compose(key, "any", scene.rng, **slots).text
    return text[:-2] + "." if text.endswith("..") else text


def _count_all(result: Any, shown: int) -> int | None:
    """How many there are in all, where a result says that it is only a page of them."""
    for name, value in result.items() if isinstance(result, dict) else ():
        counts = type(value) is int and {"total", "count"} & set(split_words(name))
        if counts and value > shown:
            return int(value)
    return None


def _asked(scene: Scene, call: int) -> frozenset[str]:
    """Fields that the call gave itself: no news."""
    return frozenset(scene.calls[call].arguments)


def row_in_words(scene: Scene, call: int, path: str, row: Any, skip: frozenset[str]) -> str:
    """``Blue Lagoon (rated 4.5, 120 euros)``."""
    if not isinstance(row, dict):
        return str(row) if not isinstance(row, list) else ""
    fields = [field for field in fields_of(scene, call, path) if speakable(field)]
    name = name_of(fields)
    rest = telling([f for f in fields if f is not name], skip, 3)
    said = join([short(scene, call, field) for field in rest], ",").replace(" , ", ", ")
    if name is None:
        return said or _identity(scene, call, row)
    text = scene.tell(name.value, "unknown") if name.semantic != "title" else str(name.value)
    text = text.strip("“”")
    return f"{text} ({said})" if said else text


def _identity(scene: Scene, call: int, row: dict[str, Any]) -> str:
    entity = scene.world.entities.get(scene.model(call).entity or "")
    if entity is None:
        return ""
    value = row.get(entity.identity[-1]) if entity.identity else None
    if value is None:
        return ""
    noun = label(entity.noun.replace(" ", "_"))
    return f"{noun} {value}" if isinstance(value, int) else str(value)


def _details_report(scene: Scene, call: int) -> str:
    result = scene.results[call]
    if not isinstance(result, dict):
        return (
            f"The answer is {scene.tell(result, 'number')}."
            if result is not None
            else "There is nothing there."
        )
    fields = fields_of(scene, call, "")
    skip = _asked(scene, call) if scene.model(call).operation == "compute" else _NO_SKIP
    name = name_of([field for field in fields if speakable(field)])
    over = any(str(f.value).lower().startswith(_OVER) for f in fields if f.name in _STATUS)
    shown = [
        f
        for f in fields
        if f is not name
        and f.name not in skip
        and _worth(f)
        and (over or not f.name.endswith("reason"))
    ]
    # The most telling ones, in the order of the row; a status is always among them.
    first = [f for f in shown if f.name in ("status", "state", "total", "total_price")]
    kept = (first + [f for f in shown if f not in first])[:6]
    facts = [clause(scene, call, field) for field in [field for field in shown if field in kept]]
    facts += _nested(scene, call, result)
    if not facts:
        facts = [clause(scene, call, f) for f in fields if f is not name][:6]
    if not facts:
        return f"I looked it up: {name.value}." if name else "I looked, and there is nothing in it."
    slots = {"facts": join(facts)}
    if name is None:
        if len(facts) == 1:
            return f"{capital(facts[0])}."
        key = "computed" if scene.model(call).operation == "compute" else "details_plain"
        return scene.grammar.compose(key, "any", scene.rng, **slots).text
    return scene.grammar.compose("details", "any", scene.rng, name=str(name.value), **slots).text


def _worth(field: SpokenField) -> bool:
    return speakable(field) or (field.semantic == "text" and len(str(field.value)) <= 160)


def _nested(scene: Scene, call: int, result: dict[str, Any]) -> list[str]:
    """Lists and objects inside a result: how many, and what they are called."""
    out = []
    for name, value in result.items():
        if isinstance(value, list) and value:
            out.append(_nested_list(scene, call, name, value))
        elif isinstance(value, dict) and value:
            inner = [clause(scene, call, f) for f in fields_of(scene, call, name) if speakable(f)][
                :3
            ]
            out += [f"as for the {label(name)}, {join(inner)}"] if inner else []
    return [text for text in out if text][:3]


def _nested_list(scene: Scene, call: int, name: str, value: list[Any]) -> str:
    noun = singular(label(name))
    if all(isinstance(item, str | int | float) for item in value):
        said = join([str(item) for item in value[:5]])
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""
        return f"the {plural(noun, len(value))} {'is' if len(value) == 1 else 'are'} {said}{more}"
    named = [
        name_of(fields_of(scene, call, f"{name}[{n}]")) for n in range(min(len(value), _SHOWN))
    ]
    said = join([str(field.value) for field in named if field])
    counted = f"{len(value)} {plural(noun, len(value))}"
    return f"there {'is' if len(value) == 1 else 'are'} {counted}" + (f": {said}" if said else "")


def deed(scene: Scene, call: int) -> str:
    """What was to be done: "cancel the order", for an assistant that could not."""
    words = _method_words(scene, call)
    verb = words[0] if words else action(scene.model(call)).verb
    return f"{verb} {_done_thing(scene, call)}".replace(" me to ", " you to ").strip()


def _participle(scene: Scene, call: int) -> str:
    words = _method_words(scene, call)
    return participle(words[0] if words else action(scene.model(call)).verb)


def _method_words(scene: Scene, call: int) -> list[str]:
    """The words of the parameter that tells a tool what to do; none where there is no such one."""
    method = scene.calls[call].arguments.get("method")
    return list(split_words(method)) if isinstance(method, str) else []


def _done_thing(scene: Scene, call: int) -> str:
    pattern, noun = action(scene.model(call)).pattern, _noun(scene, call)
    if words := _method_words(scene, call):
        return with_article(" ".join(words[1:]) or noun)
    if "{object}" in pattern:
        return fill_object(pattern, Phrase(f"the {noun}")).text
    return pattern


def _done_facts(scene: Scene, call: int) -> list[str]:
    """Of a change: what is new; of something new: its id, when, how much, how it stands."""
    operation = scene.model(call).operation
    if operation == "delete" or not isinstance(scene.results[call], dict):
        return []
    given = scene.calls[call].arguments
    said = [
        f
        for f in fields_of(scene, call, "")
        if speakable(f) and f.semantic != "number_id" and not f.name.endswith("_reason")
    ]
    status = [f for f in said if f.name in ("status", "state")][:1]
    if operation == "update":
        model = scene.model(call)
        written = {p.field for p in model.parameters if p.use == "field"}
        changed = [f for f in said if f.name in written and f.value in given.values()]
        shown = changed[:3] + (status if model.transition and not changed else [])
        return [clause(scene, call, field) for field in shown]
    telling_now = [f for f in said if f.semantic in _NEWS and f.name not in given]
    shown = [f for f in telling_now if f not in status][:2] + status
    # The id of something new: the user may need it.
    fields = fields_of(scene, call, "")
    if scene.model(call).operation != "create":
        new_id = []
    else:
        ids = [field for field in fields if field.semantic in ("opaque_id", "number_id")]
        new_id = [f"the {label(field.name)} is {field.value}" for field in ids[:1]]
    return new_id + [clause(scene, call, field) for field in shown]


_NEWS = frozenset({"money", "date", "datetime", "time", "enum", "count"})


def found_row(scene: Scene, call: int, path: str) -> str:
    """The row that is about to be changed: ``I found Ana Ruiz (…).``."""
    row = fields_of(scene, call, path)
    text = row_in_words(scene, call, path, {f.name: f.value for f in row}, _NO_SKIP)
    if not text:
        return ""
    named = name_of([field for field in row if speakable(field)])
    return f"I found {text}." if named else f"I found the {_noun(scene, call)}: {text}."


def topics(scene: Scene, most: int = 3) -> str:
    """What the assistant can help with, from the tools that it was offered."""
    said: dict[str, None] = {}
    domains = {scene.model(call).tool.domain for call in range(len(scene.calls))}
    for name in scene.task.tools:
        model = scene.world.models[name]
        if model.tool.domain in domains and model.entity:
            said.setdefault(plural(label(model.noun.replace(" ", "_"))))
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
