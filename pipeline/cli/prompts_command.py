"""What ``toolweave prompts show`` does: the very messages of a role, for one of the tasks."""

import asyncio
import json

from rich.text import Text

from pipeline.cli import answers
from pipeline.cli.answers import SafeConsole
from pipeline.cli.progress import watching
from pipeline.config import Settings
from schemas.errors import InputError
from schemas.message import UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory

DONE = 0
ROLES = ("user", "assistant", "judge")


def prompts_show_command(role: str, settings: Settings, wanted: str) -> int:
    """Print what a model is sent which plays the role: at its first move, or to judge the whole."""
    if role not in ROLES:
        raise InputError(f"the roles are {', '.join(ROLES)}, not {role!r}")
    with watching(settings.quiet):
        messages, tools = find_messages(role, settings, wanted)
    if settings.as_json:
        answers.print_json({"messages": messages, "tools": tools})
        return DONE
    console = SafeConsole(highlight=False)
    for message in messages:
        console.print(Text(str(message["role"]), style="bold"))
        console.print(Text(f"{message['content']}\n"), soft_wrap=True)
    for tool in tools:
        console.print(Text("tool", style="bold"))
        console.print(Text(json.dumps(tool, ensure_ascii=False)), soft_wrap=True)
    return DONE


def find_messages(
    role: str, settings: Settings, wanted: str
) -> tuple[list[JsonObject], list[JsonObject]]:
    """The messages of a role and the definitions that go with them. Raises InputError.

    Where the words of the other side are needed, scripted ones stand in.
    """
    from data.prompts import read_prompts
    from generators.dialogue.model_roles import assistant_history, assistant_tools, user_messages
    from validators.checks import examine
    from validators.judge import judge_messages
    from validators.suspicions import list_suspicions

    prompts = read_prompts(settings.prompts)
    played = _play(settings.model_copy(update={"model": None}), wanted)
    if role == "user":
        return [*user_messages(played.task, (), prompts)], []
    if role == "assistant":
        first = next(n for n, one in enumerate(played.messages) if isinstance(one, UserMessage))
        history = assistant_history(played.messages[: first + 1])
        return [*history], [*assistant_tools(played.tools)]
    modelled = played.model_copy(update={"roles": Roles(user="model", assistant="model")})
    suspected = list_suspicions(examine(modelled, None).verdicts)
    return [*judge_messages(modelled, suspected, prompts)], []


def _play(settings: Settings, wanted: str) -> Trajectory:
    """The task whose id begins so, played by scripts. Raises InputError where none does."""
    from pipeline.opening import open_workshop

    workshop = open_workshop(settings)
    try:
        for index in range(settings.n):
            task = workshop.studio.task(settings.seed, index)
            if task.id.startswith(wanted):
                return asyncio.run(workshop.candidate(index))
    finally:
        workshop.release()
    raise InputError(f"none of the first {settings.n} tasks has an id that begins with {wanted!r}")
