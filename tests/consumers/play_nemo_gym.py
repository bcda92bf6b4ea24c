"""NeMo-Gym's own collection of rollouts over episodes; called with server, endpoint and how many.

Its gymnasium agent (with ``own`` behind these, ours over it), its model server for chat completions
and our resource server are served as NeMo-Gym sets them up, in this process and without Ray.
Answers how many rows its validator takes offence at, how many rollouts it kept and held for failed,
their mean reward, and for each rollout the reward and the types of what is in its output.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

import uvicorn
from masks import tell
from nemo_gym.config_types import BaseServerConfig
from nemo_gym.rollout_collection import RolloutCollectionConfig, RolloutCollectionHelper
from nemo_gym.server_utils import HeadServer, ServerClient, get_global_config_dict
from nemo_gym.train_data_utils import DatasetValidatorState, TrainDataProcessor
from omegaconf import OmegaConf
from responses_api_agents.gymnasium_agent.app import GymnasiumAgent
from responses_api_models.vllm_model.app import VLLMModel

from pipeline.adapters.nemo_gym_agent import ToolweaveAgent
from pipeline.adapters.nemo_gym_rows import AGENT, list_rows
from pipeline.adapters.nemo_gym_server import ToolweaveServer

where, endpoint, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
ports = [one.getsockname()[1] for one in listening]


def place(port, **more):
    return {"host": "127.0.0.1", "port": port, "entrypoint": "app.py", **more}


SETTINGS = {
    "head_server": {"host": "127.0.0.1", "port": ports[0]},
    "toolweave": {"resources_servers": {"toolweave": place(ports[1], where=where, domain="agent")}},
    AGENT: {"responses_api_agents": {"gymnasium_agent": place(
        ports[2], max_steps=80,
        resources_server={"type": "resources_servers", "name": "toolweave"},
        model_server={"type": "responses_api_models", "name": "policy_model"},
    )}},
    "policy_model": {"responses_api_models": {"vllm_model": place(
        ports[3], base_url=endpoint, api_key="none", model="scripted",
        return_token_id_information=False, uses_reasoning_parser=False,
    )}},
}  # fmt: skip
os.environ["NEMO_GYM_CONFIG_DICT"] = OmegaConf.to_yaml(OmegaConf.create(SETTINGS))

HEAD = BaseServerConfig(host="127.0.0.1", port=ports[0])


def make_app(kind, name, settings):
    """As `run_webserver` does, without Ray."""
    client = ServerClient(head_server_config=HEAD, global_config_dict=get_global_config_dict())
    config = kind.model_fields["config"].annotation.model_validate({**settings, "name": name})
    server = kind(config=config, server_client=client)
    app = server.setup_webserver()
    server.setup_liveness(app)
    server.setup_exception_middleware(app)
    return app


def make_server(app):
    return uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))


async def collect(rows, folder):
    head = make_server(HeadServer(config=HEAD).setup_webserver())
    aside = asyncio.create_task(asyncio.to_thread(head.run, [listening[0]]))
    agent = ToolweaveAgent if "own" in sys.argv[4:] else GymnasiumAgent
    kinds = {"toolweave": ToolweaveServer, AGENT: agent, "policy_model": VLLMModel}
    servers = []
    for number, (name, kind) in enumerate(kinds.items(), 1):
        (group,) = SETTINGS[name].values()
        (settings,) = group.values()
        servers.append((make_server(make_app(kind, name, settings)), listening[number]))
    running = [asyncio.create_task(server.serve([own])) for server, own in servers]
    every = (head, *(server for server, _ in servers))
    try:
        async with asyncio.timeout(60):
            while not all(server.started for server in every):
                await asyncio.sleep(0.05)
        return await RolloutCollectionHelper().run_from_config(RolloutCollectionConfig(
            input_jsonl_fpath=str(rows), output_jsonl_fpath=str(folder / "rollouts.jsonl"),
            num_samples_in_parallel=4,
        ))  # fmt: skip
    finally:
        for server in every:
            server.should_exit = True
        await asyncio.gather(*running, aside)


with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
    rows = Path(folder) / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in list_rows(where, wanted)))
    state, processor = DatasetValidatorState(), TrainDataProcessor()
    for number, line in enumerate(rows.read_text().splitlines()):
        processor._validate_samples_and_aggregate_metrics_single_sample(state, number, line)
    rollouts = asyncio.run(collect(rows, Path(folder)))
    kept, failed = (len((Path(folder) / f"rollouts{kind}.jsonl").read_text().splitlines())
                    for kind in ("", "_failures"))  # fmt: skip
    (metrics,) = json.loads((Path(folder) / "rollouts_aggregate_metrics.json").read_text())
tell({
    "offending": state.offending_example_idxs,
    "rows": state.metrics.number_of_examples,
    "kept": kept,
    "failed": failed,
    "mean": metrics["agent_metrics"].get("mean/reward"),
    "rollouts": [
        {
            "reward": one["reward"],
            "terminated": one["terminated"],
            "parts": {part["name"]: part["score"]
                      for part in (one["info"]["reward"] or {"parts": ()})["parts"]},
            "ended": one["info"]["ended"],
            "masked": one.get("mask_sample", False),
            "said": [item.get("role") or item["type"] for item in one["response"]["output"]],
        }
        for one in rollouts
    ],
})  # fmt: skip
