"""Builds through an endpoint that misbehaves, and a build that is killed over and over.

``python -m benchmarks.unruly_endpoint [-n 500] [--share 0.2] [--kills 50] [--killed 200]``. A
scripted build is played back. First by an endpoint that behaves; then one that misbehaves in a
share of its replies, in every way of `pipeline.chat.misbehaviour`: each candidate must be right, or
rejected with a code. Last, a build of ``--killed`` conversations is killed at random moments and
goes on each time: it must end with the same data, and ask for no finished request again. A line is
printed as soon as it is measured; one that does not hold ends the program with 1.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.lines import HEAD, CannotRun, Line, at_least
from benchmarks.machine import describe
from benchmarks.program import ACCEPTED, REJECTED, Ran, build, records, rows, start
from pipeline.chat.loopback import Answer, Loopback, Recorded, Response, load_recorded
from pipeline.chat.misbehaviour import KINDS, Unruly
from schemas.canonical import content_hash
from schemas.reasons import CANDIDATE_FAILURES, CONSEQUENCES
from schemas.record import JsonObject

SEED = ("--seed", 11)
QUICK = {"timeout": 10, "pause": 0.05, "most_refused": 200}
"""An endpoint that hangs a fiftieth of the time is to be given up soon."""


ENDED = (0, 3)
"""Codes of a build that came to its end: all accepted, or all candidates decided."""


class Log:
    """What an endpoint was asked: hash of the request → how often it answered it."""

    def __init__(self, answer: Answer) -> None:
        self.answered: Counter[str] = Counter()
        self._answer = answer

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        """Answer, and note it."""
        self.answered[content_hash(request, 24)] += 1
        return self._answer(request)


def misbehaving(folder: Path, n: int, share: float) -> Iterator[Line]:
    """An endpoint that behaves, then one that does not."""
    brain, gold = _recorded(folder, n)
    with Loopback(brain) as endpoint:
        _, out = _modelled(folder, "calm", n, endpoint.base_url)
    yield at_least("accepted of well-behaved replies", rows(out / ACCEPTED) / n, 0.95)
    unruly = Unruly(brain, [*KINDS], share)
    with Loopback(unruly) as endpoint:
        ran, out = _modelled(folder, "unruly", n, endpoint.base_url)
    accepted, rejected = rows(out / ACCEPTED), rows(out / REJECTED)
    told = f"{accepted} accepted, {rejected} rejected, {unruly.struck} struck, {ran.seconds:.0f} s"
    yield Line("every candidate is decided", f"{n}, no crash", f"{told}, exit {ran.code}",
               (accepted + rejected, ran.code in ENDED) == (n, True))  # fmt: skip
    wrong = [one["index"] for one in records(out / ACCEPTED) if _calls(one) != gold[one["index"]]]
    yield Line("accepted ones make the wanted calls", "0 others", f"{len(wrong)} others", not wrong)
    codes: Counter[str] = Counter()
    for one in records(out / REJECTED):
        found = [reason["code"] for verdict in one["verdicts"] for reason in verdict["reasons"]]
        codes.update({code for code in found if code not in CONSEQUENCES})
    faults = (*CANDIDATE_FAILURES, "check_failed")
    ours = sum(count for code, count in codes.items() if code in faults)
    shown = ", ".join(f"{code} {count}" for code, count in codes.most_common(8))
    yield Line("none is rejected for a fault of ours", "0", f"{ours}; {shown}", ours == 0)


def killed(folder: Path, n: int, kills: int) -> Iterator[Line]:
    """A build that is killed at random moments."""
    brain, _ = _recorded(folder, n)
    calm = Log(brain)
    with Loopback(calm) as endpoint:
        ran, wanted = _modelled(folder, "undisturbed", n, endpoint.base_url)
    if ran.code not in ENDED:
        raise CannotRun(f"the undisturbed build ended with {ran.told}")
    log, rng, done = Log(brain), Random(4), 0
    needed = calm.answered.total()
    with Loopback(log) as endpoint:
        out, arguments = _arguments(folder, "killed", n, endpoint.base_url)
        while done < kills:
            at = log.answered.total() + rng.randrange(1, max(2, 2 * needed // kills))
            running = start(folder, *arguments)
            while log.answered.total() < at and running.process.poll() is None:
                time.sleep(0.002)
            if running.process.poll() is None:
                running.send(signal.SIGKILL)
                done += 1
            if running.end().code in ENDED:
                break
        ended = start(folder, *arguments).end()
    again = sum(count - 1 for count in log.answered.values())
    same = all((out / name).read_bytes() == (wanted / name).read_bytes()
               for name in (ACCEPTED, REJECTED))  # fmt: skip
    told = f"{done} kills, {'same bytes' if same else 'OTHER BYTES'}, exit {ended.code}"
    yield Line("kill -9 of a build with a model", f"{kills}, same bytes", told,
               same and ended.code in ENDED)  # fmt: skip
    most = done * 8
    yield Line("requests made again", f"at most {most}: those under way", f"{again} of {needed}",
               again <= most)  # fmt: skip


def _recorded(folder: Path, n: int) -> tuple[Recorded, dict[int, list[object]]]:
    """A player of a scripted build, and the calls of each candidate."""
    out = folder / f"scripted-{n}"
    if not (out / ACCEPTED).exists():
        ran = build(folder, out, n, *SEED)
        if ran.code != 0:
            raise CannotRun(f"the scripted build ended with {ran.told}")
    calls = {one["index"]: _calls(one) for one in records(out / ACCEPTED)}
    return load_recorded(out), calls


def _calls(record: JsonObject) -> list[object]:
    calls = [call for message in record["messages"] for call in message.get("calls") or ()]
    return [(call["name"], call["arguments"]) for call in calls]


def _arguments(folder: Path, name: str, n: int, address: str) -> tuple[Path, list[object]]:
    config, out = folder / f"{name}.json", folder / name
    known = {"model": "recorded", "base_url": address, "complete_world": False,
             "roles": {"all": QUICK}, "max_candidates": n}  # fmt: skip
    config.write_text(json.dumps(known))
    return out, ["build", "--quiet", "--out", out, "-n", n, *SEED, "--config", config]


def _modelled(folder: Path, name: str, n: int, address: str) -> tuple[Ran, Path]:
    out, arguments = _arguments(folder, name, n, address)
    return start(folder, *arguments).end(), out


def main() -> int:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("-n", type=int, default=500, help="conversations")
    parser.add_argument("--share", type=float, default=0.2, help="of replies that are spoilt")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--killed", type=int, default=200, help="conversations of that build")
    known = parser.parse_args()
    sys.stdout.write(f"{describe()}\n{HEAD}\n")
    holds = True
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = (
            *((misbehaving(folder, known.n, known.share),) if known.n else ()),
            *((killed(folder, known.killed, known.kills),) if known.kills else ()),
        )
        for part in parts:
            for line in part:
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
                holds = holds and line.holds is True
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
