"""One byte changed at random places of an output folder: each time the file must be named.

``python benchmarks/flipped_bytes.py [-n 20] [--flips 200] [--seed 1]`` builds from the own
catalogues, exports, and changes one byte at a time: every file is as likely, and every place in it.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, REJECTED, build, toolweave
from pipeline.run.integrity import find_damage


def flips(home: Path, n: int, count: int, seed: int) -> Iterator[Line]:
    """Change bytes, one at a time, and look what is named."""
    out, rng = home / "out", Random(seed)
    ran = build(home, out, n, "--seed", 7)
    if ran.code == 0:
        ran = toolweave(home, "export", "--quiet", out, "--to", "rows")
    if ran.code != 0:
        raise CannotRun(f"a build or an export ended with {ran.told}")
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and path.stat().st_size]
    missed, named, unnamed = list[str](), Counter[str](), 0
    if before := list(find_damage(out)):
        raise CannotRun(f"an untouched folder is told to be changed: {before[0]}")
    for _ in range(count):
        path = rng.choice(files)
        name, whole = path.relative_to(out).as_posix(), path.read_bytes()
        place = rng.randrange(len(whole))
        other = bytes([whole[place] ^ rng.randrange(1, 256)])
        path.write_bytes(whole[:place] + other + whole[place + 1 :])
        told = [one for one in find_damage(out) if one.file == name]
        path.write_bytes(whole)
        named[name] += bool(told)
        if not told:
            missed.append(f"{name}, byte {place}")
        unnamed += name in (ACCEPTED, REJECTED) and not any(one.line for one in told)
    each = ", ".join(f"{name} {many}" for name, many in sorted(named.items()))
    shown = "".join(f"; missed {one}" for one in missed[:3])
    measured = f"{count - len(missed)} ({each}){shown}"
    yield Line(f"bytes changed, {count}", "each is named", measured, not missed)
    yield Line("rows changed", "each by its line", f"{unnamed} without a line", not unnamed)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="One byte changed at random places.")
    for name, usual in (("-n", 20), ("--flips", 200), ("--seed", 1)):
        parser.add_argument(name, type=int, default=usual)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        return print_table(flips(Path(home), given.n, given.flips, given.seed))


if __name__ == "__main__":
    sys.exit(main())
