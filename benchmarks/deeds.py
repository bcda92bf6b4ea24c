"""What each tool of a catalogue is asked for with: ``python -m benchmarks.deeds FILE …``.

One row a tool: its name, the request in a person's words, and what the assistant says when it is
done; at the end how many tools cannot be asked for, and how many of all that is.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reading_table import list_files, show
from generators.importers import read_catalog
from generators.language.action import action
from generators.lexicon.verbs import participle
from generators.world.infer import infer_world
from generators.world.model import ToolModel
from schemas.errors import InputError


def told_deeds(path: Path) -> Iterator[tuple[ToolModel, str, str]]:
    """Tool, request and report of each tool of a file. Raises InputError."""
    world = infer_world(read_catalog([path]).tools)
    for model in world.models.values():
        what = action(model)
        asked = f"{what.verb} {what.generic}".strip()
        done = f"{participle(what.verb)} {what.generic}".strip() if model.writes else ""
        yield model, asked if what.sayable else f"- {asked}", done


def main() -> int:
    """Print the table."""
    for path in list_files(sys.argv[1:]):
        try:
            rows = list(told_deeds(path))
        except InputError as error:
            show(f"{path.name}: {error.problem}")
            continue
        show(f"== {path.name}")
        for model, asked, done in rows:
            said = f"{asked}  |  I have {done}" if done else asked
            show(f"{model.operation[:3]} {model.name[:45]:45} {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
