"""What an endpoint's failure means for the request, for those beside it, and for the run.

``request``: this one cannot be served, whatever is done. ``later``: it may be, after a while.
``never``: nothing will be, until a person mends something. Only structure decides where there is
any; the words of an endpoint are looked at where it has no code for what it says.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple

LIMITED = 429
TOOLS = "tools"
"""The option that some endpoints take with another status than other options."""
_LATER = (408, 409, 425)
_OVERLOADED = (503, 529)
"""A server that says so wants to be left alone; with ``Retry-After``, for so long."""
_CONTEXT = re.compile(
    r"context.{0,12}(length|size|window|limit)|maximum context|too many (input )?tokens"
    r"|(prompt|input|request) is too (long|large)|exceeds? the (available|maximum) \w+",
    re.IGNORECASE,
)
_FILTER = re.compile(
    r"content.?(filter|policy|management)|moderation|flagged|safety|responsible.?ai", re.IGNORECASE
)
_CREDIT = re.compile(r"insufficient.?(quota|credit|funds|balance)|billing", re.IGNORECASE)
_OTHER_OPTION = re.compile(
    r"un(supported|known|recogni[sz]ed|expected|available)|not (support|permit|allow)"
    r"|extra|invalid",
    re.IGNORECASE,
)
_NO_TOOLS = re.compile(
    r"(support|require|enable)\w*\W.{0,40}\btool|\btools?\b.{0,60}(support|require|enable)",
    re.IGNORECASE,
)
"""What endpoints say that take no definitions of tools, or that must be started in another way."""
_NAMES = {"response_format": "response_format|json_schema"}
"""Option → what endpoints call it, where that is not its name alone."""
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Trouble(NamedTuple):
    """One attempt at a request that brought no reply."""

    kind: Literal["request", "later", "never"]
    told: str
    """In words that follow the address."""
    code: str = "provider_refused"
    """Of a request that cannot be served."""
    limited: bool = False
    """The endpoint is well and wants fewer requests."""
    wait: float | None = None
    """Seconds that it asks for."""
    weight: int = 1
    """How many of its attempts this one has cost a request."""
    option: str = ""
    """The option that it does not take."""


def read_trouble(
    status: int, body: Any, headers: Mapping[str, str], told: str, options: frozenset[str]
) -> Trouble:
    """What an answer with an HTTP status other than 200 means; ``body``: what it says of itself.

    ``told`` is what a person is told of it; ``options`` are those of the request that it would do
    without.
    """
    error = body if isinstance(body, dict) else {}
    code, words = str(error.get("code") or error.get("type") or ""), f"{error or body}"
    if status == LIMITED and _CREDIT.search(code):
        return Trouble("never", told)
    if TOOLS in options and (error.get("param") == TOOLS or _NO_TOOLS.search(words)):
        return Trouble("request", told, option=TOOLS)
    if status in (LIMITED, *_OVERLOADED):
        wait = retry_after(headers)
        limited = status == LIMITED or wait is not None
        return Trouble("later", told, limited=limited, wait=wait)
    if status in (401, 402, 404) or (status == 403 and not _FILTER.search(words)):
        return Trouble("never", told)
    if status in _LATER or status >= 500:
        if headers.get("x-should-retry") == "false":
            return Trouble("request", told)
        return Trouble("later", told, wait=retry_after(headers))
    if status == 413 or "context_length" in code or _CONTEXT.search(words):
        return Trouble("request", told, "context_exceeded")
    return Trouble("request", told, option=_find_option(error, options))


def _find_option(error: Mapping[str, Any], options: frozenset[str]) -> str:
    """The option that an error is about: by its parameter, or by words where it has none."""
    named = str(error.get("param") or "").partition(".")[0]
    words = str(error.get("message") or "")
    if not named and _OTHER_OPTION.search(words):
        said = [
            one for one in sorted(options) if re.search(rf"\b({_NAMES.get(one, one)})\b", words)
        ]
        named = said[0] if len(said) == 1 else ""
    return named if named in options else ""


def read_refusal(body: bytes, told: str) -> Trouble | None:
    """What an answer with status 200 means that has an ``error`` in the place of ``choices``.

    Routers hand on so what the server behind them said.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    if not error or answer.get("choices"):
        return None
    status = error.get("code") if isinstance(error, dict) else None
    if not isinstance(status, int) or not 400 <= status < 600:
        status = 400
    return read_trouble(status, error, {}, told, frozenset())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait: as a number, in thousandths, or as a date."""
    if (thousandths := read_span(headers.get("retry-after-ms", ""), 0.001)) is not None:
        return thousandths
    return read_span(headers.get("retry-after", ""))


def spent_until(headers: Mapping[str, str]) -> float | None:
    """Seconds until an endpoint takes requests again, if by its headers it takes no more now."""
    waits = [
        read_span(headers.get(f"{prefix}-reset-{what}", ""))
        for prefix in ("x-ratelimit", "anthropic-ratelimit")
        for what in ("requests", "tokens")
        if headers.get(f"{prefix}-remaining-{what}", "") == "0"
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def read_span(text: str, unit: float = 1.0) -> float | None:
    """Seconds of ``12``, ``1m30s``, ``Wed, 21 Oct …`` or ``2026-11-29T…``; None for no such text.

    ``unit``: seconds of a number without one.
    """
    text = text.strip()
    if not text:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) * unit
    if "".join(found := [m[0] for m in _SPAN.finditer(text)]) == text and found:
        return sum(float(m[1]) * _SECONDS[m[2]] for m in _SPAN.finditer(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
