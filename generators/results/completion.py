"""Fills in what tools return, where their source does not say: observed, shown or told.

In that order. What is found is checked as any other schema is, and not used where it is none.
Tools of which nothing is known keep ``returns`` None: inference makes something up for them from
what other tools tell, and a model may be asked before (`generators.results.by_model`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from generators.importers.normalise import normalise_returns
from generators.importers.plain_names import wire_names, with_returns
from generators.importers.soundness import satisfies
from generators.results.documentation import documented_schema
from generators.results.examples import exampled_schema
from generators.results.merging import schema_of
from generators.results.observation import Observation
from generators.results.open_types import Types, known_types, with_types
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ReturnsFrom, ToolSpec

_MARK = "result schema from"
_LONGEST_FAULT = 160
Found = tuple[JsonObject, ReturnsFrom, str]
"""A schema, where it was had from, and the same in words."""


def complete_returns(catalog: Catalog, observations: Sequence[Observation] = ()) -> Catalog:
    """Give tools without a result schema one, where results, examples or prose tell it.

    What was observed stands above whatever was inferred before; a source's own schema is never
    touched, but a result that contradicts it is noted.
    """
    observed, notes = _by_tool(catalog, observations)
    types = known_types(catalog)
    completed = []
    for tool in catalog.tools:
        results = observed.get(tool.wire_name, ())
        tool, more = _completed(tool, results, types[tool.domain])
        completed.append(tool)
        notes += more
    fresh = tuple(dict.fromkeys(note for note in notes if note not in catalog.notes))
    return catalog.model_copy(update={"tools": tuple(completed), "notes": (*catalog.notes, *fresh)})


def _by_tool(
    catalog: Catalog, observations: Sequence[Observation]
) -> tuple[Mapping[str, list[Any]], list[str]]:
    """Wire name → observed results; and what is said about results of no tool."""
    wires: dict[str, set[str]] = defaultdict(set)
    for tool in catalog.tools:
        wires[tool.name].add(tool.wire_name)
    known = catalog.by_name
    results: dict[str, list[Any]] = defaultdict(list)
    lost: dict[str, int] = {}
    for seen in observations:
        named = {seen.tool} if seen.tool in known else wires.get(seen.tool, set())
        if len(named) == 1:
            results[min(named)].append(seen.result)
        else:
            lost[seen.tool] = lost.get(seen.tool, 0) + 1
    return results, [
        f"observed results of {name!r} are not used: "
        + ("several tools have this name" if wires.get(name) else "no tool has this name")
        for name in lost
    ]


def _completed(tool: ToolSpec, results: Sequence[Any], types: Types) -> tuple[ToolSpec, list[str]]:
    if tool.returns is not None and (tool.returns_from in ("source", "observation") or not results):
        return tool, _contradictions(tool, results)
    notes: list[str] = []
    for schema, origin, words in _candidates(tool, results, types):
        try:
            returns, repairs = normalise_returns(schema)
        except InputError as error:
            notes.append(f"{tool.wire_name}: {_MARK} {words} is not used: {error}")
            continue
        return _with_returns(tool, returns, origin, words, repairs), notes
    return tool, notes


def _candidates(tool: ToolSpec, results: Sequence[Any], types: Types) -> Iterator[Found]:
    if results:
        count = f"{len(results)} observed results" if len(results) > 1 else "an observed result"
        yield schema_of(results), "observation", count
    if tool.returns is not None:
        return
    shown = exampled_schema(tool)
    if shown is not None:
        yield shown, "example", "an example in the description"
    told = documented_schema(tool)
    if told is not None:
        yield with_types(told, types), "documentation", "the words of the description"


def _with_returns(
    tool: ToolSpec, returns: JsonObject, origin: ReturnsFrom, words: str, repairs: Sequence[str]
) -> ToolSpec:
    inferred = [line for line in tool.inferred if not line.startswith(_MARK)]
    tool = with_returns(tool, returns)
    return tool.model_copy(
        update={
            "returns_from": origin,
            "inferred": (*inferred, f"{_MARK} {words}"),
            "repairs": tuple(dict.fromkeys((*tool.repairs, *repairs))),
        }
    )


def _contradictions(tool: ToolSpec, results: Sequence[Any]) -> list[str]:
    schema = tool.returns or {}
    named = [wire_names(tool, result) for result in results]
    faults = [fault for result in named if (fault := _fault(result, schema))]
    if not faults:
        return []
    count = f"{len(faults)} of {len(results)} observed results"
    return [f"{tool.wire_name}: {count} contradict its result schema: {faults[0]}"]


def _fault(result: Any, schema: JsonObject) -> str:
    """Say in one line where a result breaks the schema and how; empty where it does not."""
    if satisfies(result, schema):
        return ""
    fault = best_match(Draft202012Validator(schema).iter_errors(result))
    if fault is None:
        return ""
    message = " ".join(fault.message.split())
    return f"at {fault.json_path}: {message[:_LONGEST_FAULT]}"
