"""What the rows that a world begins with hold, made from the seed alone.

In steps that cannot run in circles, each on demand: what rows hold of their own (*own*), what they
hold of others (*linked*), and lists of rows that name them (*rows*). Which rows there are is known
in `generators.sandbox.row_skeletons`, which they refer to in `generators.sandbox.row_references`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Any
from weakref import proxy

from generators.identity_cache import Same, kept, remembered
from generators.lexicon.tables import load_table
from generators.sandbox.constraints import (
    LINKED,
    OWN,
    WHOLE,
    Redraw,
    Rows,
    RowScope,
    has_rules,
    meet_constraints,
)
from generators.sandbox.described_rows import keep_told, unknown_names
from generators.sandbox.kin_rows import (
    date_down,
    part_branches,
    say_once,
    take_address,
    take_from_owners,
)
from generators.sandbox.people import People
from generators.sandbox.row_links import align_lists, embed, find_references, owner_of, reached
from generators.sandbox.row_references import RowReferences
from generators.sandbox.row_sense import (
    draw_parts,
    fit_file,
    fit_handles,
    fit_name,
    fit_texts,
    is_variant,
    leave_rare,
    name_variants,
    name_whole,
    put_right,
    rename_alike,
    years_of_dates,
)
from generators.sandbox.row_skeletons import RowSkeleton, RowSkeletons, called_like, makers_of
from generators.sandbox.row_states import (
    deal_states,
    leave_out,
    leave_unset,
    may_be_unset,
    state_field,
)
from generators.sandbox.row_values import (
    Key,
    Row,
    as_text,
    held_under,
    key_of,
    schemas_of,
)
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.times import agree, begin_now
from generators.world.expression import parse_expression
from generators.world.model import Entity, Field, World
from schemas.canonical import copied, written_json
from schemas.errors import InputError
from schemas.record import JsonObject

_MOST_LISTED = 8
_MOST_NEW = 4096
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_Owning = tuple[
    list[tuple[str, Mapping[Key, Row], Collection[str]]], Sequence[Row], Mapping[Key, int]
]
"""Of an entity: its references with the rows that they name, and which of their fields are not
drawn yet, as lists of other rows are; the rows that list its rows in turn, and the turn of each."""


class Seeds:
    """The seeded tables of one world, seed and clock; each is made when it is first asked for."""

    def __init__(self, world: World, seed: int, clock: str) -> None:
        self.world = world
        self.frames = RowSkeletons(world, seed, clock)
        self.clock, self.stream = self.frames.clock, self.frames.stream
        self._own: dict[str, dict[Key, JsonObject]] = {}
        self._linked: dict[str, dict[Key, JsonObject]] = {}
        self._finished: dict[str, dict[Key, Row]] = {}
        """The rows that are finished, of entities of which others may not be yet."""
        self._current: dict[str, dict[Key, Row]] = {}
        """All rows of the entities that are being finished, as far as they are made."""
        self._rows: dict[str, Mapping[Key, Row]] = {}
        self._owning: dict[str, _Owning] = {}
        self._new: dict[str, Row] = {}
        """What `invent_around` has made."""
        me = proxy(self)  # a ring would outlive its use, and a world is many megabytes
        self.references = RowReferences(
            self.frames, lambda key: me.own(key), lambda key: me.rows(key)
        )

    def rows(self, key: str) -> Mapping[Key, Row]:
        """The rows of an entity, finished, in the order in which they were made."""
        if key not in self._rows:
            entity = self.world.entities[key]
            made, unmet = self._finished.setdefault(key, {}), dict[Key, str]()
            current = self._current.setdefault(key, {**self.linked(key)})
            seen = self._find_seen(entity, WHOLE)
            rare = any(part.share < 1 for part in entity.parts.values())
            for frame, (name, row) in zip(
                self.frames.of(key), self.linked(key).items(), strict=True
            ):
                whole: JsonObject = copied(row)
                if _nesting(entity):
                    rng = self.stream(entity.key, key_of(entity, row), "lists")
                    put_right(self._nest(entity, whole, rng), schemas_of(entity))
                owners = self._owners(entity, whole, name)
                take_address(whole, entity.fields, owners)
                take_from_owners(
                    whole, entity.identity, owners, partial(self.stream, key, name, "owned")
                )
                keep_told(whole, frame.told, entity, self.world)
                unmet[name] = self._settle(entity, whole, name, WHOLE, frame, seen, row)
                if rare:
                    leave_rare(whole, entity.parts, self.stream(key, name, "shares of parts"))
                made[key_of(entity, whole)] = current[name] = whole
            _refuse_contradiction(entity, unmet)
            wrong = [name for name, text in unmet.items() if text and entity.binding]
            every = self.world.entities.values() if wrong else ()
            naming = (
                one for each in every for one in (*each.fields.values(), *each.parts.values())
            )
            if all(
                one.entity != key for one in naming
            ):  # of what nothing names, a wrong row is none
                for name in wrong:
                    del made[key_of(entity, self._linked[key].pop(name))]
            self._rows[key] = made
            del self._current[key]
        return self._rows[key]

    def own(self, key: str) -> Mapping[Key, JsonObject]:
        """Rows without what they hold of others."""
        if key not in self._own:
            entity, frames = self.world.entities[key], self.frames.of(key)
            state, rows = state_field(entity), self._own.setdefault(key, {})
            if state:
                rng = self.stream(key, "states")
                states = deal_states(self.world, entity, len(frames), rng)
            shares = self.stream(key, "shares")
            rare = {name: field for name, field in entity.fields.items() if field.share < 1}
            for number, frame in enumerate(frames):
                fixed = {**frame.shared, **frame.identity}
                drawn = {state: states[number]} if state else _NOTHING
                row = self.fill(entity, frame.rng, frame.scene, fixed, drawn)
                leave_rare(row, rare, shares)
                rows[key_of(entity, row) if entity.identity else (str(number),)] = row
            names = self.stream(key, "names")
            rename_alike(
                entity, [*rows.values()], names, lambda name: self.frames.value(entity, name, names)
            )
            date_down(entity, [*rows.values()], self.clock.date().isoformat())
            if any(is_variant(one) and (owner_of(Same(self.world), one.key) or ("",))[0] == key
                   for one in self.world.entities.values()):  # fmt: skip
                name_whole([*rows.values()])
            # A product's items are called after it, where it belongs to nobody else itself.
            owner = owner_of(Same(self.world), key) if is_variant(entity) else None
            if owner and owner_of(Same(self.world), owner[0]) is None:
                name_variants(entity, [*rows.values()], [*self.own(owner[0]).values()])
            for frame, row in zip(frames, rows.values(), strict=True):
                keep_told(row, frame.told, entity, self.world)
            told = {name for frame in frames for name in frame.told}
            say_once(entity, called_like(self.world, entity), [*rows.values()], told)
            seen = self._find_seen(entity, OWN)
            unmet = {
                name: self._settle(entity, row, name, OWN, frame, seen)
                for frame, (name, row) in zip(frames, rows.items(), strict=True)
            }
            _refuse_contradiction(entity, unmet)
        return self._own[key]

    def linked(self, key: str) -> Mapping[Key, JsonObject]:
        """Rows with their references, and with what they repeat of the rows referred to."""
        if key not in self._linked:
            entity, made, unmet = self.world.entities[key], {}, {}
            known = zip(self.frames.of(key), self.own(key).items(), strict=True)
            seen = self._find_seen(entity, LINKED)
            for number, (frame, (name, row)) in enumerate(known):
                made[name] = self.references.point(
                    entity, copied(row), number, frame.cluster, frame.told
                )
                keep_told(made[name], frame.told, entity, self.world)
                unmet[name] = self._settle(entity, made[name], name, LINKED, frame, seen, row)
                if may_be_unset(entity):
                    rng = self.stream(key, name, "unset")
                    made[name] = leave_unset(entity, made[name], frame.shared, rng)
            part_branches(entity, [*made.values()], self.stream(key, "branches"))
            _refuse_contradiction(entity, unmet)
            self._linked[key] = made
        return self._linked[key]

    def fill(
        self, entity: Entity, rng: Random, scene: People, fixed: JsonObject,
        drawn: Mapping[str, Any] = _NOTHING, only: Collection[str] | None = None,
    ) -> JsonObject:  # fmt: skip
        """A row of invented values around the fixed ones; ``drawn`` ones give way to dates.

        ``only``: the fields that are wanted; None: all.
        """
        clock, makers = self.frames.clock, makers_of(Same(self.world), entity.key)
        given = {**drawn, **self.frames.common(entity), **fixed}
        row: JsonObject = {
            name: copied(given[name]) if name in given else makers[name](scene, clock)
            for name in entity.fields
            if only is None or name in only
        }
        row |= {name: copied(value) for name, value in fixed.items() if name not in row}
        fit_file(entity, row, fixed, rng)
        fit_name(entity, row, fixed)
        schemas = schemas_of(entity)
        told = {*fixed, *(n for n, one in entity.fields.items() if one.examples)}
        fit_handles(row, schemas, told)
        fit_texts(entity.noun, row, schemas, told, rng)
        follows = {year for year, date in years_of_dates(tuple(row)) if date not in fixed}
        kept = {name: row[name] for name in fixed if name not in follows}
        agree(row, schemas, clock, fixed, rng)
        return leave_out(entity, put_right(row, schemas) | kept, fixed)

    def _nest(
        self, entity: Entity, row: JsonObject, rng: Random, names: Collection[str] | None = None
    ) -> JsonObject:
        """The row, whose lists and objects, or the named ones, now speak of rows that there are."""
        for field in _nesting(entity):
            if field.name not in row or (names is not None and field.name not in names):
                continue
            target = self.world.entities.get(field.entity or "")
            if target is not None and target.identity and isinstance(row[field.name], list):
                row[field.name] = self._listed(entity, row, field, target, rng)
            draw_parts(entity, row, field.name, rng)
            embed(row[field.name], field.name, entity, self.world, self.linked, rng, row)
        align_lists(row, entity, self.world, self.linked)
        return row

    def _owners(self, entity: Entity, row: Row, key: Key) -> list[Row]:
        """The rows to which a row belongs: those that it names, and that which lists it."""
        if entity.key not in self._owning:
            self._owning[entity.key] = self._find_owning(entity)
        named, listing, places = self._owning[entity.key]
        found: list[Row] = []
        for name, rows, left_out in named:
            owner_row = rows.get((as_text(row.get(name)),), _NOTHING)
            if left_out:
                owner_row = {n: held for n, held in owner_row.items() if n not in left_out}
            found.append(owner_row)
        if listing:
            found.append(listing[places[key] % len(listing)])
        return found

    def _find_owning(self, entity: Entity) -> _Owning:
        """Where the rows are to which an entity's belong."""
        world = Same(self.world)
        named: list[tuple[str, Mapping[Key, Row], Collection[str]]] = []
        for name, other in find_references(self.world)[entity.key].items():
            if len(other.identity) != 1:
                continue
            around = entity.key in reached(world, other.key)
            rows = self.own(other.key) if around else self.linked(other.key)
            lists = {n for n, field in other.fields.items() if field.entity is not None}
            named.append((name, rows, lists if around else frozenset()))
        owner = owner_of(world, entity.key)
        listing: list[Row] = [*self.own(owner[0]).values()] if owner is not None else []
        own = self.own(entity.key) if listing else ()
        return named, listing, {key: place for place, key in enumerate(own)}

    def _settle(
        self, entity: Entity, row: JsonObject, key: Key, stage: int, frame: RowSkeleton,
        seen: Rows, since: Row | None = None,
    ) -> str:  # fmt: skip
        """Let a seeded row meet the constraints that can be judged at this stage.

        ``seen``: the rows that they see. ``since``: the row at the stage before. Gives the
        constraint that it does not meet.
        """
        if not has_rules(entity):
            return ""

        def begin() -> Redraw:
            rng = self.stream(entity.key, key, "constraints", stage)
            lists, whole = {field.name for field in _nesting(entity)}, stage == WHOLE

            def draw(name: str) -> Any:
                value = self.frames.value(entity, name, rng, People(rng, frame.scene))
                if name not in lists:
                    return value
                names = (name,) if whole else ()
                return self._nest(entity, {**row, name: value}, rng, names)[name]

            return Redraw(
                rng,
                draw,
                {*frame.shared, state_field(entity)},
                lambda name: (
                    self._nest(entity, other, rng, None if whole else ())
                    for other in self.references.refer_anew(entity, row, name, rng)
                    if stage > OWN
                ),
            )

        scope = RowScope(entity, row, self.world, seen, self.clock)
        told = (*frame.told, *unknown_names(entity, frame.told)) if frame.told else ()
        kept = (*entity.identity, *told)
        return meet_constraints(scope, row, stage, kept, begin, since=since)

    def invent_row(
        self, entity: Entity, rng: Random, people: People, only: Collection[str]
    ) -> JsonObject:
        """A row as it could be made now, of so many fields."""
        row = self.fill(entity, rng, people, {}, only=only)
        begin_now(row, schemas_of(entity), self.clock, (), rng)
        if has_rules(entity):
            scope, begin = self._see_new(entity, row, rng)
            meet_constraints(scope, row, WHOLE, (), begin, partly=True)
        return row

    def invent_field(self, entity: Entity, name: str, rng: Random) -> Any:
        """Another value for a field."""
        return self.frames.value(entity, name, rng, People(rng))

    def invent_around(
        self, entity: Entity, written: JsonObject, fixed: JsonObject, numbered: JsonObject,
        lacking: frozenset[str], attempt: int,
    ) -> Row:  # fmt: skip
        """A new row around what was written, and what else is fixed: made once."""
        place = written_json([entity.key, written, fixed, numbered, sorted(lacking), attempt])
        if place in self._new:
            return self._new[place]
        fixed = self._find_owner(entity, fixed) | fixed
        rng = self.stream("create", entity.key, written, attempt)
        people = People(rng)
        for name, field in entity.fields.items():
            if field.semantic == "person_name" and isinstance(fixed.get(name), str):
                people.meet(name, fixed[name])
            if field.semantic == "city" and isinstance(fixed.get(name), str):
                people.settle(name, fixed[name])
        wanted = [name for name in entity.fields if name not in lacking]
        row = self.fill(entity, rng, people, {**fixed, **numbered}, only=wanted)
        begin_now(row, schemas_of(entity), self.clock, fixed, rng)
        given = {*fixed, *lacking}
        row = self.references.point(entity, row, rng.randrange(1000), rng.randrange(1000), given)
        row = {name: value for name, value in row.items() if name not in lacking}
        if has_rules(entity):  # it agrees with what is given, as far as that goes
            scope, begin = self._see_new(entity, row, rng)
            kept = given | {*entity.identity, *numbered}
            meet_constraints(scope, row, WHOLE, kept, begin, partly=True)
        if len(self._new) >= _MOST_NEW:
            self._new.clear()
        self._new[place] = row
        return row

    def _find_owner(self, entity: Entity, told: JsonObject) -> JsonObject:
        """Field → the row that a new one refers to, known by what is told of it: its e-mail."""
        found: JsonObject = {}
        for name, target in find_references(self.world)[entity.key].items():
            known = {
                part: told[one.field]
                for one in entity.constraints
                for noun, _, part in [(one.equals or "").partition(".")]
                if one.field in told and noun == target.noun
            } if name not in told else {}  # fmt: skip
            rows = self.rows(target.key).values() if known else ()
            row = next((r for r in rows if all(r.get(n) == v for n, v in known.items())), None)
            if row is not None:
                found[name] = row[target.identity[-1]]
        return found

    def _see_new(
        self, entity: Entity, row: JsonObject, rng: Random
    ) -> tuple[RowScope, Callable[[], Redraw]]:
        """What constraints see of a new row, and how its values are drawn anew."""
        redraw = Redraw(rng, lambda name: self.frames.value(entity, name, rng))
        seen = self._find_seen(entity, WHOLE)
        return RowScope(entity, row, self.world, seen, self.clock), lambda: redraw

    def _find_seen(self, entity: Entity, stage: int) -> Rows:
        """What constraints of rows can see of other rows: those that are made without these."""
        found: dict[str, Mapping[Key, Row]] = {}
        counted = _counted(entity) if stage == WHOLE else ()

        def find_rows(key: str) -> Mapping[Key, Row]:
            if key in found:
                return found[key]
            whole, entities = stage == WHOLE, self.world.entities
            if key not in entities:
                rows: Mapping[Key, Row] = {}
            elif key == entity.key and whole:  # those that are finished, as they are now
                rows = self._current.get(key) or self._finished.get(key) or self.linked(key)
            elif whole and key in counted and key not in self._current:
                rows = self.rows(key)  # what is counted is counted as it stands in the end
            elif key != entity.key and entity.key not in reached(
                Same(self.world), key, nested=True
            ):
                rows = self.rows(key)
            else:
                rows = self.own(key) if stage == LINKED else self.linked(key)
            found[key] = rows
            return rows

        return find_rows

    def _listed(
        self, entity: Entity, row: Row, field: Field, target: Entity, rng: Random
    ) -> list[Any]:
        """Identifiers of the rows that name this one; of a few, where the target names none."""
        schema = simple(field.schema)
        items, now = schema.get("items", {}), list(row[field.name])
        if kind_of(simple(items)) == "object":
            return now
        for name, other in find_references(self.world)[entity.key].items():
            if len(other.identity) != 1 or entity.key in reached(Same(self.world), other.key):
                continue
            named = self.rows(other.key).get((as_text(row.get(name)),), {})
            within = list(dict.fromkeys(held_under(named, field.name)))
            if within:  # what the row that this one names holds: the order's products
                chosen = rng.sample(within, k=rng.randint(1, min(2, len(within))))
                return chosen if fits(chosen, schema) else now
        others = list(self.linked(target.key).values())
        links = find_references(self.world)[target.key].items()
        back = [name for name, other in links if other.key == entity.key]
        if back and len(entity.identity) == 1:
            mine = row[entity.identity[0]]
            others = [other for other in others if any(other[name] == mine for name in back)]
        elif owner_of(Same(self.world), target.key) == (entity.key, field.name):
            owners = list(self.own(entity.key))  # all rows are shared out among them
            others = others[owners.index(key_of(entity, row)) :: len(owners)]
        else:
            others = rng.sample(others, k=min(3, len(others)))
        said = f" {entity.noun} "
        sizes = load_table("relations")["sizes"].items()
        size = next((count for word, count in sizes if f" {word} " in said), 0)
        if (
            (size or not others)
            and not is_variant(target)
            and (known := [*self.linked(target.key)])
        ):
            every = self.linked(target.key)
            others = [every[one] for one in rng.sample(known, k=min(size or 1, len(known)))]
        found = [adapt(other[target.identity[-1]], items) for other in others]
        found = [one for one in found if one is not MISSING][: schema.get("maxItems", _MOST_LISTED)]
        return found if fits(found, schema) else now


def _refuse_contradiction(entity: Entity, unmet: Mapping[Key, str]) -> None:
    """Raise InputError where most rows cannot meet a constraint: that is no chance."""
    for text in filter(None, dict.fromkeys(unmet.values())) if entity.binding else ():
        if 2 * sum(one == text for one in unmet.values()) > len(unmet):
            said = f"no row was found that meets the constraint: {text}"
            raise InputError(said, place=f"entities.{entity.noun}.constraints")


@remembered
def _counted(entity: Entity) -> frozenset[str]:
    """The entities whose rows its constraints go through."""
    texts = (one.equals for one in entity.constraints if one.equals)
    nouns = (noun for text in texts for noun in parse_expression(text).entities)
    return frozenset(f"{entity.domain}/{noun}" for noun in nouns)


@remembered
def _nesting(entity: Entity) -> tuple[Field, ...]:
    """The fields that hold lists and objects."""
    return tuple(
        field
        for field in entity.fields.values()
        if kind_of(simple(field.schema)) in ("array", "object")
        and field.name not in entity.identity
    )


@kept(32)
def seeds_of(world: Same[World], seed: int, clock: str) -> Seeds:
    """The seeded tables; a replay with the same seed finds them made. ``clock``: now, ISO 8601."""
    return Seeds(world.it, seed, clock)
