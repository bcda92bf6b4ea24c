"""Live servers as a backend: their tools really run, and every answer is on a cassette.

Of a live server's state nothing is known, so the state's hash is that of the writes that succeeded,
and the same call in the same state is answered once, then from the cassette. A snapshot is the list
of writes; it cannot be taken back on the server, so a proposal tries reads only. Without servers,
the cassette alone answers: a call that is not on it is a NotRecordedError.

What a server does not announce is seen by calling: reads whose results have no schema are made a
few times, on the cassette like any other call. What cannot be seen so may return anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from generators.backends.backend import ShownRows, WantedCall
from generators.backends.python_tools import failure
from generators.learned_results import Observation, complete_returns
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.sandbox.errors_and_faults import find_invalid, strike
from generators.sandbox.propose import Proposal, make_proposed, propose_call
from generators.world.infer import infer_world
from generators.world.model import World
from pipeline.live.servers import TIMEOUT, LiveServers, Made, NotRepeatableError
from pipeline.recordings import CASSETTE, Cassette
from schemas.canonical import content_hash, derive_seed
from schemas.environment import CallOutcome, Change, Environment
from schemas.errors import InputError, NotRecordedError
from schemas.leaves import leaves
from schemas.message import Fault
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec, plain_result, source_arguments

CLOCK = "2026-03-02T09:00:00+00:00"
"""When tools are tried, as far as their arguments are concerned."""
_LOOKS = 3
_TRIES = 6
"""Of a read, on a server that answers in its own time."""


class Written(NamedTuple):
    """A write that succeeded, by wire name."""

    tool: str
    arguments: JsonObject
    outcome: CallOutcome


@dataclass(frozen=True)
class LiveBackend:
    """Implements `generators.backends.backend.Backend`."""

    world: World
    targets: Mapping[str, str]
    """Wire name → the server that has the tool: a command line, or an address. Empty without
    servers."""
    cassette: Cassette
    servers: LiveServers | None = field(default_factory=LiveServers)
    """None: only what is on the cassette is answered."""
    name: str = "mcp"

    @property
    def pure_reads(self) -> bool:
        """What a server does is not known."""
        return False

    def open(self, seed: int, clock: str) -> "LiveEnvironment":
        """A session: the same for the same seed and clock. Nothing is started before a call."""
        return LiveEnvironment(self, content_hash([seed, clock]), clock)

    def propose(self, environment: Environment, wanted: WantedCall, rng: Random) -> Proposal | None:
        """Arguments out of what was seen in earlier results; only reads are tried.

        Raises TypeError for an environment of another backend, and whatever a call raises.
        """
        if not isinstance(environment, LiveEnvironment):
            raise TypeError(f"{type(environment).__name__} is no session of live servers")
        model = self.world.models[wanted.name]
        environment.look_around(model.tool.domain)
        rows = ShownRows(self.world, environment, environment.column, environment.clock)
        tool, seen = rows.compiled(model.name), wanted.scope.view(rows)
        return propose_call(
            environment, seen, tool, rng, wanted.given, wanted.optional, tries=_TRIES,
            tried=not writes(model.tool),
        )  # fmt: skip

    def close(self) -> None:
        """End what was started."""
        if self.servers is not None:
            self.servers.close()


def writes(tool: ToolSpec) -> bool:
    """Whether a tool may change something: what is not known to read is taken to write."""
    return tool.effect != "read"


class LiveEnvironment:
    """The calls of one conversation. Implements `schemas.environment.Environment`."""

    def __init__(self, backend: LiveBackend, session: str, clock: str) -> None:
        """``session`` tells one conversation's calls from another's on the cassette."""
        self._backend, self._session, self.clock = backend, session, clock
        self._history: tuple[Written, ...] = ()
        self._seen: dict[str, dict[Any, None]] = {}
        self._looked: set[str] = set()

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name; one that is made to fail never reaches the server.

        Raises InputError where the server fails, NotRecordedError where there is none and the call
        is not on the cassette.
        """
        model = self._backend.world.models.get(name)
        if model is None:
            return failure("unknown_tool", f"There is no tool named {name}.")
        if fault is not None:
            return strike(self, name, arguments, fault, ())
        wrong = find_invalid(model.tool.parameters, arguments)
        if wrong is not None:
            return wrong.outcome
        outcome = self._answer(model.tool, arguments)
        if not outcome.is_error:
            # ``id`` of a task is found as ``task_id`` too.
            for path, value in leaves(outcome.content):
                if value is None or isinstance(value, dict | list):
                    continue
                *above, last = path.replace("[", ".[").split(".")
                names = [last]
                if last == "id":
                    around = [part for part in above if part and not part.startswith("[")]
                    things = (
                        (model.noun, singular(in_words(around[-1]))) if around else (model.noun,)
                    )
                    names += [f"{thing.replace(' ', '_')}_id" for thing in dict.fromkeys(things)]
                for title in names:
                    self._seen.setdefault(title, {})[value] = None
            if writes(model.tool):
                self._history = (*self._history, Written(name, arguments, outcome))
        content = plain_result(model.tool, outcome.content)
        return CallOutcome(content=content, is_error=outcome.is_error)

    def _answer(self, tool: ToolSpec, arguments: JsonObject) -> CallOutcome:
        """From the cassette, or from the server and then on the cassette."""
        cassette, state = self._backend.cassette, self.state_hash()
        known = cassette.find(self._session, state, tool.wire_name, arguments)
        if known is not None:
            return known
        if self._backend.servers is None:
            raise NotRecordedError(
                f"{cassette.file}: {tool.wire_name} was not called so at this point of its session"
            )
        try:
            models, targets = self._backend.world.models, self._backend.targets
            history = tuple(
                Made(targets[one.tool], models[one.tool].tool.name,
                     source_arguments(models[one.tool].tool, one.arguments), one.outcome)
                for one in self._history
            )  # fmt: skip
            target, sent = targets[tool.wire_name], source_arguments(tool, arguments)
            outcome = self._backend.servers.call(target, self._session, history, tool.name, sent)
            if writes(tool) and not outcome.is_error:
                made = Made(target, tool.name, sent, outcome)
                self._backend.servers.note(self._session, history, made)
        except NotRepeatableError as problem:
            outcome = failure("unavailable", f"The service cannot go on from here: {problem}.")
        cassette.append(self._session, state, tool.wire_name, arguments, outcome)
        return outcome

    # -- what was seen

    def look_around(self, domain: str) -> None:
        """Make the reads of a domain that need nothing to be given, once in a state."""
        key = f"{domain} {self.state_hash()}"
        if key in self._looked:
            return
        self._looked.add(key)
        for model in self._backend.world.models.values():
            if model.tool.domain == domain and not writes(model.tool) and not model.tool.required:
                self.call(model.name, {})

    def column(self, name: str) -> Sequence[Any]:
        """The values that results had under a name."""
        return tuple(self._seen.get(name, ()))

    # -- the state, as far as it is known

    def state_hash(self) -> str:
        """Hash of the writes that succeeded, in order."""
        return content_hash([[made.tool, made.arguments] for made in self._history])

    def changes(self) -> tuple[Change, ...]:
        """The writes that succeeded: what they changed is the server's secret."""
        return tuple(
            Change(
                table="writes", key=str(number), before=None,
                after={"tool": made.tool, "arguments": made.arguments},
            )
            for number, made in enumerate(self._history)
        )  # fmt: skip

    def rows(self, table: str) -> Sequence[JsonObject]:
        """None: a live server's rows are not to be seen."""
        del table
        return ()

    def snapshot(self) -> tuple[Written, ...]:
        """The writes so far."""
        return self._history

    def restore(self, snapshot: tuple[Written, ...]) -> None:
        """Go back to a state; the next call is made by a server that has made its writes only."""
        self._history = snapshot


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
    catalog: Catalog, targets: Mapping[str, str], folder: Path, timeout: float = TIMEOUT
) -> tuple[Catalog, LiveBackend]:
    """The catalogue with the results that were seen, and the backend that calls its tools.

    ``folder`` is the output folder, which has the cassette; ``timeout`` is for a start, and for
    each call, in seconds. Raises InputError where a server fails.
    """
    servers, cassette = LiveServers(timeout), cassette_of(folder)
    try:
        seen = LiveBackend(_infer_live(catalog.tools, catalog), targets, cassette, servers)
        observed: list[Observation] = []
        environment = seen.open(derive_seed("survey"), CLOCK)
        for tool in catalog.tools:
            asks = not writes(tool) and tool.returns_from != "source"
            for number in range(_LOOKS if asks else 0):
                rng = Random(derive_seed("survey", tool.wire_name, number))
                proposed = seen.propose(environment, WantedCall(tool.wire_name), rng)
                if proposed is not None:
                    outcome = make_proposed(environment, tool.wire_name, proposed)
                    if not outcome.is_error:
                        observed.append(Observation(tool.wire_name, outcome.content))
        completed = complete_returns(catalog, tuple(observed))
        # A result that was neither announced nor seen may be anything.
        unknown: JsonObject = {"returns": {}, "returns_from": None}
        tools = tuple(
            tool
            if tool.returns_from in ("source", "observation")
            else tool.model_copy(update=unknown)
            for tool in completed.tools
        )
        completed = completed.model_copy(update={"tools": tools})
        return completed, LiveBackend(_infer_live(tools, catalog), targets, cassette, servers)
    except BaseException:
        servers.close()
        raise


def open_recorded(catalog: Catalog, folder: Path) -> LiveBackend:
    """The backend that answers from the cassette alone. Raises InputError where there is none."""
    cassette = cassette_of(folder)
    if not cassette.file.exists():
        raise InputError("there is no cassette: nothing can be replayed", file=str(cassette.file))
    return LiveBackend(_infer_live(catalog.tools, catalog), {}, cassette, None)


def _infer_live(tools: Sequence[ToolSpec], catalog: Catalog) -> World:
    return replace(infer_world(tools, catalog.worlds), answered=True)


def cassette_of(folder: Path) -> Cassette:
    """The cassette of an output folder."""
    return Cassette(folder / CASSETTE)
