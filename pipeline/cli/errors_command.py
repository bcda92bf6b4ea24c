"""``errors`` and ``calibrate``: mistakes in what was accepted, and how well they are told."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from data.prompts import read_prompts
from pipeline.cli import answers
from pipeline.cli.answers import DONE, SafeConsole, make_table
from pipeline.cli.progress import reading
from pipeline.config import Settings
from pipeline.run.calibration import Calibration, calibrate
from pipeline.run.data_lines import lines
from pipeline.run.error_files import ErrorNote, choose_kinds, make_errors
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of, read_catalog
from pipeline.run.workshop import stages_of
from schemas.attempt import Rate
from schemas.mistake import Use
from schemas.trajectory import Trajectory
from schemas.verdict import Verdict
from validators.court import Court


def errors_command(
    stages: str,
    folder: Path,
    shares: dict[Use, float],
    names: Sequence[str],
    seed: int,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Make mistakes with truth in a folder's conversations. Raises InputError, OutputError."""
    manifest_of(folder)
    kinds = choose_kinds(names)
    environments = stages_of(stages).environments(read_catalog(folder), folder)
    with reading(folder / ACCEPTED, quiet or as_json) as seen:
        note = make_errors(folder, environments, shares, kinds, seed, force=force, seen=seen)
    if as_json:
        answers.print_json(note)
    elif not quiet:
        for line in tell_errors(folder, note):
            answers.print_line(line)
    return DONE


def tell_errors(folder: Path, note: ErrorNote) -> Iterator[str]:
    """What was made, in two lines."""
    made = ", ".join(f"{count} for {use}" for use, count in note.made.items()) or "none"
    yield f"{folder}: mistakes in {note.trajectories} conversations: {made}"
    if note.by_kind:
        yield "  " + ", ".join(f"{kind} {count}" for kind, count in note.by_kind.items())
    if note.failed:
        told = ", ".join(f"{kind} {count}" for kind, count in note.failed.items())
        yield f"  raised an error, and made nothing: {told}"


def calibrate_command(
    stages: str,
    folder: Path,
    most: int,
    names: Sequence[str],
    settings: Settings,
    as_model: bool = False,
) -> int:
    """Print how well clean and damaged copies are told apart. Raises InputError, ProviderError."""
    manifest = manifest_of(folder)
    kinds = choose_kinds(names)
    environments = stages_of(stages).environments(read_catalog(folder), folder)

    def read(seen: object) -> Iterator[Trajectory]:
        for line in lines(folder / ACCEPTED, manifest.accepted_bytes):
            seen(line.length)  # type: ignore[operator]
            yield line.trajectory

    async def measure(seen: object) -> Calibration:
        given = read(seen), environments, kinds, most, settings.seed
        if settings.model is None:
            return await calibrate(*given, as_model=as_model)
        from pipeline.chat.models import asking

        prompts = read_prompts(settings.prompts)
        async with asking(settings, "judge", answers.warn) as model:

            async def ask(trajectory: Trajectory) -> tuple[Verdict, ...]:
                return await Court([model]).judge(trajectory, (), trajectory.seed, prompts)

            return await calibrate(*given, ask, model.name, as_model=as_model)

    with reading(folder / ACCEPTED, settings.quiet or settings.as_json) as seen:
        found = asyncio.run(measure(seen))
    if settings.as_json:
        answers.print_json(found)
    else:
        print_calibration(found)
    return DONE


def print_calibration(found: Calibration) -> None:
    """A row for each kind, then the totals, and the clean copies."""
    judges = ("judge_accepted", "judge_silent", "judge_blamed") if found.judge != "none" else ()
    judged = ("judge accepts", "judge silent", "blames right") if judges else ()
    left = ("left to a judge",) if found.clean_suspected.hits else ()
    columns = ("kind", "copies", "false accepts", *left, "right message", *judged)
    table = make_table(*columns, numbers=columns[1:])
    for one in found.kinds:
        own = (one.accepted, *((one.suspected,) if left else ()), one.blamed)
        cells = [tell_rate(rate) if one.by_code else "a judge's" for rate in own]
        cells += [tell_rate(getattr(one, name)) for name in judges]
        table.add_row(one.kind, f"{one.accepted.of}", *cells)
    total = found.total("accepted")
    names = ("accepted", *(("suspected",) if left else ()), "blamed")
    cells = [tell_rate(found.total(name)) for name in names]
    cells += [tell_rate(found.total(name, by_code=False)) for name in judges]
    table.add_row("what code can decide" if not judged else "all", f"{total.of}", *cells)
    SafeConsole(width=150).print(table)
    answers.print_line(f"clean copies rejected by the checks: {tell_rate(found.clean)}")
    if left:
        told = tell_rate(found.clean_suspected)
        answers.print_line(f"clean copies left to a judge: {told}")
    if judged:
        told = f"clean copies rejected by {found.judge}: {tell_rate(found.judge_clean)}"
        answers.print_line(told)
        silent = tell_rate(found.judge_clean_silent)
        answers.print_line(f"clean copies that {found.judge} did not decide: {silent}")


def tell_rate(rate: Rate) -> str:
    """``2 of 50: 4.0 % (1.1–13.5)``."""
    if not rate.of:
        return "–"
    low, high = rate.interval
    share = 100 * rate.hits / rate.of
    return f"{rate.hits} of {rate.of}: {share:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
