"""verifiers' own runner over episodes: called with a server, a model's endpoint and how many tasks.

Answers for each trace its rewards, what stopped it, and its messages in order, each with whether
verifiers takes it for the policy's own.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from masks import tell
from verifiers.v1.cli.eval.main import main

where, endpoint, wanted = sys.argv[1:4]
with tempfile.TemporaryDirectory() as folder:
    main([
        "toolweave-tasks", "--env.taskset.where", where, "--env.taskset.tasks", wanted,
        "--model", "scripted", "--client.base-url", endpoint, "--client.api-key-var", "NO_KEY",
        "--env.agent.runtime.type", "subprocess", "--no-rich", "--no-push",
        "--output-dir", folder, "--run.name", "it", "-c", "4",
    ])  # fmt: skip
    lines = (Path(folder) / "it" / "traces.jsonl").read_text().splitlines()
traces = [trace for line in lines for trace in json.loads(line)["traces"]]
tell([
    {
        "name": trace["task"]["data"]["name"],
        "rewards": {name: one["score"] for name, one in trace["rewards"].items()},
        "metrics": trace["metrics"],
        "stop": trace["stop_condition"],
        "errors": [one["message"] for one in trace["errors"]],
        "said": [[node["message"]["role"], node["sampled"]] for node in trace["nodes"]],
    }
    for trace in traces
])  # fmt: skip
