"""Where the attempts at an output folder's tasks lie: one a line, in the order of their keys.

While a model is being probed, lines are added as attempts end; afterwards they are put in order, so
that the same attempts make the same file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from pipeline.files import append_whole, cut_torn, replace_file, writing
from schemas.attempt import Attempt, Rate, count_passed
from schemas.errors import InputError

PROBES = "probes.jsonl"
HARDENED, LINEAGE = "hardened.jsonl", "hardening.jsonl"
"""The hardest conversation of each task, and how it came to be: a line each, in the same order."""


class Probed(NamedTuple):
    """A model that was probed: its name, and the endpoint at which it has it."""

    model: str
    place: str

    @property
    def told(self) -> str:
        """The name by which it is told from another one of the same name."""
        return f"{self.model}@{self.place}" if self.place else self.model


def read_attempts(folder: Path, probed: Probed | None = None) -> list[Attempt]:
    """The attempts of a folder, of one model or of all. Raises InputError."""
    path, found = folder / PROBES, []
    if not path.exists():
        return []
    with writing(path), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break  # torn: it was not finished
            try:
                found.append(Attempt.model_validate_json(line))
            except ValidationError as error:
                told = error.errors()[0]["msg"]
                place = f"line {number}"
                raise InputError(f"is no attempt: {told}", file=str(path), place=place) from None
    return [one for one in found if probed in (None, (one.model, one.place))]


def add_attempt(folder: Path, attempt: Attempt) -> None:
    """Add a finished attempt. Raises OutputError."""
    path = folder / PROBES
    with writing(path):
        append_whole(path, attempt.model_dump_json(exclude_defaults=True).encode() + b"\n")


def sort_attempts(folder: Path) -> None:
    """Put the file in order. Raises InputError, OutputError."""
    path = folder / PROBES
    if not path.exists():
        return
    with writing(path), path.open("r+b") as file:
        cut_torn(file)
    rows = sorted(read_attempts(folder), key=lambda one: one.key)
    text = "".join(f"{one.model_dump_json(exclude_defaults=True)}\n" for one in rows)
    if text.encode() != path.read_bytes():
        replace_file(path, text)


def choose_model(attempts: Sequence[Attempt], model: str = "") -> Probed:
    """The model whose attempts are meant: the only one that is called so, or the only one at all.

    ``model``: its name, or ``NAME@ADDRESS``. Raises InputError.
    """
    known = sorted({Probed(one.model, one.place) for one in attempts})
    fit = [one for one in known if not model or model in (one.model, one.told)]
    names = ", ".join(one.told for one in fit or known)
    if model and not fit:
        raise InputError(f"{model!r} was not probed; there is {names or 'none'}")
    if len(fit) != 1:
        told = f"name one of {names}" if fit else "`toolweave probe` makes attempts"
        raise InputError(f"attempts of {len(fit)} models are there: {told}")
    return fit[0]


def pass_rates(attempts: Sequence[Attempt]) -> dict[int, Rate]:
    """Candidate → how often its whole task was solved; without those that were never served."""
    by_index: dict[int, list[Attempt]] = {}
    for one in attempts:
        if one.decision is None:
            by_index.setdefault(one.index, []).append(one)
    rates = {index: count_passed(found) for index, found in by_index.items()}
    return {index: rate for index, rate in rates.items() if rate.of}


def find_in_window(folder: Path, told: str) -> frozenset[int]:
    """Candidates whose pass rate lies in ``0.1..0.9``, or ``NAME:0.1..0.9``. Raises InputError."""
    known, least, most = _read_window(folder, told, "--pass-rate")
    rates = pass_rates(known)
    return frozenset(index for index, one in rates.items() if least <= one.share <= most)


def find_moves_in_window(folder: Path, told: str) -> dict[int, frozenset[int]]:
    """Candidate → the messages in whose place a move was right so often. Raises InputError."""
    known, least, most = _read_window(folder, told, "--move-rate")
    places: dict[tuple[int, int], list[Attempt]] = {}
    for one in known:
        if one.decision is not None:
            places.setdefault((one.index, one.decision), []).append(one)
    found: dict[int, set[int]] = {}
    for (index, place), attempts in places.items():
        rate = count_passed(attempts)
        if rate.of and least <= rate.share <= most:
            found.setdefault(index, set()).add(place)
    return {index: frozenset(own) for index, own in found.items()}


def _read_window(folder: Path, told: str, option: str) -> tuple[list[Attempt], float, float]:
    """The attempts of the model that is meant, and the bounds. Raises InputError."""
    model, _, window = told.rpartition(":")
    low, dots, high = window.partition("..")
    try:
        least, most = float(low), float(high)
    except ValueError:
        least, most = 1.0, 0.0
    if not (dots and 0 <= least <= most <= 1):
        raise InputError(f"{told!r} is no window such as 0.1..0.9", place=option)
    known = read_attempts(folder)
    meant = choose_model(known, model)
    return [one for one in known if (one.model, one.place) == meant], least, most
