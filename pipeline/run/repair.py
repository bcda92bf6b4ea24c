"""Mends an output folder from what is there, and says what is lost. Nothing good is thrown away.

Rows that are vouched for stay; the bytes of others go to ``lost/``, and the same build makes those
candidates again. Index, manifests, tables, and parts that the catalogue still has are made anew.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from generators.tasks.task_record import demands_of
from generators.world.infer import infer_world
from pipeline.files import NO_LINES, Measured, append_durably, replace_file, writing
from pipeline.run.checksums import CHECKSUMS, note_sums, read_sums, settle_sums, unseal
from pipeline.run.data_index import FILES, INDEX, Entry, Row, read_index, read_rows
from pipeline.run.database import TABLES_FILE, Store
from pipeline.run.definitions_file import DEFINITIONS, DefinitionsFile, key_of
from pipeline.run.integrity import find_damage, holds, sound_manifest
from pipeline.run.journal import read_line, sum_up
from pipeline.run.manifest import ACCEPTED, BEGUN, NAME, REJECTED, Manifest, write_manifest
from pipeline.run.output_folder import (
    BESIDE,
    CATALOG,
    GRAPH,
    LOCK,
    LOST,
    SHARDS,
    locked,
    read_catalog,
)
from schemas.errors import OutputError
from schemas.record import Record
from schemas.short_form import Passage

_AGAIN = "the same build makes it again"
_AFRESH = {
    **dict.fromkeys((CATALOG, GRAPH), "the same build writes it anew"),
    **dict.fromkeys(BESIDE, "what cannot be read of it has to be asked again"),
}


class Repaired(NamedTuple):
    """What came of it, a line each."""

    mended: list[str]
    lost: list[str]


def repair(folder: Path) -> Repaired:
    """Mend a folder. Raises OutputError where nothing says what it was made from."""
    done = Repaired([], [])
    with locked(folder):
        files = {one.file for one in find_damage(folder)}
        if not files:
            return done
        whole = sound_manifest(folder)
        known = whole or sound_manifest(folder, BEGUN)
        if known is None:
            raise OutputError(
                f"{folder}: neither {NAME} nor {BEGUN} says what it was made from; "
                "the same build in another folder makes all of it again"
            )
        if DEFINITIONS in files:
            # Keep the parts that are sound, and those that the catalogue still has.
            definitions = DefinitionsFile(folder)
            garbled = definitions.check()
            told = {key for name in FILES for key in _told(folder / name)}
            missing = {key for key in told if not definitions.knows(key)}
            for part in _parts_of(folder) if missing else ():
                if key_of(part) in missing:
                    missing.remove(definitions.refer(part))
            definitions.flush()
            definitions.settle()
            done.mended.append(f"{DEFINITIONS}: {', '.join(garbled) or 'what it lacked'}")
            done.lost.extend(
                f"{DEFINITIONS}: part {key}; rows that tell of it are kept and cannot be read"
                for key in sorted(missing)
            )
        if files & {NAME, INDEX, *FILES}:
            write_manifest(folder, _mend_rows(folder, whole, known, done))
            done.mended.extend(f"{name}: made anew" for name in (NAME, INDEX) if name in files)
        if BEGUN in files:
            kept = {"toolweave", "fingerprint", "settings", "shard_size"}
            write_manifest(folder, Manifest(**known.model_dump(include=kept)), BEGUN)
            done.mended.append(f"{BEGUN}: made anew")
        # Take out what is not sealed any more: those candidates are made again.
        for name in sorted(name for name in files if name.startswith(f"{SHARDS}/")):
            path, sealed = folder / name, list[bytes]()
            for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
                if unseal(line) is None:
                    done.lost.append(f"{name}, line {number}; {_AGAIN}")
                else:
                    sealed.append(line)
            replace_file(path, b"".join(sealed).decode())
        if LOCK in files:
            (folder / LOCK).write_bytes(b"")
        _mend_the_rest(folder, files, done)
    return done


def _told(path: Path) -> Iterator[str]:
    """The hashes that a data file's rows tell of."""
    for row in read_rows(path, lenient=True) if path.exists() else ():
        try:
            record = json.loads(row.line)
            task = record["task"]
            policy = task["policy"] if isinstance(task["policy"], list) else [""]
            told = (*record["tools"], *task.get("demands", ()), *policy[:-1])
            yield from (one for one in told if isinstance(one, str))
        except (ValueError, LookupError, TypeError, AttributeError):  # another thing is amiss
            continue


def _parts_of(folder: Path) -> Iterator[Record]:
    """What records of a folder may share, as far as its catalogue has it."""
    try:
        catalog = read_catalog(folder)
    except OutputError:
        return
    yield from catalog.tools
    world = infer_world(catalog.tools, catalog.worlds)
    yield from demands_of(tuple(tool.wire_name for tool in catalog.tools), world)
    for service in world.domains.values():
        also = re.sub(r"^You are ", "You are also ", policy := (service.policy or "").strip())
        yield from (Passage(text=text) for one in (policy, also) for text in one.split("\n\n"))


def _mend_rows(folder: Path, whole: Manifest | None, known: Manifest, done: Repaired) -> Manifest:
    """Keep the rows that are vouched for, with an index that fits; answers the manifest of it."""
    entries, kept, definitions = list[Entry](), dict[str, Measured](), DefinitionsFile(folder)
    told = [entry.candidate for entry in read_index(folder)]
    for name in FILES:
        path, kept[name], made = folder / name, NO_LINES, list[Entry]()
        committed = whole is not None and holds(folder, name, whole)
        end = whole.lengths[name] if whole else None
        rows = read_rows(path, end, lenient=True) if path.exists() else ()
        temporary = path.with_name(f"{name}.tmp")
        with writing(path), temporary.open("wb") as file:
            for row in rows:
                entry = _entry_of(row, name, committed, definitions)
                if entry is None:
                    _put_aside(folder, name, row, done)
                    continue
                made.append(entry)
                kept[name] = kept[name].and_then(row.line)
                file.write(row.line)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        entries += made
        if not committed:
            done.mended.append(f"{name}: {len(made)} rows are kept")
    index = b"".join(entry.line for entry in sorted(entries))
    replace_file(folder / INDEX, index.decode())
    there = {entry.candidate for entry in entries}
    consumed = whole.consumed if whole else max((*there, *told), default=-1) + 1
    lost = tuple(number for number in range(consumed) if number not in there)
    if unnamed := len(lost) - len(done.lost):
        done.lost.append(f"{ACCEPTED} or {REJECTED}: {unnamed} more candidates; {_AGAIN}")
    accepted, rejected, indexed = kept[ACCEPTED], kept[REJECTED], NO_LINES.and_then(index)
    return known.model_copy(
        update={
            **({} if whole else {"state": "short"}),
            "consumed": consumed,
            "accepted": accepted.lines,
            "rejected": rejected.lines,
            "accepted_bytes": accepted.length,
            "rejected_bytes": rejected.length,
            "accepted_crc": accepted.checksum,
            "rejected_crc": rejected.checksum,
            "index_bytes": indexed.length,
            "index_crc": indexed.checksum,
            "definitions": definitions.count,
            "lost": lost,
        }
    )


def _entry_of(row: Row, name: str, committed: bool, definitions: DefinitionsFile) -> Entry | None:
    """The entry of a row that is vouched for, or that can be read where nothing could vouch."""
    if row.entry and row.sound:
        return row.entry
    if not committed and not (row.sound and row.line.endswith(b"\n")):
        return None
    try:
        return Entry.of(sum_up(read_line(row.line, definitions)), name, row.line)
    except ValueError:
        return None


def _put_aside(folder: Path, name: str, row: Row, done: Repaired) -> None:
    """Keep what is left of a row where nothing reads it."""
    aside = folder / LOST / name
    with writing(aside):
        aside.parent.mkdir(exist_ok=True)
    append_durably(aside, row.line if row.line.endswith(b"\n") else row.line + b"\n")
    whose = f" (candidate {row.entry.candidate})" if row.entry else ""
    done.lost.append(f"{name}, line {row.number}{whose}; {_AGAIN}, {LOST}/{name} has its bytes")


def _mend_the_rest(folder: Path, files: set[str], done: Repaired) -> None:
    """Tables are made anew; of what cannot be, it is told who makes it."""
    for name in sorted(files):
        if name in _AFRESH:
            done.lost.append(f"{name}; {_AFRESH[name]}")
        elif name.startswith(("exports/", "graph.")) and name not in _AFRESH:
            done.lost.append(f"{name}; the command that wrote it writes it again")
    vouched = set(read_sums(folder)[0])
    settle_sums(folder)
    if CHECKSUMS in files:
        there = (name for name in (CATALOG, GRAPH, *BESIDE, TABLES_FILE) if name not in vouched)
        note_sums(folder, there)
        done.mended.append(f"{CHECKSUMS}: made anew")
    if files & {TABLES_FILE, NAME, INDEX, *FILES} and not files & {CATALOG, GRAPH}:
        store = Store(folder)
        store.remove()
        store.settle()
        done.mended.append(f"{TABLES_FILE}: made anew")
