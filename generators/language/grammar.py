"""The grammar of templates: a key and a style give one of many ways to say it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

import yaml

import data
from generators.language.phrase import Phrase

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Grammar:
    """Alternatives by key: a list for everybody, or a list a style with ``any`` for the others."""

    alternatives: Mapping[str, Mapping[str, tuple[str, ...]]]

    def pick(self, key: str, style: str, rng: Random) -> str:
        """One template. Raises KeyError for a key that the grammar lacks."""
        styles = self.alternatives[key]
        return rng.choice(styles.get(style) or styles["any"])

    def compose(self, key: str, style: str, rng: Random, **slots: Phrase | str) -> Phrase:
        """A template with its slots filled; what the slots mention is kept."""
        return fill(self.pick(key, style, rng), slots)


def fill(template: str, slots: Mapping[str, Phrase | str]) -> Phrase:
    """``"find {what}"`` and ``what`` → a phrase."""
    out, position = Phrase(""), 0
    for slot in _SLOT.finditer(template):
        value = slots[slot.group(1)]
        out = out + template[position : slot.start()] + value
        position = slot.end()
    return out + template[position:]


@cache
def grammar() -> Grammar:
    """The grammar that the project ships."""
    loaded = {
        **yaml.safe_load(data.text("phrases/user.yaml")),
        **yaml.safe_load(data.text("phrases/assistant.yaml")),
        **yaml.safe_load(data.text("phrases/difficulty.yaml")),
    }
    return Grammar({key: _by_style(entry) for key, entry in loaded.items()})


def _by_style(entry: list[str] | dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    if isinstance(entry, list):
        return {"any": tuple(entry)}
    return {style: tuple(lines) for style, lines in entry.items()}
