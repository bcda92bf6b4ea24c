"""Builds in which models play: one bad request costs one candidate, and nothing is paid twice.

A scripted build is played back by a loopback endpoint, which misbehaves as each test wants.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import hypot
from pathlib import Path
from statistics import fmean, stdev

import pytest

from pipeline.chat.activity import Activity
from pipeline.chat.loopback import HOST, Loopback, Recorded, Response, failure, load_recorded
from pipeline.chat.request_journal import read_requests
from pipeline.cli.cost_command import add_up
from pipeline.cli.progress import Watcher
from pipeline.run.build_loop import run
from pipeline.run.manifest import Report
from schemas.canonical import content_hash
from schemas.errors import ProviderError
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.commands import (
    OWN,
    children,
    data_of,
    records_of,
    started,
    toolweave,
    wait_until,
)
from tests.endpoints import find_port
from tests.played_builds import MADE, build, build_by, know_sizes, settings

N = 5
Bend = Callable[[JsonObject, "JsonObject | Response"], "JsonObject | Response"]


@dataclass(frozen=True)
class Played:
    """A scripted build, and a model that plays it again."""

    brain: Recorded
    good: list[Trajectory]

    def build(
        self, out: Path, bend: Bend, watcher: Watcher | None = None, **changes: object
    ) -> Report:
        """Build it again with a model whose answers are bent."""
        told = {"n": N} | changes
        return build_by(lambda asked: bend(asked, self.brain(asked)), out, watcher, **told)


class Looking(Watcher):
    """Sees what the models do whenever a candidate is finished."""

    def begin(
        self, asked: int, accepted: int, models: Callable[[], Activity] | None = None
    ) -> None:
        assert models is not None
        self.seen: list[Activity] = []
        self.look = models
        super().begin(asked, accepted, models)

    def finished(self, index: int, good: bool, causes: Iterable[str] = ()) -> None:
        self.seen.append(self.look())
        super().finished(index, good, causes)


@pytest.fixture(scope="module")
def played(scripted: Path) -> Played:
    return Played(load_recorded(scripted), records_of(data_of(scripted)[0], scripted))


def poison(one: Trajectory, response: Response) -> Bend:
    """Refuse what the user's model is asked for one task, from its second message on."""
    said = one.messages[1].text  # type: ignore[union-attr]

    def bend(asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        words = [message.get("content") for message in asked["messages"]]
        return response if said in words else answer

    return bend


REFUSED = {
    "context_exceeded": failure(400, "exceeds the available context size"),
    "provider_refused": failure(400, "no", code="content_filter"),
    "provider_refused always": failure(500, "always", retry=False),
}


def test_whoever_watches_hears_what_the_models_do(played: Played, tmp_path: Path) -> None:
    struck: list[int] = []

    def bend(asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        struck.append(len(struck))
        return failure(503, "busy") if struck[-1] == 3 else answer

    watcher = Looking()
    roles = {"all": {"price": {"input": 1.0, "output": 1.0}, "pause": 0.01}}
    played.build(tmp_path, bend, watcher, concurrency=2, roles=roles)
    assert max(one.dialogues for one in watcher.seen) <= 2
    done = watcher.look()
    kept = [one for one in read_requests(tmp_path) if one.reply]
    tokens = sum(one.reply.input_tokens + one.reply.output_tokens for one in kept if one.reply)
    assert (done.dialogues, done.open, done.requests, done.retries) == (0, 0, len(kept), 1)
    assert done.tokens == tokens > 0
    assert done.money == pytest.approx(tokens / 1e6)


def test_requests_that_are_refused_cost_their_candidates_alone(
    played: Played, tmp_path: Path
) -> None:
    refused = played.good[1 : 1 + len(REFUSED)]
    poisons = [poison(one, answer) for one, answer in zip(refused, REFUSED.values(), strict=True)]

    def bend(asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        for one in poisons:
            answer = one(asked, answer)
        return answer

    n = N - 1
    report = played.build(tmp_path, bend, n=n)
    assert (report.state, report.accepted, report.rejected) == ("complete", n, len(REFUSED))
    lost = records_of(data_of(tmp_path)[1], tmp_path)
    assert [one.index for one in lost] == [one.index for one in refused]
    for one, code in zip(lost, REFUSED, strict=True):
        assert one.reasons == (code.split()[0],)
        assert {verdict.label for verdict in one.verdicts} == {"unknown"}
    again = played.build(tmp_path, lambda asked, answer: pytest.fail("nothing is asked again"), n=n)
    assert (again.accepted, again.new) == (n, 0)


@dataclass
class Bill:
    """Counts what is answered, and what of it is asked for again."""

    until: int | None = None
    answered: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        if self.until is not None and self.answered.total() >= self.until:
            return failure(402, "pay first")
        self.answered[json.dumps(asked)] += 1
        return answer


@pytest.fixture(scope="module")
def paid(played: Played, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """An undisturbed build, and the requests that it takes."""
    folder, bill = tmp_path_factory.mktemp("paid"), Bill()
    report = played.build(folder, bill)
    assert (report.state, report.accepted, report.rejected) == ("complete", N, 0)
    return folder, bill.answered.total()


def test_what_was_answered_before_the_run_ended_is_never_paid_again(
    played: Played, tmp_path: Path, paid: tuple[Path, int]
) -> None:
    folder, needed = paid
    bill = Bill(until=needed // 2)
    with pytest.raises(ProviderError, match="pay first"):
        played.build(tmp_path, bill)
    bill.until = None
    assert played.build(tmp_path, bill).state == "complete"
    assert (max(bill.answered.values()), bill.answered.total()) == (1, needed)
    assert data_of(tmp_path) == data_of(folder)


PRICES = {"all": {"price": {"input": 1, "output": 10}}, "judge": {"price": {"input": 2}}}


def test_a_budget_ends_a_build_in_order_and_raising_it_goes_on(
    played: Played, tmp_path: Path, paid: tuple[Path, int]
) -> None:
    folder, needed = paid
    whole = add_up(folder, settings(folder, model="tiny", roles=PRICES)).total.money
    bill = Bill()
    known = {"roles": PRICES, "concurrency": 2}
    report = played.build(tmp_path, bill, budget_money=0.4 * whole, **known)
    assert report.state == "stopped"
    assert "the budget was spent" in report.stopped
    spent = add_up(tmp_path).total
    assert 0.4 * whole <= spent.money < 0.6 * whole
    assert played.build(tmp_path, bill, budget_money=9 * whole, **known).state == "complete"
    assert (max(bill.answered.values()), bill.answered.total()) == (1, needed)
    assert data_of(tmp_path) == data_of(folder)


def test_the_bill_tells_each_request_once_by_stage_role_and_fate(
    played: Played, paid: tuple[Path, int]
) -> None:
    folder, needed = paid
    bill = add_up(folder, settings(folder, model="tiny", roles=PRICES))
    assert bill.total.requests == needed == sum(row.spent.requests for row in bill.rows)
    assert {(row.stage, row.role, row.fate) for row in bill.rows} == {
        ("dialogue", "user", "accepted"),
        ("dialogue", "assistant", "accepted"),
        ("judging", "judge", "accepted"),
    }
    for row in bill.rows:
        price = (2, 0) if row.role == "judge" else (1, 10)
        money = (row.spent.read * price[0] + row.spent.written * price[1]) / 1e6
        assert row.spent.money == pytest.approx(money)
    assert add_up(folder).unpriced == ("tiny",)


@dataclass
class Noting(Watcher):
    """Keeps what it is told."""

    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def say(self, line: str) -> None:
        self.said.append(line)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_workers_that_are_killed_cost_no_request(
    played: Played, tmp_path: Path, paid: tuple[Path, int]
) -> None:
    """They play; who asks is the process that has forked them."""
    folder, needed = paid
    asked = Counter[str]()
    others, buried = {*children(os.getpid())}, set[int]()

    def bend(request: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        asked[content_hash(request)] += 1
        if asked.total() in (needed // 4, needed // 2):
            buried.update(workers := {*children(os.getpid())} - others)
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
        return answer

    report = played.build(tmp_path, bend, workers=2, shard_size=4, concurrency=6)
    assert (report.accepted, len(buried) >= 4) == (N, True)
    assert {*asked.values()} == {1}
    assert data_of(tmp_path) == data_of(folder)


def test_what_more_would_cost_is_told_after_ten_candidates(played: Played, tmp_path: Path) -> None:
    watcher, n = Noting(), MADE

    def late(request: JsonObject) -> JsonObject:
        wait_until((tmp_path / "drawn.json").exists)  # a model takes longer than to draw tasks
        return played.brain(request)

    with Loopback(late) as endpoint:
        known = settings(tmp_path, model="tiny", base_url=endpoint.base_url, n=n, shard_size=10)
        asyncio.run(run(OWN, known, watcher))
    (line,) = (one for one in watcher.said if "accepted conversations: about" in one)
    assert line.startswith(f"{n} accepted conversations: about ")
    assert line.endswith("by the 10 candidates so far")
    bill = add_up(tmp_path, n=100 * n)
    assert bill.estimate is not None
    each = Counter[int]()
    for one in read_requests(tmp_path):
        assert one.task is not None
        assert one.reply is not None
        each[one.task] += one.reply.input_tokens + one.reply.output_tokens
    drawn = json.loads((tmp_path / "drawn.json").read_text())
    made = records_of(data_of(tmp_path)[0], tmp_path)
    sizes = {one.index: len(one.task.turns) + len(one.task.calls) for one in made}
    assert drawn["first"] == {str(index): sizes[index] for index in range(10)}
    assert [drawn["spread"][str(index)] for index in (0, 6)] == [sizes[index] for index in (0, 6)]
    unit = sum(each[index] for index in range(10)) / sum(sizes[index] for index in range(10))
    more = unit * fmean(drawn["spread"].values()) / fmean(each.values())
    asked = endpoint.requests * 100 * n / bill.accepted
    assert bill.estimate.requests == round(asked * more)
    errors = [each[index] - unit * sizes[index] for index in range(10)]
    spread = [*drawn["spread"].values()]
    off = 2 * hypot(
        stdev(errors) / 10**0.5 / fmean(each[index] for index in range(10)),
        stdev(spread) / len(spread) ** 0.5 / fmean(spread),
    )
    assert bill.estimate.within == pytest.approx(off, abs=0.001)
    assert 0.01 < off < 0.6
    told = toolweave("cost", tmp_path, "-n", 100 * n)
    assert "dialogue  assistant  tiny   accepted" in told.out
    assert (told.code, f"about {bill.estimate.requests:,} requests" in told.out) == (0, True)
    (tmp_path / "drawn.json").write_text("{}")
    plain = add_up(tmp_path, n=100 * n).estimate
    assert plain is not None
    assert plain.requests == round(asked)
    total = json.loads(toolweave("cost", tmp_path, "--json").out)["total"]
    assert total["requests"] == endpoint.requests


def test_an_estimate_needs_ten_candidates(paid: tuple[Path, int]) -> None:
    ran = toolweave("cost", paid[0], "-n", 100)
    assert (ran.code, "an estimate needs 10" in ran.err) == (2, True)


def test_the_end_of_a_build_tells_what_the_models_have_cost(
    played: Played, paid: tuple[Path, int]
) -> None:
    folder, needed = paid
    config = folder.parent / "again.json"
    address = f"http://{HOST}:{find_port()}/v1"
    known = settings(folder, n=N, model="tiny", base_url=address, roles=PRICES)
    config.write_text(known.model_dump_json(by_alias=True, exclude_none=True))
    ran = toolweave("build", "--config", config, stages=OWN)
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith(f"models: {needed} requests, ")


def test_no_key_header_or_password_is_in_any_file(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {"MY_KEY": "sk-4711-secret", "MY_HEADER": "h3ader-secret", "OTHER": "env-secret"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    good = failure(400, "your key sk-4711-secret and h3ader-secret are fine, but no")
    role = {"key": "MY_KEY", "headers": {"x-mine": "MY_HEADER"}}
    bend = poison(played.good[1], good)
    with Loopback(lambda asked: bend(asked, played.brain(asked))) as endpoint:
        url = endpoint.base_url.replace("http://", "http://ida:passw0rd-secret@")
        role["base_url"] = url
        known = settings(tmp_path, n=N, model="tiny", base_url=url, roles={"all": role})
        assert build(known).accepted == N
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"-secret" in path.read_bytes()]


@pytest.mark.slow
def test_the_first_interruption_lets_open_dialogues_end(played: Played, tmp_path: Path) -> None:
    def slow(asked: JsonObject) -> JsonObject | Response:
        return Response(body=json.dumps(played.brain(asked)).encode(), delay=0.02)

    with Loopback(slow) as endpoint:
        address = endpoint.base_url
        known = settings(tmp_path / "o", n=N, model="tiny", base_url=address, concurrency=2)
        know_sizes(known.out)
        config = tmp_path / "config.json"
        config.write_text(known.model_dump_json(by_alias=True, exclude_none=True))
        program = [sys.executable, "-c", "from pipeline.entry import main; main()"]
        with started(
            [*program, "build", "--config", config], stderr=subprocess.PIPE, text=True
        ) as process:
            wait_until(lambda: endpoint.requests >= 5 or process.poll() is not None)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Open dialogues are played to their end" in told
    assert json.loads((tmp_path / "o" / "manifest.json").read_text())["state"] == "stopped"
    assert add_up(tmp_path / "o").total.requests == endpoint.requests
    assert {row.fate for row in add_up(tmp_path / "o").rows} == {"accepted"}


@pytest.mark.slow
def test_a_kill_costs_what_was_under_way_and_no_more(
    played: Played, tmp_path: Path, paid: tuple[Path, int]
) -> None:
    folder, needed = paid
    bill = Bill()

    def slow(asked: JsonObject) -> JsonObject | Response:
        answer = bill(asked, played.brain(asked))
        return Response(body=json.dumps(answer).encode(), delay=0.02)

    with Loopback(slow) as endpoint:
        known = settings(tmp_path, n=N, model="tiny", base_url=endpoint.base_url, concurrency=3)
        know_sizes(known.out)
        config = tmp_path.with_suffix(".json")
        config.write_text(known.model_dump_json(by_alias=True, exclude_none=True))
        program = [sys.executable, "-c", "from pipeline.entry import main; main()"]
        with started([*program, "build", "--config", config]) as process:
            wait_until(lambda: bill.answered.total() >= needed / 2 or process.poll() is not None)
            process.kill()
        assert build(known).state == "complete"
    again = sum(count - 1 for count in bill.answered.values())
    assert again <= known.concurrency
    assert data_of(tmp_path) == data_of(folder)


def test_a_role_that_is_never_served_ends_the_run_though_others_are(
    played: Played, tmp_path: Path
) -> None:
    def bend(asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        return failure(400, "exceeds the available context size") if "tools" in asked else answer

    roles = {"all": {"most_refused": 3}}
    with pytest.raises(ProviderError, match="as 3 requests in a row"):
        played.build(tmp_path, bend, concurrency=1, roles=roles)
    assert {one.role for one in read_requests(tmp_path) if one.reply} == {"user"}


def test_an_endpoint_that_refuses_everything_ends_the_run(played: Played, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="HTTP 402"):
        played.build(tmp_path, lambda asked, answer: failure(402, "pay first"))
