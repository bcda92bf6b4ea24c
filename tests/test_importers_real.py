"""Catalogues that others wrote, where the folder beside the project holds them."""

import pytest

from generators.importers import read_catalog
from tests.importing import (
    REAL,
    assert_sound,
)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "domain", "count"),
    [
        ("mcp/github_mcp_server_tools_list.json", "github", 117),
        ("mcp/ref_filesystem_tools_list.json", "filesystem", 14),
        ("mcp/ref_memory_tools_list.json", "memory", 9),
        ("mcp/ref_git_tools_list.json", "git", 12),
        ("mcp/ref_time_tools_list.json", "time", 2),
        ("tau2_retail/retail.json", "retail", 16),
    ],
)
def test_real_catalogues_are_read_whole(file: str, domain: str, count: int) -> None:
    if not (REAL / file).exists():
        pytest.skip("the folder ../shared/real is not here")
    catalog = read_catalog([REAL / file])
    assert len(catalog.tools) == count
    assert {tool.domain for tool in catalog.tools} == {domain}
    assert all(tool.name == tool.wire_name and tool.effect != "unknown" for tool in catalog.tools)
    assert catalog.notes == ()
    assert_sound(catalog)
