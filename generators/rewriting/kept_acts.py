"""Whether a message in other words still does what it did: asks, agrees, refuses, reports, admits.

The script's act is known, so nothing is guessed: the words are only held against it. What the
script's own words do beside it (that nothing was changed, that nobody is to ask first) must be done
by the other words too. The words of each kind stand in ``data/lexicon/acts.yaml``.
"""

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import NamedTuple

from generators.lexicon.tables import load_table
from generators.lexicon.verbs import Verb, base_form, find_verb, verbs_by_participle
from generators.rewriting.told_values import plain
from schemas.message import AssistantMessage, UserMessage

Spoken = UserMessage | AssistantMessage
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_WORD = re.compile(r"[a-z']+")
_CLAUSE = re.compile(r"[.,;:!?\n–—]|\b(?:and|but|so|because)\b")
_UNDOING = re.compile(r"(?:un|dis|de)(?=[a-z]{3})")
_SHORTEST = 4
"""Letters of a verb that carries meaning, at least."""
_REACH = 3
"""Words after a negation that it may turn."""
_ASKING = ("request", "partial_request", "vague_request", "unsupported_request", "choose")
_LIGHT = frozenset("have need like want make give tell know help come take".split())
"""Verbs that carry none by themselves."""


class _Rule(NamedTuple):
    acts: tuple[str, ...]
    """Of which messages; none: of all."""
    breaks: Callable[[str, str], bool]
    """Whether the new words, after the old ones, do something else."""
    told: str
    """Said to whoever wrote them."""


def _anew(kind: str) -> Callable[[str, str], bool]:
    """They do what the old ones did not."""
    return lambda old, new: has(kind, new) and not has(kind, old)


def _no_more(kind: str) -> Callable[[str, str], bool]:
    """They do no more what the old ones did."""
    return lambda old, new: has(kind, old) and not has(kind, new)


def _lack(*kinds: str) -> Callable[[str, str], bool]:
    """They do nothing of this."""
    return lambda _, new: not any(has(kind, new) for kind in kinds)


def _take_back(old: str, new: str) -> bool:
    del old
    return "?" in new or has("declines", _pattern("harmless").sub(" ", new))


def _add(kind: str) -> Callable[[str, str], bool]:
    """They say so of what the old ones do not even say that it failed."""
    return lambda old, new: _anew(kind)(old, new) and not (has("cannot", old) or has("none", old))


def _want_more(old: str, new: str) -> bool:
    """They want something that the old ones did not even add to what they told."""
    if not _anew("more")(old, new):
        return False
    *_, last = _pattern("more").finditer(new)
    return re.search(r"\bAnd\b", old) is None or not re.search(r"[\d▪@]", new[last.end() :])


def _blame_anew(old: str, new: str) -> bool:
    """They say that it failed for a reason of another kind."""
    before, after = _find_troubles(old), _find_troubles(new)
    return bool(before) and not after <= before


_OF_USER: tuple[_Rule, ...] = (
    _Rule(("affirm",), _lack("agrees"), "the user agrees here: it must say yes in some way"),
    _Rule(("affirm",), _take_back, "the user agrees here, asks nothing and takes nothing back"),
    _Rule(("negate",), _lack("declines"), "the user says no here"),
    _Rule(("correct",), _lack("changes"), "the user changes something here"),
    _Rule(("correct",), _no_more("agrees"), "the user agrees to the rest here: it must say so"),
    _Rule(("unable_to_inform",), _lack("no_idea"), "the user does not know it here"),
    _Rule(("inform",), _anew("no_idea"), "the user knows it here and says it"),
    _Rule(("thank",), lambda _, new: "?" in new or not has("thanks", new),
          "the user thanks or takes leave here, and asks for nothing"),
    _Rule(_ASKING, _no_more("unasked"), "the user does not want to be asked first: it must say so"),
    _Rule(_ASKING, _anew("unasked"), "the user does not say that nobody is to ask first"),
    _Rule(("affirm", "negate", "correct", "inform", "unable_to_inform", "thank"),
          _want_more,
          "the user asks for nothing more here"),
)  # fmt: skip
_OF_ASSISTANT: tuple[_Rule, ...] = (
    _Rule(("clarify", "confirm"), lambda _, new: "?" not in new and not has("asks", new),
          "the assistant asks here, and waits for the answer"),
    _Rule(("clarify", "confirm", "call", "retry"), _anew("finished"), "nothing is done yet here"),
    _Rule((), _anew("promises"), "it promises nothing here"),
    _Rule(("retry", "report_failure"), _blame_anew, "it failed for another reason"),
    _Rule(("confirm",), lambda _, new: "?" not in new and not has("agrees", new),
          "the assistant asks for a yes here"),
)  # fmt: skip
_OF_TELLING: tuple[_Rule, ...] = (
    _Rule((), lambda old, new: asks_something(new) and not asks_something(old),
          "the assistant asks nothing here, but for what else there is to do"),
    _Rule((), _no_more("unclear"), "nobody knows whether it was done: it must say so"),
    _Rule((), _add("unclear"), "there is no doubt here whether it was done"),
    _Rule((), _no_more("unchanged"), "nothing was changed: it must say so"),
    _Rule((), _add("unchanged"), "it is not told here that nothing was changed"),
    _Rule((), _no_more("cannot"), "here it tells what it cannot do, or what did not work"),
    _Rule(("refuse",), _lack("cannot"), "what is asked for is declined here"),
    _Rule((), lambda old, new: has("cannot", old) and _anew("finished")(old, new),
          "what did not work was not done"),
    _Rule(("report", "report_failure", "say", "transfer"),
          lambda old, new: _anew("cannot")(old, new) and not has("none", old),
          "nothing failed and nothing is declined here"),
    _Rule(("transfer",), _lack("hands_over"), "a person takes over: it must say so"),
    _Rule(("report", "say"), lambda old, new: has("finished", old) and not has("done", new),
          "it is done: it must say so"),
    _Rule(("report",), lambda old, new: _anew("will")(old, new) and not has("done", new),
          "it tells what was found or done, not what is still to come"),
)  # fmt: skip
"""Of what the assistant says that neither asks nor comes before a call."""
_BEFORE = ("clarify", "confirm", "call", "retry")


def find_turned(message: Spoken, text: str, deeds: frozenset[str]) -> str:
    """What is wrong with what the new words do, said to whoever wrote them; empty: nothing.

    ``deeds``: the verbs of the tools on offer.
    """
    old, new = _bare(message.text), _bare(text)
    rules: Sequence[_Rule] = _OF_USER
    if isinstance(message, AssistantMessage):
        told = () if message.act in _BEFORE else _OF_TELLING
        rules = (*_OF_ASSISTANT, *told)
    for rule in rules:
        if (not rule.acts or message.act in rule.acts) and rule.breaks(old, new):
            return rule.told
    failing = isinstance(message, AssistantMessage) and has("cannot", old)
    done = (*_ASKING, "confirm", "report")
    if message.act == "report":  # whoever offers it
        deeds |= _deeds(new)
    if message.act in done and not failing and (other := _find_other_deed(old, new, deeds)):
        return f"it is not about that somebody is to {other}"
    return "" if failing else _find_negated(old, new)


def _find_other_deed(old: str, new: str, deeds: frozenset[str]) -> str:
    """A change in the place of another, beside it, or against it."""
    before, after = _deeds(old), _deeds(new)
    changed = [find_verb(one) for one in sorted(before) if find_verb(one).writes]
    others = [find_verb(one) for one in sorted((after - before) & deeds)]
    apart = (one.word for one in others if changed and _is_apart(one, changed))
    if changed and not after & {one.word for one in changed}:
        kinds = {one.operation for one in changed}
        apart = (one.word for one in others if one.writes and not one.noun
                 and (_is_apart(one, changed) or one.operation not in kinds))  # fmt: skip
    return next(apart, "") or next(iter(sorted(_undone(new) ^ _undone(old))), "")


def _undone(text: str) -> set[str]:
    """Verbs that take another one back, if both are said or meant: ``unfreeze``."""
    found = ((word, _UNDOING.match(word)) for word in _WORD.findall(text.lower()))
    bare = ((match[0], _verb_of(word[match.end() :])) for word, match in found if match)
    return {f"{prefix}{verb}" for prefix, verb in bare if verb and find_verb(verb).writes}


def _is_apart(other: Verb, changed: Collection[Verb]) -> bool:
    """Whether it makes something else of a thing: it cancels what was to be moved."""
    if other.noun or not other.writes:
        return False
    if other.state:
        return other.state not in {one.state for one in changed}
    apart = other.operation in ("create", "delete")
    return apart and other.operation not in {one.operation for one in changed}


def _find_negated(old: str, new: str) -> str:
    """Whether what was said plainly is only said with a no."""
    nouns = {one for one in _WORD.findall(old.lower()) if find_verb(one).noun}
    for verb in sorted((_deeds(old) & _deeds(new)) - nouns):
        if not _is_negated(verb, old) and _is_negated(verb, new):
            return f"“{verb}” is said with a no, which it was not"
    return ""


def _is_negated(verb: str, text: str) -> bool:
    """Whether every time that it is said, a negation stands shortly before it."""
    clauses = [[*_WORD.findall(part)] for part in _CLAUSE.split(text.lower())]
    before = [" ".join(words[max(0, n - _REACH) : n]) for words in clauses
              for n, word in enumerate(words) if verb in (word, _verb_of(word))]  # fmt: skip
    return all(has("negations", words) for words in before)


def _deeds(text: str) -> set[str]:
    """The verbs that carry meaning, in their base form."""
    forms = map(_verb_of, _WORD.findall(text.lower()))
    return {one for one in forms if one and len(one) >= _SHORTEST and one not in _LIGHT}


def _verb_of(word: str) -> str | None:
    return verbs_by_participle().get(word) or base_form(word)


def asks_something(text: str) -> bool:
    """Whether a sentence asks, other than what else there is to do."""
    parts = (part.strip() for part in _SENTENCE.findall(text))
    return any(part.endswith("?") and not has("offers", part) for part in parts)


def _find_troubles(text: str) -> set[int]:
    return {n for n, pattern in enumerate(_trouble_patterns()) if pattern.search(text)}


@cache
def _trouble_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(map(_compile, load_table("acts")["troubles"]))


def has(kind: str, text: str) -> bool:
    """Whether the text has such words."""
    return _pattern(kind).search(text) is not None


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return _compile(load_table("acts")[kind])


def _compile(words: Sequence[str]) -> re.Pattern[str]:
    """Any of the patterns, as whole words."""
    return re.compile(rf"(?<![\w'])(?:{'|'.join(words)})(?![\w])", re.IGNORECASE)


def _bare(text: str) -> str:
    """The words outside quotation marks."""
    return _QUOTED.sub(" ▪ ", plain(text))
