"""Words: labels of parameters, articles, plurals, participles."""

import re
from collections.abc import Sequence
from functools import lru_cache

import inflect

_ENGINE = inflect.engine()
_ABBREVIATIONS = {
    "id": "ID", "ids": "IDs", "url": "URL", "uri": "URL", "sha": "commit", "pr": "pull request",
    "repo": "repository", "zip": "zip code", "iban": "IBAN", "isbn": "ISBN", "cwe": "CWE",
    "cve": "CVE", "ghsa": "GHSA", "qty": "quantity", "desc": "description",
    "dob": "date of birth", "org": "organization", "html": "HTML",
    "dst": "daylight saving time", "datetime": "time",
    "ms": "milliseconds", "urls": "URLs", "uris": "URLs", "num": "number of",
    "config": "configuration", "min": "minimum", "max": "maximum", "info": "information",
    "at": "", "utc": "UTC", "api": "API",
}  # fmt: skip
_IRREGULAR = {
    "send": "sent", "find": "found", "put": "put", "set": "set", "write": "written",
    "make": "made", "pay": "paid", "buy": "bought", "get": "looked up", "read": "read",
    "reset": "reset", "begin": "begun", "withdraw": "withdrawn", "hold": "held", "let": "let",
    "build": "built", "leave": "left", "rebuild": "rebuilt", "submit": "submitted",
    "transfer": "transferred", "cancel": "cancelled", "refer": "referred", "ship": "shipped",
    "drop": "dropped", "log in": "logged in", "log out": "logged out", "sign up": "signed up",
    "sign in": "signed in",
    "pin": "pinned", "unpin": "unpinned", "stop": "stopped", "log": "logged",
    "tag": "tagged", "swap": "swapped", "plan": "planned", "book": "booked", "run": "run",
    "star": "starred", "unstar": "unstarred", "do": "done", "give": "given", "take": "taken",
    "freeze": "frozen", "unfreeze": "unfrozen", "lend": "lent", "undo": "undone", "split": "split",
    "edit": "edited", "commit": "committed", "label": "labelled", "refill": "refilled",
    "open": "opened", "reopen": "reopened", "add": "added", "check out": "checked out",
    "put on hold": "put on hold", "block": "blocked", "rerun": "rerun", "resubmit": "resubmitted",
    "overwrite": "overwritten", "override": "overridden", "rewrite": "rewritten", "sell": "sold",
    "draw": "drawn", "choose": "chosen", "forget": "forgotten", "cut": "cut", "keep": "kept",
    "teach": "taught", "bring": "brought", "catch": "caught", "lose": "lost", "speak": "spoken",
    "drive": "driven", "tell": "told", "show": "shown", "feed": "fed", "meet": "met",
    "mark": "marked", "shut": "shut", "hide": "hidden", "upload": "uploaded", "put in": "put in",
    "spend": "spent", "lead": "led", "win": "won", "eat": "eaten", "ride": "ridden",
    "beat": "beaten",
}  # fmt: skip
_DOUBLED = re.compile(r"(?:^[^aeiou]*[aeiou][bdgmnprt]|(?:mit|fer|cur|pel|bel|format))$")
"""Verbs whose last consonant is doubled: stop, permit, refer, format."""
_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@lru_cache(maxsize=20_000)
def split_name(name: str) -> tuple[str, ...]:
    """``pullNumber`` → ``("pull", "number")``."""
    return tuple(word.lower() for word in _SPLIT.findall(name))


MEASURES = frozenset("kg mg km cm mm lb ml mb kb gb mbps kcal kwh".split())
PERIODS = frozenset("seconds minutes hours days nights weeks months years".split())


@lru_cache(maxsize=20_000)
def label(name: str) -> str:
    """A name as people say it: ``departure_date`` → ``departure date``."""
    words = [_ABBREVIATIONS.get(word, word) for word in split_name(name)]
    if len(words) > 1 and words[-1] in ("1", "2", "3"):
        number = int(words.pop())
        words = words if number == 1 else [ordinal(number), *words]
    if len(words) > 1 and words[-1] in MEASURES | {"milliseconds"}:
        words.insert(-1, "in")
    said = " ".join(word for word in words if word) or "value"
    return said.replace("check in ", "check-in ").replace("check out ", "check-out ")


@lru_cache(maxsize=20_000)
def bare_label(name: str) -> str:
    """The label without an ID at its end: ``order_id`` → ``order``, ``item_ids`` → ``item``."""
    words = list(split_name(name))
    if len(words) > 1 and words[-1] in ("id", "ids", "node", "uuid"):
        words.pop()
    return label("_".join(words))


_DETERMINERS = frozenset("a an the some any my your all each every no".split())


@lru_cache(maxsize=20_000)
def with_article(noun: str) -> str:
    """``hour`` → ``an hour``; a plural stays as it is."""
    if not noun or is_plural(noun) or noun.split()[0] in _DETERMINERS:
        return noun
    if noun.split()[0] in ("URL", "UUID", "UI"):
        return f"a {noun}"
    return str(_ENGINE.a(noun))


_UNCOUNTED = frozenset(["", "news", "series", "data", "information", "equipment", "feedback"])
_SINGULAR = frozenset("news series gas lens canvas data bus bias always".split())


@lru_cache(maxsize=20_000)
def is_plural(noun: str) -> bool:
    """Whether the last word is a plural."""
    last = noun.removesuffix(" in milliseconds").rsplit(" ", 1)[-1]
    if last in ("IDs", "URLs"):
        return True
    if not last or last.endswith(("ss", "us", "is")) or last in _SINGULAR:
        return False
    return bool(_ENGINE.singular_noun(last))


@lru_cache(maxsize=20_000)
def plural(noun: str, count: int = 2) -> str:
    """``search result`` → ``search results``; one stays one."""
    if count == 1 or is_plural(noun) or noun.rsplit(" ", 1)[-1] in _UNCOUNTED:
        return noun
    if noun.endswith(("ID", "URL")):
        return f"{noun}s"
    return str(_ENGINE.plural_noun(noun))


@lru_cache(maxsize=20_000)
def singular(noun: str) -> str:
    """``orders`` → ``order``."""
    if noun.endswith(("IDs", "URLs")):
        return noun[:-1]
    last = noun.rsplit(" ", 1)[-1]
    return str(_ENGINE.singular_noun(noun)) if is_plural(last) else noun


def ordinal(number: int) -> str:
    """1 → ``first``; from 10 on ``10th``."""
    names = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
    return names[number - 1] if 1 <= number <= len(names) else str(_ENGINE.ordinal(str(number)))


@lru_cache(maxsize=2_000)
def participle(verb: str) -> str:
    """``cancel`` → ``cancelled``; regular where no other form is known."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if _DOUBLED.search(verb):
        return f"{verb}{verb[-1]}ed"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def happened(name: str) -> str:
    """What a date's label says was done: ``borrowed on`` → ``borrowed``; empty for a noun."""
    bare = name.removesuffix(" on")
    return bare if bare != name or (bare.endswith("ed") and " " not in bare) else ""


def join(parts: Sequence[str], word: str = "and") -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def ended(text: str) -> str:
    """With a full stop, unless it ends already."""
    bare = text.rstrip('”"')
    return text if not text or bare[-1:] in (".", "!", "?", ":", "…") else f"{text}."


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
