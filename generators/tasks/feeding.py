"""Which values an earlier result gives to a call: the rows that the user is interested in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from generators.language.facts import kind_in_id
from generators.lexicon.verbs import find_verb
from generators.world.model import ParameterModel, ToolModel, World
from schemas.canonical import canonical_json
from schemas.environment import Change
from schemas.graph import Feed
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.task import Origin

Scalar = str | tuple[str]
"""Equal for equal scalars only: a text is itself, all else its JSON text in a tuple."""
Written = Mapping[int, Sequence[Change]]
"""Number of a write → what it changed."""
Scalars = Mapping[Scalar, tuple[str, ...]]
"""Scalar → the paths at which it stands, in order."""


def scalar(leaf: Any) -> Scalar:
    """What a leaf is compared by."""
    return leaf if type(leaf) is str else (canonical_json(leaf),)


def scalars(value: Any) -> Scalars:
    """All scalars of a value."""
    found: dict[Scalar, tuple[str, ...]] = {}
    for path, leaf in leaves(value):
        key = leaf if type(leaf) is str else scalar(leaf)
        found[key] = (*found[key], path) if key in found else (path,)
    return found


@dataclass(frozen=True)
class Executed:
    """One call with its result, and where each leaf of its arguments came from."""

    model: ToolModel
    arguments: JsonObject
    origins: tuple[Origin, ...]
    result: Any
    turn: int
    """Number of the chain's turn."""
    step: int = -1
    """Number of the chain's step."""
    twin: bool = False
    """Made at once with the call before it, about something else."""
    plain: tuple[tuple[str, str], ...] = ()
    """Leaves that are written in a format: path, and the value as the user says it."""
    looks: bool = False
    """Made because the write after it hangs on what it shows, and asked for by nobody."""
    composed: bool = False
    """Its texts are the assistant's own words."""
    forbidden: str = ""
    """Why the call is asked for and not made: a rule of the service, or what it would answer."""
    by_rule: bool = True
    """Of a call that is not made: a rule forbids it, so that it must not even be tried."""
    hands_over: bool = False
    """Of a call that is not made: people see to it instead."""
    at: str = ""
    """When it is made, ISO 8601 with offset; empty: as the conversation begins."""

    @cached_property
    def sources(self) -> frozenset[int]:
        """Numbers of the calls whose results it needs."""
        return frozenset(origin.call for origin in self.origins if origin.call is not None)

    @cached_property
    def repeatable(self) -> bool:
        """Whether twice is as good as once: a read, or a named row deleted or set to values.

        What is paid for might be paid twice, and some tools may be called once only.
        """
        model = self.model
        told = model.operation == "delete" or model.transition or find_verb(model.verb).replaces
        named = any(one.use == "identity" and one.path in self.arguments
                    for one in model.parameters)  # fmt: skip
        updates = model.operation in ("update", "delete") and named and bool(told)
        spends = model.is_paid_with(self.arguments)
        once = any(one.kind == "once" for one in model.demands)
        return not model.writes or (updates and not (model.changes or spends or once))

    def said(self, path: str) -> Any:
        """A leaf of the arguments as the user says it. Raises KeyError where there is none."""
        plain = dict(self.plain)
        return plain[path] if path in plain else value_at(self.arguments, path)

    @cached_property
    def scalars(self) -> Scalars:
        """The scalars of its result."""
        return scalars(self.result)


Given = dict[str, tuple[Any, Origin]]
"""Concrete path of an argument leaf → its value, and where that comes from."""


@dataclass
class Picks:
    """The calls made so far, and which element of each list of a result is meant."""

    done: list[Executed] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    """Step of the chain → number of its call."""
    chosen: dict[tuple[int, str], int] = field(default_factory=dict)
    """(call, list in its result) → number of the element."""

    def choose(self, call: int, at: str, fitting: Sequence[int], rng: Random) -> None:
        """Mean one of the fitting elements of a list, if any fits and none is meant by now."""
        if fitting and (call, at) not in self.chosen:
            self.chosen = {**self.chosen, (call, at): rng.choice(fitting)}


def feed(
    picks: Picks, model: ToolModel, feeds: Sequence[Feed], rng: Random, *, fresh: bool = False
) -> Given | None:
    """Values for the parameters that earlier steps feed; None where a result has none to give.

    Only what names a row is fed: a person would say any other value, or not mean it at all.
    ``fresh`` takes another element of each list than the one that was chosen before.
    """
    given: Given = {}
    chosen = dict(picks.chosen) if feeds else picks.chosen
    for item in feeds:
        if not _names_row(model.parameter(item.parameter)):
            continue
        call = picks.place[item.step]
        source = picks.done[call]
        path = _choose_element(picks, call, item.result_path, chosen, rng, fresh=fresh)
        try:
            value = None if path is None else value_at(source.result, path)
        except KeyError:
            value = None
        if value is None or isinstance(value, dict | list):
            return None
        target = item.parameter.replace("[]", "[0]")
        # Where it was first seen: a look-up may only give back what it was asked with.
        origin = Origin(path=target, kind="result", call=call, result_path=path)
        for earlier in source.origins:
            if earlier.kind == "result" and value_at(source.arguments, earlier.path) == value:
                origin = earlier.model_copy(update={"path": target})
                break
        given[target] = (value, origin)
    if not fresh:
        picks.chosen = chosen
    given |= _read_beside(picks, model, given)
    # One id may be asked for twice, in the path and in the body: it is of one row.
    told: dict[str, tuple[Any, Origin]] = {}
    for one in model.parameters:
        field = one.field if one.use == "identity" and "[" not in one.path else None
        if field and (one.path in given or (one.required and field in told)):
            value, origin = told.get(field) or given[one.path]
            told[field] = value, origin
            given[one.path] = value, origin.model_copy(update={"path": one.path})
    return given


def _names_row(parameter: ParameterModel) -> bool:
    return parameter.opaque or parameter.use in ("identity", "reference")


def _read_beside(picks: Picks, model: ToolModel, given: Given) -> Given:
    """What a fed row also says of where it lies: its repository, its owner."""
    found: Given = {}
    for target, (_, origin) in given.items():  # beside it in its list: the day of the flight
        container, bracket, _ = target.rpartition("].")
        holder = (origin.result_path or "").rpartition(".")[0]
        if not bracket or not holder or origin.call is None:
            continue
        row = value_at(picks.done[origin.call].result, holder)
        for one in model.parameters if isinstance(row, dict) else ():
            path = one.path.replace("[]", "[0]")
            beside = one.required and path.rpartition("].")[0] == container and path not in given
            if beside and isinstance(row.get(one.name), str | int | float):
                source = Origin(path=path, kind="result", call=origin.call,
                                result_path=f"{holder}.{one.name}")  # fmt: skip
                found[path] = row[one.name], source
    for parameter in model.parameters if given else ():
        single = parameter.required and not parameter.opaque and "[" not in parameter.path
        if not single or not _names_row(parameter) or parameter.path in given:
            continue
        for _, origin in given.values():
            holder = (origin.result_path or "").rpartition(".")[0]
            if origin.call is None or not holder:
                continue
            row = value_at(picks.done[origin.call].result, holder)
            for name in (parameter.field, parameter.name) if isinstance(row, dict) else ():
                if name and isinstance(row.get(name), str | int):
                    path = f"{holder}.{name}"
                    source = Origin(
                        path=parameter.path, kind="result", call=origin.call, result_path=path
                    )
                    found.setdefault(parameter.path, (row[name], source))
    return found


def _choose_element(
    picks: Picks,
    call: int,
    path: str,
    chosen: dict[tuple[int, str], int],
    rng: Random,
    *,
    fresh: bool,
) -> str | None:
    """``flights[].id`` → ``flights[2].id``: one element is chosen for each list and kept.

    Of payment methods and the like, one that is their only one of its kind: "my gift card"; of ids,
    the one that was asked for before.
    """
    out = ""
    told = [value for one in picks.done for value in one.arguments.values()]
    *parts, last = path.split("[]")
    for part in parts:
        out += part
        try:
            held = value_at(picks.done[call].result, out)
        except KeyError:
            return None
        key = (call, out)
        old = picks.chosen.get(key)
        size = min(len(held), 5) if isinstance(held, list) else 0
        kinds = [kind_in_id(one) for one in held] if size else []
        choices = [n for n in range(size) if not (fresh and n == old)
                   and not (kinds[n] and kinds.count(kinds[n]) > 1)]  # fmt: skip
        if not choices:
            return None
        known = [] if fresh else [n for n in choices if held[n] in told]
        choices = known or choices
        if fresh and chosen.get(key, old) == old:
            chosen[key] = rng.choice(choices)
        chosen.setdefault(key, rng.choice(choices))
        out += f"[{chosen[key]}]"
    return out + last


_NAMES = frozenset({"title", "person_name"})
"""Meanings of fields by which people call a row."""


def is_outdated(
    world: World, origin: Origin, number: int, results: Sequence[Any], written: Written
) -> bool:
    """Whether call ``number`` takes a value from a row that is no longer as it was shown."""
    if origin.call is None:
        return False
    place, _, name = (origin.result_path or "").rpartition(".")
    try:
        row = value_at(results[origin.call], place)
    except KeyError:  # the call was not made in earnest
        return False
    later = [one for n in written if origin.call < n < number for one in written[n]]
    for change in later if isinstance(row, dict) else ():
        before, after = change.before, change.after
        if before is None or after is None:
            continue
        entity = world.entities.get(change.table)
        fields = entity.fields if entity is not None else {}
        known = (entity.identity if entity else ()) or [one for one in before if one in row]
        if known and all(one in row and row[one] == before.get(one) for one in known):
            # The change is of this row: of this field, or of what the row is called?
            names = [one for one in before if one in fields and fields[one].semantic in _NAMES]
            if any(before.get(one) != after.get(one) for one in (name, *names)):
                return True
    return False
