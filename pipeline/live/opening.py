"""Makes a backend of live servers: which server has which tool, and what the tools return.

What a server does not announce is seen by calling: reads whose results have no schema are made a
few times, on the cassette like any other call. What cannot be seen so may return anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from generators.results import Observation, complete_returns
from generators.sandbox.propose import make_proposed
from generators.world.infer import infer_world
from pipeline.live.backend import LiveBackend, writes
from pipeline.live.servers import LiveServers
from pipeline.recordings import CASSETTE, Cassette
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSpec

CLOCK = "2026-03-02T09:00:00+00:00"
"""When tools are tried, as far as their arguments are concerned."""
_LOOKS = 3


def targets_of(catalog: Catalog, named: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Wire name → target, by the name under which each target's tools were read.

    Raises InputError for two servers of one name, and for a tool that no server has.
    """
    names: dict[str, str] = {}
    for name, target in named:
        if names.setdefault(name, target) != target:
            raise InputError(f"two servers call themselves {name!r}: their tools cannot be called")
    for tool in catalog.tools:
        if tool.source.path not in names:
            problem = "mcp_calls is for tools of live servers only, and this one is in a file"
            raise InputError(problem, file=tool.source.path, tool=tool.name)
    return {tool.wire_name: names[tool.source.path] for tool in catalog.tools}


def open_live(
    catalog: Catalog, targets: Mapping[str, str], folder: Path
) -> tuple[Catalog, LiveBackend]:
    """The catalogue with the results that were seen, and the backend that calls its tools.

    ``folder`` is the output folder, which has the cassette. Raises InputError where a server fails.
    """
    servers, cassette = LiveServers(), cassette_of(folder)
    try:
        seen = LiveBackend(infer_world(catalog.tools, catalog.worlds), targets, cassette, servers)
        completed = complete_returns(catalog, tuple(_observations(catalog, seen)))
        tools = tuple(map(_open, completed.tools))
        completed = completed.model_copy(update={"tools": tools})
        return completed, LiveBackend(
            infer_world(tools, catalog.worlds), targets, cassette, servers
        )
    except BaseException:
        servers.close()
        raise


def open_recorded(catalog: Catalog, folder: Path) -> LiveBackend:
    """The backend that answers from the cassette alone. Raises InputError where there is none."""
    cassette = cassette_of(folder)
    if not cassette.file.exists():
        raise InputError("there is no cassette: nothing can be replayed", file=str(cassette.file))
    return LiveBackend(infer_world(catalog.tools, catalog.worlds), {}, cassette, None)


def cassette_of(folder: Path) -> Cassette:
    """The cassette of an output folder."""
    return Cassette(folder / CASSETTE)


def _observations(catalog: Catalog, backend: LiveBackend) -> Iterator[Observation]:
    environment = backend.open(derive_seed("survey"), CLOCK)
    for tool in catalog.tools:
        if writes(tool) or tool.returns_from == "source":
            continue
        for number in range(_LOOKS):
            rng = Random(derive_seed("survey", tool.wire_name, number))
            proposed = backend.propose(environment, tool.wire_name, rng)
            if proposed is not None:
                outcome = make_proposed(environment, tool.wire_name, proposed)
                if not outcome.is_error:
                    yield Observation(tool.wire_name, outcome.content)


def _open(tool: ToolSpec) -> ToolSpec:
    """A result that was neither announced nor seen may be anything."""
    if tool.returns_from in ("source", "observation"):
        return tool
    return tool.model_copy(update={"returns": {}, "returns_from": None})
