"""The program's own stages, which read a catalogue that stands only once in a process."""

from collections.abc import Sequence
from pathlib import Path

from generators.importers import NamedDocument
from pipeline import opening
from pipeline.config import Settings
from pipeline.opening import OpenWorkshop, environments
from schemas.tool import Catalog

__all__ = ["environments", "open_workshop"]
STAND = (Path(__file__).parents[1] / "data", Path(__file__).parents[2] / "shared")
"""Where files lie that no test changes."""
SAID_OF_RUNS = {
    "base_url", "budget_minutes", "budget_money", "budget_tokens", "concurrency", "as_json",
    "judge_model", "max_candidates", "mix", "model", "n", "out", "quiet", "recipe", "roles",
    "sampler", "seed", "shard_size", "structure", "tools", "workers",
}  # fmt: skip
"""Settings that say nothing of how the files are read."""
_PLAIN = Settings().model_dump(exclude=SAID_OF_RUNS)
_KNOWN: dict[tuple[Path, ...], Catalog] = {}


def open_workshop(settings: Settings) -> OpenWorkshop:
    """What is read and tried of the own catalogues, and of files that stand, is the same always."""
    return opening.open_workshop(settings, read_once)


def read_once(settings: Settings, documents: Sequence[NamedDocument]) -> Catalog:
    changed = settings.model_dump(exclude=SAID_OF_RUNS) != _PLAIN
    stand = all(any(map(path.resolve().is_relative_to, STAND)) for path in settings.tools)
    if documents or changed or not stand or settings.completes_world:
        return opening.read_catalog(settings, documents)
    if settings.tools not in _KNOWN:
        _KNOWN[settings.tools] = opening.read_catalog(settings, documents)
    return _KNOWN[settings.tools]
