"""Do the gold calls of BFCL's own multi-turn environments run and replay, behind our adapter.

Each of the 200 entries of multi_turn_base is opened as its scenario says, its gold calls are run
through `generators.backends.python_environment`, and run again in a new environment. The same calls
are made of the benchmark's objects directly, too: the adapter must not change what they return.

::

    python -m benchmarks.bfcl_backend
"""

import ast
import copy
import importlib
import inspect
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.gold_edges import CLASSES, bfcl_data, read_lines
from generators.backends.python_environment import PythonEnvironment, frozen
from generators.backends.python_tools import PythonTool, plain
from generators.importers import read_catalog
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.canonical import canonical_json
from schemas.environment import CallOutcome
from schemas.record import JsonObject
from schemas.tool import ToolSpec

FILE = "BFCL_v4_multi_turn_base.json"
CLOCK = "2026-03-02T09:00:00+00:00"
VOLATILE = frozenset({"_last_modified"})
"""What the files of its file system take from the machine's clock."""
_MODULES = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"

Call = tuple[str, JsonObject]
"""Wire name and arguments."""


@dataclass
class Ran:
    """What came of all entries."""

    entries: int = 0
    calls: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    """Gold calls that fail, by tool and code."""
    as_direct: int = 0
    """Calls that return what the benchmark's own object returns."""
    same_outputs: int = 0
    """Entries whose replay returns the same."""
    same_state: int = 0
    """Entries whose replay ends in the same state."""


@dataclass(frozen=True)
class ScenarioBackend:
    """Opens environments of several classes that are loaded with a scenario, as the benchmark's."""

    name: str
    classes: Mapping[str, tuple[type[Any], Sequence[ToolSpec]]]
    """Name → the class, and those of its methods that are tools."""
    scenario: Mapping[str, JsonObject]
    """Class → what it is loaded with."""
    volatile: frozenset[str] = frozenset()
    """Fields of objects that are taken from the machine's clock: no state."""

    @cached_property
    def world(self) -> World:
        """Inferred from the tools of all classes."""
        return infer_world([tool for _, tools in self.classes.values() for tool in tools])

    @cached_property
    def _tools(self) -> Mapping[str, PythonTool]:
        return {
            tool.wire_name: PythonTool(tool, name, tool.name, self.name, lenient=True)
            for name, (_, tools) in self.classes.items()
            for tool in tools
        }

    def open(self, seed: int, clock: str) -> PythonEnvironment:
        """New objects with the scenario; it alone decides the state."""
        del seed
        parts = {name: kind() for name, (kind, _) in self.classes.items()}
        for name, target in parts.items():
            if hasattr(target, "_load_scenario"):
                target._load_scenario(copy.deepcopy(self.scenario.get(name, {})))
        initial = frozen(parts, self.name)
        return PythonEnvironment(self._tools, self.world, initial, clock, self.name, self.volatile)


class Bfcl:
    """The benchmark's classes, tools and entries, as they are installed."""

    def __init__(self, data: Path) -> None:
        """``data`` is the folder that `bfcl_data` finds."""
        self._answers = {
            row["id"]: row["ground_truth"] for row in read_lines(data / "possible_answer" / FILE)
        }
        self.entries = read_lines(data / FILE)
        self._tools = {name: _tools(data, document) for name, (_, document) in CLASSES.items()}

    def backend(self, entry: Mapping[str, Any]) -> ScenarioBackend:
        """The backend of one entry."""
        names = entry["involved_classes"]
        classes = {name: (_class(name), self._tools[name]) for name in names}
        return ScenarioBackend(str(entry["id"]), classes, entry["initial_config"], VOLATILE)

    def gold(self, entry: Mapping[str, Any]) -> Iterator[Call]:
        """The gold calls of one entry, arguments by name."""
        for turn in self._answers[entry["id"]]:
            for text in turn:
                yield _parsed(text, {name: _class(name) for name in entry["involved_classes"]})


def _class(name: str) -> type[Any]:
    found: type[Any] = getattr(importlib.import_module(f"{_MODULES}.{CLASSES[name][0]}"), name)
    return found


def _tools(data: Path, document: str) -> tuple[ToolSpec, ...]:
    return read_catalog([data / "multi_turn_func_doc" / f"{document}.json"]).tools


def _parsed(text: str, classes: Mapping[str, type[Any]]) -> Call:
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ValueError(f"not a plain call: {text}")
    name = call.func.id
    method = next(getattr(kind, name) for kind in classes.values() if hasattr(kind, name))
    positional = [ast.literal_eval(part) for part in call.args]
    named = {part.arg: ast.literal_eval(part.value) for part in call.keywords if part.arg}
    bound = inspect.signature(method).bind(None, *positional, **named).arguments
    arguments: JsonObject = plain({key: value for key, value in bound.items() if key != "self"})
    return name, arguments


def run(bfcl: Bfcl) -> Ran:
    """Run and replay every entry."""
    ran = Ran()
    for entry in bfcl.entries:
        backend, calls = bfcl.backend(entry), list(bfcl.gold(entry))
        first, state = _outcomes(backend, calls)
        again, replayed = _outcomes(backend, calls)
        ran.entries += 1
        ran.calls += len(calls)
        for (name, _), outcome in zip(calls, first, strict=True):
            if outcome.is_error:
                ran.errors[f"{name}: {outcome.content['error']['code']}"] += 1
        ran.as_direct += sum(map(_alike, first, _direct(entry, calls)))
        ran.same_outputs += first == again
        ran.same_state += state == replayed
    return ran


def _outcomes(backend: ScenarioBackend, calls: list[Call]) -> tuple[list[CallOutcome], str]:
    environment = backend.open(0, CLOCK)
    outcomes = [environment.call(name, arguments) for name, arguments in calls]
    return outcomes, environment.state_hash()


def _direct(entry: Mapping[str, Any], calls: list[Call]) -> Iterator[Any]:
    """What the benchmark's own objects return, or what they raise."""
    targets = []
    for name in entry["involved_classes"]:
        target = _class(name)()
        if hasattr(target, "_load_scenario"):
            target._load_scenario(copy.deepcopy(entry["initial_config"].get(name, {})))
        targets.append(target)
    for name, arguments in calls:
        target = next(one for one in targets if hasattr(one, name))
        try:
            yield plain(getattr(target, name)(**copy.deepcopy(arguments)))
        except Exception as error:  # the evaluation, too, takes it for the call's result
            yield {"error": str(error)}


def _alike(outcome: CallOutcome, direct: Any) -> bool:
    """Whether both say the same; of errors, only that they are errors."""
    if outcome.is_error:
        return isinstance(direct, dict) and "error" in direct
    return canonical_json(outcome.content) == canonical_json(direct)


def lines(ran: Ran, seconds: float) -> Iterator[str]:
    """What is printed."""
    failed = f" {dict(ran.errors)}" if ran.errors else ""
    yield f"entries                          {ran.entries}"
    yield f"gold calls run                   {ran.calls}"
    yield f"  errors among them              {ran.errors.total()}{failed}"
    yield f"  as the benchmark's own objects {ran.as_direct}"
    yield f"replays with equal outputs       {ran.same_outputs} of {ran.entries}"
    yield f"replays with equal state hash    {ran.same_state} of {ran.entries}"
    yield f"seconds                          {seconds:.1f}"


def main() -> int:
    """Print what came of it."""
    data = bfcl_data()
    if data is None:
        sys.stderr.write("bfcl-eval is not installed: its environments cannot be run\n")
        return 1
    start = time.perf_counter()
    ran = run(Bfcl(data))
    sys.stdout.writelines(f"{line}\n" for line in lines(ran, time.perf_counter() - start))
    all_same = ran.same_outputs == ran.same_state == ran.entries
    return 0 if all_same and not ran.errors and ran.as_direct == ran.calls else 1


if __name__ == "__main__":
    sys.exit(main())
