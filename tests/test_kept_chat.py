"""Each reply is kept before it is used: after a crash, for the next command, for equal ones."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.chat.kept_chat import Allowance, KeptChat
from pipeline.chat.loopback import Loopback
from pipeline.chat.models import Models
from pipeline.chat.request_journal import REQUESTS, RequestJournal, read_requests
from pipeline.chat.spending import Spending
from pipeline.config import Settings
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import BudgetError, OutputError, ProviderError, RefusedRequestError
from schemas.record import JsonObject


class Counting:
    """A model that counts what it is asked, until it is out of order."""

    name = "counting"
    place = "http://here/v1"
    left_out = frozenset({"seed"})

    def __init__(self, most: int = 99) -> None:
        self.asked, self.most = 0, most

    def payload(self, request: ChatRequest) -> JsonObject:
        return {"messages": request.messages, "seed": request.seed}

    async def complete(self, request: ChatRequest) -> ChatReply:
        if self.asked == self.most:
            raise ProviderError("out of order")
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0)
        if request.seed == 13:
            raise RefusedRequestError("context_exceeded", "too long")
        return ChatReply(text=f"{request.seed}: answer {number} …", input_tokens=7, output_tokens=2)


def question(seed: int) -> ChatRequest:
    return ChatRequest(role="judge", messages=({"role": "user"},), seed=seed)


def kept(model: Counting, folder: Path, task: int | None = None, **known: object) -> KeptChat:
    settings = Settings.model_validate({"model": "counting", "out": folder} | known)
    return KeptChat(model, RequestJournal(folder), Spending(settings), task)


def ask(model: Counting, folder: Path, *seeds: int, task: int | None = None) -> list[str]:
    async def run() -> list[str]:
        chat = kept(model, folder, task)
        return [(await chat.complete(question(seed))).text for seed in seeds]

    return asyncio.run(run())


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    first = Counting()
    told = ["1: answer 1 …", "2: answer 2 …", "1: answer 1 …"]
    assert ask(first, tmp_path / "new", 1, 2, 1) == told
    second = Counting()
    told = ["2: answer 2 …", "1: answer 1 …", "3: answer 1 …"]
    assert ask(second, tmp_path / "new", 2, 1, 3) == told
    assert (first.asked, second.asked) == (2, 1)


def test_equal_questions_at_once_are_one(tmp_path: Path) -> None:
    model = Counting()

    async def run() -> list[ChatReply]:
        chat = kept(model, tmp_path)
        return await asyncio.gather(*(chat.complete(question(1)) for _ in range(5)))

    assert len({reply.text for reply in asyncio.run(run())}) == model.asked == 1


@pytest.mark.parametrize("differs", ["name", "place", "task"])
def test_another_model_endpoint_or_candidate_is_asked_anew(tmp_path: Path, differs: str) -> None:
    ask(Counting(), tmp_path, 1, task=0)
    other = Counting()
    if differs != "task":
        setattr(other, differs, "other")
    ask(other, tmp_path, 1, task=1 if differs == "task" else 0)
    assert other.asked == 1


def test_a_refusal_is_kept_too(tmp_path: Path) -> None:
    for expected in (1, 0):
        model = Counting()
        with pytest.raises(RefusedRequestError, match="too long") as caught:
            ask(model, tmp_path, 13)
        assert (caught.value.code, model.asked) == ("context_exceeded", expected)


def test_what_was_answered_before_a_failure_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ProviderError):
        ask(Counting(most=1), tmp_path, 1, 2)
    again = Counting()
    ask(again, tmp_path, 1, 2)
    assert again.asked == 1


def test_who_stops_waiting_does_not_lose_the_reply(tmp_path: Path) -> None:
    async def run() -> None:
        chat = kept(Counting(), tmp_path)
        asking = asyncio.create_task(chat.complete(question(1)))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await chat.journal.settle()

    asyncio.run(run())
    again = Counting()
    assert ask(again, tmp_path, 1) == ["1: answer 1 …"]
    assert again.asked == 0


def test_a_reply_is_on_the_disk_before_it_is_used_and_one_turn_of_the_disk_serves_many(
    tmp_path: Path,
) -> None:
    safe: list[set[str]] = []

    def save(file: Path) -> None:
        safe.append({one.reply.text for one in read_requests(file.parent) if one.reply})

    async def run() -> None:
        chat = replace(kept(Counting(), tmp_path), journal=RequestJournal(tmp_path, save))

        async def use(seed: int) -> None:
            reply = await chat.complete(question(seed))
            assert any(reply.text in told for told in safe)

        await asyncio.gather(*map(use, range(20, 40)))

    asyncio.run(run())
    assert len(safe[-1]) == 20
    assert len(safe) <= 3


@pytest.mark.parametrize("problem", [OutputError("cannot be written: it is full"), RuntimeError()])
def test_a_disk_that_fails_fails_all_who_wait_for_it(tmp_path: Path, problem: Exception) -> None:
    def save(file: Path) -> None:
        raise problem

    async def run() -> list[ChatReply | BaseException]:
        chat = replace(kept(Counting(), tmp_path), journal=RequestJournal(tmp_path, save))
        asked = (chat.complete(question(seed)) for seed in range(3))
        return await asyncio.gather(*asked, return_exceptions=True)

    async def soon() -> list[ChatReply | BaseException]:
        return await asyncio.wait_for(run(), 30)

    assert asyncio.run(soon()) == [problem] * 3


def test_a_torn_line_is_asked_again(tmp_path: Path) -> None:
    ask(Counting(), tmp_path, 1, 2)
    file = tmp_path / REQUESTS
    file.write_bytes(file.read_bytes()[:-9])
    for expected in (1, 0):
        again = Counting()
        ask(again, tmp_path, 1, 2)
        assert again.asked == expected


@pytest.mark.parametrize("content", ["{}\n", "[1]\n", "no JSON\n", '{"key": "a", "reply": 5}\n'])
def test_a_file_of_something_else_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / REQUESTS).write_text(content)
    with pytest.raises(OutputError, match="line 1: is no request"):
        ask(Counting(), tmp_path, 1)


def test_a_line_tells_what_was_paid_and_what_was_left_out(tmp_path: Path) -> None:
    ask(Counting(), tmp_path, 1, task=4)
    (one,) = read_requests(tmp_path)
    assert one.reply is not None
    assert (one.task, one.role, one.attempt, one.model) == (4, "judge", 0, "counting")
    assert (one.reply.input_tokens, one.reply.output_tokens, one.left_out) == (7, 2, ("seed",))
    assert [*read_requests(tmp_path, first=5)] == []


@pytest.mark.parametrize("known", [{"most_requests": 2}, {"most_tokens": 18}])
def test_a_candidate_that_takes_too_much_ends_also_when_its_replies_are_known(
    tmp_path: Path, known: JsonObject
) -> None:
    for expected in (2, 0):
        model = Counting()

        async def run(model: Counting = model) -> None:
            chat = replace(kept(model, tmp_path, 3), allowance=Allowance(**known))
            for seed in range(9):
                await chat.complete(question(seed))

        with pytest.raises(RefusedRequestError, match="after") as caught:
            asyncio.run(run())
        assert (caught.value.code, model.asked) == ("candidate_limit", expected)


PRICE = {"roles": {"all": {"price": {"input": 100_000, "output": 0}}}}


@pytest.mark.parametrize(
    ("known", "more"),
    [
        ({"budget_money": 1.4, **PRICE}, {"budget_money": 2.0, **PRICE}),
        ({"budget_tokens": 18}, {"budget_tokens": 27}),
    ],
)
def test_a_budget_ends_what_is_asked_and_goes_on_when_it_is_raised(
    tmp_path: Path, known: JsonObject, more: JsonObject
) -> None:
    """A request takes 9 tokens, 7 of them read, for 0.7 money."""

    async def run(chat: KeptChat) -> int:
        for seed in range(9):
            try:
                await chat.complete(question(seed))
            except BudgetError:
                return seed
        return 9

    assert asyncio.run(run(kept(Counting(), tmp_path, 3, **known))) == 2
    again = Counting()
    assert asyncio.run(run(kept(again, tmp_path, 3, **known))) == 2, "what is kept costs nothing"
    assert again.asked == 0
    assert asyncio.run(run(kept(Counting(), tmp_path, 3, **more))) == 3


def test_a_budget_that_is_spent_stops_those_who_wait_for_their_place(tmp_path: Path) -> None:
    known = Settings(model="tiny", out=tmp_path, budget_tokens=1, concurrency=2)

    async def run(url: str) -> list[ChatReply | BaseException]:
        models = Models(known.model_copy(update={"base_url": url}), lambda _: None)
        judge = models.cast(0)["judge"]
        asked = (judge.complete(question(seed)) for seed in range(9))
        try:
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            await models.close()

    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    answer = {"choices": [{"message": {"content": "yes"}}], "usage": usage}
    with Loopback(lambda _: answer) as endpoint:
        told = asyncio.run(run(endpoint.base_url))
        assert endpoint.requests <= 2, "no more than were under way"
    kinds = {type(one) for one in told}
    assert kinds == {ChatReply, BudgetError}


def test_time_is_a_budget_too(tmp_path: Path) -> None:
    chat = kept(Counting(), tmp_path, budget_minutes=1e-9)
    with pytest.raises(BudgetError, match="minutes"):
        asyncio.run(chat.complete(question(1)))
