"""The table of verbs: what each does, the state that it leaves, what it makes, its participle.

Plain tables to be read and extended: ``data/lexicon/verbs.yaml``, and for states ``states.yaml``.
Which verb a tool is named by is found here, for importers and world alike; what follows from it for
an entity is the world's.

What a tool does is read from its name and its description: the name's verb decides; a noun that may
be a verb, and a verb that says nothing by itself, give way to what the description begins with.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import dropwhile, pairwise, takewhile
from types import MappingProxyType
from typing import Any, Literal

from generators.lexicon.names import noun_words, split_words
from generators.lexicon.nouns import dictionary, singular
from generators.lexicon.tables import load_table, load_words

Operation = Literal["get", "list", "create", "update", "delete", "compute"]
"""``list`` covers search; ``update`` covers state transitions such as cancel."""
WRITING: frozenset[str] = frozenset({"create", "update", "delete"})
"""Operations that change something."""


@dataclass(frozen=True)
class Verb:
    """One entry of the table; false where the table has none."""

    word: str
    operation: Operation | None
    """What it usually does."""
    destructive: bool = False
    noun: bool = False
    """A noun as often: a verb only where nothing else in the name is one."""
    leads: bool = False
    """Such a word that is a verb all the same at the head of a name: ``change_guest_list``."""
    searches: bool = False
    """It finds rows by words or by values."""
    aimed: bool = False
    """In ``assign_x_to_y`` it is y that changes."""
    words: str = ""
    """How it is said, where it is spelled as a command."""
    to: str = ""
    """The preposition before what else it is done to: ``to``, ``from``."""
    replaces: bool = False
    """It gives a field another value."""
    participle: str = ""
    state: str = ""
    """The state that it leaves a row in; empty where it sets none."""
    before: tuple[str, ...] = ()
    """The states that the row may have come from."""
    makes: tuple[str, ...] = ()
    """The new thing, where its object is another: booking a flight makes a booking."""
    light: bool = False
    """It says nothing by itself: "run the plugin to list processes" lists."""
    enters: bool = False
    """It lets somebody in: its thing is what it makes, whoever is named."""
    of: Mapping[str, Operation] = field(default_factory=dict)
    """Last word of the object → another operation: to resolve an ID is to look it up."""

    @property
    def writes(self) -> bool:
        """Whether it changes something, if nothing is known of its object."""
        return self.operation in WRITING

    def __bool__(self) -> bool:
        """Whether the table has it."""
        return self.operation is not None

    def operation_on(self, noun: str) -> Operation | None:
        """Say what it does to such an object: ``generate`` a report, or a password."""
        return self.of.get(singular(noun.rpartition(" ")[2]), self.operation)


UNKNOWN_VERB = Verb("", None)
"""What stands for a word that is no verb of the table."""


@cache
def all_verbs() -> Mapping[str, Verb]:
    """The whole table by the verb's base form, which may be of two words: ``check in``."""
    verbs: dict[str, Verb] = {}
    states = load_table("states")["after"]
    for operation, entries in load_table("verbs").items():
        for word, entry in entries.items():
            read: dict[str, Any] = {
                key: tuple(one) if isinstance(one, list) else one for key, one in entry.items()
            }
            left = states.get(word, {})
            read["state"], read["before"] = left.get("state", ""), tuple(left.get("from", ()))
            by_object = entry.get("of", {})
            read["of"] = {noun: other for other, nouns in by_object.items() for noun in nouns}
            verbs[word] = Verb(word, operation, **read)  # type: ignore[arg-type]  # as in the file
    return MappingProxyType(verbs)


def find_verb(word: str) -> Verb:
    """Look a verb up by its base form; UNKNOWN_VERB for one that the table lacks."""
    return all_verbs().get(word, UNKNOWN_VERB)


@cache
def all_states() -> frozenset[str]:
    """The states that verbs leave rows in, and those that they come from."""
    return frozenset(s for verb in all_verbs().values() for s in (verb.state, *verb.before) if s)


_READABLE = 8


@lru_cache(maxsize=20_000)
def verb_place(words: tuple[str, ...]) -> tuple[int, str] | None:
    """Find a name's verb: where it stands, and its base form; None where no word is one.

    The first word, then the last, then a noun that may be one, then a word in between. A verb may
    be of two words: ``check_in_booking``.
    """
    last = len(words) - 1
    found = []  # place, verb (of two words rather than of one), and whether it ends the name
    for place in range(len(words)):
        if verb := find_verb(" ".join(words[place : place + 2])) or find_verb(words[place]):
            found.append((place, verb, place + verb.word.count(" ") == last))
    if len(found) > 1 and last > 1 and words[0] in load_words("exceptions", "carries_out"):
        # To confirm that something is cancelled is the last step of cancelling it.
        told = found[1][0] == 1 and found[1][1].writes and not found[1][1].noun
        found = found[1:] if told else found
    head = found[0][1] if found and found[0][0] == 0 else None
    leads = head is not None and head.leads
    strong = [one for one in found if not one[1].noun]
    ends = [one for one in strong if one[0] == 0 or (one[2] and not leads)]
    readable = len(words) <= _READABLE  # a longer name is a path, or was made by a machine
    if ends or (strong and readable and not leads):
        place, verb, _ = (ends or strong)[0]
        return place, verb.word
    if head is not None and len(words) > 1:
        return 0, head.word
    if found and found[-1][2]:
        place, verb, _ = found[-1]
        if len(words) == 1 or verb.makes or verb.state:
            return place, verb.word
    return None


_ENDINGS = (("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ing", ("", "e")), ("ed", ("", "e")))


@lru_cache(maxsize=20_000)
def base_form(word: str) -> str | None:
    """Find a verb's base form: ``Shows`` → ``show``; None where it is no known verb."""
    word = word.lower()
    candidates = [word]
    for ending, others in _ENDINGS:
        if word.endswith(ending):
            candidates += [word[: -len(ending)] + other for other in others]
    candidates += [stem[:-1] for stem in candidates if len(stem) > 3 and stem[-1] == stem[-2:-1]]
    return next((candidate for candidate in candidates if candidate in all_verbs()), None)


_PREFIX = re.compile(r"(un|re|over|mis|de|dis)(?=[a-z]{3})")


@lru_cache(maxsize=2_000)
def participle(verb: str) -> str:
    """``cancel`` → ``cancelled``, ``check in`` → ``checked in``: the first word is bent."""
    entry = find_verb(verb)
    if entry.participle:
        return entry.participle
    head, _, rest = (entry.words or verb).partition(" ")
    if rest or head != verb:
        return f"{participle(head)} {rest}".strip()
    prefix, known = _PREFIX.match(verb), dictionary().getAllLemmas
    if prefix and verb not in known(verb, "VERB").get("VERB", ()):
        bare = verb[prefix.end() :]
        if bare in known(bare, "VERB").get("VERB", ()):
            return prefix[0] + participle(bare)
    forms: Sequence[str] = dictionary().getInflection(verb, "VBN")
    return str(forms[0]) if forms else verb


@cache
def verbs_by_participle() -> Mapping[str, str]:
    """Participle → verb of the table: ``sent`` → ``send``; without those that are the verb."""
    made = {participle(verb): verb for verb in all_verbs() if not all_verbs()[verb].words}
    return {word: verb for word, verb in made.items() if word != verb}


_LABEL = re.compile(r"\b(?:(?:tool |function )?description|step \d+):\s", re.IGNORECASE)
_DESCRIBED_AS = {"return": "get", "provide": "get", "show": "show", "record": "create"}
"""First verbs of descriptions that mean something else than in a name."""
_PURPOSE = re.compile(r"\b(?:to|and) ([a-z]+)", re.IGNORECASE)
_REQUEST_LINE = re.compile(r"\s*[A-Z]{3,7} /")
"""``POST /api/messages`` is no sentence."""
_LONGEST_OPENING = 8


@dataclass(frozen=True)
class Deed:
    """A verb, where it was found, and what it does to its object."""

    verb: str = ""
    """Base form; empty where nothing tells."""
    operation: Operation | None = None
    place: int | None = None
    """Where in the name the word of the verb stands; None where the description told it."""
    size: int = 1
    """Of how many words the verb is."""

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.operation in WRITING


@lru_cache(maxsize=20_000)
def find_deed(name: str, description: str = "") -> Deed:
    """Find what a tool of this name and description does."""
    words, told = split_words(name), opening_verbs(description)
    first = next((verb for verb in told if find_verb(verb).writes), told[0] if told else "")
    for place, (word, after) in enumerate(pairwise(words), 1):
        if word not in ("and", "or") or find_verb(words[0]).writes:
            continue
        joined = find_verb(after)
        if joined.writes and not joined.noun:
            return Deed(joined.word, joined.operation, place)
    found = verb_place(words)
    if found is None:
        return _deed_on(first or _agent_verb(words), (), description)
    known = find_verb(found[1])
    place, size = found[0], known.word.count(" ") + 1
    behind = words[place + size :]
    said = base_form(next(iter(opening_words(description)), ""))
    other = bool(first) and find_verb(first).writes != known.writes
    noun = known.noun and not (known.leads and place == 0 and behind)
    doubtful = noun and known.word not in (said, *told)
    # Whether the description's first word tells what is done, not what is given back.
    opening = find_verb(said or "")
    plainly = bool(opening) and (opening.leads or not opening.noun) and said not in _DESCRIBED_AS
    outdone = place > 0 and known.writes and plainly
    if other and (doubtful or outdone):
        return _deed_on(first, (), description)
    verb = (_purpose_verb(description) if known.light else "") or known.word
    return replace(_deed_on(verb, behind, description), place=place, size=size)


def _deed_on(verb: str, words: tuple[str, ...], description: str) -> Deed:
    """What the verb does to the last of these words, or else to what the description names."""
    known = find_verb(verb)
    told = words[-1:]
    if not words or known.light:  # the words behind the first verb, up to the next preposition
        stops = load_words("inference", "prepositions")
        behind = takewhile(lambda word: word not in stops, opening_words(description)[1:])
        told += noun_words("_".join(behind))
    told += tuple(word for word in opening_words(description) if word in ("onto", "into"))
    others = (known.operation_on(word) for word in told)
    other = next((one for one in others if one != known.operation), known.operation)
    return Deed(verb, other)


def _agent_verb(words: tuple[str, ...]) -> str:
    """Find the verb of ``article_searcher`` and ``qtc_calculator``, if such a thing only reads."""
    stem = re.sub(r"(?:er|or)$", "", words[-1]) if words else ""
    if len(stem) < 4 or stem == words[-1]:
        return ""
    known = next(filter(None, map(find_verb, (stem, f"{stem}e", stem[:-1]))), find_verb(""))
    return "" if known.writes else known.word


# What descriptions begin with -------------------------------------------------------------------


def first_line(description: str) -> str:
    """A description's first line, less what stands before a label such as "Description:".

    Of one in two scripts, the first line in Latin letters.
    """
    lines = description.strip().split("\n")
    latin = (one for one in lines if re.match(r"\W*[A-Za-z]", one))
    line = lines[0] if lines[0].isascii() else next(latin, lines[0])
    return _LABEL.split(line)[-1].strip() or line


@lru_cache(maxsize=20_000)
def opening_words(description: str) -> tuple[str, ...]:
    """Give the words of the first sentence, less what only says that a tool is described.

    "Use this tool to list orders" → list, orders.
    """
    words = split_words(first_line(description).partition(". ")[0])
    bare = tuple(dropwhile(lambda word: word in load_words("exceptions", "openers"), words))
    dropped = len(words) - len(bare)
    known = bool(bare) and base_form(bare[0]) is not None
    return bare if 0 < dropped <= _LONGEST_OPENING and known else words


@lru_cache(maxsize=20_000)
def opening_verbs(description: str) -> tuple[str, ...]:
    """Find the verbs that a description begins with: "Lists, creates or closes a tab" → three."""
    words = opening_words(description)
    if not words or not words[0].isascii():
        # Find the first verb that a description in a script of its own has.
        foreign: dict[str, str] = load_table("exceptions")["foreign_verbs"]
        line = first_line(description)
        places = {line.find(word): verb for word, verb in foreign.items() if word in line}
        return (places[min(places)],) if places else ()
    if _REQUEST_LINE.match(description):
        return ()
    start = next((at for at, word in enumerate(words[:2]) if base_form(word)), None)
    if start is None:
        return ()
    verb, joined = base_form(words[start]) or "", False
    found = [_purpose_verb(description) or verb if find_verb(verb).light else verb]
    bent = words[start] != verb  # "Lists, creates": all of one form
    for word in words[start + 1 :]:
        verb = base_form(word) or ""
        known = find_verb(verb)
        if word in ("and", "or"):
            joined = True
        elif not known or (known.noun and not joined) or (word != verb) != bent:
            break
        else:
            found.append(verb)
    first = _DESCRIBED_AS.get(found[0], found[0])
    return (first, *found[1:]) if joined else (first,)


def _purpose_verb(description: str) -> str:
    """Find what something is run for: "Run the plugin to list processes" → list."""
    line = first_line(description).partition(". ")[0]
    verbs = (base_form(word) or "" for word in _PURPOSE.findall(line))
    meant = (_DESCRIBED_AS.get(verb, verb) for verb in verbs)
    return next((verb for verb in meant if verb and not find_verb(verb).writes), "")
