"""The tables in ``toolweave.duckdb``: an index over the data files that can always be made anew.

Rows are added many at a time, and the rest when a run ends or stops; whoever opens the tables adds
what they do not hold yet. The file is open only meanwhile, so that a notebook may read it during a
build. Each row of ``files`` says how far a data file is in the tables.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from pydantic import ValidationError

from pipeline.files import writing
from pipeline.run.attaching import AMPLE, FRUGAL, NAME, BusyError, attached, quoted
from pipeline.run.checksums import note_pending, note_sums, read_sums
from pipeline.run.data_index import read_rows
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.journal import read_line
from pipeline.run.manifest import ACCEPTED, REJECTED, read_manifest
from pipeline.run.table_rows import TABLES, Rows, edge_rows, rows_of, tool_row
from pipeline.run.workshop import Used
from schemas.errors import OutputError
from schemas.graph import Edge
from schemas.tool import Catalog

TABLES_FILE = "toolweave.duckdb"
BATCH_BYTES = 8_000_000
"""Of trajectories whose rows are in memory at once; one that is longer is a batch of its own."""
PLACED = "trajectories"
"""The table whose rows tell where a line lies."""
_EDGE = "producer, result_path, consumer, parameter"
"""The columns by which an edge is known."""
_EDGE_NAME = "{}: {} → {}: {}"
_VIEWS = """
CREATE TABLE files (file VARCHAR PRIMARY KEY, bytes BIGINT);
CREATE VIEW calls AS
    SELECT c.* EXCLUDE (answer_idx), m.text AS result FROM made_calls c
    LEFT JOIN messages m ON m.candidate = c.candidate AND m.idx = c.answer_idx;
CREATE VIEW accepted AS SELECT * FROM trajectories WHERE accepted;
CREATE VIEW rejected AS SELECT * FROM trajectories WHERE NOT accepted;
CREATE VIEW reasons AS
    SELECT code, "check", count(DISTINCT candidate) AS trajectories,
        any_value(explanation) AS example
    FROM verdicts WHERE code IS NOT NULL GROUP BY ALL ORDER BY trajectories DESC, code;
CREATE VIEW tool_use AS
    SELECT t.wire_name, t.domain, count(c.tool) AS calls, count(*) FILTER (c.is_error) AS errors
    FROM tools t LEFT JOIN calls c ON c.tool = t.wire_name GROUP BY ALL ORDER BY calls DESC, 1;
CREATE VIEW coverage AS
    SELECT 'tool' AS kind, wire_name AS name, count(a.candidate) AS used
    FROM tools LEFT JOIN (calls JOIN accepted a USING (candidate)) ON tool = wire_name
    GROUP BY ALL
    UNION ALL
    SELECT 'edge', format('{}: {} → {}: {}', e.producer, e.result_path, e.consumer, e.parameter),
        count(a.candidate)
    FROM edges e LEFT JOIN (feeds f JOIN accepted a USING (candidate)) ON
        (e.producer, e.result_path, e.consumer, e.parameter)
        = (f.producer, f.result_path, f.consumer, f.parameter)
    GROUP BY ALL;
"""


class Found(NamedTuple):
    """Where a trajectory lies."""

    trajectory_id: str
    file: str
    offset: int
    length: int


SECOND_TRIES = ("turned_down", "mended", "played_again", "saved")
"""What a report counts of what was tried again, before the codes for which moves were."""


class Counted(NamedTuple):
    """What the tables of a build come to."""

    reasons: dict[str, int]
    """The most frequent codes of rejected trajectories."""
    graph: dict[str, int]
    """How many ``tools`` and ``edges`` there are, and how many were ``tools_used``, ``edges_used``
    by accepted trajectories."""
    stiff: int
    """Accepted trajectories whose task is in words that no person would choose."""
    used: Used
    words: dict[str, int]
    """Of the messages of accepted trajectories that were to have other words, as a report tells."""
    second_tries: dict[str, int]
    """What was tried again, as a report tells."""
    manners: dict[str, int]
    """How users were hard to serve → accepted trajectories."""
    tasks: dict[str, int]
    """Of tasks that a model was to put into words, as a report tells."""


class Store:
    """The tables of an output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / TABLES_FILE
        self._held: dict[str, list[tuple[Rows, int]]] = {ACCEPTED: [], REJECTED: []}
        """The rows of lines that were committed last, with the lengths of the lines."""
        self._told: dict[str, int] | None = None
        """Up to where this object has brought the tables."""
        self._writes = False
        """Whether it has said that it writes them, and not yet what they hold now."""
        self._packed = False
        """Whether they were written at once, and so in one piece."""

    def hold(self, lines: Mapping[str, Sequence[tuple[Rows, int]]]) -> None:
        """Take the rows of lines that have been committed; they are added when they are many."""
        for file, told in lines.items():
            self._held[file] += told
        if sum(length for told in self._held.values() for _, length in told) >= BATCH_BYTES:
            with suppress(BusyError):  # whoever reads them now is not disturbed
                self.follow(anew=True)

    def follow(self, anew: bool = False) -> None:
        """Add the rows of all that is committed; make broken tables ``anew``.

        Raises BusyError where another program has the tables open, and OutputError.
        """
        manifest = read_manifest(self.folder)
        lengths = manifest.lengths if manifest else {}
        if lengths == self._told:
            return
        if not self._writes:
            if self._are_whole(lengths):
                self._told = lengths
                return
            note_pending(self.folder, TABLES_FILE)
            self._writes = True
        try:
            self._follow(lengths, FRUGAL)
        except BusyError:
            raise
        except OutputError:  # too little memory is told in many ways: more of it tells the truth
            try:
                self._follow(lengths, AMPLE)
            except OutputError:
                if not anew:
                    raise
                self.remove()
                self._follow(lengths, AMPLE)
        finally:
            self._held = {ACCEPTED: [], REJECTED: []}
        self._told = lengths

    def _are_whole(self, lengths: dict[str, int]) -> bool:
        """Whether the tables hold so much, and what was noted of them; what is changed goes."""
        known = read_sums(self.folder)[0].get(TABLES_FILE)
        if known is None or known.pending or not self.path.exists():
            return False
        if not known.holds(self.folder):
            self.remove()
            return False
        return self._holds(lengths)

    def settle(self) -> None:
        """As `follow`, making broken tables anew, and without the room that was left free."""
        self.follow(anew=True)
        if self._writes:
            with suppress(OutputError):  # where there is no room for both, they stay as they are
                if not self._packed:
                    try:
                        self._pack(FRUGAL)
                    except OutputError:
                        self._pack(AMPLE)
            note_sums(self.folder, [TABLES_FILE])
            self._writes = False

    def _pack(self, memory: str) -> None:
        """Write the tables once more, in one piece and with their texts compressed."""
        packed = self.path.with_name(f"{TABLES_FILE}.tmp")
        packed.unlink(missing_ok=True)
        try:
            with attached(self.path, True, memory, compression="zstd") as connection:
                connection.execute(f"ATTACH {quoted(packed)} AS packed")
                connection.execute(f"COPY FROM DATABASE {NAME} TO packed; DETACH packed")
            with writing(self.path):
                packed.replace(self.path)
        finally:
            packed.unlink(missing_ok=True)

    def _follow(self, lengths: Mapping[str, int], memory: str) -> None:
        definitions, fresh = DefinitionsFile(self.folder), not self.path.exists()
        self._packed = fresh and sum(lengths.values()) < BATCH_BYTES
        compression = "zstd" if self._packed else "auto"
        with attached(self.path, False, memory, compression) as connection:
            if (
                fresh
                or not connection.execute(
                    "SELECT 1 FROM duckdb_tables() WHERE table_name = 'files'"
                ).fetchone()
            ):
                with _transaction(connection):
                    connection.execute(_statement(TABLES) + _VIEWS)
                    catalog = Catalog.model_validate_json(
                        (self.folder / "catalog.json").read_bytes()
                    )
                    graph = json.loads((self.folder / "graph.json").read_bytes())
                    tools = [tool_row(tool) for tool in catalog.tools]
                    _insert(connection, {"tools": tools, "edges": edge_rows(graph)})
            lines = self._find_lines(connection, lengths, definitions, fresh)
            for rows, ends in _batches(lines):
                with _transaction(connection):
                    _insert(connection, rows)
                    places = ", ".join(["(?, ?)"] * len(ends))
                    known = [value for end in ends for value in end]
                    connection.execute(f"INSERT OR REPLACE INTO files VALUES {places}", known)

    def _find_lines(
        self,
        connection: duckdb.DuckDBPyConnection,
        lengths: Mapping[str, int],
        definitions: DefinitionsFile,
        fresh: bool,
    ) -> Iterator[tuple[str, int, int, Rows]]:
        """What the tables lack of the files: file, start, length and rows of each line."""
        for file, length in lengths.items():
            query = "SELECT bytes FROM files WHERE file = ?"
            known = None if fresh else connection.execute(query, [file]).fetchone()
            start = known[0] if known else 0
            if start > length:
                raise OutputError(f"{self.path}: tells of more than {file} holds")
            held = self._held[file]
            near = held if start + sum(size for _, size in held) == length else None
            for rows, size in near or _read_lines(self.folder / file, start, length, definitions):
                yield file, start, size, rows
                start += size

    def remove(self) -> None:
        """Forget the tables: `follow` makes them anew."""
        self._told = None
        for path in (self.path, self.path.with_name(f"{TABLES_FILE}.wal")):
            path.unlink(missing_ok=True)

    def count(self, limit: int = 5) -> Counted:
        """Count what was accepted and used, and the most frequent reasons of what was not."""
        with self.open() as connection:

            def found(query: str, of: str = "") -> list[Any]:
                # To plan a question takes longer than to answer it, and most builds have no rows
                # of what a model was to put into other words.
                if of and not connection.execute(f"SELECT 1 FROM {of} LIMIT 1").fetchall():
                    return []
                return connection.execute(query).fetchall()

            reasons = found(
                "SELECT code, count(*) FROM (SELECT unnest(causes) AS code FROM rejected) "
                f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit}"
            )
            covered = found(
                "SELECT 'tools', count(*), list(wire_name) FILTER (wire_name IN "
                "(SELECT tool FROM made_calls SEMI JOIN accepted USING (candidate))) FROM tools "
                "UNION ALL SELECT 'edges', count(*), "
                f"list(format('{_EDGE_NAME}', {_EDGE})) FILTER (({_EDGE}) IN (SELECT ({_EDGE}) "
                "FROM feeds SEMI JOIN accepted USING (candidate))) FROM edges"
            )
            ((every, stiff, manners, persons),) = found(
                "SELECT count(*), count(*) FILTER (len(stiff) > 0), histogram(manner), "
                "list(DISTINCT person) FILTER (person IS NOT NULL) FROM accepted"
            )
            operators = found(
                "SELECT name, count(*) FROM (SELECT unnest(operators) AS name FROM accepted) "
                "GROUP BY 1 ORDER BY 2 DESC, 1"
            )
            words = found(
                "SELECT count(*) FILTER (NOT kept), count(*) FILTER (asked > 1), "
                "count(*) FILTER (kept) FROM rewriting JOIN accepted USING (candidate)",
                of="rewriting",
            )
            refused = found(
                "SELECT code, count(*) FROM (SELECT unnest(refused) AS code FROM rewriting "
                f"JOIN accepted USING (candidate)) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit}",
                of="rewriting",
            )
            (tried,) = found(
                "SELECT (SELECT count(*) FROM turned_down WHERE NOT made), (SELECT count(*) FROM "
                "turned_down JOIN accepted USING (candidate) WHERE NOT made), "
                "count(*) FILTER (dialogues > 1), "
                "count(*) FILTER (dialogues > 1 AND accepted) FROM trajectories"
            )
            turned_down = found(
                "SELECT code, count(*) FROM (SELECT unnest(codes) AS code FROM turned_down "
                f"WHERE NOT made) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit}",
                of="turned_down",
            )
            tasks = found(
                "SELECT outcome, count(DISTINCT candidate) FROM writing GROUP BY 1 UNION ALL "
                "SELECT 'again', count(*) FROM writing WHERE round > 1 HAVING count(*) > 0 "
                "UNION ALL (SELECT code, count(*) FROM writing WHERE code IS NOT NULL "
                f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit})",
                of="writing",
            )
            outcomes = found("SELECT DISTINCT unnest(outcomes) FROM accepted")
        had = {
            "outcomes": tuple(sorted(name for (name,) in outcomes)),
            "persons": tuple(sorted(persons or ())),
        }
        graph = {"tools": 0, "tools_used": 0, "edges": 0, "edges_used": 0}
        for kind, all_of_it, used in covered:
            had[kind] = tuple(sorted(used or ()))
            graph |= {kind: all_of_it, f"{kind}_used": len(had[kind])}
        used = Used(conversations=every, operators=dict(operators), names=had)
        names = ("rewritten", "asked_again", "kept")
        told = {name: count for row in words for name, count in zip(names, row, strict=True)}
        told |= dict(refused)
        again = dict(zip(SECOND_TRIES, tried, strict=True)) | dict(turned_down)
        return Counted(
            dict(reasons), graph, stiff, used, told if any(told.values()) else {},
            again if any(tried) else {}, dict(sorted((manners or {}).items())),
            dict(sorted(tasks)),
        )  # fmt: skip

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Connect to read, with all in the tables that is committed.

        Where another program reads them just now, what they hold has to do. What DuckDB cannot do
        becomes an OutputError of one line.
        """
        manifest = read_manifest(self.folder)
        if manifest and not (self.path.exists() and self._holds(manifest.lengths)):
            with suppress(BusyError):
                self.settle()
        with attached(self.path, read_only=True) as connection:
            yield connection

    def _holds(self, lengths: dict[str, int]) -> bool:
        if lengths == self._told:
            return True
        with attached(self.path, read_only=True) as connection:
            try:
                held = dict(connection.execute("SELECT file, bytes FROM files").fetchall())
            except duckdb.CatalogException:
                return False
        return held == {file: length for file, length in lengths.items() if length}


def find(folder: Path, prefix: str) -> list[Found]:
    """Find trajectories whose id begins with ``prefix``, three at most. Raises OutputError."""
    query = (
        "SELECT trajectory_id, file, byte_offset, byte_length FROM trajectories "
        "WHERE starts_with(trajectory_id, ?) ORDER BY candidate LIMIT 3"
    )
    with Store(folder).open() as connection:
        return [Found(*row) for row in connection.execute(query, [prefix]).fetchall()]


def write_graph_tables(path: Path, catalog: Catalog, edges: Iterable[Edge]) -> None:
    """Write tables ``tools`` and ``edges`` anew. Raises OutputError."""
    temporary = path.with_name(f"{path.name}.tmp")
    with writing(path):
        temporary.unlink(missing_ok=True)
        with attached(temporary, read_only=False) as connection, _transaction(connection):
            connection.execute(_statement(("tools", "edges")))
            tools = [tool_row(tool) for tool in catalog.tools]
            found = [edge.model_dump(mode="json") for edge in edges]
            _insert(connection, {"tools": tools, "edges": found})
        temporary.replace(path)


def _statement(tables: Iterable[str]) -> str:
    """The SQL that creates tables."""
    columns = {
        table: ", ".join(f'"{name}" {kind}' for name, kind in TABLES[table].items())
        for table in tables
    }
    return "".join(f"CREATE TABLE {name} ({text});\n" for name, text in columns.items())


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    yield
    connection.commit()  # whatever fails above closes the connection, which rolls back


def _batches(
    lines: Iterable[tuple[str, int, int, Rows]],
) -> Iterator[tuple[Rows, list[tuple[str, int]]]]:
    """Yield the rows of many lines, and up to where they are those of each file."""
    rows: Rows = defaultdict(list)
    ends: dict[str, int] = {}
    weight = 0
    for file, start, size, made in lines:
        place = {"file": file, "byte_offset": start, "byte_length": size}
        for table, found in made.items():
            rows[table].extend([row | place for row in found] if table == PLACED else found)
        ends[file] = start + size
        weight += size
        if weight >= BATCH_BYTES:
            yield rows, [*ends.items()]
            rows, ends, weight = defaultdict(list), {}, 0
    if ends:
        yield rows, [*ends.items()]


def _read_lines(
    path: Path, start: int, length: int, definitions: DefinitionsFile
) -> Iterator[tuple[Rows, int]]:
    for row in read_rows(path, length) if start < length else ():
        if row.start >= start:
            try:
                if not row.sound:
                    raise ValueError("something else changed it; `toolweave check` says what")
                trajectory = read_line(row.line, definitions)
            except ValueError as error:
                told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
                raise OutputError(f"{path}: line {row.number}: {told}") from None
            yield rows_of(trajectory), len(row.line)


def _insert(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Add rows as one JSON text a table: thirty times as fast as ``executemany``."""
    for table, columns in TABLES.items():
        if rows.get(table):
            form = json.dumps([columns]).replace("'", "''")
            connection.execute(
                f"INSERT INTO {table} SELECT r.* FROM "
                f"(SELECT unnest(from_json(?::JSON, '{form}')) r)",
                [json.dumps(rows[table])],
            )
