"""Sentences of a user's own policy that code can decide, read into rules: a few plain kinds.

``An order can only be cancelled if its status is 'pending'``; ``Basic economy flights cannot be
modified``; ``at most five passengers``; ``within 30 days of delivery``
(``data/lexicon/policies.yaml``). A sentence is read only where each of its words that matters is
one of the tools'; all others stay text. One without a verb is about the tools of its heading.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from generators.lexicon.names import in_words, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.spoken_values import number_word
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import base_form
from generators.world.model import Entity, Field, ToolModel, World
from generators.world.schema_leaves import plain_schema
from schemas.world_model import DomainMeaning, PolicyRuleMeaning

_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?!\w)|!|\?|$)", re.MULTILINE)
_NAMING = ("identity", "reference")
_IDS = frozenset({"id", "ids", "number", "no"})
_TOTAL = frozenset({"total", "number", "count"})
_LEAST_PREFIX = 4
"""Letters that ``delivery`` and ``delivered_at`` share, or more."""

Found = re.Match[str]
Read = Iterator[tuple[Sequence[ToolModel], str]]
"""The tools that a sentence governs, and what it requires of their calls."""


def with_read_rules(world: World) -> Mapping[str, DomainMeaning]:
    """The services of a world; to a policy that stands, the rules that its sentences tell."""
    services = dict(world.domains)
    for domain, service in world.domains.items():
        if not service.policy or not service.policy_stands:
            continue
        known = {rule.text for rule in service.rules}
        tools = [one for one in world.models.values() if one.tool.domain == domain and one.writes]
        policy = _Policy(service.policy, world, tools)
        read = [one for one in policy.rules() if one.text not in known]
        services[domain] = service.model_copy(update={"rules": (*service.rules, *read)})
    return services


def with_reckoned_values(world: World) -> Mapping[str, ToolModel]:
    """The tools; unread are the counts that a policy reckons by who asks: so many free bags."""
    models = dict(world.models)
    for domain, service in world.domains.items():
        if not service.policy or not service.policy_stands:
            continue
        for pattern in load_table("policies")["reckoned"]:
            for found in re.finditer(pattern, service.policy, re.IGNORECASE):
                noun = singular(found["list"].lower().split()[-1])
                for name, model in models.items():
                    told = {one.path: (found[0],) for one in model.parameters
                            if model.writes and model.tool.domain == domain
                            and one.semantic == "count" and not _TOTAL & {*split_words(one.name)}
                            and any(w.startswith(noun) for w in split_words(one.name))}  # fmt: skip
                    if told:
                        models[name] = replace(model, unread={**model.unread, **told})
    return models


@dataclass(frozen=True)
class _Policy:
    """A policy, and the tools of its service that write."""

    text: str
    world: World
    tools: Sequence[ToolModel]

    def rules(self) -> Iterator[PolicyRuleMeaning]:
        """What its sentences tell, each once."""
        heading = ""
        for number, found in enumerate(_SENTENCE.finditer(self.text)):
            text = found[0].strip().lstrip("-*# ").strip()
            if found[0].lstrip().startswith("#"):
                heading = text
                continue
            # The points of the list that follows a place in a text.
            place = found.end()
            bullets = []
            for line in self.text[place:].lstrip(":").lstrip().splitlines():
                if not line.lstrip().startswith(("-", "*")):
                    break
                bullets.append(line.strip().lstrip("-* ").strip())
            sentence = _Sentence(text, heading, bullets, self.world, self.tools)
            told: dict[str, list[str]] = {}
            for governed, require in sentence.read():
                told.setdefault(require, []).extend(one.name for one in governed)
            for require, names in told.items():
                unsure = require and sentence.find("any_of")
                if names:
                    yield PolicyRuleMeaning(
                        id=f"sentence_{number}", text=text, tools=tuple(dict.fromkeys(names)),
                        require=require or None, ask=() if require else ("the details",),
                        outcome="leave" if unsure else "refuse",
                    )  # fmt: skip


@dataclass(frozen=True)
class _Sentence:
    """One sentence, and where it stands."""

    text: str
    heading: str
    bullets: Sequence[str]
    """The points that follow it."""
    world: World
    tools: Sequence[ToolModel]

    def find(self, kind: str) -> Found | None:
        """The first pattern of a kind that the sentence has."""
        patterns = load_table("policies")[kind]
        found = (re.search(one, self.text, re.IGNORECASE) for one in patterns)
        return next(filter(None, found), None)

    def read(self) -> Read:
        """What it requires, of each kind that it is."""
        kinds: Mapping[str, Callable[[Found], Read]] = {
            "only_if": self.read_states, "never_if": self.read_states,
            "at_most": self.read_most, "count_stays": self.read_count,
            "adds_only": self.read_added, "within": self.read_time,
            "not_as_now": self.read_payment, "back_to": self.read_payment,
            "in_profile": self.read_profile, "any_of": self.read_any,
        }  # fmt: skip
        for kind, read in kinds.items():
            if found := self.find(kind):
                yield from read(found)
        if self.find("ask_first"):
            words = [{*split_words(one.name)} for one in self.tools]
            people, hands = (
                load_words("inference", "helpers"),
                load_words("inference", "hands_over"),
            )
            yield [one for one, said in zip(self.tools, words, strict=True)
                   if not (said & people and said & hands)], ""  # fmt: skip

    def read_states(self, found: Found) -> Read:
        """``Only pending orders can be cancelled``; ``delivered orders cannot be changed``."""
        told = found.groupdict()
        never = found.re.pattern in load_table("policies")["never_if"]
        for entity, own in self.group():
            named = [one for one in own if self.is_meant(one, entity, told)]
            field = self.find_field(entity, told.get("field"), told["values"])
            values = _split_values(told["values"], field) if field else []
            if named and field and values:
                row, listed = f"{_row(entity)}.{field.name}", ", ".join(map(repr, values))
                sign = (
                    ("!=" if never else "==") if len(values) == 1 else "not in" if never else "in"
                )
                yield named, f"{row} {sign} " + (listed if len(values) == 1 else f"[{listed}]")

    def is_meant(self, model: ToolModel, entity: Entity, told: Mapping[str, str | None]) -> bool:
        """Whether the tool does what the sentence speaks of, to what it speaks of."""
        verb, noun = told["verb"] or "", singular((told["noun"] or "").lower().split()[-1])
        own = entity.noun.split()[-1] == noun
        if verb.lower() == "take action on":
            return own
        if not _is_done(model, verb):
            return False
        alone = [one for one in self.tools if _is_done(one, verb)] == [model]
        return own or noun in map(singular, split_words(model.name)) or (
            alone and self.find("any_of") is not None
        )  # fmt: skip

    def find_field(self, entity: Entity, name: str | None, values: str) -> Field | None:
        """The one field of which all the values are choices."""
        if name:
            return entity.fields.get(name.strip().replace(" ", "_"))
        fields = [one for one in entity.fields.values() if _split_values(values, one)]
        return fields[0] if len(fields) == 1 else None

    def group(self) -> Iterator[tuple[Entity, list[ToolModel]]]:
        """The entities of which tools name one row, each with those that do."""
        found: dict[str, list[ToolModel]] = {}
        for model in self.tools:
            for one in model.parameters:
                named = one.required and one.use in _NAMING and "[" not in one.path
                if named and one.entity and model not in found.get(one.entity, ()):
                    found.setdefault(one.entity, []).append(model)
        for key, own in found.items():
            if key in self.world.entities:
                yield self.world.entities[key], own

    def read_most(self, found: Found) -> Read:
        """``Each reservation can have at most five passengers``."""
        most, listed = _number(found["most"]), found["list"].lower()
        noun = singular(found["noun"].lower())
        about = [one for one in self.tools if noun in map(singular, one.noun.split())
                 or noun in map(singular, split_words(one.name))]  # fmt: skip
        if most:
            yield [one for one in about if _lists(one, listed)], f"count({listed}) <= {most}"

    def read_count(self, found: Found) -> Read:
        """``The user cannot modify the number of passengers``."""
        listed = found["list"].lower()
        for entity, own in self.group():
            named = [one for one in own if one.operation == "update" and _lists(one, listed)]
            if listed in entity.fields:
                yield named, f"count({listed}) == count({_row(entity)}.{listed})"

    def read_added(self, found: Found) -> Read:
        """``The user can add but not remove checked bags``: the total does not fall."""
        noun = singular(found["list"].lower().split()[-1])
        for entity, own in self.group():
            for model in own if len(noun) > 2 else ():
                counts = (one for one in model.parameters if one.semantic == "count"
                          and one.path in entity.fields
                          and _TOTAL.intersection(split_words(one.name)))  # fmt: skip
                total = [
                    p.path for p in counts if any(w.startswith(noun) for w in split_words(p.name))
                ]
                if model.operation == "update" and len(total) == 1:
                    yield [model], f"{total[0]} >= {_row(entity)}.{total[0]}"

    def read_time(self, found: Found) -> Read:
        """``An order can be returned within 30 days of delivery``."""
        number, event = _number(found["number"]), found["event"].lower()
        for entity, own in self.group():
            named = [one for one in own if self.is_meant(one, entity, found.groupdict())]
            dates = [name for name, one in entity.fields.items()
                     if one.semantic in ("date", "datetime")
                     and any(_share_stem(event, word) for word in split_words(name))]  # fmt: skip
            if named and number and len(dates) == 1:
                unit = found["unit"][0].lower()
                yield named, f"today - {_row(entity)}.{dates[0]} <= {number}{unit}"

    def read_payment(self, found: Found) -> Read:
        """``a payment method different from the original payment method``, of the heading's tools.

        ``to the original payment method, or an existing gift card``: by what its id begins with.
        """
        told, kind = {*found["param"].lower().split()}, found.groupdict().get("kind")
        heading = {_root(word) for word in self.heading.lower().split()}
        for entity, own in self.group():
            for model in own:
                words = {_root(word) for word in split_words(model.name)}
                named = [one for one in model.parameters if one.path in entity.fields
                         and {*split_words(one.name)} - _IDS == told]  # fmt: skip
                if not heading or not heading <= words or len(named) != 1:
                    continue
                path, before = named[0].path, f"{_row(entity)}.{named[0].path}"
                if kind is None:
                    yield [model], f"{path} != {before}"
                elif (start := kind.lower().replace(" ", "_")) in str(named[0].schema):
                    yield [model], f"{path} == {before} or starts_with({path}, '{start}')"

    def read_profile(self, found: Found) -> Read:
        """``The payment method must already be in the user's profile``."""
        told, noun = {singular(word) for word in found["param"].lower().split()}, found["noun"]
        person = next((one for one in self.world.entities.values() if one.noun == noun), None)
        fields = person.fields.items() if person else ()
        held = [name for name, one in fields if one.schema.get("type") == "array"
                and set() < {*map(singular, split_words(name))} - _IDS <= told]  # fmt: skip
        for entity, own in self.group():
            for model in own if len(held) == 1 and f"{noun}_id" in entity.fields else ():
                named = [one.path for one in model.parameters if "[" not in one.path
                         and set() < {*split_words(one.name)} - _IDS <= told]  # fmt: skip
                if len(named) == 1:
                    yield [model], f"{named[0]} in {_row(entity)}.{noun}.{held[0]}"

    def read_any(self, found: Found) -> Read:
        """A list of what is enough: what is understood of it, and nothing else, lets it pass."""
        table = load_table("policies")
        for entity, own in self.group():
            named = [one for one in own if self.is_meant(one, entity, found.groupdict())]
            made = [n for n, one in entity.fields.items()
                    if one.semantic == "datetime" and _share_stem("created", n)]  # fmt: skip
            enough = []
            for bullet in self.bullets if named else ():
                since = re.search(table["made_within"], bullet, re.IGNORECASE)
                kind = re.search(table["of_kind"], bullet, re.IGNORECASE)
                field = self.find_field(entity, None, kind["values"]) if kind else None
                if since and len(made) == 1 and (number := _number(since["number"])):
                    unit = since["unit"][0].lower()
                    enough.append(f"now - {_row(entity)}.{made[0]} <= {number}{unit}")
                elif kind and field:
                    (value,) = _split_values(kind["values"], field)
                    enough.append(f"{_row(entity)}.{field.name} == {value!r}")
            if enough:
                yield named, " or ".join(enough)


def _row(entity: Entity) -> str:
    """How an expression calls a row of the entity."""
    return entity.noun.replace(" ", "_")


def _root(word: str) -> str:
    """A word of a heading or of a name, however it is put."""
    plain = word.strip(":,.#*")
    plain = "change" if plain in load_words("policies", "changing") else plain
    return singular(plain)


def _is_done(model: ToolModel, told: str) -> bool:
    """Whether a tool's verb is one, or its participle: ``cancelled``, ``modify``."""
    said = told.lower()
    verb = f"{said[:-3]}y" if said.endswith("ied") else base_form(said) or said
    words = split_words(model.name)
    if verb in words or model.verb == verb:
        return True
    changing = load_words("policies", "changing")
    return verb in changing and words[0] in changing


def _lists(model: ToolModel, name: str) -> bool:
    """Whether a tool takes a list of that name."""
    return any(one.path.partition("[")[0] == name and "[" in one.path for one in model.parameters)


def _split_values(told: str, field: Field) -> list[str]:
    """The values of a field that a text lists: ``'pending' or 'sent'``; none where one is none."""
    plain = plain_schema(field.schema)
    choices = {in_words(one): one for one in plain.get("enum", ()) if isinstance(one, str)}
    said = [in_words(one.strip(" '")) for one in re.split(r",? or |, ", told.lower())]
    return [choices[one] for one in said] if said and {*said} <= choices.keys() else []


def _number(told: str) -> int:
    """``five`` → 5; 0 where it is none."""
    if told.isdigit():
        return int(told)
    return next((n for n in range(1, 13) if number_word(n) == told.lower()), 0)


def _share_stem(one: str, other: str) -> bool:
    """Whether two words begin alike: ``delivery``, ``delivered``."""
    length = max(_LEAST_PREFIX, min(len(one), len(other)) - 3)
    return len(other) >= length and one[:length] == other[:length]


@lru_cache(maxsize=256)
def has_manner(policy: str, manner: str) -> bool:
    """Whether a policy asks for it: ``one_call`` a message, ``silent_call`` without words."""
    text = " ".join(policy.split())
    return any(re.search(one, text, re.IGNORECASE) for one in load_table("manner")[manner])


def asks_why(world: World, model: ToolModel) -> bool:
    """Whether a policy wants the user's reason for such a call, and the tool does not take it."""
    service = world.domains.get(model.tool.domain)
    words = split_words(model.name)
    taken = any("reason" in split_words(parameter.name) for parameter in model.parameters)
    if service is None or taken or not model.writes:
        return False
    deeds = _find_explained(service.policy or "")
    return any(_share_stem(deed, word) for deed in deeds for word in words)


@lru_cache(maxsize=64)
def _find_explained(policy: str) -> frozenset[str]:
    """The deeds for which a policy wants a reason: ``cancellation``."""
    text = " ".join(policy.split())
    patterns = load_table("policies")["why_asked"]
    return frozenset(found["deed"].lower() for one in patterns
                     for found in re.finditer(one, text, re.IGNORECASE))  # fmt: skip
