"""Whether a reader agrees with what is read of descriptions, and whether gold calls keep to it.

Sentences of catalogues of others were drawn at random and labelled by hand before any rule was run:
``tests/fixtures/demand_labels.json`` has which demands each holds, and of the sentence its hash
alone. ``other`` is a demand that the record has no kind for, ``default`` what is taken where
nothing is given: neither is to be read as anything else.

Run: ``python -m benchmarks.demands FOLDER``, the folder in which the catalogues lie.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.catalogues import read_standing
from benchmarks.gold_edges import ROOT
from generators.lexicon.names import in_words
from generators.world.schema_leaves import schema_at
from generators.world.sentence_shapes import ToolNames
from generators.world.told_demands import ToldDemands, read_demands
from schemas.demand import Demand
from schemas.record import JsonObject

LABELS = ROOT / "tests" / "fixtures" / "demand_labels.json"
UNKNOWN = ("other", "default")
"""Kinds of labels that no `Demand` has."""
_BY_SCHEMA = {"one_of": "enum", "format": "format"}
"""Kind → the keyword by which a schema says it too."""


@dataclass(frozen=True)
class Label:
    """What a reader says of one sentence."""

    catalogue: str
    file: str
    tool: str
    path: str
    sentence: str
    """Hash."""
    demands: tuple[Mapping[str, Any], ...]


def labels() -> tuple[Label, ...]:
    """All of them."""
    rows = json.loads(LABELS.read_text())
    return tuple(Label(**{**row, "demands": tuple(row["demands"])}) for row in rows)


def hashed(text: str) -> str:
    """Of a sentence, whatever its spaces."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


@cache
def told_of(path: Path) -> Mapping[str, ToldDemands]:
    """Name of each tool of a catalogue → what is read of its descriptions."""
    tools = read_standing(path).tools
    names = ToolNames({in_words(one.name): one.wire_name for one in tools})
    return {one.name: read_demands(one, names, writes=one.effect != "read") for one in tools}


def fits(demand: Demand, label: Mapping[str, Any]) -> bool:
    """Whether what was read is what the reader says."""
    kind = {"after": "prefer"}.get(demand.kind, demand.kind)
    told = label.get("parameters", [])
    names = [path if "." in one else path.rpartition(".")[2] for path in demand.parameters
             for one in (told or [""])[:1]]  # fmt: skip
    when = {one.parameter: [*one.values] for one in demand.when}
    if kind == "needed" and label["kind"] == "needed":
        when = {path: values for path, values in when.items() if path in label["when"]}
    if kind != label["kind"] or (told and not (set(told) <= set(names) or set(names) <= set(told))):
        return False
    if "when" in label and _plain(when) != _plain(label["when"]):
        return False
    if "values" in label and _plain({"": demand.allowed}) != _plain({"": label["values"]}):
        return False
    return all(getattr(demand, key) == label[key] for key in ("least", "most") if key in label)


def _plain(values: Mapping[str, Iterable[Any]]) -> dict[str, list[str]]:
    return {path: sorted(map(str, held)) for path, held in values.items()}


def judged(real: Path) -> Iterator[tuple[Label, list[Mapping[str, Any]], list[Demand]]]:
    """Each label with those of its demands that were not read, and what was read wrongly."""
    for label in labels():
        found = next(iter(real.rglob(label.file)))
        told = told_of(found)[label.tool]
        read = [one for one in told.demands if label.sentence in _hashes(one, label.path)]
        schema = schema_of(found, label)
        missed = [
            one
            for one in label.demands
            if one["kind"] not in UNKNOWN and _BY_SCHEMA.get(one["kind"], "?") not in schema
            if not any(fits(demand, one) for demand in told.demands)
            if not (one["kind"] == "need" and told.needs)
            if not (one["kind"] == "prefer" and told.outdone)
        ]
        wrong = [one for one in read if not any(fits(one, told_one) for told_one in label.demands)]
        yield label, missed, wrong


def schema_of(path: Path, label: Label) -> JsonObject:
    """Of the parameter that the label is about."""
    tool = next(one for one in read_standing(path).tools if one.name == label.tool)
    return schema_at(tool.parameters, label.path) if label.path else {}


def _hashes(demand: Demand, path: str) -> set[str]:
    """Of the sentence that a demand was read in, if that is the parameter's own."""
    head, _, rest = demand.text.partition(": ")
    text, subject = (rest, head) if rest and " " not in head else (demand.text, "")
    if path and subject != path.removesuffix("[]"):
        return set()
    return {hashed(text), hashed(text.rstrip(".")), hashed(f"- {text}")}


def main() -> None:
    """Print recall and precision by kind, then what was missed and what is wrong."""
    real = Path(sys.argv[1])
    wanted: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    false: Counter[str] = Counter()
    lines = []
    for label, missed, wrong in judged(real):
        wanted.update(one["kind"] for one in label.demands if one["kind"] not in UNKNOWN)
        lost.update(one["kind"] for one in missed)
        false.update(one.kind for one in wrong)
        place = f"{label.catalogue} {label.tool} {label.path}"
        lines += [f"missed {place} {json.dumps(one)}" for one in missed]
        lines += [f"wrong {place} {one.kind} {one.parameters}" for one in wrong]
    for kind in sorted(wanted | false):
        got = wanted[kind] - lost[kind]
        lines.append(f"{kind:14} {wanted[kind]:3} labelled, {got:3} read, {false[kind]:3} wrong")
    got, all_wrong = wanted.total() - lost.total(), false.total()
    recall, precision = got / wanted.total(), got / max(got + all_wrong, 1)
    lines.append(f"recall {recall:.2f}, precision {precision:.2f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
