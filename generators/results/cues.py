"""Words that say what a value in a description is: a result, or what a call is given.

A result is taken for one only where a word says so in the same sentence, and no later word there
speaks of arguments.
"""

import re

_REACH = 160
_RESULT = re.compile(
    r"\b(?:returns?|returned|returning|responses?(?: body| payload)?|responds?(?: with)?|results?"
    r"|outputs?|yields?|produces?|gives? back|replies|replied)\b|->|=>|→|>>>",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(
    r"\b(?:inputs?|arguments?|args|kwargs|parameters?|params|requests?|body|payload|quer(?:y|ies)"
    r"|filters?|call(?:s|ed|ing)?|invoke[sd]?|invocation|usage|pass(?:es|ed)?|send|sent|accepts?"
    r"|takes?|provided?|given|expects?|headers?|options?|config(?:uration)?|where|set)\b"
    r"|\w\($",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)[.!?;]\s+|\n\s*\n(?=[A-Z])")


def says_result(before: str) -> bool:
    """Whether the text that leads up to a value announces a result."""
    sentence = _SENTENCE_END.split(before[-_REACH:])[-1]
    results = [match.end() for match in _RESULT.finditer(sentence)]
    arguments = [match.end() for match in _ARGUMENT.finditer(sentence)]
    return bool(results) and results[-1] >= max(arguments, default=-1)


def follows_at_once(before: str) -> bool:
    """Whether nothing but a mark or the opening of a block stands after the announcing word."""
    ends = [match.end() for match in _RESULT.finditer(before)]
    gap = before[ends[-1] :] if ends else before
    return re.fullmatch(r"[\s:`=>-]*(?:json|python)?[\s`]*", gap) is not None
