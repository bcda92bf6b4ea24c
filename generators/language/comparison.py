"""A row chosen by comparison, in words: "the cheapest flight", and what came of comparing."""

from typing import Literal

from generators.language.description import OWN_MOMENTS
from generators.language.facts import row_facts
from generators.language.phrase import NOTHING, Phrase, concat, enumerate_phrases
from generators.language.references import noun_for, refer, row_path
from generators.language.rows import (
    fields_of,
    main_list,
    measured_name,
    name_of,
    short,
    size,
    speakable,
)
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import differing
from generators.lexicon.date_field_names import is_deed
from generators.lexicon.meanings import is_price
from generators.lexicon.names import capital, label, split_words
from generators.lexicon.nouns import is_plural, plural
from generators.lexicon.spoken_values import is_period
from generators.world.model import Entity
from schemas.semantic import SemanticType
from schemas.task import Origin
from schemas.twists import Comparison

Ruling = Literal["least", "most", "earliest", "latest"]
IN_TIME: frozenset[SemanticType] = frozenset({"date", "time", "datetime"})
_WORDS: dict[str, tuple[str, str]] = {
    "cost": ("cheapest", "most expensive"),
    "count": ("fewest", "most"),
    "span": ("shortest", "longest"),
    "other": ("lowest", "highest"),
}
"""Kind of a field → words for its least and its most."""
_OPEN_ENDS = frozenset("by on until at from to in of for since".split())
_DOZEN = 12


def superlative(noun: str, field: str, semantic: SemanticType, rule: str) -> str:
    """``the cheapest flight``, ``the flight with the fewest stops``; empty: there are no words."""
    words, said = split_words(field), label(field)
    if rule in ("earliest", "latest"):
        # ``the review that was posted last``, ``the card that expires first``.
        place = "first" if rule == "earliest" else "last"
        if is_deed(words[0]):
            return f"the {noun} that was {words[0]} {place}"
        if words[-1] not in _OPEN_ENDS:
            return f"the {noun} with the {rule} {said}"
        if len(words) == 2 and words[0].endswith("ed"):
            return f"the {noun} that is {words[0]} {place}"
        own = words[0] in OWN_MOMENTS and len(words) == 2
        return f"the {noun} that {words[0]} {place}" if own else ""
    if words[-1] in _OPEN_ENDS:
        return ""
    most = rule == "most"
    if is_price(field) and semantic == "money":
        return f"the {_WORDS['cost'][most]} {noun}"
    if semantic == "rating" and not is_plural(said):
        return f"the {'best' if most else 'worst'} rated {noun}"
    if (measure := measured_name(field)) is not None:
        said, unit = measure
        kind = "span" if is_period(unit) else "other"
    else:
        counted = is_plural(said) or is_plural(said.split()[0])
        kind = "count" if semantic in ("count", "number") and counted else "other"
    return f"the {noun} with the {_WORDS[kind][most]} {said}"


def chosen_origin(scene: Scene, comparison: Comparison) -> Origin:
    """Where the row that is chosen stands in a list."""
    origins = scene.calls[comparison.call].origins
    return next(origin for origin in origins if origin.path == comparison.path)


def _compared_entity(scene: Scene, comparison: Comparison) -> Entity:
    parameter = scene.model(comparison.call).parameter(comparison.path)
    return scene.world.entities[parameter.entity or ""]


def best(scene: Scene, comparison: Comparison, noun: str) -> str:
    """``the cheapest flight``."""
    field = comparison.field.rpartition("[].")[2]
    semantic = _compared_entity(scene, comparison).fields[field].semantic
    return superlative(noun, field, semantic, comparison.rule)


def is_searched(comparison: Comparison) -> bool:
    """Whether the rows of several searches are compared, not those of one list in detail."""
    return "[]" in comparison.field


def other_searches(comparison: Comparison) -> tuple[int, list[int]]:
    """The search that the request speaks of, and those that are made besides."""
    first, *others = comparison.calls
    return first, others if is_searched(comparison) else []


def say_besides(scene: Scene, comparison: Comparison) -> Phrase:
    """``Look on the 14th of May as well, and take the cheapest one of all.``; or no words."""
    ways = other_ways(scene, comparison)
    if not ways:
        return NOTHING
    where, choice = enumerate_phrases(ways), best(scene, comparison, "one")
    said = scene.grammar.compose("besides", scene.style, scene.rng, where=where, choice=choice)
    return said.as_sentence()


def other_ways(scene: Scene, comparison: Comparison) -> list[Phrase]:
    """What is other in each of the searches beside the first: ``on the 14th of May``."""
    first, others = other_searches(comparison)
    known = {one.path: one.result_path for one in scene.calls[first].origins}
    ways = []
    for call in others:
        # What is other in it than in the first: a value, or the row that it is about.
        if told := differing(scene, call, first):
            ways.append(concat([item.in_short("among those ") for item in told]))
            continue
        origin = next(o for o in scene.calls[call].origins if o.result_path != known.get(o.path))
        assert origin.call is not None
        noun = noun_for(scene, scene.model(call).parameter(origin.path))
        start = scene.numbers(scene.turn_of(call))[0]
        hidden = Hidden(seen=frozenset(range(start)), start=start)
        ways.append("at " + refer(scene, origin, noun, hidden))
    return ways


def tell_comparison(scene: Scene, comparison: Comparison) -> str:
    """What came of it: ``I compared 4 hotels; the cheapest is …``."""
    noun = label(_compared_entity(scene, comparison).noun.replace(" ", "_"))
    name = comparison.field.rpartition("[].")[2]
    origin = chosen_origin(scene, comparison)
    assert origin.call is not None
    row = row_path(origin.result_path or "")
    place = (origin.call, row)
    if is_searched(comparison):
        found = [main_list(scene.results[call]) for call in comparison.calls]
        count = sum(len(rows[1]) for rows in found if rows)
    else:
        count = len(comparison.calls)
        chosen = scene.calls[comparison.call].arguments[comparison.path]
        looked_up = (c for c in comparison.calls if chosen in scene.calls[c].arguments.values())
        place = (next(looked_up), "")
    # The row by its name, or by up to two of its fields that tell it from the others.
    fields, known = fields_of(scene, origin.call, row), list[str]()
    if (named := name_of([one for one in fields if speakable(one)])) is not None:
        said = f"“{named.value}”" if named.semantic == "title" else str(named.value)
    else:
        listed = main_list(scene.results[origin.call]) if row else None
        number = int(row.removesuffix("]").rpartition("[")[2]) if row else 0
        row_of_it = row_facts(scene, origin.call, *listed)[number] if listed else []
        telling = [one for one in row_of_it if one.name != name and not isinstance(one.value, bool)]
        said, known = f"the {noun}", [short(scene, one) for one in telling[:2]]
    field = next(one for one in fields_of(scene, *place) if one.name == name)
    slots = {
        # More than a dozen nobody counts.
        "count": size(count, noun) if count <= _DOZEN else f"all the {plural(noun)}",
        "choice_capital": capital(best(scene, comparison, "one")),
        "row": said,
        "fact": f"({', '.join([*known, short(scene, field)])})",
    }
    return scene.grammar.compose("compared", "any", scene.rng, **slots).text
