"""Before a write, several rows must be looked up and compared: the same write, more reads (WRIT).

After arXiv 2606.02908. What decides is the least or the most of a field that the rows of several
searches have; the write, and all that follows, is about that row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.comparison import (
    IN_TIME,
    Ruling,
    say_besides,
    superlative,
    tell_comparison,
)
from generators.language.phrase import NOTHING, Phrase
from generators.language.slot_phrases import carried
from generators.lexicon.date_field_names import START, stage_of
from generators.lexicon.meanings import is_price
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.operators.operator import ListedRow, Operator, find_listed, names_rows, vary
from generators.sampling.sampler import Link
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import has_idle_reads
from generators.tasks.plan import Plan, leaf, shuffled
from generators.tasks.plan_changes import choose_row, insert_calls
from generators.world.model import Entity, ParameterModel, ToolModel, World
from schemas.leaves import leaves, value_at
from schemas.semantic import SemanticType
from schemas.twists import Comparison, Vague, Withheld, find_twist, has_twist

_MOST_SEARCHES = 4
_VARIED = frozenset({"date", "city", "enum", "label", "country", "airport"})
"""Meanings of what else may be searched for."""


class Compare(Operator):
    """A write's row is chosen by comparing what several reads have found."""

    name = "compare"
    share = 0.9
    what = (
        "before a write, what two to four searches find must be compared; the user says the "
        'criterion ("the cheapest one of all")'
    )
    when = " of conversations; few allow it"
    needs = "a write about a row that a list shows, of a kind that has a price, a rating or a time"
    claims = "write"
    shown_by = frozenset({"list"})
    at_once = True

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write whose row can be chosen by something that can be more or less."""
        named = names_rows(world, model, "list") if _takes(model) else ()
        return any(_is_compared(world.entities[key]) for key in named)

    def allows_link(self, world: World, link: Link) -> bool:
        """Such a write, with a search for what is compared, which can be made with other values.

        A row by which other things of the write go (the restaurant of the dishes) is settled first.
        """
        read, write = world.models[link.producer], world.models[link.consumer]
        entity, taken = world.entities.get(read.entity or ""), write.parameter(link.parameter)
        return (
            super().allows_link(world, link)
            and entity is not None
            and taken.entity == entity.key
            and _is_compared(entity)
            and bool(_list_varied(entity, read))
            and "[" not in link.parameter
            and not any(one.kind == "same" and link.parameter in one.parameters
                        for one in write.demands)
        )  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """More reads are put before a write that takes a row of a list."""
        for _, turn in shuffled(plan, rng):
            if turn.outcome != "complete" or has_twist(turn, Comparison, Withheld, Vague):
                continue
            writes = (call for call in turn.calls if _takes(plan.done[call].model))
            for row in (row for call in writes for row in find_listed(plan, call)):
                changed = any(plan.done[one].model.writes for one in range(row.list, row.call))
                if changed or "[" in row.path or not row.row.endswith("]"):
                    continue  # the list does not stand any more as it was found
                rows = [one for one in row.rows if isinstance(one, dict) and row.key in one]
                if (harder := _widen(plan, row._replace(rows=rows), rng)) is not None:
                    return harder
        return plan

    def repeat_leaves(self, turn: TurnDraft) -> dict[Leaf, Leaf]:
        """Leaves of the searches made besides → the leaves of the first that say the same."""
        comparison = find_twist(turn.turn, Comparison)
        if comparison is None:
            return {}
        first, *others = comparison.calls
        return {(call, path): (first, path) for call in others
                for path in carried(turn.scene, call, first)}  # fmt: skip

    def add_to_request(self, turn: TurnDraft) -> Phrase:
        """Where to look besides, and which row is taken of them all."""
        comparison = find_twist(turn.turn, Comparison)
        return say_besides(turn.scene, comparison) if comparison else NOTHING

    def lead_on(self, turn: TurnDraft, batch: Sequence[int]) -> str:
        """What came of the comparison, before a write that is not confirmed."""
        return self.add_to_findings(turn, batch)

    def add_to_findings(self, turn: TurnDraft, writes: Sequence[int]) -> str:
        """What came of the comparison."""
        comparison = find_twist(turn.turn, Comparison)
        if comparison is None or comparison.call not in writes:
            return ""
        return tell_comparison(turn.scene, comparison)


def _takes(model: ToolModel) -> bool:
    """Whether a write takes a row for something new: one is chosen for that, not for a change."""
    return model.operation == "create" and model.verb in load_words("telling", "taking")


def _is_compared(entity: Entity) -> bool:
    """Whether its rows have something by which people choose one."""
    return any(_find_better(name, field.semantic) for name, field in entity.fields.items())


def _widen(plan: Plan, choice: ListedRow, rng: Random) -> Plan | None:
    """The plan with more searches before the first write, of whose rows a rule chooses one."""
    at = _find_place(plan, choice)
    for searches, field in _search_more(plan, choice, rng):
        places = [
            (number, f"{choice.holder}[{place}]", row)
            for number, search in enumerate([plan.done[choice.list], *searches], start=-1)
            for place, row in enumerate(value_at(search.result, choice.holder))
        ]
        fields, names = choice.entity.fields, set(places[0][2]) - {field}
        varied = fields.get(field or "")
        if varied is not None and varied.semantic == "date":  # 9 am of which day?
            names -= {name for name, one in fields.items() if one.semantic == "time"}
        for ruled, rule, best in _find_rules(
            choice.entity, [row for _, _, row in places], names, rng
        ):
            comparison = Comparison(
                calls=(choice.list, *range(at, at + len(searches))),
                call=choice.call + len(searches),
                path=choice.path,
                field=f"{choice.holder}[].{ruled}",
                rule=rule,
            )
            harder = _put_comparison(plan, choice, searches, comparison, places[best][:2])
            if harder is not None and not has_idle_reads(harder):
                return harder
    return None


def _search_more(
    plan: Plan, choice: ListedRow, rng: Random
) -> Iterator[tuple[list[Executed], str | None]]:
    """The list searched with other values too, and the field that these are of."""
    source = plan.done[choice.list]
    takers = [n for n, executed in enumerate(plan.done) if choice.list in executed.sources]
    own = plan.turns[plan.turn_of(choice.call)].calls
    if choice.list not in own:
        return
    if any(not (n in own and plan.done[n].looks) for n in takers if n < choice.call):
        return  # the user asks for something of the list itself
    environment = plan.environment(before=_find_place(plan, choice))
    # What another wish of the conversation shares is settled: the city that the flight goes to.
    others = [one.arguments for n, one in enumerate(plan.done) if n != choice.list]
    settled = [held for arguments in others for _, held in leaves(arguments)]
    varied = {one.path for one in _list_varied(choice.entity, source.model)}
    ways = [origin for origin in source.origins if origin.kind == "user" and origin.path in varied
            and leaf(source, origin.path) not in settled]  # fmt: skip
    for origin in rng.sample(ways, len(ways)):
        # Each search finds rows that no other one finds.
        keys = {str(row[choice.key]) for row in choice.rows}
        searches: list[Executed] = []
        for _ in range(_MOST_SEARCHES):
            executed = vary(plan, environment, source, origin, rng)
            if executed is None:
                continue
            outcome = environment.call(source.model.name, executed.arguments)
            rows = [] if outcome.is_error else value_at(outcome.content, choice.holder)
            found = {str(row.get(choice.key)) for row in rows if isinstance(row, dict)}
            if found and len(found) == len(rows) and not found & keys:
                keys |= found
                searches.append(replace(executed, result=outcome.content, turn=-1, step=-1))
        if searches := searches[: rng.randint(1, _MOST_SEARCHES - 1)]:
            yield searches, source.model.parameter(origin.path).field


def _find_place(plan: Plan, choice: ListedRow) -> int:
    """Before which call the other searches are made: the first that looks at the row, or takes."""
    return next(n for n, one in enumerate(plan.done) if choice.list in one.sources)


def _list_varied(entity: Entity, read: ToolModel) -> list[ParameterModel]:
    """What of a search may be another: the day or, where it asks for none, the place.

    Who goes somewhere on a day would as soon go on another one, but not somewhere else.
    """
    # Rows that are persons are chosen by nobody who compares them.
    people = any(
        field.semantic in ("person_name", "first_name") for field in entity.fields.values()
    )
    varied = [one for one in read.parameters
              if one.use == "filter" and not {"[", "."} & set(one.path)
              if one.semantic in _VARIED or (one.semantic == "email" and not people)]  # fmt: skip
    days = [one for one in varied if one.semantic == "date"]
    return days if any(one.required for one in days) else varied


def _find_rules(
    entity: Entity, rows: Sequence[Mapping[str, Any]], names: set[str], rng: Random
) -> Iterator[tuple[str, Ruling, int]]:
    """Fields of these names, and rules by which one row alone is the best; that row's place."""
    rules: dict[str, Ruling] = {}
    for name in sorted(names & entity.fields.keys()):
        semantic = entity.fields[name].semantic
        better = _find_better(name, semantic)
        if better is not None and superlative("one", name, semantic, better):
            rules[name] = better
    for name in rng.sample(list(rules), len(rules)):
        values = [row.get(name) for row in rows]
        text = rules[name] == "earliest"
        fit = all(isinstance(one, str if text else int | float) for one in values)
        if len(values) < 2 or not fit or bool in map(type, values):
            continue
        best = max(values) if rules[name] == "most" else min(values)  # type: ignore[type-var]
        if values.count(best) == 1:
            yield name, rules[name], values.index(best)


def _find_better(name: str, semantic: SemanticType) -> Ruling | None:
    """By which end of a field people choose: cheap, well rated, near, soon; None: by neither."""
    if semantic == "rating":
        return "most"
    if semantic in IN_TIME:
        return "earliest" if stage_of(name) == START else None
    near = bool({"distance", "minutes"} & set(split_words(name)))
    least = (semantic == "money" and is_price(name)) or semantic == "duration" or near
    return "least" if least else None


def _put_comparison(
    plan: Plan,
    choice: ListedRow,
    reads: Sequence[Executed],
    comparison: Comparison,
    best: tuple[int, str],
) -> Plan | None:
    """The plan with the reads before the write, and the rule by which its row is chosen.

    ``best``: the read whose result has the row that is best, and its path there.
    """
    turn, numbers = plan.turn_of(choice.call), comparison.calls[1:]
    longer = insert_calls(plan, turn, numbers[0], reads)
    best = (choice.list if best[0] < 0 else numbers[best[0]], best[1])
    if best != (choice.list, choice.row):
        changed = choose_row(longer, (choice.list, choice.row), best, numbers)
        if changed is None:
            return None
        longer = changed
    # The rule is noted where the chosen value is used.
    ruled = {"rule": f"{comparison.rule} {comparison.field.rpartition('[].')[2]}"}
    executed, done = longer.done[comparison.call], list(longer.done)
    origins = tuple(
        origin.model_copy(update=ruled) if origin.path == choice.path else origin
        for origin in executed.origins
    )
    done[comparison.call] = replace(executed, origins=origins)
    changed_turn = longer.turns[turn].with_twists(comparison)
    return replace(longer, done=tuple(done)).with_turn(turn, changed_turn, "compare")
