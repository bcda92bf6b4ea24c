"""What seeded things are called: different things differently, a product's items after it."""

from collections.abc import Sequence

from generators.sandbox.likeness import fit_name
from generators.sandbox.people import People
from generators.sandbox.row_skeletons import RowSkeletons
from generators.world.model import Entity
from schemas.record import JsonObject

_TRIES = 6


def rename_alike(entity: Entity, rows: Sequence[JsonObject], frames: RowSkeletons) -> None:
    """Give things different names where that is easily had: two lamps are two lamps."""
    taken: set[str] = set()
    names = [n for n in ("name", "title") if n in entity.fields and n not in entity.identity]
    if not names:
        return
    rng = frames.stream(entity.key, "names")
    for row in rows:
        for name in [name for name in names if name in row]:
            tries = _TRIES if entity.fields[name].semantic == "title" else 0
            while _plain(row, name) in taken and tries:
                tries -= 1
                row[name] = frames.value(entity, name, rng, People(rng))
                fit_name(entity, row, {}, rng)
            taken.add(_plain(row, name))


def _plain(row: JsonObject, name: str) -> str:
    """A name without what follows a comma."""
    return str(row[name]).partition(",")[0]
