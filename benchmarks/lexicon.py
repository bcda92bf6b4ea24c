"""Errors of word libraries beside the lexicon: on a list checked by hand, and on real catalogues.

The list lies in ``tests/fixtures/lexicon/words.yaml``. Of the nouns and verbs of all catalogues in
``../shared/real`` it prints those of which a library says otherwise than the lexicon, to be read.

Run: ``python -m benchmarks.lexicon [--words]``; ``--words`` lists them.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import inflect
import lemminflect
import yaml

from benchmarks.gold_edges import ROOT
from generators.importers import read_catalog
from generators.lexicon.names import split_words
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.verbs import participle, verb_place
from schemas.errors import InputError

Bend = Callable[[str], str]
FIXTURE = ROOT / "tests" / "fixtures" / "lexicon" / "words.yaml"
CATALOGUES = (ROOT.parent / "shared" / "real", ROOT / "data" / "catalogs")


@cache
def _engine() -> inflect.engine:
    return inflect.engine()


def _lemma_plural(noun: str) -> str:
    head, _, last = noun.rpartition(" ")
    return f"{head} {lemminflect.getInflection(last, 'NNS')[0]}".strip()


def _lemma_singular(noun: str) -> str:
    head, _, last = noun.rpartition(" ")
    return f"{head} {lemminflect.getLemma(last, 'NOUN')[0]}".strip()


def _lemma_participle(verb: str) -> str:
    head, _, rest = verb.partition(" ")
    return f"{lemminflect.getInflection(head, 'VBN')[0]} {rest}".strip()


LIBRARIES: Mapping[str, Mapping[str, Bend]] = {
    "lexicon": {
        "plural": plural,
        "singular": singular,
        "participle": participle,
        "article": with_article,
    },
    "lemminflect": {
        "plural": _lemma_plural,
        "singular": _lemma_singular,
        "participle": _lemma_participle,
    },
    "inflect": {
        "plural": lambda noun: str(_engine().plural_noun(noun)),
        "singular": lambda noun: str(_engine().singular_noun(noun) or noun),
        "article": lambda noun: str(_engine().a(noun)),
    },
}
"""What each library can do; babel has none of it."""


def checked(words: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Arrange the list by task: word → what is right."""
    alike = {word: word for word in words["alike"]}
    ones = {many: one for one, many in words["plurals"].items() if many != "leaves"}
    return {
        "plural": words["plurals"] | alike,
        "singular": ones | alike | {word: word for word in words["singulars"]},
        "participle": words["participles"],
        "article": words["articles"],
    }


def wrong(bend: Bend, table: Mapping[str, str]) -> list[str]:
    """List what a library gets wrong, as ``word → what it says``."""
    said = {word: bend(word) for word in table}
    return [f"{word} → {said[word]}" for word, right in table.items() if said[word] != right]


def catalogue_words() -> Mapping[str, set[str]]:
    """Gather the nouns and verbs of all catalogues."""
    found: dict[str, set[str]] = {"singular": set(), "participle": set()}
    for name in _names():
        words = split_words(name)
        place = verb_place(words)
        if place is not None:
            found["participle"].add(place[1])
        found["singular"] |= {word for word in words if word.isascii() and word.isalpha()}
    return found


def _names() -> Iterator[str]:
    for folder in CATALOGUES:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".json", ".yml", ".yaml"):
                continue
            try:
                tools = read_catalog([path]).tools
            except InputError:
                continue
            for tool in tools:
                yield tool.name
                yield from tool.parameters.get("properties", {})
                yield from (tool.returns or {}).get("properties", {})


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", action="store_true", help="list the words")
    lines = list(_compare(listed=parser.parse_args().words))
    sys.stdout.write("\n".join(lines) + "\n")


def _compare(listed: bool) -> Iterator[str]:
    tables = checked(yaml.safe_load(FIXTURE.read_text("utf-8")))
    yield "| errors | " + " | ".join(f"{task} ({len(t)})" for task, t in tables.items()) + " |"
    yield "|---" * (len(tables) + 1) + "|"
    errors = {
        library: {task: wrong(bend, tables[task]) for task, bend in tasks.items()}
        for library, tasks in LIBRARIES.items()
    }
    for library, found in errors.items():
        cells = (str(len(found[task])) if task in found else "-" for task in tables)
        yield f"| {library} | " + " | ".join(cells) + " |"
    if listed:
        for library, found in errors.items():
            yield from (
                f"{library}, {task}: {', '.join(one)}" for task, one in found.items() if one
            )
    yield "\nWords of the catalogues of which a library says otherwise than the lexicon:"
    for task, words in catalogue_words().items():
        own = {word: LIBRARIES["lexicon"][task](word) for word in sorted(words)}
        for library in ("lemminflect", "inflect"):
            if bend := LIBRARIES[library].get(task):
                other = wrong(bend, own)
                yield f"{task} by {library}: {len(other)} of {len(words)}"
                yield from [", ".join(other)] if listed else []


if __name__ == "__main__":
    main()
