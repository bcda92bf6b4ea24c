"""The stream of candidates: number ``i`` of a seed is always the same task.

With scripted roles it is always the same dialogue too. Puts the stages together; which roles play,
and what is checked afterwards, is the pipeline's choice.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from generators.backends.backend import Backend, InferredBackend, open_planted
from generators.backends.patience import do_aside
from generators.dialogue.loop import Played, play
from generators.dialogue.roles import AssistantRole, UserRole
from generators.dialogue.script import ScriptedAssistant, ScriptedUser
from generators.embedding import Embedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.importers.tool_files import write_on_one_line
from generators.operators import OPERATORS, USUAL_MIX, script_of
from generators.operators.asked_operators import AskedOperators
from generators.sampling import check_sampler, open_sampler
from generators.sampling.goals import TELL_MORE
from generators.sampling.sampler import Focus, Sampler
from generators.sampling.stream import ChainStream, Turn
from generators.sampling.structure import ShapedSampler, Structure
from generators.sampling.wishes import is_wish
from generators.tasks.clock import Start, shared_start
from generators.tasks.draw_task import Dropped, Workbench, draw_task, forget, meet_rule
from generators.tasks.offered_tools import NEAR, SIZE, Shelf
from generators.tasks.plan import Mix
from generators.tasks.sought_rules import choose_rule
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.check import EnvironmentFactory
from schemas.environment import Environment
from schemas.errors import InputError, NoTaskError, ToolweaveError
from schemas.failure import judge_failure, sketch_task, sketch_trajectory
from schemas.formats import instructed
from schemas.task import SamplerNote, Task
from schemas.tool import Catalog, ToolSpec
from schemas.trajectory import ROLE_PLAY, Roles, Trajectory
from schemas.verdict import Reason, Verdict
from schemas.weights import Weights
from schemas.writing import Written

if TYPE_CHECKING:
    from generators.writing.write_task import TaskWriter

Cast = Callable[[Task, tuple[ToolSpec, ...], int], tuple[UserRole, AssistantRole]]
"""Task, offered tools and seed → who plays user and assistant."""


_LISTED = 8
"""Tools that are named with what keeps them out, where that is all tools."""
_WORLDS = 4
"""Worlds in which somebody is looked for whose rows allow that a rule is broken: of those that are
made for other candidates, too."""
_TURNS = 2
"""Turns of what weighs 1, where something is weighed: halves count."""
_PROBES = 2
"""Tasks that are tried, to find out whether people's words will do for a catalogue."""


class Again(NamedTuple):
    """A task that is played once more."""

    task: Task
    seed: int
    writing: Written | None = None
    """How it came to its words."""


@dataclass(frozen=True)
class Studio:
    """A catalogue made ready for drawing tasks from it."""

    catalog: Catalog
    backend: Backend
    graph: ToolGraph
    mix: Mix
    embedder: Embedder
    sampler: str = "goal"
    """One of `generators.sampling.SAMPLERS`."""
    structure: Structure | None = None
    """None: chains are taken as the sampler draws them."""
    near: int = NEAR
    size: int = SIZE
    """How many tools are offered; see `generators.tasks.offered_tools`."""
    weights: Weights | None = None
    """Which tools and edges have more turns than others."""
    _streams: dict[int, ChainStream] = field(default_factory=dict, init=False, repr=False)

    @property
    def world(self) -> World:
        """What is known of the tools."""
        return self.backend.world

    @cached_property
    def bench(self) -> Workbench:
        """What blueprints are drawn from. Raises InputError where no tool can be called."""
        names = tuple(tool.wire_name for tool in self.catalog.tools)
        out = self.catalog.skipped
        if not names and out:
            told = "; ".join(f"{one.tool}: {one.reason}" for one in out[:_LISTED])
            none = f"none of these {len(out)} tools can be used: {write_on_one_line(told)}"
            raise InputError(none if self.catalog.worlds else f"{none}; {TELL_MORE}")
        walked = self.graph.sure()
        sampler: Sampler = open_sampler(self.sampler, self.world, walked)
        if self.structure is not None:
            sampler = ShapedSampler(sampler, self.world, walked, self.structure)
        shelf = Shelf(self.world, names, self.embedder, self.near, self.size)
        return Workbench(self.backend, sampler, OPERATORS, self.mix, shelf)

    @cached_property
    def asked(self) -> AskedOperators:
        """The operators of which somebody has said how many tasks are to have them."""
        return AskedOperators(self.mix, OPERATORS, self.world, self.bench.sampler)

    def stream(self, seed: int) -> ChainStream:
        """The chains of a seed, in order; one stream a seed."""
        if seed not in self._streams:
            own_seed = derive_seed("stream", seed)
            models, weights = self.world.models, self.weights

            def count_turns(focus: Focus) -> int:  # in a block: with weights, two are the usual
                if weights is None:
                    return 1
                tools, hops = weights.tools, weights.structure.get("multi_hop", 1.0)
                if isinstance(focus, str):
                    return round(_TURNS * tools.get(focus, 1.0))
                return round(_TURNS * max(tools.get(focus.consumer, 1.0), hops))

            self._streams[seed] = ChainStream(
                self.bench.sampler, own_seed, turns=count_turns,
                kind_of=lambda tool: models[tool].tool.domain,
            )  # fmt: skip
        return self._streams[seed]

    @cached_property
    def _tools(self) -> dict[str, ToolSpec]:
        """Wire name → the tool with the returns that the sandbox keeps to."""
        return {
            name: model.tool.model_copy(update={"returns": model.returns})
            for name, model in self.world.models.items()
        }

    def find_start(self, seed: int, index: int) -> Start:
        """The world that candidate ``index`` begins in."""
        return next(self._find_starts(seed, self.stream(seed).find_turn(index)))

    def _find_starts(self, seed: int, turn: Turn) -> Iterator[Start]:
        """The world that a candidate begins in, and those that others of its domain had before."""
        for back in range(_WORLDS):
            yield shared_start(self.world, seed, turn, back)

    def task(self, seed: int, index: int, note: Callable[[Dropped], None] = forget) -> Task:
        """The task of candidate ``index``. Raises InputError where the tools allow none at all.

        ``note`` hears of each attempt that is given up.
        """
        turn = self.stream(seed).find_turn(index)
        own_seed = derive_seed("candidate", seed, index)
        wanted = self.asked.choose(seed, index)
        bench = replace(self.bench, mix=wanted.mix)
        usable, share = bench.sampler.usable, wanted.mix["forbid"]
        sought = choose_rule(self.world, usable, share, seed, turn)
        starts = self._find_starts(seed, turn)
        if sought and (met := meet_rule(bench, own_seed, sought, starts, {*wanted.foci}, note)):
            return met
        drawn = self.stream(seed).draw(index)
        return draw_task(
            bench,
            own_seed,
            drawn,
            note,
            next(self._find_starts(seed, turn)),
            wanted.foci,
            wanted.joined,
            last_resort=lambda: not self._speaks,
        )

    @cached_property
    def _speaks(self) -> bool:
        """Whether tasks in words of people can be made of the catalogue, and it has a wish."""
        wished = any(is_wish(self.world, one) for one in self.world.models.values())
        for number in range(_PROBES if wished else 0):
            with suppress(NoTaskError):
                draw_task(self.bench, derive_seed("speaks", number))
                return True
        return False

    def environment(self, task: Task) -> Environment:
        """The environment of a task in its initial state."""
        return open_planted(self.backend, task.environment_seed, task.clock, task.plants)

    def scripted(
        self, task: Task, tools: tuple[ToolSpec, ...], seed: int
    ) -> tuple[UserRole, AssistantRole]:
        """Roles that need no model."""
        del tools, seed
        script = script_of(self.world, task)
        return ScriptedUser(script), ScriptedAssistant(task, script)

    async def candidate(
        self,
        seed: int,
        index: int,
        cast: Cast,
        roles: Roles,
        again: Again | None = None,
        writer: "TaskWriter | None" = None,
    ) -> Played:
        """Draw and play candidate ``index`` of the stream of ``seed``. Raises ToolweaveError.

        ``writer``: who puts the task's wishes into words before it is played.
        Where anything else is raised, what exists by then is the answer, with the failure.
        ``again``: its task has been drawn, and played in vain.
        """
        own_seed = again.seed if again else derive_seed("candidate", seed, index)
        task = again.task if again else None
        written = again.writing if again else None
        try:
            if task is None:
                task = await do_aside(self.backend, self.task, seed, index)
            tools = tuple(instructed(self._tools[name], task.formats) for name in task.tools)
            if writer is not None and again is None:
                task, written = await writer.write(task, tools, own_seed)
                if written.outcome == "dropped":
                    return _drop(sketch_trajectory(index, own_seed, roles, task), written)
            user, assistant = cast(task, tools, own_seed)
            played = await play(
                task,
                tools,
                user,
                assistant,
                await do_aside(self.backend, self.environment, task),
                aside=partial(do_aside, self.backend),
                index=index,
                seed=own_seed,
                roles=roles,
            )
            told = played.trajectory.model_copy(update={"writing": written})
            return Played(told, played.failure)
        except Exception as error:
            if isinstance(error, ToolweaveError) and not isinstance(error, NoTaskError):
                raise
            known = task or self._sketch(seed, index)
            sketch = sketch_trajectory(index, own_seed, roles, known)
            return Played(sketch, judge_failure(error))

    def _sketch(self, seed: int, index: int) -> Task:
        """What is known of a task that could not be made; each part may be what raised."""
        known: dict[str, object] = {}
        with suppress(Exception):
            start = self.find_start(seed, index)
            known |= {"environment_seed": start.seed, "clock": start.clock.isoformat()}
        with suppress(Exception):
            chain = self.stream(seed).draw(index).chain
            known |= {
                "domain": self.world.models[chain.steps[0].tool].tool.domain,
                "chain": chain,
                "sampler": SamplerNote(policy=chain.policy, seed=chain.seed),
            }
        return sketch_task(**known)


def _drop(sketch: Trajectory, written: Written) -> Played:
    """A candidate whose task got no words: the last objection says why."""
    why = written.rounds[-1].objections[-1].told
    reason = Reason(code="task_not_written", explanation=why)
    verdict = Verdict(check=ROLE_PLAY, version=1, level="structure", label="bad", reasons=(reason,))
    return Played(sketch.model_copy(update={"writing": written}), verdict)


def open_studio(
    catalog: Catalog,
    embedder: Embedder,
    mix: Mix | None = None,
    *,
    sampler: str = "goal",
    structure: Structure | None = None,
    near: int = NEAR,
    size: int = SIZE,
    recipe: str = "full",
    backend: Backend | None = None,
    weights: Weights | None = None,
) -> Studio:
    """Infer the world of a catalogue and build its graph. Raises InputError for unknown names.

    ``backend``: where calls run; None is the sandbox of the inferred world.
    """
    check_sampler(sampler)
    backend = backend or InferredBackend(infer_world(catalog.tools, catalog.worlds))
    graph = build_graph(backend.world, embedder, recipe)
    return Studio(
        catalog,
        backend,
        graph,
        mix or USUAL_MIX,
        embedder,
        sampler,
        structure,
        near,
        size,
        weights,
    )


def environment_factory(backend: Backend) -> EnvironmentFactory:
    """Environments for replaying the trajectories that were made in a backend."""
    return lambda task: open_planted(backend, task.environment_seed, task.clock, task.plants)
