"""What is to be done in words: for the user who asks, and for the assistant who confirms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generators.language.action import action
from generators.language.phrase import Mention, Phrase, concat, enumerate_phrases, fill_object
from generators.language.reference import identity_in_words, noun_for, refer, row_path
from generators.language.scene import Scene
from generators.language.told import Told, changes_fields, tell, tell_all
from generators.language.words import (
    is_plural,
    label,
    ordinal,
    plural,
    singular,
    split_name,
    with_article,
)  # fmt: skip
from generators.world import ParameterModel
from schemas.reading import read_words
from schemas.task import Origin

_MAX_TAILS = 4


@dataclass(frozen=True)
class Hidden:
    """What is not said in a request: withheld, said before, or said otherwise at first."""

    withheld: frozenset[tuple[int, str]] = frozenset()
    known: frozenset[tuple[int, str]] = frozenset()
    """Leaves that an earlier message has said."""
    instead: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    """Leaves for which another value is said at first."""
    seen: frozenset[int] = frozenset()
    """Calls whose results have been reported."""
    start: int = 0
    """Number of the turn's first call: what earlier calls found is "that" one."""
    spoken: set[tuple[int | None, str]] = field(default_factory=set)
    """Rows that this very request has named: "it" from then on."""

    def silent(self, call: int, path: str) -> bool:
        """Nothing is to be said of the leaf."""
        return (call, path) in self.withheld or (call, path) in self.known


@dataclass(frozen=True)
class Clause:
    """One thing to be done: the main words, and details that need words of their own."""

    main: Phrase
    details: tuple[Told, ...] = ()


def clause(scene: Scene, call: int, hidden: Hidden) -> Clause:
    """``book the cheapest flight from Lisbon to Oslo for Ana``, with what else must be said."""
    what = action(scene.model(call))
    verb = scene.rng.choice(what.verbs)
    thing, implied = _object(scene, call, hidden)
    references, more = _references(scene, call, hidden)
    method = _method(scene, call)
    if "{object}" in what.pattern:
        thing = thing or Phrase(_generic_object(what.generic))
        main = method + thing if method else f"{verb} " + fill_object(what.pattern, thing)
    elif (named := _named_rows(scene, call)) is not None:
        main = named
    elif method:
        main = method + with_article(label(scene.model(call).noun.replace(" ", "_")))
    else:
        main, references = _main(scene, call, verb, references)
    said = [*implied, *_told(scene, call, hidden), *more]
    tails = [item.tail for item in said if not item.is_detail]
    main = concat([main, _attach(references), *tails[:_MAX_TAILS]])
    details = [item for item in said if item.is_detail]
    return Clause(main, (*details, *(Told(value=tail) for tail in tails[_MAX_TAILS:])))


def _named_rows(scene: Scene, call: int) -> Phrase | None:
    """``read the files a.txt and b.txt``: a list that is asked for by the names of its rows."""
    model = scene.model(call)
    named = [
        scene.say(call, origin.path, parameter, value)
        for origin, parameter, value in scene.told(call)
        if parameter.use == "identity" and "[" in origin.path
    ]
    if model.operation != "list" or not named:
        return None
    noun = singular(action(model).pattern)
    several = plural(noun) if len(named) > 1 else noun
    return f"{scene.rng.choice(_OPEN)} the {several} " + enumerate_phrases(named)


_OPEN = ("open", "read", "get")


def _method(scene: Scene, call: int) -> Phrase:
    """The verb of a tool that is told by a parameter what to do: ``method: get_diff``."""
    for origin, parameter, value in scene.told(call):
        if _is_method(parameter):
            words = read_words(str(value), scene.clock)
            several = " of " if " " in words else " "
            return Phrase(words + several, (Mention(call, origin.path, words, "words"),))
    return Phrase("")


def _is_method(parameter: ParameterModel) -> bool:
    return parameter.name == "method" and parameter.semantic == "enum"


@dataclass(frozen=True)
class Reference:
    """A row that a call names beside its object."""

    noun: str
    words: Phrase
    preposition: str


def _attach(references: list[Reference]) -> Phrase:
    """``for that member and that book``."""
    if not references:
        return Phrase("")
    words = enumerate_phrases([item.words for item in references])
    return f"{references[0].preposition} " + words


def _main(
    scene: Scene, call: int, verb: str, references: list[Reference]
) -> tuple[Phrase, list[Reference]]:
    """Verb and object; "book a flight" with a flight at hand is "book the cheapest flight"."""
    pattern = action(scene.model(call)).pattern
    for item in references:
        operation = scene.model(call).operation
        if singular(pattern).endswith(f" {item.noun}") and operation in ("create", "delete"):
            return f"{verb} " + item.words, [other for other in references if other is not item]
    one = scene.model(call).operation == "list" and any(
        parameter.semantic in ("person_name", "email", "phone", "first_name", "last_name")
        and parameter.required
        for _, parameter, _ in scene.told(call)
    )
    return Phrase(f"{verb} the {singular(pattern)}" if one else f"{verb} {pattern}"), references


def _generic_object(generic: str) -> str:
    return generic.rsplit(" of ", 1)[-1].rsplit(" to ", 1)[-1]


def _leaf_value(call: int, origin: Origin, value: Any, hidden: Hidden) -> Any:
    return hidden.instead.get((call, origin.path), value)


def _told(scene: Scene, call: int, hidden: Hidden) -> list[Told]:
    """The user's own values but for the identity, which is the object."""
    single, grouped = [], []
    for origin, parameter, value in scene.told(call):
        if parameter.use == "identity" and _is_object(scene, call) and "[" not in origin.path:
            continue
        if hidden.silent(call, origin.path) or _is_method(parameter):
            continue
        if "[" in origin.path:
            if parameter.use != "identity" or scene.model(call).operation != "list":
                grouped.append((origin, parameter, value))
        else:
            single.append((origin.path, parameter, _leaf_value(call, origin, value, hidden)))
    return tell_all(scene, call, single) + _lists(scene, call, grouped)


def _lists(
    scene: Scene, call: int, grouped: list[tuple[Origin, ParameterModel, Any]]
) -> list[Told]:
    """Leaves inside lists: "the labels: bug and help wanted", "the first item: …"."""
    by_element: dict[str, list[tuple[Origin, ParameterModel, Any]]] = {}
    for leaf in grouped:
        path = leaf[0].path
        plain = path.endswith("]") and path.count("[") == 1
        key = path[: path.index("[")] if plain else path[: path.index("]") + 1]
        by_element.setdefault(key, []).append(leaf)
    return [_element(scene, call, key, leaves) for key, leaves in by_element.items()]


def _element(
    scene: Scene, call: int, key: str, leaves: list[tuple[Origin, ParameterModel, Any]]
) -> Told:
    if not key.endswith("]"):
        said = [
            scene.say(call, origin.path, parameter, value) for origin, parameter, value in leaves
        ]
        name = label(key.rsplit(".", 1)[-1])
        name = plural(singular(name)) if len(said) > 1 else singular(name)
        aspect = action(scene.model(call)).pattern.removesuffix(" of {object}").removeprefix("the ")
        if singular(aspect) == singular(name) and changes_fields(scene.model(call)):
            return Told(tail="to " + enumerate_phrases(said))
        return Told(label=name, value=enumerate_phrases(said))
    number = int(key[key.index("[") + 1 : -1])
    name = singular(label(key[: key.index("[")].rsplit(".", 1)[-1]))
    inner = _inner(scene, call, leaves)
    several = any(f"[{number + 1 if number == 0 else 0}]" in o.path for o, _, _ in scene.told(call))
    return Told(
        label=f"{ordinal(number + 1)} {name}" if several else name, value=enumerate_phrases(inner)
    )


def _inner(
    scene: Scene, call: int, leaves: list[tuple[Origin, ParameterModel, Any]]
) -> list[Phrase]:
    """The parts of one element, a first and a last name as one."""
    names = {leaf[1].name: leaf for leaf in leaves}
    whole: list[Phrase] = []
    if "first_name" in names and "last_name" in names:
        pair = [names["first_name"], names["last_name"]]
        whole = [concat([scene.say(call, o.path, p, value) for o, p, value in pair])]
        leaves = [leaf for leaf in leaves if leaf not in pair]
    return whole + [_named(scene, call, *leaf) for leaf in leaves]


def _named(
    scene: Scene, call: int, origin: Origin, parameter: ParameterModel, value: Any
) -> Phrase:
    if isinstance(value, bool):
        return tell(scene, call, origin.path, parameter, value).tail
    holder = split_name(origin.path[: origin.path.rfind("]")].rsplit("[", 1)[0])[-1:]
    words = split_name(parameter.name)
    if len(words) > 1 and holder and singular(holder[0]) == words[0]:
        words = words[1:]  # the field of "issue field" needs no "field" again
    return f"{label('_'.join(words))} " + scene.say(call, origin.path, parameter, value)


def _is_object(scene: Scene, call: int) -> bool:
    return "{object}" in action(scene.model(call)).pattern


def _object(scene: Scene, call: int, hidden: Hidden) -> tuple[Phrase, list[Told]]:
    """The row that a call is about, and what has to be said so that it can be found."""
    if not _is_object(scene, call):
        return Phrase(""), []
    fed = [
        (origin, parameter)
        for origin, parameter in _fed(scene, call)
        if parameter.use == "identity" and "[" not in origin.path
    ]
    if fed:
        origin, parameter = fed[-1]
        return _reference(scene, origin, parameter, hidden)
    told = [
        (origin, parameter, value)
        for origin, parameter, value in scene.told(call)
        if parameter.use == "identity" and "[" not in origin.path
    ]
    if not told:
        return Phrase(""), []
    said = [leaf for leaf in told if not hidden.silent(call, leaf[0].path)]
    if told[-1] not in said:
        known = (call, told[-1][0].path) in hidden.known
        noun = noun_for(scene, told[-1][1])
        left = [(origin.path, parameter, value) for origin, parameter, value in said]
        return Phrase(f"that {noun}" if known else f"the {noun}"), tell_all(scene, call, left)
    if _nameable([leaf[1].name for leaf in said]):
        return identity_in_words(scene, call, _scope_first(said)), []
    return _many_identities(scene, call, said)


def _nameable(names: list[str]) -> bool:
    """Whether the identity can be said in one breath: "issue 12 in octo/site"."""
    if len(names) == 3:
        return {"owner", "repo"} < set(names)
    return len(names) < 3 and "first_name" not in names


def _many_identities(
    scene: Scene, call: int, said: list[tuple[Origin, ParameterModel, Any]]
) -> tuple[Phrase, list[Told]]:
    noun = noun_for(scene, said[-1][1])
    leaves = [(origin.path, parameter, value) for origin, parameter, value in said]
    return Phrase(f"the {noun}"), tell_all(scene, call, leaves)


def _scope_first(
    said: list[tuple[Origin, ParameterModel, Any]],
) -> list[tuple[Origin, ParameterModel, Any]]:
    """Owner, repository … before the row's own name."""

    def place(leaf: tuple[Origin, ParameterModel, Any]) -> int:
        name = leaf[1].name.lower()
        return (
            ("owner", "repo").index(name)
            if name in ("owner", "repo")
            else 1
            if "repo" in name
            else 2
        )

    return sorted(said, key=place)


def _fed(scene: Scene, call: int) -> list[tuple[Origin, ParameterModel]]:
    model = scene.model(call)
    return [
        (origin, model.parameter(origin.path))
        for origin in scene.calls[call].origins
        if origin.kind == "result"
    ]


def _reference(
    scene: Scene, origin: Origin, parameter: ParameterModel, hidden: Hidden
) -> tuple[Phrase, list[Told]]:
    """A row that another call finds: the words for it, with what that call must be told."""
    assert origin.call is not None
    noun = noun_for(scene, parameter)
    row = (origin.call, row_path(origin.result_path or ""))
    if row in hidden.spoken:
        return Phrase("it"), []
    hidden.spoken.add(row)
    seen = origin.call in hidden.seen
    words = refer(scene, origin, noun, seen=seen, past=origin.call < hidden.start)
    return words, [] if seen else needs(scene, origin.call, hidden)


def needs(scene: Scene, call: int, hidden: Hidden) -> list[Told]:
    """What must be said so that a call that nobody asks for can be made.

    Its own values, and those of the calls before it whose results it needs.
    """
    single = [
        (origin.path, parameter, value)
        for origin, parameter, value in scene.told(call)
        if not hidden.silent(call, origin.path) and "[" not in origin.path
    ]
    out = tell_all(scene, call, single)
    grouped = [leaf for leaf in scene.told(call) if "[" in leaf[0].path]
    out += _lists(scene, call, [leaf for leaf in grouped if not hidden.silent(call, leaf[0].path)])
    return [*out, *_belonging(scene, call, hidden)]


def _belonging(scene: Scene, call: int, hidden: Hidden) -> list[Told]:
    """To what the rows belong that a call looks among: "of the project matching “spring”".

    Whoever asks for one of them must say of which project, even if projects were shown before.
    """
    out: list[Told] = []
    for origin, parameter in _fed(scene, call):
        if parameter.use not in ("identity", "reference") or "[" in origin.path:
            continue
        words, more = _reference(scene, origin, parameter, hidden)
        if words.text == "it":
            continue
        tails = [item.tail for item in more if not item.is_detail]
        out.append(Told(tail="of " + concat([words, *tails])))
        out += [item for item in more if item.is_detail]
    return out


def _references(scene: Scene, call: int, hidden: Hidden) -> tuple[list[Reference], list[Told]]:
    """Other rows that the call names: "for that patient", "with the second one"."""
    found: list[Reference] = []
    implied: list[Told] = []
    done: set[tuple[int | None, str]] = set()
    preposition = _preposition(scene, call)
    for origin, parameter in _fed(scene, call):
        if parameter.use not in ("identity", "reference") or origin.result_path is None:
            continue
        key = (origin.call, row_path(origin.result_path))
        is_object = parameter.use == "identity" and _is_object(scene, call)
        if key not in done and not (is_object and "[" not in origin.path):
            words, more = _reference(scene, origin, parameter, hidden)
            found.append(Reference(noun_for(scene, parameter), words, preposition))
            implied += more
        done.add(key)
    return found, implied


_TO = frozenset("assign add attach send invite move transfer share reply append link".split())


def _preposition(scene: Scene, call: int) -> str:
    model = scene.model(call)
    if model.operation == "list":
        return "of"
    return "to" if model.verb in _TO else "for"


def twin_words(scene: Scene, call: int, twin: int, hidden: Hidden) -> Phrase:
    """What ``call`` is about, where its twin does the same about something else."""
    fed = [
        (origin, parameter)
        for origin, parameter in _fed(scene, call)
        if parameter.use in ("identity", "reference")
    ]
    if fed:
        return "the same for " + _reference(scene, *fed[-1], hidden)[0]
    other = {origin.path: value for origin, _, value in scene.told(twin)}
    differing = [
        (origin.path, parameter, value)
        for origin, parameter, value in scene.told(call)
        if other.get(origin.path) != value
    ]
    told = tell_all(scene, call, differing)
    parts = [item.tail if item.tail else f"with the {item.label} " + item.value for item in told]
    return concat([Phrase("the same"), *parts])


def detail_sentences(scene: Scene, details: tuple[Told, ...] | list[Told]) -> list[Phrase]:
    """Details as sentences of the user: "The seat class should be economy."."""
    named = [item for item in details if item.label]
    if len(named) > 2 and scene.style != "terse":
        whole = enumerate_phrases([_clause(item) for item in named])
        rest = [item for item in details if not item.label]
        return [whole.as_sentence(), *detail_sentences(scene, rest)]
    out = []
    for item in details:
        if not item.label:
            out.append(("It's " + item.value).as_sentence())
            continue
        key = "detail_plural" if is_plural(item.label) else "detail"
        out.append(
            scene.grammar.compose(
                key, scene.style, scene.rng, label=item.label, value=item.value
            ).as_sentence()
        )
    return out


def _clause(item: Told) -> Phrase:
    return f"the {item.label} {'are' if is_plural(item.label) else 'is'} " + item.value


def detail_list(details: tuple[Told, ...] | list[Told]) -> Phrase:
    """The same in a row: ``with the seat class economy and the note “…”``."""
    parts = [f"the {item.label} " + item.value if item.label else item.value for item in details]
    return "with " + enumerate_phrases(parts) if parts else Phrase("")


def mentions_of(phrases: list[Phrase]) -> tuple[Mention, ...]:
    """All that the phrases mention."""
    return tuple(mention for phrase in phrases for mention in phrase.mentions)
