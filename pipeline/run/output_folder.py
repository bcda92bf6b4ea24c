"""The output folder of a run: opened under a lock, extended batch by batch, resumed after a crash.

``trajectories.jsonl`` and ``rejected.jsonl`` are the data, in the order of the candidate stream;
``manifest.json`` says how much of them is committed, and what lies beyond is cut off when the
folder is opened again. ``shards/`` holds what is finished but perhaps not committed, and the tables
in ``toolweave.duckdb`` follow the committed data, so that they can always be made anew.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.config import Settings
from pipeline.files import append_durably, replace_file, writing
from pipeline.recordings import ANSWERS, CASSETTE, PLAYED
from pipeline.run.journal import Finished, Journal
from pipeline.run.manifest import NAME, Manifest, State, read_manifest, write_manifest
from pipeline.run.workshop import Workshop
from pipeline.store.database import TABLES_FILE, BusyError, Lines, Store
from pipeline.version import version
from schemas.canonical import canonical_json
from schemas.errors import OutputError
from schemas.tool import Catalog
from schemas.trajectory import Trajectory
from schemas.verdict import Verdict
from validators.dataset import compare, first_message_key, task_key


class Duplicates:
    """The keys of what was accepted so far."""

    def __init__(self) -> None:
        self._first_messages: set[str] = set()
        self._tasks: set[str] = set()

    def add(self, first_message: str, task: str) -> None:
        """Remember an accepted trajectory by its keys."""
        self._first_messages.add(first_message)
        self._tasks.add(task)

    def judge(self, trajectory: Trajectory) -> Verdict | None:
        """Answer None for a new trajectory and remember it; a bad verdict for one seen before."""
        verdict = compare(trajectory, self._first_messages, self._tasks)
        if verdict.label != "good":
            return verdict
        self.add(first_message_key(trajectory), task_key(trajectory))
        return None


ACCEPTED, REJECTED = "trajectories.jsonl", "rejected.jsonl"
CATALOG, GRAPH, LOCK, SHARDS = "catalog.json", "graph.json", ".lock", "shards"
OWN = {
    NAME, f"{NAME}.tmp", ACCEPTED, REJECTED, CATALOG, f"{CATALOG}.tmp", GRAPH, f"{GRAPH}.tmp",
    TABLES_FILE, f"{TABLES_FILE}.wal", f"{TABLES_FILE}.tmp", SHARDS, LOCK, "exports", ".prefect",
    "graph.html", "graph.html.tmp", ANSWERS, PLAYED, CASSETTE.parts[0],
}  # fmt: skip


class Output:
    """An open, locked output folder. Made by `open_output`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest
        self.journal = Journal(folder / SHARDS, manifest.shard_size)
        self.store = Store(folder)
        self._seen = Duplicates()
        self._is_told = False
        """Whether the tables are known to hold what is committed."""

    def restore(self) -> None:
        """Undo what a crash left half done, and remember what was accepted."""
        for name, length in self._lengths.items():
            path = self.folder / name
            with writing(path), path.open("ab") as file:
                present = file.seek(0, os.SEEK_END)
                if present < length:
                    raise OutputError(
                        f"{path}: has {present} bytes where {NAME} tells of {length}: something "
                        "else changed it; bring the file back, or begin in another folder"
                    )
                if present > length:
                    file.truncate(length)
        self.journal.repair(self.manifest.consumed)
        try:
            self._follow()
        except BusyError:
            raise
        except OutputError:  # a crash broke them: they are made anew from the data
            self.store.remove()
            self._follow()
        if self.manifest.accepted:
            for first_message, task in self.store.accepted_keys():
                self._seen.add(first_message, task)

    def _follow(self) -> None:
        if not self._is_told and not self.store.is_current(self._lengths):
            self.store.follow(self._lengths)
        self._is_told = True

    @property
    def _lengths(self) -> dict[str, int]:
        return {ACCEPTED: self.manifest.accepted_bytes, REJECTED: self.manifest.rejected_bytes}

    def commit(self, batch: range, wanted: int) -> int:
        """Decide the finished candidates of ``batch`` until ``wanted`` are accepted in all.

        Answers how many candidates were decided. Raises OutputError.
        """
        finished = self.journal.read(batch)
        decided: dict[str, list[Finished]] = {ACCEPTED: [], REJECTED: []}
        now = self.manifest
        for index in batch:
            if index not in finished or now.accepted + len(decided[ACCEPTED]) >= wanted:
                break
            one = finished[index]
            verdict = self._seen.judge(one.trajectory) if one.trajectory.accepted else None
            if verdict is not None:
                verdicts = (*one.trajectory.verdicts, verdict)
                judged = one.trajectory.model_copy(update={"verdicts": verdicts})
                one = Finished(judged, judged.model_dump_json().encode() + b"\n")
            decided[ACCEPTED if one.trajectory.accepted else REJECTED].append(one)
        good, bad = decided[ACCEPTED], decided[REJECTED]
        if good or bad:
            before, self._is_told = self._lengths, False
            written = {
                name: append_durably(self.folder / name, b"".join(one.line for one in kept))
                for name, kept in decided.items()
            }
            self._note(
                accepted_bytes=written[ACCEPTED],
                rejected_bytes=written[REJECTED],
                consumed=now.consumed + len(good) + len(bad),
                accepted=now.accepted + len(good),
                rejected=now.rejected + len(bad),
            )
            at_hand = {
                name: Lines(before[name], [(one.trajectory, len(one.line)) for one in kept])
                for name, kept in decided.items()
            }
            # Whoever reads the tables now is not disturbed; the end catches up.
            with suppress(BusyError):
                self.store.follow(self._lengths, at_hand)
                self._is_told = True
            self.journal.forget(self.manifest.consumed)
        return len(good) + len(bad)

    def begin(self, settings: Settings) -> None:
        """Note that a build with ``settings`` goes on here."""
        self._note(settings=settings.recorded, state="running", toolweave=version())

    def end(self, state: State) -> None:
        """Note how a build ended; the tables are up to date then, or BusyError is raised."""
        self._note(state=state)
        self._follow()

    def _note(self, **changes: object) -> None:
        manifest = self.manifest.model_copy(update=changes)
        if manifest != self.manifest:
            write_manifest(self.folder, manifest)
            self.manifest = manifest


@contextmanager
def open_output(settings: Settings, workshop: Workshop) -> Iterator[Output]:
    """Open ``settings.out`` for this workshop: a new folder, or one that it began itself.

    Raises OutputError where the folder holds something else, is in use, or cannot be written;
    nothing in it has been touched then.
    """
    folder = settings.out
    refuse_foreign(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        manifest = read_manifest(folder)
        if manifest is not None:
            _refuse_other(folder, manifest, settings, workshop)
        # Catalogue and graph, also where a crash or a hand has left them torn.
        for name, text in (
            (CATALOG, workshop.catalog.model_dump_json() + "\n"),
            (GRAPH, canonical_json(workshop.graph_json()) + "\n"),
        ):
            if not (folder / name).exists() or (folder / name).read_bytes() != text.encode():
                replace_file(folder / name, text)
        if manifest is None:
            manifest = Manifest(
                toolweave=version(),
                fingerprint=workshop.fingerprint,
                settings=settings.recorded,
                shard_size=settings.shard_size,
            )
            write_manifest(folder, manifest)
        output = Output(folder, manifest)
        output.restore()
        yield output


def refuse_foreign(folder: Path) -> None:
    """Raise OutputError where ``folder`` holds what toolweave did not make."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file, not a folder")
    if not folder.exists() or read_manifest(folder) is not None:
        return
    with writing(folder):
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in OWN)
    if foreign:
        raise OutputError(
            f"{folder}: holds {foreign[0]!r} and no {NAME}, so it is no output of toolweave; "
            "name a new or empty folder with --out"
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    path = folder / LOCK
    with writing(path):
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise OutputError(f"{folder}: another build is at work in this folder") from None
    finally:
        os.close(descriptor)


def _refuse_other(folder: Path, manifest: Manifest, settings: Settings, workshop: Workshop) -> None:
    if manifest.fingerprint == workshop.fingerprint:
        return
    begun = Settings().recorded | manifest.settings
    found = [
        f"{key} {begun.get(key)!r} instead of {settings.recorded.get(key)!r}"
        for key in ("seed", "model", "tools", *settings.deciding)
        if begun.get(key) != settings.recorded.get(key)
    ]
    kept = read_catalog(folder) if not found else workshop.catalog
    if not found and settings.environment and manifest.toolweave == version():
        found = [f"another text of {settings.environment}"]
    if not found and kept.tools != workshop.catalog.tools:
        found = ["other content of the catalogue files"]
    elif [one.deciding for one in kept.worlds] != [one.deciding for one in workshop.catalog.worlds]:
        found = ["another world model of the catalogue"]
    differing = " and ".join(found) or f"another version of toolweave ({manifest.toolweave})"
    raise OutputError(
        f"{folder}: was begun with {differing}; name another folder with --out, "
        "or give the settings that it was begun with"
    )


def read_catalog(folder: Path) -> Catalog:
    """Read the catalogue that a folder was made from. Raises OutputError."""
    path = folder / CATALOG
    try:
        return Catalog.model_validate_json(path.read_bytes())
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError:
        raise OutputError(f"{path}: is no catalogue of toolweave") from None
