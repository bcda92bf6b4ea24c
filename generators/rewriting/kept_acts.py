"""Whether a message in other words still does what it did, as far as code can tell.

What a message does is decided by structure: whether it asks, and which deeds it names in which
form. Messages that are nothing but their deed, as a yes or a refusal, are given no other words at
all (`generators.rewriting.prompt`): only their English would tell what they do.
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
_WORD = re.compile(r"[a-z']+")
_CLAUSE = re.compile(r"[.,;:!?\n–—]|\b(?:and|but|so|because)\b")
_UNDOING = re.compile(r"(?:un|dis|de)(?=[a-z]{3})")
_SHORTEST = 4
"""Letters of a verb that carries meaning, at least."""
_REACH = 3
"""Words after a negation that it may turn."""
_DEEDS = ("request", "partial_request", "vague_request", "unsupported_request", "choose",
          "confirm", "report")  # fmt: skip
"""Acts that name what is to be done, or was."""
_LIGHT = frozenset("have need like want make give tell know help come take think".split())
"""Verbs that carry none by themselves."""


class _Rule(NamedTuple):
    acts: tuple[str, ...]
    """Of which messages."""
    breaks: Callable[[str, str], bool]
    """Whether the new words, after the old ones, do something else."""
    told: str
    """Said to whoever wrote them."""


def _ask_more(old: str, new: str) -> bool:
    return new.count("?") > old.count("?")


def _ask_no_more(old: str, new: str) -> bool:
    """No question mark shows that other words ask; that the script's own do is known."""
    return "?" not in new and new != old


def _promise(old: str, new: str) -> bool:
    return bool(_find_promised(new)) and not has("promises", old)


def _find_promised(text: str) -> str:
    """The words that promise something."""
    found = _pattern("promises").search(_pattern("looks_now").sub(" ", text))
    return found[0] if found else ""


def _do_at_once(old: str, new: str) -> bool:
    """They tell as done what is still to be done: "ordered" for "order"."""
    return any(verb in said and verb not in now for verb, said, now in _forms(old, new))


def _do_later(old: str, new: str) -> bool:
    """They tell as still to be done what is done."""
    return any(verb not in said and now == {verb} and not find_verb(verb).noun
               for verb, said, now in _forms(old, new))  # fmt: skip


_RULES: tuple[_Rule, ...] = (
    _Rule(("inform", "thank"), _ask_more, "the user asks for nothing more here"),
    _Rule(("clarify", "confirm"), _ask_no_more,
          "the assistant asks here, and waits for the answer"),
    _Rule(("confirm", "call"), _do_at_once, "nothing is done yet here"),
    _Rule(("report", "say", "close", "call"), _ask_more,
          "the assistant asks nothing here that it did not ask"),
    _Rule(("report",), _do_later, "it tells what was found or done, not what is still to come"),
    _Rule(("clarify", "confirm", "call", "report", "say", "close"), _promise,
          "it promises nothing here"),
)  # fmt: skip


def find_turned(
    message: Spoken, text: str, deeds: frozenset[str], reasons: Sequence[str] = ()
) -> str:
    """What is wrong with what the new words do, said to whoever wrote them; empty: nothing.

    ``deeds``: the verbs of the tools on offer. ``reasons``: what the user may say beside, as why
    they ask: "I can't find it".
    """
    old, new = _bare(message.text), _bare(text)
    for rule in _RULES:
        if message.act in rule.acts and rule.breaks(old, new):
            promised = _find_promised(new) if rule.breaks is _promise else ""
            return f"{rule.told}: “{promised}”" if promised else rule.told
    if message.act == "report":  # whoever offers it
        deeds |= _deeds(new)
    if message.act in _DEEDS and (other := _find_other_deed(old, new, deeds)):
        return f"it is not about that somebody is to {other}"
    # What was said plainly, and is only said with a no.
    nouns = {one for one in _WORD.findall(old.lower()) if find_verb(one).noun}
    lacked = {verb for why in reasons for verb in _deeds(why) if _is_negated(verb, why)}
    for verb in sorted((_deeds(old) & _deeds(new)) - nouns - lacked):
        if not _is_negated(verb, old) and _is_negated(verb, new):
            return f"“{verb}” is said with a no, which it was not"
    return ""


def _forms(old: str, new: str) -> list[tuple[str, set[str], set[str]]]:
    """Of each change that both name: in which forms the old words do, and the new ones."""
    verbs = [verb for verb in sorted(_deeds(old) & _deeds(new)) if find_verb(verb).writes]
    return [(verb, _forms_of(verb, old), _forms_of(verb, new)) for verb in verbs]


def _forms_of(verb: str, text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if verb in (word, _verb_of(word))}


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


def has(kind: str, text: str) -> bool:
    """Whether the text has such words."""
    return _pattern(kind).search(text) is not None


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    """Any of the patterns of a kind, as whole words."""
    words = load_table("acts")[kind]
    return re.compile(rf"(?<![\w'])(?:{'|'.join(words)})(?![\w])", re.IGNORECASE)


def _bare(text: str) -> str:
    """The words outside quotation marks."""
    return _QUOTED.sub(" ▪ ", plain(text))
