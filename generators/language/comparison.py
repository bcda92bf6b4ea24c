"""A row chosen by comparison, in words: "the cheapest flight", and what came of comparing."""

from typing import Literal

from generators.language.phrase import NOTHING, Phrase, concat, enumerate_phrases
from generators.language.references import row_path
from generators.language.rows import (
    fields_of,
    is_measure_of_search,
    main_list,
    measured_name,
    name_of,
    short,
    size,
    speakable,
)
from generators.language.scene import Scene
from generators.language.slot_phrases import differing
from generators.lexicon.meanings import is_price
from generators.lexicon.names import capital, label, split_words
from generators.lexicon.nouns import is_plural, plural
from generators.lexicon.spoken_values import is_period
from generators.world.model import Entity
from schemas.semantic import SemanticType
from schemas.task import Origin
from schemas.twists import Comparison

Ruling = Literal["least", "most", "earliest"]
IN_TIME: frozenset[SemanticType] = frozenset({"date", "time", "datetime"})
_OPEN_ENDS = frozenset("by on until at from to in of for since".split())
_DOZEN = 12


def superlative(noun: str, field: str, semantic: SemanticType, rule: str) -> str:
    """``the cheapest flight``, ``the best rated hotel``; empty: there are no words."""
    said = label(field)
    if split_words(field)[-1] in _OPEN_ENDS:
        return ""
    if rule == "earliest":
        return f"the {noun} with the earliest {said}"
    if rule == "most":
        rated = semantic == "rating" and not (is_plural(said) or is_measure_of_search(field))
        return f"the best rated {noun}" if rated else ""
    if is_price(field) and semantic == "money":
        return f"the cheapest {noun}"
    measured, unit = measured_name(field) or (said, "")
    return f"the {noun} with the {'shortest' if is_period(unit) else 'lowest'} {measured}"


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
    first, *others = comparison.calls
    told = (differing(scene, call, first) for call in others)
    return [concat([item.in_short("among those ") for item in one]) for one in told]


def tell_comparison(scene: Scene, comparison: Comparison) -> str:
    """What came of it: ``I compared 4 hotels; the cheapest is …``."""
    noun = label(_compared_entity(scene, comparison).noun.replace(" ", "_"))
    name = comparison.field.rpartition("[].")[2]
    origin = chosen_origin(scene, comparison)
    assert origin.call is not None
    found = [main_list(scene.results[call]) for call in comparison.calls]
    count = sum(len(rows[1]) for rows in found if rows)
    fields = fields_of(scene, origin.call, row_path(origin.result_path or ""))
    said = f"the {noun}"
    if (named := name_of([one for one in fields if speakable(one)])) is not None:
        said = f"“{named.value}”" if named.semantic == "title" else str(named.value)
    # Of several towns, in which one it is.
    made = [scene.calls[call].arguments for call in comparison.calls]
    varied = [one.field for one in scene.model(origin.call).parameters
              if len({str(arguments.get(one.path)) for arguments in made}) > 1]  # fmt: skip
    facts = [short(scene, one) for one in fields if one.name in (name, *varied)]
    slots = {
        # More than a dozen nobody counts.
        "count": size(count, noun) if count <= _DOZEN else f"all the {plural(noun)}",
        "choice_capital": capital(best(scene, comparison, "one")),
        "row": said,
        "fact": f"({', '.join(facts)})",
    }
    return scene.grammar.compose("compared", "any", scene.rng, **slots).text
