"""The rows that a request names: what it is about, and whatever else it refers to."""

import re
from dataclasses import dataclass, replace

from generators.language.action import action, say_choice
from generators.language.comparison import best, chosen_origin
from generators.language.deed_words import find_told_place
from generators.language.description import described as describe
from generators.language.facts import shown_fields
from generators.language.phrase import NOTHING, Mention, Phrase, concat
from generators.language.references import (
    Place,
    identity_in_words,
    is_overtaken,
    kind_of,
    name_noun,
    only_one_named,
    place_of,
    refer,
    row_name,
    row_path,
)
from generators.language.rows import SpokenField
from generators.language.scene import Hidden, Scene, is_user, say_own
from generators.language.slot_phrases import (
    Told,
    find_scopes,
    is_scope,
    role_of,
    tell_all,
    tell_lists,
)
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural
from generators.world.model import ParameterModel, Use
from schemas.leaves import value_at
from schemas.reading import says
from schemas.task import Origin
from schemas.twists import Comparison, Reference, find_twist, find_twists

NAMING_USES: frozenset[Use] = frozenset({"identity", "reference"})
"""Uses of parameters that name a row."""
_MAX_DEPTH = 1
"""How many "of the" follow one another; what lies deeper gets a sentence of its own."""


@dataclass(frozen=True)
class Named:
    """A row in words, with what must be said so that it can be found."""

    noun: str
    words: Phrase
    needs: tuple[Told, ...] = ()
    again: bool = False
    """This request has named the row before."""
    role: str = ""
    """Its part in what is done, as the world says it: ``from``."""
    is_user: bool = False
    """It is the one who writes."""

    @property
    def whole(self) -> Phrase:
        """The words and what is said in the same breath."""
        return concat([self.words, *(item.tail for item in self.needs if not item.is_detail)])

    @property
    def details(self) -> list[Told]:
        """What has to be said apart."""
        return [item for item in self.needs if item.is_detail]


NOBODY = Named("", NOTHING)


def is_object(scene: Scene, call: int) -> bool:
    """Whether the tool's work is done on one row."""
    return "{object}" in action(scene.model(call)).pattern


def object_of(scene: Scene, call: int, hidden: Hidden) -> Named:
    """The row that a call is about; NOBODY where it is about none."""
    if not is_object(scene, call):
        return NOBODY
    fed = [one for one in _find_fed(scene, call) if _is_own(*one)]
    told = [leaf for leaf in scene.told(call) if _is_own(*leaf[:2])]
    # In what the row lies comes before its own name, and may be taken from another row.
    entity = scene.world.entities.get(scene.model(call).entity or "")
    order = entity.identity if entity else ()
    if fed:
        fed.sort(key=lambda one: one[1].field in order[-1:])
        return name_row(scene, *fed[-1], hidden)
    if not told:
        return NOBODY
    told.sort(key=lambda leaf: order.index(leaf[1].field) if leaf[1].field in order else -1)
    said = [leaf for leaf in told if not hidden.silent(call, leaf[0].path)]
    noun = name_noun(scene.world, told[-1][1])
    if entity and told[-1][1].field in order[:-1]:  # only in what it lies: the latest release of it
        noun = label(entity.noun)
        lone = Phrase(f"the {say_choice(scene.model(call))}{noun}")
        return Named(noun, lone, tuple(tell_all(scene, call, said)))
    known = (call, told[-1][0].path) in hidden.known
    again = known and is_overtaken(scene, call)
    said = told if again else said
    if told[-1] in said:
        # An identity that can be said in one breath: "issue 12 in octo/site".
        names = {leaf[1].name for leaf in said}
        short = len(said) < 3 and not names & {"first_name", "last_name"}
        if short or (len(said) == 3 and is_scope(scene.world, said[:2])):
            return Named("", identity_in_words(scene, call, said))
    words = Phrase(f"that {noun}" if known else f"the {noun}")
    return Named(noun, words, tuple(tell_all(scene, call, said)))


def _is_own(origin: Origin, parameter: ParameterModel) -> bool:
    """Whether the leaf is a part of the identity of the row that the call is about."""
    return parameter.use == "identity" and "[" not in origin.path


def _find_fed(scene: Scene, call: int) -> list[tuple[Origin, ParameterModel]]:
    """Leaves of a call that are taken from results."""
    model, origins = scene.model(call), scene.calls[call].origins
    return [(one, model.parameter(one.path)) for one in origins if one.kind == "result"]


def name_row(
    scene: Scene, origin: Origin, parameter: ParameterModel, hidden: Hidden, depth: int = 0
) -> Named:
    """A row that another call finds; "it", or "that order", where this request has named it."""
    assert origin.call is not None
    if is_user(scene, origin, parameter):
        return Named("", Phrase("you" if hidden.resolved else "me"), is_user=True)
    noun, row = (
        name_noun(scene.world, parameter),
        place_of(scene.world, scene.model(origin.call), origin, parameter),
    )
    if row in hidden.spoken:
        if hidden.spoken[-1] == row and not _asks_of_a_part(scene, hidden.start):
            return Named(noun, Phrase("it"), again=True)
        kind = kind_of(scene, row[0])
        others = [one for one in hidden.spoken if one != row and kind_of(scene, one[0]) == kind]
        if not others or only_one_named(scene, row, hidden.spoken):
            return Named(noun, Phrase(f"that {noun}"), again=True)
    hidden.spoken.append(row)
    if (named := _name_compared(scene, origin, row, noun, hidden, depth)) is not None:
        return named
    known = origin.call in hidden.seen or origin.call < hidden.start
    if not (known or row[1]) and (said := _say_number(scene, origin.call, hidden)):
        return Named(noun, said)
    # The first call from the turn's start on that takes a value from the row.
    before = next(
        (
            number
            for number in range(hidden.start, len(scene.calls))
            for one in scene.calls[number].origins
            if (one.call, row_path(one.result_path or "")) == (row[0], row_path(row[1]))
        ),
        hidden.start,
    )
    # The brief's words for the row; other ones where the assistant names it.
    key = (scene.turn_of(hidden.start), *row, noun)
    if not hidden.resolved and key in scene.meant:
        words = Phrase(scene.meant[key])
    else:
        described = NOTHING if hidden.brief else _describe_row(scene, row, noun, hidden)
        words = described or refer(scene, origin, noun, hidden, before)
        words = Phrase(say_own(scene, words.text, hidden))
        if not hidden.resolved:
            scene.meant[key] = words.text
    if known:
        return Named(noun, words)
    told = tuple(needs(scene, origin.call, hidden, depth))
    if kind_of(scene, origin.call) == noun:
        told = tuple(map(_put_as_trait, told))
    holder = words.text.rpartition(" of ")[2]  # that is said with what it is found by
    kind = re.escape(holder.removeprefix("the "))  # "of the product", and "of the second product"
    alike = rf"of (?:{re.escape(holder)}|(?:the|that|my) (?:[\w-]+ )?{kind}\b)"
    if holder and any(re.match(alike, one.tail.text) for one in told):
        words = Phrase(words.text.removesuffix(f" of {holder}"), words.mentions)
    return _find_in_name(scene, Named(noun, words, told))


def _asks_of_a_part(scene: Scene, start: int) -> bool:
    """Whether a request is about something of a row: "the checklist of the task, and delete it"."""
    calls = scene.numbers(scene.turn_of(start))
    patterns = (action(scene.model(call)).pattern for call in calls)
    return any(one.endswith(" of {object}") for one in patterns)


def _put_as_trait(told: Told) -> Told:
    """What a row is looked for by is told of it: else it might be what is to be made of it."""
    if told.tail.text.startswith("that are "):  # it is one
        return replace(told, tail="that is " + told.tail.without("that are "))
    if not told.label or told.tail:
        return told
    be = "are" if is_plural(told.label) else "is"
    return Told(tail=f"whose {told.label} {be} " + told.value)


def _find_in_name(scene: Scene, named: Named) -> Named:
    """The row without the words that it is looked for by, where they stand in its name."""
    words, left = named.words, list[Told]()
    for item in named.needs:
        inside = [_put_in_name(scene, words.text, one) for one in item.tail.mentions]
        called = item.tail.text.startswith("called “") and "“" in words.text
        if (called or item.tail.text.startswith("“")) and all(inside):
            words = Phrase(words.text, (*words.mentions, *filter(None, inside)))
        elif called:  # it bears another name
            left.append(replace(item, tail="matching " + item.tail.without("called ")))
        elif item.tail.text.startswith("“"):  # words of it, and not its name
            left.append(replace(item, tail="matching " + item.tail))
        else:
            left.append(item)
    return replace(named, words=words, needs=tuple(left))


def _put_in_name(scene: Scene, text: str, mention: Mention) -> Mention | None:
    """The mention as it stands in the text, where that can be read there; None where not."""
    found = re.search(rf"\b{re.escape(mention.span)}\b", text, re.IGNORECASE)
    if found is None:
        return None
    held = value_at(scene.calls[mention.call].arguments, mention.path)
    rules = (rule for rule in ("literal", "words") if says(rule, found[0], held, scene.clock))
    rule = next(rules, None)
    return replace(mention, span=found[0], rule=rule) if rule else None


def _say_number(scene: Scene, call: int, hidden: Hidden) -> Phrase:
    """``my reservation EHGLP3``, where that number is all that a look-up is told; else no words."""
    told = [leaf for leaf in scene.told(call) if not hidden.silent(call, leaf[0].path)]
    if len(told) != 1 or _find_fed(scene, call) or not _is_own(*told[0][:2]):
        return NOTHING
    said = identity_in_words(scene, call, told)
    return Phrase(say_own(scene, said.text, hidden), said.mentions)


def _name_compared(
    scene: Scene, origin: Origin, row: Place, noun: str, hidden: Hidden, depth: int
) -> Named | None:
    """A row that is chosen by comparison; None for any other."""
    comparison = find_twist(scene.task.turns[scene.turn_of(hidden.start)], Comparison)
    if comparison is None:
        return None
    chosen = chosen_origin(scene, comparison)
    if (chosen.call, chosen.result_path) != (origin.call, origin.result_path):
        return None
    if hidden.resolved:
        return Named(noun, Phrase(row_name(scene, *row, noun) or f"that {noun}"))
    words = say_own(scene, best(scene, comparison, noun), hidden)
    return Named(noun, Phrase(words), tuple(needs(scene, comparison.calls[0], hidden, depth)))


def _describe_row(scene: Scene, row: Place, noun: str, hidden: Hidden) -> Phrase:
    """Words for a row that the task describes; none for any other."""
    turn = scene.task.turns[scene.turn_of(hidden.start)]
    for reference in find_twists(turn, Reference):
        origins = (o for o in scene.calls[reference.call].origins if o.path == reference.path)
        if row not in [(o.call, (o.result_path or "").rpartition(".")[0]) for o in origins]:
            continue
        if hidden.resolved and (name := row_name(scene, *row, noun)):
            return Phrase(name)
        said = [] if row[0] < hidden.start else scene.told(row[0])
        told = {(parameter.field, value) for _, parameter, value in said}
        shown = shown_fields(scene, *row) if row[0] in hidden.seen else None
        if shown is not None and any(one.field not in shown for one in reference.conditions):
            return NOTHING  # the list was read out without it
        known, fields = scene.world.entities[reference.table].fields, []
        for name, value in ((one.field, one.value) for one in reference.conditions):
            if (name, value) not in told:
                about = f"{known[name].schema.get('description', '')} {known[name].unit or ''}"
                called = known[name].label or ""
                fields.append(SpokenField(name, value, known[name].semantic, called, about))
        return Phrase(describe(scene, fields, noun))
    return NOTHING


def needs(scene: Scene, call: int, hidden: Hidden, depth: int = 0) -> list[Told]:
    """What must be said so that a call that nobody asks for can be made.

    Its own values, and to what the rows belong that it looks among: whoever asks for a task must
    say of which project, even if projects were shown before.
    """
    told = [leaf for leaf in scene.told(call) if not hidden.silent(call, leaf[0].path)]
    out = tell_all(scene, call, [leaf for leaf in told if "[" not in leaf[0].path])
    out += tell_lists(scene, call, [leaf for leaf in told if "[" in leaf[0].path])
    for start in ("for ", "matching "):  # what it is found by stands behind: ``the product “pair”``
        out = [replace(one, tail=one.tail.without(start)) if one.tail.text.startswith(f"{start}“")
               else one for one in out]  # fmt: skip
    for origin, parameter in _find_fed(scene, call):
        if parameter.use in NAMING_USES and "[" not in origin.path:
            owner = name_row(scene, origin, parameter, hidden, depth + 1)
            if not (owner.again or owner.is_user):
                near, whole = depth < _MAX_DEPTH, owner.whole
                out.append(Told(tail="of " + whole) if near else Told(value="about " + whole))
                out += owner.details
    return out


def row_of(origin: Origin) -> tuple[int | None, str]:
    """The row in which the leaf of a result stands."""
    return origin.call, row_path(origin.result_path or "")


def is_of_row(scene: Scene, origin: Origin, parameter: ParameterModel) -> bool:
    """Whether a leaf names the very row that its value was taken from."""
    if origin.call is None or parameter.use not in NAMING_USES or "[" in origin.path:
        return False
    entity = scene.world.entities.get(parameter.entity or "")
    own = entity is not None and entity.key == scene.model(origin.call).entity
    return own and parameter.field == (entity.identity[-1] if entity else "")


def _is_scope_of_row(scene: Scene, parameter: ParameterModel) -> bool:
    """Whether a leaf only says in what a row lies: the owner of a repository."""
    entity = scene.world.entities.get(parameter.entity or "")
    return entity is not None and parameter.field in entity.identity[:-1]


def references_of(scene: Scene, call: int, hidden: Hidden) -> list[Named]:
    """Other rows that the call names: "that patient", "the second one"."""
    found: list[Named] = []
    done: set[tuple[int, str, str | None]] = set()
    about_row, fed = is_object(scene, call), _find_fed(scene, call)
    # A row that gives its own number, and in what it lies, is named once: the pull request.
    whole = {row_of(one): parameter for one, parameter in fed if is_of_row(scene, one, parameter)}
    kinds = {(row_of(one), p.entity) for one, p in fed if not _is_scope_of_row(scene, p)}
    for origin, parameter in fed:
        if parameter.use not in NAMING_USES or origin.result_path is None:
            continue
        if whole.get(row_of(origin), parameter) != parameter:
            continue
        if _is_scope_of_row(scene, parameter) and (row_of(origin), parameter.entity) in kinds:
            continue
        # Parts of one identity are one row and named once; what plays a part of its own in the
        # deed, as the account and the payee that one transfer names, is named each.
        apart = parameter.entity if parameter.role else None
        assert origin.call is not None
        key = (*place_of(scene.world, scene.model(origin.call), origin, parameter), apart)
        if key not in done and not (about_row and _is_own(origin, parameter)):
            named = name_row(scene, origin, parameter, hidden)
            if named.again:
                named = Named(named.noun, Phrase(f"that {named.noun}"))
            found.append(replace(named, role=find_role(scene, call, parameter)))
        done.add(key)
    return found


def find_role(scene: Scene, call: int, parameter: ParameterModel) -> str:
    """The part of a row in the deed; ``in`` of what only says where the others lie."""
    model = scene.model(call)
    if role := role_of(model, parameter) or find_told_place(model, parameter.name):
        return role
    scope = {name for names in find_scopes(scene.world) for name in names}
    entity = scene.world.entities.get(parameter.entity or "")
    within = entity is not None and set(entity.identity) <= scope
    given = {origin.path for origin in scene.calls[call].origins}
    others = [p for p in model.parameters if p.use in NAMING_USES and p.entity != parameter.entity
              and p.name not in scope and p.path in given]  # fmt: skip
    return "in" if within and (others or model.operation == "create") else ""
