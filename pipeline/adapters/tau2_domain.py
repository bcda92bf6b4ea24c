"""A folder's tasks as domains of τ²: policy, tasks with gold actions, and tools that really run.

τ² has one database for a domain, and our tasks have a world each: the database is the name of the
task, which the task itself sets, and the sandbox's state. The tools run in the sandbox of the
folder, so toolweave is installed beside τ². A value that is told in other words than it stands in
the record (a date) is none that τ² could look for: it becomes an assertion for its judge.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from pipeline.adapters.episodes import Told
from pipeline.adapters.methods import make_method
from pipeline.adapters.tau2_episodes import Domain
from pipeline.dataset import Dataset
from pipeline.exports.chat import chat_of
from pipeline.exports.tau2 import rows
from pipeline.files import replace_file, writing
from pipeline.opening import environments
from pipeline.run.output_folder import read_catalog
from schemas.canonical import canonical_json, content_hash
from schemas.environment import call_at
from schemas.message import AssistantMessage
from schemas.trajectory import Trajectory
from validators.reward import is_earned

FILES = ("db.json", "policy.md", "tasks.json", "split_tasks.json", "tools.json")


def write_domains(folder: Path, out: Path) -> list[Path]:
    """Write a folder for each domain, and say which. Raises InputError, OutputError."""
    found: dict[str, list[Trajectory]] = defaultdict(list)
    for one in Dataset.open(folder):
        if is_earned(one) and not any(call.lost for call in one.task.calls):
            found[one.task.domain].append(one)
    for domain, played in sorted(found.items()):
        place = out / domain
        tools = {tool.wire_name: tool for one in played for tool in one.tools}
        told: dict[str, Any] = {
            "db.json": {"task": ""},
            "tasks.json": [write_task(one) for one in played],
            "split_tasks.json": {"base": [one.id for one in played]},
            "tools.json": [
                {
                    "name": name, "description": tool.description, "parameters": tool.parameters,
                    "writes": tool.writes,
                }
                for name, tool in sorted(tools.items())
            ],
        }  # fmt: skip
        with writing(place):
            place.mkdir(parents=True)
        for name, value in told.items():
            replace_file(place / name, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
        replace_file(place / "policy.md", played[0].task.policy + "\n")
    return [out / domain for domain in sorted(found)]


def write_task(played: Trajectory) -> Told:
    """A task as τ² reads it."""
    (row,) = rows(chat_of(played))
    criteria = row["evaluation_criteria"]
    # What must be said, and whether the proven conversation says it as τ² looks for it.
    said = [one.text.lower().replace(",", "") for one in played.messages
            if isinstance(one, AssistantMessage)]  # fmt: skip
    demanded = [str(one.value) for one in played.task.acceptance.must_say]
    told = [(text, any(text.lower() in words for words in said)) for text in demanded]
    row["id"] = played.id
    row["initial_state"] = {"initialization_data": {"agent_data": {"task": played.id}}}
    known = row["user_scenario"]["instructions"]
    known["known_info"] = f"{known['known_info']}\nIt is {played.task.clock}.".strip()
    criteria["communicate_info"] = [text for text, is_literal in told if is_literal]
    criteria["nl_assertions"] += [
        f"The assistant tells the user this value: {text}" for text, literal in told if not literal
    ]
    criteria["reward_basis"] = ["DB", "COMMUNICATE"]
    found: Told = row
    return found


def load_domain(place: Path, folder: Path) -> Domain:
    """A domain that was written of this folder, for τ². Raises InputError, OutputError."""
    from tau2.data_model.tasks import Task
    from tau2.environment.db import DB
    from tau2.environment.environment import Environment
    from tau2.environment.toolkit import ToolKitBase, ToolType, is_tool

    tasks = {one.id: one.task for one in Dataset.open(folder)}
    make = environments(read_catalog(folder), folder)

    class World(DB):  # type: ignore[misc]
        task: str

    class Kit(ToolKitBase):  # type: ignore[misc]
        def _find(self) -> Any:
            """The sandbox of the task that the database names."""
            if getattr(self, "_made", ("", None))[0] != self.db.task:
                self._made = (self.db.task, make(tasks[self.db.task]))
            return self._made[1]

        def _call(self, name: str, arguments: Told) -> str:
            done = call_at(self._find(), tasks[self.db.task].clock, name, arguments)
            if done.is_error:
                raise ValueError(canonical_json(done.content))
            return canonical_json(done.content)

        def get_db_hash(self) -> str:
            """Hash of the task's name and the state of its sandbox."""
            state = self._find().state_hash() if self.db.task else ""
            return content_hash([self.db.task, state])

    methods: dict[str, Any] = {}
    for one in json.loads((place / "tools.json").read_text(encoding="utf-8")):
        kind = ToolType.WRITE if one["writes"] else ToolType.READ
        methods[one["name"]] = is_tool(kind)(make_method(one, one["name"]))
    kit: Any = type(Kit)("Tools", (Kit,), methods)  # type: ignore[misc]
    policy = (place / "policy.md").read_text(encoding="utf-8")

    def get_environment(db: Any = None, solo_mode: bool = False) -> Any:
        if solo_mode:
            raise ValueError("the tools are the assistant's")
        opened = World.load(str(place / "db.json")) if db is None else db
        return Environment(domain_name=place.name, policy=policy, tools=kit(opened))

    def get_tasks() -> list[Any]:
        told = json.loads((place / "tasks.json").read_text(encoding="utf-8"))
        return [Task.model_validate(one) for one in told]

    return Domain(place.name, get_environment, get_tasks)
