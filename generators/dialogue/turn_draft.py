"""One turn of a task on its way into a script, and what operators may change of it.

A turn is told in this order: request, questions, calls with a confirmation before the first write,
report. `TurnHooks` has a method for each place at which an operator may step in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from generators.dialogue.script import Leaf, ScriptDraft
from generators.language.phrase import NOTHING, Phrase
from generators.language.scene import Hidden
from schemas.canonical import canonical_json
from schemas.message import AssistantAct, UserAct
from schemas.twists import Comparison, find_twists


class TurnHooks:
    """What an operator changes of the script of a turn; each method changes nothing by itself.

    All operators are asked about every turn: a method looks for its own twist first.
    """

    def write_turn(self, turn: TurnDraft) -> bool:
        """Write the whole turn in another way; True where that is done."""
        del turn
        return False

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf]:
        """Leaves that the request leaves out."""
        del turn
        return ()

    def say_first(self, turn: TurnDraft) -> dict[Leaf, Any]:
        """Leaves for which the request says another value."""
        del turn
        return {}

    def repeat_leaves(self, turn: TurnDraft) -> dict[Leaf, Leaf]:
        """Leaves that are not said because another one has said the same → that one."""
        del turn
        return {}

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase:
        """Other words for the whole request; no words where it is put as usual."""
        del turn, hidden
        return NOTHING

    def open_request(self, turn: TurnDraft) -> str | None:
        """What the request begins with, instead of a greeting; None where it begins as usual."""
        del turn
        return None

    def add_to_request(self, turn: TurnDraft) -> Phrase:
        """A sentence more."""
        del turn
        return NOTHING

    def ask_user(self, turn: TurnDraft) -> bool:
        """Questions and answers before anything is done; True where the turn ends with them."""
        del turn
        return False

    def before_batch(self, turn: TurnDraft, batch: Sequence[int]) -> None:
        """What happens before calls that are made at once."""

    def lead_on(self, turn: TurnDraft, batch: Sequence[int]) -> str:
        """Words of the assistant with which it makes the calls."""
        del turn, batch
        return ""

    def after_call(self, turn: TurnDraft, call: int) -> None:
        """What happens when a call has been answered."""

    def add_to_findings(self, turn: TurnDraft, writes: Sequence[int]) -> str:
        """What the reads have brought to light, to be told before the writes."""
        del turn, writes
        return ""

    def add_to_question(self, turn: TurnDraft) -> str:
        """Words before the question whether the writes may be made."""
        del turn
        return ""

    def answer_question(self, turn: TurnDraft) -> str | None:
        """Another answer than yes; the words with which the assistant goes on, None: it is yes."""
        del turn
        return None

    def before_report(self, turn: TurnDraft) -> None:
        """What happens when all calls are made."""

    def report_turn(self, turn: TurnDraft) -> bool:
        """Write the last words of the turn in another way; True where that is done."""
        del turn
        return False

    def report_call(self, turn: TurnDraft, call: int, *, after: bool) -> str:
        """What the user is told of a call instead; ``after``: something has been told before."""
        del turn, call, after
        return ""

    def add_to_report(self, turn: TurnDraft, told: Sequence[int]) -> str:
        """A sentence more, when these calls have been reported."""
        del turn, told
        return ""

    def close_report(self, turn: TurnDraft, text: str) -> str:
        """The last sentence after what is reported, instead of an offer of more help."""
        del turn, text
        return ""


class TurnDraft:
    """A turn that is being told, and who may change how."""

    def __init__(self, draft: ScriptDraft, number: int, hooks: Sequence[TurnHooks]) -> None:
        self.draft, self.number, self.hooks = draft, number, hooks
        self.scene = draft.scene
        self.turn = self.scene.task.turns[number]
        self.calls = list(self.scene.numbers(number))
        used = {o.call for c in self.calls for o in self.scene.calls[c].origins}
        used.update(call for one in find_twists(self.turn, Comparison) for call in one.calls)
        self.sinks = [call for call in self.calls if call not in used]
        """Calls whose results serve no other call of the turn: what the user wants."""
        self.late: list[int] = []
        """Calls of earlier turns whose answers have come in this one."""

    def say_as_user(self, act: UserAct, phrase: Phrase) -> None:
        """Write words of the user."""
        self.draft.user(self.number, act, phrase)

    def say_as_assistant(self, act: AssistantAct, text: str, calls: Sequence[int] = ()) -> None:
        """Write words of the assistant, with calls or without."""
        self.draft.assistant(self.number, act, text, tuple(calls))

    def user_words(self, key: str, **slots: Phrase | str) -> Phrase:
        """A phrase of the user in their style."""
        return self.scene.grammar.compose(key, self.scene.style, self.scene.rng, **slots)

    def assistant_words(self, key: str, **slots: Phrase | str) -> str:
        """A phrase of the assistant."""
        return self.scene.grammar.compose(key, "any", self.scene.rng, **slots).text

    @cached_property
    def withheld(self) -> frozenset[Leaf]:
        """Leaves that the request leaves out."""
        return frozenset(leaf for hook in self.hooks for leaf in hook.hold_back(self))

    @cached_property
    def instead(self) -> dict[Leaf, Any]:
        """Leaves for which the request says another value."""
        return {leaf: v for hook in self.hooks for leaf, v in hook.say_first(self).items()}

    @cached_property
    def repeated(self) -> dict[Leaf, Leaf]:
        """Leaves that another one says → that one."""
        return {leaf: o for hook in self.hooks for leaf, o in hook.repeat_leaves(self).items()}

    def is_twin(self, call: int) -> bool:
        """Whether the same is asked of the call before it, about something else."""
        calls = self.scene.calls
        return call - 1 in self.sinks and calls[call - 1].tool == calls[call].tool

    def same_as_twin(self, call: int, path: str, value: object) -> bool:
        """Whether the call before it has the same value there, and so it is said already."""
        told = self.scene.told(call - 1) if self.is_twin(call) else ()
        return any(origin.path == path and known == value for origin, _, known in told)

    def told_before(self, call: int) -> frozenset[Leaf]:
        """What was said for the calls before ``call``."""
        scene = self.scene
        return frozenset((c, o.path) for c in range(call) for o, _, _ in scene.told(c))

    def hidden(self, withheld: frozenset[Leaf] = frozenset()) -> Hidden:
        """What goes unsaid: what was said before, and what is withheld."""
        known = {*self.told_before(self.calls[0]), *self.repeated}
        here: set[tuple[str, str]] = set()
        for call in self.calls:
            for origin, parameter, value in self.scene.told(call):
                leaf, key = (call, origin.path), (parameter.name, canonical_json(value))
                if self.same_as_twin(call, origin.path, value):
                    known.add(leaf)
                elif parameter.use in ("identity", "reference") and "[" not in origin.path:
                    if self.draft.named_last(*key) or key in here:
                        known.add(leaf)
                    here.add(key)
        seen = frozenset(self.draft.seen)
        return Hidden(withheld, frozenset(known), {}, seen, start=self.calls[0])

    def note_known(self) -> None:
        """Note that leaves said before, for another call, are heard where they were said."""
        draft = self.draft
        for call in self.calls:
            for origin, parameter, value in self.scene.told(call):
                heard = None
                if self.same_as_twin(call, origin.path, value):
                    heard = draft.heard.get((call - 1, origin.path))
                elif parameter.use in ("identity", "reference"):
                    heard = draft.values.get((parameter.name, canonical_json(value)))
                if heard:
                    draft.heard.setdefault((call, origin.path), heard)
        for leaf, first in self.repeated.items():
            if first in draft.heard:
                draft.heard[leaf] = draft.heard[first]
