"""Builds in which models play: one bad request costs one candidate, and nothing is paid twice.

A scripted build is played back by a loopback endpoint, which misbehaves as each test wants.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from data import resource
from pipeline.chat.loopback import Loopback, Recorded, Response, failure, load_recorded
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.build_loop import run
from pipeline.run.manifest import Report
from schemas.errors import ProviderError
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.commands import data_of, records_of

N = 5
Bend = Callable[[JsonObject, "JsonObject | Response"], "JsonObject | Response"]


@dataclass(frozen=True)
class Played:
    """A scripted build, and a model that plays it again."""

    folder: Path
    brain: Recorded
    good: list[Trajectory]

    def build(self, out: Path, bend: Bend, **changes: object) -> Report:
        """Build it again with a model whose answers are bent."""
        with Loopback(lambda asked: bend(asked, self.brain(asked))) as endpoint:
            known = settings(out, model="tiny", base_url=endpoint.base_url, **changes)
            return asyncio.run(run("pipeline.opening", known, Watcher()))


def settings(out: Path, **changes: object) -> Settings:
    known = {
        "tools": [str(resource("catalogs").joinpath("library.json"))], "out": out, "n": N,
        "seed": 5, "workers": 1, "complete_world": False, "max_candidates": N + 1,
    }  # fmt: skip
    return Settings.model_validate(known | changes)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("scripted")
    asyncio.run(run("pipeline.opening", settings(folder, n=N + 1), Watcher()))
    return Played(folder, load_recorded(folder), records_of(data_of(folder)[0], folder))


def plain(asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
    return answer


def poison(one: Trajectory, response: Response) -> Bend:
    """Refuse what the user's model is asked for one task, from its second message on."""
    said = one.messages[1].text  # type: ignore[union-attr]

    def bend(asked: JsonObject, answer: JsonObject | Response) -> JsonObject | Response:
        words = [message.get("content") for message in asked["messages"]]
        return response if said in words else answer

    return bend


def test_a_well_behaved_model_makes_what_it_plays(played: Played, tmp_path: Path) -> None:
    report = played.build(tmp_path, plain)
    assert (report.state, report.accepted, report.rejected) == ("complete", N, 0)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (failure(400, "exceeds the available context size"), "context_exceeded"),
        (failure(400, "no", code="content_filter"), "provider_refused"),
        (failure(500, "always", retry=False), "provider_refused"),
    ],
)
def test_a_request_that_is_refused_costs_its_candidate_alone(
    played: Played, tmp_path: Path, response: Response, code: str
) -> None:
    report = played.build(tmp_path, poison(played.good[1], response))
    assert (report.state, report.accepted, report.rejected) == ("complete", N, 1)
    (lost,) = records_of(data_of(tmp_path)[1], tmp_path)
    assert lost.reasons == (code,)
    assert {verdict.label for verdict in lost.verdicts} == {"unknown"}
    again = played.build(tmp_path, lambda asked, answer: pytest.fail("nothing is asked again"))
    assert (again.accepted, again.new) == (N, 0)


def test_an_endpoint_that_refuses_everything_ends_the_run(played: Played, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="HTTP 402"):
        played.build(tmp_path, lambda asked, answer: failure(402, "pay first"))
