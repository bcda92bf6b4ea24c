"""OpenEnv's own client over episodes: called with a server and a file of moves, a list a seed.

Answers for each seed what the client was given: tasks, rewards, ends, and its count of steps.
"""

import asyncio
import json
import sys
from pathlib import Path

from masks import tell
from openenv.core import GenericEnvClient

where, file = sys.argv[1:3]


async def play(seed, moves):
    """One episode, over a connection of its own."""
    async with GenericEnvClient(base_url=where) as env:
        result = await env.reset(seed=seed)
        first = result.observation
        for move in moves:
            assert not result.done
            result = await env.step(move)
        state = await env.state()
        return {
            "task": first["task"],
            "tools": len(first["tools"]),
            "roles": [one["role"] for one in first["messages"]],
            "reward": result.reward,
            "done": result.done,
            "steps": state["step_count"],
        }


async def play_all():
    """All at once."""
    wanted = json.loads(Path(file).read_text())
    return await asyncio.gather(*(play(seed, moves) for seed, moves in enumerate(wanted)))


tell(asyncio.run(play_all()))
