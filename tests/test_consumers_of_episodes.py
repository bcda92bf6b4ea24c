"""Episodes, played by the runners of those they are for: `make test-consumers` installs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapting import ONE, scripted, serving
from tests.consuming import ask, build_some

pytestmark = [pytest.mark.consumer, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_some(tmp_path_factory.mktemp("made") / "o")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[str]:
    with scripted(folder) as found:
        yield found


def test_verifiers_plays_the_proven_conversations(
    folder: Path, address: str, endpoint: str
) -> None:
    traces = ask("verifiers", "play_verifiers", address, endpoint, 100)
    assert len({one["name"] for one in traces}) == len(traces) > 10
    for one in traces:
        assert one["errors"] == []
        assert one["stop"] == "agent_completed"
        assert one["rewards"] == {"toolweave": 1.0}
        assert one["metrics"] == ONE
        assert {role for role, sampled in one["said"] if sampled} == {"assistant"}
        assert all(sampled for role, sampled in one["said"] if role == "assistant")
        assert {role for role, sampled in one["said"] if not sampled} >= {"system", "user"}
