"""Texts that follow from a text by a rule that everybody knows: hashes, encodings, case."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from urllib.parse import quote

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_CODES: Mapping[str, Callable[[str], str]] = MappingProxyType({
    "base64encode": lambda text: b64encode(text.encode()).decode(),
    "hexencode": lambda text: text.encode().hex(),
    "urlencode": quote,
    "reversestring": lambda text: text[::-1],
    "reversetext": lambda text: text[::-1],
    "uppercase": str.upper,
    "lowercase": str.lower,
})  # fmt: skip


def find_code(tool: str) -> Callable[[str], str] | None:
    """What a tool of this name makes of a text; None where the name tells none of these."""
    said = re.sub(r"[\W_]+", "", tool.lower())
    for name in _HASHES:
        if said.endswith(name):
            return partial(_hash, name)
    return next((code for name, code in _CODES.items() if said.endswith(name)), None)


def _hash(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()
