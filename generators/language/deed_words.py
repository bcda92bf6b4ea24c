"""The verb and the object of a tool in words that a person would use, or none.

They are looked for in the title, the name and the description, and taken from the first that reads
well: each word is a word, the object is a thing, and nothing is left hanging.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

from generators.identity_cache import remembered
from generators.lexicon.names import bare_label, label, split_words
from generators.lexicon.nouns import dictionary, singular
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import Verb, base_form, find_verb, first_line
from generators.world.model import ParameterModel, ToolModel
from generators.world.semantics import chooses_deed
from generators.world.tool_names import telling_words, without_doer

_ASIDE = re.compile(r"\s*[\[(][^\])]*[\])]|[`\"'“”]")
"""What titles and first sentences put in brackets, and their quotation marks."""
_WORD = re.compile(r"[A-Za-z][\w-]*(?:'s)?|[,;/&:]")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n| - |: ")
_JOINTS = frozenset({"and", "or", ",", "/", "&"})
_OWN = frozenset("users my me current".split())
_ARTICLES = frozenset({"a", "an", "the", "all", "some"})
_LONGEST = 5
"""Words of an object that people would say."""


@dataclass(frozen=True)
class DeedWords:
    """A verb in its base form, as it is said, and its object."""

    verb: Verb
    thing: str
    """Without an article; empty where the verb needs no object."""
    article: str = ""
    """The one that the description has: ``a``, ``the``."""

    @property
    def said(self) -> str:
        """The verb as people say it."""
        return say_verb(self.verb.word)


def say_verb(verb: str) -> str:
    """A verb as people say it: ``modify`` → change, ``rm`` → delete."""
    plainer: dict[str, str] = load_table("exceptions")["plainer"]
    return plainer.get(verb) or find_verb(verb).words or verb


def find_deed_words(model: ToolModel) -> DeedWords | None:
    """The words of a tool's work; None where no source has any that a person would say."""
    known = _capitals(f"{model.tool.description} {model.tool.title}")
    for deed, words in _sources(model):
        if not deed.verb or deed.verb.light:
            continue
        searching = deed.verb.searches and words[:1] == ["for"]
        article, phrase = _find_object(words[1:] if searching else words)
        phrase = [*without_doer(phrase)]
        if not phrase or phrase[-1].lower() in load_words("inference", "machinery") | {"api"}:
            continue
        # As in a sentence: ``Sub-Issue`` → sub-issue, ``SHA-512`` as it is.
        plain = [word if "-" in word and not word.istitle() else word.lower() if "-" in word
                 else label(word) for word in phrase]  # fmt: skip
        spelled = [known.get(word.lower(), said) for word, said in zip(phrase, plain, strict=True)]
        tail = [word.lower() for word in phrase[-2:]] if "as" in phrase else []
        phrase, spelled = (phrase[:-2], spelled[:-2]) if tail else (phrase, spelled)
        if len(phrase) <= _LONGEST and _reads_well(phrase, known):
            told = [singular(word) if word.islower() else word for word in spelled[:-1]]
            return replace(deed, thing=" ".join([*told, spelled[-1], *tail]), article=article)
    return None


def plain_noun(model: ToolModel) -> str:
    """``saved album`` of ``get-users-saved-albums``: whose it is goes without saying."""
    words = label(model.noun).split() if model.noun else []
    own = words[:1] == ["user"] and len(words) > 1 and is_askers(model)
    return " ".join(words[1:] if own else words)


def is_askers(model: ToolModel) -> bool:
    """Whether the name says that its rows belong to whoever asks."""
    return not _OWN.isdisjoint(split_words(model.tool.name))


def spoken_noun(model: ToolModel) -> str:
    """What the tool is about, as people call it; empty where its noun is no word."""
    known = _capitals(f"{model.tool.description} {model.tool.title}")
    words = [known.get(word, word) for word in plain_noun(model).split()]
    return " ".join(words) if words and _reads_well(words, known) else ""


def method_of(model: ToolModel) -> ParameterModel | None:
    """The parameter that tells the tool what to do, if it has one."""
    methods = load_words("inference", "methods")
    chosen = (p for p in model.parameters if p.name in methods and p.schema.get("enum"))
    return next((one for one in chosen if one.required or one.use == "option"), None)


def is_deed(parameter: ParameterModel) -> bool:
    """Whether its value is the verb of the wish, and no value beside it: ``method: get_diff``."""
    return parameter.use == "option" and chooses_deed(parameter.name, parameter.schema)


def is_new(word: str) -> bool:
    """Whether a deed is said of its thing: ``new`` → "create a new tab"."""
    verb = find_verb(word)
    return verb.operation == "create" and verb.noun and bool(verb.words)


def _sources(model: ToolModel) -> Iterator[tuple[DeedWords, Sequence[str]]]:
    """Verb and words of the object as each source has them, the likeliest to read well first."""
    method = method_of(model)
    if method is not None:
        # Of one value of the parameter: ``get_diff`` → get, diff.
        value = str(method.schema["enum"][0])
        verb, *rest = split_words(value) or (value,)
        if find_verb(verb):
            thing = " ".join(rest) or model.noun
        else:
            verb, thing = "get", " ".join((verb, *rest))
        yield DeedWords(find_verb(verb), ""), thing.split()
    yield from _read_sentence(model.tool.title, model)
    told, named = list(_read_sentence(model.tool.description, model)), list(_read_name(model))
    # The name's words are plainer, where the description begins with the same verb.
    agreed = not told or (bool(named) and told[0][0].verb == named[0][0].verb)
    yield from (*named, *told) if agreed else (*told, *named)


def _read_name(model: ToolModel) -> Iterator[tuple[DeedWords, Sequence[str]]]:
    words = list(telling_words(model.tool))
    while len(words) > 1 and words[0] in split_words(model.tool.domain):
        words.pop(0)
    verb, size = find_verb(model.verb), model.verb.count(" ") + 1
    if verb and " ".join(words[:size]) == model.verb:
        rest = words[size:]
        rest = rest[2:] if rest[:1] in (["and"], ["or"]) else rest
        if verb.word == "mark" and len(rest) > 1 and rest[-1] in load_words("inference", "marks"):
            rest = [*rest[: -1 - (rest[-2] == "as")], "as", rest[-1]]
        yield DeedWords(verb, ""), rest


def _read_sentence(text: str, model: ToolModel) -> Iterator[tuple[DeedWords, Sequence[str]]]:
    """``Creates or updates a file in a repository`` → create, a file in a repository."""
    line = _SENTENCE_END.split(_ASIDE.sub("", first_line(text)), maxsplit=1)[0]
    words = _WORD.findall(line)
    openers = load_words("exceptions", "openers")
    bare = list(dropwhile(lambda word: word.lower() in openers, words))
    words = bare if bare and base_form(bare[0]) else words
    verbs: list[Verb] = []
    while words:
        first = base_form(words[0]) or ""
        two = find_verb(" ".join([first, *words[1:2]]).lower())
        verb = two or find_verb(first)
        if not verb or (verbs and verb.noun and words[0].lower() == verb.word):
            break
        verbs.append(verb)
        words = words[2 if two else 1 :]
        if not words or words[0].lower() not in _JOINTS:
            break
        words = list(dropwhile(lambda word: word.lower() in _JOINTS, words))
    if verbs:
        fits = (one for one in verbs if one.operation == model.operation)
        yield DeedWords(next(fits, verbs[0]), ""), words


def _find_object(words: Sequence[str]) -> tuple[str, list[str]]:
    """Article and words of the first noun phrase; of what, where it says nothing by itself.

    ``a list of all open issues in`` → open issues.
    """
    stops, generic = load_words("exceptions", "stops"), load_words("inference", "generic")
    article, phrase, place = "", list[str](), 0
    determiners = load_words("exceptions", "determiners")
    while place < len(words) and words[place].lower() in determiners:
        article = words[place].lower() if words[place].lower() in _ARTICLES else article
        place += 1
    while place < len(words) and words[place].lower() not in stops:
        phrase.append(words[place])
        place += 1
    rest = words[place:]
    if len(rest) == 2 and rest[0].lower() == "as" and phrase:
        return article, [*phrase, "as", rest[1]]  # ``mark all notifications as read``
    empty = bool(phrase) and all(singular(word) in generic for word in phrase)
    if empty and rest[:1] and rest[0].lower() in ("of", "about", "for", "on"):
        return _find_object(rest[1:])
    if rest[:1] and rest[0].lower() in _JOINTS:
        # ``an issue or pull request comment``: the first word has no head of its own.
        others = _find_object(rest[1:])[1]
        if others and phrase and len(others) > 1 and singular(others[-1]) != singular(phrase[-1]):
            return article, []
    return article, [] if empty else phrase


def is_thing(noun: str, *, strictly: bool = False) -> bool:
    """Whether people have a thing of that name; ``strictly``: its last word is nothing else."""
    words = noun.split()
    kinds = _kinds(words[-1].lower()) if words else frozenset()
    return bool(words) and _reads_well(words, {}) and not (strictly and "ADJ" in kinds)


def _reads_well(phrase: Sequence[str], known: Mapping[str, str]) -> bool:
    """Whether each word is a word, and the last one a thing."""
    head = phrase[-1].lower()
    said = label(head) != head or head in known or _is_coined(head)
    if not _ARTICLES.isdisjoint(word.lower() for word in phrase[1:]):
        return False  # ``run all cells``: the name has a sentence
    for word in map(str.lower, phrase):
        if word in known or _is_coined(word) or label(word) != word:
            continue  # it has a label of its own: an abbreviation that is written out
        kinds = _kinds(word)
        if not (kinds & {"NOUN", "ADJ"} or (kinds and word.endswith(("ed", "ing")))):
            return False
    return said or "NOUN" in _kinds(head)


def _kinds(word: str) -> frozenset[str]:
    """What the dictionary says a word may be: NOUN, VERB, ADJ."""
    if singular(word) in load_words("exceptions", "uncounted"):
        return frozenset({"NOUN"})
    found = [frozenset(dictionary().getAllLemmas(part)) for part in word.split("-")]
    return found[-1] if all(found) else frozenset()


def _is_coined(word: str) -> bool:
    """Whether it is a word of today that the dictionary lacks."""
    coined = load_words("exceptions", "coined")
    return word in coined or singular(word) in coined


def _capitals(description: str) -> dict[str, str]:
    """Names and abbreviations of a description as it spells them: ``sql`` → SQL."""
    words = re.findall(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w]*\b", description)
    return {
        word.lower(): word
        for word in words
        if word[1:] != word[1:].lower() or not (_kinds(word.lower()) or _is_coined(word.lower()))
    }


_TOLD_WORD = re.compile(r"[\w'\u2019-]+|[^\w\s]")


def find_told_place(model: ToolModel, name: str) -> str:
    """``for`` of ``contact_id`` and "Write the score for a contact."; empty where none is told."""
    return _list_told(model).get(bare_label(name), "")


@remembered
def _list_told(model: ToolModel) -> dict[str, str]:
    """What each parameter's thing stands behind in the tool's first sentence."""
    line = _TOLD_WORD.findall(first_line(model.tool.description))
    spelled = list(takewhile(lambda word: word != ".", line))
    words = [word.lower() for word in spelled]
    placing = load_words("slots", "placing")
    if model.operation in ("get", "list", "delete"):  # "revokes the access to a project"
        placing -= load_words("slots", "giving")
    small, ends = load_words("exceptions", "determiners"), load_words("exceptions", "stops")
    found: dict[str, str] = {}
    for name in (one.name for one in model.parameters):
        thing = bare_label(name).split()
        for at in range(1, len(words) - len(thing) + 1):
            after = words[at + len(thing) : at + len(thing) + 1]
            if words[at : at + len(thing)] != thing or not (
                not after or after[0] in ends or not after[0][0].isalnum()
            ):
                continue
            before = at - 1
            while before > 0 and (words[before] in small - placing or spelled[before][0].isupper()):
                before -= 1  # ``in a Shopkeeper sequence``
            joined = before > 0 and words[before - 1].endswith(
                ("ed", "ing")
            )  # "assigned to a user"
            if words[before] in placing and not joined:
                found.setdefault(" ".join(thing), words[before])
    return found
