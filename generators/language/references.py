"""References to rows: "the second one", "the flight at 9:40 am", "the order from the 3rd of May".

A reference that the user makes before the row has been shown must be unique among the rows that
will be found; that is looked up, not hoped for (CoVe). And what was unique need not stay so: "that
payee" is not, once another payee has been added, nor "the appointment on Monday", once it is moved.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generators.language.deed_words import find_told_place
from generators.language.description import PLACES, described
from generators.language.facts import find_name, is_spoken_id, shown_fields
from generators.language.phrase import Phrase, concat
from generators.language.rows import (
    SpokenField,
    fields_of,
    is_measure_of_search,
    is_naming,
    main_list,
    name_of,
    speakable,
)
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import ToldLeaf, carried, is_scope, name_parameter, tell
from generators.lexicon.date_field_names import tells_making
from generators.lexicon.meanings import is_price
from generators.lexicon.names import bare_label, label, split_words
from generators.lexicon.nouns import singular, with_article
from generators.lexicon.spoken_values import date_with_on, ordinal
from generators.lexicon.tables import load_table
from generators.world.model import ParameterModel, ToolModel, World
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Origin

Place = tuple[int, str]
"""A row: the call whose result shows it, and its path there."""
UNSEEN = " that comes up"
"""Behind a row of which the user knows nothing: nobody asks for such a row."""
_LONGEST_QUOTE = 80
"""Characters of a text by which a row is pointed at."""
_NAMED_BY_VALUE = frozenset("handle title path branch opaque_id sha unknown label version".split())
"""Meanings of values that stand behind a row's noun: the branch main."""
_IDS = frozenset({"number_id", "opaque_id"})


def name_noun(world: World, parameter: ParameterModel) -> str:
    """What a row is called that the parameter names: ``flight``.

    What a row lies in alone is not the row: ``owner``.
    """
    entity = world.entities.get(parameter.entity or "")
    whole = entity is not None and parameter.field not in entity.identity[:-1]
    return label(entity.noun) if entity and whole else bare_label(parameter.name)


def row_path(path: str) -> str:
    """``flights[2].flight_id`` → ``flights[2]``; no list: the empty path."""
    return path[: path.rfind("]") + 1]


def place_of(world: World, source: ToolModel, origin: Origin, parameter: ParameterModel) -> Place:
    """The row that a leaf of a result of ``source`` names.

    That is the row in which it stands, or another one, as with ``orders[2].customer_id``: then the
    leaf's own path stands for it.
    """
    assert origin.call is not None
    path = origin.result_path or ""
    holder = world.entities.get(source.entity or "")
    own = holder is None or parameter.entity == holder.key or path.endswith("]")
    own = own or path.rpartition(".")[2] in (holder.identity if holder else ())
    return origin.call, row_path(path) if own else path


def refer(scene: Scene, origin: Origin, noun: str, hidden: Hidden, before: int = 0) -> Phrase:
    """Words for the row that an argument was taken from.

    ``before``: the call that it is named for, so that what earlier calls were about, or have
    changed, is known.
    """
    assert origin.call is not None
    assert origin.result_path is not None
    if hidden.brief:
        row = row_path(origin.result_path)
        listed = singular(row.rpartition("[")[0].rpartition(".")[2]).replace("_", " ")
        own = kind_of(scene, origin.call) in ("", noun) or listed == noun
        return Phrase((row_name(scene, origin.call, row, noun) if own else "") or f"the {noun}")
    referring = _Referring(scene, origin.call, hidden, before)
    return Phrase(referring.words(origin.result_path, noun))


def spoken_of(scene: Scene, call: int, row: str = "") -> str:
    """The one thing that a result, or a row in it, is about: by its name, or else "that order"."""
    noun = kind_of(scene, call)
    return row_name(scene, call, row, noun) or f"that {noun}"


def row_name(scene: Scene, call: int, row: str, noun: str) -> str:
    """What a row is called: ``the task “Pack the boxes”``; empty where it has no name.

    With its number where another row that was shown with it has the same name.
    """
    name = name_of(fields_of(scene, call, row))
    called = _call_by_name(name, noun) if name else ""
    entity = scene.world.entities.get(scene.model(call).entity or "")
    if not (name and called and row and entity and entity.identity) or label(entity.noun) != noun:
        return called
    result, holder = scene.results[call], row.rpartition("[")[0]
    listed = value_at(result, holder) if holder else result
    number = value_at(result, row).get(entity.identity[-1])
    alike = [one for one in listed if isinstance(one, dict) and one.get(name.name) == name.value]
    if len(alike) < 2 or not is_spoken_id(number, noun):
        return called
    return f"{called} (number {number})" if isinstance(number, int) else f"{called} ({number})"


@dataclass(frozen=True)
class _Referring:
    """One call whose result holds the row, and what the listener knows of it."""

    scene: Scene
    call: int
    hidden: Hidden
    before: int

    @property
    def known(self) -> bool:
        """Whether its result has been reported, or was found in an earlier turn."""
        return self.call in self.hidden.seen or self.call < self.hidden.start

    def words(self, path: str, noun: str) -> str:
        """Words for the row in which the value at ``path`` stands."""
        row, own = row_path(path), kind_of(self.scene, self.call)
        if own not in ("", noun) and (called := self._called_elsewhere(path, noun)):
            return called
        if not row:
            foreign = own not in ("", noun)
            return f"the {noun} of {self._owner('', own)}" if foreign else self._single(noun)
        holder, number, listed = self._list_of(row)
        if not isinstance(listed[number], dict):
            # An id in a list of ids: "the order #W2489269" where people use such numbers,
            # else "the second order", "the first item of the lamp".
            if is_spoken_id(listed[number], noun):
                return f"the {noun} {listed[number]}"
            nth, outer = f"the {ordinal(number + 1)} {noun}", row_path(holder)
            if outer:
                return f"{nth} of {self._row(outer, own)}"
            return f"{nth} of {self._single(own)}" if self.known else nth
        if own and (row_path(holder) or self.scene.model(self.call).operation != "list"):
            # A row within another: ``the second dish of the order from the 3rd of May``.
            name = name_of(fields_of(self.scene, self.call, row))
            words = f"the {ordinal(number + 1)} {noun}"
            if len(listed) == 1:
                words = f"the {noun}"
            elif name and self._is_unique_name(holder, listed, name):
                words = _call_by_name(name, noun) or f"the {noun} {name.value}"
            owner = self._owner(row_path(holder), own, whole=True)
            spoken = (self.call, row_path(holder)) in self.hidden.spoken
            return words if name and spoken and owner == f"that {own}" else f"{words} of {owner}"
        kind = singular(holder.rsplit(".", 1)[-1]).replace("_", " ")
        if own and own != noun and kind != noun:
            return f"the {noun} of {self._owner(row, own)}"
        return self._row(row, noun)

    def _called_elsewhere(self, path: str, noun: str) -> str:
        """The name of a row that this result only refers to, where another one has shown it."""
        key = next((k for k, e in self.scene.world.entities.items() if label(e.noun) == noun), "")
        shown = max([self.call, *(c for c in range(self.before) if c in self.hidden.seen)])
        value = value_at(self.scene.results[self.call], path)
        named = find_name(self.scene, shown, key, value)
        return _call_by_name(named, noun) if named else ""

    def _list_of(self, row: str) -> tuple[str, int, list[Any]]:
        """``orders[2]`` → ``orders``, 2, and the list there."""
        holder, _, number = row.removesuffix("]").rpartition("[")
        result = self.scene.results[self.call]
        return holder, int(number), value_at(result, holder) if holder else result

    def _owner(self, row: str, noun: str, *, whole: bool = False) -> str:
        """The row that holds a value, or in which a part lies: "that order" once it is named.

        It may have been named through another result. ``whole``: a part's own row is another one,
        so that its being among those that are named says something.
        """
        place = (self.call, row)
        spoken = [one for one in self.hidden.spoken if whole or one != place]
        if only_one_named(self.scene, place, spoken):
            return f"that {noun}"
        return self._row(row, noun) if row else self._single(noun)

    def _single(self, noun: str, row: str = "") -> str:
        """The one thing that a result is about."""
        others = _find_rivals(self.scene, (self.call, row), self.before) if self.known else []
        fields = self._fields(row)
        name = name_of(fields)
        if name and (self.hidden.resolved or others) and (called := _call_by_name(name, noun)):
            return called
        # Whether it was made, and no other such thing since.
        after = range(self.call + 1, min(self.before, len(self.scene.calls)))
        creates = [
            call
            for call in (self.call, *after)
            if self.scene.model(call).operation == "create"
            and (call == self.call or kind_of(self.scene, call) == noun)
        ]
        if creates == [self.call]:
            return f"the new {noun}"
        if not self.known:
            return f"the {noun}"
        if said := self._tell_from_twin():
            return (_call_by_name(name, noun) if name else "") or f"the {noun} {said}"
        if not others:
            return f"that {noun}"
        # What tells the row from others by a glance: its name, else another value of its own.
        fields.sort(key=_is_unusual)
        name = name_of(fields)
        names = [found.value for one in others if (found := name_of(one))]
        apart = [name] if name and name.value not in names else []
        held = [{field.name: field.value for field in one} for one in others]
        apart += [
            field
            for field in fields
            if speakable(field) and not isinstance(field.value, bool)
            if all(one.get(field.name) != field.value for one in held)
        ]
        return _tell_by(self.scene, apart[:1], noun, seen=True) or f"that {noun}"

    def _tell_from_twin(self) -> str:
        """What was said of a call that has a twin, so that "that user" is not any of two."""
        scene, call = self.scene, self.call
        for twin in (call - 1, call + 1):
            if 0 <= twin < len(scene.calls) and scene.calls[twin].tool == scene.calls[call].tool:
                same = carried(scene, call, twin)
                own = (leaf for leaf in scene.told(call) if leaf[0].path not in same)
                for origin, parameter, value in own:
                    if parameter.use == "identity" and is_spoken_id(value, scene.noun(call)):
                        return str(value)
                    told = tell(scene, call, origin.path, parameter, value)
                    return told.tail.text or f"with the {told.label} {told.value.text}"
                break
        return ""

    def _fields(self, row: str) -> list[SpokenField]:
        """The row's fields, without what calls before ``before`` have changed since."""
        scene, call, mine = self.scene, self.call, _identify(self.scene, (self.call, row))
        fields = fields_of(scene, call, row)
        shown, old = {field.name: field.value for field in fields}, set()
        for other in range(call + 1, min(self.before, len(scene.calls))) if mine else ():
            alike = scene.model(other).operation == "update"
            alike = alike and kind_of(scene, other) == kind_of(scene, call)
            if alike and _identify(scene, (other, "")) == mine:
                changed = fields_of(scene, other, "")
                old |= {f.name for f in changed if shown.get(f.name, f.value) != f.value}
        return [field for field in fields if field.name not in old]

    def _row(self, row: str, noun: str) -> str:
        """A row of a list."""
        holder, number, listed = self._list_of(row)
        fields, choices = self._fields(row), []
        name, resolved, rng = name_of(fields), self.hidden.resolved, self.scene.rng
        if resolved and (called := row_name(self.scene, self.call, row, noun)):
            return called
        if len(listed) == 1:
            return self._single(noun, row)
        seen = self.call in self.hidden.seen and not resolved
        beside = [*listed, *self._list_beside()]
        for field in fields:
            values = [one.get(field.name) if isinstance(one, dict) else None for one in beside]
            measured = is_measure_of_search(field.name)
            if speakable(field) and not measured and values.count(field.value) == 1:
                choices.append(field)
        if seen:
            shown = shown_fields(self.scene, self.call, row)
            choices = [field for field in choices if field.name in shown]
        elif not resolved:
            choices = [field for field in choices if self._is_carried_in_mind(field)]
        choices.sort(key=_is_unusual)
        if name and name not in choices and self._is_unique_name(holder, listed, name):
            choices.insert(0, name)
        described = _tell_by(self.scene, choices, noun, seen=seen)
        told = seen and bool(shown_fields(self.scene, self.call, row))
        # No other list of such things, whose last one is another, was read out after it.
        latest = told and not any(
            other > self.call and self.scene.model(other).operation == "list"
            and kind_of(self.scene, other) == kind_of(self.scene, self.call)
            for other in self.hidden.seen
        )  # fmt: skip
        if latest and (not described or rng.random() < 0.4) and number < 4:
            # "The last one" is that of the list, "my last order" might be the latest.
            last = number == len(listed) - 1 and rng.random() < 0.25 and number > 0
            nth = f"the {ordinal(number + 1)} {rng.choice(('one', noun))}"
            return "the last one" if last else nth
        if not described and (seen or resolved):
            described = self._quote(row, noun, beside)
        return described or f"the {ordinal(number + 1)} {noun}{UNSEEN}"

    def _quote(self, row: str, noun: str, beside: Sequence[Any]) -> str:
        """A row without a name by what people go by, or by its words, where no other has them."""
        for field in fields_of(self.scene, self.call, row):
            values = [one.get(field.name) if isinstance(one, dict) else None for one in beside]
            if not isinstance(field.value, str) or values.count(field.value) != 1:
                continue
            if field.semantic == "text" and len(field.value) <= _LONGEST_QUOTE:
                return f"the {noun} “{field.value}”"
        return ""

    def _list_beside(self) -> Iterator[Any]:
        """Other such rows that the same turn has brought: the cards of another account."""
        scene, kind = self.scene, kind_of(self.scene, self.call)
        places = self._places(self.call)
        mine = {_identify(scene, place) for place in places}
        for other in scene.numbers(scene.turn_of(self.call)):
            if other != self.call and kind_of(scene, other) == kind:
                yield from (value_at(scene.results[other], row) for _, row in self._places(other)
                            if _identify(scene, (other, row)) not in mine)  # fmt: skip

    def _places(self, call: int) -> list[Place]:
        """The rows of a list; none where the call lists nothing."""
        found = main_list(self.scene.results[call])
        if found is None or self.scene.model(call).operation != "list":
            return []
        return [(call, f"{found[0]}[{number}]") for number in range(len(found[1]))]

    def _is_carried_in_mind(self, field: SpokenField) -> bool:
        """Whether a person knows the field of a thing of theirs before they are shown it."""
        entity = self.scene.world.entities.get(self.scene.model(self.call).entity or "")
        named_by = entity.named_by if entity else ()
        when = field.semantic in ("date", "datetime", "time") and not tells_making(field.name)
        return (
            field.name in named_by
            or is_naming(field.name)
            or when
            or field.semantic in ("title", "person_name", "company", "city", "list")
            or field.name in ("status", "state")
        )

    def _is_unique_name(self, holder: str, listed: Sequence[Any], name: SpokenField) -> bool:
        """Whether no other row of the list has the same composite name."""
        rows = (f"{holder}[{number}]" for number in range(len(listed)))
        names = [name_of(fields_of(self.scene, self.call, row)) for row in rows]
        return [other.value for other in names if other].count(name.value) == 1


def _is_unusual(field: SpokenField) -> int:
    """How seldom people tell things apart by a field; low numbers first."""
    if field.semantic == "money" and not is_price(field.name):
        return 2
    return 1 if field.semantic in ("datetime", "rating", "count") else 0


def _call_by_name(field: SpokenField, noun: str) -> str:
    """``the task “Pack”``, ``Ana Ruiz``; empty for what is no name."""
    value, semantic = field.value, field.semantic
    if not isinstance(value, str):
        return ""
    if semantic == "company" and field.name not in ("name", "company_name", "company"):
        return f"the {noun} with {value}"
    if semantic in ("person_name", "company"):
        own = is_naming(field.name) or field.names or semantic == "company"
        ways: dict[str, list[str]] = load_table("telling")["ways_of_people"]
        words = split_words(field.name)
        way = next((way for way, marks in ways.items() if not set(words).isdisjoint(marks)), "of")
        return value if own else f"the {noun} {way} {value}"
    if semantic == "title":
        return f"the {noun} “{value}”"
    said = field.name in ("name", "title", "path", "symbol", "ticker")
    return f"the {noun} {value}" if said else ""


def _tell_by(scene: Scene, choices: list[SpokenField], noun: str, *, seen: bool) -> str:
    """The row by the best of some fields: name, price, property; empty where none will do."""
    for field in choices:
        if named := _call_by_name(field, noun):
            return named
    natural = (field for field in choices if field.semantic in PLACES)
    others = (field for field in choices if seen and not isinstance(field.value, bool))
    best = next(natural, None) or next(others, None)
    return described(scene, [best], noun) if best else ""


def kind_of(scene: Scene, call: int) -> str:
    """What a call's result is about: the noun of its entity, or else of its tool."""
    model = scene.model(call)
    entity = scene.world.entities.get(model.entity or "")
    return label(entity.noun if entity else model.noun)


def _find_rivals(scene: Scene, place: Place, before: int) -> list[list[SpokenField]]:
    """The fields of other rows of its kind that calls before ``before`` were about, one by one."""
    noun, mine = kind_of(scene, place[0]), _identify(scene, place)
    found: dict[tuple[str, ...], list[SpokenField]] = {}
    for other in range(min(before, len(scene.calls))):
        if other == place[0] or not mine or kind_of(scene, other) != noun:
            continue
        # The one row that its result is about, if it is about one.
        result, row = scene.results[other], ""
        if scene.model(other).operation == "list":
            path, listed = main_list(result) or ("", [])
            if len(listed) != 1 or not isinstance(listed[0], dict):
                continue
            row = f"{path}[0]"
        elif not isinstance(result, dict):
            continue
        key = _identify(scene, (other, row))
        if key and key != mine:
            found[key] = fields_of(scene, other, row)
    return list(found.values())


def is_overtaken(scene: Scene, call: int) -> bool:
    """Whether a row of the kind has come up since that is another: then "that one" is not its."""
    mine, kind = _identify(scene, (call, "")), kind_of(scene, call)
    others = (
        _identify(scene, (other, ""))
        for other in reversed(range(call))
        if kind_of(scene, other) == kind and scene.model(other).operation != "list"
    )
    return next(filter(None, others), mine) != mine


def only_one_named(scene: Scene, place: Place, spoken: Collection[Place]) -> bool:
    """Whether a row, and no other of its kind, is among those that are spoken of.

    One row may be shown by several results.
    """
    kind, mine = kind_of(scene, place[0]), _identify(scene, place)
    shown = [_identify(scene, one) for one in spoken if kind_of(scene, one[0]) == kind]
    known = [one for one in shown if one]
    return bool(mine) and bool(known) and all(one == mine for one in known)


def _identify(scene: Scene, place: Place) -> tuple[str, ...]:
    """The row's identity as far as the result shows it; empty where it does not."""
    call, row = place
    entity = scene.world.entities.get(scene.model(call).entity or "")
    held: JsonObject = value_at(scene.results[call], row) if row else scene.results[call]
    if entity is None or not isinstance(held, dict):
        return ()
    known = tuple(str(held[name]) for name in entity.identity if name in held)
    return known if len(known) == len(entity.identity) else ()


def identity_in_words(scene: Scene, call: int, told: Sequence[ToldLeaf]) -> Phrase:
    """A row that the user names: "issue 412 in octo/hello", "the file notes.txt".

    ``told`` are the identity's leaves in the order of the entity's identity; the last is the row's
    own, the others say in what it lies.
    """
    *scope, (origin, parameter, value) = told
    noun = name_noun(scene.world, parameter)
    if is_scope(scene.world, told):
        said = [scene.say(call, origin.path, model, value) for origin, model, value in told]
        return f"the {noun} " + concat(said, "/")
    words = scene.say(call, origin.path, parameter, value)
    entity = scene.world.entities.get(scene.model(call).entity or "")
    by_other = parameter.semantic in _IDS and entity is not None and (
        parameter.use == "identity" and parameter.field not in entity.identity)  # fmt: skip
    if by_other:  # the patient's number is none of the appointment's
        words = f"the {noun} with the {name_parameter(parameter)} " + words
    elif parameter.semantic == "number_id":  # not ``the CVE CVE-2014-0160``
        called = re.match(rf"{re.escape(noun)}\b", words.text, re.IGNORECASE)
        words = words if called else f"{noun} " + words
    elif parameter.semantic in _NAMED_BY_VALUE:
        words = f"the {noun} " + words
    elif parameter.semantic != "person_name":
        if parameter.role:  # ``the meal on 12 March``
            words = f"the {noun} " + _put_behind(parameter, words)
        else:
            words = f"{with_article(noun)} with the {name_parameter(parameter)} " + words
    said = [scene.say(call, origin.path, model, value) for origin, model, value in scope]
    if is_scope(scene.world, scope):
        return words + " in " + concat(said, "/")
    lone = len(scope) == 1
    parts = []
    for (_, one, _), part in zip(scope, said, strict=True):
        of = "of" if lone and one.semantic == "handle" else ""
        placed = find_told_place(scene.model(call), one.name) or "in"
        before = of or f"{placed} the {one.label or bare_label(one.name)}"
        parts.append(" " + (_put_behind(one, part) if one.role else f"{before} " + part))
    return words + concat(parts, "")


def _put_behind(parameter: ParameterModel, said: Phrase) -> Phrase:
    """A part of what names a row behind its role: ``on 12 March``, and ``tomorrow`` alone."""
    role = parameter.role or ""
    dated = parameter.semantic in ("date", "datetime") and role.rpartition(" ")[2] == "on"
    if dated and date_with_on(said.text) == said.text:
        return f"{role.removesuffix('on')}" + said if role != "on" else said
    return f"{role} " + said
