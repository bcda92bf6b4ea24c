"""What something else has changed in an output folder: each file and line that is not as written.

Lines of the data files are vouched for by the index, and all that is committed by the manifest;
definitions, index, journal and checksums by themselves; the rest by the checksums. Nothing is
written here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.files import measure
from pipeline.run.checksums import CHECKSUMS, read_sums, unseal
from pipeline.run.data_index import FILES, INDEX, read_entries, read_rows
from pipeline.run.definitions_file import DEFINITIONS, DefinitionsFile
from pipeline.run.manifest import BEGUN, NAME, Manifest, read_manifest
from pipeline.run.output_folder import CATALOG, GRAPH, LOCK, SHARDS, committed
from schemas.errors import OutputError


class Damage(NamedTuple):
    """One thing that is not as it was written."""

    file: str
    """Its path in the folder."""
    line: int | None
    problem: str
    candidate: int | None = None

    def __str__(self) -> str:
        """One line for people."""
        place = "" if self.line is None else f", line {self.line}"
        whose = "" if self.candidate is None else f" (candidate {self.candidate})"
        return f"{self.file}{place}{whose}: {self.problem}"


CHANGED, GONE = "something else changed it", "is gone"


def find_damage(folder: Path) -> Iterator[Damage]:
    """All that is found, file by file. Raises OutputError where a file cannot be read."""
    manifest = sound_manifest(folder)
    for name in (NAME, BEGUN):
        if sound_manifest(folder, name) is None:
            yield Damage(name, None, CHANGED if (folder / name).exists() else GONE)
    definitions = DefinitionsFile(folder)
    for place in definitions.check():
        yield Damage(DEFINITIONS, int(place.rpartition(" ")[2]), CHANGED)
    missing = (manifest.definitions if manifest else 0) - definitions.count
    if missing > 0 and not definitions.unreadable:
        yield Damage(DEFINITIONS, None, f"lacks {missing} of the parts that were there")
    lines = [n for n, entry in enumerate(read_entries(folder), 1) if entry is None]
    yield from (Damage(INDEX, number, CHANGED) for number in lines)
    if manifest and not lines and not holds(folder, INDEX, manifest):
        yield Damage(INDEX, None, CHANGED if (folder / INDEX).exists() else GONE)
    for name in FILES:
        yield from _in_rows(folder, name, manifest)
    running = manifest is not None and manifest.state == "running"
    for path in sorted((folder / SHARDS).glob("*/candidates.jsonl")):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                # A line that is being written, or was when a process died, has no end yet.
                if unseal(line) is None and not (running and not line.endswith(b"\n")):
                    yield Damage(path.relative_to(folder).as_posix(), number, CHANGED)
    yield from _in_the_rest(folder, running)
    if (folder / LOCK).exists() and (folder / LOCK).stat().st_size:
        yield Damage(LOCK, None, CHANGED)


def sound_manifest(folder: Path, name: str = NAME) -> Manifest | None:
    """The manifest, where it is as it was written, byte for byte."""
    try:
        found = read_manifest(folder, name)
    except OutputError:
        return None
    if found is None:
        return None
    old = found.checksum == 0 and '"checksum"' not in (folder / name).read_text(encoding="utf-8")
    return found if old or (folder / name).read_bytes() == found.text.encode() else None


def holds(folder: Path, name: str, manifest: Manifest) -> bool:
    """Whether a file that grows has what is committed, and no more where no build goes on."""
    kept = committed(manifest)[name]
    size = (folder / name).stat().st_size if (folder / name).exists() else 0
    longer = manifest.state != "running" and size > kept.length
    return measure(folder / name, kept.length) == kept and not longer


def _in_rows(folder: Path, name: str, manifest: Manifest | None) -> Iterator[Damage]:
    if manifest and holds(folder, name, manifest):
        return
    found = False
    if (folder / name).exists():
        end = manifest.lengths[name] if manifest else None
        for row in read_rows(folder / name, end, lenient=True):
            # Without a manifest, a line whose entry is garbled is not known to be wrong.
            if not row.sound and (row.entry or manifest):
                found = True
                yield Damage(name, row.number, CHANGED, row.entry.candidate if row.entry else None)
    if manifest and not found:
        kept, size = manifest.lengths[name], measure(folder / name, 1 << 62).length
        told = f"has {size} bytes in place of {kept}" if size != kept else CHANGED
        yield Damage(name, None, told if (folder / name).exists() else GONE)


def _in_the_rest(folder: Path, running: bool) -> Iterator[Damage]:
    known, garbled = read_sums(folder)
    yield from (Damage(CHECKSUMS, number, CHANGED) for number in garbled)
    for one in known.values():
        path = folder / one.file
        if not path.exists():
            if one.file in (CATALOG, GRAPH):
                yield Damage(one.file, None, GONE)
        elif one.pending:
            if not running:
                yield Damage(one.file, None, "was left half written")
        elif not one.holds(folder):
            lines: list[int | None] = [*_no_json(path)] if one.file.endswith(".jsonl") else []
            yield from (Damage(one.file, line, CHANGED) for line in (lines or [None]))


def _no_json(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                json.loads(line)
            except ValueError:
                yield number
