"""Tasks put into words by a model and tried out by another: what is accepted, and what is not."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

from generators.backends.backend import Backend, InferredBackend
from generators.writing.accept_task import Scripted
from generators.writing.review import Reader
from generators.writing.write_task import ROUNDS, TaskWriter
from generators.writing.writer_prompt import read_words, write_words
from pipeline.chat.completion import Completion
from pipeline.chat.gold_reviewer import act_as_gold
from pipeline.chat.loopback import completion, failure, load_recorded
from pipeline.chat.request_journal import read_requests
from pipeline.cli.answers import tell_blame, tell_tasks
from pipeline.cli.cost_command import add_up
from pipeline.config import Settings
from pipeline.run.manifest import Report
from schemas.brief import Brief
from schemas.chat import ChatReply, ChatRequest
from schemas.environment import Environment
from schemas.errors import InputError, ProviderError, RefusedRequestError
from schemas.reasons import WRITING
from schemas.record import JsonObject
from schemas.task import Task
from schemas.trajectory import Trajectory
from schemas.twists import LeansOn, has_twist
from schemas.writing import Written
from tests.commands import data_of, records_of, toolweave
from tests.played_builds import build_by
from tests.studio import own_studio, take

N = 10
Bend = Callable[[JsonObject, JsonObject], JsonObject]


@dataclass
class Brain:
    """Writes the words that are there already and reviews by the gold calls, unless bent."""

    trajectory: Trajectory
    write: Callable[[Brief, int], str] = lambda brief, _: write_words(brief)
    review: Bend = lambda _, answer: answer
    name: str = "tiny"
    asked: list[ChatRequest] = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        if request.role == "writer":
            round_ = sum(one.role == "writer" for one in self.asked)
            return ChatReply(text=self.write(self.trajectory.task.brief, round_))
        body = {"messages": list(request.messages)}
        answer = self.review(body, completion(act_as_gold(self.trajectory, body["messages"]), body))
        return Completion.model_validate(answer).reply()

    def tell(
        self, *, drops: bool = False, backend: Backend | None = None,
        environment: Callable[[Task], Environment] | None = None,
    ) -> tuple[Task, Written]:  # fmt: skip
        own = own_studio()
        runs = (environment or own.environment, backend or own.backend)
        writer = TaskWriter(self, self, *runs, drops)
        one = self.trajectory
        return asyncio.run(writer.write(one.task, one.tools, 7))


@cache
def writing_one() -> Trajectory:
    """A task that writes something, and tells a number that is new."""
    made = (take(index).trajectory for index in range(40))
    return next(one for one in made if one.task.acceptance.must_say
                and one.task.final_state != one.task.initial_state
                and not one.task.turns[0].twists and len(one.task.turns) > 1)  # fmt: skip


@cache
def reading_one() -> Trajectory:
    """A task that only looks."""
    made = (take(index).trajectory for index in range(40))
    return next(one for one in made if one.task.final_state == one.task.initial_state
                and all(turn.outcome == "complete" for turn in one.task.turns))  # fmt: skip


@cache
def leaning_one() -> Trajectory:
    """A task whose second wish says that it is as the first one."""
    made = (take(index).trajectory for index in range(40))
    return next(one for one in made if len(one.task.turns) > 1 and has_twist(
        one.task.turns[1], LeansOn))  # fmt: skip


def told(brief: Brief, **changes: str) -> str:
    """An answer with the second wish, its reason or the situation put otherwise."""
    words = json.loads(write_words(brief))
    words |= {key: text for key, text in changes.items() if key == "situation"}
    words["wishes"][1] |= {key: text for key, text in changes.items() if key != "situation"}
    return json.dumps(words)


def calls_nothing(asked: JsonObject, answer: JsonObject) -> JsonObject:
    del answer
    return completion({"content": f"Which one of {len(asked['messages'])}?"}, asked)


def tells_nothing(asked: JsonObject, answer: JsonObject) -> JsonObject:
    calls = answer["choices"][0]["message"].get("tool_calls")
    return answer if calls else completion({"content": "Fine."}, asked)


@pytest.mark.parametrize("index", range(N))
def test_who_makes_the_gold_calls_comes_to_the_end_of_every_task(index: int) -> None:
    one = take(index).trajectory
    task, written = Brain(one).tell()
    assert (written.outcome, len(written.rounds)) == ("written", 1)
    assert task.brief == written.scripted == one.task.brief


def test_other_words_are_taken_and_nothing_else_of_the_task_changes() -> None:
    one = writing_one()
    ask = one.task.brief.wishes[1].ask

    def write(brief: Brief, _: int) -> str:
        return told(brief, situation="You are tidying up at last.", ask=f"please {ask} for me",
                    why="it has waited long enough.")  # fmt: skip

    task, written = Brain(one, write).tell()
    assert written.outcome == "written"
    assert task.brief.situation == task.persona.about == "You are tidying up at last."
    assert task.brief.wishes[1].ask == f"please {ask} for me"
    assert task.brief.wishes[1].why == "it has waited long enough"
    assert task.brief.wishes[0] == one.task.brief.wishes[0]
    same = task.model_copy(update={"brief": one.task.brief, "persona": one.task.persona})
    assert same == one.task
    assert task.id != one.task.id


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"ask": "do something"}, "value_dropped"),
        ({"why": "I have only 17 euros left"}, "value_added"),
        ({"situation": "You promised it to Ludmilla."}, "value_added"),
        ({"situation": "You leave on the 3rd of January."}, "value_added"),
        ({"situation": "You said: \n be quick"}, "no_words"),
        ({"situation": "long " * 90}, "no_words"),
    ],
)
def test_words_that_tell_less_or_more_are_refused(words: dict[str, str], code: str) -> None:
    one = leaning_one()
    brain = Brain(one, lambda brief, _: told(brief, **words))
    task, written = brain.tell()
    assert task == one.task
    assert (written.outcome, {*written.refused}) == ("scripted", {code})
    assert not any(request.role == "reviewer" for request in brain.asked)


def test_what_only_a_result_knows_or_comes_out_later_is_not_told() -> None:
    """Each name or id of a result that the brief has not, and each value that is held back."""
    looked = 0
    for index in range(N):
        one = take(index).trajectory
        scripted = Scripted(one.task, one.tools, own_studio().world)
        brief = one.task.brief
        if len(brief.wishes) < 2:
            continue
        given = brief.model_dump_json() + one.task.policy
        hidden = [name for name in scripted._reading.names if name not in given][:4]
        open_ = " ".join(scripted._list_sayable(brief.wishes[1]))
        held = [one.written for one in brief.wishes[1].held_back if one.written not in open_]
        for text in (*hidden, *held):
            if not scripted._reading.read(f"I think of {text} all day"):
                continue  # a word like any other
            words = read_words(told(brief, why=f"I think of {text} all day"), brief)
            codes = {found.code for found in scripted.find_objections(words)}
            assert "value_added" in codes, text
            looked += 1
    assert looked > 2 * N


def test_no_tool_is_named() -> None:
    one = writing_one()
    name = next(tool.wire_name for tool in one.tools if "_" in tool.wire_name)
    words = read_words(told(one.task.brief, why=f"{name} is there for it"), one.task.brief)
    scripted = Scripted(one.task, one.tools, own_studio().world)
    assert "tool_named" in [found.code for found in scripted.find_objections(words)]


def test_a_reason_that_the_policy_asks_for_is_not_dropped() -> None:
    world, one = own_studio().world, writing_one()
    name = next(one.tool for turn in one.task.turns for one in turn.calls
                if not one.barred and world.models[one.tool].writes)  # fmt: skip
    domain = world.models[name].tool.domain
    told = f"Obtain the reason for the {name.partition('_')[0]} first."
    service = world.domains[domain].model_copy(update={"policy": told, "policy_stands": True})
    words = one.task.brief.model_copy(update={"wishes": tuple(
        wish.model_copy(update={"why": ""}) for wish in one.task.brief.wishes)})  # fmt: skip
    for domains, lost in ((world.domains, False), ({**world.domains, domain: service}, True)):
        scripted = Scripted(one.task, one.tools, replace(world, domains=domains))
        codes = [found.code for found in scripted.find_objections(words)]
        assert ("reason_dropped" in codes) is lost


def test_whoever_tries_words_out_waits_for_tools_aside() -> None:
    """Calls that wait for a model are made in the one thread in which tasks are drawn."""
    one, own, places = writing_one(), own_studio(), list[str]()

    @dataclass(frozen=True)
    class Played(InferredBackend):
        aside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "aside"))

    class Noting:
        def __init__(self, task: Task) -> None:
            self._inner = own.environment(task)

        def __getattr__(self, name: str) -> object:
            if name == "call":
                places.append(threading.current_thread().name)
            return getattr(self._inner, name)

    backend = Played(own.world)
    _, written = Brain(one).tell(backend=backend, environment=Noting)  # type: ignore[arg-type]
    backend.aside.shutdown()
    assert written.outcome == "written"
    assert places
    assert all(place.startswith("aside") for place in places)


@pytest.mark.parametrize(
    "answer",
    ["", "Well, they want it.", "[]", '{"situation": "", "wishes": []}',
     '{"situation": "", "wishes": [{"ask": 3, "why": ""}]}', '{"wishes": "none"}',
     '{"situation": "", "situation": "", "wishes": []}'],
)  # fmt: skip
@pytest.mark.parametrize("drops", [False, True])
def test_an_answer_that_cannot_be_read_is_asked_for_again_and_then_given_up(
    answer: str, drops: bool
) -> None:
    brain = Brain(writing_one(), lambda *_: answer)
    task, written = brain.tell(drops=drops)
    assert task == writing_one().task
    assert written.outcome == ("dropped" if drops else "scripted")
    assert written.refused == ("no_words",) * ROUNDS
    assert len(brain.asked) == ROUNDS


@pytest.mark.parametrize(
    ("of", "review", "code"),
    [
        (writing_one, calls_nothing, "state_missed"),
        (writing_one, tells_nothing, "result_missed"),
        (reading_one, calls_nothing, "result_missed"),
    ],
)
def test_words_that_lead_a_reviewer_elsewhere_are_not_taken(
    of: Callable[[], Trajectory], review: Bend, code: str
) -> None:
    brain = Brain(of(), review=review)
    task, written = brain.tell()
    assert task == of().task
    assert written.outcome == "scripted"
    assert all(one.reviewed for one in written.rounds)
    assert all(code in {other.code for other in one.objections} for one in written.rounds)
    assert all(one.code in WRITING for each in written.rounds for one in each.objections)


def test_a_write_that_nobody_wants_ends_the_review() -> None:
    one = writing_one()
    wrong = {"nonsense": 1}

    def review(asked: JsonObject, answer: JsonObject) -> JsonObject:
        for call in answer["choices"][0]["message"].get("tool_calls") or ():
            tool = next(t for t in one.tools if t.wire_name == call["function"]["name"])
            if tool.effect == "write":
                call["function"]["arguments"] = json.dumps(wrong)
        return answer

    _, written = Brain(one, review=review).tell()
    assert written.outcome == "scripted"
    assert {*written.refused} <= {"state_missed", "review_ended"}


def test_what_was_wrong_goes_back_to_the_writer_behind_all_that_was_said() -> None:
    one = writing_one()

    def write(brief: Brief, round_: int) -> str:
        return told(brief, why="I have 17 euros left") if round_ == 1 else write_words(brief)

    brain = Brain(one, write)
    _, written = brain.tell()
    assert (written.outcome, written.refused) == ("written", ("value_added",))
    first, second = [request for request in brain.asked if request.role == "writer"]
    assert second.messages[: len(first.messages)] == first.messages
    assert "must not tell 17" in second.messages[-1]["content"]


def test_a_reviewer_may_tell_a_default_that_the_gold_call_leaves_out() -> None:
    def differs(made: Trajectory) -> bool:
        tools = {tool.wire_name: tool for tool in made.tools}
        return any(tools[one.tool].effect == "write" and not one.composed and not one.skipped
                   and tools[one.tool].fill(one.arguments) != one.arguments
                   for one in made.task.calls)  # fmt: skip

    one = next(made for made in (take(index).trajectory for index in range(40)) if differs(made))
    tools = {tool.wire_name: tool for tool in one.tools}

    def review(asked: JsonObject, answer: JsonObject) -> JsonObject:
        del asked
        for call in answer["choices"][0]["message"].get("tool_calls") or ():
            function = call["function"]
            full = tools[function["name"]].fill(json.loads(function["arguments"]))
            function["arguments"] = json.dumps(full)
        return answer

    _, written = Brain(one, review=review).tell()
    assert written.outcome == "written", written


def test_the_reviewer_gets_wishes_and_tools_and_not_the_calls() -> None:
    one = writing_one()
    brain = Brain(one)
    brain.tell()
    first = next(request for request in brain.asked if request.role == "reviewer")
    assert [tool["function"]["name"] for tool in first.tools] == [t.wire_name for t in one.tools]
    sent = json.dumps(first.messages)
    assert one.task.brief.wishes[0].ask in sent
    assert one.task.brief.wishes[1].ask not in sent
    results = [json.loads(call.result) for call in one.task.calls]
    ids = [str(must.value) for must in one.task.acceptance.must_say]
    assert results
    assert not any(f'"{text}"' in sent for text in ids)
    assert not any(call.tool in sent for call in one.task.calls)


def test_a_reader_reads_each_wish_once_with_all_that_is_known_of_it() -> None:
    one = writing_one()
    reader = Reader(one.task)
    heard = asyncio.run(reader.speak(()))
    assert heard is not None
    assert heard.turn == 0
    assert one.task.brief.who in heard.text
    users = tuple(m for m in one.messages if m.role == "user")[: len(one.task.turns)]
    assert asyncio.run(reader.speak(users)) is None


@pytest.mark.parametrize("role", ["writer", "reviewer"])
def test_what_is_not_served_leaves_the_words_as_they_are(role: str) -> None:
    class Refusing(Brain):
        async def complete(self, request: ChatRequest) -> ChatReply:
            if request.role == role:
                raise RefusedRequestError("context_exceeded", "too long")
            return await super().complete(request)

    task, written = Refusing(writing_one()).tell()
    assert task == writing_one().task
    assert (written.outcome, written.refused) == ("scripted", ("not_served",))


def test_an_endpoint_that_fails_ends_the_run() -> None:
    class Dead(Brain):
        async def complete(self, request: ChatRequest) -> ChatReply:
            raise ProviderError("dead")

    with pytest.raises(ProviderError):
        Dead(writing_one()).tell()


def build(scripted: Path, out: Path, bend: Bend, n: int = 2, **changes: object) -> Report:
    brain = load_recorded(scripted)
    return build_by(lambda asked: bend(asked, brain(asked)), out, write_tasks=True, n=n, **changes)


def is_writer(asked: JsonObject) -> bool:
    return "You write the part of a person" in asked["messages"][0]["content"]


def test_a_build_writes_its_tasks_before_they_are_played(scripted: Path, tmp_path: Path) -> None:
    def bend(asked: JsonObject, answer: JsonObject) -> JsonObject:
        if is_writer(asked) and len(asked["messages"]) == 2:
            return completion({"content": "Let me think."}, asked)
        return answer

    report = build(scripted, tmp_path, bend)
    assert report.accepted == 2
    assert report.tasks["written"] == report.candidates
    assert report.tasks["again"] == report.tasks["no_words"] == report.candidates
    assert tell_tasks(report.tasks).startswith(f"tasks: {report.candidates} written, 0 kept")
    records = records_of(data_of(tmp_path)[0], tmp_path)
    for one in records:
        assert one.roles.writer == one.roles.reviewer == "tiny"
        assert one.writing is not None
        assert (one.writing.outcome, one.writing.refused) == ("written", ("no_words",))
    stages = {(row.stage, row.role) for row in add_up(tmp_path).rows}
    assert {("writing", "writer"), ("writing", "reviewer"), ("dialogue", "user")} <= stages
    shown = toolweave("show", tmp_path, records[0].id).out
    assert "the task's words: written, in 2 rounds" in shown
    before = len([*read_requests(tmp_path)])
    again = build(scripted, tmp_path, bend)
    assert again.new == 0
    assert len([*read_requests(tmp_path)]) == before


@pytest.mark.parametrize("unwritten", ["keep", "drop"])
def test_a_writer_that_misbehaves_costs_its_tasks_or_leaves_them_as_they_were(
    scripted: Path, tmp_path: Path, unwritten: str
) -> None:
    def bend(asked: JsonObject, answer: JsonObject) -> JsonObject:
        return completion({"content": "I cannot."}, asked) if is_writer(asked) else answer

    report = build(scripted, tmp_path, bend, unwritten=unwritten, max_candidates=3)
    outcome = "dropped" if unwritten == "drop" else "scripted"
    assert report.tasks[outcome] == report.candidates
    assert bool(report.accepted) == (unwritten == "keep")
    if unwritten == "drop":
        assert report.reasons == {"task_not_written": 3}
        assert "task" in tell_blame(report.reasons)


def test_a_reviewer_that_is_refused_leaves_the_tasks_as_they_were(
    scripted: Path, tmp_path: Path
) -> None:
    def bend(asked: JsonObject, answer: JsonObject) -> JsonObject:
        reviews = "You try out whether" in asked["messages"][0]["content"]
        return failure(400, "the context is too long") if reviews else answer  # type: ignore[return-value]

    report = build(scripted, tmp_path, bend, max_candidates=2)
    assert (report.accepted, report.tasks["not_served"]) == (2, 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"write_tasks": True}, "write_tasks needs a model"),
        ({"write_tasks": True, "rewrite": True, "model": "m"}, "write_tasks and rewrite exclude"),
        ({"write_tasks": True, "mcp": ["m"], "mcp_calls": True, "model": "m"}, "cannot take back"),
    ],
)
def test_where_tasks_cannot_be_written_is_told(changes: JsonObject, said: str) -> None:
    with pytest.raises((InputError, ValueError), match=said):
        Settings.model_validate(changes)
