"""References to rows: "the second one", "the flight at 9:40 am", "the order from the 3rd of May".

A reference that the user makes before the row has been shown must be unique among the rows that
will be found; that is looked up, not hoped for (CoVe).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from generators.language.description import dated
from generators.language.phrase import Phrase
from generators.language.reference_ambiguity import (
    kind_of,
    only_one_named,
    outdated,
    rivals,
    told_from,
)
from generators.language.rows import SpokenField, fields_of, is_naming, name_of, speakable
from generators.language.scene import Scene
from generators.lexicon.money import is_price
from generators.lexicon.names import bare_label, label
from generators.lexicon.nouns import singular, with_article
from generators.lexicon.numbers import ordinal
from generators.world.model import ParameterModel
from schemas.leaves import value_at
from schemas.task import Origin

_BY: dict[str, str] = {
    "time": "at {}", "datetime": "on {}", "money": "for {}",
    "rating": "rated {}", "city": "in {}", "company": "from {}", "person_name": "of {}",
}  # fmt: skip


def noun_for(scene: Scene, parameter: ParameterModel) -> str:
    """What a row is called that the parameter names: ``flight``."""
    entity = scene.world.entities.get(parameter.entity or "")
    return label(entity.noun.replace(" ", "_")) if entity else bare_label(parameter.name)


def row_path(path: str) -> str:
    """``flights[2].flight_id`` → ``flights[2]``; no list: the empty path."""
    return path[: path.rfind("]") + 1]


def refer(
    scene: Scene,
    origin: Origin,
    noun: str,
    *,
    seen: bool,
    past: bool = False,
    resolved: bool = False,
    before: int = 0,
    spoken: Collection[tuple[int, str]] = (),
) -> Phrase:
    """Words for the row that an argument was taken from.

    ``seen``: its list has been reported; ``past``: it was found in an earlier turn; ``resolved``:
    it is named by what it is called, wherever it has a name; ``before``: the call that it is named
    for, so that what earlier calls were about, or have changed, is known; ``spoken``: the rows,
    by call and path, that the same request has named.
    """
    assert origin.call is not None
    assert origin.result_path is not None
    referring = _Referring(scene, origin.call, seen, past, resolved, before, spoken)
    return Phrase(referring.words(origin.result_path, noun))


def spoken_of(scene: Scene, call: int) -> str:
    """The one thing that a result is about: by its name, or else "that order"."""
    noun = kind_of(scene, call)
    referring = _Referring(scene, call, seen=True, past=True, resolved=True)
    return referring.name("", noun) or f"that {noun}"


def row_name(scene: Scene, call: int, row: str, noun: str) -> str:
    """What a row is called: ``the task “Pack the boxes”``; empty where it has no name."""
    return _Referring(scene, call, seen=True, past=True, resolved=True).name(row, noun)


@dataclass(frozen=True)
class _Referring:
    """One call whose result holds the row, and what the listener knows of it."""

    scene: Scene
    call: int
    seen: bool
    past: bool
    resolved: bool
    before: int = 0
    spoken: Collection[tuple[int, str]] = ()

    def words(self, path: str, noun: str) -> str:
        """Words for the row in which the value at ``path`` stands."""
        row, own = row_path(path), kind_of(self.scene, self.call)
        if not row:
            foreign = own not in ("", noun)
            return f"the {noun} of {self._owner('', own)}" if foreign else self._single(noun)
        holder, number = _place(row)
        listed = self._at(holder)
        if not isinstance(listed[number], dict):
            # An id in a list of ids: "the second order", "the first item of the lamp".
            bare_words = f"the {ordinal(number + 1)} {noun}"
            outer = row_path(holder)
            return (
                f"{bare_words} of {self._row(outer, own)}"
                if outer
                else f"{bare_words} of {self._single(own)}"
                if self.seen or self.past
                else bare_words
            )
        if own and (row_path(holder) or self.scene.model(self.call).operation != "list"):
            return self._part(row, noun, own)
        kind = singular(holder.rsplit(".", 1)[-1]).replace("_", " ")
        if own and own != noun and kind != noun:
            return f"the {noun} of {self._owner(row, own)}"
        return self._row(row, noun)

    def _part(self, row: str, noun: str, own: str) -> str:
        """A row within another: ``the second dish of the order from the 3rd of May``."""
        holder, number = _place(row)
        listed, fields = self._at(holder), fields_of(self.scene, self.call, row)
        name = name_of(fields)
        if len(listed) == 1:
            words = f"the {noun}"
        elif name and _unique_name(self.scene, self.call, row, listed, name):
            words = _by_name(self.scene, name, (), noun, self.seen) or f"the {noun} {name.value}"
        else:
            words = f"the {ordinal(number + 1)} {noun}"
        outer = row_path(holder)
        return f"{words} of {self._owner(outer, own, whole=True)}"

    def _owner(self, row: str, noun: str, *, whole: bool = False) -> str:
        """The row that holds a value, or in which a part lies: "that order" once it is named.

        It may have been named through another result. ``whole``: a part's own row is another one,
        so that its being among those that are named says something.
        """
        place = (self.call, row)
        spoken = [one for one in self.spoken if whole or one != place]
        if only_one_named(self.scene, place, spoken):
            return f"that {noun}"
        return self._row(row, noun) if row else self._single(noun)

    def _at(self, path: str) -> Any:
        result = self.scene.results[self.call]
        return value_at(result, path) if path else result

    def _single(self, noun: str, row: str = "") -> str:
        """The one thing that a result is about."""
        known = self.seen or self.past
        others = rivals(self.scene, self.call, row, self.before) if known else []
        if (self.resolved or others) and (name := self.name(row, noun)):
            return name
        model = self.scene.model(self.call)
        # Whether another such thing has been made since.
        if model.operation == "create" and not any(
            self.scene.model(call).operation == "create" and kind_of(self.scene, call) == noun
            for call in range(self.call + 1, min(self.before, len(self.scene.calls)))
        ):
            return f"the new {noun}"
        if not known:
            return f"the {noun}"
        if apart := _told_apart(self.scene, self.call):
            return f"the {noun} {apart}"
        if others and (words := self._apart(row, noun, others)):
            return words
        return f"that {noun}"

    def _apart(self, row: str, noun: str, others: list[list[SpokenField]]) -> str:
        """What tells the row from others of its kind that were spoken of."""
        field = told_from(sorted(self._fields(row), key=_unusual), others)
        return _described(self.scene, [field], [], noun, seen=True) if field else ""

    def _fields(self, row: str) -> list[SpokenField]:
        """The row's fields, without what has changed since it was found."""
        old = outdated(self.scene, self.call, row, self.before)
        return [one for one in fields_of(self.scene, self.call, row) if one.name not in old]

    def name(self, row: str, noun: str) -> str:
        """What the row is called; empty where it has no name."""
        name = name_of(self._fields(row))
        return _by_name(self.scene, name, (), noun, self.seen) if name else ""

    def _row(self, row: str, noun: str) -> str:
        holder, number = _place(row)
        listed = self._at(holder)
        if self.resolved and (name := self.name(row, noun)):
            return name
        if len(listed) == 1:
            return self._single(noun, row)
        seen = self.seen and not self.resolved
        fields = self._fields(row)
        return _one_of(self.scene, self.call, row, fields, listed, number, noun, seen=seen)


def _place(row: str) -> tuple[str, int]:
    """``orders[2]`` → ``("orders", 2)``."""
    start = row.rfind("[")
    return row[:start], int(row[start + 1 : -1])


def _told_apart(scene: Scene, call: int) -> str:
    """What was said of a call that has a twin, so that "that user" is not any of two."""
    twins = [
        other
        for other in (call - 1, call + 1)
        if 0 <= other < len(scene.calls) and scene.calls[other].tool == scene.calls[call].tool
    ]
    if not twins:
        return ""
    others = {origin.path: value for origin, _, value in scene.told(twins[0])}
    for origin, parameter, value in scene.told(call):
        if others.get(origin.path) != value:
            said = scene.say(call, origin.path, parameter, value).text
            return f"with the {label(parameter.name)} {said}"
    return ""


def _one_of(
    scene: Scene, call: int, path: str, fields: list[SpokenField], listed: Sequence[Any],
    number: int,
    noun: str, *, seen: bool,
) -> str:  # fmt: skip
    choices = [f for f in fields if speakable(f) and _unique(listed, number, f)]
    choices.sort(key=_unusual)
    name = name_of(fields)
    if name and name not in choices and _unique_name(scene, call, path, listed, name):
        choices.insert(0, name)
    described = _described(scene, choices, listed, noun, seen=seen)
    if seen and (not described or scene.rng.random() < 0.4) and number < 4:
        last = number == len(listed) - 1 and scene.rng.random() < 0.5 and number > 0
        return f"the {'last' if last else ordinal(number + 1)} {scene.rng.choice(('one', noun))}"
    return described or f"the {ordinal(number + 1)} {noun} that comes up"


def _unusual(field: SpokenField) -> int:
    """How seldom people tell things apart by a field; low numbers first."""
    if field.semantic == "money" and not is_price(field.name):
        return 2
    return 1 if field.semantic in ("datetime", "rating", "count") else 0


def _unique_name(
    scene: Scene, call: int, path: str, listed: Sequence[Any], name: SpokenField
) -> bool:
    """Whether no other row of the list has the same composite name."""
    holder = path[: path.rfind("[")]
    names = [name_of(fields_of(scene, call, f"{holder}[{n}]")) for n in range(len(listed))]
    return [other.value for other in names if other].count(name.value) == 1


def _unique(listed: Sequence[Any], number: int, field: SpokenField) -> bool:
    values = [row.get(field.name) if isinstance(row, dict) else None for row in listed]
    return sum(1 for value in values if value == field.value) == 1 and values[number] == field.value


def _described(
    scene: Scene, choices: list[SpokenField], listed: Sequence[Any], noun: str, *, seen: bool
) -> str:
    """The best of the ways to tell the row from the others; empty where there is none."""
    for describe in (_by_name, _by_price, _by_property, _by_anything):
        for field in choices:
            if text := describe(scene, field, listed, noun, seen):
                return text
    return ""


def _by_name(scene: Scene, field: SpokenField, listed: Sequence[Any], noun: str, seen: bool) -> str:
    del scene, listed, seen
    if not isinstance(field.value, str):
        return ""
    if field.semantic == "company" and field.name not in ("name", "company_name", "company"):
        return f"the {noun} with {field.value}"
    if field.semantic in ("person_name", "company"):
        own = is_naming(field.name) or field.semantic == "company"
        return field.value if own else f"the {noun} of {field.value}"
    if field.semantic == "title":
        return f"the {noun} “{field.value}”"
    return f"the {noun} {field.value}" if field.name in ("name", "title", "path") else ""


def _by_price(
    scene: Scene, field: SpokenField, listed: Sequence[Any], noun: str, seen: bool
) -> str:
    # Of several amounts in a row, the first price is what it costs.
    names = listed[0] if listed and isinstance(listed[0], dict) else {}
    price = next((name for name in names if is_price(name)), "")
    if field.name != price or scene.rng.random() < 0.4:
        return ""
    prices = [row.get(field.name) for row in listed if isinstance(row, dict)]
    numbers = [price for price in prices if isinstance(price, int | float)]
    if len(numbers) < len(listed) or field.value != min(numbers):
        return ""
    return "the cheapest one" if seen else f"the cheapest {noun}"


def _by_property(
    scene: Scene, field: SpokenField, listed: Sequence[Any], noun: str, seen: bool
) -> str:
    del listed, seen
    value = scene.tell(field.value, field.semantic, field.unit)
    if field.semantic == "enum":
        if field.name in ("status", "state"):
            return f"the {noun} that is {value}"
        return f"the {noun} with the {label(field.name)} {value}"
    if field.semantic == "date":
        return dated(noun, field.name, value)
    if field.semantic == "money" and not is_price(field.name):
        return f"the {noun} with the {label(field.name)} {value}"
    return f"the {noun} {_BY[field.semantic].format(value)}" if field.semantic in _BY else ""


def _by_anything(
    scene: Scene, field: SpokenField, listed: Sequence[Any], noun: str, seen: bool
) -> str:
    del listed
    if isinstance(field.value, bool) or not seen:
        return ""
    value = scene.tell(field.value, field.semantic, field.unit)
    if field.semantic in ("date", "datetime"):
        return dated(noun, field.name, value)
    return f"the {noun} with the {label(field.name)} {value}"


def identity_in_words(
    scene: Scene, call: int, told: Sequence[tuple[Origin, ParameterModel, Any]]
) -> Phrase:
    """A row that the user names: "issue 412 in octo/hello", "the file notes.txt".

    ``told`` are the identity's leaves in the order of the entity's identity; the last is the row's
    own, the others say in what it lies.
    """
    if not told:
        return Phrase("")
    own, scope = told[-1], told[:-1]
    noun = noun_for(scene, own[1])
    said = scene.say(call, own[0].path, own[1], own[2])
    words = _own_words(own[1], noun, said)
    return words + _scope_in_words(scene, call, scope)


def _own_words(parameter: ParameterModel, noun: str, said: Phrase) -> Phrase:
    if parameter.semantic == "number_id":
        return f"{noun} " + said
    if parameter.semantic == "email":
        return f"the {noun} with the email " + said
    if parameter.semantic in ("person_name",):
        return said
    own = parameter.name.replace("_", " ")
    if parameter.semantic in (
        "handle",
        "title",
        "path",
        "branch",
        "opaque_id",
        "sha",
        "unknown",
        "label",
        "version",
    ):
        return f"the {noun} " + said
    return f"{with_article(noun)} with the {label(own)} " + said


def _scope_in_words(
    scene: Scene, call: int, scope: Sequence[tuple[Origin, ParameterModel, Any]]
) -> Phrase:
    if not scope:
        return Phrase("")
    said = [scene.say(call, origin.path, parameter, value) for origin, parameter, value in scope]
    if [parameter.name for _, parameter, _ in scope] == ["owner", "repo"]:
        return " in " + said[0] + "/" + said[1]
    out = Phrase("")
    for (_, parameter, _), words in zip(scope, said, strict=True):
        out = out + f" in the {bare_label(parameter.name)} " + words
    return out
