"""Questions and answers before anything is done: what the request left out, and who writes."""

from collections.abc import Sequence

from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.phrase import NOTHING, Phrase, concat, enumerate_phrases
from generators.language.slot_phrases import (
    Told,
    detail_sentences,
    find_pairs,
    name_parameter,
    tell_all,
    tell_lists,
    tell_new_value,
)
from generators.lexicon.names import in_words, join, label
from generators.lexicon.nouns import is_plural
from generators.lexicon.relations import find_counted
from generators.world.model import ParameterModel
from schemas.semantic import ADDRESS

_QUESTIONS: dict[str, str] = {
    "person_name": "clarify_person", "date": "clarify_date", "query": "clarify_query",
    "expression": "clarify_expression",
}  # fmt: skip
_NEEDS_NAME = frozenset("count duration number money percent".split())
"""Meanings of values that do not say by themselves what they are."""


def ask_for_rest(turn: TurnDraft) -> None:
    """The assistant asks for what it still needs, two things at a time, and hears it."""
    if turn.proof:
        labels = _labels([_parameter(turn, leaf) for leaf in turn.proof])
        said = join([f"your {one}" for one in labels])
        turn.say_as_assistant("clarify", turn.assistant_words("ask_identity", labels=said))
        turn.say_as_user("inform", _answer(turn, turn.proof, "my "))
    rounds, added = turn.later.asked, turn.later.added
    if added and not rounds:
        turn.say_as_assistant("clarify", turn.assistant_words("clarify_more"))
        turn.say_as_user("inform", _add(turn, added))
    for number, leaves in enumerate(rounds):
        turn.say_as_assistant("clarify", ask_for(turn, leaves))
        answer = _answer(turn, leaves)
        more = _add(turn, added) if number == len(rounds) - 1 else NOTHING
        turn.say_as_user("inform", concat([answer, more]))


def ask_for(turn: TurnDraft, leaves: Sequence[Leaf]) -> str:
    """The assistant's question for values of the turn's calls."""
    parameters = [_parameter(turn, leaf) for leaf in leaves]
    counts = [find_counted(one.name) for one in parameters if one.semantic == "count"]
    counted = sorted(filter(None, counts), key=lambda one: not one.is_whole)
    if len(counted) == len(parameters) and len({one.noun for one in counted}) == 1:
        more = "".join(f", and how many of them {one.which}" for one in counted[1:])
        return turn.assistant_words("clarify_count", label=f"{counted[0].label}{more}")
    pairs = find_pairs(turn.scene.world)
    halves = {pair[0] for pair in pairs if {*pair} <= {one.name for one in parameters}}
    if _find_change(turn, leaves):
        return turn.assistant_words("clarify_change")
    parameters = [one for one in parameters if one.name not in halves]  # octo/site is one answer
    labels = _labels(parameters)
    whose = {name_parameter(_parameter(turn, leaf)): _tell_whose(turn, leaf) for leaf in leaves}
    labels = [f"{one} of the {whose[one]}" if whose.get(one) else one for one in labels]
    if len(labels) > 1:
        return turn.assistant_words("clarify_many", labels=join([f"the {one}" for one in labels]))
    kind = parameters[0].semantic if len(parameters) == 1 and not any(whose.values()) else "text"
    return turn.assistant_words(choose_question(parameters[0], kind, labels[0]), label=labels[0])


def choose_question(parameter: ParameterModel, kind: str, label: str) -> str:
    """The key of the phrases that ask for one value of a kind, by what it is called."""
    key = "clarify_one" if is_of_one_field(parameter) else _QUESTIONS.get(kind, "clarify_one")
    if not is_plural(label) or f" {label}".startswith(" number of "):
        return key
    if kind in ("count", "duration"):
        return "clarify_count"
    return "clarify_several" if key == "clarify_one" else key


def _tell_whose(turn: TurnDraft, leaf: Leaf) -> str:
    """The noun of what a value is looked up by, where what is wanted has such a value, too."""
    scene, (call, path) = turn.scene, leaf
    if call in turn.sinks:
        return ""
    name = in_words(scene.told_at(call, path)[0].name)
    for sink in turn.sinks:
        model = scene.model(sink)
        names = (*(one.name for one in model.parameters), *scene.known_fields(sink))
        if model.entity != scene.model(call).entity and name in map(in_words, names):
            return scene.noun(call)
    return ""


def is_of_one_field(parameter: ParameterModel) -> bool:
    """Whether a query is what a row is called: a title is asked for, and not a topic."""
    named = parameter.label and parameter.label != label(parameter.name)
    return parameter.use == "query" and bool(parameter.field and named)


def _find_change(turn: TurnDraft, leaves: Sequence[Leaf]) -> Told | None:
    """What is to be changed, and to what, where the leaves tell just that."""
    calls = {call for call, _ in leaves}
    told = [one for call in calls for one in turn.scene.told(call) if (call, one[0].path) in leaves]
    rest, changes = tell_new_value(turn.scene, min(calls), told)
    return changes[0] if changes and not rest else None


def _parameter(turn: TurnDraft, leaf: Leaf) -> ParameterModel:
    return turn.scene.told_at(*leaf)[0]


def _labels(parameters: Sequence[ParameterModel]) -> list[str]:
    """What people call them, each once; parts of one thing by its name."""
    tops = [one.path.replace("[]", "").rpartition(".")[0] for one in parameters]
    names = {"first_name", "last_name"} <= {one.name for one in parameters}
    address = sum(one.semantic in ADDRESS for one in parameters) > 2
    labels = []
    for one, top in zip(parameters, tops, strict=True):
        if top and tops.count(top) > 1:
            labels.append(label(top))
        elif address and one.semantic in ADDRESS:
            labels.append("address")
        elif names and one.name in ("first_name", "last_name"):
            labels.append("name")
        else:
            labels.append(name_parameter(one))
    return list(dict.fromkeys(labels))


def _told(turn: TurnDraft, leaves: Sequence[Leaf]) -> list[Told]:
    """The leaves in words, what belongs together in one breath."""
    told: list[Told] = []
    for call in dict.fromkeys(call for call, _ in leaves):
        own = [one for one in turn.scene.told(call) if (call, one[0].path) in leaves]
        told += tell_all(turn.scene, call, [one for one in own if "[" not in one[0].path])
        told += tell_lists(turn.scene, call, [one for one in own if "[" in one[0].path])
    return told


def _answer(turn: TurnDraft, leaves: Sequence[Leaf], whose: str = "the ") -> Phrase:
    """``3 pm and a video call``: the values alone, where they say what they are."""
    if change := _find_change(turn, leaves):
        what = Phrase(change.label.removeprefix("new "), change.value.mentions[1:])
        value = Phrase(change.value.text, change.value.mentions[:1])
        return turn.user_words("inform_change", what=what, value=value).as_sentence()
    told = _told(turn, leaves)
    if len(leaves) == 1:
        ((call, path),) = leaves
        value = turn.scene.say(call, path, *turn.scene.told_at(call, path))
        said = turn.user_words("inform_one", value=value, value_again=value.text)
        return said.as_sentence()
    if len(told) == 1:
        value = told[0].value or told[0].tail.without("called ").without("to ").without("with ")
        return turn.user_words("inform_many", details=value).as_sentence()
    kinds = [_parameter(turn, leaf).semantic for leaf in leaves]
    parts: list[Phrase] = []
    for item in told:
        if item.tail:
            parts.append(as_answer(item))
            continue
        alone = list(item.value.mentions)
        kind = _parameter(turn, (alone[0].call, alone[0].path)).semantic if alone else "text"
        named = kind in _NEEDS_NAME or kinds.count(kind) > 1
        parts.append(f"{whose}{item.label} " + item.value if named else item.value)
    said = turn.user_words("inform_many", details=enumerate_phrases(parts))
    return said.as_sentence()


def as_answer(item: Told) -> Phrase:
    """What stands behind its noun in a request, by itself: ``2 packs``, of "of 2 packs"."""
    return item.value or item.tail.without("called ").without("of ")


def _add(turn: TurnDraft, leaves: Sequence[Leaf]) -> Phrase:
    """What the user says of their own accord: ``With breakfast, please.``."""
    told = _told(turn, leaves)
    tails = [item.tail for item in told if not item.is_detail]
    # ``That are confirmed`` stands in no sentence by itself.
    tails = ["only those " + one if one.text.startswith("that are ") else one for one in tails]
    said = turn.user_words("and_also", details=concat(tails)).as_sentence() if tails else NOTHING
    details = [item for item in told if item.is_detail]
    return concat([said, *detail_sentences(turn.scene, details)])
