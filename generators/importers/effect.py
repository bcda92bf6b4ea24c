"""Decides whether a tool only reads, and whether it loses something that cannot be had back.

A source's own hint decides where there is one; otherwise the verb, from the name or from the first
words of the description. What a tool does to which entity is left to the world.
"""

from dataclasses import dataclass
from itertools import pairwise

from generators.importers.found_tools import FoundTool
from generators.lexicon.names import split_words
from generators.lexicon.verbs import (
    WRITING,
    base_form,
    find_verb,
    opening_verb,
    opening_words,
    verb_place,
)
from schemas.tool import Effect

_PEOPLE = frozenset("human agent agents operator representative person staff support".split())
"""Being transferred to one of these costs nothing."""


@dataclass(frozen=True)
class Influence:
    """What was decided, and what of it was a guess, in words."""

    effect: Effect
    destructive: bool
    guesses: tuple[str, ...] = ()


def influence(tool: FoundTool) -> Influence:
    """The effect of a tool, from its hints, its name and its description."""
    word = verb_of(tool.name, tool.description)
    verb, words = find_verb(word), split_words(tool.name)
    effect: Effect = "unknown"
    guesses = ["effect unknown: no verb says it"] if not verb else []
    if verb:
        effect = "write" if verb.operation_on(words[-1] if words else "") in WRITING else "read"
        guesses = [f"effect from the verb {word!r}"]
    if tool.read_only is not None:
        effect, guesses = ("read" if tool.read_only else "write"), []
    handover = word == "transfer" and _PEOPLE & set(words)
    losing = verb.destructive and not handover
    destructive = effect == "write" and tool.destructive is not False and losing
    if destructive and tool.destructive is None:
        guesses.append(f"destructive from the verb {word!r}")
    return Influence(effect, destructive, tuple(guesses))


def verb_of(name: str, description: str = "") -> str:
    """The verb that says what a tool does: ``list`` of ``actions_list``; empty if none is known.

    Where verbs are joined, as in ``find_or_create``, one that changes something counts. A noun
    that may be a verb gives way to a verb that the description begins with.
    """
    words = split_words(name)
    for word, after in pairwise(words):
        joined = find_verb(after)
        if word in ("and", "or") and joined.writes and not joined.noun:
            return joined.word
    found, told = verb_place(words), opening_verb(description)
    if found is None:
        return told or ""
    verb = find_verb(found[1])
    said = [base_form(word) for word in opening_words(description)[:1]]
    unsure = verb.noun and not verb.leads and said != [verb.word]
    return told if unsure and told else verb.word
