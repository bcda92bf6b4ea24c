"""What a model is asked about a domain: few requests, of bounded length, that begin alike.

The first is about the service and its things, the later ones about a few tools each. What is too
long is cut by rule, and the prompt says so: descriptions first, then names.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.prompts import SHIPPED, Prompts
from generators.importers.subschemas import map_subschemas
from generators.importers.texts import shorten
from generators.world.model import split_entity_key
from generators.world.schema_leaves import as_schema, plain_schema, schema_type
from schemas.canonical import derive_seed
from schemas.chat import ChatRequest, object_shape
from schemas.record import JsonObject
from schemas.semantic import SEMANTIC_TYPES
from schemas.tool import ToolSpec
from schemas.world_model import (
    EntityMeaning,
    ParameterMeaning,
    WorldModel,
)

MOST_LISTED = 24_000
"""Characters of a list of tools or things."""
MOST_OF_A_TOOL = 5_000
"""Characters of the schemas of one tool."""
MOST_ASKED = 16_000
"""Characters of the tools that one request is about."""
MOST_TOOLS, MOST_ENTITIES = 6, 16
"""In one request; of entities, about so many."""
_LONGEST, _SHORTEST = 700, 60
"""Characters of a description in the list of tools."""
_MOST_SAID = 60
"""Characters of what is said of a parameter, there."""
_MOST_CHOICES = 12
_MOST_SHOWN_WHOLE, _MOST_NOUNS = 8_000, 3_000
"""Characters of all things, up to which every request shows them; of the names of others."""


@dataclass(frozen=True)
class Question:
    """One request."""

    domain: str
    about: str
    """For people: ``shop: the service and its things``."""
    keys: tuple[str, ...]
    """That the answer may have."""
    messages: tuple[JsonObject, ...]
    prompts: Prompts = SHIPPED

    def request(self) -> ChatRequest:
        """The request; the same for the same tools and prompts, whatever is built of them."""
        some: JsonObject = {"type": "object"}
        return ChatRequest(
            role="documenter",
            messages=self.messages,
            seed=derive_seed("complete world", self.domain, self.about),
            temperature=0.0,
            json_object=True,
            shape=object_shape({self.keys[0]: some}, dict.fromkeys(self.keys[1:], some)),
        )

    def again(self, text: str, problem: str, dropped: Sequence[str]) -> "Question":
        """The one request to put right what was wrong with an answer."""
        most = 40
        asked = self.prompts.render(
            "complete_repair.j2", problem=problem, dropped=dropped[:most],
            more=max(0, len(dropped) - most),
        )  # fmt: skip
        said = ({"role": "assistant", "content": text or "(nothing)"},)
        more = (*said, {"role": "user", "content": asked})
        about = f"{self.about}, put right"
        return replace(self, about=about, messages=(*self.messages, *more))


@dataclass(frozen=True)
class Known:
    """What is known of a domain before a model is asked."""

    domain: str
    tools: tuple[ToolSpec, ...]
    said: WorldModel
    """By people and models."""
    merged: WorldModel
    """That, and what the rules conclude."""
    out: Mapping[str, str]
    """Tool that cannot be called so far → why."""
    prompts: Prompts = SHIPPED
    """In what words is asked."""

    @property
    def entities(self) -> dict[str, EntityMeaning]:
        """By noun; those that more tools are about first."""
        uses = [tool.entity for tool in self.merged.tools.values()]
        own = {
            split_entity_key(key)[1]: one
            for key, one in self.merged.entities.items()
            if split_entity_key(key)[0] == self.domain
        }
        return dict(sorted(own.items(), key=lambda item: (-uses.count(item[0]), item[0])))

    @property
    def open_entities(self) -> tuple[str, ...]:
        """Those of which nobody has said what names them."""
        told = [self.said.entities.get(f"{self.domain}/{noun}") for noun in self.entities]
        pairs = zip(self.entities, told, strict=True)
        return tuple(noun for noun, one in pairs if one is None or one.identity is None)

    @property
    def is_open(self) -> bool:
        """Whether anything of the service itself is still to be said."""
        told = self.said.domains.get(self.domain)
        return told is None or not (told.service and told.policy and told.rules)

    @property
    def open_tools(self) -> tuple[ToolSpec, ...]:
        """Those of which nobody has said what they do and what each parameter is for."""
        open_ones = []
        for tool in self.tools:
            told = self.said.tools.get(tool.wire_name)
            merged = self.merged.tools[tool.wire_name]
            if told is None or told.operation is None or merged.parameters.keys() - told.parameters:
                open_ones.append(tool)
        return tuple(open_ones)


def ask_of_domain(known: Known) -> Iterator[Question]:
    """What is asked first: the service with its things, a page of them a request."""
    nouns = known.open_entities
    if not (known.is_open or nouns):
        return
    # A line for each tool, and how many are left out for length.
    count = max(1, len(known.tools))
    takes = [shorten(_tell_taken(tool, _MOST_SAID), 10 * _MOST_SAID) for tool in known.tools]
    if sum(map(len, takes)) > MOST_LISTED // 2:
        takes = [shorten(_tell_taken(tool, 0), 5 * _MOST_SAID) for tool in known.tools]
    room = (MOST_LISTED - sum(map(len, takes))) // count - 100
    longest = max(_SHORTEST, min(_LONGEST, room))
    lines = []
    for tool, takes_these in zip(known.tools, takes, strict=True):
        taken = known.merged.tools[tool.wire_name]
        sets = ["sets {}={}".format(*one) for one in (taken.transition or {}).items()]
        took = " ".join([str(taken.operation), "of", taken.entity or "nothing", *sets])
        said = shorten(" ".join(tool.description.split()), longest)
        result = "" if tool.returns is not None else "; no schema of its result"
        lines.append(f"- {tool.wire_name}({takes_these}): {said} [taken for: {took}{result}]")
    listed = _within(lines)
    unnamed = len(lines) - len(listed)
    things = _within(list(map(_tell_entity, known.entities, known.entities.values())))
    policy = known.said.domains[known.domain].policy if known.domain in known.said.domains else ""
    size = -(-len(nouns) // max(1, round(len(nouns) / MOST_ENTITIES))) or 1  # no page of a few
    pages = [nouns[at : at + size] for at in range(0, len(nouns), size)] or [()]
    for number, page in enumerate(pages):
        asked = known.prompts.render(
            "complete_domain.j2", domain=known.domain, tools=listed, unnamed=unnamed,
            entities=things, policy=shorten(policy or "", MOST_LISTED), first=number == 0,
            asked_entities=page if len(pages) > 1 else (),
        )  # fmt: skip
        keys = ("domain", "entities", "tools") if number == 0 else ("entities",)
        about = "the service and its things" + (f", {number + 1}" if number else "")
        yield _question(known, about, keys, asked)


def ask_of_tools(known: Known) -> Iterator[Question]:
    """What is asked then: of each tool, a few small ones a request."""
    told = known.merged.domains.get(known.domain)
    keys = {"origins", "policy", "rules"}
    service = told.model_dump(mode="json", exclude_defaults=True, exclude=keys) if told else {}
    lines = {noun: _tell_entity(noun, one) for noun, one in known.entities.items()}
    is_short = sum(map(len, lines.values())) <= _MOST_SHOWN_WHOLE
    for group in _group(known):
        # The things that these tools are about or name, and those that these belong to or name.
        tools = [known.merged.tools[one["name"]] for one in group]
        near = {one.entity for one in tools}
        near |= {one.entity for tool in tools for one in tool.parameters.values()}
        entities = [known.entities[noun] for noun in near if noun in known.entities]
        near |= {one.owner for one in entities}
        near |= {field.entity for one in entities for field in one.fields.values()}
        near = {*lines} if is_short else near
        things = _within([lines[noun] for noun in lines if noun in near])
        others = [noun for noun in lines if noun not in near]
        asked = known.prompts.render(
            "complete_tools.j2", domain=known.domain, service=service, entities=things,
            others=shorten(", ".join(others), _MOST_NOUNS), tools=group,
        )  # fmt: skip
        names = ", ".join(one["name"] for one in group)
        yield _question(known, names, ("tools", "entities"), asked)


def _question(known: Known, about: str, keys: tuple[str, ...], asked: str) -> Question:
    kinds = [one for one in SEMANTIC_TYPES if one != "unknown"]
    form = known.prompts.render("complete_form.j2", semantics=kinds)
    messages = ({"role": "system", "content": form}, {"role": "user", "content": asked})
    return Question(known.domain, f"{known.domain}: {about}", keys, messages, known.prompts)


def _group(known: Known) -> Iterator[list[JsonObject]]:
    """The tools that are asked about, those about one thing together."""

    def place(tool: ToolSpec) -> tuple[str, str]:
        return known.merged.tools[tool.wire_name].entity or "", tool.wire_name

    group: list[JsonObject] = []
    size = 0
    for tool in sorted(known.open_tools, key=place):
        taken = known.merged.tools[tool.wire_name]
        told = {
            taken.origins[key].source for key in ("operation", "entity") if key in taken.origins
        }
        doubt = taken.origins.get("doubt") if told <= {"rules", "schema"} else None
        has_result = tool.returns is not None
        room = MOST_OF_A_TOOL // (2 if has_result else 1)
        # What is concluded so far, without what is empty.
        given = taken.model_dump(
            mode="json", exclude_defaults=True, exclude={"origins", "parameters", "exclude"}
        )
        uses = {path: _tell_parameter(one) for path, one in taken.parameters.items()}
        block = {
            "name": tool.wire_name,
            "description": tool.description,
            "parameters": outline_schema(tool.parameters, room),
            "returns": outline_schema(tool.returns, room) if tool.returns is not None else "",
            "taken": {**given, **({"parameters": uses} if uses else {})},
            "doubts": doubt.why.splitlines() if doubt else (),
            "out": known.out.get(tool.wire_name, ""),
        }
        length = sum(len(str(value)) for value in block.values())
        if group and (len(group) == MOST_TOOLS or size + length > MOST_ASKED):
            yield group
            group, size = [], 0
        group.append(block)
        size += length
    if group:
        yield group


def _within(lines: list[str]) -> list[str]:
    """As many lines as there is room for."""
    room, shown = MOST_LISTED, []
    for line in lines:
        line = shorten(line, MOST_LISTED // 4)
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    return shown


def _tell_taken(tool: ToolSpec, most: int) -> str:
    """``index integer: The index of…; content; run? boolean``: of texts no type is told.

    ``most``: characters of what is said of each, where the tool's own description does not.
    """
    told, whole = [], " ".join(tool.description.split())
    for name in sorted(tool.properties, key=lambda name: name not in tool.required):
        schema = plain_schema(as_schema(tool.properties[name]))
        kind, mark = schema_type(schema), "" if name in tool.required else "?"
        if kind == "array":
            kind = f"{schema_type(plain_schema(as_schema(schema.get('items')))) or 'any'}[]"
        said = " ".join(str(schema.get("description") or "").split())
        said = "" if said in whole else said[:most].rstrip()
        typed = f" {kind}" if kind not in ("", "string") else ""
        told.append(f"{name}{mark}{typed}{f': {said}' if said else ''}")
    return "; ".join(told)


def _tell_entity(noun: str, entity: EntityMeaning) -> str:
    """``order: named by order_id; owner user; fields: order_id (opaque_id), …``."""
    parts = [f"identity {', '.join(entity.identity or ())}"]
    parts += [f"named_by {', '.join(entity.named_by)}"] if entity.named_by else []
    parts += [f"owner {entity.owner}"] if entity.owner else []
    if entity.states:
        start = f", a new one is {entity.start}" if entity.start else ""
        parts.append(f"state_field {entity.state_field}: {', '.join(entity.states)}{start}")
    fields = []
    for name, field in {**entity.fields, **entity.parts}.items():
        schema = plain_schema(dict(field.json_schema or {}))
        choices = [str(one) for one in field.choices or schema.get("enum", ())]
        bounds = [schema.get("minimum", field.min), schema.get("maximum", field.max)]
        kind = schema_type(schema)
        told = [field.semantic or "unknown", f"id of {field.entity}" if field.entity else ""]
        told += [kind] if kind not in (None, "string") else []
        told += ["|".join(choices[:_MOST_CHOICES]) + ("|…" if choices[_MOST_CHOICES:] else "")]
        if any(bound is not None for bound in bounds):
            told.append("..".join("" if bound is None else f"{bound:g}" for bound in bounds))
        told += [field.unit or "", f"only in {'|'.join(field.only_in)}" if field.only_in else ""]
        fields.append(f"{name} ({', '.join(filter(None, told))})")
    parts.append(f"fields: {', '.join(fields)}" if fields else "no fields known")
    for one in entity.constraints:
        held = one.holds or f"{one.field} = {one.equals}"
        parts.append(f"holds {held} when {one.when}" if one.when else f"holds {held}")
    return f"{noun}: {'; '.join(parts)}"


def _tell_parameter(one: ParameterMeaning) -> str:
    whose = f" of {one.entity}" if one.entity else ""
    field = f", field {one.field}" if one.field else ""
    role = f", role {one.role}" if one.role else ""
    return f"{one.use}{whose}{field}, {one.semantic or 'unknown'}{role}"


def outline_schema(schema: JsonObject, most: int) -> str:
    """The schema as JSON of at most so many characters: texts are cut, then what lies deep."""
    text = json.dumps(schema, ensure_ascii=False)
    for longest, depth in ((400, 99), (120, 99), (0, 6), (0, 4), (0, 3), (0, 2)):
        if len(text) <= most:
            return text
        said = "texts are cut" if depth == 99 else f"no texts, {depth} levels"
        outlined = json.dumps(_outline(schema, longest, depth), ensure_ascii=False)
        text = f"{outlined} (cut for length: {said})"
    return text if len(text) <= most else f"{text[:most]}… (cut for length)"


def _outline(schema: Any, longest: int, depth: int) -> Any:
    if not isinstance(schema, dict):
        return schema
    if depth == 0:
        return {key: schema[key] for key in ("type",) if key in schema}
    kept = map_subschemas(schema, lambda part, _: _outline(part, longest, depth - 1))
    for key in ("examples", "default", "title") if longest == 0 else ():
        kept.pop(key, None)
    said = kept.get("description")
    if isinstance(said, str):
        kept["description"] = shorten(said, longest) if longest else ""
        if not kept["description"]:
            del kept["description"]
    if isinstance(kept.get("enum"), list) and len(kept["enum"]) > 3 * _MOST_CHOICES:
        kept["enum"] = [*kept["enum"][: 3 * _MOST_CHOICES], "…"]
    return kept
