"""What each sampler draws from the project's own catalogues, as the table of `docs/sampling.md`.

Run as ``python -m benchmarks.sampling [chains] [candidates]``. Each sampler draws so many chains of
one stream; of the first candidates of the same stream it is counted how many become accepted tasks.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.coverage import Coverage, measure_coverage
from generators.embedding import WordEmbedder
from generators.sampling import SAMPLERS
from generators.sampling.structure import ChainFeatures, Structure, measure_chain
from generators.studio import Studio, open_studio
from pipeline.opening import OpenWorkshop, read_tools
from schemas.graph import ToolChain

CHAINS, CANDIDATES = 500, 60
_SEED = 3
_HEAD = (
    "| sampler | calls | turns | multi-hop | anchored | calls that write | tools | edges "
    "| least / median / most uses of an edge | accepted |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True)
class Row:
    """What was measured of one sampler."""

    name: str
    chains: Sequence[ToolChain]
    found: Sequence[ChainFeatures]
    coverage: Coverage
    accepted: float

    def __str__(self) -> str:
        """A row of the table."""
        count = len(self.found)
        calls = sum(len(chain.steps) for chain in self.chains)
        tools, links = self.coverage.tools, self.coverage.links
        cells = (
            f"`{self.name}`",
            f"{calls / count:.1f}",
            f"{sum(f.turns for f in self.found) / count:.1f}",
            f"{sum(f.hops > 1 for f in self.found) / count:.0%}",
            f"{sum(f.anchors > 0 for f in self.found) / count:.0%}",
            f"{sum(f.writes for f in self.found) / calls:.0%}",
            f"{tools.used} of {tools.usable}",
            f"{links.used} of {links.usable}",
            f"{links.least} / {links.median} / {links.most}",
            f"{self.accepted:.0%}",
        )
        return f"| {' | '.join(cells)} |"


def measure(name: str, studio: Studio, chains: int, candidates: int) -> Row:
    """Draw the chains, and play the first candidates."""
    stream = studio.stream(_SEED)
    drawn = [stream.draw(index).chain for index in range(chains)]
    workshop = OpenWorkshop(studio, _SEED)
    made = [asyncio.run(workshop.candidate(index)) for index in range(candidates)]
    return Row(
        name,
        drawn,
        [measure_chain(chain, studio.world) for chain in drawn],
        measure_coverage(drawn, studio.bench.sampler, stream.unusable),
        sum(one.accepted for one in made) / max(1, candidates),
    )


def main(chains: int = CHAINS, candidates: int = CANDIDATES) -> None:
    """Print the table."""
    catalog, embedder = read_tools(()), WordEmbedder()
    print(_HEAD)  # noqa: T201
    for sampler in SAMPLERS:
        studio = open_studio(catalog, embedder, sampler=sampler.policy)
        print(measure(sampler.policy, studio, chains, candidates), flush=True)  # noqa: T201
    shaped = open_studio(catalog, embedder, sampler="random_walk", structure=Structure())
    print(measure("random_walk, shaped", shaped, chains, candidates), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
