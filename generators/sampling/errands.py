"""What speaks against an errand: in what has to be told for it, in what is done, or another tool.

Each function here looks at one `Errand` and is a gate of `generators.sampling.wishes`, which gives
their order and what each is called in words.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from generators.identity_cache import Same
from generators.language.action import action, takes_names
from generators.language.deed_words import is_deed, is_new
from generators.lexicon.foreign_words import is_foreign
from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import is_plural, named_as, singular
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import Verb, find_verb
from generators.sandbox.compute import is_worked_out
from generators.sandbox.own_rows import find_user
from generators.world.known_answers import find_answer
from generators.world.model import (
    Entity,
    ParameterModel,
    ToolModel,
    World,
    is_described,
    split_entity_key,
)
from generators.world.row_relations import find_asking
from generators.world.schema_leaves import leaves_of, members, path_top, result_row
from generators.world.tool_drafts import SOUGHT

_TOOL_NAME = re.compile(r"returned (?:by|when|from)[^.`]*`([\w]+[._][\w.]+)`")
_ANYTHING = re.compile(
    rf"^[^.]*\b(?:an?|the) ({'|'.join(sorted(load_words('inference', 'anything')))})\b",
    re.IGNORECASE,
)
_OF_ONE = re.compile(r"\b(?:of|on|in|for|from) an? (?:specific |given )?(\w+)\b", re.IGNORECASE)
_ID_OF = re.compile(r"(?:the )?(\w+) id\b", re.IGNORECASE)
_BY_KEY = re.compile(
    r"^(?![^.\n]*\b(?:sorted|ordered|grouped|ranked|alphabetically)\b)[^.\n]*"
    r"\b(?:by|using|given) (?:(?:an?|the|its|unique|specific) )*(?:\w+ )?"
    rf"(?:{'|'.join(sorted(load_words('inference', 'keys')))})\b",
    re.IGNORECASE,
)
"""A read's row is known by something that is said: ``by ID``, ``using the order number``."""


@dataclass(frozen=True)
class Errand:
    """A tool's work as somebody might come for it, and the tools beside it."""

    world: World
    model: ToolModel

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the tool's name."""
        return split_words(self.model.tool.clear_name)

    @property
    def verb(self) -> Verb:
        """What is done, by the lexicon."""
        return find_verb(self.model.verb)

    @property
    def entity(self) -> Entity | None:
        """What the work is about; None where nobody knows."""
        return self.world.entities.get(self.model.entity or "")

    @cached_property
    def needed(self) -> list[ParameterModel]:
        """What has to be given."""
        return [one for one in self.model.parameters if one.required]

    @property
    def keys(self) -> list[ParameterModel]:
        """What says which row is meant."""
        return [one for one in self.model.parameters if one.use == "identity"]

    @cached_property
    def shown(self) -> set[str]:
        """The fields of the row that comes back, an inferred one included."""
        tool = self.model.tool.model_copy(update={"returns": self.model.returns})
        return {*members(result_row(tool, self.model.noun))}


def is_unreadable(errand: Errand) -> bool:
    """Whether its words are of another language than that of the rules, and nobody else read them.

    A sum is known by what it takes, whatever is said of it.
    """
    model, tool = errand.model, errand.model.tool
    summed = bool(errand.needed) and is_summed(errand)
    if summed or model.described or is_described(errand.world, model):
        return False
    shown = {"properties": {"": tool.returns or {}}}
    inner = (one.name for schema in (tool.parameters, shown) for one in leaves_of(schema))
    return is_foreign(tool.description, (tool.clear_name, *inner))


def is_summed(errand: Errand) -> bool:
    """Whether its answer is worked out from what it is told."""
    return errand.model.operation == "compute" and is_worked_out(errand.model)


def lets_in(errand: Errand) -> bool:
    """Whether it is a login."""
    return errand.verb.enters


def find_doubt(errand: Errand) -> str:
    """What its world model was guessed from; of an answer that is worked out nothing has to be.

    Nor of a search for whatever there is, which finds entries.
    """
    model = errand.model
    sure = not model.doubts or is_summed(errand)
    sure |= model.act == "search" and model.noun == SOUGHT
    return "" if sure else model.doubts[0]


def find_suspicion(errand: Errand) -> str:
    """What its description says that stands in the way."""
    return next(iter(errand.model.suspect), "")


def leads_elsewhere(errand: Errand) -> bool:
    """Whether it hands the user to people, or looks up who writes."""
    model = errand.model
    user = find_user(Same(errand.world), model.tool.domain)
    return model.hands_over or (user is not None and model.entity == user.key and not model.writes)


def has_no_words(errand: Errand) -> bool:
    """Whether no phrase fits what it does, or the deed that it is told is no word: ``rm``."""
    told = [str(one) for p in errand.needed if is_deed(p) for one in p.schema["enum"]]
    coded = any(find_verb(split_words(one)[0]).words and not is_new(one) for one in told)
    return coded or not action(errand.model).sayable


def lists_choices(errand: Errand) -> bool:
    """Whether it lists what nothing changes and others choose from: airports, categories."""
    model = errand.model
    if model.operation != "list" or model.parameters:
        return False
    others = [one for one in errand.world.models.values() if one is not model]
    written = any(one.writes and one.entity == model.entity for one in others)
    named = any(p.entity == model.entity for one in others for p in one.parameters)
    return named and not written


def sends_file(errand: Errand) -> bool:
    """Whether a file has to be given, or what is done is done with one."""
    model = errand.model
    sent = any(one.schema.get("format") == "binary" for one in model.parameters)
    return model.writes and (sent or errand.verb.word in load_words("inference", "with_files"))


def serves_customer(errand: Errand) -> bool:
    """Whether it gives to the customer what only the service can decide."""
    model = errand.model
    user = find_user(Same(errand.world), model.tool.domain)
    named = {one.entity for one in errand.needed}
    gives = not load_words("inference", "staff_acts").isdisjoint(split_words(model.verb))
    return model.writes and user is not None and user.key in named and gives


def does_many(errand: Errand) -> bool:
    """Whether a write, or what is named so, takes all that it is told in lists: so many rows.

    Or the rows to which it is done by their ids, one after the other: to activate certificates.
    Not what is deleted by the names that people call it.
    """
    if takes_names(errand.model):
        return False
    many = errand.model.writes or "multiple" in errand.words
    listed = [one for one in errand.needed if "[]" in one.path]
    each = errand.model.operation in ("update", "delete") and any(p in errand.keys for p in listed)
    return many and bool(listed) and (each or len(listed) == len(errand.needed))


def is_dictated(errand: Errand) -> bool:
    """Whether a call needs a list of things of which the user has to say more than which.

    Of what is only looked up nobody says either: "find scores: one with the player ID PLA-1". Where
    no part of such a thing is required, some are said all the same.
    """
    model = errand.model
    listed = [
        one for one in model.parameters
        if "[]." in one.path and path_top(one.path) in model.tool.required
    ]  # fmt: skip
    told = [one for one in listed if one.required] or listed
    return any(
        (one.use not in ("identity", "reference") or not model.writes)
        and not one.schema.keys() & {"default", "const"}
        for one in told
    )


def fetches_what_is_there(errand: Errand) -> bool:
    """Whether it reads what stands at an address, of which nobody tells what that is.

    The documents at a URL; those of a repository, where no tool makes or lists such repositories.
    """
    model = errand.model
    untold = not model.writes and model.returns_inferred and model.operation != "compute"
    if not untold or model.tool.returns is not None or find_answer(model.tool) is not None:
        return False
    held = named_as(model.noun) in ("document", "content", "text", "page")
    sites = load_words("inference", "sites") if held else frozenset()
    return any(
        one.semantic == "url" or (one.entity is None and sites & {*noun_words(one.name)})
        for one in errand.needed
    )


def tells_what_is_made(errand: Errand) -> bool:
    """Whether something is told of what is made, or two rows that it ties together.

    A command that is sent to a rover is none before somebody says which; and nobody has the ID of
    a folder that is not there yet.
    """
    told = [p for p in errand.model.parameters if p.use != "option"]
    own = {"id", f"{errand.model.noun.replace(' ', '_')}_id"}
    if any(p.opaque and p.required and p.use != "reference" and snake(p.path) in own for p in told):
        return False
    lone = len(told) == 1 and (told[0].opaque or told[0].use == "reference")
    return bool(told) and not lone


def names_no_row(errand: Errand) -> bool:
    """Whether a call is about one row of many, and nothing that it gives says which.

    Of which there is said to be one alone, no call has to say which.
    Where one is made, whether nothing says what it is like.
    """
    model, words, entity = errand.model, errand.words, errand.entity
    several = "all" in words or is_plural(words[-1]) or "empty" in words
    asking = (one for one in model.demands if one.kind in ("at_least_one", "needed"))
    demanded = {path for one in asking for path in one.parameters}
    needed = {*model.tool.required}
    outer = [p for p in model.parameters if "." not in p.path or path_top(p.path) in needed]
    given = [p for p in model.parameters if (p.required and p in outer) or p.path in demanded]
    if model.operation == "create" and entity is not None and not tells_what_is_made(errand):
        return True
    if given or entity is None or not entity.identity or entity.number == (1, 1):
        return False
    if not (model.parameters or model.writes) and _BY_KEY.search(model.tool.description):
        return not find_asking([model])  # a person's own "by their number": that of who asks
    if model.operation == "list" and not model.parameters:  # "comments on a file", of none
        nouns = {split_entity_key(key)[1] for key in errand.world.entities} - {entity.noun}
        nouns -= load_words("relations", "tenants") | load_words("inference", "people")
        return bool(nouns & {*map(str.lower, _OF_ONE.findall(model.tool.description))})
    if model.operation in ("get", "list"):
        noun = re.escape(entity.noun.rpartition(" ")[2])
        one = re.match(rf"[^.\n]*\b(?:an?|the|single|specific) (?:[\w-]+ ){{0,2}}{noun}\b(?!-)",
                       model.tool.description, re.IGNORECASE)  # fmt: skip
        free = [p for p in model.parameters if p.use not in ("option", "query")]
        named = {noun_words(p.name)[-1:] for p in free}
        told = (str(p.schema.get("description", "")) for p in model.parameters)
        named |= {(found[1].lower(),) for text in told if (found := _ID_OF.match(text))}
        return one is not None and not named.isdisjoint(((noun,), ("id",)))
    return not several


def is_told_from_another(errand: Errand) -> bool:
    """Whether another tool is called alike up to a tail of the name that nobody says.

    To skip to the next track, and to the previous one.
    """
    head, tail = cut_name(errand.model)
    named = {word for one in errand.model.parameters for word in split_words(one.name)}
    if not tail or tail[0] not in ("to", "on", "off") or not named.isdisjoint(tail):
        return False
    others = map(cut_name, errand.world.models.values())
    return any(before == head and after not in ((), tail) for before, after in others)


def cut_name(model: ToolModel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A tool's name before its first preposition, and from there on."""
    words = split_words(model.tool.clear_name)
    ends = load_words("inference", "prepositions") | {"off"}
    at = next((at for at, word in enumerate(words) if at and word in ends), len(words))
    return words[:at], words[at:]


def acts_on_anything(errand: Errand) -> bool:
    """Whether what it is done to need not be told, or never is: to pin an item, to invite users."""
    model, needed = errand.model, errand.needed
    if not model.writes:
        return False
    anything = _ANYTHING.search(model.tool.description)
    said = anything[1] if anything else " ".join(split_words(action(model).generic)[-1:])
    done_to, creates = singular(said), model.operation == "create"
    bare = is_plural(said) and len(needed) < 2  # only in what they are put
    if creates and bare and all(one.use == "reference" for one in needed):
        return True
    named = [p for p in model.parameters if done_to in noun_words(p.name)]
    if done_to in noun_words(model.noun):
        return False
    unnamed = creates and bool(named) and not any(p.required for p in named)
    return unnamed or (anything is not None and not named)


def is_keyed_by_another(errand: Errand) -> bool:
    """Whether the id that it takes is that of another thing: what is done is then done to no row.

    That of what another tool makes, as its description says; or that of what its row lies in, as
    a review of a pull request is deleted by the request's number.
    """
    model, words = errand.model, errand.model.noun.split()
    beside = (one for one in errand.world.entities.values() if one.domain == model.tool.domain)
    owners = [one.noun.split() for one in beside]
    lies_in = [owner for owner in owners if owner == words[: len(owner)] != words]
    for one in errand.keys if model.operation in ("update", "delete") else ():
        described = str(one.schema.get("description", ""))
        for name in _TOOL_NAME.findall(described):
            if {*map(singular, split_words(name))}.isdisjoint(words[-1:]):
                return True
        said = _ID_OF.match(described)
        of = singular(said[1].lower()) if said else ""
        if of and of not in words and any(of in owner for owner in owners):
            return True  # the "Group ID", of a picture
        named = noun_words(one.name)
        if {*words[-1:]}.isdisjoint(named) and any({*named[:1]} & {*owner} for owner in lies_in):
            return True
        if len(errand.keys) == 1 and {*words}.isdisjoint(named) and [*named[:1]] in owners:
            return True  # a picture, by whose it is
        other = snake(one.name).endswith("_id") and {*words}.isdisjoint(named) and bool(named)
        if other and model.act == "transition":
            return True  # a case, by the session in which it is played
    return False


def does_untold(errand: Errand) -> bool:
    """Whether its verb does something, and the row that comes back would show nothing of it.

    An idea that is liked. Or whether words have to be given with it that only who knows the row
    could give: the summary of a session that ends.
    """
    model, entity = errand.model, errand.entity
    if model.act != "transition" or entity is None:
        return False
    worded = any(
        one.use == "field"
        and one.semantic in ("text", "title")
        and load_words("inference", "reasons").isdisjoint(split_words(one.name))
        for one in errand.needed
    )
    shows = errand.shown & entity.fields.keys() - {*entity.identity}
    return worded or (model.transition is None and bool(shows))


def changes_nothing(errand: Errand) -> bool:
    """Whether an update puts something in a row that it can't be told, or that the row won't show.

    Copilot is assigned to an issue, and the issue is answered with its assignees as they were; the
    teams of a channel are set, of which nobody can name one.
    """
    model = errand.model
    if model.operation != "update" or model.transition is not None:
        return False
    written = [one for one in model.parameters if one.use not in ("identity", "option")]
    aimed = bool(errand.verb.to or errand.verb.aimed)
    if aimed and not written and model.returns_inferred:
        return True  # employees are assigned to a shift, and it takes the shift alone
    told = [one for one in written if one.required or not one.opaque]
    unshown = load_words("inference", "unshown")
    if errand.verb.replaces and all(snake(one.name) in unshown for one in told):
        return True
    words = {singular(word) for word in split_words(model.tool.clear_name)}
    words -= {model.verb, *(word for one in model.parameters if one.required
                            for word in noun_words(one.name))}  # fmt: skip
    named = [one for one in written if words & {*noun_words(one.name)}]
    if errand.verb.replaces and named and not any(one in told for one in named):
        return True
    changed = {name for one in told for name in (one.field, one.name)}
    others = errand.shown - {one.field or one.name for one in errand.keys}
    return aimed and len(others) > 1 and not errand.shown & changed


def is_undone_by_choice(errand: Errand) -> bool:
    """Whether a choice that it needs is of deeds, one of which is not its own: to release a brake.

    What comes of each of several deeds nobody knows. Likewise a flag that is a deed, or the
    contrary of its own: to lock the doors, ``unlock``.
    """
    model = errand.model
    if not model.writes:
        return False
    choices = [p for p in errand.needed if len(p.schema.get("enum", ())) > 1]
    deeds = [p for p in choices if all(find_verb(str(one).lower()) for one in p.schema["enum"])]
    flags = [snake(one.name) for one in errand.needed if one.semantic == "boolean"]
    contrary = any(one == f"un{model.verb}" or find_verb(one).state for one in flags)
    own = model.verb not in load_words("inference", "rewriting")
    return contrary or (bool(deeds) and own) or any(map(is_deed, choices))


def makes_unnamed(errand: Errand) -> bool:
    """Whether a new row is shown with a name that nobody gave it: an index by its id alone."""
    model, entity = errand.model, errand.entity
    if model.operation != "create" or entity is None or not model.returns_inferred:
        return False
    titles = {name for name, field in entity.fields.items() if field.semantic == "title"}
    named = {"name", "title"} & titles & errand.shown
    return bool(named) and titles.isdisjoint(one.field for one in model.parameters)
