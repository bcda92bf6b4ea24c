"""Live servers of the Model Context Protocol: by command and by address, good ones and bad."""

import importlib.util
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.live.servers import is_address, list_tools, name_of, shown
from schemas.errors import InputError

mcp = pytest.importorskip("mcp", reason="live servers need the extra 'mcp'")

PATIENT = 240.0
"""Seconds for a server, however busy the machine is."""
SERVER = """
import sys
from mcp.server.mcpserver import MCPServer

shop = MCPServer("corner-shop", version="1.2")

@shop.tool()
def price(item: str, count: int | None = None) -> float:
    "Price of an item."
    return 1.0

shop.run(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2]))
"""
PAGED = """
import json, sys

def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "paged", "version": "1"}}
    if method == "tools/list":
        at = int(params.get("cursor") or 0)
        listed = {"tools": [{"name": f"tool_{at}", "inputSchema": {"type": "object"}}]}
        following = {"endless": "1", "paged": str(at + 1) if at < 2 else None}[sys.argv[1]]
        return listed | ({"nextCursor": following} if following else {})

for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        found = answer(asked["method"], asked.get("params") or {})
        told = {"result": found} if found else {"error": {"code": -32601, "message": "no such"}}
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"]} | told), flush=True)
"""
"""The protocol by hand: it starts in no time."""
STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("cannot find my database", file=sys.stderr, flush=True)
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
time.sleep(60)
"""


def command(*words: str) -> str:
    return shlex.join([sys.executable, *words])


def script(folder: Path, text: str, *words: str) -> str:
    path = folder / "shop_mcp.py"
    path.write_text(text)
    return command(str(path), *words)


def trouble(target: str, timeout: float = PATIENT) -> str:
    with pytest.raises(InputError) as caught:
        list_tools(target, timeout)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"{shown(target)}: ")
    return line.removeprefix(f"{shown(target)}: ")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def listening(folder: Path, way: str) -> Iterator[str]:
    """A server on this machine; gives its address once it takes connections."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = shlex.split(script(folder, SERVER, way, str(port)))
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await_port(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server takes no connections")


@pytest.mark.skipif(
    importlib.util.find_spec("mcp_server_time") is None, reason="mcp-server-time is not installed"
)
def test_a_published_server_is_read_by_its_command(capfd: pytest.CaptureFixture[str]) -> None:
    document = list_tools(command("-m", "mcp_server_time"), PATIENT)
    names = [tool["name"] for tool in document["tools"]]
    assert names == ["get_current_time", "convert_time"]
    first = document["tools"][0]
    assert first["inputSchema"]["required"] == ["timezone"]
    assert first["annotations"]["readOnlyHint"] is True
    assert name_of(command("-m", "mcp_server_time"), document) == "mcp-time"
    assert capfd.readouterr() == ("", "")


def test_all_pages_of_a_list_are_read(tmp_path: Path) -> None:
    document = list_tools(script(tmp_path, PAGED, "paged"), PATIENT)
    assert [tool["name"] for tool in document["tools"]] == ["tool_0", "tool_1", "tool_2"]
    assert document["serverInfo"]["name"] == "paged"


def test_a_list_without_end_is_refused(tmp_path: Path) -> None:
    assert "never ends" in trouble(script(tmp_path, PAGED, "endless"))


@pytest.mark.parametrize(("way", "path"), [("streamable-http", "/mcp"), ("sse", "/sse")])
def test_a_server_is_read_by_its_address(tmp_path: Path, way: str, path: str) -> None:
    with listening(tmp_path, way) as address:
        document = list_tools(address + path, PATIENT)
    (tool,) = document["tools"]
    assert tool["name"] == "price"
    assert tool["description"] == "Price of an item."
    # null as a default is data and stays, unlike what the server did not say.
    assert tool["inputSchema"]["properties"]["count"]["default"] is None
    assert "title" not in tool
    assert document["serverInfo"] == {"name": "corner-shop", "version": "1.2"}


def test_secrets_in_an_address_are_never_shown(tmp_path: Path) -> None:
    with listening(tmp_path, "streamable-http") as address:
        secret = address.replace("://", "://joe:hunter22@") + "/nowhere?key=sk-12345#top"
        assert trouble(secret) == "refuses with HTTP 404"
    gone = trouble(secret)
    assert gone.startswith("cannot be reached")
    assert "hunter22" not in gone
    assert shown(secret) == f"{address}/nowhere"


@pytest.mark.parametrize("address", ["http://", "https://host:port/mcp", "http://[::1/mcp"])
def test_an_impossible_address_is_refused(address: str) -> None:
    assert trouble(address).startswith("no address that can be asked")


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("no-such-command-anywhere --flag", "no such command"),
        (str(Path(__file__)), "the command cannot be executed"),
        ("'unclosed", "no command line: no closing quotation"),
        ("  ", "no command line"),
        (command("-c", "pass"), "ended without an answer"),
        (
            command("-c", "import sys; sys.exit('TOKEN is not set')"),
            "ended without an answer (it said: TOKEN is not set)",
        ),
        (
            command("-c", "print('Welcome!'); print('Ready.')"),
            "answers with something that is not the protocol",
        ),
    ],
)
def test_a_bad_command_is_told_in_one_line(
    target: str, problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert trouble(target) == problem
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_a_server_that_hangs_and_will_not_end_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PROCESS_TERMINATION_TIMEOUT", "FORCE_KILL_TIMEOUT"):  # the package's patience
        monkeypatch.setattr(f"mcp.client.stdio.{name}", 0.2)
    pids = tmp_path / "pids"
    for seconds in (0.5, 5, 25, 125):  # however long a busy machine takes until it hangs
        said = trouble(script(tmp_path, STUBBORN, str(pids)), seconds)
        if pids.exists():
            break
    assert said == f"did not answer within {seconds} s (it said: cannot find my database)"
    left = [*map(int, pids.read_text().split())]
    end = time.monotonic() + 30  # a busy machine takes a while to bury what was killed
    while any(map(is_alive, left)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_alive, left))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_a_server_that_answered_has_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    noting = f"import os, pathlib\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
    list_tools(script(tmp_path, noting + PAGED, "paged"), PATIENT)
    assert not is_alive(int(pid.read_text()))


def test_the_key_of_the_model_is_not_handed_to_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = (
        "import os, sys; sys.exit(f\"{os.environ.get('OPENAI_API_KEY')} {os.environ['MINE']}\")"
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("MINE", "yes")
    assert "(it said: None yes)" in trouble(command("-c", asking))


def test_without_the_package_it_is_said_what_to_install() -> None:
    code = (
        "import sys\n"
        "sys.modules['mcp'] = None\n"
        "from pipeline.live.servers import list_tools\n"
        "from schemas.errors import InputError\n"
        "try:\n"
        "    list_tools('http://joe:pw@host/mcp')\n"
        "except InputError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240
    )
    assert ran.stdout == "http://host/mcp: install toolweave[mcp] to read live servers\n"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("python -m mcp_server_time", "mcp_server_time"),
        ("npx -y @modelcontextprotocol/server-github", "server-github"),
        ("npx -y some-mcp@latest --root /data", "some-mcp"),
        ("uvx mcp-server-git --repository ./code", "mcp-server-git"),
        ("docker run -i --rm -e TOKEN=1 ghcr.io/acme/shop-mcp:v1 stdio", "shop-mcp"),
        ("node build/index.js", "index"),
        ("python3", "python3"),
        ("https://mcp.example.com/mcp?key=1", "example"),
        ("http://127.0.0.1:8000/mcp", "127.0.0.1"),
        ("http://localhost:8000/mcp", "localhost"),
    ],
)
def test_a_target_has_a_telling_name(target: str, name: str) -> None:
    assert name_of(target) == name
    assert name_of(target, {"serverInfo": {"name": "shop"}}) == "shop"
    assert name_of(target, {"serverInfo": {"name": " "}}) == name


def test_addresses_and_commands_are_told_apart() -> None:
    assert is_address("HTTPS://host/mcp")
    assert not is_address("curl https://host/mcp")
