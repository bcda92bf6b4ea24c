"""Where the stages are put together: from settings to a workshop, from a catalogue to environments.

Nothing else in the pipeline knows how candidates are made.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

import data
from data.prompts import SHIPPED, Prompts, read_prompts
from generators import importers
from generators.backends.patience import do_aside, wait_for
from generators.backends.shown_rows import take_shown_rows
from generators.backends.trial import try_tools
from generators.deduplication import merge_duplicates
from generators.dialogue.loop import Played
from generators.dialogue.model_roles import draw_manner
from generators.embedding import word_embedder
from generators.graph.edge_judgement import judge_edges
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.identity_cache import Same
from generators.importers import NamedDocument
from generators.importers.world_files import with_policy
from generators.learned_results import complete_by_model, complete_returns, read_observations
from generators.operators import OPERATORS, USUAL_MIX, make_mix
from generators.sampling.edge_trials import check_edges
from generators.sampling.structure import Structure
from generators.sampling.walk_samplers import RandomWalkSampler
from generators.sandbox.own_rows import find_user
from generators.studio import Studio, environment_factory, open_studio
from generators.world.bind import bind_world
from generators.world.infer import describe_world, infer_world
from generators.world.model import World
from pipeline.backends import Tools, catalog_tools, environment_tools, open_models, replaying
from pipeline.chat.activity import Activity
from pipeline.cli.progress import tell
from pipeline.config import Settings, refused
from pipeline.garbage import collecting_nothing
from pipeline.live.servers import list_tools, name_of
from pipeline.playing import USUAL, Asking, SecondTries
from pipeline.probing.weights import weigh_mix, weigh_structure
from pipeline.run.manifest import code_hash
from pipeline.run.workshop import Aims
from schemas.brief import Manner
from schemas.canonical import content_hash
from schemas.chat import ChatModel, Role
from schemas.check import EnvironmentFactory
from schemas.errors import InputError, RefusedRequestError, ToolweaveError
from schemas.failure import abandon, ends_candidate, judge_failure
from schemas.record import JsonObject
from schemas.tool import Catalog
from schemas.trajectory import SCHEMA_VERSION, Roles, Trajectory
from schemas.world_model import WorldModel
from validators.checks import examine, run_checks, weigh
from validators.court import Court
from validators.suspicions import is_undecided

if TYPE_CHECKING:
    from pipeline.chat.models import Cast, Models

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class OpenWorkshop:
    """Implements `pipeline.run.workshop.Workshop`: draws, plays, checks and judges candidates."""

    studio: Studio
    seed: int
    models: "Models | None" = None
    """None: scripted roles and no judge; there may be a judge alone."""
    deciding: JsonObject = field(default_factory=dict)
    """What decides the stream beside tools, seed and roles."""
    prompts: Prompts = SHIPPED
    """What whoever plays, writes or judges is told."""
    release: Callable[[], None] = lambda: None
    """Gives back what the tools' backend holds open."""
    tries: tuple[int, int] = (0, 0)
    """How often a move that a check turns down, and a dialogue that fails, is tried again."""
    manners: Mapping[Manner, float] = field(default_factory=dict)
    """How users whom a model plays are hard to serve → the share of conversations."""
    asking: Asking = USUAL
    """How models are asked for a candidate."""

    @property
    def catalog(self) -> Catalog:
        """The tools, and what was repaired or skipped in their files."""
        return self.studio.catalog

    @property
    def roles(self) -> Roles:
        """Who plays whom."""
        tools = self.studio.backend.name
        if self.models is None:
            return Roles(tools=tools)
        return self.models.roles(tools, self.prompts.hash)

    @cached_property
    def fingerprint(self) -> str:
        """Content hash of everything that decides the stream."""
        tools = [tool.model_dump(mode="json") for tool in self.catalog.tools]
        worlds = [one.deciding for one in self.catalog.worlds]
        roles = self.roles.model_dump()
        return content_hash(
            [code_hash(), SCHEMA_VERSION, tools, worlds, self.seed, roles, self.deciding]
        )

    @cached_property
    def aims(self) -> Aims:
        """What a build sets out to have: the shares of its mix, and what its tools allow."""
        asked, world, sampler = self.studio.asked, self.studio.world, self.studio.bench.sampler
        marks = [(mark, one) for one in OPERATORS for mark in one.marks]
        entities = {name: model.entity for name, model in world.models.items() if model.entity}
        usable = sampler.usable
        domains = sorted({world.models[name].tool.domain for name in usable})
        users = (find_user(Same(world), domain) for domain in domains)
        ends = {"complete": (), "refuse": ("forbid", "unsupported", "against_policy"),
                "transfer": ("transfer",), "clarify": ("unanswerable",),
                "fail": ("lasting",)}  # fmt: skip
        outcomes = (end for end, names in ends.items() if not names or any(
            asked.mix[name] and name not in asked.lacking for name in names))  # fmt: skip
        return Aims(
            shares={mark.name: asked.mix[mark.name] for mark, _ in marks},
            asked=tuple(mark.name for mark, _ in marks if mark.name in asked.wanted),
            kinds={mark.name: one.name for mark, one in marks if mark.name != one.name},
            needs={mark.name: one.needs for mark, one in marks},
            lacking=tuple(asked.lacking),
            possible={
                "tools": usable,
                "edges": tuple("{}: {} → {}: {}".format(*link) for link in sampler.links),
                "entities": tuple(sorted({entities[name] for name in usable if name in entities})),
                "outcomes": tuple(outcomes),
                "persons": tuple(user.key for user in users if user is not None),
            },
            entities=entities,
        )  # fmt: skip

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Model → options that its endpoint does not take."""
        return {} if self.models is None else self.models.left_out

    @property
    def shown(self) -> Mapping[str, tuple[str, ...]]:
        """Model → what its endpoint has been seen to do."""
        return {} if self.models is None else self.models.shown

    @property
    def activity(self) -> Callable[[], Activity] | None:
        """Tells what the models are doing; None where there are none."""
        return None if self.models is None else self.models.activity

    async def candidate(self, index: int) -> Trajectory:
        """Play candidate ``index``, check it and label its turns. Raises ToolweaveError.

        The judge is asked only where code finds no fault: nothing is paid for twice, or in vain.
        """
        if self.models is None:
            played = await self.studio.candidate(self.seed, index, self.studio.scripted, self.roles)
            return await self._examined(played, None)
        cast = self.models.cast(index)
        try:
            if "user" not in cast:
                own = self.studio.scripted
                played = await self.studio.candidate(self.seed, index, own, self.roles)
                return await self._examined(played, cast)
            manner = draw_manner(self.manners, self.seed, index)
            again = SecondTries(
                self.studio, self.roles, self.prompts, *self.tries, manner, self.asking
            )
            return await again.play(self.seed, index, cast, self._examined)
        finally:
            self.models.release(index)

    async def _examined(self, played: Played, cast: "Cast | None") -> Trajectory:
        if played.failure and ends_candidate(played.failure):
            return abandon(played.trajectory, played.failure)
        writing = played.trajectory.writing
        if played.failure and writing is not None and writing.outcome == "dropped":
            return abandon(played.trajectory, played.failure)
        failures = (played.failure,) if played.failure else ()
        backend, environment = self.studio.backend, self.studio.environment
        look = partial(examine, environment=environment)
        try:
            found = await do_aside(backend, run_checks, played.trajectory, environment)
            trajectory = weigh(played.trajectory, found, failures)
            if cast is None or not is_undecided(trajectory.verdicts):
                return trajectory
            scripted = "user" not in cast
            if scripted and not trajectory.accepted:
                return trajectory
            seed, rewrites = trajectory.seed, scripted and "writer" in cast
            if rewrites:
                from generators.rewriting.rewrite import rewrite  # of a model's words only

                trajectory = await rewrite(trajectory, cast["writer"], look, seed, self.prompts)
            if "judge" not in cast:
                return trajectory
            judges = [chat for seat, chat in cast.items() if seat.startswith("judge")]
            court = Court(judges, cast.get("second_judge"), self.asking.any_bad)
            verdicts = await court.judge(trajectory, trajectory.verdicts, seed, self.prompts)
            if rewrites:  # else not a word is another than was checked
                found = await do_aside(backend, run_checks, trajectory, environment)
            return weigh(trajectory, found, verdicts)
        except RefusedRequestError as error:
            return abandon(played.trajectory, judge_failure(error))
        except ToolweaveError:
            raise
        except Exception as error:
            return abandon(played.trajectory, judge_failure(error))

    def size(self, index: int) -> int:
        """Calls and wishes of candidate ``index``; 0 where it has no task."""
        try:
            task = self.studio.task(self.seed, index)
        except Exception:  # whatever it is, the candidate will tell
            return 0
        return len(task.turns) + len(task.calls)

    def graph_json(self) -> JsonObject:
        """The tool graph as node-link JSON."""
        return self.studio.graph.to_json()

    async def close(self) -> None:
        """Close the connections to the endpoint, and what the tools hold open."""
        if self.models is not None:
            await self.models.close()
        self.release()


def read_catalog(settings: Settings, documents: Sequence[NamedDocument] | None = None) -> Catalog:
    """Read all that the settings name, the one way for every command. Raises as `open_workshop`.

    ``documents`` are what the live servers have told, where they were asked already.
    """
    if settings.environment is not None:
        return environment_tools(settings.environment).catalog
    if documents is None:
        documents = list(map(_live, settings.mcp))
    catalog = read_tools(
        settings.tools,
        settings.strict,
        settings.run_python,
        documents,
        settings.world,
        settings.max_description,
    )
    if settings.policy is not None:
        catalog = with_policy(catalog, settings.policy)
    catalog = complete_returns(catalog, read_observations(settings.observations))
    if settings.complete_results:
        catalog = _asked(
            settings,
            "documenter",
            partial(complete_by_model, catalog, prompts=read_prompts(settings.prompts)),
        )
    if settings.dedup:
        catalog = merge_duplicates(catalog, word_embedder(), settings.dedup)
    catalog = take_shown_rows(catalog)
    tried = partial(
        try_tools,
        include_doubtful=settings.include_doubtful,
        most_tokens=settings.result_tokens,
        made_here=not settings.mcp_calls and settings.tools_by == "sandbox",
    )
    if settings.completes_world:
        from pipeline.world_files import complete_catalog  # of a model's words only

        catalog = complete_catalog(settings, catalog, tried)
    return tried(catalog, strict=settings.strict)


Reader = Callable[[Settings, Sequence[NamedDocument]], Catalog]


@collecting_nothing()
def open_workshop(settings: Settings, read: Reader = read_catalog) -> OpenWorkshop:
    """Read the catalogues and make a workshop. Raises InputError, ProviderError.

    Not to be called in a running event loop: servers and models may be asked.
    """
    if settings.user_model and "user" not in settings.players:
        raise InputError("no model plays here: give --model, and no rewrite", place="user_model")
    models = open_models(settings) if settings.players else None
    prompts = read_prompts(settings.prompts)
    structure = None
    if settings.structure is not None or settings.sampler == RandomWalkSampler.policy:
        try:
            structure = Structure.model_validate(settings.structure or {})
        except ValidationError as error:
            raise refused(error, keys=(*Structure.model_fields,), inside="structure") from None
    tools = open_tools(settings, models, read)
    weights = settings.weights
    if weights is not None and structure is not None:
        structure = weigh_structure(structure, weights)
    try:
        try:
            mix = make_mix(**weigh_mix(settings.mix, weights))
        except ValidationError as error:
            raise refused(error, keys=tuple(USUAL_MIX), inside="mix") from None
        offered = {key: getattr(settings, key) for key in ("near", "size")}
        studio = open_studio(
            tools.catalog,
            word_embedder(),
            sampler=settings.sampler,
            mix=mix,
            structure=structure,
            recipe=settings.recipe,
            backend=tools.backend,
            weights=weights,
            **{key: count for key, count in offered.items() if count is not None},
        )
        studio = replace(studio, graph=_weighed(studio.graph, studio.world, settings))
    except BaseException:
        tools.close()
        raise
    deciding = settings.deciding | tools.deciding
    tries = settings.move_tries, settings.dialogue_tries
    asking = Asking(settings.best_of, settings.unwritten == "drop", settings.votes == "any_bad")
    return OpenWorkshop(
        studio, settings.seed, models, deciding, prompts, tools.close, tries, settings.manners,
        asking,
    )  # fmt: skip


def open_tools(
    settings: Settings, models: "Models | None" = None, read: Reader = read_catalog
) -> Tools:
    """The catalogue that the settings name, and where its calls run. Raises as `open_workshop`."""
    if settings.environment is not None:
        return environment_tools(settings.environment)
    documents = list(map(_live, settings.mcp))
    named = [(one.name, target) for one, target in zip(documents, settings.mcp, strict=True)]
    return catalog_tools(settings, read(settings, documents), named, models)


def open_graph(settings: Settings) -> tuple[Catalog, ToolGraph]:
    """Read the catalogues and find the edges, without a workshop. Raises as `open_workshop`."""
    catalog = read_catalog(settings)
    world = infer_world(catalog.tools, catalog.worlds)
    graph = build_graph(world, word_embedder(), settings.recipe)
    return catalog, _weighed(graph, world, settings)


def open_meaning(settings: Settings) -> tuple[Catalog, WorldModel, World]:
    """Read the catalogues; their world model, alone and bound. Raises as `open_workshop`.

    What is in doubt is there, too: it is what a person may settle.
    """
    catalog = read_catalog(settings.model_copy(update={"include_doubtful": True}))
    model = describe_world(catalog.tools, catalog.worlds)
    return catalog, model, bind_world(catalog.tools, model)


def read_tools(
    paths: tuple[Path, ...],
    strict: bool = False,
    run_python: bool = False,
    documents: Sequence[NamedDocument] = (),
    worlds: Sequence[Path] = (),
    longest: int = importers.LONGEST,
) -> Catalog:
    """The catalogue of these files as it stands; the project's own where nothing is named."""
    read = partial(
        importers.read_catalog,
        strict=strict,
        run_python=run_python,
        documents=documents,
        worlds=worlds,
        longest=longest,
    )
    if paths or documents:
        return read(paths)
    with as_file(data.resource("catalogs")) as folder:
        return read([folder])


def _live(target: str) -> NamedDocument:
    document = list_tools(target)
    return NamedDocument(name_of(target, document), document)


def _weighed(graph: ToolGraph, world: World, settings: Settings) -> ToolGraph:
    """The graph after a model has judged its edges and calls have tried them, as far as asked."""
    if settings.judge_edges:
        graph = _asked(
            settings,
            "judge",
            partial(judge_edges, graph, world, prompts=read_prompts(settings.prompts)),
        )
    if settings.check_edges:
        graph = check_edges(graph, world, settings.seed)
    return graph


def _asked(
    settings: Settings, role: Role, question: Callable[[ChatModel, int], Awaitable[Answer]]
) -> Answer:
    """Put a question about the catalogue to a model; what it says is kept in the folder."""
    from pipeline.chat.models import asking

    async def ask() -> Answer:
        async with asking(settings, role, tell) as chat:
            return await question(chat, settings.seed)

    return wait_for(ask())


def environments(catalog: Catalog, folder: Path | None = None) -> EnvironmentFactory:
    """Make the environments in which the calls of a catalogue can be replayed.

    ``folder`` is the output folder that they were made in; without it, they ran in the sandbox.
    Raises InputError, OutputError.
    """
    return environment_factory(replaying(catalog, folder))
