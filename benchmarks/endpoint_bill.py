"""What endpoints cost a build, and whether estimate and budget can be relied on.

``python -m benchmarks.endpoint_bill [-n 20] [--seeds 3] [--priced 200]``. A scripted build is
played back. First a budget is spent, and what was finished after that is counted. Then builds of
``--priced`` conversations: what ten candidates say of their cost beside what they have cost, for
the first ten, by the program itself, and for every other ten.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.lines import Line, print_table, share
from benchmarks.played_builds import SEED, Log, play, record
from benchmarks.program import ACCEPTED, REJECTED, records
from pipeline.chat.loopback import Loopback
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
    parser.add_argument("-n", type=int, default=20, help="conversations of a budget")
    parser.add_argument("--seeds", type=int, default=3, help="builds that are estimated")
    parser.add_argument("--priced", type=int, default=200, help="conversations of each")
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = (
            *((budgeted(folder, known.n),) if known.n else ()),
            *((estimated(folder, known.priced, known.seeds),) if known.seeds else ()),
        )  # fmt: skip
        return print_table(*parts)


if __name__ == "__main__":
    sys.exit(main())
