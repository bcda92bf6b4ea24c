"""What names say: of a tool its verb, object and the rest, of a parameter whose row it names.

``modify_pending_order_address`` → verb modify, object ``order address``, qualifier ``pending``; the
first sentence of the description helps. What operation that makes is decided in
`generators.world.conclude_tools`. ``order_id`` names an order, ``pullNumber`` a pull request: one
parameter is judged against one noun. Which of an entity's names becomes its identity is decided in
`generators.world.entity_drafts`.
"""

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import dropwhile, pairwise, takewhile

from generators.lexicon.names import is_version, key_words, noun_words, snake, split_words
from generators.lexicon.nouns import is_plural, singular
from generators.lexicon.tables import load_table, load_words, word_set
from generators.lexicon.verbs import (
    all_verbs,
    base_form,
    find_deed,
    find_verb,
    opening_words,
)
from generators.world.schema_leaves import Leaf, plain_schema
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")
_BARE = frozenset({"id", "uuid", "guid"})
"""Names of ids that do not say of what."""


@dataclass(frozen=True)
class NameReading:
    """What could be read from the name, with the description's help."""

    verb: str
    """Base form; ``""`` where neither name nor description has a known verb."""
    words: tuple[str, ...]
    """The object, singular, without qualifiers: ``("order", "address")``; may be empty."""
    plural: bool
    """The object stands in the plural: ``teams``."""
    qualifiers: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    """The words after ``by``: ``("name", "zip")``."""
    aim: tuple[str, ...] = ()
    """The words after ``to``, ``from`` …: ``("issue",)``."""
    state: str = ""
    """``read`` in ``mark_all_read``, ``done`` in ``mark_task_as_done``."""
    noun_first: bool = False
    """``projects_get``: a plural before the verb says nothing of how many."""
    from_description: bool = False
    """The verb is the description's."""
    told: bool = False
    """The object, too, is as the description spells it."""

    @property
    def noun(self) -> str:
        """The whole object as a phrase."""
        return " ".join(self.words)


def common_prefix(tools: Sequence[ToolSpec]) -> str:
    """Find the first word that four of five names share, unless it is a verb; else ``""``."""
    names = [split_words(tool.clear_name) for tool in tools]
    firsts = Counter(words[0] for words in names if len(words) > 1)
    if len(names) < 3 or not firsts:
        return ""
    word, count = min(firsts.items(), key=lambda item: (-item[1], item[0]))
    return word if count >= 0.8 * len(names) and not find_verb(word) else ""


@cache
def _spoken_words(name: str, place: str) -> tuple[str, ...]:
    words = split_words(name)
    told = tuple(
        word
        for at, word in enumerate(words)
        if not is_version(word) and not (word.isdigit() and is_version("".join(words[:at][-1:])))
    )
    method, _, path = place.lower().partition(" ")
    if not path.startswith("/") or not told:
        return told or words
    # Of ``/v1/beds/{bed_id}``: with its parameters, and as it is said.
    segments = re.split(r"[/:]", place.partition(" ")[2])
    parts = [one for one in segments if not is_version(one) and not one.isdigit()]
    spelled = split_words("/".join(parts))
    plain = split_words(re.sub(r"\{[^{}]*\}", "", "/".join(parts)))
    if told in ((method, *spelled), (*spelled, method)) and plain:
        return plain if find_verb(plain[0]).searches else (method, *plain)
    # FastAPI puts path and method behind the function's name.
    tail = (*spelled, method)
    return (told[: -len(tail)] if told[-len(tail) :] == tail else ()) or told


def telling_words(tool: ToolSpec) -> tuple[str, ...]:
    """The words of a name without versions, and without the path that some names spell.

    ``GET_beds-bed_id-images`` → get beds images; ``read_bed_beds__bed_id__get`` → read bed;
    ``get_admin_users`` → get users, where the description speaks of users and of no admin.
    """
    words = _spoken_words(tool.clear_name, tool.source.place)
    place = next((at for at, word in enumerate(words[:2]) if word in _words("sections")), None)
    if place is None or (place and not find_verb(words[0])):
        return words
    behind, text = noun_words(" ".join(words[place + 1 :])), noun_words(tool.description)
    named = noun_words(" ".join(described_object(tool)))[:1] == behind[:1] != ()
    kind = (noun_words(words[place])[0], *behind[:1]) in [*pairwise(text)]  # "an admin user"
    return (*words[:place], *words[place + 1 :]) if named and not kind else words


def is_of_section(tool: ToolSpec) -> bool:
    """Whether the name says for whom its part of the service is, and the description does not."""
    return telling_words(tool) != _spoken_words(tool.clear_name, tool.source.place)


def read_name(tool: ToolSpec, prefix: str = "") -> NameReading:
    """Read verb and object off a name; ``prefix`` is a word that all names of the domain share."""
    words = without_machinery(_spoken_words(tool.clear_name, tool.source.place))
    words = _split_joined(words[0], tool.description) if len(words) == 1 else words
    if prefix and words[:1] == (prefix,) and len(words) > 1:
        words = words[1:]
    deed = find_deed(" ".join(words), tool.description)
    if deed.place is None:
        last = find_verb(words[-1] if words else "")
        if deed.writes and len(words) > 1 and last.writes and not last.makes:
            words = words[:-1]  # what the description calls by another verb
        told = _told_in(words, described_object(tool))
        reading = _object(deed.verb, told or words, from_description=True)
        return replace(reading, told=bool(told))
    place, verb = deed.place, deed.verb
    behind = words[place + deed.size :]
    if place and not _sides().issuperset(noun_words("_".join(_unqualified(behind)))):
        # What stands before a verb that has its object is a group of tools: crm_create_company.
        words, place = words[place:], 0
    said = tuple(dropwhile(lambda word: find_verb(word).searches, behind))
    rest = words[:place] + (said or behind)
    if rest[:1] in (("or",), ("and",)) and len(rest) > 1:
        rest = rest[2:]
    # ``users saved albums`` → ``saved albums``, where the user is the one who asks.
    rest = without_machinery(rest)
    spot = next((n for n, word in enumerate(rest) if word in ("user", "users")), None)
    if spot is not None and len(rest) - spot > 2 and {"a", "the", "current"} >= {*rest[:spot]}:
        asked = {word for name in tool.properties for word in noun_words(name)}
        if (
            re.search(r"\buser(?:['\u2019]s|s['\u2019])", tool.description, re.I)
            and "user" not in asked
        ):
            rest = rest[spot + 1 :]
    reading, first = _object(verb, rest), place > 0 and not behind
    return replace(reading, noun_first=first) if first != reading.noun_first else reading


_JOINED = 12
"""Letters of a word that may be several, run together."""


@cache
def _split_joined(word: str, description: str) -> tuple[str, ...]:
    """``createspendlimit`` → create spend limit: a verb, then words that the description has."""
    if len(word) < _JOINED or find_verb(word):
        return (word,)
    told = sorted({one for one in split_words(description[:400]) if len(one) > 2})
    ways: dict[int, tuple[str, ...]] = {
        len(verb): (verb,) for verb in all_verbs() if word.startswith(verb) and len(verb) > 2
    }
    for end in range(_JOINED // 2, len(word) + 1):
        for one in told:
            if end not in ways and end - len(one) in ways and word[:end].endswith(one):
                ways[end] = (*ways[end - len(one)], one)
    return ways.get(len(word), (word,))


def without_machinery(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop what frameworks and paths put into names.

    ``ChatsController_get`` → chats, get; ``movie movie_id images`` → movie, images; ``get_x_tool``.
    """
    kept: list[str] = []
    for place, word in enumerate(words):
        again = bool(kept) and noun_words(word) == noun_words(kept[-1])
        key = (
            word in _words("keys")
            and place > 1
            and noun_words(words[place - 1]) == noun_words(words[place - 2])
        )
        if not (again or key or (len(words) > 2 and kept and word in _words("machinery"))):
            kept.append(word)
    return tuple(kept)


@cache
def _qualifying() -> frozenset[str]:
    """Words that choose among the rows of a noun: qualifiers, superlatives and states."""
    states = {verb.state for verb in all_verbs().values()} - {""}
    return _words("qualifiers") | _words("superlatives") | states


@cache
def _sides() -> frozenset[str]:
    """Words that name a side of a thing, or nothing by themselves."""
    return _words("facets") | _words("generic") | _words("trailing")


_LISTING = ("list", "lists", "array", "collection", "set")


def described_object(tool: ToolSpec) -> tuple[str, ...]:
    """What the description's first verb is about: "Returns a list of live games for" → live games.

    Empty where the description does not begin with a verb. The words are as they are spelled.
    """
    words = opening_words(tool.description)
    if not words or base_form(words[0]) is None:
        return ()
    rest = words[:] if words[:2] == ("list", "of") else words[1:]
    while rest and (rest[0] in _qualifying() or (rest[0] in _LISTING and rest[1:2] == ("of",))):
        rest = rest[2:] if rest[0] in _LISTING else rest[1:]
    return tuple(takewhile(lambda word: word not in _STOPS, rest))


_STOPS = _words("prepositions") | word_set(
    "and or that which who based given identified matching where"
)
_READABLE = 5
"""A name of more words is a path or was made by a machine."""


def _told_in(words: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a name without a verb that its description says it is about; may be empty.

    ``cities_states`` with "List of states" → ``states``. Of a name that no person reads, such as
    one spelled at random, it is what the description says.
    """
    last = noun_words(said[-1])[-1:] if said else ()
    if not last or last[0] in _words("facets") | _words("generic"):
        return ()
    object_words = noun_words("_".join(said))
    spelled = tuple(word for part in words for word in noun_words(part))
    for size in range(min(len(object_words), len(spelled) - 1), 0, -1):
        starts = range(len(spelled) - size + 1)
        if any(spelled[at : at + size] == object_words[-size:] for at in starts):
            return said[-size:]
    unread = len(words) > _READABLE or any(re.search(r"[a-z]\d|\d[a-z]", word) for word in words)
    return said if unread else ()


def _object(verb: str, words: tuple[str, ...], from_description: bool = False) -> NameReading:
    """Take what follows the verb apart at its prepositions."""
    head = tuple(takewhile(lambda word: word not in _words("prepositions"), words))
    tail = words[len(head) :]
    if tail[:1] == ("of",) and head and head[-1] in _LISTING:
        return replace(_object(verb, tail[1:], from_description), plural=True)
    by = _after(tail, ("by", "using", "via"))
    aim = _after(tail, ("to", "from", "for", "in", "of", "on", "into", "with", "at"))
    state = "_".join(_after(tail, ("as",)))
    if verb in ("mark", "set") and len(head) > 1 and head[-1] in _words("marks"):
        head, state = head[:-1], head[-1]
    known = find_verb(verb)
    if aim and known.aimed and tail[0] == "to":
        head, aim = aim, head
    if aim and not head and not known.makes:
        head, aim = aim, ()
    named = _unqualified(head)
    everything = len(named) > 1 and named[-1] == "all"
    named = named[:-1] if everything else named
    return NameReading(
        verb=verb,
        words=noun_words("_".join(named)),
        plural=everything or (bool(named) and is_plural(named[-1])),
        qualifiers=tuple(word for word in head if word not in named),
        by=noun_words("_".join(by)),
        aim=noun_words("_".join(_unqualified(aim))),
        state=state,
        from_description=from_description,
    )


def _after(tail: tuple[str, ...], prepositions: tuple[str, ...]) -> tuple[str, ...]:
    """Give the words between the first of these prepositions and the next one."""
    place = next((i for i, word in enumerate(tail) if word in prepositions), None)
    if place is None:
        return ()
    return tuple(takewhile(lambda word: word not in _words("prepositions"), tail[place + 1 :]))


def without_doer(words: Sequence[str]) -> Sequence[str]:
    """``driver assigned customers`` → assigned customers: nobody says to whom like that."""
    beings = load_words("meanings", "beings") | load_words("meanings", "people")
    for at in range(1, len(words) - 1):
        word, doer = words[at].lower(), singular(words[at - 1].lower())
        if word.endswith("ed") and base_form(word) and doer in beings:
            return words[at:]
    return words


def _unqualified(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the qualifiers around: ``all pending orders`` → ``orders``, ``parks nearby`` → parks."""
    words = tuple(without_doer(words))
    while words and words[0] in _qualifying():
        words = words[1:]
    while len(words) > 1 and (
        words[-1] in _words("superlatives") or words[-1] in _words("trailing")
    ):
        words = words[:-1]
    return tuple(
        word
        for place, word in enumerate(words, 1)
        if place == len(words) or not (word.endswith("ed") and base_form(word))
    )


# Names of parameters ----------------------------------------------------------------------------

EXACT, ENDING, SHORT, BARE, NONE = 4, 3, 2, 1, 0
"""How well a parameter names a noun's row."""


def name_by_path(leaf: Leaf, place: str) -> Leaf:
    """An ``id`` of a path with the name of whose it is: the rover's, of ``/rovers/{id}/commands``.

    The path goes on to another thing; of ``/rovers/{id}/stop`` it is the tool's own row.
    """
    if snake(leaf.path) not in _BARE:
        return leaf
    slot = re.escape(f"{{{leaf.path}}}")
    found = re.search(rf"/(?P<whose>[^/{{}}]+)/{slot}/(?P<thing>[^/{{}}]+)", place)
    whose, thing = (split_words(found[one]) if found else () for one in ("whose", "thing"))
    if thing and find_verb(thing[0]):
        thing = () if len(thing) == 1 and not is_plural(thing[0]) else thing[1:]
    words = noun_words(" ".join(whose))
    if not words or not thing or noun_words(" ".join(thing)) == words or is_version(whose[-1]):
        return leaf
    return replace(leaf, called="_".join((*words, snake(leaf.path))))


@cache
def stem(name: str) -> tuple[str, ...] | None:
    """``order_id`` → ``("order",)``; ``id``, ``external_id`` → ``()``; None where it is no key."""
    words = key_words(name)
    if words[-2:] == ("node", "id"):
        return words[:-2]
    return words[:-1] if words and words[-1] in _words("keys") else None


def names_row(name: str, noun: str, known: Container[str] = ()) -> int:
    """Grade from EXACT to NONE how well a parameter of this name names a row of ``noun``.

    ``known`` are the nouns of the domain: a parameter that names another one of them is no short
    form of this one.
    """
    grade, other = _grade(name, noun)
    return NONE if other and other in known else grade


@lru_cache(maxsize=20_000)
def _grade(name: str, noun: str) -> tuple[int, str]:
    """The grade, and the noun that the name may be of instead, where that is one."""
    words, nouns = key_words(name), tuple(noun.split())
    if not nouns or is_targeted(name):
        return NONE, ""
    before = stem(name)
    if before:
        if before == nouns:
            return EXACT, ""
        other = " ".join(before)
        if nouns[-len(before) :] == before:
            return ENDING, other
        short = len(before) == 1 and len(nouns) == 2 and before[0] == nouns[0]
        return SHORT if short else NONE, other
    if words == nouns:
        return EXACT, ""
    if words == nouns[-1:]:
        return BARE, ""
    serves = len(words) == 1 and any(  # a bare key such as ``path``, of a noun that has such
        words[0] in one["keys"] and ("of" not in one or nouns[-1] in one["of"])
        for one in load_table("inference")["bare_keys"]
    )
    return BARE if serves else NONE, ""


def short_forms(noun: str) -> set[tuple[str, ...]]:
    """What a noun may be called: its last words, all of them, or the first of two."""
    words = tuple(noun.split())
    return {words[start:] for start in range(len(words))} | (
        {words[:1]} if len(words) == 2 else set()
    )


@cache
def is_targeted(name: str) -> bool:
    """Whether the parameter names another row than the one that the tool is about."""
    return bool(_words("targets") & set(noun_words(name)[:1]))


def is_scalar(leaf: Leaf) -> bool:
    """Whether the leaf is a string or a number at the top of the arguments."""
    return leaf.plain and not leaf.many and "." not in leaf.path


def is_key(leaf: Leaf) -> bool:
    """Whether the leaf could name rows at all: no flag, no free text, no choice."""
    return leaf.plain and "enum" not in plain_schema(leaf.schema)
