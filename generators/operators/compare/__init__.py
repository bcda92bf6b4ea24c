"""Before a write, several rows must be looked up and compared: the same write, more reads (WRIT).

After arXiv 2606.02908. What decides is the least or the most of a field that only the rows' details
show, or that the rows of several searches have; the write, and all that follows, is about that row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.phrase import NOTHING, Phrase
from generators.language.slot_phrases import carried
from generators.language.superlatives import COMPARED, IN_TIME, Ruling, other_searches, superlative
from generators.operators.compare.compare_words import say_besides, tell_comparison
from generators.operators.operator import Effect, Mark, Operator, calls_in_earnest
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import has_idle_reads
from generators.tasks.plan import Mix, Plan, shuffled
from generators.tasks.plan_changes import choose_row, insert_calls
from generators.world.model import Entity, ToolModel, World
from schemas.environment import Environment
from schemas.leaves import leaves, value_at
from schemas.semantic import SemanticType
from schemas.task import Origin, Task
from schemas.twists import Comparison, Vague, Withheld, find_twist, has_twist

_LEAST_READS, _MOST_READS = 2, 8
"""Reads that are compared; the list that they come from is one more."""
_MOST_SEARCHES = 4


def _count_reads_per_write(task: Task, world: World) -> float | None:
    """Reads in the most laborious turn that writes, for each of its writes."""
    found = []
    for turn in task.turns:
        writes = sum(world.models[call.tool].writes for call in turn.calls)
        if writes:
            found.append((len(turn.calls) - writes) / writes)
    return max(found, default=None)


@dataclass(frozen=True)
class Choice:
    """A write that takes a row from a list."""

    turn: int
    call: int
    origin: Origin
    """Of the write's leaf: the list and the place of the row in it."""
    entity: Entity

    @property
    def list(self) -> int:
        """Number of the call that lists the rows."""
        assert self.origin.call is not None
        return self.origin.call

    @property
    def holder(self) -> str:
        """Where the rows are in the list's result: ``flights``."""
        return self.row[: self.row.rfind("[")]

    @property
    def row(self) -> str:
        """The row that is chosen: ``flights[2]``."""
        path = self.origin.result_path or ""
        return path[: path.rfind("]") + 1]

    @property
    def key(self) -> str:
        """The field that names a row: ``flight_id``."""
        return (self.origin.result_path or "")[len(self.row) + 1 :]


@dataclass(frozen=True)
class Wider:
    """Reads more, and by what their results are compared."""

    reads: tuple[Executed, ...]
    field: str
    rule: Ruling
    best: tuple[int, str]
    """The read whose result has the row that is best, -1 for the list itself; and its place."""
    searched: bool
    """The reads are searches; otherwise they look up the rows of the list one by one."""


class Compare(Operator):
    """A write's row is chosen by comparing what several reads have found."""

    name = "compare"
    marks = (
        Mark(
            "compare",
            0.9,
            "before a write, two to nine reads must be compared: the details of each row of a "
            'list, or several searches; the user says the criterion ("the cheapest one of all")',
            " of conversations; few allow it",
        ),
    )
    effects = (
        Effect("compare", "reads per write, where most", _count_reads_per_write),
        Effect("compare", "gold calls", calls_in_earnest),
    )

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """More reads are put before a write that takes a row of a list."""
        del mix
        for number in shuffled(plan, rng):
            for choice in _find_choices(plan, number):
                environment = plan.environment(before=choice.call)
                widen = [_by_details, _by_searches]
                rng.shuffle(widen)
                for way in widen:
                    wider = way(plan, choice, environment, rng)
                    harder = _put_comparison(plan, choice, wider) if wider else None
                    if harder is not None and not has_idle_reads(harder):
                        return harder
        return plan

    def repeat_leaves(self, turn: TurnDraft) -> dict[Leaf, Leaf]:
        """Leaves of the searches made besides → the leaves of the first that say the same."""
        comparison = find_twist(turn.turn, Comparison)
        if comparison is None:
            return {}
        first, others = other_searches(comparison)
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


def _find_choices(plan: Plan, number: int) -> Iterator[Choice]:
    turn = plan.turns[number]
    if has_twist(turn, Comparison, Withheld, Vague):
        return
    for call in turn.calls:
        executed = plan.done[call]
        for origin in executed.origins if executed.model.writes else ():
            choice = _choice(plan, number, call, origin)
            if choice is not None:
                yield choice


def _choice(plan: Plan, number: int, call: int, origin: Origin) -> Choice | None:
    parameter = plan.done[call].model.parameter(origin.path)
    entity = plan.setting.world.entities.get(parameter.entity or "")
    path = origin.result_path or ""
    if origin.call is None or entity is None or path.count("[") != 1 or "[" in origin.path:
        return None
    source = plan.done[origin.call]
    own = source.model.operation == "list" and source.model.entity == entity.key
    if not own or plan.has_twin(origin.call) or path.rpartition(".")[2] not in entity.identity:
        return None
    if any(plan.done[one].model.writes for one in range(origin.call, call)):
        return None  # what was listed may have changed
    return Choice(number, call, origin, entity)


def _rows(plan: Plan, choice: Choice) -> list[Any]:
    found = value_at(plan.done[choice.list].result, choice.holder)
    return [row for row in found if isinstance(row, dict) and choice.key in row]


def _by_details(plan: Plan, choice: Choice, environment: Environment, rng: Random) -> Wider | None:
    """Each row of the list is looked up: the field that decides stands in the details alone."""
    rows = _rows(plan, choice)
    if not _LEAST_READS <= len(rows) <= _MOST_READS:
        return None
    getters = [m for m in plan.setting.world.models.values() if _gets(m, choice.entity)]
    known = {(executed.model.name, str(executed.arguments)) for executed in plan.done}
    for model in rng.sample(getters, len(getters)):
        reads = _looked_up(plan, choice, model, environment)
        if reads is None or any((model.name, str(read.arguments)) in known for read in reads):
            continue
        shown = {name for row in rows for name in row}
        for field in _fields(choice.entity, set(reads[0].result) - shown, rng):
            values = [read.result.get(field) for read in reads]
            if (found := _ruling(values, choice.entity.fields[field].semantic, rng)) is not None:
                best, rule = found
                place = (-1, f"{choice.holder}[{best}]")
                return Wider(tuple(reads), field, rule, place, searched=False)
    return None


def _gets(model: ToolModel, entity: Entity) -> bool:
    """Whether the tool looks up a row by its identity alone."""
    wanted = [parameter for parameter in model.parameters if parameter.required]
    return (
        model.operation == "get"
        and model.entity == entity.key
        and len(wanted) == 1
        and wanted[0].use == "identity"
        and "[" not in wanted[0].path
    )


def _looked_up(
    plan: Plan, choice: Choice, model: ToolModel, environment: Environment
) -> list[Executed] | None:
    path = next(parameter.path for parameter in model.parameters if parameter.required)
    made = []
    for number, row in enumerate(_rows(plan, choice)):
        place = f"{choice.holder}[{number}].{choice.key}"
        origin = Origin(path=path, kind="result", call=choice.list, result_path=place)
        arguments = {path: row[choice.key]}
        outcome = environment.call(model.name, arguments)
        if outcome.is_error or not isinstance(outcome.content, dict):
            return None
        made.append(Executed(model, arguments, (origin,), outcome.content, -1))
    return made


def _by_searches(plan: Plan, choice: Choice, environment: Environment, rng: Random) -> Wider | None:
    """The list is searched with other values too: the row must be the best of them all."""
    source = plan.done[choice.list]
    if choice.list not in plan.turns[choice.turn].calls or not _serves_only(plan, choice):
        return None
    people = any(field.semantic in _NAMES for field in choice.entity.fields.values())
    ways = [o for o in source.origins if _may_vary(source.model, o, people=people)]
    for origin in rng.sample(ways, len(ways)):
        searches = _searches(plan, choice, origin, environment, rng)
        if not searches:
            continue
        places = [
            (number, f"{choice.holder}[{place}]", row)
            for number, search in enumerate([source, *searches], start=-1)
            for place, row in enumerate(value_at(search.result, choice.holder))
        ]
        varied = source.model.parameter(origin.path).field
        for field in _fields(choice.entity, set(places[0][2]) - {varied}, rng):
            values = [row.get(field) for _, _, row in places]
            if (found := _ruling(values, choice.entity.fields[field].semantic, rng)) is not None:
                best, rule = found
                return Wider(tuple(searches), field, rule, places[best][:2], searched=True)
    return None


def _serves_only(plan: Plan, choice: Choice) -> bool:
    """Whether the list is made for this write alone, so that the user asks for nothing of it."""
    takers = [n for n, executed in enumerate(plan.done) if choice.list in executed.sources]
    return takers[:1] == [choice.call]


def _may_vary(model: ToolModel, origin: Origin, *, people: bool) -> bool:
    """Whether the search can be made with another value: another day, or another row of a list.

    ``people``: the rows are persons, whom nobody chooses by comparing them.
    """
    parameter = model.parameter(origin.path)
    if "[" in origin.path or "." in origin.path:
        return False
    if origin.kind == "result":
        return parameter.use in ("identity", "reference") and "[" in (origin.result_path or "")
    meant = parameter.semantic in _VARIED or (parameter.semantic == "email" and not people)
    return origin.kind == "user" and parameter.use == "filter" and meant


_NAMES = frozenset({"person_name", "first_name"})
_VARIED = frozenset({"date", "city", "enum", "label", "country", "airport"})


def _searches(
    plan: Plan, choice: Choice, origin: Origin, environment: Environment, rng: Random
) -> list[Executed]:
    """The same search with other values at one leaf; each finds rows that no other one finds."""
    source = plan.done[choice.list]
    keys = {str(row[choice.key]) for row in _rows(plan, choice)}
    fed = origin.kind == "result"
    others = (
        _other_rows(plan, source, origin)
        if fed
        else _other_values(plan, source, origin, environment, rng)
    )
    made: list[Executed] = []
    for executed in rng.sample(others, len(others)):
        outcome = environment.call(source.model.name, executed.arguments)
        rows = [] if outcome.is_error else value_at(outcome.content, choice.holder)
        found = {str(row.get(choice.key)) for row in rows if isinstance(row, dict)}
        if found and len(found) == len(rows) and not found & keys:
            keys |= found
            made.append(replace(executed, result=outcome.content, turn=-1, step=-1))
    return made[: rng.randint(1, _MOST_SEARCHES - 1)]


def _other_values(
    plan: Plan, source: Executed, origin: Origin, environment: Environment, rng: Random
) -> list[Executed]:
    kept = {at: value for at, value in leaves(source.arguments) if at != origin.path}
    made = []
    for _ in range(_MOST_SEARCHES):
        found = plan.setting.backend.propose(environment, source.model.name, rng, kept, 0)
        if found is not None and dict(leaves(found.arguments)).keys() == {*kept, origin.path}:
            made.append(replace(source, arguments=found.arguments))
    return made


def _other_rows(plan: Plan, source: Executed, origin: Origin) -> list[Executed]:
    """The search for each other row of the list that its own row was taken from, as a whole."""
    path = origin.result_path or ""
    row = path[: path.rfind("]") + 1]
    assert origin.call is not None
    result = plan.done[origin.call].result
    fed = [o for o in source.origins if o.call == origin.call
           and (o.result_path or "").startswith(f"{row}.")]  # fmt: skip
    if any("[" in one.path or "." in one.path for one in fed):
        return []
    made = []
    holder = row[: row.rfind("[")]
    for number in range(len(value_at(result, holder))):
        moved = {one.path: _in_row(one, row, f"{holder}[{number}]") for one in fed}
        values = {at: _value(result, one.result_path or "") for at, one in moved.items()}
        origins = tuple(moved.get(one.path, one) for one in source.origins)
        arguments = {**source.arguments, **values}
        plain = all(isinstance(value, str | int) for value in values.values())
        if plain and arguments != source.arguments:
            made.append(replace(source, arguments=arguments, origins=origins))
    return made


def _in_row(origin: Origin, old: str, new: str) -> Origin:
    """The same value of another row."""
    return origin.model_copy(update={"result_path": new + (origin.result_path or "")[len(old) :]})


def _value(result: Any, path: str) -> Any:
    """The value at a path; None where there is none."""
    try:
        return value_at(result, path)
    except KeyError:
        return None


def _is_comparable(name: str, semantic: SemanticType) -> bool:
    rules = ("earliest", "latest") if semantic in IN_TIME else ("least", "most")
    return semantic in COMPARED and all(superlative("one", name, semantic, r) for r in rules)


def _fields(entity: Entity, names: set[str], rng: Random) -> list[str]:
    """Fields that can be compared, in random order."""
    known = [
        name
        for name in sorted(names)
        if name in entity.fields and _is_comparable(name, entity.fields[name].semantic)
    ]
    return rng.sample(known, len(known))


def _ruling(
    values: Sequence[Any], semantic: SemanticType, rng: Random
) -> tuple[int, Ruling] | None:
    """The place of the best value and the rule by which it is the only one; None: no such rule."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    words = all(isinstance(v, str) for v in values)
    if len(values) < _LEAST_READS or not (words if semantic in IN_TIME else numbers):
        return None
    rules: list[Ruling] = ["earliest", "latest"] if semantic in IN_TIME else ["least", "most"]
    rng.shuffle(rules)
    for rule in rules:
        best = min(values) if rule in ("least", "earliest") else max(values)
        if values.count(best) == 1:
            return values.index(best), rule
    return None


def _put_comparison(plan: Plan, choice: Choice, wider: Wider) -> Plan | None:
    """The plan with the reads before the write, and the rule by which its row is chosen."""
    count, at = len(wider.reads), choice.call
    longer = insert_calls(plan, choice.turn, at, wider.reads)
    numbers = tuple(range(at, at + count))
    read, row = wider.best
    best = (choice.list if read < 0 else numbers[read], row)
    if best != (choice.list, choice.row):
        changed = choose_row(longer, (choice.list, choice.row), best, numbers)
        if changed is None:
            return None
        longer = changed
    comparison = Comparison(
        calls=(choice.list, *numbers) if wider.searched else numbers,
        call=at + count,
        path=choice.origin.path,
        field=f"{choice.holder}[].{wider.field}" if wider.searched else wider.field,
        rule=wider.rule,
    )
    longer = _ruled(longer, comparison, f"{wider.rule} {wider.field}")
    turn = longer.turns[choice.turn].with_twists(comparison)
    return longer.with_turn(choice.turn, turn, "compare")


def _ruled(plan: Plan, comparison: Comparison, rule: str) -> Plan:
    """The plan with the rule noted where the chosen value is used."""
    write = plan.done[comparison.call]
    origins = tuple(
        origin.model_copy(update={"rule": rule}) if origin.path == comparison.path else origin
        for origin in write.origins
    )
    before, after = plan.done[: comparison.call], plan.done[comparison.call + 1 :]
    return replace(plan, done=(*before, replace(write, origins=origins), *after))
