"""What is to be done in words: for the user who asks, and for the assistant who confirms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generators.language.action import action
from generators.language.phrase import Mention, Phrase, concat, enumerate_phrases, fill_object
from generators.language.reference import identity_in_words, noun_for, refer, row_path
from generators.language.scene import Scene
from generators.language.told import Told, tell
from generators.language.words import label, ordinal, plural, singular
from generators.world import ParameterModel
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
    if "{object}" in what.pattern:
        main = f"{verb} " + fill_object(
            what.pattern, thing or Phrase(_generic_object(what.generic))
        )
    else:
        main = Phrase(f"{verb} {what.pattern}")
    told = _told(scene, call, hidden)
    references, more = _references(scene, call, hidden)
    tails = [item.tail for item in (*implied, *told, *more) if not item.is_detail]
    details = [item for item in (*implied, *told, *more) if item.is_detail]
    main = concat([main, *references, *tails[:_MAX_TAILS]])
    details += [Told(label="", value=tail) for tail in tails[_MAX_TAILS:]]
    return Clause(main, tuple(details))


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
        if hidden.silent(call, origin.path):
            continue
        if "[" in origin.path:
            grouped.append((origin, parameter, value))
        else:
            said = _leaf_value(call, origin, value, hidden)
            single.append(tell(scene, call, origin.path, parameter, said))
    return single + _lists(scene, call, grouped)


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
        return Told(label=name, value=enumerate_phrases(said))
    number = int(key[key.index("[") + 1 : -1])
    name = singular(label(key[: key.index("[")].rsplit(".", 1)[-1]))
    inner = [_named(scene, call, origin, parameter, value) for origin, parameter, value in leaves]
    several = any(f"[{number + 1 if number == 0 else 0}]" in o.path for o, _, _ in scene.told(call))
    return Told(
        label=f"{ordinal(number + 1)} {name}" if several else name, value=enumerate_phrases(inner)
    )


def _named(
    scene: Scene, call: int, origin: Origin, parameter: ParameterModel, value: Any
) -> Phrase:
    if isinstance(value, bool):
        return tell(scene, call, origin.path, parameter, value).tail
    return f"{label(parameter.name)} " + scene.say(call, origin.path, parameter, value)


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
        noun = noun_for(scene, told[-1][1])
        known = (call, told[-1][0].path) in hidden.known
        return Phrase(
            f"that {noun}" if known else action(scene.model(call)).generic.rsplit(" of ", 1)[-1]
        ), []
    if len(said) > 2 or (
        len(said) == 2 and [leaf[1].name for leaf in said] == ["first_name", "last_name"]
    ):
        return _many_identities(scene, call, said)
    return identity_in_words(scene, call, _scope_first(said)), []


def _many_identities(
    scene: Scene, call: int, said: list[tuple[Origin, ParameterModel, Any]]
) -> tuple[Phrase, list[Told]]:
    names = [leaf[1].name for leaf in said]
    if names[:2] == ["owner", "repo"]:
        return identity_in_words(scene, call, _scope_first(said)), []
    noun = noun_for(scene, said[-1][1])
    return Phrase(f"the {noun}"), [
        Told(label=label(parameter.name), value=scene.say(call, origin.path, parameter, value))
        for origin, parameter, value in said
    ]


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
    seen = origin.call in hidden.seen
    words = refer(scene, origin, noun, seen=seen)
    return words, [] if seen else needs(scene, origin.call, hidden)


def needs(scene: Scene, call: int, hidden: Hidden) -> list[Told]:
    """What must be said so that a call that nobody asks for can be made.

    Its own values, and those of the calls before it whose results it needs.
    """
    out: list[Told] = []
    for origin, parameter, value in scene.told(call):
        if not hidden.silent(call, origin.path) and "[" not in origin.path:
            told = tell(scene, call, origin.path, parameter, value)
            if parameter.use == "identity":
                said = scene.say(call, origin.path, parameter, value)
                told = Told(label=label(parameter.name), value=said)
            out.append(told)
    grouped = [leaf for leaf in scene.told(call) if "[" in leaf[0].path]
    out += _lists(scene, call, [leaf for leaf in grouped if not hidden.silent(call, leaf[0].path)])
    for earlier in sorted({o.call for o, _ in _fed(scene, call) if o.call is not None}):
        if earlier not in hidden.seen:
            out += needs(scene, earlier, hidden)
    return out


def _references(scene: Scene, call: int, hidden: Hidden) -> tuple[list[Phrase], list[Told]]:
    """Other rows that the call names: "for that patient", "with the second one"."""
    words, implied = [], []
    done: set[tuple[int | None, str]] = set()
    reading = scene.model(call).operation == "list"
    for origin, parameter in _fed(scene, call):
        if parameter.use not in ("identity", "reference") or origin.result_path is None:
            continue
        key = (origin.call, row_path(origin.result_path))
        is_object = (
            parameter.use == "identity" and _is_object(scene, call) and "[" not in origin.path
        )
        if key in done or is_object:
            done.add(key)
            continue
        done.add(key)
        reference, more = _reference(scene, origin, parameter, hidden)
        words.append(f"{'of' if reading else 'for'} " + reference)
        implied += more
    return words, implied


def missing_labels(scene: Scene, leaves: list[tuple[int, str]]) -> list[str]:
    """What the assistant asks for: ``departure date``."""
    return [label(scene.model(call).parameter(path).name) for call, path in leaves]


def detail_sentences(scene: Scene, details: tuple[Told, ...] | list[Told]) -> list[Phrase]:
    """Details as sentences of the user: "The seat class should be economy."."""
    out = []
    for item in details:
        if not item.label:
            out.append(("It's " + item.value).as_sentence())
            continue
        out.append(
            scene.grammar.compose(
                "detail", scene.style, scene.rng, label=item.label, value=item.value
            ).as_sentence()
        )
    return out


def detail_list(details: tuple[Told, ...] | list[Told]) -> Phrase:
    """The same in a row: ``with the seat class economy and the note “…”``."""
    parts = [f"the {item.label} " + item.value if item.label else item.value for item in details]
    return "with " + enumerate_phrases(parts) if parts else Phrase("")


def mentions_of(phrases: list[Phrase]) -> tuple[Mention, ...]:
    """All that the phrases mention."""
    return tuple(mention for phrase in phrases for mention in phrase.mentions)
