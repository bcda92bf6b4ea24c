"""What the assistant says of a row before it changes it, and of what a write has to tell aloud."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from generators.language.facts import (
    facts_of,
    is_text,
)
from generators.language.references import row_path
from generators.language.request_objects import NAMING_USES
from generators.language.rows import (
    SpokenField,
    fields_of,
    name_of,
    short,
)
from generators.language.scene import Scene, finds_user, is_user
from generators.language.slot_phrases import find_scopes
from generators.language.told_rows import (
    FEW,
    MOST_FACTS,
    find_quantity,
    name_parts,
    quote_order,
    row_in_words,
)
from generators.lexicon.date_field_names import deed_in, is_birth
from generators.lexicon.meanings import is_price
from generators.lexicon.names import join, label
from generators.lexicon.tables import load_words
from generators.world.model import strip_indices
from schemas.demand import values_at
from schemas.leaves import leaves, value_at
from schemas.reading import tells
from schemas.seen import Shown, find_told

_SO_FAR = "so far "
_AMOUNT = re.compile(
    r"\d\.\d\d\b|[$€£] ?\d|\d (?:euros?|dollars?|pounds?|points)\b|\b(?:price|free of charge)\b",
    re.I,
)
"""What tells of money."""
_MOST_ASIDE = 5
"""Facts of a row in a question for consent."""


def found_row(scene: Scene, call: int, path: str) -> str:
    """The row that is about to be changed: ``I found the booking: confirmed, 120 euros.``."""
    row = value_at(scene.results[call], path) if path else scene.results[call]
    if not isinstance(row, dict):
        return ""
    name = name_of(fields_of(scene, call, path))
    if finds_user(scene, call):
        return ""  # nobody has to be told that they have been found
    if name and name.semantic == "person_name":
        heavy = [field for field in facts_of(scene, call, path, FEW) if field.weighs]
        said = ", ".join(short(scene, field) for field in heavy if not is_text(field))
        return f"I found {name.value} ({said})." if said else f"I found {name.value}."
    text = row_in_words(scene, call, path, row)
    called = str(name.value) if name else ""
    if called and text.startswith(called):
        text = quote_order(called) + text.removeprefix(called)
    if name or not text:
        return f"I found {text}." if text else ""
    facts = [field for field in facts_of(scene, call, path, FEW) if not is_text(field)]
    said = ", ".join(short(scene, field) for field in facts)
    return f"I found the {scene.noun(call)}: {said or text}."


def about_row(scene: Scene, call: int, *, found: bool = False) -> list[tuple[str, Any]]:
    """What is known of the row that a write is about, with each value: ``120 euros``, 120.

    Of one that it ends what matters most; of one that it changes, or makes something of, when it is
    and what it costs, what weighs, and what is replaced: this alone where the row has been told.
    """
    if (meant := _find_meant(scene, call)) is None:
        return []
    first, seen, path = meant
    model, creates = scene.model(call), scene.model(call).operation == "create"
    facts = facts_of(scene, seen, path, MOST_FACTS, upto=call - 1)
    against = [f for f in facts if f.weighs and f.value is False]  # not refundable
    # What the row has so far in place of what it is given.
    replaced: dict[str, tuple[str, Any]] = {}
    arguments = scene.calls[call].arguments
    held = {field.name: field for field in fields_of(scene, seen, path)}
    for one in model.parameters if model.operation == "update" else ():
        old, new = held.get(one.field or one.path), arguments.get(one.path)
        if old is None or new in (None, old.value) or one.use == "identity":
            continue
        if not one.opaque and not is_text(old) and not isinstance(old.value, bool):
            replaced[old.name] = f"{_SO_FAR}{short(scene, old)}", old.value
    row = value_at(scene.results[seen], path) if path else scene.results[seen]
    said = [*replaced.values(), *_list_dropped(scene, call, row)]
    for _, later, place in [] if creates else _list_named(scene, call, "reference"):
        taken_up = facts_of(scene, later, place, MOST_FACTS, upto=call - 1)
        said += [(short(scene, f), False) for f in taken_up if f.weighs and f.value is False]
    total = _sum_up(scene, call, facts) + name_price_difference(scene, call)
    if found:  # of what a later look has shown, only what speaks against it
        said += [(short(scene, one), one.value) for one in against if seen != first]
        return said + total
    facts = sorted((f for f in facts if not is_text(f)),
                   key=lambda f: not (f in against or _is_decisive(f)))  # fmt: skip
    if model.operation != "delete" and model.transition is None:
        taken = not creates or model.verb in load_words("telling", "taking")
        facts = [f for f in facts if (taken and _is_decisive(f))
                 or (f.weighs and (taken or f.semantic != "money"))]  # fmt: skip
    told = [one for one in facts if one.name not in replaced][:_MOST_ASIDE]
    said += total + [
        (short(scene, one), one.value) for one in told if not (total and _is_decisive(one))
    ]
    whole = isinstance(row, dict) and not creates
    parts = name_parts(scene, seen, path, row) if whole else ""
    return [(parts, parts), *said] if parts else said


def _list_dropped(scene: Scene, call: int, row: Any) -> Iterator[tuple[str, Any]]:
    """What drops out of a row's lists, since a change gives them whole: ``so far Ana and Ben``."""
    model, arguments = scene.model(call), scene.calls[call].arguments
    for one in model.parameters if model.operation == "update" and isinstance(row, dict) else ():
        path = one.path.removesuffix("[]")
        held, given = row.get(one.field or path), arguments.get(path)
        if isinstance(held, list) and isinstance(given, list):
            out = [one for one in held if isinstance(one, str) and one not in given]
            if out and len(out) <= _MOST_ASIDE:
                yield f"{_SO_FAR}{join(out)}", out[0]


def _sum_up(scene: Scene, call: int, facts: Sequence[SpokenField]) -> list[tuple[str, Any]]:
    """What several pieces of one thing cost: ``79 euros each, 158 euros together``.

    Of a thing within the row that the call is about, what one piece costs too.
    """
    lines = [held for held in scene.calls[call].arguments.values() if isinstance(held, list)]
    line = lines[0][0] if len(lines) == 1 and len(lines[0]) == 1 else {}
    pieces = find_quantity(line)
    prices = [one for one in facts if one.semantic == "money" and _is_decisive(one)]
    what = ""
    if pieces and not prices:
        known = _list_prices(scene, call)
        inner = [known[v] for name, v in line.items() if name.endswith("_id") and v in known]
        prices = [price for price, _ in inner]
        what = f"{inner[0][1]}: " if len(inner) == 1 and inner[0][1] else ""
        if pieces == 1 and len(prices) == 1:
            return [(what + short(scene, prices[0]), prices[0].value)]
    if pieces < 2 or len(prices) != 1 or isinstance(prices[0].value, str):
        return []
    total = replace(prices[0], value=round(prices[0].value * pieces, 2))
    return [(f"{what}{short(scene, prices[0])} each, {short(scene, total)} together", total.value)]


def _list_prices(scene: Scene, call: int) -> dict[Any, tuple[SpokenField, str]]:
    """What each row that was shown before a call costs, and its name, by the ids in it."""
    prices: dict[Any, tuple[SpokenField, str]] = {}
    for number in range(call):
        for path, value in leaves(scene.results[number]):
            place, _, name = path.rpartition(".")
            if name.endswith("_id") and isinstance(value, str | int):
                row = fields_of(scene, number, place)
                called = name_of(row)
                name = str(called.value) if called else ""
                prices.update((value, (one, name)) for one in row if is_price(one.name))
    return prices


def name_price_difference(scene: Scene, call: int) -> list[tuple[str, Any]]:
    """What one thing costs in place of another, where the price difference is paid by the call."""
    model, arguments = scene.model(call), scene.calls[call].arguments
    told = load_words("demands", "price_difference")
    described = [str(one.schema.get("description") or "").casefold() for one in model.parameters]
    if not any(words in text for words in told for text in described):
        return []
    prices = _list_prices(scene, call)
    for name in arguments:
        old, new = values_at(arguments, f"{name}[]"), values_at(arguments, f"new_{name}[]")
        if len(old) == len(new) == 1 and all(one in [*prices] for one in (*old, *new)):
            (before, _), (after, _) = prices[old[0]], prices[new[0]]
            if before.value != after.value:
                was = scene.tell(before.value, before.semantic, before.about)
                return [(f"{short(scene, after)} instead of {was}", f"{after.value} {was}")]
    return []


def name_meant(scene: Scene, call: int) -> str:
    """What the row is called that a write is about, as it is quoted; empty where it is not."""
    meant = _find_meant(scene, call)
    name = name_of(fields_of(scene, meant[1], meant[2])) if meant else None
    return f"“{name.value}”" if name else ""


def _find_meant(scene: Scene, call: int) -> tuple[int, int, str] | None:
    """Where the row that a write is about was shown first, where last, and at which path."""
    creates = scene.model(call).operation == "create"
    return next(_list_named(scene, call, *(NAMING_USES if creates else ("identity",))), None)


def _list_named(scene: Scene, call: int, *uses: str) -> Iterator[tuple[int, int, str]]:
    """Where each row that a write names was shown first, where last, and at which path."""
    model = scene.model(call)
    for origin in scene.calls[call].origins:
        parameter = model.parameter(origin.path)
        its_own = origin.call is not None and scene.model(origin.call).entity == parameter.entity
        if not its_own and parameter.use == "identity":
            # A row whose id the user or another row has told is shown by the read of that id.
            value = value_at(scene.calls[call].arguments, origin.path)
            reads = (
                number for number in reversed(range(call))
                if value in scene.calls[number].arguments.values()
                and scene.model(number).operation == "get"
                and scene.model(number).entity == parameter.entity
                and not _is_other(scene, call, scene.results[number])
            )  # fmt: skip
            if (read := next(reads, None)) is not None:
                origin = origin.model_copy(update={"call": read, "result_path": ""})
        if origin.call is None or ("[" in origin.path and model.operation != "create"):
            continue
        path, source = row_path(origin.result_path or ""), scene.model(origin.call).entity
        foreign = parameter.use not in NAMING_USES or parameter.entity != source
        if foreign or is_user(scene, origin, parameter):
            continue
        if parameter.use in uses:
            # A row may be named by several values: its number, and where it lies.
            seen, arguments = origin.call, scene.calls[call].arguments
            beside = [one for one in scene.calls[call].origins
                      if one.call == seen and row_path(one.result_path or "") == path]  # fmt: skip
            named = [value_at(arguments, one.path) for one in (origin, *beside)]
            for later in range(seen + 1, call):  # as it was changed since, or seen in full
                if scene.calls[later].skipped:
                    continue  # what it would have shown is not so
                result, shown = scene.results[later], scene.model(later)
                same = shown.entity == source and isinstance(result, dict)
                if same and (shown.writes or shown.operation == "get"):
                    same = all(one in result.values() for one in named)
                    same = same and not _is_other(scene, call, result)
                    seen, path = (later, "") if same else (seen, path)
            yield origin.call, seen, path


def _is_other(scene: Scene, call: int, row: Any) -> bool:
    """Whether a row has another value for what names the one of a call: it lies elsewhere."""
    arguments = scene.calls[call].arguments
    named = [one for one in scene.model(call).parameters if one.use == "identity"]
    told = {one.field or one.name: arguments[one.path] for one in named if one.path in arguments}
    return isinstance(row, dict) and any(row.get(name, value) != value
                                         for name, value in told.items())  # fmt: skip


def _is_decisive(field: SpokenField) -> bool:
    """Whether it tells when something is, or what it costs."""
    dated = field.semantic in ("date", "datetime", "time") and not deed_in(field.name)
    dated = dated and not is_birth(field.name)
    return dated or (field.semantic == "money" and is_price(field.name))


def name_untold(
    scene: Scene, call: int, said: str, instead: Collection[tuple[int, str]] = ()
) -> list[tuple[str, Any]]:
    """What is to be named of a write and ``said`` does not tell, in words, with each value.

    ``instead``: leaves of which the user has said another value so far.
    """
    earlier = [
        Shown(one.tool, one.arguments, {} if one.skipped else scene.results[number])
        for number, one in enumerate(scene.calls[:call])
    ]
    model, arguments = scene.model(call), scene.calls[call].arguments
    found: list[tuple[str, SpokenField]] = []
    for demand in (one.demand for one in scene.task.demands if one.tool == scene.calls[call].tool):
        for number, path, name, _ in find_told(demand, arguments, earlier):
            row = fields_of(scene, number, path, counted=True)
            own = [one for one in row if one.name == name]
            whole = name_of(row) if name in ("first_name", "last_name") else None
            own = [whole] if whole and "first_name" in [one.name for one in row] else own
            held = path.rpartition(".")[2].partition("[")[0]
            found += [(label(held) if "[" in path else "", one) for one in own]
        for path in demand.parameters if demand.kind == "named" else ():
            if any(leaf == call and strip_indices(at) == path for leaf, at in instead):
                continue
            one = model.parameter(path)
            name, called = path.rpartition(".")[2].removesuffix("[]"), one.label or ""
            found += [("", SpokenField(name, value, one.semantic, called))
                      for value in values_at(arguments, path)]  # fmt: skip
    # Two dates, or three passengers, are one thing.
    told: dict[tuple[str, str], list[SpokenField]] = {}
    for held, field in dict.fromkeys(found):
        plain = not isinstance(field.value, bool | list | dict)
        if plain and not tells(said, field.value, scene.clock):
            told.setdefault((field.name, held), []).append(field)
    # Beside what a thing is to cost, what all has cost so far would mislead.
    dearer = bool(name_price_difference(scene, call))
    named = []
    for (name, held), alike in told.items():
        words = [*dict.fromkeys(
            f"{short(scene, one)} so far" if dearer and one.semantic == "money"
            else short(scene, one) for one in alike)]  # fmt: skip
        every = {one for of, one in found if (one.name, of) == (name, held)}
        rest = "other " if len(every) > len(alike) else ""
        of_what = f"{rest}{held}: " if held and len(words) > 1 else ""
        named.append((of_what + join(words), alike[-1].value))
    return named


def name_place(scene: Scene, call: int, said: str) -> list[tuple[str, Any]]:
    """Where the row lies that a write ends, as far as it is not said: ``in octo/site``."""
    model, arguments = scene.model(call), scene.calls[call].arguments
    entity = scene.world.entities.get(model.entity or "")
    if entity is None or (model.operation != "delete" and model.transition is None):
        return []
    paths = {one.field: one.path for one in model.parameters if one.use in NAMING_USES}
    places = [names for names in find_scopes(scene.world) if names == entity.identity[:2]]
    for names in places:
        held = [arguments.get(paths.get(name, "")) for name in names]
        if all(isinstance(one, str) for one in held):
            place = "/".join(map(str, held))
            return [] if place in said else [(f"in {place}", place)]
    return []


def put_aside(said: Sequence[str]) -> str:
    """What is known of a row, in brackets: ``(from FCO to DEN; the 5th and the 8th of May)``."""
    before = ["", *said]  # what was so far is said once
    text = "\n".join(
        one.removeprefix(_SO_FAR) if _SO_FAR in "".join(before[: n + 1]) else one
        for n, one in enumerate(said)
    )
    text = re.sub(r"(?m)^(from [^\n,]+)\n(to [^\n,]+)$", r"\1 \2", text)
    return text.replace("\n", "; " if "," in text or ";" in text else ", ")


def say_beside(scene: Scene, call: int, said: str, *, first: bool) -> str:
    """What is to be said with a call, before the user agrees or after it, as far as it is not."""
    demands = [one.demand for one in scene.task.demands if one.tool == scene.calls[call].tool]
    due = [one for one in demands if one.kind == "said" and one.first == first
           and all(given.holds(scene.calls[call].arguments) for given in one.when)]  # fmt: skip
    return " ".join(str(one.value) for one in due if not one.is_heard(said))


def say_once(scene: Scene, call: int) -> str:
    """That it is done only once for a thing, where its tool says so."""
    model, entities = scene.model(call), scene.world.entities
    once = next((one for one in model.demands if one.kind == "once"), None)
    if once is None:
        return ""
    keyed = (one.entity for one in model.parameters if one.path in once.parameters)
    noun = next((entities[key].noun for key in keyed if key and key in entities), scene.noun(call))
    return scene.grammar.compose("only_once", "any", scene.rng, noun=noun).text


def say_unpriced(scene: Scene, call: int, said: str) -> str:
    """That nobody can see what it costs, where it is paid for and nothing tells of an amount."""
    pays = scene.model(call).is_paid_with(scene.calls[call].arguments)
    back = scene.model(call).verb in load_words("inference", "giving_back")
    if back or not pays or any(map(_AMOUNT.search, (said, scene.task.policy))):
        return ""
    return scene.grammar.compose("unpriced", "any", scene.rng).text
