"""What ``toolweave prompts show`` does: the very messages of a role, for one of the tasks."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text

from pipeline.cli import answers
from pipeline.cli.answers import DONE, SafeConsole
from pipeline.cli.progress import watching
from pipeline.config import Settings
from schemas.errors import InputError
from schemas.message import UserMessage
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import Catalog
from schemas.trajectory import Roles, Trajectory

if TYPE_CHECKING:
    from data.prompts import Prompts
    from generators.studio import Studio
    from generators.world.model import World

ROLES = ("user", "assistant", "judge", "writer", "reviewer", "rewriter", "documenter", "tool")
"""The writer puts a task into words, the rewriter a conversation: both as the role ``writer``."""
Messages = Sequence[JsonObject]


def prompts_show_command(role: str, settings: Settings, wanted: str) -> int:
    """Print what a model is sent which plays the role: at its first move, or about the whole."""
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
    from generators.rewriting.accept_words import Acceptance
    from generators.rewriting.prompt import first_request
    from generators.writing.review import read_wish, reviewer_instructions
    from generators.writing.writer_prompt import writer_messages

    prompts = read_prompts(settings.prompts)
    played, studio = _play(settings.model_copy(update={"model": None}), wanted)
    task, tools = played.task, [*assistant_tools(played.tools)]
    first = next(n for n, one in enumerate(played.messages) if isinstance(one, UserMessage))
    about: dict[str, Callable[[], Messages]] = {
        "user": lambda: user_messages(task, (), prompts),
        "assistant": lambda: assistant_history(played.messages[: first + 1]),
        "judge": lambda: _judge(played, prompts),
        "writer": lambda: writer_messages(task, prompts),
        "reviewer": lambda: (
            {"role": "system", "content": reviewer_instructions(task.policy, prompts)},
            {"role": "user", "content": read_wish(task, 0, prompts)},
        ),
        "rewriter": lambda: first_request(Acceptance(played), 0, prompts).messages,
        "documenter": lambda: _document(studio.catalog, task.domain, prompts),
        "tool": lambda: _run_first_call(studio.world, task, prompts),
    }
    return [*about[role]()], tools if role in ("assistant", "reviewer") else []


def _judge(played: Trajectory, prompts: "Prompts") -> Messages:
    """The judge for the conversation, as if models had played it."""
    from validators.checks import examine
    from validators.judge import judge_messages
    from validators.suspicions import list_suspicions

    modelled = played.model_copy(update={"roles": Roles(user="model", assistant="model")})
    suspected = list_suspicions(examine(modelled, None).verdicts)
    return judge_messages(modelled, suspected, prompts)


def _document(catalog: Catalog, domain: str, prompts: "Prompts") -> Messages:
    """Who completes the world model, about the task's service, as if nobody had said a word."""
    from generators.completion.complete_world import open_domains
    from generators.completion.world_questions import ask_of_domain

    bare = catalog.model_copy(update={"worlds": ()})
    known = next(one for one in open_domains(bare, lambda same: same) if one.domain == domain)
    return next(ask_of_domain(replace(known, prompts=prompts))).messages


def _run_first_call(world: "World", task: Task, prompts: "Prompts") -> Messages:
    """Who plays the tools, about the first call of the task. Raises InputError without one."""
    from generators.backends.model_played import ModelPlayedBackend

    if not task.calls:
        raise InputError("nothing is called in this task: name another")
    backend = ModelPlayedBackend(world, "model", {}, prompts=prompts)
    try:
        call, environment = task.calls[0], backend.open(task.environment_seed, task.clock)
        asked = environment.write_prompt(world.models[call.tool], call.arguments)
    finally:
        backend.close()
    return ({"role": "user", "content": asked},)


def _play(settings: Settings, wanted: str) -> tuple[Trajectory, "Studio"]:
    """The task whose id begins so, played by scripts. Raises InputError where none does."""
    from pipeline.opening import open_workshop

    workshop = open_workshop(settings)
    try:
        for index in range(settings.n):
            task = workshop.studio.task(settings.seed, index)
            if task.id.startswith(wanted):
                return asyncio.run(workshop.candidate(index)), workshop.studio
    finally:
        workshop.release()
    raise InputError(f"none of the first {settings.n} tasks has an id that begins with {wanted!r}")
