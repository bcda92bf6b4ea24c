"""Checks that calls come in an order that their values, the user and the policy allow.

Nothing is written blind, nor otherwise than the user has agreed to: what a write hangs on was shown
before it; and whoever was asked for leave has heard the days, times and amounts that are written,
and which row it is done to.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from schemas.check import CheckContext
from schemas.demand import values_at
from schemas.leaves import leaves
from schemas.message import FromResult, FromUser
from schemas.reading import tells, write_counted
from schemas.reasons import reason
from schemas.seen import Shown, find_told, find_unseen
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.provenance import Evidence
from validators.transcript import (
    Exchange,
    equal,
    exchanges,
    find_consent,
    is_made,
    knows_acts,
    words_of_consent,
    writers,
)

_SILENT = frozenset({"timeout", "server_error"})
"""Faults after which nobody knows whether a write was made."""
_FIELDS = 2
"""So many names that a write and a row share speak of one kind of thing."""
_CHANCE = 12
"""Up to this number, values meet by chance."""


@code_check("order", level="order")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find what is used before it is known, written before it is confirmed, or written twice."""
    trajectory = context.trajectory
    messages, turns = trajectory.messages, trajectory.task.turns
    made, names = exchanges(messages), writers(trajectory)
    writes = [exchange for exchange in made if exchange.call.name in names]
    evidence = Evidence(trajectory)
    for exchange in made:
        arguments = exchange.call.arguments
        for path, value in leaves(arguments) if arguments else ():
            # What a model's argument without a source comes from is asked once, as provenance.
            if not knows_acts(trajectory) and not evidence.names(exchange, path):
                continue
            if _races_ahead(exchange, path, value, made, evidence):
                place = f"{exchange.place}.arguments.{path}"
                yield reason("dependency_race", exchange.message, place, f"{value!r} comes later")
    for exchange in writes:
        wanted = exchange.turn < len(turns) and turns[exchange.turn].confirm
        consent = find_consent(messages[: exchange.message], exchange.turn)
        spot = exchange.message, exchange.place, exchange.call.name
        if wanted and consent != "given":
            unclear = consent == "unclear" and not knows_acts(trajectory)
            yield reason("unconfirmed_write", *spot, suspect=unclear)
        elif consent == "refused":  # to something else, perhaps
            yield reason("declined_write", *spot, suspect=not knows_acts(trajectory))
    yield from _find_repeats(trajectory, made, writes)


def _find_repeats(
    trajectory: Trajectory, made: Sequence[Exchange], writes: Sequence[Exchange]
) -> Iterator[Reason]:
    """Find writes that succeed twice, or might: sent again blindly after a silent fault."""
    safe = {one.tool for one in trajectory.task.calls if one.repeatable}
    for number, exchange in enumerate(writes):
        call, spot = exchange.call, (exchange.message, exchange.place, exchange.call.name)
        same = [one for one in writes[:number] if one.call.name == call.name
                and equal(one.call.arguments, call.arguments)]  # fmt: skip
        if exchange.succeeded and any(one.succeeded for one in same):
            yield reason("repeated_write", *spot)
        last = same[-1] if same else None
        fault = last.answer.fault if last and last.answer else None
        if last is None or fault is None or fault.kind not in _SILENT or call.name in safe:
            continue
        since = [one for one in made if last.message < one.message < exchange.message]
        looks = (one for one in since if one.succeeded and one not in writes)
        if not any(_could_show(look, exchange) for look in looks):
            # It was carried out once, as the state shows: a model ran a risk, a script is wrong.
            yield reason("blind_repeat", *spot, suspect=not knows_acts(trajectory))


def _could_show(look: Exchange, write: Exchange) -> bool:
    """Whether a read might show what a write makes: it is about such things, or shows its fields.

    ``list_bookings`` after ``create_booking``; or a row with two of the values by their names.
    """
    noun = _words_of(write.call.name)[-1:]
    if {*noun} & {*_words_of(look.call.name)}:
        return True
    told = {path.rpartition(".")[2] for path, _ in leaves(write.call.arguments)}
    shown = {path.rpartition(".")[2] for path, _ in leaves(look.result)}
    return len(told & shown) >= min(_FIELDS, len(told))


def _words_of(name: str) -> list[str]:
    """The words of a tool's name, each in the singular: ``listBookings`` → list, booking."""
    words = re.findall(r"[A-Z]?[a-z]+", name)
    return [word.lower().removesuffix("s") for word in words]


def _races_ahead(
    exchange: Exchange, path: str, value: Any, made: Sequence[Exchange], evidence: Evidence
) -> bool:
    """Whether the leaf comes from a later result, by its source or for want of any other."""
    sources = [given.source for given in exchange.call.provenance if given.path == path]
    if any(isinstance(source, FromResult) and source.message >= exchange.message
           for source in sources):  # fmt: skip
        return True
    if any(evidence.fault(exchange, path, value, source) is None for source in sources):
        return False
    # Whether the value is too special to be met with by chance.
    if isinstance(value, str):
        special = len(value) > 2
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        special = number and abs(value) > _CHANCE
    # Whether a later result holds the value, and not as an echo of the call's own arguments.
    return special and any(
        _holds(evidence.results.get(other.answered_at), value)
        for other in made
        if other.message >= exchange.message
        if other.answered_at is not None and not _holds(other.call.arguments, value)
    )


def _holds(whole: Any, value: Any) -> bool:
    return any(equal(item, value) for _, item in leaves(whole))


_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_FIGURES = frozenset({"date", "time", "datetime", "number"})
"""How the user says what can be held against the words of a question, however it is put."""


@code_check("consent", level="order")
def check_consent(context: CheckContext) -> Iterator[Reason]:
    """Find writes before what they hang on was shown, and what was not asked of them."""
    trajectory = context.trajectory
    demands = [one for one in trajectory.task.demands if one.demand.kind in ("seen", "named")]
    clock, written = datetime.fromisoformat(trajectory.task.clock), writers(trajectory)
    shown: list[Shown] = []
    for exchange in exchanges(trajectory.messages):
        if not exchange.succeeded or exchange.answer is None:
            continue
        call = exchange.call
        own = [one.demand for one in demands if one.tool == call.name]
        for demand in own:
            if demand.kind == "seen" and [*find_unseen(demand, call.arguments, shown)]:
                said = demand.text or f"{demand.tool} shows what it hangs on"
                # A model is told by the system text what it has to look at, and by nothing else.
                unsaid = not (demand.text or knows_acts(trajectory))
                spot = exchange.message, exchange.place, said
                yield reason("policy_read_missing", *spot, suspect=unsaid)
        words = words_of_consent(trajectory.messages[: exchange.message], exchange.turn)
        if words is not None and call.name in written:
            told = [value for demand in own
                    for *_, value in find_told(demand, call.arguments, shown)]  # fmt: skip
            paths = (path for one in own if one.kind == "named" for path in one.parameters)
            given = [value for path in paths for value in values_at(call.arguments, path)]
            for value in [*_list_figures(exchange), *told, *given]:
                plain = isinstance(value, str | int | float) and not isinstance(value, bool)
                if plain and not _is_told(words, value, clock):
                    said = f"{value!r} is not in the question"
                    unclear = not knows_acts(trajectory)  # a model has more ways of saying it
                    # Where what is written is what was wanted, the question is to blame.
                    asked = not unclear and any(
                        is_made(trajectory, gold, exchange) for gold in trajectory.task.calls
                    )
                    place = _find_question(trajectory, exchange) if asked else exchange.message
                    path = "text" if asked else exchange.place
                    yield reason("consent_incomplete", place, path, said, suspect=unclear)
        shown.append(Shown(call.name, call.arguments, exchange.result))


def _find_question(trajectory: Trajectory, exchange: Exchange) -> int:
    """Where leave was asked for last before a call."""
    asked = (position for position in reversed(range(exchange.message))
             if getattr(trajectory.messages[position], "act", "") == "confirm")  # fmt: skip
    return next(asked, exchange.message)


def _is_told(words: str, value: Any, clock: datetime) -> bool:
    """Whether the words tell a value; of seconds since 1970 the day and the hour."""
    moment = write_counted(value) if isinstance(value, int | float) else ""
    known = (one for one in (value, moment) if one != "")
    return any(tells(words, one, clock) for one in known) or _is_half_told(words, value)


def _is_half_told(words: str, value: Any) -> bool:
    """Whether a time of day is told whose half of the day the next one tells: ``8:25–8:55 pm``."""
    time = _TIME.fullmatch(str(value))
    plain = f"{int(time[1]) % 12 or 12}:{time[2]}" if time else ""
    return bool(plain) and re.search(rf"(?<!\d){plain} ?(?:-|–|—|to|until) ?\d", words) is not None


def _list_figures(exchange: Exchange) -> Sequence[Any]:
    """Days, times and amounts of a call that the user has said."""
    figures = {
        one.path
        for one in exchange.call.provenance
        if isinstance(one.source, FromUser) and one.source.rule in _FIGURES
    }
    return [value for path, value in leaves(exchange.call.arguments) if path in figures]
