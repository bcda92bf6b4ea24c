"""The law of the brief: what is told is enough for every leaf of every write.

A leaf is told as a value, is that of a row which told words single out of those that the
conversation shows, follows from a told rule over a told set, or is a default; and so is every leaf
of the reads that it is taken from. The words are read anew here, by what stands in the results.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from generators.language.facts import kind_in_id
from generators.language.references import place_of
from generators.lexicon.spoken_values import ordinal
from generators.sandbox.sights import find_whole
from generators.tasks.asked_aloud import identify_row
from generators.tasks.write_brief import is_in_ask
from generators.world.model import ParameterModel, ToolModel, World, strip_indices
from schemas.brief import Meant, Wish
from schemas.leaves import leaves, value_at
from schemas.reading import tells
from schemas.task import Origin, Task
from schemas.twists import Comparison, Noted, Unknown, find_twist, find_twists

_SHOWN = 4
"""Rows of a list that the assistant reads out: of them the user may say "the second one"."""


class Untold(NamedTuple):
    """A leaf of a gold call that the brief does not tell."""

    call: int
    path: str
    why: str


def untold(world: World, task: Task) -> Iterator[Untold]:
    """The leaves of writes, and of reads that these are taken from, of which nothing is told."""
    telling = _Telling(world, task)
    for number, call in enumerate(task.calls):
        if world.models[call.tool].writes:
            yield from telling.untold(number)


@dataclass(frozen=True)
class _Telling:
    """A task with what has been found of its calls."""

    world: World
    task: Task
    found: dict[int, tuple[Untold, ...]] = field(default_factory=dict)

    @cached_property
    def results(self) -> list[Any]:
        """What the gold calls return."""
        return [json.loads(call.result) for call in self.task.calls]

    @cached_property
    def clock(self) -> datetime:
        """Now."""
        return datetime.fromisoformat(self.task.clock)

    def turn_of(self, call: int) -> int:
        """Number of the turn that makes a call."""
        ends = accumulate(len(turn.calls) for turn in self.task.turns)
        return next(number for number, end in enumerate(ends) if call < end)

    def model(self, call: int) -> ToolModel:
        """What the tool of a call does."""
        return self.world.models[self.task.calls[call].tool]

    def untold(self, number: int) -> tuple[Untold, ...]:
        """What is not told of a call, or of those that it is taken from."""
        if number not in self.found:
            self.found[number] = ()  # a call takes from earlier ones alone
            call, found = self.task.calls[number], list[Untold]()
            origins = {origin.path: origin for origin in call.origins}
            comparison = find_twist(self.task.turns[self.turn_of(number)], Comparison)
            for path, _ in leaves(call.arguments) if call.arguments else ():
                if call.composed:  # the assistant words it, of what is asked for
                    continue
                if path not in origins:
                    found.append(Untold(number, path, "it comes from nowhere"))
                elif comparison and (number, path) == (comparison.call, comparison.path):
                    # The rule must be told, and all that the searches are told.
                    if not self.wish(comparison.call).prefer:
                        found.append(Untold(number, path, "the rule is not in the brief"))
                    for at in comparison.calls:
                        for origin in self.task.calls[at].origins:
                            found += self._look_at_leaf(at, origin)
                else:
                    found += self._look_at_leaf(number, origins[path])
            self.found[number] = tuple(found)
        return self.found[number]

    def _look_at_leaf(self, number: int, origin: Origin) -> Iterator[Untold]:
        if origin.kind == "user":
            unknown = find_twists(self.task.turns[self.turn_of(number)], Unknown)
            asked_in_vain = origin.path in {one.name for one in unknown}
            wish = self.wish(number)
            told = (*self.task.brief.proof, *wish.know, *wish.held_back)
            value = value_at(self.task.calls[number].arguments, origin.path)
            known = any((one.call, one.path) == (number, origin.path) for one in told)
            known = known or is_in_ask(origin.path, value, wish.ask)
            if not known and not asked_in_vain:
                yield Untold(number, origin.path, "the value is not in the brief")
        elif origin.call is not None:
            yield from self.untold(origin.call)
            if why := self._find_doubt(number, origin):
                yield Untold(number, origin.path, why)

    def _sources(self, number: int) -> set[int]:
        """The calls that one is taken from, also by way of others."""
        own = {one.call for one in self.task.calls[number].origins if one.call is not None}
        return own.union(*map(self._sources, own))

    def wish(self, call: int) -> Wish:
        """The wish that a call serves."""
        number, wishes = self.turn_of(call), self.task.brief.wishes
        return wishes[number] if number < len(wishes) else Wish(ask="")

    def _find_doubt(self, number: int, origin: Origin) -> str:
        """Why the row that a leaf is taken from is not singled out; empty where it is."""
        assert origin.call is not None
        path, tool = origin.result_path or "", self.task.calls[origin.call].tool
        person = self.task.person
        if person and str(value_at(self.results[origin.call], path)) == person.key:
            return ""  # their own: the service knows who writes
        parameter = self.model(number).parameter(origin.path)
        if self._is_on_file(number, origin, parameter):
            return ""
        noted = find_twists(self.task.turns[self.turn_of(number)], Noted)
        if any(origin.call in one.calls and one.brief and not one.speaks for one in noted):
            return ""  # what an earlier wish came to, as the brief says of this one
        place = place_of(self.world, self.model(origin.call), origin, parameter)
        wish = self.wish(number)
        meant = value_at(self.results[origin.call], path)
        if parameter.use == "identity" and any(
            self.model(one.call).parameter(one.path).entity == parameter.entity
            for one in wish.know
            if one.value != meant and one.call in self._sources(number) and one.call != origin.call
        ):
            return "another one of the kind is told of the same wish"
        named = [one for one in wish.which if (one.call, one.row) == place]
        if not named:
            return f"no words for {path} of {tool}"
        if not any(self._singles_out(one, path, self.turn_of(number)) for one in named):
            return f"{named[0].words!r} does not tell {path} of {tool}"
        return ""

    def _is_on_file(self, number: int, origin: Origin, parameter: ParameterModel) -> bool:
        """Whether it is what the row itself has, or their only one of the kind: "my gift card"."""
        whole = find_whole(self.model(number)).values()
        kept = strip_indices(origin.path).removesuffix("[]") in whole
        if not (parameter.opaque or kept) or parameter.use in ("identity", "reference"):
            return False
        path, call = origin.result_path or "", self.task.calls[number]
        result = self.results[origin.call or 0]
        if path.endswith("]") and not kept:
            listed = value_at(result, path[: path.rfind("[")])
            kinds = [kind_in_id(one) for one in listed]
            kind = kind_in_id(value_at(result, path))
            return bool(kind) and kinds.count(kind) == 1
        own = self.world.entities.get(self.model(number).entity or "")
        names = own.identity if own is not None else ()
        given = dict(leaves(call.arguments)).values()
        place = re.sub(r"(\[\d+\])+$", "", path).rpartition(".")[0]
        row = value_at(result, place) if place else result
        return bool(names) and all(name in row and row[name] in given for name in names)

    def _singles_out(self, meant: Meant, path: str, turn: int) -> bool:
        """Whether the words fit one row alone of each list that the value lies in."""
        words = meant.words.removesuffix(" one")
        whole = words.rpartition(" of ")[2]
        if words.startswith("that ") and self._was_named(meant, turn):
            return True
        place = path[: path.rfind("]") + 1]
        while place:
            holder, _, number = place.removesuffix("]").rpartition("[")
            rows = value_at(self.results[meant.call], holder)
            if len(rows) > 1 and not self._fits_one(words, rows, int(number), meant.call, turn):
                return False
            place = holder[: holder.rfind("]") + 1]
            if whole.startswith("that "):  # the row that it lies in, spoken of before
                outer = meant.model_copy(update={"row": place, "noun": whole.removeprefix("that ")})
                return self._was_named(outer, turn)
        return True

    def _fits_one(self, words: str, rows: Sequence[Any], number: int, call: int, turn: int) -> bool:
        """Whether the words fit the row of that number, and no other."""
        shown = self.turn_of(call) < turn and number < _SHOWN
        if shown and re.search(rf"\b{ordinal(number + 1)}\b", words):
            return True
        if shown and number == len(rows) - 1 and re.search(r"\blast\b", words):
            return True
        if str(rows[number]) in words.split():
            return rows.count(rows[number]) == 1  # by its own number: "my order #W2489269"
        own = _values(rows[number])
        said = [(name, value) for name, value in own if tells(words, value, self.clock)]
        fitting = [row for row in rows if all(one in list(_values(row)) for one in said)]
        return bool(said) and len(fitting) == 1

    def _was_named(self, meant: Meant, turn: int) -> bool:
        """Whether the row is the only one of its kind that was spoken of before."""
        value = self._identify(meant)
        spoken = [
            (one, number)
            for number, wish in enumerate(self.task.brief.wishes[: turn + 1])
            for one in wish.which
            if one.noun == meant.noun and one is not meant
        ]
        return not spoken or self._identify(spoken[-1][0]) == value

    def _identify(self, meant: Meant) -> Any:
        result, model = self.results[meant.call], self.model(meant.call)
        return identify_row(self.world, model, result, meant.row)


def _values(row: Any) -> Iterator[tuple[str, Any]]:
    """A row's scalars; what lies in lists stands under one name. Truth values tell nothing."""
    for path, value in leaves(row) if isinstance(row, dict) else ():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield strip_indices(path), value
