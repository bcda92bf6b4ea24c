"""Gold edges: which results really fed which parameters, in call sequences that others wrote.

Two sources. The multi-turn environments of ``bfcl-eval`` are run over their 200 gold call
sequences. An edge (producer, consumer, parameter) is gold where

1. a value of the consumer's arguments stood in an earlier result of the producer, as a scalar of
   its own, or as whole words of a longer text (a city in a sentence, a file in a listing);
2. no user message up to then says it, in any case, as whole words, or as a number written
   otherwise (``1,500`` for ``1500.0``, ``three`` for ``3``);
3. the assistant had not chosen it by itself before: its first use in an argument, too, came after
   the result;
4. it is not trivial: booleans, null, empty texts, single characters and whole numbers below ten
   are left out, as they stand in results by chance;
5. the parameter is no credential (``access_token``): whoever passes the call on adds it, and
   no tool that was read asks for it.

Where several results hold the value, each of them is a gold producer. A result that only gave the
value back, as it had been given it, is none. An edge is counted once for each conversation that
uses it.

The second source is a folder of the tau2-bench retail domain: its gold actions have no environment
here, so the producers of a value come from a table that was made by hand, from what the tools'
descriptions promise (``tests/fixtures/retail_producers.json``). There a parameter is found where
any of its producers is. The airline domain is read in the same way; each of a place's producers is
counted as an edge of its own (`edges_of_places`).
"""

import ast
import copy
import importlib
import importlib.util
import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.importers.credentials import is_credential
from generators.world.model import strip_indices
from schemas.leaves import leaves
from schemas.reading import NUMBER_WORDS

GoldEdge = tuple[str, str, str]
"""Producer, consumer, parameter: ``("get_stock_info", "place_order", "price")``."""
Gold = Counter[GoldEdge]
"""How many conversations use each edge."""

ROOT = Path(__file__).resolve().parents[1]
RETAIL = ROOT.parent / "shared" / "real" / "tau2_retail"
RETAIL_PRODUCERS = ROOT / "tests" / "fixtures" / "retail_producers.json"

CLASSES: Mapping[str, tuple[str, str]] = {
    "GorillaFileSystem": ("gorilla_file_system", "gorilla_file_system"),
    "MathAPI": ("math_api", "math_api"),
    "MessageAPI": ("message_api", "message_api"),
    "TwitterAPI": ("posting_api", "posting_api"),
    "TicketAPI": ("ticket_api", "ticket_api"),
    "TradingBot": ("trading_bot", "trading_bot"),
    "TravelAPI": ("travel_booking", "travel_booking"),
    "VehicleControlAPI": ("vehicle_control", "vehicle_control"),
}
"""Class → its module, and the name of its tools' document."""
_MODULES = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def bfcl_data() -> Path | None:
    """Find the data of ``bfcl-eval`` without importing it; None where it is not installed."""
    spec = importlib.util.find_spec("bfcl_eval")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None


def bfcl_documents(data: Path) -> tuple[Path, ...]:
    """The files of the eight classes' tools, JSON Lines."""
    return tuple(data / "multi_turn_func_doc" / f"{name}.json" for _, name in CLASSES.values())


def bfcl_gold(data: Path) -> Gold:
    """Run the 200 gold sequences."""
    name = "BFCL_v4_multi_turn_base.json"
    questions = read_lines(data / name)
    answers = {
        row["id"]: row["ground_truth"] for row in read_lines(data / "possible_answer" / name)
    }
    gold: Gold = Counter()
    for question in questions:
        gold.update(set(_conversation(question, answers[question["id"]])))
    return gold


def read_lines(path: Path) -> list[Any]:
    """Read JSON Lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _conversation(
    question: Mapping[str, Any], answer: Sequence[Sequence[str]]
) -> Iterator[GoldEdge]:
    methods = _methods(question)
    said: list[str] = []
    history = History()
    for messages, calls in zip(question["question"], answer, strict=True):
        said += [message["content"] for message in messages]
        for call in calls:
            name, arguments, result = _execute(methods, call)
            yield from history.sources(name, arguments, "\n".join(said))
            history.add(name, arguments, result)


def _methods(question: Mapping[str, Any]) -> dict[str, Any]:
    """Bind the public methods of the conversation's environments, loaded as it says."""
    methods: dict[str, Any] = {}
    for name in question["involved_classes"]:
        environment = getattr(importlib.import_module(f"{_MODULES}.{CLASSES[name][0]}"), name)()
        if hasattr(environment, "_load_scenario"):
            environment._load_scenario(copy.deepcopy(question["initial_config"].get(name, {})))
        found = inspect.getmembers(environment, predicate=inspect.ismethod)
        methods |= {key: method for key, method in found if not key.startswith("_")}
    return methods


def _execute(methods: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any], Any]:
    """Run one call string: its name, its arguments by name, and its result."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ValueError(f"not a plain call: {text}")
    positional = [ast.literal_eval(part) for part in call.args]
    named = {part.arg: ast.literal_eval(part.value) for part in call.keywords if part.arg}
    method = methods[call.func.id]
    bound = inspect.signature(method).bind(*positional, **named)
    try:
        result = method(*positional, **named)
    except Exception as error:  # the evaluation, too, takes it for the call's result
        result = {"error": str(error)}
    return call.func.id, dict(bound.arguments), result


class History:
    """The calls of a conversation so far."""

    def __init__(self) -> None:
        self._results: list[tuple[str, list[Any], set[str]]] = []
        """Tool, the scalars of its result, and what it had been given."""
        self._chosen: set[str] = set()
        """What was in an argument without having stood in a result."""

    def sources(self, tool: str, arguments: Mapping[str, Any], said: str) -> Iterator[GoldEdge]:
        """Yield the gold edges that end in a call."""
        for path, value in leaves(dict(arguments)):
            if is_trivial(value) or says(said, value) or spelled(value) in self._chosen:
                continue
            if is_credential(path.rpartition(".")[2]):
                continue
            for producer, scalars, given in self._results:
                if producer != tool and spelled(value) not in given and _holds(scalars, value):
                    yield producer, tool, strip_indices(path)

    def add(self, tool: str, arguments: Mapping[str, Any], result: Any) -> None:
        """Note a call."""
        given = {spelled(value) for _, value in leaves(dict(arguments))}
        known = [scalar for _, scalars, _ in self._results for scalar in scalars]
        for _, value in leaves(dict(arguments)):
            if not _holds(known, value):
                self._chosen.add(spelled(value))
        self._results.append((tool, list(_scalars(result)), given))


def _scalars(result: Any) -> Iterator[Any]:
    """Values, and the keys of maps by value, of a result."""
    if isinstance(result, (set, tuple)):
        result = list(result)
    if isinstance(result, dict):
        for key, part in result.items():
            if not str(key).isidentifier():
                yield key  # a key that is a value: a card's id, a message's number
            yield from _scalars(part)
    elif isinstance(result, list):
        for part in result:
            yield from _scalars(part)
    else:
        yield result


def is_trivial(value: Any) -> bool:
    """Stands in results by chance."""
    if value is None or isinstance(value, (bool, dict, list)):
        return True
    if isinstance(value, (int, float)):
        return float(value).is_integer() and abs(value) < 10
    return len(str(value).strip()) < 2


def spelled(value: Any) -> str:
    """One spelling for equal values: ``1500`` for ``1500.0`` and ``"1500"``."""
    if isinstance(value, bool):
        return str(value)
    try:
        return f"{float(value):.6g}" if not isinstance(value, (dict, list)) else str(value)
    except (TypeError, ValueError):
        return str(value).strip().casefold()


def says(text: str, value: Any) -> bool:
    """Whether a text holds the value, as whole words or as a number."""
    if isinstance(value, (int, float)):
        numbers = [found.replace(",", "") for found in _NUMBER.findall(text)]
        words = {word for word in re.findall(r"[a-z]+", text.casefold()) if word in NUMBER_WORDS}
        told = {spelled(number) for number in numbers}
        return spelled(value) in told | {spelled(NUMBER_WORDS.index(word)) for word in words}
    return _within(text, str(value))


def _within(text: str, value: str) -> bool:
    words = r"\s+".join(map(re.escape, value.casefold().split()))
    return bool(words) and bool(re.search(rf"(?<![\w]){words}(?![\w])", text.casefold()))


def _holds(scalars: Sequence[Any], value: Any) -> bool:
    """Whether one of a result's scalars is the value, or a text that has it as whole words."""
    wanted = spelled(value)
    for scalar in scalars:
        if spelled(scalar) == wanted:
            return True
        texts = isinstance(scalar, str) and isinstance(value, str) and len(value) > 2
        if texts and _within(scalar, value):
            return True
    return False


AIRLINE = RETAIL.parent / "tau2_airline"
AIRLINE_PRODUCERS = ROOT / "tests" / "fixtures" / "airline_producers.json"


@dataclass(frozen=True)
class GoldPlace:
    """A parameter that results filled, and the tools any of which can have done so."""

    consumer: str
    parameter: str
    producers: frozenset[str]
    uses: int


def retail_gold(folder: Path = RETAIL, table: Path = RETAIL_PRODUCERS) -> tuple[GoldPlace, ...]:
    """Count the arguments of the gold actions that no text of the user's says.

    Only for parameters of the table: a reason, a summary, an expression is nobody's result.
    """
    uses: Counter[tuple[str, str]] = Counter()
    for task in json.loads((folder / "tasks.json").read_text("utf-8")):
        said = "\n".join(str(text) for text in task["user_scenario"]["instructions"].values())
        for action in task["evaluation_criteria"]["actions"] or ():
            for path, value in leaves(action["arguments"]):
                if not is_trivial(value) and not says(said, value):
                    uses[action["name"], strip_indices(path)] += 1
    places = json.loads(table.read_text("utf-8"))["places"]
    known = ((p, uses[p["consumer"], p["parameter"]]) for p in places)
    return tuple(
        GoldPlace(p["consumer"], p["parameter"], frozenset(p["producers"]), count)
        for p, count in known
        if count
    )


def airline_gold() -> tuple[GoldPlace, ...]:
    """Count the arguments of the airline domain's gold actions in the same way."""
    return retail_gold(AIRLINE, AIRLINE_PRODUCERS)


def edges_of_places(places: Sequence[GoldPlace]) -> Gold:
    """Every producer of every place as an edge, with the uses of its place."""
    return Counter(
        {(name, p.consumer, p.parameter): p.uses for p in places for name in p.producers}
    )
