"""Each tool's operation and noun, resolved with all the nouns of its domain at hand.

The rules run in the order of `RULES`; each takes a draft and gives a draft. How a name is read
lies in `generators.world.tool_names`, what becomes of nouns in `generators.world.entity_drafts`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from generators.lexicon.names import noun_words, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import (
    Operation,
    is_search,
    opening_words,
    state_after,
    states_before,
    things_made,
)
from generators.world.result_rows import listed_nouns, returns_rows, row_key
from generators.world.row_names import (
    BARE,
    ENDING,
    EXACT,
    NONE,
    SHORT,
    is_key,
    is_scalar,
    names_row,
    stem,
)
from generators.world.tool_drafts import (
    NO_NOUN,
    NO_ROW,
    NO_VERB,
    PARAMETER_NOUN,
    SPOKEN_NOUN,
    ToolDraft,
    best_grade,
    is_paged,
    names_keyed,
)
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")

DraftRule = Callable[[ToolDraft, frozenset[str]], ToolDraft]
"""A draft and the domain's nouns → the draft, more settled."""


def resolve_operation(draft: ToolDraft, known: frozenset[str], prefix: str) -> ToolDraft:
    """Resolve noun and operation; ``prefix`` is a word that all names of the domain share."""
    if draft.operation == "compute":
        return draft
    if not draft.noun:
        draft = _borrow_noun(draft, known, prefix)
    for rule in RULES:
        draft = rule(draft, known)
    return draft


def _key_by_row(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Let the first id of the source's own result row say whose it is: ``stay_id`` a stay."""
    key = row_key(draft.tool)
    if key not in known or key == draft.noun or draft.operation == "delete":
        return draft
    why = f"{draft.why}; the result's rows are {key} rows"
    return replace(draft, noun=key, facet=draft.facet and draft.noun, why=why)


def _borrow_noun(draft: ToolDraft, known: frozenset[str], prefix: str) -> ToolDraft:
    """Find a noun for a tool whose name has none: git's ``show``, ``status``, ``reset``."""
    spoken = _find_spoken_noun(draft.tool, known)
    if spoken:
        return replace(draft, noun=spoken, why=f"{draft.why}; {SPOKEN_NOUN}")
    for leaf in draft.required:
        before = stem(leaf.name)
        if before and is_key(leaf):
            operation: Operation = "update" if draft.operation == "create" else draft.operation
            why = f"{draft.why}; {PARAMETER_NOUN} {leaf.name}"
            return replace(draft, operation=operation, noun=" ".join(before), why=why)
    fallback = " ".join(draft.reading.aim) or prefix or "record"
    return replace(draft, noun=fallback, why=f"{draft.why}; {NO_NOUN}")


def _find_spoken_noun(tool: ToolSpec, known: frozenset[str]) -> str:
    """Find the first known noun that the description's first sentence speaks of."""
    words = noun_words(" ".join(opening_words(tool.description)))
    for start in range(len(words)):
        for size in (3, 2, 1):
            if " ".join(words[start : start + size]) in known:
                return " ".join(words[start : start + size])
    return ""


def place_nouns(draft: ToolDraft, shown: frozenset[str]) -> ToolDraft:
    """``remove_tracks_playlist`` takes tracks from a playlist; ``save_albums_user`` keeps albums.

    Two nouns that the domain shows, the first in the plural and no owner of the second: neither is
    made nor unmade. ``shown`` are the nouns of what the domain's tools get.
    """
    words = draft.reading.words
    if draft.operation not in ("create", "update", "delete") or len(words) != 2:
        return draft
    first, last = words
    raw = split_words(draft.tool.name)
    if not shown.issuperset(words) or plural(first) not in raw or draft.reading.aim:
        return draft
    said = draft.tool.description.lower().replace("\u2019", "'")
    if any(owner in said for owner in (f"{first}'s", f"{plural(first)}'")):
        return draft
    if any(is_scalar(leaf) and names_row(leaf.name, last) == EXACT for leaf in draft.required):
        why = f"{draft.why}, of a {last}'s {plural(first)}"
        return replace(draft, operation="update", noun=last, facet=plural(first), why=why)
    if any(names_row(leaf.name, first) >= BARE and is_key(leaf) for leaf in draft.required):
        why = f"{draft.why}, of a {first} that is there"
        return replace(draft, operation="update", noun=first, why=why)
    return draft


def _split_facet(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Read ``order address`` with an ``order_id`` as an order, and its address."""
    words = draft.reading.words if draft.noun in draft.reading.noun else tuple(draft.noun.split())
    if draft.reading.from_description and draft.noun not in known:
        named = _find_facet_owner(draft, words, known)
        if named is not None:
            return named
    if draft.operation == "get" and draft.reading.words[-1:] == ("id",) and draft.noun != "id":
        return replace(draft, facet="id")
    if draft.operation not in ("get", "update", "create") or len(words) < 2:
        return draft
    for size in range(len(words), 0, -1):
        noun, rest = " ".join(words[:size]), words[size:]
        # Whether some parameter names a row of the noun; for writes a required one.
        if noun.split()[-1] in _words("facets") and noun not in known:
            names_own_row = False
        else:
            leaves = [leaf for leaf in draft.leaves if is_scalar(leaf) and is_key(leaf)]
            if draft.operation != "get":
                value = tuple(noun.split()) if " " in noun else ()
                leaves = [
                    leaf for leaf in leaves if leaf.required and noun_words(leaf.name) != value
                ]
            grades = [names_row(leaf.name, noun, known) for leaf in leaves]
            names_own_row = max(grades, default=NONE) >= (BARE if noun in known else SHORT)
        if names_own_row and (not rest or _is_facet(draft, noun, rest, known)):
            return replace(draft, noun=noun, facet=_name_facet(draft, rest))
    return draft


def _find_facet_owner(
    draft: ToolDraft, words: tuple[str, ...], known: frozenset[str]
) -> ToolDraft | None:
    """``git_status``: a facet alone belongs to what the description or a parameter names."""
    if not words or words[-1] not in _words("facets"):
        return None
    facet = (*words, *split_words(draft.tool.name))[-1]
    if len(words) > 1 and words[-1] == "tree":
        return replace(draft, noun=" ".join(words[:-1]), facet="tree")
    found = _borrow_noun(replace(draft, noun=""), known, "")
    if found.noun in known and is_paged(draft):
        return replace(found, operation="list")
    return replace(found, facet=facet)


def _is_facet(draft: ToolDraft, noun: str, rest: tuple[str, ...], known: frozenset[str]) -> bool:
    """Whether the last words name a side of the noun's row, not a thing of its own."""
    whole = f"{noun} {' '.join(rest)}"
    if all(word in _words("generic") for word in rest):
        return True
    valued = any(set(rest) <= set(noun_words(leaf.path)) for leaf in draft.leaves)
    if draft.operation == "create":
        return valued and draft.reading.plural and noun in known
    if draft.operation == "update":
        return valued or whole not in known
    return rest[-1] in _words("facets") or (not draft.reading.plural and whole not in known)


def _name_facet(draft: ToolDraft, rest: tuple[str, ...]) -> str:
    """Give the facet as the name spells it: ``logs``; generic words are none, except ``id``."""
    telling = [word for word in rest if word not in _words("generic") or word == "id"]
    if not telling:
        return ""
    if telling == ["id"]:
        return "id"
    spelled = split_words(draft.tool.name)
    plural = next((word for word in spelled if noun_words(word) == (telling[-1],)), telling[-1])
    return "_".join([*telling[:-1], plural])


def _merge_noun(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Use one noun for variants of it."""
    return replace(draft, noun=_find_plain_noun(draft, known))


def _find_plain_noun(draft: ToolDraft, known: frozenset[str]) -> str:
    """Find one noun for variants: ``text file`` with a path is a file, ``user order`` an order."""
    if draft.reading.aim and draft.operation == "create":
        aimed = " ".join((*draft.reading.aim, draft.noun))
        longer = [noun for noun in known if f" {noun}".endswith(f" {aimed}")]
        if longer:
            return min(longer)
    words = draft.noun.split()
    for start in range(1, len(words)):
        shorter, modifier = " ".join(words[start:]), " ".join(words[:start])
        if shorter not in known:
            continue
        own = best_grade(draft, draft.noun, known) >= ENDING
        if modifier in known or (not own and best_grade(draft, shorter) > NONE):
            return _find_plain_noun(replace(draft, noun=shorter), known)
    shorter = " ".join(words[:-1])
    if shorter and words[-1] == "type" and f"{shorter} id" in draft.tool.description.lower():
        return shorter
    return draft.noun


_MONEY = frozenset({"money", "fund", "amount"})


def _find_thing_made(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Let booking a flight by its id make a booking, and paying an invoice change the invoice."""
    verb = draft.reading.verb
    if draft.operation != "create" or verb in ("create", "add", "insert", "new"):
        return draft
    about = names_keyed(draft, draft.noun, ENDING, known)
    waiting = set(states_before(verb)) & set(draft.reading.qualifiers)
    if state_after(verb) and (about or waiting):
        return replace(draft, operation="update", why=f"{draft.why}, of a row that is there")
    made = things_made(verb)
    thing = next((noun for noun in made if noun in known), made[0] if made else "")
    other = names_keyed(draft, draft.noun, EXACT, known) or draft.noun in _MONEY
    other = other or (thing in known and draft.noun not in known)
    if thing and thing != draft.noun and other:
        why = f"{draft.why}, which makes a {thing}"
        return replace(draft, noun=thing, why=why)
    return draft


def _update_side(draft: ToolDraft, _: frozenset[str]) -> ToolDraft:
    """Take a tool that creates for an update where only a side of a row is given."""
    if draft.operation == "create" and draft.facet:
        return replace(draft, operation="update", why=f"{draft.why} to a row that is there")
    return draft


def _list_several(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Take a get for a list where its noun is plural, its result a list, or paged."""
    if draft.operation != "get":
        return draft
    reading = draft.reading
    named = best_grade(draft, draft.noun, known)
    generic = reading.words[-1:] and reading.words[-1] in _words("generic")
    past = " ".join(reading.words[:-1])
    if reading.words[-1:] == ("history",) and past in known and not draft.facet:
        return replace(draft, operation="list", noun=past, why=f"{draft.why}, of all that was")
    sided = len(reading.words) > 1 and reading.words[-1] in _words("facets")
    read = reading.from_description and not reading.told
    unsure = read or reading.noun_first or generic or sided
    many = reading.plural and not unsure
    looked_up = bool(reading.by) and not is_search(reading.verb)
    if many and not draft.facet and named < ENDING and not looked_up:
        return replace(draft, operation="list", why=f"{draft.why}, of several")
    if returns_rows(draft.tool) and named == NONE:
        return replace(draft, operation="list", why=f"{draft.why}, and the result is a list")
    if draft.noun in known and not draft.facet and is_paged(draft):
        if named != NONE and reading.verb != "find":
            return draft
        return replace(draft, operation="list", why=f"{draft.why}, page by page")
    return draft


def _list_shown(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Let a result that lists rows of a known kind say what is listed: a graph's entities."""
    if draft.operation not in ("get", "list") or draft.facet:
        return draft
    listed = [noun for noun in listed_nouns(draft.tool) if noun in known]
    if not listed or draft.noun in listed or draft.noun.split()[-1] in listed:
        return draft
    if names_keyed(draft, draft.noun, ENDING, known):
        return draft
    why = f"{draft.why}; the result lists {plural(listed[0])}"
    return replace(draft, operation="list", noun=listed[0], why=why)


def _compute_without_row(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Take a read that names no row of anything for a computation."""
    if draft.operation != "get" or draft.noun in known or draft.facet:
        return draft
    why = f"{draft.why}, {NO_ROW}"
    if draft.why.startswith(NO_VERB):
        return replace(draft, operation="compute", why=why)
    named = [leaf for leaf in draft.required if is_scalar(leaf) and is_key(leaf)]
    if draft.reading.by or any(names_row(leaf.name, draft.noun) for leaf in named):
        return draft
    stems = [before for leaf in named if (before := stem(leaf.name)) is not None]
    if any(" ".join(before) not in known for before in stems):
        return draft  # an id of what no tool shows
    return replace(draft, operation="compute", why=why)


RULES: tuple[DraftRule, ...] = (
    _split_facet,
    _merge_noun,
    _find_thing_made,
    _update_side,
    _list_several,
    _key_by_row,
    _list_shown,
    _compute_without_row,
)
