"""Whether a model's words for a task are accepted, as far as programs can tell.

What the brief's own words told must still be told, and no value may be told that the user cannot
know or does not say at first. That the words want the right thing, a reviewer finds out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from generators.rewriting.told_values import Reading
from generators.world.model import World
from generators.world.policy_rules import asks_why
from generators.writing.task_ground import TaskGround, is_told, read_task, tell_known, tell_openly
from schemas.brief import Brief, Wish
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.writing import Objection

LONGEST = 400
"""Characters of a situation, a wish or a reason."""


@dataclass(frozen=True)
class Scripted:
    """A task as code wrote it, and what of it may be said."""

    task: Task
    tools: Sequence[ToolSpec]
    world: World

    @property
    def brief(self) -> Brief:
        """The brief whose words are to be others."""
        return self.task.brief

    def find_objections(self, written: Brief) -> Iterator[Objection]:
        """Why words are not accepted; nothing: as far as programs can tell, they are."""
        wishes = zip(self.brief.wishes, written.wishes, self.task.turns, strict=True)
        for number, (old, new, turn) in enumerate(wishes, 1):
            ground = TaskGround(self._reading, self._list_sayable(old), self.task.policy)
            yield from self._look_at(f"wish {number}", new.ask, ground)
            if not new.ask:
                yield Objection(code="no_words", told=f"wish {number} has no words")
            # Values of the scripted words that stand nowhere beside the new ones, and not in them.
            beside = (new.ask, old.prefer, *(one.words for one in old.which))
            texts = (*beside, *map(tell_known, old.know))
            still = [one for text in texts for one in self._reading.read(text)]
            lost = [one.text for one in self._reading.read(old.ask) if not is_told(one, still)]
            if lost:
                told = f"wish {number} must still tell {'; '.join(lost)}"
                yield Objection(code="value_dropped", told=told)
            yield from self._look_at(f"the reason of wish {number}", new.why, ground)
            made = (self.world.models[one.tool] for one in turn.calls if not one.barred)
            if not new.why and any(asks_why(self.world, model) for model in made):
                told = f"wish {number} must have a reason, as the rules ask for one"
                yield Objection(code="reason_dropped", told=told)
        every = [text for wish in self.brief.wishes for text in self._list_sayable(wish)]
        ground = TaskGround(self._reading, every, self.task.policy)
        yield from self._look_at("the situation", written.situation, ground)

    def _look_at(self, place: str, text: str, ground: TaskGround) -> Iterator[Objection]:
        if len(text) > LONGEST or "\n" in text or "\0" in text:
            told = f"{place} must be one line of at most {LONGEST} characters"
            yield Objection(code="no_words", told=told)
        elif added := ground.find_ungiven(text):
            yield Objection(code="value_added", told=f"{place} must not tell {'; '.join(added)}")
        named = [one for one in self._inner_names
                 if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)]  # fmt: skip
        if named:
            yield Objection(code="tool_named", told=f"{place} must not name {'; '.join(named)}")

    def _list_sayable(self, wish: Wish) -> list[str]:
        """What the user may say of a wish when it is brought up."""
        put_right = wish.first.label if wish.first else None
        known = () if wish.manner else wish.know
        return [
            self.brief.who, self.brief.situation, *tell_openly(wish),
            *map(tell_known, self.brief.proof),
            *(tell_known(one) for one in known if one.label != put_right),
        ]  # fmt: skip

    @cached_property
    def _reading(self) -> Reading:
        return read_task(self.task)

    @cached_property
    def _inner_names(self) -> list[str]:
        """Names of tools and parameters that are no plain words."""
        names = [name for tool in self.tools for name in (tool.wire_name, *tool.properties)]
        plain = re.compile(r"[a-z]+")
        return [one for one in dict.fromkeys(names) if not plain.fullmatch(one)]
