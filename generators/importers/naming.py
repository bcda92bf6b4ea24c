"""Names: of the domain that a file stands for, and of the tools as a model sees them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

MAX_NAME = 64
"""Longest name of a function that chat interfaces take."""

_NOISE = frozenset(
    {
        "tool", "tools", "list", "lists", "openai", "mcp", "server", "servers", "ref",
        "reference", "api", "apis", "function", "functions", "schema", "schemas", "catalog",
        "catalogue", "definitions", "spec", "response", "json",
    }
)  # fmt: skip
_VERSION = re.compile(r"v\d+")
_LEGAL = re.compile(r"[A-Za-z0-9_-]{1,64}")


def name_domain(stem: str) -> str:
    """What a file is about: ``github`` for ``github_mcp_server_tools_list``; never empty."""
    words = [word for word in re.split(r"[\W_]+", stem.lower()) if word]
    telling = [word for word in words if word not in _NOISE and not _VERSION.fullmatch(word)]
    return "_".join(telling or words) or stem or "tools"


def name_apart(names: Iterable[str]) -> tuple[str, ...]:
    """The names in order, numbered from the second of its kind on: ``shop``, ``shop_2``."""
    wanted = tuple(names)
    taken, seen, apart = set(wanted), set[str](), []
    numbers: dict[str, int] = {}
    for name in wanted:
        chosen = _free(name, taken, numbers) if name in seen else name
        taken.add(chosen)
        seen.add(chosen)
        apart.append(chosen)
    return tuple(apart)


def name_on_wire(tools: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """A wire name for each ``(domain, name)``, in order and one-to-one.

    A name that is legal and used once stays. One that occurs in several domains is prefixed by its
    domain; what is alike even then is numbered.
    """
    plain = [_legal(name, "tool") for _, name in tools]
    domains = {(name, domain) for name, (domain, _) in zip(plain, tools, strict=True)}
    spread = Counter(name for name, _ in domains)
    wanted = [
        _prefixed(domain, name) if spread[name] > 1 else name
        for name, (domain, _) in zip(plain, tools, strict=True)
    ]
    # Whoever has its own name keeps it: only then come those that had to be changed.
    own_first = sorted(range(len(tools)), key=lambda at: wanted[at] != tools[at][1])
    apart = dict(zip(own_first, name_apart(wanted[at] for at in own_first), strict=True))
    return tuple(apart[at] for at in range(len(tools)))


def _legal(name: str, otherwise: str) -> str:
    if _LEGAL.fullmatch(name):
        return name
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9-]+", "_", ascii_name).strip("_")[:MAX_NAME] or otherwise


def _prefixed(domain: str, name: str) -> str:
    prefix = _legal(domain, "domain")
    return name if name.startswith(f"{prefix}_") else f"{prefix}_{name}"[:MAX_NAME]


def _free(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """The name with the least number that is free; ``numbers`` are the last ones by name."""
    while True:
        numbers[name] = numbers.get(name, 1) + 1
        suffix = f"_{numbers[name]}"
        candidate = name[: MAX_NAME - len(suffix)] + suffix
        if candidate not in taken:
            return candidate
