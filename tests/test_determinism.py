"""The same seed makes the same bytes in another process, with other hashes of texts."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from pipeline.config import Settings
from pipeline.opening import open_workshop

HERE = Path(__file__).parent.parent
PROBE = """
import asyncio, json, sys
from pipeline.config import Settings
from pipeline.opening import open_workshop

workshop = open_workshop(Settings(seed=5))
made = [asyncio.run(workshop.candidate(number)).model_dump_json() for number in (3, 0)]
print(json.dumps([workshop.fingerprint, json.dumps(workshop.graph_json()), *made]))
"""


def in_another_process(hash_seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment, cwd=HERE, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed: list[str] = json.loads(done.stdout)
    return printed


def test_another_process_makes_the_same_stream() -> None:
    here = open_workshop(Settings(seed=5))
    own = [asyncio.run(here.candidate(number)).model_dump_json() for number in (0, 3)]
    fingerprint, graph, third, first = in_another_process("4242")
    assert fingerprint == here.fingerprint
    assert json.loads(graph) == json.loads(json.dumps(here.graph_json()))
    assert [first, third] == own
