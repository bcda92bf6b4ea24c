"""What a tool's description demands of a call beyond its schema, sentence by sentence.

The rules are those of `generators.world.demand_rules`. A sentence that has a word of demand in it
and that no rule understands is kept as unread: what it is about is not guessed at, but left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import base_form, find_verb, participle
from generators.world.demand_rules import (
    DemandRule,
    condition_marks,
    demand_pattern,
    demand_rules,
    told_formats,
    unmarked_rules,
)
from generators.world.model import ParameterModel
from generators.world.schema_leaves import plain_schema, schema_type
from generators.world.semantics import told_bounds, told_choices
from generators.world.sentence_shapes import (
    Sentence,
    Shape,
    ToolNames,
    Vocabulary,
    find_names,
    shapes_of,
    split_sentences,
)
from schemas.demand import Demand, Given, Scalar, fixed_values
from schemas.tool import ToolSpec
from schemas.world_model import Need

_CHARACTERS = re.compile(r"\d\s*(?:-\s*)?(?:char|letter|word|digit)", re.IGNORECASE)
_ORDERED = re.compile(
    r"must be (?:(?P<least>>=|on or after|(?:after|later|greater|larger)(?: than)? or equal to)"
    r"|>|after|(?:later|greater|larger|more) than) <P(?P<p>\d+)>"
)
_CHOOSES = re.compile(r"[^'\"`]*?(?:one of|either|values|options|choices)\b", re.IGNORECASE)
_PARTLY = re.compile(r"\bfor dates?\b|\bdate as\b|date fields", re.IGNORECASE)
"""A format of some values only."""
_BEGINS = re.compile(
    r"(?:must|should|always|has to) (?:start|begin) with (?:a |an |the )?['\"`](\S{1,20}?)['\"`]",
    re.IGNORECASE,
)
_OF_EACH = re.compile(r"\beach\b|\bseconds?\b|\bminutes?\b|\bbytes\b|\b[KMG]B\b", re.IGNORECASE)
"""Bounds of what stands in a list, not of how many there are."""
_UNDER = re.compile(r"['\"`]?\w+ ?= ?\w+['\"`]?:")
"""Bounds for one value of another parameter."""
_EXAMPLES = re.compile(r"\be\.?g\b|\bsuch as\b|\bfor example\b|\bexamples?:", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:optionally |please )?(?:specify|requires?|provide|expects?|takes?)\b"
    r"|the [\w ]{2,30} can (?:hold|take|carry)\b",
    re.IGNORECASE,
)
_DOING = re.compile(r"when (\w+ing)\b", re.IGNORECASE)
_QUOTES = 4
"""Quotation marks of a sentence that lists how queries are written, beyond these."""


@dataclass
class ToldDemands:
    """What was read of a tool's description."""

    demands: list[Demand] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    """Parameter's path → sentences that demand something nobody understands; "" for the tool."""
    doubtful: set[tuple[str, Scalar]] = field(default_factory=set)
    """Parameter and value of which such a sentence speaks: a method whose needs are not known."""
    outdone: dict[str, str] = field(default_factory=dict)
    """Wire name of another tool that this one is to be preferred to → the sentence."""

    def add_unread(self, path: str, sentence: str) -> None:
        """Note a sentence, once."""
        said = self.unread.setdefault(path, [])
        if sentence not in said:
            said.append(sentence)

    @property
    def methods(self) -> frozenset[str]:
        """Parameters that choose among several tools in one, of which a choice is doubtful."""
        named = {path for path, _ in self.doubtful}
        return frozenset(named & load_words("inference", "methods"))

    def understood(self, model: ParameterModel, noun: str = "") -> tuple[Scalar, ...] | None:
        """The choices of a parameter less those of which a demand is not understood.

        ``noun``: what the tool's result is of, where only its name tells; then a method that is
        about something else has a result that nobody knows.
        """
        values = tuple(model.schema.get("enum", ()))
        if "default" not in model.schema and (told := fixed_values(model.schema)):
            return tuple(told)
        if noun and model.path in load_words("inference", "methods"):
            objects = {one: _object_of(str(one)) for one in values}
            own = tuple(one for one in values if objects[one] in ("", noun))
            if not own and len(set(objects.values())) > 1:
                self.add_unread("", f"What comes of each {model.path} is not told.")
            values = own or values
        if model.path not in self.methods:
            return values or None
        kept = tuple(one for one in values if (model.path, one) not in self.doubtful)
        if values and not kept:
            self.add_unread("", f"What {model.path} demands is not understood.")
        return kept or values or None


def _object_of(method: str) -> str:
    """What a method is about, by its name: ``workflow run`` of ``list_workflow_runs``."""
    words = split_words(method)
    verb = base_form(words[0]) if words else None
    return " ".join(noun_words(method)[1:] if verb and find_verb(verb) else noun_words(method))


def read_demands(tool: ToolSpec, names: ToolNames, *, writes: bool) -> ToldDemands:
    """Read a tool's descriptions; ``names``: those of all tools beside it."""
    vocabulary, told = Vocabulary(tool, find_names(tool.parameters), names), ToldDemands()
    for sentence in split_sentences(vocabulary):
        _Reading(sentence, vocabulary, told, writes).read()
    optional = {snake(path): path for path in vocabulary.given.schemas
                if "." not in path and path not in tool.required}  # fmt: skip
    for path in tool.required:
        for value in vocabulary.given.choices.get(path, ()):
            # A choice that is called like a parameter needs that one: ``LINE`` needs ``line``.
            named = optional.get(snake(str(value)))
            if named and snake(path) not in load_words("inference", "shapes"):
                when = (Given(parameter=path, values=(value,)),)
                text = f"{named}: needed for the {path} {value}"
                need = Demand(kind="needed", parameters=(named,), when=when, text=text)
                told.demands.append(need)
    if not told.demands:
        return told
    distinct: dict[object, Demand] = {}
    for demand in told.demands:
        bare = demand.model_copy(update={"text": "", "parameters": ()})
        either = demand.kind in ("at_least_one", "at_most_one")
        names_of = frozenset(demand.parameters) if either else demand.parameters
        distinct.setdefault((names_of, bare.model_dump_json()), demand)
    told.demands = _settled(list(distinct.values()), told, vocabulary)
    return told


def _settled(demands: list[Demand], told: ToldDemands, vocabulary: Vocabulary) -> list[Demand]:
    """Without what can only hold for one method of several, where nobody says for which.

    That is what a parameter's description demands of several, beside demands for single methods.
    """
    chosen = load_words("inference", "methods") & {
        *vocabulary.given.choices,
        *vocabulary.tool.required,
    }
    if chosen.isdisjoint(given.parameter for one in demands for given in one.when if given.values):
        return demands
    kept = []
    for one in demands:
        if (
            one.kind == "at_least_one"
            and not one.when
            and one.text.split(": ")[0] in vocabulary.given.schemas
        ):
            named = set(one.parameters)
            if not any(other.when and named == set(other.parameters) for other in demands):
                for path in one.parameters:
                    told.add_unread(path, one.text)
            continue
        kept.append(one)
    return kept


@dataclass
class _Reading:
    """One sentence that is being read."""

    sentence: Sentence
    vocabulary: Vocabulary
    told: ToldDemands
    writes: bool

    def read(self) -> None:
        """Add what it demands; what it demands and nobody understands is unread."""
        shapes = list(shapes_of(self.sentence, self.vocabulary))
        understood = [
            self._apply(rule, match, shape)
            for shape in shapes for rule in (demand_rules() if shape.marks else unmarked_rules())
            for match in rule.pattern.finditer(shape.text)
        ]  # fmt: skip
        understood += [self._read_order(shape) for shape in shapes]
        subject, text = self.sentence.subject, self.sentence.text
        whole = str(self.vocabulary.given.schemas.get(subject, {}).get("description", ""))
        if whole.startswith(text) and demand_pattern("cases").search(whole):
            self.told.add_unread(subject, text)
        understood.append(self._read_value(subject or self._find_subject(shapes)))
        if any(understood) or (not subject and self._read_bid(text)):
            return
        if not demand_pattern("modal").search(text):
            return
        if any(demand_pattern("harmless").search(shape.text) for shape in shapes):
            return
        if subject or demand_pattern("strict").search(text):
            self.told.add_unread(subject, text)
        if any(demand_pattern("needing").search(shape.text) for shape in shapes):
            self.told.add_unread("", f"{subject}: {text}" if subject else text)
        if self.sentence.value is not None:
            self.told.doubtful.add(self.sentence.value)
        for mark in (one for shape in shapes for one in shape.marks if one.kind == "V"):
            self.told.doubtful |= {(mark.paths[0], value) for value in mark.values}

    def _apply(self, rule: DemandRule, match: re.Match[str], shape: Shape) -> bool:
        """Add what one rule finds; whether it is understood."""
        subject = self.sentence.subject
        found = [self._condition(marks, shape, denied) for marks, denied in condition_marks(match)]
        conditions = tuple(one for one in found if one is not None)
        groups = match.groupdict()
        named = {name: shape.marks[int(groups[name])] for name in ("P", "T") if groups.get(name)}
        if (("self" in rule.of or rule.when) and not subject) or len(conditions) < len(found):
            return False
        if rule.several and named["P"].joined not in (rule.several, ""):
            return False
        if rule.kind == "prefer":
            self.told.outdone[named["T"].paths[0]] = self.sentence.text
            return True
        if rule.kind == "against":  # of a parameter, it only is not given
            self.told.add_unread(subject, self.sentence.text)
            return True
        if rule.kind == "after":
            return self._add("after", (), tool=named["T"].paths[0])
        if rule.kind == "ask_first":
            return self.writes and not subject and self._add("ask_first", ())
        if rule.kind == "once":
            # Once for the row that the tool names first.
            keyed = [path for path in self.vocabulary.tool.required
                     if path.endswith(("_id", "Id", "_number", "id"))]  # fmt: skip
            return self.writes and bool(keyed) and self._add("once", tuple(keyed[:1]))
        if rule.kind == "same":
            # Of two lists, one with what comes in the place of the other: new_item_ids.
            thing = match["thing"]
            names = self.vocabulary.given.schemas
            pairs = [(path.removeprefix("new_"), path) for path in names if path.startswith("new_")]
            pairs = [pair for pair in pairs if pair[0] in names]
            if len(pairs) != 1 or self.sentence.subject not in ("", pairs[0][1]):
                return False
            self._add("differ", pairs[0], text="")  # for itself nothing is exchanged
            return self._add("same", pairs[0], field=thing)
        # That of the list in the description in which the sentence stands.
        value = self.sentence.value
        when = [Given(parameter=value[0], values=(value[1],))] if value is not None else []
        if rule.when:
            values = (True,) if rule.when == "self_true" else ()
            when.append(Given(parameter=subject, values=values))
        if rule.of == ("options",):
            options = self._list_options()
            return bool(options) and not subject and self._add(rule.kind, options)
        parts = [(subject,) if one == "self" else named[one].paths for one in rule.of]
        paths = tuple(dict.fromkeys(path for part in parts for path in part))
        only = " only " in f" {match[0]} " and rule.of == ("P",)
        return self._add_of(rule, paths, when, conditions, only=only)

    def _list_options(self) -> tuple[str, ...]:
        """What ``Provide at least one`` is about: what the description names, else every option."""
        tool, schemas = self.vocabulary.tool, self.vocabulary.given.schemas
        paging = load_words("inference", "paging")
        outer = [path for path in schemas if "." not in path and path not in tool.required]
        free = [path for path in outer if snake(path) not in paging]
        spoken = {*noun_words(tool.description)}
        told = [path for path in free if {*noun_words(path)} <= spoken]
        return tuple(told if len(told) > 1 else free)

    def _add_of(
        self, rule: DemandRule, paths: tuple[str, ...], when: list[Given],
        conditions: tuple[Given, ...], *, only: bool,
    ) -> bool:  # fmt: skip
        """Add a demand on parameters; whether there is one. ``only``: these and no others."""
        subject, kind = self.sentence.subject, rule.kind
        if kind in ("at_least_one", "at_most_one", "differ") and len(paths) < 2:
            return False
        if any(one.parameter in paths for one in conditions):
            return False
        if kind in ("at_most_one", "differ") and "self" in rule.of:  # with each by itself
            for path in paths[1:]:
                self._add(kind, (subject, path), when)
            return True
        if kind == "only_with":
            first, *rest = conditions
            return self._add(kind, (subject, first.parameter), [*when, *rest], values=first.values)
        whole = [*when, *conditions]
        if kind == "needed" and not whole:
            return True  # as the schema has it
        if kind == "needed" and only:
            needed = (*paths, *self.vocabulary.tool.required)
            outer = [path for path in self.vocabulary.given.schemas if "." not in path]
            self._add("never", tuple(path for path in outer if path not in needed), whole)
        return self._add(kind, paths, whole)

    def _condition(self, at: Mapping[str, int], shape: Shape, denied: bool) -> Given | None:
        """A condition as it is told; None where it is not understood."""
        marks, choices = shape.marks, self.vocabulary.given.choices
        if "g" in at:
            paths = marks[at["g"]].paths
            return Given(parameter=paths[0]) if len(paths) == 1 else None
        value = marks[next(at[one] for one in "vxwe" if one in at)]
        holder = marks[next((at[one] for one in "pq" if one in at), at.get("w", at.get("e", 0)))]
        path, values, known = holder.paths[0], value.values, choices.get(holder.paths[0], ())
        if known and not set(values) <= set(known):
            return None
        if denied or "e" in at:
            values = tuple(one for one in known if one not in values)
        return Given(parameter=path, values=values) if values else None

    def _add(
        self, kind: str, paths: tuple[str, ...], when: Iterable[Given] = (), **more: Any
    ) -> bool:
        subject, text = self.sentence.subject, self.sentence.text
        demand = Demand.model_validate(
            {"kind": kind, "parameters": paths, "when": tuple(when),
             "text": f"{subject}: {text}" if subject else text, **more}
        )  # fmt: skip
        self.told.demands.append(demand)
        return True

    def _read_bid(self, text: str) -> bool:
        """Whether the sentence bids give a thing beside the rest, such as a confidence level.

        The parameter that is called so has to be given; without one the sentence is unread.
        """
        bid = demand_pattern("bids").search(text)
        if bid is None:
            return False
        thing = next(noun_words(one) for one in bid.groupdict().values() if one)
        named = [
            path for path in self.vocabulary.given.schemas
            if "." not in path and (words := noun_words(path)) and {*words} <= {*thing}
        ]  # fmt: skip
        if not named:
            self.told.add_unread("", text)
        elif not {*named} & {*self.vocabulary.tool.required}:
            # The choice that is spoken of as a deed: ``When closing`` is for the state closed.
            begin = _DOING.match(text)
            done = participle(base_form(begin[1]) or begin[1]) if begin else ""
            choices = self.vocabulary.given.choices.items()
            held = next(
                (path for path, values in choices if done in values and "." not in path), ""
            )
            when = [Given(parameter=held, values=(done,))] if held else []
            self._add("needed", (max(named, key=len),), when)
        return True

    # -- values

    def _find_subject(self, shapes: list[Shape]) -> str:
        """The parameter of whose value the tool's own description speaks, if it is one alone."""
        if not _ASKS.match(self.sentence.text):
            return ""
        marks = [one for shape in shapes for one in shape.marks if one.kind == "P"]
        named = list(dict.fromkeys(path for one in marks for path in one.paths))
        named = named or list(self.vocabulary.tool.required)
        return named[0] if len(named) == 1 else ""

    def _read_order(self, shape: Shape) -> bool:
        """That a value is not less than another's."""
        found, subject = _ORDERED.search(shape.text), self.sentence.subject
        if not found or not subject or "." in subject:
            return False
        other, sign = shape.marks[int(found["p"])].paths[0], ">=" if found["least"] else ">"
        said = f"{subject} must be {sign} {other}."
        need = Need(require=f"{subject} {sign} {other}", code="invalid_arguments", message=said)
        self.told.needs.append(need)
        return True

    def _read_value(self, path: str) -> bool:
        """Format, bounds and choices of a parameter's value."""
        text, read = self.sentence.text, False
        schema = plain_schema(self.vocabulary.given.schemas.get(path, {}))
        kind = schema_type(schema)
        if not path or kind in ("object", "boolean", ""):
            return False
        if kind == "string" and "enum" not in schema and "const" not in schema:
            plain = _EXAMPLES.split(text)[0]
            vague = plain.count("`") + plain.count('"') > _QUOTES or _PARTLY.search(text)
            patterns = (pattern for said, pattern in told_formats() if said.search(text))
            pattern = next(patterns, None) if not vague and "format" not in schema else None
            begin = _BEGINS.search(text)
            if begin and " or " not in text[begin.end() : begin.end() + 4]:
                pattern = f"^{re.escape(begin[1])}"
            if pattern is not None:
                read = self._add("format", (path,), value=pattern)
            values = told_choices(text) if _CHOOSES.match(text) else []
            if len(values) > 1 and not any(
                self.vocabulary.given.path_of(one, "") for one in values
            ):
                read = self._add("one_of", (path,), values=tuple(values))
        each = kind == "array" and _OF_EACH.search(text)
        if each or _UNDER.match(text):
            return read
        counted = _CHARACTERS.search(text) is not None
        if counted != (kind == "string"):
            return read
        least, most = told_bounds(text)
        if least is None and most is None:
            return read
        return self._add("between", (path,), least=least, most=most)
