"""Proposes calls that succeed and, for a read, find something: for backends of every kind.

Which parameters are given is settled here; their values are those of
`generators.sandbox.call_draft`. A call is tried before it is proposed, wherever it can be taken
back.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from generators.identity_cache import remembered
from generators.lexicon.names import in_words, noun_words, split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.answer_values import draw_asked
from generators.sandbox.call_draft import CallDraft
from generators.sandbox.call_rules import find_broken_demand
from generators.sandbox.compiled_tools import CONTENTS, CompiledTool, Slot, read_identity
from generators.sandbox.compute import is_told_whole
from generators.sandbox.constraints import RowScope, find_broken
from generators.sandbox.demanded_parameters import ParameterChoice, ancestors
from generators.sandbox.errors_and_faults import listed
from generators.sandbox.file_values import is_media
from generators.sandbox.kin_rows import take_from_owners
from generators.sandbox.propose_rows import is_lawful
from generators.sandbox.row_links import find_references
from generators.sandbox.row_sense import parts_move_apart
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Key, Row, as_text, key_of
from generators.sandbox.search import is_else_today
from generators.sandbox.store import Rows
from generators.sandbox.understood_values import find_unclear
from generators.world.expression import parse_expression
from generators.world.known_answers import find_answer
from generators.world.model import strip_indices
from generators.world.needed_parameters import discards, is_list_of_ids, is_untold_kind
from generators.world.schema_leaves import path_top, shown_names
from schemas.canonical import copied
from schemas.environment import CallOutcome, Change, Environment, between
from schemas.leaves import leaves
from schemas.record import JsonObject

NOTHING: Mapping[str, Any] = MappingProxyType({})
TRIES = 8
"""Of one call, where the rules are those of the sandbox."""
UNLAWFUL_TRIES = 5
"""Of a call with given values, before it is held for one that cannot meet its tool's needs."""
PICKY_TRIES = 40
"""Where a call has needs of its own: not every account has money, not every hour is free."""
CONTRARY_TRIES = 8
"""Of a call that is to break a condition: there is another one to look for."""
_NEVER = frozenset(
    {"cursor", "page", "offset", "skip", "after", "before", "per page", "market", "locale"}
)
"""Optional parameters that nobody speaks of."""
_WEIGHTS = {"identity": 4.0, "reference": 3.0, "filter": 4.0, "unlike": 1.0, "minimum": 2.0,
            "maximum": 3.0, "query": 4.0, "field": 3.0, "input": 2.0, "option": 0.3}  # fmt: skip
"""How readily an optional parameter is given, by its use."""
_NAMES = frozenset({"title", "person_name", "query"})
"""Meanings of what rows are searched by before all else."""
_ODD = frozenset({"unknown", "object", "list", "cursor", "boolean", "url"})


class Proposal(NamedTuple):
    """A call that succeeds in the state for which it was proposed."""

    arguments: JsonObject
    outcome: CallOutcome | None = None
    """What the call returned when it was tried; None where it was not."""
    after: Any = None
    """The state that the tried call led to, as a snapshot of its environment."""


def make_proposed(environment: Environment, name: str, proposed: Proposal) -> CallOutcome:
    """Make the proposed call; one that was tried is not run again, its state is gone back to.

    ``environment``: the one that it was proposed for, still in the same state.
    """
    if proposed.outcome is None:
        return environment.call(name, proposed.arguments)
    environment.restore(proposed.after)
    return proposed.outcome


def propose_call(
    environment: Environment,
    rows: Rows,
    tool: CompiledTool,
    rng: Random,
    given: Mapping[str, Any] = NOTHING,
    optional: int = 1,
    *,
    tries: int = TRIES,
    tried: bool = True,
    allowed: Callable[[JsonObject], bool] = lambda _: True,
) -> Proposal | None:
    """A call of the tool with what came of it, or None where none was found that succeeds.

    ``given`` maps concrete leaf paths (``item_ids[0]``) to values that must be used as they are; at
    most ``optional`` parameters that need not be given are added, unless the call makes no sense
    without one. With ``tried`` false nothing is called: for environments in which a call cannot be
    taken back. The state is left as it was.
    """
    refusals: list[Any] = []
    if tool.model.needs:
        tries = max(tries, PICKY_TRIES if not tool.against else CONTRARY_TRIES)
        known = {path: value for path, value in given.items() if path in tool.by_parameter}
        if known and not is_lawful(rows, tool, known, partly=True):
            return None  # whatever else is said, what is given does not meet a need
    unlawful = 0
    was = environment.state_hash() if tried and tool.model.writes else ""
    answer = find_answer(tool.model.tool) if tool.entity is None else None
    optional = 0 if answer else optional  # what its answer would not follow
    for attempt in range(tries):
        asked = draw_asked(answer, tool.model.by_path, given, rng) if answer else {}
        # What a call lacks may be something that need not be given: later attempts give more.
        most = optional if answer or attempt < tries // 2 else max(optional, 1)
        choice = choose_parameters(tool, rng, given, most)
        if not choice.lawful:
            continue
        told, chosen = {**asked, **choice.settled, **given}, frozenset(choice.chosen)
        draft = CallDraft(rows, tool, rng, told, chosen, is_retry=attempt > 0)
        arguments = _use_owned(rows, tool, draft.arguments(), given, rng)
        if arguments is None and rows.ruled and not choice.settled:
            return None  # no row suits what is given, and none will
        if arguments is None or not allowed(arguments) or _breaks(rows, tool, arguments):
            continue
        if not is_lawful(rows, tool, arguments):
            unlawful += 1
            if given and unlawful == UNLAWFUL_TRIES:
                return None  # what is given leaves too little room
            continue
        if not tried:
            return Proposal(arguments)
        proposal, useful = _try_call(environment, rows, tool, arguments, was)
        outcome = proposal.outcome
        if useful or outcome is None:
            return proposal
        if rows.ruled and outcome.is_error and given and outcome.content in refusals:
            return None  # what is refused twice is what is given
        refusals.append(outcome.content)
    return None


def _try_call(
    environment: Environment, rows: Rows, tool: CompiledTool, arguments: JsonObject, was: str
) -> tuple[Proposal, bool]:
    """The call with what came of it, and whether it is of use; the state is as before.

    ``was``: the hash of the state before.
    """
    before = environment.snapshot()
    since = environment.changes() if is_related(tool) else ()
    outcome = environment.call(tool.model.name, copied(arguments))
    after = environment.snapshot()
    useful = not outcome.is_error and _is_useful(environment, tool, outcome.content, was)
    if useful and is_related(tool):
        useful = makes_sense(rows, tool, between(since, environment.changes()))
    environment.restore(before)
    return Proposal(arguments, outcome, after), useful


def _use_owned(
    rows: Rows, tool: CompiledTool, arguments: JsonObject | None, given: Mapping[str, Any],
    rng: Random,
) -> JsonObject | None:  # fmt: skip
    """The arguments of a write, in which what belongs to the row's owner is the owner's.

    What is given stays as it is, and so do the calls of entities of which somebody says more.
    """
    entity = tool.entity
    if arguments is None or entity is None or not tool.model.writes or not rows.ruled:
        return arguments
    if entity.constraints and entity.binding:
        return arguments
    named = read_identity(tool, entity, arguments)
    row = rows.find(entity, key_of(entity, named)) if {*entity.identity} <= {*named} else None
    owners = []
    for name, other in find_references(rows.world)[entity.key].items():
        value = arguments.get(name, (row or {}).get(name))
        if len(other.identity) == 1 and value is not None:
            owners.append(rows.find(other, (as_text(value),)) or {})
    made: JsonObject = copied(arguments)
    told = {noun_words(path.rpartition(".")[2].split("[")[0]) for path in given}
    kept = [{n: v for n, v in owner.items() if noun_words(n) not in told} for owner in owners]
    take_from_owners(made, entity.identity, kept, lambda: rng)
    return made


def _breaks(rows: Rows, tool: CompiledTool, arguments: JsonObject) -> bool:
    """Whether a call breaks a demand, or writes words into what is an image or a sound."""
    said = [value for _, value in leaves(arguments) if isinstance(value, str)]
    worded = tool.model.writes and any(slot.field in CONTENTS for slot in tool.slots)
    sounds = worded and any(is_media(one) and not one.count(" ") for one in said)
    return sounds or find_broken_demand(tool.model, rows, arguments) is not None


def _is_useful(environment: Environment, tool: CompiledTool, result: Any, was: str) -> bool:
    """Whether a list finds something, a sum has few digits, and a write changes what it can.

    A tool that only triggers something cannot. References of an update without an identity say
    which row is meant, and change none. ``was``: the hash of the state before.
    """
    if tool.model.operation == "list":
        for name in tool.rows_at.split("."):
            result = result.get(name, result) if isinstance(result, dict) else result
        found = listed(result)
        return bool(result if found is None else found)
    if tool.model.operation == "compute":
        return all(is_told_whole(value) for _, value in leaves(result))
    if not tool.model.writes or environment.state_hash() != was:
        return True
    placed = tool.model.operation == "update" and not tool.of("identity")
    written = tool.of("field") if placed else tool.of("field", "reference")
    return not written and tool.model.transition is None


def is_related(tool: CompiledTool) -> bool:
    """Whether it writes rows of which rules conclude what holds between their fields."""
    entity = tool.entity
    return bool(tool.model.writes and entity and entity.constraints and not entity.binding)


def makes_sense(rows: Rows, tool: CompiledTool, changes: Iterable[Change]) -> bool:
    """Whether the rows that a call has left keep to what rules conclude of them."""
    entity = tool.entity
    own = [one for one in changes if entity is not None and one.table == entity.key]
    left = [one.after for one in own]

    def find_rows(key: str) -> Mapping[Key, Row]:
        known = rows.world.entities.get(key)
        return {key_of(known, row): row for row in rows.rows(known)} if known is not None else {}

    scopes = (
        RowScope(entity, row, rows.world, find_rows, rows.clock)
        for row in left
        if entity is not None and row is not None
    )
    paying = load_words("inference", "means_of_payment")
    bought = any(paying & {*split_words(one.name)} for one in tool.model.parameters)
    apart = (
        parts_move_apart(one.before, one.after, bought=bought)
        for one in own
        if one.before and one.after
    )
    return not any(map(find_broken, scopes)) and not any(apart)


def choose_parameters(
    tool: CompiledTool, rng: Random, given: Mapping[str, Any], most: int
) -> ParameterChoice:
    """The optional parameters that the call uses, and all that they lie in.

    At least one, where the required ones and those that are given would say nothing.
    """
    operation, told = tool.model.operation, {strip_indices(path) for path in given}
    free = [one for one in _speakable(tool) if one[0].parameter.path not in told]
    if told and not tool.model.writes:  # what is found by a row is found by no other besides
        free = [one for one in free if one[0].parameter.use != "reference"]
    says: tuple[Slot, ...] | None = None
    if operation == "update" and tool.model.transition is None:
        says = tool.of("field", "reference", "filter")
    elif operation in ("get", "delete"):
        says = tool.slots if any(slot.parameter.use != "option" for slot in tool.slots) else None
    elif operation == "create":
        says = tool.of("field", "reference", "query") or None
    elif tool.model.act == "search" or (
        operation == "list" and find_verb(tool.model.verb).searches
    ):
        says = tool.of("identity", "reference", "filter", "query") or None  # for something
    silent = says is not None and not any(
        slot.parameter.required or slot.parameter.path in told for slot in says
    )
    count = max(int(silent), rng.randint(0, most) if most > 0 else 0)
    if silent:
        free = [one for one in free if one[0].parameter.use != "option"] or free
        named = [one for one in free if one[0].parameter.semantic in _NAMES]
        free = named if named and operation == "list" else free
    looked_at = parse_expression(tool.against).names if tool.against else ()
    needed = (
        slot.parameter.path
        for slot in tool.slots
        if slot.parameter.required
        or slot.parameter.path in looked_at
        or is_else_today(slot.parameter)
    )
    chosen = {above for path in needed for above in ancestors(path)}
    if operation in ("update", "delete"):
        for slot, _ in free:
            if slot.parameter.use == "identity":
                chosen.update(ancestors(slot.parameter.path))
        free = [one for one in free if one[0].parameter.use != "identity"]
    _draw_free(tool, free, count, chosen, told, rng)
    choice = ParameterChoice(tool, rng, given, chosen)
    choice.meet_demands()
    return choice


def _draw_free(
    tool: CompiledTool, free: Iterable[tuple[Slot, float]], count: int, chosen: set[str],
    told: set[str], rng: Random,
) -> None:  # fmt: skip
    """Choose so many of the parameters that a person may speak of.

    Of what kind a thing within the row is, says nothing alone, and is told with the rest.
    """
    kinds = [one for one in free if one[0].parameter.path in tool.kinds_within]
    drawn = [one for one in free if one not in kinds]
    for _ in range(min(count, len(drawn))):
        at = rng.choices(range(len(drawn)), [weight for _, weight in drawn])[0]
        chosen.update(ancestors(drawn.pop(at)[0].parameter.path))
    for slot, _ in kinds:
        if not (chosen | told).isdisjoint(tool.kinds_within[slot.parameter.path]):
            chosen.update(ancestors(slot.parameter.path))


_CHANGED = re.compile(r"^New \w+$|\b(?:unless|if|when) (?:the )?\w+ is changed", re.IGNORECASE)


def _is_second(tool: CompiledTool, name: str) -> bool:
    """Whether it is one more of what another parameter gives first: ``author2``."""
    stem = re.fullmatch(r"(.*[a-z]) ?[2-9]", name)
    first = {f"{stem[1]}{end}" for end in ("", "1", " 1")} if stem else set[str]()
    return any(in_words(one.parameter.name) in first for one in tool.slots)


def can_change(tool: CompiledTool) -> bool:
    """Whether whoever names a row may well speak of something that an update changes in it."""
    given = all(one.parameter.use == "identity" for one in tool.slots if one.parameter.required)
    said = (one.parameter for one, _ in _speakable(tool) if one.parameter.use == "field")
    return given and any(one.semantic not in (*_ODD, "opaque_id") for one in said)


@remembered
def _speakable(tool: CompiledTool) -> tuple[tuple[Slot, float], ...]:
    """Slots of the optional parameters that a person may speak of, and how readily one does."""
    found = []
    for slot in tool.slots:
        parameter = slot.parameter
        dull = parameter.semantic == "cursor" or in_words(parameter.name) in _NEVER
        # Nobody who wants something changed means that it is thrown away.
        dull = dull or (tool.model.operation == "update" and discards(parameter))
        dull = dull or is_untold_kind(parameter)
        dull = dull or bool(find_unclear(tool.model, tool.entity, parameter))
        dull = dull or is_list_of_ids(parameter)
        dull = dull or _is_second(tool, in_words(parameter.name))
        # A new row is not told what it is changed to, and a number is no "duplicate of".
        text = str(parameter.schema.get("description", ""))
        dull = dull or any(one in text.lower() for one in load_words("paging", "a_page"))
        changed = tool.model.operation == "create" and _CHANGED.search(text) is not None
        ends = split_words(parameter.name)[-1:] == ("of",)
        dull = dull or changed or (ends and parameter.semantic in ("number", "number_id"))
        # How a new row stands, the service decides; nobody gets another first name.
        made = tool.entity if tool.model.operation == "create" else None
        dull = dull or (made is not None and slot.field == state_field(made))
        dull = dull or (tool.model.operation == "update" and parameter.semantic == "first_name")
        # What is said of it that nobody understands may forbid it.
        dull = dull or any(path in tool.model.unread for path in ancestors(parameter.path))
        # The issue that blocks this one is one of the same repository.
        first, _, rest = in_words(parameter.name).partition(" ")
        around = parameter.semantic == "handle" and first in load_words("relations", "related")
        dull = dull or (around and any(in_words(one.parameter.name) == rest for one in tool.slots))
        if not parameter.required and not dull:
            weight = _WEIGHTS[parameter.use] * (0.3 if "default" in parameter.schema else 1)
            found.append((slot, weight * (0.1 if parameter.semantic in _ODD else 1)))
    if tool.model.operation == "update":  # what the result will show, where it shows any of them
        shown = shown_names(tool.model.returns)
        unseen = [one for one in found if one[0].parameter.use == "field"
                  and in_words(path_top(one[0].field)) not in shown]  # fmt: skip
        seen = [one for one in found if one not in unseen]
        found = seen if any(one[0].parameter.use == "field" for one in seen) else found
    return tuple(found)
