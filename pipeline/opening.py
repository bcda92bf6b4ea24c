"""Where the stages are put together: from settings to a workshop, from a catalogue to environments.

Nothing else in the pipeline knows how candidates are made.
"""

from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import as_file
from pathlib import Path

import data
from data.prompts import prompts_hash
from generators import importers
from generators.candidates import Cast, Studio, environment_factory, open_studio
from generators.graph.embedding import WordEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.inference.infer import infer_world
from generators.roles.model_assistant import ModelAssistant
from generators.roles.model_user import ModelUser
from generators.roles.role import AssistantRole, UserRole
from pipeline.chat import OpenAIChat
from pipeline.config import Settings
from pipeline.version import code_hash
from schemas.canonical import content_hash
from schemas.check import EnvironmentFactory
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import Catalog, ToolSpec
from schemas.trajectory import SCHEMA_VERSION, Roles, Trajectory
from validators.checks import examine
from validators.judge import judge


@dataclass(frozen=True)
class OpenWorkshop:
    """Implements `pipeline.workshop.Workshop`: draws, plays, checks and judges candidates."""

    studio: Studio
    seed: int
    model: OpenAIChat | None = None
    """None: scripted roles and no judge."""
    deciding: JsonObject = field(default_factory=dict)
    """Settings that decide the stream beside tools, seed and roles."""

    @property
    def catalog(self) -> Catalog:
        """The tools, and what was repaired or skipped in their files."""
        return self.studio.catalog

    @property
    def roles(self) -> Roles:
        """Who plays whom."""
        if self.model is None:
            return Roles()
        name = self.model.name
        return Roles(user=name, assistant=name, judge=name, prompts=prompts_hash())

    @cached_property
    def fingerprint(self) -> str:
        """Content hash of everything that decides the stream."""
        tools = [tool.model_dump(mode="json") for tool in self.catalog.tools]
        roles = self.roles.model_dump()
        return content_hash([code_hash(), SCHEMA_VERSION, tools, self.seed, roles, self.deciding])

    async def candidate(self, index: int) -> Trajectory:
        """Play candidate ``index``, check it and label its turns. Raises ProviderError.

        The judge is asked only about what code accepts: nothing is paid for twice, or in vain.
        """
        played = await self.studio.candidate(self.seed, index, self._cast, self.roles)
        failures = (played.failure,) if played.failure else ()
        trajectory = examine(played.trajectory, self.studio.environment, failures)
        if self.model is None or not trajectory.accepted:
            return trajectory
        verdicts = await judge(played.trajectory, self.model, played.trajectory.seed)
        return examine(played.trajectory, self.studio.environment, verdicts)

    @property
    def _cast(self) -> Cast:
        return self.studio.scripted if self.model is None else self._modelled

    def _modelled(
        self, task: Task, tools: tuple[ToolSpec, ...], seed: int
    ) -> tuple[UserRole, AssistantRole]:
        assert self.model is not None
        return ModelUser(task, self.model, seed), ModelAssistant(tools, self.model, seed)

    def graph_json(self) -> JsonObject:
        """The tool graph as node-link JSON."""
        return self.studio.graph.to_json()

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        if self.model is not None:
            await self.model.close()


def open_workshop(settings: Settings) -> OpenWorkshop:
    """Read the catalogues and make a workshop. Raises InputError."""
    model = None
    if settings.model:
        model = OpenAIChat(settings.model, settings.base_url, concurrency=settings.concurrency)
    studio = open_studio(read_catalog(settings), WordEmbedder())
    return OpenWorkshop(studio, settings.seed, model, settings.deciding)


def open_graph(settings: Settings) -> tuple[Catalog, ToolGraph]:
    """Read the catalogues and find the edges, without a workshop. Raises InputError."""
    catalog = read_catalog(settings)
    return catalog, build_graph(infer_world(catalog.tools), WordEmbedder())


def read_catalog(settings: Settings) -> Catalog:
    """Read all that the settings name, the one way for every command. Raises InputError."""
    return read_tools(settings.tools)


def read_tools(paths: tuple[Path, ...]) -> Catalog:
    """The catalogue of these files as it stands; the project's own where none are named."""
    if paths:
        return importers.read_catalog(paths)
    with as_file(data.resource("catalogs")) as folder:
        return importers.read_catalog([folder])


def environments(catalog: Catalog) -> EnvironmentFactory:
    """Make the environments in which the calls of a catalogue can be replayed."""
    return environment_factory(catalog)
