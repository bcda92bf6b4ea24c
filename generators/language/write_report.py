"""What the assistant says when something has been made, changed or taken away.

In the words of the request, with what a person needs next: the number that they can quote, what it
costs, when it is. How it stands is told only where that is not what was asked for.
"""

from itertools import chain

from generators.language.action import action
from generators.language.facts import facts_of, is_spoken_id, is_text, tell_first
from generators.language.request import clause as wish
from generators.language.request import for_user
from generators.language.request_objects import object_of
from generators.language.rows import SpokenField, clause, fields_of, is_naming, rows_at
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import Told, changes_fields, tell_all, tell_new_value
from generators.lexicon.date_field_names import deed_in, tells_making
from generators.lexicon.names import capital, in_words, join, label, split_words
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import find_verb, participle
from schemas.semantic import ADDRESS
from schemas.twists import Revision, find_twists

_LONGEST = 160
_STATUS = frozenset({"status", "state"})
_MOST_NEWS = 3


def tell_write(scene: Scene, call: int) -> str:
    """A finished write in one or two sentences."""
    facts = []
    if unfinished := _find_unfinished(scene, call):  # ``it is scheduled for the 3rd of November``
        to_come = _find_day_to_come(scene, call)
        when = f" for {scene.tell(to_come.value, to_come.semantic)}" if to_come else ""
        facts = [f"it is {unfinished}{when}"]
    facts += [clause(scene, field) for field in _find_news(scene, call)]
    model, result = scene.model(call), scene.results[call]
    entity = scene.world.entities.get(model.entity or "")
    key = entity.identity[-1] if entity is not None and entity.identity else ""
    value = result.get(key) if model.operation == "create" and isinstance(result, dict) else None
    if entity is not None and value is not None and is_spoken_id(value, entity.noun):
        # The pull number of a pull request: ``the order number is #W2378156``.
        own = {*split_words(key)[:-1]} <= {*split_words(entity.noun)}
        own = own or "number" not in split_words(key)
        what = f"{label(entity.noun)} number" if own else label(key)
        facts = [f"the {what} is {value}", *facts]
    tail = f". {capital(join(facts))}" if facts else ""
    done = _put_in_past(scene, call, alone=not facts)
    said = scene.grammar.compose("done", "any", scene.rng, done=done, facts=tail).text
    return said.replace(".”.", ".”").replace("?”.", "?”")


def _put_in_past(scene: Scene, call: int, *, alone: bool = False) -> str:
    """``cancelled the order #W2378156``, ``changed the title of the issue “Login” to “Log in”``.

    ``alone``: nothing else tells which one has been made.
    """
    model = scene.model(call)
    unfinished = _find_unfinished(scene, call)
    if unfinished and _find_day_to_come(scene, call):
        return f"set up the {scene.noun(call)}"
    said = wish(scene, call, hidden_for_report(scene, call))
    words = said.whole.text if len(said.whole.text) <= _LONGEST else said.main.text
    if unfinished:
        return for_user(f"put in the request to {words}")
    if model.operation == "create" and not (alone and len(words) <= _LONGEST):
        thing = f"{participle(action(model).verb)} {action(model).generic}{action(model).aim}"
        made = for_user(thing.replace(" a ", " the ", 1).replace(" an ", " the ", 1)
                             .replace(" some ", " the ", 1))  # fmt: skip
        # What the new thing is called, where it was given a name.
        own = f"{scene.noun(call).replace(' ', '_')}_name"
        names = [
            str(value)
            for origin, one, value in scene.told(call)
            if one.semantic == "title" and one.use == "field" and "[" not in origin.path
            if is_naming(one.name) or one.name == own
        ]  # fmt: skip
        return f"{made} “{names[0]}”" if len(names) == 1 else made
    changing = model.operation != "create"
    if changing and (changed := _tell_changes(scene, call, hidden_for_report(scene, call))):
        return changed
    words = said.main.text if model.transition is not None else words
    first, _, rest = words.partition(" ")
    asked = load_words("telling", "only_asked") & {*in_words(_find_state(scene, call)).split()}
    if asked - {participle(first)}:  # whoever has requested a return has put it in
        return for_user(f"put in the request to {words}")
    return for_user(f"{participle(first)} {rest}".strip())


def hidden_for_report(scene: Scene, call: int) -> Hidden:
    """What is known when a call is reported: all that came before it."""
    start = scene.numbers(scene.turn_of(call))[0]
    return Hidden(seen=frozenset(range(call)), start=start, resolved=True, brief=True)


def _tell_changes(scene: Scene, call: int, hidden: Hidden) -> str:
    """``changed the city of Ana Ruiz to Vancouver``; empty where the request names the field."""
    model = scene.model(call)
    told, changed = tell_new_value(scene, call, scene.told(call))
    told = [] if changed else [item for item in told if item[1].use == "field"]
    if any("[" in origin.path for origin, _, _ in told):
        return ""  # a list is told with all the rest
    if not changes_fields(model) or action(model).pattern != "{object}" or not (told or changed):
        return ""
    named = object_of(scene, call, hidden)
    thing = named.words.text
    details = changed or [item for item in tell_all(scene, call, told) if item.is_detail]
    if not thing or len(details) > _MOST_NEWS or not all(item.label for item in details):
        return ""
    if thing == "you":
        return f"changed your {join([f'{what_of(one)} to {one.value.text}' for one in details])}"
    parts = [f"the {what_of(item)} of {thing} to {item.value.text}"
             for item in details]  # fmt: skip
    parts[1:] = [part.replace(f" of {thing} ", " ", 1) for part in parts[1:]]
    return f"changed {join(parts)}" if parts else ""


def what_of(item: Told) -> str:
    """What is given another value: ``new city`` → city."""
    return item.label.removeprefix("new ")


def _find_news(scene: Scene, call: int) -> list[SpokenField]:
    """What of the result the user would ask for next."""
    model = scene.model(call)
    if model.operation == "delete":
        return []
    today, news = scene.task.clock[:10], list[SpokenField]()
    if model.operation == "create":
        # When what has been booked is, though the user has said it; and what they corrected.
        given = set(map(str, scene.calls[call].arguments.values()))
        twists = find_twists(scene.task.turns[scene.turn_of(call)], Revision)
        mended = {model.parameter(one.path).field or one.path for one in twists if one.call == call}
        takes = model.verb in load_words("telling", "taking")
        news = [
            one for one in fields_of(scene, call, "")
            if str(one.value) in given
            and (one.name in mended
                 or (takes and one.semantic in ("date", "time") and tell_first(one) <= 2))
        ]  # fmt: skip
    for field in facts_of(scene, call, "", 12):
        if is_text(field) or field.name in _STATUS or field.name.endswith("_reason"):
            continue
        rank, now = tell_first(field), str(field.value).startswith(today)
        counts = field.semantic in ("count", "number", "duration") and rank < 4
        if field.semantic == "count" and field.value == 0:
            continue  # that something new has been renewed 0 times
        due = rank == 2 and not now
        if (model.operation == "create" and (rank in (0, 1) or due or counts)) or (
            model.operation == "update" and rank <= 1 and _is_new(scene, call, field)
        ):
            news.append(field)
    heavy = [field for field in news if field.weighs]
    kept = [*heavy, *(field for field in news if not field.weighs)][: max(_MOST_NEWS, len(heavy))]
    # How it stands, where that is neither what was done nor what such things begin as.
    entity = scene.world.entities.get(model.entity or "")
    usual = load_words("telling", "ordinary") | {entity.start if entity else None}
    done = {find_verb(model.verb).state, participle(model.verb)}
    states = (one for one in fields_of(scene, call, "") if one.name in _STATUS)
    state = next((one for one in states if isinstance(one.value, str)), None)
    if state is not None:
        told = state.value in done or (state.value.lower() in usual and not state.weighs)
        told = told or state.value in scene.calls[call].arguments.values()
        if told or not (model.operation == "create" or _is_new(scene, call, state)):
            state = None
    shown = [] if state is None else [state]
    return [*shown, *(field for field in dict.fromkeys(news) if field in kept)]


def _find_unfinished(scene: Scene, call: int) -> str:
    """How a deed stands that is asked for and not done yet; empty where it is done.

    Software whose installation is queued, a transfer of next week. What is only put on record by
    the deed itself, as an order is, is done whatever becomes of it.
    """
    model, state = scene.model(call), in_words(_find_state(scene, call))
    before_end = (load_words("telling", key) for key in ("to_come", "only_asked", "under_way"))
    if model.operation != "create" or state not in map(in_words, chain(*before_end)):
        return ""
    verb = find_verb(model.verb)
    spelled: list[str] = load_table("states")["spellings"].get(verb.state, [])
    puts_in = model.verb in load_words("telling", "puts_on_record")
    done = state in {verb.state, participle(model.verb), *map(in_words, spelled)}
    given = {in_words(str(one)) for one in scene.calls[call].arguments.values()}
    return "" if puts_in or done or state in given else state


def _find_day_to_come(scene: Scene, call: int) -> SpokenField | None:
    """The day for which something is planned; not that on which it was put in, or was over."""
    planned, now = load_words("telling", "to_come"), scene.task.clock[:19]
    for one in fields_of(scene, call, ""):
        dated = one.semantic in ("date", "datetime") and str(one.value)[:19] > now
        if dated and not tells_making(one.name) and deed_in(one.name) in {"", *planned}:
            return one
    return None


def _find_state(scene: Scene, call: int) -> str:
    """How the thing stands after a write; empty where the result does not tell."""
    fields = fields_of(scene, call, "")
    own = (one for one in fields if one.name in _STATUS and one.semantic not in ADDRESS)
    return next((str(one.value).lower() for one in own), "")


def _is_new(scene: Scene, call: int, field: SpokenField) -> bool:
    """Whether an earlier result had another value of the same row there."""
    entity = scene.world.entities.get(scene.model(call).entity or "")
    result = scene.results[call]
    if entity is None or not isinstance(result, dict):
        return False
    own = {name: result.get(name) for name in entity.identity}
    for number in range(call - 1, -1, -1):
        for _, row in rows_at(scene.results[number]):
            if isinstance(row, dict) and {n: row.get(n) for n in entity.identity} == own:
                return field.weighs if field.name not in row else row[field.name] != field.value
    return False
