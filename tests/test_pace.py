"""What all requests to an endpoint share: a limit that adapts, and one cool-down."""

import asyncio
import json

import pytest

from pipeline.chat.client import OpenAIChat
from pipeline.chat.loopback import Loopback, Response, failure
from pipeline.chat.pace import Pace, back_off
from pipeline.chat.trouble import read_span, retry_after, spent_until
from schemas.chat import ChatRequest
from schemas.record import JsonObject
from tests.dialogues import Scripted


def test_the_limit_falls_once_for_all_that_were_under_way_and_grows_by_one_a_round() -> None:
    pace = Pace(8)
    begun = 10.0
    for _ in range(5):  # answers to requests of one moment
        pace.slow_down(begun, 0)
        begun = -1.0
    assert pace.limit == 4
    for _ in range(4):
        pace.note_answer()
    assert 4.8 < pace.limit <= 5
    for _ in range(99):
        pace.note_answer()
    assert pace.limit == 8


def test_no_limit_falls_below_one() -> None:
    pace = Pace(3)
    for _ in range(9):
        pace.slow_down(float("inf"), 0)
    assert pace.limit == 1


def test_a_place_is_given_back_to_whoever_waits_and_never_lost_by_one_who_is_cancelled() -> None:
    async def run() -> int:
        pace, had = Pace(1), 0

        async def take() -> None:
            nonlocal had
            async with pace.place():
                await asyncio.sleep(0)
                had += 1

        waiting = [asyncio.create_task(take()) for _ in range(6)]
        await asyncio.sleep(0)
        for one in waiting[1::2]:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert pace.open == 0
        return had

    assert asyncio.run(run()) == 3


def test_whoever_is_cancelled_amid_a_cool_down_leaves_its_place_to_others() -> None:
    async def run() -> str:
        pace, holds = Pace(1), asyncio.Event()

        async def take(name: str) -> str:
            async with pace.place():
                await holds.wait()
            return name

        first, second, third = (asyncio.create_task(take(name)) for name in "abc")
        await asyncio.sleep(0)
        pace.cool_down(0.05)
        holds.set()
        await first  # the second is woken, and sleeps for a while
        await asyncio.sleep(0)
        second.cancel()
        return await asyncio.wait_for(third, 30)

    assert asyncio.run(run()) == "c"


def test_one_cool_down_holds_all_requests_back_and_is_told_once() -> None:
    told: list[str] = []
    pace = Pace(4, told.append)
    pace.slow_down(0.0, 40)
    pace.slow_down(0.0, 41)
    assert told == ["the endpoint limits the rate: waiting 40 s"]

    async def enter() -> None:
        async with asyncio.timeout(0.05), pace.place():
            pass

    with pytest.raises(TimeoutError):
        asyncio.run(enter())


def test_pauses_grow_to_a_bound_and_differ() -> None:
    assert back_off(1) <= 1.0
    assert 30.0 <= back_off(99) <= 60.0
    assert len({back_off(5) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        ("0.5", 0.5),
        ("1m30s", 90.0),
        ("250ms", 0.25),
        ("", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("2015-10-21T07:28:00Z", 0.0),
    ],
)
def test_every_way_of_saying_how_long_to_wait_is_read(text: str, seconds: float | None) -> None:
    assert read_span(text) == seconds


def test_headers_tell_how_long_to_wait() -> None:
    assert retry_after({"retry-after": "3", "retry-after-ms": "40"}) == 0.04
    spent = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6s"}
    assert spent_until(spent | {"x-ratelimit-remaining-requests": "4"}) == 6
    assert spent_until({"x-ratelimit-remaining-tokens": "9"}) is None


def test_an_endpoint_that_takes_few_requests_at_once_answers_all_in_the_end() -> None:
    """More than two open requests are refused; the limit finds its way there."""
    held = 0

    def narrow(request: JsonObject) -> JsonObject | Response:
        nonlocal held
        if endpoint._open >= 2:
            held += 1
            return failure(429, "too many", after=0.01)
        answer = Scripted("hello")(request)
        return Response(body=json.dumps(answer).encode(), delay=0.02)

    async def run(url: str) -> list[str]:
        request = ChatRequest(role="user", messages=({"role": "user", "content": "hi"},), seed=1)
        async with OpenAIChat("tiny", url, concurrency=12) as chat:
            replies = await asyncio.gather(*(chat.complete(request) for _ in range(30)))
            return [reply.text for reply in replies]

    with Loopback(narrow) as endpoint:
        assert asyncio.run(run(endpoint.base_url)) == ["hello"] * 30
    assert held
