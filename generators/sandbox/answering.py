"""Leaves out the tools that can never answer: whose results' schemas ask for what cannot be made.

Most keywords of a result's schema are satisfied by construction; of the rare ones (``not``, ``if``,
``contains`` …) some cannot be, and a call of such a tool always fails. It is tried here once, when
a catalogue is opened, and the tool is skipped with its reason rather than drawn and never used.
"""

from random import Random

from generators.sandbox.propose import propose
from generators.sandbox.rare import has_constructs
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.errors import InputError
from schemas.tool import Catalog, SkippedTool

_WORLDS = 4
_CLOCK = "2026-01-15T09:00:00+00:00"
REASON = "no call of it was found whose result satisfies its result's schema"


def skip_unanswering(catalog: Catalog, strict: bool = False) -> Catalog:
    """The catalogue without the tools that never answer; with ``strict``, that is an InputError."""
    if not any(tool.returns and has_constructs(tool.returns) for tool in catalog.tools):
        return catalog
    world = infer_world(catalog.tools, catalog.worlds)
    silent = {name for name in sorted(world.models) if not _answers(world, name)}
    left = [tool for tool in catalog.tools if tool.wire_name in silent]
    if left and strict:
        raise InputError(REASON, file=left[0].source.path, tool=left[0].name)
    skipped = [SkippedTool(file=t.source.path, tool=t.name, reason=REASON) for t in left]
    kept = tuple(tool for tool in catalog.tools if tool.wire_name not in silent)
    return catalog.model_copy(update={"tools": kept, "skipped": (*catalog.skipped, *skipped)})


def _answers(world: World, name: str) -> bool:
    """Whether some call of the tool succeeds; only those with rare schemas are tried."""
    sandboxes = (Sandbox(world, seed, _CLOCK) for seed in range(_WORLDS))
    return any(
        sandbox.plan(name).checked is None or propose(sandbox, name, Random(seed)) is not None
        for seed, sandbox in enumerate(sandboxes)
    )
