"""What a tool does, by its name and its description: the verb, where it stands, its operation.

The name's verb decides; a noun that may be a verb, and a verb that says nothing by itself, give way
to what the description begins with. Which entity that is done to is the world's.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import dropwhile, pairwise, takewhile

from generators.lexicon.names import noun_words, split_words
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import WRITING, Operation, base_form, find_verb, verb_place

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
        joined = find_verb(after)
        if word not in ("and", "or") or find_verb(words[0]).writes:
            continue
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
