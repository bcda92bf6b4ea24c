"""What the build loop sees of the stages: something that makes candidate number i, and its aims.

How candidates are made lies in `generators` and `validators`; how many are made, in what order
they are kept and where, lies in `pipeline.run.build_loop` and `pipeline.run.output_folder`.
"""

import importlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import Field

from pipeline.chat.activity import Activity
from pipeline.config import Settings
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.check import EnvironmentFactory
from schemas.record import JsonObject, Record
from schemas.tool import Catalog
from schemas.trajectory import Trajectory

_NEAR = 0.1
"""By so much of a share what is got may differ without a word."""


class Aims(Record):
    """What a build could have."""

    shares: dict[str, float] = Field(default_factory=dict)
    """Operator → the share of conversations in which it is tried or, if asked for, wanted."""
    asked: tuple[str, ...] = ()
    """The operators that are steered to, since somebody has named their share."""
    kinds: dict[str, str] = Field(default_factory=dict)
    """Operator → that of which it is a kind: its share is of those."""
    needs: dict[str, str] = Field(default_factory=dict)
    """Operator → what of the tools gives it a place."""
    lacking: tuple[str, ...] = ()
    """Operators for which no tool that people ask for has it."""
    possible: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """``tools``, ``edges``, ``entities``, ``outcomes``, ``persons`` → those that could be had."""
    entities: dict[str, str] = Field(default_factory=dict)
    """Tool → the entity that it is about."""


class Used(Record):
    """What the accepted conversations have."""

    conversations: int = 0
    operators: dict[str, int] = Field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """``tools``, ``edges``, ``outcomes``, ``persons`` → those that they have."""


class Share(Record):
    """Of how many conversations an operator was wanted, and in how many it is."""

    asked: float
    steered: bool
    """Somebody has asked for it; otherwise it is tried where a conversation has a place for it."""
    got: float
    why: str = ""
    """Why they differ; empty where they do not."""


def compare_shares(aims: Aims, used: Used) -> dict[str, Share]:
    """Asked and got for each operator, and why where they differ."""
    shares = {}
    for name, asked in aims.shares.items():
        kind = aims.kinds.get(name)
        every = used.operators.get(kind, 0) if kind else used.conversations
        got = used.operators.get(name, 0) / max(1, every)
        why = ""
        if abs(got - asked) > _NEAR * asked + 1 / max(1, every):
            why = _tell_why(aims, name, more=got > asked)
        shares[name] = Share(asked=asked, steered=name in aims.asked, got=round(got, 4), why=why)
    return shares


def _tell_why(aims: Aims, name: str, *, more: bool) -> str:
    needed = aims.needs.get(name, "")
    if name in aims.lacking:
        return f"cannot be had: no tool that people ask for is {needed}"
    if more:
        return "others bring it with them"
    if name in aims.asked:
        return f"it needs {needed}" if needed else "few conversations have a place for it"
    return "tried, not asked for: few conversations have a place for it"


def count_coverage(aims: Aims, used: Used, graph: Mapping[str, int]) -> dict[str, int]:
    """How many there are, could be had and are used; ``graph``: what is counted of all there is."""
    names: dict[str, Any] = {kind: set(found) for kind, found in used.names.items()}
    names["entities"] = {
        aims.entities[one] for one in names.get("tools", ()) if one in aims.entities
    }
    counts = dict(graph)
    for kind in ("tools", "edges", "entities", "outcomes", "persons"):
        had = names.get(kind, set())
        counts |= {f"{kind}_possible": len(had.union(aims.possible.get(kind, ()))),
                   f"{kind}_used": len(had)}  # fmt: skip
    return counts


def tell_lacking(aims: Aims) -> Iterator[str]:
    """A line for each operator that is asked for in vain."""
    for name in aims.asked:
        if name in aims.lacking:
            yield f"{name}: asked for, and {_tell_why(aims, name, more=False)}"


def tell_shares(shares: Mapping[str, Share]) -> Iterator[str]:
    """What was asked and got, a line each; of what nobody asked for, one line for all."""
    for name, one in shares.items():
        if one.steered:
            why = f" ({one.why})" if one.why else ""
            yield f"{name}: asked {one.asked:.0%}, got {one.got:.0%}{why}"
    tried = [f"{name} {one.got:.0%}" for name, one in shares.items() if one.got and not one.steered]
    if tried:
        yield f"not asked for: {', '.join(tried)}"


def tell_coverage(coverage: Mapping[str, int]) -> str:
    """``used: 40 of 42 tools, 80 of 120 edges, …``, of those that could be."""
    kinds = ("tools", "edges", "entities", "outcomes", "persons")
    parts = [f"{coverage[f'{one}_used']} of {coverage[f'{one}_possible']} {one}" for one in kinds
             if coverage.get(f"{one}_possible")]  # fmt: skip
    return f"used: {', '.join(parts) or 'nothing'}"


class Casting(Protocol):
    """The models of a run, for each candidate."""

    def cast(self, index: int) -> Mapping[str, ChatModel]:
        """Those who play a candidate, until it is released."""
        ...

    def release(self, index: int) -> None:
        """A candidate is at its end."""
        ...

    def ask_elsewhere(self, ask: Callable[[int, str, ChatRequest], Awaitable[ChatReply]]) -> None:
        """Have all that is asked in this process answered in another one."""
        ...


class Workshop(Protocol):
    """An endless stream of candidates: number i depends on the fingerprint and on i only."""

    @property
    def catalog(self) -> Catalog:
        """The tools, and what was repaired or skipped in their files."""
        ...

    @property
    def fingerprint(self) -> str:
        """Content hash of everything that decides the stream."""
        ...

    @property
    def aims(self) -> Aims:
        """What a build sets out to have."""
        ...

    @property
    def models(self) -> Casting | None:
        """Who is asked in a candidate's dialogue; None where scripts play."""
        ...

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Model → options that its endpoint does not take."""
        ...

    @property
    def shown(self) -> Mapping[str, tuple[str, ...]]:
        """Model → what its endpoint has been seen to do."""
        ...

    @property
    def activity(self) -> Callable[[], Activity] | None:
        """Tells what the models are doing; None where there are none."""
        ...

    async def candidate(self, index: int) -> Trajectory:
        """Make candidate ``index`` with verdicts and labels. Raises ToolweaveError.

        Anything else that it raises costs the candidate, and what was made of it by then.
        """
        ...

    def size(self, index: int) -> int:
        """How large candidate ``index`` is, which nobody has played: what it costs follows it."""
        ...

    def graph_json(self) -> JsonObject:
        """Give the tool graph in node-link form: facts of an edge beside its ends."""
        ...

    async def close(self) -> None:
        """Give back what it holds open."""
        ...


class Stages(Protocol):
    """How the stages are put together; the module `pipeline.opening` is one."""

    def open_workshop(self, settings: Settings) -> Workshop:
        """Read the catalogues and make a workshop. Raises InputError."""
        ...

    def environments(self, catalog: Catalog, folder: Path | None = None) -> EnvironmentFactory:
        """Make the environments in which the calls of a catalogue can be replayed.

        ``folder`` is the output folder that they were made in, which may say in what they ran.
        """
        ...


def stages_of(module: str) -> Stages:
    """Import stages by the name of their module: plain text that travels to any process."""
    return cast(Stages, importlib.import_module(module))
