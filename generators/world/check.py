"""Looks whether what people and models say of a catalogue fits its tools and itself.

A model that contradicts the tools is refused with file, tool and place: names of entities, fields
and states that there are not, values that a field's own schema refuses, expressions that cannot be
read or name what nothing knows. What `generators.world.overrides` needs to go on is refused there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain

from jsonschema_rs import validator_for

from generators.lexicon.names import in_words
from generators.lexicon.verbs import find_verb
from generators.world.expression import parse_expression
from generators.world.model import split_entity_key
from generators.world.overrides import PARTS
from generators.world.schema_leaves import listed_schema, path_top, plain_schema, schema_type
from generators.world.states import spelled_state
from schemas.errors import InputError, nearest
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.world_model import (
    DomainMeaning,
    EntityMeaning,
    FieldMeaning,
    Meaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)

_DATED = ("date", "datetime", "time")
_CLOCK = ("today", "now")
"""How a date begins that says how it lies to the clock: ``today - 3d``."""
Entities = Mapping[str, EntityMeaning]
"""Of one domain, by noun."""


def check_world(
    tools: Sequence[ToolSpec],
    sources: Sequence[WorldSource],
    said: WorldModel,
    inferred: WorldModel,
    merged: WorldModel,
) -> None:
    """Raise InputError for the first thing that is said and cannot be; see `find_problems`."""
    for problem in find_problems(tools, sources, said, inferred, merged):
        raise problem


def find_problems(
    tools: Sequence[ToolSpec],
    sources: Sequence[WorldSource],
    said: WorldModel,
    inferred: WorldModel,
    merged: WorldModel,
) -> Iterator[InputError]:
    """All that is said and cannot be, each with file, tool and place.

    ``said`` is what people and models say of the tools and entities that there are, ``inferred``
    what the rules make of that, ``merged`` both.
    """
    by_domain: dict[str, dict[str, EntityMeaning]] = {tool.domain: {} for tool in tools}
    for key, entity in merged.entities.items():
        domain, noun = split_entity_key(key)
        by_domain.setdefault(domain, {})[noun] = entity
    for source in sources:
        meant = [(domain, noun) for domain in source.domains for noun in by_domain.get(domain, ())]
        nouns, keys = {noun for _, noun in meant}, {"/".join(one) for one in meant}
        for name in source.world.entities:
            if name not in nouns | keys:
                hint = nearest(name, keys if "/" in name else nouns)
                problem = f"there is no such entity{hint}"
                yield InputError(problem, file=source.file, place=f"entities.{name}")
    by_name = {tool.wire_name: tool for tool in tools}
    for name, told in said.tools.items():
        tool, found = by_name[name], inferred.tools[name]
        for place, problem in _find_tool_problems(tool, told, found, by_domain[tool.domain]):
            file = _file_of(told, place.partition(".")[0])
            yield InputError(problem, file=file, tool=name, place=place)
    for key, entity in said.entities.items():
        domain, noun = split_entity_key(key)
        entities, of_rules = by_domain[domain], inferred.entities[key]
        users = said.domains[domain].users if domain in said.domains else ()
        for part, place, problem in _find_entity_problems(noun, entity, of_rules, entities, users):
            file = _file_of(part, place.rpartition(".")[2])
            yield InputError(problem, file=file, place=f"entities.{noun}.{place}")
    for domain, service in said.domains.items():
        entities = by_domain.get(domain, {})
        for place, problem in _find_rule_problems(service, by_name, inferred.tools, entities):
            file = _file_of(service, "rules")
            yield InputError(problem, file=file, place=f"domains.{domain}.rules.{place}")
        for place, problem in _find_goal_problems(service, by_name):
            file = _file_of(service, "goals")
            yield InputError(problem, file=file, place=f"domains.{domain}.goals.{place}")


def _file_of(part: Meaning, key: str) -> str:
    """The file that says it, or else the first that says anything of the part."""
    inner = [one for key in PARTS for one in getattr(part, key, {}).values()]
    origins = [origin for one in (part, *inner) for origin in one.origins.values()]
    return part.origins.get(key, origins[0]).why if origins else ""


def _find_tool_problems(
    tool: ToolSpec, told: ToolMeaning, found: ToolMeaning, entities: Entities
) -> Iterator[tuple[str, str]]:
    """Place and problem of what is said of a tool; ``found``: what the rules make of that."""
    entity = entities.get(found.entity or "")
    fields = entity.fields if entity is not None else {}
    yield from _find_act_problems(told, found, fields)
    told_one: JsonObject = {"properties": {"result": {}}}  # as `infer_returns` has it
    shown = (told_one if tool.returns is None else tool.returns).get("properties", {})
    for name in told.results:
        if found.entity is not None:
            yield f"results.{name}", "only a tool without rows has results that are told"
        elif name not in shown:
            yield f"results.{name}", f"its result has no {name!r}{nearest(name, shown)}"
    for path in told.parameters:
        if path not in found.parameters:
            hint = nearest(path, found.parameters)
            yield f"parameters.{path}", f"there is no such parameter{hint}"
    for key, names in (("shows", told.shows), ("sorted_by", told.sorted_by)):
        for number, name in enumerate(names):
            yield from _find_missing(f"{key}.{number}", "field", [name.removeprefix("-")], fields)
    least = {"at_least_one": 1, "at_most_one": 2, "only_with": 2, "same": 2, "differ": 2}
    least |= dict.fromkeys(("needed", "never", "format", "one_of", "between"), 1)
    for number, demand in enumerate(told.demands):
        known = {**found.parameters, **tool.properties}
        yield from _find_missing(f"demands.{number}", "parameter", demand.parameters, known)
        count = least.get(demand.kind, 0)
        if len(demand.parameters) < count:
            yield f"demands.{number}", f"{demand.kind} is about {count} parameters or more"
    texts = [(f"needs.{n}.require", need.require) for n, need in enumerate(told.needs)]
    texts += [(f"changes.{to}", text) for to, value in told.changes.items() for text in (to, value)]
    texts += [(f"results.{name}", text) for name, text in told.results.items()]
    for place, text in texts:
        for problem in _find_text_problems(text, tool.properties.keys(), found.entity, entities):
            yield place, problem


def _find_missing(
    place: str, kind: str, names: Iterable[str], known: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Place and problem of each name that is none of the known ones."""
    for name in names:
        if name not in known:
            yield place, f"there is no {kind} {name!r}{nearest(name, known)}"


def _find_act_problems(
    told: ToolMeaning, found: ToolMeaning, fields: Mapping[str, FieldMeaning]
) -> Iterator[tuple[str, str]]:
    if found.entity is None and told.entity is not None:
        yield "entity", "a computation is about no entity"
    if found.entity is None and told.operation not in (None, found.operation):
        yield "entity", "say which entity it is about: nothing else tells"
    if told.operation == "transition":
        if not (told.transition or found.transition or find_verb(found.verb or "").state):
            say = "say which state it sets, such as 'transition: {status: closed}'"
            yield "operation", say
    elif told.transition and told.operation is not None:
        yield "transition", f"a tool whose operation is {told.operation} sets no state"
    for name, state in (told.transition or {}).items():
        if name not in fields:
            noun = found.entity or "computation"
            yield "transition", f"{noun} has no field {name!r}{nearest(name, fields)}"
            continue
        enum = list(fields[name].choices or ())
        if spelled_state(state, {"enum": enum} if enum else {}) is None:
            hint = nearest(state, map(str, enum))
            yield f"transition.{name}", f"{state!r} is no value of {name}{hint}"


def _find_entity_problems(
    noun: str,
    told: EntityMeaning,
    found: EntityMeaning,
    entities: Entities,
    users: Sequence[str] = (),
) -> Iterator[tuple[Meaning, str, str]]:
    """The part that says it, place and problem; ``found``: what the rules make of what is said.

    ``users`` may own things though they are no entity: who has signed in is no row.
    """
    own = {"fields": found.identity or (), "parts": ()}
    for key, one in (("fields", "field"), ("parts", "part")):
        known = getattr(found, key)
        for name, field in getattr(told, key).items():
            place = f"{key}.{name}"
            if name not in known:
                yield field, place, f"{noun} has no such {one}{nearest(name, known)}"
                continue
            problems = _find_field_problems(field, known[name], entities)
            for inner, problem in chain(problems, _find_implied_problems(noun, field, found)):
                yield field, f"{place}.{inner}", problem
            if field.entity == noun and name in own[key]:
                yield field, f"{place}.entity", "is what names the row itself"
    owners = [] if told.owner is None or told.owner in users else [told.owner]
    problems = _find_missing("owner", "entity", owners, entities)
    for place, problem in chain(problems, _find_state_problems(noun, told, found, entities[noun])):
        yield told, place, problem
    for place, problem in _find_row_problems(noun, told, entities[noun], entities):
        yield told, place, problem
    texts = [("named_by", name) for name in told.named_by]
    texts += [
        (f"constraints.{number}.{key}", text)
        for number, constraint in enumerate(told.constraints)
        for key in ("holds", "field", "equals", "when")
        if (text := getattr(constraint, key)) is not None
    ]
    for place, text in texts:
        for problem in _find_text_problems(text, found.fields.keys(), noun, entities):
            yield told, place, problem


def _find_field_problems(
    told: FieldMeaning, found: FieldMeaning, entities: Entities
) -> Iterator[tuple[str, str]]:
    if told.entity and told.entity not in entities:
        yield "entity", f"there is no entity {told.entity!r}{nearest(told.entity, entities)}"
    schema = plain_schema(dict(found.json_schema or {}))
    schema = listed_schema(schema) or schema
    if told.choices is not None:
        origin = found.origins.get("json_schema")
        given = origin is not None and origin.source == "schema"
        own = schema if given else {key: one for key, one in schema.items() if key != "enum"}
        allowed = validator_for(own)
        for one in told.choices:
            if not allowed.is_valid(one):
                hint = nearest(str(one), map(str, own.get("enum", ())))
                yield "choices", f"{one!r} is against the field's schema{hint}"
    for one in told.said:
        held = [*map(str, told.choices or schema.get("enum", ()))]
        if one not in held:
            yield f"said.{one}", f"{one!r} is none of the field's choices{nearest(one, held)}"
    if told.min is not None or told.max is not None:
        kind = schema_type(schema)
        if kind not in ("integer", "number"):
            numbers = "only numbers have a least and a greatest"
            yield "min", f"{numbers}; it is {kind or 'of no type'}"
        least = [one for one in (told.min, schema.get("minimum")) if one is not None]
        most = [one for one in (told.max, schema.get("maximum")) if one is not None]
        if least and most and max(least) > min(most):
            yield "min", "leaves no number that the field's schema allows"


def _find_implied_problems(
    noun: str, told: FieldMeaning, found: EntityMeaning
) -> Iterator[tuple[str, str]]:
    for value, held in told.implies.items():
        for name in held:
            if name not in found.fields:
                hint = nearest(name, found.fields)
                yield f"implies.{value}", f"{noun} has no field {name!r}{hint}"


def _find_row_problems(
    noun: str, told: EntityMeaning, found: EntityMeaning, entities: Entities
) -> Iterator[tuple[str, str]]:
    """What rows that are told hold and cannot: the fault of one is a fault of that row."""
    seen: dict[str, int] = {}
    for number, row in enumerate(told.rows):
        place = f"rows.{number}"
        for name, value in row.items():
            if name not in found.fields:
                yield place, f"{noun} has no field {name!r}{nearest(name, found.fields)}"
                continue
            field = found.fields[name]
            if field.semantic in _DATED and isinstance(value, str) and value.startswith(_CLOCK):
                for problem in _find_text_problems(value, set(), noun, entities):
                    yield place, f"{name}: {problem}"
                continue
            schema: JsonObject = dict(field.json_schema or {})
            choices = field.choices if listed_schema(schema) is None else None
            if not validator_for(schema).is_valid(value) or (choices and value not in choices):
                hint = nearest(str(value), map(str, choices or ()))
                yield place, f"{name}: {value!r} is no value of that field{hint}"
            elif field.entity and field.entity in entities and value is not None:
                yield from _find_dangling(place, name, value, entities[field.entity])
        identity = found.identity or ()
        key = "|".join(str(row.get(name)) for name in identity)
        if identity and all(name in row for name in identity):
            if key in seen:
                yield place, f"has the same {', '.join(identity)} as row {seen[key]}"
            seen.setdefault(key, number)


def _find_dangling(
    place: str, name: str, value: object, target: EntityMeaning
) -> Iterator[tuple[str, str]]:
    """What names a row that is not told, of a thing whose rows are."""
    identity = target.identity or ("",)
    part = name if name in identity else identity[-1]
    known = {str(row[part]) for row in target.rows if part in row}
    for one in value if isinstance(value, list) else [value]:
        if target.rows and str(one) not in known:
            yield place, f"{name}: no row that is told is {one!r}{nearest(str(one), known)}"


def _find_state_problems(
    noun: str, told: EntityMeaning, found: EntityMeaning, whole: EntityMeaning
) -> Iterator[tuple[str, str]]:
    name = whole.state_field
    if told.state_field is not None and name not in found.fields:
        hint = nearest(str(name), found.fields)
        yield "state_field", f"{noun} has no field {name!r}{hint}"
    held = whole.fields[name].choices if name and name in whole.fields else None
    known = held or whole.states
    said = [("states", one) for one in told.states if held]
    said += [("start", told.start)] if told.start else []
    said += [("follows", one) for start, ends in told.follows.items() for one in (start, *ends)]
    for place, state in said:
        if state not in known:
            yield place, f"{state!r} is no state of {noun}{nearest(state, map(str, known))}"


def _find_rule_problems(
    service: DomainMeaning,
    by_name: Mapping[str, ToolSpec],
    found: Mapping[str, ToolMeaning],
    entities: Entities,
) -> Iterator[tuple[str, str]]:
    for number, rule in enumerate(service.rules):
        yield from _find_missing(f"{number}", "tool", rule.tools, by_name)
        about = [rule.entity] if rule.entity is not None else []
        yield from _find_missing(f"{number}", "entity", about, entities)
        if rule.require is not None:
            meant = [name for name in rule.tools or by_name if name in by_name]
            named = {one for name in meant for one in by_name[name].properties}
            # ``row`` is that of each tool that the rule names, or of the things that it is about.
            rows = {found[name].entity for name in rule.tools if name in by_name}
            problems = dict[str, None]()
            for noun in [rule.entity] if rule.entity or not rows else sorted(rows, key=str):
                found_ones = _find_text_problems(rule.require, named, noun, entities)
                problems |= dict.fromkeys(found_ones)
            for problem in problems:
                yield f"{number}.require", problem


def _find_goal_problems(
    service: DomainMeaning, by_name: Mapping[str, ToolSpec]
) -> Iterator[tuple[str, str]]:
    known = [goal.id for goal in service.goals]
    for goal in service.goals:
        if known.count(goal.id) > 1:
            yield goal.id, "two goals have this id"
        yield from _find_missing(f"{goal.id}.tools", "tool", goal.tools, by_name)
        yield from _find_missing(f"{goal.id}.goes_with", "goal", goal.goes_with, known)


def _find_text_problems(
    text: str, names: Set[str], own: str | None, entities: Entities
) -> Iterator[str]:
    """What is wrong with an expression; nothing where it can be read and names what there is.

    ``names`` are parameters, or fields, that may begin a path; ``own`` is the noun of ``row``.
    """
    try:
        expression = parse_expression(text)
    except InputError as error:
        yield f"{error.problem}, {error.place}" if error.place else error.problem
        return

    def find_noun(name: str) -> str | None:
        """The entity that a name refers to by its last words: ``from_account`` an account."""
        words = in_words(name).split()
        tails = (" ".join(words[at:]) for at in range(len(words)))
        return next((tail for tail in tails if tail in entities), None)

    asked = []
    for path in expression.names:
        root, rest = path_top(path), path.partition(".")[2]
        if root not in names and root not in ("arguments", "today", "now", "user"):
            asked.append((own if root == "row" else find_noun(root), rest, root))
    asked += [(noun, "", noun) for noun in expression.entities]
    asked += [(noun, path, noun) for noun, path in expression.queries]
    for noun, path, root in asked:
        step = path_top(path)
        if noun is None and root == "row":
            yield "there is no 'row' here: say which tools or which entity it is about"
        elif noun is None:
            known = {*names, *entities, *(["row"] if own else []), "today", "now"}
            yield f"nothing here is called {root!r}{nearest(root, known)}"
        elif noun not in entities:
            yield f"there is no entity {noun!r}{nearest(noun, entities)}"
        elif step and step not in entities[noun].fields and find_noun(step) is None:
            yield f"{noun} has no field {step!r}{nearest(step, entities[noun].fields)}"
