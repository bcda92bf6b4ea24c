"""The tools of a domain with their parameters' uses, by what entities ask of them.

Between `generators.world.parameters`, which finds the uses, and `generators.world.fields`,
which completes an entity from those of its own tools and of others that speak of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from generators.lexicon.names import snake
from generators.lexicon.nouns import plural
from generators.world.kinds import Kind
from generators.world.model import ParameterModel
from generators.world.schema_leaves import plain_schema, schema_type
from generators.world.tool_drafts import Draft
from schemas.record import JsonObject

Modelled = tuple[Draft, tuple[ParameterModel, ...]]
_KEPT = ("type", "enum", "format", "items", "properties", "required", "description", "pattern")
_NAMING = ("identity", "field", "reference", "filter")
_PREFIX = 3
"""Letters by which what is hidden is looked up in a text."""

_Sign = tuple[str, str, str]
"""How a parameter's name is had, the name, and the noun whose row it names; ``""`` for any."""


@dataclass(frozen=True)
class Modelling:
    """All tools of one domain."""

    pairs: Sequence[Modelled]
    kinds: Mapping[str, Kind]

    def about(self, noun: str) -> list[Modelled]:
        """The tools about a noun, computations left out."""
        return self._by_noun.get(noun, [])

    def naming(self, part: str, noun: str) -> ParameterModel | None:
        """The first parameter of a known type that bears the name of a row's part.

        One that names a row of the noun comes before all others.
        """
        for whose in (noun, ""):
            signs: tuple[_Sign, ...] = (("field", part, whose), ("name", snake(part), whose))
            found = [self._first[sign] for sign in signs if sign in self._first]
            if found:
                return min(found, key=lambda numbered: numbered[0])[1]
        return None

    def hidden_in(self, text: str) -> list[Kind]:
        """The kinds that no tool lists and a text speaks of in the plural, in the nouns' order."""
        starts = [at + 1 for at, mark in enumerate(text) if mark == " "]
        heads = {text[at : at + size] for at in starts for size in range(1, _PREFIX + 1)}
        found = [
            kind
            for head in heads
            for kind, spoken in self._hidden.get(head, [])
            if f" {spoken}" in text
        ]
        return sorted(found, key=lambda kind: kind.noun)

    @cached_property
    def _by_noun(self) -> dict[str, list[Modelled]]:
        found: dict[str, list[Modelled]] = {}
        for draft, models in self.pairs:
            if draft.operation != "compute":
                found.setdefault(draft.noun, []).append((draft, models))
        return found

    @cached_property
    def _first(self) -> dict[_Sign, tuple[int, ParameterModel]]:
        """Sign → the first parameter that has it, and its number."""
        first: dict[_Sign, tuple[int, ParameterModel]] = {}
        models = [model for _, models in self.pairs for model in models]
        for number, model in enumerate(models):
            if model.use not in _NAMING or model.path.endswith("[]"):
                continue
            if not schema_type(row_schema(model.schema)):
                continue
            for whose in ((model.entity or "").rpartition("/")[2], ""):
                if model.field is not None:
                    first.setdefault(("field", model.field, whose), (number, model))
                first.setdefault(("name", snake(model.name), whose), (number, model))
        return first

    @cached_property
    def _hidden(self) -> dict[str, list[tuple[Kind, str]]]:
        """First letters → kinds that no tool lists, and how they are spoken of."""
        found: dict[str, list[tuple[Kind, str]]] = {}
        for kind in self.kinds.values():
            # Whether rows of the kind are asked for by id, and no tool tells ids.
            own = self.about(kind.noun)
            asked = any(
                model.use == "identity" and model.field == kind.key
                for _, models in own
                for model in models
            )
            operations = {draft.operation for draft, _ in own}
            if asked and not operations & {"list", "create"} and not kind.columns:
                spoken = plural(kind.noun)
                found.setdefault(spoken[:_PREFIX], []).append((kind, spoken))
        return found


def row_schema(schema: JsonObject) -> JsonObject:
    """Keep what a parameter's schema says of the value itself, without bounds and defaults."""
    plain = plain_schema(schema)
    kept = {key: plain[key] for key in _KEPT if key in plain}
    if kind := schema_type(plain):
        kept["type"] = kind
    values = kept.get("enum")
    if isinstance(values, list) and None in values:
        kept["enum"] = [value for value in values if value is not None]
    return kept
