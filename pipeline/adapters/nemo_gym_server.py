"""NeMo-Gym: a resource server over episodes, for its gymnasium agent or `nemo_gym_agent`.

The agent asks the model, hands its response to `step`, and goes on with results and the user's next
words until the episode is over. What the rows of `pipeline.adapters.nemo_gym_rows` begin is the
server's to play; what a response has that is no move ends the episode, unrewarded.
"""

import asyncio
from functools import cached_property
from typing import Any

from nemo_gym.base_resources_server import BaseResourcesServerConfig
from resources_servers.gymnasium import GymnasiumServer

from pipeline.adapters.episodes import (
    EpisodeError,
    Episodes,
    earned,
    make_move,
    open_episodes,
    tell_unscored,
)
from pipeline.adapters.nemo_gym_rows import LEAVES_OUT, read_move, tell_observation

Step = tuple[str | None, float, bool, bool, dict[str, Any]]


class ToolweaveServerConfig(BaseResourcesServerConfig):  # type: ignore[misc]
    """Where the episodes are, and what of the reward counts."""

    where: str = "http://127.0.0.1:8765"
    user: dict[str, Any] | None = None
    reward: str = "binary"


class ToolweaveServer(GymnasiumServer):  # type: ignore[misc]
    """Begins an episode for each session of NeMo-Gym's."""

    config: ToolweaveServerConfig

    @cached_property
    def _episodes(self) -> Episodes:
        return open_episodes(self.config.where, self.config.user)

    async def reset(
        self, metadata: dict[str, Any], session_id: str | None = None
    ) -> tuple[str | None, dict[str, Any]]:
        """Begin; what is said first stands in the row."""
        begun = await asyncio.to_thread(self._episodes.begin, metadata["which"])
        self.session_state[session_id] = begun["session"]
        return None, {"task": begun["task"]}

    async def step(
        self, action: Any, metadata: dict[str, Any], session_id: str | None = None
    ) -> Step:
        """Make the response's move.

        Raises EpisodeError where the episode is not scored, and the agent would take it for 0.
        """
        move = read_move([one.model_dump() for one in action.output])
        session = self.session_state[session_id]
        seen = await asyncio.to_thread(make_move, self._episodes, session, move)
        said, results = tell_observation(seen)
        info: dict[str, Any] = {"tool_outputs": results}
        if seen["done"]:
            info |= {"reward": seen["reward"], "ended": seen["ended"], "why": seen["why"]}
        broken = bool(seen.get("ended"))
        if (worth := earned(seen, self.config.reward)) is None:
            if not metadata.get(LEAVES_OUT):
                raise EpisodeError(tell_unscored(seen))
            return None, 0.0, False, True, info | {"scored": False}
        return said, worth, seen["done"] and not broken, broken, info
