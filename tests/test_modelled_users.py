"""A model that plays the user of a served episode: heard everywhere, waited for, never held against
the assistant when it fails."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from websockets.sync.client import connect

from generators.dialogue.roles import Utterance
from pipeline.adapters.episodes import (
    EpisodeError,
    LocalEpisodes,
    ServedEpisodes,
    earned,
    list_tasks,
    open_episodes,
    tell_unscored,
)
from pipeline.adapters.trl_environment import episode_reward, make_tasks
from pipeline.chat.loopback import Answer, Loopback, Recorded, Response
from pipeline.chat.misbehaviour import Unruly
from pipeline.chat.request_journal import read_requests
from pipeline.cli.cost_command import add_up
from pipeline.config import Settings, validate
from pipeline.opening import open_workshop
from pipeline.serving.desk import HOST
from pipeline.serving.episode import Episode, list_proven_moves
from pipeline.serving.play import tell
from pipeline.serving.sessions import NoSessionError, Sessions
from pipeline.serving.tally import Tally
from pipeline.serving.users import SERVED, ModelledUsers, prepare_users
from schemas.errors import BudgetError, InputError
from schemas.message import Message, UserMessage
from schemas.record import JsonObject
from tests.commands import toolweave
from tests.dialogues import Scripted, tool_calls, user_says
from tests.endpoints import html, no_choices, refuse_key, server_error
from tests.test_serving import Known, ask, begin, patient, proven, serving, step

IMPATIENT = {"timeout": 1.0, "attempts": 1, "outage": 0.0, "pause": 0.01}
"""Gives an endpoint up at its first failure."""


@cache
def recorded() -> Recorded:
    return Recorded(one.trajectory for one in proven())


class Heard:
    """Answers as another does, and keeps what is asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[JsonObject]()

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        self.asked.append(request)
        return self.answer(request)


def settings(url: str, **known: object) -> Settings:
    roles = {"user": IMPATIENT | {"price": {"input": 1.0, "output": 1.0}}}
    told = {"user_model": "tiny", "user_base_url": url, "roles": roles}
    return validate(told | known)


def users(
    url: str, folder: Path | None = None, tally: Tally | None = None, **known: object
) -> ModelledUsers:
    return prepare_users(settings(url, **known), folder, tally or Tally(), lambda _: None)(0)


class Place(NamedTuple):
    port: int
    sessions: Sessions
    endpoint: Loopback
    users: ModelledUsers


@contextmanager
def modelled(answer: Answer, folder: Path | None = None, **known: object) -> Iterator[Place]:
    """A server whose users ``answer`` plays."""
    proven()
    with Loopback(answer) as endpoint:
        tally = Tally()
        own = users(endpoint.base_url, folder, tally, **known)
        sessions = Sessions(40, 600, tally=tally, cast=own.cast)
        with serving(sessions, close=own.close) as port:
            yield Place(port, sessions, endpoint, own)


def moves(seed: int) -> list[JsonObject]:
    return list_proven_moves(proven()[seed % len(proven())].trajectory)


def until_spoken(seed: int) -> list[JsonObject]:
    """The proven moves up to the first that the user is to answer."""
    own = moves(seed)
    return own[: next(n for n, move in enumerate(own) if not move.get("tool_calls")) + 1]


def play_json(place: Place, seed: int) -> JsonObject:
    session = begin(place.port, seed)["session"]
    for move in moves(seed):
        seen = step(place.port, session, move)
    return seen


def play_socket(place: Place, seed: int) -> JsonObject:
    with connect(f"ws://{HOST}:{place.port}/ws", proxy=None) as socket:

        def say(kind: str, data: Any) -> Any:
            socket.send(json.dumps({"type": kind, "data": data}))
            return json.loads(socket.recv(timeout=60))["data"]

        say("reset", {"seed": seed})
        for move in moves(seed):
            told = say("step", move)
    seen = {"done": told["done"], "reward": told["observation"]["earned"], **told["observation"]}
    assert told["reward"] == seen["reward"]["binary"]
    return seen


def play_served(place: Place, seed: int) -> JsonObject:
    return play_through(ServedEpisodes(f"http://{HOST}:{place.port}"), seed)


def play_local(place: Place, seed: int) -> JsonObject:
    own = users(place.endpoint.base_url)
    return play_through(LocalEpisodes(Known(), own.cast), seed)


def play_through(episodes: Any, seed: int) -> JsonObject:
    session = episodes.begin({"seed": seed})["session"]
    for move in moves(seed):
        seen: JsonObject = episodes.step(session, move)
    return seen


@pytest.mark.parametrize("play", [play_json, play_socket, play_served, play_local])
def test_what_is_proven_earns_all_wherever_it_is_played(
    play: Callable[[Place, int], JsonObject],
) -> None:
    heard = Heard(recorded())
    with modelled(heard) as place:
        for seed in range(len(proven())):
            seen = play(place, seed)
            assert (seen["done"], seen["scored"], seen["ended"]) == (True, True, "")
            assert seen["reward"]["binary"] == 1, seen["reward"]["parts"]
    assert heard.asked
    assert all(one["model"] == "tiny" for one in heard.asked)


def test_the_first_words_are_the_proven_ones_and_cost_nothing() -> None:
    with modelled(recorded()) as place:
        told = begin(place.port, 1)
        assert told["messages"] == tell(Episode(proven()[1]).look())["messages"]
        assert place.endpoint.requests == 0


def test_the_user_answers_what_the_assistant_says() -> None:
    said = "In words that no script has."
    heard = Heard(Scripted(user_says(said)))
    with modelled(heard) as place:
        session = begin(place.port, 0)["session"]
        seen = step(place.port, session, {"content": "Which one, please?"})
    assert seen["messages"] == [{"role": "user", "content": said}]
    assert heard.asked[0]["messages"][-1] == {"role": "user", "content": "Which one, please?"}
    assert heard.asked[0]["response_format"]["json_schema"]["name"] == "user"
    first = proven()[0].trajectory.messages[1]
    assert isinstance(first, UserMessage)
    assert json.loads(heard.asked[0]["messages"][-2]["content"])["say"] == first.text


def test_the_same_moves_make_the_same_requests() -> None:
    def asked() -> list[JsonObject]:
        heard = Heard(recorded())
        with modelled(heard) as place:
            play_json(place, 1)
        return heard.asked

    assert asked() == asked()
    with modelled(other := Heard(recorded()), seed=7) as place:
        play_json(place, 1)
    assert [one["seed"] for one in other.asked] != [one["seed"] for one in asked()]


def says(*replies: str | JsonObject) -> Callable[[], Answer]:
    return lambda: Scripted(*replies)


def bends(kind: str) -> Callable[[], Answer]:
    return lambda: Unruly(recorded(), [kind], share=1.0)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda: refuse_key, "user_absent"),
        (lambda: server_error, "user_absent"),
        (lambda: html, "user_absent"),
        (lambda: no_choices, "user_absent"),
        (bends("hang"), "user_absent"),
        (bends("context"), "context_exceeded"),
        (bends("content_filter"), "provider_refused"),
        (bends("length"), "cut_off"),
        (bends("prose_around_json"), "unreadable_reply"),
        (bends("empty_reply"), "empty_reply"),
        (bends("refusal"), "unreadable_reply"),
        (says("Yes.", "Yes.", "Yes."), "unreadable_reply"),
        (says(user_says("I was not told.", "stuck")), "user_stuck"),
        (says(*3 * [tool_calls(("get_hours", "{}"))]), "user_calls_tool"),
    ],
)
def test_a_user_who_fails_is_not_held_against_the_assistant(
    answer: Callable[[], Answer], code: str
) -> None:
    with modelled(answer()) as place:
        session = begin(place.port, 0)["session"]
        for move in until_spoken(0):
            seen = step(place.port, session, move)
        assert (seen["done"], seen["ended"]) == (True, code)
        assert (seen["scored"], seen["reward"]) == (False, None)
        assert seen["why"]
        assert earned(seen) is None
        assert code in tell_unscored(seen)
        assert place.sessions.tally.get(0, "unscored") == 1
        assert place.sessions.tally.get(0, "broken") == 0
        assert ask(place.port, "POST", "/step", {"session": session, "message": {}})[0] == 404


def test_what_the_assistant_does_wrong_is_scored_as_ever() -> None:
    with modelled(recorded()) as place:
        session = begin(place.port, 0)["session"]
        seen = step(place.port, session, {"tool_calls": [{"name": "no_such_tool"}]})
        assert (seen["ended"], seen["scored"]) == ("unknown_tool", True)
        assert seen["reward"]["binary"] == 0


class Parrot:
    """Implements `UserRole`: says one thing."""

    async def speak(self, messages: Sequence[Message]) -> Utterance | None:
        return Utterance("I would like a desk.", "inform", 0)


def test_a_user_who_goes_round_in_circles_is_not_held_against_the_assistant() -> None:
    one = proven()[0]

    async def play() -> Episode:
        episode = Episode(one, user=Parrot())
        for number in range(3):
            seen = await episode.answer({"content": f"Which one ({number})?"})
        assert (seen.done, seen.ended, seen.reward) == (True, "repeated_message", None)
        return episode

    assert asyncio.run(play()).done


def test_an_unscored_episode_is_nobodys_reward_in_openenv_and_trl() -> None:
    with modelled(refuse_key) as place:
        with connect(f"ws://{HOST}:{place.port}/ws", proxy=None) as socket:
            for kind, data in (("reset", {"seed": 0}), *(("step", one) for one in until_spoken(0))):
                socket.send(json.dumps({"type": kind, "data": data}))
                told = json.loads(socket.recv(timeout=60))["data"]
        assert (told["done"], told["reward"]) == (True, None)
        assert told["observation"]["scored"] is False
        assert told["observation"]["ended"] == "user_absent"
        episodes = ServedEpisodes(f"http://{HOST}:{place.port}")
        tasks = make_tasks(episodes, list_tasks(episodes, 1))
        environment = tasks.factories[tasks.rows[0]["environment"]]()
        environment.reset(**tasks.rows[0])
        last = [{"role": "assistant", "content": "Which one, please?"}]
        assert episode_reward([last], [environment]) == [None]


def test_what_may_be_spent_and_taken_is_bounded(tmp_path: Path) -> None:
    def first_end(**known: object) -> tuple[str, int]:
        with modelled(recorded(), **known) as place:
            for number in range(len(proven())):
                seen = play_until_done(place, number)
                if not seen["scored"]:
                    return seen["ended"], place.endpoint.requests
        raise AssertionError("all was scored")

    assert first_end(most_requests=1)[0] == "candidate_limit"
    assert first_end(budget_tokens=1) == ("budget_spent", 1)
    assert first_end(budget_money=1e-9) == ("budget_spent", 1)


def play_until_done(place: Place, seed: int) -> JsonObject:
    session = begin(place.port, seed)["session"]
    for move in moves(seed):
        seen = step(place.port, session, move)
        if seen["done"]:
            break
    return seen


def test_a_budget_is_that_of_all_processes_and_of_the_folder(tmp_path: Path) -> None:
    with Loopback(recorded()) as endpoint:
        tally = Tally(2)
        make = prepare_users(
            settings(endpoint.base_url, budget_tokens=1_000), tmp_path, tally, lambda _: None
        )
        tally.add(1, "tokens", 999)  # another process
        make(0).spending.check()
        tally.add(1, "tokens", 1)
        with pytest.raises(BudgetError, match=r"1,000\.00 tokens"):
            make(0).spending.check()
    with modelled(recorded(), tmp_path) as place:
        play_until_done(place, 0)
    with pytest.raises(BudgetError):
        users(endpoint.base_url, tmp_path, budget_tokens=1)
    users(endpoint.base_url, None, budget_tokens=1)


def test_requests_are_kept_and_none_is_made_twice(tmp_path: Path) -> None:
    folder = tmp_path / SERVED
    with Loopback(recorded()) as endpoint:
        counts = []
        for _ in range(2):  # and after a new start
            own = users(endpoint.base_url, folder)
            with serving(Sessions(4, 600, cast=own.cast), close=own.close) as port:
                place = Place(port, Sessions(4, 600), endpoint, own)
                assert play_until_done(place, 1)["reward"]["binary"] == 1
                assert play_until_done(place, 1)["reward"]["binary"] == 1
            counts.append(endpoint.requests)
    assert counts[0] == counts[1] > 0
    kept = [*read_requests(folder)]
    assert len(kept) == counts[0]
    assert {(one.role, one.model, one.task) for one in kept} == {
        ("user", "tiny", proven()[1].trajectory.index)
    }
    bill = add_up(folder, settings("http://127.0.0.1:9"))
    assert [(row.role, row.model, row.fate) for row in bill.rows] == [("user", "tiny", "")]
    assert bill.total.requests == counts[0]
    assert bill.total.money > 0


def test_without_a_folder_nothing_is_kept_but_remembered(tmp_path: Path) -> None:
    with modelled(recorded(), None, out=tmp_path / "o") as place:
        play_until_done(place, 1)
        before = place.endpoint.requests
        play_until_done(place, 1)
        assert place.endpoint.requests == before
        place.users.journal.forget_oldest(0)
        play_until_done(place, 1)
        assert place.endpoint.requests == 2 * before
    assert not (tmp_path / "o").exists()


class Held:
    """Has whoever plays one person wait until it is let go."""

    def __init__(self, name: str) -> None:
        self.name, self.began, self.release = name, threading.Event(), threading.Event()

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        answer = recorded()(request)
        if self.name not in json.dumps(request, ensure_ascii=False):
            return answer
        self.began.set()
        return Response(body=json.dumps(answer).encode(), release=self.release)


@contextmanager
def waiting() -> Iterator[tuple[Place, str, list[tuple[int, Any]], Callable[[], None]]]:
    """A session whose user is waited for, what its move comes to, and what ends the waiting."""
    held = Held(proven()[0].trajectory.task.brief.who)
    with modelled(held, roles={"user": IMPATIENT | {"timeout": 60.0}}) as place:
        session = begin(place.port, 0)["session"]
        *before, last = until_spoken(0)
        for move in before:
            step(place.port, session, move)
        answers: list[tuple[int, Any]] = []

        def move_on() -> None:
            body = {"session": session, "message": last}
            answers.append(ask(place.port, "POST", "/step", body))

        thread = threading.Thread(target=move_on)
        thread.start()
        assert held.began.wait(30)

        def let_go() -> None:
            held.release.set()
            thread.join()

        try:
            yield place, session, answers, let_go
        finally:
            let_go()


def others() -> list[int]:
    """Seeds of tasks with another user than the first one's."""
    first = proven()[0].trajectory.task.brief.who
    return [n for n, one in enumerate(proven()) if one.trajectory.task.brief.who != first]


def test_who_is_waited_for_keeps_nobody_else_waiting() -> None:
    with waiting() as (place, _, answers, let_go):
        for seed in others()[:1]:
            assert play_until_done(place, seed)["reward"]["binary"] == 1
        assert ask(place.port, "GET", "/health")[1]["sessions"] == 1
        assert not answers
        let_go()
        assert answers[0][0] == 200
        assert answers[0][1]["messages"]


def test_no_other_move_is_made_while_the_user_is_waited_for() -> None:
    with waiting() as (place, session, answers, let_go):
        body = {"session": session, "message": {"content": "Hello?"}}
        status, told = ask(place.port, "POST", "/step", body)
        assert (status, told) == (400, {"error": "the user has yet to answer what was said before"})
        let_go()
        assert answers[0][0] == 200


def test_a_session_may_be_ended_while_its_user_is_waited_for() -> None:
    with waiting() as (place, session, answers, let_go):
        assert ask(place.port, "DELETE", f"/session/{session}") == (200, {"ended": True})
        assert ask(place.port, "GET", "/health")[1]["sessions"] == 0
        let_go()
        assert answers[0][0] == 404
        assert place.sessions.tally.get(0, "dropped") == 1


def test_who_is_waited_for_is_not_idle() -> None:
    class Slow:
        async def speak(self, messages: Sequence[Message]) -> Utterance | None:
            clock.append(100.0)
            sessions.sweep()
            assert len(sessions) == 1
            clock.append(200.0)  # and nobody looks again
            return None

    clock = [0.0]
    sessions = Sessions(2, 10, clock=lambda: clock[-1], cast=lambda _: Slow())

    one = proven()[0]

    async def play() -> None:
        name, episode = sessions.begin(one)
        seen = await episode.answer({"content": "It is done."})
        assert seen.reward is not None
        sessions.note(name, seen)
        with pytest.raises(NoSessionError):
            sessions.find(name)

    asyncio.run(play())


def test_who_hangs_up_while_the_user_is_waited_for_has_no_session_left() -> None:
    held = Held(proven()[0].trajectory.task.brief.who)
    with modelled(held, roles={"user": IMPATIENT | {"timeout": 90.0}}) as place:
        with connect(f"ws://{HOST}:{place.port}/ws", proxy=None) as socket:
            for kind, data in (("reset", {"seed": 0}), *(("step", one) for one in until_spoken(0))):
                socket.send(json.dumps({"type": kind, "data": data}))
            assert held.began.wait(30)
        patient(lambda: ask(place.port, "GET", "/health")[1]["sessions"] == 0 or None)
        assert place.sessions.tally.get(0, "dropped") == 1


def test_settings_name_the_users_model_as_a_build_names_its_own() -> None:
    known = validate(
        {"user_model": "u", "base_url": "http://a/v1", "roles": {"user": {"temperature": 0.1}}}
    )
    user = known.profile("user")
    assert (user.model, user.base_url, user.temperature) == ("u", "http://a/v1", 0.1)
    known = validate({"model": "m", "user_model": "u", "user_base_url": "http://u:p@b/v1"})
    assert (known.profile("user").model, known.profile("judge").model) == ("u", "m")
    assert known.profile("user").base_url == "http://u:p@b/v1"
    assert known.recorded["user_base_url"] == "http://b/v1"
    for wrong, told in (
        ({"user_base_url": "http://b/v1"}, "give --user-model"),
        ({"user_model": "u", "user_base_url": "b"}, "must begin with http"),
        ({"user_model": "u", "budget_money": 1}, "needs the price"),
    ):
        with pytest.raises(InputError, match=told):
            validate(wrong)
    with pytest.raises(InputError, match="no model plays here"):
        open_workshop(Settings(user_model="u"))


def test_a_key_that_is_missing_is_one_line(scripted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = ("--user-model", "m", "--user-base-url", "http://192.0.2.1/v1", "--port", 0)
    ran = toolweave("serve", scripted, *asked)
    assert (ran.code, ran.last) == (
        2, "toolweave: the endpoint needs a key: set the variable OPENAI_API_KEY"
    )  # fmt: skip
    with pytest.raises(EpisodeError, match="user_model"):
        open_episodes(str(scripted), {"seed": 1})
    with pytest.raises(EpisodeError, match="the server says"):
        open_episodes("http://127.0.0.1:9", {"user_model": "m"})
