"""What a tool does to which noun, concluded from its name, its description and its parameters.

First the nouns of a domain are gathered, then each tool is concluded with them at hand: the rules
run in the order of `RULES`; each takes a draft and gives a draft. How a name is read lies in
`generators.world.tool_names`, what becomes of nouns in `generators.world.entity_drafts`.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from generators.lexicon.names import label, noun_words, split_words
from generators.lexicon.nouns import is_noun, plural, singular
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import (
    Operation,
    find_deed,
    find_verb,
    opening_verbs,
    opening_words,
    verbs_by_participle,
)
from generators.world.known_answers import find_answer
from generators.world.schema_leaves import (
    leaves_of,
    listed_nouns,
    members,
    result_row,
    returns_rows,
    row_key,
    schema_type,
)
from generators.world.tool_drafts import (
    NO_NOUN,
    NO_ROW,
    NO_VERB,
    ONLY_READS,
    PARAMETER_NOUN,
    SOUGHT,
    SPOKEN_NOUN,
    TOLD_NOUN,
    YET_WRITES,
    ToolDraft,
    best_grade,
    is_paged,
    looks_from_to,
    names_keyed,
)
from generators.world.tool_names import (
    BARE,
    ENDING,
    EXACT,
    NONE,
    SHORT,
    NameReading,
    common_prefix,
    described_object,
    is_key,
    is_scalar,
    name_by_path,
    names_row,
    read_name,
    stem,
)
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")

_NUMBERS = re.compile(
    r"^\W*\w+ (?:the )?(?:two|given|several|all)? ?(?:numbers|integers)\b", re.IGNORECASE
)

DraftRule = Callable[[ToolDraft, frozenset[str]], ToolDraft]
"""A draft and the domain's nouns → the draft, more settled."""


def conclude(tools: Sequence[ToolSpec]) -> tuple[ToolDraft, ...]:
    """Conclude operation and noun of each tool of one domain, in the order given."""
    prefix = common_prefix(tools)
    readings = [read_name(tool, prefix) for tool in tools]
    keyed = frozenset(map(_keyed_words, tools, readings))
    drafts = [_first_draft(*one, keyed) for one in zip(tools, readings, strict=True)]
    shown = frozenset(draft.noun for draft in drafts if draft.operation in ("get", "list"))
    drafts = [_place_nouns(draft, shown) for draft in drafts]
    known = _known_nouns(drafts)
    concluded = []
    for draft in drafts:
        if draft.operation != "compute":
            if not draft.noun or _is_mere_state(draft, known):
                draft = _borrow_noun(draft, known, prefix)
            for rule in RULES:
                draft = rule(draft, known)
        concluded.append(draft)
    return _spell_out(concluded)


def _spell_out(drafts: Sequence[ToolDraft]) -> tuple[ToolDraft, ...]:
    """Let what is known by letters alone be called as most descriptions do: a TV, TV show."""
    spelled: dict[str, str] = {}
    vague = _words("generic") | _words("prepositions")
    for noun in {one.noun for one in drafts if one.noun and label(one.noun).isupper()}:
        own = [one for one in drafts if one.noun == noun and one.operation != "compute"]
        pattern = re.compile(rf"\b{re.escape(label(noun))} ([a-z]+)")
        found = [{*map(singular, pattern.findall(one.tool.description))} for one in own]
        after = Counter(
            word for words in found for word in words if is_noun(word) and word not in vague
        )
        best = max(sorted(after), key=lambda word: after[word], default="")
        if after[best] > 1 and after[best] * 2 > len(own):
            spelled[noun] = f"{noun} {best}"
    return tuple(
        replace(one, noun=spelled[one.noun]) if one.noun in spelled else one for one in drafts
    )


# The first reading ------------------------------------------------------------------------------


def _keyed_words(tool: ToolSpec, reading: NameReading) -> tuple[str, ...]:
    """The words of a name whose last one, though it is generic, is what an id names.

    ``meal plan entry`` with a required ``entry_id``; else none.
    """
    needed = (leaf.name for leaf in leaves_of(tool.parameters) if leaf.required and is_scalar(leaf))
    keys = {stem(name) for name in needed}
    words = reading.words
    generic = len(words) > 1 and words[-1] in _words("generic")
    return words if generic and keys & {words, words[-1:]} else ()


def _first_draft(
    tool: ToolSpec, reading: NameReading, keyed: frozenset[tuple[str, ...]]
) -> ToolDraft:
    leaves = tuple(name_by_path(one, tool.source.place) for one in leaves_of(tool.parameters))
    if answer := find_answer(tool):
        why = f"it answers with what everybody knows: {answer.kind}"
        return ToolDraft(
            tool, replace(reading, verb="get"), leaves, "compute", answer.kind, why=why
        )
    verb, operation, why = _operation(tool, reading)
    # ``order detail`` → ``order``; a generic word alone stays, and one that ids name.
    words = reading.words
    while len(words) > 1 and words[-1] in _words("generic") and words not in keyed:
        words = words[:-1]
    noun = " ".join(words)
    known = find_verb(verb)
    if (known.enters or not noun) and operation == "create" and known.makes:
        noun = known.makes[0]
    reading = reading if verb == reading.verb else replace(reading, verb=verb)
    return ToolDraft(tool, reading, leaves, operation, noun, why=why)


def _operation(tool: ToolSpec, reading: NameReading) -> tuple[str, Operation, str]:
    """Give verb, operation and reason, by the verb alone, then corrected by the tool's effect."""
    verb = reading.verb
    source = "the description's first word" if reading.from_description else "the name's verb"
    told = next(iter(opening_verbs(tool.description)), None)
    said = find_verb(told or "")
    if verb == "write" and said.writes and not said.light:
        verb, source = said.word, "the description's first verb, for a tool that writes"
    guessed = any(one.startswith("effect from the verb") for one in tool.inferred)
    if (guessed or tool.effect != "write") and _is_sum(tool):
        return verb or "compute", "compute", "numbers in, their result out"
    if (
        not verb
        and tool.effect != "read"
        and {*split_words(tool.clear_name)[:1]} & {*tool.required}
    ):
        return "update", "update", "it sets what its name begins with"  # ``grade_item``, a grade
    if not verb:
        return ("get", "get", NO_VERB) if tool.effect == "read" else ("update", "update", NO_VERB)
    deed = find_deed(tool.name, tool.description)
    usual = deed.operation if deed.verb == verb else find_verb(verb).operation_on(reading.noun)
    assert usual is not None
    why = f"{source} is '{verb}'"
    writes = usual in ("create", "update", "delete")
    if tool.effect == "read" and writes:
        return verb, "get", f"{why}, {ONLY_READS}"
    if tool.effect == "write" and not writes:
        return verb, "update", f"{why}, {YET_WRITES}"
    return verb, usual, why


def _is_sum(tool: ToolSpec) -> bool:
    """Whether the tool takes numbers alone, and gives one number that it calls the result.

    Where nobody tells what it gives, it has to say that its numbers are what it is about.
    """
    schemas = [leaf.schema for leaf in leaves_of(tool.parameters)]
    parts = members(tool.returns or {})
    if tool.returns is None and (
        _NUMBERS.search(tool.description) or _NUMBERS.search(" ".join(split_words(tool.clear_name)))
    ):
        return bool(schemas) and {schema_type(one) for one in schemas} <= {"integer", "number"}
    if not schemas or len(parts) != 1:
        return False
    ((name, (part, _)),) = parts.items()
    kinds = {schema_type(schema) for schema in (part, *schemas)}
    return kinds <= {"integer", "number"} and _words("outcomes").issuperset(split_words(name))


# The nouns of a domain --------------------------------------------------------------------------


def _known_nouns(drafts: Sequence[ToolDraft]) -> frozenset[str]:
    """Gather the nouns that certainly are kinds of things in this domain."""
    known = {draft.noun for draft in drafts if draft.noun and _is_kind(draft)}
    # What the required ids of tools about a row are ids of.
    stems = [
        {" ".join(stem(leaf.name) or ()) for leaf in draft.required if is_scalar(leaf)}
        if draft.operation in ("get", "update", "delete")
        else set()
        for draft in drafts
    ]
    every = set[str]().union(*stems)
    endings = {ending for noun in known for ending in _endings(noun)}
    for draft, own in zip(drafts, stems, strict=True):
        key = row_key(draft.tool)
        fresh = draft.operation == "create" and key not in own
        if (fresh or key in every) and key not in endings:
            known.add(key)
            endings |= _endings(key)
    return frozenset(known - {""})


def _endings(noun: str) -> set[str]:
    """``pull request review`` → ``request review``, ``review``."""
    words = noun.split(" ")
    return {" ".join(words[start:]) for start in range(1, len(words))}


def _is_kind(draft: ToolDraft) -> bool:
    """Whether this tool alone shows that its noun is a kind of thing."""
    if draft.operation == "compute" or draft.reading.aim:
        return False
    made = find_verb(draft.reading.verb).makes
    if draft.operation == "create" and made and draft.noun not in made and " " not in draft.noun:
        return False
    sure = draft.operation in ("create", "list", "delete")
    return sure or best_grade(draft, draft.noun) >= ENDING


def _borrow_noun(draft: ToolDraft, known: frozenset[str], prefix: str) -> ToolDraft:
    """Find a noun for a tool whose name has none: git's ``show``, ``status``, ``reset``.

    The first known one that the description's first sentence speaks of, or a parameter's.
    """
    words = noun_words(" ".join(opening_words(draft.tool.description)))
    for start in range(len(words)):
        for size in (3, 2, 1):
            if (spoken := " ".join(words[start : start + size])) in known:
                why = TOLD_NOUN if _is_told_twice(draft, spoken, words) else SPOKEN_NOUN
                return replace(draft, noun=spoken, why=f"{draft.why}; {why}")
    for leaf in reversed(draft.required):  # a page's id follows its browser's
        before = stem(leaf.name)
        if before and is_key(leaf):
            noun, operation = " ".join(before), draft.operation
            made = _is_object(draft, noun) and noun_words(leaf.name)[-1:] == ("name",)
            if operation == "create" and not made:
                operation = "update"
            sure = _is_told_twice(replace(draft, operation=operation), noun, words)
            sure = sure or operation == "create"
            why = f"{draft.why}; {TOLD_NOUN if sure else f'{PARAMETER_NOUN} {leaf.name}'}"
            return replace(draft, operation=operation, noun=noun, why=why)
    searches = find_verb(draft.reading.verb).searches
    fallback = " ".join(draft.reading.aim) or prefix or (SOUGHT if searches else "record")
    return replace(draft, noun=fallback, why=f"{draft.why}; {NO_NOUN}")


def _is_told_twice(draft: ToolDraft, noun: str, words: tuple[str, ...]) -> bool:
    """Whether the description speaks of the noun, and something else says that it is meant.

    A required parameter names its row: ``file_id`` of "Rename a file". Or it is the very object of
    what is done: "Lists the commit logs", page by page; "Create a file" where none is named.
    """
    names = any(is_scalar(one) and names_row(one.name, noun) >= ENDING for one in draft.required)
    if draft.operation == "get" and names:
        return noun in " ".join(words)
    if draft.operation in ("update", "delete"):
        return names and _is_object(draft, noun)
    listed = draft.operation == "list" or is_paged(draft)
    return _is_object(draft, noun) and not names and (listed or draft.operation == "create")


def _is_object(draft: ToolDraft, noun: str) -> bool:
    """Whether it is what the description's first verb is about, or a side of that: its logs."""
    told = noun_words("_".join(described_object(draft.tool)))
    while told[1:] and told[-1] in _words("facets"):
        told = told[:-1]
    return " ".join(told) == noun


def _is_mere_state(draft: ToolDraft, known: frozenset[str]) -> bool:
    """Whether the name says only in what state a thing is: ``disconnect_shared``, a channel."""
    state = draft.noun.endswith("ed") and draft.noun in verbs_by_participle()
    keyed = any(
        is_key(leaf) and " ".join(stem(leaf.name) or ()) in known for leaf in draft.required
    )
    return state and keyed and draft.noun not in known


def _place_nouns(draft: ToolDraft, shown: frozenset[str]) -> ToolDraft:
    """``remove_tracks_playlist`` takes tracks from a playlist; ``save_albums_user`` keeps albums.

    Two nouns that the domain shows, the first in the plural: neither is made nor unmade. ``shown``
    are the nouns of what the domain's tools get.
    """
    words = draft.reading.words
    if draft.operation not in ("create", "update", "delete") or len(words) != 2:
        return draft
    first, last = words
    named = plural(first) in split_words(draft.tool.clear_name)
    if not shown.issuperset(words) or not named or draft.reading.aim:
        return draft
    if any(is_scalar(leaf) and names_row(leaf.name, last) == EXACT for leaf in draft.required):
        why = f"{draft.why}, of a {last}'s {plural(first)}"
        return replace(draft, operation="update", noun=last, facet=plural(first), why=why)
    if any(names_row(leaf.name, first) >= BARE and is_key(leaf) for leaf in draft.required):
        why = f"{draft.why}, of a {first} that is there"
        return replace(draft, operation="update", noun=first, why=why)
    return draft


# The rules --------------------------------------------------------------------------------------


def split_facet(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Read ``order address`` with an ``order_id`` as an order, and its address."""
    reading = draft.reading
    words = reading.words if draft.noun in reading.noun else tuple(draft.noun.split())
    several = reading.plural and len(words) > 1  # "the integration logs" are things
    unnamed = reading.from_description and draft.noun not in known and not several
    if unnamed and not _words("facets").isdisjoint(words[-1:]):
        # git_status: a facet alone belongs to what the description or a parameter names.
        if len(words) > 1 and words[-1] == "tree":
            return replace(draft, noun=" ".join(words[:-1]), facet="tree")
        found = _borrow_noun(replace(draft, noun=""), known, "")
        if found.noun in known and is_paged(draft):
            return replace(found, operation="list")
        return replace(found, facet=(*words, *split_words(draft.tool.clear_name))[-1])
    if draft.operation == "get" and reading.words[-1:] == ("id",) and draft.noun != "id":
        return replace(draft, facet="id")
    if draft.operation not in ("get", "update", "create") or len(words) < 2:
        return draft
    keys = [leaf for leaf in draft.leaves if is_scalar(leaf) and is_key(leaf)]
    for size in range(len(words), 0, -1):
        noun, rest = " ".join(words[:size]), words[size:]
        if words[size - 1] in _words("facets") and noun not in known:
            continue
        # Some parameter has to name a row of the noun; for writes a required one.
        naming = keys
        if draft.operation != "get":
            value = words[:size] if size > 1 else ()
            naming = [leaf for leaf in keys if leaf.required and noun_words(leaf.name) != value]
        grades = [names_row(leaf.name, noun, known) for leaf in naming]
        if max(grades, default=NONE) < (BARE if noun in known else SHORT):
            continue
        if not rest or _is_facet(draft, noun, rest, known):
            # As the name spells it: ``logs``; generic words are none, except ``id``.
            telling = [word for word in rest if word not in _words("generic") or word == "id"]
            if telling and telling != ["id"]:
                spelled = split_words(draft.tool.clear_name)
                last = (word for word in spelled if noun_words(word) == (telling[-1],))
                telling[-1] = next(last, telling[-1])
            return replace(draft, noun=noun, facet="_".join(telling))
    return draft


def _is_facet(draft: ToolDraft, noun: str, rest: tuple[str, ...], known: frozenset[str]) -> bool:
    """Whether the last words name a side of the noun's row, not a thing of its own."""
    if _words("generic").issuperset(rest):
        return True
    keys = [leaf.name for leaf in draft.required if leaf.many or is_key(leaf)]
    set_to = find_verb(draft.reading.verb).state and not draft.reading.qualifiers
    if set_to and any(stem(name) == rest for name in keys):
        return False  # what is set to a state is what its own ids name; not of a delivered order
    own = f"{noun} {' '.join(rest)}" in known
    valued = any(set(rest) <= set(noun_words(leaf.path)) for leaf in draft.leaves)
    if draft.operation == "create":
        return valued and draft.reading.plural and noun in known
    if draft.operation == "update":
        return valued or not own
    return rest[-1] in _words("facets") or not (draft.reading.plural or own)


def merge_noun(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Use one noun for variants: ``text file`` with a path is a file, ``user order`` an order."""
    if draft.reading.aim and draft.operation == "create":
        aimed = " ".join((*draft.reading.aim, draft.noun))
        if longer := [noun for noun in known if f" {noun}".endswith(f" {aimed}")]:
            return replace(draft, noun=min(longer))
    words = draft.noun.split()
    for start in range(1, len(words)):
        shorter, modifier = " ".join(words[start:]), " ".join(words[:start])
        if shorter not in known:
            continue
        own = best_grade(draft, draft.noun, known) >= ENDING
        lists = draft.operation in ("get", "list") and draft.reading.plural
        parents = (leaf for leaf in draft.required if lists and is_scalar(leaf))
        within = any(names_row(leaf.name, modifier) == EXACT for leaf in parents)
        if modifier in known or within or (not own and best_grade(draft, shorter) > NONE):
            return merge_noun(replace(draft, noun=shorter), known)
    shorter = " ".join(words[:-1])
    if shorter and words[-1] == "type" and f"{shorter} id" in draft.tool.description.lower():
        return replace(draft, noun=shorter)
    return draft


def find_thing_made(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Let booking a flight by its id make a booking, and paying an invoice change the invoice."""
    verb = draft.reading.verb
    if draft.operation != "create" or verb in ("create", "add", "insert", "new"):
        return draft
    about = names_keyed(draft, draft.noun, ENDING, known)
    known_verb = find_verb(verb)
    waiting = set(known_verb.before) & set(draft.reading.qualifiers)
    if known_verb.state and (about or waiting):
        return replace(draft, operation="update", why=f"{draft.why}, of a row that is there")
    made = known_verb.makes
    thing = next((noun for noun in made if noun in known), made[0] if made else "")
    other = thing in known and draft.noun not in known
    other = other or names_keyed(draft, draft.noun, EXACT, known)
    if thing not in ("", draft.noun) and other:
        return replace(draft, noun=thing, why=f"{draft.why}, which makes a {thing}")
    return draft


def list_several(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Take a get for a list where its noun is plural, its result a list, paged, or of a stretch.

    What would create only a side of a row is an update.
    """
    if draft.operation == "create" and draft.facet:
        return replace(draft, operation="update", why=f"{draft.why} to a row that is there")
    if draft.operation != "get":
        return draft
    reading = draft.reading
    named, past = best_grade(draft, draft.noun, known), " ".join(reading.words[:-1])
    if reading.words[-1:] == ("history",) and past in known and not draft.facet:
        return replace(draft, operation="list", noun=past, why=f"{draft.why}, of all that was")
    generic = bool(reading.words) and reading.words[-1] in _words("generic")
    sided = len(reading.words) > 1 and reading.words[-1] in _words("facets")
    read = reading.from_description and not reading.told
    looked_up = bool(reading.by) and not find_verb(reading.verb).searches
    many = reading.plural and not (read or reading.noun_first or generic or sided)
    if many and not draft.facet and named < ENDING and not looked_up:
        return replace(draft, operation="list", why=f"{draft.why}, of several")
    if returns_rows(draft.tool) and named == NONE:
        return replace(draft, operation="list", why=f"{draft.why}, and the result is a list")
    whole = draft.noun in known and not draft.facet
    if whole and is_paged(draft) and (named == NONE or reading.verb == "find"):
        return replace(draft, operation="list", why=f"{draft.why}, page by page")
    if whole and not generic and looks_from_to(draft):
        return replace(draft, operation="list", why=f"{draft.why}, of all in a stretch of time")
    return draft


def key_by_row(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Let the first id of the source's own result row say whose it is: ``stay_id`` a stay."""
    key = row_key(draft.tool)
    if key not in known or key == draft.noun or draft.operation == "delete":
        return draft
    held = {" ".join(noun_words(name)) for name in members(result_row(draft.tool))}
    if draft.operation == "list" and draft.noun in held:
        return draft  # whom a message went to, beside the message
    why = f"{draft.why}; the result's rows are {key} rows"
    return replace(draft, noun=key, facet=draft.facet and draft.noun, why=why)


def list_shown(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Let a result that lists rows of a known kind say what is listed: a graph's entities."""
    if draft.operation not in ("get", "list") or draft.facet:
        return draft
    every = listed_nouns(draft.tool)
    listed = [noun for noun in every if noun in known]
    if len(every) == 1 and every[0] in draft.noun.split()[:-1]:
        listed = [*every]  # the genres of ``genre movie list``
    if not listed or draft.noun in listed or draft.noun.split()[-1] in listed:
        return draft
    if names_keyed(draft, draft.noun, ENDING, known):
        return draft
    why = f"{draft.why}; the result lists {plural(listed[0])}"
    return replace(draft, operation="list", noun=listed[0], why=why)


def compute_without_row(draft: ToolDraft, known: frozenset[str]) -> ToolDraft:
    """Take a read that names no row of anything for a computation."""
    if draft.operation != "get" or draft.noun in known or draft.facet:
        return draft
    if not draft.why.startswith(NO_VERB):
        named = [leaf for leaf in draft.required if is_scalar(leaf) and is_key(leaf)]
        if draft.reading.by or any(names_row(leaf.name, draft.noun) for leaf in named):
            return draft
        stems = [before for leaf in named if (before := stem(leaf.name)) is not None]
        if any(" ".join(before) not in known for before in stems):
            return draft  # an id of what no tool shows
    return replace(draft, operation="compute", why=f"{draft.why}, {NO_ROW}")


RULES: tuple[DraftRule, ...] = (
    split_facet,
    merge_noun,
    find_thing_made,
    list_several,
    key_by_row,
    list_shown,
    compute_without_row,
)
