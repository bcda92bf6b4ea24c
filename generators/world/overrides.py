"""What people and models say: laid over each other, and over what the rules infer.

A value that the stronger source has stands; what it leaves open is taken from the weaker one. The
parts of a model, its tools, parameters, entities and fields, are merged one by one; a list or a
mapping of plain values is taken as a whole. Every value keeps its origin.

It is taken in while the rules infer, too: what is said of a tool, a parameter or an entity stands
in place of what a rule concluded before the next rules are asked, so that what follows from it
follows by itself: a tool that is said to be about another entity gives it the fields that it
writes. Raises InputError, with file, tool and place, where nothing could follow from what is said:
fields that there are not, a use that such a tool does not have. All else is looked at by
`generators.world.check` when the model is whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from generators.lexicon.names import snake
from generators.lexicon.verbs import find_verb
from generators.world.entity_drafts import EntityDraft, EntityDrafts
from generators.world.model import OPERATION_OF, ParameterModel, split_entity_key
from generators.world.schema_leaves import path_top
from generators.world.tool_drafts import ToolDraft
from schemas.errors import InputError, nearest
from schemas.semantic import Act, Use
from schemas.world_model import (
    EntityMeaning,
    FieldMeaning,
    Meaning,
    Origin,
    ParameterMeaning,
    Source,
    ToolMeaning,
    WorldModel,
    WorldSource,
)

M = TypeVar("M", bound=Meaning)


_SOURCES: Mapping[str, Source] = {"user": "file", "model": "model", "catalogue": "schema"}
"""Author → whose word it is."""


def merge_sources(sources: Iterable[WorldSource]) -> WorldModel:
    """All that people and models say, each value with the file or model that says it.

    Entities go by domain and noun. Later sources are the stronger.
    """
    merged = WorldModel()
    for source in sources:
        origin = Origin(source=_SOURCES[source.author], why=source.file)
        told = source.world
        nouns = {key: one for key, one in told.entities.items() if "/" not in key}
        full = {key: one for key, one in told.entities.items() if "/" in key}
        plain = {f"{domain}/{key}": nouns[key] for domain in source.domains for key in nouns}
        entities = _merge_parts(full, plain)
        said = WorldModel(
            domains={key: _sign(one, origin) for key, one in told.domains.items()},
            entities={key: _sign(one, origin) for key, one in entities.items()},
            tools={key: _sign(one, origin) for key, one in told.tools.items()},
        )
        merged = merge_worlds(said, merged)
    return merged


def merge_worlds(strong: WorldModel, weak: WorldModel) -> WorldModel:
    """Both models in one."""
    return WorldModel(
        domains=_merge_parts(strong.domains, weak.domains),
        entities=_merge_parts(strong.entities, weak.entities),
        tools=_merge_parts(strong.tools, weak.tools),
    )


def is_models(part: Meaning, key: str) -> bool:
    """Whether a model says this of the part."""
    return key in part.origins and part.origins[key].source == "model"


def find_described(fields: Mapping[str, FieldMeaning]) -> set[str]:
    """The fields that there are because it is said: with a schema, or by a model in any words."""
    return {
        name
        for name, field in fields.items()
        if field.json_schema is not None
        or any(origin.source == "model" for origin in field.origins.values())
    }


def without_shown(said: EntityMeaning, found: EntityMeaning) -> EntityMeaning:
    """Without a model's schemas of what the catalogue's own tell: these stand."""
    update = {}
    for key in ("fields", "parts"):
        own = getattr(found, key)
        kept = dict(getattr(said, key))
        for name, part in kept.items():
            shown = own[name].origins.get("json_schema") if name in own else None
            if shown and shown.source == "schema" and is_models(part, "json_schema"):
                origins = {one: by for one, by in part.origins.items() if one != "json_schema"}
                kept[name] = part.model_copy(update={"json_schema": None, "origins": origins})
        update[key] = kept
    return said.model_copy(update=update)


def with_references(said: ToolMeaning, found: ToolMeaning) -> ToolMeaning:
    """A filter by the id of another thing names that: the rest follows from what is found."""
    parameters = {
        path: one.model_copy(update={"use": "reference"})
        if one.use == "filter" and path in found.parameters
        and found.parameters[path].use == "reference"
        else one
        for path, one in said.parameters.items()
    }  # fmt: skip
    return said.model_copy(update={"parameters": parameters})


def with_origin(meaning: M, origin: Origin, apart: Mapping[str, Origin] | None = None) -> M:
    """The part with this origin of each of its values but those that ``apart`` has."""
    told = {key: origin for key in told_keys(meaning) if key not in PARTS}
    return meaning.model_copy(update={"origins": {**told, **(apart or {}), **meaning.origins}})


def say(kind: type[M], origin: Origin, apart: Mapping[str, Origin] | None = None, **said: Any) -> M:
    """A part that says this, with its origins as `with_origin` gives them."""
    unsaid = _list_unsaid(kind)
    told = {key: origin for key, nothing in unsaid
            if key not in PARTS and key in said and said[key] != nothing}  # fmt: skip
    return kind(origins={**told, **(apart or {})}, **said)


def told_keys(meaning: Meaning) -> list[str]:
    """The keys of which the part says something."""
    return [key for key, unsaid in _list_unsaid(type(meaning)) if getattr(meaning, key) != unsaid]


@cache
def _list_unsaid(kind: type[Meaning]) -> tuple[tuple[str, object], ...]:
    """The keys of a kind of part, each with the value that says nothing."""
    return tuple(
        (key, field.get_default(call_default_factory=True))
        for key, field in kind.model_fields.items()
        if key != "origins"
    )


PARTS = ("fields", "parts", "parameters")
"""Keys under which parts of their own lie."""


def _sign(meaning: M, origin: Origin) -> M:
    """The part, and those that lie in it, with this origin of each value."""
    inner = {
        key: {name: _sign(one, origin) for name, one in getattr(meaning, key).items()}
        for key in told_keys(meaning)
        if key in PARTS
    }
    return with_origin(meaning.model_copy(update=inner), origin)


def _merge_parts(strong: Mapping[str, M], weak: Mapping[str, M]) -> dict[str, M]:
    merged = {**weak, **strong}
    for name in [one for one in strong if one in weak]:
        part, under = strong[name], weak[name]
        told = told_keys(part)
        update = {key: getattr(part, key) for key in told}
        for key in (one for one in told if one in PARTS):
            update[key] = _merge_parts(getattr(part, key), getattr(under, key))
        denies = isinstance(part, ToolMeaning) and part.operation not in (None, "transition")
        if denies and "transition" not in told:
            update["transition"] = None  # who denies the change of state denies its value
        if "demands" in told and "unread" not in told:
            update["unread"] = {}  # who says what a tool demands has read its description
        update["origins"] = {**under.origins, **part.origins}
        merged[name] = under.model_copy(update=update)
    return merged


def act_without_rows(verb: str) -> Act:
    """The act of a tool that keeps no rows: a verb that only reads looks something up."""
    known = find_verb(verb)
    if known.searches:
        return "search"
    return known.operation if known.operation in ("get", "list") else "compute"


def override_draft(draft: ToolDraft, told: ToolMeaning | None) -> ToolDraft:
    """The draft with operation, noun and state as they are said to be."""
    if told is None:
        return draft
    act: Act | None = "transition" if told.transition and not told.operation else told.operation
    lookup = act_without_rows(draft.reading.verb)
    if draft.operation == "compute" and lookup != "compute":
        if act is None and told.entity is not None:
            act = lookup
        elif act == lookup and told.entity is None:
            act = None
    given = draft
    if act is not None:
        state = next(iter((told.transition or {}).values()), "")
        operation, verb = OPERATION_OF[act], draft.reading.verb
        # Whether the verb means the act anyway, so that it need not be replaced.
        if act == "transition":
            fits = bool(find_verb(verb))
        elif act in ("search", "list"):
            fits = find_verb(verb).searches == (act == "search")
        elif act == "compute":
            fits = act_without_rows(verb) == "compute"
        else:
            fits = act in (find_verb(verb).operation, draft.operation)
            fits = fits and not (act == "update" and find_verb(verb).state)
        reading = replace(draft.reading, verb=verb if fits else act, state=state)
        facet = draft.facet if operation == draft.operation and act != "transition" else ""
        sets = state or ("" if act == "update" else None)
        draft = replace(draft, reading=reading, operation=operation, facet=facet, sets=sets)
    if told.entity is not None and draft.operation != "compute":
        facet = draft.facet if told.entity == draft.noun else ""
        draft = replace(draft, noun=told.entity, facet=facet)
    return draft if draft.noun or draft.operation == "compute" else given


def override_kinds(
    kinds: Mapping[str, EntityDraft],
    drafts: Sequence[ToolDraft],
    domain: str,
    entities: Mapping[str, EntityMeaning],
) -> dict[str, EntityDraft]:
    """The kinds with the identities that they are said to have, and those that no tool shows.

    Raises InputError for an identity of what is no field.
    """
    found = dict(kinds)
    for key, told in entities.items():
        within, noun = split_entity_key(key)
        if within != domain or told.identity is None:
            continue
        if noun not in found:  # of no tool: only with fields that name a row
            if find_described(told.fields).issuperset(told.identity):
                found[noun] = EntityDraft(noun, told.identity, {})
            continue
        kind = found[noun]
        named = {snake(leaf.name) for one in drafts if one.noun == noun for leaf in one.leaves}
        known = {*kind.columns, *kind.identity, *(() if kind.columns else named)}
        known |= find_described(told.fields)
        if is_models(told, "identity") and not kind.columns:  # guesses may have gone since
            known |= {*told.identity}
        for part in told.identity:
            if part not in known:
                raise InputError(
                    f"{noun} has no field {part!r}{nearest(part, known)}",
                    file=told.origins["identity"].why,
                    place=f"entities.{noun}.identity",
                )
        found[noun] = replace(kind, identity=tuple(dict.fromkeys(told.identity)))
    return dict(sorted(found.items()))


WITHOUT_FIELD = ("option", "input")
"""Uses of parameters that go by no field."""
NAMING = ("identity", "reference")
"""Uses of parameters that name a row."""


def override_parameter(
    model: ParameterModel,
    told: ParameterMeaning,
    draft: ToolDraft,
    kinds: EntityDrafts,
    fields: Mapping[str, FieldMeaning],
) -> ParameterModel:
    """The parameter with use and meaning as they are said to be.

    ``fields`` is what is said of the entity's fields. Raises InputError.
    """
    if told.semantic is not None:
        model = replace(model, semantic=told.semantic)
    if told.entity == "":
        model, told = without_reference(model, draft), told.model_copy(update={"entity": None})
    noun = (model.entity or "").rpartition("/")[2] or None
    pairs = ((told.use, model.use), (told.entity, noun), (told.field, model.field))
    if all(said is None or said == inferred for said, inferred in pairs):
        return model
    use = told.use or ("reference" if told.entity else model.use)
    field = fields.get(told.field or model.field or "", FieldMeaning())
    whose = told.entity or field.entity or (noun if model.use == "reference" else None)
    if use == "filter" and whose in kinds and whose != draft.noun:  # by the id of another thing
        told, use = told.model_copy(update={"use": "reference", "entity": whose}), "reference"
    named = draft.noun if use == "identity" else told.entity or noun or ""
    for key, problem in _find_use_problems(use, named, told, draft, kinds):
        raise _refuse(problem, key, model, told, draft)
    if use in WITHOUT_FIELD or (use == "query" and told.field is None):
        return replace(model, use=use, entity=None, field=None)
    kind = kinds[draft.noun]
    name = told.field or model.field or model.path.removesuffix("[]")
    if use == "identity":
        name = told.field or kind.column(model.name) or kind.key
        looked_up = draft.operation == "get" and name in kind.columns
        if name not in kind.identity and not looked_up:
            problem = f"{name!r} is no part of what names a row{nearest(name, kind.identity)}"
            raise _refuse(problem, "field", model, told, draft)
    elif told.field is not None:
        top = path_top(told.field)
        known = {*kind.identity, *kind.columns, *kind.written, snake(model.name)}
        known |= {model.field or "", model.path.partition("[")[0]} - {""}
        known |= find_described(fields)
        if top not in known:
            problem = f"{kind.noun} has no field {top!r}{nearest(top, known)}"
            raise _refuse(problem, "field", model, told, draft)
    entity = f"{draft.tool.domain}/{named}" if use in NAMING else None
    return replace(model, use=use, entity=entity, field=name)


def without_reference(model: ParameterModel, draft: ToolDraft) -> ParameterModel:
    """The parameter as one that names no row of another thing."""
    if model.use != "reference":
        return model
    uses: Mapping[str, Use] = {"list": "filter", "create": "field", "update": "field"}
    use = uses.get(draft.operation, "option")
    field = None if use == "option" else model.field
    return replace(model, use=use, entity=None, field=field)


def _find_use_problems(
    use: Use, named: str, told: ParameterMeaning, draft: ToolDraft, kinds: EntityDrafts
) -> Iterator[tuple[str, str]]:
    """Key and problem of a use that such a tool does not have; ``named``: whose row it names."""
    if draft.operation == "compute" and use not in ("input", "option"):
        yield "use", f"a computation has inputs and options, no {use}"
    if draft.operation != "compute" and use == "input":
        yield "use", "only a computation has inputs"
    if told.entity is not None and use not in NAMING:
        yield "entity", f"has no meaning where the use is {use}"
    if told.field is not None and use in WITHOUT_FIELD:
        yield "field", f"has no meaning where the use is {use}"
    if use == "identity" and told.entity not in (None, draft.noun):
        yield "entity", f"an identity names a row of {draft.noun}; of others, it is a reference"
    if use in NAMING and not named:
        yield "entity", "say whose row it names"
    if use in NAMING and named not in kinds:
        yield "entity", f"there is no entity {named!r}{nearest(named, kinds)}"


def _refuse(
    problem: str, key: str, model: ParameterModel, told: ParameterMeaning, draft: ToolDraft
) -> InputError:
    origin = told.origins.get(key) or next(iter(told.origins.values()))
    place = f"parameters.{model.path}.{key}"
    return InputError(problem, file=origin.why, tool=draft.tool.wire_name, place=place)
