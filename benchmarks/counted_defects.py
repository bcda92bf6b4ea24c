"""Defects that a program can count in finished conversations, whoever made them.

Each count looks at the JSON lines alone and imports nothing of ours, so that a rule of the
generator cannot be right here because it is wrong there. The kinds are those that readers of
version 0.3.0 found by the dozen. A count of 0 proves little; any other is to be explained.

Run: ``python -m benchmarks.counted_defects OUT [OUT …] [-v]``; OUT is an output folder or a file
of trajectories. Prints for each kind how many conversations could have it and how many do.
Ends with 1 where one does.
"""

import argparse
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.program import records

Row = dict[str, Any]
Found = tuple[bool, str]
"""Whether it is a defect, and what was seen."""

LONG_CONVERSATION = 32_000
"""Characters of messages and results: about 8,000 tokens."""
LATE = timedelta(minutes=2)
"""So near to its call is the time of what is created: a conversation takes longer."""
_ASKS_FIRST = re.compile(
    r"explicit (user )?confirmation|ask (the user )?for .{0,20}confirmation", re.I
)
_METADATA = re.compile(
    r"\bthe (limit|offset|page|per page|page size|cursor|next page|previous page) (is|are) \S+",
    re.I,
)
_NUMBERS = dict(enumerate("no one two three four five six seven eight nine ten".split()))
_REASON = re.compile(r"\b(because|so that|since i|as i|due to|in order to|, so )\b", re.I)


@dataclass(frozen=True)
class Made:
    """A call that was answered, with what had been said before it."""

    row: Row
    call: Row
    answer: Row
    at: int
    """Index of the assistant's message in the conversation."""

    @property
    def result(self) -> Any:
        """The answer, read; None where it is no JSON."""
        try:
            return json.loads(self.answer["content"])
        except ValueError:
            return None

    @property
    def works(self) -> bool:
        """Whether the service did it."""
        result = self.result
        failed = isinstance(result, dict) and result.keys() == {"error"}
        return not self.answer["is_error"] and not failed

    @property
    def tool(self) -> Row:
        """The definition that was on offer; empty for a tool that was not."""
        return next((one for one in self.row["tools"] if one["wire_name"] == self.call["name"]), {})

    @property
    def arguments(self) -> Row:
        """What the call says."""
        found: Row = self.call["arguments"]
        return found


def list_calls(row: Row) -> Iterator[Made]:
    """Each answered call of a conversation, in order."""
    answers = {m["call_id"]: m for m in row["messages"] if m["role"] == "tool"}
    for at, message in enumerate(row["messages"]):
        for call in message.get("calls", ()):
            if call["id"] in answers:
                yield Made(row, call, answers[call["id"]], at)


def said_before(made: Made, role: str, turns: int = 1) -> str:
    """The latest words of a role before a call."""
    earlier = [m for m in made.row["messages"][: made.at] if m["role"] == role and m["text"]]
    return " ".join(m["text"] for m in earlier[-turns:])


def rows_in(value: Any) -> Iterator[Row]:
    """Each object within a result, at any depth."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from rows_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from rows_in(item)


def words_of(row: Row, role: str) -> str:
    """All that a role says in a conversation."""
    return " ".join(m["text"] for m in row["messages"] if m["role"] == role and m.get("text"))


def source_said_as_target(row: Row) -> Iterator[Found]:
    """What a call takes from is said with "to", or what it goes into with "from"."""
    for made in list_calls(row):
        if made.call["name"] == "send_transfer":
            said = said_before(made, "user", 2) + " " + said_before(made, "assistant")
            yield bool(re.search(r"(?<!belonging )\bto the account\b", said)), said[-160:]
        if made.call["name"] == "create_pull_request" and {"base", "head"} <= made.arguments.keys():
            said = said_before(made, "user", 2)
            base, head = (re.escape(str(made.arguments[name])) for name in ("base", "head"))
            yield (
                bool(
                    re.search(rf"\bfrom (the branch )?{base}\b|\binto (the branch )?{head}\b", said)
                ),
                said,
            )


def exchanged_for_another_product(row: Row) -> Iterator[Found]:
    """New items are variants of another product, or the very items that are given back."""
    products: dict[str, str] = {}
    for made in list_calls(row):
        for found in rows_in(made.result):
            if "item_id" in found and "product_id" in found:
                products[str(found["item_id"])] = str(found["product_id"])
            if isinstance(found.get("variants"), dict) and "product_id" in found:
                products |= {str(one): str(found["product_id"]) for one in found["variants"]}
        given = made.arguments
        if made.works and {"item_ids", "new_item_ids"} <= given.keys():
            for old, new in zip(given["item_ids"], given["new_item_ids"], strict=False):
                known = {products.get(str(old)), products.get(str(new))} - {None}
                yield old == new or len(known) > 1, f"{old} → {new}"


def unasked_confirmation(row: Row) -> Iterator[Found]:
    """The tool's description wants the user's confirmation, and nobody asked."""
    for made in list_calls(row):
        if made.works and _ASKS_FIRST.search(made.tool.get("description", "")):
            asked = said_before(made, "assistant", 2)
            yield "?" not in asked, f"{made.call['name']}: {asked[-100:]}"


def same_payment_again(row: Row) -> Iterator[Found]:
    """A payment method is changed to the one that the order has already."""
    held: dict[str, str] = {}
    for made in list_calls(row):
        if made.works and made.call["name"] == "modify_pending_order_payment":
            order, method = made.arguments["order_id"], made.arguments["payment_method_id"]
            yield held.get(order) == method, f"{order}: {method}"
        for found in rows_in(made.result):
            paid = found.get("payment_history")
            if "order_id" in found and isinstance(paid, list) and paid:
                held[found["order_id"]] = str(paid[0].get("payment_method_id"))


def nothing_written(row: Row) -> Iterator[Found]:
    """A comment or reply without words, a create without any argument."""
    for made in list_calls(row):
        given, name = made.arguments, made.call["name"]
        if made.works and re.search(r"(^|_)(comment|reply)", name) and "add" in name.split("_"):
            yield not {"body", "reaction", "content", "text"} & given.keys(), f"{name} {given}"
        if made.works and re.match(r"(create|add|place|post)", name, re.I):
            yield not given, name


def duplicate_of_itself(row: Row) -> Iterator[Found]:
    """A search for duplicates finds the thing itself."""
    for made in list_calls(row):
        if "duplicate" in made.call["name"] and made.works:
            number = made.arguments.get("issue_number")
            found = [one.get("issue_number") for one in rows_in(made.result)]
            yield number in found, f"{number} among {found}"


def country_in_words(row: Row) -> Iterator[Found]:
    """A country's name where the description wants its code."""
    for made in list_calls(row):
        for name, rule in made.tool.get("parameters", {}).get("properties", {}).items():
            wants = re.search(r"ISO[ -]?(3166|country)", str(rule.get("description", "")))
            if name in made.arguments and wants and "ountry" in name:
                value = str(made.arguments[name])
                yield not re.fullmatch(r"[A-Za-z]{2,3}", value), f"{name}: {value}"


def dated_wrongly(row: Row) -> Iterator[Found]:
    """What was just created or changed bears a time of long ago, or one that is still to come."""
    for made in list_calls(row):
        result = made.result if isinstance(made.result, dict) else {}
        now = datetime.fromisoformat(made.answer["timestamp"])
        effect, verb = (
            made.tool.get("effect"),
            re.split(r"_|-|(?=[A-Z])", made.call["name"])[0].lower(),
        )
        names = ("date_created", "created_at", "created", "createdAt", "created_time")
        if verb not in ("create", "add", "post", "book", "place"):
            names = ("date_updated", "updated_at", "updatedAt", "modified_at", "last_edited_time")
        if not made.works or effect != "write":
            continue
        for name in names:
            try:
                told = datetime.fromisoformat(str(result[name]).replace("Z", "+00:00"))
            except (KeyError, ValueError):
                continue
            if told.tzinfo is None:
                told = told.replace(tzinfo=now.tzinfo)
            if len(str(result[name])) > len("2026-11-28"):
                yield abs(now - told) > LATE, f"{made.call['name']}: {name} {told} at {now}"


def answers_otherwise(row: Row) -> Iterator[Found]:
    """The very same read, with no write since, is answered with other rows, or empty then full."""
    known: dict[str, str] = {}
    for made in list_calls(row):
        if made.tool.get("effect") != "read" and made.works:
            known.clear()
        elif made.works:
            asked = made.call["name"] + json.dumps(made.arguments, sort_keys=True)
            yield known.get(asked, made.answer["content"]) != made.answer["content"], asked[:120]
            known[asked] = made.answer["content"]


def stays_listed(row: Row) -> Iterator[Found]:
    """What was deleted is shown again by a later read."""
    gone: set[str] = set()
    for made in list_calls(row):
        named = {str(value) for value in _flat(made.arguments)}
        if made.works and re.match(r"(\w+_)?(delete|remove)", made.call["name"]):
            gone |= {one for one in named if len(one) > 5 and re.search(r"\d{4}", one)}
        elif made.works and gone and made.tool.get("effect") == "read":
            # What a row is comes first; what it goes back to (a transfer's payee) after that.
            ids = ([held for name, held in one.items() if re.search(r"id$", name, re.I)]
                   for one in rows_in(made.result))  # fmt: skip
            shown = {str(one[0]) for one in ids if one}
            yield bool(shown & gone), f"{made.call['name']} {sorted(shown & gone)}"


def counted_after_the_clock(row: Row) -> Iterator[Found]:
    """A moment told in seconds since 1970, as a number or text, is new and yet not of now."""
    for made in list_calls(row):
        now = datetime.fromisoformat(made.answer["timestamp"])
        for one in rows_in(made.result) if made.works else ():
            for name, value in one.items():
                found = re.fullmatch(r"(1\d{9})(\d{3})?(\.\d+)?", str(value))
                if found and re.search(r"(^|_)ts$|time|created|updated|posted|sent", name, re.I):
                    when = datetime.fromtimestamp(int(found[1]), UTC)
                    fresh = made.tool.get("effect") == "write" and name in ("ts", "message_ts")
                    late = fresh and name not in made.arguments and now - when > LATE
                    yield when > now + LATE or late, f"{made.call['name']}: {name} {value} at {now}"


def read_of_nothing(row: Row) -> Iterator[Found]:
    """A read of one row, which its parameters would name, is made without any, and answered."""
    for made in list_calls(row):
        names = made.tool.get("parameters", {}).get("properties", {})
        named = any(re.search(r"((^|_)id|Id|^channel|^user|^file)$", name) for name in names)
        one = re.search(r"[_-]info$|^(get|read|show)[_-]\w*[^s]$", made.call["name"], re.I)
        if made.works and made.tool.get("effect") == "read" and named and one:
            yield not made.arguments, made.call["name"]


def confirmed_otherwise(row: Row) -> Iterator[Found]:
    """A text in quotes that the user agreed to is sent in other letters, or with marks around."""
    for made in list_calls(row):
        earlier = [m for m in row["messages"][: made.at] if m["role"] in ("user", "assistant")]
        asked = earlier[-2:-1] if earlier[-1:] and earlier[-1]["role"] == "user" else []
        quoted = re.findall(r"“([^”]{8,})”", asked[0]["text"]) if asked else []
        choices = {one for rule in rows_in(made.tool.get("parameters"))
                   for one in rule.get("enum") or () if isinstance(one, str)}  # fmt: skip
        for text in quoted if made.tool.get("effect") == "write" else ():
            bare = re.sub(r"\W", "", text).lower()
            same = [v for v in map(str, _flat(made.arguments))
                    if re.sub(r"[\W_]", "", v).lower() == bare]  # fmt: skip
            for value in same:
                if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", value):
                    continue  # a row that is known by its handle
                if value in choices and re.fullmatch(r"[a-z]+(_[a-z]+)+", value):
                    continue  # a choice of the tool's, of which there is one in these words
                same_text = any(value.rstrip(".") == one.rstrip(".") for one in quoted)
                yield not same_text, f"{text} → {value}"


def order_of_what_is_out_of_stock(row: Row) -> Iterator[Found]:
    """Something is ordered or lent that an earlier result has shown not to be there."""
    gone: set[str] = set()
    for made in list_calls(row):
        if made.works and made.tool.get("effect") == "write":
            named = {str(value) for value in _flat(made.arguments)}
            if re.match(
                r"(place(?!_hold)|order|book|lend|borrow|checkout|rent|add)", made.call["name"]
            ):
                yield bool(named & gone), f"{made.call['name']} {sorted(named & gone)}"
        for found in rows_in(made.result):
            missing = any(
                found.get(name) is False for name in ("in_stock", "is_available", "available")
            )
            for name, value in found.items():
                if name.endswith("_id") and isinstance(value, str) and missing:
                    gone.add(value)
                    break


def page_taken_for_the_whole(row: Row) -> Iterator[Found]:
    """A number of things found is told that is less than the result's own total."""
    for made in list_calls(row):
        result = made.result if isinstance(made.result, dict) else {}
        total = next(
            (result[n] for n in ("total", "total_count", "totalCount") if n in result), None
        )
        shown = next((len(v) for v in result.values() if isinstance(v, list)), None)
        if isinstance(total, int) and shown is not None and total > shown:
            later = row["messages"][made.at + 1 :]
            turn = [*itertools.takewhile(lambda one: one["role"] != "user", later)]
            told = " ".join(m["text"] for m in turn if m["role"] == "assistant" and m["text"])
            # A row that was looked for by its name stands for itself; several are what was found.
            page = next(v for v in result.values() if isinstance(v, list))
            named = (v for m in turn for c in m.get("calls", ()) for v in _flat(c["arguments"]))
            taken = {str(one) for one in named if re.search(r"\d{4}", str(one))}
            rest = [one for one in page if taken.isdisjoint(map(str, _flat(one)))]
            number = f"({shown}|{_NUMBERS.get(shown, shown)})"
            counts = re.search(rf"\b(found|are|see|have|lists?)\W+{number}\b", told.lower())
            lists = sum(_is_told(one, page, told) for one in rest) > 1
            whole = str(total) in told or "more" in told
            yield bool(counts or lists) and not whole, f"{shown} of {total}: {told[:120]}"


def _is_told(one: Any, page: Sequence[Any], told: str) -> bool:
    """Whether a row of a page is named in a text, by words that no other of its rows has."""
    words = [value for value in _flat(one) if isinstance(value, str) and len(value) > 3]
    held = [{*map(str, _flat(other))} for other in page if other is not one]
    return any(word in told and not any(word in other for other in held) for word in words)


def outside_the_frame(row: Row) -> Iterator[Found]:
    """Calls of several domains, one of which the system message does not name."""
    domains = {made.tool.get("domain") for made in list_calls(row)} - {None, ""}
    frame = words_of(row, "system").lower()
    unnamed = [one for one in domains if str(one).replace("_", " ").lower() not in frame]
    yield len(domains) > 1 and bool(unnamed), ", ".join(sorted(map(str, domains)))


def too_long(row: Row) -> Iterator[Found]:
    """Over 8,000 tokens in all, at four characters a token."""
    size = sum(len(m.get("text") or m.get("content") or "") for m in row["messages"])
    yield size > LONG_CONVERSATION, f"{size} characters"


def recited_metadata(row: Row) -> Iterator[Found]:
    """The assistant tells limits, offsets and pages."""
    told = words_of(row, "assistant")
    found = _METADATA.search(told)
    yield found is not None, found[0] if found else ""


def told_password(row: Row) -> Iterator[Found]:
    """A password or token is spoken, or a login serves to look a person up."""
    told = words_of(row, "assistant")
    yield bool(re.search(r"\b(password|secret|api key|token) (is|are)\b", told, re.I)), told[:80]
    for made in list_calls(row):
        if re.fullmatch(r"login_?user|log_?in|sign_?in", made.call["name"], re.I):
            yield "password" not in made.arguments, f"{made.call['name']} {made.arguments}"


def example_copied(row: Row) -> Iterator[Found]:
    """A value repeats its own name as an example in prose does: ``ids=41AS…``."""
    for made in list_calls(row):
        for name, value in made.arguments.items():
            if isinstance(value, str):
                yield value.startswith(f"{name}="), f"{name}: {value[:40]}"


def inner_id_in_words(row: Row) -> Iterator[Found]:
    """An identifier that nobody could say is spoken by the user, who was never shown it."""
    shown = ""
    for message in row["messages"]:
        if message["role"] == "user":
            for found in re.findall(r"\b[a-z]{2,5}_[a-z0-9]{6}\b", message["text"]):
                yield found not in shown, found
        shown += message.get("text") or ""


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _flat(item)
    else:
        yield value


KINDS: tuple[Callable[[Row], Iterator[Found]], ...] = (
    source_said_as_target,
    exchanged_for_another_product,
    unasked_confirmation,
    same_payment_again,
    nothing_written,
    duplicate_of_itself,
    country_in_words,
    dated_wrongly,
    order_of_what_is_out_of_stock,
    page_taken_for_the_whole,
    answers_otherwise,
    stays_listed,
    counted_after_the_clock,
    read_of_nothing,
    confirmed_otherwise,
    outside_the_frame,
    too_long,
    recited_metadata,
    told_password,
    example_copied,
    inner_id_in_words,
)


@dataclass(frozen=True)
class Counted:
    """One kind over a set of conversations."""

    kind: str
    could: int
    """Conversations in which it could occur."""
    does: int
    examples: tuple[str, ...]


def count_defects(
    rows: Sequence[Row], kinds: Sequence[Callable[[Row], Iterator[Found]]] = KINDS
) -> tuple[Counted, ...]:
    """Count each kind once a conversation."""
    table = []
    for kind in kinds:
        could, examples = 0, []
        for row in rows:
            found = list(kind(row))
            could += bool(found)
            examples += [f"{row['index']}: {seen}" for is_bad, seen in found if is_bad][:1]
        table.append(Counted(kind.__name__, could, len(examples), tuple(examples)))
    return tuple(table)


def share_of_reasons(rows: Iterable[Row]) -> tuple[int, int]:
    """First messages of a user's wish that give a reason, and how many there are."""
    first: list[str] = []
    for row in rows:
        seen: set[int] = set()
        for message in row["messages"]:
            if message["role"] == "user" and message["turn"] not in seen:
                seen.add(message["turn"])
                first.append(message["text"])
    return sum(bool(_REASON.search(text)) for text in first), len(first)


def repeated_sentences(rows: Iterable[Row], most: int = 50) -> float:
    """Share of the assistant's text that its ``most`` commonest sentences make up."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update(re.split(r"(?<=[.!?])\s+", words_of(row, "assistant")))
    total = sum(len(text) * number for text, number in counted.items())
    return sum(len(text) * number for text, number in counted.most_common(most)) / max(1, total)


def read_rows(place: Path) -> list[Row]:
    """The accepted conversations of an output folder, or of a file."""
    file = place / "trajectories.jsonl" if place.is_dir() else place
    return [*records(file)]


def print_counts(counted: Iterable[Counted], *, verbose: bool) -> int:
    """Print a line a kind, with ``verbose`` up to five of each; how many there are in all."""
    bad = 0
    for one in counted:
        bad += one.does
        print(f"  {one.kind:32} {one.does:5} of {one.could}")  # noqa: T201
        for example in one.examples[:5] if verbose else ():
            print(f"      {example}")  # noqa: T201
    return bad


def count_folders(kinds: Sequence[Callable[[Row], Iterator[Found]]], about: str) -> int:
    """Print the counts of the kinds for each folder of the command line; 1 where there is one."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("out", nargs="+", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="quote up to five of each")
    options = parser.parse_args()
    bad = 0
    for place in options.out:
        rows = read_rows(place)
        print(f"{place}: {len(rows)} conversations")  # noqa: T201
        bad += print_counts(count_defects(rows, kinds), verbose=options.verbose)
    return int(bad > 0)


def main() -> int:
    """Print the counts of each folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", nargs="+", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="quote up to five of each")
    options = parser.parse_args()
    bad = 0
    for place in options.out:
        rows = read_rows(place)
        worlds = len({row["task"]["environment_seed"] for row in rows})
        reasons, wishes = share_of_reasons(rows)
        print(  # noqa: T201
            f"{place}: {len(rows)} conversations, {worlds} worlds, reason in {reasons} of {wishes} "
            f"wishes, 50 commonest sentences {repeated_sentences(rows):.0%} of the assistant's text"
        )
        bad += print_counts(count_defects(rows), verbose=options.verbose)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
