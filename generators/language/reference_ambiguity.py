"""What a conversation has dealt with besides a row, and what is no longer as a result has shown it.

Both end a reference that was unique when the row was found: "that payee", once another payee has
been added; "the appointment on Monday", once it has been moved.
"""

from collections.abc import Iterable

from generators.language.rows import SpokenField, fields_of, main_list, name_of, speakable
from generators.language.scene import Scene
from generators.lexicon.names import label
from schemas.leaves import value_at
from schemas.record import JsonObject


def kind_of(scene: Scene, call: int) -> str:
    """What a call's result is about: the noun of its entity, or else of its tool."""
    model = scene.model(call)
    entity = scene.world.entities.get(model.entity or "")
    return label((entity.noun if entity else model.noun).replace(" ", "_"))


def single_row(scene: Scene, call: int) -> str | None:
    """The path of the one row that a result is about; None where it is about several, or none."""
    result = scene.results[call]
    if scene.model(call).operation != "list":
        return "" if isinstance(result, dict) else None
    path, listed = main_list(result) or ("", [])
    return f"{path}[0]" if len(listed) == 1 and isinstance(listed[0], dict) else None


def rivals(scene: Scene, call: int, row: str, before: int) -> list[list[SpokenField]]:
    """The fields of other rows of its kind that calls before ``before`` were about, one by one."""
    noun, mine = kind_of(scene, call), _identity(scene, call, row)
    found: dict[tuple[str, ...], list[SpokenField]] = {}
    for other in range(min(before, len(scene.calls))):
        place = single_row(scene, other) if other != call else None
        if place is None or kind_of(scene, other) != noun:
            continue
        key = _identity(scene, other, place)
        if key and mine and key != mine:
            found[key] = fields_of(scene, other, place)
    return list(found.values())


def told_from(own: list[SpokenField], others: list[list[SpokenField]]) -> SpokenField | None:
    """What tells a row from others by a glance: its name, or else another value of its own."""
    name = name_of(own)
    if name is not None and all(name_of(one) != name for one in others):
        return name
    held = [{field.name: field.value for field in one} for one in others]
    return next(
        (
            field
            for field in own
            if speakable(field) and not isinstance(field.value, bool)
            if all(one.get(field.name) != field.value for one in held)
        ),
        None,
    )


def outdated(scene: Scene, call: int, row: str, before: int) -> frozenset[str]:
    """Fields of a row that calls before ``before`` have changed since it was found."""
    mine = _identity(scene, call, row)
    shown = {field.name: field.value for field in fields_of(scene, call, row)}
    changed: set[str] = set()
    for other in range(call + 1, min(before, len(scene.calls))):
        model = scene.model(other)
        if not mine or model.operation != "update" or kind_of(scene, other) != kind_of(scene, call):
            continue
        if _identity(scene, other, "") == mine:
            now = fields_of(scene, other, "")
            changed |= {one.name for one in now if shown.get(one.name, one.value) != one.value}
    return frozenset(changed)


def only_one_named(scene: Scene, place: tuple[int, str], spoken: Iterable[tuple[int, str]]) -> bool:
    """Whether a row, and no other of its kind, is among those that are spoken of.

    Rows are told by the call and the path at which a result shows them; one row may be shown by
    several.
    """
    kind, mine = kind_of(scene, place[0]), _identity(scene, *place)
    shown = [_identity(scene, call, path) for call, path in spoken if kind_of(scene, call) == kind]
    known = [one for one in shown if one]
    return bool(mine) and bool(known) and all(one == mine for one in known)


def _identity(scene: Scene, call: int, row: str) -> tuple[str, ...]:
    """The row's identity as far as the result shows it; empty where it does not."""
    entity = scene.world.entities.get(scene.model(call).entity or "")
    held: JsonObject = value_at(scene.results[call], row) if row else scene.results[call]
    if entity is None or not isinstance(held, dict):
        return ()
    known = tuple(str(held[name]) for name in entity.identity if name in held)
    return known if len(known) == len(entity.identity) else ()
