"""What adapters are made of, without those they are for."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.adapters.episodes import (
    EpisodeError,
    Episodes,
    LocalEpisodes,
    ServedEpisodes,
    Told,
    earned,
    list_tasks,
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


def test_an_episode_that_broke_off_earns_nothing(episodes: Episodes) -> None:
    seen = episodes.begin({"seed": 0})
    assert earned(seen) == 0.0
    seen = episodes.step(seen["session"], {"tool_calls": [{"name": "no_such", "arguments": {}}]})
    assert seen["done"]
    assert earned(seen) == 0.0


def test_a_trainer_needs_nothing_of_ours_but_the_adapters() -> None:
    """They run in its own environment, where nothing of what we depend on is installed."""
    modules = [one.stem for one in (ROOT / "pipeline" / "adapters").glob("*.py")]
    assert "episodes" in modules
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import pipeline.adapters.episodes;"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in"
        " ('pipeline', 'schemas', 'generators', 'validators', 'data', 'pydantic')))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(ROOT)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert ran.stdout.split() == [
        "['pipeline',", "'pipeline.adapters',", "'pipeline.adapters.episodes']",
    ]  # fmt: skip
    assert Path(ROOT).exists()
