"""How much of a hidden result schema the other tools give back.

Of catalogues whose source says what tools return, the result schemas are hidden and made up again
by inference, from what the other tools tell. Compared are the names of fields (as words:
``flightId`` is ``flight_id``): those at the top, where a list's are those of its rows, and those of
all leaves. ``shown`` is the share of true names that were found, ``true`` the share of found names
that are true; only tools of which something was found count, as the second column of tools says.

``python -m benchmarks.result_schemas [FILE…]``; without files, on the project's own catalogues
and on ../shared/real where it is there.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalogues import REAL
from benchmarks.program import ROOT
from generators.importers import read_catalog
from generators.lexicon.names import snake
from generators.world.infer import infer_world
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ToolSpec

Names = Callable[[JsonObject], frozenset[str]]
HEAD = f"{'catalogue':32}{'tools':>6}{'tools':>6}" + "".join(
    f"{what:>14}" for what in ("top: shown", "top: true", "leaves: shown", "leaves: true")
)


@dataclass
class Tally:
    """Counts of names over several tools."""

    both: int = 0
    wanted: int = 0
    found: int = 0

    def add(self, wanted: frozenset[str], found: frozenset[str]) -> None:
        """Count one tool."""
        self.both += len(wanted & found)
        self.wanted += len(wanted)
        self.found += len(found)

    def __str__(self) -> str:
        """Write recall and precision as two columns."""
        return f"{_share(self.both, self.wanted):>14}{_share(self.both, self.found):>14}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def top_names(schema: JsonObject) -> frozenset[str]:
    """Names of the properties, of a list those of its rows."""
    if isinstance(schema.get("items"), dict):
        return top_names(schema["items"])
    return frozenset(snake(name) for name in schema.get("properties", {}))


def leaf_names(schema: JsonObject) -> frozenset[str]:
    """Last names of all leaves, without what they lie in."""
    if isinstance(schema.get("items"), dict):
        return leaf_names(schema["items"])
    names: set[str] = set()
    for name, part in schema.get("properties", {}).items():
        names |= leaf_names(part) or {snake(name)} if isinstance(part, dict) else {snake(name)}
    return frozenset(names)


def compare(name: str, tools: Sequence[ToolSpec]) -> str:
    """A row for what the other tools tell."""
    truth = {tool.wire_name: tool.returns for tool in tools if tool.returns}
    hidden = [tool.model_copy(update={"returns": None, "returns_from": None}) for tool in tools]
    guessed = {wire: model.returns for wire, model in infer_world(hidden).models.items()}
    pairs = [(truth[wire], guessed[wire]) for wire in truth if wire in guessed]
    columns = f"{_tally(pairs, top_names)}{_tally(pairs, leaf_names)}"
    return f"{name:32}{len(truth):>6}{len(pairs):>6}{columns}\n"


def _tally(pairs: Iterable[tuple[JsonObject, JsonObject]], names: Names) -> Tally:
    tally = Tally()
    for wanted, found in pairs:
        tally.add(names(wanted), names(found))
    return tally


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    sys.stdout.write(f"{HEAD}\n")
    own = sorted((ROOT / "data" / "catalogs").glob("*.json"))
    real = (path for one in REAL if one.is_here for path in one.paths)
    for path in options.files or (*own, *real):
        try:
            tools = read_catalog([path]).tools
        except InputError as error:
            sys.stdout.write(f"{path.name:32} could not be read: {error.problem[:90]}\n")
            continue
        if any(tool.returns for tool in tools):
            sys.stdout.write(compare(path.name, tools))
    return 0


if __name__ == "__main__":
    sys.exit(main())
