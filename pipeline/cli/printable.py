"""What stands in other people's catalogues may be printed: a terminal must not obey it."""

import json
import re

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # escapes and all other controls but tab and line feed
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # what turns the direction or the line
    "\ufeff\ud800-\udfff\U000e0000-\U000e007f]"  # nothing to be seen, and half a character
)


def printable(text: str) -> str:
    """The text with each such character as JSON escapes it: in JSON it stays the same value."""
    return _UNPRINTABLE.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else json.dumps(character)[1:-1]
