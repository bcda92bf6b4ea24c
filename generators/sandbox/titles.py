"""What seeded things are called: different things differently, a product's items after it."""

from collections.abc import Sequence

from generators.sandbox.likeness import fit_name
from generators.sandbox.people import People
from generators.sandbox.row_skeletons import RowSkeletons
from generators.world.model import Entity
from schemas.record import JsonObject

_WARES = frozenset({"item", "variant", "sku", "article", "option"})
_VARIANTS = ("black", "white", "navy", "sand", "olive")
_DEARER = 4
"""What each further variant costs more."""
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


def is_ware(entity: Entity) -> bool:
    """Whether its rows are the variants in which something is sold."""
    return entity.noun.rsplit(" ", 1)[-1] in _WARES


def name_variants(entity: Entity, rows: Sequence[JsonObject], wholes: Sequence[JsonObject]) -> None:
    """Call items after the products that they are shared out to, each in its variant."""
    for number, row in enumerate(rows):
        whole, turn = wholes[number % len(wholes)], number // len(wholes)
        if "name" in row and "name" in whole and "name" not in entity.identity:
            variant = _VARIANTS[turn % len(_VARIANTS)]
            row["name"] = f"{_plain(whole, 'name')}, {variant}"
            price = whole.get("price")
            if "price" in row and isinstance(price, int | float):
                row["price"] = round(price + _DEARER * turn, 2)


def _plain(row: JsonObject, name: str) -> str:
    """A name without what follows a comma."""
    return str(row[name]).partition(",")[0]
