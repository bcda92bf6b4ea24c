"""What is to be done in words: for the user who asks, and for the assistant who confirms.

A request has at most two details beside which row is meant, three where it only looks for
something; a first message leaves the rest for later. What is required besides is asked for, two
things at a time; what is not is added to the last answer.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from generators.language.action import action, takes_names
from generators.language.deed_words import is_deed, is_new
from generators.language.facts import kind_in_id
from generators.language.phrase import NOTHING, Mention, Phrase, concat, enumerate_phrases
from generators.language.request_objects import (
    NAMING_USES,
    Named,
    is_object,
    object_of,
    references_of,
)
from generators.language.rows import is_naming
from generators.language.scene import Hidden, Scene, finds_user, whose_own
from generators.language.slot_phrases import (
    Told,
    detail_list,
    differing,
    tell_all,
    tell_lists,
    tell_new_value,
    usual_role,
)
from generators.lexicon.names import bare_label, split_words
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.tables import load_words
from generators.sandbox.own_rows import makes_user
from generators.sandbox.sights import find_whole
from generators.world.model import ParameterModel
from generators.world.schema_leaves import path_top
from schemas.leaves import leaves, value_at
from schemas.reading import read_words
from schemas.semantic import ADDRESS
from schemas.task import Origin

Leaf = tuple[int, str]
ToldLeaf = tuple[int, Origin, ParameterModel]
"""A call, and one of its leaves that the user has to say."""
_FIRST, _FIRST_OF_SEARCH = 2, 3
_AT_ONCE = 2
_NAMES = frozenset({"first_name", "last_name"})


_MAX_TAILS = 4
_OPEN = ("open", "read", "get")
_ROW_AND_VALUE = 2
"""Parameters of a change that names the row and what one thing of it becomes."""


@dataclass(frozen=True)
class Clause:
    """One thing to be done: the main words, and details that need words of their own."""

    main: Phrase
    details: tuple[Told, ...] = ()
    held: tuple[Phrase, ...] = ()
    """What follows "with" at the end of the main words."""

    @property
    def begun(self) -> str:
        """The main words before that."""
        return self.main.text.removesuffix(_join_held(self.held).text)

    @property
    def whole(self) -> Phrase:
        """All of it in one breath: ``with use abroad switched off and the new limit 250 euros``."""
        labelled = all(one.label and not one.value.text.startswith("one with ")
                       for one in self.details)  # fmt: skip
        if not (self.held and self.details and labelled):
            return concat([self.main, detail_list(self.details)])
        named = [*self.held, *(f"the {one.label} " + one.value for one in self.details)]
        return Phrase(self.begun, self.main.mentions) + _join_held(named)


def _join_held(held: Sequence[Phrase]) -> Phrase:
    """``with a, b and c``."""
    return "with " + enumerate_phrases(held) if held else NOTHING


def _name_thing(main: Phrase, told: list[Told], aim: str) -> Phrase:
    """What is done with a thing whose name is told under its own noun, which is taken out.

    ``aim``: what stands behind the thing, ``to the order``.
    """
    before = main.text.removesuffix(aim)
    for item in told:
        alone = [one.span for one in item.value.mentions] == [item.value.text.strip("“”")]
        for thing in (with_article(item.label), f"the {item.label}") if item.label else ():
            if item.is_detail and alone and before.endswith(f" {thing}"):
                told.remove(item)
                named = f"{before.removesuffix(thing)}the {item.label} " + item.value + aim
                return Phrase(named.text, (*main.mentions, *named.mentions))
    return main


def clause(scene: Scene, call: int, hidden: Hidden) -> Clause:
    """``book the cheapest flight from Lisbon to Oslo for Ana``, with what else must be said."""
    model = scene.model(call)
    thing = object_of(scene, call, hidden)
    if finds_user(scene, call):
        thing = Named("", Phrase("you" if hidden.resolved else "me"), is_user=True)
    named = references_of(scene, call, hidden)
    others = [item for item in named if not item.is_user]
    whose = "" if others else whose_own(scene, scene.noun(call), hidden)
    main, references = _put_verb(scene, call, thing, others, whose)
    if makes_user(scene.world, model):  # ``register me as a patient``: nobody else
        me = "you" if hidden.resolved else "me"
        taken_in = re.sub("^(register|add|enroll?) (?=an? )", rf"\1 {me} as ", main.text)
        main = Phrase(taken_in, main.mentions)
    told = _tell_own(scene, call, hidden)
    # ``send 120 euros`` for ``send some money`` and ``of 120 euros``.
    amount = next((item for item in told if item.tail.text.startswith("of ")), None)
    if amount is not None and main.text.endswith(" some money"):
        verb = Phrase(main.text.removesuffix("some money"), main.mentions)
        main = verb + amount.tail.without("of ")
        told.remove(amount)
    # ``add the user USER-1`` for ``add a user`` and ``The user is USER-1``.
    aim = action(model).aim
    if model.operation in ("create", "delete") and main.text.endswith(aim):
        main = _name_thing(main, told, aim)
    tails = [item.tail for item in told if not item.is_detail]
    # ``for that member and that book``, ``from that account to that payee``; removed from it.
    by_role: dict[str, list[Phrase]] = {}
    for one in references:
        # ``a return of the lamp from my order``: the order that is named beside needs no "of that".
        owned = next((f" of that {other.noun}" for other in references if other.noun
                      and one.whole.text.endswith(f" of that {other.noun}")), "")  # fmt: skip
        part = Phrase(one.whole.text.removesuffix(owned), one.whole.mentions)
        by_role.setdefault(one.role or usual_role(model), []).append(part)
    # What it is made of stands next to it: "a return of the lamp from my order".
    roles = sorted(by_role, key=lambda role: role != "of")
    attached = [_put_behind(role, enumerate_phrases(by_role[role])) for role in roles]
    tails.sort(key=lambda tail: not tail.text.startswith("("))  # how many of what is named
    held = [one for one in tails[:_MAX_TAILS] if one.text.startswith("with ")]
    rest = [one for one in tails[:_MAX_TAILS] if one not in held]
    held = [one.without("with ") for one in held]
    main = concat([main, *attached, *rest, _join_held(held)])
    details = [item for item in told if item.is_detail]
    details += [item for named in (thing, *references) for item in named.details]
    details += [Told(value=tail) for tail in tails[_MAX_TAILS:]]
    # Without what a tool's description and its parameter both say.
    text = main.text.replace("to the repository in the repository", "to the repository")
    text = text.replace("the repository in the repository", "the repository")
    if text.startswith("find the "):
        text = text.replace(" that are ", " that is ")
    return Clause(Phrase(text, main.mentions), tuple(details), tuple(held))


def _put_behind(role: str, said: Phrase) -> Phrase:
    """A row behind its part in the deed: ``in the namespace of the first``, the noun said once."""
    before, _, noun = role.rpartition(" the ")
    again = bool(before) and said.text.startswith((f"the {noun} ", f"that {noun}"))
    return f"{before if again else role} " + said


def _put_verb(
    scene: Scene, call: int, thing: Named, references: list[Named], whose: str
) -> tuple[Phrase, list[Named]]:
    """Verb and object; the references that are left to be attached.

    ``whose``: ``my`` before a list of the user's own things.
    """
    model, what = scene.model(call), action(scene.model(call))
    verb, method = scene.rng.choice(what.verbs), _tell_method(scene, call)
    if thing.is_user:
        verb = what.verb  # not ``get the details of my details``
        own = "your" if thing.words.text == "you" else "my"
        before = what.pattern.partition("{object}")[0] if "{object}" in what.pattern else ""
        about = before.removeprefix("the ").removesuffix(" of ").strip()
        usual = "account" if model.operation == "delete" else "details"
        return Phrase(f"{verb} {own} {about or usual}"), references
    if "{object}" in what.pattern:
        whole = thing.whole or Phrase(what.generic.rsplit(" of ", 1)[-1].rsplit(" to ", 1)[-1])
        before, after = what.pattern.split("{object}")
        if method:
            return method + whole, references
        # ``return the item “Lamp” of my order`` for ``items of my order for the item “Lamp”``.
        parts = [one for one in references
                 if before.removeprefix("the ") == f"{plural(one.noun)} of "
                 if one.noun and not (one.role or one.needs or one.words.mentions)]  # fmt: skip
        if parts:
            owner = re.compile(rf" of (?:(?:my|your|that|the) (?:\w+ )?{scene.noun(call)}\b.*|it)$")
            named = [Phrase(owner.sub("", one.words.text)) for one in parts]
            rest = [one for one in references if one not in parts]
            return f"{verb} " + enumerate_phrases(named) + " of " + whole + after, rest
        return f"{verb} {before}" + whole + after, references
    if named := _tell_names(scene, call):
        several = model.operation == "list"
        done, things = (scene.rng.choice(_OPEN), what.pattern) if several else (verb, model.noun)
        return f"{done} " + _name_several(things, named), references
    if method:
        noun = with_article(scene.noun(call))
        return method + noun if method.text.endswith(" ") else method, references
    # The verb with its object: with a flight at hand "book a flight" names that one.
    for item in references if model.operation in ("create", "delete") else ():
        if singular(what.pattern).endswith(f" {item.noun}"):
            left = [one for one in references if one is not item]
            return f"{verb} " + item.whole + what.aim, left
    entity = scene.world.entities.get(model.entity or "")
    fields = entity.fields.values() if entity else ()
    person = any(f.semantic in ("person_name", "first_name") and is_naming(f.name) for f in fields)
    one = (
        model.operation == "list"
        and (person or entity is None)
        and any(
            parameter.semantic in ("person_name", "email", "phone", "first_name", "last_name")
            and parameter.required
            for _, parameter, _ in scene.told(call)
        )
    )
    whose = whose if model.operation == "list" else ""
    plain = f"{verb} {whose}{what.pattern}{what.aim}".strip()
    return Phrase(f"find the {singular(what.pattern)}" if one else plain), references


def _tell_names(scene: Scene, call: int) -> list[Phrase]:
    """The names of the rows by which a list is asked for."""
    model = scene.model(call)
    listed = model.operation == "list" or takes_names(model)
    return [
        scene.say(call, origin.path, parameter, value)
        for origin, parameter, value in (scene.told(call) if listed else ())
        if parameter.use == "identity" and "[" in origin.path
    ]


def _name_several(things: str, named: Sequence[Phrase]) -> Phrase:
    """``the files a.txt and b.txt``, of one ``the file a.txt``."""
    noun = singular(things)
    return f"the {plural(noun) if len(named) > 1 else noun} " + enumerate_phrases(named)


def _tell_method(scene: Scene, call: int) -> Phrase:
    """The verb of a tool that is told by a parameter what to do: ``method: get_diff``.

    Ends with a space where the thing that it is done to must follow.
    """
    for origin, parameter, value in scene.told(call):
        if not is_deed(parameter):
            continue
        words = read_words(str(value), scene.clock)
        said = Phrase(words, (Mention(call, origin.path, words, "words"),))
        if is_new(words):
            return Phrase(f"create a {words} {scene.noun(call)}", said.mentions)
        if scene.noun(call) in words and not is_object(scene, call):
            return said
        return said + (" of " if " " in said.text else " ")
    return NOTHING


def _tell_own(scene: Scene, call: int, hidden: Hidden) -> list[Told]:
    """The user's own values but for the identity, which is the object."""
    model, single, grouped = scene.model(call), [], []
    for origin, parameter, value in scene.told(call):
        identity, listed = parameter.use == "identity", "[" in origin.path
        if hidden.silent(call, origin.path) or is_deed(parameter):
            continue
        if listed and not (identity and (model.operation == "list" or takes_names(model))):
            grouped.append((origin, parameter, value))
        elif not listed and not (identity and is_object(scene, call)):
            said = hidden.instead.get((call, origin.path), value)
            single.append((origin, parameter, said))
    kept = {*find_whole(model).values()}
    for origin in scene.calls[call].origins if hidden.resolved and not hidden.brief else ():
        parameter = model.parameter(origin.path)
        plain = parameter.use == "field" and not parameter.opaque and "[" not in origin.path
        plain = plain and origin.path not in kept
        if origin.kind == "result" and plain:  # nobody has said it: it is read out
            single.append((origin, parameter, value_at(scene.calls[call].arguments, origin.path)))
    # Ids that come along with a row and name nothing else: "with the payment method on file".
    single, changes = tell_new_value(scene, call, single)
    told = changes + tell_all(scene, call, single) + tell_lists(scene, call, grouped)
    arguments, fed = scene.calls[call].arguments, scene.calls[call].origins
    rows = {_row_of(one) for one in fed if model.parameter(one.path).use == "identity"}
    for origin in fed:
        one = model.parameter(origin.path)
        if origin.kind == "result" and one.opaque and one.use not in NAMING_USES:
            pays = load_words("inference", "means_of_payment") & {*split_words(one.name)}
            if not pays and model.operation == "update" and _row_of(origin) in rows:
                continue  # as the row has it, and keeps it
            if hidden.brief and not _is_put_down(scene, call, value_at(arguments, origin.path)):
                continue  # nothing tells that anything was paid with it
            kind = kind_in_id(value_at(arguments, origin.path))
            listed = (origin.result_path or "").endswith("]")
            whose = "your" if hidden.resolved else "my"
            where = "on file" if pays else f"of the {scene.noun(origin.call or 0)}"
            filed = f"{whose} {kind}" if kind and listed else f"the {bare_label(one.name)} {where}"
            if kind and pays and not listed:  # of several, which one
                filed = f"the {kind} that the {scene.noun(origin.call or 0)} was paid with"
            changed = model.operation == "update" and len(model.parameters) == _ROW_AND_VALUE
            back = pays and model.verb in load_words("inference", "giving_back")
            before = "to" if changed else "with the money back to" if back else "with"
            told.insert(0, Told(Phrase(f"{before} {filed}")))
    return told


def _row_of(origin: Origin) -> tuple[int | None, str]:
    """The result, and the row of it, in which a value lies."""
    return origin.call, (origin.result_path or "").rpartition(".")[0]


def _is_put_down(scene: Scene, call: int, value: object) -> bool:
    """Whether a result shows a value where no earlier one of the same kind has it."""
    entity = scene.model(call).entity
    earlier = [
        leaf
        for number in range(call)
        if scene.model(number).entity == entity
        for leaf in leaves(scene.results[number])
    ]
    return any(leaf[1] == value and leaf not in earlier for leaf in leaves(scene.results[call]))


def twin_words(scene: Scene, call: int, twin: int, hidden: Hidden) -> Phrase:
    """What ``call`` is about, where its twin does the same about something else."""
    thing = object_of(scene, call, hidden)
    named = [item for item in (thing, *references_of(scene, call, hidden)) if item.noun]
    if named:
        return "the same for " + named[-1].words
    told = differing(scene, call, twin)
    parts = [item.tail if item.tail else f"with the {item.label} " + item.value for item in told]
    return concat([Phrase("the same"), *parts])


class Later(NamedTuple):
    """The leaves that a first message leaves out."""

    asked: tuple[tuple[Leaf, ...], ...] = ()
    """For each question of the assistant."""
    added: tuple[Leaf, ...] = ()
    """Said with the last answer, or when there is a question for anything else."""

    @property
    def leaves(self) -> frozenset[Leaf]:
        """All of them."""
        return frozenset(leaf for one in (*self.asked, self.added) for leaf in one)

    @property
    def rounds(self) -> int:
        """How often the user speaks because of them."""
        return len(self.asked) or bool(self.added)


class _Unit(NamedTuple):
    """Leaves that are said in one breath: an address, a first and a last name, a list."""

    leaves: tuple[Leaf, ...]
    required: bool
    plain: bool
    """A question for it can be asked, and answered."""


def leave_for_later(
    told: Sequence[ToldLeaf],
    *,
    writes: bool,
    held: Sequence[Leaf] = (),
    fixed: Set[Leaf] = frozenset(),
    pairs: Sequence[tuple[str, ...]] = (),
) -> Later:
    """What of the ``told`` leaves a first message leaves out.

    ``held``: what is left out anyway; ``fixed``: what must be said at once; ``pairs``: names of
    what is one answer, an owner and their repository.
    """
    units = [one for one in _units(told) if not set(one.leaves) & set(held)]
    first = [one for one in units if set(one.leaves) & fixed or (one.required and not one.plain)]
    rest = [one for one in units if one not in first]
    room = max(0, (_FIRST if writes else _FIRST_OF_SEARCH) - len(first))
    rest = sorted(rest, key=lambda one: not one.required)[room:]
    whole = {
        leaf: tuple(one for one in held if one[0] == leaf[0] and one[1] in pair)
        for leaf in held
        for pair in pairs
        if leaf[1] in pair
    }
    asked = [*dict.fromkeys(whole.get(leaf, (leaf,)) for leaf in held)] + [
        one.leaves for one in rest if one.required
    ]
    added = [leaf for one in rest if not one.required for leaf in one.leaves]
    if not writes and not asked:
        return Later()  # nobody is asked whether more matters to them
    rounds = [asked[start : start + _AT_ONCE] for start in range(0, len(asked), _AT_ONCE)]
    return Later(tuple(tuple(leaf for one in few for leaf in one) for few in rounds), tuple(added))


def count_details(told: Sequence[ToldLeaf]) -> int:
    """How many things there are to say, beside which row is meant."""
    return sum(1 for _ in _units(told))


def _units(told: Sequence[ToldLeaf]) -> Iterator[_Unit]:
    groups: dict[tuple[int, str], list[tuple[Leaf, ParameterModel]]] = {}
    for call, origin, parameter in told:
        path, names_row = origin.path, parameter.use in ("identity", "reference")
        if (names_row and "[" not in path) or is_deed(parameter):
            continue
        top = path_top(path)
        if path in _NAMES:
            top = "name"
        elif path == top and parameter.semantic in ADDRESS and parameter.use == "field":
            top = "address"
        groups.setdefault((call, top), []).append(((call, path), parameter))
    for unit in groups.values():
        plain = all(one.semantic != "boolean" for _, one in unit)
        plain = plain and not any("[" in path and "]." in path for (_, path), _ in unit)
        required = any(one.required for _, one in unit)
        yield _Unit(tuple(leaf for leaf, _ in unit), required, plain)


def deed(scene: Scene, call: int) -> str:
    """What was to be done: "cancel the order", for an assistant that could not."""
    what, noun = action(scene.model(call)), scene.noun(call)
    thing = what.pattern.replace("{object}", f"the {noun}") + what.aim
    verb = what.verb
    if "{object}" not in what.pattern and (named := _tell_names(scene, call)):
        # Of a list it may well be there, and could not be opened.
        is_list = scene.model(call).operation == "list"
        verb, things = (_OPEN[0], what.pattern) if is_list else (verb, scene.model(call).noun)
        thing = _name_several(things, named).text
    # ``I can't order the food``: there is some that can be ordered.
    return for_user(f"{verb} {re.sub('^some ', 'the ', thing)}").strip()


def for_user(text: str) -> str:
    """The user's words from the other side."""
    return re.sub(r"(?<= )my(?= )", "your", text.replace(" me to ", " you to "))
