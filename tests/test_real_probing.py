"""The small real model is probed: whatever it says, attempts are kept, and a second build follows.

`make test-model` runs this.
"""

import json
from pathlib import Path

import pytest

from pipeline.dataset import Dataset
from pipeline.probing.probes_file import find_in_window, read_attempts
from schemas.record import JsonObject
from tests.commands import manifest, toolweave
from tests.test_real_model import files, server

pytestmark = pytest.mark.model
__all__ = ["files", "server"]


def test_the_small_model_is_probed_and_a_second_build_draws_what_it_fails(
    server: str, files: JsonObject, tmp_path: Path
) -> None:
    told = ("--tools", files["tools"][0], "--policy", files["policy"], "--quiet")
    first, second = tmp_path / "first", tmp_path / "second"
    build = ("build", *told, "-n", 3, "--seed", 3, "--out", first)
    assert toolweave(*build, stages="pipeline.opening").code == 0
    every = {"max_tokens": 50, "timeout": 600}
    (tmp_path / "probe.yaml").write_text(json.dumps({"roles": {"all": every}}))
    weights = tmp_path / "weights.yaml"
    asked = ("--model", "small", "--base-url", f"{server}/bound/v1", "-k", 1, "-n", 1,
             "--decisions", "--config", tmp_path / "probe.yaml", "--concurrency", 4,
             "--write-weights", weights, "--json")  # fmt: skip
    ran = toolweave("probe", first, *asked, stages="pipeline.opening")
    assert ran.code == 0, ran.err
    summary, made = json.loads(ran.out), read_attempts(first)
    moves = sum(m.role == "assistant" for m in next(iter(Dataset.open(first))).messages)
    assert len(made) == 1 + moves
    failed = [one for one in made if one.passed is False]
    assert all(one.wrong is not None and one.wrong.code for one in failed)
    assert sum(one["count"] for one in summary["clusters"]) == len(failed)
    assert len(find_in_window(first, "0..1")) == summary["attempts"]["of"]
    build = ("build", *told, "-n", 2, "--seed", 4, "--weights", weights, "--out", second)
    assert toolweave(*build, stages="pipeline.opening").code == 0
    settings = manifest(second)["settings"]
    assert isinstance(settings, dict)
    assert settings["weights"]["model"] == "small"
