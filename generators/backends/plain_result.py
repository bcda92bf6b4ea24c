"""What the results of a catalogue that nobody has described show: what is sure to agree.

A schema names fifty fields of a row, and what each of them means is only guessed, let alone how
they hang together. Kept are ids, names, states, when it was made, prices, and whatever the tools
themselves write or compare with; links, flags, counts and what lies deep within are left out.
"""

from collections.abc import Sequence
from functools import cache, partial

from generators.lexicon.date_field_names import stage_of, tells_past
from generators.lexicon.meanings import is_price
from generators.lexicon.names import in_words, snake, split_words
from generators.lexicon.tables import load_words
from generators.sandbox.schema_validity import kind_of, simple
from generators.sandbox.tool_results import is_done
from generators.world.model import Entity, Field, ToolModel, World
from generators.world.schema_leaves import path_top, wrapped_row
from generators.world.semantics import semantic_type
from schemas.record import JsonObject

_words = partial(load_words, "plain_results")

_MOST = {"date": 2, "datetime": 2, "text": 1}
"""How many such fields of a row are shown, beside those that tools write."""
_STEM = 6
"""Letters by which ``delivered_on`` is spoken of as a delivery."""


class PlainResult:
    """Goes through the schema of a tool's result, and leaves out what nobody can vouch for."""

    def __init__(
        self, world: World, model: ToolModel, entity: Entity, said: frozenset[str] = frozenset()
    ) -> None:
        """``said``: the fields of which somebody says something: they are shown as they are."""
        self.said = {*map(snake, said)}
        self.entity, self.listing, self.writes = entity, model.operation == "list", model.writes
        self.answers = self.named = False
        """Whether more is shown than how the call went, and what a row is called."""
        told = (
            (one.writes, parameter)
            for one in world.by_entity.get(entity.key, ())
            for parameter in one.parameters
            if parameter.use not in ("option", "input", "query")
        )
        service = world.domains.get(model.tool.domain)
        policy = (service.policy or "").lower() if service is not None else ""
        spoken = (one for one in entity.fields.values() if policy and _is_spoken_of(one, policy))
        self.asked = {snake(one) for one in (*entity.identity, *(field.name for field in spoken))}
        for writes, parameter in told:
            field = entity.fields.get(path_top(parameter.field or parameter.name))
            listed = field is not None and kind_of(simple(field.schema)) == "array"
            if field is not None and (writes or not listed):
                self.asked.add(snake(field.name))
        named = (entity.fields.get(one) for one in entity.identity)
        self._whole = any(
            one is not None and one.implies for one in map(entity.fields.get, entity.identity)
        )
        self._itself = {entity.key, *(one.entity for one in named if one is not None)}

    def cut(self, schema: JsonObject, name: str = "", depth: int = 0) -> JsonObject | None:
        """The schema with what is kept; None where that is nothing. ``depth``: rows around it."""
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list) and "properties" not in schema:
                found = [self.cut(one, name, depth) if isinstance(one, dict) else None
                         for one in schema[key]]  # fmt: skip
                kept = [one for one in found if one is not None]
                return {**schema, key: kept} if kept else None
        if depth == 1 and snake(name) in self.said:
            self.answers, self.named = True, self.named or is_name(name)
            return schema
        plain = simple(schema)
        kind = kind_of(plain)
        if kind == "object" and plain.get("properties"):
            row = depth > 0 or not (self._is_around(plain) or self.listing)
            return self._cut_object(plain, depth + row)
        if kind != "array":
            return schema if self.keeps(name, schema, depth) else None
        items = plain.get("items")
        part = simple(items) if isinstance(items, dict) else {}
        if not part.get("properties"):
            return schema if self.keeps(name, schema, depth) else None
        if depth == 1 and snake(name) not in self.asked:
            return None
        found_part = self._cut_object(part, depth + 1)
        return None if found_part is None else {**plain, "items": found_part}

    def _is_around(self, plain: JsonObject) -> bool:
        """Whether an object is around the one row, beside what says how the call went."""
        properties = plain["properties"].items()
        rest = [rule for name, rule in properties if not _tells_call(name)]
        own = [name for name, _ in properties if snake(name) in {*self.entity.identity, "id"}]
        return len(rest) == 1 and not own and kind_of(simple(rest[0])) in ("object", "array")

    def _cut_object(self, plain: JsonObject, depth: int) -> JsonObject | None:
        """An object: a row, or what is around rows or lies within one."""
        kept: JsonObject = {}
        most = dict(_MOST)
        # A user within a user is the same one, and would be drawn as another.
        itself = snake(self.entity.noun) if depth == 1 and "id" in plain["properties"] else ""
        for name, rule in plain["properties"].items():
            schema = rule if isinstance(rule, dict) else {}
            if snake(name) == itself and kind_of(simple(schema)) == "object":
                continue
            inner = wrapped_row(plain, self.entity.noun) if depth == 1 and self.listing else None
            if inner is not None and inner[0] == name:
                found = self._cut_object(inner[1], depth)
            else:
                found = self.cut(schema, name, depth)
            if found is None or snake(name) in self.asked | self.said:
                kept |= {} if found is None else {name: found}
                continue
            semantic = semantic_type(name, schema)
            left = most.get(semantic, 1)
            most[semantic] = left - 1 if semantic in most else left
            if left > 0:
                kept[name] = found
        timed = {one for one in kept if semantic_type(one, kept[one]) in ("date", "datetime")}
        loose = {one for one in timed if stage_of(one) is None and timed > {one}}
        # A state that no tool asks for or sets: dates may say otherwise.
        stated = (one for one in kept if split_words(one)[-1] in ("status", "state"))
        guessed = {one for one in stated if "enum" in kept[one] and snake(one) not in self.asked}
        loose |= guessed if timed else set()
        kept = {
            one: part for one, part in kept.items() if one not in loose or snake(one) in self.said
        }
        required = [name for name in plain.get("required", ()) if name in kept]
        return {**plain, "properties": kept, "required": required} if kept else None

    def keeps(self, name: str, schema: JsonObject, depth: int) -> bool:
        """Whether a leaf is shown: around rows, of a row, or of what lies within one."""
        words = split_words(name)
        if depth < 1 and _tells_call(name):
            return True
        kept = self._is_plain(name, schema, words, depth)
        self.answers |= kept
        self.named |= kept and depth == 1 and is_name(name)
        return kept

    def _is_plain(self, name: str, schema: JsonObject, words: Sequence[str], depth: int) -> bool:
        """Whether a leaf of a row, or of what lies within one, is sure to agree with the rest."""
        if depth == 1 and self.writes and is_done(in_words(name)):
            return True
        if depth == 1 and snake(name) in self.asked:
            return True
        if self._whole:  # of rows that are told as a whole no more is known
            return False
        field = self.entity.fields.get(name) if depth == 1 else None
        semantic = field.semantic if field is not None else semantic_type(name, schema)
        if depth == 1 and (name == "id" or (semantic == "path" and is_name(name))):
            return True
        # The markets that an album is sold in: filters may say otherwise; and how well a row fits,
        # which is in another order than the rows are.
        measured = not load_words("telling", "measures").isdisjoint(words)
        if measured or kind_of(simple(schema)) == "array":
            return False
        if field is not None and field.entity:
            return field.entity not in self._itself
        if len(schema.get("enum", ())) == 1:
            return False
        if semantic in ("title", "person_name", "company", "label", "enum"):
            naming = is_name(name) or words[-1:] == ("name",)
            plain = semantic == "enum" and words[-1] in load_words("telling", "plain_kinds")
            return (depth < 3 and naming) or (depth == 1 and plain)
        if depth != 1 or (semantic == "text" and words[-1] not in _words("texts")):
            return False
        if semantic in ("date", "datetime"):
            return words[-1] == "date" if stage_of(name) is None else tells_past(name)
        if semantic == "money":
            return is_price(name)
        return semantic in _words("meanings") or (semantic == "duration" and "duration" in words)


def _is_spoken_of(field: Field, policy: str) -> bool:
    """Whether a policy speaks of a field of a row, or of one of its states."""
    states = (in_words(one) for one in simple(field.schema).get("enum", ()) if isinstance(one, str))
    stem = split_words(field.name)[0][:_STEM] if field.semantic in ("date", "datetime") else ""
    name = " ".join(word for word in split_words(field.name) if word not in ("id", "ids"))
    return any(one and one in policy for one in (name, *states, stem))


def is_name(name: str) -> bool:
    """Whether a field of that name says what its row is called."""
    return snake(name) in _words("names")


def _tells_call(name: str) -> bool:
    """Whether a part says how the call went, or which part of a list is shown."""
    said = in_words(name)
    return is_done(said) or said in _words_of_calls()


@cache
def _words_of_calls() -> frozenset[str]:
    keys = ("totals", "pages", "more", "ended", "next", "previous", "first_rows", "last_rows",
            "own_sizes", "own_numbers", "own_offsets", "boxes")  # fmt: skip
    around = load_words("inference", "envelope") | load_words("inference", "page_marks")
    paging = (load_words("paging", key) for key in keys)
    return frozenset(map(in_words, around)).union(*paging)
