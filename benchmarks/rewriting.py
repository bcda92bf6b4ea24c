"""What rewriting keeps, costs and refuses, by a loopback rewriter (`benchmarks.rewriter`).

``python -m benchmarks.rewriting [-n 200] [--share 0.25] [--kills 5]`` builds conversations of the
own catalogues with ``--rewrite``: first by a rewriter that behaves, then by one that spoils a share
of the messages in every way it knows; last, a build is killed and goes on. A line is printed as
soon as it is measured; one that does not hold ends the program with 1. ``--read DIR`` looks at a
folder that was built in another way, such as by hand: which values are not told any more, as far as
`benchmarks.told_again` can see.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.lines import CannotRun, Line, at_least, none_of, print_table
from benchmarks.played_builds import command
from benchmarks.program import ACCEPTED, REJECTED, ROOT, Started, records, rows, start
from benchmarks.rewriter import Rewriter, summed
from benchmarks.told_again import find_untold
from pipeline.chat.loopback import Loopback

SEED, KILLED = 41, 40
DATA = (ACCEPTED, REJECTED)
MOST_REQUESTS, MOST_TOKENS = 1.3, 6_000
"""A conversation, of a rewriter that behaves."""


def begin(folder: Path, name: str, n: int, address: str) -> Started:
    """Start a build of so many rewritten conversations."""
    _, told = command(folder, name, n, address, SEED, rewrite=True, max_candidates=n + 50)
    return start(folder, *told, PYTHONPATH=str(ROOT))


def build(folder: Path, name: str, n: int, writer: Rewriter) -> list[dict[str, Any]]:
    """Build so many rewritten conversations; the accepted ones."""
    with Loopback(writer) as endpoint:
        ran = begin(folder, name, n, endpoint.base_url).end()
    if ran.code != 0:
        raise CannotRun(f"the build ended with {ran.told}")
    return list(records(folder / name / ACCEPTED))


def killed(folder: Path, n: int, kills: int) -> Iterator[Line]:
    """A build that is killed at random moments, and goes on."""
    calm, writer, rng = Rewriter(), Rewriter(), Random(4)
    with Loopback(calm) as endpoint:
        begin(folder, "undisturbed", n, endpoint.base_url).end()
        address = endpoint.base_url
    needed = len(calm.requests)
    with Loopback(writer, port=int(address.split(":")[2].split("/")[0])) as endpoint:
        for _ in range(kills):
            at = len(writer.requests) + rng.randrange(1, max(2, needed // kills))
            running = begin(folder, "killed", n, endpoint.base_url)
            while len(writer.requests) < at and running.process.poll() is None:
                time.sleep(0.002)
            running.send(signal.SIGKILL)
            running.end()
        ended = begin(folder, "killed", n, endpoint.base_url).end()
    left, right = folder / "killed", folder / "undisturbed"
    same = all((left / one).read_bytes() == (right / one).read_bytes() for one in DATA)
    told = f"{'same bytes' if same else 'OTHER BYTES'}, exit {ended.code}"
    yield Line(f"killed {kills} times", "same bytes", told, same and ended.code == 0)
    again = len(writer.requests) - needed
    yield Line("requests made again", f"at most {8 * kills}: those under way",
               f"{again} of {needed}", again <= 8 * kills)  # fmt: skip


def behaving(folder: Path, n: int) -> Iterator[Line]:
    """A rewriter that says the same in other words."""
    writer = Rewriter()
    made = build(folder, "calm", n, writer)
    yield kept("every proven conversation is kept", folder / "calm", made)
    yield from telling(made)
    notes = [
        note
        for one in made
        for note in one["rewriting"]
        if one["messages"][note["message"]].get("text")
    ]
    taken = [note for note in notes if not note["kept"]]
    yield at_least("messages in accepted other words", len(taken) / max(1, len(notes)), 0.97)
    requests = len(writer.requests) / n
    yield Line("requests a conversation", f"<= {MOST_REQUESTS}", f"{requests:.2f}",
               requests <= MOST_REQUESTS)  # fmt: skip
    tokens = sum(one for _, one in writer.requests) / n
    told = f"{tokens:,.0f}; the longest request {max(one for _, one in writer.requests):,}"
    yield Line("prompt tokens a conversation", f"<= {MOST_TOKENS:,}", told, tokens <= MOST_TOKENS)


def spoiling(folder: Path, n: int, share: float) -> Iterator[Line]:
    """A rewriter that misbehaves."""
    writer = Rewriter(share)
    made = build(folder, "unruly", n, writer)
    yield kept("… all kept, however it misbehaves", folder / "unruly", made)
    yield from telling(made)
    said = {(_opening(one), message["index"], message.get("text")): one["index"]
            for one in made for message in one["messages"]}  # fmt: skip
    for kind, found in sorted(writer.spoilt.items()):
        bad = [f"{said[one]}[{one[1]}] {one[2]!r}" for one in found if one[2] and one in said]
        yield none_of(f"accepted: {kind}", bad, f"of {len(found)}")
    sys.stdout.write(f"spoilt: {summed(writer.spoilt)}; {len(writer.requests)} requests\n")


def _opening(record: dict[str, Any]) -> str:
    """What the script lets the user say first."""
    notes = {note["message"]: note for note in record["rewriting"]}
    first = next(message for message in record["messages"] if message["role"] == "user")
    note = notes.get(first["index"])
    return str(note["scripted"] if note and note["scripted"] else first["text"])


def kept(name: str, out: Path, made: list[dict[str, Any]]) -> Line:
    """Whether nothing is lost by rewriting."""
    rejected = rows(out / REJECTED)
    return Line(name, "100 %", f"{len(made)} accepted, {rejected} not", rejected == 0)


def telling(made: list[dict[str, Any]]) -> Iterator[Line]:
    """Whether every value is still told."""
    yield none_of("values that are told no more", (f for one in made for f in find_untold(one)), "")


def main() -> int:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("-n", type=int, default=200, help="conversations")
    parser.add_argument("--share", type=float, default=0.25, help="of messages that are spoilt")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--read", type=Path, help="only look at this folder")
    known = parser.parse_args()
    if known.read:
        lines = telling(list(records(known.read / ACCEPTED)))
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts: list[Iterator[Line]] = []
        if known.n:
            parts += [behaving(folder, known.n), spoiling(folder, known.n, known.share)]
        if known.kills:
            parts.append(killed(folder, KILLED, known.kills))
        return print_table(*parts)


if __name__ == "__main__":
    sys.exit(main())
