"""Sentences of a user's own policy that code can decide, read into rules: a few plain shapes.

``An order can only be cancelled if its status is 'pending'``; ``Basic economy flights cannot be
modified``; ``… cannot modify the number of passengers``; ``at most five passengers``. A sentence is
read only where each of its words that matters is one of the tools'; all others stay text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from generators.lexicon.names import in_words, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.speech import number_word
from generators.lexicon.verbs import base_form
from generators.world.model import Entity, ToolModel, World
from generators.world.schema_leaves import plain_schema
from schemas.world_model import DomainMeaning, PolicyRuleMeaning

_SENTENCE = re.compile(r"[^.!?\n]+(?:\.|!|\?|$)", re.MULTILINE)
_ONLY_IF = re.compile(
    r"\b(?P<noun>[\w ]+?) can only be (?P<verb>\w+) "
    r"if its (?P<field>[\w ]+?) is '(?P<value>[\w ]+)'",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"^(?P<value>[\w ]+?) (?P<noun>\w+) (?:cannot|can't|can not|may not) be (?P<verb>\w+)\.?$",
    re.IGNORECASE,
)
_COUNT_STAYS = re.compile(r"\bcannot (?:modify|change) the number of (?P<list>\w+)", re.IGNORECASE)
_AT_MOST = re.compile(
    r"\bEach (?P<noun>\w+) can have at most (?P<most>\w+) (?P<list>\w+)", re.IGNORECASE
)
_CHANGING = frozenset({"modify", "change", "update", "edit"})


def with_read_rules(world: World) -> Mapping[str, DomainMeaning]:
    """The services of a world; to a policy that stands, the rules that its sentences tell."""
    services = dict(world.domains)
    for domain, service in world.domains.items():
        if not service.policy or not service.policy_stands:
            continue
        known = {rule.text for rule in service.rules}
        own = [one for one in world.models.values() if one.tool.domain == domain and one.writes]
        read = [one for one in _read_rules(service.policy, world, own) if one.text not in known]
        services[domain] = service.model_copy(update={"rules": (*service.rules, *read)})
    return services


def _read_rules(
    policy: str, world: World, tools: Sequence[ToolModel]
) -> Iterator[PolicyRuleMeaning]:
    for number, found in enumerate(_SENTENCE.finditer(policy)):
        text = found[0].strip().lstrip("-*# ").strip()
        for governed, require in _read_sentence(text, world, tools):
            if governed:
                names = tuple(one.name for one in governed)
                yield PolicyRuleMeaning(
                    id=f"sentence_{number}", text=text, tools=names, require=require
                )


Read = Iterator[tuple[Sequence[ToolModel], str]]
"""The tools that a sentence governs, and what it requires of their calls."""


def _read_sentence(text: str, world: World, tools: Sequence[ToolModel]) -> Read:
    for entity, own in _group(world, tools):
        yield from _read_only_if(text, entity, own)
        yield from _read_never(text, entity, own)
        yield from _read_count(text, entity, own)
    if found := _AT_MOST.search(text):
        figures = {number_word(n): n for n in range(1, 13)}
        most, listed = found["most"].lower(), found["list"].lower()
        figure = figures.get(most, int(most) if most.isdigit() else 0)
        if figure:
            yield [one for one in tools if _lists(one, listed)], f"count({listed}) <= {figure}"


def _read_only_if(text: str, entity: Entity, own: Sequence[ToolModel]) -> Read:
    """``An order can only be cancelled if its status is 'pending'``."""
    found = _ONLY_IF.search(text)
    field = entity.fields.get(found["field"].replace(" ", "_")) if found else None
    if found is None or field is None or entity.noun != _bare(found["noun"]):
        return
    if found["value"] in _choices(field.schema):
        named = [one for one in own if _is_done(one, found["verb"])]
        yield named, f"{_row(entity)}.{field.name} == '{found['value']}'"


def _read_never(text: str, entity: Entity, own: Sequence[ToolModel]) -> Read:
    """``Basic economy flights cannot be modified``."""
    found = _NEVER.match(text)
    if found is None:
        return
    noun, told = singular(found["noun"].lower()), in_words(found["value"].lower())
    about = [
        one
        for one in own
        if _is_done(one, found["verb"]) and noun in map(singular, split_words(one.name))
    ]
    for field in entity.fields.values():
        for value in _choices(field.schema):
            if in_words(value) == told:
                yield about, f"{_row(entity)}.{field.name} != '{value}'"


def _read_count(text: str, entity: Entity, own: Sequence[ToolModel]) -> Read:
    """``The user cannot modify the number of passengers``."""
    found = _COUNT_STAYS.search(text)
    if found and (listed := found["list"].lower()) in entity.fields:
        named = [one for one in own if one.operation == "update" and _lists(one, listed)]
        yield named, f"count({listed}) == count({_row(entity)}.{listed})"


def _row(entity: Entity) -> str:
    """How an expression calls a row of the entity."""
    return entity.noun.replace(" ", "_")


def _group(world: World, tools: Sequence[ToolModel]) -> Iterator[tuple[Entity, list[ToolModel]]]:
    """The entities that tools change, each with those that do."""
    for key in dict.fromkeys(one.entity for one in tools if one.operation != "create"):
        entity = world.entities.get(key or "")
        if entity is not None:
            yield entity, [one for one in tools if one.entity == key and one.operation != "create"]


def _bare(noun: str) -> str:
    """``An order`` → ``order``."""
    return re.sub(r"^(?:an?|the|each|every) ", "", noun.strip().lower())


def _is_done(model: ToolModel, participle: str) -> bool:
    """Whether a tool's verb is that of a participle: ``cancelled``, ``modified``."""
    said = participle.lower()
    verb = f"{said[:-3]}y" if said.endswith("ied") else base_form(said) or said
    words = split_words(model.name)
    if verb in words or model.verb == verb:
        return True
    return verb in _CHANGING and words[0] in _CHANGING


def _lists(model: ToolModel, name: str) -> bool:
    """Whether a tool takes a list of that name."""
    return any(one.path.partition("[")[0] == name and "[" in one.path for one in model.parameters)


def _choices(schema: object) -> list[str]:
    plain = plain_schema(schema) if isinstance(schema, dict) else {}
    return [one for one in plain.get("enum", ()) if isinstance(one, str)]
