"""Whether somebody who asks for a tool's work would know what to say for a parameter, and say it.

Its kind must be told; what is made of it must have the form that its description shows or says; and
its name must be words. What is not understood is not given, and a tool that needs it is no wish:
it is still called by whoever knows more.
"""

import re
from functools import lru_cache, partial
from random import Random

from generators.identity_cache import Same
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import dictionary, singular
from generators.lexicon.spoken_values import is_measure
from generators.lexicon.tables import load_table, load_words
from generators.sandbox.file_values import file_ending
from generators.sandbox.phrases import FREE_TEXTS
from generators.sandbox.possible_values import UNMEASURED, UNWRITTEN, find_untold
from generators.sandbox.schema_validity import kind_of, simple
from generators.sandbox.text_values import Want, shown_examples, written_form
from generators.sandbox.values import invent
from generators.world.demand_rules import told_formats
from generators.world.known_answers import find_answer
from generators.world.model import Entity, ParameterModel, ToolModel
from schemas.demand import is_written

_CLOCK = "2026-01-15T09:00:00+00:00"
_DRAWN = 3
"""Values that are looked at: one of them may be right by chance."""
_FEW_LETTERS = 8
_FREE = frozenset(
    {"text", "title", "query", "person_name", "first_name", "last_name", "company", "city"}
    | {
        "country",
        "street",
        "zip",
        "label",
        "email",
        "date",
        "datetime",
        "time",
        "enum",
        "boolean",
        "unknown",
    }
)
"""Meanings of which an example binds no more than the meaning itself."""
_NUMBERS = ("integer", "number")
_SCHEME = re.compile(r"`?\b(?!https?:)[a-z]{3,}:(?:[a-z]+:)?[{<A-Za-z]")
"""``spotify:track:{id}``: an address that is none of a page."""
_KIND_OF_FILE = re.compile(r"\b([A-Za-z]+) (?:files?|documents?)\b")


def find_unclear(model: ToolModel, entity: Entity | None, parameter: ParameterModel) -> str:
    """Why nobody would give a parameter a value; "" where somebody would.

    What comes out of a result, what a world file has examples of, and the new value of a field
    that the call names need no words; of what an object may hold the trial has judged.
    """
    field = entity.fields.get(parameter.field or "") if entity is not None else None
    named = (parameter.field or "").startswith("[") or kind_of(simple(parameter.schema)) == "object"
    answer = find_answer(model.tool)
    named = named or (answer is not None and parameter.path in answer.roles.values())
    if parameter.found or named or (field is not None and field.examples):
        return ""
    return _look_closely(Same(model), Same(parameter))


@lru_cache(maxsize=16_384)
def _look_closely(tool: Same[ToolModel], leaf: Same[ParameterModel]) -> str:
    model, parameter = tool.it, leaf.it
    plain = simple(parameter.schema)
    if not has_words(parameter):
        return "its name is no words"
    if "enum" in plain or "const" in plain:
        return ""
    bare = [w for w in split_words(parameter.name) if not is_measure(w) and w != "ms"]
    if kind_of(plain) in _NUMBERS and bare[-1:] and bare[-1] in load_words("unsayable", "places"):
        return "nobody has counted to such a place"
    want = Want(parameter.semantic, plain, parameter.name, model.noun)
    untold = find_untold(want)
    said = model.entity is None or parameter.name in FREE_TEXTS
    free = (untold == UNWRITTEN and said) or (untold == UNMEASURED and model.entity is None)
    if untold and not free:
        return untold
    return _find_broken_form(model, want) if kind_of(plain) in ("string", "any") else ""


def has_words(parameter: ParameterModel) -> bool:
    """Whether people have words for what a parameter is called: not for ``kwargs`` or ``x2q``."""
    if parameter.label:
        return True
    words = split_words(parameter.name)
    last = " ".join(words[-1:])
    # No words but letters, which nobody could say: ``tnRnbDnFB``.
    odd = [word for word in words if len(word) > 1 and not set("aeiouy").intersection(word)]
    garbled = 1 < len(odd) >= len(words) / 2 and len("".join(words)) >= _FEW_LETTERS
    if garbled or last in load_words("unsayable", "machine_words"):
        return False
    between = load_words("inference", "prepositions")
    return all(word in between or _is_word(word) for word in words)


@lru_cache(maxsize=4096)
def _is_word(word: str) -> bool:
    """Whether a dictionary has it, or people of today do."""
    coined = load_words("exceptions", "coined") | load_words("exceptions", "periods")
    coined |= load_words("relations", "parts")  # ``nonfree``
    if len(word) == 1 or word.isdigit():
        return word.isdigit()
    forms = {word, singular(word)}
    return label(word) != word or bool(forms & coined or any(map(dictionary().getAllLemmas, forms)))


def _find_broken_form(model: ToolModel, want: Want) -> str:
    """Why what we would say of it is not written as its description tells; "" where it is."""
    said, table = want.description, load_table("unsayable")
    make = partial(invent, want.semantic, want.schema, name=want.name, noun=want.noun, clock=_CLOCK)
    drawn = [str(make(Random(seed))) for seed in range(_DRAWN)]
    shown = shown_examples(said)
    if want.semantic == "url" and _SCHEME.search(said):
        return "nobody knows such an address"
    if want.semantic in ("query", "expression") and re.search(table["narrowed"], said):
        return "what is asked for as plain words is too wide"
    if shown:
        alike = want.semantic in _FREE or {*map(_shape, drawn)} <= {*map(_shape, shown)}
        return "" if alike or {*drawn} <= {*shown} else "it is not written as the example is"
    for pattern, form in told_formats():
        if pattern.search(said):
            written = all(is_written(one, form) for one in drawn)
            return "" if written else "it is not written as its description says"
    if want.semantic == "language" and "programming" in said.lower():
        return "" if "programming" in want.name else "nobody knows which languages there are"
    if want.semantic == "url":  # not of any page, where a call is joined
        before = [one.lower() for one in re.findall(r"(\w+) URLs?\b", said)]
        if not {*split_words(want.name), *before} <= load_words("unsayable", "addressed"):
            return "nobody knows such an address"
    if want.semantic == "path":
        files = said or model.tool.description
        kind = file_ending([one.lower() for one in _KIND_OF_FILE.findall(files)])
        ending = [one.rpartition("/")[2].rpartition(".")[2] for one in drawn]
        made = not kind and any("." in one.rpartition("/")[2] for one in drawn)
        if made and load_words("inference", "outputs") & {*split_words(want.name)}:
            return "nothing tells what kind of file is written"
        return "" if not kind or {*ending} <= {kind} else "nothing makes such a file"
    bound = {"format", "pattern", "examples", "default"} & want.schema.keys()
    formed = any(re.search(one, said) for one in table["forms"])
    formed = formed and not bound and not written_form(want.schema)
    return "nobody knows the form that it is written in" if formed else ""


def _shape(text: str) -> str:
    """What is alike in values of one form: letters and digits are runs, all else stands."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", text))
