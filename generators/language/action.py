"""What a tool does, as a person would ask for it: "cancel {object}", "find flights"."""

import re
from dataclasses import dataclass, replace

from generators.identity_cache import remembered
from generators.language.deed_words import (
    DeedWords,
    find_deed_words,
    is_askers,
    is_thing,
    method_of,
    say_verb,
    spoken_noun,
)
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import is_plural, plural, singular, with_article
from generators.lexicon.spoken_values import number_word
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.compute import is_worked_out
from generators.sandbox.tool_results import lone_text, tells_details
from generators.world.known_answers import find_answer
from generators.world.model import ToolModel, split_entity_key
from generators.world.schema_leaves import (
    as_schema,
    members,
    page_place,
    plain_schema,
    schema_type,
)
from generators.world.tool_drafts import SOUGHT
from generators.world.tool_names import telling_words, without_machinery

_ASK = {
    "aspect": ("check", "look up", "find out"),
    "get": ("look up", "pull up", "check the details of", "get the details of"),
    "list": ("find", "look up", "list"),
}
_PREPOSITIONS = frozenset("to of for from in on with by at into".split())
_ONESELF = frozenset({"me", "self", "myself", "whoami"})
_DEFINITE = frozenset({"current", "next", "last", "latest", "local", "own", "first", "same"})
"""Words before a noun of which there is one."""


_EVERY = load_words("exceptions", "determiners") | {"xy", "media", "batch", "bulk", "multi"}


@dataclass(frozen=True)
class Action:
    """A verb and its object. With a row at hand, ``{object}`` is replaced by words for that row."""

    verbs: tuple[str, ...]
    """Base forms that mean the same."""
    pattern: str
    """What follows the verb; ``{object}`` stands for the row, if the action is about one."""
    generic: str
    """The same without a row: "an order"."""
    sayable: bool = True
    """Whether a person would say so; no user asks for the work of a tool of which none would."""
    aim: str = ""
    """Where the object is put, as the description says: " to the meal plan"; or empty."""

    @property
    def verb(self) -> str:
        """The plainest of the verbs."""
        return self.verbs[0]


@remembered
def action(model: ToolModel) -> Action:
    """How people ask for this tool's work."""
    found = _find_action(model)
    reckons = model.operation == "compute" and model.told and find_answer(model.tool) is None
    if not model.spoken or (found.sayable and not reckons) or not (thing := label(model.noun)):
        return found
    # The verb and the noun that somebody has told, where name and description have no words.
    if model.operation == "list" and found.pattern != "{object}":
        return Action(_ASK["list"], plural(thing), plural(thing))
    if model.operation == "get":
        named = any(one.use == "identity" for one in model.parameters)
        one = with_article(thing) if named else f"the {thing}"
        return Action(_ASK["get"][:2], "{object}" if named else one, one)
    if model.operation == "compute":
        made = thing if is_plural(thing.partition(" from ")[0]) else f"the {thing}"
        return Action((model.verb,), made, made)
    return replace(found, verbs=(model.verb,), sayable=True)


def _find_action(model: ToolModel) -> Action:
    words = find_deed_words(model)
    if not model.writes and telling_words(model.tool)[-1] in _ONESELF:
        return Action(("look up", "pull up"), "my own profile", "my own profile")
    if model.operation == "list":
        noun, choice = spoken_noun(model), say_choice(model)
        if any(p.use == "identity" and p.required and "[" not in p.path for p in model.parameters):
            return _look_into(model, noun)
        thing = words.thing if words else ""
        if noun and _is_spoken_of(model, noun):
            own = f"{choice}{noun}"
            more = is_plural(thing) and not choice and not model.told and _leaves_unsaid(model, own)
            thing = thing if more else own
        elif not is_plural(thing):
            thing = ""
        many = plural(_without_owner(model, thing)) or plural(label(model.noun or "entry"))
        said = bool(thing) and (model.told or not _leaves_unsaid(model, thing))
        said |= model.act == "search" and model.noun == SOUGHT  # whatever there is
        return Action(_ASK["list"], many, many, said)
    if model.operation == "get":
        return _look_up(model, words)
    if model.operation == "compute" and any(p.semantic == "expression" for p in model.parameters):
        return Action(("calculate", "work out"), "", "something")
    if model.operation == "compute" and (answer := find_answer(model.tool)):
        return Action(answer.verbs, answer.object, answer.object or "something")
    if model.operation == "compute":
        return _work_out(model, words)
    return _change(model, words)


def _look_into(model: ToolModel, noun: str) -> Action:
    """What lies in a thing that its id names; or the thing, where that is the answer."""
    searched = find_verb(model.verb).searches
    if searched and any(p.use == "query" and p.required for p in model.parameters):
        many = plural(noun)  # in a folder: what is named is no file
        return Action(("find", "look up"), many, many, bool(noun))
    verbs: tuple[str, ...] = ("list", "look into", "show")
    if searched:
        verbs = (model.verb,) if find_verb(model.verb).noun else ("find", "look up")
    elif model.verb != "list" and _answers_with_row(model):
        verbs = _ASK["get"]
    return Action(verbs, "{object}", with_article(noun), bool(noun))


def _answers_with_row(model: ToolModel) -> bool:
    """Whether what is asked for by its id is answered with itself, and with no rows within it."""
    shown = {name: plain_schema(part) for name, (part, _) in members(model.returns).items()}
    listed = any(members(as_schema(one.get("items"))) for one in shown.values())
    own = (one.field for one in model.parameters if one.use == "identity")
    return not listed and any(one in shown for one in own)


def _look_up(model: ToolModel, words: DeedWords | None) -> Action:
    noun, rest, choice = spoken_noun(model), _words_beside(model), say_choice(model)
    if not any(p.use == "identity" for p in model.parameters):
        thing = f"{choice}{noun}" if choice and noun else words.thing if words else noun
        sayable = bool(thing) and not _leaves_unsaid(model, thing)
        return Action(_ASK["get"][:2], f"the {thing}", f"the {thing}", sayable)
    # ``duplicates of {object}``: rows that are found by a row that they are like.
    likeness = load_table("exceptions")["likeness"]
    alike = next((likeness[word] for word in rest if word in likeness), "")
    if alike and noun:
        alike = alike.replace("{many}", plural(noun))
        return Action(_ASK["list"], f"{alike} {{object}}", f"{alike} {with_article(noun)}")
    if aspect := _find_aspect(model, rest):
        what = f"the {label(' '.join(aspect))} of"
        sayable = bool(noun) and is_thing(label(" ".join(aspect)), strictly=True)
        one = with_article(noun or "entry")
        return Action(_ASK["aspect"], f"{what} {{object}}", f"{what} {one}", sayable)
    method = method_of(model)  # not "get project of the project"
    said = split_words(str(method.schema["enum"][0])) if method else ()
    twice = bool(said[1:]) and said[1:] == split_words(noun)
    verbs = _ASK["get"]
    if lone_text(model.returns, None) is not None:  # what stands in a file, or what is known of it
        verbs = verbs[2:] if tells_details(model) else verbs[:2]
        verbs = ("read", "open") if model.verb == "read" else verbs
    return Action(verbs, "{object}", with_article(noun or "entry"), bool(noun) and not twice)


def _work_out(model: ToolModel, words: DeedWords | None) -> Action:
    # Who has two numbers subtracted does not say "subtract the second number".
    plain = {one.semantic for one in model.parameters} <= {"number", "number_id", "count"}
    several = plain and len(model.parameters) > 1
    partly = several and words is not None and words.thing in [p.label for p in model.parameters]
    if (words is None or partly) and model.parameters and is_worked_out(model):
        numbers = f"{number_word(len(model.parameters))} numbers"
        return Action((model.verb,), numbers, numbers, sayable=plain and bool(model.verb))
    if words is None:
        return Action((model.verb or "use",), label(model.noun), label(model.noun), sayable=False)
    some = words.article in ("a", "an") and words.verb.operation != "get"
    made = f"{with_article(words.thing)}" if some else f"the {words.thing}"
    made = " ".join([made, *filter(None, find_form(model))])
    reads = words.verb.operation in ("get", "list")
    return Action(("get", "look up") if reads else (words.said,), made, made)


@remembered
def find_form(model: ToolModel) -> tuple[str, str]:
    """What a name and its description say that a text is worked into: ``to``, ``base64``.

    Empty where they name no such form, or a parameter says which one is meant.
    """
    words = find_deed_words(model) if model.operation == "compute" else None
    if words is None:
        return "", ""
    said = re.search(
        rf"\b{re.escape(words.thing)}s? ((?:in)?to|as|in|with|using) (\w[\w-]*)",
        model.tool.description, re.IGNORECASE,
    )  # fmt: skip
    named = re.sub(r"\W", "", said[2].lower()) if said else ""
    told = {word for one in model.parameters for word in split_words(one.name)}
    if said is None or named not in {*split_words(model.tool.clear_name)} - told:
        return "", ""
    return said[1].lower(), said[2]


@remembered
def takes_names(model: ToolModel) -> bool:
    """Whether rows are deleted by a list of what people call them, and of nothing else."""
    needed = [one for one in model.parameters if one.required]
    return model.operation == "delete" and bool(needed) and all(
        one.use == "identity" and one.path == f"{one.name}[]" and one.entity == model.entity
        and one.semantic in ("title", "handle", "path", "person_name", "label")
        for one in needed
    )  # fmt: skip


def _change(model: ToolModel, words: DeedWords | None) -> Action:
    """Something is made, changed or deleted."""
    noun, rest = label(model.noun) if model.noun else "entry", _words_beside(model)
    verb = say_verb(model.verb)
    vague = verb in load_words("exceptions", "vague_verbs")
    uses = {parameter.use for parameter in model.parameters}
    if rest[:1] == ["to"] and len(rest) > 1 and model.operation == "create":
        where = singular(label(" ".join(rest[1:])))
        if model.hands_over:  # ``transfer_to_human_agents``
            to_whom = f"me to {with_article(where)}"
            return Action((verb,), to_whom, to_whom)
        thing = with_article(words.thing) if words and words.thing else ""
        return Action((verb,), thing, thing, bool(thing), f" to the {where}")
    if takes_names(model):
        return Action((verb,), with_article(noun), with_article(noun), _is_spoken_of(model, noun))
    if model.operation == "create" or "identity" not in uses:
        if words is None or words.said in load_words("exceptions", "vague_verbs"):
            return Action((verb or "do",), with_article(noun), with_article(noun), sayable=False)
        own = singular(words.thing) == singular(label(model.noun))
        thing = _without_owner(model, words.thing) if own else words.thing
        thing = singular(thing) if own and _makes_one(model) else thing
        some = model.operation == "create" and thing.split()[0] not in _DEFINITE
        # ``an engine`` → ``the engine``: what nothing tells from others is the only one.
        refers = any(one.use == "reference" and one.required for one in model.parameters)
        lone = not (some or refers or is_plural(thing))
        definite = lone or thing.split()[0] in _DEFINITE or words.article == "the"
        made = f"the {thing}" if definite else with_article(thing)
        needed = any(one.required for one in model.parameters)
        every = model.operation == "delete" and is_plural(thing) and not (needed or words.article)
        if words.article == "some" or (words.article == "all" and not some) or every:
            made = f"{words.article or 'all'} {thing}"  # what nothing narrows is all that there is
        return Action((words.said,), made, made, aim="" if own else _find_aim(model, thing))
    # A change: of the row itself, or of something about it: "the address of {object}".
    light = vague or find_verb(model.verb).light
    sayable = bool(spoken_noun(model)) and _is_spoken_of(model, noun) and not light
    noun = spoken_noun(model) or noun
    aspect = _find_aspect(model, rest)
    if model.told and model.spoken:  # the name's own verb is no aspect: ``hset``, said "set"
        given = [list(split_words(one.name)) for one in model.parameters]
        aspect = next((one for one in given if aspect[-len(one) :] == one), [])
    asking = aspect in (["user"], ["users"])  # whoever asks: "save_albums_user"
    listed = bool(aspect) and is_plural(aspect[-1])
    if not aspect or asking or model.operation == "delete" or (model.transition and not listed):
        return Action((verb,), "{object}", with_article(noun), sayable)
    what, preposition = label(" ".join(aspect)), find_verb(verb).to or "of"
    told = next((p.label for p in model.parameters
                 if p.label and split_words(p.name) == tuple(aspect)), None)  # fmt: skip
    what, known = (told, True) if told and not is_thing(what, strictly=True) else (what, False)
    sayable = sayable and (known or is_thing(what, strictly=True))
    if singular(what) in load_words("exceptions", "uncounted"):
        what = singular(what)
    flag = what.removesuffix(" state")
    flags = (p.name for p in model.parameters if p.semantic == "boolean" and p.required)
    if flag != what and flag in map(label, flags):  # ``mark the pull request as a draft``
        return Action(("mark",), "{object}", with_article(noun), sayable)
    whole = f"{with_article(what) if preposition == 'to' else f'the {what}'} {preposition}"
    if model.transition:
        whole = f"{what} {preposition}"  # ``return items of {object}``: not all of them
    return Action((verb,), f"{whole} {{object}}", f"{whole} {with_article(noun)}", sayable)


def _makes_one(model: ToolModel) -> bool:
    """Whether a call makes one row: ``create_contacts`` of a name, which is no list of any."""
    lists = schema_type(model.returns) == "array" or page_place(model.returns)
    several = any("[]" in one.path and (one.use != "field" or "[]." in one.path)
                  for one in model.parameters)  # fmt: skip
    told = any(one.use == "field" and "[" not in one.path for one in model.parameters)
    return model.operation == "create" and told and not (lists or several)


def _find_aim(model: ToolModel, thing: str) -> str:
    """Where a description puts what is added, if that is of the thing made: to the meal plan."""
    head = re.escape(thing.split()[-1])
    said = re.search(
        rf"\b{head} (to|into|in) (?:the|an?|your|my|this) (\w+(?: \w+)?)(?=[.,;:\n]|$)",
        model.tool.description, re.IGNORECASE,
    )  # fmt: skip
    where = {*split_words(said[2])} if said else set()
    named = any(where <= {*split_words(one.name)} for one in model.parameters)
    if said is None or named or not where <= {*split_words(model.noun)}:
        return ""
    return f" {said[1].lower()} the {label(said[2].lower())}"


def aspect_of(model: ToolModel) -> str:
    """What a change is about, as its name says: ``title`` of "update the title of …"."""
    return action(model).pattern.removesuffix(" of {object}").removeprefix("the ")


def say_choice(model: ToolModel) -> str:
    """What a name says that the rows are: ``now playing `` of ``movie_now_playing``."""
    told = load_words("inference", "trailing") | load_words("inference", "qualifiers")
    told -= _EVERY | ({"current"} if is_askers(model) else set())
    said = [word for word in _words_beside(model) if word in told]
    return f"{' '.join(said)} " if said else ""


def _words_beside(model: ToolModel) -> list[str]:
    """The words of the name beside its verb, without the domain before them."""
    words = list(without_machinery(telling_words(model.tool)))
    while len(words) > 1 and words[0] in split_words(model.tool.domain):
        words.pop(0)
    said = model.verb.split()
    if words[: len(said)] == said:
        return words[len(said) :]
    return [word for word in words if word not in said]


def _find_aspect(model: ToolModel, rest: list[str]) -> list[str]:
    """What a name says beside verb and noun: ``title`` in update_issue_title.

    Words before the noun describe it (``latest`` release) and are no aspect.
    """
    own = split_words(model.noun)
    nouns = {*map(singular, own), *own}
    words: list[str] = []
    for word in rest:
        if word in _PREPOSITIONS:
            break
        if word in nouns or singular(word) in nouns:
            words = []
        elif singular(word) not in load_words("inference", "generic") or (word == "list" and words):
            words.append(word)
    return words


def _without_owner(model: ToolModel, thing: str) -> str:
    """``issue comment`` → ``comment``, where the tool names the issue that it belongs to."""
    nouns = [
        label(split_entity_key(parameter.entity)[1])
        for parameter in model.parameters
        if parameter.use in ("reference", "identity") and parameter.entity
    ]
    nouns += ["user"] if is_askers(model) else []
    nouns = [noun for noun in nouns if thing.startswith(f"{noun} ")]
    return thing.removeprefix(max(nouns, key=len, default="")).strip() or thing


def _leaves_unsaid(model: ToolModel, thing: str) -> bool:
    """Whether the name has words that nothing says: ``airing_today`` of TV shows.

    Nouns before the thing are a group of tools.
    """
    texts = [thing, model.verb, *(p.path for p in model.parameters)]
    texts += [split_entity_key(p.entity)[1] for p in model.parameters if p.entity]
    said = {singular(word) for text in texts for word in split_words(text)}
    begun, words = False, _words_beside(model)
    for at, word in enumerate(words):
        if word in _PREPOSITIONS:  # on the air
            tail = {*words[at + 1 :]} - _EVERY - _PREPOSITIONS
            alone = (
                model.operation == "list"
                and word != "by"
                and not any(one.required for one in model.parameters)
            )
            return alone and bool(tail) and said.isdisjoint(map(singular, tail))
        plain = word in _EVERY or singular(word) in load_words("inference", "generic")
        if singular(word) in said or label(singular(word)) in thing:
            begun = True
        elif not plain and not find_verb(word) and (begun or not is_thing(word)):
            return True
    return False


def _is_spoken_of(model: ToolModel, noun: str) -> bool:
    """Whether the tool's texts or parameters name the thing that it is about."""
    head = singular(noun.rpartition(" ")[2])
    texts = f"{model.tool.title} {model.tool.description}"
    names = " ".join(p.name for p in model.parameters if p.use == "identity")
    return any(singular(word) == head for text in (texts, names) for word in split_words(text))
