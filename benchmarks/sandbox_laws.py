"""The laws of the sandbox on every catalogue: how often each holds, what is exempt, what is broken.

``python -m benchmarks.sandbox_laws [--seeds N] [--only NAME]…`` tries every law on every tool of
the project's own catalogues and of those in ../shared/real, and ends with 1 where one is broken.
The laws are in `tests.laws_of_rows` and `tests.laws_of_state`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.catalogues import ALL, OWN, Catalogue, opened
from benchmarks.lines import CannotRun
from benchmarks.program import ROOT
from tests import laws_of_rows, laws_of_state
from tests.laws_of_rows import Trial
from tests.laws_of_state import Law, tables

LAWS: tuple[Law, ...] = (
    laws_of_rows.get_after_create,
    laws_of_rows.get_after_update,
    laws_of_rows.get_after_delete,
    laws_of_rows.search_agrees_with_get,
    laws_of_state.reads_change_nothing,
    laws_of_state.failures_leave_no_trace,
    laws_of_state.replays_agree,
    laws_of_state.equal_numbers_are_alike,
    laws_of_state.seeds_decide,
)
_HEAD = f"{'catalogue':26}{'law':28}{'held':>7}{'exempt':>8}{'broken':>8}"


def stores(catalogues: Sequence[Catalogue], seed: int) -> dict[str, dict[str, str]]:
    """Catalogue → entity → hash of its seeded rows."""
    return {
        c.name: tables(opened(c).world, seed, list(opened(c).world.entities)) for c in catalogues
    }


def stores_elsewhere(
    catalogues: Sequence[Catalogue], seed: int, hash_seed: int
) -> dict[str, dict[str, str]]:
    """The same, made by another process whose sets and hashes have another order."""
    names = [option for one in catalogues for option in ("--only", one.name)]
    command = [sys.executable, "-m", "benchmarks.sandbox_laws", "--stores", str(seed), *names]
    variables = os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=variables)
    made: dict[str, dict[str, str]] = json.loads(ran.stdout)
    return made


def tried(catalogue: Catalogue, law: Law, seeds: int) -> Trial:
    """A law on a catalogue, with the first so many seeds. Raises CannotRun."""
    trial = Trial()
    for seed in range(seeds):
        trial.add(law(opened(catalogue).world, seed))
    return trial


def _row(name: str, law: str, trial: Trial) -> str:
    rows = [f"{name:26}{law:28}{trial.held:>7}{trial.exempt.total():>8}{len(trial.broken):>8}"]
    rows += [f"      exempt: {why} ({count})" for why, count in trial.exempt.most_common()]
    return "\n".join([*rows, *(f"      broken: {told}" for told in trial.broken[:5])])


def _elsewhere(catalogues: Sequence[Catalogue]) -> Trial:
    """The same seed gives the same store in another process."""
    trial = Trial()
    here, there = stores(catalogues, 0), stores_elsewhere(catalogues, 0, hash_seed=17)
    for name, found in here.items():
        for key, said in found.items():
            trial.note(there[name][key] == said, key, "is another table in another process")
    return trial


def main() -> int:
    """Try, print, judge."""
    parser = argparse.ArgumentParser(description="The laws of the sandbox on every catalogue.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", help="a catalogue's name; may be given again")
    parser.add_argument("--stores", type=int, help="print the hashes of the stores of this seed")
    options = parser.parse_args()
    chosen = [one for one in ALL if one.name in (options.only or [c.name for c in ALL])]
    if options.stores is not None:
        json.dump(stores(chosen, options.stores), sys.stdout)
        return 0
    sys.stdout.write(f"{_HEAD}\n")
    broken = 0
    for catalogue in chosen:
        for law in LAWS:
            try:
                trial = tried(catalogue, law, options.seeds)
            except CannotRun as reason:
                sys.stdout.write(f"{catalogue.name:26}could not run: {reason}\n")
                broken += 1
                break
            broken += len(trial.broken)
            sys.stdout.write(f"{_row(catalogue.name, law.__name__, trial)}\n")
            sys.stdout.flush()
    here = [one for one in chosen if one == OWN or one.is_here]
    trial = _elsewhere(here)
    sys.stdout.write(f"{_row('all', 'in another process', trial)}\n")
    return int(bool(broken or trial.broken))


if __name__ == "__main__":
    sys.exit(main())
