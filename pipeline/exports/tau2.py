"""τ²-bench's tasks: who calls and what they know, what has to be done and said.

One task a line. Its actions are the gold calls, so that the database decides where the domain's
tools are served; ``nl_assertions`` tell how a turn must end that is not to be done.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat
from pipeline.exports.format import ALL_CHOICES, Format
from schemas.brief import Wish
from schemas.record import JsonObject
from schemas.task import Task


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The task of the chat as a row."""
    task = chat.task()
    calls = [one for one in task.calls if not one.skipped]
    actions = [
        {
            "action_id": f"{chat.name}_{number}",
            "requestor": "assistant",
            "name": call.tool,
            "arguments": call.arguments,
            "info": None,
            "compare_args": None,
        }
        for number, call in enumerate(calls)
    ]
    yield {
        "id": chat.name,
        "description": {"purpose": "; ".join(turn.intent for turn in task.turns)},
        "user_scenario": {
            "persona": f"{task.persona.name}, {task.persona.style}",
            "instructions": _instructions(task),
        },
        "initial_state": None,
        "evaluation_criteria": {
            "actions": actions,
            "communicate_info": [str(one.value) for one in task.acceptance.must_say],
            "nl_assertions": [
                f"The assistant does not do this: {turn.intent} ({turn.outcome})"
                for turn in task.turns
                if turn.outcome != "complete"
            ],
            "reward_basis": ["ACTION", "COMMUNICATE"],
        },
    }


def _instructions(task: Task) -> JsonObject:
    brief = task.brief
    not_known = [one for wish in brief.wishes for one in wish.not_known]
    return {
        "domain": task.domain,
        "reason_for_call": brief.situation or "; ".join(wish.ask for wish in brief.wishes),
        "known_info": "\n".join(filter(None, (brief.who, *map(_known, brief.wishes)))),
        "unknown_info": "\n".join(map(str, not_known)) or None,
        "task_instructions": "\n".join(f"You want to {wish.ask}." for wish in brief.wishes),
    }


def _known(wish: Wish) -> str:
    values = [f"{one.label}: {one.value}" for one in wish.know]
    return ", ".join((*values, *(one.words for one in wish.which)))


FORMAT = Format("tau2", rows, carries=frozenset({"masks"}), no_place_for=ALL_CHOICES)
