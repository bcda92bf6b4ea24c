"""What people and models say of tools, as far as it still holds where some are left out.

A tool that cannot be called is not offered, and a parameter whose values nobody knows is not given.
What was said of the whole is right as it stands; of the rest it is said without what speaks of
those: a goal that needs the tool, a demand on the parameter. What such a tool alone tells of a
thing's fields is kept, as a source of its own that is weaker than any: its rows have them still.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set

from generators.world.expression import parse_expression
from generators.world.infer import AsInferred, describe_world
from generators.world.model import split_entity_key
from generators.world.schema_leaves import leaves_of, path_top
from schemas.errors import InputError
from schemas.tool import ToolSpec
from schemas.world_model import (
    DomainMeaning,
    EntityMeaning,
    FieldMeaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)

_LEFT_OUT = "the tools"
"""What the source of what tools tell that are left out is called."""


def narrow_sources(
    sources: Sequence[WorldSource], before: Sequence[ToolSpec], after: Sequence[ToolSpec]
) -> tuple[WorldSource, ...]:
    """What the sources say of ``before``, as far as it holds of ``after``, some of these."""
    if not sources or [*map(AsInferred, before)] == [*map(AsInferred, after)]:
        return tuple(sources)
    whole = {tool.wire_name: tool for tool in before}
    left = {tool.wire_name: tool for tool in after}
    spoken = set(re.findall(r"\w+", " ".join(one.world.model_dump_json() for one in sources)))
    # The schemas of the fields that the catalogue's own tell, of those that are spoken of; of a
    # thing of which anything is said, what names a row too.
    said = {key for one in sources for key in one.world.entities}
    world = describe_world(before, sources)
    entities = {}
    for key, entity in world.entities.items():
        noun = split_entity_key(key)[1]
        naming = (entity.identity or ()) if {key, noun} & said else ()
        shown = {
            name: FieldMeaning(json_schema=one.json_schema)
            for name, one in entity.fields.items()
            if one.json_schema is not None
            and (name in naming
                 or (name in spoken and one.origins["json_schema"].source == "schema"))
        }  # fmt: skip
        if shown and spoken >= {*noun.split()}:
            entities[key] = EntityMeaning(identity=entity.identity, fields=shown)
    told = WorldModel(entities=entities)
    domains = tuple(dict.fromkeys(tool.domain for tool in before))
    kept = [one for one in sources if one.file != _LEFT_OUT]
    narrowed = (one.model_copy(update={"world": _narrow(one.world, whole, left)}) for one in kept)
    fields = WorldSource(file=_LEFT_OUT, author="catalogue", domains=domains, world=told)
    return (fields, *narrowed)


def _narrow(
    world: WorldModel, whole: Mapping[str, ToolSpec], left: Mapping[str, ToolSpec]
) -> WorldModel:
    gone = whole.keys() - left.keys()
    tools = {
        name: _narrow_tool(told, whole[name], left[name])
        for name, told in world.tools.items()
        if name in left
    }
    domains = {key: _narrow_service(one, gone) for key, one in world.domains.items()}
    return world.model_copy(update={"tools": tools, "domains": domains})


def _narrow_service(service: DomainMeaning, gone: Set[str]) -> DomainMeaning:
    """Without goals that need a tool that is gone, and without rules for such tools alone."""
    goals = [one for one in service.goals if gone.isdisjoint(one.tools)]
    ids = {one.id for one in goals}
    kept = tuple(
        one.model_copy(update={"goes_with": tuple(key for key in one.goes_with if key in ids)})
        for one in goals
    )
    rules = tuple(
        one.model_copy(update={"tools": tuple(name for name in one.tools if name not in gone)})
        for one in service.rules
        if not one.tools or not gone >= {*one.tools}
    )
    return service.model_copy(update={"goals": kept, "rules": rules})


def _narrow_tool(told: ToolMeaning, whole: ToolSpec, left: ToolSpec) -> ToolMeaning:
    """Without what is said of parameters that are gone."""
    if left.parameters is whole.parameters:
        return told
    known = {leaf.path for leaf in leaves_of(left.parameters)}
    gone = {leaf.path for leaf in leaves_of(whole.parameters)} - known
    gone |= whole.properties.keys() - left.properties.keys()
    if not gone:
        return told
    roots = whole.properties.keys() - left.properties.keys()
    update = {
        "parameters": {key: one for key, one in told.parameters.items() if key not in gone},
        "demands": tuple(
            one for one in told.demands
            if gone.isdisjoint(one.parameters) and gone.isdisjoint(w.parameter for w in one.when)
        ),
        "needs": tuple(one for one in told.needs if _spares(roots, [one.require])),
        "changes": {to: by for to, by in told.changes.items() if _spares(roots, [to, by])},
        "results": {key: by for key, by in told.results.items() if _spares(roots, [by])},
    }  # fmt: skip
    return told.model_copy(update=update)


def _spares(roots: Set[str], texts: Iterable[str]) -> bool:
    """Whether no expression names one of these."""
    try:
        names = {path_top(path) for text in texts for path in parse_expression(text).names}
    except InputError:
        return True  # it is refused where all that is said is looked at
    return roots.isdisjoint(names)
