"""All catalogues that the sandbox is tried on: the project's own, and those of others."""

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from benchmarks.lines import CannotRun
from benchmarks.program import SHARED
from generators.world.infer import infer_world
from generators.world.model import World
from pipeline.config import Settings
from pipeline.opening import read_catalog, read_tools
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec

CLOCK = "2026-03-12T09:00:00+01:00"


@dataclass(frozen=True)
class Catalogue:
    """A catalogue by name; one without files is the project's own."""

    name: str
    files: tuple[str, ...] = ()
    """Below ``../shared/real``; a pattern stands for all files that it matches."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order of their names. Raises CannotRun where one is absent."""
        found: list[Path] = []
        for pattern in self.files:
            paths = sorted(SHARED.glob(pattern))
            if not paths:
                raise CannotRun(f"there is no {SHARED / pattern}")
            found += paths
        return tuple(found)

    @property
    def is_here(self) -> bool:
        """Whether all files are there."""
        return all(any(SHARED.glob(pattern)) for pattern in self.files)


OWN = Catalogue("own")
REAL: tuple[Catalogue, ...] = (
    Catalogue("GitHub MCP", ("mcp/github_mcp_server_tools_list.json",)),
    Catalogue("MCP reference servers", ("mcp/ref_*_tools_list.json",)),
    Catalogue("MCP's examples", ("mcp/spec_examples/*Tool_*.json",
                                 "mcp/spec_examples/ListTools*.json")),
    Catalogue("Spotify", ("openapi/spotify_sonallux.yml",)),
    Catalogue("petstore", ("openapi/swagger_petstore3.yaml",)),
    Catalogue("Twilio Verify", ("openapi/twilio_verify_v2.json",)),
    Catalogue("tau2 retail", ("tau2_retail/retail.json",)),
    Catalogue("BFCL, function documents", ("bfcl/func_docs/*.json",)),
    Catalogue("BFCL, simple", ("bfcl/BFCL_v4_simple_python.json",)),
    Catalogue("BFCL, multiple", ("bfcl/BFCL_v4_multiple.json",)),
    Catalogue("ToolBench G1", ("toolbench/G1_query.json",)),
    Catalogue("ToolBench G3", ("toolbench/G3_query.json",)),
    Catalogue("xLAM", ("xlam/masking_sft_data_example.json",)),
)  # fmt: skip
ALL = (OWN, *REAL)
MORE: tuple[Catalogue, ...] = (
    Catalogue("Playwright", ("mcp/playwright_tools_list.json",)),
    Catalogue("workplace", ("workplace/*.json",)),
    Catalogue("tau2 airline", ("tau2_airline/airline.json",)),
    Catalogue("Notion", ("openapi/notion-openapi.json",)),
    Catalogue("Slack", ("openapi/slack_web_openapi_v2.json",)),
    Catalogue("OpenAI", ("openapi/openai_openapi.json",)),
    Catalogue("TMDB", ("openapi/tmdb_oas.json",)),
    Catalogue("Spotify, RestGPT", ("openapi/restgpt_spotify_oas.json",)),
    Catalogue("ToolAlpaca", ("toolalpaca/*.json",)),
)  # fmt: skip
"""On which the laws are not tried: they take longer."""


def toucan() -> tuple[Catalogue, ...]:
    """Every server of Toucan, as a catalogue of its own."""
    return tuple(
        Catalogue(f"toucan {path.stem}"[:40], (f"toucan/{glob.escape(path.name)}",))
        for path in sorted((SHARED / "toucan").glob("*.json"))
    )


@dataclass(frozen=True)
class Opened:
    """A catalogue that has been read, and its world."""

    tools: Mapping[str, ToolSpec]
    """By wire name, with the schemas that the source gives, or that are completed from it."""
    world: World

    def returns(self, name: str) -> JsonObject:
        """The schema that a tool's results are held to: its own; where it has none, the world's."""
        own = self.tools[name].returns
        return self.world.models[name].returns if own is None else own


@cache
def read_standing(*paths: Path) -> Catalog:
    """A catalogue in files that nothing changes meanwhile: read once. Raises InputError."""
    return read_tools(paths)


@lru_cache(maxsize=len(ALL))
def opened(catalogue: Catalogue) -> Opened:
    """A catalogue with every tool that can be read, tried or not. Raises CannotRun."""
    catalog = read_standing(*catalogue.paths)
    return Opened(catalog.by_name, infer_world(catalog.tools))


def offered(catalogue: Catalogue) -> Opened:
    """A catalogue as ``toolweave build --include-doubtful`` offers it. Raises CannotRun."""
    try:
        catalog = read_catalog(Settings(tools=catalogue.paths, include_doubtful=True))
    except InputError as error:
        raise CannotRun(str(error)) from error
    return Opened(catalog.by_name, infer_world(catalog.tools, catalog.worlds))
