"""Two files of Parquet for pandas, Polars and DuckDB: accepted conversations, and their messages.

They are written from the tables, in the order of the stream, compressed by Zstandard. Calls and
their arguments are JSON text: columns of all keys of all tools would be mostly empty.
"""

from pathlib import Path

from pipeline.exports.write import Exported
from pipeline.files import writing
from pipeline.run.checksums import note_sums
from pipeline.run.database import Store
from schemas.errors import OutputError

QUERIES = {
    "conversations.parquet": """
SELECT * EXCLUDE (accepted, reasons, first_message_key, task_key, file, byte_offset, byte_length)
FROM accepted WHERE {stiff} ORDER BY candidate""",
    "messages.parquet": """
SELECT m.* EXCLUDE (calls), a.domain, made.tool_calls, answered.call_id, answered.tool
FROM messages m JOIN accepted a USING (candidate)
LEFT JOIN (
    SELECT candidate, message_idx, to_json(list(
        {{id: call_id, name: tool, arguments: arguments}} ORDER BY idx))::VARCHAR AS tool_calls
    FROM made_calls GROUP BY ALL
) made ON made.candidate = m.candidate AND made.message_idx = m.idx
LEFT JOIN made_calls answered ON answered.candidate = m.candidate AND answered.answer_idx = m.idx
WHERE {stiff} ORDER BY m.candidate, m.idx""",
}


def export_parquet(folder: Path, target: Path, force: bool, with_stiff: bool) -> Exported:
    """Write both files into ``target``, each as a whole or not at all. Raises OutputError."""
    for name in QUERIES:
        if (target / name).exists() and not force:
            raise OutputError(f"{target / name}: exists already; --force writes over it")
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
    store = Store(folder)
    store.settle()  # tables that something else changed are made anew
    with store.open() as connection:
        count = "SELECT count(*), count(*) FILTER (len(stiff) > 0) FROM accepted"
        ((rows, stiff),) = connection.execute(count).fetchall()
        for name, query in QUERIES.items():
            temporary = target / f"{name}.tmp"
            wanted = query.format(stiff="true" if with_stiff else "len(stiff) = 0")
            quoted = str(temporary).replace("'", "''")
            try:
                connection.execute(
                    f"COPY ({wanted}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)"
                )
                with writing(target / name):
                    temporary.replace(target / name)
            finally:
                temporary.unlink(missing_ok=True)
    if target.resolve().is_relative_to(folder.resolve()):
        inside = target.resolve().relative_to(folder.resolve())
        note_sums(folder, [(inside / name).as_posix() for name in QUERIES])
    left = 0 if with_stiff else stiff
    return Exported(file=str(target), rows=rows - left, stiff=left, left_out=0, problems={})
