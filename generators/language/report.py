"""What the assistant says of results: what was asked for and what matters, in words."""

import re
from collections.abc import Sequence
from typing import Any

from generators.identity_cache import Same
from generators.language.action import action, find_form
from generators.language.facts import (
    count_shown,
    fact_line,
    facts_of,
    is_spoken_id,
    is_text,
)
from generators.language.phrase import concat
from generators.language.request_objects import object_of, references_of
from generators.language.rows import (
    SpokenField,
    clause,
    fields_of,
    main_list,
    short,
    unwrap,
)
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import differing
from generators.language.told_rows import (
    FEW,
    count_all,
    has_more,
    name_parts,
    name_row,
    put_in_lines,
    put_rows,
    quote_order,
    tell_nested,
)
from generators.language.write_report import hidden_for_report, tell_write
from generators.lexicon.names import capital, ended, in_words, join, label, snake, split_words
from generators.lexicon.nouns import is_plural, plural, singular
from generators.lexicon.spoken_values import number_word
from generators.lexicon.tables import load_words
from generators.lexicon.told_counts import ranked_by
from generators.sandbox.compiled_tools import compile_tool
from generators.sandbox.paging import is_part
from generators.world.known_answers import find_answer
from generators.world.model import ToolModel
from generators.world.semantics import semantic_type
from schemas.leaves import value_at

_TEXT_KEYS = frozenset("content text output message diff log body".split())
_CODE = re.compile(r"(?=\w*\d)(?=\w*[A-Za-z])\w{4,}")
"""Letters and digits that only programs tell apart."""
_BEGINNINGS = ("I found", "There ", "Here is what I found", "It is ", "These ", "The ")
_FIRST = ("top", "best", "newest", "latest")
"""By what rows are the first ones, as it is said before their number: the top 10 songs."""
_STATES = frozenset({"status", "state"})
_BRIEF = 90
"""Characters of what stands in one sentence."""
_MOST_OF_ONE, _MOST_DETAILS = 4, 12
_BARE = 2
"""Facts with fewer of which a row that was found is told by the sentences in it, too."""


def report(scene: Scene, call: int, *, twin: bool = False, offers: bool = True) -> str:
    """A finished call in words; ``twin``: one like it has just been reported.

    ``offers``: what of a long list is not read out is offered.
    """
    text = _report_alone(scene, call, twin=twin)
    text += offer_rest(scene, [call]) if offers and text.endswith("\n") else ""
    which = _tell_apart(scene, call)
    if not which or scene.model(call).writes or not text.startswith(_BEGINNINGS):
        return text
    if which.startswith("called ") and which.removeprefix("called ") in text:
        return text
    return f"{capital(which)}, {text if text.startswith('I ') else text[:1].lower() + text[1:]}"


def offer_rest(scene: Scene, calls: Sequence[int]) -> str:
    """What of the lists in a report is not read out, offered once; empty where all is."""
    cut = []
    for call in calls:
        found = main_list(scene.results[call]) if scene.model(call).operation == "list" else None
        if found is not None and count_shown(len(found[1])) != len(found[1]):
            cut.append(plural(_noun_in_list(scene, call, found[0])))
    key = "rest_of_list" if len(cut) == 1 else "rest_of_lists"
    return scene.grammar.compose(key, "any", scene.rng, noun=cut[0]).text if cut else ""


def _noun_in_list(scene: Scene, call: int, path: str) -> str:
    """What the rows of a list are called: as its name says, where that says something."""
    named = path.removesuffix(".items")
    plain = named in ("", "items") or snake(named) in load_words("inference", "page_rows")
    return scene.noun(call) if plain else singular(label(named))


def _tell_apart(scene: Scene, call: int) -> str:
    """What a search has that its twin in the same turn has not: ``in Boston``; or empty."""
    numbers = scene.numbers(scene.turn_of(call))
    for other in (call - 1, call + 1):
        if other in numbers and scene.calls[other].tool == scene.calls[call].tool:
            differs = [one.in_short("") for one in differing(scene, call, other)]
            # An address by itself leads nothing in, and what stands there tells which it is.
            led_in = [one for one in differs if one.text not in [m.span for m in one.mentions]]
            words = concat(led_in).text
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
        # An answer of a known kind, as the table tells it.
        told = answer.told
        rows = result[told["rows"]] if "rows" in told else [result]
        lines = []
        for row in rows:
            kinds = {name: semantic_type(name, {}) for name in row}
            plain = (name for name, one in row.items() if isinstance(one, str))
            said = {name: row[name] for name in plain if kinds[name] not in ("date", "datetime")}
            values = {name: scene.tell(one, kinds[name]) for name, one in row.items()} | said
            lines.append(capital(told["row"].format(**values)))
        return f"{told['before']}\n{put_in_lines(lines)}" if "rows" in told else lines[0]
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
    if len(lines) > 1 or len(text) > 120:
        return f"Here is what I found:\n{text}\n"
    return f"Here is what I found: {ended(text)}"


def _report_list(scene: Scene, call: int, path: str, rows: list[Any], *, twin: bool) -> str:
    """How many there are, and each by its name with what tells it from the others."""
    noun = _noun_in_list(scene, call, path)
    arguments = scene.calls[call].arguments
    chosen = [arguments.get(one.path) for one in scene.calls[call].origins
              if one.kind == "default" and one.path in _STATES]  # fmt: skip
    noun = " ".join([*(in_words(one) for one in chosen if isinstance(one, str)), noun])
    if not rows:
        return f"I found no {plural(noun)}."
    if len(rows) == 1 and isinstance(rows[0], dict) and count_all(scene.results[call], 1) == 1:
        return _report_one(scene, call, f"{path}[0]", noun)
    said = put_rows(scene, call, path, rows)
    whole, shown = count_all(scene.results[call], len(rows)), len(said)
    count = f"{whole:,} {plural(noun, whole)}"
    unknown = whole == len(rows) and has_more(scene.results[call])  # how many there are in all
    plan = compile_tool(Same(scene.world), scene.calls[call].tool)
    part = whole == len(rows) and is_part(plan, arguments, whole)
    tool = scene.model(call).tool
    if part and (first := ranked_by(tool.clear_name, tool.description)) in _FIRST:
        count = f"the {first} {count}"
    if not said:
        return f"I found {count}, and there are more." if unknown else f"I found {count}."
    brief = len(said) < FEW and all(len(text) < 60 for text in said)
    if brief:
        said = [re.sub(r"^The (?=\d)", "the ", text) for text in said]
    body = f"{'; '.join(said)}." if brief else put_in_lines(said)
    key = "found_page" if whole > shown else "found_twin" if twin else "found"
    if part and key != "found_twin":
        key = "found_some_page" if whole > shown else "found_some"
    if key == "found_page" and shown == 1:
        key = "found_first"
    if unknown:
        key = "found_part"
    slots = {"count": count, "noun": plural(noun), "shown": number_word(shown)}
    head = scene.grammar.compose(key, "any", scene.rng, **slots).text
    return f"{head} {body}" if brief else f"{head}\n{body}"


def _report_one(scene: Scene, call: int, path: str, noun: str) -> str:
    """The only row of a list, as a thing that was found."""
    name, facts = name_row(scene, call, path), facts_of(scene, call, path, _MOST_OF_ONE)
    row = value_at(scene.results[call], path)
    number = isinstance(row, dict) and " " in name and name.split()[-1] in map(str, row.values())
    parts = name_parts(scene, call, path, row) if isinstance(row, dict) else ""
    if parts and (number or not name):
        name, noun = f"{name}, with {parts}" if name else "", f"{noun}, with {parts}"
    bare = len(facts) < _BARE and isinstance(row, dict)
    nested = [one for one in tell_nested(scene, call, path) if bare and "“" in one]
    name = quote_order(name)
    if not facts and not nested:
        return f"I found {name}." if name else f"There is one {noun}."
    return _put_facts(scene, f"I found {name}" if name else f"There is one {noun}", facts, nested)


def _put_facts(scene: Scene, head: str, facts: Sequence[SpokenField], nested: Sequence[str]) -> str:
    """A head with its facts: behind it where they are few, else in lines."""
    texts = [field for field in facts if is_text(field)]
    plain = [field for field in facts if field not in texts]
    said = ", ".join(short(scene, field) for field in plain)
    if len(plain) <= FEW and len(said) < _BRIEF and not nested:
        quoted = "".join(f" {_quote(field)}" for field in texts)
        return f"{head}: {said}.{quoted}" if said else f"{head}.{quoted}"
    usual = load_words("telling", "ordinary")  # how it stands comes first where that is no news
    plain.sort(key=lambda one: one.name not in _STATES or str(one.value).lower() in usual)
    lines = [fact_line(scene, field) for field in plain] + list(nested)
    lines += [fact_line(scene, field) for field in texts]
    return f"{head}:\n{put_in_lines(lines)}"


def _quote(field: SpokenField) -> str:
    """``The description says: “…”``."""
    return ended(f"The {field.label or label(field.name)}: “{str(field.value).strip()}”")


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
    facts, name = facts_of(scene, call, path, _MOST_DETAILS), name_row(scene, call, path)
    nested = tell_nested(scene, call, path)
    if compute and not facts and not nested and (said := _tell_figure(scene, call)):
        return said
    if compute and (facts or not nested):
        clauses = [clause(scene, field) for field in facts[:FEW] if not is_text(field)]
        quoted = [_quote(field) for field in facts if is_text(field)]
        text = " ".join([f"{capital(join(clauses))}." if clauses else "", *quoted]).strip()
        return text or (f"I found {name}." if name else f"I found the {scene.noun(call)}.")
    if not facts and not nested:
        return f"I found {name}." if name else f"I found the {scene.noun(call)}."
    aspect = action(scene.model(call)).pattern.endswith(" of {object}")
    if aspect and len(facts) == 1 and not (name or nested or is_text(facts[0])):
        return f"{capital(clause(scene, facts[0]))}."  # the type of a key: it is a list
    return _put_facts(scene, name or _head(scene, call), facts, nested)


def _tell_figure(scene: Scene, call: int) -> str:
    """``The result is 12.`` of ``{"value": 12}``; empty where there is more, or nothing."""
    plain = [field for field in fields_of(scene, call, "") if not is_text(field)]
    if len(plain) != 1:
        return ""
    how, form = find_form(scene.model(call))
    within = f" {how if how in ('with', 'using') else 'in'} {form}" if form else ""
    what = _name_result(scene.model(call)) or f"result{within}"
    return f"The {what} is {scene.tell(plain[0].value, plain[0].semantic)}."


def _name_result(model: ToolModel) -> str:
    """What a lone figure is, where somebody says what the tool works out; or empty.

    ``average duration in seconds``; of what is counted, ``number of users``.
    """
    if not model.spoken or not model.noun or model.noun == "computation":
        return ""
    head = re.split(r" (?:in|of|from|for|per|by|on|at|to) ", model.noun)[0]
    if not is_plural(head.rpartition(" ")[2]):
        return model.noun
    counted = {"count", "number", "how many"} & {model.verb, *split_words(model.tool.clear_name)}
    return f"number of {model.noun}" if counted else ""


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
    if len(rows) == 1 and count_all(result, 1) == 1:
        return bool(name_row(scene, call, f"{path}[0]") or facts_of(scene, call, f"{path}[0]", 1))
    said = put_rows(scene, call, path, rows)
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
        asked = action(scene.model(call)).pattern  # a summary of rows is none of them
        whole = asked.startswith("the ") and "{object}" not in asked
        return f"This is {asked}" if whole else f"This is the {scene.noun(call)}"
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
    dated = next((f for f in fields if f.semantic in ("date", "datetime")), None)
    today = dated is not None and str(dated.value)[:10] == scene.task.clock[:10]
    when = f" at the rate of {scene.tell(dated.value, dated.semantic)}" if dated else ""
    when = " at today's rate" if today else when
    told = [scene.tell(value, "money") for value in (amounts[0], made[0].value)]
    return f"{told[0]} {codes[0]} is {told[1]} {codes[1]}{when}."
