"""How a policy wants the assistant to make its calls, as far as its text tells it."""

import re
from functools import lru_cache

from generators.lexicon.tables import load_table


@lru_cache(maxsize=256)
def has_manner(policy: str, manner: str) -> bool:
    """Whether a policy asks for it: ``one_call`` a message, ``silent_call`` without words."""
    text = " ".join(policy.split())
    return any(re.search(one, text, re.IGNORECASE) for one in load_table("manner")[manner])
