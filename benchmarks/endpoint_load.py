"""How fast requests are made, beside a bare client; many dialogues at once; ten times as many.

``python -m benchmarks.endpoint_load [-n 60] [--open 500] [--delay 2] [--large 10]``. A scripted
build is played back. Its requests, as a build through the endpoint has made them, are made again
in the same run, by as many at a time: by a bare loop of `openai.AsyncOpenAI`, and by the client of
the project, which keeps each reply on the disk before it goes on. Rates are told by processor
time, which does not depend on who else is at work, and by the clock. Then ``--open`` dialogues are
open at once at an endpoint that takes ``--delay`` seconds for each reply: ideal is the time of the
dialogue with the most replies one after the other. A tenth as many are played before, so that the
memory of both stands in one run. Last, ``--large`` times as many conversations.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import TypeVar

import openai

from benchmarks.lines import Line, at_least, print_table
from benchmarks.played_builds import Log, command, play, record
from benchmarks.program import ACCEPTED, Ran, records, rows, start, toolweave
from benchmarks.program import python as run_python
from benchmarks.resident import Watched
from pipeline.chat.loopback import Answer, Loopback, Response
from pipeline.chat.models import Models
from pipeline.config import Settings
from schemas.canonical import content_hash
from schemas.chat import ChatRequest, Role
from schemas.record import JsonObject

Item = TypeVar("Item")
AT_ONCE = 32
MOST_MEMORY = 1 << 30
_OF_A_CANDIDATE = 24
"""Requests that are counted as one candidate's, about as many as one has."""


class Known:
    """Answers as a player does, and what it has been asked before without looking for it."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[JsonObject] = []
        self._answer = answer
        self._known: dict[str, Response] = {}

    def __call__(self, request: JsonObject) -> Response:
        """Answer, and note the request where it is a new one."""
        key = content_hash(request, 24)
        if key not in self._known:
            self.asked.append(request)
            answer = self._answer(request)
            known = answer if isinstance(answer, Response) else None
            self._known[key] = known or Response(body=json.dumps(answer).encode())
        return self._known[key]


def beside_a_bare_loop(folder: Path, n: int) -> Iterator[Line]:
    """The same requests by a build, by the project's client, and by a bare loop."""
    endpoint = Known(record(folder, n).brain)
    bodies, none = folder / "bodies.jsonl", folder / "none.jsonl"
    with Loopback(endpoint) as serving:
        ran, out = play(folder, "load", n, serving.base_url, concurrency=AT_ONCE)
        opening = toolweave(folder, "build", "--quiet", "--out", out, "-n", n, "--seed", 11,
                            "--config", folder / "load.json")  # fmt: skip
        bodies.write_text("".join(f"{json.dumps(one)}\n" for one in endpoint.asked))
        none.write_text("")
        took = {}
        for who in ("bare", "kept"):
            tries = [_client(folder, who, serving.base_url, bodies) for _ in range(2)]
            start = min(_client(folder, who, serving.base_url, none).processor for _ in range(2))
            took[who] = (
                min(one.processor for one in tries) - start,
                min(one.seconds for one in tries),
            )
    count, (bare, bare_wall), (kept, kept_wall) = len(endpoint.asked), took["bare"], took["kept"]
    each = f"{1e3 * kept / count:.2f} against {1e3 * bare / count:.2f} ms of processor time"
    yield Line("durable client beside a bare loop", ">= 0.80 of its rate",
               f"{bare / kept:.2f} ({each} a request; by the clock {bare_wall / kept_wall:.2f})",
               bare >= 0.8 * kept)  # fmt: skip
    whole = ran.processor - opening.processor
    yield Line("whole build beside a bare loop", "told", f"{bare / whole:.2f} "
               f"({1e3 * whole / count:.2f} ms of processor time a request, {count / n:.1f} "
               f"requests a conversation)", whole > 0)  # fmt: skip


def _client(folder: Path, who: str, address: str, bodies: Path) -> Ran:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        ran = run_python(Path(home), Path(__file__).resolve(), who, address, bodies)
    if ran.code != 0:
        raise SystemExit(f"the {who} client ended with {ran.told}")
    return ran


async def by_many(work: Callable[[Item], Awaitable[object]], items: Sequence[Item]) -> None:
    """Work at so many at once."""
    left = iter(items)

    async def take() -> None:
        for item in left:
            await work(item)

    await asyncio.gather(*(take() for _ in range(AT_ONCE)))


async def bare(address: str, bodies: Sequence[JsonObject]) -> None:
    """Make the requests as whoever has read the package's first page does."""
    async with openai.AsyncOpenAI(api_key="none", base_url=address, max_retries=0) as client:

        async def ask(body: JsonObject) -> None:
            reply = await client.chat.completions.create(**body)
            assert reply.choices[0].message

        await by_many(ask, bodies)


async def kept(address: str, bodies: Sequence[JsonObject]) -> None:
    """Make the requests as a build does: by role and candidate, each kept before it is used."""
    settings = Settings(out=Path("kept"), model="recorded", base_url=address, concurrency=AT_ONCE)
    models = Models(settings, lambda _: None)

    async def ask(numbered: tuple[int, JsonObject]) -> None:
        number, body = numbered
        role: Role = "judge" if "response_format" in body else "assistant"
        role = role if "tools" in body or role == "judge" else "user"
        form = body.get("response_format", {})
        request = ChatRequest(
            role=role, messages=tuple(body["messages"]), tools=tuple(body.get("tools", ())),
            seed=body["seed"], temperature=body["temperature"], json_object=bool(form),
            shape=form.get("json_schema", {}).get("schema"),
        )  # fmt: skip
        await models.cast(number // _OF_A_CANDIDATE)[role].complete(request)

    await by_many(ask, [*enumerate(bodies)])
    await models.close()


def many_at_once(folder: Path, n: int, delay: float) -> Iterator[Line]:
    """So many dialogues, all open at once, at an endpoint that is slow."""
    few = max(1, n // 10)
    _, _, before, _, _ = _open(folder, few, delay)
    out, ran, watched, most, serving = _open(folder, n, delay)
    ideal = delay * max(_one_after_the_other(one) for one in records(out / ACCEPTED))
    yield Line(f"{n} dialogues open, {delay:g} s a reply", f"<= 1.3 x {ideal:.0f} s",
               f"{ran.seconds:.0f} s ({ran.seconds / ideal:.2f} x; {ran.processor:.0f} s of them "
               f"processor), {rows(out / ACCEPTED)} accepted, {most} requests open",
               ran.seconds <= 1.3 * ideal)  # fmt: skip
    yield Line("processor time by process", "told", f"{watched.tell_processor()}; beside them "
               f"{serving:.0f} s of the endpoint itself", True)  # fmt: skip
    told = f"{watched.all / 2**20:.0f} MiB; {before.all / 2**20:.0f} MiB with {few} open"
    yield Line("memory of all processes together", "<= 1 GiB", told, watched.all <= MOST_MEMORY)


def _open(folder: Path, n: int, delay: float) -> tuple[Path, Ran, Watched, int, float]:
    """Play so many at once: where, how it ended, what was seen, most requests open at once.

    Last, the seconds of processor time that the endpoint took for itself.
    """
    with Loopback(Log(record(folder, n).brain, delay)) as endpoint:
        out, told = command(folder, f"open {n}", n, endpoint.base_url, concurrency=n)
        begun = process_time()
        running = start(folder, *told)
        watched, ran = Watched(running), running.end()
        return out, ran, watched, endpoint.most_open, process_time() - begun


def _one_after_the_other(one: JsonObject) -> int:
    """Replies of which each needs the one before: all sides' messages, the end, the judges'."""
    said = Counter(message["role"] for message in one["messages"])
    return said["user"] + said["assistant"] + 2


def ten_times(folder: Path, n: int, times: int) -> Iterator[Line]:
    """The same rate and memory for so many times as many conversations."""
    rates, peaks = [], []
    for count in (n, n * times):
        with Loopback(Known(record(folder, count).brain)) as endpoint:
            out, told = command(folder, f"size {count}", count, endpoint.base_url)
            running = start(folder, *told, "--workers", 1)
            watched, ran = Watched(running), running.end()
            opening, _ = play(folder, f"size {count}", count, endpoint.base_url)
        rates.append(rows(out / ACCEPTED) / (ran.processor - opening.processor))
        peaks.append(watched.all)
    told_rates = f"{rates[0]:.2f} and {rates[1]:.2f} a second of processor time"
    yield at_least(f"rate of {n * times} beside {n} ({told_rates})", rates[1] / rates[0], 0.9)
    told_peaks = f"{peaks[0] / 2**20:.0f} and {peaks[1] / 2**20:.0f} MiB of one worker and all"
    yield at_least(f"memory of {n} beside {n * times} ({told_peaks})", peaks[0] / peaks[1], 0.9)


def main() -> int:
    """Measure, and print a line for each."""
    if sys.argv[1:2] in (["bare"], ["kept"]):
        who, address, file = sys.argv[1:]
        work = {"bare": bare, "kept": kept}[who]
        asyncio.run(work(address, [*map(json.loads, Path(file).read_text().splitlines())]))
        return 0
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("-n", type=int, default=60, help="conversations beside a bare loop")
    parser.add_argument("--open", type=int, default=500, help="dialogues open at once")
    parser.add_argument("--delay", type=float, default=2.0, help="seconds of a reply to them")
    parser.add_argument(
        "--small", type=int, default=50, help="conversations before ten times those"
    )
    parser.add_argument("--large", type=int, default=10, help="how many times as many")
    known = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = (
            *((beside_a_bare_loop(folder, known.n),) if known.n else ()),
            *((many_at_once(folder, known.open, known.delay),) if known.open else ()),
            *((ten_times(folder, known.small, known.large),) if known.large else ()),
        )
        return print_table(*parts)


if __name__ == "__main__":
    sys.exit(main())
