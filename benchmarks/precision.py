"""Acceptance precision: what readers say of accepted conversations, round by round.

A file of marks holds, for each conversation of a round, its catalogue, the state it was built in
and the marks of two readers who did not see each other's, by the rubric of docs/reading.md: ``yes``
(worth imitating as it stands), ``masks`` (right, but some messages must not be learnt) or ``no``.
Precision is the share of accepted conversations marked yes or masks.

Run: ``python -m benchmarks.precision [FILE …]``; without a file those of tests/fixtures/read, one
table a round. Ends with 1 where the last round lies below the floors.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "read"
LEAST_FIT, LEAST_YES, MOST_UNTRUE = 0.85, 0.50, 0.08
"""Floors: of conversations marked yes or masks, of those marked yes; and of those with a defect of
truth, at most."""
TRUTH = frozenset(
    {"call", "reference", "world", "support", "knowledge", "consent", "policy", "time"}
)
"""Tags of defects of truth."""


@dataclass(frozen=True)
class Mark:
    """What one reader says of one conversation."""

    mark: str
    tags: tuple[str, ...] = ()
    untrue: bool = False
    """Whether an unmasked message has a defect of truth."""

    @property
    def fit(self) -> bool:
        """Whether one would train on it, with or without masks."""
        return self.mark in ("yes", "masks")


@dataclass(frozen=True)
class Reading:
    """One conversation, read twice."""

    catalogue: str
    first: Mark
    second: Mark


def read_marks(file: Path) -> list[Reading]:
    """The readings of a file: a list of objects with ``catalogue``, ``first`` and ``second``."""
    entries: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return [
        Reading(entry["catalogue"], _mark(entry["first"]), _mark(entry["second"]))
        for entry in entries
    ]


def _mark(told: dict[str, Any]) -> Mark:
    tags = tuple(told.get("tags", ()))
    untrue = told.get("truth_defect", told["mark"] == "no" and not TRUTH.isdisjoint(tags))
    return Mark(told["mark"], tags, bool(untrue))


def agreement(readings: Sequence[Reading]) -> tuple[float, float]:
    """Share of equal marks, and Cohen's kappa of them."""
    pairs = [(one.first.mark, one.second.mark) for one in readings]
    same = sum(first == second for first, second in pairs) / len(pairs)
    firsts, seconds = (Counter(side) for side in zip(*pairs, strict=True))
    chance = sum(firsts[mark] * seconds[mark] for mark in firsts) / len(pairs) ** 2
    return same, 1.0 if chance == 1 else (same - chance) / (1 - chance)


def measure(readings: Sequence[Reading]) -> tuple[float, float, float]:
    """Shares of fit, of yes, and with a defect of truth, over the marks of both readers."""
    marks = [mark for one in readings for mark in (one.first, one.second)]
    fit, yes = (sum(test) / len(marks) for test in
                ([m.fit for m in marks], [m.mark == "yes" for m in marks]))  # fmt: skip
    return fit, yes, sum(m.untrue for m in marks) / len(marks)


def table(readings: Sequence[Reading]) -> str:
    """Marks by catalogue, tags, and how far the readers agree."""
    lines = [f"{'catalogue':20} {'read':>4}  yes/masks/no     yes/masks/no     fit   untrue"]
    catalogues = list(dict.fromkeys(one.catalogue for one in readings))
    for name in [*catalogues, "all"]:
        chosen = [one for one in readings if name in (one.catalogue, "all")]
        sides = []
        for side in ([one.first for one in chosen], [one.second for one in chosen]):
            counted = Counter(mark.mark for mark in side)
            sides.append("/".join(str(counted[mark]) for mark in ("yes", "masks", "no")))
        fit, _, untrue = measure(chosen)
        lines.append(
            f"{name:20} {len(chosen):4}  {sides[0]:15}  {sides[1]:15}  {fit:4.0%}  {untrue:4.0%}"
        )
    same, kappa = agreement(readings)
    tags = Counter(tag for one in readings for mark in (one.first, one.second) for tag in mark.tags)
    told = ", ".join(f"{tag} {count / 2 / len(readings):.0%}" for tag, count in tags.most_common())
    return "\n".join([*lines, f"agreement {same:.0%}, kappa {kappa:.2f}", f"tags: {told}"])


def main() -> int:
    """Print each round."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="*", type=Path)
    files = parser.parse_args().file or sorted(ROUNDS.glob("*.json"))
    if not files:
        print("no round was read")  # noqa: T201
        return 1
    for file in files:
        readings = read_marks(file)
        print(f"{file.stem}\n{table(readings)}\n")  # noqa: T201
    fit, yes, untrue = measure(readings)
    print(f"last round: fit {fit:.0%} (wanted {LEAST_FIT:.0%}), yes {yes:.0%} ({LEAST_YES:.0%}), "  # noqa: T201
          f"a defect of truth in {untrue:.0%} (at most {MOST_UNTRUE:.0%})")  # fmt: skip
    return int(fit < LEAST_FIT or yes < LEAST_YES or untrue > MOST_UNTRUE)


if __name__ == "__main__":
    sys.exit(main())
