"""What a client adds to a request by itself: headers and credentials, which nobody says."""

import re
from functools import cache

from generators.lexicon.names import split_words
from generators.lexicon.tables import load_table, load_words


def is_transport_header(name: str) -> bool:
    """Whether a header serves the passing of requests, not what is asked for."""
    return join_name(name) in load_words("transport", "headers")


def is_credential(name: str, description: str = "") -> bool:
    """Whether a parameter holds a credential, by its name or by what is told of it."""
    joined = join_name(name)
    endings = load_words("transport", "credential_endings")
    return (
        joined in load_words("transport", "credentials")
        or any(joined.endswith(f"-{one}") for one in endings)
        or any(pattern.search(description) for pattern in _told())
    )


def is_token(name: str) -> bool:
    """Whether a parameter is a credential where an operation asks for any."""
    return join_name(name) in load_words("transport", "tokens")


def join_name(name: str) -> str:
    """``X-Request-ID``, ``xRequestId`` and ``x_request_id`` are one name."""
    return "-".join(split_words(name))


@cache
def _told() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in load_table("transport")["told"])
