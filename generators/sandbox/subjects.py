"""Texts that belong to a title: what a report says is what its title names.

Which words of a title go with which text is data: ``data/phrases/subjects.yaml``.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache
from random import Random
from typing import Any, NamedTuple

from generators.lexicon.names import capital, in_words
from generators.lexicon.nouns import named_as
from generators.lexicon.tables import read_phrases
from generators.sandbox.phrases import title
from generators.sandbox.schema_validity import fits
from schemas.record import JsonObject

_RETITLINGS = 200
_SLOT = re.compile(r"\{(\w+)\}")


class Subjects(NamedTuple):
    """What is written below the titles of one manner of naming."""

    fields: frozenset[str]
    repeating: frozenset[str]
    """Fields that say what the title says: a merge's commit."""
    pairs: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]


@cache
def _read_subjects() -> Mapping[str, Subjects]:
    read = {}
    for kind, told in read_phrases("subjects")["kinds"].items():
        found = [*told["pairs"].items(), *([("", told["other"])] if "other" in told else ())]
        pairs = tuple((re.compile(words, re.IGNORECASE), tuple(text.split(" | ")))
                      for words, text in found)  # fmt: skip
        read[kind] = Subjects(
            frozenset(told["fields"]), frozenset(told.get("repeating", ())), pairs
        )
    return read


def fit_texts(
    noun: str, row: JsonObject, schemas: Mapping[str, Any], fixed: Collection[str], rng: Random,
    known: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Let the text of a row say what its title names, and what is not ``fixed`` give way.

    ``known``: the row that is changed. Its title counts where no other is written, and a new title
    suits the text that it keeps.
    """
    subjects = _read_subjects().get(named_as(noun))
    if subjects is None:
        return
    if known and not any(in_words(name) in subjects.fields for name in row):
        _retitle(noun, subjects, row, schemas, fixed, rng, known)
    texts = [name for name in row if in_words(name) in subjects.fields | subjects.repeating]
    texts = [one for one in texts if isinstance(row[one], str) and one not in fixed]
    for name in texts:
        titles = [title for title in read_phrases("subjects")["titles"] if title != name]
        head = next((str(one[t]) for one in (row, known or {}) for t in titles if one.get(t)), "")
        matches = ((words.search(head), written) for words, written in subjects.pairs)
        match, written = next(((m, w) for m, w in matches if m), (None, ()))
        text = _write(rng.choice(written), head, match, rng) if head and match else row[name]
        text = head if head and in_words(name) in subjects.repeating else text
        row[name] = text if fits(text, schemas.get(name, {})) else row[name]


def _retitle(
    noun: str, subjects: Subjects, row: JsonObject, schemas: Mapping[str, Any],
    fixed: Collection[str], rng: Random, known: Mapping[str, Any],
) -> None:  # fmt: skip
    """Draw the new title among those of the old one's subject."""
    for name in read_phrases("subjects")["titles"]:
        if name in fixed or " " not in str(row.get(name)) or not isinstance(known.get(name), str):
            continue
        subject = next((words for words, _ in subjects.pairs if words.search(known[name])), None)
        drawn = (title(rng, noun) for _ in range(_RETITLINGS) if subject)
        suiting = (one for one in drawn if subject and subject.search(one) and one != known[name])
        fitting = [one for one in suiting if fits(one, schemas.get(name, {}))]
        held = {*known[name].lower().split()}  # of the same thing, where it is drawn
        alike = max(fitting, key=lambda one: len(held & {*one.lower().split()}), default=row[name])
        row[name] = alike


def _write(text: str, head: str, match: re.Match[str], rng: Random) -> str:
    """The text with its slots filled: the title, what was found in it, or a word that is drawn."""

    def fill(slot: re.Match[str]) -> str:
        if slot[1] == "title":
            return head
        return match[int(slot[1])] if slot[1].isdigit() else rng.choice(
            read_phrases("subjects")[slot[1]]
        )  # fmt: skip

    return capital(_SLOT.sub(fill, text))
