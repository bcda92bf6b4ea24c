"""Which fields of its rows a tool shows: those that are the rows' own, and of lists the telling.

Some parameters tell a field of the rows, others only how something is done to them. Where no result
of the source shows the rows of a kind, what tools write and compare with is all that is known of
them. A title that a create takes is the row's; whether to notify somebody, whose account to look
in, the message of a commit and the half of a change that is meant are not. A field that only such
parameters tell is held, as writes go there, and is not shown: a guess costs more than a missing
field. What a tool returns where its source does not say it follows from that (`infer_returns`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from generators.lexicon.meanings import find_text_kind, is_base
from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.told_counts import ranked_by, told_total
from generators.lexicon.verbs import Operation
from generators.world.domain_tools import Modelled
from generators.world.entity_drafts import EntityDraft, EntityDrafts
from generators.world.model import Entity, Field, ParameterModel, ToolModel, split_entity_key
from generators.world.schema_leaves import (
    SORTS,
    as_schema,
    members,
    path_top,
    plain_schema,
    schema_type,
)
from generators.world.semantics import shows_one, shows_values
from generators.world.states import target_state
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.world_model import EntityMeaning, FieldMeaning, ToolMeaning

_words = partial(load_words, "inference")

_MOST_COLUMNS = 8
"""Of a row in a list; identity and the state come first."""
_UNLIKE = ("opaque_id", "number_id", "sha", "person_name", "first_name", "last_name", "email",
           "phone")  # fmt: skip
"""Meanings of which every row has its own value, whatever lists are narrowed by."""
_TELLING = ("money", "date", "datetime", "rating", "email", "enum")

Value = Literal["string", "number", "boolean", "datetime"]
_WRITTEN = ("field", "reference")
_TOLD = frozenset({"date", "datetime", "money", "rating", "city", "country", "airport"})
"""Meanings of a filter that is compared with what a row shows."""
_METHOD = re.compile(r"['\"`](\w+)['\"`]")
_ONLY_FOR = re.compile(
    r"\b(?:required|used?|only|also accepted) (?:only )?(?:for|by|with|in)\b|\bfor ['\"`]\w+['\"`]"
)
_WHEN = re.compile(
    r"\bwhen (?:creating|updating|adding|deleting|merging) (?:an? |the )?(?P<noun>\w+)"
)


def find_unsure(kind: EntityDraft, own: Sequence[Modelled], kinds: EntityDrafts) -> frozenset[str]:
    """The fields that no parameter tells to be one of the row's own, in snake case.

    None where results show the rows, as nothing is concluded from parameters then.
    """
    if kind.columns:
        return frozenset()
    told, sure = set[str](), {snake(part) for part in kind.identity}
    lists = [{snake(path_top(one.field or "")) for one in models}
             for draft, models in own if draft.operation == "list"]  # fmt: skip
    batches = set[str]()  # lists of such rows, of which something is done to each
    for draft, models in own:
        for model in models:
            if model.field is None or model.use in ("query", "option", "input"):
                continue
            name = snake(path_top(model.field))
            told.add(name)
            if "[]." in model.path and split_entity_key(model.entity or "")[1] == kind.noun:
                batches.add(name)
            scope = draft.operation == "list" and model.use == "reference"
            if scope and not all(name in asked for asked in lists):
                continue  # some lists may be of a repository, others of all
            if _tells_field(draft, model, kind, kinds):
                sure.add(name)
    if told.isdisjoint(map(snake, kind.identity)) and any(map(_counts, own)):
        batches |= {*map(snake, kind.identity)}  # no id that nobody asks for
    return frozenset(told - sure | batches)


def _counts(own: Modelled) -> bool:
    """Whether a tool is told a row by its place: a tab by its ``index``."""
    places = load_words("unsayable", "places")
    return any(
        model.use == "field"
        and schema_type(model.schema) in ("integer", "number")
        and not places.isdisjoint(split_words(model.name)[-1:])
        for model in own[1]
    )


def _tells_field(
    draft: ToolDraft, model: ParameterModel, kind: EntityDraft, kinds: EntityDrafts
) -> bool:
    """Whether what the parameter holds is a property of the row."""
    if model.use == "identity":
        return True
    # Whether it says how, where or for whom, as names and flags tell.
    words = split_words(model.name) or ("",)
    aimed = words[0] in _words("targets") or words[0] in ("from", "old")
    if aimed or snake(model.name) in _words("selectors"):
        being = kind.noun.rpartition(" ")[2] in _words("people")
        is_setting = model.use != "reference" and not being
    elif model.semantic != "boolean":
        is_setting = False
    else:
        trait = words[-1] in _words("traits") or words[-1].endswith("ed")
        is_setting = not (trait or words[0] in ("is", "has"))
    if is_setting or _is_of_another(model, kind, kinds):
        return False
    if draft.operation == "list":
        choices = {str(one).lower() for one in plain_schema(model.schema).get("enum", ())}
        told = model.semantic in _TOLD or (choices and choices.isdisjoint(("all", "any")))
        return model.use == "reference" if not told else True
    if model.use not in _WRITTEN or draft.operation not in ("create", "update"):
        return False
    if not _serves_method(draft, model, kind) or _is_loose(model, kind):
        return False
    return draft.operation == "create" or _is_changed(draft, model, kind)


def _is_of_another(model: ParameterModel, kind: EntityDraft, kinds: EntityDrafts) -> bool:
    """Whether name or description speak of another thing's property: ``commit_title``."""
    if model.use == "reference":
        return False
    nouns, words = set(kind.noun.split()), noun_words(model.name)

    def is_other(word: str) -> bool:
        return (word in kinds or word == "commit") and word not in nouns

    if len(words) > 1 and is_other(words[0]) and model.semantic in ("title", "text", "handle"):
        return True
    said = str(model.schema.get("description", "")).lower()
    opening = re.match(rf"(?:the )?([a-z]+) {re.escape(words[-1] if words else '')}\b", said)
    return opening is not None and is_other(opening[1])


def _is_loose(model: ParameterModel, kind: EntityDraft) -> bool:
    """Whether it stands in a list of something else than such rows, as one of its parts."""
    head, inner, _ = model.path.partition("[]")
    if not inner or "[]" in (model.field or "") or path_top(model.field or "") == snake(head):
        return False
    words = noun_words(head)
    return "." in model.path and words not in (
        tuple(kind.noun.split()),
        tuple(kind.noun.split()[-1:]),
    )


def _serves_method(draft: ToolDraft, model: ParameterModel, kind: EntityDraft) -> bool:
    """Whether, of several deeds of one tool, it serves one that is done to the row itself."""
    around = as_schema(members(draft.tool.parameters).get(path_top(model.path), ({}, False))[0])
    told = (one.get("description") or "" for one in (around, model.schema))
    said, nouns = " ".join(map(str, told)), set(kind.noun.split())
    if found := _WHEN.search(said.lower()):
        return set(noun_words(found["noun"])) <= nouns
    methods = [
        str(one)
        for leaf in draft.leaves
        if snake(leaf.name) in _words("methods")
        for one in plain_schema(leaf.schema).get("enum", ())
    ]
    meant = [one for one in _METHOD.findall(said) if one in methods]
    if not meant or not _ONLY_FOR.search(said.lower()):
        return True
    return any(set(noun_words(one)[1:]) <= nouns for one in meant)


def _is_changed(draft: ToolDraft, model: ParameterModel, kind: EntityDraft) -> bool:
    """Whether an update is there to change it: all of an update, of one side of a row that side."""
    words = set(noun_words(model.name))
    if words & _words("reasons"):
        return True
    if "[]." in model.path:  # a list of changes, unless a create takes the same
        return False
    # The words of a tool's name besides its verb, its noun and what chooses among rows.
    named = set(noun_words(draft.tool.clear_name)) - {*kind.noun.split(), draft.reading.verb}
    loose = _words("qualifiers") | _words("prepositions") | _words("machinery")
    side = named - loose - {*draft.reading.qualifiers, *draft.reading.by}
    parts: Mapping[str, Sequence[str]] = load_table("inference")["sides"]  # city of an address
    if side & words or any(model.semantic in parts.get(one, ()) for one in side):
        return True
    return not side and draft.reading.verb in _words("rewriting") and draft.sets is None


def choose_value(draft: ToolDraft) -> Value:
    """Say what a tool without rows gives."""
    words = {draft.reading.verb, *draft.noun.split(), *draft.tool.clear_name.lower().split("_")}
    gives: Mapping[Value, list[str]] = load_table("inference")["gives"]
    return next((value for value, signs in gives.items() if words & set(signs)), "string")


def choose_shown(
    draft: ToolDraft,
    entity: EntityMeaning,
    searched: frozenset[str],
    unsure: frozenset[str],
    said: Mapping[str, FieldMeaning],
) -> tuple[str, ...]:
    """Name the fields of a row that the tool's result shows; of ``unsure`` ones none.

    ``said``: what people and models say of the fields. What they call a title or a text, or give
    values for, is what the rows are there for.
    A list leaves out what only those get to see who ask for it, such as a job's logs, and what is
    too much; a tool that gets one side of a row shows that side alone.
    """
    identity = entity.identity or ()
    told = {name for name, one in said.items()
            if one.semantic in ("title", "text") or one.examples or one.implies}  # fmt: skip
    unsure -= {*map(snake, told)}
    if draft.operation == "delete":
        return identity if draft.required else ()  # several, or all that there are
    if load_words("relations", "totals").isdisjoint(map(snake, entity.fields)):
        # What was paid by which card adds up to nothing that is told, and later writes add to it.
        unsure |= {
            snake(path.partition("[]")[0]) for path in entity.parts if path.endswith("[].amount")
        }
    state = entity.fields.get(entity.state_field or "")
    described = str((state.json_schema or {}).get("description", "")) if state else ""
    untold = {*map(str.lower, entity.states)} <= _words("personal")
    if target_state(draft) is None and untold and (entity.states or not shows_values(described)):
        unsure |= {snake(entity.state_field or "")}
    if draft.operation == "get" and draft.facet:
        side = [name for name in entity.fields if snake(name) == snake(draft.facet)]
        return tuple(dict.fromkeys((*identity, *side[:1])))
    shown = [
        name
        for name, field in entity.fields.items()
        if snake(name) not in unsure
        and _words("unshown").isdisjoint((snake(name), *noun_words(name)[-1:]))
        and (name in identity or name in told or _is_understood(name, field, draft.noun))
    ]
    if draft.operation != "list":
        return tuple(shown)

    def rank(name: str) -> int:
        """0 for what a list cannot do without, 6 for what it may leave out."""
        field = entity.fields[name]
        if name in identity:
            return 0
        means = (said[name].semantic if name in said else None) or field.semantic
        named = means in ("title", "person_name", "first_name", "last_name")
        if named or snake(name) in ("status", "state"):
            return 1
        if field.entity or field.semantic == "opaque_id":
            return 2
        found_by = field.semantic == "branch" or is_shared(name, field)
        if field.semantic in _TELLING or (name in searched and found_by):
            return 3
        kind = schema_type(dict(field.json_schema or {}))
        return {"object": 6, "array": 5}.get(kind, 5 if field.semantic == "text" else 4)

    chosen = set(sorted(shown, key=rank)[: max(_MOST_COLUMNS, len(identity) + 2)])
    return tuple(name for name in entity.fields if name in chosen)


def _is_understood(name: str, field: FieldMeaning, noun: str) -> bool:
    """Whether it is known what such a text says, and where such an address leads."""
    if "base64" in str((field.json_schema or {}).get("description", "")).lower():
        return False  # a whole file
    if field.semantic == "branch":  # the base of ``main`` is none
        return noun.rpartition(" ")[2] != "branch"
    if field.examples or field.semantic not in ("text", "url", "query"):
        return True
    if field.semantic == "url":
        return {*split_words(name)} <= load_words("unsayable", "addressed")
    return field.semantic == "text" and bool(find_text_kind(noun, name))


def is_shared(name: str, field: Field | FieldMeaning) -> bool:
    """Whether rows may have the same value of the field, so that a search finds several.

    Lists are each row's own, and so is the branch that it is made on.
    """
    schema = field.schema if isinstance(field, Field) else dict(field.json_schema or {})
    if field.semantic in _UNLIKE or schema_type(plain_schema(schema)) == "array":
        return False
    return field.semantic != "branch" or is_base(name)


def searched_fields(
    own: Iterable[tuple[Operation, Iterable[ParameterModel]]],
) -> frozenset[str]:
    """Gather the fields that an entity's lists narrow by equality."""
    return frozenset(
        path_top(model.field)
        for operation, models in own
        if operation == "list"
        for model in models
        if model.use == "filter" and model.field
    )


def infer_returns(
    meaning: ToolMeaning,
    model: ToolModel,
    entity: Entity | None,
    optional: frozenset[str],
    entities: Mapping[str, Entity],
) -> JsonObject:
    """Say what a tool returns: a row, a list of rows, what was deleted, a computation's result.

    ``optional`` are the fields that only some rows have. One row tells what lies in it by its name:
    the items of an order, where it holds their ids.
    """
    if entity is None:
        return _object({"result": dict(SORTS[meaning.gives or "string"])})
    shown: JsonObject = {}
    for name in meaning.shows:
        if name in entity.fields:
            schema = dict(entity.fields[name].schema)
            if not schema_type(schema):  # as that of the parameter that it comes from
                told = {key: value for key, value in schema.items() if key == "description"}
                schema = {"type": "string", **told}
            shown[name] = schema
    # The one example that a description shows is what one row says.
    optional |= {name for name, rule in shown.items()
                 if shows_one(str(rule.get("description", "")))}  # fmt: skip
    operation = model.operation
    if operation == "update" and not shown:
        return _object({"success": dict(SORTS["boolean"])})
    if operation == "delete":
        return _object({**shown, "deleted": {"type": "boolean"}}, optional)
    if operation == "list":
        rows = {"type": "array", "items": _object(shown, optional)}
        named = plural(entity.noun).replace(" ", "_")
        said = model.tool.description
        # Of the top songs nobody counts all; and what is told to be another number stays untold.
        part = ranked_by(model.tool.clear_name, said) or told_total(said, entity.noun)
        return _object({named: rows, **({} if part else {"total_count": {"type": "integer"}})})
    for name in [*shown]:
        # The entity whose rows a field lists by their ids, if people call them by a name.
        field = entity.fields[name]
        held = entities.get(field.entity or "")
        listed = schema_type(plain_schema(field.schema)) == "array"
        by_id = held is not None and listed and len(held.identity) == 1
        if held is not None and by_id and len(_told_within(held)) > 1:
            shown[plural(held.noun).replace(" ", "_")] = {
                "type": "array",
                "items": _object({
                    one: dict(held.fields[one].schema) for one in _told_within(held)
                }),
            }  # fmt: skip
            del shown[name]
    return _object(shown, optional)


def _told_within(held: Entity) -> list[str]:
    """What is told of a row within another: its id, what it is called, what it costs."""
    told = ("title", "person_name", "money")
    named = [one.name for one in held.fields.values() if one.semantic in told]
    calls = any(held.fields[name].semantic != "money" for name in named)
    return [*held.identity, *named] if calls else [*held.identity]


def _object(properties: JsonObject, optional: frozenset[str] = frozenset()) -> JsonObject:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}
