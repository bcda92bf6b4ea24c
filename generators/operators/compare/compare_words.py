"""Rows that are compared, in words: where to look besides, and what came of it."""

from generators.language.phrase import Phrase, concat, enumerate_phrases
from generators.language.references import noun_for, refer
from generators.language.rows import (
    SpokenField,
    clause,
    fields_of,
    main_list,
    name_of,
    size,
    speakable,
)
from generators.language.scene import Scene
from generators.language.slot_phrases import Told, differing
from generators.language.superlatives import (
    best,
    chosen_origin,
    compared_entity,
    is_searched,
    other_searches,
)
from generators.lexicon.names import capital, label
from generators.lexicon.nouns import plural
from schemas.twists import Comparison

_DOZEN = 12


def say_besides(scene: Scene, comparison: Comparison) -> Phrase:
    """``Look on the 14th of May as well, and take the cheapest one of all.``; or no words."""
    first, others = other_searches(comparison)
    ways = [_way(scene, call, first) for call in others]
    if not ways:
        return Phrase("")
    choice = best(scene, comparison, "one")
    where = enumerate_phrases(ways)
    return scene.grammar.compose(
        "besides", scene.style, scene.rng, where=where, choice=choice
    ).as_sentence()


def _way(scene: Scene, call: int, first: int) -> Phrase:
    """What is other in a search than in the first: a value, or the row that it is about."""
    told = differing(scene, call, first)
    if told:
        return concat([_words(item) for item in told])
    known = {one.path: one.result_path for one in scene.calls[first].origins}
    origin = next(o for o in scene.calls[call].origins if o.result_path != known.get(o.path))
    assert origin.call is not None
    parameter = scene.model(call).parameter(origin.path)
    in_an_earlier_turn = origin.call < scene.first_of_turn[_turn_of(scene, call)]
    noun = noun_for(scene, parameter)
    return "at " + refer(scene, origin, noun, seen=in_an_earlier_turn, past=in_an_earlier_turn)


def _turn_of(scene: Scene, call: int) -> int:
    turns = range(len(scene.task.turns))
    return next(number for number in turns if call in scene.numbers(number))


def _words(item: Told) -> Phrase:
    if not item.tail:
        return "with " + item.value + f" as the {item.label}"
    if item.tail.text.startswith("that are "):
        return "among those " + item.tail
    return item.tail


def _counted(count: int, noun: str) -> str:
    """``4 hotels``; more than a dozen nobody counts."""
    return size(list(range(count)), noun) if count <= _DOZEN else f"all the {plural(noun)}"


def tell_comparison(scene: Scene, comparison: Comparison) -> str:
    """What came of it: ``I compared 4 hotels; the cheapest is …``."""
    noun = label(compared_entity(scene, comparison).noun.replace(" ", "_"))
    name = comparison.field.rpartition("[].")[2]
    origin = chosen_origin(scene, comparison)
    assert origin.call is not None
    row = (origin.result_path or "")[: (origin.result_path or "").rfind("]") + 1]
    place = (origin.call, row)
    if not is_searched(comparison):
        chosen = scene.calls[comparison.call].arguments[comparison.path]
        place = next(
            (call, "")
            for call in comparison.calls
            if chosen in scene.calls[call].arguments.values()
        )
    fields = fields_of(scene, *place)
    field = next(one for one in fields if one.name == name)
    slots = {
        "count": _counted(_count(scene, comparison), noun),
        "choice_capital": capital(best(scene, comparison, "one")),
        "row": _row_words(scene, origin.call, row, name, noun),
        "fact": clause(scene, place[0], field),
    }
    return scene.grammar.compose("compared", "any", scene.rng, **slots).text


def _count(scene: Scene, comparison: Comparison) -> int:
    if not is_searched(comparison):
        return len(comparison.calls)
    found = [main_list(scene.results[call]) for call in comparison.calls]
    return sum(len(rows[1]) for rows in found if rows)


def _row_words(scene: Scene, call: int, row: str, compared_field: str, noun: str) -> str:
    """The row by its name, or by up to two of its fields."""
    fields = [one for one in fields_of(scene, call, row) if speakable(one)]
    named = name_of(fields)
    if named is not None:
        said = f"“{named.value}”" if named.semantic == "title" else str(named.value)
        return f"{said};"
    told = [one for one in fields if one.name != compared_field and _tells(one)][:2]
    return f"this {noun}: " + " and ".join(clause(scene, call, one) for one in told) + ";"


def _tells(field: SpokenField) -> bool:
    return not isinstance(field.value, bool) and field.semantic not in ("text", "number_id")
