"""Gives tools without a result schema one that their recorded results show.

The schema is checked as any other is, and not used where it is none. Tools without records keep
``returns`` None: inference makes something up for them from what other tools tell, and a model may
be asked before (`generators.results.returns_by_model`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from generators.importers.example_schemas import schema_of_results
from generators.importers.normalise import normalise_returns
from generators.importers.schema_checks import find_fault
from generators.importers.wire_names import add_returns
from generators.results.observation import Observation
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec, plain_result

_MARK = "result schema from"
_EMPTY = frozenset({"type", "description", "additionalProperties"})


def complete_returns(catalog: Catalog, observations: Sequence[Observation] = ()) -> Catalog:
    """Give tools without a result schema one where results of theirs were observed.

    What was observed stands above whatever was inferred before. A source's own schema is never
    touched, but a result that contradicts it is noted; one that says no more than "an object" is
    no schema in this sense.
    """
    observed, notes = _group_by_tool(catalog, observations)
    tools = []
    for tool in catalog.tools:
        results = observed.get(tool.wire_name)
        if results:
            tool, more = _complete_tool(tool, results)
            notes += more
        tools.append(tool)
    fresh = tuple(dict.fromkeys(note for note in notes if note not in catalog.notes))
    return catalog.model_copy(update={"tools": tuple(tools), "notes": (*catalog.notes, *fresh)})


def _group_by_tool(
    catalog: Catalog, observations: Sequence[Observation]
) -> tuple[Mapping[str, list[Any]], list[str]]:
    """Wire name → observed results; and what is said about results of no tool."""
    wires: dict[str, set[str]] = defaultdict(set)
    for tool in catalog.tools:
        wires[tool.name].add(tool.wire_name)
    known = catalog.by_name
    results: dict[str, list[Any]] = defaultdict(list)
    lost: dict[str, None] = {}
    for seen in observations:
        named = {seen.tool} if seen.tool in known else wires.get(seen.tool, set())
        if len(named) == 1:
            results[min(named)].append(seen.result)
        else:
            lost.setdefault(seen.tool)
    return results, [
        f"observed results of {name!r} are not used: "
        + ("several tools have this name" if wires.get(name) else "no tool has this name")
        for name in lost
    ]


def _complete_tool(tool: ToolSpec, results: Sequence[Any]) -> tuple[ToolSpec, list[str]]:
    """The tool with the schema of its results, or as it is with what contradicts its own."""
    own = tool.returns
    # One that names neither fields nor elements, ``-> dict`` in Python, says nothing.
    says_nothing = own is None or (own.get("type") == "object" and own.keys() <= _EMPTY)
    if own is not None and not says_nothing and tool.returns_from in ("source", "observation"):
        faults = [find_fault(plain_result(tool, result), own) for result in results]
        found = [fault for fault in faults if fault]
        count = f"{len(found)} of {len(results)} observed results"
        text = f"{tool.wire_name}: {count} contradict its result schema: {(found or [''])[0]}"
        return tool, [text] if found else []
    origin = f"{len(results)} observed results" if len(results) > 1 else "an observed result"
    try:
        returns, repairs = normalise_returns(schema_of_results(results))
    except InputError as error:
        return tool, [f"{tool.wire_name}: {_MARK} {origin} is not used: {error}"]
    inferred = [line for line in tool.inferred if not line.startswith(_MARK)]
    tool = add_returns(tool, returns)
    update: JsonObject = {
        "returns_from": "observation",
        "inferred": (*inferred, f"{_MARK} {origin}"),
        "repairs": tuple(dict.fromkeys((*tool.repairs, *repairs))),
    }
    return tool.model_copy(update=update), []
