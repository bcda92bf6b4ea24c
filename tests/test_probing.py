"""A target model in the loop: pass rates of tasks and decisions, and where it goes wrong first."""

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.chat.loopback import Answer, Loopback, Response, completion, failure, load_recorded
from pipeline.config import Settings
from pipeline.dataset import Dataset
from pipeline.probing.decisions import WRONG, Decision, judge_move, list_decisions
from pipeline.probing.probe import Job, Prober, list_jobs, read_proven
from pipeline.probing.probes_file import (
    PROBES,
    find_in_window,
    find_moves_in_window,
    read_attempts,
)
from pipeline.serving.episode import Proven, list_proven_moves
from schemas.attempt import Attempt
from schemas.errors import BudgetError, InputError
from schemas.message import AssistantMessage
from schemas.reasons import BY_CODE
from schemas.record import JsonObject
from tests.commands import OWN, Ran, toolweave
from tests.endpoints import find_port
from tests.studio import own_studio, take
from validators.reward import is_earned
from validators.transcript import exchanges

Change = Callable[[JsonObject, JsonObject], JsonObject | Response]
"""A request and the answer of the proven conversation → what is answered."""
SPOILT = "spoilt"
CATALOG = Path(__file__).parents[1] / "data" / "catalogs" / "library.json"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "o"
    options = ("--tools", CATALOG, "-n", 5, "--seed", 3, "--out", folder, "--quiet")
    assert toolweave("build", *options, stages=OWN).code == 0
    return folder


@pytest.fixture(scope="module")
def recorded(built: Path) -> Answer:
    return load_recorded(built)


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "o"))


def probe(folder: Path, answer: Answer, *options: object) -> tuple[Ran, int]:
    """Probe a folder, at one endpoint always; also, how many requests it took."""
    with Loopback(answer, port=find_port()) as endpoint:
        told = ("--model", "target", "--base-url", endpoint.base_url, *options)
        ran = toolweave("probe", folder, *told, stages=OWN)
        return ran, endpoint.requests


def changing(answer: Answer, change: Change) -> Answer:
    def answered(request: JsonObject) -> JsonObject | Response:
        made = answer(request)
        assert isinstance(made, dict)
        return change(request, made)

    return answered


def spoil_calls(request: JsonObject, made: JsonObject) -> JsonObject:
    """The first text among the arguments of each call is another one."""
    del request
    message = made["choices"][0]["message"]
    for call in message.get("tool_calls", ()):
        arguments = json.loads(call["function"]["arguments"])
        for name, value in arguments.items():
            if isinstance(value, str):
                arguments[name] = SPOILT
                break
        call["function"]["arguments"] = json.dumps(arguments)
    return made


def say_done(request: JsonObject) -> JsonObject:
    return completion({"content": "That is done."}, request)


def test_what_plays_the_proven_conversation_passes_and_nothing_is_asked_twice(
    folder: Path, recorded: Answer
) -> None:
    tasks = [one for one in Dataset.open(folder) if is_earned(one)][:3]
    moves = sum(isinstance(m, AssistantMessage) for one in tasks for m in one.messages)
    with Loopback(recorded) as endpoint:
        command = ("probe", folder, "--model", "target", "--base-url", endpoint.base_url,
                   "-k", 1, "-n", len(tasks), "--decisions")  # fmt: skip
        ran = toolweave(*command, "--json", stages=OWN)
        assert ran.code == 0, ran.err
        told = json.loads(ran.out)
        assert told["attempts"] == {"hits": len(tasks), "of": len(tasks)}
        assert told["decisions"] == {"hits": moves, "of": moves}
        assert (told["always"], told["sometimes"], told["never"]) == (len(tasks), 0, 0)
        assert told["clusters"] == []
        assert endpoint.requests == 2 * moves
        found = [*Dataset.open(folder).attempts("target")]
        assert {one.trajectory for one in found} == {one.id for one in tasks}
        assert [one.key for one in found] == sorted(one.key for one in found)
        before = (folder / PROBES).read_bytes()
        # As if it had been killed: what was answered stands in the journal.
        for kept in (before, before[: len(before) // 2]):
            (folder / PROBES).write_bytes(kept)
            ran = toolweave(*command, "--concurrency", 3, stages=OWN)
            assert (ran.code, endpoint.requests) == (0, 2 * moves)
            assert (folder / PROBES).read_bytes() == before


def test_more_attempts_are_added_to_those_that_are_there(folder: Path, recorded: Answer) -> None:
    probe(folder, recorded, "-k", 1, "-n", 2)
    before = read_attempts(folder)
    assert len(before) == 2
    probe(folder, recorded, "-k", 2, "-n", 3)
    assert {one.key for one in before} < {one.key for one in read_attempts(folder)}
    assert len(read_attempts(folder)) == 6


def test_failures_are_clustered_by_their_first_wrong_step(folder: Path) -> None:
    ran, _ = probe(folder, say_done, "-k", 1, "--json")
    told = json.loads(ran.out)
    assert told["attempts"]["hits"] == 0
    assert told["never"] == told["attempts"]["of"]
    assert sum(one["count"] for one in told["clusters"]) == told["attempts"]["of"]
    for one in read_attempts(folder):
        assert one.wrong is not None
        assert (one.calls, bool(one.wrong.code)) == (0, True)
    first = {one.id: one.task.calls for one in Dataset.open(folder)}
    missed = [one for one in read_attempts(folder)
              if one.wrong and one.wrong.code == "missed_required_action"]  # fmt: skip
    assert missed
    assert all(one["operators"] and one["outcomes"] for one in told["clusters"])
    for one in missed:
        assert one.wrong
        assert one.wrong.tool in {call.tool for call in first[one.trajectory]}


def test_of_a_decision_the_tool_and_the_arguments_must_be_right(
    folder: Path, recorded: Answer
) -> None:
    ran, _ = probe(folder, changing(recorded, spoil_calls), "-k", 1, "-n", 4, "--decisions")
    assert ran.code == 0, ran.err
    moves = [one for one in read_attempts(folder) if one.decision is not None]
    messages = {one.id: one.messages for one in Dataset.open(folder)}
    wrong = 0
    for one in moves:
        assert one.decision is not None
        gold = messages[one.trajectory][one.decision]
        assert isinstance(gold, AssistantMessage)
        spoilt = any(isinstance(v, str) for call in gold.calls for v in call.arguments.values())
        assert one.passed is not spoilt
        if spoilt:
            assert one.wrong is not None
            assert (one.wrong.tool, one.wrong.message) == (gold.calls[0].name, one.decision)
            assert one.wrong.code in {*WRONG, *BY_CODE}
            wrong += one.wrong.code == "other_arguments"
    assert wrong > 2
    assert "other_arguments (move)" in ran.out


def test_a_window_of_pass_rates_is_exported(folder: Path, recorded: Answer) -> None:
    hard = {one.messages[1].text for one in [*Dataset.open(folder)][::2]}

    def waver(request: JsonObject) -> JsonObject | Response:
        """Play every other task well."""
        said = request["messages"][1]["content"]
        return say_done(request) if said in hard else recorded(request)

    ran, _ = probe(folder, waver, "-k", 1, "--json")
    told = json.loads(ran.out)
    assert told["always"] > 0 < told["never"]
    well, badly = find_in_window(folder, "0.9..1"), find_in_window(folder, "target:0..0.1")
    assert (len(well), len(badly)) == (told["always"], told["never"])
    out = folder / "window.jsonl"
    asked = ("--to", "openai", "--pass-rate", "0..0.1", "--out", out, "--quiet")
    assert toolweave("export", folder, *asked, stages=OWN).code == 0
    assert len(out.read_text().splitlines()) == len(badly)
    for bad in ("0.9", "0.9..0.1", "nobody:0..1", "0..2"):
        with pytest.raises(InputError):
            find_in_window(folder, bad)


def test_two_endpoints_may_have_models_of_one_name(folder: Path, recorded: Answer) -> None:
    places = []
    for answer, hits in ((recorded, 2), (say_done, 0)):
        with Loopback(answer) as endpoint:
            told = ("--model", "target", "--base-url", endpoint.base_url, "-k", 1, "-n", 2)
            ran = toolweave("probe", folder, *told, "--json", stages=OWN)
            assert ran.code == 0, ran.err
            assert json.loads(ran.out)["attempts"] == {"hits": hits, "of": 2}
            assert endpoint.requests > 0
            places.append(endpoint.base_url)
    for model in ("", "target:"):
        with pytest.raises(InputError, match="name one of target@http"):
            find_in_window(folder, f"{model}0..1")
    good, bad = (f"target@{place}" for place in places)
    assert len(find_in_window(folder, f"{good}:0.9..1")) == 2
    assert len(find_in_window(folder, f"{bad}:0..0.1")) == 2
    assert not find_in_window(folder, f"{bad}:0.9..1")
    assert len([*Dataset(folder).attempts(good)]) == 2
    assert len([*Dataset(folder).attempts("target")]) == 4


def test_rows_learn_from_moves_in_the_window_alone(folder: Path, recorded: Answer) -> None:
    ran, _ = probe(folder, changing(recorded, spoil_calls), "-k", 1, "-n", 3, "--decisions")
    assert ran.code == 0, ran.err
    failed = find_moves_in_window(folder, "0..0.5")
    assert failed
    made = {one.index: {*failed.get(one.index, ())} for one in read_attempts(folder)}
    assert {one.index for one in read_attempts(folder) if one.passed is False} >= {*failed}
    out = folder / "moves.jsonl"
    asked = ("--to", "trl-completion", "--move-rate", "0..0.5", "--out", out, "--quiet")
    assert toolweave("export", folder, *asked, stages=OWN).code == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == sum(map(len, made.values()))
    assert all(row["completion"][0]["tool_calls"] for row in rows)


def test_what_is_not_served_counts_for_nobody(folder: Path) -> None:
    def refuse(request: JsonObject) -> Response:
        del request
        return failure(400, "maximum context length", code="context_length_exceeded")

    ran, _ = probe(folder, refuse, "-k", 1, "-n", 3, "--json")
    told = json.loads(ran.out)
    assert (told["not_served"], told["attempts"]["of"]) == (3, 0)
    assert {one.ended for one in read_attempts(folder)} == {"context_exceeded"}


def test_a_spent_budget_ends_it_and_it_goes_on(folder: Path, recorded: Answer) -> None:
    ran, _ = probe(folder, recorded, "-k", 1, "--budget-tokens", 100_000, "--concurrency", 1)
    assert ran.code == 3
    assert "the budget was spent" in ran.last
    some = len(read_attempts(folder))
    ran, _ = probe(folder, recorded, "-k", 1)
    assert ran.code == 0
    assert some < len(read_attempts(folder))


def test_what_ends_behind_a_spent_budget_is_kept(folder: Path) -> None:
    class Spent(Prober):
        async def attempt(self, job: Job) -> Attempt:
            await asyncio.sleep(0.05 * job.number)
            if not job.number:
                raise BudgetError("the budget was spent")
            return self._sketch(job).model_copy(update={"passed": True})

    async def attempt_all() -> str:
        told = {"model": "target", "base_url": "http://127.0.0.1:9/v1", "out": folder}
        prober = Spent(folder, Settings(**told, concurrency=2), lambda _: None)
        jobs = list_jobs([next(read_proven(folder))], 3, decisions=False)
        await prober.attempt_all(jobs, lambda _: None)
        return prober.stopped

    assert asyncio.run(attempt_all()) == "the budget was spent"
    assert [one.number for one in read_attempts(folder)] == [1]


def test_without_attempts_it_says_how_to_make_some(folder: Path) -> None:
    ran = toolweave("probe", folder, stages=OWN)
    assert ran.code == 2
    assert "`toolweave probe` makes attempts" in ran.last


def judged(decision: Decision, move: JsonObject) -> str:
    episode = decision.begin()
    assert episode is not None
    seen = episode.step(move)
    made = [one for one in exchanges(episode.trajectory.messages)
            if one.message >= decision.message]  # fmt: skip
    return judge_move(decision, episode, seen, made)


def decisions() -> Sequence[tuple[Decision, JsonObject]]:
    """Decisions of proven conversations, with the proven move of each."""
    found = []
    for index in range(12):
        played = take(index).trajectory
        if is_earned(played):
            proven = Proven(played, own_studio().environment)
            moves = list_proven_moves(played)
            found += [*zip(list_decisions(proven), moves, strict=True)]
    return found


def test_words_in_place_of_a_call_are_wrong_and_so_is_a_call_in_place_of_words() -> None:
    calling = [one for one in decisions() if one[0].gold.calls]
    assert {judged(one, {"content": "One moment."}) for one, _ in calling[:6]} == {"said_for_call"}
    strange = 0
    for one, _ in decisions():
        if one.gold.calls:
            continue
        tools = one.proven.trajectory.tools
        free = [tool for tool in tools if not tool.parameters.get("required")
                and tool.wire_name not in {call.tool for call in one.proven.trajectory.task.calls}
                and tool.effect == "read"]  # fmt: skip
        if free:
            call = {"function": {"name": free[0].wire_name, "arguments": "{}"}}
            assert judged(one, {"tool_calls": [call]}) == "called_for_words"
            strange += 1
    assert strange


def test_another_look_up_is_as_good_where_it_shows_what_is_needed() -> None:
    found = set()
    for decision, move in decisions():
        calls = decision.gold.calls
        tools = {one.wire_name: one for one in decision.proven.trajectory.tools}
        if len(calls) != 1 or tools[calls[0].name].effect != "read":
            continue
        needed = tools[calls[0].name].parameters.get("required", ())
        for name in calls[0].arguments.keys() - {*needed}:
            wider = {key: value for key, value in calls[0].arguments.items() if key != name}
            call = {"function": {"name": calls[0].name, "arguments": json.dumps(wider)}}
            found.add(judged(decision, {**move, "tool_calls": [call]}))
    # What is left out may be what finds the right row, or what has to be looked up once more.
    assert {"", "other_arguments"} <= found <= {"", "other_arguments", "missed_required_action"}


def test_a_batch_may_be_made_one_by_one_and_turned_round() -> None:
    batches = [one for one in decisions() if len(one[0].gold.calls) > 1]
    assert batches
    for decision, move in batches:
        assert judged(decision, {**move, "tool_calls": move["tool_calls"][::-1]}) == ""
        assert judged(decision, {**move, "tool_calls": move["tool_calls"][:1]}) == ""


def test_attempts_that_say_nothing_are_read_as_they_were_written() -> None:
    one = Attempt(trajectory="a", index=1, number=0, seed=0, model="m", passed=None, ended="x")
    text = one.model_dump_json(exclude_defaults=True)
    assert Attempt.model_validate_json(text) == one
