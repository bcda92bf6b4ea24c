"""The entities of a domain half made: what names their rows, and which columns results show.

Parameters get their uses with these drafts at hand (`generators.world.parameters`), and then the
fields are completed (`generators.world.entity_fields`). Which draft a name refers to is told here:
``customer_id`` a customer, ``new_item_ids`` an item.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial

from generators.lexicon.meanings import tells_title
from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import find_verb, participle
from generators.world.schema_leaves import Leaf, members, plain_schema, result_row, schema_type
from generators.world.semantics import semantic_type
from generators.world.tool_drafts import DomainSurvey, ToolDraft
from generators.world.tool_names import (
    BARE,
    ENDING,
    EXACT,
    NONE,
    is_key,
    is_scalar,
    is_targeted,
    names_row,
    short_forms,
    stem,
)
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
    def spellings(self) -> frozenset[str]:
        """What rows hold and tools write into them, in snake case."""
        return self.written | self._spellings.keys()

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Name in snake case → the first column or identity part that is so called."""
        columns = (*self.identity, *self.columns)
        return {snake(column): column for column in reversed(columns)}

    def place(self, name: str) -> str | None:
        """The column of this name, or else the same name where tools write it."""
        return self.column(name) or (snake(name) if snake(name) in self.written else None)


class EntityDrafts(dict[str, EntityDraft]):
    """The kinds of a domain by noun, in the nouns' order."""

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of all nouns."""
        return frozenset(word for noun in self for word in noun.split())

    @cached_property
    def by_form(self) -> dict[tuple[str, ...], list[str]]:
        """Short form → the nouns that have it: ``("review",)`` → ``pull request review``."""
        found: dict[tuple[str, ...], list[str]] = {}
        for noun in self:
            for form in short_forms(noun):
                found.setdefault(form, []).append(noun)
        return found

    @cached_property
    def by_form_and_word(self) -> dict[tuple[tuple[str, ...], str], list[str]]:
        """Short form and another word → the nouns that have both."""
        found: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for form, nouns in self.by_form.items():
            for noun in nouns:
                for word in set(noun.split()) - set(form):
                    found.setdefault((form, word), []).append(noun)
        return found

    def grade(self, name: str, nouns: Iterable[str], around: Set[str]) -> tuple[int, int, int, str]:
        """The best of some nouns for a name: grade, words of the context, shortness, noun."""
        fitting = (noun for noun in nouns if _same_sort(name, self[noun].key))
        graded = (
            (names_row(name, noun, self), len(around & set(noun.split())), -len(noun), noun)
            for noun in fitting
        )
        return max(graded, default=(NONE, 0, 0, ""))

    def find_usual(self, name: str, before: tuple[str, ...]) -> tuple[str, ...]:
        """The noun of a short form that suits a name best where no context tells more."""
        if name not in self._usual:
            best = self.grade(name, self.by_form.get(before, ()), frozenset())[-1]
            self._usual[name] = (best,) if best else ()
        return self._usual[name]

    @cached_property
    def _usual(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def by_part(self) -> dict[str, EntityDraft]:
        """Part of an identity, in snake case → the kind of fewest parts that has it.

        Of parts by which things are known: a type, a value or a year is no key of its own.
        """
        kinds = sorted(self.values(), key=lambda kind: (len(kind.identity), kind.noun))
        parts = {part for kind in kinds for part in kind.identity}
        keys = {part for part in parts if semantic_type(part, {}) in _SCOPES}
        return {
            snake(part): kind for kind in reversed(kinds) for part in kind.identity if part in keys
        }


def gather_kinds(drafts: Sequence[ToolDraft]) -> dict[str, EntityDraft]:
    """Make the kinds of one domain's tools, by noun, in the nouns' order."""
    survey = DomainSurvey(drafts)
    kinds = {}
    for noun in sorted(survey.by_noun):
        own = survey.by_noun[noun]
        # Unite the rows of the results that the source gives; a list of choices outdoes a text.
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
                flag = draft.operation != "list" and schema_type(plain_schema(schema)) == "boolean"
                outcome = snake(name).endswith("_status") or _tells_making(draft, name)
                if name in _words("envelope") or (flag and outcome):
                    continue
                held, plain = plain_schema(columns.get(spelled, {})), plain_schema(schema)
                same = schema_type(plain) == schema_type(held)
                if spelled not in columns or (same and "enum" in plain and "enum" not in held):
                    columns[spelled] = schema
        _unite_ids(noun, own, columns)
        key = _find_title(_find_key(noun, own, survey, columns), own, columns)
        if key is not None:
            spelled = _spell_key(key, columns)
            if noun_words(key) == tuple(noun.split()) and spelled not in columns:
                spelled = next((name for name in columns if snake(name) == "id"), spelled)
            identity = (*_find_scope(noun, key, own, survey, columns), spelled)
        else:  # by all that a delete needs: ``from``, ``to``
            deleting = [draft.required for draft in own if draft.operation == "delete"]
            keys = [leaf for leaf in (deleting or [()])[0] if is_key(leaf)]
            names = dict.fromkeys(snake(one.name) for one in keys if not one.path.endswith("[]"))
            whole = [_spell_key(name, columns) for name in survey.order_names(names)]
            usual = [name for name in columns if snake(name) in ("id", "number", "name", "path")]
            usual += ["code"] if coded_kind(noun) and not columns else []
            identity = tuple(whole or [*usual, f"{noun.replace(' ', '_')}_id"][:1])
        writing = [draft for draft in own if draft.operation in ("create", "update")]
        written = frozenset(snake(leaf.top) for draft in writing for leaf in draft.leaves)
        kinds[noun] = EntityDraft(noun, identity, columns, written)
    return kinds


def _tells_making(draft: ToolDraft, name: str) -> bool:
    """Whether a flag says that a row has been made by the call, and nothing of the row."""
    done = ("created", participle(draft.reading.verb) if draft.reading.verb else "")
    return draft.operation == "create" and name in done


def _unite_ids(noun: str, own: Sequence[ToolDraft], columns: dict[str, JsonObject]) -> None:
    """Leave out what is the ``id`` of a row by its longer name, in results that show either.

    Not where a result shows both, or a new row is made by naming another: a repost.
    """
    longer = f"{noun.replace(' ', '_')}_id"
    named = next((one for one in columns if snake(one) == longer), "")
    shown = (members(result_row(one.tool, noun)) for one in own if one.tool.returns)
    makes = (one for one in own if one.operation == "create" and not find_verb(one.reading.verb).to)
    given = {snake(leaf.name) for one in makes for leaf in one.required}
    apart = longer in given or any({"id", named} <= row.keys() for row in shown)
    if named and "id" in columns and not apart:
        del columns[named]


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
    about = [leaf for one in own if one.operation in ABOUT_ROW for leaf in one.required]
    made = [leaf for one in own if one.operation == "create" for leaf in one.required]
    natural = [leaf for leaf in made if noun_words(leaf.name) not in _PLAIN_KEYS]
    vote = partial(_vote_key, noun, known)
    looked_up = (  # ``tag`` in ``get_release_by_tag``
        snake(leaf.name)
        for one in own
        if one.operation in ABOUT_ROW
        for leaf in one.required
        if is_scalar(leaf) and noun_words(leaf.name) == one.reading.by
    )
    return (
        vote(BARE, about)
        or vote(ENDING, (leaf for one in own for leaf in one.required))
        or vote(EXACT, survey.naming.get(noun, ()))
        or _find_foreign_key(about, survey)
        or vote(BARE, natural)
        or next(looked_up, None)
        or next(_find_shared_keys(own, {snake(leaf.name) for leaf in made}), None)
    )


def _find_title(
    key: str | None, own: Iterable[ToolDraft], columns: Mapping[str, JsonObject]
) -> str | None:
    """Find what a row that is named by its name is written with, where that is called otherwise.

    The ``content`` of a task that others know by its ``task_name``, and that is said to be it.
    """
    made = [leaf for one in own if one.operation == "create" for leaf in one.leaves]
    named = key is not None and split_words(key)[-1] in ("name", "title")
    if not named or columns or any(snake(leaf.name) == key for leaf in made):
        return key
    titled = {
        snake(leaf.name)
        for leaf in made
        if is_scalar(leaf) and tells_title(leaf.name, str(leaf.schema.get("description", "")))
    }
    return titled.pop() if len(titled) == 1 else key


def _find_shared_keys(own: Iterable[ToolDraft], made: Set[str]) -> Iterator[str]:
    """Find what a create is given and another tool names the row by, alone: ``package_name``."""
    for one in own:
        keys = [leaf for leaf in one.required if is_scalar(leaf) and is_key(leaf)]
        worded = any(semantic_type(one.name, one.schema) in ("text", "query") for one in keys)
        if one.operation in ABOUT_ROW and len(keys) == 1 and not worded:
            yield from {snake(keys[0].name)} & made


_PLAIN_KEYS = (("name",), ("title",), ("id",))


def _vote_key(noun: str, known: Container[str], least: int, leaves: Iterable[Leaf]) -> str | None:
    """Find the name of at least this grade that most parameters have; lists of keys if alone."""
    votes: Counter[tuple[bool, int, str]] = Counter()
    for leaf in leaves:
        grade = names_row(leaf.name, noun, known)
        said = semantic_type(leaf.name, leaf.schema) if grade >= least and is_key(leaf) else "text"
        if said not in ("text", "query"):
            votes[is_scalar(leaf), grade, snake(leaf.name)] += 1
    ranked = sorted(votes, key=lambda vote: (-vote[0], -vote[1], -votes[vote], vote[2]))
    return ranked[0][2] if ranked else None


def _find_foreign_key(about: Iterable[Leaf], survey: DomainSurvey) -> str | None:
    """Find an id that is no other kind's: ``ghsaId`` of an advisory, ``resource_id``."""
    found = []
    for leaf in about:
        before = stem(leaf.name)
        if not before or not is_scalar(leaf) or not is_key(leaf):
            continue
        if noun_words(leaf.name)[-1] in ("id", "number") and " ".join(before) not in survey.by_noun:
            name = snake(leaf.name)  # not what may be meant for a longer noun: ``pull_number``
            if is_targeted(name) or (stem(name) or ()) not in survey.short_forms:
                found.append(name)
    return min(found, key=lambda name: (-found.count(name), name), default=None)


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
    keyed = [one for one in own if snake(key) in (snake(leaf.name) for leaf in one.required)]
    using = [one for one in keyed if one.operation in ABOUT_ROW] or keyed
    if not using:
        return ()
    shared = set.intersection(*({snake(leaf.name) for leaf in one.required} for one in using))
    usual = max(3, len(survey.drafts) * 3 // 10)
    scope = []
    for leaf in using[0].required:
        name = snake(leaf.name)
        if name not in shared - {snake(key)} - _words("generic_keys"):
            continue
        fits = is_scalar(leaf) and is_key(leaf)
        before = " ".join(stem(leaf.name) or ())
        # What a sub-thing lies in: ``issue_number`` of a sub issue.
        parent = len(using) > 1 and bool(before) and noun.endswith(f" {before}")
        if fits and semantic_type(leaf.name, leaf.schema) in _SCOPES:
            scope += [name] if parent or survey.needs[name] >= usual else []
    spelled = {snake(name): name for name in columns or scope}
    return tuple(spelled[name] for name in survey.order_names(scope) if name in spelled)


_NAME_OF = re.compile(r"\b[Nn]ames? of (?:the|an?) (\w+)\b")


def coded_kind(noun: str) -> str:
    """What the code of such a thing is, where it is known by one: an airport's; else empty."""
    told: str = load_table("inference")["coded"].get(noun, "")
    return told


def coded_reference(semantic: str | None, kinds: EntityDrafts) -> str | None:
    """Find the kind whose code a value of this meaning is: an origin, an airport's."""
    kind = kinds.get(semantic or "")
    return kind.noun if kind is not None and kind.identity == ("code",) else None


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
        smallest = kinds.by_part.get(snake(name))
        return smallest.noun if smallest and len(smallest.identity) > 1 else None
    around = set(noun_words(context))
    near = (
        noun
        for word in sorted(around - set(before))
        for noun in kinds.by_form_and_word.get((before, word), ())
    )
    best = kinds.grade(name, (*kinds.find_usual(name, before), *near), around)
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
