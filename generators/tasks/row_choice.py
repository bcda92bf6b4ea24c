"""Which row of a list is meant, and what it is looked for by.

Meant is one with which the calls that follow can do what is wanted. Where people have named it, its
whole name is the query, and no word of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.errors_and_faults import listed
from generators.sandbox.propose import Proposal
from generators.sandbox.row_states import allowed, needed_states
from generators.sandbox.schema_validity import fits
from generators.sandbox.search import holds_word, query_words
from generators.tasks.careful_writes import CarefulWrites
from generators.tasks.feeding import Picks, feed, scalars
from generators.tasks.sought_rules import RuleBreaking, find_source
from generators.world.model import ToolModel, World
from schemas.environment import Environment
from schemas.graph import ChainStep, Feed
from schemas.leaves import value_at
from schemas.record import JsonObject

_FORESIGHT, _NEAR = 0.8, 5
"""How often a row is chosen for what is to be done with it, and among how many."""


@dataclass(frozen=True)
class RowChoice:
    """The rows that the calls made so far have told."""

    careful: CarefulWrites
    picks: Picks
    rng: Random

    def look_ahead(
        self, steps: Sequence[ChainStep], number: int, breaking: RuleBreaking | None
    ) -> None:
        """Of the rows that a call has told, mostly one that a later call takes.

        In a state in which it can be changed, or of which a rule lets something be looked up; or
        one by which a rule can be broken, where one is to be (``breaking``).
        """
        models, call = self.careful.setting.world.models, self.picks.place[number]
        if breaking is not None:
            shown, told = self.picks.done[call].result, self.tell_breach(breaking)
            for at, fitting in breaking.list_open(number, shown, told):
                self.picks.choose(call, at, fitting, self.rng)
            return
        for step in steps[number + 1 :] if self.rng.random() < _FORESIGHT else ():
            parameter = models[step.tool].parameter
            asked = next((f for f in step.feeds if parameter(f.parameter).use == "identity"), None)
            item = find_source(steps, asked, number) if asked else None
            at, brackets, rest = item.result_path.partition("[]") if item else ("", "", "")
            if asked is not None and brackets and (call, at) not in self.picks.chosen:
                ids = value_at(self.picks.done[call].result, at)[:_NEAR]
                ids = [one.get(rest[1:]) if isinstance(one, dict) else one for one in ids]
                fitting = self.find_open(models[step.tool], asked.parameter, ids)
                self.picks.choose(call, at, fitting, self.rng)

    def find_open(self, model: ToolModel, path: str, ids: Sequence[Any]) -> list[int]:
        """Which of the rows with these ids a tool takes; none where nothing tells."""
        entity = self.careful.setting.world.entities.get(model.entity or "")
        if entity is None:
            return []
        if model.writes:
            rows = [*self.careful.environment.rows(entity.key)]
            if needed_states(Same(model), Same(entity)) is None:
                return []
            known = {row.get(entity.identity[-1]) for row in allowed(model, entity, rows)}
            return [n for n, one in enumerate(ids) if one in known]
        broken = (self.careful.find_broken_rule(model, {path: one}) for one in ids)
        open_ones = [n for n, rule in enumerate(broken) if rule is None]
        return open_ones if len(open_ones) < len(ids) else []

    def choose_kin(self, model: ToolModel, feeds: tuple[Feed, ...]) -> None:
        """Of a list, what a row that was seen before is one of: the product of an ordered item."""
        if model.operation != "get" or not feeds:
            return
        call, (at, _, _) = self.picks.place[feeds[0].step], feeds[0].result_path.partition("[]")
        source = self.picks.done[call]
        entity = self.careful.setting.world.entities.get(source.model.entity or "")
        if entity is None or source.model.operation != "list" or (call, at) in self.picks.chosen:
            return
        links = [name for name, one in entity.fields.items() if one.entity]
        seen = {value for one in self.picks.done[:call] for value in one.scalars}
        rows = listed(source.result) or []
        held = (
            scalars([row.get(n) for n in links]) if isinstance(row, dict) else () for row in rows
        )
        kin = [n for n, ids in enumerate(held) if len(ids) > 1 and not seen.isdisjoint(ids)]
        self.picks.choose(call, at, kin, self.rng)

    def tell_breach(self, breaking: RuleBreaking) -> JsonObject:
        """What the call that breaks a rule is told by the rows that are meant by now."""
        made = [
            one
            for one in breaking.feeds
            if (call := self.picks.place.get(one.step)) is not None
            and (call, one.result_path.partition("[]")[0]) in self.picks.chosen
        ]
        given = feed(self.picks, breaking.model, made, self.rng) if made else None
        return {path: value for path, (value, _) in (given or {}).items()}


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
