"""One turn of a task on its way into a script, and what operators may change of it.

A turn is told in this order: request, questions, calls with a confirmation before the first write,
report. `TurnHooks` has a method for each place at which an operator may step in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from generators.dialogue.script import AssistantBeat, Heard, Leaf, ScriptDraft, UserBeat
from generators.language.phrase import Phrase
from generators.language.request import Later, leave_for_later
from generators.language.scene import Hidden
from generators.language.slot_phrases import find_pairs
from generators.lexicon.names import capital
from generators.world.policy_rules import has_manner
from schemas.canonical import canonical_json
from schemas.leaves import value_at
from schemas.message import AssistantAct, UserAct
from schemas.task import DECLINED
from schemas.twists import Hurry, LeansOn, Vague, Withheld, find_twists, has_twist

_PLAIN = 0.45
"""Share of later requests that begin without a word about what came before."""
_NEVER_LOWER = ("I", "I'm", "I'd", "I've")


class TurnHooks:
    """What an operator changes of the script of a turn; by itself each method changes nothing.

    All operators are asked about every turn: a method looks for its own twist first.
    """

    def write_turn(self, turn: TurnDraft) -> bool | None:
        """Write the whole turn in another way; True where that is done."""

    def hold_back(self, turn: TurnDraft) -> Sequence[Leaf] | None:
        """Leaves that the request leaves out."""

    def say_first(self, turn: TurnDraft) -> dict[Leaf, Any] | None:
        """Leaves for which the request says another value."""

    def repeat_leaves(self, turn: TurnDraft) -> dict[Leaf, Leaf] | None:
        """Leaves that are not said because another one has said the same → that one."""

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase | None:
        """Other words for the whole request; no words where it is put as usual."""

    def open_request(self, turn: TurnDraft) -> str | None:
        """What the request begins with, instead of a greeting; None where it begins as usual."""

    def add_to_request(self, turn: TurnDraft) -> Phrase | None:
        """A sentence more."""

    def ask_user(self, turn: TurnDraft) -> bool | None:
        """Questions and answers before anything is done; True where the turn ends with them."""

    def before_batch(self, turn: TurnDraft, batch: Sequence[int]) -> None:
        """What happens before calls that are made at once."""

    def lead_on(self, turn: TurnDraft, batch: Sequence[int]) -> str | None:
        """Words of the assistant with which it makes the calls."""

    def after_call(self, turn: TurnDraft, call: int) -> None:
        """What happens when a call has been answered."""

    def add_to_findings(self, turn: TurnDraft, writes: Sequence[int]) -> str | None:
        """What the reads have brought to light, to be told before the writes."""

    def add_to_question(self, turn: TurnDraft) -> str | None:
        """Words before the question whether the writes may be made."""

    def answer_question(self, turn: TurnDraft) -> str | None:
        """Another answer than yes; the words with which the assistant goes on, None: it is yes."""

    def before_report(self, turn: TurnDraft) -> None:
        """What happens when all calls are made."""

    def report_turn(self, turn: TurnDraft) -> bool | None:
        """Write the last words of the turn in another way; True where that is done."""

    def report_call(self, turn: TurnDraft, call: int, *, after: bool) -> str | None:
        """What the user is told of a call instead; ``after``: something has been told before."""

    def add_to_report(self, turn: TurnDraft, told: Sequence[int]) -> str | None:
        """A sentence more, when these calls have been reported."""

    def close_report(self, turn: TurnDraft, text: str) -> str | None:
        """The last sentence after what is reported, instead of an offer of more help."""


class TurnDraft:
    """A turn that is being told, and who may change how."""

    def __init__(self, draft: ScriptDraft, number: int, hooks: Sequence[TurnHooks]) -> None:
        self.draft, self.number, self.hooks = draft, number, hooks
        self.scene = draft.scene
        self.turn = self.scene.task.turns[number]
        self.calls = list(self.scene.numbers(number))
        self.sinks = self.scene.sinks(number)
        """Calls whose results serve no other call of the turn: what the user wants."""
        self.late: list[int] = []
        """Calls of earlier turns whose answers have come in this one."""

    def talk(self, speaker: str, phrase: Phrase) -> None:
        """Write words that somebody says to others in the chat."""
        self._note_words(UserBeat(self.number, "talk", phrase.text, phrase.mentions, speaker))

    def say_as_user(self, act: UserAct, phrase: Phrase) -> None:
        """Write words of the user in their style, and note where values were said."""
        text = phrase.text
        if self.scene.style != "terse" or self.scene.rng.random() < 0.4:
            text = text if phrase.mentions else capital(text)
        else:  # terse people do without capitals and full stops, now and then
            text = _lower_first(phrase)
            if text.endswith(".") and not any(m.span.endswith(".") for m in phrase.mentions):
                text = text[:-1]
        self._note_words(UserBeat(self.number, act, text, phrase.mentions))

    def _note_words(self, phrase: UserBeat) -> None:
        draft = self.draft
        number = sum(isinstance(beat, UserBeat) for beat in draft.beats)
        draft.beats.append(phrase)
        for mention in phrase.mentions:
            heard = draft.heard[mention.call, mention.path] = Heard(number, mention)
            for origin, parameter, value in self.scene.told(mention.call):
                if origin.path == mention.path:
                    draft.values[parameter.name, canonical_json(value)] = heard

    def say_as_assistant(self, act: AssistantAct, text: str, calls: Sequence[int] = ()) -> None:
        """Write words of the assistant; beside calls, only where the policy lets it."""
        if calls and has_manner(self.scene.task.policy, "silent_call"):
            text = ""
        text = self.as_kept(text).strip()
        self.draft.beats.append(AssistantBeat(self.number, act, text, tuple(calls)))

    def as_kept(self, text: str) -> str:
        """The words, in which a text that is kept in a format is told as it is kept."""
        for (call, path), plain in self.scene.plain.items():
            kept = value_at(self.scene.calls[call].arguments, path)
            if kept not in text:
                text = text.replace(plain, kept).replace(".”.", ".”")
        return text

    def opened(self, body: Phrase, opener: str | None = None) -> Phrase:
        """With a greeting, or a word that leads on from what came before: ``opener``, if given."""
        scene, number = self.scene, self.number
        if opener is None:
            now = name_time_of_day(scene.task.clock) if number == 0 else {}
            done = number > 0 and scene.task.turns[number - 1].outcome == "complete"
            situation = scene.task.brief.situation
            if number == 0 and situation:
                greeting = self.user_words("greet", **now).text
                return f"{greeting}{situation} " + body
            key = "open" if number == 0 else "next" if done else "next_after_no"
            plain = done and scene.rng.random() < _PLAIN
            opener = "" if plain else self.user_words(key, **now).text
        if opener and opener.rstrip()[-1] not in ".!?":
            body = Phrase(_lower_first(body), body.mentions)
        return opener + body

    def user_words(self, key: str, **slots: Phrase | str) -> Phrase:
        """A phrase of the user in their style."""
        scene, said = self.scene, {**name_time_of_day(self.moment), **slots}
        return scene.grammar.compose(key, scene.style, scene.rng, **said)

    def assistant_words(self, key: str, **slots: Phrase | str) -> str:
        """A phrase of the assistant."""
        said = {**name_time_of_day(self.moment), **slots}
        return self.scene.grammar.compose(key, "any", self.scene.rng, **said).text

    @cached_property
    def moment(self) -> str:
        """When it is said, as far as calls tell: after the last call of the turn."""
        made = self.scene.calls[: self.scene.numbers(self.number).stop]
        return next((one.at for one in reversed(made) if one.at), self.scene.task.clock)

    @cached_property
    def held_back(self) -> frozenset[Leaf]:
        """Leaves that operators have the request leave out."""
        return frozenset(leaf for hook in self.hooks for leaf in hook.hold_back(self) or ())

    @cached_property
    def withheld(self) -> frozenset[Leaf]:
        """Leaves that the request leaves out."""
        return self.held_back | self.later.leaves | set(self.proof)

    @cached_property
    def _held(self) -> dict[Leaf, None]:
        """Leaves that are said when the assistant asks, in order."""
        return dict.fromkeys((one.call, one.path) for one in find_twists(self.turn, Withheld))

    @cached_property
    def proof(self) -> tuple[Leaf, ...]:
        """By what the service is to find the one who writes: said when it asks."""
        known = {(one.call, one.path) for one in self.scene.task.brief.proof}
        serving = [call for call in self.calls if call not in self.sinks]
        return tuple(
            (call, origin.path)
            for call in serving
            for origin, _, _ in self.scene.told(call)
            if (call, origin.path) in known - (self.held_back - self._held.keys())
        )

    @cached_property
    def later(self) -> Later:
        """The details that a first message has no room for."""
        if has_twist(self.turn, Vague, LeansOn, Hurry) or self.turn.outcome in DECLINED:
            return Later()  # nothing is asked for what is not to be done
        known = self.hidden().known
        twins = {one for call in self.calls[1:] if self.is_twin(call) for one in (call - 1, call)}
        held = [leaf for leaf in self._held if leaf not in self.proof]
        told = [
            (call, origin, parameter)
            for call in self.sinks
            if call not in twins
            for origin, parameter, _ in self.scene.told(call)
            if (call, origin.path) not in known | self.held_back
        ]
        writes = any(self.scene.model(call).writes for call in self.sinks)
        before = [value for call in range(self.calls[0]) for *_, value in self.scene.told(call)]
        # Nobody is asked for the e-mail address that they have given before.
        given = {(call, origin.path) for call, origin, parameter in told
                 if parameter.semantic in ("email", "phone")
                 and self.scene.told_at(call, origin.path)[1] in before}  # fmt: skip
        fixed = self.instead.keys() | given
        pairs = find_pairs(self.scene.world)
        return leave_for_later(told, writes=writes, held=held, fixed=fixed, pairs=pairs)

    @cached_property
    def instead(self) -> dict[Leaf, Any]:
        """Leaves for which the request says another value."""
        said = (hook.say_first(self) or {} for hook in self.hooks)
        return {leaf: value for one in said for leaf, value in one.items()}

    @cached_property
    def repeated(self) -> dict[Leaf, Leaf]:
        """Leaves that another one says → that one."""
        repeated = (hook.repeat_leaves(self) or {} for hook in self.hooks)
        return {leaf: first for one in repeated for leaf, first in one.items()}

    @cached_property
    def looked_at(self) -> dict[Leaf, Leaf]:
        """What reads are told that nobody asks for → the leaf of a later call that says it."""
        calls = self.scene.calls
        said = {
            canonical_json(value): (call, origin.path)
            for call in reversed(self.calls)
            for origin, _, value in self.scene.told(call)
        }
        leaves = (
            ((call, origin.path), canonical_json(value_at(calls[call].arguments, origin.path)))
            for call in self.calls
            if calls[call].looks
            for origin in calls[call].origins
            if origin.kind == "user"
        )
        return {leaf: said[value] for leaf, value in leaves if value in said}

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
                    # Of all values of a name, only the one that was named last is "that".
                    heard = self.draft.values.get(key)
                    rivals = (other.beat for known_key, other in self.draft.values.items()
                              if known_key[0] == key[0] and known_key != key)  # fmt: skip
                    is_last = heard is not None and heard.beat > max(rivals, default=-1)
                    if is_last or key in here:
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
        for leaf, first in (*self.repeated.items(), *self.looked_at.items()):
            if first in draft.heard:
                draft.heard[leaf] = draft.heard[first]


def _lower_first(phrase: Phrase) -> str:
    text = phrase.text
    first = text.split(" ", 1)[0]
    if first in _NEVER_LOWER or any(text.startswith(one.span) for one in phrase.mentions):
        return text
    return text[:1].lower() + text[1:]


_NOON, _EVENING = 12, 18
_LATE = 17
"""From when on one wishes a good evening, and no more a good day."""


def name_time_of_day(at: str) -> Mapping[str, str]:
    """The slots of a phrase that is said at a moment, as in ``Good {part_of_day}``."""
    hour = datetime.fromisoformat(at).hour
    part = "morning" if hour < _NOON else "afternoon" if hour < _EVENING else "evening"
    return {"part_of_day": part, "rest_of_day": "day" if hour < _LATE else "evening"}
