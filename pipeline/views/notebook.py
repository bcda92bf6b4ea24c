"""Looking at an output folder from a notebook: tables by SQL, samples as HTML, pictures.

::

    from pipeline.views.notebook import open_output
    output = open_output("out/demo")
    output.sql("SELECT domain, count(*) FROM accepted GROUP BY ALL")
    output.samples(limit=1)[0]

Reads only, and only while it answers: a build may go on meanwhile. Tables and pictures need the
extra ``notebook``; samples do not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.run.database import Store
from pipeline.run.manifest import Manifest
from pipeline.run.output_folder import manifest_of
from pipeline.run.samples import read_sample
from pipeline.run.table_rows import TABLES
from pipeline.views.conversation import Sample
from schemas.errors import InputError
from schemas.graph import Edge

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]

    from pipeline.views.charts import Picture

EXTRA = ("matplotlib", "pandas")
MOST = 20
"""Names that a chart shows; a catalogue may have hundreds of tools."""
MOST_DRAWN = 20
"""Tools in a picture of the graph."""
GREEN, ORANGE = "#009e73", "#d55e00"
_DOMAINS = "SELECT DISTINCT domain FROM tools ORDER BY ALL"
_LARGEST = "SELECT domain FROM tools GROUP BY ALL ORDER BY count(*) DESC, domain LIMIT 1"
_DOMAIN_TOOLS = """
SELECT wire_name, effect FROM tools LEFT JOIN edges ON wire_name IN (producer, consumer)
WHERE domain = ? GROUP BY ALL ORDER BY count(producer) DESC, wire_name LIMIT ?
"""
_SPREAD = "SELECT {column}, count(*) FROM accepted GROUP BY 1 ORDER BY 1"
_OPERATORS = """
SELECT operator, count(*) FROM (SELECT unnest(operators) AS operator FROM accepted)
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?
"""
_TOOLS = """
SELECT tool, count(*) FROM calls JOIN accepted USING (candidate) GROUP BY 1 ORDER BY 2 DESC, 1
LIMIT ?
"""
_MASKS = """
SELECT label || if(train, ', trained on', ', masked'), count(*), bool_and(train) FROM messages
WHERE label IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""
_FATES = """
SELECT 'accepted', count(*), true FROM accepted
UNION ALL (SELECT code, trajectories, false FROM reasons LIMIT ?)
"""


def open_output(path: Path | str) -> "Output":
    """Open the output folder of a build. Raises InputError where ``path`` is none."""
    folder = Path(path)
    manifest_of(folder)
    return Output(folder)


@dataclass(frozen=True)
class Output:
    """An output folder, read only."""

    folder: Path

    @property
    def manifest(self) -> Manifest:
        """What the folder holds just now."""
        return manifest_of(self.folder)

    def sql(self, query: str, *values: Any) -> "DataFrame":
        """Ask the tables; ``values`` stand for the ``?`` of the query. Raises OutputError."""
        with _extra():
            import pandas  # noqa: F401 — DuckDB would say less clearly that it is missing
        with Store(self.folder).open() as connection:
            return connection.execute(query, values).df()

    def trajectory(self, prefix: str) -> Sample:
        """Show the trajectory whose id begins with ``prefix``. Raises InputError."""
        return Sample(read_sample(self.folder, prefix))

    def samples(self, limit: int = 10, accepted: bool = True, where: str = "true") -> list[Sample]:
        """Show the first so many, in the order of the stream.

        ``where`` is an SQL condition on table ``trajectories``:
        ``list_contains(operators, 'fault') AND domain = 'shop'``.
        """
        query = (
            f"SELECT trajectory_id FROM trajectories WHERE accepted = ? AND ({where}) "
            "ORDER BY candidate LIMIT ?"
        )
        return [self.trajectory(known) for (known,) in self._rows(query, accepted, limit)]

    def rejected(self, limit: int = 10, where: str = "true") -> list[Sample]:
        """Show the first so many that were rejected; their reasons stand where they belong."""
        return self.samples(limit, accepted=False, where=where)

    def graph(self, domain: str | None = None) -> "Picture":
        """Draw the tools of a domain and who can feed whom; without a name, of the largest domain.

        Of a large domain those tools are drawn that are joined most. Raises InputError.
        """
        with _extra():
            from pipeline.views.charts import draw_graph
        largest = self._rows(_LARGEST)[0][0] if domain is None else domain
        effects = dict(self._rows(_DOMAIN_TOOLS, largest, MOST_DRAWN))
        if not effects:
            known = ", ".join(name for (name,) in self._rows(_DOMAINS))
            raise InputError(f"no domain {domain!r}; there is {known}", file=str(self.folder))
        columns = list(TABLES["edges"])
        rows = self._rows(f"SELECT {', '.join(columns)} FROM edges ORDER BY ALL")
        edges = [
            edge
            for edge in [Edge.model_validate(dict(zip(columns, row, strict=True))) for row in rows]
            if {edge.producer, edge.consumer} <= {*effects}
        ]
        count = self._rows("SELECT count(*) FROM tools WHERE domain = ?", largest)[0][0]
        drawn = f"{count} tools" if count == len(effects) else f"{len(effects)} of {count} tools"
        return draw_graph(f"{largest}: {drawn}, {len(edges)} edges", effects, edges)

    def plots(self) -> "Picture":
        """Draw lengths, operators, tools used, labels of messages, and reasons of rejection."""
        with _extra():
            from pipeline.views.charts import Bars, draw_bars

        def spread(column: str, title: str) -> Bars:
            # Without gaps between the numbers.
            counts = dict(self._rows(_SPREAD.format(column=column)))
            numbers = range(min(counts, default=0), max(counts, default=-1) + 1)
            return Bars(title, [(str(number), counts.get(number, 0)) for number in numbers])

        def judged(title: str, query: str, *values: int) -> Bars:
            rows = self._rows(query, *values)
            colours = tuple(GREEN if good else ORANGE for _, _, good in rows)
            return Bars(title, [(name, count) for name, count, _ in rows], True, colours)

        left = (
            spread("user_turns", "User messages of an accepted trajectory"),
            Bars("Tools, by calls in accepted trajectories", self._rows(_TOOLS, MOST), True),
        )
        right = (
            spread("calls", "Calls of an accepted trajectory"),
            Bars("Operators, by accepted trajectories", self._rows(_OPERATORS, MOST), True),
            judged("Messages of assistants, by label", _MASKS),
            judged("Candidates: accepted, or why not", _FATES, MOST),
        )
        return draw_bars((left, right))

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with Store(self.folder).open() as connection:
            return connection.execute(query, values).fetchall()


@contextmanager
def _extra() -> Iterator[None]:
    """Say what to install where the extra ``notebook`` is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise InputError(
            f"needs {error.name}, which is not installed: pip install 'toolweave[notebook]'"
        ) from None
