"""Which values of a row are worth telling: how it stands, money, time, then the rest.

What the caller has just said is no news, ids are nobody's, and what the service keeps for itself is
told only where there is little else (``data/lexicon/telling.yaml``).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from generators.identity_cache import Same
from generators.language.rows import (
    SpokenField,
    fields_of,
    flag_in_short,
    in_unit,
    is_figure,
    is_naming,
    length_of,
    main_list,
    name_of,
    rows_at,
    speakable,
)
from generators.language.scene import Scene
from generators.language.slot_phrases import find_scopes
from generators.lexicon.date_field_names import deed_in, is_birth
from generators.lexicon.meanings import is_price
from generators.lexicon.names import capital, label, snake, split_words
from generators.lexicon.relations import find_counted
from generators.lexicon.tables import load_words
from generators.sandbox.own_rows import find_user
from schemas.leaves import leaves, value_at
from schemas.semantic import ADDRESS

_SHOWN_OF_MANY, _MOST_SHOWN = 5, 12
_MOST_FLAGS = 3
_FACTS, _FACTS_OF_NAMELESS, _BESIDE_HEAVY = 3, 5, 3
"""Fields by which a row is told among others, and how many stand beside what weighs."""
_MOST_TEXT = 300
_FOLLOWED = ("url", "opaque_id")
"""Meanings of what is told where the world says that it weighs, and never else."""
_CODE_WORD = re.compile(r"\b[A-Z]{2,5}\b")
"""A word in capitals: ``DOI``, ``PDF``."""
_KIND_IN_ID = re.compile(r"([a-z]{3,}(?:_[a-z]{3,})+|[a-z]{5,})_\d{4,}")
_IDS = ("id", "sid", "uuid")
_SPOKEN_ID = re.compile(r"#?[A-Z]{0,6}-?\d{1,12}[A-Z\d-]*|#?[A-Z\d]{4,10}")
"""Ids that people use: an order ``#W2378156``, a booking ``EHGLP3``, an issue 12."""


def count_shown(rows: int) -> int:
    """How many rows of a list are told one by one: all of a short one, the first of a long one."""
    return rows if rows <= _MOST_SHOWN else _SHOWN_OF_MANY


def tell_first(field: SpokenField, asked: frozenset[str] = frozenset()) -> int:
    """How much a field matters to a person: 0 is told first, 9 is never told.

    ``asked``: the fields that the call was narrowed by.
    """
    # Who comes for a chart follows its link.
    followed = field.semantic in _FOLLOWED and field.weighs and isinstance(field.value, str)
    wanted = field.name in asked and (speakable(field) or field.semantic == "url")
    if followed or wanted:
        return 0
    kinds = _kinds_of(field.name)
    if length_of(field) is not None:
        return 3
    if "unsaid" in kinds or (isinstance(field.value, bool) and "went_well" in kinds):
        return 9
    timed = field.semantic in ("date", "datetime", "time")
    if (timed and not isinstance(field.value, str)) or not (speakable(field) or is_text(field)):
        return 9  # seconds since 1970, and what means nothing to a person
    if field.weighs:
        return 0
    if "bookkeeping" in kinds:
        return 9 if isinstance(field.value, bool) or field.semantic != "datetime" else 7
    if "matters" in kinds and field.semantic not in ADDRESS:
        return 0
    if isinstance(field.value, bool):
        return 5 if field.value else 7
    if field.semantic == "money":
        return 0 if is_price(field.name) else 3
    if timed:  # when somebody was born is read out to nobody who did not ask
        return 7 if is_birth(field.name) else 2
    if is_text(field):
        return 4
    return 6 if field.semantic in ("unknown", "number", "handle") else 3


@lru_cache(maxsize=4096)
def _kinds_of(name: str) -> frozenset[str]:
    """What a field's name alone says of how much the field matters."""
    words = {*split_words(name), name}
    unsaid = not load_words("telling", "for_programs").isdisjoint(split_words(name)[-1:])
    said = {
        "unsaid": unsaid or name in load_words("telling", "nameless"),
        "went_well": words & (load_words("inference", "envelope") | {"status"})
        | ({name} & load_words("inference", "page")),
        "bookkeeping": words & load_words("telling", "bookkeeping"),
        "matters": words & load_words("telling", "matters"),
    }
    return frozenset(kind for kind, held in said.items() if held)


def asked_fields(scene: Scene, call: int) -> frozenset[str]:
    """Fields by which rows were narrowed or are known, or of which the reason speaks."""
    given = {path.rpartition(".")[2] for path, _ in leaves(scene.calls[call].arguments)}
    parameters = scene.model(call).parameters
    bounds = (p for p in parameters if p.use in ("minimum", "maximum") and p.name in given)
    entity = scene.world.entities.get(scene.model(call).entity or "")
    named_by = entity.named_by if entity else ()
    wanted = wanted_fields(scene, call)
    return frozenset({*named_by, *wanted, *(p.field for p in bounds if p.field)})


def wanted_fields(scene: Scene, call: int) -> frozenset[str]:
    """Fields of which the reason speaks, by whatever word: of the baggage, of the DOI."""
    wishes, turn = scene.task.brief.wishes, scene.turn_of(call)
    entity = scene.world.entities.get(scene.model(call).entity or "")
    # Of the same once more, the reason is why it was wanted before.
    reasons = (
        wishes[earlier].why
        for earlier in range(min(turn, len(wishes) - 1), -1, -1)
        if scene.calls[call].tool in {scene.calls[one].tool for one in scene.numbers(earlier)}
    )
    why = next(filter(None, reasons), "")
    reason = {word for word in split_words(why) if len(word) > 3}
    reason |= {word.lower() for word in _CODE_WORD.findall(why)}
    if entity is None or not reason:
        return frozenset()
    # A label's words, but for what people call the thing itself.
    words = {name: {*split_words(one.label or "")} - {*entity.noun.split()} | {*split_words(name)}
             for name, one in entity.fields.items()}  # fmt: skip
    return frozenset(name for name, said in words.items() if said & reason)


def is_text(field: SpokenField) -> bool:
    """Whether the value is prose that can be told as it is."""
    if is_figure(field.value):
        return False
    prose = field.semantic == "text" or (field.semantic == "unknown" and " " in str(field.value))
    return prose and isinstance(field.value, str) and len(field.value) <= _MOST_TEXT


def is_spoken_id(value: Any, noun: str) -> bool:
    """Whether people use such an id: a number of a thing that has one, ``EHGLP3``."""
    return has_spoken_ids(noun) and looks_spoken(value)


def has_spoken_ids(noun: str) -> bool:
    """Whether things of the kind have numbers by which people speak of them."""
    known = load_words("telling", "spoken_ids")
    return noun in known or noun.rpartition(" ")[2] in known


def looks_spoken(value: Any) -> bool:
    """Whether an id has a form in which people read one out."""
    return not isinstance(value, bool) and bool(_SPOKEN_ID.fullmatch(str(value)))


def kind_in_id(value: Any) -> str:
    """What an id says of its thing: ``credit card`` of ``credit_card_9093385``; or empty."""
    found = _KIND_IN_ID.fullmatch(str(value))
    return found[1].replace("_", " ") if found else ""


def facts_of(
    scene: Scene, call: int, path: str, most: int, upto: int | None = None
) -> list[SpokenField]:
    """The fields of a row that are told, those that matter most, in the order of the row.

    ``upto``: the last call whose result may have shown the name of what the row refers to.
    """
    return _facts_beside(scene, call, path, most, _know(scene, call), upto)


class _Known(NamedTuple):
    """What a call has in common for all of its rows."""

    given: set[tuple[str, str]]
    asked: frozenset[str]
    context: frozenset[str]
    narrowed: set[str | None]
    planted: set[str]
    """Texts that somebody put there to be obeyed: they are not passed on."""


def _know(scene: Scene, call: int) -> _Known:
    bounds = (p.field for p in scene.model(call).parameters if p.use in ("minimum", "maximum"))
    # Names and values of what the call itself was given, under any wrapper, and of its scope.
    arguments = scene.calls[call].arguments
    given = {(p.rpartition(".")[2].partition("[")[0], _written(v)) for p, v in leaves(arguments)}
    model = scene.model(call)
    for parameter in model.parameters:
        if parameter.field and "[" not in parameter.path:
            try:
                given.add((parameter.field, _written(value_at(arguments, parameter.path))))
            except (KeyError, IndexError, TypeError):
                continue
    # Nobody has to be told of fields that name the row itself, or whose it is.
    context: frozenset[str] = frozenset()
    if (entity := scene.world.entities.get(model.entity or "")) is not None:
        scope = {name for names in find_scopes(scene.world) for name in names}
        owner = scene.world.entities.get(entity.owner or "")
        person = owner is not None and {"full_name", "first_name"} & owner.fields.keys()
        user = find_user(Same(scene.world), entity.domain)
        owners = {entity.owner if person else None, user.key if user else None} - {None}
        fields = entity.fields.values()
        if model.operation == "get":  # the tag of the latest release tells which it is
            scope |= {f.name for f in fields if f.semantic in ("label", "version", "branch")}
        owning = {f.name for f in fields if f.entity in owners}
        quoted = {f.name for f in fields if f.weighs is True and f.semantic in _FOLLOWED}
        context = frozenset({*entity.identity, *owning} - scope - quoted - {"name", "title"})
    asked, origins = asked_fields(scene, call), scene.calls[call].origins
    said = {scene.model(call).parameter(one.path).field for one in origins if one.kind == "user"}
    return _Known(
        given,
        asked,
        context - asked,
        {*bounds, *(wanted_fields(scene, call) - said)},  # what the user has not said
        {plant.value for plant in scene.task.plants},
    )


def _facts_beside(
    scene: Scene, call: int, path: str, most: int, known: _Known, upto: int | None = None
) -> list[SpokenField]:
    given, asked, context, narrowed, planted = known
    details = "[" not in path and scene.model(call).operation == "get"
    row = fields_of(scene, call, path, counted=details)
    name = name_of([field for field in row if speakable(field)])
    said = {str(name.value)} if name else set()
    if name and name.name == "first_name":
        said |= {str(f.value) for f in row if snake(f.name) in ("first_name", "last_name")}
    news = [
        one
        for one in row
        if one.name in narrowed or (one.name, _written(one.value)) not in given
        if one.name not in context and one.value not in planted
    ]
    news = link_names(scene, call, news, upto)
    parts = [field for field in news if field.semantic in ADDRESS]
    if len(parts) > 2:  # an address as one: ``12 Oak Lane, Oslo, 0150``
        address = SpokenField("address", ", ".join(str(part.value) for part in parts), "address",
                              "address")  # fmt: skip
        news = [address if field is parts[0] else field for field in news
                if field is parts[0] or field not in parts]  # fmt: skip
    told = [
        field
        for field in _join_scope(scene, call, news)
        if tell_first(field, asked) < 9 and str(field.value) not in said
    ]
    # Whom an id has been linked to may stand in the row by name, too.
    people = [field.value for field in told if field.semantic == "person_name"]
    told = [
        field for number, field in enumerate(told)
        if field.semantic != "person_name" or people.count(field.value) == 1
        or field.value not in [other.value for other in told[:number]]
    ]  # fmt: skip
    ranked = sorted(told, key=lambda field: (not field.weighs, tell_first(field, asked)))
    kept = [field for field in ranked if tell_first(field, asked) < 7]
    kept = kept or [field for field in ranked if not name or not isinstance(field.value, bool)]
    if len(kept) <= 1 and details:
        # Where there is hardly more than what it was asked for by: when it was made, and used.
        kept += [f for f in ranked if f.semantic == "datetime" and f not in kept][:2]
    if not kept and details and len(lone := [*filter(speakable, news)]) == 1:
        return lone  # what a key holds, whatever it is: nothing else was asked for
    if kept and not (name or path) and all(tell_first(field, asked) == 7 for field in kept):
        # All that a row holds beside its times: the id of another thing.
        told = [field for field in news if field in told or _is_link(field)]
        kept = [*filter(_is_link, news), *kept]
    kept = kept[: max(most, sum(field.weighs for field in kept) + _BESIDE_HEAVY)]
    return [field for field in told if field in kept]


def _is_link(field: SpokenField) -> bool:
    """Whether it is the id of another thing, and none that only programs have a use for."""
    *of, last = split_words(field.name)
    linked = bool(of) and last in _IDS and isinstance(field.value, str)
    return linked and "bookkeeping" not in _kinds_of(field.name)


def _join_scope(scene: Scene, call: int, fields: list[SpokenField]) -> list[SpokenField]:
    """In what a row lies as one: ``octo/site``; where that is the row, it is its whole name."""
    held = {field.name: str(field.value) for field in fields}
    entity = scene.world.entities.get(scene.model(call).entity or "")
    for names in find_scopes(scene.world):
        if set(names) <= held.keys() and all(
            map(speakable, (f for f in fields if f.name in names))
        ):
            own = entity is not None and entity.identity == names
            path = "/".join(held[name] for name in names)
            whole = SpokenField("in_full" if own else "in_scope", path, "handle", label(names[-1]))
            rest = [field for field in fields if field.name not in names]
            return [whole, *rest]
    return fields


def _written(value: Any) -> str:
    """A value as it is compared: 6 and 6.0 are one."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(float(value)) if number else str(value)


def link_names(
    scene: Scene, call: int, fields: Sequence[SpokenField], upto: int | None = None
) -> list[SpokenField]:
    """The fields, with the name of a row in place of its id where a result has shown it."""
    out = []
    for field in fields:
        known = scene.known_fields(call).get(field.name)
        named = None
        if known is not None and known.entity:
            named = find_name(scene, upto or call, known.entity, field.value)
        if named is None:
            out.append(field)
            continue
        bare = re.sub(r"_(?:id|number|uuid|ref|key)$", "", field.name)
        out.append(replace(named, name=bare, label=label(bare)))
    return out


def find_name(scene: Scene, call: int, entity: str, value: Any) -> SpokenField | None:
    """What a row is called that a result up to ``call`` has shown; None where none has."""
    known = scene.world.entities.get(entity)
    if known is None or not known.identity:
        return None
    for number in range(call, -1, -1):
        if scene.model(number).entity != entity:
            continue
        for path, row in rows_at(scene.results[number]):
            if isinstance(row, dict) and row.get(known.identity[-1]) == value:
                return name_of(fields_of(scene, number, path))
    return None


def shown_fields(scene: Scene, call: int, path: str) -> frozenset[str]:
    """The names of the fields of a row that the report of its call has told."""
    found = main_list(scene.results[call])
    if found is None or not path.startswith(f"{found[0]}["):
        row = facts_of(scene, call, path, 8)
    else:
        number = int(path[len(found[0]) + 1 :].partition("]")[0])
        if number >= count_shown(len(found[1])):
            return frozenset()
        row = row_facts(scene, call, *found)[number]
    named = [f for f in fields_of(scene, call, path) if is_naming(f.name)]
    return frozenset(field.name for field in (*row, *named))


def row_facts(scene: Scene, call: int, path: str, rows: Sequence[Any]) -> list[list[SpokenField]]:
    """For each of the rows the two or three fields that tell it from the others, or matter."""
    known = _know(scene, call)
    asked = known.asked
    every: list[list[SpokenField]] = []
    for number in range(len(rows)):
        found = _facts_beside(scene, call, f"{path}[{number}]", 12, known)
        every.append([field for field in found if tell_first(field, asked) < 7])
    held = [{field.name: field.value for field in row} for row in every]
    names = list(dict.fromkeys(field.name for row in every for field in row))
    alike = {
        name for name in names if len(rows) > 1 and len({str(row.get(name)) for row in held}) == 1
    }
    named = any(name_of(fields_of(scene, call, f"{path}[{n}]")) for n in range(min(len(rows), 2)))
    owns: list[list[SpokenField]] = []
    heavy: dict[str, None] = {}
    for number, row in enumerate(every):
        # A thing without a name is known by when it is and what it costs, even if all agree.
        plain = {f.name for f in row if not named and 1 <= tell_first(f, asked) <= 2}
        own = [f for f in row if (f.weighs or f.name not in alike - plain) and not is_text(f)]
        # What is in it is told of what has no name: the words of a comment.
        # An order is told by its products, not by its gift message.
        parts = rows[number].values() if isinstance(rows[number], dict) else ()
        whole = any(isinstance(p, list) and p and isinstance(p[0], dict) for p in parts)
        bare = not named and not whole
        texts = [f for f in row if is_text(f)][:1] if not own or bare else []
        heavy |= dict.fromkeys(field.name for field in own if field.weighs)
        heavy |= dict.fromkeys(field.name for field in texts)
        owns.append([field for field in row if field in own or field in texts])
    # The same of every row, so that no reader wonders why one lacks what the next one has.
    ranks: dict[str, int] = {}
    for field in (field for own in owns for field in own if field.name not in heavy):
        ranks[field.name] = min(tell_first(field, asked), ranks.get(field.name, 9))
    most = _FACTS + (not named) if heavy else _FACTS if named else _FACTS_OF_NAMELESS
    kept = {*heavy, *sorted(ranks, key=lambda name: ranks[name])[:most]}
    flags = {field.name for row in every for field in row if isinstance(field.value, bool)}
    if len(alike_flags := flags & ranks.keys()) <= _MOST_FLAGS and alike_flags & kept:
        kept |= alike_flags  # breakfast where parking is told: who reads of one thinks of the other
    chosen = [[field for field in own if field.name in kept] for own in owns]
    return _tell_alike_apart(scene, call, path, chosen)


def _tell_alike_apart(
    scene: Scene, call: int, path: str, chosen: list[list[SpokenField]]
) -> list[list[SpokenField]]:
    """The fields of each row, with one more where two rows would be told in the same words."""
    shown = [fields_of(scene, call, f"{path}[{n}]") for n in range(len(chosen))]
    entity = scene.world.entities.get(scene.model(call).entity or "")
    key = entity.identity[-1] if entity and entity.identity else ""
    called = [
        [name.value] if (name := name_of(one)) else
        [f.value for f in one if f.name == key and entity and is_spoken_id(f.value, entity.noun)]
        for one in shown
    ]  # fmt: skip
    said = [
        str([*name, *((field.name, field.value) for field in row)])
        for name, row in zip(called, chosen, strict=True)
    ]
    told = list(chosen)
    for text in {text: None for text in said if said.count(text) > 1}:
        twins = [number for number, one in enumerate(said) if one == text]
        # Whatever of a row could be said, bookkeeping too, by name.
        rows = [
            {
                field.name: field
                for field in link_names(scene, call, fields_of(scene, call, (f"{path}[{number}]")))
                if speakable(field) and tell_first(field) < 9 and not isinstance(field.value, bool)
            }
            for number in twins
        ]
        values = {name: [str(row[name].value) if name in row else "" for row in rows]
                  for name in rows[0]}  # fmt: skip
        apart = [name for name, held in values.items() if len(set(held)) == len(held)]
        apart.sort(key=lambda name: tell_first(rows[0][name]))
        for number, row in zip(twins, rows, strict=True) if apart else ():
            told[number] = [*told[number], row[apart[0]]]
    return told


def fact_line(scene: Scene, field: SpokenField) -> str:
    """``Baggage: 20 kg``, ``Not refundable``, ``Ordered: the 3rd of May``."""
    name, value = field.name, field.value
    if isinstance(value, bool):
        return capital(flag_in_short(field))
    text = scene.tell(value, field.semantic, field.about, field.choices)
    if (measured := in_unit(field, text)) is not None:
        return f"{capital(measured[0])}: {measured[1]}"
    what = deed_in(name) if field.semantic in ("date", "datetime") else ""
    counted = find_counted(name) if field.semantic == "count" else None
    what = what or field.label or (counted.label if counted else label(name))
    return f"{capital(what)}: {text}"
