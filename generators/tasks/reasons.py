"""Why somebody wants something: which of the reasons that a model gives suit what is told.

A model gives reasons of a goal, whichever row it is about and however it is asked for. One that
speaks of a value that nobody tells, of somebody who is not named, or of "that group", is not said.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from generators.language.slot_phrases import name_parameter
from generators.lexicon.names import split_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words
from generators.world.model import ParameterModel, World
from schemas.semantic import SemanticType
from schemas.task import GoldCall

_SOMEBODY: frozenset[SemanticType] = frozenset(
    {"person_name", "first_name", "last_name", "email", "handle"}
)

_DATED: tuple[SemanticType, ...] = ("date", "datetime", "time")
_POINTING = ("that", "those", "these")


def suits_calls(reason: str, world: World, calls: Sequence[GoldCall]) -> bool:
    """Whether a reason speaks of nothing that these calls of a turn leave untold."""
    words = [*map(singular, split_words(reason))]
    given = [*_find_given(world, calls)]
    told = {word for one in given for word in _words_of(one)}
    told |= {word for call in calls for word in world.models[call.tool].noun.split()}
    paths = {(call.tool, one.path) for call in calls for one in world.models[call.tool].parameters
             if one in given}  # fmt: skip
    left = (
        one for call in calls for one in world.models[call.tool].parameters
        if (call.tool, one.path) not in paths
    )  # fmt: skip
    untold = {named[-1] for one in left if (named := _words_of(one))} - told
    if not untold.isdisjoint(words):
        return False
    people = load_words("inference", "somebody").intersection(split_words(reason))
    if people and all(one.semantic not in _SOMEBODY for one in given):
        return False
    times = load_words("inference", "times_said")
    dated = not times.isdisjoint(told) or any(one.semantic in _DATED for one in given)
    known = told | load_words("inference", "behind_that") | (times if dated else set())
    pointing = (after for word, after in pairwise(words) if word in _POINTING)
    return all(after in known for after in pointing)


def _find_given(world: World, calls: Iterable[GoldCall]) -> Iterable[ParameterModel]:
    """The parameters that the calls are given, by whomever."""
    for call in calls:
        for origin in call.origins:
            yield world.models[call.tool].parameter(origin.path)


def _words_of(parameter: ParameterModel) -> list[str]:
    return [*map(singular, split_words(name_parameter(parameter)))]
