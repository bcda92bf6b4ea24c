"""What endpoints that fail cost a build, and whether estimate and budget can be relied on.

``python -m benchmarks.endpoint_bill [-n 20] [--limited 60] [--seeds 3] [--priced 200]``. A scripted
build is played back through an endpoint that fails in one way; what 0.3.0 made of it is told beside
what is wanted. Then a budget is spent, and what was finished after that is counted. Last, builds of
``--priced`` conversations: what ten candidates say of their cost beside what they have cost, for
the first ten, by the program itself, and for every other ten.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.lines import Line, print_table, share
from benchmarks.played_builds import ENDED, SEED, Log, Played, command, play, record
from benchmarks.program import ACCEPTED, REJECTED, records, rows, start
from pipeline.chat.loopback import Answer, Loopback, Response, completion, failure
from pipeline.chat.misbehaviour import SECONDS_OF_A_HANG
from pipeline.chat.request_journal import Answered, read_requests
from pipeline.chat.spending import Prices
from pipeline.cli.cost_command import add_up, by_size
from pipeline.config import Settings
from pipeline.run.drawn_sizes import ENOUGH, read_sizes
from schemas.record import JsonObject

QUICK = {"timeout": 8, "pause": 0.2}
PRICE = {"price": {"input": 3.0, "output": 15.0}}
AT_ONCE = 8
_NEAR = 0.2


def failing(folder: Path, n: int, limited: float) -> Iterator[Line]:
    """One way of failing after the other."""
    played = record(folder, n)
    bad = failure(400, "the request exceeds the available context size (8192 tokens)")
    yield _fails(folder, "400 on one dialogue", "0 kept, exit 2", n, _on_one(played, bad), 1)
    bad = failure(500, "internal error")
    yield _fails(folder, "500 that stays for one", "17 kept, exit 2", n,
                 _on_one(played, bad), 1)  # fmt: skip
    hang = _Once(played.brain, Response(delay=SECONDS_OF_A_HANG), seconds=0)
    yield _fails(folder, "a hung connection", "25 min, then exit 2", n, hang, 0)
    limit = _Once(played.brain, failure(429, "too many requests"), limited)
    yield _fails(folder, f"429 for {limited:g} s", "30 s, then exit 2", n, limit, 0)
    yield _stopped(folder, played, n)


def _on_one(played: Played, bad: Response) -> Answer:
    """Answers well, but for all that is asked of one dialogue."""
    victim = json.dumps(played.opening)[1:-1]

    def answer(request: JsonObject) -> JsonObject | Response:
        if len(request["messages"]) == 1:  # asks whether the endpoint is there at all
            return completion({"content": "Yes."}, request)
        return bad if victim in json.dumps(request["messages"]) else played.brain(request)

    return answer


class _Once:
    """Answers one request in a bad way, or all for some seconds from the tenth on."""

    def __init__(self, answer: Answer, bad: Response, seconds: float) -> None:
        self._answer, self._bad, self._seconds = answer, bad, seconds
        self._asked, self._since = 0, 0.0

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        self._asked += 1
        if self._asked == 10:
            self._since = time.monotonic()
            return self._bad
        bad = self._since and time.monotonic() - self._since < self._seconds
        return self._bad if bad else self._answer(request)


def _fails(folder: Path, name: str, before: str, n: int, answer: Answer, lost: int) -> Line:
    with Loopback(answer) as endpoint:
        ran, out = play(folder, name, n, endpoint.base_url, roles={"all": QUICK})
        again, _ = play(folder, name, n, endpoint.base_url, roles={"all": QUICK})
    accepted, rejected = rows(out / ACCEPTED), rows(out / REJECTED)
    codes = sorted({reason["code"] for one in records(out / REJECTED)
                    for verdict in one["verdicts"] for reason in verdict["reasons"]})  # fmt: skip
    told = f"{accepted} accepted, {rejected} rejected {codes}, exit {ran.code}, {ran.seconds:.0f} s"
    holds = (accepted, rejected) == (n - lost, lost) and {ran.code, again.code} <= {*ENDED}
    return Line(name, f"{n - lost} of {n} (0.3.0: {before})", f"{told}; again: {again.code}", holds)


def _stopped(folder: Path, played: Played, n: int) -> Line:
    """A build that is ended at half, and goes on by the same command."""
    log = Log(played.brain)
    with Loopback(log) as endpoint:
        out, told = command(folder, "stopped", n, endpoint.base_url, roles={"all": QUICK})
        half = 12 * n
        running = start(folder, *told)
        while log.answered.total() < half and running.process.poll() is None:
            time.sleep(0.01)
        running.send(signal.SIGTERM)
        first, then = running.end(), start(folder, *told).end()
    asked, again = log.answered.total(), log.again
    measured = f"{rows(out / ACCEPTED)} accepted, {again} of {asked} requests again"
    holds = rows(out / ACCEPTED) == n and again <= AT_ONCE
    return Line("stopped at half, the same command", f"{n}, <= {AT_ONCE} again (0.3.0: half)",
                f"{measured}, exit {first.code}, then {then.code}", holds)  # fmt: skip


def budgeted(folder: Path, n: int) -> Iterator[Line]:
    """A budget that is spent in the middle, for each kind of budget."""
    played = record(folder, n)
    roles = {"all": QUICK | PRICE}
    for kind, value in (("budget_money", 0.15 * n / 2), ("budget_tokens", 30_000 * n)):
        with Loopback(Log(played.brain, 0.05)) as endpoint:
            name, spent_at = f"spent {kind}", dict[str, Any](((kind, value),))
            ran, out = play(folder, name, n, endpoint.base_url, roles=roles, **spent_at)
            paid = [*read_requests(out)]
            more, _ = play(folder, name, n, endpoint.base_url, roles=roles)
        spent, over = 0.0, 0
        cost = _money(roles) if kind == "budget_money" else _tokens
        for one in paid:
            over += spent >= value
            spent += cost(one)
        told = f"{over} of {len(paid)} finished when it was spent, {spent / value:.1%} of it"
        holds = (ran.code, more.code) == (3, 0) and over < AT_ONCE and spent >= value
        yield Line(f"{kind} is spent", f"exit 3, <= {AT_ONCE - 1} under way",
                   f"{told}, exit {ran.code}; more: {more.code}", holds)  # fmt: skip


def _tokens(one: Answered) -> float:
    return one.reply.input_tokens + one.reply.output_tokens if one.reply else 0


def _money(roles: JsonObject) -> Callable[[Answered], float]:
    return Prices(Settings(model="recorded", roles=roles)).cost


def estimated(folder: Path, n: int, seeds: int) -> Iterator[Line]:
    """What the first ten, and any ten, say of the cost of all."""
    roles = {"all": QUICK | PRICE}
    cost, near, tens = _money(roles), 0, 0
    for seed in range(SEED, SEED + seeds):
        with Loopback(record(folder, n, seed).brain) as endpoint:
            name = f"priced {seed}"
            known = {"roles": roles, "max_candidates": n}
            play(folder, name, ENOUGH, endpoint.base_url, seed, **known)
            out = folder / name
            told = add_up(out, n=n).estimate
            play(folder, name, n, endpoint.base_url, seed, **known)
        bill = add_up(out)
        assert told is not None
        ratio = told.money / (bill.total.money / bill.accepted * n)
        yield Line(f"estimate of {n} by the first {ENOUGH}, seed {seed}", "0.80 to 1.20",
                   f"{ratio:.2f} ({told.money:.2f} money)", abs(ratio - 1) <= _NEAR)  # fmt: skip
        each: defaultdict[int, float] = defaultdict(float)
        for one in read_requests(out):
            each[one.task if one.task is not None else -1] += cost(one)
        sizes = read_sizes(out)
        assert sizes is not None
        size_of = {one["index"]: sum(1 + len(turn["calls"]) for turn in one["task"]["turns"])
                   for file in (ACCEPTED, REJECTED) for one in records(out / file)}  # fmt: skip
        costs = [each[index] for index in sorted(each)]
        for at in range(len(costs) - ENOUGH + 1):
            ten = sizes._replace(first={one: size_of[one] for one in range(at, at + ENOUGH)})
            mean, _ = by_size(each, ten)
            near += abs(mean * len(costs) / sum(costs) - 1) <= _NEAR
            tens += 1
    yield share("tens in a row that say it within 20 %", near, tens, 0.95)


def main() -> int:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("-n", type=int, default=20, help="conversations of an endpoint that fails")
    parser.add_argument("--limited", type=float, default=60, help="seconds of 429")
    parser.add_argument("--seeds", type=int, default=3, help="builds that are estimated")
    parser.add_argument("--priced", type=int, default=200, help="conversations of each")
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = (
            *((budgeted(folder, known.n), failing(folder, known.n, known.limited))
              if known.n else ()),
            *((estimated(folder, known.priced, known.seeds),) if known.seeds else ()),
        )  # fmt: skip
        return print_table(*parts)


if __name__ == "__main__":
    sys.exit(main())
