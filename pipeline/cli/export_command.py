"""``export`` and ``push``: the accepted trajectories in a trainer's form, and as a data set."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from pipeline.cli import answers
from pipeline.cli.answers import DONE, SHORTFALL
from pipeline.cli.progress import reading
from pipeline.config import refused
from pipeline.exports import EXPORTS, PARQUET
from pipeline.exports.format import Format, Shape, tell_choices, tell_option
from pipeline.exports.parquet import export_parquet
from pipeline.exports.write import Exported, every, export
from pipeline.probing.probes_file import HARDENED, find_in_window, find_moves_in_window
from pipeline.publishing.push import push
from pipeline.run.error_files import NEAR_MISSES, RECOVERIES
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of
from schemas.errors import InputError
from schemas.masks import FORMS
from schemas.record import JsonObject

DATA = {
    "accepted": ACCEPTED, "recoveries": RECOVERIES, "near_misses": NEAR_MISSES,
    "hardened": HARDENED,
}  # fmt: skip
"""What can be exported of a folder, and where it lies."""


def export_command(
    folder: Path,
    to: str,
    tools_as: str,
    shape: JsonObject,
    seed: int,
    with_stiff: bool,
    out: Path | None,
    force: bool,
    quiet: bool,
    as_json: bool,
    workers: int,
    of: str = "accepted",
    pass_rate: str | None = None,
    move_rate: str | None = None,
) -> int:
    """Write a trainer's file. Raises InputError, OutputError."""
    if of not in DATA:
        raise InputError(f"unknown data {of!r}; there is {', '.join(DATA)}", place="--of")
    if tools_as not in ("list", "text"):
        raise InputError(f"unknown form {tools_as!r}; there is list, text", place="--tools-as")
    forms = {known.name: known for known in EXPORTS}
    if to not in {*forms, PARQUET}:
        known = ", ".join((*forms, PARQUET))
        raise InputError(f"unknown format {to!r}; there is {known}", place="--to")
    chosen = _read_shape(shape)
    manifest_of(folder)
    form = None if to == PARQUET else forms[to].load()
    if of != "accepted" and (form is None or form.read is not None):
        raise InputError(f"holds what is accepted, or its mistakes: no {of}", place=to)
    if of != "accepted" and not (folder / DATA[of]).is_file():
        command = "harden" if of == "hardened" else "errors"
        problem = f"does not exist; `toolweave {command}` makes it"
        raise InputError(problem, file=str(folder / DATA[of]))
    within, moves = _read_windows(folder, to, form, pass_rate, move_rate)
    if form is None:
        if chosen != Shape():
            raise InputError("the tables are as they are: it takes no such option", place=to)
        exported = export_parquet(folder, out or folder / "exports" / PARQUET, force, with_stiff)
    else:
        name = to if of == "accepted" else f"{to}-{of}"
        file = out or folder / "exports" / f"{name}.{form.suffix}"
        with reading(folder / DATA[of], quiet) as seen:
            exported = export(
                *(folder, form, file, force, seen),
                shape=chosen,
                as_text=tools_as == "text",
                with_stiff=with_stiff,
                seed=seed,
                processes=workers,
                data=DATA[of],
                wanted=every if within is None else within.__contains__,
                moves=moves,
            )
    if as_json:
        answers.print_json(exported)
    elif not quiet:
        _print(exported)
    if exported.left_out:
        why = "; ".join(f"{problem} ({count})" for problem, count in exported.problems.items())
        answers.warn(f"{exported.left_out} trajectories were left out: {why}")
    return SHORTFALL if exported.left_out else DONE


def _read_windows(
    folder: Path, to: str, form: Format | None, pass_rate: str | None, move_rate: str | None
) -> tuple[frozenset[int] | None, dict[int, frozenset[int]] | None]:
    """The tasks and the moves that are wanted, None where all are. Raises InputError."""
    if pass_rate is not None and form is None:
        raise InputError("the tables have all: it takes no --pass-rate", place=to)
    if move_rate is not None and (form is None or form.read is not None):
        raise InputError("takes no --move-rate: it has no messages to learn from", place=to)
    tasks = find_in_window(folder, pass_rate) if pass_rate is not None else None
    return tasks, find_moves_in_window(folder, move_rate) if move_rate is not None else None


def _read_shape(given: JsonObject) -> Shape:
    """What is chosen, or an error that names the option and what there is."""
    try:
        return Shape(**given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        known = FORMS if name == "train" else tell_choices(Shape.model_fields[name].annotation)
        told = ", ".join(map(repr, given[name])) if name == "train" else repr(given[name])
        problem = f"unknown choice {told}; there is {', '.join(known)}"
        if not known:
            problem = refused(error).problem
        raise InputError(problem, place=tell_option(name)) from None


def _print(exported: Exported) -> None:
    stiff = f", {exported.stiff} in stiff words left out" if exported.stiff else ""
    answers.print_line(f"{exported.file}: {exported.rows} rows{stiff}")
    if exported.not_carried:
        lost = ", ".join(f"{name} ({count})" for name, count in exported.not_carried.items())
        answers.print_line(f"  without what the format has no place for: {lost}")


def push_command(
    folder: Path,
    target: str,
    formats: Sequence[str],
    name: str,
    licence: str,
    test: float,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Publish a folder. Raises InputError, OutputError."""
    pushed = push(folder, target, formats, name=name, licence=licence, test=test, force=force)
    if as_json:
        answers.print_json(pushed)
    elif not quiet:
        rows = ", ".join(f"{part} {count}" for part, count in pushed.rows.items())
        answers.print_line(f"{pushed.target}: {len(pushed.files)} files; rows of {rows}")
        if not pushed.licence:
            answers.warn("the sources state no licence, or several: --license names one for all")
    if pushed.left_out:
        why = "; ".join(f"{problem} ({count})" for problem, count in pushed.problems.items())
        answers.warn(f"{pushed.left_out} rows were left out: {why}")
    return SHORTFALL if pushed.left_out else DONE
