"""``probe`` and ``harden``: what a target model can do, and tasks made harder until it cannot."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.cli import answers
from pipeline.cli.answers import DONE, SHORTFALL, SafeConsole, make_table
from pipeline.cli.errors_command import tell_rate
from pipeline.cli.progress import SECONDS_WITH_A_MODEL, Watcher, watching
from pipeline.config import Settings
from pipeline.dataset import Dataset
from pipeline.probing.harden import harden
from pipeline.probing.probe import Prober, probe
from pipeline.probing.probes_file import HARDENED, Probed, choose_model, read_attempts
from pipeline.probing.summary import Summary, summarise
from pipeline.probing.weights import weigh, write_weights
from pipeline.run.output_folder import manifest_of
from schemas.attempt import Attempt, Hardening
from schemas.errors import InputError

_SHOWN, _NAMED = 12, 3
"""Rows of a table, and clusters; operators of a cluster."""


class _Progress:
    """Says how far it is, once in a while."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher, self._prober = watcher, None  # type: Watcher, Prober | None
        self._made = self._passed = 0
        self._told = time.monotonic()

    def watch(self, prober: Prober) -> None:
        """Look at this one."""
        self._prober = prober

    @property
    def probed(self) -> str:
        """The model that was looked at, and its place."""
        assert self._prober is not None
        return Probed(self._prober.client.name, self._prober.client.place).told

    def note(self, attempt: Attempt) -> None:
        """One more is made."""
        self._made += 1
        self._passed += bool(attempt.passed)
        if time.monotonic() - self._told < SECONDS_WITH_A_MODEL:
            return
        self._told = time.monotonic()
        doing = f"; {self._prober.activity().tell(0.0)}" if self._prober else ""
        self._watcher.say(f"{self._made} attempts, {self._passed} passed{doing}")


def probe_command(
    folder: Path,
    settings: Settings,
    attempts: int,
    tasks: int | None,
    decisions: bool,
    weights: Path | None = None,
) -> int:
    """Have a model attempt what is missing, if one is named, and say what all attempts come to.

    Raises InputError, OutputError, ProviderError.
    """
    manifest_of(folder)
    stopped, probed = "", ""
    if settings.model is not None:
        first = f"Probing {settings.model} with the tasks of {folder} …"
        with watching(settings.quiet or settings.as_json, first) as watcher:
            seen = _Progress(watcher)
            stopped = probe(
                folder, settings, attempts, tasks, decisions=decisions, tell=answers.warn,
                note=seen.note, watch=seen.watch,
            )  # fmt: skip
        probed = seen.probed
    if stopped:
        answers.warn(f"{stopped}: the same command goes on with a larger one")
    known = read_attempts(folder)
    if stopped and not known:
        return SHORTFALL
    meant = choose_model(known, probed)
    own = [one for one in known if (one.model, one.place) == meant]
    found = summarise(meant.model, own, Dataset(folder))
    if weights is not None:
        write_weights(weights, weigh(found))
    if settings.as_json:
        answers.print_json(found)
    elif not settings.quiet:
        print_summary(found)
        if weights is not None:
            answers.print_line(f"{weights}: for `toolweave build --weights {weights}`")
    return SHORTFALL if stopped else DONE


def print_summary(found: Summary) -> None:
    """The tables, the hardest first; then where it went wrong."""
    for line in tell_summary(found):
        answers.print_line(line)
    console = SafeConsole(width=120)
    table = make_table("tasks", "", "attempts that solved theirs", numbers=("attempts",))
    for kind, rates in found.rates.items():
        for name, rate in [*rates.items()][:_SHOWN]:
            table.add_row(kind, name, tell_rate(rate))
    for name, rate in [*found.decisions_by_tool.items()][:_SHOWN]:
        table.add_row("move", name or "words", tell_rate(rate))
    console.print(table)
    if not found.clusters:
        return
    table = make_table(
        "failures", "first wrong step", "at", "mostly with", "such as", numbers=("failures",)
    )
    for one in found.clusters[:_SHOWN]:
        at = one.tool or "words"
        at += f" (called {one.instead})" if one.instead and one.instead != one.tool else ""
        what = f"{one.code} (move)" if one.decision else one.code
        mostly = ", ".join([*one.operators][:_NAMED])
        table.add_row(f"{one.count}", what, at, mostly, one.examples[0])
    console.print(table)


def tell_summary(found: Summary) -> Iterator[str]:
    """How much of it a model can do, in a few lines."""
    yield f"{found.model}: tasks solved {tell_rate(found.attempts)}"
    if found.attempts.of:
        yield (f"  of {found.always + found.sometimes + found.never} tasks {found.always} by each "
               f"attempt, {found.sometimes} by some, {found.never} by none")  # fmt: skip
    if found.decisions.of:
        yield f"  moves as good as the proven one {tell_rate(found.decisions)}"
    if found.not_served:
        yield f"  {found.not_served} attempts were not served, and do not count"


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
            steps = (f"{s.operator} {s.passed.hits} of {s.passed.of}" for s in one.steps)
            watcher.say(f"{one.origin}: {', '.join(steps)}")

        made, stopped = harden(
            folder, settings, attempts, below, tasks, tell=answers.warn, note=note
        )
    if settings.as_json:
        answers.print_json([one.model_dump(mode="json") for one in made])
    elif not settings.quiet:
        failed = Counter(one.steps[-1].operator for one in made if one.ended == "failed")
        told = f"{len(made)} harder tasks, {failed.total()} of them failed now"
        answers.print_line(f"{folder / HARDENED}: {told}")
        if failed:
            counts = ", ".join(f"{name} {count}" for name, count in failed.most_common())
            answers.print_line(f"  failed with: {counts}")
    if stopped:
        answers.warn(f"{stopped}: the same command goes on with a larger one")
    return SHORTFALL if stopped else DONE
