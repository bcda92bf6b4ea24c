"""What adapters are made of, without those they are for."""

import asyncio
import inspect
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import SimpleNamespace
from typing import Literal

import pytest

from pipeline.adapters.episodes import (
    EpisodeError,
    Episodes,
    LocalEpisodes,
    RefusedError,
    ServedEpisodes,
    Told,
    earned,
    list_tasks,
    make_move,
)
from pipeline.adapters.methods import name_parameter
from pipeline.adapters.nemo_gym_rows import AGENT, make_rows, read_move, tell_observation
from pipeline.adapters.tau2_domain import write_task
from pipeline.adapters.tau2_episodes import Domain, Tau2Episodes
from pipeline.adapters.trl_environment import (
    TALK,
    Environment,
    episode_reward,
    graded_episode_reward,
    make_environment,
    make_tasks,
    name_method,
)
from pipeline.serving.episode import Proven, list_proven_moves
from pipeline.serving.sessions import Sessions
from tests.commands import ROOT
from tests.studio import own_studio, take
from tests.test_serving import serving
from validators.reward import is_earned


@cache
def proven() -> tuple[Proven, ...]:
    played = [take(index).trajectory for index in range(4)]
    return tuple(Proven(one, own_studio().environment) for one in played if is_earned(one))


class Folder:
    """Tasks as a folder has them: a seed is a place, counted round."""

    async def by_seed(self, seed: int) -> Proven:
        return proven()[seed % len(proven())]

    async def by_name(self, name: str) -> Proven:
        return next(one for one in proven() if one.trajectory.id.startswith(name))


@pytest.fixture(scope="module", params=["served", "local"])
def episodes(request: pytest.FixtureRequest) -> Iterator[Episodes]:
    if request.param == "local":
        yield LocalEpisodes(Folder())
        return
    with serving(Sessions(most=40, idle=600), Folder()) as port:
        yield ServedEpisodes(f"http://127.0.0.1:{port}/")


def play(episodes: Episodes, which: Told, one: Proven) -> Told:
    seen = episodes.begin(which)
    session = seen["session"]
    for move in list_proven_moves(one.trajectory):
        assert not seen["done"]
        seen = episodes.step(session, move)
    return seen


def test_the_proven_conversation_earns_all_wherever_it_is_played(episodes: Episodes) -> None:
    for seed, one in enumerate(proven()):
        for which in ({"seed": seed}, {"task": one.trajectory.id}):
            seen = play(episodes, which, one)
            assert seen["done"]
            assert (earned(seen), earned(seen, "graded")) == (1.0, 1.0)


def test_each_task_is_listed_once_however_many_are_wanted(episodes: Episodes) -> None:
    known = [one.trajectory.id for one in proven()]
    for wanted in (1, len(known), 1000):
        listed = [*list_tasks(episodes, wanted)]
        assert [one["task"] for one in listed] == known[:wanted]
        assert all([said["role"] for said in one["messages"]][:2] == ["system", "user"]
                   for one in listed)  # fmt: skip


def test_of_a_single_task_the_list_has_an_end() -> None:
    class Single:
        async def by_seed(self, seed: int) -> Proven:
            return proven()[0]

        async def by_name(self, name: str) -> Proven:
            return proven()[0]

    listed = [*list_tasks(LocalEpisodes(Single()), 5)]
    assert [one["which"] for one in listed] == [{"seed": 0}]


def test_what_is_not_there_is_one_line(episodes: Episodes) -> None:
    with pytest.raises(EpisodeError, match="no such session"):
        episodes.step("nobody", {"content": "Hello."})
    with pytest.raises(EpisodeError, match="no such session"):
        episodes.drop("nobody")
    begun = episodes.begin({"seed": 0})
    with pytest.raises(EpisodeError, match="no text"):
        episodes.step(begun["session"], {"content": 7})
    episodes.drop(begun["session"])
    with pytest.raises(EpisodeError):
        episodes.step(begun["session"], {"content": "Hello."})


def test_no_server_is_one_line() -> None:
    with pytest.raises(EpisodeError, match="refused"):
        ServedEpisodes("http://127.0.0.1:9").begin({"seed": 0})


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", b"HTTP/1.1 200 OK\r\n\r\n{"]
)
def test_a_server_that_hangs_up_is_one_line(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(EpisodeError, match=r"/reset: "):
            ServedEpisodes(f"http://127.0.0.1:{server.getsockname()[1]}").begin({"seed": 0})
        thread.join()


def test_many_threads_play_at_once(episodes: Episodes) -> None:
    fresh = LocalEpisodes(Folder()) if isinstance(episodes, LocalEpisodes) else episodes
    all_there = threading.Barrier(8)

    def play_one(number: int) -> float:
        all_there.wait()
        seed = number % len(proven())
        return earned(play(fresh, {"seed": seed}, proven()[seed]))

    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(play_one, range(8))] == [1.0] * 8


def test_episodes_begin_where_an_event_loop_runs(episodes: Episodes) -> None:
    async def notebook() -> Told:
        return episodes.begin({"seed": 0})

    episodes.drop(asyncio.run(notebook())["session"])


def test_a_move_that_is_none_ends_its_episode_unrewarded(episodes: Episodes) -> None:
    session = episodes.begin({"seed": 0})["session"]
    seen = make_move(episodes, session, {"content": "x" * 20_001})
    assert (seen["done"], seen["messages"], seen["ended"]) == (True, [], "unreadable_reply")
    assert "longer than" in seen["why"]
    assert earned(seen) == earned(seen, "graded") == 0.0
    with pytest.raises(EpisodeError, match="no such session"):
        episodes.step(session, {"content": "Hello."})


def test_an_episode_that_broke_off_earns_nothing(episodes: Episodes) -> None:
    seen = episodes.begin({"seed": 0})
    assert earned(seen) == 0.0
    seen = episodes.step(seen["session"], {"tool_calls": [{"name": "no_such", "arguments": {}}]})
    assert seen["done"]
    assert earned(seen) == 0.0


def test_a_trainer_needs_nothing_of_ours_but_the_adapters() -> None:
    """They run in its own environment, where nothing of what we depend on is installed."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import pipeline.adapters.trl_environment,"
        " pipeline.adapters.nemo_gym_rows;"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in"
        " ('pipeline', 'schemas', 'generators', 'validators', 'data', 'pydantic')))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(ROOT)],
        capture_output=True, text=True, check=True, timeout=240,
    )  # fmt: skip
    known = ("", ".adapters", ".adapters.episodes", ".adapters.methods", ".adapters.nemo_gym_rows",
             ".adapters.trl_environment")  # fmt: skip
    assert ran.stdout.strip() == str([f"pipeline{one}" for one in known])


def move(environment: Environment, made: Told) -> None:
    """A move as TRL makes it: a method for each call, or what is said as one."""
    for call in made.get("tool_calls") or ():
        name, arguments = call["function"]["name"], json.loads(call["function"]["arguments"])
        method = getattr(environment, name_method(name))
        method(**{name_parameter(one): value for one, value in arguments.items()})
    if not made.get("tool_calls"):
        getattr(environment, TALK)(made["content"])


def test_trl_methods_reach_what_is_proven_and_last_words_count() -> None:
    local = LocalEpisodes(Folder())
    tasks = make_tasks(local, list_tasks(local, 10))
    assert len(tasks.rows) == len(proven())
    for row, one in zip(tasks.rows, proven(), strict=True):
        environment = tasks.factories[row["environment"]]()
        assert row["prompt"][-1]["role"] == "user"
        for _ in range(2):  # an environment is used again
            environment.reset(**row)
            *moves, last = list_proven_moves(one.trajectory)
            for made in moves:
                move(environment, made)
            said = [{"role": "assistant", "content": "earlier"}, last]
            if last.get("tool_calls"):
                move(environment, last)
            assert episode_reward([said], [environment]) == [1.0]
            assert graded_episode_reward([said], [environment]) == [1.0]


def test_trl_episodes_that_are_left_or_over_earn_nothing_more() -> None:
    local = LocalEpisodes(Folder())
    row = make_tasks(local, list_tasks(local, 1)).rows[0]
    environment = make_tasks(local, list_tasks(local, 1)).factories[row["environment"]]()
    environment.reset(**row)
    assert episode_reward([[{"role": "tool", "content": "…"}]], [environment]) == [0.0]
    assert episode_reward([[]], [environment]) == [0.0]
    environment.reset(**row)  # the one before is dropped, not left open
    assert len(local._play.sessions) == 1


def test_trl_last_words_without_end_earn_nothing() -> None:
    local = LocalEpisodes(Folder())
    tasks = make_tasks(local, list_tasks(local, 1))
    environment = tasks.factories[tasks.rows[0]["environment"]]()
    environment.reset(**tasks.rows[0])
    said = [{"role": "assistant", "content": "and " * 20_000}]
    assert episode_reward([said], [environment]) == [0.0]
    assert len(local._play.sessions) == 0


def test_trl_methods_tell_names_and_types_that_python_has() -> None:
    schema = {
        "type": "object",
        "properties": {
            "from": {"type": "string", "description": "Where\n  Args: it begins (choices: a, b)"},
            "X-Id": {"type": "integer"},
            "X_Id": {"type": "string"},
            "state": {"type": "string", "enum": ["open", "shut"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "note": {"type": ["string", "null"]},
            "place": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
        "required": ["X-Id", "state"],
    }
    heard: list[Told] = []

    class Heard:
        def begin(self, which: Told) -> Told:
            return {"session": "one", "done": False}

        def step(self, session: str, message: Told) -> Told:
            heard.append(message)
            return {"messages": [{"content": "yes"}], "done": False}

        def drop(self, session: str) -> None:
            raise AssertionError

    functions = [{"name": "reset", "description": "", "parameters": schema}, {"name": TALK}]
    made = make_environment("it", Heard(), [{"function": one} for one in functions])()
    made.reset(seed=1)
    method = made.tool_reset  # type: ignore[attr-defined]
    assert method(from_="Rome", X_Id=7, X_Id_="7", state="open") == "yes"
    call = heard[0]["tool_calls"][0]["function"]
    assert call == {"name": "reset", "arguments": {
        "from": "Rome", "X-Id": 7, "X_Id": "7", "state": "open",
    }}  # fmt: skip
    parameters = inspect.signature(method).parameters
    assert [*parameters] == ["X_Id", "state", "from_", "X_Id_", "tags", "note", "place"]
    assert [one.annotation for one in parameters.values()] == [
        int, Literal["open", "shut"], str, str, list[str], str | None, dict,
    ]  # fmt: skip
    told = inspect.getdoc(method) or ""
    assert told.count("Args:") == 1
    assert "(choices:" not in told
    assert '"city"' in told
    assert made.talk_to_user_("Hello.") == "yes"  # type: ignore[attr-defined]
    assert heard[1] == {"content": "Hello."}


def write_items(message: Told) -> list[Told]:
    """A move as the items of a response."""
    text = [{"type": "output_text", "text": message["content"]}] if message["content"] else []
    items: list[Told] = [{"type": "message", "role": "assistant", "content": text}] if text else []
    for call in message.get("tool_calls") or ():
        items.append({"type": "function_call", "call_id": call["id"], **call["function"]})
    return items


def test_items_of_a_response_are_a_move_and_results_go_to_their_calls() -> None:
    local = LocalEpisodes(Folder())
    rows = [*make_rows(list_tasks(local, 10))]
    assert [one["task"] for one in rows] == [one.trajectory.id for one in proven()]
    for row, one in zip(rows, proven(), strict=True):
        assert row["agent_ref"]["name"] == AGENT
        asked = row["responses_create_params"]
        assert [said["role"] for said in asked["input"]][:2] == ["system", "user"]
        assert all(tool["strict"] is False and tool["name"] for tool in asked["tools"])
        seen = local.begin(row["which"])
        session, heard = seen["session"], 0
        for made in list_proven_moves(one.trajectory):
            seen = local.step(session, read_move(write_items(made)))
            said, results = tell_observation(seen)
            assert [one["call_id"] for one in results] == [
                call["id"] for call in made.get("tool_calls") or ()
            ]
            heard += said is not None
        assert earned(seen) == 1.0
        assert heard


def test_a_response_keeps_its_reasoning_and_refusals() -> None:
    items = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "I think."}]},
        {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]},
    ]
    wanted = {"role": "assistant", "content": "I cannot.", "reasoning_content": "I think."}
    assert read_move(items) == wanted
    assert read_move([]) == {"role": "assistant", "content": None}


@pytest.mark.parametrize("arguments", ["{", "[]", "[" * 100_000])
def test_calls_of_tau2_that_cannot_be_read_are_refused(arguments: str) -> None:
    world = SimpleNamespace(
        set_state=lambda **_: None, get_tools=list, get_policy=lambda: "Be kind.",
        get_db_hash=lambda: "",
    )  # fmt: skip
    task = SimpleNamespace(
        id=1, initial_state=None, evaluation_criteria=SimpleNamespace(actions=[]),
        user_scenario=SimpleNamespace(instructions="Help."),
    )  # fmt: skip
    episodes = Tau2Episodes(Domain("it", lambda: world, lambda: [task]))
    session = episodes.begin({"seed": 0})["session"]
    call = {"name": "look", "arguments": arguments}
    with pytest.raises(RefusedError, match="look: "):
        episodes.step(session, {"tool_calls": [{"function": call}]})
    assert make_move(episodes, session, {"tool_calls": [call]})["done"]


def test_tasks_for_tau2_look_for_what_is_said_as_it_stands() -> None:
    for one in proven():
        task = write_task(one.trajectory)
        criteria = task["evaluation_criteria"]
        made = [(call.tool, call.arguments) for call in one.trajectory.task.calls
                if not call.skipped]  # fmt: skip
        assert [(one["name"], one["arguments"]) for one in criteria["actions"]] == made
        assert task["initial_state"]["initialization_data"]["agent_data"] == {"task": task["id"]}
        assert criteria["reward_basis"] == ["DB", "COMMUNICATE"]
        said = " ".join(
            str(move["content"]).lower().replace(",", "")
            for move in list_proven_moves(one.trajectory)
        )
        assert all(text.lower() in said for text in criteria["communicate_info"])
        wanted = len(one.trajectory.task.acceptance.must_say)
        told = [text for text in criteria["nl_assertions"] if "tells the user" in text]
        assert len(criteria["communicate_info"]) + len(told) == wanted
