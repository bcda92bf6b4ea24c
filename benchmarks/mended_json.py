"""What the package `json-repair` makes of damaged replies, beside asking again.

``pip install json-repair && python -m benchmarks.mended_json [-n 60]``: arguments of the calls of a
scripted build, and verdicts as a judge writes them, are damaged as models and endpoints damage
them. The project refuses each (and asks again); the package gives the same value, or another one
without a word. It is no dependency: that other one is why.
"""

import argparse
import importlib
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.played_builds import record
from schemas.chat import read_json_reply

Damage = Callable[[str, Random], str]
DAMAGES: dict[str, Damage] = {
    "cut off": lambda text, rng: text[: rng.randrange(1, len(text))],
    "prose around": lambda text, _: f"Sure, here it is:\n{text}\nI hope this helps!",
    "a fence with prose around": lambda text, _: f"Here:\n```json\n{text}\n```\nDone.",
    "a comma too many": lambda text, _: f"{text[:-1]},}}",
    "a brace too many": lambda text, _: f"{text}}}",
    "a brace missing": lambda text, _: text[:-1],
    "a comma missing": lambda text, _: text.replace('", "', '" "', 1),
    "single quotes": lambda text, _: text.replace('"', "'"),
    "keys without quotes": lambda text, _: re.sub(r'"(\w+)":', r"\1:", text),
    "quotes not escaped": lambda text, _: text.replace('\\"', '"'),
    "a line break in a text": lambda text, _: text.replace("\\n", "\n"),
    "a key twice": lambda text, _: re.sub(r'^\{("\w+": )', r'{\1"other", \1', text),
}
SAID = ("five", "the red one", "tomorrow", "Anna's")


def verdict(said: str) -> str:
    """What a judge answers."""
    told = f'It says "{said}",\nand that isn\'t so.'
    found = {"message": 4, "code": "judge_incoherent", "label": "bad", "explanation": told}
    return json.dumps({"findings": [found], "suspicions": []})


def read(reader: Callable[[str], Any], text: str, wanted: Any) -> str:
    """What a reader makes of a damaged text."""
    try:
        found = reader(text)
    except ValueError:
        return "refused"
    return "right" if found == wanted else "refused" if found in ("", None) else "other"


def main() -> int:
    """Count, and print a line for each damage."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("-n", type=int, default=60, help="conversations whose calls are taken")
    known = parser.parse_args()
    try:
        mend = importlib.import_module("json_repair").loads
    except ImportError:
        sys.stdout.write("could not run: pip install json-repair\n")
        return 1
    with tempfile.TemporaryDirectory() as place:
        played = record(Path(place), known.n)
    calls = [arguments for calls in played.calls.values() for _, arguments in calls if arguments]
    texts = {json.dumps(one, ensure_ascii=False): None for one in calls}
    texts |= dict.fromkeys(map(verdict, SAID))
    rng = Random(3)
    sys.stdout.write(f"{'damage':28}{'texts':>6}  ours: right, other   json-repair: right, other\n")
    for name, damage in DAMAGES.items():
        ours, theirs = Counter[str](), Counter[str]()
        for text in texts:
            if (damaged := damage(text, rng)) != text:
                ours[read(read_json_reply, damaged, json.loads(text))] += 1
                theirs[read(mend, damaged, json.loads(text))] += 1
        row = f"{ours['right']:11}{ours['other']:7}{theirs['right']:21}{theirs['other']:7}"
        sys.stdout.write(f"{name:28}{ours.total():6}  {row}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
