"""What is to be done in words: for the user who asks, and for the assistant who confirms."""

from dataclasses import dataclass

from generators.language.action import action
from generators.language.details import tell_lists
from generators.language.phrase import Mention, Phrase, concat, enumerate_phrases, fill_object
from generators.language.request_objects import Named, is_object, object_of, on_file, references_of
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import Told, differing, tell_all
from generators.lexicon.names import label
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.verbs import find_verb
from generators.world.model import ParameterModel
from schemas.reading import read_words

_MAX_TAILS = 4


@dataclass(frozen=True)
class Clause:
    """One thing to be done: the main words, and details that need words of their own."""

    main: Phrase
    details: tuple[Told, ...] = ()


def clause(scene: Scene, call: int, hidden: Hidden) -> Clause:
    """``book the cheapest flight from Lisbon to Oslo for Ana``, with what else must be said."""
    thing = object_of(scene, call, hidden)
    references = references_of(scene, call, hidden)
    main, references = _main(scene, call, thing, references)
    told = [*_told(scene, call, hidden), *on_file(scene, call)]
    # ``send 120 euros`` for ``send some money`` and ``of 120 euros``.
    amount = next((item for item in told if item.tail.text.startswith("of ")), None)
    if amount is not None and main.text.endswith(" some money"):
        verb = Phrase(main.text.removesuffix("some money"), main.mentions)
        main = verb + Phrase(amount.tail.text.removeprefix("of "), amount.tail.mentions)
        told.remove(amount)
    tails = [item.tail for item in told if not item.is_detail]
    # ``for that member and that book``, ``from that account to that payee``.
    if not references:
        attach = Phrase("")
    else:
        by_role: dict[str, list[Phrase]] = {}
        for attach_item in references:
            by_role.setdefault(attach_item.role or _preposition(scene, call), []).append(
                attach_item.whole
            )
        attach = concat([f"{role} " + enumerate_phrases(named) for role, named in by_role.items()])
    main = concat([main, attach, *tails[:_MAX_TAILS]])
    if " " not in main.text:
        main = main + f" {action(scene.model(call)).generic}"
    details = [item for item in told if item.is_detail]
    details += [item for named in (thing, *references) for item in named.details]
    late = [Told(value=tail) for tail in tails[_MAX_TAILS:]]
    # Without what a tool's description and its parameter both say.
    text = main.text.replace("to the repository in the repository", "to the repository")
    text = text.replace("the repository in the repository", "the repository")
    if text.startswith("find the "):
        text = text.replace(" that are ", " that is ")
    return Clause(Phrase(text, main.mentions), (*details, *late))


def _main(
    scene: Scene, call: int, thing: Named, references: list[Named]
) -> tuple[Phrase, list[Named]]:
    """Verb and object; the references that are left to be attached."""
    what = action(scene.model(call))
    verb = scene.rng.choice(what.verbs)
    method = _method(scene, call)
    if "{object}" in what.pattern:
        whole = thing.whole or Phrase(what.generic.rsplit(" of ", 1)[-1].rsplit(" to ", 1)[-1])
        main = method + whole if method else _done_to(verb, fill_object(what.pattern, whole))
        return main, references
    if (named := _named_rows(scene, call)) is not None:
        return named, references
    if method:
        noun = with_article(label(scene.model(call).noun.replace(" ", "_")))
        return method + noun if method.text.endswith(" ") else method, references
    # The verb with its object: with a flight at hand "book a flight" names that one.
    pattern, model = action(scene.model(call)).pattern, scene.model(call)
    for item in references:
        if singular(pattern).endswith(f" {item.noun}") and model.operation in ("create", "delete"):
            return f"{verb} " + item.whole, [other for other in references if other is not item]
    one = model.operation == "list" and any(
        parameter.semantic in ("person_name", "email", "phone", "first_name", "last_name")
        and parameter.required
        for _, parameter, _ in scene.told(call)
    )
    plain = f"{verb} {pattern}".strip()
    return Phrase(f"find the {singular(pattern)}" if one else plain), references


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
    """The verb of a tool that is told by a parameter what to do: ``method: get_diff``.

    Ends with a space where the thing that it is done to must follow.
    """
    noun = label(scene.model(call).noun.replace(" ", "_"))
    for origin, parameter, value in scene.told(call):
        if not _is_method(parameter):
            continue
        words = read_words(str(value), scene.clock)
        said = Phrase(words, (Mention(call, origin.path, words, "words"),))
        if find_verb(words.split()[0]) is None:
            said = "get the " + said
        if noun in words and "{object}" not in action(scene.model(call)).pattern:
            return said
        return said + (" of " if " " in said.text else " ")
    return Phrase("")


def _is_method(parameter: ParameterModel) -> bool:
    return parameter.name == "method" and parameter.semantic == "enum"


def _done_to(verb: str, thing: Phrase) -> Phrase:
    """``pull up the order``, but ``pull it up``."""
    if thing.text == "it" and verb.endswith(" up"):
        return f"{verb.removesuffix(' up')} " + thing + " up"
    return f"{verb} " + thing


def _told(scene: Scene, call: int, hidden: Hidden) -> list[Told]:
    """The user's own values but for the identity, which is the object."""
    single, grouped = [], []
    for origin, parameter, value in scene.told(call):
        if parameter.use == "identity" and is_object(scene, call) and "[" not in origin.path:
            continue
        if hidden.silent(call, origin.path) or _is_method(parameter):
            continue
        if "[" not in origin.path:
            said = hidden.instead.get((call, origin.path), value)
            single.append((origin.path, parameter, said))
        elif parameter.use != "identity" or scene.model(call).operation != "list":
            grouped.append((origin, parameter, value))
    return tell_all(scene, call, single) + tell_lists(scene, call, grouped)


def _preposition(scene: Scene, call: int) -> str:
    model = scene.model(call)
    if model.operation == "list":
        return "of"
    verb = find_verb(model.verb)
    return "to" if verb is not None and verb.to == "to" else "for"


def twin_words(scene: Scene, call: int, twin: int, hidden: Hidden) -> Phrase:
    """What ``call`` is about, where its twin does the same about something else."""
    thing = object_of(scene, call, hidden)
    named = [item for item in (thing, *references_of(scene, call, hidden)) if item.noun]
    if named:
        return "the same for " + named[-1].words
    told = differing(scene, call, twin)
    parts = [item.tail if item.tail else f"with the {item.label} " + item.value for item in told]
    return concat([Phrase("the same"), *parts])
