"""NeMo-Gym's words for episodes: rows that begin one, and items of a response as a move.

`pipeline.adapters.nemo_gym_server` has the server; these need nothing of NeMo-Gym, so rows can be
written anywhere::

    python -m pipeline.adapters.nemo_gym_rows http://127.0.0.1:8765 100 > rows.jsonl
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.adapters.episodes import Told, list_tasks, open_episodes

AGENT = "toolweave_agent"
LEAVES_OUT = "leaves_out_unscored"
"""What an agent tells the server that leaves an episode out which is not scored."""


def list_rows(where: str, wanted: int = 100, agent: str = AGENT) -> Iterator[Told]:
    """A row for each of so many tasks. Raises EpisodeError."""
    return make_rows(list_tasks(open_episodes(where), wanted), agent)


def make_rows(tasks: Iterable[Told], agent: str = AGENT) -> Iterator[Told]:
    """Rows of tasks that begin so; ``which`` says to the server what to begin."""
    for begun in tasks:
        said = [{"role": one["role"], "content": one["content"]} for one in begun["messages"]]
        tools = [{"type": "function", **one["function"], "strict": False} for one in begun["tools"]]
        yield {
            "responses_create_params": {
                "input": said, "tools": tools, "parallel_tool_calls": True,
            },
            "which": begun["which"],
            "task": begun["task"],
            "agent_ref": {"type": "responses_api_agents", "name": agent},
        }  # fmt: skip


def read_move(items: Sequence[Mapping[str, Any]]) -> Told:
    """What a response's output is as one message of the assistant."""
    said: list[str] = []
    thought: list[str] = []
    calls: list[Told] = []
    for one in items:
        if one["type"] == "message":
            content = one["content"]
            parts = [{"text": content}] if isinstance(content, str) else content
            said += [part.get("text") or part.get("refusal") or "" for part in parts]
        elif one["type"] == "reasoning":
            thought += [part["text"] for part in one.get("summary") or ()]
        elif one["type"] == "function_call":
            function = {"name": one["name"], "arguments": one["arguments"]}
            calls.append({"id": one["call_id"], "type": "function", "function": function})
    move: Told = {"role": "assistant", "content": "".join(said) or None}
    if calls:
        move["tool_calls"] = calls
    if thought:
        move["reasoning_content"] = "\n".join(thought)
    return move


def tell_observation(seen: Told) -> tuple[str | None, list[Told]]:
    """What the user says next, and the results by the ids of their calls."""
    said = [one["content"] for one in seen["messages"] if one["role"] == "user"]
    results = [
        {"call_id": one["tool_call_id"], "output": one["content"]}
        for one in seen["messages"] if one["role"] == "tool"
    ]  # fmt: skip
    return "\n\n".join(said) or None, results


if __name__ == "__main__":
    for row in list_rows(sys.argv[1], int(sys.argv[2])):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
