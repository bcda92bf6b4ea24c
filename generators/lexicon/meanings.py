"""What names of fields mean: a semantic type from the last words of a name and its description.

The rules are data (``data/lexicon/meanings.yaml``), asked in this order: what a description says
outright, the longest ending of the name that is known, weaker signs of the description. What the
schema itself says comes before all that: `generators.world.semantics`.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from generators.lexicon.names import in_words, noun_words, split_words, words_before
from generators.lexicon.nouns import is_telling_head, named_as, singular
from generators.lexicon.tables import load_table, load_words, read_phrases, word_set
from schemas.semantic import SemanticType

_REMEMBERED = 10_000
_AMOUNT = re.compile(r"\b(?:price|cost|amount|dollars|USD)\b")
_NUMBER_OF = re.compile(r"\W*(?:the )?(?:\w+ ){0,2}number of (?!the\b|an?\b)", re.IGNORECASE)
_SECONDS = re.compile(r"\b(?:unix|epoch)\b", re.IGNORECASE)
_NAMED = re.compile(r"\bname (?:of|for|to) (?:the |an? |your |this )?(\w+(?: \w+)?)", re.IGNORECASE)
_TITLED = re.compile(
    r"\W*(?:the |an? )?(?:new )?"
    r"(?:(?!(?:file|the|an?|of|in|for|to|with|below|above)\b)[\w-]+ ){0,3}"
    r"(?:(?:content|text)(?:/| or ))?(title|headline|name)(?:(?:/| or )(?:content|text))?"
    r"(?: (?:of|for) (?:the|an?|this|your) (?:new )?(?:\w+ ?){1,2})?(?:\s*\([^)]*\))?\W*",
    re.IGNORECASE,
)
"""All that a description says: ``Task title``, ``The name of the task``, ``Content/title``."""
_IDENTIFIER = re.compile(r"^[^.]{0,60}\b(?:IDs?|identifiers?)\b")
_ID_OF = re.compile(r"^\W*(?:the |an? )?(?:unique )?(?:ID|identifier) (?:of|for)\b", re.IGNORECASE)
_STATE_CODE = re.compile(r"\b[A-Z]{2}\b")
_STATUS = re.compile(r"\b(?:status|open|closed|active|current state|workflow)\b", re.IGNORECASE)
_PRICES = ("price", "total", "amount", "cost", "fee", "fare")
_COUNTED = word_set(
    "comment view like reply review renewal use download vote fork star follower share retry"
)


@lru_cache(maxsize=_REMEMBERED)
def number_meaning(name: str, said: str, whole: bool) -> SemanticType:
    """Say what a number of this name means: ``money`` of ``total_price``."""
    words = noun_words(name)
    if len(words) > 1 and words[-1] in load_words("unsayable", "type_words"):
        words = words[:-1]
    if words[:1] in (("num",), ("number",), ("n",)) and len(words) > 1:
        return "count"
    found = _by_ending(words, "numbers")
    if _SECONDS.search(said):
        return "datetime"
    if found is None and not whole and _AMOUNT.search(said):
        return "money"
    counted = "count" in said.lower() or _NUMBER_OF.match(said)
    return found or ("count" if whole and counted else "number")


@lru_cache(maxsize=_REMEMBERED)
def text_meaning(name: str, said: str) -> SemanticType:
    """Say what a text of this name means; ``unknown`` where nothing tells."""
    words = noun_words(name)
    found = _by_ending(words, "strings")
    if tells_title(name, said):
        return "title"
    if found in load_words("meanings", "sure"):
        return found
    outright = _by_description("outright", said)
    if outright == "date" and set(words) & {"timestamp", "datetime", "at"}:
        return "datetime"  # the description has a date as an example of a moment
    if outright:
        return outright
    hint = _by_description("hints", said)
    # Names that mean several things.
    lived = load_words("meanings", "lived")
    if found == "state":
        other = words[:-1] or (said and not _STATE_CODE.search(said))
        if _STATUS.search(said) or (other and not lived & {*words, *split_words(said)}):
            return "label"
    if found == "handle" and _IDENTIFIER.search(said):
        return "opaque_id"
    if found in ("path", "title", "label") and _ID_OF.search(said):
        return "opaque_id"
    if found == "title" and words[-1:] == ("name",):
        thing = words[:-1]
        if _is_of_person(thing, said):
            return "person_name"
        beneath = _by_ending(thing, "strings") if thing else None
        return beneath if beneath in load_words("meanings", "kept") else "title"
    if len(words) == 1 and words[0] in load_words("meanings", "ways"):
        found = hint or ("city" if words[0] in ("origin", "destination") else None)
    return found or hint or "unknown"


def _is_of_person(thing: tuple[str, ...], said: str) -> bool:
    """Whether the name of such a thing is a person's: of a customer, of the teacher of a lesson."""
    told = _NAMED.search(said)
    about = frozenset(thing) or frozenset(split_words(told[1] if told else said))
    if about & load_words("meanings", "people"):
        return not about & load_words("meanings", "no_people")
    beings = load_words("meanings", "beings") - load_words("meanings", "perhaps_programs")
    return not beings.isdisjoint(thing[-1:])


def meaning_beside(
    semantic: SemanticType, name: str, said: str, beside: Iterable[str]
) -> SemanticType:
    """What a text means among the names beside it: the bare ``state`` of a device is no region.

    Where the description or the rest of its own name tells that it is, it stays what it means.
    """
    words = load_table("meanings")["only_beside"].get(semantic)
    if words is None:
        return semantic
    own = [one for one in noun_words(name) if one != semantic]
    if semantic == "state" and (own or said):
        return semantic  # those have told what it is
    known = {*own, *split_words(said), *(word for one in beside for word in noun_words(one))}
    return "label" if known.isdisjoint(words) else semantic


@lru_cache(maxsize=_REMEMBERED)
def tells_title(name: str, said: str) -> str:
    """What a text is said to be that is no more than what its row is called; "" for any other.

    ``title`` of a task's ``text``: "Task title".
    """
    found = _TITLED.fullmatch(said) if _by_ending(noun_words(name), "strings") == "text" else None
    return found[1].lower() if found else ""


def _by_ending(words: tuple[str, ...], kind: str) -> SemanticType | None:
    """Find what the longest known ending means; a number at its end is left out: ``city1``."""
    rules = _endings(kind)
    for start in range(len(words)):
        ending = " ".join(words[start:])
        alone = start and ending in load_words("meanings", "alone")
        if alone and words[start - 1] not in load_words("meanings", "before_alone"):
            continue  # an image's ref is no branch
        if found := rules.get(ending):
            return found
    bare = words[-1].rstrip("0123456789") if words else ""
    return _by_ending((*words[:-1], bare), kind) if bare not in ("", *words[-1:]) else None


@cache
def _endings(kind: str) -> dict[str, SemanticType]:
    """Ending → what it means; of two types with one ending, the first has it."""
    rules = load_table("meanings")[kind].items()
    return {ending: semantic for semantic, endings in [*rules][::-1] for ending in endings}


def _by_description(kind: str, said: str) -> SemanticType | None:
    rules = load_table("meanings")[kind] if said else ()
    return next((semantic for semantic, pattern in rules if re.search(pattern, said)), None)


@lru_cache(maxsize=_REMEMBERED)
def is_counter(name: str) -> bool:
    """Whether a field counts what has happened to its row: none, for a new one."""
    words = split_words(name)
    if words[:1] == ("times",) and len(words) == 2:
        return True
    return len(words) == 2 and words[1] == "count" and singular(words[0]) in _COUNTED


def is_measured(name: str, beside: Iterable[str]) -> bool:
    """Whether an amount is so much of a thing, by the unit that stands beside it, and no money."""
    words = [noun_words(one) for one in beside]
    units = any(one[-1:] == ("unit",) and {*one}.isdisjoint(("per", *_PRICES)) for one in words)
    paid = any("currency" in one for one in words)
    return noun_words(name)[-1:] == ("amount",) and units and not paid


def is_bare_kind(name: str) -> bool:
    """Whether a part says of what kind the object around it is, and nothing else of it."""
    return in_words(name) in ("type", "kind")


@lru_cache(maxsize=_REMEMBERED)
def is_base(name: str) -> bool:
    """Whether a branch of that name is what others are made from or go into: ``base``."""
    return not load_words("inference", "bases").isdisjoint(split_words(name))


@lru_cache(maxsize=_REMEMBERED)
def is_price(name: str) -> bool:
    """Whether a field of that name says what a thing costs: ``total_price``, not ``tip_amount``."""
    head = words_before(name, frozenset({"per"})).split()
    words = [word for word in head if word not in ("total", "unit")] or head
    return len(words) == 1 and words[0] in _PRICES


@lru_cache(maxsize=4096)
def find_text_kind(noun: str, name: str) -> str:
    """The kind of texts for a field's name, for a noun, or for its last word; "" for none.

    Of names that say little the noun is asked first; some kinds are of ``only_names``.
    """
    told, plain = in_words(name).replace(" ", "_"), singular(noun)

    def listed(key: str, word: str) -> list[str]:
        kinds = _text_kinds(key).get(word, ())
        return [kind for kind, names in kinds if told in (names or (told,))]

    best = listed("names", told)[-1:] or listed("nouns", plain)
    head = plain.rsplit(" ", 1)[-1] if is_telling_head(noun) else ""
    best = best or listed("nouns", head) or listed("weak_names", told)[-1:]
    return best[0] if best else ""


@cache
def _text_kinds(key: str) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Word → the kinds of texts that list it under a key, each with its ``only_names``."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for kind, told in read_phrases("texts")["kinds"].items():
        for word in told.get(key, ()):
            found.setdefault(word, []).append((kind, tuple(told.get("only_names", ()))))
    return found


def means_several(noun: str) -> bool:
    """Whether such a thing is named as it mostly is only beside certain words: an account."""
    return _rule_of(noun) is not None


def named_beside(noun: str, names: Iterable[str]) -> str:
    """The noun after which such a thing is named beside the names; "" where nobody knows.

    That is its own where it has one meaning alone, or where a word of the names tells it.
    """
    rule = _rule_of(noun)
    if rule is None:
        return noun
    told, own = frozenset(rule["beside"]), singular(noun).rpartition(" ")[2]
    around = (noun.rpartition(" ")[0], *names)
    known = any(told.intersection(noun_words(name)) - {own} for name in around)
    return noun if known else str(rule["else"])


@lru_cache(maxsize=4096)
def _rule_of(noun: str) -> Mapping[str, Any] | None:
    """What the table says of the noun's last word, where that is what names such a thing."""
    last = singular(noun).rpartition(" ")[2]
    rules: Mapping[str, Mapping[str, Any]] = load_table("inference")["named_beside"]
    return rules.get(last) if named_as(noun) and named_as(noun) == named_as(last) else None
