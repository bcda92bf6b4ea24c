"""Identifiers that a description shows, by examples or by their form: ``format: act_XXXXXXXXX``."""

import re
from functools import lru_cache

_QUOTED = re.compile(r"['\"`(]([^'\"`()\s]{4,60})['\"`)]")
MARKED = re.compile(r"(?<![\w-])\w*?-?x{3,}(?:-x{2,})*(?![\w-])", re.IGNORECASE)
"""A form in which runs of ``x`` stand for what differs."""
_FORMED = re.compile(
    r"(?:\b(?:format|form|like|such as|examples?|for instance)|\be\.g\.)(?: is| of)?[:,]?\s+"
    r"(?!(?:iso|rfc|utf|sha)[_-])([a-z][a-z\d]{0,15}[_-](?:\d{3,}|#{3,}))(?![\w-])",
    re.IGNORECASE,
)
"""One that stands without quotes behind words that announce it: ``like usr_123…``."""


@lru_cache(maxsize=2048)
def samples(description: str) -> tuple[str, ...]:
    """Identifiers that a description shows: ``such as '#W0000000'`` → ``("#W0000000",)``."""
    quoted = [found for found in _QUOTED.findall(description) if any(map(str.isdigit, found))]
    told = [*MARKED.findall(description), *_FORMED.findall(description)]
    return tuple(dict.fromkeys(quoted + told))
