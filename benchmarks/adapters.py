"""What the scripted policy earns through each adapter: ``python -m benchmarks.adapters [-n N]``.

N tasks of each catalogue (the own ones, and GitHub, retail and airline where they are at hand) are
built and served; the proven moves are played through TRL's methods here, and by the runners of
verifiers and NeMo-Gym where `make test-consumers` has installed them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.cheating import ENOUGH, REAL
from benchmarks.program import ROOT, SHARED, build, serve
from benchmarks.reading_table import show
from benchmarks.scripted import Scripted
from pipeline.adapters.episodes import list_tasks, open_episodes
from pipeline.adapters.methods import name_parameter
from pipeline.adapters.trl_environment import TALK, episode_reward, make_tasks, name_method
from pipeline.chat.loopback import Loopback
from pipeline.dataset import Dataset
from pipeline.serving.episode import list_proven_moves
from schemas.record import JsonObject

RUNNERS = (("verifiers", "verifiers", "play_verifiers"), ("NeMo-Gym", "gym", "play_nemo_gym"))


def play_methods(
    folder: Path, moves: dict[str, list[JsonObject]], wanted: int
) -> list[float | None]:
    """By the methods of TRL's classes, in this process."""
    episodes, found = open_episodes(str(folder)), []
    begun = [*list_tasks(episodes, wanted)]
    tasks = make_tasks(episodes, begun)
    for row, one in zip(tasks.rows, begun, strict=True):
        environment = tasks.factories[row["environment"]]()
        environment.reset(**row)
        *before, last = moves[one["task"]]
        for move in before:
            for call in move.get("tool_calls") or ():
                given = json.loads(call["function"]["arguments"])
                method = getattr(environment, name_method(call["function"]["name"]))
                method(**{name_parameter(name): value for name, value in given.items()})
            if not move.get("tool_calls"):
                getattr(environment, TALK)(move["content"])
        found += episode_reward([[last]], [environment])
    return found


def read_rewards(told: Any) -> list[float | None]:
    """Of a runner's answer."""
    if isinstance(told, dict):
        return [float(one["reward"]) for one in told["rollouts"]]
    return [float(one["rewards"].get("toolweave", 0)) for one in told]


def measure(name: str, tools: tuple[str, ...], wanted: int, folder: Path) -> bool:
    """Build, play and print; whether each adapter earns enough."""
    ran = build(folder.parent, folder, wanted, "--seed", 1, *tools)
    if ran.code != 0:
        raise SystemExit(f"the build ended with {ran.told}")
    moves = {one.id: list_proven_moves(one) for one in Dataset.open(folder)}
    earned = {"TRL's methods": play_methods(folder, moves, wanted)}
    known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with serve(folder) as (address, _), Loopback(Scripted(Dataset.open(folder))) as loopback:
        for told, environment, script in RUNNERS:
            python = ROOT / ".venv-consumers" / environment / "bin" / "python"
            if python.exists():
                played = subprocess.run(
                    [str(python), str(ROOT / "tests" / "consumers" / f"{script}.py"), address,
                     loopback.base_url, str(wanted)],
                    capture_output=True, text=True, env=known, check=True,
                )  # fmt: skip
                earned[told] = read_rewards(json.loads(played.stdout.splitlines()[-1]))
    means = {told: sum(one == 1 for one in found) / len(found) for told, found in earned.items()}
    count = len(earned["TRL's methods"])
    show(f"{name}, {count} tasks: " + ", ".join(f"{told} {one:.3f}" for told, one in means.items()))
    return min(means.values()) >= ENOUGH


def main() -> int:
    """Print a line for each catalogue; 1 where an adapter earns too little."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adapters", description=__doc__)
    parser.add_argument("-n", type=int, default=250, help="tasks of each catalogue")
    asked = parser.parse_args()
    sources: dict[str, tuple[str, ...]] = {"own": ()}
    for name, path in REAL.items():
        if (SHARED / path).exists():
            sources[name] = ("--tools", str(SHARED / path))
    with tempfile.TemporaryDirectory() as folder:
        well = [measure(name, tools, asked.n, Path(folder) / name)
                for name, tools in sources.items()]  # fmt: skip
    return int(not all(well))


if __name__ == "__main__":
    sys.exit(main())
