"""Makes mistakes in the accepted conversations of an output folder, and writes what comes of them.

Each conversation is looked at once for each use, by seeds of its own: the same folder, shares and
seed give the same files, and what is interrupted goes on where it stopped. Of the kinds that find a
place, the one that was made least for the use so far is made: few of them fit everywhere. Nothing
is kept that the checks do not confirm: a recovery is accepted, a near miss is rejected.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import get_args

from pydantic import Field, ValidationError

from generators.errors import KINDS
from generators.errors.draft import Kind
from generators.errors.ground import Ground, shuffled
from generators.errors.make import Made, make_mistake
from pipeline.files import append_durably, replace_file
from pipeline.run.data_lines import Line, lines, work_on_lines
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import locked, manifest_of
from schemas.canonical import derive_seed
from schemas.check import EnvironmentFactory
from schemas.errors import InputError, OutputError, ToolweaveError
from schemas.mistake import Mistake, Use
from schemas.record import Record
from schemas.trajectory import Trajectory
from validators.checks import examine

NOTE = "errors.json"
USES: tuple[Use, ...] = get_args(Use)
USUAL: Mapping[Use, float] = {"recovery": 0.2, "pair": 0.5, "steps": 0.2, "near_miss": 0.2}
_AT_ONCE = 50
"""Conversations after which what was made is written."""


class ErrorNote(Record):
    """How far a folder's mistakes are made, and of what."""

    fingerprint: str
    seed: int
    shares: dict[Use, float]
    kinds: tuple[str, ...]
    trajectories: int = 0
    """Looked at so far."""
    lengths: dict[str, int] = Field(default_factory=dict)
    """Bytes of each file."""
    made: dict[str, int] = Field(default_factory=dict)
    """Use → how many."""
    failed: dict[str, int] = Field(default_factory=dict)
    """Kind → how often making it raised an error: it then finds no place."""
    by_kind: dict[str, int] = Field(default_factory=dict)
    by_use: dict[Use, dict[str, int]] = Field(default_factory=dict)
    """The same for each use: what was made least comes next."""

    @property
    def begun_with(self) -> tuple[object, ...]:
        """What must be the same for it to go on."""
        return self.fingerprint, self.seed, self.shares, self.kinds


def choose_kinds(names: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds with these names, all where none is named. Raises InputError."""
    known = {kind.name: kind for kind in KINDS}
    for name in names:
        if name not in known:
            raise InputError(f"unknown kind {name!r}; there is {', '.join(known)}", place="--kind")
    return tuple(kind for kind in KINDS if not names or kind.name in names)


def read_note(folder: Path) -> ErrorNote | None:
    """What was noted; None where nothing was made yet. Raises InputError."""
    path = folder / NOTE
    if not path.exists():
        return None
    try:
        return ErrorNote.model_validate_json(path.read_bytes())
    except ValueError:
        raise InputError("is no note of `toolweave errors`", file=str(path)) from None


def make_errors(
    folder: Path,
    environments: EnvironmentFactory,
    shares: Mapping[Use, float],
    kinds: Sequence[Kind],
    seed: int,
    *,
    force: bool = False,
    seen: Callable[[int], None] = lambda _: None,
) -> ErrorNote:
    """Make what is missing; ``seen`` is told the bytes that were read.

    Raises InputError for a folder that is no output, OutputError where its mistakes were made with
    other settings and ``force`` is not given.
    """
    manifest = manifest_of(folder)
    new = ErrorNote(
        fingerprint=manifest.fingerprint, seed=seed, kinds=tuple(kind.name for kind in kinds),
        shares={use: shares.get(use, 0) for use in USES},
    )  # fmt: skip
    with locked(folder):
        kept = read_note(folder)
        same = kept is not None and kept.begun_with == new.begun_with
        if kept is not None and not same and not force:
            raise OutputError(f"{folder / NOTE}: was begun with other settings; --force makes anew")
        note = kept if kept is not None and same and _is_there(folder, kept) else new
        if note is new:  # before the files are emptied: an old note would vouch for what is gone
            replace_file(folder / NOTE, new.model_dump_json(indent=1) + "\n")
        for name in (ERRORS, RECOVERIES, NEAR_MISSES):  # what was not noted is made again
            append_durably(folder / name, b"", note.lengths.get(name, 0))
        done, waiting, number = note.trajectories, list[Sequence[_Row]](), 0
        counts = {use: Counter(note.by_use.get(use, {})) for use in USES}
        failed = Counter(note.failed)

        def work(line: Line) -> Sequence[_Row]:
            return (
                () if line.number <= done else _work(line, environments, new, kinds, counts, failed)
            )

        for length, rows in work_on_lines(folder / ACCEPTED, work, 1, manifest.accepted_bytes):
            seen(length)
            number += 1
            if number <= done:
                continue
            waiting.append(rows)
            if len(waiting) == _AT_ONCE:
                note, waiting = _write(folder, note, waiting, failed), []
        return _write(folder, note, waiting, failed)


def _is_there(folder: Path, note: ErrorNote) -> bool:
    """Whether the files hold all that was noted."""
    paths = {folder / name: length for name, length in note.lengths.items()}
    return all(path.is_file() and path.stat().st_size >= most for path, most in paths.items())


_Row = tuple[Use, Made]


def _work(
    line: Line,
    environments: EnvironmentFactory,
    note: ErrorNote,
    kinds: Sequence[Kind],
    counts: Mapping[Use, Counter[str]],
    failed: Counter[str],
) -> list[_Row]:
    """What is made of one conversation; ``counts``, by use and kind, and ``failed`` go on."""
    ground, rows = Ground(line.trajectory, environments), list[_Row]()
    for use in USES:
        own = derive_seed("errors", note.seed, line.trajectory.id, use)
        rng = Random(own)
        if rng.random() >= note.shares[use]:
            continue
        for kind in sorted(shuffled(rng, kinds), key=lambda one: counts[use][one.name]):
            try:
                made = make_mistake(ground, kind, own, use)
            except ToolweaveError:
                raise
            except Exception:  # one kind must not end the others; it is counted and told
                failed[kind.name] += 1
                continue
            made = made and confirm(made, use, environments)
            if made is not None:
                known = made.mistake.model_copy(update={"line": line.checksum})
                rows.append((use, replace(made, mistake=known)))
                counts[use][kind.name] += 1
                break
    return rows


def confirm(made: Made, use: Use, environments: EnvironmentFactory) -> Made | None:
    """What was made, with the verdicts of the checks; None where they do not bear it out."""
    if use == "recovery":
        recovery = made.recovery and examine(made.recovery, environments)
        if recovery is None or not recovery.accepted:
            return None
        return Made(made.mistake, made.twin, recovery)
    twin = examine(made.twin, environments)
    codes = {one.code for verdict in twin.verdicts for one in verdict.reasons}
    if made.mistake.code is not None and (twin.accepted or made.mistake.code not in codes):
        return None  # code was to catch it, and not for anything else
    return Made(made.mistake, twin, made.recovery)


def _write(
    folder: Path, note: ErrorNote, waiting: Sequence[Sequence[_Row]], failed: Counter[str]
) -> ErrorNote:  # fmt: skip
    """Append what was made, then note it."""
    parts: dict[str, list[str]] = {ERRORS: [], RECOVERIES: [], NEAR_MISSES: []}
    known = DefinitionsFile(folder)  # what the clean ones share with them stands there already
    made, by_kind = Counter(note.made), Counter(note.by_kind)
    by_use = {use: Counter(note.by_use.get(use, {})) for use in USES}
    for use, one in (row for rows in waiting for row in rows):
        parts[ERRORS].append(one.mistake.model_dump_json())
        if use == "recovery" and one.recovery is not None:
            parts[RECOVERIES].append(one.recovery.model_dump_json(context=known))
        elif use == "near_miss":
            parts[NEAR_MISSES].append(one.twin.model_dump_json(context=known))
        made[use] += 1
        by_kind[one.mistake.kind] += 1
        by_use[use][one.mistake.kind] += 1
    known.flush()
    lengths = {
        name: append_durably(
            folder / name, "".join(f"{row}\n" for row in rows).encode(), note.lengths.get(name, 0)
        )
        for name, rows in parts.items()
    }
    note = note.model_copy(
        update={
            "trajectories": note.trajectories + len(waiting), "lengths": lengths,
            "made": dict(sorted(made.items())), "by_kind": dict(sorted(by_kind.items())),
            "failed": dict(sorted(failed.items())),
            "by_use": {use: dict(sorted(one.items())) for use, one in by_use.items() if one},
        }
    )  # fmt: skip
    replace_file(folder / NOTE, note.model_dump_json(indent=1) + "\n")
    return note


ERRORS, RECOVERIES, NEAR_MISSES = "errors.jsonl", "recoveries.jsonl", "near_misses.jsonl"


def read_mistakes(folder: Path, *uses: Use) -> Iterator[tuple[Trajectory, Mistake]]:
    """Yield each mistake with the clean trajectory that it was put into; all, or of some uses.

    Memory does not grow with the files. Raises InputError.
    """
    return ((line.trajectory, mistake) for line, mistake in read_mistaken(folder, *uses))


def read_mistaken(folder: Path, *uses: Use) -> Iterator[tuple[Line, Mistake]]:
    """The same with the line of the trajectory, of which no record needs to be made."""
    clean = lines(folder / ACCEPTED, manifest_of(folder).accepted_bytes)
    path, line = folder / ERRORS, None
    if not path.exists():
        raise InputError("does not exist; `toolweave errors` makes it", file=str(path))
    with path.open("rb") as file:
        for number, told in enumerate(file, 1):
            try:
                mistake = Mistake.model_validate_json(told)
            except ValidationError as error:
                said = error.errors()[0]["msg"]
                raise InputError(
                    f"is no mistake: {said}", file=str(path), place=f"line {number}"
                ) from None
            while line is None or line.index < mistake.index:
                line = next(clean, None)
                if line is None:
                    break
            # It was put into this one where the line is that of then, or at least the id.
            if line is None or (
                (mistake.line, mistake.index) != (line.checksum, line.index)
                and mistake.trajectory != line.trajectory.id
            ):
                raise InputError(
                    f"speaks of a trajectory that is not in {ACCEPTED}",
                    file=str(path), place=f"line {number}",
                )  # fmt: skip
            if not uses or mistake.use in uses:
                yield line, mistake
