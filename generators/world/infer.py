"""What the tools of a catalogue do, and to what: from specifications to a world model.

Domain by domain, names become operations and nouns (`generators.world.conclude_tools`), nouns
become half-made entities with identities (`generators.world.entity_drafts`), parameters get their
uses (`generators.world.parameters`), entities their fields (`generators.world.entity_fields`). What
people and models say is taken in on the way and laid over the whole (`generators.world.overrides`);
then it is looked at (`generators.world.check`). Nothing depends on the tools' order. Executing a
world is left to `generators.sandbox`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Literal

from generators.identity_cache import Same, kept
from generators.lexicon.meanings import meaning_beside, tells_title
from generators.lexicon.names import in_words
from generators.lexicon.verbs import find_verb
from generators.world.bind import bind_world
from generators.world.check import check_world, find_problems
from generators.world.conclude_tools import conclude
from generators.world.domain_tools import DomainTools
from generators.world.entity_drafts import EntityDrafts, gather_kinds
from generators.world.entity_fields import describe_entity
from generators.world.known_answers import find_answer
from generators.world.model import ParameterModel, World
from generators.world.overrides import (
    act_without_rows,
    merge_sources,
    merge_worlds,
    override_draft,
    override_kinds,
    override_parameter,
    say,
    with_origin,
    with_references,
    without_reference,
    without_shown,
)
from generators.world.parameters import model_parameters
from generators.world.policy_rules import with_read_rules, with_reckoned_values
from generators.world.row_relations import conclude_constraints
from generators.world.schema_leaves import path_top, schema_type
from generators.world.semantics import with_told_choices
from generators.world.sentence_shapes import ToolNames
from generators.world.shown_fields import choose_shown, choose_value, find_unsure, searched_fields
from generators.world.states import spelled_state, target_state, with_conditions
from generators.world.told_demands import ToldDemands, read_demands
from generators.world.told_order import find_order
from generators.world.tool_drafts import ToolDraft, doubts_of
from schemas.demand import Scalar
from schemas.errors import InputError
from schemas.semantic import Act
from schemas.tool import ToolSpec
from schemas.world_model import (
    DomainMeaning,
    EntityMeaning,
    FieldMeaning,
    Origin,
    ParameterMeaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)


def infer_world(tools: Sequence[ToolSpec], sources: Sequence[WorldSource] = ()) -> World:
    """The world of the tools: what is said of them, and what rules infer of the rest.

    Deterministic, whatever the order of the tools. Never raises for a tool whose schemas are
    valid; raises InputError for sources that contradict the tools. Wire names have to be unique.
    """
    return inferred(Same(tools), Same(sources))


@kept(2)
def inferred(tools: Same[Sequence[ToolSpec]], sources: Same[Sequence[WorldSource]]) -> World:
    """The world of the same tools is not inferred again: trial and build are of one."""
    world = bind_world(tools.it, describe_world(tools.it, sources.it))
    return replace(world, domains=with_read_rules(world), models=with_reckoned_values(world))


def describe_world(tools: Sequence[ToolSpec], sources: Sequence[WorldSource] = ()) -> WorldModel:
    """The whole world model, each value with its origin. Raises as `infer_world`."""
    return _described(tuple(map(AsInferred, tools)), Same(sources))


@lru_cache(maxsize=2)
def _described(given: tuple["AsInferred", ...], sources: Same[Sequence[WorldSource]]) -> WorldModel:
    """What is said is not looked at again where tools were only cut to pages since."""
    tools = [one.tool for one in given]
    known, inferred, merged = _lay_over(tools, sources.it)
    check_world(tools, sources.it, known, inferred, merged)
    return merged


def find_faults(tools: Sequence[ToolSpec], sources: Sequence[WorldSource]) -> list[InputError]:
    """All that the sources say and that cannot be, as far as it is seen at once.

    What nothing could follow from hides the rest: mend that, and look again.
    """
    try:
        said, inferred, merged = _lay_over(tools, sources)
    except InputError as error:
        return [error]
    return list(find_problems(tools, sources, said, inferred, merged))


def _lay_over(
    tools: Sequence[ToolSpec], sources: Sequence[WorldSource]
) -> tuple[WorldModel, WorldModel, WorldModel]:
    """What is said of the tools that there are, what the rules make of that, and both in one."""
    said = _merged(Same(sources))
    found_tools: dict[str, ToolMeaning] = {}
    found_entities: dict[str, EntityMeaning] = {}
    services: dict[str, DomainMeaning] = {}
    ordered = sorted(tools, key=lambda tool: (tool.domain, tool.wire_name))
    for domain, group in groupby(ordered, key=lambda tool: tool.domain):
        specs = list(group)
        titles = {tool.source.service for tool in specs}
        if len(titles) == 1 and (title := titles.pop()):
            services[domain] = with_origin(DomainMeaning(name=title), Origin(source="schema"))
        found = _describe_domain(domain, tuple(map(AsInferred, specs)), Same(said))
        found_tools |= found.tools
        found_entities |= found.entities
    known = said.model_copy(
        update={
            "tools": {
                name: with_references(one, found_tools[name])
                for name, one in said.tools.items()
                if name in found_tools
            },
            "entities": {
                key: without_shown(one, found_entities[key])
                for key, one in said.entities.items()
                if key in found_entities
            },
        }
    )
    inferred = WorldModel(domains=services, entities=found_entities, tools=found_tools)
    return known, inferred, merge_worlds(known, inferred)


@lru_cache(maxsize=2)
def _merged(sources: Same[Sequence[WorldSource]]) -> WorldModel:
    return merge_sources(sources.it)


class AsInferred:
    """A tool as far as rules look at it: equal to one that was only cut to pages since."""

    __slots__ = ("tool",)

    def __init__(self, tool: ToolSpec) -> None:
        self.tool = tool

    def __eq__(self, other: object) -> bool:
        """Whether nothing that a rule looks at differs."""
        if not isinstance(other, AsInferred):
            return False
        one, two = self.tool, other.tool
        if one.parameters is not two.parameters or one.returns is not two.returns:
            return False  # what is alike would take longer to compare than to read again
        return one is two or one.model_copy(update={"page_rows": two.page_rows}) == two

    def __hash__(self) -> int:
        """That of its name."""
        return hash(self.tool.wire_name)


@lru_cache(maxsize=64)
def _describe_domain(
    domain: str, given: tuple[AsInferred, ...], told_of_all: Same[WorldModel]
) -> WorldModel:
    """What the tools of a domain mean. They are read again and again: tried, cut to pages, used."""
    specs, said = [one.tool for one in given], told_of_all.it
    drafts = [
        override_draft(draft, said.tools.get(draft.tool.wire_name))
        for draft in conclude([with_told_choices(spec) for spec in specs])
    ]
    kinds = EntityDrafts(override_kinds(gather_kinds(drafts), drafts, domain, said.entities))
    nothing, no_tool = EntityMeaning(), ToolMeaning()
    told = {noun: said.entities.get(f"{domain}/{noun}", nothing) for noun in kinds}
    pairs = []
    for draft in drafts:
        fields = told.get(draft.noun, nothing).fields
        of_tool = said.tools.get(draft.tool.wire_name, no_tool).parameters
        models = []
        for model in model_parameters(draft, kinds, domain):
            text = str(model.schema.get("description", ""))
            around = _list_beside(draft, kinds)
            semantic = meaning_beside(model.semantic, model.name, text, around)
            model = replace(model, semantic=semantic) if semantic != model.semantic else model
            field = fields.get(model.field or "")
            if field and field.semantic and model.use in ("identity", "filter", "field"):
                model = replace(model, semantic=field.semantic)
            if field and field.entity == "":
                model = without_reference(model, draft)
            if model.path in of_tool:
                model = override_parameter(model, of_tool[model.path], draft, kinds, fields)
            models.append(model)
        pairs.append((draft, tuple(models)))
    tools_of = DomainTools(pairs, kinds)
    entities = {noun: describe_entity(kind, tools_of, told[noun]) for noun, kind in kinds.items()}
    searched = {
        noun: searched_fields((draft.operation, models) for draft, models in tools_of.about(noun))
        for noun in kinds
    }
    unsure = {noun: find_unsure(kind, tools_of.about(noun), kinds) for noun, kind in kinds.items()}
    tools: dict[str, ToolMeaning] = {}
    names = ToolNames({in_words(spec.name): spec.wire_name for spec in specs})
    outdone: dict[str, str] = {}
    for draft, found in pairs:
        entity = entities[draft.noun] if draft.operation != "compute" else None
        narrowed = searched.get(draft.noun, frozenset())
        hidden = unsure.get(draft.noun, frozenset())
        of_noun = told.get(draft.noun, nothing)
        read = read_demands(draft.tool, names, writes=draft.operation in OPERATIONS_THAT_WRITE)
        listed = draft.noun in kinds and bool(kinds[draft.noun].columns)
        described = _describe_tool(
            draft, found, entity, narrowed, hidden, read, of_noun.fields, listed=listed
        )
        tools[draft.tool.wire_name] = described
        outdone |= read.outdone
    for name in sorted(outdone.keys() & tools.keys()):
        unread = {**tools[name].unread, "": (*tools[name].unread.get("", ()), outdone[name])}
        tools[name] = tools[name].model_copy(update={"unread": unread})
    known = {noun: entity.fields for noun, entity in entities.items()}
    for noun, entity in entities.items():
        own = [(draft, tools[draft.tool.wire_name]) for draft, _ in tools_of.about(noun)]
        entity = with_conditions(entity, own)
        rules = conclude_constraints(entity, known)
        concluded = entity.model_copy(update={"constraints": rules})
        entities[noun] = with_origin(concluded, _LIKELY) if rules else entity
    return WorldModel(
        entities={f"{domain}/{noun}": entity for noun, entity in entities.items()}, tools=tools
    )


def _list_beside(draft: ToolDraft, kinds: EntityDrafts) -> Iterator[str]:
    """The names beside those of a tool's parameters, which few meanings ask for."""
    yield from kinds.words
    yield from kinds[draft.noun].spellings if draft.noun in kinds else ()
    yield from (one.name for one in draft.leaves)


OPERATIONS_THAT_WRITE = ("create", "update", "delete")
_LIKELY = Origin(source="rules", sure="likely")


@lru_cache(maxsize=1024)
def _conclude(sure: Literal["likely", "guess"], why: str) -> Origin:
    """What rules conclude: one and the same for all that is concluded alike."""
    return Origin(source="rules", sure=sure, why=why)


def _describe_tool(
    draft: ToolDraft,
    models: tuple[ParameterModel, ...],
    entity: EntityMeaning | None,
    searched: frozenset[str],
    unsure: frozenset[str],
    told: ToldDemands,
    said: Mapping[str, FieldMeaning],
    *,
    listed: bool,
) -> ToolMeaning:
    """``listed``: results of the source show such rows, as this one's may not."""
    leaves = {leaf.path: leaf for leaf in draft.leaves}
    parameters, answer = {}, find_answer(draft.tool)
    for model in models:
        chosen = model.schema is not leaves[model.path].schema and "enum" in model.schema
        parameters[model.path] = say(
            ParameterMeaning,
            _LIKELY,
            use=model.use,
            entity=(model.entity or "").rpartition("/")[2] or None,
            field=model.field or None,
            semantic=model.semantic if model.semantic != "unknown" else None,
            choices=_choose(told, model, draft, chosen=chosen),
            label=model.label
            or (answer.find_role(model.path).get("label") if answer else None)
            or tells_title(model.name, str(model.schema.get("description", "")))
            or None,
        )
    transition = _find_transition(draft, models, entity) if entity is not None else None
    given = draft.tool.returns is not None
    writes = draft.operation in OPERATIONS_THAT_WRITE
    shows: tuple[str, ...] = ()
    if entity is not None and not given:
        shows = choose_shown(draft, entity, searched, unsure, said)
        if listed and writes:  # it answers in short: what it was told, and how that stands now
            own = {path_top(model.field or "") for model in models} | {"name", "title"}
            own |= {entity.state_field or "", *(entity.identity or ())}
            shows = tuple(name for name in shows if name in own)
        elif writes:  # and no rows of others that nobody gave it
            given_to = {path_top(model.field or "") for model in models}
            shows = tuple(
                name for name in shows if name in given_to or not entity.fields[name].entity
                or schema_type(dict(entity.fields[name].json_schema or {})) != "array"
            )  # fmt: skip
    apart = {"operation": _conclude("likely", draft.why)}
    if told.unread:
        apart["unread"] = _conclude("guess", "no rule reads it")
    if doubts := doubts_of(draft.why):
        apart["doubt"] = _conclude("guess", "\n".join(doubts))
    return say(
        ToolMeaning,
        _LIKELY,
        apart,
        operation=_find_act(draft, models, transition),
        entity=draft.noun if entity is not None else None,
        about=draft.noun or None if entity is None else None,
        effect="write" if writes else "read",
        transition=transition,
        verb=draft.reading.verb or None,
        parameters=parameters,
        needs=tuple(told.needs),
        demands=tuple(told.demands),
        unread={path: tuple(said) for path, said in told.unread.items()},
        sorted_by=find_order(draft.tool, entity.fields)
        if entity is not None and draft.operation == "list"
        else (),
        shows=shows,
        gives=choose_value(draft) if entity is None and not given else None,
    )


def _choose(
    told: ToldDemands, model: ParameterModel, draft: ToolDraft, *, chosen: bool
) -> tuple[Scalar, ...] | None:
    """A parameter's choices, where they are fewer than the schema's."""
    alone = draft.tool.returns is None and draft.operation in ("get", "list")
    kept = told.understood(model, draft.noun if alone else "")
    fewer = kept is not None and len(kept) < len(model.schema.get("enum", ()))
    return kept if chosen or fewer or model.path in told.methods else None


def _find_act(
    draft: ToolDraft, models: Sequence[ParameterModel], transition: dict[str, str] | None
) -> Act:
    """What a reader would say that the tool does, one of eight acts: finer than the operation.

    The operation says how a call is executed; the act how people speak of it. What is looked up
    where no rows are kept, such as the weather, is executed as a computation and still a get.
    """
    verb = find_verb(draft.reading.verb)
    if draft.operation == "list":
        searches = verb.searches or any(one.use == "query" and one.required for one in models)
        return "search" if searches else "list"
    if draft.operation == "update":
        return "transition" if transition is not None or verb.state else "update"
    return act_without_rows(draft.reading.verb) if draft.operation == "compute" else draft.operation


def _find_transition(
    draft: ToolDraft, models: Sequence[ParameterModel], entity: EntityMeaning
) -> dict[str, str] | None:
    """The field and the state that the tool sets by itself; none where a parameter sets it."""
    state, name = target_state(draft), entity.state_field
    if state is None or name is None or any(one.field == name for one in models):
        return None
    if name not in entity.fields:
        return None
    spelled = spelled_state(state, dict(entity.fields[name].json_schema or {}))
    return {name: spelled} if spelled is not None else None
