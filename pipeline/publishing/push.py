"""A data set as a folder for a hub: data in chosen formats, tables, card and Croissant.

A target is a folder, or ``hf://datasets/OWNER/NAME``, whose files are made aside and uploaded.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pipeline.exports import EXPORTS
from pipeline.exports.parquet import export_parquet
from pipeline.exports.shaping import happens
from pipeline.exports.write import Exported, export
from pipeline.files import replace_file, writing
from pipeline.publishing.card import Part, write_card
from pipeline.publishing.croissant import write_croissant
from pipeline.publishing.statistics import count
from schemas.errors import InputError, OutputError
from schemas.record import Record

HUB = "hf://datasets/"
CARD, CROISSANT, DATA = "README.md", "croissant.json", "data"
_TABLES = {
    "conversations": "the accepted conversations, in figures",
    "messages": "their messages: role, text, calls as JSON, label, whether it is trained on",
}


class Pushed(Record):
    """What was published."""

    target: str
    files: tuple[str, ...]
    rows: dict[str, int]
    left_out: int
    """Conversations that a format cannot hold, over all formats."""
    problems: dict[str, int]
    licence: str = ""
    """Its licence; empty where none is known."""


class Hub(Protocol):
    """What of `huggingface_hub.HfApi` is used."""

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> Any:
        """Make the repository if it is not there."""

    def upload_folder(
        self,
        *,
        repo_id: str,
        folder_path: str,
        repo_type: str,
        commit_message: str,
        delete_patterns: str | None,
    ) -> Any:
        """Add the files of a folder, and remove others whose paths are so."""


def push(
    folder: Path,
    target: str,
    formats: Sequence[str],
    *,
    name: str = "",
    licence: str = "",
    test: float = 0.0,
    force: bool = False,
    hub: Hub | None = None,
) -> Pushed:
    """Publish an output folder. Raises InputError, OutputError."""
    known = {one.name for one in EXPORTS}
    if strange := [one for one in formats if one not in known]:
        told = f"unknown format {strange[0]!r}; there is {', '.join(one.name for one in EXPORTS)}"
        raise InputError(told, place="--to")
    if not target.startswith(HUB):
        place = Path(target)
        if place.exists() and (not place.is_dir() or any(place.iterdir())) and not force:
            raise OutputError(f"{place}: is there and not empty; --force writes over it")
        earlier = list_pushed(place)
        name = name or folder.resolve().name
        made = write_folder(folder, place, formats, name, licence, test)
        remove(place, [file for file in earlier if file not in made.files])
        return made
    repository = target.removeprefix(HUB)
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise InputError(f"{target!r} is no {HUB}OWNER/NAME", place="TARGET")
    hub = hub or open_hub()
    with tempfile.TemporaryDirectory() as aside:
        made = write_folder(
            *(folder, Path(aside), formats, name or repository.split("/")[1], licence, test)
        )
        with telling(target):
            hub.create_repo(repository, repo_type="dataset", private=True, exist_ok=True)
            hub.upload_folder(
                repo_id=repository, folder_path=aside, repo_type="dataset",
                commit_message=f"{sum(made.rows.values())} rows",
                delete_patterns=f"{DATA}/*" if force else None,
            )  # fmt: skip
    return made.model_copy(update={"target": target})


@contextmanager
def telling(target: str) -> Iterator[None]:
    """Tell in one line what the hub or the way to it refuses. Raises OutputError."""
    try:
        yield
    except Exception as error:  # its client raises what its own libraries raise, of any kind
        told = next((line for line in str(error).splitlines() if line.strip()), "")
        raise OutputError(f"{target}: {type(error).__name__}: {told.strip()}") from error


def list_pushed(target: Path) -> list[str]:
    """The data files that an earlier push wrote into a folder, as its Croissant names them.

    Raises OutputError where that cannot be read: nothing would tell what is of the past.
    """
    path = target / CROISSANT
    if not path.exists():
        return []
    try:
        told = [one["contentUrl"] for one in json.loads(path.read_bytes())["distribution"]]
        return [file for file in told if file.startswith(f"{DATA}/") and ".." not in file]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise OutputError(f"{path}: does not tell what an earlier push wrote") from None


def remove(target: Path, files: Sequence[str]) -> None:
    """Remove what is of an earlier push only, and folders that are empty then."""
    with writing(target):
        for file in files:
            path = target / file
            path.unlink(missing_ok=True)
            with suppress(OSError):  # something else is in it, or it is gone
                path.parent.rmdir()


def open_hub() -> Hub:
    """The Hub by its own client, with the token that it knows. Raises InputError."""
    try:
        from huggingface_hub import HfApi
    except ImportError:
        told = "uploading needs the extra hub: pip install 'toolweave[hub]'"
        raise InputError(told, place="TARGET") from None
    api: Hub = HfApi()
    return api


def _belongs(split: str, test: float, number: int) -> bool:
    return happens(test, "test split", number) == (split == "test")


def write_folder(
    folder: Path, target: Path, formats: Sequence[str], name: str, licence: str, test: float = 0.0
) -> Pushed:
    """Write the data set's folder; ``test``: the share kept for tests.

    Raises InputError, OutputError.
    """
    told = count(folder)
    if not told.conversations:
        raise InputError("holds no accepted conversation", file=str(folder))
    parts: list[Part] = []
    written: list[Exported] = []
    for one in (known for asked in formats for known in EXPORTS if known.name == asked):
        form = one.load()
        for split in ("train", "test") if test else ("train",):
            file = f"{DATA}/{one.name}/{split}.{form.suffix}"
            wanted = partial(_belongs, split, test)
            made = export(
                folder, form, target / file, True, lambda _: None, as_text=True, wanted=wanted
            )
            written.append(made)
            parts.append(Part(one.name, one.about, file, made.rows, split))
    export_parquet(folder, target / DATA / "tables", True, True)
    for table, about in _TABLES.items():
        rows = told.conversations if table == "conversations" else told.messages
        parts.append(Part(table, about, f"{DATA}/tables/{table}.parquet", rows))
    licence = licence or (told.licences[0] if len(told.licences) == 1 else "")
    known_licence = "" if licence == "not stated" else licence
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
    replace_file(target / CARD, write_card(told, parts, name, known_licence.lower()))
    about = f"{told.conversations} conversations of people with an assistant that uses tools"
    version = f"{told.manifest.toolweave.split('+')[0]}"
    croissant = write_croissant(target, parts, name, about, known_licence, version)
    replace_file(target / CROISSANT, croissant)
    problems = Counter[str]()
    for report in written:
        problems.update(report.problems)
    return Pushed(
        target=str(target),
        files=(CARD, CROISSANT, *(part.file for part in parts)),
        rows={
            part.name if part.split == "train" else f"{part.name}/{part.split}": part.rows
            for part in parts
        },
        left_out=sum(one.left_out for one in written),
        problems=dict(problems),
        licence=known_licence,
    )
