"""Whether a reader agrees with what is inferred of tools: labels by hand, and the inference.

The labels lie in ``tests/fixtures/operation_labels.json``, in three parts: ``first``, drawn from
all catalogues of others before any rule was looked at; ``fresh``, drawn and labelled after rules
were mended by the first; ``own``, from the project's catalogues; ``others`` and, after rules were
mended by these, ``third``, drawn from others that nobody had tuned to, labelled before any
inference was looked at. A label has the act, and where another is as defensible, that one under
``also``.

Which tools were labelled was drawn at random with a fixed seed, so many of each catalogue; `drawn`
draws them again.

Run: ``python -m benchmarks.operations``.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from benchmarks.catalogues import read_standing
from benchmarks.gold_edges import RETAIL, ROOT
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.semantic import Act

REAL = RETAIL.parent
QUOTAS: Mapping[str, Mapping[str, int]] = {
    "first": {
        "mcp/github_mcp_server_tools_list.json": 28,
        "mcp/ref_filesystem_tools_list.json": 7,
        "mcp/ref_git_tools_list.json": 6,
        "mcp/ref_memory_tools_list.json": 5,
        "mcp/ref_time_tools_list.json": 1,
        "openapi/swagger_petstore3.yaml": 8,
        "openapi/spotify_sonallux.yml": 22,
        "openapi/twilio_verify_v2.json": 14,
        "tau2_retail/retail.json": 8,
        "bfcl/func_docs": 26,
        "bfcl/BFCL_v4_simple_python.json": 8,
        "bfcl/BFCL_v4_multiple.json": 6,
        "toolbench/G1_query.json": 4,
        "toolbench/G3_query.json": 4,
        "xlam/masking_sft_data_example.json": 3,
    },
    "fresh": {
        "mcp/github_mcp_server_tools_list.json": 9,
        "mcp/ref_filesystem_tools_list.json": 1,
        "mcp/ref_git_tools_list.json": 1,
        "mcp/ref_memory_tools_list.json": 1,
        "mcp/ref_time_tools_list.json": 1,
        "openapi/swagger_petstore3.yaml": 2,
        "openapi/spotify_sonallux.yml": 6,
        "openapi/twilio_verify_v2.json": 3,
        "tau2_retail/retail.json": 2,
        "bfcl/func_docs": 6,
        "bfcl/BFCL_v4_simple_python.json": 2,
        "bfcl/BFCL_v4_multiple.json": 2,
        "toolbench/G1_query.json": 1,
        "toolbench/G3_query.json": 1,
        "xlam/masking_sft_data_example.json": 2,
    },
    "own": {"data/catalogs": 40},
}
"""Part → catalogue → how many of its tools."""
LABELS = ROOT / "tests" / "fixtures" / "operation_labels.json"
PARTS = (*QUOTAS, "others", "third")
ACTS: tuple[Act, ...] = get_args(Act)


@dataclass(frozen=True)
class Label:
    """What a reader says of one tool."""

    catalogue: str
    tool: str
    operation: Act
    entity: str | None
    also: tuple[Act, ...] = ()
    entity_also: tuple[str, ...] = ()

    @property
    def acts(self) -> tuple[Act, ...]:
        """All acts that are defensible, the best first."""
        return (self.operation, *self.also)

    @property
    def nouns(self) -> frozenset[str]:
        """All nouns that are defensible; empty for a computation of no thing."""
        return frozenset(noun for noun in (self.entity, *self.entity_also) if noun)


@dataclass(frozen=True)
class Judged:
    """A label beside what was inferred."""

    label: Label
    act: Act
    noun: str
    why: str
    doubtful: bool
    """It was concluded by a rule that guesses."""

    @property
    def agrees(self) -> bool:
        """With the label, or one of its alternatives."""
        return self.act in self.label.acts

    @property
    def agrees_strictly(self) -> bool:
        """With the label itself."""
        return self.act == self.label.operation

    @property
    def agrees_in_noun(self) -> bool:
        """Where the label has a noun."""
        return not self.label.nouns or self.noun in self.label.nouns


def read_labels(part: str, path: Path = LABELS) -> tuple[Label, ...]:
    """Read one part's labels."""
    labels = []
    for row in json.loads(path.read_text("utf-8"))[part]:
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
        }
        labels.append(Label(**given))
    return tuple(labels)


def judged(labels: Iterable[Label]) -> Iterator[Judged]:
    """Yield the labels whose catalogue is here, each with what is inferred of its tool now.

    Raises KeyError for a tool that its catalogue does not have.
    """
    for label in labels:
        world = world_of(label.catalogue)
        if world is not None:
            names = {model.tool.name: name for name, model in world.models.items()}
            model = world.models[names.get(label.tool, label.tool)]
            yield Judged(label, model.act, model.noun, model.why, bool(model.doubts))


def path_of(catalogue: str) -> Path:
    """Where a catalogue lies: within the project, or among those of others."""
    return (ROOT if catalogue.startswith("data/") else REAL) / catalogue


def drawn(part: str, catalogue: str) -> tuple[str, ...]:
    """The wire names of the tools that are labelled, in order of name. Raises InputError."""
    taken = drawn("first", catalogue) if part == "fresh" else ()
    left = sorted(set(_names_in(catalogue)) - set(taken))
    chosen = random.Random(derive_seed("operation labels", part, catalogue))
    return tuple(sorted(chosen.sample(left, QUOTAS[part][catalogue])))


@cache
def _names_in(catalogue: str) -> tuple[str, ...]:
    return tuple(tool.wire_name for tool in read_standing(path_of(catalogue)).tools)


@cache
def world_of(catalogue: str) -> World | None:
    """The world of a catalogue, read as a user would read it; None where it is not here."""
    if not path_of(catalogue).exists():
        return None
    try:
        catalog = read_standing(path_of(catalogue))
    except InputError:
        return None
    return infer_world(catalog.tools, catalog.worlds)


def share(rows: Sequence[Judged], strictly: bool = False) -> float:
    """The share of tools whose act a reader agrees with."""
    good = [row.agrees_strictly if strictly else row.agrees for row in rows]
    return sum(good) / len(good)


def tables(part: str) -> Iterator[str]:
    """Yield the lines of what is printed of one part."""
    rows = list(judged(read_labels(part)))
    yield f"\n## {part}: {len(rows)} of {len(read_labels(part))} labelled tools are here\n"
    if not rows:
        return
    yield "| catalogue | tools | agrees | with the first label alone | noun |"
    yield "|---|---|---|---|---|"
    names = dict.fromkeys(row.label.catalogue for row in rows)
    for name in names:
        yield _line(name, [row for row in rows if row.label.catalogue == name])
    yield _line("all", rows)
    for name, doubtful in (("in doubt", True), ("not in doubt", False)):
        if found := [row for row in rows if row.doubtful == doubtful]:
            yield _line(name, found)
    yield "\nRows: the label. Columns: what was inferred. An alternative counts as the label.\n"
    yield from _confusion((r.act if r.agrees else r.label.operation, r.act) for r in rows)
    yield "\nRows: the first label alone.\n"
    yield from _confusion((row.label.operation, row.act) for row in rows)


def _confusion(pairs: Iterable[tuple[Act, Act]]) -> Iterator[str]:
    """A table of the acts that were said by the acts that were inferred."""
    counts = Counter(pairs)
    yield f"| | {' | '.join(ACTS)} |"
    yield "|---" * (len(ACTS) + 1) + "|"
    for said in ACTS:
        yield f"| {said} | {' | '.join(str(counts[said, act] or '') for act in ACTS)} |"


def _line(name: str, rows: Sequence[Judged]) -> str:
    good = sum(row.agrees for row in rows)
    first = sum(row.agrees_strictly for row in rows)
    nouns = sum(row.agrees_in_noun for row in rows)
    parts = (f"{one} ({one / len(rows):.0%})" for one in (good, first, nouns))
    return f"| {name} | {len(rows)} | {' | '.join(parts)} |"


def differences(part: str) -> Iterator[str]:
    """Yield a line for each tool where a reader does not agree."""
    for row in judged(read_labels(part)):
        if not (row.agrees and row.agrees_in_noun):
            said = f"{'/'.join(row.label.acts)} {'/'.join(sorted(row.label.nouns)) or '-'}"
            yield f"{row.label.tool}: {row.act} {row.noun or '-'}, a reader says {said} ({row.why})"


def main() -> None:
    """Print the tables, then where inference and reader differ."""
    if not LABELS.exists():
        raise InputError(f"{LABELS}: the labels are not here")
    for part in PARTS:
        sys.stdout.write("\n".join(tables(part)) + "\n")
    for part in PARTS:
        sys.stdout.write(f"\n## {part}: differences\n\n" + "\n".join(differences(part)) + "\n")


if __name__ == "__main__":
    main()
