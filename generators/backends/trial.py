"""Every tool is tried once, when its catalogue is opened: what cannot be called is not offered.

A tool is out where its arguments or its result have no value: nothing tells of what kind it is, or
the schema allows none. Optional parameters without a kind are left out, and so are such parts of
results. A tool is in doubt where what it does was guessed; it is out too, unless it is asked for,
or no tool of the catalogue is without a doubt.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from generators.backends.plain_result import PlainResult, is_name
from generators.identity_cache import Same, remembered
from generators.lexicon.names import snake
from generators.lexicon.nouns import singular
from generators.sandbox.compute import find_code
from generators.sandbox.constraints import lists_values
from generators.sandbox.described_rows import told_names
from generators.sandbox.paging import Page, can_page
from generators.sandbox.possible_values import UNSURE, ValueKinds, find_impossible, find_untold
from generators.sandbox.propose import can_change
from generators.sandbox.row_skeletons import called_like
from generators.sandbox.row_values import Row
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import keeps_format, kind_of, simple
from generators.sandbox.seeding import seeds_of
from generators.sandbox.text_values import Want
from generators.sandbox.tool_results import Answer, lone_text, show
from generators.sandbox.values import invent, leaf_count
from generators.world.infer import infer_world
from generators.world.known_answers import find_answer
from generators.world.model import Entity, Field, ToolModel, World, is_described
from generators.world.narrowing import narrow_sources
from generators.world.schema_leaves import page_place, path_top
from generators.world.semantics import semantic_type
from generators.world.tool_drafts import DOUBTS, NO_NOUN, NO_VERB
from schemas.errors import InputError
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.tool import Catalog, SkippedTool, ToolSpec
from schemas.world_model import WorldSource

_TRIES = 4
_TRIED_WORLDS = 4
_CLOCK = "2026-01-15T09:00:00+00:00"
_SEED = 0
_ROOM, _FULL = 0.6, 0.85
"""Shares of the most tokens: below the first a list is not cut; pages fill the second at most."""
_LONGER = 1.1
"""How much longer the longest row of a list may be than the longer of the two that are made up."""
_TOO_LONG = "a result has about {} tokens, more than {}"
NO_RESULT = "no call of it was found whose result satisfies its result's schema"
NO_CHANGE = "nothing of what it changes can be said"
NO_CALL = "no lawful arguments were found"
IN_DOUBT = "in doubt"
MIXED_LIST = "nothing tells whose rows its elements change"
NO_ANSWER = "nothing tells what it answers"
_ASKED_BY = frozenset({"query", "filter", "identity", "reference"})
"""Uses of parameters by which rows are searched for."""
_DETAILS = re.compile(r"\b(?:details?|detailed|information|info|metadata|profile)\b", re.IGNORECASE)
"""What a read promises that tells more of a thing than its name."""
_MANY = 6
"""Fields of a result beyond which not all of them are likely to agree."""
_DEEP = 3
"""Steps to a field of what lies within a row: ``result.album.artists.name``."""
_RARE = frozenset(
    "not if then else oneOf dependentRequired dependentSchemas contains propertyNames "
    "patternProperties prefixItems unevaluatedProperties unevaluatedItems minProperties "
    "maxProperties".split()
)
"""Keywords of a result's schema that are not always satisfied by construction."""


@dataclass(frozen=True)
class Tried:
    """What the trial of a tool has shown."""

    tool: ToolSpec
    """Without what has no value."""
    place: str = ""
    reason: str = ""
    """Why it is out; "" where it is in."""
    doubts: tuple[str, ...] = ()


def try_tools(
    catalog: Catalog,
    *,
    strict: bool = False,
    include_doubtful: bool = False,
    most_tokens: int = 2_000,
    made_here: bool = True,
) -> Catalog:
    """The catalogue with the tools that can be called; with ``strict``, others are an InputError.

    ``most_tokens``: of a result, four characters to a token; longer lists are cut to pages of
    ``page_rows``, where they can be. ``made_here``: the sandbox makes the
    results; else a server or a model does, and they are not tried.
    """
    world = infer_world(catalog.tools, catalog.worlds)
    tried = [
        _read_kinds(world.models[tool.wire_name], tool, world, catalog.worlds, made_here)
        for tool in catalog.tools
    ]
    worlds, cut = catalog.worlds, [one.tool for one in tried]
    if [*map(id, cut)] != [*map(id, catalog.tools)]:
        worlds = narrow_sources(worlds, catalog.tools, cut)
        world = infer_world(cut, worlds)
    kept, skipped, sandbox = [], list(catalog.skipped), Sandbox(world, _SEED, _CLOCK)
    for one in tried:
        place, reason, rows = one.place, one.reason, None
        if not reason:
            place, reason = _try_call(sandbox, one.tool, most_tokens if made_here else 0)
        if not reason and made_here:
            rows, reason = _measure_page(sandbox, one.tool, most_tokens)
            place = "result" if reason else place
        if not reason and one.doubts and not include_doubtful:
            reason = f"{IN_DOUBT}: {'; '.join(one.doubts)}"
        if not reason:
            notes = [f"{IN_DOUBT}, and taken in: {doubt}" for doubt in one.doubts]
            update = {"page_rows": rows, "repairs": (*one.tool.repairs, *notes)}
            changed = notes or one.tool.page_rows != rows
            kept.append(one.tool.model_copy(update=update) if changed else one.tool)
            continue
        file, name = one.tool.source.path, one.tool.name
        if strict and not reason.startswith(IN_DOUBT):
            raise InputError(reason, file=file, tool=name, place=place)
        done = one.tool.repairs
        skipped.append(SkippedTool(file=file, tool=name, place=place, reason=reason, repairs=done))
    if [*map(id, kept)] == [*map(id, catalog.tools)]:
        return catalog
    if not kept and any(one.reason.startswith(IN_DOUBT) for one in skipped):
        return try_tools(
            catalog,
            strict=strict,
            include_doubtful=True,
            most_tokens=most_tokens,
            made_here=made_here,
        )
    worlds = narrow_sources(worlds, cut, kept)
    return catalog.model_copy(
        update={"tools": tuple(kept), "skipped": tuple(skipped), "worlds": worlds}
    )


def _read_kinds(
    model: ToolModel,
    tool: ToolSpec,
    world: World,
    sources: Sequence[WorldSource],
    made_here: bool,
) -> Tried:
    """The tool without what has no kind, and why it is out, if it is."""
    entity = world.entities.get(model.entity or "")
    noun = called_like(world, entity) if entity is not None else model.noun
    answer = find_answer(tool) if entity is None else None

    def meaning(path: str, schema: JsonObject) -> SemanticType:
        parameter = model.by_path.get(path)
        name = re.sub(r"\[\d*\]", "", path).rsplit(".", 1)[-1]
        if parameter is None:
            return semantic_type(name, schema)
        if answer is not None and path in answer.roles.values():
            return "enum"
        field = entity.fields.get(parameter.field or "") if entity else None
        named_beside = (parameter.field or "").startswith("[")  # it is of that field's kind
        listed = parameter.use != "query" and lists_values(entity, field)
        if "enum" in parameter.schema or named_beside or listed:
            return "enum"
        named = parameter.use in ("identity", "reference") and parameter.entity
        return "opaque_id" if named and parameter.semantic == "unknown" else parameter.semantic

    own = entity.noun if entity is not None else ""
    given = ValueKinds(noun, meaning, lenient=False, worded=entity is None, own=own)
    parameters = given.keep_told(tool.parameters, "", "", "parameters")
    unsure: tuple[str, ...] = ()
    if parameters is None and given.left_out[-1][1] in UNSURE:
        place, why = given.left_out[-1]
        parameters, unsure = tool.parameters, (f"{place}: {why}",)
    if parameters is None or _searches_for_nothing(model, parameters):
        return Tried(tool, *given.left_out[-1])
    if made_here and entity is not None and (mixed := _find_mixed_list(model, entity)):
        return Tried(tool, f"parameters.{mixed}", MIXED_LIST)
    returns, left_out = tool.returns, given.left_out
    if made_here and answer is None:
        returns, unanswered, out = _read_result(world, sources, model, entity, noun)
        if out is not None:
            return Tried(tool, *out)
        left_out = [*left_out, *unanswered]
    if parameters != tool.parameters or returns != tool.returns:
        said = [f"{place}: left out: {reason}" for place, reason in left_out]
        update = {
            "parameters": parameters,
            "returns": returns,
            "returns_from": tool.returns_from if returns is not None else None,
            "repairs": (*tool.repairs, *dict.fromkeys(said)),
        }
        tool = tool.model_copy(update=update)
    if made_here and entity is not None and _tells_nothing(world, model, entity):
        unsure = (*unsure, NO_ANSWER)
    # A verb that nobody knows, about a row that other tools get or list, changes or shows that row.
    others = world.by_entity[model.entity] if model.entity is not None else ()
    known = bool(model.doubts) and any(  # the rest need not be looked through for a sure one
        one is not model and DOUBTS[NO_VERB] not in one.doubts for one in others
    )
    grave = {DOUBTS[NO_NOUN]} if known else {DOUBTS[NO_NOUN], DOUBTS[NO_VERB]}
    return Tried(tool, doubts=(*unsure, *(one for one in model.doubts if one in grave)))


def _searches_for_nothing(model: ToolModel, parameters: JsonObject) -> bool:
    """Whether all that rows are searched by has been left out of a search's ``parameters``."""
    asked = {path_top(one.path) for one in model.parameters if one.use in _ASKED_BY}
    asked &= {*model.tool.parameters.get("properties", {})}
    return (
        model.act == "search" and bool(asked) and asked.isdisjoint(parameters.get("properties", {}))
    )


def _find_mixed_list(model: ToolModel, entity: Entity) -> str:
    """The list of an update that names rows which its own row refers to by itself; else empty.

    ``updates: [{contact_id, status}]`` of a subscription that has one ``contact_id``: nothing
    tells which subscription's state each element changes.
    """
    held = {one.entity for one in entity.fields.values() if one.entity}
    mixed = (one.path.rpartition("[].")[0] for one in model.parameters
             if one.use == "reference" and one.entity in held
             and "[]." in one.path and one.path == one.field)  # fmt: skip
    return next(mixed, "") if model.operation == "update" else ""


@remembered
def _list_given(world: World) -> Mapping[str, Collection[str]]:
    """Entity → the fields that calls of its tools give."""
    found: dict[str, set[str]] = {}
    for model in world.models.values():
        given = (one.field or one.name for one in model.parameters if one.use != "option")
        found.setdefault(model.entity or "", set()).update(given)
    return found


_Places = list[tuple[str, str]]


def _read_result(
    world: World,
    sources: Sequence[WorldSource],
    model: ToolModel,
    entity: Entity | None,
    noun: str,
) -> tuple[JsonObject | None, _Places, tuple[str, str] | None]:
    """The source's schema of the result without what has no kind; what that is; why it is out."""

    def shown(path: str, schema: JsonObject) -> SemanticType:
        name = path.replace("[]", "").rsplit(".", 1)[-1]
        field = entity.fields.get(name) if entity else None
        if lists_values(entity, field):
            return "enum"
        if field is None:
            return semantic_type(name, schema)
        # Choices that only another tool's result has may be cut out of that.
        told = field.semantic != "enum" or not {"enum", "const"}.isdisjoint(schema)
        return field.semantic if told or returns is None else semantic_type(name, schema)

    listing, returns = model.operation == "list", model.tool.returns
    given = _list_given(world)[entity.key] if entity else ()
    gives = ValueKinds(
        noun, shown, lenient=True, worded=entity is None, listing=listing, given=given,
        own=entity.noun if entity is not None else "",
    )  # fmt: skip
    told = gives.keep_told(model.returns, "", "", "result")
    if entity is None and find_code(model.tool.name) is None:
        if not _is_known(model) or (told is None and returns is None):
            return returns, [], ("result", NO_ANSWER)
        if told is None:
            return returns, [], gives.left_out[-1]
    cut = returns is not None and told and not is_described(world, model)
    if entity and told and cut and leaf_count(model.returns) > _MANY:
        # The fields of an entity of which a world file, or a model, says something.
        said = (one for source in sources for one in source.of_entity(entity.noun, entity.domain))
        shows = PlainResult(
            world,
            model,
            entity,
            frozenset(path_top(place) for one in said for place in (*one.fields, *one.parts)),
        )
        plain = shows.cut(told)
        lost = any(
            is_name(place.rpartition(".")[2]) and place.count(".") < _DEEP
            for place, _ in gives.left_out
        )
        paged = model.operation == "get" and page_place(told)
        if not model.writes and (not shows.answers or (lost and not shows.named) or paged):
            # It is offered, and nobody asks for it, as it would say nothing of its rows.
            gives.left_out.append(("result", NO_ANSWER))
            plain = {"type": kind_of(simple(told))}
        told = plain or told
    if returns is not None:
        return (returns if told is model.returns else told), gives.left_out, None
    side = entity is not None and model.operation == "get" and bool(gives.left_out)
    known = set((told or {}).get("properties", {}))
    alone = side and known <= {*(entity.identity if entity is not None else ())}
    return returns, [], gives.left_out[0] if alone else None


def _tells_nothing(world: World, model: ToolModel, entity: Entity) -> bool:
    """Whether a read whose result is inferred shows only what was asked by, or ids of its rows.

    Or, of one thing of which it is to tell the details, what the thing is called.
    """
    if not model.returns_inferred or model.operation not in ("get", "list"):
        return False
    shown: JsonObject = model.returns.get("properties", {})
    for part in shown.values() if model.operation == "list" else ():
        shown = part.get("items", {}).get("properties", shown) if isinstance(part, dict) else shown
    given = {one.field for one in model.parameters if one.use in ("identity", "reference")}
    told = [entity.fields[name] for name in shown if name in entity.fields and name not in given]
    marks = [one for one in told if one.entity or one.semantic in ("opaque_id", "number_id")
             or _is_unnamed(world, entity, one)]  # fmt: skip
    if model.operation != "get":
        return len(marks) == len(told)
    named = all(one.semantic in ("title", "person_name") for one in told)
    return named and (not told or bool(_DETAILS.search(model.tool.description)))


def _is_unnamed(world: World, entity: Entity, field: Field) -> bool:
    """Whether it is what a row is called by, and nothing tells names of such: a chain's ``chain``.

    A parameter that names such a row may tell some.
    """
    if field.name != snake(entity.noun) or lists_values(entity, field):
        return False
    naming = (p for model in world.models.values() for p in model.parameters)
    named = ((p.semantic, p.schema) for p in naming if p.entity == entity.key)
    ways = ((field.semantic, field.schema), *named)
    return all(find_untold(Want(means, simple(schema), field.name, entity.noun))
               for means, schema in ways)  # fmt: skip


def _is_known(model: ToolModel) -> bool:
    """Whether what a tool without rows answers is of a kind: a lone text is any sentence."""
    returns = simple(model.returns)
    name = lone_text(returns, None)
    if name is None:
        return True
    part = returns.get("properties", {}).get(name, returns)
    semantic = semantic_type(name, part)
    computed = any(one.semantic in ("timezone", "expression") for one in model.parameters)
    told = semantic not in ("unknown", "text", "label", "title", "query") or "pattern" in part
    return computed or told or "diff" in model.name


def _try_call(sandbox: Sandbox, tool: ToolSpec, most_tokens: int) -> tuple[str, str]:
    """Place and reason, where no lawful arguments or result can be made; else two empty texts.

    ``most_tokens``: of a result; 0 where results are not made here.
    """
    world, rng = sandbox.world, Random(0)
    model = world.models[tool.wire_name]
    for name in dict.fromkeys((*tool.required, *tool.properties)):
        wrong = _find_wrong(tool.properties[name], rng, name, model, f"parameters.{name}")
        if wrong is not None:
            return wrong
    if tool.returns is not None and most_tokens:
        made = _make(tool.returns, rng, "", model)
        size = _count_tokens(made)
        if size > most_tokens and model.operation != "list":
            return "result", _TOO_LONG.format(size, most_tokens)
        fails = not keeps_format(made, tool.returns)
        if fails and (wrong := _find_wrong(tool.returns, rng, "", model, "result")) is not None:
            return wrong
    written = [one for one in model.parameters if one.use in ("field", "reference")]
    idle = bool(written) and not model.transition and not any(one.required for one in written)
    # An update whose every change may be left out; no rows are made where one is easily said.
    idle = idle and model.operation == "update" and not can_change(sandbox.plan(model.name))
    rare = _is_rare(tool.parameters)
    rare_result = bool(most_tokens and tool.returns) and _is_rare(tool.returns or {})
    for seed in range(_TRIED_WORLDS if rare or rare_result or idle else 0):
        if propose_arguments(Sandbox(world, seed, _CLOCK), model.name, Random(seed)) is not None:
            break
    else:
        if rare or rare_result or idle:
            reason = NO_CALL if rare else NO_CHANGE
            return ("result", NO_RESULT) if rare_result else ("parameters", reason)
    return "", ""


def _measure_page(sandbox: Sandbox, tool: ToolSpec, most_tokens: int) -> tuple[int | None, str]:
    """The most rows that a list's result may show, None for all; why it is out, if it is.

    What can be cut to pages is, by the size of a row as it is made up; of rows that are told, and
    of a list that cannot be cut, what there is is measured.
    """
    if sandbox.world.models[tool.wire_name].operation != "list":
        return None, ""
    plan = sandbox.plan(tool.wire_name)
    entity, model = plan.entity, plan.model
    if entity is None:
        return None, ""
    frames = seeds_of(Same(sandbox.world), _SEED, _CLOCK).frames.of(entity.key)
    made = _make(model.returns, Random(0), "", model)
    sample = value_at(made, plan.rows_at)
    sizes = [*map(_count_tokens, sample)] if isinstance(sample, list) else []
    longest = max(sizes, default=_count_tokens(made))
    bare = _count_tokens(made) - sum(sizes) if sizes else 0
    if bare + longest * len(frames) < most_tokens * _ROOM:
        return None, ""
    if sizes and longest < most_tokens and can_page(plan) and not told_names(entity):
        return max(int((most_tokens * _FULL - bare) // (longest * _LONGER)), 1), ""

    def measure(rows: Sequence[Row]) -> int:
        return _count_tokens(show(Answer(sandbox.store, plan, entity, Page(rows, len(rows)), {})))

    rows = sandbox.rows(entity.key)
    if measure(rows) <= most_tokens * _ROOM:
        return None, ""
    if can_page(plan):
        bare, longest = measure([]), max(measure([row]) for row in rows)
        fitting = int((most_tokens * _FULL - bare) // max(longest - bare, 1))
        if longest <= most_tokens:
            return max(fitting, 1), ""
        return None, _TOO_LONG.format(longest, most_tokens)
    calls = (
        propose_arguments(sandbox, tool.wire_name, Random(seed), optional=0)
        for seed in range(_TRIES)
    )
    results = (sandbox.call(tool.wire_name, one).content for one in calls if one is not None)
    sizes = [*map(_count_tokens, results)]
    longest = max(sizes, default=0)
    return None, _TOO_LONG.format(longest, most_tokens) if longest > most_tokens else ""


def _count_tokens(result: Any) -> int:
    return len(json.dumps(result, ensure_ascii=False)) // 4


def _find_wrong(
    schema: Any, rng: Random, name: str, model: ToolModel, place: str
) -> tuple[str, str] | None:
    """The innermost place for which no lawful value is made, with the reason; None where all is."""
    if not isinstance(schema, dict):
        return None if schema else (place, "nothing is allowed")
    if keeps_format(_make(schema, rng, name, model), schema):
        return None
    if reason := find_impossible(schema):
        return place, reason
    plain, element = simple(schema), singular(name)
    parts = [(f"{place}.{one}", one, rule) for one, rule in plain.get("properties", {}).items()]
    parts += [(f"{place}[]", element, plain["items"])] if "items" in plain else []
    for below, inner, rule in parts:
        if (wrong := _find_wrong(rule, rng, inner, model, below)) is not None:
            return wrong
    if "pattern" in plain:
        return place, f"no text was found that the pattern matches: {plain['pattern']}"
    return place, NO_RESULT if place.startswith("result") else NO_CALL


def _make(schema: JsonObject, rng: Random, name: str, model: ToolModel) -> Any:
    """A value of a schema, as rows and arguments would have it."""
    parameter = model.by_path.get(name)
    semantic = parameter.semantic if parameter else semantic_type(name, schema)
    value = None
    for _ in range(_TRIES):
        value = invent(semantic, schema, rng, name=name, noun=model.noun, clock=_CLOCK)
        if keeps_format(value, schema):
            break
    return value


@remembered
def _is_rare(schema: JsonObject) -> bool:
    """Whether a keyword stands in it that is not always satisfied by construction."""
    return any(not _RARE.isdisjoint(part) for part in _parts(schema))


def _parts(schema: Any) -> Iterator[JsonObject]:
    """A schema and all within it that are of values."""
    if not isinstance(schema, dict):
        return
    yield schema
    inner: Sequence[Any] = (
        *schema.get("properties", {}).values(), schema.get("items"),
        schema.get("additionalProperties"), *schema.get("anyOf", ()), *schema.get("allOf", ()),
    )  # fmt: skip
    for part in inner:
        yield from _parts(part)
