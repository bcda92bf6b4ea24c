"""Streams the accepted trajectories of an output folder into a file of a trainer's format."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from pydantic import Field

from pipeline.exports import openai
from pipeline.exports.chat import Chat, read_chat
from pipeline.exports.format import FEATURES, Format, Shape, tell_option
from pipeline.exports.shaping import (
    Known,
    RefusedError,
    add_distractors,
    drop_reasoning,
    happens,
    join_running,
    learn_from,
    make_irrelevant,
    mask_names,
    narrow,
    shape_batches,
    shape_masked,
    shape_text_beside,
    show_times,
)
from pipeline.exports.wire import write_json, write_row
from pipeline.files import writing
from pipeline.run.checksums import note_sums
from pipeline.run.data_lines import Line, work_on_lines
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of, read_catalog
from schemas.errors import InputError, OutputError
from schemas.record import JsonObject, Record

LONGEST_ROW = 100_000_000
"""Bytes of a row that is turned into columns, at most."""


class Exported(Record):
    """What came of an export."""

    file: str
    rows: int
    stiff: int
    """Trajectories that were not wanted, in words that no person would choose."""
    left_out: int
    """Trajectories that the format cannot hold or a trainer would misread."""
    problems: dict[str, int]
    """Why, by frequency."""
    not_carried: dict[str, int] = Field(default_factory=dict)
    """What messages have and the format has no place for, and how many have it."""


@dataclass(frozen=True)
class Work:
    """What is made of every line."""

    to: Format
    shape: Shape
    as_text: bool
    with_stiff: bool
    seed: int
    known: Known
    wanted: Callable[[int], bool]
    moves: Mapping[int, frozenset[int]] | None = None

    def __call__(self, line: Line) -> "Written | None":
        """The rows of a line; None where it is not wanted."""
        if not self.with_stiff and line.plain["task"].get("stiff"):
            return None
        if self.to.of_line:
            return self.copy(line)
        return self.work_on(read_chat(line))

    def copy(self, line: Line) -> "Written":
        """The rows of a line whose messages the format need not read."""
        written = Written()
        if self.to.of_line and self.wanted(line.index):
            written.texts += map(self.write, self.to.of_line(line))
        return written

    def work_on_read(self, chat: Chat) -> "Written | None":
        """The rows of a conversation that the format has read; None where it is not wanted."""
        if not self.with_stiff and chat.task().stiff:
            return None
        return self.work_on(chat)

    def work_on(self, chat: Chat) -> "Written":
        """The rows of a conversation."""
        written = Written()
        if not self.wanted(chat.number) or not (self.moves is None or chat.number in self.moves):
            return written
        for one in self.variants(chat):
            try:
                shaped = one if self.to.read else self.fit(one)
                rows = [*self.to.rows(shaped)]
                found = [
                    *self.judge(shaped),
                    *(text for row in rows for text in self.to.problems(row)),
                ]
            except RefusedError as error:
                found, rows = [str(error)], []
            if found:
                written.problems += found[:1]
                continue
            for name, has in FEATURES:
                if name not in self.to.carries:
                    written.lost[name] += sum(map(has, one.messages))
            written.texts += map(self.write, rows)
        return written

    def judge(self, chat: Chat) -> list[str]:
        """What is wrong with a conversation whoever reads it; of a pair, with its right end."""
        if not self.to.judged or self.to is openai.FORMAT:  # which judges its own rows
            return []
        if self.to.read:
            chat = replace(chat, messages=chat.messages[:-1])
        return openai.problems(openai.row(chat))

    def variants(self, chat: Chat) -> Iterator[Chat]:
        """The conversation as it is asked for, and what else is made of it."""
        shape, names = self.shape, (self.seed, chat.number)
        plain = narrow(chat, shape.train) if shape.train and not self.to.read else chat
        plain = plain if self.moves is None else learn_from(plain, self.moves[chat.number])
        plain = plain if shape.reasoning else drop_reasoning(plain)
        if shape.times:
            plain = show_times(plain)
        made = plain
        if shape.distractors:
            made = add_distractors(made, self.known, shape.distractors, self.seed)
        if happens(shape.mask_names, "mask", *names):
            made = mask_names(made, self.seed)
        yield made
        if not self.to.read and happens(shape.irrelevant, "irrelevant", *names):
            other = make_irrelevant(plain, self.known, self.seed)
            if other is not None:
                yield other

    def fit(self, chat: Chat) -> Chat:
        """The conversation as the format can hold it. Raises RefusedError."""
        chat = join_running(chat)
        batches = self.shape.batches or ("split" if self.to.one_call else "keep")
        chat = shape_text_beside(shape_batches(chat, batches), self.shape.beside)
        return shape_masked(chat, self.shape.masked) if self.to.trains_on_all else chat

    def write(self, row: JsonObject) -> bytes:
        """A row as its line has it."""
        if self.as_text and isinstance(row.get("tools"), list):
            row = {**row, "tools": write_json(row["tools"])}
        return write_row(row)


def _refuse_choices(to: Format, shape: Shape) -> None:
    usual = Shape()
    for name in sorted(to.no_place_for):
        if getattr(shape, name) != getattr(usual, name):
            raise InputError(f"its rows cannot hold {tell_option(name)}", place=to.name)


def every(_: int) -> bool:
    """Every candidate."""
    return True


class Written:
    """What a trajectory came to."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.problems: list[str] = []
        self.lost: Counter[str] = Counter()


def export(
    folder: Path,
    to: Format,
    file: Path,
    force: bool,
    seen: Callable[[int], None],
    *,
    shape: Shape | None = None,
    as_text: bool = False,
    with_stiff: bool = True,
    seed: int = 0,
    processes: int = 1,
    data: str = ACCEPTED,
    wanted: Callable[[int], bool] = every,
    moves: Mapping[int, frozenset[int]] | None = None,
) -> Exported:
    """Write ``file`` as a whole or not at all; ``seen`` is told the bytes that were read.

    ``as_text`` writes the tools of a row as one JSON text: a reader that makes columns of all keys
    neither fills foreign parameters with null nor stumbles over values of several types.
    Without ``with_stiff``, tasks in words that no person would choose (`Task.stiff`) are left out.
    ``data``: the file of the folder that is read. ``wanted``: of which candidates, by number.
    ``moves``: from which messages of a candidate alone is learned.
    Raises InputError for a folder that is no output or a choice that ``to`` cannot hold,
    OutputError where ``file`` exists and ``force`` is not given, or cannot be written.
    """
    if file.exists() and not force:
        raise OutputError(f"{file}: exists already; --force writes over it")
    shape = shape or Shape()
    _refuse_choices(to, shape)
    foreign = shape.distractors > 0 or shape.irrelevant > 0
    known = Known(read_catalog(folder).tools if foreign else ())
    work = Work(to, shape, as_text, with_stiff, seed, known, wanted, moves)
    manifest = manifest_of(folder)
    end = manifest.accepted_bytes if data == ACCEPTED else None
    temporary = file.with_name(f"{file.name}.tmp")
    problems, lost = Counter[str](), Counter[str]()
    rows = stiff = left_out = 0
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as target:
                for length, one in (
                    ((0, work.work_on_read(chat)) for chat in to.read(folder))
                    if to.read
                    else work_on_lines(folder / data, work, processes, end)
                ):
                    seen(length)
                    if one is None:
                        stiff += 1
                        continue
                    problems.update(one.problems)
                    left_out += len(one.problems)
                    lost.update(one.lost)
                    rows += len(one.texts)
                    target.writelines(b"%b\n" % text for text in one.texts)
            if to.columns:
                _columns(temporary, to.columns)
            temporary.replace(file)
            if file.resolve().is_relative_to(folder.resolve()):
                note_sums(folder, [file.resolve().relative_to(folder.resolve()).as_posix()])
        finally:
            temporary.unlink(missing_ok=True)
    return Exported(
        file=str(file), rows=rows, stiff=stiff, left_out=left_out,
        problems=dict(problems.most_common(10)),
        not_carried={name: count for name, count in lost.items() if count},
    )  # fmt: skip


def _columns(file: Path, columns: str) -> None:
    """Turn lines of JSON into Parquet, in their order."""
    made = file.with_name(f"{file.name}.parquet")
    fields = ", ".join(
        f"{name}: '{kind}'" for name, _, kind in (one.partition(" ") for one in columns.split("; "))
    )
    source = (
        f"read_json(?, format = 'newline_delimited', columns = {{{fields}}}, "
        f"maximum_object_size = {LONGEST_ROW})"
    )
    target = str(made).replace("'", "''")
    try:
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            connection.execute(
                f"COPY (SELECT * FROM {source}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)",
                [str(file)],
            )
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)
