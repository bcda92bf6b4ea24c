"""Times in finished conversations that contradict the clock, each other or what is said of them.

Beside `benchmarks.counted_defects`, for the readers' tag ``time`` and for values of one row that
tell the same twice, on any catalogue. It looks at the JSON lines alone and imports nothing of the
generator. Counts are of conversations that could have a kind, and of those that do.

Run: ``python -m benchmarks.counted_times OUT [OUT …] [-v]``. Ends with 1 where one does.
"""

import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.counted_defects import Found, Row, count_folders, list_calls, rows_in

_SLACK = timedelta(minutes=2)
_CENT = 0.011
_DONE = (
    "created|opened|placed|registered|joined|ordered|booked|issued|published|posted|added|submitted"
    "|requested|reported|uploaded|sent|received|signed|started|committed|updated|modified|edited"
    "|pushed|completed|complete|closed|merged|delivered|returned|shipped|cancelled|resolved|paid"
    "|archived|reviewed|deleted"
)
_PAST = re.compile(
    rf"^(?:last_)?(?:{_DONE})(?:_(?:at|on|date|time|ts|datetime))?$|^(?:date|time)_(?:{_DONE})$"
)
_MADE = re.compile(
    r"^(?:created|opened|placed|registered|ordered|issued|submitted|uploaded)(?:_\w+)?$"
    r"|^date_created$"
)
_LATER = re.compile(
    r"^(?:last_)?(?:updated|modified|edited|closed|merged|completed|delivered|returned|shipped"
    r"|cancelled|resolved|archived)(?:_\w+)?$|^date_updated$"
)
_BEGIN = re.compile(r"^(?:\w+_)?(?:start|begin|begins|starts|check_?in|departure|depart)(?:_\w+)?$")
_END = re.compile(r"^(?:\w+_)?(?:end|ends|finish|check_?out|arrival|arrive)(?:_\w+)?$")
_OVER = {"completed", "delivered", "attended", "flown", "landed", "arrived", "finished", "missed"}
_COMING = {"scheduled", "upcoming", "booked", "planned"}
_PLANNED = re.compile(
    r"^(?:date|start|start_(?:time|date)|starts_at|scheduled_(?:at|for)|departure_(?:time|date)"
    r"|check_in(?:_date)?|appointment_date|event_date)$"
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SAID = re.compile(rf"\b(today|tomorrow|yesterday|this ({'|'.join(_DAYS)}))\b(?!['’]s)")
_LENGTH = re.compile(r"durat|length|night|^(?:days|weeks|hours|minutes)$")
_UNIT = {"minutes": 60, "minute": 60, "mins": 60, "hours": 3600, "seconds": 1, "days": 86400,
         "nights": 86400, "weeks": 604800}  # fmt: skip


def snake(name: str) -> str:
    """``createdAt`` as ``created_at``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def moment_of(value: Any) -> datetime | None:
    """A moment with its time of day, ISO 8601 or counted from 1970; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        for unit in (1, 1000):
            if 1_000_000_000 < value / unit < 2_500_000_000:
                return datetime.fromtimestamp(value / unit, UTC)
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
        return None
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day_of(value: Any) -> date | None:
    """The day of a date or a moment."""
    moment = moment_of(value)
    if moment is not None:
        return moment.date()
    try:
        return date.fromisoformat(str(value)[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _shown(row: Row) -> Iterator[tuple[str, datetime, Row]]:
    """Each object that a result shows: the tool, the time of its answer, and the object."""
    for made in list_calls(row):
        now = datetime.fromisoformat(made.answer["timestamp"])
        for one in rows_in(made.result) if made.works else ():
            yield made.call["name"], now, {snake(name): value for name, value in one.items()}


def clock_runs_back(row: Row) -> Iterator[Found]:
    """A message bears an earlier time than the one before it."""
    times = [m["timestamp"] for m in row["messages"]]
    yield times != sorted(times), ""
    days = {time[:10] for time in times}
    yield len(days) > 1, f"over midnight: {sorted(days)}"


def happened_in_the_future(row: Row) -> Iterator[Found]:
    """What is done bears a time or a day that is still to come when it is shown."""
    for tool, now, one in _shown(row):
        for name, value in one.items():
            if not _PAST.match(name):
                continue
            when, day = moment_of(value), day_of(value)
            if when is not None:
                yield when > now + _SLACK, f"{tool}: {name} {value} at {now}"
            elif day is not None:
                yield day > now.date(), f"{tool}: {name} {value} on {now.date()}"


def changed_before_it_was_made(row: Row) -> Iterator[Found]:
    """A row was changed, closed or delivered before it was created."""
    for tool, _, one in _shown(row):
        made = {name: value for name, value in one.items() if _MADE.match(name)}
        later = {name: value for name, value in one.items() if _LATER.match(name)}
        for (first, begun), (second, changed) in ((a, b) for a in made.items()
                                                  for b in later.items()):  # fmt: skip
            known = [moment_of(begun), moment_of(changed)]
            days = [day_of(begun), day_of(changed)]
            if None not in known:
                yield known[0] > known[1], f"{tool}: {first} {begun}, {second} {changed}"  # type: ignore[operator]
            elif None not in days:
                yield days[0] > days[1], f"{tool}: {first} {begun}, {second} {changed}"  # type: ignore[operator]


def state_against_its_time(row: Row) -> Iterator[Found]:
    """What is over lies ahead, or what is scheduled lies behind."""
    for tool, now, one in _shown(row):
        state = str(one.get("status") or one.get("state") or "").lower()
        for name, value in one.items():
            day = day_of(value) if _PLANNED.match(name) else None
            if day is not None and state in _OVER:
                yield day > now.date(), f"{tool}: {state}, {name} {value} on {now.date()}"
            if day is not None and state in _COMING:
                yield day < now.date(), f"{tool}: {state}, {name} {value} on {now.date()}"
        for name in ("closed", "merged", "cancelled", "delivered", "completed", "shipped"):
            held = next((one[key] for key in (f"{name}_at", f"{name}_on", f"{name}_date")
                         if key in one), None)  # fmt: skip
            if held and state:
                yield (
                    state in ("open", "pending", "draft", "new", "todo", "scheduled"),
                    (f"{tool}: {state}, {name} {held}"),
                )


def ends_before_it_begins(row: Row) -> Iterator[Found]:
    """An end that lies before its beginning, or a length that is not what lies between them."""
    for tool, _, one in _shown(row):
        begins = [(n, v) for n, v in one.items() if _BEGIN.match(n)]
        ends = [(n, v) for n, v in one.items() if _END.match(n)]
        if len(begins) != 1 or len(ends) != 1:
            continue
        (first, begun), (last, over) = begins[0], ends[0]
        start, end = _clocked(begun), _clocked(over)
        if start is None or end is None or (len(str(begun)) < 9) != (len(str(over)) < 9):
            continue
        yield end < start, f"{tool}: {first} {begun}, {last} {over}"
        for name, value in one.items():
            unit = next((u for u in reversed(name.split("_")) if u in _UNIT), "")
            if unit and type(value) in (int, float) and _LENGTH.search(name):
                told = value * _UNIT[unit]
                yield (
                    abs((end - start).total_seconds() - told) > 60,
                    (f"{tool}: {first} {begun}, {last} {over}, {name} {value}"),
                )


def _clocked(value: Any) -> datetime | None:
    """A moment, the beginning of a day, or a time of the day."""
    if (found := moment_of(value)) is not None:
        return found
    if isinstance(value, str) and re.fullmatch(r"\d\d:\d\d(:\d\d)?", value):
        return datetime.fromisoformat(f"2000-01-01T{value}+00:00")
    day = day_of(value)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None


def told_twice_otherwise(row: Row) -> Iterator[Found]:
    """A total is not price times quantity, a count not its list's, an age not the birthday's."""
    for tool, now, one in _shown(row):
        price = one.get("unit_price", one.get("price_per_unit", one.get("price")))
        count = one.get("quantity")
        total = next((one[n] for n in ("total", "total_price", "line_total", "subtotal")
                      if n in one), None)  # fmt: skip
        if all(type(v) in (int, float) for v in (price, count, total)):
            yield abs(price * count - total) > _CENT, f"{tool}: {count} × {price}, {total}"  # type: ignore[operator]
        for name, held in one.items():
            if isinstance(held, list):
                stem = re.sub(r"(?<=s)es$|s$", "", name)
                for counted in (
                    f"{name}_count",
                    f"{stem}_count",
                    f"num_{name}",
                    f"number_of_{name}",
                ):
                    if type(one.get(counted)) is int:
                        yield (
                            one[counted] < len(held),
                            f"{tool}: {counted} {one[counted]}, {len(held)}",
                        )
        born = next((day_of(one[n]) for n in ("birthday", "birth_date", "date_of_birth", "dob")
                     if n in one), None)  # fmt: skip
        if born is not None and type(one.get("age")) is int:
            today = now.date()
            age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
            yield one["age"] != age, f"{tool}: age {one['age']}, born {born}"


def day_said_wrongly(row: Row) -> Iterator[Found]:
    """A day that is said by its name is none that was told, or lies in another week."""
    texts: list[str] = []
    for made in list_calls(row):
        texts += [str(made.call["arguments"]), str(made.answer["content"])]
    told = " ".join(texts)
    for message in row["messages"]:
        today = datetime.fromisoformat(message["timestamp"]).date()
        spoken = message["text"] if message["role"] in ("user", "assistant") else ""
        for found in _SAID.finditer(spoken or ""):
            offset = {"today": 0, "tomorrow": 1, "yesterday": -1}.get(found[1])
            if offset is None:
                offset = (_DAYS.index(found[2]) - today.weekday()) % 7
                yield today.weekday() + offset > 6, f"{found[0]} said on {_DAYS[today.weekday()]}"
            day = today + timedelta(days=offset)
            if offset:
                yield day.isoformat() not in told, f"{found[0]}: {spoken[:120]}"


KINDS: tuple[Callable[[Row], Iterator[Found]], ...] = (
    clock_runs_back,
    happened_in_the_future,
    changed_before_it_was_made,
    state_against_its_time,
    ends_before_it_begins,
    told_twice_otherwise,
    day_said_wrongly,
)


def main() -> int:
    """Print the counts of each folder."""
    return count_folders(KINDS, __doc__)


if __name__ == "__main__":
    sys.exit(main())
