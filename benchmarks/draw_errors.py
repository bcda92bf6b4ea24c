"""Draws recoveries and preference pairs for blind readers, and tallies their marks.

``python -m benchmarks.draw_errors OUT NAME=DIR …`` takes output folders in which ``toolweave
errors`` has made mistakes (``--recovery 1 --pair 1``). ``OUT/1`` and ``OUT/2`` hold ``rubric.md``,
``rows.md`` (recoveries, nothing said of what is masked), ``pairs.md`` (two ways to go on, A and B,
nothing said of which is right) and ``question.md``; ``OUT/key.json``, which no reader gets, says
what each is.

A reader writes ``marks.jsonl`` (as of `benchmarks.draw_round`, with ``masked``: indexes of the
messages that must not be learnt) and ``pairs.jsonl``. ``--tally`` prints what came of it and writes
``OUT/round.json``; ``python -m benchmarks.draw_errors FILE --tally`` prints that of a kept one.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.draw_round import RUBRIC, render
from pipeline.run.data_lines import lines
from pipeline.run.error_files import RECOVERIES, read_mistakes
from schemas.mistake import make_pair
from schemas.record import JsonObject

READERS = ("1", "2")
QUESTION = """Read every row of rows.md by rubric.md and mark it in marks.jsonl, with `masked`: the
indexes of messages that must not be learnt. Then read pairs.md. Each pair has the tools, a
conversation so far, and two ways, A and B, in which the assistant could go on. Say which is right
there, by the policy, the tools' descriptions and what was said and found so far. Write pairs.jsonl:
{"id": "p000", "better": "A|B|neither|both", "better_is_right": true|false (would you train on it as
the preferred one), "worse_is_wrong": true|false (is the other a mistake, not just another good
way), "why": "one sentence with evidence"}
"""


_render = partial(render, shows_masks=False)
"""What must not be learnt is for the reader to say."""


def draw(folders: Sequence[str], recoveries: int, pairs: int, seed: int) -> JsonObject:
    """So many of each, spread over the folders: number → what it is, and what a reader sees."""
    rng = Random(f"errors {seed}")
    key: JsonObject = {}
    for letter, wanted, listed in (("c", recoveries, _recoveries), ("p", pairs, _pairs)):
        shares = []
        for place, told in enumerate(folders):
            name, _, folder = told.partition("=")
            made = list(listed(Path(folder), rng))
            share = wanted // len(folders) + (place < wanted % len(folders))
            shares += [one | {"catalogue": name} for one in rng.sample(made, min(share, len(made)))]
        rng.shuffle(shares)
        key |= {f"{letter}{number:03}": one for number, one in enumerate(shares)}
    return key


def _recoveries(folder: Path, _: Random) -> Iterator[JsonObject]:
    for line in lines(folder / RECOVERIES):
        one = line.trajectory
        masked = [label.message for label in one.labels if not label.train]
        yield {"masked": masked, "record": one.model_dump(mode="json")}


def _pairs(folder: Path, rng: Random) -> Iterator[JsonObject]:
    for trajectory, mistake in read_mistakes(folder, "pair"):
        pair, record = make_pair(trajectory, mistake), trajectory.model_dump(mode="json")
        right = rng.choice("AB")
        ways = {right: pair.chosen, "AB".replace(right, ""): pair.rejected}
        told = {way: [one.model_dump(mode="json") for one in ways[way]] for way in "AB"}
        before = [one.model_dump(mode="json") for one in pair.prefix]
        yield {"right": right, "kind": pair.kind, "record": record | {"messages": before}} | told


def write(out: Path, key: JsonObject) -> None:
    """Write what each reader gets, and the key."""
    for reader in READERS:
        folder = out / reader
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rubric.md").write_text(RUBRIC.read_text("utf-8"), "utf-8")
        (folder / "question.md").write_text(QUESTION, "utf-8")
        rows = [_render(number, one["record"]) for number, one in key.items() if number[0] == "c"]
        (folder / "rows.md").write_text("\n\n---\n\n".join(rows), "utf-8")
        pairs = [_ways(number, one) for number, one in key.items() if number[0] == "p"]
        (folder / "pairs.md").write_text("\n\n---\n\n".join(pairs), "utf-8")
    left_out = {"record", "A", "B"}
    said = {n: {k: v for k, v in one.items() if k not in left_out} for n, one in key.items()}
    (out / "key.json").write_text(json.dumps(said, indent=1), "utf-8")


def _ways(number: str, one: JsonObject) -> str:
    told = [_render(number, one["record"])]
    for way in "AB":
        shown = _render(number, one["record"] | {"messages": one[way]})
        told.append(f"## The assistant now: {way}\n{shown.partition('## Messages')[2].strip()}")
    return "\n\n".join(told)


def gather(out: Path) -> list[JsonObject]:
    """The marks of both readers with the key of each row."""
    key = json.loads((out / "key.json").read_text("utf-8"))
    found: dict[str, JsonObject] = {number: {"id": number} | one for number, one in key.items()}
    for reader in READERS:
        for name in ("marks.jsonl", "pairs.jsonl"):
            for line in (out / reader / name).read_text("utf-8").splitlines():
                mark = json.loads(line)
                found[mark.pop("id")][reader] = mark
    return list(found.values())


def table(read: Sequence[JsonObject]) -> str:
    """What each reader says: recoveries fit, masks as ours, pairs in which right is right."""
    told = []
    for reader in READERS:
        rows = [(one, one[reader]) for one in read if "masked" in one]
        pairs = [(one, one[reader]) for one in read if "right" in one]
        fit = sum(mark["mark"] != "no" for _, mark in rows)
        masked = sum({*mark["masked"]} == {*one["masked"]} for one, mark in rows)
        right = sum(_is_right(one, mark) for one, mark in pairs)
        told.append(
            f"reader {reader}: {fit} of {len(rows)} recoveries fit, the same messages masked in "
            f"{masked}; {right} of {len(pairs)} pairs right"
        )
        told += [f"  {one['id']} {one['catalogue']} {mark['mark']}: {mark['why']}"
                 for one, mark in rows if mark["mark"] == "no"]  # fmt: skip
        told += [f"  {one['id']} {one['catalogue']} {one.get('kind', '')}: {mark['why']}"
                 for one, mark in pairs if not _is_right(one, mark)]  # fmt: skip
    return "\n".join(told)


def _is_right(one: JsonObject, mark: dict[str, Any]) -> bool:
    same: bool = mark["better"] == one["right"]
    return same and mark["better_is_right"] and mark["worse_is_wrong"]


def main() -> int:
    """Draw, or tally."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="*", metavar="NAME=DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recoveries", type=int, default=30)
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--tally", action="store_true")
    given = parser.parse_args()
    if given.tally and given.out.is_file():
        print(table(json.loads(given.out.read_text("utf-8"))))  # noqa: T201
        return 0
    if given.tally:
        read = gather(given.out)
        told = ",\n".join(json.dumps(one) for one in read)
        (given.out / "round.json").write_text(f"[\n{told}\n]\n", "utf-8")
        print(table(read))  # noqa: T201
        return 0
    key = draw(given.folders, given.recoveries, given.pairs, given.seed)
    write(given.out, key)
    print(f"{len(key)} recoveries and pairs in {given.out}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
