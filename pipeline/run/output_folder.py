"""The output folder of a run: opened under a lock, extended batch by batch, resumed after a crash.

``trajectories.jsonl`` and ``rejected.jsonl`` are the data, in the order of the candidate stream;
``index.jsonl`` has the checksum of each line, and ``definitions.jsonl`` what they share.
``manifest.json`` says how much of them is committed, and what lies beyond is cut off when the
folder is opened again. ``shards/`` holds what is finished and not committed, and the tables in
``toolweave.duckdb`` follow the committed data, so that they can always be made anew.
"""

import fcntl
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from pydantic import ValidationError

from pipeline.chat.request_journal import REQUESTS
from pipeline.config import Settings
from pipeline.files import Measured, append_durably, measure, replace_file, writing
from pipeline.recordings import CASSETTE, COMPLETED, PLAYED
from pipeline.run.checksums import CHECKSUMS, note_sums, read_sums, settle_sums
from pipeline.run.data_index import FILES, INDEX, Entry, read_index
from pipeline.run.database import TABLES_FILE, Store
from pipeline.run.definitions_file import DEFINITIONS, DefinitionsFile
from pipeline.run.drawn_sizes import DRAWN
from pipeline.run.duplicates import Duplicates
from pipeline.run.journal import Journal, read_line
from pipeline.run.manifest import (
    ACCEPTED,
    BEGUN,
    MOST_FAILED,
    NAME,
    REJECTED,
    Manifest,
    State,
    read_manifest,
    version,
    write_manifest,
)
from pipeline.run.table_rows import Rows
from pipeline.run.workshop import Workshop
from schemas.canonical import canonical_json
from schemas.errors import InputError, OutputError
from schemas.tool import Catalog

Decided = tuple[Rows, bytes]
"""The rows and the line of a candidate that is decided."""


CATALOG, GRAPH, LOCK, SHARDS, LOST = "catalog.json", "graph.json", ".lock", "shards", "lost"
BESIDE = (REQUESTS, DRAWN, PLAYED, COMPLETED, str(CASSETTE))
"""What models and servers have said, where any did, and what was drawn beside it."""
OWN = {
    *(f"{name}{end}" for end in ("", ".tmp") for name in (
        NAME, BEGUN, ACCEPTED, REJECTED, INDEX, DEFINITIONS, CATALOG, GRAPH, TABLES_FILE,
        CHECKSUMS, "graph.html", COMPLETED, DRAWN)),
    f"{TABLES_FILE}.wal", SHARDS, LOCK, LOST, "exports", ".prefect", REQUESTS, PLAYED,
    CASSETTE.parts[0],
}  # fmt: skip


COUNTS = (
    *("accepted", "rejected", "consumed", "failed_in_a_row"),
    *(f"{name}_{what}" for name in ("accepted", "rejected", "index") for what in ("bytes", "crc")),
)
"""What the manifest counts from 0 on."""


def committed(now: Manifest) -> dict[str, Measured]:
    """The files that grow, and what of each is committed."""
    told = now.consumed - len(now.lost)
    return {
        ACCEPTED: Measured(now.accepted_bytes, now.accepted, now.accepted_crc),
        REJECTED: Measured(now.rejected_bytes, now.rejected, now.rejected_crc),
        INDEX: Measured(now.index_bytes, told, now.index_crc),
    }


class Output:
    """An open, locked output folder. Made by `open_output`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest
        self.journal = Journal(folder / SHARDS, manifest.shard_size)
        self.store = Store(folder)
        self.notes: list[str] = []
        """What was mended, a line each."""
        self.reasons: Counter[str] = Counter()
        """For what candidates were rejected since the folder was opened."""
        self._seen = Duplicates()

    def restore(self) -> None:
        """Undo what a crash left half done, and remember what was accepted."""
        self.journal.repair()
        garbled = self.definitions.check()
        if self.definitions.count < self.manifest.definitions:
            garbled = [*garbled, f"{DEFINITIONS} lacks what it had"]
        present = {
            name: measure(self.folder / name, kept.length)
            for name, kept in committed(self.manifest).items()
        }
        damaged = [name for name, kept in committed(self.manifest).items() if present[name] != kept]
        lost = self.manifest.lost
        if damaged or lost or (garbled and self.manifest.consumed):
            made = self.salvage([name for name in FILES if name not in damaged])
            missing = self.manifest.consumed - made
            what = ", ".join(damaged) or (f"{len(lost)} were lost" if lost else garbled[0])
            self.notes.append(
                f"{self.folder}: something else changed the data; it is mended: "
                f"{what}, {missing} candidates are made again"
            )
            self._note(
                **dict.fromkeys(COUNTS, 0), origin="", state="running", definitions=0, lost=()
            )
            self.store.remove()
        if garbled:
            self.definitions.settle()
        for name, kept in committed(self.manifest).items():
            append_durably(self.folder / name, b"", kept.length)
        self.journal.forget(self.manifest.consumed)
        for entry in read_index(self.folder):
            if entry.file == ACCEPTED:
                self._seen.add(entry.first_message_key, entry.task_key)

    def salvage(self, sound: Sequence[str] = ()) -> int:
        """Bring into the journal what is sound of the data files; answers how much there is.

        Of a file that is not ``sound`` as a whole, a line is believed whose checksum stands in the
        index; without an index, each that can be read. What is lost is made again.
        """
        self.journal.repair()
        told = {(entry.length, entry.checksum) for entry in read_index(self.folder)}
        brought = set[int]()
        for path in (self.folder / name for name in FILES):
            journal = Journal(self.journal.folder, self.journal.size)
            with writing(path), suppress(FileNotFoundError), path.open("rb") as file:
                for line in file:
                    known = path.name in sound or not told or (len(line), zlib.crc32(line)) in told
                    with suppress(ValidationError):  # garbled, or torn: it is made again
                        one = read_line(line, journal.definitions) if known else None
                        if one is None:
                            continue
                        brought.add(one.index)
                        if journal.missing(range(one.index, one.index + 1)):
                            own = tuple(v for v in one.verdicts if v.level != "dataset")
                            journal.append(one.model_copy(update={"verdicts": own}))
        self.journal.sync()
        return len(brought)

    @property
    def definitions(self) -> DefinitionsFile:
        """What the records share."""
        return self.journal.definitions

    def commit(self, batch: range, wanted: int) -> int:
        """Decide the finished candidates of ``batch`` until ``wanted`` are accepted in all.

        Answers how many candidates were decided: none where the batch before it was not, or where
        candidate after candidate failed. Raises OutputError; then nothing more can be committed.
        """
        now = self.manifest
        if batch.start != now.consumed:
            return 0
        kept, entries, failed, origin = self._decide(batch, wanted)
        if not entries:
            return 0
        self.definitions.flush()
        self.definitions.sync()
        written = {}
        for name, before in committed(now).items():
            lines = entries if name == INDEX else [line for _, line in kept[name]]
            append_durably(self.folder / name, b"".join(lines), before.length)
            written[name] = before.and_then(b"".join(lines))
        self._note(
            accepted_bytes=written[ACCEPTED].length,
            rejected_bytes=written[REJECTED].length,
            index_bytes=written[INDEX].length,
            accepted_crc=written[ACCEPTED].checksum,
            rejected_crc=written[REJECTED].checksum,
            index_crc=written[INDEX].checksum,
            definitions=self.definitions.count,
            consumed=now.consumed + len(entries),
            accepted=written[ACCEPTED].lines,
            rejected=written[REJECTED].lines,
            failed_in_a_row=failed,
            origin=origin,
        )
        self.store.hold({name: [(rows, len(line)) for rows, line in kept[name]] for name in FILES})
        self.journal.forget(self.manifest.consumed)
        return len(entries)

    def _decide(
        self, batch: range, wanted: int
    ) -> tuple[dict[str, list[Decided]], list[bytes], int, str]:
        """Where candidates belong, their index lines, how many failed last in a row, and where."""
        now = self.manifest
        found = self.journal.find(batch)
        finished = [found[index] for index in takewhile(found.__contains__, batch)]
        decided: dict[str, list[Decided]] = {name: [] for name in FILES}
        entries: list[bytes] = []
        failed, origin = now.failed_in_a_row, now.origin
        for one, kept_line in zip(finished, self.journal.lines(finished), strict=True):
            if now.accepted + len(decided[ACCEPTED]) >= wanted or failed >= MOST_FAILED:
                break
            name, rows, line = self._seen.decide(one, kept_line, self.definitions)
            decided[name].append((rows, line))
            entries.append(Entry.of(one, name, line).line)
            self.reasons.update([] if name == ACCEPTED else rows["trajectories"][0]["causes"])
            failed, origin = failed + 1 if one.failure else 0, one.failure
        return decided, entries, failed, origin

    def begin(self, settings: Settings) -> None:
        """Note that a build with ``settings`` goes on here."""
        self._note(settings=settings.recorded, state="running", toolweave=version())

    def end(self, state: State) -> None:
        """Note how a build ended; the tables are up to date then, or BusyError is raised."""
        self._note(state=state)
        self.definitions.settle()
        self.journal.forget(self.manifest.consumed, ended=True)
        self.vouch()
        settle_sums(self.folder)

    def vouch(self) -> None:
        """Bring the tables up to date, and note the checksums of all that is written as a whole."""
        self.store.settle()
        note_sums(self.folder, (CATALOG, GRAPH, *BESIDE))

    def note_endpoints(
        self, left_out: Mapping[str, tuple[str, ...]], shown: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Note what endpoints do not take of what is asked of them, and what they can do."""
        before = self.manifest.shown
        known = {
            name: tuple(sorted({*told, *before.get(name, ())})) for name, told in shown.items()
        }
        self._note(left_out=self.manifest.left_out | dict(left_out), shown=before | known)

    def pause(self) -> None:
        """Note that a build has stopped before its end."""
        self._note(state="stopped")

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
    with locked(folder):
        manifest = read_manifest(folder)
        begun = manifest or read_manifest(folder, BEGUN)
        if begun is not None:
            _refuse_other(folder, begun, settings, workshop)
        elif any((folder / name).exists() for name in (ACCEPTED, REJECTED, SHARDS)):
            raise OutputError(
                f"{folder}: holds data and no {NAME} that says what it was made from; "
                "bring that file back, or name another folder with --out"
            )
        # Catalogue and graph, also where a crash or a hand has left them torn.
        for name, text in (
            (CATALOG, workshop.catalog.model_dump_json() + "\n"),
            (GRAPH, canonical_json(workshop.graph_json()) + "\n"),
        ):
            if not (folder / name).exists() or (folder / name).read_bytes() != text.encode():
                replace_file(folder / name, text)
        new = Manifest(
            toolweave=version(),
            fingerprint=workshop.fingerprint,
            settings=settings.recorded,
            shard_size=begun.shard_size if begun else settings.shard_size,
        )
        output = Output(folder, manifest or new)
        if manifest is None:
            if begun is not None:
                output.salvage()
                output.notes.append(f"{folder}: {NAME} was lost; what is kept is decided anew")
            write_manifest(folder, new)
        if not (folder / BEGUN).exists():
            write_manifest(folder, new, BEGUN)
        # What models and servers have said that something else has changed since, a line each.
        known, _ = read_sums(folder)
        found = [known[name] for name in BESIDE if name in known]
        output.notes += [
            f"{folder / one.file}: something else changed it since the last run"
            for one in found
            if not one.holds(folder)
        ]
        note_sums(folder, (CATALOG, GRAPH))
        output.restore()
        try:
            yield output
        finally:
            with suppress(OutputError):  # whoever opens them brings them up to date
                output.vouch()


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
def locked(folder: Path) -> Iterator[None]:
    """Keep others from writing. Raises OutputError where one does."""
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


def manifest_of(folder: Path) -> Manifest:
    """Read the manifest of an output folder. Raises InputError where it is none."""
    if not folder.is_dir():
        raise InputError("is no folder", file=str(folder))
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"is no output of toolweave: it has no {NAME}", file=str(folder))
    return manifest
