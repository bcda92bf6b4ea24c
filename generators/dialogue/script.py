"""The beats of a scripted dialogue: what is said and done next, and where each value was said."""

from dataclasses import dataclass, field
from functools import cached_property

from generators.language.phrase import Mention
from generators.language.scene import Scene
from schemas.message import AssistantAct, UserAct


@dataclass(frozen=True)
class UserBeat:
    """Something that the user says."""

    turn: int
    act: UserAct
    text: str
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True)
class AssistantBeat:
    """Something that the assistant says or does. ``calls`` are numbers of gold calls."""

    turn: int
    act: AssistantAct
    text: str
    calls: tuple[int, ...] = ()


Beat = UserBeat | AssistantBeat
Leaf = tuple[int, str]


@dataclass(frozen=True)
class Heard:
    """Where the user said the value of a leaf."""

    beat: int
    """Number of the user's beat, from 0."""
    mention: Mention


@dataclass(frozen=True)
class Script:
    """All beats, and where each of the user's values was said."""

    beats: tuple[Beat, ...]
    heard: dict[Leaf, Heard]

    @cached_property
    def user(self) -> tuple[UserBeat, ...]:
        """The user's beats."""
        return tuple(beat for beat in self.beats if isinstance(beat, UserBeat))

    @cached_property
    def assistant(self) -> tuple[AssistantBeat, ...]:
        """The assistant's beats."""
        return tuple(beat for beat in self.beats if isinstance(beat, AssistantBeat))


@dataclass
class ScriptDraft:
    """A script that is being written."""

    scene: Scene
    beats: list[Beat] = field(default_factory=list)
    heard: dict[Leaf, Heard] = field(default_factory=dict)
    values: dict[tuple[str, str], Heard] = field(default_factory=dict)
    """Name and value of identities that were said → where."""
    seen: set[int] = field(default_factory=set)
    waiting: list[int] = field(default_factory=list)
    """Calls whose answers were not ready."""
