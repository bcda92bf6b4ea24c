"""What each parameter is for: names a row, narrows a search, is written, shapes the answer.

The rules of an operation are asked in order; the first that answers decides. EntityDrafts come from
`generators.world.entity_drafts`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_words
from generators.world.entity_drafts import (
    ABOUT_ROW,
    EntityDraft,
    EntityDrafts,
    refers_to,
    told_reference,
)
from generators.world.model import ParameterModel, Use
from generators.world.row_names import BARE, is_key, is_scalar, names_row, stem
from generators.world.schema_leaves import Leaf, plain_schema, schema_type
from generators.world.semantics import semantic_type, with_choices
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_words = partial(load_words, "inference")

_DATED: frozenset[SemanticType] = frozenset({"date", "datetime", "time"})


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

    @cached_property
    def name(self) -> str:
        """The field's name within the row, below wrappers: ``status`` of ``filters.status``."""
        return self.place.partition(".")[0].partition("[")[0]

    @cached_property
    def place(self) -> str:
        """The path within the row: ``items[].sku``; the brackets at its end are dropped."""
        head, dot, rest = self.leaf.path.partition(".")
        if not dot:
            return self.leaf.path.removesuffix("[]")
        bare = head.replace("[]", "")
        words = split_words(bare)
        nouns_words = tuple(self.draft.noun.split())
        named = noun_words(bare) in (nouns_words, nouns_words[-1:]) or self._alone
        batch = "[]" in head and named
        wrapped = bool(words) and (
            snake(bare) in _words("wrappers") or words[-1] in ("filter", "filters")
        )
        return (rest if dot and (batch or wrapped) else self.leaf.path).removesuffix("[]")

    @property
    def _alone(self) -> bool:
        """Lies in the only argument of a delete: what it lists are the rows."""
        tops = {leaf.top for leaf in self.draft.leaves}
        return self.draft.operation == "delete" and len(tops) == 1

    @property
    def nested(self) -> bool:
        """Lies within a field of the row."""
        return "." in self.place

    @property
    def flag(self) -> bool:
        """Is a boolean or a choice."""
        return self.semantic in ("boolean", "enum")


ParameterRule = Callable[[ParameterCase], ParameterFinding | None]


def model_parameters(
    draft: ToolDraft, kinds: EntityDrafts, domain: str
) -> tuple[ParameterModel, ...]:
    """Model every leaf of a tool's parameters, in the schema's order."""
    kind = kinds.get(draft.noun) if draft.operation != "compute" else None
    return tuple(_model(leaf, draft, kind, kinds, domain) for leaf in draft.leaves)


def _model(
    leaf: Leaf, draft: ToolDraft, kind: EntityDraft | None, kinds: EntityDrafts, domain: str
) -> ParameterModel:
    schema = with_choices(leaf.name, leaf.schema, draft.operation, draft.noun, leaf.listed)
    case = ParameterCase(leaf, draft, kind, kinds, semantic_type(leaf.name, schema))
    finding = next(found for rule in _rules(draft) if (found := rule(case)) is not None)
    semantic = case.semantic
    stands_for = kind is not None and finding.field == kind.key != snake(case.name)
    if kind is not None and stands_for and case.name in _words("sources") | _words("goals"):
        semantic = semantic_type(kind.key, plain_schema(leaf.schema))  # ``source`` is a path
    return ParameterModel(
        path=leaf.path,
        schema=schema,
        required=leaf.required,
        semantic=semantic,
        use=finding.use,
        entity=f"{domain}/{finding.noun}" if finding.noun else None,
        field=finding.field,
    )


def _option(case: ParameterCase) -> ParameterFinding | None:
    """Paging, sorting, verbosity; in reads also flags that no column bears the name of."""
    name = snake(case.name)
    # Whether another parameter tells the same, as a body's list does what the query has too.
    first = case.leaf.top.removeprefix("body_")
    if first != case.leaf.top and any(leaf.top == first for leaf in case.draft.leaves):
        return ParameterFinding("option")
    if case.semantic == "cursor" or (name in _words("flags") and not _is_column(case)):
        return ParameterFinding("option")
    if case.draft.operation not in ("get", "list") or _is_column(case):
        return None
    shaping = case.flag and bool(_words("shaping") & set(split_words(case.name)[:1]))
    paging = name in _words("paging") and schema_type(plain_schema(case.leaf.schema)) != "string"
    return ParameterFinding("option") if name in _words("shapes") or shaping or paging else None


def _is_column(case: ParameterCase) -> bool:
    return case.kind is not None and case.kind.column(case.name) is not None


def _identity(case: ParameterCase) -> ParameterFinding | None:
    """A part of the own row's identity, by its name or by another that is as good."""
    kind = case.kind
    if kind is None or case.nested or case.draft.operation not in (*ABOUT_ROW, "list"):
        return None
    listing = case.draft.operation == "list"
    if listing and case.leaf.required and (owner := _owner(case, kind)):
        return ParameterFinding("reference", owner, f"{snake(owner)}_id")
    for part in kind.scope:
        if snake(part) == snake(case.name):
            outer = _referred(case)
            return ParameterFinding("reference", outer, part) if listing else _own(kind, part)
    if not _is_key_of(case, kind):
        return None
    if listing and not case.leaf.required:
        return ParameterFinding("filter", None, kind.key)
    return _own(kind, kind.key)


def _owner(case: ParameterCase, kind: EntityDraft) -> str:
    """Whose id a bare one is, where a list is demanded of one thing: an album's, of its tracks."""
    words = kind.noun.split()
    heads = (" ".join(words[:size]) for size in range(len(words) - 1, 0, -1))
    bare = snake(case.name) == "id" and is_scalar(case.leaf)
    return next((head for head in heads if head in case.kinds), "") if bare else ""


def _own(kind: EntityDraft, part: str) -> ParameterFinding:
    return ParameterFinding("identity", kind.noun, part)


def _is_key_of(case: ParameterCase, kind: EntityDraft) -> bool:
    name = snake(case.name)
    if name in (snake(kind.key), snake(plural(kind.key.replace("_", " ")))):
        return True
    if not is_key(case.leaf) or case.semantic in ("text", "query"):
        return False
    if name in _words("sources") and not _has(case.draft, kind.key):
        return True
    if _has(case.draft, kind.key) or _is_outdone(case, kind):
        return False
    graded = names_row(case.name, kind.noun, case.kinds) >= BARE
    return graded or (case.leaf.required and _is_sole_id(case))


def _is_sole_id(case: ParameterCase) -> bool:
    """Whether this is the only id of a tool about one row, and no other kind's."""
    ids = [leaf for leaf in case.draft.required if stem(leaf.name) and is_key(leaf)]
    about = case.draft.operation in ABOUT_ROW
    other = _referred(case)
    elsewhere = other is not None and stem(case.name) == tuple(other.split())
    return about and ids == [case.leaf] and not elsewhere


def _is_outdone(case: ParameterCase, kind: EntityDraft) -> bool:
    """Whether a change, or what it may be given besides, names its row better: ``id``, not name."""
    if case.draft.operation == "list" or stem(case.name) == ():
        own = names_row(case.name, kind.noun, case.kinds)
        if any(
            names_row(leaf.name, kind.noun, case.kinds) > max(own, BARE) and is_key(leaf)
            for leaf in case.draft.required
        ):
            return True
    if case.draft.operation not in ("update", "delete"):
        return False
    others = [leaf for leaf in case.draft.leaves if leaf is not case.leaf and is_scalar(leaf)]
    return any(
        stem(leaf.name) is not None
        and snake(leaf.name) != snake(case.name)
        and snake(leaf.name) in (snake(kind.key), f"{snake(kind.noun)}_id")
        for leaf in others
    )


def _has(draft: ToolDraft, key: str) -> bool:
    return any(snake(leaf.name) == snake(key) for leaf in draft.required)


def _looked_up(case: ParameterCase) -> ParameterFinding | None:
    """A get's other ways to its row: by email, by name and zip code."""
    if case.draft.operation != "get" or case.kind is None or case.nested:
        return None
    by = bool(set(noun_words(case.name)) & set(case.draft.reading.by))
    telling = case.leaf.required and not case.flag and _referred(case) is None
    if by or (telling and not _finds_row(case)):
        return _own(case.kind, case.kind.column(case.name) or snake(case.name))
    return None


def _finds_row(case: ParameterCase) -> bool:
    """Whether the tool takes its row's key."""
    return case.kind is not None and any(
        _is_key_of(ParameterCase(leaf, case.draft, case.kind, case.kinds, case.semantic), case.kind)
        for leaf in case.draft.required
    )


def _reference(case: ParameterCase) -> ParameterFinding | None:
    """A name of another kind's row."""
    if not is_key(case.leaf) or case.semantic in ("text", "query", "boolean"):
        return None
    noun = _referred(case)
    if noun is None or (noun == case.draft.noun and _keeps_key(case)):
        return None
    natural = case.draft.operation == "create" and case.kind and noun == case.draft.noun
    if natural and case.kind and snake(case.name) in map(snake, case.kind.identity):
        return None
    return ParameterFinding("reference", noun, _field(case))


def _referred(case: ParameterCase) -> str | None:
    """Find the kind that the name refers to, with the tool's name as context."""
    # The other kind whose row's name a description asks for: where a relation starts.
    noun = told_reference(case.leaf.schema, case.kinds)
    return (noun if noun != case.draft.noun else None) or refers_to(
        case.leaf.name, case.kinds, case.draft.tool.name
    )


def _keeps_key(case: ParameterCase) -> bool:
    """Whether a tool that makes a row is given the key that the service would give it."""
    made = case.kind is not None and case.draft.operation == "create"
    return made and case.kind is not None and snake(case.name) == snake(case.kind.key)


def _field(case: ParameterCase) -> str:
    """The row's field of the parameter's name, less a prefix that only says whose or which."""
    if case.kind is None or case.nested:
        return case.place if case.nested else snake(case.name)
    words = split_words(case.name)
    tries = ["_".join(words)]
    if words[:1] in (("new",), ("updated",)):
        tries.append("_".join(words[1:]))
    if noun_words(case.name)[:-1] == tuple(case.draft.noun.split()):
        tries.append(words[-1])
    found = next(
        (column for name in tries[1:] + tries[:1] if (column := case.kind.place(name))), None
    )
    return found or (
        tries[1]
        if words[:1] == ("new",) and len(tries) > 1
        else case.place
        if case.nested
        else snake(case.name)
    )


def _bound(case: ParameterCase) -> ParameterFinding | None:
    """The least or most that a column may be: ``max_price``, ``since``, ``end_date``."""
    words = split_words(case.name)
    measured = schema_type(plain_schema(case.leaf.schema)) in ("integer", "number")
    if not measured and case.semantic not in _DATED:
        return None
    sides: tuple[tuple[Use, str], ...] = (("minimum", "least"), ("maximum", "most"))
    for use, marks in sides:
        hits = [word for word in (words[:1] + words[-1:]) if word in _words(marks)]
        if hits and (case.semantic in _DATED or hits[0] in _words("amounts")):
            base = [word for word in words if word not in hits]
            return ParameterFinding(use, None, _bounded(case, base))
    return None


def _bounded(case: ParameterCase, base: list[str]) -> str:
    """Find the column that is bounded."""
    columns = {**(case.kind.columns if case.kind else {})}
    name = "_".join(base)
    exact = case.kind.column(case.name) or case.kind.column(name) if case.kind else None
    if exact:
        return exact
    wanted = noun_words(name)
    near = [column for column in columns if wanted and set(wanted) <= set(noun_words(column))]
    if near:
        return near[0]
    dated = [column for column in columns if _means_date(column, columns[column])]
    if case.semantic in _DATED:
        if dated:
            return dated[0]
        telling = set(base) - {"date", "time", "timestamp", "day"}
        return "_".join(base) if telling else "created_at"
    return name or snake(case.name)


def _means_date(name: str, schema: JsonObject) -> bool:
    return semantic_type(name, schema) in ("date", "datetime")


def _narrowing(case: ParameterCase) -> ParameterFinding | None:
    """What a list is narrowed by: words, or equality with a column."""
    if case.semantic == "query":
        return ParameterFinding("query")
    if case.leaf.many and case.leaf.path.count("."):
        return ParameterFinding("option")
    if case.semantic in ("object", "unknown", "list") and not _is_column(case):
        return (
            ParameterFinding("option")
            if case.semantic != "unknown"
            else ParameterFinding("filter", None, _field(case))
        )
    if case.semantic in ("date", "datetime") and not _is_column(case):
        columns = case.kind.columns if case.kind else {}
        dated = [column for column in columns if _means_date(column, columns[column])]
        return ParameterFinding("filter", None, dated[0] if len(dated) == 1 else snake(case.name))
    if case.semantic == "boolean" and not _is_column(case) and case.kind and case.kind.columns:
        return ParameterFinding("option")
    return ParameterFinding("filter", None, _field(case))


def _unused(_: ParameterCase) -> ParameterFinding | None:
    """What else a get or a delete takes changes nothing that is kept."""
    return ParameterFinding("option")


def _written(case: ParameterCase) -> ParameterFinding | None:
    """What is written into the row."""
    if (
        case.kind is not None
        and not case.nested
        and (
            any(leaf.name in _words("sources") for leaf in case.draft.required)
            and case.name in _words("goals")
        )
    ):
        return ParameterFinding("field", None, case.kind.key)
    if case.kind is not None and _keeps_key(case) and not case.leaf.required:
        return ParameterFinding("option")
    if case.kind is not None and case.draft.operation == "create" and _is_natural(case, case.kind):
        return ParameterFinding("field", None, case.kind.key)
    renaming = case.draft.operation == "create" and split_words(case.name)[:1] == ("new",)
    if renaming and any(snake(leaf.name) == _field(case) for leaf in case.draft.leaves):
        return ParameterFinding("option")
    return ParameterFinding("field", None, _field(case))


def _is_natural(case: ParameterCase, kind: EntityDraft) -> bool:
    """Whether a new row is named by its creator under another name: ``name`` for ``repo``."""
    named = is_key(case.leaf) and names_row(case.name, kind.noun) >= BARE
    free = kind.column(case.name) is None and not _has(case.draft, kind.key)
    return named and free and not case.nested and semantic_type(kind.key, {}) in _NATURAL


_NATURAL = ("handle", "path", "branch", "title", "label")


def _input(_: ParameterCase) -> ParameterFinding | None:
    return ParameterFinding("input")


def _rules(draft: ToolDraft) -> tuple[ParameterRule, ...]:
    """The rules of an operation, in the order in which they are asked."""
    if draft.operation == "compute":
        return (_input,)
    if draft.operation == "list":
        return (_option, _identity, _bound, _reference, _narrowing)
    if draft.operation == "get":
        return (_option, _identity, _looked_up, _reference, _unused)
    if draft.operation == "delete":
        return (_option, _identity, _reference, _unused)
    return (_option, _identity, _reference, _written)
