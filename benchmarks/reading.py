"""Whether the files of others are read whole: counts of tools, what is refused, a live server."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lines import Line
from benchmarks.program import BIN, SHARED, Ran, Started

SUITES = ("gorilla_file_system", "math_api", "message_api", "posting_api", "ticket_api",
          "trading_bot", "travel_booking", "vehicle_control")  # fmt: skip
"""Of BFCL: the environments of its multi-turn conversations."""


class Count(NamedTuple):
    """How many tools some files hold."""

    name: str
    files: tuple[str, ...]
    tools: int
    skipped: int = 0


COUNTS: tuple[Count, ...] = (
    Count("GitHub's MCP server", ("mcp/github_mcp_server_tools_list.json",), 117),
    Count("MCP reference servers", tuple(
        f"mcp/ref_{name}_tools_list.json" for name in ("filesystem", "git", "memory", "time")
    ), 14 + 12 + 9 + 2),
    Count("Spotify, OpenAPI 3.0 in YAML", ("openapi/spotify_sonallux.yml",), 97),
    Count("Twilio Verify, OpenAPI 3.0", ("openapi/twilio_verify_v2.json",), 57),
    Count("Spotify of RestGPT, invalid OpenAPI 3.0", ("openapi/restgpt_spotify_oas.json",), 40),
    Count("OpenAI, invalid OpenAPI 3.1", ("openapi/openai_openapi.json",), 288),
    Count("Slack, invalid Swagger 2.0", ("openapi/slack_web_openapi_v2.json",), 174),
    Count("petstore, OpenAPI 3.0", ("openapi/swagger_petstore3.yaml",), 19),
    Count("BFCL's function documents", tuple(f"bfcl/func_docs/{n}.json" for n in SUITES), 128),
    Count("BFCL's single questions", ("bfcl/BFCL_v4_simple_python.json",), 400),
    Count("ToolBench G1", ("toolbench/G1_query.json",), 12),
    Count("ToolBench G3", ("toolbench/G3_query.json",), 11),
    Count("xLAM, three of one name", ("xlam/masking_sft_data_example.json",), 33, 3),
    Count("tau2 retail, OpenAI", ("tau2_retail/retail.json",), 16),
)  # fmt: skip


def toolweave(folder: Path, *arguments: object) -> Ran:
    """Run a command to its end."""
    return Started(folder, [str(BIN / "toolweave"), *map(str, arguments)], {}).end()


def read_files(folder: Path, counts: tuple[Count, ...] = COUNTS) -> Iterator[Line]:
    """Every file of others, one that strict reading refuses, and a live server."""
    for count in counts:
        yield _counted(folder, count)
    yield _strict(folder)
    yield _live(folder)


def _counted(folder: Path, count: Count) -> Line:
    paths = [SHARED / file for file in count.files]
    absent = [path for path in paths if not path.exists()]
    wanted = f"{count.tools} tools, {count.skipped} skipped"
    if absent:
        return Line(count.name, wanted, f"there is no {absent[0].name}", None)
    ran = toolweave(folder, "tools", "--dedup", 0, "--json", *paths)
    if ran.code != 0:
        return Line(count.name, wanted, ran.told, False)
    report: dict[str, Any] = json.loads(ran.out)
    found = (len(report["tools"]), len(report["skipped"]))
    return Line(count.name, wanted, f"{found[0]} tools, {found[1]} skipped",
                found == (count.tools, count.skipped))  # fmt: skip


def _strict(folder: Path) -> Line:
    name, wanted = "an invalid OpenAPI document, --strict", "exit 2, one line with the place"
    path = SHARED / "openapi" / "restgpt_spotify_oas.json"
    if not path.exists():
        return Line(name, wanted, f"there is no {path.name}", None)
    ran = toolweave(folder, "tools", "--strict", path)
    told = [line for line in ran.err.splitlines() if line.startswith("toolweave:")]
    holds = ran.code == 2 and len(told) == 1 and path.name in told[0] and "parameters[" in told[0]
    return Line(name, wanted, ran.told[:160], holds)


def _live(folder: Path) -> Line:
    ran = toolweave(folder, "tools", "--json", "--mcp", f"{sys.executable} -m mcp_server_time")
    tools = json.loads(ran.out)["tools"] if ran.code == 0 else []
    return Line("a live MCP server, mcp-server-time", "2 tools", f"{len(tools)} tools; {ran.told}",
                ran.code == 0 and len(tools) == 2)  # fmt: skip
