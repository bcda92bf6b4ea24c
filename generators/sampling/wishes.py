"""Which tools do what somebody who writes might wish for."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from generators.identity_cache import Same
from generators.language.action import action
from generators.language.deed_words import is_thing
from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import dictionary, is_plural, named_as, singular
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sampling.answers import is_found_by_name, promises, says_something, shows_ids_alone
from generators.sandbox.compute import is_worked_out
from generators.sandbox.file_values import wants_media
from generators.sandbox.own_rows import find_user
from generators.sandbox.row_values import is_filed
from generators.sandbox.understood_values import find_unclear
from generators.world.model import ToolModel, World, is_described, split_entity_key
from generators.world.needed_parameters import discards, is_list_of_ids, is_untold_kind
from generators.world.schema_leaves import leaves_of, members, path_top, result_row, schema_type
from schemas.semantic import ADDRESS

_SAID = 7
"""Values that a person tells in two or three messages, where nobody has said how they put it."""
ONLY_CHOICES = "it lists what others choose from"
SAYS_NOTHING = "its answer would say nothing"
_NATURAL = frozenset({"title", "path", "person_name", "company", "email", "city", "country", "url"})
_OPAQUE = frozenset({"opaque_id", "number_id"})
_TOOL_NAME = re.compile(r"returned (?:by|when|from)[^.`]*`([\w]+[._][\w.]+)`")
_ANYTHING = re.compile(
    rf"^[^.]*\b(?:an?|the) ({'|'.join(sorted(load_words('inference', 'anything')))})\b",
    re.IGNORECASE,
)
_FORM = re.compile(r"\b(?:as|in|returns?) (?:an? |valid )?JSON\b|\bincluding sizes\b")
_LISTS = re.compile(r"\breturns?:?\s+(?:an? |the )?(?:list|array)s? of\b", re.IGNORECASE)
_OF_ONE = re.compile(r"\b(?:of|on|in|for|from) an? (?:specific |given )?(\w+)\b", re.IGNORECASE)
_UNSPOKEN = _OPAQUE | {"handle", "boolean", "count", "cursor", "url"}
"""Meanings of what is no text of a message."""


def is_wish(world: World, model: ToolModel) -> bool:
    """Whether somebody would ask for a tool's work, and could."""
    return not find_objection(world, model)


def find_objection(world: World, model: ToolModel) -> str:
    """Why nobody would ask for a tool's work, or could; "" where somebody would.

    It has words, and is not guessed or suspect; people are not asked for as if that were a piece of
    work; nobody comes to be looked up themselves; what staff does for a customer is no wish of
    theirs; what it has to be told can be said; and what it answers says something.
    """
    user = find_user(Same(world), model.tool.domain)
    own = user is not None and model.entity == user.key and not model.writes
    if find_verb(model.verb).enters:
        return "nobody comes to be let in"
    if model.doubts and not (model.operation == "compute" and is_worked_out(model)):
        return f"in doubt: {model.doubts[0]}"
    if _is_calculator(model) and any(one.entity for one in world.models.values()):
        return "nobody comes to a service for a sum"
    if model.suspect:
        return f"its description stands in the way: {model.suspect[0]}"
    if hands_over(model) or own:
        return "it only leads to something else"
    if not action(model).sayable:
        return "nobody would put it into words"
    if model.operation == "list" and not model.parameters and _is_reference(world, model):
        return ONLY_CHOICES
    return "" if is_described(world, model) else _object_untold(world, model)


def is_plain(world: World, model: ToolModel) -> bool:
    """Whether a tool's work is come for where a catalogue has nothing better, in stiff words.

    What others choose from; or a read whose answer is bare, and whose description promises no more
    in words that are understood: what it needs can be told, and what is said of it is true.
    """
    if find_objection(world, model) == ONLY_CHOICES:
        return True
    hindered = model.doubts or model.suspect or hands_over(model) or find_verb(model.verb).enters
    asked = any(one.required for one in model.parameters)
    # A service with a name of its own has more to tell of its things than that there are some.
    special = asked or _PROPER.search(model.tool.description) or not is_thing(model.noun)
    unknown = shows_ids_alone(model) and special
    silent = (promises(model) or unknown) and not says_something(world, model)
    silent = silent or (model.returns_inferred and not model.tool.description.isascii())
    silent = silent or model.operation not in ("get", "list")
    unclear = _find_senselessness(world, model) or _find_unclear(world, model)
    return not (hindered or silent or unclear)


def _is_calculator(model: ToolModel) -> bool:
    """Whether a tool works out what is written down: it serves whoever helps."""
    return model.operation == "compute" and any(
        one.semantic == "expression" for one in model.parameters
    )


def is_senseless(world: World, model: ToolModel) -> bool:
    """Whether what a tool answers is no answer to what it is asked, whatever is shown."""
    return bool(_find_senselessness(world, model))


def _find_senselessness(world: World, model: ToolModel) -> str:
    """Why what a tool answers, or does, makes no sense; "" where it does."""
    reasons: Sequence[tuple[Callable[[ToolModel], bool], str]] = (
        (
            partial(_is_asked_by_another, world),
            "it is asked by a name, and its rows are known by ids",
        ),
        (_is_in_another_form, "nobody writes its answer in the form that it promises"),
        (_shows_one_of_all, "its answer shows one row of many"),
        (_hangs_on_option, "what it answers hangs on what nobody can tell it"),
        (_is_invented, "nothing tells how its answer is worked out"),
        (_hangs_on_listed_ids, "nobody tells ids in a list"),
        (partial(_names_no_row, world), f"nothing says which {model.noun} is meant"),
        (_is_wordless, f"a {model.noun} without its words is none"),
        (_only_discards, "it changes nothing but whether the row is thrown away"),
        (
            partial(_asks_other_times, world),
            "nothing ties the times that it shows to those that are asked for",
        ),
        (partial(_asks_by_page, world), "nothing tells what lies at an address"),
        (partial(_is_of_its_own_kind, world), "nothing tells what such a service calls its rows"),
        (
            partial(_is_known_elsewhere, world),
            "its rows are listed by name, and not by what it asks for",
        ),
        (partial(_is_told_from_another, world), "nothing says what tells it from another tool"),
        (_acts_on_anything, "nothing says what it is done to"),
        (partial(_is_keyed_by_another, world), "nothing says what it is done to"),
        (_changes_nothing, "nothing tells it what to change"),
        (_makes_up, "nothing can hold what it makes up"),
    )
    return next((why for holds, why in reasons if holds(model)), "")


def _object_untold(world: World, model: ToolModel) -> str:
    """Why nobody would ask for it, where nobody has said what the service is for."""
    sent = any(one.schema.get("format") == "binary" for one in model.parameters)
    if model.writes and (
        sent or find_verb(model.verb).word in load_words("inference", "with_files")
    ):
        return "nobody has the file at hand"
    about = world.entities.get(model.entity or "")
    if model.operation == "get" and wants_media(model.name) and about and is_filed(about):
        return "a text shows no image and no sound"
    if _serves_customer(world, model):
        return "only the service can decide it"
    if _count_said(model) > _SAID:
        return "nobody says so many values"
    if _does_many(model) or _does_two_things(model):
        return "it does many things at once"
    if _is_dictated(model):
        return "nobody dictates a list of things field by field"
    unheard = _find_senselessness(world, model) or _find_unclear(world, model)
    if unheard:
        return unheard
    return "" if says_something(world, model) else SAYS_NOTHING


def _find_unclear(world: World, model: ToolModel) -> str:
    """Why a value that it needs could not be said; rows that a list shows are pointed at."""
    entity = world.entities.get(model.entity or "")
    for one in model.parameters:
        pointed = one.use in ("identity", "reference") and is_found_by_name(world, one.entity)
        bound = {"const", "default"} & one.schema.keys()
        unclear = find_unclear(model, entity, one) if one.required and not pointed else ""
        if unclear and not bound:
            return f"{one.path}: {unclear}"
    return ""


def _is_reference(world: World, model: ToolModel) -> bool:
    """Whether a tool lists what nothing changes and others choose from: airports, categories."""
    others = [one for one in world.models.values() if one is not model]
    written = any(one.writes and one.entity == model.entity for one in others)
    named = any(p.entity == model.entity for one in others for p in one.parameters)
    return named and not written


def _shows_one_of_all(model: ToolModel) -> bool:
    """Whether a tool speaks of many rows, or of all, and its result has room for one."""
    words = split_words(model.tool.clear_name)
    if model.operation == "get" and model.returns_inferred:
        return _LISTS.search(model.tool.description) is not None
    many = is_plural(" ".join(words)) or "all" in words
    if model.operation in ("update", "delete"):  # all notifications are marked as read
        keyed = any(one.use in ("identity", "reference") for one in model.parameters)
        shown = {*members(model.returns)}
        every = "all" in words or (many and not keyed)
        return every and model.returns_inferred and len(shown) > 1
    if model.operation == "list":
        about_one = any(one.required and one.use == "identity" for one in model.parameters)
        return not about_one and not any(
            "[]" in leaf.path for leaf in leaves_of({"properties": {"": model.returns}})
        )
    return model.operation == "get" and not model.parameters and many


def _is_in_another_form(model: ToolModel) -> bool:
    """Whether a read promises JSON, or sizes, in an answer that is one text: a tree of a folder."""
    shown = {schema_type(part) for part, _ in members(model.returns).values()}
    text = schema_type(model.returns) == "string" or shown == {"string"}
    read = model.operation in ("get", "list") and not model.returns_inferred
    return read and text and _FORM.search(model.tool.description) is not None


def _hangs_on_option(model: ToolModel) -> bool:
    """Whether what a read answers hangs on a choice that nobody knows, or on what it can't be told.

    The field that is to be returned; the tags of ``find_by_tags``, where none can be given.
    """
    words = split_words(model.tool.clear_name)
    asked = (one for one in model.parameters if one.required and one.use == "option")
    unknown = any("enum" not in one.schema and one.semantic != "cursor" for one in asked)
    if any(map(is_untold_kind, (one for one in model.parameters if one.required))):
        return True
    return not model.writes and (unknown or ("by" in words[1:] and not model.parameters))


def _is_asked_by_another(world: World, model: ToolModel) -> bool:
    """Whether rows are asked for by what is not their id: by a name or a path, by another id."""
    entity = world.entities.get(model.entity or "")
    tool = model.tool.model_copy(update={"returns": model.returns})
    shown = {*members(result_row(tool, model.noun))}
    own = [p.field for p in model.parameters if p.use == "identity"]
    if "id" in shown and own and not shown.intersection(own):
        return True
    named = (p for p in model.parameters if p.use == "identity" and p.semantic in _NATURAL)
    fields = (entity.fields.get(p.field or "") for p in named) if entity else ()
    return any(field is not None and field.semantic in _OPAQUE for field in fields)


def _does_many(model: ToolModel) -> bool:
    """Whether a write, or what is named so, takes all that it is told in lists: so many rows."""
    needed = [one for one in model.parameters if one.required]
    many = model.writes or "multiple" in split_words(model.tool.clear_name)
    return many and bool(needed) and all("[]" in one.path for one in needed)


def _does_two_things(model: ToolModel) -> bool:
    """Whether its name tells of two deeds, of which one goes unsaid: ``create_thread_and_run``."""
    words = split_words(model.tool.clear_name)
    second = words[words.index("and") + 1 :][:1] if "and" in words[1:] else ()
    said = {*split_words(" ".join((*action(model).verbs, action(model).generic)))}
    return bool(second) and model.writes and bool(find_verb(second[0])) and second[0] not in said


def _is_dictated(model: ToolModel) -> bool:
    """Whether a call needs a list of things of which the user has to say more than which."""
    return any(
        one.required and "[]." in one.path and one.use not in ("identity", "reference")
        and not one.schema.keys() & {"default", "const"}
        and re.split(r"[.\[]", one.path)[0] in model.tool.required
        for one in model.parameters
    )  # fmt: skip


def _is_invented(model: ToolModel) -> bool:
    """Whether nobody knows how the answer comes about: a distance, what is nearest."""
    near = load_words("inference", "superlatives") & {*split_words(model.tool.clear_name)}
    if model.operation == "compute":
        return not is_worked_out(model)
    return bool(near) and not model.writes


def _names_no_row(world: World, model: ToolModel) -> bool:
    """Whether a call is about one row of many, and nothing that it gives says which.

    Where one is made, whether nothing says what it is like.
    """
    entity = world.entities.get(model.entity or "")
    words = split_words(model.tool.clear_name)
    several = "all" in words or is_plural(words[-1]) or "empty" in words
    asking = (one for one in model.demands if one.kind in ("at_least_one", "needed"))
    demanded = {path for one in asking for path in one.parameters}
    needed = {*model.tool.required}
    outer = [p for p in model.parameters if "." not in p.path or path_top(p.path) in needed]
    given = [p for p in model.parameters if (p.required and p in outer) or p.path in demanded]
    if given or entity is None or not entity.identity:
        return False
    if model.operation == "list" and not model.parameters:  # "comments on a file", of none
        nouns = {split_entity_key(key)[1] for key in world.entities} - {entity.noun}
        nouns -= load_words("relations", "tenants") | load_words("inference", "people")
        return bool(nouns & {*map(str.lower, _OF_ONE.findall(model.tool.description))})
    if model.operation in ("get", "list"):
        noun = re.escape(entity.noun.rpartition(" ")[2])
        one = re.match(rf"[^.\n]*\b(?:an?|the|single|specific) (?:[\w-]+ ){{0,2}}{noun}\b(?!-)",
                       model.tool.description, re.IGNORECASE)  # fmt: skip
        free = [p for p in model.parameters if p.use not in ("option", "query")]
        return one is not None and any(noun_words(p.name)[-1:] in ((noun,), ("id",)) for p in free)
    return not several


def _is_wordless(model: ToolModel) -> bool:
    """Whether a message or a comment is made without its text, or rows of such show none."""
    worded = load_words("inference", "worded")
    about = model.noun.split()[-1:]
    if model.operation == "create":
        if model.returns_inferred and load_words("inference", "made_of_signs").intersection(about):
            return True
        posted = worded.intersection([*about, model.verb])
        either = {
            path for one in model.demands if one.kind == "at_least_one" for path in one.parameters
        }
        told = (p for p in model.parameters if p.required or p.path in either)
        fields = (
            p for p in told if "enum" in p.schema or p.use in ("field", "filter", "input", "query")
        )
        return (
            bool(posted)
            and model.verb != "request"
            and all(
                p.semantic in _UNSPOKEN or snake(p.name) in load_words("inference", "recipients")
                for p in fields
            )
        )
    if model.operation != "list" or not worded.intersection(about):
        return False
    texts = load_words("inference", "new_texts") | load_words("inference", "new_names")
    shown = leaves_of({"properties": {"": model.returns}})
    named = (one.path.replace("[]", "").rpartition(".")[2] for one in shown)
    return not any(texts.intersection([snake(one), *split_words(one)[-1:]]) for one in named)


def _only_discards(model: ToolModel) -> bool:
    """Whether an update can change nothing but a flag that deletes or archives."""
    if model.operation != "update" or model.transition is not None:
        return False
    changed = [one for one in model.parameters if one.use == "field"]
    return bool(changed) and all(map(discards, changed))


def _asks_other_times(world: World, model: ToolModel) -> bool:
    """Whether a read is asked for a year or a month, and shows dates that do not follow it."""
    entity = world.entities.get(model.entity or "")
    asked = (one for one in model.parameters if one.required and one.use != "identity")
    stretches = load_words("inference", "stretches")
    named = any(stretches & {*split_words(one.name)} for one in asked)
    named = named or bool(
        load_words("inference", "to_come") & {*split_words(model.tool.clear_name)}
    )
    if entity is None or model.writes or not named:
        return False
    shown = members(result_row(model.tool.model_copy(update={"returns": model.returns})))
    fields = (entity.fields.get(name) for name in shown)
    return any(one is not None and one.semantic in ("date", "datetime") for one in fields)


_ID_OF = re.compile(r"(?:the )?(\w+) id\b", re.IGNORECASE)
_PROPER = re.compile(r"(?<=[a-z,(] )[A-Z][a-z]+[A-Za-z]*(?:\.[a-z]+)?\b")
"""A name within a sentence: ``Data.gov``."""


def _is_of_its_own_kind(world: World, model: ToolModel) -> bool:
    """Whether tasks or groups of a service with a name of its own are called as in an office.

    A task of Meilisearch is none that somebody does; of GitHub or Slack it is known. A resource
    group is no group of people, whatever the service.
    """
    entity = world.entities.get(model.entity or "")
    made = model.operation == "create" or not model.returns_inferred
    if entity is None or made or is_described(world, model):
        return False
    if not any(field.semantic == "title" for field in entity.fields.values()):
        return False
    named = named_as(entity.noun)
    if named and {*entity.noun.split()[:-1]} & load_words("unsayable", "machinery"):
        return True
    if named not in load_words("unsayable", "office"):
        return False
    told = (one.tool for one in world.models.values() if one.tool.domain == model.tool.domain)
    said = Counter(
        name
        for one in told
        for name in {*_PROPER.findall(one.description.split("\n\n")[0])}
        if name.lower() in entity.noun.split() or not dictionary().getAllLemmas(name.lower())
    )
    service = max(said, key=lambda name: (said[name], name), default="")
    known = said[service] > 1 or service in model.tool.description
    return bool(service) and known and service not in load_words("unsayable", "offices")


def _asks_by_page(world: World, model: ToolModel) -> bool:
    """Whether a list of made-up rows is asked for by an address at which something else lies."""
    asked = (p for p in model.parameters if p.required and p.semantic == "url")
    made = any(one.operation == "create" and one.entity == model.entity
               for one in world.models.values())  # fmt: skip
    return model.operation == "list" and model.returns_inferred and not made and any(asked)


def _hangs_on_listed_ids(model: ToolModel) -> bool:
    """Whether nothing else has to be told than ids, one after the other."""
    needed = any(p.required and not is_list_of_ids(p) for p in model.parameters)
    return model.writes and not needed and any(map(is_list_of_ids, model.parameters))


def _is_known_elsewhere(world: World, model: ToolModel) -> bool:
    """Whether a row is got by an id that no list of such rows shows, though one tells its name."""
    entity = world.entities.get(model.entity or "")
    asked = [p for p in model.parameters if p.use == "identity" and p.required and p.opaque]
    if model.operation != "get" or entity is None or not asked:
        return False
    lists = (m for m in world.models.values() if m.operation == "list" and m.entity == entity.key)
    shown = [leaf for m in lists for leaf in leaves_of({"properties": {"": m.returns}})]
    named = any(leaf.many and leaf.name in load_words("inference", "new_names") for leaf in shown)
    keys = {*entity.identity[-1:], "id"}
    keyed = any(leaf.many and leaf.name in keys and "pattern" not in leaf.schema for leaf in shown)
    return named and not keyed


def _is_told_from_another(world: World, model: ToolModel) -> bool:
    """Whether another tool is called alike up to a tail of the name that nobody says.

    To skip to the next track, and to the previous one.
    """
    head, tail = _cut_name(model)
    named = {word for one in model.parameters for word in split_words(one.name)}
    if not tail or tail[0] not in ("to", "on", "off") or not named.isdisjoint(tail):
        return False
    others = map(_cut_name, world.models.values())
    return any(before == head and after not in ((), tail) for before, after in others)


def _cut_name(model: ToolModel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A tool's name before its first preposition, and from there on."""
    words = split_words(model.tool.clear_name)
    ends = load_words("inference", "prepositions") | {"off"}
    at = next((at for at, word in enumerate(words) if at and word in ends), len(words))
    return words[:at], words[at:]


def _acts_on_anything(model: ToolModel) -> bool:
    """Whether what it is done to need not be told, or never is: to pin an item, to invite users."""
    if not model.writes:
        return False
    anything = _ANYTHING.search(model.tool.description)
    said = anything[1] if anything else " ".join(split_words(action(model).generic)[-1:])
    done_to, needed = singular(said), [p for p in model.parameters if p.required]
    if (
        model.operation == "create"
        and not needed
        and "to" in split_words(model.tool.clear_name)[1:2]
    ):
        return True  # ``add_to_reminders``
    bare = is_plural(said) and len(needed) < 2  # only in what they are put
    if model.operation == "create" and bare and all(one.use == "reference" for one in needed):
        return True
    named = [p for p in model.parameters if done_to in noun_words(p.name)]
    if done_to in noun_words(model.noun):
        return False
    unnamed = model.operation == "create" and bool(named) and not any(p.required for p in named)
    return unnamed or (anything is not None and not named)


def _is_keyed_by_another(world: World, model: ToolModel) -> bool:
    """Whether the id that it takes is that of another thing: what is done is then done to no row.

    That of what another tool makes, as its description says; or that of what its row lies in, as
    a review of a pull request is deleted by the request's number.
    """
    words = model.noun.split()
    owners = [
        one.noun.split() for one in world.entities.values() if one.domain == model.tool.domain
    ]
    for one in model.parameters if model.operation in ("update", "delete") else ():
        if one.use != "identity":
            continue
        for name in _TOOL_NAME.findall(str(one.schema.get("description", ""))):
            if {*map(singular, split_words(name))}.isdisjoint(words[-1:]):
                return True
        said = _ID_OF.match(str(one.schema.get("description", "")))
        of = singular(said[1].lower()) if said else ""
        if of and of not in words and any(of in owner for owner in owners):
            return True  # the "Group ID", of a picture
        lies_in = [owner for owner in owners if owner == words[: len(owner)] != words]
        named = noun_words(one.name)
        if {*words[-1:]}.isdisjoint(named) and any({*named[:1]} & {*owner} for owner in lies_in):
            return True
    return False


def _changes_nothing(model: ToolModel) -> bool:
    """Whether an update puts something in a row that it can't be told, or that the row won't show.

    Copilot is assigned to an issue, and the issue is answered with its assignees as they were.
    """
    if model.operation != "update" or model.transition is not None:
        return False
    verb = find_verb(model.verb)
    told = [one for one in model.parameters if one.use not in ("identity", "option")]
    if verb.replaces and not told:
        return True
    shown = {*members(result_row(model.tool.model_copy(update={"returns": model.returns})))}
    keys = {one.field or one.name for one in model.parameters if one.use == "identity"}
    changed = {name for one in told for name in (one.field, one.name)}
    return bool(verb.to or verb.aimed) and len(shown - keys) > 1 and not shown & changed


def _makes_up(model: ToolModel) -> bool:
    """Whether a poem or an answer is to be made up, and nothing tells what comes back."""
    words = {model.verb, *split_words(model.tool.clear_name)}
    made = load_words("inference", "makes_up") & words
    return bool(made) and model.tool.returns is None


def hands_over(model: ToolModel) -> bool:
    """Whether a tool hands the user over to people, and needs no more than words for it."""
    words = set(split_words(model.tool.clear_name))
    texts = [p for p in model.parameters if p.required]
    said = [one for one in texts if one.use not in ("identity", "reference")]
    plain = len(said) <= 1 and all(p.schema.get("type") == "string" for p in texts)
    people, hands = load_words("inference", "helpers"), load_words("inference", "hands_over")
    return bool(words & people and words & hands) and plain


def _serves_customer(world: World, model: ToolModel) -> bool:
    """Whether a tool gives to the customer what only the service can decide."""
    user = find_user(Same(world), model.tool.domain)
    named = {one.entity for one in model.parameters if one.required}
    gives = not load_words("inference", "staff_acts").isdisjoint(split_words(model.verb))
    return model.writes and user is not None and user.key in named and gives


def _count_said(model: ToolModel) -> int:
    """How many values a call has to be told: an address is one, in lists each counts twice."""
    told = [one for one in model.parameters if one.required and not one.found]
    plain = [one for one in told if one.semantic not in ADDRESS or one.use != "field"]
    twice = sum("[]." in one.path for one in told)
    return len(plain) + twice + (len(plain) < len(told))
