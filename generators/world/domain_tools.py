"""The tools of one domain, by what they are about, name and make."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from generators.identity_cache import remembered
from generators.lexicon.names import snake
from generators.lexicon.nouns import plural
from generators.world.entity_drafts import EntityDraft, EntityDrafts, refers_to
from generators.world.model import ParameterModel
from generators.world.schema_leaves import branches_of, plain_schema, schema_type
from generators.world.semantics import sample_ids
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject

Modelled = tuple[ToolDraft, tuple[ParameterModel, ...]]
_KEPT = (
    "type", "enum", "format", "items", "properties", "required", "description", "pattern", "const",
    "contentEncoding", "contentMediaType", "examples", "minLength", "maxLength", "minItems",
    "maxItems", "uniqueItems", "prefixItems", "additionalProperties", "patternProperties",
    "propertyNames", "minProperties",
)  # fmt: skip
_WORD = re.compile(r"\w+")
SHOWING = ("get", "list")
"""Operations whose results show rows."""
_NAMING = ("identity", "field", "reference", "filter")

_Sign = tuple[str, str | None, str]
"""How a parameter's name is had, the name, and the noun whose row it names; ``""`` for any."""


@cache
def _first_word(text: str) -> str:
    return next(iter(_WORD.findall(text.lower())), "")


def _said(schema: JsonObject) -> str:
    return str(schema.get("description", ""))


@dataclass(frozen=True)
class DomainTools:
    """All tools of one domain."""

    pairs: Sequence[Modelled]
    kinds: EntityDrafts

    def about(self, noun: str) -> list[Modelled]:
        """The tools about a noun, computations left out."""
        return self._by_noun.get(noun, [])

    def naming(self, part: str, noun: str) -> ParameterModel | None:
        """The first parameter of a known type that bears the name of a row's part.

        One that names a row of the noun comes before all others.
        """
        for whose in (noun, ""):
            signs: tuple[_Sign, ...] = (("field", part, whose), ("name", snake(part), whose))
            found = [self._first_by_sign[sign] for sign in signs if sign in self._first_by_sign]
            if found:
                return min(found, key=lambda numbered: numbered[0])[1]
        return None

    @cached_property
    def told_ids(self) -> dict[str, tuple[str, ...]]:
        """Noun → ids as a description of a parameter or a column that names its rows shows them."""
        told = [
            ((model.entity or "").rpartition("/")[2], _said(model.schema))
            for _, models in self.pairs
            for model in models
            if model.use in _NAMING and model.semantic == "opaque_id"
        ]
        told += [
            (refers_to(name, self.kinds, kind.noun) or "", _said(schema))
            for kind in self.kinds.values()
            for name, schema in kind.columns.items()
            if sample_ids(_said(schema))
        ]
        shown = ((noun, sample_ids(said)) for noun, said in told if noun)
        return {noun: ids for noun, ids in reversed([*shown]) if ids}

    @cached_property
    def shown_ids(self) -> dict[str, list[str]]:
        """What a row's own id is said to be → ids that are shown there: of tracks, of whatever."""
        found: dict[str, list[str]] = {}
        for kind in self.kinds.values():
            column, model = kind.columns.get(kind.key, {}), self.naming(kind.key, kind.noun)
            named = model.schema if model and (model.entity or "").endswith(f"/{kind.noun}") else {}
            ids = column.get("examples") or named.get("examples")
            if isinstance(ids, list) and (said := _said(column).lower()):
                found.setdefault(said, [str(one).partition(",")[0] for one in ids])
        return found

    @cached_property
    def hidden(self) -> list[tuple[EntityDraft, str, frozenset[str]]]:
        """The kinds of which rows are asked for by id and no tool tells ids, and their plurals.

        With the nouns for whose rows a row of theirs is made.
        """
        found = []
        for kind in self.kinds.values():
            own = self.about(kind.noun)
            asked = ((one.use, one.field) for _, models in own for one in models)
            listed = any(draft.operation == "list" for draft, _ in own)
            if listed or kind.columns or kind.scope or ("identity", kind.key) not in asked:
                continue
            made = (one for draft, models in own if draft.operation == "create" for one in models)
            naming = (one for one in made if one.use == "reference" and one.required)
            owners = {(m.entity or "").rpartition("/")[2] for m in naming if "[]" not in m.path}
            found.append((kind, plural(kind.noun), frozenset(owners)))
        return found

    def children(self, kind: EntityDraft) -> list[EntityDraft]:
        """The hidden kinds whose rows belong to rows of this kind.

        Its tools speak of them ("a user's details include their orders"), or theirs refer to it.
        """
        shown = [draft for draft, _ in self.about(kind.noun) if draft.operation in SHOWING]
        told = " ".join(draft.tool.description.lower() for draft in shown)
        words = {*_WORD.findall(told)}
        spoken, owned = self._hidden_places
        found = {
            number
            for word in words
            for number in spoken.get(word, ())
            if f" {self.hidden[number][1]}" in told
        }
        if any(draft.operation == "get" for draft in shown):
            found.update(owned.get(kind.noun, ()))
        hidden = [self.hidden[number][0] for number in sorted(found)]
        return [one for one in hidden if one is not kind]

    @cached_property
    def _hidden_places(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Places of hidden kinds: by the first word of the plural, and by the noun of an owner."""
        spoken, owned = dict[str, list[int]](), dict[str, list[int]]()
        for number, (_, plural_noun, owners) in enumerate(self.hidden):
            spoken.setdefault(_first_word(plural_noun), []).append(number)
            for owner in owners:
                owned.setdefault(owner, []).append(number)
        return spoken, owned

    @cached_property
    def homeless(self) -> dict[str, JsonObject]:
        """Name → schema of the ids that tools ask for, of things that no tool deals with.

        Of several schemas the one with the longest description.
        """
        kinds = self.kinds.values()
        shown = {snake(name) for kind in kinds for name in (*kind.identity, *kind.columns)}
        found: dict[str, JsonObject] = {}
        for model in (model for _, models in self.pairs for model in models):
            name = snake(model.name)
            lone = model.semantic == "opaque_id" and "[]." not in model.path
            if lone and not model.entity and name not in shown:
                sizes = [len(_said(one)) for one in (found.get(name, {}), model.schema)]
                if name not in found or sizes[0] < sizes[1]:
                    found[name] = row_schema(model.schema)
        return found

    def homeless_of(self, noun: str) -> dict[str, JsonObject]:
        """Those ids whose descriptions hold the first word of a noun."""
        first = _first_word(noun)
        return {
            name: one for name, one in self.homeless.items()
            if first in (said := _said(one).lower()) and re.search(rf"\b{re.escape(first)}\b", said)
        }  # fmt: skip

    @cached_property
    def _by_noun(self) -> dict[str, list[Modelled]]:
        found: dict[str, list[Modelled]] = {}
        for draft, models in self.pairs:
            if draft.operation != "compute":
                found.setdefault(draft.noun, []).append((draft, models))
        return found

    @cached_property
    def _first_by_sign(self) -> dict[_Sign, tuple[int, ParameterModel]]:
        """Sign → the first parameter that has it, and its number."""
        first: dict[_Sign, tuple[int, ParameterModel]] = {}
        models = [model for _, models in self.pairs for model in models]
        for number, model in enumerate(models):
            naming = model.use in _NAMING and not model.path.endswith("[]")
            if naming and schema_type(row_schema(model.schema)):
                for whose in ((model.entity or "").rpartition("/")[2], ""):
                    first.setdefault(("field", model.field, whose), (number, model))
                    first.setdefault(("name", snake(model.name), whose), (number, model))
        return first


@remembered
def row_schema(schema: JsonObject) -> JsonObject:
    """Keep what a parameter's schema says of the value itself, without bounds and defaults."""
    plain = plain_schema(schema)
    forms = [row_schema(one) for one in branches_of(schema) if schema_type(one) == "object"]
    if plain is not schema and len(forms) > 1 and "allOf" not in schema:
        return {"anyOf": forms}
    kept = {key: plain[key] for key in _KEPT if key in plain}
    if kind := schema_type(plain):
        kept["type"] = kind
    values = kept.get("enum")
    if isinstance(values, list) and None in values:
        kept["enum"] = [value for value in values if value is not None]
    return kept
