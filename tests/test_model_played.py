"""A model plays the tools: only what schemas and state allow becomes a result."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generators.backends.backend import WantedCall
from generators.backends.model_played import ANSWER, ModelPlayed, ModelPlayedBackend
from generators.backends.patience import PATIENCE, LoopThread, Patience, wait_for
from generators.embedding import HashEmbedder
from generators.sandbox.schema_validity import find_error
from generators.studio import open_studio
from generators.world.infer import infer_world
from pipeline.recordings import KeptAnswers
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import NotRecordedError, OutputError, ProviderError
from schemas.message import Fault
from schemas.record import JsonObject
from schemas.trajectory import Roles
from tests.clerk import Clerk, Saying, changing, office
from validators.checks import examine

CLOCK = "2026-03-02T10:00:00+00:00"
WORLD = infer_world(office().tools)


def played(model: Clerk | None, kept: Any = None) -> ModelPlayedBackend:
    return ModelPlayedBackend(WORLD, "clerk", {} if kept is None else kept, model)


def opened(model: Clerk | None, kept: Any = None) -> tuple[ModelPlayed, list[JsonObject]]:
    """An environment, and the orders in it that are open."""
    environment = played(model, kept).open(1, CLOCK)
    rows = [dict(row) for row in environment.rows("office/order")]
    return environment, [row for row in rows if row["status"] == "open"]


# -- answers that pass


def test_a_good_answer_is_the_result_and_changes_the_rows() -> None:
    environment, (order, *_) = opened(Clerk())
    before = environment.state_hash()
    outcome = environment.call("cancel_order", {"order_id": order["order_id"]})
    assert outcome.content == {**order, "status": "cancelled"}
    (change,) = environment.changes()
    assert change.key == order["order_id"]
    assert environment.state_hash() != before
    looked = environment.call("get_order", {"order_id": order["order_id"]})
    assert looked.content["status"] == "cancelled"
    listed = environment.call("list_orders", {"status": "open"}).content["orders"]
    assert order["order_id"] not in [one["order_id"] for one in listed]


def test_a_refusal_is_an_error_without_effect() -> None:
    environment, _ = opened(Clerk())
    outcome = environment.call("get_order", {"order_id": "nobody"})
    assert outcome.is_error
    assert outcome.content["error"]["code"] == "not_found"
    assert environment.changes() == ()


def test_the_model_is_not_asked_about_calls_that_cannot_be_or_that_fail_by_plan() -> None:
    model = Clerk()
    environment, _ = opened(model)
    assert environment.call("get_order", {}).content["error"]["code"] == "invalid_arguments"
    assert environment.call("fly", {}).content["error"]["code"] == "unknown_tool"
    late = environment.call("get_order", {"order_id": "x"}, Fault(kind="timeout"))
    assert late.content["error"]["code"] == "timeout"
    assert model.asked == []


def test_the_prompt_shows_tool_rows_and_call() -> None:
    model = Clerk()
    environment, (order, *_) = opened(model)
    environment.call("get_order", {"order_id": order["order_id"]})
    (prompt,) = model.asked
    for part in (
        "Name: get_order",
        "It only reads",
        "Table office/order",
        order["order_id"],
        CLOCK,
    ):
        assert part in prompt
    assert prompt.index(json.dumps(order["order_id"])) > 0


FORMS = {
    "a result and changes": (
        changing("office/order", "1", {"order_id": "1"}, {"order_id": "1"}),
        True,
    ),
    "an error": (json.dumps({"error": {"code": "not_found", "message": "No."}}), True),
    "both": (json.dumps({"result": {}, "changes": [], "error": {}}), False),
    "neither": ("{}", False),
    "an error without words": (json.dumps({"error": {"code": "not_found"}}), False),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_endpoint_is_told_of_what_form_an_answer_is(form: str) -> None:
    answer, fits = FORMS[form]
    assert (find_error(json.loads(answer), ANSWER) is None) == fits


# -- answers that do not

ORDER: JsonObject = next(
    dict(row) for row in played(None).open(1, CLOCK).rows("office/order") if row["status"] == "open"
)
ID = ORDER["order_id"]
DONE = {**ORDER, "status": "cancelled"}
BAD_READS = {
    "no JSON": "I cancelled it!",
    "a list": "[]",
    "another key": json.dumps({"result": ORDER, "changes": [], "note": ""}),
    "no changes": json.dumps({"result": ORDER}),
    "NaN": '{"result": NaN, "changes": []}',
    "against the schema": json.dumps({"result": {**ORDER, "status": "lost"}, "changes": []}),
    "a field is missing": json.dumps({"result": {"order_id": ID}, "changes": []}),
    "against the state": json.dumps({"result": {**ORDER, "total": 1.5}, "changes": []}),
    "a row that is none": json.dumps({"result": {**ORDER, "order_id": "new"}, "changes": []}),
    "a read that changes": changing("office/order", ID, DONE, ORDER),
    "an error without words": json.dumps({"error": {"code": "x", "message": " "}}),
    "an error that is a text": json.dumps({"error": "no"}),
    "too deep": "[" * 100_000,
}
BAD_WRITES = {
    "identity changes": changing("office/order", ID, {**DONE, "order_id": "other"}, DONE),
    "key of another": changing("office/order", "other", DONE, DONE),
    "unknown table": changing("office/customer", ID, DONE, DONE),
    "unknown field": changing("office/order", ID, {**DONE, "colour": "red"}, DONE),
    "field against its schema": changing("office/order", ID, {**DONE, "total": "much"}, DONE),
    "row is no object": changing("office/order", ID, "cancelled", DONE),
    "nothing to delete": changing("office/order", "nobody", None, DONE),
    "result is not the state": changing("office/order", ID, DONE, ORDER),
    "twice": json.dumps({"result": DONE, "changes": [
        {"table": "office/order", "key": ID, "row": DONE}] * 2}),
    "no list": json.dumps({"result": DONE, "changes": {}}),
    "a change without row": json.dumps({"result": DONE, "changes": [
        {"table": "office/order", "key": ID}]}),
}  # fmt: skip


@pytest.mark.parametrize("reply", [*BAD_READS.values()], ids=[*BAD_READS])
def test_what_a_read_must_not_answer(reply: str) -> None:
    refused("get_order", reply)


@pytest.mark.parametrize("reply", [*BAD_WRITES.values()], ids=[*BAD_WRITES])
def test_what_a_write_must_not_answer(reply: str) -> None:
    refused("cancel_order", reply)


def refused(tool: str, reply: str) -> None:
    """Asked for once more; bad twice, the call fails, without a trace and for good."""
    once = Saying(reply)
    environment, _ = opened(once)
    assert not environment.call(tool, {"order_id": ID}).is_error
    assert len(once.asked) == 2
    assert "Your last answer could not be used" in once.asked[1]
    twice = Saying(reply, reply)
    kept: dict[str, JsonObject] = {}
    environment, _ = opened(twice, kept)
    before = environment.state_hash()
    outcome = environment.call(tool, {"order_id": ID})
    assert outcome.is_error
    assert outcome.content["error"]["code"] == "unavailable"
    assert environment.state_hash() == before
    assert environment.call(tool, {"order_id": ID}) == outcome
    assert len(twice.asked) == 2
    replayed, _ = opened(None, kept)
    assert replayed.call(tool, {"order_id": ID}) == outcome


def test_a_row_is_not_both_deleted_and_shown() -> None:
    model = Saying(changing("office/order", ID, None, DONE))
    environment, _ = opened(model)
    assert environment.call("cancel_order", {"order_id": ID}).content == DONE
    assert "which office/order does not have" in model.asked[1]
    assert environment.changes()[0].after == DONE


# -- answers that are kept


def test_the_same_call_in_the_same_state_is_asked_once_and_replayed_without_a_model() -> None:
    model, kept = Clerk(), dict[str, JsonObject]()
    calls = [("get_order", ID), ("cancel_order", ID), ("get_order", ID), ("cancel_order", ID)]
    environment, _ = opened(model, kept)
    first = [environment.call(tool, {"order_id": order}) for tool, order in calls]
    assert len(model.asked) == 4  # the state is another after the write
    again, _ = opened(model, kept)
    assert [again.call(tool, {"order_id": order}) for tool, order in calls] == first
    alone, _ = opened(None, kept)
    assert [alone.call(tool, {"order_id": order}) for tool, order in calls] == first
    assert alone.state_hash() == environment.state_hash()
    assert len(model.asked) == 4
    with pytest.raises(NotRecordedError, match="no answer is kept"):
        alone.call("get_order", {"order_id": "another"})


def test_another_seed_or_model_is_another_scope() -> None:
    kept: dict[str, JsonObject] = {}
    opened(Clerk(), kept)[0].call("get_order", {"order_id": "nobody"})
    other = ModelPlayedBackend(WORLD, "clerk", kept, None).open(2, CLOCK)
    with pytest.raises(NotRecordedError):
        other.call("get_order", {"order_id": "nobody"})
    third = ModelPlayedBackend(WORLD, "judge", kept, None).open(1, CLOCK)
    with pytest.raises(NotRecordedError):
        third.call("get_order", {"order_id": "nobody"})


def test_a_kept_answer_that_does_not_pass_the_gate_is_not_used() -> None:
    kept: dict[str, JsonObject] = {}
    opened(Clerk(), kept)[0].call("get_order", {"order_id": ID})
    (key,) = kept
    kept[key]["result"]["total"] = 899.5
    with pytest.raises(NotRecordedError, match="is not valid"):
        opened(None, kept)[0].call("get_order", {"order_id": ID})


def test_answers_are_kept_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "played.jsonl"
    opened(Clerk(), KeptAnswers(file))[0].call("get_order", {"order_id": ID})
    kept = KeptAnswers(file)
    assert len(kept) == 1
    assert opened(None, kept)[0].call("get_order", {"order_id": ID}).content == ORDER
    with pytest.raises(ValueError, match="already"):
        kept[next(iter(kept))] = {}
    with pytest.raises(TypeError):
        del kept[next(iter(kept))]
    file.write_bytes(file.read_bytes() + b'{"key": "to')
    assert len(KeptAnswers(file)) == 1
    file.write_text("[]\n")
    with pytest.raises(OutputError, match="is no file of answers"):
        len(KeptAnswers(file))


# -- the thread, and the whole


def test_calls_work_within_a_running_loop_and_failures_pass_through() -> None:
    class Broken(Clerk):
        async def complete(self, request: ChatRequest) -> ChatReply:
            await asyncio.sleep(0)
            raise ProviderError("no route")

    async def call(model: Clerk) -> Any:
        backend = played(model)
        try:
            return backend.open(1, CLOCK).call("get_order", {"order_id": ID})
        finally:
            backend.close()

    assert asyncio.run(call(Clerk())).content == ORDER
    with pytest.raises(ProviderError, match="no route"):
        asyncio.run(call(Broken()))


def test_a_thread_ends_and_can_begin_anew() -> None:
    async def five() -> int:
        return 5

    thread = LoopThread("test")
    thread.close()
    assert thread.run(five()) == 5
    thread.close()
    thread.close()
    assert thread.run(five()) == 5
    thread.close()


async def wait_for_ever(begun: threading.Event) -> None:
    begun.set()
    await asyncio.sleep(3600)


def wait_here(begun: threading.Event) -> None:
    wait_for(wait_for_ever(begun))


def wait_aside(begun: threading.Event) -> None:
    thread = LoopThread("test")
    try:
        thread.run(wait_for_ever(begun))
    finally:
        thread.run(asyncio.sleep(0))  # what cleans up may wait
        thread.close()


@pytest.mark.parametrize("wait", [wait_here, wait_aside])
@pytest.mark.parametrize("early", [True, False])
def test_a_wait_ends_where_somebody_loses_patience(
    wait: Callable[[threading.Event], None], early: bool
) -> None:
    patience, begun, ended = Patience(), threading.Event(), list[str]()

    def work() -> None:
        PATIENCE.set(patience)
        try:
            wait(begun)
        except (asyncio.CancelledError, CancelledError) as error:
            ended.append(type(error).__name__)

    if early:
        patience.lose()
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    if not early:
        assert begun.wait(60)
        patience.lose()
    thread.join(60)
    assert ended == ["CancelledError"]


def studio_of(model: Clerk | None, kept: dict[str, JsonObject]) -> Any:
    return open_studio(office(), HashEmbedder(), backend=played(model, kept))


def test_conversations_are_made_and_replayed_without_the_model() -> None:
    kept: dict[str, JsonObject] = {}
    studio, alone = studio_of(Clerk(), kept), studio_of(None, kept)
    for index in range(4):
        made = asyncio.run(studio.candidate(2, index, studio.scripted, Roles(tools="model:clerk")))
        examined = examine(made.trajectory, alone.environment, ())
        assert examined.accepted, examined.reasons


class Patient(Clerk):
    """Answers only while the caller's loop goes on: whoever stands still waits in vain."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop, self.heard = loop, 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        async def hear() -> None:
            self.heard += 1

        told = asyncio.run_coroutine_threadsafe(hear(), self.loop)
        await asyncio.wait_for(asyncio.wrap_future(told), 30)
        return await super().complete(request)


def test_who_plays_the_tools_is_waited_for_aside() -> None:
    async def made() -> tuple[Patient, list[Any]]:
        model = Patient(asyncio.get_running_loop())
        studio = studio_of(model, {})
        roles = Roles(tools="model:clerk")
        work = (studio.candidate(2, index, studio.scripted, roles) for index in range(3))
        found = await asyncio.gather(*work)
        await asyncio.to_thread(studio.backend.close)
        return model, found

    model, found = asyncio.run(made())
    assert model.heard == len(model.asked) > 3
    studio = studio_of(Clerk(), {})
    for index, one in enumerate(found):
        alone = asyncio.run(studio.candidate(2, index, studio.scripted, Roles(tools="model:clerk")))
        assert one.trajectory == alone.trajectory


def test_whoever_is_cancelled_need_not_wait_for_an_answer() -> None:
    class Mute(Clerk):
        async def complete(self, request: ChatRequest) -> ChatReply:
            if not asked.done():
                asked.set_result(None)
            await asyncio.Event().wait()
            return ChatReply()

    asked: Future[None] = Future()

    async def cancelled() -> None:
        studio = studio_of(Mute(), {})
        work = asyncio.ensure_future(studio.candidate(2, 0, studio.scripted, Roles()))
        await asyncio.wrap_future(asked)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        studio.backend.close()

    asyncio.run(cancelled())
    assert not [one for one in threading.enumerate() if one.name.startswith("tools aside")]


def test_a_replay_of_what_was_never_answered_is_unknown() -> None:
    studio = studio_of(Clerk(), {})
    made = asyncio.run(studio.candidate(2, 0, studio.scripted, Roles(tools="model:clerk")))
    examined = examine(made.trajectory, studio_of(None, {}).environment, ())
    (verdict,) = [one for one in examined.verdicts if one.check == "replay"]
    assert verdict.label == "unknown"
    assert not examined.accepted


def test_proposals_do_not_ask_the_model() -> None:
    model = Clerk()
    backend = played(model)
    environment = backend.open(1, CLOCK)
    propose: Callable[..., Any] = backend.propose
    assert all(propose(environment, WantedCall(name), Random(1)) for name in WORLD.models)
    assert model.asked == []
    with pytest.raises(TypeError):
        propose(object(), WantedCall("get_order"), Random(1))
