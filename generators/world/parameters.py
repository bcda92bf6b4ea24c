"""What each parameter is for: names a row, narrows a search, is written, shapes the answer.

The rules of an operation are asked in order; the first that answers decides. What names the rows of
an entity is known from `generators.world.entity_drafts`. Objects that are only wrapped around a
row's own fields (``body``, ``input``, JSON:API's ``data``) are told apart from values.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from generators.lexicon.date_field_names import has_happened
from generators.lexicon.meanings import is_measured, tells_title, text_meaning
from generators.lexicon.names import in_words, label, moment_in, noun_words, snake, split_words
from generators.lexicon.nouns import is_plural, plural, singular
from generators.lexicon.spoken_values import ordinal
from generators.lexicon.tables import load_words
from generators.lexicon.told_counts import tells_size
from generators.lexicon.verbs import Operation, find_verb
from generators.world.entity_drafts import (
    ABOUT_ROW,
    EntityDraft,
    EntityDrafts,
    coded_reference,
    refers_to,
    told_reference,
)
from generators.world.model import ParameterModel, Use
from generators.world.schema_leaves import (
    Leaf,
    as_schema,
    members,
    path_top,
    plain_schema,
    schema_type,
)
from generators.world.semantics import chooses_deed, semantic_type, with_choices
from generators.world.tool_drafts import ToolDraft, find_side, find_windows
from generators.world.tool_names import BARE, SHORT, is_key, is_scalar, names_row, stem
from schemas.record import JsonObject
from schemas.semantic import ADDRESS, SemanticType

_MARKS = frozenset({"id", "type", "kind", "data"})
"""All that an object holds which only names another row."""


_words = partial(load_words, "inference")

_DATED = ("date", "datetime", "time")
_NATURAL = ("handle", "path", "branch", "title", "label")
_SPOKEN = frozenset(
    {"person_name", "first_name", "last_name", "email", "phone", "company", "airport", "language"}
    | {"currency", *ADDRESS, *_DATED}
)
"""What people say of a thing, and no service makes up as its id."""


@dataclass(frozen=True)
class ParameterFinding:
    """What a rule concludes of a parameter."""

    use: Use
    noun: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class ParameterCase:
    """One parameter of one tool, with the domain's kinds at hand."""

    leaf: Leaf
    draft: ToolDraft
    kind: EntityDraft | None
    kinds: EntityDrafts
    semantic: SemanticType
    envelopes: frozenset[str] = frozenset()
    """Paths of the objects that are only wrapped around the row's fields."""

    @cached_property
    def name(self) -> str:
        """The field's name within the row, below wrappers: ``status`` of ``filters.status``."""
        return path_top(self.place)

    @cached_property
    def place(self) -> str:
        """The path within the row: ``items[].sku``; the brackets at its end are dropped."""
        if self.leaf.called:
            return self.leaf.called
        steps = self.leaf.path.split(".")
        bare = [step.replace("[]", "") for step in steps]
        words, nouns = split_words(bare[0]), tuple(self.draft.noun.split())
        # The only argument of a delete: what it lists are the rows.
        alone = self.draft.operation == "delete" and len({leaf.top for leaf in self.draft.leaves})
        batch = "[]" in steps[0] and (noun_words(bare[0]) in (nouns, nouns[-1:]) or alone == 1)
        wrapped = snake(bare[0]) in _words("wrappers") or words[-1:] in (("filter",), ("filters",))
        writes = self.draft.operation in ("create", "update")
        outer = int(bare[0] in self.envelopes or batch or (wrapped and not writes))
        while outer and ".".join(bare[: outer + 1]) in self.envelopes:
            outer += 1
        return ".".join(steps[min(outer, len(steps) - 1) :]).removesuffix("[]")

    @property
    def nested(self) -> bool:
        """Lies within a field of the row."""
        return "." in self.place

    @cached_property
    def column(self) -> str | None:
        """The column of its name."""
        return self.kind.column(self.name) if self.kind is not None else None

    @cached_property
    def dated(self) -> list[str]:
        """The columns of dates and moments."""
        columns = self.kind.columns if self.kind is not None else {}
        return [one for one in columns if semantic_type(one, columns[one]) in ("date", "datetime")]

    @cached_property
    def days_written(self) -> list[str]:
        """What tools write into the rows that is a date by its name, and none of what was done."""
        written = sorted(self.kind.written) if self.kind is not None else ()
        dated = (one for one in written if text_meaning(one, "") in ("date", "datetime"))
        return [one for one in dated if not has_happened(one)]

    @cached_property
    def referred(self) -> str | None:
        """The kind that the name refers to, with the tool's name as context."""
        # The other kind whose row's name a description asks for: where a relation starts.
        noun = told_reference(self.leaf.schema, self.kinds)
        if noun is not None and noun != self.draft.noun:
            return noun
        if not self.nested or stem(self.leaf.name) != ():
            own = refers_to(self.leaf.name, self.kinds, self.draft.tool.clear_name)
            return own or coded_reference(self.semantic, self.kinds)
        # A bare id of what it lies in: of the sibling's ``type``, or of the nearest telling name.
        above = self.leaf.path.rpartition(".")[0]
        types = [one.schema for one in self.draft.leaves if one.path == f"{above}.type"]
        named = [value for one in types for value in (one.get("const"), *one.get("enum", ()))]
        names = [named[-1]] if len(set(named) - {None}) == 1 else []
        names += reversed(self.place.replace("[]", "").split(".")[:-1])
        said = (" ".join(noun_words(str(name))) for name in names)
        return next((noun for noun in said if noun in self.kinds), None)

    @cached_property
    def keyed(self) -> bool:
        """Whether the tool demands the own row's key by its name."""
        key = snake(self.kind.key) if self.kind is not None else ""
        return any(snake(leaf.name) == key for leaf in self.draft.required)


ParameterRule = Callable[[ParameterCase], ParameterFinding | None]


def model_parameters(
    draft: ToolDraft, kinds: EntityDrafts, domain: str
) -> tuple[ParameterModel, ...]:
    """Model every leaf of a tool's parameters, in the schema's order."""
    kind = kinds.get(draft.noun) if draft.operation != "compute" else None
    envelopes, models = find_envelopes(draft, kind, kinds), []
    names = [one.name for one in draft.leaves]
    for leaf in draft.leaves:
        schema = with_choices(leaf.name, leaf.schema, draft.operation, draft.noun, leaf.listed)
        if all(one in names for one in schema.get("enum") or ("",)):
            schema = leaf.schema  # "either view_id or external_id": parameters, no values
        semantic = semantic_type(leaf.name, schema)
        if semantic == "unknown" and leaf.listed:  # the list's description tells its elements
            semantic = semantic_type(leaf.name, schema, leaf.listed)
        if semantic == "money":
            beside = {*names, *(kind.spellings if kind is not None else ())}
            semantic = "number" if is_measured(leaf.name, beside) else semantic
        case = ParameterCase(leaf, draft, kind, kinds, semantic, envelopes)
        answers = (rule(case) for rule in _RULES[draft.operation])
        pair = find_named(case)
        choices = named_fields(case) if pair is not None and pair.use == "option" else []
        if choices:
            schema, semantic = {**schema, "enum": choices}, "enum"
        unused = ParameterFinding("input" if draft.operation == "compute" else "option")
        found = next((one for one in answers if one is not None), unused)
        stands_for = kind is not None and found.field == kind.key != snake(case.name)
        if kind and stands_for and case.name in _words("sources") | _words("goals"):
            semantic = semantic_type(kind.key, plain_schema(leaf.schema))  # ``source`` is a path
        models.append(
            ParameterModel(
                path=leaf.path,
                schema=schema,
                required=leaf.required,
                semantic=semantic,
                use=found.use,
                entity=f"{domain}/{found.noun}" if found.noun else None,
                field=found.field,
                label=_say_label(case, semantic),
            )
        )
    return tuple(models)


_NUMBERED = re.compile(r"(?:num|number|value|n|x|input)_?([12])")
_CONVERTED = frozenset({"currency", "timezone", "language"})
_ENDS = {"a": 1, "b": 2, "x": 1, "y": 2, "first": 1, "second": 2}


def _say_label(case: ParameterCase, semantic: SemanticType) -> str | None:
    """What people call a value whose name is none: the first number, the currency to convert to."""
    name, draft = snake(case.name), case.draft
    if case.leaf.called:
        return label(name)
    words = split_words(name)
    numbers = [leaf for leaf in draft.leaves if schema_type(leaf.schema) in ("integer", "number")]
    if draft.operation == "compute" and len(numbers) == len(draft.leaves) == 2:
        found = _NUMBERED.fullmatch(name)
        number = int(found[1]) if found else _ENDS.get(name, 0)
        if number:
            return f"{ordinal(number)} number"
    if len(words) > 1 and words[0] in ("from", "to") and semantic in _CONVERTED:
        verb = draft.reading.verb if draft.operation == "compute" else "change"
        return f"{' '.join(words[1:])} to {verb} {words[0]}"
    if len(words) > 1 and words[-1] in load_words("unsayable", "type_words"):
        return label(name) if moment_in(name) else " ".join(words[:-1])
    return "recipient's email address" if semantic == "email" and name == "to" else None


def find_named(case: ParameterCase) -> ParameterFinding | None:
    """The pair of a field's name and its new value: the field is whatever the name says."""
    above, _, name = case.leaf.path.rpartition(".")
    if case.draft.operation != "update" or case.kind is None or case.column is not None:
        return None
    beside = [leaf.name for leaf in case.draft.leaves if leaf.path.rpartition(".")[0] == above]
    names, values = _words("field_names"), _words("field_values")
    naming = next((one for one in beside if snake(one) in names and not case.kind.column(one)), "")
    if not naming or not any(snake(one) in values for one in beside):
        return None
    if case.leaf.name == naming:
        return ParameterFinding("option")
    return ParameterFinding("field", None, f"[{naming}]") if snake(name) in values else None


def named_fields(case: ParameterCase) -> list[str]:
    """What a parameter may say that names a field: as its description lists, or any column."""
    plain, kind = plain_schema(case.leaf.schema), case.kind
    said = str(case.leaf.schema.get("description") or "")
    told = [one for one in plain.get("enum", ()) if isinstance(one, str)]
    quoted = re.findall(r"['\"`]([A-Za-z][\w -]*)['\"`]", said)
    listed = [
        one.strip(" .'\"`") for one in re.split(r",\s*(?:or|and)?\s*", said.partition(":")[2])
    ]
    plainly = [one for one in listed if re.fullmatch(r"[A-Za-z]\w*", one)]
    known = [name for name in kind.columns if name not in kind.identity] if kind else []
    return next((found for found in (told, quoted, plainly) if len(found) > 1), known)


def find_option(case: ParameterCase) -> ParameterFinding | None:
    """Paging, sorting, verbosity; in reads also flags that no column bears the name of."""
    name = snake(case.name)
    if case.semantic == "cursor" or (name in _words("flags") and case.column is None):
        return ParameterFinding("option")
    if chooses_deed(name, case.leaf.schema):
        return ParameterFinding("option")
    default = case.leaf.schema.get("default")
    if isinstance(default, str) and default in _words("oneself"):
        return ParameterFinding("option")  # nobody tells who they are where they are signed in
    if case.semantic == "path" and not _words("outputs").isdisjoint(split_words(case.name)[:1]):
        return ParameterFinding("option")
    if case.draft.operation not in ("get", "list") or case.column is not None:
        return None
    if split_words(case.name)[:1] == ("sort",):
        return ParameterFinding("option")
    if case.semantic == "enum" and in_words(case.name) in _words("windows"):
        return ParameterFinding("option")  # of the last week: no row says so of itself
    flag = case.semantic in ("boolean", "enum")
    shaping = flag and not _words("shaping").isdisjoint(split_words(case.name)[:1])
    if case.draft.operation == "list" and case.semantic not in _DATED and not case.leaf.required:
        # The row that a page follows, where how many are wanted is asked beside.
        sized = any(
            tells_size(leaf.name, str(leaf.schema.get("description", "")))
            for leaf in case.draft.leaves
        )
        turns = load_words("paging", "after") | load_words("paging", "before")
        if sized and in_words(case.name) in turns:
            return ParameterFinding("option")
    said = str(case.leaf.schema.get("description", ""))
    paging = name in _words("paging") or (
        case.draft.operation == "list" and tells_size(case.name, said)
    )
    paging = paging and schema_type(plain_schema(case.leaf.schema)) != "string"
    return ParameterFinding("option") if name in _words("shapes") or shaping or paging else None


def find_identity(case: ParameterCase) -> ParameterFinding | None:
    """A part of the own row's identity, by its name or by another that is as good."""
    kind, listing, name = case.kind, case.draft.operation == "list", snake(case.name)
    if kind and (name, case.draft.operation) == ("id", "create") and "id" not in kind.columns:
        return ParameterFinding("field", None, kind.key) if kind.key.endswith("_id") else None
    if kind is None or case.nested or case.draft.operation not in (*ABOUT_ROW, "list"):
        return None
    if listing and case.leaf.required and name == "id" and is_scalar(case.leaf):
        # A bare one, where a list is demanded of one thing: an album's, of its tracks.
        words = kind.noun.split()
        heads = (" ".join(words[:size]) for size in range(len(words) - 1, 0, -1))
        if owner := next((head for head in heads if head in case.kinds), None):
            return ParameterFinding("reference", owner, f"{snake(owner)}_id")
    for part in kind.scope:
        if snake(part) == name:
            if listing:
                return ParameterFinding("reference", case.referred, part)
            return ParameterFinding("identity", kind.noun, part)
    if not _is_key_of(case, kind):
        return None
    if listing and not case.leaf.required:
        called = name in _words("new_names") or case.semantic in _SPOKEN
        called |= case.semantic == "title" and split_words(kind.key)[-1:] == ("id",)
        called = called and name != snake(kind.key)
        return ParameterFinding("filter", None, name if called else kind.key)
    return ParameterFinding("identity", kind.noun, kind.key)


def _is_key_of(case: ParameterCase, kind: EntityDraft) -> bool:
    """Whether the parameter is the own row's key, by its name or by another as good."""
    draft, name = case.draft, snake(case.name)
    said = str(case.leaf.schema.get("description", ""))
    if draft.operation == "update" and not case.leaf.required and tells_title(case.name, said):
        return False  # the new one of a row that something else names
    if name in (snake(kind.key), snake(plural(kind.key.replace("_", " ")))):
        return True
    if draft.operation == "update" and name == "id" == case.leaf.path and case.keyed:
        return "id" not in kind.columns  # the row's own, said twice: in the path and in the body
    if not is_key(case.leaf) or case.semantic in ("text", "query") or case.keyed:
        return False
    if name in _words("sources"):
        return True
    if _is_outdone(case, kind):
        return False
    grade = names_row(case.name, kind.noun, case.kinds)
    if grade == SHORT and draft.operation == "list":
        return False  # the team's, of ``get_team_projects``
    if grade >= BARE:
        return True
    if case.semantic in _SPOKEN or _is_of_another(case, kind):
        return False  # what people know of a row, in place of its id
    # The only id of a tool about one row, and no other kind's.
    ids = [leaf for leaf in draft.required if stem(leaf.name) and is_key(leaf)]
    if not case.leaf.required or draft.operation not in ABOUT_ROW or ids != [case.leaf]:
        return False
    return case.referred is None or stem(case.name) != tuple(case.referred.split())


def _is_of_another(case: ParameterCase, kind: EntityDraft) -> bool:
    """Whether a get asks for the id of another thing: the patient's, of ``get_appointment``."""
    whose, own = noun_words(" ".join(stem(case.name) or ())), noun_words(kind.noun)
    keyed = noun_words(" ".join(stem(kind.key) or ())) == own
    return case.draft.operation == "get" and keyed and {*whose}.isdisjoint(own) and whose != ()


def _is_outdone(case: ParameterCase, kind: EntityDraft) -> bool:
    """Whether a change, or what it may be given besides, names its row better: ``id``, not name."""
    draft, name = case.draft, snake(case.name)
    if draft.operation == "list" or stem(case.name) == ():
        own = max(names_row(case.name, kind.noun, case.kinds), BARE)
        keys = [leaf for leaf in draft.required if is_key(leaf)]
        if any(names_row(leaf.name, kind.noun, case.kinds) > own for leaf in keys):
            return True
    if draft.operation not in ("update", "delete"):
        return False
    noun = snake(kind.noun)
    better = {snake(kind.key), f"{noun}_id"} - {name}
    # An ``id`` beside it, or beside the object that it lies in.
    ids = (leaf.path.removesuffix("id") for leaf in draft.leaves if leaf.name == "id")
    if name != "id" and any(case.leaf.path.startswith(above) for above in ids):
        return True
    others = [leaf.name for leaf in draft.leaves if leaf is not case.leaf and is_scalar(leaf)]
    return any(
        snake(one) == noun or (stem(one) is not None and snake(one) in better) for one in others
    )


def find_lookup(case: ParameterCase) -> ParameterFinding | None:
    """A get's other ways to its row: by email, by name and zip code."""
    kind, draft = case.kind, case.draft
    if kind is None or case.nested:
        return None
    told = _WAYS.search(draft.tool.description.partition(". ")[0])  # ``by phone number or code``
    found_by = told is not None and {*noun_words(case.name)} <= {*noun_words(told[1])}
    if not draft.required and found_by and is_scalar(case.leaf):
        ids = [leaf for leaf in draft.leaves if stem(leaf.name) and is_key(leaf)]
        key = kind.key if ids == [case.leaf] and case.referred is None else snake(case.name)
        return ParameterFinding("identity", kind.noun, case.column or key)
    if set(draft.reading.by).isdisjoint(noun_words(case.name)):
        flag = case.semantic in ("boolean", "enum")
        if not case.leaf.required or flag or case.referred is not None:
            return None
        if any(_is_key_of(replace(case, leaf=leaf), kind) for leaf in draft.required):
            return None
    return ParameterFinding("identity", kind.noun, case.column or snake(case.name))


_WAYS = re.compile(
    r"\b(?:by|using|with) (?:its |their |the |an? |either )*([^.;:]+)", re.IGNORECASE
)


def find_reference(case: ParameterCase) -> ParameterFinding | None:
    """A name of another kind's row."""
    noun = case.referred
    if noun is None or not is_key(case.leaf) or case.semantic in ("text", "query", "boolean"):
        return None
    made = case.kind if case.draft.operation == "create" and noun == case.draft.noun else None
    if made is not None and snake(case.name) in map(snake, made.identity):
        return None  # a new row is given what names it
    return ParameterFinding("reference", noun, _field(case))


def _field(case: ParameterCase) -> str:
    """The row's field of the parameter's name, less a prefix that only says whose or which."""
    if case.nested or case.kind is None:
        return case.place if case.nested else snake(case.name)
    words, tries = split_words(case.name), []
    if words[:1] not in (("new",), ("updated",)) and case.column:
        return case.column
    if words[:1] in (("new",), ("updated",)):
        tries.append("_".join(words[1:]))
    if noun_words(case.name)[:-1] == tuple(case.draft.noun.split()):
        tries.append(words[-1])
    if words[:1] == ("new",) and case.semantic in _DATED:
        # The only column that such a date may be: ``slot_start_date``, of a ``new_date``.
        known = {snake(one) for one in (*case.kind.columns, *case.kind.written)}
        alike = [one for one in known if split_words(one)[1:][1 - len(words) :] == words[1:]]
        kept = [one for one in alike if split_words(one)[0] not in _words("other_versions")]
        tries += kept if len(kept) == 1 else []
    for name in (*tries, "_".join(words)):
        if column := case.kind.place(name):
            return column
    return tries[0] if words[:1] == ("new",) else snake(case.name)


def find_bound(case: ParameterCase) -> ParameterFinding | None:
    """The least or most that a column may be: ``max_price``, ``since``, ``end_date``."""
    last = case.place.rpartition(".")[2]  # of ``seen_at.gte`` what it lies in is bounded
    alone = case.nested and find_side(last)[1] == ()
    use, base = find_side(case.place.replace(".", "_") if alone else case.name)
    measured = schema_type(plain_schema(case.leaf.schema)) in ("integer", "number")
    dated, amount = case.semantic in _DATED, not _words("amounts").isdisjoint(split_words(last))
    if use is None or not (dated or (measured and (amount or (base and is_windowed(case))))):
        return None
    # The column that is bounded.
    kind, name, wanted = case.kind, "_".join(base), {*noun_words("_".join(base))}
    field = kind.place(case.name) or kind.place(name) if kind is not None else None
    columns = kind.columns if kind is not None and wanted else ()
    field = field or next((one for one in columns if wanted <= {*noun_words(one)}), None)
    if field is None and case.semantic in _DATED:
        telling = {*base} - {"date", "time", "timestamp", "day"}
        other = name if telling else next(iter(case.days_written), "created_at")
        field = next(iter(case.dated), other)
    return ParameterFinding(use, None, field or name or snake(case.name))


def find_window(case: ParameterCase) -> ParameterFinding | None:
    """From when to when a read of one row looks: no row says so of itself."""
    dated, numbers = case.semantic in _DATED, ("integer", "number")
    measured = dated or schema_type(plain_schema(case.leaf.schema)) in numbers
    return ParameterFinding("option") if measured and is_windowed(case) else None


def is_windowed(case: ParameterCase) -> bool:
    """Whether a value beside it is the other end of a stretch: ``start_year``, ``end_year``."""
    return case.leaf.path in find_windows(case.draft.leaves)


def find_excluded(case: ParameterCase) -> ParameterFinding | None:
    """What the listed rows must not have: ``without_tags``, ``exclude_status``."""
    words = split_words(case.name)
    negated = len(words) > 1 and words[0] in _words("negations")
    if not negated or case.column is not None or case.semantic in ("boolean", "object"):
        return None
    name = "_".join(words[1:])
    column = case.kind.place(name) if case.kind is not None else None
    return ParameterFinding("unlike", None, column or name)


def find_narrowing(case: ParameterCase) -> ParameterFinding | None:
    """What a list is narrowed by: words, or equality with a column."""
    if case.semantic == "query":
        return ParameterFinding("query")
    if case.semantic == "enum" and case.leaf.path == f"{case.name}[]" and is_plural(case.name):
        return ParameterFinding("filter", None, snake(singular(case.name)))  # any of its statuses
    if case.leaf.many and "." in case.leaf.path:
        return ParameterFinding("option")
    if case.column is None:
        shown = case.kind is not None and bool(case.kind.columns)
        if case.semantic in ("object", "list") or (case.semantic == "boolean" and shown):
            return ParameterFinding("option")
        if case.semantic in ("date", "datetime"):
            only = case.dated[0] if len(case.dated) == 1 else snake(case.name)
            return ParameterFinding("filter", None, only)
    return ParameterFinding("filter", None, _field(case))


def find_container(case: ParameterCase) -> ParameterFinding | None:
    """In which list, folder or calendar the row that is named beside it lies: no new value."""
    kind, draft = case.kind, case.draft
    place = stem(case.name) or split_words(case.name)
    if kind is None or case.nested or not case.leaf.required or not is_scalar(case.leaf):
        return None
    if case.referred is not None or place[1:] or _words("containers").isdisjoint(place):
        return None  # of another kind; or a target list
    if place == tuple(kind.noun.split()[-1:]):
        return None  # the row itself
    others = [leaf for leaf in draft.leaves if leaf is not case.leaf]
    named = [one for one in others if one.required
             and find_identity(replace(case, leaf=one)) is not None]  # fmt: skip
    verb = find_verb(draft.reading.verb)
    moves = verb.aimed or bool(verb.to) or (verb.replaces and len(others) == len(named))
    return None if moves or not named else ParameterFinding("filter", None, _field(case))


_TO_CHANGE = re.compile(
    r"^(?:the )?(?:exact |full |current )?(?:name|title|id|code|number) of (?:the|an?) "
    r"(?:[\w-]+ ){1,3}to (?:update|change|modify|edit|adjust)\b",
    re.IGNORECASE,
)


def find_told_row(case: ParameterCase) -> ParameterFinding | None:
    """What names the row that is changed, as described: ``the name of the item to update``."""
    kind, draft = case.kind, case.draft
    told = _TO_CHANGE.match(str(case.leaf.schema.get("description") or ""))
    if kind is None or not told or case.nested or not case.leaf.required or case.referred:
        return None
    others = [one for one in draft.required if one is not case.leaf]
    named = any(_is_key_of(replace(case, leaf=leaf), kind) for leaf in others)
    return None if named else ParameterFinding("identity", kind.noun, _field(case))


def find_written(case: ParameterCase) -> ParameterFinding | None:
    """What is written into the row."""
    kind, draft = case.kind, case.draft
    moved = any(leaf.name in _words("sources") for leaf in draft.required)
    if kind is not None and not case.nested and moved and case.name in _words("goals"):
        return ParameterFinding("field", None, kind.key)
    copies = moved and any(leaf.name in _words("goals") for leaf in draft.required)
    if copies and draft.operation == "create" and case.name in _words("sources"):
        if kind is not None:  # a row that is there; it is no part of the copy
            return ParameterFinding("reference", draft.noun)
        return ParameterFinding("option")
    if kind is not None and draft.operation == "create":
        own = snake(case.name) == snake(kind.key) and not case.leaf.required
        if own and semantic_type(kind.key, {}) not in _NATURAL:
            return ParameterFinding("option")  # the service gives it
        # A new row is named by its creator under another name: ``name`` for ``repo``.
        named = is_key(case.leaf) and names_row(case.name, kind.noun) >= BARE and not case.nested
        free = case.column is None and not case.keyed
        if named and free and semantic_type(kind.key, {}) in _NATURAL:
            return ParameterFinding("field", None, kind.key)
    field = _field(case)
    renaming = draft.operation == "create" and split_words(case.name)[:1] == ("new",)
    if renaming and any(snake(leaf.name) == field for leaf in draft.leaves):
        return ParameterFinding("option")
    return ParameterFinding("field", None, field)


_WRITING = (find_named, find_option, find_identity, find_reference, find_written)
_CHANGING = (*_WRITING[:3], find_container, find_told_row, *_WRITING[3:])
_RULES: Mapping[Operation, tuple[ParameterRule, ...]] = {
    "list": (find_option, find_excluded, find_identity, find_bound, find_reference, find_narrowing),
    "get": (find_option, find_window, find_identity, find_lookup, find_reference),
    "delete": (find_option, find_identity, find_container, find_reference),
    "create": _WRITING,
    "update": _CHANGING,
    "compute": (),
}
"""In the order in which they are asked; what no rule knows changes nothing that is kept."""


def find_envelopes(
    draft: ToolDraft, kind: EntityDraft | None, kinds: EntityDrafts
) -> frozenset[str]:
    """Paths, without brackets, of the objects and lists in which fields of the row lie."""
    if kind is None or draft.operation not in ("create", "update"):
        return frozenset()
    return frozenset(_walk(draft.tool.parameters, "", draft, kind, kinds))


def _walk(
    schema: JsonObject, path: str, draft: ToolDraft, kind: EntityDraft, kinds: EntityDrafts
) -> Iterator[str]:
    held = members(schema)
    keys = {snake(part) for part in kind.identity} | {"id"}
    alone = sum(snake(name) not in keys for name in held) == 1
    for name, (part, _) in held.items():
        plain, place = plain_schema(part), f"{path}.{name}" if path else name
        many = schema_type(plain) == "array"
        inner = plain_schema(as_schema(plain.get("items"))) if many else plain
        if schema_type(inner) != "object" or not members(inner):
            continue
        named = {snake(one) for one in members(inner)}
        if named <= keys and any(snake(one) in keys for one in held):
            continue  # the row is named beside it: this one is another
        if _is_envelope(name, inner, kind, kinds, alone=alone, many=many):
            keyed = keys & named
            if not many or draft.operation == "create" or keyed:
                yield place
                yield from _walk(inner, place, draft, kind, kinds)


def _is_envelope(
    name: str, inner: JsonObject, kind: EntityDraft, kinds: EntityDrafts, *, alone: bool, many: bool
) -> bool:
    """Whether what an object of this name holds are fields of the row, and it is none itself."""
    columns = {snake(column) for column in kind.columns}
    words, nouns = noun_words(name), tuple(kind.noun.split())
    telling = tuple(one for one in words if one not in _words("envelope_words"))
    if snake(name) in columns:
        return False
    if snake(name) in _words("wrappers") or not telling or telling in (nouns, nouns[-1:]):
        return True
    own = {snake(one) for one in members(inner)}
    refers = f"{snake(name)}_id" in columns or " ".join(telling) in kinds
    if refers or own <= _MARKS or split_words(name)[-1:] in (("ref",), ("link",)):
        return False
    if not columns or (many and not alone):
        return alone and not many
    known = len(own & (columns | _words("wrappers")))
    return known > 0 and 2 * known >= len(own)
