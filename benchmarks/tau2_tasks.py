"""τ²'s retail and airline by their gold actions: ``python -m benchmarks.tau2_tasks [DOMAIN …]``.

τ²'s tools run in the environment that ``make test-consumers`` installs for it; its evaluators
decide. Prints how many tasks earn 1 by their gold actions and by saying that all is done, and each
gold action that τ²'s own tools refuse.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.reading_table import show

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-consumers" / "tau2" / "bin" / "python"
SCRIPT = ROOT / "tests" / "consumers" / "play_tau2.py"


def main() -> int:
    """Play; 1 where a task does not earn 1, 2 where τ² is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tau2_tasks", description=__doc__)
    parser.add_argument("domains", nargs="*", default=["retail", "airline"])
    asked = parser.parse_args()
    if not PYTHON.exists():
        show("τ² is not there: `make test-consumers` installs it")
        return 2
    short = 0
    for name in asked.domains:
        known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        ran = subprocess.run(
            [str(PYTHON), str(SCRIPT), name],
            capture_output=True, text=True, env=known, check=True,
        )  # fmt: skip
        found = json.loads(ran.stdout.splitlines()[-1])
        solved = sum(one["reward"] == 1 for one in found)
        idle = sum(one["claimed"] == 1 for one in found)
        refused = [one for one in found if one["errors"]]
        short += len(found) - solved
        show(f"{name}: {solved} of {len(found)} earn 1 by their gold actions, {idle} by saying that"
             f" all is done; in {len(refused)} a gold action is refused")  # fmt: skip
        for one in refused:
            show(f"  {one['task']}: {'; '.join(one['errors'])}")
    return int(short > 0)


if __name__ == "__main__":
    sys.exit(main())
