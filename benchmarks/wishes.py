"""Whom small catalogues draw: ``python -m benchmarks.wishes [--all] [folder or file …]``.

One row a folder of files, each file a catalogue of its own: how many have a tool that is wished for
by name, how many only what is come for where there is nothing better, how many none, and for how
many tools each reason stands. With ``--all`` a line a tool: its file, its name, and why not.
"""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.program import SHARED
from benchmarks.reading_table import list_files, show
from generators.embedding import WordEmbedder
from generators.graph.tool_graph import build_graph
from generators.sampling.goals import GoalSampler
from generators.world.infer import infer_world
from pipeline.config import Settings
from pipeline.opening import read_catalog
from schemas.errors import InputError

FOLDERS = ("toucan", "toolalpaca", "toolbench", "xlam", "bfcl/func_docs", "workplace")
BY_NAME, FALLBACK, NONE = "a wish by name", "only the fallback", "none"
_OF_NOTHING = re.compile(r"^(?:in doubt: |[\w.\[\]-]+: )+(?=\w)|(?<=says which ).*(?= is meant)")
"""What of a reason differs from tool to tool."""


def find_reasons(path: Path) -> tuple[str, Mapping[str, str]]:
    """How a catalogue is come to, and tool → why nobody comes for it; "" where somebody does."""
    try:
        catalog = read_catalog(Settings(tools=(path,)))
    except InputError as error:
        return NONE, {"": error.problem}
    reasons = {one.tool: one.reason for one in catalog.skipped}
    world = infer_world(catalog.tools, catalog.worlds)
    try:
        sampler = GoalSampler(world, build_graph(world, WordEmbedder()))
    except InputError as error:
        pairs = (one.partition(": ") for one in error.problem.split("tools: ")[-1].split("; "))
        return NONE, reasons | {name: why for name, _, why in pairs}
    return (
        BY_NAME if any(not one for one in sampler.objections.values()) else FALLBACK,
        reasons | sampler.objections,
    )


def main() -> int:
    """Print the table."""
    folders = [one for one in sys.argv[1:] if one != "--all"]
    for folder in [Path(one) for one in folders] or [SHARED / one for one in FOLDERS]:
        ways, groups = Counter[str](), Counter[str]()
        for path in list_files([str(folder)]):
            way, reasons = find_reasons(path)
            ways[way] += 1
            groups.update(_OF_NOTHING.sub("", why) for why in reasons.values() if why)
            for tool, why in reasons.items() if "--all" in sys.argv else ():
                show(f"{path.name[-40:]:40} {way:18} {tool[:40]:40} {why or 'WISHED FOR'}")
        counts = ", ".join(f"{way} {ways[way]}" for way in (BY_NAME, FALLBACK, NONE))
        show(f"{folder.name}: {ways.total()} files, {counts}")
        for why, count in groups.most_common():
            show(f"    {count} × {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
