"""The entities of a domain half made: what names their rows, and which columns results show.

Parameters get their uses with these drafts at hand (`generators.world.parameters`), and then the
fields are completed (`generators.world.fields`). Which draft a name refers to is told here too:
``customer_id`` a customer, ``new_item_ids`` an item.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_words
from generators.world.result_rows import result_row
from generators.world.row_names import (
    BARE,
    ENDING,
    EXACT,
    NONE,
    is_key,
    is_scalar,
    is_targeted,
    names_row,
    stem,
)
from generators.world.schema_leaves import Leaf, members, plain_schema, schema_type
from generators.world.semantics import semantic_type
from generators.world.tool_drafts import DomainSurvey, ToolDraft
from schemas.record import JsonObject

_words = partial(load_words, "inference")

ABOUT_ROW = ("get", "update", "delete")
_SCOPES = frozenset({"handle", "opaque_id", "number_id", "path", "branch"})


@dataclass(frozen=True)
class EntityDraft:
    """An entity half made."""

    noun: str
    identity: tuple[str, ...]
    columns: Mapping[str, JsonObject]
    """Column → schema, from the results that the source gives; empty where it gives none."""
    written: frozenset[str] = frozenset()
    """Names, in snake case, of what tools write."""

    @property
    def key(self) -> str:
        """The last part of the identity, which tells rows of one scope apart."""
        return self.identity[-1]

    @property
    def scope(self) -> tuple[str, ...]:
        """The parts of the identity before the last: ``(owner, repo)`` of an issue."""
        return self.identity[:-1]

    def column(self, name: str) -> str | None:
        """The column or identity part of this name, however it is spelt."""
        return self._spellings.get(snake(name))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Name in snake case → the first column or identity part that is so called."""
        spelled: dict[str, str] = {}
        for column in (*self.identity, *self.columns):
            spelled.setdefault(snake(column), column)
        return spelled

    def place(self, name: str) -> str | None:
        """The column of this name, or else the same name where tools write it."""
        return self.column(name) or (snake(name) if snake(name) in self.written else None)


def gather_kinds(drafts: Sequence[ToolDraft]) -> dict[str, EntityDraft]:
    """Make the kinds of one domain's tools, by noun, in the nouns' order."""
    survey = DomainSurvey(drafts)
    kinds = {}
    for noun in sorted(survey.by_noun):
        own = survey.by_noun[noun]
        columns = _unite_columns(own)
        # Find the fields that name a row: scope first, the key last.
        key = _find_key(noun, own, survey, columns)
        if key is None:
            whole = tuple(
                _spell_key(name, columns) for name in _order_names(_name_whole(own), survey)
            )
            usual = [name for name in columns if snake(name) in ("id", "number", "name", "path")]
            identity = whole or (*usual, f"{noun.replace(' ', '_')}_id")[:1]
        else:
            spelled = _spell_key(key, columns)
            identity = (*_find_scope(noun, key, own, survey, columns), spelled)
        writing = [draft for draft in own if draft.operation in ("create", "update")]
        kinds[noun] = EntityDraft(
            noun,
            identity,
            columns,
            frozenset(snake(leaf.top) for draft in writing for leaf in draft.leaves),
        )
    return kinds


def _unite_columns(own: Iterable[ToolDraft]) -> dict[str, JsonObject]:
    """Unite the rows of the results that the source gives; a list of choices outdoes a text."""
    columns: dict[str, JsonObject] = {}
    known: dict[str, str] = {}
    for draft in own:
        if draft.operation == "delete" or not draft.tool.returns:
            continue
        row = members(result_row(draft.tool, draft.noun))
        if draft.operation == "list" and set(row) <= {"content"}:
            continue
        for name, (schema, _) in row.items():
            spelled = known.setdefault(snake(name), name)
            if name not in _words("envelope") and (
                spelled not in columns or _says_more(schema, columns[spelled])
            ):
                columns[spelled] = schema
    return columns


def _says_more(schema: JsonObject, held: JsonObject) -> bool:
    """Whether a column's schema lists the choices that the one held leaves open."""
    same = schema_type(plain_schema(schema)) == schema_type(plain_schema(held))
    return same and "enum" in plain_schema(schema) and "enum" not in plain_schema(held)


def _find_key(
    noun: str,
    own: Sequence[ToolDraft],
    survey: DomainSurvey,
    columns: Mapping[str, JsonObject],
) -> str | None:
    """Find the parameter that names a row, by the surest sign; None where none does."""
    first, known = next(iter(columns), ""), survey.by_noun
    if stem(first) and names_row(first, noun, known) >= ENDING:
        return first
    about = [draft for draft in own if draft.operation in ABOUT_ROW]
    made = [draft for draft in own if draft.operation == "create"]
    return (
        _vote_key(noun, _leaves_of(about), known, BARE)
        or _vote_key(noun, _leaves_of(own), known, ENDING)
        or _vote_key(noun, survey.naming.get(noun, ()), known, EXACT, optional=True)
        or _find_foreign_key(about, survey)
        or _vote_key(noun, _leaves_of(made), known, BARE, natural=True)
        or _find_lookup(about)
    )


def _leaves_of(drafts: Iterable[ToolDraft]) -> Iterable[Leaf]:
    return (leaf for draft in drafts for leaf in draft.leaves)


def _vote_key(
    noun: str,
    leaves: Iterable[Leaf],
    known: Container[str],
    least: int,
    *,
    optional: bool = False,
    natural: bool = False,
) -> str | None:
    """Find the name of at least this grade that most parameters have; lists of keys if alone."""
    votes: Counter[tuple[bool, int, str]] = Counter()
    for leaf in leaves:
        if not (leaf.required or optional):
            continue
        grade = names_row(leaf.name, noun, known)
        if (
            grade < least
            or not is_key(leaf)
            or semantic_type(leaf.name, leaf.schema) in ("text", "query")
        ):
            continue
        if natural and noun_words(leaf.name) in (("name",), ("title",), ("id",)):
            continue
        votes[is_scalar(leaf), grade, snake(leaf.name)] += 1
    ranked = sorted(votes, key=lambda vote: (-vote[0], -vote[1], -votes[vote], vote[2]))
    return ranked[0][2] if ranked else None


def _find_foreign_key(about: Iterable[ToolDraft], survey: DomainSurvey) -> str | None:
    """Find an id that is no other kind's: ``ghsaId`` of an advisory, ``resource_id``."""
    found = [
        snake(leaf.name)
        for draft in about
        for leaf in draft.required
        if is_scalar(leaf) and is_key(leaf)
        for before in [stem(leaf.name)]
        if before
        and " ".join(before) not in survey.by_noun
        and noun_words(leaf.name)[-1] in ("id", "number")
    ]
    usual = [  # not what could be meant for a kind with a longer noun: ``pull_number``
        name for name in found if is_targeted(name) or not survey.shortens(stem(name) or ())
    ]
    return min(usual, key=lambda name: (-usual.count(name), name), default=None)


def _find_lookup(about: Iterable[ToolDraft]) -> str | None:
    """Find the parameter that a row is looked up by: ``tag`` in ``get_release_by_tag``."""
    for draft in about:
        for leaf in draft.required:
            if is_scalar(leaf) and noun_words(leaf.name) == draft.reading.by:
                return snake(leaf.name)
    return None


def _name_whole(own: Iterable[ToolDraft]) -> tuple[str, ...]:
    """Name a row by all that a delete needs, where it has no key: ``from``, ``to``."""
    for draft in own:
        if draft.operation == "delete":
            leaves = [leaf for leaf in draft.required if not leaf.path.endswith("[]")]
            return tuple(dict.fromkeys(snake(leaf.name) for leaf in leaves if is_key(leaf)))
    return ()


def _spell_key(key: str, columns: Mapping[str, JsonObject]) -> str:
    """Spell the key as the rows do: ``number`` for ``issue_number``, ``name`` for ``names``."""
    for name in columns:
        if snake(name) == snake(key):
            return name
    tail = noun_words(key)[-1:]
    for name in columns:
        if noun_words(name) == tail:
            return name
    singular = "_".join((*split_words(key)[:-1], *tail))
    return singular if plural(singular) == key else key


def _find_scope(
    noun: str,
    key: str,
    own: Sequence[ToolDraft],
    survey: DomainSurvey,
    columns: Mapping[str, JsonObject],
) -> tuple[str, ...]:
    """Find the parameters that always stand with the key: ``owner``, ``repo``."""
    using = [draft for draft in own if _needs_key(draft, key) and draft.operation in ABOUT_ROW]
    using = using or [draft for draft in own if _needs_key(draft, key)]
    if not using:
        return ()
    shared = set.intersection(*({snake(leaf.name) for leaf in draft.required} for draft in using))
    usual = max(3, len(survey.drafts) * 3 // 10)
    scope = [
        snake(leaf.name)
        for leaf in using[0].required
        if snake(leaf.name) in shared - {snake(key)}
        and is_scalar(leaf)
        and is_key(leaf)
        and semantic_type(leaf.name, leaf.schema) in _SCOPES
        and snake(leaf.name) not in _words("generic_keys")
        and (survey.needs[snake(leaf.name)] >= usual or _names_parent(leaf, noun, len(using)))
    ]
    scope = list(_order_names(scope, survey))
    if columns:
        spelled = {snake(name): name for name in columns}
        return tuple(spelled[name] for name in scope if name in spelled)
    return tuple(scope)


def _order_names(names: Iterable[str], survey: DomainSurvey) -> tuple[str, ...]:
    """Put the names that most tools use first: ``owner``, ``repo``, then ``issue_number``."""
    return tuple(sorted(names, key=lambda name: -survey.uses[name]))


def _names_parent(leaf: Leaf, noun: str, uses: int) -> bool:
    """Whether the leaf names what a sub-thing lies in: ``issue_number`` of a sub issue."""
    before = stem(leaf.name)
    return uses > 1 and bool(before) and noun.endswith(" " + " ".join(before or ()))


def _needs_key(draft: ToolDraft, key: str) -> bool:
    return any(snake(leaf.name) == snake(key) for leaf in draft.required)


def is_list(schema: JsonObject) -> bool:
    """Whether the schema is of a list."""
    return schema_type(plain_schema(schema)) == "array"


_NAME_OF = re.compile(r"\b[Nn]ames? of (?:the|an?) (\w+)\b")


class EntityDrafts(Mapping[str, EntityDraft]):
    """The kinds of a domain by noun, in the nouns' order."""

    def __init__(self, kinds: Mapping[str, EntityDraft]) -> None:
        self._kinds = dict(kinds)

    def __getitem__(self, noun: str) -> EntityDraft:
        """The kind of a noun. Raises KeyError."""
        return self._kinds[noun]

    def __iter__(self) -> Iterator[str]:
        """The nouns."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)

    def like(self, words: tuple[str, ...]) -> list[str]:
        """The nouns that end in these words, or begin with the one word and have two."""
        begun = self._by_head.get(words[0], []) if len(words) == 1 else []
        return [*self._by_ending.get(words, []), *begun]

    def holding(self, name: str) -> EntityDraft | None:
        """The kind of fewest parts whose identity has one of this name in snake case."""
        return self._by_part.get(name)

    @cached_property
    def _by_ending(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for noun in self._kinds:
            words = tuple(noun.split())
            for start in range(len(words)):
                found.setdefault(words[start:], []).append(noun)
        return found

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for noun in self._kinds:
            words = noun.split()
            if len(words) == 2:
                found.setdefault(words[0], []).append(noun)
        return found

    @cached_property
    def _by_part(self) -> dict[str, EntityDraft]:
        found: dict[str, EntityDraft] = {}
        for kind in sorted(self._kinds.values(), key=lambda kind: (len(kind.identity), kind.noun)):
            for part in map(snake, kind.identity):
                found.setdefault(part, kind)
        return found


def refers_to(name: str, kinds: EntityDrafts, context: str = "") -> str | None:
    """Find the kind whose row a name names: ``new_item_ids`` → item.

    Among several, the one that shares most words with the context: an issue comment's reaction
    refers by ``comment_id`` to an issue comment.
    """
    before = stem(name)
    if before == ():
        return None
    if before is None:
        # Find the kind whose key is its own name, ``repo``; or in whose scope it is, ``owner``.
        own = kinds.get(" ".join(noun_words(name)))
        if own is not None and snake(own.key) == snake(name):
            return own.noun
        if snake(name) in _words("generic_keys"):
            return None
        smallest = kinds.holding(snake(name))
        return smallest.noun if smallest and len(smallest.identity) > 1 else None
    around = set(noun_words(context))
    graded = [
        (names_row(name, noun, kinds), len(around & set(noun.split())), -len(noun), noun)
        for noun in kinds.like(before)
        if _same_sort(name, kinds[noun].key)
    ]
    best = max(graded, default=(NONE, 0, 0, ""))
    if best[0] > BARE:
        return best[-1]
    ends = [" ".join(before[start:]) for start in range(len(before))]
    fitting = [noun for noun in ends if noun in kinds and _same_sort(name, kinds[noun].key)]
    return max(fitting, key=lambda noun: (len(noun), noun), default=None)


def _same_sort(name: str, key: str) -> bool:
    """Whether the name is of the key's sort: an account number is no account id."""
    last = noun_words(name)[-1]
    return last in ("id", "uuid", "guid") or last == noun_words(key)[-1]


def told_reference(schema: JsonObject, kinds: Mapping[str, EntityDraft]) -> str | None:
    """Find the kind whose rows are known by name, where a description says so of a value."""
    told = _NAME_OF.search(str(schema.get("description", "")))
    kind = kinds.get(" ".join(noun_words(told[1]))) if told else None
    return kind.noun if kind is not None and kind.identity == ("name",) else None
