"""What a row is looked for by, where the user has named it: its whole name, and no word of it."""

from random import Random
from typing import Any

from generators.sandbox.propose import Proposal
from generators.sandbox.schema_validity import fits
from generators.sandbox.search import holds_word, query_words
from generators.world.model import ToolModel, World
from schemas.environment import Environment

_NAMES = ("title", "person_name")
"""Meanings of the fields by which people call a row."""


def seek_by_name(
    world: World, environment: Environment, model: ToolModel, proposed: Proposal, rng: Random
) -> Proposal:
    """The search with the name of a row that it finds as its query, where that finds this alone.

    The state is left as it was; a search of another kind stays as it is.
    """
    queries = [p for p in model.parameters if p.use == "query" and p.path in proposed.arguments]
    entity = world.entities.get(model.entity or "")
    if model.writes or len(queries) != 1 or entity is None or proposed.outcome is None:
        return proposed
    fields = [name for name, one in entity.fields.items() if one.semantic in _NAMES]
    names = _list_names(proposed.outcome.content, fields)
    for name in rng.sample(names, len(names)):
        words = query_words(name)
        alike = [one for one in names if all(holds_word(one.lower(), word) for word in words)]
        if not words or alike != [name] or not fits(name, queries[0].schema):
            continue
        arguments, before = {**proposed.arguments, queries[0].path: name}, environment.snapshot()
        outcome = environment.call(model.name, arguments)
        after = environment.snapshot()
        environment.restore(before)
        if not outcome.is_error and _list_names(outcome.content, fields) == [name]:
            return Proposal(arguments, outcome, after)
    return proposed


def _list_names(content: Any, fields: list[str]) -> list[str]:
    """What each row of a result is called; "" where it bears no name.

    Of several lists it is the one with the most names: the nodes, and not what joins them.
    """
    held = content.values() if isinstance(content, dict) else (content,)
    lists = [[next((row[n] for n in fields if isinstance(row.get(n), str)), "")
              for row in one if isinstance(row, dict)]
             for one in held if isinstance(one, list)]  # fmt: skip
    return max(lists, key=lambda one: (len([*filter(None, one)]), len(one)), default=[])
