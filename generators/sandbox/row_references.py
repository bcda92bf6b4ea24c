"""Which rows a seeded row refers to: such as may be, in turn, and none twice.

They lie in the same scope, are in a state in which such a row is made of them, and are no younger
than the row itself.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from generators.identity_cache import Same, remembered
from generators.lexicon.tables import load_table, load_words
from generators.sandbox.row_links import Rows, find_references, named_by, reached, refer
from generators.sandbox.row_skeletons import RowSkeletons, common_fields
from generators.sandbox.row_states import made_after, options, state_field, state_of
from generators.sandbox.row_values import Key, Row, key_of
from generators.sandbox.times import born_on, is_ahead
from generators.world.model import Entity, Field, World
from schemas.canonical import copied
from schemas.record import JsonObject


class Candidate(NamedTuple):
    """A row that others may refer to."""

    key: Key
    row: Row
    born: str
    """The day on which it was made, as it says itself; empty where it does not."""
    ready: bool
    """Whether it is in a state in which what refers to it is made."""


@remembered
def _pointers(world: World) -> Mapping[str, list[tuple[Field, Entity]]]:
    """Entity → its references, composite ones first, with what they name."""
    return {
        key: sorted(
            ((world.entities[key].fields[name], target) for name, target in found.items()),
            key=lambda one: -len(one[1].identity),
        )
        for key, found in find_references(world).items()
    }


@remembered
def _list_shared(world: World) -> Mapping[str, list[tuple[str, Field, Entity]]]:
    """Entity → what rows that it names tell of third ones that it names too, the fullest first.

    Each by the entity of those rows; not by such as do not tell yet where they lie.
    """
    found: dict[str, list[tuple[str, Field, Entity]]] = {}
    for key, pointers in _pointers(world).items():
        others = dict.fromkeys(target.key for _, target in pointers)
        found[key] = [
            (other, field, target)
            for other in sorted(others, key=lambda one: -len(reached(Same(world), one)))
            if key not in reached(Same(world), other, nested=True)
            for field, target in pointers
            if (told := world.entities[other].fields.get(field.name)) is not None
            and told.entity == target.key != other
        ]
    return found


class RowReferences:
    """The references of one world's seeded rows."""

    def __init__(self, frames: RowSkeletons, own: Rows, whole: Rows) -> None:
        """``own`` gives rows without what they hold of others, ``whole`` the finished ones."""
        self.world, self.frames = frames.world, frames
        self._own_rows, self._whole_rows = own, whole
        self._candidates: dict[tuple[str, str], list[Candidate]] = {}
        self._ready: dict[tuple[str, str], list[Candidate]] = {}
        """Those of them in whose state what refers to them is made, or all."""
        self._orders: dict[tuple[str, str, int], list[int]] = {}

    def point(
        self, entity: Entity, row: JsonObject, number: int, cluster: int,
        given: Collection[str] = (),
    ) -> JsonObject:  # fmt: skip
        """The row with its references set, but for the given ones.

        Those that are searched by change from cluster to cluster, others from row to row.
        """
        used: set[tuple[str, Key]] = set()
        composite: dict[str, Row] = {}
        named: dict[str, Row] = {}
        settled: JsonObject = {name: row[name] for name in given if name in row}
        over_with = load_words("states", "over_with")
        for field, target in _pointers(self.world)[entity.key]:
            if field.name in given:
                continue
            turn = cluster if (entity.key, field.name) in common_fields(self.world) else number
            turn = 0 if field.common else turn
            if turn >= self._count_partners(entity, target):
                continue  # each playlist has a snapshot of its own
            chosen = composite.get(target.key) if len(target.identity) > 1 else None
            chosen = chosen or self._choose(entity, field, target, row, turn, used, settled)
            if chosen is None:
                continue
            refer(row, field, entity, target, chosen)
            named[target.key] = chosen
            if state_of(row, entity) in over_with and is_ahead(chosen, self.frames.clock):
                # Nothing is flown whose flight is still to leave.
                live = [one for one, words in options(entity).items() if words not in over_with]
                row |= {state_field(entity): live[0]} if live else {}
            if len(target.identity) > 1:
                composite[target.key] = chosen
                settled |= {n: chosen[n] for n in target.identity if n in entity.fields}
        self._share(entity, row, named, given)
        alike = load_table("relations")["alike"].items()  # the organisation owns its repository
        row |= {n: row[o] for n, o in alike if n in row and o in row and n not in given}
        return row

    def _share(
        self, entity: Entity, row: JsonObject, named: dict[str, Row], given: Collection[str]
    ) -> None:
        """Let the row lie where rows lie that it names: an ad in the campaign of its ad set."""
        told = set(given)
        for key, field, target in _list_shared(self.world)[entity.key]:
            if key not in named or field.name in told:
                continue
            rows = (one.row for one in self._candidates[entity.key, target.key])
            name, wanted = named_by(field.name, target), named[key].get(field.name)
            found = next((one for one in rows if one.get(name) == wanted), None)
            if found is not None:
                refer(row, field, entity, target, found)
                named[target.key] = found
                told.add(field.name)

    def _count_partners(self, entity: Entity, target: Entity) -> float:
        """To how many rows a target can be given that is read nowhere and refers back to them."""
        back = find_references(self.world)[target.key].values()
        noun = entity.noun.rpartition(" ")[2]
        if not any(one.noun.rpartition(" ")[2] == noun for one in back):
            return math.inf
        models = self.world.models.values()
        read = any(one.entity == target.key and not one.writes for one in models)
        return math.inf if read else len(self.frames.of(target.key))

    def _choose(
        self, entity: Entity, field: Field, target: Entity, row: Row, turn: int,
        used: set[tuple[str, Key]], settled: Mapping[str, Any],
    ) -> Row | None:  # fmt: skip
        """A row of the target, in the same scope, in turn, and not one that is named already."""
        within = {n: row[n] for n in target.identity if n in entity.identity and n in row}
        scope = {
            n: settled[n] for n in target.identity if n in settled and len(target.identity) > 1
        }
        known = self._find_ready(entity, target, within, scope)
        begun = born_on(row)
        if begun:
            known = [one for one in known if one.born <= begun] or known
        if target.key == entity.key:
            mine = key_of(entity, row)
            known = [one for one in known if one.key != mine]
        if not known:
            return None
        place = (entity.key, field.name, len(known))
        if place not in self._orders:  # in which a field's references go through as many rows
            self._orders[place] = list(range(len(known)))
            self.frames.stream(*place[:2], "order").shuffle(self._orders[place])
        order, count = self._orders[place], len(known)
        turns = (known[order[one % count]] for one in range(turn, turn + count))
        first = known[order[turn % count]]
        chosen = next((one for one in turns if (target.key, one.key) not in used), first)
        used.add((target.key, chosen.key))
        return chosen.row

    def _find_ready(
        self, entity: Entity, target: Entity, *alike: Mapping[str, Any]
    ) -> list[Candidate]:
        """The rows to which the entity's may refer, of those which are ``alike`` if there are any.

        In whose state such a row is made: what is returned has been delivered.
        """
        place = (entity.key, target.key)
        if place not in self._candidates:
            needing = reached(Same(self.world), target.key, nested=True)
            whole = target.key != entity.key and entity.key not in needing
            rows = self._whole_rows(target.key) if whole else self._own_rows(target.key)
            after = made_after(entity.noun, target)
            self._candidates[place] = [
                Candidate(key, row, born_on(row), not after or state_of(row, target) in after)
                for key, row in rows.items()
            ]
            known = self._candidates[place]
            self._ready[place] = [one for one in known if one.ready] or known
        if not any(alike):
            return self._ready[place]
        known = self._candidates[place]
        for wanted in filter(None, alike):
            known = [
                one for one in known if all(one.row[n] == value for n, value in wanted.items())
            ] or known
        return [one for one in known if one.ready] or known

    def refer_anew(
        self, entity: Entity, row: JsonObject, name: str, rng: Random
    ) -> Iterator[JsonObject]:
        """The row with each other row to which what is called so could refer, at random."""
        for field, target in _pointers(self.world)[entity.key]:
            if name in (field.name, target.noun, field.name.removesuffix("_id")):
                known = self._find_ready(entity, target)
                for one in rng.sample(known, k=len(known)):
                    other = copied(row)
                    refer(other, field, entity, target, one.row)
                    yield other
