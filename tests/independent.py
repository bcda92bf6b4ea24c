"""A second opinion on a data set, which shares no code with the project that made it.

Reads the lines of ``trajectories.jsonl`` as plain JSON and finds by its own means what is wrong:
``python tests/independent.py FILE`` prints counts and problems, and ends with 1 if there are any.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]

MONTHS = "january february march april may june july august september october november december"
DAYS = "monday tuesday wednesday thursday friday saturday sunday"
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORD_VALUES = {
    **{word: value for value, word in enumerate(UNITS.split())},
    **{word: 10 * (value + 2) for value, word in enumerate(TENS.split())},
    **{
        f"{ten}-{one}": 10 * (first + 2) + second + 1
        for first, ten in enumerate(TENS.split())
        for second, one in enumerate(UNITS.split()[1:10])
    },
}
MARKS = re.compile(
    r"\{\{|\}\}|<\|[^>]*\|>"
    r"|</?[A-Za-z_][\w ]*>|\[[A-Za-z_][\w ]*\](?!\()|###|\{%|%\}|\bTBD\b|lorem ipsum"
    r"|\[/?INST\]"
    r"|\b(?:null|undefined|NaN)\b|\b(?<!^)(?<![.!?] )None\b(?! of)"
)


def problems(record: Json) -> list[str]:
    """Everything that is wrong with one trajectory, a sentence each."""
    messages = record["messages"]
    tools = {tool["wire_name"]: tool for tool in record["tools"]}
    found = [*sequence(messages), *pairing(messages), *texts(messages, record["tools"])]
    found += outcomes(record)
    for position, message in enumerate(messages):
        for call in message.get("calls") or ():
            where = f"message {position}, call of {call['name']}"
            if call["name"] not in tools:
                found.append(f"{where}: no such tool was offered")
                continue
            tool = tools[call["name"]]
            schema_problems = invalid(tool["parameters"], call["arguments"])
            found += [f"{where}: {problem}" for problem in schema_problems]
            found += [
                f"{where}: nothing gives {path} = {value!r}"
                for path, value in scalars(call["arguments"])
                if not grounded(record, position, call, path, value, tool["parameters"])
            ]
        if message["role"] == "tool":
            found += [f"message {position}: {p}" for p in bad_result(message, tools)]
    return found


# ── who speaks when ──────────────────────────────────────────────────────────────────────────


def kind(message: Json) -> str:
    """The role; an assistant that calls is a ``caller``, who speaks to others a ``talker``."""
    if message.get("act") == "talk" and message.get("speaker"):
        return "talker"
    return "caller" if message.get("calls") else str(message["role"])


FOLLOWS = {
    "system": {"user", "talker"},
    "talker": {"user", "talker"},
    "user": {"assistant", "caller"},
    "assistant": {"user", "talker"},
    "caller": {"tool"},
    "tool": {"tool", "assistant", "caller"},
}


def sequence(messages: list[Json]) -> Iterator[str]:
    kinds = [kind(message) for message in messages]
    if kinds[:1] != ["system"]:
        yield "does not begin with a system message"
    if kinds[-1:] != ["assistant"]:
        yield "does not end with words of the assistant"
    for position in range(1, len(kinds)):
        if kinds[position] not in FOLLOWS[kinds[position - 1]]:
            yield f"message {position}: {kinds[position]} after {kinds[position - 1]}"
    for position, message in enumerate(messages):
        if message["index"] != position:
            yield f"message {position} has index {message['index']}"
        if kinds[position] in ("system", "user", "assistant") and not message["text"].strip():
            yield f"message {position} is empty"
    try:
        times = [datetime.fromisoformat(message["timestamp"]) for message in messages]
        if times != sorted(times):
            yield "timestamps go backwards"
    except (ValueError, TypeError) as error:  # TypeError: some have an offset and some have not
        yield f"timestamps cannot be compared: {error}"


def pairing(messages: list[Json]) -> Iterator[str]:
    ids = [call["id"] for message in messages for call in message.get("calls") or ()]
    answers = [message["call_id"] for message in messages if message["role"] == "tool"]
    if len(set(ids)) != len(ids):
        yield "two calls share an id"
    if ids != answers:
        yield f"calls {ids} are answered as {answers}"


# ── schemas ──────────────────────────────────────────────────────────────────────────────────


def invalid(schema: Json, value: Any) -> list[str]:
    checker = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(schema, format_checker=checker)
    return [error.message[:200] for error in validator.iter_errors(value)]


def bad_result(message: Json, tools: dict[str, Json]) -> list[str]:
    try:
        content = json.loads(message["content"])
    except ValueError:
        return ["the result is not JSON"]
    returns = tools.get(message["name"], {}).get("returns")
    return [] if message["is_error"] or returns is None else invalid(returns, content)


# ── where a value comes from ─────────────────────────────────────────────────────────────────


def scalars(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path; an empty list or object is a leaf."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from scalars(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from scalars(item, f"{path}[{number}]")
    elif path or not isinstance(value, dict | list):
        yield path, value


def grounded(record: Json, position: int, call: Json, path: str, value: Any, schema: Json) -> bool:
    """Whether the schema, an earlier result or earlier words give the value."""
    earlier = record["messages"][:position]
    words = [message["text"] for message in earlier if message["role"] in ("user", "system")]
    if is_default(schema, path, value) or returned(earlier, value):
        return True
    if isinstance(value, bool):
        return flagged(call, path, words)
    today = datetime.fromisoformat(record["task"]["clock"]).date()
    return any(said(text, value, today) for text in words) or said_apart(words, value, today)


def same(left: Any, right: Any) -> bool:
    return (type(left) is type(right) and left == right) or (number(left) and left == right
                                                           and number(right))  # fmt: skip


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_default(schema: Any, path: str, value: Any) -> bool:
    """Whether some schema on the way to the path fixes the value."""
    steps = re.findall(r"[^.\[\]]+", path)
    for depth in range(len(steps) + 1):
        if not isinstance(schema, dict):
            return False
        enum = schema.get("enum", [])
        fixed = [schema[key] for key in ("default", "const") if key in schema]
        said = str(schema.get("description", ""))
        fixed += [
            one
            for one in schema.get("enum", ())
            if f"Use '{one}' for" in said
            and "explicit user request" in said.partition(f"'{one}'")[2].partition("'")[0]
        ]
        for given in fixed + (enum if len(enum) == 1 else []):
            rest = [re.findall(r"[^.\[\]]+", inner) for inner, _ in scalars(given)]
            inside = [item for _, item in scalars(given)] if rest else [given]
            if steps[depth:] in (rest or [[]]) and any(same(item, value) for item in inside):
                return True
        if depth < len(steps):
            step = steps[depth]
            below = schema.get("properties", {}).get(step)
            schema = below if below is not None else schema.get("items")
    return False


def returned(earlier: list[Json], value: Any) -> bool:
    for message in earlier:
        if message["role"] == "tool" and not message["is_error"]:
            found = scalars({"": content_of(message)})
            if any(same(item, value) for _, item in found):
                return True
    return False


def content_of(message: Json) -> Any:
    """What a result holds; nothing where it is not JSON."""
    try:
        return json.loads(message["content"])
    except ValueError:
        return {}


def flagged(call: Json, path: str, words: list[str]) -> bool:
    """For yes and no, words were recorded that somebody did say."""
    spans = [given["source"].get("span") for given in call["provenance"] if given["path"] == path]
    return any(span and any(span in text for text in words) for span in spans)


def said(text: str, value: Any, today: date) -> bool:
    """Whether one text says the value: in so many words, or as people say it."""
    if number(value):
        return any(abs(found - value) < 1e-9 for found in numbers(text))
    if not isinstance(value, str) or not value.strip():
        return False
    return (
        whole(value, text)
        or whole(loose(value), loose(text))
        or value in dates(text, today)
        or value[:5] in times(text)
        or (re.fullmatch(r"-?\d+(\.\d+)?", value) is not None and float(value) in numbers(text))
    )


def said_apart(words: list[str], value: Any, today: date) -> bool:
    """Whether a date-time is said as a day and a time."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
        return False
    days = {day for text in words for day in dates(text, today)}
    hours = {hour for text in words for hour in times(text)}
    return value[:10] in days and value[11:16] in hours


def whole(value: str, text: str) -> bool:
    before = r"(?<!\w)" if value[:1].isalnum() else ""
    after = r"(?!\w)" if value[-1:].isalnum() else ""
    return bool(value) and re.search(before + re.escape(value) + after, text) is not None


def loose(text: str) -> str:
    """Without case, and words however joined: ``IN_PROGRESS``, ``inProgress``, "in progress"."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[\s_\-./]+", " ", split).strip().lower()


def numbers(text: str) -> set[float]:
    digits = re.findall(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?", text)
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", text.lower())
    found = {float(item.replace(",", "")) for item in digits}
    return found | {float(WORD_VALUES[word]) for word in words if word in WORD_VALUES}


def dates(text: str, today: date) -> set[str]:
    """Every day that the text may mean, ISO 8601."""
    text = text.lower()
    found = set(re.findall(r"\d{4}-\d\d-\d\d", text))
    month = "|".join(MONTHS.split())
    spoken = re.findall(rf"(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({month})(?:,? (\d{{4}}))?", text)
    turned = re.findall(rf"({month}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?", text)
    for day, name, year in [*spoken, *((day, name, year) for name, day, year in turned)]:
        found |= calendar(int(day), MONTHS.split().index(name) + 1, year, today)
    nearby = {"yesterday": -1, "today": 0, "tomorrow": 1, "the day after tomorrow": 2}
    ahead = {shift for word, shift in nearby.items() if word in text}
    for which, name in re.findall(rf"\b(this|next) ({'|'.join(DAYS.split())})\b", text):
        coming = (DAYS.split().index(name) - today.weekday()) % 7 or 7
        ahead |= {coming} if which == "this" else {coming, coming + 7}
    return found | {(today + timedelta(days=shift)).isoformat() for shift in ahead}


def calendar(day: int, month: int, year: str, today: date) -> set[str]:
    """The day in the year that was said, or the next one that has such a day."""
    for candidate in [int(year)] if year else range(today.year, today.year + 9):
        try:
            meant = date(candidate, month, day)
        except ValueError:
            continue
        if year or meant >= today:
            return {meant.isoformat()}
    return set()


def times(text: str) -> set[str]:
    """Every time of day in the text, ``HH:MM``."""
    found = {"12:00"} if "noon" in text else set()
    found |= {"00:00"} if "midnight" in text else set()
    for hour, minute, half in re.findall(r"\b(\d{1,2})(?::(\d\d))? ?([ap]m)\b", text.lower()):
        found.add(f"{int(hour) % 12 + (12 if half == 'pm' else 0):02d}:{minute or '00'}")
    for hour, minute in re.findall(r"\b(\d{1,2}):(\d\d)\b(?! ?[ap]m)", text.lower()):
        found.add(f"{int(hour):02d}:{minute}")
    return found


# ── how it ends ──────────────────────────────────────────────────────────────────────────────

ENDINGS = {
    "refuse": "refuse",
    "transfer": "transfer",
    "clarify": "clarify",
    "fail": "report_failure",
}


def outcomes(record: Json) -> Iterator[str]:
    """Turns that end otherwise than planned, values that are not told, calls that are forbidden."""
    task, messages = record["task"], record["messages"]
    today = datetime.fromisoformat(task["clock"]).date()
    spoken = [message for message in messages if message["role"] == "assistant"]
    for number, turn in enumerate(task["turns"]):
        acts = [message["act"] for message in spoken if message["turn"] == number]
        wanted = ENDINGS.get(turn["outcome"])
        if wanted is not None and wanted not in acts:
            yield f"turn {number} should end as {turn['outcome']}, and has only {acts}"
    for must in task["acceptance"]["must_say"]:
        texts = [message["text"] for message in spoken if message["turn"] >= must["turn"]]
        if not any(said(text, must["value"], today) for text in texts):
            yield f"nobody is told {must['path']} = {must['value']!r}"
    yield from unsaid(record)
    for pattern in task["acceptance"]["must_not_call"]:
        for call in (call for message in spoken for call in message["calls"]):
            given = dict(scalars(call["arguments"]))
            fits = all(same(given.get(path), value) for path, value in pattern["arguments"].items())
            if call["name"] == pattern["tool"] and fits:
                yield f"{call['name']} is called, which the task forbids"


def unsaid(record: Json) -> Iterator[str]:
    """Calls with which something is to be said, and no words of the assistant say it."""
    messages = record["messages"]
    failed = {m["call_id"] for m in messages if m["role"] == "tool" and m["is_error"]}
    made = [(m["turn"], call) for m in messages for call in m.get("calls") or ()]
    for told in record["task"]["demands"]:
        demand, due = told["demand"], [one for one in made if one[1]["name"] == told["tool"]]
        if demand["kind"] != "said" or any(given["values"] for given in demand["when"]):
            continue
        for turn, call in (one for one in due if one[1]["id"] not in failed):
            paths = {path for path, _ in scalars(call["arguments"])}
            words = [m["text"].lower() for m in messages if m["role"] == "assistant"
                     and m["turn"] >= turn]  # fmt: skip
            heard = any(value.lower() in text for value in demand["values"] for text in words)
            if not heard and all(given["parameter"] in paths for given in demand["when"]):
                yield f"{call['name']} is called, and nobody says {demand['values']}"


# ── words ────────────────────────────────────────────────────────────────────────────────────


def texts(messages: list[Json], tools: list[Json]) -> Iterator[str]:
    names = {tool["wire_name"] for tool in tools}
    names |= {name for tool in tools for name in fields([tool["parameters"], tool["returns"]])}
    names = {name for name in names if "_" in name or re.search("[a-z][A-Z]", name)}
    known = " ".join(values(messages))
    for position, message in enumerate(messages):
        if message["role"] in ("user", "assistant"):
            text = message["text"]
            for mark in MARKS.findall(text):
                yield f"message {position} says {mark!r}"
            for token in re.findall(r"\w+", text):
                if token in names and token not in known:
                    yield f"message {position} says the raw name {token!r}"


def fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
    for item in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(item, dict | list):
            yield from fields(item)


def values(messages: list[Json]) -> Iterator[str]:
    """Every text in arguments and results."""
    for message in messages:
        wholes = [call["arguments"] for call in message.get("calls") or ()]
        if message["role"] == "tool":
            wholes.append({"": content_of(message)})
        for inside in wholes:
            yield from (item for _, item in scalars(inside) if isinstance(item, str))


USUAL: dict[str, Json] = {
    "assistant": {"text": "", "calls": []},
    "tool": {"is_error": False, "fault": None},
    "turn": {"calls": [], "outcome": "complete"},
}
"""What records do not say where it is so."""


def read(file: Path) -> Iterator[Json]:
    """The records of a file, with the parts that they tell by a hash from the file beside it."""
    beside = file.with_name("definitions.jsonl")
    known: Json = {}
    for line in beside.read_text(encoding="utf-8").splitlines() if beside.exists() else ():
        known |= json.loads(line)
    with file.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            task, messages = record["task"], record["messages"]
            for holder, name in ((record, "tools"), (task, "demands")):
                holder[name] = [known[one] if isinstance(one, str) else one for one in holder[name]]
            if isinstance(task["policy"], list):
                *many, last = task["policy"]
                task["policy"] = "".join(known[one]["text"] + "\n\n" for one in many) + last
            task.setdefault("tools", [tool["wire_name"] for tool in record["tools"]])
            for first in messages[:1]:
                first.setdefault("text", task["policy"])
            record["messages"] = messages = [USUAL.get(one["role"], {}) | one for one in messages]
            for message in messages:
                for call in message.get("calls", ()):
                    call.setdefault("provenance", [])
            task["turns"] = [USUAL["turn"] | one for one in task["turns"]]
            for call in (call for turn in task["turns"] for call in turn["calls"]):
                if isinstance(call["result"], int):
                    call["result"] = messages[call["result"]]["content"]
            yield record


def main(arguments: list[str]) -> int:
    """Check one file, and print what was counted and found."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python tests/independent.py FILE\n")
        return 2
    counts = {"trajectories": 0, "messages": 0, "calls": 0, "arguments": 0, "faulty": 0}
    for line_number, record in enumerate(read(Path(arguments[0])), start=1):
        calls = [c for m in record["messages"] for c in m.get("calls") or ()]
        found = problems(record)
        counts["trajectories"] += 1
        counts["messages"] += len(record["messages"])
        counts["calls"] += len(calls)
        counts["arguments"] += sum(len(list(scalars(c["arguments"]))) for c in calls)
        counts["faulty"] += bool(found)
        for problem in found:
            sys.stdout.write(f"line {line_number}: {problem}\n")
    sys.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()) + "\n")
    return 0 if counts["trajectories"] and not counts["faulty"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
