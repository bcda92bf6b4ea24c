"""Prime Intellect's verifiers: a taskset whose tasks are episodes, and the harness that plays them.

verifiers finds a taskset by the name of a module at the top: one line there imports the two classes
and names them in ``__all__`` (``docs/adapters.md``). The harness plays in its own process, as
verifiers allows: each model call goes through the endpoint that records the trace, so the nodes of
the trace that were sampled are the policy's messages, and those of the user and the tools are not.
"""

import asyncio
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import httpx
import verifiers.v1 as vf
from verifiers.v1.runtimes import ProgramResult

from pipeline.adapters.episodes import (
    Episodes,
    Told,
    earned,
    list_tasks,
    make_move,
    open_episodes,
    tell_unscored,
)

__all__ = ["ToolweaveHarness", "ToolweaveTaskset"]
ENDED = "toolweave"
"""Under this name a trace's ``info`` has the last observation of its episode."""
_MOVE = ("role", "content", "tool_calls", "reasoning_content")
"""What of a completion's message is a move; the rest is the provider's own."""


class ToolweaveTaskConfig(vf.TaskConfig):  # type: ignore[misc]
    """What a task is rewarded by."""

    reward: Literal["binary", "graded"] = "binary"


class ToolweaveConfig(vf.TasksetConfig):  # type: ignore[misc]
    """Where the tasks are, and how many are loaded."""

    where: str = "http://127.0.0.1:8765"
    """A server's address, or an output folder where toolweave is installed beside verifiers."""
    user: dict[str, Any] | None = None
    """Of a folder: settings of a model that plays the user."""
    tasks: int = 100
    task: ToolweaveTaskConfig = ToolweaveTaskConfig()


class ToolweaveData(vf.TaskData):  # type: ignore[misc]
    """Which episode it is."""

    where: str
    user: dict[str, Any] | None
    which: dict[str, Any]


class ToolweaveTask(vf.Task[ToolweaveData, vf.State, ToolweaveTaskConfig]):  # type: ignore[misc]
    """Rewarded by what its episode has earned."""

    @vf.reward(weight=1.0)  # type: ignore[untyped-decorator]
    async def toolweave(self, trace: vf.Trace) -> float:
        """The reward of the episode's end; 0 where it was broken off."""
        ended = trace.info.get(ENDED, {})
        if (found := earned(ended, self.config.reward)) is None:
            raise ValueError(tell_unscored(ended))
        return found

    @vf.metric  # type: ignore[untyped-decorator]
    async def parts(self, trace: vf.Trace) -> dict[str, float]:
        """Each part of the reward by its name."""
        reward = trace.info.get(ENDED, {}).get("reward") or {"parts": []}
        return {one["name"]: float(one["score"]) for one in reward["parts"]}


class ToolweaveTaskset(vf.Taskset[ToolweaveTask, ToolweaveConfig]):  # type: ignore[misc]
    """The tasks of a server or a folder, in the order of their seeds."""

    def load(self) -> Iterator[ToolweaveTask]:
        """Begin each once, to see what the user says first."""
        where, user = self.config.where, self.config.user
        for begun in list_tasks(_open(where, user), self.config.tasks):
            system, *said = [one["content"] for one in begun["messages"]]
            data = ToolweaveData(
                name=begun["task"], system_prompt=system, prompt="\n\n".join(said),
                where=where, user=user, which=begun["which"],
            )  # fmt: skip
            yield ToolweaveTask(data, self.config.task)


class ToolweaveHarness(vf.Harness[vf.HarnessConfig]):  # type: ignore[misc]
    """Model, tools and user take turns until the conversation is over."""

    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self, ctx: Any, trace: vf.Trace, runtime: Any, endpoint: str, secret: str,
        mcp_urls: dict[str, str], data: Any, tool_interception_url: str | None = None,
    ) -> ProgramResult:  # fmt: skip
        """Play one episode."""
        del runtime, mcp_urls, tool_interception_url
        episodes = _open(data.where, data.user)
        seen = await asyncio.to_thread(episodes.begin, data.which)
        session, history = seen["session"], list(seen["messages"])
        asked = {"model": ctx.model, "tools": seen["tools"]}
        headers = {"authorization": f"Bearer {secret}"}
        try:
            async with httpx.AsyncClient(timeout=None, headers=headers, trust_env=False) as client:
                while not seen["done"]:
                    url = f"{endpoint}/chat/completions"
                    answer = await client.post(url, json=asked | {"messages": history})
                    if answer.is_error:
                        return ProgramResult(1, "", answer.text)
                    told = answer.json()["choices"][0]["message"]
                    message = {key: told[key] for key in _MOVE if told.get(key) is not None}
                    seen = await asyncio.to_thread(make_move, episodes, session, message)
                    history += [message, *seen["messages"]]
        finally:
            trace.info[ENDED] = seen
            if not seen["done"]:
                await asyncio.to_thread(episodes.drop, session)
        if earned(seen) is None:  # an error of the rollout: it is not trained on
            return ProgramResult(1, "", tell_unscored(seen))
        return ProgramResult(0, "", "")


def _open(where: str, user: Told | None) -> Episodes:
    return _open_once(where, json.dumps(user, sort_keys=True))


@cache
def _open_once(where: str, user: str) -> Episodes:
    return open_episodes(where, json.loads(user))
