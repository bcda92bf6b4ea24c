"""Whether what a read answers says anything to whoever asked.

Ids, links and times of creation say nothing, nor does what was asked by; of many rows each has to
bear a name, or to differ in something that a person would read. The functions of an `Errand` are
gates of `generators.sampling.wishes`, which gives their order and what each is called in words.
"""

import re
from collections import Counter
from functools import lru_cache

from generators.identity_cache import Same
from generators.language.facts import has_spoken_ids
from generators.language.references import name_noun
from generators.lexicon.date_field_names import tells_making
from generators.lexicon.names import in_words, noun_words, snake, split_words
from generators.lexicon.nouns import is_english, is_plural, named_as, singular
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sampling.errands import Errand
from generators.sandbox.compute import is_worked_out
from generators.sandbox.file_values import wants_media
from generators.sandbox.row_values import is_filed
from generators.world.model import Entity, ParameterModel, ToolModel, World, is_described
from generators.world.needed_parameters import is_untold_kind
from generators.world.schema_leaves import leaves_of, members, path_top, result_row, schema_type
from generators.world.semantics import semantic_type
from schemas.semantic import SemanticType

_SILENT = frozenset({"opaque_id", "number_id", "url", "cursor", "sha", "color", "object", "list"})
"""Meanings of values that tell rows apart, or lead to them, and say nothing of them."""
_NUMBERS = frozenset({"number", "no", "num", "nr"})
_NAMES = frozenset(
    "title person_name first_name last_name company email handle path text number_id branch "
    "label".split()
)
"""Meanings by which a person tells rows of a list apart."""
_MARKS = frozenset("date datetime time money city country airport phone street address".split())
"""Others that tell rows apart, if there are two of them."""
_KEYS = frozenset({"opaque_id", "number_id", "url", "cursor", "sha"})
"""Meanings of values that nobody says: of these, what only leads to a row."""
_ALIKE = frozenset({"enum", "boolean"})
"""Those of which many rows have one and the same."""
_FILES = frozenset({"document", "folder"})
_WORD = 4
"""Letters of a word that tells something."""
_NATURAL = frozenset({"title", "path", "person_name", "company", "email", "city", "country", "url"})
_CALLED = frozenset({"title", "company", "person_name", "handle", "text", "label", "unknown"})
"""Meanings by which a firm may be called."""
_CALLS = frozenset({"title", "company", "person_name", "number_id"})
"""Meanings of what a row is called, or numbered, and of nothing besides."""
_OPAQUE = frozenset({"opaque_id", "number_id"})
_WORDED = frozenset({"text", "query", "title", "unknown"})
_UNSPOKEN = _OPAQUE | {"handle", "boolean", "count", "cursor", "url"}
"""Meanings of what is no text of a message."""
_FORM = re.compile(r"\b(?:as|in|returns?) (?:an? |valid )?JSON\b|\bincluding sizes\b")
_LAID_OUT = re.compile(
    r"\breturns?:?\s+(?:an? |the )?(?:markdown|csv|html|ascii|yaml)\b", re.IGNORECASE
)
"""A form in which no row is: ``Returns a Markdown table``."""
_ANSWERS = re.compile(
    r"\W*answer(?:s|ing)?\b[^.\n]*\b(?:question|query|queries|prompt)s?\b", re.IGNORECASE
)
_QUESTION = re.compile(
    r"(?:[\w'\u2019-]+ ){0,3}?(question|prompt|instruction)s?"
    r"(?= (?:about|to|for|on|of|in|with|that|you)\b|\W*$|[.,:;]| \()",
    re.IGNORECASE,
)
"""What is put to something that understands it: ``the user's question`` about an image."""
_LISTS = re.compile(
    r"\breturns?:?\s+(?:an? |the )?(?:list|array)s? of\b|\b(?:about|of) all (?:the )?\w+s\b", re.I
)
_SMALL_CHANGE = re.compile(r"\b(?:price|amount|total|cost)s?\b[^.\n]{0,24}\bcents\b", re.IGNORECASE)
_MAPPED = re.compile(r"\breturns? (?:an? )?(?:map|mapping|dictionary) of\b", re.IGNORECASE)
PROPER = re.compile(r"(?<=[a-z,(] )[A-Z][a-z]+[A-Za-z]*(?:\.[a-z]+)?\b")
"""A name within a sentence: ``Data.gov``."""


def says_something(world: World, model: ToolModel) -> bool:
    """Whether a read's answer holds more than ids, links and what it was asked by."""
    if model.operation not in ("get", "list"):
        return True
    # Path and meaning of what the result's row, or the lone result, tells a person.
    found: dict[str, SemanticType] = {}
    row = result_row(model.tool.model_copy(update={"returns": model.returns}), model.noun)
    row = row or model.returns
    entity = world.entities.get(model.entity or "")
    asked = {one.field or one.name for one in model.parameters if one.required}
    if entity is not None and is_filed(entity) and named_as(model.noun) not in _FILES:
        asked.update(entity.identity)  # what such a file is called nobody knows: a memory dump
    kept = load_words("telling", "bookkeeping") | load_words("inference", "unshown")
    for leaf in leaves_of(row):
        name = path_top(leaf.path)
        field = entity.fields.get(name) if entity is not None else None
        told = field if field is not None and leaf.path.replace("[]", "") == name else None
        semantic = told.semantic if told else semantic_type(leaf.name, leaf.schema)
        words = {*split_words(leaf.name), *noun_words(leaf.name)}
        spoken = load_words("telling", "spoken_ids") & (words | {model.noun.rpartition(" ")[2]})
        silent = semantic in _SILENT or (told is not None and told.entity)
        # Where something else lies is made up.
        lies = semantic == "path" and model.returns_inferred and not (entity and is_filed(entity))
        known = semantic == "number_id" and spoken
        # How it stands is not shown before somebody changes it, where nobody tells the states.
        later = told is not None and entity is not None and told.name == entity.state_field
        lies |= later and told is not None and bool(told.only_in) and model.returns_inferred
        if (known or not silent) and not lies and leaf.path not in asked and not words & kept:
            found[leaf.path] = semantic
    named = len(found) == 1 and _CALLS.issuperset(found.values())
    if model.operation == "get" and model.returns_inferred and named:
        return False  # whoever asks for a row wants to know more than how it is called
    if model.operation == "get":  # of what stands in a list, flags and numbers tell nobody anything
        return any("[]" not in path or one in _NAMES | _MARKS for path, one in found.items())
    own = [one for path, one in found.items() if "[]" not in path and not tells_making(path)]
    if named_as(model.noun) == "firm" and _CALLED.isdisjoint(own):
        return False  # whoever lists firms wants to know which
    return any(one in _NAMES for one in own) or sum(one in _MARKS for one in own) > 1


def promises(model: ToolModel) -> bool:
    """Whether a description tells of more than the thing itself: its price, what is in it."""
    own = {*noun_words(model.noun), *noun_words(model.tool.clear_name), model.verb}
    plain = load_words("inference", "generic") | load_words("inference", "qualifiers")
    words = {*noun_words(model.tool.description)} - own - plain
    words -= load_words("inference", "prepositions") | load_words("inference", "keys")
    told = (word for word in words if len(word) >= _WORD and word.isascii())
    return any(find_verb(word).operation is None for word in told)


def shows_ids_alone(model: ToolModel) -> bool:
    """Whether nobody has said what comes back, and the row that is made up is a bare id."""
    row = result_row(model.tool.model_copy(update={"returns": model.returns}), model.noun)
    leaves = [*leaves_of(row)]
    dated = (one for one in leaves if not tells_making(one.name))
    meanings = {semantic_type(leaf.name, leaf.schema) for leaf in dated}
    return model.returns_inferred and bool(leaves) and meanings <= _SILENT


def lists_bare_ids(world: World, model: ToolModel) -> bool:
    """Whether rows of a list show nothing but ids that nobody says, links, times of making.

    Nor do choices and flags tell one from another: of ten subscriptions most are monthly.
    """
    if model.operation != "list" or has_spoken_ids(model.noun):
        return False
    row = result_row(model.tool.model_copy(update={"returns": model.returns}), model.noun)
    entity = world.entities.get(model.entity or "")
    fields = entity.fields if entity is not None else {}
    for leaf in leaves_of(row):
        told = fields.get(leaf.path)
        semantic = told.semantic if told else semantic_type(leaf.name, leaf.schema)
        linked = told is not None and told.entity is not None
        if not (linked or semantic in _KEYS | _ALIKE or tells_making(leaf.name)):
            return False
    return bool(members(row))


def is_found_by_name(world: World, entity: str | None) -> bool:
    """Whether a tool lists the rows of an entity with what a person tells them apart by."""
    return any(
        model.operation == "list" and model.entity == entity and says_something(world, model)
        for model in world.models.values()
    )


def is_never_said(world: World, parameter: ParameterModel) -> bool:
    """Whether it is a bare number that no person would say, whichever it is: of a comment."""
    if parameter.semantic != "number_id" or {"const", "default"} & parameter.schema.keys():
        return False
    noun = name_noun(world, parameter)
    spoken = " " not in noun or noun in load_words("telling", "spoken_ids")
    return not is_numbered(parameter) and not (spoken and has_spoken_ids(noun))


def is_numbered(parameter: ParameterModel) -> bool:
    """Whether its name says that it is a number: ``issue_number``."""
    return split_words(parameter.name)[-1] in _NUMBERS


def says_nothing(errand: Errand) -> bool:
    """Whether its answer holds nothing that somebody would want to know."""
    return not says_something(errand.world, errand.model)


def tells_by_date(errand: Errand) -> bool:
    """Whether it lists rows without names, which would be told apart by their dates alone."""
    tool = errand.model.tool.model_copy(update={"returns": errand.model.returns})
    rows = result_row(tool, errand.model.noun) or errand.model.returns
    leaves = [*leaves_of({"properties": {"": rows}})]
    called = load_words("inference", "new_names")
    meanings = {semantic_type(one.name, one.schema) for one in leaves}
    named = any(called & {snake(one.name), *split_words(one.name)} or one.name.endswith("name")
                for one in leaves)  # fmt: skip
    dated = not meanings.isdisjoint(("date", "datetime")) and meanings.isdisjoint(_NAMES)
    return errand.model.operation == "list" and dated and not named


def shows_media(errand: Errand) -> bool:
    """Whether the answer is an image or a sound, which a text cannot show."""
    filed = errand.entity is not None and is_filed(errand.entity)
    return errand.model.operation == "get" and wants_media(errand.model.name) and filed


def is_asked_by_another(errand: Errand) -> bool:
    """Whether rows are asked for by what is not their id: by a name or a path, by another id."""
    shown, entity = errand.shown, errand.entity
    own = [one.field for one in errand.keys]
    if "id" in shown and own and not shown.intersection(own):
        return True
    named = (one for one in errand.keys if one.semantic in _NATURAL)
    fields = (entity.fields.get(one.field or "") for one in named) if entity else ()
    return any(field is not None and field.semantic in _OPAQUE for field in fields)


def is_in_another_form(errand: Errand) -> bool:
    """Whether a read promises JSON, or sizes, in one text, or a table or a map in rows."""
    model = errand.model
    said, rows = model.tool.description, result_row(model.tool, model.noun)
    if (rows and _MAPPED.search(said)) or (model.returns_inferred and _SMALL_CHANGE.search(said)):
        return True
    if model.returns_inferred and not model.writes:
        return _LAID_OUT.search(model.tool.description) is not None
    shown = {schema_type(part) for part, _ in members(model.returns).values()}
    text = schema_type(model.returns) == "string" or shown == {"string"}
    read = model.operation in ("get", "list")
    return read and text and _FORM.search(model.tool.description) is not None


def shows_one_of_all(errand: Errand) -> bool:
    """Whether a tool speaks of many rows, or of all, and its result has room for one."""
    model, words = errand.model, errand.words
    if model.operation == "get" and model.returns_inferred:
        return _LISTS.search(model.tool.description) is not None
    many = is_plural(" ".join(words)) or "all" in words
    if model.operation in ("update", "delete"):  # all notifications are marked as read
        keyed = any(one.use in ("identity", "reference") for one in model.parameters)
        every = "all" in words or (many and not keyed)
        return every and model.returns_inferred and len({*members(model.returns)}) > 1
    if model.operation == "list":
        about_one = any(one.required for one in errand.keys)
        shown = leaves_of({"properties": {"": model.returns}})
        return not about_one and not any("[]" in leaf.path for leaf in shown)
    return model.operation == "get" and not model.parameters and many


def hangs_on_option(errand: Errand) -> bool:
    """Whether what a read answers hangs on a choice that nobody knows, or on what it can't be told.

    The field that is to be returned; the tags of ``find_by_tags``, where none can be given.
    """
    if any(map(is_untold_kind, errand.needed)):
        return True
    asked = (one for one in errand.needed if one.use == "option")
    unknown = any("enum" not in one.schema and one.semantic != "cursor" for one in asked)
    untold = "by" in errand.words[1:] and not errand.model.parameters
    return not errand.model.writes and (unknown or untold)


def is_invented(errand: Errand) -> bool:
    """Whether nobody knows how the answer comes about: a distance, what is nearest."""
    if errand.model.operation == "compute":
        return not is_worked_out(errand.model)
    near = load_words("inference", "superlatives") & {*errand.words}
    return bool(near) and not errand.model.writes


def makes_up(errand: Errand) -> bool:
    """Whether a poem or an answer is to be made up, and nothing tells what comes back.

    No row is the answer to a question that is put to what understands it, whatever bears it.
    """
    model = errand.model
    told = {model.verb, *errand.words} - {*model.noun.split()}  # to archive a chat
    made = load_words("inference", "makes_up") & told
    asks = not model.writes and not model.described and _is_asked(errand)
    return asks or (bool(made) and model.tool.returns is None)


def _is_asked(errand: Errand) -> bool:
    """Whether it is told a question, or is said to answer what the user asks."""
    worded = (one for one in errand.needed if one.semantic in _WORDED)
    told = (x for p in worded for x in (in_words(p.path), str(p.schema.get("description", ""))))
    found = [one for one in map(_QUESTION.match, told) if one]
    asked = any(singular(one[1].lower()) not in errand.model.noun.split() for one in found)
    return asked or (bool(errand.needed) and bool(_ANSWERS.match(errand.model.tool.description)))


def is_wordless(errand: Errand) -> bool:
    """Whether a message or a comment is made without its text, or rows of such show none."""
    model, about = errand.model, errand.model.noun.split()[-1:]
    worded = load_words("inference", "worded")
    if model.operation == "create":
        drawn = not load_words("inference", "made_of_signs").isdisjoint(about)
        posted = model.verb != "request" and not worded.isdisjoint([*about, model.verb])
        if not posted:
            return model.returns_inferred and drawn
        # Whether one of the values that a call has to be told, or may choose from, is a text.
        either = {path for one in model.demands if one.kind == "at_least_one"
                  for path in one.parameters}  # fmt: skip
        fields = (
            one for one in model.parameters if (one.required or one.path in either)
            and ("enum" in one.schema or one.use in ("field", "filter", "input", "query"))
        )  # fmt: skip
        unsaid = load_words("inference", "recipients")
        tells = any(p.semantic not in _UNSPOKEN and snake(p.name) not in unsaid for p in fields)
        return (model.returns_inferred and drawn) or not tells
    if model.operation != "list" or worded.isdisjoint(about):
        return False
    texts = load_words("inference", "new_texts") | load_words("inference", "new_names")
    shown = leaves_of({"properties": {"": model.returns}})
    named = (one.path.replace("[]", "").rpartition(".")[2] for one in shown)
    return not any(texts.intersection([snake(one), *split_words(one)[-1:]]) for one in named)


def asks_other_times(errand: Errand) -> bool:
    """Whether a read is asked for a year or a month, and shows dates that do not follow it."""
    entity, stretches = errand.entity, load_words("inference", "stretches")
    asked = (one for one in errand.needed if one.use != "identity")
    named = any(stretches & {*split_words(one.name)} for one in asked)
    named = named or bool(load_words("inference", "to_come") & {*errand.words})
    if entity is None or errand.model.writes or not named:
        return False
    fields = map(entity.fields.get, errand.shown)
    return any(one is not None and one.semantic in ("date", "datetime") for one in fields)


def is_of_its_own_kind(errand: Errand) -> bool:
    """Whether tasks or groups of a service with a name of its own are called as in an office.

    A task of Meilisearch is none that somebody does; of GitHub or Slack it is known. A resource
    group is no group of people, whatever the service. Conferences are no meetings, and a collection
    that nobody makes is nobody's list of favourites.
    """
    model, entity = errand.model, errand.entity
    if entity is None or is_described(errand.world, model):
        return False
    titled = any(field.semantic == "title" for field in entity.fields.values())
    if titled and (is_public(model, entity.noun) or is_nobodys(errand.world, entity)):
        return True
    made = model.operation == "create" or not model.returns_inferred
    if made or not titled:
        return False
    named = named_as(entity.noun)
    if named and {*entity.noun.split()[:-1]} & load_words("unsayable", "machinery"):
        return True
    if named not in load_words("unsayable", "office"):
        return False
    said = _count_names(Same(errand.world), model.tool.domain, entity.noun)
    service = max(said, key=lambda name: (said[name], name), default="")
    known = said[service] > 1 or service in model.tool.description
    return bool(service) and known and service not in load_words("unsayable", "offices")


def is_public(model: ToolModel, noun: str) -> bool:
    """Whether events that are named like meetings are told to be others: conferences, concerts."""
    said = {*map(singular, split_words(model.tool.description))}
    return named_as(noun) == "event" and bool(said & load_words("unsayable", "public_events"))


def is_nobodys(world: World, entity: Entity) -> bool:
    """Whether such things are named as people name their own, and nothing says whose they are."""
    if entity.noun.rpartition(" ")[2] not in load_words("unsayable", "personal"):
        return False
    about = [one for one in world.models.values() if one.entity == entity.key]
    said = {word for one in about for word in split_words(one.tool.description)}
    makes = any(one.operation == "create" for one in about)
    return not makes and not said & load_words("unsayable", "owned")


@lru_cache(maxsize=1024)
def _count_names(world: Same[World], domain: str, noun: str) -> Counter[str]:
    """The proper names in what a domain's tools say, each with the number of tools that say it."""
    told = (one.tool for one in world.it.models.values())
    return Counter(
        name
        for one in told if one.domain == domain
        for name in {*PROPER.findall(one.description.split("\n\n")[0])}
        if name.lower() in noun.split() or not is_english(name.lower())
    )  # fmt: skip


def saves_file(errand: Errand) -> bool:
    """Whether it downloads or exports, and answers with rows that it is not asked for."""
    saves = errand.model.verb in load_words("inference", "outputs")
    return saves and not errand.model.writes and errand.model.returns_inferred


def is_no_look_up(world: World, model: ToolModel) -> bool:
    """Whether nobody has a thing that they name looked for in a list, and not because they saw it.

    A list of a few that somebody has chosen, the popular ones; or of all where there is a search.
    """
    uses = [one.use for one in model.parameters]
    if model.operation != "list" or "query" in uses:
        return False
    chosen = load_words("inference", "chosen")
    if not chosen.isdisjoint(noun_words(model.name)):
        return True
    kin = (one for one in world.models.values() if one.entity == model.entity)
    searches = any(
        one.operation == "list" and [p.use for p in one.parameters if p.required] == ["query"]
        for one in kin
        if one.tool.domain == model.tool.domain
    )
    return searches and not any(one.required for one in model.parameters)
