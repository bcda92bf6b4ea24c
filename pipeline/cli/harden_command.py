"""``harden``: tasks that a target model solves, made harder until it fails."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.cli import answers
from pipeline.cli.progress import watching
from pipeline.config import Settings
from pipeline.probing.harden import harden
from pipeline.probing.probes_file import HARDENED
from pipeline.run.output_folder import manifest_of
from schemas.errors import InputError
from schemas.hardening import Hardening

DONE, SHORTFALL = 0, 3


def harden_command(
    folder: Path, settings: Settings, attempts: int, below: float, tasks: int | None
) -> int:
    """Add operators to the tasks that the model solves. Raises InputError, ProviderError."""
    manifest_of(folder)
    if settings.model is None:
        raise InputError("needs a model: give --model")
    first = f"Making tasks of {folder} harder for {settings.model} …"
    with watching(settings.quiet or settings.as_json, first) as watcher:

        def note(one: Hardening) -> None:
            watcher.say(tell_hardening(one))

        made, stopped = harden(
            folder, settings, attempts, below, tasks, tell=answers.warn, note=note
        )
    if settings.as_json:
        answers.print_json([one.model_dump(mode="json") for one in made])
    elif not settings.quiet:
        for line in tell_made(folder, made):
            answers.print_line(line)
    if stopped:
        answers.warn(f"{stopped}: the same command goes on with a larger one")
    return SHORTFALL if stopped else DONE


def tell_made(folder: Path, made: Sequence[Hardening]) -> Iterator[str]:
    """What came of it, in a few lines."""
    failed = Counter(one.steps[-1].operator for one in made if one.ended == "failed")
    yield f"{folder / HARDENED}: {len(made)} harder tasks, {failed.total()} of them failed now"
    if failed:
        told = ", ".join(f"{name} {count}" for name, count in failed.most_common())
        yield f"  failed with: {told}"


def tell_hardening(one: Hardening) -> str:
    """``3f9c: fuzzy 4 of 4, fault 1 of 4``."""
    steps = (f"{step.operator} {step.passed.hits} of {step.passed.of}" for step in one.steps)
    return f"{one.origin}: {', '.join(steps)}"
