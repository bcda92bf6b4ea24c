"""verl: conversations for supervised training, and tasks for reinforcement learning.

Its supervised reader takes Parquet, keeps no masks and fills arguments of other tools with null:
calls and tools are text here, exactly as the templates of Qwen 2.5 and 3 write them, and roles and
contents are all the columns there are. It tokenises message by message, and the templates put
results that follow each other into one: batches are split. A task has its gold calls and its final
state as JSON text; the tools are named, and declared in verl's own YAML.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat
from pipeline.exports.format import OF_TASKS, Format
from pipeline.exports.hermes import with_tools_told, write_said
from pipeline.exports.wire import nested_text, write_json
from schemas.record import JsonObject


def conversations(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row; the template puts results between tags itself."""
    yield {
        "messages": [
            {
                "role": said.role,
                "content": write_said(said) if said.role == "assistant" else said.text,
            }
            for said in with_tools_told(chat)
        ]
    }


def tasks(chat: Chat) -> Iterator[JsonObject]:
    """The task as a row: what stands before the assistant's first word is the prompt."""
    task = chat.task()
    gold = [
        {"name": call.tool, "arguments": call.arguments} for call in task.calls if not call.skipped
    ]
    truth = {
        "calls": gold,
        "final_state": task.final_state,
        "must_say": [one.value for one in task.acceptance.must_say],
    }
    names = [one.wire_name for one in chat.tools]
    yield {
        "data_source": f"toolweave/{chat.domain}",
        "agent_name": "tool_agent",
        "ability": "tools",
        "prompt": [{"role": said.role, "content": said.text} for said in chat.opening],
        "reward_model": {"style": "rule", "ground_truth": write_json(truth)},
        "extra_info": {
            "split": "train",
            "index": chat.number,
            "need_tools_kwargs": False,
            "tool_selection": names,
            "tools": f"[{', '.join(map(nested_text, chat.tools))}]",
            "user": write_json(task.brief.model_dump(mode="json")),
        },
    }


SFT = Format(
    "verl-sft",
    conversations,
    carries=frozenset({"reasoning"}),
    trains_on_all=True,
    one_call=True,
    columns="messages STRUCT(role VARCHAR, content VARCHAR)[]",
)
RL = Format("verl-rl", tasks, carries=frozenset({"masks"}), no_place_for=OF_TASKS)
