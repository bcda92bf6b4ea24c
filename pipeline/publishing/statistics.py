"""What is told of a data set: counted from the tables, so that memory does not grow with it."""

from collections import Counter
from pathlib import Path

from pipeline.run.data_lines import lines
from pipeline.run.database import Store
from pipeline.run.manifest import ACCEPTED, Manifest
from pipeline.run.output_folder import manifest_of, read_catalog
from schemas.record import Record

NOT_STATED = "not stated"
_COUNTS = """
SELECT count(*), sum(messages), sum(calls), sum(user_turns), count(*) FILTER (len(stiff) > 0),
    min(messages), median(messages), max(messages), median(tools_offered)
FROM accepted"""
_TRAINED = """
SELECT count(*), count(*) FILTER (train), sum((length(text) + 3) // 4) FILTER (train)
FROM messages m JOIN accepted USING (candidate) WHERE role = 'assistant'"""
_BY_NAME = {
    "domains": "SELECT domain, count(*) FROM accepted GROUP BY 1 ORDER BY 2 DESC, 1",
    "operators": "SELECT o, count(*) FROM (SELECT unnest(operators) AS o FROM accepted) "
    "GROUP BY 1 ORDER BY 2 DESC, 1",
    "outcomes": "SELECT o, count(*) FROM (SELECT unnest(outcomes) AS o FROM accepted) "
    "GROUP BY 1 ORDER BY 2 DESC, 1",
    "labels": "SELECT label, count(*) FROM messages JOIN accepted USING (candidate) "
    "WHERE label IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1",
    "causes": "SELECT c, count(*) FROM (SELECT unnest(causes) AS c FROM rejected) "
    "GROUP BY 1 ORDER BY 2 DESC, 1",
    "roles": "SELECT format('user {}, assistant {}, judge {}', user_role, assistant_role, "
    "judge_role), count(*) FROM accepted GROUP BY 1 ORDER BY 2 DESC, 1",
    "tools": "SELECT tool, count(*) FROM made_calls JOIN accepted USING (candidate) "
    "GROUP BY 1 ORDER BY 2 DESC, 1",
}


class Source(Record):
    """A file that tools were read from."""

    file: str
    format: str
    licence: str
    tools: int


class Statistics(Record):
    """A data set in figures."""

    manifest: Manifest
    conversations: int
    messages: int
    calls: int
    user_turns: int
    stiff: int
    shortest: int
    median: float
    longest: int
    median_offered: float
    assistant_messages: int
    trained_messages: int
    trained_tokens: int
    """Roughly: a quarter of the characters of words."""
    domains: dict[str, int]
    operators: dict[str, int]
    outcomes: dict[str, int]
    labels: dict[str, int]
    causes: dict[str, int]
    """Of rejected candidates."""
    roles: dict[str, int]
    prompts: dict[str, int]
    """Hashes of the prompts by which models played."""
    tools: dict[str, int]
    """Tools that are called, and how often."""
    sources: tuple[Source, ...]

    @property
    def licences(self) -> tuple[str, ...]:
        """What is known of the sources' licences."""
        return tuple(sorted({one.licence for one in self.sources}))


def count(folder: Path) -> Statistics:
    """Count an output folder. Raises InputError, OutputError."""
    manifest = manifest_of(folder)
    store = Store(folder)
    store.settle()
    with store.open() as connection:
        (counts,) = connection.execute(_COUNTS).fetchall()
        (trained,) = connection.execute(_TRAINED).fetchall()
        named = {
            name: dict(connection.execute(query).fetchall()) for name, query in _BY_NAME.items()
        }
    numbers = [one or 0 for one in (*counts, *trained)]
    names = ("conversations", "messages", "calls", "user_turns", "stiff", "shortest", "median",
             "longest", "median_offered", "assistant_messages", "trained_messages",
             "trained_tokens")  # fmt: skip
    sources = Counter(
        (one.source.path, one.source.format, one.source.licence or NOT_STATED)
        for one in read_catalog(folder).tools
    )
    prompts = Counter(
        line.plain["roles"].get("prompts", "")
        for line in lines(folder / ACCEPTED, manifest.accepted_bytes)
    )
    return Statistics(
        manifest=manifest,
        prompts={key: number for key, number in prompts.most_common() if key},
        sources=tuple(
            Source(file=file, format=form, licence=licence, tools=tools)
            for (file, form, licence), tools in sorted(sources.items())
        ),
        **dict(zip(names, numbers, strict=True)),
        **named,
    )
