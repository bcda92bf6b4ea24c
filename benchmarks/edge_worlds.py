"""The catalogues that the tool graph is measured on, and the edges that a recipe finds there."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from benchmarks.catalogues import read_standing
from benchmarks.gold_edges import AIRLINE, RETAIL, ROOT, bfcl_data, bfcl_documents
from generators.embedding import WordEmbedder
from generators.graph.recipes import RECIPES, ByEmbedding, ByName, Full, Recipe
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.graph import Edge

REAL = RETAIL.parent
FILES: Mapping[str, Path] = {
    "own": ROOT / "data" / "catalogs",
    "github": REAL / "mcp" / "github_mcp_server_tools_list.json",
    "spotify": REAL / "openapi" / "spotify_sonallux.yml",
    "notion": REAL / "openapi" / "notion-openapi.json",
    "slack": REAL / "openapi" / "slack_web_openapi_v2.json",
    "tmdb": REAL / "openapi" / "tmdb_oas.json",
    "retail": RETAIL / "retail.json",
    "airline": AIRLINE / "airline.json",
}
"""Catalogue → its file or folder; ``bfcl`` is read from where it is installed."""
NAMES = ("bfcl", *FILES)


def paths_of(name: str) -> tuple[Path, ...]:
    """Where a catalogue lies; empty where it is not here."""
    if name == "bfcl":
        data = bfcl_data()
        return bfcl_documents(data) if data else ()
    return (FILES[name],) if FILES[name].exists() else ()


@cache
def world_of(name: str) -> World | None:
    """A catalogue's world, read as a user would read it; None where it is not here."""
    paths = paths_of(name)
    return infer_world(read_standing(*paths).tools) if paths else None


def edges_of(world: World, recipe: str, least: float) -> tuple[Edge, ...]:
    """Find a recipe's edges at a threshold."""
    recipes: dict[str, Recipe] = {
        "full": Full(least), "name": ByName(least), "embedding": ByEmbedding(least)
    }  # fmt: skip
    return recipes[recipe].edges(world, WordEmbedder())


def defaults() -> dict[str, float]:
    """The threshold of each recipe, as it stands."""
    return {recipe.name: getattr(recipe, "least") for recipe in RECIPES}  # noqa: B009
