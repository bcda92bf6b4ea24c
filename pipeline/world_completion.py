"""A model completes the world model when a catalogue is opened: asked once, kept beside the output.

Answers lie in the folder's ``answers.jsonl``, so that a kill in the middle repeats nothing; what
came of them is written as a world model in ``completed.world.yaml``, to be read with ``--world``
or from beside the catalogue.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from generators.completion.complete_world import Completed, complete_world, estimate, open_domains
from generators.world.overrides import merge_sources
from pipeline.backends import open_chat
from pipeline.cli.progress import tell
from pipeline.cli.world_file import world_lines
from pipeline.config import Settings
from pipeline.files import replace_file, writing
from pipeline.recordings import ANSWERS, COMPLETED, KeptChat
from schemas.tool import Catalog

Trial = Callable[[Catalog], Catalog]


class Cost(NamedTuple):
    """What a completion has cost."""

    asked: int
    known: int
    read: int
    written: int


def complete_catalog(settings: Settings, catalog: Catalog, trial: Trial) -> Catalog:
    """The catalogue with what the settings' model says of it. Raises ProviderError, OutputError."""
    completed, cost = ask_model(settings, catalog, trial)
    catalog = completed.catalog
    if completed.requests:
        name = settings.model
        tell(
            f"world model: {completed.requests} requests to {name}, {cost.known} answered before; "
            f"{cost.read:,} tokens read, {cost.written:,} written; "
            f"{len(completed.dropped)} parts of its answers left out"
        )
        lost = [f"left out of what {name} says: {one}" for one in completed.dropped]
        catalog = catalog.model_copy(update={"notes": (*catalog.notes, *lost)})
    if any(one.author == "model" for one in catalog.worlds):
        write_completed(settings.out / COMPLETED, catalog)
    return catalog


def ask_model(settings: Settings, catalog: Catalog, trial: Trial) -> tuple[Completed, Cost]:
    """Ask what is still open; nothing is asked, and no endpoint needed, where nothing is."""
    known = open_domains(catalog, trial)
    if not known:
        return Completed(catalog), Cost(0, 0, 0, 0)

    async def ask() -> tuple[Completed, Cost]:
        async with open_chat(settings) as model:
            chat = KeptChat(model, settings.out / ANSWERS)
            completed = await complete_world(catalog, known, chat, trial, tell_progress)
            return completed, Cost(chat.asked, chat.known, chat.read, chat.written)

    tell(f"Asking {settings.model} what the tools mean …")
    return asyncio.run(ask())


def estimate_cost(catalog: Catalog) -> tuple[int, int]:
    """About how many requests a completion takes, and tokens in them, without those to mend."""
    requests, characters = estimate(open_domains(catalog, lambda catalog: catalog))
    return requests, characters // 4


def tell_progress(answered: int, asked: int) -> None:
    """A line for each answer."""
    tell(f"world model: {answered} of {asked} requests answered")


def write_completed(path: Path, catalog: Catalog) -> None:
    """Write down all that models say of the catalogue. Raises OutputError."""
    said = [one for one in catalog.worlds if one.author == "model"]
    domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
    lines = world_lines(merge_sources(said), domains, said[-1].file)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, "\n".join(lines) + "\n")
