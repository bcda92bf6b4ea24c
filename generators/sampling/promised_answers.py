"""What a description promises that an answer holds, beside the row that rules make up.

A gate of `generators.sampling.wishes`.
"""

import re
from collections.abc import Iterator
from functools import cache

from generators.lexicon.names import noun_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words
from generators.sampling.errands import Errand
from generators.world.promised_parts import list_owned, list_promised

_WITHIN = frozenset({"content"})
"""What a tool's name calls that which is in a file."""
_WHOLE = re.compile(
    r"\b(?:full|complete|entire|whole|raw|actual)\b(?: [\w-]+){0,2} "
    r"(?:contents?|text|body|source|transcript)\b(?![ -](?:search|index|quer))",
    re.IGNORECASE,
)
"""What a description promises to show that is in a thing: the full content of a skill."""
_SAID_OF_RESULT = re.compile(
    r"\breturns:?\s+(?!at (?:least|most)|up to|only|the (?:updated|created|new)\b)([^.\n]{3,160})"
    r"|\bthe (?:result|response|answer) (?:is|has|contains)\s+([^.\n]{3,160})"
    r"|\b(?:full|complete|all) details\b[^:.\n]{0,40}:\s*([^.\n]{3,160})"
    r"|\bwith an? ([\w -]{3,40}) (?:for )?each\b",
    re.IGNORECASE,
)
"""What is said of a result: ``Full details: stock on hand and committed stock``."""
_WORD = 4
"""Letters of a word that tells something."""


def lacks_promised(errand: Errand) -> bool:
    """Whether a tool is said to tell this and that, of which the made-up row has little.

    By default, too: the changed files of a commit, the user names of a team's members. A write that
    is said to return its refund has to.
    """
    model, text = errand.model, errand.model.tool.description
    if not model.returns_inferred:
        return False
    known = {word for name in errand.shown for word in noun_words(name)} | {*model.noun.split()}
    if errand.entity is not None and errand.shown.issuperset(errand.entity.identity):
        known.add("id")  # whatever it is called
    if not known.issuperset(list_owned(text)):
        return True
    for told in _find_said(errand) if errand.entity else ():
        if len(told & known) * 2 < len(told) and len(told - known) > 1:
            return True
    return not model.writes and _lacks_shown(errand, known)


def _find_said(errand: Errand) -> Iterator[set[str]]:
    """The words of each thing that is said of the result, without those that promise nothing."""
    plain = _plain_words() | {*errand.words}
    for said in _SAID_OF_RESULT.finditer(errand.model.tool.description):
        words = {*map(singular, noun_words(next(filter(None, said.groups()))))}
        yield {word for word in words - plain if len(word) >= _WORD}


@cache
def _plain_words() -> frozenset[str]:
    """Words that promise nothing: those of every description, and of how something is told."""
    keys = ("generic", "qualifiers", "prepositions", "keys", "envelope_words", "of_results")
    return frozenset[str]().union(*(load_words("inference", one) for one in keys))


def _lacks_shown(errand: Errand, known: set[str]) -> bool:
    """Whether a read shows less than its description lists, in one of the ways of listing it."""
    model, text = errand.model, errand.model.tool.description
    options = (p.schema for p in model.parameters if p.use == "option" and not p.required)
    told = (
        str(one.get("description", ""))
        for one in options
        if isinstance(one.get("default"), str) and one["default"] in one.get("enum", ())
    )
    if any(re.search(r"\bincludes\b", one) for one in told):
        return True
    first = re.split(r"[.\n]", text)[0]
    if re.search(r"\b(?:usernames|user names|logins|handles)\b", first, re.IGNORECASE):
        fields = errand.entity.fields.values() if errand.entity else ()
        own = errand.shown - {p.field or p.name for p in model.parameters}
        if not any(one.semantic == "handle" and one.name in own for one in fields):
            return True
    words = {*map(singular, errand.words)}
    whole = model.operation == "get" and _WHOLE.search(first)
    if (words & _WITHIN or whole) and not errand.shown & load_words("inference", "new_texts"):
        return True
    listed = ([word in known for word in words] for words in list_promised(text))
    return any(sum(found) * 2 < len(found) for found in listed)
