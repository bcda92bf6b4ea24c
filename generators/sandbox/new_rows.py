"""The rest of a new row around what a call gives.

Like the seeded rows it follows from the seed, and from what is given, alone: a replay bears the
same row. So it is invented once a world, as they are.
"""

from collections.abc import Collection, Mapping
from typing import Any

from generators.sandbox.people import People
from generators.sandbox.row_skeletons import schemas_of
from generators.sandbox.row_times import begin_now
from generators.sandbox.row_values import Row
from generators.sandbox.seeding import Seeds
from generators.world.model import Entity
from schemas.canonical import written_json
from schemas.record import JsonObject

_MOST = 4096


def newborn(
    seeds: Seeds, entity: Entity, written: JsonObject, fixed: JsonObject,
    numbered: Mapping[str, Any], lacking: Collection[str], attempt: int,
) -> Row:  # fmt: skip
    """The row that a call of this world bears at the attempt, which another row may stand against.

    ``written`` is what the call gives, ``fixed`` all that is settled, ``numbered`` the next number
    where rows are numbered, ``lacking`` the fields that it does not have.
    """
    settled = [entity.key, written, fixed, dict(numbered), sorted(lacking), attempt]
    place = written_json(settled)
    if place not in seeds.born:
        if len(seeds.born) >= _MOST:
            seeds.born.clear()
        seeds.born[place] = _invented(seeds, entity, written, fixed, numbered, lacking, attempt)
    return seeds.born[place]


def _invented(
    seeds: Seeds, entity: Entity, written: JsonObject, fixed: JsonObject,
    numbered: Mapping[str, Any], lacking: Collection[str], attempt: int,
) -> Row:  # fmt: skip
    rng = seeds.frames.stream("create", entity.key, written, attempt)
    scene = People(rng)
    for name, field in entity.fields.items():
        if field.semantic == "person_name" and isinstance(fixed.get(name), str):
            scene.meet(name, fixed[name])
        if field.semantic == "city" and isinstance(fixed.get(name), str):
            scene.settle(name, fixed[name])
    wanted = [name for name in entity.fields if name not in lacking]
    row = seeds.fill(entity, rng, scene, {**fixed, **numbered}, only=wanted)
    begin_now(row, schemas_of(entity), seeds.frames.clock, fixed, rng)
    given = {*fixed, *lacking}
    row = seeds.point(entity, row, rng.randrange(1000), rng.randrange(1000), given)
    row = {name: value for name, value in row.items() if name not in lacking}
    seeds.settle_new(entity, row, given | {*entity.identity, *numbered}, rng)
    return row
