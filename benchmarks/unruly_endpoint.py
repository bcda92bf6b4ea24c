"""Builds through an endpoint that misbehaves, and a build that is killed over and over.

``python -m benchmarks.unruly_endpoint [-n 500] [--each 100] [--calm 200] [--share 0.2] [--kills 50]
[--killed 200]``. A scripted build is played back. First by an endpoint that behaves; then by one
that misbehaves in a share of its replies, in every way of `pipeline.chat.misbehaviour` by turns;
then in each way alone, with ``--each`` conversations: each candidate must be right, or
rejected with a code. Last, a build of ``--killed`` conversations is killed at random moments and
goes on each time: it must end with the same data, and ask for no finished request again.

The endpoint answers after random delays, and the kills come at moments drawn from the clock, so
that neither waits for the other. By the endpoint's own log, a request is finished when its whole
reply was sent before the kill and the process had read it: of what a process has not read when it
dies, the system tells its peer by a reset. Between the sending and the writing down lie some
thousandths of a second in which a kill still costs the reply, whoever writes: they count as under
way, and how many there were is told. ``-n 0 --each 0 --calm 0`` leaves the kills alone: some
minutes on two free cores. A line is printed as soon as it is measured; one that does not hold makes
the exit code 1.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from benchmarks.lines import CannotRun, Line, none_of, print_table, share
from benchmarks.played_builds import ENDED, Log, Played, calls_of, command, play, record
from benchmarks.program import ACCEPTED, REJECTED, Started, records, rows, start
from pipeline.chat.loopback import Loopback
from pipeline.chat.misbehaviour import KINDS, Unruly
from pipeline.chat.request_journal import read_requests
from schemas.canonical import content_hash
from schemas.reasons import CANDIDATE_FAILURES, CONSEQUENCES

QUICK = {"timeout": 10, "pause": 0.05, "most_refused": 200}
"""An endpoint that hangs a fiftieth of the time is to be given up soon."""
STEADY = {**QUICK, "timeout": 4, "attempts": 8}
"""One that fails in one and the same way a fifth of the time is to be asked more often."""
_WRITING = 0.01
"""Seconds in which a reply that was sent is read, and is in the journal."""
OURS = (*CANDIDATE_FAILURES, "check_failed")
"""Codes that would be a fault of ours."""


def calm(folder: Path, n: int) -> Iterator[Line]:
    """An endpoint that behaves."""
    with Loopback(record(folder, n).brain) as endpoint:
        _, out = play(folder, "calm", n, endpoint.base_url, roles={"all": QUICK})
    yield share("accepted of well-behaved replies", rows(out / ACCEPTED), n, 0.95)


def misbehaving(folder: Path, n: int, much: float) -> Iterator[Line]:
    """An endpoint that misbehaves in all ways by turns."""
    yield from _unruly(folder, record(folder, n), [*KINDS], n, much, QUICK)


def alone(folder: Path, n: int, much: float) -> Iterator[Line]:
    """An endpoint that misbehaves in one way, for each way, with ``n`` conversations each."""
    played = record(folder, n)
    for kind in KINDS:
        yield from _unruly(folder, played, [kind], n, much, STEADY)


def _unruly(
    folder: Path,
    played: Played,
    kinds: Sequence[str],
    n: int,
    much: float,
    profile: dict[str, float],
) -> Iterator[Line]:
    name = kinds[0] if len(kinds) == 1 else "all ways"
    unruly = Unruly(played.brain, kinds, much)
    with Loopback(unruly) as endpoint:
        ran, out = play(folder, f"unruly {name}", n, endpoint.base_url, roles={"all": profile})
    codes: Counter[str] = Counter()
    wrong = [one["index"] for one in records(out / ACCEPTED)
             if calls_of(one) != played.calls[one["index"]]]  # fmt: skip
    for one in records(out / REJECTED):
        found = [reason["code"] for verdict in one["verdicts"] for reason in verdict["reasons"]]
        codes.update({code for code in found if code not in CONSEQUENCES} or {"NO CODE"})
    accepted, rejected = rows(out / ACCEPTED), rows(out / REJECTED)
    bad = len(wrong) + sum(codes[code] for code in (*OURS, "NO CODE"))
    told = f"{accepted} right, {rejected} rejected, {bad} bad, {unruly.struck} struck"
    told += f", exit {ran.code}, {ran.seconds:.0f} s"
    reasons = ", ".join(f"{code} {count}" for code, count in codes.most_common(9))
    yield Line(f"{name}, at {much:.0%}", f"{n} decided, 0 bad", f"{told}: {reasons or 'all right'}",
               (accepted + rejected, bad, ran.code in ENDED, unruly.struck > 0)
               == (n, 0, True, True))  # fmt: skip


class Deaths:
    """What a process had read of each endpoint's answers when it died."""

    def __init__(self) -> None:
        self.read: dict[str, list[float]] = {}
        """Request → when the answers were sent that were read whole."""
        self.lives: list[tuple[float, float]] = []
        """When each process that was killed began, and when it was killed."""

    def hear(self, body: bytes, sent: float) -> None:
        """An answer was read whole."""
        self.read.setdefault(content_hash(json.loads(body), 24), []).append(sent)

    def ages(self, key: str) -> list[float]:
        """How long before a kill each answer was sent that was read, and yet asked for again."""
        # Of the answers but the last, which was read by the process that has kept it.
        read = self.read.get(key, [])[:-1]
        return [killed - sent for sent in read for begun, killed in self.lives
                if begun < sent < killed]  # fmt: skip


def killed(folder: Path, n: int, kills: int, delay: float) -> Iterator[Line]:
    """A build that is killed at random moments."""
    brain, rng = record(folder, n).brain, Random(4)
    undisturbed = Log(brain, delay, Random(5))
    with Loopback(undisturbed) as endpoint:
        out, arguments = command(folder, "undisturbed", n, endpoint.base_url, roles={"all": QUICK})
        calm = start(folder, *arguments)
        opening = _first_answer(undisturbed, calm, 0)
        ran, wanted, lasts = calm.end(), out, time.monotonic() - opening
    if ran.code not in ENDED:
        raise CannotRun(f"the undisturbed build ended with {ran.told}")
    log, deaths = Log(brain, delay, Random(6)), Deaths()
    with Loopback(log, read=deaths.hear) as endpoint:
        out, arguments = command(folder, "killed", n, endpoint.base_url, roles={"all": QUICK})
        while len(deaths.lives) < kills:
            born = time.monotonic()
            running = start(folder, *arguments)
            begun = _first_answer(log, running, log.answered.total())
            rest = max(0.0, 1 - len(log.answered) / len(undisturbed.answered))
            moment = begun + rng.uniform(0, 2 * lasts * rest / (kills - len(deaths.lives)))
            while time.monotonic() < moment and running.runs:
                time.sleep(max(0.0, min(0.1, moment - time.monotonic())))
            if running.runs:
                deaths.lives.append((born, time.monotonic()))
                running.send(signal.SIGKILL)
            if (ran := running.end()).code in ENDED:
                break
            if ran.code != -signal.SIGKILL:
                raise CannotRun(f"a build that was not killed ended with {ran.told}")
        ended = start(folder, *arguments).end()
    same = all((out / name).read_bytes() == (wanted / name).read_bytes()
               for name in (ACCEPTED, REJECTED))  # fmt: skip
    told = f"{len(deaths.lives)} kills, {'same bytes' if same else 'OTHER BYTES'}"
    yield Line("kill -9 of a build with a model", f"{kills}, same bytes",
               f"{told}, exit {ended.code}", same and ended.code in ENDED)  # fmt: skip
    kept = [one.key for one in read_requests(out)]
    twice = [key for key, count in Counter(kept).items() if count > 1]
    yield none_of("kept requests that were made again", twice, f"of {len(kept)}")
    again = [key for key, count in log.answered.items() if count > 1]
    most = len(deaths.lives) * 8
    yield Line("requests made again", f"<= {most}: those under way",
               f"{log.again} of {len(undisturbed.answered)}", log.again <= most)  # fmt: skip
    ages = [age for key in again for age in deaths.ages(key)]
    finished = [f"{1e3 * age:.0f} ms" for age in ages if age >= _WRITING]
    young = len(ages) - len(finished)
    yield none_of(f"finished {1e3 * _WRITING:.0f} ms before a kill, and made again", finished,
                  f"of {log.again}; {young} were younger")  # fmt: skip


def _first_answer(log: Log, running: Started, before: int) -> float:
    """When a build has an answer beyond those ``before``, or has ended."""
    while log.answered.total() == before and running.runs:
        time.sleep(0.005)
    return time.monotonic()


def main() -> int:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("-n", type=int, default=500, help="conversations that meet misbehaviour")
    parser.add_argument("--each", type=int, default=100, help="those that meet one way alone")
    parser.add_argument("--calm", type=int, default=200, help="conversations that meet none")
    parser.add_argument("--share", type=float, default=0.2, help="of replies that are spoilt")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--killed", type=int, default=200, help="conversations of that build")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds of a reply to it")
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = (
            *((calm(folder, known.calm),) if known.calm else ()),
            *((misbehaving(folder, known.n, known.share),) if known.n else ()),
            *((alone(folder, known.each, known.share),) if known.each else ()),
            *((killed(folder, known.killed, known.kills, known.delay),) if known.kills else ()),
        )
        return print_table(*parts)


if __name__ == "__main__":
    sys.exit(main())
