"""NeMo-Gym: its gymnasium agent, which leaves an episode out that is not scored.

Such a rollout bears NeMo-Gym's own marks: it stands among the failures beside the rollouts, a run
that is resumed tries it again, and neither a mean nor a step of training counts it.
"""

from fastapi import Body, Request
from nemo_gym.config_types import AggregateMetrics, AggregateMetricsRequest
from nemo_gym.rollout_collection import NG_FAILURE_CLASS_KEY
from responses_api_agents.gymnasium_agent.app import (
    GymnasiumAgent,
    GymnasiumAgentRunRequest,
    GymnasiumRunResponse,
)

from pipeline.adapters.nemo_gym_rows import LEAVES_OUT

_LEFT_OUT = {NG_FAILURE_CLASS_KEY: "transient", "mask_sample": True}
"""A failure that another try may not have; and no sample to learn from."""


class ToolweaveAgent(GymnasiumAgent):  # type: ignore[misc]
    """Plays as the gymnasium agent does."""

    async def run(self, request: Request, body: GymnasiumAgentRunRequest) -> GymnasiumRunResponse:
        """Play an episode."""
        ran = await super().run(request, body.model_copy(update={LEAVES_OUT: True}))
        return ran if ran.info.get("scored", True) else ran.model_copy(update=_LEFT_OUT)

    async def aggregate_metrics(
        self, body: AggregateMetricsRequest = Body()  # noqa: B008  # as FastAPI wants it
    ) -> AggregateMetrics:  # fmt: skip
        """Count what is scored."""
        scored = [one for one in body.verify_responses if NG_FAILURE_CLASS_KEY not in one]
        return await super().aggregate_metrics(body.model_copy(update={"verify_responses": scored}))
