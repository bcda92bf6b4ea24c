"""Decides whether a tool only reads, and whether it loses something that cannot be had back.

A source's own hint decides where there is one; otherwise the verb, from the name or from the first
word of the description. What a tool does to which entity is left to inference.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from generators.importers.found import FoundTool
from schemas.tool import Effect

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_INTRODUCTION = re.compile(r"^.*\btool description:\s*", re.IGNORECASE | re.DOTALL)
"""Some sources tell of the whole suite before they come to the tool."""


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


READS = frozenset(
    _words(
        "get list search find read show fetch check calculate convert describe view lookup look "
        "retrieve query count compute estimate compare browse preview validate verify translate "
        "summarize summarise analyze analyse detect display inspect track explain suggest "
        "recommend determine identify classify predict download ping see obtain scan monitor is "
        "has"
    )
)
WRITES = frozenset(
    _words(
        "create add update delete remove set send write edit modify change cancel close reset "
        "pay transfer move rename insert put patch append upload save store submit assign "
        "unassign approve reject accept decline enable disable activate deactivate start stop "
        "pause resume restart run execute trigger deploy install uninstall register unregister "
        "subscribe unsubscribe purchase buy sell refund charge deposit withdraw reserve "
        "reschedule confirm exchange merge push commit publish unpublish archive unarchive "
        "restore lock unlock invite ban block unblock mute unmute follow unfollow join leave "
        "apply grant revoke replace overwrite clear purge erase wipe drop destroy terminate "
        "kill discard dismiss mark complete finish resolve reopen attach detach link unlink "
        "import place adjust increase decrease renew extend upgrade downgrade redeem release "
        "dispatch ship notify announce rent hire donate reorder make claim void"
    )
)
ALSO_NOUNS = frozenset(
    _words(
        "book order post comment schedule report request return message email call text pin "
        "star fork tag label rate review share log record note file ticket checkout"
    )
)
"""Verbs of change that are as often nouns: heard only where no other verb is."""
DESTRUCTIVE = frozenset(
    _words(
        "delete remove cancel close reset pay transfer overwrite purge erase wipe drop destroy "
        "terminate kill discard clear revoke uninstall deactivate unregister charge purchase "
        "buy withdraw void"
    )
)
HANDOVER = frozenset(_words("human agent agents operator representative person staff support"))
"""Being transferred to one of these costs nothing."""


@dataclass(frozen=True)
class Influence:
    """What was decided, and what of it was a guess, in words."""

    effect: Effect
    destructive: bool
    guesses: tuple[str, ...] = ()


def influence(tool: FoundTool) -> Influence:
    """The effect of a tool, from its hints, its name and its description."""
    verb = verb_of(tool.name, tool.description)
    effect, guess = _effect(tool, verb)
    destructive = (
        effect == "write"
        and tool.destructive is not False
        and verb in DESTRUCTIVE
        and not (verb == "transfer" and HANDOVER & set(_words(tool.name)))
    )
    guesses = [guess] if guess else []
    if destructive and tool.destructive is None:
        guesses.append(f"destructive from the verb {verb!r}")
    return Influence(effect, destructive, tuple(guesses))


def verb_of(name: str, description: str = "") -> str:
    """The verb that says what a tool does: ``list`` of ``actions_list``; empty if none is known.

    A name's first word comes before its last, and that before those between. Where verbs are
    joined, as in ``find_or_create``, one that changes something counts.
    """
    words, sentence = _words(name), _words(_INTRODUCTION.sub("", description))[:1]
    joined = [after for word, after in pairwise(words) if word in ("and", "or")]
    candidates = [*(word for word in joined if word in WRITES)]
    candidates += [word for word in (*words[:1], *words[-1:], *words[1:-1]) if _is_verb(word)]
    first_noun = [word for word in words[:1] if word in ALSO_NOUNS]
    candidates += [noun for noun in first_noun if noun in map(_singular, sentence)]
    candidates += [base for base in map(_base, sentence) if _is_verb(base)]
    candidates += first_noun
    return next(iter(candidates), "")


def _effect(tool: FoundTool, verb: str) -> tuple[Effect, str]:
    if tool.read_only is not None:
        return ("read" if tool.read_only else "write"), ""
    if not verb:
        return "unknown", "effect unknown: no verb says it"
    return ("read" if verb in READS else "write"), f"effect from the verb {verb!r}"


def _is_verb(word: str) -> bool:
    return word in READS or word in WRITES


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _base(word: str) -> str:
    """``Lists`` and ``Searches`` say what ``list`` and ``search`` say; a result is returned."""
    if word in ("return", "returns", "provides", "provide"):
        return "get"
    forms = (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y")
    return next((form for form in forms if _is_verb(form)), word)
