"""Which tools were drawn to be labelled: at random with a fixed seed, so many of each catalogue.

Labels are worth what the drawing is worth, so it can be made again: ``drawn`` gives the tools that
`benchmarks.operations` reads labels of. The second sample leaves the first one's tools out.
"""

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from benchmarks.gold_edges import RETAIL, ROOT
from generators.importers import read_catalog
from schemas.canonical import derive_seed

REAL = RETAIL.parent
QUOTAS: Mapping[str, Mapping[str, int]] = {
    "first": {
        "mcp/github_mcp_server_tools_list.json": 28,
        "mcp/ref_filesystem_tools_list.json": 7,
        "mcp/ref_git_tools_list.json": 6,
        "mcp/ref_memory_tools_list.json": 5,
        "mcp/ref_time_tools_list.json": 1,
        "openapi/swagger_petstore3.yaml": 8,
        "openapi/spotify_sonallux.yml": 22,
        "openapi/twilio_verify_v2.json": 14,
        "tau2_retail/retail.json": 8,
        "bfcl/func_docs": 26,
        "bfcl/BFCL_v4_simple_python.json": 8,
        "bfcl/BFCL_v4_multiple.json": 6,
        "toolbench/G1_query.json": 4,
        "toolbench/G3_query.json": 4,
        "xlam/masking_sft_data_example.json": 3,
    },
    "fresh": {
        "mcp/github_mcp_server_tools_list.json": 9,
        "mcp/ref_filesystem_tools_list.json": 1,
        "mcp/ref_git_tools_list.json": 1,
        "mcp/ref_memory_tools_list.json": 1,
        "mcp/ref_time_tools_list.json": 1,
        "openapi/swagger_petstore3.yaml": 2,
        "openapi/spotify_sonallux.yml": 6,
        "openapi/twilio_verify_v2.json": 3,
        "tau2_retail/retail.json": 2,
        "bfcl/func_docs": 6,
        "bfcl/BFCL_v4_simple_python.json": 2,
        "bfcl/BFCL_v4_multiple.json": 2,
        "toolbench/G1_query.json": 1,
        "toolbench/G3_query.json": 1,
        "xlam/masking_sft_data_example.json": 2,
    },
    "own": {"data/catalogs": 40},
}
"""Part → catalogue → how many of its tools."""


def path_of(catalogue: str) -> Path:
    """Where a catalogue lies: within the project, or among those of others."""
    return (ROOT if catalogue.startswith("data/") else REAL) / catalogue


def drawn(part: str, catalogue: str) -> tuple[str, ...]:
    """The wire names of the tools that are labelled, in order of name. Raises InputError."""
    taken = drawn("first", catalogue) if part == "fresh" else ()
    left = sorted(set(_names_in(catalogue)) - set(taken))
    chosen = random.Random(derive_seed("operation labels", part, catalogue))
    return tuple(sorted(chosen.sample(left, QUOTAS[part][catalogue])))


@cache
def _names_in(catalogue: str) -> tuple[str, ...]:
    return tuple(tool.wire_name for tool in read_catalog([path_of(catalogue)]).tools)
