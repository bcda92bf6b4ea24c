"""The user describes a row instead of naming it, and nothing else in the state fits (CoVe).

After arXiv 2603.01940: references are unique by a look at the whole state, not by luck.
"""

from itertools import combinations
from random import Random

from generators.identity_cache import Same
from generators.language.description import PLACES
from generators.language.rows import is_naming
from generators.language.told_rows import shows_all
from generators.lexicon.meanings import is_price
from generators.operators.operator import ListedRow, Operator, find_listed, marked, names_rows
from generators.sampling.goal_sense import sense_of
from generators.sandbox.compiled_tools import compile_tool
from generators.sandbox.row_values import equals
from generators.tasks.plan import Plan
from generators.world.model import ToolModel, World
from schemas.environment import Environment, call_at
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.twists import Comparison, Condition, Reference, find_twist

_NAMELESS = 0.6
"""Share of the descriptions that do without the row's name, where they can."""
_MOST = 3
"""Conditions of a description."""
_LONGEST = 60


class Fuzzy(Operator):
    """Rows are described by one to three things that are true of them alone."""

    name = "fuzzy"
    share = 0.5
    what = "the user describes a row by one to three things that fit no other row of the state"
    needs = "a call about a row that a list shows"
    shown_by = frozenset({"list"})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A call that takes a row of a list, and does more than show it once more."""
        sense = sense_of(Same(world))
        lists = [one for one in world.models.values() if one.operation == "list" and one.entity]
        return any(
            lister.entity == key and not sense.is_idle(lister.name, model.name)
            for key in names_rows(world, model, "list")
            for lister in lists
        )

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """Each row that a call takes from a list is described, where that can be done."""
        environment = plan.setting.open()
        found: list[Reference] = []
        done: set[tuple[int, int, str]] = set()
        for call, executed in enumerate(plan.done):
            compared = find_twist(plan.turns[plan.turn_of(call)], Comparison)
            apart = plan.has_twin(call) or (compared and call in compared.calls)
            ruled = {origin.path for origin in executed.origins if origin.rule}
            for row in () if apart else find_listed(plan, call):
                if row.path in ruled or row.key != row.entity.identity[-1] or len(row.rows) < 2:
                    continue  # chosen by a rule, named by another's id, or alone in its list
                key = (plan.turn_of(call), row.list, row.row)
                reference = None if key in done else _describe(plan, environment, row, rng)
                if reference is not None:
                    done.add(key)
                    found.append(reference)
                    break
            call_at(environment, executed.at, executed.model.name, executed.arguments)
        if not found:
            return plan
        turns = tuple(
            turn.with_twists(*(one for one in found if one.call in turn.calls))
            for turn in plan.turns
        )
        return marked(plan, self.name, turns=turns)


def _describe(
    plan: Plan, environment: Environment, row: ListedRow, rng: Random
) -> Reference | None:
    """The shortest natural description that fits no other row; None where there is none."""
    rows, source = environment.rows(row.entity.key), plan.done[row.list]
    shown: JsonObject = value_at(source.result, row.row)
    key = [name for name in row.entity.identity if name in shown]
    own = [one for one in rows if all(equals(one.get(n), shown.get(n)) for n in key)]
    if len(own) != 1:
        return None
    # What may be said of the row: what a person knows, as the list shows it.
    conditions, fields = list[Condition](), row.entity.fields
    for name, field in fields.items():
        value = own[0].get(name)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            # The first thing in a list of things, by its name.
            value = value[0].get("name") or value[0].get("title")
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            continue
        known = field.semantic in PLACES and name not in row.entity.identity
        known = known and (field.semantic != "money" or is_price(name))
        tells = len(str(value)) <= _LONGEST and not name.endswith("_reason") and name in shown
        if known and tells and equals(shown[name], value):
            conditions.append(Condition(field=name, value=value))
    named = any(is_naming(one) for one in shown)
    if named:  # what has a name is told by nothing far-fetched: by its place, day, price or kind
        far = PLACES["rating"]
        kinds = {one.field: PLACES[fields[one.field].semantic] for one in conditions}
        conditions = [c for c in conditions if kinds[c.field] < far or is_price(c.field)]
    # Fields that the search is told to look for, where this turn asks for it.
    asked = row.list in plan.turns[plan.turn_of(row.call)].calls
    told = [origin.path for origin in source.origins if asked and origin.kind == "user"]
    said = {source.model.parameter(path).field for path in told}
    nameless = [one for one in conditions if not is_naming(one.field)
                if not named or PLACES[fields[one.field].semantic] <= 1]  # fmt: skip
    pools = [nameless, conditions] if rng.random() < _NAMELESS else [conditions]
    # That nothing else fits shows where the list is whole; of a page, a name has to do.
    tool = compile_tool(Same(plan.setting.world), source.model.name)
    whole = shows_all(tool, source.arguments, source.result, len(row.rows))
    for pool in pools:
        free = [one for one in pool if one.field in said]
        rest = [one for one in pool if one.field not in said]
        for count in range(1, (1 if named and pool is nameless else _MOST) + 1):
            fitting = [
                chosen
                for few in combinations(rest, count)
                for chosen in (few, (*few, *free))
                if len(chosen) <= _MOST
                and (whole or any(is_naming(c.field) for c in chosen))
                and sum(all(equals(r.get(c.field), c.value) for c in chosen) for r in rows) == 1
            ]
            if not fitting:
                continue
            costs = [
                sum(PLACES[row.entity.fields[c.field].semantic] for c in one) for one in fitting
            ]
            natural = [one for one, cost in zip(fitting, costs, strict=True) if cost == min(costs)]
            chosen = rng.choice(natural)
            return Reference(call=row.call, path=row.path, table=row.entity.key, conditions=chosen)
    return None
