"""What a build of each real catalogue comes to: ``python -m benchmarks.build_table [PATH …]``.

Without a path, every catalogue of others, and of Toucan's servers those that are larger. Each is
built by a process of its own, with one worker, as a user does. One row a file: tools that are in,
out, in doubt and merged into others, conversations accepted and rejected, seconds of processor
time, peak memory, the exit code; below it why conversations were rejected, or how the build ended.
Exit code 1 where one ended otherwise than with 0, or with 2 or 3 and one line that says why.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.program import SHARED, Ran, toolweave
from benchmarks.reading_table import list_files, show

LARGER = 10_000
"""Bytes of a server of Toucan that is among the larger ones: about fifteen tools."""
_COUNTS = re.compile(r"(\d+) tools in(?:, (\d+) out, (\d+) in doubt)?")
_MERGED = re.compile(r"(\d+) merged into others")
HEAD = (
    f"{'file':58} {'in':>5} {'out':>4} {'doubt':>5} {'merged':>6} {'accepted':>8} {'rejected':>8}"
)
HEAD += f" {'s':>6} {'MB':>5} {'exit':>4}"


def build_one(path: Path, n: int, seed: int) -> Ran:
    """Build ``n`` conversations of a catalogue, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as home:
        options = ("-n", n, "--seed", seed, "--workers", 1, "--json", "--out", Path(home, "out"))
        return toolweave(Path(home), "build", "--tools", path, *options)


def tell_build(name: str, ran: Ran) -> str:
    """The row of a build, and what its user is to know below it."""
    report = json.loads(ran.out) if ran.out.lstrip().startswith("{") else {}
    counts, merged = _COUNTS.search(ran.err), _MERGED.search(ran.err)
    tools, out, doubt = (int(one or 0) for one in counts.groups()) if counts else (0, 0, 0)
    tools = tools or report.get("coverage", {}).get("tools", 0)
    row = f"{name[-58:]:58} {tools:5} {out:4} {doubt:5} {merged[1] if merged else 0:>6}"
    row += f" {report.get('accepted', 0):8} {report.get('rejected', 0):8}"
    row += f" {ran.processor:6.1f} {ran.peak / 1e6:5.0f} {ran.code:4}"
    reasons = Counter(report.get("reasons", {})).most_common()
    told = [f"    {count} × {reason}" for reason, count in reasons]
    return "\n".join([row, *told, *([] if ran.code == 0 else [f"    {ran.told}"])])


def ended_well(ran: Ran) -> bool:
    """Whether the program did what was asked, or said in one line why it could not."""
    last = ran.err.strip().splitlines()[-1:]
    told = any(line.startswith("toolweave: ") for line in last) and "Traceback" not in ran.err
    return ran.code == 0 or (ran.code in (2, 3) and told)


def list_larger(named: list[str]) -> Iterator[Path]:
    """The files and folders that were named, or every catalogue of others but small servers."""
    if named:
        yield from (Path(one).absolute() for one in named)
        return
    for path in list_files([]):
        if path.parent.name != "toucan" or path.stat().st_size >= LARGER:
            yield path


def main() -> int:
    """Build and print; 1 where one ended badly."""
    parser = argparse.ArgumentParser(description="Builds every real catalogue.")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("-n", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    show(HEAD)
    ends: Counter[int] = Counter()
    bad: list[str] = []
    for path in list_larger(asked.paths):
        name = str(path.relative_to(SHARED) if path.is_relative_to(SHARED) else path)
        ran = build_one(path, asked.n, asked.seed)
        ends[ran.code] += 1
        show(tell_build(name, ran))
        if not ended_well(ran):
            bad.append(name)
    told = ", ".join(f"{count} ended with {code}" for code, count in sorted(ends.items()))
    show(f"{ends.total()} builds: {told or 'none'}; badly: {', '.join(bad) or 'none'}")
    return 1 if bad or not ends else 0


if __name__ == "__main__":
    sys.exit(main())
