"""Input that cannot be used: each case must end in one line that names the file, tool and place.

A case writes files into a fresh folder and gives the options of a build. Whatever it is, nothing in
that folder may have changed afterwards.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lines import Line
from benchmarks.program import Ran, build

Json = dict[str, Any]


class Case(NamedTuple):
    """Something that a user may do wrong."""

    name: str
    arrange: Callable[[Path], list[object]]
    """Writes what it needs into a folder; answers the options of the build."""
    names: tuple[str, ...]
    """What the line on stderr must contain."""
    code: int = 2


def tool(name: str | None, **parameters: Any) -> Json:
    """A tool in the form of OpenAI; without a name if it is None."""
    schema = parameters or {"type": "object", "properties": {"city": {"type": "string"}}}
    known = {"name": name} if name is not None else {}
    return {"type": "function", "function": {**known, "description": "D", "parameters": schema}}


def mcp(name: str | None, **schema: Any) -> Json:
    """A tool in the form of an MCP server."""
    plain = tool(name, **schema)["function"]
    return {**{key: plain[key] for key in plain if key != "parameters"},
            "inputSchema": plain["parameters"]}  # fmt: skip


def catalog(content: Any) -> Callable[[Path], list[object]]:
    """Arrange one file of tools; text and bytes are written as they are."""

    def arrange(folder: Path) -> list[object]:
        if isinstance(content, bytes):
            (folder / "tools.json").write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / "tools.json").write_text(text)
        return ["--tools", folder / "tools.json"]

    return arrange


def yaml_catalog(text: str) -> Callable[[Path], list[object]]:
    """Arrange one file of tools in YAML."""

    def arrange(folder: Path) -> list[object]:
        (folder / "tools.yaml").write_text(text)
        return ["--tools", folder / "tools.yaml"]

    return arrange


def config(text: str) -> Callable[[Path], list[object]]:
    """Arrange a configuration file."""

    def arrange(folder: Path) -> list[object]:
        (folder / "config.yaml").write_text(text)
        return ["--config", folder / "config.yaml"]

    return arrange


def options(*given: object) -> Callable[[Path], list[object]]:
    """Arrange nothing but options."""

    def arrange(folder: Path) -> list[object]:
        del folder
        return list(given)

    return arrange


def missing(folder: Path) -> list[object]:
    """Name a file that is not there."""
    return ["--tools", folder / "nowhere.json"]


def no_catalog_in_folder(folder: Path) -> list[object]:
    """Name a folder that holds no catalogue."""
    (folder / "empty").mkdir()
    return ["--tools", folder / "empty"]


def file_as_out(folder: Path) -> list[object]:
    """Put a file in the place of the output folder."""
    (folder / "taken").write_text("mine")
    return ["--out", folder / "taken"]


def file_above_out(folder: Path) -> list[object]:
    """Put a file in the place of a folder above the output."""
    (folder / "taken").write_text("mine")
    return ["--out", folder / "taken" / "below"]


def foreign(folder: Path) -> list[object]:
    """Name an output folder that holds something else."""
    (folder / "photos").mkdir()
    (folder / "photos" / "holiday.jpg").write_bytes(b"\xff\xd8")
    return ["--out", folder / "photos"]


def foreign_manifest(folder: Path) -> list[object]:
    """Name an output folder with somebody else's manifest."""
    (folder / "site").mkdir()
    (folder / "site" / "manifest.json").write_text('{"name": "My web site"}')
    return ["--out", folder / "site"]


def folder_as_tools(folder: Path) -> list[object]:
    """Give a broken file among good ones in a folder."""
    (folder / "many").mkdir()
    (folder / "many" / "good.json").write_text(json.dumps([tool("get_weather")]))
    (folder / "many" / "worse.json").write_text("[{")
    return ["--tools", folder / "many"]


BROKEN = {"type": "object", "properties": {"city": {"type": "strnig"}}}
DANGLING = {"type": "object", "properties": {"city": {"$ref": "#/$defs/City"}}}
NOTHING = {"type": "object", "properties": {}}
OTHER = tool("one", **NOTHING)
FILE = "tools.json"

CASES: tuple[Case, ...] = (
    Case("missing file", missing, ("nowhere.json",)),
    Case("empty file", catalog(""), (FILE,)),
    Case("file of blanks", catalog("  \n"), (FILE,)),
    Case("broken JSON", catalog('[{"type": "function",\n "function": }]'), (FILE, "line 2")),
    Case("cut JSON", catalog(json.dumps([tool("get_weather")])[:40]), (FILE, "line 1")),
    Case("no UTF-8", catalog(b"\xff\xfe\x00["), (FILE,)),
    Case("JSON that is no catalogue", catalog('"hello"'), (FILE,)),
    Case("JSON nested without end", catalog("[" * 100_000), (FILE,)),
    Case("catalogue without tools", catalog([]), (FILE,)),
    Case("catalogue without tools, MCP", catalog({"tools": []}), (FILE,)),
    Case("folder without catalogues", no_catalog_in_folder, ("empty",)),
    Case("broken file in a folder", folder_as_tools, ("worse.json",)),
    Case("tool without a name", catalog([tool(None)]), (FILE, "number 1")),
    Case("tool without a name, MCP", catalog({"tools": [mcp(None)]}), (FILE, "number 1")),
    Case("empty name", catalog([tool("")]), (FILE, "number 1")),
    Case("invalid schema", catalog([tool("two", **BROKEN)]), (FILE, "two", "city")),
    Case("nothing but broken tools", catalog([tool("two", **BROKEN), tool(None)]),
         (FILE, "two", "city")),
    Case("invalid schema, MCP", catalog({"tools": [mcp("two", **BROKEN)]}), (FILE, "two", "city")),
    Case("$ref to nothing", catalog([tool("two", **DANGLING)]), (FILE, "two", "City")),
    Case("two tools of one name", catalog([tool("one"), tool("two", **BROKEN), OTHER]),
         (FILE, "one", "1 and 3")),
    Case("two tools of one name, MCP", catalog({"tools": [mcp("one"), mcp("one", **NOTHING)]}),
         (FILE, "one", "1 and 2")),
    Case("YAML with aliases without end", yaml_catalog("a: &a [*a]"), ("tools.yaml",)),
    Case("YAML of another kind", yaml_catalog("a: !!python/name:os.system ''"),
         ("tools.yaml", "line 1")),
    Case("unknown key", config("sed: 7\n"), ("config.yaml", "sed", "seed")),
    Case("key of the wrong type", config("seed: many\n"), ("config.yaml", "seed", "many")),
    Case("configuration that is no YAML", config("n: 1\nm: ["), ("config.yaml", "line")),
    Case("file in the place of the output", file_as_out, ("taken",)),
    Case("file above the output", file_above_out, ("taken",)),
    Case("output folder of somebody else", foreign, ("photos", "holiday.jpg")),
    Case("manifest of somebody else", foreign_manifest, ("site", "manifest.json")),
    Case("-n 0", options("-n", "0"), ("n", "0")),
    Case("address without http", options("--model", "m", "--base-url", "localhost:1"),
         ("base_url", "http")),
)  # fmt: skip


def bad_input(folder: Path) -> Iterator[Line]:
    """Run every case in a folder of its own."""
    for number, case in enumerate(CASES):
        place = folder / f"case-{number}"
        place.mkdir()
        given = case.arrange(place)
        before = contents(place)
        ran = build(folder / "home", place / "out", 3, *given)
        faults = list(shortcomings(case, ran, before == contents(place)))
        measured = ran.told.replace(str(place), "…") + "".join(f" [{fault}]" for fault in faults)
        yield Line(case.name, f"exit {case.code}, 1 line", measured, not faults)


def shortcomings(case: Case, ran: Ran, untouched: bool) -> Iterator[str]:
    """What is wrong with how a case ended."""
    if ran.code != case.code:
        yield f"exit {ran.code}"
    if ran.err.count("\n") != 1:
        yield f"{ran.err.count(chr(10))} lines"
    for name in case.names:
        if name not in ran.err:
            yield f"does not name {name!r}"
    if not untouched:
        yield "the folder was changed"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file and folder below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }
