"""Counts rows without sense in results: ``python -m benchmarks.world_sense [-n 24] NAME=PATH …``.

Each catalogue is built, and the JSON of every result, of accepted and rejected conversations, is
read by rules of its own: it shares no code with what makes the rows.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import yaml

from benchmarks.program import ACCEPTED, REJECTED, ROOT, SHARED, build, records

Json = dict[str, Any]

USUAL = {
    "GitHub MCP": "mcp/github_mcp_server_tools_list.json",
    "retail": "tau2_retail/retail.json",
    "airline": "tau2_airline/airline.json",
    "Notion": "openapi/notion-openapi.json",
    "Slack": "openapi/slack_web_openapi_v2.json",
    "petstore": "openapi/swagger_petstore3.yaml",
    "school": "toucan/tf_1132.@54yyyu_school-mcp.json",
    "piperun": "toucan/tf_1665.@dinhogehm_mcp-piperun.json",
}
_FILLER = re.compile(
    r"\b(?:Quarterly|Annual|Weekly|Revised|Regional|Internal|Updated|Spring|Autumn|Joint|Atlas"
    r"|Harbor|Juniper|Beacon|Meridian|Lantern|Cedar|Pioneer) (?:(?:budget|onboarding|hiring|travel"
    r"|marketing|inventory|supplier|payroll|training|pricing|security|delivery) )?[a-z ]+$"
    r"|Everything is on schedule so far|The first part is ready for review|We agreed on this in the"
    r"|The details still need to be confirmed"
)
_FREE = re.compile(
    r"project|repo|file|document|page|folder|report|database|plan|board|milestone|team|channel"
    r"|summary|checklist|agreement|proposal|overview"
)
"""What people do name so."""
_GENERAL = {"planning", "research", "family", "travel", "review", "support", "finance", "design"}
_ASKED = {
    "category",
    "tag",
    "tags",
    "topic",
    "topics",
    "label",
    "labels",
    "department",
    "type",
    "name",
}
_FLAGS = re.compile(
    r"^(?:auto_init|organization|username|delete|method|action|custom_instructions|field_name|value"
    r"|dry_run|notify|force|include_.*|commit_title|merge_method|maintainer_can_modify|visible_.*"
    r"|owner_type|related_(?:repo|owner)|item_(?:owner|repo)|item_type|node_ids?|from_branch)$"
)
_SMALL = re.compile(r"(?:^|_)(?:bags?|baggages?|passengers?|rooms?|guests?|copies|adults|nights)$")
_MADE, _CHANGED = (
    re.compile(r"^(?:created|opened|placed|registered|joined)"),
    re.compile(
        r"^(?:updated|edited|modified|last_edited|closed|merged|completed|delivered|last_modified)"
    ),
)
_BEGIN, _END = (
    re.compile(r"^(?:start|begin|check_?in|depart)"),
    re.compile(r"^(?:end|finish|check_?out|arriv|return)"),
)
_NAMED_ID = re.compile(r"^[a-z]+_[a-z]+_\d{4}$")


def name_faults(row: Json, now: str) -> Iterator[str]:
    """The kinds of what is wrong within one object of a result."""
    numbers = {k: v for k, v in row.items() if type(v) in (int, float)}
    texts = {k: v for k, v in row.items() if isinstance(v, str) and v}
    lists = {k: v for k, v in row.items() if isinstance(v, list)}
    for (one, a), (other, b) in combinations(sorted(numbers.items()), 2):
        words, others = one.split("_"), other.split("_")
        if words[-1] == others[-1] and "total" in words + others and words[-1] != "count":
            whole, part = (a, b) if "total" in words else (b, a)
            yield from ["part above whole"] * (part > whole)
    yield from ("count without sense" for k, v in numbers.items() if _SMALL.search(k) and v > 20)
    yield from _wrong_sums(numbers, lists)
    yield from _wrong_dates(texts, now)
    yield from _wrong_states(row)
    yield from _wrong_people(texts, lists)
    yield from _wrong_places(texts)
    yield from _wrong_lists(row, numbers, lists)
    for key, value in texts.items():
        if _FILLER.search(value) and not _FREE.search(value.lower() + key):
            yield "filler"
        yield from ["field without kind"] * (value in _GENERAL and key not in _ASKED)
    yield from ("option as field" for key in row if _FLAGS.match(key))


def _wrong_sums(numbers: Json, lists: Json) -> Iterator[str]:
    total = next(
        (numbers[k] for k in ("total", "total_amount", "total_price") if k in numbers), None
    )
    price, count = numbers.get("price", numbers.get("unit_price")), numbers.get("quantity")
    if total is not None and price is not None and count is not None:
        yield from ["wrong sum"] * (abs(price * count - total) > 0.02)
    for key, lines in lists.items():
        prices = [_line(one) for one in lines if isinstance(one, dict)]
        if total is not None and prices and None not in prices and "payment" not in key:
            yield from ["wrong sum"] * (abs(sum(filter(None, prices)) - total) > 0.02)


def _line(line: Json) -> float | None:
    price = line.get("price", line.get("unit_price"))
    quantity = line.get("quantity", 1)
    if isinstance(price, bool) or not isinstance(price, int | float) or type(quantity) is not int:
        return None
    return price * quantity


def _wrong_dates(texts: Json, now: str) -> Iterator[str]:
    dated = {k: _moment(v) for k, v in texts.items() if re.match(r"\d{4}-\d\d-\d\d", v)}
    known = {k: v for k, v in dated.items() if v is not None}
    made = [v for k, v in known.items() if _MADE.match(k)]
    changed = [v for k, v in known.items() if _CHANGED.match(k)]
    present = _moment(now)
    if present is not None:
        yield from ("happened in the future" for v in made + changed if v > present)
    yield from ("changed before made" for a in made for b in changed if b < a)
    begins = [v for k, v in known.items() if _BEGIN.match(k)]
    ends = [v for k, v in known.items() if _END.match(k)]
    yield from ["end before start"] * bool(begins and ends and max(ends) < min(begins))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None


def _wrong_states(row: Json) -> Iterator[str]:
    state = str(row.get("state") or row.get("status") or "").lower()
    for name in ("closed", "merged", "cancelled", "delivered", "completed"):
        over = {"closed": {"closed", "merged"}}.get(name, {name})
        if state and row.get(f"{name}_at") and state not in over:
            yield "state against its date"
    yield from ["draft and over"] * (
        row.get("draft") is True and (state == "merged" or row.get("merged") is True)
    )


def _wrong_people(texts: Json, lists: Json) -> Iterator[str]:
    first, last = texts.get("first_name", ""), texts.get("last_name", "")
    whole = (
        texts.get("name", "") if re.fullmatch(r"[A-Z]\w+ [A-Z]\w+", texts.get("name", "")) else ""
    )
    names = {one.lower() for one in (first, last, *whole.split()) if one}
    mail = re.split(r"[._@+\d]", texts.get("email", "").split("@")[0].lower())
    if names and texts.get("email") and not names & set(mail) and (first or whole):
        yield "e-mail of another"
    yield from ["names of different people"] * bool(first and whole and first not in whole)
    for key, value in [*texts.items(), *((k, v) for k, all_ in lists.items() for v in all_)]:
        if isinstance(value, str) and _NAMED_ID.match(value) and "user" not in key:
            yield from ["named after a stranger"] * (
                "payment" in key or bool(names - set(value.split("_")))
            )
    if texts.get("user_id") and _NAMED_ID.match(texts["user_id"]) and names:
        yield from ["ID of another"] * (not names & set(texts["user_id"].split("_")))


@cache
def _cities() -> Mapping[str, Sequence[Any]]:
    table = yaml.safe_load((ROOT / "data/lexicon/places.yaml").read_text("utf-8"))
    return {row[0]: row for row in table["places"]}


def _wrong_places(texts: Json) -> Iterator[str]:
    city = _cities().get(texts.get("city", ""))
    if city is not None:
        country, state = texts.get("country"), texts.get("state")
        yield from ["place against country"] * bool(country and country not in city)
        yield from ["place against state"] * bool(state and len(state) < 4 and state not in city)
        yield from ["place against currency"] * (texts.get("currency", city[9]) != city[9])
    ends = [
        {k: texts.get(f"{end}{k}") for k in ("", "_city", "_airport")}
        for end in ("origin", "destination")
    ]
    yield from (
        "there and back at once" for k in ends[0] if ends[0][k] and ends[0][k] == ends[1][k]
    )


def _wrong_lists(row: Json, numbers: Json, lists: Json) -> Iterator[str]:
    for key, held in lists.items():
        stem = re.sub(r"e?s$", "", key)
        yield from ["empty list of its own"] * (
            not held
            and key in ("flights", "flight_numbers", "passengers", "items", "item_ids", "lines")
        )
        for count in (f"{key}_count", f"{stem}_count", f"total_{key}", f"num_{key}"):
            yield from ["count against list"] * (count in numbers and numbers[count] != len(held))
    if len(lists) == 1 and "total_count" in numbers:
        yield from ["count against list"] * (
            numbers["total_count"] < len(next(iter(lists.values())))
        )
    flights = [one.get("date") for one in lists.get("flights", ()) if isinstance(one, dict)]
    days = [one for one in flights if isinstance(one, str)]
    if len(days) == len(flights):
        yield from ["legs in reverse"] * any(a > b for a, b in pairwise(days))
        yield from ["one way with several legs"] * (
            row.get("flight_type") == "one_way" and len(set(flights)) > 1
        )


def objects(value: Any) -> Iterator[Json]:
    """All objects of a result."""
    if isinstance(value, dict):
        yield value
    for one in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from objects(one)


def count_faults(out: Path) -> tuple[int, Counter[str], dict[str, str]]:
    """How many objects were read, how many have each fault, and one of each to look at."""
    seen: set[str] = set()
    found: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for record in [*records(out / ACCEPTED), *records(out / REJECTED)]:
        calls: dict[str, Json] = {}
        for message in record.get("messages", ()):
            calls |= {one["id"]: one for one in message.get("calls") or ()}
            if (
                message["role"] != "tool"
                or message["is_error"]
                or not message["content"].startswith(("{", "["))
            ):
                continue
            call = calls.get(message["call_id"], {"name": "", "arguments": {}})
            for row in objects(json.loads(message["content"])):
                text = json.dumps(row, sort_keys=True)
                faults = [*name_faults(row, message["timestamp"]), *_unfiltered(call, row)]
                if text not in seen:
                    seen.add(text)
                    found.update(set(faults))
                    shown |= {
                        one: f"{call['name']}: {text[:300]}" for one in faults if one not in shown
                    }
    return len(seen), found, shown


def _unfiltered(call: Json, row: Json) -> Iterator[str]:
    """What a list was narrowed by and its row is not."""
    if re.match(r"(?:list|search|find)", call["name"]):
        for key, wanted in call["arguments"].items():
            held = row.get(key)
            if isinstance(wanted, str) and isinstance(held, str) and key not in ("query", "q"):
                same = held.lower().startswith(wanted.lower()) or wanted.lower() in ("all", "any")
                yield from ["against its filter"] * (not same)


def main() -> None:
    """Print a table: catalogues, and how many of the different objects have each fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "catalogs",
        nargs="*",
        help="NAME=PATH of a catalogue or a build's folder, or a usual one's NAME",
    )
    parser.add_argument("-n", type=int, default=24)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="one object of each fault")
    asked = parser.parse_args()
    for name in asked.catalogs or USUAL:
        label, _, path = name.partition("=")
        told = ""
        if Path(path or ".", ACCEPTED).exists():
            whole, found, shown = count_faults(Path(path))
        else:
            with tempfile.TemporaryDirectory() as home:
                out, tools = (
                    Path(home) / "out",
                    Path(path).resolve() if path else SHARED / USUAL[label],
                )
                ran = build(Path(home), out, asked.n, "--tools", tools, "--seed", asked.seed)
                whole, found, shown = count_faults(out)
                told = f" ({ran.told})" if ran.code else ""
        total = sum(found.values())
        sys.stdout.write(f"{label}: {whole} objects, {total} faults{told}\n")
        for fault, count in found.most_common():
            one = f"   {shown[fault]}" if asked.show else ""
            sys.stdout.write(f"  {count:5}  {fault}{one}\n")


if __name__ == "__main__":
    main()
