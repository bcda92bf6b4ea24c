"""Draws a round of accepted conversations for blind readers, and tallies their marks.

``python -m benchmarks.draw_round OUT --seed S`` builds five kinds of catalogues
(own 40, GitHub 15, retail 10, airline 10, and 25 of others that are drawn by chance), mixes the
accepted conversations and writes two halves, each for two readers: ``OUT/A1``, ``A2``, ``B1`` and
``B2`` hold ``rubric.md`` and ``rows.md`` and nothing else. ``OUT/key.json`` says what each row is;
no reader gets it. ``--old FILE`` mixes in conversations of an earlier state. ``--built NAME=DIR …``
takes the accepted conversations of folders that are there (rewritten, played), and draws none.

A reader writes ``marks.jsonl`` beside the rows: an object a row with ``id``, ``mark``, ``tags``,
``truth_defect`` and ``why``. ``python -m benchmarks.draw_round OUT --tally`` prints the table and
what was said of each row that is not whole, and writes ``OUT/round.json`` as
`benchmarks.precision` reads it.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks.precision import read_marks, table
from benchmarks.program import BIN, ROOT, SHARED, Started
from pipeline.dataset import Dataset
from schemas.record import JsonObject

RUBRIC = ROOT / "docs" / "reading.md"
READERS = {"A": ("A1", "A2"), "B": ("B1", "B2")}
FIXED = {
    "github": SHARED / "mcp" / "github_mcp_server_tools_list.json",
    "retail": SHARED / "tau2_retail" / "retail.json",
    "airline": SHARED / "tau2_airline" / "airline.json",
}
"""Catalogues with a count of their own; ``own`` has no file."""
OLD = 6
"""Rows of an earlier state, where they are asked for: they show whether readers judge alike."""
SMALL = "toucan"
"""Folder of small MCP servers: of the others, ten of 25 come from there."""


class Row(NamedTuple):
    """One conversation of the round."""

    catalogue: str
    id: str
    record: JsonObject


def build(home: Path, files: Sequence[Path], count: int, seed: int) -> Iterator[JsonObject]:
    """Build so many of a catalogue; yield what was accepted, be it fewer or none."""
    given = [part for file in files for part in ("--tools", str(file))]
    command = [str(BIN / "toolweave"), "build", "--quiet", "--seed", str(seed), "-n", str(count)]
    variables = {"PYTHONPATH": str(ROOT)}
    ran = Started(home, [*command, *given, "--out", "out"], variables).end()
    if (home / "out").exists() and ran.code in (0, 3):
        for one in Dataset.open(home / "out"):
            yield one.model_dump(mode="json") | {"id": one.id}


def draw(catalogue: str, files: Sequence[Path], count: int, seed: int) -> list[Row]:
    """Draw so many rows of one catalogue, out of one and a half times as many."""
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        made = list(build(Path(home), files, count + count // 2 + 1, seed))
    chosen = Random(f"{catalogue} {seed}").sample(made, min(count, len(made)))
    return [Row(catalogue, one["id"], one) for one in chosen]


def draw_others(count: int, seed: int) -> Iterator[Row]:
    """Draw rows of other catalogues: three of each of five larger ones, two of each small one."""
    random = Random(f"others {seed}")
    large = [file for folder in ("mcp", "openapi") for file in sorted((SHARED / folder).iterdir())
             if file.suffix in (".json", ".yaml", ".yml") and file != FIXED["github"]]  # fmt: skip
    small = sorted((SHARED / SMALL).glob("*.json"))
    random.shuffle(large)
    random.shuffle(small)
    left = {"large": count - count * 2 // 5, "small": count * 2 // 5}
    for kind, most, files in (("large", 3, large), ("small", 2, small)):
        for file in files:
            if left[kind] <= 0:
                break
            rows = draw(file.stem, (file,), min(most, left[kind]), seed)
            left[kind] -= len(rows)
            yield from rows


def take(built: Sequence[str]) -> Iterator[Row]:
    """The accepted conversations of folders, each told as ``NAME=DIR``."""
    for told in built:
        name, _, folder = told.partition("=")
        for one in Dataset.open(Path(folder)):
            yield Row(name, one.id, one.model_dump(mode="json"))


def render(number: str, record: Mapping[str, Any], *, shows_masks: bool = True) -> str:
    """All that a reader sees: the tools, those that are called whole, then every message."""
    called = {call["name"] for message in record["messages"] for call in message.get("calls") or ()}
    lines = [f"# Row {number}", "", "## Tools on offer"]
    for tool in record["tools"]:
        name, text = tool["wire_name"], tool["description"] or ""
        if name in called:
            lines.append(
                f"- **{name}** (called): {text}\n  parameters: {_json(tool['parameters'])}"
            )
        else:
            lines.append(f"- {name}: {text[:160]}")
    lines += ["", "## Messages"]
    labels = record.get("labels") or () if shows_masks else ()
    masked = {one["message"] for one in labels if not one["train"]}
    for message in record["messages"]:
        text = message.get("text") or message.get("content") or ""
        place = f"[{message['index']}] {message['timestamp'][:16]}"
        if thought := message.get("reasoning"):
            lines.append(f"{place} **{message['role']}, to itself** {thought}")
        said = f"{message['role']} (masked)" if message["index"] in masked else message["role"]
        lines.append(f"{place} **{said}** {text}".rstrip())
        for call in message.get("calls") or ():
            lines.append(f"    CALL {call['name']} {_json(call['arguments'])}")
    return "\n".join(lines)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_round(out: Path, rows: Sequence[Row], seed: int) -> None:
    """Write what each reader gets, in an order of their own, and the key."""
    mixed = list(rows)
    Random(f"round {seed}").shuffle(mixed)
    key = {f"r{number:03}": row for number, row in enumerate(mixed)}
    half = (len(mixed) + 1) // 2
    parts = {"A": list(key)[:half], "B": list(key)[half:]}
    for part, readers in READERS.items():
        for reader in readers:
            folder = out / reader
            folder.mkdir(parents=True, exist_ok=True)
            ids = list(parts[part])
            Random(f"{reader} {seed}").shuffle(ids)
            (folder / "rubric.md").write_text(RUBRIC.read_text("utf-8"), "utf-8")
            told = [render(number, key[number].record) for number in ids]
            (folder / "rows.md").write_text("\n\n---\n\n".join(told), "utf-8")
    said = {
        number: {"catalogue": row.catalogue, "trajectory": row.id} for number, row in key.items()
    }
    (out / "key.json").write_text(json.dumps(said, indent=1), "utf-8")


def tally(out: Path) -> None:
    """Print the marks of both readers beside each other; write them as a round."""
    key = json.loads((out / "key.json").read_text("utf-8"))
    marks: dict[str, list[JsonObject]] = {number: [] for number in key}
    for reader in sorted(sum(READERS.values(), ())):
        file = out / reader / "marks.jsonl"
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            if line.strip():
                mark = json.loads(line)
                marks[mark["id"]].append(mark)
    read = {number: given for number, given in marks.items() if given}
    if missing := [number for number in key if number not in read]:
        print(f"not read: {', '.join(missing)}")  # noqa: T201
    kept = ("mark", "tags", "truth_defect")
    rounds = [
        {"catalogue": key[number]["catalogue"]}
        | {side: {name: mark[name] for name in kept}
           for side, mark in zip(("first", "second"), (given[0], given[-1]), strict=True)}
        for number, given in read.items()
    ]  # fmt: skip
    (out / "round.json").write_text(
        "[\n" + ",\n".join(json.dumps(one) for one in rounds) + "\n]\n", "utf-8"
    )
    told = [table(read_marks(out / "round.json"))]
    for number, given in read.items():
        for mark in given:
            if mark["mark"] != "yes" or mark["truth_defect"]:
                head = f"{number} {key[number]['catalogue']} {mark['mark']} {mark['tags']}"
                told.append(f"{head}: {mark['why']}")
    print("\n\n".join(told))  # noqa: T201


def main() -> int:
    """Draw a round, or tally one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tally", action="store_true")
    for name, count in {"own": 40, "github": 15, "retail": 10, "airline": 10, "others": 25}.items():
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--built", nargs="*", default=[], metavar="NAME=DIR", help="take these")
    parser.add_argument("--old", type=Path, help="trajectories as JSON lines, mixed in")
    given = parser.parse_args()
    if given.tally:
        tally(given.out)
        return 0
    if given.built:
        rows = list(take(given.built))
    else:
        rows = draw("own", (), given.own, given.seed) if given.own else []
        for name, file in FIXED.items():
            if count := getattr(given, name):
                rows += draw(name, (file,), count, given.seed)
        rows += draw_others(given.others, given.seed)
    if given.old:
        lines = given.old.read_text("utf-8").splitlines()
        chosen = Random(f"old {given.seed}").sample(list(enumerate(lines, 1)), OLD)
        rows += [Row("old", f"line {number}", json.loads(line)) for number, line in chosen]
    write_round(given.out, rows, given.seed)
    print(f"{len(rows)} conversations in {given.out}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
