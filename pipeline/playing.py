"""How models play a candidate: each move is checked as it is made, what fails is played again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from data.prompts import Prompts
from generators.dialogue.checked_moves import (
    CheckedAssistant,
    ResumedAssistant,
    ResumedUser,
    find_fork,
    give_up,
)
from generators.dialogue.loop import Played
from generators.dialogue.model_roles import ModelAssistant, ModelUser
from generators.dialogue.roles import AssistantRole, UserRole
from generators.studio import Again, Cast, Studio
from generators.writing.task_ground import find_ungiven
from generators.writing.write_task import TaskWriter
from schemas.brief import Manner
from schemas.canonical import derive_seed
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import Roles, Trajectory
from validators.moves import inspect_move

if TYPE_CHECKING:
    from pipeline.chat.models import Cast as Models


class Asking(NamedTuple):
    """How models are asked for a candidate, beside who they are."""

    best_of: int = 1
    """Samples of the user's model for a message, where it says what it was not given."""
    drops: bool = False
    """A task for which nobody found words is given up."""
    any_bad: bool = False
    """Of several judges, what one finds counts."""


USUAL = Asking()


@dataclass(frozen=True)
class SecondTries:
    """Models on both sides, and what they may try again."""

    studio: Studio
    roles: Roles
    prompts: Prompts
    moves: int
    """How often a move that a check turns down is asked for again …"""
    dialogues: int
    """… and a dialogue that fails is played again, with another seed."""
    manner: Manner | None = None
    """How the user is hard to serve."""
    asking: Asking = USUAL

    async def play(
        self,
        seed: int,
        index: int,
        models: "Models",
        examined: Callable[[Played, "Models"], Awaitable[Trajectory]],
    ) -> Trajectory:
        """Candidate ``index`` of the stream of ``seed``, checked and judged. Raises ToolweaveError.

        Beside it stand the dialogues that failed before it.
        """
        again, writer = None, None
        if "reviewer" in models:
            writer = TaskWriter(
                models["writer"], models["reviewer"], self.studio.environment, self.studio.backend,
                self.asking.drops, self.prompts,
            )  # fmt: skip
        found: Trajectory | None = None
        for number in range(self.dialogues + 1):
            cast = self._cast(models, found)
            played = await self.studio.candidate(seed, index, cast, self.roles, again, writer)
            told = played.trajectory.model_copy(update={"manner": self.manner})
            made = await examined(Played(told, played.failure), models)
            found = give_up(found, made) if found else made
            if find_fork(found) is None:
                break
            again = Again(found.task, derive_seed(found.seed, "again", number), found.writing)
        assert found is not None, "at least one is played"
        return found

    def _cast(self, models: "Models", failed: Trajectory | None) -> Cast:
        """Who plays: beside a dialogue that failed, they begin with what was good of it."""
        fork = find_fork(failed) if failed else None
        before = failed.messages[: fork.at] if failed and fork else ()
        # What runs elsewhere is asked for nothing that is only supposed.
        rows = self.studio.environment if self.studio.backend.pure_reads else None
        look = partial(inspect_move, roles=self.roles, environment=rows)

        def cast(
            task: Task, tools: tuple[ToolSpec, ...], seed: int
        ) -> tuple[UserRole, AssistantRole]:
            user = ModelUser(
                task, models["user"], seed, self.prompts, self.manner, self.asking.best_of,
                find_ungiven,
            )  # fmt: skip
            assistant = CheckedAssistant(
                task, tools, ModelAssistant(tools, models["assistant"], seed), look, self.moves,
                fork.reasons if fork else (), fork.at if fork else -1, self.prompts,
            )  # fmt: skip
            return ResumedUser(before, user), ResumedAssistant(before, assistant)

        return cast
