"""What a careful assistant has seen before it writes: concluded from what the write hangs on.

A need of a tool, a rule of the service and the state that a write takes a row in look at rows. What
of that some read shows is demanded of every conversation, as demands of the kind ``seen``; what no
read shows is for the service to refuse.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from generators.identity_cache import Same
from generators.lexicon.date_field_names import deed_in
from generators.lexicon.meanings import is_price
from generators.lexicon.names import in_words, split_words
from generators.lexicon.tables import load_table
from generators.sandbox.row_states import needed_states, state_field
from generators.world.expression import parse_expression
from generators.world.model import Entity, ParameterModel, ToolModel, World, governs
from schemas.demand import Demand, Given, Sight

_PARTS = ("*[].name", "*[].date", "*[].first_name", "*[].last_name")
"""What a row holds is told by, in any of its lists."""
_BORN = frozenset({"birth", "dob", "birthday", "born"})
_QUERY = re.compile(r"\b(?:none|exists|count|rows)\((\w+),")
_UNLESS = re.compile(r"(\w+) (?:is missing|!= '([^']*)') or ")
_EQUAL = re.compile(r"(?<![\w.])(\w+)=(?!=)('[^']*'|\[[^\]]*\]|[\w.]+)")


class _Look(NamedTuple):
    """Something that a write hangs on, in the words of who says so."""

    text: str
    sights: tuple[Sight, ...]
    reader: ToolModel
    shows: tuple[str, ...] = ()
    when: tuple[Given, ...] = ()
    told: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def list_tellings(world: Same[World]) -> Mapping[str, tuple[Demand, ...]]:
    """What is told with each call, by the tool's name: as its rules and its description want it."""
    finder = _Finder(world.it)
    found = {name: tuple(finder.find_tellings(one)) for name, one in world.it.models.items()}
    return {name: told for name, told in found.items() if told}


@lru_cache(maxsize=8)
def list_sights(world: Same[World]) -> Mapping[str, tuple[Demand, ...]]:
    """What is to be seen before each write, by its name; reads and writes without any are left out.

    Looks at one row by one read are one.
    """
    finder, found = _Finder(world.it), dict[str, tuple[Demand, ...]]()
    for name, model in world.it.models.items():
        rows: dict[tuple[str, tuple[Sight, ...], tuple[Given, ...]], _Look] = {}
        for look in finder.find_looks(model) if model.writes else ():
            key = (look.reader.name, look.sights, look.when)
            before = rows.get(key)
            shows = {*look.shows, *(before.shows if before else ())}
            text = before.text if before and before.text else look.text
            told = tuple(sorted({*look.told, *(before.told if before else ())}))
            rows[key] = look._replace(text=text, shows=tuple(sorted(shows)), told=told)
        whole = {key[:2]: {*look.shows} for key, look in rows.items() if not look.when}
        looks = [one for key, one in rows.items()
                 if not one.when or not whole.get(key[:2], {""}) >= {*one.shows}]  # fmt: skip
        if looks:
            found[name] = tuple(map(_demand, looks))
    return found


def _demand(look: _Look) -> Demand:
    told = {sight.parameter for sight in look.sights}
    free = (p.path for p in look.reader.parameters if p.use == "option" and p.path not in told)
    return Demand(
        kind="seen", tool=look.reader.name, given=look.sights, shows=look.shows,
        free=tuple(free), text=look.text, when=look.when, told=look.told,
    )  # fmt: skip


_NAMES = frozenset({"title", "person_name"})
"""Meanings of what a row is called by."""


def find_whole(model: ToolModel) -> Mapping[str, str]:
    """Field → argument of all that an update must give again, what the row is called among it.

    It puts a whole row in place of the old one: what nobody wants changed is sent as it is. Empty
    where it changes what it is told.
    """
    needed = [p for p in model.parameters if p.use == "field" and p.field
              and p.path.removesuffix("[]") in model.tool.required]  # fmt: skip
    named = model.operation == "update" and any(p.semantic in _NAMES for p in needed)
    whole = {p.field or "": p.path.removesuffix("[]") for p in needed if named}
    return whole if len(whole) > 1 else {}


class _Finder:
    """Finds looks in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        reads = (one for one in world.models.values() if not one.writes and one.entity)
        self.reads = [one for one in reads if not one.suspect]

    def find_looks(self, model: ToolModel) -> Iterator[_Look]:
        """All that a write hangs on and that a read shows."""
        own = self.world.entities.get(model.entity or "")
        service = self.world.domains.get(model.tool.domain)
        if own is not None and needed_states(Same(model), Same(own)) is not None:
            yield from self._look_at_row(model, "", own, (state_field(own),), "")
        rules = service.rules if service else ()
        if own is not None and (whole := find_whole(model)):
            yield from self._look_at_row(model, "", own, tuple(whole), "")
        asks = any(rule.ask and governs(rule, model) for rule in rules)
        if asks and own is not None and model.operation != "create":
            noun = own.noun.replace(" ", "_")
            for name in own.named_by:  # what people call it is said before they agree
                for look in self._look_at_path(model, f"{noun}.{name}", ""):
                    field = name.rpartition(".")[2]
                    yield look._replace(told=(field,) if field in look.shows else ())
        told = [(need.require, "") for need in model.needs]
        told += [(r.require, r.text) for r in rules if r.require and governs(r, model)]
        for require, text in told:
            when = tuple(_find_conditions(model, require))
            names = parse_expression(require).names
            paths = (look for name in names for look in self._look_at_path(model, name, text))
            for look in chain(paths, self._look_at_lists(model, require, text)):
                yield look._replace(when=when)

    def find_tellings(self, model: ToolModel) -> Iterator[Demand]:
        """What is to be named before the user agrees to a call, and what is said with it."""
        service = self.world.domains.get(model.tool.domain)
        rules = [one for one in (service.rules if service else ()) if governs(one, model)]
        asked = [one.text for one in rules if one.ask]
        asked += [one.text for one in model.demands if one.kind == "ask_first"]
        paths: dict[str, str] = {}  # each in the words of the first rule that wants it named
        for rule in rules:
            paths = dict.fromkeys(rule.ask, rule.text) | paths
        own = self.world.entities.get(model.entity or "")
        if own is not None and (model.operation == "delete" or model.transition is not None):
            noun, text = own.noun.replace(" ", "_"), next(iter(asked), "")
            paths = dict.fromkeys((f"{noun}.{one}" for one in _find_decisive(own)), text) | paths
        for path, text in paths.items():
            if path in model.by_path or path in {p.path for p in model.parameters}:
                yield Demand(kind="named", parameters=(path,), text=text)
                one = model.by_path.get(path)
                if own is None or model.operation != "update" or one is None or one.required:
                    continue
                # What a change leaves as it is, is named too: the nights of a stay.
                path = f"{own.noun.replace(' ', '_')}.{one.field or path}"
            anew = model.by_path.get(path.partition(".")[2])  # the day to which it is moved
            if not (anew and anew.required) and (told := self._name_field(model, path)):
                yield Demand(kind="named", given=told[:1], told=(told[1],), text=text)
        for rule in (one for one in rules if one.say):
            when = (Given(parameter=rule.given),) if rule.given else ()
            yield Demand(
                kind="said", value=rule.say, values=rule.heard, when=when, first=bool(rule.ask),
                text=rule.text,
            )  # fmt: skip
        if asked and model.writes:
            # What a description says will follow: ``The refund will take 5-7 business days.``.
            table = load_table("demands")
            text = " ".join(model.tool.description.split())
            for found in re.finditer(table["follows"], text):
                said = re.sub(r"\b[Tt]he (?:user|customer|guest)'s\b", "your", found[0])
                said = re.sub(r"^[Tt]he (?:user|customer|guest)\b", "You", said)
                if told_by := re.search(table["follows_by"], said.lower()):
                    yield Demand(
                        kind="said", value=said, values=(told_by[0],), first=True, text=found[0]
                    )

    def _name_field(self, model: ToolModel, path: str) -> tuple[Sight, str] | None:
        """The row that a call names, or one that this refers to, and the field of it."""
        steps = path.split(".")
        place = next((n for n, step in enumerate(steps) if self._entity(model, step)), len(steps))
        prefix, rows = ".".join(steps[:place]), steps[place:]
        first = self._entity(model, rows[0]) if rows else None
        second = self._entity(model, rows[1]) if len(rows) > 2 else None
        if first is None or len(first.identity) != 1:
            return None
        key = first.identity[0]
        own = (p.path for p in model.parameters if p.entity == first.key)
        listed = next((path for path in own if path.endswith("[]")), None)  # ``product_ids[]``
        argument = self._naming(model, prefix, first, key) or listed
        links = [one.name for one in first.fields.values() if second and one.entity == second.key]
        if not argument:
            return None
        if second is None:
            return Sight(parameter="", argument=argument, row=key), ".".join(rows[1:])
        if not links or len(second.identity) != 1:
            return None
        sight = Sight(
            parameter="", argument=argument, key=key, field=links[0], row=second.identity[0]
        )
        return sight, ".".join(rows[2:])

    def _look_at_path(self, model: ToolModel, name: str, text: str) -> Iterator[_Look]:
        """``booking.flight.departure_date``: the booking's flight, and when it leaves."""
        *steps, field = name.split(".")
        place = next((n for n, step in enumerate(steps) if self._entity(model, step)), len(steps))
        prefix, nouns = ".".join(steps[:place]), steps[place:]
        first = self._entity(model, nouns[0]) if nouns else None
        if first is None or len(nouns) > 2:
            return
        if len(nouns) == 1:
            yield from self._look_at_row(model, prefix, first, (field,), text)
            return
        second = self._entity(model, nouns[1])  # which the row that is named refers to
        if second is None or len(first.identity) != 1 or len(second.identity) != 1:
            return
        links = [one.name for one in first.fields.values() if one.entity == second.key]
        argument = self._naming(model, prefix, first, first.identity[0])
        for reader, told in self._getters(second) if links and argument else ():
            if field in reader.shown_fields and {*told} == {*second.identity}:
                yield from self._look_at_row(model, prefix, first, (links[0],), text)
                sight = Sight(
                    parameter=told[second.identity[0]].path, argument=argument,
                    key=first.identity[0], field=links[0], row=second.identity[0],
                )  # fmt: skip
                yield _Look(text, (sight,), reader, (field,))
                return

    def _entity(self, model: ToolModel, step: str) -> Entity | None:
        noun = in_words(step.removesuffix("[]"))
        key = model.entity if step == "row" else f"{model.tool.domain}/{noun}"
        return self.world.entities.get(key or "")

    def _look_at_row(
        self, model: ToolModel, prefix: str, entity: Entity, shows: tuple[str, ...], text: str
    ) -> Iterator[_Look]:
        """The row of an entity that the write's arguments name."""
        by_field = {name: self._naming(model, prefix, entity, name) for name in entity.identity}
        for reader, told in self._getters(entity):
            seen = tuple(name for name in shows if name in reader.shown_fields)
            named = {field: by_field.get(field) for field in told}
            if seen and all(named.values()):
                sights = tuple(
                    Sight(parameter=told[field].path, argument=path or "", row=field)
                    for field, path in named.items()
                )
                yield _Look(text, sights, reader, seen)
                return

    def _naming(self, model: ToolModel, prefix: str, entity: Entity, field: str) -> str | None:
        """The argument by which a write names a row, or a part of its identity."""
        own = (
            one.path for one in model.parameters
            if one.use == "identity" and model.entity == entity.key and one.field == field
        )  # fmt: skip
        if not prefix and (path := next(own, None)):
            return path
        before = f"{prefix}." if prefix else ""
        noun = entity.noun.replace(" ", "_")
        names = (f"{before}{noun}_id", f"{before}{noun}", f"{before}{field}")
        known = model.by_path
        return next(
            (one for one in names if one in known and known[one].entity == entity.key), None
        )

    def _getters(self, entity: Entity) -> Iterator[tuple[ToolModel, dict[str, ParameterModel]]]:
        """The reads that get one row by what names it; of each the parameters, by field."""
        for reader in self.reads:
            needed = [one for one in reader.parameters if one.required]
            told = {one.field or one.name: one for one in needed if one.use == "identity"}
            gets = reader.operation == "get" and reader.entity == entity.key
            if gets and needed and len(told) == len(needed) and {*told} <= {*entity.identity}:
                yield reader, told

    def _look_at_lists(self, model: ToolModel, require: str, text: str) -> Iterator[_Look]:
        """``none(event, …, date=date)``: the events of that day.

        A need is the service's own to check, but where a list answers it in full.
        """
        for begun in _QUERY.finditer(require):
            entity, told = self._entity(model, begun[1]), _until_closed(require[begun.end() :])
            equal = dict(_EQUAL.findall(told))
            key = entity.key if entity else ""
            if entity is not None and {*entity.identity} <= equal.keys() and key == model.entity:
                # Of the one row that the call names, whatever shows it will do.
                held = [one for one in re.findall(r"\w+", told) if one in entity.fields]
                shows = tuple(dict.fromkeys(one for one in held if one not in entity.identity))
                yield from self._look_at_row(model, "", entity, shows, text)
                continue
            for reader in self.reads:
                if reader.operation != "list" or reader.entity != key:
                    continue
                sights = tuple(_sights_of(model, reader, equal))
                named = {one.parameter for one in sights if one.argument}
                fields = {p.field for p in reader.parameters if p.path in named}
                whole = fields == {name for name, value in equal.items() if value[:1].isalpha()}
                needed = {p.path for p in reader.parameters if p.required}
                own = bool(text) and not needed  # all there are for who asks
                if own or (named and needed <= named and (text or (whole and "it." not in told))):
                    yield _Look(text, sights, reader)
                    break


def _find_decisive(entity: Entity) -> Iterator[str]:
    """What of a row tells what is agreed to: what it is called and holds, when it is, its price."""
    yield from entity.named_by
    yield from _PARTS
    for name, field in entity.fields.items():
        dated = field.semantic in ("date", "datetime", "time") and not deed_in(name)
        if (dated and not _BORN & {*split_words(name)}) or (
            field.semantic == "money" and is_price(name)
        ):
            yield name


def _find_conditions(model: ToolModel, require: str) -> Iterator[Given]:
    """``address is missing or …``: of calls with an address; ``kind != 'call' or …``: of calls."""
    rest = require
    while found := _UNLESS.match(rest):
        path, value = found[1], found[2]
        if path not in {one.path.partition(".")[0].removesuffix("[]") for one in model.parameters}:
            return
        yield Given(parameter=path, values=() if value is None else (value,))
        rest = rest[found.end() :]


def _until_closed(text: str) -> str:
    """What stands before the bracket that closes what was begun before the text."""
    depth = 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return text[:place]
    return text


def _sights_of(model: ToolModel, reader: ToolModel, equal: Mapping[str, str]) -> Iterator[Sight]:
    """By what a list is narrowed to the rows that a query goes through."""
    for one in reader.parameters:
        value = equal.get(one.field or "")
        if value is None or one.use not in ("filter", "identity", "reference"):
            continue
        if value in model.by_path and "[" not in value:
            yield Sight(parameter=one.path, argument=value)
