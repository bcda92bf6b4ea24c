"""How a person attaches a value to a request: "from Lisbon", "for three guests", "called …".

The words follow from meaning and name (``data/lexicon/slots.yaml``); what no row of that table fits
becomes a detail of its own: "The seat class should be economy."
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from generators.identity_cache import remembered
from generators.language.action import action, aspect_of
from generators.language.deed_words import find_told_place, is_thing
from generators.language.phrase import NOTHING, Mention, Phrase, concat, enumerate_phrases
from generators.language.rows import fields_of, name_of
from generators.language.scene import Scene
from generators.lexicon.meanings import is_price
from generators.lexicon.names import bare_label, in_words, label, snake, split_words
from generators.lexicon.nouns import is_plural, plural, singular, with_article
from generators.lexicon.relations import Counted, find_counted
from generators.lexicon.spoken_values import date_with_on, is_measure, is_period, ordinal
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.phrases import is_wrapped
from generators.world.known_answers import find_answer
from generators.world.model import ParameterModel, ToolModel, Use, World, split_entity_key
from schemas.reading import read_words, says
from schemas.seen import rows_in
from schemas.semantic import ADDRESS, SemanticType
from schemas.task import Origin

_MOVED: frozenset[SemanticType] = frozenset(
    {"opaque_id", "number_id", "handle", "branch", "path", "email", "title", "unknown", "airport"}
)
"""Meanings of values that go from one to another."""
_NAMES: frozenset[SemanticType] = frozenset({"person_name", "title", "company"})
ToldLeaf = tuple[Origin, ParameterModel, Any]
"""Where a value stands in a call's arguments, what it is for, and the value."""
_BOUND_WORDS = frozenset("min max minimum maximum least most lowest highest num number of".split())
_WHOLE_NAME = ("first_name", "last_name")
_FLAG_WORDS = frozenset("is has include includes with only".split())
_PLAIN_ROLES = frozenset("of for at in to with by".split())
"""Prepositions behind which a word such as "normal" does not say what it is."""


@dataclass(frozen=True)
class Told:
    """A value in words: in the sentence itself, or as a detail after it."""

    tail: Phrase = NOTHING
    label: str = ""
    value: Phrase = NOTHING

    @property
    def is_detail(self) -> bool:
        """Needs words of its own."""
        return not self.tail

    def in_short(self, rows: str) -> Phrase:
        """As what alone differs: "in Boston"; ``rows`` stands before "that are open"."""
        if not self.tail:
            return "with " + self.value + f" as the {self.label}"
        return rows + self.tail if self.tail.text.startswith("that are ") else self.tail


def tell(scene: Scene, call: int, path: str, parameter: ParameterModel, value: object) -> Told:
    """Words for one leaf of a call's arguments that the user has to say."""
    if isinstance(value, bool):
        changing = parameter.use == "field" and changes_fields(scene.model(call))
        done = action(scene.model(call))
        marking = parameter.required and done.verb == "mark" != scene.model(call).verb
        return _tell_flag(call, path, parameter, value, changing=changing, marking=marking)
    said, what = scene.say(call, path, parameter, value), name_parameter(parameter)
    model = scene.model(call)
    noun = model.noun.replace(" ", "_")
    own = parameter.name == noun if parameter.semantic == "branch" else (
        parameter.semantic in _NAMES and snake(parameter.name) == f"{noun}_name"
    )  # fmt: skip
    names = (name_of(fields_of(scene, call, at)) for at, _ in rows_in(scene.results[call]))
    whole = parameter.use == "query" and any(
        name is not None and name.value == value and name.semantic != "query" for name in names
    )  # a name, and no word of one
    if whole or (own and not (parameter.use == "field" and changes_fields(model))):
        return Told(tail="called " + said)  # not ``a customer for Ana``
    # ``the version v2 of the skill SKI-1``: a part and what it is of.
    holder = split_entity_key(parameter.entity)[1] if parameter.entity else ""
    part = bool(holder) and model.noun.startswith(f"{holder} ") and model.operation != "create"
    if part and parameter.use == "reference" and parameter.opaque:
        return Told(tail=f"of the {label(holder)} " + said)
    if parameter.use == "field" and changes_fields(model):
        return _tell_change(model, path, parameter, what, said)
    # The words around a value: by its role, by how many it says, or from the table of slots.
    if (referred := _refer_by_number(scene.model(call), parameter, said)) is not None:
        return referred
    parameter = replace(parameter, role=role_of(scene.model(call), parameter))
    answer = find_answer(model.tool)
    template = str(answer.find_role(path).get("say", "")) if answer else ""
    aspect = aspect_of(model) if action(model).pattern.endswith(" of {object}") else ""
    if (role := parameter.role) and {*what.split()} <= {*aspect.split()}:
        template = template or f"{role} {{}}"  # ``mark the kind of the cell as notes``
    template = template or _put_behind_role(parameter, value) or _count_out(parameter, value)
    template = template or _look_up_slot(parameter.name, parameter.semantic, parameter.use)
    if parameter.opaque and parameter.use != "identity" and not template:
        place = find_told_place(model, parameter.name)
        template = f"{place} the {what} {{}}" if place else ""
    if "[" not in path and template:
        on = date_with_on(said.text).replace(said.text, "{}")
        before, after = template.replace("{on}", on).split("{}")
        if parameter.semantic == "country" and said.text in load_words("inference", "articled"):
            before += "the "  # "to the Netherlands"
        return Told(tail=before + said + after)
    return Told(label=what, value=said)


def _tell_change(
    model: ToolModel, path: str, parameter: ParameterModel, what: str, said: Phrase
) -> Told:
    """A new value: "to 12 Oak Lane" where the request names the field, else "the new city"."""
    unit = split_words(parameter.name)[-1]
    if (is_period(unit) or is_measure(unit)) and unit not in what.split():
        said = said + f" {unit}"
    elif parameter.semantic == "count" and is_plural(what) and not is_period(unit):
        what = f"number of {what}"
    aspect = aspect_of(model).split()
    same = aspect[-1:] == what.split()[-1:] and set(what.split()) <= set(aspect)
    if "[" not in path and (same or set(aspect) <= set(what.split())):
        return Told(tail="to " + said)
    return Told(label=what if what.startswith("new ") else f"new {what}", value=said)


def tell_new_value(
    scene: Scene, call: int, told: Sequence[ToldLeaf]
) -> tuple[list[ToldLeaf], list[Told]]:
    """``the new due date: …`` of a tool that is told which field it sets, and to what; the rest."""
    paths = {one[1].path: one for one in told}
    pair = find_change(scene.model(call))
    if not paths.keys() >= {*pair} or not pair:
        return list(told), []
    which, what = (paths[path] for path in pair)
    words = read_words(str(which[2]), scene.clock)
    said = scene.say(call, what[0].path, what[1], what[2])
    mentions = (*said.mentions, Mention(call, which[0].path, words, "words"))
    rest = [one for one in told if one not in (which, what)]
    return rest, [Told(label=f"new {words}", value=Phrase(said.text, mentions))]


def role_of(model: ToolModel, parameter: ParameterModel) -> str | None:
    """The part that a value plays in the deed: the world's word, or else what the name says.

    ``source_account`` is what it goes from, ``base`` is what ``head`` goes into, and beside
    ``item_ids`` ``new_item_ids`` are what they become: parts of a row are exchanged for others.
    """
    if parameter.role is not None or parameter.semantic not in _MOVED:
        return parameter.role
    words, names = split_words(parameter.name), {p.name for p in model.parameters}
    roles = load_table("inference")["role_words"]
    if parameter.name in ("head", "base") and not {"head", "base"} <= names:
        return None
    said = next((role for role, marks in roles.items() if words[0] in marks), None)
    if words[0] == "new" and parameter.use != "field":
        said = "to" if "_".join(words[1:]) in {"_".join(split_words(n)) for n in names} else None
        parts = parameter.path.endswith("[]") and not find_verb(model.verb).replaces
        said = "for" if said and parts else said
    if said is None and {f"new_{parameter.name}"} & {"_".join(split_words(n)) for n in names}:
        part = parameter.use == "identity" or parameter.path.endswith("[]")
        said = None if part else "from"
    return said


def usual_role(model: ToolModel) -> str:
    """The preposition before what else a deed is done to: added to it, deleted from it."""
    of_all: dict[str, str] = {"list": "of", "delete": "from"}
    return of_all.get(model.operation) or find_verb(model.verb).to or "for"


def _refer_by_number(model: ToolModel, parameter: ParameterModel, said: Phrase) -> Told | None:
    """``to issue 556``, ``of pull request 12``: another row by the number that people use."""
    if parameter.use != "reference" or parameter.semantic != "number_id" or not parameter.entity:
        return None
    noun = label(split_entity_key(parameter.entity)[1])
    plain = bare_label(re.sub("[-_]?number$", "", "_".join(split_words(parameter.name))))
    same = [p for p in model.parameters if p.use == "reference" and p.entity == parameter.entity]
    if not noun.endswith(plain) and plain not in ("pull",):
        return None
    if len([p for p in same if p.semantic == "number_id"]) > 1:
        return None
    before = role_of(model, parameter) or find_told_place(model, parameter.name)
    before = before or usual_role(model)
    return Told(tail=f"{before} {noun} " + said)


@lru_cache(maxsize=20_000)
def _look_up_slot(name: str, semantic: SemanticType, use: Use) -> str:
    """What the table of slots says; empty where the value needs words of its own."""
    words = set(split_words(name)) or {name}
    for row in load_table("slots")["rows"]:
        if (
            semantic in row.get("meaning", [semantic])
            and use in row.get("use", [use])
            and name in row.get("name", [name])
            and words & set(row.get("words", words))
            and words & set(row.get("also", words))
            and words <= set(row.get("only", words))
        ):
            return str(row["say"]).replace("{label}", label(name))
    return ""


def tell_all(scene: Scene, call: int, leaves: Sequence[ToldLeaf]) -> list[Told]:
    """Words for several leaves: what belongs together in one breath, then the others."""
    out: list[Told] = []
    left = list(leaves)
    by_name = {leaf[1].name: leaf for leaf in leaves}
    for names in (*find_scopes(scene.world), _WHOLE_NAME):
        pair = [by_name[name] for name in names if name in by_name]
        scope = names != _WHOLE_NAME
        if len(pair) == 2 and (not scope or is_scope(scene.world, pair)):
            words = concat(_say_each(scene, call, pair), "/" if scope else " ")
            out.append(Told(tail=("in " if scope else "called ") + words))
            left = [leaf for leaf in left if leaf not in pair]
    left, counts = _tell_counts(scene, call, left)
    out += counts
    left, related = _tell_relation(scene, call, left)
    out += related
    # The parts of an address, and of an object: "the emergency contact is Adam Yang, …".
    for parent in dict.fromkeys(leaf[0].path.rpartition(".")[0] for leaf in left):
        inside = [leaf for leaf in left if leaf[0].path.rpartition(".")[0] == parent]
        address = [leaf for leaf in inside if leaf[1].semantic in ADDRESS]
        last = parent.rpartition(".")[2]
        if "[" in parent or (len(address) < 3 and is_wrapped(in_words(last))):
            continue  # what only wraps the fields of a row has no name
        if len(address) >= 3:
            inside, what = address, label(parent) if parent else "address"
            words = concat(_say_each(scene, call, address), ", ")
        else:
            what = _name_holder(last)
            said = zip(inside, _say_each(scene, call, inside), strict=True)
            words = concat(  # "colour red"; a person's name alone
                [one if model.semantic == "person_name" else f"{_within(what, model)} " + one
                 for (_, model, _), one in said], ", ",
            )  # fmt: skip
            if len(inside) == 1 and not isinstance(inside[0][2], bool):  # ``the workflow ID``
                what = f"{what} {_within(what, inside[0][1])}"
                words = _say_each(scene, call, inside)[0]
        model = scene.model(call)
        aspect = set(aspect_of(model).split()) if changes_fields(model) else set()
        changed = bool(aspect) and aspect <= set(what.split()) | {"new"}
        # ``change the address of the order to 12 Oak Lane``.
        out.append(Told(tail="to " + words) if changed else Told(label=what, value=words))
        left = [leaf for leaf in left if leaf not in inside]
    return out + [tell(scene, call, leaf[0].path, *leaf[1:]) for leaf in left]


def _name_holder(name: str) -> str:
    """What an object is called that holds parts of a row: ``product`` of ``product_data``."""
    words = list(split_words(name))
    vague = load_words("inference", "envelope_words") | load_words("inference", "generic")
    while len(words) > 1 and singular(words[-1]) in vague:
        words.pop()
    return label("_".join(words))


def _within(holder: str, parameter: ParameterModel) -> str:
    """What a part is called behind the name of what holds it: ``name`` of a ``product_name``."""
    said = label(parameter.name)
    return said.removeprefix(f"{holder} ") or said


def _tell_counts(
    scene: Scene, call: int, leaves: Sequence[ToldLeaf]
) -> tuple[list[ToldLeaf], list[Told]]:
    """The leaves left, and ``to five bags in all, four of them paid for``."""
    found: dict[str, list[tuple[Counted, ToldLeaf]]] = {}
    for leaf in leaves:
        counted = find_counted(leaf[1].name) if leaf[1].semantic == "count" else None
        if counted is not None and "[" not in leaf[0].path and isinstance(leaf[2], int):
            found.setdefault(counted.noun, []).append((counted, leaf))
    out, model = [], scene.model(call)
    for noun, told in found.items():
        told.sort(key=lambda one: not one[0].is_whole)
        first, parts = told[0][1][2], list[Phrase]()
        for number, (counted, (origin, parameter, value)) in enumerate(told):
            things = f"{singular(noun) if value == 1 else noun}" if number == 0 else "of them"
            things = "" if number and first == 1 else f" {things}"  # one bag in all, 1 paid for
            said = scene.say(call, origin.path, parameter, value)
            parts.append(said + f"{things} {counted.which}")
        aspect = label(aspect_of(model)) if changes_fields(model) else ""
        known = load_table("slots")["counted"]["nouns"]
        same = aspect and singular(known.get(aspect, aspect)) == singular(noun)
        out.append(Told(tail=("to " if same else "with ") + concat(parts, ", ")))
    used = [leaf for told in found.values() for _, leaf in told]
    return [leaf for leaf in leaves if leaf not in used], out


def _tell_relation(
    scene: Scene, call: int, told: Sequence[ToldLeaf]
) -> tuple[list[ToldLeaf], list[Told]]:
    """``blocked by issue 298`` of a choice that relates the row to a numbered one; the rest."""
    words = load_words("relations", "related")
    shape = re.compile(load_table("relations")["relating"])
    other = [leaf for leaf in told if split_words(leaf[1].name)[0] in words
             and leaf[1].semantic == "number_id" and "[" not in leaf[0].path]  # fmt: skip
    chosen = (leaf for leaf in told if leaf[1].semantic in ("enum", "label"))
    texts = [leaf for leaf in chosen if isinstance(leaf[2], str)]
    how = [leaf for leaf in texts if shape.match(read_words(leaf[2], scene.clock))]
    if len(other) > 1 or len(how) != 1:
        return list(told), []
    which, _, relation = how[0]
    said = read_words(relation, scene.clock)
    whole = Phrase(said, (Mention(call, which.path, said, "words"),))
    for origin, parameter, value in other:
        names = [word for word in split_words(parameter.name)[1:] if word not in ("number", "id")]
        whole += f" {label(' '.join(names))} " + scene.say(call, origin.path, parameter, value)
    if not other:  # which one, is asked or told elsewhere
        if not any(split_words(one.name)[0] in words for one in scene.model(call).parameters):
            return list(told), []
        whole += " another one"
    return [leaf for leaf in told if leaf not in (*other, how[0])], [Told(value=whole)]


def _say_each(scene: Scene, call: int, leaves: Sequence[ToldLeaf]) -> list[Phrase]:
    return [scene.say(call, origin.path, model, value) for origin, model, value in leaves]


@remembered
def find_scopes(world: World) -> tuple[tuple[str, ...], ...]:
    """Pairs of fields that name together in what rows lie: ``(owner, repo)``."""
    entities = world.entities.values()
    return tuple(dict.fromkeys(one.identity[:2] for one in entities if len(one.identity) == 3))


def find_change(model: ToolModel) -> tuple[str, ...]:
    """The parameters that tell which field a tool sets, and to what; none, where it has no such."""
    names, values = load_words("inference", "field_names"), load_words("inference", "field_values")
    paths = [one.path for one in model.parameters]
    pair = [next((path for path in paths if path in words), "") for words in (names, values)]
    return tuple(pair) if model.writes and all(pair) else ()


@remembered
def find_pairs(world: World) -> tuple[tuple[str, ...], ...]:
    """Names of what is said in one breath: ``(owner, repo)``, ``(field, new_value)``."""
    changes = filter(None, map(find_change, world.models.values()))
    return tuple(dict.fromkeys((*find_scopes(world), *changes)))


def is_scope(world: World, leaves: Sequence[ToldLeaf]) -> bool:
    """Whether the leaves are such a pair, said "octo/site"."""
    handles = all(model.semantic == "handle" for _, model, _ in leaves)
    return handles and tuple(model.name for _, model, _ in leaves) in find_scopes(world)


def changes_fields(model: ToolModel) -> bool:
    """Whether the tool replaces values, as "update" does and "cancel" does not."""
    changing = model.operation == "update" and model.transition is None
    return changing and find_verb(model.verb).replaces


def name_parameter(parameter: ParameterModel) -> str:
    """What people call a parameter: the pull request number, and not the pull number."""
    if parameter.label:
        return parameter.label
    noun, words = split_entity_key(parameter.entity or "/")[1], split_words(parameter.name)
    if words[-1:] == ("number",) and words[:-1] and {*words[:-1]} <= {*noun.split()}:
        return f"{label(noun)} number"  # not the pull number
    said = bare_label(parameter.name) if parameter.opaque else label(parameter.name)
    device = parameter.semantic == "phone" and said.rpartition(" ")[2] in ("phone", "mobile")
    return f"{said} number" if device else said


def _tell_flag(
    call: int,
    path: str,
    parameter: ParameterModel,
    value: bool,
    *,
    changing: bool,
    marking: bool = False,
) -> Told:
    """Words that affirm or negate; a name with a "no" of its own is set to yes or no instead."""
    words = split_words(parameter.name)
    thing = parameter.label or label(" ".join([w for w in words if w not in _FLAG_WORDS] or words))
    named = with_article(thing) if is_thing(thing, strictly=True) else thing
    if marking:  # ``mark the pull request as a draft``
        text = f"as {named}" if value else f"as not {named}"
    elif not changing and (
        parameter.role == "with" or {"include", "includes", "has", "with"} & set(words)
    ):
        text = f"with {thing}" if value else f"without {thing}"
    elif words[0] in ("is", "only"):
        text = f"that is {named}" if value else f"that is not {named}"
    else:
        text = f"with {thing} switched {'on' if value else 'off'}"
    if says("flag", text, value, datetime.min):
        return Told(tail=Phrase(text, (Mention(call, path, text, "flag"),)))
    answer = "yes" if value else "no"
    said = Phrase(answer, (Mention(call, path, answer, "flag"),))
    return Told(label=f"answer to “{label(parameter.name)}”", value=said)


def _put_behind_role(parameter: ParameterModel, value: object) -> str:
    """The value behind the preposition that the world gives it: "for the category travel"."""
    role, thing, semantic = parameter.role, name_parameter(parameter), parameter.semantic
    bound = {"minimum": "at least", "maximum": "at most"}.get(parameter.use, "")
    if semantic == "money" and bound:
        # A bound of what is no plain price says what it is of: ``a delivery fee of at most``.
        words = [word for word in split_words(parameter.name) if word not in _BOUND_WORDS]
        if not is_price("_".join(words)) and {*words} - {"amount", "budget", "total", "price"}:
            of = parameter.label or label(" ".join(words))
            return f"with {with_article(of)} of {bound} {{}}"
    if role is None:
        return ""
    if semantic in ("date", "datetime") and role.rpartition(" ")[2] == "on":
        return f"{role.removesuffix('on')}{{on}}"
    noun = thing.removeprefix("number of ")
    number, unit = isinstance(value, int | float), split_words(parameter.name)[-1]
    if number and is_measure(unit):
        return f"{role} {{}} {unit}"
    if noun == thing and is_period(unit):
        noun = unit
    elif noun == thing and not (number and is_plural(thing)):
        if number and role == "with":
            return f"with {with_article(thing)} of {{}}"
        named = semantic in ("enum", "label") and role in _PLAIN_ROLES
        named = named and "to" not in thing.split()  # not ``of the value to plot visits``
        if named and role == "of" and " " not in thing:
            return f"of {{}} {thing}"
        if (role == "with" or named) and not thing.startswith("way of "):
            return f"{role} the {thing} {{}}"
        return f"{role} {{}}"
    return f"{role} {{}} {singular(noun) if value == 1 else noun}"


def _count_out(parameter: ParameterModel, value: object) -> str:
    """How many there are to be: "for three guests", "at most 5 of them"."""
    if isinstance(value, str):
        return ""
    words, one, use = split_words(parameter.name), value == 1, parameter.use
    rest = [word for word in words if word not in _BOUND_WORDS]
    said = label(" ".join(rest))
    bound = {"minimum": "at least ", "maximum": "at most "}.get(use, "")
    if parameter.semantic not in ("count", "number", "duration"):
        return ""
    several = bool(rest) and is_plural(rest[-1])
    if bound:
        return f"with {bound}{{}} {said}" if several else f"with a {said} of {bound}{{}}"
    if is_period(words[-1]):
        return f"for {{}} {words[-1][:-1] if one else words[-1]}"
    if "party" in words or words == ("people",):
        return "for {} person" if one else "for {} people"
    if several and parameter.semantic == "count" and len(rest) == 1:
        return f"for {{}} {singular(said) if one else said}"
    return ""


def carried(scene: Scene, call: int, other: int) -> frozenset[str]:
    """Paths of the values that both calls have: they are not said again."""
    known = {origin.path: value for origin, _, value in scene.told(other)}
    told = scene.told(call)
    return frozenset(leaf.path for leaf, _, value in told if known.get(leaf.path) == value)


def differing(scene: Scene, call: int, other: int) -> list[Told]:
    """Words for the values of a call that another call of the same tool does not have."""
    same = carried(scene, call, other)
    return tell_all(scene, call, [leaf for leaf in scene.told(call) if leaf[0].path not in same])


def tell_lists(scene: Scene, call: int, leaves: Sequence[ToldLeaf]) -> list[Told]:
    """Leaves inside lists: "the labels: bug and help wanted", "the first item: …"."""
    lists: dict[str, list[ToldLeaf]] = {}
    for leaf in leaves:
        path = leaf[0].path
        plain = path.endswith("]") and path.count("[") == 1
        key = path[: path.index("[")] if plain else path[: path.index("]") + 1]
        lists.setdefault(key, []).append(leaf)
    model, out = scene.model(call), []
    for key, inside in lists.items():
        if key.endswith("]"):
            out.append(_tell_element(scene, call, key, inside))
            continue
        name = singular(inside[0][1].label or label(key.rsplit(".", 1)[-1]))
        name = plural(name) if len(inside) > 1 else name
        words = enumerate_phrases(_say_each(scene, call, inside))
        changing = changes_fields(model)
        aspect = {singular(word) for word in aspect_of(model).split()} if changing else set()
        slot = _look_up_slot(inside[0][1].name, inside[0][1].semantic, inside[0][1].use)
        if aspect & {singular(word) for word in name.split()} or slot == "to {}":
            out.append(Told(tail="to " + words))
        else:
            name = f"new {name}" if changing and not name.startswith("new ") else name
            out.append(Told(label=name, value=words))
    return out


def _tell_element(scene: Scene, call: int, key: str, leaves: list[ToldLeaf]) -> Told:
    """The parts of one element of a list, a first and a last name as one."""
    key, _, number = key.removesuffix("]").partition("[")
    names = {leaf[1].name: leaf for leaf in leaves}
    pair = [names[name] for name in _WHOLE_NAME if name in names]
    pair = pair if len(pair) == 2 else []
    inner = [concat(_say_each(scene, call, pair))] if pair else []
    for leaf in [leaf for leaf in leaves if leaf not in pair]:
        origin, parameter, value = leaf
        inner.append(f"{label(parameter.name)} " + scene.say(call, origin.path, parameter, value))
    if leaves[0][1].semantic == "count":
        origin, parameter, value = leaves[0]
        said = scene.say(call, origin.path, parameter, value)
        if not any(one in other.path for one in ("[1]",) for other, _, _ in scene.told(call)):
            # How many of the one that is named, and how: ``the product “Desk lamp” (2 pieces)``.
            what = singular(name_parameter(parameter)) if value == 1 else name_parameter(parameter)
            counted = said + f" {what}" if is_plural(name_parameter(parameter)) else said
            beside = [f"{name_parameter(leaf[1])}: " + scene.say(call, leaf[0].path, *leaf[1:])
                      for leaf in leaves[1:]]  # fmt: skip
            tail = "(" + concat([counted, *beside], ", ") + ")"
            if counted is not said:
                return Told(tail=tail, label=name_parameter(parameter), value=counted)
    joined, name = enumerate_phrases(inner), singular(label(key.rsplit(".", 1)[-1]))
    other = "[1]" if number == "0" else "[0]"
    several = any(other in origin.path for origin, _, _ in scene.told(call))
    return Told(
        label=f"{ordinal(int(number) + 1)} {name}" if several else name,
        value=joined if pair or names.keys() <= {*_WHOLE_NAME} else "one with " + joined,
    )


def detail_sentences(scene: Scene, details: Sequence[Told]) -> list[Phrase]:
    """Details as sentences of the user; what has no label tells which one is meant."""
    nameless = [item.value for item in details if not item.label]
    meant = [("It's " + concat(nameless)).as_sentence()] if nameless else []
    named = [
        (item, f"the {item.label} {'are' if _are_several(item.label) else 'is'} " + item.value)
        for item in details
        if item.label
    ]
    if len(named) > 2 and scene.style != "terse":
        return [enumerate_phrases([said for _, said in named]).as_sentence(), *meant]
    sentences = []
    for item, _ in named:
        key = "detail_plural" if _are_several(item.label) else "detail"
        said = f"the {item.label}: " + item.value
        plain = not item.value.text.startswith("one with ")
        if plain and not (_is_chosen(item.value) and " " in item.value.text):
            said = scene.grammar.compose(
                key, scene.style, scene.rng, label=item.label, value=item.value
            )
        sentences.append(said.as_sentence())
    return sentences + meant


def _are_several(name: str) -> bool:
    """Whether what is called so is many: not the number of guests."""
    return is_plural(name) and " number of " not in f" {name}"


def _is_chosen(value: Phrase) -> bool:
    """Whether it is a choice in words: no reason "is changed mind"."""
    return [(one.rule, one.span) for one in value.mentions] == [("words", value.text)]


def detail_list(details: Sequence[Told]) -> Phrase:
    """The same in a row: ``with the seat class economy and the note “…”``."""
    nameless = [item.value for item in details if not item.label]
    named = []
    for item in details:
        if item.label:
            # ``one with a name`` → ``with a name``; the value "one way" stays.
            one = item.value.text.startswith("one with ")
            said = item.value.without("one ") if one else item.value
            # ``the reason “changed mind”``: what is one of a few choices stands apart.
            said = "“" + said + "”" if _is_chosen(said) else said
            named.append(f"the {item.label} " + said)
    return concat([*nameless, "with " + enumerate_phrases(named) if named else NOTHING])
