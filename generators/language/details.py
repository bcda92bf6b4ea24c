"""Values that need words of their own: "The seat class should be economy."."""

from typing import Any

from generators.language.action import aspect_of
from generators.language.phrase import Phrase, concat, enumerate_phrases
from generators.language.scene import Scene
from generators.language.slot_phrases import Told, changes_fields, tell
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import is_plural, plural, singular
from generators.lexicon.numbers import ordinal
from generators.world.model import ParameterModel
from schemas.task import Origin

ToldLeaf = tuple[Origin, ParameterModel, Any]


def tell_lists(scene: Scene, call: int, grouped: list[ToldLeaf]) -> list[Told]:
    """Leaves inside lists: "the labels: bug and help wanted", "the first item: …"."""
    by_element: dict[str, list[ToldLeaf]] = {}
    for leaf in grouped:
        path = leaf[0].path
        plain = path.endswith("]") and path.count("[") == 1
        key = path[: path.index("[")] if plain else path[: path.index("]") + 1]
        by_element.setdefault(key, []).append(leaf)
    return [_element(scene, call, key, leaves) for key, leaves in by_element.items()]


def _element(scene: Scene, call: int, key: str, leaves: list[ToldLeaf]) -> Told:
    if not key.endswith("]"):
        said = [
            scene.say(call, origin.path, parameter, value) for origin, parameter, value in leaves
        ]
        name = leaves[0][1].label or label(key.rsplit(".", 1)[-1])
        name = plural(singular(name)) if len(said) > 1 else singular(name)
        words = enumerate_phrases(said)
        if not changes_fields(scene.model(call)):
            return Told(label=name, value=words)
        aspect = {singular(word) for word in aspect_of(scene.model(call)).split()}
        if aspect & {singular(word) for word in name.split()}:
            return Told(tail="to " + words)
        return Told(label=f"new {name}", value=words)
    number = int(key[key.index("[") + 1 : -1])
    name = singular(label(key[: key.index("[")].rsplit(".", 1)[-1]))
    # The parts of one element, a first and a last name as one.
    inner_leaves = leaves
    names = {leaf[1].name: leaf for leaf in inner_leaves}
    whole: list[Phrase] = []
    if "first_name" in names and "last_name" in names:
        pair = [names["first_name"], names["last_name"]]
        whole = [concat([scene.say(call, o.path, p, value) for o, p, value in pair])]
        inner_leaves = [leaf for leaf in inner_leaves if leaf not in pair]
    inner = whole + [_named(scene, call, *leaf) for leaf in inner_leaves]
    joined = enumerate_phrases(inner)
    named_only = {leaf[1].name for leaf in leaves} <= {"first_name", "last_name"}
    several = any(f"[{number + 1 if number == 0 else 0}]" in o.path for o, _, _ in scene.told(call))
    return Told(
        label=f"{ordinal(number + 1)} {name}" if several else name,
        value=joined if named_only else "one with " + joined,
    )


def _named(
    scene: Scene, call: int, origin: Origin, parameter: ParameterModel, value: Any
) -> Phrase:
    if isinstance(value, bool):
        return tell(scene, call, origin.path, parameter, value).tail
    holder = split_words(origin.path[: origin.path.rfind("]")].rsplit("[", 1)[0])[-1:]
    words = split_words(parameter.name)
    if len(words) > 1 and holder and singular(holder[0]) == words[0]:
        words = words[1:]  # the field of "issue field" needs no "field" again
    return f"{label('_'.join(words))} " + scene.say(call, origin.path, parameter, value)


def detail_sentences(scene: Scene, details: tuple[Told, ...] | list[Told]) -> list[Phrase]:
    """Details as sentences of the user; what has no label tells which one is meant."""
    named = [item for item in details if item.label]
    nameless = [item.value for item in details if not item.label]
    meant = [("It's " + concat(nameless)).as_sentence()] if nameless else []
    if len(named) > 2 and scene.style != "terse":
        clauses = [
            f"the {item.label} {'are' if is_plural(item.label) else 'is'} " + item.value
            for item in named
        ]
        return [enumerate_phrases(clauses).as_sentence(), *meant]
    return [_sentence(scene, item) for item in named] + meant


def _sentence(scene: Scene, item: Told) -> Phrase:
    if item.value.text.startswith("one with "):
        return (f"the {item.label}: " + item.value).as_sentence()
    key = "detail_plural" if is_plural(item.label) else "detail"
    said = scene.grammar.compose(key, scene.style, scene.rng, label=item.label, value=item.value)
    return said.as_sentence()


def detail_list(details: tuple[Told, ...] | list[Told]) -> Phrase:
    """The same in a row: ``with the seat class economy and the note “…”``."""
    named = [f"the {item.label} " + _without_one(item.value) for item in details if item.label]
    nameless = [item.value for item in details if not item.label]
    return concat([*nameless, "with " + enumerate_phrases(named) if named else Phrase("")])


def _without_one(phrase: Phrase) -> Phrase:
    """``one with a name`` → ``with a name``; the value "one way" stays."""
    bare = phrase.text.removeprefix("one ") if phrase.text.startswith("one with ") else phrase.text
    return Phrase(bare, phrase.mentions)
